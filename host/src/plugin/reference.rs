//! What operators may read beside their input: static tables of the job, and its broadcast values, where they are granted.
//!
//! Both are held by the host and change between batches only. Instances read them in pieces, each a copy into the guest's memory.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parking_lot::RwLock;

use super::bindings::data as wit;
use super::bindings::{broadcasts, tables};
use super::convert::lower::lower;
use super::convert::schema::{crossing_schema, to_wit_owned};
use super::guest::Guest;
use crate::engine::node::bytes_of;

/// The most bytes of one piece of a value, and about as many of one piece of a table.
const PIECE: usize = 1 << 20;
/// The most rows of one piece of a table.
const PIECE_ROWS: usize = 65_536;

/// A version of a table.
#[derive(Debug)]
struct Table {
    schema: SchemaRef,
    rows: Vec<RecordBatch>,
}

/// What the job has for its operators to read.
#[derive(Debug, Default)]
pub struct References {
    tables: RwLock<HashMap<String, Arc<Table>>>,
    values: RwLock<HashMap<String, Arc<[u8]>>>,
}

impl References {
    /// The rows of a table from now on, with the columns of `schema`; instances that read the ones before read on from these.
    ///
    /// # Errors
    /// The column whose type can't be handed to a plugin.
    pub fn set_table(&self, name: &str, schema: &SchemaRef, rows: Vec<RecordBatch>) -> Result<(), String> {
        let schema = Arc::new(crossing_schema(schema)?);
        let rows = rows.into_iter().filter(|rows| rows.num_rows() > 0).collect();
        self.tables.write().insert(name.to_owned(), Arc::new(Table { schema, rows }));
        Ok(())
    }

    /// A value from now on.
    pub fn set_value(&self, name: &str, value: Arc<[u8]>) {
        self.values.write().insert(name.to_owned(), value);
    }

    fn table(&self, name: &str) -> Option<Arc<Table>> {
        self.tables.read().get(name).cloned()
    }

    fn value(&self, name: &str) -> Option<Arc<[u8]>> {
        self.values.read().get(name).cloned()
    }
}

impl Table {
    /// The piece that begins with the row `start`.
    fn piece(&self, start: u64, max_rows: u32) -> Option<RecordBatch> {
        let mut before = 0_u64;
        for rows in &self.rows {
            let n_rows = rows.num_rows() as u64;
            if start < before + n_rows {
                let offset = usize::try_from(start - before).ok()?;
                let row_bytes = bytes_of(rows).div_ceil(rows.num_rows()).max(1);
                let most = (max_rows as usize).min(PIECE_ROWS).min((PIECE / row_bytes).max(1));
                return Some(rows.slice(offset, most.min(rows.num_rows() - offset)));
            }
            before += n_rows;
        }
        None
    }
}

impl tables::Host for Guest {
    fn columns(&mut self, name: String) -> wasmtime::Result<Option<wit::SchemaResult>> {
        self.charge(name.len())?;
        Ok(self.table_columns(&name))
    }

    fn read(
        &mut self,
        name: String,
        wanted: Vec<String>,
        start: u64,
        max_rows: u32,
    ) -> wasmtime::Result<Option<wit::BatchResult>> {
        self.charge(name.len() + wanted.iter().map(|name| name.len() + size_of::<String>()).sum::<usize>())?;
        Ok(self.table_rows(&name, wanted, start, max_rows))
    }
}

impl Guest {
    fn table_columns(&self, name: &String) -> Option<wit::SchemaResult> {
        let table = self.references(|grants| grants.tables.contains(name))?.table(name)?;
        to_wit_owned(&table.schema).ok()
    }

    fn table_rows(&self, name: &String, wanted: Vec<String>, start: u64, max_rows: u32) -> Option<wit::BatchResult> {
        let table = self.references(|grants| grants.tables.contains(name))?.table(name)?;
        let rows = table.piece(start, max_rows).filter(|rows| rows.num_rows() > 0)?;
        // A list as long as that is no list of columns.
        let wanted = Some(wanted).filter(|wanted| wanted.len() <= table.schema.fields().len())?;
        let wanted = wanted.iter().map(|column| table.schema.index_of(column).ok()).collect::<Option<Vec<_>>>()?;
        let (rows, schema) = (rows.project(&wanted).ok()?, table.schema.project(&wanted).ok()?);
        let lowered = lower(rows.columns(), rows.num_rows(), &schema).ok()?;
        let buffers = lowered.slices().iter().map(|slice| slice.to_vec()).collect();
        Some(wit::BatchResult { rows: lowered.rows, nodes: lowered.nodes.clone(), buffers })
    }
}

impl broadcasts::Host for Guest {
    fn size(&mut self, name: String) -> wasmtime::Result<Option<u64>> {
        self.charge(name.len())?;
        let references = self.references(|grants| grants.broadcasts.contains(&name));
        Ok(references.and_then(|references| references.value(&name)).map(|value| value.len() as u64))
    }

    fn read(&mut self, name: String, start: u64, max_bytes: u32) -> wasmtime::Result<Option<Vec<u8>>> {
        self.charge(name.len())?;
        Ok(self.broadcast_piece(&name, start, max_bytes))
    }
}

impl Guest {
    fn broadcast_piece(&self, name: &String, start: u64, max_bytes: u32) -> Option<Vec<u8>> {
        let value = self.references(|grants| grants.broadcasts.contains(name))?.value(name)?;
        let rest = value.get(usize::try_from(start).ok()?..).filter(|rest| !rest.is_empty())?;
        Some(rest[..rest.len().min(max_bytes as usize).min(PIECE)].to_vec())
    }
}
