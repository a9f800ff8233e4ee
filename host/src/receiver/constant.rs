//! The same dataset in every batch: rows given once, kept as long as the job runs.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::clock::BatchTime;
use crate::engine::{BlockScanExec, BlockStore};
use crate::error::{Error, Result};
use crate::memory::{MemoryBudget, Share};
use crate::receiver::{BlockId, InputRange, InputStatus, InputStream};

/// Gives each batch the same rows.
#[derive(Debug)]
pub struct ConstantSource {
    stream: Arc<str>,
    rows: RecordBatch,
    budget: MemoryBudget,
    store: Arc<BlockStore>,
    /// Whether a batch was given the rows, and whether none is to be given them any more.
    state: Mutex<(bool, bool)>,
    /// Says when draining has come to its end: after the first batch.
    given: watch::Sender<bool>,
}

impl ConstantSource {
    /// A source of `stream` with these rows, in one partition.
    pub fn new(stream: Arc<str>, rows: RecordBatch, budget: MemoryBudget, store: Arc<BlockStore>) -> Self {
        Self { stream, rows, budget, store, state: Mutex::default(), given: watch::Sender::new(false) }
    }

    fn block(&self) -> BlockId {
        BlockId { stream: self.stream.clone(), number: 0 }
    }
}

#[async_trait::async_trait]
impl InputStream for ConstantSource {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    async fn start(&self) -> Result<()> {
        let bytes = self.rows.get_array_memory_size() as u64;
        let memory = self.budget.try_reserve(Share::Blocks, bytes);
        let memory = memory.map_err(|over| Error::failed(format_args!("stream \"{}\": {over}", self.stream)))?;
        self.store.insert(self.block(), self.rows.clone(), memory);
        Ok(())
    }

    async fn allocate(&self, _: BatchTime) -> Result<InputRange> {
        let mut state = self.state.lock();
        if state.1 {
            return Ok(InputRange::Blocks(vec![]));
        }
        state.0 = true;
        self.given.send_replace(true);
        Ok(InputRange::Blocks(vec![self.block()]))
    }

    fn rows(&self, range: &InputRange) -> Option<u64> {
        let InputRange::Blocks(blocks) = range else { return None };
        Some(blocks.len() as u64 * self.rows.num_rows() as u64)
    }

    fn plan(&self, _: BatchTime, _: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>> {
        let blocks = range.blocks(&self.stream)?;
        Ok(Arc::new(BlockScanExec::new(self.stream.clone(), blocks.to_vec(), self.schema())))
    }

    fn release(&self, _: BatchTime, _: &InputRange) {}

    async fn stop(&self) {
        self.state.lock().1 = true;
    }

    async fn close(&self) {
        self.store.remove(&self.block());
    }

    /// What there is now is one dataset: a job that drains has it once.
    async fn ended(&self) -> Result<()> {
        // The sender lives as long as self, so this can't fail.
        let _ = self.given.subscribe().wait_for(|given| *given).await;
        Ok(())
    }

    fn status(&self) -> InputStatus {
        let (given, stopped) = *self.state.lock();
        let rows_received = if given { self.rows.num_rows() as u64 } else { 0 };
        InputStatus { rows_received, lines_dropped: 0, active: !stopped, last_error: None }
    }
}
