//! Built-in aggregates: count, sum, min and max, over keys or over all rows.
//!
//! Rows are folded where they are, what was folded is exchanged by key in order, and folded again; so sums of floats are the same bits each
//! time the same partitions are summed. Key columns of strings are folded as views, which is faster, and become plain strings again at the end.

use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, ScalarValue, internal_datafusion_err, plan_err};
use datafusion::functions_aggregate::{count, min_max, sum};
use datafusion::logical_expr::{AggregateUDF, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_expr::expressions::{BinaryExpr, CastExpr, Column, Literal};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;

use super::{ExchangeExec, ExchangeMode, Shuffle};
use crate::job::types::TypeName;

/// The column that counts are in.
pub const COUNT: &str = "count";

/// Folds rows without a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// How many rows, as `count: int64`.
    Count,
    /// The sum of each column that is not a key, under its own name: int64, uint64 or float64, or the column's decimal with 10 more digits;
    /// nulls are left out, and it is null where there is nothing else. Sums of integers wrap around.
    Sum,
    /// The least value of each column that is not a key, under its own name; nulls are left out.
    Min,
    /// The greatest value of each column that is not a key, under its own name; nulls are left out.
    Max,
}

impl BuiltIn {
    fn name(self) -> &'static str {
        match self {
            BuiltIn::Count => "count",
            BuiltIn::Sum => "sum",
            BuiltIn::Min => "min",
            BuiltIn::Max => "max",
        }
    }
}

/// Fold the rows of each key to one: the key's columns in the order of `keys`, then the aggregate's, in `shuffle.partitions`.
///
/// # Errors
/// For columns that can't be keys or can't be folded so; the message names them.
pub fn by_key(
    function: BuiltIn,
    input: Arc<dyn ExecutionPlan>,
    keys: &[usize],
    shuffle: &Shuffle,
) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = input.schema();
    let groups = PhysicalGroupBy::new_single(group_by(&schema, keys)?);
    let folds = folds(function, &schema, keys)?;
    let partial = step(AggregateMode::Partial, groups.clone(), &folds, input, &schema)?;
    let exchange = shuffle.by_key(partial, (0..keys.len()).collect())?;
    let folded = step(AggregateMode::FinalPartitioned, groups.as_final(), &folds, exchange, &schema)?;
    plain_keys(folded, &schema, keys)
}

/// The columns of [`by_key`].
///
/// # Errors
/// As [`by_key`]; and where a key is called as a column of the aggregate is.
pub fn by_key_schema(function: BuiltIn, input: &SchemaRef, keys: &[usize]) -> Result<SchemaRef> {
    let shuffle = Shuffle { stream: Arc::from(""), partitions: 1, key_groups: 1 };
    let schema = by_key(function, Arc::new(EmptyExec::new(input.clone())), keys, &shuffle)?.schema();
    for (idx, field) in schema.fields().iter().enumerate() {
        if schema.fields()[..idx].iter().any(|before| before.name() == field.name()) {
            return plan_err!("{} would make two columns named \"{}\"; rename the key", function.name(), field.name());
        }
    }
    Ok(schema)
}

/// Each distinct row and how often it comes, as `count: int64`.
///
/// # Errors
/// For columns that can't be keys.
pub fn count_by_value(input: Arc<dyn ExecutionPlan>, shuffle: &Shuffle) -> Result<Arc<dyn ExecutionPlan>> {
    let keys: Vec<usize> = (0..input.schema().fields().len()).collect();
    by_key(BuiltIn::Count, input, &keys, shuffle)
}

/// The columns of [`count_by_value`].
///
/// # Errors
/// As [`by_key_schema`].
pub fn count_by_value_schema(input: &SchemaRef) -> Result<SchemaRef> {
    let keys: Vec<usize> = (0..input.fields().len()).collect();
    by_key_schema(BuiltIn::Count, input, &keys)
}

/// One row, `count: int64`, in one partition; 0 where there are no rows.
pub fn count(input: Arc<dyn ExecutionPlan>, stream: &Arc<str>) -> Result<Arc<dyn ExecutionPlan>> {
    let folds = vec![count_rows(&input.schema())?];
    fold_all(input, stream, folds)
}

