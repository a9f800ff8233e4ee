//! A key group: its keys, where the state of each is, and when it was refreshed.
//!
//! Each key has a slot, numbered in the order in which keys came. A slot whose key lost its state stays empty until half of the slots are; then those that
//! are left move together and keep their order. So the order of keys depends on nothing but what happened to them, and is that of a snapshot too.

use std::collections::{BTreeMap, VecDeque};

use arrow::error::ArrowError;
use hashbrown::HashTable;

use super::delta::{Change, GroupDelta};
use super::keys::{KeyBytes, reserve};
use super::segments::{Location, Segments};

/// Bytes of a slot and its entry in the index, beside the key and the state.
pub const SLOT_BYTES: usize = 40;

/// Slots refreshed in one batch.
#[derive(Debug)]
struct Touched {
    batch_ms: i64,
    slots: Vec<u32>,
}

/// A key group.
#[derive(Debug, Default)]
pub struct KeyGroup {
    index: HashTable<u32>,
    hashes: Vec<u32>,
    keys: KeyBytes,
    locations: Vec<Location>,
    refreshed_ms: Vec<i64>,
    live: usize,
    live_key_bytes: usize,
    segments: Segments,
    /// Refreshed slots by batch, oldest first, where keys time out: those that weren't refreshed since are found without looking at others.
    touched: VecDeque<Touched>,
    n_touched: usize,
}

/// The hash as an index takes it, which looks at its highest bits and its lowest.
pub fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The part of a key's hash that a key group's index is ordered by; the key group was made of other bits.
pub fn index_hash(hash: u64) -> u32 {
    // What is shifted out is the half that is cut off.
    (hash >> 32) as u32
}

impl KeyGroup {
    /// Keys that have state.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no key has state.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// The slot of a key, if it has state.
    pub fn find(&self, hash: u32, key: &[u8]) -> Option<u32> {
        self.index.find(spread(hash), |slot| self.keys.get(*slot as usize) == key).copied()
    }

