//! Who may change what readers of a folder see.
//!
//! `_staging/lock` is locked by whoever changes the folder. Without a checkpoint that is as long as the output is open, so that no other job gets in between. With a checkpoint it is only
//! while something changes, since a driver that hangs must not keep the next from taking over; the file holds the highest term in which the folder was opened, and a driver that finds a
//! later term than its own changes nothing any more. A process that hangs in the middle of a change keeps the lock: what it is about to do can't be taken back. The next waits a while, and then
//! says which process to end.
//!
//! The file has two lines, `term 00000000000000000003` and `process 0000001234`: the term, which only grows and is synced, and who locked it last, which is only told.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cap_std::fs::{Dir, OpenOptions};
use parking_lot::{Mutex, MutexGuard};

use super::folder::{FolderError, inode, sync};
use crate::clock::Stopwatch;

/// The lock's name, in `_staging`.
pub const LOCK: &str = "lock";

/// How long a change waits for another process to end its own.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Between two looks at whether the lock is free: nothing tells, where one doesn't want to wait for ever.
const PAUSE: Duration = Duration::from_millis(20);

const TERM: &str = "term ";
const PROCESS: &str = "process ";
/// Bytes of the first line.
const TERM_LINE: usize = TERM.len() + 20 + 1;

/// A folder that is this driver's to change.
#[derive(Debug)]
pub struct Claim {
    folder: PathBuf,
    staging: Dir,
    file: File,
    term: u64,
    patience: Duration,
    /// Locks of a file are those of the process: its threads take turns by this one.
    turn: Mutex<()>,
}

/// While there is one, nobody else changes the folder.
#[derive(Debug)]
pub struct Change<'a> {
    claim: &'a Claim,
    _turn: Option<MutexGuard<'a, ()>>,
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if self._turn.is_some() {
            // It is unlocked when the process ends at the latest.
            let _ = self.claim.file.unlock();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Closing the file would do, but for a process that is being started at this moment and has a copy of it. An error changes nothing.
        let _ = self.file.unlock();
    }
}

/// Folders, and the terms in which outputs of this process have let go of them: another output may claim them in the same term. A running job's output was removed, and is back.
static LET_GO: Mutex<BTreeSet<(PathBuf, u64)>> = Mutex::new(BTreeSet::new());

/// The output that has claimed a folder in this term writes to it no more.
pub fn let_go(folder: &Path, term: u64) {
    if term > 0 {
        LET_GO.lock().insert((absolute(folder), term));
    }
}

fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

impl Claim {
    /// Claim a folder for a term; 0 is a job without a checkpoint.
    pub fn new(folder: &Path, staging: &Dir, term: u64, patience: Duration) -> Result<Self, FolderError> {
        let options = OpenOptions::new().read(true).write(true).create(true).clone();
        let file = staging.open_with(LOCK, &options).map_err(|error| failed(folder, error))?.into_std();
        let staging = staging.try_clone().map_err(|error| failed(folder, error))?;
        let claim = Self { folder: folder.to_owned(), staging, file, term, patience, turn: Mutex::default() };
        if term == 0 {
            claim.lock_for_good()?;
            return Ok(claim);
        }
        {
            let _turn = claim.turn.lock();
            claim.lock()?;
            let taken = claim.take();
            let _ = claim.file.unlock();
            taken?;
        }
        Ok(claim)
    }

