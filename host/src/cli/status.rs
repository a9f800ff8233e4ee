//! `sluicebox status`: what a running job does.

use std::time::{Duration, UNIX_EPOCH};

use bytesize::ByteSize;
use serde_json::json;

use crate::clock::{Clock, SystemClock};
use crate::error::Result;
use crate::server::client::ClientError;
use crate::server::view;

use super::args::StatusArgs;
use super::control::{Target, block_on, plain};
use super::out;
use super::table::aligned;

/// Swaps that are shown.
const SWAPS: usize = 5;

/// All that is shown.
struct Status {
    job: view::Job,
    streams: view::Streams,
    operators: view::Operators,
    batches: view::Batches,
    receivers: view::Receivers,
    states: view::States,
    memory: view::Memory,
    swaps: view::Swaps,
}

/// `status JOB`.
pub fn status(args: &StatusArgs) -> Result<()> {
    let target = Target::find(&args.target)?;
    let status = block_on(ask(&target, args.batches))?.map_err(|error| target.failed(error))?;
    if args.json {
        let Status { job, streams, operators, batches, receivers, states, memory, swaps } = status;
        let all = json!({
            "job": job,
            "streams": streams.streams,
            "outputs": streams.outputs,
            "plugins": operators.plugins,
            "operators": operators.operators,
            "batches": batches.batches,
            "receivers": receivers.receivers,
            "state": states.state,
            "memory": memory,
            "swaps": swaps.swaps,
        });
        return out::result(&format!("{all:#}\n"));
    }
    out::result(&text(&status, SystemClock.now_ms()))
}

async fn ask(target: &Target, batches: u32) -> Result<Status, ClientError> {
    let client = &target.client;
    Ok(Status {
        job: client.get("/v1/job").await?,
        streams: client.get("/v1/streams").await?,
        operators: client.get("/v1/operators").await?,
        batches: client.get(&format!("/v1/batches?limit={batches}")).await?,
        receivers: client.get("/v1/receivers").await?,
        states: client.get("/v1/state").await?,
        memory: client.get("/v1/memory").await?,
        swaps: client.get("/v1/swaps").await?,
    })
}

/// A job's state in a word or two.
pub fn state(job: &view::Job) -> String {
    match job.state.as_str() {
        "active" if !job.ready => "starting".to_owned(),
        state => plain(state),
    }
}

/// A time, or a dash for none.
pub fn time_or_dash(time_ms: Option<i64>) -> String {
    time_ms.map_or_else(|| "-".to_owned(), time)
}

/// A time of UTC, to the millisecond; those that have no such form as milliseconds.
fn time(time_ms: i64) -> String {
    // The year 9999 is the last that the form has.
    let known = u64::try_from(time_ms).ok().filter(|ms| *ms < 253_402_300_800_000);
    match known {
        Some(ms) => humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(ms)).to_string(),
        None => format!("{time_ms} ms"),
    }
}

fn duration(ms: u64) -> String {
    humantime::format_duration(Duration::from_millis(ms)).to_string()
}

fn delay(ms: Option<u64>) -> String {
    ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"))
}

pub(super) fn bytes(bytes: u64) -> String {
    ByteSize(bytes).to_string()
}

fn number<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

