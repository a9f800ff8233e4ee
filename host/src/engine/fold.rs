//! Folding the rows of a partition by key with a plugin's aggregate: which row is of which group, when the guest is called, and what is held.
//!
//! Rows are gathered until there are enough for a call, which makes a partial for each group among them; partials are gathered, in
//! order, until there are far more than groups, and then merged. All that is held are Arrow arrays, none of it in the guest, so a call that ran out
//! of time or resources is made again on a fresh instance. Each call has at most 65,536 rows and about as many bytes as fit a chunk.
//!
//! Where the job leaves out what an operator fails at, a row is left out when `partial` fails at it, and a key when `finish` fails at its partial, or `merge` at two of them. How many partials a key has, and which
//! of them meet, depends on how rows came; so nothing is left out of a key but all of it: where rows are, partials that can't be merged are passed on as they are, and where all of a key's partials come
//! together, it is left out with all of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::Result;

use super::error::external;
use super::keys::Keys;
use super::keys_left_out::{KeyLeftOut, Partials, letter_row};
use super::left_out::{Halves, LeftOut, Parts, Place};
use super::operators::{self, AggregateCalls, CHUNK_ROWS, Tries, rows_per_call};
use super::plugin_aggregate::Step;
use super::reports::OperatorReport;
use super::{Services, node};
use crate::clock::BatchTime;
use crate::plugin::{AggregateBinding, OperatorRef, PluginError, Task};

/// Bytes of rows gathered for one call at most, beside the rows of the last record batch.
const GATHERED_BYTES: usize = 4 * operators::CHUNK_BYTES;

/// The guest's side: calls, made again where that may help.
pub(crate) struct Calls {
    pub(crate) operator: OperatorRef,
    pub(crate) binding: AggregateBinding,
    pub(crate) task: Task,
    pub(crate) services: Arc<Services>,
    pub(crate) instance: Option<Box<dyn AggregateCalls>>,
    pub(crate) report: OperatorReport,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("operator", &self.operator).field("task", &self.task).finish_non_exhaustive()
    }
}

impl Calls {
    /// An instance is opened at the first call.
    pub(crate) fn new(operator: &OperatorRef, binding: &AggregateBinding, task: Task, services: Arc<Services>) -> Self {
        let (operator, binding) = (operator.clone(), binding.clone());
        Self { operator, binding, task, services, instance: None, report: OperatorReport::default() }
    }

    /// Tell the driver what the operator did.
    pub(crate) fn tell(mut self, batch: BatchTime, attempt: u32) {
        let mut report = std::mem::take(&mut self.report);
        report.partitions = 1;
        if let Some(instance) = self.instance.take() {
            operators::count(&mut report, &mut self.task, instance.report());
        }
        if report.calls > 0 || report.left_out() > 0 {
            self.services.reports.add(batch, attempt, operators::used(&self.operator, &self.task), report);
        }
    }

    /// Make a call; where that may help, again on a fresh instance.
    pub(crate) fn try_make(
        &mut self,
        guest: impl Fn(&mut dyn AggregateCalls) -> Result<RecordBatch, PluginError>,
    ) -> Result<RecordBatch, PluginError> {
        let mut tries = Tries::first();
        loop {
            match operators::call(|| self.once(&guest)) {
                Ok(rows) => {
                    self.report.calls += 1;
                    return Ok(rows);
                }
                Err(error) => tries.failed(error, &self.operator.on_error, &mut self.task, &mut self.report)?,
            }
        }
    }

    fn once(
        &mut self,
        guest: impl Fn(&mut dyn AggregateCalls) -> Result<RecordBatch, PluginError>,
    ) -> Result<RecordBatch, PluginError> {
        let mut instance = match self.instance.take() {
            Some(instance) => instance,
            None => {
                self.task.done = self.report.calls;
                self.services.plugins.open_aggregate(&self.operator, &self.binding, &self.task)?
            }
        };
        let rows = guest(instance.as_mut());
        match &rows {
            Ok(_) => self.instance = Some(instance),
            // What it counted before stays.
            Err(_) => operators::count(&mut self.report, &mut self.task, instance.report()),
        }
        rows
    }
}

