//! What tasks tell the driver beside their rows: calls, rows rejected, guests' counters; rows read from files, and what was left out of them.
//!
//! A task reports once, at its end. Reports are kept apart by batch and attempt, so that what an attempt reported which failed later doesn't count.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::clock::BatchTime;
use crate::plugin::Usage;

/// Rejected rows of which the reason is kept, for each operator of a stream, batch and attempt.
pub const MAX_SAMPLES: usize = 8;
/// Counters kept for each operator of a stream, batch and attempt; what guests add to others is lost.
pub const MAX_COUNTERS: usize = 256;
/// Attempts of batches kept; the driver takes each, and the earliest are dropped beyond it.
const MAX_ATTEMPTS: usize = 256;

/// One use of an operator in the job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorUse {
    /// The stream that it makes.
    pub stream: Arc<str>,
    /// The plugin.
    pub plugin: String,
    /// The operator.
    pub operator: String,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectedRow {
    /// The partition of the operator's input.
    pub partition: u32,
    /// The row's index in the partition, from 0.
    pub row: u64,
    /// Why: as the guest wrote it, where it is its own word, so escape it before it is shown.
    pub reason: String,
}

/// What one operator did, in one partition or in all of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorReport {
    /// Partitions worked on.
    pub partitions: u64,
    /// Calls of the guest that took or made rows.
    pub calls: u64,
    /// Calls made again on a fresh instance.
    pub retries: u64,
    /// Rows handed over.
    pub rows_in: u64,
    /// Rows made.
    pub rows_out: u64,
    /// Rows rejected, and left out.
    pub rejected: u64,
    /// Rows left out because the operator failed at them.
    pub failed: u64,
    /// Rows of both kinds that are dead letters.
    pub dead_letters: u64,
    /// The first rows left out by partition and row, at most [`MAX_SAMPLES`].
    pub samples: Vec<RejectedRow>,
    /// What its instances have used of each limit, at most.
    pub usage: Usage,
    /// Nanoseconds spent in calls, of all instances together.
    pub nanos: u64,
    /// Fuel that its instances have burnt together; 0 where it isn't counted.
    pub fuel: u64,
    /// Lines that its instances logged over their limit, which were dropped.
    pub log_dropped: u64,
    /// The guest's counters, at most [`MAX_COUNTERS`].
    pub counters: BTreeMap<String, u64>,
}

impl OperatorReport {
    /// Note a rejected row.
    pub fn reject(&mut self, row: RejectedRow) {
        self.rejected += 1;
        if self.samples.len() < MAX_SAMPLES {
            self.samples.push(row);
        }
    }

    /// Note a row at which the operator failed.
    pub fn fail_at(&mut self, row: RejectedRow) {
        self.failed += 1;
        if self.samples.len() < MAX_SAMPLES {
            self.samples.push(row);
        }
    }

    /// Rows left out.
    pub fn left_out(&self) -> u64 {
        self.rejected + self.failed
    }

    /// Add to a counter.
    pub fn count(&mut self, name: &str, amount: u64) {
        if let Some(sum) = self.counters.get_mut(name) {
            *sum = sum.saturating_add(amount);
        } else if self.counters.len() < MAX_COUNTERS {
            self.counters.insert(name.to_owned(), amount);
        }
    }

    /// Add another partition's report. The order of adding shows in nothing but which counters are kept when there are too many.
    pub fn merge(&mut self, other: Self) {
        self.partitions += other.partitions;
        self.calls += other.calls;
        self.retries += other.retries;
        self.rows_in += other.rows_in;
        self.rows_out += other.rows_out;
        self.rejected += other.rejected;
        self.failed += other.failed;
        self.dead_letters += other.dead_letters;
        self.usage.merge(&other.usage);
        self.nanos = self.nanos.saturating_add(other.nanos);
        self.fuel = self.fuel.saturating_add(other.fuel);
        self.log_dropped += other.log_dropped;
        self.samples.extend(other.samples);
        self.samples.sort();
        self.samples.truncate(MAX_SAMPLES);
        other.counters.iter().for_each(|(name, amount)| self.count(name, *amount));
    }
}

/// What was read of one source, in one partition or in all of a batch. Only sources that are read in place report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// Rows read.
    pub rows: u64,
    /// Lines left out, as they can't be read.
    pub lines_dropped: u64,
    /// Files of which the rest was left out; a batch reads a bounded number of files.
    pub bad_files: BTreeSet<String>,
    /// What was wrong, at most [`MAX_SAMPLES`].
    pub samples: Vec<String>,
}

impl SourceReport {
    /// Note what was wrong.
    pub fn sample(&mut self, reason: String) {
        if self.samples.len() < MAX_SAMPLES {
            self.samples.push(reason);
        }
    }

    /// Add another partition's report.
    pub fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.lines_dropped += other.lines_dropped;
        self.bad_files.extend(other.bad_files);
        other.samples.into_iter().for_each(|reason| self.sample(reason));
    }
}

