//! Received blocks, from the moment a receiver cut them until their batch is done.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use parking_lot::RwLock;

use crate::error::Result;
use crate::memory::Reservation;
use crate::receiver::BlockId;

/// Blocks by name. Bounded by the share of the memory budget that each block's reservation is from.
#[derive(Debug, Default)]
pub struct BlockStore {
    blocks: RwLock<HashMap<BlockId, Block>>,
}

/// Rows that are kept elsewhere, and read whenever they are asked for.
pub trait KeptRows: fmt::Debug + Send + Sync {
    /// How many there are.
    fn rows(&self) -> u64;

    /// Bytes that they take when they are read, about.
    fn bytes(&self) -> u64;

    /// Read them. This blocks.
    ///
    /// # Errors
    /// When they can't be read, or aren't what was kept.
    fn read(&self) -> Result<RecordBatch>;
}

#[derive(Debug)]
enum Block {
    Held { rows: RecordBatch, _reservation: Reservation },
    Kept { rows: Arc<dyn KeptRows>, _reservation: Reservation },
    Lost,
}

/// What there is of a block.
#[derive(Debug, Clone)]
pub enum FoundBlock {
    /// Its rows; none of a block that was lost.
    Rows(Option<RecordBatch>),
    /// Where they can be read.
    Kept(Arc<dyn KeptRows>),
}

impl BlockStore {
    /// A store without blocks.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Keep `rows` under `id`, in place of what was there, until [`BlockStore::remove`]; `reservation` is given back then.
    pub fn insert(&self, id: BlockId, rows: RecordBatch, reservation: Reservation) {
        self.blocks.write().insert(id, Block::Held { rows, _reservation: reservation });
    }

    /// Know where the rows of a block can be read, until [`BlockStore::remove`]; `reservation` is given back then.
    pub fn insert_kept(&self, id: BlockId, rows: Arc<dyn KeptRows>, reservation: Reservation) {
        self.blocks.write().insert(id, Block::Kept { rows, _reservation: reservation });
    }

    /// Know that the rows of a block are lost: it is read as one without any.
    pub fn insert_lost(&self, id: BlockId) {
        self.blocks.write().insert(id, Block::Lost);
    }

    /// The rows of a block that are held in memory; none if it was removed or never there.
    pub fn get(&self, id: &BlockId) -> Option<RecordBatch> {
        match self.blocks.read().get(id) {
            Some(Block::Held { rows, .. }) => Some(rows.clone()),
            _ => None,
        }
    }

    /// What there is of a block; none if it was removed or never there.
    pub fn find(&self, id: &BlockId) -> Option<FoundBlock> {
        self.blocks.read().get(id).map(|block| match block {
            Block::Held { rows, .. } => FoundBlock::Rows(Some(rows.clone())),
            Block::Kept { rows, .. } => FoundBlock::Kept(rows.clone()),
            Block::Lost => FoundBlock::Rows(None),
        })
    }

    /// How many rows blocks have; none if one isn't there.
    pub fn rows_of(&self, ids: &[BlockId]) -> Option<u64> {
        let blocks = self.blocks.read();
        let rows = |id| match blocks.get(id)? {
            Block::Held { rows, .. } => Some(rows.num_rows() as u64),
            Block::Kept { rows, .. } => Some(rows.rows()),
            Block::Lost => Some(0),
        };
        ids.iter().map(rows).sum()
    }

    /// Forget a block. Those who read it now read on.
    pub fn remove(&self, id: &BlockId) {
        self.blocks.write().remove(id);
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.blocks.read().len()
    }

    /// Whether there are no blocks.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{MemoryBudget, Share};

    #[test]
    fn a_removed_block_gives_its_memory_back() {
        let budget = MemoryBudget::new(100);
        let (store, id) = (BlockStore::new(), BlockId { stream: "lines".into(), number: 0 });
        let rows = crate::engine::testing::words(&["a"]);
        store.insert(id.clone(), rows.clone(), budget.try_reserve(Share::Blocks, 10).unwrap());
        assert_eq!((store.get(&id), store.len(), budget.used()), (Some(rows), 1, 10));
        store.remove(&id);
        assert_eq!((store.get(&id), store.is_empty(), budget.used()), (None, true, 0));
    }
}
