//! The node that brings the rows of a key together: join, cogroup, group-by-key and glom.
//!
//! Each input has as many partitions as the others, and the rows of a key in the same one: an exchange by key before each sees to that. A partition
//! is read to its end, input after input, whatever is made of it, so nothing upstream is evaluated in part. Its rows wait in memory that is
//! reserved; then what they make is given out a piece at a time. A key's rows stay in the order in which they came.

mod join;
mod lists;
mod sides;

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, internal_err, plan_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::stream;
use serde::{Deserialize, Serialize};

use super::node;
use crate::job::definition::JoinType;
use join::Joined;
use lists::Listed;
use sides::Sides;

/// About how many rows are given out at a time.
const PIECE_ROWS: usize = 8192;

/// What is made of the rows of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Together {
    /// Of two inputs, a row for each pair: the key's columns, the left's others, the right's others.
    Join(JoinType),
    /// A row for each key: its columns, then a list of each input's other columns, named so.
    Lists(Vec<Arc<str>>),
    /// One row a partition, a list of all its rows, named so. No key.
    Whole(Arc<str>),
}

/// Brings the rows of a key together.
#[derive(Debug)]
pub struct CogroupExec {
    stream: Arc<str>,
    together: Together,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    /// The key's columns of each input, by index.
    keys: Vec<Vec<usize>>,
    properties: Arc<PlanProperties>,
}

impl CogroupExec {
    /// Make `stream` of the rows of `inputs`, each with its key's columns.
    ///
    /// # Errors
    /// When the inputs' keys are of different types, or an input has nothing to make a list of.
    pub fn try_new(
        stream: Arc<str>,
        together: Together,
        inputs: Vec<Arc<dyn ExecutionPlan>>,
        keys: Vec<Vec<usize>>,
    ) -> Result<Self> {
        let partitions = inputs.first().map_or(0, |input| node::partition_count(input.as_ref()));
        if inputs.iter().any(|input| node::partition_count(input.as_ref()) != partitions) || keys.len() != inputs.len()
        {
            return internal_err!("inputs of stream \"{stream}\" that don't fit together");
        }
        let schemas: Vec<SchemaRef> = inputs.iter().map(|input| input.schema()).collect();
        let schema = schema(&together, &schemas, &keys)?;
        let properties = node::properties(schema, partitions, EmissionType::Final);
        Ok(Self { stream, together, inputs, keys, properties })
    }

    /// The stream that it makes.
    pub fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// What is made of a key's rows.
    pub fn together(&self) -> &Together {
        &self.together
    }

    /// The key's columns of each input.
    pub fn keys(&self) -> &[Vec<usize>] {
        &self.keys
    }
}

/// The columns made.
fn schema(together: &Together, inputs: &[SchemaRef], keys: &[Vec<usize>]) -> Result<SchemaRef> {
    let mut key_fields: Vec<Field> = match inputs.first() {
        Some(first) => first.project(&keys[0])?.fields().iter().map(|field| field.as_ref().clone()).collect(),
        None => return internal_err!("rows of no input can't be brought together"),
    };
    for (input, key) in inputs.iter().zip(keys).skip(1) {
        if key.len() != key_fields.len() {
            return internal_err!("keys of {} and of {} columns", key_fields.len(), key.len());
        }
        for (field, idx) in key_fields.iter_mut().zip(key) {
            let other = input.field(*idx);
            if other.data_type() != field.data_type() {
                return internal_err!("key \"{}\" is {} and {}", field.name(), field.data_type(), other.data_type());
            }
            *field = field.clone().with_nullable(field.is_nullable() || other.is_nullable());
        }
    }
    let fields = match together {
        Together::Join(kind) => {
            let [left, right] = inputs else { return internal_err!("a join of {} inputs", inputs.len()) };
            join::fields(*kind, key_fields, [left, right], keys)
        }
        Together::Lists(names) => {
            let lists = inputs.iter().zip(keys).zip(names).map(|((input, key), name)| list_of(name, input, key));
            key_fields.into_iter().map(Ok).chain(lists).collect::<Result<Vec<_>>>()?
        }
        Together::Whole(name) => vec![list_of(name, &inputs[0], &[])?],
    };
    Ok(Arc::new(Schema::new(fields)))
}

/// The columns that are not in the key, by index.
fn others(input: &Schema, key: &[usize]) -> Vec<usize> {
    (0..input.fields().len()).filter(|idx| !key.contains(idx)).collect()
}

/// A list of the one column that is not in the key, or of structs of all of them.
fn list_of(name: &str, input: &Schema, key: &[usize]) -> Result<Field> {
    let item = match others(input, key).as_slice() {
        [] => {
            return plan_err!(
                "there is nothing to make the list \"{name}\" of: all columns are in the key; count-by-value says how often each row occurs"
            );
        }
        [only] => {
            let only = input.field(*only);
            Field::new_list_field(only.data_type().clone(), only.is_nullable())
        }
        several => Field::new_list_field(DataType::Struct(input.project(several)?.fields), false),
    };
    Ok(Field::new_list(name, item, false))
}

impl CogroupExec {
    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        Self::try_new(self.stream.clone(), self.together.clone(), inputs, self.keys.clone())
    }
}

impl DisplayAs for CogroupExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CogroupExec: stream={}, together={:?}, keys={:?}", self.stream, self.together, self.keys)
    }
}

impl ExecutionPlan for CogroupExec {
    node::inner!("CogroupExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.inputs.iter().map(|input| input.execute(partition, task.clone()));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let what = match self.together {
            Together::Join(_) => "join",
            Together::Lists(_) => "lists",
            Together::Whole(_) => "list",
        };
        let consumer = MemoryConsumer::new(format!("{what} of stream \"{}\"", self.stream));
        let sides = Sides::try_new(&rows, &self.keys, consumer.register(task.memory_pool()))?;
        let work = Work::Reading { sides, rows, together: self.together.clone(), schema: self.schema() };
        let made = stream::try_unfold(work, Work::step);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), made)))
    }
}

/// A partition being worked on.
enum Work {
    Reading { sides: Sides, rows: Vec<SendableRecordBatchStream>, together: Together, schema: SchemaRef },
    Joining(Joined),
    Listing(Listed),
}

impl Work {
    /// The next piece, and what is left to do.
    async fn step(self) -> Result<Option<(arrow::array::RecordBatch, Self)>, DataFusionError> {
        let mut work = match self {
            Work::Reading { mut sides, rows, together, schema } => {
                for (side, rows) in rows.into_iter().enumerate() {
                    sides.read(side, rows).await?;
                }
                match together {
                    Together::Join(kind) => Work::Joining(Joined::new(sides, kind, schema)?),
                    Together::Lists(_) => Work::Listing(Listed::new(sides, schema, false)?),
                    Together::Whole(_) => Work::Listing(Listed::new(sides, schema, true)?),
                }
            }
            work => work,
        };
        let made = match &mut work {
            Work::Joining(joined) => joined.next()?,
            Work::Listing(listed) => listed.next()?,
            Work::Reading { .. } => None,
        };
        Ok(made.map(|made| (made, work)))
    }
}

#[cfg(test)]
mod tests;
