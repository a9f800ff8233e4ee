//! Where segments are: files of a folder, or objects of a store. All that is here blocks.
//!
//! `wal/TERM/NUMBER.wal`, TERM being that of the driver that wrote them, in twenty digits, and NUMBER from 1 in ten. A run's segments are removed from the first on, so what is left has no gap.
//!
//! A driver that takes over closes the runs before it, so that whoever is still at work there can make nothing safe any more. A folder is renamed, to `TERM.closed`; its writer sees,
//! whenever it has synced, that its folder has gone. What the closed run has is then read once and written down in `TERM.closed/end.json`: what the writer may still write after it
//! counts for nothing. Of objects, one that says so is put as the run's next, which the writer finds in its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use super::frame::ReadAt;
use crate::checkpoint::{Created, Store};
use crate::error::{Error, Result};

/// The folder below the checkpoint.
pub const FOLDER: &str = "wal";
const CLOSED: &str = ".closed";
const END: &str = "end.json";
const SUFFIX: &str = ".wal";

/// Where a closed run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    /// The format's version.
    pub version: u32,
    /// Its last segment; 0 where it has none.
    pub segment: u64,
    /// Bytes of that.
    pub bytes: u64,
}

/// A run's folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The term of the driver that wrote it.
    pub term: u64,
    /// Whether a later driver has closed it.
    pub is_closed: bool,
}

/// Where segments are.
#[derive(Debug, Clone)]
pub enum Media {
    /// A folder of this machine.
    Folder {
        /// The checkpoint's URL.
        url: String,
        /// `wal` in the checkpoint's folder.
        path: PathBuf,
    },
    /// Objects, each a segment.
    Objects {
        /// The checkpoint.
        store: Store,
        /// Where the store is spoken to.
        runtime: Handle,
    },
}

impl ReadAt for File {
    fn length(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.read_exact_at(into, offset)
    }
}

impl Media {
    /// Where the log of a checkpoint is.
    pub fn new(store: Store, runtime: Handle) -> Self {
        match store.local() {
            Some(path) => Self::Folder { url: store.url().to_owned(), path: path.join(FOLDER) },
            None => Self::Objects { store, runtime },
        }
    }

    /// An error about `path`, which is below the checkpoint.
    pub fn failed(&self, path: &str, reason: impl std::fmt::Display) -> Error {
        let url = match self {
            Self::Folder { url, .. } => url,
            Self::Objects { store, .. } => store.url(),
        };
        Error::failed(format_args!("the log of received blocks: checkpoint {url}: {path}: {reason}"))
    }

    /// All runs there are, by term.
    ///
    /// # Errors
    /// When they can't be listed, or what is there isn't one.
    pub fn runs(&self) -> Result<Vec<Run>> {
        let names: Vec<String> = match self {
            Self::Folder { path, .. } => self.folder_names(path)?,
            Self::Objects { store, runtime } => {
                let listed = runtime.block_on(store.list(FOLDER)).map_err(Error::failed)?;
                let run =
                    |path: &str| Some(path.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?.0.to_owned());
                let mut runs: Vec<_> = listed.iter().filter_map(|object| run(&object.path)).collect();
                runs.dedup();
                runs
            }
        };
        let mut runs = vec![];
        for name in names {
            let (digits, is_closed) = name.strip_suffix(CLOSED).map_or((&*name, false), |digits| (digits, true));
            let term = digits.parse().map_err(|_| {
                self.failed(&format!("{FOLDER}/{name}"), "this is no part of the log: move it elsewhere")
            })?;
            runs.push(Run { term, is_closed });
        }
        runs.sort();
        Ok(runs)
    }

