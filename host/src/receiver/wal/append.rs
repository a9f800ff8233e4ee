//! Writing a run's segments, a group of frames at a time; each is safe when the call returns.
//!
//! A file is given its whole size before it is written to: appending a group then is one write and one `fdatasync` that has little to say of the file itself, which is two to four
//! times faster, and a full disk is found before anything relies on it. Of objects, each group is one.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use arrow::buffer::Buffer;
use bytes::Bytes;

use super::frame::{Found, Kind, NewFrame, look};
use super::media::{Media, Run};
use super::standing::{Standing, Start};
use crate::checkpoint::Created;
use crate::clock::Stopwatch;
use crate::error::{Error, Result};

/// Bytes of a file, unless one group has more.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// How often a group is tried to be put, where groups are objects.
const MAX_TRIES: u32 = 6;
/// The first pause before a put that failed is tried again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(50);
/// A writer that hasn't made anything safe for so long looks whether there are later runs, as what has closed its own may have been removed since.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Writes the segments of a run.
#[derive(Debug)]
pub struct Appender {
    media: Media,
    run: Run,
    /// The segment being written, or written last.
    segment: u64,
    /// That of files, and how much of it is written.
    file: Option<(File, u64)>,
    segment_bytes: u64,
    /// Since a group was last made safe.
    safe: Stopwatch,
}

/// What a group became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The segment it is in.
    pub segment: u64,
    /// Whether it is the segment's first.
    pub is_new: bool,
    /// Where its frames begin: first that of the segment, if it is new, then those given.
    pub offsets: Vec<u64>,
}

impl Appender {
    /// A writer for a run that has no segments.
    pub fn new(media: Media, run: Run, segment_bytes: u64) -> Self {
        Self { media, run, segment: 0, file: None, segment_bytes, safe: Stopwatch::start() }
    }

    /// Whether so many more bytes begin a new segment.
    pub fn wants_new(&self, bytes: u64) -> bool {
        self.file.as_ref().is_none_or(|(_, at)| at.saturating_add(bytes) > self.segment_bytes)
    }

    /// Write frames that become safe together. `standing` is what a new segment begins with.
    ///
    /// # Errors
    /// When they can't be written, or another driver has closed the run; nothing may be appended any more.
    pub fn append(&mut self, frames: Vec<NewFrame<'_>>, standing: impl FnOnce() -> Standing) -> Result<Written> {
        let bytes = frames.iter().map(|frame| frame.payload.iter().map(|piece| piece.len() as u64).sum::<u64>()).sum();
        let is_new = self.wants_new(bytes);
        let segment = if is_new { self.segment + 1 } else { self.segment };
        let group = if is_new { 0 } else { self.file.as_ref().map_or(0, |(_, at)| *at) };
        let (mut pieces, mut at, mut offsets) = (vec![], group, vec![]);
        let first = if is_new {
            let previous = self.file.as_ref().map_or(0, |(_, at)| *at);
            let start = serde_json::to_vec(&Start { previous, standing: standing() }).map_err(Error::failed)?;
            Some(segment_frame(Kind::Segment, segment, start))
        } else {
            None
        };
        for frame in first.into_iter().chain(frames) {
            offsets.push(at);
            at += frame.encode(group, &mut pieces).map_err(Error::failed)?;
        }
        match &self.media {
            Media::Folder { .. } => self.write(segment, &pieces).map_err(|error| self.cant_write(segment, &error))?,
            Media::Objects { .. } => self.put(segment, &pieces)?,
        }
        self.segment = segment;
        self.safe = Stopwatch::start();
        Ok(Written { segment, is_new, offsets })
    }

    /// Begin a segment that has no blocks yet.
    ///
    /// # Errors
    /// As [`Appender::append`].
    pub fn append_first(&mut self, standing: &Standing) -> Result<Written> {
        self.append(vec![], || standing.clone())
    }

    /// The run.
    pub fn run(&self) -> &Run {
        &self.run
    }

    fn cant_write(&self, segment: u64, error: &io::Error) -> Error {
        let is_closed = error.kind() == ErrorKind::NotFound || matches!(self.media.is_there(&self.run), Ok(false));
        let path = self.media.path_of(&self.run, segment);
        match is_closed {
            true => self.media.failed(&path, "another driver has taken over the job; this one stops"),
            false => self.media.failed(
                &path,
                format_args!("{error}: put that right and start the job again; what was acknowledged is safe"),
            ),
        }
    }

