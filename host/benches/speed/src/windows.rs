//! Windows of many batches, folded by key: with an inverse, of each batch's partials, and of all their rows.

use std::path::Path;
use std::time::{Duration, Instant};

use sluicebox::context::{StreamRef, StreamingContext};
use sluicebox::job::definition::{
    AggregateDefinition, OperationDefinition, OperatorName, WindowDefinition, WindowFoldDefinition,
};
use sluicebox::receiver::queue::Queue;

use crate::inputs::{self, Numbers};
use crate::jobs::{self, INTERVAL, Job};
use crate::measure::{Result, Times, bytes, duration, head, ratio, row};

/// Batches of a window.
pub const BATCHES: u32 = 60;
/// Rows of a batch.
const ROWS: usize = 50_000;
/// Slides measured at least.
const LEAST_SLIDES: usize = 5;

/// How a window is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Of the window before.
    Inverse,
    /// Of its batches' partials.
    Partials,
    /// Of its batches' rows.
    Rows,
}

/// Print the table.
///
/// # Errors
/// If a job fails, or two ways to make the same window make different numbers of rows.
pub fn table(component: &Path, budget: Duration) -> Result<()> {
    let about = format!(
        "Rows of the last {BATCHES} batches counted by an int64 key, each batch: a batch has {ROWS} rows of random keys. A slide's time is from the batch time until all of the \
         batch is done; kept is what the job's memory holds between batches. `rows` is a window of rows, counted; in turns."
    );
    let columns = ["aggregate", "keys", "made", "a slide, median", "with inverse = 1", "kept"];
    head(&format!("A window of {BATCHES} batches"), &about, &columns, 1);
    jobs::runtime()?.block_on(async {
        for (name, with, keys) in [
            ("`count`", "count", 10_000),
            ("`count`", "count", 100_000),
            ("a guest's", "speed/tally", 10_000),
            ("a guest's", "speed/tally", 100_000),
        ] {
            measure(component, name, with, keys, budget).await?;
        }
        Ok(())
    })
}

async fn measure(component: &Path, name: &str, with: &str, keys: u64, budget: Duration) -> Result<()> {
    let ways = [("with inverse", Way::Inverse), ("of partials", Way::Partials), ("of rows", Way::Rows)];
    let mut jobs = vec![];
    for (made, way) in ways {
        let (job, queue) = Job::start(component, |context| counts(context, with, way)).await?;
        jobs.push((made, job, queue, Times::default()));
    }
    let mut numbers = Numbers::new();
    let (mut slide, mut begin) = (0, Instant::now());
    let filled = BATCHES as usize;
    while slide < filled + LEAST_SLIDES || begin.elapsed() < budget {
        if slide == filled {
            begin = Instant::now();
        }
        let rows = inputs::keyed(&inputs::keys(&mut numbers, ROWS, keys))?;
        for (_, job, queue, times) in &mut jobs {
            queue.push(rows.clone())?;
            let time = job.batch().await?;
            if slide >= filled {
                times.0.push(time);
            }
        }
        let made: Vec<u64> = jobs.iter().map(|(_, job, ..)| job.rows()).collect();
        if made.iter().any(|rows| *rows != made[0]) {
            return Err(format!("slide {slide}: windows that should be the same have {made:?} rows").into());
        }
        slide += 1;
    }
    let inverse = jobs[0].3.clone();
    for (made, job, _, times) in jobs {
        let kept = job.memory();
        job.stop().await?;
        let cells = [duration(times.median()), ratio(times.ratio_to(&inverse)), bytes(kept)];
        let [time, ratio, kept] = cells;
        row(&[name.to_owned(), keys.to_string(), made.to_owned(), time, ratio, kept]);
    }
    Ok(())
}

/// The window's counts by key.
///
/// # Errors
/// None that happens.
pub fn counts(context: &StreamingContext, with: &str, way: Way) -> Result<(StreamRef, Queue)> {
    let (rows, queue) = context.queue_stream("rows", inputs::keyed_schema())?;
    let length = INTERVAL * BATCHES;
    let counts = match way {
        Way::Rows => rows.window("window", length, None)?.reduce_by_key("counts", &["key"], with)?,
        Way::Inverse | Way::Partials => {
            let with = match with.split_once('/') {
                None => AggregateDefinition::Count,
                Some((plugin, operator)) => {
                    let (plugin, operator) = (plugin.to_owned(), operator.to_owned());
                    AggregateDefinition::Operator(OperatorName {
                        plugin,
                        operator,
                        columns: None,
                        overrides: Default::default(),
                    })
                }
            };
            let mut window = WindowFoldDefinition::from(WindowDefinition { length, slide: None });
            window.inverse = Some(way == Way::Inverse);
            let key = vec!["key".to_owned()];
            rows.then("counts", OperationDefinition::ReduceByKeyAndWindow { key, with, window })?
        }
    };
    Ok((counts, queue))
}
