//! Each limit of a plugin: going over it is an error that names it, and what was used is told beside what may be.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::{Limit, Limits, Used};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::{Outcome, apply, plugin, run, run_plugin, tight};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines, number_schema, numbers};

fn used(outcome: &Outcome, limit: Limit) -> Used {
    let usage = &outcome.batches[0].report.operators.values().next().unwrap().usage;
    usage.of(limit).unwrap_or_else(|| panic!("nothing is told of {limit}: {usage:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_is_told_beside_what_may_be() {
    let limits = Limits { instances: Some(10), ..tight() };
    let outcome = run("map", "{}", limits.clone()).await;
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    let cases = [
        (Limit::Memory, 64 << 10, limits.memory),
        (Limit::TableElements, 1, limits.table_elements),
        (Limit::Time, 1, 50_000_000),
        (Limit::StartTime, 1, 50_000_000),
        (Limit::Output, 24, limits.output),
        (Limit::RowsPerRow, 1, limits.rows_per_row),
        (Limit::LogLines, 0, 1_000),
        (Limit::LogBytes, 0, 256 << 10),
        (Limit::HostCallBytes, 0, 64 << 20),
        (Limit::Instances, 1, 10),
    ];
    for (limit, at_least, allowed) in cases {
        let Used { used, allowed: told } = used(&outcome, limit);
        assert!((at_least..=allowed).contains(&used), "{limit}: {used} of {allowed}");
        assert_eq!(told, Some(allowed), "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_before_the_first_row_have_a_time_of_their_own() {
    let limits = || Limits { start_time: Some(Duration::from_millis(20)), time: Duration::from_secs(30), ..tight() };
    for call in ["bind", "open"] {
        let outcome = run("map", &format!(r#"{{"act": "loop", "in": "{call}"}}"#), limits()).await;
        outcome
            .says(&[&format!("transform.{call}: the call took longer than 20ms"), "raise `start-time` in [plugin.P]"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_makes_only_so_many() {
    // Each line makes two words, and the second more.
    for (allowed, said) in
        [(3, None), (2, Some("it made more than 2 rows of a row; raise `rows-per-row` in [plugin.P]"))]
    {
        let job = TestJob::new();
        let limits = Limits { rows_per_row: allowed, ..Limits::default() };
        job.context.add_plugin(plugin("words", ComponentSource::File(component("words")), limits, "{}")).unwrap();
        let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
        let out = Collected::default();
        input.flat_map("made", "words/split").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
        queue.push(vec![lines(&["a b", "c d e"])]).unwrap();
        let error = job.run(1).await.err().map(|error| error.to_string());
        match said {
            None => assert_eq!((error, out.rows(1000).len()), (None, 5)),
            Some(said) => assert!(error.as_ref().is_some_and(|error| error.contains(said)), "{error:?}"),
        }
    }
    let held_back = Limits { rows_per_row: 1, ..tight() };
    let outcome = run("map-partitions", r#"{"act": "held-back", "in": "finish"}"#, held_back).await;
    outcome.says(&[".finish: it made more than 1 rows of a row; raise `rows-per-row`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_as_long_as_the_job_says() {
    let limits = Limits { log_lines: 10, time: Duration::from_secs(5), ..tight() };
    let outcome = run("map", r#"{"act": "log"}"#, limits).await;
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    assert_eq!(used(&outcome, Limit::LogLines), Used { used: 10, allowed: Some(10) });
    let report = outcome.batches[0].report.operators.values().next().unwrap();
    // In each of two partitions.
    assert_eq!(report.log_dropped, 2 * 100_000 - 2 * 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_calls_of_the_host_ends() {
    for (operator, call, act) in [("map", "process", "log"), ("fold", "partial", "log"), ("map", "process", "counters")]
    {
        let limits = Limits { host_call_bytes: 100 << 10, time: Duration::from_secs(5), ..tight() };
        let outcome = run(operator, &format!(r#"{{"act": "{act}", "in": "{call}"}}"#), limits).await;
        outcome
            .says(&[&format!(".{call}: it went over its limit of 100.0 KiB; raise `host-call-bytes` in [plugin.P]")]);
        outcome.failed_after(1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_instances_live_at_a_time() {
    // Two operators in one partition, each with an instance.
    for (instances, is_enough) in [(2, true), (1, false)] {
        let job = TestJob::new();
        job.context.job(|job| job.parallelism = 1).unwrap();
        let limits = Limits { instances: Some(instances), ..tight() };
        job.context.add_plugin(plugin("hostile", ComponentSource::File(component("hostile")), limits, "{}")).unwrap();
        let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
        let kept = apply(&input, "hostile", "filter").unwrap();
        kept.map("mapped", "hostile/map").unwrap().print("out", 10).unwrap();
        queue.push(vec![numbers([1, 2, 3])]).unwrap();
        let error = job.run(1).await.err().map(|error| error.to_string());
        match is_enough {
            true => assert_eq!(error, None),
            false => {
                let said =
                    "no instance is free: 1 of the plugin live, and `instances` in [plugin.hostile] allows no more";
                assert!(error.as_ref().is_some_and(|error| error.contains(said)), "{error:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_as_large_as_the_job_says() {
    let limits = Limits { component_size: 1 << 10, ..tight() };
    for source in [ComponentSource::File(component("hostile")), ComponentSource::Bytes(vec![0; 2000].into())] {
        let outcome = run_plugin(plugin("hostile", source, limits.clone(), "{}"), "map").await;
        outcome.says(&["plugin \"hostile\": its component", " bytes, and component-size allows 1024"]);
    }
}

#[test]
fn limits_are_keys_of_the_job_file() {
    let folder = Folder::new(&format!(
        r#"
[plugin.hostile]
component = "{}"
start-time = "2s"
rows-per-row = 5
log-lines = 0
log-bytes = "1KiB"
host-call-bytes = "1MiB"
instances = 8
component-size = "16MiB"

[stream.numbers]
source = {{ type = "files", path = "in", format = "csv", schema = {{ value = "int64 not null" }} }}

[stream.made]
input = "numbers"
map = "hostile/map"

[output.out]
input = "made"
sink = {{ type = "print" }}
"#,
        component("hostile").display()
    ));
    folder.write("in/numbers.csv", "value\n1\n");
    assert_eq!(folder.check().code, Some(0), "{}", folder.check().stderr);
    let text = folder
        .read("job.toml")
        .replace("rows-per-row = 5", "rows-per-row = 0")
        .replace("instances = 8", "instance = 8");
    folder.write("job.toml", text);
    let ran = folder.check();
    for part in
        ["[plugin.hostile] rows-per-row: 0 is out of range", "unknown key \"instance\"", "did you mean \"instances\"?"]
    {
        assert!(ran.stderr.contains(part), "no \"{part}\" in: {}", ran.stderr);
    }
}
