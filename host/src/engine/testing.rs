//! What the engine's tests share: engines with every plan through its bytes, rows by hand, and rows as text.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::physical_plan::ExecutionPlan;

use super::operators::{AggregateCalls, StateCalls, TransformCalls};
use super::{
    BlockStore, DatasetScanExec, DatasetStore, DeadLetters, Engine, EngineError, EngineOptions, Operators, Reports,
    Services,
};
use crate::clock::BatchTime;
use crate::memory::{MemoryBudget, Share};
use crate::plugin::{
    AggregateBinding, Digest, Limit, Limits, OnError, OperatorRef, PluginError, PluginErrorKind, Policy, Produced,
    Rejection, StateBinding, StateKind, StateOutcome, StateWork, Task, TaskReport, TransformBinding,
};
use crate::state::StateStore;

/// Operators written in Rust. `same` and `hold` pass rows on, at once or at the end; `odd` rejects rows with an odd `n`; `list` is an aggregate
/// that joins the values of `n` in the order in which it gets them. `frail` passes rows on, and traps in calls with an `n` that ends in 7, `frail-hold` does so
/// at the end; as an aggregate it is `list`, and keyed state `last`. `frail-merge` and `frail-finish` are `list`, too, and trap where one of several partials of a group, or any, has a 7 in it; `frail-rest` is `last`, and traps where a key without values has kept one that ends in 7. Their first `timeouts` calls run out of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fakes {
    /// Calls that are still to fail.
    pub timeouts: Arc<AtomicUsize>,
    /// Instances opened.
    pub opened: Arc<AtomicUsize>,
    /// Calls that did not fail.
    pub calls: Arc<AtomicUsize>,
}

impl Fakes {
    fn call(&self) -> Result<(), PluginError> {
        let left = |left: usize| left.checked_sub(1);
        match self.timeouts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left) {
            Ok(_) => Err(PluginErrorKind::Timeout { allowed: Duration::from_millis(1), limit: Limit::Time }.into()),
            Err(_) => {
                self.calls.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        }
    }

    fn opened(&self, operator: &OperatorRef) -> Fake {
        self.opened.fetch_add(1, Ordering::SeqCst);
        Fake { fakes: self.clone(), operator: operator.operator.clone(), held: Vec::new() }
    }
}

/// Traps where there is a number that ends in 7.
fn trap_at_7(numbers: &ArrayRef) -> Result<(), PluginError> {
    trap_where(numbers.as_primitive::<Int64Type>().values().iter().any(|n| n % 10 == 7))
}

fn has_7(list: &str) -> bool {
    list.split(',').any(|item| item == "7")
}

fn trap_where(is_there: bool) -> Result<(), PluginError> {
    match is_there {
        true => Err(PluginErrorKind::Trap { reason: "seven".to_owned(), message: None }.into()),
        false => Ok(()),
    }
}

/// An instance.
struct Fake {
    fakes: Fakes,
    operator: String,
    held: Vec<RecordBatch>,
}

impl Operators for Fakes {
    fn open_transform(
        &self,
        operator: &OperatorRef,
        _: &TransformBinding,
        _: &Task,
    ) -> Result<Box<dyn TransformCalls>, PluginError> {
        Ok(Box::new(self.opened(operator)))
    }

    fn open_aggregate(
        &self,
        operator: &OperatorRef,
        _: &AggregateBinding,
        _: &Task,
    ) -> Result<Box<dyn AggregateCalls>, PluginError> {
        Ok(Box::new(self.opened(operator)))
    }

    fn open_state(
        &self,
        operator: &OperatorRef,
        _: &StateBinding,
        _: &Task,
    ) -> Result<Box<dyn StateCalls>, PluginError> {
        Ok(Box::new(self.opened(operator)))
    }
}

/// `last` keeps the last value of a key, and `clear` removes all keys; both emit how many keys each call has.
impl StateCalls for Fake {
    fn update(&mut self, work: &StateWork) -> Result<StateOutcome, PluginError> {
        self.fakes.call()?;
        if self.operator == "frail" {
            trap_at_7(work.values.column(0))?;
        }
        if self.operator == "frail-rest" {
            let old = work.old.column(0).as_primitive::<Int64Type>().values();
            let values = |key: u32| {
                work.value_ends[key as usize] - key.checked_sub(1).map_or(0, |before| work.value_ends[before as usize])
            };
            trap_where(work.old_keys.iter().zip(old).any(|(key, n)| n % 10 == 7 && values(*key) == 0))?;
        }
        assert!(work.keys.num_rows() <= 65_536 && work.keys.num_rows() == work.value_ends.len());
        let starts = std::iter::once(0).chain(work.value_ends.iter().copied());
        let keys = (0_u32..).zip(starts.zip(&work.value_ends));
        let (state_keys, last): (Vec<u32>, Vec<u32>) =
            keys.filter(|(_, (start, end))| start < end).map(|(key, (_, end))| (key, end - 1)).unzip();
        let clears = self.operator == "clear";
        let rows = if clears { vec![] } else { last };
        let state = arrow::compute::take_record_batch(&work.values, &arrow::array::UInt32Array::from(rows)).unwrap();
        let schema = std::sync::Arc::new(arrow::datatypes::Schema::empty());
        let none = arrow::array::RecordBatchOptions::new().with_row_count(Some(0));
        Ok(StateOutcome {
            state,
            removed: if clears { work.old_keys.clone() } else { vec![] },
            state_keys: if clears { vec![] } else { state_keys },
            emitted: RecordBatch::try_new_with_options(schema, vec![], &none).unwrap(),
        })
    }

