//! Writes a folder of files for each batch.
//!
//! `PATH/batch-MILLIS/part-PARTITION.EXTENSION`: a folder named by the batch time, a file for each partition that has rows. A batch without rows
//! makes an empty folder, so that readers see that it ran. A batch is staged under `PATH/_staging`, which readers leave alone, and appears
//! whole, in one step; run again, it takes the place of what it had written before. Drivers of the same job that believe to be the only one are kept apart by their terms ([`claim`]).
//!
//! If the output is compacted, `PATH/_manifest` names the files that are visible, and batches' files are merged into larger ones ([`compact`]).

mod attempt;
mod claim;
mod compact;
pub(crate) mod encode;
mod folder;
mod manifest;
mod merge;
mod step;
mod visible;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::TryStreamExt;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::mpsc;

use self::attempt::Attempt;
pub use self::compact::DEFAULT_SIZE;
use self::compact::{Bounds, Compactor};
use self::encode::Encoder;
use self::folder::{Folder, FolderError, StagedFile};
pub(crate) use self::manifest::batch_folder;
use self::step::Hook;
use self::visible::Visible;
use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::job::definition::{CompactDefinition, FileFormat};
use crate::memory::MemoryBudget;
use crate::output::{Sink, Staged, WriteId};

/// Writes files of one format below one folder.
#[derive(Debug)]
pub struct FilesSink(Arc<Files>);

#[derive(Debug)]
struct Files {
    path: PathBuf,
    format: FileFormat,
    compaction: Option<Compaction>,
    /// How long a change waits for another process.
    patience: Duration,
    hook: Hook,
    /// The driver's, once it is known.
    term: AtomicU64,
    /// Opened when it is first needed: checking a job makes no folders.
    folder: Mutex<Opened>,
}

/// When, and what it needs.
#[derive(Debug)]
struct Compaction {
    when: CompactDefinition,
    memory: MemoryBudget,
    bounds: Bounds,
}

#[derive(Debug, Default)]
struct Opened {
    folder: Option<Arc<Folder>>,
    /// None if the output isn't compacted.
    compactor: Option<Arc<Compactor>>,
    /// Whether what earlier runs of the job left staged is removed.
    clean: bool,
}

/// Hand the rows over; returns how many there were. A writer that is gone has failed, and says why itself.
async fn send_rows(
    rows: &mut SendableRecordBatchStream,
    writer: mpsc::Sender<Message>,
) -> datafusion::common::Result<u64> {
    let mut n = 0;
    while let Some(batch) = rows.try_next().await? {
        n += batch.num_rows() as u64;
        if batch.num_rows() > 0 && writer.send(Message::Rows(batch)).await.is_err() {
            return Ok(n);
        }
    }
    let _ = writer.send(Message::Finish).await;
    Ok(n)
}

/// What the thread that writes a partition is told.
enum Message {
    Rows(RecordBatch),
    /// There are no more rows. Without it, the partition was given up.
    Finish,
}

impl FilesSink {
    /// A sink that writes below `path`, which is made when it isn't there.
    pub fn new(path: PathBuf, format: FileFormat) -> Self {
        Self::make(path, format, None)
    }

    /// A sink that compacts what it writes; what that holds in memory is reserved from `memory`.
    pub fn compacting(path: PathBuf, format: FileFormat, when: CompactDefinition, memory: MemoryBudget) -> Self {
        Self::make(path, format, Some(Compaction { when, memory, bounds: Bounds::default() }))
    }

    fn make(path: PathBuf, format: FileFormat, compaction: Option<Compaction>) -> Self {
        let (hook, term, folder) = Default::default();
        Self(Arc::new(Files { path, format, compaction, patience: claim::PATIENCE, hook, term, folder }))
    }

    #[cfg(test)]
    fn with_hook(mut self, hook: Hook) -> Self {
        if let Some(files) = Arc::get_mut(&mut self.0) {
            files.hook = hook;
        }
        self
    }

    /// Run blocking work off the threads that run plans.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T, FolderError> + Send + 'static,
    ) -> Result<T> {
        let files = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&files)).await;
        done.map_err(Error::failed)?.map_err(Error::failed)
    }
}

