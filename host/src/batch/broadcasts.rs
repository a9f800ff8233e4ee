//! Broadcast values: bytes that are the same for all tasks of a batch, and that plugins read which are granted to.
//!
//! As static tables, they are held in memory, and read anew only before a batch begins. One that can't be read then keeps what it has.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::listener::Event;
use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::job::definition::{BroadcastDefinition, BroadcastSource};
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::plugin::reference::References;

/// The most bytes of a value.
pub const MAX_VALUE: u64 = 64 << 20;

/// A value of a job.
#[derive(Debug)]
struct Broadcast {
    name: String,
    source: BroadcastSource,
    refresh: Option<Duration>,
    held: Mutex<Option<Held>>,
}

/// What is held of a value.
#[derive(Debug)]
struct Held {
    bytes: Arc<[u8]>,
    _memory: Reservation,
    /// The batch time from which on it is to be read anew.
    due: Option<BatchTime>,
}

/// The values that a job's plugins are granted to read.
#[derive(Debug, Default)]
pub struct Broadcasts {
    values: Vec<Broadcast>,
    references: Arc<References>,
}

impl Broadcasts {
    /// These values, for the plugins that read `references`.
    pub fn new<'a>(
        definitions: impl IntoIterator<Item = &'a BroadcastDefinition>,
        references: Arc<References>,
    ) -> Self {
        let value = |definition: &BroadcastDefinition| Broadcast {
            name: definition.name.clone(),
            source: definition.source.clone(),
            refresh: definition.refresh,
            held: Mutex::new(None),
        };
        Self { values: definitions.into_iter().map(value).collect(), references }
    }

    /// Plugins read the values that are held.
    pub fn offer(&self) {
        for value in &self.values {
            if let Some(held) = &*value.held.lock() {
                self.references.set_value(&value.name, held.bytes.clone());
            }
        }
    }

    /// Read all values for the first time; when they are due again counts from `begin`, the batch time before the first batch.
    ///
    /// # Errors
    /// The first value that can't be read.
    pub async fn start(&self, memory: &MemoryBudget, begin: BatchTime) -> Result<()> {
        for value in &self.values {
            self.read(value, memory, begin).await?;
        }
        Ok(())
    }

    /// Read those anew that are due at a batch; what is to be told of those that couldn't be.
    pub async fn refresh(&self, memory: &MemoryBudget, batch: BatchTime) -> Vec<Event> {
        let mut events = vec![];
        for value in &self.values {
            let due = value.held.lock().as_ref().and_then(|held| held.due);
            if due.is_none_or(|due| batch < due) {
                continue;
            }
            match self.read(value, memory, batch).await {
                Ok(()) => {
                    tracing::info!(target: "sluicebox::batch", batch_time = batch.0, broadcast = value.name, "value read anew")
                }
                Err(error) => {
                    let error = error.to_string();
                    tracing::warn!(target: "sluicebox::batch", batch_time = batch.0, error, "a broadcast value can't be read anew, and stays as it is");
                    events.push(Event::BroadcastError { batch_time: batch, broadcast: value.name.clone(), error });
                }
            }
        }
        events
    }

    /// Read a value for the batch at `at`.
    async fn read(&self, value: &Broadcast, memory: &MemoryBudget, at: BatchTime) -> Result<()> {
        let due = value.refresh.map(|refresh| at.after(refresh));
        if let Some(held) = value.held.lock().as_mut() {
            // Whether it can be read or not, it is not tried again before then.
            held.due = due;
        }
        let (bytes, reserved) = value.bytes(memory).await?;
        self.references.set_value(&value.name, bytes.clone());
        *value.held.lock() = Some(Held { bytes, _memory: reserved, due });
        Ok(())
    }
}

impl Broadcast {
    async fn bytes(&self, memory: &MemoryBudget) -> Result<(Arc<[u8]>, Reservation)> {
        let failed = |what: String| Error::failed(format!("broadcast \"{}\": {what}", self.name));
        let reserve = |bytes: u64| memory.try_reserve(Share::Engine, bytes).map_err(|over| failed(over.to_string()));
        let path: &PathBuf = match &self.source {
            BroadcastSource::Text(text) => return Ok((text.as_bytes().into(), reserve(text.len() as u64)?)),
            BroadcastSource::File(path) => path,
        };
        let unreadable = |error: std::io::Error| failed(format!("{} can't be read: {error}", path.display()));
        let length = tokio::fs::metadata(path).await.map_err(unreadable)?.len();
        if length > MAX_VALUE {
            return Err(failed(format!("{} has {length} bytes, and {MAX_VALUE} are the most", path.display())));
        }
        let mut reserved = reserve(length)?;
        let mut bytes = vec![];
        let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        // It may have grown since it was looked at.
        let mut file = tokio::io::AsyncReadExt::take(file, MAX_VALUE + 1);
        tokio::io::AsyncReadExt::read_to_end(&mut file, &mut bytes).await.map_err(unreadable)?;
        if bytes.len() as u64 > MAX_VALUE {
            return Err(failed(format!("{} has more than {MAX_VALUE} bytes", path.display())));
        }
        reserved.resize(bytes.len() as u64).map_err(|over| failed(over.to_string()))?;
        Ok((bytes.into(), reserved))
    }
}
