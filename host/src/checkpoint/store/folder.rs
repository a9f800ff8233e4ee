//! Objects as files of a folder.
//!
//! An object is written under another name in `.puts/`, synced, then given its name: by a rename where it may take another's place, by a hard link where it must not, as a link is
//! refused by the file system, also by a remote one, if the name is taken. Then its folder is synced. So a name only ever stands for a whole object, whenever the power fails.
//!
//! Syncs of a folder are shared: whoever waits for one that began after its object was named is done with it. What another process has named may not be synced yet, as that process may have
//! been killed between the two; so a folder is also synced before it is listed, and before it is said that an object exists.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;

use super::super::fault_point::{FaultPoint, fault_point};
use super::disk::Disk;
use super::objects::{Created, Failure, ObjectInfo, Objects};

/// Where objects are until they have their names. No object's path begins with it.
const PUTS: &str = ".puts";
/// What was left there by a process that was killed is removed when it is older: no put takes so long.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);

/// Objects in a folder of this machine.
#[derive(Debug)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    disk: Arc<dyn Disk>,
    /// The folders of objects that are there for good: as many as there are streams and outputs.
    folders: Mutex<HashMap<PathBuf, Arc<Syncs>>>,
    /// Set when the file system can't link.
    no_links: AtomicBool,
    /// Set when a folder couldn't be synced: what was named before may be lost, and a later sync that succeeds wouldn't tell.
    broken: OnceLock<Failure>,
    /// Begins names in `.puts/`, and no other process's.
    name: String,
    n_puts: AtomicU64,
}

/// The syncs of one folder.
#[derive(Debug, Default)]
struct Syncs {
    /// Objects that got their names so far.
    named: AtomicU64,
    /// Of these, those that are synced. Held while the folder is being synced.
    synced: Mutex<u64>,
}

/// What becomes of an object that has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Stays,
    Goes,
}

impl Folder {
    /// Objects in the folder `root`, which is made when they are probed. `name` is no other process's.
    pub fn new(root: &Path, name: String, disk: Arc<dyn Disk>) -> Self {
        let (folders, no_links, broken, n_puts) = Default::default();
        Self(Arc::new(Inner { root: root.to_owned(), disk, folders, no_links, broken, name, n_puts }))
    }

    /// Do something that blocks.
    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Inner) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || act(&inner)).await.map_err(Failure::new)?
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.root.join(path)
    }
}

#[async_trait::async_trait]
impl Objects for Folder {
    async fn probe(&self, write: bool) -> Result<(), Failure> {
        self.run(move |inner| if write { inner.probe() } else { inner.look() }).await
    }

    async fn create(&self, path: &str, bytes: Bytes) -> Result<Created, Failure> {
        let at = self.at(path);
        self.run(move |inner| {
            // Spares writing what would be refused.
            if at.exists() { inner.sync(&at).map(|()| Created::Exists) } else { inner.write(&at, &bytes, Taken::Stays) }
        })
        .await
    }

    async fn put(&self, path: &str, bytes: Bytes) -> Result<(), Failure> {
        let at = self.at(path);
        self.run(move |inner| inner.write(&at, &bytes, Taken::Goes).map(drop)).await
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, Failure> {
        let at = self.at(path);
        self.run(move |_| match std::fs::read(&at) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure("be read", &at, &error)),
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Failure> {
        let at = self.at(prefix);
        self.run(move |inner| inner.list(at)).await
    }

    async fn delete(&self, path: &str) -> Result<(), Failure> {
        let at = self.at(path);
        self.run(move |inner| match inner.disk.remove(&at) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failure("be removed", &at, &error)),
            _ => Ok(()),
        })
        .await
    }
}

impl Inner {
    fn look(&self) -> Result<(), Failure> {
        std::fs::read_dir(&self.root).map(drop).map_err(|error| failure("be read", &self.root, &error))
    }

