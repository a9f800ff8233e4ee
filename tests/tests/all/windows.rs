//! Windows: which rows are in them, when there is one, and what is kept for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sluicebox::arrow::array::{Int64Array, RecordBatch, StringArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluicebox::batch::Dataset;
use sluicebox::clock::BatchTime;
use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox::job::definition::{
    AggregateDefinition, OperationDefinition, OperatorName, WindowDefinition, WindowFoldDefinition,
};
use sluicebox_tests::job::{Collected, SECOND, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{number_schema, numbers, pair_schema, show};

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

#[tokio::test(flavor = "multi_thread")]
async fn counts_of_windows_are_there_for_empty_windows_too() {
    let batches: [&[&[i64]]; 5] = [&[], &[&[1, 2], &[3]], &[&[4]], &[], &[]];
    let out = ran(&batches, |input| input.count_by_window("counts", 2 * SECOND, None)).await;
    let counts: Vec<String> = out.commits().into_iter().flat_map(|batch| out.rows(batch)).collect();
    assert_eq!(counts, ["0", "3", "4", "1", "0"]);
    let out = ran(&batches, |input| input.reduce_by_window("sums", "sum", 2 * SECOND, None)).await;
    let sums: Vec<Vec<String>> = out.commits().into_iter().map(|batch| out.rows(batch)).collect();
    assert_eq!(sums, [vec![], vec!["6"], vec!["10"], vec!["4"], vec![]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_counted_while_they_are_in_the_window() {
    let batches: [&[&[i64]]; 4] = [&[&[7, 8], &[7]], &[&[8]], &[], &[]];
    let out = ran(&batches, |input| input.count_by_value_and_window("counts", 2 * SECOND, None)).await;
    assert_eq!(
        [out.sorted(1000), out.sorted(2000), out.sorted(3000)],
        [vec!["7 2", "8 1"], vec!["7 2", "8 2"], vec!["8 1"]]
    );
    assert!(out.rows(4000).is_empty());
    let names: Vec<String> = out.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["value", "count"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_a_key_are_grouped_over_the_window_in_order() {
    let batches: [&[&[i64]]; 3] = [&[&[1, 2], &[1]], &[&[2, 1]], &[&[1]]];
    let grouped = |input: &StreamRef| {
        input.reduce_by_key("keyed", &["value"], "count")?;
        input.filter_where("all", "true")?.group_by_key_and_window("grouped", &["value"], 2 * SECOND, None)
    };
    let error = refused(grouped).await;
    assert!(error.contains("grouped"), "a key alone has no values: {error}");
    let grouped = |input: &StreamRef| {
        input.reduce_by_key("keyed", &["value"], "count")?.group_by_key_and_window(
            "grouped",
            &["value"],
            2 * SECOND,
            None,
        )
    };
    let out = ran(&batches, grouped).await;
    assert_eq!(out.sorted(1000), ["1 [2]", "2 [1]"]);
    assert_eq!(out.sorted(2000), ["1 [2, 1]", "2 [1, 1]"]);
    assert_eq!(out.sorted(3000), ["1 [1, 1]", "2 [1]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inverse_that_there_is_not_is_refused() {
    for (with, refuses) in [("min", true), ("max", true), ("sum", false), ("count", false)] {
        let job = TestJob::new();
        let (input, _) = job.context.queue_stream("input", pair_schema()).unwrap();
        let window = WindowFoldDefinition { inverse: Some(true), ..window(2, 1) };
        let operation = reduce_by_key(with, window);
        input.then("reduced", operation).unwrap().write_to("out", Arc::new(Collected::default())).unwrap();
        match job.start().await {
            Ok(job) => assert!(!refuses, "{with} {job:?}"),
            Err(error) => {
                assert!(refuses && error.to_string().contains("can't be taken out of this aggregate"), "{error}")
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_sees_results() {
    let batches: [&[&[i64]]; 3] = [&[&[1, 1, 2]], &[&[2, 3]], &[]];
    let window = WindowFoldDefinition { filter: Some("count > 1".to_owned()), ..window(3, 1) };
    let out = ran(&batches, |input| input.then("often", OperationDefinition::CountByValueAndWindow(window))).await;
    assert_eq!(
        [out.sorted(1000), out.sorted(2000), out.sorted(3000)],
        [vec!["1 2"], vec!["1 2", "2 2"], vec!["1 2", "2 2"]]
    );
    let error = refused(|input| {
        let window = WindowFoldDefinition { filter: Some("cuont > 1".to_owned()), ..self::window(3, 1) };
        input.then("often", OperationDefinition::CountByValueAndWindow(window))
    });
    assert!(error.await.contains("cuont"));
}

fn window(length: u32, slide: u32) -> WindowFoldDefinition {
    WindowDefinition { length: length * SECOND, slide: Some(slide * SECOND) }.into()
}

fn reduce_by_key(with: &str, window: WindowFoldDefinition) -> OperationDefinition {
    let with = match with {
        "count" => AggregateDefinition::Count,
        "sum" => AggregateDefinition::Sum,
        "min" => AggregateDefinition::Min,
        "max" => AggregateDefinition::Max,
        tally => {
            let (plugin, operator) = tally.split_once('/').unwrap();
            let (plugin, operator) = (plugin.to_owned(), operator.to_owned());
            AggregateDefinition::Operator(OperatorName {
                plugin,
                operator,
                columns: Some(vec![]),
                overrides: Default::default(),
            })
        }
    };
    OperationDefinition::ReduceByKeyAndWindow { key: vec!["key".to_owned()], with, window }
}

/// A batch of the job below: a partition's rows, each a key and a value or null.
type Rows = Vec<(u8, Option<i64>)>;

fn nullable_pairs() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("key", DataType::Utf8, true), Field::new("value", DataType::Int64, true)]))
}

/// The rows as a partition; the key 0 is null.
fn partition(rows: &Rows) -> RecordBatch {
    let key = |key: u8| (key > 0).then(|| format!("k{key}"));
    let keys: StringArray = rows.iter().map(|(of, _)| key(*of)).collect();
    let values: Int64Array = rows.iter().map(|(_, value)| *value).collect();
    RecordBatch::try_new(nullable_pairs(), vec![Arc::new(keys), Arc::new(values)]).unwrap()
}

/// What each batch's window holds, by adding up its rows: key, then the aggregate.
fn by_hand(batches: &[Vec<Rows>], length: usize, slide: usize, with: &str) -> BTreeMap<i64, Vec<String>> {
    let ends = (1..=batches.len()).filter(|t| t % slide == 0);
    let of_window = |t: usize| {
        let mut keys: BTreeMap<u8, Vec<Option<i64>>> = BTreeMap::new();
        for (key, value) in batches[t.saturating_sub(length)..t].iter().flatten().flatten() {
            keys.entry(*key).or_default().push(*value);
        }
        let rows = keys.into_iter().map(|(key, values)| {
            let some = values.iter().flatten().copied();
            let folded = match with {
                "sum" => some.reduce(|a, b| a.wrapping_add(b)),
                "min" => some.min(),
                "max" => some.max(),
                _ => Some(values.len() as i64),
            };
            let shown = folded.map_or("null".to_owned(), |value| value.to_string());
            if key == 0 { format!("null {shown}") } else { format!("k{key} {shown}") }
        });
        let mut rows: Vec<String> = rows.collect();
        rows.sort();
        rows
    };
    ends.map(|t| (t as i64 * 1000, of_window(t))).collect()
}

/// What the job makes of the batches.
async fn by_job(
    batches: &[Vec<Rows>],
    operation: OperationDefinition,
    partitions: usize,
) -> BTreeMap<i64, Vec<String>> {
    let job = TestJob::new();
    job.context.job(|job| job.parallelism = partitions).unwrap();
    job.context.plugin("words", component("words")).unwrap();
    let (input, queue) = job.context.queue_stream("input", nullable_pairs()).unwrap();
    let out = Collected::default();
    input.then("windows", operation).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    for batch in batches {
        queue.push(batch.iter().map(partition).collect()).unwrap();
    }
    job.run(batches.len()).await.unwrap();
    out.commits().into_iter().map(|batch| (batch, out.sorted(batch))).collect()
}

/// Windows with an inverse, windows of all their batches, and windows added up by hand are the same, in any number of partitions.
#[test]
fn windows_with_an_inverse_are_those_without() {
    let value = prop_oneof![4 => (-5_i64..5).prop_map(Some), 1 => Just(None), 1 => Just(Some(i64::MAX))];
    let rows = vec((0_u8..6, value), 0..8);
    let batches = vec(vec(rows, 0..3), 1..12);
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cases = (batches, 1_usize..7, 1_usize..4, prop::sample::select(&["count", "sum", "min", "words/tally"]));
    runner
        .run(&cases, |(batches, length, slide, with)| {
            let expected = by_hand(&batches, length, slide, with);
            for (partitions, inverse) in [(1, Some(false)), (2, None), (7, Some(true))] {
                let inverse = inverse.filter(|_| with != "min");
                let window = WindowFoldDefinition { inverse, ..window(length as u32, slide as u32) };
                let made = runtime.block_on(by_job(&batches, reduce_by_key(with, window), partitions));
                prop_assert_eq!(&made, &expected, "{} partitions, inverse {:?}", partitions, inverse);
            }
            Ok(())
        })
        .unwrap();
}
