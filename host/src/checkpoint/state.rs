//! Files of keyed state: what a batch changed in a stream's key groups, and some key groups whole.
//!
//! `state/STREAM/BATCH-TERM-ATTEMPT`, with the tables `whole`, `set`, `refreshed` and `removed` ([`super::tables`]). Rows have the key group as `group`, when the key was refreshed as
//! `refreshed-ms` where that is of interest, then the key's columns as `key.NAME` and the state's as `state.NAME`. Rows of a key group stand together and in order. A group that is whole in a
//! file is so as the batch left it, and isn't in the other tables; `groups` names those that are, also where they have no keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, UInt32Type};
use arrow::error::ArrowError;
use bytes::Bytes;

use super::tables::{self, Table, TablesWriter};
use crate::state::StateSpec;
use crate::state::restore::Kept;
use crate::state::snapshot::{Changed, KeyedRows};

/// Rows of a record batch in a file, at least, where there are so many.
const ROWS: usize = 32 * 1024;

/// Write a file.
///
/// # Errors
/// When rows are too many bytes for a record batch.
pub fn encode(spec: &StateSpec, changed: &[Changed], whole: &[(u32, Vec<KeyedRows>)]) -> Result<Bytes, ArrowError> {
    let keyed = Columns::keyed(spec);
    let keys = Columns { fields: keyed.fields[..keyed.n_keys].to_vec(), ..keyed.clone() };
    let mut writer = TablesWriter::default();
    let of_groups = whole.iter().flat_map(|(group, rows)| rows.iter().map(|rows| (*group, rows)));
    let rows: Result<Vec<_>, _> =
        of_groups.map(|(group, of)| keyed.rows(group, &of.rows, Some(&of.refreshed_ms))).collect();
    writer.add("whole", &keyed.schema(), &together(rows?)?)?;
    let groups: ArrayRef = Arc::new(UInt32Array::from_iter_values(whole.iter().map(|(group, _)| *group)));
    let schema = Arc::new(Schema::new(vec![Field::new("group", DataType::UInt32, false)]));
    writer.add("groups", &schema, &[RecordBatch::try_new(schema.clone(), vec![groups])?])?;
    let set = changed.iter().flat_map(|of| of.set.iter().map(|rows| (of.group, rows)));
    let rows: Result<Vec<_>, _> = set.map(|(group, of)| keyed.rows(group, &of.rows, Some(&of.refreshed_ms))).collect();
    writer.add("set", &keyed.schema(), &together(rows?)?)?;
    let refreshed = changed.iter().map(|of| {
        let times = Int64Array::from(vec![of.refreshed_ms; of.refreshed.num_rows()]);
        keys.rows(of.group, &of.refreshed, Some(&times))
    });
    writer.add("refreshed", &keys.schema(), &together(refreshed.collect::<Result<_, _>>()?)?)?;
    let removed = changed.iter().map(|of| {
        let times = Int64Array::from(vec![0; of.removed.num_rows()]);
        keys.rows(of.group, &of.removed, Some(&times))
    });
    writer.add("removed", &keys.schema(), &together(removed.collect::<Result<_, _>>()?)?)?;
    writer.finish()
}

/// What a file has of each key group, with rows in the key's columns and the state's as `spec` has them; or, where the state `is_other`, as the file has them.
///
/// # Errors
/// What is wrong with it.
pub fn decode(spec: &StateSpec, is_other: bool, bytes: &Bytes) -> Result<BTreeMap<u32, Kept>, String> {
    let mut groups: BTreeMap<u32, Kept> = BTreeMap::new();
    let none = || Kept { is_whole: false, set: vec![], refreshed: vec![], removed: vec![] };
    for table in tables::read(bytes)? {
        let columns =
            |of: SchemaRef| move |rows: &RecordBatch| RecordBatch::try_new(of.clone(), rows.columns()[2..].to_vec());
        match table.name.as_str() {
            "groups" => {
                for rows in &table.rows {
                    let numbers =
                        rows.column(0).as_primitive_opt::<UInt32Type>().ok_or("groups are of another type")?;
                    for group in numbers.values() {
                        groups.entry(*group).or_insert_with(none).is_whole = true;
                    }
                }
            }
            "whole" | "set" => {
                let columns = columns(if is_other { plain(&table.schema) } else { spec.columns() });
                split(&table, |group, rows, times| {
                    let keyed = KeyedRows { rows: columns(rows)?, refreshed_ms: times.clone() };
                    groups.entry(group).or_insert_with(none).set.push(keyed);
                    Ok(())
                })?;
            }
            "refreshed" => {
                let columns = columns(spec.keys.clone());
                split(&table, |group, rows, times| {
                    groups.entry(group).or_insert_with(none).refreshed.push((columns(rows)?, times.clone()));
                    Ok(())
                })?;
            }
            "removed" => {
                let columns = columns(spec.keys.clone());
                split(&table, |group, rows, _| {
                    groups.entry(group).or_insert_with(none).removed.push(columns(rows)?);
                    Ok(())
                })?;
            }
            // A later version may say more.
            _ => {}
        }
    }
    match groups.last_key_value() {
        Some((group, _)) if *group >= spec.key_groups.max(1) => {
            Err(format!("it has key group {group} of {}", spec.key_groups))
        }
        _ => Ok(groups),
    }
}

