//! State of one version made into another's, by the operator that is to go on with it.
//!
//! Where a job goes on from a checkpoint, that is done file by file. Where a plugin is swapped in a running job, it is done beside the batches: key groups are copied one after the other and
//! migrated; what batches change meanwhile in groups that are copied is noted, migrated, and applied to the copy. Between the last batch of the old component and the first of the new one only the
//! rest of that is left to do, and the copy takes the state's place.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::error::ArrowError;
use parking_lot::Mutex;

use super::driver::Driver;
use super::keep::shape;
use super::log::StateShape;
use super::recover::in_words;
use crate::clock::{BatchTime, Stopwatch};
use crate::dstream::{DStream, Evaluation, Graph, Stream};
use crate::engine::node::bytes_of;
use crate::engine::state::{StateOperator, Stateful};
use crate::engine::{EngineError, Services, StateNotMigrated};
use crate::error::{Error, Result};
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::plugin::{Digest, Task};
use crate::state::restore::Kept;
use crate::state::snapshot::Changed;
use crate::state::{StateSpec, StreamState};

/// Rounds in which what batches changed is applied while others go on. What comes after is left for the time between two batches.
const ROUNDS: usize = 8;

/// Has an operator make state of another version into its own.
#[derive(Debug, Clone)]
pub struct Migrator {
    services: Arc<Services>,
    stateful: Arc<Stateful>,
    stream: Arc<str>,
    batch: BatchTime,
    /// What the state is.
    from: StateShape,
    /// What it is to be.
    to: StateSpec,
    /// Where the state is, for errors.
    place: &'static str,
}

impl Migrator {
    /// From state that is of the shape `from`, as a batch left it.
    pub fn new(
        services: Arc<Services>,
        stateful: Arc<Stateful>,
        stream: Arc<str>,
        batch: BatchTime,
        from: StateShape,
        to: StateSpec,
        place: &'static str,
    ) -> Self {
        Self { services, stateful, stream, batch, from, to, place }
    }

    /// Migrate what is kept of key groups.
    ///
    /// # Errors
    /// When the operator can't.
    pub fn migrate<'a>(&self, kept: impl Iterator<Item = &'a mut Kept>) -> Result<()> {
        let (spec, from) = (&self.to, &self.from);
        let failed = |reason: String| {
            Error::failed(format_args!(
                "stream \"{}\": its state{} has version {} and columns ({}), and {} can't make version {} of it: {reason}; run the component it had, or give the stream another name to begin without state",
                self.stream,
                self.place,
                from.version,
                in_words(&from.state),
                spec.operator,
                spec.version
            ))
        };
        let StateOperator::Plugin(operator) = &self.stateful.operator else {
            return Err(failed("it knows no other version".to_owned()));
        };
        let task = Task {
            job: self.services.job.clone(),
            stream: self.stream.clone(),
            batch: self.batch,
            partition: 0,
            partitions: 1,
            attempt: 0,
            done: 0,
            logged: Default::default(),
        };
        let mut calls = self.services.plugins.open_state(operator, &self.stateful.binding, &task)?;
        let n_keys = spec.keys.fields().len();
        for keyed in kept.flat_map(|kept| &mut kept.set) {
            let states: Vec<usize> = (n_keys..keyed.rows.num_columns()).collect();
            let wrong = |error: ArrowError| failed(error.to_string());
            let old = keyed.rows.project(&states).map_err(wrong)?;
            let made = calls.migrate(from.version, &old).map_err(|error| failed(error.to_string()))?;
            let made = made.ok_or_else(|| failed("it knows no other version".to_owned()))?;
            let columns = keyed.rows.columns()[..n_keys].iter().chain(made.columns()).cloned().collect();
            keyed.rows = RecordBatch::try_new(spec.columns(), columns).map_err(wrong)?;
        }
        Ok(())
    }
}

/// State that is copied into another version while batches go on.
#[derive(Debug)]
pub struct Migration {
    /// None where the version stays the same, and the state is only copied.
    migrator: Option<Migrator>,
    /// The component that it is for.
    digest: Digest,
    from: Arc<StreamState>,
    to: Arc<StreamState>,
    noted: Mutex<Noted>,
}

/// What batches have changed in groups that are copied.
#[derive(Debug, Default)]
struct Noted {
    copied: BTreeSet<u32>,
    changes: Vec<(Changed, Reservation)>,
    /// Why it can't be gone on with.
    broken: Option<Error>,
}

