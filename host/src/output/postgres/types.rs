//! Which columns of a stream can go into which columns of a table, and what a table for a stream looks like.
//!
//! Rows are sent as text, so that the database reads them as its own types do: a string can go into a column of any type that isn't a number, a time or bytes, such as `uuid` or an enum.

use std::fmt::Write;

use arrow::datatypes::{DataType, Field, Schema};

use crate::job::postgres::TableName;
use crate::job::types::TypeName;

/// The sorts of values that a stream's columns have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Null,
    Boolean,
    Integer,
    Float32,
    Float64,
    Decimal,
    String,
    Binary,
    Date,
    Time,
    Timestamp,
    Interval,
    Nested,
}

fn sort(data_type: &DataType) -> Option<Sort> {
    Some(match data_type {
        DataType::Null => Sort::Null,
        DataType::Boolean => Sort::Boolean,
        integer if integer.is_integer() => Sort::Integer,
        DataType::Float16 | DataType::Float32 => Sort::Float32,
        DataType::Float64 => Sort::Float64,
        DataType::Decimal128(..) | DataType::Decimal256(..) => Sort::Decimal,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Sort::String,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => Sort::Binary,
        DataType::Date32 | DataType::Date64 => Sort::Date,
        DataType::Time32(_) | DataType::Time64(_) => Sort::Time,
        DataType::Timestamp(..) => Sort::Timestamp,
        DataType::Duration(_) | DataType::Interval(_) => Sort::Interval,
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(..)
        | DataType::Struct(_)
        | DataType::Map(..) => Sort::Nested,
        DataType::Dictionary(_, values) => return sort(values),
        _ => return None,
    })
}

/// Whether there is a type of the database for it.
pub fn is_known(data_type: &DataType) -> bool {
    sort(data_type).is_some()
}

/// Whether values of a stream's column can go into a table's column of the type `name`, as the catalog calls it.
pub fn fits(data_type: &DataType, name: &str) -> bool {
    let Some(sort) = sort(data_type) else { return false };
    let is_text = matches!(name, "text" | "varchar" | "bpchar");
    match name {
        _ if sort == Sort::Null => true,
        "bool" => sort == Sort::Boolean,
        "int2" | "int4" | "int8" => sort == Sort::Integer,
        "float4" => sort == Sort::Float32,
        "float8" => matches!(sort, Sort::Float32 | Sort::Float64) || is_exact_in_float8(data_type),
        "numeric" => matches!(sort, Sort::Integer | Sort::Float32 | Sort::Float64 | Sort::Decimal),
        "bytea" => sort == Sort::Binary,
        "date" => sort == Sort::Date,
        "time" => sort == Sort::Time,
        "timestamp" | "timestamptz" => sort == Sort::Timestamp,
        "interval" => sort == Sort::Interval,
        "json" | "jsonb" => matches!(sort, Sort::String | Sort::Nested),
        // Bytes as text would be read by nobody.
        _ if is_text => sort != Sort::Binary,
        "oid" | "timetz" | "money" => false,
        _ => sort == Sort::String,
    }
}

fn is_exact_in_float8(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32
    )
}

/// The type that a column of a new table should have.
fn best(data_type: &DataType) -> String {
    match data_type {
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint".to_owned(),
        DataType::Int32 | DataType::UInt16 => "integer".to_owned(),
        DataType::UInt64 => "numeric(20)".to_owned(),
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) if *scale >= 0 => {
            format!("numeric({precision}, {scale})")
        }
        DataType::Timestamp(_, Some(_)) => "timestamptz".to_owned(),
        DataType::Dictionary(_, values) => best(values),
        other => match sort(other) {
            Some(Sort::Boolean) => "boolean",
            Some(Sort::Integer) => "bigint",
            Some(Sort::Float32) => "real",
            Some(Sort::Float64) => "double precision",
            Some(Sort::Decimal) => "numeric",
            Some(Sort::Binary) => "bytea",
            Some(Sort::Date) => "date",
            Some(Sort::Time) => "time",
            Some(Sort::Timestamp) => "timestamp",
            Some(Sort::Interval) => "interval",
            Some(Sort::Nested) => "jsonb",
            Some(Sort::String | Sort::Null) | None => "text",
        }
        .to_owned(),
    }
}

