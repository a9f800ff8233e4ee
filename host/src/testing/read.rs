//! Reads case files, TOML or JSON of the same shape: strictly, and with every mistake that shows before the job's columns are known.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use super::case::{Case, Datasets, Expected, ExpectedDataset, ExpectedError, Input, InputDataset, Rested, Rows, State};
use super::text;
use super::value::is_null;
use crate::error::{Diagnostic, Diagnostics};
use crate::job::definition::Place;
use crate::job::file::report::Report;
use crate::job::file::source;
use crate::job::file::state::LONGEST_REST;
use crate::job::file::table::{Key, Table, key};
use crate::job::file::tree::{self, Content, Entry, Node};
use crate::job::file::value::{Value, optional};

const CASE: Key = key("case", "[{ name = \"words are counted\" }]");
const NAME: Key = key("name", "\"words are counted\"");
const N_BATCHES: Key = key("batches", "3");
const PARTITIONS: Key = key("partitions", "2");
const START: Key = key("start", "2024-02-29T10:15:00Z");
const TOLERANCE: Key = key("tolerance", "1e-9");
const ORDERED: Key = key("ordered", "true");
const ERROR: Key = key("error", "\"a part of its text\"");
const ERROR_TEXT: Key = key("text", "\"a part of its text\"");
const ERROR_BATCH: Key = key("batch", "2");
const INPUT: Key = key("input", "{ lines = [[\"to be\"], []] }");
const STATE: Key = key("state", "{ totals = [[\"to\", 2]] }");
const EXPECT_STATE: Key = key("expect-state", "{ totals = [[[\"to\", 3]]] }");
const RESTED: Key = key("rested", "{ totals = [\"5min\"] }");
const STATE_RESTED: Key = key("totals", "[\"5min\"]");
const STATE_ROWS: Key = key("totals", "[[\"to\", 2]]");
const EXPECT: Key = key("expect", "{ words = [[\"to\", \"be\"], []] }");
const SOURCE_DATASETS: Key = key("lines", "[[\"to be\"], []]");
const STREAM_DATASETS: Key = key("words", "[[\"to\", \"be\"], []]");
const BATCHES: Key = key("batches", "[[\"to be\"], []]");
const EMITTED: Key = key("emitted", "[[\"to\", \"be\"]]");
const SCHEMA: Key = key("schema", "{ word = \"string\", count = \"int64\" }");
const ROWS: Key = key("rows", "[\"to\", \"be\"]");
const PARTITION_ROWS: Key = key("partitions", "[[\"to\"], [\"be\"]]");
const N_ROWS: Key = key("n-rows", "2");
const N_PARTITIONS: Key = key("n-partitions", "2");

/// Stands for no dataset.
const NONE: &str = "none";

/// Cases are written by hand or by a small program; a larger file is another kind of file.
const MAX_BYTES: u64 = 64 << 20;
const MAX_BATCHES: u64 = 1_000_000;
const MAX_PARTITIONS: u64 = 1024;
/// As deep as JSON may nest, which is as deep as TOML may.
const MAX_DEPTH: usize = 128;

/// Read a case file; it is JSON if its name ends so, and else TOML.
///
/// # Errors
/// Every mistake found.
pub fn read(path: &Path) -> Result<Vec<Case>, Diagnostics> {
    let (root, report) = tree_of(path)?;
    file(&root, report)
}

/// What is in a case file, and a report that begins with what was wrong with its text.
///
/// # Errors
/// When there is nothing to be read in it.
pub(super) fn tree_of(path: &Path) -> Result<(Node, Report), Diagnostics> {
    let wrong = |message: String| {
        let help = "give the path of a case file: TOML, or JSON with a name that ends in .json";
        Diagnostics(vec![Place::InFile(path.into()).wrong(message).help(help)])
    };
    let cannot = |error: std::io::Error| wrong(format!("can't be read: {error}"));
    let metadata = path.metadata().map_err(cannot)?;
    if !metadata.is_file() {
        return Err(wrong("is not a file".into()));
    }
    if metadata.len() > MAX_BYTES {
        return Err(wrong(format!("has {} bytes; a case file has at most {MAX_BYTES}", metadata.len())));
    }
    let bytes = std::fs::read(path).map_err(cannot)?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not text: it is not UTF-8".into()))?;
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        Ok((json_tree(path, &text)?, Report::of_text(vec![], false)))
    } else {
        let tree = tree::read(path, &text);
        Ok((tree.root, Report::of_text(tree.mistakes, tree.torn)))
    }
}

