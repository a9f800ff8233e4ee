//! The batch log on an object store: an object per entry, `log/NUMBER.json`, created only if there is none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;

use super::fault_point::{FaultPoint, fault_point, long_log};
use super::store::{Created, Store};
use crate::batch::log::{Appender, BatchLog, Compacted, Entry, Fate, History, LogError, Record, Step};
use crate::clock::{BatchTime, Clock, Stopwatch};
use crate::plugin::Digest;

const FOLDER: &str = "log";
/// How often an entry is tried to be put.
const MAX_TRIES: u32 = 6;
/// How often a driver tries to take over: one that lives may append meanwhile, and each of its entries come before the term.
const TAKE_OVER_TRIES: u32 = 1000;
/// The first pause before a put that failed is tried again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(50);
/// After so many entries what counts is put together.
const LONG: u64 = 256;
/// After so long without an entry, other drivers may have written, and removed, enough to free its next number: no driver compacts its log twice in less.
const PAUSED: Duration = Duration::from_millis(200);
/// Entries read at once.
const READS: usize = 16;

/// A log on an object store.
#[derive(Debug)]
pub struct CheckpointLog {
    store: Store,
    clock: Arc<dyn Clock>,
    /// How long what is done can be looked at.
    retain: Duration,
    inner: Mutex<Inner>,
    /// Held by whoever puts.
    putting: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Inner {
    appender: Option<Appender>,
    /// The entries that are there, by number, with the latest batch they are of.
    entries: BTreeMap<u64, Option<BatchTime>>,
    /// The entries that tell everything, with the last batch that is done in each.
    bases: Vec<(u64, Option<BatchTime>)>,
    /// The components that entries name, each with the last that does.
    components: BTreeMap<Digest, u64>,
    /// Since the last entry was put.
    last: Option<Stopwatch>,
}

impl CheckpointLog {
    /// The log of a checkpoint, in which entries of batches are kept for `retain` after they are done.
    pub fn new(store: Store, clock: Arc<dyn Clock>, retain: Duration) -> Self {
        Self { store, clock, retain, inner: Mutex::default(), putting: tokio::sync::Mutex::default() }
    }

    /// What its entries amount to, without taking over, and the number of the next.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn look(&self) -> Result<(History, u64), LogError> {
        History::read(self.entries().await?)
    }

    /// The entries that are there, in their order.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn entries(&self) -> Result<Vec<Entry>, LogError> {
        let failed = |error: super::StoreError| LogError { record: "to be read".to_owned(), reason: error.to_string() };
        let listed = self.store.list(FOLDER).await.map_err(failed)?;
        let read = futures::stream::iter(listed).map(|object| async move {
            // One that is gone meanwhile was told by a later one.
            let Some(bytes) = self.store.get(&object.path).await.map_err(failed)? else { return Ok(None) };
            self.parse(&object.path, &bytes).map(Some)
        });
        let read: Vec<Option<Entry>> = read.buffered(READS).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// The entries that have come after that of this number, as many as a log has before it is compacted: each is asked for, since a driver that appends all the time is ahead of whoever has a long log listed.
    async fn newer(&self, last: u64) -> Result<Vec<Entry>, LogError> {
        let failed = |error: super::StoreError| LogError { record: "to be read".to_owned(), reason: error.to_string() };
        let mut newer = vec![];
        for number in last + 1..=last + LONG {
            let path = path_of(number);
            let Some(bytes) = self.store.get(&path).await.map_err(failed)? else { break };
            newer.push(self.parse(&path, &bytes)?);
        }
        Ok(newer)
    }

    fn parse(&self, path: &str, bytes: &[u8]) -> Result<Entry, LogError> {
        // The version is looked at by whoever takes the entry; what isn't known to it is no error of this one.
        let entry: Entry = serde_json::from_slice(bytes).map_err(|error| LogError {
            record: format!("to be read: {}/{path}", self.store.url()),
            reason: error.to_string(),
        })?;
        if path_of(entry.number) != path {
            let reason = format!("it says that it is entry {}", entry.number);
            return Err(LogError { record: format!("to be read: {}/{path}", self.store.url()), reason });
        }
        Ok(entry)
    }

