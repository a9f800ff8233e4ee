//! The write-ahead log of received blocks: what receivers took in that can't be had from its source again, before a batch is given it or its sender is told that it is safe.
//!
//! Of a job with a checkpoint, every block that is cut goes to the log, which is one for all streams: blocks that wait become safe together, with one sync. A batch is only given
//! blocks that are safe ([`StreamLog::safe`]), so what its plan names can be read again by whoever goes on with the job; a plugin's receiver is told that the rows up to a position are
//! safe when they are. A block leaves the log when its batch is done. How it is written: [`frame`], [`media`]; read: [`scan`], [`open`].
//!
//! A log that can't be written stays so: no block is safe any more, and the job ends with what was.

pub mod append;
pub mod frame;
pub mod index;
pub mod media;
mod open;
pub mod rows;
pub mod scan;
pub mod standing;
mod stream;
mod writer;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use parking_lot::{Condvar, Mutex};
use tokio::runtime::Handle;
use tokio::sync::watch;

pub use self::stream::{Recovered, StreamLog, unless_broken};

use self::append::{Appender, SEGMENT_BYTES};
use self::index::{Index, Place};
use self::media::{Media, Run};
use crate::checkpoint::Store;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::receiver::BlockId;

/// The log of a job. Clones are the same log.
#[derive(Debug, Clone)]
pub struct ReceivedLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    segment_bytes: u64,
    /// How long blocks are kept after the batch that read them is done.
    retain: Duration,
    /// The streams that take part, also those that log no blocks.
    streams: Mutex<BTreeSet<Arc<str>>>,
    shared: Arc<Shared>,
}

/// What streams and the writer share.
struct Shared {
    state: Mutex<State>,
    /// Wakes the writer.
    work: Condvar,
    /// Up to which ticket all is safe.
    safe: watch::Sender<Safe>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("safe", &self.safe.borrow()).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    /// None until the log was opened.
    media: Option<Media>,
    index: Index,
    /// What waits to be written. Bounded, as receivers wait while too many of their blocks aren't given to batches.
    queue: VecDeque<Entry>,
    /// The ticket given out last.
    submitted: u64,
    /// The position of each receiver that is safe, with the ticket of what it is after.
    positions: BTreeMap<(Arc<str>, u32), (u64, Vec<u8>)>,
    is_closed: bool,
}

/// What is to be written.
#[derive(Debug)]
struct Entry {
    ticket: u64,
    stream: Arc<str>,
    receiver: u32,
    position: Vec<u8>,
    /// None where the receiver only stands at the position.
    block: Option<(u64, RecordBatch)>,
}

/// How far the log is safe.
#[derive(Debug, Clone, Default)]
struct Safe {
    ticket: u64,
    /// Why nothing becomes safe any more.
    failed: Option<Arc<str>>,
    /// The writer has ended.
    is_over: bool,
}

impl ReceivedLog {
    /// The log of a checkpoint, not open yet, in which blocks are kept for `retain` after the batch that read them is done.
    pub fn new(store: Store, clock: Arc<dyn Clock>, retain: Duration) -> Self {
        Self::with_segments_of(store, clock, retain, SEGMENT_BYTES)
    }

    /// The same, with another size of segments.
    pub fn with_segments_of(store: Store, clock: Arc<dyn Clock>, retain: Duration, segment_bytes: u64) -> Self {
        let shared =
            Shared { state: Mutex::default(), work: Condvar::new(), safe: watch::Sender::new(Safe::default()) };
        let (streams, shared) = (Mutex::default(), Arc::new(shared));
        Self(Arc::new(Inner { store, clock, segment_bytes, retain, streams, shared }))
    }

