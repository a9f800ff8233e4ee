//! What a job says of Kafka: `source = { type = "kafka", ... }` and `sink = { type = "kafka", ... }`.
//!
//! These are words only, and are there whether the program is built with Kafka or not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

/// What is said of a job with Kafka, where the program can't do it.
pub const NOT_BUILT: &str =
    "this program is built without Kafka: build it with the feature kafka, which is among those by default";

/// How often it is looked for new topics and partitions, where the job doesn't say.
pub const DEFAULT_REFRESH: Duration = Duration::from_secs(10);

/// How long a commit tries to reach brokers, where the job doesn't say.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(5 * 60);
/// How long a transaction may take, where the job doesn't say and its batches aren't longer.
pub const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(60);

/// Which brokers, and how they are talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaCluster {
    /// `brokers`: `host:port`, separated by commas; all others are learned from them.
    pub brokers: String,
    /// `options`.
    pub options: ClientOptions,
}

/// `options`: what is passed on to the client, librdkafka, by its own names. They may hold passwords, so values aren't shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientOptions(pub BTreeMap<String, String>);

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// `source = { type = "kafka", ... }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSourceDefinition {
    /// `brokers` and `options`.
    pub cluster: KafkaCluster,
    /// `topics` or `pattern`.
    pub topics: TopicsDefinition,
    /// `start`.
    pub start: StartDefinition,
    /// `group`: the offsets of what is done are committed to it, for others to see; nowhere if none.
    pub group: Option<String>,
    /// `format`, and `schema` with `"json"`.
    pub content: MessageContent,
    /// `columns`, without duplicates; `value` stands for all columns of a JSON object.
    pub columns: Vec<MessageColumn>,
    /// `on-bad-message`: whether a message that can't be read is left out; if not, the batch fails.
    pub skips_bad_messages: bool,
    /// `on-lost-messages`: whether the job goes on without messages that are gone; if not, it fails.
    pub skips_lost_messages: bool,
    /// `max-rate-per-partition`: messages a second.
    pub max_rate_per_partition: Option<u64>,
    /// `refresh`: how often it is looked for new topics and partitions.
    pub refresh: Duration,
}

impl KafkaSourceDefinition {
    /// Lines of text in these topics, from their beginning, with the defaults of a job file.
    pub fn new(brokers: impl Into<String>, topics: &[&str]) -> Self {
        Self {
            cluster: KafkaCluster { brokers: brokers.into(), options: ClientOptions::default() },
            topics: TopicsDefinition::Named(topics.iter().map(|topic| (*topic).to_owned()).collect()),
            start: StartDefinition::Earliest,
            group: None,
            content: MessageContent::Text,
            columns: vec![MessageColumn::Value],
            skips_bad_messages: false,
            skips_lost_messages: false,
            max_rate_per_partition: None,
            refresh: DEFAULT_REFRESH,
        }
    }

    /// The columns of its rows.
    ///
    /// # Errors
    /// When two have the same name.
    pub fn schema(&self) -> Result<SchemaRef, String> {
        schema(&self.content, &self.columns)
    }
}

/// `sink = { type = "kafka", ... }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSinkDefinition {
    /// `brokers` and `options`.
    pub cluster: KafkaCluster,
    /// `topic`.
    pub topic: String,
    /// `key`: the column that has messages' keys; they have none if none.
    pub key: Option<String>,
    /// `format`, and `columns` or `value`.
    pub value: ValueDefinition,
    /// `headers`: columns whose values are headers, named as the columns.
    pub headers: Vec<String>,
    /// `transaction-timeout`: how long the transaction of a batch may take, or it is given up by the brokers.
    pub transaction_timeout: Option<Duration>,
    /// `give-up-after`: how long a batch that can't be committed is tried again before the job fails.
    pub give_up_after: Duration,
}

impl KafkaSinkDefinition {
    /// Objects of all columns to a topic, with the defaults of a job file.
    pub fn new(brokers: impl Into<String>, topic: impl Into<String>) -> Self {
        Self {
            cluster: KafkaCluster { brokers: brokers.into(), options: ClientOptions::default() },
            topic: topic.into(),
            key: None,
            value: ValueDefinition::Json { columns: None },
            headers: vec![],
            transaction_timeout: None,
            give_up_after: GIVE_UP_AFTER,
        }
    }
}