    /// Put entries until `ticket` is appended.
    async fn put_up_to(&self, ticket: u64, record: &Record) -> Result<(), LogError> {
        loop {
            let _turn = self.putting.lock().await;
            let step = {
                let mut inner = self.inner.lock();
                let Some(appender) = &mut inner.appender else { return Err(not_taken_over(record)) };
                if appender.appended() >= ticket {
                    return Ok(());
                }
                if let Fate::Over(term) = *appender.fate() {
                    let reason = format!("another driver has taken over the job, in term {term}; this one stops");
                    return Err(LogError { record: record.to_string(), reason });
                }
                appender.next_step()
            };
            let Step::Put(entry) = step else { return Ok(()) };
            self.put(entry).await?;
        }
    }

    /// Put an entry, or find out whose is there.
    async fn put(&self, entry: Entry) -> Result<(), LogError> {
        let names: Vec<String> = entry.records.iter().map(ToString::to_string).collect();
        let failed = |reason: String| LogError { record: names.join(", "), reason };
        let path = path_of(entry.number);
        let bytes = Bytes::from(serde_json::to_vec(&entry).map_err(|error| failed(error.to_string()))?);
        entry.records.iter().for_each(|record| fault_point(before(record)));
        let mut tries = 0;
        let created = loop {
            tries += 1;
            let error = match self.store.create(&path, bytes.clone()).await {
                Ok(created) => break created,
                Err(error) => error,
            };
            if tries == MAX_TRIES {
                return Err(failed(error.to_string()));
            }
            tracing::warn!(target: "sluicebox::checkpoint", %error, tries, "the batch log could not be written, and is tried again");
            self.clock.pause(PAUSE * 2_u32.pow(tries - 1)).await;
        };
        let found = match created {
            Created::New => {
                entry.records.iter().for_each(|record| fault_point(after(record)));
                self.is_still_there(&entry).await?;
                None
            }
            Created::Exists => {
                let bytes = self.store.get(&path).await.map_err(|error| failed(error.to_string()))?;
                let bytes =
                    bytes.ok_or_else(|| failed(format!("{}/{path} was there, and is gone", self.store.url())))?;
                Some(self.parse(&path, &bytes)?)
            }
        };
        let mut inner = self.inner.lock();
        let Inner { appender: Some(appender), entries, bases, components, .. } = &mut *inner else { return Ok(()) };
        match found {
            None => appender.created(),
            Some(found) => appender.exists(&found),
        }
        if *appender.fate() == Fate::Active {
            if let Some(Record::Base(base)) = entry.records.first() {
                bases.push((entry.number, base.done));
            }
            entries.insert(entry.number, latest(&entry));
            components.extend(components_of(&entry).map(|digest| (digest, entry.number)));
        }
        Ok(())
    }

    /// See that an entry that was created is the log's next, where much time has passed since the one before: other drivers may have come since, whose entries have been removed, so that
    /// its number was free again. Entries are removed in the order of their numbers, so the one before is gone then.
    async fn is_still_there(&self, entry: &Entry) -> Result<(), LogError> {
        let paused = self.inner.lock().last.replace(Stopwatch::start());
        if entry.number == 1 || paused.is_some_and(|paused| paused.elapsed() < PAUSED) {
            return Ok(());
        }
        let failed =
            |error: super::StoreError| LogError { record: "its last entry".to_owned(), reason: error.to_string() };
        if self.store.get(&path_of(entry.number - 1)).await.map_err(failed)?.is_some() {
            return Ok(());
        }
        self.store.delete(&path_of(entry.number)).await.map_err(failed)?;
        let names: Vec<String> = entry.records.iter().map(ToString::to_string).collect();
        let reason = "other drivers have taken over the job long ago; this one stops".to_owned();
        Err(LogError { record: names.join(", "), reason })
    }

