//! The steps in which a folder changes, and a way for tests to stop at each of them.

use std::fmt;
use std::io;
use std::sync::Arc;

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// What was staged is looked at before it is committed.
    Prepare,
    /// A batch's folder is put in place.
    PutBatch,
    /// It is in place, and that is made durable.
    SyncBatch,
    /// What it has replaced is removed.
    RemoveReplaced,
    /// The manifest is written, and takes the place of the one before.
    ReplaceManifest,
    /// A batch's folder is in place, and is named.
    NameBatch,
    /// Files are merged.
    Merge,
    /// Merged files are put in place.
    PlaceMerged,
    /// Merged files are in place, and are named instead of the batches.
    NameMerged,
    /// A batch that was compacted is removed.
    RemoveBatch,
    /// A file of it.
    RemoveFile,
}

/// Called before each step; an error is that of the step.
#[derive(Clone, Default)]
pub struct Hook(pub Option<Arc<dyn Fn(Step) -> io::Result<()> + Send + Sync>>);

impl Hook {
    /// Before a step.
    pub fn step(&self, step: Step) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |hook| hook(step))
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}
