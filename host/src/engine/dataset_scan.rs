//! A leaf that reads materialized streams.
//!
//! It names datasets; the rows are in the [`super::DatasetStore`] of the process it runs in.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, exec_datafusion_err, internal_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::stream;
use serde::{Deserialize, Serialize};

use super::{Services, node};
use crate::clock::BatchTime;

/// Names a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetName {
    /// The stream that it is of.
    pub stream: Arc<str>,
    /// The batch that made it.
    pub batch: BatchTime,
    /// Its partitions, at least 1.
    pub partitions: usize,
}

/// How the partitions of several datasets are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One after the other: those of the first dataset, then those of the second, and so on.
    Appended,
    /// So many partitions, each of the rows that each dataset has in the partition of that number, dataset after dataset. What has its keys in the
    /// same partition in each dataset has them there still.
    Aligned(usize),
}

/// Reads datasets of streams with the same columns, any number of times.
#[derive(Debug)]
pub struct DatasetScanExec {
    datasets: Vec<DatasetName>,
    layout: Layout,
    properties: Arc<PlanProperties>,
}

impl DatasetScanExec {
    /// Read what `stream` had in `batch`: `partitions` of them, at least 1, with the columns of `schema`.
    pub fn new(stream: Arc<str>, batch: BatchTime, partitions: usize, schema: SchemaRef) -> Self {
        Self::of(vec![DatasetName { stream, batch, partitions }], Layout::Appended, schema)
    }

    /// Read datasets with the columns of `schema`. One partition is there at least, without rows where there is no dataset.
    pub fn of(datasets: Vec<DatasetName>, layout: Layout, schema: SchemaRef) -> Self {
        let partitions = match layout {
            Layout::Appended => datasets.iter().map(|dataset| dataset.partitions).sum(),
            Layout::Aligned(partitions) => partitions,
        };
        let properties = node::properties(schema, partitions.max(1), EmissionType::Incremental);
        Self { datasets, layout, properties }
    }

    /// What is read, in this order.
    pub fn datasets(&self) -> &[DatasetName] {
        &self.datasets
    }

    /// How the datasets are put together.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The partitions of datasets that make up a partition of this.
    fn parts(&self, partition: usize) -> Vec<(&DatasetName, usize)> {
        match self.layout {
            Layout::Aligned(_) => {
                let has = |dataset: &&DatasetName| partition < dataset.partitions;
                self.datasets.iter().filter(has).map(|dataset| (dataset, partition)).collect()
            }
            Layout::Appended => {
                let mut before = 0;
                let part = self.datasets.iter().find_map(|dataset| {
                    let number = partition.checked_sub(before).filter(|number| *number < dataset.partitions);
                    before += dataset.partitions;
                    number.map(|number| (dataset, number))
                });
                part.into_iter().collect()
            }
        }
    }
}

impl DisplayAs for DatasetScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.datasets[..] {
            [DatasetName { stream, batch, .. }] => write!(f, "DatasetScanExec: stream={stream}, batch={batch}"),
            datasets => write!(f, "DatasetScanExec: datasets={}, layout={:?}", datasets.len(), self.layout),
        }
    }
}

impl ExecutionPlan for DatasetScanExec {
    node::leaf!("DatasetScanExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition >= node::partition_count(self) {
            return Err(internal_datafusion_err!("partition {partition} of {}", node::partition_count(self)));
        }
        let services = Services::of(&task)?;
        let parts = self.parts(partition).into_iter().map(|(DatasetName { stream, batch, .. }, partition)| {
            services.datasets.get(stream, *batch, node::number(partition)).ok_or_else(|| {
                exec_datafusion_err!(
                    "partition {partition} of stream \"{stream}\" in batch {batch} is not there; it was not made, or dropped too early"
                )
            })
        });
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let rows = parts.into_iter().flat_map(|rows| (0..rows.len()).map(move |idx| Ok(rows[idx].clone())));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::iter(rows))))
    }
}
