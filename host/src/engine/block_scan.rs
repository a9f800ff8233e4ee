//! A leaf that reads received blocks, one a partition.
//!
//! It names the blocks; the rows are in the [`super::BlockStore`] of the process it runs in, or that knows where they can be read.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, exec_datafusion_err, internal_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::stream;

use super::blocks::{FoundBlock, KeptRows};
use super::error::external;
use super::{Services, node};
use crate::memory::{MemoryBudget, Share};
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
        let services = Services::of(&task)?;
        let found = match self.blocks.get(partition) {
            Some(id) => services.blocks.find(id).ok_or_else(|| {
                exec_datafusion_err!(
                    "block {} of stream \"{}\" is gone; it was dropped before its batch was done",
                    id.number,
                    id.stream
                )
            })?,
            None if partition == 0 => FoundBlock::Rows(None),
            None => return Err(internal_datafusion_err!("partition {partition} of {} blocks", self.blocks.len())),
        };
        Ok(match found {
            FoundBlock::Rows(rows) => {
                let rows = rows.filter(|rows| rows.num_rows() > 0).map(Ok);
                Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::iter(rows)))
            }
            FoundBlock::Kept(kept) => {
                let rows = read(kept, services.memory.clone());
                Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows))
            }
        })
    }
}

/// The rows of a block that is kept elsewhere. Their memory is reserved as long as the stream is read: where blocks have no room, among the rest.
fn read(kept: Arc<dyn KeptRows>, memory: MemoryBudget) -> impl stream::Stream<Item = Result<RecordBatch>> {
    let begin = async move {
        let bytes = kept.bytes();
        let mut reserved = memory
            .try_reserve(Share::Blocks, bytes)
            .or_else(|_| memory.try_reserve(Share::Engine, 0))
            .map_err(external)?;
        // Whoever waited here would wait for batches after this one. So little can be read at a time that it may go over the budget.
        reserved.resize_anyway(bytes);
        let read = tokio::task::spawn_blocking(move || kept.read()).await.map_err(external)?;
        Ok((read.map_err(external)?, reserved))
    };
    stream::unfold((Some(begin), None), |(begin, _held)| async move {
        let (rows, held) = match begin?.await {
            Ok((rows, held)) => (Ok(rows), Some(held)),
            Err(error) => (Err(error), None),
        };
        Some((rows, (None, held)))
    })
}
