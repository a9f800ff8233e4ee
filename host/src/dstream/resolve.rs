//! From a definition to a graph: names looked up, operators bound to columns, every mistake found in one go.

mod event_time;
mod stateful;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::{Schema, SchemaRef};

use super::cogroup::Cogroup;
use super::count::Count;
use super::count_by_value::CountByValue;
use super::filter_where::FilterWhere;
use super::glom::Glom;
use super::join::Join;
use super::operator::Operator;
use super::partition_by::PartitionBy;
use super::reduce::{Fold, Reduce};
use super::reduce_by_key::ReduceByKey;
use super::repartition::Repartition;
use super::sql::Sql;
use super::transform::Transform;
use super::union::Union;
use super::window::{Span, Window};
use super::window_fold::{Folding, Partials, Results, Sliding};
use super::{DStream, Graph, Output, PlanContext, Stream, StreamKind};
use crate::clock::BatchTime;
use crate::engine::frames::Function;
use crate::engine::sql::{Query, tables_read};
use crate::engine::{Plans, dead_letters};
use crate::error::{Diagnostic, Diagnostics, Error};
use crate::job::definition::{
    AggregateDefinition, Definition, OperationDefinition, OperatorName, OutputDefinition, Place, SinkDefinition,
    StreamBody, StreamDefinition, WindowDefinition, WindowFoldDefinition,
};
use crate::job::nearest::nearest;
use crate::job::types::{SchemaNames, TypeName};
use crate::plugin::{Digest, OperatorRef, PluginHost, Policy, StateKind, TransformKind};
use crate::state::key_group::check_key_type;

/// What a definition's names stand for.
#[derive(Debug)]
pub struct Resolver<'a> {
    /// The plugins' components, loaded. A plugin that could not be loaded is absent, and what uses it is passed over: its own error is reported elsewhere.
    pub plugins: &'a BTreeMap<String, Digest>,
    /// Where components are bound.
    pub host: &'a PluginHost,
    /// Columns of each source stream, and whether its rows are held in memory. One that could not be made is absent, as above.
    pub sources: &'a BTreeMap<String, (SchemaRef, bool)>,
    /// Columns of each static table. One that could not be looked at is absent, as above.
    pub tables: &'a BTreeMap<String, SchemaRef>,
    /// Makes plans.
    pub plans: &'a Plans,
    /// Whether the definition is all there is. Where it is what is left of a wrong one, what it lacks is reported elsewhere.
    pub is_whole: bool,
}

/// Resolves a definition again, with other components for its plugins: a batch runs with the code that its plan names.
#[derive(Debug)]
pub struct Binder {
    /// The definition, which has no mistakes.
    pub definition: Definition,
    /// Where components are bound.
    pub host: Arc<PluginHost>,
    /// As [`Resolver::sources`].
    pub sources: BTreeMap<String, (SchemaRef, bool)>,
    /// As [`Resolver::tables`].
    pub tables: BTreeMap<String, SchemaRef>,
    /// Makes plans.
    pub plans: Arc<Plans>,
}

impl Binder {
    /// The graph with these components, all of which are loaded.
    ///
    /// # Errors
    /// What doesn't fit.
    pub fn bind(&self, plugins: &BTreeMap<String, Digest>) -> Result<Graph, Diagnostics> {
        let Self { definition, host, sources, tables, plans } = self;
        resolve(definition, &Resolver { plugins, host, sources, tables, plans, is_whole: true })
    }
}

/// Resolve a definition.
///
/// # Errors
/// Every mistake that doesn't follow from another, in the order in which streams depend on each other.
pub fn resolve(definition: &Definition, resolver: &Resolver<'_>) -> Result<Graph, Diagnostics> {
    let mut resolution = Resolution { definition, resolver, streams: vec![], by_name: HashMap::new(), wrong: vec![] };
    for stream in &definition.streams {
        resolution.stream(stream, &mut vec![]);
    }
    let outputs = resolution.outputs();
    if resolution.wrong.is_empty() {
        let remember = definition.job.remember;
        Ok(Graph { streams: resolution.streams, outputs, plugins: resolver.plugins.clone(), remember })
    } else {
        Err(Diagnostics(resolution.wrong))
    }
}

struct Resolution<'a> {
    definition: &'a Definition,
    resolver: &'a Resolver<'a>,
    streams: Vec<Stream>,
    /// None: looked at, and wrong.
    by_name: HashMap<&'a str, Option<usize>>,
    wrong: Vec<Diagnostic>,
}

/// The mistake is reported already, or elsewhere.
struct Reported;

