//! A model of drivers, their log, a plugin that is swapped, a job file that is applied and an output, whose steps are taken in every order: crashes between any two, puts that succeed and report failure, and two drivers at once.
//!
//! What the drivers decide by is what the program decides by: [`History`] and [`Appender`]. The rest is as little as can be: the store is a list of entries, of which one is created only if
//! none has its number; a batch's run is one step, that stages something that nobody has staged before; an output keeps what was committed. States that were seen are not gone into again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::testing::plan;
use super::{
    Appender, ApplyKind, ApplyRecord, Dropped, Entry, Fate, History, PlanRecord, Record, ResultRecord, Step, SwapKind,
    SwapRecord, Todo,
};
use crate::clock::BatchTime;
use crate::plugin::Digest;

/// Batches that are planned.
const BATCHES: i64 = 2;
/// The plugin that is swapped before the second of them, and its components.
const PLUGIN: &str = "p";
const FIRST: Digest = Digest([1; 32]);
const SECOND: Digest = Digest([2; 32]);
/// The job file that the job is started with, and the one that is applied to it before the second batch.
const FILED: Digest = Digest([3; 32]);
const APPLIED: Digest = Digest([4; 32]);

/// To the second component, or back to the first.
fn swap(history: &History, kind: SwapKind) -> Record {
    let fails = kind == SwapKind::Failure;
    let (from, to) = if fails { (SECOND, FIRST) } else { (FIRST, SECOND) };
    Record::Swap(SwapRecord {
        plugin: PLUGIN.to_owned(),
        from,
        to,
        filed: FIRST,
        after: history.planned,
        planned_too: fails,
        kind,
        time_ms: 0,
        by: String::new(),
        why: String::new(),
    })
}

/// The other job file.
fn apply(history: &History) -> Record {
    let (by, why) = Default::default();
    let (from, to, filed) = (Some(FILED), Some(APPLIED), Some(FILED));
    let (after, kind, changes, dropped) = (history.planned, ApplyKind::Applied, vec![], Dropped::default());
    Record::Apply(Box::new(ApplyRecord { from, to, filed, after, kind, changes, dropped, time_ms: 0, by, why }))
}

/// What happens to a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Move {
    /// The next step of what it does.
    Step(usize),
    /// Its put is carried out, and it is told that it failed.
    LoseAnswer(usize),
    /// Its put isn't carried out, and it is told so.
    Fail(usize),
    Crash(usize),
    Start(usize),
}

#[derive(Debug, Clone)]
struct World {
    entries: Vec<Entry>,
    /// What each batch's output shows: what was staged under that number.
    committed: BTreeMap<i64, u32>,
    /// Numbers given to what is staged.
    staged: u32,
    drivers: [Option<Driver>; 2],
    /// How often what still may happen.
    crashes: u32,
    faults: u32,
    starts: u32,
    /// Whether the plugin is swapped.
    swaps: bool,
    /// Whether another job file is applied.
    applies: bool,
}

/// A driver, between two steps.
#[derive(Debug, Clone)]
struct Driver {
    name: String,
    /// None until it has read the log.
    log: Option<Appender>,
    /// Has found an entry where it wanted to put one, and reads it next.
    reads: bool,
    has_taken_over: bool,
    doing: Doing,
}

#[derive(Debug, Clone, PartialEq)]
enum Doing {
    /// Looks what is to be done.
    Looking,
    /// Has staged a batch, and records it.
    Recording(ResultRecord),
    /// Commits what a result names.
    Committing(ResultRecord),
}

impl World {
    fn moves(&self) -> Vec<Move> {
        let mut moves = vec![];
        for (idx, driver) in self.drivers.iter().enumerate() {
            match driver {
                None if self.starts > 0 => moves.push(Move::Start(idx)),
                None => {}
                Some(driver) => {
                    if self.crashes > 0 {
                        moves.push(Move::Crash(idx));
                    }
                    if driver.is_over() {
                        continue;
                    }
                    moves.push(Move::Step(idx));
                    if self.faults > 0 && driver.puts() {
                        moves.extend([Move::LoseAnswer(idx), Move::Fail(idx)]);
                    }
                }
            }
        }
        moves
    }

