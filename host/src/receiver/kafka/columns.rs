//! Messages to rows: which columns they have, and how bytes become values.
//!
//! Keys and values may be missing, so their columns are nullable; a value that is missing is nothing in all columns of a JSON object.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BinaryBuilder, BooleanArray, Int32Array, Int64Array, ListBuilder, RecordBatch, StringArray,
    StringBuilder, StructBuilder, TimestampMillisecondArray,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::SchemaRef;
use arrow::json::ReaderBuilder;

use crate::job::kafka::{MessageColumn, MessageContent, header_fields};

/// A message, as it came.
#[derive(Debug, Clone, Default)]
pub struct Message<'a> {
    /// Its offset.
    pub offset: i64,
    /// Its key, if it has one.
    pub key: Option<&'a [u8]>,
    /// Its value, if it has one.
    pub value: Option<&'a [u8]>,
    /// When it was made or appended, in milliseconds since 1970-01-01T00:00:00Z; none in very old topics.
    pub timestamp_ms: Option<i64>,
    /// Its headers, where they are wanted.
    pub headers: Vec<(&'a [u8], Option<&'a [u8]>)>,
}

/// A message that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadMessage {
    /// Its offset.
    pub offset: i64,
    /// What is wrong with it.
    pub reason: String,
}

/// Messages of one partition on their way to be a record batch.
#[derive(Debug)]
pub struct Rows {
    topic: String,
    partition: i32,
    content: MessageContent,
    columns: Vec<MessageColumn>,
    schema: SchemaRef,
    keys: Bytes,
    values: Bytes,
    offsets: Vec<i64>,
    timestamps: Vec<Option<i64>>,
    headers: ListBuilder<StructBuilder>,
    header_bytes: usize,
}

impl Rows {
    /// None yet, of a partition of a topic; `schema` is that of `content` and `columns`.
    pub fn new(
        topic: &str,
        partition: i32,
        content: &MessageContent,
        columns: &[MessageColumn],
        schema: &SchemaRef,
    ) -> Self {
        Self {
            topic: topic.to_owned(),
            partition,
            content: content.clone(),
            columns: columns.to_vec(),
            schema: schema.clone(),
            keys: Bytes::default(),
            values: Bytes::default(),
            offsets: Vec::new(),
            timestamps: Vec::new(),
            headers: headers_builder(),
            header_bytes: 0,
        }
    }

    /// Rows added and not taken.
    pub fn rows(&self) -> usize {
        self.offsets.len()
    }

    /// Bytes of what was added and not taken, about.
    pub fn bytes(&self) -> usize {
        self.keys.data.len() + self.values.data.len() + self.header_bytes + 32 * self.offsets.len()
    }

    /// Add a message.
    ///
    /// # Errors
    /// When it has text that isn't any; it isn't added then. JSON is looked at when rows are taken.
    pub fn push(&mut self, message: &Message<'_>) -> Result<(), BadMessage> {
        let bad = |what: &str| BadMessage { offset: message.offset, reason: format!("its {what} isn't valid UTF-8") };
        let is_text = |bytes: Option<&[u8]>| bytes.is_none_or(|bytes| simdutf8::basic::from_utf8(bytes).is_ok());
        let is_binary = self.content == MessageContent::Binary;
        let wants = |column| self.columns.contains(&column);
        let (key, value, headers) =
            (wants(MessageColumn::Key), wants(MessageColumn::Value), wants(MessageColumn::Headers));
        if value && !is_binary && !is_text(message.value) {
            return Err(bad("value"));
        }
        if key && !is_binary && !is_text(message.key) {
            return Err(bad("key"));
        }
        if headers && !message.headers.iter().all(|(name, _)| is_text(Some(name))) {
            return Err(bad("headers' names"));
        }
        if key {
            self.keys.push(message.key);
        }
        match (&self.content, value) {
            (_, false) => {}
            // An object without anything has nothing in all columns; a newline ends it, whatever came before.
            (MessageContent::Json(_), true) => self.values.push_line(message.value.unwrap_or(b"{}")),
            (_, true) => self.values.push(message.value),
        }
        if headers {
            self.push_headers(message);
        }
        self.offsets.push(message.offset);
        self.timestamps.push(message.timestamp_ms);
        Ok(())
    }

