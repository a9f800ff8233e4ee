//! The files of a static table, or of rows that are the same in every batch: one file, or all files of a directory, read as a whole whenever they are read.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;

use super::read::read_part;
use super::scan::{FileScan, FileScanExec, OnBadFile, partitions};
use super::{DEFAULT_PART, columns_of, listing};
use crate::clock::BatchTime;
use crate::engine::reports::SourceReport;
use crate::error::{Error, Result};
use crate::job::definition::FileFormat;
use crate::memory::Reservation;

/// What a table is read from.
#[derive(Debug)]
pub struct TableFiles {
    name: Arc<str>,
    path: PathBuf,
    format: FileFormat,
    schema: SchemaRef,
}

impl TableFiles {
    /// The files at `path`; columns that aren't given are those of the first.
    ///
    /// # Errors
    /// When there is no file, or its columns can't be told. The table isn't named: whoever made it knows where it stands.
    pub fn new(name: Arc<str>, path: PathBuf, format: FileFormat, schema: Option<&SchemaRef>) -> Result<Self> {
        let first = listing::all(&path).map_err(|error| Error::invalid(cannot_read(&path, &error)))?.into_iter().next();
        let schema = columns_of(&name, &path, first, format, schema)?;
        Ok(Self { name, path, format, schema })
    }

    /// The table's columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A plan that reads the files as they are now, for `key`, in about so many partitions.
    ///
    /// # Errors
    /// When they can't be looked at, or there is none.
    pub fn plan(&self, key: BatchTime, n_partitions: usize) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(FileScanExec::new(self.scan(key, n_partitions)?, self.schema.clone())))
    }

    /// All rows of the files as they are now, in their order; `memory` grows to what they take. Reads on the thread that calls.
    ///
    /// # Errors
    /// When they can't be read, or there is no memory for them.
    pub fn read_all(&self, memory: &mut Reservation) -> Result<RecordBatch> {
        let scan = self.scan(BatchTime(0), 1)?;
        let (mut read, mut over, mut report) = (vec![], None, SourceReport::default());
        let mut emit = |rows: RecordBatch| {
            // Twice, since all of them are put together in the end.
            over = memory.resize(memory.bytes() + 2 * rows.get_array_memory_size() as u64).err();
            read.push(rows);
            over.is_none()
        };
        for part in scan.partitions.iter().flatten() {
            if !read_part(&scan, part, &self.schema, &mut report, &mut emit).map_err(Error::failed)? {
                break;
            }
        }
        let failed = |reason: &dyn std::fmt::Display| Error::failed(format_args!("stream \"{}\": {reason}", self.name));
        if let Some(over) = over {
            return Err(failed(&over));
        }
        let rows = concat_batches(&self.schema, &read).map_err(|error| failed(&error))?;
        drop(read);
        memory.resize(rows.get_array_memory_size() as u64).map_err(|over| failed(&over))?;
        Ok(rows)
    }

    fn scan(&self, key: BatchTime, n_partitions: usize) -> Result<FileScan> {
        let files = listing::all(&self.path).map_err(|error| Error::failed(cannot_read(&self.path, &error)))?;
        if files.is_empty() {
            return Err(Error::failed(format!("there is no file at {}", self.path.display())));
        }
        let (stream, content, on_bad_file) = (self.name.clone(), self.format.into(), OnBadFile::Fail);
        let partitions = partitions(&files, content, n_partitions, DEFAULT_PART);
        Ok(FileScan { stream, batch: key, attempt: 0, content, on_bad_file, partitions })
    }
}

fn cannot_read(path: &std::path::Path, error: &std::io::Error) -> String {
    format!("{} can't be read: {error}", path.display())
}
