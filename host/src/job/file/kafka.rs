//! `source = { type = "kafka", ... }` and `sink = { type = "kafka", ... }`.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::job::kafka::{
    ClientOptions, DEFAULT_REFRESH, GIVE_UP_AFTER, KafkaCluster, KafkaSinkDefinition, KafkaSourceDefinition,
    MessageColumn, MessageContent, NOT_BUILT, StartDefinition, TopicsDefinition, ValueDefinition,
};
use crate::plugin::Address;

use super::operator;
use super::source::schema;
use super::table::{Key, Table, key};
use super::tree::{Content, Node};
use super::value::{Value, optional};

const BROKERS: Key = key("brokers", "\"127.0.0.1:9092\"");
const TOPICS: Key = key("topics", "[\"orders\"]");
const PATTERN: Key = key("pattern", "\"orders-.*\"");
const START: Key = key("start", "\"latest\"");
const OFFSETS: Key = key("0", "12");
const GROUP: Key = key("group", "\"shop\"");
const FORMAT: Key = key("format", "\"text\"");
const SCHEMA: Key = key("schema", "{ word = \"string\", count = \"int64\" }");
const COLUMNS: Key = key("columns", "[\"key\", \"value\", \"timestamp\"]");
const ON_BAD_MESSAGE: Key = key("on-bad-message", "\"skip\"");
const ON_LOST_MESSAGES: Key = key("on-lost-messages", "\"skip\"");
const MAX_RATE: Key = key("max-rate-per-partition", "10000");
const REFRESH: Key = key("refresh", "\"10s\"");
const TOPIC: Key = key("topic", "\"counts\"");
const KEY: Key = key("key", "\"word\"");
const VALUE: Key = key("value", "\"line\"");
const HEADERS: Key = key("headers", "[\"source\"]");
const TRANSACTION_TIMEOUT: Key = key("transaction-timeout", "\"2min\"");
const GIVE_UP: Key = key("give-up-after", "\"5min\"");
const OPTIONS: Key = key("options", "{ \"security.protocol\" = \"ssl\" }");

/// What values of messages can be, before `schema` is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Binary,
    Json,
}

/// Read a source whose type is `kind`.
pub fn source(kind: &Value<'_>, mut table: Table<'_>) -> Option<KafkaSourceDefinition> {
    if !is_built(kind) {
        return None;
    }
    let cluster = cluster(&mut table);
    let topics = topics(&mut table);
    let start = table.get(START).map(|value| start(&value));
    let group = table.get(GROUP).map(|value| group(&value));
    let content = content(&mut table);
    let columns = table.get(COLUMNS).map(|value| columns(&value));
    let fail_or_skip = [("fail", false), ("skip", true)];
    let on_bad = table.get(ON_BAD_MESSAGE).map(|value| value.one_of(&fail_or_skip));
    let on_lost = table.get(ON_LOST_MESSAGES).map(|value| value.one_of(&fail_or_skip));
    let rate = table.get(MAX_RATE).map(|value| value.integer(1..=1_000_000_000));
    let refresh = Duration::from_millis(100)..=Duration::from_secs(24 * 60 * 60);
    let refresh = table.get(REFRESH).map(|value| value.duration(refresh));
    table.finish();
    Some(KafkaSourceDefinition {
        cluster: cluster?,
        topics: topics?,
        start: optional(start)?.unwrap_or(StartDefinition::Earliest),
        group: optional(group)?,
        content: content?,
        columns: optional(columns)?.unwrap_or_else(|| vec![MessageColumn::Value]),
        skips_bad_messages: optional(on_bad)?.unwrap_or(false),
        skips_lost_messages: optional(on_lost)?.unwrap_or(false),
        max_rate_per_partition: optional(rate)?,
        refresh: optional(refresh)?.unwrap_or(DEFAULT_REFRESH),
    })
}

/// Read a sink whose type is `kind`.
pub fn sink(kind: &Value<'_>, mut table: Table<'_>) -> Option<KafkaSinkDefinition> {
    if !is_built(kind) {
        return None;
    }
    let cluster = cluster(&mut table);
    let topic = table.require(TOPIC).and_then(|value| {
        let name = value.string()?;
        topic(name, &value).map(|()| name.to_owned())
    });
    let column = |value: Value<'_>| value.string().map(str::to_owned);
    let key = table.get(KEY).map(column);
    let headers = table.get(HEADERS).map(|value| operator::columns(&value));
    let value = value(&mut table);
    let timeout = Duration::from_secs(1)..=Duration::from_secs(15 * 60);
    let timeout = table.get(TRANSACTION_TIMEOUT).map(|value| value.duration(timeout));
    let give_up = Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);
    let give_up = table.get(GIVE_UP).map_or(Some(GIVE_UP_AFTER), |value| value.duration(give_up));
    table.finish();
    Some(KafkaSinkDefinition {
        cluster: cluster?,
        topic: topic?,
        key: optional(key)?,
        value: value?,
        headers: optional(headers)?.unwrap_or_default(),
        transaction_timeout: optional(timeout)?,
        give_up_after: give_up?,
    })
}

