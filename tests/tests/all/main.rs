//! Batches in, batches out.

mod life_cycle;
mod operations;
mod word_count;
