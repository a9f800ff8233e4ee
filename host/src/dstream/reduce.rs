//! reduce: all rows of the batch to one; and what can fold rows, with a key or without.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::operator::in_force;
use super::{DStream, PlanContext};
use crate::engine::aggregate::BuiltIn;
use crate::error::Result;
use crate::plugin::{AggregateBinding, OperatorRef};

/// What folds rows into one.
#[derive(Debug)]
pub enum Fold {
    /// How many there are: `count: int64`.
    Count,
    /// The sum of each column, under its own name.
    Sum,
    /// The least value of each column, under its own name.
    Min,
    /// The greatest value of each column, under its own name.
    Max,
    /// A plugin's aggregate, bound to the columns that are not keys.
    Operator {
        /// The operator, of the component it was bound in.
        operator: Box<OperatorRef>,
        /// The columns it reads and makes.
        binding: Box<AggregateBinding>,
    },
}

impl Fold {
    /// The rows of each key to one: the key's columns, then the fold's.
    pub fn by_key(
        &self,
        cx: &PlanContext<'_>,
        parent: Arc<dyn ExecutionPlan>,
        key: &[usize],
        partitions: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match self.of(cx)? {
            FoldBy::BuiltIn(function) => cx.plans.builtin(cx, function, parent, key, partitions),
            FoldBy::Operator(operator, binding) => cx.plans.aggregate(cx, operator, binding, parent, key, partitions),
        }
    }

    /// As [`DStream::operator`].
    pub fn operator(&self) -> Option<&OperatorRef> {
        match self {
            Fold::Operator { operator, .. } => Some(operator),
            _ => None,
        }
    }

    /// As [`DStream::partial_version`].
    pub fn partial_version(&self) -> Option<u32> {
        match self {
            Fold::Operator { binding, .. } => Some(binding.partial_version),
            _ => None,
        }
    }

    /// What does it in this batch.
    pub fn of(&self, cx: &PlanContext<'_>) -> Result<FoldBy<'_>> {
        Ok(match self {
            Fold::Count => FoldBy::BuiltIn(BuiltIn::Count),
            Fold::Sum => FoldBy::BuiltIn(BuiltIn::Sum),
            Fold::Min => FoldBy::BuiltIn(BuiltIn::Min),
            Fold::Max => FoldBy::BuiltIn(BuiltIn::Max),
            Fold::Operator { operator, binding } => FoldBy::Operator(in_force(cx, operator)?, binding),
        })
    }
}

/// What folds rows, as the engine knows it.
#[derive(Debug, Clone, Copy)]
pub enum FoldBy<'a> {
    /// A built-in.
    BuiltIn(BuiltIn),
    /// A plugin's aggregate, of the component that the batch has.
    Operator(&'a OperatorRef, &'a AggregateBinding),
}

/// All rows to one; an empty batch gives no row.
#[derive(Debug)]
pub struct Reduce {
    /// What folds them.
    pub with: Fold,
}

impl DStream for Reduce {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.with.by_key(cx, super::union::only(parents)?, &[], Some(1))
    }

    fn operator(&self) -> Option<&OperatorRef> {
        self.with.operator()
    }
}
