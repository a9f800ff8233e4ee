//! The driver owns a running job: its graph, sources, sinks and log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use super::components::Components;
use super::edition::{Edition, Shared};
use super::keep::Keeper;
use super::listener::{Event, Listeners, ReceiverInfo};
use super::live::Live;
use super::log::{BatchLog, History, taken_over};
use super::remembered::Remembered;
use super::{generate, lease, run};
use crate::checkpoint::Store;
use crate::clock::{BatchTime, Clock};
use crate::engine::{Engine, Plans};
use crate::error::{Error, Result};
use crate::job::definition::Missed;
use crate::plugin::PluginHost;
use crate::receiver::InputStream;
use crate::receiver::wal::ReceivedLog;

/// A job that was given up waits no longer than this for sources to stop.
const LONGEST_PARTING: Duration = Duration::from_secs(5);

/// What the driver has been asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Go on.
    No,
    /// Sources stop; what was received is worked on and committed.
    Gracefully,
    /// Sources stop; the batches that are planned are worked on and committed, and what else was received isn't.
    Planned,
    /// Nothing more is begun, and what runs is given up.
    Now,
}

/// What a driver is made of.
#[derive(Debug)]
pub struct Parts {
    /// The job as it is started.
    pub edition: Arc<Edition>,
    /// Runs plans.
    pub engine: Arc<Engine>,
    /// Makes plans.
    pub plans: Arc<Plans>,
    /// Where batches are recorded.
    pub log: Arc<dyn BatchLog>,
    /// Where state, datasets and components are kept; nothing outlives the process if none.
    pub checkpoint: Option<Store>,
    /// Where received blocks are logged, if there is a checkpoint.
    pub received: Option<ReceivedLog>,
    /// Where the job's components are.
    pub plugins: Arc<PluginHost>,
    /// What becomes of the batch times that passed while no driver ran.
    pub missed: Missed,
    /// After so long without a sign of life a standby takes over.
    pub lease: Duration,
    /// How long what batches left in the checkpoint is kept after they are done.
    pub retain: Duration,
    /// Tells batch times.
    pub clock: Arc<dyn Clock>,
    /// Who is told of events.
    pub listeners: Listeners,
    /// From one batch time to the next.
    pub interval: Duration,
    /// Batches planned and not yet running, at most.
    pub max_waiting_batches: usize,
    /// Stop after that many batches.
    pub batches: Option<u64>,
    /// Stop gracefully once all sources have ended.
    pub drain: bool,
}

/// A job that runs.
#[derive(Debug)]
pub struct Driver {
    pub(super) parts: Parts,
    /// The job as it is now. It changes between two batches only, with the boundary held.
    editions: watch::Sender<Arc<Edition>>,
    /// Held while a batch is planned, and while the job goes from one edition to the next.
    pub(super) boundary: tokio::sync::Mutex<Boundary>,
    /// Sources that are stopped while the job goes on, and of which batches have yet to be given the rest.
    pub(super) leaving: watch::Sender<BTreeSet<String>>,
    /// What batches are planned with.
    pub(super) components: Components,
    /// The first batch's time, fixed when the driver is made: time may pass until the sources have started.
    pub(super) first: BatchTime,
    /// The time of the last batch that is done.
    done: Arc<AtomicI64>,
    /// The last error of each source that listeners were told of.
    errors_told: Mutex<BTreeMap<String, (i64, String)>>,
    /// How many lines each source had left out when the last batch was planned.
    dropped_told: Mutex<BTreeMap<String, u64>>,
    /// When each source was last asked how many rows it had received, and how many that were.
    received_told: Mutex<BTreeMap<String, (i64, u64)>>,
    /// While it is true no batch is planned.
    pub(super) paused: watch::Sender<bool>,
    /// Sources that were started and haven't stopped.
    started: Mutex<BTreeSet<String>>,
    /// All batches are done, and sinks come to an end.
    is_finishing: AtomicBool,
    /// The driver's term, once it has taken over.
    pub(super) term: Arc<OnceLock<u64>>,
    /// Writes the checkpoint, once the driver has taken over.
    pub(super) keeper: OnceLock<Arc<Keeper>>,
}

/// Between two batches.
#[derive(Debug, Default)]
pub(super) struct Boundary {
    /// No more batches are planned but for what sources still hold: the job ends.
    pub is_ending: bool,
}

