//! Windows of event time: event-time-window, which emits a window when the watermark has reached its end, and late-of, the rows that came too late for one.
//!
//! A watermark says up to when events are complete: the latest event time seen so far less the delay that the stream allows, and of several streams the earliest. It never goes back, and stands still where nothing comes.
//! What is late is judged by the watermark before the batch, so rows of one batch never make each other late; what is emitted, by the watermark with the batch.
//!
//! `NAME#open` has the windows that are not emitted yet, folded, of which it reads those of the batch before; `NAME` has the results of those that the watermark closes.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;

use super::reduce::Fold;
use super::union::only;
use super::{DStream, PlanContext};
use crate::engine::WindowFold;
use crate::engine::assign_windows::{Select, Windows};
use crate::error::Result;
use crate::plugin::OperatorRef;

/// How far the events of streams have come.
#[derive(Debug, Clone)]
pub struct Watermark {
    /// Streams with event times, and how much later than the latest a row of theirs may be, in milliseconds.
    pub streams: Vec<(Arc<str>, i64)>,
}

impl Watermark {
    /// Milliseconds since 1970-01-01T00:00:00Z, by the batches before this; none before each of the streams has had a row.
    pub fn before(&self, cx: &PlanContext<'_>) -> Option<i64> {
        self.earliest(|stream| cx.plans.event_times(cx, stream).0)
    }

    /// The same with this batch, whose rows of those streams are made.
    pub fn with(&self, cx: &PlanContext<'_>) -> Option<i64> {
        self.earliest(|stream| {
            let (before, of_batch) = cx.plans.event_times(cx, stream);
            before.max(of_batch)
        })
    }

    /// The latest event of any of the streams, up to this batch.
    pub fn latest(&self, cx: &PlanContext<'_>) -> Option<i64> {
        let latest = self.streams.iter().filter_map(|(stream, _)| {
            let (before, of_batch) = cx.plans.event_times(cx, stream);
            before.max(of_batch)
        });
        latest.max()
    }

    /// The longest delay that a stream allows, in milliseconds.
    pub fn longest_delay(&self) -> i64 {
        self.streams.iter().map(|(_, delay)| *delay).max().unwrap_or(0)
    }

    fn earliest(&self, latest: impl Fn(&str) -> Option<i64>) -> Option<i64> {
        let marks = self.streams.iter().map(|(stream, delay)| Some(latest(stream)?.saturating_sub(*delay)));
        marks.collect::<Option<Vec<i64>>>()?.into_iter().min()
    }
}

/// What the steps share.
#[derive(Debug)]
pub struct EventFolding {
    /// What folds the rows of a key and window.
    pub with: Fold,
    /// The columns of rows with their windows.
    pub assigned: SchemaRef,
    /// The key's columns by index, then the window's.
    pub key: Vec<usize>,
    /// Columns that a built-in doesn't fold: the event time.
    pub ignored: Vec<usize>,
    /// The event time's column.
    pub column: usize,
    /// Which windows a row is in.
    pub windows: Windows,
    /// The most milliseconds that a session may have, where windows are sessions.
    pub max_session: Option<i64>,
    /// How far events have come.
    pub watermark: Watermark,
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
}

impl EventFolding {
    fn fold(&self, cx: &PlanContext<'_>) -> Result<WindowFold<'_>> {
        let Self { with, assigned, key, ignored, partitions, .. } = self;
        let (partitions, placing) = (*partitions, key.len() - 2);
        Ok(WindowFold { by: with.of(cx)?, input: assigned, key, placing, ignored, partitions })
    }
}

/// Windows that are open, or about to be closed.
#[derive(Debug)]
pub struct OpenWindows(pub Arc<EventFolding>);

impl DStream for OpenWindows {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let EventFolding { column, windows, max_session, watermark, .. } = &*self.0;
        let closed = watermark.before(cx);
        let rows = cx.plans.assign_windows(cx, *column, *windows, closed, Select::InTime, only(parents)?)?;
        cx.plans.open_windows(cx, &self.0.fold(cx)?, closed, *max_session, rows)
    }

    fn operator(&self) -> Option<&OperatorRef> {
        self.0.with.operator()
    }

    fn reads_itself(&self) -> bool {
        true
    }

    // Windows of another length can be open beside each other; sessions grow together with what they touch.
    fn window(&self) -> Option<String> {
        let is_session = matches!(self.0.windows, Windows::Session { .. });
        Some(if is_session { "session" } else { "fixed" }.to_owned())
    }

    fn partial_version(&self) -> Option<u32> {
        self.0.with.partial_version()
    }

    // The windows that the last batch emitted are known by the watermark alone, so none is left out.
    fn has_dataset(&self, _: &[bool]) -> bool {
        true
    }
}

/// The results of windows that the watermark closes in this batch.
#[derive(Debug)]
pub struct ClosedWindows {
    /// The fold, and the watermark.
    pub folding: Arc<EventFolding>,
    /// An SQL expression; the rows for which it is true stay.
    pub filter: Option<String>,
}

impl DStream for ClosedWindows {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let watermark = self.folding.watermark.with(cx);
        let results = cx.plans.closed_windows(cx, &self.folding.fold(cx)?, watermark, only(parents)?)?;
        match &self.filter {
            Some(expression) => cx.plans.filter_where(cx, expression, results),
            None => Ok(results),
        }
    }

    fn operator(&self) -> Option<&OperatorRef> {
        self.folding.with.operator()
    }
}

/// The rows of a stream that came too late for the windows of another, as they came.
#[derive(Debug)]
pub struct LateRows {
    /// The event time's column.
    pub column: usize,
    /// The windows that they are late for.
    pub windows: Windows,
    /// How far events have come.
    pub watermark: Watermark,
}

impl DStream for LateRows {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let closed = self.watermark.before(cx);
        cx.plans.assign_windows(cx, self.column, self.windows, closed, Select::Late, only(parents)?)
    }
}
