//! A block's rows as the payload of a frame: an Arrow IPC stream of one record batch.
//!
//! Each has its schema, some hundred bytes, so that a block can be read alone. Not compressed: its buffers are written as they are in memory, and read back without a copy.

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamDecoder;
use arrow::ipc::writer::StreamEncoder;

use crate::job::types::TypeName;

/// The payload, in pieces, most of which are the rows' own buffers.
///
/// # Errors
/// When Arrow has no form for the rows' schema.
pub fn encode(rows: &RecordBatch) -> Result<Vec<Buffer>, ArrowError> {
    let mut encoder = StreamEncoder::try_new(&rows.schema())?;
    let mut pieces = encoder.encode(rows)?;
    pieces.extend(encoder.finish()?);
    Ok(pieces)
}

/// The rows.
///
/// # Errors
/// When they aren't one record batch with the columns of `schema`.
pub fn decode(payload: Buffer, schema: &SchemaRef) -> Result<RecordBatch, String> {
    let mut payload = payload;
    let mut decoder = StreamDecoder::new();
    let mut rows = None;
    while !payload.is_empty() {
        if let Some(more) = decoder.decode(&mut payload).map_err(|error| error.to_string())? {
            match rows {
                None => rows = Some(more),
                Some(_) => return Err("it has more than one record batch".to_owned()),
            }
        }
    }
    let rows = rows.ok_or("it has no rows")?;
    if rows.schema().fields() != schema.fields() {
        return Err(format!(
            "it was received with the columns ({}), and the stream's are ({}): run the job as it was until its batches are done, or give the stream another name to leave what was received",
            columns(&rows.schema()),
            columns(schema)
        ));
    }
    rows.with_schema(schema.clone()).map_err(|error| error.to_string())
}

fn columns(schema: &SchemaRef) -> String {
    let column = |field: &FieldRef| {
        format!("{}: {}{}", field.name(), TypeName(field.data_type()), if field.is_nullable() { "?" } else { "" })
    };
    schema.fields().iter().map(column).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{numbered, words};

    #[test]
    fn rows_come_back_and_other_columns_are_refused() {
        let join =
            |pieces: Vec<Buffer>| Buffer::from(pieces.iter().flat_map(|piece| piece.to_vec()).collect::<Vec<_>>());
        for rows in [words(&["to", "be", ""]), numbered(&[("a", 1), ("b", 2)]), words(&["x", "y", "z"]).slice(1, 1)] {
            assert_eq!(decode(join(encode(&rows).unwrap()), &rows.schema()).unwrap(), rows);
        }
        let error = decode(join(encode(&words(&["a"])).unwrap()), &numbered(&[]).schema()).unwrap_err();
        assert!(
            error.starts_with("it was received with the columns (word: string), and the stream's are ("),
            "{error}"
        );
        assert!(decode(Buffer::from(vec![1, 2, 3]), &words(&[]).schema()).is_err());
    }
}
