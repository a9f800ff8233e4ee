//! Schemas: which Arrow types cross to guests, as what, and how a schema is written as a list of fields, depth first.
//!
//! A stream's columns may have types that say the same in other memory layouts (views, dictionaries, large offsets); they cross in the one layout that
//! `wit/data.wit` has for them. Types that have none there are refused when the job is checked.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DECIMAL128_MAX_SCALE, DataType, Field, FieldRef, Fields, IntervalUnit, Schema, TimeUnit,
};

use crate::plugin::bindings::data as wit;
use crate::plugin::error::shown;

/// The most fields a schema may have, nested ones included.
pub const MAX_FIELDS: usize = 10_000;
/// How deep fields may be nested.
pub const MAX_DEPTH: usize = 32;
/// The longest name of a field, in bytes.
pub const MAX_NAME: usize = 256;

/// Whose schema it is that came from a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Columns the operator asks for: an empty name stands for any.
    Declared,
    /// Columns the operator makes.
    Made,
}

/// The type in which a column of type `of` crosses, its fields' metadata left out.
///
/// # Errors
/// Which type it is that doesn't cross.
pub fn crossing_type(of: &DataType) -> Result<DataType, String> {
    use DataType::*;
    Ok(match of {
        Boolean
        | Int8
        | Int16
        | Int32
        | Int64
        | UInt8
        | UInt16
        | UInt32
        | UInt64
        | Float32
        | Float64
        | Date32
        | Date64
        | Time32(_)
        | Time64(_)
        | Timestamp(_, _)
        | Duration(_)
        | Interval(_) => of.clone(),
        Utf8 | LargeUtf8 | Utf8View => Utf8,
        Binary | LargeBinary | BinaryView => Binary,
        FixedSizeBinary(n) if *n > 0 => of.clone(),
        Decimal128(precision, scale) | Decimal64(precision, scale) | Decimal32(precision, scale) => {
            Decimal128(*precision, *scale)
        }
        List(item) | LargeList(item) | ListView(item) | LargeListView(item) => List(crossing_field(item)?),
        FixedSizeList(item, n) if *n > 0 => FixedSizeList(crossing_field(item)?, *n),
        Struct(fields) if !fields.is_empty() => Struct(fields.iter().map(crossing_field).collect::<Result<_, _>>()?),
        Map(entries, _) => Map(crossing_entries(entries)?, false),
        Dictionary(_, value) => crossing_type(value)?,
        RunEndEncoded(_, value) => crossing_type(value.data_type())?,
        _ => return Err(of.to_string()),
    })
}

fn crossing_field(field: &FieldRef) -> Result<FieldRef, String> {
    let data_type = crossing_type(field.data_type())?;
    Ok(Arc::new(Field::new(field.name(), data_type, field.is_nullable())))
}

/// A map's entries and keys are never null, whatever their fields say.
fn crossing_entries(entries: &FieldRef) -> Result<FieldRef, String> {
    let DataType::Struct(fields) = crossing_type(entries.data_type())? else { return Err(entries.to_string()) };
    let [key, value] = fields.as_ref() else { return Err(entries.to_string()) };
    let key = Arc::new(key.as_ref().clone().with_nullable(false));
    let fields = Fields::from(vec![key, Arc::clone(value)]);
    Ok(Arc::new(Field::new(entries.name(), DataType::Struct(fields), false)))
}

/// The column `field` as it crosses.
///
/// # Errors
/// A message that names the column and its type.
pub fn crossing_column(field: &Field) -> Result<Field, String> {
    let data_type = crossing_type(field.data_type()).map_err(|unsupported| {
        let whole = field.data_type().to_string();
        let within = if whole == unsupported { String::new() } else { format!(", within {whole}") };
        format!(
            "the column {} has the type {unsupported}{within}, which can't be handed to a plugin; cast it to another type in a sql stream",
            field.name()
        )
    })?;
    Ok(Field::new(field.name(), data_type, field.is_nullable()))
}

