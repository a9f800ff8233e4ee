//! What the user asked for, before streams, columns and operators are looked up.
//!
//! The job file and [`crate::context::StreamingContext`] both make a [`Definition`]; nothing after it knows which of the two it came from.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::dataframe::DataFrame;
use serde::{Deserialize, Serialize};

use crate::dstream::TransformContext;
use crate::engine::dead_letters::{self, DeadLetterLimits};
use crate::engine::state_builtin::BuiltInUpdate;
use crate::error::Diagnostic;
use crate::job::kafka::{KafkaSinkDefinition, KafkaSourceDefinition};
use crate::job::postgres::PostgresDefinition;
use crate::output::Sink;
use crate::output::for_each::ForEachFunction;
use crate::plugin::{Digest, Limits, OnError, OperatorRef, Overrides, Policy, TrustedKey};
use crate::receiver::files::scan::OnBadFile;
use crate::receiver::queue::Queue;
use crate::receiver::rate::{PidOptions, RateLimits};

/// Where something the user wrote stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Place {
    /// In the program that built the job.
    #[default]
    Program,
    /// In a job file; line and column are counted from 1, the column in characters.
    File {
        /// The job file, as it was named.
        file: Arc<Path>,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// Somewhere in a file whose format knows no places, as JSON is read.
    InFile(Arc<Path>),
    /// In a flag of the command line, given here in full.
    Flag(Arc<str>),
}

impl Place {
    /// A mistake at this place.
    pub fn wrong(&self, message: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(message);
        match self {
            Place::Program => diagnostic,
            Place::File { file, line, column } => diagnostic.at(file, *line, *column),
            Place::InFile(file) => Diagnostic { file: Some(file.to_path_buf()), ..diagnostic },
            Place::Flag(flag) => Diagnostic { file: Some(PathBuf::from(&**flag)), ..diagnostic },
        }
    }
}

/// A whole job.
#[derive(Debug, Clone)]
pub struct Definition {
    /// `[job]`.
    pub job: JobOptions,
    /// `[plugin.P]`, in the file's order.
    pub plugins: Vec<PluginDefinition>,
    /// `[stream.S]`, in the file's order.
    pub streams: Vec<StreamDefinition>,
    /// `[table.T]`, in the file's order.
    pub tables: Vec<TableDefinition>,
    /// `[broadcast.B]`, in the file's order.
    pub broadcasts: Vec<BroadcastDefinition>,
    /// `[output.O]`, in the file's order, which is the order of committing.
    pub outputs: Vec<OutputDefinition>,
    /// `[dead-letters]`.
    pub dead_letters: Option<DeadLettersDefinition>,
    /// The job file that says so; none of a job of a program.
    pub file: Option<Arc<FileText>>,
    /// The job file that the job was started with, where it goes on with another that was applied to it since.
    pub started_with: Option<Digest>,
}

/// A job file as it was read, from which it can be read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileText {
    /// Where it stands: relative paths begin at its folder.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
    /// What `--set` put on top, as it was written.
    pub settings: Vec<String>,
    /// What its folder is called: relative paths begin with that. None: as `path` has it.
    #[serde(skip)]
    pub folder: Option<PathBuf>,
}

impl FileText {
    /// What it is known by: what it says, wherever it stands.
    pub fn digest(&self) -> Digest {
        let mut said = format!("{}\0{}", self.text.len(), self.text);
        self.settings.iter().for_each(|setting| said.extend(["\0", setting]));
        Digest::of(said.as_bytes())
    }
}

impl Definition {
    /// What its job file is known by; none of a job of a program.
    pub fn digest(&self) -> Option<Digest> {
        self.file.as_ref().map(|file| file.digest())
    }

    /// What the job file is known by that the job was started with.
    pub fn filed(&self) -> Option<Digest> {
        self.started_with.or_else(|| self.digest())
    }

    /// The plugin of a name.
    pub fn plugin(&self, name: &str) -> Option<&PluginDefinition> {
        self.plugins.iter().find(|plugin| plugin.name == name)
    }

    /// The component that the job pins a plugin to.
    pub fn pinned(&self, plugin: &str) -> Option<Digest> {
        self.plugin(plugin).and_then(|plugin| plugin.digest)
    }

    /// All that is written: the outputs, and the dead letters after them.
    pub fn written(&self) -> impl Iterator<Item = &OutputDefinition> {
        self.outputs.iter().chain(self.dead_letters.iter().map(|letters| &letters.output))
    }
}

