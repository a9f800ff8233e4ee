//! `sluicebox apply`, as a user runs it: the plan, what is refused, what a job goes on with when it is started again, and rows counted while files are applied at any time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sluicebox_tests::chaos::feed::{Carrier, Files};
use sluicebox_tests::control::Jobs;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::chameleon;
use sluicebox_tests::program::{Running, program};

/// Numbers from files, all of them written, and sums by key.
const BASE: &str = r#"[job]
name = "test"
batch-interval = "INTERVAL"
checkpoint = "file://CHECKPOINT"

[plugin.chameleon]
component = "chameleon.wasm"
memory = "MEMORY"

[stream.lines]
source = { type = "files", path = "in", format = "text", on-bad-file = "BAD-FILE"RATE }
[stream.numbers]
sql = "select cast(value as bigint) as value from lines"

[stream.tags]
input = "numbers"
map = "chameleon/tag"

[stream.keyed]
sql = "select value % 7 as key, value from numbers"

[stream.totals]
input = "keyed"
map-with-state = { key = ["key"], with = "chameleon/total" }

[output.tags]
input = "tags"
sink = { type = "files", path = "tags", format = "csv" }

[output.totals]
input = "totals"
sink = { type = "files", path = "totals", format = "csv" }
"#;

/// The even numbers, beside.
const EVENS: &str = r#"
[stream.evens]
input = "numbers"
filter = { where = "value % 2 = 0" }

[output.evens]
input = "evens"
sink = { type = "files", path = "evens", format = "csv" }
"#;

/// How many came lately, for an output of its own.
const RECENT: &str = r#"
[stream.recent]
input = "numbers"
count-by-window = { length = "LENGTH" }

[output.recent]
input = "recent"
sink = { type = "files", path = "recent", format = "csv" }
"#;

/// What differs between the files of a test.
#[derive(Clone, Copy)]
struct Says {
    interval_ms: u64,
    memory: &'static str,
    bad_file: &'static str,
    rate: Option<u32>,
    evens: bool,
    /// The window's length in intervals, if there is one.
    recent: Option<u64>,
}

const FIRST: Says =
    Says { interval_ms: 100, memory: "64MiB", bad_file: "fail", rate: None, evens: false, recent: None };

impl Says {
    fn text(self, folder: &Folder) -> String {
        let recent = |intervals: u64| RECENT.replace("LENGTH", &format!("{}ms", intervals * self.interval_ms));
        [BASE, if self.evens { EVENS } else { "" }, &self.recent.map(recent).unwrap_or_default()]
            .concat()
            .replace("INTERVAL", &format!("{}ms", self.interval_ms))
            .replace("CHECKPOINT", &folder.path("checkpoint").display().to_string())
            .replace("MEMORY", self.memory)
            .replace("BAD-FILE", self.bad_file)
            .replace("RATE", &self.rate.map(|rate| format!(", max-rate = {rate}")).unwrap_or_default())
    }

    fn write(self, folder: &Folder, name: &str) -> String {
        folder.write(name, self.text(folder));
        folder.path(name).display().to_string()
    }
}

fn folder(says: Says) -> Folder {
    let folder = Folder::with_job("");
    folder.write("chameleon.wasm", chameleon(1));
    std::fs::create_dir_all(folder.path("in")).unwrap();
    says.write(&folder, "job.toml");
    folder
}

/// The rows of each batch of an output, by its time, without the header.
fn batches(folder: &Folder, output: &str) -> BTreeMap<i64, Vec<String>> {
    let Ok(entries) = std::fs::read_dir(folder.path(output)) else { return BTreeMap::new() };
    let rows = |path: PathBuf| {
        let batch = path.file_name()?.to_str()?.strip_prefix("batch-")?.parse().ok()?;
        let mut files: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let text: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let is_row = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
        Some((batch, text.lines().filter(is_row).map(str::to_owned).collect::<Vec<_>>()))
    };
    entries.filter_map(|entry| rows(entry.unwrap().path())).collect()
}

