//! map, flat-map, filter and map-partitions by a plugin's operator; map-values and flat-map-values, which keep the key beside what it makes.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext};
use crate::error::{Error, Result};
use crate::plugin::{OperatorRef, TransformBinding};

/// A plugin's transform, bound to its parent's columns. Columns not bound don't cross to the guest; a filter keeps them.
#[derive(Debug)]
pub struct Operator {
    /// The operator, of the component it was bound in.
    pub operator: OperatorRef,
    /// The columns it reads and makes.
    pub binding: TransformBinding,
    /// Columns of the parent that come before those it makes.
    pub beside: Vec<usize>,
}

impl DStream for Operator {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let operator = in_force(cx, &self.operator)?;
        cx.plans.transform(cx, operator, &self.binding, &self.beside, super::union::only(parents)?)
    }

    fn operator(&self) -> Option<&OperatorRef> {
        Some(&self.operator)
    }
}

/// The operator as this batch's plan has it.
///
/// # Errors
/// When the plan names a component that the operator was never bound in.
pub fn in_force<'a>(cx: &PlanContext<'_>, operator: &'a OperatorRef) -> Result<&'a OperatorRef> {
    match cx.plugins.get(&operator.plugin) {
        Some(digest) if *digest == operator.digest => Ok(operator),
        Some(digest) => Err(Error::failed(format!(
            "batch {}: its plan names component {digest} for plugin \"{}\", but the graph is bound to {}",
            cx.batch, operator.plugin, operator.digest
        ))),
        None => Err(Error::failed(format!(
            "batch {}: its plan doesn't name a component for plugin \"{}\"",
            cx.batch, operator.plugin
        ))),
    }
}
