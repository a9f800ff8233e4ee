//! glom: the rows of each partition as a list.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::error::Result;

/// A row a partition, with the list `values`; empty where the partition is.
#[derive(Debug)]
pub struct Glom;

impl DStream for Glom {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.glom(cx, "values", super::union::only(parents)?)
    }
}
