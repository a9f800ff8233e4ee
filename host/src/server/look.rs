//! A running job as clients see it: what it is, how it stands, and what has happened.

use std::sync::Arc;

use super::monitor::{Batches, Monitor, OutputSums, Sums};
use super::view;
use crate::batch::listener::{BatchInfo, InputInfo, OutputOperationInfo};
use crate::clock::millis;
use crate::context::{RunningJob, State};
use crate::engine::reports::{OperatorReport, OperatorUse};
use crate::memory::Share;
use crate::plugin::{Limit, Limits, Usage};

/// A job, and what was seen of it.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The job.
    pub job: &'a RunningJob,
    /// What was seen of it.
    pub monitor: &'a Monitor,
}

/// A state's name.
pub fn state_name(state: State) -> &'static str {
    match state {
        State::Initialized => "initialized",
        State::Active => "active",
        State::Paused => "paused",
        State::Stopping => "stopping",
        State::Stopped => "stopped",
    }
}

/// A duration, in whole milliseconds.
fn ms(duration: std::time::Duration) -> u64 {
    millis(duration).unsigned_abs()
}

impl Look<'_> {
    /// Whether it is well.
    pub fn health(&self) -> view::Health {
        let state = self.job.state();
        let live = state != State::Stopped;
        let works = matches!(state, State::Active | State::Paused);
        view::Health { live, ready: works && self.monitor.has_started() }
    }

    /// The job.
    pub fn job(&self, job_file: Option<&str>) -> view::Job {
        let about = self.job.about();
        let (_, sums) = self.monitor.sums();
        let (batches_waiting, running_batch_ms) = self.monitor.at_work();
        view::Job {
            name: about.name.clone(),
            state: state_name(self.job.state()).to_owned(),
            ready: self.health().ready,
            pid: u64::from(std::process::id()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            job_file: job_file.map(ToOwned::to_owned),
            started_ms: about.started_ms,
            batch_interval_ms: ms(about.batch_interval),
            checkpoint: about.checkpoint.clone(),
            term: self.job.live().term(),
            last_batch_ms: sums.last_batch_ms,
            running_batch_ms,
            batches_waiting: batches_waiting as u64,
            batches_waiting_limit: about.max_waiting_batches as u64,
            batches_completed: sums.completed,
            batches_failed: sums.failed,
            rows: sums.inputs.values().map(|input| input.rows).sum(),
        }
    }

    /// Its streams and outputs.
    pub fn streams(&self) -> view::Streams {
        let about = self.job.about();
        let (_, sums) = self.monitor.sums();
        let stream = |stream: &crate::context::about::StreamAbout| view::Stream {
            name: stream.name.clone(),
            kind: stream.kind.clone(),
            source: stream.is_source,
            inputs: stream.inputs.clone(),
            columns: stream.columns.iter().map(column).collect(),
            slide_ms: ms(stream.slide),
            event_time: stream.event_time.clone(),
            latest_event_ms: sums.event_times.get(stream.name.as_str()).copied(),
            late_rows: sums.late.get(stream.name.as_str()).copied().unwrap_or(0),
        };
        let output = |output: &crate::context::about::OutputAbout| {
            let OutputSums { rows, errors, last_error, .. } =
                sums.outputs.get(&output.name).cloned().unwrap_or_default();
            view::Output {
                name: output.name.clone(),
                input: output.input.clone(),
                kind: output.kind.clone(),
                rows,
                errors,
                last_error: last_error.map(|(time_ms, error)| view::Problem { time_ms, error }),
            }
        };
        let (streams, outputs) = (about.streams.iter().map(stream), about.outputs.iter().map(output));
        view::Streams { streams: streams.collect(), outputs: outputs.collect() }
    }

    /// Its plugins, and what their operators did.
    pub fn operators(&self) -> view::Operators {
        let about = self.job.about();
        let (_, sums) = self.monitor.sums();
        let now = self.job.components();
        let used_of = |plugin: &str| {
            let mut usage = Usage::default();
            let of_plugin = sums.operators.iter().filter(|(of, _)| of.plugin == plugin);
            of_plugin.for_each(|(_, report)| usage.merge(&report.usage));
            usage
        };
        let plugin = |plugin: &crate::context::about::PluginAbout| view::Plugin {
            name: plugin.name.clone(),
            digest: now.get(&plugin.name).or(plugin.digest.as_ref()).map(ToString::to_string),
            component: plugin.component.as_ref().map(|path| path.display().to_string()),
            on_reject: plugin.on_reject.name().to_owned(),
            limits: limits(&plugin.limits, &used_of(&plugin.name)),
        };
        let operator = |of: &crate::context::about::OperatorAbout| {
            let of_use =
                OperatorUse { stream: of.of.as_str().into(), plugin: of.plugin.clone(), operator: of.operator.clone() };
            let used = sums.operators.get(&of_use).map(|report| report.usage.clone()).unwrap_or_default();
            let allowed = about.plugins.iter().find(|plugin| plugin.name == of.plugin);
            view::Operator {
                limits: allowed.map_or_else(Vec::new, |plugin| limits(&plugin.limits, &used)),
                of: of.of.clone(),
                kind: of.kind.clone(),
                plugin: of.plugin.clone(),
                operator: of.operator.clone(),
                work: sums.operators.get(&of_use).map_or_else(|| work(&OperatorReport::default()), work),
            }
        };
        view::Operators {
            plugins: about.plugins.iter().map(plugin).collect(),
            operators: about.operators.iter().map(operator).collect(),
        }
    }

    /// Its batches, `most` of those that have ended.
    pub fn batches(&self, most: usize) -> view::Batches {
        let Batches { waiting, running, ended } = self.monitor.batches();
        let shown = |status: &'static str| move |info: &Arc<BatchInfo>| batch(info, status);
        let status = |info: &Arc<BatchInfo>| if info.failure.is_some() { "failed" } else { "completed" };
        let batches = waiting.iter().rev().map(shown("waiting"));
        let batches = batches.chain(running.iter().map(shown("running")));
        let batches = batches.chain(ended.iter().take(most).map(|info| batch(info, status(info))));
        view::Batches { batches: batches.collect() }
    }

    /// Its sources.
    pub fn receivers(&self) -> view::Receivers {
        let about = self.job.about();
        let (_, sums) = self.monitor.sums();
        let kind = |name: &str| {
            let mut streams = about.streams.iter();
            streams.find(|stream| stream.name == name).map_or_else(String::new, |stream| stream.kind.clone())
        };
        let receiver = |(receiver, rate_limit): (crate::batch::listener::ReceiverInfo, Option<f64>)| {
            let input = sums.inputs.get(&receiver.stream).cloned().unwrap_or_default();
            view::Receiver {
                kind: kind(&receiver.stream),
                active: receiver.active,
                rows_received: receiver.rows_received,
                rows_per_second: input.rows_per_second,
                rate_limit: rate_limit.filter(|rate| rate.is_finite()),
                // Of sources that are read in place only batches know.
                lines_dropped: receiver.lines_dropped.max(input.lines_dropped),
                errors: input.errors,
                last_error: receiver.last_error.map(|(time_ms, error)| view::Problem { time_ms: Some(time_ms), error }),
                stream: receiver.stream,
            }
        };
        view::Receivers { receivers: self.job.live().receivers().into_iter().map(receiver).collect() }
    }

    /// What its stateful streams keep.
    pub fn state(&self) -> view::States {
        let state = |size: crate::batch::StateSize| view::State {
            stream: size.stream.to_string(),
            version: u64::from(size.version),
            keys: size.keys,
            live_bytes: size.live_bytes,
            held_bytes: size.held_bytes,
            bound_bytes: size.bound_bytes,
        };
        view::States { state: self.job.live().state().into_iter().map(state).collect() }
    }

    /// Its memory.
    pub fn memory(&self) -> view::Memory {
        let memory = self.job.memory();
        let share = |share: Share| view::Share {
            name: share.name().to_owned(),
            used_bytes: memory.used_by(share),
            limit_bytes: memory.limit_of(share),
        };
        view::Memory {
            total_bytes: memory.total(),
            used_bytes: memory.used(),
            shares: Share::ALL.into_iter().map(share).collect(),
        }
    }

    /// Sums since the start.
    pub fn sums(&self) -> (bool, Sums) {
        self.monitor.sums()
    }
}

