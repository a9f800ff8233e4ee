//! The node that hands a partition's rows to a plugin's transform: map, flat-map, filter, map-partitions.
//!
//! Rows go over in chunks, in their order, into a fresh instance per partition. The node lets nothing through it: no limit, filter or column
//! choice, so an operator sees every row whoever reads the stream. A call that ran out of time or resources is made again on a fresh
//! instance while its chunk is held; for map-partitions, whose rows depend on one another, only while it is the first chunk. Where the job leaves out rows at
//! which the operator fails, they are looked for in the chunk; for map-partitions, in the whole partition ([`whole_partition`](super::whole_partition)).

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::beside::Pieces;
use super::error::external;
use super::left_out::{LeftOut, Parts, Place, Suspect};
use super::operators::{self, TransformCalls, Tries, rows_per_call};
use super::reports::OperatorReport;
use super::whole_partition::WholePartition;
use super::{Services, node};
use crate::clock::BatchTime;
use crate::plugin::{OperatorRef, PluginError, Produced, Rejection, Task, TransformBinding, TransformKind};

/// Runs a transform over each partition of its input.
#[derive(Debug)]
pub struct TransformExec {
    operator: OperatorRef,
    binding: TransformBinding,
    /// Columns of the input that come before those that the operator makes.
    beside: Vec<usize>,
    stream: Arc<str>,
    batch: BatchTime,
    attempt: u32,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl TransformExec {
    /// Make `stream` of the rows of `input`, which has the columns that `binding` was made for.
    pub fn new(
        operator: OperatorRef,
        binding: TransformBinding,
        stream: Arc<str>,
        batch: BatchTime,
        attempt: u32,
        input: Arc<dyn ExecutionPlan>,
    ) -> Self {
        let properties =
            node::properties(binding.output.clone(), node::partition_count(input.as_ref()), EmissionType::Incremental);
        Self { operator, binding, beside: Vec::new(), stream, batch, attempt, input, properties }
    }

    /// Put these columns of each row before what a map or flat-map makes of it.
    ///
    /// # Errors
    /// For columns that aren't there, and for an operator that doesn't say what it makes of which row.
    pub fn with_beside(mut self, beside: Vec<usize>) -> Result<Self> {
        if beside.is_empty() {
            return Ok(self);
        }
        if !matches!(self.binding.kind, TransformKind::Map | TransformKind::FlatMap) {
            return internal_err!("columns beside what a {} makes", self.binding.kind.name());
        }
        let kept = self.input.schema().project(&beside)?;
        let fields: Vec<_> = kept.fields().iter().chain(self.binding.output.fields()).cloned().collect();
        let partitions = node::partition_count(self.input.as_ref());
        self.properties = node::properties(Arc::new(Schema::new(fields)), partitions, EmissionType::Incremental);
        self.beside = beside;
        Ok(self)
    }

    /// Columns of the input that come before those that the operator makes.
    pub fn beside(&self) -> &[usize] {
        &self.beside
    }

    /// The operator.
    pub fn operator(&self) -> &OperatorRef {
        &self.operator
    }

    /// What it was bound to.
    pub fn binding(&self) -> &TransformBinding {
        &self.binding
    }

    /// The stream that it makes.
    pub fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// The batch and its attempt.
    pub fn batch(&self) -> (BatchTime, u32) {
        (self.batch, self.attempt)
    }
}

impl TransformExec {
    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let input = node::only_child("TransformExec", inputs)?;
        let (operator, binding) = (self.operator.clone(), self.binding.clone());
        let made = Self::new(operator, binding, self.stream.clone(), self.batch, self.attempt, input);
        made.with_beside(self.beside.clone())
    }
}

impl DisplayAs for TransformExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransformExec: stream={}, operator={}/{}", self.stream, self.operator.plugin, self.operator.operator)
    }
}

