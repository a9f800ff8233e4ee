//! Received blocks, from the moment a receiver cut them until their batch is done.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use parking_lot::RwLock;

use crate::memory::Reservation;
use crate::receiver::BlockId;

/// Blocks by name. Bounded by the share of the memory budget that each block's reservation is from.
#[derive(Debug, Default)]
pub struct BlockStore {
    blocks: RwLock<HashMap<BlockId, Block>>,
}

#[derive(Debug)]
struct Block {
    rows: RecordBatch,
    _reservation: Reservation,
}

impl BlockStore {
    /// A store without blocks.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Keep `rows` under `id`, in place of what was there, until [`BlockStore::remove`]; `reservation` is given back then.
    pub fn insert(&self, id: BlockId, rows: RecordBatch, reservation: Reservation) {
        self.blocks.write().insert(id, Block { rows, _reservation: reservation });
    }

    /// The rows of a block; none if it was removed or never there.
    pub fn get(&self, id: &BlockId) -> Option<RecordBatch> {
        self.blocks.read().get(id).map(|block| block.rows.clone())
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
