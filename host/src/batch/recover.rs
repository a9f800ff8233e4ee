//! Going on where an earlier run of the job stopped: its state, its datasets, how its sources stand, and the code its unfinished batches run with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};

use super::driver::Driver;
use super::keep::{Keeper, are_same, dataset_columns, left_out, shape};
use super::listener::Event;
use super::log::{ApplyKind, ApplyRecord, Dropped};
use super::log::{DatasetFile, History, LogError, Record, StateHistory, StateShape, SwapKind, SwapRecord, Unfinished};
use super::migrate::{Migrator, stateful};
use crate::checkpoint::{FaultPoint, Store, datasets, fault_point, state};
use crate::clock::{BatchTime, Stopwatch};
use crate::dstream::{DStream, Graph, Stream};
use crate::engine::state::Stateful;
use crate::error::{Error, Result};
use crate::memory::Share;
use crate::plugin::Digest;
use crate::receiver::{InputRange, Past, PastInput};
use crate::state::StreamState;
use crate::state::restore::Kept;

/// Files read at once.
const READS: usize = 8;

impl Driver {
    /// Become the job's driver: says where the job stands.
    ///
    /// # Errors
    /// When the checkpoint can't be read or written.
    pub(super) async fn take_over(self: &Arc<Self>) -> Result<History> {
        if let Some(store) = &self.parts.checkpoint {
            store.ready().await.map_err(Error::failed)?;
        }
        let history = self.parts.log.take_over().await.map_err(|error: LogError| Error::failed(error))?;
        let _ = self.term.set(history.term);
        Ok(history)
    }

    /// Open the job's outputs, from which on drivers before this one change nothing in them any more.
    ///
    /// # Errors
    /// When one can't be.
    pub(super) async fn open_outputs(&self, history: &History) -> Result<()> {
        for (sink, output) in self.edition().sinks.iter().zip(&self.edition().graph.outputs) {
            let open = sink.open(history.term).await;
            open.map_err(|error| Error::failed(format_args!("output \"{}\": {error}", output.name)))?;
        }
        Ok(())
    }

    /// Take up what the drivers before have left.
    ///
    /// # Errors
    /// When the checkpoint can't be read or written, or what is in it can't be gone on with.
    pub(super) async fn recover(self: &Arc<Self>, history: &History) -> Result<()> {
        let Some(store) = self.parts.checkpoint.clone() else { return Ok(()) };
        let _ = self.keeper.set(Arc::new(Keeper::new(store.clone(), history)));
        self.keep_components().await?;
        if let Some(log) = &self.parts.received {
            log.open(history.term).await?;
        }
        self.components.recovered(history);
        self.record_filed_job(history).await?;
        if history.planned.is_none() && history.components.is_empty() {
            return Ok(());
        }
        fault_point(FaultPoint::RecoverBefore);
        let watch = Stopwatch::start();
        let components = self.go_on_with(history);
        let refused = self.fetch_components(&store, history, &components).await?;
        self.bind_again(history, components, &refused).await?;
        self.record_filed(history).await?;
        if history.planned.is_none() {
            return Ok(());
        }
        self.parts.engine.services().reports.settle(&history.event_times);
        history.done.into_iter().for_each(|done| self.set_done(done));
        let state_bytes = self.restore_states(&store, history).await?;
        let dataset_bytes = self.restore_datasets(&store, history).await?;
        fault_point(FaultPoint::RecoverMiddle);
        for (name, source) in &self.edition().sources {
            source.recover(past(history, name)?).await?;
        }
        fault_point(FaultPoint::RecoverAfter);
        tracing::info!(
            target: "sluicebox::checkpoint",
            checkpoint = store.url(), term = history.term,
            planned = history.planned.map(|batch| batch.0), done = history.done.map(|batch| batch.0),
            unfinished = history.unfinished.len(), state_bytes, dataset_bytes, took = ?watch.elapsed(),
            "the job goes on from its checkpoint"
        );
        Ok(())
    }

    /// Put the components that the job runs with beside its log, by their digests: a batch that is run again by a program whose job names others needs them.
    async fn keep_components(&self) -> Result<()> {
        let edition = self.edition();
        for (plugin, digest) in &edition.graph.plugins {
            let Some(vouched) = edition.components.get(digest) else {
                return Err(Error::failed(format_args!(
                    "plugin \"{plugin}\": the bytes of its component {digest} are gone"
                )));
            };
            fault_point(FaultPoint::ComponentBefore);
            self.keep_component(digest, vouched).await?;
        }
        Ok(())
    }

