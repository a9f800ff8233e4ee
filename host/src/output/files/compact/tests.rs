//! Many batches in, few files out, and a manifest that names each row once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::*;
use crate::output::files::step::Hook;
use crate::output::files::tests::{files, write};
use crate::output::files::{Compaction, FilesSink};
use crate::output::{Sink, Staged};

/// A hook that does nothing.
fn quiet() -> Hook {
    Hook::default()
}

pub(in super::super) fn hook(of: impl Fn(Step) -> io::Result<()> + Send + Sync + 'static) -> Hook {
    Hook(Some(Arc::new(of)))
}

pub(in super::super) fn size(bytes: u64) -> CompactDefinition {
    CompactDefinition { size: Some(bytes), every: None }
}

pub(in super::super) const BOUNDS: Bounds = Bounds { together: 100, files: 1000, waiting: 200, try_again_after: 3 };

pub(in super::super) fn sink(
    folder: &TempDir,
    format: FileFormat,
    when: CompactDefinition,
    bounds: Bounds,
    hook: Hook,
) -> FilesSink {
    let compaction = Compaction { when, memory: MemoryBudget::new(1 << 30), bounds };
    FilesSink::make(folder.path().join("out"), format, Some(compaction)).with_hook(hook)
}

/// Wait until nothing runs in the background.
pub(in super::super) async fn settle(sink: &FilesSink) {
    let Some(compactor) = sink.0.folder.lock().compactor.clone() else { return };
    let task = compactor.task.lock().await.take();
    if let Some(task) = task {
        task.await.unwrap();
    }
}

/// Write and commit a batch of two partitions, with a row in each that no other batch has.
pub(in super::super) async fn batch(sink: &FilesSink, batch: i64) -> Vec<Staged> {
    let (one, two) = (format!("{batch} one"), format!("{batch} two"));
    let staged = write(sink, batch, 0, &[&[&one], &[], &[&two]]).await;
    sink.commit(BatchTime(batch), &staged).await.unwrap();
    staged
}

/// The rows of [`batch`]es.
pub(in super::super) fn rows(batches: impl IntoIterator<Item = i64>) -> Vec<String> {
    batches.into_iter().flat_map(|batch| [format!("{batch} one"), format!("{batch} two")]).collect()
}

pub(in super::super) fn manifest(out: &Path) -> Vec<String> {
    fs::read_to_string(out.join("_manifest")).unwrap().lines().map(str::to_owned).collect()
}

/// Rows of a file. None if it isn't there any more.
fn rows_of(path: &PathBuf) -> Option<Vec<String>> {
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        file => file.unwrap(),
    };
    if path.extension().unwrap() == "parquet" {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let strings = |rows: arrow::array::RecordBatch| {
            let column = arrow::array::AsArray::as_string::<i32>(rows.column(0)).clone();
            column.iter().map(|word| word.unwrap().to_owned()).collect::<Vec<_>>()
        };
        return Some(reader.flat_map(|rows| strings(rows.unwrap())).collect());
    }
    let text = io::read_to_string(file).unwrap();
    let lines = text.lines().filter(|line| *line != "word");
    Some(lines.map(|line| line.trim_start_matches("{\"word\":\"").trim_end_matches("\"}").to_owned()).collect())
}

/// What a reader sees. A file that has gone since the manifest was read is no reason to fail, but to read the manifest again.
pub(in super::super) fn seen(out: &Path) -> Vec<String> {
    loop {
        let read: Option<Vec<_>> = manifest(out).iter().map(|name| rows_of(&out.join(name))).collect();
        if let Some(rows) = read {
            return rows.concat();
        }
    }
}

/// Names below the folder, without the manifest.
pub(in super::super) fn names(out: &Path) -> Vec<String> {
    let mut names: Vec<_> = files_as_bytes(out).into_keys().filter(|name| name != "_manifest").collect();
    names.sort();
    names
}

