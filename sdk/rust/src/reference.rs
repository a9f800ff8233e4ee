//! What the job has for its operators to read beside their input: static tables, and broadcast values.
//!
//! The job file grants them: `grants = { tables = ["pages"], broadcasts = ["model"] }`. They are there from `open` on, not when schemas are agreed on; a batch sees one version of
//! each throughout.

use crate::bindings::reference::sluicebox::operator::{broadcasts, tables};
use crate::data::{Batch, Field};
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::{schema, testing};

/// The most bytes asked for at a time.
const PIECE: u32 = 1 << 20;

/// All rows of a static table, in its order; `columns` are their names, as in `input = [...]` of the attributes: none for a struct, whose fields are named.
///
/// A table is copied piece by piece into the operator's memory: read it once a partition, when it is opened, and keep what is needed.
///
/// ```
/// use sluicebox_sdk::{table, testing};
///
/// testing::set_table("pages", &["path", "weight"], [("/home", 1_i64), ("/about", 2)]);
/// let weights: Vec<(String, i64)> = table("pages", &["path", "weight"]).unwrap();
/// assert_eq!(weights[1], ("/about".to_owned(), 2));
/// ```
///
/// # Errors
/// Where the table isn't there or isn't granted, has not these columns, or has a null where `T` has no room for it.
pub fn table<T: for<'a> Read<'a>>(name: &str, columns: &[&str]) -> Result<Vec<T>, Error> {
    let wanted = schema::input_of::<T>(columns);
    let offered = columns_of(name).ok_or_else(|| {
        Error::failed(format!(
            "there is no table `{name}`, or its job doesn't grant it: grants = {{ tables = [\"{name}\"] }}"
        ))
    })?;
    let mut names = vec![];
    for tree in schema::trees(&wanted) {
        let found = schema::trees(&offered).find(|offered| offered[0].name == tree[0].name);
        let Some(found) = found else {
            let has = schema::names(&offered).join("`, `");
            return Err(Error::failed(format!("table `{name}` has no column `{}`; it has `{has}`", tree[0].name)));
        };
        schema::bind(tree, found).map_err(|error| Error::failed(format!("table `{name}`: {}", message(error))))?;
        names.push(tree[0].name.clone());
    }
    let mut rows = vec![];
    while let Some(batch) = read(name, &names, rows.len() as u64) {
        if batch.rows == 0 {
            break;
        }
        let column = T::open_row(&mut Cursor::new(&batch))?;
        for row in 0..batch.rows as usize {
            if let Some(lacking) = T::lacks(&column, row) {
                let column = names.get(lacking).map_or("", String::as_str);
                let row = rows.len();
                return Err(Error::failed(format!("table `{name}`, row {row}: column `{column}` is null")));
            }
            rows.push(T::get(&column, row));
        }
    }
    Ok(rows)
}

/// A broadcast value: the bytes of a file or text that the job file names. None: there is no such value, or it isn't granted.
///
/// ```
/// use sluicebox_sdk::{broadcast, testing};
///
/// testing::set_broadcast("rules", b"drop /health");
/// assert_eq!(broadcast("rules").as_deref(), Some(&b"drop /health"[..]));
/// assert_eq!(broadcast("model"), None);
/// ```
pub fn broadcast(name: &str) -> Option<Vec<u8>> {
    if !cfg!(target_arch = "wasm32") {
        return testing::broadcast(name);
    }
    let size = broadcasts::size(name)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    while let Some(piece) = broadcasts::read(name, bytes.len() as u64, PIECE) {
        bytes.extend_from_slice(&piece);
    }
    Some(bytes)
}

fn message(error: Error) -> String {
    match error {
        Error::InvalidConfig(text) | Error::InvalidInput(text) | Error::Failed(text) | Error::Unavailable(text) => text,
    }
}

fn columns_of(name: &str) -> Option<Vec<Field>> {
    if cfg!(target_arch = "wasm32") { tables::columns(name) } else { testing::table_columns(name) }
}

fn read(name: &str, columns: &[String], start: u64) -> Option<Batch> {
    if cfg!(target_arch = "wasm32") {
        tables::read(name, columns, start, u32::MAX)
    } else {
        testing::table_rows(name, columns).filter(|_| start == 0)
    }
}
