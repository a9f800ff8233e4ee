//! The batch log: what each batch will read and with which code, written before it runs; what it made; and that it is done.
//!
//! It is one numbered sequence of records. For a batch t they come in the order plan(t), result(t), done(t); batches are planned, and done, in the order
//! of their times. A plan never changes; a batch that is run again has the plan it had. Outputs are committed after result(t) and from what it
//! names, so whatever an attempt staged that no result names counts for nothing.
//!
//! What the records so far amount to is the [`History`]; it refuses a record that may not come next. The [`Appender`] turns records into numbered [`Entry`]s, each of which
//! is created only if none has its number, and notices that another driver has taken over. Neither does I/O: the same two run the program and the model that explores crashes and
//! rival drivers.

mod appender;
mod apply;
mod history;
#[cfg(test)]
mod model;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

pub use self::appender::{Appender, Fate, Step, taken_over};
pub use self::apply::{AppliedFile, ApplyKind, ApplyRecord, Dropped};
pub use self::history::{Given, History, SourceHistory, StateHistory, Swapped, Todo, Unfinished};

use crate::clock::BatchTime;
use crate::output::Staged;
use crate::plugin::Digest;
use crate::receiver::InputRange;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// A driver has taken over. Drivers of lower terms may not append any more.
    Term {
        /// One more than the term before.
        term: u64,
    },
    /// What a batch reads, and with which code.
    Plan(PlanRecord),
    /// What a batch made: the one attempt that counts.
    Result(ResultRecord),
    /// All outputs of the batch are committed.
    Done {
        /// The batch.
        batch: BatchTime,
    },
    /// A plugin is another component from now on.
    Swap(SwapRecord),
    /// The job is of another job file from now on.
    Apply(Box<ApplyRecord>),
    /// All that was recorded before and still counts: entries before this one aren't needed to go on.
    Base(Box<History>),
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term { term } => write!(f, "term({term})"),
            Self::Plan(plan) => write!(f, "plan({})", plan.batch),
            Self::Result(result) => write!(f, "result({})", result.batch),
            Self::Done { batch } => write!(f, "done({batch})"),
            Self::Swap(swap) => write!(f, "swap({})", swap.plugin),
            Self::Apply(apply) => match apply.to {
                Some(to) => write!(f, "apply({to})"),
                None => f.write_str("apply"),
            },
            Self::Base(_) => f.write_str("base"),
        }
    }
}

/// Records that are appended together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The format's version: [`Entry::VERSION`].
    pub version: u32,
    /// Its place in the log, from 1.
    pub number: u64,
    /// The term of the driver that appended it.
    pub term: u64,
    /// Tells this entry from any other that was meant for the same place.
    pub nonce: String,
    /// The records, in order.
    pub records: Vec<Record>,
}

impl Entry {
    /// The latest version that this program writes. It reads all up to it. Version 2 has [`Record::Swap`], version 3 [`Record::Apply`].
    pub const VERSION: u32 = 3;

    /// The earliest version that has such records: programs that know no later one can read them.
    pub fn version_of(records: &[Record]) -> u32 {
        let has_applies = |record: &Record| match record {
            Record::Apply(_) => true,
            Record::Base(base) => !base.applies.is_empty(),
            _ => false,
        };
        if records.iter().any(has_applies) { 3 } else { 2 }
    }
}

/// plan(t).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The batch.
    pub batch: BatchTime,
    /// The batch time before it: the batch is of what came after that. Where intervals were put together, those between are left out.
    pub after: BatchTime,
    /// What it reads, by source stream.
    pub inputs: BTreeMap<String, InputRange>,
    /// The component each plugin is, by the plugin's name in the job.
    pub plugins: BTreeMap<String, Digest>,
    /// Names the graph that the plan was made for.
    pub graph: String,
    /// From one batch time to the next, in milliseconds; none in logs of programs that didn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
}

/// result(t).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultRecord {
    /// The batch.
    pub batch: BatchTime,
    /// The attempt whose results count.
    pub attempt: u32,
    /// What each output staged, in the order of the outputs.
    pub outputs: Vec<(String, Vec<Staged>)>,
    /// Rows rejected and left out, by stream.
    pub rejected: BTreeMap<String, u64>,
    /// The latest event times, by stream, in milliseconds since 1970-01-01T00:00:00Z: what later batches' watermarks are made of.
    pub event_times: BTreeMap<Arc<str>, i64>,
    /// What the batch changed in keyed state, in files of the checkpoint.
    #[serde(default)]
    pub state: Vec<StateFile>,
    /// Datasets that later batches read, in files of the checkpoint.
    #[serde(default)]
    pub datasets: Vec<DatasetFile>,
    /// By stream, the batch time up to which no later batch reads its datasets.
    #[serde(default)]
    pub over: BTreeMap<Arc<str>, BatchTime>,
}

