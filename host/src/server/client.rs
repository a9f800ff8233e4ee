//! Asks a job's control server.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

use super::token::Token;
use super::view;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take, by default.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const MOST_BYTES: usize = 64 << 20;

/// One server.
#[derive(Debug, Clone)]
pub struct Client {
    address: String,
    token: Option<Token>,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientError {
    /// Nobody answers there, or not to the end.
    Gone(String),
    /// The server refuses.
    Refused {
        /// HTTP's status.
        status: u16,
        /// Why.
        error: String,
        /// What to do.
        help: Option<String>,
    },
    /// It answers as no control server does.
    Odd(String),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(error) | Self::Odd(error) => f.write_str(error),
            Self::Refused { error, help, .. } => {
                f.write_str(error)?;
                help.iter().try_for_each(|help| write!(f, "\n  help: {help}"))
            }
        }
    }
}

impl std::error::Error for ClientError {}

impl Client {
    /// A server at an address, `host:port`.
    pub fn new(address: impl Into<String>, token: Option<Token>) -> Self {
        Self { address: address.into(), token }
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ask by GET.
    ///
    /// # Errors
    /// As [`ClientError`] says.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.ask("GET", path, None, Bytes::new(), ANSWER_TIMEOUT).await.and_then(|bytes| self.read(&bytes))
    }

    /// Ask by GET, and wait for the answer for so long.
    ///
    /// # Errors
    /// As [`ClientError`] says.
    pub async fn get_within<T: DeserializeOwned>(&self, path: &str, timeout: Duration) -> Result<T, ClientError> {
        self.ask("GET", path, None, Bytes::new(), timeout).await.and_then(|bytes| self.read(&bytes))
    }

    /// Have a verb done, and wait for the answer for so long.
    ///
    /// # Errors
    /// As [`ClientError`] says.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, timeout: Duration) -> Result<T, ClientError> {
        let body = Bytes::from_static(b"{}");
        let answer = self.ask("POST", path, Some("application/json"), body, timeout).await?;
        self.read(&answer)
    }

    fn read<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(bytes)
            .map_err(|error| ClientError::Odd(format!("{} answers what can't be understood: {error}", self.address)))
    }

    /// Send a request and read the whole answer.
    ///
    /// # Errors
    /// As [`ClientError`] says.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: Bytes,
        timeout: Duration,
    ) -> Result<Bytes, ClientError> {
        let gone = |error: String| ClientError::Gone(format!("the control server at {}: {error}", self.address));
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(&self.address));
        let stream = connecting.await.map_err(|_| gone("it doesn't answer".to_owned()))?;
        let stream = stream.map_err(|error| gone(error.to_string()))?;
        let asking = async {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            let connection = async {
                // It ends when the sender is dropped. What goes wrong shows in the answer.
                let _ = connection.await;
                std::future::pending::<Infallible>().await
            };
            let answering = async {
                let answer = sender.send_request(self.request(method, path, content_type, body)?).await?;
                let status = answer.status();
                let bytes = Limited::new(answer.into_body(), MOST_BYTES).collect().await?.to_bytes();
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>((status, bytes))
            };
            tokio::select! {
                answer = answering => answer,
                never = connection => match never {},
            }
        };
        let answer = tokio::time::timeout(timeout, asking).await;
        let answer = answer.map_err(|_| gone("it doesn't answer in time".to_owned()))?;
        let (status, bytes) = answer.map_err(|error| gone(in_full(error.as_ref())))?;
        match status {
            StatusCode::OK => Ok(bytes),
            status => Err(self.refused(status, &bytes)),
        }
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.address);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        request.body(Full::new(body))
    }

    fn refused(&self, status: StatusCode, bytes: &[u8]) -> ClientError {
        match serde_json::from_slice::<view::Refusal>(bytes) {
            Ok(view::Refusal { error, help }) => ClientError::Refused { status: status.as_u16(), error, help },
            Err(_) => {
                ClientError::Odd(format!("{} answers \"{status}\", and isn't a job's control server", self.address))
            }
        }
    }
}

/// An error with what caused it.
fn in_full(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
