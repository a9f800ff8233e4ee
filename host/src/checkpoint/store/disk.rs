//! What a folder of objects does to the disk, step by step, so that tests can put a disk in its place that forgets what wasn't synced.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::super::fault_point::{FaultPoint, fault_point};

/// The steps. Names are durable once their folder is synced.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Make a folder in one that is there; it may be there already.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Write a new file, and sync it.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Give a file another name, in place of what has that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Give a file another name, unless something has it.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Give a file a second name, unless something has it.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Remove a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Sync a folder: the names in it.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// The machine's.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        match std::fs::create_dir(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made,
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        fault_point(FaultPoint::FileWritten);
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        match File::open(path)?.sync_all() {
            // There are file systems without: they write names when they are made, or not at all.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
            synced => synced,
        }
    }
}
