//! One partition of a stateful stream in a batch: keys found, the operator called, changes staged.
//!
//! Keys are worked on by key group. In a group, update-state-by-key goes over the keys it knows in the order in which they came, and then over new ones; map-with-state
//! over the keys with values in the order in which they come, and then over those that have timed out. So the rows made are the same, and in the same order, however many partitions there are.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::{concat_batches, interleave_record_batch, take};
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::cast::as_int64_array;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::StreamExt;
use hashbrown::{HashMap, HashTable};

use super::error::{external, of_plugin};
use super::fold::with_columns;
use super::left_out::{Halves, LeftOut, Parts, Place, Suspect};
use super::operators::{self, CHUNK_BYTES, CHUNK_ROWS, StateCalls, Tries};
use super::reports::{OperatorReport, OperatorUse};
use super::state::{StateOperator, Stateful};
use super::state_builtin::first_rows;
use super::{Services, node};
use crate::plugin::{PluginError, StateKind, StateOutcome, StateWork, Task};
use crate::state::group::{KeyGroup, index_hash, spread as place};
use crate::state::key_group::{key_group, key_hashes};
use crate::state::snapshot::Gather;
use crate::state::store::MAX_ROW;
use crate::state::{Change, GroupDelta, KeyBytes, LeaveAlone, StateError, StateTimes, StreamState};

/// About how many bytes of keys, values and state one call takes.
const CALL_BYTES: usize = 2 * CHUNK_BYTES;

/// What a task needs to work on keys.
pub(super) struct Keeper {
    pub(super) stateful: Arc<Stateful>,
    pub(super) state: Arc<StreamState>,
    pub(super) batch_attempt: u32,
    /// By which times keys are forgotten; none: by batch time.
    pub(super) times: Option<StateTimes>,
    /// The task as guests are told of it; its attempt counts calls made again.
    pub(super) task: Task,
    pub(super) services: Arc<Services>,
    pub(super) instance: Option<Box<dyn StateCalls>>,
    pub(super) report: OperatorReport,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("task", &self.task).finish_non_exhaustive()
    }
}

impl Keeper {
    fn update(&mut self, work: &StateWork) -> Result<StateOutcome> {
        let mut tries = Tries::first();
        loop {
            match operators::call(|| self.once(work)) {
                Ok(outcome) => {
                    self.report.calls += 1;
                    self.report.rows_in += work.values.num_rows() as u64;
                    return Ok(outcome);
                }
                Err(error) => {
                    let on_error = self.stateful.operator.on_error();
                    tries.failed(error, &on_error, &mut self.task, &mut self.report).map_err(external)?;
                }
            }
        }
    }

    fn once(&mut self, work: &StateWork) -> Result<StateOutcome, PluginError> {
        let mut instance = match (self.instance.take(), &self.stateful.operator) {
            (Some(instance), _) => instance,
            (None, StateOperator::Plugin(operator)) => {
                self.task.done = self.report.calls;
                self.services.plugins.open_state(operator, &self.stateful.binding, &self.task)?
            }
            (None, StateOperator::BuiltIn(function)) => function.open(&self.stateful.binding),
            (None, StateOperator::First) => first_rows(&self.stateful.binding),
        };
        let outcome = instance.update(work);
        match &outcome {
            Ok(_) => self.instance = Some(instance),
            // What it counted before stays.
            Err(_) => operators::count(&mut self.report, &mut self.task, instance.report()),
        }
        outcome
    }

    fn arrow(&self, cause: arrow::error::ArrowError) -> DataFusionError {
        external(StateError::Arrow { stream: self.state.stream().clone(), cause })
    }
}

/// Distinct keys, each with the key group it is of.
#[derive(Default)]
struct Keys {
    bytes: KeyBytes,
    hashes: Vec<u32>,
    groups: Vec<u32>,
    index: HashTable<u32>,
}

