//! Outputs: what is written is whole, or isn't there; what is printed looks as Spark's.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::clock::BatchTime;
use sluicebox::datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::{Error, Result};
use sluicebox::job::definition::FileFormat;
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox::testing::PATIENCE;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::program::{Running, program};
use sluicebox_tests::rows::{number_schema, numbers, show};
use tokio::sync::watch;

/// Reads text files from `in` and writes them to `out`.
fn archiving(format: &str) -> String {
    format!(
        "[stream.rows]\nsource = {{ type = \"files\", path = \"in\", format = \"text\" }}\n\
         [output.archive]\ninput = \"rows\"\nsink = {{ type = \"files\", path = \"out\", format = \"{format}\" }}\n"
    )
}

/// The names in a folder, but `_staging`, sorted.
fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "_staging");
    names.sort();
    names
}

#[test]
fn each_batch_is_a_folder_of_files_named_by_its_time() {
    for (format, extension, expected) in [
        ("text", "txt", "to, \"be\"\nor\n"),
        ("csv", "csv", "value\n\"to, \"\"be\"\"\"\nor\n"),
        ("json", "json", "{\"value\":\"to, \\\"be\\\"\"}\n{\"value\":\"or\"}\n"),
        ("parquet", "parquet", ""),
    ] {
        let folder = Folder::new(&archiving(format));
        folder.write("in/a", "to, \"be\"\nor\n");
        let ran = folder.run(&["--drain"]).ended_with(0);
        let batches = names(&folder.path("out"));
        let times: Vec<i64> =
            batches.iter().map(|name| name.strip_prefix("batch-").unwrap().parse().unwrap()).collect();
        assert!(times.iter().all(|time| time % 100 == 0), "{times:?}");
        let completed: Vec<&str> = ran.logged("batch completed");
        assert_eq!(completed.len(), batches.len());
        assert!(completed[0].contains(&format!("batch_time={} rows=2 ", times[0])), "{completed:?}");
        let part = folder.path("out").join(&batches[0]).join(format!("part-00000.{extension}"));
        assert_eq!(names(part.parent().unwrap()), [format!("part-00000.{extension}")]);
        if format == "parquet" {
            let reader =
                ParquetRecordBatchReaderBuilder::try_new(fs::File::open(part).unwrap()).unwrap().build().unwrap();
            let rows: Vec<String> = reader.flat_map(|rows| show(&rows.unwrap())).collect();
            assert_eq!(rows, ["to, \"be\"", "or"]);
        } else {
            assert_eq!(folder.read(part), expected, "{format}");
        }
    }
}

