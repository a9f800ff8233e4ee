//! The log as its streams see it: what was safe comes back, once, whatever happened to what wasn't; and what can't come back is told.

use std::path::{Path, PathBuf};

use object_store::memory::InMemory;
use tempfile::TempDir;

use super::frame::Frame;
use super::scan::{Ending, scan};
use super::*;
use crate::clock::{BatchTime, ManualClock};
use crate::engine::BlockStore;
use crate::engine::blocks::FoundBlock;
use crate::engine::testing::{as_text, words};
use crate::memory::{MemoryBudget, Share};
use crate::receiver::{InputRange, Past, PastInput};

const SEGMENT: u64 = 8 << 10;

/// A log that was taken over, and what of it a test uses.
struct Open {
    log: ReceivedLog,
    streams: Vec<StreamLog>,
    store: Arc<BlockStore>,
    budget: MemoryBudget,
}

impl Open {
    fn new(store: &Store, streams: &[(&str, bool)]) -> Self {
        let log = ReceivedLog::with_segments_of(store.clone(), Arc::new(ManualClock::new(0)), Duration::ZERO, SEGMENT);
        Self::within(log, &MemoryBudget::new(1 << 20), streams)
    }

    fn within(log: ReceivedLog, budget: &MemoryBudget, streams: &[(&str, bool)]) -> Self {
        let blocks = BlockStore::new();
        let part = |(name, is_logging): &(&str, bool)| {
            StreamLog::new(&log, (*name).into(), words(&[]).schema(), blocks.clone(), budget.clone(), *is_logging)
        };
        let streams = streams.iter().map(part).collect();
        Self { log, streams, store: blocks, budget: budget.clone() }
    }

    async fn lines(store: &Store, term: u64) -> Self {
        let open = Self::new(store, &[("lines", true)]);
        open.log.open(term).await.unwrap();
        open
    }

    fn append(&self, number: u64, text: &str) -> u64 {
        let position = format!("after {number}");
        self.streams[0].append(0, number, words(&[text]), position.as_bytes()).unwrap()
    }

    async fn append_safely(&self, number: u64, text: &str) {
        let ticket = self.append(number, text);
        assert!(self.streams[0].safe(ticket).await >= ticket, "{:?}", self.log.0.shared);
    }

    fn text(&self, number: u64) -> Result<String> {
        text(&self.store, "lines", number)
    }

    fn recover(&self, past: &Past) -> (Recovered, Vec<u64>) {
        let recovered = self.streams[0].recover(past).unwrap().unwrap();
        (recovered, self.streams[0].take_waiting().iter().map(|id| id.number).collect())
    }
}

fn id(stream: &str, number: u64) -> BlockId {
    BlockId { stream: stream.into(), number }
}

fn text(store: &BlockStore, stream: &str, number: u64) -> Result<String> {
    match store.find(&id(stream, number)) {
        Some(FoundBlock::Kept(kept)) => {
            // It blocks, as those who call it know.
            let rows = std::thread::scope(|scope| scope.spawn(|| kept.read()).join().unwrap())?;
            assert_eq!(kept.rows(), rows.num_rows() as u64);
            Ok(as_text(&rows).join(","))
        }
        other => panic!("block {number} of {stream}: {other:?}"),
    }
}

fn given(batch: i64, numbers: &[u64], again: bool) -> PastInput {
    let blocks = numbers.iter().map(|number| id("lines", *number)).collect();
    PastInput { batch: BatchTime(batch), range: InputRange::Blocks(blocks), again }
}

async fn folder_store(folder: &Path) -> Store {
    let store = Store::new(&format!("file://{}", folder.display())).unwrap();
    store.ready().await.unwrap();
    store
}

async fn folder() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder_store(folder.path()).await;
    (folder, store)
}

fn objects() -> Store {
    Store::of("memory:///checkpoint", Arc::new(InMemory::new()))
}

/// As `kill -9` would leave it.
/// Copy what is there, over what is in `to`.
fn copy(from: &Path, to: &Path) {
    try_copy(from, to).unwrap();
}

fn try_copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            try_copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn run_folder(folder: &Path, term: u64) -> PathBuf {
    folder.join(format!("wal/{term:020}"))
}

fn segment_path(folder: &Path, term: u64, segment: u64) -> PathBuf {
    run_folder(folder, term).join(format!("{segment:010}.wal"))
}

