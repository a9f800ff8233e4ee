//! What a checkpoint costs a batch, and how long it takes to go on from one.

use std::path::Path;
use std::time::{Duration, Instant};

use sluicebox::context::{StreamRef, StreamingContext};
use sluicebox::job::definition::FileFormat;
use sluicebox::receiver::queue::Queue;

use crate::inputs::{self, Numbers};
use crate::jobs::{self, INTERVAL, Job};
use crate::measure::{Result, Times, bytes, duration, head, ratio, row};

/// Lines of a batch of the word count: some 8 MB, in four partitions.
const LINES: usize = 130_000;
/// What a batch with a checkpoint may cost of one without.
const TARGET: f64 = 1.15;
/// Keys of a batch that only fills the state.
const FILL: i64 = 500_000;

/// Print the tables.
///
/// # Errors
/// If a job fails, or goes on with other state than it had.
pub fn table(component: &Path, budget: Duration) -> Result<()> {
    jobs::runtime()?.block_on(async {
        cost(component, budget).await?;
        waits(component, budget).await?;
        recovery(component, if budget > Duration::from_secs(1) { 16_000_000 } else { 2_000_000 }).await
    })
}

/// What a job does.
#[derive(Clone, Copy)]
enum Work {
    WordCount,
    Totals,
    Small,
    State(i64),
}

