//! Operators over keyed state: the handle that authors see, and the loops over keys beneath `#[update_state_by_key]` and `#[map_with_state]`.

use crate::bindings::state::exports::sluicebox::operator::state as wit;
use crate::data::{Batch, Context, Field};
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::schema;
use crate::transform::null_in;
use crate::write::{Rows, Write};
use std::ops::Range;

pub use wit::{Binding, Kind, Operator, Outcome, Work};

/// What is kept of one key, as a function under `#[map_with_state]` sees it.
///
/// ```
/// use sluicebox_sdk::State;
///
/// let mut state = State::new(Some(3));
/// assert_eq!(state.get(), Some(&3));
/// state.update(4);
/// state.remove();
/// assert!(!state.exists());
/// ```
#[derive(Debug)]
pub struct State<S> {
    value: Option<S>,
    is_changed: bool,
    /// Removed while this value of the key was worked on.
    is_removed: bool,
    is_timing_out: bool,
}

impl<S> State<S> {
    /// The state of a key that has `value`, or none: for tests.
    pub fn new(value: Option<S>) -> Self {
        State { value, is_changed: false, is_removed: false, is_timing_out: false }
    }

    /// The state of a key that has timed out: for tests.
    pub fn timing_out(value: S) -> Self {
        State { is_timing_out: true, ..State::new(Some(value)) }
    }

    /// Whether the key has state.
    pub fn exists(&self) -> bool {
        self.value.is_some()
    }

    /// The key's state.
    pub fn get(&self) -> Option<&S> {
        self.value.as_ref()
    }

    /// Whether the key has timed out: this is the last call with its state, which is removed after it.
    pub fn is_timing_out(&self) -> bool {
        self.is_timing_out
    }

    /// Give the key new state.
    ///
    /// # Panics
    /// When the key times out, or its state was removed in this call.
    #[track_caller]
    pub fn update(&mut self, value: S) {
        self.refuse("updated");
        self.value = Some(value);
        self.is_changed = true;
    }

    /// Remove the key's state.
    ///
    /// # Panics
    /// When the key times out, or its state was removed in this call.
    #[track_caller]
    pub fn remove(&mut self) {
        self.refuse("removed");
        self.value = None;
        self.is_changed = true;
        self.is_removed = true;
    }

    #[track_caller]
    fn refuse(&self, done: &str) {
        assert!(!self.is_timing_out, "state of a key that times out can't be {done}: it is removed after this call");
        assert!(!self.is_removed, "state that was removed in this call can't be {done}");
    }
}

/// An operator over keyed state as the host sees it: schemas and buffers. See the WIT package's `state` for what holds of each call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` keeps no state",
    note = "`states: [...]` names functions under #[update_state_by_key] and #[map_with_state]"
)]
pub trait Stateful {
    /// What the operator is called, reads and does.
    fn describe() -> Operator;

    /// Which of the columns offered it reads, and the columns of state and results.
    fn bind(config: &str, keys: &[Field], input: &[Field]) -> Result<Binding, Error>;

    /// Choose it for the calls that follow.
    fn open(context: &Context, config: &str, keys: &[Field], input: &[Field]) -> Result<Box<dyn Update>, Error>;
}

/// An operator over keyed state at work.
pub trait Update {
    /// Work on keys.
    fn update(&self, work: &Work) -> Result<Outcome, Error>;

    /// State of an older version to this one.
    fn migrate(&self, version: u32, schema: &[Field], old: &Batch) -> Result<Batch, Error>;
}

/// Functions as an [`Update`].
pub struct EachWork<U, M> {
    /// Works on keys.
    pub update: U,
    /// Makes state of an older version to this one.
    pub migrate: M,
}

impl<U, M> Update for EachWork<U, M>
where
    U: Fn(&Work) -> Result<Outcome, Error>,
    M: Fn(u32, &[Field], &Batch) -> Result<Batch, Error>,
{
    fn update(&self, work: &Work) -> Result<Outcome, Error> {
        (self.update)(work)
    }

    fn migrate(&self, version: u32, schema: &[Field], old: &Batch) -> Result<Batch, Error> {
        (self.migrate)(version, schema, old)
    }
}

