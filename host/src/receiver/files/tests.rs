//! Files in, rows by partition out.

use std::fs;

use arrow::array::{AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::physical_plan::collect_partitioned;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::engine::reports::SourceReport;
use crate::engine::testing;

/// Long after any file of a test was written.
const LATER_MS: i64 = 10_000_000_000_000;

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.folder.path().join(name), content).unwrap();
        self
    }

    fn options(&self, format: FileFormat) -> FileOptions {
        FileOptions::new(self.folder.path().to_owned(), format, Duration::from_secs(1), 1)
    }

    fn source(&self, format: FileFormat, change: impl FnOnce(&mut FileOptions)) -> Result<FileSource> {
        let mut options = self.options(format);
        change(&mut options);
        FileSource::new("files".into(), options, Arc::new(ManualClock::new(LATER_MS)))
    }
}

fn counts() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("word", DataType::Utf8, true), Field::new("count", DataType::Int64, true)]))
}

/// The rows of each partition, and what was reported.
async fn collect(plan: Arc<dyn ExecutionPlan>) -> std::result::Result<(Vec<Vec<RecordBatch>>, SourceReport), String> {
    let engine = testing::engine();
    let partitions = collect_partitioned(plan, engine.task().clone()).await.map_err(|e| e.to_string())?;
    let mut report = engine.services().reports.take(BatchTime(0), 0);
    Ok((partitions, report.sources.remove("files").unwrap()))
}

