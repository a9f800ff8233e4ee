//! Exchanges between partitions, in place of DataFusion's: they keep the number of partitions asked for, and the order of rows.
//!
//! An exchange reads its whole input before it gives anything out: source partitions are driven by tasks of their own, at most as many at a
//! time as the job's parallelism, and each output partition then gives its rows in the order (source partition, position). Rows wait in memory
//! that is reserved from the pool. Each output partition can be read once; the input is read once, when the first output partition is asked for.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use datafusion::common::{DataFusionError, Result, exec_datafusion_err, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::future::{BoxFuture, Shared};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::error::external;
use super::node;
use crate::state::key_group;

/// Record batches with fewer rows than this on average are put together before they are passed on.
const SMALL_ROWS: usize = 2048;

/// Which row goes where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeMode {
    /// Rows with the same key come together: a partition has a range of key groups.
    Keys {
        /// The key's columns, by index; see [`key_group`] for their types.
        columns: Vec<usize>,
        /// The job's number of key groups, at least 1.
        key_groups: u32,
    },
    /// As many rows in each partition as in the others, give or take one; all partitions one after the other are the input's one after the other.
    Even,
    /// All rows in one partition.
    Single,
}

/// Moves rows between partitions.
pub struct ExchangeExec {
    stream: Arc<str>,
    mode: ExchangeMode,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
    run: Mutex<Run>,
}

/// What has been asked for so far.
struct Run {
    gathered: Option<Gathered>,
    taken: Vec<bool>,
}

type Gathered = Shared<BoxFuture<'static, Result<Arc<Outputs>, Arc<DataFusionError>>>>;
type Outputs = Vec<Mutex<Vec<Waiting>>>;

/// Rows that wait to be read, and the memory reserved for them.
struct Waiting {
    rows: RecordBatch,
    bytes: usize,
    reserved: Arc<MemoryReservation>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.reserved.shrink(self.bytes);
    }
}

impl ExchangeExec {
    /// Make `partitions` of the rows of `input`, for the stream of that name. `Single` makes one whatever is asked for.
    ///
    /// # Errors
    /// For no partitions, and for key columns that are not there or can't be keys.
    pub fn try_new(
        stream: Arc<str>,
        input: Arc<dyn ExecutionPlan>,
        mode: ExchangeMode,
        partitions: usize,
    ) -> Result<Self> {
        let schema = input.schema();
        let partitions = if mode == ExchangeMode::Single { 1 } else { partitions };
        if partitions == 0 {
            return internal_err!("an exchange for stream \"{stream}\" into no partitions");
        }
        if let ExchangeMode::Keys { columns, key_groups } = &mode {
            if *key_groups == 0 {
                return internal_err!("an exchange for stream \"{stream}\" by no key groups");
            }
            for column in columns {
                let field = schema.fields().get(*column).ok_or_else(|| {
                    exec_datafusion_err!(
                        "an exchange for stream \"{stream}\" by column {column} of {}",
                        schema.fields().len()
                    )
                })?;
                key_group::check_key_type(field.data_type())
                    .map_err(|wrong| exec_datafusion_err!("key \"{}\": {wrong}", field.name()))?;
            }
        }
        let properties = node::properties(schema, partitions, EmissionType::Final);
        let run = Mutex::new(Run { gathered: None, taken: vec![false; partitions] });
        Ok(Self { stream, mode, input, properties, run })
    }

    /// The stream that rows are exchanged for.
    pub fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// Which row goes where.
    pub fn mode(&self) -> &ExchangeMode {
        &self.mode
    }

