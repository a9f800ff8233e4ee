//! `wasi:io/streams` and `wasi:io/error`: bytes from and to connections, of HTTP's bodies, from files, and to the log.
//!
//! Nothing is kept of what is read; of what is written, at most [`CHUNK`] bytes that the system has not taken yet. A body has a buffer of its own.

use std::io::{self as std_io, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Resource;
use wasmtime::{Result, format_err};

use super::bindings::wasi::filesystem::types::ErrorCode;
use super::bindings::wasi::http::types::ErrorCode as HttpErrorCode;
use super::bindings::wasi::io;
use super::bindings::wasi::io::streams::StreamError;
use super::files::OpenFile;
use super::http::client::Sent;
use super::http::incoming::Nothing;
use super::http::outgoing::{Outgoing, Refused};
use super::poll::Pollable;
use super::tcp::Connection;
use crate::plugin::guest::{Guest, Printed};

/// The most bytes read at a time, and waiting to be written.
const CHUNK: usize = 64 << 10;

/// Why a stream failed.
#[derive(Debug)]
pub struct Failure {
    text: String,
    /// What it is called of a file.
    pub of_a_file: Option<ErrorCode>,
    /// What it is called of a request or response.
    pub of_http: Option<Box<HttpErrorCode>>,
}

/// Bytes that come.
#[derive(Debug)]
pub enum InputStream {
    /// From nowhere: at its end.
    Empty,
    /// From a connection, as they come.
    Connection(Arc<Connection>),
    /// From a file, to its end.
    File {
        /// The file.
        file: Arc<OpenFile>,
        /// Where the next bytes are.
        offset: u64,
    },
    /// The body of a response.
    Body(Arc<Sent>),
}

impl InputStream {
    /// Ready when there is something to read, or the end.
    fn pollable(&self) -> Result<Pollable> {
        Ok(match self {
            Self::Connection(connection) => Pollable::Readable(connection.clone()),
            Self::Body(sent) => sent.exchange.body.pollable()?,
            Self::Empty | Self::File { .. } => Pollable::Ready,
        })
    }
}

/// Bytes that go.
#[derive(Debug)]
pub struct OutputStream {
    to: Destination,
    waiting: Vec<u8>,
}

#[derive(Debug)]
enum Destination {
    Connection(Arc<Connection>),
    /// The plugin's log, which takes everything at once.
    Log(Printed),
    /// The body of a request.
    Body(Arc<Outgoing>),
}

impl OutputStream {
    /// A stream to which nothing was written.
    pub fn new(connection: Arc<Connection>) -> Self {
        Self { to: Destination::Connection(connection), waiting: vec![] }
    }

    /// A stream whose lines go to the log.
    pub fn to_log(printed: Printed) -> Self {
        Self { to: Destination::Log(printed), waiting: vec![] }
    }

    /// A stream that writes the body of a request.
    pub fn to_body(body: Arc<Outgoing>) -> Self {
        Self { to: Destination::Body(body), waiting: vec![] }
    }

    /// Ready when something more is taken.
    fn pollable(&self) -> Result<Pollable> {
        Ok(match &self.to {
            Destination::Connection(connection) => Pollable::Writable(connection.clone()),
            Destination::Body(body) => body.pollable()?,
            Destination::Log(_) => Pollable::Ready,
        })
    }

    /// Hand the system what it takes now.
    fn push(&mut self) -> std_io::Result<()> {
        let Destination::Connection(connection) = &self.to else { return Ok(()) };
        while !self.waiting.is_empty() {
            match (&connection.socket).write(&self.waiting) {
                Ok(n) => drop(self.waiting.drain(..n)),
                Err(error) if error.kind() == std_io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == std_io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.waiting.clear();
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// What a stream answers.
type Answer<T> = Result<Result<T, StreamError>>;

impl Guest {
    fn stream_error(&mut self, error: &std_io::Error) -> Result<StreamError> {
        if matches!(error.kind(), std_io::ErrorKind::BrokenPipe | std_io::ErrorKind::NotConnected) {
            return Ok(StreamError::Closed);
        }
        let failure = self.outside().table.push(Failure { text: error.to_string(), of_a_file: None, of_http: None })?;
        Ok(StreamError::LastOperationFailed(failure))
    }

    fn body_error(&mut self, code: HttpErrorCode) -> Result<StreamError> {
        let failure = Failure { text: code.to_string(), of_a_file: None, of_http: Some(Box::new(code)) };
        Ok(StreamError::LastOperationFailed(self.outside().table.push(failure)?))
    }

    fn read_now(&mut self, this: &Resource<InputStream>, len: u64) -> Answer<Vec<u8>> {
        let len = usize::try_from(len).unwrap_or(CHUNK).min(CHUNK);
        if len == 0 {
            return Ok(Ok(vec![]));
        }
        let connection = match self.outside().table.get_mut(this)? {
            InputStream::Empty => return Ok(Err(StreamError::Closed)),
            InputStream::Connection(connection) => connection.clone(),
            InputStream::Body(sent) => {
                return match sent.exchange.body.read(len) {
                    Ok(bytes) => Ok(Ok(bytes.into())),
                    Err(Nothing::End) => Ok(Err(StreamError::Closed)),
                    Err(Nothing::Broken(code)) => Ok(Err(self.body_error(code)?)),
                };
            }
            InputStream::File { file, offset } => {
                return match file.read_at(len as u64, *offset) {
                    Ok(bytes) if bytes.is_empty() => Ok(Err(StreamError::Closed)),
                    Ok(bytes) => {
                        *offset += bytes.len() as u64;
                        Ok(Ok(bytes))
                    }
                    Err(code) => {
                        let failure = Failure { text: code.to_string(), of_a_file: Some(code), of_http: None };
                        Ok(Err(StreamError::LastOperationFailed(self.outside().table.push(failure)?)))
                    }
                };
            }
        };
        let mut bytes = vec![0; len];
        loop {
            return match (&connection.socket).read(&mut bytes) {
                Ok(0) => Ok(Err(StreamError::Closed)),
                Ok(n) => {
                    bytes.truncate(n);
                    Ok(Ok(bytes))
                }
                Err(error) if error.kind() == std_io::ErrorKind::WouldBlock => Ok(Ok(vec![])),
                Err(error) if error.kind() == std_io::ErrorKind::Interrupted => continue,
                Err(error) => Ok(Err(self.stream_error(&error)?)),
            };
        }
    }

    fn read_waiting(&mut self, this: &Resource<InputStream>, len: u64) -> Answer<Vec<u8>> {
        let pollable = self.outside().table.get(this)?.pollable()?;
        loop {
            self.wait_for(pollable.clone())?;
            match self.read_now(this, len)? {
                // Ready, and yet nothing came.
                Ok(bytes) if bytes.is_empty() && len > 0 => {}
                answer => return Ok(answer),
            }
        }
    }

    /// Hand the system what it takes now; whether nothing waits any more.
    fn push(&mut self, this: &Resource<OutputStream>) -> Answer<bool> {
        let stream = self.outside().table.get_mut(this)?;
        match stream.push() {
            Ok(()) => Ok(Ok(stream.waiting.is_empty())),
            Err(error) => Ok(Err(self.stream_error(&error)?)),
        }
    }

    fn flushed(&mut self, this: &Resource<OutputStream>) -> Answer<()> {
        let pollable = self.outside().table.get(this)?.pollable()?;
        loop {
            match self.push(this)? {
                Ok(true) => return Ok(Ok(())),
                Ok(false) => self.wait_for(pollable.clone())?,
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    /// How many bytes are taken, once some are.
    fn room(&mut self, this: &Resource<OutputStream>) -> Answer<usize> {
        let Destination::Body(body) = &self.outside().table.get(this)?.to else {
            return Ok(self.flushed(this)?.map(|()| CHUNK));
        };
        let body = body.clone();
        loop {
            match body.room() {
                Ok(0) => self.wait_for(body.pollable()?)?,
                Ok(room) => return Ok(Ok(room)),
                Err(_) => return Ok(Err(StreamError::Closed)),
            }
        }
    }

    fn written(&mut self, this: &Resource<OutputStream>, bytes: &[u8]) -> Answer<()> {
        let stream = self.outside().table.get_mut(this)?;
        let unpermitted = || format_err!("{} bytes were written without a permit", bytes.len());
        if stream.waiting.len() + bytes.len() > CHUNK {
            return Err(unpermitted());
        }
        match &stream.to {
            Destination::Log(printed) => {
                let printed = *printed;
                self.charge(bytes.len())?;
                self.print(printed, bytes);
                Ok(Ok(()))
            }
            Destination::Body(body) => {
                let body = body.clone();
                self.charge(bytes.len())?;
                match body.write(bytes) {
                    Ok(()) => Ok(Ok(())),
                    Err(Refused::Closed) => Ok(Err(StreamError::Closed)),
                    Err(Refused::NoRoom) => Err(unpermitted()),
                    Err(Refused::TooLong(code)) => Ok(Err(self.body_error(code)?)),
                }
            }
            Destination::Connection(_) => {
                stream.waiting.extend_from_slice(bytes);
                Ok(self.push(this)?.map(drop))
            }
        }
    }

    /// Write all of it, as it is taken.
    fn written_waiting(&mut self, this: &Resource<OutputStream>, mut bytes: &[u8]) -> Answer<()> {
        while !bytes.is_empty() {
            let room = match self.room(this)? {
                Ok(room) => room,
                Err(error) => return Ok(Err(error)),
            };
            let (now, rest) = bytes.split_at(room.min(bytes.len()));
            if let Err(error) = self.written(this, now)? {
                return Ok(Err(error));
            }
            bytes = rest;
        }
        self.flushed(this)
    }
}

impl io::error::Host for Guest {}

impl io::error::HostError for Guest {
    fn to_debug_string(&mut self, this: Resource<Failure>) -> Result<String> {
        Ok(self.outside().table.get(&this)?.text.clone())
    }

    fn drop(&mut self, this: Resource<Failure>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl io::streams::Host for Guest {}

impl io::streams::HostInputStream for Guest {
    fn read(&mut self, this: Resource<InputStream>, len: u64) -> Answer<Vec<u8>> {
        self.read_now(&this, len)
    }

    fn blocking_read(&mut self, this: Resource<InputStream>, len: u64) -> Answer<Vec<u8>> {
        self.read_waiting(&this, len)
    }

    fn skip(&mut self, this: Resource<InputStream>, len: u64) -> Answer<u64> {
        Ok(self.read_now(&this, len)?.map(|bytes| bytes.len() as u64))
    }

    fn blocking_skip(&mut self, this: Resource<InputStream>, len: u64) -> Answer<u64> {
        Ok(self.read_waiting(&this, len)?.map(|bytes| bytes.len() as u64))
    }

    fn subscribe(&mut self, this: Resource<InputStream>) -> Result<Resource<Pollable>> {
        let pollable = self.outside().table.get(&this)?.pollable()?;
        self.subscribe_to(pollable)
    }

    fn drop(&mut self, this: Resource<InputStream>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl io::streams::HostOutputStream for Guest {
    fn check_write(&mut self, this: Resource<OutputStream>) -> Answer<u64> {
        if let Err(error) = self.push(&this)? {
            return Ok(Err(error));
        }
        let stream = self.outside().table.get(&this)?;
        if let Destination::Body(body) = &stream.to {
            return Ok(body.room().map(|room| room as u64).map_err(|_| StreamError::Closed));
        }
        if !stream.waiting.is_empty() {
            return Ok(Ok(0));
        }
        // The system takes at least a part of it.
        let pollable = stream.pollable()?;
        let ready = Guest::ready(self, &[pollable], Duration::ZERO)?;
        Ok(Ok(if ready.is_empty() { 0 } else { CHUNK as u64 }))
    }

    fn write(&mut self, this: Resource<OutputStream>, contents: Vec<u8>) -> Answer<()> {
        self.written(&this, &contents)
    }

    fn blocking_write_and_flush(&mut self, this: Resource<OutputStream>, contents: Vec<u8>) -> Answer<()> {
        self.written_waiting(&this, &contents)
    }

    fn flush(&mut self, this: Resource<OutputStream>) -> Answer<()> {
        Ok(self.push(&this)?.map(drop))
    }

    fn blocking_flush(&mut self, this: Resource<OutputStream>) -> Answer<()> {
        self.flushed(&this)
    }

    fn subscribe(&mut self, this: Resource<OutputStream>) -> Result<Resource<Pollable>> {
        let pollable = self.outside().table.get(&this)?.pollable()?;
        self.subscribe_to(pollable)
    }

    fn write_zeroes(&mut self, this: Resource<OutputStream>, len: u64) -> Answer<()> {
        let len = usize::try_from(len).ok().filter(|len| *len <= CHUNK);
        let len = len.ok_or_else(|| format_err!("zeroes were written without a permit"))?;
        self.written(&this, &vec![0; len])
    }

    fn blocking_write_zeroes_and_flush(&mut self, this: Resource<OutputStream>, len: u64) -> Answer<()> {
        let len = usize::try_from(len).ok().filter(|len| *len <= CHUNK);
        let len = len.ok_or_else(|| format_err!("more than {CHUNK} zeroes were written at a time"))?;
        self.written_waiting(&this, &vec![0; len])
    }

    fn splice(&mut self, this: Resource<OutputStream>, src: Resource<InputStream>, len: u64) -> Answer<u64> {
        let stream = self.outside().table.get(&this)?;
        let room = match &stream.to {
            Destination::Body(body) => match body.room() {
                Ok(room) => room,
                Err(_) => return Ok(Err(StreamError::Closed)),
            },
            _ => CHUNK - stream.waiting.len(),
        };
        match self.read_now(&src, len.min(room as u64))? {
            Ok(bytes) => Ok(self.written(&this, &bytes)?.map(|()| bytes.len() as u64)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn blocking_splice(&mut self, this: Resource<OutputStream>, src: Resource<InputStream>, len: u64) -> Answer<u64> {
        let room = match self.room(&this)? {
            Ok(room) => room,
            Err(error) => return Ok(Err(error)),
        };
        match self.read_waiting(&src, len.min(room as u64))? {
            Ok(bytes) => Ok(self.written(&this, &bytes)?.map(|()| bytes.len() as u64)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn drop(&mut self, this: Resource<OutputStream>) -> Result<()> {
        let mut stream = self.outside().table.delete(this)?;
        // What the system takes at once still goes; the rest is lost, as the guest didn't flush it.
        let _ = stream.push();
        Ok(())
    }
}
