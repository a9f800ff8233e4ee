//! join and its outer forms: the pairs of two streams' rows with the same key.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::engine::Together;
use crate::error::Result;
use crate::job::definition::JoinType;

/// The key's columns, then the left's others, then the right's.
#[derive(Debug)]
pub struct Join {
    /// What becomes of rows without another.
    pub kind: JoinType,
    /// The key's columns in the left and in the right parent, by index.
    pub keys: [Vec<usize>; 2],
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
}

impl DStream for Join {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.cogroup(cx, Together::Join(self.kind), parents, &self.keys, self.partitions)
    }
}
