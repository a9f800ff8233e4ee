//! A leaf that reads messages, a range of offsets of a topic's partition in each of its own.
//!
//! It names the source and the ranges. How brokers are reached, which may need passwords, is known to the source's reader, which the process that runs it has
//! in its [`OffsetReaders`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::EmptyRecordBatchStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{Services, node};
use crate::clock::BatchTime;
use crate::receiver::OffsetRange;

/// What a scan reads, all but the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffsetScan {
    /// The source's name.
    pub stream: Arc<str>,
    /// The batch that reads.
    pub batch: BatchTime,
    /// The batch's attempt, 0 for the first.
    pub attempt: u32,
    /// What each partition reads.
    pub ranges: Vec<OffsetRange>,
}

/// Messages that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OffsetReadError {
    /// Which, and why; it names the stream.
    pub message: String,
    /// Whether running the batch again may help.
    pub is_retriable: bool,
    /// Whether they are there no more.
    pub is_gone: bool,
}

/// Reads the messages of one source.
pub trait ReadOffsets: fmt::Debug + Send + Sync {
    /// The rows of a range of `scan`, which isn't empty.
    ///
    /// # Errors
    /// When reading can't begin.
    fn read(
        self: Arc<Self>,
        scan: &OffsetScan,
        range: OffsetRange,
        services: Arc<Services>,
    ) -> Result<SendableRecordBatchStream>;
}

/// The readers of a job's sources, by stream.
#[derive(Debug, Default)]
pub struct OffsetReaders(Mutex<BTreeMap<Arc<str>, Arc<dyn ReadOffsets>>>);

impl OffsetReaders {
    /// Read `stream` by `reader` from now on.
    pub fn insert(&self, stream: Arc<str>, reader: Arc<dyn ReadOffsets>) {
        self.0.lock().insert(stream, reader);
    }

    /// Read all streams of `others` by their readers from now on.
    pub fn adopt(&self, others: &Self) {
        self.0.lock().extend(others.0.lock().iter().map(|(stream, reader)| (stream.clone(), reader.clone())));
    }

    fn get(&self, stream: &str) -> Option<Arc<dyn ReadOffsets>> {
        self.0.lock().get(stream).cloned()
    }
}

/// Reads messages. Without ranges it has one partition without rows.
#[derive(Debug)]
pub struct OffsetScanExec {
    scan: Arc<OffsetScan>,
    properties: Arc<PlanProperties>,
}

impl OffsetScanExec {
    /// Read what `scan` says; all rows have the columns of `schema`.
    pub fn new(scan: OffsetScan, schema: SchemaRef) -> Self {
        let properties = node::properties(schema, scan.ranges.len().max(1), EmissionType::Incremental);
        Self { scan: Arc::new(scan), properties }
    }

    /// What it reads.
    pub fn scan(&self) -> &OffsetScan {
        &self.scan
    }
}

impl DisplayAs for OffsetScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OffsetScanExec: stream={}, ranges={}", self.scan.stream, self.scan.ranges.len())
    }
}

impl ExecutionPlan for OffsetScanExec {
    node::leaf!("OffsetScanExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let range = self.scan.ranges.get(partition).filter(|range| range.from < range.until);
        let Some(range) = range else { return Ok(Box::pin(EmptyRecordBatchStream::new(self.schema()))) };
        let services = Services::of(&task)?;
        let reader = services.offset_readers.get(&self.scan.stream).ok_or_else(|| {
            exec_datafusion_err!("stream \"{}\": this process has nothing that reads its messages", self.scan.stream)
        })?;
        reader.read(&self.scan, range.clone(), services)
    }
}
