//! A stream is evaluated once per batch, and to its end, whoever reads it.

use std::sync::Arc;

use sluicebox_tests::job::{Collected, Events, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines};

/// Rows that were handed to operators, in all.
fn rows_seen(events: &Events) -> u64 {
    events.batches().iter().flat_map(|batch| batch.report.operators.values()).map(|operator| operator.rows_in).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_called_once_a_row_with_two_outputs_a_self_join_and_print_10() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let seen = input.map("seen", "kitchen/noisy").unwrap();
    let outs = [Collected::default(), Collected::default()];
    for (idx, out) in outs.iter().enumerate() {
        seen.write_to(&format!("out{idx}"), Arc::new(out.clone())).unwrap();
    }
    seen.print("console", 10).unwrap();
    let joined =
        job.context.sql("joined", "select a.value from seen a join seen b on a.value = b.value limit 1").unwrap();
    let joined_out = Collected::default();
    joined.write_to("joined", Arc::new(joined_out.clone())).unwrap();
    let text: Vec<String> = (0..1000).map(|n| format!("line {n}")).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    queue.push(text.chunks(100).map(lines).collect()).unwrap();
    let events = job.run(1).await.unwrap();
    assert_eq!(rows_seen(&events), 1000);
    assert_eq!(outs[0].rows(1000).len(), 1000);
    assert_eq!(outs[0].partitions(1000), outs[1].partitions(1000));
    assert_eq!(joined_out.rows(1000).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_only_print_or_limit_reads_still_sees_every_row() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    input.map("seen", "kitchen/noisy").unwrap();
    let first = job.context.sql("first", "select value from seen limit 1").unwrap();
    first.write_to("out", Arc::new(Collected::default())).unwrap();
    let text: Vec<String> = (0..200_000).map(|n| format!("line {n}")).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    queue.push(text.chunks(50_000).map(lines).collect()).unwrap();
    let events = job.run(1).await.unwrap();
    assert_eq!(rows_seen(&events), 200_000);
}
