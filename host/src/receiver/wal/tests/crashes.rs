//! Random lives of a log, killed again and again: with whatever the disk has of the group that was being written, what was safe comes back, once and in order.

use std::collections::{BTreeMap, BTreeSet};

use tempfile::TempDir;

use super::*;

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// A block: its number, receiver and text.
type Block = (u64, u32, String);

/// What a stream must have.
#[derive(Debug, Default)]
struct Expected {
    /// Logged and given to no batch, in the order of the log.
    waiting: Vec<Block>,
    /// Given to batches: the batch, and whether it is to be run again.
    given: BTreeMap<i64, (Vec<Block>, bool)>,
    standing: Option<Vec<u8>>,
    positions: BTreeMap<u32, String>,
    next: u64,
    /// All texts that batches have read to their end.
    done: Vec<String>,
}

const STREAMS: [(&str, u64); 2] = [("a", 2), ("b", 1)];

/// What was appended after the last moment at which all was known to be safe.
type Tail = Vec<(usize, u64, u32, String)>;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_safe_is_lost_and_nothing_is_given_twice() {
    for seed in 1..=25 {
        let mut random = Random(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15));
        let mut folder = tempfile::tempdir().unwrap();
        let mut expected: Vec<Expected> = STREAMS.iter().map(|_| Expected::default()).collect();
        let (mut batch, mut sent) = (0, 0);
        for term in 1..=5 {
            let store = folder_store(folder.path()).await;
            let open = Open::new(&store, &STREAMS.map(|(name, _)| (name, true)));
            open.log.open(term).await.unwrap_or_else(|error| panic!("seed {seed}, term {term}: {error}"));
            for (stream, expected) in expected.iter_mut().enumerate() {
                check(&open, stream, expected, &format!("seed {seed}, term {term}"));
            }
            live(&open, &mut expected, &mut random, &mut batch, &mut sent).await;
            let safe = end_of_last(&open);
            // A machine that stops while something after this is written has removed nothing since.
            let other = copied_at_once(folder.path());
            let tail = receive_more(&open, &expected, &mut random, &mut sent).await;
            open.log.close().await;
            copy(folder.path(), other.path());
            let survivors = crash(other.path(), term, safe, &tail, &mut random);
            for (stream, number, receiver, text) in survivors {
                let of = &mut expected[stream];
                of.positions.insert(receiver, format!("after {text}"));
                of.next = of.next.max(number + 1);
                of.waiting.push((number, receiver, text));
            }
            folder = other;
        }
        let mut done: Vec<&String> = expected.iter().flat_map(|of| &of.done).collect();
        let n_done = done.len();
        done.sort();
        done.dedup();
        assert_eq!(done.len(), n_done, "seed {seed}: given twice");
    }
}

/// Take up what a run left, and compare.
fn check(open: &Open, stream: usize, expected: &mut Expected, about: &str) {
    let name = STREAMS[stream].0;
    let range = |blocks: &[Block]| InputRange::Blocks(blocks.iter().map(|(number, ..)| id(name, *number)).collect());
    let given = expected.given.iter().map(|(batch, (blocks, again))| PastInput {
        batch: BatchTime(*batch),
        range: range(blocks),
        again: *again,
    });
    let past = Past { standing: expected.standing.clone(), given: given.collect() };
    let recovered = open.streams[stream].recover(&past).unwrap_or_else(|error| panic!("{about}: {error}")).unwrap();
    let waiting: Vec<u64> = open.streams[stream].waiting();
    assert_eq!(waiting, expected.waiting.iter().map(|(number, ..)| *number).collect::<Vec<_>>(), "{about}, {name}");
    let again = expected.given.values().filter(|(_, again)| *again).flat_map(|(blocks, _)| blocks);
    for (number, _, text) in again.chain(&expected.waiting) {
        assert_eq!(&super::text(&open.store, name, *number).unwrap(), text, "{about}, {name}, block {number}");
    }
    assert!(recovered.next >= expected.next, "{about}, {name}: {recovered:?}");
    expected.next = recovered.next;
    let positions: BTreeMap<u32, String> =
        recovered.positions.into_iter().map(|(receiver, at)| (receiver, String::from_utf8(at).unwrap())).collect();
    assert_eq!(positions, expected.positions, "{about}, {name}");
}

