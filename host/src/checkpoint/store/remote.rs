//! Objects on an object store, below a prefix of one of its buckets.
//!
//! A single object's write is durable and whole by what these stores promise. That one can be created only if there is none of its name is tried when the store is opened, as servers differ.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use super::objects::{Created, Failure, ObjectInfo, Objects};

/// Objects up to this size are put in one request, larger ones in parts of this size: a request that fails is sent again, and one has a time limit.
const PART: usize = 32 << 20;
/// Parts that are sent at once.
const PARTS_AT_ONCE: usize = 4;

/// Objects below a prefix.
#[derive(Debug)]
pub struct Remote {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    /// What no other process writes.
    name: String,
    /// What to look at when the store can't be reached at all.
    hint: &'static str,
}

impl Remote {
    /// Objects of `objects` below `prefix`. `name` is no other process's.
    pub fn new(objects: Arc<dyn ObjectStore>, prefix: Path, name: String, hint: &'static str) -> Self {
        Self { objects, prefix, name, hint }
    }

    fn at(&self, path: &str) -> Result<Path, Failure> {
        let both = match (self.prefix.as_ref(), path) {
            ("", path) => Path::parse(path),
            (prefix, "") => Path::parse(prefix),
            (prefix, path) => Path::parse(format!("{prefix}/{path}")),
        };
        both.map_err(Failure::new)
    }

    /// Put an object in parts, which count for nothing until all are there.
    async fn put_parts(&self, at: &Path, bytes: &Bytes) -> Result<(), Error> {
        let mut upload = self.objects.put_multipart(at).await?;
        let parts: Vec<_> = (0..bytes.len())
            .step_by(PART)
            .map(|from| upload.put_part(bytes.slice(from..bytes.len().min(from + PART)).into()))
            .collect();
        let sent = futures::stream::iter(parts.into_iter().map(Ok)).try_for_each_concurrent(PARTS_AT_ONCE, |part| part);
        let done = match sent.await {
            Ok(()) => upload.complete().await.map(drop),
            Err(error) => Err(error),
        };
        if done.is_err() {
            // What can't be removed now is removed by the bucket's own rules.
            let _ = upload.abort().await;
        }
        done
    }
}

#[async_trait::async_trait]
impl Objects for Remote {
    async fn probe(&self, write: bool) -> Result<(), Failure> {
        let helped = |failure: Failure| Failure { reason: format!("{failure}{}", self.hint), ..failure };
        if !write {
            let at = self.at("probe")?;
            return match self.objects.head(&at).await {
                Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(helped(failure("be read", &error))),
            };
        }
        let path = format!("probe/{}", self.name);
        let first = self.create(&path, Bytes::from_static(b"first")).await.map_err(helped)?;
        let second = self.create(&path, Bytes::from_static(b"second")).await;
        let there = self.get(&path).await;
        let deleted = self.delete(&path).await;
        // Where the answer to the first try got lost, the second has found it.
        let refused = second? == Created::Exists && there?.as_deref() == Some(b"first");
        if !refused || first != Created::New {
            return Err(Failure::new(
                "a second object of a name was not refused: the store doesn't know puts with \"If-None-Match: *\", without which two drivers can't be kept apart: use another, or a newer version of its server",
            ));
        }
        deleted.map_err(helped)
    }

    async fn create(&self, path: &str, bytes: Bytes) -> Result<Created, Failure> {
        let at = self.at(path)?;
        match self.objects.put_opts(&at, bytes.into(), PutOptions::from(PutMode::Create)).await {
            Ok(_) => Ok(Created::New),
            Err(Error::AlreadyExists { .. }) => match self.objects.head(&at).await {
                Ok(_) => Ok(Created::Exists),
                // A store may also refuse because another is being created, and that may come to nothing.
                Err(Error::NotFound { .. }) => {
                    Err(Failure::passing("the store was busy with another of the same name"))
                }
                Err(error) => Err(failure("be read", &error)),
            },
            // The client sends it again by itself only if it can't have been done.
            Err(error @ Error::Generic { .. }) => Err(Failure { is_passing: true, ..failure("be created", &error) }),
            Err(error) => Err(failure("be created", &error)),
        }
    }

    async fn put(&self, path: &str, bytes: Bytes) -> Result<(), Failure> {
        let at = self.at(path)?;
        let put = match bytes.len() > PART {
            true => self.put_parts(&at, &bytes).await,
            false => self.objects.put(&at, bytes.into()).await.map(drop),
        };
        put.map_err(|error| failure("be written", &error))
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, Failure> {
        let at = self.at(path)?;
        let got = match self.objects.get(&at).await {
            Ok(got) => got.bytes().await,
            Err(error) => Err(error),
        };
        match got {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure("be read", &error)),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Failure> {
        let at = self.at(prefix)?;
        let skip = match self.prefix.as_ref() {
            "" => 0,
            prefix => prefix.len() + 1,
        };
        let listed = self.objects.list(Some(&at)).map_ok(|meta| {
            let path = meta.location.as_ref().get(skip..).unwrap_or_default().to_owned();
            ObjectInfo { path, size: meta.size }
        });
        // Where objects are files, what is being written is among them, under such a name.
        let is_object = |object: &ObjectInfo| !object.path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
        let listed = listed.try_filter(|object| std::future::ready(is_object(object)));
        listed.try_collect().await.map_err(|error| failure("be listed", &error))
    }

    async fn delete(&self, path: &str) -> Result<(), Failure> {
        match self.objects.delete(&self.at(path)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure("be removed", &error)),
        }
    }
}

/// What could not be done, and why: all that is known of it.
fn failure(what: &str, error: &Error) -> Failure {
    let hint = match error {
        Error::PermissionDenied { .. } => ": the credentials don't allow it",
        Error::Unauthenticated { .. } => ": the credentials are wrong, or missing",
        _ => "",
    };
    let mut reason = format!("can't {what}: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let text = error.to_string();
        if !reason.contains(&text) {
            reason = format!("{reason}: {text}");
        }
        source = error.source();
    }
    Failure::new(reason + hint)
}
