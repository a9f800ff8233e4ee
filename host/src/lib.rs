//! Sluicebox: a micro-batch stream processor whose user functions are WebAssembly components.
//!
//! Data's way: a [`receiver`] takes rows in and cuts blocks; at each batch time the [`batch`] loop records what the batch reads and with which
//! code, asks [`dstream`] for its plan, and has the [`engine`] run it, which calls the [`plugin`]s once per partition; each [`output`] is staged, then
//! committed. A job is built by a [`job`] file or through the Rust API in [`context`]; both make one [`dstream::Graph`].
//!
//! What is absent: only `plugin` names wasmtime; only [`clock`] reads the wall clock; `dstream` has no I/O.

pub mod batch;
pub mod checkpoint;
pub mod cli;
pub mod clock;
pub mod context;
pub mod dstream;
pub mod engine;
pub mod error;
pub mod job;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod memory;
pub mod output;
pub mod plugin;
pub mod receiver;
pub mod server;
pub mod state;
pub mod testing;

pub use arrow;
pub use datafusion;