impl<'a> Resolution<'a> {
    /// The stream's index, once all it reads is resolved; `readers` are the streams that led here.
    fn stream(&mut self, definition: &'a StreamDefinition, readers: &mut Vec<&'a str>) -> Option<usize> {
        let name = definition.name.as_str();
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        if let Some(start) = readers.iter().position(|reader| *reader == name) {
            let path = [&readers[start..], &[name]].concat().join("\" reads \"");
            self.lacks(definition.place.wrong(format!("streams read each other in a circle: \"{path}\"")));
            return None;
        }
        readers.push(name);
        let stream = self.resolved(definition, readers);
        readers.pop();
        let idx = stream.ok().map(|stream| {
            self.streams.push(stream);
            self.streams.len() - 1
        });
        self.by_name.insert(name, idx);
        idx
    }

    fn resolved(&mut self, definition: &'a StreamDefinition, readers: &mut Vec<&'a str>) -> Result<Stream, Reported> {
        let name: Arc<str> = definition.name.as_str().into();
        match &definition.body {
            StreamBody::Source(_) => {
                let (schema, in_memory) = self.resolver.sources.get(&definition.name).ok_or(Reported)?;
                let kind = StreamKind::Source { in_memory: *in_memory };
                let slide = self.definition.job.batch_interval;
                let event_time = self.event_time(definition, schema)?;
                Ok(Stream { name, schema: schema.clone(), kind, parents: vec![], slide, event_time })
            }
            StreamBody::Operation { inputs, operation } => {
                let inputs = match operation {
                    OperationDefinition::Sql(query) => {
                        self.reported(tables_read(query).map_err(Error::invalid_display), definition)?
                    }
                    _ => inputs.clone(),
                };
                let parents = self.parents(definition, &inputs, readers)?;
                let schemas: Vec<SchemaRef> = parents.iter().map(|idx| self.streams[*idx].schema.clone()).collect();
                let slide = self.common_slide(definition, &parents)?;
                let mut parents = parents;
                let operation = self.operation(definition, operation, &inputs, &schemas, &mut parents)?;
                let stream = parents.iter().map(|idx| &self.streams[*idx]).find(|stream| !stream.is_table());
                let slide = stream.map_or(slide, |stream| stream.slide);
                let stream = self.made(definition, name, operation, parents, slide)?;
                let event_time = self.event_time(definition, &stream.schema)?;
                Ok(Stream { event_time, ..stream })
            }
        }
    }

    /// A stream that an operation makes of streams with a dataset every `slide`.
    fn made(
        &mut self,
        definition: &StreamDefinition,
        name: Arc<str>,
        operation: Box<dyn DStream>,
        parents: Vec<usize>,
        slide: Duration,
    ) -> Result<Stream, Reported> {
        let schemas: Vec<SchemaRef> = parents.iter().map(|idx| self.streams[*idx].schema.clone()).collect();
        let schema = self.schema_of(definition, &name, operation.as_ref(), &schemas)?;
        let slide = operation.slide(slide);
        Ok(Stream { name, schema, kind: StreamKind::Operation(operation), parents, slide, event_time: None })
    }

    /// How often all the parents have a dataset: they must slide together, or a batch would have the rows of one and miss those of another.
    fn common_slide(&mut self, definition: &StreamDefinition, parents: &[usize]) -> Result<Duration, Reported> {
        // Tables are there at any time.
        let mut streams = parents.iter().map(|idx| &self.streams[*idx]).filter(|stream| !stream.is_table());
        let Some(first) = streams.next() else {
            return Ok(self.definition.job.batch_interval);
        };
        let Some(other) = streams.find(|other| other.slide != first.slide) else {
            return Ok(first.slide);
        };
        let every = |stream: &Stream| format!("\"{}\" every {}", stream.name, humantime::format_duration(stream.slide));
        let message = format!(
            "stream \"{}\": streams that are read together slide together, but there are rows of {} and of {}",
            definition.name,
            every(first),
            every(other)
        );
        self.fail(
            definition.place.wrong(message).help("give both the same slide, with a window over the other if need be"),
        )
    }

    fn parents(
        &mut self,
        definition: &'a StreamDefinition,
        inputs: &[String],
        readers: &mut Vec<&'a str>,
    ) -> Result<Vec<usize>, Reported> {
        let mut parents = vec![];
        let mut wrong = false;
        for (idx, input) in inputs.iter().enumerate() {
            let parent = match self.definition.streams.iter().find(|stream| stream.name == *input) {
                Some(parent) => self.stream(parent, readers),
                None if self.definition.tables.iter().any(|table| table.name == *input) => {
                    self.table_beside(definition, input, idx)
                }
                None => {
                    let reader = format!("stream \"{}\"", definition.name);
                    self.unknown_stream(&definition.place, &reader, input);
                    None
                }
            };
            match parent {
                Some(parent) => parents.push(parent),
                None => wrong = true,
            }
        }
        if wrong { Err(Reported) } else { Ok(parents) }
    }