/// Lines of all files of a batch's folder.
fn lines(batch: &Path) -> Vec<String> {
    let text = |name: &String| fs::read_to_string(batch.join(name)).unwrap();
    names(batch).iter().flat_map(|name| text(name).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_never_sees_a_part_of_a_batch() {
    const N_BATCHES: i64 = 40;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.save_as_files("out", &out, FileFormat::Csv).unwrap();
    for batch in 0..N_BATCHES {
        queue
            .push((0..4).map(|part| numbers(batch * 4000 + part * 1000..batch * 4000 + (part + 1) * 1000)).collect())
            .unwrap();
    }
    let done = Arc::new(AtomicBool::new(false));
    let reading = std::thread::spawn({
        let (out, done) = (out.clone(), done.clone());
        move || {
            let mut n_seen = 0;
            loop {
                let last = done.load(Ordering::Relaxed);
                let batches = if out.is_dir() { names(&out) } else { vec![] };
                for batch in &batches {
                    assert_eq!(lines(&out.join(batch)).len(), 4 * 1001, "{batch}");
                    n_seen += 1;
                }
                if last {
                    return (batches.len(), n_seen);
                }
            }
        }
    });
    job.run(N_BATCHES as usize).await.unwrap();
    done.store(true, Ordering::Relaxed);
    let (n_batches, n_seen) = reading.join().unwrap();
    assert_eq!(n_batches, N_BATCHES as usize);
    assert!(n_seen > n_batches, "it read while the job ran");
}

/// Fails its first write.
#[derive(Debug)]
struct FailsOnce(AtomicBool);

#[async_trait::async_trait]
impl Sink for FailsOnce {
    fn bind(&self, _: &SchemaRef) -> Result<()> {
        Ok(())
    }

    async fn write(&self, id: WriteId, _: SendableRecordBatchStream) -> Result<Staged> {
        match self.0.swap(true, Ordering::Relaxed) {
            false => Err(Error::failed("the first write fails")),
            true => Ok(Staged { id, rows: 0, committable: Default::default() }),
        }
    }

    async fn commit(&self, _: BatchTime, _: &[Staged]) -> Result<()> {
        Ok(())
    }

    async fn abort(&self, _: &[Staged]) -> Result<()> {
        Ok(())
    }
}

/// Runs the batch at 1000 with these partitions.
async fn run_batch(out: &Path, other: &Arc<FailsOnce>, partitions: Vec<RecordBatch>) -> Result<()> {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.save_as_files("out", out, FileFormat::Csv).unwrap();
    input.write_to("other", other.clone()).unwrap();
    queue.push(partitions).unwrap();
    job.run(1).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_batch_that_failed_is_there_and_another_run_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (out, batch) = (folder.path().join("out"), folder.path().join("out/batch-1000"));
    let other = Arc::new(FailsOnce(AtomicBool::new(false)));
    let error = run_batch(&out, &other, vec![numbers([1]), numbers([2])]).await.unwrap_err().to_string();
    assert!(error.starts_with("output \"other\", batch 1000, partition "), "{error}");
    assert!(error.ends_with(": the first write fails"), "{error}");
    assert_eq!(names(&out), [""; 0], "no output of a failed batch is committed");
    run_batch(&out, &other, vec![numbers([1]), numbers([2])]).await.unwrap();
    assert_eq!(lines(&batch), ["value", "1", "value", "2"]);
    assert_eq!(names(&out.join("_staging")), ["lock"]);
}

/// Runs the program on the job in `folder`, whose `out` is a disk of 64 KiB of its own that nobody else sees; then lists what is on it.
fn start_on_small_disk(folder: &Folder) -> Running {
    const SCRIPT: &str = r#"
mount -t tmpfs -o size=64k,mode=777 none out || { echo 'error: no disk could be mounted'; exit 99; }
"$0" run job.toml
code=$?
find out -mindepth 1
exit $code"#;
    // A namespace of its own for mounts; a user that isn't root needs one for users as well.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = Command::new("unshare");
    command.args(if is_root { &["-m"][..] } else { &["-r", "-m"] }).args(["sh", "-c", SCRIPT]).arg(program());
    command.current_dir(folder.path(""));
    Running::spawn(command)
}

#[test]
fn a_full_disk_fails_the_job_and_leaves_whole_batches_only() {
    for format in ["text", "csv", "json", "parquet"] {
        let folder = Folder::new(&archiving(format));
        fs::create_dir(folder.path("in")).unwrap();
        fs::create_dir(folder.path("out")).unwrap();
        let program = start_on_small_disk(&folder);
        program.line_with("source started");
        folder.move_in("in/small", "fits\n");
        let fitting = program.line_with(" rows=1 ");
        // What doesn't compress.
        let mut state: u64 = 1;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            state
        };
        folder.move_in("in/large", (0..20_000).map(|_| format!("{:016x}\n", random())).collect::<String>());
        let ran = program.wait();
        assert_ne!(
            ran.code,
            Some(99),
            "this test mounts a small disk: run it as root, or where a user may have a mount namespace (unshare -r -m)\n{}",
            ran.stderr
        );
        let ran = ran.ended_with(1);
        let batch_time = |line: &str| line.split("batch_time=").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        let (fitting, failed) = (batch_time(&fitting), batch_time(ran.logged("batch failed")[0]));
        let error = ran.errors()[0];
        let expected = format!(
            "error: output \"archive\", batch {failed}, partition 0: out/_staging/batch-{failed}-0-0/part-00000."
        );
        assert!(error.starts_with(&expected), "{error}");
        assert!(error.ends_with(": No space left on device (os error 28)"), "{error}");
        let left: Vec<&str> = ran.stdout.lines().collect();
        assert!(left.iter().any(|path| path.starts_with(&format!("out/batch-{fitting}/part-00000."))), "{left:?}");
        let of_failed = |path: &&str| path.contains(&failed) && !path.starts_with("out/_staging/");
        assert!(!left.iter().any(of_failed), "nothing of the failed batch: {left:?}");
        let staged = |path: &&str| path.starts_with("out/_staging/") && path.contains("part-");
        assert!(
            !left.iter().any(staged),
            "what was staged is removed, so that the disk isn't full for others: {left:?}"
        );
    }
}

#[test]
fn a_path_that_is_no_directory_is_told() {
    let folder = Folder::new(&archiving("text"));
    folder.write("in/a", "row\n");
    folder.write("out", "a file");
    let ran = folder.run(&["--drain"]).ended_with(2);
    assert_eq!(ran.errors(), ["error: job.toml:8:33: [output.archive] sink.path: out is not a directory"]);
}

#[test]
fn printing_looks_as_sparks() {
    let folder = Folder::new(
        "[stream.rows]\nsource = { type = \"files\", path = \"in\", format = \"csv\" }\n\
         [output.console]\ninput = \"rows\"\nsink = { type = \"print\", rows = 2 }\n",
    );
    folder.write("in/a", "word,count\nto,2\n,\nbe,1\n");
    let ran = folder.run(&["--drain"]).ended_with(0);
    let rule = "-".repeat(43);
    let time: i64 = ran
        .stdout
        .lines()
        .nth(1)
        .unwrap()
        .strip_prefix("Time: ")
        .unwrap()
        .strip_suffix(" ms")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(time % 100, 0);
    assert_eq!(ran.stdout, format!("{rule}\nTime: {time} ms\n{rule}\n(to,2)\n(null,null)\n...\n\n"));
}

#[test]
fn a_job_whose_reader_has_gone_ends_well() {
    let folder = Folder::new(
        "[stream.rows]\nsource = { type = \"files\", path = \"in\", format = \"text\" }\n\
         [output.console]\ninput = \"rows\"\nsink = { type = \"print\" }\n",
    );
    fs::create_dir(folder.path("in")).unwrap();
    let mut command = Command::new(program());
    command.args(["run", "job.toml"]).current_dir(folder.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // As `head -1` does.
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "-".repeat(43) + "\n");
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{stderr}");
    assert!(!stderr.contains("error: ") && stderr.contains("nobody reads the output any more"), "{stderr}");
}

/// Has something to do in the background until it is let.
#[derive(Debug)]
struct Finishes {
    sink: Collected,
    asked: watch::Sender<bool>,
    lets: watch::Receiver<bool>,
}

#[async_trait::async_trait]
impl Sink for Finishes {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        self.sink.bind(schema)
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        self.sink.write(id, rows).await
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        self.sink.commit(batch, staged).await
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        self.sink.abort(staged).await
    }

    async fn finish(&self) {
        self.asked.send_replace(true);
        self.lets.clone().wait_for(|lets| *lets).await.unwrap();
    }
}

