//! A recorded batch is run again, and taken out as a case, as a user does it: nothing of the job's is changed by that.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value as Json;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::chameleon;
use sluicebox_tests::program::{Ran, Running, run};
use sluicebox_tests::server::Server;
use sluicebox_tests::tagged::tagged;

/// Numbers, and how many came within an hour.
const NUMBERS: &str = r#"
[stream.numbers]
source = { type = "files", path = "in", format = "csv", schema = { value = "int64" } }

[stream.recent]
input = "numbers"
window = { length = "1h" }

[stream.many]
input = "recent"
count = true

[output.many]
input = "many"
sink = { type = "print" }
"#;

/// A job with a checkpoint in its folder, that has run once with each of these files, each time from where it had stopped.
fn recorded(retain: &str, files: &[&str]) -> Folder {
    let folder = Folder::new("");
    let checkpoint = folder.path("checkpoint");
    let tagged = tagged(Path::new("chameleon.wasm"), 3, "csv");
    let job = format!("checkpoint = \"file://{}\"\nretain = \"{retain}\"\n{NUMBERS}{tagged}", checkpoint.display());
    folder.write("job.toml", folder.read("job.toml") + &job);
    folder.write("chameleon.wasm", chameleon(1));
    fs::create_dir(folder.path("in")).unwrap();
    for (number, rows) in files.iter().enumerate() {
        folder.write(&format!("in/{number}.csv"), format!("value\n{rows}\n"));
        run(&folder.path(""), ["run", "job.toml", "--drain"]).ended_with(0);
    }
    folder
}

/// The batches that have tagged numbers, in order.
fn batches(folder: &Folder) -> Vec<i64> {
    let entries = fs::read_dir(folder.path("out/tags")).unwrap().map(|entry| entry.unwrap().path());
    let with_rows = entries.filter(|path| path.is_dir() && fs::read_dir(path).unwrap().next().is_some());
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().strip_prefix("batch-")?.parse().ok();
    let mut batches: Vec<i64> = with_rows.filter_map(name).collect();
    batches.sort_unstable();
    batches
}

fn replay(folder: &Folder, arguments: &[&str]) -> Ran {
    run(&folder.path(""), ["replay", "job.toml"].iter().chain(arguments))
}

fn json(ran: Ran) -> Json {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", ran.stdout, ran.stderr))
}

fn output<'a>(replayed: &'a Json, name: &str) -> &'a Json {
    replayed["outputs"].as_array().unwrap().iter().find(|output| output["output"] == name).unwrap()
}

/// All files below a folder, with their content and when they were changed.
fn content(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(content(&path)),
            false => {
                let changed = path.metadata().unwrap().modified().unwrap();
                all.insert(path.clone(), (fs::read(&path).unwrap(), changed));
            }
        }
    }
    all
}

#[test]
fn a_batch_that_is_run_again_makes_what_was_recorded_and_changes_nothing() {
    let folder = recorded("1h", &["1\n2\n3", "4\n5", "6"]);
    let before = (content(&folder.path("checkpoint")), content(&folder.path("out")));
    let batches = batches(&folder);
    assert_eq!(batches.len(), 3);
    for (batch, n_rows) in batches.iter().zip([3, 2, 1]) {
        let again = json(replay(&folder, &["--batch", &batch.to_string(), "--json"]).ended_with(0));
        assert_eq!((&again["batch-time"], &again["same"]), (&(*batch).into(), &true.into()), "{again}");
        assert_eq!(output(&again, "tags")["rows"], serde_json::json!([n_rows, n_rows]), "{again}");
        assert_eq!(output(&again, "totals")["only"], serde_json::json!([0, 0]), "{again}");
        // What is printed can't be read again, and is counted: a row of the window over all three files.
        assert_eq!(output(&again, "many")["rows"], serde_json::json!([1, 1]), "{again}");
        assert_eq!(output(&again, "many")["by-number"], "what it has written isn't read again");
        assert_eq!(again["notes"], serde_json::json!([]), "{again}");
    }
    let text = replay(&folder, &["--batch", &batches[1].to_string()]).ended_with(0).stdout;
    assert!(text.contains("source numbers    1 file of 10 B\n"), "{text}");
    assert!(text.contains("chameleon/total  totals  2        2"), "{text}");
    assert!(text.ends_with("\nthe same\n"), "{text}");
    assert_eq!((content(&folder.path("checkpoint")), content(&folder.path("out"))), before);
}

