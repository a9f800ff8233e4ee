//! A recorded batch once more: its input, from where it was read; state and datasets, as it began with them; its operators, with whichever components the job is bound to now. Nothing is written but what outputs stage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::driver::Driver;
use super::listener::BatchInfo;
use super::log::PlanRecord;
use super::recorded::Recorded;
use super::{ATTEMPTS, run::Made};
use crate::checkpoint::Store;
use crate::clock::{BatchTime, Stopwatch};
use crate::dstream::{DStream, Evaluation, Graph};
use crate::engine::node::number;
use crate::engine::reports::BatchReport;
use crate::error::{Error, Result};
use crate::receiver::{InputRange, Past, PastInput};
use crate::state::snapshot::KeyedRows;

/// A stream's dataset: each partition's rows, in order.
#[derive(Debug, Clone)]
pub struct MadeDataset {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub partitions: Vec<Vec<RecordBatch>>,
    /// How long it took to make it, from the datasets before, by the clock; none of a source's.
    pub took: Option<Duration>,
}

impl MadeDataset {
    /// How many rows it has.
    pub fn n_rows(&self) -> u64 {
        self.partitions.iter().flatten().map(|rows| rows.num_rows() as u64).sum()
    }
}

/// A stream's state: the key's columns, then the state's.
#[derive(Debug, Clone)]
pub struct StateRows {
    /// The columns.
    pub schema: SchemaRef,
    /// Before the batch.
    pub before: Vec<RecordBatch>,
    /// When each key of `before` was last refreshed, in milliseconds since 1970-01-01T00:00:00Z.
    pub refreshed_ms: Vec<i64>,
    /// After it.
    pub after: Vec<RecordBatch>,
}

/// What came of a batch that was run again.
#[derive(Debug, Default)]
pub struct MadeAgain {
    /// The streams that plugins make, and those that they make them of, by name.
    pub streams: BTreeMap<String, MadeDataset>,
    /// State, by stream.
    pub states: BTreeMap<String, StateRows>,
    /// The outputs whose streams had a dataset.
    pub outputs: BTreeSet<String>,
    /// What operators did.
    pub report: BatchReport,
}

/// Why a recorded batch wasn't made again.
#[derive(Debug)]
pub enum Unmade {
    /// What it read isn't there any more.
    Gone(Error),
    /// It fails.
    Fails(Error),
}

impl From<Error> for Unmade {
    fn from(error: Error) -> Self {
        Self::Fails(error)
    }
}

impl Driver {
    /// Take up what a recorded batch began with; the sources in `constant` have the same rows in every batch. The driver was made to do this, and nothing else.
    ///
    /// # Errors
    /// When something of it can't be had any more.
    pub(crate) async fn stand_before(
        self: &Arc<Self>,
        recorded: &Recorded,
        store: &Store,
        constant: &BTreeSet<String>,
    ) -> Result<()> {
        let Recorded { plan, before, .. } = recorded;
        let begin = plan.batch.before(self.parts.interval);
        self.edition().tables.start(&self.parts.engine, begin).await?;
        self.edition().broadcasts.start(&self.parts.engine.services().memory, begin).await?;
        if let Some(log) = &self.parts.received {
            log.look().await?;
        }
        self.parts.engine.services().reports.settle(&before.event_times);
        self.restore_states(store, before).await?;
        self.restore_datasets(store, before).await?;
        for (name, source) in &self.edition().sources {
            let range = plan.inputs.get(name).unwrap_or(&InputRange::NoDataset);
            let given = PastInput { batch: plan.batch, range: range.clone(), again: true };
            source.recover(Past { standing: None, given: vec![given] }).await?;
            if constant.contains(name) {
                // It reads its rows, and nothing else.
                source.start().await?;
            }
        }
        Ok(())
    }

