//! The store against a plain map: what is kept, in which order, how much memory it takes, and what a failed attempt leaves behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};

use super::group::index_hash;
use super::key_group::{key_group, key_hashes};
use super::{Change, GroupDelta, StateError, StateSpec, StateStore, StreamState};
use crate::clock::BatchTime;
use crate::memory::{MemoryBudget, Share};

const KEY_GROUPS: u32 = 4;

fn spec(bound: Option<u64>, rest_ms: Option<i64>) -> StateSpec {
    let of = |name: &str, data_type| Arc::new(Schema::new(vec![Field::new(name, data_type, false)]));
    StateSpec {
        operator: "\"p/op\"".into(),
        keys: of("key", DataType::Utf8),
        state: of("state", DataType::Utf8),
        version: 1,
        key_groups: KEY_GROUPS,
        bound,
        rest_ms,
    }
}

struct Bench {
    memory: MemoryBudget,
    store: Arc<StateStore>,
    state: Arc<StreamState>,
    /// What is kept, and when it was refreshed.
    model: BTreeMap<String, (String, i64)>,
    batch: i64,
}

impl Bench {
    fn new(bound: Option<u64>, rest_ms: Option<i64>) -> Self {
        let memory = MemoryBudget::new(1 << 30);
        let store = StateStore::new(memory.clone());
        let state = store.open(&"s".into(), &spec(bound, rest_ms)).unwrap();
        Self { memory, store, state, model: BTreeMap::new(), batch: 0 }
    }

    /// The changes that give these keys these states, or none.
    fn deltas(&self, changes: &[(String, Option<String>)]) -> Vec<(u32, GroupDelta)> {
        let mut deltas: BTreeMap<u32, (GroupDelta, Vec<String>)> = BTreeMap::new();
        for (key, value) in changes {
            let column: ArrayRef = Arc::new(StringArray::from(vec![key.as_str()]));
            let hash = key_hashes(std::slice::from_ref(&column), 1).unwrap()[0];
            let rows = self.state.codec().encode(&[column]).unwrap();
            let number = key_group(hash, KEY_GROUPS);
            let (delta, states) = deltas.entry(number).or_default();
            let slot = self.state.group(number).find(index_hash(hash), rows.row(0).as_ref());
            states.extend(value.clone());
            match (slot, value) {
                (Some(slot), Some(_)) => delta.changes.push(Change::Set { slot, refreshed: true }),
                (Some(slot), None) => delta.changes.push(Change::Remove { slot }),
                (None, Some(_)) => {
                    delta.changes.push(Change::Add);
                    delta.new_keys.push(rows.row(0).as_ref());
                    delta.new_hashes.push(index_hash(hash));
                }
                (None, None) => {}
            }
        }
        let with_state = |(number, (mut delta, states)): (u32, (GroupDelta, Vec<String>))| {
            let column: ArrayRef = Arc::new(StringArray::from(states));
            delta.state.push(RecordBatch::try_new(spec(None, None).state, vec![column]).unwrap());
            (number, delta)
        };
        deltas.into_iter().map(with_state).collect()
    }

    fn stage(&mut self, attempt: u32, changes: &[(String, Option<String>)]) -> Result<(), StateError> {
        let deltas = self.deltas(changes);
        self.state.stage(BatchTime(self.batch), attempt, (0, 1), deltas, None)
    }

    fn commit(&mut self, attempt: u32) {
        let parts = self.store.commit(BatchTime(self.batch), attempt);
        parts.into_iter().for_each(|part| part.apply().unwrap());
    }

    /// A batch, all of it.
    fn run(&mut self, changes: &[(String, Option<String>)]) {
        self.batch += 1;
        self.stage(0, changes).unwrap();
        let after = self.all(Some(0));
        self.commit(0);
        for (key, value) in changes {
            match value {
                Some(value) => drop(self.model.insert(key.clone(), (value.clone(), self.batch))),
                None => drop(self.model.remove(key)),
            }
        }
        assert_eq!(after, self.all(None), "what was staged is what is kept then");
    }

    /// All keys with state and refresh, by key group; as an attempt at the batch leaves them.
    fn all(&self, attempt: Option<u32>) -> Vec<Vec<(String, String, i64)>> {
        let of_group = |group| {
            let kept = match attempt {
                Some(attempt) => self.state.snapshot_after(group, BatchTime(self.batch), attempt),
                None => self.state.snapshot(group),
            };
            let rows = kept.unwrap().into_iter().flat_map(|kept| {
                let text = |column: usize, row| kept.rows.column(column).as_string::<i32>().value(row).to_owned();
                let row = |row| (text(0, row), text(1, row), kept.refreshed_ms.value(row));
                (0..kept.rows.num_rows()).map(row).collect::<Vec<_>>()
            });
            rows.collect()
        };
        (0..KEY_GROUPS).map(of_group).collect()
    }

    fn check(&self) {
        let mut kept: Vec<_> = self.all(None).concat();
        kept.sort();
        let model: Vec<_> =
            self.model.iter().map(|(key, (value, batch))| (key.clone(), value.clone(), *batch)).collect();
        assert_eq!(kept, model);
        assert_eq!(self.state.n_keys(), model.len() as u64);
    }
}

