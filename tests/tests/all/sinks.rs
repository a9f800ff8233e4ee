//! Plugins as outputs: what is committed is what the batch's result has, once; what goes wrong says where.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sluicebox::batch::log::{BatchLog, History, LogError, MemoryLog, Record};
use sluicebox::error::Error;
use sluicebox::plugin::Limits;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::{plugin, run_sink, tight};
use sluicebox_tests::job::TestJob;
use sluicebox_tests::plugins::component;
use sluicebox_tests::program::Ran;
use sluicebox_tests::rows::{number_schema, numbers, pair_schema};

/// Reads numbers from files, and writes them by the journal.
fn journal(config: &str) -> Folder {
    let folder = Folder::new(&format!(
        "[plugin.kitchen]\ncomponent = \"{}\"\nconfig = {config}\n\
         [stream.rows]\nsource = {{ type = \"files\", path = \"in\", format = \"csv\", schema = {{ value = \"int64\", other = \"string\" }} }}\n\
         [stream.numbers]\nsql = \"select value from rows\"\n\
         [output.journal]\ninput = \"numbers\"\nsink = {{ type = \"kitchen/journal\" }}\n",
        component("kitchen").display()
    ));
    folder.write("in/a.csv", "value,other\n1,x\n2,y\n3,z\n");
    folder
}

/// What sinks logged in calls of that name.
fn logged<'a>(ran: &'a Ran, call: &str) -> Vec<&'a str> {
    ran.logged(call).into_iter().filter_map(|line| Some(&line[line.find(call)?..])).collect()
}

