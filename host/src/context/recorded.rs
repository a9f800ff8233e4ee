//! A recorded batch of a job looked at again: run once more, offline, with the components it ran with or with others, and compared; or taken out, to be a case of an operator.
//!
//! A job is prepared whose sources, outputs and components are the recorded batch's: components come from the checkpoint by their digests, outputs only collect, and nothing connects anywhere but to where
//! sources read. Nothing is written: neither to the checkpoint, which may be in use meanwhile, nor to what outputs write to.

mod capture;
mod outputs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

pub use self::capture::{Captured, capture};
pub use self::outputs::{ReplayedOutput, Seen};
use super::prepare::{Options, prepare};
use crate::batch::Driver;
use crate::batch::differences::differences;
use crate::batch::log::MemoryLog;
pub use crate::batch::recorded::Which;
use crate::batch::recorded::{NotRecorded, Recorded};
use crate::batch::replay::{MadeAgain, MadeDataset, Unmade};
use crate::batch::vouched;
use crate::batch::{ComparedStream, Made, memory};
use crate::checkpoint::Store;
use crate::checkpoint::log::CheckpointLog;
use crate::clock::{BatchTime, ManualClock, SystemClock};
use crate::dstream::DStream;
use crate::engine::reports::{OperatorReport, OperatorUse};
use crate::error::{Diagnostic, Error, Result};
use crate::job::definition::{
    ComponentSource, Definition, OutputDefinition, SinkDefinition, SourceDefinition, StreamBody,
};
use crate::job::nearest::did_you_mean;
use crate::plugin::{Digest, signature};
use crate::receiver::InputRange;
use crate::testing::Collected;

/// What is to be looked at.
#[derive(Debug, Clone)]
pub struct ReplayRequest {
    /// Which batch.
    pub which: Which,
    /// Components to be tried instead of the recorded ones, by the plugins' names.
    pub with: BTreeMap<String, PathBuf>,
}

/// What came of a batch that was run again.
#[derive(Debug)]
pub struct Replayed {
    /// The checkpoint.
    pub checkpoint: String,
    /// The batch.
    pub batch: BatchTime,
    /// The components it ran with, by the plugins' names.
    pub components: BTreeMap<String, Digest>,
    /// Those that were tried instead.
    pub with: BTreeMap<String, Digest>,
    /// What it read.
    pub inputs: BTreeMap<String, InputRange>,
    /// What isn't as it was then.
    pub notes: Vec<String>,
    /// What operators did, with the recorded components; why the batch fails, where it does.
    pub ran: Result<BTreeMap<OperatorUse, OperatorReport>, String>,
    /// The same with others.
    pub ran_with: Option<Result<BTreeMap<OperatorUse, OperatorReport>, String>>,
    /// The job's outputs, in its order: what was recorded against what is made now, or what is made now against what others make.
    pub outputs: Vec<ReplayedOutput>,
    /// The streams that others make, in the order of the job.
    pub streams: Vec<ComparedStream>,
}

impl Replayed {
    /// Whether all is the same.
    pub fn is_same(&self) -> bool {
        let ran = self.ran.is_ok() && self.ran_with.as_ref().is_none_or(Result::is_ok);
        ran && self.outputs.iter().all(ReplayedOutput::is_same)
            && self.streams.iter().all(|stream| stream.differing_batches == 0 && stream.failed_batches == 0)
    }
}

/// Run a recorded batch again.
///
/// # Errors
/// When the job has no checkpoint, the batch isn't kept, or something that it began with can't be had any more.
pub async fn replay(definition: &Definition, options: &Options, request: &ReplayRequest) -> Result<Replayed> {
    let (store, recorded) = find(definition, request.which).await?;
    let stage = Stage { definition, options, store: &store, recorded: &recorded };
    let first = stage.run(&BTreeMap::new()).await?;
    let mut replayed = Replayed {
        checkpoint: store.url().to_owned(),
        batch: recorded.plan.batch,
        components: recorded.plan.plugins.clone(),
        with: BTreeMap::new(),
        inputs: recorded.plan.inputs.clone(),
        notes: first.notes.clone(),
        ran: first.reports(),
        ran_with: None,
        outputs: vec![],
        streams: vec![],
    };
    if request.with.is_empty() {
        replayed.outputs = match &first.made {
            Ok(_) => first.against_recorded(definition, &recorded).await?,
            Err(_) => vec![],
        };
        return Ok(replayed);
    }
    let components = with_components(definition, &request.with)?;
    replayed.with = components.iter().map(|(plugin, bytes)| (plugin.clone(), Digest::of(bytes))).collect();
    let second = stage.run(&components).await?;
    replayed.ran_with = Some(second.reports());
    replayed.streams = compared_streams(&first, &second, &components)?;
    if first.made.is_ok() && second.made.is_ok() {
        replayed.outputs = first.against(definition, &second)?;
    }
    Ok(replayed)
}

