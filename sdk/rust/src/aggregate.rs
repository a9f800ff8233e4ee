//! Operators that fold the rows of a key into one: the trait for authors, and the one beneath it.

use crate::data::{Batch, Context, Field};
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::schema;
use crate::transform::null_in;
use crate::write::{Rows, Write};
use serde::de::DeserializeOwned;

pub use crate::bindings::aggregate::exports::sluicebox::operator::aggregate::{Binding, Operator};

/// An aggregate: rows are added to partials, partials are merged, and a result is made of the last one. Goes under `#[aggregate]`.
///
/// The host keeps the partials, over batches and between machines; the aggregate keeps nothing but its configuration. A key's
/// rows, and its partials, come in the order (source partition, position).
///
/// ```
/// use sluicebox_sdk::prelude::*;
///
/// #[derive(Default)]
/// struct Mean;
///
/// /// A column's mean.
/// #[aggregate(output = "mean")]
/// impl Aggregate for Mean {
///     type Input<'a> = f64;
///     type Partial = (f64, i64);
///     type Output = f64;
///
///     fn add(&self, partial: &mut (f64, i64), value: f64) {
///         *partial = (partial.0 + value, partial.1 + 1);
///     }
///
///     fn merge(&self, whole: &mut (f64, i64), part: (f64, i64)) {
///         *whole = (whole.0 + part.0, whole.1 + part.1);
///     }
///
///     fn finish(&self, (sum, count): (f64, i64)) -> f64 {
///         sum / count as f64
///     }
/// }
/// ```
pub trait Aggregate: Sized + 'static {
    /// The configuration; the attribute fills in [`NoConfig`](crate::NoConfig) where there is none.
    type Config: DeserializeOwned;
    /// A row read, of the columns that are not keys; `()`, where only rows count, is filled in where this is missing.
    type Input<'a>: Read<'a>;
    /// What is kept of a key's rows.
    type Partial: for<'a> Read<'a> + Write;
    /// The result's columns; the key's come before them. Where this and `finish` are missing, the result is the partial.
    type Output: Write;

    /// Make the aggregate; the attribute fills in `Default` where this is missing.
    fn open(config: Self::Config, context: &Context) -> Result<Self, Error>;

    /// The partial of no row yet; the attribute fills in `Default` where this is missing.
    fn start(&self) -> Self::Partial;

    /// Add a row to a partial.
    fn add(&self, partial: &mut Self::Partial, row: Self::Input<'_>);

    /// Add a partial to one that comes before it. In one step or in several, the result is the same.
    fn merge(&self, whole: &mut Self::Partial, part: Self::Partial);

    /// Take a partial out of a whole that it was merged into: `unmerge(merge(a, b), b) = a`. Where it is written, the attribute says so
    /// to the host, which then slides windows by it.
    fn unmerge(&self, _whole: &mut Self::Partial, _part: Self::Partial) {
        unreachable!("called only where it is written")
    }

    /// The result of a partial.
    fn finish(&self, partial: Self::Partial) -> Self::Output;
}

/// An aggregate as the host sees it: schemas and buffers. See the WIT package's `aggregate` for what holds of each call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    note = "aggregates are functions under #[reduce] and types under #[aggregate]; those under #[map], #[flat_map], #[filter] and \
            #[map_partitions] are named in `transforms: [...]`"
)]
pub trait Aggregation {
    /// What the operator is called, reads and does.
    fn describe() -> Operator;

    /// Which of the columns offered it reads, and the columns of partials and results.
    fn bind(config: &str, input: &[Field]) -> Result<Binding, Error>;

    /// Choose it for the calls that follow.
    fn open(context: &Context, config: &str, input: &[Field]) -> Result<Box<dyn Fold>, Error>;
}

