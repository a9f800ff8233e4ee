//! Lines to a server, a batch at a time.
//!
//! A commit sends `BATCH N` and N lines, and waits for `ok`. A batch may come twice, under the same number: the server keeps each once.

use std::io::{Read, Write};
use std::time::Duration;

use sluicebox_sdk::net::TcpStream;
use sluicebox_sdk::prelude::*;

/// Where lines go.
#[config]
pub struct Options {
    /// The server, as `host:port`.
    address: String,
}

/// A partition's lines.
pub struct Send {
    text: String,
}

/// Lines to a TCP server, whole batches only; a partition's have 64 KiB at most.
#[sink]
impl Sink for Send {
    type Config = Options;
    type Input<'a> = &'a str;

    fn open(_options: Options, _context: &Context) -> Result<Self, Error> {
        Ok(Send { text: String::new() })
    }

    fn write(&mut self, line: &str) -> Result<(), Error> {
        if line.contains('\n') {
            return Err(Error::failed("a line has a line break in it"));
        }
        self.text += line;
        self.text.push('\n');
        Ok(())
    }

    fn prepare(self) -> Result<Vec<u8>, Error> {
        Ok(self.text.into_bytes())
    }

    fn commit(options: Options, batch: &Target, prepared: Vec<Vec<u8>>) -> Result<(), Error> {
        let text = prepared.concat();
        let n_lines = text.iter().filter(|byte| **byte == b'\n').count();
        let send = || {
            let mut stream = TcpStream::connect(&options.address, Duration::from_secs(2))?;
            stream.write_all(format!("{} {n_lines}\n", batch.batch_time_ms).as_bytes())?;
            stream.write_all(&text)?;
            stream.flush()?;
            stream.set_read_timeout(Some(Duration::from_secs(2)));
            let mut answer = [0; 3];
            stream.read_exact(&mut answer)?;
            Ok::<_, std::io::Error>(answer)
        };
        match send() {
            Ok(answer) if &answer == b"ok\n" => Ok(()),
            Ok(answer) => Err(Error::failed(format!("the server answered {:?}", String::from_utf8_lossy(&answer)))),
            Err(error) => Err(Error::unavailable(error)),
        }
    }
}
