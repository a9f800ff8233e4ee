//! `sluicebox plugin`: make components, and look into them.

use arrow::datatypes::{FieldRef, Schema};
use serde_json::json;

use crate::error::{Error, Result};
use crate::job::machine;
use crate::job::types::TypeName;
use crate::memory::MemoryBudget;
use crate::plugin::build::{BuildError, BuildOptions, build_plugin};
use crate::plugin::{
    Compiler, Inspection, Operator, OperatorKind, PluginHost, PluginHostOptions, StateKind, StateOperator,
    TransformKind,
};

use super::args::{BuildArgs, InspectArgs};
use super::component::{self, Component, wrong};
use super::table::{aligned, counted};
use super::{cache, out};

/// The most characters of columns in a line.
const LINE: usize = 120;

/// `plugin build DIR`.
pub fn build(args: &BuildArgs) -> Result<()> {
    let options = BuildOptions { output: args.output.clone(), quiet: args.quiet, tools: cache::tools() };
    match build_plugin(&args.dir, &options) {
        Ok(_) if args.quiet => Ok(()),
        Ok(built) => out::result(&format!("{}: {} bytes\n", built.path.display(), built.size)),
        Err(error @ BuildError::Io { .. }) => Err(Error::failed(error)),
        Err(error) => Err(Error::invalid(error.to_string())),
    }
}

/// `plugin inspect FILE`.
pub fn inspect(args: &InspectArgs) -> Result<()> {
    let inspection = inspection_of(&component::read(&args.file)?)?;
    if args.json { out::result(&format!("{:#}\n", as_json(&inspection))) } else { out::result(&as_text(&inspection)) }
}

/// What a component is and offers.
///
/// # Errors
/// What it is instead of one that plugins can be.
pub fn inspection_of(component: &Component) -> Result<Inspection> {
    let memory = MemoryBudget::new(machine::memory() / 2);
    let host =
        PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache: None, compiler: Compiler::this_program() })?;
    let digest = host.add(&component.bytes).map_err(|error| wrong(&component.path, error.kind.to_string()))?;
    host.inspect(&digest).map_err(|error| wrong(&component.path, error.to_string()))
}

fn as_text(inspection: &Inspection) -> String {
    let Inspection { digest, size, worlds, imports, operators, .. } = inspection;
    let imports = if imports.is_empty() { "none".into() } else { imports.join(", ") };
    let facts = [
        ["digest".into(), digest.to_string()],
        ["size".into(), format!("{size} bytes")],
        ["interfaces".into(), worlds.join(", ")],
        ["imports".into(), imports],
    ];
    let operators_each: String = operators.iter().map(operator_text).collect();
    format!("{}\n{}\n{operators_each}", aligned(&facts), counted(operators.len(), "operator"))
}

fn operator_text(operator: &Operator) -> String {
    let mut columns = vec![["  reads".into(), reads(operator)], ["  makes".into(), makes(operator)]];
    if let OperatorKind::State(state) = &operator.kind {
        columns.insert(0, ["  key".into(), asked(&state.keys)]);
        columns.insert(2, ["  keeps".into(), keeps(state)]);
    }
    let doc = if operator.doc.is_empty() { String::new() } else { format!("  {}\n", operator.doc) };
    format!("\n{}: {}\n{doc}{}", operator.name, kind(operator), aligned(&columns))
}

/// What kind of operator it is, in words.
pub fn kind(operator: &Operator) -> String {
    match &operator.kind {
        OperatorKind::Transform(kind) => kind.name().into(),
        OperatorKind::Aggregate { invertible: false } => "aggregate".into(),
        OperatorKind::Aggregate { invertible: true } => "aggregate, invertible".into(),
        OperatorKind::Sink => "sink".into(),
        OperatorKind::Receiver { replayable: false } => "receiver".into(),
        OperatorKind::Receiver { replayable: true } => "receiver, replayable".into(),
        OperatorKind::State(state) => state.kind.name().into(),
    }
}

