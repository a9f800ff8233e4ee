//! Single values as case files write them: what is read for each type, and an example of it for errors.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};
use arrow::util::display::FormatOptions;

use crate::job::file::tree::{Content, Node};
use crate::job::types::TypeName;

/// How a value of a type is written.
pub fn example(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "true".into(),
        DataType::Float32 | DataType::Float64 => "0.5".into(),
        DataType::Utf8 => "\"text\"".into(),
        DataType::Binary => "\"0x00ff\"".into(),
        DataType::FixedSizeBinary(width) => {
            format!("\"0x{}\"", "00".repeat(usize::try_from(*width).unwrap_or(1).min(8)))
        }
        DataType::Decimal128(..) => "\"12.50\"".into(),
        DataType::Date32 | DataType::Date64 => "\"2024-02-29\"".into(),
        DataType::Time32(_) | DataType::Time64(_) => "\"10:15:00\"".into(),
        DataType::Timestamp(_, None) => "\"2024-02-29T10:15:00\"".into(),
        DataType::Timestamp(_, Some(_)) => "\"2024-02-29T10:15:00Z\"".into(),
        DataType::Duration(_) => "\"1min 30s\", or a number of its unit".into(),
        DataType::Interval(IntervalUnit::YearMonth) => "\"1 year 2 months\"".into(),
        DataType::Interval(_) => "\"2 days 3 hours\"".into(),
        DataType::List(_) | DataType::FixedSizeList(..) => "an array".into(),
        DataType::Struct(_) => "a table".into(),
        DataType::Map(..) => "a table, or an array of [key, value]".into(),
        _ => "1".into(),
    }
}

fn found<T>(expected: &str, node: &Node) -> Result<T, String> {
    Err(format!("{expected} is expected, found {}", node.describe()))
}

pub fn boolean(node: &Node) -> Result<bool, String> {
    match node.content {
        Content::Boolean(truth) => Ok(truth),
        _ => found("true or false", node),
    }
}

pub fn string(node: &Node) -> Result<&str, String> {
    match &node.content {
        Content::String(text) => Ok(text),
        _ => found("a string", node),
    }
}

