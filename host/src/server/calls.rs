//! What each call does.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::{Request, StatusCode};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

use super::answer::{Answer, Refused, json, text};
use super::look::{Look, state_name};
use super::monitor::{KEPT_BATCHES, Monitor};
use super::query::parameter;
use super::routes::{Call, Found, JSON, Route, Sent, WASM, find};
use super::token::Token;
use super::{applying, exposition, guard, metrics, openapi, swapping, view};
use crate::context::{RunningJob, State};
use crate::plugin::MAX_COMPONENT;

/// The largest body of a verb.
const MOST_BYTES: usize = 16 << 10;
/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a component may take to come.
const COMPONENT_TIMEOUT: Duration = Duration::from_secs(120);
/// How long somebody waits for the job's end with one request who doesn't say.
const USUAL_WAIT: Duration = Duration::from_secs(30);
/// How long somebody may wait for it with one request.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Batches that have ended of which is told by default.
const USUAL_BATCHES: usize = 20;

/// What answers are made from.
#[derive(Debug)]
pub struct Desk {
    /// The job. The server doesn't keep it from ending when its program lets go of it.
    pub job: Weak<RunningJob>,
    /// What was seen of it.
    pub monitor: Arc<Monitor>,
    /// The job file, if it is of one.
    pub job_file: Option<String>,
    /// Whoever knows one of these is answered.
    pub tokens: Vec<Token>,
    /// Whether it listens on the loopback interface only.
    pub on_loopback: bool,
    /// How the job has ended, once it has.
    pub ended: watch::Receiver<Option<view::End>>,
    /// Somebody waits for the job's end, has been told that it hasn't come yet, and will ask again.
    pub awaited: watch::Sender<bool>,
    /// One answer is made at a time, so that all together take no more than one core from the batches.
    pub looking: Semaphore,
    /// Few components are taken in at a time, so that they don't fill the memory.
    pub taking: Semaphore,
}

/// The answer to a request.
pub async fn answer<B>(desk: &Arc<Desk>, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes, Error: std::error::Error + Send + Sync + 'static>,
{
    let done = async {
        guard::check_site(request.headers(), desk.on_loopback)?;
        let (method, path) = (request.method().as_str(), request.uri().path());
        let (route, parts) = match find(method, path) {
            Found::Route(route, parts) => (route, parts),
            Found::OtherMethod(methods) => return Err(Refused::other_method(method, path, &methods)),
            Found::Nothing => {
                let refused = Refused::new(StatusCode::NOT_FOUND, format!("there is nothing at {path}"));
                return Err(refused.help("GET /v1/openapi.json says what there is"));
            }
        };
        if route.needs_token {
            guard::check_token(request.headers(), &desk.tokens)?;
        }
        perform(desk, route, parts, request).await
    };
    done.await.unwrap_or_else(Refused::into_answer)
}

async fn perform<B>(
    desk: &Arc<Desk>,
    route: &'static Route,
    parts: Vec<String>,
    request: Request<B>,
) -> Result<Answer, Refused>
where
    B: Body<Data = Bytes, Error: std::error::Error + Send + Sync + 'static>,
{
    let query = request.uri().query().unwrap_or_default().to_owned();
    let plugin = parts.into_iter().next().unwrap_or_default();
    match route.body {
        Sent::Nothing => {}
        Sent::Json => {
            guard::check_type(request.headers(), JSON)?;
            let bytes = body(request.into_body(), MOST_BYTES, BODY_TIMEOUT).await?;
            is_object(&bytes)?;
        }
        Sent::JobFile => {
            guard::check_type(request.headers(), JSON)?;
            let _turn = swapping::turn(desk)?;
            let bytes = body(request.into_body(), applying::MOST_BYTES, BODY_TIMEOUT).await?;
            return match route.call {
                Call::Plan => applying::plan(desk, &bytes).await,
                _ => applying::apply(desk, &bytes).await,
            };
        }
        Sent::Component => {
            guard::check_type(request.headers(), WASM)?;
            let _turn = swapping::turn(desk)?;
            let most = usize::try_from(MAX_COMPONENT).unwrap_or(usize::MAX);
            let bytes = body(request.into_body(), most, COMPONENT_TIMEOUT).await?;
            return match route.call {
                Call::Canary => swapping::canary(desk, plugin, &query, bytes).await,
                _ => swapping::swap(desk, plugin, &query, bytes).await,
            };
        }
    }
    match route.call {
        Call::Rollback => swapping::rollback(desk, plugin, &query).await,
        Call::Health | Call::Live | Call::Ready => Ok(health(desk, route.call)),
        Call::OpenApi => Ok(text(StatusCode::OK, JSON, openapi::text().to_vec())),
        Call::End => end(desk, &query).await,
        Call::Pause | Call::Resume | Call::Drain | Call::Stop => verb(desk, route.call, &query).await,
        Call::Metrics
        | Call::Job
        | Call::Streams
        | Call::Operators
        | Call::Batches
        | Call::Receivers
        | Call::State
        | Call::Memory
        | Call::Swaps
        | Call::Comparison
        | Call::Swap
        | Call::Canary
        | Call::Plan
        | Call::Apply
        | Call::Applies => look(desk, route.call, &query).await,
    }
}

/// The whole body, if it isn't too long and comes in time.
async fn body<B>(body: B, most: usize, timeout: Duration) -> Result<Bytes, Refused>
where
    B: Body<Data = Bytes, Error: std::error::Error + Send + Sync + 'static>,
{
    let too_large = || {
        let error = format!("the body is larger than {most} bytes");
        Refused::new(StatusCode::PAYLOAD_TOO_LARGE, error)
    };
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let body = std::pin::pin!(Limited::new(body, most).collect());
    match tokio::time::timeout(timeout, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(Refused::new(StatusCode::BAD_REQUEST, format!("the body can't be read: {error}"))),
        Err(_) => Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "the body didn't come in time")),
    }
}

