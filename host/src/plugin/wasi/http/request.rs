//! Requests as a guest makes them, their bodies, and how long they may wait. Nothing is sent yet.

use std::sync::Arc;
use std::time::Duration;

use hyper::http::uri::PathAndQuery;
use hyper::{Method, header};
use wasmtime::Result;
use wasmtime::component::Resource;

use super::super::bindings::wasi::http::types::{
    self as wit, ErrorCode, HostOutgoingBody, HostOutgoingRequest, HostRequestOptions,
};
use super::super::streams::OutputStream;
use super::MAX_PATH;
use super::client::Timeouts;
use super::fields::{Fields, Headers};
use super::once::is_first;
use super::outgoing::Outgoing;
use crate::plugin::guest::Guest;

/// The longest method, and the longest host with its port, in bytes.
const MAX_METHOD: usize = 32;
const MAX_AUTHORITY: usize = 512;

/// A request that isn't sent.
#[derive(Debug)]
pub struct OutgoingRequest {
    /// The method.
    pub method: wit::Method,
    /// The scheme; none: encrypted.
    pub scheme: Option<wit::Scheme>,
    /// Host and port.
    pub authority: Option<String>,
    /// Path and query.
    pub path: Option<String>,
    /// The fields of its header.
    pub headers: Fields,
    /// Its body, once the guest has asked for it.
    pub body: Option<Arc<Outgoing>>,
}

/// The body of a request, which is broken off where it isn't finished.
#[derive(Debug)]
pub struct OutgoingBody {
    body: Arc<Outgoing>,
    is_taken: bool,
}

impl Drop for OutgoingBody {
    fn drop(&mut self) {
        self.body.break_off();
    }
}

/// The method as HTTP has it.
pub fn method_of(method: &wit::Method) -> Option<Method> {
    Some(match method {
        wit::Method::Get => Method::GET,
        wit::Method::Head => Method::HEAD,
        wit::Method::Post => Method::POST,
        wit::Method::Put => Method::PUT,
        wit::Method::Delete => Method::DELETE,
        wit::Method::Options => Method::OPTIONS,
        wit::Method::Trace => Method::TRACE,
        wit::Method::Patch => Method::PATCH,
        // It would make a tunnel of the connection.
        wit::Method::Connect => return None,
        wit::Method::Other(name) if name.len() <= MAX_METHOD => {
            Method::from_bytes(name.as_bytes()).ok().filter(|method| *method != Method::CONNECT)?
        }
        wit::Method::Other(_) => return None,
    })
}

/// The length that a header says its body has; none: it says nothing.
///
/// # Errors
/// Where it says something that is no length, or says it twice.
pub fn length_of(headers: &Headers) -> Result<Option<u64>, ErrorCode> {
    let mut lengths = headers.iter().filter(|(name, _)| *name == header::CONTENT_LENGTH).map(|(_, value)| value);
    let Some(length) = lengths.next() else { return Ok(None) };
    let digits = length.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match (digits.and_then(|digits| digits.parse().ok()), lengths.next()) {
        (Some(length), None) => Ok(Some(length)),
        _ => Err(ErrorCode::HttpRequestBodySize(None)),
    }
}

/// Whether it is a path with a query, as a request's first line has them.
fn is_path(text: &str) -> bool {
    text.starts_with(['/', '?']) && !text.contains('#') && text.parse::<PathAndQuery>().is_ok()
}

impl HostOutgoingRequest for Guest {
    fn new(&mut self, headers: Resource<Fields>) -> Result<Resource<OutgoingRequest>> {
        let table = &mut self.outside().table;
        let headers = table.delete(headers)?;
        let method = wit::Method::Get;
        let request = OutgoingRequest { method, scheme: None, authority: None, path: None, headers, body: None };
        Ok(table.push(request)?)
    }

    fn body(&mut self, this: Resource<OutgoingRequest>) -> Result<Result<Resource<OutgoingBody>, ()>> {
        self.open_once(&this, |request| {
            if request.body.is_some() {
                return None;
            }
            // Where the header says nothing that makes sense, the request isn't sent.
            let body = Arc::new(Outgoing::new(length_of(request.headers.entries()).unwrap_or(Some(0))));
            request.body = Some(body.clone());
            Some(OutgoingBody { body, is_taken: false })
        })
    }

    fn method(&mut self, this: Resource<OutgoingRequest>) -> Result<wit::Method> {
        Ok(self.outside().table.get(&this)?.method.clone())
    }

    fn set_method(&mut self, this: Resource<OutgoingRequest>, method: wit::Method) -> Result<Result<(), ()>> {
        let request = self.outside().table.get_mut(&this)?;
        if !matches!(method, wit::Method::Connect) && method_of(&method).is_none() {
            return Ok(Err(()));
        }
        request.method = method;
        Ok(Ok(()))
    }

    fn path_with_query(&mut self, this: Resource<OutgoingRequest>) -> Result<Option<String>> {
        Ok(self.outside().table.get(&this)?.path.clone())
    }

    fn set_path_with_query(&mut self, this: Resource<OutgoingRequest>, path: Option<String>) -> Result<Result<(), ()>> {
        self.charge(path.as_ref().map_or(0, String::len))?;
        let request = self.outside().table.get_mut(&this)?;
        let path = path.filter(|path| !path.is_empty());
        if path.as_ref().is_some_and(|path| path.len() > MAX_PATH || !is_path(path)) {
            return Ok(Err(()));
        }
        request.path = path;
        Ok(Ok(()))
    }

