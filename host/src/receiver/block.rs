//! The block generator: rows are added to a current block, which is cut by time or by size, whichever comes first.
//!
//! A block belongs to one slot of the block interval on the epoch-aligned grid: the first rows of a later slot cut it, as do rows that would make
//! it larger than the block size, and so does every allocation to a batch. No timer is needed, as nobody can see a block before it is
//! allocated. Adding waits while too many blocks await a batch, or while there is no memory for more: the receiver then stops reading, and its
//! sender is slowed down.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::clock::{Clock, millis};
use crate::engine::BlockStore;
use crate::error::{Error, Result};
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::receiver::wal::StreamLog;
use crate::receiver::{BlockId, InputRange};

/// When blocks are cut, and how many may wait.
#[derive(Debug, Clone, Copy)]
pub struct BlockOptions {
    /// How often a block is cut; at least a millisecond.
    pub interval: Duration,
    /// A block is cut before it has more bytes than this, unless the rows that are added at once have more.
    pub size: u64,
    /// Blocks that may wait for a batch before adding waits.
    pub queue: usize,
}

/// A block in the making.
pub trait BlockBuilder: fmt::Debug + Default + Send {
    /// What is kept of a block besides its rows until a batch is given it.
    type Mark: fmt::Debug + Send;

    /// Rows so far.
    fn rows(&self) -> usize;

    /// Bytes that its rows take in memory.
    fn bytes(&self) -> usize;

    /// The rows so far as one record batch, with the block's mark; the builder is empty afterwards.
    fn take(&mut self) -> Result<(RecordBatch, Self::Mark)>;

    /// Where the receiver stands after the block of this mark; empty where it can't tell.
    fn position(mark: &Self::Mark) -> &[u8];
}

/// What may still happen to a generator, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Rows are added, and wait for room.
    Active,
    /// Rows in hand are added without waiting: nobody may come to make room any more.
    Finishing,
    /// No more rows can be added; some may wait for a batch.
    StoppedAdding,
    /// All rows were given to batches.
    Drained,
}

/// Cuts blocks of one stream.
#[derive(Debug)]
pub struct BlockGenerator<B: BlockBuilder> {
    stream: Arc<str>,
    /// From one block's number to the next's.
    step: u64,
    options: BlockOptions,
    clock: Arc<dyn Clock>,
    budget: MemoryBudget,
    store: Arc<BlockStore>,
    /// Where blocks are made safe before a batch is given them, and the receiver's number there.
    log: Option<(Arc<StreamLog>, u32)>,
    inner: Mutex<Inner<B>>,
    /// Says when the phase changes.
    phase: watch::Sender<Phase>,
    /// Says how many blocks wait.
    waiting: watch::Sender<usize>,
}

#[derive(Debug)]
struct Inner<B: BlockBuilder> {
    current: B,
    /// Slot of the block interval in which the current block began.
    slot: i64,
    memory: Option<Reservation>,
    /// Each with what the log calls it; 0 without a log.
    cut: VecDeque<(BlockId, B::Mark, u64)>,
    /// The position logged last.
    logged: Option<Vec<u8>>,
    next_number: u64,
    rows_received: u64,
}

impl<B: BlockBuilder> BlockGenerator<B> {
    /// A generator for `stream` that puts its blocks into `store`.
    pub fn new(
        stream: Arc<str>,
        options: BlockOptions,
        clock: Arc<dyn Clock>,
        budget: MemoryBudget,
        store: Arc<BlockStore>,
    ) -> Self {
        let inner = Inner {
            current: B::default(),
            slot: 0,
            memory: None,
            cut: VecDeque::new(),
            logged: None,
            next_number: 0,
            rows_received: 0,
        };
        Self {
            stream,
            step: 1,
            options,
            clock,
            budget,
            store,
            log: None,
            inner: Mutex::new(inner),
            phase: watch::Sender::new(Phase::Active),
            waiting: watch::Sender::new(0),
        }
    }

    /// The same generator, whose blocks have the numbers `first`, `first + step` and so on: several generators of one stream number their blocks so that they differ.
    pub fn numbered(mut self, first: u64, step: u64) -> Self {
        self.step = step.max(1);
        self.inner.get_mut().next_number = first;
        self
    }

