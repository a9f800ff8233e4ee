//! Rows into PostgreSQL, beside the database's own client program with the same rows.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluicebox::arrow::array::{Int64Array, RecordBatch, StringArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluicebox::batch::listener::Listeners;
use sluicebox::checkpoint::Store;
use sluicebox::clock::{BatchTime, SystemClock};
use sluicebox::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use sluicebox::error::Error;
use sluicebox::job::postgres::{PostgresDefinition, PostgresMode, TableName};
use sluicebox::memory::MemoryBudget;
use sluicebox::output::postgres::{PostgresOptions, PostgresSink};
use sluicebox::output::staging::Staging;
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox_tests::postgres::{Database, Server};

use crate::inputs::Numbers;
use crate::jobs;
use crate::measure::{Result, Times, head, ratio, row};

/// Partitions of a batch, and rows of each.
const PARTITIONS: u32 = 4;
const ROWS: usize = 250_000;

/// Print the table.
///
/// # Errors
/// When the server can't be had, or refuses.
pub fn table(budget: Duration) -> Result<()> {
    let about = "A batch of 1,000,000 rows, word and count, in four partitions: staged in a checkpoint on this machine's disk, then committed; in turns with psql, which copies the same rows from a file, \
                 for an upsert into a temporary table and from there by the same statement. The server runs on this machine without fsync. The last column is psql's time over that of the commit.";
    head(
        "Rows into PostgreSQL",
        about,
        &["mode", "staged, rows/s", "committed, rows/s", "psql \\copy, rows/s", "of psql"],
        1,
    );
    jobs::runtime()?.block_on(async {
        let server = Server::start();
        mode(&server, PostgresMode::Append, budget).await?;
        mode(&server, PostgresMode::Upsert { key: vec!["word".to_owned()] }, budget).await
    })
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("word", DataType::Utf8, false), Field::new("count", DataType::Int64, false)]))
}

/// Rows of one partition; all words differ.
fn partition(number: u32, numbers: &mut Numbers) -> Result<RecordBatch> {
    let words: StringArray = (0..ROWS).map(|n| Some(format!("{}-{number}-{n}", numbers.word()))).collect();
    let counts = Int64Array::from_iter_values((0..ROWS).map(|_| (numbers.next() % 1_000_000) as i64));
    Ok(RecordBatch::try_new(schema(), vec![Arc::new(words), Arc::new(counts)])?)
}

async fn mode(server: &Server, mode: PostgresMode, budget: Duration) -> Result<()> {
    let database = server.database().await;
    let is_upsert = mode != PostgresMode::Append;
    let key = if is_upsert { " PRIMARY KEY" } else { "" };
    database.run(&format!("CREATE TABLE counts (word text{key}, count bigint)")).await;
    let folder = tempfile::tempdir()?;
    let mut numbers = Numbers::new();
    let partitions = (0..PARTITIONS).map(|number| partition(number, &mut numbers)).collect::<Result<Vec<_>>>()?;
    let file = folder.path().join("rows.txt");
    write_text(&file, &partitions)?;
    let sink = sink(&database, &folder.path().join("checkpoint"), mode.clone()).await?;
    let (mut staging, mut committing, mut copying) = (Times::default(), Times::default(), Times::default());
    let begin = Instant::now();
    // The first round warms the server.
    for round in 0.. {
        if round > 3 && begin.elapsed() > 4 * budget {
            break;
        }
        let batch = BatchTime(round + 1);
        let start = Instant::now();
        let staged = stage(&sink, batch, &partitions).await?;
        let staged_in = start.elapsed();
        database.run("TRUNCATE counts").await;
        let start = Instant::now();
        sink.commit(batch, &staged).await?;
        let committed_in = start.elapsed();
        database.run("TRUNCATE counts").await;
        let start = Instant::now();
        copy(&database, &file, is_upsert)?;
        if round > 0 {
            copying.0.push(start.elapsed().as_secs_f64());
            staging.0.push(staged_in.as_secs_f64());
            committing.0.push(committed_in.as_secs_f64());
        }
    }
    let rate = |times: &Times| format!("{:.0} k", f64::from(PARTITIONS) * ROWS as f64 / times.median() / 1000.0);
    let name = if is_upsert { "upsert" } else { "append" };
    row(&[name.to_owned(), rate(&staging), rate(&committing), rate(&copying), ratio(copying.ratio_to(&committing))]);
    Ok(())
}

fn write_text(file: &Path, partitions: &[RecordBatch]) -> Result<()> {
    let mut text = std::io::BufWriter::new(std::fs::File::create(file)?);
    for rows in partitions {
        let (words, counts) = (rows.column(0), rows.column(1));
        let words = words.as_any().downcast_ref::<StringArray>().ok_or("words")?;
        let counts = counts.as_any().downcast_ref::<Int64Array>().ok_or("counts")?;
        for (word, count) in words.iter().flatten().zip(counts.values()) {
            writeln!(text, "{word}\t{count}")?;
        }
    }
    Ok(text.flush()?)
}

async fn sink(database: &Database, checkpoint: &Path, mode: PostgresMode) -> Result<PostgresSink> {
    let store = Store::new(&format!("file://{}", checkpoint.display()))?;
    store.ready().await?;
    let sink = PostgresSink::new(PostgresOptions {
        definition: PostgresDefinition {
            url: database.url.clone(),
            password_env: None,
            table: TableName { schema: None, name: "counts".to_owned() },
            mode,
            columns: None,
            give_up_after: Duration::from_secs(60),
        },
        job: "speed".to_owned(),
        output: "counts".to_owned(),
        staging: Staging::new("counts", Some(store.clone()), MemoryBudget::new(1 << 30)),
        store: Some(store),
        clock: Arc::new(SystemClock),
        listeners: Listeners::default(),
    })?;
    sink.bind(&schema())?;
    sink.open(1).await?;
    Ok(sink)
}

/// Stage the partitions at once, as a job does, in record batches of the size that jobs have.
async fn stage(sink: &PostgresSink, batch: BatchTime, partitions: &[RecordBatch]) -> Result<Vec<Staged>> {
    let write = |(partition, rows): (u32, &RecordBatch)| {
        let chunks: Vec<_> = (0..ROWS).step_by(8192).map(|at| Ok(rows.slice(at, 8192.min(ROWS - at)))).collect();
        let rows = RecordBatchStreamAdapter::new(schema(), futures::stream::iter(chunks));
        let id = WriteId { batch, partition, partitions: PARTITIONS, term: 1, attempt: 0 };
        sink.write(id, Box::pin(rows))
    };
    let staged: std::result::Result<Vec<_>, Error> =
        futures::future::try_join_all((0..).zip(partitions).map(write)).await;
    Ok(staged?)
}

fn copy(database: &Database, file: &Path, is_upsert: bool) -> Result<()> {
    let file = file.display();
    let statements = match is_upsert {
        false => vec![format!("\\copy counts from '{file}'")],
        true => vec![
            "CREATE TEMP TABLE rows (word text, count bigint, number bigserial)".to_owned(),
            format!("\\copy rows (word, count) from '{file}'"),
            "INSERT INTO counts (word, count) SELECT DISTINCT ON (word) word, count FROM rows ORDER BY word, number DESC \
             ON CONFLICT (word) DO UPDATE SET count = EXCLUDED.count"
                .to_owned(),
        ],
    };
    let status = database.psql().args(statements.iter().flat_map(|statement| ["-c", statement])).status()?;
    if status.success() { Ok(()) } else { Err(format!("psql ended with {status}").into()) }
}
