//! `sluicebox jobs`: the jobs that run on this machine.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::server::client::ClientError;
use crate::server::registry::{Entry, Registry};
use crate::server::view;

use super::args::JobsArgs;
use super::control::{Target, block_on, plain};
use super::table::aligned;
use super::{out, status};

/// A job that doesn't answer in this time is listed all the same.
const TIMEOUT: Duration = Duration::from_secs(3);

/// `jobs`.
pub fn jobs(args: &JobsArgs) -> Result<()> {
    let registry = Registry::of_user();
    let running =
        registry.running().map_err(|error| Error::failed(format!("running jobs can't be listed: {error}")))?;
    let all = block_on(futures::future::join_all(running.iter().map(ask)))?;
    let all: Vec<_> = running.iter().zip(all).collect();
    if args.json {
        let objects: Vec<Value> = all.iter().map(|(entry, job)| object(entry, job)).collect();
        return out::result(&format!("{:#}\n", Value::Array(objects)));
    }
    if all.is_empty() {
        return out::result(&format!("no jobs run, by {}\n", registry.folder().display()));
    }
    let heading = ["job", "process", "state", "batches", "last batch", "address", "job file"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heading).chain(all.iter().map(|(entry, job)| row(entry, job))).collect();
    out::result(&aligned(&rows))
}

async fn ask(entry: &Entry) -> Result<view::Job, String> {
    let target = Target::of_entry(entry).map_err(|error| error.to_string())?;
    target.client.get_within("/v1/job", TIMEOUT).await.map_err(|error: ClientError| error.to_string())
}

fn row(entry: &Entry, job: &Result<view::Job, String>) -> [String; 7] {
    let (state, batches, last) = match job {
        Ok(job) => (status::state(job), job.batches_completed.to_string(), status::time_or_dash(job.last_batch_ms)),
        Err(error) => (format!("? ({})", plain(error)), String::new(), String::new()),
    };
    let job_file = plain(entry.job_file.as_deref().unwrap_or_default());
    [plain(&entry.name), entry.pid.to_string(), state, batches, last, plain(&entry.address), job_file]
}

fn object(entry: &Entry, job: &Result<view::Job, String>) -> Value {
    json!({
        "name": entry.name,
        "pid": entry.pid,
        "address": format!("http://{}", entry.address),
        "started_ms": entry.started_ms,
        "job_file": entry.job_file,
        "version": entry.version,
        "job": job.as_ref().ok(),
        "error": job.as_ref().err(),
    })
}