impl Keys {
    /// The number of each key, canonical columns of `n_rows`.
    fn number(&mut self, state: &StreamState, columns: &[ArrayRef], n_rows: usize) -> Result<Vec<u32>> {
        let hashes = key_hashes(columns, n_rows).map_err(external)?;
        let rows = state.codec().encode(columns)?;
        let mut numbers = Vec::with_capacity(n_rows);
        for (key, hash) in rows.iter().zip(hashes) {
            let bytes = &self.bytes;
            let is_it = |number: &u32| bytes.get(*number as usize) == key.as_ref();
            if let Some(number) = self.index.find(place(index_hash(hash)), is_it) {
                numbers.push(*number);
                continue;
            }
            let number = node::number(self.bytes.len());
            let group = key_group(hash, state.spec().key_groups);
            if !self.bytes.has_room(key.as_ref().len()) {
                let stream = state.stream().clone();
                return Err(external(StateError::GroupFull { stream, group, keys: self.bytes.len() as u64 }));
            }
            self.bytes.push(key.as_ref());
            self.hashes.push(index_hash(hash));
            self.groups.push(group);
            let all = &self.hashes;
            self.index.insert_unique(place(index_hash(hash)), number, |number| place(all[*number as usize]));
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn capacity(&self) -> usize {
        self.bytes.capacity() + 8 * self.hashes.capacity() + self.index.allocation_size()
    }
}

/// The batch's rows, by key.
struct Values {
    batches: Vec<RecordBatch>,
    /// Where each row is, those of the first key first.
    rows: Vec<(u32, u32)>,
    /// Where each key's rows end in `rows`.
    ends: Vec<u32>,
    /// About how many bytes a row has.
    row_bytes: usize,
    /// The number of each batch's first row in the partition.
    firsts: Vec<u64>,
}

impl Values {
    /// A row's number in the partition.
    fn number(&self, (batch, row): (u32, u32)) -> u64 {
        self.firsts.get(batch as usize).copied().unwrap_or_default() + u64::from(row)
    }

    fn of(&self, key: u32) -> Range<usize> {
        let key = key as usize;
        let start = if key == 0 { 0 } else { self.ends[key - 1] };
        start as usize..self.ends[key] as usize
    }
}

/// A key to work on.
#[derive(Clone, Copy)]
struct Item {
    group: u32,
    slot: Option<u32>,
    /// Its number among the batch's keys, where it has values.
    key: Option<u32>,
    timed_out: bool,
    /// Its state doesn't count any more: it is worked on as a new key is.
    anew: bool,
    /// Its state is what the operator fails at: it isn't asked.
    left_alone: bool,
}

impl Halves for Vec<Item> {
    fn halves(mut self) -> Result<(Self, Self), Self> {
        if self.len() < 2 {
            return Err(self);
        }
        let after = self.split_off(self.len() / 2);
        Ok((self, after))
    }
}

/// A partition at work.
pub(super) struct StateTaskWork {
    keeper: Keeper,
    reservation: MemoryReservation,
    /// Bytes of new state that are reserved here until they are staged.
    new_bytes: usize,
    keys: Keys,
    values: Values,
    /// The batch's keys, by key group.
    order: Vec<u32>,
    /// How many of `order` are done.
    at: usize,
    groups: Vec<u32>,
    next_group: usize,
    items: Vec<Item>,
    next_item: usize,
    /// Keys of a call that failed, in halves.
    parts: Parts<Vec<Item>>,
    left_out: Option<LeftOut>,
    leave_alone: LeaveAlone,
    deltas: BTreeMap<u32, GroupDelta>,
    done: bool,
}

impl StateTaskWork {
    /// Read the initial state, and the batch's rows to their end.
    pub(super) async fn read(
        mut keeper: Keeper,
        reservation: MemoryReservation,
        rows: SendableRecordBatchStream,
        initial: Option<SendableRecordBatchStream>,
    ) -> Result<Self> {
        if let Some(initial) = initial {
            load(&mut keeper, &reservation, initial).await?;
        }
        let (keys, values) = gather(&mut keeper, &reservation, rows).await?;
        let mut order: Vec<u32> = (0..node::number(keys.bytes.len())).collect();
        order.sort_by_key(|key| keys.groups[*key as usize]);
        let groups = keeper.state.groups_of(keeper.task.partition, keeper.task.partitions).collect();
        let (items, deltas) = (vec![], BTreeMap::new());
        let (at, next_group, next_item, done) = (0, 0, 0, false);
        let new_bytes = 0;
        let left_out = match &keeper.stateful.operator {
            StateOperator::Plugin(operator) => Some(LeftOut::new(operator, &keeper.services, keeper.batch_attempt)),
            StateOperator::BuiltIn(_) | StateOperator::First => None,
        };
        Ok(Self {
            parts: Parts::default(),
            left_out,
            leave_alone: LeaveAlone::default(),
            keeper,
            reservation,
            new_bytes,
            keys,
            values,
            order,
            at,
            groups,
            next_group,
            items,
            next_item,
            deltas,
            done,
        })
    }

    /// The next rows made; none when all keys are done and their changes staged.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>> {
        while let Some((items, suspect)) = self.parts.pop().or_else(|| Some((self.chunk()?, Suspect::Unknown))) {
            let Some(made) = self.work(items, suspect)? else { continue };
            if made.num_rows() > 0 {
                self.keeper.report.rows_out += made.num_rows() as u64;
                return Ok(Some(made));
            }
        }
        if !std::mem::replace(&mut self.done, true) {
            self.stage()?;
        }
        Ok(None)
    }

    /// Keys for one call, in order.
    fn chunk(&mut self) -> Option<Vec<Item>> {
        let mut chunk: Vec<Item> = vec![];
        let (mut n_values, mut bytes) = (0, 0);
        loop {
            if self.next_item == self.items.len() {
                self.items.clear();
                self.next_item = 0;
                let Some(group) = self.groups.get(self.next_group).copied() else { break };
                self.next_group += 1;
                self.list(group);
                continue;
            }
            let item = self.items[self.next_item];
            if chunk.first().is_some_and(|first| first.left_alone != item.left_alone) {
                break;
            }
            let (values, item_bytes) = self.size(&item);
            let is_full =
                chunk.len() == CHUNK_ROWS || n_values + values > CHUNK_ROWS || bytes + item_bytes > CALL_BYTES;
            if is_full && !chunk.is_empty() {
                break;
            }
            (n_values, bytes) = (n_values + values, bytes + item_bytes);
            chunk.push(item);
            self.next_item += 1;
        }
        (!chunk.is_empty()).then_some(chunk)
    }

    /// How many values a key has, and about how many bytes it has with its state.
    fn size(&self, item: &Item) -> (usize, usize) {
        let values = item.key.map_or(0, |key| self.values.of(key).len());
        let state = item.slot.map_or(0, |slot| {
            let group = self.keeper.state.group(item.group);
            group.segments().row_bytes(group.location(slot)) + group.key(slot).len()
        });
        (values, values * self.values.row_bytes + state)
    }

    /// What is to be done in a key group.
    fn list(&mut self, number: u32) {
        let start = self.at;
        while self.order.get(self.at).is_some_and(|key| self.keys.groups[*key as usize] == number) {
            self.at += 1;
        }
        let of_batch = &self.order[start..self.at];
        let group = self.keeper.state.group(number);
        let find = |key: u32| group.find(self.keys.hashes[key as usize], self.keys.bytes.get(key as usize));
        let item = |slot, key| Item { group: number, slot, key, timed_out: false, anew: false, left_alone: false };
        let resting = |after_ms: Option<i64>| {
            if after_ms.is_none() {
                return vec![];
            }
            let by_batch_time = || StateTimes::of_batch(self.keeper.task.batch, after_ms);
            group.resting_since(self.keeper.times.unwrap_or_else(by_batch_time).forget_before_ms)
        };
        let mut removed = vec![];
        match self.keeper.stateful.binding.kind {
            StateKind::UpdateStateByKey => {
                let mut known = HashMap::with_capacity(of_batch.len());
                let mut new = vec![];
                for &key in of_batch {
                    match find(key) {
                        Some(slot) => {
                            known.insert(slot, key);
                        }
                        None => new.push(item(None, Some(key))),
                    }
                }
                let mut expired = resting(self.keeper.stateful.time_to_live_ms);
                expired.retain(|slot| !known.contains_key(slot));
                let lives = |slot: &u32| expired.binary_search(slot).is_err();
                let mut items: Vec<Item> =
                    group.slots().filter(lives).map(|slot| item(Some(slot), known.get(&slot).copied())).collect();
                if let StateOperator::Plugin(operator) = &self.keeper.stateful.operator {
                    let left_alone = self.keeper.state.left_alone();
                    if left_alone.has_any(operator, number) {
                        for item in &mut items {
                            let Some(key) = item.slot.map(|slot| group.key(slot)) else { continue };
                            let is_alone = left_alone.has(operator, number, key);
                            item.left_alone = is_alone && item.key.is_none();
                            if is_alone && item.key.is_some() {
                                self.leave_alone.asked.push((number, key.into()));
                            }
                        }
                    }
                }
                self.items.append(&mut items);
                self.items.append(&mut new);
                removed = expired;
            }
            StateKind::MapWithState => {
                self.items.extend(of_batch.iter().map(|key| item(find(*key), Some(*key))));
                let mut touched: Vec<u32> = self.items.iter().filter_map(|item| item.slot).collect();
                touched.sort_unstable();
                let rests = |slot: &u32| touched.binary_search(slot).is_err();
                let timed_out = resting(self.keeper.stateful.timeout_ms);
                let timed_out = timed_out.into_iter().filter(rests);
                self.items.extend(timed_out.map(|slot| Item { timed_out: true, ..item(Some(slot), None) }));
                if self.keeper.stateful.timeout_ms.is_none() {
                    removed = resting(self.keeper.stateful.time_to_live_ms);
                    if self.keeper.stateful.operator == StateOperator::First {
                        let expired = |slot: u32| removed.binary_search(&slot).is_ok();
                        self.items.iter_mut().for_each(|item| item.anew = item.slot.is_some_and(expired));
                    }
                    removed.retain(rests);
                }
            }
        }
        drop(group);
        if !removed.is_empty() {
            let delta = self.deltas.entry(number).or_default();
            delta.changes.extend(removed.into_iter().map(|slot| Change::Remove { slot }));
        }
    }

    /// Call the operator for keys, and keep what becomes of them; the rows made. None where it failed, and is called again for halves of them.
    fn work(&mut self, items: Vec<Item>, suspect: Suspect) -> Result<Option<RecordBatch>> {
        let keys = self.key_columns(&items)?;
        let (work, old) = self.state_work(&items, &keys)?;
        let piece =
            operators::rows_per_call(work.values.num_rows(), work.values.num_rows() * self.values.row_bytes / 2);
        let is_map = self.keeper.stateful.binding.kind == StateKind::MapWithState;
        let is_left_alone = items.first().is_some_and(|item| item.left_alone);
        let outcome = match is_left_alone {
            true => {
                self.keeper.report.failed += items.len() as u64;
                Ok(self.nothing())
            }
            false => match work.values.num_rows() > piece && items.len() == 1 && is_map {
                true => self.update_in_pieces(work.clone(), piece),
                false => self.keeper.update(&work),
            },
        };
        let is_guilty = |error: &PluginError| self.left_out.as_ref().is_some_and(|left| left.looks_for_guilty(error));
        let (items, outcome) = match outcome {
            Ok(outcome) => {
                self.parts.succeeded(suspect);
                (items, outcome)
            }
            Err(error) => match of_plugin(&error).filter(|error| is_guilty(error)).cloned() {
                None => return Err(error),
                Some(error) => {
                    let Some(items) = self.parts.failed(items, suspect) else { return Ok(None) };
                    self.leave_out(&items, &keys, &work, &error)?;
                    // Its state stays as it is.
                    (items, self.nothing())
                }
            },
        };
        let items = items.as_slice();
        self.check_rows(&outcome, &keys)?;
        let made = match self.keeper.stateful.binding.kind {
            StateKind::MapWithState => outcome.emitted.clone(),
            StateKind::UpdateStateByKey => self.living(items, &keys, &old, &outcome)?,
        };
        let bytes = node::bytes_of(&outcome.state) + items.len() * size_of::<Change>();
        self.reservation.try_grow(bytes)?;
        self.new_bytes += bytes;
        self.keep(items, outcome);
        Ok(Some(made))
    }

    /// What becomes of keys that stay as they are.
    fn nothing(&self) -> StateOutcome {
        let binding = &self.keeper.stateful.binding;
        let state = RecordBatch::new_empty(binding.state.clone());
        let emitted = RecordBatch::new_empty(binding.output.clone());
        StateOutcome { state, state_keys: vec![], removed: vec![], emitted }
    }

    /// The operator failed at a key that has no values: from the next batch on it is left alone.
    fn leave_alone(&mut self, item: &Item) {
        let is_update = self.keeper.stateful.binding.kind == StateKind::UpdateStateByKey;
        if let (StateOperator::Plugin(operator), None, Some(slot), true) =
            (&self.keeper.stateful.operator, item.key, item.slot, is_update)
        {
            let key = self.keeper.state.group(item.group).key(slot).into();
            let failed = self.leave_alone.failed.get_or_insert_with(|| ((**operator).clone(), vec![]));
            failed.1.push((item.group, key));
        }
    }

    /// Leave out the values of the one key in `items`; of a key that has none, tell its state.
    fn leave_out(&mut self, items: &[Item], keys: &[ArrayRef], work: &StateWork, error: &PluginError) -> Result<()> {
        items.iter().for_each(|item| self.leave_alone(item));
        let Some(left_out) = &mut self.left_out else { return Ok(()) };
        let report = &mut self.keeper.report;
        let numbers: Vec<u64> = match items.first().and_then(|item| item.key) {
            Some(key) => self.values.rows[self.values.of(key)].iter().map(|row| self.values.number(*row)).collect(),
            None => vec![],
        };
        let (told, numbers) = match numbers.is_empty() {
            true => (&work.old, vec![0]),
            false => (&work.values, numbers),
        };
        report.rows_in += work.values.num_rows() as u64;
        if told.num_rows() == 0 {
            // Neither values nor state: there is nothing that could be left out.
            return Err(external(error.clone()));
        }
        let of_key = UInt32Array::from(vec![0; told.num_rows()]);
        let keys = keys.iter().map(|key| take(key, &of_key, None)).collect::<Result<Vec<_>, _>>()?;
        let rows = with_columns(self.keeper.stateful.key_schema().fields(), &keys, told)?;
        for (at, number) in numbers.into_iter().enumerate() {
            left_out.failed(&self.keeper.task, report, Place { rows: &rows, at, number }, error)?;
        }
        Ok(())
    }

    /// What map-with-state makes of one key that has more values than fit a call: it gets `length` of them at a time, with the state that those before left.
    fn update_in_pieces(&mut self, work: StateWork, length: usize) -> Result<StateOutcome> {
        let (mut old, mut emitted) = (work.old.clone(), vec![]);
        let mut is_changed = false;
        for values in node::slices(&work.values, length) {
            let piece = StateWork {
                value_ends: vec![node::number(values.num_rows())],
                values,
                old_keys: (0..node::number(old.num_rows())).collect(),
                old,
                ..work.clone()
            };
            let outcome = self.keeper.update(&piece)?;
            emitted.push(outcome.emitted);
            old = piece.old;
            if !outcome.state_keys.is_empty() || !outcome.removed.is_empty() {
                old = outcome.state;
                is_changed = true;
            }
        }
        let schema = &self.keeper.stateful.binding.output;
        let emitted = concat_batches(schema, &emitted).map_err(|cause| self.keeper.arrow(cause))?;
        let (has_state, none) = (old.num_rows() > 0, old.slice(0, 0));
        Ok(match is_changed {
            true if has_state => StateOutcome { state: old, state_keys: vec![0], removed: vec![], emitted },
            true => StateOutcome { state: none, state_keys: vec![], removed: vec![0], emitted },
            false => StateOutcome { state: none, state_keys: vec![], removed: vec![], emitted },
        })
    }

    /// The keys as columns, in the job's order.
    fn key_columns(&self, items: &[Item]) -> Result<Vec<ArrayRef>> {
        let state = &self.keeper.state;
        // Read together with the keys that have slots, which stand in key groups that are locked one after the other.
        let mut known = KeyBytes::default();
        let mut number = None;
        let mut group = None;
        for item in items {
            if let (None, Some(slot)) = (item.key, item.slot) {
                if number != Some(item.group) {
                    group = Some(state.group(item.group));
                    number = Some(item.group);
                }
                if let Some(group) = &group {
                    known.push(group.key(slot));
                }
            }
        }
        drop(group);
        let mut next_known = 0;
        let bytes = items.iter().map(|item| match item.key {
            Some(key) => self.keys.bytes.get(key as usize),
            None => {
                next_known += 1;
                known.get(next_known - 1)
            }
        });
        state.codec().decode(bytes).map_err(|cause| self.keeper.arrow(cause))
    }

    fn state_work(&self, items: &[Item], keys: &[ArrayRef]) -> Result<(StateWork, RecordBatch)> {
        let arrow = |cause| self.keeper.arrow(cause);
        let binding = &self.keeper.stateful.binding;
        let (mut value_rows, mut value_ends) = (vec![], Vec::with_capacity(items.len()));
        let (mut old, mut old_keys, mut timed_out) = (Gather::default(), vec![], vec![]);
        let mut group: Option<(u32, parking_lot::RwLockReadGuard<'_, KeyGroup>)> = None;
        for (idx, item) in (0_u32..).zip(items) {
            if let Some(key) = item.key {
                let rows = &self.values.rows[self.values.of(key)];
                value_rows.extend(rows.iter().map(|(batch, row)| (*batch as usize, *row as usize)));
            }
            value_ends.push(node::number(value_rows.len()));
            if let Some(slot) = item.slot.filter(|_| !item.anew) {
                if group.as_ref().is_none_or(|(number, _)| *number != item.group) {
                    // The lock held is given back before the next is taken.
                    drop(group.take());
                    group = Some((item.group, self.keeper.state.group(item.group)));
                }
                if let Some((number, group)) = &group {
                    old.push(*number, group, group.location(slot));
                    old_keys.push(idx);
                }
            }
            if item.timed_out {
                timed_out.push(idx);
            }
        }
        drop(group);
        let old = old.finish(&binding.state).map_err(arrow)?;
        let ordered = binding.key_order.iter().map(|place| keys[*place].clone()).collect();
        let keys = RecordBatch::try_new(binding.keys.clone(), ordered).map_err(arrow)?;
        let values = self.value_rows(&value_rows)?;
        Ok((StateWork { keys, values, value_ends, old: old.clone(), old_keys, timed_out }, old))
    }

    fn value_rows(&self, rows: &[(usize, usize)]) -> Result<RecordBatch> {
        let schema = &self
            .values
            .batches
            .first()
            .map_or_else(|| self.keeper.stateful.binding.input.clone(), RecordBatch::schema);
        if schema.fields().is_empty() {
            let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
            return Ok(RecordBatch::try_new_with_options(schema.clone(), vec![], &options)?);
        }
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(schema.clone()));
        }
        let batches: Vec<&RecordBatch> = self.values.batches.iter().collect();
        interleave_record_batch(&batches, rows).map_err(|cause| self.keeper.arrow(cause))
    }

