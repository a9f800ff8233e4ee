//! Lists of one length: a column of items without offsets.

use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::{Cursor, Read, Validity};
use crate::write::{Build, Nulls, Parts, Write};

/// View of a column of lists of `N` items.
pub struct FixedListColumn<'a, C, const N: usize> {
    validity: Validity<'a>,
    items: C,
}

/// Gathers lists of `N` items.
#[derive(Default)]
pub struct FixedListBuilder<B, const N: usize> {
    length: usize,
    items: B,
    nulls: Nulls,
}

impl<B: Build, const N: usize> Build for FixedListBuilder<B, N> {
    fn reserve(&mut self, rows: usize, bytes: usize) {
        self.items.reserve(rows * N, bytes);
    }

    fn len(&self) -> usize {
        self.length
    }

    fn nulls(&mut self) -> &mut Nulls {
        &mut self.nulls
    }

    fn put_blank(&mut self) {
        self.length += 1;
        (0..N).for_each(|_| self.items.put_blank());
    }

    fn finish(self, parts: &mut Parts) {
        parts.node(self.length, self.nulls);
        self.items.finish(parts);
    }
}

fn field<const N: usize>(name: &str, fields: &mut Vec<Field>, item: impl FnOnce(&str, &mut Vec<Field>)) {
    const { assert!(N > 0, "a fixed-size list has at least one item") }
    let data_type = DataType::FixedSizeList(N as u32);
    fields.push(Field { name: name.to_owned(), data_type, nullable: false, children: 1 });
    item("item", fields);
}

impl<'a, T: Read<'a>, const N: usize> Read<'a> for [T; N] {
    type Column = FixedListColumn<'a, T::Column, N>;

    fn field(name: &str, fields: &mut Vec<Field>) {
        field::<N>(name, fields, T::field);
    }

    fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
        let (_, validity) = cursor.node()?;
        Ok(FixedListColumn { validity, items: T::open(cursor)? })
    }

    #[inline]
    fn get(column: &Self::Column, row: usize) -> Self {
        std::array::from_fn(|item| T::get(&column.items, row * N + item))
    }

    #[inline]
    fn is_null(column: &Self::Column, row: usize) -> bool {
        column.validity.is_null(row)
    }

    fn may_lack(column: &Self::Column) -> bool {
        column.validity.any() || T::may_lack(&column.items)
    }

    fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
        let mut items = row * N..(row + 1) * N;
        let lacks = T::may_lack(&column.items) && items.any(|item| T::lacks(&column.items, item).is_some());
        (column.validity.is_null(row) || lacks).then_some(0)
    }
}

impl<T: Write, const N: usize> Write for [T; N] {
    type Builder = FixedListBuilder<T::Builder, N>;

    fn field(name: &str, fields: &mut Vec<Field>) {
        field::<N>(name, fields, T::field);
    }

    #[inline]
    fn put(self, builder: &mut Self::Builder) {
        builder.length += 1;
        for item in self {
            item.put(&mut builder.items);
        }
    }
}
