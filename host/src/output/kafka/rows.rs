//! Rows to messages: which columns are key, value and headers.

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, RecordBatch};
use arrow::compute::{can_cast_types, cast};
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::json::LineDelimitedWriter;

use crate::error::{Diagnostic, Error, Result};
use crate::job::definition::FileFormat;
use crate::job::kafka::{KafkaSinkDefinition, ValueDefinition};
use crate::job::types::{SchemaNames, TypeName};
use crate::output::columns::places;
use crate::output::files::encode::refusal;

/// Where in the stream the parts of a message are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    key: Option<usize>,
    value: Value,
    /// Each with its name.
    headers: Vec<(String, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Json(Vec<usize>),
    Column(usize),
}

impl Parts {
    /// Look for them among the columns of `schema`.
    ///
    /// # Errors
    /// When one isn't there, or can't be what it is to be.
    pub fn new(definition: &KafkaSinkDefinition, schema: &SchemaRef) -> Result<Self> {
        let place = |column: &String| places(Some(std::slice::from_ref(column)), schema).map(|places| places[0]);
        let key = definition.key.as_ref().map(place).transpose()?;
        let headers = places(Some(&definition.headers), schema)?;
        let value = match &definition.value {
            ValueDefinition::Json { columns } => Value::Json(places(columns.as_deref(), schema)?),
            ValueDefinition::Column { column: Some(column), .. } => Value::Column(place(column)?),
            ValueDefinition::Column { column: None, .. } => {
                let rest: Vec<usize> =
                    (0..schema.fields().len()).filter(|idx| Some(*idx) != key && !headers.contains(idx)).collect();
                match rest[..] {
                    [only] => Value::Column(only),
                    _ => {
                        let message = format!("which column is the value? Its input has ({})", SchemaNames(schema));
                        return Err(Diagnostic::new(message).help("name it: value = \"COLUMN\"").into());
                    }
                }
            }
        };
        let as_text = matches!(definition.value, ValueDefinition::Column { is_text: true, .. });
        let all = key.iter().chain(&headers).map(|idx| (idx, true));
        let own = match &value {
            Value::Json(_) => None,
            Value::Column(idx) => Some((idx, as_text)),
        };
        for (idx, as_text) in all.chain(own) {
            bytes_or_refusal(schema.field(*idx), as_text)?;
        }
        if let Value::Json(columns) = &value {
            let columns = schema.project(columns).map_err(Error::failed)?;
            if let Some(reason) = refusal(FileFormat::Json, &columns) {
                return Err(Error::invalid(reason));
            }
        }
        let headers = headers.into_iter().map(|idx| (schema.field(idx).name().clone(), idx)).collect();
        Ok(Self { key, value, headers })
    }

    /// The messages of rows.
    ///
    /// # Errors
    /// When a value can't be written, which [`Parts::new`] would have told.
    pub fn messages(&self, rows: &RecordBatch) -> Result<Messages, String> {
        let column = |idx: usize| bytes(rows.column(idx));
        let headers = self.headers.iter().map(|(name, idx)| Ok((name.clone(), column(*idx)?)));
        Ok(Messages {
            n: rows.num_rows(),
            keys: self.key.map(column).transpose()?,
            headers: headers.collect::<Result<_, String>>()?,
            values: match &self.value {
                Value::Json(columns) => Values::Lines(json(rows, columns)?),
                Value::Column(idx) => Values::Column(column(*idx)?),
            },
        })
    }
}

/// Whether a column's values can be bytes: as they are, or as text.
fn bytes_or_refusal(field: &Field, as_text: bool) -> Result<()> {
    let data_type = field.data_type();
    let is_bytes = matches!(data_type, DataType::Binary | DataType::Utf8);
    if is_bytes || (as_text && !data_type.is_nested() && can_cast_types(data_type, &DataType::Utf8)) {
        return Ok(());
    }
    let message = format!("column {} is {}, which can't be the bytes of a message", field.name(), TypeName(data_type));
    Err(Diagnostic::new(message).help("a key, a header and a value of text or bytes is a string or binary").into())
}

fn bytes(column: &ArrayRef) -> Result<BinaryArray, String> {
    let bytes = match column.data_type() {
        DataType::Binary => column.clone(),
        DataType::Utf8 => cast(column, &DataType::Binary).map_err(|error| error.to_string())?,
        _ => {
            let text = cast(column, &DataType::Utf8).map_err(|error| error.to_string())?;
            cast(&text, &DataType::Binary).map_err(|error| error.to_string())?
        }
    };
    Ok(bytes.as_binary::<i32>().clone())
}

