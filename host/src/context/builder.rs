//! A job file's graph, built from Rust.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parking_lot::Mutex;

use super::prepare::{Options, prepare};
use super::running::{RunningJob, State};
use crate::batch::listener::Listener;
use crate::engine::DeadLetterLimits;
use crate::engine::state_builtin::BuiltInUpdate;
use crate::error::{Error, Result};
use crate::job::definition::{
    AggregateDefinition, BroadcastDefinition, BroadcastSource, CompactDefinition, ComponentSource,
    DeadLettersDefinition, Definition, EventTimeDefinition, EventWindowDefinition, EventWindows, FileContent,
    FileFormat, Framing, InitialDefinition, JobOptions, OperationDefinition, OperatorName, OutputDefinition, Place,
    PluginDefinition, ReceiverDefinition, SinkDefinition, SourceDefinition, StatefulDefinition, StreamBody,
    StreamDefinition, TableDefinition, UpdateDefinition, WindowDefinition,
};
use crate::output::Sink;
use crate::plugin::{Limits, Policy, StateKind};
use crate::receiver::queue::Queue;
use crate::receiver::rate::RateLimits;

/// A job that is being built.
///
/// Names are the streams' own, as in a job file: what is kept of a job is kept under them. A name is used once.
#[derive(Debug)]
pub struct StreamingContext {
    definition: Arc<Mutex<Option<Definition>>>,
    options: Options,
}

impl StreamingContext {
    /// An empty job with a batch every `batch_interval`.
    pub fn new(name: &str, batch_interval: Duration) -> Self {
        Self::with_options(name, batch_interval, Options::default())
    }

    /// An empty job that runs with its own clock, log or listeners.
    pub fn with_options(name: &str, batch_interval: Duration, options: Options) -> Self {
        let job = JobOptions::new(name, batch_interval);
        Self::of(
            Definition {
                job,
                plugins: vec![],
                streams: vec![],
                tables: vec![],
                broadcasts: vec![],
                outputs: vec![],
                dead_letters: None,
                file: None,
                started_with: None,
            },
            options,
        )
    }

    /// A job that is defined already, such as a job file's.
    pub fn of(definition: Definition, options: Options) -> Self {
        Self { definition: Arc::new(Mutex::new(Some(definition))), options }
    }

    /// The same with another definition, and nothing of its own.
    pub fn with_definition(self, definition: Definition) -> Self {
        Self::of(definition, self.options)
    }

    /// Where the job stands. Once it is started, [`super::RunningJob`] knows more.
    pub fn state(&self) -> State {
        if self.definition.lock().is_some() { State::Initialized } else { State::Active }
    }

    /// What was built so far; none after the start.
    pub fn definition(&self) -> Option<Definition> {
        self.definition.lock().clone()
    }

    /// Tell `listener` of what happens once the job is started.
    pub fn add_listener(&mut self, listener: Arc<dyn Listener>) {
        self.options.listeners.push(listener);
    }

    /// Change `[job]`'s options.
    ///
    /// # Errors
    /// After the start.
    pub fn job(&self, change: impl FnOnce(&mut JobOptions)) -> Result<()> {
        self.with(|definition| {
            change(&mut definition.job);
            Ok(())
        })
    }

    /// Keep the datasets of all streams for so long at least, for [`RunningJob::slice`].
    ///
    /// # Errors
    /// After the start, and where it was said before.
    pub fn remember(&self, duration: Duration) -> Result<()> {
        self.with(|definition| match definition.job.remember {
            Some(before) => Err(Error::invalid(format!(
                "datasets are remembered for {} already",
                humantime::format_duration(before)
            ))),
            None => {
                definition.job.remember = Some(duration);
                Ok(())
            }
        })
    }

    /// Add a plugin from a file, with default limits and no configuration.
    ///
    /// # Errors
    /// When the name is taken, or after the start.
    pub fn plugin(&self, name: &str, component: impl Into<PathBuf>) -> Result<()> {
        self.add_plugin(plugin_definition(name, ComponentSource::File(component.into())))
    }

