//! The node that folds rows by key with a plugin's aggregate, in two steps with an exchange between them: see [`plugin_by_key`].
//!
//! The first step makes partials where the rows are; the second merges the partials of each key, in the order of source partitions, and
//! finishes them. When memory runs out, the first step passes on what it has and begins again; the second can't, and its error says so.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::fold::{Calls, Fold};
use super::{ExchangeExec, ExchangeMode, Services, Shuffle, node};
use crate::clock::BatchTime;
use crate::dstream::PlanContext;
use crate::plugin::{AggregateBinding, OperatorRef, Task};

/// Which half of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The stream's rows to keys and partials.
    Partial,
    /// Keys and partials to keys and partials, one for each key. The keys are the input's first columns, the partials the others.
    Merge,
    /// The same, where a key's first partial is kept from earlier batches: where others can't be merged with it and are left out, it stays.
    Extend,
    /// Keys and partials to keys and results. The keys are the input's first columns, the partials the others.
    Final,
}

/// One use of a plugin's aggregate in one batch.
#[derive(Debug, Clone)]
pub struct PluginAggregate {
    /// The operator.
    pub operator: OperatorRef,
    /// What it was bound to.
    pub binding: AggregateBinding,
    /// The stream's columns that it reads, by index, in the order of `binding.input`; see [`values_read`].
    pub values: Vec<usize>,
    /// The stream that it makes.
    pub stream: Arc<str>,
    /// The batch.
    pub batch: BatchTime,
    /// The batch's attempt.
    pub attempt: u32,
}

impl PluginAggregate {
    /// The use of an operator for the stream that is planned.
    pub(super) fn new(cx: &PlanContext<'_>, operator: &OperatorRef, binding: &AggregateBinding) -> Self {
        Self {
            operator: operator.clone(),
            binding: binding.clone(),
            values: binding.columns.clone(),
            stream: cx.stream.clone(),
            batch: cx.batch,
            attempt: cx.attempt,
        }
    }

    /// What a partition's calls are about.
    pub(crate) fn task(&self, services: &Services, partition: usize, partitions: usize) -> Task {
        Task {
            job: services.job.clone(),
            stream: self.stream.clone(),
            batch: self.batch,
            partition: node::number(partition),
            partitions: node::number(partitions),
            attempt: self.attempt,
            done: 0,
            logged: Default::default(),
        }
    }
}

/// Fold the rows of each key to one: the key's columns in the order of `keys`, then the operator's, in `shuffle.partitions`.
///
/// # Errors
/// For columns that can't be keys; the message names them.
pub fn plugin_by_key(
    aggregate: PluginAggregate,
    input: Arc<dyn ExecutionPlan>,
    keys: &[usize],
    shuffle: &Shuffle,
) -> Result<Arc<dyn ExecutionPlan>> {
    let of_partials = (0..keys.len()).collect::<Vec<_>>();
    let partial = PluginAggregateExec::try_new(aggregate.clone(), Step::Partial, keys.to_vec(), input)?;
    let exchange = shuffle.by_key(Arc::new(partial), of_partials.clone())?;
    Ok(Arc::new(PluginAggregateExec::try_new(aggregate, Step::Final, of_partials, exchange)?))
}

/// Fold all rows to one, in one partition; no row where there are none.
///
/// # Errors
/// When the partials and the operator's columns don't agree.
pub fn plugin_reduce(aggregate: PluginAggregate, input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let stream = aggregate.stream.clone();
    let partial = PluginAggregateExec::try_new(aggregate.clone(), Step::Partial, Vec::new(), input)?;
    let exchange = ExchangeExec::try_new(stream, Arc::new(partial), ExchangeMode::Single, 1)?;
    Ok(Arc::new(PluginAggregateExec::try_new(aggregate, Step::Final, Vec::new(), Arc::new(exchange))?))
}

/// The stream's columns that an aggregate reads which was offered those that are not keys.
pub fn values_read(binding: &AggregateBinding, input: &SchemaRef, keys: &[usize]) -> Vec<usize> {
    let offered: Vec<usize> = (0..input.fields().len()).filter(|idx| !keys.contains(idx)).collect();
    binding.columns.iter().filter_map(|column| offered.get(*column).copied()).collect()
}