    /// The same generator, whose blocks are the log's receiver `receiver`'s, and are logged if it says so.
    pub fn logged(mut self, log: Option<Arc<StreamLog>>, receiver: u32) -> Self {
        self.log = log.filter(|log| log.is_logging()).map(|log| (log, receiver));
        self
    }

    /// The next block has the number `first`, or a higher one; before any is cut.
    pub fn number_from(&self, first: u64) {
        let mut inner = self.inner.lock();
        inner.next_number = inner.next_number.max(first);
    }

    /// Whether no rows wait for a batch.
    pub fn is_empty(&self) -> bool {
        let inner = self.inner.lock();
        inner.current.rows() == 0 && inner.cut.is_empty()
    }

    /// Add rows that will take at most `bytes` more, if there is room for them now; else `fill` comes back.
    ///
    /// # Errors
    /// After [`BlockGenerator::stop_adding`], and when a block can't be built.
    pub fn try_add<F: FnOnce(&mut B)>(&self, bytes: u64, fill: F) -> Result<Option<F>> {
        let Ok(memory) = self.budget.try_reserve(Share::Blocks, bytes) else { return Ok(Some(fill)) };
        self.add_reserved(memory, bytes, fill)
    }

    /// Add rows that will take at most `bytes` more, waiting for room until [`BlockGenerator::finish`] is called.
    ///
    /// # Errors
    /// As [`BlockGenerator::try_add`], and when so many bytes could never be had.
    pub async fn add<F: FnOnce(&mut B)>(&self, bytes: u64, fill: F) -> Result<()> {
        let mut fill = fill;
        loop {
            let memory = tokio::select! {
                memory = self.budget.reserve(Share::Blocks, bytes) => {
                    memory.map_err(|over| Error::failed(format_args!("stream \"{}\": {over}", self.stream)))?
                }
                // What a receiver has in its hand when it is stopped is little, and may go over the budget.
                () = self.finishing() => self.budget.try_reserve(Share::Blocks, bytes).or_else(|_| self.budget.try_reserve(Share::Blocks, 0))
                    .map_err(|over| Error::failed(format_args!("stream \"{}\": {over}", self.stream)))?,
            };
            match self.add_reserved(memory, bytes, fill)? {
                None => return Ok(()),
                Some(again) => fill = again,
            }
            let mut waiting = self.waiting.subscribe();
            tokio::select! {
                // The sender lives as long as self, so this can't fail.
                _ = waiting.wait_for(|blocks| *blocks < self.options.queue) => {}
                () = self.finishing() => {}
            }
        }
    }

    fn add_reserved<F: FnOnce(&mut B)>(&self, mut memory: Reservation, bytes: u64, fill: F) -> Result<Option<F>> {
        let mut inner = self.inner.lock();
        let phase = *self.phase.borrow();
        if phase >= Phase::StoppedAdding {
            return Err(Error::failed(format_args!(
                "stream \"{}\": rows were added after its receiver stopped",
                self.stream
            )));
        }
        let slot = self.clock.now_ms().div_euclid(millis(self.options.interval).max(1));
        let full = inner.current.bytes() as u64 + bytes > self.options.size;
        if inner.current.rows() > 0 && (full || slot != inner.slot) {
            if inner.cut.len() >= self.options.queue && phase == Phase::Active {
                return Ok(Some(fill));
            }
            self.cut(&mut inner)?;
        }
        if inner.current.rows() == 0 {
            inner.slot = slot;
        }
        let (rows, held) = (inner.current.rows(), inner.current.bytes());
        fill(&mut inner.current);
        inner.rows_received += (inner.current.rows() - rows) as u64;
        // Giving back never fails. Rows that were dropped on the way take nothing.
        let _ = memory.resize(((inner.current.bytes() - held) as u64).min(memory.bytes()));
        match &mut inner.memory {
            Some(held) => held.absorb(memory),
            none => *none = Some(memory),
        }
        Ok(None)
    }

    fn cut(&self, inner: &mut Inner<B>) -> Result<()> {
        let (rows, mark) = inner.current.take()?;
        let memory = match inner.memory.take() {
            Some(memory) => memory,
            None => self.budget.try_reserve(Share::Blocks, 0).map_err(Error::failed)?,
        };
        let id = BlockId { stream: Arc::clone(&self.stream), number: inner.next_number };
        inner.next_number += self.step;
        self.store.insert(id.clone(), rows.clone(), memory);
        let ticket = match &self.log {
            Some((log, receiver)) => {
                inner.logged = Some(B::position(&mark).to_vec());
                log.append(*receiver, id.number, rows, B::position(&mark))?
            }
            None => 0,
        };
        inner.cut.push_back((id, mark, ticket));
        self.waiting.send_replace(inner.cut.len());
        Ok(())
    }

