//! Running batches, one at a time and in order: attempt, result, commit, done.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::driver::Driver;
use super::edition::Edition;
use super::generate::Submitted;
use super::keep::Kept;
use super::listener::{BatchInfo, Event, OutputOperationInfo};
use super::log::{PlanRecord, Record, ResultRecord};
use super::{ATTEMPTS, BACK_OUTS};
use crate::checkpoint::{FaultPoint, fault_point};
use crate::clock::{BatchTime, Stopwatch};
use crate::dstream::{DStream, Evaluation, Graph, PlanContext, StreamKind};
use crate::engine::reports::{BatchReport, OperatorReport, OperatorUse, SourceReport};
use crate::engine::{EngineError, dead_letters, node};
use crate::error::{Error, Result};
use crate::output::{Staged, WriteId};
use crate::receiver::InputRange;
use crate::state::Commit;

/// Run submitted batches until there are no more.
///
/// # Errors
/// The first batch that fails for good.
pub async fn run_batches(driver: Arc<Driver>, mut submitted: mpsc::Receiver<Submitted>) -> Result<()> {
    while let Some(Submitted { plan, result, mut info }) = submitted.recv().await {
        info.processing_start_ms = Some(driver.parts.clock.now_ms());
        driver.tell(&Event::BatchStarted(info.clone()));
        let is_processed = result.is_none();
        let result = match result {
            Some(result) => driver.commit_again(&plan, result).await,
            None => driver.run_batch(&plan, &mut info).await,
        };
        info.processing_end_ms = Some(driver.parts.clock.now_ms());
        info.failure = result.as_ref().err().map(ToString::to_string);
        if is_processed && result.is_ok() {
            driver.adjust_rates(&plan, &mut info);
        }
        driver.tell(&Event::BatchCompleted(info));
        result?;
        driver.components.settled(plan.batch);
    }
    Ok(())
}

/// What one attempt made.
pub(super) struct Made {
    /// What outputs staged.
    pub outputs: Vec<Written>,
    /// What operators did.
    pub report: BatchReport,
}

/// What an output staged. One whose stream has no dataset in the batch isn't among them.
pub(super) struct Written {
    /// The output, as an index into the graph's.
    pub output: usize,
    /// Its partitions.
    pub staged: Vec<Staged>,
}

impl Driver {
    /// Commit what an earlier driver has recorded as the batch's result, and may have committed in part.
    async fn commit_again(&self, plan: &PlanRecord, result: ResultRecord) -> Result<()> {
        let graph = self.components.of(plan.batch);
        for sink in &self.edition().sinks {
            sink.use_components(&graph.plugins)?;
        }
        for (name, staged) in &result.outputs {
            match self.edition().graph.outputs.iter().position(|output| output.name == *name) {
                Some(idx) => self.commit(idx, plan.batch, staged).await?,
                None => tracing::warn!(
                    target: "sluicebox::output",
                    output = name, batch_time = plan.batch.0,
                    "the job has this output no more: what the batch staged for it is not committed"
                ),
            }
        }
        self.append(Record::Done { batch: plan.batch }).await?;
        self.set_done(plan.batch);
        self.release(plan);
        Ok(())
    }

    async fn commit(&self, output: usize, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let edition = self.edition();
        let name = &edition.graph.outputs[output].name;
        fault_point(FaultPoint::CommitBefore);
        let commit = edition.sinks[output].commit(batch, staged).await;
        fault_point(FaultPoint::CommitAfter);
        commit.map_err(|error| Error::failed(format!("output \"{name}\", batch {batch}: {error}")))
    }

