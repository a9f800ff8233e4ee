//! What outputs were given then and now.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::memory::MemoryStream;

use super::Ran;
use crate::batch::differences::{Differences, differences};
use crate::batch::recorded::Recorded;
use crate::clock::BatchTime;
use crate::engine::node::number;
use crate::error::{Error, Result};
use crate::job::definition::{Definition, FileFormat, SinkDefinition};
use crate::job::machine;
use crate::memory::{MemoryBudget, Share};
use crate::output::files::FilesSink;
use crate::output::{Sink, WriteId};
use crate::receiver::files::table::TableFiles;

/// An output in both runs, or as it is recorded and as it is made now.
#[derive(Debug, Clone)]
pub struct ReplayedOutput {
    /// Its name.
    pub name: String,
    /// The first's rows, and the second's.
    pub rows: (u64, u64),
    /// What of them was compared.
    pub seen: Seen,
}

/// How much of an output's rows was compared.
#[derive(Debug, Clone)]
pub enum Seen {
    /// All of them.
    Rows(Differences),
    /// Only how many there are; why.
    Number(String),
}

impl ReplayedOutput {
    /// Whether nothing differs, as far as that was looked at.
    pub fn is_same(&self) -> bool {
        match &self.seen {
            Seen::Rows(differences) => differences.is_none(),
            Seen::Number(_) => self.rows.0 == self.rows.1,
        }
    }
}

impl Ran {
    /// What an output was given in the batch.
    fn given(&self, output: &str) -> Vec<Vec<RecordBatch>> {
        self.collected.get(output).and_then(|collected| collected.dataset(self.batch)).unwrap_or_default()
    }

    /// What another run gives outputs against what this has given them.
    pub(super) fn against(&self, definition: &Definition, other: &Self) -> Result<Vec<ReplayedOutput>> {
        let compared = definition.written().map(|output| {
            let differences = differences(self.given(&output.name), other.given(&output.name))?;
            Ok(ReplayedOutput { name: output.name.clone(), rows: differences.rows, seen: Seen::Rows(differences) })
        });
        compared.collect()
    }

    /// What outputs are given now against what was recorded of them.
    pub(super) async fn against_recorded(
        &self,
        definition: &Definition,
        recorded: &Recorded,
    ) -> Result<Vec<ReplayedOutput>> {
        let mut all = vec![];
        for output in definition.written() {
            let given = self.given(&output.name);
            let now = given.iter().flatten().map(|rows| rows.num_rows() as u64).sum();
            let staged = recorded.result.outputs.iter().find(|(name, _)| *name == output.name);
            let (then, seen) = match (staged, &output.sink) {
                (None, _) => (0, Seen::Number("it wrote nothing in the batch".to_owned())),
                (Some((_, staged)), sink) => {
                    let then = staged.iter().map(|staged| staged.rows).sum();
                    let schema = self.collected.get(&output.name).and_then(|collected| collected.schema());
                    (then, self.seen(&output.name, sink, schema, given, then).await?)
                }
            };
            all.push(ReplayedOutput { name: output.name.clone(), rows: (then, now), seen });
        }
        Ok(all)
    }

    /// Compare what an output has written with what it is given now, as far as it can be read again.
    async fn seen(
        &self,
        output: &str,
        sink: &SinkDefinition,
        schema: Option<SchemaRef>,
        given: Vec<Vec<RecordBatch>>,
        n_then: u64,
    ) -> Result<Seen> {
        let by_number = |why: &str| Ok(Seen::Number(why.to_owned()));
        let (SinkDefinition::Files { path, format, compact }, Some(schema)) = (sink, schema) else {
            return by_number("what it has written isn't read again");
        };
        if compact.is_some() {
            return by_number("its files are put together with those of other batches");
        }
        let batch = self.batch;
        let written = path.join(crate::output::files::batch_folder(batch));
        if !written.is_dir() {
            return by_number("its files aren't there any more");
        }
        // As files, so that what a format can't tell apart isn't a difference.
        let scratch = Scratch::new().map_err(|error| Error::failed(format!("output \"{output}\": {error}")))?;
        let again = write(&scratch.0, *format, &schema, batch, given).await?;
        let (format, schema) = (*format, schema.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let then = read(&written, format, &schema)?;
            let now = read(&again, format, &schema)?;
            drop(scratch);
            Ok::<_, Error>((then, now))
        });
        let (then, now) = reading.await.map_err(Error::failed)??;
        let n_read = then.iter().map(|rows| rows.num_rows() as u64).sum::<u64>();
        if n_read != n_then {
            return by_number(&format!("its files have {n_read} rows now, they were changed since"));
        }
        differences(vec![then], vec![now]).map(Seen::Rows)
    }
}

/// Write a batch's rows as the output would, below `folder`; the batch's own folder.
async fn write(
    folder: &Path,
    format: FileFormat,
    schema: &SchemaRef,
    batch: BatchTime,
    partitions: Vec<Vec<RecordBatch>>,
) -> Result<PathBuf> {
    let sink = FilesSink::new(folder.to_owned(), format);
    sink.bind(schema)?;
    sink.open(1).await?;
    let n_partitions = number(partitions.len());
    let mut staged = vec![];
    for (partition, rows) in partitions.into_iter().enumerate() {
        let id = WriteId { batch, partition: number(partition), partitions: n_partitions, term: 1, attempt: 0 };
        let rows = MemoryStream::try_new(rows, schema.clone(), None).map_err(Error::failed)?;
        staged.push(sink.write(id, Box::pin(rows)).await?);
    }
    sink.commit(batch, &staged).await?;
    Ok(folder.join(crate::output::files::batch_folder(batch)))
}

/// The rows of all files of a folder.
fn read(folder: &Path, format: FileFormat, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    // A batch without rows has no files.
    let is_visible = |name: &std::ffi::OsStr| !name.to_string_lossy().starts_with(['_', '.']);
    let mut entries = fs::read_dir(folder).map_err(|error| Error::failed(format!("{}: {error}", folder.display())))?;
    if !entries.any(|entry| entry.is_ok_and(|entry| is_visible(&entry.file_name()))) {
        return Ok(vec![]);
    }
    let files = TableFiles::new("replayed".into(), folder.to_owned(), format, Some(schema))?;
    let memory = MemoryBudget::new(machine::memory() / 2);
    let mut reserved = memory.try_reserve(Share::Engine, 0).map_err(|over| Error::failed(over.to_string()))?;
    Ok(vec![files.read_all(&mut reserved)?])
}

/// A folder of this user's own, removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("sluicebox-replay-{}-{number}", std::process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                made => return made.map(|()| Self(path)),
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left over is in a folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