    /// Refuse state that is too large for one key.
    fn check_rows(&self, outcome: &StateOutcome, keys: &[ArrayRef]) -> Result<()> {
        if node::bytes_of(&outcome.state) as u64 <= MAX_ROW {
            return Ok(());
        }
        for (row, key) in outcome.state_keys.iter().enumerate() {
            let bytes = node::bytes_of(&outcome.state.slice(row, 1)) as u64;
            if bytes > MAX_ROW {
                let (stream, key) = (self.keeper.state.stream().clone(), key_text(keys, *key as usize));
                return Err(external(StateError::RowTooLarge { stream, key, bytes, allowed: MAX_ROW }));
            }
        }
        Ok(())
    }

    /// The keys that have state now, each with it.
    fn living(
        &self,
        items: &[Item],
        keys: &[ArrayRef],
        old: &RecordBatch,
        outcome: &StateOutcome,
    ) -> Result<RecordBatch> {
        let (mut living, mut rows) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
        let mut n_old = 0;
        let (mut set, mut removed) = (outcome.state_keys.iter().peekable(), outcome.removed.iter().peekable());
        let mut n_set = 0;
        for (idx, item) in (0_u32..).zip(items) {
            let old_row = item.slot.map(|_| {
                n_old += 1;
                n_old - 1
            });
            let is_removed = removed.next_if_eq(&&idx).is_some();
            if set.next_if_eq(&&idx).is_some() {
                rows.push((1, n_set));
                living.push(idx);
                n_set += 1;
            } else if let (Some(row), false) = (old_row, is_removed) {
                rows.push((0, row));
                living.push(idx);
            }
        }
        let schema = self.keeper.stateful.output();
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(schema));
        }
        let arrow = |cause| self.keeper.arrow(cause);
        let state = interleave_record_batch(&[old, &outcome.state], &rows).map_err(arrow)?;
        let mut columns = match living.len() == items.len() {
            true => keys.to_vec(),
            false => {
                let living = UInt32Array::from(living);
                keys.iter().map(|key| take(key, &living, None)).collect::<Result<_, _>>().map_err(arrow)?
            }
        };
        columns.extend(state.columns().iter().cloned());
        RecordBatch::try_new(schema, columns).map_err(arrow)
    }

    /// Note what changes.
    fn keep(&mut self, items: &[Item], outcome: StateOutcome) {
        let (mut set, mut removed) = (outcome.state_keys.iter().peekable(), outcome.removed.iter().peekable());
        let is_update = self.keeper.stateful.binding.kind == StateKind::UpdateStateByKey;
        // Where only the first value counts, those after it don't refresh the key.
        let rests = self.keeper.state.spec().rest_ms.is_some() && self.keeper.stateful.operator != StateOperator::First;
        let mut rows = 0..0;
        let mut group = None;
        for (idx, item) in (0_u32..).zip(items) {
            let is_set = set.next_if_eq(&&idx).is_some();
            let is_removed = removed.next_if_eq(&&idx).is_some() || item.timed_out;
            let change = match (item.slot, is_set) {
                (None, true) => Some(Change::Add),
                (None, false) => None,
                (Some(slot), true) => Some(Change::Set { slot, refreshed: !is_update || item.key.is_some() }),
                (Some(slot), false) if is_removed => Some(Change::Remove { slot }),
                (Some(slot), false) => (item.key.is_some() && (is_update || rests)).then_some(Change::Refresh { slot }),
            };
            let Some(change) = change else { continue };
            if group != Some(item.group) {
                // The rows of new state so far are of the group before.
                self.push_rows(group, &outcome.state, &mut rows);
                group = Some(item.group);
            }
            let delta = self.deltas.entry(item.group).or_default();
            delta.changes.push(change);
            if is_set {
                rows.end += 1;
            }
            if let (Change::Add, Some(key)) = (change, item.key) {
                delta.new_keys.push(self.keys.bytes.get(key as usize));
                delta.new_hashes.push(self.keys.hashes[key as usize]);
            }
        }
        self.push_rows(group, &outcome.state, &mut rows);
    }

    /// Give the rows of new state in `rows` to a key group.
    fn push_rows(&mut self, group: Option<u32>, state: &RecordBatch, rows: &mut Range<usize>) {
        if let (Some(group), false) = (group, rows.start == rows.end) {
            let delta = self.deltas.entry(group).or_default();
            delta.state.push(state.slice(rows.start, rows.len()));
        }
        rows.start = rows.end;
    }

    /// All keys are done.
    fn stage(&mut self) -> Result<()> {
        let Task { batch, partition, partitions, .. } = self.keeper.task;
        let deltas = std::mem::take(&mut self.deltas).into_iter().collect();
        // From here on the store reserves what it keeps.
        self.reservation.shrink(self.new_bytes);
        let keeper = &mut self.keeper;
        let staged = keeper.state.stage(batch, keeper.batch_attempt, (partition, partitions), deltas, keeper.times);
        staged.map_err(external)?;
        let leave_alone = std::mem::take(&mut self.leave_alone);
        keeper.state.stage_left_alone(batch, keeper.batch_attempt, partition, leave_alone);
        let mut report = std::mem::take(&mut keeper.report);
        report.partitions = 1;
        if let Some(instance) = keeper.instance.take() {
            operators::count(&mut report, &mut keeper.task, instance.report());
        }
        let has_worked = report.calls > 0 || report.left_out() > 0;
        if let (StateOperator::Plugin(operator), true) = (&keeper.stateful.operator, has_worked) {
            let used: OperatorUse = operators::used(operator, &keeper.task);
            keeper.services.reports.add(batch, keeper.batch_attempt, used, report);
        }
        Ok(())
    }
}

