//! A stream's part of the log: what a source calls.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::frame::payload;
use super::index::Place;
use super::{ReceivedLog, Safe, rows};
use crate::clock::BatchTime;
use crate::engine::BlockStore;
use crate::engine::blocks::KeptRows;
use crate::error::{Error, Result};
use crate::memory::{MemoryBudget, Share};
use crate::receiver::{BlockId, InputRange, Past};

/// What earlier runs have left of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// No block had this number or a higher one.
    pub next: u64,
    /// Where each receiver stood after the last rows that were logged, by its number.
    pub positions: BTreeMap<u32, Vec<u8>>,
}

/// A stream's part of the log.
#[derive(Debug)]
pub struct StreamLog {
    log: ReceivedLog,
    stream: Arc<str>,
    schema: SchemaRef,
    store: Arc<BlockStore>,
    budget: MemoryBudget,
    /// `log`: whether blocks are logged. If not, positions are, and what earlier runs have logged is taken up all the same.
    is_logging: bool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    is_recovered: bool,
    /// Blocks of earlier runs that no batch was given.
    waiting: Vec<BlockId>,
    /// By receiver, the number after that of the last block given to a batch.
    given: BTreeMap<u32, u64>,
    /// Blocks that no batch needs and that are kept to be looked at, with the last batch that read some of them; none where that was in an earlier run.
    retained: VecDeque<(Option<BatchTime>, Vec<u64>)>,
}

/// What [`StreamLog::standing`] gives, as JSON: batches were given all blocks of a receiver with lower numbers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct GivenUpTo {
    given: BTreeMap<u32, u64>,
}

/// A block that is read from the log whenever a batch reads it.
#[derive(Debug)]
struct LoggedBlock {
    log: ReceivedLog,
    id: BlockId,
    schema: SchemaRef,
    rows: u64,
    bytes: u64,
}

impl KeptRows for LoggedBlock {
    fn rows(&self) -> u64 {
        self.rows
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read(&self) -> Result<RecordBatch> {
        let BlockId { stream, number } = &self.id;
        let gone = || Error::failed(format_args!("stream \"{stream}\": block {number} was let go of by the log"));
        let (place, media, run) = self.log.0.shared.place(&self.id).ok_or_else(gone)?;
        let path = media.path_of(&run, place.segment);
        let about = |reason: &dyn std::fmt::Display| {
            media.failed(
                &path,
                format_args!("at byte {}: block {number} of stream \"{stream}\": {reason}", place.offset),
            )
        };
        let read = payload(media.open(&run, place.segment)?.as_ref(), place.offset).map_err(|error| about(&error))?;
        match read {
            Some((frame, payload)) if frame.header.number == *number && *frame.stream == **stream => {
                rows::decode(payload, &self.schema).map_err(|reason| about(&reason))
            }
            _ => Err(about(&"it is damaged, and was safe once: restore the file")),
        }
    }
}

impl StreamLog {
    /// The part of `stream`, whose blocks have the columns of `schema` and are read from `store`. Before the log is opened.
    pub fn new(
        log: &ReceivedLog,
        stream: Arc<str>,
        schema: SchemaRef,
        store: Arc<BlockStore>,
        budget: MemoryBudget,
        is_logging: bool,
    ) -> Self {
        log.0.streams.lock().insert(stream.clone());
        Self { log: log.clone(), stream, schema, store, budget, is_logging, inner: Mutex::default() }
    }

    /// Whether blocks are logged.
    pub fn is_logging(&self) -> bool {
        self.is_logging
    }

