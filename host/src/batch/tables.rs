//! Static tables: rows that batches read beside their streams', held in memory and read anew on a schedule.
//!
//! A table has versions, and a batch reads one throughout: tables are only read anew before a batch begins, when no other runs. One that can't be read then
//! keeps the rows it has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::listener::Event;
use crate::clock::BatchTime;
use crate::engine::error::plain;
use crate::engine::{Engine, node};
use crate::error::{Error, Result};
use crate::plugin::reference::References;
use crate::receiver::files::read::FileError;
use crate::receiver::files::table::TableFiles;

/// A table of a job.
#[derive(Debug)]
pub struct StaticTable {
    name: Arc<str>,
    files: TableFiles,
    refresh: Option<Duration>,
    /// Where plugins read it that are granted to.
    references: Option<Arc<References>>,
    /// The rows held; none before the start.
    held: Mutex<Option<Version>>,
    /// What its first rows are kept under.
    first: i64,
}

/// So many versions a table has at most before another one takes its place.
const VERSIONS: i64 = 1 << 32;

/// What a table holds.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    /// What its rows are kept under, in place of a batch time. No batch has it.
    pub key: BatchTime,
    /// Partitions, at least 1.
    pub partitions: usize,
    /// The batch time from which on it is to be read anew.
    due: Option<BatchTime>,
}

impl StaticTable {
    /// A table that is read anew every `refresh`, if at all.
    pub fn new(name: Arc<str>, files: TableFiles, refresh: Option<Duration>) -> Self {
        Self { name, files, refresh, references: None, held: Mutex::new(None), first: i64::MIN }
    }

    /// The same, read by plugins as well.
    pub fn for_plugins(self, references: Arc<References>) -> Self {
        Self { references: Some(references), ..self }
    }

    /// The same, beside another of the same name that is still read: neither's rows take the place of the other's.
    pub fn after(self, other: &Self) -> Self {
        Self { first: other.first.saturating_add(VERSIONS), ..self }
    }

    /// Whether plugins read it as well.
    pub fn is_for_plugins(&self) -> bool {
        self.references.is_some()
    }

    /// Plugins read the rows that it holds.
    pub fn offer(&self, engine: &Engine) {
        let (Some(references), Some(version)) = (&self.references, *self.held.lock()) else { return };
        let datasets = &engine.services().datasets;
        let partition = |number| datasets.get(&self.name, version.key, number).map(|rows| rows.to_vec());
        let rows = (0..node::number(version.partitions)).filter_map(partition).flatten().collect();
        if let Err(error) = references.set_table(&self.name, self.files.schema(), rows) {
            tracing::error!(target: "sluicebox::batch", table = &*self.name, error, "plugins can't read the table");
        }
    }

    /// Let go of the rows, which nobody reads any more.
    pub fn forget(&self, engine: &Engine) {
        if let Some(held) = self.held.lock().take() {
            engine.services().datasets.drop_one(&self.name, held.key);
        }
    }

    /// What is read from.
    pub fn files(&self) -> &TableFiles {
        &self.files
    }

    /// The rows that batches read now.
    ///
    /// # Errors
    /// Before the start.
    pub fn version(&self) -> Result<Version> {
        let not_read = || Error::failed(format!("table \"{}\" has not been read", self.name));
        self.held.lock().ok_or_else(not_read)
    }

    /// Read the files for the batch at `at`, and hold their rows in place of those held.
    async fn read(&self, engine: &Engine, at: BatchTime) -> Result<()> {
        let before = *self.held.lock();
        // Keys count up from the earliest time there is, which no clock shows.
        let key = BatchTime(before.map_or(self.first, |version| version.key.0.saturating_add(1)));
        let due = self.refresh.map(|refresh| at.after(refresh));
        if let Some(held) = self.held.lock().as_mut() {
            // Whether it can be read or not, it is not tried again before then.
            held.due = due;
        }
        let plan = self.files.plan(key, engine.parallelism())?;
        let read = engine.materialize(plan, &self.name, key, 0).await;
        let datasets = &engine.services().datasets;
        let _ = engine.services().reports.take(key, 0);
        match read {
            Ok(read) => {
                if let Some(references) = &self.references {
                    let partition = |number| datasets.get(&self.name, key, number).map(|rows| rows.to_vec());
                    let rows = (0..node::number(read.partitions)).filter_map(partition).flatten().collect();
                    references.set_table(&self.name, self.files.schema(), rows).map_err(Error::failed)?;
                }
                *self.held.lock() = Some(Version { key, partitions: read.partitions, due });
                if let Some(before) = before {
                    datasets.drop_one(&self.name, before.key);
                }
                Ok(())
            }
            Err(error) => {
                datasets.drop_one(&self.name, key);
                let of_file = error.cause_of_type::<FileError>().map(FileError::in_file);
                Err(Error::failed(of_file.unwrap_or_else(|| plain(error.cause.as_ref()))))
            }
        }
    }
}

/// The tables that a job's streams read, by name.
#[derive(Debug, Default)]
pub struct StaticTables(pub BTreeMap<String, Arc<StaticTable>>);

impl StaticTables {
    /// Read all tables for the first time; when they are due again counts from `begin`, the batch time before the first batch.
    ///
    /// # Errors
    /// The first table that can't be read.
    pub async fn start(&self, engine: &Engine, begin: BatchTime) -> Result<()> {
        for (name, table) in &self.0 {
            table.read(engine, begin).await.map_err(|error| Error::failed(format!("table \"{name}\": {error}")))?;
        }
        Ok(())
    }

    /// Read those anew that are due at a batch; what is to be told of those that couldn't be.
    pub async fn refresh(&self, engine: &Engine, batch: BatchTime) -> Vec<Event> {
        let mut events = vec![];
        for (name, table) in &self.0 {
            let is_due = table.version().is_ok_and(|version| version.due.is_some_and(|due| batch >= due));
            if !is_due {
                continue;
            }
            match table.read(engine, batch).await {
                Ok(()) => {
                    tracing::info!(target: "sluicebox::batch", batch_time = batch.0, table = name, "table read anew")
                }
                Err(error) => {
                    let error = error.to_string();
                    tracing::warn!(target: "sluicebox::batch", batch_time = batch.0, table = name, error, "table can't be read anew, and keeps its rows");
                    events.push(Event::TableError { batch_time: batch, table: name.clone(), error });
                }
            }
        }
        events
    }

    /// The rows of a table that batches read now.
    ///
    /// # Errors
    /// For a table that isn't there, and before the start.
    pub fn version(&self, name: &str) -> Result<Version> {
        let table = self.0.get(name).ok_or_else(|| Error::failed(format!("there is no table \"{name}\"")))?;
        table.version()
    }
}
