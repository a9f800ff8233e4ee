//! Plugins as sources: rows come in once and in order whatever goes wrong, are acknowledged when their batch is done, and what goes wrong is told.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::batch::listener::Event;
use sluicebox::context::StreamRef;
use sluicebox::error::{Error, Result};
use sluicebox::job::definition::{ComponentSource, OperatorName, ReceiverDefinition, SourceDefinition};
use sluicebox::plugin::Limits;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::{plugin, tight};
use sluicebox_tests::job::{Collected, Held, SECOND, StartedJob, TestJob};
use sluicebox_tests::plugins::component;

/// A stream of the plugin's receiver.
fn stream(
    job: &TestJob,
    name: &str,
    config: &str,
    limits: Limits,
    change: impl FnOnce(&mut ReceiverDefinition),
) -> Result<StreamRef> {
    let operator = if name == "kitchen" { "counting" } else { "spout" };
    job.context.add_plugin(plugin(name, ComponentSource::File(component(name)), limits, config))?;
    let operator = OperatorName {
        plugin: name.to_owned(),
        operator: operator.to_owned(),
        columns: None,
        overrides: Default::default(),
    };
    let mut receiver = ReceiverDefinition::new(operator);
    change(&mut receiver);
    job.context.source("numbers", SourceDefinition::Receiver(receiver))
}

/// Moves the clock on until the job has ended, or the condition holds after some batch.
async fn until(job: &mut StartedJob, mut condition: impl FnMut(&StartedJob) -> bool) -> Result<()> {
    let reached = async {
        while !condition(job) {
            job.batch().await?;
            // Whatever the job waits for that isn't a batch: the clock is moved by more than its pauses.
            tokio::task::yield_now().await;
        }
        Ok(())
    };
    let result = tokio::time::timeout(Duration::from_secs(60), reached).await;
    result.unwrap_or_else(|_| {
        panic!(
            "it didn't come to pass within a minute: {:#?}",
            job.events.all().iter().rev().take(5).collect::<Vec<_>>()
        )
    })
}

fn all_rows(out: &Collected) -> Vec<String> {
    out.commits().into_iter().flat_map(|batch| out.rows(batch)).collect()
}