    /// Add a plugin with limits, policy and configuration.
    ///
    /// # Errors
    /// When the name is taken, or after the start.
    pub fn add_plugin(&self, plugin: PluginDefinition) -> Result<()> {
        self.with(|definition| {
            free("plugin", &plugin.name, definition.plugins.iter().map(|plugin| plugin.name.as_str()))?;
            definition.plugins.push(plugin);
            Ok(())
        })
    }

    /// Write rows that operators reject or fail at, where their policy is to do so, to `sink`.
    ///
    /// # Errors
    /// After the start.
    pub fn dead_letters(&self, sink: Arc<dyn Sink>, limits: DeadLetterLimits) -> Result<()> {
        self.with(|definition| {
            let sink = SinkDefinition::Custom(sink);
            definition.dead_letters = Some(DeadLettersDefinition::new(sink, limits, Place::default()));
            Ok(())
        })
    }

    /// A value that plugins read which are granted to: a file's bytes, read anew every `refresh`, or a text.
    ///
    /// # Errors
    /// When the name is taken, or after the start.
    pub fn broadcast(&self, name: &str, source: BroadcastSource, refresh: Option<Duration>) -> Result<()> {
        self.with(|definition| {
            free("broadcast", name, definition.broadcasts.iter().map(|value| value.name.as_str()))?;
            let (name, place) = (name.to_owned(), Place::default());
            definition.broadcasts.push(BroadcastDefinition { name, source, refresh, place });
            Ok(())
        })
    }

    /// Lines of UTF-8 text from a TCP server: one column, `value: string`.
    ///
    /// # Errors
    /// When the name is taken, or after the start; so for all that follow.
    pub fn socket_text_stream(&self, name: &str, address: &str) -> Result<StreamRef> {
        self.source(name, SourceDefinition::socket(address))
    }

    /// Messages from a TCP server, each after its length, as four bytes, the highest first: one column, `value: binary`.
    pub fn socket_message_stream(&self, name: &str, address: &str) -> Result<StreamRef> {
        let (address, framing) = (address.to_owned(), Framing::LengthPrefixed);
        self.source(name, SourceDefinition::Socket { address, framing, max_length: None, log: true })
    }

    /// New lines of the files of a directory: one column, `value: string`.
    pub fn text_file_stream(&self, name: &str, directory: impl Into<PathBuf>) -> Result<StreamRef> {
        self.file_stream(name, directory, FileFormat::Text, None)
    }

    /// New files of a directory.
    pub fn file_stream(
        &self,
        name: &str,
        directory: impl Into<PathBuf>,
        format: FileFormat,
        schema: Option<SchemaRef>,
    ) -> Result<StreamRef> {
        self.source(name, SourceDefinition::files(directory, format, schema))
    }

    /// Records of `length` bytes from new files of a directory: one column, `value: binary`.
    pub fn binary_records_stream(
        &self,
        name: &str,
        directory: impl Into<PathBuf>,
        length: NonZeroU32,
    ) -> Result<StreamRef> {
        self.source(name, SourceDefinition::files(directory, FileContent::Records(length), None))
    }

    /// Datasets pushed by this program.
    pub fn queue_stream(&self, name: &str, schema: SchemaRef) -> Result<(StreamRef, Queue)> {
        let queue = Queue::new(schema.clone());
        let stream = self.source(name, SourceDefinition::Queue { schema, queue: Some(queue.clone()) })?;
        Ok((stream, queue))
    }

    /// The same rows in every batch.
    pub fn constant_stream(&self, name: &str, rows: RecordBatch) -> Result<StreamRef> {
        self.source(name, SourceDefinition::Constant { rows })
    }

