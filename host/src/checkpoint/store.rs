//! The object store that a checkpoint is on, below one prefix.
//!
//! One primitive is assumed of it beyond reading and writing whole objects: creating one only if it isn't there. What is written is durable when the call returns:
//! on local files, the file and its folder are synced.

use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Error as Cause, ObjectStore, ObjectStoreExt, PutMode, PutOptions};

/// Whether an object was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It wasn't there.
    New,
    /// There is one already, and it is as it was. It may be from an earlier try whose answer got lost.
    Exists,
}

/// An object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its path below the checkpoint.
    pub path: String,
    /// Bytes.
    pub size: u64,
}

/// What went wrong, and with which object.
#[derive(Debug, thiserror::Error)]
#[error("checkpoint {url}: {path}: {cause}")]
pub struct StoreError {
    /// The checkpoint.
    pub url: String,
    /// The object, below the checkpoint.
    pub path: String,
    /// Why.
    pub cause: Cause,
}

/// An object store, below a prefix. Clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    url: Arc<str>,
    place: Place,
    /// Set by [`Store::ready`].
    objects: Arc<OnceLock<Arc<dyn ObjectStore>>>,
}

/// What a URL names.
#[derive(Debug, Clone)]
enum Place {
    /// A folder of this machine.
    Folder(Arc<FilePath>),
    /// Objects that were handed in.
    Objects,
}

impl Store {
    /// The store that a URL names: `file:///var/lib/sluicebox/wordcount`. Nothing is looked at yet.
    ///
    /// # Errors
    /// What is wrong with the URL.
    pub fn new(url: &str) -> Result<Self, String> {
        let Some(path) = url.strip_prefix("file://").filter(|path| path.starts_with('/')) else {
            return Err("a checkpoint's URL begins with \"file:///\"".to_owned());
        };
        let place = Place::Folder(PathBuf::from(path).into());
        Ok(Self { url: url.into(), place, objects: Arc::default() })
    }

    /// A store of these objects, for tests.
    pub fn of(url: &str, objects: Arc<dyn ObjectStore>) -> Self {
        Self { url: url.into(), place: Place::Objects, objects: Arc::new(OnceLock::from(objects)) }
    }

    /// Reach the store, and see that it does what is assumed of it. A folder is made where it isn't there; nothing else is written. Called before anything below.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let failed = |cause| self.failed("", cause);
        if let (Place::Folder(path), None) = (&self.place, self.objects.get()) {
            let io = |error: std::io::Error| failed(Cause::Generic { store: "file", source: Box::new(error) });
            std::fs::create_dir_all(path).map_err(io)?;
            let objects = object_store::local::LocalFileSystem::new_with_prefix(path).map_err(failed)?.with_fsync(true);
            // Whoever came first has made the same.
            let _ = self.objects.set(Arc::new(objects));
        }
        Ok(())
    }

    fn objects(&self, path: &str) -> Result<&Arc<dyn ObjectStore>, StoreError> {
        let not_ready = || Cause::Generic { store: "checkpoint", source: "it wasn't made ready".into() };
        self.objects.get().ok_or_else(|| self.failed(path, not_ready()))
    }

    /// What it was opened with.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its folder, if it is one on this machine: what is appended to can be kept there.
    pub fn local(&self) -> Option<&FilePath> {
        match &self.place {
            Place::Folder(path) => Some(path),
            Place::Objects => None,
        }
    }

    /// Write an object if there is none of that name.
    ///
    /// # Errors
    /// When the store fails; the object may be there all the same.
    pub async fn create(&self, path: &str, bytes: Bytes) -> Result<Created, StoreError> {
        let options = PutOptions::from(PutMode::Create);
        match self.objects(path)?.put_opts(&at(path), bytes.into(), options).await {
            Ok(_) => Ok(Created::New),
            Err(Cause::AlreadyExists { .. }) => Ok(Created::Exists),
            Err(cause) => Err(self.failed(path, cause)),
        }
    }

    /// Write an object, in place of what has that name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        self.objects(path)?.put(&at(path), bytes.into()).await.map(drop).map_err(|cause| self.failed(path, cause))
    }

    /// An object's bytes; none if it isn't there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        let got = match self.objects(path)?.get(&at(path)).await {
            Ok(got) => got.bytes().await,
            Err(cause) => Err(cause),
        };
        match got {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Cause::NotFound { .. }) => Ok(None),
            Err(cause) => Err(self.failed(path, cause)),
        }
    }

    /// The objects below `prefix`, by path. An object that is written meanwhile may be missing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
        let at = at(prefix);
        let listed = self
            .objects(prefix)?
            .list(Some(&at))
            .map_ok(|meta| ObjectInfo { path: meta.location.to_string(), size: meta.size });
        let mut listed: Vec<ObjectInfo> = listed.try_collect().await.map_err(|cause| self.failed(prefix, cause))?;
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listed)
    }

    /// Remove an object; one that isn't there is none to remove.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        match self.objects(path)?.delete(&at(path)).await {
            Ok(()) | Err(Cause::NotFound { .. }) => Ok(()),
            Err(cause) => Err(self.failed(path, cause)),
        }
    }

    fn failed(&self, path: &str, cause: Cause) -> StoreError {
        StoreError { url: self.url.to_string(), path: path.to_owned(), cause }
    }
}

fn at(path: &str) -> Path {
    Path::from(path)
}

/// A name as it can stand in a path: letters, digits, `-`, `_` and `.` as they are, any other byte as `!` and two hexadecimal digits. Stores have these characters as they are, so that what is listed has the name it was written with.
pub fn path_name(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let first = |idx: usize, byte: u8| idx == 0 && byte == b'.';
    let part = |(idx, byte): (usize, u8)| match plain(byte) && !first(idx, byte) {
        true => char::from(byte).to_string(),
        false => format!("!{byte:02x}"),
    };
    name.bytes().enumerate().map(part).collect()
}