    async fn run_batch(self: &Arc<Self>, plan: &PlanRecord, info: &mut BatchInfo) -> Result<()> {
        let mut events = self.edition().tables.refresh(&self.parts.engine, plan.batch).await;
        let memory = &self.parts.engine.services().memory;
        events.extend(self.edition().broadcasts.refresh(memory, plan.batch).await);
        events.iter().for_each(|event| self.tell(event));
        let made = self.attempts(plan, info).await?;
        let graph = self.components.of(plan.batch);
        let mut rejected = BTreeMap::new();
        for (operator, report) in made.report.operators.iter().filter(|(_, report)| report.left_out() > 0) {
            *rejected.entry(operator.stream.to_string()).or_insert(0) += report.left_out();
            log_rejected(plan.batch, operator, report);
        }
        for (operator, report) in made.report.operators.iter().filter(|(_, report)| !report.counters.is_empty()) {
            log_counters(plan.batch, operator, report);
        }
        for (stream, report) in &made.report.sources {
            if let Some(input) = info.inputs.iter_mut().find(|input| *input.stream == **stream) {
                input.rows = Some(report.rows);
                (input.lines_dropped, input.bad_files) = (report.lines_dropped, report.bad_files.len() as u64);
            }
            if !report.samples.is_empty() {
                log_left_out(plan.batch, stream, report);
            }
        }
        for (stream, n_rows) in &made.report.late {
            tracing::warn!(target: "sluicebox::batch", batch_time = plan.batch.0, %stream, n_rows, "rows came too late for their windows of event time");
        }
        for (stream, n_sessions) in &made.report.cut_sessions {
            tracing::warn!(target: "sluicebox::batch", batch_time = plan.batch.0, %stream, n_sessions, "sessions were cut that became longer than max-length");
        }
        let event_times = made.report.event_times.clone();
        info.report = made.report;
        let attempt = info.attempts - 1;
        let outputs = made.outputs.iter().map(|written| (self.output_name(written), written.staged.clone()));
        let Kept { state, datasets, over } = self.keep(plan, attempt).await?;
        let (batch, outputs) = (plan.batch, outputs.collect());
        let result = ResultRecord { batch, attempt, outputs, rejected, event_times, state, datasets, over };
        self.append(Record::Result(result)).await?;
        self.parts.engine.services().reports.settle(&info.report.event_times);
        self.commit_state(plan.batch, attempt).await?;
        for written in &made.outputs {
            self.commit(written.output, plan.batch, &written.staged).await?;
        }
        self.append(Record::Done { batch: plan.batch }).await?;
        self.set_done(plan.batch);
        if let Some(canary) = self.canary_of(&graph).filter(|canary| canary.has_begun()) {
            self.run_canary(&canary, plan, attempt, &self.datasets(&graph, plan)).await;
        }
        self.release(plan);
        Ok(())
    }

    async fn append(&self, record: Record) -> Result<()> {
        self.parts.log.append(record).await.map_err(Error::failed)
    }

    /// What the attempt staged of keyed state is the state that the next batch begins with.
    async fn commit_state(&self, batch: BatchTime, attempt: u32) -> Result<()> {
        // A migration sees a key group before the batch or after it.
        let _gate = self.components.state_gate.lock().await;
        self.note_changes(batch, attempt)?;
        let parts = self.parts.engine.services().state.commit(batch, attempt);
        let apply = |part: Commit| {
            let stream = part.stream().clone();
            let failed = move |error| Error::failed(format!("stream \"{stream}\", batch {batch}: {error}"));
            tokio::task::spawn_blocking(|| part.apply().map_err(failed))
        };
        let applied: Vec<_> = parts.into_iter().map(apply).collect();
        for applied in futures::future::join_all(applied).await {
            applied.map_err(Error::failed)??;
        }
        Ok(())
    }

    /// Run the batch until an attempt succeeds, fails in a way that would happen again, or there were too many; then again with an earlier component, where that is to blame.
    async fn attempts(self: &Arc<Self>, plan: &PlanRecord, info: &mut BatchInfo) -> Result<Made> {
        let (mut back_outs, mut most) = (0, ATTEMPTS);
        loop {
            if let Err(error) = self.ready_components(plan.batch).await {
                if back_outs < BACK_OUTS && self.back_out(plan.batch, &error).await? {
                    back_outs += 1;
                    continue;
                }
                return Err(Error::failed(error));
            }
            if let Some(canary) = self.canary_of(&self.components.of(plan.batch)) {
                self.begin_canary(&canary).await?;
            }
            let attempt = info.attempts;
            info.attempts += 1;
            info.outputs.clear();
            let error = match self.attempt(plan, attempt, info).await {
                Ok(made) => return Ok(made),
                Err(error) => error,
            };
            let services = self.parts.engine.services();
            services.datasets.drop_batch(plan.batch);
            services.state.abandon(plan.batch);
            if !error.is_retriable() || info.attempts >= most {
                if back_outs < BACK_OUTS && self.back_out(plan.batch, &error).await? {
                    (back_outs, most) = (back_outs + 1, info.attempts + ATTEMPTS);
                    continue;
                }
                return Err(Error::failed(error));
            }
            tracing::warn!(target: "sluicebox::batch", batch_time = plan.batch.0, attempt, %error, "batch failed, and is run again");
        }
    }

