//! The node that slides a window of a plugin's partials: what was folded for the window before, less what has left, and what has come.
//!
//! A window holds a row for each key: the key, its partial, and in how many of the window's batches it came, by which a key leaves when its last batch does. Guests are called for the keys that
//! came or went alone: first `unmerge`, then `merge`, as Spark Streaming applies its inverse function first. That a window made so is the one that folding its batches anew would make is the aggregate's promise
//! (`unmerge(merge(a, b), b) = a`).

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, interleave_record_batch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, stream};

use super::fold::Calls;
use super::keys::Keys;
use super::operators::{CHUNK_ROWS, rows_per_call};
use super::plugin_aggregate::PluginAggregate;
use super::{Services, node};

/// The column of a window that says in how many of its batches the key came. No operator's column can be called so.
pub const N_BATCHES: &str = "#batches";

/// Slides a window: `inputs` are the window before, the partials that have come, and the partials that have left, each with the keys first, and a key in the same partition of all.
#[derive(Debug)]
pub struct WindowFoldExec {
    aggregate: PluginAggregate,
    n_keys: usize,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl WindowFoldExec {
    /// Slide a window of `aggregate`'s partials by keys of `n_keys` columns.
    ///
    /// # Errors
    /// When the inputs aren't those three, or don't have the columns and partitions that they must.
    pub fn try_new(aggregate: PluginAggregate, n_keys: usize, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let [before, come, left] = &inputs[..] else { return internal_err!("a window of {} inputs", inputs.len()) };
        let partitions = node::partition_count(come.as_ref());
        let n_columns = n_keys + aggregate.binding.partial.fields().len();
        let schema = window_schema(&come.schema());
        let agree = before.schema().fields() == schema.fields() && left.schema().fields() == come.schema().fields();
        if !agree || come.schema().fields().len() != n_columns {
            return internal_err!("a window of {}, with {} and {}", before.schema(), come.schema(), left.schema());
        }
        if [before, left].iter().any(|input| node::partition_count(input.as_ref()) != partitions) {
            return internal_err!("a window's inputs have different numbers of partitions");
        }
        let properties = node::properties(schema, partitions, EmissionType::Final);
        Ok(Self { aggregate, n_keys, inputs, properties })
    }

    /// The use of the operator.
    pub fn aggregate(&self) -> &PluginAggregate {
        &self.aggregate
    }

    /// Columns of the key.
    pub fn n_keys(&self) -> usize {
        self.n_keys
    }

    fn with_inputs(&self, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        Self::try_new(self.aggregate.clone(), self.n_keys, inputs)
    }
}

/// The columns of a window of partials with these columns.
pub fn window_schema(partials: &SchemaRef) -> SchemaRef {
    let n_batches = Arc::new(Field::new(N_BATCHES, DataType::Int64, false));
    Arc::new(Schema::new(partials.fields().iter().cloned().chain([n_batches]).collect::<Vec<_>>()))
}

impl DisplayAs for WindowFoldExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PluginAggregate { operator, stream, .. } = &self.aggregate;
        write!(f, "WindowFoldExec: stream={stream}, operator={}/{}", operator.plugin, operator.operator)
    }
}

impl ExecutionPlan for WindowFoldExec {
    node::inner!("WindowFoldExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let services = Services::of(&task)?;
        let PluginAggregate { operator, binding, stream, batch, attempt, .. } = &self.aggregate;
        let of_task = self.aggregate.task(&services, partition, node::partition_count(self));
        let consumer = MemoryConsumer::new(format!("window of stream \"{stream}\""));
        let window = Window {
            calls: Calls::new(operator, binding, of_task, services),
            n_keys: self.n_keys,
            schema: self.schema(),
            reservation: consumer.register(task.memory_pool()),
            sources: vec![],
        };
        let inputs = self.inputs.iter().map(|input| input.execute(partition, task.clone()));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let (batch, attempt) = (*batch, *attempt);
        let made = stream::once(async move {
            let mut window = window;
            let made = window.slide(inputs).await?;
            window.calls.tell(batch, attempt);
            Ok::<_, DataFusionError>(stream::iter(made.into_iter().map(Ok)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), futures::TryStreamExt::try_flatten(made))))
    }
}

/// Where a partial is: in which of the record batches, and in which row.
type Place = (usize, usize);

