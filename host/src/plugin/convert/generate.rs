//! Schemas and rows of every kind that crosses, from a small generator that a seed determines: for tests.

use std::sync::Arc;

use arrow::array::{
    ArrayData, ArrayRef, BinaryArray, BooleanBufferBuilder, FixedSizeListArray, ListArray, MapArray, RecordBatch,
    RecordBatchOptions, StringArray, StructArray, make_array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, IntervalUnit, Schema, TimeUnit};

use super::lower::width;

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// The types without children.
pub fn flat_types() -> Vec<DataType> {
    use DataType::*;
    let mut types = vec![
        Boolean,
        Int8,
        Int16,
        Int32,
        Int64,
        UInt8,
        UInt16,
        UInt32,
        UInt64,
        Float32,
        Float64,
        Decimal128(38, 10),
        Decimal128(5, -2),
        Utf8,
        Binary,
        FixedSizeBinary(1),
        FixedSizeBinary(7),
        Date32,
        Date64,
        Time32(TimeUnit::Second),
        Time32(TimeUnit::Millisecond),
        Time64(TimeUnit::Microsecond),
        Time64(TimeUnit::Nanosecond),
        Interval(IntervalUnit::YearMonth),
        Interval(IntervalUnit::DayTime),
        Interval(IntervalUnit::MonthDayNano),
    ];
    for unit in [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond] {
        types.push(Duration(unit));
        types.push(Timestamp(unit, None));
        types.push(Timestamp(unit, Some("+02:00".into())));
    }
    types
}

/// A type, nested at most `depth` deep.
fn data_type(random: &mut Random, depth: usize) -> DataType {
    let flat = flat_types();
    match random.below(if depth == 0 { 1 } else { 6 }) {
        2 => DataType::List(field(random, "item", depth - 1)),
        3 => DataType::FixedSizeList(field(random, "item", depth - 1), 1 + random.below(3) as i32),
        4 => DataType::Struct(fields(random, depth - 1)),
        5 => {
            let key = Arc::new(Field::new("key", flat[random.below(flat.len())].clone(), false));
            let entries = DataType::Struct(Fields::from(vec![key, field(random, "value", depth - 1)]));
            DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
        }
        _ => flat[random.below(flat.len())].clone(),
    }
}

fn field(random: &mut Random, name: &str, depth: usize) -> FieldRef {
    let data_type = data_type(random, depth);
    Arc::new(Field::new(name, data_type, random.one_in(2)))
}

fn fields(random: &mut Random, depth: usize) -> Fields {
    let n = 1 + random.below(3);
    (0..n).map(|idx| field(random, &format!("f{idx}"), depth)).collect()
}

/// Some rows of some columns, a slice of more.
pub fn batch(random: &mut Random) -> RecordBatch {
    let fields = fields(random, 3);
    let rows = [0, 1, 7, 8, 9, 64, 65, 130][random.below(8)];
    let from = random.below(20);
    let after = random.below(20);
    let schema = Arc::new(Schema::new(fields.clone()));
    let columns = fields.iter().map(|field| array(random, field, from + rows + after)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(from + rows + after));
    RecordBatch::try_new_with_options(schema, columns, &options).unwrap().slice(from, rows)
}

fn nulls(random: &mut Random, field: &Field, rows: usize) -> Option<NullBuffer> {
    (field.is_nullable() && random.one_in(2)).then(|| {
        let mut bits = BooleanBufferBuilder::new(rows);
        (0..rows).for_each(|_| bits.append(!random.one_in(3)));
        NullBuffer::new(bits.finish())
    })
}

fn lengths(random: &mut Random, rows: usize) -> OffsetBuffer<i32> {
    OffsetBuffer::from_lengths((0..rows).map(|_| random.below(4)))
}

/// `rows` rows of `field`.
pub fn array(random: &mut Random, field: &Field, rows: usize) -> ArrayRef {
    let nulls = nulls(random, field, rows);
    match field.data_type() {
        DataType::Utf8 => {
            let texts = ["", "a", "né", "日本", "😀", "plain text"];
            let values: Vec<&str> = (0..rows).map(|_| texts[random.below(texts.len())]).collect();
            let (offsets, bytes, _) = StringArray::from(values).into_parts();
            Arc::new(StringArray::new(offsets, bytes, nulls))
        }
        DataType::Binary => {
            let offsets = lengths(random, rows);
            let bytes: Vec<u8> = (0..*offsets.last().unwrap()).map(|_| random.next() as u8).collect();
            Arc::new(BinaryArray::new(offsets, Buffer::from_vec(bytes), nulls))
        }
        DataType::List(item) => {
            let offsets = lengths(random, rows);
            let items = array(random, item, *offsets.last().unwrap() as usize);
            Arc::new(ListArray::new(Arc::clone(item), offsets, items, nulls))
        }
        DataType::Map(entries, _) => {
            let offsets = lengths(random, rows);
            let DataType::Struct(fields) = entries.data_type() else { panic!("a map has entries") };
            let n = *offsets.last().unwrap() as usize;
            let columns = fields.iter().map(|field| array(random, field, n)).collect();
            let items = StructArray::new(fields.clone(), columns, None);
            Arc::new(MapArray::new(Arc::clone(entries), offsets, items, nulls, false))
        }
        DataType::FixedSizeList(item, n) => {
            let items = array(random, item, rows * *n as usize);
            Arc::new(FixedSizeListArray::new(Arc::clone(item), *n, items, nulls))
        }
        DataType::Struct(fields) => {
            let columns = fields.iter().map(|field| array(random, field, rows)).collect();
            Arc::new(StructArray::new(fields.clone(), columns, nulls))
        }
        DataType::Boolean => {
            let values = BooleanBuffer::collect_bool(rows, |_| random.one_in(2));
            Arc::new(arrow::array::BooleanArray::new(values, nulls))
        }
        other => fixed(random, other, rows, nulls),
    }
}

/// Values of a fixed width, each small enough for its type.
fn fixed(random: &mut Random, data_type: &DataType, rows: usize, nulls: Option<NullBuffer>) -> ArrayRef {
    let width = width(data_type).unwrap();
    let mut bytes: Vec<u8> = Vec::with_capacity(rows * width);
    for _ in 0..rows {
        let value = match data_type {
            DataType::Date64 => random.below(40_000) as i128 * 86_400_000,
            DataType::Time32(_) | DataType::Time64(_) => random.below(86_400) as i128,
            DataType::Decimal128(..) => random.below(199_999) as i128 - 99_999,
            _ => i128::from(random.next() as i64),
        };
        let all = value.to_le_bytes();
        bytes.extend(all.iter().cycle().take(width));
    }
    let array = ArrayData::builder(data_type.clone()).len(rows).nulls(nulls).add_buffer(Buffer::from_slice_ref(&bytes));
    make_array(array.build().unwrap())
}
