//! Faults of a checkpoint's store, for tests: operations that fail, that are slow, that are done and reported as failed, and a power failure, which takes what wasn't synced.
//!
//! `SLUICEBOX_STORE_FAULTS=seed=7,fail=0.05,lose-answer=0.05,delay=20ms,remember=FOLDER` brings them into the program, in builds that have [fault points](mod@super::fault_point). The numbers
//! are shares of all operations. With `remember`, what is synced of a checkpoint on local files is kept in FOLDER as well, on the same file system; [`lose_power`] puts it in place of the rest.

use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;

use super::store::{Created, Disk, Failure, ObjectInfo, Objects, RealDisk};
use crate::job::nearest::did_you_mean;

/// The environment variable that asks for faults.
pub const VARIABLE: &str = "SLUICEBOX_STORE_FAULTS";

/// What goes wrong.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// Which operations it hits: the same seed hits the same, counted from the first.
    pub seed: u64,
    /// The share of operations that fail, and do nothing.
    pub fail: f64,
    /// The share of operations that are done and reported as failed.
    pub lose_answer: f64,
    /// The longest time by which an operation is late.
    pub delay: Duration,
    /// Where what is synced of local files is kept as well.
    pub remember: Option<PathBuf>,
}

impl Faults {
    /// What the environment asks for.
    ///
    /// # Errors
    /// What is wrong with the variable.
    pub fn from_environment() -> Result<Option<Self>, String> {
        match std::env::var(VARIABLE) {
            Ok(text) => Self::parse(&text).map(Some).map_err(|mistake| format!("{VARIABLE}: {mistake}")),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(format!("{VARIABLE}: {error}")),
        }
    }

    /// `KEY=VALUE,...`
    fn parse(text: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for setting in text.split(',') {
            let (key, value) = setting.split_once('=').ok_or_else(|| format!("\"{setting}\" is no KEY=VALUE"))?;
            let wrong = || format!("{key} can't be \"{value}\"");
            let share = || value.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong);
            match key {
                "seed" => faults.seed = value.parse().map_err(|_| wrong())?,
                "fail" => faults.fail = share()?,
                "lose-answer" => faults.lose_answer = share()?,
                "delay" => faults.delay = humantime::parse_duration(value).map_err(|_| wrong())?,
                "remember" => faults.remember = Some(value.into()),
                key => {
                    let keys = ["seed", "fail", "lose-answer", "delay", "remember"];
                    return Err(format!("there is no \"{key}\"; {}", did_you_mean(key, keys, "keys")));
                }
            }
        }
        Ok(faults)
    }
}

/// Objects whose operations fail as planned.
#[derive(Debug)]
pub(super) struct Faulty {
    objects: Arc<dyn Objects>,
    faults: Faults,
    n_operations: AtomicU64,
}

impl Faulty {
    pub(super) fn new(objects: Arc<dyn Objects>, faults: Faults) -> Self {
        Self { objects, faults, n_operations: AtomicU64::new(0) }
    }

    /// Do an operation, and what goes wrong with it.
    async fn act<T>(&self, act: impl Future<Output = Result<T, Failure>> + Send) -> Result<T, Failure> {
        let number = self.n_operations.fetch_add(1, Ordering::Relaxed);
        let draw = |nth: u64| share(self.faults.seed ^ number.wrapping_mul(4).wrapping_add(nth));
        if !self.faults.delay.is_zero() {
            tokio::time::sleep(self.faults.delay.mul_f64(draw(0))).await;
        }
        if draw(1) < self.faults.fail {
            return Err(Failure::passing("a fault that was asked for"));
        }
        let done = act.await?;
        match draw(2) < self.faults.lose_answer {
            true => Err(Failure::passing("an answer that was lost, as was asked for")),
            false => Ok(done),
        }
    }
}

/// A number from 0 to 1 that looks random (splitmix64).
fn share(seed: u64) -> f64 {
    let mut bits = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let bits = u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or(u32::MAX);
    f64::from(bits) / f64::from(u32::MAX)
}

