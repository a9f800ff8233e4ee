//! Joins: the pairs of rows with the same key.
//!
//! First the left's rows in their order, each with the right's rows of its key in theirs; then, where the left may be missing, the right's rows
//! whose key the left doesn't have, in their order.

use std::ops::Range;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, SchemaRef};
use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result};

use super::sides::{At, Cursor, Sides};
use super::{PIECE_ROWS, others};
use crate::job::definition::JoinType;

/// The columns of a join, after those of the key. A name that both sides have is `left_NAME` and `right_NAME`.
pub(super) fn fields(kind: JoinType, key: Vec<Field>, inputs: [&SchemaRef; 2], keys: &[Vec<usize>]) -> Vec<Field> {
    let nullable_key = |idx: usize, field: Field| {
        let nullable = match kind {
            // Only keys that both have, or that the one side has.
            JoinType::Inner => inputs.iter().zip(keys).all(|(input, key)| input.field(key[idx]).is_nullable()),
            JoinType::Left => inputs[0].field(keys[0][idx]).is_nullable(),
            JoinType::Right => inputs[1].field(keys[1][idx]).is_nullable(),
            JoinType::Full => field.is_nullable(),
        };
        field.with_nullable(nullable)
    };
    let key = key.into_iter().enumerate().map(|(idx, field)| nullable_key(idx, field));
    let sides = [others(inputs[0], &keys[0]), others(inputs[1], &keys[1])];
    let has = |side: usize, name: &str| sides[side].iter().any(|idx| inputs[side].field(*idx).name() == name);
    let side = |side: usize, prefix: &'static str, missing: bool| {
        sides[side].iter().map(move |idx| {
            let field = inputs[side].field(*idx).clone();
            let name =
                if has(1 - side, field.name()) { format!("{prefix}{}", field.name()) } else { field.name().clone() };
            let nullable = field.is_nullable() || missing;
            field.with_name(name).with_nullable(nullable)
        })
    };
    let left = side(0, "left_", kind.keeps_right());
    key.chain(left).chain(side(1, "right_", kind.keeps_left())).collect()
}

/// A partition whose rows are known.
pub(super) struct Joined {
    sides: Sides,
    kind: JoinType,
    schema: SchemaRef,
    left_columns: Vec<usize>,
    right_columns: Vec<usize>,
    left: Cursor,
    /// The left's row being joined, and the right's rows that it still has to be joined with.
    open: Option<(At, Range<usize>)>,
    right: Cursor,
    /// Found, and not made yet.
    pairs: Vec<Pair>,
    /// Whether the left has the key.
    left_has: Vec<bool>,
}

/// Rows to be made: of the left, and of the right.
type Pair = (Option<At>, Option<At>);

impl Joined {
    pub(super) fn new(mut sides: Sides, kind: JoinType, schema: SchemaRef) -> Result<Self> {
        sides.reserve(sides.n_keys())?;
        sides.sort();
        let mut left_has = vec![false; sides.n_keys()];
        sides.sides[0].numbers.iter().for_each(|key| left_has[*key as usize] = true);
        let of = |side: usize| sides.sides[side].others();
        let (left_columns, right_columns) = (of(0), of(1));
        Ok(Self {
            sides,
            kind,
            schema,
            left_columns,
            right_columns,
            left: Cursor::default(),
            open: None,
            right: Cursor::default(),
            pairs: Vec::new(),
            left_has,
        })
    }

    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>> {
        let mut pairs = std::mem::take(&mut self.pairs);
        while pairs.len() < PIECE_ROWS {
            let before = pairs.len();
            self.more(&mut pairs);
            if pairs.len() == before {
                break;
            }
        }
        let mut n_pairs = pairs.len();
        if n_pairs == 0 {
            return Ok(None);
        }
        loop {
            match self.rows(&pairs[..n_pairs]) {
                // Values of more than 2 GiB fit no column; those of fewer rows do.
                Err(error) if is_too_much(&error) && n_pairs > 1 => n_pairs /= 2,
                made => {
                    pairs.drain(..n_pairs);
                    self.pairs = pairs;
                    return made.map(Some);
                }
            }
        }
    }

    /// At least one pair more, and at most a piece in all; none at the end.
    fn more(&mut self, pairs: &mut Vec<Pair>) {
        let [left, right] = self.sides.sides.as_slice() else { return };
        loop {
            if let Some((place, matches)) = &mut self.open {
                let end = matches.end.min(matches.start + PIECE_ROWS - pairs.len());
                pairs.extend(right.sorted(matches.start..end).iter().map(|right| (Some(*place), Some(*right))));
                matches.start = end;
                if matches.start == matches.end {
                    self.open = None;
                }
                return;
            }
            let number = self.left.number;
            let Some(place) = left.place(&mut self.left) else { break };
            let key = left.numbers[number] as usize;
            let matches = right.rows_of(key..key + 1);
            if !matches.is_empty() {
                self.open = Some((place, matches));
            } else if self.kind.keeps_left() {
                pairs.push((Some(place), None));
                return;
            }
        }
        while self.kind.keeps_right() {
            let number = self.right.number;
            let Some(place) = right.place(&mut self.right) else { break };
            if !self.left_has[right.numbers[number] as usize] {
                pairs.push((None, Some(place)));
                return;
            }
        }
    }

    /// The rows of these pairs.
    fn rows(&self, pairs: &[Pair]) -> Result<RecordBatch> {
        let key = |pair: &Pair| match *pair {
            (Some(left), _) => (0, left),
            (None, right) => (1, right.unwrap_or_default()),
        };
        let keys: Vec<(u32, At)> = pairs.iter().map(key).collect();
        let n_keys = self.schema.fields().len() - self.left_columns.len() - self.right_columns.len();
        let mut columns = (0..n_keys).map(|column| self.sides.key_column(column, &keys)).collect::<Result<Vec<_>>>()?;
        let (left, right): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
        columns.extend(self.sides.sides[0].columns(&self.left_columns, &left)?);
        columns.extend(self.sides.sides[1].columns(&self.right_columns, &right)?);
        let options = RecordBatchOptions::new().with_row_count(Some(pairs.len()));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

/// Whether the error is that values are too many bytes for one column.
pub(super) fn is_too_much(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ArrowError(error, _) if matches!(**error, ArrowError::OffsetOverflowError(_)))
}
