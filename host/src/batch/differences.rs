//! Where two datasets differ: as sets in which a row may be more than once, whatever its partition and place.

use arrow::array::RecordBatch;
use arrow::row::{Row, RowConverter, Rows, SortField};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Error, Result};

/// Rows of a dataset that only one of both has, as far as they are shown.
pub const SAMPLES: usize = 5;
/// Rows of a batch that are compared; a batch that has more is compared by their number.
const MAX_COMPARED: usize = 4_000_000;

/// How two datasets differ.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Differences {
    /// Rows of each.
    pub rows: (u64, u64),
    /// Rows that the other hasn't.
    pub only: (u64, u64),
    /// Some of these, as text, with `-` before those of the first and `+` before those of the second.
    pub samples: Vec<String>,
}

impl Differences {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.only == (0, 0)
    }
}

/// Where a row is: its record batch, and its place in it.
type Place = (usize, usize);

/// Compare two datasets, given as the record batches of each partition.
///
/// # Errors
/// When rows of their types can't be compared.
pub fn differences(mut current: Vec<Vec<RecordBatch>>, mut candidate: Vec<Vec<RecordBatch>>) -> Result<Differences> {
    let count = |rows: &[Vec<RecordBatch>]| rows.iter().flatten().map(|rows| rows.num_rows() as u64).sum::<u64>();
    let both = (count(&current), count(&candidate));
    let types = |rows: &[Vec<RecordBatch>]| rows.iter().flatten().next().map(RecordBatch::schema);
    let (of_current, of_candidate) = (types(&current), types(&candidate));
    if let (Some(a), Some(b)) = (&of_current, &of_candidate)
        && a.fields().iter().map(|field| field.data_type()).ne(b.fields().iter().map(|field| field.data_type()))
    {
        let samples = vec![format!("- columns of other types: {a:?}"), format!("+ {b:?}")];
        return Ok(Differences { rows: both, only: both, samples });
    }
    // Of the same rows the same is mostly made, in the same order: what is left to be sorted is nothing then.
    for (a, b) in current.iter_mut().zip(&mut candidate) {
        let same: Vec<bool> = a.iter().zip(&*b).map(|(a, b)| a.columns() == b.columns()).collect();
        let is_same = |idx: usize| same.get(idx).copied().unwrap_or_default();
        for side in [a, b] {
            let mut at = 0..;
            side.retain(|_| !is_same(at.next().unwrap_or_default()));
        }
    }
    let (current, candidate) = (current.concat(), candidate.concat());
    let count = |rows: &[RecordBatch]| rows.iter().map(RecordBatch::num_rows).sum::<usize>();
    let (n_current, n_candidate) = (count(&current), count(&candidate));
    if n_current + n_candidate > MAX_COMPARED {
        let more = both.0.abs_diff(both.1);
        let only = if both.0 > both.1 { (more, 0) } else { (0, more) };
        return Ok(Differences { rows: both, only, samples: vec![] });
    }
    let Some(schema) = of_current.or(of_candidate).filter(|_| n_current + n_candidate > 0) else {
        return Ok(Differences { rows: both, only: (0, 0), samples: vec![] });
    };
    let wrong = |error: arrow::error::ArrowError| Error::failed(format_args!("rows can't be compared: {error}"));
    let fields = schema.fields().iter().map(|field| SortField::new(field.data_type().clone())).collect();
    let converter = RowConverter::new(fields).map_err(wrong)?;
    let converted = |all: &[RecordBatch]| {
        let converted = all.iter().map(|rows| converter.convert_columns(rows.columns()));
        converted.collect::<Result<Vec<Rows>, _>>().map_err(wrong)
    };
    let (rows_a, rows_b) = (converted(&current)?, converted(&candidate)?);
    let (a, b) = (sorted(&rows_a), sorted(&rows_b));
    let (mut of_a, mut of_b) = (a.iter().peekable(), b.iter().peekable());
    let (mut only, mut shown) = ((0_u64, 0_u64), vec![]);
    loop {
        let order = match (of_a.peek(), of_b.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        match order {
            std::cmp::Ordering::Equal => {
                of_a.next();
                of_b.next();
            }
            std::cmp::Ordering::Less => {
                only.0 += 1;
                shown.extend(of_a.next().filter(|_| only.0 <= SAMPLES as u64).map(|(_, at)| ('-', &current, *at)));
            }
            std::cmp::Ordering::Greater => {
                only.1 += 1;
                shown.extend(of_b.next().filter(|_| only.1 <= SAMPLES as u64).map(|(_, at)| ('+', &candidate, *at)));
            }
        }
    }
    let samples = shown.into_iter().map(|(sign, all, (at, row))| format!("{sign} {}", as_text(&all[at], row)));
    Ok(Differences { rows: both, only, samples: samples.collect() })
}

/// All rows in their order, and where each is.
fn sorted(all: &[Rows]) -> Vec<(Row<'_>, Place)> {
    let rows = all.iter().enumerate().flat_map(|(at, rows)| rows.iter().zip((0..).map(move |row| (at, row))));
    let mut rows: Vec<(Row<'_>, Place)> = rows.collect();
    rows.sort_unstable();
    rows
}

/// A row as text.
fn as_text(rows: &RecordBatch, row: usize) -> String {
    let options = FormatOptions::default().with_null("null");
    let schema = rows.schema();
    let cells = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
        let cell = ArrayFormatter::try_new(column, &options).map(|formatter| formatter.value(row).to_string());
        let mut cell = cell.unwrap_or_default().escape_debug().to_string();
        if cell.len() > 100 {
            cell.truncate(cell.floor_char_boundary(100));
            cell.push('…');
        }
        format!("{}={cell}", field.name())
    });
    cells.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, StringArray};

    use super::*;

    fn rows(of: &[(&str, f64)]) -> RecordBatch {
        let words = StringArray::from_iter_values(of.iter().map(|(word, _)| word));
        let numbers = Float64Array::from_iter_values(of.iter().map(|(_, number)| *number));
        RecordBatch::try_from_iter([("word", Arc::new(words) as _), ("number", Arc::new(numbers) as _)]).unwrap()
    }

    #[test]
    fn rows_are_compared_wherever_they_are() {
        let nan = f64::NAN;
        let (ab, ba) = (rows(&[("a", 1.0), ("b", nan)]), rows(&[("b", nan), ("a", 1.0)]));
        for (current, candidate) in [
            (vec![vec![ab.clone()]], vec![vec![ab.clone()]]),
            (vec![vec![ab.clone()]], vec![vec![ba.clone()]]),
            (vec![vec![ab.clone(), ba.clone()]], vec![vec![ab.slice(0, 1)], vec![ba.clone(), ab.slice(1, 1)]]),
            (vec![vec![], vec![ab.clone()]], vec![vec![rows(&[])], vec![ab.clone()]]),
        ] {
            let differences = differences(current, candidate).unwrap();
            assert_eq!((differences.only, differences.samples), ((0, 0), Vec::<String>::new()));
            assert_eq!(differences.rows.0, differences.rows.1);
        }
        let twice = rows(&[("a", 1.0), ("a", 1.0), ("c", 2.0)]);
        let found = differences(vec![vec![ab.clone(), ab]], vec![vec![ba, twice]]).unwrap();
        assert_eq!((found.rows, found.only), ((4, 5), (1, 2)));
        assert_eq!(found.samples, ["+ word=a number=1.0", "- word=b number=NaN", "+ word=c number=2.0"]);
    }
}
