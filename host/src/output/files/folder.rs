//! The folder that an output writes to.
//!
//! `batch-MILLIS` is a committed batch. What isn't committed is in `_staging/batch-MILLIS-TERM-ATTEMPT`, on the same file system, so that one
//! rename makes it seen; a batch that was committed before is swapped with its successor, which is one step too, and the old one is removed
//! after. Nothing here follows a link out of the folder. Who may change what readers see is said by a [`Claim`].
//!
//! What is durable when: a file is synced when it is whole, and with a checkpoint the folders that lead to it too, since a result is recorded after that which names it. A commit
//! syncs the staged folder, renames it, and syncs the folder it is in and the one it was in.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, MetadataExt};
use rustix::fs::{Mode, OFlags, RenameFlags, fsync, openat, renameat_with};
use rustix::io::Errno;

use super::attempt::Attempt;
use super::claim::{Change, Claim, LOCK};
use super::manifest::batch_folder as committed;
use super::step::{Hook, Step};

const STAGING: &str = "_staging";

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    root: Dir,
    staging: Dir,
    claim: Claim,
    hook: Hook,
}

/// A file that was staged.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StagedFile {
    /// Its name in its batch's folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The number of the folder's inode, by which it is known after it was renamed.
    pub folder: u64,
}

/// What went wrong, and with which path.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}")]
pub struct FolderError {
    path: String,
    error: io::Error,
}

impl FolderError {
    /// The error, with the path it is about.
    pub fn new(path: &Path, error: io::Error) -> Self {
        Self { path: path.display().to_string(), error }
    }

    /// Whether it is that something isn't there.
    pub fn is_missing(&self) -> bool {
        self.error.kind() == io::ErrorKind::NotFound
    }
}

impl Folder {
    /// Open the folder for a driver's term, making it where it isn't there; wait at most so long for another process that changes it.
    pub fn open(path: &Path, term: u64, patience: Duration, hook: Hook) -> Result<Self, FolderError> {
        let failed = |error| FolderError::new(path, error);
        make_all(path, term > 0).map_err(failed)?;
        let root = Dir::open_ambient_dir(path, ambient_authority()).map_err(failed)?;
        let failed = |error| FolderError::new(&path.join(STAGING), error);
        make(&root, STAGING).map_err(failed)?;
        let staging = root.open_dir(STAGING).map_err(failed)?;
        if term > 0 {
            sync(&root).map_err(failed)?;
        }
        let claim = Claim::new(path, &staging, term, patience)?;
        Ok(Self { path: path.to_owned(), root, staging, claim, hook })
    }

    /// The term that it was opened for.
    pub fn term(&self) -> u64 {
        self.claim.term()
    }

