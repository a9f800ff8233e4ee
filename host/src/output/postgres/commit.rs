//! A batch becomes visible: its rows and its mark, in one transaction.
//!
//! Rows are appended by COPY. For an upsert they are copied into a temporary table, numbered in the order (partition, position), and from there one statement takes the last row of each key, in the order of keys, so that
//! two writers can't wait for each other crosswise.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{SinkExt, StreamExt, TryStreamExt};
use tokio_postgres::{Client, Transaction};

use super::fault::Fault;
use super::marks::{self, Mark, Turn};
use super::rows;
use super::types::quoted;
use crate::clock::BatchTime;
use crate::error::Result;
use crate::job::postgres::PostgresMode;

/// Chunks of rows that are encoded while others are sent.
const AHEAD: usize = 2;

/// The temporary table of an upsert, and its column of numbers.
const ROWS: &str = "pg_temp.sluicebox_rows";
const NUMBER: &str = "sluicebox_row_number";

/// Where rows go, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// How.
    pub mode: PostgresMode,
}

/// Rows that were staged.
pub type Rows<'a> = BoxStream<'a, Result<RecordBatch>>;

/// Commit a batch, unless it is in.
///
/// # Errors
/// What is in the way. Nothing is visible then, unless the answer to the commit itself was lost: whoever does this again finds out.
pub async fn commit(
    client: &mut Client,
    target: &Target,
    mark: &Mark,
    batch: BatchTime,
    rows: Rows<'_>,
) -> Result<(), Fault> {
    let transaction = marks::begin(client).await?;
    if mark.lock(&transaction, &target.schema, batch).await? == Turn::IsIn {
        return Ok(transaction.rollback().await?);
    }
    transaction.batch_execute("SET LOCAL lock_timeout TO DEFAULT").await?;
    target.write(&transaction, rows).await?;
    mark.set(&transaction, &target.schema, batch).await?;
    Ok(transaction.commit().await?)
}

impl Target {
    fn name(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.table))
    }

    async fn write(&self, transaction: &Transaction<'_>, mut rows: Rows<'_>) -> Result<(), Fault> {
        let Some(first) = rows.try_next().await? else { return Ok(()) };
        let schema = first.schema();
        let rows = futures::stream::once(async { Ok(first) }).chain(rows).boxed();
        match &self.mode {
            PostgresMode::Append => copy(transaction, &self.name(), &columns(&schema), rows, None).await,
            PostgresMode::Upsert { key } => self.upsert(transaction, &schema, key, rows).await,
        }
    }

    async fn upsert(
        &self,
        transaction: &Transaction<'_>,
        schema: &SchemaRef,
        key: &[String],
        rows: Rows<'_>,
    ) -> Result<(), Fault> {
        let (table, columns) = (self.name(), columns(schema));
        let list = columns.join(", ");
        // The types are the table's; neither constraints nor defaults are.
        let temporary = format!(
            "CREATE TEMP TABLE sluicebox_rows ON COMMIT DROP AS SELECT {list}, 0::bigint AS {NUMBER} FROM {table} WITH NO DATA"
        );
        transaction.batch_execute(&temporary).await?;
        let with_number: Vec<String> = columns.iter().cloned().chain([NUMBER.to_owned()]).collect();
        copy(transaction, ROWS, &with_number, rows, Some(0)).await?;
        let keys = key.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let values: Vec<String> = schema
            .fields()
            .iter()
            .filter(|field| !key.contains(field.name()))
            .map(|field| format!("{0} = EXCLUDED.{0}", quoted(field.name())))
            .collect();
        let action = if values.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", values.join(", ")) };
        let merge = format!(
            "INSERT INTO {table} ({list}) SELECT DISTINCT ON ({keys}) {list} FROM {ROWS} ORDER BY {keys}, {NUMBER} DESC \
             ON CONFLICT ({keys}) DO {action}"
        );
        Ok(transaction.batch_execute(&merge).await?)
    }
}

fn columns(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| quoted(field.name())).collect()
}

/// Send rows, each with its number if they are numbered.
async fn copy(
    transaction: &Transaction<'_>,
    table: &str,
    columns: &[String],
    rows: Rows<'_>,
    mut number: Option<u64>,
) -> Result<(), Fault> {
    let statement = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
    let mut sink = Box::pin(transaction.copy_in::<_, Bytes>(&statement).await?);
    let encoded = rows.map(|rows| {
        let rows = rows.map(|rows| {
            let first = number;
            number = first.map(|first| first + rows.num_rows() as u64);
            (rows, first)
        });
        async move {
            let (rows, first) = rows?;
            let encoded = tokio::task::spawn_blocking(move || rows::encode(&rows, first)).await;
            let encoded = encoded.map_err(|error| Fault::lasting(error.to_string()))?;
            encoded.map(Bytes::from).map_err(|error| Fault::lasting(error.to_string()))
        }
    });
    let mut encoded = encoded.buffered(AHEAD);
    while let Some(chunk) = encoded.next().await {
        // What the database has refused meanwhile is told here.
        sink.send(chunk?).await?;
    }
    sink.as_mut().finish().await?;
    Ok(())
}
