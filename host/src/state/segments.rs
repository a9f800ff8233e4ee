//! The state of a key group's keys, in record batches that are only ever appended.
//!
//! A row that was replaced or removed stays where it is until less than half of its segment lives; then the segment is rewritten. Segments that
//! are small are put together, as the digits of a counter are, so that there are few of them however small batches are. Both take time in proportion
//! to the rows appended.

use arrow::array::{Array, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::error::ArrowError;

/// Segments are put together up to this many rows.
const MOST_ROWS: usize = 1 << 16;
/// And up to this many bytes, of which a column's offsets can count far more.
const MOST_BYTES: usize = 16 << 20;

/// Where a key's state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The segment's number.
    pub segment: u32,
    /// The row in it.
    pub row: u32,
}

impl Location {
    /// Of a key that has no state.
    pub const NONE: Location = Location { segment: u32::MAX, row: u32::MAX };
}

#[derive(Debug)]
struct Segment {
    rows: RecordBatch,
    /// The slot that each row is of, whether it is still or was.
    owners: Vec<u32>,
    live: usize,
    bytes: usize,
}

impl Segment {
    fn new(rows: RecordBatch, owners: Vec<u32>) -> Self {
        let bytes = memory_of(&rows);
        Self { live: rows.num_rows(), rows, owners, bytes }
    }

    fn held(&self) -> usize {
        self.bytes + self.owners.capacity() * size_of::<u32>() + size_of::<Self>()
    }
}

/// Bytes that a record batch which shares nothing takes.
fn memory_of(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(|column| column.get_array_memory_size()).sum()
}

/// The segments of a key group.
#[derive(Debug, Default)]
pub struct Segments {
    /// By number; none where a segment was dropped.
    segments: Vec<Option<Segment>>,
    free: Vec<u32>,
    /// Numbers of segments, those written first first.
    order: Vec<u32>,
    held: usize,
}

impl Segments {
    /// The rows of a segment that is there.
    pub fn rows(&self, segment: u32) -> Option<&RecordBatch> {
        Some(&self.segments.get(segment as usize)?.as_ref()?.rows)
    }

    /// About how many bytes the row at a location has.
    pub fn row_bytes(&self, at: Location) -> usize {
        let Some(Some(segment)) = self.segments.get(at.segment as usize) else { return 0 };
        segment.bytes / segment.rows.num_rows().max(1)
    }

    /// Bytes of all rows that live, about.
    pub fn live_bytes(&self) -> usize {
        let live = |segment: &Segment| {
            (segment.bytes as u128 * segment.live as u128 / segment.rows.num_rows().max(1) as u128) as usize
        };
        self.segments.iter().flatten().map(live).sum()
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.held
    }

    /// How many segments there are.
    pub fn count(&self) -> usize {
        self.order.len()
    }

    /// The row at a location isn't needed any more.
    pub fn release(&mut self, at: Location) {
        if let Some(Some(segment)) = self.segments.get_mut(at.segment as usize) {
            segment.live -= 1;
        }
    }

    /// Append state: row i is of the slot `owners[i]`, whose location becomes that of the row.
    pub fn append(&mut self, rows: RecordBatch, owners: Vec<u32>, locations: &mut [Location]) {
        if owners.is_empty() {
            return;
        }
        let number = self.insert(Segment::new(rows, owners), locations);
        self.order.push(number);
    }

    /// Drop segments that nothing lives in, rewrite those that are more than half dead, put small ones together. `locations` has, for each slot, where its state is.
    ///
    /// # Errors
    /// Never for rows of one schema.
    pub fn tidy(&mut self, locations: &mut [Location]) -> Result<(), ArrowError> {
        for place in 0..self.order.len() {
            let number = self.order[place];
            let Some(Some(segment)) = self.segments.get(number as usize) else { continue };
            if segment.live > 0 && segment.live * 2 < segment.rows.num_rows() {
                self.order[place] = self.rewrite(&[number], locations)?;
            } else if segment.live == 0 {
                self.remove(number);
            }
        }
        self.order.retain(|number| self.segments.get(*number as usize).is_some_and(Option::is_some));
        while let [.., before, last] = self.order[..] {
            let size = |number: u32| {
                let segment = self.segments.get(number as usize).and_then(Option::as_ref);
                segment.map_or((0, 0), |segment| (segment.live, segment.bytes))
            };
            let ((rows_before, bytes_before), (rows, bytes)) = (size(before), size(last));
            if rows_before > 2 * rows || rows_before + rows > MOST_ROWS || bytes_before + bytes > MOST_BYTES {
                break;
            }
            let whole = self.rewrite(&[before, last], locations)?;
            self.order.truncate(self.order.len() - 2);
            self.order.push(whole);
        }
        Ok(())
    }

    /// One segment of the live rows of `numbers`, in their place; its number.
    fn rewrite(&mut self, numbers: &[u32], locations: &mut [Location]) -> Result<u32, ArrowError> {
        let (mut sources, mut rows, mut owners) = (vec![], vec![], vec![]);
        for &number in numbers {
            let Some(Some(segment)) = self.segments.get(number as usize) else { continue };
            for (row, &owner) in (0..).zip(&segment.owners) {
                if locations.get(owner as usize) == Some(&Location { segment: number, row }) {
                    rows.push((sources.len(), row as usize));
                    owners.push(owner);
                }
            }
            sources.push(&segment.rows);
        }
        let rows = interleave_record_batch(&sources, &rows)?;
        owners.shrink_to_fit();
        numbers.iter().for_each(|number| self.remove(*number));
        Ok(self.insert(Segment::new(rows, owners), locations))
    }

    fn insert(&mut self, segment: Segment, locations: &mut [Location]) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.segments.push(None);
            u32::try_from(self.segments.len() - 1).unwrap_or(u32::MAX)
        });
        for (row, &owner) in (0..).zip(&segment.owners) {
            locations[owner as usize] = Location { segment: number, row };
        }
        self.held += segment.held();
        self.segments[number as usize] = Some(segment);
        number
    }

    fn remove(&mut self, number: u32) {
        if let Some(segment) = self.segments.get_mut(number as usize).and_then(Option::take) {
            self.held -= segment.held();
            self.free.push(number);
        }
    }

    /// Slots have new numbers: `slots[old]` is the new one, or the highest number where the slot is gone.
    pub fn renumber(&mut self, slots: &[u32]) {
        for segment in self.segments.iter_mut().flatten() {
            for owner in &mut segment.owners {
                *owner = slots.get(*owner as usize).copied().unwrap_or(u32::MAX);
            }
        }
    }
}
