//! What a job's events say, kept: its last batches, and sums since the start.
//!
//! Everything here is bounded: batches by a number, sums by the job's own names and by the bounds of what operators report.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::exposition::Histogram;
use crate::batch::listener::{BatchInfo, Event, Listener, OutputOperationInfo};
use crate::engine::reports::{OperatorReport, OperatorUse};

/// Batches that are done of which all is kept.
pub const KEPT_BATCHES: usize = 256;

/// Bounds of delays, in seconds.
const DELAYS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Listens to a job. It is told of events on the driver's own task, so it only notes them; readers copy what they need and let go.
#[derive(Debug, Default)]
pub struct Monitor(Mutex<Seen>);

/// What happened until now.
#[derive(Debug, Default)]
struct Seen {
    /// Whether sources take rows in.
    started: bool,
    batches: Batches,
    sums: Sums,
}

/// The batches that are known.
#[derive(Debug, Clone, Default)]
pub struct Batches {
    /// Those that are planned and haven't begun.
    pub waiting: VecDeque<Arc<BatchInfo>>,
    /// The one that runs.
    pub running: Option<Arc<BatchInfo>>,
    /// Those that are done or have failed, the last first.
    pub ended: VecDeque<Arc<BatchInfo>>,
}

/// Sums since the start.
#[derive(Debug, Clone)]
pub struct Sums {
    /// Batches done.
    pub completed: u64,
    /// Batches that failed for good.
    pub failed: u64,
    /// Times that batches were run again.
    pub retries: u64,
    /// The time of the last batch that is done.
    pub last_batch_ms: Option<i64>,
    /// Scheduling, processing and total delays of batches done, in seconds.
    pub delays: [Histogram; 3],
    /// By source.
    pub inputs: BTreeMap<String, InputSums>,
    /// By output.
    pub outputs: BTreeMap<String, OutputSums>,
    /// By use of an operator.
    pub operators: BTreeMap<OperatorUse, OperatorReport>,
    /// Late rows, by stream.
    pub late: BTreeMap<Arc<str>, u64>,
    /// Sessions that were cut, by stream.
    pub cut_sessions: BTreeMap<Arc<str>, u64>,
    /// Latest event times, by stream, in milliseconds since 1970-01-01T00:00:00Z.
    pub event_times: BTreeMap<Arc<str>, i64>,
    /// Tables and broadcast values that could not be read anew, by name.
    pub refresh_errors: BTreeMap<String, u64>,
    /// Swaps, by plugin and kind.
    pub swaps: BTreeMap<(String, String), u64>,
}

/// What a source gave batches.
#[derive(Debug, Clone, Default)]
pub struct InputSums {
    /// Rows.
    pub rows: u64,
    /// Lines left out.
    pub lines_dropped: u64,
    /// Files of which the rest was left out.
    pub bad_files: u64,
    /// Rows received a second before the last batch was planned.
    pub rows_per_second: Option<u64>,
    /// Errors that it went on after.
    pub errors: u64,
}

/// What an output wrote.
#[derive(Debug, Clone, Default)]
pub struct OutputSums {
    /// Rows.
    pub rows: u64,
    /// How long writing took.
    pub writing: Duration,
    /// Failures, and errors after which it was tried again.
    pub errors: u64,
    /// The last of them, and when, if that is known.
    pub last_error: Option<(Option<i64>, String)>,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            completed: 0,
            failed: 0,
            retries: 0,
            last_batch_ms: None,
            delays: std::array::from_fn(|_| Histogram::new(DELAYS)),
            inputs: BTreeMap::new(),
            outputs: BTreeMap::new(),
            operators: BTreeMap::new(),
            late: BTreeMap::new(),
            cut_sessions: BTreeMap::new(),
            event_times: BTreeMap::new(),
            refresh_errors: BTreeMap::new(),
            swaps: BTreeMap::new(),
        }
    }
}

impl Monitor {
    /// Nothing has happened yet. It is to be told of the job's events from the start.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Sums, and whether the job has started.
    pub fn sums(&self) -> (bool, Sums) {
        let seen = self.0.lock();
        (seen.started, seen.sums.clone())
    }

    /// The batches that are known.
    pub fn batches(&self) -> Batches {
        self.0.lock().batches.clone()
    }

    /// How many batches wait, and the time of the one that runs.
    pub fn at_work(&self) -> (usize, Option<i64>) {
        let Batches { waiting, running, .. } = &self.0.lock().batches;
        (waiting.len(), running.as_ref().map(|batch| batch.batch_time.0))
    }

    /// Whether sources take rows in.
    pub fn has_started(&self) -> bool {
        self.0.lock().started
    }
}

