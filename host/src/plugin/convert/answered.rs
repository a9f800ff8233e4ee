//! What reading an answer costs by itself, for benchmarks: the same rows as a guest would return them, read again and again.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::lift::lift;
use super::lower::lower;
use crate::plugin::bindings::data as wit;

/// Rows as a guest returns them.
#[derive(Debug)]
pub struct Answered {
    rows: u32,
    nodes: Vec<wit::Node>,
    buffers: Vec<Vec<u8>>,
    schema: SchemaRef,
}

impl Answered {
    /// `rows`, whose types all cross, as a guest would return them.
    ///
    /// # Errors
    /// When a type doesn't cross.
    pub fn of(rows: &RecordBatch) -> Result<Self, String> {
        let schema = rows.schema();
        let lowered = lower(rows.columns(), rows.num_rows(), &schema)?;
        let buffers = lowered.slices().into_iter().map(<[u8]>::to_vec).collect();
        Ok(Self { rows: lowered.rows, nodes: lowered.nodes, buffers, schema })
    }

    /// The buffers, copied as a call copies them out of the guest's memory.
    pub fn copied(&self) -> Vec<Vec<u8>> {
        self.buffers.clone()
    }

    /// The same, and then checked as the host checks all that a guest returns.
    ///
    /// # Errors
    /// When they aren't rows of the schema; never.
    pub fn checked(&self) -> Result<RecordBatch, String> {
        let answer = wit::BatchResult { rows: self.rows, nodes: self.nodes.clone(), buffers: self.copied() };
        lift(answer, &self.schema, u64::MAX).map_err(|invalid| format!("{invalid:?}"))
    }
}
