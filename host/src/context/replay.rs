//! Dead letters once more: each row through the operator that left it out, with the job's component or another, outside of any job.
//!
//! A row is worked on alone, in an instance of its own, with nothing of the outside: what the plugin is granted in the job isn't there. Keyed state isn't either, so
//! operators over it are not asked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, Schema, SchemaRef, TimestampMillisecondType};

use super::prepare::{Options, load_plugins};
use crate::clock::BatchTime;
use crate::engine::dead_letters::{self, row};
use crate::engine::keys_left_out::PARTIALS;
use crate::error::{Diagnostics, Error, Result};
use crate::job::definition::{
    AggregateDefinition, Definition, FileFormat, OperationDefinition, OperatorName, StreamBody,
};
use crate::memory::{MemoryBudget, Share};
use crate::plugin::{
    AggregateBinding, Digest, Grants, OperatorRef, PluginError, PluginHost, PluginHostOptions, Task, TransformBinding,
    TransformKind,
};
use crate::receiver::files::table::TableFiles;

/// A dead letter as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The batch.
    pub batch: BatchTime,
    /// The stream that the operator makes.
    pub stream: String,
    /// The plugin.
    pub plugin: String,
    /// The operator.
    pub operator: String,
    /// The partition of the operator's input.
    pub partition: u32,
    /// The row's place in it.
    pub row: u64,
    /// Why it was left out.
    pub reason: String,
    columns: String,
    data: String,
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The operator takes the row; what it makes of it, with the columns of the stream. Nothing of an aggregate, which makes no rows of one.
    Passes(Option<RecordBatch>),
    /// The operator rejects the row.
    Rejected(String),
    /// The operator fails at the row.
    Fails(String),
    /// The row can't be tried.
    NotTried(String),
}

/// The dead letters that an output of files has written to `folder`, in the order of their batches, each once.
///
/// # Errors
/// When there are none, or they aren't dead letters.
pub fn read(folder: &Path, memory: &MemoryBudget) -> Result<Vec<Letter>> {
    let (format, folders) = files_in(folder)?;
    let schema = dead_letters::schema();
    let about = |folder: &Path, error: Error| Error::invalid(format!("dead letters in {}: {error}", folder.display()));
    // A folder that is compacted has some rows in two files for a while.
    let mut letters: BTreeMap<_, Letter> = BTreeMap::new();
    for folder in folders {
        let files = TableFiles::new(dead_letters::OUTPUT.into(), folder.clone(), format, Some(&schema));
        let mut reserved = memory.try_reserve(Share::Engine, 0).map_err(|over| Error::failed(over.to_string()))?;
        let rows = files.and_then(|files| files.read_all(&mut reserved)).map_err(|error| about(&folder, error))?;
        for letter in letters_of(&rows)? {
            let place = (letter.batch, letter.stream.clone(), letter.partition, letter.row, letter.data.clone());
            letters.insert(place, letter);
        }
    }
    Ok(letters.into_values().collect())
}

fn letters_of(rows: &RecordBatch) -> Result<Vec<Letter>> {
    let text = |name: &str| -> Result<ArrayRef> {
        rows.column_by_name(name)
            .cloned()
            .ok_or_else(|| Error::invalid(format!("dead letters have no column \"{name}\"")))
    };
    let (stream, plugin, operator) = (text("stream")?, text("plugin")?, text("operator")?);
    let (reason, columns, data) = (text("reason")?, text("columns")?, text("data")?);
    let (times, partitions, places) = (text("batch_time")?, text("partition")?, text("row")?);
    let string = |column: &ArrayRef, row: usize| column.as_string::<i32>().value(row).to_owned();
    let number = |column: &ArrayRef, row: usize| column.as_primitive::<Int64Type>().value(row);
    let letter = |idx: usize| Letter {
        batch: BatchTime(times.as_primitive::<TimestampMillisecondType>().value(idx)),
        stream: string(&stream, idx),
        plugin: string(&plugin, idx),
        operator: string(&operator, idx),
        partition: u32::try_from(number(&partitions, idx)).unwrap_or(0),
        row: u64::try_from(number(&places, idx)).unwrap_or(0),
        reason: string(&reason, idx),
        columns: string(&columns, idx),
        data: string(&data, idx),
    };
    Ok((0..rows.num_rows()).map(letter).collect())
}

