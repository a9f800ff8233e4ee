//! A row as JSON, and back: every value of every type that has a name in job files, exactly.
//!
//! Numbers are numbers; what JSON has no number for (NaN, infinities) is a string, a NaN with bits of its own with them. Dates, times, timestamps and durations
//! are whole numbers of their unit, decimals are text such as `1234e-2`, bytes are hexadecimal digits. A struct is an object, or an array where two of its fields have one
//! name; a map is an array of pairs. A column whose type has no name is shown as text, and isn't among the columns that can be read back.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::*;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value as Json};

use crate::job::types::{self, SchemaNames, TypeName};

/// How rows with these columns are written.
#[derive(Debug, Clone)]
pub struct RowFormat {
    /// The columns that can be read back: what [`columns_of`] reads.
    pub columns: Arc<str>,
    /// The type that each column is written as; none: as text.
    types: Vec<Option<DataType>>,
    names: Vec<String>,
}

impl RowFormat {
    /// The format of rows with the columns of `schema`.
    pub fn new(schema: &Schema) -> Self {
        let known = |field: &Field| {
            let named = TypeName(field.data_type()).to_string();
            let (data_type, _) = types::parse(&named).ok()?;
            // Layouts of the same values have one name.
            (TypeName(&data_type).to_string() == named).then_some(data_type)
        };
        let types: Vec<Option<DataType>> = schema.fields().iter().map(|field| known(field)).collect();
        let read_back = schema.fields().iter().zip(&types).filter(|(_, data_type)| data_type.is_some());
        let read_back = Schema::new(read_back.map(|(field, _)| field.clone()).collect::<Vec<_>>());
        let names = schema.fields().iter().map(|field| field.name().clone()).collect();
        Self { columns: SchemaNames(&read_back).to_string().into(), types, names }
    }

    /// A row of a record batch of the schema, as the text of a JSON object.
    pub fn row(&self, rows: &RecordBatch, row: usize) -> String {
        let mut object = Map::new();
        for ((name, data_type), column) in self.names.iter().zip(&self.types).zip(rows.columns()) {
            let one = column.slice(row, 1);
            let value = match data_type {
                Some(data_type) if data_type == one.data_type() => write(&one, 0),
                Some(data_type) => cast(&one, data_type).ok().and_then(|one| write(&one, 0)),
                None => None,
            };
            object.insert(name.clone(), value.unwrap_or_else(|| shown(&one)));
        }
        Json::Object(object).to_string()
    }
}

/// The columns that a row format names.
///
/// # Errors
/// What is wrong with the text.
pub fn columns_of(text: &str) -> Result<SchemaRef, String> {
    if text.is_empty() {
        return Ok(Arc::new(Schema::empty()));
    }
    match types::parse(&format!("struct<{text}>")) {
        Ok((DataType::Struct(fields), _)) => Ok(Arc::new(Schema::new(fields))),
        Ok(_) => Err("they are no columns".to_owned()),
        Err(wrong) => Err(wrong.to_string()),
    }
}

