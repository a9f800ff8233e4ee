//! Lists: offsets into a column of items.

use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::{Cursor, Read, Validity};
use crate::write::{Build, Nulls, Parts, Write};

/// View of a column of lists.
pub struct ListColumn<'a, C> {
    validity: Validity<'a>,
    offsets: &'a [[u8; 4]],
    items: C,
}

impl<C> ListColumn<'_, C> {
    #[inline]
    fn range(&self, row: usize) -> std::ops::Range<usize> {
        u32::from_le_bytes(self.offsets[row]) as usize..u32::from_le_bytes(self.offsets[row + 1]) as usize
    }
}

/// Gathers lists.
#[derive(Default)]
pub struct ListBuilder<B> {
    ends: Vec<u8>,
    items: B,
    nulls: Nulls,
}

impl<B: Build> ListBuilder<B> {
    fn end(&mut self) {
        if self.ends.is_empty() {
            self.ends.extend_from_slice(&[0; 4]);
        }
        self.ends.extend_from_slice(&(self.items.len() as u32).to_le_bytes());
    }
}

impl<B: Build> Build for ListBuilder<B> {
    fn reserve(&mut self, rows: usize, bytes: usize) {
        self.ends.reserve((rows + 1) * 4);
        self.items.reserve(rows, bytes);
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
        self.items.finish(parts);
    }
}

fn field(name: &str, fields: &mut Vec<Field>, item: impl FnOnce(&str, &mut Vec<Field>)) {
    fields.push(Field { name: name.to_owned(), data_type: DataType::List, nullable: false, children: 1 });
    item("item", fields);
}

impl<'a, T: Read<'a>> Read<'a> for Vec<T> {
    type Column = ListColumn<'a, T::Column>;

    fn field(name: &str, fields: &mut Vec<Field>) {
        field(name, fields, T::field);
    }

    fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
        let (length, validity) = cursor.node()?;
        Ok(ListColumn { validity, offsets: cursor.offsets(length)?, items: T::open(cursor)? })
    }

    fn get(column: &Self::Column, row: usize) -> Self {
        column.range(row).map(|item| T::get(&column.items, item)).collect()
    }

    fn is_null(column: &Self::Column, row: usize) -> bool {
        column.validity.is_null(row)
    }

    fn may_lack(column: &Self::Column) -> bool {
        column.validity.any() || T::may_lack(&column.items)
    }

    fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
        let lacks = || T::may_lack(&column.items) && column.range(row).any(|i| T::lacks(&column.items, i).is_some());
        (column.validity.is_null(row) || lacks()).then_some(0)
    }
}

impl<T: Write> Write for Vec<T> {
    type Builder = ListBuilder<T::Builder>;

    fn field(name: &str, fields: &mut Vec<Field>) {
        field(name, fields, T::field);
    }

    fn put(self, builder: &mut Self::Builder) {
        for item in self {
            item.put(&mut builder.items);
        }
        builder.end();
    }
}