#[async_trait::async_trait]
impl Sink for FilesSink {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        match encode::refusal(self.0.format, schema) {
            Some(reason) => Err(Error::invalid(reason)),
            None => Ok(()),
        }
    }

    async fn write(&self, id: WriteId, mut rows: SendableRecordBatchStream) -> Result<Staged> {
        // Some rows are encoded while the next are made, and no more wait.
        let (sender, receiver) = mpsc::channel(2);
        let files = Arc::clone(&self.0);
        let schema = rows.schema();
        let writing = tokio::task::spawn_blocking(move || files.write_partition(id, schema, receiver));
        let read = send_rows(&mut rows, sender).await;
        // Also where rows failed: when this returns, nothing is left of the file.
        let written = writing.await.map_err(Error::failed)?;
        let n = read.map_err(Error::failed)?;
        let staged = written?;
        let committable = serde_json::to_value(staged).map_err(Error::failed)?;
        Ok(Staged { id, rows: n, committable })
    }

    async fn open(&self, term: u64) -> Result<()> {
        self.0.term.store(term, Ordering::Relaxed);
        // Without a checkpoint the folder can wait until something is written to it.
        if term == 0 { Ok(()) } else { self.blocking(|files| files.folder(false).map(drop)).await }
    }

    async fn last(&self) -> Result<Option<BatchTime>> {
        self.blocking(|files| manifest::last_batch(&files.path).map_err(|error| FolderError::new(&files.path, error)))
            .await
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let term = self.0.term.load(Ordering::Relaxed);
        let attempt = staged.first().map_or(Attempt { batch, term, number: 0 }, |staged| staged.id.into());
        let mut files = Vec::new();
        for staged in staged {
            let of = Attempt::from(staged.id);
            if of != attempt || of.batch != batch {
                return Err(Error::failed(format_args!("in batch {batch}, it stages {of} as well as {attempt}")));
            }
            let file = Option::<StagedFile>::deserialize(&staged.committable).map_err(Error::failed)?;
            files.extend(file.map(|file| (file, staged.rows)));
        }
        if self.0.compaction.is_none() {
            let files: Vec<_> = files.into_iter().map(|(file, _)| file).collect();
            let commit = move |sink: &Files| {
                let folder = sink.folder(false)?;
                folder.commit(&folder.change()?, attempt, &files)
            };
            return self.blocking(commit).await;
        }
        match self.blocking(|sink| sink.open(false)).await?.1 {
            Some(compactor) => compactor.commit(attempt, files).await,
            None => Err(Error::failed("there is nothing that compacts it")),
        }
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        let mut attempts: Vec<_> = staged.iter().map(|staged| Attempt::from(staged.id)).collect();
        attempts.sort();
        attempts.dedup();
        for attempt in attempts {
            self.blocking(move |sink| sink.folder(false)?.abort(attempt)).await?;
        }
        Ok(())
    }

    async fn finish(&self) {
        let compactor = self.0.folder.lock().compactor.clone();
        if let Some(compactor) = compactor {
            compactor.finish().await;
        }
    }

    fn let_go(&self) {
        let opened = std::mem::take(&mut *self.0.folder.lock());
        if opened.folder.is_some() {
            // Its lock goes with it, if that is held.
            drop(opened);
            claim::let_go(&self.0.path, self.0.term.load(Ordering::Relaxed));
        }
    }
}

impl Drop for FilesSink {
    fn drop(&mut self) {
        if let Some(compactor) = &self.0.folder.lock().compactor {
            compactor.cancel();
        }
    }
}

impl Files {
    /// The folder. What earlier runs left is removed before the first write, and not before: a batch they have staged is committed first.
    fn folder(&self, clean: bool) -> Result<Arc<Folder>, FolderError> {
        self.open(clean).map(|(folder, _)| folder)
    }

    /// The folder, and what compacts it.
    fn open(&self, clean: bool) -> Result<(Arc<Folder>, Option<Arc<Compactor>>), FolderError> {
        let mut opened = self.folder.lock();
        let folder = match &opened.folder {
            Some(folder) => Arc::clone(folder),
            None => {
                let term = self.term.load(Ordering::Relaxed);
                let folder = Arc::new(Folder::open(&self.path, term, self.patience, self.hook.clone())?);
                opened.compactor = self.compactor(&folder)?;
                Arc::clone(opened.folder.insert(folder))
            }
        };
        if clean && !opened.clean {
            folder.clean(&folder.change()?)?;
            opened.clean = true;
        }
        Ok((folder, opened.compactor.clone()))
    }

    fn compactor(&self, folder: &Arc<Folder>) -> Result<Option<Arc<Compactor>>, FolderError> {
        let Some(Compaction { when, memory, bounds }) = &self.compaction else {
            if Visible::is_in(folder)? {
                let message = "it has a manifest, which new batches would not be in: give the output's sink compact, or write to another folder";
                return Err(FolderError::new(&self.path, std::io::Error::other(message)));
            }
            return Ok(None);
        };
        let options = compact::Options { when: *when, format: self.format, memory: memory.clone(), bounds: *bounds };
        Compactor::open(Arc::clone(folder), options).map(Some)
    }

    /// Write a partition's file, if it has rows. Blocks.
    fn write_partition(
        &self,
        id: WriteId,
        schema: SchemaRef,
        mut messages: mpsc::Receiver<Message>,
    ) -> Result<Option<StagedFile>> {
        let (folder, compactor) = self.open(true).map_err(Error::failed)?;
        if let Some(compactor) = compactor {
            compactor.refuse_late(id.batch).map_err(Error::failed)?;
        }
        let Some(Message::Rows(first)) = messages.blocking_recv() else { return Ok(None) };
        let (attempt, name) = (id.into(), manifest::part_file(id.partition, encode::extension(self.format)));
        let written = self.write_file(&folder, attempt, &name, schema, first, messages);
        if !matches!(written, Ok(Some(_))) {
            // A file that can't be removed stays out of sight, and is removed by the next run.
            let _ = folder.remove(attempt, &name);
        }
        written.map_err(Error::failed)
    }

    /// None if the partition was given up.
    fn write_file(
        &self,
        folder: &Folder,
        attempt: Attempt,
        name: &str,
        schema: SchemaRef,
        first: RecordBatch,
        mut messages: mpsc::Receiver<Message>,
    ) -> Result<Option<StagedFile>, FolderError> {
        let path = folder.staged_path(attempt, name);
        let failed = |e: encode::EncodeError| FolderError::new(&path, std::io::Error::other(e.to_string()));
        let (file, number) = folder.create(attempt, name)?;
        let mut encoder = Encoder::new(self.format, schema, file.into_std()).map_err(failed)?;
        encoder.write(&first).map_err(failed)?;
        drop(first);
        loop {
            match messages.blocking_recv() {
                Some(Message::Rows(rows)) => encoder.write(&rows).map_err(failed)?,
                Some(Message::Finish) => break,
                None => return Ok(None),
            }
        }
        let file = encoder.finish().map_err(failed)?;
        let synced = file.sync_all().and_then(|()| file.metadata()).map_err(|e| FolderError::new(&path, e))?;
        folder.sync_staged(attempt)?;
        Ok(Some(StagedFile { name: name.to_owned(), bytes: synced.len(), folder: number }))
    }
}

#[cfg(test)]
mod tests;
