//! From records to numbered entries: what a driver does with its log, without doing any I/O.
//!
//! Whoever runs it asks for the [next step](Appender::next_step), does it, and says how it went. There is one put at a time; records that are submitted meanwhile go together into the
//! next entry. A put that failed may have succeeded all the same, so it is done again with the same entry; if there is an entry with its number by then, that one is read, and its nonce says
//! whose it is. Another driver's means that this one is over, unless it has yet to take over: then it reads on and tries again.

use std::collections::VecDeque;

use super::{Entry, History, LogError, Record};

/// The most records of an entry.
const MOST_RECORDS: usize = 64;

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// Create this entry if there is none of its number; then [`Appender::created`], [`Appender::exists`] or, to try it again, nothing.
    Put(Entry),
}

/// How a driver stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It may append.
    Active,
    /// Another driver has taken over, in this term.
    Over(u64),
}

/// The log as one driver appends to it. It can't be cloned in the program, where that would be a mistake.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Appender {
    pub(super) history: History,
    pub(super) next: u64,
    pub(super) waiting: VecDeque<Record>,
    pub(super) put: Option<Entry>,
    /// Records submitted, and appended, so far.
    submitted: u64,
    appended: u64,
    pub(super) fate: Fate,
    /// What nonces begin with, which no other driver's do.
    name: String,
}

impl Appender {
    /// A driver that goes on from `history`, with the entry `next`, and takes over first. No other driver has this name.
    pub fn new(history: History, next: u64, name: String) -> Self {
        let term = history.term + 1;
        let (waiting, put, fate) = (VecDeque::new(), None, Fate::Active);
        let mut made = Self { history, next, waiting, put, submitted: 0, appended: 0, fate, name };
        // A term is always refused that isn't the next, and this one is.
        let _ = made.submit(Record::Term { term });
        made
    }

    /// What its records amount to, also those not appended yet.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What its records amount to, to be compacted.
    pub fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// Records appended so far.
    pub fn appended(&self) -> u64 {
        self.appended
    }

    /// The number of the entry that comes next.
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// How the driver stands.
    pub fn fate(&self) -> &Fate {
        &self.fate
    }

    /// A record is to be appended. It is once [`Appender::appended`] has reached the number that is returned.
    ///
    /// # Errors
    /// When it may not come next, or another driver has taken over.
    pub fn submit(&mut self, record: Record) -> Result<u64, LogError> {
        if let Fate::Over(term) = self.fate {
            return Err(over(&record, term));
        }
        self.history.apply(&record)?;
        self.waiting.push_back(record);
        self.submitted += 1;
        Ok(self.submitted)
    }

    /// What to do next.
    pub fn next_step(&mut self) -> Step {
        if self.fate != Fate::Active {
            return Step::Nothing;
        }
        if self.put.is_none() && !self.waiting.is_empty() {
            let mut n = self.waiting.len().min(MOST_RECORDS);
            // An entry from which the log can be read begins with what tells everything.
            if let Some(base) = self.waiting.iter().position(|record| matches!(record, Record::Base(_))) {
                n = n.min(if base == 0 { n } else { base });
            }
            let records: Vec<Record> = self.waiting.drain(..n).collect();
            let (number, term, nonce) = (self.next, self.history.term, format!("{}-{}", self.name, self.next));
            self.put = Some(Entry { version: Entry::version_of(&records), number, term, nonce, records });
        }
        self.put.clone().map_or(Step::Nothing, Step::Put)
    }

    /// The entry was created.
    pub fn created(&mut self) {
        if let Some(put) = self.put.take() {
            self.next += 1;
            self.appended += put.records.len() as u64;
        }
    }

    /// There is an entry of that number, which is this one.
    pub fn exists(&mut self, found: &Entry) {
        match &self.put {
            Some(put) if put.nonce == found.nonce => self.created(),
            _ => self.fate = Fate::Over(found.term),
        }
    }
}

/// What is said of a record that comes after another driver has taken over.
pub(super) fn over(record: &Record, term: u64) -> LogError {
    LogError { record: record.to_string(), reason: taken_over(term) }
}

/// What a driver says that another has taken over from.
pub fn taken_over(term: u64) -> String {
    format!("another driver has taken over the job, in term {term}; this one stops")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{done, plan, result};
    use super::*;

    fn put(appender: &mut Appender) -> Entry {
        match appender.next_step() {
            Step::Put(entry) => entry,
            step => panic!("{step:?}"),
        }
    }

    #[test]
    fn records_that_wait_go_together() {
        let mut log = Appender::new(History::default(), 1, "a".to_owned());
        let term = put(&mut log);
        assert_eq!((term.number, term.term, term.records.len()), (1, 1, 1));
        let tickets: Vec<_> = [plan(1), result(1), done(1)].map(|record| log.submit(record).unwrap()).into();
        assert_eq!(tickets, [2, 3, 4]);
        assert_eq!(put(&mut log), term, "one at a time, and the same again");
        log.created();
        assert_eq!(log.appended(), 1);
        let rest = put(&mut log);
        assert_eq!((rest.number, rest.records.len()), (2, 3));
        log.exists(&rest);
        assert_eq!((log.next_step(), log.appended(), log.fate()), (Step::Nothing, 4, &Fate::Active));
        assert!(log.submit(done(1)).is_err());
    }

    #[test]
    fn a_driver_is_over_when_another_has_its_entry() {
        let mut log = Appender::new(History::default(), 1, "a".to_owned());
        put(&mut log);
        log.created();
        log.submit(plan(1)).unwrap();
        let ours = put(&mut log);
        let theirs = Entry { term: 2, nonce: "b-2".to_owned(), records: vec![Record::Term { term: 2 }], ..ours };
        log.exists(&theirs);
        assert_eq!((log.next_step(), log.fate()), (Step::Nothing, &Fate::Over(2)));
        let error = log.submit(result(1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the batch log refused result(1): another driver has taken over the job, in term 2; this one stops"
        );
    }

    #[test]
    fn a_base_begins_an_entry() {
        let mut log = Appender::new(History::default(), 1, "a".to_owned());
        log.submit(plan(1)).unwrap();
        let base = log.history().clone();
        log.submit(Record::Base(Box::new(base))).unwrap();
        log.submit(plan(2)).unwrap();
        assert_eq!(put(&mut log).records.len(), 2);
        log.created();
        let with_base = put(&mut log);
        assert!(matches!(with_base.records[..], [Record::Base(_), Record::Plan(_)]), "{with_base:?}");
    }
}
