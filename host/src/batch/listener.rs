//! What a running job tells: a closed set of events, as Spark Streaming's listeners get them, and the delays of a batch as it defines them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;

use super::log::{ApplyRecord, SwapRecord};
use crate::clock::BatchTime;
use crate::engine::reports::BatchReport;

/// One thing that happened. Times are milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The job has started: sources take rows in.
    StreamingStarted {
        /// When.
        time_ms: i64,
    },
    /// A batch is planned and waits for its turn.
    BatchSubmitted(BatchInfo),
    /// A batch has begun to run.
    BatchStarted(BatchInfo),
    /// All outputs of a batch are committed, or it has failed for good.
    BatchCompleted(BatchInfo),
    /// An output of a batch has begun to be written.
    OutputOperationStarted(OutputOperationInfo),
    /// An output of a batch is written, though not yet committed, or has failed.
    OutputOperationCompleted(OutputOperationInfo),
    /// A static table could not be read anew before a batch, and keeps the rows it has.
    TableError {
        /// The batch.
        batch_time: BatchTime,
        /// The table.
        table: String,
        /// What went wrong.
        error: String,
    },
    /// A broadcast value could not be read anew before a batch, and stays as it is.
    BroadcastError {
        /// The batch.
        batch_time: BatchTime,
        /// The value's name.
        broadcast: String,
        /// What went wrong.
        error: String,
    },
    /// What an output writes to can't be written to for now, and is tried again.
    OutputError {
        /// The batch that waits for it; none where the job waits to start.
        batch_time: Option<BatchTime>,
        /// The output.
        output: String,
        /// What went wrong.
        error: String,
    },
    /// A plugin is another component from the next planned batch on.
    Swapped(SwapRecord),
    /// The job is of another job file from the next planned batch on.
    Applied(Box<ApplyRecord>),
    /// A source has begun.
    ReceiverStarted(ReceiverInfo),
    /// A source met an error and goes on.
    ReceiverError(ReceiverInfo),
    /// A source takes no more rows in.
    ReceiverStopped(ReceiverInfo),
}

/// A batch, as far as it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchInfo {
    /// The batch.
    pub batch_time: BatchTime,
    /// What each source stream gave the batch.
    pub inputs: Vec<InputInfo>,
    /// When it was planned.
    pub submission_time_ms: i64,
    /// When it began to run.
    pub processing_start_ms: Option<i64>,
    /// When it ended.
    pub processing_end_ms: Option<i64>,
    /// Its outputs, in the order of the job.
    pub outputs: Vec<OutputOperationInfo>,
    /// What operators did: calls, rows, rows rejected, counters.
    pub report: BatchReport,
    /// How many times it was run.
    pub attempts: u32,
    /// Why it failed.
    pub failure: Option<String>,
}

/// What a source stream gave a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InputInfo {
    /// The stream's name.
    pub stream: String,
    /// Rows; none where they aren't known before they are read, and weren't read yet.
    pub rows: Option<u64>,
    /// Rows received a second since the batch before was planned; none of sources that are read in place.
    pub rows_per_second: Option<u64>,
    /// Lines left out, as they can't be read, of what was received since the batch before or of the batch's files.
    pub lines_dropped: u64,
    /// Files of which the rest was left out.
    pub bad_files: u64,
    /// The most rows that the source takes in a second, once the batch is completed; none where nothing limits them.
    pub rate: Option<f64>,
}

impl BatchInfo {
    /// From submission to the start of processing.
    pub fn scheduling_delay(&self) -> Option<Duration> {
        self.processing_start_ms.map(|start| span(self.submission_time_ms, start))
    }

    /// From the start of processing to its end.
    pub fn processing_delay(&self) -> Option<Duration> {
        Some(span(self.processing_start_ms?, self.processing_end_ms?))
    }

    /// From submission to the end of processing.
    pub fn total_delay(&self) -> Option<Duration> {
        self.processing_end_ms.map(|end| span(self.submission_time_ms, end))
    }

    /// Rows rejected by operators and left out.
    pub fn rejected(&self) -> u64 {
        self.report.operators.values().map(|operator| operator.rejected).sum()
    }

