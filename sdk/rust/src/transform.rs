//! Operators from rows to rows: the trait beneath the attributes, and the loops over rows that they use.
//!
//! Most operators are functions under `#[map]`, `#[flat_map]` or `#[filter]`, or a [`MapPartitions`]. [`Transform`] is for
//! those that see columns as they lie and choose their schema when they are bound.

use crate::data::{Batch, Context, Field};
use crate::error::{Error, Reject};
use crate::read::{Cursor, Read};
use crate::schema;
use crate::write::{Rows, Write};
use serde::de::DeserializeOwned;

use crate::bindings::transform::exports::sluicebox::operator::transform as wit;
pub use wit::{Binding, Expansion, Kind, Operator, Output, Rejection, Rows as Made};

/// An operator as the host sees it: schemas and buffers. See the WIT package's `transform` for what holds of each call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transform",
    note = "transforms are functions under #[map], #[flat_map] or #[filter], and types under #[map_partitions]; those under #[reduce] and \
            #[aggregate] are named in `aggregates: [...]`"
)]
pub trait Transform {
    /// What the operator is called, reads and does.
    fn describe() -> Operator;

    /// Which of the columns offered it reads, and which it makes.
    fn bind(config: &str, input: &[Field]) -> Result<Binding, Error>;

    /// Begin a partition; `input` has the columns bound.
    fn open(context: &Context, config: &str, input: &[Field]) -> Result<Box<dyn Partition>, Error>;
}

/// An operator at work on a partition.
pub trait Partition {
    /// Work on a chunk.
    fn process(&mut self, input: Batch) -> Result<Output, Error>;

    /// Rows held back, at the end of the partition.
    fn finish(&mut self) -> Result<Option<Batch>, Error> {
        Ok(None)
    }
}

impl Output {
    /// Rows made, none rejected.
    pub fn made(batch: Batch) -> Self {
        Output { rows: wit::Rows::Made(batch), rejected: Vec::new() }
    }

    fn of<T: Write>(rows: Rows<T>, rejected: Vec<Rejection>) -> Self {
        Output { rows: wit::Rows::Made(rows.into_batch()), rejected }
    }

    /// What a flat-map made, with where each row's rows end.
    fn expanded<T: Write>(mut rows: Rows<T>, rejected: Vec<Rejection>) -> Self {
        let ends = std::mem::take(&mut rows.ends);
        Output { rows: wit::Rows::Expanded(Expansion { rows: rows.into_batch(), ends }), rejected }
    }
}

/// An operator over whole partitions that keeps something from row to row; goes under `#[map_partitions]`.
///
/// ```
/// use sluicebox_sdk::prelude::*;
/// use std::collections::BTreeMap;
///
/// #[derive(Default)]
/// struct Counts(BTreeMap<String, i64>);
///
/// /// How often each word comes in a partition.
/// #[map_partitions(name = "count-words", output = ["word", "count"])]
/// impl MapPartitions for Counts {
///     type Input<'a> = &'a str;
///     type Output = (String, i64);
///
///     fn process(&mut self, word: &str, _out: &mut Rows<(String, i64)>) -> Result<(), Reject> {
///         *self.0.entry(word.to_owned()).or_default() += 1;
///         Ok(())
///     }
///
///     fn finish(&mut self, out: &mut Rows<(String, i64)>) {
///         for count in std::mem::take(&mut self.0) {
///             out.push(count);
///         }
///     }
/// }
/// ```
pub trait MapPartitions: Sized + 'static {
    /// The configuration; the attribute fills in [`NoConfig`] where there is none.
    type Config: DeserializeOwned;
    /// A row read.
    type Input<'a>: Read<'a>;
    /// A row made.
    type Output: Write;

    /// Begin a partition; the attribute fills in `Default` where this is missing.
    fn open(config: Self::Config, context: &Context) -> Result<Self, Error>;

    /// Take a row; push as many as it makes.
    fn process(&mut self, row: Self::Input<'_>, out: &mut Rows<Self::Output>) -> Result<(), Reject>;

    /// Push rows held back, at the end of the partition.
    fn finish(&mut self, _out: &mut Rows<Self::Output>) {}
}

/// The configuration of an operator that has none. The plugin's table is read by its other operators, so it may hold anything.
#[derive(Default)]
pub struct NoConfig;

impl<'de> serde::Deserialize<'de> for NoConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| NoConfig)
    }
}

/// A function over chunks, as a [`Partition`].
pub struct EachChunk<F>(pub F);

impl<F: FnMut(&Batch) -> Result<Output, Error>> Partition for EachChunk<F> {
    fn process(&mut self, input: Batch) -> Result<Output, Error> {
        self.0(&input)
    }
}

