//! `sluicebox plugin`: look into components.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::json;

use crate::error::{Diagnostic, Error, Result};
use crate::job::{machine, types};
use crate::memory::MemoryBudget;
use crate::plugin::{Inspection, MAX_COMPONENT, Operator, OperatorKind, PluginHost, PluginHostOptions};

use super::args::InspectArgs;
use super::out;
use super::table::{aligned, counted};

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
