//! Dead letters: rows that were left out because an operator rejects them or fails at them, each with where it was, why, and itself.
//!
//! Tasks add them as they find them, apart by batch and attempt; when an attempt's outputs are written, its letters are made a dataset, which an output
//! writes as any other, so they are staged, named in the batch's result, and committed after it. How many a batch may have is bounded: with more, it fails.

pub mod row;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::common::Result;
use parking_lot::Mutex;

use super::error::external;
use crate::clock::BatchTime;
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::plugin::{Digest, OperatorRef, PluginError, Task};

/// The stream of dead letters, which no job can name.
pub const STREAM: &str = "#dead-letters";
/// The output of dead letters: as errors, events and the batch log call it.
pub const OUTPUT: &str = "dead-letters";
/// Dead letters of a batch where the job doesn't say, at most.
pub const DEFAULT_MAX_ROWS: u64 = 10_000;
/// Bytes of a batch's dead letters where the job doesn't say, at most.
pub const DEFAULT_MAX_BYTES: u64 = 16 << 20;
/// The kind of a row that its operator rejected.
pub const REJECTED: &str = "rejected";
/// What a letter takes beside its texts, about, in bytes.
const OVERHEAD: u64 = 256;

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadLetter {
    /// The stream that the operator makes.
    pub stream: Arc<str>,
    /// The partition of the operator's input.
    pub partition: u32,
    /// The row's place in it, from 0; of an operator that keeps state, its key's place among those of the partition's batch.
    pub row: u64,
    /// The plugin.
    pub plugin: String,
    /// The operator.
    pub operator: String,
    /// The plugin's component.
    pub digest: Digest,
    /// How often the batch or the call had been tried before.
    pub attempt: u32,
    /// `rejected`, `trap`, `timeout`, `limit`, `invalid-output`, `failed`.
    pub kind: &'static str,
    /// Why, as one reads it.
    pub reason: String,
    /// The guest's stack, where it trapped.
    pub backtrace: Option<String>,
    /// The columns of `data`, as [`row::columns_of`] reads them.
    pub columns: Arc<str>,
    /// The row, as [`row::read`] reads it.
    pub data: String,
}

/// Why a row is left out.
pub(crate) struct Reason {
    kind: &'static str,
    text: String,
    backtrace: Option<String>,
}

impl Reason {
    /// The operator said so.
    pub(crate) fn rejected(reason: &str) -> Self {
        Self { kind: REJECTED, text: reason.escape_debug().to_string(), backtrace: None }
    }

    /// The operator failed.
    pub(crate) fn failed(error: &PluginError) -> Self {
        let called = error.call.map(|call| format!("in {call}: ")).unwrap_or_default();
        let text = format!("{called}{}", error.kind);
        Self { kind: error.kind.name(), text, backtrace: error.backtrace.clone() }
    }

    /// What it says.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl DeadLetter {
    pub(crate) fn new(
        operator: &OperatorRef,
        task: &Task,
        row: u64,
        reason: Reason,
        (columns, data): (Arc<str>, String),
    ) -> Self {
        Self {
            stream: task.stream.clone(),
            partition: task.partition,
            row,
            plugin: operator.plugin.clone(),
            operator: operator.operator.clone(),
            digest: operator.digest,
            attempt: task.attempt,
            kind: reason.kind,
            reason: reason.text,
            backtrace: reason.backtrace,
            columns,
            data,
        }
    }

    fn bytes(&self) -> u64 {
        let texts =
            [&self.plugin, &self.operator, &self.reason, &self.data].into_iter().map(String::len).sum::<usize>();
        let backtrace = self.backtrace.as_ref().map_or(0, String::len);
        OVERHEAD + (self.stream.len() + self.columns.len() + texts + backtrace) as u64
    }
}

/// A batch has more dead letters than it may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "batch {batch}: it has more dead letters than it may, {allowed}; the last is row {row} of partition {partition} of stream \"{stream}\", which \
     operator {operator} of plugin {plugin} leaves out: {reason}; raise `{key}` in [dead-letters] if that many rows may be left out"
)]
pub struct TooManyDeadLetters {
    batch: BatchTime,
    allowed: String,
    key: &'static str,
    stream: Arc<str>,
    partition: u32,
    row: u64,
    /// The plugin.
    pub plugin: String,
    operator: String,
    reason: String,
}

/// How many dead letters a batch may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadLetterLimits {
    /// `max-rows`.
    pub max_rows: u64,
    /// `max-bytes`.
    pub max_bytes: u64,
}

impl Default for DeadLetterLimits {
    fn default() -> Self {
        Self { max_rows: DEFAULT_MAX_ROWS, max_bytes: DEFAULT_MAX_BYTES }
    }
}

/// The dead letters of attempts that are under way.
#[derive(Debug)]
pub struct DeadLetters {
    limits: Mutex<DeadLetterLimits>,
    memory: MemoryBudget,
    kept: Mutex<BTreeMap<(BatchTime, u32), Kept>>,
}

