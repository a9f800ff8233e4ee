//! How plan nodes call operators: a seam, so that nodes are tested with operators written in Rust.
//!
//! Calls are synchronous. Whoever makes them does so through [`call`], so that other tasks of the thread go on elsewhere.

use std::fmt;

use arrow::array::RecordBatch;

use super::reports::{OperatorReport, OperatorUse};
use crate::plugin::{
    AggregateBinding, AggregateTask, OnError, OperatorRef, PluginError, PluginHost, Produced, StateBinding,
    StateOutcome, StateTask, StateWork, Task, TaskReport, TransformBinding, TransformTask,
};

/// How often a sink's call is made in all, the first time included, where it fails in a way that may pass.
pub(crate) const MAX_TRIES: u32 = 5;
/// The most rows of one call.
pub(crate) const CHUNK_ROWS: usize = 65_536;
/// About how many bytes of rows one call takes.
pub(crate) const CHUNK_BYTES: usize = 1 << 20;

/// Opens operators for partitions.
pub trait Operators: fmt::Debug + Send + Sync {
    /// A fresh instance that works on one partition.
    fn open_transform(
        &self,
        operator: &OperatorRef,
        binding: &TransformBinding,
        task: &Task,
    ) -> Result<Box<dyn TransformCalls>, PluginError>;

    /// A fresh instance that folds rows of one partition.
    fn open_aggregate(
        &self,
        operator: &OperatorRef,
        binding: &AggregateBinding,
        task: &Task,
    ) -> Result<Box<dyn AggregateCalls>, PluginError>;

    /// A fresh instance that works on the state of one partition's keys.
    fn open_state(
        &self,
        operator: &OperatorRef,
        binding: &StateBinding,
        task: &Task,
    ) -> Result<Box<dyn StateCalls>, PluginError>;
}

/// A transform at work on a partition.
pub trait TransformCalls: Send {
    /// Work on a chunk: rows with all the stream's columns, at least 1 and at most 65,536.
    fn process(&mut self, rows: &RecordBatch) -> Result<Produced, PluginError>;

    /// The partition has ended; rows held back. After rows it is called again.
    fn finish(&mut self) -> Result<Option<RecordBatch>, PluginError>;

    /// What the instance used.
    fn report(self: Box<Self>) -> TaskReport;
}

