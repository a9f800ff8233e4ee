//! Where two datasets differ.

use std::collections::HashMap;

use super::cell::Cell;
use crate::clock::BatchTime;

type Row = Vec<Cell>;

/// Something that is not as a case expects it.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The stream's or output's name, as the case has it.
    pub name: String,
    /// Whether it is about the stream's state.
    pub is_state: bool,
    /// The batch, numbered from 1, and its time; none where it is about all of them.
    pub batch: Option<(usize, BatchTime)>,
    /// Which dataset of those emitted it is, numbered from 1, where the case expects those.
    pub emitted: Option<usize>,
    /// The partition, where the case says what each has.
    pub partition: Option<usize>,
    /// What is otherwise.
    pub what: What,
}

/// What is not as expected.
#[derive(Debug, Clone)]
pub enum What {
    /// No dataset was emitted.
    NotEmitted,
    /// A dataset was emitted where none is expected, with these columns and rows.
    Emitted(RowsDifference),
    /// Rows.
    Rows(RowsDifference),
    /// How many there are of `of`: `rows`, `partitions`, `datasets`.
    Count {
        /// What is counted.
        of: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

/// Rows that are missing, and rows that should not be there.
#[derive(Debug, Clone)]
pub struct RowsDifference {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows: where order counts in order, with those between that are as expected; else those missing, then those unexpected.
    pub lines: Vec<Line>,
    /// Whether the order of rows counts.
    pub ordered: bool,
}

/// A row of a difference.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is.
    pub sign: Sign,
    /// Its values.
    pub row: Vec<Cell>,
}

/// What a row of a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Expected, and not there.
    Missing,
    /// There, and not expected.
    Unexpected,
    /// As expected.
    Same,
}

impl RowsDifference {
    /// How many lines have this sign.
    pub fn count(&self, sign: Sign) -> usize {
        self.lines.iter().filter(|line| line.sign == sign).count()
    }
}

fn line(sign: Sign) -> impl Fn(Row) -> Line {
    move |row| Line { sign, row }
}

/// Rows where none should be.
pub fn unexpected(columns: &[String], found: Vec<Row>) -> RowsDifference {
    let lines = found.into_iter().map(line(Sign::Unexpected)).collect();
    RowsDifference { columns: columns.to_vec(), lines, ordered: false }
}

/// Where `found` differs from `expected`; none where it doesn't.
pub fn rows(
    columns: &[String],
    expected: Vec<Row>,
    found: Vec<Row>,
    ordered: bool,
    tolerance: Option<f64>,
) -> Option<RowsDifference> {
    let lines = if ordered { in_order(expected, found, tolerance) } else { multisets(expected, found, tolerance) };
    let differs = lines.iter().any(|line| line.sign != Sign::Same);
    differs.then(|| RowsDifference { columns: columns.to_vec(), lines, ordered })
}

fn same(a: &[Cell], b: &[Cell], tolerance: Option<f64>) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b, tolerance))
}

/// What one has and the other hasn't, however often.
fn multisets(expected: Vec<Row>, found: Vec<Row>, tolerance: Option<f64>) -> Vec<Line> {
    // Rows that are the same to the bit are shown in the same way, and rows that are shown in the same way are the same to the bit.
    let text = |row: &Row| row.iter().map(Cell::to_string).collect::<Vec<_>>();
    let mut missing: HashMap<Vec<String>, usize> = HashMap::new();
    for row in &expected {
        *missing.entry(text(row)).or_insert(0) += 1;
    }
    let mut unexpected: Vec<Row> = vec![];
    for row in found {
        match missing.get_mut(&text(&row)).filter(|n_missing| **n_missing > 0) {
            Some(n_missing) => *n_missing -= 1,
            None => unexpected.push(row),
        }
    }
    // Of rows that are there several times, the last ones are those that are missing.
    let is_missing = |row: &Row| {
        let n_missing = missing.get_mut(&text(row)).filter(|n_missing| **n_missing > 0);
        n_missing.map(|n_missing| *n_missing -= 1).is_some()
    };
    let mut missing: Vec<Row> = expected
        .into_iter()
        .rev()
        .filter({
            let mut is_missing = is_missing;
            move |row| is_missing(row)
        })
        .collect();
    missing.reverse();
    if tolerance.is_some() {
        pair_within(&mut missing, &mut unexpected, tolerance);
    }
    missing.into_iter().map(line(Sign::Missing)).chain(unexpected.into_iter().map(line(Sign::Unexpected))).collect()
}

/// Takes away pairs that are the same within the tolerance: as many as there can be, whichever row is looked at first.
fn pair_within(missing: &mut Vec<Row>, unexpected: &mut Vec<Row>, tolerance: Option<f64>) {
    // Augmenting paths: a row that finds its only partner taken asks whether that one's can take another.
    let fits: Vec<Vec<usize>> = missing
        .iter()
        .map(|row| (0..unexpected.len()).filter(|at| same(row, &unexpected[*at], tolerance)).collect())
        .collect();
    let mut partner: Vec<Option<usize>> = vec![None; unexpected.len()];
    for start in 0..missing.len() {
        let mut reached_by: HashMap<usize, usize> = HashMap::new();
        let mut open = vec![start];
        while let Some(row) = open.pop() {
            let next = fits[row].iter().copied().filter(|at| !reached_by.contains_key(at)).collect::<Vec<_>>();
            let mut free = None;
            for at in next {
                reached_by.insert(at, row);
                match partner[at] {
                    Some(other) => open.push(other),
                    None => free = Some(at),
                }
            }
            let Some(mut at) = free else { continue };
            // Everyone on the way moves on by one.
            loop {
                let row = reached_by[&at];
                let before = partner.iter().position(|partner| *partner == Some(row));
                partner[at] = Some(row);
                match before {
                    Some(before) => at = before,
                    None => break,
                }
            }
            break;
        }
    }
    let mut at = 0..;
    let paired: Vec<usize> = partner.iter().flatten().copied().collect();
    missing.retain(|_| at.next().is_some_and(|at| !paired.contains(&at)));
    let mut at = 0..;
    unexpected.retain(|_| at.next().is_some_and(|at| partner[at].is_none()));
}

