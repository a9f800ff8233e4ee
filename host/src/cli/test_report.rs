//! What became of cases, for people and for programs.

use std::path::Path;

use serde_json::{Value as Json, json as object};

use crate::job::definition::Place;
use crate::testing::{Case, Cell, Difference, Line, Outcome, Problem, RowsDifference, Sign, What};

use super::table::counted;

/// What became of a case.
pub struct Report<'a> {
    pub file: &'a Path,
    pub case: &'a Case,
    pub outcome: Outcome,
}

/// More of a case's problems are not shown to people: the first ones say most.
const MAX_PROBLEMS: usize = 5;
/// Nor more rows of a difference.
const MAX_ROWS: usize = 20;
/// Nor more letters of a value.
const MAX_LETTERS: usize = 60;
/// Rows as expected that are shown before and after others, where order counts.
const CONTEXT: usize = 2;

/// The line of a case that passed.
pub fn passed(case: &Case) -> String {
    format!("  ok    {}\n", case.name)
}

/// The lines of a case that failed.
pub fn failed(case: &Case, outcome: &Outcome) -> String {
    let line = line_of(case).map(|line| format!(" (line {line})")).unwrap_or_default();
    let mut text = format!("  FAIL  {}{line}\n", case.name);
    for problem in outcome.problems.iter().take(MAX_PROBLEMS) {
        for line in told(problem).lines() {
            text += format!("        {line}").trim_end();
            text.push('\n');
        }
    }
    let n_more = outcome.problems.len().saturating_sub(MAX_PROBLEMS);
    if n_more > 0 {
        text += &format!("        and {}\n", counted(n_more, "more problem"));
    }
    text
}

