//! count: how many rows the batch has.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::error::Result;

/// One row, `count: int64`; it is 0 for an empty batch.
#[derive(Debug)]
pub struct Count;

impl DStream for Count {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.count(cx, super::union::only(parents)?)
    }
}
