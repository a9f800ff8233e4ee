//! A case on a job: sources replaced by queues, sinks by collectors, and what the case says read as columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::case::{Case, Datasets, Expected, ExpectedDataset, Inner, Input, InputDataset, Rows};
use super::collected::Collected;
use super::{states, value};
use crate::context;
use crate::dstream::Graph;
use crate::error::Result;
use crate::job::definition::{
    Definition, FileContent, FileFormat, Framing, OutputDefinition, Place, SinkDefinition, SourceDefinition,
    StreamBody, StreamDefinition,
};
use crate::job::file::report::Report;
use crate::job::nearest::did_you_mean;
use crate::receiver::queue::{Queue, spread};
use crate::receiver::{lines, messages};

/// A job with a case's inputs in its sources' place.
pub struct Bound {
    /// The job, with queues for sources and collectors for sinks.
    pub definition: Definition,
    /// What each stream or output that the case names makes, in the case's order.
    pub collected: Vec<Collected>,
    /// The output that collects each, in the same order.
    outputs: Vec<String>,
    /// How many batches are run.
    pub n_batches: usize,
}

/// What the case expects of a stream, as rows of its columns.
pub struct BoundExpected {
    /// The stream's columns.
    pub schema: SchemaRef,
    /// What is expected of batches, by their number; or of datasets emitted.
    pub datasets: BoundDatasets,
}

/// As [`Datasets`].
pub enum BoundDatasets {
    /// Of batches, by their number.
    Numbered(Vec<(usize, BoundDataset)>),
    /// Of the datasets emitted.
    Emitted(Vec<BoundDataset>),
}

/// As [`ExpectedDataset`].
pub enum BoundDataset {
    Missing,
    NoRows,
    Made {
        rows: Option<RecordBatch>,
        partitions: Option<Vec<RecordBatch>>,
        n_rows: Option<usize>,
        n_partitions: Option<usize>,
    },
}

/// The columns of streams that plugins receive, which their components know: those streams alone are a job that is prepared and never runs.
///
/// # Errors
/// What is wrong with the receivers.
pub fn received(definition: &Definition, options: &context::Options) -> Result<BTreeMap<String, SchemaRef>> {
    let used = |stream: &StreamDefinition| match &stream.body {
        StreamBody::Source(SourceDefinition::Receiver(receiver)) => Some(receiver.operator.plugin.clone()),
        _ => None,
    };
    let plugins: Vec<String> = definition.streams.iter().filter_map(used).collect();
    if plugins.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut alone = definition.clone();
    alone.streams.retain(|stream| used(stream).is_some());
    alone.plugins.retain(|plugin| plugins.contains(&plugin.name));
    let output = |stream: &StreamDefinition| OutputDefinition {
        name: stream.name.clone(),
        input: stream.name.clone(),
        sink: SinkDefinition::Custom(Arc::new(Collected::default())),
        place: Place::Program,
    };
    alone.outputs = alone.streams.iter().map(output).collect();
    let prepared = context::prepare(alone, options)?;
    Ok(prepared.graph().streams.iter().map(|stream| (stream.name.to_string(), stream.schema.clone())).collect())
}

/// Put a case's inputs into a job; `received` are the columns of streams that plugins receive.
///
/// # Errors
/// Every mistake of the case that its inputs and names show.
pub fn bind(
    definition: &Definition,
    case: &Case,
    received: &BTreeMap<String, SchemaRef>,
    options: &context::Options,
) -> Result<Bound> {
    let report = Report::of_text(vec![], false);
    let n_batches = n_batches(case, &report);
    let mut definition = definition.clone();
    inputs(&mut definition, case, received, &report)?;
    states::bind(&mut definition, case, options, &report)?;
    let mut sinks = BTreeMap::new();
    for output in &mut definition.outputs {
        let sink = Collected::default();
        output.sink = SinkDefinition::Custom(Arc::new(sink.clone()));
        sinks.insert(output.name.clone(), sink);
    }
    let (mut collected, mut outputs) = (vec![], vec![]);
    for expected in &case.expected {
        let output = output_of(&mut definition, case, expected, &mut sinks, &report).unwrap_or_default();
        collected.push(sinks.get(&output).cloned().unwrap_or_default());
        outputs.push(output);
    }
    if !report.is_clean() {
        return Err(crate::error::Error::Invalid(report.into_mistakes()));
    }
    Ok(Bound { definition, collected, outputs, n_batches })
}

