//! The columns of files, where the job doesn't say them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow::csv::reader::Format;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::reader::infer_json_schema;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use crate::job::definition::FileFormat;
use crate::job::types::TypeName;

/// Rows of a CSV or JSON file that are looked at.
const ROWS: usize = 1000;
/// Bytes of a CSV or JSON file that are looked at.
const BYTES: u64 = 64 << 20;

/// The columns of a file, from its first rows, or its own word for it.
///
/// # Errors
/// A text that says what is wrong with the file.
pub fn infer(path: &Path, format: FileFormat) -> Result<SchemaRef, String> {
    let open = || File::open(path).map_err(|e| e.to_string());
    let schema = match format {
        FileFormat::Text => return Ok(crate::receiver::lines::schema()),
        FileFormat::Csv => infer_csv(open()?).map_err(|e| e.to_string())?,
        FileFormat::Json => infer_json(open()?).map_err(|e| e.to_string())?,
        FileFormat::Parquet => {
            let metadata = ArrowReaderMetadata::load(&open()?, ArrowReaderOptions::new()).map_err(|e| e.to_string())?;
            plain(metadata.schema())
        }
    };
    if schema.fields().is_empty() { Err("it has no columns".into()) } else { Ok(Arc::new(schema)) }
}

fn infer_csv(mut file: File) -> Result<Schema, ArrowError> {
    skip_mark(&mut file)?;
    let (schema, _) = Format::default().with_header(true).infer_schema(file.take(BYTES), Some(ROWS))?;
    Ok(plain(&schema))
}

fn infer_json(mut file: File) -> Result<Schema, ArrowError> {
    skip_mark(&mut file)?;
    let mut reader = BufReader::new(file.take(BYTES));
    if reader.fill_buf()?.is_empty() {
        return Ok(Schema::empty());
    }
    let (schema, _) = infer_json_schema(reader, Some(ROWS))?;
    // Objects have no order; names do.
    let mut schema = plain(&schema);
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    fields.sort_by(|a, b| a.name().cmp(b.name()));
    schema.fields = fields.into();
    Ok(schema)
}

/// Skip the mark that some programs put before UTF-8; returns how many bytes it has. The file is at its start.
pub fn skip_mark(file: &mut File) -> std::io::Result<u64> {
    let mut start = Vec::new();
    file.by_ref().take(3).read_to_end(&mut start)?;
    let mark = if start == *b"\xEF\xBB\xBF" { 3 } else { 0 };
    file.seek(SeekFrom::Start(mark))
}

/// The schema with one layout for each type of values, and nothing but names and types.
pub fn plain(schema: &Schema) -> Schema {
    Schema::new(plain_fields(schema.fields()))
}

fn plain_fields(fields: &Fields) -> Fields {
    fields.iter().map(|field| plain_field(field)).collect()
}

fn plain_field(field: &Field) -> Field {
    Field::new(field.name(), plain_type(field.data_type()), field.is_nullable())
}

fn plain_type(data_type: &DataType) -> DataType {
    let inner = |field: &Arc<Field>| Arc::new(plain_field(field));
    match data_type {
        // What is nothing in all rows that were looked at can be anything.
        DataType::Null | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) | DataType::LargeListView(item) => {
            DataType::List(inner(item))
        }
        DataType::FixedSizeList(item, n) => DataType::FixedSizeList(inner(item), *n),
        DataType::Struct(fields) => DataType::Struct(plain_fields(fields)),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        other => other.clone(),
    }
}

/// The key of a job file that pins these columns.
pub fn pin(schema: &Schema) -> String {
    let column = |field: &Arc<Field>| {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let name = field.name();
        // JSON's strings are TOML's too.
        let name = match name.chars().all(is_bare) && !name.is_empty() {
            true => name.clone(),
            false => serde_json::Value::from(name.as_str()).to_string(),
        };
        let null = if field.is_nullable() { "" } else { " not null" };
        format!("{name} = \"{}{null}\"", TypeName(field.data_type()))
    };
    let columns: Vec<String> = schema.fields().iter().map(column).collect();
    format!("schema = {{ {} }}", columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::TimeUnit;

    fn inferred(text: &str, format: FileFormat) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        infer(file.path(), format).map(|schema| pin(&schema))
    }

    #[test]
    fn columns_come_from_the_first_rows() {
        let csv = "\u{FEFF}word,n,when,empty\nto,1,2024-01-01,\nbe,2.5,2024-01-02,\n";
        let expected = r#"schema = { word = "string", n = "float64", when = "date", empty = "string" }"#;
        assert_eq!(inferred(csv, FileFormat::Csv).unwrap(), expected);
        let json = "{\"word\": \"to\", \"n\": 1}\n{\"a b\": [true]}\n";
        let expected = r#"schema = { "a b" = "list<boolean>", n = "int64", word = "string" }"#;
        assert_eq!(inferred(json, FileFormat::Json).unwrap(), expected);
        assert_eq!(inferred("", FileFormat::Json), Err("it has no columns".into()));
        assert!(inferred("[1]\n", FileFormat::Json).is_err());
        assert!(inferred("PAR1", FileFormat::Parquet).is_err());
    }

    #[test]
    fn values_have_one_layout() {
        let words = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8View));
        let when = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
        let nested = DataType::new_large_list(words.clone(), true);
        let schema = Schema::new(vec![
            Field::new("a", words, true),
            Field::new("b", nested, false),
            Field::new("c", when.clone(), true),
        ]);
        let expected = [DataType::Utf8, DataType::new_list(DataType::Utf8, true), when];
        let plain = plain(&schema);
        assert!(plain.fields().iter().map(|field| field.data_type()).eq(&expected), "{plain}");
    }
}
