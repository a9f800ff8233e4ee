//! `source = { type = ... }`: where rows come from.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::json::ReaderBuilder;
use serde_json::Value as Json;

use crate::job::definition::{FileContent, FileFormat, Framing, OperatorName, ReceiverDefinition, SourceDefinition};
use crate::job::nearest::nearest;
use crate::job::types;
use crate::plugin::Address;
use crate::receiver::files::scan::OnBadFile;
use crate::receiver::plugin::MAX_RECEIVERS;
use crate::receiver::rate::RateLimits;

use super::operator::Plugins;
use super::path::{Expected, Paths};
use super::plugin::json;
use super::table::{Key, Table, key};
use super::tree::Content;
use super::value::{Value, optional};

pub const SOURCE: Key = key("source", "{ type = \"socket\", address = \"127.0.0.1:9999\" }");
const TYPE: Key = key("type", "\"socket\"");
const ADDRESS: Key = key("address", "\"127.0.0.1:9999\"");
const FRAMING: Key = key("framing", "\"length-prefixed\"");
const MAX_LINE: Key = key("max-line", "\"1MiB\"");
const MAX_MESSAGE: Key = key("max-message", "\"1MiB\"");
/// A line or a message is a part of one block, which is held in memory.
const MAX_LENGTH_RANGE: RangeInclusive<u64> = 1 << 10..=256 << 20;
const PATH: Key = key("path", "\"incoming\"");
const FORMAT: Key = key("format", "\"text\"");
const RECORD_LENGTH: Key = key("record-length", "64");
/// A record is held in memory, as a line is.
const RECORD_LENGTH_RANGE: RangeInclusive<u64> = 1..=16 << 20;
const SCHEMA: Key = key("schema", "{ word = \"string\", count = \"int64\" }");
const EXISTING: Key = key("existing", "false");
const ON_BAD_FILE: Key = key("on-bad-file", "\"skip\"");
const ROWS: Key = key("rows", "[{ word = \"to\", count = 1 }]");
const FORMAT_OF_ROWS: Key = key("format", "\"json\"");
const RECEIVERS: Key = key("receivers", "2");
const MAX_ROWS: Key = key("max-rows", "10000");
const MAX_TIME: Key = key("max-time", "\"200ms\"");
const ON_FAILURE: Key = key("on-failure", "\"fail\"");
const MAX_RATE: Key = key("max-rate", "10000");
const INITIAL_RATE: Key = key("initial-rate", "1000");
const LOG: Key = key("log", "false");
/// What a source can be.
const TYPES: &str = "types: socket, files, kafka, constant, queue, or a plugin's receiver as \"PLUGIN/operator\"";
const COLUMN: Key = key("word", "\"string\"");

/// Formats that are read and written, as `initial` and `sink` name them.
pub const FORMATS: [(&str, FileFormat); 4] = [
    ("text", FileFormat::Text),
    ("csv", FileFormat::Csv),
    ("json", FileFormat::Json),
    ("parquet", FileFormat::Parquet),
];

/// Formats, as `source` of type files names them; none: binary.
const READ_FORMATS: [(&str, Option<FileFormat>); 5] = [
    ("text", Some(FileFormat::Text)),
    ("csv", Some(FileFormat::Csv)),
    ("json", Some(FileFormat::Json)),
    ("parquet", Some(FileFormat::Parquet)),
    ("binary", None),
];

/// Read `source`, and how fast it may take rows in.
pub fn read(value: &Value<'_>, plugins: &Plugins<'_>, paths: &Paths) -> Option<(SourceDefinition, RateLimits)> {
    let mut table = value.table()?;
    let kind = table.require(TYPE)?;
    // The others give a dataset to each batch, whatever the job can do.
    let has_rate = !matches!(kind.content(), Content::String(kind) if kind == "queue" || kind == "constant");
    let limits = if has_rate { rates(&mut table) } else { Some(RateLimits::default()) };
    source(table, &kind, plugins, paths).zip(limits)
}

fn rates(table: &mut Table<'_>) -> Option<RateLimits> {
    let rate = |value: Value<'_>| value.integer(1..=1_000_000_000_000);
    let max = optional(table.get(MAX_RATE).map(rate));
    let initial = optional(table.get(INITIAL_RATE).map(rate));
    Some(RateLimits { max: max?, initial: initial? })
}

