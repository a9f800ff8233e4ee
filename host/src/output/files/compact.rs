//! Compaction: the files of many small batches become few files, in the background.
//!
//! What waits is looked at after every commit. When it has the size that files should have, when its oldest batch is old enough, or when it is too many folders, the oldest
//! batches up to that size are merged; then the next, until nothing is due. A compaction that fails changes nothing and is tried again some batches later. Commits don't wait
//! for any of this unless too many batches wait: then the disk is too slow for the stream, or compaction keeps failing, which then fails the commit.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::task::JoinHandle;

use super::attempt::Attempt;
use super::encode;
use super::folder::{Folder, FolderError, StagedFile};
use super::manifest::{BatchFile, compacted_file};
use super::merge::{Input, Merged, Surroundings, Target, merge};
use super::step::Step;
use super::visible::Visible;
use crate::clock::{BatchTime, Stopwatch};
use crate::error::{Error, Result};
use crate::job::definition::{CompactDefinition, FileFormat};
use crate::memory::{MemoryBudget, Share};

/// The size of compacted files where the job doesn't say.
pub const DEFAULT_SIZE: u64 = 128 << 20;

/// How many batches may do what.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// So many batches are compacted together at most; when so many wait they are, however small they are.
    pub together: usize,
    /// The same of files: the manifest names each, and is written with every batch.
    pub files: usize,
    /// When so many wait, commits do.
    pub waiting: usize,
    /// After so many more, a compaction that failed is tried again.
    pub try_again_after: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { together: 1000, files: 10_000, waiting: 2000, try_again_after: 16 }
    }
}

/// What compaction needs to know of its output.
#[derive(Debug)]
pub struct Options {
    /// When.
    pub when: CompactDefinition,
    /// What the files are.
    pub format: FileFormat,
    /// What merging holds is reserved from it.
    pub memory: MemoryBudget,
    /// How many batches may wait.
    pub bounds: Bounds,
}

/// Compacts one folder.
#[derive(Debug)]
pub struct Compactor {
    options: Options,
    folder: Arc<Folder>,
    visible: Visible,
    pace: Mutex<Pace>,
    cancelled: AtomicBool,
    /// What runs in the background. Locked by whoever waits for it.
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    most_waiting: usize,
}

#[derive(Debug, Default)]
struct Pace {
    /// Whether there is something in the background, and up to which batch what it is at now goes.
    is_running: bool,
    running_to: Option<BatchTime>,
    /// No other compaction is begun.
    is_ending: bool,
    /// The last batch committed, if only an empty one.
    newest: Option<BatchTime>,
    /// Why the last compaction failed, and how many must wait until there is another.
    failure: Option<(String, usize)>,
}

/// Batches to be compacted together.
struct Round {
    batches: Vec<(BatchTime, Vec<BatchFile>)>,
    from: BatchTime,
    to: BatchTime,
}

impl Compactor {
    /// Take up what is in a folder.
    pub fn open(folder: Arc<Folder>, options: Options) -> Result<Arc<Self>, FolderError> {
        let visible = Visible::open(folder.clone(), encode::extension(options.format))?;
        // A folder that was written without being compacted may have any number: the job doesn't wait for those.
        let most_waiting = options.bounds.waiting + visible.named().waiting.len();
        let (pace, cancelled, task) = Default::default();
        Ok(Arc::new(Self { options, folder, visible, pace, cancelled, task, most_waiting }))
    }

    /// An error if the batch is among those that are compacted. Blocks.
    pub fn refuse_late(&self, batch: BatchTime) -> Result<(), FolderError> {
        self.visible.refuse_late(batch)
    }

    /// Commit what an attempt has staged: the files, and the rows of each.
    pub async fn commit(self: &Arc<Self>, attempt: Attempt, files: Vec<(StagedFile, u64)>) -> Result<()> {
        let batch = attempt.batch;
        self.make_room(batch).await?;
        let this = Arc::clone(self);
        let commit = move || {
            let named = files.iter().map(|(file, rows)| BatchFile {
                name: file.name.clone(),
                bytes: file.bytes,
                rows: Some(*rows),
            });
            let named = named.collect();
            let staged: Vec<_> = files.into_iter().map(|(file, _)| file).collect();
            this.visible.commit(attempt, &staged, named)
        };
        tokio::task::spawn_blocking(commit).await.map_err(Error::failed)?.map_err(Error::failed)?;
        self.pace.lock().newest = Some(batch);
        let mut task = self.task.lock().await;
        if self.begins() {
            let this = Arc::clone(self);
            *task = Some(tokio::task::spawn_blocking(move || this.run()));
        }
        Ok(())
    }