    /// Begin to change what readers see: an error if that is up to a later driver.
    pub fn change(&self) -> Result<Change<'_>, FolderError> {
        self.claim.change()
    }

    /// Before a step, for tests to stop at.
    pub fn step(&self, step: Step) -> io::Result<()> {
        self.hook.step(step)
    }

    /// Its path, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder itself.
    pub fn root(&self) -> &Dir {
        &self.root
    }

    /// Whether the folder of an attempt's files waits to be committed.
    pub fn is_staged(&self, attempt: Attempt, files: &[StagedFile]) -> Result<bool, FolderError> {
        let name = attempt.folder();
        let found = inode(&self.staging, &name).map_err(|error| self.failed(&name, error))?;
        Ok(files.first().is_some_and(|file| found == Some(file.folder)))
    }

    /// Whether the batch's folder is the one that `files` were staged in.
    ///
    /// It is if it has the same inode. Where it has another, because the output was copied since, or the file system numbers folders anew when it is mounted, it is if an earlier driver has staged
    /// them, nothing is staged any more, and it holds files of these names and sizes.
    pub fn is_committed(&self, attempt: Attempt, files: &[StagedFile]) -> Result<bool, FolderError> {
        let (from, to) = (attempt.folder(), committed(attempt.batch));
        let is_committed = || {
            let Some(found) = inode(&self.root, &to)? else { return Ok(false) };
            let may_be = match files.first() {
                Some(file) if file.folder == found => return Ok(true),
                Some(_) => attempt.term < self.term(),
                None => true,
            };
            Ok(may_be && inode(&self.staging, &from)?.is_none() && self.holds(&to, files)?)
        };
        is_committed().map_err(|error| FolderError::new(&self.path.join(&to), error))
    }

    /// Whether a folder has just these files.
    fn holds(&self, name: &str, files: &[StagedFile]) -> io::Result<bool> {
        let folder = self.root.open_dir(name)?;
        for entry in folder.entries()? {
            let entry = entry?;
            let (found, bytes) = (entry.file_name(), entry.metadata()?.len());
            if !files.iter().any(|file| *file.name == *found && file.bytes == bytes) {
                return Ok(false);
            }
        }
        Ok(folder.entries()?.count() == files.len())
    }

    /// Remove all that is staged.
    pub fn clean(&self, _: &Change<'_>) -> Result<(), FolderError> {
        for entry in self.staging.entries().map_err(|e| self.failed("", e))? {
            let entry = entry.map_err(|e| self.failed("", e))?;
            let name = entry.file_name();
            if name != LOCK {
                let removed = match entry.file_type() {
                    Ok(kind) if kind.is_dir() => self.staging.remove_dir_all(&name),
                    _ => self.staging.remove_file(&name),
                };
                removed.or_else(unless_missing).map_err(|e| self.failed(&name.to_string_lossy(), e))?;
            }
        }
        Ok(())
    }

    /// Where a staged file is, for messages.
    pub fn staged_path(&self, attempt: Attempt, name: &str) -> PathBuf {
        self.path.join(STAGING).join(attempt.folder()).join(name)
    }

    /// An empty file among what an attempt stages, and the number of its folder.
    pub fn create(&self, attempt: Attempt, name: &str) -> Result<(File, u64), FolderError> {
        let folder = attempt.folder();
        let open = || {
            make(&self.staging, &folder)?;
            let folder = self.staging.open_dir(&folder)?;
            Ok((folder.create(name)?, folder.dir_metadata()?.ino()))
        };
        open().map_err(|error| self.failed(&format!("{folder}/{name}"), error))
    }

    /// Make the names of an attempt's files durable, where somebody else may go on with them. The files are synced already.
    pub fn sync_staged(&self, attempt: Attempt) -> Result<(), FolderError> {
        if self.term() == 0 {
            return Ok(());
        }
        let folder = attempt.folder();
        let synced = || {
            sync(&self.staging.open_dir(&folder)?)?;
            sync(&self.staging)
        };
        synced().map_err(|error| self.failed(&folder, error))
    }

    /// Remove a staged file.
    pub fn remove(&self, attempt: Attempt, name: &str) -> Result<(), FolderError> {
        let path = format!("{}/{name}", attempt.folder());
        self.staging.remove_file(&path).or_else(unless_missing).map_err(|error| self.failed(&path, error))
    }

    /// Remove all that an attempt has staged. No reader sees that, and no other driver stages there.
    pub fn abort(&self, attempt: Attempt) -> Result<(), FolderError> {
        let folder = attempt.folder();
        self.staging.remove_dir_all(&folder).or_else(unless_missing).map_err(|error| self.failed(&folder, error))
    }

    /// Make exactly `files`, which an attempt has staged, the batch's files. Does nothing if they are already.
    pub fn commit(&self, _: &Change<'_>, attempt: Attempt, files: &[StagedFile]) -> Result<(), FolderError> {
        let (from, to) = (attempt.folder(), committed(attempt.batch));
        let failed = |error| FolderError::new(&self.path.join(&to), error);
        if !self.is_committed(attempt, files)? {
            self.prepare(&from, files).map_err(|error| self.failed(&from, error))?;
            let replaces = inode(&self.root, &to).map_err(failed)?.is_some();
            self.put(&from, &to, replaces).map_err(failed)?;
        }
        // What was there before, if anything.
        self.step(Step::RemoveReplaced).map_err(failed)?;
        self.abort(attempt)
    }

    /// Check that what was staged is all there, remove what else is there, and sync the folder.
    fn prepare(&self, from: &str, files: &[StagedFile]) -> io::Result<()> {
        self.step(Step::Prepare)?;
        if files.is_empty() {
            make(&self.staging, from)?;
        }
        let folder = self.staging.open_dir(from)?;
        for file in files {
            let bytes = folder.metadata(&file.name)?.len();
            if bytes != file.bytes {
                let (name, written) = (&file.name, file.bytes);
                return Err(io::Error::other(format!("{name} has {bytes} bytes, and {written} were written")));
            }
        }
        for entry in folder.entries()? {
            let name = entry?.file_name();
            if !files.iter().any(|file| *file.name == *name) {
                folder.remove_file(&name)?;
            }
        }
        sync(&folder)
    }

    fn put(&self, from: &str, to: &str, replaces: bool) -> io::Result<()> {
        self.step(Step::PutBatch)?;
        if replaces {
            match renameat_with(&self.staging, from, &self.root, to, RenameFlags::EXCHANGE) {
                Ok(()) => {}
                // A file system that can't swap: for a moment there is no such batch.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                    let aside = format!("{from}-replaced");
                    self.root.rename(to, &self.staging, &aside)?;
                    self.staging.rename(from, &self.root, to)?;
                    self.staging.remove_dir_all(&aside)?;
                }
                Err(error) => return Err(error.into()),
            }
        } else {
            self.staging.rename(from, &self.root, to)?;
        }
        self.step(Step::SyncBatch)?;
        sync(&self.root)?;
        sync(&self.staging)
    }

    fn failed(&self, name: &str, error: io::Error) -> FolderError {
        FolderError::new(&self.path.join(STAGING).join(name), error)
    }
}

/// Make a folder and those above it, durable if asked for.
fn make_all(path: &Path, durable: bool) -> io::Result<()> {
    let there = path.ancestors().find(|above| above.exists()).map(Path::to_owned);
    Dir::create_ambient_dir_all(path, ambient_authority())?;
    for above in path.ancestors().skip(1).take_while(|_| durable && there.as_deref() != Some(path)) {
        let here = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        std::fs::File::open(here)?.sync_all()?;
        if Some(above) == there.as_deref() {
            break;
        }
    }
    Ok(())
}

pub(super) fn make(parent: &Dir, name: &str) -> io::Result<()> {
    match parent.create_dir(name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

pub(super) fn inode(parent: &Dir, name: &str) -> io::Result<Option<u64>> {
    match parent.symlink_metadata(name) {
        Ok(metadata) => Ok(Some(metadata.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn unless_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

pub(super) fn sync(folder: &Dir) -> io::Result<()> {
    // The folder's own handle may be one that only names it.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let readable = openat(folder, ".", flags, Mode::empty())?;
    Ok(fsync(readable)?)
}
