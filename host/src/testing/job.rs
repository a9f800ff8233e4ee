//! A job on a manual clock, batch by batch.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::events::Events;
use crate::clock::{BatchTime, Clock, ManualClock};
use crate::context::{Options, Prepared, RunningJob};
use crate::error::{Error, Result};

/// How long a batch may take, by the machine's clock, before it counts as hanging. Nothing waits that long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A job whose batch times come when they are called for; the handle on it otherwise.
#[derive(Debug)]
pub struct ManualJob {
    job: RunningJob,
    clock: ManualClock,
    events: Events,
    interval: Duration,
    n_batches: usize,
}

impl ManualJob {
    /// `options` with a clock that stands at `start_ms` and a listener that keeps events, both of which [`ManualJob::new`] takes.
    pub fn options(options: Options, start_ms: i64) -> (Options, ManualClock, Events) {
        let (clock, events) = (ManualClock::new(start_ms), Events::default());
        let mut options = Options { clock: Arc::new(clock.clone()), ..options };
        options.listeners.push(Arc::new(events.clone()));
        (options, clock, events)
    }

    /// Start a prepared job with the options it was prepared with.
    ///
    /// # Errors
    /// When a sink can't be made ready.
    pub fn start(prepared: Prepared, options: &Options, clock: ManualClock, events: Events) -> Result<Self> {
        let interval = prepared.interval();
        Ok(Self::new(prepared.start(options)?, clock, events, interval))
    }

    /// A job that was started with this clock and these events among its options, and has a batch every `interval`.
    pub fn new(job: RunningJob, clock: ManualClock, events: Events, interval: Duration) -> Self {
        Self { job, clock, events, interval, n_batches: 0 }
    }

    /// Let the next batch time come, and wait until its batch is completed, or has failed for good.
    ///
    /// # Errors
    /// Why the job failed, if it did.
    pub async fn batch(&mut self) -> Result<()> {
        self.n_batches += 1;
        self.clock.advance_to(BatchTime::next_after(self.clock.now_ms(), self.interval).0);
        let completed = async {
            tokio::select! {
                biased;
                result = self.job.await_termination() => result,
                () = self.events.until_completed(self.n_batches) => Ok(()),
            }
        };
        let result = tokio::time::timeout(PATIENCE, completed).await.unwrap_or_else(|_| {
            let n_batches = self.n_batches;
            Err(Error::failed(format!("batch {n_batches} was not completed within {} s", PATIENCE.as_secs())))
        });
        result?;
        if self.events.batches().last().is_some_and(|batch| batch.failure.is_some()) {
            // The job ends of it: its own error is the one to tell.
            return self.job.await_termination().await;
        }
        Ok(())
    }

    /// Its clock.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// What it has told.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// How many batches were called for.
    pub fn n_batches(&self) -> usize {
        self.n_batches
    }
}

impl Deref for ManualJob {
    type Target = RunningJob;

    fn deref(&self) -> &RunningJob {
        &self.job
    }
}
