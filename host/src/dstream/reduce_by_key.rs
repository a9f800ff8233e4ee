//! reduce-by-key: the rows of each key to one.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::reduce::Fold;
use super::{DStream, PlanContext};
use crate::error::Result;
use crate::plugin::OperatorRef;

/// The key's columns, then the fold's.
#[derive(Debug)]
pub struct ReduceByKey {
    /// The key's columns in the parent, by index, in the order asked for.
    pub key: Vec<usize>,
    /// What folds the rows of a key.
    pub with: Fold,
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
}

impl DStream for ReduceByKey {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.with.by_key(cx, super::union::only(parents)?, &self.key, self.partitions)
    }

    fn operator(&self) -> Option<&OperatorRef> {
        self.with.operator()
    }
}