    /// All blocks that no batch was given yet, the current one included. Where they are logged, those that are safe: all, unless the log can't be written any more.
    ///
    /// # Errors
    /// When the current block can't be built; the others wait for the next call.
    pub async fn allocate(&self) -> Result<InputRange> {
        Ok(InputRange::Blocks(self.allocate_marked().await?.into_iter().map(|(id, _)| id).collect()))
    }

    /// As [`BlockGenerator::allocate`], with the blocks' marks.
    ///
    /// # Errors
    /// As [`BlockGenerator::allocate`].
    pub async fn allocate_marked(&self) -> Result<Vec<(BlockId, B::Mark)>> {
        let Some((log, _)) = &self.log else { return self.allocate_now() };
        let (last, was_stopped) = {
            let mut inner = self.inner.lock();
            self.cut_current(&mut inner)?;
            (inner.cut.back().map_or(0, |(.., ticket)| *ticket), self.phase() == Phase::StoppedAdding)
        };
        let safe = log.safe(last).await.min(last);
        Ok(self.take(&mut self.inner.lock(), safe, was_stopped))
    }

    /// As [`BlockGenerator::allocate_marked`], where blocks aren't logged.
    ///
    /// # Errors
    /// As [`BlockGenerator::allocate`].
    pub fn allocate_now(&self) -> Result<Vec<(BlockId, B::Mark)>> {
        let mut inner = self.inner.lock();
        self.cut_current(&mut inner)?;
        let was_stopped = self.phase() == Phase::StoppedAdding;
        Ok(self.take(&mut inner, 0, was_stopped))
    }

    fn cut_current(&self, inner: &mut Inner<B>) -> Result<()> {
        if inner.current.rows() > 0 { self.cut(inner) } else { Ok(()) }
    }

    /// The blocks that are safe go to a batch.
    fn take(&self, inner: &mut Inner<B>, safe: u64, was_stopped: bool) -> Vec<(BlockId, B::Mark)> {
        let mut blocks = vec![];
        while let Some((id, mark, _)) = inner.cut.pop_front_if(|(.., ticket)| *ticket <= safe) {
            if let Some((log, receiver)) = &self.log {
                log.given(*receiver, id.number);
            }
            blocks.push((id, mark));
        }
        self.waiting.send_replace(inner.cut.len());
        if was_stopped {
            self.advance(Phase::Drained);
        }
        blocks
    }

    /// The receiver stands at `position` without having given rows since the last: logged where blocks are, unless some aren't cut yet, whose position isn't logged either.
    ///
    /// # Errors
    /// When the log can't be written any more.
    pub fn stand_at(&self, position: &[u8]) -> Result<()> {
        let Some((log, receiver)) = &self.log else { return Ok(()) };
        let mut inner = self.inner.lock();
        if inner.current.rows() == 0 && inner.logged.as_deref() != Some(position) {
            log.append_position(*receiver, position)?;
            inner.logged = Some(position.to_vec());
        }
        Ok(())
    }

    /// Rows of blocks that weren't released.
    pub fn rows(&self, range: &InputRange) -> Option<u64> {
        let InputRange::Blocks(blocks) = range else { return None };
        self.store.rows_of(blocks)
    }

    /// Drop blocks.
    pub fn release(&self, range: &InputRange) {
        if let InputRange::Blocks(blocks) = range {
            blocks.iter().for_each(|id| self.store.remove(id));
        }
    }

    /// Rows added since the start.
    pub fn rows_received(&self) -> u64 {
        self.inner.lock().rows_received
    }

    /// Where it stands.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Let what is in the receiver's hand be added, over the limits if need be: adding waits no more.
    pub fn finish(&self) {
        self.advance(Phase::Finishing);
    }

    /// Refuse rows from now on.
    pub fn stop_adding(&self) {
        // Under the lock, so that no rows are being added when this returns.
        let _inner = self.inner.lock();
        self.advance(Phase::StoppedAdding);
    }

