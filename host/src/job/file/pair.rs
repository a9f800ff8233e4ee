//! Operations on streams of keys and values: joins, lists of a key's rows, placing by key.

use crate::job::definition::{AggregateDefinition, JoinType, OperationDefinition};

use super::operation::{KEY, Read, partitions};
use super::operator::{Plugins, columns};
use super::table::{Key, Table, key};
use super::value::Value;

pub const JOIN: Key = key("join", "{ with = \"other\", on = [\"word\"] }");
pub const LEFT_OUTER_JOIN: Key = key("left-outer-join", "{ with = \"other\", on = [\"word\"] }");
pub const RIGHT_OUTER_JOIN: Key = key("right-outer-join", "{ with = \"other\", on = [\"word\"] }");
pub const FULL_OUTER_JOIN: Key = key("full-outer-join", "{ with = \"other\", on = [\"word\"] }");
pub const COGROUP: Key = key("cogroup", "{ with = [\"other\"], on = [\"word\"] }");
pub const GROUP_BY_KEY: Key = key("group-by-key", "{ key = [\"word\"] }");
pub const MAP_VALUES: Key = key("map-values", "{ key = [\"word\"], with = \"words/shorten\" }");
pub const FLAT_MAP_VALUES: Key = key("flat-map-values", "{ key = [\"word\"], with = \"words/split\" }");
pub const COMBINE_BY_KEY: Key = key("combine-by-key", "{ key = [\"word\"], with = \"words/tally\" }");
pub const GLOM: Key = key("glom", "true");
pub const PARTITION_BY: Key = key("partition-by", "{ key = [\"word\"], partitions = 4 }");
const WITH: Key = key("with", "\"other\"");
const WITH_OPERATOR: Key = key("with", "\"words/split\"");
const ON: Key = key("on", "[\"word\"]");
const TYPE: Key = key("type", "\"left\"");

/// What [`read`] reads.
pub const KEYS: [Key; 11] = [
    JOIN,
    LEFT_OUTER_JOIN,
    RIGHT_OUTER_JOIN,
    FULL_OUTER_JOIN,
    COGROUP,
    GROUP_BY_KEY,
    COMBINE_BY_KEY,
    MAP_VALUES,
    FLAT_MAP_VALUES,
    GLOM,
    PARTITION_BY,
];

/// Those that read more streams than their input.
pub const READ_OTHERS: [Key; 5] = [JOIN, LEFT_OUTER_JOIN, RIGHT_OUTER_JOIN, FULL_OUTER_JOIN, COGROUP];

const JOIN_TYPES: [(&str, JoinType); 4] =
    [("inner", JoinType::Inner), ("left", JoinType::Left), ("right", JoinType::Right), ("full", JoinType::Full)];

/// Read one of [`KEYS`]; the other streams that it reads are added to `reads`.
pub fn read<'a>(
    key: Key,
    value: &Value<'a>,
    reads: &mut Vec<Read<'a>>,
    plugins: &Plugins<'_>,
) -> Option<OperationDefinition> {
    match key {
        JOIN => join(value, reads, None),
        LEFT_OUTER_JOIN => join(value, reads, Some(JoinType::Left)),
        RIGHT_OUTER_JOIN => join(value, reads, Some(JoinType::Right)),
        FULL_OUTER_JOIN => join(value, reads, Some(JoinType::Full)),
        COGROUP => cogroup(value, reads),
        MAP_VALUES | FLAT_MAP_VALUES => {
            let mut table = value.table()?;
            let by = table.require(KEY).and_then(|value| columns(&value));
            let with = table.require(WITH_OPERATOR).and_then(|value| plugins.operator(&value));
            table.finish();
            let (by, with) = (by?, with?);
            Some(match key {
                MAP_VALUES => OperationDefinition::MapValues { key: by, with },
                _ => OperationDefinition::FlatMapValues { key: by, with },
            })
        }
        COMBINE_BY_KEY => combine(value, plugins),
        GLOM => value.is_true().map(|()| OperationDefinition::Glom),
        _ => {
            let mut table = value.table()?;
            let by = table.require(KEY).and_then(|value| columns(&value));
            let partitions = partitions(&mut table);
            table.finish();
            let (key_columns, partitions) = (by?, partitions?);
            Some(match key {
                GROUP_BY_KEY => OperationDefinition::GroupByKey { key: key_columns, partitions },
                _ => OperationDefinition::PartitionBy { key: key_columns, partitions },
            })
        }
    }
}

/// `{ key, with, partitions }`.
fn combine(value: &Value<'_>, plugins: &Plugins<'_>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let by = table.require(KEY).and_then(|value| columns(&value));
    let with = table.require(WITH_OPERATOR).and_then(|value| match plugins.aggregate(&value)? {
        AggregateDefinition::Operator(operator) => Some(operator),
        _ => value.wrong(
            "combine-by-key is by a plugin's aggregate",
            "write reduce-by-key, which has count, sum, min and max; or give \"PLUGIN/operator\"",
        ),
    });
    let partitions = partitions(&mut table);
    table.finish();
    Some(OperationDefinition::CombineByKey { key: by?, with: with?, partitions: partitions? })
}

/// `{ with, on, type, partitions }`; no `type` where the operation's name says it.
fn join<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>, kind: Option<JoinType>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let with = table.require(WITH).and_then(|value| Some(Read { stream: value.string()?.to_owned(), value }));
    let on = on(&mut table);
    let kind = match kind {
        Some(kind) => Some(kind),
        None => table.get(TYPE).map_or(Some(JoinType::Inner), |value| value.one_of(&JOIN_TYPES)),
    };
    let partitions = partitions(&mut table);
    table.finish();
    reads.extend(with.clone());
    with.and(Some(OperationDefinition::Join { on: on?, kind: kind?, partitions: partitions? }))
}

/// `{ with, on, partitions }`.
fn cogroup<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let with = table.require(WITH).and_then(|value| with(&value, reads));
    let on = on(&mut table);
    let partitions = partitions(&mut table);
    table.finish();
    reads.extend(with?);
    Some(OperationDefinition::Cogroup { on: on?, partitions: partitions? })
}

/// Streams, each of which is one of the columns made, so none may stand twice.
fn with<'a>(value: &Value<'a>, reads: &[Read<'a>]) -> Option<Vec<Read<'a>>> {
    let mut with: Vec<Read<'a>> = vec![];
    for (name, item) in value.strings()? {
        if reads.iter().chain(&with).any(|read| read.stream == name) {
            let help = "name each stream once: the columns made are named as the streams";
            return item.wrong(format!("\"{name}\" stands twice"), help);
        }
        with.push(Read { stream: name.to_owned(), value: item });
    }
    if with.is_empty() { value.wrong("there is no stream", "name at least one other stream") } else { Some(with) }
}

fn on(table: &mut Table<'_>) -> Option<Vec<String>> {
    table.require(ON).and_then(|value| columns(&value))
}
