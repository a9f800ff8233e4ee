//! Stores that fail, and ones that succeed and don't say so.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::stream::BoxStream;
use object_store::path::Path as ObjectPath;
use object_store::{
    CopyOptions, Error as Cause, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult,
};

use super::*;

/// Puts fail `failures` times; `is_done` says whether they are done all the same.
#[derive(Debug)]
struct Failing {
    objects: InMemory,
    failures: AtomicU32,
    is_done: bool,
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failing")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Failing {
    async fn put_opts(
        &self,
        at: &ObjectPath,
        bytes: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let less = |left: u32| left.checked_sub(1);
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err() {
            return self.objects.put_opts(at, bytes, options).await;
        }
        if self.is_done {
            self.objects.put_opts(at, bytes, options).await?;
        }
        Err(Cause::Generic { store: "failing", source: "no answer".into() })
    }

    async fn put_multipart_opts(
        &self,
        at: &ObjectPath,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.objects.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, at: &ObjectPath, options: GetOptions) -> object_store::Result<GetResult> {
        self.objects.get_opts(at, options).await
    }

    fn delete_stream(
        &self,
        at: BoxStream<'static, object_store::Result<ObjectPath>>,
    ) -> BoxStream<'static, object_store::Result<ObjectPath>> {
        self.objects.delete_stream(at)
    }

    fn list(&self, prefix: Option<&ObjectPath>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.objects.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&ObjectPath>) -> object_store::Result<ListResult> {
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &ObjectPath, to: &ObjectPath, options: CopyOptions) -> object_store::Result<()> {
        self.objects.copy_opts(from, to, options).await
    }
}

fn failing(is_done: bool) -> (Arc<Failing>, Store) {
    let objects = Arc::new(Failing { objects: InMemory::new(), failures: AtomicU32::new(0), is_done });
    (objects.clone(), Store::of("memory:///checkpoint", objects))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_that_failed_is_made_again_whether_it_was_done_or_not() {
    for is_done in [false, true] {
        let (objects, store) = failing(is_done);
        let log = Open::lines(&store, 1).await;
        for number in 0..3 {
            objects.failures.store(2, Ordering::SeqCst);
            log.append_safely(number, &format!("block {number}")).await;
        }
        drop(log);
        let next = Open::lines(&store, 2).await;
        assert_eq!(next.recover(&Past::default()).1, [0, 1, 2]);
        assert_eq!(next.text(2).unwrap(), "block 2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_for_good_breaks_the_log_and_keeps_what_was_safe() {
    let (objects, store) = failing(false);
    let log = Open::lines(&store, 1).await;
    log.append_safely(0, "safe").await;
    objects.failures.store(u32::MAX, Ordering::SeqCst);
    let ticket = log.append(1, "lost");
    assert!(log.streams[0].safe(ticket).await < ticket);
    let error = log.streams[0].broken().await.to_string();
    assert!(
        error.starts_with("stream \"lines\": ") && error.contains("wal/") && error.contains("no answer"),
        "{error}"
    );
    assert!(log.streams[0].append(0, 2, words(&["two"]), b"").is_err());
    objects.failures.store(0, Ordering::SeqCst);
    drop(log);
    let next = Open::lines(&store, 2).await;
    assert_eq!(next.recover(&Past::default()).1, [0]);
}