/// Rows for one call, the group of each, and the number of the first in the partition.
struct Chunk {
    rows: RecordBatch,
    groups: Vec<u32>,
    first: u64,
}

impl Halves for Chunk {
    fn halves(self) -> Result<(Self, Self), Self> {
        let Self { rows, mut groups, first } = self;
        match rows.halves() {
            Ok((before, after)) => {
                let of_after = groups.split_off(before.num_rows());
                let next = first + before.num_rows() as u64;
                Ok((Self { rows: before, groups, first }, Self { rows: after, groups: of_after, first: next }))
            }
            Err(rows) => Err(Self { rows, groups, first }),
        }
    }
}

/// Groups, and what is folded of them so far.
pub(crate) struct Fold {
    step: Step,
    calls: Calls,
    keys: Keys,
    left_out: LeftOut,
    /// The key's columns, where rows are held with them, since some may have to be left out and told of.
    beside: Option<Vec<FieldRef>>,
    /// Whether rows or keys were left out, so that there may be keys without a partial.
    has_gaps: bool,
    /// Groups two of whose partials can't be merged, and those whose partial can't be finished.
    guilty: BTreeMap<u32, KeyLeftOut>,
    /// Rows that no call has had yet, and the group of each.
    rows: Vec<RecordBatch>,
    row_groups: Vec<u32>,
    row_bytes: usize,
    /// Partials in the order of the rows they were made of, and the group of each.
    partials: Vec<RecordBatch>,
    partial_groups: Vec<u32>,
    partial_bytes: usize,
    /// Scratch: each group's number in the call being made.
    numbers: Vec<u32>,
}

impl Fold {
    /// Fold by keys of these columns.
    pub(crate) fn try_new(step: Step, keys: &[Field], calls: Calls) -> Result<Self> {
        let leaves_out = calls.operator.on_error.then.leaves_out();
        Ok(Self {
            left_out: LeftOut::new(&calls.operator, &calls.services, calls.task.attempt),
            beside: leaves_out.then(|| keys.iter().map(|key| Arc::new(key.clone())).collect()),
            has_gaps: false,
            guilty: BTreeMap::new(),
            step,
            calls,
            keys: Keys::try_new(keys)?,
            rows: Vec::new(),
            row_groups: Vec::new(),
            row_bytes: 0,
            partials: Vec::new(),
            partial_groups: Vec::new(),
            partial_bytes: 0,
            numbers: Vec::new(),
        })
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        let numbers = self.row_groups.capacity() + self.partial_groups.capacity() + self.numbers.capacity();
        self.keys.size() + self.row_bytes + self.partial_bytes + numbers * size_of::<u32>()
    }

    /// Groups so far.
    pub(crate) fn n_groups(&self) -> usize {
        self.keys.len()
    }

    /// Take rows of the stream in; `keys` are their key columns.
    pub(crate) fn push_rows(&mut self, keys: &[ArrayRef], rows: RecordBatch) -> Result<()> {
        self.calls.report.rows_in += rows.num_rows() as u64;
        let mut groups = self.keys.numbers(keys, rows.num_rows())?;
        self.row_groups.append(&mut groups);
        let rows = match &self.beside {
            Some(beside) => with_columns(beside, keys, &rows)?,
            None => rows,
        };
        self.row_bytes += node::bytes_of(&rows);
        self.rows.push(rows);
        if self.row_groups.len() >= CHUNK_ROWS || self.row_bytes >= GATHERED_BYTES { self.fold_rows() } else { Ok(()) }
    }

    /// Take partials in that another partition made; `keys` are their key columns.
    pub(crate) fn push_partials(&mut self, keys: &[ArrayRef], partials: RecordBatch) -> Result<()> {
        let groups = self.keys.numbers(keys, partials.num_rows())?;
        self.hold(partials, groups);
        self.merge_if_many()
    }