/// A key as errors show it.
fn key_text(keys: &[ArrayRef], row: usize) -> String {
    let options = FormatOptions::new().with_null("null");
    let value = |column: &ArrayRef| {
        ArrayFormatter::try_new(column, &options).map_or_else(|_| "?".to_owned(), |shown| shown.value(row).to_string())
    };
    let text = keys.iter().map(value).collect::<Vec<_>>().join(", ");
    text.escape_debug().take(200).collect()
}

/// Read the batch's rows to their end.
async fn gather(
    keeper: &mut Keeper,
    reservation: &MemoryReservation,
    mut rows: SendableRecordBatchStream,
) -> Result<(Keys, Values)> {
    let mut keys = Keys::default();
    let (mut batches, mut numbers, mut firsts, mut bytes, mut n_rows) = (vec![], vec![], vec![], 0, 0);
    while let Some(read) = rows.next().await.transpose()? {
        if read.num_rows() == 0 {
            continue;
        }
        let columns: Vec<ArrayRef> = keeper.stateful.keys.iter().map(|key| read.column(*key).clone()).collect();
        let columns = keeper.state.codec().canonical(&columns)?;
        let of_rows = keys.number(&keeper.state, &columns, read.num_rows())?;
        let values = read.project(&keeper.stateful.values)?;
        bytes += node::bytes_of(&values);
        batches.push(values);
        firsts.push(n_rows as u64);
        numbers.push(of_rows);
        n_rows += read.num_rows();
        reservation.try_resize(bytes + keys.capacity() + 16 * n_rows)?;
    }
    let mut ends = vec![0_u32; keys.bytes.len()];
    numbers.iter().flatten().for_each(|key| ends[*key as usize] += 1);
    let mut sum = 0;
    let mut starts = Vec::with_capacity(ends.len());
    for end in &mut ends {
        starts.push(sum);
        sum += *end;
        *end = sum;
    }
    let mut places = vec![(0, 0); sum as usize];
    for (batch, of_rows) in (0..).zip(&numbers) {
        for (row, key) in (0..).zip(of_rows) {
            let start = &mut starts[*key as usize];
            places[*start as usize] = (batch, row);
            *start += 1;
        }
    }
    let row_bytes = bytes.div_ceil(places.len().max(1));
    Ok((keys, Values { batches, rows: places, ends, row_bytes, firsts }))
}