    fn write(&mut self, segment: u64, pieces: &[Buffer]) -> io::Result<()> {
        if segment != self.segment {
            self.finish()?;
            let file = self.media.create_file(&self.run, segment)?;
            reserve(&file, self.segment_bytes.max(pieces.iter().map(|piece| piece.len() as u64).sum()))?;
            self.file = Some((file, 0));
        }
        let Some((file, at)) = &mut self.file else { return Err(ErrorKind::NotFound.into()) };
        *at += write_all(file, pieces)?;
        file.sync_data()?;
        if segment != self.segment {
            self.media.sync_run(&self.run)?;
        }
        // Whoever has renamed the folder before this has perhaps not read what was written just now; whoever does it after will.
        match self.media.is_there(&self.run)? {
            true => Ok(()),
            false => Err(ErrorKind::NotFound.into()),
        }
    }

    /// Give back what the file was given and didn't need.
    fn finish(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some((file, at)) => file.set_len(at),
            None => Ok(()),
        }
    }

    /// Nothing more comes.
    pub fn close(&mut self) {
        // What is left is zeros, which are known to be nothing.
        let _ = self.finish();
    }

    fn put(&self, segment: u64, pieces: &[Buffer]) -> Result<()> {
        let bytes: Bytes = pieces.iter().flat_map(|piece| piece.iter().copied()).collect::<Vec<u8>>().into();
        let path = self.media.path_of(&self.run, segment);
        let taken_over = || self.media.failed(&path, "another driver has taken over the job; this one stops");
        let mut tries = 0;
        let created = loop {
            tries += 1;
            match self.media.create_object(&self.run, segment, bytes.clone()) {
                Ok(created) => break created,
                Err(error) if tries == MAX_TRIES => return Err(error),
                Err(error) => {
                    tracing::warn!(target: "sluicebox::checkpoint", %error, tries, "the log of received blocks could not be written, and is tried again");
                    std::thread::sleep(PAUSE * 2_u32.pow(tries - 1));
                }
            }
        };
        if created == Created::Exists {
            // An earlier try may have succeeded without saying so.
            let there = self.media.open(&self.run, segment)?;
            let mut found = vec![0; usize::try_from(there.length()).unwrap_or(0).min(bytes.len())];
            there.read_at(0, &mut found).map_err(|error| self.media.failed(&path, error))?;
            if there.length() != bytes.len() as u64 || found != bytes {
                return Err(taken_over());
            }
        }
        if self.safe.elapsed() > LOOK_AGAIN && self.media.runs()?.iter().any(|run| run.term > self.run.term) {
            return Err(taken_over());
        }
        Ok(())
    }
}

/// The frame that a segment begins with, or that closes a run.
fn segment_frame(kind: Kind, segment: u64, standing: Vec<u8>) -> NewFrame<'static> {
    let payload = vec![Buffer::from_vec(standing)];
    NewFrame { kind, stream: "", receiver: 0, number: segment, rows: 0, position: b"", payload }
}

/// Close a run of objects: its writer finds this where its next segment should be. The numbers of its segments.
///
/// # Errors
/// When the store fails.
pub fn seal(media: &Media, run: &Run, payload: &[u8]) -> Result<Vec<u64>> {
    loop {
        let segments = media.segments(run)?;
        let Some(last) = segments.last().copied() else { return Ok(segments) };
        if let Found::Frame(frame) =
            look(media.open(run, last)?.as_ref(), 0).map_err(|error| media.failed(&media.path_of(run, last), error))?
            && frame.header.kind == Kind::Seal
        {
            return Ok(segments);
        }
        let mut pieces = vec![];
        segment_frame(Kind::Seal, last + 1, payload.to_vec()).encode(0, &mut pieces).map_err(Error::failed)?;
        let bytes = pieces.iter().flat_map(|piece| piece.iter().copied()).collect::<Vec<u8>>();
        media.create_object(run, last + 1, bytes.into())?;
    }
}

/// Give the file its size, before it is written to.
///
/// # Errors
/// When there is no room.
pub fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    use rustix::fs::FallocateFlags;
    use rustix::io::Errno;
    match rustix::fs::fallocate(file.as_fd(), FallocateFlags::empty(), 0, bytes) {
        // Some file systems can't; the file grows as it is written then.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        done => done.map_err(io::Error::from),
    }
}

/// Write all pieces; how many bytes that were.
fn write_all(file: &mut File, pieces: &[Buffer]) -> io::Result<u64> {
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut left = &mut slices[..];
    IoSlice::advance_slices(&mut left, 0);
    let mut sum = 0;
    while !left.is_empty() {
        match file.write_vectored(left) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => {
                sum += n as u64;
                IoSlice::advance_slices(&mut left, n);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sum)
}