fn source(mut table: Table<'_>, kind: &Value<'_>, plugins: &Plugins<'_>, paths: &Paths) -> Option<SourceDefinition> {
    // Which other keys there are depends on the type, so where that is wrong they aren't looked at.
    match kind.string()? {
        "socket" => socket(table),
        "files" => files(table, paths),
        "constant" if table.has(PATH) => constant_file(table, paths),
        "constant" => constant(table),
        "queue" => {
            let schema = table.require(SCHEMA).and_then(|value| schema(&value));
            table.finish();
            Some(SourceDefinition::Queue { schema: schema?, queue: None })
        }
        "kafka" => super::kafka::source(kind, table).map(|kafka| SourceDefinition::Kafka(Box::new(kafka))),
        operator if operator.contains('/') => {
            let name = plugins.parse(operator, kind);
            receiver(table, name)
        }
        other => {
            let help = nearest(other, ["socket", "files", "kafka", "constant", "queue"])
                .map(|near| format!("did you mean \"{near}\"?"));
            kind.wrong(format!("there is no source of type \"{other}\""), help.unwrap_or_else(|| TYPES.to_owned()))
        }
    }
}

fn constant_file(mut table: Table<'_>, paths: &Paths) -> Option<SourceDefinition> {
    let path = table.require(PATH).and_then(|value| paths.read(&value, Expected::InputFile));
    let format = table.require(FORMAT_OF_ROWS).and_then(|value| value.one_of(&FORMATS[1..]));
    let schema = optional(table.get(SCHEMA).map(|value| schema(&value)));
    if let Some(rows) = table.get(ROWS) {
        rows.wrong_key("the rows are those of a file already", "remove rows, or path and format");
    }
    table.finish();
    Some(SourceDefinition::ConstantFile { path: path?, format: format?, schema: schema? })
}

fn constant(mut table: Table<'_>) -> Option<SourceDefinition> {
    let schema = table.require(SCHEMA).and_then(|value| schema(&value));
    let rows = table.require(ROWS);
    table.finish();
    let (schema, rows) = (schema?, rows?);
    let items: Vec<Option<Json>> = rows.array()?.iter().map(|row| constant_row(row, &schema)).collect();
    let items: Vec<Json> = items.into_iter().collect::<Option<_>>()?;
    match decoded(&schema, &items) {
        Ok(rows) => Some(SourceDefinition::Constant { rows }),
        Err(reason) => rows.wrong(reason, "give each row the columns of schema"),
    }
}

/// A row, if it is one of the schema's.
fn constant_row(row: &Value<'_>, schema: &SchemaRef) -> Option<Json> {
    let Content::Table(_) = row.content() else { return row.wrong_kind("a table") };
    let row_json = match json(row.content()) {
        Ok(json) => json,
        Err(number) => return row.wrong(format!("{number} has no form in JSON"), "give it as a string"),
    };
    match decoded(schema, std::slice::from_ref(&row_json)) {
        Ok(_) => Some(row_json),
        Err(reason) => row.wrong(reason, "give each row the columns of schema"),
    }
}

fn decoded(schema: &SchemaRef, rows: &[Json]) -> Result<RecordBatch, String> {
    let builder = ReaderBuilder::new(schema.clone()).with_strict_mode(true).with_batch_size(rows.len().max(1));
    let mut decoder = builder.build_decoder().map_err(|error| error.to_string())?;
    decoder.serialize(rows).map_err(|error| error.to_string())?;
    let rows = decoder.flush().map_err(|error| error.to_string())?;
    Ok(rows.unwrap_or_else(|| RecordBatch::new_empty(schema.clone())))
}

/// What `type` says already, and the other keys.
fn receiver(mut table: Table<'_>, operator: Option<OperatorName>) -> Option<SourceDefinition> {
    let receivers = table.get(RECEIVERS).map(|value| value.integer(1..=u64::from(MAX_RECEIVERS)));
    let max_rows = table.get(MAX_ROWS).map(|value| value.integer(1..=1_000_000));
    let range = Duration::from_millis(1)..=Duration::from_secs(10);
    let max_time = table.get(MAX_TIME).map(|value| value.duration(range));
    let fail = table.get(ON_FAILURE).map(|value| value.one_of(&[("restart", false), ("fail", true)]));
    let log = table.get(LOG).map(|value| value.boolean());
    table.finish();
    let (receivers, max_rows, max_time, fail, log) =
        (optional(receivers)?, optional(max_rows)?, optional(max_time)?, optional(fail)?, optional(log)?);
    let usual = ReceiverDefinition::new(operator?);
    let number = |value: Option<u64>| value.and_then(|value| u32::try_from(value).ok());
    Some(SourceDefinition::Receiver(ReceiverDefinition {
        receivers: number(receivers).unwrap_or(usual.receivers),
        max_rows: number(max_rows).unwrap_or(usual.max_rows),
        max_time: max_time.unwrap_or(usual.max_time),
        fail: fail.unwrap_or(usual.fail),
        log: log.unwrap_or(usual.log),
        ..usual
    }))
}