/// A [`MapPartitions`] at work.
pub struct EachRow<T> {
    /// What the author keeps.
    pub task: T,
    /// Names of the columns read, for messages.
    pub names: Vec<String>,
    /// Whether the author was told that the partition has ended.
    pub finished: bool,
}

impl<T: MapPartitions> Partition for EachRow<T> {
    fn process(&mut self, input: Batch) -> Result<Output, Error> {
        let mut rows = Rows::<T::Output>::default();
        let rejected = each_row(&input, &self.names, |row, _| self.task.process(row, &mut rows))?;
        Ok(Output::of(rows, rejected))
    }

    fn finish(&mut self) -> Result<Option<Batch>, Error> {
        // The host asks again after rows, which were all there are.
        if std::mem::replace(&mut self.finished, true) {
            return Ok(None);
        }
        let mut rows = Rows::<T::Output>::default();
        self.task.finish(&mut rows);
        Ok((!rows.is_empty()).then(|| rows.into_batch()))
    }
}

/// What a function makes of a row: a value, or a value or a rejection.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what an operator makes of a row",
    label = "neither a row, nor a `Result` of one",
    note = "return the row, or `Result<row, Reject>`; `reject!(\"...\")` makes a `Reject` of text, and `?` of any error of the standard library"
)]
pub trait Outcome {
    /// The value.
    type Value;
    /// The value, or why there is none.
    fn outcome(self) -> Result<Self::Value, Reject>;
}

impl<T: Write> Outcome for T {
    type Value = T;

    #[inline]
    fn outcome(self) -> Result<T, Reject> {
        Ok(self)
    }
}

impl<T: Write, E: Into<Reject>> Outcome for Result<T, E> {
    type Value = T;

    #[inline]
    fn outcome(self) -> Result<T, Reject> {
        self.map_err(E::into)
    }
}

/// What a filter says of a row: whether it stays, or a rejection.
#[diagnostic::on_unimplemented(
    message = "`{Self}` doesn't say whether a row stays",
    label = "a filter returns `bool` or `Result<bool, Reject>`"
)]
pub trait Verdict {
    /// Whether the row stays, or why it is rejected.
    fn verdict(self) -> Result<bool, Reject>;
}

impl Verdict for bool {
    #[inline]
    fn verdict(self) -> Result<bool, Reject> {
        Ok(self)
    }
}

impl<E: Into<Reject>> Verdict for Result<bool, E> {
    #[inline]
    fn verdict(self) -> Result<bool, Reject> {
        self.map_err(E::into)
    }
}

/// Call `each` with every row that has no null where `A` has no room for one; reject the others, and those that it rejects.
#[inline]
fn each_row<'a, A: Read<'a>>(
    batch: &'a Batch,
    names: &[String],
    mut each: impl FnMut(A, usize) -> Result<(), Reject>,
) -> Result<Vec<Rejection>, Error> {
    let column = A::open_row(&mut Cursor::new(batch))?;
    let may_lack = A::may_lack(&column);
    let mut rejected = Vec::new();
    for row in 0..batch.rows as usize {
        let result = match may_lack.then(|| A::lacks(&column, row)).flatten() {
            None => each(A::get(&column, row), row),
            Some(lacking) => Err(Reject::new(null_in(names, lacking))),
        };
        if let Err(why) = result {
            rejected.push(Rejection { row: row as u32, reason: why.into_reason() });
        }
    }
    Ok(rejected)
}

pub(crate) fn null_in(names: &[String], column: usize) -> String {
    match names.get(column) {
        Some(name) => format!("column `{name}` is null, which the operator takes no Option for"),
        None => "a null that the operator takes no Option for".to_owned(),
    }
}

/// The loop of `#[map]`.
#[inline]
pub fn map<'a, A: Read<'a>, R: Outcome<Value: Write>>(
    batch: &'a Batch,
    names: &[String],
    f: impl Fn(A) -> R,
) -> Result<Output, Error> {
    let mut rows = Rows::<R::Value>::default();
    rows.reserve(batch.rows as usize, bytes(batch));
    let rejected = each_row(batch, names, |row, _| f(row).outcome().map(|made| rows.push(made)))?;
    Ok(Output::of(rows, rejected))
}

