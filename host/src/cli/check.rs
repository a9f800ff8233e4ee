//! `sluicebox check`: everything about a job that can be known before it runs.

use crate::error::Result;

use super::args::JobArgs;
use super::table::counted;
use super::{out, read_job};

/// `check JOB.toml`.
pub fn check(args: &JobArgs) -> Result<()> {
    let definition = read_job(args)?.definition;
    let (plugins, streams) = (counted(definition.plugins.len(), "plugin"), counted(definition.streams.len(), "stream"));
    out::result(&format!("ok: {plugins}, {streams}, {}\n", counted(definition.outputs.len(), "output")))
}