    /// Take it over as the driver of `term`: earlier runs are closed and read, and what comes from now on is a new one. Called once, before any source is recovered or started; the store is
    /// ready. Nothing is done where no stream takes part.
    ///
    /// # Errors
    /// When what is there is damaged, a later driver has taken over, or it can't be read or written.
    pub async fn open(&self, term: u64) -> Result<()> {
        let streams = self.0.streams.lock().clone();
        if streams.is_empty() {
            return Ok(());
        }
        let media = Media::new(self.0.store.clone(), Handle::current());
        let (bytes, now_ms) = (self.0.segment_bytes, self.0.clock.now_ms());
        let opening = {
            let media = media.clone();
            tokio::task::spawn_blocking(move || open::open(&media, term, &streams, bytes, now_ms))
        };
        let opened = opening.await.map_err(Error::failed)??;
        {
            let mut state = self.0.shared.state.lock();
            state.index = opened.index;
            state.media = Some(media);
        }
        self.write(opened.appender)
    }

    /// Find what is in it, whoever writes it meanwhile, and change nothing. Called once, in place of [`ReceivedLog::open`].
    ///
    /// # Errors
    /// When it is damaged, or can't be read.
    pub async fn look(&self) -> Result<()> {
        if self.0.streams.lock().is_empty() {
            return Ok(());
        }
        let media = Media::new(self.0.store.clone(), Handle::current());
        let looking = {
            let media = media.clone();
            tokio::task::spawn_blocking(move || open::look(&media))
        };
        let index = looking.await.map_err(Error::failed)??;
        let mut state = self.0.shared.state.lock();
        state.index = index;
        state.media = Some(media);
        // Nothing can be logged.
        state.is_closed = true;
        Ok(())
    }

    /// Open it, where no stream took part before and one does now.
    ///
    /// # Errors
    /// As [`ReceivedLog::open`].
    pub async fn open_late(&self, term: u64) -> Result<()> {
        let is_open = self.0.shared.state.lock().media.is_some();
        if is_open { Ok(()) } else { self.open(term).await }
    }

    /// A stream begins anew: where its receivers stood is forgotten. Numbers of its blocks go on.
    pub fn forget_positions(&self, stream: &str) {
        let mut state = self.0.shared.state.lock();
        state.positions.retain(|(of, _), _| **of != *stream);
        if let Some(of) = state.index.standing.streams.get_mut(stream) {
            of.positions.clear();
        }
    }

    fn write(&self, appender: Appender) -> Result<()> {
        let shared = self.0.shared.clone();
        let thread = std::thread::Builder::new().name("received-log".to_owned());
        let spawned = thread.spawn(move || writer::run(&shared, appender));
        let failed =
            |error| Error::failed(format_args!("can't start a thread to write the log of received blocks on: {error}"));
        spawned.map(drop).map_err(failed)
    }

    /// Nothing is logged any more; returns when all that was is safe, or can't be.
    pub async fn close(&self) {
        let is_open = {
            let mut state = self.0.shared.state.lock();
            state.is_closed = true;
            state.media.is_some()
        };
        self.0.shared.work.notify_all();
        if is_open {
            // The sender lives as long as self, so this can't fail.
            let _ = self.0.shared.safe.subscribe().wait_for(|safe| safe.is_over).await;
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.state.lock().is_closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn submit(
        &self,
        stream: &Arc<str>,
        receiver: u32,
        position: Vec<u8>,
        block: Option<(u64, RecordBatch)>,
    ) -> Result<u64> {
        if let Some(reason) = &self.safe.borrow().failed {
            return Err(Error::failed(format_args!("stream \"{stream}\": {reason}")));
        }
        let mut state = self.state.lock();
        if state.is_closed || state.media.is_none() {
            let what = if state.is_closed { "is closed" } else { "wasn't opened" };
            return Err(Error::failed(format_args!("stream \"{stream}\": the log of received blocks {what}")));
        }
        state.submitted += 1;
        let ticket = state.submitted;
        state.queue.push_back(Entry { ticket, stream: stream.clone(), receiver, position, block });
        drop(state);
        self.work.notify_all();
        Ok(ticket)
    }

    /// The place of a block, and the segment that it is in.
    fn place(&self, id: &BlockId) -> Option<(Place, Media, Run)> {
        let state = self.state.lock();
        let place = state.index.get(id)?;
        Some((place, state.media.clone()?, state.index.run_of(place.term)?.clone()))
    }
}

#[cfg(test)]
mod tests;
