//! Cases of one operator: rows in, rows out, run in the real host with the real limits, as a job of a source, the operator and an output.
//!
//! An [`OperatorCase`] says which operator it is of, what it is given and what it makes; [`read()`] takes cases from a file. An [`OperatorRunner`] makes the job that a case needs of what the
//! component says of the operator, and runs the case as [`super::Runner`] does. How fast an operator is, [`mod@bench`] finds out.

pub mod bench;
mod job;
mod read;
mod rows;

use arrow::datatypes::SchemaRef;
use std::time::Duration;

use super::Case;
use crate::job::definition::{Place, PluginDefinition};

pub use self::job::{OperatorOutcome, OperatorRunner};
pub use self::read::read;

/// The stream that gives an operator its rows.
pub const INPUT: &str = "input";

/// What one operator makes of rows.
#[derive(Debug, Clone)]
pub struct OperatorCase {
    /// Rows in and rows out. Its streams are called as those of the job that is made of it, once the operator is known.
    pub case: Case,
    /// The operator; none: the only one that there is.
    pub operator: Option<(String, Place)>,
    /// The key's columns, of an aggregate or an operator over keyed state.
    pub key: Vec<String>,
    /// The columns that it is given; none: those that it asks for.
    pub columns: Option<SchemaRef>,
    /// What it may use, and its configuration; its component is left out.
    pub plugin: PluginDefinition,
    /// From one batch to the next.
    pub batch_interval: Duration,
    /// How long a key may rest before it times out, of map-with-state.
    pub timeout: Option<Duration>,
    /// How long a key may rest before its state is removed without a call.
    pub time_to_live: Option<Duration>,
}
