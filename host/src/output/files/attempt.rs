//! Names one attempt at a batch: no two drivers, and no two tries of one, stage to the same folder.

use std::fmt;

use crate::clock::BatchTime;
use crate::output::WriteId;

/// One attempt at one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    /// The batch.
    pub batch: BatchTime,
    /// The term of the driver.
    pub term: u64,
    /// 0 for the first in the term.
    pub number: u32,
}

impl Attempt {
    /// The folder below `_staging` that its files are in.
    pub fn folder(self) -> String {
        let Self { batch, term, number } = self;
        format!("batch-{batch}-{term}-{number}")
    }
}

impl From<WriteId> for Attempt {
    fn from(WriteId { batch, term, attempt: number, .. }: WriteId) -> Self {
        Self { batch, term, number }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { batch, term, number } = self;
        write!(f, "attempt {number} of batch {batch} in term {term}")
    }
}