    /// Make the folder, see whether objects can be created in it, and remove what was left over.
    fn probe(&self) -> Result<(), Failure> {
        self.make_root().map_err(|error| failure("be made", &self.root, &error))?;
        let puts = self.root.join(PUTS);
        let at = puts.join(format!("{}-probe", self.name));
        let twice = self.write(&at, b"probe", Taken::Stays).and_then(|_| self.write(&at, b"probe", Taken::Stays));
        let now = std::fs::metadata(&at).and_then(|meta| meta.modified());
        let _ = self.disk.remove(&at);
        if twice? == Created::New {
            return Err(Failure::new(format!(
                "the file system of {} lets a second file take the name of a first: use another",
                self.root.display()
            )));
        }
        // The file system's clock, which may be another machine's.
        let now = now.map_err(|error| failure("be read", &at, &error))?;
        for entry in std::fs::read_dir(&puts).map_err(|error| failure("be read", &puts, &error))?.flatten() {
            let modified = entry.metadata().and_then(|meta| meta.modified()).ok();
            if modified.and_then(|modified| now.duration_since(modified).ok()).is_some_and(|age| age > LEFT_OVER) {
                let _ = self.disk.remove(&entry.path());
            }
        }
        Ok(())
    }

    /// Make the folder, and those above that are missing, for good.
    fn make_root(&self) -> io::Result<()> {
        let missing: Vec<&Path> = self.root.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.iter().rev() {
            self.disk.make_folder(folder)?;
            folder.parent().map_or(Ok(()), |above| self.disk.sync_folder(above))?;
        }
        if let (true, Some(above)) = (missing.is_empty(), self.root.parent()) {
            // It may have been made by a process that was killed before it synced that. Where it was made by someone else, reading what is above may be forbidden.
            let _ = self.disk.sync_folder(above);
        }
        if self.root.is_dir() { Ok(()) } else { Err(ErrorKind::NotADirectory.into()) }
    }

    /// The syncs of the folder of an object, once it is there for good.
    fn syncs(&self, folder: &Path) -> io::Result<Arc<Syncs>> {
        let mut folders = self.folders.lock();
        if let Some(syncs) = folders.get(folder) {
            return Ok(syncs.clone());
        }
        let mut new: Vec<&Path> = folder.ancestors().take_while(|folder| *folder != self.root).collect();
        new.retain(|folder| !folders.contains_key(*folder));
        for folder in new.iter().rev() {
            self.disk.make_folder(folder)?;
            folder.parent().map_or(Ok(()), |above| self.disk.sync_folder(above))?;
            folders.entry(folder.to_path_buf()).or_default();
        }
        Ok(folders.entry(folder.to_path_buf()).or_default().clone())
    }

