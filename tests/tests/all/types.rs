//! Every type that crosses to a plugin comes back as it went, whatever its rows; one that doesn't cross is refused before the job starts.

use std::sync::Arc;

use sluicebox::arrow::array::{Array, ArrayRef, Decimal256Array, Int64Array, RecordBatch, StringArray, new_null_array};
use sluicebox::arrow::compute::{cast, concat_batches};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef, UnionFields, UnionMode, i256};
use sluicebox::job::definition::{OperationDefinition, OperatorName};
use sluicebox_tests::every_type::{type_name, with_nulls, without_nulls};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::number_schema;

/// A job that hands rows of `schema` to an operator, with datasets as its batches.
async fn through(operator: &str, schema: SchemaRef, datasets: Vec<Vec<RecordBatch>>) -> Result<Collected, String> {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", schema).unwrap();
    let out = Collected::default();
    let made = input.map("made", &format!("kitchen/{operator}")).unwrap();
    made.write_to("out", Arc::new(out.clone())).unwrap();
    let n_batches = datasets.len();
    datasets.into_iter().for_each(|dataset| queue.push(dataset).unwrap());
    job.run(n_batches).await.map_err(|error| error.to_string())?;
    Ok(out)
}

/// Assert that the partitions of a batch have the rows of `expected`, column by column.
#[track_caller]
fn assert_same(out: &Collected, batch: i64, expected: &[RecordBatch]) {
    let partitions = out.batches(batch);
    assert_eq!(partitions.len(), expected.len(), "batch {batch}");
    for (partition, (rows, expected)) in partitions.iter().zip(expected).enumerate() {
        let rows = concat_batches(&out.schema(), rows).unwrap();
        assert_eq!(rows.num_rows(), expected.num_rows(), "batch {batch}, partition {partition}");
        for (field, (column, expected)) in
            expected.schema().fields().iter().zip(rows.columns().iter().zip(expected.columns()))
        {
            rows.schema().field_with_name(field.name()).unwrap();
            assert_eq!(column, expected, "batch {batch}, partition {partition}, column {}", field.name());
        }
    }
}

/// Rows over and over, so that there are more than go into one call.
fn many(rows: &RecordBatch, times: usize) -> RecordBatch {
    concat_batches(&rows.schema(), std::iter::repeat_n(rows, times)).unwrap()
}

