//! Makes the plans of windows of event time: rows to windows, windows that are open, and those that the watermark closes.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Literal};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;

use super::Plans;
use super::aggregate::column;
use super::aligned_union::AlignedUnionExec;
use super::assign_windows::{Assign, AssignWindowsExec, Select, WINDOW_END, Windows};
use super::event_time::EventTimeExec;
use super::plans::wrong;
use super::plugin_aggregate::{PluginAggregate, PluginAggregateExec, Step};
use super::sessionize::{SessionizeExec, Sessions};
use super::windows::WindowFold;
use crate::clock::BatchTime;
use crate::dstream::{FoldBy, PlanContext};
use crate::error::{Error, Result};

/// # Errors
/// All fail for columns that the operation can't work on, with a message that names them.
impl Plans {
    /// A stream's rows, of which the latest event time is told.
    pub fn event_time(
        &self,
        cx: &PlanContext<'_>,
        column: usize,
        rows: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let told = EventTimeExec::try_new(cx.stream.clone(), column, (cx.batch, cx.attempt), rows);
        Ok(Arc::new(told.map_err(wrong)?))
    }

    /// Rows in windows that end after `closed`, with a row for each such window; or those that are late.
    pub fn assign_windows(
        &self,
        cx: &PlanContext<'_>,
        column: usize,
        windows: Windows,
        closed: Option<i64>,
        select: Select,
        rows: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let stream = named(cx.stream);
        let assign = Assign { stream, column, windows, closed, select, batch: cx.batch, attempt: cx.attempt };
        Ok(Arc::new(AssignWindowsExec::try_new(assign, rows).map_err(wrong)?))
    }

    /// The windows that are open or about to be closed: those that this stream kept and that end after `closed`, with what came for each. `max_session` is the most milliseconds of a session; none: windows
    /// aren't sessions.
    pub fn open_windows(
        &self,
        cx: &PlanContext<'_>,
        fold: &WindowFold<'_>,
        closed: Option<i64>,
        max_session: Option<i64>,
        rows: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let come = self.window_partials(cx, fold, rows)?;
        let schema = come.schema();
        let last = self.last_kept(cx.stream, cx.batch);
        let kept = last.map_or_else(Vec::new, |last| self.kept_names(cx.stream, BatchTime(last.0 - 1), last));
        let mut kept = self.aligned(cx, fold, kept, &schema)?;
        if let Some(closed) = closed {
            kept = ending(kept, Operator::Gt, closed)?;
        }
        let mut all: Arc<dyn ExecutionPlan> = Arc::new(AlignedUnionExec::try_new(vec![kept, come]).map_err(wrong)?);
        if let Some(max_length) = max_session {
            let sessions = Sessions {
                stream: named(cx.stream),
                n_keys: fold.placing,
                max_length,
                batch: cx.batch,
                attempt: cx.attempt,
            };
            all = Arc::new(SessionizeExec::try_new(sessions, all).map_err(wrong)?);
        }
        match fold.by {
            FoldBy::BuiltIn(function) => fold.built_in(function)?.reduced(all).map_err(wrong),
            FoldBy::Operator(operator, binding) => {
                let keys = (0..fold.key.len()).collect();
                let merged =
                    PluginAggregateExec::try_new(PluginAggregate::new(cx, operator, binding), Step::Extend, keys, all);
                Ok(Arc::new(merged.map_err(wrong)?))
            }
        }
    }

    /// The results of those windows of `open` that end up to `watermark`.
    pub fn closed_windows(
        &self,
        cx: &PlanContext<'_>,
        fold: &WindowFold<'_>,
        watermark: Option<i64>,
        open: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let closed = ending(open, Operator::LtEq, watermark.unwrap_or(i64::MIN))?;
        self.window_results(cx, fold, closed)
    }
}

/// The stream as the user has named it, of which this may be a step.
fn named(stream: &Arc<str>) -> Arc<str> {
    match stream.split_once('#') {
        Some((name, _)) => name.into(),
        None => stream.clone(),
    }
}

/// Windows whose end compares so with a time.
fn ending(windows: Arc<dyn ExecutionPlan>, compares: Operator, time_ms: i64) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = windows.schema();
    let (idx, field) =
        schema.column_with_name(WINDOW_END).ok_or_else(|| Error::failed(format!("{schema} has no windows")))?;
    let DataType::Timestamp(_, zone) = field.data_type() else {
        return Err(Error::failed(format!("a window's end of type {}", field.data_type())));
    };
    let time: Arc<dyn PhysicalExpr> =
        Arc::new(Literal::new(ScalarValue::TimestampMillisecond(Some(time_ms), zone.clone())));
    let predicate = Arc::new(BinaryExpr::new(column(WINDOW_END, idx), compares, time));
    Ok(Arc::new(FilterExec::try_new(predicate, windows).map_err(wrong)?))
}