/// A partition being slid.
struct Window {
    calls: Calls,
    n_keys: usize,
    schema: SchemaRef,
    reservation: MemoryReservation,
    /// Record batches of partials: the window's before, those that came and left, and what guests returned.
    sources: Vec<RecordBatch>,
}

impl Window {
    async fn slide(&mut self, inputs: Vec<SendableRecordBatchStream>) -> Result<Vec<RecordBatch>> {
        let mut read = Vec::with_capacity(inputs.len());
        for input in inputs {
            read.push(self.read(input).await?);
        }
        let [before, come, left] = &read[..] else { return internal_err!("a window of {} inputs", read.len()) };
        let columns: Vec<Field> = self.schema.fields()[..self.n_keys].iter().map(|key| key.as_ref().clone()).collect();
        let mut keys = Keys::try_new(&columns)?;
        let window = self.groups(&mut keys, before)?;
        let of_come = self.groups(&mut keys, come)?;
        let known = keys.len();
        let of_left = self.groups(&mut keys, left)?;
        if keys.len() > known {
            return internal_err!("window of stream \"{}\": a key leaves that never came", self.calls.task.stream);
        }
        let mut n_batches = vec![0_i64; known];
        let counts = before.column(before.num_columns() - 1).as_primitive::<Int64Type>();
        window.iter().zip(counts.values()).for_each(|(group, count)| n_batches[*group as usize] += count);
        of_left.iter().for_each(|group| n_batches[*group as usize] -= 1);

        let mut places: Vec<Option<Place>> = vec![None; known];
        let source = self.source(before);
        // A key of which all batches have left begins anew.
        let stay = window.iter().enumerate().filter(|(_, group)| n_batches[**group as usize] > 0);
        stay.for_each(|(row, group)| places[*group as usize] = Some((source, row)));
        let source = self.source(left);
        let leaving = sorted(&of_left, source, |group| places[group as usize].is_some());
        self.unmerge(&mut places, &leaving)?;
        of_come.iter().for_each(|group| n_batches[*group as usize] += 1);
        let source = self.source(come);
        let coming = sorted(&of_come, source, |_| true);
        self.merge(&mut places, &coming)?;
        self.made(&mut keys, &n_batches, &places)
    }

    async fn read(&mut self, mut input: SendableRecordBatchStream) -> Result<RecordBatch> {
        let (schema, mut rows) = (input.schema(), vec![]);
        while let Some(more) = input.next().await.transpose()? {
            self.reservation.try_grow(node::bytes_of(&more))?;
            rows.push(more);
        }
        Ok(concat_batches(&schema, &rows)?)
    }

    fn groups(&self, keys: &mut Keys, rows: &RecordBatch) -> Result<Vec<u32>> {
        keys.numbers(&rows.columns()[..self.n_keys], rows.num_rows())
    }

    /// Keep the partials of `rows`; the number that they are found by.
    fn source(&mut self, rows: &RecordBatch) -> usize {
        let partial = &self.calls.binding.partial;
        let columns = rows.columns()[self.n_keys..self.n_keys + partial.fields().len()].to_vec();
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        // The columns are the binding's, as the node has seen: only a schema's own words can differ, so this doesn't fail.
        let partials = RecordBatch::try_new_with_options(partial.clone(), columns, &options)
            .unwrap_or_else(|_| RecordBatch::new_empty(partial.clone()));
        self.sources.push(partials);
        self.sources.len() - 1
    }

    fn gathered(&self, places: &[Place]) -> Result<RecordBatch> {
        let sources: Vec<&RecordBatch> = self.sources.iter().collect();
        Ok(interleave_record_batch(&sources, places)?)
    }

    /// Keep what a guest returned.
    fn keep(&mut self, partials: RecordBatch, places: &mut [Option<Place>], groups: &[u32]) -> Result<()> {
        self.reservation.try_grow(node::bytes_of(&partials))?;
        let source = self.sources.len();
        self.sources.push(partials);
        groups.iter().enumerate().for_each(|(row, group)| places[*group as usize] = Some((source, row)));
        Ok(())
    }

