//! Reading rows out of columns: the arguments of an operator.
//!
//! A column is opened once a chunk, which finds its buffers; a row is then read straight from them. Nothing is
//! copied but numbers; a `&str` points into the chunk.

use crate::data::{Batch, Field, Node};
use crate::error::Error;

/// A type that a row's value, or a row, is read as.
///
/// Implemented for `&str`, `String`, `&[u8]`, [`Binary`](crate::Binary), `bool`, integers, floats, [`Decimal`](crate::Decimal),
/// dates and times, `Option<T>`, `Vec<T>`, tuples of columns, `()` for no column, and by `#[derive(Row)]` for structs.
/// The methods are for the attributes and for derives; operators only name the types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from columns",
    label = "no column has this type",
    note = "a row is a plain type (bool, i8 to i64, u8 to u64, f32, f64, &str, String, &[u8], Binary, Decimal, Date, Time, Timestamp, Duration), \
            an Option or a Vec of one, a tuple of up to 8, or a struct under #[derive(Row)]"
)]
pub trait Read<'a>: Sized {
    /// How many columns of a row `input = [...]` names: none of a struct, whose fields name them.
    const N_NAMES: usize = 1;

    /// The view of a column, or of several for a struct or tuple.
    type Column;

    /// Append the field of a column of this type, its children after it.
    fn field(name: &str, fields: &mut Vec<Field>);

    /// Take the column's node and buffers.
    fn open(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error>;

    /// The value in a row. The default value where [`Read::lacks`] answers.
    fn get(column: &Self::Column, row: usize) -> Self;

    /// Whether the row is null.
    fn is_null(column: &Self::Column, row: usize) -> bool;

    /// Whether any row may lack a value.
    fn may_lack(column: &Self::Column) -> bool;

    /// Where the row has a null that this type has no room for: the number of the column among the operator's.
    fn lacks(column: &Self::Column, row: usize) -> Option<usize>;

    /// Append the fields of a row of this type: one for a single value, of the first name given, or by position.
    fn fields(names: &[&str], fields: &mut Vec<Field>) {
        Self::field(names.first().copied().unwrap_or(""), fields);
    }

    /// Take the columns of a row of this type.
    fn open_row(cursor: &mut Cursor<'a>) -> Result<Self::Column, Error> {
        Self::open(cursor)
    }
}

/// Walks a batch's nodes and buffers, which stand in the order of its fields.
pub struct Cursor<'a> {
    nodes: std::slice::Iter<'a, Node>,
    buffers: std::slice::Iter<'a, Vec<u8>>,
}

impl<'a> Cursor<'a> {
    /// Stand before the first column.
    pub fn new(batch: &'a Batch) -> Self {
        Cursor { nodes: batch.nodes.iter(), buffers: batch.buffers.iter() }
    }

    /// The next node's length, and which of its rows are null.
    pub fn node(&mut self) -> Result<(usize, Validity<'a>), Error> {
        let Some(node) = self.nodes.next() else {
            return Err(Error::failed("the chunk has fewer columns than were bound"));
        };
        let length = node.length as usize;
        let bits = self.buffer(if node.null_count == 0 { 0 } else { length.div_ceil(8) })?;
        Ok((length, Validity(if node.null_count == 0 { &[] } else { bits })))
    }

    /// The next buffer, which has at least `length` bytes.
    pub fn buffer(&mut self, length: usize) -> Result<&'a [u8], Error> {
        match self.buffers.next() {
            Some(buffer) if buffer.len() >= length => Ok(buffer),
            Some(buffer) => Err(Error::failed(format!(
                "a buffer of the chunk has {} bytes where {length} are needed",
                buffer.len()
            ))),
            None => Err(Error::failed("the chunk has fewer buffers than its columns need")),
        }
    }

    /// The next buffer as offsets of `length` rows.
    pub fn offsets(&mut self, length: usize) -> Result<&'a [[u8; 4]], Error> {
        // An empty column's offsets may be left out.
        let bytes = self.buffer(if length == 0 { 0 } else { (length + 1) * 4 })?;
        Ok(bytes.as_chunks().0)
    }
}

/// One bit a row, set where it is not null; empty where no row is null.
#[derive(Clone, Copy)]
pub struct Validity<'a>(&'a [u8]);

impl Validity<'static> {
    /// No row is null.
    pub(crate) const NONE: Self = Validity(&[]);
}

impl Validity<'_> {
    /// Whether there is a null at all.
    #[inline]
    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the row is null.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.any() && self.0[row / 8] >> (row % 8) & 1 == 0
    }
}

/// The columns that an operator reads as `T`, for operators that work on a chunk at a time (`#[map(columns)]`).
///
/// Where `T` is not an `Option`, nulls read as the type's default value; ask [`Column::is_null`].
pub struct Column<'a, T: Read<'a>> {
    column: T::Column,
    rows: usize,
}

impl<'a, T: Read<'a>> Column<'a, T> {
    /// Take the next columns of a chunk of `rows` rows.
    #[doc(hidden)]
    pub fn open(cursor: &mut Cursor<'a>, rows: usize) -> Result<Self, Error> {
        Ok(Column { column: T::open_row(cursor)?, rows })
    }

    /// Rows in the chunk.
    #[inline]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row; the host hands over at least one.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The value in a row, below [`Column::len`].
    #[inline]
    pub fn get(&self, row: usize) -> T {
        T::get(&self.column, row)
    }

    /// Whether the row is null, or one of its parts that can't be.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        T::is_null(&self.column, row) || T::lacks(&self.column, row).is_some()
    }

    /// The values in order.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> + use<'_, 'a, T> {
        (0..self.rows).map(|row| T::get(&self.column, row))
    }
}