    /// The rows that a file has when the job starts, in every batch.
    pub fn constant_file_stream(
        &self,
        name: &str,
        path: impl Into<PathBuf>,
        format: FileFormat,
        schema: Option<SchemaRef>,
    ) -> Result<StreamRef> {
        self.source(name, SourceDefinition::ConstantFile { path: path.into(), format, schema })
    }

    /// Rows from a plugin's receiver.
    pub fn receiver_stream(&self, name: &str, with: &str) -> Result<StreamRef> {
        self.source(name, SourceDefinition::Receiver(ReceiverDefinition::new(operator(with)?)))
    }

    /// Any source a job file can have.
    pub fn source(&self, name: &str, source: SourceDefinition) -> Result<StreamRef> {
        self.stream(name, StreamBody::Source(source))
    }

    /// Rows of a file, or of the files of a directory, held in memory and read anew every `refresh`: for `sql` by name, and for joins as the other stream. It can be
    /// read beside streams only, and is no stream itself.
    pub fn table(
        &self,
        name: &str,
        path: impl Into<PathBuf>,
        format: FileFormat,
        schema: Option<SchemaRef>,
        refresh: Option<Duration>,
    ) -> Result<StreamRef> {
        self.with(|definition| {
            free("stream", name, definition.streams.iter().map(|stream| stream.name.as_str()))?;
            free("table", name, definition.tables.iter().map(|table| table.name.as_str()))?;
            let (name, path, place) = (name.to_owned(), path.into(), Place::default());
            definition.tables.push(TableDefinition { name, path, format, schema, refresh, place });
            Ok(())
        })?;
        Ok(StreamRef { definition: self.definition.clone(), name: name.to_owned() })
    }

    /// All rows of streams with the same columns.
    pub fn union(&self, name: &str, streams: &[&StreamRef]) -> Result<StreamRef> {
        let inputs = streams.iter().map(|stream| stream.name.clone()).collect();
        self.stream(name, StreamBody::Operation { inputs, operation: OperationDefinition::Union })
    }

    /// An SQL query over the batch's streams, by name.
    pub fn sql(&self, name: &str, query: &str) -> Result<StreamRef> {
        let operation = OperationDefinition::Sql(query.to_owned());
        self.stream(name, StreamBody::Operation { inputs: vec![], operation })
    }

    /// Check the job and start it, on the current tokio runtime.
    ///
    /// # Errors
    /// Every mistake in the job; a source that can't start.
    pub async fn start(self) -> Result<RunningJob> {
        let definition = self.definition.lock().take().ok_or_else(started)?;
        prepare(definition, &self.options)?.start(&self.options)
    }

    fn stream(&self, name: &str, body: StreamBody) -> Result<StreamRef> {
        add_stream(&self.definition, name, body)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Definition) -> Result<T>) -> Result<T> {
        change(self.definition.lock().as_mut().ok_or_else(started)?)
    }
}

type Shared = Arc<Mutex<Option<Definition>>>;

fn started() -> Error {
    Error::invalid("adding streams, plugins and outputs after the start is not possible")
}

/// A plugin with default limits and no configuration.
pub fn plugin_definition(name: &str, component: ComponentSource) -> PluginDefinition {
    PluginDefinition {
        name: name.to_owned(),
        component,
        digest: None,
        signature: None,
        limits: Limits::default(),
        on_reject: Policy::default(),
        on_error: Default::default(),
        config: "{}".to_owned(),
        place: Place::default(),
    }
}

fn free<'n>(kind: &str, name: &str, mut taken: impl Iterator<Item = &'n str>) -> Result<()> {
    if taken.any(|taken| taken == name) {
        return Err(Error::invalid(format!("there is a {kind} \"{name}\" already")));
    }
    Ok(())
}

/// Names, owned.
pub(super) fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

