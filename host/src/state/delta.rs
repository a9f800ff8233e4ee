//! What one batch changes in a key group.

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::error::ArrowError;

use super::keys::KeyBytes;

/// Rows of a record batch of new state have at most this many bytes, or are one.
const MOST_BYTES: usize = 16 << 20;

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A key that had no state has the next row of new state. It is the next of the new keys.
    Add,
    /// The key of this slot has the next row of new state.
    Set {
        /// The slot.
        slot: u32,
        /// Whether it was refreshed.
        refreshed: bool,
    },
    /// The key of this slot was refreshed, and its state stays.
    Refresh {
        /// The slot.
        slot: u32,
    },
    /// The key of this slot has no state any more.
    Remove {
        /// The slot.
        slot: u32,
    },
}

/// Changes, in the order in which keys were worked on.
#[derive(Debug, Default)]
pub struct GroupDelta {
    /// The changes; each slot comes once.
    pub changes: Vec<Change>,
    /// The keys added, in the order of their changes.
    pub new_keys: KeyBytes,
    /// The hash of each key added.
    pub new_hashes: Vec<u32>,
    /// New state, in the order of the changes. Rows may be slices of larger record batches.
    pub state: Vec<RecordBatch>,
}

impl GroupDelta {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The new state in record batches of their own, none of them large.
    ///
    /// # Errors
    /// Never for rows of one schema.
    pub fn own_state(&self) -> Result<Vec<RecordBatch>, ArrowError> {
        let sources: Vec<&RecordBatch> = self.state.iter().collect();
        let (mut made, mut rows, mut bytes) = (vec![], vec![], 0_usize);
        for (idx, source) in sources.iter().enumerate() {
            let each = crate::engine::node::bytes_of(source).div_ceil(source.num_rows().max(1));
            for row in 0..source.num_rows() {
                if bytes + each > MOST_BYTES && !rows.is_empty() {
                    made.push(interleave_record_batch(&sources, &rows)?);
                    rows.clear();
                    bytes = 0;
                }
                rows.push((idx, row));
                bytes += each;
            }
        }
        if !rows.is_empty() {
            made.push(interleave_record_batch(&sources, &rows)?);
        }
        Ok(made)
    }
}