fn text(status: &Status, now_ms: i64) -> String {
    let sections = [
        of_job(&status.job, now_ms),
        of_batches(&status.batches),
        of_receivers(&status.receivers),
        of_outputs(&status.streams),
        of_operators(&status.operators),
        of_swaps(&status.swaps),
        of_states(&status.states),
        of_memory(&status.memory),
        problems(status),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

fn of_job(job: &view::Job, now_ms: i64) -> String {
    let up = u64::try_from(now_ms.saturating_sub(job.started_ms)).unwrap_or(0) / 1000 * 1000;
    let mut rows = vec![
        ["job".to_owned(), format!("{}, {}", plain(&job.name), state(job))],
        ["process".to_owned(), format!("{}, sluicebox {}", job.pid, plain(&job.version))],
        ["started".to_owned(), format!("{}, {} ago", time(job.started_ms), duration(up))],
        [
            "batches".to_owned(),
            format!(
                "every {}: {} done, {} failed, {} of at most {} waiting",
                duration(job.batch_interval_ms),
                job.batches_completed,
                job.batches_failed,
                job.batches_waiting,
                job.batches_waiting_limit
            ),
        ],
        ["rows".to_owned(), job.rows.to_string()],
    ];
    if let Some(checkpoint) = &job.checkpoint {
        let term = job.term.map_or_else(String::new, |term| format!(", term {term}"));
        rows.push(["checkpoint".to_owned(), plain(checkpoint) + &term]);
    }
    rows.extend(job.job_file.as_ref().map(|file| ["job file".to_owned(), plain(file)]));
    aligned(&rows)
}

/// A table with a heading; nothing where there are no rows.
fn table<const N: usize>(heading: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<_> = std::iter::once(heading.map(str::to_owned)).chain(rows).collect();
    if rows.len() == 1 { String::new() } else { aligned(&rows) }
}

fn of_batches(batches: &view::Batches) -> String {
    let row = |batch: &view::Batch| {
        let delays = [batch.scheduling_delay_ms, batch.processing_delay_ms, batch.total_delay_ms].map(delay);
        let [scheduling, processing, total] = delays;
        let written: u64 = batch.outputs.iter().map(|output| output.rows).sum();
        let status = plain(&batch.status);
        [time(batch.batch_time_ms), status, batch.rows.to_string(), written.to_string(), scheduling, processing, total]
    };
    let heading = ["batch", "status", "rows", "written", "scheduling", "processing", "total"];
    table(heading, batches.batches.iter().map(row))
}

fn of_receivers(receivers: &view::Receivers) -> String {
    let row = |of: &view::Receiver| {
        let rate = of.rate_limit.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.0}"));
        let active = if of.active { "yes" } else { "no" }.to_owned();
        let numbers = [of.rows_received, of.lines_dropped, of.errors].map(|n| n.to_string());
        let [received, dropped, errors] = numbers;
        [plain(&of.stream), plain(&of.kind), active, received, number(of.rows_per_second), rate, dropped, errors]
    };
    let heading = ["source", "type", "active", "received", "rows/s", "limit/s", "lines dropped", "errors"];
    table(heading, receivers.receivers.iter().map(row))
}

fn of_outputs(streams: &view::Streams) -> String {
    let row = |of: &view::Output| {
        [plain(&of.name), plain(&of.kind), plain(&of.input), of.rows.to_string(), of.errors.to_string()]
    };
    table(["output", "type", "of", "rows", "errors"], streams.outputs.iter().map(row))
}

fn of_operators(operators: &view::Operators) -> String {
    let digest = |plugin: &str| {
        let of = operators.plugins.iter().find(|of| of.name == plugin).and_then(|of| of.digest.as_deref());
        plain(&of.unwrap_or("-").chars().take(12).collect::<String>())
    };
    let row = |of: &view::Operator| {
        let view::Work { calls, rows_in, rows_out, rejected, .. } = &of.work;
        let [calls, rows_in, rows_out, rejected] = [calls, rows_in, rows_out, rejected].map(|n| n.to_string());
        let name = plain(&format!("{}/{}", of.plugin, of.operator));
        [plain(&of.of), name, digest(&of.plugin), calls, rows_in, rows_out, rejected]
    };
    let heading = ["of", "operator", "component", "calls", "rows in", "rows out", "rejected"];
    table(heading, operators.operators.iter().map(row))
}

/// The last few.
fn of_swaps(swaps: &view::Swaps) -> String {
    let short = |digest: &str| plain(&digest.chars().take(12).collect::<String>());
    let row = |of: &view::Swap| {
        let after = time_or_dash(of.after_batch_ms);
        [plain(&of.plugin), plain(&of.kind), short(&of.from), short(&of.to), after, plain(&of.by), plain(&of.why)]
    };
    let heading = ["swap of", "by a", "from", "to", "after batch", "who", "why"];
    table(heading, swaps.swaps.iter().rev().take(SWAPS).map(row))
}

fn of_states(states: &view::States) -> String {
    let row = |of: &view::State| {
        let bound = of.bound_bytes.map_or_else(|| "-".to_owned(), bytes);
        let [keys, version] = [of.keys, of.version].map(|n| n.to_string());
        [plain(&of.stream), version, keys, bytes(of.live_bytes), bytes(of.held_bytes), bound]
    };
    table(["state", "version", "keys", "live", "held", "at most"], states.state.iter().map(row))
}

fn of_memory(memory: &view::Memory) -> String {
    let all = ["all".to_owned(), bytes(memory.used_bytes), bytes(memory.total_bytes)];
    let row = |of: &view::Share| [plain(&of.name), bytes(of.used_bytes), bytes(of.limit_bytes)];
    table(["memory", "used", "at most"], memory.shares.iter().map(row).chain([all]))
}

/// What went wrong last.
fn problems(status: &Status) -> String {
    let of = |what: &str, name: &str, problem: &view::Problem| {
        [format!("{what} {}", plain(name)), time_or_dash(problem.time_ms), plain(&problem.error)]
    };
    let sources = status.receivers.receivers.iter();
    let sources = sources.filter_map(|source| Some(of("source", &source.stream, source.last_error.as_ref()?)));
    let outputs = status.streams.outputs.iter();
    let outputs = outputs.filter_map(|output| Some(of("output", &output.name, output.last_error.as_ref()?)));
    let batches = status.batches.batches.iter().filter_map(|batch| {
        let failure = plain(batch.failure.as_ref()?);
        Some(["batch".to_owned(), time(batch.batch_time_ms), failure])
    });
    table(["problem", "time", "what"], sources.chain(outputs).chain(batches))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_durations_are_readable() {
        assert_eq!(time(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
        assert_eq!((time(-1), time(i64::MAX)), ("-1 ms".to_owned(), "9223372036854775807 ms".to_owned()));
        assert_eq!((duration(90_000), delay(None), delay(Some(7))), ("1m 30s".into(), "-".into(), "7 ms".into()));
    }
}
