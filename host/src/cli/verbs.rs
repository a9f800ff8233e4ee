//! `sluicebox pause`, `resume`, `drain` and `stop`: what a running job is to do.

use std::time::Duration;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::server::client::ClientError;
use crate::server::view::{Asked, End};

use super::args::{DrainArgs, StopArgs, VerbArgs};
use super::control::{Target, block_on, plain};
use super::out;

/// How long the server is asked to wait for the job's end with one request.
const WAIT_MS: u64 = 30_000;
/// How long its answer to that is waited for.
const TIMEOUT: Duration = Duration::from_secs(40);

/// `pause JOB`.
pub fn pause(args: &VerbArgs) -> Result<()> {
    ask(args, "/v1/pause", "paused: no batches are planned until it is resumed", "it was paused already")
}

/// `resume JOB`.
pub fn resume(args: &VerbArgs) -> Result<()> {
    ask(args, "/v1/resume", "resumed", "it wasn't paused")
}

fn ask(args: &VerbArgs, path: &str, done: &str, was_so: &str) -> Result<()> {
    let target = Target::find(&args.target)?;
    let asked: Asked = block_on(target.client.post(path, TIMEOUT))?.map_err(|error| target.failed(error))?;
    told(args.json, &asked, if asked.changed { done } else { was_so })
}

/// `drain JOB`.
pub fn drain(args: &DrainArgs) -> Result<()> {
    end(&args.verb, "/v1/drain", false, args.no_wait)
}

/// `stop JOB`.
pub fn stop(args: &StopArgs) -> Result<()> {
    end(&args.verb, "/v1/stop", args.now, args.no_wait)
}

fn end(args: &VerbArgs, path: &str, now: bool, no_wait: bool) -> Result<()> {
    let target = Target::find(&args.target)?;
    let wait = if no_wait { String::new() } else { format!("&wait_ms={WAIT_MS}") };
    let path = format!("{path}?now={now}{wait}");
    let asked: Asked = block_on(target.client.post(&path, TIMEOUT))?.map_err(|error| target.failed(error))?;
    let Some(end) = asked.end.clone() else {
        return told(args.json, &asked, if asked.changed { "stopping" } else { "it was stopping already" });
    };
    let ended = block_on(until_ended(&target, end))?.map_err(|error| target.failed(error))?;
    match &ended.error {
        None => told(args.json, &ended, "stopped"),
        // That was asked for, and is no failure of this program's.
        Some(_) if now => told(args.json, &ended, "stopped at once"),
        Some(error) => {
            if args.json {
                told(true, &ended, "")?;
            }
            Err(Error::failed(format!("the job has failed: {}", plain(error))))
        }
    }
}

async fn until_ended(target: &Target, mut end: End) -> Result<End, ClientError> {
    while !end.ended {
        end = target.client.get_within(&format!("/v1/end?timeout_ms={WAIT_MS}"), TIMEOUT).await?;
    }
    Ok(end)
}

fn told(json: bool, view: &impl Serialize, text: &str) -> Result<()> {
    match json {
        true => {
            let json = serde_json::to_string_pretty(view).map_err(|error| Error::failed(error.to_string()))?;
            out::result(&(json + "\n"))
        }
        false => out::result(&format!("{text}\n")),
    }
}
