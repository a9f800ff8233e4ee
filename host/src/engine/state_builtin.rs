//! The host's own updates of state: how many rows a key has had, and the sum, least or greatest value of each column.

use std::ops::Range;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Int64Array, PrimitiveArray, RecordBatch, UInt32Array,
    make_comparator,
};
use arrow::compute::{SortOptions, cast, concat, take, take_record_batch};
use arrow::datatypes::{
    ArrowNativeTypeOp, DataType, Decimal128Type, Field, Float64Type, Int64Type, Schema, SchemaRef, UInt64Type,
};
use arrow::error::ArrowError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::aggregate::{self, BuiltIn, COUNT};
use super::operators::StateCalls;
use crate::plugin::{PluginError, PluginErrorKind, StateBinding, StateOutcome, StateWork, TaskReport};

/// An update without a plugin. A key without new values keeps its state, and none is ever removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuiltInUpdate {
    /// How many rows, as `count: int64`.
    Count,
    /// The sum of each column that is not a key, as [`BuiltIn::Sum`] has it.
    Sum,
    /// The least value of each column that is not a key.
    Min,
    /// The greatest value of each column that is not a key.
    Max,
}

impl BuiltInUpdate {
    /// Its name in job files.
    pub fn name(self) -> &'static str {
        match self {
            BuiltInUpdate::Count => "count",
            BuiltInUpdate::Sum => "sum",
            BuiltInUpdate::Min => "min",
            BuiltInUpdate::Max => "max",
        }
    }

    /// The columns of the state of a key whose values have the columns of `input`.
    ///
    /// # Errors
    /// For columns that can't be folded so; the message names them.
    pub fn state(self, input: &SchemaRef) -> datafusion::common::Result<SchemaRef> {
        let function = match self {
            BuiltInUpdate::Count => {
                return Ok(Arc::new(Schema::new(vec![Field::new(COUNT, DataType::Int64, false)])));
            }
            BuiltInUpdate::Sum => BuiltIn::Sum,
            BuiltInUpdate::Min => BuiltIn::Min,
            BuiltInUpdate::Max => BuiltIn::Max,
        };
        aggregate::reduce_schema(function, input)
    }

    pub(super) fn open(self, binding: &StateBinding) -> Box<dyn StateCalls> {
        Box::new(Updating { function: self, state: binding.state.clone(), output: binding.output.clone() })
    }
}

struct Updating {
    function: BuiltInUpdate,
    state: SchemaRef,
    output: SchemaRef,
}

impl StateCalls for Updating {
    fn update(&mut self, work: &StateWork) -> Result<StateOutcome, PluginError> {
        self.updated(work).map_err(|error| PluginErrorKind::Failed(error.to_string()).into())
    }

    fn report(self: Box<Self>) -> TaskReport {
        TaskReport::default()
    }
}

/// Emits the first value of each key that has no state, and gives it some.
pub(super) fn first_rows(binding: &StateBinding) -> Box<dyn StateCalls> {
    Box::new(FirstRows { state: binding.state.clone(), output: binding.output.clone() })
}

/// The column that says that a key was seen.
pub const SEEN: &str = "seen";

struct FirstRows {
    state: SchemaRef,
    output: SchemaRef,
}

impl StateCalls for FirstRows {
    fn update(&mut self, work: &StateWork) -> Result<StateOutcome, PluginError> {
        self.first(work).map_err(|error| PluginErrorKind::Failed(error.to_string()).into())
    }

    fn report(self: Box<Self>) -> TaskReport {
        TaskReport::default()
    }
}

impl FirstRows {
    fn first(&self, work: &StateWork) -> Result<StateOutcome, ArrowError> {
        let (mut state_keys, mut rows) = (vec![], vec![]);
        let mut old = work.old_keys.iter().peekable();
        let mut start = 0;
        for (idx, end) in (0_u32..).zip(&work.value_ends) {
            let is_known = old.next_if_eq(&&idx).is_some();
            if !is_known && start < *end {
                state_keys.push(idx);
                rows.push(start);
            }
            start = *end;
        }
        let seen: ArrayRef = Arc::new(BooleanArray::from(vec![true; rows.len()]));
        let state = RecordBatch::try_new(self.state.clone(), vec![seen])?;
        let emitted = take_record_batch(&work.values, &UInt32Array::from(rows))?.with_schema(self.output.clone())?;
        Ok(StateOutcome { state, state_keys, removed: vec![], emitted })
    }
}

