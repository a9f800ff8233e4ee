//! Tuples: columns by position. Inside another type they are structs of `_1`, `_2` and so on, as Spark names them.

use super::row::{self, RowBuilder, RowColumn};
use crate::data::Field;
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::write::Write;

impl<'a> Read<'a> for () {
    type Column = ();
    const N_NAMES: usize = 0;

    fn field(_name: &str, _fields: &mut Vec<Field>) {}

    fn open(_cursor: &mut Cursor<'a>) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn get(_column: &(), _row: usize) {}

    #[inline]
    fn is_null(_column: &(), _row: usize) -> bool {
        false
    }

    #[inline]
    fn may_lack(_column: &()) -> bool {
        false
    }

    #[inline]
    fn lacks(_column: &(), _row: usize) -> Option<usize> {
        None
    }
}

/// `(A, (B, ()))` of `A, B`, as a type, an expression or a pattern.
macro_rules! nest {
    () => { () };
    ($first:tt $(, $rest:tt)*) => { ($first, nest!($($rest),*)) };
}
macro_rules! nest_types {
    () => { () };
    ($first:ty $(, $rest:ty)*) => { ($first, nest_types!($($rest),*)) };
}
macro_rules! nest_calls {
    ($cursor:ident;) => { () };
    ($cursor:ident; $first:ident $(, $rest:ident)*) => { ($first::open($cursor)?, nest_calls!($cursor; $($rest),*)) };
}

macro_rules! tuples {
    ($($n:literal: $($type:ident $column:ident $index:tt $name:literal),*;)*) => {$(
        impl<'a, $($type: Read<'a>),*> Read<'a> for ($($type,)*) {
            type Column = RowColumn<'a, nest_types!($($type::Column),*)>;
            const N_NAMES: usize = $n;

            fn field(name: &str, fields: &mut Vec<Field>) {
                row::field(name, fields, $n, |fields| { $($type::field($name, fields);)* });
            }

            fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
                RowColumn::nested(cursor, |cursor| Ok(nest_calls!(cursor; $($type),*)))
            }

            #[inline]
            fn get(row: &Self::Column, index: usize) -> Self {
                let nest!($($column),*) = &row.columns;
                ($($type::get($column, index),)*)
            }

            #[inline]
            fn is_null(row: &Self::Column, index: usize) -> bool {
                row.is_null(index)
            }

            #[inline]
            fn may_lack(row: &Self::Column) -> bool {
                let nest!($($column),*) = &row.columns;
                row.any_null() $(|| $type::may_lack($column))*
            }

            #[inline]
            fn lacks(row: &Self::Column, index: usize) -> Option<usize> {
                let nest!($($column),*) = &row.columns;
                if row.is_null(index) {
                    return Some(0);
                }
                $(if $type::lacks($column, index).is_some() {
                    return Some($index);
                })*
                None
            }

            fn fields(names: &[&str], fields: &mut Vec<Field>) {
                $($type::field(names.get($index).copied().unwrap_or(""), fields);)*
            }

            fn open_row(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
                RowColumn::top(cursor, |cursor| Ok(nest_calls!(cursor; $($type),*)))
            }
        }

        impl<$($type: Write),*> Write for ($($type,)*) {
            type Builder = RowBuilder<nest_types!($($type::Builder),*)>;
            const N_NAMES: usize = $n;

            fn field(name: &str, fields: &mut Vec<Field>) {
                row::field(name, fields, $n, |fields| { $($type::field($name, fields);)* });
            }

            #[inline]
            fn put(self, builder: &mut Self::Builder) {
                let nest!($($column),*) = builder.next_row();
                $(self.$index.put($column);)*
            }

            fn fields(names: &[&str], fields: &mut Vec<Field>) {
                $($type::field(names.get($index).copied().unwrap_or($name), fields);)*
            }
        }
    )*};
}

tuples! {
    1: A a 0 "_1";
    2: A a 0 "_1", B b 1 "_2";
    3: A a 0 "_1", B b 1 "_2", C c 2 "_3";
    4: A a 0 "_1", B b 1 "_2", C c 2 "_3", D d 3 "_4";
    5: A a 0 "_1", B b 1 "_2", C c 2 "_3", D d 3 "_4", E e 4 "_5";
    6: A a 0 "_1", B b 1 "_2", C c 2 "_3", D d 3 "_4", E e 4 "_5", F f 5 "_6";
    7: A a 0 "_1", B b 1 "_2", C c 2 "_3", D d 3 "_4", E e 4 "_5", F f 5 "_6", G g 6 "_7";
    8: A a 0 "_1", B b 1 "_2", C c 2 "_3", D d 3 "_4", E e 4 "_5", F f 5 "_6", G g 6 "_7", H h 7 "_8";
}