    /// Rows left out because an operator failed at them.
    pub fn failed_rows(&self) -> u64 {
        self.report.operators.values().map(|operator| operator.failed).sum()
    }

    /// Rows of all sources, as far as they are known.
    pub fn num_records(&self) -> u64 {
        self.inputs.iter().filter_map(|input| input.rows).sum()
    }

    /// Lines of all sources that were left out.
    pub fn lines_dropped(&self) -> u64 {
        self.inputs.iter().map(|input| input.lines_dropped).sum()
    }
}

fn span(from_ms: i64, to_ms: i64) -> Duration {
    // The wall clock may have been set back in between.
    Duration::from_millis(to_ms.saturating_sub(from_ms).max(0).unsigned_abs())
}

/// One output of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputOperationInfo {
    /// The batch.
    pub batch_time: BatchTime,
    /// Numbered from 0 in the order of the job.
    pub id: usize,
    /// The output's name.
    pub name: String,
    /// When writing began.
    pub start_ms: Option<i64>,
    /// When writing ended.
    pub end_ms: Option<i64>,
    /// Rows written.
    pub rows: u64,
    /// Why it failed.
    pub failure: Option<String>,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverInfo {
    /// The stream's name.
    pub stream: String,
    /// Whether it takes rows in.
    pub active: bool,
    /// Rows received since the start; 0 for files.
    pub rows_received: u64,
    /// Lines left out since the start, as they can't be read; 0 for files.
    pub lines_dropped: u64,
    /// The last error and when it happened.
    pub last_error: Option<(i64, String)>,
}

/// Gets every event of a job, in order, on the driver's own task: it must not block.
pub trait Listener: Send + Sync {
    /// Called for each event.
    fn on_event(&self, event: &Event);
}

/// Who is told of a job's events; clones share them. Listeners can come and go while the job runs.
#[derive(Debug, Clone, Default)]
pub struct Listeners(Arc<RwLock<Vec<Arc<dyn Listener>>>>);

impl Listeners {
    /// These listeners, in this order.
    pub fn new(listeners: Vec<Arc<dyn Listener>>) -> Self {
        Self(Arc::new(RwLock::new(listeners)))
    }

    /// Tell `listener` of what happens from now on, after those who are told already.
    pub fn add(&self, listener: Arc<dyn Listener>) {
        self.0.write().push(listener);
    }

    /// Tell `listener` of nothing more; says whether it was told until now.
    pub fn remove(&self, listener: &Arc<dyn Listener>) -> bool {
        let mut listeners = self.0.write();
        let before = listeners.len();
        listeners.retain(|other| !Arc::ptr_eq(other, listener));
        listeners.len() < before
    }

    /// Tell all of them.
    pub(crate) fn tell(&self, event: &Event) {
        // A listener may add or remove listeners, so none is told under the lock.
        let listeners = self.0.read().clone();
        listeners.iter().for_each(|listener| listener.on_event(event));
    }
}

impl<F: Fn(&Event) + Send + Sync> Listener for F {
    fn on_event(&self, event: &Event) {
        self(event);
    }
}

impl fmt::Debug for dyn Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// Writes each event as a structured log line, and a summary line for each batch.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogListener;

