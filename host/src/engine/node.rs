//! What all our plan nodes have in common: how their properties are made, and how rows are measured.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, internal_err};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::{ExecutionPlan, Partitioning, PlanProperties};

/// The properties of a node that promises nothing but its columns and partitions.
pub(crate) fn properties(schema: SchemaRef, partitions: usize, emission: EmissionType) -> Arc<PlanProperties> {
    let partitioning = Partitioning::UnknownPartitioning(partitions);
    Arc::new(PlanProperties::new(EquivalenceProperties::new(schema), partitioning, emission, Boundedness::Bounded))
}

/// What every node says of itself in its `ExecutionPlan`: its name, its field `properties`, and that it has no expressions.
macro_rules! any {
    ($name:literal) => {
        fn name(&self) -> &str {
            $name
        }

        fn properties(&self) -> &::std::sync::Arc<::datafusion::physical_plan::PlanProperties> {
            &self.properties
        }

        fn apply_expressions(
            &self,
            _: &mut dyn FnMut(
                &::std::sync::Arc<dyn ::datafusion::physical_plan::PhysicalExpr>,
            ) -> ::datafusion::common::Result<::datafusion::common::tree_node::TreeNodeRecursion>,
        ) -> ::datafusion::common::Result<::datafusion::common::tree_node::TreeNodeRecursion> {
            Ok(::datafusion::common::tree_node::TreeNodeRecursion::Continue)
        }
    };
}
pub(crate) use any;

/// What every leaf of a plan says of itself besides: that it has no children.
macro_rules! leaf {
    ($name:literal) => {
        $crate::engine::node::any!($name);

        fn children(&self) -> Vec<&::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            Vec::new()
        }

        fn with_new_children(
            self: ::std::sync::Arc<Self>,
            _: Vec<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>>,
        ) -> ::datafusion::common::Result<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            Ok(self)
        }
    };
}
pub(crate) use leaf;

/// What every node over other nodes says of itself besides: its inputs (those of its field `inputs` if it doesn't say), that it wants them
/// partitioned as they are, and that it is made anew by `with_inputs`.
macro_rules! inner {
    ($name:literal) => {
        $crate::engine::node::inner!($name, |node| node.inputs.iter().collect());
    };
    ($name:literal, |$node:ident| $inputs:expr) => {
        $crate::engine::node::any!($name);

        fn benefits_from_input_partitioning(&self) -> Vec<bool> {
            vec![false; self.children().len()]
        }

        fn children(&self) -> Vec<&::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            let $node = self;
            $inputs
        }

        fn with_new_children(
            self: ::std::sync::Arc<Self>,
            children: Vec<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>>,
        ) -> ::datafusion::common::Result<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            Ok(::std::sync::Arc::new(self.with_inputs(children)?))
        }
    };
}
pub(crate) use inner;

/// How many partitions a plan has.
pub(crate) fn partition_count(plan: &dyn ExecutionPlan) -> usize {
    plan.properties().output_partitioning().partition_count()
}

/// The one child of a node that has one.
pub(crate) fn only_child(name: &str, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
    match (children.pop(), children.len()) {
        (Some(child), 0) => Ok(child),
        (_, others) => internal_err!("{name} takes one input and was given {}", others + 1),
    }
}

/// The rows in record batches of `length` rows, at least 1; the last may have fewer.
pub(crate) fn slices(rows: &RecordBatch, length: usize) -> impl Iterator<Item = RecordBatch> {
    let starts = (0..rows.num_rows()).step_by(length);
    starts.map(move |start| rows.slice(start, length.min(rows.num_rows() - start)))
}

/// A partition's number as plans and plugins write it.
pub(crate) fn number(partition: usize) -> u32 {
    u32::try_from(partition).unwrap_or(u32::MAX)
}

/// Bytes that the rows of a record batch take: what slices don't show isn't counted, what is shared is counted each time.
pub(crate) fn bytes_of(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(bytes_of_column).sum()
}

fn bytes_of_column(column: &ArrayRef) -> usize {
    let validity = if column.nulls().is_some() { column.len().div_ceil(8) } else { 0 };
    match column.data_type() {
        // A view array's buffers are shared by its slices, so only what the views point to is counted.
        DataType::Utf8View => validity + 16 * column.len() + column.as_string_view().total_buffer_bytes_used(),
        DataType::BinaryView => validity + 16 * column.len() + column.as_binary_view().total_buffer_bytes_used(),
        _ => column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size()),
    }
}