#[derive(Debug)]
struct Kept {
    letters: Vec<DeadLetter>,
    bytes: u64,
    reserved: Reservation,
}

impl DeadLetters {
    /// None yet.
    pub fn new(limits: DeadLetterLimits, memory: MemoryBudget) -> Arc<Self> {
        Arc::new(Self { limits: Mutex::new(limits), memory, kept: Mutex::default() })
    }

    /// Each batch may have so many from now on.
    pub fn set_limits(&self, limits: DeadLetterLimits) {
        *self.limits.lock() = limits;
    }

    /// Add one.
    ///
    /// # Errors
    /// When the batch has too many, or there is no memory for it.
    pub fn add(&self, batch: BatchTime, attempt: u32, letter: DeadLetter) -> Result<()> {
        let DeadLetterLimits { max_rows, max_bytes } = *self.limits.lock();
        let mut all = self.kept.lock();
        // Attempts that failed are never asked for; only one runs at a time.
        all.retain(|attempts, _| *attempts == (batch, attempt));
        if all.is_empty() {
            let reserved = self.memory.try_reserve(Share::Engine, 0).map_err(external)?;
            all.insert((batch, attempt), Kept { letters: vec![], bytes: 0, reserved });
        }
        let Some(kept) = all.get_mut(&(batch, attempt)) else { return Ok(()) };
        kept.bytes += letter.bytes();
        let over = if kept.letters.len() as u64 >= max_rows {
            Some(("max-rows", format!("{max_rows} rows")))
        } else if kept.bytes > max_bytes {
            Some(("max-bytes", format!("{max_bytes} bytes")))
        } else {
            None
        };
        if let Some((key, allowed)) = over {
            let DeadLetter { stream, partition, row, plugin, operator, reason, .. } = letter;
            return Err(external(TooManyDeadLetters {
                batch,
                allowed,
                key,
                stream,
                partition,
                row,
                plugin,
                operator,
                reason,
            }));
        }
        kept.reserved.resize(2 * kept.bytes).map_err(external)?;
        kept.letters.push(letter);
        Ok(())
    }

    /// Whether an attempt has any.
    pub fn has_any(&self, batch: BatchTime, attempt: u32) -> bool {
        self.kept.lock().get(&(batch, attempt)).is_some_and(|kept| !kept.letters.is_empty())
    }

    /// Take those of an attempt, in an order that doesn't depend on who was first, with the memory that they have.
    pub fn take(&self, batch: BatchTime, attempt: u32) -> Option<(Vec<DeadLetter>, Reservation)> {
        let Kept { mut letters, reserved, .. } = self.kept.lock().remove(&(batch, attempt))?;
        letters.sort();
        Some((letters, reserved))
    }
}

/// The columns of dead letters.
pub fn schema() -> SchemaRef {
    let field = |name: &str, data_type, nullable| Field::new(name, data_type, nullable);
    Arc::new(Schema::new(vec![
        field("batch_time", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), false),
        field("stream", DataType::Utf8, false),
        field("plugin", DataType::Utf8, false),
        field("operator", DataType::Utf8, false),
        field("digest", DataType::Utf8, false),
        field("partition", DataType::Int64, false),
        field("row", DataType::Int64, false),
        field("attempt", DataType::Int64, false),
        field("kind", DataType::Utf8, false),
        field("reason", DataType::Utf8, false),
        field("backtrace", DataType::Utf8, true),
        field("columns", DataType::Utf8, false),
        field("data", DataType::Utf8, false),
    ]))
}

/// Dead letters of a batch as rows of [`schema`].
///
/// # Errors
/// When there are more bytes of text than a column can have.
pub fn as_rows(batch: BatchTime, letters: &[DeadLetter]) -> Result<RecordBatch> {
    let text = |of: &dyn Fn(&DeadLetter) -> String| -> ArrayRef {
        Arc::new(letters.iter().map(|letter| Some(of(letter))).collect::<StringArray>())
    };
    let number = |of: fn(&DeadLetter) -> i64| -> ArrayRef { Arc::new(letters.iter().map(of).collect::<Int64Array>()) };
    let times = TimestampMillisecondArray::from(vec![batch.as_millis(); letters.len()]).with_timezone("UTC");
    let columns: Vec<ArrayRef> = vec![
        Arc::new(times),
        text(&|letter| letter.stream.to_string()),
        text(&|letter| letter.plugin.clone()),
        text(&|letter| letter.operator.clone()),
        text(&|letter| letter.digest.to_string()),
        number(|letter| i64::from(letter.partition)),
        number(|letter| i64::try_from(letter.row).unwrap_or(i64::MAX)),
        number(|letter| i64::from(letter.attempt)),
        text(&|letter| letter.kind.to_owned()),
        text(&|letter| letter.reason.clone()),
        Arc::new(letters.iter().map(|letter| letter.backtrace.as_deref()).collect::<StringArray>()),
        text(&|letter| letter.columns.to_string()),
        text(&|letter| letter.data.clone()),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