impl Work {
    const ALL: [(&'static str, Self); 4] = [
        ("word count of a batch of 8 MB", Work::WordCount),
        ("the same, and totals in keyed state", Work::Totals),
        ("a batch of two lines", Work::Small),
        ("map-with-state, 1,000,000 keys held, 10,000 touched", Work::State(1_000_000)),
    ];

    fn build(self, context: &StreamingContext) -> Result<(StreamRef, Queue)> {
        if let Work::State(_) = self {
            return keyed(context);
        }
        let (lines, queue) = context.queue_stream("lines", inputs::text_schema("value"))?;
        let counts = lines.flat_map("words", "speed/split")?.reduce_by_key("counts", &["word"], "count")?;
        Ok(match self {
            Work::Totals => (counts.update_state_by_key("totals", &["word"], "sum")?, queue),
            _ => (counts, queue),
        })
    }

    fn push(self, queue: &Queue, numbers: &mut Numbers) -> Result<()> {
        let lines = |numbers: &mut Numbers, partitions: usize, lines: usize| {
            (0..partitions).map(|_| inputs::lines(numbers, lines / partitions)).collect::<Result<_>>()
        };
        Ok(queue.push(match self {
            Work::WordCount | Work::Totals => lines(numbers, 4, LINES)?,
            Work::Small => lines(numbers, 2, 2)?,
            Work::State(held) => inputs::keyed(&inputs::keys(numbers, 10_000, held as u64))?,
        })?)
    }
}

fn keyed(context: &StreamingContext) -> Result<(StreamRef, Queue)> {
    let (input, queue) = context.queue_stream("input", inputs::keyed_schema())?;
    Ok((input.map_with_state("kept", &["key"], "speed/visits")?, queue))
}

async fn fill(job: &mut Job, queue: &Queue, n_keys: i64) -> Result<()> {
    for start in (0..n_keys).step_by(FILL as usize) {
        queue.push(inputs::keyed(&(start..n_keys.min(start + FILL)).collect::<Vec<_>>())?)?;
        job.batch().await?;
    }
    Ok(())
}

/// Start the job without a checkpoint and the one with, below a folder, and give both the state that they begin with. With `files`, each writes what it makes to CSV files.
async fn both(component: &Path, work: Work, folder: &Path, files: bool) -> Result<[(Job, Queue); 2]> {
    let begin = async |name: &str, checkpoint: Option<String>| -> Result<(Job, Queue)> {
        let build = |context: &StreamingContext| {
            let (rows, queue) = work.build(context)?;
            if files {
                rows.save_as_files("files", folder.join(name), FileFormat::Csv)?;
            }
            Ok((rows, queue))
        };
        let (mut job, queue) = Job::start_at(component, checkpoint, 0, build).await?;
        if let Work::State(held) = work {
            fill(&mut job, &queue, held).await?;
        }
        Ok((job, queue))
    };
    let url = format!("file://{}", folder.join("checkpoint").display());
    Ok([begin("plain", None).await?, begin("kept", Some(url)).await?])
}

async fn cost(component: &Path, budget: Duration) -> Result<()> {
    let about = "Batches of two jobs in turns, one without a checkpoint, one with a checkpoint on this machine's disk: each file is synced, with its folder. The last column is by \
                 how much a batch waits longer until it is committed and done.";
    head("A checkpoint", about, &["work", "without", "with", "ratio", "target", "bytes a batch", "longer"], 1);
    for (name, work) in Work::ALL {
        let folder = tempfile::tempdir()?;
        let [(mut plain, plain_queue), (mut kept, kept_queue)] = both(component, work, folder.path(), false).await?;
        let (mut without, mut with) = (Times::default(), Times::default());
        let mut numbers = Numbers::new();
        let mut written = size(folder.path())?;
        let begin = Instant::now();
        let mut round = 0;
        while round < 8 || begin.elapsed() < 2 * budget {
            work.push(&plain_queue, &mut numbers)?;
            work.push(&kept_queue, &mut numbers)?;
            let times = (plain.batch().await?, kept.batch().await?);
            // The first batches fill caches and start threads.
            if round >= 3 {
                without.0.push(times.0);
                with.0.push(times.1);
            } else {
                written = size(folder.path())?;
            }
            round += 1;
        }
        let n = with.0.len() as u64;
        let written = size(folder.path())?.saturating_sub(written) / n.max(1);
        let target = if matches!(work, Work::WordCount) { ratio(TARGET) } else { String::new() };
        let longer = duration((with.median() - without.median()).max(0.0));
        let [a, b] = [without.median(), with.median()].map(duration);
        row(&[name.to_owned(), a, b, ratio(with.ratio_to(&without)), target, bytes(written), longer]);
        plain.stop().await?;
        kept.stop().await?;
    }
    Ok(())
}

async fn waits(component: &Path, budget: Duration) -> Result<()> {
    let about = "How long a batch that is written to CSV files waits from when its last partition is staged until its files can be seen and the batch is on record \
                 as done. Without a checkpoint that is the commit of the files alone; with one, its result and what it changed of state are made safe before.";
    let columns = ["work", "without: median", "nine of ten within", "with: median", "nine of ten within"];
    head("The wait for the commit", about, &columns, 1);
    for (name, work) in Work::ALL {
        let folder = tempfile::tempdir()?;
        let [(mut plain, plain_queue), (mut kept, kept_queue)] = both(component, work, folder.path(), true).await?;
        let (mut without, mut with) = (Times::default(), Times::default());
        let (mut numbers, begin) = (Numbers::new(), Instant::now());
        let mut round = 0;
        while round < 13 || begin.elapsed() < 2 * budget {
            for (job, queue, times) in [(&mut plain, &plain_queue, &mut without), (&mut kept, &kept_queue, &mut with)] {
                work.push(queue, &mut numbers)?;
                job.batch().await?;
                // The first batches fill caches and start threads.
                if round >= 3 {
                    times.0.push(job.waited());
                }
            }
            round += 1;
        }
        plain.stop().await?;
        kept.stop().await?;
        let slowest = |times: &Times| duration(times.at(0.9));
        let [a, b] = [without.median(), with.median()].map(duration);
        row(&[name.to_owned(), a, slowest(&without), b, slowest(&with)]);
    }
    Ok(())
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}

async fn recovery(component: &Path, n_keys: i64) -> Result<()> {
    let about = "A job with keyed state is stopped, and started again from its checkpoint: the time until its first batch is done, beside that of a job that begins with nothing. The state is held twice \
                 while it is loaded.";
    head("Going on from a checkpoint", about, &["keys held", "checkpoint", "begins anew", "goes on", "MB/s"], 0);
    let folder = tempfile::tempdir()?;
    let url = format!("file://{}", folder.path().display());
    let (mut job, queue) = Job::start_at(component, Some(url.clone()), 0, keyed).await?;
    fill(&mut job, &queue, n_keys).await?;
    job.stop().await?;
    let on_disk = size(folder.path())?;
    let mut times = vec![];
    for checkpoint in [None, Some(url)] {
        let begin = Instant::now();
        let start_ms = 1000 * INTERVAL.as_millis() as i64;
        let (mut job, queue) = Job::start_at(component, checkpoint.clone(), start_ms, keyed).await?;
        queue.push(inputs::keyed(&[0, n_keys - 1])?)?;
        job.batch().await?;
        times.push(begin.elapsed().as_secs_f64());
        job.stop().await?;
    }
    let rate = on_disk as f64 / 1e6 / (times[1] - times[0]).max(1e-9);
    row(&[n_keys.to_string(), bytes(on_disk), duration(times[0]), duration(times[1]), format!("{rate:.0}")]);
    Ok(())
}