    fn submit(&self, record: Record) -> Result<u64, LogError> {
        let mut inner = self.inner.lock();
        match &mut inner.appender {
            Some(appender) => appender.submit(record),
            None => Err(not_taken_over(&record)),
        }
    }

    /// What counted before the first batch that is retained; nothing where no entry tells.
    async fn earliest(&self, base: &History) -> History {
        let number = {
            let inner = self.inner.lock();
            base.done.and_then(|done| inner.earliest(done.before(self.retain)))
        };
        let Some(number) = number else { return History::default() };
        let path = path_of(number);
        let read = self.store.get(&path).await.ok().flatten().and_then(|bytes| self.parse(&path, &bytes).ok());
        match read.and_then(|entry| entry.records.into_iter().next()) {
            Some(Record::Base(earliest)) => *earliest,
            _ => {
                tracing::warn!(target: "sluicebox::checkpoint", entry = path, "what counted before the batches that are retained can't be read: nothing is removed");
                History::default()
            }
        }
    }

    /// Remove entries that nobody needs any more: those before the last but one that tells everything, of batches that are done for longer than they are retained. So a
    /// driver that reads the log meanwhile finds one that tells everything.
    async fn trim(&self) {
        let over: Vec<u64> = {
            let mut inner = self.inner.lock();
            let Some(done) = inner.appender.as_ref().and_then(|appender| appender.history().done) else { return };
            let keep = done.before(self.retain);
            let Some((base, _)) = inner.bases.iter().rev().nth(1).copied() else { return };
            // Batches that are retained are run again from one that tells what counted before them.
            let Some(earliest) = inner.earliest(keep) else { return };
            let before = inner.entries.range(..base.min(earliest));
            let over: Vec<u64> =
                before.take_while(|(_, of)| of.is_none_or(|of| of <= keep)).map(|(number, _)| *number).collect();
            inner.entries.retain(|number, _| !over.contains(number));
            if let Some(last) = over.last() {
                inner.bases.retain(|(base, _)| base > last);
                inner.components.retain(|_, named| *named > *last);
            }
            over
        };
        for number in over {
            fault_point(FaultPoint::TrimBefore);
            if let Err(error) = self.store.delete(&path_of(number)).await {
                tracing::warn!(target: "sluicebox::checkpoint", %error, "an old entry of the batch log can't be removed");
            }
        }
    }
}

impl Inner {
    /// The last entry that tells everything before a batch after `keep`.
    fn earliest(&self, keep: BatchTime) -> Option<u64> {
        let before = |(_, done): &&(u64, Option<BatchTime>)| done.is_none_or(|done| done <= keep);
        self.bases.iter().rev().find(before).map(|(number, _)| *number)
    }
}

#[async_trait::async_trait]
impl BatchLog for CheckpointLog {
    async fn take_over(&self) -> Result<History, LogError> {
        let mut overtaken_by = 0;
        let (mut known, mut bases, mut components) = (BTreeMap::new(), vec![], BTreeMap::new());
        // The last that tells everything, and all after.
        let mut entries: Vec<Entry> = vec![];
        for _ in 0..TAKE_OVER_TRIES {
            // Only what is new is read again.
            let read = match entries.last() {
                Some(last) => self.newer(last.number).await?,
                None => self.entries().await?,
            };
            for entry in read {
                known.insert(entry.number, latest(&entry));
                components.extend(components_of(&entry).map(|digest| (digest, entry.number)));
                if let Some(Record::Base(base)) = entry.records.first() {
                    bases.push((entry.number, base.done));
                    entries.clear();
                }
                entries.push(entry);
            }
            let (history, next) = History::read(entries.iter().cloned())?;
            let before = history.clone();
            let appender = Appender::new(
                history,
                next,
                nonce().map_err(|reason| LogError { record: "a term".to_owned(), reason })?,
            );
            {
                let mut inner = self.inner.lock();
                inner.entries = known.clone();
                inner.bases = bases.clone();
                inner.components = components.clone();
                inner.appender = Some(appender);
            }
            self.put_up_to(1, &Record::Term { term: before.term + 1 }).await.or_else(|error| match self.fate() {
                Some(Fate::Over(_)) => Ok(()),
                _ => Err(error),
            })?;
            match self.fate() {
                Some(Fate::Over(term)) => overtaken_by = term,
                _ => return Ok(History { term: before.term + 1, ..before }),
            }
        }
        let reason = format!(
            "entries of other drivers, the last of term {overtaken_by}, came before it {TAKE_OVER_TRIES} times: see that no more than one other driver runs, or stop it"
        );
        Err(LogError { record: "a term".to_owned(), reason })
    }

