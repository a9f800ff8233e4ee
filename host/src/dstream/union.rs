//! union: the datasets of streams with the same columns, their partitions one after the other.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::error::{Error, Result};

/// All parents' partitions, in the order of the parents.
#[derive(Debug)]
pub struct Union;

impl DStream for Union {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.union(parents)
    }
}

/// The parent of an operation that has one.
pub fn only(parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
    let n_parents = parents.len();
    match <[_; 1]>::try_from(parents) {
        Ok([parent]) => Ok(parent),
        Err(_) => Err(Error::invalid(format!("the operation takes one input, but has {n_parents}"))),
    }
}