fn socket(mut table: Table<'_>) -> Option<SourceDefinition> {
    let address = table.require(ADDRESS).and_then(|value| {
        let text = value.string()?;
        match text.parse::<Address>() {
            Ok(_) => Some(text.to_owned()),
            Err(reason) => value.wrong(
                format!("\"{text}\" is not an address: {reason}"),
                "write host:port, such as \"127.0.0.1:9999\" or \"[::1]:9999\"",
            ),
        }
    });
    let framing = table.get(FRAMING).map_or(Some(Framing::Lines), |value| {
        value.one_of(&[("lines", Framing::Lines), ("length-prefixed", Framing::LengthPrefixed)])
    });
    let (key, other) = match framing {
        Some(Framing::LengthPrefixed) => (MAX_MESSAGE, MAX_LINE),
        _ => (MAX_LINE, MAX_MESSAGE),
    };
    let max_length = optional(
        table.get(key).map(|value| value.size(MAX_LENGTH_RANGE).and_then(|bytes| usize::try_from(bytes).ok())),
    );
    // Where the framing is wrong, nobody knows which of them is right.
    if let Some(value) = table.get(other)
        && let Some(framing) = framing
    {
        let help = format!("say {} instead, or another framing", key.name);
        value.wrong_key(format!("this socket sends {}s", framing.piece()), help);
    }
    let log = table.get(LOG).map_or(Some(true), |value| value.boolean());
    table.finish();
    Some(SourceDefinition::Socket { address: address?, framing: framing?, max_length: max_length?, log: log? })
}

fn files(mut table: Table<'_>, paths: &Paths) -> Option<SourceDefinition> {
    let path = table.require(PATH).and_then(|value| paths.read(&value, Expected::InputDirectory));
    // None is binary.
    let format = table.require(FORMAT).and_then(|value| value.one_of(&READ_FORMATS));
    let content = match format {
        Some(None) => table.require(RECORD_LENGTH).and_then(|value| {
            let length = u32::try_from(value.integer(RECORD_LENGTH_RANGE)?).ok()?;
            NonZeroU32::new(length).map(FileContent::Records)
        }),
        Some(Some(format)) => {
            if let Some(value) = table.get(RECORD_LENGTH) {
                value.wrong_key(
                    "only binary files have records of a fixed length",
                    "remove the key, or say format = \"binary\"",
                );
            }
            Some(FileContent::Format(format))
        }
        None => {
            table.get(RECORD_LENGTH);
            None
        }
    };
    let schema = match (table.get(SCHEMA), content) {
        (None, _) => Some(None),
        (Some(value), Some(FileContent::Format(FileFormat::Text))) => {
            value.wrong("lines of text have one column, value: string", "remove the key")
        }
        (Some(value), Some(FileContent::Records(_))) => {
            value.wrong("records of a fixed length have one column, value: binary", "remove the key")
        }
        (Some(value), _) => schema(&value).map(Some),
    };
    let existing = table.get(EXISTING).map_or(Some(true), |value| value.boolean());
    let on_bad_file = table
        .get(ON_BAD_FILE)
        .map_or(Some(OnBadFile::Fail), |value| value.one_of(&[("fail", OnBadFile::Fail), ("skip", OnBadFile::Skip)]));
    table.finish();
    Some(SourceDefinition::Files {
        path: path?,
        content: content?,
        schema: schema?,
        existing: existing?,
        on_bad_file: on_bad_file?,
    })
}

/// `{ name = "type" }`, in this order.
pub fn schema(value: &Value<'_>) -> Option<SchemaRef> {
    let table = value.table()?;
    let columns: Vec<Option<Field>> = table.named(COLUMN).map(|(name, value)| column(name, &value)).collect();
    let fields: Option<Vec<Field>> = columns.into_iter().collect();
    match fields? {
        fields if fields.is_empty() => {
            value.wrong("there is no column", "name at least one column, such as { word = \"string\" }")
        }
        fields => Some(Arc::new(Schema::new(fields))),
    }
}

fn column(name: &str, value: &Value<'_>) -> Option<Field> {
    if name.is_empty() || name.len() > 256 {
        return value.wrong("a column's name has 1 to 256 bytes", "rename the column");
    }
    match types::parse(value.string()?) {
        Ok((data_type, nullable)) => Some(Field::new(name, data_type, nullable)),
        Err(wrong) => value.wrong(wrong.message, wrong.help),
    }
}
