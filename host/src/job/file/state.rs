//! `update-state-by-key`, `map-with-state` and `snapshots-of`: keyed state.

use std::time::Duration;

use crate::engine::state_builtin::BuiltInUpdate;
use crate::job::definition::{
    InitialDefinition, OperationDefinition, OperatorName, StatefulDefinition, UpdateDefinition,
};
use crate::job::nearest::did_you_mean;

use super::operation::{Read, partitions};
use super::operator::{Plugins, columns};
use super::path::{Expected, Paths};
use super::source::FORMATS;
use super::table::{Key, Table, key};
use super::tree::Content;
use super::value::{Value, optional};

pub const UPDATE_STATE_BY_KEY: Key = key("update-state-by-key", "{ key = [\"word\"], with = \"count\" }");
pub const MAP_WITH_STATE: Key = key("map-with-state", "{ key = [\"user\"], with = \"clicks/sessions\" }");
pub const SNAPSHOTS_OF: Key = key("snapshots-of", "\"totals\"");
const KEY: Key = key("key", "[\"word\"]");
const WITH: Key = key("with", "\"clicks/sessions\"");
const COLUMNS: Key = key("columns", "[\"page\"]");
const INITIAL: Key = key("initial", "{ path = \"totals.parquet\", format = \"parquet\" }");
const PATH: Key = key("path", "\"totals.parquet\"");
const FORMAT: Key = key("format", "\"parquet\"");
const STATE_SIZE: Key = key("state-size", "\"1GiB\"");
const TIMEOUT: Key = key("timeout", "\"30min\"");
/// The longest that a key may rest: ten years.
pub const LONGEST_REST: Duration = Duration::from_secs(315_576_000);
const TIME_TO_LIVE: Key = key("time-to-live", "\"7days\"");

/// The host's own updates.
const BUILT_IN: [(&str, BuiltInUpdate); 4] = [
    ("count", BuiltInUpdate::Count),
    ("sum", BuiltInUpdate::Sum),
    ("min", BuiltInUpdate::Min),
    ("max", BuiltInUpdate::Max),
];

/// Read `update-state-by-key`.
pub fn update<'a>(
    value: &Value<'a>,
    reads: &mut Vec<Read<'a>>,
    plugins: &Plugins<'_>,
    paths: &Paths,
) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let with = with(&mut table, plugins, true);
    let rest = rest(&mut table, reads, paths);
    table.finish();
    Some(OperationDefinition::UpdateStateByKey(Box::new(StatefulDefinition { with: with?, ..rest? })))
}

/// Read `map-with-state`.
pub fn map<'a>(
    value: &Value<'a>,
    reads: &mut Vec<Read<'a>>,
    plugins: &Plugins<'_>,
    paths: &Paths,
) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let with = with(&mut table, plugins, false);
    let timeout = rest_time(&mut table, TIMEOUT);
    let rest = rest(&mut table, reads, paths);
    if table.has(TIMEOUT) && table.has(TIME_TO_LIVE) {
        let _: Option<()> =
            value.wrong("it has both timeout and time-to-live", "a key that times out is removed: give one of them");
        return None;
    }
    table.finish();
    Some(OperationDefinition::MapWithState(Box::new(StatefulDefinition { with: with?, timeout: timeout?, ..rest? })))
}

/// Read `snapshots-of`.
pub fn snapshots<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>) -> Option<OperationDefinition> {
    let stream = value.string()?;
    reads.push(Read { stream: stream.to_owned(), value: value.clone() });
    Some(OperationDefinition::SnapshotsOf)
}

