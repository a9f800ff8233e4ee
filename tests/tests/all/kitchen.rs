//! Every kind of operator that the SDK offers, in a job: what it makes, what it counts, and what its configuration may be.

use std::sync::Arc;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox::job::definition::ComponentSource;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::{plugin, tight};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines, number_schema, numbers, pair_schema, pairs};

/// Datasets through an operation that uses the plugin `kitchen`.
async fn through(
    config: &str,
    schema: SchemaRef,
    datasets: Vec<Vec<RecordBatch>>,
    operation: impl FnOnce(&TestJob, &StreamRef) -> Result<StreamRef>,
) -> Result<Collected> {
    let job = TestJob::new();
    job.context.add_plugin(plugin("kitchen", ComponentSource::File(component("kitchen")), tight(), config))?;
    let (input, queue) = job.context.queue_stream("input", schema)?;
    let out = Collected::default();
    operation(&job, &input)?.write_to("out", Arc::new(out.clone()))?;
    let n_batches = datasets.len();
    for dataset in datasets {
        queue.push(dataset)?;
    }
    job.run(n_batches).await?;
    Ok(out)
}

#[tokio::test(flavor = "multi_thread")]
async fn maps_of_rows_and_of_columns() {
    let divisor = |mut a: i64, mut b: i64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let datasets = vec![vec![numbers(1..500), numbers(500..1000)], vec![]];
    let cases: [(&str, &dyn Fn(i64) -> i64); 2] =
        [("gcd", &|n| divisor(n * 12, n + 30)), ("add", &|n| n * 12 + n + 30)];
    for (operator, expected) in cases {
        let out = through("{}", number_schema(), datasets.clone(), |job, _| {
            let both = job.context.sql("both", "select value * 12 as a, value + 30 as b from input")?;
            both.map("made", &format!("kitchen/{operator}"))
        });
        let out = out.await.unwrap();
        let expected: Vec<String> = (1..1000).map(|n| expected(n).to_string()).collect();
        assert_eq!(out.rows(1000), expected, "{operator}");
        assert!(out.rows(2000).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_partitions_with_and_without_rows() {
    let datasets = vec![vec![lines(&["a b", "c"]), lines(&[]), lines(&["d"])], vec![]];
    let out = through("{}", line_schema(), datasets, |_, input| input.map_partitions("made", "kitchen/count-words"));
    let out = out.await.unwrap();
    assert_eq!(out.partitions(1000), [["3"], ["0"], ["1"]]);
    assert_eq!(out.rows(2000), ["0"], "an empty dataset has a partition without rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregates_with_and_without_keys() {
    let dataset = || vec![pairs(&[("a", 1), ("b", 5)]), pairs(&[("a", 4), ("a", 10)])];
    for (operator, by_key, of_all, column) in
        [("sum", ["a 15", "b 5"], "20", "value"), ("mean", ["a 5.0", "b 5.0"], "5.0", "mean")]
    {
        let operator = format!("kitchen/{operator}");
        let keyed = through("{}", pair_schema(), vec![dataset(), vec![]], |_, input| {
            input.reduce_by_key("made", &["key"], &operator)
        });
        let keyed = keyed.await.unwrap();
        assert_eq!(keyed.sorted(1000), by_key);
        assert!(keyed.rows(2000).is_empty());
        assert_eq!(keyed.schema().field(1).name(), column);
        let all = through("{}", pair_schema(), vec![dataset(), vec![]], |job, _| {
            job.context.sql("values", "select value from input")?.reduce("made", &operator)
        });
        let all = all.await.unwrap();
        assert_eq!(all.rows(1000), [of_all]);
        assert!(all.rows(2000).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn configuration_reaches_the_operator_and_mistakes_in_it_are_found_by_check() {
    let dataset = || vec![vec![lines(&["größer", "abc", ""])]];
    let masked =
        |config: &'static str| through(config, line_schema(), dataset(), |_, input| input.map("made", "kitchen/mask"));
    let out = masked(r#"{"with": "*", "keep-last": 2}"#).await.unwrap();
    assert_eq!(out.rows(1000), ["****er", "*bc", ""]);
    for (config, said) in [
        ("{}", "missing field `with`"),
        (r#"{"with": "*", "kep-last": 2}"#, "config key `kep-last` is unknown; did you mean `keep-last`?"),
        (r#"{"with": "*", "keep-last": -2}"#, "config key `keep-last`: invalid value: integer `-2`, expected usize"),
    ] {
        let error = masked(config).await.unwrap_err().to_string();
        let place = "stream \"made\": plugin kitchen, operator mask, in transform.bind: the configuration is refused: ";
        assert!(error.contains(place) && error.contains(said), "{error}");
    }
}

/// A job file whose lines go through an operator.
fn job_file(plugin: &str, operator: &str, config: &str) -> Folder {
    let folder = Folder::new(&format!(
        r#"
[plugin.{plugin}]
component = "{}"
time = "10s"
config = {config}

[stream.numbers]
source = {{ type = "files", path = "in", format = "csv", schema = {{ n = "int64 not null" }} }}

[stream.made]
input = "numbers"
map = "{plugin}/{operator}"

[output.console]
input = "made"
sink = {{ type = "print", rows = 100 }}
"#,
        component(plugin).display()
    ));
    folder.write("in/numbers.csv", "n\n1\n2\n");
    folder
}

#[test]
fn a_log_that_a_plugin_floods_is_cut_short() {
    let ran = job_file("hostile", "map", r#"{ act = "log" }"#).run(&["--drain"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let flood: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("flood")).collect();
    assert_eq!(flood.len(), 1000, "of 100,000");
    assert!(
        flood
            .iter()
            .all(|line| !line.contains('\u{1b}') && line.contains("flood\\nof lines") && line.contains("hostile"))
    );
    assert_eq!(ran.stderr.matches("the plugin logs more than a task may").count(), 1);
}

#[test]
fn a_trap_ends_the_program_with_the_stack_and_code_1() {
    let ran = job_file("hostile", "map", r#"{ act = "trap" }"#).run(&["--drain"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for part in [
        "plugin hostile, operator map, stream made, batch ",
        "in transform.process: the operator trapped",
        "trap_on_purpose",
    ] {
        assert!(ran.stderr.contains(part), "no \"{part}\" in: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}
