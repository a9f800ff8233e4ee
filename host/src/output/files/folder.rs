//! The folder that an output writes to.
//!
//! `batch-MILLIS` is a committed batch. What isn't committed is in `_staging/batch-MILLIS-ATTEMPT`, on the same file system, so that one
//! rename makes it seen; a batch that was committed before is swapped with its successor, which is one step too, and the old one is removed
//! after. Files are synced before they are renamed, and folders after. Nothing here follows a link out of the folder.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, MetadataExt, OpenOptions};
use rustix::fs::{Mode, OFlags, RenameFlags, fsync, openat, renameat_with};
use rustix::io::Errno;

use super::manifest::batch_folder as committed;
use crate::clock::BatchTime;

const STAGING: &str = "_staging";
const LOCK: &str = "lock";

/// An open folder, which no other job can open.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    root: Dir,
    staging: Dir,
    lock: std::fs::File,
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Closing the file would do, but for a process that is being started at this moment and has a copy of it. An error changes nothing.
        let _ = self.lock.unlock();
    }
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
}

fn staged(batch: BatchTime, attempt: u32) -> String {
    format!("batch-{batch}-{attempt}")
}

impl Folder {
    /// Open the folder, making it where it isn't there.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |error| FolderError::new(path, error);
        Dir::create_ambient_dir_all(path, ambient_authority()).map_err(failed)?;
        let root = Dir::open_ambient_dir(path, ambient_authority()).map_err(failed)?;
        let failed = |error| FolderError::new(&path.join(STAGING), error);
        make(&root, STAGING).map_err(failed)?;
        let staging = root.open_dir(STAGING).map_err(failed)?;
        let lock = staging.open_with(LOCK, OpenOptions::new().write(true).create(true)).map_err(failed)?.into_std();
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), root, staging, lock }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(FolderError::new(path, io::Error::other("another output or job writes to this folder")))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
        }
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
    pub fn is_staged(&self, batch: BatchTime, attempt: u32, files: &[StagedFile]) -> Result<bool, FolderError> {
        let name = staged(batch, attempt);
        let found = inode(&self.staging, &name).map_err(|error| self.failed(&name, error))?;
        Ok(files.first().is_some_and(|file| found == Some(file.folder)))
    }

    /// Whether the batch's folder is the one that `files` were staged in.
    pub fn is_committed(&self, batch: BatchTime, files: &[StagedFile]) -> Result<bool, FolderError> {
        let name = committed(batch);
        let found = inode(&self.root, &name).map_err(|error| FolderError::new(&self.path.join(&name), error))?;
        Ok(files.first().is_some_and(|file| found == Some(file.folder)))
    }

    /// Remove all that is staged.
    pub fn clean(&self) -> Result<(), FolderError> {
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
    pub fn staged_path(&self, batch: BatchTime, attempt: u32, name: &str) -> PathBuf {
        self.path.join(STAGING).join(staged(batch, attempt)).join(name)
    }

    /// An empty file among what an attempt of a batch stages, and the number of its folder.
    pub fn create(&self, batch: BatchTime, attempt: u32, name: &str) -> Result<(File, u64), FolderError> {
        let folder = staged(batch, attempt);
        let open = || {
            make(&self.staging, &folder)?;
            let folder = self.staging.open_dir(&folder)?;
            Ok((folder.create(name)?, folder.dir_metadata()?.ino()))
        };
        open().map_err(|error| self.failed(&format!("{folder}/{name}"), error))
    }

    /// Remove a staged file.
    pub fn remove(&self, batch: BatchTime, attempt: u32, name: &str) -> Result<(), FolderError> {
        let path = format!("{}/{name}", staged(batch, attempt));
        self.staging.remove_file(&path).or_else(unless_missing).map_err(|error| self.failed(&path, error))
    }

    /// Remove all that an attempt of a batch has staged.
    pub fn abort(&self, batch: BatchTime, attempt: u32) -> Result<(), FolderError> {
        let folder = staged(batch, attempt);
        self.staging.remove_dir_all(&folder).or_else(unless_missing).map_err(|error| self.failed(&folder, error))
    }

    /// Make exactly `files`, which an attempt of a batch has staged, the batch's files. Does nothing if they are already.
    pub fn commit(&self, batch: BatchTime, attempt: u32, files: &[StagedFile]) -> Result<(), FolderError> {
        let (from, to) = (staged(batch, attempt), committed(batch));
        let failed = |error| FolderError::new(&self.path.join(&to), error);
        let before = inode(&self.root, &to).map_err(failed)?;
        let is_done = match files.first() {
            Some(file) => before == Some(file.folder),
            None => {
                before.is_some()
                    && inode(&self.staging, &from).map_err(failed)?.is_none()
                    && self.is_empty(&to).map_err(failed)?
            }
        };
        if !is_done {
            self.prepare(&from, files).map_err(|error| self.failed(&from, error))?;
            self.put(&from, &to, before.is_some()).map_err(failed)?;
        }
        // What was there before, if anything.
        self.abort(batch, attempt)
    }

    fn is_empty(&self, name: &str) -> io::Result<bool> {
        Ok(self.root.read_dir(name)?.next().is_none())
    }

    /// Check that what was staged is all there, remove what else is there, and sync the folder.
    fn prepare(&self, from: &str, files: &[StagedFile]) -> io::Result<()> {
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
        sync(&self.root)?;
        sync(&self.staging)
    }

    fn failed(&self, name: &str, error: io::Error) -> FolderError {
        FolderError::new(&self.path.join(STAGING).join(name), error)
    }
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
