//! What of two definitions is the same, wherever it stands in its file: what a job that runs needn't give up when another job file is applied to it.

use std::path::Path;
use std::sync::Arc;

use super::definition::{
    ComponentSource, Definition, EventTimeDefinition, JobOptions, OperatorName, OutputDefinition, PluginDefinition,
    SinkDefinition, SourceDefinition, StreamBody, StreamDefinition, TableDefinition,
};

/// Whether two paths lead to the same place, as far as their words say: one may be relative.
fn path_is(a: &Path, b: &Path) -> bool {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute(a) == absolute(b)
}

/// Whether a source is the same, but for the plugin that it may be of.
pub fn source(a: &SourceDefinition, b: &SourceDefinition) -> bool {
    use SourceDefinition as Source;
    match (a, b) {
        (
            Source::Socket { address, framing, max_length, log },
            Source::Socket { address: address_b, framing: framing_b, max_length: max_length_b, log: log_b },
        ) => (address, framing, max_length, log) == (address_b, framing_b, max_length_b, log_b),
        (
            Source::Files { path, content, schema, existing, on_bad_file },
            Source::Files {
                path: path_b,
                content: content_b,
                schema: schema_b,
                existing: existing_b,
                on_bad_file: bad_b,
            },
        ) => {
            let rest = (content, schema, existing, on_bad_file) == (content_b, schema_b, existing_b, bad_b);
            rest && path_is(path, path_b)
        }
        (Source::Kafka(a), Source::Kafka(b)) => a == b,
        (Source::Receiver(a), Source::Receiver(b)) => a == b,
        (Source::Constant { rows: a }, Source::Constant { rows: b }) => a == b,
        (
            Source::ConstantFile { path, format, schema },
            Source::ConstantFile { path: path_b, format: format_b, schema: schema_b },
        ) => (format, schema) == (format_b, schema_b) && path_is(path, path_b),
        (Source::Queue { schema, queue }, Source::Queue { schema: schema_b, queue: queue_b }) => {
            let same = match (queue, queue_b) {
                (Some(a), Some(b)) => a.is_same(b),
                (a, b) => a.is_none() && b.is_none(),
            };
            same && schema == schema_b
        }
        _ => false,
    }
}

/// Whether a source reads from where another did, so that it goes on where that one stands.
pub fn place(a: &SourceDefinition, b: &SourceDefinition) -> bool {
    use SourceDefinition as Source;
    match (a, b) {
        (Source::Socket { framing: a, .. }, Source::Socket { framing: b, .. }) => a == b,
        (Source::Files { path: a, .. }, Source::Files { path: b, .. }) => path_is(a, b),
        (Source::Kafka(a), Source::Kafka(b)) => a.cluster.brokers == b.cluster.brokers,
        (Source::Receiver(a), Source::Receiver(b)) => {
            (&a.operator.plugin, &a.operator.operator) == (&b.operator.plugin, &b.operator.operator)
        }
        (Source::Queue { .. }, Source::Queue { .. }) => true,
        _ => false,
    }
}

