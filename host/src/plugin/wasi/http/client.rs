//! Sends requests and reads their responses, on one thread for all instances, which is started for the first request.
//!
//! A request is a task there, and ends when nobody holds its [`Sent`] any more: an instance that ends takes its requests with it. A task waits for its guest whenever a piece of its response hasn't been taken.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Incoming as Received};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio::task::{AbortHandle, JoinHandle};

use super::super::bindings::wasi::http::types::ErrorCode;
use super::super::outside::Token;
use super::super::poll::Pollable;
use super::fields::{Headers, shown};
use super::incoming::Incoming;
use super::level::Level;
use super::outgoing::{Outgoing, Taken};
use super::{BUFFER, MAX_BODY, MAX_HEADER, MAX_HEADERS, failure, tls};
use crate::plugin::origin::{Origin, Scheme};

/// Names looked up at a time; a lookup can't be told to stop.
const MAX_LOOKUPS: usize = 32;
/// Addresses of a name that are tried.
const MAX_ADDRESSES: usize = 32;
/// How long connecting takes at most, where the guest doesn't say, or says more.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// A request that is to be sent.
#[derive(Debug)]
pub struct Prepared {
    /// To whom.
    pub origin: Origin,
    /// The method.
    pub method: Method,
    /// The path and query, which begin with a slash.
    pub path: String,
    /// The fields of its header, without those that are the host's.
    pub headers: Headers,
    /// Its body, if it has one.
    pub body: Option<Arc<Outgoing>>,
    /// How long is waited for what.
    pub timeouts: Timeouts,
}

/// How long is waited, where the guest says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timeouts {
    /// For a connection, until it is encrypted.
    pub connect: Option<Duration>,
    /// For the response's header.
    pub first_byte: Option<Duration>,
    /// For each piece of its body.
    pub between_bytes: Option<Duration>,
}

/// What a response begins with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The fields of its header.
    pub headers: Headers,
}

/// What has come of a request.
#[derive(Debug, Default)]
pub struct Exchange {
    answer: Mutex<(Option<Result<Answer, ErrorCode>>, Level)>,
    /// The response's body.
    pub body: Incoming,
}

impl Exchange {
    /// The response's beginning, or why there is none.
    pub fn answer(&self) -> Option<Result<Answer, ErrorCode>> {
        self.answer.lock().0.clone()
    }

    /// Ready once there is an answer.
    ///
    /// # Errors
    /// As [`Level::pollable`].
    pub fn answered(&self) -> io::Result<Pollable> {
        self.answer.lock().1.pollable()
    }

    /// The first time counts.
    fn set_answer(&self, answer: Result<Answer, ErrorCode>) {
        let mut state = self.answer.lock();
        state.0.get_or_insert(answer);
        state.1.set(true);
    }
}

