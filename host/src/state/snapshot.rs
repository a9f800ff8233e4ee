//! All keys and state of a key group as rows, in the order of its slots; and what a batch changed in it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::delta::{Change, GroupDelta};
use super::group::KeyGroup;
use super::keys::KeyCodec;
use super::segments::Location;

/// Rows of a record batch of a snapshot.
const ROWS: usize = 8192;

/// Keys and their state.
#[derive(Debug, Clone)]
pub struct KeyedRows {
    /// The key's columns, then the state's.
    pub rows: RecordBatch,
    /// When each key was last refreshed: a batch's time, in milliseconds since 1970-01-01T00:00:00Z.
    pub refreshed_ms: Int64Array,
}

/// What a batch changed in a key group.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The key group.
    pub group: u32,
    /// Keys with new state.
    pub set: Vec<KeyedRows>,
    /// Keys that were refreshed and keep their state, in the key's columns.
    pub refreshed: RecordBatch,
    /// When those were.
    pub refreshed_ms: i64,
    /// Keys that have no state any more, in the key's columns.
    pub removed: RecordBatch,
}

/// Gathers rows of state from where they are.
#[derive(Debug, Default)]
pub struct Gather {
    sources: Vec<RecordBatch>,
    known: HashMap<(u32, u32), usize>,
    rows: Vec<(usize, usize)>,
}

impl Gather {
    /// Rows so far.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The state at a location of a key group, which has this number here.
    pub fn push(&mut self, group: u32, of: &KeyGroup, at: Location) {
        let source = match self.known.get(&(group, at.segment)) {
            Some(source) => *source,
            None => {
                let Some(rows) = of.segments().rows(at.segment) else { return };
                self.sources.push(rows.clone());
                self.known.insert((group, at.segment), self.sources.len() - 1);
                self.sources.len() - 1
            }
        };
        self.rows.push((source, at.row as usize));
    }

    /// A row of a record batch that is none of a key group.
    fn push_row(&mut self, source: usize, row: usize) {
        self.rows.push((source, row));
    }

    /// The rows, of this schema.
    ///
    /// # Errors
    /// When they are too many bytes for one record batch.
    pub fn finish(self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        if self.rows.is_empty() {
            return Ok(RecordBatch::new_empty(schema.clone()));
        }
        let sources: Vec<&RecordBatch> = self.sources.iter().collect();
        let rows = interleave_record_batch(&sources, &self.rows)?;
        RecordBatch::try_new(schema.clone(), rows.columns().to_vec())
    }
}

/// What stands in rows: the key's columns, then the state's.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// Turns keys into columns.
    pub codec: &'a KeyCodec,
    /// The state's columns.
    pub state: &'a SchemaRef,
    /// All columns.
    pub rows: &'a SchemaRef,
}

/// A key of a snapshot.
enum Kept {
    Slot(u32),
    /// A slot with new state in that row, or the state that it had where there is no such row; and when it was refreshed.
    Changed(u32, usize, i64),
    /// A new key, with that state.
    New(usize, usize),
}

