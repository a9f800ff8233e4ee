//! A candidate for a plugin's component, run beside the current one before it takes over.
//!
//! For some batches, each stream that the plugin's operators make is made once more, after the batch is done: by the candidate, of the same datasets, and of a copy of the state. What it makes is compared and
//! dropped. A window that slides is made by the candidate of all its batches first, and then of its own window a slide ago. Receivers and sinks are only validated, and so are open windows of event time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use bytes::Bytes;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::differences::{Differences, SAMPLES, differences};
use super::driver::Driver;
use super::log::PlanRecord;
use super::migrate::{Migration, stateful};
use crate::clock::{BatchTime, Stopwatch};
use crate::dstream::{DStream, Graph, PlanContext, StreamKind};
use crate::engine::node::number;
use crate::engine::reports::BatchReport;
use crate::engine::{EngineError, Services};
use crate::error::{Error, Result};
use crate::plugin::{Digest, Limit};
use crate::state::Commit;

/// The most batches that a candidate is run beside.
pub const MAX_CANARY: u64 = 100_000;
/// Errors of a candidate that are shown.
const ERRORS: usize = 5;

/// What is to be tried.
#[derive(Debug, Clone)]
pub struct CanaryRequest {
    /// The plugin's name in the job.
    pub plugin: String,
    /// The candidate.
    pub component: Bytes,
    /// Its signature, the text of the file: needed where the job has trusted keys.
    pub signature: Option<String>,
    /// Beside how many batches, from 1 to [`MAX_CANARY`].
    pub batches: u64,
}

/// How a candidate did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The plugin's name in the job.
    pub plugin: String,
    /// The component that the plugin is.
    pub current: Digest,
    /// The candidate.
    pub candidate: Digest,
    /// Batches that both have run.
    pub batches: u64,
    /// The first of them.
    pub first: Option<BatchTime>,
    /// The last of them.
    pub last: Option<BatchTime>,
    /// The streams that were compared, in the order of the job.
    pub streams: Vec<ComparedStream>,
    /// Streams of the plugin that weren't, by name, and why.
    pub not_compared: BTreeMap<String, String>,
}

/// A stream that both have made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparedStream {
    /// Its name.
    pub stream: String,
    /// The plugin's operator.
    pub operator: String,
    /// By the current component.
    pub current: Made,
    /// By the candidate.
    pub candidate: Made,
    /// Batches in which rows differ.
    pub differing_batches: u64,
    /// Some rows that only one of both has made, as text, with `-` before those of the current one and `+` before those of the candidate.
    pub samples: Vec<String>,
    /// Batches in which the candidate failed.
    pub failed_batches: u64,
    /// Some of its errors.
    pub errors: Vec<String>,
}

/// What one component made of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Rows.
    pub rows: u64,
    /// Rows that the other hasn't made.
    pub only: u64,
    /// How long it took to make them, from the dataset before, by the clock.
    pub took: Duration,
    /// The most linear memory that an instance had, in bytes; 0 where no guest was called.
    #[serde(default)]
    pub memory: u64,
}

impl Comparison {
    /// Whether the candidate made the same rows as the current component, in all batches.
    pub fn is_same(&self) -> bool {
        self.streams.iter().all(|stream| stream.differing_batches == 0 && stream.failed_batches == 0)
    }
}

/// A candidate that is tried.
#[derive(Debug)]
pub struct Canary {
    /// The job's graph, and the same with the candidate.
    current: Arc<Graph>,
    candidate: Arc<Graph>,
    /// The streams to be compared, as indices into both, and all that they are made of.
    compared: Vec<usize>,
    materialized: BTreeSet<usize>,
    batches: u64,
    /// State that is copied, until the first batch.
    copies: Mutex<Vec<Arc<Migration>>>,
    begun: Mutex<bool>,
    comparison: Mutex<Comparison>,
    is_over: watch::Sender<bool>,
}

