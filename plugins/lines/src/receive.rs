//! Lines that a server sends, as they come. What was on its way when the connection broke is lost: TCP has no positions.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use sluicebox_sdk::net::TcpStream;
use sluicebox_sdk::prelude::*;

/// Read at a time.
const CHUNK: usize = 64 << 10;
/// The most that is read in one call.
const CALL: usize = 1 << 20;
/// The longest line.
const MAX_LINE: usize = 1 << 20;

/// Where lines come from.
#[config]
pub struct Options {
    /// The server, as `host:port`.
    address: String,
    /// Whether the source ends when the server closes the connection; if not, it connects again.
    #[serde(default)]
    ends: bool,
}

/// A connection, and what it has sent of a line that isn't whole yet.
pub struct Receive {
    options: Options,
    stream: TcpStream,
    chunk: Vec<u8>,
    text: Vec<u8>,
    /// Bytes of whole lines taken so far.
    position: u64,
}

/// Lines from a TCP server, as UTF-8; it connects as a client.
#[receiver(output = "value")]
impl Receiver for Receive {
    type Config = Options;
    type Output = String;

    fn start(options: Options, context: &Context, position: Option<&[u8]>) -> Result<Self, Error> {
        let stream = TcpStream::connect(&options.address, Duration::from_secs(4)).map_err(Error::unavailable)?;
        info!("receiver {} is connected to {}", context.partition, options.address);
        let position = position.and_then(|position| position.try_into().ok()).map_or(0, u64::from_le_bytes);
        Ok(Receive { options, stream, chunk: vec![0; CHUNK], text: Vec::new(), position })
    }

    fn receive(&mut self, rows: &mut Rows<String>, max_rows: usize, max_time: Duration) -> Result<Progress, Error> {
        self.take_lines(rows, max_rows)?;
        let (mut wait, mut read) = (max_time, 0);
        while rows.len() < max_rows && read < CALL {
            self.stream.set_read_timeout(Some(if rows.is_empty() { wait } else { Duration::ZERO }));
            match self.stream.read(&mut self.chunk) {
                Ok(0) if self.options.ends => {
                    if !self.text.is_empty() {
                        self.text.push(b'\n');
                        self.take_lines(rows, max_rows)?;
                    }
                    return Ok(Progress::Ended(self.position.to_le_bytes().to_vec()));
                }
                // What came with the end is given first.
                Ok(0) if !rows.is_empty() => break,
                Ok(0) => return Err(Error::unavailable(format!("{} closed the connection", self.options.address))),
                Ok(n) => {
                    self.text.extend_from_slice(&self.chunk[..n]);
                    read += n;
                    self.take_lines(rows, max_rows)?;
                    // A line that isn't whole yet is waited for in the next call.
                    wait = Duration::ZERO;
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => break,
                Err(_) if !rows.is_empty() => break,
                Err(error) => return Err(Error::unavailable(error)),
            }
        }
        Ok(Progress::At(self.position.to_le_bytes().to_vec()))
    }
}

impl Receive {
    /// Push whole lines.
    fn take_lines(&mut self, rows: &mut Rows<String>, max_rows: usize) -> Result<(), Error> {
        let mut start = 0;
        while rows.len() < max_rows {
            let Some(length) = self.text[start..].iter().position(|byte| *byte == b'\n') else { break };
            let line = &self.text[start..start + length];
            match std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) {
                Ok(line) => rows.push(line),
                Err(_) => count("lines_dropped", 1),
            }
            start += length + 1;
        }
        self.position += start as u64;
        self.text.drain(..start);
        match self.text.len() > MAX_LINE && !self.text.contains(&b'\n') {
            true => Err(Error::failed(format!("a line has more than {MAX_LINE} bytes"))),
            false => Ok(()),
        }
    }
}
