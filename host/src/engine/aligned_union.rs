//! The rows of several inputs, partition by partition: what has its keys in the same partition in each input has them there still.
//!
//! DataFusion's own union puts partitions one after the other, or mixes them where it thinks that their keys agree; here each partition has the rows of the first input's, then those of the
//! second's, in order.

use std::fmt;
use std::sync::Arc;

use datafusion::common::{Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, stream};

use super::node;

/// Puts inputs with the same columns and the same number of partitions together.
#[derive(Debug)]
pub struct AlignedUnionExec {
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl AlignedUnionExec {
    /// Put `inputs`, at least one, together; the columns are called as the first input's.
    ///
    /// # Errors
    /// When they don't have the same types of columns and as many partitions.
    pub fn try_new(inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let Some(first) = inputs.first() else { return internal_err!("a union of no inputs") };
        let (schema, partitions) = (first.schema(), node::partition_count(first.as_ref()));
        for input in &inputs {
            let other = input.schema();
            let types = |schema: &arrow::datatypes::SchemaRef| -> Vec<_> {
                schema.fields().iter().map(|field| field.data_type().clone()).collect()
            };
            if types(&other) != types(&schema) || node::partition_count(input.as_ref()) != partitions {
                return internal_err!("inputs that don't agree: {partitions} partitions of {schema}, and {other}");
            }
        }
        // What any of the inputs may have, the union may.
        let fields = schema.fields().iter().enumerate().map(|(idx, field)| {
            let nullable = inputs.iter().any(|input| input.schema().field(idx).is_nullable());
            field.as_ref().clone().with_nullable(nullable)
        });
        let schema = Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
        let properties = node::properties(schema, partitions, EmissionType::Incremental);
        Ok(Self { inputs, properties })
    }

    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        Self::try_new(inputs)
    }
}

impl DisplayAs for AlignedUnionExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlignedUnionExec")
    }
}

impl ExecutionPlan for AlignedUnionExec {
    node::inner!("AlignedUnionExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let inputs = self.inputs.iter().map(|input| input.execute(partition, task.clone()));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let schema = self.schema();
        let rows = stream::iter(inputs).flatten().map(move |rows| Ok(rows?.with_schema(schema.clone())?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}