/// A statement that makes a table for these columns.
pub fn create_table(table: &TableName, columns: &Schema, key: &[String]) -> String {
    let mut statement = format!("CREATE TABLE {} (", shown_table(table));
    for (idx, field) in columns.fields().iter().enumerate() {
        let comma = if idx > 0 { ", " } else { "" };
        let not_null = if field.is_nullable() || key.contains(field.name()) { "" } else { " NOT NULL" };
        let _ = write!(statement, "{comma}{} {}{not_null}", shown(field.name()), best(field.data_type()));
    }
    if !key.is_empty() {
        let _ = write!(statement, ", PRIMARY KEY ({})", names(key));
    }
    statement + ")"
}

/// Names of columns, for people and for the database.
pub fn names(columns: &[String]) -> String {
    columns.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ")
}

/// What a column that doesn't fit is called in errors.
pub fn named(field: &Field) -> String {
    format!("column \"{}\" ({})", field.name(), TypeName(field.data_type()))
}

/// A name in double quotes, as SQL takes it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name as SQL takes it.
pub fn quoted_table(table: &TableName) -> String {
    let schema = table.schema.as_ref().map(|schema| format!("{}.", quoted(schema))).unwrap_or_default();
    format!("{schema}{}", quoted(&table.name))
}

/// A table's name, quoted where it has to be.
pub fn shown_table(table: &TableName) -> String {
    let schema = table.schema.as_ref().map(|schema| format!("{}.", shown(schema))).unwrap_or_default();
    format!("{schema}{}", shown(&table.name))
}

fn shown(name: &str) -> String {
    let plain = |(idx, letter): (usize, char)| {
        letter.is_ascii_lowercase() || letter == '_' || (idx > 0 && letter.is_ascii_digit())
    };
    if !name.is_empty() && name.chars().enumerate().all(plain) && !is_reserved(name) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Some of the words that can't be names without quotes: those that columns are likely to be called.
fn is_reserved(name: &str) -> bool {
    const WORDS: [&str; 22] = [
        "all",
        "analyse",
        "analyze",
        "case",
        "check",
        "column",
        "default",
        "desc",
        "end",
        "from",
        "group",
        "limit",
        "offset",
        "on",
        "order",
        "primary",
        "references",
        "select",
        "table",
        "to",
        "user",
        "when",
    ];
    WORDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::TimeUnit;

    #[test]
    fn a_table_is_proposed_that_fits() {
        let schema = Schema::new(vec![
            Field::new("word", DataType::Utf8, true),
            Field::new("user", DataType::UInt64, false),
            Field::new("Price", DataType::Decimal128(10, 2), true),
            Field::new("at", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true),
            Field::new("tags", DataType::new_list(DataType::Utf8, true), true),
        ]);
        let table = TableName { schema: Some("my shop".to_owned()), name: "counts".to_owned() };
        assert_eq!(
            create_table(&table, &schema, &["word".to_owned()]),
            "CREATE TABLE \"my shop\".counts (word text, \"user\" numeric(20) NOT NULL, \"Price\" numeric(10, 2), at timestamptz, tags jsonb, PRIMARY KEY (word))"
        );
    }

    #[test]
    fn types_fit_where_nothing_is_lost_unseen() {
        for (data_type, fit, unfit) in [
            (DataType::Int64, &["int2", "int8", "numeric", "text"][..], &["float8", "bool", "uuid", "date"][..]),
            (DataType::Int32, &["int4", "float8"], &["float4"]),
            (DataType::Float64, &["float8", "numeric"], &["float4", "int8"]),
            (
                DataType::Utf8,
                &["text", "varchar", "bpchar", "uuid", "jsonb", "mood"],
                &["int4", "bool", "timestamptz", "bytea"],
            ),
            (DataType::Binary, &["bytea"], &["text", "uuid"]),
            (DataType::new_list(DataType::Int8, true), &["json", "jsonb", "text"], &["_int2"]),
            (DataType::Null, &["int4", "mood"], &[]),
            (DataType::Date32, &["date", "text"], &["timestamp"]),
        ] {
            assert!(fit.iter().all(|name| fits(&data_type, name)), "{data_type}");
            assert!(!unfit.iter().any(|name| fits(&data_type, name)), "{data_type}");
        }
    }
}
