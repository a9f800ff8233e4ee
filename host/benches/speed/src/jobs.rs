//! Whole jobs in this process, batch by batch, on a clock of their own: rows are pushed, a batch time comes, and all of the batch is done.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::batch::listener::{Event, Listener};
use sluicebox::batch::{CanaryRequest, Comparison, MAX_CANARY};
use sluicebox::clock::{BatchTime, ManualClock};
use sluicebox::context::{Options, RunningJob, StreamRef, StreamingContext};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::Error;
use sluicebox::output::{Sink, Staged, WriteId};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::measure::Result;
use crate::plugins::{MEMORY, PARALLELISM};

/// Time from a batch to the next, by the job's clock; the machine's has no part in it.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// A runtime as the program has it.
///
/// # Errors
/// If threads can't be started.
pub fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// A job that runs.
pub struct Job {
    running: RunningJob,
    clock: ManualClock,
    completed: mpsc::UnboundedReceiver<Completed>,
    rows: Arc<AtomicU64>,
    waited: Duration,
}

/// What became of a batch.
struct Completed {
    /// Why it failed, if it did.
    failure: Option<String>,
    /// How long its outputs were written and not yet committed.
    waited: Duration,
}

impl Job {
    /// Start a job whose graph is what `build` adds, with the guest's component as the plugin `speed`. What `build` returns is the stream whose rows are the job's output,
    /// and what the caller wants, such as queues.
    ///
    /// # Errors
    /// If the job is not as it should be.
    pub async fn start<T>(
        component: &Path,
        build: impl FnOnce(&StreamingContext) -> Result<(StreamRef, T)>,
    ) -> Result<(Self, T)> {
        Self::start_at(component, None, 0, build).await
    }

    /// As [`Job::start`], with a checkpoint if there is one, on a clock that stands at `start_ms`.
    ///
    /// # Errors
    /// As [`Job::start`], and if the job can't go on from its checkpoint.
    pub async fn start_at<T>(
        component: &Path,
        checkpoint: Option<String>,
        start_ms: i64,
        build: impl FnOnce(&StreamingContext) -> Result<(StreamRef, T)>,
    ) -> Result<(Self, T)> {
        let clock = ManualClock::new(start_ms);
        let (tell, completed) = mpsc::unbounded_channel();
        let (begun, written_ns) = (Instant::now(), AtomicU64::new(0));
        let now_ns = move || begun.elapsed().as_nanos() as u64;
        let listener = move |event: &Event| match event {
            Event::OutputOperationCompleted(_) => written_ns.store(now_ns(), Ordering::Relaxed),
            Event::BatchCompleted(batch) => {
                let waited = Duration::from_nanos(now_ns() - written_ns.load(Ordering::Relaxed));
                // Nobody listens once the last batch has come.
                let _ = tell.send(Completed { failure: batch.failure.clone(), waited });
            }
            _ => {}
        };
        let listeners: Vec<Arc<dyn Listener>> = vec![Arc::new(listener)];
        let options = Options { clock: Arc::new(clock.clone()), listeners, ..Options::default() };
        let context = StreamingContext::with_options("speed", INTERVAL, options);
        context.job(|job| {
            job.parallelism = PARALLELISM;
            job.memory = MEMORY;
            job.checkpoint = checkpoint;
        })?;
        context.plugin("speed", component)?;
        let (output, made) = build(&context)?;
        let rows = Arc::new(AtomicU64::new(0));
        output.write_to("nowhere", Arc::new(Nowhere(rows.clone())))?;
        Ok((Self { running: context.start().await?, clock, completed, rows, waited: Duration::ZERO }, made))
    }

    /// Let the next batch time come; how long it took until all of its batch was done, in seconds.
    ///
    /// # Errors
    /// If the batch fails.
    pub async fn batch(&mut self) -> Result<f64> {
        self.rows.store(0, Ordering::Relaxed);
        let start = Instant::now();
        self.clock.advance(INTERVAL);
        match self.completed.recv().await {
            Some(Completed { failure: None, waited }) => {
                self.waited = waited;
                Ok(start.elapsed().as_secs_f64())
            }
            Some(Completed { failure: Some(failure), .. }) => Err(failure.into()),
            None => Err("the job ended before its batches".into()),
        }
    }

    /// How long the last batch waited from when its last output was written until all were committed and that was on record, in seconds.
    pub fn waited(&self) -> f64 {
        self.waited.as_secs_f64()
    }

    /// Rows of the last batch's output.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Run a candidate for the guest's component beside the next batches, as many as it may.
    ///
    /// # Errors
    /// If the candidate isn't taken.
    pub async fn canary(&self, candidate: Vec<u8>) -> Result<JoinHandle<sluicebox::error::Result<Comparison>>> {
        let request = CanaryRequest {
            plugin: "speed".to_owned(),
            component: candidate.into(),
            signature: None,
            batches: MAX_CANARY,
        };
        let tried = tokio::spawn(self.running.canary(request));
        while self.running.comparison().is_none() {
            if tried.is_finished() {
                return match tried.await? {
                    Ok(_) => Err("the candidate's trial ended before it began".into()),
                    Err(error) => Err(error.into()),
                };
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(tried)
    }

    /// Batches that the candidate has run beside, and whether it made the same of all of them.
    pub fn compared(&self) -> Option<(u64, bool)> {
        self.running.comparison().map(|of| (of.batches, of.is_same()))
    }

    /// Bytes of the job's memory that are in use. Between batches that is what is kept for the next ones.
    pub fn memory(&self) -> u64 {
        self.running.memory().used()
    }

    /// Stop it.
    ///
    /// # Errors
    /// Why it failed, if it did.
    pub async fn stop(self) -> Result<()> {
        Ok(self.running.stop(true).await?)
    }
}

/// A sink that counts what it is given, and forgets it.
#[derive(Debug, Default)]
pub struct Nowhere(Arc<AtomicU64>);

#[async_trait::async_trait]
impl Sink for Nowhere {
    fn bind(&self, _: &SchemaRef) -> sluicebox::error::Result<()> {
        Ok(())
    }

    async fn write(&self, id: WriteId, mut rows: SendableRecordBatchStream) -> sluicebox::error::Result<Staged> {
        let mut n_rows = 0;
        while let Some(rows) = rows.next().await {
            n_rows += rows.map_err(Error::failed)?.num_rows() as u64;
        }
        self.0.fetch_add(n_rows, Ordering::Relaxed);
        Ok(Staged { id, rows: n_rows, committable: Default::default() })
    }

    async fn commit(&self, _: BatchTime, _: &[Staged]) -> sluicebox::error::Result<()> {
        Ok(())
    }

    async fn abort(&self, _: &[Staged]) -> sluicebox::error::Result<()> {
        Ok(())
    }
}
