//! `[output.O]`: where a stream's rows go.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::job::definition::{CompactDefinition, OperatorName, OutputDefinition, SinkDefinition};
use crate::job::nearest::nearest;

use super::operation::{INPUT, Read};
use super::operator::{self, COLUMNS, Plugins};
use super::path::{Expected, Paths};
use super::source::FORMATS;
use super::table::{Key, Table, key};
use super::value::{Value, optional};

pub const SINK: Key = key("sink", "{ type = \"print\", rows = 10 }");
const TYPE: Key = key("type", "\"print\"");
const ROWS: Key = key("rows", "10");
const PATH: Key = key("path", "\"counts\"");
const FORMAT: Key = key("format", "\"csv\"");
const COMPACT: Key = key("compact", "{ size = \"128MiB\" }");
const SIZE: Key = key("size", "\"128MiB\"");
const EVERY: Key = key("every", "\"10min\"");

/// Sizes that compacted files may have.
const SIZES: RangeInclusive<u64> = 1 << 10..=1 << 40;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a sink can be.
const TYPES: &str = "types: print, files, kafka, postgres, or a plugin's sink as \"PLUGIN/operator\"";

/// As many as Spark prints.
const DEFAULT_ROWS: usize = 10;

/// An output as far as it could be read.
pub struct Output<'a> {
    pub read: Option<Read<'a>>,
    pub definition: Option<OutputDefinition>,
}

/// Read `[output.name]`.
pub fn read<'a>(name: &str, mut table: Table<'a>, plugins: &Plugins<'_>, paths: &Paths) -> Output<'a> {
    let read = table.require(INPUT).and_then(|value| Some(Read { stream: value.string()?.to_owned(), value }));
    let sink = table.require(SINK);
    table.finish();
    let place = sink.as_ref().map(|value| value.key_place().clone());
    let sink = sink.and_then(|value| self::sink(&value, plugins, paths));
    let definition = match (&read, sink, place) {
        (Some(read), Some(sink), Some(place)) => {
            Some(OutputDefinition { name: name.to_owned(), input: read.stream.clone(), sink, place })
        }
        _ => None,
    };
    Output { read, definition }
}

/// `sink = { type = ... }`.
pub fn sink(value: &Value<'_>, plugins: &Plugins<'_>, paths: &Paths) -> Option<SinkDefinition> {
    let mut table = value.table()?;
    let kind = table.require(TYPE)?;
    match kind.string()? {
        "print" => {
            let rows = table.get(ROWS).map_or(Some(DEFAULT_ROWS), |value| value.count(1..=1_000_000));
            table.finish();
            Some(SinkDefinition::Print { rows: rows? })
        }
        "files" => {
            let path = table.require(PATH).and_then(|value| paths.read(&value, Expected::OutputDirectory));
            let format = table.require(FORMAT).and_then(|value| value.one_of(&FORMATS));
            let compact = table.get(COMPACT).map(|value| compact(&value));
            table.finish();
            Some(SinkDefinition::Files { path: path?, format: format?, compact: optional(compact)? })
        }
        "kafka" => super::kafka::sink(&kind, table).map(|kafka| SinkDefinition::Kafka(Box::new(kafka))),
        "postgres" => super::postgres::read(table).map(|sink| SinkDefinition::Postgres(Box::new(sink))),
        operator if operator.contains('/') => {
            let name = plugins.parse(operator, &kind);
            let columns = table.get(COLUMNS).map(|value| operator::columns(&value));
            table.finish();
            Some(SinkDefinition::Operator(OperatorName { columns: optional(columns)?, ..name? }))
        }
        other => {
            let help =
                nearest(other, ["print", "files", "kafka", "postgres"]).map(|near| format!("did you mean \"{near}\"?"));
            kind.wrong(format!("there is no sink of type \"{other}\""), help.unwrap_or_else(|| TYPES.to_owned()))
        }
    }
}

fn compact(value: &Value<'_>) -> Option<CompactDefinition> {
    let mut table = value.table()?;
    let size = table.get(SIZE).map(|value| value.size(SIZES));
    let every = table.get(EVERY).map(|value| value.duration(SECOND..=DAY));
    if size.is_none() && every.is_none() && !table.has_unknown() {
        table.wrong(
            "it doesn't say when",
            "give it size, every or both: compact = { size = \"128MiB\", every = \"10min\" }",
        );
        return None;
    }
    table.finish();
    Some(CompactDefinition { size: optional(size)?, every: optional(every)? })
}