    /// Take up what earlier runs have left: blocks that batches will read once more can be read, and those that no batch was given wait. Calling it again changes nothing, and gives nothing.
    ///
    /// # Errors
    /// When a batch will read a block that isn't there.
    pub fn recover(&self, past: &Past) -> Result<Option<Recovered>> {
        let mut inner = self.inner.lock();
        if std::mem::replace(&mut inner.is_recovered, true) {
            return Ok(None);
        }
        let standing: GivenUpTo = match &past.standing {
            Some(json) => serde_json::from_slice(json)
                .map_err(|error| self.failed(format_args!("how it stood can't be read from the batch log: {error}")))?,
            None => GivenUpTo::default(),
        };
        let shared = &self.log.0.shared;
        let mut state = shared.state.lock();
        let (mut given, mut again) = (BTreeSet::new(), vec![]);
        for input in &past.given {
            let InputRange::Blocks(blocks) = &input.range else { continue };
            given.extend(blocks.iter().map(|id| id.number));
            if input.again {
                again.extend(blocks.iter().map(|id| (input.batch, id.number)));
            }
        }
        let of = state.index.standing.streams.get(&self.stream).cloned().unwrap_or_default();
        let next = given.last().map_or(0, |last| last + 1).max(of.next);
        let next = standing.given.values().copied().fold(next, u64::max);
        let found = state.index.take_found(&self.stream);
        let (mut n_again, mut n_lost, mut rows) = (0_u64, 0_u64, 0);
        for (batch, number) in &again {
            let id = self.id(*number);
            match state.index.get(&id) {
                Some(place) => {
                    self.take_up(&id, place);
                    n_again += 1;
                }
                None if self.is_logging => {
                    return Err(self.failed(format_args!(
                        "batch {batch} was planned to read block {number}, and the log of received blocks doesn't have it: restore it, or, if the block was received with log = false, set that once more"
                    )));
                }
                None => {
                    self.store.insert_lost(id);
                    n_lost += 1;
                }
            }
        }
        inner.given = standing.given;
        // What was planned since is soon known to nobody but the standing that this run gives.
        for number in &given {
            if let Some(place) = state.index.get(&self.id(*number)) {
                let end = inner.given.entry(place.receiver).or_default();
                *end = (*end).max(number + 1);
            }
        }
        let mut retained = vec![];
        let again: BTreeSet<u64> = again.into_iter().map(|(_, number)| number).collect();
        for number in found.into_iter().filter(|number| !again.contains(number)) {
            let id = self.id(number);
            let Some(place) = state.index.get(&id) else { continue };
            let is_given = inner.given.get(&place.receiver).is_some_and(|end| number < *end);
            if is_given || given.contains(&number) {
                match self.log.0.retain {
                    Duration::ZERO => state.index.release(&id),
                    _ => retained.push(number),
                }
            } else {
                self.take_up(&id, place);
                rows += place.rows;
                inner.waiting.push(id);
            }
        }
        inner.retained.extend((!retained.is_empty()).then_some((None, retained)));
        for (receiver, position) in &of.positions {
            state.positions.insert((self.stream.clone(), *receiver), (0, position.clone()));
        }
        drop(state);
        shared.work.notify_all();
        if n_again > 0 || !inner.waiting.is_empty() {
            tracing::info!(
                target: "sluicebox::checkpoint",
                stream = &*self.stream, blocks_again = n_again, blocks_waiting = inner.waiting.len(), rows_waiting = rows,
                "received blocks are taken up from the log"
            );
        }
        if n_lost > 0 {
            tracing::warn!(
                target: "sluicebox::checkpoint",
                stream = &*self.stream, blocks = n_lost,
                "batches that were planned and not done read blocks that were not logged: their rows are lost, as log = false says, unless their source gives them again"
            );
        }
        Ok(Some(Recovered { next, positions: of.positions }))
    }

    fn id(&self, number: u64) -> BlockId {
        BlockId { stream: self.stream.clone(), number }
    }

    /// Let batches read a block of an earlier run.
    ///
    /// It counts as received rows in memory do, as far as there is room: receivers wait until batches that read it are done, so that runs that end before
    /// they have done a batch don't add to the log without end.
    fn take_up(&self, id: &BlockId, Place { rows, bytes, .. }: Place) {
        let room = self.budget.limit_of(Share::Blocks).saturating_sub(self.budget.used_by(Share::Blocks));
        let reserved = self.budget.reserve_anyway(Share::Blocks, bytes.min(room));
        let kept = LoggedBlock { log: self.log.clone(), id: id.clone(), schema: self.schema.clone(), rows, bytes };
        self.store.insert_kept(id.clone(), Arc::new(kept), reserved);
    }

    fn failed(&self, reason: impl std::fmt::Display) -> Error {
        Error::failed(format_args!("stream \"{}\": {reason}", self.stream))
    }

    /// Blocks of earlier runs that no batch was given, in order; once.
    pub fn take_waiting(&self) -> Vec<BlockId> {
        let mut inner = self.inner.lock();
        let waiting = std::mem::take(&mut inner.waiting);
        let state = self.log.0.shared.state.lock();
        for id in &waiting {
            if let Some(place) = state.index.get(id) {
                let end = inner.given.entry(place.receiver).or_default();
                *end = (*end).max(id.number + 1);
            }
        }
        waiting
    }

    /// The numbers of the blocks that wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> Vec<u64> {
        self.inner.lock().waiting.iter().map(|id| id.number).collect()
    }

    /// Log a block. What is returned is to be given to [`StreamLog::safe`].
    ///
    /// # Errors
    /// When the log can't be written any more.
    pub fn append(&self, receiver: u32, number: u64, rows: RecordBatch, position: &[u8]) -> Result<u64> {
        self.log.0.shared.submit(&self.stream, receiver, position.to_vec(), Some((number, rows)))
    }