/// Read the text of a case file in TOML; `path` is what errors call it.
///
/// # Errors
/// Every mistake found.
pub fn parse_toml(path: &Path, text: &str) -> Result<Vec<Case>, Diagnostics> {
    let tree = tree::read(path, text);
    file(&tree.root, Report::of_text(tree.mistakes, tree.torn))
}

/// Read the text of a case file in JSON; `path` is what errors call it, besides the case's name.
///
/// # Errors
/// Every mistake found.
pub fn parse_json(path: &Path, text: &str) -> Result<Vec<Case>, Diagnostics> {
    file(&json_tree(path, text)?, Report::of_text(vec![], false))
}

fn json_tree(path: &Path, text: &str) -> Result<Node, Diagnostics> {
    let place = Place::InFile(path.into());
    let json: Json = serde_json::from_str(text).map_err(|error| {
        let message = format!("this is not JSON: {error}");
        Diagnostics(vec![Diagnostic::new(message).at(path, error.line(), error.column())])
    })?;
    let root = node(&place, json, 0)
        .ok_or_else(|| Diagnostics(vec![place.wrong(format!("values nest more than {MAX_DEPTH} deep"))]))?;
    if !matches!(root.content, Content::Table(_)) {
        let message = format!("an object with the key \"case\" is expected, found {}", root.describe());
        return Err(Diagnostics(vec![place.wrong(message)]));
    }
    Ok(root)
}

fn node(place: &Place, json: Json, depth: usize) -> Option<Node> {
    if depth > MAX_DEPTH {
        return None;
    }
    let content = match json {
        Json::Null => {
            let node = Node { place: place.clone(), content: Content::Boolean(true) };
            Content::Table(vec![Entry { key: "null".into(), place: place.clone(), node }])
        }
        Json::Bool(truth) => Content::Boolean(truth),
        Json::Number(number) if number.is_f64() => Content::Float(number.to_string()),
        Json::Number(number) => Content::Integer(number.to_string(), number.as_i64()),
        Json::String(text) => Content::String(text),
        Json::Array(items) => {
            Content::Array(items.into_iter().map(|item| node(place, item, depth + 1)).collect::<Option<_>>()?)
        }
        Json::Object(entries) => {
            let entry = |(key, value)| Some(Entry { key, place: place.clone(), node: node(place, value, depth + 1)? });
            Content::Table(entries.into_iter().map(entry).collect::<Option<_>>()?)
        }
    };
    Some(Node { place: place.clone(), content })
}

fn file(root: &Node, report: Report) -> Result<Vec<Case>, Diagnostics> {
    let mut table = Table::root(root, &report);
    let nodes = nodes_of(&mut table);
    table.finish();
    let cases: Vec<Case> = nodes.iter().enumerate().filter_map(|(idx, node)| case(idx, node, &report)).collect();
    have_names_of_their_own(cases.iter(), root, &report);
    if report.is_clean() { Ok(cases) } else { Err(report.into_mistakes()) }
}

/// The cases of a file.
pub(super) fn nodes_of<'a>(table: &mut Table<'a>) -> &'a [Node] {
    match table.require(CASE) {
        None => &[],
        Some(value) => match value.content() {
            Content::Array(nodes) => nodes.as_slice(),
            _ => {
                let _: Option<()> = value.wrong("an array of tables is expected", "begin each case with [[case]]");
                &[]
            }
        },
    }
}

/// See that there are cases, and no two of the same name.
pub(super) fn have_names_of_their_own<'a>(cases: impl Iterator<Item = &'a Case>, root: &Node, report: &Report) {
    let mut names = HashSet::new();
    let mut n_cases = 0;
    for case in cases {
        n_cases += 1;
        if !names.insert(case.name.as_str()) {
            let wrong = case.place.wrong(format!("there is a case \"{}\" already", case.name));
            report.wrong(wrong.help("rename one of them"));
        }
    }
    if n_cases == 0 && report.is_clean() {
        report.wrong(root.place.wrong("there is no case").help("begin each case with [[case]]"));
    }
}

