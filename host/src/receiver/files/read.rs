//! Reads a part of a file to record batches.
//!
//! Before anything is read, the file has to be what it was when the batch was planned: a batch that is run again reads the same.

use std::error::Error as StdError;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::num::NonZeroU32;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::csv;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::json;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::listing::modified_ms;
use super::records::Records;
use super::scan::{FilePart, FileScan, OnBadFile};
use super::schema::{plain, skip_mark};
use crate::engine::reports::{MAX_SAMPLES, SourceReport};
use crate::job::definition::{FileContent, FileFormat};
use crate::job::types::SchemaNames;
use crate::receiver::block::BlockBuilder;
use crate::receiver::lines::{Found, LineBlock, LineBuffer, Splitter};

/// Rows of CSV and Parquet made at a time.
const ROWS: usize = 8192;
/// Bytes read at a time.
const READ_BYTES: usize = 256 * 1024;
/// The most bytes that a line or a row may have.
const MAX_LINE: usize = 16 << 20;
/// The most characters of another library's message that are shown: it may hold a whole row.
const MAX_REASON: usize = 500;

/// A file that can't be read, or a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The source's name.
    pub stream: Arc<str>,
    /// The file.
    pub path: String,
    /// Where in the file, as in `line 7`.
    pub place: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl FileError {
    /// Something is wrong with a file.
    pub fn new(stream: &Arc<str>, path: &str, reason: impl fmt::Display) -> Self {
        let mut reason = reason.to_string();
        if let Some((at, _)) = reason.char_indices().nth(MAX_REASON) {
            reason.truncate(at);
            reason.push_str("...");
        }
        Self { stream: Arc::clone(stream), path: path.to_owned(), place: None, reason }
    }

    fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}

impl FileError {
    /// What is wrong and where, without the stream.
    pub fn in_file(&self) -> String {
        let place = self.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
        format!("file {}{place}: {}", self.path, self.reason)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stream \"{}\": {}", self.stream, self.in_file())
    }
}

impl StdError for FileError {}

/// Read a part, handing its rows to `emit`, which says whether to go on; so does what is returned. Lines that can't be read are counted in
/// `report`, where they are to be skipped.
///
/// # Errors
/// When the part, or what is left of it, can't be read.
pub fn read_part(
    scan: &FileScan,
    part: &FilePart,
    schema: &SchemaRef,
    report: &mut SourceReport,
    emit: &mut dyn FnMut(RecordBatch) -> bool,
) -> Result<bool, FileError> {
    let mut reader = Reader { scan, part, schema, report, emit };
    let file = reader.open()?;
    match scan.content {
        FileContent::Format(FileFormat::Text) => reader.text(file),
        FileContent::Format(FileFormat::Csv) => reader.csv(file),
        FileContent::Format(FileFormat::Json) => reader.json(file),
        FileContent::Format(FileFormat::Parquet) => reader.parquet(file),
        FileContent::Records(length) => reader.records(file, length),
    }
}

struct Reader<'a> {
    scan: &'a FileScan,
    part: &'a FilePart,
    schema: &'a SchemaRef,
    report: &'a mut SourceReport,
    emit: &'a mut dyn FnMut(RecordBatch) -> bool,
}

type Done = Result<bool, FileError>;

