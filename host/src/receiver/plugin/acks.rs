//! Which positions of a receiver can be acknowledged: those that its blocks were cut at, once the batches that read them are done, in their order.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::error::Result;
use crate::receiver::BlockId;

/// The positions of one receiver.
#[derive(Debug, Default)]
pub struct Acks {
    inner: Mutex<Inner>,
    /// Grows with each change that whoever acknowledges waits for.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    /// After the last rows taken in, or where the source said to stand without rows after that.
    taken: Option<Vec<u8>>,
    /// Blocks that batches read, in their order, each with its position, and whether its batch is done.
    reading: VecDeque<(u64, Vec<u8>, bool)>,
    /// To be acknowledged.
    due: Option<Vec<u8>>,
    /// Acknowledged last.
    done: Option<Vec<u8>>,
    closed: bool,
}

impl Acks {
    /// Rows up to `position` are about to be put into a block.
    pub fn take(&self, position: &[u8]) {
        self.inner.lock().taken = Some(position.to_vec());
    }

    /// The source stands at `position` without having given rows: acknowledged at once if nothing it gave before is under way, as `no_blocks` says of blocks
    /// that no batch reads yet. Else a later position is.
    pub fn nothing_taken(&self, position: Vec<u8>, no_blocks: impl FnOnce() -> bool) {
        let mut inner = self.inner.lock();
        if inner.reading.is_empty() && no_blocks() && inner.done.as_ref() != Some(&position) {
            inner.due = Some(position.clone());
        }
        inner.taken = Some(position);
    }

    /// Where a new instance goes on.
    pub fn taken(&self) -> Option<Vec<u8>> {
        self.inner.lock().taken.clone()
    }

    /// Blocks, as `cut` gives them with their positions, go to a batch.
    ///
    /// # Errors
    /// Those of `cut`.
    pub fn allocate(&self, cut: impl FnOnce() -> Result<Vec<(BlockId, Vec<u8>)>>) -> Result<Vec<BlockId>> {
        let mut inner = self.inner.lock();
        let blocks = cut()?;
        inner.reading.extend(blocks.iter().map(|(id, position)| (id.number, position.clone(), false)));
        Ok(blocks.into_iter().map(|(id, _)| id).collect())
    }

    /// The batch that read the block is done.
    pub fn released(&self, number: u64) {
        let mut inner = self.inner.lock();
        if let Some((_, _, done)) = inner.reading.iter_mut().find(|(reading, ..)| *reading == number) {
            *done = true;
        }
        let mut changed = false;
        while let Some((_, position, _)) = inner.reading.pop_front_if(|(_, _, done)| *done) {
            inner.due = Some(position);
            changed = true;
        }
        drop(inner);
        if changed {
            self.changes.send_modify(|changes| *changes += 1);
        }
    }

    /// The position to acknowledge now, if there is one.
    pub fn due(&self) -> Option<Vec<u8>> {
        self.inner.lock().due.clone()
    }

    /// `position` is acknowledged.
    pub fn done(&self, position: &[u8]) {
        let mut inner = self.inner.lock();
        if inner.due.as_deref() == Some(position) {
            inner.done = inner.due.take();
        }
    }

    /// No more batches will be done.
    pub fn close(&self) {
        self.inner.lock().closed = true;
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Whether [`Acks::close`] was called: what is due now is all.
    pub fn is_closed(&self) -> bool {
        self.inner.lock().closed
    }

    /// Returns when there is something to acknowledge, or it is closed.
    pub async fn changed(&self) {
        let ready = |_: &u64| {
            let inner = self.inner.lock();
            inner.closed || inner.due.is_some()
        };
        // The sender lives as long as self, so this can't fail.
        let _ = self.changes.subscribe().wait_for(ready).await;
    }

    /// Returns when it is closed.
    pub async fn closed(&self) {
        let _ = self.changes.subscribe().wait_for(|_| self.inner.lock().closed).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(blocks: &[(u64, &str)]) -> Result<Vec<(BlockId, Vec<u8>)>> {
        let block = |(number, position): &(u64, &str)| {
            (BlockId { stream: "s".into(), number: *number }, position.as_bytes().to_vec())
        };
        Ok(blocks.iter().map(block).collect())
    }

    fn due(acks: &Acks) -> Option<String> {
        acks.due().map(|position| {
            acks.done(&position);
            String::from_utf8(position).unwrap()
        })
    }

    #[test]
    fn positions_are_due_in_order_once_their_batches_are_done() {
        let acks = Acks::default();
        assert_eq!(acks.taken(), None);
        acks.take(b"b");
        assert_eq!(acks.allocate(|| blocks(&[(0, "a"), (2, "b")])).unwrap().len(), 2);
        acks.take(b"c");
        acks.allocate(|| blocks(&[(4, "c")])).unwrap();
        assert_eq!(due(&acks), None);
        acks.released(4);
        assert_eq!(due(&acks), None, "an earlier one is still read");
        acks.released(0);
        assert_eq!(due(&acks).as_deref(), Some("a"));
        acks.released(2);
        assert_eq!((due(&acks).as_deref(), due(&acks)), (Some("c"), None));
        assert_eq!(acks.taken().as_deref(), Some(b"c".as_slice()));
    }

    #[test]
    fn a_position_without_rows_is_due_when_nothing_is_under_way() {
        let acks = Acks::default();
        acks.nothing_taken(b"a".to_vec(), || false);
        assert_eq!(due(&acks), None, "a block waits");
        acks.allocate(|| blocks(&[(0, "0")])).unwrap();
        acks.nothing_taken(b"a".to_vec(), || true);
        assert_eq!(due(&acks), None, "a batch reads");
        acks.released(0);
        assert_eq!(due(&acks).as_deref(), Some("0"));
        acks.nothing_taken(b"b".to_vec(), || true);
        assert_eq!(due(&acks).as_deref(), Some("b"));
        acks.nothing_taken(b"b".to_vec(), || true);
        assert_eq!(due(&acks), None, "once");
    }
}
