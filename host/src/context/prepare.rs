//! From a definition to a driver: components loaded, sources and sinks made, streams resolved. Nothing is started yet, so `check` does the same.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::about::About;
use super::kept::{Kept, granted};
use super::max_length;
use super::running::RunningJob;
use crate::batch::broadcasts::Broadcasts;
use crate::batch::carry_over::{CarryOver, carry_over};
use crate::batch::lease;
use crate::batch::listener::{Listener, Listeners, LogListener};
use crate::batch::log::{BatchLog, MemoryLog};
use crate::batch::tables::{StaticTable, StaticTables};
use crate::batch::vouched::Vouched;
use crate::batch::{Backpressure, Driver, Edition, Parts, Shared};
use crate::checkpoint::Store;
use crate::checkpoint::log::CheckpointLog;
use crate::clock::{Clock, SystemClock};
use crate::dstream::{Binder, Graph, Resolver, resolve};
use crate::engine::blocks::BlockStore;
use crate::engine::{DatasetStore, DeadLetters, Engine, EngineOptions, OffsetReaders, Plans, Reports, Services};
use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::job::definition::{
    CompactDefinition, ComponentSource, Definition, JobOptions, OperatorName, OutputDefinition, Place,
    PluginDefinition, SinkDefinition, SourceDefinition, StreamBody, StreamDefinition, TableDefinition,
};
use crate::job::kafka::KafkaSinkDefinition;
use crate::job::nearest::nearest;
use crate::job::postgres::PostgresDefinition;
use crate::memory::MemoryBudget;
use crate::output::Sink;
use crate::output::files::FilesSink;
use crate::output::for_each::ForEachSink;
#[cfg(feature = "kafka")]
use crate::output::kafka::{KafkaSink, KafkaSinkOptions};
use crate::output::plugin::{PluginSink, PluginSinkOptions};
#[cfg(feature = "postgres")]
use crate::output::postgres::{PostgresOptions, PostgresSink};
use crate::output::print::PrintSink;
#[cfg(any(feature = "kafka", feature = "postgres"))]
use crate::output::staging::Staging;
use crate::plugin::{
    Compiler, Digest, MAX_COMPONENT, OnError, OperatorRef, PluginHost, PluginHostOptions, TrustedKey, signature,
};
use crate::receiver::InputStream;
use crate::receiver::block::BlockOptions;
use crate::receiver::constant::{ConstantRows, ConstantSource};
use crate::receiver::files::table::TableFiles;
use crate::receiver::files::{FileOptions, FileSource};
#[cfg(feature = "kafka")]
use crate::receiver::kafka::{KafkaOptions, KafkaSource};
use crate::receiver::plugin::{MAX_RECEIVERS, PluginReceiver, ReceiverOptions};
use crate::receiver::queue::{Queue, QueueSource};
use crate::receiver::rate::RateLimits;
use crate::receiver::socket::{SocketOptions, SocketReceiver};
use crate::receiver::wal::ReceivedLog;
use crate::state::StateStore;

/// What a job gets from its surroundings rather than from its file.
#[derive(Debug, Clone)]
pub struct Options {
    /// Tells batch times.
    pub clock: Arc<dyn Clock>,
    /// Where batches are recorded; in memory if none.
    pub log: Option<Arc<dyn BatchLog>>,
    /// Who is told of events, besides the log.
    pub listeners: Vec<Arc<dyn Listener>>,
    /// A private folder for compiled components; they are compiled anew at each start if none.
    pub cache: Option<PathBuf>,
    /// Where components are compiled.
    pub compiler: Compiler,
    /// Stop after that many batches.
    pub batches: Option<u64>,
    /// Take in what is there now, or until the peer closes, then stop gracefully.
    pub drain: bool,
    /// Encode and decode every plan before it runs, as it would be on its way to another machine. For tests.
    pub roundtrip_plans: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            log: None,
            listeners: vec![],
            cache: None,
            compiler: Compiler::InProcess,
            batches: None,
            drain: false,
            roundtrip_plans: false,
        }
    }
}

/// A checked job that has not started.
#[derive(Debug)]
pub struct Prepared {
    job: JobOptions,
    graph: Graph,
    binder: Arc<Binder>,
    sources: BTreeMap<String, Arc<dyn InputStream>>,
    tables: StaticTables,
    broadcasts: Arc<Broadcasts>,
    sinks: Vec<Arc<dyn Sink>>,
    engine: Arc<Engine>,
    plans: Arc<Plans>,
    plugins: Arc<PluginHost>,
    checkpoint: Option<Store>,
    received: Option<ReceivedLog>,
    components: BTreeMap<Digest, Vouched>,
    /// Nobody yet; sinks have it to tell of what goes wrong.
    listeners: Listeners,
    backpressure: Arc<Backpressure>,
    /// Of a job beside one that runs: readers of sources that aren't in place.
    offset_readers: OffsetReaders,
}

