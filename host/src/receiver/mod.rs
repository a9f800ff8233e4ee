//! What takes rows in: receivers, which cut blocks, and sources that are read in place.
//!
//! Every source is an [`InputStream`]: at each batch time it is asked, once, what the batch will read; the answer is plain data that goes into
//! the batch's plan, and from which a physical plan is made, any number of times.

pub mod block;
pub mod constant;
pub mod files;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod lines;
pub mod messages;
pub mod plugin;
pub mod queue;
pub mod rate;
pub mod read_buffer;
pub mod rows;
pub mod socket;
pub mod wal;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;
use serde::{Deserialize, Serialize};

use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::plugin::Digest;

/// Names a block: the source stream's name, and a number that grows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockId {
    /// The stream's name.
    pub stream: Arc<str>,
    /// Numbered from 0 in the order of receiving.
    pub number: u64,
}

/// A file, as it was when it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVersion {
    /// Its path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Last modified, in milliseconds since 1970-01-01T00:00:00Z.
    pub modified_ms: i64,
}

/// Messages of one partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffsetRange {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// The first message's offset.
    pub from: i64,
    /// The offset after the last message's; as `from` where the batch reads none.
    pub until: i64,
    /// The topic's id: one of the same name that is made later has another. None where brokers have no ids, and in logs of programs that didn't ask for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
}

/// What one batch reads of one source. Written to the batch log before it is read, and never changed after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputRange {
    /// Received blocks; each is a partition.
    Blocks(Vec<BlockId>),
    /// Whole files.
    Files(Vec<FileVersion>),
    /// Messages of all partitions that the source reads, those without new ones too; each is a partition.
    Offsets(Vec<OffsetRange>),
    /// The source could not be asked what it has for this batch; the next batch asks again.
    NoDataset,
}

impl InputRange {
    /// The blocks of a source of blocks.
    ///
    /// # Errors
    /// For a range of another source.
    pub fn blocks(&self, stream: &str) -> Result<&[BlockId]> {
        match self {
            Self::Blocks(blocks) => Ok(blocks),
            Self::NoDataset => Ok(&[]),
            other => Err(Error::failed(format_args!("stream \"{stream}\": it reads blocks, not {other:?}"))),
        }
    }

    /// The files of a source of files.
    ///
    /// # Errors
    /// For a range of another source.
    pub fn files(&self, stream: &str) -> Result<&[FileVersion]> {
        match self {
            Self::Files(files) => Ok(files),
            Self::NoDataset => Ok(&[]),
            other => Err(Error::failed(format_args!("stream \"{stream}\": it reads files, not {other:?}"))),
        }
    }

    /// The offsets of a source of messages.
    ///
    /// # Errors
    /// For a range of another source.
    pub fn offsets(&self, stream: &str) -> Result<&[OffsetRange]> {
        match self {
            Self::Offsets(offsets) => Ok(offsets),
            Self::NoDataset => Ok(&[]),
            other => Err(Error::failed(format_args!("stream \"{stream}\": it reads offsets, not {other:?}"))),
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Blocks(blocks) => blocks.is_empty(),
            Self::Files(files) => files.is_empty(),
            Self::Offsets(offsets) => offsets.iter().all(|range| range.from >= range.until),
            Self::NoDataset => true,
        }
    }
}

/// What the batch log knows of a source when a job goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// What [`InputStream::standing`] gave last.
    pub standing: Option<Vec<u8>>,
    /// What batches were given since, in their order.
    pub given: Vec<PastInput>,
}

/// What one batch was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastInput {
    /// The batch.
    pub batch: BatchTime,
    /// What it reads.
    pub range: InputRange,
    /// Whether it will be read again: the batch has no result.
    pub again: bool,
}

/// A source's standing, for listeners and the summary line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputStatus {
    /// Rows received since the start, also those no batch has read yet; 0 for files, which are counted when read.
    pub rows_received: u64,
    /// Lines left out, as docs/job-file.md says: invalid UTF-8, and those over the limit; 0 for files, which are counted when read.
    pub lines_dropped: u64,
    /// Whether it is receiving.
    pub active: bool,
    /// The last error, and when, in milliseconds since 1970-01-01T00:00:00Z.
    pub last_error: Option<(i64, String)>,
}

/// A source of one stream.
#[async_trait::async_trait]
pub trait InputStream: fmt::Debug + Send + Sync {
    /// The columns of its rows.
    fn schema(&self) -> SchemaRef;

    /// Go on where earlier runs of the job stopped: what batches were given isn't given again, and what isn't done can be read once more. Called at most once, before
    /// [`InputStream::start`], where the job has a checkpoint with batches.
    ///
    /// # Errors
    /// When what a batch that isn't done was given is there no more.
    async fn recover(&self, past: Past) -> Result<()> {
        let _ = past;
        Ok(())
    }

    /// What [`InputStream::recover`] needs to know besides the ranges that batches are given after this; nothing where the last range, or what the source keeps itself, says it all.
    fn standing(&self) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Take in at most so many rows a second from now on. Called when a batch is done, by the job's backpressure.
    fn set_rate(&self, rows_per_second: f64) {
        let _ = rows_per_second;
    }

    /// The most rows that it takes in a second; none where nothing limits them.
    fn rate(&self) -> Option<f64> {
        None
    }

    /// So many rows were read of `range`, by a batch that is done. Called before [`InputStream::set_rate`].
    fn was_read(&self, range: &InputRange, rows: u64) {
        let _ = (range, rows);
    }

    /// Whether it could take rows in with these components, by the names of plugins.
    ///
    /// # Errors
    /// What doesn't fit.
    fn check_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        let _ = components;
        Ok(())
    }

    /// Take rows in with these components from now on, which were checked. What was taken in before stays as it is.
    ///
    /// # Errors
    /// What doesn't fit.
    fn use_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        let _ = components;
        Ok(())
    }

    /// Begin to take rows in. Called once, on the I/O runtime.
    async fn start(&self) -> Result<()>;

    /// Decide what the batch at `t` reads: everything taken in up to `t` that no earlier batch was given.
    ///
    /// # Errors
    /// When the source can't be looked at, and nothing is lost by trying again with the next batch.
    async fn allocate(&self, t: BatchTime) -> Result<InputRange>;

    /// Rows of `range`, where that is known without reading it.
    fn rows(&self, range: &InputRange) -> Option<u64>;

    /// A leaf plan that reads `range` for an attempt of the batch at `t`, and holds no rows itself.
    fn plan(&self, t: BatchTime, attempt: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>>;

    /// The batch that read `range` is done: what it alone needed may be dropped.
    fn release(&self, t: BatchTime, range: &InputRange);

    /// Take no more rows in; what was taken in waits for [`InputStream::allocate`]. Calling it again changes nothing. Returns when nothing more will come.
    async fn stop(&self);

    /// The job has ended: no batch will be released any more. Called once, after [`InputStream::stop`]; returns when the source has let go of all it holds outside.
    async fn close(&self) {}

    /// Returns when the source has ended by itself and all it had can be allocated: the peer closed and draining was asked for, or the queue is
    /// closed and empty. Never for a source that goes on.
    ///
    /// # Errors
    /// When it can't go on, which fails the job, once the batches of what was received are done. What was taken in before can still be allocated.
    async fn ended(&self) -> Result<()>;

    /// How it stands.
    fn status(&self) -> InputStatus;
}
