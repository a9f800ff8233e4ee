//! Rows to the bytes of a file, in each format, as they come: what is held in memory doesn't grow with the partition.

use std::io::{self, BufWriter, Write};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::csv;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::LineDelimitedWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::job::definition::FileFormat;

/// Bytes of rows that a Parquet writer holds before it writes a row group.
const ROW_GROUP_BYTES: usize = 32 << 20;

/// Why rows can't be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The file can't be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// CSV or JSON can't.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// Parquet can't.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}

/// The end of names of files of a format.
pub fn extension(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Text => "txt",
        FileFormat::Csv => "csv",
        FileFormat::Json => "json",
        FileFormat::Parquet => "parquet",
    }
}

/// Why rows of `schema` can't be written in `format`, if they can't.
pub fn refusal(format: FileFormat, schema: &Schema) -> Option<String> {
    if format == FileFormat::Text {
        let is_text = matches!(schema.fields().as_ref(), [only] if is_string(only.data_type()));
        let columns = crate::job::types::SchemaNames(schema);
        return (!is_text).then(|| format!("text files hold one column of type string, and this has {columns}"));
    }
    schema.fields().iter().find_map(|field| {
        let nullable = field.as_ref().clone().with_nullable(true);
        let column = Schema::new(vec![nullable]);
        let error = try_one_null(format, column.into()).err()?;
        Some(format!("column {} can't be written in this format: {error}", field.name()))
    })
}

fn is_string(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn try_one_null(format: FileFormat, schema: SchemaRef) -> Result<(), EncodeError> {
    let column: ArrayRef = new_null_array(schema.field(0).data_type(), 1);
    let mut encoder = Encoder::new(format, schema.clone(), io::sink())?;
    encoder.write(&RecordBatch::try_new(schema, vec![column])?)?;
    encoder.finish().map(drop)
}

/// Writes one file.
pub enum Encoder<W: Write + Send> {
    Text(BufWriter<W>),
    Csv(Box<csv::Writer<BufWriter<W>>>),
    Json(LineDelimitedWriter<BufWriter<W>>),
    Parquet(Box<ArrowWriter<W>>),
}

impl<W: Write + Send> Encoder<W> {
    /// An encoder of rows of `schema` that writes to `file`.
    pub fn new(format: FileFormat, schema: SchemaRef, file: W) -> Result<Self, EncodeError> {
        let buffered = |file| BufWriter::with_capacity(256 * 1024, file);
        Ok(match format {
            FileFormat::Text => Self::Text(buffered(file)),
            FileFormat::Csv => Self::Csv(Box::new(csv::WriterBuilder::new().with_header(true).build(buffered(file)))),
            FileFormat::Json => Self::Json(LineDelimitedWriter::new(buffered(file))),
            FileFormat::Parquet => {
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                Self::Parquet(Box::new(ArrowWriter::try_new(file, schema, Some(properties))?))
            }
        })
    }

    /// Write rows.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), EncodeError> {
        match self {
            Self::Text(file) => write_lines(file, rows)?,
            Self::Csv(writer) => writer.write(rows)?,
            Self::Json(writer) => writer.write(rows)?,
            Self::Parquet(writer) => {
                writer.write(rows)?;
                if writer.in_progress_size() > ROW_GROUP_BYTES {
                    writer.flush()?;
                }
            }
        }
        Ok(())
    }

    /// Bytes that a Parquet writer holds until it writes a row group; the others hold a buffer.
    pub fn memory_size(&self) -> usize {
        match self {
            Self::Parquet(writer) => writer.memory_size(),
            _ => 0,
        }
    }

    /// Write what is left; the file comes back.
    pub fn finish(self) -> Result<W, EncodeError> {
        let unbuffered = |file: BufWriter<W>| file.into_inner().map_err(io::IntoInnerError::into_error);
        Ok(match self {
            Self::Text(file) => unbuffered(file)?,
            Self::Csv(writer) => unbuffered(writer.into_inner())?,
            Self::Json(mut writer) => {
                writer.finish()?;
                unbuffered(writer.into_inner())?
            }
            Self::Parquet(writer) => writer.into_inner()?,
        })
    }
}