    /// Returns once adding waits no more.
    pub async fn finishing(&self) {
        // The sender lives as long as self, so this can't fail.
        let _ = self.phase.subscribe().wait_for(|phase| *phase >= Phase::Finishing).await;
    }

    fn advance(&self, to: Phase) {
        self.phase.send_if_modified(|phase| {
            let later = to > *phase;
            *phase = to.max(*phase);
            later
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::receiver::lines::LineBlock;

    fn generator(queue: usize, memory: u64) -> (Arc<BlockGenerator<LineBlock>>, ManualClock, Arc<BlockStore>) {
        let (clock, store) = (ManualClock::new(0), BlockStore::new());
        let options = BlockOptions { interval: Duration::from_millis(200), size: 100, queue };
        let blocks = BlockGenerator::new(
            "lines".into(),
            options,
            Arc::new(clock.clone()),
            MemoryBudget::new(memory),
            store.clone(),
        );
        (Arc::new(blocks), clock, store)
    }

    fn line(bytes: usize) -> impl FnOnce(&mut LineBlock) {
        move |block| assert!(block.push(&vec![b'x'; bytes]))
    }

    fn numbers(range: InputRange) -> Vec<u64> {
        match range {
            InputRange::Blocks(blocks) => blocks.into_iter().map(|id| id.number).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn blocks_are_cut_by_slot_by_size_and_by_allocation() {
        let (blocks, clock, store) = generator(10, 10_000);
        blocks.add(10, line(6)).await.unwrap();
        clock.advance_to(199);
        blocks.add(10, line(6)).await.unwrap();
        clock.advance_to(200);
        blocks.add(10, line(6)).await.unwrap();
        blocks.add(95, line(91)).await.unwrap();
        let range = blocks.allocate().await.unwrap();
        assert_eq!(blocks.rows(&range), Some(4));
        assert_eq!(
            numbers(range.clone()),
            [0, 1, 2],
            "two in the first slot, one cut by the next's size, one by the allocation"
        );
        assert_eq!(numbers(blocks.allocate().await.unwrap()), [0; 0]);
        blocks.release(&range);
        assert!(store.is_empty());
        assert_eq!((blocks.rows(&range), blocks.rows_received()), (None, 4));
    }

    #[tokio::test]
    async fn adding_waits_while_the_queue_is_full() {
        let (blocks, _, _) = generator(1, 10_000);
        for _ in 0..2 {
            blocks.add(100, line(96)).await.unwrap();
        }
        assert!(blocks.try_add(100, line(96)).unwrap().is_some());
        let waiting = tokio::spawn({
            let blocks = blocks.clone();
            async move { blocks.add(100, line(96)).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert_eq!(numbers(blocks.allocate().await.unwrap()), [0, 1]);
        waiting.await.unwrap().unwrap();
        assert_eq!(numbers(blocks.allocate().await.unwrap()), [2]);
    }

    #[tokio::test]
    async fn adding_waits_for_memory_until_a_batch_is_done() {
        let (blocks, _, _) = generator(10, 200);
        blocks.add(100, line(96)).await.unwrap();
        let waiting = tokio::spawn({
            let blocks = blocks.clone();
            async move { blocks.add(50, line(46)).await }
        });
        let range = blocks.allocate().await.unwrap();
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        blocks.release(&range);
        waiting.await.unwrap().unwrap();
        let error = blocks.add(101, line(97)).await.unwrap_err().to_string();
        assert!(error.starts_with("stream \"lines\": blocks need 101 bytes more"), "{error}");
    }

    #[tokio::test]
    async fn stopping_adds_what_is_in_hand_and_drains() {
        let (blocks, _, _) = generator(10, 200);
        blocks.add(100, line(96)).await.unwrap();
        let waiting = tokio::spawn({
            let blocks = blocks.clone();
            async move { blocks.add(50, line(46)).await }
        });
        tokio::task::yield_now().await;
        blocks.finish();
        waiting.await.unwrap().unwrap();
        blocks.stop_adding();
        assert!(blocks.add(1, line(0)).await.unwrap_err().to_string().contains("after its receiver stopped"));
        assert_eq!(blocks.phase(), Phase::StoppedAdding);
        assert_eq!(numbers(blocks.allocate().await.unwrap()), [0, 1]);
        assert_eq!(blocks.phase(), Phase::Drained);
    }
}
