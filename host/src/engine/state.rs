//! The node that works on keyed state: update-state-by-key and map-with-state.
//!
//! Its input is exchanged by key group, and so is the initial state, where there is some and the stream has not begun. A task owns all key groups of its
//! partition, with rows or without. It reads its input to the end, looks the keys up, calls the operator for them and stages what becomes of their state; see
//! [`super::state_task`]. It must run once in an attempt at a batch: the stream that it makes is materialized.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::error::external;
use super::reports::OperatorReport;
use super::state_builtin::BuiltInUpdate;
use super::state_task::{Keeper, StateTaskWork};
use super::{Services, Shuffle, node};
use crate::clock::BatchTime;
use crate::plugin::{OnError, OperatorRef, StateBinding, StateKind, Task};
use crate::state::{StateSpec, StateTimes};

/// What works on the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateOperator {
    /// A plugin's operator.
    Plugin(Box<OperatorRef>),
    /// One of the host's own.
    BuiltIn(BuiltInUpdate),
    /// The host's own that emits the first value of each key, and keeps that it was seen.
    First,
}

impl StateOperator {
    /// What is done about calls in which it fails.
    pub(super) fn on_error(&self) -> OnError {
        match self {
            Self::Plugin(operator) => operator.on_error,
            Self::BuiltIn(_) | Self::First => OnError::default(),
        }
    }
}

impl fmt::Display for StateOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateOperator::Plugin(operator) => write!(f, "\"{}/{}\"", operator.plugin, operator.operator),
            StateOperator::BuiltIn(function) => write!(f, "\"{}\"", function.name()),
            StateOperator::First => f.write_str("drop-duplicates"),
        }
    }
}

/// What a stateful stream is made with, in any batch.
#[derive(Debug, Clone)]
pub struct Stateful {
    /// What works on the state.
    pub operator: StateOperator,
    /// What it was bound to.
    pub binding: StateBinding,
    /// The key's columns in the input, in the job's order.
    pub keys: Vec<usize>,
    /// The columns of the input that it reads, in the order of `binding.input`.
    pub values: Vec<usize>,
    /// How long a key may rest before it times out, in milliseconds.
    pub timeout_ms: Option<i64>,
    /// How long a key may rest before it is removed without a call, in milliseconds.
    pub time_to_live_ms: Option<i64>,
    /// The most bytes that keys and state may take.
    pub state_size: Option<u64>,
}

impl Stateful {
    /// The columns of a key, in the job's order and the types that cross to plugins.
    pub fn key_schema(&self) -> SchemaRef {
        let mut fields: Vec<Option<FieldRef>> = vec![None; self.keys.len()];
        for (field, place) in self.binding.keys.fields().iter().zip(&self.binding.key_order) {
            if let Some(place) = fields.get_mut(*place) {
                *place = Some(field.clone());
            }
        }
        Arc::new(Schema::new(fields.into_iter().flatten().collect::<Vec<FieldRef>>()))
    }

    /// What is kept, where there are so many key groups.
    pub fn spec(&self, key_groups: u32) -> StateSpec {
        StateSpec {
            operator: self.operator.to_string(),
            keys: self.key_schema(),
            state: self.binding.state.clone(),
            version: self.binding.version,
            key_groups,
            bound: self.state_size,
            rest_ms: self.timeout_ms.or(self.time_to_live_ms),
        }
    }

    /// The columns of the stream.
    pub fn output(&self) -> SchemaRef {
        match self.binding.kind {
            StateKind::UpdateStateByKey => self.spec(1).columns(),
            StateKind::MapWithState => self.binding.output.clone(),
        }
    }
}

/// A stateful stream in one batch.
#[derive(Debug, Clone)]
pub struct StateUse {
    /// What it is made with.
    pub stateful: Arc<Stateful>,
    /// The stream that it makes.
    pub stream: Arc<str>,
    /// The job's number of key groups.
    pub key_groups: u32,
    /// The batch.
    pub batch: BatchTime,
    /// The batch's attempt.
    pub attempt: u32,
    /// By which times keys are forgotten; none: by batch time.
    pub times: Option<StateTimes>,
}

/// The stream's rows in a batch: `input` exchanged by key, and `initial` if the stream has not begun. The columns of that are the key's and the state's; and, where there is one more, how long each key has rested, in
/// milliseconds as `int64`.
///
/// # Errors
/// For columns that can't be keys; the message names them.
pub fn stateful(
    of: StateUse,
    input: Arc<dyn ExecutionPlan>,
    initial: Option<Arc<dyn ExecutionPlan>>,
    shuffle: &Shuffle,
) -> Result<Arc<dyn ExecutionPlan>> {
    let n_keys = of.stateful.keys.len();
    let input = shuffle.by_key(input, of.stateful.keys.clone())?;
    let initial = initial.map(|initial| shuffle.by_key(initial, (0..n_keys).collect())).transpose()?;
    Ok(Arc::new(StateExec::try_new(of, input, initial)?))
}

