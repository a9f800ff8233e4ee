//! Each operation: datasets in, datasets out, on empty batches too.

use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::rows::{line_schema, lines, number_schema, numbers, pair_schema, pairs};

/// Run one operation on datasets, a batch each, every record batch a partition.
async fn ran(
    schema: SchemaRef,
    datasets: Vec<Vec<RecordBatch>>,
    operation: impl FnOnce(&StreamRef) -> Result<StreamRef>,
) -> Collected {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", schema).unwrap();
    let out = Collected::default();
    operation(&input).unwrap().write_to("out", std::sync::Arc::new(out.clone())).unwrap();
    let n_batches = datasets.len();
    for dataset in datasets {
        queue.push(dataset).unwrap();
    }
    let events = job.run(n_batches).await.unwrap();
    assert_eq!(events.batches().len(), n_batches);
    assert_eq!(out.left_over(), 0);
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn count_of_an_empty_batch_is_zero() {
    let datasets = vec![vec![numbers([1, 2]), numbers([3])], vec![], vec![numbers([])]];
    let out = ran(number_schema(), datasets, |input| input.count("counts")).await;
    assert_eq!([out.rows(1000), out.rows(2000), out.rows(3000)], [["3"], ["0"], ["0"]]);
    assert_eq!(out.schema().field(0).name(), "count");
    assert!(!out.schema().field(0).is_nullable());
}

#[tokio::test(flavor = "multi_thread")]
async fn reduce_of_an_empty_batch_is_empty() {
    let datasets = vec![vec![numbers([1, 2]), numbers([3])], vec![], vec![numbers([])]];
    for (with, expected) in [("sum", "6"), ("min", "1"), ("max", "3"), ("count", "3")] {
        let out = ran(number_schema(), datasets.clone(), |input| input.reduce("reduced", with)).await;
        assert_eq!(out.rows(1000), [expected], "{with}");
        assert!(out.rows(2000).is_empty() && out.rows(3000).is_empty(), "{with}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn count_by_value_counts_rows() {
    let datasets = vec![vec![lines(&["a", "b"]), lines(&["a"])], vec![]];
    let out = ran(line_schema(), datasets, |input| input.count_by_value("counts")).await;
    assert_eq!(out.sorted(1000), ["a 2", "b 1"]);
    assert!(out.rows(2000).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn reduce_by_key_folds_the_other_columns() {
    let datasets = vec![vec![pairs(&[("a", 1), ("b", 5)]), pairs(&[("a", 3)])]];
    for (with, expected) in
        [("sum", ["a 4", "b 5"]), ("min", ["a 1", "b 5"]), ("max", ["a 3", "b 5"]), ("count", ["a 2", "b 1"])]
    {
        let out = ran(pair_schema(), datasets.clone(), |input| input.reduce_by_key("reduced", &["key"], with)).await;
        assert_eq!(out.sorted(1000), expected, "{with}");
        let names: Vec<String> = out.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, ["key", if with == "count" { "count" } else { "value" }]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filter_keeps_rows_for_which_the_expression_is_true() {
    let datasets = vec![vec![pairs(&[("a", 1), ("b", 5)]), pairs(&[("c", 3)])]];
    let out = ran(pair_schema(), datasets, |input| input.filter_where("kept", "value > 2 and key <> 'b'")).await;
    assert_eq!(out.partitions(1000), [vec![], vec!["c 3".to_owned()]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn repartition_makes_the_partitions_it_says_in_order() {
    let dataset: Vec<RecordBatch> = (0..5).map(|part| numbers(part * 7..part * 7 + 7)).collect();
    let out = ran(number_schema(), vec![dataset, vec![]], |input| input.repartition("seven", 7)).await;
    let expected: Vec<Vec<String>> =
        (0..7).map(|part| (part * 5..part * 5 + 5).map(|n| n.to_string()).collect()).collect();
    assert_eq!(out.partitions(1000), expected);
    assert_eq!(out.partitions(2000), vec![Vec::<String>::new(); 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn union_puts_partitions_one_after_the_other() {
    let job = TestJob::new();
    let (left, left_queue) = job.context.queue_stream("left", number_schema()).unwrap();
    let (right, right_queue) = job.context.queue_stream("right", number_schema()).unwrap();
    let out = Collected::default();
    let both = job.context.union("both", &[&left, &right, &left]).unwrap();
    both.write_to("out", std::sync::Arc::new(out.clone())).unwrap();
    left_queue.push(vec![numbers([1]), numbers([2, 3])]).unwrap();
    right_queue.push(vec![numbers([4])]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(out.partitions(1000), [vec!["1"], vec!["2", "3"], vec!["4"], vec!["1"], vec!["2", "3"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_reads_streams_by_name() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("raw-pairs", pair_schema()).unwrap();
    let sums = input.reduce_by_key("sums", &["key"], "sum").unwrap();
    let _ = sums;
    let top = job.context.sql("top", "select key, value * 2 as twice from sums order by value desc limit 2").unwrap();
    let joined = job
        .context
        .sql("joined", "select p.key, s.value from \"raw-pairs\" p join sums s on p.key = s.key order by 1, 2")
        .unwrap();
    let (top_out, joined_out) = (Collected::default(), Collected::default());
    top.write_to("top", std::sync::Arc::new(top_out.clone())).unwrap();
    joined.write_to("joined", std::sync::Arc::new(joined_out.clone())).unwrap();
    queue.push(vec![pairs(&[("a", 1), ("b", 5)]), pairs(&[("a", 3), ("c", 1)])]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(top_out.rows(1000), ["b 10", "a 8"]);
    assert_eq!(joined_out.rows(1000), ["a 4", "a 4", "b 5", "c 1"]);
}