fn column((name, r#type, nullable): &(String, String, bool)) -> view::Column {
    view::Column { name: name.clone(), r#type: r#type.clone(), nullable: *nullable }
}

/// Each limit, and what was used of it.
fn limits(limits: &Limits, usage: &Usage) -> Vec<view::Limit> {
    let shown = |limit: Limit| view::Limit {
        name: limit.key().to_owned(),
        unit: unit(limit).to_owned(),
        allowed: limits.allowed(limit),
        used: usage.of(limit).map(|used| used.used),
    };
    Limit::ALL.into_iter().map(shown).collect()
}

fn unit(limit: Limit) -> &'static str {
    match limit {
        Limit::Memory
        | Limit::Output
        | Limit::LogBytes
        | Limit::HostCallBytes
        | Limit::ComponentSize
        | Limit::Stack => "bytes",
        Limit::Fuel => "fuel",
        Limit::Time | Limit::StartTime => "nanoseconds",
        Limit::TableElements => "elements",
        Limit::RowsPerRow => "rows",
        Limit::LogLines => "lines",
        Limit::Instances => "instances",
    }
}

fn work(report: &OperatorReport) -> view::Work {
    view::Work {
        partitions: report.partitions,
        calls: report.calls,
        retries: report.retries,
        rows_in: report.rows_in,
        rows_out: report.rows_out,
        rejected: report.rejected,
        failed: report.failed,
        dead_letters: report.dead_letters,
        log_dropped: report.log_dropped,
        counters: report.counters.clone(),
    }
}

fn batch(info: &BatchInfo, status: &str) -> view::Batch {
    view::Batch {
        batch_time_ms: info.batch_time.0,
        status: status.to_owned(),
        submission_ms: info.submission_time_ms,
        processing_start_ms: info.processing_start_ms,
        processing_end_ms: info.processing_end_ms,
        scheduling_delay_ms: info.scheduling_delay().map(ms),
        processing_delay_ms: info.processing_delay().map(ms),
        total_delay_ms: info.total_delay().map(ms),
        rows: info.num_records(),
        lines_dropped: info.lines_dropped(),
        rejected: info.rejected(),
        attempts: u64::from(info.attempts),
        failure: info.failure.clone(),
        inputs: info.inputs.iter().map(batch_input).collect(),
        outputs: info.outputs.iter().map(batch_output).collect(),
        operators: info.report.operators.iter().map(batch_operator).collect(),
    }
}

fn batch_input(input: &InputInfo) -> view::BatchInput {
    view::BatchInput {
        stream: input.stream.clone(),
        rows: input.rows,
        rows_per_second: input.rows_per_second,
        rate_limit: input.rate.filter(|rate| rate.is_finite()),
        lines_dropped: input.lines_dropped,
        bad_files: input.bad_files,
    }
}

fn batch_output(output: &OutputOperationInfo) -> view::BatchOutput {
    view::BatchOutput {
        name: output.name.clone(),
        rows: output.rows,
        start_ms: output.start_ms,
        end_ms: output.end_ms,
        failure: output.failure.clone(),
    }
}

fn batch_operator((of, report): (&OperatorUse, &OperatorReport)) -> view::BatchOperator {
    let rejected = |row: &crate::engine::reports::RejectedRow| view::RejectedRow {
        partition: u64::from(row.partition),
        row: row.row,
        reason: row.reason.clone(),
    };
    view::BatchOperator {
        of: of.stream.to_string(),
        plugin: of.plugin.clone(),
        operator: of.operator.clone(),
        work: work(report),
        rejected_rows: report.samples.iter().map(rejected).collect(),
    }
}
