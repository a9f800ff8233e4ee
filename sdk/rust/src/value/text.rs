//! Strings and bytes: offsets into one buffer.
//!
//! Appending is what operators over text spend their time on, and most values are a few bytes long, where the
//! copying routine of a wasm engine costs more than the copy. So short values are copied by hand.

use super::fixed::{Fixed, fixed_columns};
use super::leaf;
use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::{Cursor, Read, Validity};
use crate::write::{Build, Nulls, Parts, Write};
use std::borrow::Cow;

/// Bytes that are owned; borrowed ones are `&[u8]`. (`Vec<u8>` is a list of numbers.)
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binary(pub Vec<u8>);

/// Exactly `N` bytes, at least one: a column of `fixed-size-binary`. (`[u8; N]` is a list of numbers.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixedBinary<const N: usize>(pub [u8; N]);

impl<const N: usize> Fixed for FixedBinary<N> {
    type Bytes = [u8; N];

    #[inline]
    fn from_bytes(bytes: Self::Bytes) -> Self {
        FixedBinary(bytes)
    }

    #[inline]
    fn to_bytes(self) -> Self::Bytes {
        self.0
    }

    fn split(buffer: &[u8]) -> &[Self::Bytes] {
        const { assert!(N > 0, "a fixed-size binary has at least one byte") }
        buffer.as_chunks().0
    }

    fn join(values: Vec<Self::Bytes>) -> Vec<u8> {
        values.into_flattened()
    }

    fn zeros() -> Self::Bytes {
        [0; N]
    }

    fn data_type() -> DataType {
        DataType::FixedSizeBinary(N as u32)
    }
}

fixed_columns!([const N: usize] FixedBinary<N>);

/// View of a column of strings or bytes.
pub struct TextColumn<'a> {
    validity: Validity<'a>,
    offsets: &'a [[u8; 4]],
    data: &'a [u8],
}

impl<'a> TextColumn<'a> {
    fn open(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let (length, validity) = cursor.node()?;
        Ok(TextColumn { validity, offsets: cursor.offsets(length)?, data: cursor.buffer(0)? })
    }

    #[inline]
    fn bytes(&self, row: usize) -> &'a [u8] {
        let (start, end) = (u32::from_le_bytes(self.offsets[row]), u32::from_le_bytes(self.offsets[row + 1]));
        &self.data[start as usize..end as usize]
    }

    #[inline]
    fn text(&self, row: usize) -> &'a str {
        // SAFETY: the host hands over utf8 columns only whose every value is UTF-8; guests' batches are checked by it,
        // and natively batches come from this crate's builders.
        unsafe { std::str::from_utf8_unchecked(self.bytes(row)) }
    }
}

/// Gathers strings or bytes.
#[derive(Default)]
pub struct TextBuilder {
    /// Where each value ends; the leading 0 is put before them at the end.
    ends: Vec<u8>,
    data: Vec<u8>,
    nulls: Nulls,
}

impl TextBuilder {
    #[inline]
    fn put(&mut self, value: &[u8]) {
        append(&mut self.data, value);
        self.end();
    }

    #[inline]
    fn end(&mut self) {
        if self.ends.is_empty() {
            self.ends.extend_from_slice(&[0; 4]);
        }
        self.ends.extend_from_slice(&(self.data.len() as u32).to_le_bytes());
    }
}

impl Build for TextBuilder {
    fn reserve(&mut self, rows: usize, bytes: usize) {
        self.ends.reserve((rows + 1) * 4);
        self.data.reserve(bytes + SHORT);
    }

    fn len(&self) -> usize {
        (self.ends.len() / 4).saturating_sub(1)
    }

    fn nulls(&mut self) -> &mut Nulls {
        &mut self.nulls
    }

    fn put_blank(&mut self) {
        self.end();
    }

    fn finish(mut self, parts: &mut Parts) {
        parts.node(self.len(), self.nulls);
        self.ends.resize(self.ends.len().max(4), 0);
        parts.buffer(self.ends);
        parts.buffer(self.data);
    }
}

/// Longest value that is copied by hand.
const SHORT: usize = 16;

/// Append bytes. Up to [`SHORT`] of them go as two overlapping words.
#[inline]
fn append(data: &mut Vec<u8>, value: &[u8]) {
    let length = value.len();
    if length > SHORT {
        data.extend_from_slice(value);
        return;
    }
    data.reserve(SHORT);
    // SAFETY: there is room for SHORT bytes behind the last; reads and writes stay within `length` bytes, and all of them
    // are written before the length says so.
    unsafe {
        let from = value.as_ptr();
        let to = data.as_mut_ptr().add(data.len());
        if length >= 8 {
            to.cast::<u64>().write_unaligned(from.cast::<u64>().read_unaligned());
            to.add(length - 8).cast::<u64>().write_unaligned(from.add(length - 8).cast::<u64>().read_unaligned());
        } else if length >= 4 {
            to.cast::<u32>().write_unaligned(from.cast::<u32>().read_unaligned());
            to.add(length - 4).cast::<u32>().write_unaligned(from.add(length - 4).cast::<u32>().read_unaligned());
        } else if length > 0 {
            to.write(from.read());
            to.add(length / 2).write(from.add(length / 2).read());
            to.add(length - 1).write(from.add(length - 1).read());
        }
        data.set_len(data.len() + length);
    }
}

macro_rules! text_columns {
    ($type:ty, $data_type:ident, $column:ident, $row:ident => $read:expr, $value:ident => $bytes:expr) => {
        impl<'a> Read<'a> for $type {
            type Column = TextColumn<'a>;

            fn field(name: &str, fields: &mut Vec<Field>) {
                fields.push(leaf(name, DataType::$data_type));
            }

            fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
                TextColumn::open(cursor)
            }

            #[inline]
            fn get($column: &Self::Column, $row: usize) -> Self {
                $read
            }

            #[inline]
            fn is_null(column: &Self::Column, row: usize) -> bool {
                column.validity.is_null(row)
            }

            #[inline]
            fn may_lack(column: &Self::Column) -> bool {
                column.validity.any()
            }

            #[inline]
            fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
                column.validity.is_null(row).then_some(0)
            }
        }

        #[allow(clippy::needless_lifetimes, clippy::extra_unused_lifetimes)]
        impl<'a> Write for $type {
            type Builder = TextBuilder;

            fn field(name: &str, fields: &mut Vec<Field>) {
                fields.push(leaf(name, DataType::$data_type));
            }

            #[inline]
            fn put(self, builder: &mut Self::Builder) {
                let $value = &self;
                builder.put($bytes);
            }
        }
    };
}

text_columns!(&'a str, Utf8, column, row => column.text(row), value => value.as_bytes());
text_columns!(String, Utf8, column, row => column.text(row).to_owned(), value => value.as_bytes());
text_columns!(Cow<'a, str>, Utf8, column, row => Cow::Borrowed(column.text(row)), value => value.as_bytes());
text_columns!(&'a [u8], Binary, column, row => column.bytes(row), value => value);
text_columns!(Binary, Binary, column, row => Binary(column.bytes(row).to_vec()), value => &value.0);

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn every_short_length_is_copied_whole() {
        let source: Vec<u8> = (1..=40).collect();
        for length in 0..source.len() {
            let mut data = vec![0xee];
            append(&mut data, &source[..length]);
            append(&mut data, &source[..length]);
            assert_eq!(data, [&[0xee], &source[..length], &source[..length]].concat());
        }
    }
}
