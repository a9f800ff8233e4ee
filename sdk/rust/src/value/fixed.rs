//! Values of a fixed width: integers, floats, and whatever is one of them inside.

use super::leaf;
use crate::data::{DataType, Field};
use crate::error::Error;
use crate::read::{Cursor, Validity};
use crate::write::{Build, Nulls, Parts};

/// A type of a fixed width, kept little-endian in one buffer. A newtype over a number becomes a column by implementing it.
pub trait Fixed: Copy {
    /// The little-endian bytes of a value.
    type Bytes: Copy + AsRef<[u8]> + 'static;
    /// The value of its bytes.
    fn from_bytes(bytes: Self::Bytes) -> Self;
    /// The bytes of the value.
    fn to_bytes(self) -> Self::Bytes;
    /// A buffer as values; what is over is left out.
    fn split(buffer: &[u8]) -> &[Self::Bytes];
    /// Values as a buffer: the same memory, where `Bytes` is an array.
    fn join(values: Vec<Self::Bytes>) -> Vec<u8>;
    /// What stands under a null.
    fn zeros() -> Self::Bytes;
    /// The column's type.
    fn data_type() -> DataType;
}

/// View of a column of fixed width.
pub struct FixedColumn<'a, T: Fixed> {
    validity: Validity<'a>,
    values: &'a [T::Bytes],
}

/// Gathers values of a fixed width.
pub struct FixedBuilder<T: Fixed> {
    values: Vec<T::Bytes>,
    nulls: Nulls,
}

impl<T: Fixed> Default for FixedBuilder<T> {
    fn default() -> Self {
        FixedBuilder { values: Vec::new(), nulls: Nulls::default() }
    }
}

impl<T: Fixed> Build for FixedBuilder<T> {
    fn reserve(&mut self, rows: usize, _bytes: usize) {
        self.values.reserve(rows);
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn nulls(&mut self) -> &mut Nulls {
        &mut self.nulls
    }

    fn put_blank(&mut self) {
        self.values.push(T::zeros());
    }

    fn finish(self, parts: &mut Parts) {
        parts.node(self.len(), self.nulls);
        parts.buffer(T::join(self.values));
    }
}

/// Opens a column; shared by every type that is [`Fixed`].
pub(crate) fn open<'a, T: Fixed>(cursor: &mut Cursor<'a>) -> Result<FixedColumn<'a, T>, Error> {
    let (length, validity) = cursor.node()?;
    let values = T::split(cursor.buffer(length * size_of::<T::Bytes>())?);
    Ok(FixedColumn { validity, values })
}

impl<T: Fixed> FixedColumn<'_, T> {
    #[inline]
    pub(crate) fn get(&self, row: usize) -> T {
        T::from_bytes(self.values[row])
    }

    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.validity.is_null(row)
    }

    #[inline]
    pub(crate) fn any_null(&self) -> bool {
        self.validity.any()
    }
}

impl<T: Fixed> FixedBuilder<T> {
    #[inline]
    pub(crate) fn put(&mut self, value: T) {
        self.values.push(value.to_bytes());
    }
}

pub(crate) fn field<T: Fixed>(name: &str, fields: &mut Vec<Field>) {
    fields.push(leaf(name, T::data_type()));
}

/// `Read` and `Write` of types that are [`Fixed`]; a blanket implementation would keep the other types out.
macro_rules! fixed_columns {
    ([$($generics:tt)*] $type:ty) => {
        impl<'a, $($generics)*> $crate::read::Read<'a> for $type {
            type Column = $crate::value::FixedColumn<'a, $type>;
            fn field(name: &str, fields: &mut Vec<$crate::data::Field>) {
                $crate::value::fixed::field::<$type>(name, fields);
            }
            fn open(cursor: &mut $crate::read::Cursor<'a>) -> Result<Self::Column, $crate::Error> {
                $crate::value::fixed::open(cursor)
            }
            #[inline]
            fn get(column: &Self::Column, row: usize) -> Self {
                column.get(row)
            }
            #[inline]
            fn is_null(column: &Self::Column, row: usize) -> bool {
                column.is_null(row)
            }
            #[inline]
            fn may_lack(column: &Self::Column) -> bool {
                column.any_null()
            }
            #[inline]
            fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
                column.is_null(row).then_some(0)
            }
        }

        impl<$($generics)*> $crate::write::Write for $type {
            type Builder = $crate::value::FixedBuilder<$type>;
            fn field(name: &str, fields: &mut Vec<$crate::data::Field>) {
                $crate::value::fixed::field::<$type>(name, fields);
            }
            #[inline]
            fn put(self, builder: &mut Self::Builder) {
                builder.put(self);
            }
        }
    };
}
pub(crate) use fixed_columns;

macro_rules! numbers {
    ($($type:ty: $data_type:ident,)*) => {$(
        impl Fixed for $type {
            type Bytes = [u8; size_of::<$type>()];
            #[inline]
            fn from_bytes(bytes: Self::Bytes) -> Self {
                <$type>::from_le_bytes(bytes)
            }
            #[inline]
            fn to_bytes(self) -> Self::Bytes {
                self.to_le_bytes()
            }
            #[inline]
            fn split(buffer: &[u8]) -> &[Self::Bytes] {
                buffer.as_chunks().0
            }
            fn join(values: Vec<Self::Bytes>) -> Vec<u8> {
                values.into_flattened()
            }
            fn zeros() -> Self::Bytes {
                [0; size_of::<$type>()]
            }
            fn data_type() -> DataType {
                DataType::$data_type
            }
        }
        fixed_columns!([] $type);
    )*};
}

numbers! {
    i8: Int8,
    i16: Int16,
    i32: Int32,
    i64: Int64,
    u8: Uint8,
    u16: Uint16,
    u32: Uint32,
    u64: Uint64,
    f32: Float32,
    f64: Float64,
}