/// Whether an output writes the same way to the same place, but for the plugin that it may be of.
pub fn sink(a: &SinkDefinition, b: &SinkDefinition) -> bool {
    use SinkDefinition as Sink;
    match (a, b) {
        (Sink::Print { rows: a }, Sink::Print { rows: b }) => a == b,
        (Sink::Files { path, format, compact }, Sink::Files { path: path_b, format: format_b, compact: compact_b }) => {
            (format, compact) == (format_b, compact_b) && path_is(path, path_b)
        }
        (Sink::Kafka(a), Sink::Kafka(b)) => a == b,
        (Sink::Postgres(a), Sink::Postgres(b)) => a == b,
        (Sink::Operator(a), Sink::Operator(b)) => a == b,
        (Sink::ForEach(a), Sink::ForEach(b)) => a.is_same(b),
        (Sink::Custom(a), Sink::Custom(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}

/// Whether an output is the same.
pub fn output(a: &OutputDefinition, b: &OutputDefinition) -> bool {
    a.name == b.name && a.input == b.input && sink(&a.sink, &b.sink)
}

/// Whether a stream is the same, but for the plugin that it may be of.
pub fn stream(a: &StreamDefinition, b: &StreamDefinition) -> bool {
    let body = match (&a.body, &b.body) {
        (StreamBody::Source(a), StreamBody::Source(b)) => source(a, b),
        (
            StreamBody::Operation { inputs, operation },
            StreamBody::Operation { inputs: inputs_b, operation: operation_b },
        ) => inputs == inputs_b && operation == operation_b,
        _ => false,
    };
    let event_time = |of: &StreamDefinition| {
        of.event_time.as_ref().map(|EventTimeDefinition { column, delay, .. }| (column.clone(), *delay))
    };
    a.name == b.name && a.rates == b.rates && event_time(a) == event_time(b) && body
}

/// Whether a table is the same.
pub fn table(a: &TableDefinition, b: &TableDefinition) -> bool {
    (&a.name, &a.format, &a.schema, &a.refresh) == (&b.name, &b.format, &b.schema, &b.refresh)
        && path_is(&a.path, &b.path)
}

/// Whether a plugin's operators may do the same, and are told the same, whatever component it is.
pub fn uses(a: &PluginDefinition, b: &PluginDefinition) -> bool {
    (&a.limits, &a.on_reject, &a.on_error, &a.config) == (&b.limits, &b.on_reject, &b.on_error, &b.config)
}

/// Whether a plugin is the same, as far as the file says it.
pub fn plugin(a: &PluginDefinition, b: &PluginDefinition) -> bool {
    let component = match (&a.component, &b.component) {
        (ComponentSource::File(a), ComponentSource::File(b)) => path_is(a, b),
        (ComponentSource::Bytes(a), ComponentSource::Bytes(b)) => a == b,
        _ => false,
    };
    component && uses(a, b) && (&a.digest, &a.signature) == (&b.digest, &b.signature)
}

/// Whether a plugin's operator works under the same conditions in both definitions.
pub fn operator(name: &OperatorName, a: &Definition, b: &Definition) -> bool {
    a.plugin(&name.plugin).zip(b.plugin(&name.plugin)).is_some_and(|(a, b)| uses(a, b))
}

/// What of `[job]` can't change while the job runs, and differs: the keys.
pub fn fixed_options(a: &JobOptions, b: &JobOptions) -> Vec<&'static str> {
    let differs = [
        ("name", a.name != b.name),
        ("batch-interval", a.batch_interval != b.batch_interval),
        ("checkpoint", a.checkpoint != b.checkpoint),
        ("lease", a.lease != b.lease),
        ("retain", a.retain != b.retain),
        ("parallelism", a.parallelism != b.parallelism),
        ("key-groups", a.key_groups != b.key_groups),
        ("memory", a.memory != b.memory),
        ("max-waiting-batches", a.max_waiting_batches != b.max_waiting_batches),
        ("control", control(a) != control(b)),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

fn control(of: &JobOptions) -> Option<(std::net::SocketAddr, Option<super::definition::TokenSource>)> {
    of.control.as_ref().map(|control| (control.address, control.token.clone()))
}

/// What of `[job]` can change while the job runs, and differs: the keys.
pub fn other_options(a: &JobOptions, b: &JobOptions) -> Vec<&'static str> {
    let differs = [
        ("block-interval", a.block_interval != b.block_interval),
        ("block-size", a.block_size != b.block_size),
        ("block-queue", a.block_queue != b.block_queue),
        ("trusted-keys", a.trusted_keys != b.trusted_keys),
        ("missed", a.missed != b.missed),
        ("remember", a.remember != b.remember),
        ("backpressure", a.backpressure != b.backpressure),
        ("stop-timeout", a.stop_timeout != b.stop_timeout),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}
