//! Event time: windows that close, windows that stay open, and keys that are remembered lest they come twice.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluicebox::arrow::array::{ArrayRef, Int64Array, RecordBatch, TimestampMillisecondArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use sluicebox::context::{StreamRef, StreamingContext};
use sluicebox::job::definition::EventWindows;
use sluicebox::receiver::queue::Queue;

use crate::inputs::{self, Numbers};
use crate::jobs::{self, INTERVAL, Job};
use crate::measure::{Result, Times, bytes, duration, head, rate, ratio, row};

/// Rows of a batch that is measured by its rows.
const MANY: usize = 500_000;
/// Rows of a batch beside much that is kept.
const FEW: usize = 10_000;
/// Batches in which what is kept comes.
const FILL: usize = 100;
const LEAST_ROUNDS: usize = 5;
const HOUR: Duration = Duration::from_secs(3600);

/// Print the tables.
///
/// # Errors
/// If a job fails, or makes another number of rows than it should.
pub fn table(component: &Path, budget: Duration) -> Result<()> {
    jobs::runtime()?.block_on(async {
        tumbling(component, budget).await?;
        open(component, budget).await?;
        remembered(component, budget).await
    })
}

/// Windows of a second, of which each batch brings one and closes the one before.
async fn tumbling(component: &Path, budget: Duration) -> Result<()> {
    let about = format!(
        "A batch has {MANY} rows of random keys of 1,000, at random times within a second; the window of the batch before closes. Against reduce-by-key of the same rows, in turns."
    );
    head("Tumbling windows of event time", &about, &["operation", "median", "rows", "reduce-by-key = 1"], 1);
    let windows = EventWindows::Sliding { length: Duration::from_secs(1), slide: None };
    for (name, with) in [("`count`", "count"), ("a guest's aggregate", "speed/tally")] {
        let (mut plain, plain_queue) = Job::start(component, |context| {
            let (rows, queue) = rows(context)?;
            Ok((rows.reduce_by_key("counts", &["key"], with)?, queue))
        })
        .await?;
        let (mut job, queue) = Job::start(component, |context| windowed(context, with, windows)).await?;
        let (mut numbers, mut times) = (Numbers::new(), [Times::default(), Times::default()]);
        let mut begin = Instant::now();
        let mut round = 0;
        while round <= LEAST_ROUNDS + 1 || begin.elapsed() < budget {
            if round == 2 {
                begin = Instant::now();
            }
            let keys = inputs::keys(&mut numbers, MANY, 1_000);
            let dataset = timed(&keys, |_| round as i64 * 1000 + (numbers.next() % 1000) as i64)?;
            plain_queue.push(dataset.clone())?;
            queue.push(dataset)?;
            let time = [plain.batch().await?, job.batch().await?];
            let expected = if round == 0 { 0 } else { plain.rows() };
            if job.rows() != expected {
                return Err(format!("{} windows closed where {expected} should", job.rows()).into());
            }
            if round > 1 {
                times.iter_mut().zip(time).for_each(|(times, time)| times.0.push(time));
            }
            round += 1;
        }
        for job in [plain, job] {
            job.stop().await?;
        }
        for (operation, of) in [("reduce-by-key", &times[0]), ("event-time-window", &times[1])] {
            let (median, each) = (of.median(), ratio(of.ratio_to(&times[0])));
            row(&[format!("{operation}, {name}"), duration(median), rate(MANY, median), each]);
        }
    }
    Ok(())
}

/// Windows that none of the batches closes.
async fn open(component: &Path, budget: Duration) -> Result<()> {
    let about = format!(
        "One window of each key is open, and stays it. A batch has {FEW} rows of random keys. Kept is what the job's memory holds."
    );
    head("Open windows of event time", &about, &["windows", "open", "a batch, median", "kept"], 1);
    let tumbling = EventWindows::Sliding { length: HOUR, slide: None };
    let sessions = EventWindows::Session { gap: HOUR, max_length: 24 * HOUR };
    for (name, with, windows) in [
        ("of an hour, `count`", "count", tumbling),
        ("of an hour, a guest's aggregate", "speed/tally", tumbling),
        ("sessions, `count`", "count", sessions),
    ] {
        for n_keys in [1_000, 100_000] {
            let (mut job, queue) = Job::start(component, |context| windowed(context, with, windows)).await?;
            queue.push(timed(&inputs::shuffled(n_keys, 7_919), |_| 0)?)?;
            job.batch().await?;
            let mut numbers = Numbers::new();
            let mut batch = 0;
            let times = beside(budget / 3, &mut job, || {
                batch += 1;
                let keys = inputs::keys(&mut numbers, FEW, n_keys);
                queue.push(timed(&keys, |_| batch)?).map_err(Into::into)
            })
            .await?;
            if job.rows() != 0 {
                return Err(format!("{} windows closed before their time", job.rows()).into());
            }
            row(&[name.to_owned(), n_keys.to_string(), duration(times.median()), bytes(job.memory())]);
            job.stop().await?;
        }
    }
    Ok(())
}

