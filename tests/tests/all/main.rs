//! Batches in, batches out.

mod answers;
mod cases;
mod components;
mod evaluation;
mod event_time;
mod files;
mod first_operator;
mod job_files;
mod kitchen;
mod life_cycle;
mod operations;
mod outputs;
mod pairs;
mod partitions;
mod receivers;
mod rejected_rows;
mod sandbox;
mod signals;
mod sinks;
mod sockets;
mod state;
mod state_snapshots;
mod transforms;
mod types;
mod windows;
mod word_count;
