//! Which windows of event time a row belongs to, and which rows come too late for all of theirs.
//!
//! A window is closed when the watermark has reached its end: it was emitted, and takes no more rows. A row whose windows are all closed is late, and so is one without an event time,
//! which no window has. Late rows are what [`Select::Late`] selects; the others leave with a row for each open window of theirs, and the columns [`WINDOW_START`] and [`WINDOW_END`].

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, TimestampMillisecondArray, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::event_time::{is_event_time, millis};
use super::{Services, node};
use crate::clock::BatchTime;

/// The column that has a window's begin; an event at this time is in it.
pub const WINDOW_START: &str = "window_start";
/// The column that has a window's end; an event at this time isn't in it any more.
pub const WINDOW_END: &str = "window_end";

/// The windows of a time, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Windows {
    /// Windows of `length` that begin at every multiple of `slide`: tumbling where the two are equal, else sliding.
    Sliding {
        /// How long a window is.
        length: i64,
        /// From one window's begin to the next.
        slide: i64,
    },
    /// From a row's time until `gap` later; windows of a key that overlap are one.
    Session {
        /// Rows of a session are at most this far apart.
        gap: i64,
    },
}

impl Windows {
    /// When the last window of an event at `time` ends; none where it has no window.
    fn last_end(self, time: i64) -> Option<i64> {
        match self {
            Self::Session { gap } => Some(time.saturating_add(gap)),
            Self::Sliding { length, slide } => {
                let end = time.div_euclid(slide).saturating_mul(slide).saturating_add(length);
                (end > time).then_some(end)
            }
        }
    }

    /// The windows of an event at `time` that end after `closed`, latest first: begin and end.
    fn open_at(self, time: i64, closed: i64) -> impl Iterator<Item = (i64, i64)> {
        let (first, length, slide) = match self {
            Self::Session { gap } => (time, gap, gap.max(1)),
            Self::Sliding { length, slide } => (time.div_euclid(slide).saturating_mul(slide), length, slide),
        };
        let is_session = matches!(self, Self::Session { .. });
        let starts =
            std::iter::successors(Some(first), move |start| if is_session { None } else { start.checked_sub(slide) });
        starts
            .map(move |start| (start, start.saturating_add(length)))
            .take_while(move |(_, end)| *end > time && *end > closed)
    }
}

/// Which rows leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Select {
    /// Those in open windows, with the windows; late rows are counted, and told of for the stream.
    InTime,
    /// Those that aren't late, as they came; late rows are counted.
    OnTime,
    /// Those that are late, as they came.
    Late,
}

/// Assigns rows to windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assign {
    /// The stream that it is done for.
    pub stream: Arc<str>,
    /// The event time's column.
    pub column: usize,
    /// The windows.
    pub windows: Windows,
    /// Windows that end up to this time are closed; none: none are.
    pub closed: Option<i64>,
    /// Which rows leave.
    pub select: Select,
    /// The batch.
    pub batch: BatchTime,
    /// Its attempt.
    pub attempt: u32,
}

/// Assigns the rows of each partition to windows.
#[derive(Debug)]
pub struct AssignWindowsExec {
    assign: Assign,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl AssignWindowsExec {
    /// Assign the rows of `input`.
    ///
    /// # Errors
    /// When the column isn't there or isn't of an event time's type.
    pub fn try_new(assign: Assign, input: Arc<dyn ExecutionPlan>) -> Result<Self> {
        let schema = match assign.select {
            Select::InTime => assigned_schema(&input.schema(), assign.column)?,
            Select::OnTime | Select::Late => input.schema(),
        };
        let partitions = node::partition_count(input.as_ref());
        let properties = node::properties(schema, partitions, EmissionType::Incremental);
        Ok(Self { assign, inputs: vec![input], properties })
    }

    /// What it does.
    pub fn assign(&self) -> &Assign {
        &self.assign
    }

    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        Self::try_new(self.assign.clone(), node::only_child("AssignWindowsExec", inputs)?)
    }
}