#[test]
fn what_was_changed_since_is_shown() {
    let folder = recorded("1h", &["1\n2\n3"]);
    let batch = batches(&folder)[0];
    let written = content(&folder.path(format!("out/tags/batch-{batch}")));
    let (path, (bytes, _)) = written.into_iter().next().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    fs::write(&path, text.replace("2,1", "7,1")).unwrap();
    let shown = replay(&folder, &["--batch", &batch.to_string()]).ended_with(1).stdout;
    assert!(shown.contains("1 only recorded, 1 only now\n"), "{shown}");
    assert!(
        shown.contains("  tags: - value=7 version=1\n") && shown.contains("  tags: + value=2 version=1\n"),
        "{shown}"
    );
    assert!(shown.ends_with("\nnot the same\n"), "{shown}");
    // A file that isn't what the batch was given can't be read in its place.
    folder.write("in/0.csv", "value\n9\n");
    let refused = replay(&folder, &["--batch", &batch.to_string()]).ended_with(1);
    assert!(refused.stderr.contains("0.csv") && refused.stderr.contains("can't be run again"), "{}", refused.stderr);
}

#[test]
fn another_component_is_tried_on_what_was_recorded() {
    let folder = recorded("1h", &["1\n2\n3", "4\n5"]);
    folder.write("two.wasm", chameleon(2));
    folder.write("poison.wasm", chameleon(902));
    folder.write("state.wasm", chameleon(5000));
    let last = batches(&folder)[1].to_string();
    let with = |file: &str| replay(&folder, &["--batch", &last, "--with", &format!("chameleon={file}"), "--json"]);
    let other = json(with("two.wasm").ended_with(1));
    let streams = other["streams"].as_array().unwrap();
    let tags = streams.iter().find(|stream| stream["stream"] == "tags").unwrap();
    assert_eq!((&tags["recorded"]["rows"], &tags["with"]["only"]), (&2.into(), &2.into()), "{tags}");
    assert!(tags["samples"].as_array().unwrap().contains(&"+ value=4 version=2".into()), "{tags}");
    // State goes on from what it was before the batch.
    let totals = streams.iter().find(|stream| stream["stream"] == "totals").unwrap();
    assert!(totals["samples"].as_array().unwrap().contains(&"+ key=1 sum=5 seen=2".into()), "{totals}");
    assert_eq!(output(&other, "tags")["only"], serde_json::json!([2, 2]));
    assert_eq!(output(&other, "many")["only"], serde_json::json!([0, 0]));

    let same = json(with("chameleon.wasm").ended_with(0));
    assert_eq!((&same["same"], &same["streams"][0]["recorded"]["rows"]), (&true.into(), &2.into()), "{same}");
    let broken = json(with("poison.wasm").ended_with(1));
    assert!(broken["ran-with"]["error"].as_str().unwrap().contains("version 902 always breaks down"), "{broken}");
    assert_eq!(broken["ran"]["operators"].as_array().unwrap().len(), 2, "{broken}");
    // State of another version is migrated for it.
    let migrated = json(with("state.wasm").ended_with(1));
    let totals = migrated["streams"].as_array().unwrap().iter().find(|stream| stream["stream"] == "totals").unwrap();
    assert!(totals["samples"].as_array().unwrap().contains(&"+ key=1 sum=5 seen=5000".into()), "{totals}");

    let text = replay(&folder, &["--batch", "last", "--with", "chameleon=two.wasm"]);
    assert!(text.stdout.contains("tried beside"), "{} {}", text.stdout, text.stderr);
    for (with, said) in [
        ("chamelon=two.wasm", "did you mean \"chameleon\"?"),
        ("chameleon=none.wasm", "none.wasm: plugin \"chameleon\": its component can't be read"),
        ("chameleon", "--with: \"chameleon\" is not PLUGIN=FILE"),
    ] {
        let refused = replay(&folder, &["--batch", "last", "--with", with]).ended_with(2).stderr;
        assert!(refused.contains(said), "no \"{said}\" in {refused}");
    }
}

