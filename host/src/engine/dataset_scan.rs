//! A leaf that reads a materialized stream.
//!
//! It names the dataset; the rows are in the [`super::DatasetStore`] of the process it runs in.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::stream;

use super::{Services, node};
use crate::clock::BatchTime;

/// Reads the dataset of one stream and batch, any number of times.
#[derive(Debug)]
pub struct DatasetScanExec {
    stream: Arc<str>,
    batch: BatchTime,
    properties: Arc<PlanProperties>,
}

impl DatasetScanExec {
    /// Read what `stream` had in `batch`: `partitions` of them, at least 1, with the columns of `schema`.
    pub fn new(stream: Arc<str>, batch: BatchTime, partitions: usize, schema: SchemaRef) -> Self {
        let properties = node::properties(schema, partitions.max(1), EmissionType::Incremental);
        Self { stream, batch, properties }
    }

    /// The stream's name.
    pub fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// The batch.
    pub fn batch(&self) -> BatchTime {
        self.batch
    }
}

impl DisplayAs for DatasetScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatasetScanExec: stream={}, batch={}", self.stream, self.batch)
    }
}

impl ExecutionPlan for DatasetScanExec {
    node::leaf!("DatasetScanExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = Services::of(&task)?.datasets.get(&self.stream, self.batch, node::number(partition)).ok_or_else(|| {
            exec_datafusion_err!(
                "partition {partition} of stream \"{}\" in batch {} is not there; it was not made, or dropped too early",
                self.stream,
                self.batch
            )
        })?;
        let rows = (0..rows.len()).map(move |idx| Ok(rows[idx].clone()));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::iter(rows))))
    }
}
