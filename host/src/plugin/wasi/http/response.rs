//! Responses, as far as they have come, and their bodies.

use std::sync::Arc;

use wasmtime::Result;
use wasmtime::component::Resource;

use super::super::bindings::wasi::http::types::{
    ErrorCode, Host, HostFutureIncomingResponse, HostFutureTrailers, HostIncomingBody, HostIncomingResponse,
};
use super::super::poll::Pollable;
use super::super::streams::{Failure, InputStream};
use super::client::{Answer, Sent};
use super::fields::Fields;
use super::once::is_first;
use crate::plugin::guest::Guest;

/// A response that may come.
#[derive(Debug)]
pub struct FutureResponse {
    sent: Arc<Sent>,
    is_taken: bool,
}

impl FutureResponse {
    /// The response to a request.
    pub fn new(sent: Sent) -> Self {
        Self { sent: Arc::new(sent), is_taken: false }
    }
}

/// A response whose header has come.
#[derive(Debug)]
pub struct IncomingResponse {
    sent: Arc<Sent>,
    answer: Answer,
    is_taken: bool,
}

/// The body of a response.
#[derive(Debug)]
pub struct IncomingBody {
    sent: Arc<Sent>,
    is_taken: bool,
}

/// What may come after a body.
#[derive(Debug)]
pub struct FutureTrailers {
    sent: Arc<Sent>,
    is_taken: bool,
}

impl Host for Guest {
    fn http_error_code(&mut self, error: Resource<Failure>) -> Result<Option<ErrorCode>> {
        Ok(self.outside().table.get(&error)?.of_http.as_deref().cloned())
    }
}

impl HostFutureIncomingResponse for Guest {
    fn subscribe(&mut self, this: Resource<FutureResponse>) -> Result<Resource<Pollable>> {
        let answered = self.outside().table.get(&this)?.sent.exchange.answered()?;
        self.subscribe_to(answered)
    }

    #[allow(clippy::type_complexity)]
    fn get(
        &mut self,
        this: Resource<FutureResponse>,
    ) -> Result<Option<Result<Result<Resource<IncomingResponse>, ErrorCode>, ()>>> {
        let table = &mut self.outside().table;
        let response = table.get_mut(&this)?;
        let Some(answer) = response.sent.exchange.answer() else { return Ok(None) };
        if !is_first(&mut response.is_taken) {
            return Ok(Some(Err(())));
        }
        let sent = response.sent.clone();
        Ok(Some(Ok(match answer {
            Ok(answer) => Ok(table.push(IncomingResponse { sent, answer, is_taken: false })?),
            Err(code) => Err(code),
        })))
    }

    fn drop(&mut self, this: Resource<FutureResponse>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl HostIncomingResponse for Guest {
    fn status(&mut self, this: Resource<IncomingResponse>) -> Result<u16> {
        Ok(self.outside().table.get(&this)?.answer.status)
    }

    fn headers(&mut self, this: Resource<IncomingResponse>) -> Result<Resource<Fields>> {
        let headers = self.outside().table.get(&this)?.answer.headers.clone();
        self.hold_fields(headers, true)
    }

    fn consume(&mut self, this: Resource<IncomingResponse>) -> Result<Result<Resource<IncomingBody>, ()>> {
        self.open_once(&this, |response| {
            is_first(&mut response.is_taken).then(|| IncomingBody { sent: response.sent.clone(), is_taken: false })
        })
    }

    fn drop(&mut self, this: Resource<IncomingResponse>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl HostIncomingBody for Guest {
    fn stream(&mut self, this: Resource<IncomingBody>) -> Result<Result<Resource<InputStream>, ()>> {
        self.open_once(&this, |body| is_first(&mut body.is_taken).then(|| InputStream::Body(body.sent.clone())))
    }

    fn finish(&mut self, this: Resource<IncomingBody>) -> Result<Resource<FutureTrailers>> {
        let table = &mut self.outside().table;
        let body = table.delete(this)?;
        body.sent.exchange.body.discard();
        Ok(table.push(FutureTrailers { sent: body.sent, is_taken: false })?)
    }

    fn drop(&mut self, this: Resource<IncomingBody>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl HostFutureTrailers for Guest {
    fn subscribe(&mut self, this: Resource<FutureTrailers>) -> Result<Resource<Pollable>> {
        let ended = self.outside().table.get(&this)?.sent.exchange.body.pollable()?;
        self.subscribe_to(ended)
    }

    #[allow(clippy::type_complexity)]
    fn get(
        &mut self,
        this: Resource<FutureTrailers>,
    ) -> Result<Option<Result<Result<Option<Resource<Fields>>, ErrorCode>, ()>>> {
        let trailers = self.outside().table.get_mut(&this)?;
        let Some(ended) = trailers.sent.exchange.body.ended() else { return Ok(None) };
        if !is_first(&mut trailers.is_taken) {
            return Ok(Some(Err(())));
        }
        Ok(Some(Ok(match ended {
            Ok(Some(fields)) => Ok(Some(self.hold_fields(fields, true)?)),
            Ok(None) => Ok(None),
            Err(code) => Err(code),
        })))
    }

    fn drop(&mut self, this: Resource<FutureTrailers>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}