    fn hold(&mut self, partials: RecordBatch, mut groups: Vec<u32>) {
        self.partial_bytes += node::bytes_of(&partials);
        self.partials.push(partials);
        self.partial_groups.append(&mut groups);
    }

    /// Make partials of the rows gathered.
    fn fold_rows(&mut self) -> Result<()> {
        let Some(first) = self.rows.first() else { return Ok(()) };
        let rows = concat_batches(&first.schema(), &self.rows)?;
        let groups = std::mem::take(&mut self.row_groups);
        let length = rows_per_call(rows.num_rows(), self.row_bytes.div_ceil(4));
        self.rows.clear();
        self.row_bytes = 0;
        let mut chunks = Parts::default();
        let mut first = self.calls.report.rows_in - rows.num_rows() as u64;
        for (rows, groups) in node::slices(&rows, length).zip(groups.chunks(length)) {
            let n_rows = rows.num_rows() as u64;
            chunks.push(Chunk { rows, groups: groups.to_vec(), first });
            first += n_rows;
        }
        let n_beside = self.beside.as_ref().map_or(0, Vec::len);
        while let Some((chunk, suspect)) = chunks.pop() {
            let (local, globals) = self.local(&chunk.groups);
            let values = chunk.rows.project(&(n_beside..chunk.rows.num_columns()).collect::<Vec<_>>())?;
            match self.calls.try_make(|guest| guest.partial(&values, &local, node::number(globals.len()))) {
                Ok(partials) => {
                    chunks.succeeded(suspect);
                    self.hold(partials, globals);
                }
                Err(error) if self.left_out.looks_for_guilty(&error) => {
                    if let Some(Chunk { rows, first, .. }) = chunks.failed(chunk, suspect) {
                        self.has_gaps = true;
                        let place = Place { rows: &rows, at: 0, number: first };
                        self.left_out.failed(&self.calls.task, &mut self.calls.report, place, &error)?;
                    }
                }
                Err(error) => return Err(external(error)),
            }
        }
        self.merge_if_many()
    }

    /// The groups of these rows numbered from 0 in the order in which they come, and which group each number is.
    fn local(&mut self, groups: &[u32]) -> (Vec<u32>, Vec<u32>) {
        self.numbers.resize(self.keys.len(), u32::MAX);
        let mut globals = Vec::new();
        let mut local = Vec::with_capacity(groups.len());
        for group in groups {
            let number = &mut self.numbers[*group as usize];
            if *number == u32::MAX {
                *number = node::number(globals.len());
                globals.push(*group);
            }
            local.push(*number);
        }
        globals.iter().for_each(|group| self.numbers[*group as usize] = u32::MAX);
        (local, globals)
    }

    fn merge_if_many(&mut self) -> Result<()> {
        if self.partial_groups.len() > 2 * self.keys.len() + CHUNK_ROWS { self.merge() } else { Ok(()) }
    }

    /// Whether no group has two partials that could be merged.
    fn is_merged(&self) -> bool {
        if !self.has_gaps {
            return self.partial_groups.len() <= self.keys.len();
        }
        let mut seen = hashbrown::HashSet::with_capacity(self.partial_groups.len());
        self.partial_groups.iter().filter(|group| !self.guilty.contains_key(*group)).all(|group| seen.insert(*group))
    }