/// The columns of [`plugin_by_key`], and of [`plugin_reduce`] without keys.
pub fn plugin_schema(binding: &AggregateBinding, input: &SchemaRef, keys: &[usize]) -> SchemaRef {
    with_keys(input, keys, &binding.output)
}

fn with_keys(input: &SchemaRef, keys: &[usize], values: &SchemaRef) -> SchemaRef {
    let keys = keys.iter().filter_map(|key| input.fields().get(*key));
    Arc::new(Schema::new(keys.chain(values.fields()).cloned().collect::<Vec<FieldRef>>()))
}

/// One step of a plugin's aggregate.
#[derive(Debug)]
pub struct PluginAggregateExec {
    aggregate: PluginAggregate,
    step: Step,
    keys: Vec<usize>,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl PluginAggregateExec {
    /// A step over `input`, whose columns `keys` are the key.
    ///
    /// # Errors
    /// When `input` has not the columns that the step takes.
    pub fn try_new(
        aggregate: PluginAggregate,
        step: Step,
        keys: Vec<usize>,
        input: Arc<dyn ExecutionPlan>,
    ) -> Result<Self> {
        let columns = input.schema();
        let expected = keys.len() + aggregate.binding.partial.fields().len();
        let read = keys.iter().chain(if step == Step::Partial { &aggregate.values[..] } else { &[] });
        if let Some(column) = read.into_iter().find(|column| **column >= columns.fields().len()) {
            return internal_err!("column {column} of {}", columns.fields().len());
        }
        if aggregate.values.len() != aggregate.binding.input.fields().len() {
            return internal_err!(
                "{} columns for an aggregate of {}",
                aggregate.values.len(),
                aggregate.binding.input.fields().len()
            );
        }
        if step != Step::Partial && columns.fields().len() != expected {
            return internal_err!("{} columns of partials, not {expected}", columns.fields().len());
        }
        let values = if step == Step::Final { &aggregate.binding.output } else { &aggregate.binding.partial };
        let schema = with_keys(&columns, &keys, values);
        let properties = node::properties(schema, node::partition_count(input.as_ref()), EmissionType::Final);
        Ok(Self { aggregate, step, keys, input, properties })
    }

    /// The use of the operator.
    pub fn aggregate(&self) -> &PluginAggregate {
        &self.aggregate
    }

    /// Which half it is.
    pub fn step(&self) -> Step {
        self.step
    }

    /// The key's columns in the input.
    pub fn keys(&self) -> &[usize] {
        &self.keys
    }

    fn fold(&self, partition: usize, services: Arc<Services>) -> Result<Fold> {
        let PluginAggregate { operator, binding, .. } = &self.aggregate;
        let task = self.aggregate.task(&services, partition, node::partition_count(self));
        let keys: Vec<Field> = self.keys.iter().map(|key| self.input.schema().field(*key).clone()).collect();
        Fold::try_new(self.step, &keys, Calls::new(operator, binding, task, services))
    }
}

impl PluginAggregateExec {
    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let input = node::only_child("PluginAggregateExec", inputs)?;
        Self::try_new(self.aggregate.clone(), self.step, self.keys.clone(), input)
    }
}

impl DisplayAs for PluginAggregateExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OperatorRef { plugin, operator, .. } = &self.aggregate.operator;
        write!(
            f,
            "PluginAggregateExec: step={:?}, stream={}, operator={plugin}/{operator}",
            self.step, self.aggregate.stream
        )
    }
}