/// What every case has, whatever it is of.
pub(super) struct Common {
    name: Option<String>,
    n_batches: Option<usize>,
    /// Into how many partitions inputs are divided that don't say it.
    pub n_partitions: usize,
    start_ms: i64,
    tolerance: Option<f64>,
    error: Option<ExpectedError>,
}

impl Common {
    fn read(table: &mut Table<'_>) -> Self {
        let name = table.require(NAME).and_then(|value| match value.string()? {
            "" => value.wrong("a case has a name", "say what the case shows"),
            name => Some(name.to_owned()),
        });
        let n_batches = table.get(N_BATCHES).and_then(|value| value.count(1..=MAX_BATCHES));
        let n_partitions = table.get(PARTITIONS).and_then(|value| value.count(1..=MAX_PARTITIONS)).unwrap_or(1);
        let start_ms = table.get(START).and_then(|value| start(&value)).unwrap_or(0);
        let tolerance = table.get(TOLERANCE).and_then(|value| tolerance(&value));
        let error = table.get(ERROR).and_then(|value| error(&value));
        Self { name, n_batches, n_partitions, start_ms, tolerance, error }
    }

    /// The case with this and the rest.
    pub fn case(self, place: Place, inputs: Vec<Input>, states: Vec<State>, expected: Vec<Expected>) -> Option<Case> {
        let Self { name, n_batches, start_ms, tolerance, error, .. } = self;
        Some(Case { name: name?, place, inputs, states, n_batches, start_ms, tolerance, expected, error })
    }
}

/// A case's table, and what every case has; none where it is no table.
pub(super) fn table_of<'a>(idx: usize, node: &'a Node, report: &'a Report) -> Option<(Table<'a>, Common)> {
    let Content::Table(entries) = &node.content else {
        let message = format!("case {}: a table is expected, found {}", idx + 1, node.describe());
        report.wrong(node.place.wrong(message).help("begin each case with [[case]]"));
        return None;
    };
    let named = entries.iter().find_map(|entry| match &entry.node.content {
        Content::String(name) if entry.key == NAME.name => Some(name),
        _ => None,
    });
    let label = named.map_or_else(|| format!("case {}:", idx + 1), |name| format!("case \"{name}\":"));
    let mut table = Table::new(label, node.place.clone(), entries, report);
    let common = Common::read(&mut table);
    Some((table, common))
}

/// Report a case that expects nothing.
pub(super) fn expects_something(label: &str, common: &Common, expected: &[Expected], node: &Node, report: &Report) {
    if expected.is_empty() && common.error.is_none() && report.is_clean() {
        report
            .wrong(node.place.wrong(format!("{label} nothing is expected")).help("add expect, expect-state or error"));
    }
}

fn case(idx: usize, node: &Node, report: &Report) -> Option<Case> {
    let (mut table, common) = table_of(idx, node, report)?;
    let label = table.label().to_owned();
    let inputs =
        table.get(INPUT).and_then(|value| value.table()).into_iter().flat_map(|table| table.named(SOURCE_DATASETS));
    let inputs: Vec<_> = inputs.filter_map(|(stream, value)| input(stream, &value, common.n_partitions)).collect();
    let states = table.get(STATE).and_then(|value| value.table()).into_iter().flat_map(|table| table.named(STATE_ROWS));
    let mut states: Vec<_> = states.filter_map(|(stream, value)| state(stream, &value)).collect();
    let times = table.get(RESTED).and_then(|value| value.table()).into_iter();
    for (stream, value) in times.flat_map(|table| table.named(STATE_RESTED)) {
        rested(states.iter_mut().find(|state| state.stream == stream), &value);
    }
    let mut expected = vec![];
    for (key, is_state) in [(EXPECT, false), (EXPECT_STATE, true)] {
        let named = table.get(key).and_then(|value| value.table()).into_iter();
        let named = named.flat_map(|table| table.named(STREAM_DATASETS));
        expected.extend(named.filter_map(|(stream, value)| expect(stream, is_state, &value)));
    }
    table.finish();
    expects_something(&label, &common, &expected, node, report);
    common.case(node.place.clone(), inputs, states, expected)
}

