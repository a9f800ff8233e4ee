//! All stateful streams of a job: their key groups, what attempts at batches have staged, and how much memory it takes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use super::delta::GroupDelta;
use super::error::{LargeGroup, StateError};
use super::group::{KeyGroup, SLOT_BYTES};
use super::key_group::partition_of;
use super::keys::KeyCodec;
use super::left_alone::{LeaveAlone, LeftAlone};
use super::snapshot::{Changed, KeyedRows, Shape};
use super::times::StateTimes;
use crate::clock::BatchTime;
use crate::engine::node::bytes_of;
use crate::memory::{MemoryBudget, Reservation, Share};

/// The most bytes that the state of one key may have.
pub const MAX_ROW: u64 = 64 << 20;
/// Key groups that errors name.
const N_LARGEST: usize = 3;

/// What a stateful stream keeps.
#[derive(Debug, Clone)]
pub struct StateSpec {
    /// What keeps it, for errors: an operator as the job names it.
    pub operator: String,
    /// The columns of a key.
    pub keys: SchemaRef,
    /// The columns of its state.
    pub state: SchemaRef,
    /// The version of the state.
    pub version: u32,
    /// The job's number of key groups, at least 1.
    pub key_groups: u32,
    /// The most bytes that the keys and their state may take.
    pub bound: Option<u64>,
    /// How long a key may rest, in milliseconds, where it is removed then.
    pub rest_ms: Option<i64>,
}

impl StateSpec {
    /// The key's columns, then the state's.
    pub fn columns(&self) -> SchemaRef {
        let fields = self.keys.fields().iter().chain(self.state.fields());
        Arc::new(Schema::new(fields.cloned().collect::<Vec<FieldRef>>()))
    }
}

/// The state of all streams.
#[derive(Debug)]
pub struct StateStore {
    memory: MemoryBudget,
    streams: RwLock<HashMap<Arc<str>, Arc<StreamState>>>,
}

impl StateStore {
    /// A store without state, whose memory is reserved from `memory`.
    pub fn new(memory: MemoryBudget) -> Arc<Self> {
        Arc::new(Self { memory, streams: RwLock::default() })
    }

    /// The state of a stream, which begins without keys.
    ///
    /// # Errors
    /// When the stream's state is kept with other columns, or as another version.
    pub fn open(&self, stream: &Arc<str>, spec: &StateSpec) -> Result<Arc<StreamState>, StateError> {
        let known = self.streams.read().get(stream).cloned();
        let state = match known {
            Some(state) => state,
            None => {
                let made = Arc::new(StreamState::new(stream, spec, &self.memory)?);
                self.streams.write().entry(stream.clone()).or_insert(made).clone()
            }
        };
        state.check(spec)?;
        Ok(state)
    }

    /// State of a stream beside the one that counts, without keys: to be filled, and put in its [place](Self::replace).
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn beside(&self, stream: &Arc<str>, spec: &StateSpec) -> Result<Arc<StreamState>, StateError> {
        StreamState::new(stream, spec, &self.memory).map(Arc::new)
    }

    /// Between two batches: this is the stream's state now. Returns the one before.
    pub fn replace(&self, state: Arc<StreamState>) -> Option<Arc<StreamState>> {
        self.streams.write().insert(state.stream().clone(), state)
    }

    /// Forget the state of a stream.
    pub fn remove(&self, stream: &str) {
        let removed = self.streams.write().remove(stream);
        // Freed outside the lock: it may be much.
        drop(removed);
    }

    /// The state of all streams that were opened, in the order of their names.
    pub fn streams(&self) -> Vec<Arc<StreamState>> {
        let mut streams: Vec<_> = self.streams.read().values().cloned().collect();
        streams.sort_by(|a, b| a.stream().cmp(b.stream()));
        streams
    }

    /// The state of a stream that was opened.
    pub fn get(&self, stream: &str) -> Option<Arc<StreamState>> {
        self.streams.read().get(stream).cloned()
    }

    /// Whether a batch of the stream has ended, so that it begins with the state that is kept.
    pub fn has_begun(&self, stream: &str) -> bool {
        self.get(stream).is_some_and(|state| state.has_begun())
    }

