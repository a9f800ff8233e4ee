//! Looking at rows before they are staged for what the database would refuse later: then the batch fails before its result is recorded, and with the row's place in its partition.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, UInt64Type};

use super::rows::per_second;
use super::table::{Table, Wanted};

/// The days since 1970 that the database's calendar has.
const DAYS: std::ops::Range<i64> = -2_440_588..2_145_042_906;
/// The seconds since 1970 that its timestamps have.
const SECONDS: std::ops::Range<i64> = -210_866_803_200..9_224_318_016_000;

/// What the database would refuse of rows, of which the first is `first` in its partition; nothing where it would take them all, as far as can be known.
pub fn refusal(rows: &RecordBatch, first: u64, wanted: &Wanted, table: Option<&Table>) -> Option<String> {
    let schema = rows.schema();
    schema.fields().iter().zip(rows.columns()).find_map(|(field, values)| {
        let name = field.name();
        let column = table.and_then(|table| table.columns.iter().find(|column| column.name == *name));
        let at = |row: usize, what: &str| format!("row {} of the partition, column \"{name}\": {what}", first + row as u64 + 1);
        let null = || (0..values.len()).find(|row| values.is_null(*row));
        if values.null_count() > 0 && wanted.key().contains(name) {
            return null().map(|row| at(row, "it is null, and in the key of an upsert, where null is no key"));
        }
        if values.null_count() > 0 && column.is_some_and(|column| column.is_not_null) {
            return null().map(|row| at(row, "it is null, and the table's column takes no null"));
        }
        if let Some(row) = nul(values) {
            return Some(at(row, "its text has the character U+0000, which PostgreSQL's texts don't; remove it in a query: replace(a, chr(0), '')"));
        }
        let out_of_range = out_of_range(values, column.map(|column| column.base.as_str()))?;
        Some(at(out_of_range.0, &format!("{} is out of range for {}", out_of_range.1, column.map_or("the database", |column| column.shown.as_str()))))
    })
}

/// The first row whose text has a NUL.
fn nul(values: &ArrayRef) -> Option<usize> {
    let has = |text: Option<&str>| text.is_some_and(|text| memchr::memchr(0, text.as_bytes()).is_some());
    match values.data_type() {
        DataType::Utf8 => values.as_string::<i32>().iter().position(has),
        DataType::LargeUtf8 => values.as_string::<i64>().iter().position(has),
        DataType::Utf8View => values.as_string_view().iter().position(has),
        DataType::Dictionary(_, of) if **of == DataType::Utf8 => {
            let plain = arrow::compute::cast(values, of).ok()?;
            plain.as_string::<i32>().iter().position(has)
        }
        _ => None,
    }
}

/// The first row that is out of the range of the column's type, and its value.
fn out_of_range(values: &ArrayRef, column: Option<&str>) -> Option<(usize, String)> {
    let find = |range: std::ops::Range<i128>| {
        let outside = |value: i128| !range.contains(&value);
        match values.data_type() {
            DataType::UInt64 => {
                let values = values.as_primitive::<UInt64Type>();
                let row = values.iter().position(|value| value.is_some_and(|value| outside(value.into())))?;
                Some((row, values.value(row).to_string()))
            }
            _ => {
                let wide = arrow::compute::cast(values, &DataType::Int64).ok()?;
                let wide = wide.as_primitive::<Int64Type>();
                let row = wide.iter().position(|value| value.is_some_and(|value| outside(value.into())))?;
                Some((row, wide.value(row).to_string()))
            }
        }
    };
    let scaled = |range: std::ops::Range<i64>, by: i64| {
        i128::from(range.start) * i128::from(by)..i128::from(range.end) * i128::from(by)
    };
    match (values.data_type(), column) {
        (integer, Some("int2")) if integer.is_integer() => find(i16::MIN.into()..i128::from(i16::MAX) + 1),
        (integer, Some("int4")) if integer.is_integer() => find(i32::MIN.into()..i128::from(i32::MAX) + 1),
        (DataType::UInt64, Some("int8")) => find(i64::MIN.into()..i128::from(i64::MAX) + 1),
        (DataType::Date32, _) => find(scaled(DAYS, 1)),
        (DataType::Date64, _) => find(scaled(DAYS, 24 * 60 * 60 * 1_000)),
        // Nanoseconds have no bits for what is out of range.
        (DataType::Timestamp(unit @ (TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Microsecond), _), _) => {
            find(scaled(SECONDS, per_second(*unit)))
        }
        _ => None,
    }
}