/// A key with values, and the row of its old state.
struct Key {
    values: Range<usize>,
    old: Option<usize>,
}

impl Updating {
    fn updated(&self, work: &StateWork) -> Result<StateOutcome, ArrowError> {
        let (mut keys, mut state_keys) = (vec![], vec![]);
        let mut old = work.old_keys.iter().enumerate().peekable();
        let mut start = 0;
        for (idx, end) in (0_u32..).zip(&work.value_ends) {
            let old = old.next_if(|(_, key)| **key == idx).map(|(row, _)| row);
            let values = start..*end as usize;
            start = values.end;
            if !values.is_empty() {
                keys.push(Key { values, old });
                state_keys.push(idx);
            }
        }
        let columns = match self.function {
            BuiltInUpdate::Count => vec![count(&keys, &work.old)],
            function => (0..self.state.fields().len())
                .map(|idx| {
                    let data_type = self.state.field(idx).data_type();
                    let (old, values) = (work.old.column(idx), cast(work.values.column(idx), data_type)?);
                    match function {
                        BuiltInUpdate::Sum => sum(&keys, old, &values),
                        _ => extreme(&keys, old, &values, function == BuiltInUpdate::Max),
                    }
                })
                .collect::<Result<_, _>>()?,
        };
        let state = RecordBatch::try_new(self.state.clone(), columns)?;
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(0));
        let emitted = RecordBatch::try_new_with_options(self.output.clone(), vec![], &options)?;
        Ok(StateOutcome { state, state_keys, removed: vec![], emitted })
    }
}

fn count(keys: &[Key], old: &RecordBatch) -> ArrayRef {
    let old = old.column(0).as_primitive::<Int64Type>().values();
    let count = |key: &Key| key.old.map_or(0, |row| old[row]).wrapping_add(key.values.len() as i64);
    Arc::new(keys.iter().map(count).collect::<Int64Array>())
}

fn sum(keys: &[Key], old: &ArrayRef, values: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match values.data_type() {
        DataType::Int64 => Arc::new(sums::<Int64Type>(keys, old, values)),
        DataType::UInt64 => Arc::new(sums::<UInt64Type>(keys, old, values)),
        DataType::Float64 => Arc::new(sums::<Float64Type>(keys, old, values)),
        DataType::Decimal128(precision, scale) => {
            Arc::new(sums::<Decimal128Type>(keys, old, values).with_precision_and_scale(*precision, *scale)?)
        }
        other => return Err(ArrowError::NotYetImplemented(format!("a running sum of {other}"))),
    })
}

fn sums<T: ArrowPrimitiveType>(keys: &[Key], old: &ArrayRef, values: &ArrayRef) -> PrimitiveArray<T> {
    let (old, values) = (old.as_primitive::<T>(), values.as_primitive::<T>());
    let sum = |key: &Key| {
        let old = key.old.filter(|row| old.is_valid(*row)).map(|row| old.value(row));
        let new = key.values.clone().filter(|row| values.is_valid(*row)).map(|row| values.value(row));
        old.into_iter().chain(new).reduce(|a, b| a.add_wrapping(b))
    };
    keys.iter().map(sum).collect()
}

/// The least or the greatest of each key's values and what it has.
fn extreme(keys: &[Key], old: &ArrayRef, values: &ArrayRef, greatest: bool) -> Result<ArrayRef, ArrowError> {
    let all = concat(&[old, values])?;
    let better = make_comparator(&all, &all, SortOptions { descending: greatest, nulls_first: false })?;
    let best = |key: &Key| {
        let new = key.values.clone().map(|row| old.len() + row);
        let best = key.old.into_iter().chain(new).reduce(|a, b| if better(b, a).is_lt() { b } else { a });
        best.and_then(|row| u32::try_from(row).ok())
    };
    take(&all, &keys.iter().map(best).collect::<UInt32Array>(), None)
}