    /// The components that batches are planned with: those that the job file names, or what they were swapped for since.
    fn go_on_with(&self, history: &History) -> BTreeMap<String, Digest> {
        let edition = self.edition();
        let swapped = |(name, filed): (&String, &Digest)| {
            let is_pinned = edition.definition().pinned(name).is_some();
            let swapped = history.components.get(name).filter(|swapped| swapped.filed == *filed && !is_pinned);
            (name.clone(), swapped.map_or(*filed, |swapped| swapped.digest))
        };
        edition.graph.plugins.iter().map(swapped).collect()
    }

    /// Load the components that batches run with, where they aren't those of the job file. Returns what batches were planned with and don't run with: plugins with components that nobody vouches for, or other than the job file pins them to.
    async fn fetch_components(
        &self,
        store: &Store,
        history: &History,
        now: &BTreeMap<String, Digest>,
    ) -> Result<BTreeSet<(String, Digest)>> {
        let mut wanted: BTreeMap<Digest, (String, Option<BatchTime>)> = BTreeMap::new();
        let mut refused = BTreeSet::new();
        let edition = self.edition();
        let known = |digest: &Digest| edition.components.contains_key(digest);
        for Unfinished { plan, .. } in &history.unfinished {
            for (name, digest) in plan.plugins.iter().filter(|(name, _)| edition.graph.plugins.contains_key(*name)) {
                if edition.definition().pinned(name).is_some_and(|pinned| pinned != *digest) {
                    refused.insert((name.clone(), *digest));
                } else if !known(digest) {
                    wanted.insert(*digest, (name.clone(), Some(plan.batch)));
                }
            }
        }
        wanted.extend(
            now.iter().filter(|(_, digest)| !known(digest)).map(|(name, digest)| (*digest, (name.clone(), None))),
        );
        for (digest, (plugin, batch)) in wanted {
            let about = |message: String| {
                let batch = batch.map(|batch| format!(", batch {batch}")).unwrap_or_default();
                Error::failed(format!("plugin \"{plugin}\"{batch}: {message}"))
            };
            let Err(reason) = self.restore_component(store, &digest).await.map_err(about)? else { continue };
            match batch {
                Some(batch) => {
                    tracing::warn!(
                        target: "sluicebox::batch",
                        plugin, batch_time = batch.0, component = %digest,
                        "nobody that the job trusts vouches for the component that the batch was planned with, and it runs with the job's own: {reason}"
                    );
                    refused.extend(edition.graph.plugins.keys().map(|name| (name.clone(), digest)));
                }
                None => {
                    return Err(Error::invalid_with_help(
                        format!("plugin \"{plugin}\" was swapped to {digest}: {reason}"),
                        "name the component that is wanted in the job file, signed with one of trusted-keys: another one than when it was swapped is taken instead",
                    ));
                }
            }
        }
        Ok(refused)
    }

