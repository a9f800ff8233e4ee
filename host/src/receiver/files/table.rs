//! The files of a static table: one file, or all files of a directory, read as a whole whenever they are read.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;

use super::scan::{FileScan, FileScanExec, OnBadFile, partitions};
use super::{DEFAULT_PART, columns_of, listing};
use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::job::definition::FileFormat;

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
        let files = listing::all(&self.path).map_err(|error| Error::failed(cannot_read(&self.path, &error)))?;
        if files.is_empty() {
            return Err(Error::failed(format!("there is no file at {}", self.path.display())));
        }
        let (stream, content, on_bad_file) = (self.name.clone(), self.format.into(), OnBadFile::Fail);
        let partitions = partitions(&files, content, n_partitions, DEFAULT_PART);
        let scan = FileScan { stream, batch: key, attempt: 0, content, on_bad_file, partitions };
        Ok(Arc::new(FileScanExec::new(scan, self.schema.clone())))
    }
}

fn cannot_read(path: &std::path::Path, error: &std::io::Error) -> String {
    format!("{} can't be read: {error}", path.display())
}
