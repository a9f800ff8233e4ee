//! From a job file to a checked job.
//!
//! [`mod@file`] reads a job file; [`definition`] is what a job file or the Rust API says, word by word; [`crate::dstream`] resolves it into a graph
//! with schemas. [`kafka`] has what it says of Kafka, [`types`] has the names of column types, [`same`] says what of two definitions is the same, [`machine`] the defaults that depend on the machine.

pub mod definition;
mod describe;
pub mod file;
pub mod kafka;
pub mod machine;
pub mod nearest;
pub mod postgres;
pub mod same;
pub mod types;
