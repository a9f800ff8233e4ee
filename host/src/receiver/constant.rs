//! The same dataset in every batch: rows given once, or read of files when the job starts, and kept as long as it runs.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::clock::BatchTime;
use crate::engine::{BlockScanExec, BlockStore};
use crate::error::{Error, Result};
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::receiver::files::table::TableFiles;
use crate::receiver::{BlockId, InputRange, InputStatus, InputStream};

/// Where the rows are from.
#[derive(Debug)]
pub enum ConstantRows {
    /// These rows.
    Given(RecordBatch),
    /// What the files hold when the job starts.
    Files(Arc<TableFiles>),
}

/// Gives each batch the same rows.
#[derive(Debug)]
pub struct ConstantSource {
    stream: Arc<str>,
    rows: ConstantRows,
    budget: MemoryBudget,
    store: Arc<BlockStore>,
    state: Mutex<State>,
    /// Says when draining has come to its end: after the first batch.
    given: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    /// How many rows there are; 0 before the start.
    n_rows: u64,
    /// Whether a batch was given the rows.
    is_given: bool,
    /// Whether no batch is to be given them any more.
    is_stopped: bool,
}

impl ConstantSource {
    /// A source of `stream` with these rows, in one partition.
    pub fn new(stream: Arc<str>, rows: ConstantRows, budget: MemoryBudget, store: Arc<BlockStore>) -> Self {
        Self { stream, rows, budget, store, state: Mutex::default(), given: watch::Sender::new(false) }
    }

    fn block(&self) -> BlockId {
        BlockId { stream: self.stream.clone(), number: 0 }
    }

    fn reserve(&self, bytes: u64) -> Result<Reservation> {
        let memory = self.budget.try_reserve(Share::Blocks, bytes);
        memory.map_err(|over| Error::failed(format_args!("stream \"{}\": {over}", self.stream)))
    }

    /// All rows, and the memory that they take.
    async fn read(&self) -> Result<(RecordBatch, Reservation)> {
        match &self.rows {
            ConstantRows::Given(rows) => Ok((rows.clone(), self.reserve(rows.get_array_memory_size() as u64)?)),
            ConstantRows::Files(files) => {
                let (files, mut memory) = (files.clone(), self.reserve(0)?);
                let read = move || files.read_all(&mut memory).map(|rows| (rows, memory));
                let read = tokio::task::spawn_blocking(read).await;
                // Readers of formats are large, and files can be anything.
                read.map_err(|error| Error::failed(format_args!("stream \"{}\": its reader: {error}", self.stream)))?
            }
        }
    }
}

#[async_trait::async_trait]
impl InputStream for ConstantSource {
    fn schema(&self) -> SchemaRef {
        match &self.rows {
            ConstantRows::Given(rows) => rows.schema(),
            ConstantRows::Files(files) => files.schema().clone(),
        }
    }

    async fn start(&self) -> Result<()> {
        let (rows, memory) = self.read().await?;
        self.state.lock().n_rows = rows.num_rows() as u64;
        self.store.insert(self.block(), rows, memory);
        Ok(())
    }

    async fn allocate(&self, _: BatchTime) -> Result<InputRange> {
        let mut state = self.state.lock();
        if state.is_stopped {
            return Ok(InputRange::Blocks(vec![]));
        }
        state.is_given = true;
        self.given.send_replace(true);
        Ok(InputRange::Blocks(vec![self.block()]))
    }

    fn rows(&self, range: &InputRange) -> Option<u64> {
        let InputRange::Blocks(blocks) = range else { return None };
        Some(blocks.len() as u64 * self.state.lock().n_rows)
    }

    fn plan(&self, _: BatchTime, _: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>> {
        let blocks = range.blocks(&self.stream)?;
        Ok(Arc::new(BlockScanExec::new(self.stream.clone(), blocks.to_vec(), self.schema())))
    }

    fn release(&self, _: BatchTime, _: &InputRange) {}

    async fn stop(&self) {
        self.state.lock().is_stopped = true;
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
        let state = self.state.lock();
        let rows_received = if state.is_given { state.n_rows } else { 0 };
        InputStatus { rows_received, lines_dropped: 0, active: !state.is_stopped, last_error: None }
    }
}