/// `format`, and what values are made of.
fn value(table: &mut Table<'_>) -> Option<ValueDefinition> {
    let formats = [("json", Format::Json), ("text", Format::Text), ("binary", Format::Binary)];
    let format = table.get(FORMAT).map_or(Some(Format::Json), |value| value.one_of(&formats));
    let columns = table.get(operator::COLUMNS);
    let column = table.get(VALUE);
    match format? {
        Format::Json => {
            if let Some(value) = column {
                value.wrong_key("JSON is made of columns", "say columns = [...], or format = \"text\"");
            }
            let columns = columns.map(|value| operator::columns(&value));
            Some(ValueDefinition::Json { columns: optional(columns)? })
        }
        format => {
            if let Some(value) = columns {
                value.wrong_key("the value is one column", "say value = \"COLUMN\", or format = \"json\"");
            }
            let column = column.map(|value| value.string().map(str::to_owned));
            Some(ValueDefinition::Column { column: optional(column)?, is_text: format == Format::Text })
        }
    }
}

/// Whether the program can do it; if not, that is reported.
fn is_built(kind: &Value<'_>) -> bool {
    let is_built = cfg!(feature = "kafka");
    if !is_built {
        kind.wrong::<()>(NOT_BUILT, "cargo build --release --features kafka");
    }
    is_built
}

/// `brokers` and `options`.
fn cluster(table: &mut Table<'_>) -> Option<KafkaCluster> {
    let brokers = table.require(BROKERS).and_then(|value| brokers(&value));
    let options = table.get(OPTIONS).map(|value| options(&value));
    Some(KafkaCluster { brokers: brokers?, options: ClientOptions(optional(options)?.unwrap_or_default()) })
}

fn brokers(value: &Value<'_>) -> Option<String> {
    let mut brokers = vec![];
    for (text, item) in value.strings()? {
        for broker in text.split(',').map(str::trim) {
            if let Err(reason) = broker.parse::<Address>() {
                let help = "write host:port, such as \"127.0.0.1:9092\"; several are separated by commas";
                return item.wrong(format!("\"{broker}\" is not an address: {reason}"), help);
            }
            brokers.push(broker.to_owned());
        }
    }
    if brokers.is_empty() {
        return value.wrong("there is no broker", "name one at least: it tells of the others");
    }
    Some(brokers.join(","))
}

fn options(value: &Value<'_>) -> Option<BTreeMap<String, String>> {
    let mut options = BTreeMap::new();
    let mut is_right = true;
    for (name, value) in value.table()?.named(OPTIONS) {
        is_right &= flatten(name, value.content(), &value, &mut options).is_some();
    }
    is_right.then_some(options)
}

/// `security.protocol = "ssl"`, without quotes, is a table in a table.
fn flatten(name: &str, content: &Content, value: &Value<'_>, into: &mut BTreeMap<String, String>) -> Option<()> {
    let text = match content {
        Content::String(text) | Content::Integer(text, _) | Content::Float(text) => text.clone(),
        Content::Boolean(truth) => truth.to_string(),
        Content::Table(entries) => {
            let each = |entry: &super::tree::Entry| {
                let Node { content, .. } = &entry.node;
                flatten(&format!("{name}.{}", entry.key), content, value, into)
            };
            // All of them, so that every mistake is told.
            let read: Vec<Option<()>> = entries.iter().map(each).collect();
            return read.into_iter().collect();
        }
        Content::Datetime(_) | Content::Array(_) => return value.wrong_kind("a string, a number, true or false"),
    };
    if let Err((reason, help)) = check_option(name, &text) {
        return value.wrong(reason, help);
    }
    into.insert(name.to_owned(), text);
    Some(())
}

#[cfg(feature = "kafka")]
use crate::kafka::check_option;

#[cfg(not(feature = "kafka"))]
fn check_option(_: &str, _: &str) -> Result<(), (String, String)> {
    Ok(())
}

fn topics(table: &mut Table<'_>) -> Option<TopicsDefinition> {
    if !table.has(TOPICS) && table.has(PATTERN) {
        table.asks_for(TOPICS);
        return table.get(PATTERN).and_then(|value| pattern(&value));
    }
    let topics = table.require(TOPICS);
    if let Some(value) = table.get(PATTERN) {
        value.wrong_key("topics says already what is read", "remove topics, or pattern");
    }
    let value = topics?;
    let mut names: Vec<String> = vec![];
    for (name, item) in value.strings()? {
        topic(name, &item)?;
        if names.iter().any(|other| other == name) {
            return item.wrong(format!("\"{name}\" stands twice"), "name each topic once");
        }
        names.push(name.to_owned());
    }
    match names.is_empty() {
        true => value.wrong("there is no topic", "name one at least"),
        false => Some(TopicsDefinition::Named(names)),
    }
}

