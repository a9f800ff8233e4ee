//! What failed while a plan ran: where, why, and whether running the batch again may help.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use datafusion::common::DataFusionError;

use super::dead_letters::TooManyDeadLetters;
use super::left_out::{RowRejected, TooManyFailed};
use super::offset_scan::OffsetReadError;
use crate::clock::BatchTime;
use crate::plugin::PluginError;

/// Any error, as consumers of a partition's rows return it.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A plan that did not run to its end. Nothing it made counts.
#[derive(Debug)]
pub struct EngineError {
    /// The stream or output the plan was run for.
    pub stream: Arc<str>,
    /// Whether it was run for an output.
    pub is_output: bool,
    /// The batch.
    pub batch: BatchTime,
    /// The batch's attempt, 0 for the first.
    pub attempt: u32,
    /// The partition; none where it is about the plan as a whole.
    pub partition: Option<u32>,
    /// What happened.
    pub cause: BoxError,
}

/// State of another version couldn't be made into what a batch keeps.
#[derive(Debug)]
pub struct StateNotMigrated {
    /// The plugin whose operator was to make it.
    pub plugin: Option<String>,
    /// What happened, the stream named.
    pub reason: String,
}

impl fmt::Display for StateNotMigrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl StdError for StateNotMigrated {}

impl EngineError {
    /// Whether running the batch again may help: a guest ran out of time or of something that others use too, or what is read from didn't answer.
    pub fn is_retriable(&self) -> bool {
        self.cause_of_type::<PluginError>().is_some_and(PluginError::is_retriable)
            || self.cause_of_type::<OffsetReadError>().is_some_and(|error| error.is_retriable)
    }

    /// Whether messages that the batch is to read are gone.
    pub fn is_input_gone(&self) -> bool {
        self.cause_of_type::<OffsetReadError>().is_some_and(|error| error.is_gone)
    }

    /// The plugin whose fault it is, where it is one's: it failed, or rejects or fails at rows, or at more of them than may be left out.
    pub fn plugin(&self) -> Option<&str> {
        let failed = || self.cause_of_type::<PluginError>()?.plugin.as_deref();
        let rejected = || Some(self.cause_of_type::<RowRejected>()?.plugin.as_str());
        let too_many = || Some(self.cause_of_type::<TooManyFailed>()?.plugin.as_str());
        let letters = || Some(self.cause_of_type::<TooManyDeadLetters>()?.plugin.as_str());
        let state = || self.cause_of_type::<StateNotMigrated>()?.plugin.as_deref();
        failed().or_else(rejected).or_else(too_many).or_else(letters).or_else(state)
    }

    /// The first cause of type `E`, however deep.
    pub fn cause_of_type<E: StdError + 'static>(&self) -> Option<&E> {
        causes(self.cause.as_ref()).find_map(|cause| cause.downcast_ref::<E>())
    }
}

/// An error and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = cause_of(error);
        Some(error)
    })
}

fn cause_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(shared) = error.downcast_ref::<Arc<DataFusionError>>() {
        return Some(shared.as_ref());
    }
    match error.downcast_ref::<DataFusionError>() {
        // The content itself, which an Arc's own source would pass over.
        Some(DataFusionError::Shared(shared)) => Some(shared.as_ref()),
        _ => error.source(),
    }
}

/// An error as DataFusion passes it on.
pub(crate) fn external(error: impl StdError + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The plugin's error that DataFusion passes on, if it is one.
pub(crate) fn of_plugin(error: &DataFusionError) -> Option<&PluginError> {
    match error {
        DataFusionError::External(cause) => cause.downcast_ref(),
        _ => None,
    }
}

/// The error's own words, without the engine's classes ("Execution error: ") around them.
pub(crate) fn plain(error: &(dyn StdError + 'static)) -> String {
    match error.downcast_ref::<DataFusionError>() {
        None => error.to_string(),
        Some(DataFusionError::External(cause)) => plain(cause.as_ref()),
        Some(DataFusionError::Shared(cause)) => plain(cause.as_ref()),
        Some(DataFusionError::Diagnostic(_, cause)) => plain(cause.as_ref()),
        Some(DataFusionError::Context(what, cause)) => format!("{what}: {}", plain(cause.as_ref())),
        Some(DataFusionError::Plan(text)) => one_line(text),
        Some(DataFusionError::Execution(text) | DataFusionError::ResourcesExhausted(text)) => text.clone(),
        Some(DataFusionError::ArrowError(cause, _)) => cause.to_string(),
        Some(other) => one_line(&other.strip_backtrace()),
    }
}

/// DataFusion's message without its class, its sentences on one line.
fn one_line(message: &str) -> String {
    let message = message.strip_prefix("Schema error: ").unwrap_or(message);
    let sentences: Vec<&str> = message.lines().map(|line| line.trim().trim_end_matches('.')).collect();
    sentences.join("; ")
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It says all this itself.
        if let Some(error) = self.cause_of_type::<PluginError>() {
            return write!(f, "{error}");
        }
        if let Some(error) = self.cause_of_type::<StateNotMigrated>() {
            return write!(f, "{error}");
        }
        let what = if self.is_output { "output" } else { "stream" };
        write!(f, "{what} \"{}\", batch {}", self.stream, self.batch)?;
        if let Some(partition) = self.partition {
            write!(f, ", partition {partition}")?;
        }
        write!(f, ": {}", plain(self.cause.as_ref()))
    }
}

impl StdError for EngineError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.cause.as_ref())
    }
}

impl From<EngineError> for crate::error::Error {
    fn from(error: EngineError) -> Self {
        Self::failed(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{OverBudget, Share};

    #[test]
    fn a_cause_is_found_however_deep_and_told_in_its_own_words() {
        let over = OverBudget { share: Share::Engine, requested: 2, used: 1, limit: 2 };
        let deep = DataFusionError::External(Box::new(over.clone())).context("sorting");
        let shared = DataFusionError::Shared(Arc::new(DataFusionError::Shared(Arc::new(deep))));
        let error = EngineError {
            stream: "words".into(),
            is_output: false,
            batch: BatchTime(1000),
            attempt: 0,
            partition: Some(3),
            cause: Box::new(shared),
        };
        assert_eq!(error.cause_of_type::<OverBudget>(), Some(&over));
        assert_eq!(error.to_string(), format!("stream \"words\", batch 1000, partition 3: sorting: {over}"));
    }
}