    fn report(self: Box<Self>) -> TaskReport {
        TaskReport::default()
    }
}

/// The binding of `last` and `clear`, whose keys are `word` and whose values are `n`.
pub(crate) fn last_binding() -> StateBinding {
    let of = |name: &str, data_type| Arc::new(Schema::new(vec![Field::new(name, data_type, false)]));
    StateBinding {
        kind: StateKind::UpdateStateByKey,
        key_order: vec![0],
        keys: of("word", DataType::Utf8),
        columns: vec![1],
        input: of("n", DataType::Int64),
        state: of("n", DataType::Int64),
        version: 1,
        output: Arc::new(Schema::empty()),
        timeout: None,
    }
}

impl TransformCalls for Fake {
    fn process(&mut self, rows: &RecordBatch) -> Result<Produced, PluginError> {
        self.fakes.call()?;
        match self.operator.as_str() {
            "frail" => {
                trap_at_7(rows.column(1))?;
                Ok(Produced { rows: rows.clone(), rejected: Vec::new(), ends: None })
            }
            "hold" | "frail-hold" => {
                self.held.push(rows.clone());
                Ok(Produced { rows: rows.slice(0, 0), rejected: Vec::new(), ends: None })
            }
            "odd" => {
                let odd: Vec<bool> =
                    rows.column(1).as_primitive::<Int64Type>().values().iter().map(|n| n % 2 != 0).collect();
                let even = odd.iter().map(|odd| Some(!odd)).collect();
                let rejected = odd.iter().enumerate().filter(|(_, odd)| **odd);
                let rejected =
                    rejected.map(|(row, _)| Rejection { row: row as u32, reason: "it is odd".into() }).collect();
                Ok(Produced { rows: filter_record_batch(rows, &even).unwrap(), rejected, ends: None })
            }
            _ => Ok(Produced { rows: rows.clone(), rejected: Vec::new(), ends: None }),
        }
    }

    fn finish(&mut self) -> Result<Option<RecordBatch>, PluginError> {
        if self.operator == "frail-hold" {
            self.held.iter().try_for_each(|rows| trap_at_7(rows.column(1)))?;
        }
        // One of those held at a time.
        Ok((!self.held.is_empty()).then(|| self.held.remove(0)))
    }

    fn report(self: Box<Self>) -> TaskReport {
        TaskReport { counters: [("finished".to_owned(), 1)].into(), ..Default::default() }
    }
}

