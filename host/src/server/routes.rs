//! What the control server can be asked: one table, from which requests are found and the OpenAPI document is made.

use serde_json::Value;

use super::query::decoded;
use super::schema::{Schemas, Shown};
use super::view;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Health,
    Live,
    Ready,
    Metrics,
    OpenApi,
    Job,
    Streams,
    Operators,
    Batches,
    Receivers,
    State,
    Memory,
    Pause,
    Resume,
    Drain,
    Stop,
    End,
    Swaps,
    Swap,
    Rollback,
    Canary,
    Comparison,
    Plan,
    Apply,
    Applies,
}

/// A path, and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// What it asks for.
    pub call: Call,
    /// GET or POST.
    pub method: &'static str,
    /// The path; a part in braces is whatever stands there.
    pub path: &'static str,
    /// One line of documentation.
    pub about: &'static str,
    /// Whether the token must be known.
    pub needs_token: bool,
    /// What is sent.
    pub body: Sent,
    /// What stands after a `?`.
    pub query: &'static [Parameter],
    /// What the answer is.
    pub answer: Content,
}

/// The type of bodies that are JSON.
pub const JSON: &str = "application/json";
/// The type of components.
pub const WASM: &str = "application/wasm";

/// What is sent with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nothing.
    Nothing,
    /// A JSON object, or nothing.
    Json,
    /// A component.
    Component,
    /// A job file, as JSON.
    JobFile,
}

/// What an answer is.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// JSON of a view.
    Json(fn(&mut Schemas) -> Value),
    /// JSON that has no view.
    AnyJson,
    /// Text of this type.
    Text(&'static str),
}

/// A parameter of a query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its schema's type.
    pub of_type: &'static str,
}

const BATCHES: &[Parameter] =
    &[Parameter { name: "limit", about: "Batches that have ended, at most; 256 are kept.", of_type: "integer" }];
const WAIT: Parameter = Parameter {
    name: "wait_ms",
    about: "How long to wait for the job's end; not at all by default, 60,000 at most.",
    of_type: "integer",
};
const DRAIN: &[Parameter] = &[WAIT];
const STOP: &[Parameter] =
    &[WAIT, Parameter { name: "now", about: "Give up the batch that runs and those that wait.", of_type: "boolean" }];
const END: &[Parameter] = &[Parameter {
    name: "timeout_ms",
    about: "How long to wait for the job's end; 30,000 by default, 60,000 at most.",
    of_type: "integer",
}];

const BY: Parameter = Parameter { name: "by", about: "Who wants it.", of_type: "string" };
const WHY: Parameter = Parameter { name: "why", about: "Why.", of_type: "string" };
const SIGNATURE: Parameter = Parameter {
    name: "signature",
    about: "The text of the component's signature, where the job has trusted keys.",
    of_type: "string",
};
const SWAP: &[Parameter] = &[BY, WHY, SIGNATURE];
const ROLLBACK: &[Parameter] = &[
    BY,
    WHY,
    Parameter {
        name: "to",
        about: "The component's digest; the one before the last swap by default.",
        of_type: "string",
    },
];
const CANARY: &[Parameter] = &[
    Parameter { name: "batches", about: "Beside how many batches it is tried; 1 by default.", of_type: "integer" },
    SIGNATURE,
];

const fn get(call: Call, path: &'static str, answer: Content, about: &'static str) -> Route {
    Route { call, method: "GET", path, about, needs_token: true, body: Sent::Nothing, query: &[], answer }
}

const fn open(route: Route) -> Route {
    Route { needs_token: false, ..route }
}

const fn post(call: Call, path: &'static str, about: &'static str) -> Route {
    let answer = Content::Json(view::Asked::schema);
    Route { call, method: "POST", path, about, needs_token: true, body: Sent::Json, query: &[], answer }
}

const fn taking(route: Route) -> Route {
    Route { body: Sent::Component, ..route }
}

const fn reading(answer: Content, route: Route) -> Route {
    Route { body: Sent::JobFile, answer, ..route }
}

const fn giving(answer: Content, route: Route) -> Route {
    Route { answer, ..route }
}

const fn with_query(query: &'static [Parameter], route: Route) -> Route {
    Route { query, ..route }
}