/// What the folder has at one moment: segments that are over are being removed.
fn copied_at_once(folder: &Path) -> TempDir {
    let names = || {
        std::fs::read_dir(folder.join("wal")).unwrap().map(|run| {
            let run = run?.path();
            let segments: std::io::Result<BTreeSet<_>> =
                std::fs::read_dir(&run)?.map(|entry| Ok(entry?.path())).collect();
            Ok((run, segments?))
        })
    };
    let names = || names().collect::<std::io::Result<BTreeMap<_, _>>>();
    loop {
        let (before, copied) = (names(), tempfile::tempdir().unwrap());
        let is_whole = try_copy(folder, copied.path()).is_ok();
        // They only become fewer, and then no more.
        if let (true, Ok(before), Ok(after)) = (is_whole, before, names())
            && before == after
        {
            return copied;
        }
    }
}

/// The number of each receiver's next block.
fn next_numbers(expected: &[Expected]) -> Vec<BTreeMap<u32, u64>> {
    let of = |(of, (_, step)): (&Expected, (&str, u64))| {
        (0..step).map(|receiver| (receiver as u32, of.next.next_multiple_of(step) + receiver)).collect()
    };
    expected.iter().zip(STREAMS).map(of).collect()
}

/// Receive, plan and finish batches. All that was received is safe in the end.
async fn live(open: &Open, expected: &mut [Expected], random: &mut Random, batch: &mut i64, sent: &mut u64) {
    // Batches that an earlier run has planned come first.
    for (stream, of) in expected.iter_mut().enumerate() {
        let mut again: Vec<i64> = of.given.iter().filter(|(_, (_, again))| *again).map(|(batch, _)| *batch).collect();
        again.truncate(random.below(3) as usize);
        again.into_iter().for_each(|batch| done(open, stream, of, batch));
    }
    let mut number = next_numbers(expected);
    let mut last = None;
    for _ in 0..random.below(12) {
        for entry in receive(open, &mut number, random, sent) {
            let (stream, number, receiver, text, ticket) = entry;
            let of = &mut expected[stream];
            of.next = of.next.max(number + 1);
            of.positions.insert(receiver, format!("after {text}"));
            of.waiting.push((number, receiver, text));
            last = Some((stream, number, ticket));
        }
        if let Some((stream, _, ticket)) = last {
            assert!(open.streams[stream].safe(ticket).await >= ticket);
        }
        *batch += 1;
        for (stream, of) in expected.iter_mut().enumerate() {
            if random.below(2) == 0 {
                plan(open, stream, of, *batch);
            }
            let first = of.given.iter().find(|(_, (_, again))| *again).map(|(batch, _)| *batch);
            if let (Some(first), true) = (first, random.below(2) == 0) {
                done(open, stream, of, first);
            }
            if random.below(6) == 0 {
                of.standing = open.streams[stream].standing().unwrap();
                of.given.retain(|_, (_, again)| *again);
            }
        }
    }
}

/// Receive some more, which no batch is given.
async fn receive_more(open: &Open, expected: &[Expected], random: &mut Random, sent: &mut u64) -> Tail {
    let (mut numbers, mut tail) = (next_numbers(expected), vec![]);
    for _ in 0..random.below(5) {
        let received = receive(open, &mut numbers, random, sent);
        for (stream, number, receiver, text, ticket) in received {
            assert!(open.streams[stream].safe(ticket).await >= ticket);
            tail.push((stream, number, receiver, text));
        }
    }
    tail
}

type Received = (usize, u64, u32, String, u64);

/// Some blocks, submitted together.
fn receive(open: &Open, numbers: &mut [BTreeMap<u32, u64>], random: &mut Random, sent: &mut u64) -> Vec<Received> {
    let mut received = vec![];
    for _ in 0..random.below(6) {
        let stream = random.below(STREAMS.len() as u64) as usize;
        let receiver = random.below(STREAMS[stream].1) as u32;
        let number = numbers[stream].get_mut(&receiver).unwrap();
        *sent += 1;
        let text = format!("{sent} {}", "x".repeat([0, 10, 700, 5000, 20_000][random.below(5) as usize]));
        let position = format!("after {text}");
        let ticket = open.streams[stream].append(receiver, *number, words(&[&text]), position.as_bytes()).unwrap();
        received.push((stream, *number, receiver, text, ticket));
        *number += STREAMS[stream].1;
    }
    received
}

