//! A batch as the log has it, to be looked at again: what it read, with which code, what it began with, and what it made.
//!
//! The log is read up to the batch's result, as a driver would find it that takes over just then; so what the batch began with is what such a driver would go on with.

use super::log::{Entry, History, LogError, PlanRecord, Record, ResultRecord};
use crate::clock::BatchTime;

/// Which batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The last that has a result.
    Last,
    /// The one of this time.
    At(BatchTime),
}

/// A batch that has a result.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// What it read, and with which code.
    pub plan: PlanRecord,
    /// What it made.
    pub result: ResultRecord,
    /// What counted before that.
    pub before: History,
}

/// Why a batch can't be looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum NotRecorded {
    /// It isn't among those of which all is kept that is needed to run them again: from the first to the last of these. None: no batch is.
    NotKept(Option<(BatchTime, BatchTime)>),
    /// It is planned, and has no result yet.
    NoResult,
    /// The log can't be read.
    Wrong(LogError),
}

impl Recorded {
    /// Find a batch in a log's entries.
    ///
    /// # Errors
    /// When it isn't kept, or the log is damaged.
    pub fn find(entries: Vec<Entry>, which: Which) -> Result<Self, NotRecorded> {
        // Before the first entry that tells everything, what batches began with isn't known.
        let is_begin = |entry: &Entry| entry.number == 1 || matches!(entry.records.first(), Some(Record::Base(_)));
        let gap = entries.windows(2).rposition(|pair| pair[1].number != pair[0].number + 1).map_or(0, |at| at + 1);
        let Some(begin) = entries[gap..].iter().position(is_begin) else { return Err(NotRecorded::NotKept(None)) };
        let entries = &entries[gap + begin..];
        let results = entries.iter().enumerate().flat_map(|(at, entry)| {
            let result = move |(idx, record): (usize, &Record)| match record {
                Record::Result(result) => Some((at, idx, result.batch)),
                _ => None,
            };
            entry.records.iter().enumerate().filter_map(result)
        });
        let results: Vec<(usize, usize, BatchTime)> = results.collect();
        let wanted = match which {
            Which::Last => results.last(),
            Which::At(batch) => results.iter().find(|(_, _, of)| *of == batch),
        };
        let Some(&(at, idx, batch)) = wanted else {
            let is_planned = |record: &Record| matches!((record, which), (Record::Plan(plan), Which::At(batch)) if plan.batch == batch);
            let range = results.first().zip(results.last()).map(|((_, _, first), (_, _, last))| (*first, *last));
            // One that is planned in an entry that tells everything has no result there either.
            let is_later = |batch| range.is_none_or(|(_, last)| batch > last);
            return Err(match which {
                Which::At(batch)
                    if is_later(batch) && entries.iter().flat_map(|entry| &entry.records).any(is_planned) =>
                {
                    NotRecorded::NoResult
                }
                _ => NotRecorded::NotKept(range),
            });
        };
        let mut until: Vec<Entry> = entries[..=at].to_vec();
        let result =
            match until.last_mut().map(|entry| entry.records.split_off(idx)).map(|rest| rest.into_iter().next()) {
                Some(Some(Record::Result(result))) => result,
                _ => return Err(NotRecorded::NotKept(None)),
            };
        let (before, _) = History::read(until).map_err(NotRecorded::Wrong)?;
        let plan = before.unfinished.iter().find(|unfinished| unfinished.plan.batch == batch);
        let plan = plan.map(|unfinished| unfinished.plan.clone()).ok_or(NotRecorded::NotKept(None))?;
        Ok(Self { plan, result, before })
    }
}

#[cfg(test)]
mod tests {
    use super::super::log::testing::{done, plan, result};
    use super::*;

    fn entry(number: u64, records: Vec<Record>) -> Entry {
        Entry { version: 1, number, term: 1, nonce: String::new(), records }
    }

    fn entries() -> Vec<Entry> {
        vec![
            entry(1, vec![Record::Term { term: 1 }, plan(1)]),
            entry(2, vec![result(1), done(1), plan(2)]),
            entry(3, vec![plan(3), result(2), done(2), result(3)]),
            entry(4, vec![done(3), plan(4)]),
        ]
    }

    #[test]
    fn a_batch_begins_with_what_came_before_its_result() {
        for (which, batch, unfinished) in
            [(Which::At(BatchTime(1)), 1, 1), (Which::At(BatchTime(2)), 2, 2), (Which::Last, 3, 1)]
        {
            let found = Recorded::find(entries(), which).unwrap();
            assert_eq!((found.plan.batch, found.result.batch), (BatchTime(batch), BatchTime(batch)));
            assert_eq!(found.before.done, (batch > 1).then(|| BatchTime(batch - 1)));
            assert_eq!(found.before.unfinished.len(), unfinished, "{batch}");
            assert!(found.before.unfinished.iter().all(|unfinished| unfinished.result.is_none()));
        }
    }

    #[test]
    fn what_is_kept_is_told() {
        let find = |entries, batch| Recorded::find(entries, Which::At(BatchTime(batch))).map(|found| found.plan.batch);
        assert_eq!(find(entries(), 4), Err(NotRecorded::NoResult));
        let all = Some((BatchTime(1), BatchTime(3)));
        assert_eq!(find(entries(), 5), Err(NotRecorded::NotKept(all)));
        assert_eq!(find(entries(), 0), Err(NotRecorded::NotKept(all)));
        assert_eq!(find(vec![], 1), Err(NotRecorded::NotKept(None)));
        // After the log was compacted, and its begin removed.
        let (history, _) = History::read(entries()).unwrap();
        let mut later = entries();
        later.push(entry(5, vec![Record::Base(Box::new(history))]));
        later.push(entry(6, vec![result(4), done(4)]));
        assert_eq!(find(later.clone(), 2), Ok(BatchTime(2)));
        later.remove(0);
        assert_eq!(find(later.clone(), 4), Ok(BatchTime(4)));
        assert_eq!(find(later.clone(), 2), Err(NotRecorded::NotKept(Some((BatchTime(4), BatchTime(4))))));
        // An entry that is back after a power failure is no begin.
        later.remove(0);
        later.insert(0, entry(1, vec![Record::Term { term: 1 }, plan(1)]));
        assert_eq!(find(later, 4), Ok(BatchTime(4)));
    }
}