/// Each number from 0 was written once, its sum is in the state once, and the even ones of each batch are in that of their output, if it has one.
fn check(folder: &Folder, n_numbers: i64) {
    let tags = batches(folder, "tags");
    let number = |row: &String| row.split(',').next().unwrap().parse::<i64>().unwrap();
    let mut seen: Vec<i64> = tags.values().flatten().map(number).collect();
    seen.sort();
    assert_eq!(seen, (0..n_numbers).collect::<Vec<_>>());
    let mut sums = BTreeMap::new();
    for row in batches(folder, "totals").values().flatten() {
        let columns: Vec<i64> = row.split(',').map(|column| column.parse().unwrap()).collect();
        let last = sums.entry(columns[0]).or_insert(0);
        *last = columns[1].max(*last);
    }
    for key in 0..7.min(n_numbers) {
        assert_eq!(sums[&key], (key..n_numbers).step_by(7).sum::<i64>(), "the sum of key {key}");
    }
    for (batch, evens) in batches(folder, "evens") {
        let mut of_batch: Vec<i64> =
            tags.get(&batch).into_iter().flatten().map(number).filter(|of| of % 2 == 0).collect();
        let mut evens: Vec<i64> = evens.iter().map(number).collect();
        of_batch.sort();
        evens.sort();
        assert_eq!(evens, of_batch, "batch {batch}");
    }
}

/// Returns when so many numbers are written.
fn until_written(folder: &Folder, program: &Running, n_numbers: usize) {
    while batches(folder, "tags").values().map(Vec::len).sum::<usize>() < n_numbers {
        program.line_with("batch completed");
    }
}

/// Write the numbers from one to before another into a file.
fn feed(folder: &Folder, numbers: std::ops::Range<i64>) {
    let text: String = numbers.clone().map(|number| format!("{number}\n")).collect();
    folder.move_in(&format!("in/numbers-{:08}", numbers.start), text);
}

#[test]
fn a_plan_is_shown_and_what_would_be_lost_is_asked_for() {
    let (jobs, folder) = (Jobs::new(), folder(FIRST));
    feed(&folder, 0..10);
    let job = jobs.start(&folder, &[]);
    job.program.line_with("batch completed");
    let more = Says { memory: "96MiB", evens: true, recent: Some(3), ..FIRST }.write(&folder, "more.toml");
    let dry = jobs.verb(&["apply", "test", &more, "--dry-run"]).ended_with(0);
    for line in [
        "~ plugin \"chameleon\"\n    memory: \"64MiB\" -> \"96MiB\"\n",
        "+ stream \"evens\"\n",
        "+ stream \"recent\"\n",
        "+ output \"evens\"\n",
    ] {
        assert!(dry.stdout.contains(line), "{line}{}", dry.stdout);
    }
    assert_eq!(jobs.json(&["apply", "test", &more, "--dry-run"])["drops"], false);
    assert_eq!(job.ask("GET", "/v1/applies").json()["applies"].as_array().unwrap().len(), 0);
    let applied = jobs.verb(&["apply", "test", &more, "--why", "more of it"]).ended_with(0);
    assert!(applied.stdout.contains("applied, from the batches after "), "{}", applied.stdout);
    feed(&folder, 10..20);
    job.program.line_with("another job file was applied");
    let streams = job.ask("GET", "/v1/streams").json();
    assert!(streams["streams"].as_array().unwrap().iter().any(|of| of["name"] == "evens"), "{streams}");
    let again = jobs.verb(&["apply", "test", &more]).ended_with(0);
    assert!(again.stdout.starts_with("nothing is another\n"), "{}", again.stdout);

    // Who drops something without being asked says so.
    let less = FIRST.text(&folder);
    let less = less.split("[output.totals]").next().unwrap();
    folder.write("less.toml", less);
    let less = folder.path("less.toml").display().to_string();
    let refused = jobs.verb(&["apply", "test", &less]).ended_with(2);
    assert!(
        refused.stderr.contains("with it the job would drop what it has of totals (state of 7 keys, "),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("help: give --yes if that is meant"), "{}", refused.stderr);

    // What is wrong is told with its line, and nothing has changed.
    let wrong = Says { interval_ms: 200, ..FIRST }.write(&folder, "slower.toml");
    let refused = jobs.verb(&["apply", "test", &wrong]).ended_with(2);
    assert!(refused.stderr.contains("slower.toml:1:2: [job] batch-interval is another than that of the running job, and can't change while it runs"), "{}", refused.stderr);
    let unknown = FIRST.text(&folder).replace("chameleon/tag", "chameleon/tagg");
    folder.write("unknown.toml", unknown);
    let refused =
        jobs.verb(&["apply", "test", &folder.path("unknown.toml").display().to_string(), "--yes"]).ended_with(2);
    assert!(refused.stderr.contains("unknown.toml:17:1: stream \"tags\""), "{}", refused.stderr);
    folder.write("torn.toml", "[job\n");
    let refused = jobs.verb(&["apply", "test", &folder.path("torn.toml").display().to_string()]).ended_with(2);
    assert!(refused.stderr.contains("torn.toml:1:"), "{}", refused.stderr);
    let applies = job.ask("GET", "/v1/applies").json();
    assert_eq!(applies["applies"].as_array().unwrap().len(), 1, "{applies}");
    assert_eq!(applies["applies"][0]["why"], "more of it");
    until_written(&folder, &job.program, 20);
    jobs.verb(&["drain", "test"]).ended_with(0);
    job.program.wait().ended_with(0);
    check(&folder, 20);
    assert!(!batches(&folder, "evens").is_empty());
}