/// The rows of each partition, each as `a,b`.
async fn read(source: &FileSource, range: &InputRange) -> std::result::Result<Vec<Vec<String>>, String> {
    let plan = source.plan(BatchTime(0), 0, range).map_err(|e| e.to_string())?;
    let schema = plan.schema();
    let partitions = collect(plan).await?.0;
    let rows = |batches: &Vec<RecordBatch>| {
        batches
            .iter()
            .flat_map(|batch| {
                assert_eq!(batch.schema(), schema);
                let options = FormatOptions::default().with_null("null");
                let columns: Vec<_> =
                    batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
                (0..batch.num_rows())
                    .map(|row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(","))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    Ok(partitions.iter().map(rows).collect())
}

async fn batch(source: &FileSource) -> std::result::Result<Vec<String>, String> {
    let range = source.allocate(BatchTime(0)).await.map_err(|e| e.to_string())?;
    read(source, &range).await.map(|partitions| partitions.concat())
}

#[tokio::test]
async fn every_format_is_read() {
    for (format, name, content) in [
        (FileFormat::Csv, "a.csv", "\u{FEFF}word,count\n\"to,\nor\",2\nbe,\n"),
        (FileFormat::Json, "a.json", "\u{FEFF}{\"word\": \"to,\\nor\", \"count\": 2}\r\n\n{\"word\": \"be\"}"),
    ] {
        let bench = Bench::new();
        let source = bench.source(format, |options| options.schema = Some(counts())).unwrap();
        source.start().await.unwrap();
        assert_eq!(batch(&source).await.unwrap(), [""; 0]);
        bench.write(name, content);
        assert_eq!(batch(&source).await.unwrap(), ["to,\nor,2", "be,null"], "{format:?}");
        assert_eq!(batch(&source).await.unwrap(), [""; 0]);
    }
    let bench = Bench::new();
    let source = bench.write("a", "\u{FEFF}to be\r\n\nor").source(FileFormat::Text, |_| ()).unwrap();
    source.start().await.unwrap();
    assert_eq!(batch(&source).await.unwrap(), ["to be", "", "or"]);
}

/// A Parquet file of `rows` rows in row groups of 100, with strings as views.
fn parquet(rows: i64) -> Vec<u8> {
    let words = arrow::array::StringViewArray::from_iter_values((0..rows).map(|n| format!("a long enough word {n}")));
    let schema =
        Schema::new(vec![Field::new("word", DataType::Utf8View, true), Field::new("count", DataType::Int64, false)]);
    let rows =
        RecordBatch::try_new(schema.into(), vec![Arc::new(words), Arc::new(Int64Array::from_iter_values(0..rows))])
            .unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(100)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).unwrap();
    writer.write(&rows).unwrap();
    writer.into_inner().unwrap()
}

#[tokio::test]
async fn parquet_is_parted_by_row_groups_and_has_plain_strings() {
    let bench = Bench::new();
    let source = bench.write("a.parquet", parquet(1000)).source(FileFormat::Parquet, |_| ()).unwrap();
    source.start().await.unwrap();
    assert_eq!(source.schema().field(0).data_type(), &DataType::Utf8);
    let InputRange::Files(files) = source.allocate(BatchTime(0)).await.unwrap() else { panic!() };
    let size = files[0].size;
    // Wherever it is cut, each row group is read once, and in order.
    for cut in [1, 4, size / 3, size / 2, size - 10] {
        let part = |start, end| vec![scan::FilePart { file: files[0].clone(), start, end }];
        let scan = FileScan {
            stream: "files".into(),
            batch: BatchTime(0),
            attempt: 0,
            content: FileFormat::Parquet.into(),
            on_bad_file: OnBadFile::Fail,
            partitions: vec![part(0, cut), part(cut, size)],
        };
        let plan = Arc::new(FileScanExec::new(scan, source.schema()));
        let partitions = collect(plan).await.unwrap().0;
        let counts =
            partitions.iter().flatten().flat_map(|rows| rows.column(1).as_primitive::<Int64Type>().values().to_vec());
        assert!(counts.eq(0..1000), "cut at {cut}");
    }
}

#[tokio::test]
async fn lines_are_read_once_wherever_a_file_is_cut() {
    let bench = Bench::new();
    let text = "\u{FEFF}one\n\ntwo\r\nthree\nfour";
    let source = bench.write("a", text).source(FileFormat::Text, |_| ()).unwrap();
    source.start().await.unwrap();
    let InputRange::Files(files) = source.allocate(BatchTime(0)).await.unwrap() else { panic!() };
    let size = text.len() as u64;
    for cut in 0..=size {
        let part = |start, end| vec![scan::FilePart { file: files[0].clone(), start, end }];
        let scan = FileScan {
            stream: "files".into(),
            batch: BatchTime(0),
            attempt: 0,
            content: FileFormat::Text.into(),
            on_bad_file: OnBadFile::Fail,
            partitions: vec![part(0, cut), part(cut, size)],
        };
        let plan = Arc::new(FileScanExec::new(scan, source.schema()));
        let partitions = collect(plan).await.unwrap().0;
        let lines = partitions.iter().flatten().flat_map(|rows| rows.column(0).as_string::<i32>().iter().flatten());
        assert!(lines.eq(["one", "", "two", "three", "four"]), "cut at {cut}");
    }
}

#[tokio::test]
async fn large_files_are_divided_and_small_ones_put_together() {
    let bench = Bench::new();
    let text: String = (0..400_000).map(|n| format!("{n:09}\n")).collect();
    bench.write("a", &text).write("b", "small\n");
    let source = bench.source(FileFormat::Text, |options| options.partitions = 3).unwrap();
    source.start().await.unwrap();
    let range = source.allocate(BatchTime(0)).await.unwrap();
    let partitions = read(&source, &range).await.unwrap();
    assert_eq!(partitions.len(), 3);
    let expected = (0..400_000).map(|n| format!("{n:09}")).chain(["small".into()]);
    assert!(partitions.concat().into_iter().eq(expected));
}

async fn error(format: FileFormat, content: impl AsRef<[u8]>) -> String {
    let bench = Bench::new();
    let source = bench.write("bad", content).source(format, |options| options.schema = Some(counts())).unwrap();
    source.start().await.unwrap();
    let error = batch(&source).await.unwrap_err();
    let path = bench.folder.path().join("bad");
    assert!(error.contains(&format!("stream \"files\": file {}", path.display())), "{error}");
    error
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let is = |error: String, expected: &str| assert!(error.contains(expected), "{error}");
    is(error(FileFormat::Csv, "word,count\nto,1\nbe,many\n").await, "in row 2");
    is(error(FileFormat::Csv, "word,count\nto,1,2\n").await, "line 2");
    is(
        error(FileFormat::Csv, "word,size\nto,1\n").await,
        "line 1: its header is word,size, and the stream's columns are word,count",
    );
    is(
        error(FileFormat::Csv, "word,count\n\"".to_owned() + &"x".repeat(20 << 20)).await,
        "a row is longer than 16 MiB",
    );
    is(error(FileFormat::Json, "{\"word\": \"to\"}\n\n{\"word\": 1}\n").await, ", line 3: ");
    is(error(FileFormat::Json, "{\"word\": \"to\"}\n{\"size\": 1}\n").await, ", line 2: ");
    is(error(FileFormat::Json, "{\"word\":\n\"to\"}\n").await, ", line 1: ");
    is(
        error(FileFormat::Json, "{\"word\": \"to\"} {\"word\": \"be\"}\n").await,
        ", line 1: it holds more than one object",
    );
    is(error(FileFormat::Text, b"to\nbe\n\xFF\n").await, ", line 3: the line isn't valid UTF-8");
    is(error(FileFormat::Text, "x".repeat(17 << 20)).await, ", line 1: the line is longer than 16 MiB");
    is(error(FileFormat::Parquet, "PAR1, and no more").await, "bad: ");
}

#[tokio::test]
async fn a_parquet_file_can_be_corrupt_anywhere() {
    let good = parquet(1000);
    let bench = Bench::new();
    let schema = bench.write("a", &good).source(FileFormat::Parquet, |_| ()).unwrap().schema();
    let mut failures = 0;
    for at in (0..good.len()).step_by(good.len() / 97) {
        let mut bad = good.clone();
        bad[at..(at + 4).min(good.len())].fill(0xFF);
        bench.write("a", bad);
        let source = bench.source(FileFormat::Parquet, |options| options.schema = Some(schema.clone())).unwrap();
        source.start().await.unwrap();
        // Some bytes matter to nobody. No other can do worse than fail.
        if let Err(error) = batch(&source).await {
            assert!(error.contains("file ") && error.contains("/a"), "{error}");
            failures += 1;
        }
    }
    assert!(failures > 10, "{failures} failed");
}

#[tokio::test]
async fn other_columns_and_changes_are_told() {
    let bench = Bench::new();
    bench.write("a.parquet", parquet(10));
    let source = bench
        .source(FileFormat::Parquet, |options| {
            options.schema = Some(Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)])))
        })
        .unwrap();
    source.start().await.unwrap();
    let error = batch(&source).await.unwrap_err();
    assert!(
        error.contains("it has the columns word: string, count: int64 not null, and the stream has n: int64"),
        "{error}"
    );

    let bench = Bench::new();
    let source = bench.write("a", "one\n").write("b", "two\n").source(FileFormat::Text, |_| ()).unwrap();
    source.start().await.unwrap();
    let range = source.allocate(BatchTime(0)).await.unwrap();
    bench.write("b", "two\nthree\n");
    let error = read(&source, &range).await.unwrap_err();
    assert!(error.contains("/b: it changed after it was found, from 4 to 10 bytes"), "{error}");
    fs::remove_file(bench.folder.path().join("b")).unwrap();
    let error = read(&source, &range).await.unwrap_err();
    assert!(error.contains("/b: it is gone"), "{error}");
}

