//! Joins of two streams, against DataFusion's own join of the same rows.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use sluicebox::arrow::array::RecordBatch;
use sluicebox::context::{StreamRef, StreamingContext};
use sluicebox::datafusion::datasource::MemTable;
use sluicebox::datafusion::prelude::{SessionConfig, SessionContext};
use sluicebox::receiver::queue::Queue;

use crate::inputs;
use crate::jobs::{self, Job};
use crate::measure::{Result, Times, duration, head, rate, ratio, row};
use crate::plugins::PARALLELISM;

/// Rows of each side, each of another key.
const ROWS: u64 = 1_000_000;
/// Steps that put both sides' keys in different orders.
const STEPS: [u64; 2] = [7_919, 104_729];
const LEAST_ROUNDS: usize = 5;
/// The join in SQL.
pub const QUERY: &str = "select a.key, a.n as left_n, b.n as right_n from a join b on a.key = b.key";

/// Print the table.
///
/// # Errors
/// If a join fails, or makes another number of rows than there are keys.
pub fn table(component: &Path, budget: Duration) -> Result<()> {
    let about = format!(
        "{ROWS} rows with {ROWS} rows by an int64 key, one of each key on either side, in different orders; in two partitions each, in memory. Rows per second are those of both \
         sides. DataFusion alone has {PARALLELISM} target partitions, tables in memory, and no batch around it; the others are whole batches. In turns."
    );
    head("A join", &about, &["join", "median", "rows", "DataFusion = 1"], 1);
    jobs::runtime()?.block_on(async {
        let sides = sides(ROWS)?;
        let (mut joined, join) = Job::start(component, join).await?;
        let (mut cogrouped, cogroup) = Job::start(component, |context| {
            let ([left, right], queues) = queues(context)?;
            Ok((left.cogroup("joined", &[&right], &["key"])?, queues))
        })
        .await?;
        let (mut queried, query) = Job::start(component, |context| {
            let (_, queues) = queues(context)?;
            Ok((context.sql("joined", QUERY)?, queues))
        })
        .await?;
        let alone = alone(&sides)?;
        let mut times = vec![Times::default(); 4];
        let mut begin = Instant::now();
        let mut round = 0;
        // The first round isn't counted.
        while round <= LEAST_ROUNDS || begin.elapsed() < budget {
            if round == 1 {
                begin = Instant::now();
            }
            let start = Instant::now();
            let rows = count(&alone).await?;
            let mut made = vec![(start.elapsed().as_secs_f64(), rows)];
            for (job, queues) in [(&mut joined, &join), (&mut queried, &query), (&mut cogrouped, &cogroup)] {
                push(queues, &sides)?;
                made.push((job.batch().await?, job.rows()));
            }
            for ((time, rows), times) in made.into_iter().zip(&mut times) {
                if rows != ROWS {
                    return Err(format!("{rows} rows were joined of {ROWS}").into());
                }
                if round > 0 {
                    times.0.push(time);
                }
            }
            round += 1;
        }
        for job in [joined, cogrouped, queried] {
            job.stop().await?;
        }
        let names = ["DataFusion alone", "`join`", "`sql` with the same query", "`cogroup`, a list of each side"];
        for (name, of) in names.iter().zip(&times) {
            let (median, each) = (of.median(), ratio(of.ratio_to(&times[0])));
            row(&[(*name).to_owned(), duration(median), rate(2 * ROWS as usize, median), each]);
        }
        Ok(())
    })
}

/// Both sides' rows.
///
/// # Errors
/// None that happens.
pub fn sides(rows: u64) -> Result<[Vec<RecordBatch>; 2]> {
    let [left, right] = STEPS.map(|step| inputs::keyed(&inputs::shuffled(rows, step)));
    Ok([left?, right?])
}

/// A job that joins two queues.
///
/// # Errors
/// None that happens.
pub fn join(context: &StreamingContext) -> Result<(StreamRef, [Queue; 2])> {
    let ([left, right], queues) = queues(context)?;
    Ok((left.join("joined", &right, &["key"])?, queues))
}

/// A batch's rows.
///
/// # Errors
/// If memory is used up.
pub fn push(queues: &[Queue; 2], sides: &[Vec<RecordBatch>; 2]) -> Result<()> {
    for (queue, side) in queues.iter().zip(sides) {
        queue.push(side.clone())?;
    }
    Ok(())
}

fn queues(context: &StreamingContext) -> Result<([StreamRef; 2], [Queue; 2])> {
    let (left, left_queue) = context.queue_stream("a", inputs::keyed_schema())?;
    let (right, right_queue) = context.queue_stream("b", inputs::keyed_schema())?;
    Ok(([left, right], [left_queue, right_queue]))
}

/// The same rows as DataFusion's tables, and no Sluicebox.
///
/// # Errors
/// None that happens.
pub fn alone(sides: &[Vec<RecordBatch>; 2]) -> Result<SessionContext> {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(PARALLELISM));
    for (name, side) in ["a", "b"].iter().zip(sides) {
        let partitions = side.iter().map(|rows| vec![rows.clone()]).collect();
        context.register_table(*name, Arc::new(MemTable::try_new(inputs::keyed_schema(), partitions)?))?;
    }
    Ok(context)
}

/// How many rows [`QUERY`] makes there.
///
/// # Errors
/// If it fails.
pub async fn count(context: &SessionContext) -> Result<u64> {
    let mut rows = context.sql(QUERY).await?.execute_stream().await?;
    let mut n_rows = 0;
    while let Some(rows) = rows.next().await {
        n_rows += rows?.num_rows() as u64;
    }
    Ok(n_rows)
}