/// `[dead-letters]`: where rows go that were left out.
#[derive(Debug, Clone)]
pub struct DeadLettersDefinition {
    /// `sink`, as an output's, of a stream that no job can name.
    pub output: OutputDefinition,
    /// `max-rows` and `max-bytes`.
    pub limits: DeadLetterLimits,
}

impl DeadLettersDefinition {
    /// Write dead letters to a sink that stands at `place`.
    pub fn new(sink: SinkDefinition, limits: DeadLetterLimits, place: Place) -> Self {
        let (name, input) = (dead_letters::OUTPUT.to_owned(), dead_letters::STREAM.to_owned());
        Self { output: OutputDefinition { name, input, sink, place }, limits }
    }
}

/// `[job]`: what holds for the job as a whole.
#[derive(Debug, Clone)]
pub struct JobOptions {
    /// `name`: letters, digits, `-`, `_`, `.`; at most 128 bytes.
    pub name: String,
    /// `batch-interval`: at least 1 ms.
    pub batch_interval: Duration,
    /// `block-interval`: how often a receiver cuts a block, 200 ms by default, at most the batch interval.
    pub block_interval: Duration,
    /// `block-size`: a block is cut when it has this many bytes, 8 MiB by default.
    pub block_size: u64,
    /// `block-queue`: blocks a receiver may have waiting for a batch before it stops reading; bounded by memory as well. By default 1,024 more
    /// than two batch intervals cut by time.
    pub block_queue: usize,
    /// `checkpoint`: a URL; none means nothing survives a restart.
    pub checkpoint: Option<String>,
    /// `trusted-keys`: components must be signed by one of them; none means that they need no signature.
    pub trusted_keys: Vec<TrustedKey>,
    /// `missed`: what becomes of the batch times that passed while the job didn't run; `"one batch"` by default.
    pub missed: Missed,
    /// `lease`: after so long without a sign of life of the driver a standby takes over; 10 s by default.
    pub lease: Duration,
    /// `retain`: how long what batches left in the checkpoint is kept after they are done; no longer than needed to go on, by default.
    pub retain: Duration,
    /// `parallelism`: partitions worked on at a time, and the number of partitions after a shuffle; the machine's cores by default.
    pub parallelism: usize,
    /// `key-groups`: 128 by default.
    pub key_groups: u32,
    /// `memory`: bytes for blocks, engine, guests and state together; half of the machine's by default.
    pub memory: u64,
    /// `remember`: how long the datasets of all streams are kept at least, for the program to look at; none: as long as a batch needs them.
    pub remember: Option<Duration>,
    /// `backpressure`: how the rate is estimated at which sources take rows in; none: they take in what there is, up to their own `max-rate`. On by default.
    pub backpressure: Option<PidOptions>,
    /// `max-waiting-batches`: batches planned and not yet running, at most; 8 by default.
    pub max_waiting_batches: usize,
    /// `stop-timeout`: how long a graceful stop may take, ten batch intervals but at least 30 s by default.
    pub stop_timeout: Duration,
    /// `control`: where the control server listens; none: there is no such server. On the loopback interface, at a free port, by default. `sluicebox run` has one; a job of a
    /// program has one where the program starts it, see [`crate::server`].
    pub control: Option<ControlDefinition>,
    /// Where `[job]` stands.
    pub place: Place,
}

/// `control = "ADDRESS"`, or a table with `address` and where the token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlDefinition {
    /// `address`: port 0 is a free one.
    pub address: SocketAddr,
    /// `token-file` or `token-env`: what clients must know, besides the token of this machine's registry.
    pub token: Option<TokenSource>,
    /// Where it stands; none where the job file says nothing, so that the job runs without the server where it can't listen.
    pub place: Option<Place>,
}

/// Where the control server's token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// `token-file`: the file's text, without white space around it.
    File(PathBuf),
    /// `token-env`: a variable of the environment.
    Variable(String),
}

impl Default for ControlDefinition {
    fn default() -> Self {
        Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), token: None, place: None }
    }
}

/// What becomes of the batch times that passed while the job didn't run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// They are one batch, with the first one that comes.
    #[default]
    OneBatch,
    /// They are left out: what sources have belongs to the first batch that comes, and windows have none of those times.
    Skip,
    /// Each is a batch, as fast as they can be run.
    Each,
}

