//! Rows from a guest: everything that `wit/data.wit` promises is checked, then arrays are made of the buffers without copying them again.
//!
//! Guests are hostile. Until the last check has passed, a batch is bytes; an array is only made where each of its buffers has exactly the length, and
//! holds only the values, that Arrow's arrays are sound with. The work is bounded by the bytes that came, and nothing is allocated
//! by a number that a guest wrote.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayData, ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow::datatypes::{ArrowNativeType, DataType, Field, FieldRef, SchemaRef, TimeUnit};

use super::lower::width;
use super::schema::count;
use crate::plugin::bindings::data as wit;
use crate::plugin::error::{PluginErrorKind, shown};
use crate::plugin::limits::Limit;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Why a batch is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalid {
    /// It has more bytes, or more rows, than one call may return. A row counts for a byte at least, since there are types whose rows need none.
    TooLarge(u64),
    /// It breaks the contract, as the text says.
    Broken(String),
}

impl Invalid {
    /// The same as an error, where a call may return `allowed` bytes.
    pub fn kind(self, allowed: u64) -> PluginErrorKind {
        match self {
            Self::TooLarge(size) => {
                PluginErrorKind::LimitExceeded { limit: Limit::Output, allowed, requested: Some(size) }
            }
            Self::Broken(what) => PluginErrorKind::InvalidOutput(what),
        }
    }
}

impl From<String> for Invalid {
    fn from(what: String) -> Self {
        Self::Broken(what)
    }
}

/// The rows of `batch`, whose columns are those of `schema`; at most `max_bytes`.
///
/// # Errors
/// The first thing found that the contract doesn't allow.
pub fn lift(batch: wit::BatchResult, schema: &SchemaRef, max_bytes: u64) -> Result<RecordBatch, Invalid> {
    let wit::BatchResult { rows, nodes, buffers } = batch;
    let (n_nodes, n_buffers) = count(schema.fields());
    if nodes.len() != n_nodes || buffers.len() != n_buffers {
        let (nodes, buffers) = (nodes.len(), buffers.len());
        return Err(Invalid::Broken(format!(
            "the batch has {nodes} nodes and {buffers} buffers, and its schema {n_nodes} and {n_buffers}"
        )));
    }
    let bytes: u64 = buffers.iter().map(|buffer| buffer.len() as u64).sum();
    let longest = nodes.iter().map(|node| node.length).fold(rows, u32::max);
    let size = bytes.max(u64::from(longest));
    if size > max_bytes {
        return Err(Invalid::TooLarge(size));
    }
    let rows = rows as usize;
    let mut parts = Parts { nodes: nodes.into_iter(), buffers: buffers.into_iter() };
    let columns = schema.fields().iter().map(|field| column(field, rows, &mut parts)).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|e| Invalid::Broken(e.to_string()))
}

fn column(field: &Field, rows: usize, parts: &mut Parts) -> Result<ArrayRef, String> {
    let data =
        node(field, rows, parts).map_err(|what| format!("the column \"{}\": {what}", shown(field.name(), 64)))?;
    Ok(make_array(data))
}

/// What is left of a batch's nodes and buffers.
struct Parts {
    nodes: std::vec::IntoIter<wit::Node>,
    buffers: std::vec::IntoIter<Vec<u8>>,
}

impl Parts {
    fn node(&mut self) -> Result<wit::Node, String> {
        self.nodes.next().ok_or_else(|| "its node is missing".to_owned())
    }

    /// The next buffer, which must have `bytes` bytes.
    fn exactly(&mut self, bytes: usize, what: &str) -> Result<Vec<u8>, String> {
        let buffer = self.any()?;
        match buffer.len() == bytes {
            true => Ok(buffer),
            false => Err(format!("its {what} have {} bytes, and {bytes} are expected", buffer.len())),
        }
    }

    fn any(&mut self) -> Result<Vec<u8>, String> {
        self.buffers.next().ok_or_else(|| "its buffer is missing".to_owned())
    }
}

