//! What the records of the log amount to: where the job stands, and what is to be done first by whoever goes on with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    AppliedFile, ApplyRecord, DatasetFile, Entry, LogError, PlanRecord, Record, ResultRecord, StateFile, SwapRecord,
};
use crate::clock::BatchTime;
use crate::plugin::Digest;
use crate::receiver::InputRange;

/// Where a job stands, by its records so far. Plain data, which stands in the log itself as [`Record::Base`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The term of the last driver that took over; 0 where none has.
    pub term: u64,
    /// The last batch planned.
    pub planned: Option<BatchTime>,
    /// The last batch done.
    pub done: Option<BatchTime>,
    /// Batches planned and not done, in order.
    pub unfinished: Vec<Unfinished>,
    /// The latest event times, by stream.
    pub event_times: BTreeMap<Arc<str>, i64>,
    /// What sources have given, by stream.
    pub sources: BTreeMap<String, SourceHistory>,
    /// The files that make up each stream's keyed state, by stream.
    pub states: BTreeMap<Arc<str>, StateHistory>,
    /// Datasets that batches to come may read, by stream and in the order of batches.
    pub datasets: BTreeMap<Arc<str>, Vec<DatasetFile>>,
    /// Plugins that were swapped, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<String, Swapped>,
    /// The last swaps, at most [`History::SWAPS`], oldest first.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub swaps: VecDeque<SwapRecord>,
    /// The job file that was applied and counts, if it isn't the one that the job was started with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<AppliedFile>,
    /// The last job files that were applied, at most [`History::APPLIES`], oldest first.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub applies: VecDeque<ApplyRecord>,
    /// From one batch time to the next when the last batch was planned, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
}

/// What a plugin that was swapped is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swapped {
    /// The component that batches are planned with.
    pub digest: Digest,
    /// The component that the job file named then.
    pub filed: Digest,
}

/// A batch that is planned and not done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unfinished {
    /// What it reads.
    pub plan: PlanRecord,
    /// What it made, once that is decided.
    pub result: Option<ResultRecord>,
}

/// What a source has given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceHistory {
    /// How it stood when the log was compacted last, as hexadecimal digits.
    pub standing: Option<String>,
    /// What it has given to batches since, in their order, and what those read that aren't done.
    pub given: Vec<Given>,
}

/// What a source gave to one batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The batch.
    pub batch: BatchTime,
    /// What it reads.
    pub range: InputRange,
    /// Whether `standing` is of a later time.
    pub in_standing: bool,
}

/// The files of a stream's state, in the order of batches: for each key group, the last that has it whole, and all after.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StateHistory {
    /// The files.
    pub files: Vec<StateFile>,
}

impl StateHistory {
    fn push(&mut self, file: StateFile) {
        let n_groups = file.shape.key_groups as usize;
        self.files.push(file);
        let mut covered: BTreeSet<u32> = BTreeSet::new();
        let whole = |file: &StateFile| file.whole.iter().flat_map(|(first, last)| *first..=*last).collect::<Vec<_>>();
        let first = self.files.iter().rposition(|file| {
            covered.extend(whole(file));
            covered.len() >= n_groups
        });
        if let Some(first) = first {
            self.files.drain(..first);
        }
    }
}

/// What a driver that has taken over does first, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Todo {
    /// Commit what the result names, then record that the batch is done.
    Commit(PlanRecord, ResultRecord),
    /// Run the batch.
    Run(PlanRecord),
}

impl History {
    /// Swaps that are remembered.
    pub const SWAPS: usize = 256;

