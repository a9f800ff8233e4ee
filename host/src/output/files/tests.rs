//! Batches in, folders out.

use std::fs;
use std::path::Path;

use arrow::array::{ArrayRef, StringArray};
use datafusion::common::exec_datafusion_err;
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::*;

mod terms;

fn sink(folder: &TempDir, format: FileFormat) -> FilesSink {
    FilesSink::new(folder.path().join("out"), format)
}

pub(super) fn words(words: &[&str]) -> RecordBatch {
    RecordBatch::try_from_iter([("word", Arc::new(StringArray::from(words.to_vec())) as ArrayRef)]).unwrap()
}

/// Write partitions of a batch, in the term that the sink was opened for.
pub(super) async fn write(sink: &FilesSink, batch: i64, attempt: u32, partitions: &[&[&str]]) -> Vec<Staged> {
    let (mut staged, term) = (Vec::new(), sink.0.term.load(Ordering::Relaxed));
    for (partition, rows) in partitions.iter().enumerate() {
        let id = WriteId { batch: BatchTime(batch), partition: partition as u32, partitions: 8, term, attempt };
        let rows = words(rows);
        let stream = MemoryStream::try_new(vec![rows.clone()], rows.schema(), None).unwrap();
        staged.push(sink.write(id, Box::pin(stream)).await.unwrap());
        assert_eq!(staged[partition].rows, rows.num_rows() as u64);
    }
    staged
}

/// All files below `path` but the lock, with their content.
pub(super) fn files(path: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                folders.push(file);
            } else if !file.ends_with("_staging/lock") {
                let name = file.strip_prefix(path).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(file).unwrap()));
            }
        }
    }
    found.sort();
    found
}

pub(super) fn is(found: Vec<(String, String)>, expected: &[(&str, &str)]) {
    let found: Vec<_> = found.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_batch_appears_whole_and_once() {
    let folder = TempDir::new().unwrap();
    let (sink, out) = (sink(&folder, FileFormat::Csv), folder.path().join("out"));
    let staged = write(&sink, 1000, 0, &[&["to", "be"], &[], &["or"]]).await;
    assert!(files(&out).iter().all(|(name, _)| name.starts_with("_staging/")));
    for _ in 0..2 {
        sink.commit(BatchTime(1000), &staged).await.unwrap();
        let expected = [("batch-1000/part-00000.csv", "word\nto\nbe\n"), ("batch-1000/part-00002.csv", "word\nor\n")];
        is(files(&out), &expected);
    }
    assert_eq!(fs::read_dir(out.join("_staging")).unwrap().count(), 1, "only the lock");
}

#[tokio::test]
async fn a_batch_that_is_run_again_replaces_itself() {
    let folder = TempDir::new().unwrap();
    let (sink, out) = (sink(&folder, FileFormat::Text), folder.path().join("out"));
    let first = write(&sink, 1000, 0, &[&["a"], &["b"]]).await;
    sink.commit(BatchTime(1000), &first).await.unwrap();
    let second = write(&sink, 1000, 1, &[&["c"]]).await;
    is(files(&out.join("batch-1000")), &[("part-00000.txt", "a\n"), ("part-00001.txt", "b\n")]);
    for _ in 0..2 {
        sink.commit(BatchTime(1000), &second).await.unwrap();
        is(files(&out), &[("batch-1000/part-00000.txt", "c\n")]);
    }
}

#[tokio::test]
async fn a_commit_cut_short_after_the_swap_is_not_undone() {
    let folder = TempDir::new().unwrap();
    let (sink, out) = (sink(&folder, FileFormat::Text), folder.path().join("out"));
    sink.commit(BatchTime(1000), &write(&sink, 1000, 0, &[&["old"]]).await).await.unwrap();
    let staged = write(&sink, 1000, 0, &[&["new"]]).await;
    sink.commit(BatchTime(1000), &staged).await.unwrap();
    // As if the program had died before it removed the old batch, which has files of the same names and sizes.
    let leftover = out.join("_staging/batch-1000-0-0");
    fs::create_dir(&leftover).unwrap();
    fs::write(leftover.join("part-00000.txt"), "old\n").unwrap();
    sink.commit(BatchTime(1000), &staged).await.unwrap();
    is(files(&out), &[("batch-1000/part-00000.txt", "new\n")]);
}

#[tokio::test]
async fn an_empty_batch_is_an_empty_folder() {
    let folder = TempDir::new().unwrap();
    let (sink, out) = (sink(&folder, FileFormat::Json), folder.path().join("out"));
    sink.commit(BatchTime(1000), &write(&sink, 1000, 0, &[&["a"]]).await).await.unwrap();
    let empty = write(&sink, 1000, 1, &[&[], &[]]).await;
    for (batch, staged) in [(1000, empty.as_slice()), (1000, &empty), (2000, &[]), (2000, &[])] {
        sink.commit(BatchTime(batch), staged).await.unwrap();
        assert_eq!(fs::read_dir(out.join(format!("batch-{batch}"))).unwrap().count(), 0);
    }
    is(files(&out), &[]);
}

#[tokio::test]
async fn what_is_not_committed_is_removed() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    {
        let sink = sink(&folder, FileFormat::Text);
        let staged = write(&sink, 1000, 0, &[&["a"]]).await;
        for _ in 0..2 {
            sink.abort(&staged).await.unwrap();
            is(files(&out), &[]);
        }
        let error = sink.commit(BatchTime(1000), &staged).await.unwrap_err().to_string();
        assert!(error.contains("out/_staging/batch-1000-0-0: "), "{error}");
        write(&sink, 1000, 1, &[&["b"]]).await;
    }
    // The next run may commit what the last had staged, and removes it with its own first write.
    let sink = sink(&folder, FileFormat::Text);
    sink.commit(BatchTime(2000), &[]).await.unwrap();
    is(files(&out), &[("_staging/batch-1000-0-1/part-00000.txt", "b\n")]);
    write(&sink, 3000, 0, &[&["c"]]).await;
    is(files(&out), &[("_staging/batch-3000-0-0/part-00000.txt", "c\n")]);
}

