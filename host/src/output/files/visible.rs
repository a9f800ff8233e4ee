//! What readers of a compacted folder see: its manifest, and the steps by which it changes.
//!
//! A batch's folder is put in place, then named. Compacted files are written in `_compacting`, synced, put in place, named in one step in place of the batches that are in
//! them, and then the batches' folders are removed. Whenever a crash comes, the manifest names each row once, and what is left over can be told by its time: compacted
//! files of batches after the last that the manifest has compacted were never named, and folders of batches up to it aren't any more.
//!
//! Each driver works in `_compacting/TERM`: one that hangs while it merges and goes on later must not write to what another has made. What it then finds is that its folder is gone.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use cap_std::fs::Dir;
use parking_lot::{Mutex, MutexGuard};

use super::attempt::Attempt;
use super::claim::Change;
use super::folder::{Folder, FolderError, StagedFile, make, sync, unless_missing};
use super::manifest::{self, BatchFile, MANIFEST, Waiting};
use super::merge::Target;
use super::step::Step;
use crate::clock::BatchTime;

/// Where compacted files and manifests are written before they are put in place.
const WORK: &str = "_compacting";

/// What the manifest names.
#[derive(Debug, Default)]
pub struct Named {
    /// Compacted files, oldest first.
    pub compacted: Vec<String>,
    /// Up to which batch files are compacted.
    pub until: Option<BatchTime>,
    /// What waits.
    pub waiting: Waiting,
}

/// A folder with a manifest.
#[derive(Debug)]
pub struct Visible {
    folder: Arc<Folder>,
    work: Dir,
    extension: &'static str,
    named: Mutex<Named>,
}

impl Visible {
    /// Take up what is there: batches that aren't named yet are, and what a run before left over is removed.
    pub fn open(folder: Arc<Folder>, extension: &'static str) -> Result<Self, FolderError> {
        let opened = folder.clone();
        let change = opened.change()?;
        let work = work(&folder).map_err(|error| FolderError::new(&folder.path().join(WORK), error))?;
        let visible = Self { work, extension, named: Mutex::default(), folder };
        visible.take_up(&change)?;
        Ok(visible)
    }