    /// The one who reads `partition` waits for this. When all partitions have been asked for, only their readers keep the input's tasks alive.
    fn gathered(&self, partition: usize, task: &Arc<TaskContext>) -> Result<Gathered> {
        let mut run = self.run.lock();
        match run.taken.get_mut(partition) {
            Some(taken @ false) => *taken = true,
            Some(true) => {
                return internal_err!(
                    "partition {partition} of an exchange for stream \"{}\" is read twice",
                    self.stream
                );
            }
            None => return internal_err!("partition {partition} of {} of an exchange", run.taken.len()),
        }
        let gathered = run.gathered.take().unwrap_or_else(|| {
            let gather = Gather {
                consumer: format!("exchange for stream \"{}\"", self.stream),
                mode: self.mode.clone(),
                input: self.input.clone(),
                outputs: run.taken.len(),
                task: task.clone(),
            };
            gather.run().map(|outputs| outputs.map(Arc::new).map_err(Arc::new)).boxed().shared()
        });
        if run.taken.contains(&false) {
            run.gathered = Some(gathered.clone());
        }
        Ok(gathered)
    }
}

impl fmt::Debug for ExchangeExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeExec").field("stream", &self.stream).field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl ExchangeExec {
    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let input = node::only_child("ExchangeExec", inputs)?;
        Self::try_new(self.stream.clone(), input, self.mode.clone(), node::partition_count(self))
    }
}

impl DisplayAs for ExchangeExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExchangeExec: mode={:?}, partitions={}", self.mode, node::partition_count(self))
    }
}

impl ExecutionPlan for ExchangeExec {
    node::inner!("ExchangeExec", |node| vec![&node.input]);

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let gathered = self.gathered(partition, &task)?;
        let rows = stream::once(async move {
            let outputs = gathered.await.map_err(DataFusionError::Shared)?;
            let waiting = std::mem::take(&mut *outputs[partition].lock());
            Ok::<_, DataFusionError>(stream::iter(waiting).map(|waiting| Ok(waiting.rows.clone())))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows.try_flatten())))
    }
}

/// One reading of the input.
struct Gather {
    consumer: String,
    mode: ExchangeMode,
    input: Arc<dyn ExecutionPlan>,
    outputs: usize,
    task: Arc<TaskContext>,
}

impl Gather {
    /// Drive all source partitions to their ends and sort their rows into outputs. Dropping this ends the tasks.
    async fn run(self) -> Result<Outputs> {
        let sources = node::partition_count(self.input.as_ref());
        let at_once = self.task.session_config().target_partitions().max(1);
        let reserved = Arc::new(MemoryConsumer::new(self.consumer.clone()).register(self.task.memory_pool()));
        let of_group = self.outputs_of_groups();
        let mut parts: Vec<Option<Vec<Vec<Waiting>>>> = (0..sources).map(|_| None).collect();
        let mut tasks = JoinSet::new();
        let mut next = 0;
        while next < sources || !tasks.is_empty() {
            while next < sources && tasks.len() < at_once {
                let source = Source {
                    rows: self.input.execute(next, self.task.clone())?,
                    mode: self.mode.clone(),
                    of_group: of_group.clone(),
                    outputs: if self.mode == ExchangeMode::Even { 1 } else { self.outputs },
                    reserved: reserved.clone(),
                    small_to: self.task.session_config().batch_size(),
                };
                let index = next;
                tasks.spawn(async move { source.split().await.map(|split| (index, split)) });
                next += 1;
            }
            if let Some(ended) = tasks.join_next().await {
                let (index, split) = ended.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))??;
                parts[index] = Some(split);
            }
        }
        let parts = parts.into_iter().flatten();
        Ok(match self.mode {
            ExchangeMode::Even => spread(parts.flatten().flatten().collect(), self.outputs),
            _ => transpose(parts, self.outputs),
        })
    }

    /// The output of each key group; nothing where rows don't go by key.
    fn outputs_of_groups(&self) -> Arc<[usize]> {
        let ExchangeMode::Keys { key_groups, .. } = self.mode else { return Arc::default() };
        let outputs = node::number(self.outputs);
        (0..key_groups).map(|group| key_group::partition_of(group, key_groups, outputs) as usize).collect()
    }
}

/// The rows of each output, in the order of sources.
fn transpose(parts: impl Iterator<Item = Vec<Vec<Waiting>>>, n_outputs: usize) -> Outputs {
    let mut outputs: Vec<Vec<Waiting>> = (0..n_outputs).map(|_| Vec::new()).collect();
    for part in parts {
        for (output, rows) in outputs.iter_mut().zip(part) {
            output.extend(rows);
        }
    }
    outputs.into_iter().map(Mutex::new).collect()
}

