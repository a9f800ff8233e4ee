//! Checkpoints on a real HDFS.

use std::process::Command;

use sluicebox::checkpoint::Store;
use sluicebox::checkpoint::fault_point::{FaultPoint, VARIABLE};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::program::{Running, is_overtaken, program};
use sluicebox_tests::{hadoop, stores};

use crate::takeover::{COUNT, counts};

fn store(url: &str) -> Store {
    Store::with_environment(url, Vec::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_created_once_replaced_listed_and_removed() {
    let url = hadoop::url();
    stores::creates_replaces_lists_and_removes(&|prefix| store(&format!("{url}/{prefix}"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_at_once_creates_an_object() {
    let url = hadoop::url();
    stores::lets_one_of_many_create(&|prefix| store(&format!("{url}/{prefix}"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_large_is_put_in_parts() {
    let store = store(&hadoop::url());
    store.ready().await.unwrap();
    stores::keeps_what_is_large(&store).await;
}

fn start(folder: &Folder, url: &str, arguments: &[&str], fault: Option<&str>) -> Running {
    let mut command = Command::new(program());
    command.args(["run", "job.toml", "--set", &format!("job.checkpoint={url}")]).args(arguments);
    command.current_dir(folder.path("")).envs(fault.map(|fault| (VARIABLE, fault)));
    Running::spawn(command)
}

#[test]
fn a_job_goes_on_wherever_it_is_killed() {
    let (folder, url) = (Folder::with_job(COUNT), hadoop::url());
    let mut last = 0;
    for point in [
        FaultPoint::TermBefore,
        FaultPoint::PlanAfter,
        FaultPoint::ResultBefore,
        FaultPoint::ResultAfter,
        FaultPoint::CommitAfter,
        FaultPoint::DoneBefore,
        FaultPoint::DoneAfter,
    ] {
        // Each but the first comes by with each batch.
        let nth = if point == FaultPoint::TermBefore { 1 } else { 3 };
        let ran = start(&folder, &url, &[], Some(&format!("{point}:{nth}"))).wait();
        assert_eq!(ran.code, None, "{point}: it was not killed\n{}", ran.stderr);
        last = goes_on(last, &counts(&ran.printed_rows()), &point.to_string());
    }
    let ran = start(&folder, &url, &["--batches", "3"], None).wait().ended_with(0);
    goes_on(last, &counts(&ran.printed_rows()), "undisturbed");
    assert!(last > 6, "each run has done something: {last}");
}

/// See that batches are counted on after `last`, which may be printed once more where it was not on record as done; the last of them.
fn goes_on(last: u64, printed: &[u64], what: &str) -> u64 {
    let Some(first) = printed.first() else { return last };
    assert!(*first == last + 1 || *first == last, "{what}: {last}, {printed:?}");
    assert!(printed.windows(2).all(|pair| pair[1] == pair[0] + 1), "{what}: {printed:?}");
    printed[printed.len() - 1]
}

#[test]
fn a_driver_that_hung_stops_when_it_finds_another_in_its_place() {
    let (folder, url) = (Folder::with_job(COUNT), hadoop::url());
    let first = start(&folder, &url, &[], None);
    first.line_with("(batches,3)");
    first.suspend();
    let second = start(&folder, &url, &[], None);
    second.line_with("(batches,");
    second.line_with("(batches,");
    first.signal("CONT");
    let first = first.wait().ended_with(1);
    assert!(is_overtaken(first.errors()[0]), "{}", first.stderr);
    second.signal("TERM");
    second.wait().ended_with(0);
}