/// Where a component's bytes come from.
#[derive(Debug, Clone)]
pub enum ComponentSource {
    /// A file.
    File(PathBuf),
    /// Bytes in memory, for jobs built from Rust.
    Bytes(Arc<[u8]>),
}

/// `[plugin.P]`.
#[derive(Debug, Clone)]
pub struct PluginDefinition {
    /// `P`.
    pub name: String,
    /// `component`.
    pub component: ComponentSource,
    /// `digest`: the component must have it.
    pub digest: Option<Digest>,
    /// `signature`: the file of the component's signature; beside the component if none.
    pub signature: Option<PathBuf>,
    /// `memory`, `time`, and so on.
    pub limits: Limits,
    /// `on-reject`: what to do about rows that an operator rejects.
    pub on_reject: Policy,
    /// `on-error`: what to do about calls in which an operator fails.
    pub on_error: OnError,
    /// `config`, as the JSON object that operators get.
    pub config: String,
    /// Where `[plugin.P]` stands.
    pub place: Place,
}

impl PluginDefinition {
    /// One of its operators, of the component with this digest.
    pub fn operator(&self, name: &OperatorName, digest: Digest) -> OperatorRef {
        OperatorRef {
            plugin: self.name.clone(),
            operator: name.operator.clone(),
            digest,
            config: self.config.clone(),
            limits: self.limits.clone(),
            on_reject: name.overrides.on_reject.unwrap_or(self.on_reject),
            on_error: name.overrides.on_error.unwrap_or(self.on_error),
        }
    }
}

/// `[stream.S]`.
#[derive(Debug, Clone)]
pub struct StreamDefinition {
    /// `S`: a name that SQL can use: a letter or `_`, then letters, digits, `_`, `-`.
    pub name: String,
    /// Where its rows come from.
    pub body: StreamBody,
    /// `max-rate` and `initial-rate` of its source.
    pub rates: RateLimits,
    /// `event-time`: when its rows happened.
    pub event_time: Option<EventTimeDefinition>,
    /// Where its operation, `source` or `sql` stands.
    pub place: Place,
}

/// `event-time = { column, delay }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTimeDefinition {
    /// `column`: a timestamp or date.
    pub column: String,
    /// `delay`: how much later than the latest a row may be.
    pub delay: Duration,
    /// Where it stands.
    pub place: Place,
}

/// Where a stream's rows come from.
#[derive(Debug, Clone)]
pub enum StreamBody {
    /// `source`.
    Source(SourceDefinition),
    /// `input` and one operation, or `sql`.
    Operation {
        /// `input`, or the streams of `union`; those that `sql` reads are found in its text.
        inputs: Vec<String>,
        /// The operation.
        operation: OperationDefinition,
    },
}

/// `source = { type = ... }`.
#[derive(Debug, Clone)]
pub enum SourceDefinition {
    /// `"socket"`: lines of UTF-8 text from a TCP server; one column, `value: string`. Or messages: `value: binary`.
    Socket {
        /// `address`: host:port.
        address: String,
        /// `framing`: what the server sends.
        framing: Framing,
        /// `max-line` or `max-message`: the most bytes a line may have, without its end, or a message, without its length. A longer one is left out, counted and
        /// logged. None: 16 MiB, or less where the job's memory is small.
        max_length: Option<usize>,
        /// `log`: whether received blocks are logged where the job has a checkpoint; yes, unless it says no.
        log: bool,
    },
    /// `"files"`: new files of a directory.
    Files {
        /// `path`: the directory.
        path: PathBuf,
        /// `format`, and `record-length` with `"binary"`.
        content: FileContent,
        /// `schema`, for csv and json; none: inferred from the first file, printed, and pinned. Text has one column, `value: string`, and records have
        /// `value: binary`.
        schema: Option<SchemaRef>,
        /// `existing`: whether files that are there when the job starts are read too.
        existing: bool,
        /// `on-bad-file`.
        on_bad_file: OnBadFile,
    },
    /// `"kafka"`: messages of topics.
    Kafka(Box<KafkaSourceDefinition>),
    /// `"PLUGIN/operator"`: a plugin's receivers.
    Receiver(ReceiverDefinition),
    /// `"constant"`: the same rows in every batch.
    Constant {
        /// The rows, with their columns.
        rows: RecordBatch,
    },
    /// `"constant"` with `path`: the rows that a file has when the job starts, in every batch.
    ConstantFile {
        /// `path`: the file.
        path: PathBuf,
        /// `format`; not text.
        format: FileFormat,
        /// `schema`; none: the file's.
        schema: Option<SchemaRef>,
    },
    /// `"queue"`: datasets pushed by the program, from Rust or by tests.
    Queue {
        /// The columns.
        schema: SchemaRef,
        /// Where rows are pushed; none for a job file's queue, which has nobody to push.
        queue: Option<Queue>,
    },
}