    /// Bind the graph to the components that batches are planned with from now on, and to those that unfinished batches were planned with.
    async fn bind_again(
        self: &Arc<Self>,
        history: &History,
        now: BTreeMap<String, Digest>,
        refused: &BTreeSet<(String, Digest)>,
    ) -> Result<()> {
        let mut bound: Vec<Arc<Graph>> = vec![self.edition().graph.clone()];
        if now != self.edition().graph.plugins {
            let edition = self.edition();
            let others = || now.iter().filter(|(name, digest)| edition.graph.plugins.get(*name) != Some(*digest));
            let swapped: Vec<String> =
                others().map(|(name, digest)| format!("plugin \"{name}\" to {digest}")).collect();
            let swapped = swapped.join(", ");
            let allowed = others().try_for_each(|(name, digest)| {
                let allowed = self.check_allowed(edition.definition(), name, digest);
                allowed.map_err(|forbidden| forbidden.message(name, Some(digest)))
            });
            let graph = match allowed {
                Ok(()) => self.bound(&now).await,
                Err(forbidden) => Err(forbidden),
            };
            let graph = graph.map_err(|mistakes| {
                Error::invalid_with_help(
                    format!("the job was swapped ({swapped}), and that doesn't fit its job file any more: {mistakes}"),
                    "name the component that is wanted in the job file: another one than when it was swapped is taken instead",
                )
            })?;
            tracing::info!(target: "sluicebox::checkpoint", swapped, "components are those that plugins were swapped to");
            for source in self.edition().sources.values() {
                source.use_components(&now)?;
            }
            self.components.set_current(graph.clone());
            bound.push(graph);
        }
        for Unfinished { plan, .. } in &history.unfinished {
            let planned = |(name, digest): (&String, &Digest)| {
                let planned = plan.plugins.get(name).filter(|planned| !refused.contains(&(name.clone(), **planned)));
                (name.clone(), planned.copied().unwrap_or(*digest))
            };
            let plugins: BTreeMap<String, Digest> = now.iter().map(planned).collect();
            let known = bound.iter().find(|graph| graph.plugins == plugins).cloned();
            let graph = match known {
                Some(graph) => graph,
                None => match self.bound(&plugins).await {
                    Ok(graph) => {
                        bound.push(graph.clone());
                        graph
                    }
                    Err(error) => {
                        tracing::warn!(
                            target: "sluicebox::batch",
                            batch_time = plan.batch.0, error,
                            "the job's streams don't fit the components that the batch was planned with: it runs with the job's own"
                        );
                        self.components.current().graph.clone()
                    }
                },
            };
            self.components.set_of(plan.batch, graph);
        }
        Ok(())
    }

    /// The job's graph, bound to these components, all of which are loaded; the error is what doesn't fit.
    pub(super) async fn bound(&self, plugins: &BTreeMap<String, Digest>) -> Result<Arc<Graph>, String> {
        let (binder, plugins) = (self.edition().binder.clone(), plugins.clone());
        let bound = tokio::task::spawn_blocking(move || binder.bind(&plugins)).await;
        let bound = bound.map_err(|error| error.to_string())?;
        bound.map(Arc::new).map_err(|mistakes| mistakes.to_string())
    }

    /// Where the job file names another component than when a plugin was swapped, that one is taken, and that is recorded: naming the earlier one again is then a change, too.
    async fn record_filed(&self, history: &History) -> Result<()> {
        let graph = self.edition().graph.clone();
        for (plugin, swapped) in &history.components {
            let Some(filed) = graph.plugins.get(plugin).filter(|filed| **filed != swapped.filed) else {
                continue;
            };
            let swap = SwapRecord {
                plugin: plugin.clone(),
                from: swapped.digest,
                to: *filed,
                filed: *filed,
                after: history.planned,
                planned_too: false,
                kind: SwapKind::Filed,
                time_ms: self.parts.clock.now_ms(),
                by: String::new(),
                why: "the job file names another component than when the plugin was swapped".to_owned(),
            };
            self.parts.log.append(Record::Swap(swap.clone())).await.map_err(Error::failed)?;
            self.components.swapped(&swap);
            self.tell(&Event::Swapped(swap));
        }
        Ok(())
    }

    /// Where the job was started with another job file than when one was applied to it, that counts no more, and this is recorded: starting with the earlier one again is then a change, too.
    async fn record_filed_job(&self, history: &History) -> Result<()> {
        let edition = self.edition();
        let (now, filed) = (edition.definition().digest(), edition.definition().filed());
        let Some(applied) = history.applied else { return Ok(()) };
        if Some(applied.filed) == filed {
            return match Some(applied.digest) == now {
                true => Ok(()),
                false => Err(Error::failed(
                    "another job file was applied to the job after this program looked at its checkpoint: start it again",
                )),
            };
        }
        let record = ApplyRecord {
            from: Some(applied.digest),
            to: now,
            filed,
            after: history.planned,
            kind: ApplyKind::Filed,
            changes: vec![],
            dropped: Dropped::default(),
            time_ms: self.parts.clock.now_ms(),
            by: String::new(),
            why: "the job was started with another job file than when one was applied to it".to_owned(),
        };
        self.parts.log.append(Record::Apply(Box::new(record.clone()))).await.map_err(Error::failed)?;
        self.components.applied(&record);
        self.tell(&Event::Applied(Box::new(record)));
        Ok(())
    }