    /// Begin no other compaction, and wait for the one that runs.
    pub async fn finish(&self) {
        self.pace.lock().is_ending = true;
        if let Some(running) = self.task.lock().await.take() {
            let _ = running.await;
        }
    }

    /// Give up what runs, soon.
    pub fn cancel(&self) {
        self.pace.lock().is_ending = true;
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Wait until the batch isn't being compacted, and until it isn't one too many.
    async fn make_room(&self, batch: BatchTime) -> Result<()> {
        let mut task = self.task.lock().await;
        loop {
            let n_waiting = self.visible.named().waiting.len();
            let is_in_the_way = self.pace.lock().running_to.is_some_and(|to| batch <= to);
            if !is_in_the_way && n_waiting < self.most_waiting {
                return Ok(());
            }
            match task.take() {
                Some(running) => running.await.map_err(Error::failed)?,
                None => {
                    let Some((failure, _)) = self.pace.lock().failure.clone() else { return Ok(()) };
                    return Err(Error::failed(format_args!(
                        "{n_waiting} batches wait to be compacted, which is the most that may, and compacting them failed: {failure}"
                    )));
                }
            }
        }
    }

    /// Whether there is something to do, and nobody does it; if so, the caller has to.
    fn begins(&self) -> bool {
        let is_running = self.pace.lock().is_running;
        let begins = !is_running && self.due().is_some();
        self.pace.lock().is_running |= begins;
        begins
    }

    /// What to compact now, if anything.
    fn due(&self) -> Option<Round> {
        let named = self.visible.named();
        let pace = self.pace.lock();
        let has_to_wait = pace.failure.as_ref().is_some_and(|(_, until)| named.waiting.len() < *until);
        if pace.is_ending || has_to_wait {
            return None;
        }
        let (size, bounds) = (self.size(), self.options.bounds);
        let (mut bytes, mut n_files, mut batches, mut is_enough) = (0, 0, vec![], false);
        for (batch, files) in &named.waiting {
            bytes += files.iter().map(|file| file.bytes).sum::<u64>();
            n_files += files.len();
            batches.push((*batch, files));
            is_enough = bytes >= size || batches.len() >= bounds.together || n_files >= bounds.files;
            if is_enough {
                break;
            }
        }
        let (from, to) = (batches.first()?.0, batches.last()?.0);
        let is_old =
            self.options.when.every.is_some_and(|every| pace.newest.is_some_and(|newest| from <= newest.before(every)));
        (is_enough || is_old).then(|| {
            let batches = batches.into_iter().map(|(batch, files)| (batch, files.clone())).collect();
            Round { batches, from, to }
        })
    }

    fn size(&self) -> u64 {
        self.options.when.size.unwrap_or(DEFAULT_SIZE)
    }

    /// Compact until nothing is due. Blocks.
    fn run(&self) {
        loop {
            let Some(round) = self.next_round() else { return };
            let stopwatch = Stopwatch::start();
            let mut names = vec![];
            let compacted = catch_unwind(AssertUnwindSafe(|| self.compact(&round, &mut names)));
            let failure = match compacted {
                Ok(Ok(merged)) => {
                    self.tell(&round, &names, merged, stopwatch);
                    None
                }
                Ok(Err(error)) => {
                    // What can't be taken back is seen by nobody, and is removed at the next start.
                    let _ = self.visible.take_back(&names);
                    Some(error.to_string())
                }
                Err(_) => Some("it panicked".to_owned()),
            };
            let n_waiting = self.visible.named().waiting.len();
            let mut pace = self.pace.lock();
            if let Some(reason) = &failure
                && !self.is_cancelled()
            {
                let (Round { from, to, .. }, path) = (&round, self.visible.path().display());
                tracing::warn!(target: "sluicebox::output", %path, from = from.0, to = to.0, reason, "batches could not be compacted: they stay as they are, and it is tried again");
            }
            pace.failure = failure.map(|reason| (reason, n_waiting + self.options.bounds.try_again_after));
        }
    }

    /// What to compact next; if nothing is, the caller has ended.
    fn next_round(&self) -> Option<Round> {
        let round = self.due();
        let mut pace = self.pace.lock();
        pace.running_to = round.as_ref().map(|round| round.to);
        pace.is_running = round.is_some();
        round
    }

    fn compact(&self, round: &Round, names: &mut Vec<String>) -> Result<Merged, FolderError> {
        self.folder.step(Step::Merge).map_err(|error| FolderError::new(self.visible.path(), error))?;
        let reserved = self.options.memory.try_reserve(Share::Engine, 0);
        let mut memory = reserved.map_err(|error| FolderError::new(self.visible.path(), io::Error::other(error)))?;
        let mut merged = Merged { rows: Some(0), bytes: 0 };
        for group in groups(round, self.size()) {
            let of_group = match group.as_slice() {
                [(batch, file)] if self.link(round, *batch, file, names) => {
                    Merged { rows: file.rows, bytes: file.bytes }
                }
                group => {
                    let inputs = group.iter().map(|(batch, file)| {
                        let path = self.visible.path().join(format!("batch-{batch}")).join(&file.name);
                        let (bytes, rows) = (file.bytes, file.rows);
                        Ok(Input { file: self.visible.open_file(*batch, file)?, path, bytes, rows })
                    });
                    let mut into = Into { compactor: self, round, names };
                    merge(self.options.format, inputs, &mut into, &mut memory)?
                }
            };
            merged.bytes += of_group.bytes;
            merged.rows = merged.rows.zip(of_group.rows).map(|(sum, rows)| sum + rows);
        }
        self.visible.put(names, round.to)?;
        Ok(merged)
    }

    /// A file that is large enough alone gets another name instead of being copied. Says whether it did.
    fn link(&self, round: &Round, batch: BatchTime, file: &BatchFile, names: &mut Vec<String>) -> bool {
        let name = self.name(round, names.len());
        let is_linked = self.visible.link(batch, file, &name);
        if is_linked {
            names.push(name);
        }
        is_linked
    }

    fn name(&self, round: &Round, number: usize) -> String {
        compacted_file(round.from, round.to, number, encode::extension(self.options.format))
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn tell(&self, round: &Round, names: &[String], merged: Merged, stopwatch: Stopwatch) {
        tracing::info!(
            target: "sluicebox::output",
            path = %self.visible.path().display(), from = round.from.0, to = round.to.0,
            batches = round.batches.len(), files = round.batches.iter().map(|(_, files)| files.len()).sum::<usize>(),
            compacted_files = names.len(), rows = merged.rows, bytes = merged.bytes, millis = stopwatch.elapsed().as_millis(),
            "batches compacted"
        );
    }
}

/// The files of a round, in order, in groups of about `size` bytes: what is too little for a file of its own is with what comes before.
fn groups(round: &Round, size: u64) -> Vec<Vec<(BatchTime, &BatchFile)>> {
    let mut groups: Vec<Vec<(BatchTime, &BatchFile)>> = vec![];
    let mut bytes = size;
    for (batch, files) in &round.batches {
        for file in files {
            if bytes >= size {
                groups.push(vec![]);
                bytes = 0;
            }
            bytes += file.bytes;
            if let Some(group) = groups.last_mut() {
                group.push((*batch, file));
            }
        }
    }
    if bytes < size / 2
        && groups.len() > 1
        && let (Some(rest), Some(last)) = (groups.pop(), groups.last_mut())
    {
        last.extend(rest);
    }
    groups
}

struct Into<'a> {
    compactor: &'a Compactor,
    round: &'a Round,
    names: &'a mut Vec<String>,
}

impl Surroundings for Into<'_> {
    fn next_target(&mut self) -> Result<Target, FolderError> {
        let name = self.compactor.name(self.round, self.names.len());
        self.names.push(name.clone());
        self.compactor.visible.create(&name)
    }

    fn go_on(&self) -> io::Result<()> {
        if self.compactor.is_cancelled() { Err(io::Error::other("the job has ended")) } else { Ok(()) }
    }
}

#[cfg(test)]
pub(super) mod crash_tests;
#[cfg(test)]
pub(super) mod tests;
