//! Maps: lists of pairs, in a type of their own.

use super::row;
use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::write::Write;

/// Keys with values, in the order in which they stand in the column. Values may be `Option`s; keys are never null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Map<K, V>(pub Vec<(K, V)>);

/// A map's field: its only child is a struct of a key and a value.
fn field(name: &str, fields: &mut Vec<Field>, entry: impl FnOnce(&mut Vec<Field>)) {
    fields.push(Field { name: name.to_owned(), data_type: DataType::Map, nullable: false, children: 1 });
    row::field("entries", fields, 2, entry);
}

impl<'a, K: Read<'a>, V: Read<'a>> Read<'a> for Map<K, V> {
    type Column = <Vec<(K, V)> as Read<'a>>::Column;

    fn field(name: &str, fields: &mut Vec<Field>) {
        field(name, fields, |fields| {
            K::field("key", fields);
            V::field("value", fields);
        });
    }

    fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
        <Vec<(K, V)>>::open(cursor)
    }

    fn get(column: &Self::Column, row: usize) -> Self {
        Map(Vec::get(column, row))
    }

    fn is_null(column: &Self::Column, row: usize) -> bool {
        <Vec<(K, V)>>::is_null(column, row)
    }

    fn may_lack(column: &Self::Column) -> bool {
        <Vec<(K, V)>>::may_lack(column)
    }

    fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
        <Vec<(K, V)>>::lacks(column, row)
    }
}

impl<K: Write, V: Write> Write for Map<K, V> {
    type Builder = <Vec<(K, V)> as Write>::Builder;

    fn field(name: &str, fields: &mut Vec<Field>) {
        field(name, fields, |fields| {
            K::field("key", fields);
            V::field("value", fields);
        });
    }

    fn put(self, builder: &mut Self::Builder) {
        self.0.put(builder);
    }
}
