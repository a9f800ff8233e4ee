//! Aggregates: rows folded into partials, partials into fewer, and results made of them. The host holds the partials.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};

use super::bindings::aggregate::AggregatePlugin;
use super::bindings::data as wit;
use super::convert::lower::{Lowered, lower};
use super::convert::schema::{Origin, from_wit, to_wit};
use super::error::{PluginErrorKind, Result};
use super::host::PluginHost;
use super::instance::{Instance, TaskReport, Work};
use super::matching::{chosen, offer};
use super::operators::OperatorKind;
use super::transform::{context, refused};
use super::{OperatorRef, Task};

/// What a job and an aggregate agreed on.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateBinding {
    /// The columns it reads, as indices into those offered, which are the stream's without its keys.
    pub columns: Vec<usize>,
    /// Those columns, as they are handed over.
    pub input: SchemaRef,
    /// The columns of a partial.
    pub partial: SchemaRef,
    /// The version of a partial's meaning.
    pub partial_version: u32,
    /// The columns of a result.
    pub output: SchemaRef,
    /// Whether partials can be taken out again.
    pub invertible: bool,
}

impl PluginHost {
    /// Agree with the aggregate `op` on what it reads of the columns of `input`, which are those that are not keys, and on what it makes.
    ///
    /// # Errors
    /// If there is no such operator, the columns don't suit it, or it refuses the configuration.
    pub fn bind_aggregate(&self, op: &OperatorRef, input: &Schema) -> Result<AggregateBinding> {
        const CALL: &str = "aggregate.bind";
        let work = Work::of(op, None);
        let (mut instance, operator) = self.instance_with::<AggregatePlugin>(op, &work)?;
        let invertible = matches!(operator.kind, OperatorKind::Aggregate { invertible: true });
        let schema_error = |what| work.error(PluginErrorKind::Schema(what));
        let offer = offer(operator.input.as_ref(), input).map_err(schema_error)?;
        let fields = to_wit(&offer.schema).map_err(schema_error)?;
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_aggregate().call_bind(store, &op.operator, &op.config, &fields)
        })?;
        let answer = answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        let invalid = |what| work.error(PluginErrorKind::InvalidOutput(what)).calling(CALL);
        let (columns, bound) = chosen(&offer, &answer.columns).map_err(invalid)?;
        let partial = from_wit(&answer.partial, Origin::Made).map_err(invalid)?;
        let output = from_wit(&answer.output, Origin::Made).map_err(invalid)?;
        if partial.fields().is_empty() || output.fields().is_empty() {
            return Err(invalid(
                "an aggregate's partials and results have columns, and its binding has none".to_owned(),
            ));
        }
        let (input, partial, output) = (Arc::new(bound), Arc::new(partial), Arc::new(output));
        Ok(AggregateBinding { columns, input, partial, partial_version: answer.partial_version, output, invertible })
    }

    /// Begin a partition in a fresh instance.
    ///
    /// # Errors
    /// If there is no memory or no slot for it, or the guest fails.
    pub fn open_aggregate(&self, op: &OperatorRef, binding: &AggregateBinding, task: &Task) -> Result<AggregateTask> {
        const CALL: &str = "aggregate.open";
        let work = Work::of(op, Some(task));
        let mut instance = self.instance::<AggregatePlugin>(work)?;
        let fields = to_wit(&binding.input).map_err(|what| instance.refuse(CALL, PluginErrorKind::Schema(what)))?;
        let context = context(task);
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_aggregate().call_open(store, context, &op.operator, &op.config, &fields)
        })?;
        answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        Ok(AggregateTask { instance, binding: binding.clone() })
    }
}

/// One partition's folding in an instance of its own, which keeps nothing between calls. An error ends it.
pub struct AggregateTask {
    instance: Instance<AggregatePlugin>,
    binding: AggregateBinding,
}

type Answer = wasmtime::Result<Result<wit::BatchResult, wit::Error>>;