/// Put the initial state in.
async fn load(keeper: &mut Keeper, reservation: &MemoryReservation, mut rows: SendableRecordBatchStream) -> Result<()> {
    let state = &keeper.state;
    let n_keys = keeper.stateful.keys.len();
    let n_columns = n_keys + keeper.stateful.binding.state.fields().len();
    let mut keys = Keys::default();
    let (mut batches, mut places, mut bytes) = (vec![], vec![], 0);
    // Where it isn't said how long keys have rested, they begin to rest with this batch.
    let mut refreshed_ms: Vec<i64> = vec![];
    while let Some(read) = rows.next().await.transpose()? {
        let columns = state.codec().canonical(&read.columns()[..n_keys])?;
        let before = keys.bytes.len();
        let numbers = keys.number(state, &columns, read.num_rows())?;
        let fresh = (before..).zip(&numbers).position(|(fresh, number)| *number as usize != fresh);
        if let Some(row) = fresh {
            let key = key_text(&columns, row);
            return Err(external(StateError::TwiceInitial { stream: state.stream().clone(), key }));
        }
        let values = conform(&read.columns()[n_keys..n_columns], &keeper.stateful.binding.state, read.num_rows())?;
        match read.columns().get(n_columns) {
            Some(rested_ms) => {
                let rested_ms = as_int64_array(rested_ms)?.values();
                refreshed_ms.extend(rested_ms.iter().map(|rested_ms| keeper.task.batch.0.saturating_sub(*rested_ms)));
            }
            None => refreshed_ms.resize(refreshed_ms.len() + read.num_rows(), keeper.task.batch.0),
        }
        places.extend((0..read.num_rows()).map(|row| (batches.len(), row)));
        bytes += node::bytes_of(&values);
        batches.push(values);
        reservation.try_resize(2 * bytes + keys.capacity() + 24 * places.len())?;
    }
    let sources: Vec<&RecordBatch> = batches.iter().collect();
    let (mut deltas, mut times): (Vec<(u32, GroupDelta)>, Vec<Vec<i64>>) = (vec![], vec![]);
    let mut order: Vec<usize> = (0..keys.bytes.len()).collect();
    order.sort_by_key(|key| keys.groups[*key]);
    for of_group in order.chunk_by(|a, b| keys.groups[*a] == keys.groups[*b]) {
        let mut delta = GroupDelta::default();
        for part in of_group.chunks(CHUNK_ROWS) {
            let rows: Vec<(usize, usize)> = part.iter().map(|key| places[*key]).collect();
            delta.state.push(interleave_record_batch(&sources, &rows).map_err(|cause| keeper.arrow(cause))?);
        }
        for &key in of_group {
            delta.changes.push(Change::Add);
            delta.new_keys.push(keys.bytes.get(key));
            delta.new_hashes.push(keys.hashes[key]);
        }
        deltas.push((keys.groups[of_group[0]], delta));
        times.push(of_group.iter().map(|key| refreshed_ms[*key]).collect());
    }
    reservation.try_resize(0)?;
    state.load(keeper.task.partitions, &deltas, &times).map_err(external)
}

/// State columns in the types of `schema`.
fn conform(columns: &[ArrayRef], schema: &SchemaRef, n_rows: usize) -> Result<RecordBatch> {
    let cast = |(column, field): (&ArrayRef, &Arc<arrow::datatypes::Field>)| {
        if column.data_type() == field.data_type() {
            return Ok(column.clone());
        }
        arrow::compute::cast(column, field.data_type())
    };
    let columns = columns.iter().zip(schema.fields()).map(cast).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}
