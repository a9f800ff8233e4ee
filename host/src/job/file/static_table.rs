//! `[table.T]`: rows of files that streams are joined with.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::job::definition::{FileFormat, TableDefinition};

use super::path::{Expected, Paths};
use super::source::schema;
use super::table::{Key, Table, key};
use super::value::optional;

const PATH: Key = key("path", "\"customers.parquet\"");
const FORMAT: Key = key("format", "\"parquet\"");
const SCHEMA: Key = key("schema", "{ id = \"int64\", name = \"string\" }");
const REFRESH: Key = key("refresh", "\"10min\"");
/// From every batch, whatever the interval, to once a year.
const REFRESH_RANGE: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(365 * 24 * 3600);
const FORMATS: [(&str, FileFormat); 3] =
    [("csv", FileFormat::Csv), ("json", FileFormat::Json), ("parquet", FileFormat::Parquet)];

/// Read `[table.name]`.
pub fn read(name: &str, mut table: Table<'_>, paths: &Paths) -> Option<TableDefinition> {
    let place = table.place().clone();
    let path = table.require(PATH).and_then(|value| paths.read(&value, Expected::FileOrDirectory));
    let format = table.require(FORMAT).and_then(|value| value.one_of(&FORMATS));
    let schema = optional(table.get(SCHEMA).map(|value| schema(&value)));
    let refresh = optional(table.get(REFRESH).map(|value| value.duration(REFRESH_RANGE)));
    table.finish();
    let (path, format, schema, refresh) = (path?, format?, schema?, refresh?);
    Some(TableDefinition { name: name.to_owned(), path, format, schema, refresh, place })
}
