//! What plugins read of directories that they are granted, and that nothing else is reached and nothing changed.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::{Directory, Grants, Limits};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines};

/// Prints the lines that a plugin finds in the directory `logs`.
fn tailing(grants: &str, config: &str, more: &str) -> Folder {
    let folder = Folder::new(&format!(
        "[plugin.tail]\ncomponent = \"{}\"\nconfig = {{ directory = \"logs\"{config} }}\n{grants}\n\
         [stream.lines]\nsource = {{ type = \"tail/follow\", max-time = \"50ms\"{more} }}\n\
         [output.console]\ninput = \"lines\"\nsink = {{ type = \"print\", rows = 100000 }}\n",
        component("tail").display()
    ));
    folder.write("logs/a", "to be\nor not\n");
    folder
}

fn append(path: &Path, text: &str) {
    use std::io::Write;
    let mut file = std::fs::File::options().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_receiver_reads_the_files_of_a_directory_to_their_end() {
    let folder = tailing("grants = { read = [\"logs\"] }", ", ends = true", ", receivers = 2");
    folder.write("logs/b", "größer\r\n\nthe last");
    folder.write("logs/c", (0..50_000).map(|n| format!("line {n}\n")).collect::<String>());
    let ran = folder.run(&["--drain"]).ended_with(0);
    let n_rows =
        |line: &&str| -> u64 { line.split(" rows=").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap() };
    assert_eq!(ran.logged("batch completed").iter().map(n_rows).sum::<u64>(), 50_005);
    let rows = ran.printed_rows();
    for row in ["to be", "or not", "größer", "the last"] {
        assert_eq!(rows.iter().filter(|printed| **printed == row).count(), 1, "{row}: {rows:?}");
    }
}

#[test]
fn a_receiver_reads_what_is_appended() {
    let folder = tailing("grants = { read = [\"logs\"] }", "", "");
    let program = folder.start(&[]);
    program.line_with("or not");
    append(&folder.path("logs/a"), "that is");
    folder.write("logs/b", "another file\n");
    program.line_with("another file");
    append(&folder.path("logs/a"), " the question\n");
    program.line_with("that is the question");
    // A file that was emptied is read anew.
    std::fs::write(folder.path("logs/a"), "whether\n").unwrap();
    program.line_with("whether");
    program.signal("TERM");
    let ran = program.wait().ended_with(0);
    assert_eq!(ran.printed_rows(), ["to be", "or not", "another file", "that is the question", "whether"]);
    assert_eq!(ran.logged("logs/a has become shorter, and is read from its start").len(), 1, "{}", ran.stderr);
}

#[test]
fn what_is_granted_is_a_directory_and_not_its_name() {
    let folder = tailing("grants = { read = [\"logs\"] }", "", "");
    let program = folder.start(&[]);
    program.line_with("or not");
    std::fs::rename(folder.path("logs"), folder.path("away")).unwrap();
    std::fs::create_dir(folder.path("logs")).unwrap();
    append(&folder.path("away/a"), "that is the question\n");
    program.line_with("that is the question");
    program.signal("TERM");
    program.wait().ended_with(0);
}

#[test]
fn mistakes_in_what_is_granted_are_found_when_the_job_is_checked() {
    let granted = "grants = { read = [\"logs\"] }";
    let folder = tailing(granted, "", "");
    folder.write("file", "");
    folder.check().ended_with(0);
    let text = folder.read("job.toml");
    let many =
        format!("grants = {{ read = [{}] }}", (0..33).map(|n| format!("\"logs/{n}\"")).collect::<Vec<_>>().join(", "));
    for (to, message, help) in [
        ("grants = { read = [] }", "[plugin.tail] grants.read: there is no directory", "name at least one"),
        (
            "grants = { read = [\"none\"] }",
            "[plugin.tail] grants.read: none does not exist",
            "create the directory, or correct the path",
        ),
        ("grants = { read = [\"none\"] }", "error: job.toml:7:", "create the directory, or correct the path"),
        ("grants = { read = [\"logs\", \"file\"] }", "file is not a directory", "give a directory"),
        ("grants = { read = [\"logs\", \"logs/\"] }", "\"logs/\" stands twice", "name each directory once"),
        ("grants = { read = [\"\"] }", "\"\" is not a path", "a relative path begins at the job file's folder"),
        ("grants = { read = [\"file:///tmp\"] }", "\"file:///tmp\" is a URL", "give a path"),
        (&many, "there are 33 directories", "at most 32 are possible"),
        (
            "grants = { write = [\"logs\"] }",
            "[plugin.tail] grants.write: this version lets no plugin write files",
            "remove the key",
        ),
    ] {
        folder.write("job.toml", text.replace(granted, to));
        let ran = folder.check().ended_with(2);
        assert!(ran.stderr.contains("error: job.toml:"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(message) && ran.stderr.contains(help),
            "{to}: no {message:?} or {help:?} in {}",
            ran.stderr
        );
    }
}

#[test]
fn another_directory_than_the_granted_is_an_error_that_says_what_to_do() {
    for grants in ["grants = { read = [\"other\"] }", ""] {
        another_directory(grants);
    }
}

fn another_directory(grants: &str) {
    let folder = tailing(grants, "", ", on-failure = \"fail\"");
    folder.write("other/a", "");
    folder.check().ended_with(0);
    let ran = folder.run(&[]).ended_with(1);
    let error = ran.errors()[0];
    assert!(
        error.contains("plugin tail, operator follow, stream lines, receiver 0 of 1, in receiver.receive"),
        "{error}"
    );
    assert!(
        error.contains("listing logs: the plugin is not granted to: add its directory to read in its grants"),
        "{error}"
    );
}

/// A directory `data` with `text`, `in/file`, and ways out of it.
fn data() -> Folder {
    let folder = Folder::new("");
    folder.write("secret", "secret");
    folder.write("data/text", "to be or not");
    folder.write("data/in/file", "inside");
    symlink("../secret", folder.path("data/out")).unwrap();
    symlink(folder.path("secret"), folder.path("data/absolute")).unwrap();
    symlink("..", folder.path("data/up")).unwrap();
    symlink("in/file", folder.path("data/link")).unwrap();
    folder
}

/// What the snoop answers to rows, when it may read these directories of the folder.
async fn attempts(folder: &Folder, read: &[&str], rows: &[&str]) -> Result<Vec<String>, String> {
    let job = TestJob::new();
    let read = read.iter().map(|name| Directory { name: (*name).to_owned(), path: folder.path(name) }).collect();
    let limits = Limits { time: Duration::from_secs(2), grants: Grants { read, ..Grants::NONE }, ..Limits::default() };
    let snoop = ComponentSource::File(component("snoop"));
    job.context.add_plugin(plugin("snoop", snoop, limits, "{}")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let out = Collected::default();
    input.map("made", "snoop/attempt").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![lines(rows)]).unwrap();
    job.run(1).await.map_err(|error| error.to_string())?;
    Ok(out.rows(1000))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_in_a_granted_directory_is_reached() {
    let folder = data();
    let away = "the plugin is not granted to: add its directory to read in its grants";
    let out = "it leads out of the directory that is granted";
    let secret = format!("read {}", folder.path("secret").display());
    let expected = [
        ("directories", "data data/in"),
        ("read data/text", "to be or not"),
        ("read ./data//text", "to be or not"),
        ("read data/in/file", "inside"),
        ("read data/link", "inside"),
        ("read data/in/../text", out),
        ("end data/text", "not"),
        ("stream text", "Some(\" be or not\") true true"),
        ("list data", "absolute in link out text up"),
        ("list data/", "absolute in link out text up"),
        ("list data/in", "file"),
        ("kind data", "Directory"),
        ("kind data/link", "File"),
        ("kind data/out", out),
        ("read data/out", out),
        ("read data/absolute", out),
        ("read data/up/secret", out),
        ("read data/../secret", out),
        ("list data/up", out),
        ("list data/..", out),
        (&secret, away),
        ("read secret", away),
        ("read datax", away),
        ("read /etc/passwd", away),
        ("read ../data/text", away),
        ("list .", away),
        ("read data/none", "not found"),
        ("read data/in", "is a directory"),
        ("list data/text", "not a directory"),
    ];
    let rows: Vec<&str> = expected.iter().map(|(row, _)| *row).collect();
    let answers = attempts(&folder, &["data", "data/in"], &rows).await.unwrap();
    for ((row, expected), answer) in expected.iter().zip(&answers) {
        assert!(answer.ends_with(expected), "{row}: {answer}");
    }
    assert_eq!(answers.len(), expected.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed() {
    let folder = data();
    assert_eq!(attempts(&folder, &["data"], &["change"]).await.unwrap(), ["17 attempts, done: []"]);
    assert_eq!(folder.read("data/text"), "to be or not");
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path("data")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["absolute", "in", "link", "out", "text", "up"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_instance_has_open_is_bounded() {
    let folder = data();
    assert_eq!(
        attempts(&folder, &["data"], &["files data/text", "files data/text"]).await.unwrap(),
        ["64 files", "64 files"]
    );
    assert_eq!(attempts(&folder, &["data"], &["resources"]).await.unwrap(), ["100000 resources"]);
    let error = attempts(&folder, &["data"], &["keep"]).await.unwrap_err();
    assert!(error.contains("plugin snoop, operator attempt, stream made, batch 1000, partition 0 of 1"), "{error}");
}
