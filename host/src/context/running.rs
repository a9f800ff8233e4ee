//! A handle on a job that runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;

use super::about::About;
use super::prepare::{Options, prepare_beside, remake};
use crate::batch::listener::{Listener, Listeners};
use crate::batch::log::{ApplyRecord, SwapRecord};
use crate::batch::{
    ApplyPlan, CanaryRequest, Candidate, Comparison, Dataset, Driver, Live, Remembered, RollbackRequest, Stop,
    SwapRequest, Wish,
};
use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::job::definition::{Definition, FileText};
use crate::memory::MemoryBudget;
use crate::plugin::Digest;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is being built: streams, plugins and outputs can be added.
    Initialized,
    /// It runs.
    Active,
    /// It runs, and plans no batches until it is resumed.
    Paused,
    /// It was asked to stop, and finishes what it has.
    Stopping,
    /// It has stopped or failed, and can't be started again.
    Stopped,
}

/// A running job. Dropping the handle stops it at once; stop it first, or wait for it.
#[derive(Debug)]
pub struct RunningJob {
    stop: watch::Sender<Stop>,
    ended: Ended,
    remembered: Remembered,
    listeners: Listeners,
    paused: watch::Sender<bool>,
    live: Live,
    options: Options,
    /// Gone once the job has ended.
    driver: Weak<Driver>,
}

impl RunningJob {
    /// Run a driver on the current runtime.
    pub(super) fn spawn(driver: Driver, options: Options) -> Self {
        let stop = watch::Sender::new(Stop::No);
        let (end, ended) = watch::channel(None);
        let (remembered, listeners) = (driver.remembered(), driver.listeners());
        let (paused, live) = (driver.pausing(), driver.live());
        let driver = Arc::new(driver);
        let weak = Arc::downgrade(&driver);
        let driving = driver.run(stop.clone());
        tokio::spawn(async move {
            let result = driving.await;
            end.send_replace(Some(result.map_err(|error| error.to_string())));
        });
        Self { stop, ended, remembered, listeners, paused, live, options, driver: weak }
    }

    /// Where the job stands.
    pub fn state(&self) -> State {
        if self.ended.borrow().is_some() {
            State::Stopped
        } else if *self.stop.borrow() > Stop::No {
            State::Stopping
        } else if *self.paused.borrow() {
            State::Paused
        } else {
            State::Active
        }
    }

    /// Plan no more batches until the job is resumed. Those that are planned are worked on; sources go on until what they hold is as much as they may. The job's driver
    /// keeps its lease, and nothing is recorded: a job that ends while it is paused goes on, when it is started again, as if it hadn't been.
    ///
    /// Says whether it was not paused before.
    pub fn pause(&self) -> bool {
        let changed = self.paused.send_if_modified(|paused| !std::mem::replace(paused, true));
        if changed {
            tracing::info!(target: "sluicebox::batch", "paused: no batches are planned until the job is resumed");
        }
        changed
    }

    /// Plan batches again; the batch times that passed are one batch. Says whether it was paused.
    pub fn resume(&self) -> bool {
        let changed = self.paused.send_if_modified(|paused| std::mem::replace(paused, false));
        if changed {
            tracing::info!(target: "sluicebox::batch", "resumed");
        }
        changed
    }

    /// What the job is.
    pub fn about(&self) -> Arc<About> {
        self.live.about()
    }

    /// The job file that the job is of; none of a job of a program, and once it has ended.
    pub fn file(&self) -> Option<Arc<FileText>> {
        self.driver.upgrade()?.edition().definition().file.clone()
    }

    /// What of it can be looked at while it runs.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Tell `listener` of what happens from now on.
    pub fn add_listener(&self, listener: Arc<dyn Listener>) {
        self.listeners.add(listener);
    }

    /// Tell `listener` of nothing more; says whether it was told until now.
    pub fn remove_listener(&self, listener: &Arc<dyn Listener>) -> bool {
        self.listeners.remove(listener)
    }

    /// The job's memory, which says how much of it is used for what.
    pub fn memory(&self) -> &MemoryBudget {
        self.live.memory()
    }

