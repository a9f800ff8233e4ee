//! `wasi:io/streams` and `wasi:io/error`: bytes from and to connections, from files, and to the log.
//!
//! Nothing is kept of what is read; of what is written, at most [`CHUNK`] bytes that the system has not taken yet.

use std::io::{self as std_io, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Resource;
use wasmtime::{Result, format_err};

use super::bindings::wasi::filesystem::types::ErrorCode;
use super::bindings::wasi::io;
use super::bindings::wasi::io::streams::StreamError;
use super::files::OpenFile;
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
}

impl InputStream {
    /// Ready when there is something to read, or the end.
    fn pollable(&self) -> Pollable {
        match self {
            Self::Connection(connection) => Pollable::Readable(connection.clone()),
            Self::Empty | Self::File { .. } => Pollable::Ready,
        }
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

    /// Ready when something more is taken.
    fn pollable(&self) -> Pollable {
        match &self.to {
            Destination::Connection(connection) => Pollable::Writable(connection.clone()),
            Destination::Log(_) => Pollable::Ready,
        }
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
        let failure = self.outside().table.push(Failure { text: error.to_string(), of_a_file: None })?;
        Ok(StreamError::LastOperationFailed(failure))
    }

    fn read_now(&mut self, this: &Resource<InputStream>, len: u64) -> Answer<Vec<u8>> {
        let len = usize::try_from(len).unwrap_or(CHUNK).min(CHUNK);
        if len == 0 {
            return Ok(Ok(vec![]));
        }
        let connection = match self.outside().table.get_mut(this)? {
            InputStream::Empty => return Ok(Err(StreamError::Closed)),
            InputStream::Connection(connection) => connection.clone(),
            InputStream::File { file, offset } => {
                return match file.read_at(len as u64, *offset) {
                    Ok(bytes) if bytes.is_empty() => Ok(Err(StreamError::Closed)),
                    Ok(bytes) => {
                        *offset += bytes.len() as u64;
                        Ok(Ok(bytes))
                    }
                    Err(code) => {
                        let failure = Failure { text: code.to_string(), of_a_file: Some(code) };
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
        let pollable = self.outside().table.get(this)?.pollable();
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
        let pollable = self.outside().table.get(this)?.pollable();
        loop {
            match self.push(this)? {
                Ok(true) => return Ok(Ok(())),
                Ok(false) => self.wait_for(pollable.clone())?,
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn written(&mut self, this: &Resource<OutputStream>, bytes: &[u8]) -> Answer<()> {
        let stream = self.outside().table.get_mut(this)?;
        if stream.waiting.len() + bytes.len() > CHUNK {
            return Err(format_err!("{} bytes were written without a permit", bytes.len()));
        }
        if let Destination::Log(printed) = stream.to {
            self.charge(bytes.len())?;
            self.print(printed, bytes);
            return Ok(Ok(()));
        }
        stream.waiting.extend_from_slice(bytes);
        Ok(self.push(this)?.map(drop))
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
        let pollable = self.outside().table.get(&this)?.pollable();
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
        if !stream.waiting.is_empty() {
            return Ok(Ok(0));
        }
        // The system takes at least a part of it.
        let pollable = stream.pollable();
        let ready = Guest::ready(self, &[pollable], Duration::ZERO)?;
        Ok(Ok(if ready.is_empty() { 0 } else { CHUNK as u64 }))
    }

    fn write(&mut self, this: Resource<OutputStream>, contents: Vec<u8>) -> Answer<()> {
        self.written(&this, &contents)
    }

    fn blocking_write_and_flush(&mut self, this: Resource<OutputStream>, contents: Vec<u8>) -> Answer<()> {
        for chunk in contents.chunks(CHUNK) {
            if let Err(error) = self.flushed(&this)? {
                return Ok(Err(error));
            }
            if let Err(error) = self.written(&this, chunk)? {
                return Ok(Err(error));
            }
        }
        self.flushed(&this)
    }

    fn flush(&mut self, this: Resource<OutputStream>) -> Answer<()> {
        Ok(self.push(&this)?.map(drop))
    }

    fn blocking_flush(&mut self, this: Resource<OutputStream>) -> Answer<()> {
        self.flushed(&this)
    }

    fn subscribe(&mut self, this: Resource<OutputStream>) -> Result<Resource<Pollable>> {
        let pollable = self.outside().table.get(&this)?.pollable();
        self.subscribe_to(pollable)
    }

    fn write_zeroes(&mut self, this: Resource<OutputStream>, len: u64) -> Answer<()> {
        let len = usize::try_from(len).ok().filter(|len| *len <= CHUNK);
        let len = len.ok_or_else(|| format_err!("zeroes were written without a permit"))?;
        self.written(&this, &vec![0; len])
    }

    fn blocking_write_zeroes_and_flush(&mut self, this: Resource<OutputStream>, len: u64) -> Answer<()> {
        if let Err(error) = self.flushed(&this)? {
            return Ok(Err(error));
        }
        if let Err(error) = io::streams::HostOutputStream::write_zeroes(self, Resource::new_borrow(this.rep()), len)? {
            return Ok(Err(error));
        }
        self.flushed(&this)
    }

    fn splice(&mut self, this: Resource<OutputStream>, src: Resource<InputStream>, len: u64) -> Answer<u64> {
        let room = (CHUNK - self.outside().table.get(&this)?.waiting.len()) as u64;
        match self.read_now(&src, len.min(room))? {
            Ok(bytes) => Ok(self.written(&this, &bytes)?.map(|()| bytes.len() as u64)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn blocking_splice(&mut self, this: Resource<OutputStream>, src: Resource<InputStream>, len: u64) -> Answer<u64> {
        if let Err(error) = self.flushed(&this)? {
            return Ok(Err(error));
        }
        match self.read_waiting(&src, len.min(CHUNK as u64))? {
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
