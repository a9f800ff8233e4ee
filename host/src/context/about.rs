//! What a job is, in words: what those who look at it from outside are told, and what doesn't change while it runs.

use std::path::PathBuf;
use std::time::Duration;

use arrow::datatypes::Schema;

use crate::dstream::{Graph, Stream};
use crate::job::definition::{ComponentSource, Definition, OperatorName, PluginDefinition, StreamBody};
use crate::job::types::TypeName;
use crate::plugin::{Digest, Limits, Policy};

/// A job that was started.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Its name.
    pub name: String,
    /// When it was started, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_ms: i64,
    /// From one batch time to the next.
    pub batch_interval: Duration,
    /// Where it keeps what it needs to go on, if anywhere.
    pub checkpoint: Option<String>,
    /// How many batches may wait for their turn.
    pub max_waiting_batches: usize,
    /// Streams and static tables, each after those it reads.
    pub streams: Vec<StreamAbout>,
    /// Outputs, in the order of the job.
    pub outputs: Vec<OutputAbout>,
    /// Plugins, in the order of the job, with the components that the job was started with.
    pub plugins: Vec<PluginAbout>,
    /// Uses of plugins' operators: by streams, then by outputs.
    pub operators: Vec<OperatorAbout>,
}

/// A stream or a static table.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamAbout {
    /// Its name.
    pub name: String,
    /// A source's type, an operation as a job file names it, or `table`.
    pub kind: String,
    /// Whether it is a source.
    pub is_source: bool,
    /// The streams and tables that it reads.
    pub inputs: Vec<String>,
    /// Its columns: name, type, and whether it may be null.
    pub columns: Vec<(String, String, bool)>,
    /// How often it has a dataset.
    pub slide: Duration,
    /// The column that says when its rows happened.
    pub event_time: Option<String>,
}

/// An output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputAbout {
    /// Its name.
    pub name: String,
    /// The stream that it writes.
    pub input: String,
    /// Its sink's type.
    pub kind: String,
}

/// A plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginAbout {
    /// Its name.
    pub name: String,
    /// The file that its component was read from, if it was one.
    pub component: Option<PathBuf>,
    /// The component that the job was started with.
    pub digest: Option<Digest>,
    /// What an instance may use.
    pub limits: Limits,
    /// What is done about rows that an operator rejects.
    pub on_reject: Policy,
}

/// A use of a plugin's operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAbout {
    /// The stream that it makes, or the output that it writes.
    pub of: String,
    /// The plugin.
    pub plugin: String,
    /// The operator.
    pub operator: String,
    /// The operation, source or sink that calls it.
    pub kind: String,
}

impl About {
    /// What is said of a job with this definition and graph, started now.
    pub fn new(definition: &Definition, graph: &Graph, now_ms: i64) -> Self {
        let job = &definition.job;
        Self {
            name: job.name.clone(),
            started_ms: now_ms,
            batch_interval: job.batch_interval,
            checkpoint: job.checkpoint.clone(),
            max_waiting_batches: job.max_waiting_batches,
            streams: graph.named().map(|stream| of_stream(stream, definition, graph)).collect(),
            outputs: outputs(definition),
            plugins: definition.plugins.iter().map(|plugin| of_plugin(plugin, graph)).collect(),
            operators: operators(definition),
        }
    }
}

fn of_stream(stream: &Stream, definition: &Definition, graph: &Graph) -> StreamAbout {
    let body = definition.streams.iter().find(|of| *of.name == *stream.name).map(|of| &of.body);
    let inputs = match body {
        // What a query reads is found in its text, and the graph has it.
        Some(StreamBody::Operation { inputs, .. }) if !inputs.is_empty() => inputs.clone(),
        _ => stream.parents.iter().map(|parent| graph.streams[*parent].name.to_string()).collect(),
    };
    StreamAbout {
        name: stream.name.to_string(),
        kind: body.map_or_else(|| "table".to_owned(), StreamBody::kind),
        is_source: stream.is_source(),
        inputs,
        columns: columns(&stream.schema),
        slide: stream.slide,
        event_time: stream.event_time.map(|of| stream.schema.field(of.column).name().clone()),
    }
}

fn columns(schema: &Schema) -> Vec<(String, String, bool)> {
    let column = |field: &arrow::datatypes::FieldRef| {
        (field.name().clone(), TypeName(field.data_type()).to_string(), field.is_nullable())
    };
    schema.fields().iter().map(column).collect()
}

fn outputs(definition: &Definition) -> Vec<OutputAbout> {
    let output = |output: &crate::job::definition::OutputDefinition| OutputAbout {
        name: output.name.clone(),
        input: output.input.clone(),
        kind: output.sink.kind(),
    };
    definition.outputs.iter().map(output).collect()
}

fn of_plugin(plugin: &PluginDefinition, graph: &Graph) -> PluginAbout {
    let component = match &plugin.component {
        ComponentSource::File(path) => Some(path.clone()),
        ComponentSource::Bytes(_) => None,
    };
    PluginAbout {
        name: plugin.name.clone(),
        component,
        digest: graph.plugins.get(&plugin.name).copied(),
        limits: plugin.limits.clone(),
        on_reject: plugin.on_reject,
    }
}

fn operators(definition: &Definition) -> Vec<OperatorAbout> {
    let about = |of: &str, kind: String, name: &OperatorName| OperatorAbout {
        of: of.to_owned(),
        plugin: name.plugin.clone(),
        operator: name.operator.clone(),
        kind,
    };
    let of_streams = definition.streams.iter().filter_map(|stream| {
        let kind = match &stream.body {
            StreamBody::Source(_) => "receiver".to_owned(),
            body => body.kind(),
        };
        Some(about(&stream.name, kind, stream.body.operator()?))
    });
    let of_outputs = definition
        .outputs
        .iter()
        .filter_map(|output| Some(about(&output.name, "sink".to_owned(), output.sink.operator()?)));
    of_streams.chain(of_outputs).collect()
}
