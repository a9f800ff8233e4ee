//! One instance of a component in a store of its own: how it is made, called within limits, and given up when it fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap, UpdateDeadline, WasmBacktrace};

use super::error::{Limit, PluginError, PluginErrorKind, Result, Role, cut, shown};
use super::guest::{Guest, Running};
use super::limiter::Limiter;
use super::reference::References;
use super::ticker::{Ticker, ticks};
use super::wasi::Exited;
use super::{Digest, Limits, OperatorRef, Task};
use crate::clock::ThreadStopwatch;
use crate::memory::MemoryBudget;

/// What an answer may have beside its rows: nodes, lengths, and the texts of errors, in bytes of the host.
const ANSWER_OVERHEAD: u64 = 4 << 20;
/// How much of a guest's stack an error shows, in bytes.
const MAX_BACKTRACE: usize = 8_192;

/// The call that makes an instance, which runs what the guest runs at its start.
const INSTANTIATION: &str = "instantiation";

/// What all instances share.
#[derive(Debug)]
pub struct Sandbox {
    /// The engine that compiled them.
    pub engine: Engine,
    /// The budget their memory comes from.
    pub budget: MemoryBudget,
    /// Keeps time while they run.
    pub ticker: Ticker,
    /// What they did.
    pub counts: Counts,
    /// What they may read of the job's.
    pub references: Arc<References>,
}

/// Sums over all instances since the host started.
#[derive(Debug, Default)]
pub struct Counts {
    /// Instances made.
    pub instances: AtomicU64,
    /// Calls made.
    pub calls: AtomicU64,
    /// Nanoseconds spent in them.
    pub nanos: AtomicU64,
    /// Calls that ended in a trap, a limit of memory included.
    pub traps: AtomicU64,
    /// Calls that took too long.
    pub timeouts: AtomicU64,
    /// The most linear memory that one instance had, in bytes.
    pub memory_peak: AtomicU64,
}

/// What an instance used and counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskReport {
    /// The operator's own counters.
    pub counters: BTreeMap<String, u64>,
    /// Lines it logged over its limit, which were dropped.
    pub log_dropped: u64,
    /// The most linear memory it had, in bytes.
    pub memory_peak: u64,
    /// Calls made.
    pub calls: u64,
    /// Nanoseconds spent in them.
    pub nanos: u64,
}

/// Whom an instance works for, for limits and errors.
#[derive(Debug, Clone)]
pub struct Work {
    /// The operator; none while a component is added or looked at.
    pub op: Option<OperatorRef>,
    /// The component.
    pub digest: Digest,
    /// The partition; none while schemas are agreed on.
    pub task: Option<Task>,
    /// What it may use.
    pub limits: Limits,
    /// What the rows are to the job.
    pub role: Role,
}

impl Work {
    /// Work of `op`, on `task` if there is one.
    pub fn of(op: &OperatorRef, task: Option<&Task>) -> Self {
        Self {
            op: Some(op.clone()),
            digest: op.digest,
            task: task.cloned(),
            limits: op.limits.clone(),
            role: Role::Stream,
        }
    }

    /// Work on a component as a whole.
    pub fn on(digest: Digest, limits: Limits) -> Self {
        Self { op: None, digest, task: None, limits, role: Role::Stream }
    }

    /// The same work, on rows that are something else to the job.
    pub fn in_role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// An error that says whose it is.
    pub fn error(&self, kind: PluginErrorKind) -> PluginError {
        let may_differ = self.task.is_some() && self.limits.grants.may_differ();
        let error = PluginError::new(kind).of(self.digest).during(self.task.as_ref()).in_role(self.role);
        let error = error.given_what_may_differ(may_differ);
        match &self.op {
            Some(op) => error.by(&op.plugin, &op.operator, op.digest),
            None => error,
        }
    }
}

/// A live instance, and the exports of the world `W`.
pub struct Instance<W> {
    sandbox: Arc<Sandbox>,
    /// Whom it works for.
    pub work: Work,
    /// None once a call has failed: what is left of a guest that trapped is not used again.
    live: Option<(Store<Guest>, W)>,
    calls: u64,
    nanos: u64,
}

