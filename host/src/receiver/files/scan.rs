//! A leaf that reads files.
//!
//! It names them, as they were when they were found, and which part of each is read by which partition. Rows keep the order of their file, and
//! partitions that of the files. Files are read by threads for blocking work, a few record batches ahead of who wants them.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use serde::{Deserialize, Serialize};

use super::read::{self, FileError};
use crate::clock::BatchTime;
use crate::engine::reports::SourceReport;
use crate::engine::{Services, node};
use crate::job::definition::{FileContent, FileFormat};
use crate::receiver::FileVersion;

/// Parts of files smaller than this aren't worth a partition of their own.
const SMALLEST_PART: u64 = 1 << 20;

/// What to do about a file that can't be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnBadFile {
    /// The batch fails.
    #[default]
    Fail,
    /// What can't be read is skipped, counted and logged: a line of text or JSON, else the rest of the file. Of records, the whole file.
    Skip,
}

/// A part of a file: lines that begin in it, or records or row groups that do; rows of CSV, which can hold line breaks, are never parted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePart {
    /// The file.
    pub file: FileVersion,
    /// Where the part begins, in bytes.
    pub start: u64,
    /// Where it ends; it doesn't include this byte.
    pub end: u64,
}

/// What a scan reads, all but the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileScan {
    /// The source's name.
    pub stream: Arc<str>,
    /// The batch that reads.
    pub batch: BatchTime,
    /// The batch's attempt, 0 for the first.
    pub attempt: u32,
    /// What the files hold.
    pub content: FileContent,
    /// What to do about those that can't be read.
    pub on_bad_file: OnBadFile,
    /// What each partition reads; at least one, which may read nothing.
    pub partitions: Vec<Vec<FilePart>>,
}

/// `files` in about `partitions` partitions of equal size, each of at most `part` bytes where files of the format can be parted.
pub fn partitions(files: &[FileVersion], content: FileContent, partitions: usize, part: u64) -> Vec<Vec<FilePart>> {
    let total: u64 = files.iter().map(|file| file.size).sum();
    let part = total.div_ceil(partitions.max(1) as u64).min(part).max(SMALLEST_PART);
    divide(files, part, content != FileContent::Format(FileFormat::Csv))
}

/// Parts of at most `size` bytes where files can be parted, one after the other; a partition is full when the next doesn't fit.
fn divide(files: &[FileVersion], size: u64, parted: bool) -> Vec<Vec<FilePart>> {
    let (mut partitions, mut room) = (vec![Vec::new()], size);
    for file in files {
        let mut start = 0;
        while start < file.size {
            let left = file.size - start;
            // A file that fits into a partition of its own isn't parted.
            let n = if parted && file.size > size { left.min(room) } else { left };
            if n > room && room < size {
                partitions.push(Vec::new());
                room = size;
                continue;
            }
            let part = FilePart { file: file.clone(), start, end: start + n };
            partitions.last_mut().into_iter().for_each(|partition| partition.push(part.clone()));
            start += n;
            room = room.saturating_sub(n);
            if room == 0 {
                partitions.push(Vec::new());
                room = size;
            }
        }
    }
    if partitions.len() > 1 && partitions.last().is_some_and(Vec::is_empty) {
        partitions.pop();
    }
    partitions
}

/// Reads files.
#[derive(Debug)]
pub struct FileScanExec {
    scan: Arc<FileScan>,
    properties: Arc<PlanProperties>,
}

impl FileScanExec {
    /// Read what `scan` says; all rows have the columns of `schema`.
    pub fn new(scan: FileScan, schema: SchemaRef) -> Self {
        let properties = node::properties(schema, scan.partitions.len().max(1), EmissionType::Incremental);
        Self { scan: Arc::new(scan), properties }
    }

    /// What it reads.
    pub fn scan(&self) -> &FileScan {
        &self.scan
    }
}

impl DisplayAs for FileScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: usize = self.scan.partitions.iter().map(Vec::len).sum();
        write!(f, "FileScanExec: stream={}, parts={parts}", self.scan.stream)
    }
}

impl ExecutionPlan for FileScanExec {
    node::leaf!("FileScanExec");

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (scan, schema) = (Arc::clone(&self.scan), self.schema());
        let services = Services::of(&task)?;
        let mut stream = RecordBatchReceiverStreamBuilder::new(self.schema(), 2);
        let sender = stream.tx();
        stream.spawn_blocking(move || {
            let parts = scan.partitions.get(partition).map_or(&[][..], Vec::as_slice);
            let mut report = SourceReport::default();
            // Says whether to go on: nobody may want the rows any more.
            let mut emit = |rows: RecordBatch| sender.blocking_send(Ok(rows)).is_ok();
            for part in parts {
                let read = || read::read_part(&scan, part, &schema, &mut report, &mut emit);
                // Readers of formats are large, and files can be anything.
                let done = catch_unwind(AssertUnwindSafe(read))
                    .unwrap_or_else(|_| Err(FileError::new(&scan.stream, &part.file.path, "its reader panicked")));
                match done {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(error) if scan.on_bad_file == OnBadFile::Skip => {
                        report.sample(error.in_file());
                        report.bad_files.insert(error.path);
                    }
                    Err(error) => return Err(DataFusionError::External(error.into())),
                }
            }
            services.reports.add_source(scan.batch, scan.attempt, Arc::clone(&scan.stream), report);
            Ok(())
        });
        Ok(stream.build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64) -> FileVersion {
        FileVersion { path: name.into(), size, modified_ms: 0 }
    }

    fn divided(sizes: &[u64], size: u64, parted: bool) -> String {
        let files: Vec<_> = sizes.iter().enumerate().map(|(n, size)| file(&n.to_string(), *size)).collect();
        let part = |part: &FilePart| format!("{}[{}..{}]", part.file.path, part.start, part.end);
        let partition = |parts: &Vec<FilePart>| parts.iter().map(part).collect::<Vec<_>>().join(" ");
        divide(&files, size, parted).iter().map(partition).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn files_are_packed_and_parted_in_their_order() {
        assert_eq!(divided(&[], 10, true), "");
        assert_eq!(divided(&[4, 4, 4], 10, true), "0[0..4] 1[0..4] | 2[0..4]");
        assert_eq!(divided(&[10, 1], 10, true), "0[0..10] | 1[0..1]");
        assert_eq!(divided(&[4, 25], 10, true), "0[0..4] 1[0..6] | 1[6..16] | 1[16..25]");
        assert_eq!(divided(&[4, 25, 1], 10, false), "0[0..4] | 1[0..25] | 2[0..1]");
        assert_eq!(divided(&[20], 10, true), "0[0..10] | 0[10..20]");
    }
}