    async fn attempt(&self, plan: &PlanRecord, attempt: u32, info: &mut BatchInfo) -> Result<Made, EngineError> {
        let canary = self.canary_of(&self.components.of(plan.batch));
        let also = |idx| canary.as_ref().is_some_and(|canary| canary.materializes(idx));
        let took = |idx, watch: Stopwatch| {
            if let Some(canary) = &canary {
                canary.took(idx, watch.elapsed());
            }
        };
        let made = self.attempt_with(plan, attempt, info, &also, &took).await?;
        if let Some(canary) = &canary {
            canary.used(&made.report);
        }
        Ok(made)
    }

    /// An attempt in which the streams for which `also` is true, as indices, are materialized whoever reads them; `took` is told when one has been.
    pub(super) async fn attempt_with(
        &self,
        plan: &PlanRecord,
        attempt: u32,
        info: &mut BatchInfo,
        also: &(dyn Fn(usize) -> bool + Send + Sync),
        took: &(dyn Fn(usize, Stopwatch) + Send + Sync),
    ) -> Result<Made, EngineError> {
        let graph = self.components.of(plan.batch);
        let graph = &*graph;
        let mut evaluations = graph.evaluations();
        for (idx, evaluation) in evaluations.iter_mut().enumerate() {
            if also(idx) && *evaluation != Evaluation::Unneeded {
                *evaluation = Evaluation::Materialized;
            }
        }
        let evaluation = Batch {
            driver: self,
            edition: self.edition(),
            graph,
            plan,
            attempt,
            evaluations,
            took,
            has_dataset: self.datasets(graph, plan),
            partitions: Mutex::default(),
        };
        evaluation.materialize().await?;
        let mut outputs: Vec<Written> = vec![];
        for (idx, output) in graph.outputs.iter().enumerate() {
            if !evaluation.has_dataset[output.stream] || !evaluation.has_letters(output.stream) {
                continue;
            }
            let mut operation = OutputOperationInfo {
                batch_time: plan.batch,
                id: idx,
                name: output.name.clone(),
                start_ms: Some(self.parts.clock.now_ms()),
                end_ms: None,
                rows: 0,
                failure: None,
            };
            self.tell(&Event::OutputOperationStarted(operation.clone()));
            let staged = evaluation.write(idx).await;
            operation.end_ms = Some(self.parts.clock.now_ms());
            match &staged {
                Ok(staged) => operation.rows = staged.iter().map(|staged| staged.rows).sum(),
                Err(error) => operation.failure = Some(error.to_string()),
            }
            self.tell(&Event::OutputOperationCompleted(operation.clone()));
            info.outputs.push(operation);
            match staged {
                Ok(staged) => outputs.push(Written { output: idx, staged }),
                Err(error) => {
                    self.abort(&outputs).await;
                    return Err(error);
                }
            }
        }
        Ok(Made { outputs, report: self.parts.engine.services().reports.take(plan.batch, attempt) })
    }

    fn output_name(&self, written: &Written) -> String {
        self.edition().graph.outputs[written.output].name.clone()
    }

    /// Which streams have a dataset in the batch.
    fn datasets(&self, graph: &Graph, plan: &PlanRecord) -> Vec<bool> {
        let has_input = |source: &str| !matches!(plan.inputs.get(source), None | Some(InputRange::NoDataset));
        graph.datasets(plan.after, plan.batch, has_input)
    }

    async fn abort(&self, outputs: &[Written]) {
        for written in outputs {
            self.abort_one(written.output, &written.staged).await;
        }
    }

    async fn abort_one(&self, output: usize, staged: &[Staged]) {
        let edition = self.edition();
        if let Err(error) = edition.sinks[output].abort(staged).await {
            // What is left over counts for nothing, and the sink removes it when it starts again.
            let output = &edition.graph.outputs[output].name;
            tracing::warn!(target: "sluicebox::output", output, %error, "what was staged could not be removed");
        }
    }