impl Canary {
    fn new(plugin: &str, current: Arc<Graph>, candidate: Arc<Graph>, batches: u64) -> Result<Self> {
        let (mut compared, mut not_compared) = (vec![], BTreeMap::new());
        let (mut streams, mut materialized) = (vec![], BTreeSet::new());
        let evaluations = current.evaluations();
        for (idx, stream) in candidate.streams.iter().enumerate() {
            let Some(operator) = stream.operation().and_then(DStream::operator).filter(|of| of.plugin == plugin) else {
                continue;
            };
            let mut why_not = None;
            if evaluations[idx] == crate::dstream::Evaluation::Unneeded {
                why_not = Some("no output needs it");
            } else if candidate.reads_itself(stream) && !stream.operation().is_some_and(DStream::begins_anew) {
                why_not = Some("it is made of what it was a batch ago, of which the candidate has made nothing");
            }
            if let Some(why) = why_not {
                not_compared.insert(stream.name.to_string(), why.to_owned());
                continue;
            }
            compared.push(idx);
            materialized.insert(idx);
            materialized.extend(stream.parents.iter().filter(|parent| !candidate.streams[**parent].is_table()));
            let (stream, operator) = (stream.name.to_string(), operator.operator.clone());
            streams.push(ComparedStream { stream, operator, ..ComparedStream::default() });
        }
        if compared.is_empty() {
            let message = format!("plugin \"{plugin}\": it makes no stream that could be compared");
            return Err(Error::invalid_with_help(message, "receivers and sinks are swapped without being tried"));
        }
        let digest = |graph: &Graph| graph.plugins.get(plugin).copied().unwrap_or(Digest([0; 32]));
        let comparison = Comparison {
            plugin: plugin.to_owned(),
            current: digest(&current),
            candidate: digest(&candidate),
            batches: 0,
            first: None,
            last: None,
            streams,
            not_compared,
        };
        Ok(Self {
            current,
            candidate,
            compared,
            materialized,
            batches,
            copies: Mutex::default(),
            begun: Mutex::new(false),
            comparison: Mutex::new(comparison),
            is_over: watch::Sender::new(false),
        })
    }

    /// Whether a stream must be materialized for the comparison, as an index into the graph.
    pub fn materializes(&self, stream: usize) -> bool {
        self.materialized.contains(&stream)
    }

    /// The current component has made a stream.
    pub fn took(&self, stream: usize, took: Duration) {
        if let Some(place) = self.compared.iter().position(|compared| *compared == stream) {
            self.comparison.lock().streams[place].current.took += took;
        }
    }

    /// What the current component's instances used in a batch that both run.
    pub fn used(&self, report: &BatchReport) {
        let mut comparison = self.comparison.lock();
        for of in &mut comparison.streams {
            of.current.memory = of.current.memory.max(memory(report, &of.stream));
        }
    }

    /// Whether the batch that is under way is one that both run.
    pub fn has_begun(&self) -> bool {
        *self.begun.lock()
    }

    /// How it stands.
    pub fn comparison(&self) -> Comparison {
        self.comparison.lock().clone()
    }
}

/// The most linear memory that an instance had which made a stream.
pub(crate) fn memory(report: &BatchReport, stream: &str) -> u64 {
    let of_stream = report.operators.iter().filter(|(of, _)| *of.stream == *stream);
    of_stream.filter_map(|(_, report)| Some(report.usage.of(Limit::Memory)?.used)).max().unwrap_or(0)
}

/// What a stream's copy is called.
fn shadow(stream: &str) -> Arc<str> {
    format!("#canary:{stream}").into()
}

/// Whether state is a copy that is tried out, and counts for nothing.
pub fn is_shadow(stream: &str) -> bool {
    stream.starts_with("#canary:")
}

/// Ends a canary, however that comes about.
struct Ending<'a>(&'a Driver);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let Some(canary) = self.0.components.canary.lock().take() else { return };
        let services = self.0.parts.engine.services();
        for idx in &canary.compared {
            let name = shadow(&canary.candidate.streams[*idx].name);
            services.state.remove(&name);
            services.datasets.drop_up_to(&name, BatchTime(i64::MAX - 1));
        }
        self.0.forget_migrations(|of| is_shadow(of.to_stream()));
    }
}

impl Driver {
    /// See [`crate::context::RunningJob::canary`].
    pub async fn canary(self: Arc<Self>, request: CanaryRequest) -> Result<Comparison> {
        let CanaryRequest { plugin, component, signature, batches } = request;
        if !(1..=MAX_CANARY).contains(&batches) {
            return Err(Error::invalid(format!(
                "a candidate is tried beside 1 to {MAX_CANARY} batches, not {batches}"
            )));
        }
        self.components.until_ready().await;
        let _one = self.components.swapping.lock().await;
        let to = self.load_candidate(&plugin, component, signature.as_deref()).await?;
        let candidate = self.validated(&plugin, to).await;
        let tried = match candidate {
            Ok(candidate) => self.try_out(&plugin, candidate, batches).await,
            Err(error) => Err(error),
        };
        self.forget_components(to);
        tried
    }

