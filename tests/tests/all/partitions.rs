//! Partitions are the job's, not the optimizer's, and a key's rows reach an aggregate in the order (source partition, position) whatever their
//! number. DataFusion by itself chooses partitions for speed, and takes rows as they come.

use std::sync::Arc;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::datafusion::logical_expr::Partitioning;
use sluicebox::datafusion::physical_plan::ExecutionPlanProperties;
use sluicebox::datafusion::prelude::{col, lit};
use sluicebox::job::definition::{AggregateDefinition, OperationDefinition, OperatorName};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plain;
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines, number_schema, numbers, show, text_pair_schema, text_pairs};

/// A partition of 100,000 rows, of which the last few are of the key that later partitions have, and small ones: those come first where
/// rows are taken as they come.
fn slow_first() -> Vec<RecordBatch> {
    let mut first: Vec<(String, String)> =
        (0..100_000).map(|n| (format!("other{}", n % 100), "x".to_owned())).collect();
    first.extend((0..5).map(|n| ("key".to_owned(), format!("0.{n} "))));
    let later = |part: usize| (0..5).map(|n| ("key".to_owned(), format!("{part}.{n} "))).collect::<Vec<_>>();
    std::iter::once(first).chain((1..5).map(later)).map(|rows| text_pairs(&rows)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keys_rows_reach_an_aggregate_in_order_at_any_number_of_partitions() {
    let in_order: String = (0..5).flat_map(|part| (0..5).map(move |n| format!("{part}.{n} "))).collect();
    let mut all = vec![];
    for partitions in [1, 2, 7] {
        let job = TestJob::new();
        job.context.job(|job| job.parallelism = partitions).unwrap();
        job.context.plugin("kitchen", component("kitchen")).unwrap();
        let (input, queue) = job.context.queue_stream("input", text_pair_schema()).unwrap();
        let with = AggregateDefinition::Operator(OperatorName {
            plugin: "kitchen".into(),
            operator: "concat".into(),
            columns: None,
            overrides: Default::default(),
        });
        let operation =
            OperationDefinition::ReduceByKey { key: vec!["key".into()], with, partitions: Some(partitions) };
        let passed = input.map("passed", "kitchen/pass").unwrap();
        let out = Collected::default();
        passed.then("texts", operation).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
        for _ in 0..3 {
            queue.push(slow_first()).unwrap();
        }
        job.run(3).await.unwrap();
        for batch in [1000, 2000, 3000] {
            assert_eq!(out.partitions(batch).len(), partitions);
            let rows = out.sorted(batch);
            assert_eq!(rows.len(), 101);
            assert_eq!(rows[0], format!("key {in_order}"), "batch {batch} at {partitions} partitions");
            all.push(rows);
        }
    }
    assert!(all.windows(2).all(|two| two[0] == two[1]), "the same rows give the same rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn datafusion_alone_takes_a_keys_rows_as_they_come() {
    let partition = |value: &str| text_pairs(&[("key".to_owned(), value.to_owned())]);
    let late = |partitions| {
        let session = plain::session(partitions);
        plain::table_with_late_first_partition(&session, "input", vec![partition("0"), partition("1")]);
        session
    };
    let rows = plain::rows(&late(1), "select key, string_agg(value, '') from input group by key").await;
    assert_eq!(rows, ["key 10"]);
    for partitions in [2, 7] {
        let table = late(partitions).table("input").await.unwrap();
        let shuffled = table.repartition(Partitioning::Hash(vec![col("key")], partitions)).unwrap();
        let rows: Vec<String> = shuffled.collect().await.unwrap().iter().flat_map(show).collect();
        assert_eq!(rows, ["key 1", "key 0"], "at {partitions} partitions");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repartition_makes_as_many_partitions_as_it_says_whatever_follows() {
    let datasets = || (0..5).map(|part| numbers(part * 7..part * 7 + 7)).collect::<Vec<_>>();
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let seven = input.repartition("seven", 7).unwrap();
    // Both nodes keep the rows' partitions, and an optimizer would say that neither needs those asked for.
    let doubled = seven.filter_where("kept", "value >= 0").unwrap().flat_map("digits", "kitchen/digits").unwrap();
    let out = Collected::default();
    doubled.write_to("out", Arc::new(out.clone())).unwrap();
    let two = input.repartition("two", 2).unwrap().filter_where("all", "value < 100").unwrap();
    let two_out = Collected::default();
    two.write_to("two-out", Arc::new(two_out.clone())).unwrap();
    queue.push(datasets()).unwrap();
    queue.push(vec![]).unwrap();
    job.run(2).await.unwrap();
    assert_eq!([out.partitions(1000).len(), out.partitions(2000).len()], [7, 7]);
    assert_eq!([two_out.partitions(1000).len(), two_out.partitions(2000).len()], [2, 2]);
    let digits: Vec<String> =
        (0..5).flat_map(|n: i64| n.to_string().chars().map(String::from).collect::<Vec<_>>()).collect();
    assert_eq!(out.partitions(1000)[0], digits, "five rows each, in order");

    let session = plain::session(5);
    plain::table(&session, "input", datasets());
    let table = session.table("input").await.unwrap();
    let frame = table.repartition(Partitioning::RoundRobinBatch(7)).unwrap().filter(col("value").gt_eq(lit(0)));
    let plan = frame.unwrap().create_physical_plan().await.unwrap();
    assert_eq!(plan.output_partitioning().partition_count(), 5, "DataFusion alone leaves five");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_told_the_partitions_that_there_are() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let placed = input.repartition("three", 3).unwrap().map("placed", "kitchen/place").unwrap();
    let out = Collected::default();
    placed.write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![lines(&["a", "b", "c"])]).unwrap();
    queue.push(vec![lines(&["d"]), lines(&["e", "f"])]).unwrap();
    job.run(2).await.unwrap();
    assert_eq!(
        out.rows(1000),
        ["a", "b", "c"]
            .iter()
            .enumerate()
            .map(|(part, value)| format!("test placed 1000 {part} 3 {value}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        out.rows(2000),
        ["d", "e", "f"]
            .iter()
            .enumerate()
            .map(|(part, value)| format!("test placed 2000 {part} 3 {value}"))
            .collect::<Vec<_>>()
    );
}
