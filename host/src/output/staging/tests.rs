//! Rows are staged, read again as they were, by another process too, and removed; damage and a lack of memory are told.

use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, StringArray, StringViewArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use datafusion::common::DataFusionError;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::*;

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int64, false),
        Field::new("text", DataType::Utf8, true),
        Field::new("view", DataType::Utf8View, true),
    ]))
}

/// So many rows from `first` on; every third text is null.
fn rows(first: i64, n: i64) -> RecordBatch {
    let numbers = first..first + n;
    let text = |n: i64| (n % 3 != 0).then(|| format!("text of row {n}"));
    RecordBatch::try_new(
        schema(),
        vec![
            Arc::new(Int64Array::from_iter_values(numbers.clone())),
            Arc::new(numbers.clone().map(text).collect::<StringArray>()),
            Arc::new(numbers.map(text).collect::<StringViewArray>()),
        ],
    )
    .unwrap()
}

fn stream(rows: Vec<Result<RecordBatch, DataFusionError>>) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(schema(), stream::iter(rows)))
}

fn id(batch: i64, term: u64, attempt: u32, partition: u32) -> WriteId {
    WriteId { batch: BatchTime(batch), partition, partitions: 2, term, attempt }
}

async fn all(staging: &Staging, staged: &Staged) -> Result<Vec<i64>> {
    let rows: Vec<RecordBatch> = staging.read(staged).try_collect().await?;
    assert!(
        rows.iter().all(|rows| rows.column(1).as_string::<i32>().iter().eq(rows.column(2).as_string_view().iter()))
    );
    Ok(rows.iter().flat_map(|rows| rows.column(0).as_primitive::<Int64Type>().values().to_vec()).collect())
}

struct Fixture {
    folder: tempfile::TempDir,
    memory: MemoryBudget,
}

impl Fixture {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), memory: MemoryBudget::new(64 << 20) }
    }

    async fn store(&self) -> Store {
        let store = Store::new(&format!("file://{}", self.folder.path().display())).unwrap();
        store.ready().await.unwrap();
        store
    }

    async fn staging(&self) -> Staging {
        Staging::with_pieces("my output", Some(self.store().await), self.memory.clone(), 10_000)
    }

    async fn objects(&self) -> Vec<String> {
        self.store().await.list("").await.unwrap().into_iter().map(|object| object.path).collect()
    }
}

#[tokio::test]
async fn what_is_staged_is_read_by_another_process() {
    let fixture = Fixture::new();
    let staging = fixture.staging().await;
    let many = vec![Ok(rows(0, 500)), Ok(rows(500, 0)), Ok(rows(500, 300).slice(100, 200))];
    let first = staging.stage(id(-1000, 1, 0, 0), stream(many)).await.unwrap();
    let second = staging.stage(id(-1000, 1, 0, 1), stream(vec![])).await.unwrap();
    assert_eq!((first.rows, second.rows), (700, 0));
    assert_eq!(second.committable, serde_json::json!({"pieces": 0, "bytes": 0}));
    let names: Vec<String> = (0..2).map(|piece| format!("staging/my!20output/-1000-1-0-0.{piece}")).collect();
    assert_eq!(fixture.objects().await, names);
    assert_eq!(fixture.memory.used(), 0);

    let other = fixture.staging().await;
    let logged: Staged = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
    let expected: Vec<i64> = (0..500).chain(600..800).collect();
    assert_eq!(all(&other, &logged).await.unwrap(), expected);
    assert_eq!(all(&other, &logged).await.unwrap(), expected, "a commit may be made again");
    assert_eq!(all(&other, &second).await.unwrap(), Vec::<i64>::new());
    assert_eq!(fixture.memory.used(), 0);

    other.remove(&[first.clone(), second]).await.unwrap();
    assert_eq!(fixture.objects().await, Vec::<String>::new());
    other.remove(std::slice::from_ref(&first)).await.unwrap();
    let error = all(&other, &first).await.unwrap_err().to_string();
    assert!(error.ends_with("/staging/my!20output/-1000-1-0-0.0 is gone"), "{error}");
}

