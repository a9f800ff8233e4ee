//! One operation for the comparison with Spark Streaming: its batches' times, a line each, then the rows of the last one. `host/benches/operations` has the other side, with the same rows.

use std::path::Path;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::receiver::queue::Queue;

use crate::inputs::{self, Numbers};
use crate::jobs::{self, Job};
use crate::joins;
use crate::measure::Result;
use crate::windows::{self, Way};

/// Keys of a batch that only fills the state.
const FILL: u64 = 500_000;

/// What is run, from the command line.
#[derive(Debug, Default)]
pub struct Side {
    /// The operation's name: `map-with-state` and so on.
    pub operation: String,
    /// By the host's own aggregate, not a guest's.
    pub built_in: bool,
    /// Keys held, or joined.
    pub keys: u64,
    /// Rows of a batch.
    pub rows: usize,
    /// Batches that are not measured, after those that fill.
    pub warm: usize,
    /// Batches that are.
    pub batches: usize,
}

impl Side {
    /// Run it.
    ///
    /// # Errors
    /// If there is no such operation, or the job fails.
    pub fn run(&self, component: &Path) -> Result<()> {
        jobs::runtime()?.block_on(async {
            match self.operation.as_str() {
                "join" => {
                    let (job, queues) = Job::start(component, joins::join).await?;
                    let sides = joins::sides(self.keys)?;
                    self.batches(job, 0, |_| joins::push(&queues, &sides)).await
                }
                "map-with-state" | "update-state-by-key" => {
                    let with = if self.built_in { "sum" } else { "speed/sum" };
                    let (job, queue) = Job::start(component, |context| {
                        let (rows, queue) = context.queue_stream("rows", inputs::keyed_schema())?;
                        let kept = match self.operation.as_str() {
                            "map-with-state" => rows.map_with_state("kept", &["key"], "speed/visits")?,
                            _ => rows.update_state_by_key("kept", &["key"], with)?,
                        };
                        Ok((kept, queue))
                    })
                    .await?;
                    let filling = self.keys.div_ceil(FILL) as usize;
                    self.touching(job, &queue, filling).await
                }
                "window" | "window-with-inverse" => {
                    let way = if self.operation == "window" { Way::Partials } else { Way::Inverse };
                    let with = if self.built_in { "count" } else { "speed/tally" };
                    let (job, queue) = Job::start(component, |context| windows::counts(context, with, way)).await?;
                    self.touching(job, &queue, 0).await
                }
                other => Err(format!("there is no operation \"{other}\"").into()),
            }
        })
    }

    /// Batches of random keys, after those in which all keys come once.
    async fn touching(&self, job: Job, queue: &Queue, filling: usize) -> Result<()> {
        let mut numbers = Numbers::new();
        self.batches(job, filling, |batch| {
            let rows: Vec<RecordBatch> = match batch as u64 * FILL {
                start if batch < filling => {
                    inputs::keyed(&(start as i64..(start + FILL).min(self.keys) as i64).collect::<Vec<_>>())?
                }
                _ => inputs::keyed(&inputs::keys(&mut numbers, self.rows, self.keys))?,
            };
            Ok(queue.push(rows)?)
        })
        .await
    }

    async fn batches(&self, mut job: Job, filling: usize, mut push: impl FnMut(usize) -> Result<()>) -> Result<()> {
        for batch in 0..filling + self.warm + self.batches {
            push(batch)?;
            let seconds = job.batch().await?;
            if batch >= filling + self.warm {
                println!("batch {:.3}", seconds * 1e3);
            }
        }
        println!("rows {}", job.rows());
        job.stop().await
    }
}
