//! DataFrames over datasets, for a program's own functions: those that make a stream, and those that are an output.
//!
//! A function that makes a stream only says what is to be done: its DataFrame's plan goes the way of a query's, with our exchanges in place of DataFusion's.
//! One that is an output runs DataFrames itself, on the engine's threads and out of its memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DataFusionError, Result, plan_datafusion_err, plan_err};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;

use super::sql::{self, Leaf};
use super::{Engine, Shuffle, node};
use crate::clock::BatchTime;
use crate::dstream::TransformContext;
use crate::job::definition::TransformFunction;
use crate::job::types::SchemaNames;

/// A program's function over streams with these columns.
#[derive(Debug)]
pub struct Function {
    function: TransformFunction,
    inputs: Vec<(Arc<str>, SchemaRef)>,
    /// The columns it made when it was first called, on empty datasets: those of the stream.
    schema: OnceLock<SchemaRef>,
}

impl Function {
    /// A function that is given a DataFrame of each of these streams.
    pub fn new(function: TransformFunction, inputs: Vec<(Arc<str>, SchemaRef)>) -> Self {
        Self { function, inputs, schema: OnceLock::new() }
    }

    /// The plan for one batch. `leaves` are plans for the streams, in their order, which can be read any number of times.
    ///
    /// # Errors
    /// When the function fails, or makes other columns than it did at first.
    pub fn plan(
        &self,
        cx: &TransformContext<'_>,
        leaves: Vec<Arc<dyn ExecutionPlan>>,
        shuffle: &Shuffle,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let state = sql::planning_state(cx.batch_time, shuffle.partitions, &[])?;
        // A stream may be given twice, so a leaf is known by its number.
        let mut frames = Vec::with_capacity(leaves.len());
        for (number, ((name, schema), leaf)) in self.inputs.iter().zip(&leaves).enumerate() {
            let partitions = node::partition_count(leaf.as_ref());
            frames.push(frame(&state, name, Leaf::numbered(number, schema, partitions))?);
        }
        let call = AssertUnwindSafe(|| self.function.call(cx, frames));
        let made = catch_unwind(call).map_err(|_| plan_datafusion_err!("its function panicked"))??;
        let plan = sql::planned(&state, made.logical_plan(), shuffle)?;
        self.check(&plan.schema())?;
        sql::with_leaves(plan, |number| leaves.get(number.parse::<usize>().ok()?))
    }

    fn check(&self, made: &SchemaRef) -> Result<()> {
        let first = self.schema.get_or_init(|| made.clone());
        let differ = first.fields().len() != made.fields().len()
            || first.fields().iter().zip(made.fields()).any(|(first, made)| {
                first.name() != made.name()
                    || first.data_type() != made.data_type()
                    || (made.is_nullable() && !first.is_nullable())
            });
        match differ {
            true => plan_err!(
                "its function makes the columns ({}), and made ({}) when the job was checked",
                SchemaNames(made),
                SchemaNames(first)
            ),
            false => Ok(()),
        }
    }
}

fn frame(state: &SessionState, name: &Arc<str>, table: Arc<dyn TableProvider>) -> Result<DataFrame> {
    let scan = LogicalPlanBuilder::scan(name.as_ref(), provider_as_source(table), None)?;
    Ok(DataFrame::new(state.clone(), scan.build()?))
}

/// The dataset of a stream, which the engine keeps, as a DataFrame that runs in the engine.
///
/// # Errors
/// Never, for a stream's name.
pub fn dataset_frame(
    engine: &Engine,
    stream: &Arc<str>,
    batch: BatchTime,
    partitions: usize,
    schema: &SchemaRef,
) -> Result<DataFrame> {
    let shuffle = Shuffle { stream: stream.clone(), partitions: engine.parallelism(), key_groups: engine.key_groups() };
    let task = engine.task();
    let state = SessionStateBuilder::new()
        .with_config(task.session_config().clone())
        .with_runtime_env(task.runtime_env())
        .with_default_features()
        .with_physical_optimizer_rule(Arc::new(OurExchanges(shuffle)))
        .build();
    let state = sql::at(state, batch);
    frame(&state, stream, Leaf::of_batch(stream, batch, schema, partitions))
}

/// Puts our exchanges in place of DataFusion's.
#[derive(Debug)]
struct OurExchanges(Shuffle);

impl PhysicalOptimizerRule for OurExchanges {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        sql::ours(plan, &self.0)
    }

    fn name(&self) -> &str {
        "our-exchanges"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
