//! For an operator's own tests, natively: rows in, rows out, without a host.
//!
//! ```
//! use sluicebox_sdk::{prelude::*, testing};
//!
//! #[flat_map(output = "word")]
//! fn split(line: &str) -> impl Iterator<Item = &str> {
//!     line.split(' ')
//! }
//!
//! let made = testing::run::<split, _>("{}", &[], ["a b", "c"]).unwrap();
//! assert_eq!(made.rows::<String>(), ["a", "b", "c"]);
//! ```

use crate::aggregate::Aggregation;
use crate::data::{Batch, Context, Field};
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::receiver::Source;
use crate::schema;
use crate::sink::Output;
use crate::state::{Kind, Stateful, Work};
use crate::transform::{Expansion, Made, Transform};
use crate::write::{Rows, Write};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::marker::PhantomData;

thread_local! {
    static COUNTS: RefCell<BTreeMap<String, u64>> = const { RefCell::new(BTreeMap::new()) };
}

pub(crate) fn count(name: &str, count: u64) {
    COUNTS.with_borrow_mut(|counts| *counts.entry(name.to_owned()).or_default() += count);
}

/// What [`count`](crate::count) has added up to on this thread.
pub fn counted(name: &str) -> u64 {
    COUNTS.with_borrow(|counts| counts.get(name).copied().unwrap_or(0))
}

thread_local! {
    static TABLES: RefCell<BTreeMap<String, (Vec<Field>, Batch)>> = const { RefCell::new(BTreeMap::new()) };
    static BROADCASTS: RefCell<BTreeMap<String, Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
}

/// What [`table`](crate::table) reads on this thread; it is asked for all the columns, in this order.
pub fn set_table<T: Write>(name: &str, columns: &[&str], rows: impl IntoIterator<Item = T>) {
    TABLES.with_borrow_mut(|tables| tables.insert(name.to_owned(), batch(columns, rows)));
}

pub(crate) fn table_columns(name: &str) -> Option<Vec<Field>> {
    TABLES.with_borrow(|tables| tables.get(name).map(|(columns, _)| columns.clone()))
}

pub(crate) fn table_rows(name: &str, wanted: &[String]) -> Option<Batch> {
    TABLES.with_borrow(|tables| {
        let (columns, rows) = tables.get(name)?;
        assert_eq!(schema::names(columns), wanted, "a native test reads all columns of a table, in their order");
        Some(rows.clone())
    })
}

/// What [`broadcast`](crate::broadcast) reads on this thread.
pub fn set_broadcast(name: &str, value: &[u8]) {
    BROADCASTS.with_borrow_mut(|values| values.insert(name.to_owned(), value.to_vec()));
}

pub(crate) fn broadcast(name: &str) -> Option<Vec<u8>> {
    BROADCASTS.with_borrow(|values| values.get(name).cloned())
}

/// The context of the first partition of a batch at time 0.
pub fn context() -> Context {
    Context {
        job: "test".to_owned(),
        stream: "test".to_owned(),
        batch_time_ms: 0,
        partition: 0,
        partitions: 1,
        attempt: 0,
    }
}

/// A batch of rows and its schema; names as in `output = [...]` of the attributes.
pub fn batch<T: Write>(names: &[&str], rows: impl IntoIterator<Item = T>) -> (Vec<Field>, Batch) {
    let mut made = Rows::<T>::default();
    rows.into_iter().for_each(|row| made.push(row));
    (schema::output_of::<T>(names), made.into_batch())
}

/// The rows of a batch, of owned types.
pub fn rows<T: for<'a> Read<'a>>(batch: &Batch) -> Result<Vec<T>, Error> {
    let column = T::open_row(&mut Cursor::new(batch))?;
    Ok((0..batch.rows as usize).map(|row| T::get(&column, row)).collect())
}

/// What an operator made of a partition.
#[derive(Debug)]
pub struct Ran {
    /// The columns made.
    pub output: Vec<Field>,
    /// The rows made of the chunk, or the indices of those kept.
    pub made: Made,
    /// The rows made at the end of the partition.
    pub finished: Option<Batch>,
    /// Rows rejected, and why.
    pub rejected: Vec<(u32, String)>,
}