    /// The slots whose keys have state, in order.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.locations).filter(|(_, at)| **at != Location::NONE).map(|(slot, _)| slot)
    }

    /// The key of a slot.
    pub fn key(&self, slot: u32) -> &[u8] {
        self.keys.get(slot as usize)
    }

    /// Where the state of a slot's key is.
    pub fn location(&self, slot: u32) -> Location {
        self.locations[slot as usize]
    }

    /// When a slot's key was last refreshed.
    pub fn refreshed_ms(&self, slot: u32) -> i64 {
        self.refreshed_ms[slot as usize]
    }

    /// The state.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Whether `n_keys` more keys, of so many bytes, have room.
    pub fn has_room(&self, n_keys: usize, bytes: usize) -> bool {
        self.locations.len() + n_keys < u32::MAX as usize && self.keys.has_room(bytes)
    }

    /// The slots whose keys were last refreshed before `limit_ms`, in order.
    pub fn resting_since(&self, limit_ms: i64) -> Vec<u32> {
        let mut slots = vec![];
        for touched in self.touched.iter().take_while(|touched| touched.batch_ms < limit_ms) {
            let is_last = |slot: &&u32| self.is_last(**slot, touched.batch_ms);
            slots.extend(touched.slots.iter().filter(is_last));
        }
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// Whether the slot's key was last refreshed then.
    fn is_last(&self, slot: u32, batch_ms: i64) -> bool {
        let slot = slot as usize;
        self.locations[slot] != Location::NONE && self.refreshed_ms[slot] == batch_ms
    }

    /// About how many bytes the keys with state and their state take.
    pub fn live_bytes(&self) -> usize {
        self.live_key_bytes + self.live * SLOT_BYTES + self.segments.live_bytes()
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        let touched = self.touched.capacity() * size_of::<Touched>() + self.n_touched * size_of::<u32>();
        self.index.allocation_size()
            + self.hashes.capacity() * size_of::<u32>()
            + self.keys.capacity()
            + self.locations.capacity() * size_of::<Location>()
            + self.refreshed_ms.capacity() * size_of::<i64>()
            + self.segments.held()
            + touched
    }

    /// Make the changes of a batch. `rests` says whether it will be asked which keys rest.
    ///
    /// # Errors
    /// Never for state of one schema.
    pub fn apply(&mut self, delta: &GroupDelta, batch_ms: i64, rests: bool) -> Result<(), ArrowError> {
        let refreshed = self.apply_at(delta, |_| batch_ms)?;
        if rests {
            self.touch(batch_ms, refreshed);
        }
        if self.locations.len() > 64 && self.live * 2 < self.locations.len() {
            self.move_together();
        }
        Ok(())
    }

    /// Make changes that were kept: the keys of each were refreshed at the time that stands beside it. Which keys rest is known again after [`KeyGroup::settle`].
    ///
    /// # Errors
    /// Never for state of one schema.
    pub fn replay(&mut self, delta: &GroupDelta, refreshed_ms: &[i64]) -> Result<(), ArrowError> {
        self.apply_at(delta, |idx| refreshed_ms[idx])?;
        if self.locations.len() > 64 && self.live * 2 < self.locations.len() {
            self.move_together();
        }
        Ok(())
    }

    /// Find out which keys were refreshed when, after changes were replayed.
    pub fn settle(&mut self) {
        let mut by_time: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for slot in self.slots() {
            by_time.entry(self.refreshed_ms(slot)).or_default().push(slot);
        }
        self.touched = by_time.into_iter().map(|(batch_ms, slots)| Touched { batch_ms, slots }).collect();
        self.n_touched = self.live;
    }

    /// Make changes, each at the time of its place in the list. Returns the slots that were refreshed.
    fn apply_at(&mut self, delta: &GroupDelta, at_ms: impl Fn(usize) -> i64) -> Result<Vec<u32>, ArrowError> {
        let mut owners = Vec::with_capacity(delta.state.iter().map(|rows| rows.num_rows()).sum());
        let mut refreshed = vec![];
        let mut n_added = 0;
        for (idx, change) in delta.changes.iter().enumerate() {
            let batch_ms = at_ms(idx);
            match *change {
                Change::Add => {
                    let slot = self.add(delta.new_keys.get(n_added), delta.new_hashes[n_added], batch_ms);
                    n_added += 1;
                    owners.push(slot);
                    refreshed.push(slot);
                }
                Change::Set { slot, refreshed: is_refreshed } => {
                    self.segments.release(self.locations[slot as usize]);
                    owners.push(slot);
                    if is_refreshed {
                        self.refreshed_ms[slot as usize] = batch_ms;
                        refreshed.push(slot);
                    }
                }
                Change::Refresh { slot } => {
                    self.refreshed_ms[slot as usize] = batch_ms;
                    refreshed.push(slot);
                }
                Change::Remove { slot } => self.remove(slot),
            }
        }
        let mut owners = owners.into_iter();
        for rows in delta.own_state()? {
            let of_rows = owners.by_ref().take(rows.num_rows()).collect();
            self.segments.append(rows, of_rows, &mut self.locations);
        }
        self.segments.tidy(&mut self.locations)?;
        Ok(refreshed)
    }

    /// Keys refreshed before this are known to be gone, or to have been refreshed again.
    pub fn forget_resting(&mut self, limit_ms: i64) {
        while self.touched.front().is_some_and(|touched| touched.batch_ms < limit_ms) {
            let gone = self.touched.pop_front();
            self.n_touched -= gone.map_or(0, |touched| touched.slots.len());
        }
    }

    fn add(&mut self, key: &[u8], hash: u32, batch_ms: i64) -> u32 {
        let slot = u32::try_from(self.locations.len()).unwrap_or(u32::MAX);
        self.keys.push(key);
        reserve(&mut self.hashes, 1);
        self.hashes.push(hash);
        reserve(&mut self.locations, 1);
        self.locations.push(Location::NONE);
        reserve(&mut self.refreshed_ms, 1);
        self.refreshed_ms.push(batch_ms);
        let hashes = &self.hashes;
        self.index.insert_unique(spread(hash), slot, |slot| spread(hashes[*slot as usize]));
        self.live += 1;
        self.live_key_bytes += key.len();
        slot
    }

    fn remove(&mut self, slot: u32) {
        let idx = slot as usize;
        self.segments.release(self.locations[idx]);
        self.locations[idx] = Location::NONE;
        if let Ok(entry) = self.index.find_entry(spread(self.hashes[idx]), |found| *found == slot) {
            entry.remove();
        }
        self.live -= 1;
        self.live_key_bytes -= self.keys.get(idx).len();
    }

    fn touch(&mut self, batch_ms: i64, slots: Vec<u32>) {
        if slots.is_empty() {
            return;
        }
        self.n_touched += slots.len();
        self.touched.push_back(Touched { batch_ms, slots });
        // Keys that are refreshed in every batch are in many lists, of which the last alone means something.
        if self.n_touched > 2 * self.live + 1024 {
            let mut touched = std::mem::take(&mut self.touched);
            for of_batch in &mut touched {
                of_batch.slots.retain(|slot| self.is_last(*slot, of_batch.batch_ms));
                of_batch.slots.shrink_to_fit();
            }
            touched.retain(|of_batch| !of_batch.slots.is_empty());
            self.n_touched = touched.iter().map(|of_batch| of_batch.slots.len()).sum();
            self.touched = touched;
        }
    }

    /// Leave out slots without state.
    fn move_together(&mut self) {
        let mut numbers = vec![u32::MAX; self.locations.len()];
        let mut kept = KeyGroup::default();
        for slot in self.slots() {
            let idx = slot as usize;
            numbers[idx] = kept.add(self.keys.get(idx), self.hashes[idx], self.refreshed_ms[idx]);
            kept.locations[numbers[idx] as usize] = self.locations[idx];
        }
        kept.segments = std::mem::take(&mut self.segments);
        kept.segments.renumber(&numbers);
        kept.touched = std::mem::take(&mut self.touched);
        for touched in &mut kept.touched {
            touched.slots.iter_mut().for_each(|slot| *slot = numbers[*slot as usize]);
            touched.slots.retain(|slot| *slot != u32::MAX);
        }
        kept.n_touched = kept.touched.iter().map(|touched| touched.slots.len()).sum();
        *self = kept;
    }
}
