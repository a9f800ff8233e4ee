//! The node that slides a window of a plugin's partials: what was folded for the window before, less what has left, and what has come.
//!
//! A window holds a row for each key: the key, its partial, and in how many of the window's batches it came, by which a key leaves when its last batch does. Guests are called for the keys that
//! came or went alone: first `unmerge`, then `merge`, as Spark Streaming applies its inverse function first. That a window made so is the one that folding its batches anew would make is the aggregate's promise
//! (`unmerge(merge(a, b), b) = a`).
//!
//! Where the job leaves out what an operator fails at, a key at which `unmerge` or `merge` fails is made anew of all its partials in the window. Where this fails too, the window has no result of it: its row says so by the number of its batches being negative,
//! and the next window makes it anew.

use std::collections::{BTreeMap, BTreeSet};
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

use super::error::external;
use super::fold::Calls;
use super::keys::Keys;
use super::keys_left_out::{half, letter_row};
use super::left_out::{Halves, LeftOut, Parts, Place as RowPlace};
use super::operators::{CHUNK_ROWS, rows_per_call};
use super::plugin_aggregate::PluginAggregate;
use super::{Services, node};
use crate::plugin::PluginError;

/// The column of a window that says in how many of its batches the key came; as a negative number where the window has no result of the key. No operator's column can be called so.
pub const N_BATCHES: &str = "#batches";

/// Slides a window: `inputs` are the window before, the partials that have come, the partials that have left, and all that are in the window, which are only read where a key is made anew; each with the keys first, and a
/// key in the same partition of all.
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
    /// When the inputs aren't those four, or don't have the columns and partitions that they must.
    pub fn try_new(aggregate: PluginAggregate, n_keys: usize, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let [before, come, left, all] = &inputs[..] else {
            return internal_err!("a window of {} inputs", inputs.len());
        };
        let partitions = node::partition_count(come.as_ref());
        let n_columns = n_keys + aggregate.binding.partial.fields().len();
        let schema = window_schema(&come.schema());
        let of_batches = |input: &Arc<dyn ExecutionPlan>| input.schema().fields() == come.schema().fields();
        let agree = before.schema().fields() == schema.fields() && of_batches(left) && of_batches(all);
        if !agree || come.schema().fields().len() != n_columns {
            return internal_err!("a window of {}, with {} and {}", before.schema(), come.schema(), left.schema());
        }
        if [before, left, all].iter().any(|input| node::partition_count(input.as_ref()) != partitions) {
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
        let left_out = LeftOut::new(operator, &services, *attempt);
        let window = Window {
            calls: Calls::new(operator, binding, of_task, services),
            left_out,
            n_keys: self.n_keys,
            schema: self.schema(),
            reservation: consumer.register(task.memory_pool()),
            sources: vec![],
        };
        let (all, inputs) = (self.inputs[3].clone(), &self.inputs[..3]);
        let inputs = inputs.iter().map(|input| input.execute(partition, task.clone()));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let (batch, attempt) = (*batch, *attempt);
        let made = stream::once(async move {
            let mut window = window;
            let made = window.slide(inputs, || all.execute(partition, task)).await?;
            window.calls.tell(batch, attempt);
            Ok::<_, DataFusionError>(stream::iter(made.into_iter().map(Ok)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), futures::TryStreamExt::try_flatten(made))))
    }
}

/// Where a partial is: in which of the record batches, and in which row.
type Place = (usize, usize);

/// Partials for one call, by group; one group alone is halved where it has more than `least`.
#[derive(Debug)]
struct Rows {
    rows: Vec<(u32, Place)>,
    least: usize,
}

impl Halves for Rows {
    fn halves(self) -> Result<(Self, Self), Self> {
        let Some(at) = half(self.rows.len(), |row| self.rows[row].0, self.least) else { return Err(self) };
        let Self { mut rows, least } = self;
        let after = rows.split_off(at);
        Ok((Self { rows, least }, Self { rows: after, least }))
    }
}

/// A partition being slid.
struct Window {
    calls: Calls,
    left_out: LeftOut,
    n_keys: usize,
    schema: SchemaRef,
    reservation: MemoryReservation,
    /// Record batches of partials: the window's before, those that came and left, and what guests returned.
    sources: Vec<RecordBatch>,
}

/// Keys of which the window has no result: why, and where their partials are.
type Broken = BTreeMap<u32, (PluginError, Vec<Place>)>;