/// The format of the files in an output's folder, and the folders that have some: one for each batch, or itself.
fn files_in(folder: &Path) -> Result<(FileFormat, Vec<PathBuf>)> {
    let wrong = |what: &str| {
        let help = "give the path of [dead-letters], where its sink is files of the format json, csv or parquet";
        Error::invalid_with_help(format!("{}: {what}", folder.display()), help)
    };
    let is_visible = |path: &Path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with(['_', '.']);
    let inside = |folder: &Path| -> Result<Vec<PathBuf>> {
        let found = std::fs::read_dir(folder).map_err(|error| wrong(&format!("it can't be read: {error}")))?;
        let mut found: Vec<PathBuf> = found.filter_map(|entry| Some(entry.ok()?.path())).collect();
        found.retain(|path| is_visible(path));
        found.sort();
        Ok(found)
    };
    let mut folders = vec![folder.to_owned()];
    folders.extend(inside(folder)?.into_iter().filter(|path| path.is_dir()));
    let (mut format, mut with_files) = (None, vec![]);
    for folder in folders {
        let formats = inside(&folder)?.into_iter().filter_map(|path| match path.extension()?.to_str()? {
            "json" | "jsonl" => Some(FileFormat::Json),
            "csv" => Some(FileFormat::Csv),
            "parquet" => Some(FileFormat::Parquet),
            _ => None,
        });
        let formats: Vec<FileFormat> = formats.collect();
        if let Some(first) = formats.first() {
            if formats.iter().any(|other| other != format.get_or_insert(*first)) {
                return Err(wrong("there are files of several formats"));
            }
            with_files.push(folder);
        }
    }
    format.map(|format| (format, with_files)).ok_or_else(|| wrong("there are no dead letters"))
}

/// How a stream uses the operator of a letter.
enum Use<'a> {
    Transform(&'a OperatorName, &'a [String]),
    Aggregate(&'a OperatorName, &'a [String]),
}

/// An operator bound to the columns of letters.
#[derive(Debug)]
enum Bound {
    Transform { operator: Box<OperatorRef>, binding: Box<TransformBinding>, beside: Vec<usize> },
    Aggregate { operator: Box<OperatorRef>, binding: Box<AggregateBinding> },
}

/// A job's operators, ready for its dead letters.
#[derive(Debug)]
pub struct Replay {
    definition: Definition,
    host: Arc<PluginHost>,
    digests: BTreeMap<String, Digest>,
    /// By stream and columns; what is wrong where they don't fit.
    bound: HashMap<(String, String), Result<(SchemaRef, Bound), String>>,
}

impl Replay {
    /// The operators of a job.
    ///
    /// # Errors
    /// When a plugin's component can't be loaded.
    pub fn new(mut definition: Definition, options: &Options) -> Result<Self> {
        let memory = MemoryBudget::new(definition.job.memory);
        let host = PluginHost::new(PluginHostOptions {
            memory,
            parallelism: 1,
            cache: options.cache.clone(),
            compiler: options.compiler.clone(),
        })?;
        let mut wrong = vec![];
        let (digests, _) = load_plugins(definition.plugins.iter(), &definition.job.trusted_keys, &host, &mut wrong);
        if !wrong.is_empty() {
            return Err(Error::Invalid(Diagnostics(wrong)));
        }
        definition.plugins.iter_mut().for_each(|plugin| plugin.limits.grants = Grants::NONE);
        Ok(Self { definition, host, digests, bound: HashMap::new() })
    }

