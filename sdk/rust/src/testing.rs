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
use crate::transform::{Expansion, Made, Transform};
use crate::write::{Rows, Write};
use std::cell::RefCell;
use std::collections::BTreeMap;

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