    async fn append(&self, record: Record) -> Result<(), LogError> {
        let ticket = self.submit(record.clone())?;
        self.put_up_to(ticket, &record).await
    }

    async fn compact(&self, standing: BTreeMap<String, Vec<u8>>) -> Result<Option<Compacted>, LogError> {
        // Under one lock: a record that came between would count for nothing.
        let (ticket, base) = {
            let mut inner = self.inner.lock();
            let Some(appender) = &mut inner.appender else { return Ok(None) };
            appender.history_mut().forget_given(standing);
            let base = appender.history().clone();
            (appender.submit(Record::Base(Box::new(base.clone())))?, base)
        };
        self.put_up_to(ticket, &Record::Base(Box::default())).await?;
        self.trim().await;
        let earliest = self.earliest(&base).await;
        Ok(Some(Compacted { base, earliest }))
    }

    fn is_long(&self) -> bool {
        let inner = self.inner.lock();
        let last = inner.bases.last().map_or(0, |(base, _)| *base);
        inner.appender.as_ref().is_some_and(|appender| appender.next_number() > last + long_log(LONG))
    }

    fn components(&self) -> Vec<Digest> {
        self.inner.lock().components.keys().copied().collect()
    }

    async fn read(&self) -> Result<Vec<Record>, LogError> {
        Ok(self.entries().await?.into_iter().flat_map(|entry| entry.records).collect())
    }

    async fn overtaken(&self) -> Option<u64> {
        let own = self.inner.lock().appender.as_ref()?.history().term;
        // A log that can't be read tells nothing.
        let (history, _) = self.look().await.ok()?;
        (history.term > own).then_some(history.term)
    }
}

impl CheckpointLog {
    fn fate(&self) -> Option<Fate> {
        self.inner.lock().appender.as_ref().map(|appender| appender.fate().clone())
    }
}

fn path_of(number: u64) -> String {
    format!("{FOLDER}/{number:020}.json")
}

fn before(record: &Record) -> FaultPoint {
    match record {
        Record::Term { .. } => FaultPoint::TermBefore,
        Record::Plan(_) => FaultPoint::PlanBefore,
        Record::Result(_) => FaultPoint::ResultBefore,
        Record::Done { .. } => FaultPoint::DoneBefore,
        Record::Swap(_) => FaultPoint::SwapBefore,
        Record::Apply(_) => FaultPoint::ApplyBefore,
        Record::Base(_) => FaultPoint::BaseBefore,
    }
}

fn after(record: &Record) -> FaultPoint {
    match record {
        Record::Term { .. } => FaultPoint::TermAfter,
        Record::Plan(_) => FaultPoint::PlanAfter,
        Record::Result(_) => FaultPoint::ResultAfter,
        Record::Done { .. } => FaultPoint::DoneAfter,
        Record::Swap(_) => FaultPoint::SwapAfter,
        Record::Apply(_) => FaultPoint::ApplyAfter,
        Record::Base(_) => FaultPoint::BaseAfter,
    }
}

