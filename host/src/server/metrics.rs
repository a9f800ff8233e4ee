//! A running job's metrics for Prometheus. Names end in their units; labels are the job's own names, which are few.

use super::exposition::{Exposition, Family, Kind};
use super::look::Look;
use super::monitor::Sums;
use crate::context::State;
use crate::engine::reports::OperatorReport;
use crate::memory::Share;

/// All metrics, as text.
pub fn text(look: Look<'_>) -> String {
    let mut all = Exposition::new();
    let (started, sums) = look.sums();
    of_job(&mut all, look, started);
    of_batches(&mut all, look, &sums);
    of_sources(&mut all, look, &sums);
    of_outputs(&mut all, &sums);
    of_operators(&mut all, &sums);
    of_plugins(&mut all, look, &sums);
    of_event_times(&mut all, &sums);
    of_memory(&mut all, look);
    of_process(&mut all);
    all.into_text()
}

fn seconds(time_ms: i64) -> f64 {
    time_ms as f64 / 1000.0
}

fn of_job(all: &mut Exposition, look: Look<'_>, started: bool) {
    let about = look.job.about();
    all.family("sluicebox_job_info", Kind::Gauge, "The job and the program's version; always 1.")
        .sample(&[("job", &about.name), ("version", env!("CARGO_PKG_VERSION"))], true);
    all.family("sluicebox_job_ready", Kind::Gauge, "Whether the job's sources take rows in and it isn't stopping.")
        .sample(&[], started && look.health().ready);
    all.family("sluicebox_job_paused", Kind::Gauge, "Whether no batches are planned until the job is resumed.")
        .sample(&[], look.job.state() == State::Paused);
    all.family("sluicebox_job_start_time_seconds", Kind::Gauge, "When the job was started, in seconds since 1970.")
        .sample(&[], seconds(about.started_ms));
    all.family("sluicebox_batch_interval_seconds", Kind::Gauge, "From one batch time to the next.")
        .sample(&[], about.batch_interval.as_secs_f64());
    if let Some(term) = look.job.live().term() {
        all.family("sluicebox_job_term", Kind::Gauge, "The driver's term; 0 without a checkpoint.").sample(&[], term);
    }
}

fn of_batches(all: &mut Exposition, look: Look<'_>, sums: &Sums) {
    all.family("sluicebox_batches_total", Kind::Counter, "Batches that have ended, by how.")
        .sample(&[("result", "completed")], sums.completed)
        .sample(&[("result", "failed")], sums.failed);
    all.family("sluicebox_batch_retries_total", Kind::Counter, "Times that a batch was run again.")
        .sample(&[], sums.retries);
    let (waiting, _) = look.monitor.at_work();
    all.family("sluicebox_batches_waiting", Kind::Gauge, "Batches that are planned and wait for their turn.")
        .sample(&[], waiting as u64);
    all.family("sluicebox_batches_waiting_limit", Kind::Gauge, "How many may; then no more are planned.")
        .sample(&[], look.job.about().max_waiting_batches as u64);
    if let Some(last_ms) = sums.last_batch_ms {
        let help = "The time of the last batch that is done, in seconds since 1970.";
        all.family("sluicebox_last_batch_time_seconds", Kind::Gauge, help).sample(&[], seconds(last_ms));
    }
    let delays = [
        ("sluicebox_batch_scheduling_delay_seconds", "From a batch's submission to the start of its processing."),
        ("sluicebox_batch_processing_delay_seconds", "From the start of a batch's processing to its end."),
        ("sluicebox_batch_total_delay_seconds", "From a batch's submission to the end of its processing."),
    ];
    for ((name, help), histogram) in delays.into_iter().zip(&sums.delays) {
        all.family(name, Kind::Histogram, help).histogram(&[], histogram);
    }
}

