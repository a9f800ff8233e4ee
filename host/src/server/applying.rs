//! Job files for the running job: what one would change, and the call that applies it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use hyper::StatusCode;

use super::answer::{Answer, Refused, json};
use super::calls::Desk;
use super::view;
use crate::batch::carry_over::{CarryOver, Fate};
use crate::batch::log::ApplyRecord;
use crate::batch::{ApplyPlan, Change, ChangeKind};
use crate::context::{ApplyRequest, RunningJob};
use crate::error::{Diagnostic, Diagnostics, Error};
use crate::job::definition::FileText;
use crate::job::file::{self, JobFile};

/// The largest body with a job file.
pub const MOST_BYTES: usize = 32 << 20;
/// The longest text that says who wants it, or why, in bytes.
const MOST_TEXT: usize = 1024;

/// What the job file in `body` would change.
///
/// # Errors
/// When the job has ended, or the body is no job file's.
pub async fn plan(desk: &Desk, body: &Bytes) -> Result<Answer, Refused> {
    let asked = asked(body)?;
    let job = desk.job()?;
    let (plan, warnings) = match read(&job, asked).await? {
        Err(mistakes) => (ApplyPlan::refused(mistakes), Diagnostics(vec![])),
        Ok(JobFile { definition, warnings }) => match job.plan(definition).await {
            Ok(plan) => (plan, warnings),
            Err(Error::Invalid(mistakes)) => (ApplyPlan::refused(mistakes), warnings),
            Err(error) => return Err(failed(&error)),
        },
    };
    Ok(json(StatusCode::OK, &shown(&plan, &warnings)))
}

/// Apply the job file in `body`. It is brought to its end also when the client goes.
///
/// # Errors
/// What is wrong with it, or can't change while the job runs.
pub async fn apply(desk: &Desk, body: &Bytes) -> Result<Answer, Refused> {
    let asked = asked(body)?;
    let job = desk.job()?;
    let (by, why) = (asked.by.clone(), asked.why.clone());
    let planned_from = match asked.planned_from.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(digest) => {
            let digest = digest.parse().map_err(|error: String| Refused::new(StatusCode::BAD_REQUEST, error))?;
            Some(Some(digest))
        }
    };
    let JobFile { definition, .. } = read(&job, asked).await?.map_err(|mistakes| invalid(&mistakes))?;
    let applied = job.apply(ApplyRequest { definition, planned_from, by, why }).await;
    applied.map(|record| json(StatusCode::OK, &of_record(&record))).map_err(|error| match error {
        Error::Invalid(mistakes) => invalid(&mistakes),
        error => failed(&error),
    })
}

/// The job files that were applied, as far as they are known.
pub fn applies(job: &RunningJob) -> view::Applies {
    view::Applies { applies: job.applies().iter().map(of_record).collect() }
}

fn asked(body: &Bytes) -> Result<view::JobFile, Refused> {
    let wrong = |what: String| Refused::new(StatusCode::BAD_REQUEST, format!("the body {what}"));
    let asked: view::JobFile = serde_json::from_slice(body)
        .map_err(|error| wrong(format!("is no job file as GET /v1/openapi.json has it: {error}")))?;
    for (name, text) in [("by", &asked.by), ("why", &asked.why)] {
        if text.len() > MOST_TEXT {
            return Err(wrong(format!("has a \"{name}\" of more than {MOST_TEXT} bytes")));
        }
    }
    if !Path::new(&asked.path).is_absolute() {
        return Err(wrong(format!("has \"{}\" as the job file's path, which isn't absolute", asked.path)));
    }
    Ok(asked)
}

/// Read the job file; the inner error is what is wrong in it.
async fn read(job: &RunningJob, asked: view::JobFile) -> Result<Result<JobFile, Diagnostics>, Refused> {
    let view::JobFile { name, path, text, settings, .. } = asked;
    let path = PathBuf::from(path);
    // Paths of files in the same folder are told alike.
    let now = job.file().filter(|now| now.path.parent() == path.parent());
    let folder = now.and_then(|now| now.folder.clone());
    let read = tokio::task::spawn_blocking(move || {
        let file = FileText { path, text, settings, folder };
        file::read_text(Path::new(&name), &file)
    });
    let gone = |error: tokio::task::JoinError| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    Ok(read.await.map_err(gone)?.map_err(|mistaken| mistaken.mistakes))
}

fn invalid(Diagnostics(mistakes): &Diagnostics) -> Refused {
    // Each with its line, and with what to do about it.
    let errors: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, errors.join("\n"))
}

fn failed(error: &Error) -> Refused {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

fn shown(plan: &ApplyPlan, warnings: &Diagnostics) -> view::ApplyPlan {
    let change = |change: &Change| view::Change {
        kind: match change.kind {
            ChangeKind::Added => "added",
            ChangeKind::Changed => "changed",
            ChangeKind::Removed => "removed",
        }
        .to_owned(),
        part: change.part.clone(),
        how: change.how.clone(),
    };
    let carried = |of: &CarryOver| view::Carried {
        name: of.name.clone(),
        what: of.what.clone(),
        fate: of.fate.to_string(),
        dropped: matches!(of.fate, Fate::Dropped(_)),
    };
    view::ApplyPlan {
        from: plan.from.map(|digest| digest.to_string()),
        to: plan.to.map(|digest| digest.to_string()),
        changes: plan.changes.iter().map(change).collect(),
        carried: plan.carried.iter().map(carried).collect(),
        drops: plan.drops(),
        mistakes: plan.refused.iter().map(mistake).collect(),
        warnings: warnings.0.iter().map(mistake).collect(),
    }
}

fn mistake(mistake: &Diagnostic) -> view::Mistake {
    view::Mistake {
        file: mistake.file.as_ref().map(|file| file.display().to_string()),
        line: mistake.position.map(|(line, _)| line as u64),
        column: mistake.position.map(|(_, column)| column as u64),
        message: mistake.message.clone(),
        help: mistake.help.clone(),
    }
}

fn of_record(record: &ApplyRecord) -> view::Apply {
    view::Apply {
        from: record.from.map(|digest| digest.to_string()),
        to: record.to.map(|digest| digest.to_string()),
        kind: record.kind.to_string(),
        after_batch_ms: record.after.map(|batch| batch.0),
        changes: record.changes.clone(),
        time_ms: record.time_ms,
        by: record.by.clone(),
        why: record.why.clone(),
    }
}
