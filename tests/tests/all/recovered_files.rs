//! Files in and files out across kills and takeovers: every row is written once, compacted or not.

use std::fs;
use std::path::Path;
use std::process::Command;

use sluicebox::checkpoint::fault_point::{FaultPoint, LONG_LOG_VARIABLE, VARIABLE};
use sluicebox::job::definition::FileFormat;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::TestJob;
use sluicebox_tests::program::{Running, is_overtaken, program};
use sluicebox_tests::rows::{number_schema, numbers};

/// Reads text files from `in`, and writes them to `out`, and to `merged`, where they are compacted.
fn copying(folder: &Path) -> Folder {
    let copying = Folder::with_job(&format!(
        "[job]\nname = \"test\"\nbatch-interval = \"50ms\"\nparallelism = 2\ncheckpoint = \"file://{}\"\n\
         [stream.rows]\nsource = {{ type = \"files\", path = \"in\", format = \"text\" }}\n\
         [output.plain]\ninput = \"rows\"\nsink = {{ type = \"files\", path = \"out\", format = \"text\" }}\n\
         [output.merged]\ninput = \"rows\"\nsink = {{ type = \"files\", path = \"merged\", format = \"text\", compact = {{ size = \"1KiB\" }} }}\n",
        folder.display()
    ));
    fs::create_dir(copying.path("in")).unwrap();
    copying
}

/// Numbered files of some rows each, which no two share.
#[derive(Default)]
struct Input(u64);

impl Input {
    fn add(&mut self, folder: &Folder) {
        folder.write(&format!("in/{:04}", self.0), (0..7).map(|n| format!("{} {n}\n", self.0)).collect::<String>());
        self.0 += 1;
    }

    fn rows(&self) -> Vec<String> {
        let mut rows: Vec<_> = (0..self.0).flat_map(|file| (0..7).map(move |n| format!("{file} {n}"))).collect();
        rows.sort();
        rows
    }
}

fn lines(files: impl IntoIterator<Item = impl AsRef<Path>>) -> Vec<String> {
    let texts = files.into_iter().map(|path| fs::read_to_string(path.as_ref()).unwrap());
    let mut lines: Vec<_> = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.sort();
    lines
}

/// The rows of all batches' folders.
fn plain(folder: &Folder) -> Vec<String> {
    let batches = fs::read_dir(folder.path("out")).unwrap().map(|entry| entry.unwrap().path());
    let batches = batches.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("batch-"));
    lines(batches.flat_map(|batch| fs::read_dir(batch).unwrap().map(|entry| entry.unwrap().path())))
}

/// The rows that the manifest names.
fn merged(folder: &Folder) -> Vec<String> {
    let manifest = folder.read("merged/_manifest");
    lines(manifest.lines().map(|name| folder.path("merged").join(name)))
}

/// Nothing is there twice, also not while something is missing.
fn assert_once(found: &[String], input: &Input, what: &str) {
    let twice: Vec<_> = found.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{what}: rows are there twice: {twice:?}");
    let all = input.rows();
    assert!(found.iter().all(|row| all.binary_search(row).is_ok()), "{what}: {found:?}");
}

fn assert_all(folder: &Folder, input: &Input) {
    assert_eq!(plain(folder), input.rows());
    assert_eq!(merged(folder), input.rows());
    let left: Vec<_> =
        ["out", "merged"].iter().flat_map(|out| fs::read_dir(folder.path(out).join("_staging")).unwrap()).collect();
    assert_eq!(left.len(), 2, "only the locks: {left:?}");
}

fn start(folder: &Folder, fault: Option<&str>) -> Running {
    let mut command = Command::new(program());
    command.args(["run", "job.toml"]).current_dir(folder.path(""));
    if let Some(fault) = fault {
        command.env(VARIABLE, fault);
    }
    Running::spawn(command)
}

/// Places that a run comes to once. How sources stand is recorded before the first batch of the first run; a run recovers once there are batches.
const ONCE: [FaultPoint; 7] = [
    FaultPoint::TermBefore,
    FaultPoint::BaseBefore,
    FaultPoint::BaseAfter,
    FaultPoint::PlanAfter,
    FaultPoint::RecoverBefore,
    FaultPoint::RecoverMiddle,
    FaultPoint::RecoverAfter,
];

