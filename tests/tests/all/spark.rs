//! Spark Streaming's own data cases, through the runner of cases.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use sluicebox::clock::BatchTime;
use sluicebox::error::Error;
use sluicebox::job::file;
use sluicebox::testing::{Options, Runner, parse_json};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::{component, repository};
use sluicebox_tests::rows::{number_schema, numbers, show};
use sluicebox_tests::spark::{self, Built, SparkCase};

/// Operations that this version does not have; a case that has one must fail, so that what is here no longer than needed.
const MISSING: [&str; 3] = ["transform", "transformWith", "ctx_transform"];

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
    Options { cache: Some(repository().join(".cache/tests/components")), roundtrip_plans: true }
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

fn has_missing(case: &SparkCase) -> bool {
    let text = case.json["graph"].to_string();
    MISSING.iter().any(|op| text.contains(&format!("\"op\":\"{op}\"")))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_data_case_makes_what_spark_makes() {
    let mut wrong = vec![];
    let (mut n_run, mut n_missing) = (0, 0);
    let cases = spark::all();
    assert_eq!(cases.len(), 76);
    for case in cases.iter().filter(|case| case.has_graph()) {
        for built in case.built() {
            match (passes(&built).await, has_missing(case)) {
                (Ok(()), false) => n_run += 1,
                (Err(_), true) => n_missing += 1,
                (Ok(()), true) => wrong.push(format!("{}: passes, and is said to be missing", case.name())),
                (Err(why), false) => wrong.push(format!("{}: {why}", case.name())),
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases of {}:\n{}", wrong.len(), n_run + wrong.len(), wrong.join("\n\n"));
    assert!(n_run > 60 && (n_missing > 0) == !MISSING.is_empty(), "{n_run} run, {n_missing} missing");
}

#[test]
fn every_other_case_is_shown_apart() {
    let mut apart: Vec<String> = spark::all().iter().filter(|case| !case.has_graph()).map(SparkCase::name).collect();
    let mut known: Vec<&str> = APART.iter().map(|(name, _)| *name).collect();
    (apart.sort(), known.sort_unstable());
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
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    let batches = batches(&case);
    for batch in &batches {
        queue.push(vec![numbers(batch.iter().copied())]).unwrap();
    }
    job.run(batches.len()).await.unwrap();
    let n_rows: usize = out.commits().iter().map(|batch| out.rows(*batch).len()).sum();
    let expected = &case.json["expected"];
    assert_eq!(json!(out.commits().len()), expected["foreach_dataset_calls"]);
    assert_eq!(json!(n_rows), expected["records_seen"]);
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
