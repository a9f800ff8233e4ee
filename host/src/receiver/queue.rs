//! A queue of datasets, for programs and tests.

/// A handle to push datasets with; clones push to the same queue.
#[derive(Debug, Clone)]
pub struct Queue {}