impl Window {
    /// `all` gives all partials of the window.
    async fn slide(
        &mut self,
        inputs: Vec<SendableRecordBatchStream>,
        all: impl FnOnce() -> Result<SendableRecordBatchStream>,
    ) -> Result<Vec<RecordBatch>> {
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
        let (mut n_batches, mut anew) = (vec![0_i64; known], BTreeSet::new());
        let counts = before.column(before.num_columns() - 1).as_primitive::<Int64Type>();
        for (group, count) in window.iter().zip(counts.values()) {
            n_batches[*group as usize] += count.saturating_abs();
            if *count < 0 {
                anew.insert(*group);
            }
        }
        of_left.iter().for_each(|group| n_batches[*group as usize] -= 1);

        let mut places: Vec<Option<Place>> = vec![None; known];
        let source = self.source(before);
        // A key of which all batches have left begins anew.
        let stay = window.iter().enumerate().filter(|(_, group)| n_batches[**group as usize] > 0);
        let stay = stay.filter(|(_, group)| !anew.contains(*group));
        stay.for_each(|(row, group)| places[*group as usize] = Some((source, row)));
        let source = self.source(left);
        let leaving = sorted(&of_left, source, |group| places[group as usize].is_some());
        self.unmerge(&mut places, &leaving, &mut anew)?;
        of_come.iter().for_each(|group| n_batches[*group as usize] += 1);
        let source = self.source(come);
        let coming = sorted(&of_come, source, |_| true);
        self.merge(&mut places, &coming, &mut anew)?;
        anew.retain(|group| n_batches[*group as usize] > 0);
        let broken = match anew.is_empty() {
            true => Broken::new(),
            false => self.make_anew(&mut keys, &anew, all()?, &mut places).await?,
        };
        broken.keys().for_each(|group| n_batches[*group as usize] *= -1);
        self.made(&mut keys, &n_batches, &places, broken)
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

    /// Take what has left out of the window. Keys at which that fails are to be made anew.
    fn unmerge(
        &mut self,
        places: &mut [Option<Place>],
        leaving: &[(u32, Place)],
        anew: &mut BTreeSet<u32>,
    ) -> Result<()> {
        let (mut rest, mut parts) = (leaving, Parts::default());
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(self.rows_per_call(rest)?));
            rest = after;
            parts.push(Rows { rows: chunk.to_vec(), least: usize::MAX });
        }
        while let Some((mut chunk, suspect)) = parts.pop() {
            chunk.rows.retain(|(group, _)| !anew.contains(group));
            let (local, groups) = numbered(&chunk.rows);
            let whole: Vec<Place> = groups.iter().filter_map(|group| places[*group as usize]).collect();
            let whole = self.gathered(&whole)?;
            let partials = self.gathered(&chunk.rows.iter().map(|(_, place)| *place).collect::<Vec<_>>())?;
            let less = match chunk.rows.is_empty() {
                true => Ok(partials),
                false => self.calls.try_make(|guest| guest.unmerge(&whole, &partials, &local)),
            };
            match less {
                Ok(less) => {
                    parts.succeeded(suspect);
                    self.keep(less, places, &groups)?;
                }
                Err(error) if self.left_out.looks_for_guilty(&error) => {
                    let guilty = parts.failed(chunk, suspect);
                    forget(guilty, places, anew);
                }
                Err(error) => return Err(external(error)),
            }
        }
        Ok(())
    }

    /// Fold what has come into the window. Keys at which that fails are to be made anew.
    fn merge(&mut self, places: &mut [Option<Place>], coming: &[(u32, Place)], anew: &mut BTreeSet<u32>) -> Result<()> {
        let (mut rest, mut parts) = (coming, Parts::default());
        while !rest.is_empty() {
            // Half of a call's rows may be what the window has of the keys already.
            let (chunk, after) = rest.split_at(rest.len().min(self.rows_per_call(rest)?.div_ceil(2)));
            rest = after;
            parts.push(Rows { rows: chunk.to_vec(), least: usize::MAX });
        }
        while let Some((mut chunk, suspect)) = parts.pop() {
            chunk.rows.retain(|(group, _)| !anew.contains(group));
            let mut rows: Vec<(u32, Place)> = Vec::with_capacity(2 * chunk.rows.len());
            for (group, place) in &chunk.rows {
                if rows.last().is_none_or(|(last, _)| last != group) {
                    rows.extend(places[*group as usize].map(|before| (*group, before)));
                }
                rows.push((*group, *place));
            }
            match self.merged(&rows)? {
                Ok(merged) => {
                    parts.succeeded(suspect);
                    merged.into_iter().for_each(|(group, place)| places[group as usize] = Some(place));
                }
                Err(error) if self.left_out.looks_for_guilty(&error) => {
                    let guilty = parts.failed(chunk, suspect);
                    forget(guilty, places, anew);
                }
                Err(error) => return Err(external(error)),
            }
        }
        Ok(())
    }

    /// One partial for each group of rows that are sorted by group.
    fn merged(&mut self, rows: &[(u32, Place)]) -> Result<Result<Vec<(u32, Place)>, PluginError>> {
        let (local, groups) = numbered(rows);
        if groups.len() == rows.len() {
            return Ok(Ok(rows.to_vec()));
        }
        let partials = self.gathered(&rows.iter().map(|(_, place)| *place).collect::<Vec<_>>())?;
        let n_groups = node::number(groups.len());
        Ok(match self.calls.try_make(|guest| guest.merge(&partials, &local, n_groups)) {
            Ok(merged) => {
                self.reservation.try_grow(node::bytes_of(&merged))?;
                self.sources.push(merged);
                let source = self.sources.len() - 1;
                Ok(groups.into_iter().enumerate().map(|(row, group)| (group, (source, row))).collect())
            }
            Err(error) => Err(error),
        })
    }

    /// Make keys of all their partials in the window, two of which are merged at a time where more can't be. Those at which this fails too; their place is that of some partial.
    async fn make_anew(
        &mut self,
        keys: &mut Keys,
        anew: &BTreeSet<u32>,
        mut all: SendableRecordBatchStream,
        places: &mut [Option<Place>],
    ) -> Result<Broken> {
        let mut of_keys: BTreeMap<u32, Vec<Place>> = BTreeMap::new();
        while let Some(rows) = all.next().await.transpose()? {
            let groups = self.groups(keys, &rows)?;
            let wanted: Vec<u32> =
                (0..).zip(&groups).filter(|(_, group)| anew.contains(group)).map(|(row, _)| row).collect();
            if wanted.is_empty() {
                continue;
            }
            let of_rows: Vec<u32> = wanted.iter().map(|row| groups[*row as usize]).collect();
            let rows = arrow::compute::take_record_batch(&rows, &UInt32Array::from(wanted))?;
            self.reservation.try_grow(node::bytes_of(&rows))?;
            let source = self.source(&rows);
            of_rows.iter().enumerate().for_each(|(row, group)| of_keys.entry(*group).or_default().push((source, row)));
        }
        let mut broken = Broken::new();
        let flat =
            |(group, places): (&u32, &Vec<Place>)| places.iter().map(|place| (*group, *place)).collect::<Vec<_>>();
        let mut rows: Vec<(u32, Place)> = of_keys.iter().flat_map(flat).collect();
        loop {
            let n_before = rows.len();
            let (mut rest, mut parts, mut made) = (&rows[..], Parts::default(), vec![]);
            while !rest.is_empty() {
                let (chunk, after) = rest.split_at(rest.len().min(self.rows_per_call(rest)?.max(2)));
                rest = after;
                parts.push(Rows { rows: chunk.to_vec(), least: 2 });
            }
            while let Some((chunk, suspect)) = parts.pop() {
                match self.merged(&chunk.rows)? {
                    Ok(mut merged) => {
                        parts.succeeded(suspect);
                        made.append(&mut merged);
                    }
                    Err(error) if self.left_out.looks_for_guilty(&error) => {
                        let guilty = parts.failed(chunk, suspect);
                        let Some((group, _)) = guilty.and_then(|guilty| guilty.rows.first().copied()) else { continue };
                        if let (false, Some(all)) = (broken.contains_key(&group), of_keys.get(&group)) {
                            self.left_out.count(&self.calls.task, u64::from(group), &error)?;
                            broken.insert(group, (error, all.clone()));
                        }
                    }
                    Err(error) => return Err(external(error)),
                }
            }
            rows = made;
            rows.retain(|(group, _)| !broken.contains_key(group));
            if rows.len() == n_before || rows.windows(2).all(|two| two[0].0 != two[1].0) {
                break;
            }
        }
        rows.into_iter().for_each(|(group, place)| places[group as usize] = Some(place));
        broken.iter().for_each(|(group, (_, all))| places[*group as usize] = all.first().copied());
        Ok(broken)
    }

    /// How many of these partials go into one call; the first few stand for all.
    fn rows_per_call(&self, rows: &[(u32, Place)]) -> Result<usize> {
        let sample: Vec<Place> = rows.iter().take(1024).map(|(_, place)| *place).collect();
        let bytes = node::bytes_of(&self.gathered(&sample)?) / sample.len().max(1) * rows.len();
        Ok(rows_per_call(rows.len(), bytes))
    }

    /// The window as it is now: the keys that still have a batch in it.
    fn made(
        &mut self,
        keys: &mut Keys,
        n_batches: &[i64],
        places: &[Option<Place>],
        broken: Broken,
    ) -> Result<Vec<RecordBatch>> {
        let keys = keys.take()?;
        let fields = &self.schema.fields()[..self.n_keys];
        for (group, (error, partials)) in broken {
            let partials = self.gathered(&partials)?;
            let row = letter_row(fields, &keys, group, &self.calls.binding.partial, &[partials])?;
            let place = RowPlace { rows: &row, at: 0, number: u64::from(group) };
            self.left_out.tell(&self.calls.task, &mut self.calls.report, place, &error)?;
        }
        let stay: Vec<(u32, Place)> = (0..)
            .zip(places.iter().zip(n_batches))
            .filter_map(|(group, (place, n_batches))| place.filter(|_| *n_batches != 0).map(|place| (group, place)))
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

/// A key at which the guest failed is to be made anew.
fn forget(guilty: Option<Rows>, places: &mut [Option<Place>], anew: &mut BTreeSet<u32>) {
    for (group, _) in guilty.into_iter().flat_map(|guilty| guilty.rows) {
        places[group as usize] = None;
        anew.insert(group);
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
