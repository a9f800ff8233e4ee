//! A stream's rows joined with a static table's, against DataFusion's own join of the same rows.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sluicebox::context::{StreamRef, StreamingContext};
use sluicebox::job::definition::FileFormat;
use sluicebox::receiver::queue::Queue;

use crate::inputs::{self, Numbers};
use crate::jobs::{self, Job};
use crate::joins::{QUERY, alone, count};
use crate::measure::{Result, Times, duration, head, rate, ratio, row};

/// Rows of the stream.
const ROWS: usize = 1_000_000;
/// Rows of the table, each of another key.
const TABLE_ROWS: u64 = 10_000;
const LEAST_ROUNDS: usize = 5;

/// Print the table.
///
/// # Errors
/// If a join fails, or makes another number of rows than the stream has.
pub fn table(component: &Path, budget: Duration) -> Result<()> {
    let about = format!(
        "{ROWS} rows of a stream, in two partitions, with {TABLE_ROWS} of a table, by an int64 key that each of the table's rows has another of. DataFusion alone has no batch around \
         it; the others are whole batches. In turns."
    );
    head("A join with a static table", &about, &["join", "median", "rows", "DataFusion = 1"], 1);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("b.csv");
    let mut text = "key,n\n".to_owned();
    let keys = inputs::shuffled(TABLE_ROWS, 7_919);
    keys.iter().try_for_each(|key| writeln!(text, "{key},1"))?;
    std::fs::write(&path, text)?;
    jobs::runtime()?.block_on(async {
        let rows = inputs::keyed(&inputs::keys(&mut Numbers::new(), ROWS, TABLE_ROWS))?;
        let sides = [rows.clone(), inputs::keyed(&keys)?];
        let alone = alone(&sides)?;
        let (mut joined, join) = Job::start(component, |context| {
            let ([stream, table], queue) = inputs_of(context, &path)?;
            Ok((stream.join("joined", &table, &["key"])?, queue))
        })
        .await?;
        let (mut queried, query) = Job::start(component, |context| {
            let (_, queue) = inputs_of(context, &path)?;
            Ok((context.sql("joined", QUERY)?, queue))
        })
        .await?;
        let mut times = vec![Times::default(); 3];
        let mut begin = Instant::now();
        let mut round = 0;
        // The first round isn't counted.
        while round <= LEAST_ROUNDS || begin.elapsed() < budget {
            if round == 1 {
                begin = Instant::now();
            }
            let start = Instant::now();
            let n_rows = count(&alone).await?;
            let mut made = vec![(start.elapsed().as_secs_f64(), n_rows)];
            for (job, queue) in [(&mut joined, &join), (&mut queried, &query)] {
                queue.push(rows.clone())?;
                made.push((job.batch().await?, job.rows()));
            }
            for ((time, n_rows), times) in made.into_iter().zip(&mut times) {
                if n_rows != ROWS as u64 {
                    return Err(format!("{n_rows} rows were joined of {ROWS}").into());
                }
                if round > 0 {
                    times.0.push(time);
                }
            }
            round += 1;
        }
        for job in [joined, queried] {
            job.stop().await?;
        }
        for (name, of) in ["DataFusion alone", "`join`", "`sql` with the same query"].iter().zip(&times) {
            let (median, each) = (of.median(), ratio(of.ratio_to(&times[0])));
            row(&[(*name).to_owned(), duration(median), rate(ROWS, median), each]);
        }
        Ok(())
    })
}

/// The stream and the table.
fn inputs_of(context: &StreamingContext, path: &Path) -> Result<([StreamRef; 2], Queue)> {
    let (stream, queue) = context.queue_stream("a", inputs::keyed_schema())?;
    let table = context.table("b", path, FileFormat::Csv, Some(inputs::keyed_schema()), None)?;
    Ok(([stream, table], queue))
}