/// `source = { type = "PLUGIN/operator", ... }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverDefinition {
    /// The receiver; it has no columns to be offered.
    pub operator: OperatorName,
    /// `receivers`: how many of it, 1 by default.
    pub receivers: u32,
    /// `max-rows`: rows asked for at a time, 65,536 by default.
    pub max_rows: u32,
    /// `max-time`: how long it is waited for rows, 200 ms by default.
    pub max_time: Duration,
    /// `on-failure`: whether the job fails when a receiver does; if not, which is the default, it is started again.
    pub fail: bool,
    /// `log`: whether received blocks are logged where the job has a checkpoint; yes, unless it says no.
    pub log: bool,
}

impl ReceiverDefinition {
    /// One receiver, with the defaults of a job file.
    pub fn new(operator: OperatorName) -> Self {
        Self { operator, receivers: 1, max_rows: 65_536, max_time: Duration::from_millis(200), fail: false, log: true }
    }
}

impl SourceDefinition {
    /// Lines from a TCP server, with the defaults of a job file.
    pub fn socket(address: impl Into<String>) -> Self {
        Self::Socket { address: address.into(), framing: Framing::Lines, max_length: None, log: true }
    }

    /// Files of a directory, with the defaults of a job file.
    pub fn files(path: impl Into<PathBuf>, content: impl Into<FileContent>, schema: Option<SchemaRef>) -> Self {
        let (path, content) = (path.into(), content.into());
        Self::Files { path, content, schema, existing: true, on_bad_file: OnBadFile::Fail }
    }
}

/// How a socket's bytes are divided into rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `"lines"`: lines of UTF-8.
    Lines,
    /// `"length-prefixed"`: messages of any bytes, each after its length, as four bytes, the highest first.
    LengthPrefixed,
}

impl Framing {
    /// The key that says how long they may be.
    pub fn max_length_key(self) -> &'static str {
        match self {
            Self::Lines => "max-line",
            Self::LengthPrefixed => "max-message",
        }
    }

    /// What a row was before it was one.
    pub fn piece(self) -> &'static str {
        match self {
            Self::Lines => "line",
            Self::LengthPrefixed => "message",
        }
    }
}

/// What the files of a source hold. More can be read than is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileContent {
    /// Rows in a format.
    Format(FileFormat),
    /// `"binary"`: records of so many bytes each, without anything between them; one column, `value: binary`.
    Records(NonZeroU32),
}

impl From<FileFormat> for FileContent {
    fn from(format: FileFormat) -> Self {
        Self::Format(format)
    }
}

/// Formats of files, read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// Lines of UTF-8; one column of type string.
    Text,
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object a line.
    Json,
    /// Apache Parquet.
    Parquet,
}

/// `PLUGIN/operator`, and which columns it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorName {
    /// The plugin's name in the job file.
    pub plugin: String,
    /// The operator's name in the plugin.
    pub operator: String,
    /// `columns`: the stream's columns to offer, in this order; none: all.
    pub columns: Option<Vec<String>>,
    /// `on-reject` and `on-error`, where this use says otherwise than its plugin.
    pub overrides: Overrides,
}

/// What folds the rows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AggregateDefinition {
    /// `"count"`: rows; makes a column `count: int64`.
    Count,
    /// `"sum"` of each column that is not a key, under its own name.
    Sum,
    /// `"min"` of each column that is not a key, under its own name.
    Min,
    /// `"max"` of each column that is not a key, under its own name.
    Max,
    /// A plugin's aggregate.
    Operator(OperatorName),
}

/// Which rows of a join stay that have no other with their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinType {
    /// None.
    Inner,
    /// The left's.
    Left,
    /// The right's.
    Right,
    /// Both sides'.
    Full,
}

impl JoinType {
    /// Whether a row of the left stays without one of the right.
    pub fn keeps_left(self) -> bool {
        matches!(self, Self::Left | Self::Full)
    }

