//! A leaf that reads all keys and state of a stateful stream, as they are after the batch.
//!
//! It names the stream, whose part of the batch has run before; the state is in the process's [`StateStore`](crate::state::StateStore).

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::stream;

use super::error::external;
use super::{Services, node};
use crate::clock::BatchTime;

/// Reads the state of one stream, as an attempt at a batch leaves it.
#[derive(Debug)]
pub struct StateSnapshotExec {
    of: Arc<str>,
    batch: BatchTime,
    attempt: u32,
    properties: Arc<PlanProperties>,
}

impl StateSnapshotExec {
    /// Read the state of the stream `of`, whose key's and state's columns are those of `schema`, in as many partitions as it is worked on in.
    pub fn new(of: Arc<str>, batch: BatchTime, attempt: u32, partitions: usize, schema: SchemaRef) -> Self {
        let properties = node::properties(schema, partitions.max(1), EmissionType::Incremental);
        Self { of, batch, attempt, properties }
    }

    /// The stream whose state is read, the batch and its attempt.
    pub fn reads(&self) -> (&Arc<str>, BatchTime, u32) {
        (&self.of, self.batch, self.attempt)
    }
}

impl DisplayAs for StateSnapshotExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateSnapshotExec: of={}, batch={}", self.of, self.batch)
    }
}

impl ExecutionPlan for StateSnapshotExec {
    node::leaf!("StateSnapshotExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let state = Services::of(&task)?.state.get(&self.of);
        let (batch, attempt) = (self.batch, self.attempt);
        let (partition, partitions) = (node::number(partition), node::number(node::partition_count(self)));
        let groups = state.into_iter().flat_map(move |state| {
            state.groups_of(partition, partitions).map(move |group| (state.clone(), group)).collect::<Vec<_>>()
        });
        let rows = groups.flat_map(move |(state, group)| match state.snapshot_after(group, batch, attempt) {
            Ok(kept) => kept.into_iter().map(|kept| Ok(kept.rows)).collect::<Vec<_>>(),
            Err(error) => vec![Err(external(error))],
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::iter(rows))))
    }
}