    pub(super) async fn restore_states(&self, store: &Store, history: &History) -> Result<u64> {
        // State is as the next batch keeps it; it is migrated where a later one keeps it otherwise.
        let next = history.unfinished.iter().find(|unfinished| unfinished.result.is_none());
        let graph = next.map_or_else(
            || self.components.current().graph.clone(),
            |unfinished| self.components.of(unfinished.plan.batch),
        );
        let stateful: Vec<&Stream> = stateful(&graph).map(|(stream, _)| stream).collect();
        for name in history.states.keys().filter(|name| !stateful.iter().any(|stream| stream.name == **name)) {
            tracing::warn!(target: "sluicebox::checkpoint", stream = &**name, "the checkpoint has state of a stream that the job has no more: it is left out, and dropped with the next batches");
        }
        let mut sum = 0;
        for stream in stateful {
            let (Some(state), Some(kept)) =
                (stream.operation().and_then(DStream::state), history.states.get(&stream.name))
            else {
                continue;
            };
            let key_groups = self.parts.engine.key_groups();
            let spec = state.stateful.spec(key_groups);
            if let Some(mistake) = mismatch(&stream.name, kept, &shape(&spec)) {
                return Err(Error::invalid(mistake));
            }
            let services = self.parts.engine.services();
            let opened = services.state.open(&stream.name, &spec);
            let opened = opened.map_err(|error| Error::failed(format_args!("stream \"{}\": {error}", stream.name)))?;
            sum += self.restore_state(store, opened, &state.stateful, kept).await?;
        }
        Ok(sum)
    }

    async fn restore_state(
        &self,
        store: &Store,
        state: Arc<StreamState>,
        stateful: &Arc<Stateful>,
        history: &StateHistory,
    ) -> Result<u64> {
        let now = shape(state.spec());
        let read = futures::stream::iter(history.files.iter().cloned()).map(|file| {
            let (store, state, is_other) = (store.clone(), state.clone(), file.shape != now);
            let services = self.parts.engine.services().clone();
            let stateful = stateful.clone();
            async move {
                let bytes = fetch(&store, &file.path).await?;
                let length = bytes.len() as u64;
                let decoded = tokio::task::spawn_blocking(move || {
                    let wrong = |reason: String| {
                        Error::failed(format_args!("checkpoint {}: {}: {reason}", store.url(), file.path))
                    };
                    let mut groups = state::decode(state.spec(), is_other, &bytes).map_err(wrong)?;
                    if is_other {
                        let (stream, to) = (file.stream.clone(), state.spec().clone());
                        let place = " in the checkpoint";
                        let migrator = Migrator::new(services, stateful, stream, file.batch, file.shape, to, place);
                        migrator.migrate(groups.values_mut())?;
                    }
                    Ok::<_, Error>(groups)
                });
                Ok::<_, Error>((decoded.await.map_err(Error::failed)??, length))
            }
        });
        let read: Vec<_> = read.buffered(READS).try_collect().await?;
        let sum = read.iter().map(|(_, bytes)| bytes).sum();
        let mut by_group: BTreeMap<u32, Vec<Kept>> = BTreeMap::new();
        for (groups, _) in read {
            for (group, kept) in groups {
                let of = by_group.entry(group).or_default();
                if kept.is_whole {
                    of.clear();
                }
                of.push(kept);
            }
        }
        let parallel = self.parts.engine.parallelism();
        let restored = futures::stream::iter(by_group).map(|(group, kept)| {
            let state = state.clone();
            async move {
                let stream = state.stream().clone();
                let restored =
                    tokio::task::spawn_blocking(move || state.restore(group, &kept)).await.map_err(Error::failed)?;
                restored.map_err(|error| {
                    Error::failed(format_args!("stream \"{stream}\": its state in the checkpoint: {error}"))
                })
            }
        });
        restored.buffer_unordered(parallel).try_collect::<Vec<()>>().await?;
        Ok(sum)
    }

