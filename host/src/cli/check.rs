//! `sluicebox check`: everything about a job that can be known before it runs.

use crate::context::{Options, prepare};
use crate::error::Result;
use crate::job::types::SchemaNames;

use super::args::JobArgs;
use super::table::{aligned, counted};
use super::{out, read_job, run};

/// `check JOB.toml`.
pub fn check(args: &JobArgs) -> Result<()> {
    let definition = read_job(args)?.definition;
    let n_plugins = definition.plugins.len();
    let options = Options { cache: run::cache(), ..Options::default() };
    let prepared = prepare(definition, &options)?;
    let graph = prepared.graph();
    let heading = ["stream", "columns"].map(str::to_owned);
    let rows = graph.streams.iter().map(|stream| [stream.name.to_string(), SchemaNames(&stream.schema).to_string()]);
    let streams = aligned(&std::iter::once(heading).chain(rows).collect::<Vec<_>>());
    let (plugins, n_streams) = (counted(n_plugins, "plugin"), counted(graph.streams.len(), "stream"));
    out::result(&format!("{streams}\nok: {plugins}, {n_streams}, {}\n", counted(graph.outputs.len(), "output")))
}