/// The columns that an operator asks for. One without a name is found by its place.
fn reads(operator: &Operator) -> String {
    match operator.kind {
        OperatorKind::Receiver { .. } => "no stream".into(),
        _ => asked(&operator.input),
    }
}

/// What an operator keeps of a key.
fn keeps(state: &StateOperator) -> String {
    let Some(bound) = &state.bound else {
        return "what follows from its configuration and the stream's columns".into();
    };
    let timeout = bound.timeout.map(|timeout| format!(", until {} of rest", humantime::format_duration(timeout)));
    format!("{} (version {}{})", columns(&bound.columns), bound.version, timeout.unwrap_or_default())
}

fn asked(columns_asked: &Option<Schema>) -> String {
    match columns_asked {
        None => "any columns".into(),
        Some(schema) if schema.fields().is_empty() => "no columns".into(),
        Some(schema) => columns(schema),
    }
}

/// The columns that an operator makes. One without a name is called as one that is read.
fn makes(operator: &Operator) -> String {
    match (&operator.output, &operator.kind) {
        (_, OperatorKind::Transform(TransformKind::Filter)) => "the stream's columns".into(),
        (_, OperatorKind::Sink) => "no columns".into(),
        (Some(schema), OperatorKind::Transform(_) | OperatorKind::Receiver { .. }) => columns(schema),
        (None, OperatorKind::Receiver { .. }) => "what follows from its configuration".into(),
        (_, OperatorKind::State(StateOperator { kind: StateKind::UpdateStateByKey, .. })) => {
            "the keys, and what it keeps of each".into()
        }
        (Some(schema), OperatorKind::State(_)) => columns(schema),
        (Some(schema), OperatorKind::Aggregate { .. }) => format!("the keys, and {}", columns(schema)),
        (None, _) => "what follows from its configuration and the stream's columns".into(),
    }
}

/// Columns in a line, or in a line each where they are too long for one.
fn columns(schema: &Schema) -> String {
    let column = |field: &FieldRef| match field.name().as_str() {
        "" => TypeName(field.data_type()).to_string(),
        name => format!("{name}: {}", TypeName(field.data_type())),
    };
    let columns: Vec<String> = schema.fields().iter().map(column).collect();
    let line = columns.join(", ");
    if line.chars().count() <= LINE { line } else { columns.join(",\n         ") }
}