    /// Drop what no later batch reads.
    fn release(&self, plan: &PlanRecord) {
        let edition = self.edition();
        let (graph, datasets) = (&edition.graph, &self.parts.engine.services().datasets);
        for (stream, over) in
            graph.streams.iter().zip(graph.over_at(plan.batch)).filter(|(stream, _)| !stream.is_table())
        {
            match graph.reads_itself(stream) {
                true => datasets.drop_all_but_last(&stream.name, over),
                false => datasets.drop_up_to(&stream.name, over),
            }
        }
        for (name, range) in &plan.inputs {
            if let Some(source) = edition.sources.get(name) {
                source.release(plan.batch, range);
            }
        }
    }
}

fn log_rejected(batch: BatchTime, operator: &OperatorUse, report: &OperatorReport) {
    let sample =
        report.samples.first().map(|row| format!("partition {}, row {}: {}", row.partition, row.row, row.reason));
    tracing::warn!(
        target: "sluicebox::batch",
        batch_time = batch.0, stream = %operator.stream, plugin = operator.plugin, operator = operator.operator,
        rejected = report.rejected, failed = report.failed, dead_letters = report.dead_letters, first = sample.unwrap_or_default(),
        "rows were rejected, or the operator failed at them, and left out"
    );
}

fn log_counters(batch: BatchTime, operator: &OperatorUse, report: &OperatorReport) {
    let counters: Vec<String> = report.counters.iter().map(|(name, sum)| format!("{name}={sum}")).collect();
    tracing::info!(
        target: "sluicebox::batch",
        batch_time = batch.0, stream = %operator.stream, plugin = operator.plugin, operator = operator.operator,
        counters = counters.join(" "),
        "an operator counted"
    );
}

fn log_left_out(batch: BatchTime, stream: &str, report: &SourceReport) {
    tracing::warn!(
        target: "sluicebox::batch",
        batch_time = batch.0, stream, lines = report.lines_dropped, bad_files = report.bad_files.len(),
        first = report.samples.first(),
        "what can't be read was left out: lines, and the rest of bad files"
    );
}

/// One attempt at one batch.
struct Batch<'a> {
    driver: &'a Driver,
    edition: Arc<Edition>,
    /// With the components that the batch runs with.
    graph: &'a Graph,
    plan: &'a PlanRecord,
    attempt: u32,
    evaluations: Vec<Evaluation>,
    /// Told when a stream is materialized.
    took: &'a (dyn Fn(usize, Stopwatch) + Send + Sync),
    /// By stream.
    has_dataset: Vec<bool>,
    /// Partitions of the streams materialized so far.
    partitions: Mutex<BTreeMap<usize, usize>>,
}