/// The columns of a table, beside the first two, by their own names.
fn plain(schema: &Schema) -> SchemaRef {
    let name = |name: &str| name.split_once('.').map_or(name, |(_, name)| name).to_owned();
    let fields = schema.fields().iter().skip(2).map(|field| field.as_ref().clone().with_name(name(field.name())));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The columns of a table, beside the first two.
#[derive(Debug, Clone)]
struct Columns {
    fields: Vec<Field>,
    n_keys: usize,
}

impl Columns {
    fn keyed(spec: &StateSpec) -> Self {
        let named = |of: &'static str| {
            move |field: &Arc<Field>| field.as_ref().clone().with_name(format!("{of}.{}", field.name()))
        };
        let keys = spec.keys.fields().iter().map(named("key"));
        let fields = keys.chain(spec.state.fields().iter().map(named("state"))).collect();
        Self { fields, n_keys: spec.keys.fields().len() }
    }

    fn schema(&self) -> SchemaRef {
        let first = [Field::new("group", DataType::UInt32, false), Field::new("refreshed-ms", DataType::Int64, false)];
        Arc::new(Schema::new(first.into_iter().chain(self.fields.iter().cloned()).collect::<Vec<_>>()))
    }

    fn rows(&self, group: u32, rows: &RecordBatch, times: Option<&Int64Array>) -> Result<RecordBatch, ArrowError> {
        let groups: ArrayRef = Arc::new(UInt32Array::from(vec![group; rows.num_rows()]));
        let times: ArrayRef = Arc::new(times.cloned().unwrap_or_else(|| Int64Array::from(vec![0; rows.num_rows()])));
        let columns = [groups, times].into_iter().chain(rows.columns().iter().cloned()).collect();
        RecordBatch::try_new(self.schema(), columns)
    }
}

/// The same rows in fewer record batches.
fn together(rows: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, ArrowError> {
    let (mut made, mut open, mut n) = (vec![], vec![], 0);
    for rows in rows.into_iter().filter(|rows| rows.num_rows() > 0) {
        n += rows.num_rows();
        open.push(rows);
        if n >= ROWS {
            made.push(concat_batches(&open[0].schema(), &open)?);
            (open, n) = (vec![], 0);
        }
    }
    if let Some(first) = open.first() {
        made.push(concat_batches(&first.schema(), &open)?);
    }
    Ok(made)
}

/// The rows of each key group of a table, in their order.
fn split(
    table: &Table,
    mut each: impl FnMut(u32, &RecordBatch, &Int64Array) -> Result<(), ArrowError>,
) -> Result<(), String> {
    for rows in &table.rows {
        let wrong = || format!("table {} has other columns", table.name);
        let groups =
            rows.columns().first().and_then(|column| column.as_primitive_opt::<UInt32Type>()).ok_or_else(wrong)?;
        let times =
            rows.columns().get(1).and_then(|column| column.as_primitive_opt::<Int64Type>()).ok_or_else(wrong)?;
        let mut start = 0;
        while start < groups.len() {
            let group = groups.value(start);
            let length = groups.values()[start..].iter().take_while(|of| **of == group).count();
            let told = each(group, &rows.slice(start, length), &times.slice(start, length));
            told.map_err(|error| format!("table {}: {error}", table.name))?;
            start += length;
        }
    }
    Ok(())
}