impl Fake {
    fn joined(&self, partials: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch, PluginError> {
        self.fakes.call()?;
        assert!(partials.num_rows() == groups.len() && groups.len() <= 65_536);
        let mut joined = vec![String::new(); n_groups as usize];
        for (text, group) in partials.column(0).as_string::<i32>().iter().zip(groups) {
            let joined = &mut joined[*group as usize];
            *joined = [joined.as_str(), text.unwrap()].join(",");
        }
        assert!(joined.iter().all(|joined| !joined.is_empty()), "a group without rows");
        let joined = joined.iter().map(|joined| joined.trim_start_matches(','));
        Ok(lists(Arc::new(joined.map(Some).collect::<StringArray>())))
    }
}

impl AggregateCalls for Fake {
    fn partial(&mut self, values: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch, PluginError> {
        if self.operator == "frail" {
            trap_at_7(values.column(0))?;
        }
        let numbers = arrow::compute::cast(values.column(0), &DataType::Utf8).unwrap();
        self.joined(&lists(numbers), groups, n_groups)
    }

    fn merge(&mut self, partials: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch, PluginError> {
        if self.operator == "frail-merge" {
            let texts = partials.column(0).as_string::<i32>();
            let several = |group: &u32| groups.iter().filter(|other| *other == group).count() > 1;
            trap_where((0..groups.len()).any(|row| has_7(texts.value(row)) && several(&groups[row])))?;
        }
        self.joined(partials, groups, n_groups)
    }

    fn unmerge(
        &mut self,
        whole: &RecordBatch,
        partials: &RecordBatch,
        groups: &[u32],
    ) -> Result<RecordBatch, PluginError> {
        self.fakes.call()?;
        assert!(partials.num_rows() == groups.len() && groups.len() <= 65_536);
        let texts = |rows: &RecordBatch| -> Vec<String> {
            rows.column(0).as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect()
        };
        let mut whole: Vec<Vec<String>> =
            texts(whole).iter().map(|text| text.split(',').map(str::to_owned).collect()).collect();
        for (text, group) in texts(partials).iter().zip(groups) {
            let of_group = &mut whole[*group as usize];
            for item in text.split(',') {
                let found = of_group.iter().position(|one| one == item).expect("what is taken out was put in");
                of_group.remove(found);
            }
        }
        let whole = whole.into_iter().map(|items| Some(items.join(",")));
        Ok(lists(Arc::new(whole.collect::<StringArray>())))
    }

    fn finish(&mut self, partials: &RecordBatch) -> Result<RecordBatch, PluginError> {
        self.fakes.call()?;
        if self.operator == "frail-finish" {
            trap_where(partials.column(0).as_string::<i32>().iter().flatten().any(has_7))?;
        }
        Ok(partials.clone())
    }

    fn report(self: Box<Self>) -> TaskReport {
        TaskReport { counters: [("finished".to_owned(), 1)].into(), ..Default::default() }
    }
}

/// Rows of one column, `list`.
fn lists(column: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([("list", column, true)]).unwrap()
}

/// A fake operator of this name.
pub(crate) fn operator(name: &str, on_reject: Policy) -> OperatorRef {
    OperatorRef {
        plugin: "fakes".into(),
        operator: name.into(),
        digest: Digest([7; 32]),
        config: "{}".into(),
        limits: Limits::default(),
        on_reject,
        on_error: OnError::default(),
    }
}

/// The batch that tests run.
pub(crate) const BATCH: BatchTime = BatchTime(1000);

/// An engine with this much memory, in bytes.
pub(crate) fn engine_with(parallelism: usize, memory: u64) -> Engine {
    engine_of(parallelism, memory, Arc::new(Fakes::default()))
}

/// An engine whose plugins are these.
pub(crate) fn engine_of(parallelism: usize, memory: u64, plugins: Arc<dyn Operators>) -> Engine {
    let memory = MemoryBudget::new(memory);
    let services = Services {
        job: "test".into(),
        plugins,
        memory: memory.clone(),
        blocks: BlockStore::new(),
        offset_readers: Default::default(),
        datasets: DatasetStore::new(),
        state: StateStore::new(memory.clone()),
        dead_letters: DeadLetters::new(Default::default(), memory.clone()),
        reports: Reports::new(),
    };
    Engine::new(EngineOptions { roundtrip_plans: true, ..EngineOptions::new(parallelism, 128, services) }).unwrap()
}

/// An engine with memory to spare.
pub(crate) fn engine() -> Engine {
    engine_with(2, 1 << 30)
}

/// Rows of one column, `word`.
pub(crate) fn words(words: &[&str]) -> RecordBatch {
    let column: ArrayRef = Arc::new(StringArray::from(words.to_vec()));
    RecordBatch::try_from_iter([("word", column)]).unwrap()
}

/// Rows of two columns, `word` and `n`.
pub(crate) fn numbered(rows: &[(&str, i64)]) -> RecordBatch {
    let words: ArrayRef = Arc::new(rows.iter().map(|(word, _)| Some(*word)).collect::<StringArray>());
    let numbers: ArrayRef = Arc::new(rows.iter().map(|(_, n)| *n).collect::<Int64Array>());
    RecordBatch::try_from_iter([("word", words), ("n", numbers)]).unwrap()
}

/// A leaf over these partitions, each of some record batches, as the dataset of a stream.
pub(crate) fn dataset(engine: &Engine, stream: &str, partitions: Vec<Vec<RecordBatch>>) -> Arc<dyn ExecutionPlan> {
    let stream: Arc<str> = stream.into();
    let schema = partitions.iter().flatten().next().map(RecordBatch::schema).unwrap();
    let n_partitions = partitions.len();
    for (partition, rows) in partitions.into_iter().enumerate() {
        let reservation = engine.services().memory.try_reserve(Share::Engine, 0).unwrap();
        engine.services().datasets.insert(&stream, BATCH, partition as u32, rows, reservation);
    }
    Arc::new(DatasetScanExec::new(stream, BATCH, n_partitions, schema))
}

/// Run a plan; the rows of each partition.
pub(crate) async fn try_run(
    engine: &Engine,
    plan: Arc<dyn ExecutionPlan>,
) -> Result<Vec<Vec<RecordBatch>>, EngineError> {
    let stream = "tested".into();
    engine.run_partitions(plan, &stream, BATCH, 0, |_, rows| datafusion::physical_plan::common::collect(rows)).await
}

/// Run a plan; the rows of each partition as text, values separated by spaces.
pub(crate) async fn run(engine: &Engine, plan: Arc<dyn ExecutionPlan>) -> Vec<Vec<String>> {
    let partitions = try_run(engine, plan).await.unwrap();
    partitions.iter().map(|rows| rows.iter().flat_map(as_text).collect()).collect()
}

/// The rows of a record batch as text, values separated by spaces.
pub(crate) fn as_text(rows: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("null");
    let columns: Vec<_> =
        rows.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let row = |row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" ");
    (0..rows.num_rows()).map(row).collect()
}

/// Rows of all partitions, sorted.
pub(crate) fn sorted(partitions: Vec<Vec<String>>) -> Vec<String> {
    let mut rows: Vec<String> = partitions.into_iter().flatten().collect();
    rows.sort();
    rows
}