impl<W> Instance<W> {
    /// Make a fresh instance with `instantiate`, within the limits of `work`.
    ///
    /// # Errors
    /// If there is no memory or no slot for it, or what the guest runs at its start fails.
    pub fn new(
        sandbox: &Arc<Sandbox>,
        work: Work,
        instantiate: impl FnOnce(&mut Store<Guest>) -> wasmtime::Result<W>,
    ) -> Result<Self> {
        let limiter = Limiter::new(&work.limits, &sandbox.budget)
            .map_err(|over| work.error(PluginErrorKind::OverBudget(over)))?;
        let guest = Guest::new(work.op.as_ref(), work.task.as_ref(), work.role, limiter, &sandbox.references);
        let mut store = Store::new(&sandbox.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.epoch_deadline_callback(|mut store| Ok(at_deadline(&mut store.data_mut().running)));
        sandbox.counts.instances.fetch_add(1, Ordering::Relaxed);
        let mut starting = Instance { sandbox: Arc::clone(sandbox), work, live: Some((store, ())), calls: 0, nanos: 0 };
        let world = starting.call(INSTANTIATION, |(), store| instantiate(store))?;
        let Instance { sandbox, work, live, .. } = starting;
        Ok(Self { sandbox, work, live: live.map(|(store, ())| (store, world)), calls: 0, nanos: 0 })
    }

    /// Make a call, within the limits of time and of what may be returned.
    ///
    /// # Errors
    /// If the guest fails; the instance has ended then, and each further call is an error.
    pub fn call<R>(
        &mut self,
        call: &'static str,
        make: impl FnOnce(&W, &mut Store<Guest>) -> wasmtime::Result<R>,
    ) -> Result<R> {
        self.call_that_waits(call, Duration::ZERO, make)
    }

    /// Make a call that may take so much longer than others, as it is to wait for something.
    ///
    /// # Errors
    /// As [`Instance::call`].
    pub fn call_that_waits<R>(
        &mut self,
        call: &'static str,
        wait: Duration,
        make: impl FnOnce(&W, &mut Store<Guest>) -> wasmtime::Result<R>,
    ) -> Result<R> {
        let Some((store, world)) = &mut self.live else {
            let what = "it was called again after it had failed".to_owned();
            return Err(self.work.error(PluginErrorKind::Sandbox(what)).calling(call));
        };
        let limits = &self.work.limits;
        store.set_epoch_deadline(1);
        store.set_hostcall_fuel(usize::try_from(limits.output.saturating_add(ANSWER_OVERHEAD)).unwrap_or(usize::MAX));
        store.data_mut().begin_call(call);
        let running = Running::start(limits.time, wait);
        let watch = running.passed;
        store.data_mut().running = running;
        let answer = {
            let _keeping_time = self.sandbox.ticker.call();
            make(world, store)
        };
        store.data_mut().end_call();
        let nanos = u64::try_from(watch.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let counts = &self.sandbox.counts;
        self.calls += 1;
        self.nanos = self.nanos.saturating_add(nanos);
        counts.calls.fetch_add(1, Ordering::Relaxed);
        counts.nanos.fetch_add(nanos, Ordering::Relaxed);
        counts.memory_peak.fetch_max(store.data().limiter.memory_peak(), Ordering::Relaxed);
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let allowed = store.data().running.limit;
        let kind = classify(&error, call, store.data_mut(), limits, allowed);
        match &kind {
            PluginErrorKind::Timeout { .. } => counts.timeouts.fetch_add(1, Ordering::Relaxed),
            _ => counts.traps.fetch_add(1, Ordering::Relaxed),
        };
        let backtrace = error.downcast_ref::<WasmBacktrace>().and_then(backtrace);
        self.live = None;
        Err(self.work.error(kind).calling(call).with_backtrace(backtrace))
    }

    /// An error of the guest's answer to `call`: the instance has ended.
    pub fn refuse(&mut self, call: &'static str, kind: PluginErrorKind) -> PluginError {
        self.live = None;
        self.work.error(kind).calling(call)
    }

    /// Let it log as much again as a task may.
    pub fn renew_log(&mut self) {
        if let Some((store, _)) = &mut self.live {
            store.data_mut().renew_log();
        }
    }

    /// What it used and counted so far.
    pub fn report(mut self) -> TaskReport {
        let Some((store, _)) = &mut self.live else { return TaskReport::default() };
        let guest = store.data_mut();
        TaskReport {
            counters: std::mem::take(&mut guest.counters),
            log_dropped: guest.log_dropped,
            memory_peak: guest.limiter.memory_peak(),
            calls: self.calls,
            nanos: self.nanos,
        }
    }
}

/// A call is charged from its first tick on. When its ticks have run out it goes on if it has not had the time: on a busy machine, ticks pass
/// while its thread waits for a processor.
fn at_deadline(call: &mut Running) -> UpdateDeadline {
    let spent = call.spent.get_or_insert_with(ThreadStopwatch::start);
    let left = call.limit.saturating_sub(spent.elapsed());
    if left.is_zero() || call.time_left().is_zero() {
        return UpdateDeadline::Interrupt;
    }
    UpdateDeadline::Continue(ticks(left))
}

fn classify(
    error: &wasmtime::Error,
    call: &str,
    guest: &mut Guest,
    limits: &Limits,
    allowed: Duration,
) -> PluginErrorKind {
    if let Some(refused) = guest.limiter.take_refusal() {
        return refused;
    }
    if let Some(full) = error.downcast_ref::<PoolConcurrencyLimitError>() {
        return PluginErrorKind::NoFreeInstance(full.to_string());
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => PluginErrorKind::Timeout { allowed },
        Some(trap) => PluginErrorKind::Trap { reason: trap.to_string(), message: guest.take_last_error() },
        None if let Some(exited) = error.downcast_ref::<Exited>() => {
            PluginErrorKind::Trap { reason: exited.to_string(), message: guest.take_last_error() }
        }
        None => {
            let cause = shown(&error.root_cause().to_string(), 1_024);
            // The error of wasmtime that says so has no public type.
            match cause.contains("fuel allocated for hostcalls") {
                true => {
                    PluginErrorKind::LimitExceeded { limit: Limit::Output, allowed: limits.output, requested: None }
                }
                false if call == INSTANTIATION => PluginErrorKind::Sandbox(cause),
                false => PluginErrorKind::InvalidOutput(cause),
            }
        }
    }
}

/// The guest's stack as text, its names made fit to be shown.
fn backtrace(of: &WasmBacktrace) -> Option<String> {
    let text = of.to_string();
    let lines: Vec<String> = cut(&text, MAX_BACKTRACE).lines().map(|line| shown(line, 512)).collect();
    (!of.frames().is_empty()).then(|| lines.join("\n"))
}