    /// Write an object and give it its name.
    fn write(&self, at: &Path, bytes: &[u8], taken: Taken) -> Result<Created, Failure> {
        if let Some(failure) = self.broken.get() {
            return Err(failure.clone());
        }
        let failed = |error: io::Error| failure("be written", at, &error);
        let beside =
            self.root.join(PUTS).join(format!("{}-{}", self.name, self.n_puts.fetch_add(1, Ordering::Relaxed)));
        // What is there for good needn't be made again, unless somebody removed it.
        for _ in 0..2 {
            let folders = [beside.as_path(), at].map(|path| path.parent().unwrap_or(&self.root));
            let made = folders.iter().try_for_each(|folder| self.syncs(folder).map(drop));
            let written = made.and_then(|()| self.disk.write(&beside, bytes)).and_then(|()| {
                fault_point(FaultPoint::FileSynced);
                self.name(&beside, at, taken)
            });
            // Gone already where it was renamed.
            let _ = self.disk.remove(&beside);
            match written {
                Ok(created) => {
                    fault_point(FaultPoint::FileNamed);
                    self.sync(at)?;
                    return Ok(created);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    folders.iter().for_each(|folder| self.forget(folder))
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(ErrorKind::NotFound.into()))
    }

    /// Give a file the name of an object.
    fn name(&self, from: &Path, to: &Path, taken: Taken) -> io::Result<Created> {
        let named = match taken {
            Taken::Goes => self.disk.rename(from, to),
            Taken::Stays if self.no_links.load(Ordering::Relaxed) => self.disk.rename_new(from, to),
            Taken::Stays => self.disk.link(from, to).or_else(|error| {
                if !matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) {
                    return Err(error);
                }
                // So say file systems without links. Where something else is wrong, this is refused as well.
                let renamed = self.disk.rename_new(from, to);
                self.no_links.store(renamed.is_ok(), Ordering::Relaxed);
                renamed
            }),
        };
        match named {
            Ok(()) => Ok(Created::New),
            Err(error) if taken == Taken::Stays && error.kind() == ErrorKind::AlreadyExists => Ok(Created::Exists),
            Err(error) => Err(error),
        }
    }

    /// Returns once a sync of the object's folder has ended that began after this was called.
    fn sync(&self, at: &Path) -> Result<(), Failure> {
        let folder = at.parent().unwrap_or(&self.root);
        let failed = |error: io::Error| failure("be synced", folder, &error);
        let syncs = self.syncs(folder).map_err(failed)?;
        let ticket = syncs.named.fetch_add(1, Ordering::SeqCst) + 1;
        let mut synced = syncs.synced.lock();
        if *synced >= ticket {
            return Ok(());
        }
        if let Some(failure) = self.broken.get() {
            return Err(failure.clone());
        }
        let named = syncs.named.load(Ordering::SeqCst);
        self.disk.sync_folder(folder).map_err(|error| {
            let failure = failed(error);
            let _ = self
                .broken
                .set(Failure::new(format!("after an earlier failure nothing is written any more: {failure}")));
            failure
        })?;
        *synced = named;
        Ok(())
    }

    /// A folder isn't there any more, nor are those below it.
    fn forget(&self, folder: &Path) {
        self.folders.lock().retain(|known, _| !known.starts_with(folder) && !folder.starts_with(known));
    }

    /// The objects below a folder.
    fn list(&self, at: PathBuf) -> Result<Vec<ObjectInfo>, Failure> {
        let (mut listed, mut folders) = (vec![], vec![at]);
        while let Some(folder) = folders.pop() {
            match self.list_one(&folder, &mut listed, &mut folders) {
                // Removed meanwhile, or never there.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(failure("be listed", &folder, &error)),
                Ok(()) => {}
            }
        }
        Ok(listed)
    }

    fn list_one(&self, folder: &Path, listed: &mut Vec<ObjectInfo>, folders: &mut Vec<PathBuf>) -> io::Result<()> {
        let before = listed.len();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            // Links are followed.
            let meta = match std::fs::metadata(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                meta => meta?,
            };
            match path.strip_prefix(&self.root).ok().and_then(Path::to_str) {
                Some(PUTS) | None => {}
                Some(_) if meta.is_dir() => folders.push(path),
                Some(object) => listed.push(ObjectInfo { path: object.to_owned(), size: meta.len() }),
            }
        }
        // After it was read, so that this holds for all that was.
        if listed.len() > before {
            match self.disk.sync_folder(folder) {
                // Nobody writes there.
                Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => {}
                synced => synced?,
            }
        }
        Ok(())
    }
}

/// What could not be done, why, and what to do.
fn failure(what: &str, at: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::StorageFull => ": the disk is full, make room",
        ErrorKind::QuotaExceeded => ": the quota is used up, make room",
        ErrorKind::FileTooLarge => ": files may not be so large here, see \"ulimit -f\"",
        ErrorKind::ReadOnlyFilesystem => ": the file system is mounted to be read only",
        ErrorKind::PermissionDenied => ": give the user that runs this program the right to",
        ErrorKind::NotADirectory => ": a folder is needed, and a file is there",
        _ => "",
    };
    let reason = format!("{} can't {what}: {error}{hint}", at.display());
    match error.kind() {
        // As network file systems say it.
        ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::StaleNetworkFileHandle | ErrorKind::ResourceBusy => {
            Failure::passing(reason)
        }
        _ => Failure::new(reason),
    }
}

#[cfg(test)]
mod tests;
