//! What a place for objects does: the one trait that local folders, object stores and tests' faults have in common.

use std::fmt;

use bytes::Bytes;

/// Whether an object was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It wasn't there.
    New,
    /// There is one already, and it is as it was. It may be from an earlier try whose answer got lost.
    Exists,
}

/// An object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its path below the checkpoint.
    pub path: String,
    /// Bytes.
    pub size: u64,
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In words, with what to do.
    pub reason: String,
    /// Whether it can be otherwise a moment later.
    pub is_passing: bool,
}

impl Failure {
    /// One that stays as it is.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self { reason: reason.to_string(), is_passing: false }
    }

    /// One that can be gone a moment later.
    pub fn passing(reason: impl fmt::Display) -> Self {
        Self { is_passing: true, ..Self::new(reason) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// Objects by their paths. Whatever has returned without a failure is durable, but for removals, which may come undone when a machine loses its power.
#[async_trait::async_trait]
pub trait Objects: fmt::Debug + Send + Sync {
    /// See that objects can be read, and, where they `write`, that they can be written and that creating one only if there is none works.
    async fn probe(&self, write: bool) -> Result<(), Failure>;

    /// Write an object if there is none of that path. After a failure it may be there all the same.
    async fn create(&self, path: &str, bytes: Bytes) -> Result<Created, Failure>;

    /// Write an object, in place of what has that path. Others see the one or the other.
    async fn put(&self, path: &str, bytes: Bytes) -> Result<(), Failure>;

    /// An object's bytes; none if it isn't there.
    async fn get(&self, path: &str) -> Result<Option<Bytes>, Failure>;

    /// The objects below a prefix, in any order. What is listed is durable.
    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Failure>;

    /// Remove an object; one that isn't there is none to remove.
    async fn delete(&self, path: &str) -> Result<(), Failure>;
}
