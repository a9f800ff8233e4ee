//! count-by-value: how often each row occurs.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::reduce::Fold;
use super::{DStream, PlanContext};
use crate::error::Result;

/// Each distinct row's columns, then `count: int64`.
#[derive(Debug)]
pub struct CountByValue {
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
}

impl DStream for CountByValue {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let parent = super::union::only(parents)?;
        let key: Vec<usize> = (0..parent.schema().fields().len()).collect();
        Fold::Count.by_key(cx, parent, &key, self.partitions)
    }
}