/// All rows folded to one, in one partition; no row where there are none.
///
/// # Errors
/// For columns that can't be folded so.
pub fn reduce(function: BuiltIn, input: Arc<dyn ExecutionPlan>, stream: &Arc<str>) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = input.schema();
    let mut folds = folds(function, &schema, &[])?;
    let wanted = folds.len();
    folds.push(count_rows(&schema)?);
    let folded = fold_all(input, stream, folds)?;
    let rows: Arc<dyn PhysicalExpr> = Arc::new(Column::new(COUNT, wanted));
    let some = BinaryExpr::new(rows, Operator::Gt, Arc::new(Literal::new(ScalarValue::Int64(Some(0)))));
    let schema = folded.schema();
    let not_empty = Arc::new(FilterExec::try_new(Arc::new(some), folded)?);
    let columns = schema
        .fields()
        .iter()
        .take(wanted)
        .enumerate()
        .map(|(idx, field)| (column(field.name(), idx), field.name().clone()));
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), not_empty)?))
}

/// The columns of [`reduce`].
///
/// # Errors
/// As [`reduce`].
pub fn reduce_schema(function: BuiltIn, input: &SchemaRef) -> Result<SchemaRef> {
    Ok(reduce(function, Arc::new(EmptyExec::new(input.clone())), &Arc::from(""))?.schema())
}

fn fold_all(
    input: Arc<dyn ExecutionPlan>,
    stream: &Arc<str>,
    folds: Vec<Arc<AggregateFunctionExpr>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = input.schema();
    let groups = PhysicalGroupBy::new_single(Vec::new());
    let partial = step(AggregateMode::Partial, groups.clone(), &folds, input, &schema)?;
    let exchange = ExchangeExec::try_new(stream.clone(), partial, ExchangeMode::Single, 1)?;
    step(AggregateMode::Final, groups, &folds, Arc::new(exchange), &schema)
}

/// One step of folding rows with the columns of `of`, which are those of the first step's input.
pub(super) fn step(
    mode: AggregateMode,
    groups: PhysicalGroupBy,
    folds: &[Arc<AggregateFunctionExpr>],
    input: Arc<dyn ExecutionPlan>,
    of: &SchemaRef,
) -> Result<Arc<dyn ExecutionPlan>> {
    let filters = vec![None; folds.len()];
    Ok(Arc::new(AggregateExec::try_new(mode, groups, folds.to_vec(), filters, input, of.clone())?))
}

pub(super) fn column(name: &str, idx: usize) -> Arc<dyn PhysicalExpr> {
    Arc::new(Column::new(name, idx))
}

pub(super) fn cast(expr: Arc<dyn PhysicalExpr>, to: DataType) -> Arc<dyn PhysicalExpr> {
    Arc::new(CastExpr::new(expr, to, None))
}

pub(super) fn group_by(schema: &SchemaRef, keys: &[usize]) -> Result<Vec<(Arc<dyn PhysicalExpr>, String)>> {
    let key = |idx: &usize| {
        let field = schema
            .fields()
            .get(*idx)
            .ok_or_else(|| internal_datafusion_err!("key column {idx} of {}", schema.fields().len()))?;
        let plain = column(field.name(), *idx);
        let key = match field.data_type() {
            DataType::Utf8 => cast(plain, DataType::Utf8View),
            _ => plain,
        };
        Ok((key, field.name().clone()))
    };
    keys.iter().map(key).collect()
}

/// What [`group_by`] made views of as plain strings again.
pub(super) fn plain_keys(
    folded: Arc<dyn ExecutionPlan>,
    input: &SchemaRef,
    keys: &[usize],
) -> Result<Arc<dyn ExecutionPlan>> {
    if !keys.iter().any(|key| input.field(*key).data_type() == &DataType::Utf8) {
        return Ok(folded);
    }
    let schema = folded.schema();
    let columns = schema.fields().iter().enumerate().map(|(idx, field)| {
        let folded = column(field.name(), idx);
        let plain = match keys.get(idx) {
            Some(key) if input.field(*key).data_type() == &DataType::Utf8 => cast(folded, DataType::Utf8),
            _ => folded,
        };
        (plain, field.name().clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), folded)?))
}

