//! `wasi:http/outgoing-handler`: what is granted is sent, and nothing else.

use wasmtime::Result;
use wasmtime::component::Resource;

use super::super::bindings::wasi::http::outgoing_handler::Host;
use super::super::bindings::wasi::http::types::{self as wit, ErrorCode};
use super::client::{self, Prepared, Timeouts};
use super::fields::size;
use super::request::{OutgoingRequest, length_of, method_of};
use super::response::FutureResponse;
use super::{MAX_BODY, MAX_REQUESTS};
use crate::plugin::guest::Guest;
use crate::plugin::origin::{Origin, Scheme};

impl Host for Guest {
    fn handle(
        &mut self,
        request: Resource<OutgoingRequest>,
        options: Option<Resource<Timeouts>>,
    ) -> Result<Result<Resource<FutureResponse>, ErrorCode>> {
        let table = &mut self.outside().table;
        let request = table.delete(request)?;
        let timeouts = options.map(|options| table.delete(options)).transpose()?.unwrap_or_default();
        self.charge(size(request.headers.entries()))?;
        let prepared = match self.prepared(request, timeouts) {
            Ok(prepared) => prepared,
            Err(code) => return Ok(Err(code)),
        };
        let Some(token) = self.outside().request_token() else {
            self.refused(
                &format!("have more than {MAX_REQUESTS} requests under way"),
                "wait for responses, and drop them, before more are sent",
            );
            return Ok(Err(ErrorCode::ConnectionLimitReached));
        };
        self.sends(prepared.method.as_str(), &prepared.origin);
        match client::send(prepared, token) {
            Ok(sent) => Ok(Ok(self.outside().table.push(FutureResponse::new(sent))?)),
            Err(error) => Ok(Err(super::failure::other(&error))),
        }
    }
}

impl Guest {
    /// A request that may be sent, of one that may be anything.
    fn prepared(&mut self, request: OutgoingRequest, timeouts: Timeouts) -> Result<Prepared, ErrorCode> {
        let OutgoingRequest { method, scheme, authority, path, headers, body } = request;
        let scheme = match scheme {
            Some(wit::Scheme::Http) => Scheme::Http,
            Some(wit::Scheme::Https) | None => Scheme::Https,
            Some(wit::Scheme::Other(name)) => Scheme::of(&name).ok_or(ErrorCode::HttpRequestUriInvalid)?,
        };
        let authority = authority.ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let origin = Origin::new(scheme, &authority).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
        if !self.outside().grants.may_ask(&origin) {
            self.refused_to_ask(&origin);
            return Err(ErrorCode::HttpRequestDenied);
        }
        let method = method_of(&method).ok_or(ErrorCode::HttpRequestMethodInvalid)?;
        let headers = headers.entries().clone();
        let length = length_of(&headers)?;
        if body.is_none() && length.is_some_and(|length| length > 0) {
            return Err(ErrorCode::HttpRequestBodySize(length));
        }
        if length.is_some_and(|length| length > MAX_BODY) {
            return Err(ErrorCode::HttpRequestBodySize(Some(MAX_BODY)));
        }
        let path = match path {
            None => "/".to_owned(),
            Some(path) if path.starts_with('?') => format!("/{path}"),
            Some(path) => path,
        };
        Ok(Prepared { origin, method, path, headers, body, timeouts })
    }
}
