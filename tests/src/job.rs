//! A job on a manual clock: datasets in, datasets out, nothing sleeps.

use std::ops::Deref;
use std::time::Duration;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::batch::listener::Event;
use sluicebox::clock::{BatchTime, ManualClock};
use sluicebox::context::{Options, StreamingContext};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::Result;
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox::testing::{self, ManualJob, PATIENCE};
use tokio::sync::watch;

use crate::rows::show;

/// A batch of a second, as Spark's own tests have it.
pub const SECOND: Duration = Duration::from_secs(1);

/// A sink that keeps what was committed, as rows of text.
#[derive(Debug, Clone, Default)]
pub struct Collected(testing::Collected);

impl Collected {
    /// Partitions of a committed batch, each as rows of text.
    ///
    /// # Panics
    /// When the batch is not committed.
    pub fn partitions(&self, batch: i64) -> Vec<Vec<String>> {
        let dataset = self.0.dataset(BatchTime(batch));
        let partitions = dataset.unwrap_or_else(|| panic!("batch {batch} is not committed: {:?}", self.commits()));
        partitions.iter().map(|rows| rows.iter().flat_map(show).collect()).collect()
    }

    /// Rows of a committed batch, in the order of the partitions.
    ///
    /// # Panics
    /// As [`Collected::partitions`].
    pub fn rows(&self, batch: i64) -> Vec<String> {
        self.partitions(batch).concat()
    }

    /// Rows of a committed batch, sorted.
    ///
    /// # Panics
    /// As [`Collected::partitions`].
    pub fn sorted(&self, batch: i64) -> Vec<String> {
        let mut rows = self.rows(batch);
        rows.sort();
        rows
    }

    /// The record batches of a committed batch, by partition.
    pub fn batches(&self, batch: i64) -> Vec<Vec<RecordBatch>> {
        self.0.dataset(BatchTime(batch)).unwrap_or_default()
    }

    /// Batches committed, in the order of committing.
    pub fn commits(&self) -> Vec<i64> {
        self.0.commits().into_iter().map(BatchTime::as_millis).collect()
    }

    /// The columns the sink was bound to.
    ///
    /// # Panics
    /// When the job has not been prepared.
    pub fn schema(&self) -> SchemaRef {
        self.0.schema().expect("the job has not been prepared")
    }

    /// Writes staged that are neither committed nor aborted.
    pub fn left_over(&self) -> usize {
        self.0.n_left_over()
    }
}

#[async_trait::async_trait]
impl Sink for Collected {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        self.0.bind(schema)
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        self.0.write(id, rows).await
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        self.0.commit(batch, staged).await
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        self.0.abort(staged).await
    }
}

/// A sink that waits before it writes, until it is let.
#[derive(Debug)]
pub struct Held {
    sink: Collected,
    open: watch::Receiver<bool>,
}

impl Held {
    /// A sink that writes to `sink` once it is sent that it may.
    pub fn new(sink: Collected) -> (Self, watch::Sender<bool>) {
        let (open, is_open) = watch::channel(false);
        (Self { sink, open: is_open }, open)
    }
}

#[async_trait::async_trait]
impl Sink for Held {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        self.sink.bind(schema)
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        self.open.clone().wait_for(|open| *open).await.expect("the test keeps the sender");
        self.sink.write(id, rows).await
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        self.sink.commit(batch, staged).await
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        self.sink.abort(staged).await
    }
}

/// A job's events, which a test can wait for.
#[derive(Debug, Clone, Default)]
pub struct Events(testing::Events);

impl Deref for Events {
    type Target = testing::Events;

    fn deref(&self) -> &testing::Events {
        &self.0
    }
}

impl Events {
    /// Returns once that many batches are completed.
    ///
    /// # Panics
    /// When they aren't within a minute.
    pub async fn completed(&self, n_batches: usize) {
        let reached = tokio::time::timeout(PATIENCE, self.0.until_completed(n_batches)).await.is_ok();
        assert!(reached, "{n_batches} batches were not completed within a minute: {:#?}", self.0.all());
    }

    /// Returns once a batch is planned.
    ///
    /// # Panics
    /// When it isn't within a minute.
    pub async fn submitted(&self, batch: i64) {
        let is_it = |event: &Event| matches!(event, Event::BatchSubmitted(info) if info.batch_time.0 == batch);
        let submitted = self.0.until(|events| events.iter().any(is_it));
        let reached = tokio::time::timeout(PATIENCE, submitted).await.is_ok();
        assert!(reached, "batch {batch} was not planned within a minute: {:#?}", self.0.all());
    }
}

/// A job under test: its clock stands at 0, its batches are seconds, its plans cross an encoding.
#[derive(Debug)]
pub struct TestJob {
    /// Build streams and outputs here.
    pub context: StreamingContext,
    /// The job's clock.
    pub clock: ManualClock,
    /// What the job tells.
    pub events: Events,
}

impl Default for TestJob {
    fn default() -> Self {
        Self::new()
    }
}

impl TestJob {
    /// An empty job with two partitions at a time, whatever the machine has.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// An empty job with options of its own.
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::at(0, change)
    }

    /// An empty job whose clock stands at `start_ms`, with options of its own.
    pub fn at(start_ms: i64, change: impl FnOnce(&mut Options)) -> Self {
        let options = Options {
            cache: Some(crate::plugins::repository().join(".cache/tests/components")),
            roundtrip_plans: true,
            ..Options::default()
        };
        let (mut options, clock, events) = ManualJob::options(options, start_ms);
        change(&mut options);
        let context = StreamingContext::with_options("test", SECOND, options);
        context
            .job(|job| {
                job.parallelism = 2;
                job.memory = 1 << 30;
            })
            .expect("not started");
        Self { context, clock, events: Events(events) }
    }

    /// Start it.
    ///
    /// # Errors
    /// As [`StreamingContext::start`].
    pub async fn start(self) -> Result<StartedJob> {
        let Self { context, clock, events } = self;
        let job = ManualJob::new(context.start().await?, clock.clone(), events.0.clone(), SECOND);
        Ok(StartedJob { job, clock, events })
    }

    /// Start it, run `n_batches` batches, stop it gracefully.
    ///
    /// # Errors
    /// Why the job failed, if it did.
    pub async fn run(self, n_batches: usize) -> Result<Events> {
        let mut job = self.start().await?;
        for _ in 0..n_batches {
            job.batch().await?;
        }
        job.job.stop(true).await?;
        Ok(job.events)
    }
}

/// A job under test that runs.
#[derive(Debug)]
pub struct StartedJob {
    /// The job.
    pub job: ManualJob,
    /// Its clock.
    pub clock: ManualClock,
    /// What it tells.
    pub events: Events,
}

impl StartedJob {
    /// Let the next batch time come, and wait until its batch is completed.
    ///
    /// # Errors
    /// Why the job failed, if it did.
    pub async fn batch(&mut self) -> Result<()> {
        self.job.batch().await
    }
}