    /// What an attempt at a batch staged is now the state. Whatever else was staged of that batch is dropped. The parts can be applied at the same time, each
    /// once, before the next batch begins.
    pub fn commit(&self, batch: BatchTime, attempt: u32) -> Vec<Commit> {
        let streams: Vec<_> = self.streams.read().values().cloned().collect();
        streams.into_iter().flat_map(|state| state.commit(batch, attempt)).collect()
    }

    /// What was staged of a batch is dropped.
    pub fn abandon(&self, batch: BatchTime) {
        let streams: Vec<_> = self.streams.read().values().cloned().collect();
        streams.iter().for_each(|state| state.abandon(batch));
    }
}

/// A part of what a batch made, to be applied.
#[derive(Debug)]
pub struct Commit {
    state: Arc<StreamState>,
    batch: BatchTime,
    staged: Staged,
}

impl Commit {
    /// The stream's name.
    pub fn stream(&self) -> &Arc<str> {
        self.state.stream()
    }

    /// Apply it.
    ///
    /// # Errors
    /// Never for state of the stream's schema.
    pub fn apply(self) -> Result<(), StateError> {
        let Self { state, batch, staged } = self;
        state.left_alone.write().change(staged.left_alone);
        let by_batch_time = || StateTimes::of_batch(batch, state.spec.rest_ms);
        let StateTimes { stamp_ms, forget_before_ms } = staged.times.unwrap_or_else(by_batch_time);
        for (group, delta) in &staged.groups {
            state.change(*group, |key_group| {
                key_group.apply(delta, stamp_ms, state.spec.rest_ms.is_some())?;
                if state.spec.rest_ms.is_some() {
                    key_group.forget_resting(forget_before_ms);
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// What a partition of an attempt staged.
#[derive(Debug)]
struct Staged {
    groups: Vec<(u32, GroupDelta)>,
    /// By which times keys are forgotten; none: by batch time.
    times: Option<StateTimes>,
    left_alone: LeaveAlone,
    added: u64,
    freed: u64,
    _reservation: Reservation,
}

/// What partitions staged, by partition.
type OfAttempt = BTreeMap<u32, Staged>;

/// The state of one stream.
#[derive(Debug)]
pub struct StreamState {
    stream: Arc<str>,
    spec: StateSpec,
    codec: KeyCodec,
    columns: SchemaRef,
    memory: MemoryBudget,
    groups: Vec<RwLock<KeyGroup>>,
    /// Bytes that live in each group, and all together.
    live: AtomicU64,
    reservation: Mutex<Reservation>,
    staged: Mutex<BTreeMap<(BatchTime, u32), OfAttempt>>,
    left_alone: RwLock<LeftAlone>,
    begun: AtomicBool,
}

impl StreamState {
    fn new(stream: &Arc<str>, spec: &StateSpec, memory: &MemoryBudget) -> Result<Self, StateError> {
        let arrow = |cause| StateError::Arrow { stream: stream.clone(), cause };
        let reservation = memory.try_reserve(Share::State, 0).map_err(|cause| StateError::OverBudget {
            stream: stream.clone(),
            operator: spec.operator.clone(),
            cause,
            largest: vec![],
        })?;
        Ok(Self {
            stream: stream.clone(),
            codec: KeyCodec::new(&spec.keys).map_err(arrow)?,
            columns: spec.columns(),
            spec: spec.clone(),
            memory: memory.clone(),
            groups: (0..spec.key_groups.max(1)).map(|_| RwLock::default()).collect(),
            live: AtomicU64::new(0),
            reservation: Mutex::new(reservation),
            staged: Mutex::default(),
            left_alone: RwLock::default(),
            begun: AtomicBool::new(false),
        })
    }

    /// Whether it is kept as this version, with these columns.
    pub fn is_of(&self, spec: &StateSpec) -> bool {
        self.check(spec).is_ok()
    }

    fn check(&self, spec: &StateSpec) -> Result<(), StateError> {
        let same = |a: &SchemaRef, b: &SchemaRef| {
            let types = |schema: &SchemaRef| {
                schema
                    .fields()
                    .iter()
                    .map(|field| (field.name().clone(), field.data_type().clone()))
                    .collect::<Vec<_>>()
            };
            types(a) == types(b)
        };
        if self.spec.version == spec.version && same(&self.columns, &spec.columns()) {
            return Ok(());
        }
        Err(StateError::OtherSchema {
            stream: self.stream.clone(),
            operator: spec.operator.clone(),
            version: self.spec.version,
            columns: self.columns.clone(),
            other_version: spec.version,
            other_columns: spec.columns(),
        })
    }

    /// The stream's name.
    pub fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// What it keeps.
    pub fn spec(&self) -> &StateSpec {
        &self.spec
    }

    /// Turns keys into bytes and back.
    pub fn codec(&self) -> &KeyCodec {
        &self.codec
    }

    /// The key's columns, then the state's.
    pub fn columns(&self) -> &SchemaRef {
        &self.columns
    }

    /// Whether a batch of the stream has ended.
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    /// A key group, to be read.
    pub fn group(&self, group: u32) -> RwLockReadGuard<'_, KeyGroup> {
        self.groups[group as usize].read()
    }

    /// The keys that are left alone.
    pub fn left_alone(&self) -> RwLockReadGuard<'_, LeftAlone> {
        self.left_alone.read()
    }

    /// A partition that has staged its changes leaves other keys alone from the end of the batch on.
    pub fn stage_left_alone(&self, batch: BatchTime, attempt: u32, partition: u32, change: LeaveAlone) {
        let mut all = self.staged.lock();
        if let Some(staged) = all.get_mut(&(batch, attempt)).and_then(|of| of.get_mut(&partition)) {
            staged.left_alone = change;
        }
    }

    /// Keys that have state.
    pub fn n_keys(&self) -> u64 {
        self.groups.iter().map(|group| group.read().len() as u64).sum()
    }

    /// About how many bytes keys with state and their state take.
    pub fn live_bytes(&self) -> u64 {
        self.live.load(Ordering::Relaxed)
    }

    /// Bytes held.
    pub fn held_bytes(&self) -> u64 {
        self.reservation.lock().bytes()
    }

    /// The key groups that a partition works on.
    pub fn groups_of(&self, partition: u32, partitions: u32) -> impl Iterator<Item = u32> + use<> {
        let key_groups = self.spec.key_groups.max(1);
        (0..key_groups).filter(move |group| partition_of(*group, key_groups, partitions) == partition)
    }

    /// Put keys and state in before the first batch; `refreshed_ms` has, for each group, when each of its keys counts as refreshed.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn load(
        &self,
        partitions: u32,
        groups: &[(u32, GroupDelta)],
        refreshed_ms: &[Vec<i64>],
    ) -> Result<(), StateError> {
        self.staged(groups, 0, partitions)?;
        for ((group, delta), refreshed_ms) in groups.iter().zip(refreshed_ms) {
            self.change(*group, |key_group| {
                key_group.replay(delta, refreshed_ms)?;
                if self.spec.rest_ms.is_some() {
                    key_group.settle();
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Keep what a partition, one of so many, made of the state, until the batch ends; keys are forgotten by `times`, or by batch time.
    ///
    /// # Errors
    /// When the state would be larger than it may be.
    pub fn stage(
        &self,
        batch: BatchTime,
        attempt: u32,
        (partition, partitions): (u32, u32),
        groups: Vec<(u32, GroupDelta)>,
        times: Option<StateTimes>,
    ) -> Result<(), StateError> {
        let mut all = self.staged.lock();
        let others = all.get(&(batch, attempt)).map_or(0, |others| {
            others.values().map(|staged| i128::from(staged.added) - i128::from(staged.freed)).sum()
        });
        let mut staged = self.staged(&groups, others, partitions)?;
        (staged.groups, staged.times) = (groups, times);
        all.entry((batch, attempt)).or_default().insert(partition, staged);
        Ok(())
    }

    /// What it takes to keep these changes, where others add so many bytes.
    fn staged(&self, groups: &[(u32, GroupDelta)], others: i128, partitions: u32) -> Result<Staged, StateError> {
        let (mut added, mut freed, mut held) = (0_u64, 0_u64, 0_u64);
        let mut projected = vec![];
        for (number, delta) in groups {
            let group = self.group(*number);
            if !group.has_room(delta.new_keys.len(), delta.new_keys.n_bytes()) {
                let keys = (group.len() + delta.new_keys.len()) as u64;
                return Err(StateError::GroupFull { stream: self.stream.clone(), group: *number, keys });
            }
            let state: u64 = delta.state.iter().map(|rows| bytes_of(rows) as u64).sum();
            let keys = (delta.new_keys.n_bytes() + delta.new_keys.len() * SLOT_BYTES) as u64;
            let replaced = replaced(&group, delta);
            projected.push((*number, (group.live_bytes() as u64 + state + keys).saturating_sub(replaced)));
            (added, freed) = (added + state + keys, freed + replaced);
            // While it is applied, state is there twice, and lists that grow are too.
            held += 2 * (state + keys) + (delta.changes.len() * size_of::<super::Change>()) as u64;
        }
        let total = i128::from(self.live_bytes()) + others + i128::from(added) - i128::from(freed);
        let bytes = u64::try_from(total.max(0)).unwrap_or(u64::MAX);
        if let Some(bound) = self.spec.bound.filter(|bound| bytes > *bound) {
            let (stream, operator) = (self.stream.clone(), self.spec.operator.clone());
            let largest = self.largest(&projected, partitions);
            return Err(StateError::TooLarge { stream, operator, bytes, bound, largest });
        }
        let reservation = self.memory.try_reserve(Share::State, held).map_err(|cause| StateError::OverBudget {
            stream: self.stream.clone(),
            operator: self.spec.operator.clone(),
            cause,
            largest: self.largest(&projected, partitions),
        })?;
        Ok(Staged {
            groups: vec![],
            times: None,
            left_alone: LeaveAlone::default(),
            added,
            freed,
            _reservation: reservation,
        })
    }

    /// The largest key groups; `projected` has bytes of those that would change.
    fn largest(&self, projected: &[(u32, u64)], partitions: u32) -> Vec<LargeGroup> {
        let mut all: Vec<LargeGroup> = (0..self.spec.key_groups.max(1))
            .map(|number| {
                let group = self.group(number);
                let changed = projected.iter().find(|(changed, _)| *changed == number).map(|(_, bytes)| *bytes);
                LargeGroup {
                    group: number,
                    partition: partition_of(number, self.spec.key_groups, partitions),
                    keys: group.len() as u64,
                    bytes: changed.unwrap_or(group.live_bytes() as u64),
                }
            })
            .collect();
        all.sort_by_key(|group| (std::cmp::Reverse(group.bytes), group.group));
        all.truncate(N_LARGEST);
        all
    }

    pub(super) fn set_begun(&self) {
        self.begun.store(true, Ordering::Release);
    }

    pub(super) fn change(
        &self,
        group: u32,
        change: impl FnOnce(&mut KeyGroup) -> Result<(), ArrowError>,
    ) -> Result<(), StateError> {
        let mut key_group = self.groups[group as usize].write();
        let (held, live) = (key_group.held(), key_group.live_bytes());
        let changed = change(&mut key_group);
        let (held_now, live_now) = (key_group.held(), key_group.live_bytes());
        drop(key_group);
        // Sums of differences wrap around and back.
        self.live.fetch_add((live_now as u64).wrapping_sub(live as u64), Ordering::Relaxed);
        let mut reservation = self.reservation.lock();
        let bytes = reservation.bytes().wrapping_add(held_now as u64).wrapping_sub(held as u64);
        reservation.resize_anyway(bytes);
        changed.map_err(|cause| StateError::Arrow { stream: self.stream.clone(), cause })
    }

    /// As [`StateStore::commit`], of this stream alone.
    pub fn committed(self: Arc<Self>, batch: BatchTime, attempt: u32) -> Vec<Commit> {
        self.commit(batch, attempt)
    }

    fn commit(self: Arc<Self>, batch: BatchTime, attempt: u32) -> Vec<Commit> {
        let mut staged = self.staged.lock();
        let of_attempt = staged.remove(&(batch, attempt));
        staged.retain(|(of, _), _| *of > batch);
        drop(staged);
        let Some(of_attempt) = of_attempt else { return vec![] };
        self.begun.store(true, Ordering::Release);
        of_attempt.into_values().map(|staged| Commit { state: self.clone(), batch, staged }).collect()
    }

    fn abandon(&self, batch: BatchTime) {
        self.staged.lock().retain(|(of, _), _| *of != batch);
        if !self.has_begun() {
            // What is there was put in for the first batch, which will do so again.
            for group in &self.groups {
                *group.write() = KeyGroup::default();
            }
            self.live.store(0, Ordering::Relaxed);
            self.reservation.lock().resize_anyway(0);
        }
    }

    fn shape(&self) -> Shape<'_> {
        Shape { codec: &self.codec, state: &self.spec.state, rows: &self.columns }
    }

    pub(super) fn arrow(&self, cause: ArrowError) -> StateError {
        StateError::Arrow { stream: self.stream.clone(), cause }
    }

    /// All keys and state of a key group as they are kept, in order.
    ///
    /// # Errors
    /// When rows are too many bytes for a record batch.
    pub fn snapshot(&self, group: u32) -> Result<Vec<KeyedRows>, StateError> {
        self.shape().keyed_rows(&self.group(group), None, 0).map_err(|cause| self.arrow(cause))
    }

    /// All keys and state of a key group as an attempt at a batch leaves them, in order.
    ///
    /// # Errors
    /// As [`StreamState::snapshot`].
    pub fn snapshot_after(&self, group: u32, batch: BatchTime, attempt: u32) -> Result<Vec<KeyedRows>, StateError> {
        let staged = self.staged.lock();
        let of_attempt = staged.get(&(batch, attempt));
        let (delta, stamp_ms) = match of_attempt.and_then(|of_attempt| delta_of(of_attempt, group)) {
            Some((delta, times)) => (Some(delta), self.stamp_ms(batch, times)),
            None => (None, batch.0),
        };
        self.shape().keyed_rows(&self.group(group), delta, stamp_ms).map_err(|cause| self.arrow(cause))
    }

    /// The key groups that an attempt at a batch changes, and how many bytes of new state that is.
    pub fn changed_groups(&self, batch: BatchTime, attempt: u32) -> (Vec<u32>, u64) {
        let staged = self.staged.lock();
        let parts = staged.get(&(batch, attempt)).into_iter().flat_map(|of| of.values());
        let changed = parts.flat_map(|staged| &staged.groups).filter(|(_, delta)| !delta.is_empty());
        let mut bytes = 0;
        let mut groups = vec![];
        for (number, delta) in changed {
            groups.push(*number);
            bytes += delta.state.iter().map(|rows| bytes_of(rows) as u64).sum::<u64>()
                + (delta.new_keys.n_bytes() + delta.changes.len() * SLOT_BYTES) as u64;
        }
        groups.sort_unstable();
        (groups, bytes)
    }

    /// When keys were refreshed that a batch refreshes.
    fn stamp_ms(&self, batch: BatchTime, times: Option<StateTimes>) -> i64 {
        times.unwrap_or_else(|| StateTimes::of_batch(batch, self.spec.rest_ms)).stamp_ms
    }

    /// What an attempt at a batch changes in those key groups that `of` says, in their order.
    ///
    /// # Errors
    /// As [`StreamState::snapshot`].
    pub fn changes(
        &self,
        batch: BatchTime,
        attempt: u32,
        of: impl Fn(u32) -> bool,
    ) -> Result<Vec<Changed>, StateError> {
        let staged = self.staged.lock();
        let parts = staged.get(&(batch, attempt)).into_iter().flat_map(|of| of.values());
        let groups = parts.flat_map(|staged| staged.groups.iter().map(|group| (group, staged.times)));
        let groups = groups.filter(|((number, _), _)| of(*number));
        let mut changed = groups
            .map(|((number, delta), times)| {
                self.shape().changed(*number, &self.group(*number), delta, self.stamp_ms(batch, times))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|cause| self.arrow(cause))?;
        changed.sort_by_key(|changed| changed.group);
        Ok(changed)
    }
}

fn delta_of(of_attempt: &OfAttempt, group: u32) -> Option<(&GroupDelta, Option<StateTimes>)> {
    let mut groups = of_attempt.values().flat_map(|staged| staged.groups.iter().map(|group| (group, staged.times)));
    groups.find(|((number, _), _)| *number == group).map(|((_, delta), times)| (delta, times))
}

/// About how many bytes the changes leave behind.
fn replaced(group: &KeyGroup, delta: &GroupDelta) -> u64 {
    use super::Change;
    let bytes = |change: &Change| match *change {
        Change::Set { slot, .. } => group.segments().row_bytes(group.location(slot)),
        Change::Remove { slot } => {
            group.segments().row_bytes(group.location(slot)) + group.key(slot).len() + SLOT_BYTES
        }
        Change::Add | Change::Refresh { .. } => 0,
    };
    delta.changes.iter().map(|change| bytes(change) as u64).sum()
}
