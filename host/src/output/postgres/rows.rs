//! Rows as the text that `COPY ... FROM STDIN` takes: a line a row, tabs between values, `\N` for null.
//!
//! Numbers are written so that they read back as they were; times to the microsecond, which is as exact as the database's are, and in UTC where they are moments; what is nested as JSON.

use std::fmt::Display;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait, RecordBatch};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Decimal256Type, DecimalType, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType, IntervalUnit, IntervalYearMonthType, TimeUnit,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::json::EncoderOptions;
use arrow::json::writer::make_encoder;

const DAY: i64 = 24 * 60 * 60;

/// The rows, and beside each, if asked for, its number from `first` on.
///
/// # Errors
/// When a column is of a type that [`super::types::is_known`] doesn't know.
pub fn encode(rows: &RecordBatch, first: Option<u64>) -> Result<Vec<u8>, ArrowError> {
    let plain: Result<Vec<ArrayRef>, ArrowError> = rows.columns().iter().map(plain).collect();
    let plain = plain?;
    let options = EncoderOptions::default().with_explicit_nulls(true);
    let schema = rows.schema();
    let mut writers = vec![];
    for (array, field) in plain.iter().zip(schema.fields()) {
        writers.push(match array.data_type().is_nested() {
            false => value(array)?,
            true => {
                let mut encoder = make_encoder(field, array.as_ref(), &options)?;
                let mut json = vec![];
                Box::new(move |row, out: &mut Vec<u8>| {
                    json.clear();
                    encoder.encode(row, &mut json);
                    escape(&json, out);
                })
            }
        });
    }
    let mut out = Vec::with_capacity(rows.num_rows() * 16 * plain.len().max(1));
    for row in 0..rows.num_rows() {
        for (idx, (array, write)) in plain.iter().zip(&mut writers).enumerate() {
            if idx > 0 {
                out.push(b'\t');
            }
            match array.is_null(row) {
                true => out.extend_from_slice(b"\\N"),
                false => write(row, &mut out),
            }
        }
        if let Some(first) = first {
            put(&mut out, format_args!("\t{}", first + row as u64));
        }
        out.push(b'\n');
    }
    Ok(out)
}

/// The same values in one of the layouts that are read below.
fn plain(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let other = match array.data_type() {
        DataType::Dictionary(_, values) => return plain(&arrow::compute::cast(array, values)?),
        DataType::Utf8View => DataType::LargeUtf8,
        DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::LargeBinary,
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Timestamp(TimeUnit::Millisecond, None),
        DataType::Time32(_) => return plain(&arrow::compute::cast(array, &DataType::Time64(TimeUnit::Microsecond))?),
        _ => return Ok(Arc::clone(array)),
    };
    arrow::compute::cast(array, &other)
}

type Writer<'a> = Box<dyn FnMut(usize, &mut Vec<u8>) + 'a>;

fn value(array: &ArrayRef) -> Result<Writer<'_>, ArrowError> {
    Ok(match array.data_type() {
        DataType::Null => Box::new(|_, _| ()),
        DataType::Boolean => {
            let array = array.as_boolean();
            Box::new(|row, out| out.push(if array.value(row) { b't' } else { b'f' }))
        }
        DataType::Int8 => shown::<Int8Type>(array),
        DataType::Int16 => shown::<Int16Type>(array),
        DataType::Int32 => shown::<Int32Type>(array),
        DataType::Int64 => shown::<Int64Type>(array),
        DataType::UInt8 => shown::<UInt8Type>(array),
        DataType::UInt16 => shown::<UInt16Type>(array),
        DataType::UInt32 => shown::<UInt32Type>(array),
        DataType::UInt64 => shown::<UInt64Type>(array),
        // Debug takes an exponent where the number would be long otherwise, and as many digits as it takes to read the same number back.
        DataType::Float32 => of::<Float32Type>(array, |value, out| float(value, value.is_infinite(), value > 0.0, out)),
        DataType::Float64 => of::<Float64Type>(array, |value, out| float(value, value.is_infinite(), value > 0.0, out)),
        DataType::Decimal128(precision, scale) => decimal::<Decimal128Type>(array, *precision, *scale),
        DataType::Decimal256(precision, scale) => decimal::<Decimal256Type>(array, *precision, *scale),
        DataType::Utf8 => text::<i32>(array),
        DataType::LargeUtf8 => text::<i64>(array),
        DataType::Binary => bytes::<i32>(array),
        DataType::LargeBinary => bytes::<i64>(array),
        DataType::Date32 => of::<arrow::datatypes::Date32Type>(array, |days, out| date(i64::from(days), out)),
        DataType::Time64(TimeUnit::Microsecond) => {
            of::<arrow::datatypes::Time64MicrosecondType>(array, |time, out| time_of_day(time * 1_000, out))
        }
        DataType::Time64(_) => of::<arrow::datatypes::Time64NanosecondType>(array, time_of_day),
        DataType::Timestamp(unit, zone) => timestamps(array, *unit, zone.is_some()),
        DataType::Duration(unit) => durations(array, *unit),
        DataType::Interval(unit) => intervals(array, *unit),
        other => return Err(ArrowError::NotYetImplemented(format!("{other} in PostgreSQL"))),
    })
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Nothing fails that is written into memory.
    let _ = out.write_fmt(text);
}

