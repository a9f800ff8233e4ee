//! Several columns as one: what `#[derive(Row)]` and tuples stand on.
//!
//! A struct is a row of the operator's columns where it is the argument or the result, and a struct column where it
//! is inside another type; the latter has a node of its own.

use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::{Cursor, Validity};
use crate::write::{Build, Nulls, Parts};

/// View of a row's columns; `C` is the views of them, `(A, (B, ()))`.
pub struct RowColumn<'a, C> {
    validity: Validity<'a>,
    /// The views of the columns.
    pub columns: C,
}

impl<'a, C> RowColumn<'a, C> {
    /// A struct column: its node, and its children.
    pub fn nested(
        cursor: &mut Cursor<'a>,
        children: impl FnOnce(&mut Cursor<'a>) -> Result<C, Error>,
    ) -> Result<Self, Error> {
        let (_, validity) = cursor.node()?;
        Ok(RowColumn { validity, columns: children(cursor)? })
    }

    /// The operator's own columns.
    pub fn top(
        cursor: &mut Cursor<'a>,
        children: impl FnOnce(&mut Cursor<'a>) -> Result<C, Error>,
    ) -> Result<Self, Error> {
        Ok(RowColumn { validity: Validity::NONE, columns: children(cursor)? })
    }

    /// Whether the struct itself is null.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.validity.is_null(row)
    }

    /// Whether the struct itself may be null.
    #[inline]
    pub fn any_null(&self) -> bool {
        self.validity.any()
    }
}

/// Gathers rows; `B` is the builders of the columns, `(A, (B, ()))`.
#[derive(Default)]
pub struct RowBuilder<B> {
    length: usize,
    nulls: Nulls,
    columns: B,
}

impl<B> RowBuilder<B> {
    /// The builders, each of which is to get one value.
    #[inline]
    pub fn next_row(&mut self) -> &mut B {
        self.length += 1;
        &mut self.columns
    }
}

/// The builders of a row's columns.
pub trait BuildColumns: Default {
    /// As [`Build::reserve`].
    fn reserve(&mut self, rows: usize, bytes: usize);
    /// As [`Build::put_blank`], in each.
    fn put_blank(&mut self);
    /// As [`Build::finish`], each.
    fn finish(self, parts: &mut Parts);
}

impl BuildColumns for () {
    fn reserve(&mut self, _rows: usize, _bytes: usize) {}
    fn put_blank(&mut self) {}
    fn finish(self, _parts: &mut Parts) {}
}

impl<B: Build, R: BuildColumns> BuildColumns for (B, R) {
    fn reserve(&mut self, rows: usize, bytes: usize) {
        self.0.reserve(rows, bytes);
        self.1.reserve(rows, bytes);
    }

    fn put_blank(&mut self) {
        self.0.put_blank();
        self.1.put_blank();
    }

    fn finish(self, parts: &mut Parts) {
        self.0.finish(parts);
        self.1.finish(parts);
    }
}

impl<B: BuildColumns> Build for RowBuilder<B> {
    fn reserve(&mut self, rows: usize, bytes: usize) {
        self.columns.reserve(rows, bytes);
    }

    fn len(&self) -> usize {
        self.length
    }

    fn nulls(&mut self) -> &mut Nulls {
        &mut self.nulls
    }

    fn put_blank(&mut self) {
        self.next_row().put_blank();
    }

    fn finish(self, parts: &mut Parts) {
        parts.node(self.length, self.nulls);
        self.columns.finish(parts);
    }

    fn finish_row(self, parts: &mut Parts) {
        self.columns.finish(parts);
    }
}

/// Append a struct's field, and its children's, counting those at the top.
pub fn field(name: &str, fields: &mut Vec<Field>, n_columns: usize, children: impl FnOnce(&mut Vec<Field>)) {
    let data_type = DataType::Struct;
    fields.push(Field { name: name.to_owned(), data_type, nullable: false, children: n_columns as u32 });
    children(fields);
}
