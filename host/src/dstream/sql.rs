//! sql: a query over the batch's datasets.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext, Reads};
use crate::engine::sql::Query;
use crate::error::Result;

/// A SELECT over streams, by name; the parents are the streams it reads, in the query's order of them.
#[derive(Debug)]
pub struct Sql {
    /// The query, checked against the parents' columns.
    pub query: Query,
}

impl DStream for Sql {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let names = self.query.reads().iter().map(|name| name.as_str().into());
        let leaves: Vec<(Arc<str>, _)> = names.zip(parents).collect();
        cx.plans.sql(cx, &self.query, &leaves)
    }

    fn reads(&self) -> Reads {
        // The optimizer may stop at a LIMIT, read a table twice, or skip it.
        Reads::Freely
    }
}