/// Places that each batch comes to, or each output and partition of it.
const OFTEN: [FaultPoint; 10] = [
    FaultPoint::PlanBefore,
    FaultPoint::PlanAfter,
    FaultPoint::StageBefore,
    FaultPoint::StageAfter,
    FaultPoint::ResultBefore,
    FaultPoint::ResultAfter,
    FaultPoint::CommitBefore,
    FaultPoint::CommitAfter,
    FaultPoint::DoneBefore,
    FaultPoint::DoneAfter,
];

#[test]
fn each_row_is_written_once_wherever_the_program_is_killed() {
    let checkpoint = tempfile::tempdir().unwrap();
    let folder = copying(checkpoint.path());
    let mut input = Input::default();
    let often = OFTEN.iter().flat_map(|point| (1..=3).map(move |nth| (*point, nth)));
    for (point, nth) in ONCE.iter().map(|point| (*point, 1)).chain(often) {
        (0..=nth % 3).for_each(|_| input.add(&folder));
        let fault = format!("{point}:{nth}");
        let ran = start(&folder, Some(&fault)).wait();
        assert_eq!(ran.code, None, "{fault}: it was not killed\n{}", ran.stderr);
        if folder.path("out").exists() {
            assert_once(&plain(&folder), &input, &fault);
        }
        if folder.path("merged/_manifest").exists() {
            assert_once(&merged(&folder), &input, &fault);
        }
    }
    folder.run(&["--drain"]).ended_with(0);
    assert_all(&folder, &input);
    let n_merged = folder.read("merged/_manifest").lines().filter(|name| name.starts_with("compacted-")).count();
    assert!(n_merged > 0, "{}", folder.read("merged/_manifest"));
}

#[test]
fn rows_survive_kills_at_any_time() {
    let checkpoint = tempfile::tempdir().unwrap();
    let folder = copying(checkpoint.path());
    let mut input = Input::default();
    for run in 0..6 {
        let running = start(&folder, None);
        for _ in 0..4 + run % 3 {
            input.add(&folder);
            running.line_with("batch completed");
        }
        running.signal("KILL");
        assert_eq!(running.wait().code, None);
        assert_once(&plain(&folder), &input, "after a kill");
        assert_once(&merged(&folder), &input, "after a kill");
        // What appears while the job is down is read as well.
        input.add(&folder);
    }
    folder.run(&["--drain"]).ended_with(0);
    assert_all(&folder, &input);
}

#[test]
fn a_driver_that_was_suspended_changes_nothing_when_it_goes_on() {
    let checkpoint = tempfile::tempdir().unwrap();
    let folder = copying(checkpoint.path());
    let mut input = Input::default();
    input.add(&folder);
    let mut suspended = start(&folder, None);
    suspended.line_with(" rows=7 ");
    suspended.suspend_between_changes(|suspended| suspended.line_with("batch completed"));
    let next = start(&folder, None);
    for _ in 0..3 {
        input.add(&folder);
        next.line_with(" rows=7 ");
    }
    suspended.signal("CONT");
    let ran = suspended.wait().ended_with(1);
    assert!(is_overtaken(ran.errors()[0]), "{}", ran.stderr);
    input.add(&folder);
    next.line_with(" rows=7 ");
    next.signal("TERM");
    next.wait().ended_with(0);
    // A batch that the first had all but done is told by both, so that the last file may be left.
    folder.run(&["--drain"]).ended_with(0);
    assert_all(&folder, &input);
}

#[test]
fn files_that_are_there_at_the_first_start_are_left_alone_for_good() {
    let checkpoint = tempfile::tempdir().unwrap();
    let folder = Folder::new(&format!(
        "checkpoint = \"file://{}\"\n\
         [stream.rows]\nsource = {{ type = \"files\", path = \"in\", format = \"text\", existing = false }}\n\
         [output.plain]\ninput = \"rows\"\nsink = {{ type = \"files\", path = \"out\", format = \"text\" }}\n",
        checkpoint.path().display()
    ));
    folder.write("in/old", "old\n");
    let first = folder.start(&[]);
    first.line_with("batch completed");
    first.signal("KILL");
    first.wait();
    folder.write("in/new", "new\n");
    // By another path to the same folder.
    let job = folder.path("job.toml");
    let ran = Running::start(Path::new("/"), ["run", job.to_str().unwrap(), "--drain"]).wait().ended_with(0);
    assert!(ran.logged("goes on from its checkpoint").len() == 1, "{}", ran.stderr);
    assert_eq!(plain(&folder), ["new"]);
    fs::remove_file(folder.path("in/new")).unwrap();
    folder.run(&["--drain"]).ended_with(0);
    assert_eq!(plain(&folder), ["new"]);
}

