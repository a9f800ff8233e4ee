//! Rows that an operator rejects: they fail the job, unless it is told to leave them out; then they are counted and logged.

use std::sync::Arc;

use sluicebox::arrow::array::{Int64Array, RecordBatch};
use sluicebox::arrow::datatypes::{DataType, Field, Schema};
use sluicebox::batch::listener::BatchInfo;
use sluicebox::error::Error;
use sluicebox::job::definition::{ComponentSource, OperationDefinition, OperatorName};
use sluicebox::plugin::Policy;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::{plugin, tight};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{number_schema, numbers};

type Operation = fn(OperatorName) -> OperationDefinition;

/// The first rejected row: its partition, its place there, and the reason.
type First = (u32, u64, &'static str);

/// Two partitions of numbers through an operator of a plugin: its rows, its batch, and why the job failed if it did.
async fn through(
    operation: Operation,
    (plugin_name, operator): (&str, &str),
    on_reject: Policy,
    config: &str,
) -> (Collected, BatchInfo, Option<Error>) {
    let job = TestJob::new();
    let mut plugin = plugin(plugin_name, ComponentSource::File(component(plugin_name)), tight(), config);
    plugin.on_reject = on_reject;
    job.context.add_plugin(plugin).unwrap();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let name = OperatorName {
        plugin: plugin_name.to_owned(),
        operator: operator.to_owned(),
        columns: None,
        overrides: Default::default(),
    };
    let out = Collected::default();
    input.then("made", operation(name)).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![numbers([2, 4, 0]), numbers([6, -7, 0, 9, 8])]).unwrap();
    let events = job.events.clone();
    let error = job.run(1).await.err();
    (out, events.batches().remove(0), error)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_row_fails_the_job_at_once() {
    let cases: [(Operation, &str, &str); 3] = [
        (
            OperationDefinition::Map,
            "reject-odd",
            "row 1 of partition 1 of stream \"made\" in batch 1000 is rejected: -7 is odd",
        ),
        (
            OperationDefinition::FlatMap,
            "digits",
            "row 1 of partition 1 of stream \"made\" in batch 1000 is rejected: -7 is below zero",
        ),
        (OperationDefinition::Filter, "even", "of stream \"made\" in batch 1000 is rejected: zero is not wanted"),
    ];
    for (operation, operator, said) in cases {
        let (out, batch, error) = through(operation, ("kitchen", operator), Policy::Fail, "{}").await;
        let message = error.unwrap().to_string();
        let plugin = format!("plugin \"kitchen\", operator \"{operator}\": ");
        for part in [plugin.as_str(), said, "set on-reject = \"skip\" in [plugin.kitchen] to leave such rows out"] {
            assert!(message.contains(part), "no \"{part}\" in: {message}");
        }
        assert_eq!((batch.attempts, out.commits(), out.left_over()), (1, vec![], 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_rows_are_left_out_and_counted_where_the_job_says_so() {
    let cases: [(Operation, &str, u64, First); 3] = [
        (OperationDefinition::Map, "reject-odd", 2, (1, 1, "-7 is odd")),
        (OperationDefinition::FlatMap, "digits", 1, (1, 1, "-7 is below zero")),
        (OperationDefinition::Filter, "even", 2, (0, 2, "zero is not wanted")),
    ];
    for (operation, operator, n_rejected, (partition, row, reason)) in cases {
        let expected = match operator {
            "reject-odd" => [vec!["2", "4", "0"], vec!["6", "0", "8"]],
            "digits" => [vec!["2", "4", "0"], vec!["6", "0", "9", "8"]],
            _ => [vec!["2", "4"], vec!["6", "8"]],
        };
        let (out, batch, error) = through(operation, ("kitchen", operator), Policy::Skip, "{}").await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(out.partitions(1000), expected, "{operator}");
        let report = batch.report.operators.values().next().unwrap();
        assert_eq!((report.rows_in, report.rejected), (8, n_rejected), "{operator}");
        assert_eq!(report.samples.len() as u64, n_rejected);
        let first = &report.samples[0];
        assert_eq!((first.partition, first.row, first.reason.as_str()), (partition, row, reason));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_cut_and_escaped_before_it_is_shown() {
    let config = r#"{"act": "rejected-at-length"}"#;
    let map = OperationDefinition::Map;
    let (_, _, error) = through(map, ("hostile", "map"), Policy::Fail, config).await;
    let message = error.unwrap().to_string();
    assert!(message.contains("is rejected: \\u{1b}[31mno\\n\\u{1b}[31mno\\n"), "{message}");
    assert!(!message.contains(['\u{1b}', '\n']) && message.len() < 4096, "{} bytes: {message}", message.len());
    let (_, batch, error) = through(map, ("hostile", "map"), Policy::Skip, config).await;
    assert!(error.is_none(), "{error:?}");
    let report = batch.report.operators.values().next().unwrap();
    assert_eq!((report.rejected, report.samples[0].reason.len()), (2, 1024));
}

#[test]
fn rejected_rows_are_logged_with_their_number_and_the_first_of_them() {
    let folder = Folder::new(&format!(
        r#"
[plugin.kitchen]
component = "{}"
on-reject = "skip"

[stream.numbers]
source = {{ type = "files", path = "in", format = "csv", schema = {{ n = "int64 not null" }} }}

[stream.even-ones]
input = "numbers"
map = "kitchen/reject-odd"

[output.console]
input = "even-ones"
sink = {{ type = "print", rows = 100 }}
"#,
        component("kitchen").display()
    ));
    folder.write("in/numbers.csv", "n\n1\n2\n3\n4\n");
    let ran = folder.run(&["--drain"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("2\n4\n"), "{}", ran.stdout);
    let line =
        ran.stderr.lines().find(|line| line.contains("rows were rejected")).unwrap_or_else(|| panic!("{}", ran.stderr));
    for part in ["even-ones", "kitchen", "reject-odd", "rejected=2", "partition 0, row 0: 1 is odd"] {
        assert!(line.contains(part), "no \"{part}\" in: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_that_an_operator_has_no_room_for_rejects_its_row() {
    let with_null = || {
        let schema = Schema::new(vec![Field::new("value", DataType::Int64, true)]);
        let values = Int64Array::from(vec![Some(2), None, Some(4)]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(values)]).unwrap()
    };
    for on_reject in [Policy::Fail, Policy::Skip] {
        let job = TestJob::new();
        let mut plugin = plugin("kitchen", ComponentSource::File(component("kitchen")), tight(), "{}");
        plugin.on_reject = on_reject;
        job.context.add_plugin(plugin).unwrap();
        let (input, queue) = job.context.queue_stream("input", with_null().schema()).unwrap();
        let out = Collected::default();
        input.map("made", "kitchen/reject-odd").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
        queue.push(vec![with_null()]).unwrap();
        let events = job.events.clone();
        let error = job.run(1).await.err().map(|error| error.to_string());
        let reason = "row 1 of partition 0 of stream \"made\" in batch 1000 is rejected: column `value` is null, which the operator takes no Option for";
        match on_reject {
            Policy::DeadLetter => unreachable!("it is not tried"),
            Policy::Fail => assert!(error.as_ref().is_some_and(|error| error.contains(reason)), "{error:?}"),
            Policy::Skip => {
                assert_eq!((error, out.partitions(1000)), (None, vec![vec!["2".to_owned(), "4".to_owned()]]));
                assert_eq!(events.batches()[0].report.operators.values().next().unwrap().rejected, 1);
            }
        }
    }
}