/// A moment, to the millisecond.
fn start(value: &Value<'_>) -> Option<i64> {
    let zone = Some(Arc::from("+00:00"));
    let data_type = arrow::datatypes::DataType::Timestamp(arrow::datatypes::TimeUnit::Millisecond, zone);
    let node = Node { place: value.place().clone(), content: value.content().clone() };
    match text::time::<arrow::datatypes::TimestampMillisecondType>(&node, &data_type) {
        Ok(start_ms) if start_ms.abs() < i64::MAX / 4 => Some(start_ms),
        Ok(_) => value.wrong("the time is out of range", format!("for example start = {}", START.example)),
        Err(message) => value.wrong(message, format!("for example start = {}", START.example)),
    }
}

fn tolerance(value: &Value<'_>) -> Option<f64> {
    let (Content::Float(text) | Content::Integer(text, _)) = value.content() else {
        return value.wrong_kind("a float");
    };
    match text.parse() {
        Ok(tolerance) if (0.0..f64::INFINITY).contains(&tolerance) => Some(tolerance),
        _ => value.wrong(format!("{text} is no tolerance"), "it is 0 or more: how far apart two floats may be"),
    }
}

fn error(value: &Value<'_>) -> Option<ExpectedError> {
    let Content::Table(_) = value.content() else {
        let parts = value.strings()?.into_iter().map(|(part, _)| part.to_owned()).collect();
        return Some(ExpectedError { parts, batch: None });
    };
    let mut table = value.table()?;
    let text = table.require(ERROR_TEXT).and_then(|value| value.strings());
    let batch = table.get(ERROR_BATCH).map(|value| value.count(1..=MAX_BATCHES));
    table.finish();
    let parts = text?.into_iter().map(|(part, _)| part.to_owned()).collect();
    Some(ExpectedError { parts, batch: optional(batch)? })
}

/// What a source gives.
pub(super) fn input(stream: &str, value: &Value<'_>, n_partitions: usize) -> Option<Input> {
    let place = value.key_place().clone();
    let (datasets, schema, n_partitions) = match value.content() {
        Content::Table(_) => {
            let mut table = value.table()?;
            let batches = table.require(BATCHES).and_then(|value| value.array());
            let schema = table.get(SCHEMA).map(|value| source::schema(&value));
            let partitions = table.get(PARTITIONS).and_then(|value| value.count(1..=MAX_PARTITIONS));
            table.finish();
            (batches?, optional(schema)?, partitions.unwrap_or(n_partitions))
        }
        _ => (value.array()?, None, n_partitions),
    };
    let datasets: Vec<_> = datasets.iter().map(input_dataset).collect();
    let datasets = datasets.into_iter().collect::<Option<_>>()?;
    Some(Input { stream: stream.to_owned(), place, schema, n_partitions, datasets })
}

/// The state of a stream before the first batch.
pub(super) fn state(stream: &str, value: &Value<'_>) -> Option<State> {
    let Content::Array(rows) = value.content() else { return value.wrong_kind("an array of rows") };
    let (stream, place) = (stream.to_owned(), value.key_place().clone());
    Some(State { stream, place, rows: rows.clone().into(), rested: None })
}

/// How long the keys of a state have rested.
pub(super) fn rested(state: Option<&mut State>, value: &Value<'_>) {
    let Some(state) = state else {
        let _: Option<()> = value.wrong("there is no state to it", "give the keys and their state: state = [[...]]");
        return;
    };
    let of: Option<Vec<Duration>> = value.array().and_then(|times| {
        let times: Vec<_> = times.iter().map(|time| time.duration(Duration::ZERO..=LONGEST_REST)).collect();
        times.into_iter().collect()
    });
    state.rested = of.map(|of| Rested { place: value.key_place().clone(), of });
}

fn input_dataset(value: &Value<'_>) -> Option<InputDataset> {
    if is_missing(value) {
        return Some(InputDataset::Missing);
    }
    match value.content() {
        Content::Array(rows) => Some(InputDataset::Spread(rows.clone().into())),
        Content::Table(_) => {
            let mut table = value.table()?;
            let partitions = table.require(PARTITION_ROWS).and_then(|value| partitions(&value));
            table.finish();
            Some(InputDataset::Partitions(partitions?))
        }
        _ => wrong_dataset(value),
    }
}

fn is_missing(value: &Value<'_>) -> bool {
    match value.content() {
        Content::String(word) => word == NONE,
        // A null of JSON.
        content => is_null(&Node { place: Place::Program, content: content.clone() }),
    }
}