impl Ran {
    /// The rows made, those at the end last; none of a filter.
    ///
    /// # Panics
    /// Where they are not of type `T`.
    pub fn rows<T: for<'a> Read<'a>>(&self) -> Vec<T> {
        assert_eq!(schema::bind(&schema::input_of::<T>(&[]), &self.output).err(), None);
        let batches = match &self.made {
            Made::Made(batch) | Made::Expanded(Expansion { rows: batch, .. }) => vec![batch],
            Made::Kept(_) => vec![],
        };
        let batches = batches.into_iter().chain(&self.finished);
        batches.flat_map(|batch| rows(batch).expect("operators make batches of their schema")).collect()
    }
}

/// Run a transform over one chunk of rows.
pub fn run<O: Transform, T: Write>(
    config: &str,
    names: &[&str],
    rows: impl IntoIterator<Item = T>,
) -> Result<Ran, Error> {
    let (input, batch) = batch(names, rows);
    let binding = O::bind(config, &input)?;
    let mut task = O::open(&context(), config, &input)?;
    let made = task.process(batch)?;
    let rejected = made.rejected.into_iter().map(|rejection| (rejection.row, rejection.reason)).collect();
    Ok(Ran { output: binding.output, made: made.rows, finished: task.finish()?, rejected })
}

/// Write a partition of one chunk by a sink: what it would have committed.
pub fn write<S: Output, T: Write>(
    config: &str,
    names: &[&str],
    rows: impl IntoIterator<Item = T>,
) -> Result<Vec<u8>, Error> {
    let (input, batch) = batch(names, rows);
    S::bind(config, &input)?;
    let mut partition = S::open(&context(), config, &input)?;
    partition.write(batch)?;
    partition.prepare()
}

/// Receive from a source until it has ended, at most so many rows at a time.
pub fn receive<R: Source, T: for<'a> Read<'a>>(config: &str, max_rows: u32) -> Result<Vec<T>, Error> {
    let output = R::bind(config)?;
    schema::bind(&schema::input_of::<T>(&[]), &output)?;
    let (mut started, mut received) = (R::start(&context(), config, None)?, Vec::new());
    loop {
        let chunk = started.receive(max_rows, 100)?;
        received.extend(rows(&chunk.rows)?);
        started.ack(&chunk.position)?;
        if chunk.ended {
            started.stop();
            return Ok(received);
        }
    }
}

/// Run an aggregate over groups of rows, each group in two parts that are merged.
pub fn fold<O: Aggregation, T: Write, R: for<'a> Read<'a>>(
    config: &str,
    names: &[&str],
    groups: impl IntoIterator<Item = Vec<T>>,
) -> Result<Vec<R>, Error> {
    let (mut values, mut lengths) = (Vec::new(), Vec::new());
    for group in groups {
        lengths.push(group.len());
        values.extend(group);
    }
    let (input, values) = batch(names, values);
    fold_groups::<O, R>(config, &input, &values, &lengths)
}

/// The same for an aggregate that reads no column: groups of so many rows.
pub fn fold_rows<O: Aggregation, R: for<'a> Read<'a>>(config: &str, groups: &[usize]) -> Result<Vec<R>, Error> {
    let rows = Batch { rows: groups.iter().sum::<usize>() as u32, nodes: Vec::new(), buffers: Vec::new() };
    fold_groups::<O, R>(config, &[], &rows, groups)
}