fn of_sources(all: &mut Exposition, look: Look<'_>, sums: &Sums) {
    type Get = fn(&super::monitor::InputSums) -> u64;
    let counters: [(&str, &str, Get); 4] = [
        ("sluicebox_input_rows_total", "Rows that a source gave batches that have ended.", |of| of.rows),
        ("sluicebox_input_lines_dropped_total", "Lines of a source that were left out.", |of| of.lines_dropped),
        ("sluicebox_input_bad_files_total", "Files of a source of which the rest was left out.", |of| of.bad_files),
        ("sluicebox_receiver_errors_total", "Errors that a source went on after.", |of| of.errors),
    ];
    for (name, help, get) in counters {
        let mut family = all.family(name, Kind::Counter, help);
        for (stream, of) in &sums.inputs {
            family.sample(&[("stream", stream)], get(of));
        }
    }
    let receivers = look.job.live().receivers();
    let mut family = all.family("sluicebox_receiver_active", Kind::Gauge, "Whether a source takes rows in.");
    for (receiver, _) in &receivers {
        family.sample(&[("stream", &receiver.stream)], receiver.active);
    }
    let help = "Rows that a source has received; 0 where it is read in place.";
    let mut family = all.family("sluicebox_receiver_rows_total", Kind::Counter, help);
    for (receiver, _) in &receivers {
        family.sample(&[("stream", &receiver.stream)], receiver.rows_received);
    }
    let help = "The most rows a second that a source takes in, where something limits them.";
    let mut family = all.family("sluicebox_receiver_rate_limit_rows_per_second", Kind::Gauge, help);
    for (receiver, rate) in &receivers {
        if let Some(rate) = *rate {
            family.sample(&[("stream", &receiver.stream)], rate);
        }
    }
    let help = "Times that a static table or a broadcast value could not be read anew.";
    let mut family = all.family("sluicebox_refresh_errors_total", Kind::Counter, help);
    for (name, n) in &sums.refresh_errors {
        family.sample(&[("name", name)], *n);
    }
}

fn of_outputs(all: &mut Exposition, sums: &Sums) {
    let mut family = all.family("sluicebox_output_rows_total", Kind::Counter, "Rows that an output has written.");
    for (name, of) in &sums.outputs {
        family.sample(&[("output", name)], of.rows);
    }
    let mut family = all.family("sluicebox_output_write_seconds_total", Kind::Counter, "How long writing took.");
    for (name, of) in &sums.outputs {
        family.sample(&[("output", name)], of.writing.as_secs_f64());
    }
    let help = "Failures of an output, and errors after which it was tried again.";
    let mut family = all.family("sluicebox_output_errors_total", Kind::Counter, help);
    for (name, of) in &sums.outputs {
        family.sample(&[("output", name)], of.errors);
    }
}

fn of_operators(all: &mut Exposition, sums: &Sums) {
    type Get = fn(&OperatorReport) -> u64;
    let counters: [(&str, &str, Get); 9] = [
        ("sluicebox_operator_partitions_total", "Partitions that an operator has worked on.", |of| of.partitions),
        ("sluicebox_operator_calls_total", "Calls of an operator that took or made rows.", |of| of.calls),
        ("sluicebox_operator_retries_total", "Calls made again on a fresh instance.", |of| of.retries),
        ("sluicebox_operator_input_rows_total", "Rows handed to an operator.", |of| of.rows_in),
        ("sluicebox_operator_output_rows_total", "Rows that an operator made.", |of| of.rows_out),
        ("sluicebox_operator_rejected_rows_total", "Rows that an operator rejected.", |of| of.rejected),
        ("sluicebox_operator_failed_rows_total", "Rows left out at which an operator failed.", |of| of.failed),
        ("sluicebox_operator_dead_letters_total", "Rows of an operator that are dead letters.", |of| of.dead_letters),
        ("sluicebox_operator_dropped_log_lines_total", "Lines logged over an operator's limit.", |of| of.log_dropped),
    ];
    let help = "The most that an operator's instances have used of a limit, as a part of what is allowed.";
    let mut family = all.family("sluicebox_operator_limit_used_ratio", Kind::Gauge, help);
    for (of, report) in &sums.operators {
        for (limit, used) in report.usage.iter() {
            if let Some(allowed) = used.allowed.filter(|allowed| *allowed > 0) {
                let (stream, plugin, operator) = (&*of.stream, &*of.plugin, &*of.operator);
                let labels = [("stream", stream), ("plugin", plugin), ("operator", operator), ("limit", limit.key())];
                family.sample(&labels, used.used as f64 / allowed as f64);
            }
        }
    }
    for (name, help, get) in counters {
        let mut family = all.family(name, Kind::Counter, help);
        for (of, report) in &sums.operators {
            let labels = [("stream", &*of.stream), ("plugin", &*of.plugin), ("operator", &*of.operator)];
            family.sample(&labels, get(report));
        }
    }
    let help = "An operator's own counters.";
    let mut family = all.family("sluicebox_operator_counter_total", Kind::Counter, help);
    for (of, report) in &sums.operators {
        for (counter, n) in &report.counters {
            let labels =
                [("stream", &*of.stream), ("plugin", &*of.plugin), ("operator", &*of.operator), ("counter", counter)];
            family.sample(&labels, *n);
        }
    }
}

