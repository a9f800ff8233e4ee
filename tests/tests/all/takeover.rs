//! One driver after the other: a standby, a driver that hangs while another takes over, and what a job would go on with.

use std::path::Path;

use sluicebox_tests::folder::Folder;
use sluicebox_tests::program::{self, Running};

/// Counts its batches in state: the k-th batch of all drivers together prints k.
pub const COUNT: &str = r#"
[job]
name = "count"
batch-interval = "50ms"
checkpoint = "set"
lease = "3s"

[stream.beats]
source = { type = "constant", rows = [{ key = "batches" }], schema = { key = "string" } }

[stream.counts]
input = "beats"
update-state-by-key = { key = ["key"], with = "count" }

[output.console]
input = "counts"
sink = { type = "print" }
"#;

fn checkpoint(folder: &Folder) -> String {
    format!("job.checkpoint=file://{}", folder.path("checkpoint").display())
}

fn start(folder: &Folder, arguments: &[&str]) -> Running {
    let checkpoint = checkpoint(folder);
    folder.start(&[&["--set", &checkpoint], arguments].concat())
}

/// The counts printed, in order.
pub fn counts(printed: &[&str]) -> Vec<u64> {
    let count = |row: &&str| row.trim_matches(['(', ')']).split(',').nth(1).and_then(|count| count.parse().ok());
    printed.iter().filter_map(count).collect()
}

#[test]
fn a_standby_takes_over_from_a_driver_that_is_gone() {
    let folder = Folder::with_job(COUNT);
    let active = start(&folder, &[]);
    active.line_with("(batches,3)");
    let standby = start(&folder, &["--standby", "--batches", "5"]);
    standby.line_with("standing by");
    active.line_with("(batches,6)");
    active.signal("KILL");
    let first = counts(&active.wait().printed_rows());
    let ran = standby.wait().ended_with(0);
    let second = counts(&ran.printed_rows());
    assert!(ran.logged("the job goes on from its checkpoint").len() == 1, "{}", ran.stderr);
    // A batch may have been printed and not recorded as done: then it is printed once more, with what its result says.
    let (last, next) = (first[first.len() - 1], second[0]);
    assert!(next == last + 1 || next == last, "{first:?} {second:?}");
    assert!(second.windows(2).all(|pair| pair[1] == pair[0] + 1), "{second:?}");
}

#[test]
fn a_standby_takes_over_at_once_when_the_driver_has_ended() {
    let folder = Folder::with_job(&COUNT.replace("lease = \"3s\"", "lease = \"1h\""));
    let active = start(&folder, &["--batches", "2"]).wait().ended_with(0);
    assert_eq!(counts(&active.printed_rows()), [1, 2]);
    let standby = start(&folder, &["--standby", "--batches", "2"]).wait().ended_with(0);
    assert_eq!(counts(&standby.printed_rows()), [3, 4]);
}

#[test]
fn a_standby_without_a_checkpoint_is_refused_and_one_with_nothing_to_do_stops() {
    let folder = Folder::with_job(&COUNT.replace("checkpoint = \"set\"\n", ""));
    let ran = folder.run(&["--standby"]).ended_with(2);
    assert!(ran.stderr.contains("a standby takes over from a checkpoint, and the job has none"), "{}", ran.stderr);
    assert!(ran.stderr.contains("set [job] checkpoint"), "{}", ran.stderr);
    let folder = Folder::with_job(COUNT);
    let active = start(&folder, &[]);
    active.line_with("(batches,1)");
    let standby = start(&folder, &["--standby"]);
    standby.line_with("standing by");
    standby.signal("TERM");
    assert_eq!(standby.wait().ended_with(0).printed_rows(), [""; 0]);
    active.signal("TERM");
    active.wait().ended_with(0);
}

#[test]
fn a_driver_that_hung_stops_when_it_finds_another_in_its_place() {
    let folder = Folder::with_job(COUNT);
    let first = start(&folder, &[]);
    first.line_with("(batches,3)");
    first.suspend();
    let second = start(&folder, &[]);
    second.line_with("(batches,");
    second.line_with("(batches,");
    first.signal("CONT");
    let first = first.wait().ended_with(1);
    assert!(
        first.stderr.contains("another driver has taken over the job, in term 2; this one stops"),
        "{}",
        first.stderr
    );
    second.line_with("(batches,");
    second.signal("TERM");
    let second = counts(&second.wait().ended_with(0).printed_rows());
    assert!(second.windows(2).all(|pair| pair[1] == pair[0] + 1), "{second:?}");
    assert!(second[0] <= counts(&first.printed_rows()).len() as u64 + 1, "no batch is lost: {second:?}");
}

fn check(folder: &Path, checkpoint: &str) -> program::Ran {
    program::run(folder, ["check", "job.toml", "--set", "job.checkpoint=file:///nowhere", "--against", checkpoint])
}

#[test]
fn check_against_a_checkpoint_says_what_carries_over() {
    let folder = Folder::with_job(COUNT);
    start(&folder, &["--batches", "2"]).wait().ended_with(0);
    let url = format!("file://{}", folder.path("checkpoint").display());
    let ran = check(&folder.path(""), &url).ended_with(0);
    let line = ran.stdout.lines().find(|line| line.starts_with("counts  ") && line.contains("state, in")).unwrap();
    assert!(line.ends_with("carries over"), "{}", ran.stdout);
    let renamed = COUNT.replace("stream.counts", "stream.sums").replace("input = \"counts\"", "input = \"sums\"");
    folder.write("job.toml", renamed);
    let ran = check(&folder.path(""), &url).ended_with(0);
    assert!(ran.stdout.contains("is dropped: the job has no such stream"), "{}", ran.stdout);
    folder.write("job.toml", COUNT.replace("lease", "key-groups = 7\nlease"));
    let ran = check(&folder.path(""), &url).ended_with(2);
    assert!(ran.stdout.contains("stops the job"), "{}", ran.stdout);
    assert!(ran.stderr.contains("[job] key-groups is 7: set it to 128"), "{}", ran.stderr);
    let ran = check(&folder.path(""), &format!("file://{}", folder.path("none").display())).ended_with(2);
    assert!(ran.stderr.contains("there is no such folder"), "{}", ran.stderr);
}