    /// Run a recorded batch, before which the driver stands.
    ///
    /// # Errors
    /// Why it fails, or can't be run.
    pub(crate) async fn make_recorded(self: &Arc<Self>, plan: &PlanRecord) -> Result<MadeAgain, Unmade> {
        let graph = self.components.of(plan.batch);
        let wanted = looked_at(&graph);
        let before = self.state_rows(&graph, |_, state, group| state.snapshot(group)).await?;
        let mut info = BatchInfo {
            batch_time: plan.batch,
            inputs: vec![],
            submission_time_ms: plan.batch.0,
            processing_start_ms: None,
            processing_end_ms: None,
            outputs: vec![],
            report: BatchReport::default(),
            attempts: 0,
            failure: None,
        };
        let mut attempt = 0;
        let took = parking_lot::Mutex::new(BTreeMap::new());
        let Made { outputs, report } = loop {
            let note = |idx: usize, watch: Stopwatch| {
                took.lock().insert(idx, watch.elapsed());
            };
            match self.attempt_with(plan, attempt, &mut info, &|idx| wanted.contains(&idx), &note).await {
                Ok(made) => break made,
                Err(error) if error.is_retriable() && attempt + 1 < ATTEMPTS => {
                    let services = self.parts.engine.services();
                    services.datasets.drop_batch(plan.batch);
                    services.state.abandon(plan.batch);
                    attempt += 1;
                }
                Err(error) if error.is_input_gone() => return Err(Unmade::Gone(Error::failed(error))),
                Err(error) => return Err(Unmade::Fails(Error::failed(error))),
            }
        };
        let batch = plan.batch;
        let mut after =
            self.state_rows(&graph, move |_, state, group| state.snapshot_after(group, batch, attempt)).await?;
        let mut made = MadeAgain { report, ..MadeAgain::default() };
        for (name, (schema, before)) in before {
            let rows = |kept: Vec<KeyedRows>| kept.into_iter().map(|kept| kept.rows).collect();
            let after = after.remove(&name).map(|(_, kept)| rows(kept)).unwrap_or_default();
            let refreshed_ms = before.iter().flat_map(|kept| kept.refreshed_ms.values().iter().copied()).collect();
            made.states.insert(name, StateRows { schema, before: rows(before), refreshed_ms, after });
        }
        let datasets = &self.parts.engine.services().datasets;
        for idx in wanted {
            let stream = &graph.streams[idx];
            let kept = datasets.kept(&stream.name, BatchTime(batch.0 - 1), batch).into_iter().next();
            let Some(kept) = kept else { continue };
            let partition = |of| datasets.get(&stream.name, batch, number(of)).map(|rows| rows.to_vec());
            let partitions = (0..kept.partitions).filter_map(partition).collect();
            let took = took.lock().get(&idx).copied();
            let dataset = MadeDataset { schema: stream.schema.clone(), partitions, took };
            made.streams.insert(stream.name.to_string(), dataset);
        }
        for written in outputs {
            self.edition().sinks[written.output].commit(batch, &written.staged).await?;
            made.outputs.insert(graph.outputs[written.output].name.clone());
        }
        Ok(made)
    }

    /// The rows of all state, in the order of key groups.
    async fn state_rows<E: std::fmt::Display + Send + 'static>(
        &self,
        graph: &Graph,
        rows: impl Fn(&str, &crate::state::StreamState, u32) -> Result<Vec<KeyedRows>, E> + Clone + Send + 'static,
    ) -> Result<BTreeMap<String, (SchemaRef, Vec<KeyedRows>)>> {
        let mut all = BTreeMap::new();
        for stream in graph.streams.iter().filter(|stream| stream.operation().and_then(DStream::state).is_some()) {
            let Some(state) = self.parts.engine.services().state.get(&stream.name) else { continue };
            let (name, rows) = (stream.name.to_string(), rows.clone());
            let about = name.clone();
            let gathering = tokio::task::spawn_blocking(move || {
                let mut all = vec![];
                for group in 0..state.spec().key_groups.max(1) {
                    all.extend(rows(&name, &state, group).map_err(|error| error.to_string())?);
                }
                Ok::<_, String>((state.spec().columns(), all))
            });
            let gathered = gathering.await.map_err(Error::failed)?;
            let gathered = gathered
                .map_err(|error| Error::failed(format_args!("stream \"{about}\": its state can't be read: {error}")))?;
            all.insert(about, gathered);
        }
        Ok(all)
    }
}

/// The streams that plugins make, and those that they make them of, as indices.
fn looked_at(graph: &Graph) -> BTreeSet<usize> {
    let evaluations = graph.evaluations();
    let mut wanted = BTreeSet::new();
    for (idx, stream) in graph.streams.iter().enumerate() {
        if stream.operation().and_then(DStream::operator).is_some() && evaluations[idx] != Evaluation::Unneeded {
            wanted.insert(idx);
            wanted.extend(stream.parents.iter().filter(|parent| !graph.streams[**parent].is_table()));
        }
    }
    wanted
}
