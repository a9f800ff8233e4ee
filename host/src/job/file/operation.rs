//! The operation of a stream: the one key that says what is done to the streams it reads.

use std::time::Duration;

use crate::engine::sql::{SqlError, tables_read};
use crate::job::definition::{OperationDefinition, StreamBody, WindowDefinition, WindowFoldDefinition};

use super::event_time;
use super::operator::{Plugins, columns};
use super::pair;
use super::path::Paths;
use super::state::{self, MAP_WITH_STATE, SNAPSHOTS_OF, UPDATE_STATE_BY_KEY};
use super::table::{Key, Table, key};
use super::transform::TRANSFORM;
use super::tree::Content;
use super::value::{Value, optional};

pub const INPUT: Key = key("input", "\"lines\"");
pub const SQL: Key = key("sql", "\"select word, count from counts\"");
const MAP: Key = key("map", "\"words/shorten\"");
const FLAT_MAP: Key = key("flat-map", "\"words/split\"");
const FILTER: Key = key("filter", "{ where = \"word <> ''\" }");
const MAP_PARTITIONS: Key = key("map-partitions", "\"words/sample\"");
const UNION: Key = key("union", "[\"one\", \"another\"]");
const REPARTITION: Key = key("repartition", "4");
const COUNT: Key = key("count", "true");
const COUNT_BY_VALUE: Key = key("count-by-value", "true");
const REDUCE: Key = key("reduce", "\"sum\"");
const REDUCE_BY_KEY: Key = key("reduce-by-key", "{ key = [\"word\"], with = \"count\" }");
const WINDOW: Key = key("window", "{ length = \"30s\", slide = \"10s\" }");
const COUNT_BY_WINDOW: Key = key("count-by-window", "{ length = \"30s\", slide = \"10s\" }");
const COUNT_BY_VALUE_AND_WINDOW: Key = key("count-by-value-and-window", "{ length = \"30s\", slide = \"10s\" }");
const REDUCE_BY_WINDOW: Key = key("reduce-by-window", "{ with = \"sum\", length = \"30s\", slide = \"10s\" }");
const REDUCE_BY_KEY_AND_WINDOW: Key =
    key("reduce-by-key-and-window", "{ key = [\"word\"], with = \"count\", length = \"30s\", slide = \"10s\" }");
const GROUP_BY_KEY_AND_WINDOW: Key =
    key("group-by-key-and-window", "{ key = [\"word\"], length = \"30s\", slide = \"10s\" }");
const INVERSE: Key = key("inverse", "false");
const WINDOW_FILTER: Key = key("filter", "\"count > 0\"");
const LENGTH: Key = key("length", "\"30s\"");
const SLIDE: Key = key("slide", "\"10s\"");
const WHERE: Key = key("where", "\"word <> ''\"");
pub(super) const WITH: Key = key("with", "\"count\"");
pub(super) const KEY: Key = key("key", "[\"word\"]");
pub(super) const PARTITIONS: Key = key("partitions", "4");

/// All operations but `sql`, in the order in which errors list them.
pub const OPERATIONS: &[Key] = &[
    MAP,
    FLAT_MAP,
    FILTER,
    MAP_PARTITIONS,
    UNION,
    REPARTITION,
    COUNT,
    COUNT_BY_VALUE,
    REDUCE,
    REDUCE_BY_KEY,
    WINDOW,
    GROUP_BY_KEY_AND_WINDOW,
    COUNT_BY_WINDOW,
    COUNT_BY_VALUE_AND_WINDOW,
    REDUCE_BY_WINDOW,
    REDUCE_BY_KEY_AND_WINDOW,
    event_time::EVENT_TIME_WINDOW,
    event_time::LATE_OF,
    event_time::DROP_DUPLICATES,
    pair::JOIN,
    pair::LEFT_OUTER_JOIN,
    pair::RIGHT_OUTER_JOIN,
    pair::FULL_OUTER_JOIN,
    pair::COGROUP,
    pair::GROUP_BY_KEY,
    pair::COMBINE_BY_KEY,
    pair::MAP_VALUES,
    pair::FLAT_MAP_VALUES,
    pair::GLOM,
    pair::PARTITION_BY,
    UPDATE_STATE_BY_KEY,
    MAP_WITH_STATE,
    SNAPSHOTS_OF,
    TRANSFORM,
];

/// Spark's operations that this version does not have, and what serves instead, if anything does.
pub const NOT_YET: &[(Key, &str)] = &[
    (key("aggregate-by-key", "{}"), "combine-by-key does the same"),
    (key("transform-with", "{}"), "transform = { sql = ... } reads several streams, if input names them"),
    (key("slice", "{}"), "with [job] remember, a program slices streams with RunningJob::slice"),
    (key("persist", "{}"), "a stream that is read twice is kept by itself"),
    (key("cache", "{}"), "a stream that is read twice is kept by itself"),
];

