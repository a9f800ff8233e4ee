//! Makes the plans of windows that are folded: a batch's partials, a window's, and results.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, Literal};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;

use super::aggregate::{BuiltIn, column};
use super::dataset_scan::{DatasetName, Layout};
use super::plans::wrong;
use super::plugin_aggregate::{PluginAggregate, PluginAggregateExec, Step};
use super::window_aggregate::WindowAggregate;
use super::window_fold::{N_BATCHES, WindowFoldExec, window_schema};
use super::{DatasetScanExec, Plans, Shuffle};
use crate::clock::BatchTime;
use crate::dstream::{FoldBy, PlanContext};
use crate::error::Result;

/// A fold whose partials are kept.
#[derive(Debug, Clone, Copy)]
pub struct WindowFold<'a> {
    /// What folds.
    pub by: FoldBy<'a>,
    /// The columns of the rows that are folded.
    pub input: &'a SchemaRef,
    /// The key's columns, by index; none: all rows are folded to one.
    pub key: &'a [usize],
    /// How many of the key's columns, the first ones, say in which partition a row is; 0: there is one partition.
    pub placing: usize,
    /// Columns that a built-in doesn't fold, by index.
    pub ignored: &'a [usize],
    /// Partitions made; none: the job's parallelism. Without a key there is one.
    pub partitions: Option<usize>,
}

impl WindowFold<'_> {
    pub(super) fn built_in(&self, function: BuiltIn) -> Result<WindowAggregate> {
        WindowAggregate::try_new(function, self.input, self.key, self.placing, self.ignored).map_err(wrong)
    }

    fn partitions(&self, shuffle: &Shuffle) -> usize {
        if self.placing == 0 { 1 } else { shuffle.partitions }
    }
}

/// The datasets that a window is made of, by the times after which and up to which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slid {
    /// The window before.
    pub before: Option<BatchTime>,
    /// What has come since.
    pub come: (BatchTime, BatchTime),
    /// What has left since.
    pub left: (BatchTime, BatchTime),
    /// All that is in the window.
    pub all: (BatchTime, BatchTime),
}

/// # Errors
/// All fail for columns that the fold can't work on, with a message that names them.
impl Plans {
    /// Whether what has left a window can be taken out of what was folded.
    pub fn is_invertible(&self, fold: &WindowFold<'_>) -> Result<bool> {
        Ok(match fold.by {
            FoldBy::BuiltIn(function) => fold.built_in(function)?.is_invertible(),
            FoldBy::Operator(_, binding) => binding.invertible,
        })
    }

    /// A batch's rows to a partial for each key.
    pub fn window_partials(
        &self,
        cx: &PlanContext<'_>,
        fold: &WindowFold<'_>,
        rows: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shuffle = self.shuffle(cx, fold.partitions);
        match fold.by {
            FoldBy::BuiltIn(function) => {
                let aggregate = fold.built_in(function)?;
                aggregate.partials(rows, &shuffle).map_err(wrong)
            }
            FoldBy::Operator(operator, binding) => {
                let aggregate = PluginAggregate::new(cx, operator, binding);
                let keys: Vec<usize> = (0..fold.key.len()).collect();
                let first = PluginAggregateExec::try_new(aggregate.clone(), Step::Partial, fold.key.to_vec(), rows);
                let exchange = self.exchange(cx, Arc::new(first.map_err(wrong)?), fold)?;
                let merged = PluginAggregateExec::try_new(aggregate, Step::Merge, keys, exchange);
                Ok(Arc::new(merged.map_err(wrong)?))
            }
        }
    }

