//! Keys as bytes: two keys of a stream are equal if and only if their bytes are. The bytes live as long as the process; what is persisted are columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};

/// Turns key columns into bytes and back.
#[derive(Debug)]
pub struct KeyCodec {
    converter: RowConverter,
    schema: SchemaRef,
}

impl KeyCodec {
    /// A codec for keys of these columns.
    ///
    /// # Errors
    /// For a column of a type that has no such bytes.
    pub fn new(schema: &SchemaRef) -> Result<Self, ArrowError> {
        let fields = schema.fields().iter().map(|field| SortField::new(field.data_type().clone())).collect();
        Ok(Self { converter: RowConverter::new(fields)?, schema: schema.clone() })
    }

    /// The columns of a key.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Columns as the codec takes them: of its types, with one zero and one NaN among floats.
    ///
    /// # Errors
    /// For values that the codec's types don't have.
    pub fn canonical(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>, ArrowError> {
        columns.iter().zip(self.schema.fields()).map(|(column, field)| canonical(column, field.data_type())).collect()
    }

    /// The bytes of each key; the columns are canonical.
    ///
    /// # Errors
    /// For columns of other types.
    pub fn encode(&self, columns: &[ArrayRef]) -> Result<Rows, ArrowError> {
        self.converter.convert_columns(columns)
    }

    /// The keys of these bytes, as columns.
    ///
    /// # Errors
    /// Never for bytes that this codec made.
    pub fn decode<'a>(&self, keys: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>, ArrowError> {
        let parser = self.converter.parser();
        self.converter.convert_rows(keys.into_iter().map(|key| parser.parse(key)))
    }
}

fn canonical(column: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let column = if column.data_type() == to { column.clone() } else { arrow::compute::cast(column, to)? };
    Ok(with_equal_floats(&column))
}

/// The column with one zero and one NaN, which are one key each; others than floats as they are.
pub(crate) fn with_equal_floats(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Float32 => {
            let equal = |value: f32| if value.is_nan() { f32::NAN } else { value + 0.0 };
            Arc::new(column.as_primitive::<Float32Type>().unary::<_, Float32Type>(equal))
        }
        DataType::Float64 => {
            let equal = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
            Arc::new(column.as_primitive::<Float64Type>().unary::<_, Float64Type>(equal))
        }
        _ => column.clone(),
    }
}

/// A list of keys, as bytes one after the other.
#[derive(Debug, Default)]
pub struct KeyBytes {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl KeyBytes {
    /// Keys.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all keys.
    pub fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes allocated.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<u32>()
    }

    /// Whether `more` bytes of keys have room: a list has less than 4 GiB.
    pub fn has_room(&self, more: usize) -> bool {
        self.bytes.len().checked_add(more).is_some_and(|bytes| u32::try_from(bytes).is_ok())
    }

    /// Append a key, for which there [is room](Self::has_room).
    pub fn push(&mut self, key: &[u8]) {
        reserve(&mut self.bytes, key.len());
        self.bytes.extend_from_slice(key);
        reserve(&mut self.ends, 1);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    /// The bytes of a key.
    pub fn get(&self, idx: usize) -> &[u8] {
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        &self.bytes[start as usize..self.ends[idx] as usize]
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|idx| self.get(idx))
    }
}

/// Make room for `more`, an eighth ahead: what lives long and grows slowly shouldn't take twice what it needs.
pub(crate) fn reserve<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 8 + 8));
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, Float64Array, StringArray};
    use arrow::datatypes::{Field, Schema};

    use super::*;

    #[test]
    fn keys_come_back_and_equal_ones_have_equal_bytes() {
        let fields = vec![Field::new("word", DataType::Utf8, true), Field::new("x", DataType::Float64, false)];
        let codec = KeyCodec::new(&Arc::new(Schema::new(fields))).unwrap();
        let words: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some(""), Some("a"), None]));
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![0.0, f64::NAN, 1.5, -0.0, -f64::NAN]));
        let columns = codec.canonical(&[words, numbers]).unwrap();
        let rows = codec.encode(&columns).unwrap();
        let mut keys = KeyBytes::default();
        rows.iter().for_each(|row| keys.push(row.as_ref()));
        assert_eq!((keys.get(0), keys.get(1)), (keys.get(3), keys.get(4)));
        assert_ne!(keys.get(1), keys.get(2));
        let decoded = codec.decode(keys.iter()).unwrap();
        assert_eq!(decoded[0].as_ref(), columns[0].as_ref());
        assert_eq!(decoded[1].to_data().buffers(), columns[1].to_data().buffers());
    }
}