    /// Whether a row of the right stays without one of the left.
    pub fn keeps_right(self) -> bool {
        matches!(self, Self::Right | Self::Full)
    }
}

/// One operation on streams. Each is named as in Spark, in kebab case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationDefinition {
    /// `map`: one row for each.
    Map(OperatorName),
    /// `flat-map`: any number of rows for each.
    FlatMap(OperatorName),
    /// `filter` by a plugin's operator.
    Filter(OperatorName),
    /// `filter = { where = "..." }`: by an SQL expression over the stream's columns; rows for which it is true stay.
    FilterWhere(String),
    /// `map-partitions`: rows of a partition to rows.
    MapPartitions(OperatorName),
    /// `union` of streams with the same columns; their partitions one after the other.
    Union,
    /// `repartition`: that many partitions, the rows spread evenly.
    Repartition(usize),
    /// `count`: one row, `count: int64`, 0 for an empty batch.
    Count,
    /// `count-by-value`: each distinct row, and `count: int64`.
    CountByValue {
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `reduce`: all rows to one; no row for an empty batch.
    Reduce {
        /// What folds them.
        with: AggregateDefinition,
    },
    /// `reduce-by-key`: the rows of each key to one: the key's columns, then the aggregate's.
    ReduceByKey {
        /// Key columns.
        key: Vec<String>,
        /// What folds the rows of a key.
        with: AggregateDefinition,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `window`: all rows of the last batches.
    Window(WindowDefinition),
    /// `join`, `left-outer-join` and so on: of two streams, a row for each pair with the same key.
    Join {
        /// Key columns, which both have.
        on: Vec<String>,
        /// What becomes of rows without another.
        kind: JoinType,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `cogroup` of two or more streams: a row for each key, with a list for each stream.
    Cogroup {
        /// Key columns, which all have.
        on: Vec<String>,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `group-by-key`: a row for each key, with the list `values`.
    GroupByKey {
        /// Key columns.
        key: Vec<String>,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `glom`: a row for each partition, with the list `values`.
    Glom,
    /// `map-values`: the key's columns, then what a map makes of the others.
    MapValues {
        /// Key columns.
        key: Vec<String>,
        /// The map.
        with: OperatorName,
    },
    /// `flat-map-values`: the key's columns, then what a flat-map makes of the others, a row for each that it makes.
    FlatMapValues {
        /// Key columns.
        key: Vec<String>,
        /// The flat-map.
        with: OperatorName,
    },
    /// `combine-by-key`: as `reduce-by-key`, with a plugin's aggregate: what it combines values in needn't be like them.
    CombineByKey {
        /// Key columns.
        key: Vec<String>,
        /// The aggregate.
        with: OperatorName,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `partition-by`: the same rows, those of a key in one partition.
    PartitionBy {
        /// Key columns.
        key: Vec<String>,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `group-by-key-and-window`: a row for each key of the window, with the list `values`.
    GroupByKeyAndWindow {
        /// Key columns.
        key: Vec<String>,
        /// The window.
        window: WindowDefinition,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `event-time-window`: the rows of each key and window of event time to one, when the watermark has reached the window's end.
    EventTimeWindow {
        /// Key columns; none: all rows of a window are folded to one.
        key: Vec<String>,
        /// What folds the rows.
        with: AggregateDefinition,
        /// The windows.
        window: EventWindowDefinition,
    },
    /// `drop-duplicates`: the first row of each key.
    DropDuplicates {
        /// Key columns; none: all.
        key: Vec<String>,
        /// `time-to-live`: how long a key is remembered, in batch time; none: as long as the watermark makes it needed.
        time_to_live: Option<Duration>,
        /// `state-size`: the most bytes that the keys may take.
        state_size: Option<u64>,
        /// Partitions made; `[job] parallelism` if none.
        partitions: Option<usize>,
    },
    /// `late-of`: the rows that came too late for a stream with an event-time-window, which is the input.
    LateOf,
    /// `count-by-window`: how many rows the window has.
    CountByWindow(WindowDefinition),
    /// `count-by-value-and-window`: each distinct row of the window, and `count: int64`.
    CountByValueAndWindow(WindowFoldDefinition),
    /// `reduce-by-window`: all rows of the window to one.
    ReduceByWindow {
        /// What folds them.
        with: AggregateDefinition,
        /// The window.
        window: WindowFoldDefinition,
    },
    /// `reduce-by-key-and-window`: the rows of each key of the window to one.
    ReduceByKeyAndWindow {
        /// Key columns.
        key: Vec<String>,
        /// What folds the rows of a key.
        with: AggregateDefinition,
        /// The window.
        window: WindowFoldDefinition,
    },
    /// `update-state-by-key`: the keys that have state, each with it, updated in every batch.
    UpdateStateByKey(Box<StatefulDefinition>),
    /// `map-with-state`: what an operator makes of the values of keys and of their state.
    MapWithState(Box<StatefulDefinition>),
    /// `snapshots-of`: all keys and state of a stream that keeps some, after each batch.
    SnapshotsOf,
    /// `transform`: rows of whole partitions to rows, as `map-partitions`.
    Transform(OperatorName),
    /// What a function of the program makes of the batch's datasets.
    Function(TransformFunction),
    /// `sql`: a query over the batch's streams, by name.
    Sql(String),
}

/// Keyed state. Where it begins with a stream, that is the second of the operation's inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatefulDefinition {
    /// `key`: the key's columns.
    pub key: Vec<String>,
    /// `with`: what works on it.
    pub with: UpdateDefinition,
    /// `partitions`: as of `reduce-by-key`.
    pub partitions: Option<usize>,
    /// `initial`: the state before the first batch.
    pub initial: Option<InitialDefinition>,
    /// `state-size`: the most bytes that keys and state may take.
    pub state_size: Option<u64>,
    /// `timeout`, of map-with-state: how long a key may rest before it times out; the operator's own if none.
    pub timeout: Option<Duration>,
    /// `time-to-live`: how long a key may rest before its state is removed without a call.
    pub time_to_live: Option<Duration>,
}

impl StatefulDefinition {
    /// State of these key columns, with all else as it is where a job file doesn't say.
    pub fn new(key: &[&str], with: UpdateDefinition) -> Self {
        Self {
            key: key.iter().map(|column| (*column).to_owned()).collect(),
            with,
            partitions: None,
            initial: None,
            state_size: None,
            timeout: None,
            time_to_live: None,
        }
    }
}

/// What works on state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateDefinition {
    /// One of the host's own: `"count"`, `"sum"`, `"min"`, `"max"`. Of update-state-by-key.
    BuiltIn(BuiltInUpdate),
    /// A plugin's operator.
    Operator(OperatorName),
}

/// What state begins with: the key's columns and the state's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitialDefinition {
    /// A file.
    File {
        /// `path`.
        path: PathBuf,
        /// `format`.
        format: FileFormat,
    },
    /// The first dataset of a stream.
    Stream(String),
    /// The first dataset of a stream that says how long each key has rested by then; job files don't have this.
    Rested {
        /// The stream.
        stream: String,
        /// Its column of that, `int64 not null`, in milliseconds.
        rested_ms: String,
    },
}

impl InitialDefinition {
    /// The stream whose first dataset it is.
    pub fn stream(&self) -> Option<&str> {
        match self {
            Self::Stream(stream) | Self::Rested { stream, .. } => Some(stream),
            Self::File { .. } => None,
        }
    }
}

/// A function of the program from the datasets of a batch to one: it says what is to be done with the DataFrames it is given, and returns at once.
#[derive(Clone)]
pub struct TransformFunction(Arc<TransformCall>);

type TransformCall =
    dyn Fn(&TransformContext<'_>, Vec<DataFrame>) -> datafusion::error::Result<DataFrame> + Send + Sync;

impl TransformFunction {
    /// From a closure.
    pub fn new(
        function: impl Fn(&TransformContext<'_>, Vec<DataFrame>) -> datafusion::error::Result<DataFrame>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(function))
    }

    /// Call it, with a DataFrame for each of the streams.
    ///
    /// # Errors
    /// As it likes.
    pub fn call(&self, cx: &TransformContext<'_>, datasets: Vec<DataFrame>) -> datafusion::error::Result<DataFrame> {
        (self.0)(cx, datasets)
    }
}

impl fmt::Debug for TransformFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransformFunction")
    }
}

/// Equal where it is the very same function.
impl PartialEq for TransformFunction {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for TransformFunction {}

/// Which of the last batches an operation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowDefinition {
    /// `length`: what came in so long before is in the window; a multiple of the parent's slide.
    pub length: Duration,
    /// `slide`: there is a window so often; a multiple of the parent's slide, which it is if none.
    pub slide: Option<Duration>,
}

/// Windows of event time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventWindowDefinition {
    /// Which windows a row is in.
    pub windows: EventWindows,
    /// `filter`: an SQL expression over the results; those for which it is true stay.
    pub filter: Option<String>,
    /// `partitions` made; `[job] parallelism` if none.
    pub partitions: Option<usize>,
}

/// Which windows of event time a row is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventWindows {
    /// `length` and `slide`: windows of a length, each slide; tumbling, one after the other, where there is no slide.
    Sliding {
        /// `length`.
        length: Duration,
        /// `slide`.
        slide: Option<Duration>,
    },
    /// `gap` and `max-length`: as long as rows of a key come with smaller gaps.
    Session {
        /// `gap`.
        gap: Duration,
        /// `max-length`: a session that would be longer is cut. A day by default.
        max_length: Duration,
    },
}

/// A window that is folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowFoldDefinition {
    /// `length` and `slide`.
    pub window: WindowDefinition,
    /// `inverse`: whether what leaves is taken out of the window before. None: where the aggregate can do it, and it is less work.
    pub inverse: Option<bool>,
    /// `filter`: an SQL expression over the results; those for which it is true stay.
    pub filter: Option<String>,
    /// `partitions` made; `[job] parallelism` if none.
    pub partitions: Option<usize>,
}

impl From<WindowDefinition> for WindowFoldDefinition {
    fn from(window: WindowDefinition) -> Self {
        Self { window, inverse: None, filter: None, partitions: None }
    }
}

/// `[broadcast.B]`: bytes that plugins read which are granted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastDefinition {
    /// `B`.
    pub name: String,
    /// `file` or `text`.
    pub source: BroadcastSource,
    /// `refresh`: how often the file is read anew; never if none.
    pub refresh: Option<Duration>,
    /// Where `[broadcast.B]` stands.
    pub place: Place,
}