/// What values of messages are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueDefinition {
    /// `format = "json"`: an object of columns.
    Json {
        /// `columns`; all if none.
        columns: Option<Vec<String>>,
    },
    /// `format = "text"` or `"binary"`: the value of a column.
    Column {
        /// `value`: the column; the only one that is neither key nor header if none.
        column: Option<String>,
        /// Whether it is text, into which other values are turned.
        is_text: bool,
    },
}

/// Which topics are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicsDefinition {
    /// `topics`.
    Named(Vec<String>),
    /// `pattern`: a regular expression that matches the whole name. Topics that come to match are read too; those of Kafka itself never are.
    Pattern(String),
}

/// Where a source begins that has read nothing yet. Partitions that appear later are read from their beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartDefinition {
    /// `"earliest"`: with the first message there is.
    Earliest,
    /// `"latest"`: with messages that come after the job's start.
    Latest,
    /// A time: with the first message of this time or later, in milliseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// `{ topic = { partition = offset } }`: with these offsets; a partition that isn't named with its first message.
    Offsets(BTreeMap<String, BTreeMap<i32, i64>>),
}

/// What values of messages are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageContent {
    /// `"text"`: UTF-8; `key` and `value` are strings.
    Text,
    /// `"binary"`: any bytes; so are keys.
    Binary,
    /// `"json"`: an object with these columns; keys are strings.
    Json(SchemaRef),
}

/// A column of a source of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageColumn {
    /// `key: string`, or `binary`.
    Key,
    /// `value: string`, or `binary`, or the columns of `schema`.
    Value,
    /// `topic: string`.
    Topic,
    /// `partition: int32`.
    Partition,
    /// `offset: int64`.
    Offset,
    /// `timestamp: timestamp[ms, UTC]`.
    Timestamp,
    /// `headers: list<struct<key: string, value: binary>>`.
    Headers,
}

impl MessageColumn {
    /// All columns, by the names that a job file has for them.
    pub const ALL: [(&'static str, Self); 7] = [
        ("key", Self::Key),
        ("value", Self::Value),
        ("topic", Self::Topic),
        ("partition", Self::Partition),
        ("offset", Self::Offset),
        ("timestamp", Self::Timestamp),
        ("headers", Self::Headers),
    ];
}

fn schema(content: &MessageContent, columns: &[MessageColumn]) -> Result<SchemaRef, String> {
    let mut fields: Vec<Field> = vec![];
    for column in columns {
        match (column, content) {
            (MessageColumn::Value, MessageContent::Json(schema)) => {
                fields.extend(schema.fields().iter().map(|field| field.as_ref().clone()));
            }
            _ => fields.push(field(*column, *content == MessageContent::Binary)),
        }
    }
    let twice = fields.iter().enumerate().find(|(idx, field)| fields[..*idx].iter().any(|f| f.name() == field.name()));
    match twice {
        Some((_, field)) => Err(format!("two columns are called {}", field.name())),
        None => Ok(Arc::new(Schema::new(fields))),
    }
}

fn field(column: MessageColumn, is_binary: bool) -> Field {
    let bytes = if is_binary { DataType::Binary } else { DataType::Utf8 };
    match column {
        MessageColumn::Key => Field::new("key", bytes, true),
        MessageColumn::Value => Field::new("value", bytes, true),
        MessageColumn::Topic => Field::new("topic", DataType::Utf8, false),
        MessageColumn::Partition => Field::new("partition", DataType::Int32, false),
        MessageColumn::Offset => Field::new("offset", DataType::Int64, false),
        MessageColumn::Timestamp => {
            Field::new("timestamp", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true)
        }
        MessageColumn::Headers => {
            Field::new("headers", DataType::new_list(DataType::Struct(header_fields()), true), false)
        }
    }
}

/// The columns of a header.
pub(crate) fn header_fields() -> Fields {
    vec![Field::new("key", DataType::Utf8, true), Field::new("value", DataType::Binary, true)].into()
}
