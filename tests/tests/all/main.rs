//! Batches in, batches out.

mod evaluation;
mod life_cycle;
mod operations;
mod word_count;