/// Where a broadcast value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BroadcastSource {
    /// `file`: its bytes.
    File(PathBuf),
    /// `text`: its UTF-8.
    Text(String),
}

/// `[table.T]`: rows of files that are read beside streams, by `sql` and as the `with` of a join.
#[derive(Debug, Clone)]
pub struct TableDefinition {
    /// `T`, as a stream's name.
    pub name: String,
    /// `path`: a file, or a directory of files.
    pub path: PathBuf,
    /// `format`.
    pub format: FileFormat,
    /// `schema`; none: that of the first file.
    pub schema: Option<SchemaRef>,
    /// `refresh`: how often it is read anew; never if none.
    pub refresh: Option<Duration>,
    /// Where `[table.T]` stands.
    pub place: Place,
}

/// `[output.O]`.
#[derive(Debug, Clone)]
pub struct OutputDefinition {
    /// `O`.
    pub name: String,
    /// `input`.
    pub input: String,
    /// `sink`.
    pub sink: SinkDefinition,
    /// Where `sink` stands.
    pub place: Place,
}

/// `compact = { size = ..., every = ... }`: when the files of committed batches are put together. At least one is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CompactDefinition {
    /// `size`: when they have so many bytes together, which is how large files become; [`DEFAULT_SIZE`](crate::output::files::DEFAULT_SIZE) by default.
    pub size: Option<u64>,
    /// `every`: when the oldest batch is so much older than the one that is committed.
    pub every: Option<Duration>,
}

/// `sink = { type = ... }`.
#[derive(Debug, Clone)]
pub enum SinkDefinition {
    /// `"print"`: the first rows of each batch to standard output, as Spark prints.
    Print {
        /// `rows`: 10 by default.
        rows: usize,
    },
    /// `"files"`: a folder per batch, named by its time.
    Files {
        /// `path`: the directory.
        path: PathBuf,
        /// `format`.
        format: FileFormat,
        /// `compact`: not if it isn't there.
        compact: Option<CompactDefinition>,
    },
    /// `"kafka"`: a topic.
    Kafka(Box<KafkaSinkDefinition>),
    /// `"postgres"`: a table of a database.
    Postgres(Box<PostgresDefinition>),
    /// `"PLUGIN/operator"`: a plugin's sink.
    Operator(OperatorName),
    /// A function of the program that is given each batch's dataset.
    ForEach(ForEachFunction),
    /// A sink of the program, for jobs built from Rust.
    Custom(Arc<dyn Sink>),
}