impl ExecutionPlan for TransformExec {
    node::inner!("TransformExec", |node| vec![&node.input]);

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let services = Services::of(&task)?;
        let of_task = Task {
            job: services.job.clone(),
            stream: self.stream.clone(),
            batch: self.batch,
            partition: node::number(partition),
            partitions: node::number(node::partition_count(self.input.as_ref())),
            attempt: self.attempt,
            done: 0,
            logged: Default::default(),
        };
        let (operator, binding) = (self.operator.clone(), self.binding.clone());
        if binding.kind == TransformKind::MapPartitions && !operator.on_error.is_plain() {
            let consumer = format!("partition held for operator {}/{}", operator.plugin, operator.operator);
            let reservation = MemoryConsumer::new(consumer).register(task.memory_pool());
            let rows = self.input.execute(partition, task)?;
            let work = WholePartition::new(operator, binding, of_task, services, reservation);
            let made = stream::once(work.run(rows, self.schema()));
            return Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), made.try_flatten())));
        }
        let work = Work {
            rows: self.input.execute(partition, task)?.fuse(),
            chunks: Parts::default(),
            beside: self.beside.clone(),
            pieces: None,
            schema: self.schema(),
            left_out: LeftOut::new(&operator, &services, self.attempt),
            operator,
            binding,
            task: of_task,
            attempt: self.attempt,
            services,
            instance: None,
            report: OperatorReport::default(),
            ended: false,
            finished: false,
        };
        let made = stream::unfold(work, |mut work| async move { Some((work.next().await.transpose()?, work)) });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), made)))
    }
}

/// A partition being worked on.
struct Work {
    rows: stream::Fuse<SendableRecordBatchStream>,
    /// What of the input's last record batch is left.
    chunks: Parts<RecordBatch>,
    beside: Vec<usize>,
    /// What is left of what was made of the last chunk, where columns are kept beside it.
    pieces: Option<Pieces>,
    schema: SchemaRef,
    left_out: LeftOut,
    operator: OperatorRef,
    binding: TransformBinding,
    task: Task,
    /// The batch's attempt; the task's counts retries as well.
    attempt: u32,
    services: Arc<Services>,
    instance: Option<Box<dyn TransformCalls>>,
    report: OperatorReport,
    /// All of the input was worked on.
    ended: bool,
    /// The operator has nothing more to say.
    finished: bool,
}