/// The last line.
pub fn summary(reports: &[Report<'_>]) -> String {
    let n_failed = reports.iter().filter(|report| !report.outcome.passed()).count();
    format!("{} passed, {n_failed} failed\n", reports.len() - n_failed)
}

fn line_of(case: &Case) -> Option<usize> {
    if let Place::File { line, .. } = case.place { Some(line) } else { None }
}

fn told(problem: &Problem) -> String {
    match problem {
        Problem::NotFailed { expected } => format!("the job did not fail; expected: {expected}\n"),
        Problem::Failed { batch, message, expected } => {
            let what = batch.map_or_else(|| "the job fails".to_owned(), |batch| format!("batch {batch} fails"));
            let expected = expected.as_ref().map(|expected| format!("\nexpected: {expected}")).unwrap_or_default();
            format!("{what}: {message}{expected}\n")
        }
        Problem::Differs(difference) => differs(difference),
    }
}

fn differs(difference: &Difference) -> String {
    let of = if difference.is_state { "state of " } else { "" };
    let mut about = format!("{of}\"{}\"", difference.name);
    if let Some(emitted) = difference.emitted {
        about += &format!(", emitted dataset {emitted}");
    }
    if let Some((number, time)) = difference.batch {
        about += &format!(", batch {number} (at {time} ms)");
    }
    if let Some(partition) = difference.partition {
        about += &format!(", partition {partition}");
    }
    match &difference.what {
        What::NotEmitted => format!("{about}: no dataset, and one is expected\n"),
        What::Emitted(rows) => {
            let n_rows = counted(rows.lines.len(), "row");
            format!("{about}: a dataset of {n_rows}, and none is expected\n{}", table(rows))
        }
        What::Count { of, expected, found } => format!("{about}: {found} {of}, and {expected} are expected\n"),
        What::Rows(rows) => {
            let counts = [(Sign::Missing, "missing"), (Sign::Unexpected, "unexpected")]
                .map(|(sign, what)| (rows.count(sign), what));
            let counts =
                counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", counted(*n, "row")));
            let order = if rows.ordered { ", in order" } else { "" };
            format!("{about}: {}{order}\n{}", counts.collect::<Vec<_>>().join(", "), table(rows))
        }
    }
}

/// The rows of a difference below the names of their columns.
fn table(rows: &RowsDifference) -> String {
    if rows.lines.is_empty() {
        return String::new();
    }
    let mut shown = shown(&rows.lines);
    let n_more = shown.len().saturating_sub(MAX_ROWS);
    shown.truncate(MAX_ROWS);
    let heading = std::iter::once(" ".to_owned()).chain(rows.columns.iter().map(|name| shortened(name))).collect();
    let mut cells: Vec<Vec<String>> = vec![heading];
    for line in shown {
        cells.push(match line {
            Some(Line { sign, row }) => {
                let sign = match sign {
                    Sign::Missing => "-",
                    Sign::Unexpected => "+",
                    Sign::Same => " ",
                };
                std::iter::once(sign.to_owned()).chain(row.iter().map(|cell| shortened(&cell.to_string()))).collect()
            }
            None => vec![" ".to_owned(), "...".to_owned()],
        });
    }
    let mut text = aligned(&cells);
    if n_more > 0 {
        text += &format!("  and {}\n", counted(n_more, "more line"));
    }
    text
}

/// The lines that are not as expected and those around them; none stands for a gap of two lines and more.
fn shown(lines: &[Line]) -> Vec<Option<&Line>> {
    let differs = |idx: usize| {
        let around = lines.iter().take(idx + CONTEXT + 1).skip(idx.saturating_sub(CONTEXT));
        around.into_iter().any(|line| line.sign != Sign::Same)
    };
    let near: Vec<bool> = (0..lines.len()).map(differs).collect();
    let mut shown = vec![];
    for (idx, line) in lines.iter().enumerate() {
        let is_alone = |idx: usize| near.get(idx).is_none_or(|near| *near);
        if near[idx] || idx.checked_sub(1).is_none_or(is_alone) && is_alone(idx + 1) {
            shown.push(Some(line));
        } else if !matches!(shown.last(), Some(None)) {
            shown.push(None);
        }
    }
    shown
}

fn aligned(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = vec![];
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = cell.chars().count().max(*width));
    }
    let mut text = String::new();
    for row in rows {
        let mut line = "  ".to_owned();
        for (idx, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let gap = if idx == 0 { 1 } else { 2 };
            line += cell;
            line.extend(std::iter::repeat_n(' ', width + gap - cell.chars().count()));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_LETTERS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

/// All of it, as one JSON object.
pub fn json(job: &Path, reports: &[Report<'_>]) -> String {
    let n_failed = reports.iter().filter(|report| !report.outcome.passed()).count();
    let cases: Vec<Json> = reports.iter().map(json_of).collect();
    let document = object!({
        "job": job.display().to_string(),
        "passed": reports.len() - n_failed,
        "failed": n_failed,
        "cases": cases,
    });
    format!("{document:#}\n")
}

fn json_of(report: &Report<'_>) -> Json {
    object!({
        "file": report.file.display().to_string(),
        "line": line_of(report.case),
        "name": report.case.name,
        "passed": report.outcome.passed(),
        "batches": report.outcome.n_batches,
        "problems": report.outcome.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

/// One thing that isn't as a case expects it.
pub fn problem(problem: &Problem) -> Json {
    let text = told(problem).trim_end().to_owned();
    match problem {
        Problem::NotFailed { expected } => object!({ "kind": "not-failed", "expected": expected, "text": text }),
        Problem::Failed { batch, message, expected } => {
            object!({ "kind": "failed", "batch": batch, "message": message, "expected": expected, "text": text })
        }
        Problem::Differs(difference) => {
            let mut json = what(&difference.what);
            let (number, time) = difference.batch.unzip();
            let about = [
                ("name", Json::from(difference.name.as_str())),
                ("state", if difference.is_state { Json::from(true) } else { Json::Null }),
                ("batch", Json::from(number)),
                ("batch-time", Json::from(time.map(|time| time.as_millis()))),
                ("emitted", Json::from(difference.emitted)),
                ("partition", Json::from(difference.partition)),
                ("text", Json::from(text)),
            ];
            if let Json::Object(entries) = &mut json {
                entries.extend(
                    about.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.to_owned(), value)),
                );
            }
            json
        }
    }
}

fn what(what: &What) -> Json {
    let rows_of = |rows: &RowsDifference, sign| -> Json {
        let rows = rows.lines.iter().filter(|line| line.sign == sign);
        rows.map(|line| line.row.iter().map(Cell::to_json).collect::<Json>()).collect()
    };
    match what {
        What::NotEmitted => object!({ "kind": "not-emitted" }),
        What::Emitted(rows) => {
            object!({ "kind": "emitted", "columns": rows.columns, "unexpected": rows_of(rows, Sign::Unexpected) })
        }
        What::Count { of, expected, found } => {
            object!({ "kind": "count", "of": of, "expected": expected, "found": found })
        }
        What::Rows(rows) => object!({
            "kind": "rows",
            "columns": rows.columns,
            "ordered": rows.ordered,
            "missing": rows_of(rows, Sign::Missing),
            "unexpected": rows_of(rows, Sign::Unexpected),
        }),
    }
}
