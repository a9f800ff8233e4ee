//! Receivers: agreed on once for a job, then started, and asked for rows again and again in an instance that lives as long as nothing goes wrong.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::bindings::receiver::ReceiverPlugin;
use super::convert::schema::{Origin, from_wit};
use super::error::{PluginErrorKind, Result, Role};
use super::host::PluginHost;
use super::instance::{Instance, TaskReport, Work};
use super::operators::OperatorKind;
use super::transform::{context, refused};
use super::{OperatorRef, Task};
use crate::clock::Stopwatch;

/// The most bytes of a position.
pub const MAX_POSITION: usize = 64 << 10;
/// How often an instance may log as much again as a task may.
const LOG_RENEWAL: Duration = Duration::from_secs(10);

/// What a job and a receiver agreed on.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiverBinding {
    /// The columns of the rows received.
    pub schema: SchemaRef,
    /// Whether rows can be received again from a position.
    pub replayable: bool,
}

/// What a receiver gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Rows of the binding's schema, perhaps none.
    pub rows: RecordBatch,
    /// Where the source stands after them.
    pub position: Vec<u8>,
    /// Whether nothing comes after them.
    pub ended: bool,
}

impl PluginHost {
    /// Agree with the receiver `op` on what it makes.
    ///
    /// # Errors
    /// If there is no such operator, or it refuses the configuration.
    pub fn bind_receiver(&self, op: &OperatorRef) -> Result<ReceiverBinding> {
        const CALL: &str = "receiver.bind";
        let work = Work::of(op, None);
        let (mut instance, operator) = self.instance_with::<ReceiverPlugin>(op, &work)?;
        let replayable = matches!(operator.kind, OperatorKind::Receiver { replayable: true });
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_receiver().call_bind(store, &op.operator, &op.config)
        })?;
        let fields = answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        let invalid = |what| work.error(PluginErrorKind::InvalidOutput(what)).calling(CALL);
        let schema = from_wit(&fields, Origin::Made).map_err(invalid)?;
        if schema.fields().is_empty() {
            return Err(invalid("a receiver makes columns, and its binding has none".to_owned()));
        }
        Ok(ReceiverBinding { schema: Arc::new(schema), replayable })
    }

    /// Begin to receive in a fresh instance: the rows after `position`, or where the source begins. The task's partition is the receiver's number, its batch the time of the start.
    ///
    /// # Errors
    /// If there is no memory or no slot for it, or the guest fails.
    pub fn start_receiver(
        &self,
        op: &OperatorRef,
        binding: &ReceiverBinding,
        task: &Task,
        position: Option<&[u8]>,
    ) -> Result<ReceiverTask> {
        const CALL: &str = "receiver.start";
        let work = Work::of(op, Some(task)).in_role(Role::Receiver);
        let mut instance = self.instance::<ReceiverPlugin>(work)?;
        let context = context(task);
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_receiver().call_start(store, context, &op.operator, &op.config, position)
        })?;
        answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        Ok(ReceiverTask { instance, schema: Arc::clone(&binding.schema), log_renewed: Stopwatch::start() })
    }
}

/// A receiver at work in an instance of its own. An error ends it.
pub struct ReceiverTask {
    instance: Instance<ReceiverPlugin>,
    schema: SchemaRef,
    log_renewed: Stopwatch,
}

impl ReceiverTask {
    /// Wait for rows, `max_time` at most besides what any call may take; at most `max_rows` rows.
    ///
    /// # Errors
    /// If the guest fails, refuses, or returns what it must not.
    pub fn receive(&mut self, max_rows: u32, max_time: Duration) -> Result<Received> {
        const CALL: &str = "receiver.receive";
        if self.log_renewed.elapsed() >= LOG_RENEWAL {
            self.log_renewed = Stopwatch::start();
            self.instance.renew_log();
        }
        let max_time_ms = u32::try_from(max_time.as_millis()).unwrap_or(u32::MAX);
        let answer = self.instance.call_that_waits(CALL, max_time, |world, store| {
            world.sluicebox_operator_receiver().call_receive(store, max_rows, max_time_ms)
        })?;
        let chunk = answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))?;
        let mut invalid = |what| self.instance.refuse(CALL, PluginErrorKind::InvalidOutput(what));
        if chunk.rows.rows > max_rows {
            return Err(invalid(format!("it returned {} rows, and was asked for at most {max_rows}", chunk.rows.rows)));
        }
        if chunk.position.len() > MAX_POSITION {
            return Err(invalid(format!(
                "its position has {} bytes, and {MAX_POSITION} are the most",
                chunk.position.len()
            )));
        }
        let rows = self.instance.lifted(chunk.rows, &self.schema);
        let rows = rows.map_err(|kind| self.instance.refuse(CALL, kind))?;
        Ok(Received { rows, position: chunk.position, ended: chunk.ended })
    }

    /// Tell it that all rows up to `position` are safe.
    ///
    /// # Errors
    /// If the guest fails or refuses.
    pub fn ack(&mut self, position: &[u8]) -> Result<()> {
        const CALL: &str = "receiver.ack";
        let answer =
            self.instance.call(CALL, |world, store| world.sluicebox_operator_receiver().call_ack(store, position))?;
        answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))
    }

    /// Let it go of the source; what the instance used.
    ///
    /// # Errors
    /// If the guest fails.
    pub fn stop(mut self) -> Result<TaskReport> {
        const CALL: &str = "receiver.stop";
        self.instance.call(CALL, |world, store| world.sluicebox_operator_receiver().call_stop(store))?;
        Ok(self.instance.report())
    }
}

impl std::fmt::Debug for ReceiverTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiverTask").field("work", &self.instance.work).finish_non_exhaustive()
    }
}
