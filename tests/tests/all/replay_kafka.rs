//! A recorded batch of a job that reads from Kafka, with its checkpoint on an object store, is run again and taken out as a case, as long as its messages are there.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};
use sluicebox::checkpoint::Store;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::kafka::{shared, unique};
use sluicebox_tests::plugins::chameleon;
use sluicebox_tests::program::{Ran, Running, program};
use sluicebox_tests::s3::Bucket;
use sluicebox_tests::tagged::tagged;

/// A job that has tagged and summed up the numbers of a topic of two partitions, batch after batch, from run to run.
struct Recorded {
    folder: Folder,
    bucket: Bucket,
    topic: String,
    group: String,
}

impl Recorded {
    /// With these keys besides in its source.
    fn new(more: &str) -> Self {
        let (bucket, topic, group) = (Bucket::new(), shared().topic("replayed", 2), unique("replaying"));
        let folder = Folder::new(&format!(
            r#"checkpoint = "{}"
retain = "1h"

[stream.messages]
source = {{ type = "kafka", brokers = "{}", topics = "{topic}", group = "{group}"{more} }}

[stream.numbers]
sql = "select cast(value as bigint) as value from messages"
{}"#,
            bucket.url("jobs/replayed"),
            shared().brokers(),
            tagged(Path::new("chameleon.wasm"), 3, "csv")
        ));
        folder.write("chameleon.wasm", chameleon(1));
        Self { folder, bucket, topic, group }
    }

    fn start(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.folder.path("")).envs(self.bucket.environment());
        Running::spawn(command)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).wait()
    }

    /// Have the job read these, of each partition, in a run of its own; returns its last batch.
    fn read(&self, partitions: [&[&str]; 2]) -> String {
        for (partition, values) in (0..).zip(partitions) {
            shared().send(&self.topic, partition, values);
        }
        self.run(&["run", "job.toml", "--drain"]).ended_with(0);
        let last = self.replayed("last");
        last["batch-time"].as_i64().unwrap().to_string()
    }

    fn replay(&self, batch: &str, more: &[&str]) -> Ran {
        self.run(&[&["replay", "job.toml", "--batch", batch], more].concat())
    }

    /// What comes of a batch that is run again, which must be what was recorded.
    fn replayed(&self, batch: &str) -> Json {
        let json = serde_json::from_str(&self.replay(batch, &["--json"]).ended_with(0).stdout).unwrap();
        rows(&json, "tags");
        json
    }

    /// What the checkpoint has, by path, and what the group was told.
    async fn left(&self) -> (BTreeMap<String, Option<bytes::Bytes>>, Vec<Option<i64>>) {
        let store = Store::with_environment(&self.bucket.url("jobs/replayed"), self.bucket.environment()).unwrap();
        store.ready_to_read().await.unwrap();
        let mut all = BTreeMap::new();
        for object in store.list("").await.unwrap() {
            let content = store.get(&object.path).await.unwrap();
            all.insert(object.path, content);
        }
        let group = |partition| shared().group(&self.group, &self.topic, partition).0;
        (all, [0, 1].map(group).to_vec())
    }
}