    /// How the candidate stands that is tried now; none if none is.
    pub fn comparison(&self) -> Option<Comparison> {
        self.components.canary.lock().as_ref().map(|canary| canary.comparison())
    }

    async fn try_out(self: &Arc<Self>, plugin: &str, candidate: Arc<Graph>, batches: u64) -> Result<Comparison> {
        let canary = Arc::new(Canary::new(plugin, self.components.current().graph.clone(), candidate, batches)?);
        let _ending = Ending(self);
        let copies = self.copies(&canary)?;
        self.copy_beside(&copies).await?;
        canary.copies.lock().extend(copies);
        *self.components.canary.lock() = Some(canary.clone());
        // The sender lives as long as the canary, so this can't fail.
        let _ = canary.is_over.subscribe().wait_for(|over| *over).await;
        Ok(canary.comparison())
    }

    /// Copies of the state that the candidate keeps, to be filled.
    fn copies(&self, canary: &Canary) -> Result<Vec<Arc<Migration>>> {
        let services = self.parts.engine.services();
        let key_groups = self.parts.engine.key_groups();
        let mut copies = vec![];
        for (stream, stateful) in stateful(&canary.candidate) {
            let is_compared = canary.compared.iter().any(|idx| canary.candidate.streams[*idx].name == stream.name);
            let Some(from) = services.state.get(&stream.name).filter(|_| is_compared) else { continue };
            let spec = stateful.spec(key_groups);
            let to = services.state.beside(&shadow(&stream.name), &spec).map_err(Error::failed)?;
            let batch = self.components.last_planned().unwrap_or(self.first);
            copies.push(Arc::new(Migration::new(services, stateful, batch, from, to, spec)));
        }
        Ok(copies)
    }

    /// The canary that a batch which runs with `graph` takes part in.
    pub(super) fn canary_of(&self, graph: &Arc<Graph>) -> Option<Arc<Canary>> {
        self.components.canary.lock().clone().filter(|canary| Arc::ptr_eq(&canary.current, graph))
    }

    /// Before the first batch that both run: the candidate begins with the state that the batch begins with.
    pub(super) async fn begin_canary(&self, canary: &Arc<Canary>) -> Result<()> {
        if std::mem::replace(&mut *canary.begun.lock(), true) {
            return Ok(());
        }
        let copies = std::mem::take(&mut *canary.copies.lock());
        for copy in copies {
            let running = copy.clone();
            tokio::task::spawn_blocking(move || running.finish()).await.map_err(Error::failed)??;
            self.forget_migrations(|of| Arc::ptr_eq(of, &copy));
            self.parts.engine.services().state.replace(copy.to());
        }
        Ok(())
    }

    /// After the batch is done, while its datasets are there: have the candidate make what the current component has made, and compare.
    pub(super) async fn run_canary(&self, canary: &Arc<Canary>, plan: &PlanRecord, attempt: u32, has_dataset: &[bool]) {
        for (place, &idx) in canary.compared.iter().enumerate() {
            if !has_dataset[idx] {
                continue;
            }
            let stream = &canary.candidate.streams[idx];
            let name = shadow(&stream.name);
            let watch = Stopwatch::start();
            let made = self.make_again(canary, idx, &name, plan, attempt).await;
            let took = watch.elapsed();
            let services = self.parts.engine.services().clone();
            let (current, batch) = (stream.name.clone(), plan.batch);
            let compared = match made {
                Ok(()) => {
                    let names = (current, name.clone());
                    tokio::task::spawn_blocking(move || compare(&services, batch, &names)).await.map_err(Error::failed)
                }
                Err(error) => Err(Error::failed(error)),
            };
            let is_good = compared.is_ok();
            let stays = is_good && canary.candidate.reads_itself(stream);
            self.settle_shadow(&name, batch, attempt, is_good, stays).await;
            let mut comparison = canary.comparison.lock();
            let of = &mut comparison.streams[place];
            match compared.and_then(|compared| compared) {
                Ok(differences) => of.add(differences, took),
                Err(error) => {
                    of.failed_batches += 1;
                    if of.errors.len() < ERRORS {
                        of.errors.push(format!("batch {batch}: {error}"));
                    }
                }
            }
        }
        // What operators of copies reported counts for nothing else.
        let report = self.parts.engine.services().reports.take(plan.batch, attempt);
        let mut comparison = canary.comparison.lock();
        for of in &mut comparison.streams {
            of.candidate.memory = of.candidate.memory.max(memory(&report, &shadow(&of.stream)));
        }
        comparison.batches += 1;
        comparison.first.get_or_insert(plan.batch);
        comparison.last = Some(plan.batch);
        if comparison.batches >= canary.batches {
            drop(comparison);
            canary.is_over.send_replace(true);
        }
    }