/// A stream's name, as it stands in the value of some key.
#[derive(Clone)]
pub struct Read<'a> {
    pub stream: String,
    pub value: Value<'a>,
}

/// What a stream's operation says, and which streams it reads.
pub struct Operation<'a> {
    pub body: Option<StreamBody>,
    pub reads: Vec<Read<'a>>,
}

/// `input`: the streams named; none where it isn't there, or wrong.
pub fn inputs<'a>(table: &mut Table<'a>) -> Option<Vec<Read<'a>>> {
    let names = table.get(INPUT)?.strings().unwrap_or_default();
    Some(names.into_iter().map(|(name, value)| Read { stream: name.to_owned(), value }).collect())
}

/// Read the operation that `value` stands for. `reads` is what [`inputs`] found.
pub fn read<'a>(
    key: Key,
    value: &Value<'a>,
    mut reads: Vec<Read<'a>>,
    plugins: &Plugins<'_>,
    paths: &Paths,
) -> Operation<'a> {
    let n_inputs = reads.len();
    let definition = match key {
        MAP => plugins.operator(value).map(OperationDefinition::Map),
        FLAT_MAP => plugins.operator(value).map(OperationDefinition::FlatMap),
        FILTER => filter(value, plugins),
        MAP_PARTITIONS => plugins.operator(value).map(OperationDefinition::MapPartitions),
        UNION => union(value, &mut reads),
        REPARTITION => value.count(1..=MAX_PARTITIONS).map(OperationDefinition::Repartition),
        COUNT => value.is_true().map(|()| OperationDefinition::Count),
        COUNT_BY_VALUE => count_by_value(value),
        REDUCE => plugins.aggregate(value).map(|with| OperationDefinition::Reduce { with }),
        REDUCE_BY_KEY => reduce_by_key(value, plugins),
        event_time::EVENT_TIME_WINDOW => event_time::window(value, plugins),
        event_time::DROP_DUPLICATES => event_time::drop_duplicates(value),
        event_time::LATE_OF => event_time::late_of(value, &mut reads),
        WINDOW => only_window(value).map(OperationDefinition::Window),
        GROUP_BY_KEY_AND_WINDOW => group_by_key_and_window(value),
        COUNT_BY_WINDOW => only_window(value).map(OperationDefinition::CountByWindow),
        COUNT_BY_VALUE_AND_WINDOW => count_by_value_and_window(value),
        REDUCE_BY_WINDOW => reduce_by_window(value, plugins),
        REDUCE_BY_KEY_AND_WINDOW => reduce_by_key_and_window(value, plugins),
        TRANSFORM => super::transform::read(value, &mut reads, plugins),
        key if pair::KEYS.contains(&key) => pair::read(key, value, &mut reads, plugins),
        UPDATE_STATE_BY_KEY => state::update(value, &mut reads, plugins, paths),
        MAP_WITH_STATE => state::map(value, &mut reads, plugins, paths),
        SNAPSHOTS_OF => state::snapshots(value, &mut reads),
        _ => sql(value, &mut reads),
    };
    let operation = definition.and_then(|operation| {
        if operation != OperationDefinition::Union && !matches!(operation, OperationDefinition::Sql(_)) {
            one_input(key, &reads[..n_inputs])?;
        }
        // The streams that a query reads stand in its text alone.
        let of_input = !matches!(operation, OperationDefinition::Sql(_));
        let inputs = reads.iter().filter(|_| of_input).map(|read| read.stream.clone()).collect();
        Some(StreamBody::Operation { inputs, operation })
    });
    Operation { body: operation, reads }
}

/// No operation makes more partitions.
const MAX_PARTITIONS: u64 = 4096;

fn one_input(operation: Key, reads: &[Read<'_>]) -> Option<()> {
    let [_, second, ..] = reads else { return Some(()) };
    match pair::READ_OTHERS.contains(&operation) {
        true => second.value.wrong(format!("{} has one input", operation.name), "name other streams in `with`"),
        false => second.value.wrong(
            format!("{} reads one stream", operation.name),
            "make a stream with union = [...] first, and read that",
        ),
    }
}

fn filter(value: &Value<'_>, plugins: &Plugins<'_>) -> Option<OperationDefinition> {
    let mut table = match value.content() {
        Content::Table(_) => value.table()?,
        _ => return plugins.operator(value).map(OperationDefinition::Filter),
    };
    if !table.has(WHERE) {
        return plugins.operator(value).map(OperationDefinition::Filter);
    }
    let condition = table.get(WHERE).and_then(|value| condition(&value));
    table.finish();
    condition.map(OperationDefinition::FilterWhere)
}

/// An SQL expression.
pub(super) fn condition(value: &Value<'_>) -> Option<String> {
    let text = value.string()?;
    if text.trim().is_empty() {
        value.wrong("the condition is empty", "for example where = \"word <> ''\"")
    } else {
        Some(text.to_owned())
    }
}

/// `union = ["a", "b"]`, after what `input` names; or `union = true` of what `input` names.
fn union<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>) -> Option<OperationDefinition> {
    match value.content() {
        Content::Boolean(_) => value.is_true()?,
        _ => reads.extend(value.strings()?.into_iter().map(|(name, value)| Read { stream: name.to_owned(), value })),
    }
    match reads.len() {
        0 | 1 => value.wrong("two streams are needed, at least", "for example union = [\"one\", \"another\"]"),
        _ => Some(OperationDefinition::Union),
    }
}

