//! Files of datasets that later batches read: `datasets/STREAM/BATCH-TERM-ATTEMPT`, a table per partition, named by its number ([`super::tables`]).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use bytes::Bytes;

use super::tables::{self, TablesWriter};

/// Write a file.
///
/// # Errors
/// When rows are of other columns.
pub fn encode(schema: &SchemaRef, partitions: &[Arc<[RecordBatch]>]) -> Result<Bytes, ArrowError> {
    let mut writer = TablesWriter::default();
    for (number, rows) in partitions.iter().enumerate() {
        let own: Result<Vec<_>, _> = rows.iter().map(own).collect();
        writer.add(&number.to_string(), schema, &own?)?;
    }
    writer.finish()
}

/// The rows of each partition.
///
/// # Errors
/// What is wrong with the file.
pub fn decode(bytes: &Bytes) -> Result<Vec<Vec<RecordBatch>>, String> {
    let tables = tables::read(bytes)?;
    let in_order = tables.iter().enumerate().all(|(number, table)| table.name == number.to_string());
    match in_order {
        true => Ok(tables.into_iter().map(|table| table.rows).collect()),
        false => Err("its partitions aren't in order".to_owned()),
    }
}

/// The same rows, without the rest of larger buffers that views point into.
pub(crate) fn own(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let column = |column: &ArrayRef| -> ArrayRef {
        match column.data_type() {
            DataType::Utf8View => Arc::new(column.as_string_view().gc()),
            DataType::BinaryView => Arc::new(column.as_binary_view().gc()),
            _ => column.clone(),
        }
    };
    RecordBatch::try_new(rows.schema(), rows.columns().iter().map(column).collect())
}
