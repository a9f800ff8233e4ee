//! Operators over keyed state: given keys with their new values and old state, they say what becomes of the state. The host holds it.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};

use super::bindings::data as wit;
use super::bindings::state::StatePlugin;
use super::bindings::state::exports::sluicebox::operator::state as wit_state;
use super::convert::lift::ascending_below;
use super::convert::lower::{Lowered, lower};
use super::convert::schema::{Origin, crossing_column, from_wit, to_wit};
use super::error::{PluginErrorKind, Result};
use super::host::PluginHost;
use super::instance::{Instance, TaskReport, Work};
use super::matching::{chosen, offer};
use super::operators::{OperatorKind, StateKind};
use super::transform::{context, refused};
use super::{OperatorRef, Task};

/// What a job and an operator over keyed state agreed on.
#[derive(Debug, Clone, PartialEq)]
pub struct StateBinding {
    /// How it is called.
    pub kind: StateKind,
    /// The order in which it takes the key's columns: for each, its index among the job's.
    pub key_order: Vec<usize>,
    /// The key's columns in that order, as they are handed over.
    pub keys: SchemaRef,
    /// The columns it reads, as indices into those offered, which are the stream's without its keys.
    pub columns: Vec<usize>,
    /// Those columns, as they are handed over.
    pub input: SchemaRef,
    /// The columns of a key's state.
    pub state: SchemaRef,
    /// The version of the state.
    pub version: u32,
    /// The columns of the rows emitted; none for update-state-by-key.
    pub output: SchemaRef,
    /// How long a key may rest before it times out.
    pub timeout: Option<Duration>,
}

/// Keys to work on. The columns are those of the binding.
#[derive(Debug, Clone)]
pub struct StateWork {
    /// One row a key.
    pub keys: RecordBatch,
    /// New values, in the order of the keys.
    pub values: RecordBatch,
    /// For each key, where its values end.
    pub value_ends: Vec<u32>,
    /// State of the keys that have some.
    pub old: RecordBatch,
    /// For each row of `old`, the index of its key.
    pub old_keys: Vec<u32>,
    /// Indices of the keys that have timed out.
    pub timed_out: Vec<u32>,
}

/// What an operator made of keys.
#[derive(Debug, Clone)]
pub struct StateOutcome {
    /// New state.
    pub state: RecordBatch,
    /// For each row of `state`, the index of its key.
    pub state_keys: Vec<u32>,
    /// Indices of the keys whose state is removed.
    pub removed: Vec<u32>,
    /// Rows emitted.
    pub emitted: RecordBatch,
}

impl PluginHost {
    /// Agree with the operator `op` on the key's columns, on what it reads of the columns of `input`, which are the others, on what it keeps and on what it makes.
    ///
    /// # Errors
    /// If there is no such operator, the columns don't suit it, or it refuses the configuration.
    pub fn bind_state(&self, op: &OperatorRef, keys: &Schema, input: &Schema) -> Result<StateBinding> {
        const CALL: &str = "state.bind";
        let work = Work::of(op, None);
        let (mut instance, operator) = self.instance_with::<StatePlugin>(op, &work)?;
        let OperatorKind::State(described) = operator.kind else {
            return Err(work.error(PluginErrorKind::UnknownOperator { interface: "state", offered: vec![] }));
        };
        let kind = described.kind;
        let schema_error = |what| work.error(PluginErrorKind::Schema(what));
        let (key_order, bound_keys) = offered_keys(described.keys.as_ref(), keys).map_err(schema_error)?;
        let offer = offer(operator.input.as_ref(), input).map_err(schema_error)?;
        let key_fields = to_wit(&bound_keys).map_err(schema_error)?;
        let fields = to_wit(&offer.schema).map_err(schema_error)?;
        let answer = instance.call(CALL, |world, store| {
            let interface = world.sluicebox_operator_state();
            interface.call_bind(store, &op.operator, &op.config, &key_fields, &fields)
        })?;
        let answer = answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        let invalid = |what| work.error(PluginErrorKind::InvalidOutput(what)).calling(CALL);
        let (columns, bound) = chosen(&offer, &answer.columns).map_err(invalid)?;
        let state = from_wit(&answer.state, Origin::Made).map_err(invalid)?;
        let output = from_wit(&answer.output, Origin::Made).map_err(invalid)?;
        if state.fields().is_empty() {
            return Err(invalid("state has columns, and its binding has none".to_owned()));
        }
        let timeout = answer.timeout_ms.map(Duration::from_millis);
        match (kind, output.fields().is_empty(), timeout) {
            (StateKind::UpdateStateByKey, false, _) => {
                let what = "an update-state-by-key makes no columns but keys and state, and its binding has some";
                return Err(invalid(what.to_owned()));
            }
            (StateKind::UpdateStateByKey, _, Some(_)) => {
                let what = "keys of an update-state-by-key don't time out, and its binding says when they do";
                return Err(invalid(what.to_owned()));
            }
            (StateKind::MapWithState, true, _) => {
                return Err(invalid("a map-with-state makes columns, and its binding has none".to_owned()));
            }
            (StateKind::MapWithState, _, Some(Duration::ZERO)) => {
                return Err(invalid("its binding has a timeout of 0".to_owned()));
            }
            _ => {}
        }
        Ok(StateBinding {
            kind,
            key_order,
            keys: Arc::new(bound_keys),
            columns,
            input: Arc::new(bound),
            state: Arc::new(state),
            version: answer.state_version,
            output: Arc::new(output),
            timeout,
        })
    }

