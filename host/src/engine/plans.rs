//! Makes the plans that streams ask for: the words of `dstream` to the nodes of the engine.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;

use super::aggregate::{self, BuiltIn};
use super::dataset_scan::{DatasetName, Layout};
use super::error::plain;
use super::frames::Function;
use super::plugin_aggregate::{self, PluginAggregate};
use super::sql::Query;
use super::transform::TransformExec;
use super::{CogroupExec, DatasetScanExec, Engine, ExchangeExec, ExchangeMode, KeptDataset, Shuffle, Together, filter};
use crate::clock::BatchTime;
use crate::dstream::{PlanContext, TransformContext};
use crate::error::{Error, Result};
use crate::plugin::{AggregateBinding, OperatorRef, TransformBinding};

/// Makes plans for one engine.
///
/// # Errors
/// All fail for columns that the operation can't work on, with a message that names them.
#[derive(Debug)]
pub struct Plans {
    engine: Arc<Engine>,
}

impl Plans {
    /// Plans that `engine` can run.
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// No rows, in one partition.
    pub fn empty(&self, schema: SchemaRef) -> Arc<dyn ExecutionPlan> {
        Arc::new(EmptyExec::new(schema))
    }

    /// A materialized stream.
    pub fn dataset(
        &self,
        stream: &Arc<str>,
        batch: BatchTime,
        partitions: usize,
        schema: SchemaRef,
    ) -> Arc<dyn ExecutionPlan> {
        Arc::new(DatasetScanExec::new(stream.clone(), batch, partitions, schema))
    }

    /// All datasets of a stream that came after `after`, up to `until`, their partitions one after the other.
    pub fn kept(
        &self,
        stream: &Arc<str>,
        after: BatchTime,
        until: BatchTime,
        schema: SchemaRef,
    ) -> Arc<dyn ExecutionPlan> {
        Arc::new(DatasetScanExec::of(self.kept_names(stream, after, until), Layout::Appended, schema))
    }