/// A batch is given all that waits.
fn plan(open: &Open, stream: usize, of: &mut Expected, batch: i64) {
    let waiting = std::mem::take(&mut of.waiting);
    let found = open.streams[stream].take_waiting().len();
    for (number, receiver, _) in &waiting[found..] {
        open.streams[stream].given(*receiver, *number);
    }
    if !waiting.is_empty() {
        of.given.insert(batch, (waiting, true));
    }
}

fn done(open: &Open, stream: usize, of: &mut Expected, batch: i64) {
    let (blocks, again) = of.given.get_mut(&batch).unwrap();
    *again = false;
    of.done.extend(blocks.iter().map(|(_, _, text)| text.clone()));
    let ids: Vec<_> = blocks.iter().map(|(number, ..)| id(STREAMS[stream].0, *number)).collect();
    open.streams[stream].release(&ids);
}

/// Where the own run ends, as far as it is safe.
fn end_of_last(open: &Open) -> (u64, u64) {
    let state = open.log.0.shared.state.lock();
    let (media, term) = (state.media.clone().unwrap(), state.index.own_term());
    drop(state);
    let run = Run { term, is_closed: false };
    let last = *media.segments(&run).unwrap().last().unwrap();
    let segment = media.open(&run, last).unwrap();
    (last, scan(segment.as_ref(), Ending::Open, |_, _| ()).unwrap().at)
}

/// Leave of what came after `safe` what a machine might that stops while a group is being written. What of `tail` is whole and before all that isn't.
fn crash(folder: &Path, term: u64, safe: (u64, u64), tail: &Tail, random: &mut Random) -> Tail {
    let run = Run { term, is_closed: false };
    let media = Media::Folder { url: "file://".to_owned(), path: folder.join("wal") };
    let segments = media.segments(&run).unwrap();
    // The groups after what was safe; the machine stops while one of them is written.
    let mut groups: Vec<(u64, u64)> = vec![];
    for segment in segments.iter().filter(|segment| **segment >= safe.0) {
        let all = frames(&segment_path(folder, term, *segment));
        groups.extend(all.iter().map(|(_, frame)| (*segment, frame.header.group)).filter(|group| *group >= safe));
    }
    groups.dedup();
    let stopped = random.below(groups.len() as u64 + 1) as usize;
    let Some((segment, group)) = groups.get(stopped).copied() else { return tail.clone() };
    for later in segments.iter().filter(|later| **later > segment) {
        std::fs::remove_file(segment_path(folder, term, *later)).unwrap();
    }
    let path = segment_path(folder, term, segment);
    let all = frames(&path);
    let in_group: Vec<u64> = all.iter().filter(|(_, frame)| frame.header.group == group).map(|(at, _)| *at).collect();
    let end = all
        .iter()
        .find(|(_, frame)| frame.header.group > group)
        .map_or_else(|| all.last().map_or(0, |(at, frame)| at + frame.header.frame()), |(at, _)| *at);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[end as usize..].fill(0);
    match random.below(3) {
        // Cut off at any byte.
        0 => bytes.truncate((group + random.below(end - group)) as usize),
        // Any pages never came to the disk.
        1 => {
            for page in bytes[group as usize..end as usize].chunks_mut(512) {
                if random.below(3) == 0 {
                    page.fill(0);
                }
            }
        }
        // The last byte is another.
        _ => bytes[(in_group.last().unwrap() + 50) as usize] ^= 1,
    }
    std::fs::write(&path, &bytes).unwrap();
    // What is whole up to the first that isn't. Groups before the one that was being written are.
    let mut survivors = vec![];
    let is_whole = |segment: u64, at: u64, wanted: &Frame| {
        let now = if segment == self::number(&path) {
            bytes.clone()
        } else {
            std::fs::read(segment_path(folder, term, segment)).unwrap()
        };
        matches!(super::frame::look(&bytes::Bytes::from(now), at).unwrap(), super::frame::Found::Frame(found) if found == *wanted)
    };
    let mut left = tail.iter();
    for segment in segments.iter().filter(|of| (safe.0..=segment).contains(*of)) {
        let before =
            if *segment == self::number(&path) { all.clone() } else { frames(&segment_path(folder, term, *segment)) };
        for (at, frame) in before.into_iter().filter(|(at, _)| (*segment, *at) >= safe) {
            if !is_whole(*segment, at, &frame) {
                return survivors;
            }
            if frame.header.kind == super::frame::Kind::Block {
                survivors.push(left.next().unwrap().clone());
            }
        }
    }
    survivors
}

fn number(path: &Path) -> u64 {
    path.file_stem().unwrap().to_str().unwrap().parse().unwrap()
}
