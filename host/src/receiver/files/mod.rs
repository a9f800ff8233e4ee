//! Files of a directory: text, CSV, JSON lines, Parquet, records of a fixed length.
//!
//! | file | what is in it |
//! |---|---|
//! | [`listing`] | which files a batch reads |
//! | [`pace`] | how many bytes of them, at the job's rate |
//! | [`known`] | what is known of the files of a directory |
//! | [`recover`] | going on after a restart |
//! | [`scan`] | how they are divided into partitions, and the leaf of the plan |
//! | [`read`] | files to rows |
//! | [`records`] | files of records to rows |
//! | [`schema`] | columns, where the job doesn't say them |
//! | [`table`] | the files of a static table |
//!
//! Every file is read once and none is skipped, also by a job that goes on from its checkpoint: old ones too, and those that are there when the job starts, unless the job says otherwise. Names
//! that begin with `.` or `_` or end like a temporary file's are left alone, and so are folders. Files should be moved in whole, by renaming
//! them within the file system. A file that is written in place is read when it has rested for a batch interval; if it changes
//! after that, this is told, and it isn't read again.

pub mod known;
pub mod listing;
mod pace;
pub mod pattern;
pub mod read;
mod records;
mod recover;
pub mod scan;
pub mod schema;
pub mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::Mutex;
use tokio::sync::watch;

use self::listing::{Directory, Look};
use self::pace::Pace;
use self::scan::{FileScan, FileScanExec, OnBadFile};
use crate::clock::{BatchTime, Clock};
use crate::error::{Error, Result};
use crate::job::definition::{FileContent, FileFormat};
use crate::receiver::messages;
use crate::receiver::rate::RateLimits;
use crate::receiver::{FileVersion, InputRange, InputStatus, InputStream, Past};

/// The most bytes of a partition, where files can be divided.
const DEFAULT_PART: u64 = 64 << 20;

/// How files of a directory are read.
#[derive(Debug, Clone)]
pub struct FileOptions {
    /// `path`: the directory.
    pub path: PathBuf,
    /// `format`, and `record-length`.
    pub content: FileContent,
    /// `schema`; none: of the first file.
    pub schema: Option<SchemaRef>,
    /// `existing`: whether to read files that are there when the job starts.
    pub existing: bool,
    /// `on-bad-file`.
    pub on_bad_file: OnBadFile,
    /// The source ends when all that is there was read.
    pub drain: bool,
    /// A file that wasn't modified for so long is whole: the batch interval.
    pub settled_after: Duration,
    /// How often there is a batch.
    pub batch_interval: Duration,
    /// Partitions to divide a batch's files into.
    pub partitions: usize,
    /// The most bytes of a partition, where files can be divided.
    pub part: u64,
    /// `max-rate` and `initial-rate`.
    pub rates: RateLimits,
    /// A batch reads files of so many bytes at most, so that its datasets find room; but at least one.
    pub batch_bytes: u64,
}

impl FileOptions {
    /// Existing files too, no bad ones, partitions of at most 64 MiB.
    pub fn new(path: PathBuf, content: impl Into<FileContent>, batch_interval: Duration, partitions: usize) -> Self {
        Self {
            path,
            content: content.into(),
            schema: None,
            existing: true,
            on_bad_file: OnBadFile::Fail,
            drain: false,
            settled_after: batch_interval,
            batch_interval,
            partitions,
            part: DEFAULT_PART,
            rates: RateLimits::default(),
            batch_bytes: u64::MAX,
        }
    }
}

/// Reads the files of a directory.
#[derive(Debug)]
pub struct FileSource {
    stream: Arc<str>,
    options: FileOptions,
    schema: SchemaRef,
    clock: Arc<dyn Clock>,
    directory: Arc<Mutex<Directory>>,
    status: Mutex<InputStatus>,
    pace: Pace,
    /// Says when there is nothing more to read in a source that drains, or why it can't be read.
    drained: watch::Sender<Option<Result<(), String>>>,
    /// Looks in a row that failed: what is logged grows quiet with them.
    failures: AtomicU64,
    /// Whether it goes on where an earlier run stopped.
    has_past: AtomicBool,
}

impl FileSource {
    /// A source of `stream`. Looks into the directory, and into the first file if columns aren't given.
    ///
    /// # Errors
    /// When the directory can't be read, or its columns can't be told. The stream isn't named: whoever made it knows where it stands.
    pub fn new(stream: Arc<str>, options: FileOptions, clock: Arc<dyn Clock>) -> Result<Self> {
        let schema = columns(&stream, &options)?;
        let directory = Directory::new(&options.path, options.settled_after);
        let pace = Pace::new(options.rates, options.batch_interval);
        Ok(Self {
            stream,
            pace,
            options,
            schema,
            clock,
            directory: Arc::new(Mutex::new(directory)),
            status: Mutex::default(),
            drained: watch::Sender::new(None),
            failures: AtomicU64::new(0),
            has_past: AtomicBool::new(false),
        })
    }

