//! `sluicebox plugin`: make components, and look into them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::json;

use crate::error::{Diagnostic, Error, Result};
use crate::job::{machine, types};
use crate::memory::MemoryBudget;
use crate::plugin::build::{BuildError, BuildOptions, build_plugin};
use crate::plugin::{Inspection, MAX_COMPONENT, Operator, OperatorKind, PluginHost, PluginHostOptions};

use super::args::{BuildArgs, InspectArgs};
use super::out;
use super::table::{aligned, counted};

/// `plugin build DIR`.
pub fn build(args: &BuildArgs) -> Result<()> {
    let options = BuildOptions { output: args.output.clone(), quiet: args.quiet };
    match build_plugin(&args.dir, &options) {
        Ok(_) if args.quiet => Ok(()),
        Ok(built) => out::result(&format!("{}: {} bytes\n", built.path.display(), built.size)),
        Err(error @ BuildError::Io { .. }) => Err(Error::failed(error)),
        Err(error) => Err(Error::invalid(error.to_string())),
    }
}

/// `plugin inspect FILE`.
pub fn inspect(args: &InspectArgs) -> Result<()> {
    let inspection = inspection(&args.file)?;
    if args.json { out::result(&format!("{:#}\n", as_json(&inspection))) } else { out::result(&as_text(&inspection)) }
}

fn inspection(file: &Path) -> Result<Inspection> {
    let wrong = |message: String| Error::from(Diagnostic { file: Some(file.to_owned()), ..Diagnostic::new(message) });
    let mut bytes = vec![];
    // A byte more than a component may have is enough to be told that it is too large.
    let read = File::open(file).and_then(|file| file.take(MAX_COMPONENT + 1).read_to_end(&mut bytes));
    read.map_err(|error| wrong(format!("can't be read: {error}")))?;
    let memory = MemoryBudget::new(machine::memory() / 2);
    let host = PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache: None })?;
    let digest = host.add(&bytes).map_err(|error| wrong(error.to_string()))?;
    host.inspect(&digest).map_err(|error| wrong(error.to_string()))
}

fn as_text(inspection: &Inspection) -> String {
    let Inspection { digest, size, worlds, imports, operators } = inspection;
    let imports = if imports.is_empty() { "none".into() } else { imports.join(", ") };
    let facts = [
        ["digest".into(), digest.to_string()],
        ["size".into(), format!("{size} bytes")],
        ["interfaces".into(), worlds.join(", ")],
        ["imports".into(), imports],
    ];
    let heading = ["operator", "kind", "reads", "what it does"].map(str::to_owned);
    let rows =
        operators.iter().map(|operator| [operator.name.clone(), kind(operator), reads(operator), operator.doc.clone()]);
    let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
    format!("{}\n{}\n{}", aligned(&facts), counted(operators.len(), "operator"), aligned(&rows))
}

fn kind(operator: &Operator) -> String {
    match operator.kind {
        OperatorKind::Transform(kind) => kind.name().into(),
        OperatorKind::Aggregate { invertible: false } => "aggregate".into(),
        OperatorKind::Aggregate { invertible: true } => "aggregate, invertible".into(),
    }
}

/// The columns that an operator asks for. One without a name is found by its place.
fn reads(operator: &Operator) -> String {
    let Some(schema) = &operator.input else { return "any columns".into() };
    if schema.fields().is_empty() {
        return "no columns".into();
    }
    let column = |field: &arrow::datatypes::FieldRef| match field.name().as_str() {
        "" => types::TypeName(field.data_type()).to_string(),
        name => format!("{name}: {}", types::TypeName(field.data_type())),
    };
    schema.fields().iter().map(column).collect::<Vec<_>>().join(", ")
}

fn as_json(inspection: &Inspection) -> serde_json::Value {
    let Inspection { digest, size, worlds, imports, operators } = inspection;
    let column = |field: &arrow::datatypes::FieldRef| json!({ "name": field.name(), "type": types::TypeName(field.data_type()).to_string(), "nullable": field.is_nullable() });
    let operator = |operator: &Operator| {
        let input = operator.input.as_ref().map(|schema| schema.fields().iter().map(column).collect::<Vec<_>>());
        let mut json = json!({ "name": operator.name, "interface": operator.kind.interface(), "doc": operator.doc, "input": input });
        match operator.kind {
            OperatorKind::Transform(kind) => json["kind"] = kind.name().into(),
            OperatorKind::Aggregate { invertible } => json["invertible"] = invertible.into(),
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
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;
    use crate::plugin::{Digest, TransformKind};

    #[test]
    fn a_component_is_shown_with_its_operators() {
        let of = |columns: Vec<Field>| Some(Schema::new(columns));
        let operator =
            |name: &str, kind, input| Operator { name: name.into(), kind, doc: "Does it.".into(), input, output: None };
        let operators = vec![
            operator(
                "split",
                OperatorKind::Transform(TransformKind::FlatMap),
                of(vec![Field::new("", DataType::Utf8, true)]),
            ),
            operator("tally", OperatorKind::Aggregate { invertible: true }, of(vec![])),
            operator("look", OperatorKind::Transform(TransformKind::Map), None),
            operator(
                "known",
                OperatorKind::Transform(TransformKind::Filter),
                of(vec![Field::new("word", DataType::Utf8, true)]),
            ),
        ];
        let worlds = vec!["transform".into(), "aggregate".into()];
        let inspection = Inspection { digest: Digest([0xab; 32]), size: 1234, worlds, imports: vec![], operators };
        let digest = "ab".repeat(32);
        let expected = format!(
            "digest      {digest}
size        1234 bytes
interfaces  transform, aggregate
imports     none

4 operators
operator  kind                   reads         what it does
split     flat-map               string        Does it.
tally     aggregate, invertible  no columns    Does it.
look      map                    any columns   Does it.
known     filter                 word: string  Does it.
"
        );
        assert_eq!(as_text(&inspection), expected);
        let json = as_json(&inspection);
        assert_eq!(
            json["operators"][0],
            json!({
                "name": "split", "interface": "transform", "kind": "flat-map", "doc": "Does it.",
                "input": [{ "name": "", "type": "string", "nullable": true }],
            })
        );
        assert_eq!((&json["operators"][1]["invertible"], &json["operators"][2]["input"]), (&json!(true), &json!(null)));
    }
}