/// Check a definition, and make everything it needs.
///
/// # Errors
/// Every mistake that doesn't follow from another.
pub fn prepare(definition: Definition, options: &Options) -> Result<Prepared> {
    look(definition, options, true, None)?.map_err(|wrong| Error::Invalid(Diagnostics(wrong)))
}

/// As [`prepare`], beside a job that runs, which goes on undisturbed: what is the same in both is shared.
///
/// # Errors
/// As [`prepare`].
pub(super) fn prepare_beside(definition: Definition, options: &Options, shared: &Shared) -> Result<Prepared> {
    look(definition, options, true, Some(shared))?.map_err(|wrong| Error::Invalid(Diagnostics(wrong)))
}

/// The mistakes in what is left of a definition that is wrong elsewhere; none that follow from what it lacks.
///
/// # Errors
/// When the machine has no room to look.
pub fn mistakes(rest: Definition, options: &Options) -> Result<Vec<Diagnostic>> {
    Ok(look(rest, options, false, None)?.err().unwrap_or_default())
}

/// A source of the job that runs once more, as its definition has it: one that was stopped can't be started again.
///
/// # Errors
/// When there is no such source, or it can't be made.
pub(super) fn remake(shared: &Shared, options: &Options, name: &str) -> Result<Arc<dyn InputStream>> {
    let definition = shared.edition.definition();
    let gone = || Error::failed(format_args!("stream \"{name}\" has no source"));
    let stream = definition.streams.iter().find(|stream| stream.name == name).ok_or_else(gone)?;
    let StreamBody::Source(source) = &stream.body else { return Err(gone()) };
    let services = shared.engine.services();
    let sources = Sources {
        kept: Kept { definition, shared: None },
        definition,
        digests: &shared.edition.graph.plugins,
        plugins: &shared.plugins,
        options,
        memory: &services.memory,
        blocks: &services.blocks,
        offset_readers: &services.offset_readers,
        max_length: max_length::default(definition, &services.memory),
        received: shared.received.as_ref(),
    };
    sources.source(stream.name.as_str().into(), source, stream.rates)?.ok_or_else(gone)
}

/// What a job is made with.
struct Workshop {
    plugins: Arc<PluginHost>,
    engine: Arc<Engine>,
    plans: Arc<Plans>,
    received: Option<ReceivedLog>,
    listeners: Listeners,
}

impl Workshop {
    fn new(definition: &Definition, options: &Options, checkpoint: Option<&Store>) -> Result<Self> {
        let job = &definition.job;
        let memory = MemoryBudget::new(job.memory);
        let host_options = PluginHostOptions {
            memory: memory.clone(),
            parallelism: job.parallelism,
            cache: options.cache.clone(),
            compiler: options.compiler.clone(),
        };
        let plugins = PluginHost::new(host_options)?;
        let services = Services {
            job: job.name.as_str().into(),
            plugins: plugins.clone(),
            memory: memory.clone(),
            blocks: BlockStore::new(),
            offset_readers: Default::default(),
            datasets: DatasetStore::new(),
            state: StateStore::new(memory.clone()),
            dead_letters: DeadLetters::new(
                definition.dead_letters.as_ref().map(|letters| letters.limits).unwrap_or_default(),
                memory,
            ),
            reports: Reports::new(),
        };
        let mut engine_options = EngineOptions::new(job.parallelism, job.key_groups, services);
        engine_options.roundtrip_plans = options.roundtrip_plans;
        let engine = Arc::new(Engine::new(engine_options)?);
        let plans = Arc::new(Plans::new(engine.clone()));
        let received = checkpoint.map(|store| ReceivedLog::new(store.clone(), options.clock.clone(), job.retain));
        Ok(Self { plugins, engine, plans, received, listeners: Listeners::default() })
    }

    fn of(shared: &Shared) -> Self {
        let Shared { plugins, engine, plans, received, listeners, .. } = shared.clone();
        Self { plugins, engine, plans, received, listeners }
    }
}