/// A line for each value of the only column; nothing is `null`.
fn write_lines(file: &mut impl Write, rows: &RecordBatch) -> Result<(), EncodeError> {
    let column = arrow::compute::cast(rows.column(0), &DataType::Utf8)?;
    let values = column.as_string::<i32>();
    if values.null_count() == 0 {
        for row in 0..values.len() {
            file.write_all(values.value(row).as_bytes())?;
            file.write_all(b"\n")?;
        }
    } else {
        for value in values.iter() {
            writeln!(file, "{}", value.unwrap_or("null"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use arrow::datatypes::{Field, IntervalUnit};
    use std::sync::Arc;

    fn counts() -> RecordBatch {
        let schema =
            Schema::new(vec![Field::new("word", DataType::Utf8, true), Field::new("count", DataType::Int64, false)]);
        let words = StringArray::from(vec![Some("to, \"be\""), None]);
        RecordBatch::try_new(schema.into(), vec![Arc::new(words), Arc::new(Int64Array::from(vec![2, 1]))]).unwrap()
    }

    fn encode(format: FileFormat, rows: &RecordBatch) -> String {
        let mut encoder = Encoder::new(format, rows.schema(), Vec::new()).unwrap();
        encoder.write(rows).unwrap();
        encoder.write(rows).unwrap();
        String::from_utf8(encoder.finish().unwrap()).unwrap()
    }

    #[test]
    fn rows_become_lines() {
        let csv = "\"to, \"\"be\"\"\",2\n,1\n";
        assert_eq!(encode(FileFormat::Csv, &counts()), format!("word,count\n{csv}{csv}"));
        let json = "{\"word\":\"to, \\\"be\\\"\",\"count\":2}\n{\"count\":1}\n";
        assert_eq!(encode(FileFormat::Json, &counts()), format!("{json}{json}"));
        let text = "to, \"be\"\nnull\n";
        assert_eq!(encode(FileFormat::Text, &counts().project(&[0]).unwrap()), format!("{text}{text}"));
    }

    #[test]
    fn what_a_format_cant_hold_is_refused_by_column() {
        let list = DataType::new_list(DataType::Int64, true);
        let schema =
            |data_type| Schema::new(vec![Field::new("a", DataType::Int64, false), Field::new("b", data_type, false)]);
        assert!(refusal(FileFormat::Csv, &schema(list.clone())).unwrap().starts_with("column b can't be written"));
        assert!(refusal(FileFormat::Text, &schema(DataType::Utf8)).unwrap().contains("one column of type string"));
        for (format, data_type) in [
            (FileFormat::Csv, DataType::Utf8),
            (FileFormat::Json, list.clone()),
            (FileFormat::Parquet, list),
            (FileFormat::Parquet, DataType::Decimal128(38, 2)),
        ] {
            assert_eq!(refusal(format, &schema(data_type)), None);
        }
        let interval = schema(DataType::Interval(IntervalUnit::MonthDayNano));
        assert!(refusal(FileFormat::Parquet, &interval).unwrap().starts_with("column b can't be written"));
    }

    #[test]
    fn a_full_disk_is_an_error_that_says_so() {
        for format in [FileFormat::Text, FileFormat::Csv, FileFormat::Json, FileFormat::Parquet] {
            let rows = if format == FileFormat::Text { counts().project(&[0]).unwrap() } else { counts() };
            let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let mut encoder = Encoder::new(format, rows.schema(), full).unwrap();
            let error = encoder.write(&rows).and_then(|()| encoder.finish()).err().unwrap().to_string();
            assert!(error.contains("No space left on device"), "{format:?}: {error}");
        }
    }
}