/// The next node, as an array of `rows` rows, with its children. The recursion is as deep as the schema, which is bounded.
fn node(field: &Field, rows: usize, parts: &mut Parts) -> Result<ArrayData, String> {
    let wit::Node { length, null_count } = parts.node()?;
    if length as usize != rows {
        return Err(format!("it has {length} rows, and {rows} are expected"));
    }
    let nulls = validity(field, rows, null_count, parts)?;
    let valid = Valid(nulls.as_ref());
    let mut array = ArrayData::builder(field.data_type().clone()).len(rows);
    match field.data_type() {
        DataType::Boolean => {
            array = array.add_buffer(Buffer::from_vec(parts.exactly(rows.div_ceil(8), "values")?));
        }
        DataType::Utf8 => {
            let (offsets, bytes) = variable(rows, parts)?;
            text(&offsets, &bytes)?;
            array = array.add_buffer(offsets).add_buffer(bytes);
        }
        DataType::Binary => {
            let (offsets, bytes) = variable(rows, parts)?;
            array = array.add_buffer(offsets).add_buffer(bytes);
        }
        DataType::List(item) | DataType::Map(item, _) => {
            let (offsets, n_items) = offsets(rows, parts)?;
            array = array.add_buffer(offsets).add_child_data(child(item, n_items, parts)?);
        }
        DataType::FixedSizeList(item, n) => {
            let n_items = usize::try_from(*n).ok().and_then(|n| n.checked_mul(rows)).ok_or("it has too many items")?;
            array = array.add_child_data(child(item, n_items, parts)?);
        }
        DataType::Struct(fields) => {
            for field in fields {
                array = array.add_child_data(child(field, rows, parts)?);
            }
        }
        fixed => {
            let width = width(fixed).ok_or_else(|| format!("the type {fixed} doesn't cross"))?;
            let bytes = rows.checked_mul(width).ok_or("it has too many rows")?;
            let values = aligned(parts.exactly(bytes, "values")?, alignment(fixed));
            in_range(fixed, &values, valid)?;
            array = array.add_buffer(values);
        }
    }
    // SAFETY: each buffer of the type is there, is aligned to its values, and has exactly the bytes of `rows` rows; offsets ascend from 0 to the
    // length of what they point into; text is UTF-8 cut between characters; decimals have no more digits than their type; children have the
    // rows that their parent says; the validity bitmap has a bit for each row and was counted.
    Ok(unsafe { array.nulls(nulls).build_unchecked() })
}

fn child(field: &FieldRef, rows: usize, parts: &mut Parts) -> Result<ArrayData, String> {
    node(field, rows, parts).map_err(|what| format!("{}: {what}", shown(field.name(), 64)))
}

fn validity(field: &Field, rows: usize, null_count: u32, parts: &mut Parts) -> Result<Option<NullBuffer>, String> {
    if null_count == 0 {
        parts.exactly(0, "validity bits, where nothing is null,")?;
        return Ok(None);
    }
    if !field.is_nullable() {
        return Err(format!("it has {null_count} nulls, and its field is not nullable"));
    }
    let bits = parts.exactly(rows.div_ceil(8), "validity bits")?;
    let nulls = NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(bits), 0, rows));
    match nulls.null_count() == null_count as usize {
        true => Ok(Some(nulls)),
        false => Err(format!("it has {} nulls, and says {null_count}", nulls.null_count())),
    }
}

/// Which rows aren't null.
#[derive(Clone, Copy)]
struct Valid<'a>(Option<&'a NullBuffer>);

impl Valid<'_> {
    /// The first row that isn't null and has a value that `wrong` finds wrong.
    fn find<T: Copy>(self, values: &[T], wrong: impl Fn(T) -> bool) -> Option<(usize, T)> {
        // Without branches on the way to "all is well", which is nearly always the answer.
        if !values.iter().fold(false, |any, value| any | wrong(*value)) {
            return None;
        }
        let not_null = |row: usize| self.0.is_none_or(|nulls| nulls.is_valid(row));
        values.iter().copied().enumerate().find(|&(row, value)| wrong(value) && not_null(row))
    }
}

/// `bytes` at an address that suits values of `alignment` bytes. What the allocator gives suits nearly always.
fn aligned(bytes: Vec<u8>, alignment: usize) -> Buffer {
    match bytes.as_ptr().align_offset(alignment) {
        0 => Buffer::from_vec(bytes),
        _ => Buffer::from_slice_ref(&bytes),
    }
}

fn alignment(of: &DataType) -> usize {
    match of {
        DataType::FixedSizeBinary(_) => 1,
        DataType::Decimal128(..) => align_of::<i128>(),
        _ => align_of::<i64>(),
    }
}

/// `rows + 1` offsets, checked, and the last of them.
fn offsets(rows: usize, parts: &mut Parts) -> Result<(Buffer, usize), String> {
    let bytes = rows.checked_add(1).and_then(|n| n.checked_mul(4)).ok_or("it has too many rows")?;
    let buffer = aligned(parts.exactly(bytes, "offsets")?, align_of::<i32>());
    let offsets = native::<i32>(&buffer);
    let (Some(0), Some(&last)) = (offsets.first().copied(), offsets.last()) else {
        return Err(format!("its offsets begin at {}, and 0 is expected", offsets.first().copied().unwrap_or(-1)));
    };
    if !ascends(offsets) {
        let row = offsets.windows(2).position(|pair| pair[0] > pair[1]).unwrap_or(0);
        return Err(format!("its offsets descend in row {row}, from {} to {}", offsets[row], offsets[row + 1]));
    }
    // They ascend from 0.
    let last = usize::try_from(last).map_err(|_| "its offsets are negative")?;
    Ok((buffer, last))
}