/// The outer result is whether it was possible to look.
fn look(
    definition: Definition,
    options: &Options,
    is_whole: bool,
    shared: Option<&Shared>,
) -> Result<Result<Prepared, Vec<Diagnostic>>> {
    let job = definition.job.clone();
    let mut wrong = vec![];
    let missing =
        |plugin: &&PluginDefinition| matches!(&plugin.component, ComponentSource::File(path) if !path.is_file());
    // Files that aren't there were told of with the rest of what is wrong.
    let wanted = definition.plugins.iter().filter(|plugin| is_whole || !missing(plugin));
    let checkpoint = match shared {
        Some(shared) => Ok(shared.checkpoint.clone()),
        None => job.checkpoint.as_deref().map(Store::new).transpose(),
    };
    let checkpoint = checkpoint.unwrap_or_else(|reason| {
        wrong.push(job.place.wrong(format!("[job] checkpoint: {reason}")));
        None
    });
    let workshop = match shared {
        Some(shared) => Workshop::of(shared),
        None => Workshop::new(&definition, options, checkpoint.as_ref())?,
    };
    let Workshop { plugins, engine, plans, received, listeners } = workshop;
    let memory = engine.services().memory.clone();
    let (digests, components) = load_plugins(wanted, &job.trusted_keys, &plugins, &mut wrong);
    // They are needed again only to be kept.
    let components = if checkpoint.is_some() { components } else { BTreeMap::new() };
    // What reads for the job that runs isn't to be put out of place by one that may never run.
    let offset_readers = OffsetReaders::default();
    let kept = Kept { definition: &definition, shared };
    wrong.extend(max_length::mistake(&definition, &memory));
    let max_length = max_length::default(&definition, &memory);
    wrong.extend(too_many_receivers(&definition));
    let sources = Sources {
        kept,
        definition: &definition,
        digests: &digests,
        plugins: &plugins,
        options,
        memory: &memory,
        blocks: &engine.services().blocks,
        offset_readers: if shared.is_some() { &offset_readers } else { &engine.services().offset_readers },
        max_length,
        received: received.as_ref(),
    }
    .make(&mut wrong);
    let shapes = shapes(&definition, &sources);
    let mut tables = make_tables(&definition, &mut wrong);
    let table_columns = tables.iter().map(|(name, table)| (name.clone(), table.files().schema().clone())).collect();
    let resolver = Resolver {
        plugins: &digests,
        host: &plugins,
        sources: &shapes,
        tables: &table_columns,
        plans: &plans,
        is_whole,
    };
    let graph = resolve(&definition, &resolver).map_err(|more| wrong.extend(more.0)).ok();
    let services = engine.services();
    let sinks = Sinks {
        kept,
        definition: &definition,
        digests: &digests,
        plugins: &plugins,
        reports: &services.reports,
        engine: &engine,
        options,
        checkpoint: checkpoint.as_ref(),
        listeners: &listeners,
    }
    .make(graph.as_ref(), &mut wrong);
    Ok(match graph {
        Some(graph) if wrong.is_empty() => {
            let tables_kept = kept.tables();
            // Those that no stream reads aren't read at all.
            let is_read = |name: &str| graph.streams.iter().any(|stream| stream.is_table() && *stream.name == *name);
            tables.retain(|name, _| is_read(name) || granted(&definition, name));
            let made = |(name, table): (String, StaticTable)| {
                if let Some(table) = tables_kept.get(&name) {
                    return (name, table.clone());
                }
                let before = shared.and_then(|shared| shared.edition.tables.0.get(&name));
                let table = match before {
                    Some(before) => table.after(before),
                    None => table,
                };
                match granted(&definition, &name) {
                    true => (name, Arc::new(table.for_plugins(plugins.references().clone()))),
                    false => (name, Arc::new(table)),
                }
            };
            let tables = StaticTables(tables.into_iter().map(made).collect());
            let broadcasts = kept
                .broadcasts()
                .unwrap_or_else(|| Arc::new(Broadcasts::new(&definition.broadcasts, plugins.references().clone())));
            let backpressure = kept
                .backpressure()
                .unwrap_or_else(|| Arc::new(Backpressure::new(job.backpressure, job.batch_interval)));
            let (host, sources_now, tables_now) = (plugins.clone(), shapes, table_columns);
            let binder = Binder { definition, host, sources: sources_now, tables: tables_now, plans: plans.clone() };
            let binder = Arc::new(binder);
            Ok(Prepared {
                job,
                graph,
                binder,
                sources,
                tables,
                broadcasts,
                sinks,
                engine,
                plans,
                plugins,
                checkpoint,
                received,
                components,
                listeners,
                backpressure,
                offset_readers,
            })
        }
        _ => Err(wrong),
    })
}

impl Prepared {
    /// The resolved graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// From one batch time to the next.
    pub fn interval(&self) -> Duration {
        self.job.batch_interval
    }

    /// Where the job's components are.
    pub fn plugins(&self) -> &PluginHost {
        &self.plugins
    }

    /// What the job would go on with of a checkpoint, and what not. Nothing is written.
    ///
    /// # Errors
    /// When it is no checkpoint's URL, or can't be read.
    pub async fn against(&self, checkpoint: &str) -> Result<Vec<CarryOver>> {
        let wrong = |reason: String| Error::invalid(format!("checkpoint {checkpoint}: {reason}"));
        let store = Store::new(checkpoint).map_err(wrong)?;
        if store.local().is_some_and(|folder| !folder.is_dir()) {
            return Err(wrong("there is no such folder".to_owned()));
        }
        store.ready().await.map_err(Error::failed)?;
        let log = CheckpointLog::new(store, Arc::new(SystemClock), Duration::ZERO);
        let (history, _) = log.look().await.map_err(Error::failed)?;
        if history.term == 0 {
            return Err(wrong("no job has ever run with it".to_owned()));
        }
        Ok(carry_over(&self.binder.definition, &self.graph, &history))
    }

