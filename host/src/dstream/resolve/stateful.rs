//! Resolving keyed state: keys, operators and initial state against the columns of streams.

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema, SchemaRef};

use super::{Reported, Resolution, project};
use crate::clock::millis;
use crate::dstream::StreamKind;
use crate::dstream::stateful::{Initial, KeyedState, StateSnapshots};
use crate::engine::state::{StateOperator, Stateful};
use crate::engine::state_builtin::BuiltInUpdate;
use crate::error::Error;
use crate::job::definition::{InitialDefinition, OperatorName, StatefulDefinition, StreamDefinition, UpdateDefinition};
use crate::job::types::SchemaNames;
use crate::plugin::{StateBinding, StateKind, crossing_schema};
use crate::state::key_group::check_key_type;

impl Resolution<'_> {
    pub(super) fn keyed_state(
        &mut self,
        definition: &StreamDefinition,
        kind: StateKind,
        of: &StatefulDefinition,
        inputs: &[String],
        schemas: &[SchemaRef],
    ) -> Result<KeyedState, Reported> {
        let parent = schemas.first().cloned().unwrap_or_else(|| Arc::new(Schema::empty()));
        let key = self.key(definition, &of.key, &parent)?;
        self.check_keys(definition, &key, &parent)?;
        let (operator, binding) = match &of.with {
            UpdateDefinition::BuiltIn(function) => self.built_in(definition, *function, &parent, &key)?,
            UpdateDefinition::Operator(name) => self.state_operator(definition, kind, name, &parent, &key)?,
        };
        let timeout = of.timeout.or(binding.timeout);
        if timeout.is_some() && of.time_to_live.is_some() {
            let message =
                format!("stream \"{}\": its keys time out, and so have no time-to-live beside it", definition.name);
            return self.fail(definition.place.wrong(message).help("give one of timeout and time-to-live"));
        }
        let stateful = Stateful {
            operator,
            values: binding.columns.clone(),
            binding,
            keys: key,
            timeout_ms: timeout.map(millis),
            time_to_live_ms: of.time_to_live.map(millis),
            state_size: of.state_size,
        };
        let initial = match &of.initial {
            None => None,
            Some(InitialDefinition::File { path, format }) => {
                Some(Initial::File { path: path.clone(), format: *format })
            }
            Some(InitialDefinition::Stream(name)) => {
                let schema = schemas.get(1).ok_or(Reported)?;
                Some(Initial::Stream(self.initial_stream(definition, name, schema, &stateful, inputs)?))
            }
            Some(InitialDefinition::Rested { stream: name, rested_ms }) => {
                let schema = schemas.get(1).ok_or(Reported)?;
                let mut columns = self.initial_stream(definition, name, schema, &stateful, inputs)?;
                let rested = schema.column_with_name(rested_ms);
                let rested = rested.filter(|(_, field)| *field.data_type() == DataType::Int64 && !field.is_nullable());
                let Some((idx, _)) = rested else {
                    let message = format!(
                        "stream \"{}\": \"{name}\" has no column \"{rested_ms}\" of int64 not null, of how long keys have rested",
                        definition.name
                    );
                    return self.fail(definition.place.wrong(message));
                };
                columns.push(idx);
                Some(Initial::Stream(columns))
            }
        };
        Ok(KeyedState { stateful: Arc::new(stateful), partitions: of.partitions, initial })
    }

    pub(super) fn check_keys(
        &mut self,
        definition: &StreamDefinition,
        key: &[usize],
        parent: &SchemaRef,
    ) -> Result<(), Reported> {
        for idx in key {
            let field = parent.field(*idx);
            if let Err(wrong) = check_key_type(field.data_type()) {
                let message = format!("stream \"{}\": key \"{}\": {wrong}", definition.name, field.name());
                return self.fail(definition.place.wrong(message));
            }
        }
        Ok(())
    }

    fn state_operator(
        &mut self,
        definition: &StreamDefinition,
        kind: StateKind,
        name: &OperatorName,
        parent: &SchemaRef,
        key: &[usize],
    ) -> Result<(StateOperator, StateBinding), Reported> {
        self.known_plugin(definition, name)?;
        let operator = self.operator_ref(name)?;
        self.has_dead_letters(definition, &operator)?;
        let offered = self.offered(definition, name, parent, key)?;
        let bound = self.resolver.host.bind_state(&operator, &project(parent, key), &project(parent, &offered));
        let mut binding = self.reported(bound.map_err(Error::invalid_display), definition)?;
        if binding.kind != kind {
            let (is, wanted) = (binding.kind.name(), kind.name());
            let message = format!(
                "stream \"{}\": \"{}/{}\" is of the kind {is}, not {wanted}",
                definition.name, name.plugin, name.operator
            );
            let help = format!("write {is} = {{ ... with = \"{}/{}\" }}", name.plugin, name.operator);
            return self.fail(definition.place.wrong(message).help(help));
        }
        binding.columns = binding.columns.iter().map(|idx| offered[*idx]).collect();
        Ok((StateOperator::Plugin(Box::new(operator)), binding))
    }

    fn built_in(
        &mut self,
        definition: &StreamDefinition,
        function: BuiltInUpdate,
        parent: &SchemaRef,
        key: &[usize],
    ) -> Result<(StateOperator, StateBinding), Reported> {
        let columns: Vec<usize> = match function {
            BuiltInUpdate::Count => vec![],
            _ => (0..parent.fields().len()).filter(|idx| !key.contains(idx)).collect(),
        };
        let input = Arc::new(project(parent, &columns));
        if function != BuiltInUpdate::Count && columns.is_empty() {
            let message = format!(
                "stream \"{}\": \"{}\" is of columns that are not keys, and there is none",
                definition.name,
                function.name()
            );
            return self.fail(definition.place.wrong(message).help("count counts rows, without a column"));
        }
        let state = function.state(&input).map_err(|error| Error::invalid(crate::engine::error::plain(&error)));
        let state = self.reported(state, definition)?;
        let keys = crossing_schema(&project(parent, key)).map_err(Error::invalid);
        let keys = Arc::new(self.reported(keys, definition)?);
        let binding = StateBinding {
            kind: StateKind::UpdateStateByKey,
            key_order: (0..key.len()).collect(),
            keys,
            columns,
            input,
            state,
            version: 1,
            output: Arc::new(Schema::empty()),
            timeout: None,
        };
        Ok((StateOperator::BuiltIn(function), binding))
    }

    /// Where the columns of the state stand in the stream that it begins with.
    fn initial_stream(
        &mut self,
        definition: &StreamDefinition,
        name: &str,
        schema: &SchemaRef,
        stateful: &Stateful,
        inputs: &[String],
    ) -> Result<Vec<usize>, Reported> {
        let wanted = stateful.spec(1).columns();
        if inputs.first().is_some_and(|input| input == name) {
            let message = format!("stream \"{}\": its initial state is its own input", definition.name);
            return self.fail(definition.place.wrong(message).help("name another stream, or a file"));
        }
        let found = wanted.fields().iter().map(|field| {
            let (idx, given) = schema.column_with_name(field.name())?;
            arrow::compute::can_cast_types(given.data_type(), field.data_type()).then_some(idx)
        });
        match found.collect::<Option<Vec<usize>>>() {
            Some(columns) => Ok(columns),
            None => {
                let message = format!(
                    "stream \"{}\": its initial state has the columns ({}), and \"{name}\" has ({})",
                    definition.name,
                    SchemaNames(&wanted),
                    SchemaNames(schema)
                );
                self.fail(definition.place.wrong(message).help("make them so in a sql stream"))
            }
        }
    }

    pub(super) fn state_snapshots(
        &mut self,
        definition: &StreamDefinition,
        inputs: &[String],
    ) -> Result<StateSnapshots, Reported> {
        let of = inputs.first().and_then(|name| self.streams.iter().find(|stream| *stream.name == **name));
        let kept = of.and_then(|of| match &of.kind {
            StreamKind::Operation(operation) => operation.state().map(|state| (of.name.clone(), state)),
            StreamKind::Source { .. } | StreamKind::Table | StreamKind::DeadLetters => None,
        });
        if let Some((of, state)) = kept {
            return Ok(StateSnapshots { of, schema: state.stateful.spec(1).columns(), partitions: state.partitions });
        }
        let name = inputs.first().map_or("", String::as_str);
        let message = format!("stream \"{}\": \"{name}\" keeps no state", definition.name);
        let help = "name a stream that update-state-by-key or map-with-state makes";
        self.fail(definition.place.wrong(message).help(help))
    }
}
