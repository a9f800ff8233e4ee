//! From a job file to a checked job.
//!
//! [`definition`] is what a job file or the Rust API says, word by word; [`crate::dstream`] resolves it into a graph with schemas.

pub mod definition;