    /// Returns once the job's driver has shown no sign of life for as long as `[job] lease` says, or has ended: then it is time to [start](Self::start).
    ///
    /// # Errors
    /// When the job has no checkpoint, or it can't be read.
    pub async fn stand_by(&self, options: &Options) -> Result<()> {
        let Some(store) = &self.checkpoint else {
            let message = "a standby takes over from a checkpoint, and the job has none";
            return Err(Error::invalid_with_help(message, "set [job] checkpoint"));
        };
        store.ready().await.map_err(Error::failed)?;
        lease::wait(store, &options.clock, self.job.lease).await.map_err(Error::failed)
    }

    /// What of it can be exchanged for another while it runs; started at `now_ms`.
    pub(super) fn into_edition(self, now_ms: i64) -> Edition {
        let about = Arc::new(About::new(&self.binder.definition, &self.graph, now_ms));
        Edition {
            graph: Arc::new(self.graph),
            binder: self.binder,
            sources: self.sources,
            tables: self.tables,
            broadcasts: self.broadcasts,
            sinks: self.sinks,
            components: self.components,
            backpressure: self.backpressure,
            stop_timeout: self.job.stop_timeout,
            about,
            offset_readers: self.offset_readers,
        }
    }

    /// Start the job on the current tokio runtime.
    ///
    /// # Errors
    /// When a sink can't be made ready.
    pub fn start(self, options: &Options) -> Result<RunningJob> {
        self.listeners.add(Arc::new(LogListener));
        options.listeners.iter().for_each(|listener| self.listeners.add(listener.clone()));
        let log = options.log.clone().unwrap_or_else(|| match &self.checkpoint {
            Some(store) => Arc::new(CheckpointLog::new(store.clone(), options.clock.clone(), self.job.retain)),
            None => Arc::new(MemoryLog::default()),
        });
        Ok(RunningJob::spawn(self.driver(options, log), options.clone()))
    }

    /// A driver of the job that records batches in `log`, and has not started.
    pub(super) fn driver(self, options: &Options, log: Arc<dyn BatchLog>) -> Driver {
        let (checkpoint, job) = (self.checkpoint.clone(), self.job.clone());
        let (engine, plans, received, plugins) =
            (self.engine.clone(), self.plans.clone(), self.received.clone(), self.plugins.clone());
        let listeners = self.listeners.clone();
        let edition = self.into_edition(options.clock.now_ms());
        Driver::new(Parts {
            edition: Arc::new(edition),
            engine,
            plans,
            log,
            checkpoint,
            received,
            plugins,
            missed: job.missed,
            lease: job.lease,
            retain: job.retain,
            clock: options.clock.clone(),
            listeners,
            interval: job.batch_interval,
            max_waiting_batches: job.max_waiting_batches,
            batches: options.batches,
            drain: options.drain,
        })
    }
}

/// The static tables, none of them read yet; only their columns are looked at.
fn make_tables(definition: &Definition, wrong: &mut Vec<Diagnostic>) -> BTreeMap<String, StaticTable> {
    let mut tables = BTreeMap::new();
    for table in &definition.tables {
        let TableDefinition { name, path, format, schema, refresh, place } = table;
        match TableFiles::new(name.as_str().into(), path.clone(), *format, schema.as_ref()) {
            Ok(files) => {
                tables.insert(name.clone(), StaticTable::new(name.as_str().into(), files, *refresh));
            }
            Err(error) => wrong.extend(placed(error, place, &format!("table \"{name}\""))),
        }
    }
    tables
}

/// Each source's columns, and whether its rows are held in memory, as received ones are.
fn shapes(
    definition: &Definition,
    sources: &BTreeMap<String, Arc<dyn InputStream>>,
) -> BTreeMap<String, (SchemaRef, bool)> {
    let shape = |stream: &StreamDefinition| {
        let StreamBody::Source(source) = &stream.body else { return None };
        let in_memory = matches!(
            source,
            SourceDefinition::Socket { .. }
                | SourceDefinition::Queue { .. }
                | SourceDefinition::Receiver(_)
                | SourceDefinition::Constant { .. }
                | SourceDefinition::ConstantFile { .. }
        );
        Some((stream.name.clone(), (sources.get(&stream.name)?.schema(), in_memory)))
    };
    definition.streams.iter().filter_map(shape).collect()
}

pub(super) fn load_plugins<'a>(
    definitions: impl Iterator<Item = &'a PluginDefinition>,
    keys: &[TrustedKey],
    host: &PluginHost,
    wrong: &mut Vec<Diagnostic>,
) -> (BTreeMap<String, Digest>, BTreeMap<Digest, Vouched>) {
    let (mut digests, mut components) = (BTreeMap::new(), BTreeMap::new());
    for plugin in definitions {
        match load_plugin(plugin, keys, host) {
            Ok((digest, vouched)) => {
                digests.insert(plugin.name.clone(), digest);
                components.insert(digest, vouched);
            }
            Err(diagnostic) => wrong.push(diagnostic),
        }
    }
    (digests, components)
}