#[test]
fn a_batch_runs_with_the_component_it_ran_with_whatever_the_job_file_names() {
    let folder = recorded("1h", &["1\n2"]);
    let first = batches(&folder)[0].to_string();
    folder.write("chameleon.wasm", chameleon(2));
    folder.write("in/1.csv", "value\n3\n");
    run(&folder.path(""), ["run", "job.toml", "--drain"]).ended_with(0);
    let both = batches(&folder);
    for (batch, version) in both.iter().zip([1, 2]) {
        let again = json(replay(&folder, &["--batch", &batch.to_string(), "--json"]).ended_with(0));
        assert_eq!(again["same"], true, "version {version}: {again}");
    }
    let digests: Vec<Json> = both
        .iter()
        .map(|batch| json(replay(&folder, &["--batch", &batch.to_string(), "--json"]))["components"].clone())
        .collect();
    assert_ne!(digests[0], digests[1]);
    // Without its bytes it can't be run.
    fs::remove_dir_all(folder.path("checkpoint/components")).unwrap();
    let gone = replay(&folder, &["--batch", &first]).ended_with(1).stderr;
    assert!(gone.contains("plugin \"chameleon\": its component is missing: file://"), "{gone}");
}

#[test]
fn what_is_kept_is_told() {
    let folder = recorded("1h", &["1"]);
    let kept = replay(&folder, &["--batch", "1970-01-01T00:00:10Z"]).ended_with(2).stderr;
    assert!(kept.contains("batch 10000 isn't kept, only batches from "), "{kept}");
    assert!(kept.contains("[job] retain says how long"), "{kept}");
    let odd = replay(&folder, &["--batch", "noon"]).ended_with(2).stderr;
    assert!(odd.contains("\"noon\" is no batch's time"), "{odd}");
    let elsewhere = folder.path("elsewhere");
    let none =
        replay(&folder, &["--batch", "last", "--set", &format!("job.checkpoint=file://{}", elsewhere.display())]);
    let none = none.ended_with(2).stderr;
    assert!(none.contains("there is no such folder") && !elsewhere.exists(), "{none}");
    let neither = replay(&folder, &[]).ended_with(2).stderr;
    assert!(neither.contains("--batch"), "{neither}");
}

#[test]
fn a_batch_of_an_operator_is_taken_out_as_a_case() {
    let folder = recorded("1h", &["1\n2\n3", "4\n5"]);
    folder.write("two.wasm", chameleon(2));
    let last = batches(&folder)[1].to_string();
    let capture = |stream: &str, into: &str| {
        run(&folder.path(""), ["capture", "job.toml", "--batch", &last, "--stream", stream, "-o", into])
    };
    let test = |arguments: &[&str]| run(&folder.path(""), ["plugin", "test"].iter().chain(arguments));
    for (stream, said, keys) in [("tags", "2 rows in, 2 out", 0), ("totals", "2 rows in, 2 out", 3)] {
        let into = format!("case-{stream}");
        let captured = capture(stream, &into).ended_with(0).stdout;
        assert!(captured.contains(&format!("{said}, {keys} keys with state\n")), "{captured}");
        // As it is, it passes; of another component it shows what differs.
        let passed = test(&[&into]).ended_with(0).stdout;
        assert!(passed.ends_with("1 passed, 0 failed\n"), "{passed}");
        let differs = test(&["two.wasm", &into]).ended_with(1).stdout;
        assert!(differs.contains("2 rows missing, 2 rows unexpected"), "{differs}");
    }
    let cases = folder.read("case-totals/cases.toml");
    assert!(cases.contains("key = [\"key\"]\n") && cases.contains("\n  [1, 1],\n"), "{cases}");
    let again = capture("tags", "case-tags").ended_with(2).stderr;
    assert!(again.contains("case-tags is there already"), "{again}");
    let counted = capture("many", "case-many").ended_with(2).stderr;
    assert!(counted.contains("isn't made by a plugin's operator") && counted.contains("tags, totals"), "{counted}");
    let none = capture("totls", "case-none").ended_with(2).stderr;
    assert!(none.contains("did you mean \"totals\"?"), "{none}");
}