/// Whether no value is less than the one before it.
fn ascends(offsets: &[i32]) -> bool {
    // In pieces, so that a wrong batch ends early and the compiler still makes vectors of the inner loop.
    let ascends = |range: Range<usize>| {
        let (before, after) = (&offsets[range.start..range.end], &offsets[range.start + 1..range.end + 1]);
        before.iter().zip(after).fold(true, |all, (a, b)| all & (a <= b))
    };
    let pairs = offsets.len().saturating_sub(1);
    (0..pairs).step_by(1024).all(|start| ascends(start..pairs.min(start + 1024)))
}

fn variable(rows: usize, parts: &mut Parts) -> Result<(Buffer, Buffer), String> {
    let (offsets, n_bytes) = offsets(rows, parts)?;
    let bytes = parts.any()?;
    match bytes.len() == n_bytes {
        true => Ok((offsets, Buffer::from_vec(bytes))),
        false => Err(format!("its offsets end at {n_bytes}, and its data at {}", bytes.len())),
    }
}

/// Check that `bytes` is UTF-8, and that no row begins within a character.
fn text(offsets: &Buffer, bytes: &Buffer) -> Result<(), String> {
    let offsets = native::<i32>(offsets);
    if let Err(error) = simdutf8::basic::from_utf8(bytes) {
        let at = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), |_| 0);
        let row = offsets.partition_point(|offset| *offset as usize <= at).saturating_sub(1);
        return Err(format!("it is not UTF-8 in row {row}, at byte {at} of its data: {error}"));
    }
    if bytes.is_ascii() {
        return Ok(());
    }
    let within = |offset: i32| bytes.get(offset as usize).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    match offsets.iter().position(|offset| within(*offset)) {
        Some(row) => Err(format!("row {row} begins within a character, at byte {} of its data", offsets[row])),
        None => Ok(()),
    }
}

/// Check values of types that don't use all values of their bytes. Rows that are null may hold anything.
fn in_range(of: &DataType, values: &Buffer, valid: Valid) -> Result<(), String> {
    let time = |unit: &TimeUnit| match unit {
        TimeUnit::Second => MILLIS_PER_DAY / 1000,
        TimeUnit::Millisecond => MILLIS_PER_DAY,
        TimeUnit::Microsecond => MILLIS_PER_DAY * 1000,
        TimeUnit::Nanosecond => MILLIS_PER_DAY * 1_000_000,
    };
    let wrong = |found: Option<(usize, i128)>, what: &str| match found {
        Some((row, value)) => Err(format!("row {row} has the value {value}, {what}")),
        None => Ok(()),
    };
    let widened = |(row, value): (usize, i64)| (row, i128::from(value));
    match of {
        DataType::Decimal128(precision, _) => {
            let limit = 10_i128.pow(u32::from(*precision));
            let found = valid.find(native::<i128>(values), |value| value <= -limit || value >= limit);
            wrong(found, &format!("and at most {precision} digits are allowed"))
        }
        DataType::Date64 => {
            let found = valid.find(native::<i64>(values), |value| value % MILLIS_PER_DAY != 0);
            wrong(found.map(widened), "which is not a whole day")
        }
        DataType::Time32(unit) => {
            let end = time(unit);
            let found = valid.find(native::<i32>(values), |value| value < 0 || i64::from(value) >= end);
            wrong(found.map(|(row, value)| (row, i128::from(value))), "which is not a time of day")
        }
        DataType::Time64(unit) => {
            let end = time(unit);
            let found = valid.find(native::<i64>(values), |value| value < 0 || value >= end);
            wrong(found.map(widened), "which is not a time of day")
        }
        _ => Ok(()),
    }
}

/// `buffer`, which [`aligned`] made for such values.
fn native<T: ArrowNativeType>(buffer: &Buffer) -> &[T] {
    buffer.typed_data()
}

/// Check that `rows` ascends, each once, below `end`.
pub fn ascending_below(rows: impl Iterator<Item = u32>, end: usize, what: &str) -> Result<(), String> {
    let mut least = 0_u64;
    for row in rows {
        if u64::from(row) < least {
            return Err(format!("the {what} are not ascending: {row} comes after {}", least - 1));
        }
        if row as usize >= end {
            return Err(format!("the {what} name row {row}, and there are {end} rows"));
        }
        least = u64::from(row) + 1;
    }
    Ok(())
}
