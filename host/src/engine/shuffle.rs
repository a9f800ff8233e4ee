//! Where the rows of a keyed stream go: the same partition for the rows of a key, whichever node sends them there.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::physical_plan::ExecutionPlan;

use super::{ExchangeExec, ExchangeMode};

/// Where the rows of a keyed stream go.
#[derive(Debug, Clone)]
pub struct Shuffle {
    /// The stream that is made.
    pub stream: Arc<str>,
    /// Its partitions, at least 1.
    pub partitions: usize,
    /// The job's number of key groups, at least 1.
    pub key_groups: u32,
}

impl Shuffle {
    /// The rows of `input`, those of a key, in the columns `key`, in one partition.
    ///
    /// # Errors
    /// For columns that can't be keys; the message names them.
    pub fn by_key(&self, input: Arc<dyn ExecutionPlan>, key: Vec<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        let mode = ExchangeMode::Keys { columns: key, key_groups: self.key_groups };
        Ok(Arc::new(ExchangeExec::try_new(self.stream.clone(), input, mode, self.partitions)?))
    }

    /// The same where the first `n` columns are the key; all rows in one partition where that is no column.
    ///
    /// # Errors
    /// As [`Shuffle::by_key`].
    pub fn by_first(&self, input: Arc<dyn ExecutionPlan>, n: usize) -> Result<Arc<dyn ExecutionPlan>> {
        match n {
            0 => Ok(Arc::new(ExchangeExec::try_new(self.stream.clone(), input, ExchangeMode::Single, 1)?)),
            n => self.by_key(input, (0..n).collect()),
        }
    }
}