    /// Give a letter's row to its operator.
    pub fn row(&mut self, letter: &Letter) -> Outcome {
        let key = (letter.stream.clone(), letter.columns.clone());
        if !self.bound.contains_key(&key) {
            let bound = self.bind(letter);
            self.bound.insert(key.clone(), bound);
        }
        let (schema, bound) = match &self.bound[&key] {
            Ok(bound) => bound,
            Err(why) => return Outcome::NotTried(why.clone()),
        };
        let rows = match row::read(schema, &[&letter.data]) {
            Ok(rows) => rows,
            Err(wrong) => return Outcome::NotTried(format!("its data can't be read: {wrong}")),
        };
        let task = Task {
            job: self.definition.job.name.as_str().into(),
            stream: letter.stream.as_str().into(),
            batch: letter.batch,
            partition: letter.partition,
            partitions: letter.partition.saturating_add(1),
            attempt: 0,
            done: 0,
            logged: Default::default(),
        };
        let made = match bound {
            Bound::Transform { operator, binding, beside } => self.transformed(operator, binding, beside, &task, &rows),
            Bound::Aggregate { operator, binding } => self.folded(operator, binding, &task, &rows),
        };
        made.unwrap_or_else(|error| {
            let call = error.call.map(|call| format!("in {call}: ")).unwrap_or_default();
            Outcome::Fails(format!("{call}{}", error.kind))
        })
    }

    fn transformed(
        &self,
        operator: &OperatorRef,
        binding: &TransformBinding,
        beside: &[usize],
        task: &Task,
        rows: &RecordBatch,
    ) -> Result<Outcome, PluginError> {
        let mut instance = self.host.open_transform(operator, binding, task)?;
        let produced = instance.process(rows)?;
        if let Some(rejection) = produced.rejected.into_iter().next() {
            return Ok(Outcome::Rejected(rejection.reason.escape_debug().to_string()));
        }
        let mut made = vec![produced.rows];
        if binding.kind == TransformKind::MapPartitions {
            while let Some(more) = instance.finish()? {
                made.push(more);
            }
        }
        let schema = made[0].schema();
        let made = arrow::compute::concat_batches(&schema, &made).and_then(|made| with_beside(&made, rows, beside));
        Ok(made.map_or_else(|error| Outcome::Fails(error.to_string()), |made| Outcome::Passes(Some(made))))
    }

    fn folded(
        &self,
        operator: &OperatorRef,
        binding: &AggregateBinding,
        task: &Task,
        rows: &RecordBatch,
    ) -> Result<Outcome, PluginError> {
        let Ok(values) = rows.project(&binding.columns) else {
            return Ok(Outcome::NotTried("its columns aren't those that the operator reads".to_owned()));
        };
        self.host.open_aggregate(operator, binding, task)?.partial(&values, &[0], 1)?;
        Ok(Outcome::Passes(None))
    }

    fn bind(&self, letter: &Letter) -> Result<(SchemaRef, Bound), String> {
        let schema = row::columns_of(&letter.columns).map_err(|wrong| format!("its columns can't be read: {wrong}"))?;
        if schema.index_of(PARTIALS).is_ok() {
            return Err("it is a key with its partials, and the rows that they were made of aren't in it".to_owned());
        }
        let used = self.used(letter)?;
        let (name, key) = match used {
            Use::Transform(name, key) | Use::Aggregate(name, key) => (name, key),
        };
        let column = |name: &String| schema.index_of(name).map_err(|_| format!("it has no column \"{name}\""));
        let offered: Vec<usize> = match &name.columns {
            // Of an aggregate it has only those that the operator reads.
            Some(columns) if matches!(used, Use::Transform(..)) => {
                columns.iter().map(column).collect::<Result<_, _>>()?
            }
            _ => (0..schema.fields().len()).filter(|idx| !key.contains(schema.field(*idx).name())).collect(),
        };
        let columns = Schema::new(offered.iter().map(|idx| schema.fields()[*idx].clone()).collect::<Vec<_>>());
        let plugin = self.definition.plugin(&name.plugin);
        let (Some(plugin), Some(digest)) = (plugin, self.digests.get(&name.plugin)) else {
            return Err(format!("the job has no plugin \"{}\"", name.plugin));
        };
        let operator = Box::new(plugin.operator(name, *digest));
        let doesnt_fit = |error: PluginError| error.to_string();
        let bound = match used {
            Use::Transform(..) => {
                let mut binding = self.host.bind_transform(&operator, &columns).map_err(doesnt_fit)?;
                binding.columns = binding.columns.iter().map(|idx| offered[*idx]).collect();
                if binding.kind == TransformKind::Filter {
                    binding.output = schema.clone();
                }
                let beside = key.iter().map(column).collect::<Result<_, _>>()?;
                Bound::Transform { operator, binding: Box::new(binding), beside }
            }
            Use::Aggregate(..) => {
                let mut binding = self.host.bind_aggregate(&operator, &columns).map_err(doesnt_fit)?;
                binding.columns = binding.columns.iter().map(|idx| offered[*idx]).collect();
                Bound::Aggregate { operator, binding: Box::new(binding) }
            }
        };
        Ok((schema, bound))
    }

