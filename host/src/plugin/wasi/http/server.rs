//! What of `wasi:http/types` is for servers. Nobody can send requests to a plugin, so it never has any of this.

use wasmtime::component::Resource;
use wasmtime::{Result, format_err};

use super::super::bindings::wasi::http::types::{
    ErrorCode, HostIncomingRequest, HostOutgoingResponse, HostResponseOutparam, Method, Scheme,
};
use super::super::udp::Never;
use super::fields::Fields;
use super::request::OutgoingBody;
use super::response::IncomingBody;
use crate::plugin::guest::Guest;

type This = Resource<Never>;

fn none<T>() -> Result<T> {
    Err(format_err!("a plugin sends requests over HTTP, and answers none"))
}

impl HostIncomingRequest for Guest {
    fn method(&mut self, _: This) -> Result<Method> {
        none()
    }

    fn path_with_query(&mut self, _: This) -> Result<Option<String>> {
        none()
    }

    fn scheme(&mut self, _: This) -> Result<Option<Scheme>> {
        none()
    }

    fn authority(&mut self, _: This) -> Result<Option<String>> {
        none()
    }

    fn headers(&mut self, _: This) -> Result<Resource<Fields>> {
        none()
    }

    fn consume(&mut self, _: This) -> Result<Result<Resource<IncomingBody>, ()>> {
        none()
    }

    fn drop(&mut self, _: This) -> Result<()> {
        none()
    }
}

impl HostOutgoingResponse for Guest {
    fn new(&mut self, _: Resource<Fields>) -> Result<This> {
        none()
    }

    fn status_code(&mut self, _: This) -> Result<u16> {
        none()
    }

    fn set_status_code(&mut self, _: This, _: u16) -> Result<Result<(), ()>> {
        none()
    }

    fn headers(&mut self, _: This) -> Result<Resource<Fields>> {
        none()
    }

    fn body(&mut self, _: This) -> Result<Result<Resource<OutgoingBody>, ()>> {
        none()
    }

    fn drop(&mut self, _: This) -> Result<()> {
        none()
    }
}

impl HostResponseOutparam for Guest {
    fn send_informational(&mut self, _: This, _: u16, _: Resource<Fields>) -> Result<Result<(), ErrorCode>> {
        none()
    }

    fn set(&mut self, _: This, _: Result<This, ErrorCode>) -> Result<()> {
        none()
    }

    fn drop(&mut self, _: This) -> Result<()> {
        none()
    }
}