impl Listener for Monitor {
    fn on_event(&self, event: &Event) {
        let mut seen = self.0.lock();
        match event {
            Event::StreamingStarted { .. } => seen.started = true,
            Event::BatchSubmitted(batch) => {
                for input in &batch.inputs {
                    let sums = seen.sums.inputs.entry(input.stream.clone()).or_default();
                    sums.rows_per_second = input.rows_per_second;
                }
                // The driver's own queue is as long as this at most; what recovery runs again isn't told of as submitted.
                let waiting = &mut seen.batches.waiting;
                waiting.push_back(Arc::new(batch.clone()));
                if waiting.len() > KEPT_BATCHES {
                    waiting.pop_front();
                }
            }
            Event::BatchStarted(batch) => {
                seen.batches.waiting.retain(|waiting| waiting.batch_time != batch.batch_time);
                seen.batches.running = Some(Arc::new(batch.clone()));
            }
            Event::BatchCompleted(batch) => seen.ended(batch),
            Event::OutputOperationCompleted(output) => seen.sums.written(output),
            Event::OutputError { batch_time, output, error } => {
                let sums = seen.sums.outputs.entry(output.clone()).or_default();
                sums.errors += 1;
                sums.last_error = Some((batch_time.map(|batch| batch.0), error.clone()));
            }
            Event::TableError { table: name, .. } | Event::BroadcastError { broadcast: name, .. } => {
                *seen.sums.refresh_errors.entry(name.clone()).or_default() += 1;
            }
            Event::ReceiverError(receiver) => {
                seen.sums.inputs.entry(receiver.stream.clone()).or_default().errors += 1;
            }
            Event::Swapped(swap) => {
                *seen.sums.swaps.entry((swap.plugin.clone(), swap.kind.to_string())).or_default() += 1;
            }
            Event::Applied(_)
            | Event::OutputOperationStarted(_)
            | Event::ReceiverStarted(_)
            | Event::ReceiverStopped(_) => {}
        }
    }
}

impl Seen {
    fn ended(&mut self, batch: &BatchInfo) {
        self.sums.add(batch);
        let Batches { waiting, running, ended } = &mut self.batches;
        *running = None;
        waiting.retain(|waiting| waiting.batch_time != batch.batch_time);
        ended.push_front(Arc::new(batch.clone()));
        ended.truncate(KEPT_BATCHES);
    }
}

impl Sums {
    fn add(&mut self, batch: &BatchInfo) {
        self.retries += u64::from(batch.attempts.saturating_sub(1));
        match batch.failure {
            Some(_) => self.failed += 1,
            None => {
                self.completed += 1;
                self.last_batch_ms = Some(batch.batch_time.0);
                let delays = [batch.scheduling_delay(), batch.processing_delay(), batch.total_delay()];
                for (histogram, delay) in self.delays.iter_mut().zip(delays) {
                    delay.into_iter().for_each(|delay| histogram.observe(delay.as_secs_f64()));
                }
            }
        }
        for input in &batch.inputs {
            let sums = self.inputs.entry(input.stream.clone()).or_default();
            sums.rows += input.rows.unwrap_or(0);
            sums.lines_dropped += input.lines_dropped;
            sums.bad_files += input.bad_files;
        }
        for (of, report) in &batch.report.operators {
            let sums = self.operators.entry(of.clone()).or_default();
            sums.merge(OperatorReport { samples: vec![], ..report.clone() });
        }
        add_to(&mut self.late, &batch.report.late);
        add_to(&mut self.cut_sessions, &batch.report.cut_sessions);
        for (stream, latest_ms) in &batch.report.event_times {
            let latest = self.event_times.entry(stream.clone()).or_insert(*latest_ms);
            *latest = (*latest).max(*latest_ms);
        }
    }

    fn written(&mut self, output: &OutputOperationInfo) {
        let sums = self.outputs.entry(output.name.clone()).or_default();
        sums.rows += output.rows;
        if let (Some(start), Some(end)) = (output.start_ms, output.end_ms) {
            sums.writing += Duration::from_millis(end.saturating_sub(start).max(0).unsigned_abs());
        }
        if let Some(failure) = &output.failure {
            sums.errors += 1;
            sums.last_error = Some((output.end_ms, failure.clone()));
        }
    }
}

fn add_to(sums: &mut BTreeMap<Arc<str>, u64>, more: &BTreeMap<Arc<str>, u64>) {
    for (name, n) in more {
        *sums.entry(name.clone()).or_default() += n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::listener::InputInfo;
    use crate::clock::BatchTime;

    fn batch(time_ms: i64) -> BatchInfo {
        BatchInfo {
            batch_time: BatchTime(time_ms),
            inputs: vec![InputInfo { stream: "lines".into(), rows: Some(3), ..InputInfo::default() }],
            submission_time_ms: time_ms,
            processing_start_ms: Some(time_ms + 10),
            processing_end_ms: Some(time_ms + 30),
            outputs: vec![],
            report: Default::default(),
            attempts: 2,
            failure: None,
        }
    }

    #[test]
    fn batches_wait_run_and_end_and_the_earliest_are_forgotten() {
        let monitor = Monitor::default();
        monitor.on_event(&Event::StreamingStarted { time_ms: 0 });
        for time in 0..300 {
            monitor.on_event(&Event::BatchSubmitted(batch(time)));
        }
        monitor.on_event(&Event::BatchStarted(batch(44)));
        let Batches { waiting, running, ended } = monitor.batches();
        assert_eq!((waiting.len(), waiting[0].batch_time.0, ended.len()), (KEPT_BATCHES - 1, 45, 0));
        assert_eq!((running.map(|batch| batch.batch_time.0), monitor.at_work()), (Some(44), (255, Some(44))));
        for time in 0..300 {
            monitor.on_event(&Event::BatchCompleted(batch(time)));
        }
        monitor.on_event(&Event::BatchCompleted(BatchInfo { failure: Some("odd".into()), ..batch(300) }));
        let Batches { waiting, running, ended } = monitor.batches();
        assert_eq!((waiting.len(), running.is_none(), ended.len()), (0, true, KEPT_BATCHES));
        assert_eq!((ended[0].batch_time.0, ended[255].batch_time.0), (300, 45));
        let (started, sums) = monitor.sums();
        assert!(started);
        assert_eq!((sums.completed, sums.failed, sums.retries, sums.last_batch_ms), (300, 1, 301, Some(299)));
        assert_eq!(sums.inputs["lines"].rows, 903);
    }
}