impl Driver {
    /// A driver that has not started.
    pub fn new(parts: Parts) -> Self {
        let components = Components::new(parts.edition.graph.clone());
        let editions = watch::Sender::new(parts.edition.clone());
        let first = BatchTime::next_after(parts.clock.now_ms(), parts.interval);
        let done = Arc::new(AtomicI64::new(i64::MIN));
        let (errors_told, dropped_told, received_told, started, is_finishing, term, keeper) = Default::default();
        Self {
            parts,
            editions,
            boundary: tokio::sync::Mutex::default(),
            leaving: watch::Sender::default(),
            components,
            first,
            done,
            errors_told,
            dropped_told,
            received_told,
            paused: watch::Sender::new(false),
            started,
            is_finishing,
            term,
            keeper,
        }
    }

    /// The driver's term: 0 where batches are recorded in memory only.
    pub(super) fn term(&self) -> u64 {
        self.term.get().copied().unwrap_or(0)
    }

    /// The job as it is now.
    pub fn edition(&self) -> Arc<Edition> {
        self.editions.borrow().clone()
    }

    /// Returns once the job has recovered, and can be changed.
    pub async fn until_ready(&self) {
        self.components.until_ready().await;
    }

    /// Held by whoever changes the job: swaps, tries a component, or applies a job file.
    pub async fn one_change_at_a_time(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.components.swapping.lock().await
    }

    /// What the job lends to another edition of itself.
    pub fn shared(&self) -> Shared {
        let Parts { engine, plans, plugins, checkpoint, received, listeners, .. } = &self.parts;
        Shared {
            engine: engine.clone(),
            plans: plans.clone(),
            plugins: plugins.clone(),
            checkpoint: checkpoint.clone(),
            received: received.clone(),
            listeners: listeners.clone(),
            edition: self.edition(),
        }
    }

    /// The job is this from now on. The boundary is held, and no batch is under way.
    pub(super) fn set_edition(&self, edition: Arc<Edition>) {
        self.editions.send_replace(edition);
    }

    /// What can be looked at while the job runs.
    pub fn live(&self) -> Live {
        let engine = &self.parts.engine;
        Live {
            editions: self.editions.subscribe(),
            state: engine.services().state.clone(),
            memory: engine.services().memory.clone(),
            plugins: self.parts.plugins.clone(),
            term: self.term.clone(),
        }
    }

    /// Says whether batches are planned: while it holds true none is.
    pub fn pausing(&self) -> watch::Sender<bool> {
        self.paused.clone()
    }

    /// What is remembered of batches that are done.
    pub fn remembered(&self) -> Remembered {
        Remembered { engine: self.parts.engine.clone(), editions: self.editions.subscribe(), done: self.done.clone() }
    }

    /// Who is told of events.
    pub fn listeners(&self) -> Listeners {
        self.parts.listeners.clone()
    }

    /// The batch is done: what it made can be looked at.
    pub(super) fn set_done(&self, batch: BatchTime) {
        self.components.done(batch);
        self.done.store(batch.0, Ordering::Release);
    }

    /// Run the job until it is asked to stop, its batches are used up, its sources have ended, or it fails.
    ///
    /// # Errors
    /// The first failure of a batch, a source that could not start, or a graceful stop that took too long.
    pub async fn run(self: Arc<Self>, stop: watch::Sender<Stop>) -> Result<()> {
        let driver = self;
        let failed = OnceLock::new();
        let (result, longest) = tokio::select! {
            result = driver.clone().start_and_run(&stop, &failed) => (result, driver.edition().stop_timeout),
            result = driver.give_up(stop.subscribe()) => (result, driver.edition().stop_timeout.min(LONGEST_PARTING)),
        };
        driver.part(longest).await;
        // What ended the job comes before what followed from it.
        match failed.into_inner().map_or(result, Err) {
            Err(error) => Err(driver.explained(error, longest).await),
            Ok(()) => Ok(()),
        }
    }

    /// A driver that hasn't noticed yet that another has taken over may miss what that one has removed: then this is what has ended it.
    async fn explained(&self, error: Error, longest: Duration) -> Error {
        let overtaken = tokio::time::timeout(longest, self.parts.log.overtaken()).await;
        let Some(taken_over) = overtaken.ok().flatten().map(taken_over) else { return error };
        match error.to_string() {
            told if told.contains(&taken_over) => error,
            told => Error::failed(format_args!("{taken_over}: {told}")),
        }
    }

    /// Sources stop and let go of what they hold, the lease is given back, and the log of received blocks is closed. A source that hangs is left behind.
    async fn part(&self, longest: Duration) {
        let parting = async {
            self.stop_sources().await;
            self.give_back_lease().await;
            self.close_sources().await;
            if let Some(log) = &self.parts.received {
                log.close().await;
            }
        };
        if tokio::time::timeout(longest, parting).await.is_err() {
            let (hanging, longest) = (self.started.lock().clone(), humantime::format_duration(longest));
            tracing::warn!(target: "sluicebox::receiver", ?hanging, %longest, "sources have not come to an end, and are left behind");
        }
    }