    /// The index of a stream that is resolved.
    fn index_of(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().flatten()
    }

    /// A static table's index, where the operation can read it beside its streams.
    fn table_beside(&mut self, definition: &'a StreamDefinition, name: &str, idx: usize) -> Option<usize> {
        let (reader, place) = (&definition.name, &definition.place);
        let reads_tables = match &definition.body {
            StreamBody::Operation { operation: OperationDefinition::Sql(query), .. } => {
                let is_stream = |table: &String| self.definition.streams.iter().any(|stream| stream.name == *table);
                if !tables_read(query).is_ok_and(|tables| tables.iter().any(is_stream)) {
                    let message = format!("stream \"{reader}\": it reads no stream: \"{name}\" is a table");
                    self.wrong.push(place.wrong(message).help("read a stream too: a table is the same in each batch"));
                    return None;
                }
                true
            }
            StreamBody::Operation { operation: OperationDefinition::Join { .. }, .. } => idx == 1,
            _ => false,
        };
        if !reads_tables {
            let message = format!("stream \"{reader}\" reads \"{name}\", which is a table");
            let help = "a table is read by sql, and is the `with` of a join";
            self.wrong.push(place.wrong(message).help(help));
            return None;
        }
        let table = self.definition.tables.iter().find(|table| table.name == name)?;
        if let Some(known) = self.by_name.get(table.name.as_str()) {
            return *known;
        }
        let schema = self.resolver.tables.get(name)?.clone();
        let (name, slide) = (name.into(), self.definition.job.batch_interval);
        self.streams.push(Stream { name, schema, kind: StreamKind::Table, parents: vec![], slide, event_time: None });
        let idx = self.streams.len() - 1;
        self.by_name.insert(&table.name, Some(idx));
        Some(idx)
    }

