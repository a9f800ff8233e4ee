//! repartition: the same rows in another number of partitions, spread evenly and in order.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::error::Result;

/// Row j of n goes to the partition i of p for which i·n/p <= j < (i+1)·n/p.
#[derive(Debug)]
pub struct Repartition {
    /// Partitions made, at least one, whatever the parent has.
    pub partitions: usize,
}

impl DStream for Repartition {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.repartition(cx, super::union::only(parents)?, self.partitions)
    }
}
