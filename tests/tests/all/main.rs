//! Batches in, batches out.

mod evaluation;
mod life_cycle;
mod operations;
mod partitions;
mod word_count;
