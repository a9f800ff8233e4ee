//! Which rows of a partition have the same key: a number for each key, in the order in which keys are first seen.
//!
//! Two keys are the same where all their columns are: null is equal to null, -0.0 to 0.0 and every NaN to every other, as in
//! [`crate::state::key_group`].

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::EmitTo;
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;

use super::node;
use crate::state::keys::with_equal_floats;

/// The keys seen so far.
pub(crate) struct Keys {
    /// None without key columns: all rows have the same key.
    values: Option<Box<dyn GroupValues>>,
    types: Vec<DataType>,
    n_keys: usize,
}

impl Keys {
    /// Keys of these columns.
    pub(crate) fn try_new(columns: &[Field]) -> Result<Self> {
        let values = match columns {
            [] => None,
            columns => {
                let field = |column: &Field| column.clone().with_data_type(comparable_type(column.data_type()));
                let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
                Some(new_group_values(Arc::new(schema), &GroupOrdering::None)?)
            }
        };
        Ok(Self { values, types: columns.iter().map(|column| column.data_type().clone()).collect(), n_keys: 0 })
    }

    /// The number of each row's key.
    ///
    /// # Errors
    /// For more than 4,294,967,295 keys.
    pub(crate) fn numbers(&mut self, columns: &[ArrayRef], n_rows: usize) -> Result<Vec<u32>> {
        let Some(values) = &mut self.values else {
            self.n_keys = usize::from(self.n_keys > 0 || n_rows > 0);
            return Ok(vec![0; n_rows]);
        };
        let columns = columns.iter().map(comparable).collect::<Result<Vec<_>>>()?;
        let mut numbers = Vec::with_capacity(n_rows);
        values.intern(&columns, &mut numbers)?;
        self.n_keys = values.len();
        if self.n_keys > u32::MAX as usize {
            return exec_err!("a partition has more than 4,294,967,295 keys; make more partitions");
        }
        Ok(numbers.into_iter().map(node::number).collect())
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.n_keys
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        self.values.as_ref().map_or(0, |values| values.size())
    }

    /// The key columns, a row for each key, in the order of their numbers; none is known afterwards.
    pub(crate) fn take(&mut self) -> Result<Vec<ArrayRef>> {
        self.n_keys = 0;
        let columns = self.values.as_mut().map_or(Ok(Vec::new()), |values| values.emit(EmitTo::All))?;
        let columns = columns.iter().zip(&self.types).map(|(column, of)| arrow::compute::cast(column, of));
        Ok(columns.collect::<Result<Vec<_>, _>>()?)
    }
}

/// The key column as it is compared: with one zero and one NaN, which are one key each, and of [`comparable_type`].
fn comparable(column: &ArrayRef) -> Result<ArrayRef> {
    Ok(arrow::compute::cast(&with_equal_floats(column), &comparable_type(column.data_type()))?)
}

/// What a key column is compared as: strings and binaries as views, which are found again in half the time.
fn comparable_type(of: &DataType) -> DataType {
    match of {
        DataType::Utf8 => DataType::Utf8View,
        DataType::Binary => DataType::BinaryView,
        other => other.clone(),
    }
}