    /// One partial for each group, in the order of groups; those of groups that can't be merged as they are, after all others, or left out.
    fn merge(&mut self) -> Result<()> {
        self.take_guilty()?;
        while !self.is_merged() {
            let Some(first) = self.partials.first() else { break };
            let partials = concat_batches(&first.schema(), &self.partials)?;
            let mut order: Vec<u32> = (0..node::number(self.partial_groups.len())).collect();
            let is_guilty = |group: u32| !self.guilty.is_empty() && self.guilty.contains_key(&group);
            // Stable: the partials of a group stay in their order.
            order.sort_by_key(|partial| {
                let group = self.partial_groups[*partial as usize];
                (is_guilty(group), group)
            });
            let groups: Vec<u32> = order.iter().map(|partial| self.partial_groups[*partial as usize]).collect();
            let n_free = groups.partition_point(|group| !is_guilty(*group));
            let partials = take_record_batch(&partials, &UInt32Array::from(order))?;
            // A group that is cut between two calls has a partial of each, which the next round merges. Two rows at least, so that there's an end.
            let length = rows_per_call(partials.num_rows(), self.partial_bytes.div_ceil(4)).max(2);
            self.partials.clear();
            self.partial_groups.clear();
            self.partial_bytes = 0;
            let mut chunks = Parts::default();
            let free = partials.slice(0, n_free);
            for (rows, groups) in node::slices(&free, length).zip(groups[..n_free].chunks(length)) {
                chunks.push(Partials { rows, groups: groups.to_vec() });
            }
            while let Some((chunk, suspect)) = chunks.pop() {
                let (local, globals) = self.local(&chunk.groups);
                let merged = match globals.len() == chunk.groups.len() {
                    true => Ok(chunk.rows.clone()),
                    false => self.calls.try_make(|guest| guest.merge(&chunk.rows, &local, node::number(globals.len()))),
                };
                match merged {
                    Ok(merged) => {
                        chunks.succeeded(suspect);
                        self.hold(merged, globals);
                    }
                    Err(error) if self.left_out.looks_for_guilty(&error) => {
                        if let Some(Partials { rows, groups }) = chunks.failed(chunk, suspect) {
                            self.is_guilty(&groups, error)?;
                            self.hold(rows, groups);
                        }
                    }
                    Err(error) => return Err(external(error)),
                }
            }
            if n_free < partials.num_rows() {
                self.hold(partials.slice(n_free, partials.num_rows() - n_free), groups[n_free..].to_vec());
            }
            self.take_guilty()?;
        }
        Ok(())
    }

    /// The one group of these partials can't be merged or finished.
    fn is_guilty(&mut self, groups: &[u32], error: PluginError) -> Result<()> {
        let Some(group) = groups.first().copied() else { return Ok(()) };
        self.has_gaps = true;
        if self.guilty.contains_key(&group) {
            return Ok(());
        }
        if self.step != Step::Partial {
            self.left_out.count(&self.calls.task, u64::from(group), &error)?;
        }
        self.guilty.insert(group, KeyLeftOut { error, partials: vec![] });
        Ok(())
    }

    /// Take the partials of groups that are left out from those that are held.
    fn take_guilty(&mut self) -> Result<()> {
        if self.guilty.is_empty() || self.step == Step::Partial {
            return Ok(());
        }
        let groups = std::mem::take(&mut self.partial_groups);
        let (mut start, mut kept) = (0, hashbrown::HashSet::new());
        for rows in std::mem::take(&mut self.partials) {
            let of_rows = &groups[start..start + rows.num_rows()];
            start += rows.num_rows();
            let mut stays = Vec::with_capacity(of_rows.len());
            for (row, group) in of_rows.iter().enumerate() {
                let guilty = self.guilty.get_mut(group);
                // What is kept of earlier batches comes first, and stays as it is.
                let stay = guilty.is_none() || (self.step == Step::Extend && kept.insert(*group));
                if let (Some(guilty), false) = (guilty, stay) {
                    guilty.partials.push(rows.slice(row, 1));
                }
                stays.push(stay);
            }
            let rows = match stays.iter().all(|stays| *stays) {
                true => rows,
                false => arrow::compute::filter_record_batch(&rows, &stays.clone().into())?,
            };
            self.partials.push(rows);
            let of_rows = of_rows.iter().zip(stays).filter(|(_, stays)| *stays).map(|(group, _)| *group);
            self.partial_groups.extend(of_rows);
        }
        Ok(())
    }