    /// Begin a partition in a fresh instance.
    ///
    /// # Errors
    /// If there is no memory or no slot for it, or the guest fails.
    pub fn open_state(&self, op: &OperatorRef, binding: &StateBinding, task: &Task) -> Result<StateTask> {
        const CALL: &str = "state.open";
        let work = Work::of(op, Some(task));
        let mut instance = self.instance::<StatePlugin>(work)?;
        let keys = to_wit(&binding.keys).map_err(|what| instance.refuse(CALL, PluginErrorKind::Schema(what)))?;
        let input = to_wit(&binding.input).map_err(|what| instance.refuse(CALL, PluginErrorKind::Schema(what)))?;
        let context = context(task);
        let answer = instance.call(CALL, |world, store| {
            world.sluicebox_operator_state().call_open(store, context, &op.operator, &op.config, &keys, &input)
        })?;
        answer.map_err(|refusal| instance.refuse(CALL, refused(refusal)))?;
        Ok(StateTask { instance, binding: binding.clone() })
    }
}

/// The key's columns as the operator takes them: all of them, in the order that it declares.
fn offered_keys(declared: Option<&Schema>, keys: &Schema) -> Result<(Vec<usize>, Schema), String> {
    let Some(declared) = declared else {
        let fields = keys.fields().iter().map(|field| crossing_column(field)).collect::<Result<Vec<_>, _>>()?;
        return Ok(((0..fields.len()).collect(), Schema::new(fields)));
    };
    let (wanted, given) = (declared.fields().len(), keys.fields().len());
    if wanted != given {
        let names =
            |schema: &Schema| schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
        return Err(format!(
            "the operator takes a key of {wanted} columns, and the job's has {given}: {}; name others in `key`",
            names(keys)
        ));
    }
    let mut offer = offer(Some(declared), keys).map_err(|what| format!("the key: {what}"))?;
    let mut seen = vec![false; given];
    for column in &offer.columns {
        if std::mem::replace(&mut seen[*column], true) {
            return Err(format!("the key: the operator takes the column {} twice", keys.field(*column).name()));
        }
    }
    // A key that may be null is handed over as such: the operator is bound to what the stream has.
    let nullable = |(place, field): (usize, &Arc<arrow::datatypes::Field>)| {
        Arc::new(field.as_ref().clone().with_nullable(keys.field(offer.columns[place]).is_nullable()))
    };
    let fields: Vec<_> = offer.schema.fields().iter().enumerate().map(nullable).collect();
    offer.schema = Schema::new(fields);
    Ok((offer.columns, offer.schema))
}

/// One partition's work in an instance of its own, which keeps nothing between calls. An error ends it.
pub struct StateTask {
    instance: Instance<StatePlugin>,
    binding: StateBinding,
}

