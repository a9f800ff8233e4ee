//! A file of the checkpoint that holds rows: named tables, each an Arrow IPC stream, and a checksum over all.
//!
//! ```text
//! "SLUICEBOX1\n"                 11 bytes
//! table                          Arrow IPC stream, one after the other
//! {"tables":[{"name":..,"offset":..,"bytes":..}]}   JSON
//! bytes of the JSON              u32, little-endian
//! CRC-64/NVME of all before      u64, little-endian
//! ```

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

const MAGIC: &[u8] = b"SLUICEBOX1\n";

#[derive(Debug, Serialize, Deserialize)]
struct Footer {
    tables: Vec<Place>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Place {
    name: String,
    offset: u64,
    bytes: u64,
}

/// Makes a file.
#[derive(Debug)]
pub struct TablesWriter {
    bytes: Vec<u8>,
    tables: Vec<Place>,
}

impl Default for TablesWriter {
    fn default() -> Self {
        Self { bytes: MAGIC.to_vec(), tables: vec![] }
    }
}

impl TablesWriter {
    /// Add a table of these rows, which may be none.
    ///
    /// # Errors
    /// When rows are of other columns.
    pub fn add(&mut self, name: &str, schema: &SchemaRef, rows: &[RecordBatch]) -> Result<(), ArrowError> {
        let offset = self.bytes.len() as u64;
        let mut writer = StreamWriter::try_new(&mut self.bytes, schema)?;
        rows.iter().try_for_each(|rows| writer.write(rows))?;
        writer.finish()?;
        drop(writer);
        self.tables.push(Place { name: name.to_owned(), offset, bytes: self.bytes.len() as u64 - offset });
        Ok(())
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The file.
    ///
    /// # Errors
    /// When it has more tables than can be named.
    pub fn finish(mut self) -> Result<Bytes, ArrowError> {
        let wrong = |error: &dyn std::fmt::Display| ArrowError::IpcError(error.to_string());
        let footer = serde_json::to_vec(&Footer { tables: self.tables }).map_err(|error| wrong(&error))?;
        self.bytes.extend_from_slice(&footer);
        let length = u32::try_from(footer.len()).map_err(|error| wrong(&error))?;
        self.bytes.extend_from_slice(&length.to_le_bytes());
        let checksum = checksum(&self.bytes);
        self.bytes.extend_from_slice(&checksum.to_le_bytes());
        Ok(self.bytes.into())
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes)
}

/// A table of a file.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub rows: Vec<RecordBatch>,
}

/// The tables of a file.
///
/// # Errors
/// What is wrong with it, when it isn't what was written.
pub fn read(bytes: &Bytes) -> Result<Vec<Table>, String> {
    let damaged = || "it is damaged: its checksum is another".to_owned();
    let (rest, sum) = bytes.split_last_chunk::<8>().ok_or_else(damaged)?;
    if checksum(rest) != u64::from_le_bytes(*sum) {
        return Err(damaged());
    }
    if !rest.starts_with(MAGIC) {
        return Err("it isn't a file of this version of the format".to_owned());
    }
    let (rest, length) = rest.split_last_chunk::<4>().ok_or_else(damaged)?;
    let at = rest.len().checked_sub(u32::from_le_bytes(*length) as usize).ok_or_else(damaged)?;
    let footer: Footer = serde_json::from_slice(&rest[at..]).map_err(|error| error.to_string())?;
    footer.tables.into_iter().map(|place| table(&rest[..at], place).map_err(|error| error.to_string())).collect()
}

fn table(bytes: &[u8], place: Place) -> Result<Table, ArrowError> {
    let missing = || ArrowError::IpcError(format!("table {} is out of the file", place.name));
    let start = usize::try_from(place.offset).map_err(|_| missing())?;
    let end = usize::try_from(place.offset.saturating_add(place.bytes)).map_err(|_| missing())?;
    let bytes = bytes.get(start..end).ok_or_else(missing)?;
    let reader = StreamReader::try_new(Cursor::new(bytes), None)?;
    let schema = Arc::clone(&reader.schema());
    let rows = reader.collect::<Result<Vec<_>, _>>()?;
    Ok(Table { name: place.name, schema, rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use arrow::datatypes::{DataType, Field, Schema};

    #[test]
    fn tables_come_back_and_damage_is_noticed() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        let rows = RecordBatch::try_new(schema.clone(), vec![Arc::new(Int64Array::from(vec![1, 2, 3]))]).unwrap();
        let mut writer = TablesWriter::default();
        writer.add("a", &schema, &[rows.clone(), rows.slice(1, 1)]).unwrap();
        writer.add("none", &schema, &[]).unwrap();
        let file = writer.finish().unwrap();
        let tables = read(&file).unwrap();
        assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["a", "none"]);
        assert_eq!(tables[0].rows, [rows.clone(), rows.slice(1, 1)]);
        assert_eq!((&tables[1].schema, tables[1].rows.len()), (&schema, 0));
        for at in (0..file.len()).step_by(7) {
            let mut damaged = file.to_vec();
            damaged[at] ^= 1;
            assert!(read(&damaged.into()).is_err(), "byte {at}");
        }
        for length in 0..file.len() {
            assert!(read(&file.slice(..length)).is_err(), "{length} bytes");
        }
    }
}