/// The columns of `schema` as they cross.
///
/// # Errors
/// A message that names a column that doesn't.
pub fn crossing_schema(schema: &Schema) -> Result<Schema, String> {
    let fields = schema.fields().iter().map(|field| crossing_column(field)).collect::<Result<Vec<_>, _>>()?;
    Ok(Schema::new(fields))
}

/// Whether a column's bytes are the same in both types: all but names, nullability and metadata of nested fields is equal.
pub fn same_layout(a: &DataType, b: &DataType) -> bool {
    use DataType::*;
    match (a, b) {
        (List(a), List(b)) | (Map(a, _), Map(b, _)) => same_layout(a.data_type(), b.data_type()),
        (FixedSizeList(a, n), FixedSizeList(b, m)) => n == m && same_layout(a.data_type(), b.data_type()),
        (Struct(a), Struct(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_layout(a.data_type(), b.data_type()))
        }
        _ => a == b,
    }
}

/// Whether a column of the crossing type `found` is one that an operator asks for as `wanted`: nullability, and the names of items and map entries,
/// are not compared; the names of a struct's fields are.
pub fn suits(found: &DataType, wanted: &DataType) -> bool {
    use DataType::*;
    match (found, wanted) {
        (List(a), List(b)) => suits(a.data_type(), b.data_type()),
        (Map(a, _), Map(b, _)) => same_map(a, b),
        (FixedSizeList(a, n), FixedSizeList(b, m)) => n == m && suits(a.data_type(), b.data_type()),
        (Struct(a), Struct(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| a.name() == b.name() && suits(a.data_type(), b.data_type()))
        }
        _ => found == wanted,
    }
}

fn same_map(found: &Field, wanted: &Field) -> bool {
    match (found.data_type(), wanted.data_type()) {
        (DataType::Struct(a), DataType::Struct(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| suits(a.data_type(), b.data_type()))
        }
        _ => false,
    }
}

/// `schema`, whose types all cross, as fields, depth first.
///
/// # Errors
/// A message that names the column, if a type doesn't cross after all, or the schema is larger than may cross.
pub fn to_wit(schema: &Schema) -> Result<Vec<wit::FieldParam<'_>>, String> {
    let mut out = Vec::with_capacity(schema.fields().len());
    schema.fields().iter().try_for_each(|field| push(field, &mut out, 1))?;
    Ok(out)
}

/// As [`to_wit`], for what a guest asks for itself.
///
/// # Errors
/// As [`to_wit`].
pub fn to_wit_owned(schema: &Schema) -> Result<Vec<wit::FieldResult>, String> {
    use wit::{DataTypeParam as P, DataTypeResult as R};
    let owned = |field: wit::FieldParam<'_>| {
        let data_type = match field.data_type {
            P::Boolean => R::Boolean,
            P::Int8 => R::Int8,
            P::Int16 => R::Int16,
            P::Int32 => R::Int32,
            P::Int64 => R::Int64,
            P::Uint8 => R::Uint8,
            P::Uint16 => R::Uint16,
            P::Uint32 => R::Uint32,
            P::Uint64 => R::Uint64,
            P::Float32 => R::Float32,
            P::Float64 => R::Float64,
            P::Decimal128(of) => R::Decimal128(of),
            P::Utf8 => R::Utf8,
            P::Binary => R::Binary,
            P::FixedSizeBinary(n) => R::FixedSizeBinary(n),
            P::Date32 => R::Date32,
            P::Date64 => R::Date64,
            P::Time(unit) => R::Time(unit),
            P::Timestamp(of) => {
                R::Timestamp(wit::TimestampTypeResult { unit: of.unit, zone: of.zone.map(str::to_owned) })
            }
            P::Duration(unit) => R::Duration(unit),
            P::Interval(unit) => R::Interval(unit),
            P::List => R::List,
            P::FixedSizeList(n) => R::FixedSizeList(n),
            P::Struct => R::Struct,
            P::Map => R::Map,
        };
        let (nullable, children) = (field.nullable, field.children);
        wit::FieldResult { name: field.name.to_owned(), data_type, nullable, children }
    };
    Ok(to_wit(schema)?.into_iter().map(owned).collect())
}

