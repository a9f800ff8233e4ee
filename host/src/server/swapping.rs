//! Swaps and rollbacks: the calls that give a plugin another component.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use tokio::sync::SemaphorePermit;

use super::answer::{Answer, Refused, json};
use super::calls::{Desk, number};
use super::query::parameter;
use super::view;
use crate::batch::log::SwapRecord;
use crate::batch::{CanaryRequest, ComparedStream, Comparison, Made, RollbackRequest, SwapRequest};
use crate::context::RunningJob;
use crate::error::{Diagnostics, Error};

/// The longest text that says who wants a swap, or why, in bytes.
const MOST_TEXT: usize = 1024;

/// The right to send a component.
///
/// # Errors
/// While others are taken in, or tried.
pub fn turn(desk: &Desk) -> Result<SemaphorePermit<'_>, Refused> {
    desk.taking.try_acquire().map_err(|_| {
        let refused = Refused::new(StatusCode::CONFLICT, "other components are being taken in, or tried");
        refused.help("try again once that is done")
    })
}

/// Give a plugin the component in `body`.
///
/// # Errors
/// What doesn't fit.
pub async fn swap(desk: &Desk, plugin: String, query: &str, body: Bytes) -> Result<Answer, Refused> {
    let (by, why) = (text(query, "by")?, text(query, "why")?);
    let signature = signature(query)?;
    let request = SwapRequest { plugin, component: body, signature, by, why };
    perform(desk, |job| async move { job.swap(request).await }).await
}

/// The text of the component's signature; none where it isn't sent.
fn signature(query: &str) -> Result<Option<String>, Refused> {
    Ok(Some(text(query, "signature")?).filter(|text| !text.is_empty()))
}

/// Give a plugin a component that it was before.
///
/// # Errors
/// When it wasn't, or that component fits no more.
pub async fn rollback(desk: &Desk, plugin: String, query: &str) -> Result<Answer, Refused> {
    let to = match text(query, "to")? {
        to if to.is_empty() => None,
        to => Some(to.parse().map_err(|error: String| Refused::new(StatusCode::BAD_REQUEST, error))?),
    };
    let (by, why) = (text(query, "by")?, text(query, "why")?);
    let request = RollbackRequest { plugin, to, by, why };
    perform(desk, |job| async move { job.rollback(request).await }).await
}

/// Try the component in `body` beside a plugin's own. If the client goes, that is the end of it.
///
/// # Errors
/// What doesn't fit.
pub async fn canary(desk: &Desk, plugin: String, query: &str, body: Bytes) -> Result<Answer, Refused> {
    let batches = number(query, "batches")?.unwrap_or(1);
    let signature = signature(query)?;
    let trying = desk.job()?.canary(CanaryRequest { plugin, component: body, signature, batches });
    trying.await.map(|comparison| json(StatusCode::OK, &compared(&comparison))).map_err(refused)
}

/// How the component stands that is tried now.
pub fn comparison(job: &RunningJob) -> view::Canary {
    view::Canary { comparison: job.comparison().as_ref().map(compared) }
}

/// The swaps that are known.
pub fn swaps(job: &RunningJob) -> view::Swaps {
    view::Swaps { swaps: job.swaps().iter().map(shown).collect() }
}

/// In a task of its own: what is begun is brought to its end, also when the client has gone.
async fn perform<F>(desk: &Desk, change: impl FnOnce(Arc<RunningJob>) -> F) -> Result<Answer, Refused>
where
    F: Future<Output = crate::error::Result<SwapRecord>> + Send + 'static,
{
    let changed = tokio::spawn(change(desk.job()?)).await;
    let changed = changed.map_err(|error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    changed.map(|swap| json(StatusCode::OK, &shown(&swap))).map_err(refused)
}

fn refused(error: Error) -> Refused {
    match error {
        Error::Invalid(Diagnostics(mistakes)) => {
            let error = mistakes.iter().map(|mistake| mistake.message.clone()).collect::<Vec<_>>().join("\n");
            let refused = Refused::new(StatusCode::UNPROCESSABLE_ENTITY, error);
            let help: Vec<&str> = mistakes.iter().filter_map(|mistake| mistake.help.as_deref()).collect();
            if help.is_empty() { refused } else { refused.help(&help.join("\n")) }
        }
        error => Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn compared(comparison: &Comparison) -> view::Comparison {
    let made = |made: &Made| view::Made {
        rows: made.rows,
        only: made.only,
        took_ms: made.took.as_secs_f64() * 1e3,
        memory_bytes: made.memory,
    };
    let stream = |of: &ComparedStream| view::ComparedStream {
        stream: of.stream.clone(),
        operator: of.operator.clone(),
        current: made(&of.current),
        candidate: made(&of.candidate),
        differing_batches: of.differing_batches,
        samples: of.samples.clone(),
        failed_batches: of.failed_batches,
        errors: of.errors.clone(),
    };
    view::Comparison {
        plugin: comparison.plugin.clone(),
        current: comparison.current.to_string(),
        candidate: comparison.candidate.to_string(),
        batches: comparison.batches,
        first_batch_ms: comparison.first.map(|batch| batch.0),
        last_batch_ms: comparison.last.map(|batch| batch.0),
        same: comparison.is_same(),
        streams: comparison.streams.iter().map(stream).collect(),
        not_compared: comparison.not_compared.clone(),
    }
}

fn shown(swap: &SwapRecord) -> view::Swap {
    view::Swap {
        plugin: swap.plugin.clone(),
        from: swap.from.to_string(),
        to: swap.to.to_string(),
        kind: swap.kind.to_string(),
        after_batch_ms: swap.after.map(|batch| batch.0),
        planned_too: swap.planned_too,
        time_ms: swap.time_ms,
        by: swap.by.clone(),
        why: swap.why.clone(),
    }
}

fn text(query: &str, name: &str) -> Result<String, Refused> {
    let wrong = |what: &str| Refused::new(StatusCode::BAD_REQUEST, format!("{name} {what}"));
    match parameter(query, name) {
        None => Ok(String::new()),
        Some(Err(_)) => {
            Err(wrong("is no text: what follows a % are two hexadecimal digits, and all together is UTF-8"))
        }
        Some(Ok(text)) if text.len() > MOST_TEXT => Err(wrong(&format!("is longer than {MOST_TEXT} bytes"))),
        Some(Ok(text)) => Ok(text),
    }
}