impl Work {
    /// The next rows made; none at the end, and after an error.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while !self.finished {
            let made = self.step().await.inspect_err(|_| self.finished = true)?;
            if let Some(rows) = made.filter(|rows| rows.num_rows() > 0) {
                self.report.rows_out += rows.num_rows() as u64;
                // A guest's columns have the types agreed on; the names and notes of the plan's schema are put on here.
                return Ok(Some(rows.with_schema(self.schema.clone())?));
            }
        }
        self.hand_in();
        Ok(None)
    }

    async fn step(&mut self) -> Result<Option<RecordBatch>> {
        if let Some(pieces) = &mut self.pieces {
            let made = pieces.next()?;
            if made.is_none() {
                self.pieces = None;
            }
            return Ok(made);
        }
        if let Some((chunk, suspect)) = self.chunks.pop() {
            return self.work_on(chunk, suspect);
        }
        if !self.ended {
            match self.rows.next().await.transpose()? {
                Some(rows) => self.cut(&rows),
                None => self.ended = true,
            }
            return Ok(None);
        }
        self.finish()
    }

    fn cut(&mut self, rows: &RecordBatch) {
        let length = rows_per_call(rows.num_rows(), node::bytes_of(rows));
        node::slices(rows, length).for_each(|chunk| self.chunks.push(chunk));
    }

    fn work_on(&mut self, chunk: RecordBatch, suspect: Suspect) -> Result<Option<RecordBatch>> {
        let first_row = self.report.rows_in;
        let produced = match operators::call(|| self.process(&chunk)) {
            Ok(produced) => produced,
            Err(error) if self.left_out.looks_for_guilty(&error) => {
                if let Some(row) = self.chunks.failed(chunk, suspect) {
                    self.report.rows_in += 1;
                    let place = Place { rows: &row, at: 0, number: first_row };
                    self.left_out.failed(&self.task, &mut self.report, place, &error)?;
                }
                return Ok(None);
            }
            Err(error) => return Err(external(error)),
        };
        self.chunks.succeeded(suspect);
        self.report.calls += 1;
        self.report.rows_in += chunk.num_rows() as u64;
        let Produced { rows, rejected, ends } = produced;
        if !self.beside.is_empty() {
            let rejected = rejected.iter().map(|rejection| rejection.row);
            self.pieces = Some(Pieces::new(self.schema.clone(), &chunk, &self.beside, rows.clone(), ends, rejected));
        }
        for Rejection { row, reason } in rejected {
            let place = Place { rows: &chunk, at: row as usize, number: first_row + u64::from(row) };
            self.left_out.rejected(&self.task, &mut self.report, place, reason)?;
        }
        Ok(self.pieces.is_none().then_some(rows))
    }

    /// Call the guest, again if that may help.
    fn process(&mut self, chunk: &RecordBatch) -> Result<Produced, PluginError> {
        let held = self.binding.kind != TransformKind::MapPartitions || self.report.calls == 0;
        let mut tries = Tries::first();
        loop {
            let result = self.open().and_then(|mut instance| {
                let produced = instance.process(chunk);
                match &produced {
                    Ok(_) => self.instance = Some(instance),
                    // What it counted before stays.
                    Err(_) => operators::count(&mut self.report, &mut self.task, instance.report()),
                }
                produced
            });
            match result {
                Err(error) if held => tries.failed(error, &self.operator.on_error, &mut self.task, &mut self.report)?,
                result => return result,
            }
        }
    }

    fn open(&mut self) -> Result<Box<dyn TransformCalls>, PluginError> {
        match self.instance.take() {
            Some(instance) => Ok(instance),
            None => {
                self.task.done = self.report.calls;
                self.services.plugins.open_transform(&self.operator, &self.binding, &self.task)
            }
        }
    }

    /// All rows were worked on: the next ones held back, as long as there are some.
    fn finish(&mut self) -> Result<Option<RecordBatch>> {
        // Without rows, only an operator on whole partitions could have something to say.
        if self.instance.is_none() && self.binding.kind != TransformKind::MapPartitions {
            self.finished = true;
            // The last rows may have been left out, and the instance ended with them.
            self.report.partitions += u64::from(self.report.rows_in > 0);
            return Ok(None);
        }
        let (rows, instance) = operators::call(|| {
            let mut instance = self.open()?;
            instance.finish().map(|rows| (rows, instance))
        })
        .map_err(external)?;
        if rows.is_some() {
            self.instance = Some(instance);
            return Ok(rows);
        }
        self.finished = true;
        operators::count(&mut self.report, &mut self.task, instance.report());
        self.report.partitions += 1;
        Ok(None)
    }

    /// Tell the driver, once, what was done.
    fn hand_in(&mut self) {
        let report = std::mem::take(&mut self.report);
        if report.partitions > 0 {
            let used = operators::used(&self.operator, &self.task);
            self.services.reports.add(self.task.batch, self.attempt, used, report);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::engine::Engine;
    use crate::engine::left_out::RowRejected;
    use crate::engine::reports::OperatorUse;
    use crate::engine::testing::{BATCH, Fakes, dataset, engine_of, numbered, operator, run, try_run};
    use crate::plugin::{OnError, Policy};

    fn with(fakes: &Fakes) -> Engine {
        engine_of(2, 1 << 30, Arc::new(fakes.clone()))
    }

    fn transform(
        name: &str,
        kind: TransformKind,
        on_reject: Policy,
        input: Arc<dyn ExecutionPlan>,
    ) -> Arc<dyn ExecutionPlan> {
        let binding = TransformBinding { kind, columns: vec![0, 1], input: input.schema(), output: input.schema() };
        Arc::new(TransformExec::new(operator(name, on_reject), binding, "made".into(), BATCH, 3, input))
    }

    fn input(engine: &Engine) -> Arc<dyn ExecutionPlan> {
        dataset(
            engine,
            "rows",
            vec![vec![numbered(&[("a", 0), ("b", 1)]), numbered(&[("c", 2)])], vec![], vec![numbered(&[("d", 3)])]],
        )
    }

    #[tokio::test]
    async fn each_partition_with_rows_has_an_instance_and_a_report() {
        let fakes = Fakes::default();
        let engine = with(&fakes);
        let rows = [vec!["a 0", "b 1", "c 2"], vec![], vec!["d 3"]];
        for (name, kind, opened) in [("same", TransformKind::Map, 2), ("hold", TransformKind::MapPartitions, 3)] {
            fakes.opened.store(0, Ordering::SeqCst);
            assert_eq!(run(&engine, transform(name, kind, Policy::Fail, input(&engine))).await, rows);
            assert_eq!(fakes.opened.load(Ordering::SeqCst), opened);
            let reported = engine.services().reports.take(BATCH, 3).operators;
            let used = OperatorUse { stream: "made".into(), plugin: "fakes".into(), operator: name.into() };
            let report = &reported[&used];
            assert_eq!((report.partitions, report.calls, report.rows_in, report.rows_out), (opened as u64, 3, 4, 4));
            assert_eq!(report.counters["finished"], opened as u64);
        }
    }

    #[tokio::test]
    async fn many_rows_go_over_in_chunks_in_their_order() {
        let fakes = Fakes::default();
        let engine = with(&fakes);
        let rows: Vec<_> = (0..150_000).map(|n| ("w", n)).collect();
        let input = dataset(&engine, "many", vec![vec![numbered(&rows)]]);
        let plan = transform("same", TransformKind::FlatMap, Policy::Fail, input.clone());
        assert_eq!(run(&engine, plan).await, run(&engine, input.clone()).await);
        assert!(fakes.calls.load(Ordering::SeqCst) >= 3);
        // Held back and given at the end, a batch at a time.
        let plan = transform("hold", TransformKind::MapPartitions, Policy::Fail, input.clone());
        assert_eq!(run(&engine, plan).await, run(&engine, input).await);
    }

    #[tokio::test]
    async fn a_timeout_is_tried_again_on_a_fresh_instance_while_the_chunk_is_held() {
        let fakes = Fakes::default();
        let engine = with(&fakes);
        let one = || dataset(&engine, "one", vec![vec![numbered(&[("a", 0)]), numbered(&[("b", 1)])]]);
        for (kind, name) in [(TransformKind::Map, "same"), (TransformKind::MapPartitions, "hold")] {
            fakes.timeouts.store(4, Ordering::SeqCst);
            fakes.opened.store(0, Ordering::SeqCst);
            assert_eq!(run(&engine, transform(name, kind, Policy::Fail, one())).await, [["a 0", "b 1"]]);
            assert_eq!(fakes.opened.load(Ordering::SeqCst), 5);
            assert_eq!(engine.services().reports.take(BATCH, 3).operators.into_values().next().unwrap().retries, 4);
            fakes.timeouts.store(5, Ordering::SeqCst);
            let error = try_run(&engine, transform(name, kind, Policy::Fail, one())).await.unwrap_err();
            assert!(!error.is_retriable(), "the batch is not run again for it: {error}");
            assert_eq!(
                engine.services().reports.take(BATCH, 3),
                Default::default(),
                "a task that failed reports nothing"
            );
        }
    }

    #[tokio::test]
    async fn a_rejected_row_fails_or_is_left_out_and_reported() {
        let engine = with(&Fakes::default());
        let error =
            try_run(&engine, transform("odd", TransformKind::Map, Policy::Fail, input(&engine))).await.unwrap_err();
        assert!(!error.is_retriable());
        let rejected = error.cause_of_type::<RowRejected>().unwrap();
        assert_eq!(
            (rejected.row, rejected.reason.as_str()),
            (if rejected.partition == 0 { 1 } else { 0 }, "it is odd")
        );
        let kept = run(&engine, transform("odd", TransformKind::Map, Policy::Skip, input(&engine))).await;
        assert_eq!(kept, [vec!["a 0", "c 2"], vec![], vec![]]);
        let report = engine.services().reports.take(BATCH, 3).operators.into_values().next().unwrap();
        let samples: Vec<_> = report.samples.iter().map(|sample| (sample.partition, sample.row)).collect();
        assert_eq!((report.rejected, samples), (2, vec![(0, 1), (2, 0)]));
    }

    fn leaving_out(
        name: &str,
        kind: TransformKind,
        on_error: OnError,
        input: Arc<dyn ExecutionPlan>,
    ) -> Arc<dyn ExecutionPlan> {
        let plan = transform(name, kind, Policy::Fail, input);
        let of = plan.as_ref().downcast_ref::<TransformExec>().unwrap();
        let operator = OperatorRef { on_error, ..of.operator.clone() };
        let (input, stream) = (of.input.clone(), of.stream.clone());
        Arc::new(TransformExec::new(operator, of.binding.clone(), stream, BATCH, 3, input))
    }

    /// A partition of the numbers below `n`, and one of some that are all good.
    fn many(engine: &Engine, n: i64) -> Arc<dyn ExecutionPlan> {
        let numbers: Vec<_> = (0..n).map(|n| ("a", n)).collect();
        let pieces = numbers.chunks(700).map(numbered).collect();
        dataset(engine, "many", vec![pieces, vec![numbered(&[("b", 1), ("b", 2)])]])
    }

    #[tokio::test]
    async fn only_guilty_rows_are_left_out_and_become_dead_letters() {
        use TransformKind::{Filter, FlatMap, Map, MapPartitions};
        for (name, kind) in [
            ("frail", Map),
            ("frail", FlatMap),
            ("frail", Filter),
            ("frail", MapPartitions),
            ("frail-hold", MapPartitions),
        ] {
            let fakes = Fakes::default();
            let engine = with(&fakes);
            let dead = OnError::then(Policy::DeadLetter);
            let n = if name == "frail" && kind != MapPartitions { 2_500 } else { 120 };
            let made = run(&engine, leaving_out(name, kind, dead, many(&engine, n))).await;
            let good: Vec<_> = (0..n).filter(|n| n % 10 != 7).map(|n| format!("a {n}")).collect();
            assert_eq!(made, [good, vec!["b 1".to_owned(), "b 2".to_owned()]], "{name}, {kind:?}");
            let report = engine.services().reports.take(BATCH, 3).operators.into_values().next().unwrap();
            let guilty = n as u64 / 10;
            assert_eq!((report.rows_in, report.rows_out), (n as u64 + 2, n as u64 + 2 - guilty));
            assert_eq!((report.failed, report.dead_letters, report.rejected, report.retries), (guilty, guilty, 0, 0));
            assert_eq!((report.samples[0].partition, report.samples[0].row), (0, 7));
            let (letters, _) = engine.services().dead_letters.take(BATCH, 3).unwrap();
            assert_eq!(letters.len() as u64, guilty);
            for (letter, row) in letters.iter().zip((7..).step_by(10)) {
                assert_eq!((letter.partition, letter.row, letter.kind), (0, row, "trap"));
                assert_eq!(letter.data, format!(r#"{{"n":{row},"word":"a"}}"#));
                assert_eq!(&*letter.columns, "word: string not null, n: int64 not null");
                assert_eq!(letter.reason, "the operator trapped: seven");
            }
            // A row's own call counts for nothing, and a row that was good is in one call that counts.
            assert!(report.counters.get("finished").copied().unwrap_or_default() > 0, "{report:?}");
        }
    }

    #[tokio::test]
    async fn at_most_so_many_rows_are_left_out() {
        let engine = with(&Fakes::default());
        for (kind, n) in [(TransformKind::Map, 2_500), (TransformKind::MapPartitions, 120)] {
            let few = OnError { at_most: 3, ..OnError::then(Policy::Skip) };
            let error = try_run(&engine, leaving_out("frail", kind, few, many(&engine, n))).await.unwrap_err();
            assert!(
                error.to_string().contains("it fails at more than 3 rows of partition 0 of stream \"made\""),
                "{error}"
            );
            assert!(error.to_string().contains("the last of them row 37: the operator trapped: seven; "), "{error}");
            let all = OnError { at_most: 1000, ..few };
            assert_eq!(
                run(&engine, leaving_out("frail", kind, all, many(&engine, n))).await[0].len(),
                n as usize * 9 / 10
            );
        }
        assert!(engine.services().dead_letters.take(BATCH, 3).is_none(), "skipped rows are no dead letters");
        assert_eq!(engine.services().memory.used(), 0);
    }

    #[tokio::test]
    async fn a_call_is_made_again_as_often_as_the_job_says() {
        for kind in [TransformKind::Map, TransformKind::MapPartitions] {
            let fakes = Fakes::default();
            let engine = with(&fakes);
            let plan = |on_error| leaving_out("frail", kind, on_error, many(&engine, 10));
            let error = try_run(&engine, plan(OnError { retry: Some(2), ..OnError::default() })).await.unwrap_err();
            assert!(error.to_string().contains("seven"), "{error}");
            let opened = fakes.opened.load(Ordering::SeqCst);
            assert!((3..=4).contains(&opened), "three times, and perhaps the other partition: {opened}");
            fakes.timeouts.store(2, Ordering::SeqCst);
            let once_more = OnError { retry: Some(2), ..OnError::then(Policy::Skip) };
            assert_eq!(run(&engine, plan(once_more)).await[0].len(), 9);
        }
    }
}