/// Run an aggregate and its inverse: the result of `rows` that `more` was merged into and taken out of again. It should be that of `rows` alone.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// #[reduce(inverse = minus)]
/// fn sum(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// fn minus(whole: i64, part: i64) -> i64 {
///     whole - part
/// }
///
/// assert_eq!(testing::unfold::<sum, i64, i64>("{}", &[], [1, 2, 3], [4, 5]), Ok(vec![6]));
/// ```
pub fn unfold<O: Aggregation, T: Write + Clone, R: for<'a> Read<'a>>(
    config: &str,
    names: &[&str],
    rows: impl IntoIterator<Item = T>,
    more: impl IntoIterator<Item = T>,
) -> Result<Vec<R>, Error> {
    let (mut all, more) = (rows.into_iter().collect::<Vec<T>>(), more.into_iter().collect::<Vec<T>>());
    let parts: Vec<u32> = all.iter().map(|_| 0).chain(more.iter().map(|_| 1)).collect();
    all.extend(more.iter().cloned());
    let ((input, all), (_, more)) = (batch(names, all), batch(names, more));
    O::bind(config, &input)?;
    let fold = O::open(&context(), config, &input)?;
    let whole = fold.merge(&fold.partial(&all, &parts, 2)?, &[0, 0], 1)?;
    let more = fold.partial(&more, &vec![0; more.rows as usize], 1)?;
    self::rows(&fold.finish(fold.unmerge(&whole, &more, &[0])?)?)
}

fn fold_groups<O: Aggregation, R: for<'a> Read<'a>>(
    config: &str,
    input: &[Field],
    values: &Batch,
    lengths: &[usize],
) -> Result<Vec<R>, Error> {
    // The part of each row, and the group of each part.
    let (mut parts, mut wholes) = (Vec::new(), Vec::new());
    for (whole, &length) in lengths.iter().enumerate() {
        for row in 0..length {
            if row == 0 || row == length.div_ceil(2) {
                wholes.push(whole as u32);
            }
            parts.push(wholes.len() as u32 - 1);
        }
    }
    O::bind(config, input)?;
    let fold = O::open(&context(), config, input)?;
    let partials = fold.partial(values, &parts, wholes.len() as u32)?;
    let merged = fold.merge(&partials, &wholes, lengths.len() as u32)?;
    rows(&fold.finish(merged)?)
}

/// An operator over keyed state, its keys and their state, from batch to batch: what the host does, on one partition.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// /// How often each word has come.
/// #[update_state_by_key(state = "count")]
/// fn running_count(_word: &str, rows: Vec<()>, count: Option<i64>) -> Option<i64> {
///     Some(count.unwrap_or(0) + rows.len() as i64)
/// }
///
/// let mut counts = testing::Keyed::<running_count, String, i64>::new("{}", &[]);
/// counts.update_rows(1000, ["a", "b", "a"].map(str::to_owned)).unwrap();
/// counts.update_rows(2000, ["a".to_owned()]).unwrap();
/// assert_eq!(counts.state(), [("a".to_owned(), 3), ("b".to_owned(), 1)]);
/// ```
#[derive(Debug)]
pub struct Keyed<O, K, S> {
    config: String,
    names: Vec<String>,
    keys: Vec<(K, S)>,
    refreshed_ms: Vec<i64>,
    operator: PhantomData<O>,
}