/// An object a line.
fn json(rows: &RecordBatch, columns: &[usize]) -> Result<Lines, String> {
    let rows = rows.project(columns).map_err(|error| error.to_string())?;
    let mut writer = LineDelimitedWriter::new(Vec::new());
    writer.write(&rows).and_then(|()| writer.finish()).map_err(|error| error.to_string())?;
    let text = writer.into_inner();
    // Newlines within values are escaped.
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', &text).collect();
    match ends.len() == rows.num_rows() {
        true => Ok(Lines { text, ends }),
        false => Err(format!("{} rows were written as {} lines", rows.num_rows(), ends.len())),
    }
}

/// Messages to be sent.
#[derive(Debug)]
pub struct Messages {
    n: usize,
    keys: Option<BinaryArray>,
    values: Values,
    headers: Vec<(String, BinaryArray)>,
}

#[derive(Debug)]
enum Values {
    Lines(Lines),
    Column(BinaryArray),
}

#[derive(Debug)]
struct Lines {
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// A message to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value.
    pub value: Option<&'a [u8]>,
    /// Its headers.
    pub headers: Vec<(&'a str, Option<&'a [u8]>)>,
}

impl Messages {
    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Outgoing<'_>> {
        let value = |array: &'_ BinaryArray, row: usize| array.is_valid(row).then_some(row);
        (0..self.n).map(move |row| Outgoing {
            key: self.keys.as_ref().and_then(|keys| Some(keys.value(value(keys, row)?))),
            value: match &self.values {
                Values::Lines(Lines { text, ends }) => {
                    let start = row.checked_sub(1).map_or(0, |before| ends[before] + 1);
                    Some(&text[start..ends[row]])
                }
                Values::Column(values) => value(values, row).map(|row| values.value(row)),
            },
            headers: self
                .headers
                .iter()
                .map(|(name, values)| (name.as_str(), value(values, row).map(|row| values.value(row))))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};

    use super::*;

    fn rows() -> RecordBatch {
        let words: ArrayRef = Arc::new(StringArray::from(vec![Some("to\nbe"), None]));
        let counts: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        RecordBatch::try_from_iter([("word", words), ("count", counts)]).unwrap()
    }

    fn sent(change: impl FnOnce(&mut KafkaSinkDefinition)) -> Result<Vec<String>> {
        let mut definition = KafkaSinkDefinition::new("localhost:9092", "t");
        change(&mut definition);
        let parts = Parts::new(&definition, &rows().schema())?;
        let messages = parts.messages(&rows()).unwrap();
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let show = |message: Outgoing<'_>| {
            let headers: Vec<_> = message.headers.iter().map(|(name, value)| (*name, text(*value))).collect();
            format!("{:?} {:?} {headers:?}", text(message.key), text(message.value))
        };
        Ok(messages.iter().map(show).collect())
    }

    #[test]
    fn columns_are_keys_values_and_headers() {
        let json = sent(|sink| sink.key = Some("word".into())).unwrap();
        let expected =
            [r#"Some("to\nbe") Some("{\"word\":\"to\\nbe\",\"count\":1}") []"#, r#"None Some("{\"count\":2}") []"#];
        assert_eq!(json, expected);
        let text = sent(|sink| {
            sink.value = ValueDefinition::Column { column: None, is_text: true };
            sink.headers = vec!["word".into()];
        });
        let expected = [r#"None Some("1") [("word", Some("to\nbe"))]"#, r#"None Some("2") [("word", None)]"#];
        assert_eq!(text.unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_a_message_is_told_before_the_job_starts() {
        let error = |change: fn(&mut KafkaSinkDefinition)| sent(change).unwrap_err().to_string();
        let missing = error(|sink| sink.key = Some("words".into()));
        assert!(missing.contains("no column \"words\"") && missing.contains("did you mean \"word\"?"), "{missing}");
        let which = error(|sink| sink.value = ValueDefinition::Column { column: None, is_text: true });
        assert!(which.contains("which column is the value?"), "{which}");
        let bytes = error(|sink| sink.value = ValueDefinition::Column { column: Some("count".into()), is_text: false });
        assert!(bytes.contains("column count is int64"), "{bytes}");
    }
}