/// The latest batch that an entry is of.
fn latest(entry: &Entry) -> Option<BatchTime> {
    let of = |record: &Record| match record {
        Record::Plan(plan) => Some(plan.batch),
        Record::Result(result) => Some(result.batch),
        Record::Done { batch } => Some(*batch),
        Record::Term { .. } => None,
        Record::Swap(swap) => swap.after,
        Record::Apply(apply) => apply.after,
        Record::Base(base) => base.planned,
    };
    entry.records.iter().filter_map(of).max()
}

/// The components that an entry names, but for those of swaps long ago.
fn components_of(entry: &Entry) -> impl Iterator<Item = Digest> {
    let of = |record: &Record| -> Vec<Digest> {
        match record {
            Record::Plan(plan) => plan.plugins.values().copied().collect(),
            Record::Swap(swap) => vec![swap.from, swap.to, swap.filed],
            Record::Base(base) => {
                let now = base.components.values().flat_map(|now| [now.digest, now.filed]);
                now.chain(base.unfinished.iter().flat_map(|of| of.plan.plugins.values().copied())).collect()
            }
            _ => vec![],
        }
    };
    entry.records.iter().flat_map(of)
}

fn not_taken_over(record: &Record) -> LogError {
    LogError { record: record.to_string(), reason: "the log was not taken over".to_owned() }
}