    /// What is named now.
    pub fn named(&self) -> MutexGuard<'_, Named> {
        self.named.lock()
    }

    /// The folder's path, for messages.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether a folder has a manifest.
    pub fn is_in(folder: &Folder) -> Result<bool, FolderError> {
        let found = folder.root().try_exists(MANIFEST);
        found.map_err(|error| FolderError::new(&folder.path().join(MANIFEST), error))
    }

    fn take_up(&self, change: &Change<'_>) -> Result<(), FolderError> {
        let text = match self.folder.root().read_to_string(MANIFEST) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(self.failed(MANIFEST, error)),
        };
        let mut named = Named::default();
        let mut batches = vec![];
        let mut compacted = vec![];
        for entry in self.folder.root().entries().map_err(|error| self.failed("", error))? {
            let name = entry.map_err(|error| self.failed("", error))?.file_name();
            let Some(name) = name.to_str() else { continue };
            if let Some(batch) = manifest::batch_of(name) {
                batches.push(batch);
            } else if manifest::compacted_of(name).is_some() {
                compacted.push(name.to_owned());
            }
        }
        match &text {
            Some(text) => {
                let names = manifest::read(text).map_err(|reason| {
                    let help = "restore the manifest, or write to another folder";
                    self.failed(MANIFEST, io::Error::other(format!("{reason}; {help}")))
                })?;
                named.until = names.iter().filter_map(|name| Some(manifest::compacted_of(name)?.to)).max();
                let (there, gone) = names.into_iter().partition(|name| compacted.contains(name));
                named.compacted = there;
                self.tell_gone(&gone);
            }
            None if compacted.is_empty() => {}
            None => {
                let message = format!(
                    "it is missing, and there are {} compacted files such as {}: restore the manifest, or write to another folder",
                    compacted.len(),
                    compacted[0]
                );
                return Err(self.failed(MANIFEST, io::Error::other(message)));
            }
        }
        self.check_extensions(&named)?;
        self.sort_out(&mut named, compacted, batches)?;
        self.replace_manifest(change, &named.text())?;
        *self.named.lock() = named;
        Ok(())
    }

    fn tell_gone(&self, gone: &[String]) {
        if let Some(first) = gone.first() {
            let (path, n_files) = (self.folder.path().display(), gone.len());
            tracing::warn!(target: "sluicebox::output", %path, n_files, first, "compacted files that the manifest names are gone: it names them no more");
        }
    }

    fn check_extensions(&self, named: &Named) -> Result<(), FolderError> {
        let other = named
            .compacted
            .iter()
            .find(|name| manifest::compacted_of(name).is_some_and(|compacted| compacted.extension != self.extension));
        other.map_or(Ok(()), |name| Err(self.other_format(name)))
    }

    fn other_format(&self, name: &str) -> FolderError {
        let help = "a folder that is compacted holds files of one format: write to another folder";
        self.failed(name, io::Error::other(format!("its name doesn't end in \".{}\"; {help}", self.extension)))
    }

    /// Of what is there, find what waits to be compacted, and remove what is left over.
    fn sort_out(&self, named: &mut Named, compacted: Vec<String>, batches: Vec<BatchTime>) -> Result<(), FolderError> {
        for name in compacted.iter().filter(|name| !named.compacted.contains(name)) {
            if manifest::compacted_of(name).is_some_and(|found| named.until.is_none_or(|until| found.from > until)) {
                self.folder
                    .root()
                    .remove_file(name)
                    .or_else(unless_missing)
                    .map_err(|error| self.failed(name, error))?;
            } else {
                let path = self.folder.path().join(name);
                tracing::warn!(target: "sluicebox::output", path = %path.display(), "the manifest does not name the file: it is left alone, and readers don't see it");
            }
        }
        for batch in batches {
            let is_compacted = named.until.is_some_and(|until| batch <= until);
            let files = match self.files_of(batch) {
                // The driver before removes it too, and doesn't hold the folder for that: it is gone by now.
                Err(error) if is_compacted && error.is_missing() => continue,
                files => files?,
            };
            if files.is_empty() || is_compacted {
                self.remove(batch, &files)?;
            } else {
                named.waiting.insert(batch, files);
            }
        }
        Ok(())
    }

    /// The files of a batch's folder that were written here.
    fn files_of(&self, batch: BatchTime) -> Result<Vec<BatchFile>, FolderError> {
        let name = manifest::batch_folder(batch);
        let failed = |error| self.failed(&name, error);
        let folder = self.folder.root().open_dir(&name).map_err(failed)?;
        let mut files = vec![];
        for entry in folder.entries().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let file = entry.file_name();
            let Some((partition, extension)) = file.to_str().and_then(manifest::part_of) else { continue };
            if extension != self.extension {
                return Err(self.other_format(&format!("{name}/{}", file.to_string_lossy())));
            }
            let bytes = entry.metadata().map_err(failed)?.len();
            files.push((partition, BatchFile { name: manifest::part_file(partition, extension), bytes, rows: None }));
        }
        files.sort_by_key(|(partition, _)| *partition);
        Ok(files.into_iter().map(|(_, file)| file).collect())
    }

    /// Make `files`, which an attempt has staged, the batch's, and name them. Does nothing if that is so, or was before the batch was compacted.
    pub fn commit(&self, attempt: Attempt, staged: &[StagedFile], files: Vec<BatchFile>) -> Result<(), FolderError> {
        let (change, batch) = (&self.folder.change()?, attempt.batch);
        if self.named().until.is_some_and(|until| batch <= until) {
            if self.folder.is_staged(attempt, staged)? {
                return Err(self.late(batch));
            }
            return self.folder.abort(attempt);
        }
        let before = self.named().waiting.get(&batch).cloned();
        if before.is_some() && !self.folder.is_committed(attempt, staged)? {
            // What replaces the batch may have files of the same names, so that it is not seen while it changes.
            let mut named = self.named();
            named.waiting.remove(&batch);
            self.replace_manifest(change, &named.text())?;
        }
        if staged.is_empty() {
            self.remove(batch, &before.unwrap_or_default())?;
            return self.folder.abort(attempt);
        }
        self.folder.commit(change, attempt, staged)?;
        self.folder.step(Step::NameBatch).map_err(|error| self.failed(MANIFEST, error))?;
        let mut named = self.named();
        if named.waiting.insert(batch, files).is_some() {
            return Ok(());
        }
        self.replace_manifest(change, &named.text()).inspect_err(|_| {
            named.waiting.remove(&batch);
        })
    }

    /// An error if the batch can't be written any more.
    pub fn refuse_late(&self, batch: BatchTime) -> Result<(), FolderError> {
        if self.named().until.is_some_and(|until| batch <= until) { Err(self.late(batch)) } else { Ok(()) }
    }

    fn late(&self, batch: BatchTime) -> FolderError {
        let until = self.named().until.unwrap_or(batch);
        let help = "start the job once that time has passed, set the machine's clock right if it has gone back, or write to another folder";
        let message = format!("batch {batch} can't be written: batches up to {until} are compacted already; {help}");
        FolderError::new(self.folder.path(), io::Error::other(message))
    }

    /// A file of a batch.
    pub fn open_file(&self, batch: BatchTime, file: &BatchFile) -> Result<std::fs::File, FolderError> {
        let name = format!("{}/{}", manifest::batch_folder(batch), file.name);
        let opened = self.folder.root().open(&name).map_err(|error| self.failed(&name, error))?;
        Ok(opened.into_std())
    }

    /// A new file that nobody sees yet.
    pub fn create(&self, name: &str) -> Result<Target, FolderError> {
        let path = self.folder.path().join(WORK).join(self.folder.term().to_string()).join(name);
        let file = self.work.create(name).map_err(|error| FolderError::new(&path, error))?;
        Ok(Target { file: file.into_std(), path })
    }

    /// Another name, which nobody sees yet, for a file of a batch; says whether the file system could give it.
    pub fn link(&self, batch: BatchTime, file: &BatchFile, name: &str) -> bool {
        let from = format!("{}/{}", manifest::batch_folder(batch), file.name);
        self.folder.root().hard_link(from, &self.work, name).is_ok()
    }

    /// Show the compacted files `names`, made by [`Visible::create`], instead of the batches up to `to`; then remove these.
    pub fn put(&self, names: &[String], to: BatchTime) -> Result<(), FolderError> {
        let held = self.folder.change()?;
        let change = &held;
        self.folder.step(Step::PlaceMerged).map_err(|error| self.failed(WORK, error))?;
        for name in names {
            self.work.rename(name, self.folder.root(), name).map_err(|error| self.failed(name, error))?;
        }
        sync(self.folder.root()).map_err(|error| self.failed("", error))?;
        self.folder.step(Step::NameMerged).map_err(|error| self.failed(MANIFEST, error))?;
        let removed = {
            // Held until the manifest is in place: a commit that comes between would name the batches again.
            let mut named = self.named();
            let (waiting, removed): (Waiting, Waiting) =
                named.waiting.iter().map(|(batch, files)| (*batch, files.clone())).partition(|(batch, _)| *batch > to);
            self.replace_manifest(change, &manifest::write(named.compacted.iter().chain(names), waiting.iter()))?;
            named.compacted.extend_from_slice(names);
            (named.until, named.waiting) = (Some(to), waiting);
            removed
        };
        // Nobody sees them, and no driver will write such batches again.
        drop(held);
        for (batch, files) in removed {
            // What can't be removed is seen by nobody, and is removed at the next start.
            if let Err(error) = self.remove(batch, &files) {
                tracing::warn!(target: "sluicebox::output", %error, "a batch that was compacted could not be removed");
            }
        }
        Ok(())
    }

    /// Remove the files of a compaction that came to nothing.
    pub fn take_back(&self, names: &[String]) -> Result<(), FolderError> {
        for name in names {
            self.work.remove_file(name).or_else(unless_missing).map_err(|error| self.failed(WORK, error))?;
        }
        let change = &self.folder.change()?;
        let named = self.named();
        // It may have been replaced before what failed did, and must not name what isn't there.
        self.replace_manifest(change, &named.text())?;
        for name in names {
            self.folder.root().remove_file(name).or_else(unless_missing).map_err(|error| self.failed(name, error))?;
        }
        Ok(())
    }

    /// Remove the files of a batch, and its folder unless somebody has put something else there.
    fn remove(&self, batch: BatchTime, files: &[BatchFile]) -> Result<(), FolderError> {
        let name = manifest::batch_folder(batch);
        let removed = || {
            self.folder.step(Step::RemoveBatch)?;
            let folder = match self.folder.root().open_dir(&name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                opened => opened?,
            };
            for file in files {
                self.folder.step(Step::RemoveFile)?;
                folder.remove_file(&file.name).or_else(unless_missing)?;
            }
            match self.folder.root().remove_dir(&name) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                    let path = self.folder.path().join(&name);
                    tracing::warn!(target: "sluicebox::output", path = %path.display(), "the folder of a batch that was compacted has files that no output wrote: it is left alone");
                    Ok(())
                }
                removed => removed.or_else(unless_missing),
            }
        };
        removed().map_err(|error| self.failed(&name, error))
    }

    /// Called with what is named locked: a manifest must not take the place of a later one.
    fn replace_manifest(&self, _: &Change<'_>, text: &str) -> Result<(), FolderError> {
        let replace = || {
            let mut file = self.work.create(MANIFEST)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            self.folder.step(Step::ReplaceManifest)?;
            self.work.rename(MANIFEST, self.folder.root(), MANIFEST)?;
            sync(self.folder.root())
        };
        replace().map_err(|error| self.failed(MANIFEST, error))
    }

    fn failed(&self, name: &str, error: io::Error) -> FolderError {
        FolderError::new(&self.folder.path().join(name), error)
    }
}

/// The folder that a driver works in, empty. Those of others are removed.
fn work(folder: &Folder) -> io::Result<Dir> {
    make(folder.root(), WORK)?;
    let all = folder.root().open_dir(WORK)?;
    for entry in all.entries()? {
        let entry = entry?;
        let removed = match entry.file_type()? {
            kind if kind.is_dir() => all.remove_dir_all(entry.file_name()),
            _ => all.remove_file(entry.file_name()),
        };
        removed.or_else(unless_missing)?;
    }
    let name = folder.term().to_string();
    make(&all, &name)?;
    all.open_dir(&name)
}

impl Named {
    fn text(&self) -> String {
        manifest::write(self.compacted.iter(), self.waiting.iter())
    }
}
