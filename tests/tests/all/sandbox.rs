//! Whatever a plugin does in a call, the job ends with an error that says who did it, where and in which call: at once where it would happen
//! again, after four retries where it might not. The job never panics and never hangs.

use std::time::Duration;

use sluicebox::error::Error;
use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::Limits;
use sluicebox_tests::hostile::{Outcome, plugin, run, run_in, run_plugin, tight};
use sluicebox_tests::job::TestJob;
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{pair_schema, pairs};

const KINDS: [&str; 4] = ["map", "flat-map", "filter", "map-partitions"];

/// What is said of each act, and whether the guest's stack is shown with the function that did it.
const ACTS: [(&str, &str, Option<&str>); 4] = [
    ("trap", "the operator trapped: wasm trap: wasm `unreachable` instruction executed", Some("trap_on_purpose")),
    ("recurse", "the operator trapped: wasm trap: call stack exhausted", Some("recurse_on_purpose")),
    ("memory", "and its limit is 8.0 MiB; raise `memory` in [plugin.P]", None),
    ("refuse", "the operator failed: \\u{1b}[31mno\\n\\u{1b}[31mno\\n", None),
];

#[track_caller]
fn shows_stack(outcome: &Outcome, function: Option<&str>) {
    let message = outcome.message();
    let stack: Vec<&str> = message.lines().skip(1).collect();
    if let Some(function) = function {
        assert!(stack.iter().any(|line| line.contains(function)), "no {function} in the stack: {message}");
    }
    assert!(message.len() < 20_000, "{} bytes of message", message.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_in_the_binding_is_a_mistake_of_the_job() {
    for operator in ["map", "fold"] {
        let interface = if operator == "fold" { "aggregate" } else { "transform" };
        for (act, said, function) in ACTS {
            let outcome = run(operator, &format!(r#"{{"act": "{act}", "in": "bind"}}"#), tight()).await;
            assert!(matches!(outcome.error, Some(Error::Invalid(_))), "{:?}", outcome.error);
            let place = format!("plugin hostile, operator {operator}, in {interface}.bind: ");
            outcome.says(&["stream \"made\"", &place, said]);
            shows_stack(&outcome, function);
            assert!(outcome.batches.is_empty());
        }
        let outcome = run(operator, r#"{"act": "loop", "in": "bind"}"#, tight()).await;
        outcome.says(&[
            "stream \"made\"",
            ".bind: the call took longer than 50ms; make the operator faster or raise `time`",
        ]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_in_describe_is_a_mistake_of_the_job() {
    let bytes = std::fs::read(component("hostile")).unwrap();
    let marker = b"act-in-describe:none    ";
    let places: Vec<usize> =
        bytes.windows(marker.len()).enumerate().filter(|(_, at)| at == marker).map(|(at, _)| at).collect();
    let [place] = places[..] else { panic!("the marker is at {places:?}") };
    let acts = ACTS.iter().filter(|(act, ..)| *act != "refuse").map(|(act, said, _)| (*act, *said));
    for (act, said) in acts.chain([("loop", "the call took longer than 50ms")]) {
        let mut patched = bytes.clone();
        patched[place + 16..place + 24].copy_from_slice(format!("{act:8}").as_bytes());
        let outcome = run_plugin(plugin("hostile", ComponentSource::Bytes(patched.into()), tight(), "{}"), "map").await;
        assert!(matches!(outcome.error, Some(Error::Invalid(_))), "{:?}", outcome.error);
        outcome.says(&["stream \"made\"", "plugin hostile, operator map, in transform.describe: ", said]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_would_happen_again_fails_the_job_at_once() {
    for operator in KINDS {
        for call in ["open", "process", "finish"] {
            for (act, said, function) in ACTS {
                // In the second partition, where the call knows in which it is.
                let at = if call == "process" { r#", "at": 5"# } else { "" };
                let outcome = run(operator, &format!(r#"{{"act": "{act}", "in": "{call}"{at}}}"#), tight()).await;
                let partition = if call == "process" { "partition 1 of 2" } else { " of 2" };
                let operator = format!("plugin hostile, operator {operator}, stream made, batch 1000, partition ");
                outcome.says(&[&operator, partition, &format!(", in transform.{call}: "), said]);
                assert!(!outcome.message().contains("attempt"), "{}", outcome.message());
                shows_stack(&outcome, function);
                outcome.failed_after(1);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregates_act_that_would_happen_again_fails_the_job_at_once() {
    for call in ["open", "partial", "merge", "finish"] {
        for (act, said, function) in ACTS {
            let outcome = run("fold", &format!(r#"{{"act": "{act}", "in": "{call}"}}"#), tight()).await;
            let operator = "plugin hostile, operator fold, stream made, batch 1000, partition ";
            outcome.says(&[operator, &format!(", in aggregate.{call}: "), said]);
            shows_stack(&outcome, function);
            outcome.failed_after(1);
        }
        for act in ["more-rows", "fewer-rows"].iter().filter(|_| call != "open") {
            let outcome = run("fold", &format!(r#"{{"act": "{act}", "in": "{call}"}}"#), tight()).await;
            outcome.says(&[&format!(", in aggregate.{call}: what the operator returned is invalid: ")]);
            outcome.failed_after(1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_too_long_is_made_again_four_times() {
    let quick = || Limits { time: Duration::from_millis(20), ..tight() };
    for (operator, call) in [("map", "open"), ("filter", "process"), ("map-partitions", "process"), ("fold", "partial")]
    {
        let outcome = run(operator, &format!(r#"{{"act": "loop", "in": "{call}", "at": 5}}"#), quick()).await;
        outcome.says(&[&format!(".{call}: the call took longer than 20ms"), "attempt 4,"]);
        // The call's input was held, so that the batch was not run again.
        outcome.failed_after(1);
    }
    // Its rows are gone when it finishes: the batch is run again.
    for operator in ["map", "map-partitions"] {
        let outcome = run(operator, r#"{"act": "loop", "in": "finish"}"#, quick()).await;
        outcome.says(&[".finish: the call took longer than 20ms", "attempt 4,"]);
        outcome.failed_after(5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_of_the_plugin_is_enforced() {
    let exceeded = |change: fn(&mut Limits), config: &'static str| async move {
        let mut limits = tight();
        change(&mut limits);
        run("map", config, limits).await
    };
    let well = exceeded(|_| (), "{}").await;
    assert_eq!(well.out.rows(1000).len(), 6, "under the same limits, nothing else fails: {:?}", well.error);

    let memory = exceeded(|limits| limits.memory = 3 << 20, r#"{"act": "memory"}"#).await;
    memory.says(&["its limit is 3.0 MiB; raise `memory` in [plugin.P]", "in transform.process"]);
    let start = exceeded(|limits| limits.memory = 64 << 10, "{}").await;
    start.says(&["stream \"made\"", "its limit is 64.0 KiB; raise `memory` in [plugin.P]"]);
    let table = exceeded(|limits| limits.table_elements = 1, "{}").await;
    table.says(&["stream \"made\"", ", and its limit is 1; raise `table-elements` in [plugin.P]"]);
    let time = exceeded(|limits| limits.time = Duration::from_millis(20), r#"{"act": "loop"}"#).await;
    time.says(&["the call took longer than 20ms; make the operator faster or raise `time` in [plugin.P]"]);
    for act in ["output", "buffers"] {
        let output = exceeded(
            |limits| limits.memory = 64 << 20,
            if act == "output" { r#"{"act": "output"}"# } else { r#"{"act": "buffers"}"# },
        )
        .await;
        output.says(&["limit of 1.0 MiB; raise `output` in [plugin.P]", "in transform.process"]);
        output.failed_after(1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_memory_that_is_used_up_fails_the_job_after_four_retries() {
    // An instance is given more than the job has.
    let job = TestJob::new();
    job.context.job(|job| job.memory = 32 << 20).unwrap();
    let limits = Limits { memory: 64 << 20, time: Duration::from_secs(10), ..tight() };
    let hostile = ComponentSource::File(component("hostile"));
    let outcome = run_in(job, plugin("hostile", hostile, limits, r#"{"act": "memory"}"#), "map").await;
    outcome.says(&["plugin hostile, operator map, stream made, batch 1000", "raise [job] memory"]);
    outcome.failed_after(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_is_no_text_is_an_error_too() {
    for operator in ["map", "fold"] {
        let call = if operator == "fold" { "partial" } else { "process" };
        let outcome = run(operator, &format!(r#"{{"act": "refuse-no-utf8", "in": "{call}"}}"#), tight()).await;
        outcome.says(&[&format!(".{call}: what the operator returned is invalid: "), "utf-8"]);
        outcome.failed_after(1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_are_few() {
    let outcome = run("map", r#"{"act": "counters"}"#, Limits { time: Duration::from_secs(5), ..tight() }).await;
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    let report = outcome.batches[0].report.operators.values().next().unwrap();
    assert_eq!(report.counters.len(), 64);
    assert_eq!(report.counters["counter_0"], u64::MAX);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_told_in_its_own_words() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (_, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let both = job.context.sql("both", "select 7 as a, value as b from input").unwrap();
    both.map("made", "kitchen/divide").unwrap().print("out", 10).unwrap();
    queue.push(vec![pairs(&[("a", 1), ("b", 0)])]).unwrap();
    let error = job.run(1).await.unwrap_err().to_string();
    for part in
        ["plugin kitchen, operator divide, stream made, batch 1000", "transforms.rs", "attempt to divide by zero"]
    {
        assert!(error.contains(part), "no \"{part}\" in: {error}");
    }
}
