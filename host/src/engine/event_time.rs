//! Event time: when rows happened, by a column of theirs. It is told here how far a stream has come; windows by event time are in [`super::assign_windows`].
//!
//! Times are compared in whole milliseconds; finer ones are rounded down.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::max;
use arrow::datatypes::{DataType, TimeUnit, TimestampMillisecondType};
use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::StreamExt;

use super::{Services, node};
use crate::clock::BatchTime;

/// Whether rows can have happened at times of this type.
pub fn is_event_time(of: &DataType) -> bool {
    matches!(of, DataType::Timestamp(..) | DataType::Date32 | DataType::Date64)
}

/// The times of a column in milliseconds since 1970-01-01T00:00:00Z, or since then by the wall clock where the type has no zone.
///
/// # Errors
/// For types that aren't event times, and times that don't fit.
pub(crate) fn millis(column: &ArrayRef) -> Result<Int64Array> {
    let per_milli = match column.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, _) => 1000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 1_000_000,
        other if is_event_time(other) => {
            let zone = match other {
                DataType::Timestamp(_, zone) => zone.clone(),
                _ => None,
            };
            let millis = arrow::compute::cast(column, &DataType::Timestamp(TimeUnit::Millisecond, zone))?;
            let millis = millis.as_primitive::<TimestampMillisecondType>();
            return Ok(Int64Array::new(millis.values().clone(), millis.nulls().cloned()));
        }
        other => return internal_err!("an event time of type {other}"),
    };
    let ticks = arrow::compute::cast(column, &DataType::Int64)?;
    // A cast to milliseconds would round times before 1970 up.
    Ok(ticks.as_primitive::<arrow::datatypes::Int64Type>().unary(|ticks| ticks.div_euclid(per_milli)))
}

/// Passes rows on, and tells the driver the latest event time among them.
#[derive(Debug)]
pub struct EventTimeExec {
    stream: Arc<str>,
    column: usize,
    batch: BatchTime,
    attempt: u32,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl EventTimeExec {
    /// Look at `column` of the rows of `stream`.
    ///
    /// # Errors
    /// When there is no such column, or it isn't of an event time's type.
    pub fn try_new(
        stream: Arc<str>,
        column: usize,
        (batch, attempt): (BatchTime, u32),
        input: Arc<dyn ExecutionPlan>,
    ) -> Result<Self> {
        let schema = input.schema();
        match schema.fields().get(column) {
            Some(field) if is_event_time(field.data_type()) => {}
            _ => return internal_err!("column {column} of {schema} is no event time"),
        }
        let partitions = node::partition_count(input.as_ref());
        let properties = node::properties(schema, partitions, EmissionType::Incremental);
        Ok(Self { stream, column, batch, attempt, inputs: vec![input], properties })
    }

    /// The stream's name.
    pub fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// The column's index.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The batch, and its attempt.
    pub fn batch(&self) -> (BatchTime, u32) {
        (self.batch, self.attempt)
    }

    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let input = node::only_child("EventTimeExec", inputs)?;
        Self::try_new(self.stream.clone(), self.column, (self.batch, self.attempt), input)
    }
}

impl DisplayAs for EventTimeExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventTimeExec: stream={}, column={}", self.stream, self.column)
    }
}

impl ExecutionPlan for EventTimeExec {
    node::inner!("EventTimeExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let services = Services::of(&task)?;
        let (stream, column, batch, attempt) = (self.stream.clone(), self.column, self.batch, self.attempt);
        let rows = self.inputs[0].execute(partition, task)?.map(move |rows| {
            let rows = rows?;
            if let Some(latest) = max(&millis(rows.column(column))?) {
                services.reports.add_event_time(batch, attempt, &stream, latest);
            }
            Ok(rows)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, TimestampMicrosecondArray, TimestampNanosecondArray, TimestampSecondArray};

    use super::*;

    #[test]
    fn times_of_every_unit_are_milliseconds_rounded_down() {
        let times: [ArrayRef; 4] = [
            Arc::new(TimestampSecondArray::from(vec![Some(-1), None, Some(2)])),
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(-999_001), None, Some(2_000_999)]).with_timezone("+02:00"),
            ),
            Arc::new(TimestampNanosecondArray::from(vec![Some(-1_000_000_000), None, Some(2_000_999_999)])),
            Arc::new(Date32Array::from(vec![Some(-1), None, Some(2)])),
        ];
        let expected = [
            vec![Some(-1000), None, Some(2000)],
            vec![Some(-1000), None, Some(2000)],
            vec![Some(-1000), None, Some(2000)],
            vec![Some(-86_400_000), None, Some(172_800_000)],
        ];
        for (times, expected) in times.iter().zip(expected) {
            assert_eq!(millis(times).unwrap().iter().collect::<Vec<_>>(), expected, "{}", times.data_type());
        }
    }
}