#[tokio::test]
async fn what_is_bad_can_be_skipped() {
    let skipping = |options: &mut FileOptions| {
        options.on_bad_file = OnBadFile::Skip;
        options.schema = Some(counts());
    };
    for (format, content) in [
        (FileFormat::Json, "{\"word\": \"to\"}\nnonsense\n{\"word\": \"be\"}\n".as_bytes()),
        (FileFormat::Text, b"to\n\xFF\nbe\n"),
    ] {
        let bench = Bench::new();
        let source = bench.write("a", content).source(format, skipping).unwrap();
        source.start().await.unwrap();
        let rows = batch(&source).await.unwrap();
        assert!(rows.iter().map(|row| &row[..2]).eq(["to", "be"]), "{rows:?}");
    }
    let bench = Bench::new();
    bench.write("a", "word,count\nto,many\n").write("b", "word,count\nbe,1\n");
    let source = bench.source(FileFormat::Csv, skipping).unwrap();
    source.start().await.unwrap();
    assert_eq!(batch(&source).await.unwrap(), ["be,1"]);
}

#[tokio::test]
async fn columns_are_known_before_the_job_starts() {
    let bench = Bench::new();
    let told =
        |source: Result<FileSource>| source.map(|source| schema::pin(&source.schema())).map_err(|e| e.to_string());
    let is = |source, expected: &str| {
        let error = told(source).unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    is(bench.source(FileFormat::Csv, |_| ()), "has no file to tell the columns from");
    is(
        bench.source(FileFormat::Text, |options| options.path.push("missing")),
        "missing can't be read: No such file or directory",
    );
    bench.write("a", "word,count\nto,1\n");
    assert_eq!(
        told(bench.source(FileFormat::Csv, |_| ())),
        Ok(r#"schema = { word = "string", count = "int64" }"#.into())
    );
    is(bench.source(FileFormat::Parquet, |_| ()), "its columns can't be told");
    let list = Schema::new(vec![Field::new("words", DataType::new_list(DataType::Utf8, true), true)]);
    is(
        bench.source(FileFormat::Csv, |options| options.schema = Some(Arc::new(list))),
        "column words is list<string>, which csv can't hold",
    );
}

#[tokio::test]
async fn a_draining_source_ends_when_all_is_read() {
    let bench = Bench::new();
    bench.write("a", "one\n");
    let mut options = bench.options(FileFormat::Text);
    options.drain = true;
    // By this clock, the file was written in the future, and so it has to rest first.
    let source = FileSource::new("files".into(), options, Arc::new(ManualClock::new(0))).unwrap();
    source.start().await.unwrap();
    let ended = source.ended();
    tokio::pin!(ended);
    assert_eq!(batch(&source).await.unwrap(), [""; 0]);
    assert!(futures::poll!(&mut ended).is_pending());
    assert_eq!(batch(&source).await.unwrap(), ["one"]);
    ended.await.unwrap();
    source.stop().await;
    bench.write("b", "two\n");
    assert_eq!(batch(&source).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn existing_files_can_be_left_alone() {
    let bench = Bench::new();
    bench.write("a", "one\n");
    let source = bench.source(FileFormat::Text, |options| options.existing = false).unwrap();
    source.start().await.unwrap();
    bench.write("b", "two\n");
    assert_eq!(batch(&source).await.unwrap(), ["two"]);
}

#[test]
fn a_scan_is_plain_data() {
    let file = crate::receiver::FileVersion { path: "/a".into(), size: 3, modified_ms: 1 };
    let scan = FileScan {
        stream: "files".into(),
        batch: BatchTime(1000),
        attempt: 1,
        content: FileFormat::Json.into(),
        on_bad_file: OnBadFile::Skip,
        partitions: scan::partitions(&[file], FileFormat::Json.into(), 2, 64 << 20),
    };
    let json = serde_json::to_string(&scan).unwrap();
    assert_eq!(
        json,
        r#"{"stream":"files","batch":1000,"attempt":1,"content":{"format":"json"},"on_bad_file":"skip","partitions":[[{"file":{"path":"/a","size":3,"modified_ms":1},"start":0,"end":3}]]}"#
    );
    assert_eq!(serde_json::from_str::<FileScan>(&json).unwrap(), scan);
}

/// Names of the files that the next batch reads, which have so many rows each.
async fn next(source: &FileSource, rows: u64) -> Vec<String> {
    let range = source.allocate(BatchTime(0)).await.unwrap();
    let InputRange::Files(files) = &range else { panic!("{range:?}") };
    let names = files.iter().map(|file| file.path.rsplit('/').next().unwrap().to_owned()).collect();
    source.was_read(&range, rows * files.len() as u64);
    names
}

#[tokio::test]
async fn a_batch_takes_the_oldest_files_that_its_rate_allows_and_at_least_one() {
    let bench = Bench::new();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        bench.write(name, "0123456789\n".repeat(10));
    }
    let source = bench
        .source(FileFormat::Text, |options| {
            options.rates = RateLimits { max: Some(30), initial: Some(20) };
            options.drain = true;
        })
        .unwrap();
    source.start().await.unwrap();
    assert_eq!(next(&source, 10).await, ["a"], "nobody knows how many rows it has");
    assert_eq!(next(&source, 10).await, ["b", "c"]);
    source.set_rate(1.0);
    assert_eq!((next(&source, 10).await, source.rate()), (vec!["d".to_owned()], Some(1.0)));
    source.set_rate(1e6);
    assert_eq!((next(&source, 10).await, source.rate()), (["e", "f", "g"].map(str::to_owned).to_vec(), Some(30.0)));
    assert!(futures::FutureExt::now_or_never(source.ended()).is_none(), "there is one more");
    assert_eq!(next(&source, 10).await, ["h"]);
    source.ended().await.unwrap();
}
