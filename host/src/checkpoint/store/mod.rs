//! The object store that a checkpoint is on, below one prefix.
//!
//! One primitive is assumed of it beyond reading and writing whole objects: creating one only if it isn't there. What is written is durable when the call returns:
//! on local files, the file and its folder are synced. [`url`] takes a checkpoint's URL apart; [`folder`] has objects as files, by the steps of [`disk`]; [`remote`] has them on object
//! stores, which `cloud` and `hdfs` open.

#[cfg(feature = "cloud")]
mod cloud;
mod disk;
mod folder;
#[cfg(feature = "hdfs")]
mod hdfs;
mod objects;
mod remote;
mod url;

use std::fmt;
use std::path::Path as FilePath;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use object_store::ObjectStore;

#[cfg(any(debug_assertions, feature = "faults"))]
use super::faults::{Faults, Faulty, RememberingDisk};

pub(super) use self::disk::{Disk, RealDisk};
use self::folder::Folder;
pub(super) use self::objects::Objects;
pub use self::objects::{Created, Failure, ObjectInfo};
use self::remote::Remote;
use self::url::{Scheme, Url};

/// How often something is tried that failed in a way that can pass.
const TRIES: u32 = 5;
/// The pause before it is tried again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(50);

/// What went wrong, and with which object.
#[derive(Debug, thiserror::Error)]
#[error("checkpoint {url}: {}{cause}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct StoreError {
    /// The checkpoint.
    pub url: String,
    /// The object, below the checkpoint; empty if it is about no single one.
    pub path: String,
    /// Why.
    pub cause: Failure,
}

/// An object store, below a prefix. Clones are the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    url: Url,
    /// What is said of the object store, in the words of the environment; secrets as well.
    #[cfg(feature = "cloud")]
    environment: Vec<(String, String)>,
    /// Set when the store is made ready.
    objects: OnceLock<Arc<dyn Objects>>,
    /// What a test wants to go wrong.
    #[cfg(any(debug_assertions, feature = "faults"))]
    faults: Option<Faults>,
}

impl Store {
    /// The store that a URL names: `file:///var/lib/sluicebox/wordcount`, `s3://bucket/wordcount`. Nothing is looked at yet.
    ///
    /// # Errors
    /// What is wrong with the URL.
    pub fn new(url: &str) -> Result<Self, String> {
        #[cfg(any(debug_assertions, feature = "faults"))]
        if let Some(faults) = Faults::from_environment()? {
            return Self::with_faults(url, faults);
        }
        Url::parse(url).map(Self::closed)
    }

    /// A store whose server and credentials are told by `environment`, in the words of the environment, and not by the process's own: pairs such as `AWS_ENDPOINT` and its value.
    ///
    /// # Errors
    /// As [`Store::new`].
    #[cfg(feature = "cloud")]
    pub fn with_environment(url: &str, environment: Vec<(String, String)>) -> Result<Self, String> {
        let inner = Inner { environment, ..Inner::new(Url::parse(url)?) };
        Ok(Self(Arc::new(inner)))
    }

    /// A store with faults.
    ///
    /// # Errors
    /// As [`Store::new`].
    #[cfg(any(debug_assertions, feature = "faults"))]
    pub fn with_faults(url: &str, faults: Faults) -> Result<Self, String> {
        let inner = Inner { faults: Some(faults), ..Inner::new(Url::parse(url)?) };
        Ok(Self(Arc::new(inner)))
    }

    /// A store of these objects, for tests.
    pub fn of(url: &str, objects: Arc<dyn ObjectStore>) -> Self {
        let remote = Remote::new(objects, object_store::path::Path::default(), "test".to_owned(), "");
        let (authority, path) = Default::default();
        let url = Url { text: url.to_owned(), scheme: Scheme::Given, authority, path };
        let store = Self::closed(url);
        let _ = store.0.objects.set(Arc::new(remote));
        store
    }

    fn closed(url: Url) -> Self {
        Self(Arc::new(Inner::new(url)))
    }

