//! The same batch gives the same bytes: run twice, by two processes, by operators in each language that ask for all that differs from one process to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sluicebox::checkpoint::FaultPoint;
use sluicebox::checkpoint::fault_point::VARIABLE;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::{component, component_in};

/// What `plugins/ambient` is asked for in each language, and which of it are random numbers.
const RUST: (&str, &[&str]) = ("time clock environment files", &["random"]);
const PYTHON: (&str, &[&str]) = (
    "time monotonic perf_counter process_time now zone sleep built hash set dict globals id repr collected \
     environment folder files temporary arguments process thread processors machine",
    &["random", "shuffle", "system", "uuid1", "uuid4", "urandom", "secrets"],
);
const JAVASCRIPT: (&str, &[&str]) = (
    "now date zone performance crypto uuid built globals set map keys sorted stack memory environment files",
    &["random"],
);

/// A job with a checkpoint that asks the component for what is in its files.
fn asking(component: &Path) -> Folder {
    let folder = Folder::new("");
    let checkpoint = folder.path("checkpoint");
    let job = format!(
        r#"checkpoint = "file://{}"

[plugin.ambient]
component = {component:?}
time = "30s"
start-time = "30s"
memory = "256MiB"

[stream.rows]
source = {{ type = "files", path = "in", format = "text" }}

[stream.answers]
input = "rows"
map = "ambient/ask"

[output.answers]
input = "answers"
sink = {{ type = "files", path = "out", format = "json" }}
"#,
        checkpoint.display()
    );
    folder.write("job.toml", folder.read("job.toml") + &job);
    folder
}

/// The files of batches, and what they hold.
fn written(out: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for batch in fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()) {
        if batch.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"batch-")) {
            let files = fs::read_dir(batch).unwrap().map(|entry| entry.unwrap().path());
            all.extend(files.map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())));
        }
    }
    all
}

/// All answers, in the order in which they were asked for.
fn answers(written: &BTreeMap<String, String>) -> Vec<String> {
    let rows = written.values().flat_map(|text| text.lines()).filter(|line| line.contains("\"answer\""));
    let rows = rows.map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap());
    rows.map(|row| row["answer"].as_str().unwrap().to_owned()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &name),
            false => drop(fs::copy(&path, &name).unwrap()),
        }
    }
}

/// A batch that is planned is run by one process and, the checkpoint and the output being put back, by another.
fn the_same_twice(component: &Path, (asked, random): (&str, &[&str])) {
    let folder = asking(component);
    let rows: Vec<&str> = asked.split_whitespace().chain(random.iter().copied()).collect();
    let text = rows.join("\n") + "\n";
    // Two partitions, in each of which everything is asked for twice.
    ["a", "b"].iter().for_each(|name| folder.write(&format!("in/{name}"), text.repeat(2)));
    let planned = folder.run_with(&[(VARIABLE, &format!("{}:1", FaultPoint::PlanAfter))], &["--drain"]);
    assert_eq!(planned.code, None, "{}", planned.stderr);
    let (out, checkpoint) = (folder.path("out"), folder.path("checkpoint"));
    copy(&checkpoint, &folder.path("planned"));
    let run = || {
        folder.run(&["--drain"]).ended_with(0);
        written(&out)
    };
    let first = run();
    fs::remove_dir_all(&out).unwrap();
    fs::remove_dir_all(&checkpoint).unwrap();
    copy(&folder.path("planned"), &checkpoint);
    let again = run();
    assert_eq!(again, first);

    let all = answers(&first);
    assert_eq!(all.len(), 4 * rows.len(), "{all:#?}");
    // What was answered at each of the times that something was asked for.
    let drawn = |answers: &[String], what: &str| -> BTreeSet<String> {
        let at = rows.iter().position(|row| *row == what).unwrap();
        answers.iter().skip(at).step_by(rows.len()).cloned().collect()
    };
    for what in random {
        assert_eq!(drawn(&all, what).len(), 4, "each row of each partition has its own numbers, {what}: {all:#?}");
    }
    folder.write("in/c", text);
    let more = answers(&run());
    assert_eq!(more.len(), 5 * rows.len(), "{more:#?}");
    for what in random {
        assert_eq!(drawn(&more, what).len(), 5, "and so has another batch, {what}: {more:#?}");
    }
}

#[test]
fn the_same_batch_run_twice_gives_the_same_bytes_in_rust() {
    the_same_twice(&component("ambient"), RUST);
}

#[test]
fn the_same_batch_run_twice_gives_the_same_bytes_in_python() {
    the_same_twice(&component_in("python", "ambient"), PYTHON);
}

#[test]
fn the_same_batch_run_twice_gives_the_same_bytes_in_javascript() {
    the_same_twice(&component_in("javascript", "ambient"), JAVASCRIPT);
}