/// Works on keyed state.
#[derive(Debug)]
pub struct StateExec {
    of: StateUse,
    input: Arc<dyn ExecutionPlan>,
    initial: Option<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl StateExec {
    /// Over `input`, and `initial` in the same partitions.
    ///
    /// # Errors
    /// When the inputs have not the columns that were agreed on.
    pub fn try_new(
        of: StateUse,
        input: Arc<dyn ExecutionPlan>,
        initial: Option<Arc<dyn ExecutionPlan>>,
    ) -> Result<Self> {
        let (columns, stateful) = (input.schema(), &of.stateful);
        let read = stateful.keys.iter().chain(&stateful.values);
        if let Some(column) = read.into_iter().find(|column| **column >= columns.fields().len()) {
            return internal_err!("column {column} of {}", columns.fields().len());
        }
        let (n_values, n_bound) = (stateful.values.len(), stateful.binding.input.fields().len());
        if n_values != n_bound || stateful.keys.len() != stateful.key_schema().fields().len() {
            return internal_err!("{n_values} columns for a state operator of {n_bound}");
        }
        let partitions = node::partition_count(input.as_ref());
        if let Some(initial) = &initial {
            let (n_given, n_kept) = (initial.schema().fields().len(), stateful.spec(1).columns().fields().len());
            if node::partition_count(initial.as_ref()) != partitions || !(n_kept..=n_kept + 1).contains(&n_given) {
                return internal_err!("initial state of {n_given} columns for {n_kept}, or in other partitions");
            }
        }
        let properties = node::properties(stateful.output(), partitions, EmissionType::Both);
        Ok(Self { of, input, initial, properties })
    }

    /// The stream, and how it is made.
    pub fn state_use(&self) -> &StateUse {
        &self.of
    }
}

impl StateExec {
    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        Self::over(self.of.clone(), &inputs)
    }
}

impl DisplayAs for StateExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StateUse { stateful, stream, .. } = &self.of;
        write!(f, "StateExec: kind={}, stream={stream}, operator={}", stateful.binding.kind.name(), stateful.operator)
    }
}

impl ExecutionPlan for StateExec {
    node::inner!("StateExec", |node| std::iter::once(&node.input).chain(&node.initial).collect());

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let services = Services::of(&task)?;
        let StateUse { stateful, stream, key_groups, batch, attempt, times } = self.of.clone();
        let state = services.state.open(&stream, &stateful.spec(key_groups)).map_err(external)?;
        let guest_task = Task {
            job: services.job.clone(),
            stream: stream.clone(),
            batch,
            partition: node::number(partition),
            partitions: node::number(node::partition_count(self)),
            attempt,
            done: 0,
            logged: Default::default(),
        };
        let consumer = format!("state of stream \"{stream}\"");
        let reservation = MemoryConsumer::new(consumer).register(task.memory_pool());
        let initial = self.initial.as_ref().map(|initial| initial.execute(partition, task.clone())).transpose()?;
        let rows = self.input.execute(partition, task)?;
        let keeper = Keeper {
            stateful,
            state,
            batch_attempt: attempt,
            times,
            task: guest_task,
            services,
            instance: None,
            report: OperatorReport::default(),
        };
        let made = stream::once(async move {
            let work = StateTaskWork::read(keeper, reservation, rows, initial).await?;
            Ok::<_, DataFusionError>(stream::try_unfold(work, |mut work| async move {
                Ok(work.next()?.map(|rows| (rows, work)))
            }))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), made.try_flatten())))
    }
}

