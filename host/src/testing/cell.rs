//! Values of datasets, to be compared and shown.

use std::borrow::Cow;
use std::fmt;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value as Json;

/// One value. It is shown as a case file writes it, but for structs and maps, which are shown as JSON has them.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer of any width, or a duration.
    Integer(i128),
    /// A float of either width.
    Float(f64),
    /// A string.
    String(String),
    /// Anything else that is one value: a decimal, a date, a time, bytes.
    Text(String),
    /// A list of either kind.
    List(Vec<Cell>),
    /// A struct's fields in their order.
    Struct(Vec<(String, Cell)>),
    /// A map's entries, in an order of their own: two maps with the same entries are the same.
    Map(Vec<(Cell, Cell)>),
}

impl Cell {
    /// The rows of a record batch.
    pub fn rows(rows: &RecordBatch) -> Vec<Vec<Cell>> {
        let columns: Vec<Vec<Cell>> = rows.columns().iter().map(|column| cells(column)).collect();
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let row = |_| columns.iter_mut().map(|column| column.next().unwrap_or(Cell::Null)).collect();
        (0..rows.num_rows()).map(row).collect()
    }

    /// Whether two values are the same, where floats may be as far apart as `tolerance`. Without it, floats are the same that have the same bits or
    /// are both NaN.
    pub fn is_same(&self, other: &Self, tolerance: Option<f64>) -> bool {
        match (self, other) {
            (Cell::Float(a), Cell::Float(b)) => {
                a.to_bits() == b.to_bits()
                    || a.is_nan() && b.is_nan()
                    || tolerance.is_some_and(|tolerance| a == b || (a - b).abs() <= tolerance)
            }
            (Cell::List(a), Cell::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b, tolerance))
            }
            (Cell::Struct(a), Cell::Struct(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((m, a), (n, b))| m == n && a.is_same(b, tolerance))
            }
            (Cell::Map(a), Cell::Map(b)) => {
                let same = |((j, a), (k, b)): (&(Cell, Cell), &(Cell, Cell))| {
                    j.is_same(k, tolerance) && a.is_same(b, tolerance)
                };
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            (Cell::Null, Cell::Null) => true,
            (Cell::Boolean(a), Cell::Boolean(b)) => a == b,
            (Cell::Integer(a), Cell::Integer(b)) => a == b,
            (Cell::String(a), Cell::String(b)) | (Cell::Text(a), Cell::Text(b)) => a == b,
            _ => false,
        }
    }

    /// As JSON, in the notation of case files.
    pub fn to_json(&self) -> Json {
        match self {
            Cell::Null => Json::Null,
            Cell::Boolean(truth) => Json::from(*truth),
            Cell::Integer(n) => match (i64::try_from(*n), u64::try_from(*n)) {
                (Ok(n), _) => Json::from(n),
                (_, Ok(n)) => Json::from(n),
                _ => Json::from(n.to_string()),
            },
            // JSON has no NaN and no infinity.
            Cell::Float(float) => {
                serde_json::Number::from_f64(*float).map_or_else(|| Json::from(self.to_string()), Json::from)
            }
            Cell::String(text) | Cell::Text(text) => Json::from(text.as_str()),
            Cell::List(items) => items.iter().map(Cell::to_json).collect(),
            Cell::Struct(fields) => fields.iter().map(|(name, cell)| (name.clone(), cell.to_json())).collect(),
            Cell::Map(entries) => {
                entries.iter().map(|(key, value)| Json::from(vec![key.to_json(), value.to_json()])).collect()
            }
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("null"),
            Cell::Boolean(truth) => write!(f, "{truth}"),
            Cell::Integer(n) => write!(f, "{n}"),
            Cell::Float(float) if float.is_nan() => f.write_str("nan"),
            Cell::Float(float) => write!(f, "{float:?}"),
            Cell::String(text) => write!(f, "{}", quoted(text)),
            Cell::Text(text) => f.write_str(text),
            Cell::List(items) => list(f, "[", items, "]"),
            Cell::Struct(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, cell)| format!("{}: {cell}", quoted(name))).collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
            Cell::Map(entries) => {
                let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}

fn quoted(text: &str) -> Cow<'_, str> {
    Json::from(text).to_string().into()
}

fn list(f: &mut fmt::Formatter<'_>, open: &str, items: &[Cell], close: &str) -> fmt::Result {
    f.write_str(open)?;
    for (idx, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if idx > 0 { ", " } else { "" })?;
    }
    f.write_str(close)
}

