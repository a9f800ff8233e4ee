//! Values that may be null.

use crate::data::Field;
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::write::{Build, Write};

impl<'a, T: Read<'a>> Read<'a> for Option<T> {
    type Column = T::Column;

    fn field(name: &str, fields: &mut Vec<Field>) {
        let at = fields.len();
        T::field(name, fields);
        fields[at].nullable = true;
    }

    fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
        T::open(cursor)
    }

    #[inline]
    fn get(column: &Self::Column, row: usize) -> Self {
        (!T::is_null(column, row)).then(|| T::get(column, row))
    }

    #[inline]
    fn is_null(column: &Self::Column, row: usize) -> bool {
        T::is_null(column, row)
    }

    #[inline]
    fn may_lack(column: &Self::Column) -> bool {
        T::may_lack(column)
    }

    #[inline]
    fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
        if T::is_null(column, row) { None } else { T::lacks(column, row) }
    }
}

impl<T: Write> Write for Option<T> {
    type Builder = T::Builder;

    fn field(name: &str, fields: &mut Vec<Field>) {
        let at = fields.len();
        T::field(name, fields);
        fields[at].nullable = true;
    }

    #[inline]
    fn put(self, builder: &mut Self::Builder) {
        match self {
            Some(value) => value.put(builder),
            None => builder.put_null(),
        }
    }
}
