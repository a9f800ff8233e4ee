//! Planning batches: what each reads is decided once, at its time, and recorded before anything reads it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::{mpsc, watch};

use super::driver::{Driver, Stop, receiver_info};
use super::listener::{BatchInfo, Event, InputInfo};
use super::log::{History, PlanRecord, Record, ResultRecord, Todo};
use crate::clock::{BatchTime, Clock};
use crate::error::{Error, Result};
use crate::job::definition::Missed;
use crate::receiver::InputRange;

/// A graceful stop plans batches for times to come. Where outputs have batches of times so far ahead, or ten batch intervals if that is more, it isn't that.
const MOST_AHEAD: Duration = Duration::from_secs(60);

/// A batch whose plan is recorded.
#[derive(Debug)]
pub struct Submitted {
    /// What it reads, and with which code.
    pub plan: PlanRecord,
    /// What it made, where an earlier driver has recorded that already.
    pub result: Option<ResultRecord>,
    /// As far as it is known.
    pub info: BatchInfo,
}

/// Plan a batch at each batch time and hand it on, until a stop is asked for or enough batches are planned; then stop the sources and, where the
/// stop is graceful, plan batches for what they still hold.
///
/// What earlier drivers have planned and not done comes first; then the times that passed meanwhile, as the job says.
pub async fn generate(
    driver: Arc<Driver>,
    history: History,
    mut stop: watch::Receiver<Stop>,
    submit: mpsc::Sender<Submitted>,
) -> Result<()> {
    let interval = driver.parts.interval;
    let clock = driver.parts.clock.clone();
    if driver.is_any_new(&history)? {
        driver.compact().await?;
    }
    for todo in history.todo() {
        if submit.send(driver.again(todo)).await.is_err() {
            return Ok(());
        }
    }
    let (mut next, mut last) = match history.planned {
        Some(planned) => driver.go_on(planned),
        None => driver.begin().await?,
    };
    let until = driver.first;
    let mut n_planned = 0;
    let mut paused = driver.paused.subscribe();
    while driver.parts.batches.is_none_or(|batches| n_planned < batches) {
        let was_paused = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop != Stop::No) => break,
            was_paused = its_time(clock.as_ref(), next, &mut paused) => was_paused,
        };
        // Room first: what arrives while the queue is full belongs to this batch, not to one planned too early.
        let was_full = submit.capacity() == 0;
        let Ok(room) = submit.reserve().await else { return Ok(()) };
        if *stop.borrow() >= Stop::Planned {
            break;
        }
        // While the job goes over to another edition no batch is planned.
        let (boundary, was_held) = match driver.boundary.try_lock() {
            Ok(boundary) => (boundary, false),
            Err(_) => (driver.boundary.lock().await, true),
        };
        if (was_full || was_paused || was_held) && next >= until {
            let (last, n_skipped) = caught_up(next, clock.now_ms(), interval);
            next = last;
            tell_of_skipped(next, n_skipped, was_paused);
        }
        room.send(driver.plan(next, last).await?);
        if driver.parts.log.is_long() {
            driver.compact().await?;
        }
        drop(boundary);
        n_planned += 1;
        last = next;
        next = next.after(interval);
    }
    let drained = driver.parts.batches.is_none_or(|batches| n_planned < batches);
    driver.boundary.lock().await.is_ending = true;
    driver.stop_sources().await;
    if !drained {
        return Ok(());
    }
    while *stop.borrow() < Stop::Planned
        && let Some(rest) = driver.plan_rest(next, last).await?
    {
        if submit.send(rest).await.is_err() {
            break;
        }
        last = next;
        next = next.after(interval);
    }
    Ok(())
}

/// Returns when the batch's time has come and the job isn't paused; says whether it was since this was last asked.
async fn its_time(clock: &dyn Clock, next: BatchTime, paused: &mut watch::Receiver<bool>) -> bool {
    clock.wait_until(next.0).await;
    // A pause that began and ended in between counts as well: whoever was looked at first must not decide.
    let was_paused = *paused.borrow() || paused.has_changed().unwrap_or(false);
    // The driver has the sender, so this can't fail.
    let _ = paused.wait_for(|paused| !*paused).await;
    was_paused
}