impl ExecutionPlan for PluginAggregateExec {
    node::inner!("PluginAggregateExec", |node| vec![&node.input]);

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let services = Services::of(&task)?;
        let consumer = format!("plugin aggregate of stream \"{}\"", self.aggregate.stream);
        let work = Work {
            step: self.step,
            keys: self.keys.clone(),
            values: match self.step {
                Step::Partial => self.aggregate.values.clone(),
                Step::Merge | Step::Extend | Step::Final => {
                    (self.keys.len()..self.input.schema().fields().len()).collect()
                }
            },
            schema: self.schema(),
            batch: (self.aggregate.batch, self.aggregate.attempt),
            reservation: MemoryConsumer::new(consumer).register(task.memory_pool()),
            fold: self.fold(partition, services)?,
            rows: self.input.execute(partition, task)?.fuse(),
        };
        let made = stream::try_unfold(Some(work), |work| async move {
            let Some(work) = work else { return Ok::<_, DataFusionError>(None) };
            let (rows, work) = work.next().await?;
            Ok(Some((stream::iter(rows.into_iter().map(Ok)), work)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), made.try_flatten())))
    }
}

/// A partition being folded.
struct Work {
    step: Step,
    keys: Vec<usize>,
    /// The columns that go to the operator.
    values: Vec<usize>,
    schema: SchemaRef,
    batch: (BatchTime, u32),
    reservation: MemoryReservation,
    fold: Fold,
    rows: stream::Fuse<SendableRecordBatchStream>,
}

impl Work {
    /// The next rows made, and the rest of the work, if any.
    async fn next(mut self) -> Result<(Vec<RecordBatch>, Option<Self>)> {
        while let Some(rows) = self.rows.next().await.transpose()? {
            self.push(rows)?;
            if let Err(over) = self.reservation.try_resize(self.fold.size()) {
                if self.step != Step::Partial || self.fold.n_groups() == 0 {
                    return Err(over);
                }
                let made = self.fold.take_partials(&self.schema)?;
                self.reservation.resize(self.fold.size());
                return Ok((made, Some(self)));
            }
        }
        let made = match self.step {
            Step::Partial | Step::Merge | Step::Extend => self.fold.take_partials(&self.schema)?,
            Step::Final => self.fold.take_results(&self.schema)?,
        };
        self.fold.into_calls().tell(self.batch.0, self.batch.1);
        Ok((made, None))
    }

