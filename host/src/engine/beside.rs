//! Columns kept beside what an operator makes: the key's, of a map-values or flat-map-values, which the operator never sees.
//!
//! A flat-map may make any number of rows of one, each of which gets the key once more. So the rows are given out a piece at a time, and what a guest
//! makes of a long key can't take more memory than a piece.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;

use super::node;

/// Rows of a piece, at most.
const PIECE_ROWS: usize = 65_536;
/// Bytes of a piece's columns beside, about; a row that has more is a piece of its own.
const PIECE_BYTES: usize = 4 << 20;

/// What is left to be given out of what an operator made of a chunk.
pub(super) struct Pieces {
    schema: SchemaRef,
    /// The columns beside, a row for each of the chunk.
    beside: Vec<ArrayRef>,
    made: RecordBatch,
    /// For each row of the chunk, how many rows were made of it and of those before.
    ends: Vec<u32>,
    /// The next row made, and the row of the chunk that it or a later one is of.
    next: usize,
    of: usize,
}

impl Pieces {
    /// Rows of `schema`: the columns `beside` of `chunk`, then those `made`. `ends` says which row is made of which; where it doesn't, one is made of
    /// each but those `rejected`, which are ascending.
    pub(super) fn new(
        schema: SchemaRef,
        chunk: &RecordBatch,
        beside: &[usize],
        made: RecordBatch,
        ends: Option<Vec<u32>>,
        rejected: impl Iterator<Item = u32>,
    ) -> Self {
        let ends = ends.unwrap_or_else(|| {
            let mut rejected = rejected.peekable();
            let mut end = 0;
            let rows = 0..node::number(chunk.num_rows());
            rows.map(|row| {
                end += u32::from(rejected.next_if_eq(&row).is_none());
                end
            })
            .collect()
        });
        let beside = beside.iter().map(|column| chunk.column(*column).clone()).collect();
        Self { schema, beside, made, ends, next: 0, of: 0 }
    }

    /// The next piece; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>> {
        let start = self.next;
        let mut rows: Vec<u32> = Vec::new();
        let mut bytes = 0;
        while let Some(end) = self.ends.get(self.of) {
            if self.next == *end as usize {
                self.of += 1;
                continue;
            }
            let of_row = self.bytes_of(self.of).max(1);
            let fit = ((PIECE_BYTES.saturating_sub(bytes)) / of_row).max(usize::from(rows.is_empty()));
            let n_rows = (*end as usize - self.next).min(fit).min(PIECE_ROWS - rows.len());
            if n_rows == 0 {
                break;
            }
            rows.resize(rows.len() + n_rows, node::number(self.of));
            self.next += n_rows;
            bytes = bytes.saturating_add(of_row.saturating_mul(n_rows));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let rows = UInt32Array::from(rows);
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for column in &self.beside {
            columns.push(take(column, &rows, None)?);
        }
        columns.extend(self.made.columns().iter().map(|column| column.slice(start, self.next - start)));
        Ok(Some(RecordBatch::try_new(Arc::clone(&self.schema), columns)?))
    }

    /// Bytes of a row's columns beside. A key's columns aren't nested.
    fn bytes_of(&self, row: usize) -> usize {
        let bytes = |column: &ArrayRef| match column.data_type() {
            DataType::Utf8 => column.as_string::<i32>().value_length(row) as usize + 4,
            DataType::Binary => column.as_binary::<i32>().value_length(row) as usize + 4,
            DataType::FixedSizeBinary(width) => *width as usize,
            other => other.primitive_width().unwrap_or(1),
        };
        self.beside.iter().map(bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{as_text, numbered, words};
    use arrow::datatypes::Schema;

    fn pieces(key: &[&str], made: RecordBatch, ends: Option<Vec<u32>>, rejected: &[u32]) -> Vec<Vec<String>> {
        let chunk = words(key);
        let fields: Vec<_> = chunk.schema().fields().iter().chain(made.schema().fields()).cloned().collect();
        let mut pieces = Pieces::new(Arc::new(Schema::new(fields)), &chunk, &[0], made, ends, rejected.iter().copied());
        std::iter::from_fn(|| pieces.next().unwrap()).map(|rows| as_text(&rows)).collect()
    }

    #[test]
    fn each_row_made_has_the_key_of_the_row_it_was_made_of() {
        let made = || numbered(&[("x", 1), ("y", 2), ("z", 3)]);
        assert_eq!(pieces(&["a", "b", "c", "d"], made(), Some(vec![0, 2, 2, 3]), &[]), [["b x 1", "b y 2", "d z 3"]]);
        assert_eq!(pieces(&["a", "b", "c", "d"], made(), None, &[1]), [["a x 1", "c y 2", "d z 3"]]);
        assert_eq!(pieces(&["a"], made().slice(0, 0), Some(vec![0]), &[]), [[""; 0]; 0]);
    }

    #[test]
    fn a_long_key_is_repeated_a_piece_at_a_time() {
        let long = "k".repeat(1 << 20);
        let rows: Vec<_> = (0..10).map(|n| ("x", n)).collect();
        let made = pieces(&["short", &long], numbered(&rows), Some(vec![1, 10]), &[]);
        let sizes: Vec<usize> = made.iter().map(Vec::len).collect();
        assert_eq!(sizes, [4, 3, 3]);
        let longer = "k".repeat(PIECE_BYTES + 1);
        let made = pieces(&[&longer], numbered(&rows[..2]), Some(vec![2]), &[]);
        assert_eq!(made.len(), 2, "one row at least");
    }

    #[test]
    fn many_rows_of_one_are_pieces_too() {
        let rows: Vec<_> = (0..150_000).map(|n| ("x", n)).collect();
        let made = pieces(&["a"], numbered(&rows), Some(vec![150_000]), &[]);
        assert_eq!(made.iter().map(Vec::len).collect::<Vec<_>>(), [65_536, 65_536, 18_928]);
        assert_eq!(made[2][18_927], "a x 149999");
    }
}