/// The last batch time that has come, after a wait during which others may have passed, and how many have: those are left out, and their rows are in this one.
fn caught_up(next: BatchTime, now_ms: i64, interval: Duration) -> (BatchTime, u64) {
    let mut last = next;
    let mut n_skipped: u64 = 0;
    while last.after(interval).0 <= now_ms {
        last = last.after(interval);
        n_skipped += 1;
    }
    (last, n_skipped)
}

fn tell_of_skipped(batch: BatchTime, n_skipped: u64, was_paused: bool) {
    let batch_time = batch.0;
    match (n_skipped, was_paused) {
        (0, _) => {}
        (_, true) => {
            tracing::info!(target: "sluicebox::batch", batch_time, n_skipped, "the job was paused: the intervals that passed are one batch");
        }
        (_, false) => tracing::warn!(
            target: "sluicebox::batch",
            batch_time, n_skipped,
            "batches take longer than the interval: intervals were put together into one batch"
        ),
    }
}

impl Driver {
    /// The first batch to be planned of a job that has planned none, and the batch time that it comes after.
    async fn begin(&self) -> Result<(BatchTime, BatchTime)> {
        let (mut first, interval) = (self.first, self.parts.interval);
        for (sink, output) in self.edition().sinks.iter().zip(&self.edition().graph.outputs) {
            let about = |error: &dyn std::fmt::Display| Error::failed(format!("output \"{}\": {error}", output.name));
            let Some(last) = sink.last().await.map_err(|error| about(&error))? else { continue };
            if last > self.first.after(MOST_AHEAD.max(interval * 10)) {
                let now_ms = self.parts.clock.now_ms();
                return Err(about(&format_args!(
                    "an earlier run has written batches up to {last}, and now it is {now_ms}: set the machine's clock right if it has gone back, start the job when that time has passed, or write to another place"
                )));
            }
            first = first.max(BatchTime::next_after(last.0, interval));
        }
        if first > self.first {
            tracing::info!(target: "sluicebox::batch", batch_time = first.0, "the first batch comes after those that earlier runs have written");
        }
        Ok((first, first.before(interval)))
    }

    /// The first batch to be planned after those of earlier drivers, and the batch time that it comes after.
    fn go_on(&self, planned: BatchTime) -> (BatchTime, BatchTime) {
        let (first, interval) = (self.first, self.parts.interval);
        // A batch time is given once, also where the clock was set back, or a stop has planned ahead.
        let after_planned = BatchTime::next_after(planned.0, interval);
        let next = first.max(after_planned);
        match self.parts.missed {
            Missed::OneBatch => (next, planned),
            Missed::Skip => (next, next.before(interval).max(planned)),
            Missed::Each => (after_planned, planned),
        }
    }

    /// A batch that an earlier driver has planned.
    fn again(&self, todo: Todo) -> Submitted {
        let (plan, result) = match todo {
            Todo::Commit(plan, result) => (plan, Some(result)),
            Todo::Run(plan) => (plan, None),
        };
        let info = self.info(plan.batch, &plan.inputs);
        Submitted { plan, result, info }
    }

