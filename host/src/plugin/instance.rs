//! One instance of a component in a store of its own: how it is made, called within limits, and given up when it fails.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parking_lot::Mutex;
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap, UpdateDeadline, WasmBacktrace};

use super::bindings::data as wit;
use super::convert::lift::lift;
use super::engine::EngineKind;
use super::error::{PluginError, PluginErrorKind, Result, Role, cut, shown};
use super::guest::{Guest, Running};
use super::limiter::Limiter;
use super::limits::{self, Limit, Usage};
use super::reference::References;
use super::ticker::{Ticker, ticks};
use super::wasi::Exited;
use super::{Digest, Limits, Logged, OperatorRef, Task};
use crate::clock::ThreadStopwatch;
use crate::memory::MemoryBudget;

/// What an answer may have beside its rows: nodes, lengths, and the texts of errors, in bytes of the host.
const ANSWER_OVERHEAD: u64 = 4 << 20;
/// How much of a guest's stack an error shows, in bytes.
const MAX_BACKTRACE: usize = 8_192;

/// The call that makes an instance, which runs what the guest runs at its start.
pub(super) const INSTANTIATION: &str = "instantiation";

/// What all instances of an engine share.
#[derive(Debug)]
pub struct Sandbox {
    /// The engine that compiled them.
    pub engine: Engine,
    /// What sets it apart.
    pub kind: EngineKind,
    /// Keeps time while they run.
    pub ticker: Ticker,
    /// What they share with those of other engines.
    pub shared: Arc<Shared>,
}

/// What all instances share.
#[derive(Debug)]
pub struct Shared {
    /// The budget their memory comes from.
    pub budget: MemoryBudget,
    /// What they did.
    pub counts: Counts,
    /// What they may read of the job's.
    pub references: Arc<References>,
    /// How many live, by plugin.
    pub live: Mutex<HashMap<String, u32>>,
}

/// An instance that lives, as long as this does.
struct Lives {
    shared: Arc<Shared>,
    plugin: String,
    /// How many there are with it.
    n_live: u32,
}

impl Lives {
    /// One more instance of a plugin.
    ///
    /// # Errors
    /// Where it has as many as it may.
    fn begin(shared: &Arc<Shared>, work: &Work) -> Result<Option<Self>> {
        let Some(op) = &work.op else { return Ok(None) };
        let mut live = shared.live.lock();
        let n_live = match live.get_mut(&op.plugin) {
            Some(n_live) => n_live,
            None => live.entry(op.plugin.clone()).or_default(),
        };
        if let Some(allowed) = work.limits.instances.filter(|allowed| *n_live >= *allowed) {
            let what =
                format!("{allowed} of the plugin live, and `instances` in [plugin.{}] allows no more", op.plugin);
            return Err(work.error(PluginErrorKind::NoFreeInstance(what)));
        }
        *n_live += 1;
        Ok(Some(Self { shared: shared.clone(), plugin: op.plugin.clone(), n_live: *n_live }))
    }
}

impl Drop for Lives {
    fn drop(&mut self) {
        if let Some(n_live) = self.shared.live.lock().get_mut(&self.plugin) {
            *n_live = n_live.saturating_sub(1);
        }
    }
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
    /// What it used of its limits.
    pub usage: Usage,
    /// What it logged.
    pub logged: Logged,
    /// Calls made.
    pub calls: u64,
    /// Nanoseconds spent in them.
    pub nanos: u64,
    /// Fuel burnt in all its calls, also those before the first row; 0 where it isn't counted.
    pub fuel: u64,
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
    fuel: u64,
    peak: Peak,
    lives: Option<Lives>,
    /// What was counted in calls whose answers were accepted: what a call counts that fails is counted again when it is made again.
    counters: BTreeMap<String, u64>,
}

/// The most that an instance has used in one call, and altogether.
#[derive(Debug, Default)]
struct Peak {
    memory: u64,
    table_elements: u64,
    time: u64,
    start_time: u64,
    output: Cell<u64>,
    rows_per_row: Cell<u64>,
    host_call_bytes: u64,
    /// Where it is counted.
    fuel: Option<u64>,
    /// Where there was no more of it: how much of it is used can't be told before.
    stack: Option<u64>,
    logged: Logged,
    log_dropped: u64,
}