fn of<'a, T: ArrowPrimitiveType>(array: &'a ArrayRef, write: impl Fn(T::Native, &mut Vec<u8>) + 'a) -> Writer<'a> {
    let array = array.as_primitive::<T>();
    Box::new(move |row, out| write(array.value(row), out))
}

fn shown<T: ArrowPrimitiveType<Native: Display>>(array: &ArrayRef) -> Writer<'_> {
    of::<T>(array, |value, out| put(out, format_args!("{value}")))
}

fn float(value: impl std::fmt::Debug, is_infinite: bool, is_positive: bool, out: &mut Vec<u8>) {
    match (is_infinite, is_positive) {
        (true, true) => out.extend_from_slice(b"Infinity"),
        (true, false) => out.extend_from_slice(b"-Infinity"),
        (false, _) => put(out, format_args!("{value:?}")),
    }
}

fn decimal<T: DecimalType>(array: &ArrayRef, precision: u8, scale: i8) -> Writer<'_> {
    of::<T>(array, move |value, out| out.extend_from_slice(T::format_decimal(value, precision, scale).as_bytes()))
}

fn text<O: OffsetSizeTrait>(array: &ArrayRef) -> Writer<'_> {
    let array = array.as_string::<O>();
    Box::new(|row, out| escape(array.value(row).as_bytes(), out))
}

/// Text, with what means something to COPY escaped.
fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(match rest[at] {
            b'\\' => b"\\\\",
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            _ => b"\\r",
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

fn bytes<O: OffsetSizeTrait>(array: &ArrayRef) -> Writer<'_> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let array = array.as_binary::<O>();
    Box::new(|row, out| {
        out.extend_from_slice(b"\\\\x");
        let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        out.extend(array.value(row).iter().flat_map(digits));
    })
}

/// A day, counted from 1970-01-01.
fn date(days: i64, out: &mut Vec<u8>) {
    let is_bc = put_date(days, out);
    if is_bc {
        out.extend_from_slice(b" BC");
    }
}

/// Write a day in the proleptic Gregorian calendar; says whether its year is one before Christ.
fn put_date(days: i64, out: &mut Vec<u8>) -> bool {
    // Howard Hinnant's civil_from_days: years begin in March, in eras of 400 years.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    // There is no year 0: it is 1 BC.
    let is_bc = year <= 0;
    let year = if is_bc { 1 - year } else { year };
    put(out, format_args!("{year:04}-{month:02}-{day:02}"));
    is_bc
}

/// Nanoseconds since midnight, with as many digits as they have.
fn time_of_day(nanos: i64, out: &mut Vec<u8>) {
    let seconds = nanos.div_euclid(1_000_000_000);
    put(out, format_args!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    let fraction = nanos.rem_euclid(1_000_000_000);
    match (fraction, fraction % 1_000) {
        (0, _) => {}
        (_, 0) => put(out, format_args!(".{:06}", fraction / 1_000)),
        _ => put(out, format_args!(".{fraction:09}")),
    }
}

/// How many of a unit are a second.
pub fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

fn timestamps(array: &ArrayRef, unit: TimeUnit, is_moment: bool) -> Writer<'_> {
    let per_second = per_second(unit);
    let write = move |value: i64, out: &mut Vec<u8>| {
        let (seconds, fraction) = (value.div_euclid(per_second), value.rem_euclid(per_second));
        let is_bc = put_date(seconds.div_euclid(DAY), out);
        out.push(b' ');
        time_of_day(seconds.rem_euclid(DAY) * 1_000_000_000 + fraction * (1_000_000_000 / per_second), out);
        if is_moment {
            out.extend_from_slice(b"+00");
        }
        if is_bc {
            out.extend_from_slice(b" BC");
        }
    };
    match unit {
        TimeUnit::Second => of::<arrow::datatypes::TimestampSecondType>(array, write),
        TimeUnit::Millisecond => of::<arrow::datatypes::TimestampMillisecondType>(array, write),
        TimeUnit::Microsecond => of::<arrow::datatypes::TimestampMicrosecondType>(array, write),
        TimeUnit::Nanosecond => of::<arrow::datatypes::TimestampNanosecondType>(array, write),
    }
}

fn durations(array: &ArrayRef, unit: TimeUnit) -> Writer<'_> {
    let per_second = i128::from(per_second(unit));
    let write = move |value: i64, out: &mut Vec<u8>| {
        let nanos = i128::from(value) * (1_000_000_000 / per_second);
        hours(nanos, out);
    };
    match unit {
        TimeUnit::Second => of::<DurationSecondType>(array, write),
        TimeUnit::Millisecond => of::<DurationMillisecondType>(array, write),
        TimeUnit::Microsecond => of::<DurationMicrosecondType>(array, write),
        TimeUnit::Nanosecond => of::<DurationNanosecondType>(array, write),
    }
}