    fn scheme(&mut self, this: Resource<OutgoingRequest>) -> Result<Option<wit::Scheme>> {
        Ok(self.outside().table.get(&this)?.scheme.clone())
    }

    fn set_scheme(&mut self, this: Resource<OutgoingRequest>, scheme: Option<wit::Scheme>) -> Result<Result<(), ()>> {
        let request = self.outside().table.get_mut(&this)?;
        if matches!(&scheme, Some(wit::Scheme::Other(name)) if name.len() > MAX_METHOD) {
            return Ok(Err(()));
        }
        request.scheme = scheme;
        Ok(Ok(()))
    }

    fn authority(&mut self, this: Resource<OutgoingRequest>) -> Result<Option<String>> {
        Ok(self.outside().table.get(&this)?.authority.clone())
    }

    fn set_authority(&mut self, this: Resource<OutgoingRequest>, authority: Option<String>) -> Result<Result<(), ()>> {
        let request = self.outside().table.get_mut(&this)?;
        if authority.as_ref().is_some_and(|authority| authority.len() > MAX_AUTHORITY) {
            return Ok(Err(()));
        }
        request.authority = authority;
        Ok(Ok(()))
    }

    fn headers(&mut self, this: Resource<OutgoingRequest>) -> Result<Resource<Fields>> {
        let entries = self.outside().table.get(&this)?.headers.entries().clone();
        self.hold_fields(entries, true)
    }

    fn drop(&mut self, this: Resource<OutgoingRequest>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl HostOutgoingBody for Guest {
    fn write(&mut self, this: Resource<OutgoingBody>) -> Result<Result<Resource<OutputStream>, ()>> {
        self.open_once(&this, |body| is_first(&mut body.is_taken).then(|| OutputStream::to_body(body.body.clone())))
    }

    fn finish(
        &mut self,
        this: Resource<OutgoingBody>,
        trailers: Option<Resource<Fields>>,
    ) -> Result<Result<(), ErrorCode>> {
        let table = &mut self.outside().table;
        let body = table.delete(this)?;
        if let Some(trailers) = trailers
            && !table.delete(trailers)?.entries().is_empty()
        {
            return Ok(Err(ErrorCode::InternalError(Some("trailers aren't sent".to_owned()))));
        }
        Ok(body.body.finish())
    }

    fn drop(&mut self, this: Resource<OutgoingBody>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

/// Nanoseconds, as WASI counts time.
fn nanos(time: Option<Duration>) -> Option<u64> {
    time.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

impl HostRequestOptions for Guest {
    fn new(&mut self) -> Result<Resource<Timeouts>> {
        Ok(self.outside().table.push(Timeouts::default())?)
    }

    fn connect_timeout(&mut self, this: Resource<Timeouts>) -> Result<Option<u64>> {
        Ok(nanos(self.outside().table.get(&this)?.connect))
    }

    fn set_connect_timeout(&mut self, this: Resource<Timeouts>, time: Option<u64>) -> Result<Result<(), ()>> {
        self.outside().table.get_mut(&this)?.connect = time.map(Duration::from_nanos);
        Ok(Ok(()))
    }

    fn first_byte_timeout(&mut self, this: Resource<Timeouts>) -> Result<Option<u64>> {
        Ok(nanos(self.outside().table.get(&this)?.first_byte))
    }

    fn set_first_byte_timeout(&mut self, this: Resource<Timeouts>, time: Option<u64>) -> Result<Result<(), ()>> {
        self.outside().table.get_mut(&this)?.first_byte = time.map(Duration::from_nanos);
        Ok(Ok(()))
    }

    fn between_bytes_timeout(&mut self, this: Resource<Timeouts>) -> Result<Option<u64>> {
        Ok(nanos(self.outside().table.get(&this)?.between_bytes))
    }

    fn set_between_bytes_timeout(&mut self, this: Resource<Timeouts>, time: Option<u64>) -> Result<Result<(), ()>> {
        self.outside().table.get_mut(&this)?.between_bytes = time.map(Duration::from_nanos);
        Ok(Ok(()))
    }

    fn drop(&mut self, this: Resource<Timeouts>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_path_is_no_other_place() {
        for path in ["/", "/a/b?c=d&e=%20", "?a", "/%F0"] {
            assert!(is_path(path), "{path}");
        }
        for text in ["a", "http://example.org/", "//\r\nHost: a", "/a b", "/#a", "*", "/\0"] {
            assert!(!is_path(text), "{text}");
        }
    }

    #[test]
    fn a_length_is_said_once_and_in_digits() {
        let of = |values: &[&str]| {
            let field =
                |value: &&str| (HeaderName::from_static("content-length"), HeaderValue::from_str(value).unwrap());
            length_of(&Arc::new(values.iter().map(field).collect())).ok()
        };
        assert_eq!((of(&[]), of(&["12"])), (Some(None), Some(Some(12))));
        for values in [&["1", "1"][..], &["1, 1"], &["+1"], &[" 1"], &[""], &["99999999999999999999"]] {
            assert_eq!(of(values), None, "{values:?}");
        }
    }

    #[test]
    fn a_tunnel_is_no_request() {
        let other = |name: &str| method_of(&wit::Method::Other(name.to_owned()));
        assert_eq!((method_of(&wit::Method::Connect), other("CONNECT"), other("a b")), (None, None, None));
        assert_eq!(other("PURGE").unwrap().as_str(), "PURGE");
        assert_eq!(other(&"A".repeat(33)), None);
    }
}
