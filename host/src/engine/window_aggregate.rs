//! Built-in aggregates over windows, in three steps whose results are kept between batches.
//!
//! `partials` folds a batch's rows to a row for each key; `slide` makes a window's partials of the window's before, what has come and what has left; `results` makes results of partials, of one window or of all its
//! batches. With count and sum what has left is taken out by adding its negative. For that a window also counts rows, by which a key leaves with its last row, and the values that are
//! not null, by which a sum is null when none is left: so a window that slid is the same as one that is folded anew.

use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, ScalarValue, internal_datafusion_err};
use datafusion::functions_aggregate::count;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, CaseExpr, Literal, NegativeExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;

use super::Shuffle;
use super::aggregate::{BuiltIn, built, column, count_rows, folds, group_by, plain_keys, step};
use super::aligned_union::AlignedUnionExec;

/// A built-in aggregate of a stream's rows by key, or of all of them where there is no key.
#[derive(Debug, Clone)]
pub struct WindowAggregate {
    function: BuiltIn,
    /// The stream's columns.
    input: SchemaRef,
    keys: Vec<usize>,
    /// How many of the keys, the first ones, say in which partition a row is.
    placing: usize,
    /// What the user asked for, then what the steps need: see [`WindowAggregate::try_new`].
    folds: Vec<Arc<AggregateFunctionExpr>>,
    /// For each column asked for, which of `folds` counts its values.
    value_counts: Vec<Option<usize>>,
    /// Which of `folds` counts rows.
    rows: usize,
    n_wanted: usize,
}

impl WindowAggregate {
    /// Fold rows with the columns of `input` by the columns `keys`, of which the first `placing` say where a row is. Columns that are `ignored` are not folded.
    ///
    /// # Errors
    /// For columns that can't be keys or can't be folded so; the message names them.
    pub fn try_new(
        function: BuiltIn,
        input: &SchemaRef,
        keys: &[usize],
        placing: usize,
        ignored: &[usize],
    ) -> Result<Self> {
        let left_out = [keys, ignored].concat();
        let mut folds = folds(function, input, &left_out)?;
        let n_wanted = folds.len();
        let mut value_counts = vec![None; n_wanted];
        if function == BuiltIn::Sum {
            let values = (0..input.fields().len()).filter(|idx| !left_out.contains(idx));
            for (wanted, idx) in values.enumerate().filter(|(_, idx)| input.field(*idx).is_nullable()) {
                value_counts[wanted] = Some(folds.len());
                let name = input.field(idx).name();
                folds.push(built(count::count_udaf(), column(name, idx), input, &format!("#values of {name}"))?);
            }
        }
        let rows = if function == BuiltIn::Count { 0 } else { folds.len() };
        if rows == folds.len() {
            folds.push(count_rows(input)?);
        }
        let (input, keys) = (input.clone(), keys.to_vec());
        Ok(Self { function, input, keys, placing, folds, value_counts, rows, n_wanted })
    }

    /// Whether what has left can be taken out again: of counts, and of sums of signed integers and decimals. Floats would keep rounding errors of what has left.
    pub fn is_invertible(&self) -> bool {
        let exact = |of: &DataType| of.is_signed_integer() || of.is_decimal();
        match self.function {
            BuiltIn::Count => true,
            BuiltIn::Sum => self.folds[..self.n_wanted].iter().all(|fold| exact(fold.field().data_type())),
            BuiltIn::Min | BuiltIn::Max => false,
        }
    }

    /// A row for each key of a batch's rows, in the partition of its key group: the keys, then what was folded so far.
    ///
    /// # Errors
    /// When the rows don't have the columns.
    pub fn partials(&self, rows: Arc<dyn ExecutionPlan>, shuffle: &Shuffle) -> Result<Arc<dyn ExecutionPlan>> {
        let partial = self.step(AggregateMode::Partial, self.groups()?, rows)?;
        self.reduced(shuffle.by_first(partial, self.placing)?)
    }