/// Rows of `schema` from the texts that [`RowFormat::row`] made.
///
/// # Errors
/// What is wrong with which text.
pub fn read(schema: &SchemaRef, texts: &[&str]) -> Result<RecordBatch, String> {
    let mut rows = Vec::with_capacity(texts.len());
    for (row, text) in texts.iter().enumerate() {
        match serde_json::from_str(text) {
            Ok(Json::Object(object)) => rows.push(object),
            Ok(_) => return Err(format!("row {row} is no JSON object")),
            Err(error) => return Err(format!("row {row} is no JSON: {error}")),
        }
    }
    let null = Json::Null;
    let column = |field: &FieldRef| {
        let values: Vec<&Json> = rows.iter().map(|row| row.get(field.name()).unwrap_or(&null)).collect();
        from(field.data_type(), &values).map_err(|wrong| format!("column \"{}\": {wrong}", field.name()))
    };
    let columns = schema.fields().iter().map(column).collect::<Result<_, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(texts.len()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(|error| error.to_string())
}

fn shown(one: &ArrayRef) -> Json {
    let options = FormatOptions::new();
    let text = ArrayFormatter::try_new(one, &options).ok().and_then(|value| value.value(0).try_to_string().ok());
    text.map_or(Json::Null, Json::String)
}

/// The value at `row`; none for a type without a name.
fn write(array: &dyn Array, row: usize) -> Option<Json> {
    use DataType as Type;
    if array.is_null(row) {
        return Some(Json::Null);
    }
    macro_rules! number {
        ($type:ty) => {
            Json::from(array.as_primitive::<$type>().value(row))
        };
    }
    Some(match array.data_type() {
        Type::Null => Json::Null,
        Type::Boolean => Json::Bool(array.as_boolean().value(row)),
        Type::Int8 => number!(Int8Type),
        Type::Int16 => number!(Int16Type),
        Type::Int32 => number!(Int32Type),
        Type::Int64 => number!(Int64Type),
        Type::UInt8 => number!(UInt8Type),
        Type::UInt16 => number!(UInt16Type),
        Type::UInt32 => number!(UInt32Type),
        Type::UInt64 => number!(UInt64Type),
        Type::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            let own = (value.to_bits() != f32::NAN.to_bits()).then(|| format!("NaN:{:x}", value.to_bits()));
            float(f64::from(value), own)
        }
        Type::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            float(value, (value.to_bits() != f64::NAN.to_bits()).then(|| format!("NaN:{:x}", value.to_bits())))
        }
        Type::Decimal128(_, scale) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            Json::String(format!("{value}e{}", -i32::from(*scale)))
        }
        Type::Utf8 => Json::from(array.as_string::<i32>().value(row)),
        Type::Binary => Json::String(hex(array.as_binary::<i32>().value(row))),
        Type::FixedSizeBinary(_) => Json::String(hex(array.as_fixed_size_binary().value(row))),
        Type::Date32 | Type::Time32(_) => {
            let whole = cast(&array.slice(row, 1), &Type::Int32).ok()?;
            Json::from(whole.as_primitive::<Int32Type>().value(0))
        }
        Type::Date64 | Type::Time64(_) | Type::Timestamp(..) | Type::Duration(_) => {
            let whole = cast(&array.slice(row, 1), &Type::Int64).ok()?;
            Json::from(whole.as_primitive::<Int64Type>().value(0))
        }
        Type::Interval(IntervalUnit::YearMonth) => number!(IntervalYearMonthType),
        Type::Interval(IntervalUnit::DayTime) => {
            let value = array.as_primitive::<IntervalDayTimeType>().value(row);
            Json::from(vec![value.days, value.milliseconds])
        }
        Type::Interval(IntervalUnit::MonthDayNano) => {
            let value = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            Json::from(vec![i64::from(value.months), i64::from(value.days), value.nanoseconds])
        }
        Type::List(_) => items(&array.as_list::<i32>().value(row))?,
        Type::FixedSizeList(..) => items(&array.as_fixed_size_list().value(row))?,
        Type::Struct(fields) => {
            let columns = array.as_struct().columns();
            let values = columns.iter().map(|column| write(column, row)).collect::<Option<Vec<_>>>()?;
            match are_unique(fields) {
                true => Json::Object(fields.iter().map(|field| field.name().clone()).zip(values).collect()),
                false => Json::Array(values),
            }
        }
        Type::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let pair = |row| Some(Json::Array(vec![write(keys, row)?, write(values, row)?]));
            Json::Array((0..entries.len()).map(pair).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn items(array: &ArrayRef) -> Option<Json> {
    (0..array.len()).map(|item| write(array, item)).collect::<Option<_>>().map(Json::Array)
}

/// A float that JSON has a number for, or its name; `own` is what says which NaN it is, where it isn't the usual one.
fn float(value: f64, own: Option<String>) -> Json {
    match serde_json::Number::from_f64(value) {
        // Not every float comes back from the number that JSON has for it.
        Some(number)
            if serde_json::from_str(&number.to_string()).is_ok_and(|back: f64| back.to_bits() == value.to_bits()) =>
        {
            Json::Number(number)
        }
        Some(_) => Json::String(format!("{value:?}")),
        None if value.is_nan() => Json::String(own.unwrap_or_else(|| "NaN".to_owned())),
        None => Json::from(if value > 0.0 { "inf" } else { "-inf" }),
    }
}

fn are_unique(fields: &Fields) -> bool {
    let mut seen = HashSet::new();
    fields.iter().all(|field| seen.insert(field.name()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(value: &Json) -> Result<Vec<u8>, String> {
    let text = value
        .as_str()
        .filter(|text| text.is_ascii() && text.len() % 2 == 0)
        .ok_or_else(|| wrong("hexadecimal digits", value))?;
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong("hexadecimal digits", value));
    (0..text.len()).step_by(2).map(byte).collect()
}

fn wrong(expected: &str, found: &Json) -> String {
    let found: String = found.to_string().chars().take(100).collect();
    format!("{expected} is expected, found {found}")
}

/// A column of values that [`write()`] wrote.
fn from(data_type: &DataType, values: &[&Json]) -> Result<ArrayRef, String> {
    use DataType as Type;
    macro_rules! primitive {
        ($type:ty, $expected:expr, $read:expr) => {{
            let read: fn(&Json) -> Option<<$type as ArrowPrimitiveType>::Native> = $read;
            let column = each(values, $expected, read)?.into_iter().collect::<PrimitiveArray<$type>>();
            Arc::new(column.with_data_type(data_type.clone())) as ArrayRef
        }};
    }
    macro_rules! whole {
        ($type:ty) => {
            primitive!($type, "a whole number", |value| value
                .as_i64()
                .map(i128::from)
                .or_else(|| value.as_u64().map(i128::from))?
                .try_into()
                .ok())
        };
    }
    let nulls = || NullBuffer::from_iter(values.iter().map(|value| !value.is_null()));
    let arrow = |error: arrow::error::ArrowError| error.to_string();
    Ok(match data_type {
        Type::Null => Arc::new(NullArray::new(values.len())),
        Type::Boolean => {
            let read = each(values, "true or false", Json::as_bool)?;
            Arc::new(read.into_iter().collect::<BooleanArray>())
        }
        Type::Int8 => whole!(Int8Type),
        Type::Int16 => whole!(Int16Type),
        Type::Int32 => whole!(Int32Type),
        Type::Int64 => whole!(Int64Type),
        Type::UInt8 => whole!(UInt8Type),
        Type::UInt16 => whole!(UInt16Type),
        Type::UInt32 => whole!(UInt32Type),
        Type::UInt64 => whole!(UInt64Type),
        Type::Float32 => primitive!(Float32Type, "a number", |value| match value.as_str() {
            None => value.as_f64().map(|value| value as f32),
            Some(name) => named(name).map_or_else(
                || name.strip_prefix("NaN:").and_then(|bits| u32::from_str_radix(bits, 16).ok()).map(f32::from_bits),
                |value| Some(value as f32)
            ),
        }),
        Type::Float64 => primitive!(Float64Type, "a number", |value| match value.as_str() {
            None => value.as_f64(),
            Some(name) => named(name).or_else(|| {
                name.strip_prefix("NaN:").and_then(|bits| u64::from_str_radix(bits, 16).ok()).map(f64::from_bits)
            }),
        }),
        Type::Decimal128(..) => {
            primitive!(Decimal128Type, "a decimal such as \"1234e-2\"", |value| value
                .as_str()?
                .split('e')
                .next()?
                .parse()
                .ok())
        }
        Type::Utf8 => Arc::new(each(values, "a string", Json::as_str)?.into_iter().collect::<StringArray>()),
        Type::Binary => {
            let read = values.iter().map(|value| if value.is_null() { Ok(None) } else { bytes(value).map(Some) });
            Arc::new(read.collect::<Result<Vec<_>, _>>()?.iter().map(Option::as_deref).collect::<BinaryArray>())
        }
        Type::FixedSizeBinary(width) => {
            let read = values.iter().map(|value| if value.is_null() { Ok(None) } else { bytes(value).map(Some) });
            let read = read.collect::<Result<Vec<_>, _>>()?;
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(read.into_iter(), *width).map_err(arrow)?)
        }
        Type::Date32 => whole!(Date32Type),
        Type::Date64 => whole!(Date64Type),
        Type::Time32(TimeUnit::Second) => whole!(Time32SecondType),
        Type::Time32(_) => whole!(Time32MillisecondType),
        Type::Time64(TimeUnit::Microsecond) => whole!(Time64MicrosecondType),
        Type::Time64(_) => whole!(Time64NanosecondType),
        Type::Timestamp(TimeUnit::Second, _) => whole!(TimestampSecondType),
        Type::Timestamp(TimeUnit::Millisecond, _) => whole!(TimestampMillisecondType),
        Type::Timestamp(TimeUnit::Microsecond, _) => whole!(TimestampMicrosecondType),
        Type::Timestamp(TimeUnit::Nanosecond, _) => whole!(TimestampNanosecondType),
        Type::Duration(TimeUnit::Second) => whole!(DurationSecondType),
        Type::Duration(TimeUnit::Millisecond) => whole!(DurationMillisecondType),
        Type::Duration(TimeUnit::Microsecond) => whole!(DurationMicrosecondType),
        Type::Duration(TimeUnit::Nanosecond) => whole!(DurationNanosecondType),
        Type::Interval(IntervalUnit::YearMonth) => whole!(IntervalYearMonthType),
        Type::Interval(IntervalUnit::DayTime) => primitive!(IntervalDayTimeType, "days and milliseconds", |value| {
            let part = |idx: usize| i32::try_from(value.get(idx)?.as_i64()?).ok();
            Some(IntervalDayTimeType::make_value(part(0)?, part(1)?))
        }),
        Type::Interval(IntervalUnit::MonthDayNano) => {
            primitive!(IntervalMonthDayNanoType, "months, days and nanoseconds", |value| {
                let part = |idx: usize| i32::try_from(value.get(idx)?.as_i64()?).ok();
                Some(IntervalMonthDayNanoType::make_value(part(0)?, part(1)?, value.get(2)?.as_i64()?))
            })
        }
        Type::List(item) => {
            let (lengths, all) = flat(values)?;
            let items = from(item.data_type(), &all)?;
            let offsets = OffsetBuffer::from_lengths(lengths);
            Arc::new(ListArray::try_new(item.clone(), offsets, items, Some(nulls())).map_err(arrow)?)
        }
        Type::FixedSizeList(item, length) => {
            let n_items = usize::try_from(*length).map_err(|error| error.to_string())?;
            let null = Json::Null;
            let mut all = Vec::with_capacity(values.len() * n_items);
            for value in values {
                match value.as_array() {
                    Some(items) if items.len() == n_items => all.extend(items),
                    None if value.is_null() => all.extend(std::iter::repeat_n(&null, n_items)),
                    _ => return Err(wrong(&format!("an array of {n_items}"), value)),
                }
            }
            let items = from(item.data_type(), &all)?;
            Arc::new(FixedSizeListArray::try_new(item.clone(), *length, items, Some(nulls())).map_err(arrow)?)
        }
        Type::Struct(fields) => {
            let null = Json::Null;
            let by_name = are_unique(fields);
            let mut columns = vec![];
            for (idx, field) in fields.iter().enumerate() {
                let part = |value: &&'_ Json| match (by_name, value.is_null()) {
                    (_, true) => None,
                    (true, _) => value.get(field.name()).cloned(),
                    (false, _) => value.get(idx).cloned(),
                };
                let parts: Vec<Option<Json>> = values.iter().map(part).collect();
                let parts: Vec<&Json> = parts.iter().map(|part| part.as_ref().unwrap_or(&null)).collect();
                columns.push(from(field.data_type(), &parts)?);
            }
            let made = StructArray::try_new_with_length(fields.clone(), columns, Some(nulls()), values.len());
            Arc::new(made.map_err(arrow)?)
        }
        Type::Map(entries, is_sorted) => {
            let DataType::Struct(fields) = entries.data_type() else { return Err("it is no map".to_owned()) };
            let (lengths, all) = flat(values)?;
            let null = Json::Null;
            let part = |idx: usize| -> Vec<&Json> { all.iter().map(|pair| pair.get(idx).unwrap_or(&null)).collect() };
            let columns = fields.iter().enumerate().map(|(idx, field)| from(field.data_type(), &part(idx)));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let both = StructArray::try_new_with_length(fields.clone(), columns, None, all.len()).map_err(arrow)?;
            let offsets = OffsetBuffer::from_lengths(lengths);
            Arc::new(MapArray::try_new(entries.clone(), offsets, both, Some(nulls()), *is_sorted).map_err(arrow)?)
        }
        other => return Err(format!("{other} can't be read back")),
    })
}

/// A float that is written as a string, but for NaNs of their own.
fn named(name: &str) -> Option<f64> {
    match name {
        "NaN" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        digits => digits.parse().ok().filter(|value: &f64| value.is_finite()),
    }
}

/// Each value as it is read, null for null.
fn each<'a, T>(
    values: &[&'a Json],
    expected: &str,
    read: impl Fn(&'a Json) -> Option<T>,
) -> Result<Vec<Option<T>>, String> {
    let one = |value: &&'a Json| match value.is_null() {
        true => Ok(None),
        false => read(value).map(Some).ok_or_else(|| wrong(expected, value)),
    };
    values.iter().map(one).collect()
}

/// How long each list is, and the items of all.
fn flat<'a>(values: &[&'a Json]) -> Result<(Vec<usize>, Vec<&'a Json>), String> {
    let (mut lengths, mut all) = (Vec::with_capacity(values.len()), vec![]);
    for value in values {
        let items = match value.as_array() {
            Some(items) => items.as_slice(),
            None if value.is_null() => &[],
            None => return Err(wrong("an array", value)),
        };
        lengths.push(items.len());
        all.extend(items);
    }
    Ok((lengths, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::generate::{Random, batch, flat_types};

    /// Through texts and back; columns compare by their bytes, so that NaNs do.
    fn there_and_back(rows: &RecordBatch) {
        let format = RowFormat::new(&rows.schema());
        let texts: Vec<String> = (0..rows.num_rows()).map(|row| format.row(rows, row)).collect();
        let schema = columns_of(&format.columns).unwrap_or_else(|wrong| panic!("{wrong}: {}", format.columns));
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let back = read(&schema, &texts).unwrap_or_else(|wrong| panic!("{wrong}: {texts:?}"));
        let again = RowFormat::new(&schema);
        let texts_again: Vec<String> = (0..back.num_rows()).map(|row| again.row(&back, row)).collect();
        assert_eq!(texts, texts_again);
        assert_eq!((format.columns, back.num_rows()), (again.columns, rows.num_rows()));
        for (column, (before, after)) in rows.columns().iter().zip(back.columns()).enumerate() {
            assert_eq!(TypeName(before.data_type()).to_string(), TypeName(after.data_type()).to_string());
            for (row, text) in texts.iter().enumerate() {
                assert!(is_same(before, after, row), "column {column}, row {row} of {text}");
            }
        }
    }

    /// Whether two values are the same, floats bit by bit.
    fn is_same(before: &dyn Array, after: &dyn Array, row: usize) -> bool {
        let (before, after) = (before.slice(row, 1), after.slice(row, 1));
        if before.is_null(0) || after.is_null(0) {
            return before.is_null(0) == after.is_null(0);
        }
        let items = |array: &ArrayRef| -> Option<ArrayRef> {
            Some(match array.data_type() {
                DataType::List(_) => array.as_list::<i32>().value(0),
                DataType::FixedSizeList(..) => array.as_fixed_size_list().value(0),
                DataType::Map(..) => Arc::new(array.as_map().value(0)),
                _ => return None,
            })
        };
        match before.data_type() {
            DataType::Float64 => {
                let bits = |array: &ArrayRef| array.as_primitive::<Float64Type>().value(0).to_bits();
                bits(&before) == bits(&after)
            }
            DataType::Float32 => {
                let bits = |array: &ArrayRef| array.as_primitive::<Float32Type>().value(0).to_bits();
                bits(&before) == bits(&after)
            }
            DataType::Struct(_) => {
                let parts = before.as_struct().columns().iter().zip(after.as_struct().columns());
                parts.into_iter().all(|(before, after)| is_same(before, after, 0))
            }
            _ => match (items(&before), items(&after)) {
                (Some(before), Some(after)) => {
                    before.len() == after.len() && (0..before.len()).all(|item| is_same(&before, &after, item))
                }
                _ => before == after,
            },
        }
    }

    #[test]
    fn every_value_of_every_type_comes_back() {
        for seed in 0..300 {
            there_and_back(&batch(&mut Random(seed)));
        }
    }

    #[test]
    fn floats_come_back_bit_by_bit() {
        let values = [
            0.0,
            -0.0,
            f64::NAN,
            -f64::NAN,
            f64::from_bits(0x7ff8_0000_dead_beef),
            f64::INFINITY,
            f64::NEG_INFINITY,
            5e-324,
            f64::MAX,
            0.1 + 0.2,
        ];
        let mut random = Random(7);
        let wide: Vec<f64> = values.into_iter().chain((0..2000).map(|_| f64::from_bits(random.next()))).collect();
        let narrow: Vec<f32> = wide.iter().map(|value| f32::from_bits(value.to_bits() as u32)).collect();
        let columns: [(&str, ArrayRef); 2] =
            [("wide", Arc::new(Float64Array::from(wide))), ("narrow", Arc::new(Float32Array::from(narrow)))];
        there_and_back(&RecordBatch::try_from_iter(columns).unwrap());
    }

    #[test]
    fn a_row_reads_well() {
        let fields = vec![
            Field::new("word", DataType::Utf8, false),
            Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, None), true),
            Field::new("price", DataType::Decimal128(10, 2), false),
            Field::new("raw", DataType::LargeBinary, false),
        ];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec!["a\u{1b}\"b"])),
            Arc::new(TimestampMillisecondArray::from(vec![Some(1000)])),
            Arc::new(Decimal128Array::from(vec![1234]).with_precision_and_scale(10, 2).unwrap()),
            Arc::new(LargeBinaryArray::from(vec![&b"\x00\xff"[..]])),
        ];
        let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        let format = RowFormat::new(&rows.schema());
        assert_eq!(
            &*format.columns,
            "word: string not null, at: timestamp[ms], price: decimal(10, 2) not null, raw: binary not null"
        );
        assert_eq!(format.row(&rows, 0), r#"{"at":1000,"price":"1234e-2","raw":"00ff","word":"a\u001b\"b"}"#);
    }

    #[test]
    fn what_is_wrong_with_a_text_is_told() {
        let schema = columns_of("n: int8, word: string not null").unwrap();
        let message = |text: &str| read(&schema, &[text]).unwrap_err();
        assert_eq!(message("[]"), "row 0 is no JSON object");
        assert_eq!(message(r#"{"n": 300, "word": "a"}"#), "column \"n\": a whole number is expected, found 300");
        assert!(message(r#"{"n": 1}"#).contains("word"), "{}", message(r#"{"n": 1}"#));
        assert!(columns_of("n: int9").is_err());
        assert!(!flat_types().is_empty());
    }
}