fn of_plugins(all: &mut Exposition, look: Look<'_>, sums: &Sums) {
    let help = "Times that a plugin was given another component, by how that came about.";
    let mut family = all.family("sluicebox_swaps_total", Kind::Counter, help);
    for ((plugin, kind), n) in &sums.swaps {
        family.sample(&[("plugin", plugin), ("kind", kind)], *n);
    }
    let mut family = all.family("sluicebox_plugin_info", Kind::Gauge, "The component of a plugin; always 1.");
    for plugin in look.operators().plugins {
        if let Some(digest) = plugin.digest {
            family.sample(&[("plugin", &plugin.name), ("digest", &digest)], true);
        }
    }
    let metrics = look.job.live().plugins();
    let counter = |all: &mut Exposition, name, help, value: u64| {
        all.family(name, Kind::Counter, help).sample(&[], value);
    };
    counter(all, "sluicebox_plugin_instances_total", "Instances made of all plugins.", metrics.instances);
    counter(all, "sluicebox_plugin_calls_total", "Calls of all plugins.", metrics.calls);
    counter(all, "sluicebox_plugin_traps_total", "Calls that ended in a trap or over a limit.", metrics.traps);
    counter(all, "sluicebox_plugin_timeouts_total", "Calls that took too long.", metrics.timeouts);
    let help = "Time spent in calls of all plugins.";
    all.family("sluicebox_plugin_call_seconds_total", Kind::Counter, help).sample(&[], metrics.call_nanos as f64 / 1e9);
    let help = "The most linear memory that one instance had.";
    all.family("sluicebox_plugin_memory_high_water_bytes", Kind::Gauge, help)
        .sample(&[], metrics.memory_high_water_bytes);
}

fn of_event_times(all: &mut Exposition, sums: &Sums) {
    let help = "The latest event time of a stream's rows, in seconds since 1970.";
    let mut family = all.family("sluicebox_event_time_seconds", Kind::Gauge, help);
    for (stream, latest_ms) in &sums.event_times {
        family.sample(&[("stream", stream)], seconds(*latest_ms));
    }
    let of_streams = |mut family: Family<'_>, of: &std::collections::BTreeMap<std::sync::Arc<str>, u64>| {
        for (stream, n) in of {
            family.sample(&[("stream", stream)], *n);
        }
    };
    let help = "Rows that came too late for a stream's windows.";
    of_streams(all.family("sluicebox_late_rows_total", Kind::Counter, help), &sums.late);
    let help = "Sessions that were cut as they became too long.";
    of_streams(all.family("sluicebox_cut_sessions_total", Kind::Counter, help), &sums.cut_sessions);
}

fn of_memory(all: &mut Exposition, look: Look<'_>) {
    let memory = look.job.memory();
    let mut family = all.family("sluicebox_memory_used_bytes", Kind::Gauge, "Memory in use, by what for.");
    for share in Share::ALL {
        family.sample(&[("share", share.name())], memory.used_by(share));
    }
    let mut family = all.family("sluicebox_memory_limit_bytes", Kind::Gauge, "Memory that may be in use.");
    for share in Share::ALL {
        family.sample(&[("share", share.name())], memory.limit_of(share));
    }
    all.family("sluicebox_memory_total_bytes", Kind::Gauge, "What the job may use in all.").sample(&[], memory.total());
    let state = look.job.live().state();
    let mut family = all.family("sluicebox_state_keys", Kind::Gauge, "Keys that a stream keeps state of.");
    for of in &state {
        family.sample(&[("stream", &of.stream)], of.keys);
    }
    let mut family = all.family("sluicebox_state_live_bytes", Kind::Gauge, "About what keys and their state take.");
    for of in &state {
        family.sample(&[("stream", &of.stream)], of.live_bytes);
    }
    let mut family = all.family("sluicebox_state_held_bytes", Kind::Gauge, "Memory reserved for keys and state.");
    for of in &state {
        family.sample(&[("stream", &of.stream)], of.held_bytes);
    }
}

/// As Prometheus' own clients name them. What the system doesn't say is left out.
fn of_process(all: &mut Exposition) {
    // SAFETY: it is given a value of its own to fill in.
    let (read, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::getrusage(libc::RUSAGE_SELF, &mut usage), usage)
    };
    if read == 0 {
        let time = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
        all.family("process_cpu_seconds_total", Kind::Counter, "Processor time of the process.")
            .sample(&[], time(usage.ru_utime) + time(usage.ru_stime));
    }
    if let Some(bytes) = resident() {
        all.family("process_resident_memory_bytes", Kind::Gauge, "Memory that the process has.").sample(&[], bytes);
    }
}

fn resident() -> Option<u64> {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm").ok()?.split_whitespace().nth(1)?.parse().ok()?;
    // SAFETY: it takes a number and touches no memory of ours.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages.checked_mul(u64::try_from(page).ok()?)
}