/// Read what the case expects as rows of the streams' columns.
///
/// # Errors
/// Every mistake of the case that the columns show.
pub fn expected(case: &Case, bound: &Bound, graph: &Graph) -> Result<Vec<BoundExpected>> {
    let report = Report::of_text(vec![], false);
    let mut all = vec![];
    for (expected, output) in case.expected.iter().zip(&bound.outputs) {
        let Some(output) = graph.outputs.iter().find(|resolved| resolved.name == *output) else { continue };
        let schema = graph.streams[output.stream].schema.clone();
        if let Some(datasets) = datasets(case, expected, &schema, bound.n_batches, &report) {
            all.push(BoundExpected { schema, datasets });
        }
    }
    if report.is_clean() { Ok(all) } else { Err(crate::error::Error::Invalid(report.into_mistakes())) }
}

/// How many batches are run: what the case says, or as many as its longest input has.
fn n_batches(case: &Case, report: &Report) -> usize {
    let longest = case.inputs.iter().max_by_key(|input| input.datasets.len());
    let n_listed = longest.map_or(0, |input| input.datasets.len());
    match (case.n_batches, longest) {
        (Some(n_batches), Some(input)) if n_batches < n_listed => {
            let message = format!(
                "case \"{}\": the last batch is {n_batches}, and input.{} has {n_listed}",
                case.name, input.stream
            );
            report.wrong(input.place.wrong(message).help("raise batches, or leave some away"));
            n_batches
        }
        (Some(n_batches), _) => n_batches,
        (None, _) => n_listed.max(1),
    }
}

fn inputs(
    definition: &mut Definition,
    case: &Case,
    received: &BTreeMap<String, SchemaRef>,
    report: &Report,
) -> Result<()> {
    let sources = definition.streams.iter().filter(|stream| matches!(stream.body, StreamBody::Source(_)));
    let sources: Vec<String> = sources.map(|stream| stream.name.clone()).collect();
    for input in &case.inputs {
        if sources.contains(&input.stream) {
            continue;
        }
        let is_stream = definition.streams.iter().any(|stream| stream.name == input.stream);
        let what = if is_stream { "is no source" } else { "is not there" };
        let message = format!("case \"{}\": input.{}: the stream {what}", case.name, input.stream);
        let help = did_you_mean(&input.stream, sources.iter().map(String::as_str), "sources");
        report.wrong(input.place.wrong(message).help(help));
    }
    for stream in &mut definition.streams {
        let name = stream.name.clone();
        let input = case.inputs.iter().find(|input| input.stream == name);
        if let StreamBody::Source(source) = &mut stream.body
            // Rows that are the same in every batch are what they are, unless the case has others.
            && (input.is_some() || !is_constant(source))
            && let Some(schema) = schema(case, &name, own_schema(&name, source, received), input, report)
        {
            let queue = Queue::new(schema.clone());
            for (idx, dataset) in input.iter().flat_map(|input| input.datasets.iter().enumerate()) {
                let about = format!("case \"{}\": input.{name}, batch {}", case.name, idx + 1);
                push(&queue, dataset, input.map_or(1, |input| input.n_partitions), &about, report)?;
            }
            *source = SourceDefinition::Queue { schema, queue: Some(queue) };
        }
    }
    Ok(())
}