/// A topic's name.
fn topic(name: &str, value: &Value<'_>) -> Option<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if (1..=249).contains(&name.len()) && name.chars().all(is_plain) && name != "." && name != ".." {
        return Some(());
    }
    let help = "it has 1 to 249 letters, digits, \".\", \"_\" and \"-\"; pattern takes a regular expression";
    value.wrong(format!("\"{name}\" is not a topic's name"), help)
}

fn pattern(value: &Value<'_>) -> Option<TopicsDefinition> {
    let text = value.string()?;
    match check_pattern(text) {
        Ok(()) => Some(TopicsDefinition::Pattern(text.to_owned())),
        Err(reason) => {
            let help = "it is a regular expression of topics' whole names, such as \"orders-.*\"";
            value.wrong(format!("\"{text}\" is not a pattern: {reason}"), help)
        }
    }
}

#[cfg(feature = "kafka")]
fn check_pattern(text: &str) -> Result<(), String> {
    crate::receiver::kafka::cluster::pattern(text).map(drop)
}

#[cfg(not(feature = "kafka"))]
fn check_pattern(_: &str) -> Result<(), String> {
    Ok(())
}

fn start(value: &Value<'_>) -> Option<StartDefinition> {
    const HELP: &str =
        "it is \"earliest\", \"latest\", a time such as \"2026-01-31T12:00:00Z\", or offsets: { orders = { 0 = 12 } }";
    match value.content() {
        Content::Table(_) => offsets(value).map(StartDefinition::Offsets),
        Content::String(text) | Content::Datetime(text) => match text.as_str() {
            "earliest" => Some(StartDefinition::Earliest),
            "latest" => Some(StartDefinition::Latest),
            time => match humantime::parse_rfc3339_weak(time).ok().and_then(millis) {
                Some(ms) => Some(StartDefinition::Time(ms)),
                None => value.wrong(format!("\"{time}\" is not known"), HELP),
            },
        },
        _ => value.wrong(format!("a string is expected, found {}", describe(value)), HELP),
    }
}

fn describe(value: &Value<'_>) -> String {
    Node { place: value.place().clone(), content: value.content().clone() }.describe()
}

fn millis(time: std::time::SystemTime) -> Option<i64> {
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

fn offsets(value: &Value<'_>) -> Option<BTreeMap<String, BTreeMap<i32, i64>>> {
    let mut topics = BTreeMap::new();
    for (name, partitions) in value.table()?.named(OFFSETS) {
        topic(name, &partitions)?;
        let mut offsets = BTreeMap::new();
        for (number, offset) in partitions.table()?.named(OFFSETS) {
            let Ok(partition) = number.parse::<u16>() else {
                return offset.wrong(format!("\"{number}\" is not a partition's number"), "partitions count from 0");
            };
            let offset = offset.integer(0..=i64::MAX.unsigned_abs())?;
            offsets.insert(i32::from(partition), i64::try_from(offset).unwrap_or(i64::MAX));
        }
        topics.insert(name.to_owned(), offsets);
    }
    Some(topics)
}

fn group(value: &Value<'_>) -> Option<String> {
    match value.string()? {
        name if (1..=255).contains(&name.len()) => Some(name.to_owned()),
        _ => value.wrong("a group's name has 1 to 255 bytes", "rename the group, or remove the key"),
    }
}

fn content(table: &mut Table<'_>) -> Option<MessageContent> {
    let formats = [("text", Format::Text), ("binary", Format::Binary), ("json", Format::Json)];
    let format = table.get(FORMAT).map_or(Some(Format::Text), |value| value.one_of(&formats));
    if format == Some(Format::Json) {
        return table.require(SCHEMA).and_then(|value| schema(&value)).map(MessageContent::Json);
    }
    if let (Some(value), Some(_)) = (table.get(SCHEMA), format) {
        value.wrong_key("only JSON has columns of its own", "remove the key, or say format = \"json\"");
    }
    match format? {
        Format::Binary => Some(MessageContent::Binary),
        _ => Some(MessageContent::Text),
    }
}

fn columns(value: &Value<'_>) -> Option<Vec<MessageColumn>> {
    let mut columns = vec![];
    for (name, item) in value.strings()? {
        let column = item.one_of(&MessageColumn::ALL)?;
        if columns.contains(&column) {
            return item.wrong(format!("\"{name}\" stands twice"), "name each column once");
        }
        columns.push(column);
    }
    match columns.is_empty() {
        true => value.wrong("there is no column", "name one at least, or remove the key"),
        false => Some(columns),
    }
}