#[test]
fn a_job_goes_on_with_what_was_applied_unless_it_is_started_with_another_file() {
    let (jobs, folder) = (Jobs::new(), folder(FIRST));
    feed(&folder, 0..10);
    let job = jobs.start(&folder, &[]);
    job.program.line_with("batch completed");
    let more = Says { evens: true, ..FIRST }.write(&folder, "more.toml");
    jobs.verb(&["apply", "test", &more]).ended_with(0);
    jobs.verb(&["stop", "test"]).ended_with(0);
    job.program.wait().ended_with(0);

    let mut n_applies = 1;
    // The same file as then; another, which counts from then on; the first once more.
    for (says, has_evens) in [(FIRST, true), (FIRST, true), (Says { recent: Some(2), ..FIRST }, false), (FIRST, false)]
    {
        if says.recent.is_some() {
            n_applies += 1;
        }
        says.write(&folder, "job.toml");
        let job = jobs.start(&folder, &[]);
        job.program.line_with("batch completed");
        let streams = job.ask("GET", "/v1/streams").json();
        let evens = streams["streams"].as_array().unwrap().iter().any(|of| of["name"] == "evens");
        assert_eq!(evens, has_evens, "{streams}");
        assert_eq!(job.ask("GET", "/v1/applies").json()["applies"].as_array().unwrap().len(), n_applies);
        jobs.verb(&["stop", "test"]).ended_with(0);
        job.program.wait().ended_with(0);
    }
    check(&folder, 10);
}

#[test]
fn a_job_that_is_killed_around_the_record_of_another_file_is_of_that_file_or_isnt() {
    for (point, applied) in [("apply-before", false), ("apply-after", true)] {
        let (jobs, folder) = (Jobs::new(), folder(FIRST));
        feed(&folder, 0..50);
        let mut command = Command::new(program());
        command.args(["run", "job.toml"]).current_dir(folder.path(""));
        command.env("SLUICEBOX_FAULT_POINT", format!("{point}:1")).env("SLUICEBOX_RUN_DIR", jobs.folder());
        let program = Running::spawn(command);
        program.line_with("batch completed");
        // A source that changes, an output that begins, and one that goes.
        let other = Says { bad_file: "skip", evens: true, ..FIRST }.write(&folder, "other.toml");
        let verb = jobs.verb(&["apply", "test", &other, "--yes"]);
        assert_eq!(verb.code, Some(1), "{point}: {}", verb.stderr);
        let ran = program.wait();
        assert_eq!(ran.code, None, "{point}: {}", ran.stderr);
        feed(&folder, 50..100);
        let job = jobs.start(&folder, &[]);
        job.program.line_with("batch completed");
        let applies = job.ask("GET", "/v1/applies").json();
        assert_eq!(applies["applies"].as_array().unwrap().len(), usize::from(applied), "{point}: {applies}");
        feed(&folder, 100..150);
        until_written(&folder, &job.program, 150);
        jobs.verb(&["drain", "test"]).ended_with(0);
        job.program.wait().ended_with(0);
        check(&folder, 150);
        assert_eq!(batches(&folder, "evens").is_empty(), !applied, "{point}");
    }
}

