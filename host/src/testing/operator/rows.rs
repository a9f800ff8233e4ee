//! Rows made up for an operator to be measured with: the same in every run.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};

use crate::error::{Error, Result};
use crate::job::types::TypeName;

/// What made-up lines are made of.
const WORDS: [&str; 16] = [
    "the", "of", "stream", "batch", "word", "and", "a", "box", "sluice", "river", "in", "to", "gate", "rows", "every",
    "water",
];
/// Words of a made-up line.
const WORDS_A_LINE: u64 = 12;

/// Numbers that look random and are the same in every run: SplitMix64, after Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
fn number(of: u64) -> u64 {
    let mut z = of.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// So many rows of these columns, without nulls; the first `n_distinct` columns have no value twice.
///
/// # Errors
/// Where a column's type isn't one that rows are made up of.
pub fn made_up(schema: &SchemaRef, n_rows: usize, n_distinct: usize) -> Result<RecordBatch> {
    let columns = schema.fields().iter().enumerate().map(|(idx, field)| {
        let values = column(field.data_type(), n_rows, idx as u64, idx < n_distinct);
        values.ok_or_else(|| {
            let (name, of) = (field.name(), TypeName(field.data_type()));
            let message = format!("column \"{name}\" is of type {of}, which no rows are made up of");
            Error::invalid_with_help(
                message,
                "name a file of cases with --cases: the rows of the operator's first case are taken",
            )
        })
    });
    let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
    RecordBatch::try_new(schema.clone(), columns).map_err(Error::failed)
}

fn column(data_type: &DataType, n_rows: usize, idx: u64, is_distinct: bool) -> Option<ArrayRef> {
    let numbers = (0..n_rows as u64).map(|row| if is_distinct { row } else { number(row << 8 | idx) % 1000 });
    match data_type {
        DataType::Boolean => Some(Arc::new(BooleanArray::from_iter(numbers.map(|number| Some(number % 2 == 0))))),
        DataType::Utf8 | DataType::Binary if is_distinct => {
            let texts = StringArray::from_iter_values(numbers.map(|number| format!("key-{number}")));
            cast(&texts, data_type).ok()
        }
        DataType::Utf8 | DataType::Binary => {
            let line = |row: u64| {
                let word = |at: u64| WORDS[(number(row * WORDS_A_LINE + at) % WORDS.len() as u64) as usize];
                (0..WORDS_A_LINE).map(word).collect::<Vec<_>>().join(" ")
            };
            let texts = StringArray::from_iter_values((0..n_rows as u64).map(line));
            cast(&texts, data_type).ok()
        }
        DataType::FixedSizeBinary(width) => {
            let width = usize::try_from(*width).ok().filter(|width| *width > 0)?;
            let value = |number: u64| number.to_le_bytes().iter().copied().cycle().take(width).collect::<Vec<u8>>();
            FixedSizeBinaryArray::try_from_iter(numbers.map(value)).ok().map(|array| Arc::new(array) as ArrayRef)
        }
        _ => {
            // Of the types that are made of numbers some come from one width, and some from the other.
            let wide = Int64Array::from_iter_values(numbers.clone().map(|number| number as i64));
            let narrow = Int32Array::from_iter_values(numbers.map(|number| number as i32));
            let of = |values: &dyn Array| cast(values, data_type).ok().filter(|made| made.null_count() == 0);
            of(&wide).or_else(|| of(&narrow))
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{Field, Schema, TimeUnit};

    use super::*;

    #[test]
    fn rows_are_the_same_in_every_run_and_of_every_flat_type() {
        let types = [
            DataType::Boolean,
            DataType::Int8,
            DataType::UInt64,
            DataType::Float32,
            DataType::Float64,
            DataType::Utf8,
            DataType::Binary,
            DataType::FixedSizeBinary(3),
            DataType::Decimal128(10, 2),
            DataType::Date32,
            DataType::Timestamp(TimeUnit::Millisecond, Some("+00:00".into())),
            DataType::Time64(TimeUnit::Microsecond),
            DataType::Duration(TimeUnit::Second),
        ];
        // A thousand numbers don't fit into the smallest.
        let types = types.into_iter().filter(|of| *of != DataType::Int8);
        let fields: Vec<Field> = types.enumerate().map(|(idx, of)| Field::new(idx.to_string(), of, false)).collect();
        let schema = Arc::new(Schema::new(fields));
        let rows = made_up(&schema, 100, 0).unwrap();
        assert_eq!((rows.num_rows(), rows), (100, made_up(&schema, 100, 0).unwrap()));
        let keys = Arc::new(Schema::new(vec![Field::new("key", DataType::Utf8, false)]));
        let rows = made_up(&keys, 1000, 1).unwrap();
        let distinct: std::collections::HashSet<_> =
            arrow::array::AsArray::as_string::<i32>(rows.column(0)).iter().collect();
        assert_eq!(distinct.len(), 1000);
        let pair = Field::new_struct("pair", vec![Field::new("a", DataType::Int64, true)], true);
        let told = made_up(&Arc::new(Schema::new(vec![pair])), 1, 0).unwrap_err().to_string();
        assert!(told.contains("column \"pair\" is of type struct<"), "{told}");
    }
}
