//! Several files to one: text, CSV and JSON lines by copying bytes, Parquet by reading and writing rows.
//!
//! Rows stay in the order of the files, and columns as they were: where a file has other columns than the one before it, as when the job was changed between two runs,
//! another file is begun. What is held in memory is a few record batches and what the Parquet writer holds, and is reserved.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use arrow::datatypes::SchemaRef;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaData;

use super::encode::{EncodeError, Encoder};
use super::folder::FolderError;
use crate::job::definition::FileFormat;
use crate::memory::Reservation;

/// Bytes copied between two looks at whether to go on.
const PIECE: u64 = 8 << 20;

/// Bytes of rows, about, that are read from Parquet at a time.
const ROWS_BYTES: u64 = 1 << 20;

/// Rows that are read from Parquet at a time, where they are small.
const MOST_ROWS: usize = 8192;

/// A longer first line is no CSV header of ours.
const MOST_HEADER: u64 = 16 << 20;

/// A file to read.
#[derive(Debug)]
pub struct Input {
    /// The file.
    pub file: File,
    /// Its path, for messages.
    pub path: PathBuf,
    /// The bytes it had when it was written.
    pub bytes: u64,
    /// Its rows, where they are known.
    pub rows: Option<u64>,
}

/// A file to write.
#[derive(Debug)]
pub struct Target {
    /// The file.
    pub file: File,
    /// Its path, for messages.
    pub path: PathBuf,
}

/// What was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// Rows, where they are known for all files.
    pub rows: Option<u64>,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Makes targets, and says whether to go on.
pub trait Surroundings {
    /// Another file to write to.
    fn next_target(&mut self) -> Result<Target, FolderError>;

    /// An error if the work is given up.
    fn go_on(&self) -> io::Result<()>;
}

/// Write `inputs` to as few files as their columns allow; each is synced.
pub fn merge(
    format: FileFormat,
    inputs: impl Iterator<Item = Result<Input, FolderError>>,
    surroundings: &mut impl Surroundings,
    memory: &mut Reservation,
) -> Result<Merged, FolderError> {
    let mut merge = Merge { surroundings, memory, open: None, merged: Merged { rows: Some(0), bytes: 0 } };
    for input in inputs {
        let mut input = input?;
        let bytes = input.file.metadata().map_err(|error| input.failed(error))?.len();
        if bytes != input.bytes {
            let written = input.bytes;
            return Err(input.failed(format_args!("it has {bytes} bytes, and {written} were written")));
        }
        let rows = match format {
            FileFormat::Text | FileFormat::Json => merge.copy(Vec::new(), &mut input)?,
            FileFormat::Csv => {
                let header = header(&mut input.file).map_err(|error| input.failed(error))?;
                merge.copy(header, &mut input)?
            }
            FileFormat::Parquet => merge.rows(&input)?,
        };
        merge.merged.rows = merge.merged.rows.zip(rows).map(|(sum, rows)| sum + rows);
    }
    merge.finish()
}

impl Input {
    fn failed(&self, error: impl ToString) -> FolderError {
        FolderError::new(&self.path, io::Error::other(error.to_string()))
    }
}

struct Merge<'a, S> {
    surroundings: &'a mut S,
    memory: &'a mut Reservation,
    open: Option<Open>,
    merged: Merged,
}

/// The file that is being written.
struct Open {
    path: PathBuf,
    content: Content,
}

enum Content {
    /// Bytes that begin with these.
    Bytes(File, Vec<u8>),
    Rows(Box<Encoder<File>>, SchemaRef),
}