/// Keys that are new, and are forgotten after a while.
async fn remembered(component: &Path, budget: Duration) -> Result<()> {
    let about = format!(
        "A batch has {FEW} rows of keys that are new, and as many are forgotten; or of keys that are known and come again. Kept is what the job's memory holds."
    );
    let columns = ["rows", "keys remembered", "a batch, median", "rows per second", "kept"];
    head("drop-duplicates", &about, &columns, 1);
    for (name, n_keys, is_new) in
        [("new", FEW, true), ("new", FEW * FILL, true), ("known", FEW, false), ("known", FEW * FILL, false)]
    {
        let batches = (n_keys / FEW) as u32;
        // Where keys come again, none is forgotten.
        let time_to_live = if is_new { INTERVAL * batches } else { 24 * HOUR };
        let (mut job, queue) = Job::start(component, |context| {
            let (rows, queue) = context.queue_stream("rows", inputs::keyed_schema())?;
            Ok((rows.drop_duplicates("first", &["key"], Some(time_to_live))?, queue))
        })
        .await?;
        let mut next = 0;
        let mut new = |queue: &Queue| -> Result<()> {
            let keys: Vec<i64> = (next..next + FEW as i64).collect();
            next += FEW as i64;
            Ok(queue.push(inputs::keyed(&keys)?)?)
        };
        for _ in 0..=batches {
            new(&queue)?;
            job.batch().await?;
        }
        let (mut numbers, known) = (Numbers::new(), n_keys as u64);
        let again = || -> Result<()> { Ok(queue.push(inputs::keyed(&inputs::keys(&mut numbers, FEW, known))?)?) };
        let times = match is_new {
            true => beside(budget / 2, &mut job, || new(&queue)).await?,
            false => beside(budget / 2, &mut job, again).await?,
        };
        let expected = if is_new { FEW as u64 } else { 0 };
        if job.rows() != expected {
            return Err(format!("{} rows came first where {expected} should", job.rows()).into());
        }
        let median = times.median();
        row(&[name.to_owned(), n_keys.to_string(), duration(median), rate(FEW, median), bytes(job.memory())]);
        job.stop().await?;
    }
    Ok(())
}

/// Times of batches, each of rows that `push` pushes. The first ones aren't counted.
async fn beside(budget: Duration, job: &mut Job, mut push: impl FnMut() -> Result<()>) -> Result<Times> {
    for _ in 0..3 {
        push()?;
        job.batch().await?;
    }
    let (begin, mut times) = (Instant::now(), Times::default());
    while times.0.len() < LEAST_ROUNDS || begin.elapsed() < budget {
        push()?;
        times.0.push(job.batch().await?);
    }
    Ok(times)
}

fn schema() -> SchemaRef {
    let at = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    Arc::new(Schema::new(vec![Field::new("key", DataType::Int64, false), Field::new("at", at, false)]))
}

/// A queue of rows that happened at a time.
fn rows(context: &StreamingContext) -> Result<(StreamRef, Queue)> {
    let (rows, queue) = context.queue_stream("rows", schema())?;
    Ok((rows.with_event_time("at", Duration::ZERO)?, queue))
}

fn windowed(context: &StreamingContext, with: &str, windows: EventWindows) -> Result<(StreamRef, Queue)> {
    let (rows, queue) = rows(context)?;
    Ok((rows.event_time_window("counts", &["key"], with, windows)?, queue))
}

/// A dataset of two partitions: a row of each key, at a time of its own.
fn timed(keys: &[i64], mut at: impl FnMut(i64) -> i64) -> Result<Vec<RecordBatch>> {
    let mut rows = |keys: &[i64]| {
        let at: TimestampMillisecondArray = keys.iter().map(|key| Some(at(*key))).collect();
        let columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(keys.to_vec())), Arc::new(at.with_timezone("UTC"))];
        RecordBatch::try_new(schema(), columns)
    };
    let (first, second) = keys.split_at(keys.len() / 2);
    Ok(vec![rows(first)?, rows(second)?])
}
