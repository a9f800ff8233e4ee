//! Sessions: windows of a key that overlap become one, from the begin of the first to the end of the last.
//!
//! A partition's rows are put in the order of their key and window's begin, and each row's window becomes its session's. A session that would become longer than it may is cut: the row that
//! would make it so begins another.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, TimestampMillisecondArray, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, TimeUnit, TimestampMillisecondType};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::{Services, node};
use crate::clock::BatchTime;

/// What makes sessions of rows whose first columns are the key, then the window's begin and end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// The stream that it is done for.
    pub stream: Arc<str>,
    /// Columns of the key.
    pub n_keys: usize,
    /// The most milliseconds that a session may have.
    pub max_length: i64,
    /// The batch.
    pub batch: BatchTime,
    /// Its attempt.
    pub attempt: u32,
}

/// Makes sessions of a partition's windows; all rows of a key are in one partition.
#[derive(Debug)]
pub struct SessionizeExec {
    sessions: Sessions,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl SessionizeExec {
    /// Make sessions of the rows of `input`.
    ///
    /// # Errors
    /// When its columns after the keys aren't a window's begin and end.
    pub fn try_new(sessions: Sessions, input: Arc<dyn ExecutionPlan>) -> Result<Self> {
        let schema = input.schema();
        for idx in sessions.n_keys..sessions.n_keys + 2 {
            let of = schema.fields().get(idx).map(|field| field.data_type());
            if !matches!(of, Some(DataType::Timestamp(TimeUnit::Millisecond, _))) {
                return internal_err!("column {idx} of {schema} is no window's");
            }
        }
        let partitions = node::partition_count(input.as_ref());
        let properties = node::properties(schema, partitions, EmissionType::Final);
        Ok(Self { sessions, inputs: vec![input], properties })
    }

    /// What it does.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        Self::try_new(self.sessions.clone(), node::only_child("SessionizeExec", inputs)?)
    }
}

impl DisplayAs for SessionizeExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionizeExec: stream={}", self.sessions.stream)
    }
}

impl ExecutionPlan for SessionizeExec {
    node::inner!("SessionizeExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (sessions, services) = (self.sessions.clone(), Services::of(&task)?);
        let consumer = MemoryConsumer::new(format!("sessions of stream \"{}\"", sessions.stream));
        let reservation = consumer.register(task.memory_pool());
        let rows = self.inputs[0].execute(partition, task)?;
        let made = stream::once(async move {
            let rows = read(rows, &reservation).await?;
            let (rows, n_cut) = sessions.of(&rows)?;
            if n_cut > 0 {
                services.reports.add_cut_sessions(sessions.batch, sessions.attempt, &sessions.stream, n_cut);
            }
            // What was read is held until the last row is passed on.
            drop(reservation);
            Ok::<_, DataFusionError>(rows)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), made)))
    }
}

async fn read(mut input: SendableRecordBatchStream, reservation: &MemoryReservation) -> Result<RecordBatch> {
    let (schema, mut rows) = (input.schema(), vec![]);
    while let Some(more) = input.next().await.transpose()? {
        // Once as they come, once in order.
        reservation.try_grow(2 * node::bytes_of(&more))?;
        rows.push(more);
    }
    Ok(concat_batches(&schema, &rows)?)
}

impl Sessions {
    /// The rows by key and begin, each with its session's begin and end; and how many sessions were cut.
    fn of(&self, rows: &RecordBatch) -> Result<(RecordBatch, u64)> {
        let schema = rows.schema();
        let columns: Vec<Field> = schema.fields()[..self.n_keys].iter().map(|key| key.as_ref().clone()).collect();
        let keys = Keys::try_new(&columns)?.numbers(&rows.columns()[..self.n_keys], rows.num_rows())?;
        let bound = |idx: usize| rows.column(self.n_keys + idx).as_primitive::<TimestampMillisecondType>().values();
        let (starts, ends) = (bound(0), bound(1));
        let mut order: Vec<u32> = (0..node::number(rows.num_rows())).collect();
        // Stable, so that rows of a key with the same begin stay in their order.
        order.sort_by_key(|row| (keys[*row as usize], starts[*row as usize]));
        let (mut of_rows, mut n_cut) = (Vec::with_capacity(order.len()), 0);
        let mut open: Option<(u32, i64, i64, usize)> = None;
        let mut spans: Vec<(i64, i64)> = vec![];
        for row in order.iter().map(|row| *row as usize) {
            let (key, start, end) = (keys[row], starts[row], ends[row]);
            let joined = open.filter(|(of, _, until, _)| *of == key && start < *until);
            let fits =
                |(_, from, until, _): &(u32, i64, i64, usize)| end.max(*until).saturating_sub(*from) <= self.max_length;
            n_cut += u64::from(joined.is_some_and(|session| !fits(&session)));
            let (from, until, span) = match joined.filter(fits) {
                Some((_, from, until, span)) => (from, end.max(until), span),
                None => {
                    spans.push((start, end));
                    (start, end, spans.len() - 1)
                }
            };
            spans[span] = (from, until);
            open = Some((key, from, until, span));
            of_rows.push(span);
        }
        let made = take_record_batch(rows, &UInt32Array::from(order))?;
        let mut columns = made.columns().to_vec();
        let bounds = |bound: fn(&(i64, i64)) -> i64, idx: usize| -> ArrayRef {
            let zone = match schema.field(idx).data_type() {
                DataType::Timestamp(_, zone) => zone.clone(),
                _ => None,
            };
            let values = of_rows.iter().map(|span| bound(&spans[*span]));
            Arc::new(TimestampMillisecondArray::from_iter_values(values).with_timezone_opt(zone))
        };
        columns[self.n_keys] = bounds(|span| span.0, self.n_keys);
        columns[self.n_keys + 1] = bounds(|span| span.1, self.n_keys + 1);
        Ok((RecordBatch::try_new(schema, columns)?, n_cut))
    }
}
