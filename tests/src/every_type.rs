//! A column of every type that crosses to plugins, under the names and in the order of the columns of `kitchen/echo`.

use std::sync::Arc;

use sluicebox::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, RecordBatch,
    StringArray, UInt64Array,
};
use sluicebox::arrow::compute::take_record_batch;
use sluicebox::arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal128Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Field, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalDayTime, IntervalDayTimeType, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalYearMonthType, Schema, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use sluicebox::arrow::json::ReaderBuilder;
use sluicebox::job::types;

/// Rows of [`with_nulls`].
const ROWS: usize = 5;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Five rows of every type; the second and the last are null in every column. The others have the ends of the type's range, and the empty
/// string, list and map.
///
/// # Panics
/// Never; the values are those below.
#[must_use]
pub fn with_nulls() -> RecordBatch {
    let columns = scalars().into_iter().chain(nested()).collect::<Vec<_>>();
    let fields: Vec<Field> =
        columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("columns of the schema")
}

/// The same rows without those that are null.
///
/// # Panics
/// Never.
#[must_use]
pub fn without_nulls() -> RecordBatch {
    let rows = take_record_batch(&with_nulls(), &UInt64Array::from(vec![0, 2, 3])).expect("rows that are there");
    let fields =
        rows.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(false)).collect::<Vec<_>>();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), rows.columns().to_vec()).expect("no column has nulls")
}

/// A column of three values, with nulls between.
fn primitive<T: ArrowPrimitiveType>([a, b, c]: [T::Native; 3]) -> PrimitiveArray<T> {
    [Some(a), None, Some(b), Some(c), None].into_iter().collect()
}

fn shared(column: impl Array + 'static) -> ArrayRef {
    Arc::new(column)
}

fn decimal(values: [i128; 3], precision: u8, scale: i8) -> ArrayRef {
    let column = primitive::<Decimal128Type>(values).with_precision_and_scale(precision, scale);
    shared(column.expect("values that fit"))
}

fn bytes(values: [&[u8]; 3]) -> Vec<Option<&[u8]>> {
    let [a, b, c] = values;
    vec![Some(a), None, Some(b), Some(c), None]
}

fn fixed_binary(values: [&[u8]; 3]) -> ArrayRef {
    let size = i32::try_from(values[0].len()).expect("a few bytes");
    let values = bytes(values).into_iter();
    shared(FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, size).expect("values of one size"))
}

fn scalars() -> Vec<(&'static str, ArrayRef)> {
    let ends = [i64::MIN, 0, i64::MAX];
    let day_time = |days, milliseconds| IntervalDayTime { days, milliseconds };
    let month_day_nano = |months, days, nanoseconds| IntervalMonthDayNano { months, days, nanoseconds };
    let string = vec![Some(""), None, Some("größer 日本\0"), Some("a value that is longer than sixteen bytes"), None];
    vec![
        ("boolean", shared(BooleanArray::from(vec![Some(true), None, Some(false), Some(true), None]))),
        ("int8", shared(primitive::<Int8Type>([i8::MIN, 0, i8::MAX]))),
        ("int16", shared(primitive::<Int16Type>([i16::MIN, 0, i16::MAX]))),
        ("int32", shared(primitive::<Int32Type>([i32::MIN, 0, i32::MAX]))),
        ("int64", shared(primitive::<Int64Type>(ends))),
        ("uint8", shared(primitive::<UInt8Type>([0, 1, u8::MAX]))),
        ("uint16", shared(primitive::<UInt16Type>([0, 1, u16::MAX]))),
        ("uint32", shared(primitive::<UInt32Type>([0, 1, u32::MAX]))),
        ("uint64", shared(primitive::<UInt64Type>([0, 1, u64::MAX]))),
        ("float32", shared(primitive::<Float32Type>([f32::NEG_INFINITY, -0.0, f32::NAN]))),
        ("float64", shared(primitive::<Float64Type>([f64::MIN_POSITIVE, -0.0, f64::NAN]))),
        ("decimal", decimal([-9_999_999_999, 0, 9_999_999_999], 10, 2)),
        ("decimal_whole", decimal([1 - 10_i128.pow(38), 0, 10_i128.pow(38) - 1], 38, 0)),
        ("decimal_round", decimal([-99_999, 1, 99_999], 5, -3)),
        ("string", shared(StringArray::from(string))),
        ("binary", shared(BinaryArray::from(bytes([b"", b"\xff\0\xfe", b"seventeen bytes.."])))),
        ("fixed_binary", fixed_binary([b"abc", b"\0\0\0", b"\xff\xff\xff"])),
        ("fixed_binary_long", fixed_binary([&[7; 40], &[0; 40], &[255; 40]])),
        ("date", shared(primitive::<Date32Type>([i32::MIN, 0, i32::MAX]))),
        ("date64", shared(primitive::<Date64Type>([-DAY_MS, 0, 20_000 * DAY_MS]))),
        ("time_s", shared(primitive::<Time32SecondType>([0, 1, 86_399]))),
        ("time_ms", shared(primitive::<Time32MillisecondType>([0, 1, 86_399_999]))),
        ("time_us", shared(primitive::<Time64MicrosecondType>([0, 1, 86_399_999_999]))),
        ("time_ns", shared(primitive::<Time64NanosecondType>([0, 1, 86_399_999_999_999]))),
        ("timestamp_s", shared(primitive::<TimestampSecondType>(ends))),
        ("timestamp_ms", shared(primitive::<TimestampMillisecondType>(ends).with_timezone("UTC"))),
        ("timestamp_us", shared(primitive::<TimestampMicrosecondType>(ends).with_timezone("Europe/Berlin"))),
        ("timestamp_ns", shared(primitive::<TimestampNanosecondType>(ends).with_timezone("+02:00"))),
        ("timestamp_plain", shared(primitive::<TimestampNanosecondType>(ends))),
        ("duration_s", shared(primitive::<DurationSecondType>(ends))),
        ("duration_ms", shared(primitive::<DurationMillisecondType>(ends))),
        ("duration_us", shared(primitive::<DurationMicrosecondType>(ends))),
        ("duration_ns", shared(primitive::<DurationNanosecondType>(ends))),
        ("months", shared(primitive::<IntervalYearMonthType>([i32::MIN, 0, i32::MAX]))),
        (
            "day_time",
            shared(primitive::<IntervalDayTimeType>([day_time(-1, 1), day_time(0, 0), day_time(i32::MAX, i32::MIN)])),
        ),
        (
            "month_day_nano",
            shared(primitive::<IntervalMonthDayNanoType>([
                month_day_nano(-1, 2, -3),
                month_day_nano(0, 0, 0),
                month_day_nano(i32::MAX, i32::MIN, i64::MAX),
            ])),
        ),
    ]
}

