//! An output that is a function of the program: it is given each batch's dataset as a DataFrame, as Spark's foreachRDD is given an RDD.
//!
//! The dataset is made before, once and to its end, so the function may read it any number of times, in part or not at all. What it does beside is its own:
//! a batch that is run again calls it again.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use arrow::datatypes::SchemaRef;
use datafusion::dataframe::DataFrame;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};

use super::{Sink, Staged, WriteId};
use crate::clock::BatchTime;
use crate::engine::Engine;
use crate::engine::frames::dataset_frame;
use crate::error::{Error, Result};

/// A function of a batch's time and its dataset.
#[derive(Clone)]
pub struct ForEachFunction(Arc<Call>);

type Call =
    dyn Fn(BatchTime, DataFrame) -> BoxFuture<'static, Result<(), Box<dyn StdError + Send + Sync>>> + Send + Sync;

impl ForEachFunction {
    /// Whether it is the very same function.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// From a closure.
    pub fn new<F, Fut, E>(function: F) -> Self
    where
        F: Fn(BatchTime, DataFrame) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = std::result::Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        Self(Arc::new(move |batch, rows| {
            let made = function(batch, rows);
            async move { made.await.map_err(E::into) }.boxed()
        }))
    }
}

impl fmt::Debug for ForEachFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForEachFunction")
    }
}

/// Calls a function once a batch, when its first partition is written.
#[derive(Debug)]
pub struct ForEachSink {
    function: ForEachFunction,
    stream: Arc<str>,
    engine: Arc<Engine>,
    schema: OnceLock<SchemaRef>,
}

impl ForEachSink {
    /// Call `function` for the datasets of `stream`, which `engine` keeps.
    pub fn new(function: ForEachFunction, stream: Arc<str>, engine: Arc<Engine>) -> Self {
        Self { function, stream, engine, schema: OnceLock::new() }
    }
}

#[async_trait::async_trait]
impl Sink for ForEachSink {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        self.schema.get_or_init(|| schema.clone());
        Ok(())
    }

    async fn write(&self, id: WriteId, mut rows: SendableRecordBatchStream) -> Result<Staged> {
        let schema = self.schema.get().cloned().unwrap_or_else(|| rows.schema());
        let mut n_rows = 0;
        while let Some(rows) = rows.next().await.transpose().map_err(Error::failed)? {
            n_rows += rows.num_rows() as u64;
        }
        if id.partition == 0 {
            let partitions = id.partitions as usize;
            let rows =
                dataset_frame(&self.engine, &self.stream, id.batch, partitions, &schema).map_err(Error::failed)?;
            let called = AssertUnwindSafe(async { (self.function.0)(id.batch, rows).await }).catch_unwind().await;
            match called {
                Ok(result) => result.map_err(|error| Error::failed(format!("its function failed: {error}")))?,
                Err(_) => return Err(Error::failed("its function panicked")),
            }
        }
        Ok(Staged { id, rows: n_rows, committable: serde_json::Value::Null })
    }

    async fn commit(&self, _: BatchTime, _: &[Staged]) -> Result<()> {
        Ok(())
    }

    async fn abort(&self, _: &[Staged]) -> Result<()> {
        Ok(())
    }
}