fn wrong_dataset<T>(value: &Value<'_>) -> Option<T> {
    let help = "a batch is an array of rows, \"none\" for no dataset, or { partitions = [[...], [...]] }";
    value.wrong("a batch's rows are expected", help)
}

fn partitions(value: &Value<'_>) -> Option<Vec<Rows>> {
    let rows = |value: Value<'_>| match value.content() {
        Content::Array(rows) => Some(Rows::from(rows.clone())),
        _ => value.wrong("the rows of a partition are expected", "for example partitions = [[\"a\"], []]"),
    };
    let partitions: Vec<_> = value.array()?.into_iter().map(rows).collect();
    partitions.into_iter().collect()
}

/// What is expected of a stream.
pub(super) fn expect(name: &str, is_state: bool, value: &Value<'_>) -> Option<Expected> {
    let place = value.key_place().clone();
    let every = |value: &Value<'_>| expected_datasets(value).map(Datasets::Every);
    let Content::Table(_) = value.content() else {
        return Some(Expected { name: name.to_owned(), is_state, place, ordered: false, datasets: every(value)? });
    };
    let mut table = value.table()?;
    let ordered = table.get(ORDERED).is_some_and(|value| value.boolean() == Some(true));
    let emitted = table.get(EMITTED);
    let batches = if emitted.is_some() { table.get(BATCHES) } else { table.require(BATCHES) };
    table.finish();
    let datasets = match (batches, emitted) {
        (Some(_), Some(emitted)) => emitted.wrong("batches is given too", "keep one of them")?,
        (None, Some(emitted)) => Datasets::Emitted(expected_datasets(&emitted)?),
        (Some(batches), None) => match batches.content() {
            Content::Table(_) => Datasets::Numbered(numbered(&batches)?),
            _ => every(&batches)?,
        },
        (None, None) => return None,
    };
    Some(Expected { name: name.to_owned(), is_state, place, ordered, datasets })
}

/// `{ 2 = [...] }`: datasets by their batch's number.
fn numbered(value: &Value<'_>) -> Option<Vec<(usize, ExpectedDataset)>> {
    let dataset = |(number, value): (&str, Value<'_>)| match number.parse() {
        Ok(number @ 1..) => Some((number, expected_dataset(&value)?)),
        _ => value.wrong(format!("\"{number}\" is not a batch's number"), "batches are numbered from 1"),
    };
    let datasets: Vec<_> = value.table()?.named(STREAM_DATASETS).map(dataset).collect();
    datasets.into_iter().collect()
}

fn expected_datasets(value: &Value<'_>) -> Option<Vec<ExpectedDataset>> {
    // All are read, so that all mistakes are told.
    let datasets: Vec<_> = value.array()?.iter().map(expected_dataset).collect();
    datasets.into_iter().collect()
}

fn expected_dataset(value: &Value<'_>) -> Option<ExpectedDataset> {
    if is_missing(value) {
        return Some(ExpectedDataset::Missing);
    }
    match value.content() {
        Content::Array(rows) => Some(ExpectedDataset::rows(rows.clone().into())),
        Content::Table(_) => {
            let mut table = value.table()?;
            let rows = table.get(ROWS).map(|value| match value.content() {
                Content::Array(rows) => Some(Rows::from(rows.clone())),
                _ => value.wrong_kind("an array of rows"),
            });
            let partitions = table.get(PARTITION_ROWS).map(|value| partitions(&value));
            let n_rows = table.get(N_ROWS).map(|value| value.count(0..=u64::MAX));
            let n_partitions = table.get(N_PARTITIONS).map(|value| value.count(0..=u64::MAX));
            let says_nothing = rows.is_none() && partitions.is_none() && n_rows.is_none() && n_partitions.is_none();
            if says_nothing && !table.has_unknown() {
                return value.wrong("nothing is said of the batch", "give rows, partitions, n-rows or n-partitions");
            }
            table.finish();
            Some(ExpectedDataset::Made {
                rows: given(rows)?,
                partitions: given(partitions)?,
                n_rows: given(n_rows)?,
                n_partitions: given(n_partitions)?,
            })
        }
        _ => wrong_dataset(value),
    }
}

/// What was read of a key that need not be there; none if it was there and wrong.
fn given<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(None) => None,
        Some(read) => Some(read),
    }
}