/// What works on the state, and on which columns; the host's own updates emit nothing, and so don't suit `map-with-state`.
fn with(table: &mut Table<'_>, plugins: &Plugins<'_>, has_built_in: bool) -> Option<UpdateDefinition> {
    let with = table.require(WITH);
    let columns = table.get(COLUMNS).map(|value| columns(&value));
    let with = with.and_then(|value| match built_in(&value) {
        Some(function) if has_built_in => Some(UpdateDefinition::BuiltIn(function)),
        Some(function) => {
            let message = format!("\"{}\" updates state and emits nothing", function.name());
            value.wrong(message, "use it in update-state-by-key, or name a plugin's operator")
        }
        None => operator(&value, plugins, has_built_in).map(UpdateDefinition::Operator),
    });
    with_columns(with?, columns, table)
}

fn built_in(value: &Value<'_>) -> Option<BuiltInUpdate> {
    let Content::String(text) = value.content() else { return None };
    BUILT_IN.iter().find(|(name, _)| name == text).map(|(_, function)| *function)
}

fn operator(value: &Value<'_>, plugins: &Plugins<'_>, has_built_in: bool) -> Option<OperatorName> {
    match value.content() {
        Content::String(text) if has_built_in && !text.contains('/') => {
            let help = match did_you_mean(text, BUILT_IN.map(|(name, _)| name), "updates") {
                near if near.starts_with("did you mean") => near,
                _ => "give \"count\", \"sum\", \"min\", \"max\", or a plugin's operator as \"PLUGIN/operator\""
                    .to_owned(),
            };
            value.wrong(format!("\"{text}\" is no update"), help)
        }
        Content::String(_) => plugins.operator(value),
        _ => value.wrong_kind("a string"),
    }
}

/// Columns beside `with` are those that the operator gets.
fn with_columns(
    with: UpdateDefinition,
    columns: Option<Option<Vec<String>>>,
    table: &Table<'_>,
) -> Option<UpdateDefinition> {
    match (with, columns) {
        (with, None) => Some(with),
        (UpdateDefinition::Operator(name), Some(columns)) => {
            Some(UpdateDefinition::Operator(OperatorName { columns: Some(columns?), ..name }))
        }
        (UpdateDefinition::BuiltIn(function), Some(_)) => {
            table.wrong(
                format!("columns are chosen for a plugin's operator, not for \"{}\"", function.name()),
                "make a stream of the columns first, with sql",
            );
            None
        }
    }
}

/// What both have.
fn rest<'a>(table: &mut Table<'a>, reads: &mut Vec<Read<'a>>, paths: &Paths) -> Option<StatefulDefinition> {
    let key = table.require(KEY).and_then(|value| columns(&value));
    let partitions = partitions(table);
    let initial = table.get(INITIAL).map(|value| initial(&value, reads, paths));
    let state_size = table.get(STATE_SIZE).map(|value| value.size(64 << 10..=1 << 50));
    let time_to_live = rest_time(table, TIME_TO_LIVE);
    Some(StatefulDefinition {
        key: key?,
        with: UpdateDefinition::BuiltIn(BuiltInUpdate::Count),
        partitions: partitions?,
        initial: optional(initial)?,
        state_size: optional(state_size)?,
        timeout: None,
        time_to_live: time_to_live?,
    })
}

pub fn rest_time(table: &mut Table<'_>, key: Key) -> Option<Option<Duration>> {
    optional(table.get(key).map(|value| value.duration(Duration::from_millis(1)..=LONGEST_REST)))
}

/// A file, as a table; or a stream's name.
fn initial<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>, paths: &Paths) -> Option<InitialDefinition> {
    match value.content() {
        Content::String(stream) => {
            reads.push(Read { stream: stream.clone(), value: value.clone() });
            Some(InitialDefinition::Stream(stream.clone()))
        }
        Content::Table(_) => {
            let mut table = value.table()?;
            let path = table.require(PATH).and_then(|value| paths.read(&value, Expected::InputFile));
            let format = table.require(FORMAT).and_then(|value| {
                // A line of text has one column, and a key with its state has two at least.
                value.one_of(&FORMATS[1..])
            });
            table.finish();
            Some(InitialDefinition::File { path: path?, format: format? })
        }
        _ => value.wrong_kind("a stream's name, or a table with `path` and `format`,"),
    }
}
