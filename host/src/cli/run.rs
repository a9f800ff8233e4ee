//! `sluicebox run`: a job, until its sources end, its batches are used up, a signal comes, or it fails.

use std::path::PathBuf;
use std::process;
use std::sync::Arc;

use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::batch::listener::{Event, Listener};
use crate::clock::Stopwatch;
use crate::context::{Options, RunningJob, prepare};
use crate::error::{Error, Result};

use super::args::RunArgs;
use super::read_job;

/// Threads for receivers and signals. Batches run on threads of their own.
const IO_THREADS: usize = 2;

/// The exit code of a program that a second signal has ended: 128 and the number of SIGINT, as shells have it.
const INTERRUPTED: i32 = 130;

/// `run JOB.toml`; `started` began to measure when the program did.
pub fn run(args: &RunArgs, started: Stopwatch) -> Result<()> {
    let definition = read_job(&args.job)?.definition;
    let options = Options {
        batches: args.batches,
        drain: args.drain,
        cache: cache(),
        listeners: vec![Arc::new(tell_start(started)) as Arc<dyn Listener>],
        ..Options::default()
    };
    let prepared = prepare(definition, &options)?;
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(IO_THREADS)
        .thread_name("sluicebox-io")
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    runtime.block_on(async {
        let signals = Signals::new()?;
        let job = prepared.start(&options)?;
        until_ended(&job, signals).await
    })
}

fn tell_start(started: Stopwatch) -> impl Fn(&Event) + Send + Sync {
    move |event: &Event| {
        if matches!(event, Event::StreamingStarted { .. }) {
            let after_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(target: "sluicebox::job", after_ms, "receivers run and the first batch is armed");
        }
    }
}

/// Where compiled components are kept for the next start: the user's cache folder.
pub fn cache() -> Option<PathBuf> {
    let absolute = |variable: &str| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("sluicebox").join("components"))
}

async fn until_ended(job: &RunningJob, mut signals: Signals) -> Result<()> {
    tokio::select! {
        ended = job.await_termination() => return ended,
        name = signals.next() => {
            tracing::info!(target: "sluicebox::job", signal = name, "stopping: what was received is worked on first; a second signal stops at once");
            job.request_stop(true);
        }
    }
    tokio::select! {
        ended = job.await_termination() => ended,
        name = signals.next() => {
            tracing::warn!(target: "sluicebox::job", signal = name, "stopped at once: what was received and not worked on is lost");
            process::exit(INTERRUPTED);
        }
    }
}

/// The signals that ask for an end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        let listen =
            |kind| signal(kind).map_err(|error| Error::failed(format!("signals can't be listened to: {error}")));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