pub(super) fn folds(function: BuiltIn, schema: &SchemaRef, keys: &[usize]) -> Result<Vec<Arc<AggregateFunctionExpr>>> {
    if function == BuiltIn::Count {
        return Ok(vec![count_rows(schema)?]);
    }
    let values = (0..schema.fields().len()).filter(|idx| !keys.contains(idx));
    let folds = values.map(|idx| fold(function, schema, idx)).collect::<Result<Vec<_>>>()?;
    if folds.is_empty() {
        return plan_err!("{} has no column to fold: all are keys", function.name());
    }
    Ok(folds)
}

pub(super) fn count_rows(schema: &SchemaRef) -> Result<Arc<AggregateFunctionExpr>> {
    let one = Arc::new(Literal::new(ScalarValue::Int64(Some(1))));
    built(count::count_udaf(), one, schema, COUNT)
}

fn fold(function: BuiltIn, schema: &SchemaRef, idx: usize) -> Result<Arc<AggregateFunctionExpr>> {
    let field = schema.field(idx);
    let value = column(field.name(), idx);
    match function {
        BuiltIn::Count => count_rows(schema),
        BuiltIn::Sum => built(sum::sum_udaf(), summable(field.name(), field.data_type(), value)?, schema, field.name()),
        BuiltIn::Min | BuiltIn::Max => {
            ordered(function, field.name(), field.data_type())?;
            let udaf = if function == BuiltIn::Min { min_max::min_udaf() } else { min_max::max_udaf() };
            built(udaf, value, schema, field.name())
        }
    }
}

pub(super) fn built(
    udaf: Arc<AggregateUDF>,
    value: Arc<dyn PhysicalExpr>,
    schema: &SchemaRef,
    name: &str,
) -> Result<Arc<AggregateFunctionExpr>> {
    Ok(Arc::new(AggregateExprBuilder::new(udaf, vec![value]).schema(schema.clone()).alias(name).build()?))
}

/// The value in the type that sums are made in.
fn summable(name: &str, data_type: &DataType, value: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
    match data_type {
        DataType::Int64 | DataType::UInt64 | DataType::Float64 => Ok(value),
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) => Ok(value),
        signed if signed.is_signed_integer() => Ok(cast(value, DataType::Int64)),
        unsigned if unsigned.is_unsigned_integer() => Ok(cast(value, DataType::UInt64)),
        float if float.is_floating() => Ok(cast(value, DataType::Float64)),
        other => plan_err!("sum needs numbers, but column \"{name}\" is of type {}", TypeName(other)),
    }
}