fn set(key: impl ToString, value: impl ToString) -> (String, Option<String>) {
    (key.to_string(), Some(value.to_string()))
}

fn remove(key: impl ToString) -> (String, Option<String>) {
    (key.to_string(), None)
}

/// A generator of numbers that is the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[test]
fn many_batches_keep_what_a_map_would() {
    let mut bench = Bench::new(None, Some(5));
    let mut numbers = Numbers(7);
    for batch in 0..400 {
        let mut changes = BTreeMap::new();
        // Waves of many keys and few, so that key groups grow, empty and move together.
        let n_keys = if batch % 50 < 25 { 300 } else { 20 };
        for _ in 0..numbers.below(60) {
            let key = format!("key {}", numbers.below(n_keys));
            let is_set = numbers.below(3) > 0 && batch % 50 < 40;
            changes.insert(key, is_set.then(|| "x".repeat(numbers.below(40) as usize) + &batch.to_string()));
        }
        bench.run(&changes.into_iter().collect::<Vec<_>>());
        bench.check();
        let few = (0..KEY_GROUPS).all(|group| bench.state.group(group).segments().count() <= 16);
        assert!(few, "small segments are put together");
    }
}

#[test]
fn keys_keep_the_order_in_which_they_came() {
    let mut bench = Bench::new(None, None);
    let names: Vec<String> = (0..300).map(|key| format!("key {key}")).collect();
    bench.run(&names.iter().map(|name| set(name, 1)).collect::<Vec<_>>());
    bench.run(&names.iter().skip(100).map(remove).collect::<Vec<_>>());
    bench.run(&[set("key 250", 2), set("key 7", 2)]);
    let position = |name: &String| names.iter().position(|known| known == name).unwrap();
    for group in bench.all(None) {
        let order: Vec<usize> = group.iter().map(|(key, _, _)| position(key)).filter(|key| *key != 250).collect();
        assert!(order.is_sorted(), "{order:?}");
        let again = group.iter().position(|(key, _, _)| key == "key 250");
        assert!(again.is_none_or(|place| place == group.len() - 1), "a key that comes again is the last");
    }
}

#[test]
fn memory_follows_what_lives() {
    let mut bench = Bench::new(None, None);
    let keys = |range: std::ops::Range<i32>, value: &str| range.map(|key| set(key, value)).collect::<Vec<_>>();
    bench.run(&keys(0..10_000, &"x".repeat(100)));
    let (full, reserved) = (bench.state.held_bytes(), bench.memory.used_by(Share::State));
    assert_eq!(full, reserved);
    assert!((1_300_000..3_000_000).contains(&full), "{full} bytes for 10,000 keys with states of 100 bytes");
    for _ in 0..30 {
        bench.run(&keys(0..5000, &"y".repeat(100)));
    }
    let again = bench.state.held_bytes();
    assert!(again < full * 2, "{again} bytes after 30 times half of {full}");
    bench.run(&(0..10_000).map(remove).collect::<Vec<_>>());
    let empty = bench.state.held_bytes();
    assert!(empty < full / 50, "{empty} bytes of {full} for no keys");
    assert_eq!(bench.state.live_bytes(), 0);
    assert_eq!(bench.memory.used_by(Share::State), empty);
}

#[test]
fn a_failed_attempt_leaves_nothing_behind() {
    let mut bench = Bench::new(None, None);
    bench.batch = 1;
    let initial = bench.deltas(&[set("given", 0)]);
    bench.state.load(1, &initial, &[vec![1]]).unwrap();
    bench.stage(0, &[set("a", 1), remove("given")]).unwrap();
    assert!(!bench.state.has_begun());
    bench.store.abandon(BatchTime(1));
    assert_eq!((bench.state.n_keys(), bench.memory.used_by(Share::State)), (0, 0), "the first batch puts it in again");
    bench.model.insert("given".into(), ("0".into(), 1));
    let initial = bench.deltas(&[set("given", 0)]);
    bench.state.load(1, &initial, &[vec![1]]).unwrap();
    bench.stage(1, &[set("b", 1)]).unwrap();
    bench.commit(1);
    bench.model.insert("b".into(), ("1".into(), 1));
    bench.check();
    bench.batch = 2;
    let held = bench.memory.used_by(Share::State);
    bench.stage(0, &[set("b", 2), set("c", 2)]).unwrap();
    assert!(bench.memory.used_by(Share::State) > held);
    bench.store.abandon(BatchTime(2));
    assert_eq!(bench.memory.used_by(Share::State), held);
    bench.check();
    bench.stage(1, &[set("c", 3)]).unwrap();
    bench.commit(0);
    bench.check();
}

