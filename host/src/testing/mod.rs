//! Jobs tested without a network and without waiting: datasets in, datasets out, on a clock that moves when it is told to.
//!
//! [`ManualJob`] runs a job batch by batch; [`Collected`] is a sink that keeps what was committed, [`Events`] a listener that can be waited for. On top of
//! them are cases: a [`Case`] says which rows each source has in each batch and which rows streams then make, [`read()`] takes it from a file, and a
//! [`Runner`] runs a job's graph against it, every source replaced by a queue and every sink by a collector. `sluicebox test` is a front of it.
//!
//! Cases of one operator of a component, without a job, are in [`operator`]: `sluicebox plugin test` is a front of that.
//!
//! [`value`] turns what a case says into columns, [`cell`] columns into what can be compared and shown, and [`compare`] says where two datasets differ.
//!
//! ```
//! use std::path::Path;
//! use sluicebox::job::file;
//! use sluicebox::testing::{Options, Runner, parse_toml};
//!
//! # #[tokio::main(flavor = "multi_thread")]
//! # async fn main() -> sluicebox::error::Result<()> {
//! let job = "
//!     job = { name = 'example', batch-interval = '1s' }
//!     stream.numbers.source = { type = 'queue', schema = { n = 'int64' } }
//!     stream.large = { input = 'numbers', filter = { where = 'n > 2' } }
//!     output.console = { input = 'large', sink = { type = 'print' } }";
//! let cases = "
//!     [[case]]
//!     name = 'large numbers stay'
//!     input.numbers = [[1, 2, 3], [], [4, 5]]
//!     expect.large = [[3], [], [5, 4]]";
//! let job = file::parse(Path::new("job.toml"), job, vec![]).map_err(sluicebox::error::Error::Invalid)?;
//! let cases = parse_toml(Path::new("cases.toml"), cases).map_err(sluicebox::error::Error::Invalid)?;
//! let runner = Runner::new(job.definition, Options::default());
//! for case in &cases {
//!     let outcome = runner.run(case).await?;
//!     assert!(outcome.passed(), "{:?}", outcome.problems);
//! }
//! # Ok(())
//! # }
//! ```

mod bind;
mod case;
mod cell;
mod collected;
mod compare;
mod events;
mod job;
pub mod operator;
mod read;
mod runner;
mod states;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use case::{Case, Datasets, Expected, ExpectedDataset, ExpectedError, Input, InputDataset, Rows, State};
pub use cell::Cell;
pub use collected::Collected;
pub use compare::{Difference, Line, RowsDifference, Sign, What};
pub use events::Events;
pub use job::{ManualJob, PATIENCE};
pub use read::{parse_json, parse_toml, read};
pub use runner::{Options, Outcome, Problem, Runner};
