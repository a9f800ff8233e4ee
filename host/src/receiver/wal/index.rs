//! What is in the log and still needed: which blocks are in which segments, and which segments nobody needs any more.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::media::Run;
use super::standing::Standing;
use crate::receiver::BlockId;

/// Where a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its run's term.
    pub term: u64,
    /// Its segment.
    pub segment: u64,
    /// Where in the segment its frame begins.
    pub offset: u64,
    /// The receiver it is from.
    pub receiver: u32,
    /// Its rows.
    pub rows: u64,
    /// Bytes of its rows.
    pub bytes: u64,
}

/// A segment that nobody needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// Its run.
    pub run: Run,
    /// Its number.
    pub segment: u64,
    /// Whether the run has no others, and gets none any more.
    pub is_last: bool,
}

#[derive(Debug)]
struct Segments {
    run: Run,
    /// Whether more come.
    is_own: bool,
    /// Each segment's number, and how many of its blocks are needed.
    segments: VecDeque<(u64, u64)>,
}

/// The log's content.
#[derive(Debug, Default)]
pub struct Index {
    runs: BTreeMap<u64, Segments>,
    blocks: HashMap<BlockId, Place>,
    /// Blocks of earlier runs, by stream and in the order of the log, until the stream takes them up.
    found: BTreeMap<Arc<str>, Vec<u64>>,
    /// Where streams stand.
    pub standing: Standing,
}

impl Index {
    /// There is a run.
    pub fn run(&mut self, run: Run, is_own: bool) {
        self.runs.insert(run.term, Segments { run, is_own, segments: VecDeque::new() });
    }

    /// The run has one more segment.
    pub fn segment(&mut self, term: u64, number: u64) {
        if let Some(run) = self.runs.get_mut(&term) {
            run.segments.push_back((number, 0));
        }
    }

    /// A block is safe. Says whether it is one that wasn't there.
    pub fn block(&mut self, id: BlockId, place: Place) -> bool {
        self.standing.block(&id.stream, id.number);
        let is_new = self.blocks.insert(id, place).is_none();
        let segments = self.runs.get_mut(&place.term).map(|run| &mut run.segments);
        if let Some((_, needed)) =
            segments.and_then(|segments| segments.iter_mut().rev().find(|(number, _)| *number == place.segment))
        {
            *needed += u64::from(is_new);
        }
        is_new
    }

    /// The segment is needed as long as this program runs.
    pub fn keep(&mut self, term: u64, segment: u64) {
        let segments = self.runs.get_mut(&term).map(|run| &mut run.segments);
        if let Some((_, needed)) =
            segments.and_then(|segments| segments.iter_mut().find(|(number, _)| *number == segment))
        {
            *needed += 1;
        }
    }

    /// A block of an earlier run, in the order of the log.
    pub fn found(&mut self, id: BlockId, place: Place) -> bool {
        self.found.entry(id.stream.clone()).or_default().push(id.number);
        self.block(id, place)
    }

    /// The streams that have blocks of earlier runs which weren't taken up.
    pub fn found_streams(&self) -> Vec<Arc<str>> {
        self.found.keys().cloned().collect()
    }

    /// The blocks of earlier runs, which the stream takes up.
    pub fn take_found(&mut self, stream: &str) -> Vec<u64> {
        self.found.remove(stream).unwrap_or_default()
    }

    /// Where a block is.
    pub fn get(&self, id: &BlockId) -> Option<Place> {
        self.blocks.get(id).copied()
    }

    /// A run of that term.
    pub fn run_of(&self, term: u64) -> Option<&Run> {
        self.runs.get(&term).map(|run| &run.run)
    }

    /// The own run's term.
    #[cfg(test)]
    pub fn own_term(&self) -> u64 {
        self.runs.values().find(|run| run.is_own).map_or(0, |run| run.run.term)
    }

    /// Nobody needs the block any more.
    pub fn release(&mut self, id: &BlockId) {
        let Some(place) = self.blocks.remove(id) else { return };
        let segments = self.runs.get_mut(&place.term).map(|run| &mut run.segments);
        if let Some((_, needed)) =
            segments.and_then(|segments| segments.iter_mut().find(|(number, _)| *number == place.segment))
        {
            *needed -= 1;
        }
    }

    /// The segments to be removed, which are forgotten: of each run the first, up to one that is needed. The own run keeps its last, which says where streams stand.
    pub fn over(&mut self) -> Vec<Over> {
        let mut over = vec![];
        for run in self.runs.values_mut() {
            let kept = usize::from(run.is_own);
            while run.segments.len() > kept
                && let Some((segment, _)) = run.segments.pop_front_if(|(_, needed)| *needed == 0)
            {
                let is_last = run.segments.is_empty();
                over.push(Over { run: run.run.clone(), segment, is_last });
            }
        }
        self.runs.retain(|_, run| run.is_own || !run.segments.is_empty());
        over
    }

    /// Whether [`Index::over`] has anything to give.
    pub fn has_over(&self) -> bool {
        self.runs.values().any(|run| {
            let first_is_over = run.segments.front().is_some_and(|(_, needed)| *needed == 0);
            first_is_over && run.segments.len() > usize::from(run.is_own)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_over_in_order_once_their_blocks_are() {
        let mut index = Index::default();
        let run = |term| Run { term, is_closed: term == 1 };
        let id = |number| BlockId { stream: "s".into(), number };
        let place = |term, segment| Place { term, segment, offset: 0, receiver: 0, rows: 1, bytes: 1 };
        index.run(run(1), false);
        index.run(run(2), true);
        for segment in 4..7 {
            index.segment(1, segment);
            assert!(index.found(id(segment), place(1, segment)));
        }
        index.segment(2, 1);
        assert!(index.block(id(7), place(2, 1)));
        assert!(!index.block(id(7), place(2, 1)), "it was there");
        assert_eq!(index.take_found("s"), [4, 5, 6]);
        index.release(&id(5));
        assert!(index.over().is_empty() && !index.has_over());
        index.release(&id(4));
        assert!(index.has_over());
        let over = |term, segment, is_last| Over { run: run(term), segment, is_last };
        assert_eq!(index.over(), [over(1, 4, false), over(1, 5, false)]);
        index.release(&id(7));
        index.release(&id(6));
        assert_eq!(index.over(), [over(1, 6, true)], "the own run keeps its last");
        index.segment(2, 2);
        assert_eq!(index.over(), [over(2, 1, false)]);
        assert_eq!(index.standing.streams["s"].next, 8);
    }
}
