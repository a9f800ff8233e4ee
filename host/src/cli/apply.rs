//! `sluicebox apply`: another job file for a running job, with a plan of what it changes shown first.

use std::fs;
use std::io::{BufRead, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::args::{ApplyArgs, JobArgs};
use super::control::{Target, block_on, plain};
use super::swap::who;
use super::table::aligned;
use super::{out, settings, status};
use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::server::client::ClientError;
use crate::server::view::{Apply, ApplyPlan, Change, JobFile, Mistake};

/// How long applying may take: components are compiled, and sources that go come to their end with a batch.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// Job files are written by hand.
const MOST_BYTES: u64 = 4 << 20;

/// `apply JOB JOB.toml`.
pub fn apply(args: &ApplyArgs) -> Result<()> {
    let target = Target::find(&args.verb.target)?;
    // What is wrong with --set is told as of any other verb.
    let (_, mistakes) = settings(&JobArgs { job: args.file.clone(), set: args.set.clone() });
    if !mistakes.is_empty() {
        return Err(Error::Invalid(Diagnostics(mistakes)));
    }
    let mut asked = job_file(args)?;
    let plan: ApplyPlan = block_on(ask(&target, "/v1/plan", &asked))?.map_err(|error| refused(&target, error))?;
    out::warnings(&diagnostics(&plan.warnings));
    let ends_here = args.dry_run || !plan.mistakes.is_empty() || nothing_changes(&plan);
    if args.verb.json && ends_here {
        told_as_json(&plan)?;
    } else if !args.verb.json {
        out::result(&text_of(&plan))?;
    }
    if !plan.mistakes.is_empty() {
        return Err(Error::Invalid(diagnostics(&plan.mistakes)));
    }
    if ends_here {
        return Ok(());
    }
    if !args.yes && !agreed(args, &plan)? {
        return Err(Error::failed("the job stays what it is"));
    }
    asked.planned_from = Some(plan.from.unwrap_or_default());
    let applied: Apply = block_on(ask(&target, "/v1/apply", &asked))?.map_err(|error| refused(&target, error))?;
    if args.verb.json {
        return told_as_json(&applied);
    }
    let after = match applied.after_batch_ms {
        Some(batch) => format!("the batches after {}", status::time_or_dash(Some(batch))),
        None => "the first batch".to_owned(),
    };
    out::result(&format!("applied, from {after} on\n"))
}

fn nothing_changes(plan: &ApplyPlan) -> bool {
    plan.changes.is_empty() && plan.from.is_some() && plan.from == plan.to
}

/// Whether whoever sits there wants it. Where nobody does, it must be said if something is lost.
fn agreed(args: &ApplyArgs, plan: &ApplyPlan) -> Result<bool> {
    if std::io::stdin().is_terminal() && !args.verb.json {
        out::result("apply it? [y/N] ")?;
        let mut answer = String::new();
        let read = std::io::stdin().lock().take(100).read_line(&mut answer);
        read.map_err(|error| Error::failed(format!("the answer can't be read: {error}")))?;
        return Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"));
    }
    if plan.drops {
        let dropped = plan.carried.iter().filter(|of| of.dropped);
        let dropped: Vec<String> = dropped.map(|of| format!("{} ({})", plain(&of.name), plain(&of.what))).collect();
        let message = format!("with it the job would drop what it has of {}", dropped.join(", "));
        return Err(Error::invalid_with_help(message, "give --yes if that is meant"));
    }
    Ok(true)
}

/// The job file, to be sent.
fn job_file(args: &ApplyArgs) -> Result<JobFile> {
    let path = &args.file;
    let wrong = |what: String| {
        let mistake = Diagnostic { file: Some(path.clone()), ..Diagnostic::new(what) };
        Error::from(mistake.help("give the path of a job file"))
    };
    let text = text_at(path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let whole = std::path::absolute(path).map_err(|error| wrong(format!("has no place: {error}")))?;
    let (by, why) = (who(), args.why.clone().unwrap_or_default());
    Ok(JobFile {
        name: path.display().to_string(),
        path: whole.display().to_string(),
        text,
        settings: args.set.clone(),
        by,
        why,
        planned_from: None,
    })
}

fn text_at(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    Ok(text)
}

async fn ask<T: DeserializeOwned>(target: &Target, path: &str, asked: &JobFile) -> Result<T, ClientError> {
    let odd = |error: serde_json::Error| ClientError::Odd(format!("it answers what can't be understood: {error}"));
    let body = Bytes::from(serde_json::to_vec(asked).map_err(odd)?);
    let answer = target.client.ask("POST", path, Some("application/json"), body, TIMEOUT).await?;
    serde_json::from_slice(&answer).map_err(odd)
}

/// What the server says of a job file is the user's to correct; all else isn't.
fn refused(target: &Target, error: ClientError) -> Error {
    match error {
        ClientError::Refused { status: 422, error, .. } => Error::invalid(error),
        error => target.failed(error),
    }
}

fn diagnostics(mistakes: &[Mistake]) -> Diagnostics {
    let one = |of: &Mistake| {
        let place = |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok());
        Diagnostic {
            file: of.file.as_ref().map(PathBuf::from),
            position: place(of.line).zip(place(of.column)),
            message: of.message.clone(),
            help: of.help.clone(),
        }
    };
    Diagnostics(mistakes.iter().map(one).collect())
}

fn told_as_json(view: &impl serde::Serialize) -> Result<()> {
    let json = serde_json::to_string_pretty(view).map_err(|error| Error::failed(error.to_string()))?;
    out::result(&(json + "\n"))
}

/// The plan, as one reads it.
fn text_of(plan: &ApplyPlan) -> String {
    let mut text = String::new();
    for Change { kind, part, how } in &plan.changes {
        let sign = match kind.as_str() {
            "added" => '+',
            "removed" => '-',
            _ => '~',
        };
        text += &format!("{sign} {}\n", plain(part));
        text.extend(how.iter().map(|line| format!("    {}\n", plain(line))));
    }
    if plan.changes.is_empty() && plan.mistakes.is_empty() {
        text += "nothing is another\n";
    }
    if !plan.carried.is_empty() {
        let heading = ["\nof the job", "what", "then"].map(str::to_owned);
        let rows = plan.carried.iter().map(|of| [plain(&of.name), plain(&of.what), plain(&of.fate)]);
        text += &aligned(&std::iter::once(heading).chain(rows).collect::<Vec<_>>());
    }
    text
}