impl Reader<'_> {
    fn wrong(&self, reason: impl fmt::Display) -> FileError {
        FileError::new(&self.scan.stream, &self.part.file.path, reason)
    }

    fn open(&self) -> Result<File, FileError> {
        let version = &self.part.file;
        let file = File::open(&version.path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => self.wrong("it is gone; files must stay until their batch is done"),
            _ => self.wrong(e),
        })?;
        let metadata = file.metadata().map_err(|e| self.wrong(e))?;
        if (metadata.len(), modified_ms(&metadata)) != (version.size, version.modified_ms) {
            let (before, now) = (version.size, metadata.len());
            return Err(self.wrong(format_args!(
                "it changed after it was found, from {before} to {now} bytes; move whole files into the directory instead of writing them there"
            )));
        }
        Ok(file)
    }

    /// The bytes of lines that begin in the part, and where they begin.
    fn lines(&self, mut file: File) -> io::Result<(io::Take<File>, u64)> {
        let mark = skip_mark(&mut file)?;
        let start = line_start(&mut file, self.part.start, self.part.file.size)?.max(mark);
        let end = line_start(&mut file, self.part.end, self.part.file.size)?.max(start);
        file.seek(SeekFrom::Start(start))?;
        Ok((file.take(end - start), start))
    }

    /// Hand the lines of the part, some at a time, to `each`, together with where they begin. Lines that aren't text are dealt with.
    fn each_lines(&mut self, file: File, mut each: impl FnMut(&mut Self, u64, RecordBatch) -> Done) -> Done {
        let (mut bytes, start) = self.lines(file).map_err(|e| self.wrong(e))?;
        let (mut buffer, mut block) = (LineBuffer::new(READ_BYTES, MAX_LINE), LineBlock::default());
        loop {
            buffer.buffer_mut().grow();
            let end = buffer.buffer_mut().read_from(&mut bytes).map_err(|e| self.wrong(e))? == 0;
            loop {
                let position = start + buffer.buffer().position();
                match if end { buffer.finish() } else { buffer.chunk() } {
                    Found::Nothing => break,
                    Found::TooLong { position } => self.bad_lines(1, start + position, "is longer than 16 MiB")?,
                    Found::Lines { .. } => {
                        let taken = buffer.take_into(&mut block);
                        if let Some((n, position)) = taken.invalid {
                            self.bad_lines(n, start + position, "isn't valid UTF-8")?;
                        }
                        if let Some((n, position)) = taken.too_long {
                            self.bad_lines(n, start + position, "is longer than 16 MiB")?;
                        }
                        if block.rows() > 0 {
                            let (rows, ()) = block.take().map_err(|e| self.wrong(e))?;
                            if !each(self, position, rows)? {
                                return Ok(false);
                            }
                        }
                    }
                }
            }
            buffer.buffer_mut().shrink();
            if end {
                return Ok(true);
            }
        }
    }

    /// `n` lines, the first of them at `position`, can't be read.
    fn bad_lines(&mut self, n: u64, position: u64, reason: &str) -> Result<(), FileError> {
        self.leave_out(n, position, 0, &format!("the line {reason}"))
    }

    /// `n` lines can't be read, the first of them `after` lines after the line at `position`.
    fn leave_out(&mut self, n: u64, position: u64, after: usize, reason: &str) -> Result<(), FileError> {
        let skips = self.scan.on_bad_file == OnBadFile::Skip;
        self.report.lines_dropped += n;
        // Telling the place means reading the file up to there, so no more are told than are kept.
        if skips && self.report.samples.len() >= MAX_SAMPLES {
            return Ok(());
        }
        let error = self.wrong(reason).at(self.place(position, after));
        if !skips {
            return Err(error);
        }
        self.report.sample(error.in_file());
        Ok(())
    }

    fn emit(&mut self, rows: RecordBatch) -> bool {
        self.report.rows += rows.num_rows() as u64;
        (self.emit)(rows)
    }

    /// The place `after` lines after the line at `position`, as in `line 7`. Reads the file up to there once more, which only happens when something
    /// is wrong.
    fn place(&self, position: u64, after: usize) -> String {
        let count = || {
            let (mut file, mut bytes) = (File::open(&self.part.file.path)?.take(position), vec![0; READ_BYTES]);
            let mut lines = 1;
            loop {
                match file.read(&mut bytes)? {
                    0 => return Ok::<_, io::Error>(lines),
                    n => lines += memchr::memchr_iter(b'\n', &bytes[..n]).count(),
                }
            }
        };
        match count() {
            Ok(line) => format!("line {}", line + after),
            Err(_) => format!("{after} lines after byte {position}"),
        }
    }

    fn records(&mut self, file: File, length: NonZeroU32) -> Done {
        let (version, part) = (&self.part.file, self.part.start..self.part.end);
        let mut records = Records::new(file, version.size, part, length, READ_BYTES).map_err(|e| self.wrong(e))?;
        while let Some(rows) = records.next(self.schema).map_err(|e| self.wrong(e))? {
            if !self.emit(rows) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn text(&mut self, file: File) -> Done {
        self.each_lines(file, |reader, _, lines| {
            let rows = RecordBatch::try_new(Arc::clone(reader.schema), lines.columns().to_vec());
            let rows = rows.map_err(|e| reader.wrong(e))?;
            Ok(reader.emit(rows))
        })
    }

    fn json(&mut self, file: File) -> Done {
        self.each_lines(file, |reader, position, lines| {
            let lines = lines.column(0).as_string::<i32>();
            let objects = (0..lines.len()).filter(|line| !lines.value(*line).trim_ascii().is_empty()).count();
            // All at once; if that doesn't go well, one by one to find where.
            let text = &lines.values()[lines.value_offsets()[0] as usize..];
            match reader.decode(text, objects + 1) {
                Ok(rows) if rows.num_rows() == objects => Ok(reader.emit(rows)),
                _ => reader.json_lines(position, lines.iter().flatten()),
            }
        })
    }

    /// The rows of JSON text, of which there are at most `rows`.
    fn decode(&self, text: &[u8], rows: usize) -> Result<RecordBatch, String> {
        let builder = json::ReaderBuilder::new(Arc::clone(self.schema)).with_strict_mode(true).with_batch_size(rows);
        let mut decoder = builder.build_decoder().map_err(|e| e.to_string())?;
        let read = decoder.decode(text).map_err(|e| e.to_string())?;
        if read < text.len() {
            return Err("it holds more than one object".into());
        }
        let rows = decoder.flush().map_err(|e| e.to_string())?;
        Ok(rows.unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(self.schema))))
    }

    fn json_lines<'l>(&mut self, position: u64, lines: impl Iterator<Item = &'l str>) -> Done {
        let (mut rows, mut bad, mut first) = (Vec::new(), 0, None);
        for (idx, line) in lines.enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()) {
            match self.decode(line.as_bytes(), 1) {
                Ok(row) => rows.push(row),
                Err(reason) => {
                    bad += 1;
                    first.get_or_insert((idx, reason));
                }
            }
        }
        if let Some((idx, reason)) = first {
            // Lines that weren't text are missing among these, but then they are skipped, and so is this one.
            self.leave_out(bad, position, idx, &reason)?;
        }
        let rows = arrow::compute::concat_batches(self.schema, &rows).map_err(|e| self.wrong(e))?;
        Ok(self.emit(rows))
    }

    fn csv(&mut self, mut file: File) -> Done {
        self.check_header(&mut file)?;
        let builder = csv::ReaderBuilder::new(Arc::clone(self.schema)).with_header(true).with_batch_size(ROWS);
        let mut decoder = builder.build_decoder();
        // Bytes that went into the row that is being read.
        let (mut bytes, mut pending) = (vec![0; READ_BYTES], 0);
        loop {
            let n = match file.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(|e| self.wrong(e))?,
            };
            let mut rest = &bytes[..n];
            loop {
                let room = decoder.capacity();
                let read = decoder.decode(rest).map_err(|e| self.wrong(e))?;
                rest = &rest[read..];
                pending = if decoder.capacity() < room { 0 } else { pending + read };
                if pending > MAX_LINE {
                    return Err(self.wrong("a row is longer than 16 MiB; is there a quote that isn't closed?"));
                }
                // Its line numbers leave the header out, so they are rows: a row with a quoted line end has several lines.
                let row_error =
                    |e: arrow::error::ArrowError| self.wrong(e.to_string().replace(" at line ", " in row "));
                if (decoder.capacity() == 0 || n == 0)
                    && let Some(rows) = decoder.flush().map_err(row_error)?
                    && !self.emit(rows)
                {
                    return Ok(false);
                }
                if rest.is_empty() {
                    break;
                }
            }
            if n == 0 {
                return Ok(true);
            }
        }
    }

    /// The header has to name the stream's columns, in their order. Leaves the file after its mark, if it has one.
    fn check_header(&self, file: &mut File) -> Result<(), FileError> {
        let mark = skip_mark(file).map_err(|e| self.wrong(e))?;
        let header = csv::reader::Format::default().with_header(true).infer_schema(file.take(MAX_LINE as u64), Some(0));
        let (header, _) = header.map_err(|e| self.wrong(e).at("line 1"))?;
        let names =
            |fields: &arrow::datatypes::Fields| fields.iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        let (has, wants) = (names(header.fields()), names(self.schema.fields()));
        if has != wants {
            let (has, wants) = (has.join(","), wants.join(","));
            return Err(self
                .wrong(format_args!("its header is {has}, and the stream's columns are {wants}"))
                .at("line 1"));
        }
        file.seek(SeekFrom::Start(mark)).map(drop).map_err(|e| self.wrong(e))
    }

    fn parquet(&mut self, file: File) -> Done {
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| self.wrong(e))?;
        let columns = plain(metadata.schema());
        let same = |(has, wants): (&Arc<arrow::datatypes::Field>, &Arc<arrow::datatypes::Field>)| {
            has.name() == wants.name() && same_type(has.data_type(), wants.data_type())
        };
        let wanted = self.schema.fields();
        if columns.fields().len() != wanted.len() || !columns.fields().iter().zip(wanted).all(same) {
            let (has, wants) = (SchemaNames(&columns), SchemaNames(self.schema));
            return Err(self.wrong(format_args!("it has the columns {has}, and the stream has {wants}")));
        }
        for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
            let start = group.columns().first().map_or(0, |column| column.byte_range().0);
            if !(self.part.start..self.part.end).contains(&start) {
                continue;
            }
            let file = file.try_clone().map_err(|e| self.wrong(e))?;
            if !self.row_group(file, metadata.clone(), number)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn row_group(&mut self, file: File, metadata: ArrowReaderMetadata, number: usize) -> Done {
        let place = format!("row group {number}");
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
        let rows = builder.with_batch_size(ROWS).with_row_groups(vec![number]).build();
        for rows in rows.map_err(|e| self.wrong(e).at(&place))? {
            let rows = rows.and_then(|rows| conform(&rows, self.schema)).map_err(|e| self.wrong(e).at(&place))?;
            if !self.emit(rows) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether types differ in nothing but the names that writers give to the items of lists and maps, and in whether inner values may be null,
/// which is told by the values.
fn same_type(has: &DataType, wants: &DataType) -> bool {
    use DataType::{FixedSizeList, List, Map, Struct};
    match (has, wants) {
        (List(a), List(b)) => same_type(a.data_type(), b.data_type()),
        (FixedSizeList(a, n), FixedSizeList(b, m)) => n == m && same_type(a.data_type(), b.data_type()),
        (Struct(a), Struct(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| a.name() == b.name() && same_type(a.data_type(), b.data_type()))
        }
        (Map(a, _), Map(b, _)) => match (a.data_type(), b.data_type()) {
            (Struct(a), Struct(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_type(a.data_type(), b.data_type()))
            }
            _ => false,
        },
        _ => has == wants,
    }
}

/// The same rows in the layout of `schema`.
fn conform(rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, arrow::error::ArrowError> {
    let cast =
        |(column, field): (&ArrayRef, &Arc<arrow::datatypes::Field>)| match column.data_type() == field.data_type() {
            true => Ok(Arc::clone(column)),
            false => arrow::compute::cast(column, field.data_type()),
        };
    let columns = rows.columns().iter().zip(schema.fields()).map(cast).collect::<Result<_, _>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// Where the first line begins that begins at or after `at`.
fn line_start(file: &mut File, at: u64, size: u64) -> io::Result<u64> {
    if at == 0 || at >= size {
        return Ok(at.min(size));
    }
    let (mut position, mut bytes) = (at - 1, vec![0; 4096]);
    file.seek(SeekFrom::Start(position))?;
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(size),
            n => match memchr::memchr(b'\n', &bytes[..n]) {
                Some(newline) => return Ok((position + newline as u64 + 1).min(size)),
                None => position += n as u64,
            },
        }
    }
}
