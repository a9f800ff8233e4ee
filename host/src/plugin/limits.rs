//! What an instance of a plugin may use, and what it has used of that.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

use super::grants::Grants;

/// Lines that a task may log where the job doesn't say.
const LOG_LINES: u64 = 1_000;
/// Bytes that a task may log where the job doesn't say.
const LOG_BYTES: u64 = 256 << 10;
/// The stack of a guest's own frames where the job doesn't say, in bytes.
pub const STACK: u64 = 512 << 10;
/// The largest that it may be, in bytes: the threads that call guests have 2 MiB, and the host needs some.
pub const MAX_STACK: u64 = 1 << 20;
/// The largest component taken, in bytes. A Python interpreter has 18 MiB.
pub const MAX_COMPONENT: u64 = 64 << 20;

/// What an instance of a plugin may use. Each has a key of the same name, in kebab case, in `[plugin.P]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limits {
    /// Linear memory of an instance, in bytes, all its memories together.
    pub memory: u64,
    /// Elements of all tables of an instance.
    pub table_elements: u64,
    /// How much processor time one call may take; by the clock, ten times as much.
    pub time: Duration,
    /// The same of the calls before the first row: making an instance, `describe`, `bind`, `open`. None: `time`.
    pub start_time: Option<Duration>,
    /// Bytes that one call may return.
    pub output: u64,
    /// Rows that may be made of each row that is handed over.
    pub rows_per_row: u64,
    /// Lines that may be logged in a partition.
    pub log_lines: u64,
    /// Bytes that may be logged in a partition.
    pub log_bytes: u64,
    /// Bytes that one call may hand to the host's functions, each call of them counted as [`HOST_CALL`] bytes more.
    pub host_call_bytes: u64,
    /// Instances of the plugin that may live at a time. None: as many as there is room for.
    pub instances: Option<u32>,
    /// The size of the component, in bytes.
    pub component_size: u64,
    /// How much fuel one call may burn: about an instruction each. None: it isn't counted.
    #[serde(default)]
    pub fuel: Option<u64>,
    /// The stack of its own frames, in bytes, at most [`MAX_STACK`].
    #[serde(default = "stack")]
    pub stack: u64,
    /// What it may reach outside.
    pub grants: Grants,
}

fn stack() -> u64 {
    STACK
}

/// What a call of a host's function counts for beside the bytes that it hands over.
pub const HOST_CALL: u64 = 64;

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            table_elements: 20_000,
            time: Duration::from_millis(500),
            start_time: None,
            output: 64 << 20,
            rows_per_row: 1_000_000,
            log_lines: LOG_LINES,
            log_bytes: LOG_BYTES,
            host_call_bytes: 64 << 20,
            instances: None,
            component_size: MAX_COMPONENT,
            fuel: None,
            stack: STACK,
            grants: Grants::NONE,
        }
    }
}

impl Limits {
    /// What a component may use while it is looked at, before a job says what its operators may: enough for an interpreter to start.
    pub(super) const LOOK: Self = Self {
        memory: 512 << 20,
        table_elements: 1 << 20,
        time: Duration::from_secs(10),
        start_time: None,
        output: 16 << 20,
        rows_per_row: 1_000_000,
        log_lines: LOG_LINES,
        log_bytes: LOG_BYTES,
        host_call_bytes: 64 << 20,
        instances: None,
        component_size: MAX_COMPONENT,
        fuel: None,
        stack: STACK,
        grants: Grants::NONE,
    };

    /// The fuel that is burnt where it is to be counted and not limited.
    pub const COUNTED: u64 = u64::MAX;

    /// How much processor time a call may take.
    pub(super) fn time_of(&self, call: &str) -> Duration {
        match self.start_time {
            Some(start) if is_start(call) => start,
            _ => self.time,
        }
    }

    /// What an instance may use of a limit, times in nanoseconds; none where it may use anything.
    pub fn allowed(&self, limit: Limit) -> Option<u64> {
        Some(match limit {
            Limit::Memory => self.memory,
            Limit::TableElements => self.table_elements,
            Limit::Time => nanos(self.time),
            Limit::StartTime => nanos(self.start_time.unwrap_or(self.time)),
            Limit::Output => self.output,
            Limit::RowsPerRow => self.rows_per_row,
            Limit::LogLines => self.log_lines,
            Limit::LogBytes => self.log_bytes,
            Limit::HostCallBytes => self.host_call_bytes,
            Limit::Instances => return self.instances.map(u64::from),
            Limit::ComponentSize => self.component_size,
            Limit::Fuel => return self.fuel.filter(|fuel| *fuel != Self::COUNTED),
            Limit::Stack => self.stack,
        })
    }
}

/// Whether a call comes before the first row.
pub(super) fn is_start(call: &str) -> bool {
    call == super::instance::INSTANTIATION || [".describe", ".bind", ".open"].iter().any(|start| call.ends_with(start))
}

