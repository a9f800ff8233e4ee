//! A job on a manual clock: datasets in, datasets out, nothing sleeps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use parking_lot::Mutex;
use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::batch::listener::{BatchInfo, Event, Listener};
use sluicebox::clock::{BatchTime, ManualClock};
use sluicebox::context::{Options, RunningJob, StreamingContext};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::{Error, Result};
use sluicebox::output::{Sink, Staged, WriteId};
use tokio::sync::watch;

use crate::rows::show;

/// A batch of a second, as Spark's own tests have it.
pub const SECOND: Duration = Duration::from_secs(1);

/// A sink that keeps what was committed, and notices what a sink must never see.
#[derive(Debug, Clone, Default)]
pub struct Collected(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    schema: Option<SchemaRef>,
    staged: BTreeMap<(i64, u32, u32), Vec<RecordBatch>>,
    committed: BTreeMap<i64, Vec<Vec<RecordBatch>>>,
    commits: Vec<i64>,
}

impl Collected {
    /// Partitions of a committed batch, each as rows of text.
    pub fn partitions(&self, batch: i64) -> Vec<Vec<String>> {
        let kept = self.0.lock();
        let partitions =
            kept.committed.get(&batch).unwrap_or_else(|| panic!("batch {batch} is not committed: {:?}", kept.commits));
        partitions.iter().map(|rows| rows.iter().flat_map(show).collect()).collect()
    }

    /// Rows of a committed batch, in the order of the partitions.
    pub fn rows(&self, batch: i64) -> Vec<String> {
        self.partitions(batch).concat()
    }

    /// Rows of a committed batch, sorted.
    pub fn sorted(&self, batch: i64) -> Vec<String> {
        let mut rows = self.rows(batch);
        rows.sort();
        rows
    }

    /// The record batches of a committed batch, by partition.
    pub fn batches(&self, batch: i64) -> Vec<Vec<RecordBatch>> {
        self.0.lock().committed.get(&batch).cloned().unwrap_or_default()
    }

    /// Batches committed, in the order of committing.
    pub fn commits(&self) -> Vec<i64> {
        self.0.lock().commits.clone()
    }

    /// The columns the sink was bound to.
    pub fn schema(&self) -> SchemaRef {
        self.0.lock().schema.clone().expect("the job has not been prepared")
    }

    /// Writes staged that are neither committed nor aborted.
    pub fn left_over(&self) -> usize {
        self.0.lock().staged.len()
    }
}

#[async_trait::async_trait]
impl Sink for Collected {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        self.0.lock().schema = Some(schema.clone());
        Ok(())
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        let rows: Vec<RecordBatch> = rows.try_collect().await.map_err(Error::failed)?;
        let n_rows = rows.iter().map(|rows| rows.num_rows() as u64).sum();
        self.0.lock().staged.insert((id.batch.0, id.partition, id.attempt), rows);
        Ok(Staged { id, rows: n_rows, committable: Default::default() })
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let mut kept = self.0.lock();
        let partitions = staged
            .iter()
            .map(|staged| {
                kept.staged
                    .remove(&(staged.id.batch.0, staged.id.partition, staged.id.attempt))
                    .expect("committed without being staged")
            })
            .collect();
        let before = kept.committed.insert(batch.0, partitions);
        assert!(before.is_none(), "batch {batch} is committed twice");
        kept.commits.push(batch.0);
        Ok(())
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        let mut kept = self.0.lock();
        for staged in staged {
            kept.staged.remove(&(staged.id.batch.0, staged.id.partition, staged.id.attempt));
        }
        Ok(())
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

/// Keeps events, and lets a test wait for batches.
#[derive(Debug, Clone)]
pub struct Events {
    events: Arc<Mutex<Vec<Event>>>,
    completed: Arc<watch::Sender<usize>>,
    /// Says that there is another event.
    told: Arc<watch::Sender<()>>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            events: Arc::default(),
            completed: Arc::new(watch::Sender::new(0)),
            told: Arc::new(watch::Sender::new(())),
        }
    }
}

impl Listener for Events {
    fn on_event(&self, event: &Event) {
        self.events.lock().push(event.clone());
        self.told.send_replace(());
        if matches!(event, Event::BatchCompleted(_)) {
            self.completed.send_modify(|n_completed| *n_completed += 1);
        }
    }
}

impl Events {
    /// Returns once that many batches are completed.
    pub async fn completed(&self, n_batches: usize) {
        let mut completed = self.completed.subscribe();
        let wait = completed.wait_for(|n_completed| *n_completed >= n_batches);
        let reached = tokio::time::timeout(Duration::from_secs(60), wait).await.is_ok();
        assert!(reached, "{n_batches} batches were not completed within a minute: {:#?}", self.events.lock());
    }

    /// Returns once a batch is planned.
    pub async fn submitted(&self, batch: i64) {
        let is_it = |event: &Event| matches!(event, Event::BatchSubmitted(info) if info.batch_time.0 == batch);
        let mut told = self.told.subscribe();
        let wait = told.wait_for(|()| self.events.lock().iter().any(is_it));
        let reached = tokio::time::timeout(Duration::from_secs(60), wait).await.is_ok();
        assert!(reached, "batch {batch} was not planned within a minute: {:#?}", self.events.lock());
    }

    /// All events so far.
    pub fn all(&self) -> Vec<Event> {
        self.events.lock().clone()
    }

    /// Completed batches, in order.
    pub fn batches(&self) -> Vec<BatchInfo> {
        let batch = |event: &Event| if let Event::BatchCompleted(batch) = event { Some(batch.clone()) } else { None };
        self.events.lock().iter().filter_map(batch).collect()
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
        let clock = ManualClock::new(0);
        let events = Events::default();
        let mut options = Options {
            clock: Arc::new(clock.clone()),
            listeners: vec![Arc::new(events.clone())],
            cache: Some(crate::plugins::repository().join(".cache/tests/components")),
            roundtrip_plans: true,
            ..Options::default()
        };
        change(&mut options);
        let context = StreamingContext::with_options("test", SECOND, options);
        context
            .job(|job| {
                job.parallelism = 2;
                job.memory = 1 << 30;
            })
            .expect("not started");
        Self { context, clock, events }
    }

    /// Start it.
    ///
    /// # Errors
    /// As [`StreamingContext::start`].
    pub async fn start(self) -> Result<StartedJob> {
        let Self { context, clock, events } = self;
        Ok(StartedJob { job: context.start().await?, clock, events, n_batches: 0 })
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
    pub job: RunningJob,
    /// Its clock.
    pub clock: ManualClock,
    /// What it tells.
    pub events: Events,
    n_batches: usize,
}

impl StartedJob {
    /// Let the next batch time come, and wait until its batch is completed.
    ///
    /// # Errors
    /// Why the job failed, if it did.
    pub async fn batch(&mut self) -> Result<()> {
        self.n_batches += 1;
        self.clock.advance(SECOND);
        tokio::select! {
            () = self.events.completed(self.n_batches) => Ok(()),
            result = self.job.await_termination() => result,
        }
    }
}