pub(super) fn add_stream(shared: &Shared, name: &str, body: StreamBody) -> Result<StreamRef> {
    let mut definition = shared.lock();
    let definition = definition.as_mut().ok_or_else(started)?;
    free("stream", name, definition.streams.iter().map(|stream| stream.name.as_str()))?;
    free("table", name, definition.tables.iter().map(|table| table.name.as_str()))?;
    definition.streams.push(StreamDefinition {
        name: name.to_owned(),
        body,
        rates: RateLimits::default(),
        event_time: None,
        place: Place::default(),
    });
    Ok(StreamRef { definition: shared.clone(), name: name.to_owned() })
}

pub(super) fn operator(name: &str) -> Result<OperatorName> {
    match name.split_once('/') {
        Some((plugin, operator)) if !plugin.is_empty() && !operator.is_empty() => Ok(OperatorName {
            plugin: plugin.to_owned(),
            operator: operator.to_owned(),
            columns: None,
            overrides: Default::default(),
        }),
        _ => Err(Error::invalid(format!("\"{name}\" is not an operator: PLUGIN/operator is expected"))),
    }
}

fn aggregate(with: &str) -> Result<AggregateDefinition> {
    Ok(match with {
        "count" => AggregateDefinition::Count,
        "sum" => AggregateDefinition::Sum,
        "min" => AggregateDefinition::Min,
        "max" => AggregateDefinition::Max,
        name => AggregateDefinition::Operator(operator(name)?),
    })
}

/// A stream of a job that is being built. Each method adds a stream that reads this one, under a name of its own.
///
/// # Errors
/// All fail when the name is taken, when an operator's name is not of the form `PLUGIN/operator`, or after the start. Whether columns suit is found at the start.
#[derive(Debug, Clone)]
pub struct StreamRef {
    pub(super) definition: Shared,
    pub(super) name: String,
}

