//! Putting back state that was kept: a key group whole, then what batches changed in it, in their order. The order of keys is the one they had.

use arrow::array::{Int64Array, RecordBatch};
use arrow::compute::concat_batches;

use super::delta::{Change, GroupDelta};
use super::error::StateError;
use super::group::{KeyGroup, index_hash};
use super::key_group::key_hashes;
use super::snapshot::KeyedRows;
use super::store::StreamState;

/// Is told of a key: its row, its slot if it has one, its bytes and its hash.
type EachKey<'a> = &'a mut dyn FnMut(usize, Option<u32>, &[u8], u32);

/// What one batch changed in a key group, as it was kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The group is only this from then on: what was there before counts for nothing.
    pub is_whole: bool,
    /// Keys with new state.
    pub set: Vec<KeyedRows>,
    /// Keys that were refreshed and keep their state, in the key's columns.
    pub refreshed: Vec<(RecordBatch, Int64Array)>,
    /// Keys that have no state any more, in the key's columns.
    pub removed: Vec<RecordBatch>,
}

impl StreamState {
    /// Put a key group back: what batches changed in it, in their order. Called before the first batch, once for a group.
    ///
    /// # Errors
    /// For rows of other columns, and when there is no memory for them.
    pub fn restore(&self, group: u32, kept: &[Kept]) -> Result<(), StateError> {
        self.set_begun();
        let first = kept.iter().rposition(|kept| kept.is_whole).unwrap_or(0);
        for kept in &kept[first..] {
            let (delta, times) = {
                let key_group = self.group(group);
                self.delta(&key_group, kept)?
            };
            self.change(group, |key_group| key_group.replay(&delta, &times))?;
        }
        self.change(group, |key_group| {
            key_group.settle();
            Ok(())
        })
    }

    /// The changes as they are applied, and when the keys of each were refreshed.
    fn delta(&self, group: &KeyGroup, kept: &Kept) -> Result<(GroupDelta, Vec<i64>), StateError> {
        let n_keys = self.spec().keys.fields().len();
        let (mut delta, mut times) = (GroupDelta::default(), vec![]);
        let find = |rows: &RecordBatch, each: EachKey<'_>| {
            let columns = self.codec().canonical(&rows.columns()[..n_keys]).map_err(|cause| self.arrow(cause))?;
            let hashes = key_hashes(&columns, rows.num_rows()).map_err(|cause| self.arrow(arrow_error(&cause)))?;
            let keys = self.codec().encode(&columns).map_err(|cause| self.arrow(cause))?;
            for (row, key) in keys.iter().enumerate() {
                let hash = index_hash(hashes[row]);
                let key: &[u8] = key.as_ref();
                each(row, group.find(hash, key), key, hash);
            }
            Ok::<_, StateError>(())
        };
        for KeyedRows { rows, refreshed_ms } in &kept.set {
            find(rows, &mut |row, slot, key, hash| {
                times.push(refreshed_ms.value(row));
                match slot {
                    Some(slot) => delta.changes.push(Change::Set { slot, refreshed: true }),
                    None => {
                        delta.changes.push(Change::Add);
                        delta.new_keys.push(key);
                        delta.new_hashes.push(hash);
                    }
                }
            })?;
            let state: Vec<usize> = (n_keys..rows.num_columns()).collect();
            delta.state.push(rows.project(&state).map_err(|cause| self.arrow(cause))?);
        }
        if !group.has_room(delta.new_keys.len(), delta.new_keys.n_bytes()) {
            let keys = (group.len() + delta.new_keys.len()) as u64;
            return Err(StateError::GroupFull { stream: self.stream().clone(), group: 0, keys });
        }
        for (rows, refreshed_ms) in &kept.refreshed {
            find(rows, &mut |row, slot, _, _| {
                if let Some(slot) = slot {
                    times.push(refreshed_ms.value(row));
                    delta.changes.push(Change::Refresh { slot });
                }
            })?;
        }
        for rows in &kept.removed {
            find(rows, &mut |_, slot, _, _| {
                if let Some(slot) = slot {
                    times.push(0);
                    delta.changes.push(Change::Remove { slot });
                }
            })?;
        }
        Ok((delta, times))
    }
}

fn arrow_error(error: &dyn std::fmt::Display) -> arrow::error::ArrowError {
    arrow::error::ArrowError::InvalidArgumentError(error.to_string())
}

/// All rows in one.
///
/// # Errors
/// When they are too many bytes for a record batch, or of other columns.
pub fn together(rows: &[KeyedRows]) -> Result<Option<KeyedRows>, arrow::error::ArrowError> {
    let Some(first) = rows.first() else { return Ok(None) };
    if rows.len() == 1 {
        return Ok(Some(first.clone()));
    }
    let all = concat_batches(&first.rows.schema(), rows.iter().map(|keyed| &keyed.rows))?;
    let times: Vec<i64> = rows.iter().flat_map(|keyed| keyed.refreshed_ms.values().iter().copied()).collect();
    Ok(Some(KeyedRows { rows: all, refreshed_ms: times.into() }))
}
