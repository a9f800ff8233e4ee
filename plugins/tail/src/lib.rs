//! Lines as they are appended to the files of a directory, such as logs that are still being written.
//!
//! Its position says how far each file was read, so it goes on where it stood.

mod position;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::time::Duration;

use position::{from_bytes, to_bytes};
use sluicebox_sdk::fs::{self, File, Kind};
use sluicebox_sdk::prelude::*;

/// The most that is read in one call.
const CALL: usize = 1 << 20;
/// The longest line.
const MAX_LINE: usize = 1 << 20;

/// What is read.
#[config]
pub struct Options {
    /// The directory, as `read` in the plugin's grants has it.
    directory: String,
    /// Whether the source ends when all that is there has been read, the last line of each file included; if not, it waits for more.
    #[serde(default)]
    ends: bool,
}

/// How far each file was read.
pub struct Follow {
    options: Options,
    files: BTreeMap<String, u64>,
    partition: u32,
    partitions: u32,
    chunk: Vec<u8>,
}

/// Lines of the files in a directory, as UTF-8, each file's in order; of several receivers on a stream, each reads some of the files. A file that has become
/// shorter is read from its start.
#[receiver(output = "value")]
impl Receiver for Follow {
    type Config = Options;
    type Output = String;
    const REPLAYABLE: bool = true;

    fn start(options: Options, context: &Context, position: Option<&[u8]>) -> Result<Self, Error> {
        let files = match position {
            Some(position) => {
                from_bytes(position).ok_or_else(|| Error::failed("its position is of another receiver"))?
            }
            None => BTreeMap::new(),
        };
        let (partition, partitions) = (context.partition, context.partitions);
        Ok(Follow { options, files, partition, partitions, chunk: vec![] })
    }

    fn receive(&mut self, rows: &mut Rows<String>, max_rows: usize, _max_time: Duration) -> Result<Progress, Error> {
        let names = self.names()?;
        // What is no more isn't remembered.
        self.files.retain(|name, _| names.binary_search(name).is_ok());
        let (mut read, mut all) = (0, true);
        for name in &names {
            while rows.len() < max_rows && read < CALL {
                match self.read_some(name, rows, max_rows)? {
                    0 => break,
                    n => read += n,
                }
            }
            all &= rows.len() < max_rows && read < CALL;
        }
        let position = to_bytes(&self.files)
            .ok_or_else(|| Error::failed(format!("{} has more files than fit a position", self.options.directory)))?;
        Ok(if all && self.options.ends { Progress::Ended(position) } else { Progress::At(position) })
    }
}

impl Follow {
    /// The files that are this receiver's, sorted.
    fn names(&self) -> Result<Vec<String>, Error> {
        let mut names = vec![];
        for entry in fs::read_dir(&self.options.directory).map_err(Error::unavailable)? {
            let entry = entry.map_err(Error::unavailable)?;
            if entry.kind == Kind::File && is_of(&entry.name, self.partition, self.partitions) {
                names.push(entry.name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Push whole lines that were appended to a file; how many bytes they have.
    fn read_some(&mut self, name: &str, rows: &mut Rows<String>, max_rows: usize) -> Result<usize, Error> {
        let path = format!("{}/{name}", self.options.directory);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            // It was removed since the directory was looked at.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(Error::unavailable(error)),
        };
        let len = file.metadata().map_err(Error::unavailable)?.len;
        let mut offset = self.files.get(name).copied().unwrap_or(0);
        if len < offset {
            warn!("{path} has become shorter, and is read from its start");
            offset = 0;
        }
        let mut length = 0;
        if len > offset {
            file.seek(SeekFrom::Start(offset)).map_err(Error::unavailable)?;
            self.chunk.resize(MAX_LINE + 1, 0);
            while length < self.chunk.len() {
                match file.read(&mut self.chunk[length..]).map_err(Error::unavailable)? {
                    0 => break,
                    n => length += n,
                }
            }
        }
        let at_end = offset + length as u64 >= len;
        let taken = take_lines(&path, &self.chunk[..length], at_end && self.options.ends, rows, max_rows)?;
        self.files.insert(name.to_owned(), offset + taken as u64);
        Ok(taken)
    }
}

/// Push whole lines of what was read, and the last one where that is whole without its end; how many bytes they have.
fn take_lines(
    path: &str,
    read: &[u8],
    last_is_whole: bool,
    rows: &mut Rows<String>,
    max_rows: usize,
) -> Result<usize, Error> {
    let mut start = 0;
    while rows.len() < max_rows && start < read.len() {
        let rest = &read[start..];
        let (line, length) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&rest[..end], end + 1),
            None if last_is_whole => (rest, rest.len()),
            None if rest.len() > MAX_LINE => {
                return Err(Error::failed(format!("a line of {path} has more than {MAX_LINE} bytes")));
            }
            // The line isn't whole yet, or goes on in the next chunk.
            None => break,
        };
        match std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) {
            Ok(line) => rows.push(line),
            Err(_) => count("lines_dropped", 1),
        }
        start += length;
    }
    Ok(start)
}

/// Whether a file is that receiver's: by its name, so that each has the same ones when it starts again.
fn is_of(name: &str, partition: u32, partitions: u32) -> bool {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % partitions.max(1) == partition
}

plugin! {
    receivers: [Follow],
}