/// The columns of rows that are assigned to windows.
///
/// # Errors
/// When the column isn't there or isn't of an event time's type.
pub fn assigned_schema(rows: &SchemaRef, column: usize) -> Result<SchemaRef> {
    let zone = match rows.fields().get(column).map(|field| field.data_type()) {
        Some(DataType::Timestamp(_, zone)) => zone.clone(),
        Some(other) if is_event_time(other) => None,
        _ => return internal_err!("column {column} of {rows} is no event time"),
    };
    let bound = |name: &str| {
        let of = DataType::Timestamp(TimeUnit::Millisecond, zone.clone());
        Arc::new(Field::new(name, of, false))
    };
    let fields = rows.fields().iter().cloned().chain([bound(WINDOW_START), bound(WINDOW_END)]);
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

impl Assign {
    /// The rows that are late, or those that aren't.
    fn late(&self, rows: &RecordBatch, times: &Int64Array, late: bool) -> Result<RecordBatch> {
        let chosen = times.iter().enumerate().filter(|(_, time)| self.is_late(*time) == late);
        let chosen: UInt32Array = chosen.map(|(row, _)| node::number(row)).collect();
        Ok(take_record_batch(rows, &chosen)?)
    }

    fn is_late(&self, time: Option<i64>) -> bool {
        let Some(time) = time else { return true };
        self.closed.is_some_and(|closed| self.windows.last_end(time).is_some_and(|end| end <= closed))
    }

    /// The rows in open windows, as `schema`.
    fn in_time(&self, rows: &RecordBatch, times: &Int64Array, schema: &SchemaRef) -> Result<RecordBatch> {
        let closed = self.closed.unwrap_or(i64::MIN);
        let (mut of, mut starts, mut ends) = (vec![], vec![], vec![]);
        for (row, time) in times.iter().enumerate() {
            for (start, end) in time.into_iter().flat_map(|time| self.windows.open_at(time, closed)) {
                of.push(node::number(row));
                starts.push(start);
                ends.push(end);
            }
        }
        let mut columns = take_record_batch(rows, &UInt32Array::from(of))?.columns().to_vec();
        let zone = match schema.field(columns.len()).data_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            _ => None,
        };
        for bounds in [starts, ends] {
            let bounds: ArrayRef = Arc::new(TimestampMillisecondArray::from(bounds).with_timezone_opt(zone.clone()));
            columns.push(bounds);
        }
        Ok(RecordBatch::try_new(schema.clone(), columns)?)
    }
}

impl DisplayAs for AssignWindowsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Assign { stream, windows, select, .. } = &self.assign;
        write!(f, "AssignWindowsExec: stream={stream}, windows={windows:?}, select={select:?}")
    }
}

/// Rows of a record batch that are assigned at a time: each may leave several times.
const CHUNK_ROWS: usize = 8192;

impl ExecutionPlan for AssignWindowsExec {
    node::inner!("AssignWindowsExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let services = Services::of(&task)?;
        let (assign, schema) = (self.assign.clone(), self.schema());
        let rows = self.inputs[0].execute(partition, task)?;
        let chunks = rows.flat_map(|rows| {
            let chunks: Vec<Result<RecordBatch>> = match rows {
                Err(error) => vec![Err(error)],
                Ok(rows) => node::slices(&rows, CHUNK_ROWS).map(Ok).collect(),
            };
            stream::iter(chunks)
        });
        let rows = chunks.map(move |rows| {
            let rows = rows?;
            let times = millis(rows.column(assign.column))?;
            if assign.select == Select::Late {
                return assign.late(&rows, &times, true);
            }
            let n_late = times.iter().filter(|time| assign.is_late(*time)).count() as u64;
            if n_late > 0 {
                services.reports.add_late(assign.batch, assign.attempt, &assign.stream, n_late);
            }
            match assign.select {
                Select::OnTime => assign.late(&rows, &times, false),
                _ => assign.in_time(&rows, &times, &schema),
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_in_each_window_that_covers_it() {
        let of = |windows: Windows, time, closed| windows.open_at(time, closed).collect::<Vec<_>>();
        let tumbling = Windows::Sliding { length: 10, slide: 10 };
        assert_eq!(of(tumbling, 0, i64::MIN), [(0, 10)]);
        assert_eq!(of(tumbling, 9, 0), [(0, 10)]);
        assert_eq!(of(tumbling, -1, i64::MIN), [(-10, 0)]);
        assert_eq!(of(tumbling, 9, 10), []);
        let sliding = Windows::Sliding { length: 10, slide: 4 };
        assert_eq!(of(sliding, 9, i64::MIN), [(8, 18), (4, 14), (0, 10)]);
        assert_eq!(of(sliding, 9, 14), [(8, 18)]);
        assert_eq!(sliding.last_end(9), Some(18));
        let gaps = Windows::Sliding { length: 2, slide: 10 };
        assert_eq!((of(gaps, 1, i64::MIN), of(gaps, 5, i64::MIN)), (vec![(0, 2)], vec![]));
        assert_eq!(gaps.last_end(5), None);
        assert_eq!(of(Windows::Session { gap: 5 }, 7, i64::MIN), [(7, 12)]);
        assert_eq!(of(Windows::Session { gap: 5 }, 7, 12), []);
    }
}
