//! Materialized streams: the datasets of a batch that are read more than once, or must be made exactly once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use parking_lot::RwLock;

use crate::clock::BatchTime;
use crate::memory::Reservation;

/// What [`super::Engine::materialize`] made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatasetInfo {
    /// Partitions, at least 1.
    pub partitions: usize,
    /// Rows, over all partitions.
    pub rows: u64,
}

/// Datasets by stream, batch and partition. Bounded by the memory budget that each partition's reservation is from.
#[derive(Debug, Default)]
pub struct DatasetStore {
    partitions: RwLock<HashMap<BatchTime, OfBatch>>,
}

/// Partitions of one batch, by stream and number.
type OfBatch = HashMap<(Arc<str>, u32), Partition>;

#[derive(Debug)]
struct Partition {
    rows: Arc<[RecordBatch]>,
    _reservation: Reservation,
}

impl DatasetStore {
    /// A store without datasets.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Keep the rows of a partition, in place of what was there, until [`DatasetStore::drop_batch`].
    pub fn insert(
        &self,
        stream: &Arc<str>,
        batch: BatchTime,
        partition: u32,
        rows: Vec<RecordBatch>,
        reservation: Reservation,
    ) {
        let kept = Partition { rows: rows.into(), _reservation: reservation };
        self.partitions.write().entry(batch).or_default().insert((stream.clone(), partition), kept);
    }

    /// The rows of a partition, in order; none if it was not made or is dropped.
    pub fn get(&self, stream: &Arc<str>, batch: BatchTime, partition: u32) -> Option<Arc<[RecordBatch]>> {
        let partitions = self.partitions.read();
        Some(partitions.get(&batch)?.get(&(stream.clone(), partition))?.rows.clone())
    }

    /// Forget all datasets of a batch. Those who read them now read on.
    pub fn drop_batch(&self, batch: BatchTime) {
        let dropped = self.partitions.write().remove(&batch);
        // Freed outside the lock: it may be much.
        drop(dropped);
    }

    /// How many partitions there are, of all batches.
    pub fn len(&self) -> usize {
        self.partitions.read().values().map(OfBatch::len).sum()
    }

    /// Whether there are no partitions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