impl Listener for LogListener {
    fn on_event(&self, event: &Event) {
        match event {
            Event::StreamingStarted { time_ms } => tracing::info!(target: "sluicebox::job", time_ms, "started"),
            Event::BatchSubmitted(batch) => {
                tracing::debug!(target: "sluicebox::batch", batch_time = batch.batch_time.0, rows = batch.num_records(), "batch submitted");
            }
            Event::BatchStarted(batch) => {
                tracing::debug!(target: "sluicebox::batch", batch_time = batch.batch_time.0, scheduling_delay_ms = ms(batch.scheduling_delay()), "batch started");
            }
            Event::BatchCompleted(batch) => completed(batch),
            Event::OutputOperationStarted(output) => {
                tracing::debug!(target: "sluicebox::batch", batch_time = output.batch_time.0, output = output.name, "output started");
            }
            Event::OutputOperationCompleted(output) => {
                tracing::debug!(target: "sluicebox::batch", batch_time = output.batch_time.0, output = output.name, rows = output.rows, "output written");
            }
            Event::Applied(apply) => {
                let (changes, by, why) = (apply.changes.join(", "), &apply.by, &apply.why);
                tracing::info!(target: "sluicebox::job", kind = %apply.kind, changes, by, why, "the job is of another job file");
            }
            Event::TableError { batch_time, table, error } => {
                // Whoever reads tables logs what goes wrong.
                tracing::debug!(target: "sluicebox::batch", batch_time = batch_time.0, table, error, "table error");
            }
            Event::BroadcastError { batch_time, broadcast, error } => {
                tracing::debug!(target: "sluicebox::batch", batch_time = batch_time.0, broadcast, error, "broadcast error");
            }
            Event::OutputError { batch_time, output, error } => {
                // Sinks log their errors themselves.
                let batch_time = batch_time.map(|batch| batch.0);
                tracing::debug!(target: "sluicebox::output", batch_time, output, error, "output error");
            }
            Event::Swapped(swap) => {
                let SwapRecord { plugin, from, to, kind, after, by, why, .. } = swap;
                let after = after.map(|batch| batch.0);
                tracing::info!(target: "sluicebox::job", plugin, %from, %to, %kind, after_batch = after, by, why, "the plugin is another component from the next batch on");
            }
            Event::ReceiverStarted(receiver) => {
                tracing::info!(target: "sluicebox::receiver", stream = receiver.stream, "source started")
            }
            Event::ReceiverError(receiver) => {
                // Sources log their errors themselves: they know which of them come again and again.
                let error = receiver.last_error.as_ref().map(|(_, error)| error.as_str()).unwrap_or_default();
                tracing::debug!(target: "sluicebox::receiver", stream = receiver.stream, error, "source error");
            }
            Event::ReceiverStopped(receiver) => {
                // Files are counted batch by batch, and not here.
                let known = |n: u64| (n > 0).then_some(n);
                let (rows_received, lines_dropped) = (known(receiver.rows_received), known(receiver.lines_dropped));
                tracing::info!(target: "sluicebox::receiver", stream = receiver.stream, rows_received, lines_dropped, "source stopped")
            }
        }
    }
}

fn completed(batch: &BatchInfo) {
    let rows = batch.num_records();
    let (scheduling_delay_ms, processing_delay_ms, total_delay_ms) =
        (ms(batch.scheduling_delay()), ms(batch.processing_delay()), ms(batch.total_delay()));
    let (batch_time, attempts) = (batch.batch_time.0, batch.attempts);
    let (dropped, rejected) = (batch.lines_dropped(), batch.rejected());
    match &batch.failure {
        None => tracing::info!(
            target: "sluicebox::batch",
            batch_time, rows, scheduling_delay_ms, processing_delay_ms, total_delay_ms, attempts, dropped, rejected,
            "batch completed"
        ),
        Some(failure) => tracing::error!(
            target: "sluicebox::batch",
            batch_time, rows, scheduling_delay_ms, processing_delay_ms, total_delay_ms, attempts, dropped, rejected, failure,
            "batch failed"
        ),
    }
}

fn ms(delay: Option<Duration>) -> u64 {
    delay.map_or(0, |delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_sparks() {
        let mut batch = BatchInfo {
            batch_time: BatchTime(1000),
            inputs: [Some(3), None, Some(4)].map(|rows| InputInfo { rows, ..Default::default() }).to_vec(),
            submission_time_ms: 1001,
            processing_start_ms: None,
            processing_end_ms: None,
            outputs: vec![],
            report: BatchReport::default(),
            attempts: 1,
            failure: None,
        };
        assert_eq!((batch.scheduling_delay(), batch.processing_delay(), batch.total_delay()), (None, None, None));
        batch.processing_start_ms = Some(1011);
        batch.processing_end_ms = Some(1111);
        let delays = (batch.scheduling_delay(), batch.processing_delay(), batch.total_delay());
        assert_eq!(
            delays,
            (Some(Duration::from_millis(10)), Some(Duration::from_millis(100)), Some(Duration::from_millis(110)))
        );
        assert_eq!(batch.num_records(), 7);
    }
}