/// The frames of a segment's file, with their offsets.
fn frames(path: &Path) -> Vec<(u64, Frame)> {
    let mut frames = vec![];
    let file = std::fs::File::open(path).unwrap();
    scan(&file, Ending::Open, |offset, frame| frames.push((offset, frame))).unwrap();
    frames
}

async fn comes_back(store: Store, kill: impl AsyncFn() -> Store) {
    let first = Open::lines(&store, 1).await;
    assert_eq!(first.recover(&Past::default()), (Recovered::default(), vec![]));
    for number in 0..5 {
        first.append_safely(number, &format!("block {number}")).await;
    }
    let position = first.streams[0].append_position(0, b"later").unwrap();
    first.streams[0].safe(position).await;
    // Blocks 0 to 3 were given: 0 is done, 1 and 2 will be read again, 3 has a result.
    first.streams[0].release(&[id("lines", 0)]);
    let past =
        Past { standing: None, given: vec![given(1, &[0], false), given(2, &[1, 2], true), given(3, &[3], false)] };
    let store = kill().await;
    let second = Open::lines(&store, 2).await;
    let (recovered, waiting) = second.recover(&past);
    assert_eq!((recovered.next, recovered.positions[&0].as_slice(), waiting), (5, &b"later"[..], vec![4]));
    for number in [1, 2, 4] {
        assert_eq!(second.text(number).unwrap(), format!("block {number}"));
    }
    assert_eq!(second.streams[0].recover(&past).unwrap(), None, "once");
    second.append_safely(5, "block 5").await;
    second.streams[0].given(0, 5);
    let standing = second.streams[0].standing().unwrap();
    second.streams[0].release(&[1, 2, 3, 4].map(|number| id("lines", number)));
    drop(second);
    // All that the batch log knows is in the standing.
    let third = Open::lines(&store, 7).await;
    let (recovered, waiting) = third.recover(&Past { standing, given: vec![] });
    assert_eq!((recovered.next, recovered.positions[&0].as_slice(), waiting), (6, &b"after 5"[..], vec![]));
    third.log.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_come_back_from_files() {
    let (folder, store) = folder().await;
    let (path, other) = (folder.path().to_owned(), tempfile::tempdir().unwrap());
    comes_back(store, async || {
        copy(&path, other.path());
        folder_store(other.path()).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_come_back_from_objects() {
    let store = objects();
    comes_back(store.clone(), async || store.clone()).await;
}

/// What an older driver still writes is neither safe nor found by any later one.
async fn is_fenced(store: Store) {
    let (old, late) = (Open::lines(&store, 2).await, Open::new(&store, &[("lines", true)]));
    old.append_safely(0, "zero").await;
    let new = Open::lines(&store, 3).await;
    assert_eq!(new.recover(&Past::default()).1, [0]);
    let ticket = old.append(1, "one");
    assert!(old.streams[0].safe(ticket).await < ticket);
    let error = old.streams[0].broken().await.to_string();
    assert!(error.contains("another driver has taken over the job; this one stops"), "{error}");
    let error = old.streams[0].append(0, 2, words(&["two"]), b"").unwrap_err().to_string();
    assert!(error.starts_with("stream \"lines\": ") && error.contains("another driver"), "{error}");
    // One that comes late is told too.
    let error = late.log.open(1).await.unwrap_err().to_string();
    assert!(error.contains("another driver has taken over the job, in term"), "{error}");
    new.append_safely(1, "another one").await;
    drop(new);
    let third = Open::lines(&store, 4).await;
    assert_eq!(third.recover(&Past::default()).1, [0, 1]);
    assert_eq!(third.text(1).unwrap(), "another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_driver_makes_nothing_safe_in_files() {
    is_fenced(folder().await.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_driver_makes_nothing_safe_in_objects() {
    is_fenced(objects()).await;
}

async fn is_bounded(store: Store, count: impl AsyncFn() -> usize) {
    let log = Open::lines(&store, 1).await;
    log.recover(&Past::default());
    let long = "x".repeat(1000);
    for number in 0..40 {
        log.append_safely(number, &long).await;
    }
    assert!(count().await > 4);
    let all: Vec<_> = (0..40).map(|number| id("lines", number)).collect();
    log.streams[0].release(&all[1..]);
    log.append_safely(40, "40").await;
    assert!(count().await > 4, "the first block is needed");
    log.streams[0].release(&all[..1]);
    // They are removed after a group was written, and before the next.
    log.append_safely(41, "41").await;
    log.append_safely(42, "42").await;
    assert!(count().await <= 4, "{}", count().await);
    log.log.close().await;
    let next = Open::lines(&store, 2).await;
    assert_eq!(next.recover(&Past::default()).1, [40, 41, 42]);
    next.streams[0].release(&[40, 41, 42].map(|number| id("lines", number)));
    next.append_safely(43, "43").await;
    next.log.close().await;
    assert!(count().await <= 4, "{}", count().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_nobody_needs_are_removed() {
    let (folder, store) = folder().await;
    let count = async || {
        let runs = std::fs::read_dir(folder.path().join("wal")).unwrap();
        runs.map(|run| std::fs::read_dir(run.unwrap().path()).unwrap().count()).sum()
    };
    is_bounded(store, count).await;
    assert!(!run_folder(folder.path(), 1).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_nobody_needs_are_removed() {
    let store = objects();
    let count = async || store.list("wal").await.unwrap().len();
    is_bounded(store.clone(), count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_wait_share_a_sync() {
    let (folder, store) = folder().await;
    let log = Open::lines(&store, 1).await;
    let tickets: Vec<u64> = (0..50).map(|number| log.append(number, "a")).collect();
    log.streams[0].safe(tickets[49]).await;
    let mut groups: Vec<(u64, u64)> = vec![];
    for segment in 1..9 {
        let path = segment_path(folder.path(), 1, segment);
        if path.exists() {
            groups.extend(frames(&path).iter().map(|(_, frame)| (segment, frame.header.group)));
        }
    }
    groups.dedup();
    assert!((1..25).contains(&groups.len()), "{groups:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_and_loss_are_told_with_file_offset_and_block() {
    let (folder, store) = folder().await;
    let log = Open::lines(&store, 1).await;
    let long = "x".repeat(2000);
    for number in 0..9 {
        log.append_safely(number, &long).await;
    }
    let wrecked = async |wreck: &dyn Fn(&Path), past: Past| {
        let other = tempfile::tempdir().unwrap();
        copy(folder.path(), other.path());
        wreck(other.path());
        let next = Open::new(&folder_store(other.path()).await, &[("lines", true)]);
        let opened = next.log.open(2).await;
        match opened {
            Ok(()) => next.streams[0].recover(&past).err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        }
    };
    let blocks: Vec<(u64, u64, u64)> = (1..9)
        .filter(|segment| segment_path(folder.path(), 1, *segment).exists())
        .flat_map(|segment| {
            let frames = frames(&segment_path(folder.path(), 1, segment));
            frames
                .into_iter()
                .filter(|(_, frame)| frame.stream == "lines")
                .map(move |(offset, frame)| (segment, offset, frame.header.number))
        })
        .collect();
    assert_eq!(blocks.len(), 9);
    for (segment, offset, number) in &blocks[..8] {
        let flip = |folder: &Path| {
            let path = segment_path(folder, 1, *segment);
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[*offset as usize + 600] ^= 1;
            std::fs::write(path, bytes).unwrap();
        };
        let error = wrecked(&flip, Past::default()).await.unwrap();
        let place =
            format!("{segment:010}.wal: at byte {offset}: block {number} of receiver 0 with 1 rows is damaged: ");
        assert!(error.contains(&place), "{error}");
    }
    let remove = |segment: u64| move |folder: &Path| std::fs::remove_file(segment_path(folder, 1, segment)).unwrap();
    let error = wrecked(&remove(2), Past::default()).await.unwrap();
    assert!(
        error.contains("/0000000002.wal: it is missing, and wal/") && error.contains("/0000000003.wal is there"),
        "{error}"
    );
    // The first may have been removed as nobody needed it; the plan knows better.
    let past = Past { standing: None, given: vec![given(5, &[0, 1], true)] };
    let error = wrecked(&remove(1), past.clone()).await.unwrap();
    assert!(
        error.contains(
            "stream \"lines\": batch 5 was planned to read block 0, and the log of received blocks doesn't have it"
        ),
        "{error}"
    );
    assert_eq!(wrecked(&|_| (), past).await, None);
    let strange = |folder: &Path| std::fs::create_dir(folder.join("wal/notes")).unwrap();
    let error = wrecked(&strange, Past::default()).await.unwrap();
    assert!(error.contains("wal/notes: this is no part of the log: move it elsewhere"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_left_or_dont_log_are_told_apart() {
    let (_folder, store) = folder().await;
    let log = Open::new(&store, &[("lines", true), ("gone", true)]);
    log.log.open(1).await.unwrap();
    for (idx, stream) in log.streams.iter().enumerate() {
        for number in 0..2 {
            let ticket = stream.append(idx as u32, number, words(&["a"]), b"there").unwrap();
            stream.safe(ticket).await;
        }
    }
    drop(log);
    let next = Open::new(&store, &[("lines", false)]);
    next.log.open(2).await.unwrap();
    // What was logged is taken up; what wasn't is lost, and said to be.
    let past = Past { standing: None, given: vec![given(1, &[0, 7], true)] };
    let (recovered, waiting) = next.recover(&past);
    assert_eq!((recovered.next, recovered.positions[&0].as_slice(), waiting), (8, &b"there"[..], vec![1]));
    assert_eq!(next.text(0).unwrap(), "a");
    assert_eq!(next.store.rows_of(&[id("lines", 7)]), Some(0));
    next.streams[0].release(&[0, 1].map(|number| id("lines", number)));
    let ticket = next.streams[0].append_position(0, b"further").unwrap();
    next.streams[0].safe(ticket).await;
    next.log.close().await;
    let last = Open::new(&store, &[("lines", true), ("gone", true)]);
    last.log.open(3).await.unwrap();
    assert_eq!(last.streams[1].recover(&Past::default()).unwrap(), Some(Recovered::default()));
    let past = Past { standing: None, given: vec![given(1, &[0, 7], false), given(2, &[1], false)] };
    let (recovered, waiting) = last.recover(&past);
    assert_eq!((recovered.positions[&0].as_slice(), waiting), (&b"further"[..], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_earlier_runs_have_left_counts_as_memory_until_batches_are_done() {
    let (_folder, store) = folder().await;
    let log = Open::lines(&store, 1).await;
    for number in 0..3 {
        log.append_safely(number, "to be or not to be").await;
    }
    drop(log);
    let next = Open::lines(&store, 2).await;
    assert_eq!(next.recover(&Past { standing: None, given: vec![given(1, &[0], true)] }).1, [1, 2]);
    let all = next.budget.used_by(Share::Blocks);
    let of_one = all / 3;
    assert!(of_one > 0 && all == 3 * of_one, "the one that is read again, and those that wait: {all}");
    next.store.remove(&id("lines", 0));
    assert_eq!(next.budget.used_by(Share::Blocks), 2 * of_one);
    drop(next);
    // There is less memory now than they take: receivers wait, and batches are given them all the same.
    let log = ReceivedLog::new(store, Arc::new(ManualClock::new(0)), Duration::ZERO);
    let little = Open::within(log, &MemoryBudget::new(2 * (of_one + 1)), &[("lines", true)]);
    little.log.open(3).await.unwrap();
    assert_eq!(little.recover(&Past { standing: None, given: vec![given(1, &[0], true)] }).1, [1, 2]);
    assert_eq!(little.budget.used_by(Share::Blocks), of_one + 1);
    assert!(little.budget.try_reserve(Share::Blocks, 1).is_err());
    (0..3).for_each(|number| little.store.remove(&id("lines", number)));
    assert_eq!(little.budget.used(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_columns_are_refused_when_rows_are_read() {
    let (_folder, store) = folder().await;
    let log = Open::lines(&store, 1).await;
    log.append_safely(0, "a").await;
    drop(log);
    let next = ReceivedLog::new(store, Arc::new(ManualClock::new(0)), Duration::ZERO);
    let (blocks, schema) = (BlockStore::new(), crate::engine::testing::numbered(&[]).schema());
    let part = StreamLog::new(&next, "lines".into(), schema, blocks.clone(), MemoryBudget::new(1 << 20), true);
    next.open(2).await.unwrap();
    part.recover(&Past::default()).unwrap();
    let error = text(&blocks, "lines", 0).unwrap_err().to_string();
    assert!(
        error.contains("0000000001.wal: at byte ")
            && error.contains(": block 0 of stream \"lines\": it was received with the columns (word: string)"),
        "{error}"
    );
}

mod crashes;
mod golden;
mod objects_that_fail;
