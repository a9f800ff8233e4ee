//! transform by a function of the program: DataFrames of the batch's datasets to one.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext, Reads};
use crate::clock::BatchTime;
use crate::engine::frames::Function;
use crate::error::Result;

/// What a function is told beside its datasets.
#[derive(Debug, Clone, Copy)]
pub struct TransformContext<'a> {
    /// The batch; 1970-01-01 when the job is checked.
    pub batch_time: BatchTime,
    /// The stream that is made.
    pub stream: &'a str,
}

/// What a function makes of its parents' datasets.
#[derive(Debug)]
pub struct Transform {
    /// The function, with the parents' columns.
    pub function: Function,
}

impl DStream for Transform {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.function(cx, &self.function, parents)
    }

    fn reads(&self) -> Reads {
        // It is optimized as a query is.
        Reads::Freely
    }
}
