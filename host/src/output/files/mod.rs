//! Writes a folder of files for each batch.
//!
//! `PATH/batch-MILLIS/part-PARTITION.EXTENSION`: a folder named by the batch time, a file for each partition that has rows. A batch without rows
//! makes an empty folder, so that readers see that it ran. A batch is staged under `PATH/_staging`, which readers leave alone, and appears
//! whole, in one step; run again, it takes the place of what it had written before.
//!
//! If the output is compacted, `PATH/_manifest` names the files that are visible, and batches' files are merged into larger ones ([`compact`]).

mod compact;
mod encode;
mod folder;
mod manifest;
mod merge;
mod visible;

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::TryStreamExt;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::mpsc;

pub use self::compact::DEFAULT_SIZE;
use self::compact::{Bounds, Compactor};
use self::encode::Encoder;
use self::folder::{Folder, FolderError, StagedFile};
use self::visible::{Hook, Visible};
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
    /// Opened when it is first needed: checking a job makes no folders.
    folder: Mutex<Opened>,
}

/// When, and what it needs.
#[derive(Debug)]
struct Compaction {
    when: CompactDefinition,
    memory: MemoryBudget,
    bounds: Bounds,
    hook: Hook,
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
        Self::make(path, format, Some(Compaction { when, memory, bounds: Bounds::default(), hook: Hook::default() }))
    }

    fn make(path: PathBuf, format: FileFormat, compaction: Option<Compaction>) -> Self {
        Self(Arc::new(Files { path, format, compaction, folder: Mutex::default() }))
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

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let attempt = staged.first().map_or(0, |staged| staged.id.attempt);
        let mut files = Vec::new();
        for staged in staged {
            if (staged.id.batch, staged.id.attempt) != (batch, attempt) {
                let (of, other) = (staged.id.batch, staged.id.attempt);
                return Err(Error::failed(format_args!("it stages attempt {other} of batch {of} as well")));
            }
            let file = Option::<StagedFile>::deserialize(&staged.committable).map_err(Error::failed)?;
            files.extend(file.map(|file| (file, staged.rows)));
        }
        if self.0.compaction.is_none() {
            let files: Vec<_> = files.into_iter().map(|(file, _)| file).collect();
            return self.blocking(move |sink| sink.folder(false)?.commit(batch, attempt, &files)).await;
        }
        match self.blocking(|sink| sink.open(false)).await?.1 {
            Some(compactor) => compactor.commit(batch, attempt, files).await,
            None => Err(Error::failed("there is nothing that compacts it")),
        }
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        let mut attempts: Vec<_> = staged.iter().map(|staged| (staged.id.batch, staged.id.attempt)).collect();
        attempts.sort();
        attempts.dedup();
        for (batch, attempt) in attempts {
            self.blocking(move |sink| sink.folder(false)?.abort(batch, attempt)).await?;
        }
        Ok(())
    }

    async fn finish(&self) {
        let compactor = self.0.folder.lock().compactor.clone();
        if let Some(compactor) = compactor {
            compactor.finish().await;
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
                let folder = Arc::new(Folder::open(&self.path)?);
                opened.compactor = self.compactor(&folder)?;
                Arc::clone(opened.folder.insert(folder))
            }
        };
        if clean && !opened.clean {
            folder.clean()?;
            opened.clean = true;
        }
        Ok((folder, opened.compactor.clone()))
    }

    fn compactor(&self, folder: &Arc<Folder>) -> Result<Option<Arc<Compactor>>, FolderError> {
        let Some(Compaction { when, memory, bounds, hook }) = &self.compaction else {
            if Visible::is_in(folder)? {
                let message = "it has a manifest, which new batches would not be in: give the output's sink compact, or write to another folder";
                return Err(FolderError::new(&self.path, std::io::Error::other(message)));
            }
            return Ok(None);
        };
        let (memory, hook) = (memory.clone(), hook.clone());
        let options = compact::Options { when: *when, format: self.format, memory, bounds: *bounds, hook };
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
        let name = manifest::part_file(id.partition, encode::extension(self.format));
        let written = self.write_file(&folder, id, &name, schema, first, messages);
        if !matches!(written, Ok(Some(_))) {
            // A file that can't be removed stays out of sight, and is removed by the next run.
            let _ = folder.remove(id.batch, id.attempt, &name);
        }
        written.map_err(Error::failed)
    }

    /// None if the partition was given up.
    fn write_file(
        &self,
        folder: &Folder,
        id: WriteId,
        name: &str,
        schema: SchemaRef,
        first: RecordBatch,
        mut messages: mpsc::Receiver<Message>,
    ) -> Result<Option<StagedFile>, FolderError> {
        let path = folder.staged_path(id.batch, id.attempt, name);
        let failed = |e: encode::EncodeError| FolderError::new(&path, std::io::Error::other(e.to_string()));
        let (file, number) = folder.create(id.batch, id.attempt, name)?;
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
        Ok(Some(StagedFile { name: name.to_owned(), bytes: synced.len(), folder: number }))
    }
}

#[cfg(test)]
mod tests;