    fn push_headers(&mut self, message: &Message<'_>) {
        for (name, value) in &message.headers {
            let header = self.headers.values();
            if let Some(names) = header.field_builder::<StringBuilder>(0) {
                names.append_value(String::from_utf8_lossy(name));
            }
            if let Some(values) = header.field_builder::<BinaryBuilder>(1) {
                values.append_option(*value);
            }
            header.append(true);
            self.header_bytes += name.len() + value.map_or(0, <[u8]>::len) + 16;
        }
        self.headers.append(true);
    }

    /// The rows, and the messages that were added but aren't rows: no objects with the columns.
    ///
    /// # Errors
    /// When rows can't be made of the columns, which tells of a mistake in the program.
    pub fn take(&mut self) -> Result<(RecordBatch, Vec<BadMessage>), String> {
        let (offsets, timestamps) = (std::mem::take(&mut self.offsets), std::mem::take(&mut self.timestamps));
        let n_rows = offsets.len();
        let (keys, values) = (self.keys.take(), self.values.take());
        let is_text = self.content != MessageContent::Binary;
        let (objects, bad) = match &self.content {
            MessageContent::Json(schema) if self.columns.contains(&MessageColumn::Value) => {
                let (rows, bad) = json_rows(&values, schema)?;
                (Some(rows), bad)
            }
            _ => (None, vec![]),
        };
        let has_row = |idx: usize| bad.binary_search_by_key(&idx, |(idx, _)| *idx).is_err();
        let mask = (!bad.is_empty()).then(|| BooleanArray::from(BooleanBuffer::collect_bool(n_rows, has_row)));
        let bad = bad.into_iter().map(|(idx, reason)| BadMessage { offset: offsets[idx], reason }).collect();
        let mut columns: Vec<ArrayRef> = vec![];
        let (mut keys, mut values) = (Some(keys), Some(values));
        let mut objects = objects;
        let (offsets, timestamps) = (Int64Array::from(offsets), TimestampMillisecondArray::from(timestamps));
        let headers = self.headers.finish();
        self.header_bytes = 0;
        // The JSON's columns have no rows for bad messages, the others have.
        let keep = |array: ArrayRef| match &mask {
            Some(mask) => arrow::compute::filter(&array, mask).map_err(|error| error.to_string()),
            None => Ok(array),
        };
        for column in &self.columns {
            match column {
                MessageColumn::Key => columns.push(keep(keys.take().unwrap_or_default().array(is_text))?),
                MessageColumn::Value => match objects.take() {
                    Some(rows) => columns.extend(rows.columns().iter().cloned()),
                    None => columns.push(values.take().unwrap_or_default().array(is_text)),
                },
                MessageColumn::Topic => {
                    columns
                        .push(keep(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&self.topic, n_rows))))?);
                }
                MessageColumn::Partition => {
                    columns.push(keep(Arc::new(Int32Array::from_value(self.partition, n_rows)))?);
                }
                MessageColumn::Offset => columns.push(keep(Arc::new(offsets.clone()))?),
                MessageColumn::Timestamp => {
                    columns.push(keep(Arc::new(timestamps.clone().with_timezone("UTC")))?);
                }
                MessageColumn::Headers => columns.push(keep(Arc::new(headers.clone()))?),
            }
        }
        let rows = RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| error.to_string())?;
        Ok((rows, bad))
    }
}

fn headers_builder() -> ListBuilder<StructBuilder> {
    ListBuilder::new(StructBuilder::from_fields(header_fields(), 0))
}

