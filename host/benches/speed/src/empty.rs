//! An empty batch, end to end: from the moment when the clock says that it is due until it is committed, recorded and forgotten.

use std::path::Path;

use sluicebox::receiver::queue::Queue;

use crate::inputs::{self, Numbers};
use crate::jobs::{self, Job};
use crate::measure::{Result, Times, duration, head, row};

/// Batches timed.
const BATCHES: usize = 1_000;
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
    let kinds = [("no line, by `count`", 0, "count"), ("no line, by a guest", 0, "speed/tally")];
    let more = [("two partitions of one line, by `count`", 1, "count"), ("the same, by a guest", 1, "speed/tally")];
    jobs::runtime()?.block_on(async {
        let (mut jobs, mut numbers) = (vec![], Numbers::new());
        for (name, lines, with) in kinds.into_iter().chain(more) {
            let (job, queue) = start(component, with).await?;
            jobs.push((name, lines, job, queue, Times::default()));
        }
        // The first batches fill caches and start threads.
        for round in 0..BATCHES + 20 {
            for (_, lines, job, queue, times) in &mut jobs {
                // Two partitions with so many lines each, or none.
                let partitions = if *lines == 0 { 0 } else { 2 };
                queue.push((0..partitions).map(|_| inputs::lines(&mut numbers, *lines)).collect::<Result<_>>()?)?;
                let time = job.batch().await?;
                if round >= 20 {
                    times.0.push(time);
                }
            }
        }
        for (name, lines, job, _, times) in jobs {
            job.stop().await?;
            let target = if lines == 0 { format!("{TARGET_MS:.2} ms") } else { String::new() };
            row(&[name.to_owned(), duration(times.median()), duration(times.best()), duration(times.at(0.9)), target]);
        }
        Ok(())
    })
}

async fn start(component: &Path, with: &str) -> Result<(Job, Queue)> {
    Job::start(component, |context| {
        let (lines, queue) = context.queue_stream("lines", inputs::text_schema("value"))?;
        let words = lines.flat_map("words", "speed/split")?;
        Ok((words.reduce_by_key("counts", &["word"], with)?, queue))
    })
    .await
}
