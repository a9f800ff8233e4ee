//! `sluicebox run`: a job until it ends, fails, or is told to stop.

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::context::{Options, RunningJob, prepare};
use crate::error::{Error, Result};

use super::args::RunArgs;
use super::{cache, read_job};

/// Receivers and outputs wait more than they work, so they need few threads; plans run on threads of their own.
const IO_THREADS: usize = 2;

/// `run JOB.toml`.
pub fn run(args: RunArgs) -> Result<()> {
    let definition = read_job(&args.job)?.definition;
    let options = Options { cache: cache::folder(), batches: args.batches, drain: args.drain, ..Options::default() };
    let runtime = Builder::new_multi_thread()
        .worker_threads(IO_THREADS)
        .thread_name("sluicebox-io")
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    let result = runtime.block_on(async {
        // Before the job starts, so that no signal is missed.
        let mut signals = Signals::listen()?;
        let prepared = prepare(definition, &options)?;
        if args.standby {
            tracing::info!(target: "sluicebox::checkpoint", "standing by: the job is taken over when its driver shows no sign of life");
            tokio::select! {
                ready = prepared.stand_by(&options) => ready?,
                name = signals.next() => {
                    tracing::info!(signal = name, "stopping: the standby had nothing to do");
                    return Ok(());
                }
            }
        }
        let job = prepared.start(&options)?;
        until_ended(&job, &mut signals).await
    });
    // The process ends next. A receiver's thread may still wait for its peer, by this runtime's timers: it ends with the process, not before.
    std::mem::forget(runtime);
    result
}

/// The first signal drains the job, the second ends it at once.
async fn until_ended(job: &RunningJob, signals: &mut Signals) -> Result<()> {
    let mut draining = false;
    loop {
        tokio::select! {
            result = job.await_termination() => return result,
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
