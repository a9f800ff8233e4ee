//! Requests through WASI's HTTP, which the host speaks.

use std::io::{self, ErrorKind as Kind};
use std::time::Duration;

use super::{Request, Response, Url};
use crate::bindings::http::wasi::http::outgoing_handler::handle;
use crate::bindings::http::wasi::http::types::{
    ErrorCode, Fields, HeaderError, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme, http_error_code,
};
use crate::bindings::sockets::wasi::clocks::monotonic_clock::{now, subscribe_instant};
use crate::bindings::sockets::wasi::io::poll::{Pollable, poll};
use crate::bindings::sockets::wasi::io::streams::{InputStream, StreamError};

/// A body as it comes. Dropped in this order: the stream belongs to its body.
#[derive(Debug)]
pub struct Body {
    input: InputStream,
    _body: IncomingBody,
    deadline: Option<u64>,
}

/// Wait until one of these is ready; which are.
fn wait(pollables: &[&Pollable], deadline: Option<u64>) -> io::Result<Vec<u32>> {
    let Some(deadline) = deadline else { return Ok(poll(pollables)) };
    let timer = subscribe_instant(deadline);
    let ready = poll(&[pollables, &[&timer]].concat());
    match ready[..] {
        [only] if only as usize == pollables.len() => Err(io::Error::new(Kind::TimedOut, "it took too long")),
        _ => Ok(ready),
    }
}

fn invalid(why: impl Into<String>) -> io::Error {
    io::Error::new(Kind::InvalidInput, why.into())
}

fn error(code: ErrorCode) -> io::Error {
    let kind = match code {
        ErrorCode::HttpRequestDenied => {
            let message = "the plugin is not granted to: add its origin to http in its grants";
            return io::Error::new(Kind::PermissionDenied, message);
        }
        ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            return io::Error::new(Kind::NotFound, "the name is not found");
        }
        ErrorCode::DestinationIpUnroutable | ErrorCode::DestinationUnavailable => Kind::HostUnreachable,
        ErrorCode::ConnectionRefused => Kind::ConnectionRefused,
        ErrorCode::ConnectionTerminated => Kind::ConnectionReset,
        ErrorCode::HttpResponseIncomplete => return io::Error::new(Kind::UnexpectedEof, "the response broke off"),
        ErrorCode::DnsTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => Kind::TimedOut,
        ErrorCode::ConnectionLimitReached => {
            return io::Error::other("too many requests are under way: read or drop responses before more are sent");
        }
        ErrorCode::TlsCertificateError => return io::Error::other("the server's certificate is not trusted"),
        ErrorCode::InternalError(Some(text)) => return io::Error::other(text),
        ErrorCode::HttpRequestUriInvalid => return invalid("its URL is refused"),
        ErrorCode::HttpRequestMethodInvalid => return invalid("its method is refused"),
        code => return io::Error::other(format!("{code:?}")),
    };
    kind.into()
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

/// Send a request, and wait for the response's beginning.
pub fn send(request: &Request, url: &Url<'_>) -> io::Result<Response> {
    let nanos = |timeout: Duration| u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
    let deadline = request.timeout.map(|timeout| now().saturating_add(nanos(timeout)));
    let mut fields = request.headers.clone();
    if let Some(body) = &request.body {
        fields.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
    }
    let fields = Fields::from_list(&fields).map_err(|error| {
        invalid(match error {
            HeaderError::Forbidden => "a field of its header is not the plugin's to write",
            _ => "a field of its header has characters that can't stand there",
        })
    })?;
    let outgoing = OutgoingRequest::new(fields);
    outgoing.set_method(&method(&request.method)).map_err(|()| invalid("its method is none"))?;
    let scheme = if url.is_encrypted { Scheme::Https } else { Scheme::Http };
    outgoing.set_scheme(Some(&scheme)).map_err(|()| invalid("its URL's scheme is refused"))?;
    outgoing.set_authority(Some(url.authority)).map_err(|()| invalid("its URL's host is refused"))?;
    outgoing.set_path_with_query(Some(url.path)).map_err(|()| invalid("its URL's path is refused, or too long"))?;
    let body = match &request.body {
        Some(bytes) => Some((outgoing.body().map_err(|()| invalid("it has no body"))?, bytes)),
        None => None,
    };
    let response = handle(outgoing, None).map_err(error)?;
    let answered = response.subscribe();
    if let Some((body, bytes)) = body {
        write(body, bytes, &answered, deadline)?;
    }
    let response = loop {
        match response.get() {
            Some(Ok(response)) => break response.map_err(error)?,
            Some(Err(())) => return Err(io::Error::other("the response was taken before")),
            None => wait(&[&answered], deadline).map(drop)?,
        }
    };
    let (status, headers) = (response.status(), response.headers().entries());
    let none = |()| io::Error::other("the response has no body");
    let body = response.consume().map_err(none)?;
    let input = body.stream().map_err(none)?;
    Ok(Response { status, headers, body: Body { input, _body: body, deadline } })
}

/// Write a request's body, unless the server answers before it has all of it.
fn write(body: OutgoingBody, mut bytes: &[u8], answered: &Pollable, deadline: Option<u64>) -> io::Result<()> {
    let stream = body.write().map_err(|()| io::Error::other("the request's body was taken before"))?;
    let writable = stream.subscribe();
    while !bytes.is_empty() {
        match stream.check_write() {
            Ok(0) => {
                if wait(&[&writable, answered], deadline)? == [1] {
                    return Ok(());
                }
            }
            Ok(n) => {
                let (now, rest) = bytes.split_at(bytes.len().min(usize::try_from(n).unwrap_or(usize::MAX)));
                match stream.write(now) {
                    Ok(()) => bytes = rest,
                    Err(StreamError::Closed) => return Ok(()),
                    Err(StreamError::LastOperationFailed(failure)) => return Err(failed(&failure)),
                }
            }
            // Why the connection is closed is what the response says.
            Err(_) => return Ok(()),
        }
    }
    drop((writable, stream));
    OutgoingBody::finish(body, None).map_err(error)
}

fn failed(failure: &crate::bindings::sockets::wasi::io::error::Error) -> io::Error {
    http_error_code(failure).map_or_else(|| io::Error::other(failure.to_debug_string()), error)
}

impl Body {
    pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.input.read(bytes.len() as u64) {
                Ok(read) if read.is_empty() => wait(&[&self.input.subscribe()], self.deadline).map(drop)?,
                Ok(read) => {
                    // No more than was asked for came.
                    let n = read.len().min(bytes.len());
                    bytes[..n].copy_from_slice(&read[..n]);
                    return Ok(n);
                }
                Err(StreamError::Closed) => return Ok(0),
                Err(StreamError::LastOperationFailed(failure)) => return Err(failed(&failure)),
            }
        }
    }
}