/// The rows of objects, one a line, and which of the lines are none, with the reason.
fn json_rows(lines: &Values, schema: &SchemaRef) -> Result<(RecordBatch, Vec<(usize, String)>), String> {
    let n = lines.len();
    // All at once; if that doesn't go well, one by one to find which.
    if let Ok(rows) = decode(&lines.data, schema, n)
        && rows.num_rows() == n
    {
        return Ok((rows, vec![]));
    }
    let (mut rows, mut bad) = (vec![], vec![]);
    for idx in 0..n {
        match decode(lines.get(idx), schema, 1) {
            Ok(row) if row.num_rows() == 1 => rows.push(row),
            Ok(_) => bad.push((idx, "its value is empty, not a JSON object".to_owned())),
            Err(reason) => bad.push((idx, format!("its value: {reason}"))),
        }
    }
    let rows = arrow::compute::concat_batches(schema, &rows).map_err(|error| error.to_string())?;
    Ok((rows, bad))
}

/// The rows of JSON text, of which there are at most `rows`.
fn decode(text: &[u8], schema: &SchemaRef, rows: usize) -> Result<RecordBatch, String> {
    let builder = ReaderBuilder::new(schema.clone()).with_batch_size(rows.max(1));
    let mut decoder = builder.build_decoder().map_err(|error| error.to_string())?;
    let read = decoder.decode(text).map_err(|error| error.to_string())?;
    if text[read..].iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err("it holds more than one object".into());
    }
    let rows = decoder.flush().map_err(|error| error.to_string())?;
    Ok(rows.unwrap_or_else(|| RecordBatch::new_empty(schema.clone())))
}

/// Values of bytes, one after the other.
#[derive(Debug, Default)]
struct Bytes {
    data: Vec<u8>,
    /// Where each ends.
    ends: Vec<i32>,
    /// The values that are missing.
    missing: Vec<usize>,
}

/// Values that were taken.
#[derive(Debug, Default)]
struct Values {
    data: Vec<u8>,
    ends: Vec<i32>,
    missing: Vec<usize>,
}

impl Bytes {
    fn push(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.data.extend_from_slice(value),
            None => self.missing.push(self.ends.len()),
        }
        self.end();
    }

    fn push_line(&mut self, value: &[u8]) {
        self.data.extend_from_slice(value);
        self.data.push(b'\n');
        self.end();
    }

    fn end(&mut self) {
        // A record batch is far smaller: it is taken when it has some MiB, and a message has at most 1 GB.
        self.ends.push(i32::try_from(self.data.len()).unwrap_or(i32::MAX));
    }

    fn take(&mut self) -> Values {
        let Self { data, ends, missing } = std::mem::take(self);
        (self.data, self.ends) = (Vec::with_capacity(data.len()), Vec::with_capacity(ends.len()));
        Values { data, ends, missing }
    }
}

