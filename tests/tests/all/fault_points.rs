//! A job whose checkpoint's store fails, loses power or isn't a local folder goes on as if nothing had been; one whose store can't be written says so. All fault points, by name, are
//! chaos.rs's.
//!
//! The job counts the same rows in each batch, so that the batches of its output, in the order of their times, have one, two, three times as many: a batch that is lost or counted twice breaks
//! the sequence, however late batches are.

use std::path::Path;
use std::process::Command;

use sluicebox::checkpoint::{fault_point, faults};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::repository;
use sluicebox_tests::program::{Ran, Running, program};
use sluicebox_tests::s3::Bucket;

/// A job on a checkpoint, and what its environment says of that.
struct Job {
    folder: Folder,
    environment: Vec<(String, String)>,
}

impl Job {
    fn on(checkpoint: &str, environment: Vec<(String, String)>) -> Self {
        let component = repository().join("plugins/words/words.wasm");
        let text = format!(
            r#"[job]
name = "counts"
batch-interval = "10ms"
checkpoint = "{checkpoint}"
retain = "0s"
parallelism = 2

[plugin.words]
component = "{}"

[stream.lines]
source = {{ type = "constant", schema = {{ value = "string" }}, rows = [{{ value = "a b a" }}] }}

[stream.words]
input = "lines"
flat-map = "words/split"

[stream.counts]
input = "words"
update-state-by-key = {{ key = ["word"], with = "count" }}

[output.out]
input = "counts"
sink = {{ type = "files", path = "out", format = "csv" }}
"#,
            component.display()
        );
        Self { folder: Folder::with_job(&text), environment }
    }

    /// On a folder beside the job file.
    fn on_folder() -> Self {
        let job = Self::on("file://FOLDER", vec![]);
        let here = job.folder.path("checkpoint").display().to_string();
        job.folder.write("job.toml", job.folder.read("job.toml").replace("FOLDER", &here));
        job
    }

    /// Run some batches, or as many as there are until the program is killed at `point`.
    fn run(&self, n_batches: usize, point: Option<&str>) -> Ran {
        let mut command = Command::new(program());
        command.args(["run", "job.toml", "--batches", &n_batches.to_string()]).current_dir(self.folder.path(""));
        command.envs(self.environment.iter().cloned());
        command.envs(point.map(|point| (fault_point::VARIABLE, point)));
        Running::spawn(command).wait()
    }

    #[track_caller]
    fn is_killed_at(&self, n_batches: usize, point: &str) {
        let ran = self.run(n_batches, Some(point));
        assert_eq!(ran.code, None, "{point} was not reached:\n{}", ran.stderr);
    }

    /// What is committed, batch by batch; checked to be what it must.
    #[track_caller]
    fn committed(&self, after: &str) -> usize {
        let mut batches: Vec<_> = std::fs::read_dir(self.folder.path("out"))
            .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default();
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        batches.retain(|path: &std::path::PathBuf| name(path).starts_with("batch-"));
        batches.sort_by_key(|path| name(path).trim_start_matches("batch-").parse::<i64>().unwrap());
        for (path, n) in batches.iter().zip(1..) {
            let texts =
                std::fs::read_dir(path).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
            let mut rows: Vec<String> =
                texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
            rows.retain(|row| row != "word,count");
            rows.sort();
            assert_eq!(rows, [format!("a,{}", 2 * n), format!("b,{n}")], "{} after {after}", path.display());
        }
        batches.len()
    }
}

#[test]
fn a_store_that_fails_now_and_then_changes_nothing() {
    let mut job = Job::on_folder();
    for seed in 1..4 {
        let faults = format!("seed={seed},fail=0.05,lose-answer=0.05,delay=5ms");
        job.environment = vec![(faults::VARIABLE.to_owned(), faults)];
        let ran = job.run(15, None).ended_with(0);
        assert!(!ran.logged("is tried again").is_empty(), "{}", ran.stderr);
        job.committed("faults");
    }
    assert_eq!(job.committed("faults"), 45);
}

#[test]
fn what_was_not_synced_is_not_needed() {
    let mut job = Job::on_folder();
    let (checkpoint, remembered) = (job.folder.path("checkpoint"), job.folder.path("remembered"));
    job.environment = vec![(faults::VARIABLE.to_owned(), format!("remember={}", remembered.display()))];
    let points = ["file-named:9", "file-named:16", "done-after:2", "result-after:2", "plan-after:3", "commit-after:1"];
    for point in points {
        job.is_killed_at(10, point);
        faults::lose_power(&checkpoint, &remembered, &[]).unwrap();
        job.committed(point);
    }
    job.run(3, None).ended_with(0);
    assert!(job.committed("power failures") >= 8);
}

#[test]
fn a_job_goes_on_from_an_object_store() {
    let bucket = Bucket::new();
    let job = Job::on(&bucket.url("jobs/counts"), bucket.environment());
    for point in ["term-after:1", "plan-after:2", "keep-after:2", "result-after:2", "commit-after:2", "done-before:2"] {
        job.is_killed_at(10, point);
        job.committed(point);
    }
    job.run(3, None).ended_with(0);
    assert!(job.committed("kills") >= 8);
}

#[test]
fn an_unknown_point_is_an_error() {
    let ran = Job::on_folder().run(1, Some("result-aftr")).ended_with(2);
    assert!(ran.stderr.contains("there is no place \"result-aftr\"; did you mean \"result-after\"?"), "{}", ran.stderr);
}

#[test]
fn a_checkpoint_that_cannot_be_written_is_told() {
    let run = |checkpoint: &str, limit: &str| {
        let job = Job::on(checkpoint, vec![]);
        let mut command = Command::new("bash");
        command.arg("-c").arg(format!("{limit} exec \"$0\" run job.toml --batches 3")).arg(program());
        command.current_dir(job.folder.path(""));
        Running::spawn(command).wait().ended_with(1).errors().join("\n")
    };
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("file://{}/{name}", folder.path().display());
    // As on a disk that is full, whoever runs the test: no file may grow beyond 64 KiB, and the job's component is larger.
    let error = run(&url("full"), "trap '' XFSZ; ulimit -f 64;");
    assert!(error.contains("components/") && error.contains("can't be written: File too large"), "{error}");
    std::fs::write(folder.path().join("file"), "x").unwrap();
    for (path, said) in [("file", "a folder is needed, and a file is there"), ("file/below", "a folder is needed")] {
        let error = run(&url(path), "");
        assert!(error.contains(&format!("checkpoint {}", url(path))) && error.contains(said), "{error}");
    }
    // Nobody makes folders there, not even root.
    let error = run("file:///sys/sluicebox", "");
    assert!(error.contains("/sys/sluicebox can't be made: "), "{error}");
}