    /// The datasets of a stream from the batch at `from` up to the batch at `to`, as far as `[job] remember` keeps them. See [`Remembered::slice`].
    ///
    /// # Errors
    /// When there is no such stream, no output needs it, nothing is remembered, or `to` is before `from`.
    pub fn slice(&self, stream: &str, from: BatchTime, to: BatchTime) -> Result<Vec<Dataset>> {
        self.remembered.slice(stream, from, to)
    }

    /// Give a plugin another component while the job runs. It is validated and compiled beside the batches; then the next batch that is planned runs with it, and all after.
    /// Returns once that is recorded.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what doesn't fit, and nothing has changed; [`Error::Failed`] when the job has ended, or the swap can't be recorded.
    pub async fn swap(&self, request: SwapRequest) -> Result<SwapRecord> {
        let driver = self.driver()?;
        unless_ended(self.ended.clone(), driver.swap(request)).await
    }

    /// Run a candidate for a plugin's component beside the current one, for as many batches as is asked for, and compare what they make. Nothing of what the candidate makes is used. Dropping the future ends it.
    ///
    /// # Errors
    /// As [`RunningJob::swap`], and where the plugin makes no stream.
    pub fn canary(&self, request: CanaryRequest) -> impl Future<Output = Result<Comparison>> + Send + use<> {
        let (driver, ended) = (self.driver(), self.ended.clone());
        async move { unless_ended(ended, driver?.canary(request)).await }
    }

    /// How the candidate stands that is tried now; none if none is.
    pub fn comparison(&self) -> Option<Comparison> {
        self.driver.upgrade()?.comparison()
    }

    /// Give a plugin a component that it was before.
    ///
    /// # Errors
    /// As [`RunningJob::swap`]; also when the plugin was never that component, or its bytes are gone.
    pub async fn rollback(&self, request: RollbackRequest) -> Result<SwapRecord> {
        let driver = self.driver()?;
        unless_ended(self.ended.clone(), driver.rollback(request)).await
    }

    /// The last swaps, oldest first; none once the job has ended.
    pub fn swaps(&self) -> Vec<SwapRecord> {
        self.driver.upgrade().map_or(vec![], |driver| driver.swaps())
    }

    /// The component that each plugin is in batches planned from now on, by the plugins' names; none once the job has ended.
    pub fn components(&self) -> BTreeMap<String, Digest> {
        self.driver.upgrade().map_or(BTreeMap::new(), |driver| driver.components_now())
    }

    /// What applying another definition would change. Nothing is done; what is wrong with it is in the plan.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the mistakes of a definition that no job could be made of; [`Error::Failed`] when the job has ended.
    pub async fn plan(&self, definition: Definition) -> Result<ApplyPlan> {
        let (driver, options) = (self.driver()?, self.options.clone());
        let planned = async move {
            driver.until_ready().await;
            let candidate = candidate(&driver, definition, &options).await?;
            tokio::task::spawn_blocking(move || driver.plan_of(&candidate)).await.map_err(Error::failed)
        };
        unless_ended(self.ended.clone(), planned).await
    }

    /// Apply another definition, as an edited job file has it: streams, operators and outputs that are added or removed, other limits, rates, policies and grants. All of it is checked and made ready beside
    /// the batches; then, between two batches, the job goes over to it. Returns once it has. It is brought to its end also when the future is dropped.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is wrong, or can't change while the job runs, and [`Error::Failed`] when something new can't be opened or started, or the job has ended: nothing has changed then.
    pub async fn apply(&self, request: ApplyRequest) -> Result<ApplyRecord> {
        let (driver, options, ended) = (self.driver()?, self.options.clone(), self.ended.clone());
        let applied = tokio::spawn(unless_ended(ended, async move {
            let ApplyRequest { definition, planned_from, by, why } = request;
            driver.until_ready().await;
            let _one = driver.one_change_at_a_time().await;
            let shared = driver.shared();
            let now = shared.edition.definition().digest();
            if planned_from.is_some_and(|from| from != now) {
                let message = "another job file was applied to the job since it was looked at what would change";
                return Err(Error::invalid_with_help(message, "look at it once more"));
            }
            let candidate = candidate(&driver, definition, &options).await?;
            let remake = |name: &str| remake(&shared, &options, name);
            driver.apply(candidate, Wish { by, why }, &remake).await
        }));
        applied.await.map_err(Error::failed)?
    }