fn is_object(bytes: &Bytes) -> Result<(), Refused> {
    if bytes.is_empty() {
        return Ok(());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => match fields.keys().next() {
            None => Ok(()),
            Some(field) => {
                Err(Refused::new(StatusCode::BAD_REQUEST, format!("the body has an unknown field \"{field}\"")))
            }
        },
        Ok(_) => Err(Refused::new(StatusCode::BAD_REQUEST, "the body is no JSON object").help("send {}, or nothing")),
        Err(error) => Err(Refused::new(StatusCode::BAD_REQUEST, format!("the body is no JSON: {error}"))),
    }
}

impl Desk {
    /// The job, while it is there.
    pub fn job(&self) -> Result<Arc<RunningJob>, Refused> {
        self.job.upgrade().ok_or_else(|| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the job has ended"))
    }

    /// Returns when the job has ended, or the time is up.
    async fn end(&self, wait: Duration) -> view::End {
        let mut ended = self.ended.clone();
        let end = match tokio::time::timeout(wait.min(LONGEST_WAIT), ended.wait_for(Option::is_some)).await {
            Ok(Ok(end)) => end.clone(),
            _ => None,
        };
        self.awaited.send_replace(end.is_none());
        end.unwrap_or(view::End { ended: false, error: None })
    }
}

fn health(desk: &Desk, call: Call) -> Answer {
    let job = desk.job.upgrade();
    let health = job
        .map_or(view::Health { live: false, ready: false }, |job| Look { job: &job, monitor: &desk.monitor }.health());
    let good = match call {
        Call::Live => health.live,
        Call::Ready => health.ready,
        _ => true,
    };
    json(if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, &health)
}

/// Look at the job, on a thread of its own: keys are counted group by group, and each group may be at work for a moment.
async fn look(desk: &Arc<Desk>, call: Call, query: &str) -> Result<Answer, Refused> {
    let most = number(query, "limit")?.map_or(USUAL_BATCHES, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let gone = |_| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the job is ending");
    let _one_at_a_time = desk.looking.acquire().await.map_err(gone)?;
    let (job, monitor, job_file) = (desk.job()?, desk.monitor.clone(), desk.job_file.clone());
    let made = tokio::task::spawn_blocking(move || {
        let look = Look { job: &job, monitor: &monitor };
        let ok = StatusCode::OK;
        match call {
            Call::Metrics => text(ok, exposition::CONTENT_TYPE, metrics::text(look).into_bytes()),
            Call::Streams => json(ok, &look.streams()),
            Call::Operators => json(ok, &look.operators()),
            Call::Batches => json(ok, &look.batches(most.min(KEPT_BATCHES))),
            Call::Receivers => json(ok, &look.receivers()),
            Call::State => json(ok, &look.state()),
            Call::Memory => json(ok, &look.memory()),
            Call::Swaps => json(ok, &swapping::swaps(&job)),
            Call::Comparison => json(ok, &swapping::comparison(&job)),
            Call::Applies => json(ok, &applying::applies(&job)),
            _ => json(ok, &look.job(job_file.as_deref())),
        }
    });
    let failed = |error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the answer can't be made: {error}"));
    made.await.map_err(failed)
}

async fn verb(desk: &Desk, call: Call, query: &str) -> Result<Answer, Refused> {
    let job = desk.job()?;
    let now = boolean(query, "now")?;
    let wait = number(query, "wait_ms")?;
    let before = job.state();
    let ends = matches!(before, State::Stopping | State::Stopped);
    let changed = match call {
        Call::Pause | Call::Resume if ends => {
            let error = format!("the job is {}", state_name(before));
            return Err(Refused::new(StatusCode::CONFLICT, error).help("start it again"));
        }
        Call::Pause => job.pause(),
        Call::Resume => job.resume(),
        Call::Drain => {
            job.request_stop(true);
            !ends
        }
        _ if now => {
            let was = job.is_stopped_at_once();
            job.request_stop(false);
            !was
        }
        _ => {
            job.request_stop_after_planned();
            !ends
        }
    };
    let state = state_name(job.state());
    tracing::info!(target: "sluicebox::control", verb = ?call, now, changed, state, "asked by a client");
    // What waits for the job's end doesn't keep it.
    drop(job);
    let end = match wait {
        Some(wait) => Some(desk.end(Duration::from_millis(wait)).await),
        None => None,
    };
    Ok(json(StatusCode::OK, &view::Asked { state: state.to_owned(), changed, end }))
}

async fn end(desk: &Desk, query: &str) -> Result<Answer, Refused> {
    let wait = number(query, "timeout_ms")?.map_or(USUAL_WAIT, Duration::from_millis);
    Ok(json(StatusCode::OK, &desk.end(wait).await))
}

/// A number among the parameters.
pub fn number(query: &str, name: &str) -> Result<Option<u64>, Refused> {
    let wrong = || Refused::new(StatusCode::BAD_REQUEST, format!("{name} is no number"));
    parameter(query, name).map(|value| value.ok().and_then(|value| value.parse().ok()).ok_or_else(wrong)).transpose()
}

fn boolean(query: &str, name: &str) -> Result<bool, Refused> {
    match parameter(query, name) {
        None => Ok(false),
        Some(Ok(value)) if value == "false" => Ok(false),
        Some(Ok(value)) if value == "true" => Ok(true),
        Some(_) => Err(Refused::new(StatusCode::BAD_REQUEST, format!("{name} is neither true nor false"))),
    }
}