fn push<'a>(field: &'a Field, out: &mut Vec<wit::FieldParam<'a>>, depth: usize) -> Result<(), String> {
    let name = field.name();
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(format!(
            "a column's name must have 1 to {MAX_NAME} bytes to be handed to a plugin, and \"{name}\" has {}; rename it in a sql stream",
            name.len()
        ));
    }
    if depth > MAX_DEPTH || out.len() >= MAX_FIELDS {
        return Err(format!(
            "the columns have more than {MAX_FIELDS} fields, or are nested more than {MAX_DEPTH} deep, at {name}; a plugin can't be handed so many"
        ));
    }
    let (data_type, children) = wit_type(field)?;
    let n_children = u32::try_from(children.len()).unwrap_or(u32::MAX);
    out.push(wit::FieldParam { name, data_type, nullable: field.is_nullable(), children: n_children });
    children.iter().try_for_each(|child| push(child, out, depth + 1))
}

fn wit_type(field: &Field) -> Result<(wit::DataTypeParam<'_>, &[FieldRef]), String> {
    use wit::DataTypeParam as T;
    let doesnt_cross =
        || format!("the column {} has the type {}, which can't be handed to a plugin", field.name(), field.data_type());
    Ok(match field.data_type() {
        DataType::Boolean => (T::Boolean, &[]),
        DataType::Int8 => (T::Int8, &[]),
        DataType::Int16 => (T::Int16, &[]),
        DataType::Int32 => (T::Int32, &[]),
        DataType::Int64 => (T::Int64, &[]),
        DataType::UInt8 => (T::Uint8, &[]),
        DataType::UInt16 => (T::Uint16, &[]),
        DataType::UInt32 => (T::Uint32, &[]),
        DataType::UInt64 => (T::Uint64, &[]),
        DataType::Float32 => (T::Float32, &[]),
        DataType::Float64 => (T::Float64, &[]),
        DataType::Decimal128(precision, scale) => {
            (T::Decimal128(wit::DecimalType { precision: *precision, scale: *scale }), &[])
        }
        DataType::Utf8 => (T::Utf8, &[]),
        DataType::Binary => (T::Binary, &[]),
        DataType::FixedSizeBinary(n) => (T::FixedSizeBinary(u32::try_from(*n).map_err(|_| doesnt_cross())?), &[]),
        DataType::Date32 => (T::Date32, &[]),
        DataType::Date64 => (T::Date64, &[]),
        DataType::Time32(unit) | DataType::Time64(unit) => (T::Time(wit_unit(unit)), &[]),
        DataType::Timestamp(unit, zone) => {
            (T::Timestamp(wit::TimestampTypeParam { unit: wit_unit(unit), zone: zone.as_deref() }), &[])
        }
        DataType::Duration(unit) => (T::Duration(wit_unit(unit)), &[]),
        DataType::Interval(unit) => (T::Interval(wit_interval(unit)), &[]),
        DataType::List(item) => (T::List, std::slice::from_ref(item)),
        DataType::FixedSizeList(item, n) => {
            (T::FixedSizeList(u32::try_from(*n).map_err(|_| doesnt_cross())?), std::slice::from_ref(item))
        }
        DataType::Struct(fields) => (T::Struct, fields.as_ref()),
        DataType::Map(entries, _) => (T::Map, std::slice::from_ref(entries)),
        _ => return Err(doesnt_cross()),
    })
}

fn wit_unit(unit: &TimeUnit) -> wit::TimeUnit {
    match unit {
        TimeUnit::Second => wit::TimeUnit::Second,
        TimeUnit::Millisecond => wit::TimeUnit::Millisecond,
        TimeUnit::Microsecond => wit::TimeUnit::Microsecond,
        TimeUnit::Nanosecond => wit::TimeUnit::Nanosecond,
    }
}

