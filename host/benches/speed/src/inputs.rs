//! Rows to measure with: always the same ones.

use std::sync::Arc;

use sluicebox::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::measure::Result;

/// Words that text is made of.
const VOCABULARY: u64 = 50_000;
/// Words of a line.
const WORDS_PER_LINE: usize = 10;

/// Numbers that look random, by Marsaglia's xorshift.
pub struct Numbers(u64);

impl Numbers {
    /// The same sequence each time.
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A word of 3 to 9 letters and digits. The word of rank r comes about as often as 1/r, as in text.
    pub fn word(&mut self) -> String {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = ((VOCABULARY as f64).powf(share) as u64).saturating_sub(1);
        let mut word = format!("w{:08x}", rank.wrapping_mul(2_654_435_761) & 0xffff_ffff);
        word.truncate(3 + rank as usize % 7);
        word
    }
}

/// The columns of [`keyed`].
pub fn keyed_schema() -> SchemaRef {
    let field = |name| Field::new(name, DataType::Int64, false);
    Arc::new(Schema::new(vec![field("key"), field("n")]))
}

/// A dataset of two partitions: a row of each key, with the value 1.
///
/// # Errors
/// None that happens.
pub fn keyed(keys: &[i64]) -> Result<Vec<RecordBatch>> {
    let rows = |keys: &[i64]| {
        let ones: ArrayRef = Arc::new(Int64Array::from(vec![1; keys.len()]));
        RecordBatch::try_new(keyed_schema(), vec![Arc::new(Int64Array::from(keys.to_vec())), ones])
    };
    let (first, second) = keys.split_at(keys.len() / 2);
    Ok(vec![rows(first)?, rows(second)?])
}

/// So many random keys below `end`.
pub fn keys(numbers: &mut Numbers, rows: usize, end: u64) -> Vec<i64> {
    (0..rows).map(|_| (numbers.next() % end) as i64).collect()
}

/// All keys below `end`, once each, in an order that `step` says; it must have no divisor in common with `end`.
pub fn shuffled(end: u64, step: u64) -> Vec<i64> {
    (0..end).map(|key| (key * step % end) as i64).collect()
}

/// A schema of one column of strings.
pub fn text_schema(name: &str) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(name, DataType::Utf8, false)]))
}

/// Lines of ten words.
pub fn lines(numbers: &mut Numbers, rows: usize) -> Result<RecordBatch> {
    let mut line = || (0..WORDS_PER_LINE).map(|_| numbers.word()).collect::<Vec<_>>().join(" ");
    let lines = StringArray::from_iter_values((0..rows).map(|_| line()));
    Ok(RecordBatch::try_new(text_schema("value"), vec![Arc::new(lines)])?)
}

/// Words.
pub fn words(numbers: &mut Numbers, rows: usize) -> Result<RecordBatch> {
    let words = StringArray::from_iter_values((0..rows).map(|_| numbers.word()));
    Ok(RecordBatch::try_new(text_schema("word"), vec![Arc::new(words)])?)
}

/// Columns of whole numbers below `end`.
pub fn integers(numbers: &mut Numbers, rows: usize, columns: usize, end: u64) -> Result<RecordBatch> {
    let column = |_| Arc::new(Int64Array::from_iter_values((0..rows).map(|_| (numbers.next() % end) as i64)));
    let columns: Vec<ArrayRef> = (0..columns).map(column).map(|column| column as ArrayRef).collect();
    let field = |idx| Field::new(format!("c{idx}"), DataType::Int64, false);
    let schema = Schema::new((0..columns.len()).map(field).collect::<Vec<_>>());
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}