fn sorted_numbers(out: &Collected) -> Vec<u64> {
    let mut numbers: Vec<u64> =
        all_rows(out).iter().map(|row| row.split(' ').next().unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_several_receivers_come_once_in_the_order_of_each() {
    let job = TestJob::with(|options| options.drain = true);
    let out = Collected::default();
    let numbers = stream(&job, "kitchen", r#"{"end": 10000}"#, Limits::default(), |receiver| {
        (receiver.receivers, receiver.max_rows) = (3, 100);
    })
    .unwrap();
    numbers.write_to("out", Arc::new(out.clone())).unwrap();
    let mut job = job.start().await.unwrap();
    until(&mut job, |_| sorted_numbers(&out).len() == 10_000).await.unwrap();
    assert_eq!(sorted_numbers(&out), (0..10_000).collect::<Vec<_>>());
    for receiver in 0..3 {
        let own: Vec<u64> = all_rows(&out)
            .iter()
            .filter_map(|row| row.split_once(' ').filter(|(_, of)| *of == receiver.to_string())?.0.parse().ok())
            .collect();
        assert!(own.is_sorted(), "receiver {receiver}");
    }
    // A block is a partition, and has rows of one receiver.
    for batch in out.commits() {
        for partition in out.partitions(batch) {
            let mut receivers: Vec<&str> = partition.iter().map(|row| row.split(' ').nth(1).unwrap()).collect();
            receivers.dedup();
            assert!(receivers.len() <= 1, "{receivers:?}");
        }
    }
    // Draining, the job ends by itself when all have ended.
    until(&mut job, |job| matches!(futures::FutureExt::now_or_never(job.job.await_termination()), Some(Ok(()))))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_or_a_panic_loses_nothing_and_is_told() {
    for (config, said) in [
        (r#"{"end": 1000, "fail-at": 500}"#, "in receiver.receive: the operator failed: can't count past 500"),
        (r#"{"end": 1000, "panic-at": 500}"#, "no more than 500"),
    ] {
        let job = TestJob::with(|options| options.drain = true);
        let out = Collected::default();
        let numbers = stream(&job, "kitchen", config, Limits::default(), |receiver| receiver.max_rows = 70).unwrap();
        numbers.write_to("out", Arc::new(out.clone())).unwrap();
        let mut job = job.start().await.unwrap();
        until(&mut job, |_| sorted_numbers(&out).len() >= 1000).await.unwrap();
        assert_eq!(sorted_numbers(&out), (0..1000).collect::<Vec<_>>(), "{config}");
        let errors: Vec<String> = job
            .events
            .all()
            .into_iter()
            .filter_map(|event| if let Event::ReceiverError(info) = event { info.last_error } else { None })
            .map(|(_, error)| error)
            .collect();
        let [error] = &errors[..] else { panic!("{errors:?}") };
        assert!(
            error.starts_with(
                "plugin kitchen, operator counting, stream numbers, receiver 0 of 1, in receiver.receive: "
            ),
            "{error}"
        );
        assert!(error.contains(said), "no {said} in {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_are_among_the_batches_events() {
    let job = TestJob::new();
    let out = Collected::default();
    let numbers = stream(&job, "kitchen", r#"{"end": 500}"#, Limits::default(), |_| ()).unwrap();
    numbers.write_to("out", Arc::new(out.clone())).unwrap();
    let mut job = job.start().await.unwrap();
    until(&mut job, |_| all_rows(&out).len() == 500).await.unwrap();
    let rates: u64 = job.events.batches().iter().filter_map(|batch| batch.inputs[0].rows_per_second).sum();
    assert_eq!(rates, 500, "batches are seconds");
    job.job.stop(true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_always_fails_fails_the_job_only_if_asked() {
    let config = r#"{"refuse": true}"#;
    let said = "plugin kitchen, operator counting, stream numbers, receiver 0 of 1, in receiver.start: what the operator needs can't be had now: nobody counts here";
    let job = TestJob::new();
    let numbers = stream(&job, "kitchen", config, Limits::default(), |_| ()).unwrap();
    numbers.write_to("out", Arc::new(Collected::default())).unwrap();
    let mut job = job.start().await.unwrap();
    let is_told = |job: &StartedJob| {
        let told = |event: &Event| matches!(event, Event::ReceiverError(info) if info.last_error.as_ref().is_some_and(|(_, error)| error == said));
        job.events.all().iter().filter(|event| told(event)).count() >= 3
    };
    until(&mut job, is_told).await.unwrap();
    job.job.stop(true).await.unwrap();

    let job = TestJob::new();
    let numbers = stream(&job, "kitchen", config, Limits::default(), |receiver| receiver.fail = true).unwrap();
    numbers.write_to("out", Arc::new(Collected::default())).unwrap();
    let mut job = job.start().await.unwrap();
    let error = until(&mut job, |_| false).await.unwrap_err().to_string();
    assert_eq!(error, said);

    let job = TestJob::with(|options| options.drain = true);
    let numbers = stream(&job, "kitchen", config, Limits::default(), |_| ()).unwrap();
    numbers.write_to("out", Arc::new(Collected::default())).unwrap();
    let mut job = job.start().await.unwrap();
    let error = until(&mut job, |_| false).await.unwrap_err().to_string();
    // How long that was is the clock's business, which goes on while the receiver waits for its turn.
    assert!(
        error.starts_with("stream \"numbers\": its receiver 0 has failed for ") && error.ends_with(said),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_is_not_asked_while_the_job_has_no_room() {
    let job = TestJob::new();
    job.context.job(|job| (job.block_queue, job.block_size) = (4, 64 << 10)).unwrap();
    let out = Collected::default();
    let (slow, open) = Held::new(out.clone());
    let numbers = stream(&job, "kitchen", "{}", Limits::default(), |receiver| receiver.max_rows = 1000).unwrap();
    numbers.count("count").unwrap().write_to("out", Arc::new(slow)).unwrap();
    let job = job.start().await.unwrap();
    // One batch is held up at its output. What is received for the next fills its queue, and then no more is asked for: there is no event to wait for, so
    // the receiver is given time for some hundred times as much.
    job.clock.advance(SECOND);
    job.events.submitted(1000).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    job.clock.advance(SECOND);
    job.events.submitted(2000).await;
    open.send_replace(true);
    job.job.stop(true).await.unwrap();
    let counts: Vec<u64> = all_rows(&out).iter().map(|count| count.parse().unwrap()).collect();
    // Twelve bytes a row: four blocks of 64 KiB, the one in the making, and what was in the receiver's hand.
    assert!(counts[1] > 10_000 && counts[1] < 40_000, "{counts:?}");
    let received = job.events.all().into_iter().filter_map(|event| match event {
        Event::ReceiverStopped(info) => Some(info.rows_received),
        _ => None,
    });
    assert_eq!(counts.iter().sum::<u64>(), received.sum::<u64>(), "what was received is counted");
}

const COUNTING: &str = r#"
[plugin.kitchen]
component = "KITCHEN"
config = { end = 5000 }

[stream.numbers]
source = { type = "kitchen/counting", receivers = 2, max-rows = 500, max-time = "50ms" }

[output.console]
input = "numbers"
sink = { type = "print", rows = 10000 }
"#;

fn counting() -> String {
    COUNTING.replace("KITCHEN", &component("kitchen").display().to_string())
}

#[test]
fn what_a_batch_has_read_is_acknowledged_when_it_is_done_and_the_end_last() {
    let ran = Folder::new(&counting()).run(&["--drain"]).ended_with(0);
    assert_eq!(ran.printed_rows().len(), 5000);
    let acks: Vec<u64> = ran.logged(" ack ").iter().map(|line| number_after(line, " ack ")).collect();
    for parity in [0, 1] {
        let own: Vec<u64> = acks.iter().copied().filter(|position| position % 2 == parity).collect();
        assert!(own.is_sorted() && own.last() == Some(&(5000 + parity)), "{own:?}");
    }
    let stops: Vec<u64> = ran.logged(" stop at ").iter().map(|line| number_after(line, " stop at ")).collect();
    assert_eq!(stops.len(), 2);
    for end in [5000, 5001] {
        assert!(
            ran.stderr.find(&format!(" ack {end} ")) < ran.stderr.find(&format!(" stop at {end} ")),
            "{}",
            ran.stderr
        );
    }
}

fn number_after(line: &str, what: &str) -> u64 {
    let rest = line.split(what).nth(1).unwrap_or_else(|| panic!("no {what} in {line}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number after {what} in {line}"))
}

#[test]
fn check_knows_a_receivers_columns_and_mistakes() {
    let ran = Folder::new(&counting()).check().ended_with(0);
    assert!(ran.stdout.contains("number") && ran.stdout.contains("receiver"), "{}", ran.stdout);
    for (from, to, mistake, help) in [
        ("kitchen/counting", "kitchen/countin", "the plugin has no such receiver operator; it offers counting", ""),
        ("kitchen/counting", "kitchn/counting", "there is no plugin \"kitchn\"", "did you mean \"kitchen\"?"),
        ("receivers = 2", "receivers = 0", "source.receivers: 0 is out of range", "it is from 1 to 32"),
        ("receivers = 2", "reciever = 2", "unknown key \"reciever\"", "did you mean \"receivers\"?"),
        (
            "max-rows = 500",
            "max-rows = \"many\"",
            "source.max-rows: an integer is expected",
            "for example max-rows = 10000",
        ),
        ("\"50ms\"", "\"50\"", "source.max-time: \"50\" is not a duration", ""),
        (
            "\"50ms\"",
            "\"50ms\", on-failure = \"stop\"",
            "source.on-failure: \"stop\" is not known",
            "known words: restart, fail",
        ),
        ("end = 5000", "ende = 5000", "config key `ende` is unknown; did you mean `end`?", ""),
        (
            "[output",
            "[stream.more]\nsource = { type = \"kitchen/counting\", receivers = 31 }\n[output.b]\ninput = \"more\"\nsink = { type = \"print\" }\n[output",
            "with it, the job has 33 receivers in plugins",
            "a job has at most 32: lower receivers",
        ),
    ] {
        let text = counting();
        assert!(text.contains(from));
        let ran = Folder::new(&text.replacen(from, to, 1)).check().ended_with(2);
        assert!(ran.stderr.contains("error: job.toml:"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(mistake) && ran.stderr.contains(help),
            "no \"{mistake}\" or \"{help}\" in: {}",
            ran.stderr
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hostile_receiver_does_is_told_and_the_job_goes_on() {
    let trapped = "the operator trapped: wasm trap: wasm `unreachable` instruction executed";
    let invalid = "what the operator returned is invalid: ";
    for (config, call, said) in [
        (r#"{"act": "trap", "in": "start"}"#, "start", trapped),
        (r#"{"act": "trap", "in": "receive"}"#, "receive", trapped),
        (r#"{"act": "trap", "in": "ack"}"#, "ack", trapped),
        (r#"{"act": "loop", "in": "start"}"#, "start", "the call took longer than 50ms"),
        (r#"{"act": "loop", "in": "receive"}"#, "receive", "the call took longer than 60ms"),
        (r#"{"act": "memory", "in": "receive"}"#, "receive", "and its limit is 8.0 MiB"),
        (r#"{"act": "recurse", "in": "receive"}"#, "receive", "call stack exhausted"),
        (r#"{"act": "refuse", "in": "receive"}"#, "receive", "the operator failed: \\u{1b}[31mno"),
        (r#"{"act": "more-rows"}"#, "receive", "it returned 101 rows, and was asked for at most 100"),
        (r#"{"act": "large-answer"}"#, "receive", "its position has 65537 bytes, and 65536 are the most"),
        (r#"{"act": "no-utf8"}"#, "receive", invalid),
        (r#"{"act": "null"}"#, "receive", invalid),
        (r#"{"act": "rows-differ"}"#, "receive", invalid),
        (r#"{"act": "column-missing"}"#, "receive", invalid),
        (r#"{"act": "output"}"#, "receive", "limit of 1.0 MiB; raise `output`"),
    ] {
        let job = TestJob::new();
        let out = Collected::default();
        let limits = if config.contains("output") { Limits { memory: 64 << 20, ..tight() } } else { tight() };
        let numbers = stream(&job, "hostile", config, limits, |receiver| {
            (receiver.max_rows, receiver.max_time) = (100, Duration::from_millis(10));
        })
        .unwrap();
        numbers.write_to("out", Arc::new(out.clone())).unwrap();
        let mut job = job.start().await.unwrap();
        let place = format!("plugin hostile, operator spout, stream numbers, receiver 0 of 1, in receiver.{call}: ");
        let is_told = |job: &StartedJob| {
            let told = |event: &Event| matches!(event, Event::ReceiverError(info) if info.last_error.as_ref().is_some_and(|(_, error)| error.starts_with(&place) && error.contains(said)));
            job.events.all().iter().any(told)
        };
        until(&mut job, is_told).await.unwrap_or_else(|error| panic!("{config}: {error}"));
        job.job.stop(true).await.unwrap();
        // Where the rows were good, they came once although the instance was lost after them.
        assert_eq!(all_rows(&out).len(), if call == "ack" { 3 } else { 0 }, "{config}");
    }
    for (config, said) in
        [(r#"{"act": "trap", "in": "bind"}"#, trapped), (r#"{"act": "bind-no-name", "in": "bind"}"#, invalid)]
    {
        let job = TestJob::new();
        let numbers = stream(&job, "hostile", config, tight(), |_| ()).unwrap();
        numbers.print("out", 1).unwrap();
        let error = job.start().await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        let error = error.to_string();
        assert!(
            error.starts_with("stream \"numbers\": plugin hostile, operator spout, in receiver.bind: ")
                && error.contains(said),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_traps_at_the_end_changes_nothing() {
    for config in [r#"{"act": "trap", "in": "stop"}"#, r#"{"act": "loop", "in": "stop"}"#] {
        let job = TestJob::new();
        let out = Collected::default();
        let numbers = stream(&job, "hostile", config, tight(), |_| ()).unwrap();
        numbers.write_to("out", Arc::new(out.clone())).unwrap();
        let mut job = job.start().await.unwrap();
        until(&mut job, |_| all_rows(&out).len() == 3).await.unwrap();
        job.job.stop(true).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_is_left_behind_by_a_stop() {
    let job = TestJob::new();
    job.context.job(|job| job.stop_timeout = SECOND).unwrap();
    let limits = Limits { time: Duration::from_secs(10), ..Limits::default() };
    let numbers = stream(&job, "hostile", r#"{"act": "loop", "in": "ack"}"#, limits, |_| ()).unwrap();
    let out = Collected::default();
    numbers.write_to("out", Arc::new(out.clone())).unwrap();
    let mut job = job.start().await.unwrap();
    until(&mut job, |_| all_rows(&out).len() == 3).await.unwrap();
    // It hangs in the acknowledgement of these rows, before or while the job stops: their batch is done.
    if let Err(error) = job.job.stop(true).await {
        assert!(error.to_string().starts_with("the job did not stop within 1s"), "{error}");
    }
    let is_told = |event: &Event| matches!(event, Event::ReceiverError(_));
    assert!(!job.events.all().iter().any(is_told), "its call has not come to an end yet");
}
