//! DataFusion as it is by itself: tests show with it that what they demand of a job would not be so anyway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{FutureExt, StreamExt, stream};
use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::{DataType, SchemaRef};
use sluicebox::datafusion::catalog::streaming::StreamingTable;
use sluicebox::datafusion::datasource::MemTable;
use sluicebox::datafusion::execution::TaskContext;
use sluicebox::datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use sluicebox::datafusion::physical_plan::streaming::PartitionStream;
use sluicebox::datafusion::prelude::{SessionConfig, SessionContext};
use tokio::sync::watch;

use crate::rows::show;

/// A session with DataFusion's own options, but for how many partitions it aims at.
#[must_use]
pub fn session(partitions: usize) -> SessionContext {
    SessionContext::new_with_config(SessionConfig::new().with_target_partitions(partitions))
}

/// A table of partitions in memory.
///
/// # Panics
/// When they don't have the same columns.
pub fn table(session: &SessionContext, name: &str, partitions: Vec<RecordBatch>) {
    let schema = partitions[0].schema();
    let partitions = partitions.into_iter().map(|rows| vec![rows]).collect();
    let table = MemTable::try_new(schema, partitions).expect("partitions of one schema");
    session.register_table(name, Arc::new(table)).expect("a name that is free");
}

/// A table whose first partition comes after all others have been read: where nothing keeps the order, this is the order that shows.
///
/// # Panics
/// When the partitions don't have the same columns.
pub fn table_with_late_first_partition(session: &SessionContext, name: &str, partitions: Vec<RecordBatch>) {
    let schema = partitions[0].schema();
    let n_others = partitions.len() - 1;
    let read = Arc::new(watch::Sender::new(0));
    let partition = |(idx, rows)| -> Arc<dyn PartitionStream> {
        Arc::new(Gated { rows, read: read.clone(), after: if idx == 0 { n_others } else { 0 } })
    };
    let partitions = partitions.into_iter().enumerate().map(partition).collect();
    let table = StreamingTable::try_new(schema, partitions).expect("partitions of one schema");
    session.register_table(name, Arc::new(table)).expect("a name that is free");
}

/// A function `seen` of a text that returns it, and the number of rows it is called with.
#[must_use]
pub fn counting_function(session: &SessionContext) -> Arc<AtomicU64> {
    let calls = Arc::new(AtomicU64::new(0));
    let count = calls.clone();
    let seen = move |arguments: &[ColumnarValue]| {
        let n_rows = if let ColumnarValue::Array(rows) = &arguments[0] { rows.len() } else { 1 };
        count.fetch_add(n_rows as u64, Ordering::Relaxed);
        Ok(arguments[0].clone())
    };
    session.register_udf(create_udf(
        "seen",
        vec![DataType::Utf8],
        DataType::Utf8,
        Volatility::Volatile,
        Arc::new(seen),
    ));
    calls
}

/// The rows of a query.
///
/// # Panics
/// When it fails.
pub async fn rows(session: &SessionContext, query: &str) -> Vec<String> {
    let batches = session.sql(query).await.expect("a query").collect().await.expect("rows");
    batches.iter().flat_map(show).collect()
}

/// A partition that waits until others have been read.
#[derive(Debug)]
struct Gated {
    rows: RecordBatch,
    read: Arc<watch::Sender<usize>>,
    after: usize,
}

impl PartitionStream for Gated {
    fn schema(&self) -> &SchemaRef {
        self.rows.schema_ref()
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (rows, read, after) = (self.rows.clone(), self.read.clone(), self.after);
        let mut others = read.subscribe();
        let first = async move {
            others.wait_for(|n_read| *n_read >= after).await.expect("the sender lives in the table");
            Ok(rows)
        };
        // Asked for once more, whatever came before has been taken.
        let end = stream::poll_fn(move |_| {
            read.send_modify(|n_read| *n_read += 1);
            std::task::Poll::Ready(None)
        });
        Box::pin(RecordBatchStreamAdapter::new(self.rows.schema(), first.into_stream().chain(end)))
    }
}