/// A time as a number that counts.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A limit of `[plugin.P]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// `memory`.
    Memory,
    /// `table-elements`.
    TableElements,
    /// `time`.
    Time,
    /// `start-time`.
    StartTime,
    /// `output`.
    Output,
    /// `rows-per-row`.
    RowsPerRow,
    /// `log-lines`.
    LogLines,
    /// `log-bytes`.
    LogBytes,
    /// `host-call-bytes`.
    HostCallBytes,
    /// `instances`.
    Instances,
    /// `component-size`.
    ComponentSize,
    /// `fuel`.
    Fuel,
    /// `stack`.
    Stack,
}

impl Limit {
    /// All of them, in the order of the documents.
    pub const ALL: [Limit; 13] = [
        Limit::Memory,
        Limit::TableElements,
        Limit::Time,
        Limit::StartTime,
        Limit::Output,
        Limit::RowsPerRow,
        Limit::LogLines,
        Limit::LogBytes,
        Limit::HostCallBytes,
        Limit::Instances,
        Limit::ComponentSize,
        Limit::Fuel,
        Limit::Stack,
    ];

    /// The limit's key in `[plugin.P]`.
    pub fn key(self) -> &'static str {
        match self {
            Limit::Memory => "memory",
            Limit::TableElements => "table-elements",
            Limit::Time => "time",
            Limit::StartTime => "start-time",
            Limit::Output => "output",
            Limit::RowsPerRow => "rows-per-row",
            Limit::LogLines => "log-lines",
            Limit::LogBytes => "log-bytes",
            Limit::HostCallBytes => "host-call-bytes",
            Limit::Instances => "instances",
            Limit::ComponentSize => "component-size",
            Limit::Fuel => "fuel",
            Limit::Stack => "stack",
        }
    }

    /// An amount of it, as one reads it. Times are in nanoseconds.
    pub fn show(self, amount: u64) -> String {
        match self {
            Limit::Memory
            | Limit::Output
            | Limit::LogBytes
            | Limit::HostCallBytes
            | Limit::ComponentSize
            | Limit::Stack => ByteSize::b(amount).to_string(),
            Limit::Fuel => format!("{amount} of fuel"),
            Limit::Time | Limit::StartTime => humantime::format_duration(Duration::from_nanos(amount)).to_string(),
            Limit::TableElements | Limit::LogLines | Limit::Instances => amount.to_string(),
            Limit::RowsPerRow => format!("{amount} rows of a row"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What was used of a limit, at most by one instance or call, and what may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// The most that was used.
    pub used: u64,
    /// What may be; none where it is anything.
    pub allowed: Option<u64>,
}

/// What instances have used of each limit, those of time in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage(BTreeMap<Limit, Used>);

impl Usage {
    /// `used` was used of a limit.
    pub fn note(&mut self, limit: Limit, used: u64, limits: &Limits) {
        let allowed = limits.allowed(limit);
        let of = self.0.entry(limit).or_insert(Used { used, allowed });
        *of = Used { used: of.used.max(used), allowed };
    }

    /// Add what others have used: the most of each counts.
    pub fn merge(&mut self, other: &Self) {
        for (limit, other) in &other.0 {
            let of = self.0.entry(*limit).or_insert(*other);
            *of = Used { used: of.used.max(other.used), allowed: other.allowed };
        }
    }

    /// What was used of a limit.
    pub fn of(&self, limit: Limit) -> Option<Used> {
        self.0.get(&limit).copied()
    }

    /// All limits of which something was used.
    pub fn iter(&self) -> impl Iterator<Item = (Limit, Used)> {
        self.0.iter().map(|(limit, used)| (*limit, *used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_was_used_is_kept_beside_what_may_be() {
        let limits = Limits { memory: 100, ..Limits::default() };
        let (mut usage, mut other) = (Usage::default(), Usage::default());
        usage.note(Limit::Memory, 30, &limits);
        usage.note(Limit::Memory, 20, &limits);
        other.note(Limit::Memory, 40, &limits);
        other.note(Limit::Instances, 2, &limits);
        usage.merge(&other);
        assert_eq!(usage.of(Limit::Memory), Some(Used { used: 40, allowed: Some(100) }));
        assert_eq!(usage.of(Limit::Instances), Some(Used { used: 2, allowed: None }));
        assert_eq!(usage.of(Limit::Time), None);
    }

    #[test]
    fn calls_before_the_first_row_have_a_time_of_their_own() {
        let (time, start) = (Duration::from_millis(5), Duration::from_secs(1));
        let limits = Limits { time, start_time: Some(start), ..Limits::default() };
        let times = ["instantiation", "transform.describe", "state.bind", "sink.open", "sink.write"]
            .map(|call| limits.time_of(call));
        assert_eq!(times, [start, start, start, start, time]);
        assert_eq!(Limits { start_time: None, ..limits }.time_of("sink.open"), time);
    }
}