impl<S: Surroundings> Merge<'_, S> {
    /// Append what the file has after `header`, which a file begins with once.
    fn copy(&mut self, header: Vec<u8>, input: &mut Input) -> Result<Option<u64>, FolderError> {
        let fits = matches!(&self.open, Some(Open { content: Content::Bytes(_, same), .. }) if *same == header);
        let mut left = input.bytes - header.len() as u64;
        if !fits {
            self.close()?;
            let Target { mut file, path } = self.surroundings.next_target()?;
            file.write_all(&header).map_err(|error| FolderError::new(&path, error))?;
            self.open = Some(Open { path, content: Content::Bytes(file, header) });
        }
        let Some(Open { path, content: Content::Bytes(to, _) }) = &mut self.open else { return Ok(None) };
        while left > 0 {
            let piece = left.min(PIECE);
            self.surroundings.go_on().map_err(|error| FolderError::new(path, error))?;
            let copied = io::copy(&mut Read::by_ref(&mut input.file).take(piece), to);
            match copied.map_err(|error| FolderError::new(path, error))? {
                0 => return Err(input.failed("it has become shorter")),
                copied => left -= copied,
            }
        }
        Ok(input.rows)
    }

    /// Append the rows of a Parquet file.
    fn rows(&mut self, input: &Input) -> Result<Option<u64>, FolderError> {
        let file = input.file.try_clone().map_err(|error| input.failed(error))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| input.failed(error))?;
        let (schema, rows_at_a_time) = (builder.schema().clone(), rows_at_a_time(builder.metadata()));
        let fits = matches!(&self.open, Some(Open { content: Content::Rows(_, same), .. }) if *same == schema);
        if !fits {
            self.close()?;
            let Target { file, path } = self.surroundings.next_target()?;
            let encoder = Encoder::new(FileFormat::Parquet, schema.clone(), file);
            let encoder = Box::new(encoder.map_err(|error| FolderError::new(&path, plain(error)))?);
            self.open = Some(Open { path, content: Content::Rows(encoder, schema) });
        }
        let reader = builder.with_batch_size(rows_at_a_time).build().map_err(|error| input.failed(error))?;
        let Some(Open { path, content: Content::Rows(to, _) }) = &mut self.open else { return Ok(None) };
        let mut n_rows = 0;
        for rows in reader {
            let rows = rows.map_err(|error| input.failed(error))?;
            self.surroundings.go_on().map_err(|error| FolderError::new(path, error))?;
            // It is bounded and held already. Waiting for it could wait for a batch that waits for this.
            self.memory.resize_anyway((rows.get_array_memory_size() + to.memory_size()) as u64);
            to.write(&rows).map_err(|error| FolderError::new(path, plain(error)))?;
            n_rows += rows.num_rows() as u64;
        }
        Ok(Some(n_rows))
    }

    fn close(&mut self) -> Result<(), FolderError> {
        let Some(Open { path, content }) = self.open.take() else { return Ok(()) };
        let failed = |error| FolderError::new(&path, error);
        let file = match content {
            Content::Bytes(file, _) => file,
            Content::Rows(encoder, _) => encoder.finish().map_err(|error| failed(plain(error)))?,
        };
        self.merged.bytes += file.sync_all().and_then(|()| file.metadata()).map_err(failed)?.len();
        Ok(())
    }

    fn finish(mut self) -> Result<Merged, FolderError> {
        self.close()?;
        self.memory.resize_anyway(0);
        Ok(self.merged)
    }
}