/// An interval of hours and what is less than an hour.
fn hours(nanos: i128, out: &mut Vec<u8>) {
    const HOUR: u128 = 3_600_000_000_000;
    if nanos < 0 {
        out.push(b'-');
    }
    let nanos = nanos.unsigned_abs();
    let (hours, rest) = (nanos / HOUR, nanos % HOUR);
    let mut minutes = vec![];
    time_of_day(i64::try_from(rest).unwrap_or(0), &mut minutes);
    put(out, format_args!("{hours}"));
    out.extend_from_slice(&minutes[2..]);
}

fn intervals(array: &ArrayRef, unit: IntervalUnit) -> Writer<'_> {
    fn interval(months: i32, days: i32, nanos: i128, out: &mut Vec<u8>) {
        put(out, format_args!("{months} mons {days} days "));
        hours(nanos, out);
    }
    match unit {
        IntervalUnit::YearMonth => of::<IntervalYearMonthType>(array, |months, out| interval(months, 0, 0, out)),
        IntervalUnit::DayTime => of::<IntervalDayTimeType>(array, |time, out| {
            interval(0, time.days, i128::from(time.milliseconds) * 1_000_000, out)
        }),
        IntervalUnit::MonthDayNano => of::<IntervalMonthDayNanoType>(array, |time, out| {
            interval(time.months, time.days, i128::from(time.nanoseconds), out)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int64Array, StringArray, TimestampMillisecondArray};
    use arrow::datatypes::{Field, Schema};

    fn encoded(array: impl Array + 'static) -> Vec<String> {
        let field = Field::new("a", array.data_type().clone(), true);
        let rows = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![Arc::new(array)]).unwrap();
        let text = String::from_utf8(encode(&rows, None).unwrap()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn dates_are_gregorian() {
        let days = |days: i64| {
            let mut out = vec![];
            date(days, &mut out);
            String::from_utf8(out).unwrap()
        };
        for (number, shown) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (11_016, "2000-02-29"),
            (-719_162, "0001-01-01"),
            (-719_163, "0001-12-31 BC"),
            (-719_528, "0001-01-01 BC"),
            (-2_440_588, "4714-11-24 BC"),
            (2_145_042_905, "5874897-12-31"),
        ] {
            assert_eq!(days(number), shown, "{number}");
        }
    }

    #[test]
    fn values_read_back_as_they_were() {
        let floats = [0.1, 1e300, 5e-324, -0.0, f64::NAN, f64::NEG_INFINITY, f64::INFINITY];
        assert_eq!(
            encoded(Float64Array::from(floats.to_vec())),
            ["0.1", "1e300", "5e-324", "-0.0", "NaN", "-Infinity", "Infinity"]
        );
        let texts = StringArray::from(vec![Some("a\tb\\\n\r"), None, Some("\\N"), Some("ü")]);
        assert_eq!(encoded(texts), ["a\\tb\\\\\\n\\r", "\\N", "\\\\N", "ü"]);
        let times =
            TimestampMillisecondArray::from(vec![-1, 1_700_000_000_123, -62_135_596_800_001]).with_timezone("UTC");
        assert_eq!(
            encoded(times),
            ["1969-12-31 23:59:59.999000+00", "2023-11-14 22:13:20.123000+00", "0001-12-31 23:59:59.999000+00 BC"]
        );
        let durations = arrow::array::DurationMillisecondArray::from(vec![-90_061_001, 0]);
        assert_eq!(encoded(durations), ["-25:01:01.001000", "0:00:00"]);
    }

    #[test]
    fn rows_are_numbered_if_asked() {
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
        let rows = RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![Some(7), None]))]).unwrap();
        assert_eq!(encode(&rows, Some(41)).unwrap(), b"7\t41\n\\N\t42\n");
    }
}