impl Migration {
    /// From one version to another of an operator's, or to a copy, where both are the same; `batch` is one that was planned last.
    pub fn new(
        services: &Arc<Services>,
        of: &Arc<Stateful>,
        batch: BatchTime,
        from: Arc<StreamState>,
        to: Arc<StreamState>,
        spec: StateSpec,
    ) -> Self {
        let digest = digest_of(of).unwrap_or(Digest([0; 32]));
        let (services, stream, is_same) = (services.clone(), from.stream().clone(), from.is_of(&spec));
        let migrator = Migrator::new(services, of.clone(), stream, batch, shape(from.spec()), spec, "");
        Self { migrator: (!is_same).then_some(migrator), digest, from, to, noted: Mutex::default() }
    }

    /// What it makes.
    pub fn to(&self) -> Arc<StreamState> {
        self.to.clone()
    }

    /// The name of what it makes.
    pub fn to_stream(&self) -> &Arc<str> {
        self.to.stream()
    }

    fn migrate(&self, kept: &mut [Kept]) -> Result<()> {
        self.migrator.as_ref().map_or(Ok(()), |migrator| migrator.migrate(kept.iter_mut()))
    }

    /// Apply what is left to be applied: no batch changes anything meanwhile.
    ///
    /// # Errors
    /// When what it makes can't be made.
    pub fn finish(&self) -> Result<()> {
        while self.catch_up()? > 0 {}
        Ok(())
    }

    /// The stream's name.
    pub fn stream(&self) -> &Arc<str> {
        self.from.stream()
    }

    /// The component that it is for.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether it makes the state that counts now into what is wanted.
    fn leads(&self, from: &Arc<StreamState>, to: &StateSpec) -> bool {
        Arc::ptr_eq(&self.from, from) && self.to.is_of(to) && self.to.stream() == from.stream()
    }

    /// A batch is about to change the state. Called with the gate closed.
    fn note(&self, batch: BatchTime, attempt: u32, memory: &MemoryBudget) {
        let mut noted = self.noted.lock();
        if noted.broken.is_some() {
            return;
        }
        let copied = std::mem::take(&mut noted.copied);
        let changes = self.from.changes(batch, attempt, |group| copied.contains(&group));
        noted.copied = copied;
        let changes = changes.map_err(Error::failed).and_then(|changes| {
            let reserved = |changed: Changed| {
                let bytes = changed.set.iter().map(|keyed| bytes_of(&keyed.rows) as u64).sum::<u64>()
                    + bytes_of(&changed.removed) as u64
                    + bytes_of(&changed.refreshed) as u64;
                let reservation = memory.try_reserve(Share::State, bytes);
                reservation.map(|reservation| (changed, reservation)).map_err(|over| {
                    Error::failed(format_args!("what batches change while the state is migrated: {over}"))
                })
            };
            changes.into_iter().map(reserved).collect::<Result<Vec<_>>>()
        });
        match changes {
            Ok(changes) => noted.changes.extend(changes),
            Err(error) => noted.broken = Some(error),
        }
    }

    /// Copy a key group. The gate is closed while it is read.
    fn copy(&self, group: u32, gate: &tokio::sync::Mutex<()>, memory: &MemoryBudget) -> Result<()> {
        let about = |error: &dyn std::fmt::Display| {
            Error::failed(format_args!("stream \"{}\": its state can't be migrated: {error}", self.from.stream()))
        };
        let closed = gate.blocking_lock();
        let held = self.from.group(group).held() as u64;
        // What is made of it takes about as much, and so does what it is made of meanwhile.
        let _room = memory.try_reserve(Share::State, held.saturating_mul(2)).map_err(|over| about(&over))?;
        let set = self.from.snapshot(group).map_err(|error| about(&error))?;
        self.noted.lock().copied.insert(group);
        drop(closed);
        let mut kept = [Kept { is_whole: true, set, refreshed: vec![], removed: vec![] }];
        self.migrate(&mut kept)?;
        self.to.restore(group, &kept).map_err(|error| about(&error))
    }