impl Shape<'_> {
    /// All keys with state after `delta`, which is of the batch of this time, in order.
    ///
    /// # Errors
    /// When rows are too many bytes for a record batch.
    pub fn keyed_rows(
        &self,
        group: &KeyGroup,
        delta: Option<&GroupDelta>,
        batch_ms: i64,
    ) -> Result<Vec<KeyedRows>, ArrowError> {
        let kept = kept(group, delta, batch_ms);
        kept.chunks(ROWS).map(|kept| self.chunk(kept, group, delta, batch_ms)).collect()
    }

    fn chunk(
        &self,
        kept: &[Kept],
        group: &KeyGroup,
        delta: Option<&GroupDelta>,
        batch_ms: i64,
    ) -> Result<KeyedRows, ArrowError> {
        let mut gather = Gather::default();
        // The row that each record batch of new state begins with.
        let mut starts = vec![];
        let mut next = 0;
        for rows in delta.iter().flat_map(|delta| &delta.state) {
            starts.push(next);
            next += rows.num_rows();
            gather.sources.push(rows.clone());
        }
        let find = |row: usize| {
            let source = starts.partition_point(|start| *start <= row) - 1;
            (source, row - starts[source])
        };
        let mut refreshed = Vec::with_capacity(kept.len());
        let mut keys = Vec::with_capacity(kept.len());
        for kept in kept {
            match *kept {
                Kept::Slot(slot) => {
                    gather.push(0, group, group.location(slot));
                    keys.push(group.key(slot));
                    refreshed.push(group.refreshed_ms(slot));
                }
                Kept::Changed(slot, row, refreshed_ms) => {
                    match row {
                        usize::MAX => gather.push(0, group, group.location(slot)),
                        row => {
                            let (source, row) = find(row);
                            gather.push_row(source, row);
                        }
                    }
                    keys.push(group.key(slot));
                    refreshed.push(refreshed_ms);
                }
                Kept::New(key, row) => {
                    let (source, row) = find(row);
                    gather.push_row(source, row);
                    keys.push(delta.map_or(&[][..], |delta| delta.new_keys.get(key)));
                    refreshed.push(batch_ms);
                }
            }
        }
        let mut columns = self.codec.decode(keys)?;
        columns.extend(gather.finish(self.state)?.columns().iter().cloned());
        Ok(KeyedRows { rows: RecordBatch::try_new(self.rows.clone(), columns)?, refreshed_ms: refreshed.into() })
    }

    /// What `delta`, of the batch of this time, changes.
    ///
    /// # Errors
    /// When rows are too many bytes for a record batch.
    pub fn changed(
        &self,
        number: u32,
        group: &KeyGroup,
        delta: &GroupDelta,
        batch_ms: i64,
    ) -> Result<Changed, ArrowError> {
        let (mut removed, mut refreshed, mut set) = (vec![], vec![], vec![]);
        let (mut n_new, mut n_set) = (0, 0);
        for change in &delta.changes {
            match *change {
                Change::Add => {
                    set.push(Kept::New(n_new, n_set));
                    (n_new, n_set) = (n_new + 1, n_set + 1);
                }
                Change::Set { slot, refreshed } => {
                    let refreshed_ms = if refreshed { batch_ms } else { group.refreshed_ms(slot) };
                    set.push(Kept::Changed(slot, n_set, refreshed_ms));
                    n_set += 1;
                }
                Change::Refresh { slot } => refreshed.push(group.key(slot)),
                Change::Remove { slot } => removed.push(group.key(slot)),
            }
        }
        let set: Result<_, ArrowError> =
            set.chunks(ROWS).map(|kept| self.chunk(kept, group, Some(delta), batch_ms)).collect();
        let (refreshed, removed) = (self.keys(refreshed)?, self.keys(removed)?);
        Ok(Changed { group: number, set: set?, refreshed, refreshed_ms: batch_ms, removed })
    }

    fn keys(&self, keys: Vec<&[u8]>) -> Result<RecordBatch, ArrowError> {
        let schema = self.codec.schema();
        if keys.is_empty() {
            return Ok(RecordBatch::new_empty(schema.clone()));
        }
        let columns: Vec<ArrayRef> = self.codec.decode(keys)?;
        RecordBatch::try_new(Arc::clone(schema), columns)
    }
}

/// The keys with state after a batch, in order.
fn kept(group: &KeyGroup, delta: Option<&GroupDelta>, batch_ms: i64) -> Vec<Kept> {
    let Some(delta) = delta else { return group.slots().map(Kept::Slot).collect() };
    let mut changed: HashMap<u32, Option<Kept>> = HashMap::with_capacity(delta.changes.len());
    let mut added = vec![];
    let mut n_set = 0;
    for change in &delta.changes {
        match *change {
            Change::Add => {
                added.push(Kept::New(added.len(), n_set));
                n_set += 1;
            }
            Change::Set { slot, refreshed } => {
                let refreshed_ms = if refreshed { batch_ms } else { group.refreshed_ms(slot) };
                changed.insert(slot, Some(Kept::Changed(slot, n_set, refreshed_ms)));
                n_set += 1;
            }
            Change::Refresh { slot } => {
                changed.insert(slot, Some(Kept::Changed(slot, usize::MAX, batch_ms)));
            }
            Change::Remove { slot } => {
                changed.insert(slot, None);
            }
        }
    }
    let slots = group.slots().filter_map(|slot| changed.remove(&slot).unwrap_or(Some(Kept::Slot(slot))));
    slots.chain(added).collect()
}