fn load_plugin(
    plugin: &PluginDefinition,
    keys: &[TrustedKey],
    host: &PluginHost,
) -> Result<(Digest, Vouched), Diagnostic> {
    let about = |message: String| plugin.place.wrong(format!("plugin \"{}\": {message}", plugin.name));
    let read;
    let bytes: &[u8] = match &plugin.component {
        ComponentSource::Bytes(bytes) if bytes.len() as u64 > plugin.limits.component_size => {
            let (size, allowed) = (bytes.len(), plugin.limits.component_size);
            return Err(about(format!("its component has {size} bytes, and component-size allows {allowed}")));
        }
        ComponentSource::Bytes(bytes) => bytes,
        ComponentSource::File(path) => {
            read = read_component(path, plugin.limits.component_size).map_err(|error| {
                let help = "build it with \"sluicebox plugin build\", or correct component";
                about(format!("its component {} can't be read: {error}", path.display())).help(help)
            })?;
            &read
        }
    };
    // Before anything is done with them.
    let digest = Digest::of(bytes);
    if let Some(pinned) = plugin.digest.filter(|pinned| *pinned != digest) {
        return Err(about(format!("its component has the digest {digest}, not {pinned}"))
            .help("take the component that was pinned, or pin this one once you have looked at it"));
    }
    let signature = check_signature(plugin, keys, bytes).map_err(|(message, help)| about(message).help(help))?;
    host.add(bytes).map_err(|error| match &plugin.component {
        // The path says more than the digest of a component that nobody has taken.
        ComponentSource::File(path) => {
            let stack = error.backtrace.iter().map(|stack| format!("\n{stack}")).collect::<String>();
            about(format!("its component {}: {}{stack}", path.display(), error.kind))
        }
        ComponentSource::Bytes(_) => about(error.to_string()),
    })?;
    host.keep_signature(&digest, signature.as_deref());
    host.check_grants(&digest, &plugin.limits.grants).map_err(|error| {
        let diagnostic = about(match &plugin.component {
            ComponentSource::File(path) => format!("its component {}: {}", path.display(), error.kind),
            ComponentSource::Bytes(_) => error.to_string(),
        });
        match error.kind.grants_to_add() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    })?;
    let not_set = |name: &&String| std::env::var(name).is_err();
    if let Some(name) = plugin.limits.grants.env.iter().find(not_set) {
        let why = match std::env::var_os(name) {
            Some(_) => "is not text",
            None => "is not set",
        };
        return Err(about(format!("the variable \"{name}\" in its grants {why} in the environment"))
            .help("set it for the program that runs the job, or remove it from env"));
    }
    Ok((digest, Vouched { bytes: Bytes::copy_from_slice(bytes), signature }))
}

/// See that someone the job trusts vouches for the component, by the text that is returned; what is wrong, and what to do.
fn check_signature(
    plugin: &PluginDefinition,
    keys: &[TrustedKey],
    bytes: &[u8],
) -> Result<Option<String>, (String, String)> {
    if keys.is_empty() {
        return match &plugin.signature {
            None => Ok(None),
            Some(_) => Err((
                "it has a signature, and the job trusts no keys".to_owned(),
                "add the author's key to trusted-keys in [job], or remove signature".to_owned(),
            )),
        };
    }
    let path = match (&plugin.signature, &plugin.component) {
        (Some(path), _) => path.clone(),
        (None, ComponentSource::File(component)) => signature::beside(component),
        (None, ComponentSource::Bytes(_)) => {
            let message = "its component isn't signed, and the job has trusted-keys".to_owned();
            return Err((message, "give the file of its signature".to_owned()));
        }
    };
    let checked = signature::read(&path).and_then(|text| signature::verify(keys, bytes, &text).map(|()| text));
    checked.map(Some).map_err(|reason| {
        let help = "sign it, by `minisign -Sm COMPONENT`, with a key of trusted-keys in [job], or add its author's key there if you trust them";
        (format!("its component's signature {} {reason}", path.display()), help.to_owned())
    })
}

/// A component's bytes; one that is too large is refused before it is read.
pub(super) fn read_component(path: &std::path::Path, allowed: u64) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > allowed {
        let message = match allowed < MAX_COMPONENT {
            true => format!("it has {bytes} bytes, and component-size allows {allowed}"),
            false => format!("it has {bytes} bytes, and {MAX_COMPONENT} are the most"),
        };
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, message));
    }
    let mut read = vec![];
    std::io::Read::read_to_end(&mut std::io::Read::take(file, allowed), &mut read)?;
    Ok(read)
}

/// What is wrong with a job that has more receivers of plugins than it may have, at the stream that has the first too many.
fn too_many_receivers(definition: &Definition) -> Option<Diagnostic> {
    let mut sum = 0;
    definition.streams.iter().find_map(|stream| {
        let StreamBody::Source(SourceDefinition::Receiver(receiver)) = &stream.body else { return None };
        sum += receiver.receivers;
        (sum > MAX_RECEIVERS).then(|| {
            let message = format!("stream \"{}\": with it, the job has {sum} receivers in plugins", stream.name);
            stream.place.wrong(message).help(format!("a job has at most {MAX_RECEIVERS}: lower receivers"))
        })
    })
}