    fn make(&mut self, of: Move) {
        match of {
            Move::Start(idx) => {
                self.starts -= 1;
                let name = format!("driver{}", self.starts);
                self.drivers[idx] =
                    Some(Driver { name, log: None, reads: false, has_taken_over: false, doing: Doing::Looking });
            }
            Move::Crash(idx) => {
                self.crashes -= 1;
                self.drivers[idx] = None;
            }
            Move::Fail(_) => self.faults -= 1,
            Move::LoseAnswer(idx) => {
                self.faults -= 1;
                let put = self.drivers[idx].as_mut().and_then(Driver::next_put);
                if let Some(entry) = put {
                    self.create(entry);
                }
            }
            Move::Step(idx) => {
                if let Some(mut driver) = self.drivers[idx].take() {
                    driver.step(self);
                    self.drivers[idx] = Some(driver);
                }
            }
        }
    }

    /// The one primitive that is assumed of a store.
    fn create(&mut self, entry: Entry) -> bool {
        let is_new = self.entries.len() as u64 + 1 == entry.number;
        if is_new {
            self.entries.push(entry);
        }
        is_new
    }

    /// What makes states the same, in few words: there are many.
    fn key(&self) -> u64 {
        let mut key = String::new();
        for Entry { term, nonce, records, .. } in &self.entries {
            let _ = write!(key, "|{term} {nonce}");
            records.iter().for_each(|record| in_words(&mut key, record));
        }
        let _ = write!(key, "{:?} {} {} {} {}", self.committed, self.staged, self.crashes, self.faults, self.starts);
        let mut drivers: Vec<String> = self.drivers.iter().flatten().map(Driver::key).collect();
        drivers.sort();
        let mut hasher = DefaultHasher::new();
        (key, drivers).hash(&mut hasher);
        hasher.finish()
    }

    fn check(&self) {
        let (mut codes, mut now, mut file) = (BTreeMap::new(), FIRST, FILED);
        let mut results = BTreeMap::new();
        let mut done = BTreeSet::new();
        let mut plans = BTreeSet::new();
        for record in self.entries.iter().flat_map(|entry| &entry.records) {
            match record {
                Record::Plan(plan) => {
                    assert!(plans.insert(plan.batch), "planned twice: {self:#?}");
                    assert_eq!(plan.plugins[PLUGIN], now, "planned with another component: {self:#?}");
                    assert_eq!(plan.graph, file.to_string(), "planned of another job file: {self:#?}");
                    codes.insert(plan.batch.0, now);
                }
                Record::Swap(swap) => {
                    assert_eq!(swap.from, now, "swapped twice: {self:#?}");
                    now = swap.to;
                    let again = codes.iter_mut().filter(|(batch, _)| swap.planned_too && !results.contains_key(*batch));
                    again.for_each(|(_, code)| *code = now);
                }
                Record::Apply(apply) => {
                    assert_eq!(apply.from, Some(file), "applied twice: {self:#?}");
                    assert!(plans.iter().all(|batch| done.contains(&batch.0)), "a batch is under way: {self:#?}");
                    file = APPLIED;
                }
                Record::Result(result) => {
                    assert_eq!(result.outputs[0].0, codes[&result.batch.0].to_string(), "another's code: {self:#?}");
                    assert_eq!(results.insert(result.batch.0, result.attempt), None, "two results: {self:#?}");
                }
                Record::Done { batch } => {
                    assert!(done.insert(batch.0), "done twice: {self:#?}");
                    assert_eq!(
                        self.committed.get(&batch.0),
                        results.get(&batch.0),
                        "done, and not committed: {self:#?}"
                    );
                }
                Record::Term { .. } | Record::Base(_) => {}
            }
        }
        for (batch, staged) in &self.committed {
            assert_eq!(results.get(batch), Some(staged), "what was committed isn't the result's: {self:#?}");
        }
        History::read(self.entries.iter().cloned()).expect("the log can always be read");
    }

