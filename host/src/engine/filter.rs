//! Filters by an SQL expression over a stream's columns.

use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{DFSchema, DataFusionError, Result, plan_err};
use datafusion::logical_expr::utils::{find_aggregate_exprs, find_window_exprs};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;

use super::sql::{self, SqlError};
use crate::clock::BatchTime;
use crate::job::types::TypeName;

/// Look at a filter: a boolean expression over these columns, without subqueries, aggregates, or functions that answer differently each time.
///
/// # Errors
/// With what is wrong in the expression, and where.
pub fn check_filter(text: &str, input: &SchemaRef) -> Result<(), SqlError> {
    predicate(text, input, BatchTime(0)).map(|_| ()).map_err(SqlError::from)
}

/// The rows of `input` for which the expression is true, where they are. The time of the batch is what `now()` says.
///
/// # Errors
/// As [`check_filter`].
pub fn filter(text: &str, input: Arc<dyn ExecutionPlan>, batch: BatchTime) -> Result<Arc<dyn ExecutionPlan>> {
    let predicate = predicate(text, &input.schema(), batch)?;
    Ok(Arc::new(FilterExec::try_new(predicate, input)?))
}

fn predicate(text: &str, input: &SchemaRef, batch: BatchTime) -> Result<Arc<dyn PhysicalExpr>> {
    let state = sql::state_at(batch);
    let columns = DFSchema::try_from(input.clone())?;
    let expression = state.create_logical_expr(text, &columns)?;
    if !find_aggregate_exprs([&expression]).is_empty() || !find_window_exprs([&expression]).is_empty() {
        return plan_err!("a filter looks at one row at a time; use sql for aggregates and windows");
    }
    sql::check_functions(&expression)?;
    let expression = sql::with_time(expression, &state, &columns)?;
    let predicate = state.create_physical_expr(expression, &columns)?;
    match predicate.data_type(input)? {
        DataType::Boolean => Ok(predicate),
        other => {
            let other = TypeName(&other);
            Err(DataFusionError::Plan(format!("a filter says true or false, but `{text}` is of type {other}")))
        }
    }
}