/// A batch whose rows are read as `T`, none of which lack a value.
struct Opened<'a, T: Read<'a>> {
    column: T::Column,
}

impl<'a, T: Read<'a>> Opened<'a, T> {
    fn new(batch: &'a Batch, what: &str, names: &[String]) -> Result<Self, Error> {
        let column = T::open_row(&mut Cursor::new(batch))?;
        if T::may_lack(&column) {
            let lacking = (0..batch.rows as usize).find_map(|row| T::lacks(&column, row));
            if let Some(lacking) = lacking {
                return Err(Error::failed(format!("the {what}: {}", null_in(names, lacking))));
            }
        }
        Ok(Opened { column })
    }

    #[inline]
    fn get(&self, row: usize) -> T {
        T::get(&self.column, row)
    }
}

/// Walks the keys of a call.
struct Walk<'a> {
    work: &'a Work,
    next_value: usize,
    next_old: usize,
    next_timed_out: usize,
}

/// A key of a call.
struct Key {
    idx: u32,
    values: Range<usize>,
    old: Option<usize>,
    is_timed_out: bool,
}

impl<'a> Walk<'a> {
    fn new(work: &'a Work) -> Result<Self, Error> {
        let wrong = |what: &str| Err(Error::failed(format!("the keys handed over don't fit together: {what}")));
        let ascends = |list: &[u32]| list.iter().zip(list.iter().skip(1)).all(|(a, b)| a <= b);
        if work.value_ends.len() != work.keys.rows as usize || !ascends(&work.value_ends) {
            return wrong("where their values end");
        }
        if work.value_ends.last().copied().unwrap_or(0) != work.values.rows {
            return wrong("how many values there are");
        }
        if work.old_keys.len() != work.old.rows as usize {
            return wrong("how many have state");
        }
        Ok(Walk { work, next_value: 0, next_old: 0, next_timed_out: 0 })
    }
}

impl Iterator for Walk<'_> {
    type Item = Key;

    #[inline]
    fn next(&mut self) -> Option<Key> {
        let idx = self.next_value;
        let end = *self.work.value_ends.get(idx)? as usize;
        let start = idx.checked_sub(1).map_or(0, |before| self.work.value_ends[before] as usize);
        self.next_value += 1;
        let idx = idx as u32;
        let is_next = |list: &[u32], next: &mut usize| {
            let is_it = list.get(*next) == Some(&idx);
            *next += usize::from(is_it);
            is_it
        };
        let old = is_next(&self.work.old_keys, &mut self.next_old).then(|| self.next_old - 1);
        let is_timed_out = is_next(&self.work.timed_out, &mut self.next_timed_out);
        Some(Key { idx, values: start..end, old, is_timed_out })
    }
}

fn no_rows() -> Batch {
    Batch { rows: 0, nodes: Vec::new(), buffers: Vec::new() }
}

/// The loop of `#[update_state_by_key]`: `f` gets each key, its values and its state, and says its new state.
#[inline]
pub fn update_state_by_key<'a, K, V, S>(
    work: &'a Work,
    key_names: &[String],
    names: &[String],
    f: impl Fn(K, &mut dyn Iterator<Item = V>, Option<S>) -> Option<S>,
) -> Result<Outcome, Error>
where
    K: Read<'a>,
    V: Read<'a>,
    S: Read<'a> + Write,
{
    let keys = Opened::<K>::new(&work.keys, "key", key_names)?;
    let values = Opened::<V>::new(&work.values, "values", names)?;
    let old = Opened::<S>::new(&work.old, "state", &[])?;
    let mut state = Rows::<S>::default();
    let (mut state_keys, mut removed) = (Vec::new(), Vec::new());
    for key in Walk::new(work)? {
        let had = key.old.map(|row| old.get(row));
        let exists = had.is_some();
        match f(keys.get(key.idx as usize), &mut key.values.map(|row| values.get(row)), had) {
            Some(new) => {
                state.push(new);
                state_keys.push(key.idx);
            }
            None if exists => removed.push(key.idx),
            None => {}
        }
    }
    Ok(Outcome { state: state.into_batch(), state_keys, removed, emitted: no_rows() })
}