#[test]
fn a_case_has_keys_time_out_that_did_in_the_batch() {
    let folder = recorded("1h", &[]);
    let timed = folder
        .read("job.toml")
        .replace("with = \"chameleon/total\" }", "with = \"chameleon/total\", timeout = \"1ms\" }");
    folder.write("job.toml", timed);
    for (number, rows) in ["1\n2\n3", "4\n5"].iter().enumerate() {
        folder.write(&format!("in/{number}.csv"), format!("value\n{rows}\n"));
        run(&folder.path(""), ["run", "job.toml", "--drain"]).ended_with(0);
    }
    // Of the keys 0, 1 and 2, all of which rest for longer than they may between two runs, the second batch has values for two.
    let last = batches(&folder)[1].to_string();
    let capture = ["capture", "job.toml", "--batch", &last, "--stream", "totals", "-o", "case"];
    let captured = run(&folder.path(""), capture).ended_with(0).stdout;
    assert!(captured.contains("2 rows in, 2 out, 3 keys with state\n"), "{captured}");
    let passed = run(&folder.path(""), ["plugin", "test", "case"]).ended_with(0).stdout;
    assert!(passed.ends_with("1 passed, 0 failed\n"), "{passed}");
    // It is by how long they had rested that a key is gone.
    let case = folder.read("case/cases.toml");
    let rested = case.lines().find(|line| line.starts_with("rested = [")).expect("how long keys have rested");
    folder.write("case/cases.toml", case.replace(&format!("{rested}\n"), ""));
    let kept = run(&folder.path(""), ["plugin", "test", "case"]).ended_with(1).stdout;
    assert!(kept.contains("state of \"total\"") && kept.contains("1 row unexpected"), "{kept}");
}

/// A job that takes lines from a socket.
const RECEIVED: &str = r#"
[plugin.chameleon]
component = "chameleon.wasm"

[stream.numbers]
source = { type = "socket", address = "ADDRESS" }

[stream.values]
sql = "select cast(value as bigint) as value from numbers"

[stream.tags]
input = "values"
map = "chameleon/tag"

[output.tags]
input = "tags"
sink = { type = "files", path = "out/tags", format = "csv" }
"#;

/// Run the job until it has written a batch of the rows that it is sent, look at it, and stop the job.
fn received(folder: &Folder, server: &Server, rows: &str, look: impl FnOnce(i64)) {
    let running = Running::start(&folder.path(""), ["run", "job.toml"]);
    let mut client = server.accept().unwrap();
    client.write_all(rows.as_bytes()).unwrap();
    // Each batch is logged when it is done.
    let batch = loop {
        let line = running.next_line(Duration::from_secs(60)).unwrap();
        let word = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key)?.parse::<i64>().ok());
        if let (true, Some(batch), Some(1..)) = (line.contains("batch completed"), word("batch_time="), word("rows=")) {
            break batch;
        }
    };
    look(batch);
    running.signal("TERM");
    running.wait().ended_with(0);
}

#[test]
fn received_rows_are_read_from_the_log_as_long_as_they_are_retained() {
    for (retain, is_kept) in [("1h", true), ("0s", false)] {
        let server = Server::new().unwrap();
        let folder = Folder::new("");
        let checkpoint = folder.path("checkpoint");
        let job = RECEIVED.replace("ADDRESS", &server.address().to_string());
        let job = format!("checkpoint = \"file://{}\"\nretain = \"{retain}\"\n{job}", checkpoint.display());
        folder.write("job.toml", folder.read("job.toml") + &job);
        folder.write("chameleon.wasm", chameleon(1));
        fs::create_dir_all(folder.path("out/tags")).unwrap();
        let mut first = 0;
        received(&folder, &server, "1\n2\n3\n", |batch| {
            first = batch;
            if is_kept {
                // While the job runs.
                let again = json(replay(&folder, &["--batch", &batch.to_string(), "--json"]).ended_with(0));
                let rows = output(&again, "tags")["rows"][0].as_u64();
                assert!(rows.is_some_and(|rows| rows > 0), "{again}");
            }
        });
        received(&folder, &server, "4\n", |_| ());
        let again = replay(&folder, &["--batch", &first.to_string()]);
        match is_kept {
            true => assert!(again.ended_with(0).stdout.ends_with("\nthe same\n")),
            false => {
                let gone = again.ended_with(1).stderr;
                assert!(gone.contains("stream \"numbers\": ") && gone.contains("[job] retain says how long"), "{gone}");
            }
        }
    }
}