impl Batch<'_> {
    /// Make the streams that are read from where they are kept, each once.
    async fn materialize(&self) -> Result<(), EngineError> {
        let parts = &self.driver.parts;
        for (idx, stream) in self.graph.streams.iter().enumerate() {
            if self.evaluations[idx] == Evaluation::Materialized && self.has_dataset[idx] {
                let plan = self.made(idx)?;
                let watch = Stopwatch::start();
                let dataset = parts.engine.materialize(plan, &stream.name, self.plan.batch, self.attempt).await?;
                (self.took)(idx, watch);
                self.partitions.lock().insert(idx, dataset.partitions);
            }
        }
        Ok(())
    }

    /// Stage an output, all partitions; on an error nothing stays staged.
    async fn write(&self, idx: usize) -> Result<Vec<Staged>, EngineError> {
        let parts = &self.driver.parts;
        let plan = self.read(self.graph.outputs[idx].stream)?;
        let sink = self.edition.sinks[idx].clone();
        let partitions = node::number(node::partition_count(plan.as_ref()));
        let written = Arc::new(Mutex::new(vec![]));
        let (batch, term, attempt, collect) = (self.plan.batch, self.driver.term(), self.attempt, written.clone());
        let name = self.graph.outputs[idx].name.as_str().into();
        let run = parts.engine.run_partitions(plan, &name, batch, attempt, move |partition, rows| {
            let (sink, collect) = (sink.clone(), collect.clone());
            async move {
                fault_point(FaultPoint::StageBefore);
                let staged = sink.write(WriteId { batch, partition, partitions, term, attempt }, rows).await?;
                fault_point(FaultPoint::StageAfter);
                collect.lock().push(staged);
                Ok::<(), Error>(())
            }
        });
        let result = run.await.map_err(|error| EngineError { is_output: true, ..error });
        let mut staged = std::mem::take(&mut *written.lock());
        staged.sort_by_key(|staged| staged.id.partition);
        if let Err(error) = result {
            self.driver.abort_one(idx, &staged).await;
            return Err(error);
        }
        Ok(staged)
    }

    /// A plan that reads a stream's dataset.
    fn read(&self, idx: usize) -> Result<Arc<dyn ExecutionPlan>, EngineError> {
        let stream = &self.graph.streams[idx];
        if !self.has_dataset[idx] && !stream.is_table() {
            return Ok(self.driver.parts.plans.empty(stream.schema.clone()));
        }
        if let Some(partitions) = self.partitions.lock().get(&idx) {
            return Ok(self.driver.parts.plans.dataset(
                &stream.name,
                self.plan.batch,
                *partitions,
                stream.schema.clone(),
            ));
        }
        self.made(idx)
    }

    /// A plan that makes a stream's dataset.
    fn made(&self, idx: usize) -> Result<Arc<dyn ExecutionPlan>, EngineError> {
        let parts = &self.driver.parts;
        let stream = &self.graph.streams[idx];
        let plan = match &stream.kind {
            StreamKind::Source { .. } => {
                let range = self.plan.inputs.get(stream.name.as_ref()).unwrap_or(&InputRange::NoDataset);
                let source = self.edition.sources.get(stream.name.as_ref());
                let source = source.ok_or_else(|| Error::failed(format!("stream \"{}\" has no source", stream.name)));
                source.and_then(|source| source.plan(self.plan.batch, self.attempt, range))
            }
            StreamKind::DeadLetters => self.dead_letters(stream),
            StreamKind::Table => self.edition.tables.version(&stream.name).map(|version| {
                parts.plans.dataset(&stream.name, version.key, version.partitions, stream.schema.clone())
            }),
            StreamKind::Operation(operation) => {
                let parents = stream.parents.iter().map(|parent| self.read(*parent)).collect::<Result<_, _>>()?;
                self.operation(stream, operation.as_ref(), parents)
            }
        };
        let plan = plan.and_then(|plan| match stream.event_time {
            None => Ok(plan),
            Some(of) => parts.plans.event_time(&self.context(stream), of.column, plan),
        });
        plan.map_err(|error| EngineError {
            stream: stream.name.clone(),
            is_output: false,
            batch: self.plan.batch,
            attempt: self.attempt,
            partition: None,
            cause: Box::new(error),
        })
    }

    /// Whether a stream is another than that of dead letters, or the attempt has some.
    fn has_letters(&self, stream: usize) -> bool {
        let letters = &self.driver.parts.engine.services().dead_letters;
        !matches!(self.graph.streams[stream].kind, StreamKind::DeadLetters)
            || letters.has_any(self.plan.batch, self.attempt)
    }

    /// What was left out of the attempt, as a dataset of one partition. All that leaves rows out has run.
    fn dead_letters(&self, stream: &crate::dstream::Stream) -> Result<Arc<dyn ExecutionPlan>> {
        let (parts, batch) = (&self.driver.parts, self.plan.batch);
        let services = parts.engine.services();
        if let Some((letters, reserved)) = services.dead_letters.take(batch, self.attempt) {
            let rows = dead_letters::as_rows(batch, &letters).map_err(Error::failed)?;
            services.datasets.insert(&stream.name, batch, 0, vec![rows], reserved);
        }
        Ok(parts.plans.dataset(&stream.name, batch, 1, stream.schema.clone()))
    }

    fn operation(
        &self,
        stream: &crate::dstream::Stream,
        operation: &dyn DStream,
        parents: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        operation.plan(&self.context(stream), parents)
    }

    fn context<'s>(&'s self, stream: &'s crate::dstream::Stream) -> PlanContext<'s> {
        PlanContext {
            batch: self.plan.batch,
            after: self.plan.after,
            attempt: self.attempt,
            stream: &stream.name,
            plugins: &self.graph.plugins,
            plans: &self.driver.parts.plans,
        }
    }
}