fn as_json(inspection: &Inspection) -> serde_json::Value {
    let Inspection { digest, size, worlds, imports, operators, .. } = inspection;
    let column = |field: &FieldRef| json!({ "name": field.name(), "type": TypeName(field.data_type()).to_string(), "nullable": field.is_nullable() });
    let columns =
        |schema: &Option<Schema>| schema.as_ref().map(|schema| schema.fields().iter().map(column).collect::<Vec<_>>());
    let operator = |operator: &Operator| {
        let (input, output) = (columns(&operator.input), columns(&operator.output));
        let mut json = json!({ "name": operator.name, "interface": operator.kind.interface(), "doc": operator.doc, "input": input, "output": output });
        match &operator.kind {
            OperatorKind::Transform(kind) => json["kind"] = kind.name().into(),
            OperatorKind::Aggregate { invertible } => json["invertible"] = (*invertible).into(),
            OperatorKind::Sink => {}
            OperatorKind::Receiver { replayable } => json["replayable"] = (*replayable).into(),
            OperatorKind::State(state) => {
                json["kind"] = state.kind.name().into();
                json["keys"] = columns(&state.keys).into();
                let bound = state.bound.as_ref();
                json["state"] = bound.map(|bound| columns(&Some(bound.columns.clone()))).into();
                json["state-version"] = bound.map(|bound| bound.version).into();
                let timeout = bound.and_then(|bound| bound.timeout);
                json["timeout-ms"] =
                    timeout.map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)).into();
            }
        }
        json
    };
    json!({
        "digest": digest.to_string(),
        "size": size,
        "interfaces": worlds,
        "imports": imports,
        "operators": operators.iter().map(operator).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use arrow::datatypes::{DataType, Field};

    use super::*;
    use crate::plugin::{BoundState, Digest};

    #[test]
    fn columns_that_are_too_long_for_a_line_have_one_each() {
        let few = Schema::new(vec![Field::new("a", DataType::Int64, true), Field::new("", DataType::Utf8, true)]);
        assert_eq!(columns(&few), "a: int64, string");
        let name = "a-column-of-a-name-that-is-long".repeat(2);
        let many = Schema::new(vec![Field::new(&name, DataType::Int64, true), Field::new("b", DataType::Utf8, true)]);
        let long =
            Schema::try_merge([many, Schema::new(vec![Field::new(name.repeat(2), DataType::Utf8, true)])]).unwrap();
        assert_eq!(columns(&long), format!("{name}: int64,\n         b: string,\n         {name}{name}: string"));
    }

    #[test]
    fn a_component_is_shown_with_its_operators() {
        let of = |name: &str, data_type| Some(Schema::new(vec![Field::new(name, data_type, true)]));
        let operator = |name: &str, kind, input, output| {
            let doc = if name == "look" { String::new() } else { "Does it.".into() };
            Operator { name: name.into(), kind, doc, input, output }
        };
        let (transform, aggregate) = (OperatorKind::Transform, |invertible| OperatorKind::Aggregate { invertible });
        let clicks = Schema::new(vec![Field::new("clicks", DataType::Int64, false)]);
        let bound = BoundState { columns: clicks, version: 2, timeout: Some(Duration::from_secs(90)) };
        let state = StateOperator { kind: StateKind::MapWithState, keys: of("", DataType::Utf8), bound: Some(bound) };
        let operators = vec![
            operator("split", transform(TransformKind::FlatMap), of("", DataType::Utf8), of("word", DataType::Utf8)),
            operator("tally", aggregate(true), Some(Schema::empty()), of("count", DataType::Int64)),
            operator("most", aggregate(false), of("", DataType::Int64), of("", DataType::Int64)),
            operator("look", transform(TransformKind::Map), None, None),
            operator("known", transform(TransformKind::Filter), of("word", DataType::Utf8), None),
            operator("sessions", OperatorKind::State(state), of("page", DataType::Utf8), of("user", DataType::Utf8)),
        ];
        let worlds = vec!["transform".into(), "aggregate".into()];
        let (imports, versions) = (vec![], vec![]);
        let inspection = Inspection { digest: Digest([0xab; 32]), size: 1234, worlds, imports, versions, operators };
        let digest = "ab".repeat(32);
        let expected = format!(
            "digest      {digest}
size        1234 bytes
interfaces  transform, aggregate
imports     none

6 operators

split: flat-map
  Does it.
  reads  string
  makes  word: string

tally: aggregate, invertible
  Does it.
  reads  no columns
  makes  the keys, and count: int64

most: aggregate
  Does it.
  reads  int64
  makes  the keys, and int64

look: map
  reads  any columns
  makes  what follows from its configuration and the stream's columns

known: filter
  Does it.
  reads  word: string
  makes  the stream's columns

sessions: map-with-state
  Does it.
  key    string
  reads  page: string
  keeps  clicks: int64 (version 2, until 1m 30s of rest)
  makes  user: string
"
        );
        assert_eq!(as_text(&inspection), expected);
        let json = as_json(&inspection);
        assert_eq!(
            json["operators"][0],
            json!({
                "name": "split", "interface": "transform", "kind": "flat-map", "doc": "Does it.",
                "input": [{ "name": "", "type": "string", "nullable": true }],
                "output": [{ "name": "word", "type": "string", "nullable": true }],
            })
        );
        let sessions = &json["operators"][5];
        assert_eq!((&sessions["state-version"], &sessions["timeout-ms"]), (&json!(2), &json!(90_000)));
        assert_eq!((&sessions["kind"], &sessions["interface"]), (&json!("map-with-state"), &json!("state")));
        assert_eq!(sessions["state"], json!([{ "name": "clicks", "type": "int64", "nullable": false }]));
        assert_eq!((&json["operators"][1]["invertible"], &json["operators"][3]["input"]), (&json!(true), &json!(null)));
    }
}
