//! The state of a case's streams: what it is before the first batch, and a stream of it after each.
//!
//! State before the first batch is a stream's first dataset to the job, so a case's rows become a source of their own. What state a stream has is
//! told by snapshots of it. The streams added have names that no job file can have.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::case::{Case, Inner, Rows, State};
use super::collected::Collected;
use super::value;
use crate::clock::millis;
use crate::context;
use crate::error::{Error, Result};
use crate::job::definition::{
    Definition, InitialDefinition, OperationDefinition, OutputDefinition, Place, SinkDefinition, SourceDefinition,
    StatefulDefinition, StreamBody, StreamDefinition,
};
use crate::job::file::report::Report;
use crate::job::nearest::did_you_mean;
use crate::receiver::queue::Queue;

/// The stream with the state of another after each batch.
pub fn snapshots_of(stream: &str) -> String {
    format!("case: state of {stream}")
}

fn before(stream: &str) -> String {
    format!("case: state of {stream} before")
}

/// Let each stream begin with the case's state, and tell the state that the case expects something of.
///
/// # Errors
/// What is wrong with the job; what is wrong with the case is reported.
pub fn bind(definition: &mut Definition, case: &Case, options: &context::Options, report: &Report) -> Result<()> {
    let stateful: Vec<String> = definition
        .streams
        .iter_mut()
        .filter_map(|stream| Some((stream.name.clone(), of(&mut stream.body)?.1)))
        .map(|(name, stateful)| {
            // State begins where the case says.
            stateful.initial.take_if(|initial| matches!(initial, InitialDefinition::File { .. }));
            name
        })
        .collect();
    let given = case.states.iter().map(|state| ("state", &state.stream, &state.place));
    let expected = case.expected.iter().filter(|expected| expected.is_state);
    let named = given.chain(expected.map(|expected| ("expect-state", &expected.name, &expected.place)));
    for (key, stream, place) in named {
        if stateful.contains(stream) {
            add_snapshots(definition, stream);
        } else {
            let message = format!("case \"{}\": {key}.{stream}: there is no such stream that keeps state", case.name);
            let help = did_you_mean(stream, stateful.iter().map(String::as_str), "streams that keep state");
            report.wrong(place.wrong(message).help(help));
        }
    }
    if case.states.is_empty() || !report.is_clean() {
        return Ok(());
    }
    let columns = columns(definition, options)?;
    for state in &case.states {
        let about = format!("case \"{}\": state.{}", case.name, state.stream);
        if let Some(schema) = columns.get(&snapshots_of(&state.stream))
            && let Some(rows) = rows(schema, &state.rows, &about, report)
            && let Some(rows) = with_rested(&rows, state, case, report)?
        {
            begin(definition, &state.stream, rows)?;
        }
    }
    Ok(())
}

/// The column of how long keys have rested, which no stream of a job has.
const RESTED_MS: &str = "case: rested for milliseconds";

/// The rows with how long each key has rested; none once a mistake is reported.
fn with_rested(rows: &RecordBatch, state: &State, case: &Case, report: &Report) -> Result<Option<RecordBatch>> {
    let n_rows = rows.num_rows();
    let rested_ms: Int64Array = match &state.rested {
        None => vec![0; n_rows].into(),
        Some(rested) if rested.of.len() == n_rows => rested.of.iter().copied().map(millis).collect::<Vec<_>>().into(),
        Some(rested) => {
            let message = format!("case \"{}\": rested has {} times for {n_rows} keys", case.name, rested.of.len());
            report.wrong(rested.place.wrong(message).help("give one for each row of state, in their order"));
            return Ok(None);
        }
    };
    let field = Arc::new(Field::new(RESTED_MS, DataType::Int64, false));
    let fields: Vec<_> = rows.schema().fields().iter().cloned().chain([field]).collect();
    let columns = rows.columns().iter().cloned().chain([Arc::new(rested_ms) as _]).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map(Some).map_err(Error::failed)
}

fn of(body: &mut StreamBody) -> Option<(&mut Vec<String>, &mut StatefulDefinition)> {
    match body {
        StreamBody::Operation {
            inputs,
            operation: OperationDefinition::UpdateStateByKey(stateful) | OperationDefinition::MapWithState(stateful),
        } => Some((inputs, stateful)),
        _ => None,
    }
}

fn add_snapshots(definition: &mut Definition, stream: &str) {
    let name = snapshots_of(stream);
    if definition.streams.iter().all(|known| known.name != name) {
        let body =
            StreamBody::Operation { inputs: vec![stream.to_owned()], operation: OperationDefinition::SnapshotsOf };
        definition.streams.push(StreamDefinition {
            name,
            body,
            rates: Default::default(),
            event_time: None,
            place: Place::Program,
        });
    }
}

/// The columns of all streams: the job is prepared, and never run.
fn columns(definition: &Definition, options: &context::Options) -> Result<BTreeMap<String, SchemaRef>> {
    let mut prepared = definition.clone();
    for output in &mut prepared.outputs {
        output.sink = SinkDefinition::Custom(Arc::new(Collected::default()));
    }
    let snapshots = definition.streams.iter().filter(|stream| stream.name.starts_with("case: "));
    prepared.outputs.extend(snapshots.map(|stream| OutputDefinition {
        name: stream.name.clone(),
        input: stream.name.clone(),
        sink: SinkDefinition::Custom(Arc::new(Collected::default())),
        place: Place::Program,
    }));
    let prepared = context::prepare(prepared, options)?;
    Ok(prepared.graph().streams.iter().map(|stream| (stream.name.to_string(), stream.schema.clone())).collect())
}

/// Rows of the state's columns; none once a mistake is reported.
fn rows(schema: &SchemaRef, rows: &Rows, about: &str, report: &Report) -> Option<RecordBatch> {
    match &rows.0 {
        Inner::Written(nodes) => value::rows(schema, nodes, about, report),
        Inner::Made(rows) => Some(rows.clone()),
    }
}

/// Let the stream's state begin with rows, as a source's first dataset.
fn begin(definition: &mut Definition, stream: &str, rows: RecordBatch) -> Result<()> {
    let (name, schema) = (before(stream), rows.schema());
    let queue = Queue::new(schema.clone());
    queue.push(vec![rows])?;
    let body = StreamBody::Source(SourceDefinition::Queue { schema, queue: Some(queue) });
    definition.streams.push(StreamDefinition {
        name: name.clone(),
        body,
        rates: Default::default(),
        event_time: None,
        place: Place::Program,
    });
    let stateful = definition.streams.iter_mut().find(|known| known.name == stream);
    if let Some((inputs, stateful)) = stateful.and_then(|stream| of(&mut stream.body)) {
        inputs.truncate(1);
        inputs.push(name.clone());
        stateful.initial = Some(InitialDefinition::Rested { stream: name, rested_ms: RESTED_MS.to_owned() });
    }
    Ok(())
}