    /// Look at the directory on a thread for blocking work.
    async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Directory) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let directory = Arc::clone(&self.directory);
        let looked = tokio::task::spawn_blocking(move || look(&mut directory.lock())).await;
        let looked = looked.map_err(|e| Error::failed(format_args!("stream \"{}\": {e}", self.stream)))?;
        match looked {
            Ok(found) => {
                self.failures.store(0, Ordering::Relaxed);
                Ok(found)
            }
            Err(error) => Err(Error::failed(self.cannot_look(&error))),
        }
    }

    /// Note that the directory can't be read, and say so.
    fn cannot_look(&self, error: &std::io::Error) -> String {
        let error = format!("directory {} can't be read: {error}", self.options.path.display());
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures.is_power_of_two() {
            tracing::warn!(stream = &*self.stream, failures, "{error}; the next batch tries again");
        }
        let error = format!("stream \"{}\": {error}", self.stream);
        self.status.lock().last_error = Some((self.clock.now_ms(), error.clone()));
        if self.options.drain {
            self.drained.send_replace(Some(Err(error.clone())));
        }
        error
    }
}

/// The columns that are given, or those of the first file.
fn columns(stream: &str, options: &FileOptions) -> Result<SchemaRef> {
    let path = &options.path;
    let first =
        listing::first(path).map_err(|e| Error::invalid(format!("directory {} can't be read: {e}", path.display())))?;
    match options.content {
        FileContent::Format(format) => columns_of(stream, path, first, format, options.schema.as_ref()),
        FileContent::Records(_) => Ok(messages::schema()),
    }
}

/// The columns that are given, or those of the first file at `path`.
fn columns_of(
    stream: &str,
    path: &Path,
    first: Option<FileVersion>,
    format: FileFormat,
    given: Option<&SchemaRef>,
) -> Result<SchemaRef> {
    let wrong = |reason: String| Error::invalid(reason);
    let path = path.display();
    let schema = match (given, format) {
        (_, FileFormat::Text) => crate::receiver::lines::schema(),
        (Some(schema), _) => Arc::new(schema::plain(schema)),
        (None, format) => {
            let first = first.ok_or_else(|| {
                wrong(format!("directory {path} has no file to tell the columns from; put one there, or give a schema"))
            })?;
            let schema = schema::infer(first.path.as_ref(), format)
                .map_err(|e| wrong(format!("file {}: its columns can't be told: {e}", first.path)))?;
            if format != FileFormat::Parquet {
                let pin = schema::pin(&schema);
                tracing::info!(stream, file = first.path, "columns are those of the first rows; to pin them: {pin}");
            }
            schema
        }
    };
    let nested = schema.fields().iter().find(|field| field.data_type().is_nested());
    match nested.filter(|_| format == FileFormat::Csv) {
        Some(field) => {
            let (name, data_type) = (field.name(), crate::job::types::TypeName(field.data_type()));
            Err(wrong(format!("column {name} is {data_type}, which csv can't hold")))
        }
        None => Ok(schema),
    }
}

#[async_trait::async_trait]
impl InputStream for FileSource {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    async fn recover(&self, past: Past) -> Result<()> {
        self.go_on(past).await
    }

    fn standing(&self) -> Result<Option<Vec<u8>>> {
        Ok(Some(self.directory.lock().standing()))
    }

    fn set_rate(&self, rows_per_second: f64) {
        self.pace.set_rate(rows_per_second);
    }

    fn rate(&self) -> Option<f64> {
        self.pace.rate()
    }

    fn was_read(&self, range: &InputRange, rows: u64) {
        if let InputRange::Files(files) = range {
            self.pace.was_read(files.iter().map(|file| file.size).sum(), rows);
        }
    }

    async fn start(&self) -> Result<()> {
        // What was there at the first start is known, and what has come since then is to be read.
        if !self.options.existing && !self.has_past.load(Ordering::Relaxed) {
            self.look(Directory::skip_existing).await?;
        }
        self.status.lock().active = true;
        Ok(())
    }

    async fn allocate(&self, _: BatchTime) -> Result<InputRange> {
        if !self.status.lock().active {
            return Ok(InputRange::Files(Vec::new()));
        }
        let (now_ms, most) = (self.clock.now_ms(), self.options.batch_bytes);
        let most = self.pace.most_bytes().map_or(most, |paced| paced.min(most));
        let looked = self.look(move |directory| directory.look(now_ms, Some(most))).await?;
        let Look { taken, waiting, changed, n_changed } = looked;
        for path in changed {
            tracing::warn!(
                stream = &*self.stream,
                path,
                n_changed,
                "a file changed after it was read, and isn't read again"
            );
        }
        if self.options.drain && waiting == 0 {
            self.drained.send_replace(Some(Ok(())));
        }
        Ok(InputRange::Files(taken))
    }

    fn rows(&self, _: &InputRange) -> Option<u64> {
        None
    }

    fn plan(&self, batch: BatchTime, attempt: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>> {
        let files = range.files(&self.stream)?;
        let FileOptions { content, on_bad_file, partitions, part, .. } = self.options;
        let partitions = scan::partitions(files, content, partitions, part);
        let scan = FileScan { stream: Arc::clone(&self.stream), batch, attempt, content, on_bad_file, partitions };
        Ok(Arc::new(FileScanExec::new(scan, self.schema())))
    }

    fn release(&self, _: BatchTime, _: &InputRange) {}

    async fn stop(&self) {
        self.status.lock().active = false;
    }

    async fn ended(&self) -> Result<()> {
        // The sender lives as long as self, so this can't fail.
        let drained = self.drained.subscribe().wait_for(Option::is_some).await.map(|drained| drained.clone());
        drained.ok().flatten().unwrap_or(Ok(())).map_err(Error::failed)
    }

    fn status(&self) -> InputStatus {
        self.status.lock().clone()
    }
}

#[cfg(test)]
mod tests;
