//! Blocks of rows that come in record batches, each with the place where its source stands after it.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use crate::engine::node;
use crate::error::{Error, Result};
use crate::receiver::block::BlockBuilder;

/// A block in the making.
#[derive(Debug, Default)]
pub struct RowBlock {
    parts: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    position: Vec<u8>,
}

impl RowBlock {
    /// Add rows, after which the source stands at `position`.
    pub fn push(&mut self, rows: RecordBatch, position: Vec<u8>) {
        self.rows += rows.num_rows();
        self.bytes += node::bytes_of(&rows);
        self.parts.push(rows);
        self.position = position;
    }
}

impl BlockBuilder for RowBlock {
    type Mark = Vec<u8>;

    fn rows(&self) -> usize {
        self.rows
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn take(&mut self) -> Result<(RecordBatch, Vec<u8>)> {
        let Self { parts, position, .. } = std::mem::take(self);
        let rows = match <[RecordBatch; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => {
                let schema =
                    parts.first().map(RecordBatch::schema).ok_or_else(|| Error::failed("a block has no rows"))?;
                concat_batches(&schema, &parts).map_err(Error::failed)?
            }
        };
        Ok((rows, position))
    }

    fn position(mark: &Vec<u8>) -> &[u8] {
        mark
    }
}
