//! Lists: a row for each key, with a list of each input's rows of it.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, exec_datafusion_err, exec_err, internal_err};

use super::PIECE_ROWS;
use super::join::is_too_much;
use super::sides::{Side, Sides};

/// A partition whose rows are known.
pub(super) struct Listed {
    sides: Sides,
    schema: SchemaRef,
    /// The next key.
    next: usize,
    n_keys: usize,
}

impl Listed {
    /// `whole` makes one row of all rows, even of none.
    pub(super) fn new(mut sides: Sides, schema: SchemaRef, whole: bool) -> Result<Self> {
        sides.sort();
        let n_keys = if whole { 1 } else { sides.n_keys() };
        Ok(Self { sides, schema, next: 0, n_keys })
    }

    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>> {
        if self.next == self.n_keys {
            return Ok(None);
        }
        let mut keys = self.next..self.piece();
        loop {
            let bytes = self.sides.sides.iter().map(|side| side.bytes_of(side.rows_of_all(keys.clone()).len())).sum();
            self.sides.reserve(bytes)?;
            match self.rows(keys.clone()) {
                // Values of more than 2 GiB fit no column; those of fewer keys may.
                Err(error) if is_too_much(&error) && keys.len() > 1 => keys.end = keys.start + keys.len() / 2,
                Err(error) if is_too_much(&error) => {
                    return exec_err!("the values of one key take more than 2 GiB, which no list can hold");
                }
                made => {
                    self.next = keys.end;
                    return made.map(Some);
                }
            }
        }
    }

    /// The end of as many keys as have about as many rows as go into a piece; of one at least.
    fn piece(&self) -> usize {
        let mut rows = 0;
        for key in self.next..self.n_keys {
            rows += self.sides.sides.iter().map(|side| side.rows_of_all(key..key + 1).len()).sum::<usize>();
            if rows >= PIECE_ROWS || key - self.next + 1 == PIECE_ROWS {
                return key + 1;
            }
        }
        self.n_keys
    }

    fn rows(&self, keys: Range<usize>) -> Result<RecordBatch> {
        let mut columns = self.sides.keys_of(keys.clone())?;
        for side in &self.sides.sides {
            let Some(field) = self.schema.fields().get(columns.len()) else { return internal_err!("a list too many") };
            columns.push(list(side, field.data_type(), keys.clone())?);
        }
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }
}

/// The list of each of these keys.
fn list(side: &Side, of: &DataType, keys: Range<usize>) -> Result<ArrayRef> {
    let DataType::List(item) = of else { return internal_err!("a list of type {of}") };
    let all = side.rows_of_all(keys.clone());
    let places: Vec<_> = side.sorted(all.clone()).iter().map(|place| Some(*place)).collect();
    let columns = side.columns(&side.others(), &places)?;
    let values: ArrayRef = match (item.data_type(), <[_; 1]>::try_from(columns)) {
        (_, Ok([only])) => only,
        (DataType::Struct(fields), Err(columns)) => Arc::new(StructArray::try_new(fields.clone(), columns, None)?),
        (other, Err(_)) => return internal_err!("a list of {other} of several columns"),
    };
    let end = |key: usize| {
        let end = side.rows_of_all(keys.start..key + 1).len();
        i32::try_from(end).map_err(|_| exec_datafusion_err!("a list of {end} values is too long"))
    };
    let offsets: Vec<i32> = std::iter::once(Ok(0)).chain(keys.clone().map(end)).collect::<Result<_>>()?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(Arc::new(ListArray::try_new(item.clone(), offsets, values, None)?))
}
