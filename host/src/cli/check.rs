//! `sluicebox check`: everything about a job that can be known before it runs.

use crate::context::{Options, prepare};
use crate::dstream::{Graph, Stream};
use crate::error::Result;
use crate::job::types::SchemaNames;

use super::args::JobArgs;
use super::table::{aligned, counted};
use super::{cache, out, read_job};

/// `check JOB.toml`.
pub fn check(args: &JobArgs) -> Result<()> {
    let definition = read_job(args)?.definition;
    let n_plugins = definition.plugins.len();
    let prepared = prepare(definition, &Options { cache: cache::folder(), ..Options::default() })?;
    out::result(&summary(prepared.graph(), n_plugins))
}

/// The columns of each stream, and how much of everything there is.
fn summary(graph: &Graph, n_plugins: usize) -> String {
    let heading = ["stream", "columns"].map(str::to_owned);
    let name =
        |stream: &Stream| if stream.is_table() { format!("{} (table)", stream.name) } else { stream.name.to_string() };
    let rows = graph.named().map(|stream| [name(stream), SchemaNames(&stream.schema).to_string()]);
    let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
    let plugins = counted(n_plugins, "plugin");
    let n_streams = graph.named().filter(|stream| !stream.is_table()).count();
    let (streams, outputs) = (counted(n_streams, "stream"), counted(graph.outputs.len(), "output"));
    format!("{}ok: {plugins}, {streams}, {outputs}\n", aligned(&rows))
}