    /// The key and the partial of each group, as columns; nothing is held afterwards.
    pub(crate) fn take_partials(&mut self, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
        self.fold_rows()?;
        self.merge()?;
        let partials = std::mem::take(&mut self.partials);
        self.with_keys(schema, partials)
    }

    /// The key and the result of each group, as columns; nothing is held afterwards.
    pub(crate) fn take_results(&mut self, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
        self.fold_rows()?;
        self.merge()?;
        let groups = std::mem::take(&mut self.partial_groups);
        let (mut start, mut chunks) = (0, Parts::default());
        for partials in std::mem::take(&mut self.partials) {
            let length = rows_per_call(partials.num_rows(), node::bytes_of(&partials).div_ceil(4));
            for rows in node::slices(&partials, length) {
                let of_rows = groups[start..start + rows.num_rows()].to_vec();
                start += rows.num_rows();
                chunks.push(Partials { rows, groups: of_rows });
            }
        }
        let mut results = Vec::new();
        while let Some((chunk, suspect)) = chunks.pop() {
            match self.calls.try_make(|guest| guest.finish(&chunk.rows)) {
                Ok(rows) => {
                    chunks.succeeded(suspect);
                    self.calls.report.rows_out += rows.num_rows() as u64;
                    self.partial_groups.extend(chunk.groups);
                    results.push(rows);
                }
                Err(error) if self.left_out.looks_for_guilty(&error) => {
                    if let Some(Partials { rows, groups }) = chunks.failed(chunk, suspect) {
                        self.is_guilty(&groups, error)?;
                        if let Some(of) = groups.first().and_then(|group| self.guilty.get_mut(group)) {
                            of.partials.push(rows);
                        }
                    }
                }
                Err(error) => return Err(external(error)),
            }
        }
        self.with_keys(schema, results)
    }

    /// Tell of the keys that are left out.
    fn tell(&mut self, keys: &[ArrayRef]) -> Result<()> {
        let guilty = std::mem::take(&mut self.guilty);
        let (Some(fields), false) = (&self.beside, self.step == Step::Partial) else { return Ok(()) };
        for (group, KeyLeftOut { error, partials }) in guilty {
            let row = letter_row(fields, keys, group, &self.calls.binding.partial, &partials)?;
            let place = Place { rows: &row, at: 0, number: u64::from(group) };
            self.left_out.tell(&self.calls.task, &mut self.calls.report, place, &error)?;
        }
        Ok(())
    }

    /// Put the groups' keys before `values`, which has a row for each group, in the order of `partial_groups`.
    fn with_keys(&mut self, schema: &SchemaRef, values: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
        let groups = UInt32Array::from(std::mem::take(&mut self.partial_groups));
        self.partial_bytes = 0;
        self.numbers = Vec::new();
        let keys = self.keys.take()?;
        self.tell(&keys)?;
        let mut start = 0;
        let mut made = Vec::with_capacity(values.len());
        for values in values {
            let of_rows = groups.slice(start, values.num_rows());
            start += values.num_rows();
            let mut columns =
                keys.iter().map(|key| arrow::compute::take(key, &of_rows, None)).collect::<Result<Vec<_>, _>>()?;
            columns.extend(values.columns().iter().cloned());
            made.push(RecordBatch::try_new(schema.clone(), columns)?);
        }
        Ok(made)
    }

    /// The partition has ended.
    pub(crate) fn into_calls(self) -> Calls {
        self.calls
    }
}

/// Rows with other columns before theirs.
pub(super) fn with_columns(fields: &[FieldRef], columns: &[ArrayRef], rows: &RecordBatch) -> Result<RecordBatch> {
    let schema = rows.schema();
    let fields = fields.iter().chain(schema.fields()).cloned().collect::<Vec<_>>();
    let columns = columns.iter().chain(rows.columns()).cloned().collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)
}