    /// Take what has left out of the window.
    fn unmerge(&mut self, places: &mut [Option<Place>], leaving: &[(u32, Place)]) -> Result<()> {
        let mut rest = leaving;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(self.rows_per_call(rest)?));
            rest = after;
            let (local, groups) = numbered(chunk);
            let whole: Vec<Place> = groups.iter().filter_map(|group| places[*group as usize]).collect();
            let whole = self.gathered(&whole)?;
            let partials = self.gathered(&chunk.iter().map(|(_, place)| *place).collect::<Vec<_>>())?;
            let less = self.calls.make(|guest| guest.unmerge(&whole, &partials, &local))?;
            self.keep(less, places, &groups)?;
        }
        Ok(())
    }

    /// Fold what has come into the window.
    fn merge(&mut self, places: &mut [Option<Place>], coming: &[(u32, Place)]) -> Result<()> {
        let mut rest = coming;
        while !rest.is_empty() {
            // Half of a call's rows may be what the window has of the keys already.
            let (chunk, after) = rest.split_at(rest.len().min(self.rows_per_call(rest)?.div_ceil(2)));
            rest = after;
            let mut rows: Vec<(u32, Place)> = Vec::with_capacity(2 * chunk.len());
            for (group, place) in chunk {
                if rows.last().is_none_or(|(last, _)| last != group) {
                    rows.extend(places[*group as usize].map(|before| (*group, before)));
                }
                rows.push((*group, *place));
            }
            let (local, groups) = numbered(&rows);
            if groups.len() == rows.len() {
                rows.iter().for_each(|(group, place)| places[*group as usize] = Some(*place));
                continue;
            }
            let partials = self.gathered(&rows.iter().map(|(_, place)| *place).collect::<Vec<_>>())?;
            let n_groups = node::number(groups.len());
            let merged = self.calls.make(|guest| guest.merge(&partials, &local, n_groups))?;
            self.keep(merged, places, &groups)?;
        }
        Ok(())
    }

    /// How many of these partials go into one call; the first few stand for all.
    fn rows_per_call(&self, rows: &[(u32, Place)]) -> Result<usize> {
        let sample: Vec<Place> = rows.iter().take(1024).map(|(_, place)| *place).collect();
        let bytes = node::bytes_of(&self.gathered(&sample)?) / sample.len().max(1) * rows.len();
        Ok(rows_per_call(rows.len(), bytes))
    }

    /// The window as it is now: the keys that still have a batch in it.
    fn made(&mut self, keys: &mut Keys, n_batches: &[i64], places: &[Option<Place>]) -> Result<Vec<RecordBatch>> {
        let keys = keys.take()?;
        let stay: Vec<(u32, Place)> = (0..)
            .zip(places.iter().zip(n_batches))
            .filter_map(|(group, (place, n_batches))| place.filter(|_| *n_batches > 0).map(|place| (group, place)))
            .collect();
        let mut made = vec![];
        for chunk in stay.chunks(CHUNK_ROWS) {
            let groups: UInt32Array = chunk.iter().map(|(group, _)| *group).collect();
            let partials = self.gathered(&chunk.iter().map(|(_, place)| *place).collect::<Vec<_>>())?;
            let counts: Int64Array = chunk.iter().map(|(group, _)| n_batches[*group as usize]).collect();
            let of_chunk = keys.iter().map(|key| arrow::compute::take(key, &groups, None));
            let mut columns: Vec<ArrayRef> = of_chunk.collect::<Result<_, _>>()?;
            columns.extend(partials.columns().iter().cloned());
            columns.push(Arc::new(counts));
            made.push(RecordBatch::try_new(self.schema.clone(), columns)?);
        }
        Ok(made)
    }
}

/// The rows of `source` whose group is wanted, by group; those of one group stay in their order.
fn sorted(groups: &[u32], source: usize, wanted: impl Fn(u32) -> bool) -> Vec<(u32, Place)> {
    let rows = groups.iter().enumerate().filter(|(_, group)| wanted(**group));
    let mut rows: Vec<(u32, Place)> = rows.map(|(row, group)| (*group, (source, row))).collect();
    rows.sort_by_key(|(group, _)| *group);
    rows
}

/// The groups of rows that are sorted by group, numbered from 0, and which group each number is.
fn numbered(rows: &[(u32, Place)]) -> (Vec<u32>, Vec<u32>) {
    let mut groups: Vec<u32> = vec![];
    let local = rows.iter().map(|(group, _)| {
        if groups.last() != Some(group) {
            groups.push(*group);
        }
        node::number(groups.len() - 1)
    });
    (local.collect(), groups)
}