fn files_as_bytes(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![out.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(out).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if name.starts_with("batch-") {
                    found.insert(format!("{name}/"), vec![]);
                }
                folders.push(path);
            } else if name != "_staging/lock" {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[tokio::test]
async fn batches_become_files_of_about_a_size() {
    for format in [FileFormat::Text, FileFormat::Csv, FileFormat::Json, FileFormat::Parquet] {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        let extension = encode::extension(format);
        // Of the size of the files of a batch and a half, whatever the format.
        let probe = sink(&folder, format, size(1 << 30), BOUNDS, quiet());
        batch(&probe, 1000).await;
        assert_eq!(manifest(&out), ["00000", "00002"].map(|part| format!("batch-1000/part-{part}.{extension}")));
        let bytes: usize = files_as_bytes(&out.join("batch-1000")).values().map(Vec::len).sum();
        drop(probe);
        let sink = sink(&folder, format, size(bytes as u64 * 3 / 2), BOUNDS, quiet());
        for time in 2..=7 {
            batch(&sink, time * 1000).await;
            settle(&sink).await;
        }
        let pairs = [(1, 2), (3, 4), (5, 6)].map(|(from, to)| format!("compacted-{from}000-{to}000-00000.{extension}"));
        let last = ["00000", "00002"].map(|part| format!("batch-7000/part-{part}.{extension}"));
        assert_eq!(manifest(&out), [&pairs[..], &last].concat());
        assert_eq!(seen(&out), rows((1..=7).map(|time| time * 1000)));
        let mut there = [&["batch-7000/".to_owned()], &last[..], &pairs].concat();
        there.sort();
        assert_eq!(names(&out), there, "nothing else");
    }
}

#[tokio::test]
async fn batches_become_a_file_when_the_oldest_is_old() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let every = CompactDefinition { size: None, every: Some(Duration::from_secs(3)) };
    let sink = sink(&folder, FileFormat::Text, every, BOUNDS, quiet());
    for time in 1..=5 {
        batch(&sink, time * 1000).await;
        settle(&sink).await;
    }
    assert_eq!(manifest(&out)[0], "compacted-1000-4000-00000.txt");
    assert_eq!(manifest(&out).len(), 3);
    // Batches without rows leave nothing, but time passes.
    for time in 6..=8 {
        let empty = write(&sink, time * 1000, 0, &[&[], &[]]).await;
        for _ in 0..2 {
            sink.commit(BatchTime(time * 1000), &empty).await.unwrap();
        }
        settle(&sink).await;
    }
    // What would be copied as it is, is linked.
    assert_eq!(manifest(&out), ["compacted-1000-4000-00000.txt", "compacted-5000-5000-00000.txt"]);
    assert_eq!(names(&out), manifest(&out));
    assert_eq!(seen(&out), rows((1..=5).map(|time| time * 1000)));
}

#[tokio::test]
async fn large_files_get_another_name_and_what_is_left_is_merged() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let sink = sink(&folder, FileFormat::Text, size(100), BOUNDS, quiet());
    let (large, small) = ("x".repeat(150), "y".repeat(30));
    let staged = write(&sink, 1000, 0, &[&[&large], &[&small], &[&small], &[&small], &[&small], &["z"]]).await;
    sink.commit(BatchTime(1000), &staged).await.unwrap();
    settle(&sink).await;
    let found = files(&out);
    let texts: Vec<_> = found.iter().filter(|(name, _)| name != "_manifest").map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, [format!("{large}\n"), format!("{small}\n{small}\n{small}\n{small}\nz\n")]);
    assert_eq!(manifest(&out), ["compacted-1000-1000-00000.txt", "compacted-1000-1000-00001.txt"]);
}

#[tokio::test]
async fn a_batch_that_is_committed_again_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (one, two, three);
    {
        let sink = sink(&folder, FileFormat::Csv, size(50), BOUNDS, quiet());
        one = batch(&sink, 1000).await;
        two = batch(&sink, 2000).await;
        settle(&sink).await;
        three = batch(&sink, 3000).await;
        let before = files(&out);
        assert_eq!(manifest(&out)[0], "compacted-1000-2000-00000.csv");
        for (time, staged) in [(1000, &one), (2000, &two), (3000, &three), (1000, &one)] {
            sink.commit(BatchTime(time), staged).await.unwrap();
            assert_eq!(files(&out), before, "{time}");
        }
    }
    let before = files(&out);
    let sink = sink(&folder, FileFormat::Csv, size(50), BOUNDS, quiet());
    for (time, staged) in [(1000, &one), (2000, &two), (3000, &three), (2000, &two)] {
        sink.commit(BatchTime(time), staged).await.unwrap();
        settle(&sink).await;
        assert_eq!(files(&out), before, "{time}");
    }
    assert_eq!(seen(&out), rows([1000, 2000, 3000]));
}