impl StreamRef {
    /// The stream's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One row for each, by a plugin's operator.
    pub fn map(&self, name: &str, with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Map(operator(with)?))
    }

    /// Any number of rows for each, by a plugin's operator.
    pub fn flat_map(&self, name: &str, with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::FlatMap(operator(with)?))
    }

    /// The rows that a plugin's operator keeps.
    pub fn filter(&self, name: &str, with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Filter(operator(with)?))
    }

    /// The rows for which an SQL expression is true.
    pub fn filter_where(&self, name: &str, expression: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::FilterWhere(expression.to_owned()))
    }

    /// Rows of each partition to rows, by a plugin's operator.
    pub fn map_partitions(&self, name: &str, with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::MapPartitions(operator(with)?))
    }

    /// The same rows in `partitions` partitions.
    pub fn repartition(&self, name: &str, partitions: usize) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Repartition(partitions))
    }

    /// How many rows the batch has.
    pub fn count(&self, name: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Count)
    }

    /// How often each row occurs.
    pub fn count_by_value(&self, name: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::CountByValue { partitions: None })
    }

    /// All rows to one, with a built-in (`sum`, `min`, `max`, `count`) or a plugin's aggregate.
    pub fn reduce(&self, name: &str, with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Reduce { with: aggregate(with)? })
    }

    /// The rows of each key to one, with a built-in or a plugin's aggregate.
    pub fn reduce_by_key(&self, name: &str, key: &[&str], with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::ReduceByKey { key: names(key), with: aggregate(with)?, partitions: None })
    }

    /// All rows of the last `length`, every `slide`: multiples of this stream's own slide, which is the default.
    pub fn window(&self, name: &str, length: Duration, slide: Option<Duration>) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Window(WindowDefinition { length, slide }))
    }

    /// The rows of each key of the last `length` as a list, every `slide`.
    pub fn group_by_key_and_window(
        &self,
        name: &str,
        key: &[&str],
        length: Duration,
        slide: Option<Duration>,
    ) -> Result<StreamRef> {
        let window = WindowDefinition { length, slide };
        self.then(name, OperationDefinition::GroupByKeyAndWindow { key: names(key), window, partitions: None })
    }

    /// Say when this stream's rows happened: by a column of timestamps or dates, and how much later than the latest a row may be. It is the stream itself that is returned.
    pub fn with_event_time(&self, column: &str, delay: Duration) -> Result<StreamRef> {
        let mut definition = self.definition.lock();
        let definition = definition.as_mut().ok_or_else(started)?;
        if let Some(stream) = definition.streams.iter_mut().find(|stream| stream.name == self.name) {
            let place = Place::default();
            stream.event_time = Some(EventTimeDefinition { column: column.to_owned(), delay, place });
        }
        Ok(self.clone())
    }

    /// Say how many rows a second this stream's source takes in: at most, and before the job's speed is known. It is the stream itself that is returned.
    pub fn with_rates(&self, limits: RateLimits) -> Result<StreamRef> {
        let mut definition = self.definition.lock();
        let definition = definition.as_mut().ok_or_else(started)?;
        if let Some(stream) = definition.streams.iter_mut().find(|stream| stream.name == self.name) {
            stream.rates = limits;
        }
        Ok(self.clone())
    }

    /// The rows of each key and window of event time to one, with a built-in or a plugin's aggregate, when the watermark has reached the window's end: the key's columns, `window_start`, `window_end`,
    /// then the aggregate's.
    pub fn event_time_window(&self, name: &str, key: &[&str], with: &str, windows: EventWindows) -> Result<StreamRef> {
        let window = EventWindowDefinition { windows, filter: None, partitions: None };
        self.then(name, OperationDefinition::EventTimeWindow { key: names(key), with: aggregate(with)?, window })
    }

    /// The first row of each key, of all columns where none is named. A key is remembered for `time_to_live` of batch time; if none, as long as a row that isn't late could be a duplicate.
    pub fn drop_duplicates(&self, name: &str, key: &[&str], time_to_live: Option<Duration>) -> Result<StreamRef> {
        let (state_size, partitions) = (None, None);
        self.then(name, OperationDefinition::DropDuplicates { key: names(key), time_to_live, state_size, partitions })
    }

    /// The rows that came too late for this stream's windows of event time.
    pub fn late(&self, name: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::LateOf)
    }

    /// How many rows came in the last `length`, every `slide`.
    pub fn count_by_window(&self, name: &str, length: Duration, slide: Option<Duration>) -> Result<StreamRef> {
        self.then(name, OperationDefinition::CountByWindow(WindowDefinition { length, slide }))
    }

    /// How often each row came in the last `length`, every `slide`.
    pub fn count_by_value_and_window(
        &self,
        name: &str,
        length: Duration,
        slide: Option<Duration>,
    ) -> Result<StreamRef> {
        self.then(name, OperationDefinition::CountByValueAndWindow(WindowDefinition { length, slide }.into()))
    }

    /// All rows of the last `length` to one, every `slide`, with a built-in or a plugin's aggregate.
    pub fn reduce_by_window(
        &self,
        name: &str,
        with: &str,
        length: Duration,
        slide: Option<Duration>,
    ) -> Result<StreamRef> {
        let window = WindowDefinition { length, slide }.into();
        self.then(name, OperationDefinition::ReduceByWindow { with: aggregate(with)?, window })
    }

    /// The rows of each key of the last `length` to one, every `slide`, with a built-in or a plugin's aggregate.
    pub fn reduce_by_key_and_window(
        &self,
        name: &str,
        key: &[&str],
        with: &str,
        length: Duration,
        slide: Option<Duration>,
    ) -> Result<StreamRef> {
        let window = WindowDefinition { length, slide }.into();
        self.then(name, OperationDefinition::ReduceByKeyAndWindow { key: names(key), with: aggregate(with)?, window })
    }

    /// The keys that have state, each with it: in every batch, what `with` makes of each known key's new values and its state. `with` is one of `count`, `sum`, `min` and
    /// `max`, or a plugin's operator.
    pub fn update_state_by_key(&self, name: &str, key: &[&str], with: &str) -> Result<StreamRef> {
        let with = match with {
            "count" => UpdateDefinition::BuiltIn(BuiltInUpdate::Count),
            "sum" => UpdateDefinition::BuiltIn(BuiltInUpdate::Sum),
            "min" => UpdateDefinition::BuiltIn(BuiltInUpdate::Min),
            "max" => UpdateDefinition::BuiltIn(BuiltInUpdate::Max),
            name => UpdateDefinition::Operator(operator(name)?),
        };
        self.keyed_state(name, StateKind::UpdateStateByKey, StatefulDefinition::new(key, with))
    }

    /// What a plugin's operator makes of each value of a key and of the key's state.
    pub fn map_with_state(&self, name: &str, key: &[&str], with: &str) -> Result<StreamRef> {
        let with = UpdateDefinition::Operator(operator(with)?);
        self.keyed_state(name, StateKind::MapWithState, StatefulDefinition::new(key, with))
    }

    /// As [`StreamRef::update_state_by_key`] and [`StreamRef::map_with_state`], with initial state, timeouts and bounds.
    pub fn keyed_state(&self, name: &str, kind: StateKind, of: StatefulDefinition) -> Result<StreamRef> {
        let mut inputs = vec![self.name.clone()];
        inputs.extend(of.initial.as_ref().and_then(InitialDefinition::stream).map(str::to_owned));
        let operation = match kind {
            StateKind::UpdateStateByKey => OperationDefinition::UpdateStateByKey(Box::new(of)),
            StateKind::MapWithState => OperationDefinition::MapWithState(Box::new(of)),
        };
        add_stream(&self.definition, name, StreamBody::Operation { inputs, operation })
    }

    /// All keys and state of this stream, which keeps some, after each batch.
    pub fn state_snapshots(&self, name: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::SnapshotsOf)
    }

    /// Print the first `rows` rows of each batch.
    pub fn print(&self, output: &str, rows: usize) -> Result<()> {
        self.output(output, SinkDefinition::Print { rows })
    }

    /// Write each batch to files of its own below `directory`.
    pub fn save_as_files(&self, output: &str, directory: impl Into<PathBuf>, format: FileFormat) -> Result<()> {
        self.output(output, SinkDefinition::Files { path: directory.into(), format, compact: None })
    }

    /// As [`StreamRef::save_as_files`], the files of many batches put together as `compact` says; `directory/_manifest` names what readers see.
    pub fn save_as_compacted_files(
        &self,
        output: &str,
        directory: impl Into<PathBuf>,
        format: FileFormat,
        compact: CompactDefinition,
    ) -> Result<()> {
        self.output(output, SinkDefinition::Files { path: directory.into(), format, compact: Some(compact) })
    }

    /// Write by a plugin's sink.
    pub fn write_with(&self, output: &str, with: &str) -> Result<()> {
        self.output(output, SinkDefinition::Operator(operator(with)?))
    }

    /// Write to a sink of this program.
    pub fn write_to(&self, output: &str, sink: Arc<dyn Sink>) -> Result<()> {
        self.output(output, SinkDefinition::Custom(sink))
    }

    /// Any operation that a job file can have.
    pub fn then(&self, name: &str, operation: OperationDefinition) -> Result<StreamRef> {
        add_stream(&self.definition, name, StreamBody::Operation { inputs: vec![self.name.clone()], operation })
    }

    pub(super) fn output(&self, name: &str, sink: SinkDefinition) -> Result<()> {
        let mut definition = self.definition.lock();
        let definition = definition.as_mut().ok_or_else(started)?;
        free("output", name, definition.outputs.iter().map(|output| output.name.as_str()))?;
        let (name, input) = (name.to_owned(), self.name.clone());
        definition.outputs.push(OutputDefinition { name, input, sink, place: Place::default() });
        Ok(())
    }
}