/// Columns of nested types, the type as job files write it and the values as JSON.
fn nested() -> Vec<(&'static str, ArrayRef)> {
    let point = "struct<x: int64 not null, \"the label\": string>";
    let columns = [
        ("list", "list<int64 not null>".to_owned(), ["[]", "[1]", "[1, 2, -3]"]),
        ("list_of_strings", "list<string>".to_owned(), [r#"["", null]"#, "[]", r#"["größer", "b"]"#]),
        (
            "list_of_lists",
            "list<list<boolean not null>>".to_owned(),
            ["[[], null, [true]]", "[]", "[[true, false], []]"],
        ),
        (
            "fixed_list",
            "fixed-size-list<float32, 3>".to_owned(),
            ["[1.5, null, -0.0]", "[0, 0, 0]", "[null, null, null]"],
        ),
        (
            "fixed_list_of_strings",
            "fixed-size-list<string not null, 2>".to_owned(),
            [r#"["", "b"]"#, r#"["", ""]"#, r#"["größer", "than sixteen bytes"]"#],
        ),
        ("point", point.to_owned(), [r#"{"x": 1, "the label": ""}"#, r#"{"x": 2}"#, r#"{"x": -3, "the label": "c"}"#]),
        (
            "points",
            format!("list<{point} not null>"),
            ["[]", r#"[{"x": 2}]"#, r#"[{"x": -3, "the label": "c"}, {"x": 4}]"#],
        ),
        (
            "pair",
            "struct<_1: date not null, _2: list<uint8 not null>>".to_owned(),
            [r#"{"_1": "2024-02-29", "_2": []}"#, r#"{"_1": "1970-01-01"}"#, r#"{"_1": "1969-12-31", "_2": [0, 255]}"#],
        ),
        ("map", "map<string, int64>".to_owned(), ["{}", r#"{"a": null}"#, r#"{"b": 1, "a": -1, "": 0}"#]),
        (
            "map_of_maps",
            format!("map<string, map<string, {point} not null> not null>"),
            ["{}", r#"{"1": {}}"#, r#"{"-2": {"a": {"x": 1}, "b": {"x": 2, "the label": "b"}}}"#],
        ),
    ];
    columns.into_iter().map(|(name, column_type, values)| (name, from_json(&column_type, values))).collect()
}

fn from_json(column_type: &str, [a, b, c]: [&str; 3]) -> ArrayRef {
    let (data_type, _) = types::parse(column_type).expect("a type");
    let schema = Arc::new(Schema::new(vec![Field::new("value", data_type, true)]));
    let json: String = [a, "null", b, c, "null"].iter().map(|value| format!("{{\"value\": {value}}}\n")).collect();
    let mut reader =
        ReaderBuilder::new(schema).with_batch_size(ROWS).build(json.as_bytes()).expect("a type that JSON has");
    let rows = reader.next().expect("rows").expect("values of the type");
    assert_eq!(rows.num_rows(), ROWS);
    rows.column(0).clone()
}

/// The type's name, for messages.
#[must_use]
pub fn type_name(of: &DataType) -> String {
    types::TypeName(of).to_string()
}