/// How many rows an output had, and has again, and how many are of the one alone.
fn rows(replayed: &Json, output: &str) -> (Json, Json) {
    let outputs = replayed["outputs"].as_array().unwrap();
    let output = outputs.iter().find(|of| of["output"] == output).unwrap_or_else(|| panic!("{replayed}"));
    (output["rows"].clone(), output["only"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_read_again_from_its_offsets() {
    let job = Recorded::new("");
    let first = job.read([&["1", "2", "3"], &["4"]]);
    let second = job.read([&["5"], &["6", "7"]]);
    let before = job.left().await;
    assert_eq!(before.1, [Some(4), Some(3)]);
    assert!(before.0.keys().any(|path| path.starts_with("log/")), "{:?}", before.0.keys());
    // More has come since, which none of them reads.
    shared().send(&job.topic, 0, ["100"]);
    for (batch, n, offsets) in [(&first, 4, [["0", "3"], ["0", "1"]]), (&second, 3, [["3", "4"], ["1", "3"]])] {
        let again = job.replayed(batch);
        assert_eq!((&again["same"], &again["notes"]), (&json!(true), &json!([])), "{again}");
        for output in ["tags", "totals"] {
            assert_eq!(rows(&again, output), (json!([n, n]), json!([0, 0])), "{output}: {again}");
        }
        let read = again["inputs"]["messages"].to_string();
        for [from, until] in offsets {
            assert!(
                read.contains(&format!("\"from\":{from},")) && read.contains(&format!("\"until\":{until}")),
                "{read}"
            );
        }
    }
    let text = job.replay("last", &[]).ended_with(0).stdout;
    assert!(text.contains(&format!(" of {}\n", job.bucket.url("jobs/replayed"))), "{text}");
    assert!(
        text.contains("source messages   3 messages of 2 partitions\n") && text.ends_with("\nthe same\n"),
        "{text}"
    );

    // Another component, on the messages and the state of then.
    job.folder.write("two.wasm", chameleon(2));
    let other: Json =
        serde_json::from_str(&job.replay(&second, &["--with", "chameleon=two.wasm", "--json"]).ended_with(1).stdout)
            .unwrap();
    let samples = other["streams"].to_string();
    assert!(samples.contains("+ value=7 version=2") && samples.contains("+ key=1 sum=12 seen=2"), "{samples}");

    // As a case, which needs neither broker nor store.
    let capture = |stream: &str| {
        let into = format!("case-{stream}");
        let captured = job.run(&["capture", "job.toml", "--batch", &second, "--stream", stream, "-o", &into]);
        let captured = captured.ended_with(0).stdout;
        assert!(captured.contains("3 rows in, 3 out"), "{captured}");
        let passed = job.run(&["plugin", "test", &into]).ended_with(0).stdout;
        assert!(passed.ends_with("1 passed, 0 failed\n"), "{passed}");
        captured
    };
    assert!(capture("totals").contains("3 keys with state"));
    capture("tags");
    assert_eq!(job.left().await, before, "nothing is written");

    // Also while the job runs, which goes on.
    let running = job.start(&["run", "job.toml"]);
    let until_read = || while !running.line_with("batch completed").contains(" rows=1 ") {};
    until_read();
    assert_eq!(job.replayed(&second)["same"], true);
    shared().send(&job.topic, 1, ["200"]);
    until_read();
    running.signal("TERM");
    let ran = running.wait().ended_with(0);
    assert!(ran.logged("batch failed").is_empty(), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_messages_are_gone_says_which() {
    // The job itself would go on without them; a batch without them isn't the one that was recorded.
    for more in ["", ", on-lost-messages = \"skip\""] {
        let job = Recorded::new(more);
        let first = job.read([&["1", "2", "3"], &["4"]]);
        let second = job.read([&["5", "6"], &["7", "8"]]);
        let before = job.left().await;
        shared().truncate(&job.topic, 0, 4);
        let topic = &job.topic;
        for (batch, gone, first_left) in [(&first, "messages 0 to 2", 4), (&second, "messages 3 to 3", 4)] {
            let message = format!(
                "stream \"messages\": topic \"{topic}\", partition 0: {gone} are gone: it has those from {first_left} to 5 only"
            );
            let replay = ["replay", "job.toml", "--batch", batch];
            let capture = ["capture", "job.toml", "--batch", batch, "--stream", "tags", "-o", "case"];
            for arguments in [&replay[..], &capture] {
                let refused = job.run(arguments).ended_with(1);
                assert!(refused.stderr.contains(&message), "no \"{message}\" in {}", refused.stderr);
                let explained = format!("batch {batch} can't be run again: what it read or began with is gone");
                assert!(refused.stderr.contains(&explained), "{}", refused.stderr);
                assert_eq!(refused.stdout, "");
            }
            assert!(!job.folder.path("case").exists());
        }
        // A topic of its name isn't the topic that was read.
        shared().make_anew(topic, 2);
        shared().send(topic, 0, ["1", "2", "3", "4", "5"]);
        shared().send(topic, 1, ["1", "2", "3", "4", "5"]);
        let refused = job.replay(&second, &[]).ended_with(1).stderr;
        assert!(refused.contains(&format!("topic \"{topic}\" was deleted and made anew")), "{refused}");
        assert!(refused.contains("can't be run again"), "{refused}");
        assert_eq!(job.left().await.0, before.0, "nothing is written");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn brokers_that_are_out_of_reach_are_told_and_not_waited_for() {
    let job = Recorded::new("");
    let batch = job.read([&["1", "2"], &["3"]]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = job.folder.read("job.toml");
    job.folder.write("job.toml", file.replace(&shared().brokers(), &nobody.to_string()));
    let refused = job.replay(&batch, &[]).ended_with(1);
    // A running job would wait for them, and in the end blame the batch.
    let message = format!("error: batch {batch}: stream \"messages\": its messages can't be read: ");
    assert!(refused.stderr.contains(&message) && refused.stderr.contains(&nobody.to_string()), "{}", refused.stderr);
    assert_eq!(refused.stdout, "");
}