#[tokio::test]
async fn rows_that_fail_leave_no_file() {
    let folder = TempDir::new().unwrap();
    let (sink, out) = (sink(&folder, FileFormat::Text), folder.path().join("out"));
    let rows = words(&["a"]);
    let schema = rows.schema();
    let failing = futures::stream::iter([Ok(rows), Err(exec_datafusion_err!("a guest trapped"))]);
    let id = WriteId { batch: BatchTime(1000), partition: 0, partitions: 1, term: 0, attempt: 0 };
    let error = sink.write(id, Box::pin(RecordBatchStreamAdapter::new(schema, failing))).await.unwrap_err();
    assert!(error.to_string().contains("a guest trapped"));
    is(files(&out), &[]);
}

#[tokio::test]
async fn a_folder_belongs_to_one_output() {
    let folder = TempDir::new().unwrap();
    let (one, two) = (sink(&folder, FileFormat::Text), sink(&folder, FileFormat::Text));
    one.commit(BatchTime(1000), &[]).await.unwrap();
    let error = two.commit(BatchTime(1000), &[]).await.unwrap_err().to_string();
    assert!(error.contains("another output or job writes to this folder"), "{error}");
    drop(one);
    two.commit(BatchTime(1000), &[]).await.unwrap();
}

#[tokio::test]
async fn links_lead_nowhere() {
    let folder = TempDir::new().unwrap();
    let (out, outside) = (folder.path().join("out"), folder.path().join("outside"));
    fs::create_dir_all(out.join("_staging")).unwrap();
    fs::create_dir(&outside).unwrap();
    let sink = sink(&folder, FileFormat::Text);
    sink.commit(BatchTime(0), &[]).await.unwrap();
    std::os::unix::fs::symlink(&outside, out.join("_staging/batch-1000-0-0")).unwrap();
    let id = WriteId { batch: BatchTime(1000), partition: 0, partitions: 1, term: 0, attempt: 0 };
    let rows = words(&["a"]);
    // The first write removes what is staged, so the link has to come after it.
    write(&sink, 500, 0, &[&["x"]]).await;
    std::os::unix::fs::symlink(&outside, out.join("_staging/batch-1000-0-0")).unwrap();
    let stream = MemoryStream::try_new(vec![rows.clone()], rows.schema(), None).unwrap();
    let error = sink.write(id, Box::pin(stream)).await.unwrap_err().to_string();
    assert!(error.contains("batch-1000-0-0"), "{error}");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[tokio::test]
async fn parquet_reads_back() {
    let folder = TempDir::new().unwrap();
    let (sink, out) = (sink(&folder, FileFormat::Parquet), folder.path().join("out"));
    sink.commit(BatchTime(1000), &write(&sink, 1000, 0, &[&["to", "be"]]).await).await.unwrap();
    let file = fs::File::open(out.join("batch-1000/part-00000.parquet")).unwrap();
    let rows: Vec<_> = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().collect();
    assert_eq!(rows[0].as_ref().unwrap(), &words(&["to", "be"]));
}

#[tokio::test]
async fn the_last_batch_is_told_without_touching_anything() {
    let folder = TempDir::new().unwrap();
    let (sink, out) = (sink(&folder, FileFormat::Text), folder.path().join("out"));
    assert_eq!(sink.last().await.unwrap(), None);
    assert!(!out.exists());
    for batch in ["batch-1000", "batch--2000", "batch-900x", "other"] {
        fs::create_dir_all(out.join(batch)).unwrap();
    }
    assert_eq!(sink.last().await.unwrap(), Some(BatchTime(1000)));
    fs::write(out.join("compacted-1-1500-00000.txt"), "").unwrap();
    assert_eq!(sink.last().await.unwrap(), Some(BatchTime(1500)));
    fs::write(out.join("_manifest"), "compacted-1-1700-00000.txt\nbatch-1600/part-00000.txt\n").unwrap();
    assert_eq!(sink.last().await.unwrap(), Some(BatchTime(1700)), "the file it names may have been removed");
    assert!(!out.join("_staging").exists());
}

#[test]
fn columns_are_looked_at_before_the_job_starts() {
    let folder = TempDir::new().unwrap();
    let sink = sink(&folder, FileFormat::Text);
    sink.bind(&words(&[]).schema()).unwrap();
    let two = RecordBatch::try_from_iter([("a", words(&[]).column(0).clone()), ("b", words(&[]).column(0).clone())]);
    let error = sink.bind(&two.unwrap().schema()).unwrap_err().to_string();
    assert!(error.starts_with("text files hold one column"), "{error}");
    assert!(!folder.path().join("out").exists());
}
