//! The rows of a partition of each input, and which of them have the same key.

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::interleave;
use arrow::datatypes::{Field, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::StreamExt;

use super::super::{keys::Keys, node};

/// A row: which of the record batches, and which row of it.
pub(super) type At = (u32, u32);

/// What one input gave.
pub(super) struct Side {
    pub(super) schema: SchemaRef,
    key: Vec<usize>,
    batches: Vec<RecordBatch>,
    /// The number of each row's key.
    pub(super) numbers: Vec<u32>,
    /// All rows sorted by the number of their key, those of a key in their order; and where each key's end.
    sorted: Vec<At>,
    ends: Vec<u32>,
    bytes: usize,
}

/// All inputs of one partition.
pub(super) struct Sides {
    pub(super) sides: Vec<Side>,
    keys: Keys,
    /// A row of each key: of which input, and where.
    first: Vec<(u32, At)>,
    reservation: MemoryReservation,
}

impl Sides {
    pub(super) fn try_new(
        inputs: &[SendableRecordBatchStream],
        keys: &[Vec<usize>],
        reservation: MemoryReservation,
    ) -> Result<Self> {
        let fields: Vec<Field> = match (inputs.first(), keys.first()) {
            (Some(input), Some(key)) => key.iter().map(|idx| input.schema().field(*idx).clone()).collect(),
            _ => Vec::new(),
        };
        let side = |(input, key): (&SendableRecordBatchStream, &Vec<usize>)| Side {
            schema: input.schema(),
            key: key.clone(),
            batches: Vec::new(),
            numbers: Vec::new(),
            sorted: Vec::new(),
            ends: Vec::new(),
            bytes: 0,
        };
        let sides = inputs.iter().zip(keys).map(side).collect();
        Ok(Self { sides, keys: Keys::try_new(&fields)?, first: Vec::new(), reservation })
    }

    /// How many keys there are.
    pub(super) fn n_keys(&self) -> usize {
        self.keys.len()
    }

    /// Take in all rows of one input.
    pub(super) async fn read(&mut self, side: usize, mut rows: SendableRecordBatchStream) -> Result<()> {
        while let Some(rows) = rows.next().await.transpose()? {
            if rows.num_rows() > 0 {
                self.push(side, rows)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, side: usize, rows: RecordBatch) -> Result<()> {
        let of = &mut self.sides[side];
        let key: Vec<ArrayRef> = of.key.iter().map(|idx| rows.column(*idx).clone()).collect();
        let numbers = self.keys.numbers(&key, rows.num_rows())?;
        if of.numbers.len() + numbers.len() > u32::MAX as usize {
            return exec_err!("a partition has more than 4,294,967,295 rows; make more partitions");
        }
        let batch = node::number(of.batches.len());
        if self.first.len() < self.keys.len() {
            self.first.resize(self.keys.len(), (u32::MAX, (0, 0)));
            for (row, number) in numbers.iter().enumerate() {
                let first = &mut self.first[*number as usize];
                if first.0 == u32::MAX {
                    *first = (node::number(side), (batch, node::number(row)));
                }
            }
        }
        of.bytes += node::bytes_of(&rows);
        of.numbers.extend(numbers);
        of.batches.push(rows);
        self.reserve(0)
    }

    /// Reserve what is held, and so many bytes more.
    pub(super) fn reserve(&mut self, more: usize) -> Result<()> {
        // A row's key, and later its place among the rows of its key.
        let per_row = size_of::<u32>() + size_of::<At>();
        let held: usize = self.sides.iter().map(|side| side.bytes + per_row * side.numbers.len()).sum();
        let per_key = size_of::<(u32, At)>() + size_of::<u32>() * self.sides.len();
        self.reservation.try_resize(held + self.keys.size() + per_key * self.keys.len() + more)
    }

    /// Find the rows of each key together.
    pub(super) fn sort(&mut self) {
        let n_keys = self.keys.len();
        self.sides.iter_mut().for_each(|side| side.sort(n_keys));
    }

    /// A key column, for these rows: each of an input and a place in it.
    pub(super) fn key_column(&self, column: usize, rows: &[(u32, At)]) -> Result<ArrayRef> {
        let mut starts = Vec::with_capacity(self.sides.len());
        let mut arrays = Vec::new();
        for side in &self.sides {
            starts.push(arrays.len());
            arrays.extend(side.batches.iter().map(|rows| rows.column(side.key[column]).as_ref()));
        }
        let at = |(side, (batch, row)): &(u32, At)| (starts[*side as usize] + *batch as usize, *row as usize);
        Ok(interleave(&arrays, &rows.iter().map(at).collect::<Vec<_>>())?)
    }

    /// The key columns of these keys.
    pub(super) fn keys_of(&self, keys: std::ops::Range<usize>) -> Result<Vec<ArrayRef>> {
        let n_columns = self.sides.first().map_or(0, |side| side.key.len());
        (0..n_columns).map(|column| self.key_column(column, &self.first[keys.clone()])).collect()
    }
}

impl Side {
    fn sort(&mut self, n_keys: usize) {
        // Where each key's rows begin, which moves to where they end while they are put there.
        let mut at = vec![0_u32; n_keys + 1];
        for number in &self.numbers {
            at[*number as usize + 1] += 1;
        }
        for key in 0..n_keys {
            at[key + 1] += at[key];
        }
        self.sorted = vec![(0, 0); self.numbers.len()];
        let places = (0_u32..)
            .zip(&self.batches)
            .flat_map(|(batch, rows)| (0..node::number(rows.num_rows())).map(move |row| (batch, row)));
        for (place, number) in places.zip(&self.numbers) {
            let at = &mut at[*number as usize];
            self.sorted[*at as usize] = place;
            *at += 1;
        }
        at.truncate(n_keys);
        self.ends = at;
    }

    /// The columns that are not in the key, by index.
    pub(super) fn others(&self) -> Vec<usize> {
        super::others(&self.schema, &self.key)
    }

    fn n_rows(&self) -> usize {
        self.numbers.len()
    }

    /// About how many bytes so many rows take.
    pub(super) fn bytes_of(&self, rows: usize) -> usize {
        (self.bytes as u128 * rows as u128 / self.n_rows().max(1) as u128) as usize
    }

    /// Where the rows of these keys stand among the sorted ones.
    pub(super) fn rows_of(&self, keys: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let end = |key: usize| key.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        end(keys.start)..end(keys.end)
    }

    /// As [`Side::rows_of`], where there may be no row and so no key.
    pub(super) fn rows_of_all(&self, keys: std::ops::Range<usize>) -> std::ops::Range<usize> {
        if self.ends.is_empty() { 0..0 } else { self.rows_of(keys) }
    }

    /// Rows that stand together among the sorted ones.
    pub(super) fn sorted(&self, range: std::ops::Range<usize>) -> &[At] {
        &self.sorted[range]
    }

    /// All rows in their order.
    pub(super) fn place(&self, cursor: &mut Cursor) -> Option<At> {
        let rows = self.batches.get(cursor.batch as usize)?;
        let place = (cursor.batch, cursor.row);
        cursor.row += 1;
        cursor.number += 1;
        if cursor.row as usize == rows.num_rows() {
            (cursor.batch, cursor.row) = (cursor.batch + 1, 0);
        }
        Some(place)
    }

    /// Columns of the row at each place, null where there is none.
    pub(super) fn columns(&self, columns: &[usize], places: &[Option<At>]) -> Result<Vec<ArrayRef>> {
        let none = self.batches.len();
        let some_missing = none == 0 || places.iter().any(Option::is_none);
        let place = |place: &Option<At>| place.map_or((none, 0), |(batch, row)| (batch as usize, row as usize));
        let places: Vec<(usize, usize)> = places.iter().map(place).collect();
        let column = |column: &usize| {
            let null = new_null_array(self.schema.field(*column).data_type(), 1);
            let mut arrays: Vec<_> = self.batches.iter().map(|rows| rows.column(*column).as_ref()).collect();
            if some_missing {
                arrays.push(null.as_ref());
            }
            Ok(interleave(&arrays, &places)?)
        };
        columns.iter().map(column).collect()
    }
}

/// A walk over the rows of a side.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor {
    batch: u32,
    row: u32,
    /// How many rows were passed.
    pub(super) number: usize,
}