/// Another component for a plugin. Batches that are planned after this record run with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwapRecord {
    /// The plugin's name in the job.
    pub plugin: String,
    /// The component it was.
    pub from: Digest,
    /// The component it is from now on.
    pub to: Digest,
    /// The component that the job file names. When it names another one, that one is taken.
    pub filed: Digest,
    /// The last batch planned before; none where none was.
    pub after: Option<BatchTime>,
    /// Whether batches that are planned and have no result run with it too, as they failed with the other.
    pub planned_too: bool,
    /// How it came about.
    pub kind: SwapKind,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub time_ms: i64,
    /// Who wanted it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// How a swap came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwapKind {
    /// Somebody gave another component.
    Swap,
    /// Somebody went back to an earlier one.
    Rollback,
    /// The job went back to the one before, as a batch failed.
    Failure,
    /// The job was started with a job file that names another one.
    Filed,
}

impl fmt::Display for SwapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Swap => "swap",
            Self::Rollback => "rollback",
            Self::Failure => "failure",
            Self::Filed => "filed",
        })
    }
}

/// What one batch changed in the keyed state of a stream, and some key groups whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateFile {
    /// The stream.
    pub stream: Arc<str>,
    /// The batch.
    pub batch: BatchTime,
    /// The file, below the checkpoint.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// The state's schema, by which it is known whether another program can go on with it.
    pub shape: StateShape,
    /// The key groups that are in the file whole, as ranges from the first to the last.
    pub whole: Vec<(u32, u32)>,
}

/// What a stream's state looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateShape {
    /// The version of the state that its operator declares.
    pub version: u32,
    /// The key's columns and their types.
    pub keys: Vec<(String, String)>,
    /// The state's columns and their types.
    pub state: Vec<(String, String)>,
    /// The job's number of key groups.
    pub key_groups: u32,
}

/// A stream's dataset in one batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetFile {
    /// The stream.
    pub stream: Arc<str>,
    /// The batch.
    pub batch: BatchTime,
    /// The file, below the checkpoint.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its partitions.
    pub partitions: u32,
    /// Its columns and their types.
    pub columns: Vec<(String, String)>,
}

/// The log could not be written; nothing after the record may be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the batch log refused {record}: {reason}")]
pub struct LogError {
    /// The record, in words.
    pub record: String,
    /// Why.
    pub reason: String,
}

/// What counts of a log that was compacted.
#[derive(Debug, Clone, PartialEq)]
pub struct Compacted {
    /// All that counts, to go on from.
    pub base: History,
    /// The same at the earliest moment that is kept to be looked at: batches after its last can be run again, from the files that it names and those that came later.
    pub earliest: History,
}

/// Where records are kept.
#[async_trait::async_trait]
pub trait BatchLog: fmt::Debug + Send + Sync {
    /// Become the driver: all drivers before can't append any more. Returns what they have left. Called once, first.
    ///
    /// # Errors
    /// When the log can't be read or written.
    async fn take_over(&self) -> Result<History, LogError>;

    /// Append a record; when this returns it is as safe as the log makes it.
    ///
    /// # Errors
    /// When the record may not come next, another driver has taken over, or the log can't be written.
    async fn append(&self, record: Record) -> Result<(), LogError>;

    /// Put what counts of all records so far into one, with how sources stand: what they were given is known to be in that. It is up to the log whether it does, and if so it
    /// returns that: whatever becomes of later records, no batch that is done in it, and no file of such a batch that it doesn't name, is asked for again.
    ///
    /// # Errors
    /// As [`BatchLog::append`].
    async fn compact(&self, standing: BTreeMap<String, Vec<u8>>) -> Result<Option<Compacted>, LogError> {
        let _ = standing;
        Ok(None)
    }

    /// Whether so much was appended that it should be [compacted](Self::compact).
    fn is_long(&self) -> bool {
        false
    }

    /// The components that records name which are still kept, but for those of swaps before them.
    fn components(&self) -> Vec<Digest> {
        vec![]
    }