    fn folder_names(&self, path: &Path) -> Result<Vec<String>> {
        let failed = |error: io::Error| self.failed(&path.display().to_string(), error);
        let entries = match fs::read_dir(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
            entries => entries.map_err(failed)?,
        };
        entries.map(|entry| Ok(entry.map_err(failed)?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// A run's folder, below the checkpoint.
    pub fn folder_of(&self, run: &Run) -> String {
        let closed = if run.is_closed { CLOSED } else { "" };
        format!("{FOLDER}/{:020}{closed}", run.term)
    }

    /// A segment, below the checkpoint.
    pub fn path_of(&self, run: &Run, segment: u64) -> String {
        format!("{}/{segment:010}{SUFFIX}", self.folder_of(run))
    }

    /// The same on this machine.
    fn local(&self, path: &str) -> PathBuf {
        let below = path.strip_prefix(FOLDER).unwrap_or(path).trim_start_matches('/');
        match self {
            Self::Folder { path, .. } => path.join(below),
            Self::Objects { .. } => PathBuf::from(path),
        }
    }

    /// The numbers of a run's segments, in order.
    ///
    /// # Errors
    /// When they can't be listed, or one is missing between others.
    pub fn segments(&self, run: &Run) -> Result<Vec<u64>> {
        let folder = self.folder_of(run);
        let names: Vec<String> = match self {
            Self::Folder { .. } => self.folder_names(&self.local(&folder))?,
            Self::Objects { store, runtime } => {
                let listed = runtime.block_on(store.list(&folder)).map_err(Error::failed)?;
                let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
                listed.iter().filter_map(|object| name(&object.path)).collect()
            }
        };
        let number = |name: &String| name.strip_suffix(SUFFIX)?.parse::<u64>().ok();
        let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        for pair in numbers.windows(2) {
            if pair[1] != pair[0] + 1 {
                let reason = format!("it is missing, and {} is there", self.path_of(run, pair[1]));
                return Err(self.failed(&self.path_of(run, pair[0] + 1), reason));
            }
        }
        Ok(numbers)
    }

    /// Open a segment to read it.
    ///
    /// # Errors
    /// When it isn't there, or can't be read.
    pub fn open(&self, run: &Run, segment: u64) -> Result<Box<dyn ReadAt>> {
        let path = self.path_of(run, segment);
        match self {
            Self::Folder { .. } => {
                let file = File::open(self.local(&path)).map_err(|error| self.failed(&path, error))?;
                Ok(Box::new(file))
            }
            Self::Objects { store, runtime } => {
                let bytes = runtime.block_on(store.get(&path)).map_err(Error::failed)?;
                Ok(Box::new(bytes.ok_or_else(|| self.failed(&path, "it is missing"))?))
            }
        }
    }

    /// Make a run's folder.
    ///
    /// # Errors
    /// When there is one, or it can't be made.
    pub fn create_run(&self, run: &Run) -> Result<()> {
        if let Self::Folder { path, .. } = self {
            let folder = self.folder_of(run);
            let make = || {
                fs::create_dir_all(path)?;
                fs::create_dir(self.local(&folder))?;
                sync_folder(path)?;
                path.parent().map_or(Ok(()), sync_folder)
            };
            make().map_err(|error| self.failed(&folder, error))?;
        }
        Ok(())
    }

    /// Keep the run's writer from making anything safe from now on, where segments are files. The run as it is called now.
    ///
    /// # Errors
    /// When the folder can't be renamed.
    pub fn close_folder(&self, run: &Run) -> Result<Run> {
        let closed = Run { is_closed: true, ..run.clone() };
        if let (Self::Folder { path, .. }, false) = (self, run.is_closed) {
            let (from, to) = (self.folder_of(run), self.folder_of(&closed));
            let rename = || {
                match fs::rename(self.local(&from), self.local(&to)) {
                    // Another driver has come first.
                    Err(error) if error.kind() == ErrorKind::NotFound && fs::exists(self.local(&to))? => {}
                    renamed => renamed?,
                }
                sync_folder(path)
            };
            rename().map_err(|error: io::Error| self.failed(&from, error))?;
        }
        Ok(closed)
    }

    /// Put a segment of objects, if there is none of that number.
    ///
    /// # Errors
    /// When the store fails.
    pub fn create_object(&self, run: &Run, segment: u64, bytes: Bytes) -> Result<Created> {
        match self {
            Self::Folder { .. } => Err(self.failed(&self.path_of(run, segment), "it is no object")),
            Self::Objects { store, runtime } => {
                runtime.block_on(store.create(&self.path_of(run, segment), bytes)).map_err(Error::failed)
            }
        }
    }

    /// Where a closed run ends, if that was written down; of files only.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn end(&self, run: &Run) -> Result<Option<RunEnd>> {
        let path = format!("{}/{END}", self.folder_of(run));
        let read = match fs::read(self.local(&path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| self.failed(&path, error))?,
        };
        serde_json::from_slice(&read).map(Some).map_err(|error| self.failed(&path, error))
    }

    /// Write down where a closed run ends. Where another driver has done so meanwhile, that counts, and is returned.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn set_end(&self, run: &Run, end: RunEnd) -> Result<RunEnd> {
        let path = format!("{}/{END}", self.folder_of(run));
        let folder = self.local(&self.folder_of(run));
        let bytes = serde_json::to_vec(&end).map_err(|error| self.failed(&path, error))?;
        let write = || {
            let mut new = tempfile(&folder)?;
            io::Write::write_all(&mut new.0, &bytes)?;
            new.0.sync_all()?;
            let linked = fs::hard_link(&new.1, self.local(&path));
            fs::remove_file(&new.1)?;
            sync_folder(&folder)?;
            match linked {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                linked => linked,
            }
        };
        write().map_err(|error: io::Error| self.failed(&path, error))?;
        Ok(self.end(run)?.unwrap_or(end))
    }

    /// Remove a segment; one that isn't there is none to remove.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn remove_segment(&self, run: &Run, segment: u64) -> Result<()> {
        let path = self.path_of(run, segment);
        match self {
            Self::Folder { .. } => match fs::remove_file(self.local(&path)) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(&path, error)),
                _ => Ok(()),
            },
            Self::Objects { store, runtime } => runtime.block_on(store.delete(&path)).map_err(Error::failed),
        }
    }

    /// Remove what is left of a closed run, where segments are files.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn remove_run(&self, run: &Run) -> Result<()> {
        let Self::Folder { .. } = self else { return Ok(()) };
        let folder = self.local(&self.folder_of(run));
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(&self.folder_of(run), error)),
            _ => Ok(()),
        }
    }

    /// A new file for a segment.
    ///
    /// # Errors
    /// When it can't be made; there being no folder any more is told as [`ErrorKind::NotFound`].
    pub(super) fn create_file(&self, run: &Run, segment: u64) -> io::Result<File> {
        let path = self.local(&self.path_of(run, segment));
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    /// Whether the run's folder is where it was: no other driver has closed it.
    ///
    /// # Errors
    /// When that can't be told.
    pub(super) fn is_there(&self, run: &Run) -> io::Result<bool> {
        fs::exists(self.local(&self.folder_of(run)))
    }

    /// Make the names in a run's folder safe.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn sync_run(&self, run: &Run) -> io::Result<()> {
        sync_folder(&self.local(&self.folder_of(run)))
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A file of a name that nothing has.
fn tempfile(folder: &Path) -> io::Result<(File, PathBuf)> {
    let mut number = 0;
    loop {
        let path = folder.join(format!("{END}.{}.{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            opened => return Ok((opened?, path)),
        }
    }
}
