//! What a batch leaves in the checkpoint before its result is recorded: what it changed in keyed state, and the datasets that later batches read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::Schema;
use bytes::Bytes;
use parking_lot::Mutex;

use super::canary::is_shadow;
use super::driver::Driver;
use super::log::{Compacted, DatasetFile, History, PlanRecord, StateFile, StateHistory, StateShape};
use super::recover::in_words;
use crate::checkpoint::sweep::sweep;
use crate::checkpoint::{FaultPoint, Store, datasets, fault_point, path_name, state};
use crate::clock::BatchTime;
use crate::dstream::{DStream, Stream};
use crate::error::{Error, Result};
use crate::job::types::TypeName;
use crate::state::{StateSpec, StreamState};

/// A key group is whole in a file again after this many batches that changed state, or sooner: so many files are read at most to go on.
const FILES: u64 = 256;

/// A job's checkpoint, as the driver writes it.
#[derive(Debug)]
pub struct Keeper {
    /// Where.
    pub store: Store,
    /// The key group of each stream from which on it is time to keep them whole.
    next_whole: Mutex<BTreeMap<Arc<str>, u32>>,
    /// Key groups that are whole only in files of an earlier version of their stream's state.
    earlier: Mutex<BTreeMap<Arc<str>, BTreeSet<u32>>>,
}

/// What is in the checkpoint of a batch, to be named in its result.
#[derive(Debug, Default)]
pub struct Kept {
    /// Keyed state.
    pub state: Vec<StateFile>,
    /// Datasets.
    pub datasets: Vec<DatasetFile>,
    /// By stream, up to which batch its datasets are needed no more.
    pub over: BTreeMap<Arc<str>, BatchTime>,
}

/// What is to be written.
struct File {
    path: String,
    bytes: Bytes,
}

impl Keeper {
    /// A keeper that goes on after `history`.
    pub fn new(store: Store, history: &History) -> Self {
        let next_whole = history.states.keys().map(|stream| (stream.clone(), 0)).collect();
        let earlier = history.states.iter().map(|(stream, state)| (stream.clone(), earlier(state))).collect();
        Self { store, next_whole: Mutex::new(next_whole), earlier: Mutex::new(earlier) }
    }

    /// The stream's state is of another version from now on. What is kept of earlier ones is migrated when a job goes on from it, once: where it would have to be twice, all is written anew.
    pub fn migrated(&self, stream: &Arc<str>, key_groups: u32) {
        let mut earlier = self.earlier.lock();
        let of = earlier.entry(stream.clone()).or_default();
        if of.is_empty() {
            of.extend(0..key_groups.max(1));
        } else {
            self.next_whole.lock().remove(stream);
        }
    }

    /// A stream's state is dropped: if there is such a stream again, it begins anew.
    pub fn forget(&self, stream: &str) {
        self.next_whole.lock().remove(stream);
        self.earlier.lock().remove(stream);
    }

    /// What an attempt staged of a stream's state; none if it changed nothing.
    fn state(
        &self,
        state: &StreamState,
        batch: BatchTime,
        attempt: u32,
        path: String,
    ) -> Result<Option<(File, StateFile)>> {
        let spec = state.spec();
        let failed = |error: &dyn std::fmt::Display| {
            Error::failed(format_args!("stream \"{}\", batch {batch}: {error}", state.stream()))
        };
        let (changed, bytes) = state.changed_groups(batch, attempt);
        let n_groups = spec.key_groups.max(1);
        let first = self.next_whole.lock().get(state.stream()).copied();
        if changed.is_empty() && first.is_some() {
            return Ok(None);
        }
        // As many bytes of whole groups as of changes: then what is written is at most twice what changes, and what is read to go on at most twice the state.
        let quota = bytes.max(state.live_bytes() / FILES);
        let (mut whole, mut sum) = (BTreeSet::new(), 0);
        let all = 0..n_groups;
        match first {
            // What was put in for the first batch is among no changes.
            None => whole.extend(all),
            Some(first) => {
                for group in all.map(|idx| (first + idx) % n_groups) {
                    if sum >= quota && whole.len() as u64 >= u64::from(n_groups).div_ceil(FILES) {
                        break;
                    }
                    sum += state.group(group).live_bytes() as u64;
                    whole.insert(group);
                    self.next_whole.lock().insert(state.stream().clone(), (group + 1) % n_groups);
                }
            }
        }
        let rows: Result<Vec<_>, _> =
            whole.iter().map(|group| Ok((*group, state.snapshot_after(*group, batch, attempt)?))).collect();
        let rows = rows.map_err(|error: crate::state::StateError| failed(&error))?;
        let changes = state.changes(batch, attempt, |group| !whole.contains(&group)).map_err(|error| failed(&error))?;
        let bytes = state::encode(spec, &changes, &rows).map_err(|error| failed(&error))?;
        let named = StateFile {
            stream: state.stream().clone(),
            batch,
            path: path.clone(),
            bytes: bytes.len() as u64,
            shape: shape(spec),
            whole: ranges(&whole),
        };
        if first.is_none() {
            self.next_whole.lock().insert(state.stream().clone(), 0);
        }
        if let Some(earlier) = self.earlier.lock().get_mut(state.stream()) {
            earlier.retain(|group| !whole.contains(group));
        }
        Ok(Some((File { path, bytes }, named)))
    }
}