    /// What all entries of a log amount to, and the number of the next. Those before the first that tells everything are passed over, and so are those before
    /// one that is missing, if a later one tells everything.
    ///
    /// # Errors
    /// When an entry is missing, or isn't one that could come next.
    pub fn read(entries: impl IntoIterator<Item = Entry>) -> Result<(Self, u64), LogError> {
        let (mut history, mut next, mut missing) = (None::<Self>, None::<u64>, None::<(u64, u64)>);
        for entry in entries {
            let wrong = |reason: String| LogError { record: format!("entry {}", entry.number), reason };
            if let Some(next) = next.filter(|next| *next != entry.number) {
                // Of those that were removed some may be back after a power failure. They are older than one that tells everything.
                (history, missing) = (None, Some((next, entry.number)));
            }
            if entry.version > Entry::VERSION {
                let reason = format!(
                    "it has version {}, and this program reads up to {}: run a newer one",
                    entry.version,
                    Entry::VERSION
                );
                return Err(wrong(reason));
            }
            next = Some(entry.number + 1);
            if history.is_none() && (entry.number == 1 || matches!(entry.records.first(), Some(Record::Base(_)))) {
                history = Some(Self::default());
            }
            if let Some(history) = &mut history {
                history.apply_entry(&entry).map_err(|error| wrong(format!("{}: {}", error.record, error.reason)))?;
            }
        }
        if let (None, Some((number, before))) = (&history, missing) {
            let reason = format!("entry {number} is missing before it");
            return Err(LogError { record: format!("entry {before}"), reason });
        }
        match (history, next) {
            (Some(history), Some(next)) => Ok((history, next)),
            (None, Some(next)) => {
                let reason = "its beginning is missing, and no entry tells everything that counts".to_owned();
                Err(LogError { record: format!("entry {}", next - 1), reason })
            }
            _ => Ok((Self::default(), 1)),
        }
    }

    fn apply_entry(&mut self, entry: &Entry) -> Result<(), LogError> {
        let is_base = matches!(entry.records.first(), Some(Record::Base(_)));
        let term = match entry.records.first() {
            Some(Record::Term { term }) => *term,
            _ if is_base => entry.term,
            _ => self.term,
        };
        if entry.term != term {
            let reason = format!("it is of term {}, in term {}", entry.term, self.term);
            return Err(LogError { record: "an entry".to_owned(), reason });
        }
        entry.records.iter().try_for_each(|record| self.apply(record))
    }

    /// A record was appended.
    ///
    /// # Errors
    /// When it may not come next; nothing has changed then.
    pub fn apply(&mut self, record: &Record) -> Result<(), LogError> {
        let refuse = |reason: &str| Err(LogError { record: record.to_string(), reason: reason.to_owned() });
        match record {
            Record::Term { term } => {
                if *term != self.term + 1 {
                    return refuse("it isn't one more than the term before");
                }
                self.term = *term;
            }
            Record::Base(base) => {
                if self.term > base.term {
                    return refuse("it is of an earlier term");
                }
                *self = (**base).clone();
            }
            Record::Plan(plan) => {
                if self.planned.is_some_and(|planned| plan.batch <= planned) {
                    return refuse("a later batch is planned already");
                }
                self.planned = Some(plan.batch);
                self.interval_ms = plan.interval_ms.or(self.interval_ms);
                for (source, range) in &plan.inputs {
                    let given = Given { batch: plan.batch, range: range.clone(), in_standing: false };
                    self.sources.entry(source.clone()).or_default().given.push(given);
                }
                self.unfinished.push(Unfinished { plan: plan.clone(), result: None });
            }
            Record::Result(result) => {
                let first = self.unfinished.first_mut();
                let Some(first) = first.filter(|first| first.plan.batch == result.batch && first.result.is_none())
                else {
                    return refuse("it isn't the oldest batch that is planned and has no result");
                };
                first.result = Some(result.clone());
                for (stream, time) in &result.event_times {
                    let latest = self.event_times.entry(stream.clone()).or_insert(*time);
                    *latest = (*latest).max(*time);
                }
                for file in &result.state {
                    self.states.entry(file.stream.clone()).or_default().push(file.clone());
                }
                for file in &result.datasets {
                    self.datasets.entry(file.stream.clone()).or_default().push(file.clone());
                }
                for (stream, over) in &result.over {
                    if let Some(files) = self.datasets.get_mut(stream) {
                        files.retain(|file| file.batch > *over);
                    }
                }
                self.datasets.retain(|_, files| !files.is_empty());
            }
            Record::Swap(swap) => {
                if swap.after != self.planned {
                    return refuse("another batch was planned last");
                }
                let now = self.components.get(&swap.plugin).map(|now| now.digest);
                if now.is_some_and(|now| now != swap.from) {
                    return refuse("the plugin is another component");
                }
                self.components.insert(swap.plugin.clone(), Swapped { digest: swap.to, filed: swap.filed });
                if swap.planned_too {
                    for unfinished in self.unfinished.iter_mut().filter(|unfinished| unfinished.result.is_none()) {
                        unfinished.plan.plugins.insert(swap.plugin.clone(), swap.to);
                    }
                }
                if self.swaps.len() >= Self::SWAPS {
                    self.swaps.pop_front();
                }
                self.swaps.push_back(swap.clone());
            }
            Record::Apply(record) => {
                if let Err(reason) = self.apply_file(record) {
                    return refuse(reason);
                }
            }
            Record::Done { batch } => {
                let first = self.unfinished.first();
                if !first.is_some_and(|first| first.plan.batch == *batch && first.result.is_some()) {
                    return refuse("it isn't the oldest batch that isn't done, or has no result");
                }
                self.unfinished.remove(0);
                self.done = Some(*batch);
            }
        }
        Ok(())
    }