/// Says that it is over when it is dropped.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn files_applied_at_any_time_lose_nothing_and_repeat_nothing() {
    const APPLIES: u64 = 30;
    let (jobs, folder) = (Jobs::new(), folder(FIRST));
    let job = jobs.start(&folder, &[]);
    let stop = AtomicBool::new(false);
    let (fed, applied, refused) = std::thread::scope(|scope| {
        let feeding = scope.spawn(|| {
            let mut files = Files::new(&folder.path("in"));
            let mut next = 0;
            while !stop.load(Ordering::Relaxed) {
                let lines: Vec<String> = (next..next + 20).map(|number: i64| number.to_string()).collect();
                files.carry(&lines);
                next += 20;
                // It is fed at a pace, as by somebody outside.
                std::thread::sleep(Duration::from_millis(7));
            }
            next
        });
        // Also where this panics: who feeds would be waited for without an end.
        let ending = Ending(&stop);
        let (mut applied, mut refused) = (0, 0);
        for nth in 0..APPLIES {
            let mixed = (nth + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let bit = |at: u32| (mixed >> (20 + at)) & 1 == 1;
            let says = Says {
                memory: if bit(0) { "64MiB" } else { "80MiB" },
                bad_file: if bit(1) { "fail" } else { "skip" },
                rate: bit(2).then_some(1_000_000),
                evens: bit(3),
                recent: bit(4).then_some(2 + u64::from(bit(5))),
                ..FIRST
            };
            let mut text = says.text(&folder);
            let is_bad = mixed >> 33 & 3 == 0;
            if is_bad {
                // Three sorts of mistakes: in the file, in what it names, and where it can't write.
                text = match mixed >> 40 & 3 {
                    0 => text.replace("map = \"chameleon/tag\"", "map = \"chameleon/none\""),
                    1 => text.replace("[output.tags]", "[output.tags"),
                    _ => {
                        text + "\n[output.nowhere]\ninput = \"tags\"\nsink = { type = \"files\", path = \"job.toml/x\", format = \"csv\" }\n"
                    }
                };
            }
            folder.write("next.toml", text);
            std::thread::sleep(Duration::from_millis(mixed >> 50 & 0xff));
            let ran = jobs.verb(&["apply", "test", &folder.path("next.toml").display().to_string(), "--yes"]);
            match ran.code {
                Some(0) => applied += 1,
                _ if is_bad => refused += 1,
                code => panic!("apply {nth} ended with {code:?}: {}", ran.stderr),
            }
        }
        drop(ending);
        (feeding.join().unwrap(), applied, refused)
    });
    assert!(applied > 15 && refused > 2, "{applied} applied, {refused} refused");
    let shown = job.ask("GET", "/v1/batches?limit=256").json();
    let longest = shown["batches"].as_array().unwrap().iter().filter_map(|of| of["total_delay_ms"].as_u64()).max();
    until_written(&folder, &job.program, usize::try_from(fed).unwrap());
    println!("{fed} numbers, {applied} applied, {refused} refused, longest total delay {longest:?} ms");
    jobs.verb(&["drain", "test"]).ended_with(0);
    let ran = job.program.wait().ended_with(0);
    for line in ran.logged("another job file was applied") {
        println!("{line}");
    }
    check(&folder, fed);
}