fn is_constant(source: &SourceDefinition) -> bool {
    matches!(source, SourceDefinition::Constant { .. } | SourceDefinition::ConstantFile { .. })
}

/// The columns that a source has whatever it reads.
fn own_schema(stream: &str, source: &SourceDefinition, received: &BTreeMap<String, SchemaRef>) -> Option<SchemaRef> {
    match source {
        SourceDefinition::Socket { framing: Framing::Lines, .. }
        | SourceDefinition::Files { content: FileContent::Format(FileFormat::Text), .. } => Some(lines::schema()),
        SourceDefinition::Socket { framing: Framing::LengthPrefixed, .. }
        | SourceDefinition::Files { content: FileContent::Records(_), .. } => Some(messages::schema()),
        SourceDefinition::Files { schema, .. } => schema.clone(),
        SourceDefinition::Queue { schema, .. } => Some(schema.clone()),
        SourceDefinition::Constant { rows } => Some(rows.schema()),
        SourceDefinition::ConstantFile { schema, .. } => schema.clone(),
        SourceDefinition::Kafka(kafka) => kafka.schema().ok(),
        SourceDefinition::Receiver(_) => received.get(stream).cloned(),
    }
}

/// A source's columns: its own, or the case's for one that would infer them.
fn schema(
    case: &Case,
    stream: &str,
    own: Option<SchemaRef>,
    input: Option<&Input>,
    report: &Report,
) -> Option<SchemaRef> {
    match (own, input, input.and_then(|input| input.schema.clone())) {
        (Some(_), Some(input), Some(_)) => {
            let message = format!("case \"{}\": input.{stream}: the source has its own columns", case.name);
            report.wrong(input.place.wrong(message).help("remove schema"));
            None
        }
        (Some(schema), _, None) | (None, _, Some(schema)) => Some(schema),
        _ => {
            let place = input.map_or(&case.place, |input| &input.place);
            let message = format!(
                "case \"{}\": input.{stream}: the source takes its columns from its first file, which a case has not",
                case.name
            );
            let help = format!("add input.{stream}.schema = {{ word = \"string\", count = \"int64\" }}");
            report.wrong(place.wrong(message).help(help));
            None
        }
    }
}

fn push(queue: &Queue, dataset: &InputDataset, n_partitions: usize, about: &str, report: &Report) -> Result<()> {
    let read = |rows: &Rows| columns(&queue.schema(), rows, about, report);
    let partitions = match dataset {
        InputDataset::Missing => return queue.push_no_dataset(),
        InputDataset::Spread(rows) => read(rows).map(|rows| spread(&rows, n_partitions)),
        InputDataset::Partitions(partitions) => partitions.iter().map(read).collect(),
    };
    // What is wrong is reported.
    partitions.map_or(Ok(()), |partitions| queue.push(partitions))
}

fn columns(schema: &SchemaRef, rows: &Rows, about: &str, report: &Report) -> Option<RecordBatch> {
    match &rows.0 {
        Inner::Written(nodes) => value::rows(schema, nodes, about, report),
        Inner::Made(rows) => Some(rows.clone()),
    }
}

/// The name of the output that collects what is expected: a stream that no output reads gets one of its own.
fn output_of(
    definition: &mut Definition,
    case: &Case,
    expected: &Expected,
    sinks: &mut BTreeMap<String, Collected>,
    report: &Report,
) -> Option<String> {
    let name = &if expected.is_state { states::snapshots_of(&expected.name) } else { expected.name.clone() };
    let is_stream = definition.streams.iter().any(|stream| stream.name == *name);
    let reads = |output: &&OutputDefinition| if is_stream { output.input == *name } else { output.name == *name };
    if let Some(output) = definition.outputs.iter().find(reads) {
        return Some(output.name.clone());
    }
    if expected.is_state && !is_stream {
        // That there is none is reported.
        return None;
    }
    if !is_stream {
        let streams = definition.streams.iter().map(|stream| stream.name.as_str());
        let names = streams.chain(definition.outputs.iter().map(|output| output.name.as_str()));
        let message = format!("case \"{}\": expect.{name}: there is no such stream or output", case.name);
        report.wrong(expected.place.wrong(message).help(did_you_mean(name, names, "streams and outputs")));
        return None;
    }
    // No job file has such a name for an output.
    let (hidden, sink) = (format!("case: output of {name}"), Collected::default());
    sinks.insert(hidden.clone(), sink.clone());
    let sink = SinkDefinition::Custom(Arc::new(sink));
    definition.outputs.push(OutputDefinition {
        name: hidden.clone(),
        input: name.clone(),
        sink,
        place: Place::Program,
    });
    Some(hidden)
}