    /// What sources were given is known to be in how they stand now, but for what batches that aren't done have to read.
    pub fn forget_given(&mut self, standing: BTreeMap<String, Vec<u8>>) {
        let done = self.done;
        for source in self.sources.values_mut() {
            source.standing = None;
            source.given.iter_mut().for_each(|given| given.in_standing = true);
            source.given.retain(|given| done.is_none_or(|done| given.batch > done));
        }
        for (source, standing) in standing {
            let hex = standing.iter().map(|byte| format!("{byte:02x}")).collect();
            self.sources.entry(source).or_default().standing = Some(hex);
        }
        self.sources.retain(|_, source| source.standing.is_some() || !source.given.is_empty());
    }

    /// What is to be done first by a driver that goes on from here.
    pub fn todo(&self) -> Vec<Todo> {
        let todo = |unfinished: &Unfinished| match unfinished.result.clone() {
            Some(result) => Todo::Commit(unfinished.plan.clone(), result),
            None => Todo::Run(unfinished.plan.clone()),
        };
        self.unfinished.iter().map(todo).collect()
    }

    /// All files of the checkpoint that are needed to go on from here.
    pub fn files(&self) -> BTreeSet<&str> {
        let of_results = self.unfinished.iter().filter_map(|unfinished| unfinished.result.as_ref());
        let of_results = of_results.flat_map(|result| {
            result
                .state
                .iter()
                .map(|file| file.path.as_str())
                .chain(result.datasets.iter().map(|file| file.path.as_str()))
        });
        let states = self.states.values().flat_map(|state| &state.files).map(|file| file.path.as_str());
        let datasets = self.datasets.values().flatten().map(|file| file.path.as_str());
        states.chain(datasets).chain(of_results).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::StateShape;
    use super::super::testing::{done, plan, result};
    use super::*;

    fn entry(number: u64, term: u64, records: Vec<Record>) -> Entry {
        Entry { version: 1, number, term, nonce: String::new(), records }
    }

    #[test]
    fn a_log_is_read_from_its_base() {
        let first = [
            entry(1, 1, vec![Record::Term { term: 1 }]),
            entry(2, 1, vec![plan(1)]),
            entry(3, 1, vec![result(1), done(1)]),
        ];
        let (history, next) = History::read(first.clone()).unwrap();
        assert_eq!((next, history.done, history.unfinished.len()), (4, Some(BatchTime(1)), 0));
        let base = entry(4, 1, vec![Record::Base(Box::new(history.clone()))]);
        let last = entry(5, 1, vec![plan(2)]);
        let (whole, _) = History::read(first.iter().chain([&base, &last]).cloned()).unwrap();
        for from in 1..4 {
            let (rest, next) = History::read(first[from..].iter().chain([&base, &last]).cloned()).unwrap();
            assert_eq!((next, &rest), (6, &whole));
        }
        let back = [&first[0], &first[2], &base, &last].into_iter().cloned();
        assert_eq!(
            History::read(back).unwrap(),
            (whole.clone(), 6),
            "the first is back after a power failure, the second isn't"
        );
        assert_eq!(whole.todo().len(), 1);
        let error = History::read([base.clone(), entry(6, 1, vec![])]).unwrap_err();
        assert!(error.reason.contains("entry 5 is missing before it"), "{error}");
        let error = History::read(first[1..].to_vec()).unwrap_err();
        assert!(error.reason.contains("no entry tells everything"), "{error}");
        let error = History::read([first[0].clone(), first[2].clone()]).unwrap_err();
        assert!(error.reason.contains("entry 2 is missing before it"), "{error}");
        let error = History::read([first[0].clone(), entry(2, 2, vec![plan(1)])]).unwrap_err();
        assert!(error.reason.contains("of term 2, in term 1"), "{error}");
        let newer = Entry { version: Entry::VERSION + 1, ..first[0].clone() };
        assert!(History::read([newer]).unwrap_err().reason.contains("run a newer one"));
    }

    /// An entry as version 1 writes it, with everything that can be in one: later versions read it, too.
    #[test]
    fn entries_of_an_earlier_version_are_read() {
        let text = include_str!("testdata/entries-1.json");
        let entries: Vec<Entry> = serde_json::from_str(text).unwrap();
        let (history, next) = History::read(entries.clone()).unwrap();
        assert_eq!(
            (next, history.term, history.done, history.planned),
            (9, 2, Some(BatchTime(2000)), Some(BatchTime(4000)))
        );
        assert_eq!(history.sources["lines"].standing.as_deref(), Some("0aff"));
        assert_eq!(history.sources["lines"].given.len(), 3);
        let [Todo::Commit(_, result), Todo::Run(plan)] = &history.todo()[..] else { panic!("{:?}", history.todo()) };
        assert_eq!((result.outputs[0].1[0].rows, plan.inputs.len()), (3, 3));
        assert_eq!(
            history.files().into_iter().collect::<Vec<_>>(),
            ["datasets/words/3000-2-0", "state/counts/3000-2-0"]
        );
        // What is written is what was read: nothing in it is passed over.
        assert_eq!(serde_json::to_value(&entries).unwrap(), serde_json::from_str::<serde_json::Value>(text).unwrap());
    }

    #[test]
    fn state_files_are_needed_until_all_key_groups_are_whole_in_later_ones() {
        let mut state = StateHistory::default();
        let file = |batch: i64, whole: &[(u32, u32)]| StateFile {
            stream: "s".into(),
            batch: BatchTime(batch),
            path: batch.to_string(),
            bytes: 1,
            shape: StateShape { version: 1, keys: vec![], state: vec![], key_groups: 4 },
            whole: whole.to_vec(),
        };
        let mut push = |batch, whole: &[(u32, u32)]| {
            state.push(file(batch, whole));
            state.files.iter().map(|file| file.batch.0).collect::<Vec<_>>()
        };
        assert_eq!(push(1, &[]), [1]);
        assert_eq!(push(2, &[(0, 1)]), [1, 2]);
        assert_eq!(push(3, &[(2, 2)]), [1, 2, 3]);
        assert_eq!(push(4, &[(3, 3), (0, 0)]), [2, 3, 4]);
        assert_eq!(push(5, &[(1, 1)]), [3, 4, 5]);
        assert_eq!(push(6, &[(0, 3)]), [6]);
    }
}
