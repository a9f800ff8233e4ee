//! Rows to a guest: the buffers of Arrow arrays, cut to the rows they are of and rebased, without copying a column that is in the crossing layout.
//!
//! What is handed over holds nothing of rows outside of a slice, and no bits beyond the last row in a bitmap.

use std::sync::Arc;

use arrow::array::GenericByteViewArray;
use arrow::array::types::{BinaryType, ByteArrayType, ByteViewType, Utf8Type};
use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, BinaryViewArray, GenericByteArray, RecordBatch, StringViewArray,
};
use arrow::buffer::{BooleanBuffer, Buffer, MutableBuffer, NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::FormatOptions;

use super::schema::{crossing_type, same_layout};
use crate::plugin::bindings::data as wit;

/// A batch ready to cross. It holds on to the columns it was made of, or to copies of what had to be changed.
#[derive(Debug, Default)]
pub struct Lowered {
    /// How many rows.
    pub rows: u32,
    /// One for each field, depth first.
    pub nodes: Vec<wit::Node>,
    /// All nodes' buffers.
    pub buffers: Vec<Buffer>,
}

impl Lowered {
    /// The buffers as the generated call takes them.
    pub fn slices(&self) -> Vec<&[u8]> {
        self.buffers.iter().map(Buffer::as_slice).collect()
    }
}

/// `rows` columns, each of `columns` as the field of `schema` at its place says.
///
/// # Errors
/// What of the columns can't be handed over as `schema`, naming the column: another type, a null where there may be none, or more than
/// 2 GiB in one column.
pub fn lower(columns: &[ArrayRef], rows: usize, schema: &Schema) -> Result<Lowered, String> {
    if columns.len() != schema.fields().len() {
        return Err(format!(
            "{} columns were handed over, and {} were agreed on",
            columns.len(),
            schema.fields().len()
        ));
    }
    let too_many = || format!("{rows} rows are more than can be handed over at once");
    let mut out = Lowered { rows: u32::try_from(rows).map_err(|_| too_many())?, ..Lowered::default() };
    for (column, field) in columns.iter().zip(schema.fields()) {
        let named = |what: String| format!("the column {}: {what}", field.name());
        if column.len() != rows {
            return Err(named(format!("it has {} rows, and the batch has {rows}", column.len())));
        }
        let plain = plain(column).map_err(named)?;
        if !same_layout(plain.data_type(), field.data_type()) {
            return Err(named(format!(
                "it has the type {}, and {} was agreed on",
                plain.data_type(),
                field.data_type()
            )));
        }
        push(&plain, field, None, &mut out).map_err(named)?;
    }
    Ok(out)
}

/// The columns `columns` of `chunk`, as `schema` says. Errors as [`lower`].
pub fn lower_columns(chunk: &RecordBatch, columns: &[usize], schema: &Schema) -> Result<Lowered, String> {
    let picked: Option<Vec<_>> = columns.iter().map(|&idx| chunk.columns().get(idx).cloned()).collect();
    let missing = || format!("the rows have {} columns, and the operator was bound to more", chunk.num_columns());
    lower(&picked.ok_or_else(missing)?, chunk.num_rows(), schema)
}

/// `array` in the layout in which it crosses.
fn plain(array: &ArrayRef) -> Result<ArrayRef, String> {
    let target = crossing_type(array.data_type())
        .map_err(|unsupported| format!("the type {unsupported} can't be handed to a plugin"))?;
    if same_layout(array.data_type(), &target) {
        return Ok(Arc::clone(array));
    }
    if let Some(views) = array.as_any().downcast_ref::<StringViewArray>() {
        return unviewed::<_, Utf8Type>(views);
    }
    if let Some(views) = array.as_any().downcast_ref::<BinaryViewArray>() {
        return unviewed::<_, BinaryType>(views);
    }
    // Unsafe casts turn what doesn't fit into nulls; it must be an error.
    let options = CastOptions { safe: false, format_options: FormatOptions::default() };
    cast_with_options(array, &target, &options).map_err(|e| e.to_string())
}

/// Views gathered into one buffer: one copy, and none of what is behind a null.
fn unviewed<V, B>(views: &GenericByteViewArray<V>) -> Result<ArrayRef, String>
where
    V: ByteViewType,
    B: ByteArrayType<Offset = i32>,
{
    let valid = |row: usize| views.is_valid(row);
    // The low 32 bits of a view are its length.
    let length = |row: usize| if valid(row) { views.views()[row] as u32 as usize } else { 0 };
    let total: usize = (0..views.len()).map(length).sum();
    i32::try_from(total)
        .map_err(|_| format!("its rows have {total} bytes, and at most 2 GiB can be handed over at once"))?;
    let mut bytes = Vec::with_capacity(total);
    for row in 0..views.len() {
        if valid(row) {
            let value: &[u8] = views.value(row).as_ref();
            bytes.extend_from_slice(value);
        }
    }
    let offsets = OffsetBuffer::from_lengths((0..views.len()).map(length));
    // SAFETY: the bytes of each value were valid for the view's type, and offsets lie between values.
    Ok(Arc::new(unsafe {
        GenericByteArray::<B>::new_unchecked(offsets, Buffer::from_vec(bytes), views.nulls().cloned())
    }))
}

/// Append `array`, and its children after it. `parent` says which rows there are of what it is a part of, row by row, where some are null.
fn push(array: &ArrayRef, field: &Field, parent: Option<&NullBuffer>, out: &mut Lowered) -> Result<(), String> {
    let length = u32::try_from(array.len()).map_err(|_| format!("{} nested rows are too many", array.len()))?;
    let nulls = checked_nulls(array, field, parent)?;
    let null_count = nulls.map_or(0, NullBuffer::null_count) as u32;
    out.nodes.push(wit::Node { length, null_count });
    out.buffers.push(nulls.map_or_else(empty, |nulls| bits(nulls.inner())));
    let mismatch = || format!("it has the type {}, and {} was agreed on", array.data_type(), field.data_type());
    match field.data_type() {
        DataType::Boolean => {
            out.buffers.push(bits(array.as_boolean_opt().ok_or_else(mismatch)?.values()));
        }
        DataType::Utf8 | DataType::Binary => {
            let data = array.to_data();
            let (offsets, from, to) = rebased(&data)?;
            out.buffers.push(offsets);
            out.buffers.push(buffer(&data, 1)?.slice_with_length(from, to - from));
        }
        DataType::List(item) => {
            let (offsets, from, to) = rebased(&array.to_data())?;
            out.buffers.push(offsets);
            let items = array.as_list_opt::<i32>().ok_or_else(mismatch)?.values();
            push(&items.slice(from, to - from), item, None, out)?;
        }
        DataType::Map(item, _) => {
            let (offsets, from, to) = rebased(&array.to_data())?;
            out.buffers.push(offsets);
            let entries = array.as_map_opt().ok_or_else(mismatch)?.entries().slice(from, to - from);
            push(&(Arc::new(entries) as ArrayRef), item, None, out)?;
        }
        DataType::FixedSizeList(item, n) => {
            let list = array.as_fixed_size_list_opt().ok_or_else(mismatch)?;
            let n = usize::try_from(*n).map_err(|_| mismatch())?;
            let there = NullBuffer::union(parent, list.nulls()).map(|there| there.expand(n));
            push(list.values(), item, there.as_ref(), out)?;
        }
        DataType::Struct(fields) => {
            let rows = array.as_struct_opt().ok_or_else(mismatch)?;
            let there = NullBuffer::union(parent, rows.nulls());
            for (column, field) in rows.columns().iter().zip(fields) {
                push(column, field, there.as_ref(), out)?;
            }
        }
        fixed => {
            let width = width(fixed).ok_or_else(mismatch)?;
            let data = array.to_data();
            out.buffers.push(buffer(&data, 0)?.slice_with_length(data.offset() * width, data.len() * width));
        }
    }
    Ok(())
}

/// The nulls that cross: none in a field that may have none. There Arrow allows nulls only where the struct or the fixed-size list around it is null.
fn checked_nulls<'a>(
    array: &'a ArrayRef,
    field: &Field,
    parent: Option<&NullBuffer>,
) -> Result<Option<&'a NullBuffer>, String> {
    let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else { return Ok(None) };
    if field.is_nullable() {
        return Ok(Some(nulls));
    }
    let unmasked = (0..nulls.len()).find(|&row| nulls.is_null(row) && parent.is_none_or(|parent| parent.is_valid(row)));
    match unmasked {
        Some(row) => Err(format!(
            "row {row} of the chunk has no value for {}, and the operator takes only rows that have one; filter them out, or declare it optional in the operator",
            field.name()
        )),
        None => Ok(None),
    }
}

