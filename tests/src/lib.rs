//! What the tests have in common: a job on a manual clock with datasets in and datasets out, and the program as a user runs it.

pub mod chaos;
pub mod control;
pub mod every_type;
pub mod folder;
#[cfg(feature = "hdfs")]
pub mod hadoop;
pub mod hostile;
pub mod http;
pub mod job;
pub mod json_schema;
pub mod kafka;
pub mod numbered;
pub mod plain;
pub mod plugins;
pub mod postgres;
pub mod program;
pub mod rows;
pub mod s3;
pub mod server;
pub mod service;
pub mod signing;
pub mod spark;
pub mod stores;
pub mod swaps;
pub mod tagged;