    fn is_complete(&self) -> bool {
        self.committed.len() as i64 == BATCHES
    }
}

fn in_words(key: &mut String, record: &Record) {
    let _ = match record {
        Record::Result(result) => write!(key, " {record} {}", result.attempt),
        record => write!(key, " {record}"),
    };
}

impl Driver {
    fn key(&self) -> String {
        let doing = match &self.doing {
            Doing::Looking => (0, 0, 0),
            Doing::Recording(result) => (1, result.batch.0, result.attempt),
            Doing::Committing(result) => (2, result.batch.0, result.attempt),
        };
        let mut key = format!("{} {} {} {doing:?}", self.name, self.reads, self.has_taken_over);
        if let Some(log) = &self.log {
            let History { term, planned, done, unfinished, .. } = &log.history;
            let results = unfinished.iter().map(|of| of.result.as_ref().map(|result| result.attempt));
            let results: Vec<_> = results.collect();
            let _ = write!(key, " {} {}", log.history.swaps.len(), log.history.applies.len());
            let _ = write!(key, " {term} {planned:?} {done:?} {results:?} {} {:?}", log.next, log.fate);
            log.waiting.iter().for_each(|record| in_words(&mut key, record));
            key.push('/');
            log.put.iter().flat_map(|put| &put.records).for_each(|record| in_words(&mut key, record));
        }
        key
    }

    fn is_over(&self) -> bool {
        // One that has yet to take over reads on.
        self.has_taken_over && self.log.as_ref().is_some_and(|log| *log.fate() != Fate::Active)
    }

    fn next_put(&mut self) -> Option<Entry> {
        match self.log.as_mut()?.next_step() {
            Step::Put(entry) if !self.reads => Some(entry),
            _ => None,
        }
    }

    fn puts(&self) -> bool {
        self.clone().next_put().is_some()
    }

    fn step(&mut self, world: &mut World) {
        let Some(log) = &mut self.log else {
            let (history, next) = History::read(world.entries.iter().cloned()).expect("the log can always be read");
            self.log = Some(Appender::new(history, next, self.name.clone()));
            return;
        };
        if let Step::Put(entry) = log.next_step() {
            if self.reads {
                self.reads = false;
                log.exists(&world.entries[entry.number as usize - 1]);
                if *log.fate() != Fate::Active && !self.has_taken_over {
                    // It starts anew, from the log as it is now. Its nonces may not be used for anything else.
                    self.name.push('\'');
                    self.log = None;
                }
            } else if world.create(entry) {
                log.created();
            } else {
                self.reads = true;
            }
            return;
        }
        self.has_taken_over = true;
        self.doing = match std::mem::replace(&mut self.doing, Doing::Looking) {
            Doing::Looking => match log.history().todo().into_iter().next() {
                Some(Todo::Commit(_, result)) => Doing::Committing(result),
                // The second batch fails with the second component, and the job goes back to the first.
                Some(Todo::Run(of)) if of.plugins[PLUGIN] == SECOND => {
                    log.submit(swap(log.history(), SwapKind::Failure)).expect("the plugin is the second component");
                    Doing::Looking
                }
                Some(Todo::Run(of)) => {
                    world.staged += 1;
                    let Record::Result(result) = super::testing::result(of.batch.0) else { unreachable!() };
                    let outputs = vec![(of.plugins[PLUGIN].to_string(), vec![])];
                    Doing::Recording(ResultRecord { attempt: world.staged, outputs, ..result })
                }
                None => {
                    let next = log.history().planned.map_or(1, |planned| planned.0 + 1);
                    let now = log.history().components.get(PLUGIN).map(|now| now.digest);
                    if world.swaps && next == BATCHES && now.is_none() {
                        log.submit(swap(log.history(), SwapKind::Swap)).expect("the plugin is the first component");
                    } else if world.applies && next == BATCHES && log.history().applied.is_none() {
                        log.submit(apply(log.history())).expect("the job file is the first");
                    } else if next <= BATCHES {
                        let Record::Plan(plan) = plan(next) else { unreachable!() };
                        let plugins = [(PLUGIN.to_owned(), now.unwrap_or(FIRST))].into();
                        let graph = log.history().applied.map_or(FILED, |applied| applied.digest).to_string();
                        log.submit(Record::Plan(PlanRecord { plugins, graph, ..plan })).expect("the next batch");
                    }
                    Doing::Looking
                }
            },
            Doing::Recording(result) => {
                log.submit(Record::Result(result.clone())).expect("the first batch without a result");
                Doing::Committing(result)
            }
            Doing::Committing(result) => {
                world.committed.insert(result.batch.0, result.attempt);
                let base = Record::Base(Box::new(log.history().clone()));
                log.submit(Record::Done { batch: BatchTime(result.batch.0) }).expect("it has a result");
                if result.batch.0 == 1 {
                    let _ = base;
                    log.submit(Record::Base(Box::new(log.history().clone()))).expect("of this term");
                }
                Doing::Looking
            }
        };
    }
}