    /// Reach the store, and see that it does what is assumed of it. A folder is made where it isn't there; nothing else is left behind. Called before anything below.
    ///
    /// # Errors
    /// When it can't be reached or written, or doesn't do what is assumed.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.open(true).await
    }

    /// Reach the store to look at what is there: nothing is written, and nothing can be.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn ready_to_read(&self) -> Result<(), StoreError> {
        self.open(false).await
    }

    async fn open(&self, write: bool) -> Result<(), StoreError> {
        let failed = |cause| self.failed("", cause);
        if self.0.objects.get().is_none() {
            let objects = self.objects_of_url().map_err(failed)?;
            // Whoever came first has made the same.
            let _ = self.0.objects.set(objects);
        }
        self.again("", |objects| async move { objects.probe(write).await }).await
    }

    fn objects_of_url(&self) -> Result<Arc<dyn Objects>, Failure> {
        let name = unique().map_err(Failure::new)?;
        let url = &self.0.url;
        let objects: Arc<dyn Objects> = match &url.scheme {
            Scheme::File(path) => Arc::new(Folder::new(path, name, self.disk(path))),
            #[cfg(feature = "cloud")]
            Scheme::Cloud(cloud) => Arc::new(cloud::open(*cloud, url, &self.0.environment, name)?),
            #[cfg(feature = "hdfs")]
            Scheme::Hdfs => Arc::new(hdfs::open(url, name)?),
            other => return Err(Failure::new(format!("this program is built without stores of the kind {other:?}"))),
        };
        #[cfg(any(debug_assertions, feature = "faults"))]
        if let Some(faults) = &self.0.faults {
            return Ok(Arc::new(Faulty::new(objects, faults.clone())));
        }
        Ok(objects)
    }

    #[cfg(any(debug_assertions, feature = "faults"))]
    fn disk(&self, root: &FilePath) -> Arc<dyn Disk> {
        match self.0.faults.as_ref().and_then(|faults| faults.remember.as_deref()) {
            Some(remembered) => Arc::new(RememberingDisk::new(root, remembered)),
            None => Arc::new(RealDisk),
        }
    }

    #[cfg(not(any(debug_assertions, feature = "faults")))]
    fn disk(&self, _: &FilePath) -> Arc<dyn Disk> {
        Arc::new(RealDisk)
    }

    /// What it was opened with.
    pub fn url(&self) -> &str {
        &self.0.url.text
    }

    /// Its folder, if it is one on this machine: what is appended to can be kept there.
    pub fn local(&self) -> Option<&FilePath> {
        match &self.0.url.scheme {
            Scheme::File(path) => Some(path),
            _ => None,
        }
    }

    /// Write an object if there is none of that name.
    ///
    /// # Errors
    /// When the store fails; the object may be there all the same.
    pub async fn create(&self, path: &str, bytes: Bytes) -> Result<Created, StoreError> {
        self.again(path, |objects| {
            let bytes = bytes.clone();
            async move { objects.create(path, bytes).await }
        })
        .await
    }

    /// Write an object, in place of what has that name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        self.again(path, |objects| {
            let bytes = bytes.clone();
            async move { objects.put(path, bytes).await }
        })
        .await
    }

    /// An object's bytes; none if it isn't there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        self.again(path, |objects| async move { objects.get(path).await }).await
    }

    /// The objects below `prefix`, by path. An object that is written meanwhile may be missing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
        let mut listed = self.again(prefix, |objects| async move { objects.list(prefix).await }).await?;
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listed)
    }

    /// Remove an object; one that isn't there is none to remove. On local files it may be there again after the machine has lost its power: nobody may rely on its absence.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.again(path, |objects| async move { objects.delete(path).await }).await
    }

    /// Do something, several times if it fails in a way that can pass.
    async fn again<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        path: &str,
        act: impl Fn(Arc<dyn Objects>) -> F,
    ) -> Result<T, StoreError> {
        if path.split('/').any(|part| part == "..") || path.starts_with(['/', '.']) {
            return Err(self.failed(path, Failure::new("no object has such a path")));
        }
        let Some(objects) = self.0.objects.get() else {
            return Err(self.failed(path, Failure::new("the store wasn't made ready")));
        };
        let mut tries = 0;
        loop {
            tries += 1;
            match act(objects.clone()).await {
                Ok(done) => return Ok(done),
                Err(cause) if cause.is_passing && tries < TRIES => {
                    let error = self.failed(path, cause);
                    tracing::warn!(target: "sluicebox::checkpoint", %error, tries, "the checkpoint's store failed, and is tried again");
                    tokio::time::sleep(PAUSE * 2_u32.pow(tries - 1)).await;
                }
                Err(cause) => return Err(self.failed(path, cause)),
            }
        }
    }

    fn failed(&self, path: &str, cause: Failure) -> StoreError {
        StoreError { url: self.url().to_owned(), path: path.to_owned(), cause }
    }
}

impl Inner {
    fn new(url: Url) -> Self {
        Self {
            url,
            #[cfg(feature = "cloud")]
            environment: cloud::environment(),
            objects: OnceLock::new(),
            #[cfg(any(debug_assertions, feature = "faults"))]
            faults: None,
        }
    }
}

impl fmt::Debug for Store {
    // Nothing else: what opens the store has its secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.url()).finish()
    }
}

/// What no other process is called.
fn unique() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
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
