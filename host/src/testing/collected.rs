//! A sink that keeps what was committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::TryStreamExt;
use parking_lot::Mutex;

use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::output::{Sink, Staged, WriteId};

/// A committed dataset: the record batches of each partition.
pub type Partitions = Vec<Vec<RecordBatch>>;

/// A sink that keeps every committed dataset in memory, and fails on what a sink must never see. Clones keep the same.
#[derive(Debug, Clone, Default)]
pub struct Collected(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    schema: Option<SchemaRef>,
    staged: BTreeMap<(BatchTime, u32, u32), Vec<RecordBatch>>,
    committed: BTreeMap<BatchTime, Partitions>,
    commits: Vec<BatchTime>,
}

impl Collected {
    /// The dataset of a batch; none where nothing was committed.
    pub fn dataset(&self, batch: BatchTime) -> Option<Partitions> {
        self.0.lock().committed.get(&batch).cloned()
    }

    /// Batches committed, in the order of committing.
    pub fn commits(&self) -> Vec<BatchTime> {
        self.0.lock().commits.clone()
    }

    /// The columns it was bound to; none before the job was prepared.
    pub fn schema(&self) -> Option<SchemaRef> {
        self.0.lock().schema.clone()
    }

    /// Partitions staged that are neither committed nor aborted.
    pub fn n_left_over(&self) -> usize {
        self.0.lock().staged.len()
    }
}

fn key(staged: &Staged) -> (BatchTime, u32, u32) {
    (staged.id.batch, staged.id.partition, staged.id.attempt)
}

#[async_trait::async_trait]
impl Sink for Collected {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        self.0.lock().schema = Some(schema.clone());
        Ok(())
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        let rows: Vec<RecordBatch> = rows.try_collect().await.map_err(Error::failed)?;
        let n_rows = rows.iter().map(|rows| rows.num_rows() as u64).sum();
        self.0.lock().staged.insert((id.batch, id.partition, id.attempt), rows);
        Ok(Staged { id, rows: n_rows, committable: Default::default() })
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let mut kept = self.0.lock();
        let mut partitions = Vec::with_capacity(staged.len());
        for staged in staged {
            let rows = kept.staged.remove(&key(staged));
            partitions.push(rows.ok_or_else(|| Error::failed(format!("{:?} is committed and not staged", staged.id)))?);
        }
        if kept.committed.insert(batch, partitions).is_some() {
            return Err(Error::failed(format!("batch {batch} is committed twice")));
        }
        kept.commits.push(batch);
        Ok(())
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        let mut kept = self.0.lock();
        for staged in staged {
            kept.staged.remove(&key(staged));
        }
        Ok(())
    }
}