/// The recorded batch, and the checkpoint that has it.
async fn find(definition: &Definition, which: Which) -> Result<(Store, Recorded)> {
    let Some(checkpoint) = &definition.job.checkpoint else {
        let message = "the job has no checkpoint, so none of its batches is recorded";
        return Err(Error::invalid_with_help(message, "set [job] checkpoint, or name one: --set job.checkpoint=URL"));
    };
    let wrong = |reason: &str| Error::invalid(format!("checkpoint {checkpoint}: {reason}"));
    let store = Store::new(checkpoint).map_err(|reason| wrong(&reason))?;
    if store.local().is_some_and(|folder| !folder.is_dir()) {
        return Err(wrong("there is no such folder"));
    }
    store.ready_to_read().await.map_err(Error::failed)?;
    let log = CheckpointLog::new(store.clone(), Arc::new(SystemClock), Default::default());
    let entries = log.entries().await.map_err(Error::failed)?;
    let recorded = Recorded::find(entries, which).map_err(|not| {
        let batch = match which {
            Which::Last => "a batch".to_owned(),
            Which::At(batch) => format!("batch {batch}"),
        };
        match not {
            NotRecorded::NotKept(None) => {
                let help = "run the job with it first; [job] retain says how long batches are kept";
                Error::invalid_with_help(format!("checkpoint {checkpoint}: there is no batch with a result"), help)
            }
            NotRecorded::NotKept(Some((first, last))) => {
                let message =
                    format!("checkpoint {checkpoint}: {batch} isn't kept, only batches from {first} to {last}");
                Error::invalid_with_help(message, "[job] retain says how long batches are kept after they are done")
            }
            NotRecorded::NoResult => wrong(&format!("{batch} is planned, and has no result yet")),
            NotRecorded::Wrong(error) => Error::failed(error),
        }
    })?;
    Ok((store, recorded))
}

/// The bytes of components that are to be tried, and that somebody vouches for where the job wants that.
fn with_components(definition: &Definition, with: &BTreeMap<String, PathBuf>) -> Result<BTreeMap<String, Bytes>> {
    let mut components = BTreeMap::new();
    for (plugin, path) in with {
        let Some(known) = definition.plugin(plugin) else {
            let names = definition.plugins.iter().map(|known| known.name.as_str());
            let message = format!("--with: the job has no plugin \"{plugin}\"");
            return Err(Error::invalid_with_help(message, did_you_mean(plugin, names, "plugins")));
        };
        let wrong = |reason: String| {
            Error::from(Diagnostic {
                file: Some(path.clone()),
                ..Diagnostic::new(format!("plugin \"{plugin}\": {reason}"))
            })
        };
        let bytes = super::prepare::read_component(path, known.limits.component_size)
            .map_err(|error| wrong(format!("its component can't be read: {error}")))?;
        if !definition.job.trusted_keys.is_empty() {
            let checked = signature::read(&signature::beside(path))
                .and_then(|text| signature::verify(&definition.job.trusted_keys, &bytes, &text));
            checked.map_err(|reason| wrong(format!("its signature {reason}")))?;
        }
        components.insert(plugin.clone(), Bytes::from(bytes));
    }
    Ok(components)
}

/// A recorded batch, to be run.
struct Stage<'a> {
    definition: &'a Definition,
    options: &'a Options,
    store: &'a Store,
    recorded: &'a Recorded,
}

/// A run of it.
struct Ran {
    made: Result<MadeAgain, String>,
    /// What outputs were given.
    collected: BTreeMap<String, Collected>,
    notes: Vec<String>,
    /// The plugins' operators, by the streams that they make.
    operators: BTreeMap<String, (String, String)>,
    batch: BatchTime,
}