/// A request under way. It is given up when this is dropped.
#[derive(Debug)]
pub struct Sent {
    /// What has come of it.
    pub exchange: Arc<Exchange>,
    task: AbortHandle,
    _token: Token,
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Ends a task with whoever waits for it.
struct EndsWith(JoinHandle<()>);

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The thread's runtime, once it was started.
static THREAD: Mutex<Option<Handle>> = Mutex::new(None);

fn thread() -> io::Result<Handle> {
    let mut started = THREAD.lock();
    if let Some(handle) = &*started {
        return Ok(handle.clone());
    }
    let runtime = Builder::new_current_thread().enable_io().enable_time().max_blocking_threads(MAX_LOOKUPS).build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("guests-http".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(started.insert(handle).clone())
}

/// Begin to send a request.
///
/// # Errors
/// When the thread can't be started.
pub fn send(prepared: Prepared, token: Token) -> io::Result<Sent> {
    let exchange = Arc::<Exchange>::default();
    let of_task = exchange.clone();
    let task = thread()?.spawn(async move {
        if let Err(code) = run(prepared, &of_task).await {
            tracing::debug!(error = ?code, "a plugin's request failed");
            of_task.set_answer(Err(code.clone()));
            of_task.body.end(Err(code));
        }
    });
    Ok(Sent { exchange, task: task.abort_handle(), _token: token })
}

/// What comes within this time.
async fn within<T>(time: Option<Duration>, code: ErrorCode, of: impl Future<Output = T>) -> Result<T, ErrorCode> {
    match time {
        Some(time) => tokio::time::timeout(time, of).await.map_err(|_| code),
        None => Ok(of.await),
    }
}

async fn run(prepared: Prepared, exchange: &Exchange) -> Result<(), ErrorCode> {
    let time = prepared.timeouts.connect.unwrap_or(CONNECT_TIMEOUT).min(CONNECT_TIMEOUT);
    let origin = &prepared.origin;
    let connecting = async {
        let stream = connect(origin).await?;
        match origin.scheme {
            Scheme::Http => Ok((Some(stream), None)),
            Scheme::Https => tls::encrypt(&origin.host, stream).await.map(|stream| (None, Some(stream))),
        }
    };
    match within(Some(time), ErrorCode::ConnectionTimeout, connecting).await?? {
        (Some(stream), _) => talk(stream, prepared, exchange).await,
        (_, Some(stream)) => talk(stream, prepared, exchange).await,
        (None, None) => Ok(()),
    }
}

/// A connection to the first of the origin's addresses that takes one.
async fn connect(origin: &Origin) -> Result<TcpStream, ErrorCode> {
    let found = tokio::net::lookup_host((origin.host.as_str(), origin.port)).await;
    let mut why = failure::of_lookup();
    for address in found.map_err(|_| failure::of_lookup())?.take(MAX_ADDRESSES) {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(|error| failure::of_io(&error))?;
                return Ok(stream);
            }
            Err(error) => why = failure::of_io(&error),
        }
    }
    Err(why)
}

async fn talk<S>(stream: S, prepared: Prepared, exchange: &Exchange) -> Result<(), ErrorCode>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Prepared { origin, method, path, headers, body, timeouts } = prepared;
    let mut builder = http1::Builder::new();
    builder.max_headers(MAX_HEADERS).max_header_size(MAX_HEADER).max_buf_size(BUFFER);
    let wrong = |error: hyper::Error| failure::of_hyper(&error);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(wrong)?;
    // What goes wrong is told to whoever sends, too.
    let _connection = EndsWith(tokio::spawn(async move { drop(connection.await) }));
    let mut fields = HeaderMap::new();
    fields.insert(HOST, HeaderValue::from_str(&origin.authority()).map_err(|error| failure::other(&error))?);
    for (name, value) in headers.iter() {
        fields.append(name, value.clone());
    }
    let mut body = body;
    // These have a body only where the header says so, and run-times finish one for every request.
    if let Some(outgoing) = &body
        && matches!(method, Method::GET | Method::HEAD)
        && !fields.contains_key(CONTENT_LENGTH)
    {
        match outgoing.is_empty().await {
            true => body = None,
            false => drop(fields.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"))),
        }
    }
    let request = Request::builder().method(method).uri(path).body(Taken(body));
    let mut request = request.map_err(|error| failure::other(&error))?;
    *request.headers_mut() = fields;
    let response = sender.send_request(request);
    let response = within(timeouts.first_byte, ErrorCode::HttpResponseTimeout, response).await?.map_err(wrong)?;
    receive(response, timeouts.between_bytes, exchange).await
}

/// Hand a response over.
async fn receive(
    response: Response<Received>,
    between: Option<Duration>,
    exchange: &Exchange,
) -> Result<(), ErrorCode> {
    let (head, mut body) = response.into_parts();
    let too_large = || ErrorCode::HttpResponseBodySize(Some(MAX_BODY));
    if body.size_hint().lower() > MAX_BODY {
        return Err(too_large());
    }
    exchange.set_answer(Ok(Answer { status: head.status.as_u16(), headers: shown(&head.headers) }));
    let mut came = 0_u64;
    loop {
        let frame = within(between, ErrorCode::ConnectionReadTimeout, body.frame()).await?;
        let Some(frame) = frame.transpose().map_err(|error| failure::of_hyper(&error))? else {
            exchange.body.end(Ok(None));
            return Ok(());
        };
        match frame.into_data() {
            Ok(piece) => {
                came = came.saturating_add(piece.len() as u64);
                if came > MAX_BODY {
                    return Err(too_large());
                }
                exchange.body.push(piece).await;
            }
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                exchange.body.end(Ok(Some(shown(&trailers))));
                return Ok(());
            }
        }
    }
}