    /// The latest event time of a stream in the batches before, and in this one as far as its rows are made, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn event_times(&self, cx: &PlanContext<'_>, stream: &str) -> (Option<i64>, Option<i64>) {
        let reports = &self.engine.services().reports;
        (reports.settled_event_time(stream), reports.event_time(cx.batch, cx.attempt, stream))
    }

    /// The last batch before `batch` of which a stream's dataset is kept.
    pub fn last_kept(&self, stream: &str, batch: BatchTime) -> Option<BatchTime> {
        let before = BatchTime(batch.0.saturating_sub(1));
        self.engine.services().datasets.kept(stream, BatchTime(i64::MIN), before).last().map(|kept| kept.batch)
    }

    pub(super) fn kept_names(&self, stream: &Arc<str>, after: BatchTime, until: BatchTime) -> Vec<DatasetName> {
        let kept = self.engine.services().datasets.kept(stream, after, until);
        let name = |KeptDataset { batch, partitions }| DatasetName { stream: stream.clone(), batch, partitions };
        kept.into_iter().map(name).collect()
    }

    /// A plugin's transform of each partition, after these columns of the rows it is made of.
    pub fn transform(
        &self,
        cx: &PlanContext<'_>,
        operator: &OperatorRef,
        binding: &TransformBinding,
        beside: &[usize],
        parent: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (operator, binding) = (operator.clone(), binding.clone());
        let made = TransformExec::new(operator, binding, cx.stream.clone(), cx.batch, cx.attempt, parent);
        Ok(Arc::new(made.with_beside(beside.to_vec()).map_err(wrong)?))
    }

    /// All partitions of all parents, in order.
    pub fn union(&self, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        UnionExec::try_new(parents).map_err(wrong)
    }

    /// The same rows, spread evenly over `partitions`.
    pub fn repartition(
        &self,
        cx: &PlanContext<'_>,
        parent: Arc<dyn ExecutionPlan>,
        partitions: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let exchange = ExchangeExec::try_new(cx.stream.clone(), parent, ExchangeMode::Even, partitions);
        Ok(Arc::new(exchange.map_err(wrong)?))
    }

    /// The same rows, those of a key in one partition.
    pub fn partition_by(
        &self,
        cx: &PlanContext<'_>,
        parent: Arc<dyn ExecutionPlan>,
        key: &[usize],
        partitions: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.shuffle(cx, partitions).by_key(parent, key.to_vec()).map_err(wrong)
    }

    /// What is made of the rows of each key of all parents, each with its key's columns.
    pub fn cogroup(
        &self,
        cx: &PlanContext<'_>,
        together: Together,
        parents: Vec<Arc<dyn ExecutionPlan>>,
        keys: &[Vec<usize>],
        partitions: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let sides = parents.into_iter().zip(keys).map(|(parent, key)| self.partition_by(cx, parent, key, partitions));
        let sides = sides.collect::<Result<_>>()?;
        Ok(Arc::new(CogroupExec::try_new(cx.stream.clone(), together, sides, keys.to_vec()).map_err(wrong)?))
    }

    /// A row for each partition, with a list of all its rows, named so.
    pub fn glom(
        &self,
        cx: &PlanContext<'_>,
        name: &str,
        parent: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let glom = CogroupExec::try_new(cx.stream.clone(), Together::Whole(name.into()), vec![parent], vec![vec![]]);
        Ok(Arc::new(glom.map_err(wrong)?))
    }

    /// How many rows there are.
    pub fn count(&self, cx: &PlanContext<'_>, parent: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        aggregate::count(parent, cx.stream).map_err(wrong)
    }

    /// A built-in fold of the rows of each key, or of all rows where there is no key.
    pub fn builtin(
        &self,
        cx: &PlanContext<'_>,
        function: BuiltIn,
        parent: Arc<dyn ExecutionPlan>,
        key: &[usize],
        partitions: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if key.is_empty() {
            return aggregate::reduce(function, parent, cx.stream).map_err(wrong);
        }
        aggregate::by_key(function, parent, key, &self.shuffle(cx, partitions)).map_err(wrong)
    }

    /// A plugin's fold of the rows of each key, or of all rows where there is no key.
    pub fn aggregate(
        &self,
        cx: &PlanContext<'_>,
        operator: &OperatorRef,
        binding: &AggregateBinding,
        parent: Arc<dyn ExecutionPlan>,
        key: &[usize],
        partitions: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let fold = PluginAggregate::new(cx, operator, binding);
        let plan = match key {
            [] => plugin_aggregate::plugin_reduce(fold, parent),
            key => plugin_aggregate::plugin_by_key(fold, parent, key, &self.shuffle(cx, partitions)),
        };
        plan.map_err(wrong)
    }

    /// The rows for which an SQL expression over the parent's columns is true.
    pub fn filter_where(
        &self,
        cx: &PlanContext<'_>,
        expression: &str,
        parent: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        filter::filter(expression, parent, cx.batch).map_err(wrong)
    }

    /// What a function of the program makes of datasets.
    pub fn function(
        &self,
        cx: &PlanContext<'_>,
        function: &Function,
        leaves: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let told = TransformContext { batch_time: cx.batch, stream: cx.stream };
        function.plan(&told, leaves, &self.shuffle(cx, None)).map_err(wrong)
    }

    /// A query over datasets.
    pub fn sql(
        &self,
        cx: &PlanContext<'_>,
        query: &Query,
        leaves: &[(Arc<str>, Arc<dyn ExecutionPlan>)],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        query.plan(cx.batch, leaves, &self.shuffle(cx, None)).map_err(wrong)
    }

    /// The engine that runs them.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn shuffle(&self, cx: &PlanContext<'_>, partitions: Option<usize>) -> Shuffle {
        Shuffle {
            stream: cx.stream.clone(),
            partitions: partitions.unwrap_or(self.engine.parallelism()),
            key_groups: self.engine.key_groups(),
        }
    }
}

pub(super) fn wrong(error: DataFusionError) -> Error {
    Error::invalid(plain(&error))
}
