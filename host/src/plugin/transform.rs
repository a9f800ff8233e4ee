//! Transforms: agreed on once for a job, then opened for a partition and given its rows in chunks.

use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{Schema, SchemaRef};

use super::bindings::data as wit;
use super::bindings::transform::TransformPlugin;
use super::bindings::transform::exports::sluicebox::operator::transform as wit_transform;
use super::convert::lift::ascending_below;
use super::convert::lower::lower_columns;
use super::convert::schema::{Origin, from_wit, to_wit};
use super::error::{PluginErrorKind, Result, cut, shown};
use super::host::PluginHost;
use super::instance::{Instance, TaskReport, Work};
use super::matching::{chosen, offer};
use super::operators::{OperatorKind, TransformKind};
use super::{OperatorRef, Task};

/// The most rows that a guest is given at a time.
pub const MAX_CHUNK_ROWS: usize = 65_536;
/// How much of a rejection's reason is kept, in bytes.
pub const MAX_REASON: usize = 1_024;
/// Batches that an operator may return after its partition has ended.
const MAX_HELD_BACK: u32 = 65_536;
/// How much of a refusal's text is shown, in bytes.
const MAX_REFUSAL: usize = 4_096;

/// What a job and a transform agreed on.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformBinding {
    /// How its rows out come from its rows in.
    pub kind: TransformKind,
    /// The columns it reads, as indices into the stream's.
    pub columns: Vec<usize>,
    /// Those columns, as they are handed over.
    pub input: SchemaRef,
    /// The columns it makes; the stream's for a filter.
    pub output: SchemaRef,
}

/// A row that the operator will have nothing to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The row's index in the chunk.
    pub row: u32,
    /// Why, in at most [`MAX_REASON`] bytes of the guest's own: escape it before it is shown.
    pub reason: String,
}

/// What came of a chunk.
#[derive(Debug, Clone, PartialEq)]
pub struct Produced {
    /// Rows of the binding's output schema.
    pub rows: RecordBatch,
    /// Rows rejected, in their order.
    pub rejected: Vec<Rejection>,
    /// Of a flat-map, and no other: for each row of the chunk, how many rows were made of it and of those before it.
    pub ends: Option<Vec<u32>>,
}

impl PluginHost {
    /// Agree with the transform `op` on what it reads of a stream with the columns of `input`, and on what it makes.
    ///
    /// # Errors
    /// If there is no such operator, the columns don't suit it, or it refuses the configuration.
    pub fn bind_transform(&self, op: &OperatorRef, input: &Schema) -> Result<TransformBinding> {
        const CALL: &str = "transform.bind";
        let work = Work::of(op, None);
        let (mut instance, operator) = self.instance_with::<TransformPlugin>(op, &work)?;
        let OperatorKind::Transform(kind) = operator.kind else {
            return Err(work.error(PluginErrorKind::UnknownOperator { interface: "transform", offered: vec![] }));
        };
        let schema_error = |what| work.error(PluginErrorKind::Schema(what));
        let offer = offer(operator.input.as_ref(), input).map_err(schema_error)?;
        let fields = to_wit(&offer.schema).map_err(schema_error)?;
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_transform().call_bind(store, &op.operator, &op.config, &fields)
        })?;
        let answer = answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        let invalid = |what| work.error(PluginErrorKind::InvalidOutput(what)).calling(CALL);
        let (columns, bound) = chosen(&offer, &answer.columns).map_err(invalid)?;
        let made = from_wit(&answer.output, Origin::Made).map_err(invalid)?;
        let output = match (kind, made.fields().is_empty()) {
            (TransformKind::Filter, true) => Arc::new(input.clone()),
            (TransformKind::Filter, false) => {
                return Err(invalid("a filter makes no columns, and its binding has some".to_owned()));
            }
            (_, true) => return Err(invalid(format!("a {} makes columns, and its binding has none", kind.name()))),
            (_, false) => Arc::new(made),
        };
        Ok(TransformBinding { kind, columns, input: Arc::new(bound), output })
    }

    /// Begin a partition in a fresh instance.
    ///
    /// # Errors
    /// If there is no memory or no slot for it, or the guest fails.
    pub fn open_transform(&self, op: &OperatorRef, binding: &TransformBinding, task: &Task) -> Result<TransformTask> {
        const CALL: &str = "transform.open";
        let work = Work::of(op, Some(task));
        let mut instance = self.instance::<TransformPlugin>(work)?;
        let fields = to_wit(&binding.input).map_err(|what| instance.refuse(CALL, PluginErrorKind::Schema(what)))?;
        let context = context(task);
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_transform().call_open(store, context, &op.operator, &op.config, &fields)
        })?;
        answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        Ok(TransformTask { instance, binding: binding.clone(), n_held_back: 0, rows_in: 0, rows_out: 0 })
    }
}