/// The loop of `#[map_with_state]`: `f` gets each value of each key in order, and once none for a key that has timed out.
#[inline]
pub fn map_with_state<'a, K, V, S, I>(
    work: &'a Work,
    key_names: &[String],
    names: &[String],
    f: impl Fn(K, Option<V>, &mut State<S>) -> I,
) -> Result<Outcome, Error>
where
    K: Read<'a>,
    V: Read<'a>,
    S: Read<'a> + Write,
    I: IntoIterator<Item: Write>,
{
    let keys = Opened::<K>::new(&work.keys, "key", key_names)?;
    let values = Opened::<V>::new(&work.values, "values", names)?;
    let old = Opened::<S>::new(&work.old, "state", &[])?;
    let (mut kept, mut emitted) = (Rows::<S>::default(), Rows::<I::Item>::default());
    let (mut state_keys, mut removed) = (Vec::new(), Vec::new());
    for key in Walk::new(work)? {
        let mut state = State::new(key.old.map(|row| old.get(row)));
        let row = key.idx as usize;
        if key.is_timed_out {
            state.is_timing_out = true;
            f(keys.get(row), None, &mut state).into_iter().for_each(|made| emitted.push(made));
            continue;
        }
        for value in key.values {
            state.is_removed = false;
            f(keys.get(row), Some(values.get(value)), &mut state).into_iter().for_each(|made| emitted.push(made));
        }
        match state.value {
            _ if !state.is_changed => {}
            Some(new) => {
                kept.push(new);
                state_keys.push(key.idx);
            }
            None => removed.push(key.idx),
        }
    }
    Ok(Outcome { state: kept.into_batch(), state_keys, removed, emitted: emitted.into_batch() })
}

/// State of the version before, row by row.
pub fn migrate<'a, Old: Read<'a>, S: Write>(
    version: u32,
    known: u32,
    old_schema: &[Field],
    old: &'a Batch,
    f: impl Fn(Old) -> S,
) -> Result<Batch, Error> {
    if version != known {
        return Err(unknown_version(version));
    }
    schema::bind(&schema::input_of::<Old>(&[]), old_schema)?;
    let opened = Opened::<Old>::new(old, "state", &schema::names(old_schema))?;
    let mut made = Rows::<S>::default();
    (0..old.rows as usize).for_each(|row| made.push(f(opened.get(row))));
    Ok(made.into_batch())
}

/// What to say of state of a version that the operator knows nothing of.
pub fn unknown_version(version: u32) -> Error {
    Error::failed(format!("the operator knows no way from state of version {version} to its own"))
}

/// The columns that a state of type `S` is written to; a single one without a name is called `state`.
pub fn state_fields<S: Write, const N: usize>(names: &[&str; N]) -> Vec<Field> {
    const { schema::named_all_or_none(N, S::N_NAMES) }
    match (N, S::N_NAMES) {
        (0, 1) => schema::output_of::<S>(&["state"]),
        _ => schema::output_of::<S>(names),
    }
}

/// The columns emitted by what the function returns, which is never called.
pub fn emitted_fields<I: IntoIterator<Item: Write>, const N: usize>(
    names: &[&str; N],
    _: impl FnOnce() -> I,
) -> Vec<Field> {
    const { schema::named_all_or_none(N, I::Item::N_NAMES) }
    schema::output_of::<I::Item>(names)
}

/// What an operator reads, and what it is offered.
pub struct Columns<'a> {
    /// The key's columns that it reads.
    pub keys: Vec<Field>,
    /// Those of the job.
    pub offered_keys: &'a [Field],
    /// The other columns that it reads.
    pub input: Vec<Field>,
    /// Those offered.
    pub offered: &'a [Field],
}