    async fn make_again(
        &self,
        canary: &Canary,
        idx: usize,
        name: &Arc<str>,
        plan: &PlanRecord,
        attempt: u32,
    ) -> Result<(), EngineError> {
        let graph = &canary.candidate;
        let stream = &graph.streams[idx];
        let error = |cause: Error| EngineError {
            stream: stream.name.clone(),
            is_output: false,
            batch: plan.batch,
            attempt,
            partition: None,
            cause: Box::new(cause),
        };
        let datasets = &self.parts.engine.services().datasets;
        let parents = stream.parents.iter().map(|parent| {
            let parent = &graph.streams[*parent];
            if let StreamKind::Table = parent.kind {
                let version = self.edition().tables.version(&parent.name)?;
                let (key, partitions) = (version.key, version.partitions);
                return Ok(self.parts.plans.dataset(&parent.name, key, partitions, parent.schema.clone()));
            }
            let kept = datasets.kept(&parent.name, BatchTime(plan.batch.0 - 1), plan.batch).into_iter().next();
            Ok(match kept {
                Some(kept) => {
                    self.parts.plans.dataset(&parent.name, plan.batch, kept.partitions, parent.schema.clone())
                }
                None => self.parts.plans.empty(parent.schema.clone()),
            })
        });
        let parents = parents.collect::<Result<Vec<_>>>().map_err(error)?;
        let context = PlanContext {
            batch: plan.batch,
            after: plan.after,
            attempt,
            stream: name,
            plugins: &graph.plugins,
            plans: &self.parts.plans,
        };
        let Some(operation) = stream.operation() else { return Ok(()) };
        let made = operation.plan(&context, parents).map_err(error)?;
        self.parts.engine.materialize(made, name, plan.batch, attempt).await?;
        Ok(())
    }

    /// Nothing stays of what the candidate made but its copy of the state, and a window that the next one is made of.
    async fn settle_shadow(&self, name: &Arc<str>, batch: BatchTime, attempt: u32, is_good: bool, stays: bool) {
        let services = self.parts.engine.services();
        services.datasets.drop_up_to(name, if stays { BatchTime(batch.0 - 1) } else { batch });
        if let Some(state) = services.state.get(name) {
            let parts: Vec<Commit> = if is_good { state.committed(batch, attempt) } else { vec![] };
            for part in parts {
                let applied = tokio::task::spawn_blocking(move || part.apply()).await;
                if !matches!(applied, Ok(Ok(()))) {
                    tracing::warn!(target: "sluicebox::state", stream = &**name, "the candidate's copy of the state can't be changed");
                }
            }
        }
    }
}

impl ComparedStream {
    /// Add how one batch's datasets differ, of which the candidate made its own in `took`.
    pub(crate) fn add(&mut self, differences: Differences, took: Duration) {
        let Differences { rows, only, samples } = differences;
        self.current.rows += rows.0;
        self.candidate.rows += rows.1;
        self.current.only += only.0;
        self.candidate.only += only.1;
        self.candidate.took += took;
        self.differing_batches += u64::from(only != (0, 0));
        self.samples.extend(samples);
        self.samples.truncate(2 * SAMPLES);
    }
}

/// Compare what was made of a stream, and of its copy.
fn compare(services: &Services, batch: BatchTime, (current, candidate): &(Arc<str>, Arc<str>)) -> Result<Differences> {
    // Record batches, each partition's apart.
    let rows = |name: &str| -> Vec<Vec<RecordBatch>> {
        let kept = services.datasets.kept(name, BatchTime(batch.0 - 1), batch);
        let partitions = kept.first().map_or(0, |kept| kept.partitions);
        let partitions = (0..partitions).filter_map(|of| services.datasets.get(name, batch, number(of)));
        partitions.map(|rows| rows.to_vec()).collect()
    };
    differences(rows(current), rows(candidate))
}