/// One partition's work in an instance of its own. An error ends it.
pub struct TransformTask {
    instance: Instance<TransformPlugin>,
    binding: TransformBinding,
    /// Batches returned after the end.
    n_held_back: u32,
    /// Rows handed over, and made of them.
    rows_in: u64,
    rows_out: u64,
}

impl TransformTask {
    /// Work on `chunk`, which has all of the stream's columns and at most [`MAX_CHUNK_ROWS`] rows; the guest is not asked about no rows.
    ///
    /// # Errors
    /// If the chunk isn't what was agreed on, or the guest fails, refuses, or returns what it must not.
    pub fn process(&mut self, chunk: &RecordBatch) -> Result<Produced> {
        const CALL: &str = "transform.process";
        if chunk.num_rows() == 0 {
            return Ok(Produced {
                rows: RecordBatch::new_empty(Arc::clone(&self.binding.output)),
                rejected: vec![],
                ends: (self.binding.kind == TransformKind::FlatMap).then(Vec::new),
            });
        }
        if chunk.num_rows() > MAX_CHUNK_ROWS {
            let what = format!("a chunk has {} rows, and a plugin takes at most {MAX_CHUNK_ROWS}", chunk.num_rows());
            return Err(self.instance.refuse(CALL, PluginErrorKind::InvalidRows(what)));
        }
        let lowered = lower_columns(chunk, &self.binding.columns, &self.binding.input)
            .map_err(|what| self.instance.refuse(CALL, PluginErrorKind::InvalidRows(what)))?;
        let buffers = lowered.slices();
        let input = wit::BatchParam { rows: lowered.rows, nodes: &lowered.nodes, buffers: &buffers };
        let answer =
            self.instance.call(CALL, |world, store| world.sluicebox_operator_transform().call_process(store, input))?;
        let output = answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))?;
        let produced = self.produced(chunk, output).map_err(|kind| self.instance.refuse(CALL, kind))?;
        self.rows_in += chunk.num_rows() as u64;
        self.rows_out += produced.rows.num_rows() as u64;
        Ok(produced)
    }

    fn produced(&self, chunk: &RecordBatch, output: wit_transform::Output) -> Result<Produced, PluginErrorKind> {
        let invalid = PluginErrorKind::InvalidOutput;
        let rows_in = chunk.num_rows();
        let rejected = output.rejected;
        ascending_below(rejected.iter().map(|rejection| rejection.row), rows_in, "rejected rows").map_err(invalid)?;
        let kind = self.binding.kind;
        // What a map-partitions makes may be of rows before these.
        let (given, made_before) = match kind {
            TransformKind::MapPartitions => (self.rows_in + rows_in as u64, self.rows_out),
            _ => (rows_in as u64, 0),
        };
        let made = |batch: wit::BatchResult| {
            self.instance.amplifies(given, made_before + u64::from(batch.rows))?;
            self.instance.lifted(batch, &self.binding.output)
        };
        let (rows, ends) = match (kind, output.rows) {
            (TransformKind::Filter, wit_transform::Rows::Kept(kept)) => {
                ascending_below(kept.iter().copied(), rows_in, "kept rows").map_err(invalid)?;
                if let Some(both) = rejected.iter().find(|rejection| kept.binary_search(&rejection.row).is_ok()) {
                    return Err(invalid(format!("row {} is both kept and rejected", both.row)));
                }
                (keep(chunk, kept)?, None)
            }
            (TransformKind::Filter, _) => {
                return Err(invalid("a filter says which rows it keeps, and it made rows".to_owned()));
            }
            (_, wit_transform::Rows::Kept(_)) => {
                return Err(invalid(format!("a {} makes rows, and it said which it keeps", kind.name())));
            }
            (TransformKind::FlatMap, wit_transform::Rows::Expanded(expansion)) => {
                let rejected = rejected.iter().map(|rejection| rejection.row);
                ends_of(&expansion.ends, rows_in, expansion.rows.rows, rejected).map_err(invalid)?;
                (made(expansion.rows)?, Some(expansion.ends))
            }
            (TransformKind::FlatMap, wit_transform::Rows::Made(_)) => {
                let what = "a flat-map says where the rows end that it makes of each, and it didn't";
                return Err(invalid(what.to_owned()));
            }
            (_, wit_transform::Rows::Expanded(_)) => {
                let what = format!("a {} makes rows, and it said where those end that it made of each", kind.name());
                return Err(invalid(what));
            }
            (_, wit_transform::Rows::Made(batch)) => {
                let rows_out = rows_in - rejected.len();
                if kind == TransformKind::Map && batch.rows as usize != rows_out {
                    let what = format!(
                        "a map makes a row of each that it doesn't reject, {rows_out} of {rows_in}, and it made {}",
                        batch.rows
                    );
                    return Err(invalid(what));
                }
                (made(batch)?, None)
            }
        };
        let rejection = |rejection: wit_transform::Rejection| Rejection {
            row: rejection.row,
            reason: cut(&rejection.reason, MAX_REASON).to_owned(),
        };
        Ok(Produced { rows, rejected: rejected.into_iter().map(rejection).collect(), ends })
    }

    /// The partition has ended: rows held back, if there are any. After rows, it is called again: there may be more.
    ///
    /// # Errors
    /// If the guest fails, or returns what it must not.
    pub fn finish(&mut self) -> Result<Option<RecordBatch>> {
        const CALL: &str = "transform.finish";
        let answer =
            self.instance.call(CALL, |world, store| world.sluicebox_operator_transform().call_finish(store))?;
        let held_back = answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))?;
        let Some(batch) = held_back else { return Ok(None) };
        let mut invalid = |what| Err(self.instance.refuse(CALL, PluginErrorKind::InvalidOutput(what)));
        if self.binding.kind != TransformKind::MapPartitions {
            let kind = self.binding.kind.name();
            return invalid(format!("a {kind} has no rows left when its partition ends, and it returned some"));
        }
        if batch.rows == 0 {
            return invalid(
                "at the end of a partition it returns rows or none, and it returned a batch without rows".to_owned(),
            );
        }
        if self.n_held_back == MAX_HELD_BACK {
            return invalid(format!(
                "it returned rows {MAX_HELD_BACK} times after its partition had ended, and goes on"
            ));
        }
        self.n_held_back += 1;
        self.rows_out += u64::from(batch.rows);
        let rows = match self.instance.amplifies(self.rows_in, self.rows_out) {
            Ok(()) => self.instance.lifted(batch, &self.binding.output),
            Err(kind) => Err(kind),
        };
        Ok(Some(rows.map_err(|kind| self.instance.refuse(CALL, kind))?))
    }

    /// What the instance used.
    pub fn report(self) -> TaskReport {
        self.instance.report()
    }
}