impl<O, K, S> Keyed<O, K, S>
where
    O: Stateful,
    K: Write + Clone + PartialEq,
    S: Write + Clone + for<'a> Read<'a>,
{
    /// No key yet. `names` are those of the values' columns.
    pub fn new(config: &str, names: &[&str]) -> Self {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Keyed { config: config.to_owned(), names, keys: vec![], refreshed_ms: vec![], operator: PhantomData }
    }

    /// The keys that have state, in the order in which they came.
    pub fn state(&self) -> &[(K, S)] {
        &self.keys
    }

    /// The batch at this time, for an update-state-by-key.
    pub fn update<V: Write>(
        &mut self,
        batch_time_ms: i64,
        rows: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Error> {
        self.rows(batch_time_ms, rows).map(drop)
    }

    /// The same for one that reads no column: a row for each key given.
    pub fn update_rows(&mut self, batch_time_ms: i64, keys: impl IntoIterator<Item = K>) -> Result<(), Error> {
        let keys: Vec<K> = keys.into_iter().collect();
        let values = Batch { rows: keys.len() as u32, nodes: Vec::new(), buffers: Vec::new() };
        self.batch(batch_time_ms, &keys, &[], |_| values).map(drop)
    }

    /// The batch at this time, for a map-with-state: what it emits.
    pub fn map<V: Write, T: for<'a> Read<'a>>(
        &mut self,
        batch_time_ms: i64,
        rows: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Vec<T>, Error> {
        self::rows(&self.rows(batch_time_ms, rows)?)
    }

    fn rows<V: Write>(&mut self, batch_time_ms: i64, rows: impl IntoIterator<Item = (K, V)>) -> Result<Batch, Error> {
        let (keys, values): (Vec<K>, Vec<V>) = rows.into_iter().unzip();
        let names: Vec<String> = self.names.clone();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut values: Vec<Option<V>> = values.into_iter().map(Some).collect();
        self.batch(batch_time_ms, &keys, &schema::output_of::<V>(&names), |order| {
            batch(&names, order.iter().filter_map(|row| values[*row].take())).1
        })
    }

    /// `values` makes the values of rows in an order.
    fn batch(
        &mut self,
        batch_time_ms: i64,
        row_keys: &[K],
        value_fields: &[Field],
        values: impl FnOnce(&[usize]) -> Batch,
    ) -> Result<Batch, Error> {
        let mut keys: Vec<(K, Vec<usize>)> = vec![];
        for (row, key) in row_keys.iter().enumerate() {
            match keys.iter_mut().find(|(known, _)| known == key) {
                Some((_, rows)) => rows.push(row),
                None => keys.push((key.clone(), vec![row])),
            }
        }
        let key_fields = schema::output_of::<K>(&[]);
        let binding = O::bind(&self.config, &key_fields, value_fields)?;
        let is_update = O::describe().kind == Kind::UpdateStateByKey;
        let limit_ms = binding.timeout_ms.map(|timeout| batch_time_ms.saturating_sub_unsigned(timeout));
        let mut timed_out = vec![];
        for ((known, _), refreshed_ms) in self.keys.iter().zip(&self.refreshed_ms) {
            let rests = limit_ms.is_some_and(|limit| *refreshed_ms < limit);
            if keys.iter().all(|(key, _)| key != known) && (is_update || rests) {
                timed_out.extend(rests.then_some(keys.len() as u32));
                keys.push((known.clone(), vec![]));
            }
        }
        let order: Vec<K> = keys.iter().map(|(key, _)| key.clone()).collect();
        let old =
            order.iter().map(|key| self.keys.iter().find(|(known, _)| known == key).map(|(_, state)| state.clone()));
        let old: Vec<Option<S>> = old.collect();
        let has_values: Vec<bool> = keys.iter().map(|(_, values)| !values.is_empty()).collect();
        let ends = keys.iter().scan(0, |end, (_, values)| {
            *end += values.len() as u32;
            Some(*end)
        });
        let (value_ends, old_keys) =
            (ends.collect(), (0..).zip(&old).filter(|(_, old)| old.is_some()).map(|(idx, _)| idx).collect());
        let work = Work {
            keys: batch(&[], order.iter().cloned()).1,
            values: values(&keys.iter().flat_map(|(_, rows)| rows.iter().copied()).collect::<Vec<usize>>()),
            value_ends,
            old: batch(&[], old.iter().flatten().cloned()).1,
            old_keys,
            timed_out: timed_out.clone(),
        };
        let context = Context { batch_time_ms, ..context() };
        let made = O::open(&context, &self.config, &key_fields, value_fields)?.update(&work)?;
        let mut new = self::rows::<S>(&made.state)?.into_iter();
        for (idx, key) in (0_u32..).zip(&order) {
            let place = self.keys.iter().position(|(known, _)| known == key);
            let set = made.state_keys.contains(&idx).then(|| new.next()).flatten();
            let refreshes = set.is_some() || (binding.timeout_ms.is_some() && has_values[idx as usize]);
            match (place, set) {
                (Some(place), set) if set.is_none() && (made.removed.contains(&idx) || timed_out.contains(&idx)) => {
                    self.keys.remove(place);
                    self.refreshed_ms.remove(place);
                }
                (Some(place), set) => {
                    self.keys[place].1 = set.unwrap_or_else(|| self.keys[place].1.clone());
                    if refreshes {
                        self.refreshed_ms[place] = batch_time_ms;
                    }
                }
                (None, Some(state)) => {
                    self.keys.push((key.clone(), state));
                    self.refreshed_ms.push(batch_time_ms);
                }
                (None, None) => {}
            }
        }
        Ok(made.emitted)
    }
}