    /// Whether the log doesn't know yet how some source stands that says so. It has to before the first batch is planned: what a source left alone when it was first started can't be
    /// told from what its batches are given.
    fn is_any_new(&self, history: &History) -> Result<bool> {
        let is_known = |name: &str| history.sources.get(name).is_some_and(|source| source.standing.is_some());
        for (_, source) in self.edition().sources.iter().filter(|(name, _)| !is_known(name)) {
            if self.parts.checkpoint.is_some() && source.standing()?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Put together what counts of the log.
    pub(super) async fn compact(&self) -> Result<()> {
        let mut standing = BTreeMap::new();
        for (name, source) in &self.edition().sources {
            standing.extend(source.standing()?.map(|standing| (name.clone(), standing)));
        }
        if let Some(compacted) = self.parts.log.compact(standing).await.map_err(Error::failed)? {
            self.sweep(&compacted).await;
        }
        Ok(())
    }

    /// plan(t), recorded.
    async fn plan(&self, batch: BatchTime, after: BatchTime) -> Result<Submitted> {
        let inputs = self.allocate(batch).await;
        self.submit(batch, after, inputs).await
    }

    /// plan(t) for what the stopped sources still hold; none when that is nothing.
    async fn plan_rest(&self, batch: BatchTime, after: BatchTime) -> Result<Option<Submitted>> {
        let inputs = self.allocate(batch).await;
        if inputs.values().all(InputRange::is_empty) {
            Ok(None)
        } else {
            self.submit(batch, after, inputs).await.map(Some)
        }
    }

    async fn allocate(&self, batch: BatchTime) -> BTreeMap<String, InputRange> {
        let mut inputs = BTreeMap::new();
        let edition = self.edition();
        // All at a time: the slowest of them, as a bucket that is listed or brokers far away, is waited for once.
        let ranges = join_all(edition.sources.values().map(|source| source.allocate(batch))).await;
        for ((name, source), range) in edition.sources.iter().zip(ranges) {
            let range = range.unwrap_or_else(|error| {
                // Nothing was taken, so nothing is lost: the next batch looks again.
                let mut info = receiver_info(name, source.as_ref());
                info.last_error = Some((self.parts.clock.now_ms(), error.to_string()));
                self.tell(&Event::ReceiverError(info));
                InputRange::NoDataset
            });
            inputs.insert(name.clone(), range);
        }
        self.tell_source_errors();
        self.note_drained(&inputs);
        inputs
    }

    async fn submit(
        &self,
        batch: BatchTime,
        after: BatchTime,
        inputs: BTreeMap<String, InputRange>,
    ) -> Result<Submitted> {
        let info = self.info(batch, &inputs);
        // A swap comes before this plan, or after it.
        let planning = self.components.planning.lock().await;
        let current = self.components.current();
        let (plugins, graph) = (current.graph.plugins.clone(), current.fingerprint.clone());
        let interval_ms = u64::try_from(self.parts.interval.as_millis()).ok();
        let plan = PlanRecord { batch, after, inputs, plugins, graph, interval_ms };
        self.parts.log.append(Record::Plan(plan.clone())).await.map_err(Error::failed)?;
        self.components.planned(batch, current.graph.clone());
        drop(planning);
        self.tell(&Event::BatchSubmitted(info.clone()));
        Ok(Submitted { plan, result: None, info })
    }

    /// What is known of a batch before it runs.
    fn info(&self, batch: BatchTime, inputs: &BTreeMap<String, InputRange>) -> BatchInfo {
        let now_ms = self.parts.clock.now_ms();
        let edition = self.edition();
        let input = |(name, range): (&String, &InputRange)| {
            let source = edition.sources.get(name);
            InputInfo {
                stream: name.clone(),
                rows: source.and_then(|source| source.rows(range)),
                rows_per_second: source
                    .filter(|_| matches!(range, InputRange::Blocks(_)))
                    .and_then(|source| self.rate(name, source.as_ref(), now_ms)),
                lines_dropped: source.map_or(0, |source| self.newly_dropped(name, source.as_ref())),
                bad_files: 0,
                rate: source.and_then(|source| source.rate()),
            }
        };
        BatchInfo {
            batch_time: batch,
            inputs: inputs.iter().map(input).collect(),
            submission_time_ms: self.parts.clock.now_ms(),
            processing_start_ms: None,
            processing_end_ms: None,
            outputs: vec![],
            report: Default::default(),
            attempts: 0,
            failure: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_that_passed_are_put_together() {
        let second = Duration::from_secs(1);
        for (now, then, n_skipped) in
            [(999, 1000, 0), (1000, 1000, 0), (1999, 1000, 0), (2000, 2000, 1), (5500, 5000, 4)]
        {
            assert_eq!(caught_up(BatchTime(1000), now, second), (BatchTime(then), n_skipped), "at {now}");
        }
    }
}