impl Peak {
    /// What `guest` has used, after a call that took so many nanoseconds.
    fn note(&mut self, call: &str, guest: &Guest, nanos: u64) {
        let time = if limits::is_start(call) { &mut self.start_time } else { &mut self.time };
        *time = nanos.max(*time);
        self.memory = guest.limiter.memory_peak();
        self.table_elements = guest.limiter.table_elements();
        self.host_call_bytes = guest.host_call_bytes().max(self.host_call_bytes);
        (self.logged, self.log_dropped) = (guest.logged(), guest.log_dropped);
    }

    fn usage(&self, n_live: Option<u32>, limits: &Limits) -> Usage {
        let mut usage = Usage::default();
        let used = [
            (Limit::Memory, self.memory),
            (Limit::TableElements, self.table_elements),
            (Limit::Time, self.time),
            (Limit::StartTime, self.start_time),
            (Limit::Output, self.output.get()),
            (Limit::RowsPerRow, self.rows_per_row.get()),
            (Limit::HostCallBytes, self.host_call_bytes),
            (Limit::LogLines, self.logged.lines),
            (Limit::LogBytes, self.logged.bytes),
        ];
        used.into_iter().for_each(|(limit, used)| usage.note(limit, used, limits));
        for (limit, used) in [(Limit::Fuel, self.fuel), (Limit::Stack, self.stack)] {
            used.into_iter().for_each(|used| usage.note(limit, used, limits));
        }
        if let Some(n_live) = n_live {
            usage.note(Limit::Instances, u64::from(n_live), limits);
        }
        usage
    }
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
        let shared = &sandbox.shared;
        let lives = Lives::begin(shared, &work)?;
        let limiter =
            Limiter::new(&work.limits, &shared.budget).map_err(|over| work.error(PluginErrorKind::OverBudget(over)))?;
        let guest = Guest::new(&work, limiter, &shared.references);
        let mut store = Store::new(&sandbox.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.epoch_deadline_callback(|mut store| Ok(at_deadline(&mut store.data_mut().running)));
        shared.counts.instances.fetch_add(1, Ordering::Relaxed);
        let (peak, counters) = (Peak::default(), BTreeMap::new());
        let mut starting = Instance {
            sandbox: Arc::clone(sandbox),
            work,
            live: Some((store, ())),
            calls: 0,
            nanos: 0,
            fuel: 0,
            peak,
            lives,
            counters,
        };
        let world = starting.call(INSTANTIATION, |(), store| instantiate(store))?;
        let Instance { sandbox, work, live, fuel, peak, lives, counters, .. } = starting;
        let live = live.map(|(store, ())| (store, world));
        Ok(Self { sandbox, work, live, calls: 0, nanos: 0, fuel, peak, lives, counters })
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
        // Nobody has refused what the call before it returned.
        settle(&mut self.counters, store.data_mut());
        store.set_epoch_deadline(1);
        store.set_hostcall_fuel(usize::try_from(limits.output.saturating_add(ANSWER_OVERHEAD)).unwrap_or(usize::MAX));
        store.data_mut().begin_call(call);
        let tank = limits.fuel.filter(|_| self.sandbox.kind.is_metered);
        if let Some(fuel) = tank {
            // It can't fail where fuel is counted; where it did, the call would end at once, as it has none.
            let _ = store.set_fuel(fuel);
        }
        let running = Running::start(limits.time_of(call), wait);
        let watch = running.passed;
        store.data_mut().running = running;
        let answer = {
            let _keeping_time = self.sandbox.ticker.call();
            make(world, store)
        };
        store.data_mut().end_call();
        let nanos = limits::nanos(watch.elapsed());
        self.peak.note(call, store.data(), nanos);
        if let Some(tank) = tank {
            let burnt = tank.saturating_sub(store.get_fuel().unwrap_or(0));
            self.fuel = self.fuel.saturating_add(burnt);
            self.peak.fuel = Some(self.peak.fuel.unwrap_or(0).max(burnt));
        }
        let counts = &self.sandbox.shared.counts;
        self.calls += 1;
        self.nanos = self.nanos.saturating_add(nanos);
        counts.calls.fetch_add(1, Ordering::Relaxed);
        counts.nanos.fetch_add(nanos, Ordering::Relaxed);
        counts.memory_peak.fetch_max(self.peak.memory, Ordering::Relaxed);
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
        if let Some(Trap::StackOverflow) = error.downcast_ref::<Trap>() {
            self.peak.stack = Some(self.sandbox.kind.stack);
        }
        let backtrace = error.downcast_ref::<WasmBacktrace>().and_then(backtrace);
        self.live = None;
        Err(self.work.error(kind).calling(call).with_backtrace(backtrace))
    }

