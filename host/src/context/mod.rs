//! StreamingContext: build a job from Rust, or take a job file's, then start it, wait for it, stop it.
//!
//! ```no_run
//! use std::time::Duration;
//! use sluicebox::context::StreamingContext;
//!
//! # async fn run() -> sluicebox::error::Result<()> {
//! let context = StreamingContext::new("network-wordcount", Duration::from_secs(1));
//! context.plugin("words", "plugins/words/words.wasm")?;
//! let lines = context.socket_text_stream("lines", "127.0.0.1:9999")?;
//! let words = lines.flat_map("words", "words/split")?;
//! words.reduce_by_key("counts", &["word"], "count")?.print("console", 10)?;
//! let job = context.start().await?;
//! job.await_termination().await
//! # }
//! ```

pub mod about;
mod builder;
mod functions;
mod kept;
mod max_length;
mod pairs;
mod prepare;
pub mod recorded;
pub mod replay;
mod resume;
mod running;

pub use builder::{StreamRef, StreamingContext, plugin_definition};
pub use prepare::{Options, Prepared, mistakes, prepare};
pub use resume::going_on;
pub use running::{ApplyRequest, RunningJob, State};
