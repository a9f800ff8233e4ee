//! Answers: JSON, text, and refusals.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::view;

/// An answer, whole.
pub type Answer = Response<Full<Bytes>>;

const SNIFF: HeaderName = HeaderName::from_static("x-content-type-options");

/// Why a request isn't done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The answer's status.
    pub status: StatusCode,
    error: String,
    help: Option<String>,
    /// The methods that there are, where it was another.
    allow: Option<String>,
}

impl Refused {
    /// With this status, for this reason.
    pub fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), help: None, allow: None }
    }

    /// Say what to do.
    pub fn help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }

    /// The path has other methods.
    pub fn other_method(method: &str, path: &str, methods: &[&str]) -> Self {
        let allow = methods.join(", ");
        let error = format!("{path} can't be asked by {method}");
        let refused = Self::new(StatusCode::METHOD_NOT_ALLOWED, error).help(&format!("ask by {allow}"));
        Self { allow: Some(allow), ..refused }
    }

    /// The answer.
    pub fn into_answer(self) -> Answer {
        let mut answer = json(self.status, &view::Refusal { error: self.error, help: self.help });
        let headers = answer.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(allow) = self.allow.and_then(|allow| allow.parse().ok()) {
            headers.insert(ALLOW, allow);
        }
        answer
    }
}

/// An answer of JSON.
pub fn json(status: StatusCode, view: &impl Serialize) -> Answer {
    match serde_json::to_vec(view) {
        Ok(bytes) => text(status, "application/json", bytes),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string().into_bytes()),
    }
}

/// An answer of this type.
pub fn text(status: StatusCode, content_type: &'static str, bytes: Vec<u8>) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(bytes)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(SNIFF, HeaderValue::from_static("nosniff"));
    answer
}