struct Sources<'a> {
    kept: Kept<'a>,
    definition: &'a Definition,
    digests: &'a BTreeMap<String, Digest>,
    plugins: &'a Arc<PluginHost>,
    options: &'a Options,
    memory: &'a MemoryBudget,
    blocks: &'a Arc<BlockStore>,
    #[cfg_attr(not(feature = "kafka"), expect(dead_code, reason = "only Kafka's sources are read by offsets"))]
    offset_readers: &'a OffsetReaders,
    /// The most bytes of a socket's line or message where its stream doesn't say.
    max_length: usize,
    /// Where received blocks are logged, if the job has a checkpoint.
    received: Option<&'a ReceivedLog>,
}

impl Sources<'_> {
    fn make(&self, wrong: &mut Vec<Diagnostic>) -> BTreeMap<String, Arc<dyn InputStream>> {
        let mut sources = BTreeMap::new();
        for stream in &self.definition.streams {
            if let StreamBody::Source(source) = &stream.body {
                if let Some(kept) = self.kept.source(stream) {
                    sources.insert(stream.name.clone(), kept);
                    continue;
                }
                match self.source(stream.name.as_str().into(), source, stream.rates) {
                    Ok(source) => {
                        sources.extend(source.map(|source| (stream.name.clone(), source)));
                    }
                    Err(error) => wrong.extend(placed(error, &stream.place, &format!("stream \"{}\"", stream.name))),
                }
            }
        }
        sources
    }

    /// How many bytes a batch reads of each source that is read in place: what they make of a batch may be kept until it is done, and more beside it.
    fn batch_bytes(&self) -> u64 {
        let is_read_in_place = |body: &StreamBody| {
            matches!(body, StreamBody::Source(SourceDefinition::Files { .. } | SourceDefinition::Kafka(_)))
        };
        let n = self.definition.streams.iter().filter(|stream| is_read_in_place(&stream.body)).count();
        self.memory.total() / 4 / n.max(1) as u64
    }

    /// None where its plugin could not be loaded, which is reported elsewhere.
    fn source(
        &self,
        stream: Arc<str>,
        source: &SourceDefinition,
        rates: RateLimits,
    ) -> Result<Option<Arc<dyn InputStream>>> {
        let job = &self.definition.job;
        // Without backpressure there is never an estimate to follow the initial rate.
        let rates = RateLimits { initial: rates.initial.filter(|_| job.backpressure.is_some()), ..rates };
        let blocks = BlockOptions { interval: job.block_interval, size: job.block_size, queue: job.block_queue };
        let clock = self.options.clock.clone();
        Ok(Some(match source {
            SourceDefinition::Socket { address, framing, max_length, log } => {
                let options = SocketOptions {
                    framing: *framing,
                    max_length: max_length.unwrap_or(self.max_length),
                    drain: self.options.drain,
                    rates,
                    log: *log,
                    ..SocketOptions::new(address.clone(), blocks)
                };
                let (memory, store) = (self.memory.clone(), self.blocks.clone());
                Arc::new(SocketReceiver::new(stream, options, clock, memory, store, self.received))
            }
            SourceDefinition::Files { path, content, schema, existing, on_bad_file } => {
                let options = FileOptions {
                    schema: schema.clone(),
                    existing: *existing,
                    on_bad_file: *on_bad_file,
                    drain: self.options.drain,
                    rates,
                    batch_bytes: self.batch_bytes(),
                    ..FileOptions::new(path.clone(), *content, job.batch_interval, job.parallelism)
                };
                Arc::new(FileSource::new(stream, options, clock)?)
            }
            SourceDefinition::Constant { rows } => {
                let (memory, store) = (self.memory.clone(), self.blocks.clone());
                Arc::new(ConstantSource::new(stream, ConstantRows::Given(rows.clone()), memory, store))
            }
            SourceDefinition::ConstantFile { path, format, schema } => {
                let files = TableFiles::new(stream.clone(), path.clone(), *format, schema.as_ref())?;
                let (memory, store) = (self.memory.clone(), self.blocks.clone());
                Arc::new(ConstantSource::new(stream, ConstantRows::Files(Arc::new(files)), memory, store))
            }
            SourceDefinition::Queue { schema, queue } => {
                let queue = queue.clone().unwrap_or_else(|| Queue::new(schema.clone()));
                Arc::new(QueueSource::new(stream, queue, true, self.memory.clone(), self.blocks.clone()))
            }
            #[cfg(feature = "kafka")]
            SourceDefinition::Kafka(kafka) => {
                let options = KafkaOptions {
                    batch_interval: job.batch_interval,
                    parallelism: job.parallelism,
                    drain: self.options.drain,
                    memory: self.memory.clone(),
                    batch_bytes: self.batch_bytes(),
                };
                Arc::new(KafkaSource::new(stream, kafka.as_ref().clone(), &options, clock, self.offset_readers)?)
            }
            #[cfg(not(feature = "kafka"))]
            SourceDefinition::Kafka(_) => return Err(Error::invalid(crate::job::kafka::NOT_BUILT)),
            SourceDefinition::Receiver(receiver) => {
                let Some(operator) = operator(self.definition, self.digests, &receiver.operator)? else {
                    return Ok(None);
                };
                let options = ReceiverOptions {
                    operator,
                    job: job.name.as_str().into(),
                    receivers: receiver.receivers,
                    max_rows: receiver.max_rows,
                    max_time: receiver.max_time,
                    fail: receiver.fail,
                    drain: self.options.drain,
                    give_up_after: Duration::from_secs(10),
                    blocks,
                    rates,
                    log: receiver.log,
                };
                let (plugins, store) = (self.plugins.clone(), self.blocks.clone());
                Arc::new(PluginReceiver::new(stream, options, plugins, clock, self.memory, store, self.received)?)
            }
        }))
    }
}