impl Values {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, idx: usize) -> &[u8] {
        let at = |idx: usize| usize::try_from(self.ends[idx]).unwrap_or(0);
        &self.data[if idx == 0 { 0 } else { at(idx - 1) }..at(idx)]
    }

    /// A column of them; of text, they were looked at when they were added.
    fn array(self, is_text: bool) -> ArrayRef {
        let nulls = (!self.missing.is_empty()).then(|| {
            let mut valid = vec![true; self.ends.len()];
            self.missing.iter().for_each(|idx| valid[*idx] = false);
            NullBuffer::from(valid)
        });
        let offsets: Vec<i32> = std::iter::once(0).chain(self.ends).collect();
        let (offsets, data) = (OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(self.data));
        if is_text {
            // SAFETY: the offsets grow and end at the data's length, and what is between any two was found to be UTF-8 by `Rows::push`.
            Arc::new(unsafe { StringArray::new_unchecked(offsets, data, nulls) })
        } else {
            Arc::new(BinaryArray::new(offsets, data, nulls))
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};
    use arrow::util::display::{ArrayFormatter, FormatOptions};

    use super::*;
    use crate::job::kafka::KafkaSourceDefinition;

    fn rows(content: MessageContent, columns: &[MessageColumn]) -> Rows {
        let definition =
            KafkaSourceDefinition { content, columns: columns.to_vec(), ..KafkaSourceDefinition::new("", &[]) };
        Rows::new("t", 3, &definition.content, columns, &definition.schema().unwrap())
    }

    fn message(offset: i64, value: Option<&'static [u8]>) -> Message<'static> {
        Message { offset, key: Some(b"k"), value, timestamp_ms: Some(offset * 1000), headers: vec![(b"h", None)] }
    }

    fn text(rows: &RecordBatch) -> Vec<String> {
        let options = FormatOptions::new().with_null("null");
        let columns: Vec<_> = rows.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        (0..rows.num_rows())
            .map(|row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn all_columns_have_a_row_for_each_message_and_none_is_left_for_the_next() {
        let mut rows = rows(MessageContent::Text, &MessageColumn::ALL.map(|(_, column)| column));
        for n in 0..2 {
            rows.push(&message(1, Some(b"to be"))).unwrap();
            rows.push(&Message { key: None, timestamp_ms: None, headers: vec![], ..message(2, None) }).unwrap();
            assert!(rows.bytes() > 70 && rows.rows() == 2);
            let (taken, bad) = rows.take().unwrap();
            let expected = ["k to be t 3 1 1970-01-01T00:00:01Z [{key: h, value: null}]", "null null t 3 2 null []"];
            assert_eq!((text(&taken), bad.len()), (expected.map(str::to_owned).to_vec(), 0), "{n}");
            assert_eq!((rows.rows(), rows.bytes()), (0, 0));
        }
    }

    #[test]
    fn what_is_not_text_is_refused_where_it_is_wanted_only() {
        let mut texts = rows(MessageContent::Text, &[MessageColumn::Value]);
        let bad = texts.push(&message(7, Some(b"\xff"))).unwrap_err();
        assert_eq!((bad.offset, bad.reason.as_str()), (7, "its value isn't valid UTF-8"));
        texts.push(&Message { key: Some(b"\xff"), ..message(8, Some(b"")) }).unwrap();
        assert_eq!(text(&texts.take().unwrap().0), [""]);
        let mut bytes = rows(MessageContent::Binary, &[MessageColumn::Key, MessageColumn::Value]);
        bytes.push(&Message { key: Some(b"\xff"), ..message(8, Some(b"\xfe")) }).unwrap();
        assert_eq!(text(&bytes.take().unwrap().0), ["ff fe"]);
    }

    #[test]
    fn messages_that_are_no_objects_are_told_apart_from_rows() {
        let columns = [("word", DataType::Utf8, true), ("n", DataType::Int64, true)];
        let fields = columns.map(|(name, data_type, nullable)| Field::new(name, data_type, nullable));
        let content = MessageContent::Json(Arc::new(Schema::new(fields.to_vec())));
        let mut rows = rows(content, &[MessageColumn::Offset, MessageColumn::Value, MessageColumn::Topic]);
        let values: [Option<&[u8]>; 6] =
            [Some(b"{\"n\": 1}"), Some(b"[]"), None, Some(b"{} {}"), Some(b" "), Some(b"{\"word\":\n\"be\"}")];
        for (offset, value) in (0..).zip(values) {
            rows.push(&message(offset, value)).unwrap();
        }
        let (taken, bad) = rows.take().unwrap();
        assert_eq!(text(&taken), ["0 null 1 t", "2 null null t", "5 be null t"]);
        assert_eq!(bad.iter().map(|bad| bad.offset).collect::<Vec<_>>(), [1, 3, 4]);
        assert!(bad.iter().all(|bad| bad.reason.starts_with("its value")), "{bad:?}");
    }
}
