//! Spark Streaming's own data cases, through the runner of cases.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;
use sluicebox::clock::BatchTime;
use sluicebox::datafusion::common::DataFusionError;
use sluicebox::datafusion::dataframe::DataFrame;
use sluicebox::error::Error;
use sluicebox::job::file;
use sluicebox::testing::{Options, Runner, parse_json};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::{component, repository};
use sluicebox_tests::rows::{number_schema, numbers, show};
use sluicebox_tests::spark::{self, Built, SparkCase};

/// Cases that are no data in, data out, and where each is shown.
const APART: [(&str, &str); 7] = [
    ("JavaAPISuite.testForeachRDD", "an output of the program is called for each dataset: below"),
    (
        "JavaAPISuite.testCheckpointMasterRecovery",
        "a batch that was done is run again after recovery; with exactly-once effect it is not, which belongs to recovery",
    ),
    ("pyspark_test_dstream.test_slice", "below"),
    ("pyspark_test_dstream.test_failed_func", "below"),
    ("pyspark_test_dstream.test_failed_func2", "below"),
    (
        "pyspark_test_dstream.test_failed_func_with_reseting_failure",
        "batches after one that failed are run all the same, and it never is again: a defect; ours stops, below",
    ),
    ("pyspark_test_dstream.test_reduce_by_invalid_window", "below"),
];

fn options() -> Options {
    Options { cache: Some(repository().join(".cache/tests/components")), roundtrip_plans: true, ..Options::default() }
}