    /// Apply what batches have changed so far; returns how many key groups that was about.
    fn catch_up(&self) -> Result<usize> {
        let changes = {
            let mut noted = self.noted.lock();
            if let Some(error) = noted.broken.take() {
                return Err(error);
            }
            std::mem::take(&mut noted.changes)
        };
        let n_changes = changes.len();
        for (changed, _reservation) in changes {
            let group = changed.group;
            let times = Int64Array::from(vec![changed.refreshed_ms; changed.refreshed.num_rows()]);
            let mut kept = [Kept {
                is_whole: false,
                set: changed.set,
                refreshed: vec![(changed.refreshed, times)],
                removed: vec![changed.removed],
            }];
            self.migrate(&mut kept)?;
            let restored = self.to.restore(group, &kept);
            restored.map_err(|error| Error::failed(format_args!("stream \"{}\": {error}", self.from.stream())))?;
        }
        Ok(n_changes)
    }

    /// Copy everything, and apply what changed meanwhile.
    fn run(&self, gate: &tokio::sync::Mutex<()>, memory: &MemoryBudget) -> Result<()> {
        for group in 0..self.from.spec().key_groups.max(1) {
            self.copy(group, gate, memory)?;
        }
        for _ in 0..ROUNDS {
            if self.catch_up()? == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// Streams with state that some output needs, and what makes them.
pub fn stateful(graph: &Graph) -> impl Iterator<Item = (&Stream, &Arc<Stateful>)> {
    let needed = graph.streams.iter().zip(graph.evaluations());
    let needed = needed.filter(|(_, evaluation)| *evaluation != Evaluation::Unneeded).map(|(stream, _)| stream);
    needed.filter_map(|stream| Some((stream, &stream.operation().and_then(DStream::state)?.stateful)))
}

fn digest_of(stateful: &Stateful) -> Option<Digest> {
    match &stateful.operator {
        StateOperator::Plugin(operator) => Some(operator.digest),
        StateOperator::BuiltIn(_) | StateOperator::First => None,
    }
}

fn not_migrated(stream: &Stream, stateful: &Stateful, batch: BatchTime, error: Error) -> EngineError {
    let plugin = match &stateful.operator {
        StateOperator::Plugin(operator) => Some(operator.plugin.clone()),
        StateOperator::BuiltIn(_) | StateOperator::First => None,
    };
    let cause = Box::new(StateNotMigrated { plugin, reason: error.to_string() });
    EngineError { stream: stream.name.clone(), is_output: false, batch, attempt: 0, partition: None, cause }
}

impl Driver {
    /// Whether a batch that is planned now finds the state as it is, or as another one leaves it that is planned and keeps it as another version.
    pub(super) fn is_state_as_planned(&self) -> bool {
        let Some(graph) = self.components.last_waiting() else { return true };
        let (states, key_groups) = (&self.parts.engine.services().state, self.parts.engine.key_groups());
        let is_so = |name: &str, spec: &StateSpec| states.get(name).is_none_or(|now| now.is_of(spec));
        stateful(&graph).all(|(stream, of)| is_so(&stream.name, &of.spec(key_groups)))
    }

    /// Migrate the state that `graph` keeps as other versions, beside the batches. A batch that is planned and makes it into another version itself does so first.
    ///
    /// # Errors
    /// When an operator can't, or there is no memory for it; nothing has changed then.
    pub(super) async fn migrate_beside(self: &Arc<Self>, graph: &Graph) -> Result<()> {
        let mut moves = self.components.moves();
        while !self.is_state_as_planned() {
            // The sender lives as long as self, so this can't fail.
            let _ = moves.changed().await;
        }
        let services = self.parts.engine.services();
        let key_groups = self.parts.engine.key_groups();
        let mut begun = vec![];
        for (stream, stateful) in stateful(graph) {
            let spec = stateful.spec(key_groups);
            let Some(from) = services.state.get(&stream.name) else { continue };
            if from.is_of(&spec) {
                continue;
            }
            let batch = self.components.last_planned().unwrap_or(self.first);
            let to = services.state.beside(&stream.name, &spec).map_err(Error::failed)?;
            begun.push(Arc::new(Migration::new(services, stateful, batch, from, to, spec)));
        }
        self.copy_beside(&begun).await
    }

    /// Fill what `begun` makes, beside the batches; what they change until the end is noted.
    ///
    /// # Errors
    /// As [`Driver::migrate_beside`].
    pub(super) async fn copy_beside(&self, begun: &[Arc<Migration>]) -> Result<()> {
        if begun.is_empty() {
            return Ok(());
        }
        let services = self.parts.engine.services();
        let watch = Stopwatch::start();
        self.components.migrations.lock().extend(begun.iter().cloned());
        for migration in begun {
            let (gate, memory) = (self.components.state_gate.clone(), services.memory.clone());
            let running = migration.clone();
            let ran = tokio::task::spawn_blocking(move || running.run(&gate, &memory)).await.map_err(Error::failed);
            if let Err(error) = ran.and_then(|ran| ran) {
                self.forget_migrations(|of| begun.iter().any(|begun| Arc::ptr_eq(begun, of)));
                return Err(error);
            }
            tracing::info!(
                target: "sluicebox::state",
                stream = &**migration.stream(), keys = migration.to.n_keys(), took = ?watch.elapsed(),
                from_version = migration.from.spec().version, to_version = migration.to.spec().version,
                "state is copied; what batches change meanwhile follows"
            );
        }
        Ok(())
    }

    /// Give these migrations up.
    pub(super) fn forget_migrations(&self, which: impl Fn(&Arc<Migration>) -> bool) {
        self.components.migrations.lock().retain(|migration| !which(migration));
    }

    /// A batch's changes are about to be applied.
    pub(super) fn note_changes(&self, batch: BatchTime, attempt: u32) -> Result<()> {
        let migrations = self.components.migrations.lock().clone();
        for migration in migrations {
            migration.note(batch, attempt, &self.parts.engine.services().memory);
        }
        Ok(())
    }

    /// Before a batch runs with `graph`: state that it keeps as another version takes the place of what counts now.
    ///
    /// # Errors
    /// When that can't be made: the plugin's fault whose operator is to make it.
    pub(super) async fn adapt_states(self: &Arc<Self>, graph: &Graph, batch: BatchTime) -> Result<(), EngineError> {
        let services = self.parts.engine.services();
        let key_groups = self.parts.engine.key_groups();
        for (stream, stateful) in stateful(graph) {
            let spec = stateful.spec(key_groups);
            let Some(now) = services.state.get(&stream.name).filter(|now| !now.is_of(&spec)) else { continue };
            let watch = Stopwatch::start();
            let retired = self
                .components
                .retired
                .lock()
                .iter()
                .position(|state| state.stream() == now.stream() && state.is_of(&spec));
            let made = match retired {
                // The batch goes back to the component before: nothing has changed since.
                Some(idx) => self.components.retired.lock().remove(idx),
                None => {
                    let made = self.migrated(&now, stream, stateful, spec, batch).await;
                    made.map_err(|error| not_migrated(stream, stateful, batch, error))?
                }
            };
            let (from, to) = (now.spec().version, made.spec().version);
            tracing::info!(
                target: "sluicebox::state",
                stream = &*stream.name, batch_time = batch.0, keys = made.n_keys(), from_version = from, to_version = to,
                pause = ?watch.elapsed(), "state of another version takes the place of what was there"
            );
            if let Some(before) = services.state.replace(made) {
                self.components.retired.lock().push(before);
            }
            self.forget_migrations(|of| of.to_stream() == &stream.name);
            if let Some(keeper) = self.keeper.get() {
                keeper.migrated(&stream.name, key_groups);
            }
        }
        self.components.tell_moved();
        Ok(())
    }

    /// The rest of what was migrated beside the batches, or everything, where nothing was.
    async fn migrated(
        self: &Arc<Self>,
        now: &Arc<StreamState>,
        stream: &Stream,
        stateful: &Arc<Stateful>,
        spec: StateSpec,
        batch: BatchTime,
    ) -> Result<Arc<StreamState>> {
        let known = self.components.migrations.lock().iter().find(|migration| migration.leads(now, &spec)).cloned();
        let services = self.parts.engine.services().clone();
        let made = match known {
            Some(migration) => tokio::task::spawn_blocking(move || {
                migration.finish()?;
                Ok::<_, Error>(migration.to())
            }),
            None => {
                let to = services.state.beside(&stream.name, &spec).map_err(Error::failed)?;
                let (memory, gate) = (services.memory.clone(), self.components.state_gate.clone());
                let migration = Migration::new(&services, stateful, batch, now.clone(), to, spec);
                let is_empty = !now.has_begun();
                tokio::task::spawn_blocking(move || {
                    if !is_empty {
                        migration.run(&gate, &memory)?;
                    }
                    Ok(migration.to)
                })
            }
        };
        made.await.map_err(Error::failed)?
    }
}