#[test]
fn a_batch_is_committed_once_with_what_its_partitions_prepared() {
    let ran = journal("{}").run(&["--drain", "--batches", "3"]).ended_with(0);
    let commits = logged(&ran, "commit test journal ");
    let with_rows: Vec<&&str> = commits.iter().filter(|line| line.contains('[')).collect();
    let [commit] = with_rows[..] else { panic!("{commits:#?}") };
    let batch: i64 = commit.split(' ').nth(3).unwrap().trim_end_matches(':').parse().unwrap();
    assert!(commit.starts_with(&format!("commit test journal {batch}: journal {batch} 0/1: [1, 2, 3]")), "{commit}");
    assert!(ran.logged("abort ").is_empty());
    assert!(ran.logged("an operator counted").iter().any(|line| line.contains("numbers=3")), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_had_is_tried_again() {
    let ran = journal("{ unavailable-at = 2 }").run(&["--drain"]).ended_with(0);
    assert!(ran.stderr.contains(" 0/1: [1, 2, 3]"), "{}", ran.stderr);
}

#[test]
fn a_failure_is_told_with_its_place_and_commits_nothing() {
    let ran = journal("{ fail-at = 3 }").run(&["--drain"]).ended_with(1);
    let error = ran.errors()[0];
    assert!(error.contains("plugin kitchen, operator journal, output journal, batch "), "{error}");
    assert!(error.ends_with(", partition 0 of 1, in sink.write: the operator failed: 3 is not wanted"), "{error}");
    assert!(!ran.stderr.contains("[1, 2"), "{}", ran.stderr);
}

/// Sinks of the kitchen's, on two outputs of which the second fails.
#[test]
fn what_was_prepared_of_a_batch_that_fails_is_aborted() {
    let folder = journal("{}");
    let text = folder.read("job.toml")
        + "[plugin.failing]\ncomponent = \"KITCHEN\"\nconfig = { fail-at = 3 }\n\
           [output.second]\ninput = \"numbers\"\nsink = { type = \"failing/journal\" }\n";
    folder.write("job.toml", text.replace("KITCHEN", &component("kitchen").display().to_string()));
    let ran = folder.run(&["--drain"]).ended_with(1);
    let aborts = logged(&ran, "abort journal ");
    assert!(aborts.len() == 1 && aborts[0].contains(" 0/1: [1, 2, 3]"), "{}", ran.stderr);
    assert!(!logged(&ran, "commit test journal").iter().any(|line| line.contains('[')), "{}", ran.stderr);
}

#[test]
fn check_binds_a_sink_to_its_streams_columns() {
    for (from, to, mistake, help) in [
        (
            "input = \"numbers\"\nsink",
            "input = \"rows\"\nsink",
            "output \"journal\": plugin kitchen, operator journal: the operator takes 1 column of any name, and is offered 2 columns: \
             value, other; choose columns in a sql stream",
            None,
        ),
        ("kitchen/journal", "kitchen/jurnal", "the plugin has no such sink operator; it offers journal", None),
        ("kitchen/journal", "kitchn/journal", "there is no plugin \"kitchn\"", Some("did you mean \"kitchen\"?")),
        (
            "kitchen/journal",
            "kitchen/Journal",
            "\"Journal\" can't be an operator's name",
            Some("an operator's name has a-z"),
        ),
        ("\"kitchen/journal\"", "\"kitchen/journal\", rows = 3", "unknown key \"rows\"", Some("columns")),
        (
            "\"kitchen/journal\"",
            "\"kitchen/journal\", columns = [\"valu\"]",
            "its input has no column \"valu\"",
            Some("did you mean \"value\"?"),
        ),
        ("config = {}", "config = { fial-at = 3 }", "config key `fial-at` is unknown; did you mean `fail-at`?", None),
        ("kitchen/journal", "kitchen/gcd", "the plugin has no such sink operator; it offers journal", None),
    ] {
        let folder = journal("{}");
        let text = folder.read("job.toml");
        assert!(text.contains(from));
        folder.write("job.toml", text.replace(from, to));
        let ran = folder.check().ended_with(2);
        assert!(ran.stderr.contains("error: job.toml:"), "{}", ran.stderr);
        assert!(ran.stderr.contains(mistake), "no \"{mistake}\" in: {}", ran.stderr);
        assert!(help.is_none_or(|help| ran.stderr.contains(help)), "no {help:?} in: {}", ran.stderr);
    }
    let folder = journal("{}");
    let text = folder.read("job.toml").replace(
        "input = \"numbers\"\nsink = { type = \"kitchen/journal\" }",
        "input = \"rows\"\nsink = { type = \"kitchen/journal\", columns = [\"value\"] }",
    );
    folder.write("job.toml", text);
    folder.check().ended_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_in_any_call_fails_the_job_with_its_place() {
    const ACTS: [(&str, &str); 4] = [
        ("trap", "the operator trapped: wasm trap: wasm `unreachable` instruction executed"),
        ("recurse", "the operator trapped: wasm trap: call stack exhausted"),
        ("memory", "and its limit is 8.0 MiB; raise `memory` in [plugin.P]"),
        ("refuse", "the operator failed: \\u{1b}[31mno\\n\\u{1b}[31mno\\n"),
    ];
    for (act, said) in ACTS {
        for call in ["open", "write", "prepare"] {
            let outcome = run_sink(&format!(r#"{{"act": "{act}", "in": "{call}"}}"#), tight()).await;
            let place = "plugin hostile, operator outlet, output away, batch 1000, partition ";
            outcome.says(&[place, " of 2, ", &format!("in sink.{call}: "), said]);
            outcome.failed_after(1);
        }
        let outcome = run_sink(&format!(r#"{{"act": "{act}", "in": "commit"}}"#), tight()).await;
        outcome.says(&["output \"away\", batch 1000: plugin hostile, operator outlet, in sink.commit: ", said]);
        // The output before it was committed already.
        assert_eq!(outcome.out.commits(), [1000]);
        let outcome = run_sink(&format!(r#"{{"act": "{act}", "in": "bind"}}"#), tight()).await;
        assert!(matches!(outcome.error, Some(Error::Invalid(_))), "{:?}", outcome.error);
        outcome.says(&["output \"away\": plugin hostile, operator outlet, in sink.bind: ", said]);
    }
    let outcome = run_sink(r#"{"act": "bind-column-beyond", "in": "bind"}"#, tight()).await;
    outcome.says(&["its binding names column 7, and it was offered 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_call_is_made_again_and_then_given_up() {
    let quick = || Limits { time: Duration::from_millis(20), ..tight() };
    for call in ["open", "write", "prepare", "commit"] {
        let outcome = run_sink(&format!(r#"{{"act": "loop", "in": "{call}"}}"#), quick()).await;
        outcome.says(&[&format!("in sink.{call}: the call took longer than 20ms")]);
        if matches!(call, "open" | "write") {
            outcome.says(&["attempt 4, "]);
        }
        // What a partition had written is gone when it can't be prepared: then the batch is run again.
        assert_eq!(outcome.batches[0].attempts, if call == "prepare" { 5 } else { 1 }, "{}", outcome.message());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abort_that_fails_leaves_the_batchs_own_error() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    for (name, config) in
        [("first", r#"{"act": "trap", "in": "abort"}"#), ("second", r#"{"act": "refuse", "in": "write"}"#)]
    {
        let hostile = sluicebox::job::definition::ComponentSource::File(component("hostile"));
        job.context.add_plugin(plugin(name, hostile, tight(), config)).unwrap();
        input.write_with(name, &format!("{name}/outlet")).unwrap();
    }
    queue.push(vec![numbers([1]), numbers([2])]).unwrap();
    let error = job.run(1).await.unwrap_err().to_string();
    assert!(error.starts_with("plugin second, operator outlet, output second, batch 1000, partition "), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_committed_is_little() {
    let outcome = run_sink(r#"{"act": "large-answer"}"#, tight()).await;
    outcome.says(&["in sink.prepare: what the operator returned is invalid: what is to be committed has 65537 bytes, and 65536 are the most"]);
    outcome.failed_after(1);
}

/// Rows and what was prepared, as text, by partition.
type Partitions = Vec<(u64, String)>;

/// Keeps what each batch's result says of an output.
#[derive(Debug, Default)]
struct Results {
    log: MemoryLog,
    staged: Mutex<Vec<(i64, Partitions)>>,
}

#[async_trait::async_trait]
impl BatchLog for Results {
    async fn take_over(&self) -> Result<History, LogError> {
        self.log.take_over().await
    }

    async fn append(&self, record: Record) -> Result<(), LogError> {
        if let Record::Result(result) = &record {
            let staged = result.outputs[0].1.iter();
            let staged = staged.map(|staged| (staged.rows, staged.committable.as_str().unwrap_or("").to_owned()));
            self.staged.lock().push((result.batch.0, staged.collect()));
        }
        self.log.append(record).await
    }

    async fn read(&self) -> Result<Vec<Record>, LogError> {
        self.log.read().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_result_of_a_batch_has_what_each_partition_prepared() {
    let results = Arc::new(Results::default());
    let job = TestJob::with(|options| options.log = Some(results.clone()));
    let kitchen = sluicebox::job::definition::ComponentSource::File(component("kitchen"));
    job.context.add_plugin(plugin("kitchen", kitchen, Limits::default(), "{}")).unwrap();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.write_with("out", "kitchen/journal").unwrap();
    queue.push(vec![numbers([1, 2]), numbers([]), numbers([3])]).unwrap();
    let events = job.run(1).await.unwrap();
    let text = |partition: &str| partition.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let prepared = [(2, "out 1000 0/3: [1, 2]"), (0, "out 1000 1/3: []"), (1, "out 1000 2/3: [3]")];
    assert_eq!(*results.staged.lock(), [(1000, prepared.map(|(rows, it)| (rows, text(it))).to_vec())]);
    let batch = &events.batches()[0];
    let report = &batch.report.operators.iter().find(|(used, _)| *used.stream == *"out").unwrap().1;
    assert_eq!((report.partitions, report.rows_in, report.counters["numbers"]), (3, 3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_of_a_plugin_that_isnt_there_is_a_mistake() {
    let job = TestJob::new();
    let (input, _) = job.context.queue_stream("input", pair_schema()).unwrap();
    input.write_with("out", "nobody/journal").unwrap();
    let error = job.start().await.unwrap_err().to_string();
    assert_eq!(error, "output \"out\": there is no plugin \"nobody\"\n  help: add [plugin.nobody] with its component");
}