    fn unknown_stream(&mut self, place: &Place, reader: &str, input: &str) {
        let names = self.definition.streams.iter().map(|stream| stream.name.as_str());
        let names = names.chain(self.definition.tables.iter().map(|table| table.name.as_str()));
        let help = match nearest(input, names) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("define it as [stream.{input}]"),
        };
        self.lacks(place.wrong(format!("{reader} reads \"{input}\", but there is no such stream")).help(help));
    }

    fn operation(
        &mut self,
        definition: &StreamDefinition,
        operation: &OperationDefinition,
        inputs: &[String],
        schemas: &[SchemaRef],
        parents: &mut Vec<usize>,
    ) -> Result<Box<dyn DStream>, Reported> {
        use OperationDefinition as Op;
        let first = || schemas.first().cloned().unwrap_or_else(|| Arc::new(Schema::empty()));
        Ok(match operation {
            Op::Map(name) => Box::new(self.operator(definition, name, TransformKind::Map, &first(), &[])?),
            Op::FlatMap(name) => Box::new(self.operator(definition, name, TransformKind::FlatMap, &first(), &[])?),
            Op::Filter(name) => Box::new(self.operator(definition, name, TransformKind::Filter, &first(), &[])?),
            Op::MapPartitions(name) | Op::Transform(name) => {
                Box::new(self.operator(definition, name, TransformKind::MapPartitions, &first(), &[])?)
            }
            Op::Function(function) => {
                let names = inputs.iter().map(|name| name.as_str().into());
                let inputs = names.zip(schemas.iter().cloned()).collect();
                Box::new(Transform { function: Function::new(function.clone(), inputs) })
            }
            Op::FilterWhere(expression) => Box::new(FilterWhere { expression: expression.clone() }),
            Op::Union => Box::new(self.union(definition, inputs, schemas)?),
            Op::Repartition(partitions) => Box::new(Repartition { partitions: *partitions }),
            Op::Count => Box::new(Count),
            Op::CountByValue { partitions } => Box::new(CountByValue { partitions: *partitions }),
            Op::Reduce { with } => Box::new(Reduce { with: self.fold(definition, with, &first(), &[])? }),
            Op::ReduceByKey { key, with, partitions } => {
                let key = self.key(definition, key, &first())?;
                let with = self.fold(definition, with, &first(), &key)?;
                Box::new(ReduceByKey { key, with, partitions: *partitions })
            }
            Op::Window(window) => {
                let span = self.span(definition, window, parents)?;
                Box::new(Window { parent: inputs.first().map_or("", String::as_str).into(), span })
            }
            Op::Join { on, kind, partitions } => {
                let keys = self.shared_key(definition, "a join", on, inputs, schemas)?;
                let Ok(keys) = keys.try_into() else {
                    let message =
                        format!("stream \"{}\": a join is of two streams, not of {}", definition.name, inputs.len());
                    return self.fail(definition.place.wrong(message));
                };
                Box::new(Join { kind: *kind, keys, partitions: *partitions })
            }
            Op::Cogroup { on, partitions } => {
                let keys = self.shared_key(definition, "a cogroup", on, inputs, schemas)?;
                let names = inputs.iter().map(|name| name.as_str().into()).collect();
                Box::new(Cogroup { names, keys, partitions: *partitions })
            }
            Op::GroupByKey { key, partitions } => {
                let keys = vec![self.key(definition, key, &first())?];
                Box::new(Cogroup { names: vec!["values".into()], keys, partitions: *partitions })
            }
            Op::MapValues { key, with } => {
                let key = self.key(definition, key, &first())?;
                Box::new(self.operator(definition, with, TransformKind::Map, &first(), &key)?)
            }
            Op::FlatMapValues { key, with } => {
                let key = self.key(definition, key, &first())?;
                Box::new(self.operator(definition, with, TransformKind::FlatMap, &first(), &key)?)
            }
            Op::CombineByKey { key, with, partitions } => {
                let key = self.key(definition, key, &first())?;
                let with = self.fold(definition, &AggregateDefinition::Operator(with.clone()), &first(), &key)?;
                Box::new(ReduceByKey { key, with, partitions: *partitions })
            }
            Op::Glom => Box::new(Glom),
            Op::PartitionBy { key, partitions } => {
                let key = self.key(definition, key, &first())?;
                Box::new(PartitionBy { key, partitions: *partitions })
            }
            Op::GroupByKeyAndWindow { key, window, partitions } => {
                let span = self.span(definition, window, parents)?;
                let window = Window { parent: inputs.first().map_or("", String::as_str).into(), span };
                let name = format!("{}#window", definition.name).into();
                *parents = vec![self.step(definition, name, Box::new(window), parents)?];
                let keys = vec![self.key(definition, key, &first())?];
                Box::new(Cogroup { names: vec!["values".into()], keys, partitions: *partitions })
            }
            Op::EventTimeWindow { key, with, window } => {
                Box::new(self.event_window(definition, key, with, window, parents)?)
            }
            Op::DropDuplicates { key, time_to_live, state_size, partitions } => {
                let rest = (*time_to_live, *state_size, *partitions);
                Box::new(self.drop_duplicates(definition, key, rest, parents)?)
            }
            Op::LateOf => Box::new(self.late_rows(definition, inputs.first().map_or("", String::as_str), parents)?),
            Op::CountByWindow(window) => {
                let folding = Folding { with: Fold::Count, input: first(), key: vec![], partitions: None };
                Box::new(self.folded(definition, folding, &(*window).into(), parents)?)
            }
            Op::CountByValueAndWindow(window) => {
                let key = (0..first().fields().len()).collect();
                let folding = Folding { with: Fold::Count, input: first(), key, partitions: window.partitions };
                Box::new(self.folded(definition, folding, window, parents)?)
            }
            Op::ReduceByWindow { with, window } => {
                let with = self.fold(definition, with, &first(), &[])?;
                let folding = Folding { with, input: first(), key: vec![], partitions: None };
                Box::new(self.folded(definition, folding, window, parents)?)
            }
            Op::ReduceByKeyAndWindow { key, with, window } => {
                let key = self.key(definition, key, &first())?;
                let with = self.fold(definition, with, &first(), &key)?;
                let folding = Folding { with, input: first(), key, partitions: window.partitions };
                Box::new(self.folded(definition, folding, window, parents)?)
            }
            Op::UpdateStateByKey(of) => {
                Box::new(self.keyed_state(definition, StateKind::UpdateStateByKey, of, inputs, schemas)?)
            }
            Op::MapWithState(of) => {
                Box::new(self.keyed_state(definition, StateKind::MapWithState, of, inputs, schemas)?)
            }
            Op::SnapshotsOf => Box::new(self.state_snapshots(definition, inputs)?),
            Op::Sql(query) => {
                let names = inputs.iter().map(|name| name.as_str().into());
                let inputs: Vec<_> = names.zip(schemas.iter().cloned()).collect();
                let query = Query::new(query, &inputs).map_err(Error::invalid_display);
                Box::new(Sql { query: self.reported(query, definition)? })
            }
        })
    }

    /// The steps of a window that is folded: the last of them, and in `parents` the stream that it reads, in place of the one that the user named.
    fn folded(
        &mut self,
        definition: &StreamDefinition,
        folding: Folding,
        window: &WindowFoldDefinition,
        parents: &mut Vec<usize>,
    ) -> Result<Results, Reported> {
        let span = self.span(definition, &window.window, parents)?;
        let folding = Arc::new(folding);
        let name = &definition.name;
        let partials: Arc<str> = format!("{name}#partials").into();
        let inverse = self.inverse(definition, &folding, window.inverse, span)?;
        let of_batches = self.step(definition, partials.clone(), Box::new(Partials(folding.clone())), parents)?;
        let filter = window.filter.clone();
        if !inverse {
            *parents = vec![of_batches];
            return Ok(Results { folding, partials: Some(partials), span, filter });
        }
        let sliding = Sliding { folding: folding.clone(), partials, span };
        let window = self.step(definition, format!("{name}#window").into(), Box::new(sliding), &[of_batches])?;
        *parents = vec![window];
        Ok(Results { folding, partials: None, span, filter })
    }

    /// A stream that the user has not named; its index.
    fn step(
        &mut self,
        definition: &StreamDefinition,
        name: Arc<str>,
        operation: Box<dyn DStream>,
        parents: &[usize],
    ) -> Result<usize, Reported> {
        let slide = parents.first().map_or(self.definition.job.batch_interval, |idx| self.streams[*idx].slide);
        let stream = self.made(definition, name, operation, parents.to_vec(), slide)?;
        self.streams.push(stream);
        Ok(self.streams.len() - 1)
    }

    /// Whether a window is made of the one before.
    fn inverse(
        &mut self,
        definition: &StreamDefinition,
        folding: &Folding,
        asked: Option<bool>,
        span: Span,
    ) -> Result<bool, Reported> {
        let name: Arc<str> = definition.name.as_str().into();
        let cx = self.nothing(&name);
        let fold = folding.fold(&cx).and_then(|fold| cx.plans.is_invertible(&fold));
        let invertible = self.reported(fold, definition)?;
        if asked == Some(true) && !invertible {
            let message = format!(
                "stream \"{}\": inverse: what leaves a window can't be taken out of this aggregate again",
                definition.name
            );
            let help = "remove inverse: all batches of the window are folded; count, sum of signed integers and decimals, and plugins' aggregates with unmerge can do it";
            return self.fail(definition.place.wrong(message).help(help));
        }
        // What comes and what leaves is less than what is in the window.
        Ok(asked.unwrap_or(invertible && 2 * span.slide < span.length))
    }

    /// A window over the stream that is read.
    fn span(
        &mut self,
        definition: &StreamDefinition,
        window: &WindowDefinition,
        parents: &[usize],
    ) -> Result<Span, Reported> {
        let slide = parents.first().map_or(self.definition.job.batch_interval, |idx| self.streams[*idx].slide);
        let span = Span { length: window.length, slide: window.slide.unwrap_or(slide) };
        let (name, every) = (&definition.name, humantime::format_duration(slide));
        for (what, duration) in [("length", span.length), ("slide", span.slide)] {
            if let Some(nearest) = nearest_multiples(duration, slide) {
                let shown = humantime::format_duration(duration);
                let message = format!(
                    "stream \"{name}\": a window's {what} is a multiple of its input's slide, {every}; {shown} is not"
                );
                return self.fail(definition.place.wrong(message).help(format!("write {what} = {nearest}")));
            }
        }
        let n_batches = span.length.as_millis() / slide.as_millis().max(1);
        if n_batches > MAX_BATCHES {
            let message = format!(
                "stream \"{name}\": a window of {n_batches} datasets, one every {every}; {MAX_BATCHES} are the most"
            );
            let help = "make the window shorter, or give its input a slide, with a window of its own";
            return self.fail(definition.place.wrong(message).help(help));
        }
        Ok(span)
    }

    fn union(
        &mut self,
        definition: &StreamDefinition,
        inputs: &[String],
        schemas: &[SchemaRef],
    ) -> Result<Union, Reported> {
        let columns = |schema: &Schema| -> Vec<_> {
            schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
        };
        let differing = schemas.iter().zip(inputs).find(|(schema, _)| columns(schema) != columns(&schemas[0]));
        if let Some((schema, input)) = differing {
            let message = format!(
                "stream \"{}\": a union is of streams with the same columns, but \"{}\" has ({}) and \"{input}\" has ({})",
                definition.name,
                inputs[0],
                SchemaNames(&schemas[0]),
                SchemaNames(schema)
            );
            return self.fail(definition.place.wrong(message));
        }
        Ok(Union)
    }

    fn operator_ref(&self, name: &OperatorName) -> Result<OperatorRef, Reported> {
        let digest = *self.resolver.plugins.get(&name.plugin).ok_or(Reported)?;
        let plugin = self.definition.plugin(&name.plugin).ok_or(Reported)?;
        Ok(plugin.operator(name, digest))
    }

    fn known_plugin(&mut self, definition: &StreamDefinition, name: &OperatorName) -> Result<(), Reported> {
        if self.definition.plugin(&name.plugin).is_some() {
            return Ok(());
        }
        let near = nearest(&name.plugin, self.definition.plugins.iter().map(|plugin| plugin.name.as_str()));
        let help = match near {
            Some(near) => format!("did you mean \"{near}/{}\"?", name.operator),
            None => format!("add [plugin.{}] with its component", name.plugin),
        };
        let message = format!("stream \"{}\": there is no plugin \"{}\"", definition.name, name.plugin);
        self.fail(definition.place.wrong(message).help(help))
    }

    /// Whether there is a place for what the operator's policies leave out.
    fn has_dead_letters(&mut self, definition: &StreamDefinition, operator: &OperatorRef) -> Result<(), Reported> {
        let key = match (operator.on_reject, operator.on_error.then) {
            (Policy::DeadLetter, _) => "on-reject",
            (_, Policy::DeadLetter) => "on-error",
            _ => return Ok(()),
        };
        if self.definition.dead_letters.is_some() || !self.resolver.is_whole {
            return Ok(());
        }
        let OperatorRef { plugin, operator, .. } = operator;
        let message = format!(
            "stream \"{}\": {key} of \"{plugin}/{operator}\" writes dead letters, and nothing says where",
            definition.name
        );
        let help = "add [dead-letters] with sink = { type = \"files\", path = \"dead-letters\", format = \"json\" }";
        self.fail(definition.place.wrong(message).help(help))
    }

    /// Where the columns offered stand in the parent, and the columns themselves.
    fn offered(
        &mut self,
        definition: &StreamDefinition,
        name: &OperatorName,
        parent: &SchemaRef,
        key: &[usize],
    ) -> Result<Vec<usize>, Reported> {
        match &name.columns {
            Some(columns) => columns.iter().map(|column| self.column(definition, column, parent)).collect(),
            None => Ok((0..parent.fields().len()).filter(|idx| !key.contains(idx)).collect()),
        }
    }

    fn operator(
        &mut self,
        definition: &StreamDefinition,
        name: &OperatorName,
        kind: TransformKind,
        parent: &SchemaRef,
        beside: &[usize],
    ) -> Result<Operator, Reported> {
        self.known_plugin(definition, name)?;
        let operator = self.operator_ref(name)?;
        self.has_dead_letters(definition, &operator)?;
        if let Some(wrong) = beside.iter().map(|idx| parent.field(*idx)).find_map(|field| {
            let wrong = check_key_type(field.data_type()).err()?;
            Some(format!("stream \"{}\": key \"{}\": {wrong}", definition.name, field.name()))
        }) {
            return self.fail(definition.place.wrong(wrong));
        }
        let offered = self.offered(definition, name, parent, beside)?;
        let columns = project(parent, &offered);
        let bound = self.resolver.host.bind_transform(&operator, &columns);
        let mut binding = self.reported(bound.map_err(Error::invalid_display), definition)?;
        if binding.kind != kind {
            let OperatorName { plugin, operator, .. } = name;
            let (is, wanted) = (key_of(binding.kind), key_of(kind));
            let message = format!("stream \"{}\": \"{plugin}/{operator}\" is a {is}, not a {wanted}", definition.name);
            let help = match (beside, binding.kind) {
                ([], _) => format!("write {is} = \"{plugin}/{operator}\""),
                (_, TransformKind::Map | TransformKind::FlatMap) => {
                    format!("write {is}-values = {{ key = ..., with = \"{plugin}/{operator}\" }}")
                }
                _ => format!("write {is} = \"{plugin}/{operator}\"; it gets the key too"),
            };
            return self.fail(definition.place.wrong(message).help(help));
        }
        binding.columns = binding.columns.iter().map(|idx| offered[*idx]).collect();
        if kind == TransformKind::Filter {
            binding.output = parent.clone();
        }
        Ok(Operator { operator, binding, beside: beside.to_vec() })
    }

    fn fold(
        &mut self,
        definition: &StreamDefinition,
        with: &AggregateDefinition,
        parent: &SchemaRef,
        key: &[usize],
    ) -> Result<Fold, Reported> {
        Ok(match with {
            AggregateDefinition::Count => Fold::Count,
            AggregateDefinition::Sum => Fold::Sum,
            AggregateDefinition::Min => Fold::Min,
            AggregateDefinition::Max => Fold::Max,
            AggregateDefinition::Operator(name) => {
                self.known_plugin(definition, name)?;
                let operator = self.operator_ref(name)?;
                self.has_dead_letters(definition, &operator)?;
                let offered = self.offered(definition, name, parent, key)?;
                let bound = self.resolver.host.bind_aggregate(&operator, &project(parent, &offered));
                let mut binding = self.reported(bound.map_err(Error::invalid_display), definition)?;
                binding.columns = binding.columns.iter().map(|idx| offered[*idx]).collect();
                Fold::Operator { operator: Box::new(operator), binding: Box::new(binding) }
            }
        })
    }

    fn key(
        &mut self,
        definition: &StreamDefinition,
        key: &[String],
        parent: &SchemaRef,
    ) -> Result<Vec<usize>, Reported> {
        key.iter().map(|column| self.column(definition, column, parent)).collect()
    }

    /// Where the columns of a key stand in each of several streams, which have them of the same types.
    fn shared_key(
        &mut self,
        definition: &StreamDefinition,
        what: &str,
        key: &[String],
        inputs: &[String],
        schemas: &[SchemaRef],
    ) -> Result<Vec<Vec<usize>>, Reported> {
        let mut keys: Vec<Vec<usize>> = vec![];
        for (input, schema) in inputs.iter().zip(schemas) {
            let columns = key.iter().map(|column| self.column_of(definition, Some(input), column, schema));
            keys.push(columns.collect::<Result<_, _>>()?);
        }
        for (idx, column) in key.iter().enumerate() {
            let of = |input: usize| schemas[input].field(keys[input][idx]).data_type();
            let Some(other) = (1..schemas.len()).find(|other| of(*other) != of(0)) else { continue };
            let message = format!(
                "stream \"{}\": {what} is by keys of the same types, but \"{column}\" is {} in \"{}\" and {} in \"{}\"",
                definition.name,
                TypeName(of(0)),
                inputs[0],
                TypeName(of(other)),
                inputs[other]
            );
            let help =
                format!("make a stream of \"{}\" with sql that casts \"{column}\", and read that", inputs[other]);
            return self.fail(definition.place.wrong(message).help(help));
        }
        Ok(keys)
    }

    fn column(&mut self, definition: &StreamDefinition, column: &str, parent: &SchemaRef) -> Result<usize, Reported> {
        self.column_of(definition, None, column, parent)
    }

    /// As [`Self::column`], of the parent named, where there are several.
    fn column_of(
        &mut self,
        definition: &StreamDefinition,
        parent_name: Option<&String>,
        column: &str,
        parent: &SchemaRef,
    ) -> Result<usize, Reported> {
        if let Some((idx, _)) = parent.fields().iter().enumerate().find(|(_, field)| field.name() == column) {
            return Ok(idx);
        }
        let its_input = parent_name.map_or_else(|| "its input".to_owned(), |name| format!("\"{name}\""));
        let names = parent.fields().iter().map(|field| field.name().as_str());
        let help = match nearest(column, names) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("{its_input} has the columns ({})", SchemaNames(parent)),
        };
        let message = format!("stream \"{}\": {its_input} has no column \"{column}\"", definition.name);
        self.fail(definition.place.wrong(message).help(help))
    }

    /// The columns of the plan over empty parents.
    fn schema_of(
        &mut self,
        definition: &StreamDefinition,
        name: &Arc<str>,
        operation: &dyn DStream,
        parents: &[SchemaRef],
    ) -> Result<SchemaRef, Reported> {
        let cx = self.nothing(name);
        let parents = parents.iter().map(|schema| cx.plans.empty(schema.clone())).collect();
        let plan = self.reported(operation.plan(&cx, parents), definition)?;
        let schema = plan.schema();
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = schema.fields().iter().find(|field| !seen.insert(field.name().clone())) {
            let message = format!("stream \"{name}\": two of its columns are called \"{}\"", twice.name());
            return self.fail(definition.place.wrong(message).help("name one of them otherwise, in SQL with \"as\""));
        }
        Ok(schema)
    }

    /// What a plan is made for of which only the columns are looked at.
    fn nothing<'n>(&self, stream: &'n Arc<str>) -> PlanContext<'n>
    where
        'a: 'n,
    {
        let Resolver { plugins, plans, .. } = self.resolver;
        PlanContext { batch: BatchTime(0), after: BatchTime(0), attempt: 0, stream, plugins, plans }
    }

    fn outputs(&mut self) -> Vec<Output> {
        let definition = self.definition;
        let mut outputs = vec![];
        for output in &definition.outputs {
            if definition.tables.iter().any(|table| table.name == output.input) {
                let message = format!("output \"{}\" reads \"{}\", which is a table", output.name, output.input);
                self.wrong.push(output.place.wrong(message).help("an output writes a stream's rows"));
                continue;
            }
            match self.by_name.get(output.input.as_str()) {
                Some(Some(stream)) => {
                    let reads_kept = matches!(output.sink, SinkDefinition::ForEach(_));
                    outputs.push(Output { name: output.name.clone(), stream: *stream, reads_kept });
                }
                Some(None) => {}
                None => self.unknown_stream(&output.place, &format!("output \"{}\"", output.name), &output.input),
            }
        }
        if definition.outputs.is_empty() {
            let wrong = definition.job.place.wrong("no output, so there is nothing to run");
            self.lacks(wrong.help("add [output.NAME] with input and sink"));
        }
        outputs.extend(self.dead_letters());
        outputs
    }

    /// The output of dead letters, and its stream.
    fn dead_letters(&mut self) -> Option<Output> {
        let definition = self.definition;
        let OutputDefinition { name, input, place, .. } = &definition.dead_letters.as_ref()?.output;
        if definition.outputs.iter().any(|output| output.name == *name) {
            let message = format!("[dead-letters]: there is an output \"{name}\" too");
            self.wrong.push(place.wrong(message).help("give the output another name"));
        }
        let (schema, slide) = (dead_letters::schema(), definition.job.batch_interval);
        let (name, kind) = (name.clone(), StreamKind::DeadLetters);
        self.streams.push(Stream {
            name: input.as_str().into(),
            schema,
            kind,
            parents: vec![],
            slide,
            event_time: None,
        });
        Some(Output { name, stream: self.streams.len() - 1, reads_kept: false })
    }

    /// Something isn't there, or makes no whole: a mistake only where the definition is all there is.
    fn lacks(&mut self, wrong: Diagnostic) {
        if self.resolver.is_whole {
            self.wrong.push(wrong);
        }
    }

    fn fail<T>(&mut self, wrong: Diagnostic) -> Result<T, Reported> {
        self.wrong.push(wrong);
        Err(Reported)
    }

    fn reported<T>(&mut self, result: Result<T, Error>, definition: &StreamDefinition) -> Result<T, Reported> {
        result.map_err(|error| {
            let about = format!("stream \"{}\": ", definition.name);
            match error {
                Error::Invalid(several) => {
                    for one in several.0 {
                        let mut wrong = definition.place.wrong(format!("{about}{}", one.message));
                        wrong.help = one.help;
                        self.wrong.push(wrong);
                    }
                }
                failed => self.wrong.push(definition.place.wrong(format!("{about}{failed}"))),
            }
            Reported
        })
    }
}

fn project(schema: &SchemaRef, columns: &[usize]) -> Schema {
    Schema::new(columns.iter().map(|idx| schema.fields()[*idx].clone()).collect::<Vec<_>>())
}

/// The key of the job file that takes such an operator.
fn key_of(kind: TransformKind) -> &'static str {
    match kind {
        TransformKind::Map => "map",
        TransformKind::FlatMap => "flat-map",
        TransformKind::Filter => "filter",
        TransformKind::MapPartitions => "map-partitions",
    }
}

/// Datasets that a window is made of, at most.
const MAX_BATCHES: u128 = 100_000;

/// The multiples of `of` on both sides of `duration`, as words to choose from; none where it is one itself.
fn nearest_multiples(duration: Duration, of: Duration) -> Option<String> {
    let (duration, of) = (duration.as_millis(), of.as_millis().max(1));
    if duration > 0 && duration % of == 0 {
        return None;
    }
    let word = |millis: u128| {
        format!("\"{}\"", humantime::format_duration(Duration::from_millis(millis.try_into().unwrap_or(u64::MAX))))
    };
    let (below, above) = (duration / of * of, (duration / of + 1) * of);
    Some(if below == 0 { word(above) } else { format!("{} or {}", word(below), word(above)) })
}
