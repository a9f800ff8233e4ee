//! partition-by: the same rows, those of a key in one partition.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::error::Result;

/// A key's partition depends on its key group, so it is the same in each batch. Rows of a partition stay in their order.
#[derive(Debug)]
pub struct PartitionBy {
    /// The key's columns in the parent, by index.
    pub key: Vec<usize>,
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
}

impl DStream for PartitionBy {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.partition_by(cx, super::union::only(parents)?, &self.key, self.partitions)
    }
}