#[test]
fn a_job_has_the_same_folders_wherever_it_is_started() {
    let checkpoint = tempfile::tempdir().unwrap();
    let folder = copying(checkpoint.path());
    let mut input = Input::default();
    let below = folder.path("elsewhere/below");
    fs::create_dir_all(&below).unwrap();
    let whole = folder.path("job.toml").display().to_string();
    // Each has to finish, from where it is, what another was killed at elsewhere; and the log tells everything in one entry meanwhile.
    let starts = [(folder.path(""), "job.toml"), (below, "../../job.toml"), (Path::new("/").to_owned(), &*whole)];
    for point in ["plan-after", "result-after", "commit-after"] {
        for (here, job) in &starts {
            input.add(&folder);
            let mut command = Command::new(program());
            command
                .args(["run", job])
                .current_dir(here)
                .env(LONG_LOG_VARIABLE, "4")
                .env(VARIABLE, format!("{point}:3"));
            let ran = Running::spawn(command).wait();
            assert_eq!(ran.code, None, "{point}: it was not killed\n{}", ran.stderr);
        }
    }
    for (here, job) in &starts {
        Running::start(here, ["run", job, "--drain"]).wait().ended_with(0);
        assert_all(&folder, &input);
    }
}

#[test]
fn a_file_that_a_batch_has_to_read_again_is_missed() {
    let checkpoint = tempfile::tempdir().unwrap();
    let folder = copying(checkpoint.path());
    folder.write("in/a", "a\n");
    folder.write("in/b", "b\n");
    start(&folder, Some("stage-before:1")).wait();
    fs::remove_file(folder.path("in/a")).unwrap();
    let ran = folder.run(&["--drain"]).ended_with(1);
    let path = folder.path("in/a").display().to_string();
    let expected = format!("file {path}, which the batch was given and has to read again: it is gone; files must stay");
    assert!(
        ran.errors()[0].starts_with("error: stream \"rows\", batch ") && ran.errors()[0].contains(&expected),
        "{:?}",
        ran.errors()
    );
    let text = folder
        .read("job.toml")
        .replace("format = \"text\" }\n[output.plain]", "format = \"text\", on-bad-file = \"skip\" }\n[output.plain]");
    folder.write("job.toml", text);
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert_eq!(ran.logged("what can't be read was left out").len(), 1, "{}", ran.stderr);
    assert_eq!(plain(&folder), ["b"]);
    assert_eq!(merged(&folder), ["b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_without_a_checkpoint_begins_after_the_batches_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = async |start_ms: i64, times: i64, first: i64| {
        let job = TestJob::at(start_ms, |_| {});
        let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
        input.save_as_files("out", &out, FileFormat::Csv).unwrap();
        queue.push(vec![numbers(first..first + 1)]).unwrap();
        let job = job.start().await?;
        job.clock.advance(std::time::Duration::from_secs(times.unsigned_abs()));
        if times > 0 {
            job.events.completed(1).await;
        }
        job.job.stop(true).await
    };
    run(100_000, 1, 1).await.unwrap();
    assert!(out.join("batch-101000").exists());
    // As when the program is started again within the batch interval.
    run(100_000, 2, 2).await.unwrap();
    let names: Vec<_> = ["batch-101000", "batch-102000"].map(|batch| out.join(batch).join("part-00000.csv")).into();
    assert_eq!(lines(names), ["1", "2", "value", "value"]);
    let error = run(0, 0, 3).await.unwrap_err().to_string();
    let expected = "output \"out\": an earlier run has written batches up to 102000, and now it is 0: set the machine's clock right";
    assert!(error.contains(expected), "{error}");
}
