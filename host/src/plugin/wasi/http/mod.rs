//! `wasi:http`: requests to granted origins, and their responses.
//!
//! [`handler`] looks at a request and hands it to the [`client`], a thread that all instances share; what it brings waits in an [`Exchange`](client::Exchange) for the guest, which waits
//! for it with its other descriptors ([`level`]) and within its call's time. [`fields`], [`request`] and [`response`] are the resources, of which [`once`] opens others; [`incoming`] and [`outgoing`] move bodies, [`failure`] says what
//! went wrong, and [`server`] is what plugins aren't given.
//!
//! A connection is made for each request, to what the origin's name is looked up to then. Nothing is followed, kept or taken from the environment: no redirects, no cookies, no proxies. Responses come as they
//! are: nothing is decompressed.

pub mod client;
mod failure;
pub mod fields;
mod handler;
pub mod incoming;
mod level;
mod once;
pub mod outgoing;
pub mod request;
pub mod response;
mod server;
mod tls;

/// Requests that an instance may have under way at a time, until their responses are dropped.
pub const MAX_REQUESTS: usize = 16;
/// Fields in a header.
pub const MAX_HEADERS: usize = 100;
/// Names and values of a header, in bytes; a response's status line counts too.
pub const MAX_HEADER: usize = 32 << 10;
/// Lists of fields that an instance may hold at a time.
pub const MAX_FIELDS: usize = 64;
/// A path with its query, in bytes.
pub const MAX_PATH: usize = 8 << 10;
/// The body of a request or response, in bytes.
pub const MAX_BODY: u64 = 64 << 20;
/// What waits of a body between the guest and its connection, in bytes.
pub const BUFFER: usize = 64 << 10;