    /// Records still kept, oldest first.
    async fn read(&self) -> Result<Vec<Record>, LogError>;

    /// The term of another driver that has taken over, if one has, whether that was noticed before or not.
    async fn overtaken(&self) -> Option<u64> {
        None
    }
}

/// Batches whose records a [`MemoryLog`] keeps after they are done.
pub const BATCHES_KEPT: usize = 100;

/// A log that lasts as long as the process, and refuses records out of order. It keeps the last [`BATCHES_KEPT`] batches that are done.
#[derive(Debug, Default)]
pub struct MemoryLog(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    records: VecDeque<Record>,
    history: History,
    n_done: usize,
}

#[async_trait::async_trait]
impl BatchLog for MemoryLog {
    async fn take_over(&self) -> Result<History, LogError> {
        Ok(self.0.lock().history.clone())
    }

    async fn append(&self, record: Record) -> Result<(), LogError> {
        self.0.lock().append(record)
    }

    async fn read(&self) -> Result<Vec<Record>, LogError> {
        Ok(self.0.lock().records.iter().cloned().collect())
    }
}

impl Kept {
    fn append(&mut self, record: Record) -> Result<(), LogError> {
        self.history.apply(&record)?;
        if matches!(record, Record::Done { .. }) {
            // Nobody goes on from here after the process has ended.
            self.history.forget_given(BTreeMap::new());
            self.n_done += 1;
        }
        self.records.push_back(record);
        while self.n_done > BATCHES_KEPT {
            if let Some(Record::Done { .. }) = self.records.pop_front() {
                self.n_done -= 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    pub fn plan(batch: i64) -> Record {
        let (inputs, plugins) = Default::default();
        let after = BatchTime(batch - 1);
        Record::Plan(PlanRecord {
            batch: BatchTime(batch),
            after,
            inputs,
            plugins,
            graph: String::new(),
            interval_ms: None,
        })
    }

    pub fn result(batch: i64) -> Record {
        let (batch, rejected, event_times) = (BatchTime(batch), BTreeMap::new(), BTreeMap::new());
        let (state, datasets, over) = Default::default();
        Record::Result(ResultRecord {
            batch,
            attempt: 0,
            outputs: vec![],
            rejected,
            event_times,
            state,
            datasets,
            over,
        })
    }

    pub fn done(batch: i64) -> Record {
        Record::Done { batch: BatchTime(batch) }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{done, plan, result};
    use super::*;

    #[test]
    fn records_come_in_the_order_plan_result_done() {
        let mut log = Kept::default();
        for record in [plan(1), plan(2), result(1), done(1), result(2)] {
            log.append(record).unwrap();
        }
        for refused in [plan(2), result(1), result(2), done(1), done(3)] {
            let error = log.append(refused).unwrap_err();
            assert!(error.to_string().starts_with("the batch log refused"), "{error}");
        }
        log.append(done(2)).unwrap();
    }

    #[test]
    fn a_result_waits_for_the_batches_before_it() {
        let mut log = Kept::default();
        log.append(plan(1)).unwrap();
        log.append(plan(2)).unwrap();
        assert!(log.append(result(2)).is_err());
    }

    #[test]
    fn old_batches_are_forgotten() {
        let mut log = Kept::default();
        for batch in 0..1000 {
            for record in [plan(batch), result(batch), done(batch)] {
                log.append(record).unwrap();
            }
        }
        assert_eq!(log.records.len(), 3 * BATCHES_KEPT);
        assert_eq!(log.history.sources, BTreeMap::new());
    }

    #[test]
    fn records_are_plain_json() {
        let mut inputs = BTreeMap::new();
        inputs.insert("lines".to_owned(), InputRange::NoDataset);
        let plugins = [("words".to_owned(), Digest([7; 32]))].into();
        let (batch, after) = (BatchTime(1000), BatchTime(0));
        let record =
            Record::Plan(PlanRecord { batch, after, inputs, plugins, graph: "g".to_owned(), interval_ms: None });
        let json = serde_json::to_string(&record).unwrap();
        let digest = "07".repeat(32);
        assert_eq!(
            json,
            format!(
                r#"{{"plan":{{"batch":1000,"after":0,"inputs":{{"lines":"no-dataset"}},"plugins":{{"words":"{digest}"}},"graph":"g"}}}}"#
            )
        );
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    }
}
