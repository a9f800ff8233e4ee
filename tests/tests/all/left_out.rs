//! Rows at which an operator fails are found, left out, and written to the dead letters, exactly once; the rest of the batch commits, and neighbours aren't disturbed.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::AsArray;
use sluicebox::arrow::datatypes::Int64Type;
use sluicebox::context::StreamRef;
use sluicebox::engine::DeadLetterLimits;
use sluicebox::job::definition::{
    AggregateDefinition, ComponentSource, OperationDefinition, OperatorName, PluginDefinition, WindowDefinition,
    WindowFoldDefinition,
};
use sluicebox::plugin::{Limits, OnError, Policy};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::{apply, plugin, tight};
use sluicebox_tests::job::{Collected, SECOND, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::program::run;
use sluicebox_tests::rows::{number_schema, numbers, pair_schema, pairs};

/// The hostile plugin, which leaves out rows at which it fails.
fn hostile(config: &str, on_error: OnError) -> PluginDefinition {
    let roomy = Limits { memory: 32 << 20, ..tight() };
    PluginDefinition { on_error, ..plugin("hostile", ComponentSource::File(component("hostile")), roomy, config) }
}

/// Acts in a call that has a certain row, and what is said of them.
const ACTS: [(&str, &str, &str); 7] = [
    ("trap", "trap", "wasm `unreachable` instruction executed"),
    ("recurse", "trap", "call stack exhausted"),
    ("memory", "limit", "its limit is 32.0 MiB; raise `memory`"),
    ("refuse", "failed", "the operator failed: "),
    ("loop", "timeout", "took longer than 50ms"),
    ("output", "limit", "raise `output`"),
    ("null-count", "invalid-output", "what the operator returned is invalid: "),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_operator_does_at_a_row_the_others_are_worked_on() {
    for operator in ["map", "flat-map", "filter", "map-partitions", "fold", "update", "with-state"] {
        for (act, kind, said) in ACTS {
            let makes_rows = matches!(operator, "map" | "flat-map" | "map-partitions");
            if !makes_rows && matches!(act, "output" | "null-count") {
                continue;
            }
            let call = match operator {
                "fold" => "partial",
                "update" | "with-state" => "update",
                _ => "process",
            };
            let job = TestJob::new();
            let config = format!(r#"{{"act": "{act}", "in": "{call}", "at": 5}}"#);
            let mut plugin = hostile(&config, OnError::then(Policy::DeadLetter));
            if kind != "timeout" {
                // What it is to end by may take a busy machine longer.
                plugin.limits.time = Duration::from_secs(30);
            }
            job.context.add_plugin(plugin).unwrap();
            let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
            let (out, letters, beside) = (Collected::default(), Collected::default(), Collected::default());
            let made = apply(&input, "hostile", operator).unwrap();
            made.write_to("out", Arc::new(out.clone())).unwrap();
            // A neighbour of the same plugin's instances, with the same rows.
            job.context.plugin("kitchen", component("kitchen")).unwrap();
            input.filter("beside", "kitchen/even").unwrap().write_to("other", Arc::new(beside.clone())).unwrap();
            job.context.dead_letters(Arc::new(letters.clone()), DeadLetterLimits::default()).unwrap();
            queue.push(vec![numbers(1..=40), numbers([4, 5, 6])]).unwrap();
            queue.push(vec![numbers([1, 2])]).unwrap();
            let events = job.events.clone();
            let error = job.run(2).await.err();
            assert!(error.is_none(), "{operator}, {act}: {error:?}");
            let batch = events.batches().remove(0);
            assert_eq!((batch.failed_rows(), batch.attempts), (2, 1), "{operator}, {act}");
            assert_eq!(letters.commits(), [1000], "a batch without dead letters writes none");
            assert_eq!(beside.rows(1000).len(), 22);
            let rows = letters.batches(1000).concat().remove(0);
            assert_eq!(rows.num_rows(), 2);
            let text = |name: &str| -> Vec<String> {
                rows.column_by_name(name)
                    .unwrap()
                    .as_string::<i32>()
                    .iter()
                    .map(|text| text.unwrap_or("").to_owned())
                    .collect()
            };
            for row in 0..2 {
                let value = |name: &str| text(name)[row].clone();
                assert_eq!(
                    (value("stream"), value("plugin"), value("operator")),
                    ("made".into(), "hostile".into(), operator.to_owned())
                );
                assert_eq!((value("kind").as_str(), value("digest").len()), (kind, 64), "{operator}, {act}");
                assert!(value("reason").contains(said), "{operator}, {act}: {}", value("reason"));
                assert!(value("data").contains(r#""value":5"#), "{}", value("data"));
                assert!(
                    kind != "trap" || value("backtrace").contains("hostile.wasm!"),
                    "{operator}, {act}: {}",
                    value("backtrace")
                );
            }
            if !matches!(operator, "fold" | "update" | "with-state") {
                let numbers =
                    |name: &str| rows.column_by_name(name).unwrap().as_primitive::<Int64Type>().values().to_vec();
                assert_eq!((numbers("partition"), numbers("row")), (vec![0, 1], vec![4, 1]));
                assert_eq!(out.rows(1000).len(), 41, "{operator}, {act}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_without_any_row_fails_the_job() {
    for call in ["open", "finish"] {
        for operator in ["map", "map-partitions"] {
            let job = TestJob::new();
            let config = format!(r#"{{"act": "trap", "in": "{call}"}}"#);
            job.context.add_plugin(hostile(&config, OnError::then(Policy::Skip))).unwrap();
            let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
            apply(&input, "hostile", operator).unwrap().print("out", 10).unwrap();
            queue.push(vec![numbers([1, 2, 3])]).unwrap();
            let error = job.run(1).await.unwrap_err().to_string();
            assert!(error.contains(&format!("in transform.{call}: the operator trapped")), "{error}");
        }
    }
}

/// What a job makes of batches of pairs, by an operation whose hostile aggregate does `act`, and the data and reasons of its dead letters.
async fn folded(
    act: &str,
    batches: &[&[&[(&str, i64)]]],
    operation: impl FnOnce(&StreamRef) -> sluicebox::error::Result<StreamRef>,
) -> (Collected, Vec<(i64, String, String)>) {
    let job = TestJob::new();
    job.context.add_plugin(hostile(act, OnError::then(Policy::DeadLetter))).unwrap();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let (out, letters) = (Collected::default(), Collected::default());
    operation(&input).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    job.context.dead_letters(Arc::new(letters.clone()), DeadLetterLimits::default()).unwrap();
    for batch in batches {
        queue.push(batch.iter().map(|rows| pairs(rows)).collect()).unwrap();
    }
    let error = job.run(batches.len()).await.err();
    assert!(error.is_none(), "{act}: {error:?}");
    let mut told = vec![];
    for batch in letters.commits() {
        for rows in letters.batches(batch).concat() {
            let text =
                |name: &str, row: usize| rows.column_by_name(name).unwrap().as_string::<i32>().value(row).to_owned();
            told.extend((0..rows.num_rows()).map(|row| (batch, text("data", row), text("reason", row))));
        }
    }
    (out, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_at_whose_partials_an_aggregate_fails_is_left_out() {
    let batch: &[&[(&str, i64)]] = &[&[("a", 1), ("b", 5), ("c", 2)], &[("c", 4), ("b", 7), ("a", 3)]];
    let acts = ACTS.into_iter().filter(|(act, ..)| !matches!(*act, "output" | "null-count"));
    for (act, _, said) in acts.chain([("fewer-rows", "", "what the operator returned is invalid: ")]) {
        for (call, at, data) in [
            ("merge", 5, r##"{"#partials":[{"sum":5},{"sum":7}],"key":"b"}"##),
            ("finish", 12, r##"{"#partials":[{"sum":12}],"key":"b"}"##),
        ] {
            let act = format!(r#"{{"act": "{act}", "in": "{call}", "at": {at}}}"#);
            let (out, letters) =
                folded(&act, &[batch], |input| input.reduce_by_key("made", &["key"], "hostile/fold")).await;
            assert_eq!(out.sorted(1000), ["a 4", "c 6"], "{act}");
            let [(1000, found, reason)] = &letters[..] else { panic!("{act}: {letters:?}") };
            assert_eq!(found, data);
            assert!(reason.contains(said) && reason.contains(&format!("in aggregate.{call}: ")), "{act}: {reason}");
        }
    }
    // All rows are a group of their own, too.
    let act = r#"{"act": "trap", "in": "merge", "at": 5}"#;
    let all = |input: &StreamRef| {
        let columns = Some(vec!["value".to_owned()]);
        let with = AggregateDefinition::Operator(OperatorName { columns, ..fold() });
        input.then("made", OperationDefinition::Reduce { with })
    };
    let (out, letters) = folded(act, &[&[&[("a", 5)], &[("a", 1)]]], all).await;
    assert_eq!((out.rows(1000).len(), letters.len()), (0, 1));
}

/// The hostile aggregate.
fn fold() -> OperatorName {
    let (plugin, operator) = ("hostile".to_owned(), "fold".to_owned());
    OperatorName { plugin, operator, columns: None, overrides: Default::default() }
}

/// Sums by key of the last three batches.
fn of_three(inverse: bool) -> impl FnOnce(&StreamRef) -> sluicebox::error::Result<StreamRef> {
    let window: WindowFoldDefinition = WindowDefinition { length: 3 * SECOND, slide: None }.into();
    let window = WindowFoldDefinition { inverse: Some(inverse), ..window };
    let with = AggregateDefinition::Operator(fold());
    let operation = OperationDefinition::ReduceByKeyAndWindow { key: vec!["key".to_owned()], with, window };
    move |input| input.then("made", operation)
}

/// With an inverse or without, a window has no result of a key while two of its batches can't be merged, and has one again afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_lacks_a_key_while_its_partials_can_not_be_merged() {
    let batches: [&[&[(&str, i64)]]; 5] = [
        &[&[("a", 1), ("b", 5)], &[("c", 1)]],
        &[&[("a", 1), ("b", 7)], &[("c", 1)]],
        &[&[("b", 1)]],
        &[&[("a", 1), ("b", 2)]],
        &[&[("b", 3)]],
    ];
    for inverse in [false, true] {
        let act = r#"{"act": "trap", "in": "merge", "at": 5}"#;
        let (out, letters) = folded(act, &batches, of_three(inverse)).await;
        let made: Vec<Vec<String>> = (1..=5).map(|batch| out.sorted(1000 * batch)).collect();
        assert_eq!(
            made,
            [
                vec!["a 1", "b 5", "c 1"],
                vec!["a 2", "c 2"],
                vec!["a 2", "c 2"],
                vec!["a 2", "b 10", "c 1"],
                vec!["a 1", "b 6"],
            ],
            "inverse {inverse}"
        );
        let two = r##"{"#partials":[{"sum":5},{"sum":7}],"key":"b"}"##;
        // Some of what can be merged is, if only to find out.
        let three = match inverse {
            true => r##"{"#partials":[{"sum":5},{"sum":7},{"sum":1}],"key":"b"}"##,
            false => r##"{"#partials":[{"sum":5},{"sum":8}],"key":"b"}"##,
        };
        let letters: Vec<_> = letters.iter().map(|(batch, data, _)| (*batch, data.as_str())).collect();
        assert_eq!(letters, [(2000, two), (3000, three)], "inverse {inverse}");
    }
    // What can't be taken out is left out by making the key anew.
    let (out, letters) = folded(r#"{"act": "trap", "in": "unmerge", "at": 5}"#, &batches, of_three(true)).await;
    assert_eq!(
        (out.sorted(3000), out.sorted(4000)),
        (["a 2", "b 13", "c 2"].map(str::to_owned).into(), ["a 2", "b 10", "c 1"].map(str::to_owned).into())
    );
    assert_eq!((out.sorted(5000), letters), (["a 1", "b 6"].map(str::to_owned).into(), vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_so_many_dead_letters_and_no_more() {
    let limits = [
        (
            DeadLetterLimits { max_rows: 2, ..Default::default() },
            "it has more dead letters than it may, 2 rows; ",
            "max-rows",
        ),
        (
            DeadLetterLimits { max_bytes: 1200, ..Default::default() },
            "it has more dead letters than it may, 1200 bytes; ",
            "max-bytes",
        ),
    ];
    for (limits, said, key) in limits {
        let job = TestJob::new();
        let dead = OnError::then(Policy::DeadLetter);
        job.context.add_plugin(hostile(r#"{"act": "trap", "in": "process"}"#, dead)).unwrap();
        let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
        let letters = Collected::default();
        apply(&input, "hostile", "map").unwrap().print("out", 10).unwrap();
        job.context.dead_letters(Arc::new(letters.clone()), limits).unwrap();
        queue.push(vec![numbers(0..9)]).unwrap();
        let error = job.run(1).await.unwrap_err().to_string();
        assert!(error.contains(said) && error.contains(&format!("raise `{key}` in [dead-letters]")), "{error}");
        assert_eq!((letters.commits(), letters.left_over()), (vec![], 0));
    }
}

/// A job file whose numbers go through an operator of the hostile plugin.
fn job_file(policies: &str, operator: &str, more: &str) -> Folder {
    Folder::new(&format!(
        r#"
[plugin.hostile]
component = "{}"
config = {{ act = "trap", in = "process", at = 5 }}
{policies}

[stream.numbers]
source = {{ type = "files", path = "in", format = "csv", schema = {{ value = "int64 not null" }} }}

[stream.made]
input = "numbers"
{operator}

[output.out]
input = "made"
sink = {{ type = "files", path = "out", format = "csv" }}
{more}
"#,
        component("hostile").display()
    ))
}

/// The lines of the files that an output has committed.
fn lines_of(folder: &Folder, output: &str) -> Vec<String> {
    let batches = std::fs::read_dir(folder.path(output)).unwrap().map(|entry| entry.unwrap().path());
    let batches =
        batches.filter(|path| path.is_dir() && !path.file_name().unwrap().to_string_lossy().starts_with(['_', '.']));
    let files = batches.flat_map(|batch| std::fs::read_dir(batch).unwrap().map(|entry| entry.unwrap().path()));
    let files = files.filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with(['_', '.']));
    files
        .flat_map(|path| std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

const LETTERS: &str = "[dead-letters]\nsink = { type = \"files\", path = \"dead\", format = \"json\" }";

#[test]
fn dead_letters_are_an_output_of_the_job_file() {
    let folder = job_file("on-error = \"dead-letter\"", "map = \"hostile/map\"", LETTERS);
    folder.write("in/numbers.csv", "value\n3\n4\n5\n6\n");
    let ran = folder.run(&["--drain"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let line =
        ran.stderr.lines().find(|line| line.contains("and left out")).unwrap_or_else(|| panic!("{}", ran.stderr));
    for part in [
        "made",
        "hostile",
        "failed=1",
        "dead_letters=1",
        "partition 0, row 2: in transform.process: the operator trapped",
    ] {
        assert!(line.contains(part), "no \"{part}\" in: {line}");
    }
    let letters = lines_of(&folder, "dead");
    assert_eq!(letters.len(), 1, "{letters:?}");
    for part in [
        r#""kind":"trap""#,
        r#""row":2"#,
        r#""columns":"value: int64 not null""#,
        r#""data":"{\"value\":5}""#,
        "trap_on_purpose",
    ] {
        assert!(letters[0].contains(part), "no {part} in: {}", letters[0]);
    }
    assert_eq!(lines_of(&folder, "out").len(), 4);
}

#[test]
fn one_use_of_an_operator_says_otherwise_than_its_plugin() {
    let with = |policy: &str| format!("map = {{ with = \"hostile/map\", on-error = {policy} }}");
    for (plugin, of_use, code) in
        [("fail", "\"skip\"", 0), ("skip", "\"fail\"", 1), ("fail", "{ retry = 1, then = \"skip\" }", 0)]
    {
        let folder = job_file(&format!("on-error = \"{plugin}\""), &with(of_use), "");
        folder.write("in/numbers.csv", "value\n3\n4\n5\n6\n");
        let ran = folder.run(&["--drain"]);
        assert_eq!(ran.code, Some(code), "{plugin}, {of_use}: {}", ran.stderr);
    }
}

#[test]
fn what_can_not_be_left_out_is_refused_by_check() {
    let said = |policies: &str, operator: &str, more: &str, parts: &[&str]| {
        let folder = job_file(policies, operator, more);
        folder.write("in/numbers.csv", "value\n");
        let ran = folder.check();
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        for part in parts {
            assert!(ran.stderr.contains(part), "no \"{part}\" in: {}", ran.stderr);
        }
    };
    let map = "map = \"hostile/map\"";
    let nowhere = "stream \"made\": on-error of \"hostile/map\" writes dead letters, and nothing says where";
    said("on-error = \"dead-letter\"", map, "", &[nowhere, "add [dead-letters] with sink = { type = \"files\""]);
    said(
        "on-reject = \"dead-letter\"",
        map,
        "",
        &["stream \"made\": on-reject of \"hostile/map\" writes dead letters"],
    );
    said("on-error = \"skipp\"", map, "", &["[plugin.hostile] on-error", "did you mean \"skip\"?"]);
    said("on-error = { retri = 1 }", map, "", &["unknown key \"retri\"", "did you mean \"retry\"?"]);
    said("on-error = { retry = 101 }", map, "", &["[plugin.hostile] on-error.retry"]);
    said(
        "on-error = 1",
        map,
        "",
        &["\"fail\", \"skip\", \"dead-letter\", or a table with `retry`, `then` and `at-most`"],
    );
    let sink = "[output.away]\ninput = \"made\"\nsink = { type = \"hostile/outlet\" }";
    said(
        "on-error = \"skip\"",
        map,
        sink,
        &["output \"away\": \"hostile/outlet\" has on-error, which only operators of streams have"],
    );
    said("", map, "[dead-letters]\nsink = { type = \"filse\" }", &["[dead-letters] sink", "did you mean \"files\"?"]);
    let twice = format!("{LETTERS}\n[output.dead-letters]\ninput = \"made\"\nsink = {{ type = \"print\" }}");
    said("on-error = \"dead-letter\"", map, &twice, &["[dead-letters]: there is an output \"dead-letters\" too"]);
}

#[test]
fn dead_letters_are_replayed_outside_of_the_job() {
    for format in ["json", "csv", "parquet"] {
        let letters = LETTERS.replace("json", format);
        let folder = job_file("on-error = \"dead-letter\"", "map = \"hostile/map\"", &letters);
        folder.write("in/numbers.csv", "value\n3\n4\n5\n6\n");
        folder.write("in/others.csv", "value\n5\n7\n");
        let ran = folder.run(&["--drain"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let replay = |more: &[&str]| {
            let arguments = ["replay", "job.toml", "--dead-letters", "dead"].iter().chain(more).copied();
            run(&folder.path("."), arguments)
        };
        let ran = replay(&[]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        for part in [
            "stream  operator     passes  rejected  fails  not tried",
            "made    hostile/map  0       0         2      0",
            "stream made, partition 0, row 2: in transform.process: the operator trapped: wasm trap",
        ] {
            assert!(ran.stdout.contains(part), "no \"{part}\" in: {}", ran.stdout);
        }
        let ran = replay(&["--set", "plugin.hostile.config.at=99", "--output", "mended.json"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("made    hostile/map  2       0         0      0"), "{}", ran.stdout);
        assert_eq!(folder.read("mended.json").lines().count(), 2);
        let ran = replay(&["--set", "plugin.hostile.config.at=99", "--output", "-", "--stream", "made"]);
        assert_eq!((ran.code, ran.stdout), (Some(0), folder.read("mended.json")));
        let ran = replay(&["--with", "hostil=a.wasm"]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains("did you mean \"hostile\"?"), "{}", ran.stderr);
        let ran = replay(&["--with", &format!("hostile={}", component("words").display())]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.stdout.contains("the plugin has no such transform operator"), "{}", ran.stdout);
    }
}

/// Jobs that are attacked in all ways at once, and another process beside them.
#[test]
fn the_job_of_another_process_is_undisturbed() {
    let words = |seed: usize| -> String { (0..2_000).map(|n| format!("w{} w{}\n", (n * seed) % 97, n % 89)).collect() };
    let counting = || {
        let folder = Folder::new(&format!(
            r#"
[plugin.words]
component = "{}"

[stream.lines]
source = {{ type = "files", path = "in", format = "text" }}

[stream.words]
input = "lines"
flat-map = "words/split"

[stream.counts]
input = "words"
reduce-by-key = {{ key = "word", with = "count" }}

[output.out]
input = "counts"
sink = {{ type = "files", path = "out", format = "csv" }}
"#,
            component("words").display()
        ));
        (0..5).for_each(|n| folder.write(&format!("in/{n}.txt"), words(n + 3)));
        folder
    };
    let counts = |folder: &Folder| {
        let mut lines = lines_of(folder, "out");
        lines.sort();
        lines
    };
    let alone = counting();
    assert_eq!(alone.run(&["--drain"]).code, Some(0));
    let beside = counting();
    let attacked: Vec<_> = ["loop", "recurse", "memory", "trap", "refuse"]
        .into_iter()
        .map(|act| {
            let folder =
                job_file("on-error = { then = \"skip\", at-most = 20 }\ntime = \"20ms\"", "map = \"hostile/map\"", "");
            let text = folder.read("job.toml").replace("act = \"trap\"", &format!("act = \"{act}\""));
            folder.write("job.toml", text);
            let rows: String = (0..200).map(|n| format!("{n}\n")).collect();
            folder.write("in/numbers.csv", format!("value\n{rows}"));
            let running = folder.start(&["--drain"]);
            (act, folder, running)
        })
        .collect();
    let ran = beside.run(&["--drain"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(counts(&beside), counts(&alone));
    for (act, folder, running) in attacked {
        let ran = running.wait();
        assert_eq!(ran.code, Some(0), "{act}: {}", ran.stderr);
        let left = 200
            - lines_of(&folder, "out")
                .iter()
                .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
                .count();
        // One row has the number at which it acts.
        assert_eq!(left, 1, "{act}");
    }
}

#[test]
fn dead_letters_are_written_once_wherever_the_job_is_killed() {
    // Outputs are staged and committed in their order, the dead letters last.
    for point in
        ["stage-after:2", "result-before:1", "result-after:1", "commit-before:2", "commit-after:2", "done-before:1"]
    {
        let folder = job_file("on-error = \"dead-letter\"", "map = \"hostile/map\"", LETTERS);
        let checkpoint = format!("job.checkpoint=file://{}", folder.path("checkpoint").display());
        folder.write("in/numbers.csv", "value\n3\n4\n5\n6\n");
        let arguments = ["--drain", "--set", &checkpoint];
        let killed = folder.run_with(&[("SLUICEBOX_FAULT_POINT", point)], &arguments);
        assert_ne!(killed.code, Some(0), "{point}: {}", killed.stderr);
        let ran = folder.run(&arguments);
        assert_eq!(ran.code, Some(0), "{point}: {}", ran.stderr);
        let (letters, out) = (lines_of(&folder, "dead"), lines_of(&folder, "out"));
        assert_eq!(letters.len(), 1, "{point}: {letters:?}");
        let rows = out.iter().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).count();
        assert_eq!(rows, 3, "{point}: {out:?}");
    }
}
