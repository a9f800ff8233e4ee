//! Rows in and out of record batches, as tests write them.

use std::sync::Arc;

use sluicebox::arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluicebox::arrow::util::display::{ArrayFormatter, FormatOptions};

/// The schema of a stream of lines: `value: string`.
pub fn line_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("value", DataType::Utf8, false)]))
}

/// Lines as rows of [`line_schema`].
pub fn lines(lines: &[&str]) -> RecordBatch {
    record_batch(line_schema(), vec![Arc::new(StringArray::from(lines.to_vec()))])
}

/// The schema `key: string, value: int64`.
pub fn pair_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Int64, false)]))
}

/// Pairs as rows of [`pair_schema`].
pub fn pairs(pairs: &[(&str, i64)]) -> RecordBatch {
    let keys: StringArray = pairs.iter().map(|(key, _)| Some(*key)).collect();
    let values: Int64Array = pairs.iter().map(|(_, value)| Some(*value)).collect();
    record_batch(pair_schema(), vec![Arc::new(keys), Arc::new(values)])
}

/// The schema `key: string, value: string`.
pub fn text_pair_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, false)]))
}

/// Pairs as rows of [`text_pair_schema`].
pub fn text_pairs(pairs: &[(String, String)]) -> RecordBatch {
    let keys: StringArray = pairs.iter().map(|(key, _)| Some(key)).collect();
    let values: StringArray = pairs.iter().map(|(_, value)| Some(value)).collect();
    record_batch(text_pair_schema(), vec![Arc::new(keys), Arc::new(values)])
}

/// The schema `value: int64`.
pub fn number_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("value", DataType::Int64, false)]))
}

/// Numbers as rows of [`number_schema`].
pub fn numbers(numbers: impl IntoIterator<Item = i64>) -> RecordBatch {
    record_batch(number_schema(), vec![Arc::new(numbers.into_iter().map(Some).collect::<Int64Array>())])
}

fn record_batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(schema, columns).expect("columns of the schema")
}

/// Rows as text, a column after the other, null as `null`.
pub fn show(rows: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null("null");
    let formatters: Vec<_> = rows
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options).expect("a type that can be shown"))
        .collect();
    (0..rows.num_rows())
        .map(|row| formatters.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" "))
        .collect()
}

/// All values of an int64 column.
pub fn int64s(rows: &RecordBatch, column: usize) -> Vec<i64> {
    let column = rows.column(column).as_any().downcast_ref::<Int64Array>().expect("an int64 column");
    column.values().to_vec()
}
