//! The driver owns a running job: its graph, sources, sinks and log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use super::listener::{Event, Listener, ReceiverInfo};
use super::log::BatchLog;
use super::{WAITING_BATCHES, generate, run};
use crate::clock::{BatchTime, Clock};
use crate::dstream::Graph;
use crate::engine::{Engine, Plans};
use crate::error::{Error, Result};
use crate::output::Sink;
use crate::receiver::InputStream;

/// What the driver has been asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Go on.
    No,
    /// Sources stop; what was received is worked on and committed.
    Gracefully,
    /// Nothing more is begun, and what runs is given up.
    Now,
}

/// What a driver is made of.
#[derive(Debug)]
pub struct Parts {
    /// The streams.
    pub graph: Graph,
    /// The sources, by stream name.
    pub sources: BTreeMap<String, Arc<dyn InputStream>>,
    /// The sinks, in the order of the graph's outputs.
    pub sinks: Vec<Arc<dyn Sink>>,
    /// Runs plans.
    pub engine: Arc<Engine>,
    /// Makes plans.
    pub plans: Arc<Plans>,
    /// Where batches are recorded.
    pub log: Arc<dyn BatchLog>,
    /// Tells batch times.
    pub clock: Arc<dyn Clock>,
    /// Who is told of events.
    pub listeners: Vec<Arc<dyn Listener>>,
    /// From one batch time to the next.
    pub interval: Duration,
    /// How long a graceful stop may take.
    pub stop_timeout: Duration,
    /// Stop after that many batches.
    pub batches: Option<u64>,
    /// Stop gracefully once all sources have ended.
    pub drain: bool,
}

/// A job that runs.
#[derive(Debug)]
pub struct Driver {
    pub(super) parts: Parts,
    pub(super) fingerprint: String,
    /// The first batch's time, fixed when the driver is made: time may pass until the sources have started.
    pub(super) first: BatchTime,
    /// The last error of each source that listeners were told of.
    errors_told: Mutex<BTreeMap<String, (i64, String)>>,
}

impl Driver {
    /// A driver that has not started.
    pub fn new(parts: Parts) -> Self {
        let fingerprint = parts.graph.fingerprint();
        let first = BatchTime::next_after(parts.clock.now_ms(), parts.interval);
        Self { parts, fingerprint, first, errors_told: Mutex::default() }
    }

    /// Run the job until it is asked to stop, its batches are used up, its sources have ended, or it fails.
    ///
    /// # Errors
    /// The first failure of a batch, a source that could not start, or a graceful stop that took too long.
    pub async fn run(self, stop: watch::Sender<Stop>) -> Result<()> {
        let driver = Arc::new(self);
        driver.start_sources().await?;
        driver.tell(&Event::StreamingStarted { time_ms: driver.parts.clock.now_ms() });
        let ended = driver.clone().stop_when_ended(stop.clone());
        let (submit, submitted) = mpsc::channel(WAITING_BATCHES);
        let generating = generate::generate(driver.clone(), stop.subscribe(), submit);
        let running = run::run_batches(driver.clone(), submitted);
        let result = tokio::select! {
            result = async { tokio::try_join!(generating, running) } => result.map(|_| ()),
            result = driver.give_up(stop.subscribe()) => result,
            () = ended => Ok(()),
        };
        driver.stop_sources().await;
        result
    }

    pub(super) fn tell(&self, event: &Event) {
        for listener in &self.parts.listeners {
            listener.on_event(event);
        }
    }

    /// Tell of errors that sources have met since this was last called, and went on after.
    pub(super) fn tell_source_errors(&self) {
        for (name, source) in &self.parts.sources {
            let info = receiver_info(name, source.as_ref());
            if let Some(error) = &info.last_error {
                let known = self.errors_told.lock().insert(name.clone(), error.clone());
                if known.as_ref() != Some(error) {
                    self.tell(&Event::ReceiverError(info));
                }
            }
        }
    }

    async fn start_sources(&self) -> Result<()> {
        for (name, source) in &self.parts.sources {
            if let Err(error) = source.start().await {
                self.stop_sources().await;
                return Err(error);
            }
            self.tell(&Event::ReceiverStarted(receiver_info(name, source.as_ref())));
        }
        Ok(())
    }

    /// Stop the sources that are active; stopping those that have stopped already changes nothing.
    pub(super) async fn stop_sources(&self) {
        let active = self.parts.sources.iter().filter(|(_, source)| source.status().active);
        futures::future::join_all(active.map(|(name, source)| async move {
            source.stop().await;
            self.tell(&Event::ReceiverStopped(receiver_info(name, source.as_ref())));
        }))
        .await;
    }

    /// Asks for a graceful stop when draining and all sources have ended; never returns.
    async fn stop_when_ended(self: Arc<Self>, stop: watch::Sender<Stop>) {
        if self.parts.drain {
            futures::future::join_all(self.parts.sources.values().map(|source| source.ended())).await;
            stop.send_if_modified(|now| {
                let first = *now == Stop::No;
                *now = (*now).max(Stop::Gracefully);
                first
            });
        }
        std::future::pending().await
    }

    /// Returns when the job must not go on: at once where that was asked for, and when a graceful stop takes too long.
    async fn give_up(&self, mut stop: watch::Receiver<Stop>) -> Result<()> {
        let asked = stop.wait_for(|stop| *stop >= Stop::Gracefully).await.map(|stop| *stop);
        if matches!(asked, Ok(Stop::Gracefully)) {
            let timeout = self.parts.stop_timeout;
            let now = tokio::time::timeout(timeout, stop.wait_for(|stop| *stop == Stop::Now)).await;
            if now.is_err() {
                return Err(Error::failed(format!(
                    "the job did not stop within {}: batches that were not done are given up; raise [job] stop-timeout",
                    humantime::format_duration(timeout)
                )));
            }
        }
        Ok(())
    }
}

pub(super) fn receiver_info(stream: &str, source: &dyn InputStream) -> ReceiverInfo {
    let status = source.status();
    ReceiverInfo { stream: stream.to_owned(), active: status.active, last_error: status.last_error }
}
