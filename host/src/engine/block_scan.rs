//! A leaf that reads received blocks, one a partition.
//!
//! It names the blocks; the rows are in the [`super::BlockStore`] of the process it runs in.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, exec_datafusion_err, internal_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::stream;

use super::{Services, node};
use crate::receiver::BlockId;

/// Reads blocks. Without blocks it has one partition without rows.
#[derive(Debug)]
pub struct BlockScanExec {
    stream: Arc<str>,
    blocks: Vec<BlockId>,
    properties: Arc<PlanProperties>,
}

impl BlockScanExec {
    /// Read `blocks` of the source `stream`, in this order; each has the columns of `schema`.
    pub fn new(stream: Arc<str>, blocks: Vec<BlockId>, schema: SchemaRef) -> Self {
        let properties = node::properties(schema, blocks.len().max(1), EmissionType::Incremental);
        Self { stream, blocks, properties }
    }

    /// The source's name.
    pub fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// The blocks, one a partition.
    pub fn blocks(&self) -> &[BlockId] {
        &self.blocks
    }
}

impl DisplayAs for BlockScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockScanExec: stream={}, blocks={}", self.stream, self.blocks.len())
    }
}

impl ExecutionPlan for BlockScanExec {
    node::leaf!("BlockScanExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = match self.blocks.get(partition) {
            Some(id) => Some(Services::of(&task)?.blocks.get(id).ok_or_else(|| {
                exec_datafusion_err!(
                    "block {} of stream \"{}\" is gone; it was dropped before its batch was done",
                    id.number,
                    id.stream
                )
            })?),
            None if partition == 0 => None,
            None => return Err(internal_datafusion_err!("partition {partition} of {} blocks", self.blocks.len())),
        };
        let rows = rows.filter(|rows| rows.num_rows() > 0).map(Ok);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::iter(rows))))
    }
}