impl AggregateTask {
    /// Fold the rows of `values`, which has the columns bound and as many rows as `groups`: one partial for each of `n_groups`, of the rows whose group it is.
    ///
    /// # Errors
    /// If the rows aren't what was agreed on, or the guest fails, refuses, or returns what it must not.
    pub fn partial(&mut self, values: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch> {
        const CALL: &str = "aggregate.partial";
        self.check_groups(CALL, values, groups, n_groups)?;
        let values = self.lowered(CALL, values, &Arc::clone(&self.binding.input))?;
        self.fold(CALL, n_groups as usize, |world, store| {
            let buffers = values.slices();
            world.sluicebox_operator_aggregate().call_partial(store, param(&values, &buffers), groups, n_groups)
        })
    }

    /// Fold the rows of `partials`: one partial for each of `n_groups`. Errors as [`AggregateTask::partial`].
    ///
    /// # Errors
    /// As [`AggregateTask::partial`].
    pub fn merge(&mut self, partials: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch> {
        const CALL: &str = "aggregate.merge";
        self.check_groups(CALL, partials, groups, n_groups)?;
        let partials = self.lowered(CALL, partials, &Arc::clone(&self.binding.partial))?;
        self.fold(CALL, n_groups as usize, |world, store| {
            let buffers = partials.slices();
            world.sluicebox_operator_aggregate().call_merge(store, param(&partials, &buffers), groups, n_groups)
        })
    }

    /// Take each row of `partials` out of the row of `whole` that `groups` names; as many rows as `whole`.
    ///
    /// # Errors
    /// As [`AggregateTask::partial`]; also if the operator isn't invertible.
    pub fn unmerge(&mut self, whole: &RecordBatch, partials: &RecordBatch, groups: &[u32]) -> Result<RecordBatch> {
        const CALL: &str = "aggregate.unmerge";
        if !self.binding.invertible {
            let what = "the operator can't take partials out again: it isn't invertible".to_owned();
            return Err(self.instance.refuse(CALL, PluginErrorKind::InvalidRows(what)));
        }
        let n_groups = u32::try_from(whole.num_rows()).unwrap_or(u32::MAX);
        self.check_groups(CALL, partials, groups, n_groups)?;
        let schema = Arc::clone(&self.binding.partial);
        let rows = whole.num_rows();
        let (whole, partials) = (self.lowered(CALL, whole, &schema)?, self.lowered(CALL, partials, &schema)?);
        self.fold(CALL, rows, |world, store| {
            let (of_whole, of_partials) = (whole.slices(), partials.slices());
            let (whole, partials) = (param(&whole, &of_whole), param(&partials, &of_partials));
            world.sluicebox_operator_aggregate().call_unmerge(store, whole, partials, groups)
        })
    }

    /// The results of `partials`, in their order.
    ///
    /// # Errors
    /// As [`AggregateTask::partial`].
    pub fn finish(&mut self, partials: &RecordBatch) -> Result<RecordBatch> {
        const CALL: &str = "aggregate.finish";
        let rows = partials.num_rows();
        if rows == 0 {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.binding.output)));
        }
        let partials = self.lowered(CALL, partials, &Arc::clone(&self.binding.partial))?;
        let output = Arc::clone(&self.binding.output);
        self.answer(CALL, rows, &output, |world, store| {
            let buffers = partials.slices();
            world.sluicebox_operator_aggregate().call_finish(store, param(&partials, &buffers))
        })
    }

    /// What the instance used.
    pub fn report(self) -> TaskReport {
        self.instance.report()
    }

    fn fold(
        &mut self,
        call: &'static str,
        rows: usize,
        make: impl FnOnce(&AggregatePlugin, &mut wasmtime::Store<super::guest::Guest>) -> Answer,
    ) -> Result<RecordBatch> {
        let schema = Arc::clone(&self.binding.partial);
        self.answer(call, rows, &schema, make)
    }

    /// The rows that a call returns, which must be `rows` of `schema`.
    fn answer(
        &mut self,
        call: &'static str,
        rows: usize,
        schema: &SchemaRef,
        make: impl FnOnce(&AggregatePlugin, &mut wasmtime::Store<super::guest::Guest>) -> Answer,
    ) -> Result<RecordBatch> {
        let answer = self.instance.call(call, make)?;
        let batch = answer.map_err(|refusal| self.instance.refuse(call, refused(refusal)))?;
        if batch.rows as usize != rows {
            let what = format!("it returned {} rows, and {rows} are expected", batch.rows);
            return Err(self.instance.refuse(call, PluginErrorKind::InvalidOutput(what)));
        }
        self.instance.lifted(batch, schema).map_err(|kind| self.instance.refuse(call, kind))
    }

    fn lowered(&mut self, call: &'static str, rows: &RecordBatch, schema: &SchemaRef) -> Result<Lowered> {
        lower(rows.columns(), rows.num_rows(), schema)
            .map_err(|what| self.instance.refuse(call, PluginErrorKind::InvalidRows(what)))
    }

    fn check_groups(&mut self, call: &'static str, rows: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<()> {
        // The compiler makes vectors of this fold, and not of `max`.
        let highest = groups.iter().fold(0, |highest, group| highest.max(*group));
        let what = match groups.len() {
            n if n != rows.num_rows() => {
                format!("{n} groups are given for {} rows", rows.num_rows())
            }
            1.. if highest >= n_groups => format!("the group {highest} is given, and there are {n_groups}"),
            _ => return Ok(()),
        };
        Err(self.instance.refuse(call, PluginErrorKind::InvalidRows(what)))
    }
}

fn param<'a>(lowered: &'a Lowered, buffers: &'a [&'a [u8]]) -> wit::BatchParam<'a> {
    wit::BatchParam { rows: lowered.rows, nodes: &lowered.nodes, buffers }
}

impl std::fmt::Debug for AggregateTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AggregateTask").field("work", &self.instance.work).finish_non_exhaustive()
    }
}
