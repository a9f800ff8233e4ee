//! Materialized streams: datasets that are read more than once, must be made exactly once, or are read by later batches.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
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

/// A kept dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptDataset {
    /// The batch that made it.
    pub batch: BatchTime,
    /// Its partitions, at least 1.
    pub partitions: usize,
}

/// Datasets by stream, batch and partition. Bounded by the memory budget that each partition's reservation is from.
#[derive(Debug, Default)]
pub struct DatasetStore {
    streams: RwLock<HashMap<Arc<str>, OfStream>>,
}

/// Partitions of one stream, by batch and number.
type OfStream = BTreeMap<BatchTime, BTreeMap<u32, Partition>>;

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

    /// Keep the rows of a partition, in place of what was there, until it is dropped.
    pub fn insert(
        &self,
        stream: &Arc<str>,
        batch: BatchTime,
        partition: u32,
        rows: Vec<RecordBatch>,
        reservation: Reservation,
    ) {
        let kept = Partition { rows: rows.into(), _reservation: reservation };
        let mut streams = self.streams.write();
        let replaced = streams.entry(stream.clone()).or_default().entry(batch).or_default().insert(partition, kept);
        drop(streams);
        drop(replaced);
    }

    /// The rows of a partition, in order; none if it was not made or is dropped.
    pub fn get(&self, stream: &str, batch: BatchTime, partition: u32) -> Option<Arc<[RecordBatch]>> {
        Some(self.streams.read().get(stream)?.get(&batch)?.get(&partition)?.rows.clone())
    }

    /// The datasets of a stream that came after `after`, up to `until`, in the order of their batches.
    pub fn kept(&self, stream: &str, after: BatchTime, until: BatchTime) -> Vec<KeptDataset> {
        let streams = self.streams.read();
        let Some(batches) = streams.get(stream).filter(|_| after < until) else { return vec![] };
        let batches = batches.range((Bound::Excluded(after), Bound::Included(until)));
        batches.map(|(batch, partitions)| KeptDataset { batch: *batch, partitions: partitions.len() }).collect()
    }

    /// Streams that have datasets of any batch.
    pub fn streams(&self) -> Vec<Arc<str>> {
        let streams = self.streams.read();
        streams.iter().filter(|(_, batches)| !batches.is_empty()).map(|(stream, _)| stream.clone()).collect()
    }

    /// Rows and bytes of all datasets of a stream, and of how many batches they are.
    pub fn size(&self, stream: &str) -> (u64, u64, usize) {
        let streams = self.streams.read();
        let Some(batches) = streams.get(stream) else { return (0, 0, 0) };
        let all = batches.values().flat_map(BTreeMap::values).flat_map(|partition| partition.rows.iter());
        let (rows, bytes) = all
            .fold((0, 0), |(rows, bytes), of| (rows + of.num_rows() as u64, bytes + super::node::bytes_of(of) as u64));
        (rows, bytes, batches.len())
    }

    /// Forget all datasets of a stream.
    pub fn drop_stream(&self, stream: &str) {
        let dropped = self.streams.write().remove(stream);
        drop(dropped);
    }

    /// Forget all datasets of a batch. Those who read them now read on.
    pub fn drop_batch(&self, batch: BatchTime) {
        let dropped: Vec<_> = self.streams.write().values_mut().map(|batches| batches.remove(&batch)).collect();
        // Freed outside the lock: it may be much.
        drop(dropped);
    }

    /// Forget one dataset. Those who read it now read on.
    pub fn drop_one(&self, stream: &str, batch: BatchTime) {
        let dropped = self.streams.write().get_mut(stream).and_then(|batches| batches.remove(&batch));
        drop(dropped);
    }

    /// Forget the datasets of a stream that came up to `until`. Those who read them now read on.
    pub fn drop_up_to(&self, stream: &str, until: BatchTime) {
        let mut dropped = BTreeMap::new();
        if let Some(batches) = self.streams.write().get_mut(stream) {
            let later = batches.split_off(&BatchTime(until.0.saturating_add(1)));
            dropped = std::mem::replace(batches, later);
        }
        drop(dropped);
    }

    /// As [`DatasetStore::drop_up_to`], but the last dataset stays.
    pub fn drop_all_but_last(&self, stream: &str, until: BatchTime) {
        let last = self.streams.read().get(stream).and_then(|batches| Some(*batches.last_key_value()?.0));
        if let Some(last) = last {
            self.drop_up_to(stream, until.min(BatchTime(last.0 - 1)));
        }
    }

    /// How many partitions there are, of all batches.
    pub fn len(&self) -> usize {
        self.streams.read().values().flat_map(BTreeMap::values).map(BTreeMap::len).sum()
    }

    /// Whether there are no partitions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