impl Stage<'_> {
    /// Run it with the recorded components, but for these.
    async fn run(&self, with: &BTreeMap<String, Bytes>) -> Result<Ran> {
        let mut notes = vec![];
        let mut definition = self.definition.clone();
        self.use_components(&mut definition, with, &mut notes).await?;
        self.check_inputs(&definition, &mut notes)?;
        #[cfg(feature = "kafka")]
        self.ask_brokers(&definition).await?;
        let collected = collect(&mut definition);
        read_all(&mut definition);
        let constant: BTreeSet<String> = constant_sources(&definition);
        let batch = self.recorded.plan.batch;
        let options = Options {
            clock: Arc::new(ManualClock::new(batch.0)),
            log: None,
            listeners: vec![],
            batches: None,
            drain: false,
            ..self.options.clone()
        };
        let prepared = prepare(definition, &options)?;
        let graph = prepared.graph();
        if with.is_empty() && graph.fingerprint() != self.recorded.plan.graph {
            notes.push("the job file's streams are others than when the batch ran".to_owned());
        }
        let operator = |stream: &crate::dstream::Stream| {
            let operator = stream.operation().and_then(DStream::operator)?;
            Some((stream.name.to_string(), (operator.plugin.clone(), operator.operator.clone())))
        };
        let operators = graph.streams.iter().filter_map(operator).collect();
        let driver: Arc<Driver> = Arc::new(prepared.driver(&options, Arc::new(MemoryLog::default())));
        driver.stand_before(self.recorded, self.store, &constant).await.map_err(|error| self.explained(error))?;
        let made = match driver.make_recorded(&self.recorded.plan).await {
            Ok(made) => Ok(made),
            Err(Unmade::Gone(error)) => return Err(self.explained(error)),
            Err(Unmade::Fails(error)) => Err(error.to_string()),
        };
        Ok(Ran { made, collected, notes, operators, batch })
    }

    /// What a job that goes on can't find either, or what is gone since the batch is done.
    fn explained(&self, error: Error) -> Error {
        match error {
            Error::Failed(message) => Error::failed(format!(
                "{message}\nbatch {} can't be run again: what it read or began with is gone; [job] retain says how long a job keeps what is its own, and files and messages are kept by whoever owns them",
                self.recorded.plan.batch
            )),
            wrong => wrong,
        }
    }

    /// Have the job's plugins be what they were, or what is to be tried.
    async fn use_components(
        &self,
        definition: &mut Definition,
        with: &BTreeMap<String, Bytes>,
        notes: &mut Vec<String>,
    ) -> Result<()> {
        for plugin in &mut definition.plugins {
            let name = plugin.name.clone();
            let bytes = match (with.get(&name), self.recorded.plan.plugins.get(&name)) {
                (Some(bytes), _) => bytes.clone(),
                (None, Some(digest)) => {
                    let about = |reason: String| Error::failed(format!("plugin \"{name}\": {reason}"));
                    let bytes = vouched::fetch(self.store, digest).await.map_err(about)?;
                    let keys = &definition.job.trusted_keys;
                    vouched::check(self.store, keys, digest, &bytes).await.map(drop).map_err(about)?;
                    bytes
                }
                (None, None) => {
                    notes.push(format!("plugin \"{name}\" wasn't in the job when the batch ran: it is the job file's"));
                    continue;
                }
            };
            plugin.component = ComponentSource::Bytes(bytes.as_ref().into());
            (plugin.digest, plugin.signature) = (None, None);
            let grants = &mut plugin.limits.grants;
            if !grants.connect.is_empty() {
                // It may still import what it connects with.
                grants.sockets = true;
                grants.connect.clear();
                notes.push(format!("plugin \"{name}\" connects to nothing now"));
            }
            if grants.may_differ() {
                notes.push(format!("plugin \"{name}\" is granted what may differ from time to time"));
            }
        }
        definition.plugins.iter().filter(|plugin| !plugin.limits.grants.broadcasts.is_empty()).for_each(|plugin| {
            notes.push(format!("broadcast values of plugin \"{}\" are as they are now", plugin.name));
        });
        notes.extend(definition.tables.iter().map(|table| format!("static table \"{}\" is as it is now", table.name)));
        // All of them were looked at.
        definition.job.trusted_keys.clear();
        Ok(())
    }

    /// See that brokers answer which have messages of the batch. Of one that runs in a job it is waited for minutes that they come back.
    #[cfg(feature = "kafka")]
    async fn ask_brokers(&self, definition: &Definition) -> Result<()> {
        for stream in &definition.streams {
            let StreamBody::Source(SourceDefinition::Kafka(kafka)) = &stream.body else { continue };
            if self.recorded.plan.inputs.get(&stream.name).is_none_or(InputRange::is_empty) {
                continue;
            }
            let (name, kafka) = (stream.name.clone(), kafka.clone());
            let asked = tokio::task::spawn_blocking(move || crate::receiver::kafka::ask(&name, &kafka));
            asked.await.map_err(Error::failed)?.map_err(|reason| {
                let (batch, name) = (self.recorded.plan.batch, &stream.name);
                Error::failed(format!(
                    "batch {batch}: stream \"{name}\": its messages can't be read: {reason}; they are at the brokers that the job file names, which have to run"
                ))
            })?;
        }
        Ok(())
    }

    /// See that what the batch read is of a kind that can be had again.
    fn check_inputs(&self, definition: &Definition, notes: &mut Vec<String>) -> Result<()> {
        for (name, range) in &self.recorded.plan.inputs {
            let stream = definition.streams.iter().find(|stream| stream.name == *name);
            let source = stream.and_then(|stream| match &stream.body {
                StreamBody::Source(source) => Some(source),
                StreamBody::Operation { .. } => None,
            });
            let gone =
                |why: &str| Error::invalid(format!("batch {}: stream \"{name}\": {why}", self.recorded.plan.batch));
            match source {
                _ if range.is_empty() => {}
                None => {
                    notes.push(format!("source \"{name}\" isn't in the job file any more: what it gave is left out"))
                }
                Some(SourceDefinition::Queue { .. }) => {
                    return Err(gone(
                        "its rows were put into a queue by the program that ran the job, and can't be had again",
                    ));
                }
                Some(SourceDefinition::Socket { log: false, .. }) => {
                    return Err(gone("its rows were received and not logged (log = false), and can't be had again"));
                }
                Some(SourceDefinition::Receiver(receiver)) if !receiver.log => {
                    return Err(gone("its rows were received and not logged (log = false), and can't be had again"));
                }
                Some(SourceDefinition::ConstantFile { .. }) => {
                    notes.push(format!("stream \"{name}\" has the rows that its file has now"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// The sources whose rows are the same in every batch.
fn constant_sources(definition: &Definition) -> BTreeSet<String> {
    let is_constant = |body: &StreamBody| {
        matches!(body, StreamBody::Source(SourceDefinition::Constant { .. } | SourceDefinition::ConstantFile { .. }))
    };
    definition.streams.iter().filter(|stream| is_constant(&stream.body)).map(|stream| stream.name.clone()).collect()
}

/// Have messages that are gone be an error, also where the job goes on without them: without them, the batch isn't the one that was recorded.
fn read_all(definition: &mut Definition) {
    for stream in &mut definition.streams {
        if let StreamBody::Source(SourceDefinition::Kafka(kafka)) = &mut stream.body {
            kafka.skips_lost_messages = false;
        }
    }
}

/// Have all outputs collect what they are given.
fn collect(definition: &mut Definition) -> BTreeMap<String, Collected> {
    let mut collected = BTreeMap::new();
    let letters = definition.dead_letters.iter_mut().map(|letters| &mut letters.output);
    for OutputDefinition { name, sink, .. } in definition.outputs.iter_mut().chain(letters) {
        let kept = Collected::default();
        *sink = SinkDefinition::Custom(Arc::new(kept.clone()));
        collected.insert(name.clone(), kept);
    }
    collected
}

impl Ran {
    fn reports(&self) -> Result<BTreeMap<OperatorUse, OperatorReport>, String> {
        self.made.as_ref().map(|made| made.report.operators.clone()).map_err(Clone::clone)
    }
}

/// Compare the streams that both have made of the plugins that are tried.
fn compared_streams(first: &Ran, second: &Ran, tried: &BTreeMap<String, Bytes>) -> Result<Vec<ComparedStream>> {
    let mut all = vec![];
    for (stream, (plugin, operator)) in first.operators.iter().filter(|(_, (plugin, _))| tried.contains_key(plugin)) {
        let mut compared =
            ComparedStream { stream: stream.clone(), operator: operator.clone(), ..ComparedStream::default() };
        let of = |ran: &Ran| -> Option<MadeDataset> { ran.made.as_ref().ok()?.streams.get(stream).cloned() };
        let used = |ran: &Ran| ran.made.as_ref().map_or(0, |made| memory(&made.report, stream));
        match (of(first), of(second), &second.made) {
            (Some(current), Some(candidate), _) => {
                let took = current.took.unwrap_or_default();
                compared.current = Made { rows: 0, only: 0, took, memory: used(first) };
                compared.candidate.memory = used(second);
                compared
                    .add(differences(current.partitions, candidate.partitions)?, candidate.took.unwrap_or_default());
            }
            (Some(current), None, Err(error)) => {
                let took = current.took.unwrap_or_default();
                compared.current = Made { rows: current.n_rows(), only: 0, took, memory: used(first) };
                compared.failed_batches = 1;
                // Of several plugins, the one that is to blame is named.
                compared.errors.push(error.clone());
            }
            // It had no dataset in the batch, or no output needs it.
            _ => continue,
        }
        let _ = plugin;
        all.push(compared);
    }
    Ok(all)
}