    /// A window's partials, of the window before, `own`, and a stream's partials with the columns of `schema`.
    pub fn window_slid(
        &self,
        cx: &PlanContext<'_>,
        fold: &WindowFold<'_>,
        partials: &Arc<str>,
        schema: &SchemaRef,
        slid: Slid,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let before =
            slid.before.map_or_else(Vec::new, |batch| self.kept_names(cx.stream, BatchTime(batch.0 - 1), batch));
        let come = self.kept_names(partials, slid.come.0, slid.come.1);
        let left = self.kept_names(partials, slid.left.0, slid.left.1);
        match fold.by {
            FoldBy::BuiltIn(function) => {
                let aggregate = fold.built_in(function)?;
                let added = self.aligned(cx, fold, before.into_iter().chain(come).collect(), schema)?;
                aggregate.slide(added, self.aligned(cx, fold, left, schema)?).map_err(wrong)
            }
            FoldBy::Operator(operator, binding) => {
                let inputs = vec![
                    self.aligned(cx, fold, before, &window_schema(schema))?,
                    self.aligned(cx, fold, come, schema)?,
                    self.aligned(cx, fold, left, schema)?,
                    self.aligned(cx, fold, self.kept_names(partials, slid.all.0, slid.all.1), schema)?,
                ];
                let aggregate = PluginAggregate::new(cx, operator, binding);
                let window = WindowFoldExec::try_new(aggregate, fold.key.len(), inputs);
                Ok(Arc::new(window.map_err(wrong)?))
            }
        }
    }

    /// All partials of a stream that came after `after`, up to `until`, a key in one partition.
    pub fn window_of_batches(
        &self,
        cx: &PlanContext<'_>,
        fold: &WindowFold<'_>,
        partials: &Arc<str>,
        schema: &SchemaRef,
        (after, until): (BatchTime, BatchTime),
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.aligned(cx, fold, self.kept_names(partials, after, until), schema)
    }

    /// The results of partials, of a window or of all its batches.
    pub fn window_results(
        &self,
        cx: &PlanContext<'_>,
        fold: &WindowFold<'_>,
        partials: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match fold.by {
            FoldBy::BuiltIn(function) => {
                let aggregate = fold.built_in(function)?;
                aggregate.results(partials).map_err(wrong)
            }
            FoldBy::Operator(operator, binding) => {
                let keys = (0..fold.key.len()).collect();
                let partials = self.without_batches(partials)?;
                let aggregate = PluginAggregate::new(cx, operator, binding);
                let made = PluginAggregateExec::try_new(aggregate, Step::Final, keys, partials);
                Ok(Arc::new(made.map_err(wrong)?))
            }
        }
    }

    /// Datasets of partials, a key in one partition. Where they were made with another number of partitions, they are exchanged.
    pub(super) fn aligned(
        &self,
        cx: &PlanContext<'_>,
        fold: &WindowFold<'_>,
        datasets: Vec<DatasetName>,
        schema: &SchemaRef,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let partitions = fold.partitions(&self.shuffle(cx, fold.partitions));
        if datasets.iter().all(|dataset| dataset.partitions == partitions) {
            return Ok(Arc::new(DatasetScanExec::of(datasets, Layout::Aligned(partitions), schema.clone())));
        }
        let appended = DatasetScanExec::of(datasets, Layout::Appended, schema.clone());
        self.exchange(cx, Arc::new(appended), fold)
    }

    /// By key, where the keys are the first columns.
    fn exchange(
        &self,
        cx: &PlanContext<'_>,
        partials: Arc<dyn ExecutionPlan>,
        fold: &WindowFold<'_>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.shuffle(cx, fold.partitions).by_first(partials, fold.placing).map_err(wrong)
    }

    /// A window's partials as an aggregate knows them, without those of keys that are left out.
    fn without_batches(&self, partials: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = partials.schema();
        match schema.fields().split_last() {
            Some((last, columns)) if last.name() == N_BATCHES => {
                let n_batches = column(N_BATCHES, columns.len());
                let none = Arc::new(Literal::new(ScalarValue::Int64(Some(0))));
                let has_result = Arc::new(BinaryExpr::new(n_batches, Operator::Gt, none));
                let partials = Arc::new(FilterExec::try_new(has_result, partials).map_err(wrong)?);
                self.project(partials, &(0..columns.len()).collect::<Vec<_>>())
            }
            _ => Ok(partials),
        }
    }
}