/// The longest rows in common stay; up to this many comparisons are made for finding them.
const MAX_COMPARISONS: usize = 4_000_000;

/// Both, in order: what is missing and what is unexpected, between what they have in common.
fn in_order(expected: Vec<Row>, found: Vec<Row>, tolerance: Option<f64>) -> Vec<Line> {
    let is_same = |(a, b): &(&Row, &Row)| same(a, b, tolerance);
    let n_first = expected.iter().zip(&found).take_while(is_same).count();
    let rest = (&expected[n_first..], &found[n_first..]);
    let n_last = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(is_same).count();
    let middle = (&rest.0[..rest.0.len() - n_last], &rest.1[..rest.1.len() - n_last]);
    let signs = middle_signs(middle.0, middle.1, tolerance);
    let signs = std::iter::repeat_n(Sign::Same, n_first).chain(signs).chain(std::iter::repeat_n(Sign::Same, n_last));
    let signs: Vec<Sign> = signs.collect();
    let (mut expected, mut found) = (expected.into_iter(), found.into_iter());
    let mut take = |sign: &Sign| {
        let wanted = if *sign == Sign::Unexpected { None } else { expected.next() };
        let there = if *sign == Sign::Missing { None } else { found.next() };
        Some(Line { sign: *sign, row: there.or(wanted)? })
    };
    signs.iter().filter_map(&mut take).collect()
}

fn middle_signs(expected: &[Row], found: &[Row], tolerance: Option<f64>) -> Vec<Sign> {
    let (n, m) = (expected.len(), found.len());
    if n.saturating_mul(m) > MAX_COMPARISONS {
        return [vec![Sign::Missing; n], vec![Sign::Unexpected; m]].concat();
    }
    // common[i][j]: how many rows expected[i..] and found[j..] have in common, in order.
    let mut common = vec![vec![0_u32; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            common[i][j] = if same(&expected[i], &found[j], tolerance) {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut signs = vec![];
    while i < n || j < m {
        if i < n && j < m && same(&expected[i], &found[j], tolerance) {
            signs.push(Sign::Same);
            (i, j) = (i + 1, j + 1);
        } else if j == m || i < n && common[i + 1][j] >= common[i][j + 1] {
            signs.push(Sign::Missing);
            i += 1;
        } else {
            signs.push(Sign::Unexpected);
            j += 1;
        }
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[f64]) -> Vec<Row> {
        values.iter().map(|value| vec![Cell::Float(*value)]).collect()
    }

    fn shown(difference: Option<RowsDifference>) -> String {
        let sign = |sign| match sign {
            Sign::Missing => '-',
            Sign::Unexpected => '+',
            Sign::Same => '=',
        };
        let lines = difference.map_or(vec![], |difference| difference.lines);
        lines
            .iter()
            .map(|line| format!("{}{} ", sign(line.sign), line.row[0]))
            .collect::<String>()
            .trim_end()
            .to_owned()
    }

    fn differ(expected: &[f64], found: &[f64], ordered: bool, tolerance: Option<f64>) -> String {
        shown(rows(&["x".to_owned()], floats(expected), floats(found), ordered, tolerance))
    }

    #[test]
    fn multisets_count_how_often_a_row_is_there() {
        assert_eq!(differ(&[1.0, 2.0, 1.0], &[1.0, 1.0, 2.0], false, None), "");
        assert_eq!(differ(&[1.0, 1.0], &[1.0], false, None), "-1.0");
        assert_eq!(differ(&[1.0], &[3.0, 1.0, 1.0, 2.0], false, None), "+3.0 +1.0 +2.0");
        assert_eq!(differ(&[1.0, 2.0], &[2.0, 1.5], false, None), "-1.0 +1.5");
    }

    #[test]
    fn ordered_rows_keep_what_they_have_in_common() {
        assert_eq!(differ(&[1.0, 2.0], &[1.0, 2.0], true, None), "");
        assert_eq!(differ(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0], true, None), "=1.0 -2.0 =3.0 +2.0");
        assert_eq!(differ(&[], &[1.0], true, None), "+1.0");
        assert_eq!(differ(&[1.0, 2.0, 3.0, 4.0], &[1.0, 5.0, 4.0], true, None), "=1.0 -2.0 -3.0 +5.0 =4.0");
        assert_eq!(differ(&[1.0, 2.0], &[1.05, 2.05], true, Some(0.1)), "");
    }

    #[test]
    fn a_tolerance_pairs_as_many_rows_as_it_can() {
        // 1.0 fits both, 0.8 only the first: a pairing that takes the first that fits would leave one over.
        assert_eq!(differ(&[1.0, 0.8], &[0.9, 1.1], false, Some(0.15)), "");
        assert_eq!(differ(&[1.0, 0.8, 5.0], &[0.9, 1.1, 6.0], false, Some(0.15)), "-5.0 +6.0");
        assert_eq!(differ(&[1.0, 1.0], &[1.1], false, Some(0.2)), "-1.0");
    }
}