impl StateTask {
    /// What becomes of the state of keys, and what they emit.
    ///
    /// # Errors
    /// If the rows aren't what was agreed on, or the guest fails, refuses, or returns what it must not.
    pub fn update(&mut self, work: &StateWork) -> Result<StateOutcome> {
        const CALL: &str = "state.update";
        let keys = self.lowered(CALL, &work.keys, &Arc::clone(&self.binding.keys))?;
        let values = self.lowered(CALL, &work.values, &Arc::clone(&self.binding.input))?;
        let old = self.lowered(CALL, &work.old, &Arc::clone(&self.binding.state))?;
        let answer = self.instance.call(CALL, |world, store| {
            let (key_buffers, value_buffers, old_buffers) = (keys.slices(), values.slices(), old.slices());
            let work = wit_state::Work {
                keys: param(&keys, &key_buffers),
                values: param(&values, &value_buffers),
                value_ends: &work.value_ends,
                old: param(&old, &old_buffers),
                old_keys: &work.old_keys,
                timed_out: &work.timed_out,
            };
            world.sluicebox_operator_state().call_update(store, work)
        })?;
        let outcome = answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))?;
        self.checked(work, outcome).map_err(|kind| self.instance.refuse(CALL, kind))
    }

    /// State of `version`, with the columns of `old`, as state of the binding's version.
    ///
    /// # Errors
    /// If the guest doesn't know that version, fails, or returns what it must not.
    pub fn migrate(&mut self, version: u32, old: &RecordBatch) -> Result<RecordBatch> {
        const CALL: &str = "state.migrate";
        let schema = old.schema();
        let lowered = self.lowered(CALL, old, &schema)?;
        let fields = to_wit(&schema).map_err(|what| self.instance.refuse(CALL, PluginErrorKind::Schema(what)))?;
        let answer = self.instance.call(CALL, |world, store| {
            let buffers = lowered.slices();
            world.sluicebox_operator_state().call_migrate(store, version, &fields, param(&lowered, &buffers))
        })?;
        let batch = answer.map_err(|refusal| self.instance.refuse(CALL, refused(refusal)))?;
        if batch.rows as usize != old.num_rows() {
            let what = format!("it returned {} rows, and {} are expected", batch.rows, old.num_rows());
            return Err(self.instance.refuse(CALL, PluginErrorKind::InvalidOutput(what)));
        }
        self.instance.lifted(batch, &self.binding.state).map_err(|kind| self.instance.refuse(CALL, kind))
    }

    /// What the instance used.
    pub fn report(self) -> TaskReport {
        self.instance.report()
    }

    fn lowered(&mut self, call: &'static str, rows: &RecordBatch, schema: &SchemaRef) -> Result<Lowered> {
        lower(rows.columns(), rows.num_rows(), schema)
            .map_err(|what| self.instance.refuse(call, PluginErrorKind::InvalidRows(what)))
    }

    fn checked(&self, work: &StateWork, outcome: wit_state::Outcome) -> Result<StateOutcome, PluginErrorKind> {
        let invalid = PluginErrorKind::InvalidOutput;
        let n_keys = work.keys.num_rows();
        let wit_state::Outcome { state, state_keys, removed, emitted } = outcome;
        if state.rows as usize != state_keys.len() {
            let what = format!("it returned {} rows of state for {} keys", state.rows, state_keys.len());
            return Err(invalid(what));
        }
        ascending_below(state_keys.iter().copied(), n_keys, "keys of new state").map_err(invalid)?;
        ascending_below(removed.iter().copied(), n_keys, "keys of removed state").map_err(invalid)?;
        if let Some(both) = common(&state_keys, &removed) {
            return Err(invalid(format!("the state of key {both} is both new and removed")));
        }
        if let Some(key) = common(&state_keys, &work.timed_out).or_else(|| common(&removed, &work.timed_out)) {
            return Err(invalid(format!("key {key} has timed out, and its state is set or removed")));
        }
        if self.binding.kind == StateKind::UpdateStateByKey && emitted.rows > 0 {
            return Err(invalid(format!("an update-state-by-key emits nothing, and it emitted {} rows", emitted.rows)));
        }
        let n_values = work.values.num_rows() as u64;
        self.instance.amplifies(n_keys as u64 + n_values, u64::from(emitted.rows))?;
        let state = self.instance.lifted(state, &self.binding.state)?;
        let emitted = self.instance.lifted(emitted, &self.binding.output)?;
        Ok(StateOutcome { state, state_keys, removed, emitted })
    }
}

/// The first number in both lists, which ascend.
fn common(a: &[u32], b: &[u32]) -> Option<u32> {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.iter().copied().find(|number| long.binary_search(number).is_ok())
}

fn param<'a>(lowered: &'a Lowered, buffers: &'a [&'a [u8]]) -> wit::BatchParam<'a> {
    wit::BatchParam { rows: lowered.rows, nodes: &lowered.nodes, buffers }
}

impl std::fmt::Debug for StateTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateTask").field("work", &self.instance.work).finish_non_exhaustive()
    }
}
