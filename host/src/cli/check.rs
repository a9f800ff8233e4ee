//! `sluicebox check`: everything about a job that can be known before it runs.

use tokio::runtime::Builder;

use crate::batch::carry_over::{CarryOver, Fate};
use crate::context::{Options, prepare};
use crate::dstream::{Graph, Stream};
use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::job::types::SchemaNames;
use crate::plugin::Compiler;

use super::args::CheckArgs;
use super::table::{aligned, counted};
use super::{cache, out, read_job};

/// `check JOB.toml`.
pub fn check(args: &CheckArgs) -> Result<()> {
    let definition = read_job(&args.job)?.definition;
    let n_plugins = definition.plugins.len();
    let prepared = prepare(
        definition,
        &Options { cache: cache::folder(), compiler: Compiler::this_program(), ..Options::default() },
    )?;
    out::result(&summary(prepared.graph(), n_plugins))?;
    let Some(checkpoint) = &args.against else { return Ok(()) };
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    let all = runtime.block_on(prepared.against(checkpoint))?;
    out::result(&of_checkpoint(&all))?;
    let stops = all.into_iter().filter_map(|of| match of.fate {
        Fate::Stops(why) => Some(Diagnostic::new(why)),
        _ => None,
    });
    let stops: Vec<_> = stops.collect();
    if stops.is_empty() { Ok(()) } else { Err(Error::Invalid(Diagnostics(stops))) }
}

/// What becomes of each thing that the checkpoint has.
fn of_checkpoint(all: &[CarryOver]) -> String {
    let heading = ["in the checkpoint", "what", "with this job"].map(str::to_owned);
    let fate = |fate: &Fate| match fate {
        // The reason is told with the mistakes.
        Fate::Stops(_) => "stops the job".to_owned(),
        fate => fate.to_string(),
    };
    let rows = all.iter().map(|of| [of.name.clone(), of.what.clone(), fate(&of.fate)]);
    format!("\n{}", aligned(&std::iter::once(heading).chain(rows).collect::<Vec<_>>()))
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