#[test]
fn changes_of_a_batch_are_there_as_rows() {
    let mut bench = Bench::new(None, Some(10));
    bench.run(&[set("a", 1), set("b", 1), set("c", 1)]);
    bench.batch += 1;
    bench.stage(0, &[set("a", 2), remove("b"), set("d", 2)]).unwrap();
    let changes = bench.state.changes(BatchTime(2), 0, |_| true).unwrap();
    assert!(changes.iter().map(|changed| changed.group).is_sorted());
    let texts = |rows: &RecordBatch, column| {
        let column = rows.column(column).as_string::<i32>();
        column.iter().flatten().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut set: Vec<(String, String)> = vec![];
    let mut removed: Vec<String> = vec![];
    for changed in &changes {
        for kept in &changed.set {
            set.extend(texts(&kept.rows, 0).into_iter().zip(texts(&kept.rows, 1)));
            assert_eq!(kept.refreshed_ms, Int64Array::from(vec![2; kept.rows.num_rows()]));
        }
        removed.extend(texts(&changed.removed, 0));
    }
    set.sort();
    assert_eq!(set, [("a".into(), "2".into()), ("d".into(), "2".into())]);
    assert_eq!(removed, ["b"]);
}

#[test]
fn state_of_another_schema_or_version_is_refused() {
    let bench = Bench::new(None, None);
    let open = |change: fn(&mut StateSpec)| {
        let mut other = spec(None, None);
        change(&mut other);
        bench.store.open(&"s".into(), &other).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(open(|_| ()), Ok(()));
    let error = open(|other| other.version = 2).unwrap_err();
    assert!(error.starts_with("its state is kept as version 1 with the columns (key: string"), "{error}");
    assert!(error.contains("\"p/op\" keeps version 2 with (key: string"), "{error}");
    let other = Schema::new(vec![Field::new("state", DataType::Int64, false)]);
    let mut of_numbers = spec(None, None);
    of_numbers.state = Arc::new(other);
    let error = bench.store.open(&"s".into(), &of_numbers).unwrap_err().to_string();
    assert!(error.contains("state: int64"), "{error}");
}

#[test]
fn a_bound_holds_over_all_partitions_of_an_attempt() {
    let mut bench = Bench::new(Some(20_000), None);
    bench.batch = 1;
    let half: Vec<_> = (0..100).map(|key| set(key, "x".repeat(50))).collect();
    bench.stage(0, &half).unwrap();
    let more: Vec<_> = (100..200).map(|key| set(key, "x".repeat(50))).collect();
    let deltas = bench.deltas(&more);
    let error = bench.state.stage(BatchTime(1), 0, (1, 2), deltas, None).unwrap_err();
    let StateError::TooLarge { largest, .. } = &error else { panic!("{error}") };
    assert_eq!(largest.len(), 3);
    assert!(largest.is_sorted_by_key(|group| std::cmp::Reverse(group.bytes)));
    assert!(error.to_string().contains("its state-size is 19.5 KiB; the largest are key group "), "{error}");
    bench.commit(0);
    bench.batch = 2;
    bench.stage(0, &half).unwrap_or_else(|error| panic!("replacing state takes no more of it: {error}"));
}

#[test]
fn resting_keys_are_found_without_looking_at_others() {
    let mut bench = Bench::new(None, Some(100));
    let resting = |bench: &Bench, limit| -> Vec<String> {
        let of_group = |number| {
            let group = bench.state.group(number);
            let keys = group.resting_since(limit).into_iter().map(|slot| {
                let decoded = bench.state.codec().decode([group.key(slot)]).unwrap();
                decoded[0].as_string::<i32>().value(0).to_owned()
            });
            keys.collect::<Vec<_>>()
        };
        let mut keys: Vec<String> = (0..KEY_GROUPS).flat_map(of_group).collect();
        keys.sort();
        keys
    };
    bench.run(&[set("a", 1), set("b", 1)]);
    bench.run(&[set("b", 2)]);
    // Refreshed in every batch, which leaves no trace but the last.
    for _ in 0..5000 {
        bench.run(&[set("c", 1)]);
    }
    assert_eq!(resting(&bench, 2), ["a"]);
    assert_eq!(resting(&bench, 3), ["a", "b"]);
    bench.run(&[remove("a")]);
    assert_eq!(resting(&bench, 3), ["b"]);
    assert!(bench.state.held_bytes() < 100_000, "{} bytes", bench.state.held_bytes());
    assert_eq!(resting(&bench, i64::MAX), ["b", "c"]);
}

#[test]
fn counts_are_those_of_the_columns() {
    // What tests above take for granted of Arrow: a slice's rows and no others are appended.
    let rows: ArrayRef = Arc::new(Int64Array::from_iter_values(0..100));
    let whole = RecordBatch::try_from_iter([("state", rows)]).unwrap();
    let delta = GroupDelta { state: vec![whole.slice(90, 10), whole.slice(0, 1)], ..GroupDelta::default() };
    let own = delta.own_state().unwrap();
    let values: Vec<i64> =
        own.iter().flat_map(|rows| rows.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    assert_eq!(values, (90..100).chain(0..1).collect::<Vec<_>>());
    assert!(own.iter().all(|rows| rows.column(0).get_array_memory_size() < 500));
}
