//! Keys at whose partials an aggregate fails: how they are found by halves, and what is told of them.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, RecordBatch, StructArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::Result;

use super::left_out::Halves;
use crate::plugin::PluginError;

/// The column in which a dead letter has a key's partials, a list of them. No column of a stream can be called so.
pub const PARTIALS: &str = "#partials";

/// A key that is left out.
#[derive(Debug)]
pub(crate) struct KeyLeftOut {
    /// What the operator did.
    pub(crate) error: PluginError,
    /// Its partials, in their order.
    pub(crate) partials: Vec<RecordBatch>,
}

/// Partials for one call, those of a group one after the other, and the group of each.
#[derive(Debug)]
pub(crate) struct Partials {
    pub(crate) rows: RecordBatch,
    pub(crate) groups: Vec<u32>,
}

impl Halves for Partials {
    fn halves(self) -> Result<(Self, Self), Self> {
        let Some(at) = half(self.groups.len(), |row| self.groups[row], 2) else { return Err(self) };
        let Self { rows, mut groups } = self;
        let after = groups.split_off(at);
        let rest = rows.slice(at, after.len());
        Ok((Self { rows: rows.slice(0, at), groups }, Self { rows: rest, groups: after }))
    }
}

/// Where to halve `n` rows so that no group is cut; where there is only one group, in its middle, if it has more than `least` rows.
pub(crate) fn half(n: usize, group: impl Fn(usize) -> u32, least: usize) -> Option<usize> {
    let middle = n / 2;
    let is_cut = |at: &usize| group(*at - 1) == group(*at);
    let boundary = (1..=middle).rev().find(|at| !is_cut(at)).or_else(|| (middle + 1..n).find(|at| !is_cut(at)));
    boundary.or_else(|| (n > least && middle > 0).then_some(middle))
}

/// The key of a group and its partials, as the one row of a record batch; `fields` and `keys` are the key's columns.
pub(crate) fn letter_row(
    fields: &[FieldRef],
    keys: &[ArrayRef],
    group: u32,
    partial: &SchemaRef,
    partials: &[RecordBatch],
) -> Result<RecordBatch> {
    let of_key = UInt32Array::from(vec![group]);
    let mut columns = keys.iter().map(|key| arrow::compute::take(key, &of_key, None)).collect::<Result<Vec<_>, _>>()?;
    let partials = match partials.first() {
        Some(first) => concat_batches(&first.schema(), partials)?,
        None => RecordBatch::new_empty(partial.clone()),
    };
    let (n, partials) = (partials.num_rows(), StructArray::from(partials));
    let item = Arc::new(Field::new("item", DataType::Struct(partials.fields().clone()), false));
    let list = Field::new(PARTIALS, DataType::List(item.clone()), false);
    columns.push(Arc::new(ListArray::try_new(item, OffsetBuffer::from_lengths([n]), Arc::new(partials), None)?));
    let fields: Vec<FieldRef> = fields.iter().cloned().chain([Arc::new(list)]).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_halved_between_them_and_one_alone_until_it_has_two_rows() {
        for (groups, least, at) in [
            (&[1][..], 2, None),
            (&[1, 1], 2, None),
            (&[1, 1, 1], 2, Some(1)),
            (&[1, 1, 1, 1], usize::MAX, None),
            (&[1, 2], 2, Some(1)),
            (&[1, 1, 1, 2], 2, Some(3)),
            (&[1, 2, 2, 2, 2], 2, Some(1)),
            (&[1, 1, 2, 2, 3, 3], 2, Some(2)),
        ] {
            assert_eq!(half(groups.len(), |row| groups[row], least), at, "{groups:?}");
        }
    }
}
