//! `sluicebox plugin bench`: how fast the operators of a component are, beside those of another.

use std::path::Path;
use std::time::Duration;

use bytesize::ByteSize;
use serde_json::{Value as Json, json};

use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::plugin::Compiler;
use crate::testing::operator::bench::{Given, Measured, OperatorBench};
use crate::testing::operator::{self, OperatorCase};

use super::args::PluginBenchArgs;
use super::component::{self, wrong};
use super::out;
use super::table::aligned;

/// A component that is measured, and what it is called.
struct Side {
    name: String,
    bench: OperatorBench,
}

/// An operator that was measured, in each component.
struct Row {
    operator: String,
    measured: Vec<Measured>,
}

/// `plugin bench FILE`.
pub fn bench(args: &PluginBenchArgs) -> Result<()> {
    let mut sides = vec![side(&args.file)?];
    sides.extend(args.beside.as_deref().map(side).transpose()?);
    let time = Duration::from_secs_f64(args.seconds);
    let given = given(args, &sides[0])?;
    let mut rows = vec![];
    for given in &given {
        let measured = sides
            .iter()
            .map(|side| side.bench.measure(given, time).map_err(|error| named(error, &side.name, given.operator())));
        let row = Row { operator: given.operator().to_owned(), measured: measured.collect::<Result<_>>()? };
        if !args.json {
            out::result(&text(&sides, &row))?;
        }
        rows.push(row);
    }
    match args.json {
        true => out::result(&format!("{:#}\n", as_json(&sides, &rows))),
        false => Ok(()),
    }
}

fn side(file: &Path) -> Result<Side> {
    let component = component::read(file)?;
    let bench = OperatorBench::new(&component.bytes, Compiler::this_program()).map_err(|error| match error {
        Error::Invalid(Diagnostics(wrongs)) => {
            let messages: Vec<String> = wrongs.into_iter().map(|wrong| wrong.message).collect();
            wrong(&component.path, messages.join("; "))
        }
        failed => failed,
    })?;
    Ok(Side { name: component.path.display().to_string(), bench })
}

/// Say of which component and operator an error is.
fn named(error: Error, component: &str, operator: &str) -> Error {
    match error {
        Error::Invalid(Diagnostics(wrongs)) => {
            let named = |wrong: Diagnostic| Diagnostic {
                message: format!("{component}: operator \"{operator}\": {}", wrong.message),
                ..wrong
            };
            Error::Invalid(Diagnostics(wrongs.into_iter().map(named).collect()))
        }
        failed => Error::failed(format!("{component}: operator \"{operator}\": {failed}")),
    }
}

/// What operators are given: of the first case of each, where there are cases, or made-up rows.
fn given(args: &PluginBenchArgs, side: &Side) -> Result<Vec<Given>> {
    let cases: Vec<OperatorCase> = match &args.cases {
        Some(path) => operator::read(path).map_err(Error::Invalid)?,
        None => vec![],
    };
    let operators: Vec<String> = match &args.operator {
        Some(operator) => vec![operator.clone()],
        None => side.bench.operators().map(str::to_owned).collect(),
    };
    if operators.is_empty() {
        let message = format!("{}: it has no operator that takes rows of a stream and makes some", side.name);
        return Err(Error::invalid(message));
    }
    let only = operators.len() == 1;
    let of_case = |operator: &str| {
        cases.iter().find(|case| match &case.operator {
            Some((name, _)) => name == operator,
            None => only,
        })
    };
    if !cases.is_empty() && args.operator.is_none() {
        // Those that there are cases of.
        let of_cases: Vec<&OperatorCase> = operators.iter().filter_map(|operator| of_case(operator)).collect();
        if of_cases.is_empty() {
            let message = format!("{}: no case is of one of its operators", side.name);
            return Err(Error::invalid_with_help(message, format!("it has {}", operators.join(", "))));
        }
        return of_cases.into_iter().map(|case| side.bench.of_case(case)).collect();
    }
    let given = |operator: &String| match of_case(operator) {
        Some(case) => side.bench.of_case(case),
        None => side.bench.made_up(operator),
    };
    if args.operator.is_some() {
        return operators.iter().map(given).collect();
    }
    let (can, cannot): (Vec<_>, Vec<_>) = operators.iter().map(given).partition(Result::is_ok);
    if can.is_empty() {
        return cannot.into_iter().collect();
    }
    for error in cannot.into_iter().filter_map(Result::err) {
        out::note(&format!("not measured: {error}\n"));
    }
    can.into_iter().collect()
}

/// Rows a second, as one reads them.
fn per_second(measured: &Measured) -> f64 {
    measured.rows as f64 / measured.took.as_secs_f64().max(1e-9)
}

fn share(measured: &Measured) -> f64 {
    measured.boundary.as_secs_f64() / measured.took.as_secs_f64().max(1e-9)
}

fn micros(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}

fn text(sides: &[Side], row: &Row) -> String {
    let one = &row.measured[0];
    let mut text = format!("{}: {} rows of {} a call\n", row.operator, one.rows_per_call, ByteSize(one.bytes_per_call));
    let cell = |of: fn(&Measured) -> String| row.measured.iter().map(of).collect::<Vec<_>>();
    let mut lines: Vec<(&str, Vec<String>)> = vec![
        ("", sides.iter().map(|side| side.name.clone()).collect()),
        ("rows a second", cell(|of| format!("{:.0}", per_second(of)))),
        ("a row", cell(|of| format!("{:.1} ns", 1e9 / per_second(of).max(1e-9)))),
        ("a call", cell(|of| micros(of.took / u32::try_from(of.calls.max(1)).unwrap_or(u32::MAX)))),
        ("at the boundary", cell(|of| format!("{:.0} %", 100.0 * share(of)))),
        ("until the first row", cell(|of| micros(of.start))),
        ("memory", cell(|of| ByteSize(of.memory).to_string())),
    ];
    lines.push(("size", sides.iter().map(|side| ByteSize(side.bench.size).to_string()).collect()));
    let compiled = |side: &Side| format!("{:.0} ms", side.bench.compiled_in.as_secs_f64() * 1e3);
    lines.push(("compiled in", sides.iter().map(compiled).collect()));
    if sides.len() == 1 {
        let lines = lines.into_iter().map(|(what, mut cells)| [format!("  {what}"), cells.swap_remove(0)]);
        text += &aligned(&lines.collect::<Vec<_>>());
    } else {
        let lines = lines.into_iter().map(|(what, mut cells)| {
            let second = cells.swap_remove(1);
            [format!("  {what}"), cells.swap_remove(0), second]
        });
        text += &aligned(&lines.collect::<Vec<_>>());
        text +=
            &format!("  {:.2} times as fast as the other\n", per_second(one) / per_second(&row.measured[1]).max(1e-9));
    }
    text
}

fn as_json(sides: &[Side], rows: &[Row]) -> Json {
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let measured = |of: &Measured| {
        json!({
            "rows": of.rows,
            "calls": of.calls,
            "rows-per-call": of.rows_per_call,
            "bytes-per-call": of.bytes_per_call,
            "nanoseconds": nanos(of.took),
            "boundary-nanoseconds": nanos(of.boundary),
            "start-nanoseconds": nanos(of.start),
            "rows-per-second": per_second(of),
            "memory": of.memory,
        })
    };
    json!({
        "components": sides.iter().map(|side| json!({
            "component": side.name,
            "size": side.bench.size,
            "compiled-nanoseconds": nanos(side.bench.compiled_in),
        })).collect::<Vec<_>>(),
        "operators": rows.iter().map(|row| json!({
            "operator": row.operator,
            "measured": row.measured.iter().map(measured).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