    /// The last job files that were applied, oldest first; none once the job has ended.
    pub fn applies(&self) -> Vec<ApplyRecord> {
        self.driver.upgrade().map_or(vec![], |driver| driver.applies())
    }

    fn driver(&self) -> Result<Arc<Driver>> {
        self.driver.upgrade().ok_or_else(|| Error::failed("the job has ended"))
    }

    /// Wait until the job has stopped.
    ///
    /// # Errors
    /// Why the job failed, if it did.
    pub async fn await_termination(&self) -> Result<()> {
        let mut ended = self.ended.clone();
        let result = ended.wait_for(Option::is_some).await;
        match result.map(|result| result.clone()) {
            Ok(Some(Err(error))) => Err(Error::Failed(error)),
            Ok(_) => Ok(()),
            Err(_) => Err(Error::failed("the job's own task has ended without a result")),
        }
    }

    /// Wait until the job has stopped, or `timeout` has passed; says whether it has stopped.
    ///
    /// # Errors
    /// Why the job failed, if it did.
    pub async fn await_termination_or_timeout(&self, timeout: Duration) -> Result<bool> {
        match tokio::time::timeout(timeout, self.await_termination()).await {
            Ok(result) => result.map(|()| true),
            Err(_) => Ok(false),
        }
    }

    /// Ask the job to stop: gracefully, so that what was received is worked on and committed first, or at once. Returns at once.
    pub fn request_stop(&self, gracefully: bool) {
        self.ask(if gracefully { Stop::Gracefully } else { Stop::Now });
    }

    /// Ask the job to stop once the batches that are planned are done. What was received and no batch was given is lost, unless the job has a checkpoint, and is
    /// read again when the job goes on. Returns at once.
    pub fn request_stop_after_planned(&self) {
        self.ask(Stop::Planned);
    }

    /// Whether the job was asked to stop at once.
    pub fn is_stopped_at_once(&self) -> bool {
        *self.stop.borrow() == Stop::Now
    }

    fn ask(&self, asked: Stop) {
        self.stop.send_if_modified(|stop| {
            let more = asked > *stop;
            *stop = (*stop).max(asked);
            more
        });
    }

    /// Stop the job and wait until it has stopped.
    ///
    /// # Errors
    /// Why the job failed, if it did; a graceful stop that took too long is a failure.
    pub async fn stop(&self, gracefully: bool) -> Result<()> {
        self.request_stop(gracefully);
        self.await_termination().await
    }
}

/// What is to be applied.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// The job as it is to be.
    pub definition: Definition,
    /// The job file that the job was of when it was looked at what would change, where that was done: if it isn't any more, nothing is applied.
    pub planned_from: Option<Option<Digest>>,
    /// Who wants it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A definition made ready beside the job that runs.
async fn candidate(driver: &Arc<Driver>, definition: Definition, options: &Options) -> Result<Candidate> {
    let (shared, options) = (driver.shared(), options.clone());
    let started_ms = shared.edition.about.started_ms;
    let prepared = tokio::task::spawn_blocking(move || prepare_beside(definition, &options, &shared)).await;
    driver.candidate(prepared.map_err(Error::failed)??.into_edition(started_ms)).await
}

type Ended = watch::Receiver<Option<std::result::Result<(), String>>>;

/// Wait for `work`, or for the job's end.
async fn unless_ended<T>(mut ended: Ended, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        done = work => done,
        _ = ended.wait_for(Option::is_some) => Err(Error::failed("the job has ended")),
    }
}

impl Drop for RunningJob {
    fn drop(&mut self) {
        self.request_stop(false);
    }
}