/// An aggregate at work on a partition. `groups` has a group for each row, below `n_groups`, and each group has a row.
pub trait AggregateCalls: Send {
    /// Fold rows with the columns bound to `n_groups` partials.
    fn partial(&mut self, values: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch, PluginError>;

    /// Fold partials to `n_groups` partials.
    fn merge(&mut self, partials: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch, PluginError>;

    /// Take each of `partials` out of the row of `whole` that its group names; as many rows as `whole`.
    fn unmerge(
        &mut self,
        whole: &RecordBatch,
        partials: &RecordBatch,
        groups: &[u32],
    ) -> Result<RecordBatch, PluginError>;

    /// A result for each partial.
    fn finish(&mut self, partials: &RecordBatch) -> Result<RecordBatch, PluginError>;

    /// What the guest counted.
    fn report(self: Box<Self>) -> TaskReport;
}

/// An operator over keyed state at work on a partition. What it returns is checked.
pub trait StateCalls: Send {
    /// Work on keys.
    fn update(&mut self, work: &StateWork) -> Result<StateOutcome, PluginError>;

    /// State of another version, with the columns of `old`, as state of the version that is open; none where it knows no other.
    fn migrate(&mut self, version: u32, old: &RecordBatch) -> Result<Option<RecordBatch>, PluginError> {
        let _ = (version, old);
        Ok(None)
    }

    /// What the guest counted.
    fn report(self: Box<Self>) -> TaskReport;
}

impl Operators for PluginHost {
    fn open_transform(
        &self,
        operator: &OperatorRef,
        binding: &TransformBinding,
        task: &Task,
    ) -> Result<Box<dyn TransformCalls>, PluginError> {
        Ok(Box::new(PluginHost::open_transform(self, operator, binding, task)?))
    }

    fn open_aggregate(
        &self,
        operator: &OperatorRef,
        binding: &AggregateBinding,
        task: &Task,
    ) -> Result<Box<dyn AggregateCalls>, PluginError> {
        Ok(Box::new(PluginHost::open_aggregate(self, operator, binding, task)?))
    }

    fn open_state(
        &self,
        operator: &OperatorRef,
        binding: &StateBinding,
        task: &Task,
    ) -> Result<Box<dyn StateCalls>, PluginError> {
        Ok(Box::new(PluginHost::open_state(self, operator, binding, task)?))
    }
}

impl StateCalls for StateTask {
    fn update(&mut self, work: &StateWork) -> Result<StateOutcome, PluginError> {
        StateTask::update(self, work)
    }

    fn migrate(&mut self, version: u32, old: &RecordBatch) -> Result<Option<RecordBatch>, PluginError> {
        StateTask::migrate(self, version, old).map(Some)
    }

    fn report(self: Box<Self>) -> TaskReport {
        StateTask::report(*self)
    }
}

impl TransformCalls for TransformTask {
    fn process(&mut self, rows: &RecordBatch) -> Result<Produced, PluginError> {
        TransformTask::process(self, rows)
    }

    fn finish(&mut self) -> Result<Option<RecordBatch>, PluginError> {
        TransformTask::finish(self)
    }

    fn report(self: Box<Self>) -> TaskReport {
        TransformTask::report(*self)
    }
}

impl AggregateCalls for AggregateTask {
    fn partial(&mut self, values: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch, PluginError> {
        AggregateTask::partial(self, values, groups, n_groups)
    }

    fn merge(&mut self, partials: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch, PluginError> {
        AggregateTask::merge(self, partials, groups, n_groups)
    }

    fn unmerge(
        &mut self,
        whole: &RecordBatch,
        partials: &RecordBatch,
        groups: &[u32],
    ) -> Result<RecordBatch, PluginError> {
        AggregateTask::unmerge(self, whole, partials, groups)
    }

    fn finish(&mut self, partials: &RecordBatch) -> Result<RecordBatch, PluginError> {
        AggregateTask::finish(self, partials)
    }

    fn report(self: Box<Self>) -> TaskReport {
        AggregateTask::report(*self)
    }
}

/// How often one call was made so far, the first time included.
#[derive(Debug)]
pub(crate) struct Tries(u32);

impl Tries {
    /// The first time.
    pub(crate) fn first() -> Self {
        Self(1)
    }

    /// The call failed. It is to be made again, as another attempt at the task and on a fresh instance, if that may help or the job says so.
    ///
    /// # Errors
    /// The error, given up, if it may not.
    pub(crate) fn failed(
        &mut self,
        error: PluginError,
        on_error: &OnError,
        task: &mut Task,
        report: &mut OperatorReport,
    ) -> Result<(), PluginError> {
        if self.0 > on_error.retries(error.is_retriable(), error.blames_rows()) {
            return Err(error.give_up());
        }
        self.0 += 1;
        task.attempt += 1;
        report.retries += 1;
        Ok(())
    }
}

/// Call a guest, letting the thread's other tasks go on elsewhere.
pub(crate) fn call<T>(guest: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(guest)
}

/// An operator's use, as reports name it.
pub(crate) fn used(operator: &OperatorRef, task: &Task) -> OperatorUse {
    OperatorUse { stream: task.stream.clone(), plugin: operator.plugin.clone(), operator: operator.operator.clone() }
}

/// Add what an instance counted, in calls that count, and used; another that works on the same may log what it has left.
pub(crate) fn count(report: &mut OperatorReport, task: &mut Task, guest: TaskReport) {
    task.logged = guest.logged;
    report.usage.merge(&guest.usage);
    report.fuel = report.fuel.saturating_add(guest.fuel);
    report.nanos = report.nanos.saturating_add(guest.nanos);
    report.log_dropped += guest.log_dropped;
    guest.counters.iter().for_each(|(name, amount)| report.count(name, *amount));
}

/// How many rows of these go into one call: about [`CHUNK_BYTES`], at least one.
pub(crate) fn rows_per_call(rows: usize, bytes: usize) -> usize {
    let by_bytes = (rows as u128 * CHUNK_BYTES as u128 / bytes.max(1) as u128) as usize;
    by_bytes.clamp(1, CHUNK_ROWS)
}