    /// How the letter's stream uses its operator.
    fn used(&self, letter: &Letter) -> Result<Use<'_>, String> {
        use OperationDefinition as Op;
        // A step of an operation is called after the stream that it is a part of.
        let stream = letter.stream.split('#').next().unwrap_or_default();
        let definition = self.definition.streams.iter().find(|definition| definition.name == stream);
        let definition = definition.ok_or_else(|| format!("the job has no stream \"{stream}\""))?;
        let StreamBody::Operation { operation, .. } = &definition.body else {
            return Err(format!("stream \"{stream}\" is a source now"));
        };
        let used = match operation {
            Op::Map(name) | Op::FlatMap(name) | Op::Filter(name) | Op::MapPartitions(name) | Op::Transform(name) => {
                Some(Use::Transform(name, &[]))
            }
            Op::MapValues { key, with } | Op::FlatMapValues { key, with } => Some(Use::Transform(with, key)),
            Op::CombineByKey { key, with, .. } => Some(Use::Aggregate(with, key)),
            Op::Reduce { with: AggregateDefinition::Operator(name) }
            | Op::ReduceByWindow { with: AggregateDefinition::Operator(name), .. } => Some(Use::Aggregate(name, &[])),
            Op::ReduceByKey { key, with: AggregateDefinition::Operator(name), .. }
            | Op::ReduceByKeyAndWindow { key, with: AggregateDefinition::Operator(name), .. }
            | Op::EventTimeWindow { key, with: AggregateDefinition::Operator(name), .. } => {
                Some(Use::Aggregate(name, key))
            }
            Op::UpdateStateByKey(_) | Op::MapWithState(_) => {
                return Err(format!("stream \"{stream}\" keeps state, which isn't there outside of the job"));
            }
            _ => None,
        };
        let is_it = |name: &OperatorName| name.plugin == letter.plugin && name.operator == letter.operator;
        match used {
            Some(Use::Transform(name, _) | Use::Aggregate(name, _)) if !is_it(name) => Err(format!(
                "stream \"{stream}\" is made by \"{}/{}\" now, and was by \"{}/{}\"",
                name.plugin, name.operator, letter.plugin, letter.operator
            )),
            Some(used) => Ok(used),
            None => Err(format!("stream \"{stream}\" is made without a plugin now")),
        }
    }
}

/// The columns `beside` of the one row in `rows`, as often as there are rows made, before these.
fn with_beside(
    made: &RecordBatch,
    rows: &RecordBatch,
    beside: &[usize],
) -> std::result::Result<RecordBatch, arrow::error::ArrowError> {
    if beside.is_empty() {
        return Ok(made.clone());
    }
    let of_row = arrow::array::UInt32Array::from(vec![0; made.num_rows()]);
    let kept = rows.project(beside)?;
    let mut columns: Vec<ArrayRef> = vec![];
    for column in kept.columns() {
        columns.push(arrow::compute::take(column, &of_row, None)?);
    }
    columns.extend(made.columns().iter().cloned());
    let fields = kept.schema().fields().iter().chain(made.schema().fields()).cloned().collect::<Vec<_>>();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
