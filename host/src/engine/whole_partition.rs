//! A map-partitions whose guilty rows are left out: the partition is held as a whole, and worked on again without them.
//!
//! What the operator makes of a row may depend on all rows before it, so a call can't be made again by itself. What can be said of a partition is at which
//! row its run first fails, given those before it; that row is guilty. It is found by halves, in runs that each begin with a fresh instance and end with the
//! partition's end; then all is run again without it, until a run succeeds. What the operator makes is given out only then.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::{Stream, StreamExt, stream};

use super::error::external;
use super::left_out::{LeftOut, Place};
use super::operators::{self, TransformCalls, Tries, rows_per_call};
use super::reports::OperatorReport;
use super::{Services, node};
use crate::plugin::{OperatorRef, PluginError, Rejection, Task, TransformBinding};

/// A partition, held.
pub(super) struct WholePartition {
    operator: OperatorRef,
    binding: TransformBinding,
    task: Task,
    /// The batch's attempt.
    attempt: u32,
    services: Arc<Services>,
    reservation: MemoryReservation,
    report: OperatorReport,
    left_out: LeftOut,
    rows: Vec<Part>,
}

/// Rows that stand one after the other in the partition, at most a call's.
struct Part {
    rows: RecordBatch,
    /// The number of the first.
    first: u64,
}

/// What a run made.
#[derive(Default)]
struct Made {
    rows: Vec<RecordBatch>,
    /// By part.
    rejected: Vec<(usize, Rejection)>,
    calls: u64,
    bytes: usize,
}

/// A run that failed.
struct Failed {
    error: PluginError,
    /// How many rows it had been given.
    given: usize,
}

impl WholePartition {
    pub(super) fn new(
        operator: OperatorRef,
        binding: TransformBinding,
        task: Task,
        services: Arc<Services>,
        reservation: MemoryReservation,
    ) -> Self {
        let attempt = task.attempt;
        let left_out = LeftOut::new(&operator, &services, attempt);
        let report = OperatorReport::default();
        Self { operator, binding, task, attempt, services, reservation, report, left_out, rows: vec![] }
    }

    /// Read the partition, and give out what the operator makes of it.
    pub(super) async fn run(
        mut self,
        mut rows: SendableRecordBatchStream,
        schema: SchemaRef,
    ) -> Result<impl Stream<Item = Result<RecordBatch>>> {
        let mut bytes = 0;
        while let Some(read) = rows.next().await.transpose()? {
            let of_read = node::bytes_of(&read);
            bytes += of_read;
            self.reservation.try_resize(bytes)?;
            for rows in node::slices(&read, rows_per_call(read.num_rows(), of_read)) {
                let first = self.report.rows_in;
                self.report.rows_in += rows.num_rows() as u64;
                self.rows.push(Part { rows, first });
            }
        }
        let mut made = operators::call(|| self.until_it_succeeds(bytes))?;
        for (part, Rejection { row, reason }) in made.rejected {
            let Part { rows, first } = &self.rows[part];
            let place = Place { rows, at: row as usize, number: first + u64::from(row) };
            self.left_out.rejected(&self.task, &mut self.report, place, reason)?;
        }
        self.report.calls += made.calls;
        self.report.partitions = 1;
        made.rows.retain(|rows| rows.num_rows() > 0);
        self.report.rows_out = made.rows.iter().map(|rows| rows.num_rows() as u64).sum();
        let used = operators::used(&self.operator, &self.task);
        self.services.reports.add(self.task.batch, self.attempt, used, std::mem::take(&mut self.report));
        // The reservation is given back with the rows.
        let given = made.rows.into_iter().map(move |rows| {
            let _held = &self.reservation;
            rows.with_schema(schema.clone()).map_err(Into::into)
        });
        Ok(stream::iter(given))
    }