/// What was done in one attempt of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchReport {
    /// Operators, by use.
    pub operators: BTreeMap<OperatorUse, OperatorReport>,
    /// Sources, by stream.
    pub sources: BTreeMap<Arc<str>, SourceReport>,
    /// The latest event time of each stream that has event times, in milliseconds since 1970-01-01T00:00:00Z.
    pub event_times: BTreeMap<Arc<str>, i64>,
    /// Rows that came too late for each stream that needs them by event time.
    pub late: BTreeMap<Arc<str>, u64>,
    /// Sessions that were cut as they became too long, by stream.
    pub cut_sessions: BTreeMap<Arc<str>, u64>,
}

/// Reports that the driver has not taken yet.
#[derive(Debug, Default)]
pub struct Reports {
    attempts: Mutex<BTreeMap<(BatchTime, u32), BatchReport>>,
    /// The latest event times of batches that have a result.
    event_times: Mutex<BTreeMap<Arc<str>, i64>>,
}

impl Reports {
    /// No reports yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Add what a task did. Called once by each task, at its end.
    pub fn add(&self, batch: BatchTime, attempt: u32, operator: OperatorUse, report: OperatorReport) {
        self.change(batch, attempt, |all| all.operators.entry(operator).or_default().merge(report));
    }

    /// Add what a task read of a source. Called once by each task, at its end.
    pub fn add_source(&self, batch: BatchTime, attempt: u32, stream: Arc<str>, report: SourceReport) {
        self.change(batch, attempt, |all| all.sources.entry(stream).or_default().merge(report));
    }

    /// Note the event time of rows of a stream.
    pub fn add_event_time(&self, batch: BatchTime, attempt: u32, stream: &Arc<str>, latest_ms: i64) {
        self.change(batch, attempt, |all| {
            let latest = all.event_times.entry(stream.clone()).or_insert(latest_ms);
            *latest = (*latest).max(latest_ms);
        });
    }

    /// The latest event time of a stream, as far as it was noted.
    pub fn event_time(&self, batch: BatchTime, attempt: u32, stream: &str) -> Option<i64> {
        self.attempts.lock().get(&(batch, attempt))?.event_times.get(stream).copied()
    }

    /// The latest event time of a stream in batches that have a result.
    pub fn settled_event_time(&self, stream: &str) -> Option<i64> {
        self.event_times.lock().get(stream).copied()
    }

    /// A batch with these event times has its result.
    pub fn settle(&self, event_times: &BTreeMap<Arc<str>, i64>) {
        let mut settled = self.event_times.lock();
        for (stream, latest_ms) in event_times {
            let latest = settled.entry(stream.clone()).or_insert(*latest_ms);
            *latest = (*latest).max(*latest_ms);
        }
    }

    /// Streams that have event times.
    pub fn with_event_times(&self) -> Vec<Arc<str>> {
        self.event_times.lock().keys().cloned().collect()
    }

    /// Forget the event times of a stream.
    pub fn forget_event_time(&self, stream: &str) {
        self.event_times.lock().remove(stream);
    }

    /// Add to the rows that came too late for a stream.
    pub fn add_late(&self, batch: BatchTime, attempt: u32, stream: &Arc<str>, n_rows: u64) {
        self.change(batch, attempt, |all| *all.late.entry(stream.clone()).or_default() += n_rows);
    }

    /// Add to a stream's sessions that were cut.
    pub fn add_cut_sessions(&self, batch: BatchTime, attempt: u32, stream: &Arc<str>, n_sessions: u64) {
        self.change(batch, attempt, |all| *all.cut_sessions.entry(stream.clone()).or_default() += n_sessions);
    }

    fn change(&self, batch: BatchTime, attempt: u32, change: impl FnOnce(&mut BatchReport)) {
        let mut attempts = self.attempts.lock();
        change(attempts.entry((batch, attempt)).or_default());
        if attempts.len() > MAX_ATTEMPTS {
            attempts.pop_first();
        }
    }

    /// Take what was reported of one attempt of a batch. What its other attempts reported is dropped.
    pub fn take(&self, batch: BatchTime, attempt: u32) -> BatchReport {
        let mut attempts = self.attempts.lock();
        let report = attempts.remove(&(batch, attempt)).unwrap_or_default();
        attempts.retain(|(of, _), _| *of != batch);
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_attempt_asked_for_counts_and_samples_are_bounded() {
        let reports = Reports::new();
        let operator = OperatorUse { stream: "words".into(), plugin: "words".into(), operator: "split".into() };
        let report = |partition| {
            let mut report = OperatorReport { partitions: 1, ..Default::default() };
            (0..9).for_each(|row| report.reject(RejectedRow { partition, row, reason: "odd".into() }));
            report.count("odd", 9);
            report
        };
        reports.add(BatchTime(1), 0, operator.clone(), report(0));
        for partition in [1, 0] {
            reports.add(BatchTime(1), 1, operator.clone(), report(partition));
        }
        let taken = &reports.take(BatchTime(1), 1).operators[&operator];
        assert_eq!((taken.partitions, taken.rejected, taken.counters["odd"]), (2, 18, 18));
        assert_eq!(taken.samples, report(0).samples, "the first by partition and row, whoever reports first");
        assert_eq!(reports.take(BatchTime(1), 0), BatchReport::default());
    }
}