fn count_by_value(value: &Value<'_>) -> Option<OperationDefinition> {
    let partitions = match value.content() {
        Content::Table(_) => {
            let mut table = value.table()?;
            let partitions = partitions(&mut table);
            table.finish();
            partitions?
        }
        _ => value.is_true().map(|()| None)?,
    };
    Some(OperationDefinition::CountByValue { partitions })
}

fn reduce_by_key(value: &Value<'_>, plugins: &Plugins<'_>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let key = table.require(KEY).and_then(|value| columns(&value));
    let with = table.require(WITH).and_then(|value| plugins.aggregate(&value));
    let partitions = partitions(&mut table);
    table.finish();
    Some(OperationDefinition::ReduceByKey { key: key?, with: with?, partitions: partitions? })
}

fn only_window(value: &Value<'_>) -> Option<WindowDefinition> {
    let mut table = value.table()?;
    let window = window(&mut table);
    table.finish();
    window
}

fn group_by_key_and_window(value: &Value<'_>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let key = table.require(KEY).and_then(|value| columns(&value));
    let window = window(&mut table);
    let partitions = partitions(&mut table);
    table.finish();
    Some(OperationDefinition::GroupByKeyAndWindow { key: key?, window: window?, partitions: partitions? })
}

fn count_by_value_and_window(value: &Value<'_>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let window = window_fold(&mut table, true);
    table.finish();
    window.map(OperationDefinition::CountByValueAndWindow)
}

fn reduce_by_window(value: &Value<'_>, plugins: &Plugins<'_>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let with = table.require(WITH).and_then(|value| plugins.aggregate(&value));
    let window = window_fold(&mut table, false);
    table.finish();
    Some(OperationDefinition::ReduceByWindow { with: with?, window: window? })
}

fn reduce_by_key_and_window(value: &Value<'_>, plugins: &Plugins<'_>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let key = table.require(KEY).and_then(|value| columns(&value));
    let with = table.require(WITH).and_then(|value| plugins.aggregate(&value));
    let window = window_fold(&mut table, true);
    table.finish();
    Some(OperationDefinition::ReduceByKeyAndWindow { key: key?, with: with?, window: window? })
}

/// A window's keys and, of those that fold it, what is not the fold itself.
fn window_fold(table: &mut Table<'_>, has_key: bool) -> Option<WindowFoldDefinition> {
    let of_time = window(table);
    let inverse = optional(table.get(INVERSE).map(|value| value.boolean()));
    let filter = optional(table.get(WINDOW_FILTER).map(|value| condition(&value)));
    let partitions = if has_key { partitions(table) } else { Some(None) };
    Some(WindowFoldDefinition { window: of_time?, inverse: inverse?, filter: filter?, partitions: partitions? })
}

/// `length` and `slide`.
fn window(table: &mut Table<'_>) -> Option<WindowDefinition> {
    let range = Duration::from_millis(1)..=Duration::from_secs(400 * 24 * 60 * 60);
    let length = table.require(LENGTH).and_then(|value| value.duration(range.clone()));
    let slide = optional(table.get(SLIDE).map(|value| value.duration(range)));
    Some(WindowDefinition { length: length?, slide: slide? })
}

/// The outer option says whether the key is right, the inner whether it is there.
pub(super) fn partitions(table: &mut Table<'_>) -> Option<Option<usize>> {
    match table.get(PARTITIONS) {
        None => Some(None),
        Some(value) => value.count(1..=MAX_PARTITIONS).map(Some),
    }
}

fn sql<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>) -> Option<OperationDefinition> {
    let text = value.string()?;
    match tables_read(text) {
        Ok(tables) => reads.extend(tables.into_iter().map(|stream| Read { stream, value: value.clone() })),
        Err(error) => return sql_mistake(value, &error),
    }
    Some(OperationDefinition::Sql(text.to_owned()))
}

/// Report what is wrong with a query.
pub(super) fn sql_mistake<T>(value: &Value<'_>, error: &SqlError) -> Option<T> {
    let reason = error.to_string();
    value.wrong(
        format!("the query is wrong: {}", reason.strip_prefix("sql parser error: ").unwrap_or(&reason)),
        "write a query over streams, such as \"select word, count from counts\"",
    )
}