/// Bytes: `0x`, then two hexadecimal digits for each.
pub fn binary(node: &Node) -> Result<Vec<u8>, String> {
    let Content::String(text) = &node.content else { return found("a string of hexadecimal digits", node) };
    let wrong = || format!("{text:?} is not 0x and two hexadecimal digits for each byte");
    let digits =
        text.strip_prefix("0x").filter(|digits| digits.len() % 2 == 0 && digits.is_ascii()).ok_or_else(wrong)?;
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok().filter(|_| !digits[at..].starts_with('+'));
    (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>().ok_or_else(wrong)
}

pub fn fixed_binary(node: &Node, width: i32) -> Result<Vec<u8>, String> {
    let bytes = binary(node)?;
    if i32::try_from(bytes.len()) == Ok(width) {
        Ok(bytes)
    } else {
        Err(format!("{} bytes stand where {width} belong", bytes.len()))
    }
}

/// An integer, or a string of one for what JSON and TOML have no room for.
pub fn integer<T: TryFrom<i128>>(node: &Node, data_type: &DataType) -> Result<T, String> {
    let text = match &node.content {
        Content::Integer(_, Some(value)) => &value.to_string(),
        Content::Integer(text, None) => text,
        Content::String(text) if matches!(data_type, DataType::UInt64) => text,
        _ => return found("an integer", node),
    };
    let out_of_range = || format!("{text} is out of the range of {}", TypeName(data_type));
    T::try_from(text.parse::<i128>().map_err(|_| out_of_range())?).map_err(|_| out_of_range())
}

/// A float or an integer; the strings `"nan"`, `"inf"` and `"-inf"`, for JSON.
pub fn float64(node: &Node) -> Result<f64, String> {
    let text = match &node.content {
        Content::Float(text) | Content::Integer(text, _) => text,
        Content::String(text) if ["nan", "inf", "-inf"].contains(&text.as_str()) => text,
        _ => return found("a float", node),
    };
    text.parse().map_err(|_| format!("{text} is not a float"))
}

/// As [`float64`], where a number that no float of this width comes close to is refused.
pub fn float32(node: &Node) -> Result<f32, String> {
    let wide = float64(node)?;
    let narrow = wide as f32;
    if wide.is_finite() && narrow.is_infinite() {
        return Err(format!("{wide:?} is out of the range of float32"));
    }
    Ok(narrow)
}

/// A decimal as a string, or an integer; a float would not say which decimal is meant.
pub fn decimal(node: &Node, precision: u8, scale: i8) -> Result<i128, String> {
    let text = match &node.content {
        Content::String(text) => text.as_str(),
        Content::Integer(_, Some(value)) => &value.to_string(),
        Content::Float(text) => {
            return Err(format!("the float {text} is not exact: a decimal is written as a string"));
        }
        _ => return found("a decimal as a string", node),
    };
    let not_one = || format!("{text:?} is not a decimal");
    let no_room = || format!("{text} has no room in {}", TypeName(&DataType::Decimal128(precision, scale)));
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || digits.ends_with('.') {
        return Err(not_one());
    }
    let fraction = fraction.trim_end_matches('0');
    let unscaled: i128 = format!("{whole}{fraction}").parse().map_err(|_| no_room())?;
    let shift = i32::from(scale) - i32::try_from(fraction.len()).map_err(|_| no_room())?;
    let ten = |power: i32| 10_i128.checked_pow(power.unsigned_abs()).ok_or_else(no_room);
    let value = match shift {
        0.. => unscaled.checked_mul(ten(shift)?).ok_or_else(no_room)?,
        _ if unscaled % ten(shift)? == 0 => unscaled / ten(shift)?,
        _ => return Err(no_room()),
    };
    if value >= ten(precision.into())? {
        return Err(no_room());
    }
    Ok(if negative { -value } else { value })
}

/// A date, a time of day or a timestamp: TOML's own, a string, or a number of the type's unit.
pub fn time<T: ArrowPrimitiveType>(node: &Node, data_type: &DataType) -> Result<T::Native, String>
where
    T::Native: TryFrom<i128>,
{
    let text = match &node.content {
        Content::String(text) | Content::Datetime(text) => text,
        Content::Integer(..) => return integer(node, data_type),
        _ => return found(&format!("a {} or a number of its unit", TypeName(data_type)), node),
    };
    let is_date = matches!(data_type, DataType::Date32 | DataType::Date64);
    if is_date && text.contains(':') {
        return Err(format!("{text:?} is not a date: it has a time"));
    }
    if matches!(data_type, DataType::Timestamp(_, None)) && has_offset(text) {
        return Err(format!("{text:?} has a zone, and the column has none"));
    }
    if digits_of_second(text) > digits_kept(data_type) {
        return Err(format!("{text:?} is finer than {}", TypeName(data_type)));
    }
    parsed::<T>(text, data_type)
}

fn has_offset(text: &str) -> bool {
    let time = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
    time.contains(['+', '-', 'Z', 'z'])
}

/// How many digits follow a second's point, without zeros at the end.
fn digits_of_second(text: &str) -> usize {
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
    let end = fraction.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(fraction.len());
    fraction[..end].trim_end_matches('0').len()
}

fn digits_kept(data_type: &DataType) -> usize {
    match data_type {
        DataType::Time32(unit) | DataType::Time64(unit) | DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => 0,
            TimeUnit::Millisecond => 3,
            TimeUnit::Microsecond => 6,
            TimeUnit::Nanosecond => 9,
        },
        _ => 0,
    }
}

/// What Arrow reads in a text.
fn parsed<T: ArrowPrimitiveType>(text: &str, data_type: &DataType) -> Result<T::Native, String> {
    let column: ArrayRef = Arc::new(StringArray::from(vec![text]));
    let options = CastOptions { safe: false, format_options: FormatOptions::default() };
    let wrong = || format!("{text:?} is not a {}", TypeName(data_type));
    let value = cast_with_options(&column, data_type, &options).map_err(|_| wrong())?;
    value.as_primitive_opt::<T>().map(|value| value.value(0)).ok_or_else(wrong)
}

/// A duration in words, or a number of the type's unit.
pub fn duration<T: TryFrom<i128>>(node: &Node, data_type: &DataType) -> Result<T, String> {
    let Content::String(text) = &node.content else { return integer(node, data_type) };
    let duration = humantime::parse_duration(text).map_err(|_| format!("{text:?} is not a duration"))?;
    let unit_ns: u128 = match data_type {
        DataType::Duration(TimeUnit::Second) => 1_000_000_000,
        DataType::Duration(TimeUnit::Millisecond) => 1_000_000,
        DataType::Duration(TimeUnit::Microsecond) => 1_000,
        _ => 1,
    };
    let ns = duration.as_nanos();
    if ns % unit_ns != 0 {
        return Err(format!("{text:?} is finer than {}", TypeName(data_type)));
    }
    let out_of_range = || format!("{text:?} is out of the range of {}", TypeName(data_type));
    let value = i128::try_from(ns / unit_ns).map_err(|_| out_of_range())?;
    T::try_from(value).map_err(|_| out_of_range())
}

/// An interval in words.
pub fn interval<T: ArrowPrimitiveType>(node: &Node, data_type: &DataType) -> Result<T::Native, String> {
    match &node.content {
        Content::String(text) => parsed::<T>(text, data_type),
        _ => found("an interval as a string", node),
    }
}