fn plain(error: EncodeError) -> io::Error {
    match error {
        EncodeError::Io(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

/// The header of a CSV file, which may have line breaks within quotes; the file is left behind it.
fn header(file: &mut File) -> io::Result<Vec<u8>> {
    let mut header = vec![];
    let mut reader = BufReader::new(Read::by_ref(file).take(MOST_HEADER));
    loop {
        let n = reader.read_until(b'\n', &mut header)?;
        // A quote within quotes is doubled, so outside of quotes there is an even number before.
        if header.ends_with(b"\n") && header.iter().filter(|byte| **byte == b'"').count() % 2 == 0 {
            break;
        }
        if n == 0 {
            return Err(io::Error::other("it has no header"));
        }
    }
    drop(reader);
    file.seek(SeekFrom::Start(header.len() as u64))?;
    Ok(header)
}

/// As many rows as make about [`ROWS_BYTES`].
fn rows_at_a_time(metadata: &ParquetMetaData) -> usize {
    let sum = |of: fn(&parquet::file::metadata::RowGroupMetaData) -> i64| {
        metadata.row_groups().iter().map(|group| u64::try_from(of(group)).unwrap_or(0)).sum::<u64>()
    };
    let (rows, bytes) = (sum(|group| group.num_rows()), sum(|group| group.total_byte_size()));
    let per_row = (bytes / rows.max(1)).max(1);
    usize::try_from(ROWS_BYTES / per_row).unwrap_or(MOST_ROWS).clamp(1, MOST_ROWS)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use tempfile::TempDir;

    use super::*;
    use crate::memory::{MemoryBudget, Share};

    struct Into<'a> {
        folder: &'a TempDir,
        names: Vec<PathBuf>,
        gives_up: bool,
        full: bool,
    }

    impl Surroundings for Into<'_> {
        fn next_target(&mut self) -> Result<Target, FolderError> {
            let name = if self.full { "/dev/full".into() } else { self.names.len().to_string() };
            let path = self.folder.path().join(name);
            self.names.push(path.clone());
            let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).open(&path);
            Ok(Target { file: file.unwrap(), path })
        }

        fn go_on(&self) -> io::Result<()> {
            if self.gives_up { Err(io::Error::other("given up")) } else { Ok(()) }
        }
    }

    fn input(folder: &TempDir, name: &str, bytes: &[u8]) -> Input {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Input { file: File::open(&path).unwrap(), path, bytes: bytes.len() as u64, rows: Some(1) }
    }

    fn merged(format: FileFormat, files: &[&[u8]]) -> (Vec<Vec<u8>>, Merged) {
        let folder = TempDir::new().unwrap();
        let inputs = files.iter().enumerate().map(|(idx, bytes)| Ok(input(&folder, &format!("in{idx}"), bytes)));
        let mut into = Into { folder: &folder, names: vec![], gives_up: false, full: false };
        let budget = MemoryBudget::new(1 << 30);
        let mut memory = budget.try_reserve(Share::Engine, 0).unwrap();
        let merged = merge(format, inputs, &mut into, &mut memory).unwrap();
        assert_eq!(budget.used(), 0);
        (into.names.iter().map(|path| std::fs::read(path).unwrap()).collect(), merged)
    }

    fn parquet(rows: &RecordBatch) -> Vec<u8> {
        let mut encoder = Encoder::new(FileFormat::Parquet, rows.schema(), Vec::new()).unwrap();
        encoder.write(rows).unwrap();
        encoder.finish().unwrap()
    }

    fn numbers(of: std::ops::Range<i64>) -> RecordBatch {
        let words = StringArray::from_iter(of.clone().map(|n| (n % 3 > 0).then(|| format!("word {n}"))));
        let n = Arc::new(Int64Array::from_iter_values(of)) as ArrayRef;
        RecordBatch::try_from_iter_with_nullable([("n", n, false), ("word", Arc::new(words), true)]).unwrap()
    }

    #[test]
    fn lines_are_appended() {
        for format in [FileFormat::Text, FileFormat::Json] {
            let (files, merged) = merged(format, &[b"a\nb\n", b"c\n"]);
            assert_eq!(files, [b"a\nb\nc\n"]);
            assert_eq!(merged, Merged { rows: Some(2), bytes: 6 });
        }
    }

    #[test]
    fn a_csv_header_is_written_once_and_other_columns_begin_another_file() {
        let odd = "\"a \"\"\nb\",c\n";
        let files = [format!("{odd}1,2\n"), format!("{odd}3,\"4\n\"\n"), "a,b\n5,6\n".into(), "a,b\n7,8\n".into()];
        let (files, _) = merged(FileFormat::Csv, &files.each_ref().map(|text| text.as_bytes()));
        let files: Vec<_> = files.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
        assert_eq!(files, [format!("{odd}1,2\n3,\"4\n\"\n"), "a,b\n5,6\n7,8\n".into()]);
    }

    #[test]
    fn parquet_keeps_rows_columns_and_order() {
        let parts = [numbers(0..20_000), numbers(20_000..20_001), numbers(20_001..30_000)];
        let other = numbers(0..5).project(&[1]).unwrap();
        let files = [parquet(&parts[0]), parquet(&parts[1]), parquet(&parts[2]), parquet(&other)];
        let (files, merged) = merged(FileFormat::Parquet, &files.each_ref().map(Vec::as_slice));
        assert_eq!(merged.rows, Some(30_005));
        let read = |bytes: &Vec<u8>| {
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes.clone())).unwrap();
            let schema = reader.schema().clone();
            let rows: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
            arrow::compute::concat_batches(&schema, &rows).unwrap()
        };
        assert_eq!(files.iter().map(read).collect::<Vec<_>>(), [numbers(0..30_000), other]);
    }

    #[test]
    fn what_cant_be_read_or_written_is_an_error_with_its_path() {
        let folder = TempDir::new().unwrap();
        let budget = MemoryBudget::new(1 << 30);
        let rows = parquet(&numbers(0..10));
        let error = |format, inputs: Vec<Input>, gives_up, full| {
            let mut into = Into { folder: &folder, names: vec![], gives_up, full };
            let mut memory = budget.try_reserve(Share::Engine, 0).unwrap();
            merge(format, inputs.into_iter().map(Ok), &mut into, &mut memory).unwrap_err().to_string()
        };
        for (format, bytes) in [
            (FileFormat::Text, b"a\n".as_slice()),
            (FileFormat::Json, b"{}\n"),
            (FileFormat::Csv, b"a\n1\n"),
            (FileFormat::Parquet, &rows),
        ] {
            let full = error(format, vec![input(&folder, "in", bytes)], false, true);
            assert!(full.starts_with("/dev/full: ") && full.contains("No space left on device"), "{full}");
            let given_up = error(format, vec![input(&folder, "in", bytes)], true, false);
            assert!(given_up.ends_with("given up"), "{given_up}");
            let mut short = input(&folder, "in", bytes);
            short.bytes += 1;
            let short = error(format, vec![short], false, false);
            assert!(short.contains("/in: it has ") && short.ends_with(" were written"), "{short}");
        }
        let broken = error(FileFormat::Parquet, vec![input(&folder, "in", b"PAR1 broken PAR1")], false, false);
        assert!(broken.contains("/in: "), "{broken}");
        let headless = error(FileFormat::Csv, vec![input(&folder, "in", b"\"a\n")], false, false);
        assert!(headless.ends_with("/in: it has no header"), "{headless}");
        assert_eq!(budget.used(), 0);
    }
}
