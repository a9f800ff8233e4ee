//! The program is killed at any moment, and goes on as if it hadn't been.

use std::path::{Path, PathBuf};

use sluicebox_tests::chaos::feed::Feeder;
use sluicebox_tests::chaos::ground::Ground;
use sluicebox_tests::chaos::job::Job;
use sluicebox_tests::chaos::outcome::{Fed, check};
use sluicebox_tests::chaos::seed::Seed;
use sluicebox_tests::chaos::spike::{self, Spike};
use sluicebox_tests::chaos::{kinds, points};

#[test]
fn a_job_of_files_that_is_killed_at_random_moments_writes_what_an_undisturbed_one_does() {
    let outcome = kinds::files(20_261, 6).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 0 && outcome.batches > 5 && outcome.rows > 100, "hardly anything was done: {outcome}");
}

#[test]
fn a_job_that_is_killed_at_any_named_place_goes_on_there() {
    points::run_all(2).unwrap_or_else(|failures| panic!("{failures}"));
}

#[test]
fn a_checkpoint_that_fails_and_loses_power_has_what_it_needs() {
    let outcome = kinds::store(20_262, 4).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 0 && outcome.batches > 5 && outcome.rows > 100, "hardly anything was done: {outcome}");
}

#[test]
fn what_a_sender_keeps_until_it_is_acknowledged_is_neither_lost_nor_repeated() {
    let outcome = kinds::receiver(20_265, 3).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 0 && outcome.batches > 5, "hardly anything was done: {outcome}");
}

#[test]
fn what_was_logged_of_a_bare_socket_is_neither_lost_nor_repeated() {
    let outcome = kinds::socket(20_266, 3).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 0 && outcome.batches > 5, "hardly anything was done: {outcome}");
}

#[test]
fn messages_of_kafka_are_in_files_topics_and_tables_once() {
    let outcome = kinds::kafka(20_267, 3).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 0 && outcome.batches > 5, "hardly anything was done: {outcome}");
}

#[test]
fn a_driver_that_was_taken_over_from_stops_and_harms_nothing() {
    let outcome = kinds::rivals(20_263, 3).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 60, "hardly anything was done: {outcome}");
}

#[test]
fn a_standby_goes_on_where_the_driver_was_killed() {
    let outcome = kinds::standby(20_264, 4).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 0 && outcome.batches > 5, "hardly anything was done: {outcome}");
}

#[test]
fn a_plugin_that_is_swapped_while_its_job_is_killed_has_made_each_batch_as_the_log_says() {
    let outcome = kinds::swap(20_268, 4).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(outcome.lines > 0 && outcome.batches > 5, "hardly anything was done: {outcome}");
}

#[test]
fn a_spike_over_a_socket_or_from_a_topic_passes_and_loses_nothing() {
    let over_a_socket = std::thread::spawn(|| spike::socket(Spike::SHORT));
    let from_a_topic = spike::topic(Spike::SHORT);
    println!("{}", from_a_topic.unwrap_or_else(|failure| panic!("{failure}")));
    println!("{}", over_a_socket.join().unwrap().unwrap_or_else(|failure| panic!("{failure}")));
}

#[test]
fn what_is_lost_or_there_twice_or_computed_wrong_is_found() {
    let ground = Ground::new(&Job::files());
    let feeder = Feeder::start(Seed::new(3), ground.files());
    let mut running = ground.start(&[], &[]);
    ground.until_written(&mut running, &Fed::AtLeast(30)).unwrap();
    let fed = Fed::Exactly(feeder.finish());
    ground.finish(running, &fed).unwrap();
    check(&ground, &fed).unwrap();
    let wrong = |what: &str| {
        let failure = check(&ground, &fed).unwrap_err();
        assert!(failure.contains(what), "{what}: {failure}");
    };
    let file = a_file_with(&ground.path().join("out/all"), "\"of\":\"count\"");
    let text = std::fs::read_to_string(&file).unwrap();
    let with = |rows: Vec<&str>| std::fs::write(&file, rows.join("\n") + "\n").unwrap();
    let (lines, others): (Vec<&str>, Vec<&str>) = text.lines().partition(|row| row.contains("\"of\":\"line\""));
    assert!(!lines.is_empty() && !others.is_empty());
    with([&others[..], &lines[1..]].concat());
    wrong("lines lost: [\n");
    with([&others[..], &lines, &lines[..1]].concat());
    wrong("nobody has fed: [\n");
    with([&others[1..], &lines].concat());
    wrong("output \"all\": 1 batches differ");
    std::fs::write(&file, &text).unwrap();
    let manifest = ground.path().join("out/compacted/_manifest");
    let names = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, names.lines().skip(1).map(|name| format!("{name}\n")).collect::<String>()).unwrap();
    wrong("output \"compacted\" lacks ");
    std::fs::write(&manifest, names).unwrap();
    check(&ground, &fed).unwrap();
}

/// A file of a batch that has such a row, and a line of input.
fn a_file_with(output: &Path, row: &str) -> PathBuf {
    let batches = std::fs::read_dir(output).unwrap().map(|entry| entry.unwrap().path());
    let files = batches.filter(|path| path.is_dir()).flat_map(|batch| std::fs::read_dir(batch).unwrap());
    let has_both = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.contains(row) && text.contains("\"of\":\"line\"")
    };
    files.map(|file| file.unwrap().path()).find(has_both).unwrap()
}
