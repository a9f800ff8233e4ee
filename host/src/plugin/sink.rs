//! Sinks: agreed on once for a job, then opened for a partition, given its rows in chunks and asked what to commit; and asked to commit or abort a
//! batch, in an instance of its own.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};

use super::bindings::data as wit;
use super::bindings::sink::SinkPlugin;
use super::bindings::sink::exports::sluicebox::operator::sink as wit_sink;
use super::convert::lower::lower_columns;
use super::convert::schema::to_wit;
use super::error::{PluginErrorKind, Result, Role};
use super::host::PluginHost;
use super::instance::{Instance, TaskReport, Work};
use super::matching::{chosen, offer};
use super::transform::{MAX_CHUNK_ROWS, context, refused};
use super::{OperatorRef, Task};

/// The most bytes that a sink may ask to be kept of a partition.
pub const MAX_COMMITTABLE: usize = 64 << 10;

/// What a job and a sink agreed on.
#[derive(Debug, Clone, PartialEq)]
pub struct SinkBinding {
    /// The columns it writes, as indices into the stream's.
    pub columns: Vec<usize>,
    /// Those columns, as they are handed over.
    pub input: SchemaRef,
}

impl PluginHost {
    /// Agree with the sink `op` on what it writes of a stream with the columns of `input`.
    ///
    /// # Errors
    /// If there is no such operator, the columns don't suit it, or it refuses the configuration.
    pub fn bind_sink(&self, op: &OperatorRef, input: &Schema) -> Result<SinkBinding> {
        const CALL: &str = "sink.bind";
        let work = Work::of(op, None);
        let (mut instance, operator) = self.instance_with::<SinkPlugin>(op, &work)?;
        let schema_error = |what| work.error(PluginErrorKind::Schema(what));
        let offer = offer(operator.input.as_ref(), input).map_err(schema_error)?;
        let fields = to_wit(&offer.schema).map_err(schema_error)?;
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_sink().call_bind(store, &op.operator, &op.config, &fields)
        })?;
        let columns = answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        let invalid = |what| work.error(PluginErrorKind::InvalidOutput(what)).calling(CALL);
        let (columns, bound) = chosen(&offer, &columns).map_err(invalid)?;
        Ok(SinkBinding { columns, input: Arc::new(bound) })
    }

    /// Begin a partition in a fresh instance; the task's stream is the output. The guest is told of the attempt `told`, which no other attempt at the partition is told of, be it of another
    /// process.
    ///
    /// # Errors
    /// If there is no memory or no slot for it, or the guest fails.
    pub fn open_sink(&self, op: &OperatorRef, binding: &SinkBinding, task: &Task, told: u32) -> Result<SinkTask> {
        const CALL: &str = "sink.open";
        let work = Work::of(op, Some(task)).in_role(Role::Output);
        let mut instance = self.instance::<SinkPlugin>(work)?;
        let fields = to_wit(&binding.input).map_err(|what| instance.refuse(CALL, PluginErrorKind::Schema(what)))?;
        let context = wit::Context { attempt: told, ..context(task) };
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_sink().call_open(store, context, &op.operator, &op.config, &fields)
        })?;
        answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        Ok(SinkTask { instance, binding: binding.clone() })
    }

    /// Make what the partitions of a batch prepared seen; the task's stream is the output, and its partition means nothing.
    ///
    /// # Errors
    /// As [`PluginHost::open_sink`].
    pub fn commit_sink(&self, op: &OperatorRef, task: &Task, committables: &[Vec<u8>]) -> Result<TaskReport> {
        self.settle("sink.commit", op, task, committables)
    }

    /// Remove what partitions of an attempt at a batch prepared; the task is as for [`PluginHost::commit_sink`].
    ///
    /// # Errors
    /// As [`PluginHost::open_sink`].
    pub fn abort_sink(&self, op: &OperatorRef, task: &Task, committables: &[Vec<u8>]) -> Result<TaskReport> {
        self.settle("sink.abort", op, task, committables)
    }

    fn settle(
        &self,
        call: &'static str,
        op: &OperatorRef,
        task: &Task,
        committables: &[Vec<u8>],
    ) -> Result<TaskReport> {
        // The task is told to the guest's log, and is about no partition.
        let task = Task { partition: 0, partitions: 0, ..task.clone() };
        let work = Work::of(op, Some(&task)).in_role(Role::Commit);
        let mut instance = self.instance::<SinkPlugin>(work)?;
        let target = wit_sink::Target { job: &task.job, output: &task.stream, batch_time_ms: task.batch.as_millis() };
        let committables: Vec<&[u8]> = committables.iter().map(Vec::as_slice).collect();
        let answer = instance.call(call, |world, store| {
            let sink = world.sluicebox_operator_sink();
            match call {
                "sink.commit" => sink.call_commit(store, target, &op.operator, &op.config, &committables),
                _ => sink.call_abort(store, target, &op.operator, &op.config, &committables),
            }
        })?;
        answer.map_err(|refusal| instance.refuse(call, refused(refusal)))?;
        Ok(instance.report())
    }
}

/// One partition's rows on their way out, in an instance of its own. An error ends it.
pub struct SinkTask {
    instance: Instance<SinkPlugin>,
    binding: SinkBinding,
}

impl SinkTask {
    /// Write `chunk`, which has all of the stream's columns and at most [`MAX_CHUNK_ROWS`] rows; the guest is not asked about no rows.
    ///
    /// # Errors
    /// If the chunk isn't what was agreed on, or the guest fails or refuses.
    pub fn write(&mut self, chunk: &RecordBatch) -> Result<()> {
        const CALL: &str = "sink.write";
        if chunk.num_rows() == 0 {
            return Ok(());
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
            self.instance.call(CALL, |world, store| world.sluicebox_operator_sink().call_write(store, input))?;
        answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))
    }

    /// The partition has ended: what a commit needs, at most [`MAX_COMMITTABLE`] bytes, and what the instance used.
    ///
    /// # Errors
    /// If the guest fails, refuses, or asks to keep too much.
    pub fn prepare(mut self) -> Result<(Vec<u8>, TaskReport)> {
        const CALL: &str = "sink.prepare";
        let answer = self.instance.call(CALL, |world, store| world.sluicebox_operator_sink().call_prepare(store))?;
        let committable = answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))?;
        if committable.len() > MAX_COMMITTABLE {
            let what =
                format!("what is to be committed has {} bytes, and {MAX_COMMITTABLE} are the most", committable.len());
            return Err(self.instance.refuse(CALL, PluginErrorKind::InvalidOutput(what)));
        }
        Ok((committable, self.instance.report()))
    }
}

impl std::fmt::Debug for SinkTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SinkTask").field("work", &self.instance.work).finish_non_exhaustive()
    }
}