fn datasets(
    case: &Case,
    expected: &Expected,
    schema: &SchemaRef,
    n_batches: usize,
    report: &Report,
) -> Option<BoundDatasets> {
    let key = if expected.is_state { "expect-state" } else { "expect" };
    let about = |which: &str| format!("case \"{}\": {key}.{}, {which}", case.name, expected.name);
    let too_many = |number: usize| {
        let message = format!("{}: it is not run, the last one is {n_batches}", about(&format!("batch {number}")));
        report.wrong(expected.place.wrong(message).help(format!("add batches = {number} to the case")));
    };
    let dataset = |which: String, dataset: &ExpectedDataset| bound_dataset(schema, dataset, &about(&which), report);
    match &expected.datasets {
        Datasets::Every(listed) => {
            if listed.len() > n_batches {
                too_many(listed.len());
            }
            let read =
                listed.iter().enumerate().map(|(idx, of)| Some((idx + 1, dataset(format!("batch {}", idx + 1), of)?)));
            let read: Vec<_> = read.collect();
            let rest = (listed.len() + 1..=n_batches).map(|number| Some((number, BoundDataset::NoRows)));
            read.into_iter().chain(rest).collect::<Option<_>>().map(BoundDatasets::Numbered)
        }
        Datasets::Numbered(listed) => {
            if let Some((number, _)) = listed.iter().find(|(number, _)| *number > n_batches) {
                too_many(*number);
            }
            let mut numbers: Vec<usize> = listed.iter().map(|(number, _)| *number).collect();
            numbers.sort_unstable();
            if let Some(twice) = numbers.windows(2).find(|pair| pair[0] == pair[1]) {
                let message = format!("{} is there twice", about(&format!("batch {}", twice[0])));
                report.wrong(expected.place.wrong(message).help("keep one of them"));
            }
            let read: Vec<_> =
                listed.iter().map(|(number, of)| Some((*number, dataset(format!("batch {number}"), of)?))).collect();
            read.into_iter().collect::<Option<_>>().map(BoundDatasets::Numbered)
        }
        Datasets::Emitted(listed) => {
            let read = listed.iter().enumerate().map(|(idx, of)| dataset(format!("emitted dataset {}", idx + 1), of));
            let read: Vec<_> = read.collect();
            read.into_iter().collect::<Option<_>>().map(BoundDatasets::Emitted)
        }
    }
}

fn bound_dataset(schema: &SchemaRef, dataset: &ExpectedDataset, about: &str, report: &Report) -> Option<BoundDataset> {
    let read = |rows: &Rows| columns(schema, rows, about, report);
    Some(match dataset {
        ExpectedDataset::Missing => BoundDataset::Missing,
        ExpectedDataset::NoRows => BoundDataset::NoRows,
        ExpectedDataset::Made { rows, partitions, n_rows, n_partitions } => BoundDataset::Made {
            rows: match rows {
                Some(rows) => Some(read(rows)?),
                None => None,
            },
            partitions: match partitions {
                Some(partitions) => Some(partitions.iter().map(read).collect::<Option<_>>()?),
                None => None,
            },
            n_rows: *n_rows,
            n_partitions: *n_partitions,
        },
    })
}
