//! Outputs: each batch's rows are staged, partition by partition, and committed once the batch's result is recorded.

pub mod columns;
pub mod files;
pub mod for_each;
#[cfg(any(feature = "kafka", feature = "postgres"))]
pub mod identity;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod plugin;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod print;
pub mod staging;

use std::collections::BTreeMap;
use std::fmt;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::SendableRecordBatchStream;
use serde::{Deserialize, Serialize};

use crate::clock::BatchTime;
use crate::error::Result;
use crate::plugin::Digest;

/// Which write this is about. The same batch run again has another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteId {
    /// The batch.
    pub batch: BatchTime,
    /// The partition of the output's input.
    pub partition: u32,
    /// Partitions of the output's input in this batch.
    pub partitions: u32,
    /// The driver's term: two drivers that believe to run the same job never have the same, so what they stage has other names.
    #[serde(default)]
    pub term: u64,
    /// 0 for the first time the batch runs in this term.
    pub attempt: u32,
}

/// What a partition staged: plain data in the sink's own terms, which goes into the batch's result. At most 129 KiB of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Staged {
    /// What was written.
    pub id: WriteId,
    /// Rows written.
    pub rows: u64,
    /// What [`Sink::commit`] needs.
    pub committable: serde_json::Value,
}

/// A sink of one output.
///
/// Errors say what went wrong, with the file or whatever else it is about; the caller adds the output's name and the batch.
///
/// Writes of the partitions of one batch may run at once; commits come one at a time, in the order of batches, with all partitions of the batch.
#[async_trait::async_trait]
pub trait Sink: fmt::Debug + Send + Sync {
    /// Look at the columns, once, before the job starts.
    ///
    /// # Errors
    /// When the sink can't hold such columns; the message names the column.
    fn bind(&self, schema: &SchemaRef) -> Result<()>;

    /// The job runs in `term`, which is above all earlier ones: from now on nothing that a driver of an earlier term does may be seen any more. Called once, before anything else.
    /// Then come the commits of batches whose results are recorded and that may not be committed yet; whatever else earlier terms have staged counts for nothing, and can be removed
    /// with the first [`Sink::write`].
    ///
    /// # Errors
    /// When what it writes to can't be reached, or belongs to a later term.
    async fn open(&self, term: u64) -> Result<()> {
        let _ = term;
        Ok(())
    }

    /// The last batch that is committed where the sink writes, as far as it can tell, whoever has written it. Asked after [`Sink::open`] and before anything is written, of a job that has planned no batch yet:
    /// its first comes after that, so that it doesn't take the place of one that an earlier run has written.
    ///
    /// # Errors
    /// When what it writes to can't be looked at.
    async fn last(&self) -> Result<Option<BatchTime>> {
        Ok(None)
    }

    /// Whether it could write with these components, by the names of plugins. Called after [`Sink::bind`].
    ///
    /// # Errors
    /// What doesn't fit.
    fn check_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        let _ = components;
        Ok(())
    }

    /// Write, commit and abort with these components from now on. Called before each batch; mostly they are the same.
    ///
    /// # Errors
    /// What doesn't fit.
    fn use_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        let _ = components;
        Ok(())
    }

    /// Write the rows of a partition where no reader of the output sees them. The stream is read to its end.
    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged>;

    /// Make what a batch staged seen, all of it or nothing, in place of whatever the same batch had committed before. Idempotent. An empty list is a batch without partitions.
    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()>;

    /// Remove what was staged. Idempotent.
    async fn abort(&self, staged: &[Staged]) -> Result<()>;

    /// Returns once what the sink does in the background has come to an end, and begins no more: the job stops gracefully, and all batches are committed.
    async fn finish(&self) {}

    /// Let go of what it writes to: a running job has the output no more, and another may write there in the same term. Called after [`Sink::finish`]. Whoever uses it again after all opens it again.
    fn let_go(&self) {}

    /// Returns once nobody will ever read what is written, as when standard output was a pipe whose reader has gone: the job stops gracefully,
    /// and that is no failure. Never returns for most sinks.
    async fn closed(&self) {
        std::future::pending().await
    }
}