/// A binding to all the columns offered, if they are those expected.
pub fn bind(
    columns: &Columns<'_>,
    state: Vec<Field>,
    state_version: u32,
    output: Vec<Field>,
    timeout_ms: Option<u64>,
) -> Result<Binding, Error> {
    schema::bind(&columns.keys, columns.offered_keys).map_err(|error| match error {
        Error::InvalidInput(what) => Error::InvalidInput(format!("the key: {what}")),
        other => other,
    })?;
    let columns = schema::bind(&columns.input, columns.offered)?;
    Ok(Binding { columns, state, state_version, output, timeout_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::testing;

    /// The sum of a key's values, in the second version: whether it was ever below zero is kept too.
    #[update_state_by_key(state = ["sum", "was_below"], version = 2, migrate = from_sum)]
    fn sums(_key: i64, values: Vec<i64>, state: Option<(i64, bool)>) -> Option<(i64, bool)> {
        let (sum, was_below) = state.unwrap_or_default();
        let sum = values.into_iter().fold(sum, |sum, value| sum + value);
        Some((sum, was_below || sum < 0))
    }

    fn from_sum(sum: i64) -> (i64, bool) {
        (sum, sum < 0)
    }

    #[map_with_state]
    fn plain(_key: i64, value: Option<i64>, _state: &mut State<i64>) -> Option<i64> {
        value
    }

    #[test]
    fn state_of_the_version_before_is_made_this_ones() {
        let (keys, input) = (schema::output_of::<i64>(&["key"]), schema::output_of::<i64>(&["value"]));
        assert_eq!(<sums as Stateful>::bind("{}", &keys, &input).map(|bound| bound.state_version), Ok(2));
        let opened = <sums as Stateful>::open(&testing::context(), "{}", &keys, &input).unwrap();
        let (old_schema, old) = testing::batch(&["sum"], [5_i64, -3]);
        let made = opened.migrate(1, &old_schema, &old).unwrap();
        assert_eq!(testing::rows::<(i64, bool)>(&made), Ok(vec![(5, false), (-3, true)]));
        let unknown = opened.migrate(0, &old_schema, &old).unwrap_err();
        assert_eq!(unknown, Error::failed("the operator knows no way from state of version 0 to its own"));
        let (text_schema, text) = testing::batch(&["sum"], ["five"]);
        let other = opened.migrate(1, &text_schema, &text).unwrap_err();
        assert_eq!(other, Error::invalid_input("column `sum` is string, the operator reads int64"));
        let plain = <plain as Stateful>::open(&testing::context(), "{}", &keys, &input).unwrap();
        assert!(plain.migrate(0, &old_schema, &old).is_err());
    }

    #[test]
    fn what_is_handed_over_has_to_fit_together() {
        let (keys, input) = (schema::output_of::<i64>(&["key"]), schema::output_of::<i64>(&["value"]));
        let opened = <plain as Stateful>::open(&testing::context(), "{}", &keys, &input).unwrap();
        let numbers = |numbers: &[i64]| testing::batch(&["n"], numbers.to_vec()).1;
        let work = |value_ends: Vec<u32>, old_keys: Vec<u32>| Work {
            keys: numbers(&[1, 2]),
            values: numbers(&[10, 20]),
            value_ends,
            old: numbers(&[7]),
            old_keys,
            timed_out: vec![],
        };
        assert!(opened.update(&work(vec![1, 2], vec![1])).is_ok());
        for (ends, old_keys) in [(vec![2], vec![1]), (vec![2, 1], vec![1]), (vec![1, 3], vec![1]), (vec![1, 2], vec![])]
        {
            assert!(opened.update(&work(ends.clone(), old_keys.clone())).is_err(), "{ends:?} {old_keys:?}");
        }
    }

    #[test]
    #[should_panic(expected = "state that was removed in this call can't be updated")]
    fn removed_state_isnt_updated() {
        let mut state = State::new(Some(1));
        state.remove();
        state.update(2);
    }

    #[test]
    #[should_panic(expected = "state of a key that times out can't be removed")]
    fn state_of_a_key_that_times_out_isnt_removed() {
        State::timing_out(1).remove();
    }
}