fn arrow_unit(unit: wit::TimeUnit) -> TimeUnit {
    match unit {
        wit::TimeUnit::Second => TimeUnit::Second,
        wit::TimeUnit::Millisecond => TimeUnit::Millisecond,
        wit::TimeUnit::Microsecond => TimeUnit::Microsecond,
        wit::TimeUnit::Nanosecond => TimeUnit::Nanosecond,
    }
}

fn wit_interval(unit: &IntervalUnit) -> wit::IntervalUnit {
    match unit {
        IntervalUnit::YearMonth => wit::IntervalUnit::YearMonth,
        IntervalUnit::DayTime => wit::IntervalUnit::DayTime,
        IntervalUnit::MonthDayNano => wit::IntervalUnit::MonthDayNano,
    }
}

/// The schema that a guest wrote as `fields`.
///
/// # Errors
/// What is wrong with it, naming the field.
pub fn from_wit(fields: &[wit::FieldResult], origin: Origin) -> Result<Schema, String> {
    if fields.len() > MAX_FIELDS {
        return Err(format!("the schema has {} fields, and at most {MAX_FIELDS} are allowed", fields.len()));
    }
    let mut rest = fields;
    let mut columns = Vec::new();
    while !rest.is_empty() {
        columns.push(pull(&mut rest, 1, origin)?);
    }
    unique(&columns)?;
    Ok(Schema::new(columns))
}

fn unique(fields: &[Field]) -> Result<(), String> {
    let mut names = HashSet::with_capacity(fields.len());
    match fields.iter().find(|field| !field.name().is_empty() && !names.insert(field.name())) {
        Some(field) => Err(format!("two fields have the name \"{}\"", shown(field.name(), MAX_NAME))),
        None => Ok(()),
    }
}

/// Take the first field and those nested in it off `rest`. The recursion is as deep as the schema, which is checked.
fn pull(rest: &mut &[wit::FieldResult], depth: usize, origin: Origin) -> Result<Field, String> {
    let Some((field, after)) = rest.split_first() else {
        return Err("the schema ends before the last field's children".to_owned());
    };
    *rest = after;
    let name = shown(&field.name, MAX_NAME);
    if field.name.len() > MAX_NAME {
        return Err(format!("the name \"{name}\" has {} bytes, and at most {MAX_NAME} are allowed", field.name.len()));
    }
    if field.name.is_empty() && (origin == Origin::Made || depth > 1) {
        return Err("a field has an empty name".to_owned());
    }
    if depth > MAX_DEPTH {
        return Err(format!("the field \"{name}\" is nested more than {MAX_DEPTH} deep"));
    }
    let mut children = Vec::new();
    for _ in 0..field.children {
        children.push(pull(rest, depth + 1, origin)?);
    }
    unique(&children)?;
    let data_type = arrow_type(&field.data_type, children).map_err(|what| format!("the field \"{name}\" {what}"))?;
    Ok(Field::new(&field.name, data_type, field.nullable))
}