    fn push(&mut self, rows: RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let keys: Vec<ArrayRef> = self.keys.iter().map(|key| rows.column(*key).clone()).collect();
        let values = rows.project(&self.values)?;
        match self.step {
            Step::Partial => self.fold.push_rows(&keys, values),
            Step::Merge | Step::Extend | Step::Final => self.fold.push_partials(&keys, values),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use arrow::array::Float64Array;
    use arrow::datatypes::DataType;

    use super::*;
    use crate::engine::Engine;
    use crate::engine::testing::{BATCH, Fakes, dataset, engine_of, numbered, operator, run, sorted, try_run};
    use crate::plugin::{OnError, Policy};

    fn with(fakes: &Fakes, memory: u64) -> Engine {
        engine_of(2, memory, Arc::new(fakes.clone()))
    }

    fn lists(input: &SchemaRef) -> PluginAggregate {
        let list: SchemaRef = Arc::new(Schema::new(vec![Field::new("list", DataType::Utf8, true)]));
        let binding = AggregateBinding {
            columns: vec![0],
            input: Arc::new(input.project(&[1]).unwrap()),
            partial: list.clone(),
            partial_version: 1,
            output: list,
            invertible: false,
        };
        let values = values_read(&binding, input, &[0]);
        PluginAggregate {
            operator: operator("list", Policy::Fail),
            binding,
            values,
            stream: "lists".into(),
            batch: BATCH,
            attempt: 0,
        }
    }

    fn by_word(input: &Arc<dyn ExecutionPlan>, partitions: usize) -> Arc<dyn ExecutionPlan> {
        let shuffle = Shuffle { stream: "lists".into(), partitions, key_groups: 128 };
        plugin_by_key(lists(&input.schema()), input.clone(), &[0], &shuffle).unwrap()
    }

    /// `n` ascends over all partitions; each key has some rows in each.
    fn input(engine: &Engine, rows: i64) -> Arc<dyn ExecutionPlan> {
        let words = ["a", "b", "c"];
        let partition =
            |from: i64| vec![numbered(&(from..from + rows).map(|n| (words[n as usize % 3], n)).collect::<Vec<_>>())];
        dataset(engine, "rows", (0..3).map(|idx| partition(idx * rows)).collect())
    }

    fn expected(rows: i64) -> Vec<String> {
        let list =
            |key: i64| (0..3 * rows).filter(|n| n % 3 == key).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        ["a", "b", "c"].iter().zip(0..).map(|(word, key)| format!("{word} {}", list(key))).collect()
    }

    /// DataFusion's exchange would mix the partitions' partials.
    #[tokio::test]
    async fn a_keys_values_come_in_the_order_of_source_and_position() {
        let engine = with(&Fakes::default(), 1 << 30);
        for rows in [5, 3_000] {
            let input = input(&engine, rows);
            for partitions in [1, 2, 7] {
                let first = run(&engine, by_word(&input, partitions)).await;
                assert_eq!(first.len(), partitions);
                assert_eq!(sorted(first.clone()), expected(rows));
                for _ in 0..5 {
                    assert_eq!(run(&engine, by_word(&input, partitions)).await, first);
                }
            }
            let whole = run(&engine, plugin_reduce(lists(&input.schema()), input).unwrap()).await;
            let all: Vec<_> = (0..3 * rows).map(|n| n.to_string()).collect();
            assert_eq!(whole, [[all.join(",")]]);
        }
    }

    #[tokio::test]
    async fn no_rows_make_no_row_and_no_call() {
        let fakes = Fakes::default();
        let engine = with(&fakes, 1 << 30);
        let empty = input(&engine, 0);
        assert_eq!(run(&engine, by_word(&empty, 2)).await, [[""; 0]; 2]);
        assert_eq!(run(&engine, plugin_reduce(lists(&empty.schema()), empty).unwrap()).await, [[""; 0]]);
        assert_eq!(fakes.opened.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn more_keys_than_fit_a_call_are_merged_in_several() {
        let fakes = Fakes::default();
        let engine = with(&fakes, 1 << 30);
        let words: Vec<String> = (0..70_000).map(|key| format!("key {key}")).collect();
        let rows = || vec![numbered(&words.iter().zip(0..).map(|(word, n)| (word.as_str(), n)).collect::<Vec<_>>()); 2];
        let input = dataset(&engine, "many", vec![rows(), rows(), rows()]);
        let made = sorted(run(&engine, by_word(&input, 1)).await);
        let mut all: Vec<_> = (0..70_000).map(|n| format!("key {n} {n},{n},{n},{n},{n},{n}")).collect();
        all.sort();
        assert!(made == all, "{} keys, such as {:?}", made.len(), made.first());
    }

    #[tokio::test]
    async fn a_timeout_is_tried_again_since_nothing_is_held_in_the_guest() {
        let fakes = Fakes::default();
        let engine = with(&fakes, 1 << 30);
        let input = input(&engine, 2);
        fakes.timeouts.store(4, Ordering::SeqCst);
        assert_eq!(sorted(run(&engine, by_word(&input, 2)).await), expected(2));
        let report = engine.services().reports.take(BATCH, 0).operators.into_values().next().unwrap();
        assert_eq!((report.retries, report.rows_in, report.rows_out), (4, 6, 3));
        fakes.timeouts.store(100, Ordering::SeqCst);
        assert!(!try_run(&engine, by_word(&input, 2)).await.unwrap_err().is_retriable());
    }

    #[tokio::test]
    async fn without_memory_the_first_step_passes_on_early_and_the_last_fails_clearly() {
        let engine = with(&Fakes::default(), 600_000);
        let words: Vec<String> = (0..5_000).map(|key| format!("key {key}")).collect();
        let rows = numbered(&words.iter().zip(0..).map(|(word, n)| (word.as_str(), n)).collect::<Vec<_>>());
        let input = dataset(&engine, "many", vec![vec![rows; 10]]);
        let first =
            PluginAggregateExec::try_new(lists(&input.schema()), Step::Partial, vec![0], input.clone()).unwrap();
        let made = run(&engine, Arc::new(first)).await.remove(0);
        let values: usize = made.iter().map(|row| row.rsplit(' ').next().unwrap().split(',').count()).sum();
        assert!(made.len() > 5_000 && values == 50_000, "{} partials of {values} rows", made.len());
        let error = try_run(&engine, by_word(&input, 1)).await.unwrap_err().to_string();
        assert!(error.contains("stream \"lists\": engine need ") && error.contains("600000 bytes"), "{error}");
        assert_eq!(engine.services().memory.used(), 0);
    }

    #[tokio::test]
    async fn zeros_and_nans_are_one_key_each() {
        let engine = with(&Fakes::default(), 1 << 30);
        let keys: ArrayRef = Arc::new(Float64Array::from(vec![0.0, f64::NAN, -0.0, -f64::NAN]));
        let numbers: ArrayRef = Arc::new(arrow::array::Int64Array::from(vec![1, 2, 3, 4]));
        let rows = RecordBatch::try_from_iter([("key", keys), ("n", numbers)]).unwrap();
        let input = dataset(&engine, "floats", vec![vec![rows]]);
        assert_eq!(sorted(run(&engine, by_word(&input, 2)).await), ["0.0 1,3", "NaN 2,4"]);
    }

    #[tokio::test]
    async fn rows_at_which_an_aggregate_fails_are_left_out_and_the_rest_of_their_keys_is_folded() {
        let fakes = Fakes::default();
        let engine = with(&fakes, 1 << 30);
        // All rows of "guilty" are left out, and some of the others'.
        let rows: Vec<_> = (0..1_000)
            .map(|n| (if n % 10 == 7 && n > 500 { "guilty" } else { ["a", "b"][n as usize % 2] }, n))
            .collect();
        let input =
            dataset(&engine, "rows", vec![rows.chunks(300).map(numbered).collect(), vec![numbered(&[("b", 1_000)])]]);
        let frail = |keyed: bool| {
            let mut of = lists(&input.schema());
            of.operator.on_error = OnError::then(Policy::DeadLetter);
            of.operator.operator = "frail".to_owned();
            let shuffle = Shuffle { stream: "lists".into(), partitions: 2, key_groups: 128 };
            match keyed {
                true => plugin_by_key(of, input.clone(), &[0], &shuffle).unwrap(),
                false => plugin_reduce(of, input.clone()).unwrap(),
            }
        };
        let list = |parity: Option<i64>| {
            let good = (0..=1_000).filter(|n| n % 10 != 7 && parity.is_none_or(|parity| n % 2 == parity));
            good.map(|n| n.to_string()).collect::<Vec<_>>().join(",")
        };
        let made = sorted(run(&engine, frail(true)).await);
        assert_eq!(
            made,
            [format!("a {}", list(Some(0)).trim_end_matches(",1000")), format!("b {},1000", list(Some(1)))]
        );
        let report = engine.services().reports.take(BATCH, 0).operators.into_values().next().unwrap();
        assert_eq!((report.failed, report.dead_letters, report.rows_in), (100, 100, 1_001));
        let (letters, _) = engine.services().dead_letters.take(BATCH, 0).unwrap();
        assert_eq!(
            letters.iter().map(|letter| letter.row).collect::<Vec<_>>(),
            (7..1_000).step_by(10).collect::<Vec<_>>()
        );
        assert_eq!(letters[99].data, r#"{"n":997,"word":"guilty"}"#);
        assert_eq!(run(&engine, frail(false)).await, [[list(None)]]);
    }

    /// What a step makes of partitions of keys and partials, the letters written, and how many keys were left out.
    async fn left_out(
        operator: &str,
        step: Step,
        rows: &[&[(&str, &str)]],
    ) -> (Vec<String>, Vec<(u64, String)>, (u64, u64)) {
        let engine = with(&Fakes::default(), 1 << 30);
        let partials = |rows: &[(&str, &str)]| {
            let keys: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.0)).collect::<arrow::array::StringArray>());
            let lists: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.1)).collect::<arrow::array::StringArray>());
            RecordBatch::try_from_iter_with_nullable([("word", keys, false), ("list", lists, true)]).unwrap()
        };
        let input = dataset(&engine, "partials", vec![rows.iter().map(|rows| partials(rows)).collect()]);
        let mut of = lists(&numbered(&[]).schema());
        of.operator.on_error = OnError::then(Policy::DeadLetter);
        of.operator.operator = operator.to_owned();
        let plan = PluginAggregateExec::try_new(of, step, vec![0], input).unwrap();
        let made = run(&engine, Arc::new(plan)).await.remove(0);
        let report = engine.services().reports.take(BATCH, 0).operators.into_values().next().unwrap();
        let letters = engine.services().dead_letters.take(BATCH, 0).map(|(letters, _)| letters).unwrap_or_default();
        let letters = letters.into_iter().map(|letter| (letter.row, letter.data)).collect();
        (made, letters, (report.failed, report.dead_letters))
    }

    #[tokio::test]
    async fn a_key_whose_partials_can_not_be_merged_is_left_out_whole() {
        let rows: &[&[(&str, &str)]] =
            &[&[("a", "1"), ("b", "2"), ("c", "3"), ("b", "7")], &[("d", "7"), ("b", "5"), ("a", "4"), ("a", "6")]];
        let whole = r##"{"#partials":[{"list":"2"},{"list":"7"},{"list":"5"}],"word":"b"}"##;
        for (step, made) in [(Step::Final, vec!["a 1,4,6", "c 3", "d 7"]), (Step::Merge, vec!["a 1,4,6", "c 3", "d 7"])]
        {
            let (found, letters, counted) = left_out("frail-merge", step, rows).await;
            assert_eq!(
                (found, letters, counted),
                (made.into_iter().map(str::to_owned).collect(), vec![(1, whole.to_owned())], (1, 1))
            );
        }
        // What was kept of earlier batches is the first, and stays.
        let (found, letters, _) = left_out("frail-merge", Step::Extend, rows).await;
        assert_eq!(found, ["a 1,4,6", "b 2", "c 3", "d 7"]);
        assert_eq!(letters, [(1, r##"{"#partials":[{"list":"7"},{"list":"5"}],"word":"b"}"##.to_owned())]);
    }

    #[tokio::test]
    async fn a_key_whose_partial_can_not_be_finished_is_left_out() {
        let rows: Vec<(String, String)> = (0..100).map(|n| (format!("k{n}"), format!("{}", n % 50))).collect();
        let rows: Vec<(&str, &str)> = rows.iter().map(|(key, list)| (key.as_str(), list.as_str())).collect();
        let (found, letters, counted) = left_out("frail-finish", Step::Final, &[&rows]).await;
        assert_eq!((found.len(), counted), (98, (2, 2)));
        assert!(!found.iter().any(|row| row.ends_with(" 7")));
        assert_eq!(
            letters,
            [
                (7, r##"{"#partials":[{"list":"7"}],"word":"k7"}"##.to_owned()),
                (57, r##"{"#partials":[{"list":"7"}],"word":"k57"}"##.to_owned())
            ]
        );
    }

    #[tokio::test]
    async fn where_rows_are_partials_that_can_not_be_merged_are_passed_on() {
        let engine = with(&Fakes::default(), 1 << 30);
        // More rows than fit a call, so that keys have partials of several calls.
        let rows: Vec<(&str, i64)> = (0..150_000).map(|n| (["a", "b"][n as usize % 2], n)).collect();
        let input = dataset(&engine, "rows", vec![rows.chunks(50_000).map(numbered).collect()]);
        let mut of = lists(&input.schema());
        of.operator.on_error = OnError::then(Policy::Skip);
        of.operator.operator = "frail-merge".to_owned();
        let first = PluginAggregateExec::try_new(of.clone(), Step::Partial, vec![0], input.clone()).unwrap();
        let made = run(&engine, Arc::new(first)).await.remove(0);
        let of_key = |key: &str| made.iter().filter(|row| row.starts_with(key)).count();
        assert!(of_key("a") == 1 && of_key("b") > 1, "{} and {} partials", of_key("a"), of_key("b"));
        let shuffle = Shuffle { stream: "lists".into(), partitions: 2, key_groups: 128 };
        let made = sorted(run(&engine, plugin_by_key(of, input, &[0], &shuffle).unwrap()).await);
        assert!(made.len() == 1 && made[0].starts_with("a 0,2,4,"), "{} keys", made.len());
    }
}