/// The key groups that are whole only in files of other versions than the last.
fn earlier(state: &StateHistory) -> BTreeSet<u32> {
    let Some(last) = state.files.last() else { return BTreeSet::new() };
    let whole = |of: &StateFile| of.whole.iter().flat_map(|(first, last)| *first..=*last).collect::<Vec<_>>();
    let now = state.files.iter().filter(|file| file.shape.version == last.shape.version);
    let now: BTreeSet<u32> = now.flat_map(whole).collect();
    let then = state.files.iter().filter(|file| file.shape.version != last.shape.version);
    then.flat_map(whole).filter(|group| !now.contains(group)).collect()
}

/// What stands for a state's columns in the log.
pub fn shape(spec: &StateSpec) -> StateShape {
    let (keys, state) = (columns(&spec.keys), columns(&spec.state));
    StateShape { version: spec.version, keys, state, key_groups: spec.key_groups.max(1) }
}

/// Columns, and their types in words.
pub fn columns(schema: &Schema) -> Vec<(String, String)> {
    schema.fields().iter().map(|field| (field.name().clone(), TypeName(field.data_type()).to_string())).collect()
}

/// What a stream's datasets look like, by which it is known whether another program can read them: the columns, and the version of what a plugin's aggregate made in them.
pub fn dataset_columns(stream: &Stream) -> Vec<(String, String)> {
    let version = stream.operation().and_then(DStream::partial_version);
    let version = version.map(|version| ("#partial-version".to_owned(), version.to_string()));
    let window = stream.operation().and_then(DStream::window).map(|window| (WINDOW.to_owned(), window));
    columns(&stream.schema).into_iter().chain(version).chain(window).collect()
}

/// Stands for what a window is among the columns of its datasets.
const WINDOW: &str = "#window";

/// Whether datasets that looked like `then` can be gone on from where they look like `now`. Earlier programs didn't say of what windows they are.
pub fn are_same(then: &[(String, String)], now: &[(String, String)]) -> bool {
    let said = then.iter().any(|(name, _)| name == WINDOW);
    then.iter().eq(now.iter().filter(|(name, _)| said || name != WINDOW))
}

/// Why datasets of a stream aren't gone on from: whether windows lose something by it, and the reason in words.
pub fn left_out(name: &str, then: &[(String, String)], now: &[(String, String)]) -> (bool, String) {
    let without = |columns: &[(String, String)]| -> Vec<_> {
        columns.iter().filter(|(name, _)| name != WINDOW).cloned().collect()
    };
    if name.ends_with("#window") && without(then) == without(now) {
        return (false, "the window is another, and is made anew of what is kept of its batches".to_owned());
    }
    let (then, now) = (in_words(then), in_words(now));
    (true, format!("it was ({then}) and is ({now}): windows over it begin anew"))
}

fn ranges(groups: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = vec![];
    for group in groups {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *group => *last = *group,
            _ => ranges.push((*group, *group)),
        }
    }
    ranges
}