#[tokio::test]
async fn a_graceful_stop_waits_for_what_outputs_do_in_the_background_and_not_for_ever() {
    for is_let in [true, false] {
        let job = TestJob::new();
        let stop_timeout = if is_let { PATIENCE } else { Duration::from_millis(50) };
        job.context.job(|job| job.stop_timeout = stop_timeout).unwrap();
        let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
        let ((asked, mut is_asked), (lets, is_let_now)) = (watch::channel(false), watch::channel(false));
        let collected = Collected::default();
        input.write_to("out", Arc::new(Finishes { sink: collected.clone(), asked, lets: is_let_now })).unwrap();
        queue.push(vec![numbers(0..3)]).unwrap();
        let mut job = job.start().await.unwrap();
        job.batch().await.unwrap();
        assert!(!*is_asked.borrow(), "the job goes on");
        let mut stopping = std::pin::pin!(job.job.stop(true));
        tokio::select! {
            // It may have given up already when this comes to look.
            biased;
            asked = is_asked.wait_for(|asked| *asked) => { asked.unwrap(); }
            _ = &mut stopping => panic!("it did not wait"),
        }
        if is_let {
            lets.send(true).unwrap();
        }
        stopping.await.unwrap();
        assert_eq!(collected.rows(1000).len(), 3);
    }
}