    async fn start_and_run(self: Arc<Self>, stop: &watch::Sender<Stop>, failed: &OnceLock<Error>) -> Result<()> {
        let driver = self;
        // Counted from the batch time before the first, as later readings are from their batches': on a busy machine time passes until this is run, and that is
        // not to decide which batch reads a table anew.
        let begin = driver.first.before(driver.parts.interval);
        driver.edition().tables.start(&driver.parts.engine, begin).await?;
        let memory = &driver.parts.engine.services().memory;
        driver.edition().broadcasts.start(memory, begin).await?;
        let history = driver.take_over().await?;
        tokio::select! {
            result = driver.clone().recover_and_run(history, stop, failed) => result,
            // From here on: opening outputs, recovering and starting sources may each take longer than a lease lasts.
            () = driver.hold_lease() => Ok(()),
        }
    }

    /// Take up what the drivers before have left, and run the job.
    async fn recover_and_run(
        self: Arc<Self>,
        history: History,
        stop: &watch::Sender<Stop>,
        failed: &OnceLock<Error>,
    ) -> Result<()> {
        let driver = self;
        driver.open_outputs(&history).await?;
        driver.recover(&history).await?;
        driver.components.ready();
        driver.start_sources().await?;
        driver.tell(&Event::StreamingStarted { time_ms: driver.parts.clock.now_ms() });
        let watching = async { tokio::join!(driver.watch_sources(stop, failed), driver.watch_sinks(stop)) };
        let (submit, submitted) = mpsc::channel(driver.parts.max_waiting_batches.max(1));
        let generating = generate::generate(driver.clone(), history, stop.subscribe(), submit);
        let running = run::run_batches(driver.clone(), submitted);
        tokio::select! {
            result = async { tokio::try_join!(generating, running)?; driver.finish_sinks().await; Ok(()) } => result,
            _ = watching => Ok(()),
        }
    }

    /// Says that this driver is there, for standbys. Never returns.
    async fn hold_lease(&self) {
        if let Some(store) = &self.parts.checkpoint {
            lease::hold(store, &self.parts.clock, self.term(), self.parts.lease).await;
        }
        std::future::pending().await
    }

    async fn give_back_lease(&self) {
        if let Some(store) = &self.parts.checkpoint {
            lease::give_back(store, self.term()).await;
        }
    }

    pub(super) fn tell(&self, event: &Event) {
        self.parts.listeners.tell(event);
    }

    /// Tell of errors that sources have met since this was last called, and went on after.
    pub(super) fn tell_source_errors(&self) {
        for (name, source) in &self.edition().sources {
            let info = receiver_info(name, source.as_ref());
            if let Some(error) = &info.last_error {
                let known = self.errors_told.lock().insert(name.clone(), error.clone());
                if known.as_ref() != Some(error) {
                    self.tell(&Event::ReceiverError(info));
                }
            }
        }
    }

    /// Lines that a source has left out since this was last called.
    pub(super) fn newly_dropped(&self, name: &str, source: &dyn InputStream) -> u64 {
        let dropped = source.status().lines_dropped;
        let before = self.dropped_told.lock().insert(name.to_owned(), dropped).unwrap_or(0);
        dropped - before
    }

    /// What was told of a source is forgotten: another takes its place.
    pub(super) fn forget_source(&self, name: &str) {
        self.errors_told.lock().remove(name);
        self.dropped_told.lock().remove(name);
        self.received_told.lock().remove(name);
    }

    pub(super) fn set_started(&self, name: &str, is_started: bool) {
        let mut started = self.started.lock();
        match is_started {
            true => started.insert(name.to_owned()),
            false => started.remove(name),
        };
    }

    pub(super) fn is_started(&self, name: &str) -> bool {
        self.started.lock().contains(name)
    }

    async fn start_sources(&self) -> Result<()> {
        for (name, source) in &self.edition().sources {
            // What it receives from now on counts.
            self.rate(name, source.as_ref(), self.parts.clock.now_ms());
            if let Err(error) = source.start().await {
                self.stop_sources().await;
                return Err(error);
            }
            self.started.lock().insert(name.clone());
            self.tell(&Event::ReceiverStarted(receiver_info(name, source.as_ref())));
        }
        Ok(())
    }

    /// Stop the sources that were started, those that are about to connect or have ended by themselves too. Calling it again changes nothing.
    pub(super) async fn stop_sources(&self) {
        let started = self.started.lock().clone();
        let edition = self.edition();
        let started = edition.sources.iter().filter(|(name, _)| started.contains(*name));
        futures::future::join_all(started.map(|(name, source)| async move {
            source.stop().await;
            self.started.lock().remove(name);
            self.tell(&Event::ReceiverStopped(receiver_info(name, source.as_ref())));
        }))
        .await;
    }