/// Cut all rows, in their order, into `n_outputs` runs as even as can be.
fn spread(all: Vec<Waiting>, n_outputs: usize) -> Outputs {
    let total: usize = all.iter().map(|waiting| waiting.rows.num_rows()).sum();
    let ends = (1..=n_outputs).map(|output| (total as u128 * output as u128 / n_outputs as u128) as usize);
    let mut all = all.into_iter().peekable();
    let mut at = 0;
    let mut used = 0;
    let mut outputs = Vec::with_capacity(n_outputs);
    for end in ends {
        let mut output = Vec::new();
        while at < end {
            let Some(whole) = all.peek_mut() else { break };
            let rows = whole.rows.num_rows();
            let length = (end - at).min(rows - used);
            at += length;
            let bytes = if used + length == rows {
                whole.bytes
            } else {
                (whole.bytes as u128 * length as u128 / rows as u128) as usize
            };
            // What the piece takes over of the reservation, the rest no longer gives back.
            whole.bytes -= bytes;
            output.push(Waiting { rows: whole.rows.slice(used, length), bytes, reserved: whole.reserved.clone() });
            used += length;
            if used == rows {
                all.next();
                used = 0;
            }
        }
        outputs.push(Mutex::new(output));
    }
    outputs
}

/// One source partition.
struct Source {
    rows: SendableRecordBatchStream,
    mode: ExchangeMode,
    of_group: Arc<[usize]>,
    outputs: usize,
    reserved: Arc<MemoryReservation>,
    small_to: usize,
}

impl Source {
    /// Read it to its end; its rows by output, in their order.
    async fn split(mut self) -> Result<Vec<Vec<Waiting>>> {
        let mut outputs: Vec<Vec<Waiting>> = (0..self.outputs).map(|_| Vec::new()).collect();
        while let Some(rows) = self.rows.next().await {
            self.sort_in(rows?, &mut outputs)?;
        }
        outputs.into_iter().map(|output| self.without_small(output)).collect()
    }

    fn sort_in(&self, rows: RecordBatch, outputs: &mut [Vec<Waiting>]) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let (ExchangeMode::Keys { columns, key_groups }, true) = (&self.mode, outputs.len() > 1) else {
            if let Some(first) = outputs.first_mut() {
                first.push(self.wait(rows)?);
            }
            return Ok(());
        };
        let keys: Vec<ArrayRef> = columns.iter().map(|column| rows.column(*column).clone()).collect();
        let hashes = key_group::key_hashes(&keys, rows.num_rows()).map_err(external)?;
        let (order, ends) = sorted_by(
            outputs.len(),
            hashes.iter().map(|hash| self.of_group[key_group::key_group(*hash, *key_groups) as usize]),
        );
        // One gather for all outputs; each gets a slice of it.
        let sorted = take_record_batch(&rows, &order)?;
        let mut start = 0;
        for (output, end) in outputs.iter_mut().zip(ends) {
            if end > start {
                output.push(self.wait(sorted.slice(start, end - start))?);
            }
            start = end;
        }
        Ok(())
    }

    /// Put small record batches together, so that what comes after isn't called for a few rows each.
    fn without_small(&self, output: Vec<Waiting>) -> Result<Vec<Waiting>> {
        let total: usize = output.iter().map(|waiting| waiting.rows.num_rows()).sum();
        if output.len() < 2 || total / output.len() >= SMALL_ROWS {
            return Ok(output);
        }
        let mut together = Vec::new();
        let mut run: Vec<Waiting> = Vec::new();
        let mut run_rows = 0;
        for waiting in output {
            if run_rows + waiting.rows.num_rows() > self.small_to && !run.is_empty() {
                together.push(self.joined(&run)?);
                run.clear();
                run_rows = 0;
            }
            run_rows += waiting.rows.num_rows();
            run.push(waiting);
        }
        together.push(self.joined(&run)?);
        Ok(together)
    }

    fn joined(&self, run: &[Waiting]) -> Result<Waiting> {
        let rows = concat_batches(&self.rows.schema(), run.iter().map(|waiting| &waiting.rows))?;
        self.wait(rows)
    }

    fn wait(&self, rows: RecordBatch) -> Result<Waiting> {
        let bytes = node::bytes_of(&rows);
        self.reserved.try_grow(bytes)?;
        Ok(Waiting { rows, bytes, reserved: self.reserved.clone() })
    }
}