/// Take all moves in every order. Returns how many states there are, and how many of them are complete.
fn explore(first: World) -> (usize, usize) {
    let mut seen = HashSet::new();
    let mut open = vec![first];
    let mut complete = 0;
    while let Some(world) = open.pop() {
        if !seen.insert(world.key()) {
            continue;
        }
        world.check();
        let moves = world.moves();
        complete += usize::from(world.is_complete());
        for of in moves {
            let mut next = world.clone();
            next.make(of);
            open.push(next);
        }
    }
    (seen.len(), complete)
}

fn world(crashes: u32, faults: u32, starts: u32, (swaps, applies): (bool, bool)) -> World {
    let (entries, committed, drivers) = Default::default();
    World { entries, committed, staged: 0, drivers, crashes, faults, starts, swaps, applies }
}

/// What changes before the second batch: the plugin, or the job file.
const NONE: (bool, bool) = (false, false);
const SWAPS: (bool, bool) = (true, false);
const APPLIES: (bool, bool) = (false, true);

#[test]
fn no_order_of_crashes_and_faults_loses_or_repeats_a_batch() {
    for (crashes, faults, starts, changes) in [
        (2, 0, 3, NONE),
        (1, 1, 2, NONE),
        (0, 2, 2, NONE),
        (1, 0, 2, SWAPS),
        (0, 1, 2, SWAPS),
        (1, 0, 2, APPLIES),
        (0, 1, 2, APPLIES),
    ] {
        let (states, complete) = explore(world(crashes, faults, starts, changes));
        assert!(complete > 0 && states > 100, "{states} states, {complete} complete");
    }
}

#[test]
fn a_driver_that_is_left_alone_completes_from_any_state() {
    let mut seen = HashSet::new();
    let mut open = vec![world(1, 1, 2, SWAPS), world(1, 1, 2, APPLIES)];
    while let Some(world) = open.pop() {
        if !seen.insert(world.key()) {
            continue;
        }
        let mut alone = world.clone();
        (alone.drivers, alone.starts) = ([None, None], 1);
        alone.make(Move::Start(0));
        for _ in 0..200 {
            alone.make(Move::Step(0));
        }
        alone.check();
        assert!(alone.is_complete(), "it doesn't get on: {alone:#?}");
        for of in world.moves() {
            let mut next = world.clone();
            next.make(of);
            open.push(next);
        }
    }
}
