//! Numbered lines from a server that keeps each until it is acknowledged, and sends those that weren't again.
//!
//! The receiver connects and says `RECEIVER N FROM M`: it is the Nth of its stream and wants the lines from number M on, or from `-`, the first that the server has. The server sends
//! `NUMBER TEXT` for each line, numbers one by one. The receiver says `ACK M` when all lines before number M are safe, and the server may forget them.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use sluicebox_sdk::net::TcpStream;
use sluicebox_sdk::prelude::*;

/// Read at a time.
const CHUNK: usize = 64 << 10;
/// The longest line.
const MAX_LINE: usize = 1 << 20;

/// Where lines come from.
#[config]
pub struct Options {
    /// The server, as `host:port`.
    address: String,
    /// Whether the source ends when the server closes the connection between two lines; if not, it connects again.
    #[serde(default)]
    ends: bool,
}

/// A connection, what it has sent of lines that weren't given yet, and the number of the next.
pub struct Acknowledged {
    options: Options,
    stream: TcpStream,
    chunk: Vec<u8>,
    text: Vec<u8>,
    next: Option<u64>,
}

/// Numbered lines from a TCP server that keeps them until they are acknowledged.
#[receiver(output = ["number", "value"])]
impl Receiver for Acknowledged {
    type Config = Options;
    type Output = (u64, String);

    const REPLAYABLE: bool = true;

    fn start(options: Options, context: &Context, position: Option<&[u8]>) -> Result<Self, Error> {
        // None or an empty one: nothing was received yet.
        let next = match position.filter(|position| !position.is_empty()).map(<[u8; 8]>::try_from) {
            None => None,
            Some(Ok(bytes)) => Some(u64::from_le_bytes(bytes)),
            Some(Err(_)) => return Err(Error::failed("a position has eight bytes")),
        };
        let from = next.map_or("-".to_owned(), |next| next.to_string());
        let mut stream = TcpStream::connect(&options.address, Duration::from_secs(4)).map_err(Error::unavailable)?;
        let hello = format!("RECEIVER {} FROM {from}\n", context.partition);
        stream.write_all(hello.as_bytes()).map_err(Error::unavailable)?;
        info!("receiver {} is connected to {}, from line {from} on", context.partition, options.address);
        Ok(Acknowledged { options, stream, chunk: vec![0; CHUNK], text: Vec::new(), next })
    }

    fn receive(
        &mut self,
        rows: &mut Rows<(u64, String)>,
        max_rows: usize,
        max_time: Duration,
    ) -> Result<Progress, Error> {
        self.take_lines(rows, max_rows)?;
        let mut wait = max_time;
        while rows.len() < max_rows {
            self.stream.set_read_timeout(Some(if rows.is_empty() { wait } else { Duration::ZERO }));
            match self.stream.read(&mut self.chunk) {
                Ok(0) if !rows.is_empty() => break,
                Ok(0) if self.options.ends && self.text.is_empty() => return Ok(Progress::Ended(self.position())),
                Ok(0) => return Err(Error::unavailable(format!("{} closed the connection", self.options.address))),
                Ok(n) => {
                    self.text.extend_from_slice(&self.chunk[..n]);
                    self.take_lines(rows, max_rows)?;
                    // A line that isn't whole yet is waited for in the next call.
                    wait = Duration::ZERO;
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => break,
                Err(_) if !rows.is_empty() => break,
                Err(error) => return Err(Error::unavailable(error)),
            }
        }
        Ok(Progress::At(self.position()))
    }

    fn ack(&mut self, position: &[u8]) -> Result<(), Error> {
        // Nothing was received yet.
        let Ok(bytes) = position.try_into() else { return Ok(()) };
        let said = format!("ACK {}\n", u64::from_le_bytes(bytes));
        self.stream.write_all(said.as_bytes()).map_err(Error::unavailable)
    }
}

impl Acknowledged {
    /// The number of the next line; nothing before the first.
    fn position(&self) -> Vec<u8> {
        self.next.map_or(vec![], |next| next.to_le_bytes().to_vec())
    }

    /// Push whole lines.
    fn take_lines(&mut self, rows: &mut Rows<(u64, String)>, max_rows: usize) -> Result<(), Error> {
        let mut start = 0;
        while rows.len() < max_rows {
            let Some(length) = self.text[start..].iter().position(|byte| *byte == b'\n') else { break };
            let line = String::from_utf8_lossy(&self.text[start..start + length]);
            let (number, value) = line.split_once(' ').unwrap_or((&line, ""));
            let number: u64 =
                number.parse().map_err(|_| Error::failed(format!("\"{line}\" doesn't begin with a number")))?;
            if self.next.is_some_and(|next| next != number) {
                let wanted = self.next.unwrap_or_default();
                return Err(Error::failed(format!("line {number} came, and {wanted} should")));
            }
            rows.push((number, value));
            self.next = Some(number + 1);
            start += length + 1;
        }
        self.text.drain(..start);
        match self.text.len() > MAX_LINE && !self.text.contains(&b'\n') {
            true => Err(Error::failed(format!("a line has more than {MAX_LINE} bytes"))),
            false => Ok(()),
        }
    }
}