fn arrow_type(of: &wit::DataTypeResult, children: Vec<Field>) -> Result<DataType, String> {
    use wit::DataTypeResult as T;
    let n_children = children.len();
    let expected = match of {
        T::List | T::FixedSizeList(_) | T::Map => Some(1),
        T::Struct => (n_children == 0).then_some(1),
        _ => Some(0),
    };
    if let Some(expected) = expected.filter(|expected| *expected != n_children) {
        return Err(format!(
            "has {n_children} children, and its type has {expected}{}",
            if matches!(of, T::Struct) { " or more" } else { "" }
        ));
    }
    let children = Fields::from(children);
    let only = || children.first().cloned().ok_or_else(|| "has no child".to_owned());
    let size = |n: u32| {
        i32::try_from(n)
            .ok()
            .filter(|n| *n > 0)
            .ok_or_else(|| format!("has the size {n}, and 1 to 2147483647 are allowed"))
    };
    Ok(match of {
        T::Boolean => DataType::Boolean,
        T::Int8 => DataType::Int8,
        T::Int16 => DataType::Int16,
        T::Int32 => DataType::Int32,
        T::Int64 => DataType::Int64,
        T::Uint8 => DataType::UInt8,
        T::Uint16 => DataType::UInt16,
        T::Uint32 => DataType::UInt32,
        T::Uint64 => DataType::UInt64,
        T::Float32 => DataType::Float32,
        T::Float64 => DataType::Float64,
        T::Decimal128(decimal) => decimal_type(*decimal)?,
        T::Utf8 => DataType::Utf8,
        T::Binary => DataType::Binary,
        T::FixedSizeBinary(n) => DataType::FixedSizeBinary(size(*n)?),
        T::Date32 => DataType::Date32,
        T::Date64 => DataType::Date64,
        T::Time(unit) => match arrow_unit(*unit) {
            unit @ (TimeUnit::Second | TimeUnit::Millisecond) => DataType::Time32(unit),
            unit => DataType::Time64(unit),
        },
        T::Timestamp(timestamp) => {
            DataType::Timestamp(arrow_unit(timestamp.unit), timestamp.zone.as_deref().map(zone).transpose()?)
        }
        T::Duration(unit) => DataType::Duration(arrow_unit(*unit)),
        T::Interval(wit::IntervalUnit::YearMonth) => DataType::Interval(IntervalUnit::YearMonth),
        T::Interval(wit::IntervalUnit::DayTime) => DataType::Interval(IntervalUnit::DayTime),
        T::Interval(wit::IntervalUnit::MonthDayNano) => DataType::Interval(IntervalUnit::MonthDayNano),
        T::List => DataType::List(only()?),
        T::FixedSizeList(n) => DataType::FixedSizeList(only()?, size(*n)?),
        T::Struct => DataType::Struct(children),
        T::Map => DataType::Map(map_entries(only()?)?, false),
    })
}

fn decimal_type(decimal: wit::DecimalType) -> Result<DataType, String> {
    let wit::DecimalType { precision, scale } = decimal;
    let fits = (1..=DECIMAL128_MAX_PRECISION).contains(&precision)
        && (-DECIMAL128_MAX_SCALE..=DECIMAL128_MAX_SCALE).contains(&scale)
        && i16::from(scale) <= i16::from(precision);
    match fits {
        true => Ok(DataType::Decimal128(precision, scale)),
        false => Err(format!(
            "is a decimal of precision {precision} and scale {scale}; a precision of 1 to {DECIMAL128_MAX_PRECISION} and a scale up to it are allowed"
        )),
    }
}

fn zone(zone: &str) -> Result<Arc<str>, String> {
    match Tz::from_str(zone) {
        Ok(_) => Ok(Arc::from(zone)),
        Err(_) => Err(format!("has the unknown time zone \"{}\"", shown(zone, 64))),
    }
}

fn map_entries(entries: FieldRef) -> Result<FieldRef, String> {
    match entries.data_type() {
        DataType::Struct(fields) if fields.len() == 2 && !entries.is_nullable() && !fields[0].is_nullable() => {
            Ok(entries)
        }
        _ => Err("is a map, whose child must be a non-null struct of a non-null key and a value".to_owned()),
    }
}

/// How many nodes a batch of `fields` has, and how many buffers.
pub fn count(fields: &Fields) -> (usize, usize) {
    let mut sum = (0, 0);
    for field in fields {
        let (own, nested) = match field.data_type() {
            DataType::Utf8 | DataType::Binary => (3, (0, 0)),
            DataType::List(child) | DataType::Map(child, _) => (2, count(&Fields::from(vec![Arc::clone(child)]))),
            DataType::FixedSizeList(child, _) => (1, count(&Fields::from(vec![Arc::clone(child)]))),
            DataType::Struct(children) => (1, count(children)),
            _ => (2, (0, 0)),
        };
        sum = (sum.0 + 1 + nested.0, sum.1 + own + nested.1);
    }
    sum
}
