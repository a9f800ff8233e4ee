//! An empty batch, end to end: from the moment when the clock says that it is due until it is committed, recorded and forgotten.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::batch::listener::{Event, Listener};
use sluicebox::clock::{BatchTime, ManualClock};
use sluicebox::context::{Options, RunningJob, StreamingContext};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::Error;
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox::receiver::queue::Queue;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

use crate::inputs::{self, Numbers};
use crate::measure::{Result, Times, duration, head, row};
use crate::plugins::{MEMORY, PARALLELISM};

/// Batches timed.
const BATCHES: usize = 1_000;
const INTERVAL: Duration = Duration::from_secs(1);
/// How long an empty batch may take.
const TARGET_MS: f64 = 3.0;

/// Print the table.
///
/// # Errors
/// If a job fails.
pub fn table(component: &Path) -> Result<()> {
    let columns = ["lines, split by a guest, counted by key", "median", "best", "nine of ten", "target"];
    let about = format!("{BATCHES} batches of each job, in turns; from the batch time until all of the batch is done.");
    head("An empty batch", &about, &columns, 1);
    // As the program has it.
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let kinds = [("no line, by `count`", 0, "count"), ("no line, by a guest", 0, "speed/tally")];
    let more = [("two partitions of one line, by `count`", 1, "count"), ("the same, by a guest", 1, "speed/tally")];
    runtime.block_on(async {
        let mut jobs = vec![];
        for (name, lines, with) in kinds.into_iter().chain(more) {
            jobs.push((name, lines, Job::start(component, with).await?, Times::default()));
        }
        // The first batches fill caches and start threads.
        for round in 0..BATCHES + 20 {
            for (_, lines, job, times) in &mut jobs {
                let time = job.batch(*lines).await?;
                if round >= 20 {
                    times.0.push(time);
                }
            }
        }
        for (name, lines, job, times) in jobs {
            job.running.stop(true).await?;
            let target = if lines == 0 { format!("{TARGET_MS:.2} ms") } else { String::new() };
            row(&[name.to_owned(), duration(times.median()), duration(times.best()), duration(times.at(0.9)), target]);
        }
        Ok(())
    })
}

/// A job that runs, on a clock of its own.
struct Job {
    running: RunningJob,
    clock: ManualClock,
    queue: Queue,
    numbers: Numbers,
    completed: mpsc::UnboundedReceiver<Option<String>>,
}

impl Job {
    async fn start(component: &Path, with: &str) -> Result<Self> {
        let clock = ManualClock::new(0);
        let (tell, completed) = mpsc::unbounded_channel();
        let listener = move |event: &Event| {
            if let Event::BatchCompleted(batch) = event {
                // Nobody listens once the last batch has come.
                let _ = tell.send(batch.failure.clone());
            }
        };
        let listeners: Vec<Arc<dyn Listener>> = vec![Arc::new(listener)];
        let options = Options { clock: Arc::new(clock.clone()), listeners, ..Options::default() };
        let context = StreamingContext::with_options("speed", INTERVAL, options);
        context.job(|job| {
            job.parallelism = PARALLELISM;
            job.memory = MEMORY;
        })?;
        context.plugin("speed", component)?;
        let (lines, queue) = context.queue_stream("lines", inputs::text_schema("value"))?;
        let words = lines.flat_map("words", "speed/split")?;
        words.reduce_by_key("counts", &["word"], with)?.write_to("nowhere", Arc::new(Nowhere))?;
        Ok(Self { running: context.start().await?, clock, queue, numbers: Numbers::new(), completed })
    }

    /// Run a batch of two partitions with so many lines each, or of none; how long it took, in seconds.
    async fn batch(&mut self, lines: usize) -> Result<f64> {
        let partitions = if lines == 0 { 0 } else { 2 };
        let rows = (0..partitions).map(|_| inputs::lines(&mut self.numbers, lines)).collect::<Result<_>>()?;
        self.queue.push(rows)?;
        let start = Instant::now();
        self.clock.advance(INTERVAL);
        match self.completed.recv().await {
            Some(None) => Ok(start.elapsed().as_secs_f64()),
            Some(Some(failure)) => Err(failure.into()),
            None => Err("the job ended before its batches".into()),
        }
    }
}

/// A sink that forgets what it is given.
#[derive(Debug)]
struct Nowhere;

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
        Ok(Staged { id, rows: n_rows, committable: Default::default() })
    }

    async fn commit(&self, _: BatchTime, _: &[Staged]) -> sluicebox::error::Result<()> {
        Ok(())
    }

    async fn abort(&self, _: &[Staged]) -> sluicebox::error::Result<()> {
        Ok(())
    }
}
