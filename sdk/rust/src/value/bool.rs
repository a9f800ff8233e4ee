//! Truth values, one bit a row.

use super::leaf;
use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::{Cursor, Read, Validity};
use crate::write::{Build, Nulls, Parts, Write};

/// View of a column of bits.
pub struct BoolColumn<'a> {
    validity: Validity<'a>,
    bits: &'a [u8],
}

/// Gathers bits.
#[derive(Default)]
pub struct BoolBuilder {
    bits: Vec<u8>,
    length: usize,
    nulls: Nulls,
}

impl Build for BoolBuilder {
    fn reserve(&mut self, rows: usize, _bytes: usize) {
        self.bits.reserve(rows / 8 + 1);
    }

    fn len(&self) -> usize {
        self.length
    }

    fn nulls(&mut self) -> &mut Nulls {
        &mut self.nulls
    }

    fn put_blank(&mut self) {
        false.put(self);
    }

    fn finish(self, parts: &mut Parts) {
        parts.node(self.length, self.nulls);
        parts.buffer(self.bits);
    }
}

impl<'a> Read<'a> for bool {
    type Column = BoolColumn<'a>;

    fn field(name: &str, fields: &mut Vec<Field>) {
        fields.push(leaf(name, DataType::Boolean));
    }

    fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
        let (length, validity) = cursor.node()?;
        Ok(BoolColumn { validity, bits: cursor.buffer(length.div_ceil(8))? })
    }

    #[inline]
    fn get(column: &Self::Column, row: usize) -> Self {
        column.bits[row / 8] >> (row % 8) & 1 == 1
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

impl Write for bool {
    type Builder = BoolBuilder;

    fn field(name: &str, fields: &mut Vec<Field>) {
        fields.push(leaf(name, DataType::Boolean));
    }

    #[inline]
    fn put(self, builder: &mut Self::Builder) {
        if builder.length.is_multiple_of(8) {
            builder.bits.push(0);
        }
        if let Some(last) = builder.bits.last_mut() {
            *last |= u8::from(self) << (builder.length % 8);
        }
        builder.length += 1;
    }
}