/// All of them.
pub const ROUTES: &[Route] = &[
    open(get(
        Call::Health,
        "/health",
        Content::Json(view::Health::schema),
        "Whether the job is live and ready; always 200.",
    )),
    open(get(
        Call::Live,
        "/health/live",
        Content::Json(view::Health::schema),
        "200 while the job hasn't ended, 503 after.",
    )),
    open(get(
        Call::Ready,
        "/health/ready",
        Content::Json(view::Health::schema),
        "200 while sources take rows in, 503 otherwise.",
    )),
    get(Call::Metrics, "/metrics", Content::Text(super::exposition::CONTENT_TYPE), "Metrics for Prometheus."),
    get(Call::OpenApi, "/v1/openapi.json", Content::AnyJson, "This document."),
    get(Call::Job, "/v1/job", Content::Json(view::Job::schema), "What the job is and where it stands."),
    get(Call::Streams, "/v1/streams", Content::Json(view::Streams::schema), "Streams with their columns, and outputs."),
    get(
        Call::Operators,
        "/v1/operators",
        Content::Json(view::Operators::schema),
        "Plugins with digests and limits, and what their operators did.",
    ),
    with_query(
        BATCHES,
        get(
            Call::Batches,
            "/v1/batches",
            Content::Json(view::Batches::schema),
            "The last batches, with their delays, rows, outputs and failures.",
        ),
    ),
    get(
        Call::Receivers,
        "/v1/receivers",
        Content::Json(view::Receivers::schema),
        "Sources with their rates and errors.",
    ),
    get(Call::State, "/v1/state", Content::Json(view::States::schema), "How much stateful streams keep."),
    get(Call::Memory, "/v1/memory", Content::Json(view::Memory::schema), "Who uses the job's memory."),
    post(Call::Pause, "/v1/pause", "Plan no more batches until the job is resumed."),
    post(Call::Resume, "/v1/resume", "Plan batches again; the batch times that passed are one batch."),
    with_query(DRAIN, post(Call::Drain, "/v1/drain", "Stop once all that was received is processed and written.")),
    with_query(STOP, post(Call::Stop, "/v1/stop", "Stop once the batches that are planned are done.")),
    with_query(
        END,
        get(
            Call::End,
            "/v1/end",
            Content::Json(view::End::schema),
            "Answers once the job has ended, or the time is up.",
        ),
    ),
    get(Call::Swaps, "/v1/swaps", Content::Json(view::Swaps::schema), "The last swaps, oldest first."),
    with_query(
        SWAP,
        giving(
            Content::Json(view::Swap::schema),
            taking(post(
                Call::Swap,
                "/v1/plugins/{plugin}/swap",
                "Give a plugin another component, from the next batch that is planned on.",
            )),
        ),
    ),
    with_query(
        ROLLBACK,
        giving(
            Content::Json(view::Swap::schema),
            post(Call::Rollback, "/v1/plugins/{plugin}/rollback", "Give a plugin a component that it was before."),
        ),
    ),
    with_query(
        CANARY,
        giving(
            Content::Json(view::Comparison::schema),
            taking(post(
                Call::Canary,
                "/v1/plugins/{plugin}/canary",
                "Try a component beside the plugin's own, for some batches; answers when they are done.",
            )),
        ),
    ),
    get(
        Call::Comparison,
        "/v1/canary",
        Content::Json(view::Canary::schema),
        "How the component stands that is tried now.",
    ),
    reading(
        Content::Json(view::ApplyPlan::schema),
        post(Call::Plan, "/v1/plan", "What applying a job file would change; nothing is done."),
    ),
    reading(
        Content::Json(view::Apply::schema),
        post(Call::Apply, "/v1/apply", "Apply a job file, from the next batch that is planned on."),
    ),
    get(
        Call::Applies,
        "/v1/applies",
        Content::Json(view::Applies::schema),
        "The last job files that were applied, oldest first.",
    ),
];

/// What a path leads to.
#[derive(Debug)]
pub enum Found {
    /// A route, and what stood for the parts in braces, in their order.
    Route(&'static Route, Vec<String>),
    /// No route of this method; of these.
    OtherMethod(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

/// What a request leads to.
pub fn find(method: &str, path: &str) -> Found {
    let mut methods = vec![];
    for route in ROUTES {
        if let Some(parts) = matched(route.path, path) {
            // Whoever asks for a head is answered as for the whole, and the body is left out.
            if route.method == method || (method == "HEAD" && route.method == "GET") {
                return Found::Route(route, parts);
            }
            methods.push(route.method);
        }
    }
    if methods.is_empty() { Found::Nothing } else { Found::OtherMethod(methods) }
}

fn matched(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    let mut parts = vec![];
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(parts),
            (Some(part), Some(given)) if part.starts_with('{') && !given.is_empty() => parts.push(decoded(given).ok()?),
            (Some(part), Some(given)) if part == given => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_routes() {
        let call = |method: &str, path: &str| match find(method, path) {
            Found::Route(route, parts) => format!("{:?} {parts:?}", route.call),
            Found::OtherMethod(methods) => format!("only {methods:?}"),
            Found::Nothing => "nothing".to_owned(),
        };
        for (method, path, expected) in [
            ("GET", "/v1/job", "Job []"),
            ("HEAD", "/v1/job", "Job []"),
            ("POST", "/v1/job", "only [\"GET\"]"),
            ("GET", "/v1/stop", "only [\"POST\"]"),
            ("HEAD", "/v1/stop", "only [\"POST\"]"),
            ("GET", "/v1/job/", "nothing"),
            ("GET", "/", "nothing"),
            ("GET", "", "nothing"),
        ] {
            assert_eq!(call(method, path), expected, "{method} {path}");
        }
        assert_eq!(matched("/a/{x}/b", "/a/1/b"), Some(vec!["1".to_owned()]));
        assert_eq!((matched("/a/{x}/b", "/a//b"), matched("/a/{x}", "/a/1/b")), (None, None));
    }
}
