//! cogroup and group-by-key: the rows of each key as lists.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::engine::Together;
use crate::error::Result;

/// The key's columns, then for each parent a list of its rows of the key, less the key.
#[derive(Debug)]
pub struct Cogroup {
    /// The lists' names.
    pub names: Vec<Arc<str>>,
    /// The key's columns in each parent, by index.
    pub keys: Vec<Vec<usize>>,
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
}

impl DStream for Cogroup {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.cogroup(cx, Together::Lists(self.names.clone()), parents, &self.keys, self.partitions)
    }
}