    /// The rows that a call returned, checked.
    ///
    /// # Errors
    /// What of them breaks the contract, or the limit.
    pub fn lifted(&self, batch: wit::BatchResult, schema: &SchemaRef) -> Result<RecordBatch, PluginErrorKind> {
        let limit = self.work.limits.output;
        let bytes = batch.buffers.iter().map(|buffer| buffer.len() as u64).sum();
        self.peak.output.set(self.peak.output.get().max(bytes));
        lift(batch, schema, limit).map_err(|what| what.kind(limit))
    }

    /// So many rows were made of so many.
    ///
    /// # Errors
    /// Where that is more than it may make.
    pub fn amplifies(&self, rows_in: u64, rows_out: u64) -> Result<(), PluginErrorKind> {
        let allowed = self.work.limits.rows_per_row;
        let of_row = rows_out.div_ceil(rows_in.max(1));
        self.peak.rows_per_row.set(self.peak.rows_per_row.get().max(of_row));
        match of_row > allowed {
            true => Err(PluginErrorKind::LimitExceeded { limit: Limit::RowsPerRow, allowed, requested: None }),
            false => Ok(()),
        }
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

    /// What it used and counted so far. Once it has failed, what it counted in the call that failed isn't in it.
    pub fn report(mut self) -> TaskReport {
        if let Some((store, _)) = &mut self.live {
            settle(&mut self.counters, store.data_mut());
        }
        TaskReport {
            usage: self.peak.usage(self.lives.as_ref().map(|lives| lives.n_live), &self.work.limits),
            logged: self.peak.logged,
            log_dropped: self.peak.log_dropped,
            memory_peak: self.peak.memory,
            counters: self.counters,
            calls: self.calls,
            nanos: self.nanos,
            fuel: self.fuel,
        }
    }
}

/// Take over what a guest has counted. It keeps the names, of which it may have only so many.
fn settle(counters: &mut BTreeMap<String, u64>, guest: &mut Guest) {
    guest.tell_held();
    for (name, sum) in &mut guest.counters {
        let sum = std::mem::take(sum);
        match counters.get_mut(name) {
            Some(settled) => *settled = settled.saturating_add(sum),
            None => {
                counters.insert(name.clone(), sum);
            }
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
    if let Some(refused) = guest.take_refusal().or_else(|| guest.limiter.take_refusal()) {
        return refused;
    }
    if let Some(full) = error.downcast_ref::<PoolConcurrencyLimitError>() {
        return PluginErrorKind::NoFreeInstance(full.to_string());
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => {
            let limit =
                if limits.start_time.is_some() && limits::is_start(call) { Limit::StartTime } else { Limit::Time };
            PluginErrorKind::Timeout { allowed, limit }
        }
        Some(Trap::OutOfFuel) if let Some(allowed) = limits.fuel => {
            PluginErrorKind::LimitExceeded { limit: Limit::Fuel, allowed, requested: None }
        }
        Some(trap @ Trap::StackOverflow) => {
            let (stack, key) = (Limit::Stack.show(limits.stack), Limit::Stack.key());
            let reason = format!("{trap}, and its limit is {stack}; raise `{key}` in [plugin.P]");
            PluginErrorKind::Trap { reason, message: guest.take_last_error() }
        }
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