async fn comes_back(operator: &str, rows: RecordBatch) {
    let large = many(&rows, 3000);
    let datasets = vec![
        vec![rows.clone()],
        vec![],
        vec![rows.slice(0, 0)],
        // Rows of a larger batch that begin within a byte of its bitmaps, and end within one.
        vec![
            large.slice(1, 2),
            large.slice(3, 1),
            large.slice(13, 12),
            large.slice(5, 0),
            rows.slice(rows.num_rows() - 1, 1),
        ],
        vec![large],
    ];
    let out = through(operator, rows.schema(), datasets.clone()).await.unwrap();
    for (dataset, batch) in datasets.into_iter().zip((1000..).step_by(1000)) {
        // An empty dataset has a partition without rows.
        let expected = if dataset.is_empty() { vec![rows.slice(0, 0)] } else { dataset };
        assert_same(&out, batch, &expected);
    }
    for (made, expected) in out.schema().fields().iter().zip(rows.schema().fields()) {
        assert_eq!((made.name(), made.is_nullable()), (expected.name(), expected.is_nullable()));
        assert_eq!(type_name(made.data_type()), type_name(expected.data_type()), "{}", made.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_type_come_back() {
    comes_back("echo", without_nulls()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nulls_of_every_type_come_back() {
    comes_back("echo-nullable", with_nulls()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buffers_of_every_type_come_back_from_an_operator_without_types_of_its_own() {
    comes_back("pass", with_nulls()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_null_throughout_come_back() {
    let rows = with_nulls();
    let nulls: Vec<ArrayRef> = rows.columns().iter().map(|column| new_null_array(column.data_type(), 9)).collect();
    comes_back("echo-nullable", RecordBatch::try_new(rows.schema(), nulls).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_layouts_cross_as_the_plain_one() {
    use DataType::{
        BinaryView, Decimal32, Decimal64, Decimal128, Dictionary, Int32, LargeBinary, LargeList, LargeUtf8, UInt8,
        Utf8, Utf8View,
    };
    let rows = with_nulls();
    let column = |name: &str| rows.column_by_name(name).unwrap().clone();
    let item = Arc::new(Field::new("item", DataType::Int64, false));
    let layouts = [
        (column("string"), vec![Utf8View, LargeUtf8, Dictionary(Box::new(Int32), Box::new(Utf8))]),
        (column("string"), vec![Dictionary(Box::new(UInt8), Box::new(Utf8))]),
        (column("binary"), vec![BinaryView, LargeBinary]),
        (column("list"), vec![LargeList(item.clone())]),
        (cast(&column("int8"), &Decimal128(9, 2)).unwrap(), vec![Decimal32(9, 2)]),
        (cast(&column("int8"), &Decimal128(18, 2)).unwrap(), vec![Decimal64(18, 2)]),
        (column("int64"), vec![Dictionary(Box::new(Int32), Box::new(DataType::Int64))]),
    ];
    for (plain, layout) in layouts.iter().flat_map(|(plain, layouts)| layouts.iter().map(move |layout| (plain, layout)))
    {
        let of = |column: &ArrayRef| {
            let field = Field::new("value", column.data_type().clone(), true);
            RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![column.clone()]).unwrap()
        };
        let (sent, expected) = (of(&cast(plain, layout).unwrap()), of(plain));
        let datasets = vec![vec![sent.clone(), sent.slice(2, 2), sent.slice(0, 0)]];
        let out = through("pass", sent.schema(), datasets).await.unwrap();
        assert_same(&out, 1000, &[expected.clone(), expected.slice(2, 2), expected.slice(0, 0)]);
        assert_eq!(out.schema().field(0).data_type(), plain.data_type(), "{layout}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_does_not_cross_is_refused_before_the_job_starts() {
    let list_of = |item: DataType| DataType::List(Arc::new(Field::new("item", item, true)));
    let union: UnionFields = [(0, Arc::new(Field::new("a", DataType::Int64, true)))].into_iter().collect();
    let within = DataType::Struct(vec![Field::new("deep", list_of(DataType::Float16), true)].into());
    let refused = [
        (DataType::Float16, "Float16"),
        (list_of(DataType::Float16), "Float16, within List"),
        (within, "Float16, within Struct"),
        (DataType::Decimal256(76, 0), "Decimal256(76, 0)"),
        (DataType::Null, "Null"),
        (DataType::Union(union, UnionMode::Sparse), "Union"),
        (DataType::FixedSizeBinary(0), "FixedSizeBinary(0)"),
    ];
    for (data_type, named) in refused {
        let fields = vec![Field::new("id", DataType::Int64, false), Field::new("odd", data_type.clone(), true)];
        let error = through("pass", Arc::new(Schema::new(fields)), vec![]).await.unwrap_err();
        let type_named = format!("the column odd has the type {named}");
        for part in ["stream \"made\"", "plugin kitchen, operator pass", &type_named, "cast it"] {
            assert!(error.contains(part), "{data_type}: no \"{part}\" in: {error}");
        }
        assert!(!error.contains("batch"), "nothing ran: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_does_not_cross_is_no_matter_in_a_column_that_the_operator_does_not_get() {
    let fields = vec![Field::new("id", DataType::Int64, false), Field::new("odd", DataType::Decimal256(76, 0), true)];
    let schema = Arc::new(Schema::new(fields));
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", schema.clone()).unwrap();
    let columns = Some(vec!["id".to_owned()]);
    let even = OperatorName {
        plugin: "kitchen".to_owned(),
        operator: "even".to_owned(),
        columns,
        overrides: Default::default(),
    };
    let out = Collected::default();
    input.then("evens", OperationDefinition::Filter(even)).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    let odd =
        Decimal256Array::from(vec![None, Some(i256::MAX), Some(i256::ONE)]).with_precision_and_scale(76, 0).unwrap();
    let columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(vec![1, 2, 4])), Arc::new(odd)];
    let rows = RecordBatch::try_new(schema, columns).unwrap();
    queue.push(vec![rows.clone()]).unwrap();
    job.run(1).await.unwrap();
    assert_same(&out, 1000, &[rows.slice(1, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_the_operator_does_not_take_are_refused_with_what_it_takes() {
    let text = Arc::new(Schema::new(vec![Field::new("value", DataType::Utf8, false)]));
    let error = through("reject-odd", text, vec![]).await.unwrap_err();
    for part in ["stream \"made\"", "plugin kitchen, operator reject-odd", "the column value as", "cast it"] {
        assert!(error.contains(part), "no \"{part}\" in: {error}");
    }
    let error = through("gcd", number_schema(), vec![]).await.unwrap_err();
    assert!(error.contains("takes 2 columns of any name, and is offered 1 column: value"), "{error}");
    let error = through("add", number_schema(), vec![]).await.unwrap_err();
    assert!(error.contains("the operator takes the column a, and the stream has only value"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_may_have_nulls_and_has_none_is_taken() {
    let schema = Arc::new(Schema::new(vec![Field::new("value", DataType::Int64, true)]));
    let rows = |values: Vec<Option<i64>>| {
        RecordBatch::try_new(schema.clone(), vec![Arc::new(Int64Array::from(values))]).unwrap()
    };
    let out = through("reject-odd", schema.clone(), vec![vec![rows(vec![Some(2), Some(4)])]]).await.unwrap();
    assert_eq!(out.rows(1000), ["2", "4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn strings_of_many_bytes_cross_in_calls_of_a_few() {
    let schema = Arc::new(Schema::new(vec![Field::new("value", DataType::Utf8, false)]));
    let long = "long ".repeat(100_000);
    let rows = (0..40).map(|n| format!("{n} {long}")).collect::<Vec<_>>();
    let rows = RecordBatch::try_new(schema.clone(), vec![Arc::new(StringArray::from(rows))]).unwrap();
    let out = through("noisy", schema, vec![vec![rows.clone()]]).await.unwrap();
    assert_same(&out, 1000, &[rows]);
}
