//! What a folder of objects promises, on the machine's disk and on disks that lack something.

use std::sync::mpsc;

use super::*;
use crate::checkpoint::store::disk::RealDisk;

/// The machine's disk, but for what a test puts in its place.
#[derive(Debug, Default)]
struct OddDisk {
    /// The error of a file's write.
    write: Option<i32>,
    link: Link,
    no_rename_new: bool,
    /// A folder's sync fails.
    bad_sync: AtomicBool,
    /// Told of each sync of a folder before it is done, and waits for an answer.
    syncs: Option<Mutex<(mpsc::Sender<PathBuf>, mpsc::Receiver<()>)>>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Link {
    #[default]
    Real,
    Missing,
    Replacing,
}

impl Disk for OddDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.make_folder(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write.map_or_else(|| RealDisk.write(path, bytes), |code| Err(io::Error::from_raw_os_error(code)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.no_rename_new { Err(io::Error::from_raw_os_error(libc::EINVAL)) } else { RealDisk.rename_new(from, to) }
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self.link {
            Link::Real => RealDisk.link(from, to),
            Link::Missing => Err(io::Error::from_raw_os_error(libc::EPERM)),
            Link::Replacing => RealDisk.rename(from, to),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        if let Some(syncs) = &self.syncs {
            let (tell, go) = &*syncs.lock();
            let _ = tell.send(path.to_owned());
            let _ = go.recv();
        }
        match self.bad_sync.load(Ordering::Relaxed) {
            true => Err(io::Error::from_raw_os_error(libc::EIO)),
            false => RealDisk.sync_folder(path),
        }
    }
}

fn folder(root: &Path, disk: OddDisk) -> (Folder, Arc<OddDisk>) {
    let disk = Arc::new(disk);
    (Folder::new(root, "test".to_owned(), disk.clone()), disk)
}

const X: Bytes = Bytes::from_static(b"x");

#[tokio::test]
async fn objects_are_created_once_replaced_listed_and_removed() {
    let root = tempfile::tempdir().unwrap();
    let (folder, _) = folder(root.path(), OddDisk::default());
    folder.probe(true).await.unwrap();
    assert_eq!(folder.create("log/1", X).await.unwrap(), Created::New);
    assert_eq!(folder.create("log/1", Bytes::from_static(b"other")).await.unwrap(), Created::Exists);
    assert_eq!(folder.get("log/1").await.unwrap(), Some(X));
    folder.put("log/1", Bytes::from_static(b"third")).await.unwrap();
    folder.put("state/a~20b/1", X).await.unwrap();
    let listed = |prefix: &'static str| {
        let folder = &folder;
        async move {
            let mut listed: Vec<_> =
                folder.list(prefix).await.unwrap().into_iter().map(|of| (of.path, of.size)).collect();
            listed.sort();
            listed
        }
    };
    assert_eq!(listed("").await, [("log/1".to_owned(), 5), ("state/a~20b/1".to_owned(), 1)]);
    assert_eq!(listed("state").await.len(), 1);
    assert_eq!(listed("nothing").await, []);
    folder.delete("log/1").await.unwrap();
    folder.delete("log/1").await.unwrap();
    assert_eq!(folder.get("log/1").await.unwrap(), None);
    assert_eq!(std::fs::read_dir(root.path().join(PUTS)).unwrap().count(), 0);
}

#[tokio::test]
async fn one_of_many_at_once_creates_an_object() {
    let root = tempfile::tempdir().unwrap();
    let (folder, _) = folder(root.path(), OddDisk::default());
    let all = (0..20_u8).map(|number| folder.create("log/1", vec![number].into()));
    let all = futures::future::try_join_all(all).await.unwrap();
    let winner = all.iter().position(|created| *created == Created::New).unwrap();
    assert_eq!(all.iter().filter(|created| **created == Created::New).count(), 1);
    assert_eq!(folder.get("log/1").await.unwrap().unwrap()[..], [u8::try_from(winner).unwrap()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn puts_at_once_share_the_sync_of_their_folder() {
    let root = tempfile::tempdir().unwrap();
    let (tell, told) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let (folder, _) = folder(root.path(), OddDisk { syncs: Some(Mutex::new((tell, may_go))), ..OddDisk::default() });
    let folder = Arc::new(folder);
    // `.puts`, `log`, and the first object in it.
    (0..3).for_each(|_| go.send(()).unwrap());
    folder.put("log/first", X).await.unwrap();
    assert_eq!(told.try_iter().count(), 3);
    let put = |number: u32| {
        let folder = folder.clone();
        tokio::spawn(async move { folder.put(&format!("log/{number}"), X).await.unwrap() })
    };
    let mut puts = vec![put(0)];
    assert_eq!(tokio::task::block_in_place(|| told.recv()).unwrap(), root.path().join("log"));
    puts.extend((1..40).map(put));
    let syncs = folder.0.syncs(&root.path().join("log")).unwrap();
    while syncs.named.load(Ordering::SeqCst) < 41 {
        tokio::task::yield_now().await;
    }
    (0..40).for_each(|_| go.send(()).unwrap());
    futures::future::try_join_all(puts).await.unwrap();
    assert_eq!(told.try_iter().count(), 1, "one sync for 39 puts");
}

#[tokio::test]
async fn a_file_system_without_links_does_when_it_can_rename_without_replacing() {
    let root = tempfile::tempdir().unwrap();
    let (with, _) = folder(root.path(), OddDisk { link: Link::Missing, ..OddDisk::default() });
    with.probe(true).await.unwrap();
    assert_eq!(with.create("log/1", X).await.unwrap(), Created::New);
    let (other, _) = folder(root.path(), OddDisk { link: Link::Missing, ..OddDisk::default() });
    // Past the look whether it is there.
    assert_eq!(other.0.write(&root.path().join("log/1"), b"y", Taken::Stays).unwrap(), Created::Exists);
    assert_eq!(other.get("log/1").await.unwrap(), Some(X));
    let (without, _) = folder(root.path(), OddDisk { link: Link::Missing, no_rename_new: true, ..OddDisk::default() });
    let failure = without.probe(true).await.unwrap_err();
    assert!(failure.reason.contains("can't be written: Invalid argument"), "{failure}");
}

#[tokio::test]
async fn a_file_system_that_replaces_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let (folder, _) = folder(root.path(), OddDisk { link: Link::Replacing, ..OddDisk::default() });
    let failure = folder.probe(true).await.unwrap_err();
    assert!(failure.reason.contains("lets a second file take the name of a first"), "{failure}");
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let root = tempfile::tempdir().unwrap();
    for (code, said) in [
        (libc::ENOSPC, "the disk is full, make room"),
        (libc::EDQUOT, "the quota is used up"),
        (libc::EFBIG, "see \"ulimit -f\""),
        (libc::EROFS, "mounted to be read only"),
        (libc::EACCES, "give the user that runs this program the right"),
    ] {
        let (folder, _) = folder(root.path(), OddDisk { write: Some(code), ..OddDisk::default() });
        let failure = folder.put("log/1", X).await.unwrap_err();
        assert!(failure.reason.contains("log/1 can't be written: ") && failure.reason.contains(said), "{failure}");
        assert!(!failure.is_passing);
    }
    let (stale, _) = folder(root.path(), OddDisk { write: Some(libc::ESTALE), ..OddDisk::default() });
    assert!(stale.put("log/1", X).await.unwrap_err().is_passing);
}

#[tokio::test]
async fn a_file_where_a_folder_must_be_is_told() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("file"), "x").unwrap();
    for path in ["file", "file/below"] {
        let (folder, _) = folder(&root.path().join(path), OddDisk::default());
        let failure = folder.probe(true).await.unwrap_err();
        assert!(failure.reason.contains("a folder is needed, and a file is there"), "{path}: {failure}");
    }
    let (folder, _) = folder(root.path(), OddDisk::default());
    let failure = folder.put("file/1", X).await.unwrap_err();
    assert!(failure.reason.contains("file/1 can't be written"), "{failure}");
    assert_eq!(folder.create("file", X).await.unwrap(), Created::Exists);
}

#[tokio::test]
async fn after_a_sync_that_failed_nothing_is_written() {
    let root = tempfile::tempdir().unwrap();
    let (folder, disk) = folder(root.path(), OddDisk::default());
    folder.put("log/1", X).await.unwrap();
    disk.bad_sync.store(true, Ordering::Relaxed);
    let failure = folder.put("log/2", X).await.unwrap_err();
    assert!(failure.reason.contains("log can't be synced: Input/output error"), "{failure}");
    disk.bad_sync.store(false, Ordering::Relaxed);
    let failure = folder.create("log/2", X).await.unwrap_err();
    assert!(failure.reason.starts_with("after an earlier failure nothing is written any more"), "{failure}");
    assert!(folder.put("log/3", X).await.is_err());
    assert_eq!(folder.get("log/1").await.unwrap(), Some(X));
}

#[tokio::test]
async fn a_folder_that_somebody_removed_is_made_again() {
    let root = tempfile::tempdir().unwrap();
    let (folder, _) = folder(root.path(), OddDisk::default());
    folder.put("state/a/1", X).await.unwrap();
    std::fs::remove_dir_all(root.path().join("state")).unwrap();
    folder.put("state/a/2", X).await.unwrap();
    assert_eq!(folder.list("state").await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_killed_processes_left_is_removed() {
    let root = tempfile::tempdir().unwrap();
    let puts = root.path().join(PUTS);
    std::fs::create_dir(&puts).unwrap();
    let now = std::fs::metadata(&puts).unwrap().modified().unwrap();
    for (name, age) in [("old-1", LEFT_OVER * 2), ("new-1", LEFT_OVER / 2)] {
        std::fs::File::create(puts.join(name)).unwrap().set_modified(now - age).unwrap();
    }
    let (folder, _) = folder(root.path(), OddDisk::default());
    folder.probe(true).await.unwrap();
    let left: Vec<_> = std::fs::read_dir(&puts).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["new-1"]);
    assert_eq!(folder.list("").await.unwrap(), []);
}
