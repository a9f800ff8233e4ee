//! A stream is evaluated once per batch, and to its end, whoever reads it. DataFusion by itself evaluates it again for each reader, and no
//! further than its readers read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sluicebox::arrow::array::RecordBatch;
use sluicebox::datafusion::prelude::SessionContext;
use sluicebox_tests::job::{Collected, Events, TestJob};
use sluicebox_tests::plain;
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines};

/// So many lines, in partitions of 50,000 at most.
fn text(n_lines: usize) -> Vec<RecordBatch> {
    let text: Vec<String> = (0..n_lines).map(|n| format!("line {n}")).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    text.chunks(50_000.min(n_lines / 4)).map(lines).collect()
}

/// A job whose stream `seen` goes through an operator that counts.
fn counting_job(n_lines: usize) -> (TestJob, sluicebox::context::StreamRef) {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    queue.push(text(n_lines)).unwrap();
    let seen = input.map("seen", "kitchen/noisy").unwrap();
    (job, seen)
}

/// Rows that the host handed to operators, and rows that these counted themselves, in all.
fn rows_seen(events: &Events) -> (u64, u64) {
    let reports = events.batches().into_iter().flat_map(|batch| batch.report.operators.into_values());
    reports.fold((0, 0), |(given, counted), report| {
        (given + report.rows_in, counted + report.counters.get("rows").copied().unwrap_or(0))
    })
}

/// The same in DataFusion alone: a view `seen` of so many rows, and the rows that its function is called with.
async fn plain_seen(n_rows: usize) -> (SessionContext, Arc<AtomicU64>) {
    let session = plain::session(2);
    plain::table(&session, "input", text(n_rows));
    let calls = plain::counting_function(&session);
    let _ = plain::rows(&session, "create view seen as select seen(value) as value from input").await;
    (session, calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_called_once_a_row_with_two_outputs_a_self_join_and_print_10() {
    let (job, seen) = counting_job(1000);
    let outs = [Collected::default(), Collected::default()];
    for (idx, out) in outs.iter().enumerate() {
        seen.write_to(&format!("out{idx}"), Arc::new(out.clone())).unwrap();
    }
    seen.print("console", 10).unwrap();
    let joined =
        job.context.sql("joined", "select a.value from seen a join seen b on a.value = b.value limit 1").unwrap();
    let joined_out = Collected::default();
    joined.write_to("joined", Arc::new(joined_out.clone())).unwrap();
    let events = job.run(1).await.unwrap();
    assert_eq!(rows_seen(&events), (1000, 1000));
    assert_eq!(outs[0].rows(1000).len(), 1000);
    assert_eq!(outs[0].partitions(1000), outs[1].partitions(1000));
    assert_eq!(joined_out.rows(1000).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_only_joined_with_itself_is_evaluated_once() {
    let (job, _) = counting_job(1000);
    let query = "select count(*) from seen a join seen b on a.value = b.value";
    let out = Collected::default();
    job.context.sql("joined", query).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    assert_eq!(rows_seen(&job.run(1).await.unwrap()), (1000, 1000));
    assert_eq!(out.rows(1000), ["1000"]);

    let (session, calls) = plain_seen(1000).await;
    assert_eq!(plain::rows(&session, query).await, ["1000"]);
    assert_eq!(calls.load(Ordering::Relaxed), 2000, "DataFusion alone makes it for each reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_every_row_although_its_only_reader_takes_one() {
    let query = "select value from seen limit 1";
    let (job, _) = counting_job(200_000);
    let out = Collected::default();
    job.context.sql("first", query).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    assert_eq!(rows_seen(&job.run(1).await.unwrap()), (200_000, 200_000));
    assert_eq!(out.rows(1000).len(), 1);

    let (session, calls) = plain_seen(200_000).await;
    assert_eq!(plain::rows(&session, query).await.len(), 1);
    assert!(calls.load(Ordering::Relaxed) < 200_000, "DataFusion alone stops early");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_called_although_nobody_reads_its_column() {
    let query = "select count(*) from seen";
    let (job, _) = counting_job(1000);
    let out = Collected::default();
    job.context.sql("counted", query).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    assert_eq!(rows_seen(&job.run(1).await.unwrap()), (1000, 1000));
    assert_eq!(out.rows(1000), ["1000"]);

    let (session, calls) = plain_seen(1000).await;
    assert_eq!(plain::rows(&session, query).await, ["1000"]);
    assert_eq!(calls.load(Ordering::Relaxed), 0, "DataFusion alone leaves it out");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_only_print_reads_sees_every_row_of_every_batch() {
    let (job, seen) = counting_job(1000);
    seen.print("console", 10).unwrap();
    let events = job.run(2).await.unwrap();
    let seen: Vec<u64> =
        events.batches().iter().map(|batch| batch.report.operators.values().map(|used| used.rows_in).sum()).collect();
    assert_eq!(seen, [1000, 0]);
}