#[async_trait::async_trait]
impl Objects for Faulty {
    async fn probe(&self, write: bool) -> Result<(), Failure> {
        // Whatever the store is, it is found out before faults begin.
        self.objects.probe(write).await
    }

    async fn create(&self, path: &str, bytes: Bytes) -> Result<Created, Failure> {
        self.act(self.objects.create(path, bytes)).await
    }

    async fn put(&self, path: &str, bytes: Bytes) -> Result<(), Failure> {
        self.act(self.objects.put(path, bytes)).await
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, Failure> {
        self.act(self.objects.get(path)).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Failure> {
        self.act(self.objects.list(prefix)).await
    }

    async fn delete(&self, path: &str) -> Result<(), Failure> {
        self.act(self.objects.delete(path)).await
    }
}

/// A disk that keeps what is synced in a second folder: a name is there once its folder was synced, and a folder once the one above was.
#[derive(Debug)]
pub(super) struct RememberingDisk {
    root: PathBuf,
    remembered: PathBuf,
    /// Held while a folder is copied.
    copying: Mutex<()>,
}

impl RememberingDisk {
    pub(super) fn new(root: &Path, remembered: &Path) -> Self {
        Self { root: root.to_owned(), remembered: remembered.to_owned(), copying: Mutex::default() }
    }

    /// Make what is remembered of a folder what it has.
    fn remember(&self, folder: &Path) -> io::Result<()> {
        let _turn = self.copying.lock();
        if self.root.parent() == Some(folder) {
            return std::fs::create_dir_all(&self.remembered);
        }
        let Ok(below) = folder.strip_prefix(&self.root) else { return Ok(()) };
        let to = self.remembered.join(below);
        if !to.is_dir() {
            // It can't be reached, whatever is synced of it.
            return Ok(());
        }
        for known in std::fs::read_dir(&to)? {
            let known = known?;
            if !folder.join(known.file_name()).exists() {
                match known.file_type()?.is_dir() {
                    true => std::fs::remove_dir_all(known.path())?,
                    false => std::fs::remove_file(known.path())?,
                }
            }
        }
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            match copy(&entry.path(), &to.join(entry.file_name())) {
                // Removed meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                copied => copied?,
            }
        }
        Ok(())
    }
}

/// One entry of a folder: a folder's own entries aren't synced with it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let now = std::fs::symlink_metadata(from)?;
    if now.is_dir() {
        return RealDisk.make_folder(to);
    }
    match std::fs::symlink_metadata(to) {
        Ok(known) if known.ino() == now.ino() => return Ok(()),
        Ok(_) => std::fs::remove_file(to)?,
        Err(_) => {}
    }
    std::fs::hard_link(from, to)
}