struct Sinks<'a> {
    kept: Kept<'a>,
    definition: &'a Definition,
    digests: &'a BTreeMap<String, Digest>,
    plugins: &'a Arc<PluginHost>,
    reports: &'a Arc<Reports>,
    engine: &'a Arc<Engine>,
    options: &'a Options,
    #[cfg_attr(
        not(any(feature = "kafka", feature = "postgres")),
        expect(dead_code, reason = "only sinks of servers hold it")
    )]
    checkpoint: Option<&'a Store>,
    #[cfg_attr(
        not(any(feature = "kafka", feature = "postgres")),
        expect(dead_code, reason = "only sinks of servers hold it")
    )]
    listeners: &'a Listeners,
}

impl Sinks<'_> {
    fn make(&self, graph: Option<&Graph>, wrong: &mut Vec<Diagnostic>) -> Vec<Arc<dyn Sink>> {
        let mut sinks = vec![];
        shared_folders(self.definition, wrong);
        compacted_too_often(self.definition, wrong);
        for output in self.definition.written() {
            let schema = graph.and_then(|graph| {
                let resolved = graph.outputs.iter().find(|resolved| resolved.name == output.name)?;
                Some(graph.streams[resolved.stream].schema.clone())
            });
            if let Some(kept) = self.kept.sink(output, schema.as_ref()) {
                sinks.push(kept);
                continue;
            }
            let bound = self.sink(output).and_then(|sink| {
                if let (Some(sink), Some(schema)) = (&sink, schema) {
                    sink.bind(&schema)?;
                }
                Ok(sink)
            });
            match bound {
                Ok(sink) => sinks.extend(sink),
                Err(error) => wrong.extend(placed(error, &output.place, &format!("output \"{}\"", output.name))),
            }
        }
        sinks
    }

    /// None where its plugin could not be loaded, which is reported elsewhere.
    fn sink(&self, output: &OutputDefinition) -> Result<Option<Arc<dyn Sink>>> {
        Ok(Some(match &output.sink {
            SinkDefinition::Print { rows } => Arc::new(PrintSink::new(*rows)),
            SinkDefinition::Files { path, format, compact: None } => Arc::new(FilesSink::new(path.clone(), *format)),
            SinkDefinition::Files { path, format, compact: Some(when) } => {
                let memory = self.engine.services().memory.clone();
                Arc::new(FilesSink::compacting(path.clone(), *format, *when, memory))
            }
            SinkDefinition::Kafka(definition) => self.kafka(output, definition)?,
            SinkDefinition::Postgres(definition) => self.postgres(output, definition)?,
            SinkDefinition::Operator(name) => {
                let Some(operator) = operator(self.definition, self.digests, name)? else { return Ok(None) };
                let options = PluginSinkOptions {
                    operator,
                    columns: name.columns.clone(),
                    job: self.definition.job.name.as_str().into(),
                    output: output.name.as_str().into(),
                };
                let (plugins, clock) = (self.plugins.clone(), self.options.clock.clone());
                Arc::new(PluginSink::new(options, plugins, self.reports.clone(), clock))
            }
            SinkDefinition::ForEach(function) => {
                let (stream, engine) = (output.input.as_str().into(), self.engine.clone());
                Arc::new(ForEachSink::new(function.clone(), stream, engine))
            }
            SinkDefinition::Custom(sink) => sink.clone(),
        }))
    }
}

#[cfg(feature = "kafka")]
impl Sinks<'_> {
    fn kafka(&self, output: &OutputDefinition, definition: &KafkaSinkDefinition) -> Result<Arc<dyn Sink>> {
        let (output, memory) = (output.name.clone(), self.engine.services().memory.clone());
        Ok(Arc::new(KafkaSink::new(KafkaSinkOptions {
            definition: definition.clone(),
            job: self.definition.job.name.clone(),
            batch_interval: self.definition.job.batch_interval,
            staging: Staging::new(&output, self.checkpoint.cloned(), memory),
            output,
            store: self.checkpoint.cloned(),
            clock: self.options.clock.clone(),
            listeners: self.listeners.clone(),
        })?))
    }
}

