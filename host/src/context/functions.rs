//! Functions of the program over a batch's datasets: DataFrames that make a stream, and an output that is given one.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use sluicebox::context::StreamingContext;
//! use sluicebox::datafusion::functions_aggregate::expr_fn::sum;
//! use sluicebox::datafusion::prelude::{col, lit};
//!
//! # fn build() -> sluicebox::error::Result<()> {
//! let context = StreamingContext::new("orders", Duration::from_secs(1));
//! let orders = context.file_stream("orders", "incoming", sluicebox::job::definition::FileFormat::Parquet, None)?;
//! let large = orders.transform("large", |_cx, orders| orders.filter(col("cents").gt(lit(10_000))))?;
//! large.for_each("report", |batch_time, large| async move {
//!     let total = large.aggregate(vec![], vec![sum(col("cents"))])?.collect().await?;
//!     println!("{batch_time}: {total:?}");
//!     Ok::<_, sluicebox::datafusion::error::DataFusionError>(())
//! })?;
//! # Ok(())
//! # }
//! ```

use std::error::Error as StdError;
use std::future::Future;

use datafusion::dataframe::DataFrame;
use datafusion::error::Result as FrameResult;

use super::builder::{StreamRef, StreamingContext};
use crate::clock::BatchTime;
use crate::dstream::TransformContext;
use crate::error::{Error, Result};
use crate::job::definition::{OperationDefinition, SinkDefinition, TransformFunction};
use crate::output::for_each::ForEachFunction;

impl StreamingContext {
    /// What a function makes of the batch's datasets of several streams, in their order; see [`StreamRef::transform`].
    ///
    /// # Errors
    /// When the name is taken, no stream is given, or after the start.
    pub fn transform<F>(&self, name: &str, streams: &[&StreamRef], function: F) -> Result<StreamRef>
    where
        F: Fn(&TransformContext<'_>, Vec<DataFrame>) -> FrameResult<DataFrame> + Send + Sync + 'static,
    {
        let Some((first, others)) = streams.split_first() else {
            return Err(Error::invalid(format!("stream \"{name}\": a transform is of one stream at least")));
        };
        first.with(name, others, OperationDefinition::Function(TransformFunction::new(function)))
    }
}

impl StreamRef {
    /// What a function makes of the batch's dataset. It says what is to be done, and is called once more when the job is checked, with an empty dataset: the columns
    /// it makes then are the stream's. It must do the same each time it is asked about the same batch, and use no function that doesn't, such as `random()`.
    pub fn transform<F>(&self, name: &str, function: F) -> Result<StreamRef>
    where
        F: Fn(&TransformContext<'_>, DataFrame) -> FrameResult<DataFrame> + Send + Sync + 'static,
    {
        let function = TransformFunction::new(move |cx, mut datasets| match datasets.pop() {
            Some(dataset) => function(cx, dataset),
            None => datafusion::common::plan_err!("a transform is of one stream at least"),
        });
        self.then(name, OperationDefinition::Function(function))
    }

    /// Rows of whole partitions to rows, by a plugin's operator.
    pub fn transform_with(&self, name: &str, with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Transform(super::builder::operator(with)?))
    }

    /// Give each batch's dataset to a function, as Spark's `foreachRDD` does. It runs on the engine's threads; its failure is the batch's. The DataFrame can be
    /// read until the function has returned. A batch that is run again, as when another output failed, calls it again.
    pub fn for_each<F, Fut, E>(&self, output: &str, function: F) -> Result<()>
    where
        F: Fn(BatchTime, DataFrame) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = std::result::Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        self.output(output, SinkDefinition::ForEach(ForEachFunction::new(function)))
    }
}