/// The bytes of a value of a type whose values all have as many.
pub(super) fn width(of: &DataType) -> Option<usize> {
    match of {
        DataType::FixedSizeBinary(n) => usize::try_from(*n).ok(),
        _ => of.primitive_width(),
    }
}

fn empty() -> Buffer {
    Buffer::from(&[])
}

fn buffer(data: &ArrayData, idx: usize) -> Result<Buffer, String> {
    data.buffers().get(idx).cloned().ok_or_else(|| format!("an array of type {} has no buffer {idx}", data.data_type()))
}

/// A bitmap from its first bit to its last, copied if it begins within a byte or says anything beyond its end.
fn bits(of: &BooleanBuffer) -> Buffer {
    let (offset, length) = (of.offset(), of.len());
    let n_bytes = length.div_ceil(8);
    let spare = n_bytes * 8 - length;
    if offset % 8 == 0 {
        let bytes = of.inner().slice_with_length(offset / 8, n_bytes);
        if spare == 0 || bytes[n_bytes - 1] >> (8 - spare) == 0 {
            return bytes;
        }
    }
    let mut bytes = MutableBuffer::from_len_zeroed(n_bytes);
    let chunks = of.bit_chunks();
    for (to, chunk) in bytes.as_slice_mut().chunks_mut(8).zip(chunks.iter_padded()) {
        to.copy_from_slice(&chunk.to_le_bytes()[..to.len()]);
    }
    bytes.into()
}

/// Offsets that begin at 0, and where what they point into began and ends.
fn rebased(data: &ArrayData) -> Result<(Buffer, usize, usize), String> {
    let all = buffer(data, 0)?;
    if data.is_empty() {
        return Ok((Buffer::from_vec(vec![0_i32]), 0, 0));
    }
    let bytes = all.slice_with_length(data.offset() * 4, (data.len() + 1) * 4);
    let offsets = bytes.typed_data::<i32>();
    let (first, last) = (offsets[0], offsets[data.len()]);
    let range = || Some((usize::try_from(first).ok()?, usize::try_from(last).ok()?));
    let (from, to) = range().filter(|(from, to)| from <= to).ok_or("its offsets are invalid")?;
    let offsets = match first {
        0 => bytes,
        _ => Buffer::from_vec(offsets.iter().map(|offset| offset - first).collect::<Vec<i32>>()),
    };
    Ok((offsets, from, to))
}

/// What a guest was given, made into arrays again: for tests.
#[cfg(test)]
pub(in crate::plugin) fn as_result(lowered: &Lowered) -> wit::BatchResult {
    wit::BatchResult {
        rows: lowered.rows,
        nodes: lowered.nodes.clone(),
        buffers: lowered.buffers.iter().map(|buffer| buffer.to_vec()).collect(),
    }
}