    /// Run it, leaving out one guilty row after the other.
    fn until_it_succeeds(&mut self, bytes: usize) -> Result<Made> {
        let mut tries = Tries::first();
        loop {
            let error = match self.once(usize::MAX, bytes)? {
                Ok((made, instance)) => {
                    operators::count(&mut self.report, &mut self.task, instance.report());
                    return Ok(made);
                }
                Err(error) => error,
            };
            match tries.failed(error.error, &self.operator.on_error, &mut self.task, &mut self.report) {
                Ok(()) => {}
                Err(failed) if self.left_out.looks_for_guilty(&failed) => {
                    self.leave_out_guilty(Failed { error: failed, given: error.given }, bytes)?
                }
                Err(failed) => return Err(external(failed)),
            }
        }
    }

    /// Leave out the row with which a run fails that succeeds without it and those after it.
    fn leave_out_guilty(&mut self, failed: Failed, bytes: usize) -> Result<()> {
        // A run of as many rows fails, and one of as few doesn't.
        let (mut fails, mut error) = (failed.given, failed.error);
        if fails == 0 {
            return Err(external(error));
        }
        let mut succeeds = 0;
        while succeeds + 1 < fails {
            let middle = succeeds + (fails - succeeds) / 2;
            match self.once(middle, bytes)? {
                Ok(_) => succeeds = middle,
                Err(failed) if !self.left_out.looks_for_guilty(&failed.error) => return Err(external(failed.error)),
                Err(failed) => (fails, error) = (failed.given.min(middle), failed.error),
            }
        }
        if fails == 1
            && let Err(failed) = self.once(0, bytes)?
        {
            // It isn't the row's fault.
            return Err(external(failed.error));
        }
        let mut before = fails - 1;
        let Some(part) = self.rows.iter().position(|part| {
            let is_in = before < part.rows.num_rows();
            before -= if is_in { 0 } else { part.rows.num_rows() };
            is_in
        }) else {
            return Err(external(error));
        };
        let Part { rows, first } = &self.rows[part];
        let (rows, first) = (rows.clone(), *first);
        let place = Place { rows: &rows, at: before, number: first + before as u64 };
        self.left_out.failed(&self.task, &mut self.report, place, &error)?;
        let after =
            Part { rows: rows.slice(before + 1, rows.num_rows() - before - 1), first: first + before as u64 + 1 };
        let before = Part { rows: rows.slice(0, before), first };
        let parts = [before, after].into_iter().filter(|part| part.rows.num_rows() > 0);
        self.rows.splice(part..=part, parts);
        Ok(())
    }

    /// One run over the first `length` rows, and the partition's end.
    #[allow(clippy::type_complexity, reason = "the outer result is the host's, the inner one the guest's")]
    fn once(&self, length: usize, bytes: usize) -> Result<Result<(Made, Box<dyn TransformCalls>), Failed>> {
        let mut made = Made::default();
        let mut given = 0;
        let mut instance = match self.services.plugins.open_transform(&self.operator, &self.binding, &self.task) {
            Ok(instance) => instance,
            Err(error) => return Ok(Err(Failed { error, given })),
        };
        for (idx, part) in self.rows.iter().enumerate() {
            let rows = part.rows.slice(0, part.rows.num_rows().min(length - given));
            if rows.num_rows() == 0 {
                break;
            }
            given += rows.num_rows();
            let produced = match instance.process(&rows) {
                Ok(produced) => produced,
                Err(error) => return Ok(Err(Failed { error, given })),
            };
            made.calls += 1;
            made.rejected.extend(produced.rejected.into_iter().map(|rejection| (idx, rejection)));
            self.keep(&mut made, produced.rows, bytes)?;
        }
        loop {
            match instance.finish() {
                Ok(Some(rows)) => self.keep(&mut made, rows, bytes)?,
                Ok(None) => return Ok(Ok((made, instance))),
                Err(error) => return Ok(Err(Failed { error, given })),
            }
        }
    }

    /// Hold what was made; `bytes` are those of the partition.
    fn keep(&self, made: &mut Made, rows: RecordBatch, bytes: usize) -> Result<()> {
        made.bytes += node::bytes_of(&rows);
        self.reservation.try_resize(bytes + made.bytes)?;
        made.rows.push(rows);
        Ok(())
    }
}
