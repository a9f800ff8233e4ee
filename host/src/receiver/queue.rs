//! A queue of datasets, for programs and tests: what is pushed as one dataset is the source of one batch.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::json::ReaderBuilder;
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::clock::BatchTime;
use crate::engine::{BlockScanExec, BlockStore};
use crate::error::{Error, Result};
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::receiver::{BlockId, InputRange, InputStatus, InputStream, Past, PastInput};

/// A handle to push datasets with; clones push to the same queue.
///
/// What is pushed before the job starts is the caller's memory; it must fit into the job's when it starts.
#[derive(Debug, Clone)]
pub struct Queue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    schema: SchemaRef,
    inner: Mutex<Inner>,
    /// Says when the queue is closed and empty.
    done: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    /// What each of the next batches gets; none: no dataset.
    datasets: VecDeque<Option<Vec<Partition>>>,
    closed: bool,
    budget: Option<MemoryBudget>,
    rows_pushed: u64,
}

#[derive(Debug)]
struct Partition {
    rows: RecordBatch,
    memory: Option<Reservation>,
}

impl Queue {
    /// An open queue of rows with `schema`.
    pub fn new(schema: SchemaRef) -> Self {
        Self(Arc::new(Shared { schema, inner: Mutex::default(), done: watch::Sender::new(false) }))
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    /// Push a dataset, a record batch for each of its partitions; none is an empty dataset.
    ///
    /// # Errors
    /// When the queue is closed, when a record batch has other columns, and when the job has no memory for it now.
    pub fn push(&self, partitions: Vec<RecordBatch>) -> Result<()> {
        for rows in &partitions {
            if rows.schema_ref().fields() != self.0.schema.fields() {
                let (got, want) = (rows.schema(), &self.0.schema);
                return Err(Error::invalid(format!("a queue of {want} was pushed rows of {got}")));
            }
        }
        let mut inner = self.0.inner.lock();
        if inner.closed {
            return Err(Error::invalid("rows were pushed to a closed queue"));
        }
        let mut dataset = Vec::with_capacity(partitions.len());
        for rows in partitions {
            let bytes = rows.get_array_memory_size() as u64;
            let reserve = |budget: &MemoryBudget| budget.try_reserve(Share::Blocks, bytes);
            let memory = inner.budget.as_ref().map(reserve).transpose().map_err(Error::failed)?;
            dataset.push(Partition { rows, memory });
        }
        inner.rows_pushed += dataset.iter().map(|partition| partition.rows.num_rows() as u64).sum::<u64>();
        inner.datasets.push_back(Some(dataset));
        Ok(())
    }

    /// Push that a batch gets no dataset, which is not the same as an empty one: operations of one stream make none of it either.
    ///
    /// # Errors
    /// When the queue is closed.
    pub fn push_no_dataset(&self) -> Result<()> {
        let mut inner = self.0.inner.lock();
        if inner.closed {
            return Err(Error::invalid("a dataset was pushed to a closed queue"));
        }
        inner.datasets.push_back(None);
        Ok(())
    }

    /// Push lines as a dataset of `partitions` partitions, spread evenly and in order; the queue has one column of type string.
    ///
    /// # Errors
    /// As [`Queue::push`], and when the queue has other columns.
    pub fn push_lines<L: AsRef<str>>(&self, lines: impl IntoIterator<Item = L>, partitions: usize) -> Result<()> {
        if self.0.schema.fields().len() != 1 || self.0.schema.field(0).data_type() != &DataType::Utf8 {
            return Err(Error::invalid(format!("lines were pushed to a queue of {}", self.0.schema)));
        }
        let values = Arc::new(StringArray::from_iter_values(lines));
        let rows = RecordBatch::try_new(self.schema(), vec![values]).map_err(Error::failed)?;
        self.push(spread(&rows, partitions))
    }

    /// Push rows, a JSON object each, as a dataset of `partitions` partitions, spread evenly and in order.
    ///
    /// # Errors
    /// As [`Queue::push`], and when a row doesn't have the queue's columns.
    pub fn push_rows(&self, rows: &[serde_json::Value], partitions: usize) -> Result<()> {
        let wrong = |e| Error::invalid(format!("rows pushed to a queue of {} are not of it: {e}", self.0.schema));
        let builder = ReaderBuilder::new(self.schema()).with_strict_mode(true).with_batch_size(rows.len().max(1));
        let mut decoder = builder.build_decoder().map_err(wrong)?;
        decoder.serialize(rows).map_err(wrong)?;
        let rows = decoder.flush().map_err(wrong)?.unwrap_or_else(|| RecordBatch::new_empty(self.schema()));
        self.push(spread(&rows, partitions))
    }

    /// Push nothing more: when the job has read what is there, the source has ended.
    pub fn close(&self) {
        let mut inner = self.0.inner.lock();
        inner.closed = true;
        self.0.tell_if_done(&inner);
    }

    /// Whether it is the very same queue.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Datasets that no batch was given yet.
    pub fn len(&self) -> usize {
        self.0.inner.lock().datasets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shared {
    fn tell_if_done(&self, inner: &Inner) {
        self.done.send_replace(inner.closed && inner.datasets.is_empty());
    }
}

/// Row j of n goes to partition i with i·n/p ≤ j < (i+1)·n/p.
pub(crate) fn spread(rows: &RecordBatch, partitions: usize) -> Vec<RecordBatch> {
    let (n, p) = (rows.num_rows(), partitions.max(1));
    (0..p).map(|i| rows.slice(i * n / p, (i + 1) * n / p - i * n / p)).collect()
}

/// The source that a [`Queue`] feeds.
#[derive(Debug)]
pub struct QueueSource {
    stream: Arc<str>,
    queue: Queue,
    one_at_a_time: bool,
    budget: MemoryBudget,
    store: Arc<BlockStore>,
    /// The number of the next block.
    next: Mutex<u64>,
    stopped: watch::Sender<bool>,
}

impl QueueSource {
    /// A source of `stream`. A batch gets one dataset of the queue if `one_at_a_time`, else all that are there, partition after partition; and an
    /// empty dataset if the queue is empty. Once stopped, it gets all.
    pub fn new(
        stream: Arc<str>,
        queue: Queue,
        one_at_a_time: bool,
        budget: MemoryBudget,
        store: Arc<BlockStore>,
    ) -> Self {
        Self { stream, queue, one_at_a_time, budget, store, next: Mutex::new(0), stopped: watch::Sender::new(false) }
    }

    /// Reserve memory for what was pushed before there was a budget.
    fn reserve(&self) -> Result<()> {
        let mut inner = self.queue.0.inner.lock();
        for partition in inner.datasets.iter_mut().flatten().flatten().filter(|partition| partition.memory.is_none()) {
            let bytes = partition.rows.get_array_memory_size() as u64;
            let memory = self.budget.try_reserve(Share::Blocks, bytes);
            partition.memory = Some(memory.map_err(|over| {
                Error::failed(format_args!("stream \"{}\": what is in its queue doesn't fit: {over}", self.stream))
            })?);
        }
        inner.budget = Some(self.budget.clone());
        Ok(())
    }

    fn keep(&self, partition: Partition) -> Result<BlockId> {
        let memory = match partition.memory {
            Some(memory) => memory,
            None => self.budget.try_reserve(Share::Blocks, 0).map_err(Error::failed)?,
        };
        // A queue pushes what it likes; a slice of something large is cut down to what it shows.
        let rows = concat_batches(&self.queue.schema(), [&partition.rows]).map_err(Error::failed)?;
        let mut next = self.next.lock();
        let id = BlockId { stream: Arc::clone(&self.stream), number: *next };
        *next += 1;
        self.store.insert(id.clone(), rows, memory);
        Ok(id)
    }
}

#[async_trait::async_trait]
impl InputStream for QueueSource {
    fn schema(&self) -> SchemaRef {
        self.queue.schema()
    }

    /// What was pushed is gone with the program that pushed it: batches that are run again read nothing of it.
    async fn recover(&self, past: Past) -> Result<()> {
        let mut n_lost: u64 = 0;
        for PastInput { range, again, .. } in past.given {
            let InputRange::Blocks(blocks) = range else { continue };
            for id in blocks {
                let mut next = self.next.lock();
                *next = (*next).max(id.number + 1);
                if again {
                    self.store.insert_lost(id);
                    n_lost += 1;
                }
            }
        }
        if n_lost > 0 {
            tracing::warn!(
                target: "sluicebox::checkpoint",
                stream = &*self.stream, blocks = n_lost,
                "batches that were planned and not done read rows that an earlier program had pushed to a queue: they are gone with it"
            );
        }
        Ok(())
    }

    async fn start(&self) -> Result<()> {
        self.reserve()
    }

    async fn allocate(&self, _: BatchTime) -> Result<InputRange> {
        let datasets: Vec<_> = {
            let mut inner = self.queue.0.inner.lock();
            let all = !self.one_at_a_time || *self.stopped.borrow();
            let n = if all { inner.datasets.len() } else { inner.datasets.len().min(1) };
            inner.datasets.drain(..n).collect()
        };
        let has_none = !datasets.is_empty() && datasets.iter().all(Option::is_none);
        let partitions = datasets.into_iter().flatten().flatten();
        let blocks = partitions.map(|partition| self.keep(partition)).collect::<Result<_>>()?;
        self.queue.0.tell_if_done(&self.queue.0.inner.lock());
        Ok(if has_none { InputRange::NoDataset } else { InputRange::Blocks(blocks) })
    }

    fn rows(&self, range: &InputRange) -> Option<u64> {
        let InputRange::Blocks(blocks) = range else { return None };
        self.store.rows_of(blocks)
    }

    fn plan(&self, _: BatchTime, _: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>> {
        let blocks = range.blocks(&self.stream)?;
        Ok(Arc::new(BlockScanExec::new(Arc::clone(&self.stream), blocks.to_vec(), self.schema())))
    }

    fn release(&self, _: BatchTime, range: &InputRange) {
        if let InputRange::Blocks(blocks) = range {
            blocks.iter().for_each(|id| self.store.remove(id));
        }
    }

    async fn stop(&self) {
        self.stopped.send_replace(true);
        self.queue.close();
    }

    async fn ended(&self) -> Result<()> {
        // The queue lives as long as self, so this can't fail.
        let _ = self.queue.0.done.subscribe().wait_for(|done| *done).await;
        Ok(())
    }

    fn status(&self) -> InputStatus {
        let inner = self.queue.0.inner.lock();
        InputStatus { rows_received: inner.rows_pushed, lines_dropped: 0, active: !inner.closed, last_error: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiver::lines;
    use arrow::datatypes::{Field, Schema};
    use arrow::util::pretty::pretty_format_batches;
    use serde_json::json;

    fn source(queue: &Queue, one_at_a_time: bool, memory: u64) -> (QueueSource, MemoryBudget) {
        let budget = MemoryBudget::new(memory);
        (QueueSource::new("lines".into(), queue.clone(), one_at_a_time, budget.clone(), Arc::default()), budget)
    }

    /// The lines of the next batch, by partition.
    async fn batch(source: &QueueSource) -> Vec<Vec<String>> {
        let range = source.allocate(BatchTime(0)).await.unwrap();
        let InputRange::Blocks(blocks) = &range else { panic!("{range:?}") };
        let mut partitions = Vec::new();
        for id in blocks {
            let rows = source.store.get(id).unwrap();
            partitions.push(
                rows.column(0)
                    .as_any()
                    .downcast_ref::<StringArray>()
                    .unwrap()
                    .iter()
                    .flatten()
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(source.rows(&range), Some(partitions.iter().map(|lines| lines.len() as u64).sum()));
        source.release(BatchTime(0), &range);
        partitions
    }

    #[tokio::test]
    async fn a_batch_gets_one_dataset_or_all() {
        let queue = Queue::new(lines::schema());
        queue.push_lines(["a", "b", "c", "d", "e"], 2).unwrap();
        queue.push_lines(["f"], 1).unwrap();
        let (one, budget) = source(&queue, true, 1 << 20);
        one.start().await.unwrap();
        assert_eq!(batch(&one).await, [vec!["a", "b"], vec!["c", "d", "e"]]);
        assert_eq!(batch(&one).await, [["f"]]);
        assert!(batch(&one).await.is_empty());
        assert_eq!(budget.used(), 0);

        queue.push_lines(["g"], 1).unwrap();
        queue.push_lines(["h"], 1).unwrap();
        let (all, _) = source(&queue, false, 1 << 20);
        assert_eq!(batch(&all).await, [["g"], ["h"]]);
    }

    #[tokio::test]
    async fn a_batch_that_is_run_again_reads_nothing_of_what_is_gone() {
        let queue = Queue::new(lines::schema());
        let (source, _) = source(&queue, true, 1 << 20);
        let range = |numbers: &[u64]| {
            InputRange::Blocks(
                numbers.iter().map(|number| BlockId { stream: "lines".into(), number: *number }).collect(),
            )
        };
        let given = [(range(&[0, 1]), false), (range(&[2]), true)];
        let given = given.map(|(range, again)| PastInput { batch: BatchTime(0), range, again });
        source.recover(Past { standing: None, given: given.to_vec() }).await.unwrap();
        assert_eq!(source.rows(&range(&[2])), Some(0));
        queue.push_lines(["a"], 1).unwrap();
        assert_eq!(source.allocate(BatchTime(1)).await.unwrap(), range(&[3]));
    }

    #[tokio::test]
    async fn no_dataset_is_not_an_empty_one() {
        let queue = Queue::new(lines::schema());
        queue.push_no_dataset().unwrap();
        queue.push(vec![]).unwrap();
        queue.push_no_dataset().unwrap();
        queue.push_lines(["a"], 1).unwrap();
        let (source, _) = source(&queue, true, 1 << 20);
        assert_eq!(source.allocate(BatchTime(0)).await.unwrap(), InputRange::NoDataset);
        assert_eq!(source.allocate(BatchTime(0)).await.unwrap(), InputRange::Blocks(vec![]));
        // What is left at a stop goes to one batch.
        source.stop().await;
        assert_eq!(batch(&source).await, [["a"]]);
        assert!(queue.push_no_dataset().is_err());
    }

    #[tokio::test]
    async fn a_closed_queue_has_ended_when_it_was_read() {
        let queue = Queue::new(lines::schema());
        let (source, _) = source(&queue, true, 1 << 20);
        source.start().await.unwrap();
        queue.push_lines(["a"], 1).unwrap();
        queue.close();
        assert!(queue.push_lines(["b"], 1).unwrap_err().to_string().contains("closed queue"));
        let ended = source.ended();
        tokio::pin!(ended);
        assert!(futures::poll!(&mut ended).is_pending());
        assert_eq!(batch(&source).await, [["a"]]);
        ended.await.unwrap();
    }

    #[tokio::test]
    async fn stopping_leaves_everything_to_the_next_batch() {
        let queue = Queue::new(lines::schema());
        let (source, _) = source(&queue, true, 1 << 20);
        source.start().await.unwrap();
        queue.push_lines(["a"], 1).unwrap();
        queue.push_lines(["b"], 1).unwrap();
        source.stop().await;
        assert_eq!(batch(&source).await, [["a"], ["b"]]);
        source.ended().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_pushed_fits_into_memory() {
        let queue = Queue::new(lines::schema());
        let (source, _) = source(&queue, true, 4096);
        source.start().await.unwrap();
        let error = queue.push_lines(["x".repeat(4096)], 1).unwrap_err().to_string();
        assert!(error.contains("blocks need") && queue.is_empty(), "{error}");
    }

    #[test]
    fn rows_are_json_objects_of_the_queues_columns() {
        let schema =
            Schema::new(vec![Field::new("word", DataType::Utf8, false), Field::new("count", DataType::Int64, true)]);
        let queue = Queue::new(Arc::new(schema));
        queue.push_rows(&[json!({"word": "to", "count": 2}), json!({"word": "be"})], 1).unwrap();
        let rows = queue.0.inner.lock().datasets[0].as_ref().unwrap()[0].rows.clone();
        assert_eq!(pretty_format_batches(&[rows]).unwrap().to_string().lines().nth(4), Some("| be   |       |"));
        assert!(queue.push_rows(&[json!({"word": 1})], 1).is_err());
        assert!(queue.push_rows(&[json!({"word": "a", "size": 1})], 1).is_err());
        assert!(queue.push_lines(["a"], 1).unwrap_err().to_string().contains("lines were pushed to a queue of"));
    }
}
