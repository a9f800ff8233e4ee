//! A job is killed around the record of a swap: then it has been swapped, or it hasn't, and nothing in between.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use sluicebox::testing::PATIENCE;
use sluicebox_tests::control::Jobs;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::chameleon;
use sluicebox_tests::program::{Running, program};
use sluicebox_tests::tagged::tagged;

/// The same number in each batch, tagged with the version that saw it and summed up, on a checkpoint.
fn tags() -> Folder {
    let folder = Folder::with_job("");
    let checkpoint = folder.path("checkpoint");
    let job = format!(
        r#"[job]
name = "test"
batch-interval = "50ms"
checkpoint = "file://{}"

[stream.numbers]
source = {{ type = "constant", schema = {{ value = "int64" }}, rows = [{{ value = 1 }}] }}
{}"#,
        checkpoint.display(),
        tagged(Path::new("first.wasm"), 5, "csv")
    );
    folder.write("job.toml", job);
    folder.write("first.wasm", chameleon(1));
    folder.write("second.wasm", chameleon(5001));
    folder
}

/// The rows of each batch, in the order of batches, without the header.
fn batches(folder: &Folder, output: &str) -> Vec<String> {
    let mut batches: Vec<_> = std::fs::read_dir(folder.path("out").join(output))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("batch-"))
        .collect();
    batches.sort();
    let rows = |path: &std::path::PathBuf| {
        let mut files: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let text: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned).collect()
    };
    let rows: Vec<Vec<String>> = batches.iter().map(rows).collect();
    rows.concat()
}

#[test]
fn a_job_that_is_killed_around_the_record_of_a_swap_has_swapped_or_hasnt() {
    for (point, swapped) in [("swap-before", false), ("swap-after", true)] {
        let (jobs, folder) = (Jobs::new(), tags());
        let second = folder.path("second.wasm").display().to_string();
        let mut command = Command::new(program());
        command.args(["run", "job.toml"]).current_dir(folder.path(""));
        command.env("SLUICEBOX_FAULT_POINT", format!("{point}:1")).env("SLUICEBOX_RUN_DIR", jobs.folder());
        let program = Running::spawn(command);
        program.line_with("batch completed");
        let verb = jobs.verb(&["swap", "test", "chameleon", &second]);
        assert_eq!(verb.code, Some(1), "{point}: {}", verb.stderr);
        let ran = program.wait();
        assert_eq!(ran.code, None, "{point}: {}", ran.stderr);
        let before = batches(&folder, "tags");
        assert!(before.iter().all(|row| row == "1,1"), "{point}: {before:?}");

        let job = jobs.start(&folder, &[]);
        job.program.line_with("batch completed");
        job.program.line_with("batch completed");
        let swaps = job.ask("GET", "/v1/swaps").json();
        assert_eq!(swaps["swaps"].as_array().unwrap().len(), usize::from(swapped), "{point}: {swaps}");
        job.program.line_with("batch completed");
        jobs.verb(&["drain", "test"]).ended_with(0);
        job.program.wait().ended_with(0);
        let after = batches(&folder, "tags").split_off(before.len());
        let last = if swapped { "1,5001" } else { "1,1" };
        assert_eq!(after.last().map(String::as_str), Some(last), "{point}");
        // Once it is another, it stays so; each batch has summed up once what it has tagged.
        assert!(after.is_sorted(), "{point}: {after:?}");
        let sums: Vec<String> = batches(&folder, "totals");
        let counted = sums.iter().enumerate().all(|(idx, row)| row.starts_with(&format!("1,{},", idx + 1)));
        assert!(counted, "{point}: {sums:?}");
    }
}

/// The components in the checkpoint.
fn components(folder: &Folder) -> usize {
    std::fs::read_dir(folder.path("checkpoint/components")).unwrap().count()
}

/// A job that is swapped at each save of a file keeps no more components than it needs, also when it is killed while it removes one; and goes back to those that it keeps.
#[test]
fn components_that_nobody_needs_any_more_are_removed() {
    const SWAPS: u32 = 30;
    const MOST: usize = 16 + 6;
    let (jobs, folder) = (Jobs::new(), tags());
    let start = |point: Option<&str>| {
        let mut command = Command::new(program());
        command.args(["run", "job.toml"]).current_dir(folder.path(""));
        command.env("SLUICEBOX_LONG_LOG", "6").env("SLUICEBOX_RUN_DIR", jobs.folder());
        point.map(|point| command.env("SLUICEBOX_FAULT_POINT", point));
        let program = Running::spawn(command);
        program.line_with("batch completed");
        program
    };
    let swap = |version: u32| {
        folder.write("next.wasm", chameleon(version));
        jobs.verb(&["swap", "test", "chameleon", &folder.path("next.wasm").display().to_string()])
    };
    let swap_all = |program: Running, versions: std::ops::RangeInclusive<u32>| -> Running {
        for version in versions {
            let ran = swap(version);
            if ran.code != Some(0) {
                program.signal("KILL");
                panic!("version {version}: {}\n{}", ran.stderr, program.wait().stderr);
            }
        }
        program
    };
    let program = swap_all(start(None), 2..=SWAPS / 2 - 1);
    jobs.verb(&["stop", "test"]).ended_with(0);
    program.wait();
    // It is killed as it removes the third component, or some other file that is over, at any rate while it is swapped.
    let killed = start(Some("sweep-before:40"));
    let last = (SWAPS / 2..SWAPS).find(|version| swap(*version).code != Some(0)).unwrap_or(SWAPS);
    assert_eq!(killed.wait().code, None, "nothing was removed in {last} swaps");
    let program = swap_all(start(None), last + 1..=SWAPS + 2);
    // The log of the program has batches of long ago, so that only time says how long is long enough.
    let since = Instant::now();
    let until = |is_so: &dyn Fn() -> bool| {
        while !is_so() && since.elapsed() < PATIENCE {
            program.line_with("batch completed");
        }
    };
    until(&|| components(&folder) <= MOST);
    let found = components(&folder);
    assert!(found <= MOST, "{found} components after {last} swaps");
    jobs.verb(&["rollback", "test", "chameleon"]).ended_with(0);
    // Batches that wait already run with what they were planned with, and a job that is drained plans none.
    let back = Some(format!("1,{}", SWAPS + 1));
    until(&|| batches(&folder, "tags").pop() == back);
    jobs.verb(&["drain", "test"]).ended_with(0);
    program.wait().ended_with(0);
    assert_eq!(batches(&folder, "tags").pop(), back);
}