    /// Log that a receiver stands at a position, without rows since the last block.
    ///
    /// # Errors
    /// As [`StreamLog::append`].
    pub fn append_position(&self, receiver: u32, position: &[u8]) -> Result<u64> {
        self.log.0.shared.submit(&self.stream, receiver, position.to_vec(), None)
    }

    /// Returns once all up to `ticket` is safe, or nothing more becomes so; up to which ticket all is.
    pub async fn safe(&self, ticket: u64) -> u64 {
        let reached = |safe: &Safe| safe.ticket >= ticket || safe.failed.is_some() || safe.is_over;
        // The sender lives as long as self, so this can't fail.
        self.log.0.shared.safe.subscribe().wait_for(reached).await.map_or(0, |safe| safe.ticket)
    }

    /// A batch is given a receiver's block.
    pub fn given(&self, receiver: u32, number: u64) {
        let mut inner = self.inner.lock();
        let end = inner.given.entry(receiver).or_default();
        *end = (*end).max(number + 1);
    }

    /// What [`StreamLog::recover`] needs besides the ranges of batches that are planned later.
    ///
    /// # Errors
    /// Never, as it is.
    pub fn standing(&self) -> Result<Option<Vec<u8>>> {
        if !self.is_logging {
            return Ok(None);
        }
        let given = GivenUpTo { given: self.inner.lock().given.clone() };
        serde_json::to_vec(&given).map(Some).map_err(|error| self.failed(error))
    }

    /// The batch that read the blocks is done: they are let go of once they have been retained for long enough.
    pub fn done(&self, batch: BatchTime, blocks: &[BlockId]) {
        if self.log.0.retain.is_zero() {
            return self.release(blocks);
        }
        let over: Vec<BlockId> = {
            let mut inner = self.inner.lock();
            if let Some((of, _)) = inner.retained.front_mut() {
                // How old what an earlier run has left is isn't known.
                of.get_or_insert(batch);
            }
            if !blocks.is_empty() {
                inner.retained.push_back((Some(batch), blocks.iter().map(|id| id.number).collect()));
            }
            let until = batch.before(self.log.0.retain);
            let n_over = inner.retained.iter().take_while(|(of, _)| of.is_some_and(|of| of <= until)).count();
            inner.retained.drain(..n_over).flat_map(|(_, numbers)| numbers).map(|number| self.id(number)).collect()
        };
        if !over.is_empty() {
            self.release(&over);
        }
    }

    /// Let go of blocks.
    pub fn release(&self, blocks: &[BlockId]) {
        let shared = &self.log.0.shared;
        let mut state = shared.state.lock();
        blocks.iter().for_each(|id| state.index.release(id));
        let has_over = state.index.has_over();
        drop(state);
        if has_over {
            shared.work.notify_all();
        }
    }

    /// Where a receiver stands after what is safe, and the ticket of that.
    pub fn safe_position(&self, receiver: u32) -> Option<(u64, Vec<u8>)> {
        self.log.0.shared.state.lock().positions.get(&(self.stream.clone(), receiver)).cloned()
    }

    /// Tells when more has become safe since it was last asked.
    pub fn progress(&self) -> Progress {
        Progress(self.log.0.shared.safe.subscribe())
    }

    /// Returns when nothing becomes safe any more as the log can't be written; why.
    pub async fn broken(&self) -> Error {
        let mut safe = self.log.0.shared.safe.subscribe();
        let reason = safe.wait_for(|safe| safe.failed.is_some()).await.ok().and_then(|safe| safe.failed.clone());
        self.failed(reason.as_deref().unwrap_or("the log of received blocks is gone"))
    }
}

/// Tells when more has become safe.
#[derive(Debug)]
pub struct Progress(watch::Receiver<Safe>);

impl Progress {
    /// Returns when more has become safe since this was last called; never once nothing will.
    pub async fn more(&mut self) {
        if self.0.changed().await.is_err() || self.0.borrow().failed.is_some() {
            std::future::pending().await
        }
    }
}

/// How a source ends: as `ended` says, or as its log can't be written.
///
/// # Errors
/// Those of `ended`, and why the log can't be written.
pub async fn unless_broken(log: Option<&StreamLog>, ended: impl Future<Output = Result<()>>) -> Result<()> {
    let Some(log) = log.filter(|log| log.is_logging) else { return ended.await };
    tokio::select! {
        biased;
        ended = ended => ended,
        error = log.broken() => Err(error),
    }
}