#[cfg(not(feature = "kafka"))]
impl Sinks<'_> {
    fn kafka(&self, _: &OutputDefinition, _: &KafkaSinkDefinition) -> Result<Arc<dyn Sink>> {
        Err(Error::invalid(crate::job::kafka::NOT_BUILT))
    }
}

#[cfg(feature = "postgres")]
impl Sinks<'_> {
    fn postgres(&self, output: &OutputDefinition, definition: &PostgresDefinition) -> Result<Arc<dyn Sink>> {
        let (output, memory) = (output.name.clone(), self.engine.services().memory.clone());
        Ok(Arc::new(PostgresSink::new(PostgresOptions {
            definition: definition.clone(),
            job: self.definition.job.name.clone(),
            staging: Staging::new(&output, self.checkpoint.cloned(), memory),
            output,
            store: self.checkpoint.cloned(),
            clock: self.options.clock.clone(),
            listeners: self.listeners.clone(),
        })?))
    }
}

#[cfg(not(feature = "postgres"))]
impl Sinks<'_> {
    fn postgres(&self, _: &OutputDefinition, _: &PostgresDefinition) -> Result<Arc<dyn Sink>> {
        Err(Diagnostic::new("this program was built without PostgreSQL")
            .help("build it with the feature postgres")
            .into())
    }
}

/// A plugin's operator; none where the plugin could not be loaded, which is reported elsewhere.
fn operator(
    definition: &Definition,
    digests: &BTreeMap<String, Digest>,
    name: &OperatorName,
) -> Result<Option<OperatorRef>> {
    let Some(plugin) = definition.plugin(&name.plugin) else {
        let near = nearest(&name.plugin, definition.plugins.iter().map(|plugin| plugin.name.as_str()));
        let help = match near {
            Some(near) => format!("did you mean \"{near}/{}\"?", name.operator),
            None => format!("add [plugin.{}] with its component", name.plugin),
        };
        return Err(Diagnostic::new(format!("there is no plugin \"{}\"", name.plugin)).help(help).into());
    };
    let operator = digests.get(&name.plugin).map(|digest| plugin.operator(name, *digest));
    if operator.as_ref().is_some_and(|operator| operator.on_error != OnError::default()) {
        let OperatorName { plugin, operator, .. } = name;
        let message = format!("\"{plugin}/{operator}\" has on-error, which only operators of streams have");
        let help = format!(
            "a sink's rows are written together or not at all, and a receiver that fails is started again; remove on-error from [plugin.{plugin}], and set \
             it where operators are used, as in {{ with = \"{plugin}/...\", on-error = \"skip\" }}"
        );
        return Err(Diagnostic::new(message).help(help).into());
    }
    Ok(operator)
}

/// Outputs that write to the folder of an earlier one: their batches would take each other's place.
fn shared_folders(definition: &Definition, wrong: &mut Vec<Diagnostic>) {
    let mut writers: BTreeMap<&std::path::Path, &str> = BTreeMap::new();
    for output in definition.written() {
        let SinkDefinition::Files { path, .. } = &output.sink else { continue };
        if let Some(first) = writers.get(path.as_path()) {
            let message =
                format!("output \"{}\": output \"{first}\" writes to {} already", output.name, path.display());
            wrong.push(output.place.wrong(message).help("give each output a folder of its own"));
        } else {
            writers.insert(path, &output.name);
        }
    }
}

/// Outputs whose batches would each be compacted alone.
fn compacted_too_often(definition: &Definition, wrong: &mut Vec<Diagnostic>) {
    let interval = definition.job.batch_interval;
    for output in definition.written() {
        if let SinkDefinition::Files { compact: Some(CompactDefinition { every: Some(every), .. }), .. } = &output.sink
            && *every < interval
        {
            let (every, interval) = (humantime::format_duration(*every), humantime::format_duration(interval));
            let message =
                format!("output \"{}\": compact every {every}, and there is a batch every {interval}", output.name);
            wrong.push(output.place.wrong(message).help("give every a multiple of batch-interval"));
        }
    }
}

/// An error's mistakes, each at `place` unless it has one of its own.
fn placed(error: Error, place: &Place, about: &str) -> Vec<Diagnostic> {
    let diagnostics = match error {
        Error::Invalid(Diagnostics(diagnostics)) => diagnostics,
        failed => vec![Diagnostic::new(failed.to_string())],
    };
    let at_place = |diagnostic: Diagnostic| {
        if diagnostic.file.is_some() {
            return diagnostic;
        }
        let mut placed = place.wrong(format!("{about}: {}", diagnostic.message));
        placed.help = diagnostic.help;
        placed
    };
    diagnostics.into_iter().map(at_place).collect()
}