    /// The partials of a window: `added` has those of the window before and those that have come, `left` those that have left, a key in the same partition of both.
    ///
    /// # Errors
    /// When they don't have the columns of partials.
    pub fn slide(&self, added: Arc<dyn ExecutionPlan>, left: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = left.schema();
        let columns = schema.fields().iter().enumerate().map(|(idx, field)| {
            let value = column(field.name(), idx);
            let negative = || -> Arc<dyn PhysicalExpr> { Arc::new(NegativeExpr::new(value.clone())) };
            (if idx < self.keys.len() { value.clone() } else { negative() }, field.name().clone())
        });
        let left = ProjectionExec::try_new(columns.collect::<Vec<_>>(), left)?;
        let both = AlignedUnionExec::try_new(vec![added, Arc::new(left)])?;
        let window = self.reduced(Arc::new(both))?;
        match self.keys.is_empty() {
            true => Ok(window),
            false => {
                let rows = self.state_of(&window.schema(), self.rows)?;
                with_rows(rows, window)
            }
        }
    }

    /// The results of partials: the keys, then the columns asked for. Without a key, one row; where there were no rows it is `count`'s alone.
    ///
    /// # Errors
    /// When they don't have the columns of partials.
    pub fn results(&self, partials: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let mode = if self.keys.is_empty() { AggregateMode::Final } else { AggregateMode::FinalPartitioned };
        let mut made = self.step(mode, self.groups()?.as_final(), partials)?;
        let schema = made.schema();
        let n_keys = self.keys.len();
        let value = |fold: usize| column(schema.field(n_keys + fold).name(), n_keys + fold);
        if n_keys == 0 && self.function != BuiltIn::Count {
            made = with_rows(value(self.rows), made)?;
        }
        let mut columns: Vec<(Arc<dyn PhysicalExpr>, String)> = vec![];
        for (idx, field) in schema.fields().iter().take(n_keys + self.n_wanted).enumerate() {
            let counted = idx.checked_sub(n_keys).and_then(|wanted| self.value_counts[wanted]);
            let plain = column(field.name(), idx);
            let value = match counted {
                Some(values) => Arc::new(CaseExpr::try_new(None, vec![(some(value(values)), plain)], None)?),
                None => plain,
            };
            columns.push((value, field.name().clone()));
        }
        plain_keys(Arc::new(ProjectionExec::try_new(columns, made)?), &self.input, &self.keys)
    }

    /// Partials to one for each key, where all of a key are in one partition.
    ///
    /// # Errors
    /// When they don't have the columns of partials.
    pub fn reduced(&self, partials: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        self.step(AggregateMode::PartialReduce, self.groups()?.as_final(), partials)
    }

    fn groups(&self) -> Result<PhysicalGroupBy> {
        Ok(PhysicalGroupBy::new_single(group_by(&self.input, &self.keys)?))
    }

    fn step(
        &self,
        mode: AggregateMode,
        groups: PhysicalGroupBy,
        input: Arc<dyn ExecutionPlan>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        step(mode, groups, &self.folds, input, &self.input)
    }

    /// The column in which partials have what `fold` folded.
    fn state_of(&self, partials: &SchemaRef, fold: usize) -> Result<Arc<dyn PhysicalExpr>> {
        let mut idx = self.keys.len();
        for before in &self.folds[..fold] {
            idx += before.state_fields()?.len();
        }
        let field = partials.fields().get(idx).ok_or_else(|| internal_datafusion_err!("column {idx} of {partials}"))?;
        Ok(column(field.name(), idx))
    }
}

/// Whether a count is above 0.
fn some(count: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    Arc::new(BinaryExpr::new(count, Operator::Gt, Arc::new(Literal::new(ScalarValue::Int64(Some(0))))))
}

fn with_rows(count: Arc<dyn PhysicalExpr>, input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(Arc::new(FilterExec::try_new(some(count), input)?))
}