/// Sixteen random bytes in hexadecimal digits.
fn nonce() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::log::testing::{done, plan, result};
    use crate::clock::SystemClock;

    async fn log(folder: &tempfile::TempDir) -> CheckpointLog {
        let store = Store::new(&format!("file://{}", folder.path().display())).unwrap();
        store.ready().await.unwrap();
        CheckpointLog::new(store, Arc::new(SystemClock), Duration::ZERO)
    }

    #[tokio::test]
    async fn the_next_driver_finds_what_was_appended_and_ends_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let first = log(&folder).await;
        assert!(first.append(plan(1)).await.is_err(), "not taken over");
        assert_eq!(first.take_over().await.unwrap().term, 1);
        for record in [plan(1), plan(2), result(1), done(1)] {
            first.append(record).await.unwrap();
        }
        assert_eq!(first.overtaken().await, None);
        let second = log(&folder).await;
        let history = second.take_over().await.unwrap();
        assert_eq!((first.overtaken().await, second.overtaken().await), (Some(2), None));
        assert_eq!((history.term, history.done, history.todo().len()), (2, Some(BatchTime(1)), 1));
        second.append(result(2)).await.unwrap();
        let error = first.append(result(2)).await.unwrap_err();
        assert!(error.reason.contains("another driver has taken over the job, in term 2"), "{error}");
        second.append(done(2)).await.unwrap();
        assert!(first.append(plan(3)).await.is_err());
        assert_eq!(second.look().await.unwrap().0.planned, Some(BatchTime(2)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_driver_that_appends_all_the_time_is_taken_over_from() {
        let folder = tempfile::tempdir().unwrap();
        let first = Arc::new(log(&folder).await);
        first.take_over().await.unwrap();
        // A log that takes longer to be read than an entry to be appended.
        for batch in 1..200 {
            first.append(plan(batch)).await.unwrap();
        }
        let appending = tokio::spawn({
            let first = first.clone();
            async move {
                let mut batch = 200;
                while first.append(plan(batch)).await.is_ok() {
                    batch += 1;
                }
            }
        });
        for term in 2..5 {
            let driver = log(&folder).await;
            assert_eq!(driver.take_over().await.unwrap().term, term);
        }
        appending.await.unwrap();
    }

    #[tokio::test]
    async fn components_are_named_as_long_as_an_entry_is_there_that_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let first = log(&folder).await;
        first.take_over().await.unwrap();
        let with = |batch: i64| {
            let Record::Plan(plan) = plan(batch) else { panic!("a plan") };
            let digest = Digest([u8::try_from(batch).unwrap(); 32]);
            Record::Plan(crate::batch::log::PlanRecord { plugins: [("p".to_owned(), digest)].into(), ..plan })
        };
        let named = |log: &CheckpointLog| log.components().iter().map(|digest| digest.0[0]).collect::<Vec<_>>();
        for batch in 1..=3 {
            for record in [with(batch), result(batch), done(batch)] {
                first.append(record).await.unwrap();
            }
        }
        assert_eq!(named(&first), [1, 2, 3]);
        let second = log(&folder).await;
        second.take_over().await.unwrap();
        assert_eq!(named(&second), [1, 2, 3], "whoever takes over knows them too");
        for batch in 4..=5 {
            second.compact(BTreeMap::new()).await.unwrap();
            for record in [with(batch), result(batch), done(batch)] {
                second.append(record).await.unwrap();
            }
        }
        second.compact(BTreeMap::new()).await.unwrap();
        // What is before the last entry but one that tells everything is gone.
        assert_eq!(named(&second), [5]);
    }

    #[tokio::test]
    async fn records_at_once_share_entries_and_keep_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(&folder).await;
        log.take_over().await.unwrap();
        let all = futures::future::join_all((1..50).map(|batch| log.append(plan(batch)))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        assert!(log.inner.lock().entries.len() < 10);
        let read = log.read().await.unwrap();
        assert_eq!(read[1..], (1..50).map(plan).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_long_log_is_compacted_and_trimmed() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(&folder).await;
        log.take_over().await.unwrap();
        for round in 0..3 {
            for batch in 1..20 {
                for record in [plan, result, done] {
                    log.append(record(round * 100 + batch)).await.unwrap();
                }
            }
            log.compact(BTreeMap::from([("lines".to_owned(), vec![round as u8])])).await.unwrap();
        }
        let listed = log.store.list(FOLDER).await.unwrap();
        assert_eq!(listed.len(), 1 + 19 * 3 + 1, "from the last but one that tells everything");
        let history = self::log(&folder).await.take_over().await.unwrap();
        assert_eq!(history.done, Some(BatchTime(219)));
        assert_eq!(history.sources["lines"].standing.as_deref(), Some("02"));
    }

    #[tokio::test]
    async fn a_driver_that_slept_does_not_take_a_number_that_is_free_again() {
        let folder = tempfile::tempdir().unwrap();
        let sleeper = log(&folder).await;
        sleeper.take_over().await.unwrap();
        let other = log(&folder).await;
        other.take_over().await.unwrap();
        for round in 0..4 {
            for record in [plan, result, done] {
                other.append(record(round + 1)).await.unwrap();
            }
            other.compact(BTreeMap::new()).await.unwrap();
        }
        assert!(!folder.path().join("log/00000000000000000002.json").exists(), "the number is free again");
        sleeper.inner.lock().last = None;
        let error = sleeper.append(plan(1)).await.unwrap_err();
        assert!(error.reason.contains("taken over the job long ago"), "{error}");
        assert_eq!(log(&folder).await.take_over().await.unwrap().done, Some(BatchTime(4)));
    }

    #[tokio::test]
    async fn a_damaged_entry_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let first = log(&folder).await;
        first.take_over().await.unwrap();
        first.append(plan(1)).await.unwrap();
        std::fs::write(folder.path().join("log/00000000000000000002.json"), "{\"version\": 1, ").unwrap();
        let error = log(&folder).await.take_over().await.unwrap_err().to_string();
        assert!(error.contains("log/00000000000000000002.json"), "{error}");
        std::fs::remove_file(folder.path().join("log/00000000000000000002.json")).unwrap();
        first
            .store
            .create(
                "log/00000000000000000003.json",
                serde_json::to_vec(&Entry { version: 1, number: 3, term: 1, nonce: String::new(), records: vec![] })
                    .unwrap()
                    .into(),
            )
            .await
            .unwrap();
        let error = log(&folder).await.take_over().await.unwrap_err().to_string();
        assert!(error.contains("entry 2 is missing"), "{error}");
    }
}