/// The numbers of the rows sorted by output, rows of one output in their order; and where each output's rows end.
fn sorted_by(n_outputs: usize, of_rows: impl Iterator<Item = usize>) -> (UInt32Array, Vec<usize>) {
    let of_rows: Vec<usize> = of_rows.collect();
    let mut at = vec![0usize; n_outputs + 1];
    for output in &of_rows {
        at[*output + 1] += 1;
    }
    for output in 0..n_outputs {
        at[output + 1] += at[output];
    }
    let mut order = vec![0u32; of_rows.len()];
    for (row, output) in of_rows.iter().enumerate() {
        order[at[*output]] = node::number(row);
        at[*output] += 1;
    }
    at.truncate(n_outputs);
    (UInt32Array::from(order), at)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use datafusion::physical_plan::union::UnionExec;

    use super::*;
    use crate::engine::testing::{dataset, engine, engine_with, numbered, run, sorted, try_run};
    use crate::engine::{Engine, EngineError};

    fn by_word() -> ExchangeMode {
        ExchangeMode::Keys { columns: vec![0], key_groups: 128 }
    }

    fn exchange(input: &Arc<dyn ExecutionPlan>, mode: ExchangeMode, partitions: usize) -> Arc<dyn ExecutionPlan> {
        Arc::new(ExchangeExec::try_new("tested".into(), input.clone(), mode, partitions).unwrap())
    }

    /// `partitions` partitions of three record batches each; `n` ascends with (partition, position), the words repeat.
    fn ascending(engine: &Engine, partitions: usize, rows: usize) -> Arc<dyn ExecutionPlan> {
        let names: Vec<String> = (0..10).map(|word| format!("word {word}, which is longer than a view")).collect();
        let mut n = 0..;
        let mut rows = |_| {
            let rows: Vec<_> = n.by_ref().take(rows).map(|n| (names[n as usize * 7 % 10].as_str(), n)).collect();
            numbered(&rows)
        };
        dataset(engine, "ascending", (0..partitions).map(|_| (0..3).map(&mut rows).collect()).collect())
    }

    fn last_numbers(rows: &[String]) -> Vec<i64> {
        rows.iter().map(|row| row.rsplit(' ').next().unwrap().parse().unwrap()).collect()
    }

    /// DataFusion removes a repartition into 7 below what it thinks doesn't need it.
    #[tokio::test]
    async fn a_repartition_makes_what_was_asked_for_evenly_and_in_order() {
        let engine = engine();
        for (sources, rows, partitions) in [(5, 10, 7), (5, 1000, 2), (1, 1, 7), (7, 3, 1)] {
            let made = run(&engine, exchange(&ascending(&engine, sources, rows), ExchangeMode::Even, partitions)).await;
            assert_eq!(made.len(), partitions);
            let all: Vec<String> = made.iter().flatten().cloned().collect();
            assert_eq!(last_numbers(&all), (0..(sources * rows * 3) as i64).collect::<Vec<_>>());
            let sizes = made.iter().map(Vec::len);
            assert!(sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1);
        }
    }

    #[tokio::test]
    async fn a_keys_rows_come_together_in_the_order_of_source_and_position() {
        let engine = engine();
        for rows in [4, 5000] {
            let input = ascending(&engine, 5, rows);
            let all = sorted(run(&engine, input.clone()).await);
            for partitions in [1, 2, 7] {
                let first = run(&engine, exchange(&input, by_word(), partitions)).await;
                assert_eq!(first.len(), partitions);
                assert_eq!(sorted(first.clone()), all, "no row is lost or twice");
                let mut of_word = std::collections::HashMap::new();
                for (partition, rows) in first.iter().enumerate() {
                    assert!(last_numbers(rows).is_sorted(), "partition {partition} of {partitions}");
                    rows.iter().for_each(|row| {
                        assert_eq!(*of_word.entry(row[..6].to_owned()).or_insert(partition), partition)
                    });
                }
                for _ in 0..5 {
                    assert_eq!(run(&engine, exchange(&input, by_word(), partitions)).await, first);
                }
            }
        }
    }

    #[tokio::test]
    async fn a_union_has_its_inputs_partitions_one_after_the_other() {
        let engine = engine();
        let input = ascending(&engine, 3, 1);
        let union =
            UnionExec::try_new(vec![input.clone(), exchange(&input, ExchangeMode::Even, 2), input.clone()]).unwrap();
        let made: Vec<_> = run(&engine, union).await.iter().map(|rows| last_numbers(rows)).collect();
        let parts = [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7, 8]];
        let halves = [vec![0, 1, 2, 3], vec![4, 5, 6, 7, 8]];
        assert_eq!(made, [&parts[..], &halves, &parts].concat());
    }

    #[tokio::test]
    async fn too_many_rows_for_the_memory_are_an_error_that_names_stream_and_bytes() {
        let engine = engine_with(2, 200_000);
        let input = ascending(&engine, 4, 5000);
        for mode in [by_word(), ExchangeMode::Even, ExchangeMode::Single] {
            let error = try_run(&engine, exchange(&input, mode, 3)).await.unwrap_err().to_string();
            assert!(error.contains("exchange for stream \"tested\": engine need "), "{error}");
            assert!(error.contains("of the job's 200000 bytes"), "{error}");
            // Tasks that were ended give their memory back when they are dropped, which may be a moment later.
            let all = engine.services().memory.reserve(crate::memory::Share::Engine, 200_000);
            tokio::time::timeout(std::time::Duration::from_secs(30), all).await.unwrap().unwrap();
        }
        let stream = "kept".into();
        let error = engine.materialize(input, &stream, crate::engine::testing::BATCH, 0).await.unwrap_err();
        assert!(error.to_string().starts_with("stream \"kept\", batch 1000, partition "), "{error}");
        assert!(error.cause_of_type::<crate::memory::OverBudget>().is_some());
        engine.services().datasets.drop_batch(crate::engine::testing::BATCH);
        assert_eq!(engine.services().memory.used(), 0);
    }

    /// Runs with partitions of which the second fails while the first waits for ever; the tasks that still live.
    #[tokio::test]
    async fn the_first_error_ends_the_other_partitions() {
        struct Alive(Arc<AtomicUsize>);
        impl Drop for Alive {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let engine = engine();
        let alive = Arc::new(AtomicUsize::new(0));
        let count = alive.clone();
        let input = ascending(&engine, 5, 1);
        let result: Result<Vec<()>, EngineError> = engine
            .run_partitions(
                exchange(&input, by_word(), 3),
                &"tested".into(),
                crate::engine::testing::BATCH,
                2,
                move |partition, _| {
                    count.fetch_add(1, Ordering::SeqCst);
                    let alive = Alive(count.clone());
                    async move {
                        if partition == 1 {
                            return Err("this one fails");
                        }
                        std::future::pending::<()>().await;
                        drop(alive);
                        Ok(())
                    }
                },
            )
            .await;
        let error = result.unwrap_err();
        assert_eq!((error.partition, error.attempt), (Some(1), 2));
        assert_eq!(error.to_string(), "stream \"tested\", batch 1000, partition 1: this one fails");
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_an_output_is_read_once() {
        let engine = engine();
        let input = ascending(&engine, 2, 1);
        let stream = "tested".into();
        let result: Result<Vec<()>, _> = engine
            .run_partitions(input.clone(), &stream, crate::engine::testing::BATCH, 0, |_, _| async {
                panic!("a bug") as Result<(), &str>
            })
            .await;
        assert!(result.unwrap_err().to_string().contains("a bug"));
        let exchange = exchange(&input, by_word(), 2);
        let task = engine.task().clone();
        assert!(exchange.execute(0, task.clone()).is_ok());
        assert!(exchange.execute(0, task).err().unwrap().to_string().contains("read twice"));
    }
}