    /// The term that it was claimed for.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// Begin to change the folder; whoever else wants to waits.
    pub fn change(&self) -> Result<Change<'_>, FolderError> {
        if self.term == 0 {
            return Ok(Change { claim: self, _turn: None });
        }
        let turn = self.turn.lock();
        self.lock()?;
        let change = Change { claim: self, _turn: Some(turn) };
        let found = self.read_term()?;
        if found > self.term {
            let message = format!(
                "this driver's term is {}, and the folder was opened in term {found}: a later driver has taken over the job, or another job writes to this folder; this one changes nothing in it any more",
                self.term
            );
            return Err(FolderError::new(&self.folder, io::Error::other(message)));
        }
        let there = inode(&self.staging, LOCK).map_err(|error| failed(&self.folder, error))?;
        let ours = self.file.metadata().map_err(|error| failed(&self.folder, error))?.ino();
        if found < self.term || there != Some(ours) {
            let message =
                "it isn't as this driver has left it, so another may have opened the folder: start the job again";
            return Err(failed(&self.folder, io::Error::other(message)));
        }
        Ok(change)
    }

    /// Lock it until this is dropped.
    fn lock_for_good(&self) -> Result<(), FolderError> {
        match self.file.try_lock() {
            Ok(()) => self.note_process().map_err(|error| failed(&self.folder, error)),
            Err(TryLockError::WouldBlock) => {
                let message = "another output or job writes to this folder";
                Err(FolderError::new(&self.folder, io::Error::other(message)))
            }
            Err(TryLockError::Error(error)) => Err(failed(&self.folder, error)),
        }
    }

    /// Lock it as soon as it is free.
    fn lock(&self) -> Result<(), FolderError> {
        let watch = Stopwatch::start();
        loop {
            match self.file.try_lock() {
                Ok(()) => return self.note_process().map_err(|error| failed(&self.folder, error)),
                Err(TryLockError::WouldBlock) if watch.elapsed() < self.patience => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let process = self.read_process().map_or("a process".to_owned(), |id| format!("process {id}"));
                    let message = format!(
                        "{process} is in the middle of changing this folder, or is a job without a checkpoint that writes to it, and has not ended that for {}: end that process, and start the job again",
                        humantime::format_duration(self.patience)
                    );
                    return Err(FolderError::new(&self.folder, io::Error::other(message)));
                }
                Err(TryLockError::Error(error)) => return Err(failed(&self.folder, error)),
            }
        }
    }

    /// Raise the term. Called with the file locked.
    fn take(&self) -> Result<(), FolderError> {
        let found = self.read_term()?;
        let was_let_go = found == self.term && LET_GO.lock().remove(&(absolute(&self.folder), found));
        if found >= self.term && !was_let_go {
            let message = format!(
                "it was opened in term {found} of a job's checkpoint, and this driver's term is {}: a later driver has taken over the job, or another output or job writes to this folder; \
                 if the job begins anew with another checkpoint, remove _staging/{LOCK}, or write to another folder",
                self.term
            );
            return Err(FolderError::new(&self.folder, io::Error::other(message)));
        }
        let write = || {
            self.file.write_all_at(format!("{TERM}{:020}\n", self.term).as_bytes(), 0)?;
            self.file.sync_all()?;
            sync(&self.staging)
        };
        write().map_err(|error| failed(&self.folder, error))
    }

    /// The highest term in which the folder was opened; 0 if it never was in one.
    fn read_term(&self) -> Result<u64, FolderError> {
        let text = self.read().map_err(|error| failed(&self.folder, error))?;
        let Some(line) = text.lines().next() else { return Ok(0) };
        let term = line.strip_prefix(TERM).and_then(|term| term.parse().ok());
        term.ok_or_else(|| {
            let message = format!("its first line, {line:?}, is no term: if nothing writes to the folder, remove it");
            failed(&self.folder, io::Error::other(message))
        })
    }

    fn read_process(&self) -> Option<u64> {
        let text = self.read().ok()?;
        text.lines().nth(1)?.strip_prefix(PROCESS)?.parse().ok()
    }

    fn read(&self) -> io::Result<String> {
        let mut bytes = [0; 128];
        let n = self.file.read_at(&mut bytes, 0)?;
        Ok(String::from_utf8_lossy(&bytes[..n]).into_owned())
    }

    /// Say who has locked it. Called with the file locked.
    fn note_process(&self) -> io::Result<()> {
        if self.file.metadata()?.len() == 0 {
            self.file.write_all_at(format!("{TERM}{:020}\n", 0).as_bytes(), 0)?;
        }
        self.file.write_all_at(format!("{PROCESS}{:010}\n", std::process::id()).as_bytes(), TERM_LINE as u64)
    }
}

fn failed(folder: &Path, error: io::Error) -> FolderError {
    FolderError::new(&folder.join("_staging").join(LOCK), error)
}
