//! Kafka as a source, with a real broker.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer};
use sluicebox::error::Result;
use sluicebox::job::definition::{EventWindows, SourceDefinition};
use sluicebox::job::kafka::{KafkaSourceDefinition, MessageColumn, MessageContent, StartDefinition, TopicsDefinition};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, Held, TestJob};
use sluicebox_tests::kafka::{Kafka, PASSWORD, Sent, shared, unique};
use sluicebox_tests::rows::pair_schema;

/// A source of a topic of the shared broker.
fn source(topic: &str) -> KafkaSourceDefinition {
    KafkaSourceDefinition::new(shared().brokers(), &[topic])
}

/// A job that collects what a source gives.
fn collecting(job: &TestJob, source: KafkaSourceDefinition) -> Collected {
    let collected = Collected::default();
    let rows = job.context.source("rows", SourceDefinition::Kafka(Box::new(source))).unwrap();
    rows.write_to("collected", Arc::new(collected.clone())).unwrap();
    collected
}

/// What batches of a source have, one after the other, and how the job ended.
async fn batches(source: KafkaSourceDefinition, n: usize) -> (Collected, Result<()>) {
    let job = TestJob::new();
    let collected = collecting(&job, source);
    let ran = job.run(n).await.map(drop);
    (collected, ran)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_come_with_all_they_have() {
    let topic = shared().topic("all", 2);
    let header = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let message = |key: Option<&str>, value: Option<&str>, headers| Sent {
        key: key.map(str::to_owned),
        value: value.map(str::to_owned),
        headers,
    };
    shared().send_one(&topic, 1, &message(Some("k"), Some("to be"), vec![header("a", "1"), header("b", "2")]), 1000);
    shared().send_one(&topic, 1, &message(None, None, vec![]), 2000);
    let columns = MessageColumn::ALL.map(|(_, column)| column).to_vec();
    let job = TestJob::new();
    let collected = collecting(&job, KafkaSourceDefinition { columns, ..source(&topic) });
    let mut job = job.start().await.unwrap();
    job.batch().await.unwrap();
    shared().send(&topic, 0, ["or not"]);
    job.batch().await.unwrap();
    job.job.stop(true).await.unwrap();
    let first = [
        format!("k to be {topic} 1 0 1970-01-01T00:00:01Z [{{key: a, value: 31}}, {{key: b, value: 32}}]"),
        format!("null null {topic} 1 1 1970-01-01T00:00:02Z []"),
    ];
    assert_eq!(collected.partitions(1000), [vec![], first.to_vec()], "a partition of the topic is one of the dataset");
    let second = collected.partitions(2000);
    assert!(second[0][0].starts_with(&format!("null or not {topic} 0 0 ")), "{second:?}");
    assert_eq!(second[1], Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_read_however_they_are_compressed() {
    for codec in ["gzip", "snappy", "lz4", "zstd"] {
        let topic = unique(codec);
        // The broker compresses what it is sent.
        shared().make_topic(&topic, 1, &[("compression.type", codec)]);
        let values = ["to be or not to be ", "that is the question "].map(|text| text.repeat(100));
        shared().send(&topic, 0, &values);
        let (collected, ran) = batches(source(&topic), 1).await;
        ran.unwrap_or_else(|error| panic!("{codec}: {error}"));
        assert_eq!(collected.partitions(1000), [values.to_vec()], "{codec}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_text_bytes_or_objects() {
    let topic = shared().topic("values", 1);
    shared().send(
        &topic,
        0,
        [&b"{\"key\": \"to\", \"value\": 1, \"more\": []}"[..], b"\xff", b"{\"key\": \"be\", \"value\": 2}", b""],
    );
    let (collected, ran) =
        batches(KafkaSourceDefinition { content: MessageContent::Binary, ..source(&topic) }, 1).await;
    ran.unwrap();
    assert_eq!(collected.rows(1000)[1..], ["ff", "7b226b6579223a20226265222c202276616c7565223a20327d", ""]);

    let error = batches(source(&topic), 1).await.1.unwrap_err().to_string();
    let place = format!(
        "stream \"rows\": topic \"{topic}\", partition 0: offset 1: its value isn't valid UTF-8; set on-bad-message"
    );
    assert!(error.contains("batch 1000") && error.contains(&place), "{error}");

    let json = MessageContent::Json(pair_schema());
    let error = batches(KafkaSourceDefinition { content: json.clone(), ..source(&topic) }, 1).await.1.unwrap_err();
    assert!(error.to_string().contains("offset 1: its value"), "{error}");
    let columns = vec![MessageColumn::Offset, MessageColumn::Value];
    let skipping = KafkaSourceDefinition { content: json, columns, skips_bad_messages: true, ..source(&topic) };
    let job = TestJob::new();
    let collected = collecting(&job, skipping);
    let events = job.run(1).await.unwrap();
    assert_eq!(collected.rows(1000), ["0 to 1", "2 be 2"]);
    let input = &events.batches()[0].inputs[0];
    assert_eq!((input.rows, input.lines_dropped), (Some(2), 2), "an empty value is no object either");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_is_where_the_first_batch_begins() {
    let topic = shared().topic("start", 1);
    let message = |value: &str| Sent { key: None, value: Some(value.into()), headers: vec![] };
    for (value, time_ms) in [("a", 1000), ("b", 2000), ("c", 3000)] {
        shared().send_one(&topic, 0, &message(value), time_ms);
    }
    let offsets = BTreeMap::from([(topic.clone(), BTreeMap::from([(0, 2)]))]);
    for (start, first) in [
        (StartDefinition::Earliest, vec!["a", "b", "c"]),
        (StartDefinition::Latest, vec![]),
        (StartDefinition::Time(1500), vec!["b", "c"]),
        (StartDefinition::Time(i64::MAX / 2), vec![]),
        (StartDefinition::Offsets(offsets), vec!["c"]),
    ] {
        let (collected, ran) = batches(KafkaSourceDefinition { start: start.clone(), ..source(&topic) }, 1).await;
        ran.unwrap();
        assert_eq!(collected.rows(1000), first, "{start:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_transactions_that_are_committed_are_read() {
    let topic = shared().topic("transactions", 1);
    let producer = shared().producer(Some(&unique("writer")));
    let send = |values: &[&str]| {
        producer.begin_transaction().unwrap();
        for value in values {
            producer.send(BaseRecord::<(), str>::to(&topic).partition(0).payload(value)).map_err(|(e, _)| e).unwrap();
        }
        producer.flush(Duration::from_secs(60)).unwrap();
    };
    let job = TestJob::new();
    let collected = collecting(&job, source(&topic));
    let mut job = job.start().await.unwrap();
    send(&["a", "b"]);
    producer.commit_transaction(Duration::from_secs(60)).unwrap();
    send(&["never"]);
    producer.abort_transaction(Duration::from_secs(60)).unwrap();
    send(&["c"]);
    job.batch().await.unwrap();
    assert_eq!(collected.rows(1000), ["a", "b"], "what is aborted never is, and what is open not yet");
    producer.commit_transaction(Duration::from_secs(60)).unwrap();
    // It is decided then; brokers make it known to readers a little later.
    shared().until_committed(&topic, 3);
    job.batch().await.unwrap();
    assert_eq!(collected.rows(2000), ["c"]);
    // A batch may have offsets without any message: the marks of transactions.
    send(&["never"]);
    producer.abort_transaction(Duration::from_secs(60)).unwrap();
    job.batch().await.unwrap();
    assert_eq!(collected.rows(3000), Vec::<String>::new());
    job.job.stop(true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_and_partitions_that_appear_are_read_from_their_beginning() {
    let prefix = unique("appearing");
    let of = |name: &str| format!("{prefix}.{name}");
    shared().make_topic(&of("a"), 1, &[]);
    shared().make_topic(&format!("not-{}", of("a")), 1, &[]);
    shared().send(&of("a"), 0, ["before"]);
    let job = TestJob::new();
    let topics = TopicsDefinition::Pattern(format!("{prefix}\\..*"));
    let columns = vec![MessageColumn::Topic, MessageColumn::Partition, MessageColumn::Value];
    let refresh = Duration::from_secs(2);
    let start = StartDefinition::Latest;
    let collected = collecting(&job, KafkaSourceDefinition { topics, columns, refresh, start, ..source("") });
    let mut job = job.start().await.unwrap();
    job.batch().await.unwrap();
    assert_eq!(collected.rows(1000), Vec::<String>::new());
    shared().make_topic(&of("b"), 1, &[]);
    shared().set_partitions(&of("a"), 2);
    for (topic, partition) in [("a", 0), ("a", 1), ("b", 0)] {
        shared().send(&of(topic), partition, ["x"]);
    }
    // A client hears of new partitions from a broker that knows of them; the one that was asked to make them does.
    job.batch().await.unwrap();
    job.batch().await.unwrap();
    let rows = [collected.rows(2000), collected.rows(3000)].concat();
    let expected: Vec<_> = [("a", 0), ("a", 1), ("b", 0)].map(|(topic, p)| format!("{} {p} x", of(topic))).into();
    assert_eq!(rows.iter().collect::<std::collections::BTreeSet<_>>(), expected.iter().collect(), "{rows:?}");
    assert_eq!(rows.len(), 3);
    job.job.stop(true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_spreads_messages_over_batches_and_draining_ends_with_what_was_there() {
    let topic = shared().topic("limit", 2);
    shared().send(&topic, 0, (0..7).map(|n| n.to_string()));
    shared().send(&topic, 1, ["x"]);
    let job = TestJob::with(|options| options.drain = true);
    let collected = collecting(&job, KafkaSourceDefinition { max_rate_per_partition: Some(3), ..source(&topic) });
    let mut job = job.start().await.unwrap();
    job.batch().await.unwrap();
    shared().send(&topic, 1, ["too late"]);
    job.batch().await.unwrap();
    // The job stops when it has been given all, which it is in this batch.
    let _ = job.batch().await;
    job.job.await_termination().await.unwrap();
    assert_eq!(collected.partitions(1000), [vec!["0", "1", "2"], vec!["x"]]);
    assert_eq!(collected.rows(2000), ["3", "4", "5"]);
    assert_eq!(collected.rows(3000), ["6"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_that_memory_has_no_room_for_is_read_batch_by_batch() {
    const MESSAGES: usize = 10_000;
    let topic = shared().topic("backlog", 2);
    let value = "x".repeat(10_000);
    for partition in 0..2 {
        shared().send(&topic, partition, vec![&value; MESSAGES / 2]);
    }
    let job = TestJob::new();
    job.context.job(|job| job.memory = 64 << 20).unwrap();
    job.context.source("messages", SourceDefinition::Kafka(Box::new(source(&topic)))).unwrap();
    // A query's streams are held as a whole.
    let counts = Collected::default();
    let counted = job.context.sql("counted", "select count(*), sum(length(value)) from messages").unwrap();
    counted.write_to("counts", Arc::new(counts.clone())).unwrap();
    let mut job = job.start().await.unwrap();
    let count = |batch| counts.rows(batch)[0].split(' ').next().unwrap().parse::<usize>().unwrap();
    let mut batches = vec![];
    while batches.iter().sum::<usize>() < MESSAGES {
        job.batch().await.unwrap();
        batches = counts.commits().into_iter().map(count).collect();
        assert!(batches.len() < 50, "{batches:?}");
    }
    // As long as nobody knows how long messages are, they count as 16 KiB; then a batch has a quarter of the memory.
    let [first, middle @ .., _] = batches.as_slice() else { panic!("{batches:?}") };
    assert!(*first == 1024 && middle.len() == 5 && middle.iter().all(|n| (1600..1680).contains(n)), "{batches:?}");
    job.job.stop(true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_are_gone_fail_the_job_or_are_left_out() {
    let topic = shared().topic("truncated", 1);
    for (skips, fails_with) in [(false, Some("are gone before they were read")), (true, None)] {
        let job = TestJob::new();
        let skipping =
            KafkaSourceDefinition { max_rate_per_partition: Some(2), skips_lost_messages: skips, ..source(&topic) };
        shared().send(&topic, 0, ["a", "b", "c", "d", "e", "f"]);
        let collected = collecting(&job, skipping);
        let mut job = job.start().await.unwrap();
        job.batch().await.unwrap();
        let all = shared().uncommitted(&topic)[0].last().unwrap().offset() + 1;
        shared().truncate(&topic, 0, all - 1);
        let ended = job.batch().await;
        match fails_with {
            Some(text) => {
                let error = match ended {
                    Ok(()) => job.job.await_termination().await.unwrap_err(),
                    Err(error) => error,
                };
                let error = error.to_string();
                assert!(error.contains(&format!("topic \"{topic}\", partition 0")) && error.contains(text), "{error}");
                assert!(error.contains("on-lost-messages"), "{error}");
            }
            None => {
                ended.unwrap();
                assert_eq!(collected.rows(2000), ["f"]);
                job.job.stop(true).await.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_batch_whose_messages_are_gone_says_so() {
    for skips in [false, true] {
        let topic = shared().topic("gone", 1);
        shared().send(&topic, 0, ["a", "b", "c"]);
        let folder = tempfile::tempdir().unwrap();
        // The batch is planned, and its rows are wanted by the next run of the job.
        stop_once_planned(on_checkpoint(folder.path(), 0), source(&topic)).await;
        shared().truncate(&topic, 0, 2);
        let job = on_checkpoint(folder.path(), 1000);
        let collected = collecting(&job, KafkaSourceDefinition { skips_lost_messages: skips, ..source(&topic) });
        let job = job.start().await.unwrap();
        if skips {
            job.events.completed(1).await;
            assert_eq!(collected.rows(1000), ["c"]);
            job.job.stop(true).await.unwrap();
        } else {
            let error = job.job.await_termination().await.unwrap_err().to_string();
            assert!(error.contains(&format!("topic \"{topic}\", partition 0: messages 0 to 1 are gone")), "{error}");
        }
    }
}

/// A job on a checkpoint, at this time.
fn on_checkpoint(folder: &std::path::Path, start_ms: i64) -> TestJob {
    let job = TestJob::at(start_ms, |_| {});
    let checkpoint = format!("file://{}", folder.display());
    job.context.job(|job| job.checkpoint = Some(checkpoint)).unwrap();
    job
}

/// Run a job until its next batch is planned, and no further.
async fn stop_once_planned(job: TestJob, source: KafkaSourceDefinition) {
    let rows = job.context.source("rows", SourceDefinition::Kafka(Box::new(source))).unwrap();
    let (held, _open) = Held::new(Collected::default());
    rows.write_to("collected", Arc::new(held)).unwrap();
    let job = job.start().await.unwrap();
    let next = sluicebox::clock::Clock::now_ms(&job.clock) + 1000;
    job.clock.advance_to(next);
    job.events.submitted(next).await;
    job.job.stop(false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_topic_fails_the_job() {
    let topic = shared().topic("deleted", 1);
    shared().send(&topic, 0, ["a"]);
    let job = TestJob::new();
    let collected = collecting(&job, source(&topic));
    let mut job = job.start().await.unwrap();
    job.batch().await.unwrap();
    assert_eq!(collected.rows(1000), ["a"]);
    shared().delete_topic(&topic);
    let error = loop {
        if let Err(error) = job.batch().await {
            break error.to_string();
        }
        assert!(job.job.n_batches() < 20, "the job goes on without its topic");
    };
    assert!(
        error.contains(&format!("topic \"{topic}\", partition 0 is gone, which was read up to offset 1")),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_made_anew_with_more_messages_is_told() {
    for (skips, is_planned) in [(false, false), (false, true), (true, false)] {
        let topic = shared().topic("anew", 1);
        shared().send(&topic, 0, ["a", "b"]);
        let folder = tempfile::tempdir().unwrap();
        // Its next batch has read all there is, or is planned and to be read by the next run.
        match is_planned {
            true => stop_once_planned(on_checkpoint(folder.path(), 0), source(&topic)).await,
            false => {
                let first = on_checkpoint(folder.path(), 0);
                collecting(&first, source(&topic));
                drop(first.run(1).await.unwrap());
            }
        }
        shared().make_anew(&topic, 1);
        shared().send(&topic, 0, ["c", "d", "e"]);
        let job = on_checkpoint(folder.path(), 1000);
        let collected = collecting(&job, KafkaSourceDefinition { skips_lost_messages: skips, ..source(&topic) });
        let mut job = job.start().await.unwrap();
        let ran = job.batch().await;
        if skips {
            ran.unwrap();
            assert_eq!(collected.rows(2000), ["c", "d", "e"], "what was there before is gone");
            job.job.stop(true).await.unwrap();
        } else {
            let error = match ran {
                Ok(()) => job.job.await_termination().await.unwrap_err().to_string(),
                Err(error) => error.to_string(),
            };
            assert!(error.contains(&format!("topic \"{topic}\" was deleted and made anew")), "{error}");
            assert_eq!(collected.commits().into_iter().flat_map(|batch| collected.rows(batch)).count(), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timestamps_are_event_times() {
    let topic = shared().topic("event-time", 1);
    let message = |value: &str| Sent { key: None, value: Some(value.into()), headers: vec![] };
    for (value, time_ms) in [("a", 1_000), ("b", 9_999), ("c", 10_000), ("d", 20_000)] {
        shared().send_one(&topic, 0, &message(value), time_ms);
    }
    let (job, counts) = (TestJob::new(), Collected::default());
    let columns = vec![MessageColumn::Value, MessageColumn::Timestamp];
    let rows = SourceDefinition::Kafka(Box::new(KafkaSourceDefinition { columns, ..source(&topic) }));
    let rows = job.context.source("rows", rows).unwrap().with_event_time("timestamp", Duration::ZERO).unwrap();
    let windows = EventWindows::Sliding { length: Duration::from_secs(10), slide: None };
    let counted = rows.event_time_window("counts", &[], "count", windows).unwrap();
    counted.write_to("counts", Arc::new(counts.clone())).unwrap();
    job.run(1).await.unwrap();
    let expected = ["1970-01-01T00:00:00Z 1970-01-01T00:00:10Z 2", "1970-01-01T00:00:10Z 1970-01-01T00:00:20Z 1"];
    assert_eq!(counts.sorted(1000), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_on_with_the_offsets_of_its_log() {
    let topic = shared().topic("recovery", 2);
    let folder = tempfile::tempdir().unwrap();
    shared().send(&topic, 0, ["a", "b"]);
    let first = on_checkpoint(folder.path(), 0);
    let collected = collecting(&first, source(&topic));
    first.run(1).await.unwrap();
    assert_eq!(collected.rows(1000), ["a", "b"]);
    // The second batch is planned, and never done.
    shared().send(&topic, 0, ["c"]);
    shared().send(&topic, 1, ["x"]);
    stop_once_planned(on_checkpoint(folder.path(), 1000), source(&topic)).await;

    shared().send(&topic, 1, ["y"]);
    let second = on_checkpoint(folder.path(), 2000);
    let collected = collecting(&second, KafkaSourceDefinition { start: StartDefinition::Latest, ..source(&topic) });
    let mut second = second.start().await.unwrap();
    second.batch().await.unwrap();
    second.events.completed(2).await;
    assert_eq!(collected.partitions(2000), [["c"], ["x"]], "the same offsets again");
    assert_eq!(collected.partitions(3000), [vec![], vec!["y"]]);
    second.job.stop(true).await.unwrap();
}

#[test]
fn what_is_done_is_told_to_the_group() {
    let (topic, group) = (shared().topic("group", 1), unique("lag"));
    shared().send(&topic, 0, ["to be", "or not"]);
    let folder = Folder::new(&format!(
        "[stream.rows]
source = {{ type = \"kafka\", brokers = \"{}\", topics = \"{topic}\", group = \"{group}\" }}
[output.console]
input = \"rows\"
sink = {{ type = \"print\" }}
",
        shared().brokers()
    ));
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert_eq!(ran.printed_rows(), ["to be", "or not"]);
    assert_eq!(shared().group(&group, &topic, 0).0, Some(2));
    // It says how far the job is, and not where it begins.
    assert_eq!(folder.run(&["--drain"]).ended_with(0).printed_rows(), ["to be", "or not"]);
}

#[test]
fn options_reach_the_client_so_that_brokers_with_tls_and_passwords_can_be_read() {
    let topic = shared().topic("secure", 1);
    shared().send(&topic, 0, ["hidden"]);
    let job = |password: &str| {
        Folder::new(&format!(
            "[stream.rows.source]
type = \"kafka\"
brokers = \"{}\"
topics = [\"{topic}\"]
[stream.rows.source.options]
security.protocol = \"sasl_ssl\"
\"sasl.mechanism\" = \"SCRAM-SHA-512\"
\"sasl.username\" = \"sluicebox\"
\"sasl.password\" = \"{password}\"
\"ssl.ca.location\" = \"{}\"
[output.console]
input = \"rows\"
sink = {{ type = \"print\" }}
",
            shared().secure_brokers(),
            shared().certificate().display()
        ))
    };
    assert_eq!(job(PASSWORD).run(&["--drain"]).ended_with(0).printed_rows(), ["hidden"]);
    let wrong = job("wrong");
    let program = wrong.start(&[]);
    let line = program.line_with("the next batch asks again");
    assert!(line.contains("rows") && line.contains("SASL"), "{line}");
}

#[test]
fn draining_a_topic_that_is_not_there_is_a_mistake() {
    let folder = Folder::new(&format!(
        "[stream.rows]
source = {{ type = \"kafka\", brokers = \"{}\", topics = \"nowhere\" }}
[output.console]
input = \"rows\"
sink = {{ type = \"print\" }}
",
        shared().brokers()
    ));
    let ran = folder.run(&["--drain"]).ended_with(1);
    assert_eq!(ran.errors(), ["error: stream \"rows\": topic \"nowhere\" isn't there; make it, or correct topics"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_restarted_is_read_on() {
    let mut kafka = Kafka::start();
    let topic = kafka.topic("restarted", 1);
    kafka.send(&topic, 0, ["a"]);
    let job = TestJob::new();
    let collected = collecting(&job, KafkaSourceDefinition::new(kafka.brokers(), &[&topic]));
    let mut job = job.start().await.unwrap();
    job.batch().await.unwrap();
    assert_eq!(collected.rows(1000), ["a"]);
    kafka.kill();
    job.batch().await.unwrap();
    assert!(!collected.commits().contains(&2000), "nobody could say what there is: {:?}", collected.commits());
    kafka.start_again();
    kafka.send(&topic, 0, ["b"]);
    let mut rows = vec![];
    while rows.is_empty() {
        job.batch().await.unwrap();
        let last = *collected.commits().last().unwrap();
        rows = if last > 2000 { collected.rows(last) } else { vec![] };
        assert!(job.job.n_batches() < 60, "what was sent after the restart isn't read");
    }
    assert_eq!(rows, ["b"]);
    job.job.stop(true).await.unwrap();
}
