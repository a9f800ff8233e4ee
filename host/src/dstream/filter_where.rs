//! filter by an SQL expression.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::error::Result;

/// Keeps the rows for which the expression is true; those for which it is false or null go.
#[derive(Debug)]
pub struct FilterWhere {
    /// The expression, over the parent's columns.
    pub expression: String,
}

impl DStream for FilterWhere {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.filter_where(cx, &self.expression, super::union::only(parents)?)
    }
}