/// The values of a column.
fn cells(column: &dyn Array) -> Vec<Cell> {
    let each = |cell: &dyn Fn(usize) -> Cell| {
        (0..column.len()).map(|row| if column.is_null(row) { Cell::Null } else { cell(row) }).collect()
    };
    let items = |items: &dyn Fn(usize) -> ArrayRef| each(&|row| Cell::List(cells(&items(row))));
    match column.data_type() {
        DataType::Boolean => each(&|row| Cell::Boolean(column.as_boolean().value(row))),
        DataType::Float32 => each(&|row| Cell::Float(column.as_primitive::<Float32Type>().value(row).into())),
        DataType::Float64 => each(&|row| Cell::Float(column.as_primitive::<Float64Type>().value(row))),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            texts(column, |text| Cell::Text(format!("0x{text}")))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            texts(column, |text| Cell::String(text.to_owned()))
        }
        data_type if data_type.is_integer() || matches!(data_type, DataType::Duration(_)) => texts_of(column, integer),
        DataType::List(_) => items(&|row| column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => items(&|row| column.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => items(&|row| column.as_fixed_size_list().value(row)),
        DataType::Struct(fields) => {
            let columns: Vec<Vec<Cell>> = column.as_struct().columns().iter().map(|column| cells(column)).collect();
            let field = |row: usize, idx: usize| (fields[idx].name().clone(), columns[idx][row].clone());
            each(&|row| Cell::Struct((0..fields.len()).map(|idx| field(row, idx)).collect()))
        }
        DataType::Map(..) => each(&|row| {
            let entries = column.as_map().value(row);
            let (keys, values) = (cells(entries.column(0)), cells(entries.column(1)));
            let mut entries: Vec<_> = keys.into_iter().zip(values).collect();
            entries.sort_by_cached_key(|(key, _)| key.to_string());
            Cell::Map(entries)
        }),
        _ => texts(column, |text| Cell::Text(text.to_owned())),
    }
}

fn integer(text: &str) -> Cell {
    text.parse().map_or_else(|_| Cell::Text(text.to_owned()), Cell::Integer)
}

/// A column by its values' text; durations by their number.
fn texts_of(column: &dyn Array, cell: impl Fn(&str) -> Cell) -> Vec<Cell> {
    match column.data_type() {
        DataType::Duration(_) => match cast(column, &DataType::Int64) {
            Ok(numbers) => texts(&numbers, cell),
            Err(_) => texts(column, cell),
        },
        _ => texts(column, cell),
    }
}

fn texts(column: &dyn Array, cell: impl Fn(&str) -> Cell) -> Vec<Cell> {
    let options = FormatOptions::default().with_display_error(false);
    let Ok(formatter) = ArrayFormatter::try_new(column, &options) else { return vec![Cell::Null; column.len()] };
    // A time that no calendar has is shown by its number.
    let numbers = cast(column, &DataType::Int64).ok();
    let text = |row: usize| match formatter.value(row).try_to_string() {
        Ok(text) => cell(&text),
        Err(_) => numbers.as_ref().and_then(|numbers| cells(&numbers.slice(row, 1)).pop()).unwrap_or(Cell::Null),
    };
    (0..column.len()).map(|row| if column.is_null(row) { Cell::Null } else { text(row) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_the_same_by_their_bits_or_within_the_tolerance() {
        let same = |a: f64, b: f64, tolerance| Cell::Float(a).is_same(&Cell::Float(b), tolerance);
        assert!(same(1.0, 1.0, None) && same(f64::NAN, -f64::NAN, None));
        assert!(!same(0.0, -0.0, None) && same(0.0, -0.0, Some(0.0)));
        assert!(!same(1.0, 1.25, Some(0.2)) && same(1.0, 1.25, Some(0.25)));
        assert!(same(f64::INFINITY, f64::INFINITY, Some(0.1)) && !same(f64::NAN, 1.0, Some(1.0)));
        assert!(!Cell::Integer(1).is_same(&Cell::Float(1.0), Some(1.0)));
    }

    #[test]
    fn what_json_cannot_say_is_a_string() {
        let list =
            Cell::List(vec![Cell::Float(f64::NAN), Cell::Float(0.5), Cell::Integer(u64::MAX.into()), Cell::Null]);
        assert_eq!(list.to_json().to_string(), "[\"nan\",0.5,18446744073709551615,null]");
        assert_eq!(list.to_string(), "[nan, 0.5, 18446744073709551615, null]");
        assert_eq!(Cell::Struct(vec![("a b".into(), Cell::String("x\"".into()))]).to_string(), r#"{"a b": "x\""}"#);
    }
}