impl StateExec {
    /// The node over one input, or over it and initial state.
    ///
    /// # Errors
    /// As [`StateExec::try_new`].
    pub fn over(of: StateUse, inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Self> {
        match inputs {
            [input] => Self::try_new(of, input.clone(), None),
            [input, initial] => Self::try_new(of, input.clone(), Some(initial.clone())),
            others => internal_err!("StateExec takes one input or two and was given {}", others.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::engine::Engine;
    use crate::engine::testing::{
        BATCH, Fakes, dataset, engine_of, last_binding, numbered, operator, run, sorted, try_run,
    };
    use crate::plugin::Policy;

    fn last(engine: &Engine, attempt: u32, rows: &[&[(&str, i64)]], partitions: usize) -> Arc<dyn ExecutionPlan> {
        let input = dataset(engine, "rows", rows.iter().map(|rows| vec![numbered(rows)]).collect());
        of_operator("last", attempt, input, partitions)
    }

    fn of_operator(
        name: &str,
        attempt: u32,
        input: Arc<dyn ExecutionPlan>,
        partitions: usize,
    ) -> Arc<dyn ExecutionPlan> {
        of_operator_ref(operator(name, Policy::Fail), attempt, input, partitions)
    }

    fn of_operator_ref(
        operator: OperatorRef,
        attempt: u32,
        input: Arc<dyn ExecutionPlan>,
        partitions: usize,
    ) -> Arc<dyn ExecutionPlan> {
        let made_with = Stateful {
            operator: StateOperator::Plugin(Box::new(operator)),
            binding: last_binding(),
            keys: vec![0],
            values: vec![1],
            timeout_ms: None,
            time_to_live_ms: None,
            state_size: None,
        };
        let shuffle = Shuffle { stream: "lasts".into(), partitions, key_groups: 128 };
        let of = StateUse {
            stateful: Arc::new(made_with),
            stream: "lasts".into(),
            key_groups: 128,
            batch: BATCH,
            attempt,
            times: None,
        };
        stateful(of, input, None, &shuffle).unwrap()
    }

    fn commit(engine: &Engine, attempt: u32) {
        let parts = engine.services().state.commit(BATCH, attempt);
        parts.into_iter().for_each(|part| part.apply().unwrap());
    }

    #[tokio::test]
    async fn only_what_is_committed_is_there_for_the_next_batch() {
        let engine = engine_of(2, 1 << 30, Arc::new(Fakes::default()));
        let rows: [&[(&str, i64)]; 2] = [&[("a", 1), ("b", 2)], &[("a", 3)]];
        for attempt in 0..3 {
            let made = sorted(run(&engine, last(&engine, attempt, &rows, 3)).await);
            assert_eq!(made, ["a 3", "b 2"]);
            if attempt < 2 {
                engine.services().state.abandon(BATCH);
            }
        }
        commit(&engine, 2);
        let made = sorted(run(&engine, last(&engine, 0, &[&[("c", 4), ("b", 5)]], 3)).await);
        assert_eq!(made, ["a 3", "b 5", "c 4"]);
        engine.services().state.abandon(BATCH);
        assert_eq!(sorted(run(&engine, last(&engine, 1, &[&[("d", 6)]], 1)).await), ["a 3", "b 2", "d 6"]);
    }

    #[tokio::test]
    async fn more_keys_than_fit_a_call_are_worked_on_in_several() {
        let fakes = Fakes::default();
        let engine = engine_of(2, 1 << 30, Arc::new(fakes.clone()));
        let words: Vec<String> = (0..150_000).map(|key| format!("key {key}")).collect();
        let rows: Vec<(&str, i64)> = words.iter().map(String::as_str).zip(0..).collect();
        let made = sorted(run(&engine, last(&engine, 0, &[&rows], 1)).await);
        let mut all: Vec<String> = rows.iter().map(|(word, n)| format!("{word} {n}")).collect();
        all.sort();
        assert!(made == all, "{} keys, such as {:?}", made.len(), made.first());
        commit(&engine, 0);
        let calls = fakes.calls.load(Ordering::SeqCst);
        assert!(calls >= 3, "{calls}");
        let made = run(&engine, last(&engine, 0, &[&[("another", 1)]], 2)).await;
        assert_eq!(made.iter().map(Vec::len).sum::<usize>(), 150_001);
        let empty = dataset(&engine, "none", vec![vec![numbered(&[])]]);
        assert_eq!(sorted(run(&engine, of_operator("clear", 1, empty, 1)).await), Vec::<String>::new());
        commit(&engine, 1);
        assert_eq!(engine.services().state.get("lasts").unwrap().n_keys(), 0);
    }

    #[tokio::test]
    async fn a_timeout_is_tried_again_since_nothing_is_held_in_the_guest() {
        let fakes = Fakes::default();
        let engine = engine_of(2, 1 << 30, Arc::new(fakes.clone()));
        fakes.timeouts.store(4, Ordering::SeqCst);
        assert_eq!(sorted(run(&engine, last(&engine, 0, &[&[("a", 1)]], 1)).await), ["a 1"]);
        let report = engine.services().reports.take(BATCH, 0).operators.into_values().next().unwrap();
        assert_eq!((report.retries, report.rows_in, report.rows_out), (4, 1, 1));
        fakes.timeouts.store(100, Ordering::SeqCst);
        assert!(!try_run(&engine, last(&engine, 1, &[&[("a", 1)]], 1)).await.unwrap_err().is_retriable());
    }

    #[tokio::test]
    async fn without_memory_the_error_says_what_the_state_takes() {
        let engine = engine_of(2, 3 << 20, Arc::new(Fakes::default()));
        let words: Vec<String> = (0..20_000).map(|key| format!("key {key}")).collect();
        let rows: Vec<(&str, i64)> = words.iter().map(String::as_str).zip(0..).collect();
        let error = try_run(&engine, last(&engine, 0, &[&rows], 1)).await.unwrap_err().to_string();
        assert!(error.contains("partition 0: the state of \"fakes/last\": state need "), "{error}");
        assert!(error.contains("; the largest are key group "), "{error}");
    }

    #[tokio::test]
    async fn the_values_of_keys_at_which_it_fails_are_left_out_and_their_state_stays() {
        let engine = engine_of(2, 1 << 30, Arc::new(Fakes::default()));
        let frail = || OperatorRef { on_error: OnError::then(Policy::DeadLetter), ..operator("frail", Policy::Fail) };
        let words: Vec<String> = (0..300).map(|key| format!("key {key}")).collect();
        let rows: Vec<(&str, i64)> = words.iter().map(String::as_str).zip((0..).map(|n| 10 * n)).collect();
        let input = |name: &str, rows: &[(&str, i64)]| dataset(&engine, name, vec![vec![numbered(rows)]]);
        run(&engine, of_operator_ref(frail(), 0, input("first", &rows), 1)).await;
        commit(&engine, 0);
        assert!(engine.services().dead_letters.take(BATCH, 0).is_none());
        // Keys 5 and 60 have a value that can't be worked on beside one that could, and so has a new key.
        let next = [("key 5", 1), ("key 5", 7), ("key 6", 2), ("new", 17), ("key 60", 27), ("newer", 3)];
        let made = sorted(run(&engine, of_operator_ref(frail(), 1, input("next", &next), 1)).await);
        commit(&engine, 1);
        let expected = |key: usize| if key == 6 { 2 } else { 10 * key };
        let mut all: Vec<String> = (0..300).map(|key| format!("key {key} {}", expected(key))).collect();
        all.push("newer 3".to_owned());
        all.sort();
        assert_eq!(made, all);
        let (mut letters, _) = engine.services().dead_letters.take(BATCH, 1).unwrap();
        letters.sort_by_key(|letter| letter.row);
        let told: Vec<_> = letters.iter().map(|letter| (letter.row, letter.data.as_str())).collect();
        let rows = [
            (0, r#"{"n":1,"word":"key 5"}"#),
            (1, r#"{"n":7,"word":"key 5"}"#),
            (3, r#"{"n":17,"word":"new"}"#),
            (4, r#"{"n":27,"word":"key 60"}"#),
        ];
        assert_eq!(told, rows);
        let report = engine.services().reports.take(BATCH, 1).operators.into_values().next().unwrap();
        assert_eq!((report.failed, report.dead_letters, report.rows_in), (4, 4, 6));
    }

    #[tokio::test]
    async fn a_key_whose_state_alone_it_fails_at_is_a_dead_letter_once() {
        let fakes = Fakes::default();
        let engine = engine_of(2, 1 << 30, Arc::new(fakes.clone()));
        let frail =
            || OperatorRef { on_error: OnError::then(Policy::DeadLetter), ..operator("frail-rest", Policy::Fail) };
        let words: Vec<String> = (0..100).map(|key| format!("key {key}")).collect();
        let all: Vec<(&str, i64)> = words.iter().map(String::as_str).zip(0..).collect();
        // The rows of a batch; whether it commits; dead letters, and keys that were left out.
        let other = OperatorRef { config: "{\"other\": 1}".to_owned(), ..frail() };
        for (attempt, (operator, rows, commits, expected)) in (0..).zip([
            (frail(), &all[..], true, (0, 0)),
            (frail(), &[("key 1", 1)], false, (10, 10)),
            (frail(), &[("key 1", 1)], true, (10, 10)),
            (frail(), &[("key 1", 1)], true, (0, 10)),
            (frail(), &[("key 7", 1), ("key 17", 27)], true, (0, 8)),
            (frail(), &[("key 1", 1)], true, (1, 9)),
            (other.clone(), &[("key 1", 1)], true, (9, 9)),
            (other, &[("key 1", 1)], true, (0, 9)),
        ]) {
            let input = dataset(&engine, &format!("rows {attempt}"), vec![vec![numbered(rows)]]);
            let before = fakes.calls.load(Ordering::SeqCst);
            let made = run(&engine, of_operator_ref(operator, attempt, input, 1)).await;
            assert_eq!(made.concat().len(), 100, "whatever it fails at stays, and is there to be read");
            if commits {
                commit(&engine, attempt);
            }
            let letters = engine.services().dead_letters.take(BATCH, attempt);
            let report = engine.services().reports.take(BATCH, attempt).operators.into_values().next().unwrap();
            let n_letters = letters.map_or(0, |(letters, _)| letters.len() as u64);
            assert_eq!((n_letters, report.failed), expected, "attempt {attempt}");
            let calls = fakes.calls.load(Ordering::SeqCst) - before;
            assert!(expected.0 > 0 || calls < 25, "{calls} calls where nobody is looked for");
        }
    }
}