impl Driver {
    /// Write what an attempt made that later batches read. Nothing where the job has no checkpoint.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub(super) async fn keep(self: &Arc<Self>, plan: &PlanRecord, attempt: u32) -> Result<Kept> {
        let Some(keeper) = self.keeper.get().cloned() else { return Ok(Kept::default()) };
        let (batch, term) = (plan.batch, self.term());
        let place = |folder: &str, stream: &str| format!("{folder}/{}/{batch}-{term}-{attempt}", path_name(stream));
        let mut kept = Kept::default();
        let mut files = vec![];
        let states =
            self.parts.engine.services().state.streams().into_iter().filter(|state| !is_shadow(state.stream())).map(
                |state| {
                    let (keeper, path) = (keeper.clone(), place("state", state.stream()));
                    tokio::task::spawn_blocking(move || keeper.state(&state, batch, attempt, path))
                },
            );
        for made in futures::future::join_all(states).await {
            if let Some((file, named)) = made.map_err(Error::failed)?? {
                files.push(file);
                kept.state.push(named);
            }
        }
        let graph = &*self.components.of(batch);
        let store = &self.parts.engine.services().datasets;
        for (stream, over) in graph.streams.iter().zip(graph.over_at(batch)).filter(|(stream, _)| !stream.is_table()) {
            let own = graph.reads_itself(stream);
            if !own && over >= batch {
                continue;
            }
            let made = store.kept(&stream.name, BatchTime(batch.0 - 1), batch).into_iter().next();
            let over = match (own, made) {
                (true, Some(_)) => over.min(BatchTime(batch.0 - 1)),
                (true, None) => continue,
                (false, _) => over,
            };
            kept.over.insert(stream.name.clone(), over);
            let Some(made) = made else { continue };
            let numbers = 0..u32::try_from(made.partitions).unwrap_or(u32::MAX);
            let rows: Option<Vec<_>> = numbers.map(|number| store.get(&stream.name, batch, number)).collect();
            let rows = rows.ok_or_else(|| {
                Error::failed(format_args!("stream \"{}\", batch {batch}: its dataset lacks a partition", stream.name))
            })?;
            let (schema, path) = (stream.schema.clone(), place("datasets", &stream.name));
            let encoded = tokio::task::spawn_blocking(move || datasets::encode(&schema, &rows)).await;
            let bytes = encoded
                .map_err(Error::failed)?
                .map_err(|error| Error::failed(format_args!("stream \"{}\", batch {batch}: {error}", stream.name)))?;
            kept.datasets.push(DatasetFile {
                stream: stream.name.clone(),
                batch,
                path: path.clone(),
                bytes: bytes.len() as u64,
                partitions: u32::try_from(made.partitions).unwrap_or(u32::MAX),
                columns: dataset_columns(stream),
            });
            files.push(File { path, bytes });
        }
        fault_point(FaultPoint::KeepBefore);
        let puts = files.into_iter().map(|file| keeper.put(file));
        futures::future::try_join_all(puts).await?;
        fault_point(FaultPoint::KeepAfter);
        Ok(kept)
    }
}

impl Keeper {
    async fn put(&self, file: File) -> Result<()> {
        self.store.put(&file.path, file.bytes).await.map_err(Error::failed)
    }
}

impl Driver {
    /// Remove what the checkpoint needs no more, neither to go on nor to look at batches again that are retained. What can't be removed is told, and the next time tries again.
    pub(super) async fn sweep(&self, compacted: &Compacted) {
        let Compacted { base, earliest } = compacted;
        let (Some(keeper), Some(done), Some(kept_from)) = (self.keeper.get(), base.done, earliest.done) else { return };
        let needed: BTreeSet<String> = base.files().into_iter().chain(earliest.files()).map(str::to_owned).collect();
        let until = done.before(self.parts.retain).min(kept_from);
        if let Err(error) = sweep(&keeper.store, &needed, until).await {
            tracing::warn!(target: "sluicebox::checkpoint", %error, "what the checkpoint needs no more can't be removed");
        }
        self.sweep_components(&keeper.store, compacted).await;
    }
}