/// What is wrong with where a flat-map says that each row's rows end.
pub(super) fn ends_of(
    ends: &[u32],
    rows_in: usize,
    rows_out: u32,
    rejected: impl Iterator<Item = u32>,
) -> Result<(), String> {
    if ends.len() != rows_in {
        return Err(format!(
            "it said of {} rows where those end that it made of them, and was given {rows_in}",
            ends.len()
        ));
    }
    if let Some(row) = ends.windows(2).position(|two| two[1] < two[0]) {
        return Err(format!(
            "the rows made of row {} end at {}, before those of the row before, at {}",
            row + 1,
            ends[row + 1],
            ends[row]
        ));
    }
    let last = ends.last().copied().unwrap_or_default();
    if last != rows_out {
        return Err(format!("the rows made of the last row end at {last}, and {rows_out} were made"));
    }
    for row in rejected {
        let start = row.checked_sub(1).map_or(0, |before| ends[before as usize]);
        let n_made = ends[row as usize] - start;
        if n_made > 0 {
            return Err(format!("row {row} is rejected, and {n_made} rows were made of it"));
        }
    }
    Ok(())
}

/// The rows `kept` of all the columns of `chunk`.
fn keep(chunk: &RecordBatch, kept: Vec<u32>) -> Result<RecordBatch, PluginErrorKind> {
    if kept.len() == chunk.num_rows() {
        return Ok(chunk.clone());
    }
    take_record_batch(chunk, &UInt32Array::from(kept)).map_err(|error| PluginErrorKind::Sandbox(error.to_string()))
}

/// The task, as guests are told of it.
pub(super) fn context(task: &Task) -> wit::Context<'_> {
    wit::Context {
        job: &task.job,
        stream: &task.stream,
        batch_time_ms: task.batch.as_millis(),
        partition: task.partition,
        partitions: task.partitions,
        attempt: task.attempt,
    }
}

/// A guest's own refusal.
pub(super) fn refused(refusal: wit::Error) -> PluginErrorKind {
    let text = |message: String| shown(&message, MAX_REFUSAL);
    match refusal {
        wit::Error::InvalidConfig(message) => PluginErrorKind::InvalidConfig(text(message)),
        wit::Error::InvalidInput(message) => PluginErrorKind::InvalidInput(text(message)),
        wit::Error::Failed(message) => PluginErrorKind::Failed(text(message)),
        wit::Error::Unavailable(message) => PluginErrorKind::Unavailable(text(message)),
    }
}

impl std::fmt::Debug for TransformTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransformTask").field("work", &self.instance.work).finish_non_exhaustive()
    }
}
