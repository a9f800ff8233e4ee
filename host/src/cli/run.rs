//! `sluicebox run`: a job until it ends, fails, or is told to stop.

use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::context::{Options, RunningJob, going_on, prepare};
use crate::error::{Error, Result};
use crate::job::definition::ControlDefinition;
use crate::plugin::Compiler;
use crate::server::registry::Registry;
use crate::server::{Bound, ControlOptions, Monitor};

use super::args::RunArgs;
use super::{cache, read_job};

/// Receivers and outputs wait more than they work, so they need few threads; plans run on threads of their own.
const IO_THREADS: usize = 2;

/// `run JOB.toml`.
pub fn run(args: RunArgs) -> Result<()> {
    let definition = read_job(&args.job)?.definition;
    let control = definition.job.control.clone();
    let filed = definition.clone();
    let monitor = Monitor::new();
    let options = Options {
        cache: cache::folder(),
        compiler: Compiler::this_program(),
        batches: args.batches,
        drain: args.drain,
        listeners: vec![monitor.clone()],
        ..Options::default()
    };
    let runtime = Builder::new_multi_thread()
        .worker_threads(IO_THREADS)
        .thread_name("sluicebox-io")
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    let result = runtime.block_on(async {
        // Before the job starts, so that no signal is missed.
        let mut signals = Signals::listen()?;
        let mut prepared = prepare(going_on(definition).await?, &options)?;
        if args.standby {
            tracing::info!(target: "sluicebox::checkpoint", "standing by: the job is taken over when its driver shows no sign of life");
            tokio::select! {
                ready = prepared.stand_by(&options) => ready?,
                name = signals.next() => {
                    tracing::info!(signal = name, "stopping: the standby had nothing to do");
                    return Ok(());
                }
            }
            // The driver that is gone may have been of another job file by then.
            prepared = prepare(going_on(filed).await?, &options)?;
        }
        let bound = bind(control, &args.job.job).await?;
        let job = Arc::new(prepared.start(&options)?);
        let server = bound.map(|bound| bound.serve(&job, monitor));
        let result = until_ended(&job, &mut signals).await;
        if let Some(server) = server {
            server.end(&result).await;
        }
        result
    });
    // The process ends next. A receiver's thread may still wait for its peer, by this runtime's timers: it ends with the process, not before.
    std::mem::forget(runtime);
    result
}

/// The control server, where there is to be one. What a job has by default and can't have is a warning.
async fn bind(control: Option<ControlDefinition>, job_file: &Path) -> Result<Option<Bound>> {
    let Some(control) = control else { return Ok(None) };
    let is_asked_for = control.place.is_some();
    let job_file = std::path::absolute(job_file).unwrap_or_else(|_| job_file.to_owned()).display().to_string();
    match Bound::new(ControlOptions { control, registry: Registry::of_user(), job_file: Some(job_file) }).await {
        Ok(bound) => Ok(Some(bound)),
        Err(error) if is_asked_for => Err(error),
        Err(error) => {
            tracing::warn!(target: "sluicebox::control", %error, "the job runs without a control server");
            Ok(None)
        }
    }
}

/// The first signal drains the job, the second ends it at once.
async fn until_ended(job: &RunningJob, signals: &mut Signals) -> Result<()> {
    let mut draining = false;
    loop {
        tokio::select! {
            result = job.await_termination() => return match result {
                Ok(()) if job.is_stopped_at_once() => Err(Error::failed("stopped at once by a client, before all that was received was written")),
                result => result,
            },
            name = signals.next() => {
                if draining {
                    tracing::warn!(signal = name, "stopping at once, what was received and not written is lost");
                    return Err(Error::failed(format!("stopped at once by a second signal, {name}, before all that was received was written")));
                }
                tracing::info!(signal = name, "stopping: what was received is processed first; a second signal stops at once");
                draining = true;
                job.request_stop(true);
            }
        }
    }
}

/// The signals that ask the program to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).map_err(|error| Error::failed(format!("signals can't be handled: {error}")));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Waits for one, and names it.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