impl Disk for RememberingDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.make_folder(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        RealDisk.write(path, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename_new(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_folder(path)?;
        self.remember(path)
    }
}

/// Make a checkpoint's folder what a power failure would leave of it, when nobody has it open: what is in `remembered`. What stands in the folders `others` of it is not written by
/// the store, and stays.
///
/// # Errors
/// When files can't be removed or linked.
pub fn lose_power(folder: &Path, remembered: &Path, others: &[&str]) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true if others.iter().any(|other| entry.file_name() == **other) => {}
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in std::fs::read_dir(remembered.join(&below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            if below == Path::new("") && others.iter().any(|other| entry.file_name() == **other) {
                continue;
            }
            copy(&entry.path(), &folder.join(&name))?;
            if entry.file_type()?.is_dir() {
                folders.push(name);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Store;

    fn faulty(folder: &Path, faults: &str) -> Store {
        Store::with_faults(&format!("file://{}", folder.display()), Faults::parse(faults).unwrap()).unwrap()
    }

    #[test]
    fn faults_are_asked_for_by_words() {
        let faults = Faults::parse("seed=7,fail=0.5,lose-answer=1,delay=20ms,remember=/x").unwrap();
        let delay = Duration::from_millis(20);
        assert_eq!(faults, Faults { seed: 7, fail: 0.5, lose_answer: 1.0, delay, remember: Some("/x".into()) });
        for (text, said) in [
            ("fial=1", "did you mean \"fail\"?"),
            ("fail=2", "fail can't be \"2\""),
            ("fail", "no KEY=VALUE"),
            ("delay=soon", "delay can't be"),
        ] {
            let mistake = Faults::parse(text).unwrap_err();
            assert!(mistake.contains(said), "{text}: {mistake}");
        }
    }

    #[test]
    fn shares_are_as_large_as_they_are_said_to_be() {
        let n = (0..10_000).filter(|number| share(*number) < 0.1).count();
        assert!((900..1100).contains(&n), "{n}");
    }

    #[tokio::test]
    async fn a_few_faults_are_tried_again_and_many_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = faulty(folder.path(), "seed=1,fail=0.2");
        store.ready().await.unwrap();
        for number in 0..50 {
            store.put(&format!("state/{number}"), Bytes::from_static(b"x")).await.unwrap();
        }
        assert_eq!(store.list("state").await.unwrap().len(), 50);
        let store = faulty(folder.path(), "fail=1");
        store.ready().await.unwrap();
        let error = store.get("state/1").await.unwrap_err().to_string();
        assert!(error.ends_with("state/1: a fault that was asked for"), "{error}");
    }

    #[tokio::test]
    async fn what_was_done_is_there_though_its_answer_got_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = faulty(folder.path(), "lose-answer=0.5,seed=3");
        store.ready().await.unwrap();
        let mut found = 0;
        for number in 0..20 {
            let created = store.create(&format!("log/{number}"), Bytes::from(vec![number])).await.unwrap();
            found += u32::from(created == Created::Exists);
            assert_eq!(store.get(&format!("log/{number}")).await.unwrap().unwrap()[..], [number]);
        }
        assert!((5..=15).contains(&found), "{found}");
    }

    #[tokio::test]
    async fn what_has_returned_outlives_a_power_failure_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let (root, remembered) = (folder.path().join("a/b"), folder.path().join("remembered"));
        let faults = format!("remember={}", remembered.display());
        let store = faulty(&root, &faults);
        store.ready().await.unwrap();
        let puts = (0..30).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.create(&format!("log/{number:02}"), Bytes::from(vec![number])).await.unwrap();
                store.put(&format!("state/s-{number}/x"), Bytes::from_static(b"x")).await.unwrap();
            })
        });
        futures::future::try_join_all(puts).await.unwrap();
        for round in [b"1", b"2"] {
            store.put("lease.json", Bytes::from_static(round)).await.unwrap();
        }
        // As by a process that is killed before it syncs.
        std::fs::write(root.join("log/99"), "lost").unwrap();
        lose_power(&root, &remembered, &[]).unwrap();
        let store = faulty(&root, &faults);
        store.ready().await.unwrap();
        assert_eq!(store.list("").await.unwrap().len(), 61);
        assert_eq!(store.get("lease.json").await.unwrap().unwrap()[..], *b"2");
        assert_eq!(store.get("log/99").await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_another_process_has_not_synced_is_synced_before_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (root, remembered) = (folder.path().join("a"), folder.path().join("remembered"));
        let faults = format!("remember={}", remembered.display());
        let store = faulty(&root, &faults);
        store.ready().await.unwrap();
        store.put("log/1", Bytes::from_static(b"x")).await.unwrap();
        store.put("state/1", Bytes::from_static(b"x")).await.unwrap();
        for path in ["log/2", "state/2", "other"] {
            std::fs::write(root.join(path), "theirs").unwrap();
        }
        assert_eq!(store.create("log/2", Bytes::from_static(b"ours")).await.unwrap(), Created::Exists);
        assert_eq!(store.list("state").await.unwrap().len(), 2);
        lose_power(&root, &remembered, &[]).unwrap();
        let paths: Vec<_> = store.list("").await.unwrap().into_iter().map(|object| object.path).collect();
        assert_eq!(paths, ["log/1", "log/2", "state/1", "state/2"]);
    }
}
