//! Writing rows into columns: what an operator makes.

use crate::data::{Batch, Field, Node};

/// A type that is written to a column, or to several for a struct or tuple. Implemented for what [`Read`](crate::Read) is.
/// The methods are for the attributes and for derives; operators only name the types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written to columns",
    label = "no column has this type",
    note = "a row is a plain type (bool, i8 to i64, u8 to u64, f32, f64, &str, String, &[u8], Binary, Decimal, Date, Time, Timestamp, Duration), \
            an Option or a Vec of one, a tuple of up to 8, or a struct under #[derive(Row)]"
)]
pub trait Write: Sized {
    /// How many columns of a row `output = [...]` names: none of a struct, whose fields name them.
    const N_NAMES: usize = 1;

    /// What gathers rows of this type; the same for borrowed and owned ones.
    type Builder: Build;

    /// Append the field of a column of this type, its children after it.
    fn field(name: &str, fields: &mut Vec<Field>);

    /// Append a value.
    fn put(self, builder: &mut Self::Builder);

    /// Append the fields of a row of this type, named as given; a single value without a name is called `value`.
    fn fields(names: &[&str], fields: &mut Vec<Field>) {
        Self::field(names.first().copied().unwrap_or("value"), fields);
    }

    /// Append a row.
    #[inline]
    fn put_row(self, builder: &mut Self::Builder) {
        self.put(builder);
    }
}

/// Gathers the rows of a column.
pub trait Build: Default {
    /// Make room for about so many rows and bytes of text.
    fn reserve(&mut self, rows: usize, bytes: usize);

    /// Rows so far.
    fn len(&self) -> usize;

    /// Whether there is no row yet.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which rows are null.
    fn nulls(&mut self) -> &mut Nulls;

    /// Append a value that means nothing: what stands under a null.
    fn put_blank(&mut self);

    /// Append a null.
    fn put_null(&mut self) {
        let row = self.len();
        self.nulls().put(row);
        self.put_blank();
    }

    /// Append the column's node and buffers, its children's after them.
    fn finish(self, parts: &mut Parts);

    /// The same for the columns of a row: those of a struct without the struct around them.
    fn finish_row(self, parts: &mut Parts) {
        self.finish(parts);
    }
}

/// Nodes and buffers of a batch being made.
#[derive(Default)]
pub struct Parts {
    nodes: Vec<Node>,
    buffers: Vec<Vec<u8>>,
}

impl Parts {
    /// Append a node and its validity buffer.
    pub fn node(&mut self, length: usize, nulls: Nulls) {
        let (null_count, bits) = nulls.finish(length);
        self.nodes.push(Node { length: length as u32, null_count });
        self.buffers.push(bits);
    }

    /// Append a buffer.
    pub fn buffer(&mut self, buffer: Vec<u8>) {
        self.buffers.push(buffer);
    }

    /// The batch of these columns.
    pub fn into_batch(self, rows: usize) -> Batch {
        Batch { rows: rows as u32, nodes: self.nodes, buffers: self.buffers }
    }
}

/// Which rows are null: nothing is kept until there is one, so that rows that aren't cost nothing.
#[derive(Default)]
pub struct Nulls {
    count: u32,
    bits: Vec<u8>,
}

impl Nulls {
    /// Row `row` is null, and those since the last null are not.
    pub fn put(&mut self, row: usize) {
        self.bits.resize(row / 8 + 1, 0xff);
        self.bits[row / 8] &= !(1 << (row % 8));
        self.count += 1;
    }

    fn finish(mut self, length: usize) -> (u32, Vec<u8>) {
        if self.count > 0 {
            self.bits.resize(length.div_ceil(8), 0xff);
        }
        (self.count, self.bits)
    }
}

/// Rows being made, for operators that are handed a place to put them.
pub struct Rows<T: Write> {
    pub(crate) builder: T::Builder,
    pub(crate) rejected: Vec<crate::transform::Rejection>,
    /// Of a flat-map: how many rows there were after each row of the chunk.
    pub(crate) ends: Vec<u32>,
}

impl<T: Write> Default for Rows<T> {
    fn default() -> Self {
        Rows { builder: T::Builder::default(), rejected: Vec::new(), ends: Vec::new() }
    }
}

impl<T: Write> Rows<T> {
    /// Append a row; for `Rows<String>` a `&str` will do.
    #[inline]
    pub fn push<V: Write<Builder = T::Builder>>(&mut self, row: V) {
        row.put_row(&mut self.builder);
    }

    /// Reject the row of that index in the chunk. Rows are rejected in ascending order, each once.
    pub fn reject(&mut self, row: usize, why: crate::Reject) {
        self.rejected.push(crate::transform::Rejection { row: row as u32, reason: why.into_reason() });
    }

    /// What was pushed since the last call was made of the next row of the chunk. A flat-map over whole columns says so for each row, also for one of which
    /// it makes nothing; others needn't.
    #[inline]
    pub fn end_row(&mut self) {
        self.ends.push(self.builder.len() as u32);
    }

    /// Make room for about so many more rows and bytes of text.
    pub fn reserve(&mut self, rows: usize, bytes: usize) {
        self.builder.reserve(rows, bytes);
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.builder.len()
    }

    /// Whether there is no row yet.
    pub fn is_empty(&self) -> bool {
        self.builder.len() == 0
    }

    /// The batch of these rows.
    pub fn into_batch(self) -> Batch {
        let (rows, mut parts) = (self.builder.len(), Parts::default());
        self.builder.finish_row(&mut parts);
        parts.into_batch(rows)
    }
}