    /// Let sources go of what they hold: nothing is done with their rows any more.
    async fn close_sources(&self) {
        futures::future::join_all(self.edition().sources.values().map(|source| source.close())).await;
    }

    /// Wait for what sinks do in the background. All batches are done.
    async fn finish_sinks(&self) {
        self.is_finishing.store(true, Ordering::Release);
        futures::future::join_all(self.edition().sinks.iter().map(|sink| sink.finish())).await;
    }

    /// Rows a second that a source has received since this was last asked, at about `now_ms`.
    pub(super) fn rate(&self, name: &str, source: &dyn InputStream, now_ms: i64) -> Option<u64> {
        let rows = source.status().rows_received;
        let (before_ms, before) = self.received_told.lock().insert(name.to_owned(), (now_ms, rows))?;
        let millis = u64::try_from(now_ms.saturating_sub(before_ms)).ok().filter(|millis| *millis > 0)?;
        Some(u64::try_from(u128::from(rows.saturating_sub(before)) * 1000 / u128::from(millis)).unwrap_or(u64::MAX))
    }

    /// Returns what `work` does of the job as it is, begun anew with each edition.
    async fn of_each_edition<F: Future>(&self, work: impl Fn(Arc<Edition>) -> F) -> F::Output {
        let mut editions = self.editions.subscribe();
        loop {
            let edition = editions.borrow_and_update().clone();
            tokio::select! {
                done = work(edition) => return done,
                // The sender lives as long as self, so this is always another edition.
                _ = editions.changed() => {}
            }
        }
    }

    /// Asks for a graceful stop when a source can't go on, which is kept in `failed`, and when draining and all sources have ended. Never returns.
    async fn watch_sources(&self, stop: &watch::Sender<Stop>, failed: &OnceLock<Error>) {
        let all_ended = |edition: Arc<Edition>| async move {
            futures::future::try_join_all(edition.sources.values().map(|source| source.ended())).await
        };
        let ended = self.of_each_edition(all_ended).await;
        let stops = ended.is_err() || self.parts.drain;
        if let Err(error) = ended {
            tracing::error!(target: "sluicebox::receiver", %error, "a source can't go on: the job stops once what was received is processed");
            let _ = failed.set(error);
        }
        if stops {
            stop_gracefully(stop);
        }
        std::future::pending().await
    }

    /// Asks for a graceful stop when nobody reads an output any more. Never returns.
    async fn watch_sinks(&self, stop: &watch::Sender<Stop>) {
        let any_closed = |edition: Arc<Edition>| async move {
            let closed = edition.sinks.iter().zip(&edition.graph.outputs).map(|(sink, output)| async move {
                sink.closed().await;
                tracing::info!(target: "sluicebox::output", output = output.name, "nobody reads the output any more: the job stops");
                stop_gracefully(stop);
            });
            futures::future::join_all(closed).await;
        };
        self.of_each_edition(any_closed).await;
        std::future::pending().await
    }

    /// Returns when the job must not go on: at once where that was asked for, and when a graceful stop takes too long.
    async fn give_up(&self, mut stop: watch::Receiver<Stop>) -> Result<()> {
        let asked = stop.wait_for(|stop| *stop >= Stop::Gracefully).await.map(|stop| *stop);
        if matches!(asked, Ok(Stop::Gracefully | Stop::Planned)) {
            let timeout = self.edition().stop_timeout;
            let now = tokio::time::timeout(timeout, stop.wait_for(|stop| *stop == Stop::Now)).await;
            if now.is_err() && self.is_finishing.load(Ordering::Acquire) {
                let timeout = humantime::format_duration(timeout);
                tracing::warn!(target: "sluicebox::output", %timeout, "all batches are done, and what outputs do in the background is given up; raise [job] stop-timeout");
            } else if now.is_err() {
                return Err(Error::failed(format!(
                    "the job did not stop within {}: batches that were not done are given up; raise [job] stop-timeout",
                    humantime::format_duration(timeout)
                )));
            }
        }
        Ok(())
    }
}

fn stop_gracefully(stop: &watch::Sender<Stop>) {
    stop.send_if_modified(|now| {
        let first = *now == Stop::No;
        *now = (*now).max(Stop::Gracefully);
        first
    });
}

pub(super) fn receiver_info(stream: &str, source: &dyn InputStream) -> ReceiverInfo {
    let status = source.status();
    ReceiverInfo {
        stream: stream.to_owned(),
        active: status.active,
        rows_received: status.rows_received,
        lines_dropped: status.lines_dropped,
        last_error: status.last_error,
    }
}