/// An aggregate at work.
pub trait Fold {
    /// Fold rows into `n_groups` partials.
    fn partial(&self, values: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, Error>;
    /// Fold partials into `n_groups`.
    fn merge(&self, partials: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, Error>;
    /// Take partials out of wholes.
    fn unmerge(&self, whole: &Batch, partials: &Batch, groups: &[u32]) -> Result<Batch, Error>;
    /// A result for each partial.
    fn finish(&self, partials: Batch) -> Result<Batch, Error>;
}

/// An [`Aggregate`] at work.
pub struct EachGroup<T> {
    /// The author's aggregate.
    pub aggregate: T,
    /// Names of the columns read, for messages.
    pub names: Vec<String>,
}

impl<T: Aggregate> Fold for EachGroup<T> {
    fn partial(&self, values: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, Error> {
        let mut partials: Vec<T::Partial> = (0..n_groups).map(|_| self.aggregate.start()).collect();
        each(values, groups, &mut partials, &self.names, |partial, row| self.aggregate.add(partial, row))?;
        Ok(batch_of(partials))
    }

    fn merge(&self, partials: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, Error> {
        let mut wholes: Vec<T::Partial> = (0..n_groups).map(|_| self.aggregate.start()).collect();
        each(partials, groups, &mut wholes, &[], |whole, part| self.aggregate.merge(whole, part))?;
        Ok(batch_of(wholes))
    }

    fn unmerge(&self, whole: &Batch, partials: &Batch, groups: &[u32]) -> Result<Batch, Error> {
        let mut wholes: Vec<T::Partial> = Vec::with_capacity(whole.rows as usize);
        rows(whole, &[], |_, partial| {
            wholes.push(partial);
            Ok(())
        })?;
        each(partials, groups, &mut wholes, &[], |whole, part| self.aggregate.unmerge(whole, part))?;
        Ok(batch_of(wholes))
    }

    fn finish(&self, partials: Batch) -> Result<Batch, Error> {
        let mut results = Rows::<T::Output>::default();
        results.reserve(partials.rows as usize, 0);
        rows(&partials, &[], |_, partial| {
            results.push(self.aggregate.finish(partial));
            Ok(())
        })?;
        Ok(results.into_batch())
    }
}

/// Call `f` with every row, in order.
#[inline]
fn rows<'a, A: Read<'a>>(
    batch: &'a Batch,
    names: &[String],
    mut f: impl FnMut(usize, A) -> Result<(), Error>,
) -> Result<(), Error> {
    let column = A::open_row(&mut Cursor::new(batch))?;
    let may_lack = A::may_lack(&column);
    for row in 0..batch.rows as usize {
        if may_lack && let Some(lacking) = A::lacks(&column, row) {
            return Err(Error::failed(format!("row {row}: {}", null_in(names, lacking))));
        }
        f(row, A::get(&column, row))?;
    }
    Ok(())
}

/// Call `f` with every row and what is kept for its group.
#[inline]
fn each<'a, A: Read<'a>, P>(
    batch: &'a Batch,
    groups: &[u32],
    kept: &mut [P],
    names: &[String],
    f: impl Fn(&mut P, A),
) -> Result<(), Error> {
    if groups.len() != batch.rows as usize {
        return Err(Error::failed(format!("{} groups were handed over for {} rows", groups.len(), batch.rows)));
    }
    let column = A::open_row(&mut Cursor::new(batch))?;
    if A::may_lack(&column) {
        let lacking = |row| A::lacks(&column, row).map(|lacking| (row, lacking));
        if let Some((row, lacking)) = (0..groups.len()).find_map(lacking) {
            return Err(Error::failed(format!("row {row}: {}", null_in(names, lacking))));
        }
    }
    let n_groups = kept.len();
    let mut wrong = None;
    let mut add = |row: usize, group: u32| match kept.get_mut(group as usize) {
        Some(kept) => f(kept, A::get(&column, row)),
        None => wrong = Some((row, group)),
    };
    // Several rows a turn: the host counts the turns of loops, to end those that never do.
    let (blocks, rest) = groups.as_chunks::<8>();
    for (block, groups) in blocks.iter().enumerate() {
        groups.iter().zip(block * 8..).for_each(|(group, row)| add(row, *group));
    }
    rest.iter().zip(blocks.len() * 8..).for_each(|(group, row)| add(row, *group));
    match wrong {
        None => Ok(()),
        Some((row, group)) => Err(Error::failed(format!("row {row} is in group {group} of {n_groups}"))),
    }
}

fn batch_of<T: Write>(rows: Vec<T>) -> Batch {
    let mut made = Rows::<T>::default();
    made.reserve(rows.len(), 0);
    rows.into_iter().for_each(|row| made.push(row));
    made.into_batch()
}

/// The fold of `#[reduce]`: a group's first value, then `f` of what there is and the next.
#[inline]
pub fn reduce<'a, T: Read<'a> + Write>(
    batch: &'a Batch,
    names: &[String],
    groups: &[u32],
    n_groups: u32,
    f: impl Fn(T, T) -> T,
) -> Result<Batch, Error> {
    let mut kept: Vec<Option<T>> = (0..n_groups).map(|_| None).collect();
    each(batch, groups, &mut kept, names, |kept, value| {
        *kept = Some(match kept.take() {
            Some(so_far) => f(so_far, value),
            None => value,
        });
    })?;
    match kept.into_iter().collect::<Option<Vec<T>>>() {
        Some(rows) => Ok(batch_of(rows)),
        None => Err(Error::failed("a group without rows was handed over")),
    }
}

/// The inverse of `#[reduce]`.
#[inline]
pub fn unreduce<'a, T: Read<'a> + Write>(
    whole: &'a Batch,
    partials: &'a Batch,
    groups: &[u32],
    f: impl Fn(T, T) -> T,
) -> Result<Batch, Error> {
    let mut kept: Vec<Option<T>> = Vec::with_capacity(whole.rows as usize);
    rows(whole, &[], |_, value| {
        kept.push(Some(value));
        Ok(())
    })?;
    each(partials, groups, &mut kept, &[], |kept, part| *kept = kept.take().map(|whole| f(whole, part)))?;
    Ok(batch_of(kept.into_iter().flatten().collect()))
}

/// A binding to all the columns offered, if they are those expected.
pub fn bind(
    expected: &[Field],
    offered: &[Field],
    partial: Vec<Field>,
    partial_version: u32,
    output: Vec<Field>,
) -> Result<Binding, Error> {
    Ok(Binding { columns: schema::bind(expected, offered)?, partial, partial_version, output })
}
