//! Windows: which rows are in them, when there is one, and what is kept for it.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::batch::Dataset;
use sluicebox::clock::BatchTime;
use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox_tests::job::{Collected, SECOND, TestJob};
use sluicebox_tests::rows::{number_schema, numbers, show};

/// Run one operation on numbers, a batch each, every inner list a partition.
async fn ran(batches: &[&[&[i64]]], operation: impl FnOnce(&StreamRef) -> Result<StreamRef>) -> Collected {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    operation(&input).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    for partitions in batches {
        let partitions: Vec<RecordBatch> = partitions.iter().map(|rows| numbers(rows.iter().copied())).collect();
        queue.push(partitions).unwrap();
    }
    job.run(batches.len()).await.unwrap();
    assert_eq!(out.left_over(), 0);
    out
}

/// What building and starting such a job is refused with.
async fn refused(operation: impl FnOnce(&StreamRef) -> Result<StreamRef>) -> String {
    let job = TestJob::new();
    let (input, _) = job.context.queue_stream("input", number_schema()).unwrap();
    operation(&input).unwrap().write_to("out", Arc::new(Collected::default())).unwrap();
    job.start().await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_has_the_rows_of_the_last_batches_in_their_order() {
    let batches: [&[&[i64]]; 5] = [&[&[1], &[2, 3]], &[&[4]], &[], &[&[5], &[6]], &[]];
    let out = ran(&batches, |input| input.window("recent", 2 * SECOND, None)).await;
    assert_eq!(out.commits(), [1000, 2000, 3000, 4000, 5000]);
    assert_eq!(out.partitions(1000), [vec!["1"], vec!["2", "3"]]);
    assert_eq!(out.partitions(2000), [vec!["1"], vec!["2", "3"], vec!["4"]]);
    assert_eq!(out.rows(3000), ["4"]);
    assert_eq!(out.rows(4000), ["5", "6"]);
    assert_eq!(out.rows(5000), ["5", "6"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_and_what_follows_it_are_there_once_a_slide() {
    let batches: [&[&[i64]]; 7] = [&[&[1]], &[&[2]], &[&[3]], &[&[4]], &[&[5]], &[&[6]], &[&[7]]];
    let sums = |input: &StreamRef| input.window("recent", 3 * SECOND, Some(2 * SECOND))?.reduce("sums", "sum");
    let out = ran(&batches, sums).await;
    assert_eq!(out.commits(), [2000, 4000, 6000]);
    assert_eq!([out.rows(2000), out.rows(4000), out.rows(6000)], [["3"], ["9"], ["15"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_of_windows_count_in_the_slides_of_their_input() {
    let batches: [&[&[i64]]; 8] = [&[&[1]], &[&[2]], &[&[3]], &[&[4]], &[&[5]], &[&[6]], &[&[7]], &[&[8]]];
    let of_windows = |input: &StreamRef| {
        let pairs = input.window("pairs", 2 * SECOND, Some(2 * SECOND))?;
        pairs.reduce("sums", "max")?.window("recent", 4 * SECOND, None)
    };
    let out = ran(&batches, of_windows).await;
    assert_eq!(out.commits(), [2000, 4000, 6000, 8000]);
    assert_eq!([out.rows(2000), out.rows(4000)], [vec!["2"], vec!["2", "4"]]);
    assert_eq!([out.rows(6000), out.rows(8000)], [["4", "6"], ["6", "8"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_shorter_than_its_slide_leaves_rows_out() {
    let batches: [&[&[i64]]; 4] = [&[&[1]], &[&[2]], &[&[3]], &[&[4]]];
    let out = ran(&batches, |input| input.window("recent", SECOND, Some(2 * SECOND))).await;
    assert_eq!([out.rows(2000), out.rows(4000)], [["2"], ["4"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_does_not_fit_its_input_is_refused_with_what_does() {
    let millis = Duration::from_millis;
    let error = refused(|input| input.window("recent", millis(2500), None)).await;
    assert!(
        error.contains(r#"stream "recent": a window's length is a multiple of its input's slide, 1s; 2s 500ms is not"#),
        "{error}"
    );
    assert!(error.contains(r#"write length = "2s" or "3s""#), "{error}");
    let error = refused(|input| input.window("recent", 2 * SECOND, Some(millis(100)))).await;
    assert!(error.contains(r#"write slide = "1s""#), "{error}");
    let nested =
        |input: &StreamRef| input.window("wide", 2 * SECOND, Some(2 * SECOND))?.window("wider", 3 * SECOND, None);
    let error = refused(nested).await;
    assert!(error.contains(r#"its input's slide, 2s; 3s is not"#) && error.contains(r#""2s" or "4s""#), "{error}");
    let error = refused(|input| input.window("recent", 200_000 * SECOND, None)).await;
    assert!(error.contains("a window of 200000 datasets, one every 1s; 100000 are the most"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_do_not_slide_together_are_not_read_together() {
    let job = TestJob::new();
    let (input, _) = job.context.queue_stream("input", number_schema()).unwrap();
    let recent = input.window("recent", 4 * SECOND, Some(2 * SECOND)).unwrap();
    job.context.union("both", &[&input, &recent]).unwrap().write_to("out", Arc::new(Collected::default())).unwrap();
    let error = job.start().await.unwrap_err().to_string();
    assert!(error.contains(r#"stream "both": streams that are read together slide together"#), "{error}");
    assert!(error.contains(r#""input" every 1s and of "recent" every 2s"#), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_can_be_sliced() {
    let job = TestJob::new();
    job.context.remember(4 * SECOND).unwrap();
    assert!(job.context.remember(SECOND).is_err());
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let doubled = input.reduce("sum", "sum").unwrap();
    doubled.write_to("out", Arc::new(Collected::default())).unwrap();
    input.count("unread").unwrap();
    let mut job = job.start().await.unwrap();
    for n in 1..=6 {
        queue.push(vec![numbers([n])]).unwrap();
        job.batch().await.unwrap();
    }
    let sliced = |stream: &str, from, to| -> std::result::Result<Vec<(i64, Vec<String>)>, String> {
        let datasets = job.job.slice(stream, BatchTime(from), BatchTime(to)).map_err(|error| error.to_string())?;
        let rows = |dataset: &Dataset| dataset.partitions.iter().flatten().flat_map(show).collect();
        Ok(datasets.iter().map(|dataset| (dataset.batch.0, rows(dataset))).collect())
    };
    let of = |ns: std::ops::RangeInclusive<i64>| ns.map(|n| (n * 1000, vec![n.to_string()])).collect::<Vec<_>>();
    assert_eq!(sliced("input", 3000, 3000).unwrap(), of(3..=3));
    assert_eq!(sliced("sum", 4500, 5999).unwrap(), of(4..=5));
    assert_eq!(sliced("input", 0, 9000).unwrap(), of(3..=6), "older batches are remembered no more");
    assert!(sliced("input", 2000, 1000).unwrap_err().contains("ends before it begins"));
    assert!(sliced("inputs", 0, 1).unwrap_err().contains("did you mean \"input\"?"));
    assert!(sliced("unread", 0, 1).unwrap_err().contains("no output needs it"));
    job.job.stop(true).await.unwrap();
}
