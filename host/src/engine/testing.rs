//! What the engine's tests share: engines with every plan through its bytes, rows by hand, and rows as text.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::physical_plan::ExecutionPlan;

use super::{BlockStore, DatasetScanExec, DatasetStore, Engine, EngineError, EngineOptions, Reports, Services};
use crate::clock::BatchTime;
use crate::memory::{MemoryBudget, Share};

/// The batch that tests run.
pub(crate) const BATCH: BatchTime = BatchTime(1000);

/// An engine with this much memory, in bytes.
pub(crate) fn engine_with(parallelism: usize, memory: u64) -> Engine {
    let services = Services {
        job: "test".into(),
        memory: MemoryBudget::new(memory),
        blocks: BlockStore::new(),
        datasets: DatasetStore::new(),
        reports: Reports::new(),
    };
    Engine::new(EngineOptions { roundtrip_plans: true, ..EngineOptions::new(parallelism, 128, services) }).unwrap()
}

/// An engine with memory to spare.
pub(crate) fn engine() -> Engine {
    engine_with(2, 1 << 30)
}

/// Rows of one column, `word`.
pub(crate) fn words(words: &[&str]) -> RecordBatch {
    let column: ArrayRef = Arc::new(StringArray::from(words.to_vec()));
    RecordBatch::try_from_iter([("word", column)]).unwrap()
}

/// Rows of two columns, `word` and `n`.
pub(crate) fn numbered(rows: &[(&str, i64)]) -> RecordBatch {
    let words: ArrayRef = Arc::new(rows.iter().map(|(word, _)| Some(*word)).collect::<StringArray>());
    let numbers: ArrayRef = Arc::new(rows.iter().map(|(_, n)| *n).collect::<Int64Array>());
    RecordBatch::try_from_iter([("word", words), ("n", numbers)]).unwrap()
}

/// A leaf over these partitions, each of some record batches, as the dataset of a stream.
pub(crate) fn dataset(engine: &Engine, stream: &str, partitions: Vec<Vec<RecordBatch>>) -> Arc<dyn ExecutionPlan> {
    let stream: Arc<str> = stream.into();
    let schema = partitions.iter().flatten().next().map(RecordBatch::schema).unwrap();
    let n_partitions = partitions.len();
    for (partition, rows) in partitions.into_iter().enumerate() {
        let reservation = engine.services().memory.try_reserve(Share::Engine, 0).unwrap();
        engine.services().datasets.insert(&stream, BATCH, partition as u32, rows, reservation);
    }
    Arc::new(DatasetScanExec::new(stream, BATCH, n_partitions, schema))
}

/// Run a plan; the rows of each partition.
pub(crate) async fn try_run(
    engine: &Engine,
    plan: Arc<dyn ExecutionPlan>,
) -> Result<Vec<Vec<RecordBatch>>, EngineError> {
    let stream = "tested".into();
    engine.run_partitions(plan, &stream, BATCH, 0, |_, rows| datafusion::physical_plan::common::collect(rows)).await
}

/// Run a plan; the rows of each partition as text, values separated by spaces.
pub(crate) async fn run(engine: &Engine, plan: Arc<dyn ExecutionPlan>) -> Vec<Vec<String>> {
    let partitions = try_run(engine, plan).await.unwrap();
    partitions.iter().map(|rows| rows.iter().flat_map(as_text).collect()).collect()
}

/// The rows of a record batch as text, values separated by spaces.
pub(crate) fn as_text(rows: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("null");
    let columns: Vec<_> =
        rows.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let row = |row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" ");
    (0..rows.num_rows()).map(row).collect()
}

/// Rows of all partitions, sorted.
pub(crate) fn sorted(partitions: Vec<Vec<String>>) -> Vec<String> {
    let mut rows: Vec<String> = partitions.into_iter().flatten().collect();
    rows.sort();
    rows
}