/// Whether a job and its case pass, and why not.
async fn passes(Built { job, cases }: &Built) -> Result<(), String> {
    let job = match file::parse(Path::new("job.toml"), job, vec![]) {
        Ok(job) => job.definition,
        Err(mistakes) => return Err(format!("{mistakes}\n{job}")),
    };
    let runner = Runner::new(job, options());
    for case in parse_json(Path::new("cases.json"), &cases.to_string()).map_err(|mistakes| mistakes.to_string())? {
        let outcome = runner.run(&case).await.map_err(|error| error.to_string())?;
        if !outcome.passed() {
            return Err(format!("{:#?}", outcome.problems));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_data_case_makes_what_spark_makes() {
    let cases = spark::all();
    assert_eq!(cases.len(), 76);
    let mut wrong = vec![];
    let mut n_run = 0;
    for case in cases.iter().filter(|case| case.has_graph()) {
        for built in case.built() {
            n_run += 1;
            if let Err(why) = passes(&built).await {
                wrong.push(format!("{}: {why}", case.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases of {n_run}:\n{}", wrong.len(), wrong.join("\n\n"));
    // 69 cases, seven of which become one for each of their three batches.
    assert_eq!(n_run, 69 + 2 * 7);
}

#[test]
fn every_other_case_is_shown_apart() {
    let mut apart: Vec<String> = spark::all().iter().filter(|case| !case.has_graph()).map(SparkCase::name).collect();
    let mut known: Vec<&str> = APART.iter().map(|(name, _)| *name).collect();
    apart.sort();
    known.sort_unstable();
    assert_eq!(apart, known);
}

fn case(name: &str) -> SparkCase {
    spark::all().into_iter().find(|case| case.name() == name).expect("a case of this name")
}

/// A scenario's batches of numbers.
fn batches(case: &SparkCase) -> Vec<Vec<i64>> {
    serde_json::from_value(case.json["input_batches"].clone()).expect("batches of numbers")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_of_the_program_gets_each_dataset_once() {
    let case = case("JavaAPISuite.testForeachRDD");
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let seen: Arc<Mutex<Vec<usize>>> = Arc::default();
    let see = seen.clone();
    let count = move |_, dataset: DataFrame| {
        let see = see.clone();
        async move {
            let n_rows = dataset.count().await?;
            see.lock().push(n_rows);
            Ok::<(), DataFusionError>(())
        }
    };
    input.for_each("out", count).unwrap();
    let batches = batches(&case);
    for batch in &batches {
        queue.push(vec![numbers(batch.iter().copied())]).unwrap();
    }
    job.run(batches.len()).await.unwrap();
    let (seen, expected) = (seen.lock(), &case.json["expected"]);
    assert_eq!(json!(seen.len()), expected["foreach_dataset_calls"]);
    assert_eq!(json!(seen.iter().sum::<usize>()), expected["records_seen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_is_sliced_by_time() {
    let case = case("pyspark_test_dstream.test_slice");
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.write_to("out", Arc::new(Collected::default())).unwrap();
    let remember = case.json["remember_ms"].as_u64().expect("a duration");
    job.context.remember(std::time::Duration::from_millis(remember)).unwrap();
    let batches = batches(&case);
    for batch in &batches {
        queue.push(vec![numbers(batch.iter().copied())]).unwrap();
    }
    let mut job = job.start().await.unwrap();
    for _ in &batches {
        job.batch().await.unwrap();
    }
    for call in case.json["calls_relative_to_first_batch_seconds"].as_array().expect("an array of calls") {
        // The first batch is at one second.
        let time = |key: &str| BatchTime(1000 + 1000 * call[key].as_i64().expect("seconds"));
        let sliced = job.job.slice("input", time("from"), time("to")).unwrap();
        let rows: Vec<String> =
            sliced.iter().flat_map(|dataset| dataset.partitions.iter().flatten().flat_map(show)).collect();
        let expected: Vec<String> =
            call["expected_set"].as_array().expect("numbers").iter().map(ToString::to_string).collect();
        assert_eq!(rows, expected, "{call}");
    }
    job.job.stop(true).await.unwrap();
}

/// A job whose stream `s` is made of `input` by this.
fn failing(operation: &str) -> String {
    format!(
        "job = {{ name = 'spark', batch-interval = '500ms' }}\nplugin.f = {{ component = {:?} }}\n\
         stream.in.source = {{ type = 'queue', schema = {{ value = 'int64 not null' }} }}\n{operation}\n\
         output.out = {{ input = 's', sink = {{ type = 'print' }} }}",
        component("vocabulary")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_raises_fails_the_job_with_its_message() {
    let raise = "stream.s = { input = 'in', map = 'f/raise' }";
    let of_two = "stream.two.union = ['in', 'in']\nstream.s = { input = 'two', map = 'f/raise' }";
    let at_one = "stream.s = { input = 'in', map = 'f/raise-at-one' }";
    // Spark goes on with the batches after the one that failed; ours stops there.
    for (name, graph, batch, expected) in [
        ("test_failed_func", raise, 1, json!([])),
        ("test_failed_func2", of_two, 1, json!([])),
        ("test_failed_func_with_reseting_failure", at_one, 2, json!([[0]])),
    ] {
        let case = case(&format!("pyspark_test_dstream.{name}"));
        let cases = json!({ "case": [{
            "name": name,
            "input": { "in": case.json["input_batches"] },
            "expect": { "out": expected },
            "error": { "text": "This is a special error", "batch": batch },
        }] });
        let built = Built { job: failing(graph), cases };
        passes(&built).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn windows_that_are_no_multiples_are_refused() {
    let case = case("pyspark_test_dstream.test_reduce_by_invalid_window");
    for call in case.json["calls"].as_array().expect("an array of calls") {
        let (length, slide) = (&call["window_ms"], &call["slide_ms"]);
        for operation in [
            format!("reduce-by-window = {{ with = 'f/sum', length = '{length}ms', slide = '{slide}ms' }}"),
            format!(
                "reduce-by-key-and-window = {{ key = 'value', with = 'count', length = '{length}ms', slide = '{slide}ms' }}"
            ),
        ] {
            let job = failing(&format!("stream.s = {{ input = 'in', {operation} }}"));
            let job = file::parse(Path::new("job.toml"), &job, vec![]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let cases = r#"{ "case": [{ "name": "a", "expect": { "out": [] } }] }"#;
            let cases = parse_json(Path::new("cases.json"), cases).unwrap();
            let error = Runner::new(job.definition, options()).check(&cases[0]).unwrap_err();
            assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains("multiple"), "{error}");
        }
    }
}

/// Which operations have a dataset where their source has none, and what they make of it. Where Spark's unions, joins and transforms raise, ours read what is not
/// there as empty; a union of nothing is nothing.
#[tokio::test(flavor = "multi_thread")]
async fn no_dataset_and_an_empty_one_are_told_apart() {
    let job = r#"
        job = { name = "gaps", batch-interval = "1s", parallelism = 2 }
        stream.in.source = { type = "queue", schema = { key = "string not null", value = "int64 not null" } }
        stream.other.source = { type = "queue", schema = { key = "string not null", value = "int64 not null" } }
        stream.kept = { input = "in", filter = { where = "value > 0" } }
        stream.sums = { input = "in", reduce-by-key = { key = ["key"], with = "sum" } }
        stream.n = { input = "in", count = true }
        stream.all = { input = "in", reduce = "count" }
        stream.both.union = ["in", "other"]
        stream.joined = { input = "in", full-outer-join = { with = "other", on = ["key"] } }
        stream.query.sql = "select count(*) as n from \"in\""
        stream.window = { input = "in", window = { length = "2s" } }
        stream.totals = { input = "in", update-state-by-key = { key = ["key"], with = "sum" } }
        stream.every-other = { input = "in", window = { length = "2s", slide = "2s" } }
        output.out = { input = "in", sink = { type = "print" } }
    "#;
    let row = json!(["a", 1]);
    let case = json!({
        "name": "gaps",
        "input": { "in": [[row], "none", []], "other": ["none", "none", [["b", 2]]] },
        "expect": {
            "in": [[row], "none", []],
            "kept": [[row], "none", []],
            "sums": [[row], "none", []],
            "n": [[1], "none", [0]],
            "all": [[1], "none", []],
            "both": [[row], "none", [["b", 2]]],
            "joined": [[["a", 1, null]], "none", [["b", null, 2]]],
            "query": [[1], "none", [0]],
            "window": [[row], [row], []],
            "totals": [[row], [row], [row]],
            "every-other": ["none", [row], "none"],
        },
    });
    let built = Built { job: job.to_owned(), cases: json!({ "case": [case] }) };
    passes(&built).await.unwrap_or_else(|why| panic!("{why}"));
}

/// Batch times are multiples of the interval since 1970, and the first is after the start, never at it.
#[tokio::test(flavor = "multi_thread")]
async fn batch_times_lie_on_the_grid() {
    let job = r#"
        job = { name = "grid", batch-interval = "2s" }
        stream.in.source = { type = "queue", schema = { value = "int64" } }
        stream.times = { input = "in", transform = { sql = "select cast(batch_time() as timestamp) as at, count(*) as n from \"in\"" } }
        output.out = { input = "times", sink = { type = "print" } }
    "#;
    let case = |name: &str, start: &str, times: [&str; 2]| {
        let expected = times.map(|time| json!([[time, 0]]));
        json!({ "name": name, "start": start, "batches": 2, "expect": { "times": expected } })
    };
    let between = case("between", "2024-02-29T10:15:00.001Z", ["2024-02-29T10:15:02", "2024-02-29T10:15:04"]);
    let at = case("at one", "2024-02-29T10:15:02Z", ["2024-02-29T10:15:04", "2024-02-29T10:15:06"]);
    let built = Built { job: job.to_owned(), cases: json!({ "case": [between, at] }) };
    passes(&built).await.unwrap_or_else(|why| panic!("{why}"));
}