/// The loop of `#[flat_map]`.
#[inline]
pub fn flat_map<'a, A: Read<'a>, I: IntoIterator<Item: Write>, E: Into<Reject>>(
    batch: &'a Batch,
    names: &[String],
    f: impl Fn(A) -> Result<I, E>,
) -> Result<Output, Error> {
    let mut rows = Rows::<I::Item>::default();
    let bytes = bytes(batch);
    // Words of text are some 6 bytes apart.
    rows.reserve((batch.rows as usize).max(bytes / 8), bytes);
    let mut ends = Vec::with_capacity(batch.rows as usize);
    let rejected = each_row(batch, names, |row, index| {
        // Rows before this one that were rejected for a null made nothing.
        ends.resize(index, rows.len() as u32);
        f(row).map_err(E::into).map(|made| made.into_iter().for_each(|made| rows.push(made)))
    })?;
    ends.resize(batch.rows as usize, rows.len() as u32);
    rows.ends = ends;
    Ok(Output::expanded(rows, rejected))
}

/// The loop of `#[filter]`.
#[inline]
pub fn filter<'a, A: Read<'a>, R: Verdict>(
    batch: &'a Batch,
    names: &[String],
    f: impl Fn(A) -> R,
) -> Result<Output, Error> {
    let mut kept = Vec::with_capacity(batch.rows as usize);
    let rejected = each_row(batch, names, |row, index| {
        f(row).verdict().map(|keep| {
            if keep {
                kept.push(index as u32);
            }
        })
    })?;
    Ok(Output { rows: wit::Rows::Kept(kept), rejected })
}

/// One call of an operator over columns; `ends` where it says what it made of which row.
pub fn columns<T: Write>(
    batch: &Batch,
    ends: bool,
    f: impl FnOnce(&mut Cursor<'_>, usize, &mut Rows<T>) -> Result<(), Error>,
) -> Result<Output, Error> {
    let mut rows = Rows::<T>::default();
    f(&mut Cursor::new(batch), batch.rows as usize, &mut rows)?;
    let rejected = std::mem::take(&mut rows.rejected);
    if !ends {
        return Ok(Output::of(rows, rejected));
    }
    let (n_ends, n_rows) = (rows.ends.len(), batch.rows as usize);
    if n_ends != n_rows || rows.ends.last().is_some_and(|end| *end as usize != rows.len()) {
        let what = "a flat-map over columns calls `Rows::end_row` after what it makes of each row";
        return Err(Error::failed(format!("{what}: it did {n_ends} times for {n_rows} rows")));
    }
    Ok(Output::expanded(rows, rejected))
}

/// Bytes in all buffers: what an operator makes of text is seldom more.
fn bytes(batch: &Batch) -> usize {
    batch.buffers.iter().map(Vec::len).sum()
}

/// The output columns of the function's result, which is never called.
pub fn map_output<R: Outcome<Value: Write>, const N: usize>(names: &[&str; N], _: impl FnOnce() -> R) -> Vec<Field> {
    const { schema::named_all_or_none(N, R::Value::N_NAMES) }
    schema::output_of::<R::Value>(names)
}

/// As [`map_output`], of what is iterated over.
pub fn flat_map_output<I: IntoIterator<Item: Write>, E, const N: usize>(
    names: &[&str; N],
    _: impl FnOnce() -> Result<I, E>,
) -> Vec<Field> {
    const { schema::named_all_or_none(N, I::Item::N_NAMES) }
    schema::output_of::<I::Item>(names)
}

/// A binding to all the columns offered, if they are those expected.
pub fn bind(expected: &[Field], offered: &[Field], output: Vec<Field>) -> Result<Binding, Error> {
    Ok(Binding { columns: schema::bind(expected, offered)?, output })
}

#[cfg(test)]
mod tests {
    use crate::transform::{Expansion, Made};
    use crate::{prelude::*, testing};

    // What the attributes write names the crate as its users do.
    extern crate self as sluicebox_sdk;

    #[flat_map(output = "n")]
    fn ones(n: i64) -> Result<Vec<i64>, Reject> {
        usize::try_from(n).map(|n| vec![1; n]).map_err(|_| reject!("{n} is below zero"))
    }

    #[flat_map(columns, output = "n")]
    fn forgetful(n: Column<'_, i64>, out: &mut Rows<i64>) {
        n.iter().for_each(|n| out.push(n));
    }

    #[test]
    fn a_flat_map_says_where_each_rows_rows_end() {
        let rows = [Some(2_i64), None, Some(0), Some(-1), Some(3), None];
        let made = testing::run::<ones, _>("{}", &[], rows).unwrap();
        let Made::Expanded(Expansion { ends, .. }) = &made.made else { panic!("{:?}", made.made) };
        assert_eq!(*ends, [2, 2, 2, 2, 5, 5]);
        assert_eq!(made.rejected.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 3, 5]);
        let error = testing::run::<forgetful, _>("{}", &[], [1_i64, 2]).unwrap_err();
        assert!(format!("{error:?}").contains("it did 0 times for 2 rows"), "{error:?}");
    }
}