#[tokio::test]
async fn without_a_checkpoint_rows_stay_in_memory_and_are_counted() {
    let memory = MemoryBudget::new(1 << 20);
    let staging = Staging::new("o", None, memory.clone());
    let staged = staging.stage(id(1, 0, 0, 0), stream(vec![Ok(rows(0, 100))])).await.unwrap();
    let held = memory.used();
    assert!((2_000..20_000).contains(&held), "{held}");
    assert_eq!(all(&staging, &staged).await.unwrap(), (0..100).collect::<Vec<_>>());
    assert_eq!(memory.used(), held);
    // What is too much is refused, and leaves nothing.
    let error = staging.stage(id(1, 0, 0, 1), stream((0..100).map(|n| Ok(rows(n, 1000))).collect())).await.unwrap_err();
    assert!(error.to_string().contains("of the job's 1048576 bytes of memory are in use"), "{error}");
    assert_eq!(memory.used(), held);
    staging.remove(&[staged]).await.unwrap();
    assert_eq!(memory.used(), 0);
}

#[tokio::test]
async fn with_a_checkpoint_pieces_are_as_large_as_memory_allows() {
    let fixture = Fixture::new();
    let small = MemoryBudget::new(100_000);
    let staging = Staging::new("o", Some(fixture.store().await), small.clone());
    let staged =
        staging.stage(id(1, 1, 0, 0), stream((0..50).map(|n| Ok(rows(n * 100, 100))).collect())).await.unwrap();
    assert!(fixture.objects().await.len() > 1);
    assert_eq!(all(&staging, &staged).await.unwrap(), (0..5000).collect::<Vec<_>>());
    assert_eq!(small.used(), 0);
}

#[tokio::test]
async fn an_error_of_the_stream_leaves_nothing() {
    let fixture = Fixture::new();
    let staging = fixture.staging().await;
    let broken = vec![Ok(rows(0, 1000)), Ok(rows(0, 1000)), Err(DataFusionError::Execution("a guest failed".into()))];
    let error = staging.stage(id(1, 1, 0, 0), stream(broken)).await.unwrap_err();
    assert!(error.to_string().contains("a guest failed"), "{error}");
    assert_eq!(fixture.objects().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_earlier_attempts_and_terms_left_is_removed() {
    let fixture = Fixture::new();
    let one = || stream(vec![Ok(rows(0, 1))]);
    let before = fixture.staging().await;
    let recorded = before.stage(id(1, 3, 0, 0), one()).await.unwrap();
    before.stage(id(2, 3, 0, 0), one()).await.unwrap();

    // The batch whose result was recorded is committed before anything is staged.
    let now = fixture.staging().await;
    assert_eq!(all(&now, &recorded).await.unwrap(), [0]);
    now.remove(&[recorded]).await.unwrap();
    // Of the first attempt, what was written isn't known to the driver: a task was dropped.
    now.stage(id(2, 4, 0, 0), one()).await.unwrap();
    assert_eq!(fixture.objects().await, ["staging/my!20output/2-4-0-0.0"]);
    let counts = now.stage(id(2, 4, 1, 0), one()).await.unwrap();
    now.stage(id(3, 4, 0, 0), one()).await.unwrap();
    now.remove(&[counts]).await.unwrap();
    assert_eq!(fixture.objects().await, ["staging/my!20output/3-4-0-0.0"]);

    // A driver that another has taken over from leaves alone what is of a later term.
    let older = fixture.staging().await;
    older.stage(id(3, 3, 1, 0), one()).await.unwrap();
    assert_eq!(fixture.objects().await, ["staging/my!20output/3-3-1-0.0", "staging/my!20output/3-4-0-0.0"]);
}

#[tokio::test]
async fn damage_is_told_with_its_file() {
    let fixture = Fixture::new();
    let staging = fixture.staging().await;
    let staged = staging.stage(id(1, 1, 0, 0), stream(vec![Ok(rows(0, 10))])).await.unwrap();
    let path = fixture.folder.path().join("staging/my!20output/1-1-0-0.0");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = all(&staging, &staged).await.unwrap_err().to_string();
    assert!(error.ends_with("1-1-0-0.0 can't be read: it is damaged: its checksum is another"), "{error}");
    let other = Staged { committable: serde_json::json!("00"), ..staged };
    let error = all(&staging, &other).await.unwrap_err().to_string();
    assert!(error.starts_with("what partition 0 staged in attempt 0 is no sink's of rows"), "{error}");
}
