//! What programs find around them: plugins find the same whenever the same batch is worked on, and nothing of the machine, unless it is granted.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::AsArray;
use sluicebox::arrow::datatypes::Int64Type;
use sluicebox::clock::BatchTime;
use sluicebox::job::definition::ComponentSource;
use sluicebox::memory::MemoryBudget;
use sluicebox::plugin::{Compiler, Grants, Limits, OperatorRef, PluginHost, PluginHostOptions, Policy, Task};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::{component, component_in, repository};
use sluicebox_tests::rows::{line_schema, lines, number_schema, numbers};

/// What the plugin answers, in the first batch, to the rows of each partition.
async fn answers(grants: Grants, partitions: &[&[&str]]) -> Vec<Vec<String>> {
    let job = TestJob::new();
    let limits = Limits { time: Duration::from_secs(5), grants, ..Limits::default() };
    let ambient = ComponentSource::File(component("ambient"));
    job.context.add_plugin(plugin("ambient", ambient, limits, "{}")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let out = Collected::default();
    input.map("made", "ambient/ask").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(partitions.iter().map(|rows| lines(rows)).collect()).unwrap();
    job.run(1).await.unwrap();
    out.partitions(1000)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_of_the_machine_and_no_time_passes() {
    let expected = [
        ("time", "1.000000000"),
        ("clock", "1000000000 1000001000 1000002000"),
        // A minute is over at once, but for the clock: it is read once more on the way.
        ("sleep 60000000000", "60000001000"),
        ("until 1000000", "999"),
        ("poll", "[1, 3] [false, true, false, true] 1000000000"),
        ("environment", "[] [] None"),
        ("files", "0"),
        ("input", "at its end"),
        ("terminal", "false false"),
        ("print one\\ntwo", "done"),
        ("bytes 1048576", "1048576"),
    ];
    let rows: Vec<&str> = expected.iter().map(|(row, _)| *row).collect();
    let answers = answers(Grants::NONE, &[&rows]).await.concat();
    for ((row, expected), answer) in expected.iter().zip(&answers) {
        assert_eq!(answer, expected, "{row}");
    }
    assert_eq!(answers.len(), expected.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_batch_run_again_gives_the_same_bytes() {
    let rows: [&[&str]; 2] = [&["random", "random", "clock", "time"], &["random", "random", "clock", "time"]];
    let once = answers(Grants::NONE, &rows).await;
    let again = answers(Grants::NONE, &rows).await;
    assert_eq!(once, again);
    let mut random: Vec<&String> = once.iter().flat_map(|rows| &rows[..2]).collect();
    random.dedup();
    assert_eq!(random.len(), 4, "each row of each partition has its own: {once:?}");
    // By a later version too.
    assert_eq!(once[0][0], "[74, fb, 63, e5] 3d65e842a3073257 23b2042c9e24bd62 5183c537eae7f507 61826d1acc45e108");
}

#[test]
fn a_call_made_again_on_a_fresh_instance_draws_the_same_numbers() {
    draws_the_same(&component("ambient"));
    draws_the_same(&component_in("python", "ambient"));
    draws_the_same(&component_in("javascript", "ambient"));
}

fn draws_the_same(component: &Path) {
    let (memory, compiler) = (MemoryBudget::new(1 << 30), Compiler::InProcess);
    let cache = Some(repository().join(".cache/tests/components"));
    let host = PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache, compiler }).unwrap();
    let digest = host.add(&std::fs::read(component).unwrap()).unwrap();
    let operator = OperatorRef {
        plugin: "ambient".to_owned(),
        operator: "draw".to_owned(),
        digest,
        config: "{}".to_owned(),
        limits: Limits { time: Duration::from_secs(30), ..Limits::default() },
        on_reject: Policy::Fail,
        on_error: Default::default(),
    };
    let binding = host.bind_transform(&operator, &number_schema()).unwrap();
    let drawn = |batch: i64, partition: u32, attempt: u32, done: u64, chunks: &[i64]| -> Vec<i64> {
        let (job, stream) = ("job".into(), "stream".into());
        let task = Task {
            job,
            stream,
            batch: BatchTime(batch),
            partition,
            partitions: 2,
            attempt,
            done,
            logged: Default::default(),
        };
        let mut opened = host.open_transform(&operator, &binding, &task).unwrap();
        let numbers = chunks.iter().map(|chunk| opened.process(&numbers([*chunk])).unwrap().rows);
        numbers.map(|rows| rows.column(0).as_primitive::<Int64Type>().value(0)).collect()
    };
    let all = drawn(1000, 0, 0, 0, &[1, 2, 3]);
    assert_eq!(drawn(1000, 0, 1, 0, &[1, 2, 3]), all, "another attempt at the batch");
    assert_eq!(drawn(1000, 0, 1, 2, &[3]), all[2..], "the last call alone, on an instance of its own");
    let others = [drawn(2000, 0, 0, 0, &[1]), drawn(1000, 1, 0, 0, &[1]), drawn(1000, 0, 0, 1, &[1])].concat();
    assert!(others.iter().all(|number| *number != all[0]), "another batch, partition or call: {others:?} {all:?}");
    assert_eq!(host.metrics().traps, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_granted_is_the_machines() {
    let grants = Grants { clock: true, random: true, env: vec!["CARGO_MANIFEST_DIR".to_owned()], ..Grants::NONE };
    let rows: [&[&str]; 1] = [&["time", "random", "environment", "sleep 3000000"]];
    let once = answers(grants.clone(), &rows).await.concat();
    let again = answers(grants, &rows).await.concat();
    let seconds = |answer: &str| answer.split('.').next().unwrap().parse::<u64>().unwrap();
    assert!(seconds(&once[0]) > 1_700_000_000 && once[0] != again[0], "{once:?} {again:?}");
    assert_ne!(once[1], again[1]);
    assert_eq!(once[2], format!("[(\"CARGO_MANIFEST_DIR\", {:?})] [] None", env!("CARGO_MANIFEST_DIR")));
    assert!(once[3].parse::<u64>().unwrap() >= 3_000_000, "{}", once[3]);
}

/// Hands the lines of a file to the plugin.
fn asking(plugin: &str, rows: &str) -> Folder {
    let folder = Folder::new(&format!(
        "[plugin.ambient]\ncomponent = \"{}\"\n{plugin}\n\
         [stream.rows]\nsource = {{ type = \"files\", path = \"in\", format = \"text\" }}\n\
         [stream.answers]\ninput = \"rows\"\nmap = \"ambient/ask\"\n\
         [output.console]\ninput = \"answers\"\nsink = {{ type = \"print\" }}\n",
        component("ambient").display()
    ));
    folder.write("in/rows", rows);
    folder
}

#[test]
fn what_is_printed_goes_to_the_log_line_by_line_and_within_its_limits() {
    let folder = asking("", "print one\\ntwo\nprint , and more\ncomplain größer\\r\\n\\nlast");
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert_eq!(ran.printed_rows(), ["done", "done", "done"]);
    for (line, level) in [("one", "INFO"), ("two, and more", "INFO"), ("größer", "WARN"), ("last", "WARN")] {
        let found = ran.logged(&format!("{line} plugin=\"ambient\" operator=\"ask\" stream=\"answers\" batch="));
        assert!(found.len() == 1 && found[0].contains(level), "{line}: {}", ran.stderr);
    }
    let folder = asking("", "flood 1500");
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert_eq!(ran.printed_rows(), ["done"]);
    assert_eq!(ran.logged("plugin=\"ambient\"").len(), 1_001, "{}", ran.stderr);
    assert_eq!(ran.logged("the plugin logs more than a task may").len(), 1);
}

#[test]
fn what_was_printed_last_says_why_a_plugin_ended() {
    let ran = asking("", "trap").run(&["--drain"]).ended_with(1);
    let error = ran.errors()[0];
    assert!(error.contains("in transform.process: the operator trapped (wasm trap: wasm `unreachable` instruction executed): it said why"), "{error}");
    assert!(ran.stderr.contains("it said why\nin two lines\n"), "{}", ran.stderr);
    let ran = asking("", "exit").run(&["--drain"]).ended_with(1);
    let expected = "in transform.process: the operator trapped (it ended itself with exit status 1): enough is enough";
    assert!(ran.errors()[0].contains(expected), "{}", ran.stderr);
    assert_eq!(ran.logged("attempts=1").len(), 1, "the same would happen again: {}", ran.stderr);
}

#[test]
fn mistakes_in_grants_are_found_when_the_job_is_checked() {
    for (grants, message, help) in [
        ("env = []", "[plugin.ambient] grants.env: there is no variable", "name at least one"),
        ("env = [\"A=B\"]", "\"A=B\" is no name of a variable", "name one, such as \"LANG\""),
        ("env = [\"PATH\", \"PATH\"]", "\"PATH\" stands twice", "name each variable once"),
        (
            "env = [\"SLUICEBOX_NOT_SET\"]",
            "the variable \"SLUICEBOX_NOT_SET\" in its grants is not set in the environment",
            "set it for the program that runs the job, or remove it from env",
        ),
        ("clock = \"real\"", "[plugin.ambient] grants.clock: ", "true"),
        ("randon = true", "unknown key \"randon\"", "did you mean \"random\"?"),
    ] {
        let ran = asking(&format!("grants = {{ {grants} }}"), "").check().ended_with(2);
        assert!(ran.stderr.contains("error: job.toml:"), "{}", ran.stderr);
        assert!(ran.stderr.contains(message) && ran.stderr.contains(help), "{grants}: {}", ran.stderr);
    }
    asking("grants = { env = [\"PATH\"], clock = true, random = false, connect = [] }", "").check().ended_with(0);
}