fn ordered(function: BuiltIn, name: &str, data_type: &DataType) -> Result<()> {
    match data_type.is_nested()
        || matches!(data_type, DataType::Null | DataType::Interval(_) | DataType::Dictionary(..))
    {
        true => plan_err!(
            "{} needs values that have an order, but column \"{name}\" is of type {data_type}",
            function.name()
        ),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::RecordBatch;

    use super::*;
    use crate::engine::Engine;
    use crate::engine::testing::{dataset, engine, numbered, run, sorted, words};

    fn shuffle(partitions: usize) -> Shuffle {
        Shuffle { stream: "counts".into(), partitions, key_groups: 128 }
    }

    fn some_rows(engine: &Engine) -> Arc<dyn ExecutionPlan> {
        let rows = |rows: &[(&str, i64)]| vec![numbered(rows)];
        dataset(engine, "rows", vec![rows(&[("a", 1), ("b", 2)]), vec![], rows(&[("b", 40), ("a", 3), ("c", -1)])])
    }

    #[tokio::test]
    async fn a_key_is_folded_in_one_of_the_partitions_asked_for() {
        let engine = engine();
        for partitions in [1, 2, 7] {
            for (function, expected) in [
                (BuiltIn::Count, ["a 2", "b 2", "c 1"]),
                (BuiltIn::Sum, ["a 4", "b 42", "c -1"]),
                (BuiltIn::Min, ["a 1", "b 2", "c -1"]),
                (BuiltIn::Max, ["a 3", "b 40", "c -1"]),
            ] {
                let plan = by_key(function, some_rows(&engine), &[0], &shuffle(partitions)).unwrap();
                assert_eq!(plan.schema(), by_key_schema(function, &some_rows(&engine).schema(), &[0]).unwrap());
                let made = run(&engine, plan).await;
                assert_eq!(made.len(), partitions);
                assert_eq!(sorted(made), expected, "{function:?} in {partitions}");
            }
        }
    }

    #[tokio::test]
    async fn counts_are_int64_and_keys_are_plain_strings() {
        let engine = engine();
        let plan = by_key(BuiltIn::Count, some_rows(&engine), &[0], &shuffle(2)).unwrap();
        let types: Vec<_> =
            plan.schema().fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect();
        assert_eq!(types, [("word".into(), DataType::Utf8), (COUNT.into(), DataType::Int64)]);
        let values = count_by_value(some_rows(&engine), &shuffle(3)).unwrap();
        assert_eq!(sorted(run(&engine, values).await), ["a 1 1", "a 3 1", "b 2 1", "b 40 1", "c -1 1"]);
    }

    #[tokio::test]
    async fn an_empty_batch_counts_zero_and_reduces_to_nothing() {
        let engine = engine();
        let none = || -> Arc<dyn ExecutionPlan> { Arc::new(EmptyExec::new(some_rows(&engine).schema())) };
        assert_eq!(run(&engine, count(none(), &"n".into()).unwrap()).await, [["0"]]);
        assert_eq!(run(&engine, count(some_rows(&engine), &"n".into()).unwrap()).await, [["5"]]);
        assert_eq!(run(&engine, reduce(BuiltIn::Max, none(), &"n".into()).unwrap()).await, [[""; 0]]);
        assert_eq!(run(&engine, reduce(BuiltIn::Max, some_rows(&engine), &"n".into()).unwrap()).await, [["c 40"]]);
        assert_eq!(run(&engine, by_key(BuiltIn::Sum, none(), &[0], &shuffle(2)).unwrap()).await, [[""; 0]; 2]);
    }

    #[test]
    fn what_cannot_be_folded_is_refused_by_name() {
        let schema = words(&["a"]).schema();
        let refused = |result: Result<SchemaRef>| result.unwrap_err().strip_backtrace();
        assert!(
            refused(reduce_schema(BuiltIn::Sum, &schema))
                .contains("sum needs numbers, but column \"word\" is of type string")
        );
        assert!(refused(by_key_schema(BuiltIn::Min, &schema, &[0])).contains("min has no column to fold"));
        let counted = numbered(&[("a", 1)]).schema();
        let counted = Arc::new(arrow::datatypes::Schema::new(vec![counted.field(1).clone().with_name("count")]));
        assert!(refused(count_by_value_schema(&counted)).contains("two columns named \"count\""));
    }

    /// DataFusion's own exchange mixes its inputs: sums of the same floats come out in several bit patterns.
    #[tokio::test]
    async fn sums_of_floats_are_the_same_bits_each_time() {
        let engine = engine();
        let floats = |seed: usize| {
            let keys: arrow::array::ArrayRef =
                Arc::new((0..4000).map(|row| Some(["x", "y", "z"][row % 3])).collect::<arrow::array::StringArray>());
            let values: arrow::array::ArrayRef = Arc::new(
                (0..4000)
                    .map(|row| 1e9 / (1 + (row * 7919 + seed) % 1013) as f64)
                    .collect::<arrow::array::Float64Array>(),
            );
            vec![RecordBatch::try_from_iter([("key", keys), ("value", values)]).unwrap()]
        };
        let input = dataset(&engine, "floats", (0..9).map(floats).collect());
        for partitions in [1, 2, 7] {
            let plan = || by_key(BuiltIn::Sum, input.clone(), &[0], &shuffle(partitions)).unwrap();
            let first = run(&engine, plan()).await;
            for _ in 0..20 {
                assert_eq!(run(&engine, plan()).await, first);
            }
        }
    }
}