    pub(super) async fn restore_datasets(&self, store: &Store, history: &History) -> Result<u64> {
        let mut wanted: Vec<(DatasetFile, Arc<str>)> = vec![];
        let graph = self.edition().graph.clone();
        for (name, files) in &history.datasets {
            let stream = graph.streams.iter().find(|stream| stream.name == *name);
            match stream {
                Some(stream) if files.iter().all(|file| are_same(&file.columns, &dataset_columns(stream))) => {
                    wanted.extend(files.iter().map(|file| (file.clone(), stream.name.clone())));
                }
                stream => {
                    let other = |stream: &Stream| {
                        let now = dataset_columns(stream);
                        let file = files.iter().find(|file| !are_same(&file.columns, &now));
                        file.map(|file| left_out(name, &file.columns, &now).1)
                    };
                    let why = stream.and_then(other);
                    let why = why.unwrap_or_else(|| "the job has it no more: windows over it begin anew".to_owned());
                    tracing::warn!(target: "sluicebox::checkpoint", stream = &**name, batches = files.len(), "datasets of earlier batches are left out: {why}");
                }
            }
        }
        let read = futures::stream::iter(wanted).map(|(file, name)| async move {
            let bytes = fetch(store, &file.path).await?;
            let length = bytes.len() as u64;
            let wrong = |reason: String| Error::failed(format!("checkpoint {}: {}: {reason}", store.url(), file.path));
            let decoded = tokio::task::spawn_blocking(move || datasets::decode(&bytes)).await;
            let partitions = decoded.map_err(Error::failed)?.map_err(wrong)?;
            let services = self.parts.engine.services();
            for (number, rows) in (0..).zip(partitions) {
                let bytes = rows.iter().map(|rows| crate::engine::node::bytes_of(rows) as u64).sum();
                let reservation = services.memory.try_reserve(Share::Engine, bytes);
                let reservation = reservation.map_err(|over| {
                    Error::failed(format_args!("stream \"{name}\": datasets of earlier batches: {over}"))
                })?;
                services.datasets.insert(&name, file.batch, number, rows, reservation);
            }
            Ok::<u64, Error>(length)
        });
        Ok(read.buffer_unordered(READS).try_collect::<Vec<u64>>().await?.into_iter().sum())
    }
}

/// Why state in a checkpoint can't be gone on with, whatever the operator does.
pub fn mismatch(stream: &str, history: &StateHistory, now: &StateShape) -> Option<String> {
    let then = history.files.iter().map(|file| &file.shape).find(|then| *then != now)?;
    difference(stream, " in the checkpoint", then, now)
}

/// The same of state of this shape, which is at this place.
pub fn difference(stream: &str, place: &str, then: &StateShape, now: &StateShape) -> Option<String> {
    let about = format!("stream \"{stream}\": its state{place}");
    Some(match () {
        () if then == now => return None,
        () if then.key_groups != now.key_groups => {
            let (then, now) = (then.key_groups, now.key_groups);
            format!("{about} is in {then} key groups, and [job] key-groups is {now}: set it to {then}")
        }
        () if then.keys != now.keys => format!(
            "{about} is of the key ({}), and the job's is ({}): give it the key it had, or give the stream another name to begin without state",
            in_words(&then.keys),
            in_words(&now.keys)
        ),
        () if then.version == now.version => format!(
            "{about} is ({}), and its operator's is ({}), both of version {}: an operator whose state has other columns declares another version",
            in_words(&then.state),
            in_words(&now.state),
            now.version
        ),
        // The operator is asked to make it into its own.
        () => return None,
    })
}

/// Columns and their types.
pub fn in_words(columns: &[(String, String)]) -> String {
    let columns: Vec<_> = columns.iter().map(|(name, of)| format!("{name}: {of}")).collect();
    columns.join(", ")
}

async fn fetch(store: &Store, path: &str) -> Result<bytes::Bytes> {
    let bytes = store.get(path).await.map_err(Error::failed)?;
    bytes.ok_or_else(|| {
        Error::failed(format_args!("checkpoint {}: {path} is missing, and the batch log names it", store.url()))
    })
}

/// What is known of a source.
fn past(history: &History, source: &str) -> Result<Past> {
    let Some(known) = history.sources.get(source) else { return Ok(Past::default()) };
    let standing = known.standing.as_deref().map(from_hex).transpose();
    let standing = standing.map_err(|()| {
        Error::failed(format_args!("stream \"{source}\": how it stood can't be read from the batch log"))
    })?;
    let again = |batch| {
        history.unfinished.iter().any(|unfinished| unfinished.plan.batch == batch && unfinished.result.is_none())
    };
    let given = known.given.iter().filter(|given| given.range != InputRange::NoDataset);
    let given =
        given.map(|given| PastInput { batch: given.batch, range: given.range.clone(), again: again(given.batch) });
    Ok(Past { standing, given: given.collect() })
}

fn from_hex(digits: &str) -> Result<Vec<u8>, ()> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Ok(digit(*high)? << 4 | digit(*low)?),
        _ => Err(()),
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}
