//! Lines of one file, as they are appended to it.
//!
//! Its position is how many bytes were taken, so it goes on where it stood.

use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::time::Duration;

use sluicebox_sdk::fs::File;
use sluicebox_sdk::prelude::*;

/// The most that is read in one call, and the longest line.
const CALL: usize = 1 << 20;

/// What is read.
#[config]
struct Options {
    /// The file, below a directory of `read` in the plugin's grants.
    file: String,
    /// Whether the source ends when all that is there has been read, a last line without its end included; if not, it waits for more.
    #[serde(default)]
    ends: bool,
}

/// How far the file was read.
struct ReadLines {
    options: Options,
    offset: u64,
}

/// Lines of a file, as UTF-8; those that aren't are counted as `lines_dropped`.
#[receiver(name = "read-lines", output = "line")]
impl Receiver for ReadLines {
    type Config = Options;
    type Output = String;
    const REPLAYABLE: bool = true;

    fn start(options: Options, _context: &Context, position: Option<&[u8]>) -> Result<Self, Error> {
        let offset = match position {
            None => 0,
            Some(position) => u64::from_le_bytes(
                position.try_into().map_err(|_| Error::failed("its position is of another receiver"))?,
            ),
        };
        Ok(ReadLines { options, offset })
    }

    fn receive(&mut self, rows: &mut Rows<String>, max_rows: usize, _max_time: Duration) -> Result<Progress, Error> {
        let path = &self.options.file;
        let unavailable = |error: std::io::Error| Error::unavailable(format!("{path}: {error}"));
        let mut file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::unavailable(format!("{path} is not there")),
            _ => unavailable(error),
        })?;
        file.seek(SeekFrom::Start(self.offset)).map_err(unavailable)?;
        let mut read = vec![];
        file.take(CALL as u64 + 1).read_to_end(&mut read).map_err(unavailable)?;
        let at_end = read.len() <= CALL;
        let mut start = 0;
        while rows.len() < max_rows && start < read.len() {
            let rest = &read[start..];
            let (line, length) = match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => (&rest[..end], end + 1),
                None if at_end && self.options.ends => (rest, rest.len()),
                None if start == 0 && !at_end => {
                    return Err(Error::failed(format!("a line of {path} has more than {CALL} bytes")));
                }
                // The line isn't whole yet.
                None => break,
            };
            match str::from_utf8(line) {
                Ok(line) => rows.push(line),
                Err(_) => count("lines_dropped", 1),
            }
            start += length;
        }
        self.offset += start as u64;
        let position = self.offset.to_le_bytes().to_vec();
        let all = at_end && start == read.len();
        Ok(if all && self.options.ends { Progress::Ended(position) } else { Progress::At(position) })
    }
}

plugin! {
    receivers: [ReadLines],
}