#[tokio::test]
async fn a_batch_that_is_run_again_replaces_itself_until_it_is_compacted() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let sink = sink(&folder, FileFormat::Text, size(30), BOUNDS, quiet());
    batch(&sink, 1000).await;
    for (attempt, partitions, expected) in
        [(1, &[&["a"][..]][..], &["a"][..]), (2, &[&[]], &[]), (3, &[&["b"], &["c"]], &["b", "c"])]
    {
        let staged = write(&sink, 1000, attempt, partitions).await;
        for _ in 0..2 {
            sink.commit(BatchTime(1000), &staged).await.unwrap();
            assert_eq!(seen(&out), expected);
        }
    }
    let staged = write(&sink, 2000, 0, &[&["d"]]).await;
    batch(&sink, 3000).await;
    batch(&sink, 4000).await;
    settle(&sink).await;
    assert_eq!(manifest(&out), ["compacted-1000-4000-00000.txt"]);
    let late = sink.commit(BatchTime(2000), &staged).await.unwrap_err().to_string();
    let expected = "out: batch 2000 can't be written: batches up to 4000 are compacted already; start the job once that time has passed, set the machine's clock right if it has gone back, or write to another folder";
    assert!(late.ends_with(expected), "{late}");
    let id = crate::output::WriteId { batch: BatchTime(4000), partition: 0, partitions: 1, term: 0, attempt: 1 };
    let none = datafusion::physical_plan::EmptyRecordBatchStream::new(crate::output::files::tests::words(&[]).schema());
    let late = sink.write(id, Box::pin(none)).await.unwrap_err().to_string();
    assert!(late.contains("batch 4000 can't be written"), "{late}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_always_see_each_row_once() {
    const N: i64 = 150;
    for format in [FileFormat::Text, FileFormat::Parquet] {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        let bytes = if format == FileFormat::Text { 100 } else { 4000 };
        let sink = sink(&folder, format, size(bytes), BOUNDS, quiet());
        batch(&sink, 1).await;
        let reader = tokio::task::spawn_blocking({
            let out = out.clone();
            move || {
                let (mut n_reads, mut last) = (0, 0);
                while last < N as usize {
                    let found = seen(&out);
                    let n_batches = found.len() / 2;
                    assert_eq!(found, rows(1..=n_batches as i64));
                    assert!(n_batches >= last);
                    (n_reads, last) = (n_reads + 1, n_batches);
                }
                n_reads
            }
        });
        for time in 2..=N {
            batch(&sink, time).await;
        }
        assert!(reader.await.unwrap() > 5);
        settle(&sink).await;
        assert!(manifest(&out).len() < N as usize);
        assert!(names(&out).iter().filter(|name| name.starts_with("compacted-")).count() > 5);
        sink.finish().await;
    }
}

#[tokio::test]
async fn commits_wait_when_too_many_batches_do() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let slow = hook(move |step| {
        if step == Step::Merge {
            // Also when the test has ended.
            let _ = wait.lock().recv();
        }
        Ok(())
    });
    let bounds = Bounds { together: 1000, files: 8, waiting: 6, try_again_after: 1 };
    let sink = Arc::new(sink(&folder, FileFormat::Text, size(1 << 30), bounds, slow));
    for time in 1..=6 {
        batch(&sink, time).await;
    }
    let staged = write(&sink, 7, 0, &[&["7 one"], &["7 two"]]).await;
    let mut waiting = tokio::spawn({
        let sink = sink.clone();
        async move { sink.commit(BatchTime(7), &staged).await }
    });
    assert!(futures::poll!(&mut waiting).is_pending());
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    assert_eq!(seen(&out), rows(1..=6));
    drop(go);
    waiting.await.unwrap().unwrap();
    assert_eq!(manifest(&out)[0], "compacted-1-4-00000.txt");
    assert_eq!(seen(&out), rows(1..=7));
    sink.finish().await;
}

#[tokio::test]
async fn the_end_of_a_job_waits_for_a_compaction_and_begins_no_other() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (at_merge, merging) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    let ends = Mutex::new((at_merge, wait));
    let slow = hook(move |step| {
        if step == Step::Merge {
            let ends = ends.lock();
            let _ = ends.0.send(());
            let _ = ends.1.recv();
        }
        Ok(())
    });
    let bounds = Bounds { together: 2, ..BOUNDS };
    let sink = sink(&folder, FileFormat::Text, size(1 << 30), bounds, slow);
    for time in 1..=4 {
        batch(&sink, time).await;
    }
    tokio::task::spawn_blocking(move || merging.recv().unwrap()).await.unwrap();
    let mut finish = std::pin::pin!(sink.finish());
    assert!(futures::poll!(&mut finish).is_pending());
    drop(go);
    finish.await;
    assert_eq!(manifest(&out)[0], "compacted-1-2-00000.txt");
    assert_eq!(seen(&out), rows(1..=4));
    batch(&sink, 5).await;
    sink.finish().await;
    assert_eq!(manifest(&out).len(), 7, "two batches more wait, and are left for the next start");
}
