//! Which key group a key belongs to: a hash of a canonical encoding of the key's values, both ours, both fixed for ever as version 1.
//!
//! The hash of a key starts at [`SEED`] and goes over its columns in order. A value that is not null turns the hash `h` into
//! `xxh64(bytes, h)`, where the bytes are the value's canonical encoding; a null turns it into `xxh64("", h ^ NULL)`. Encodings:
//!
//! | type | bytes, little-endian |
//! |---|---|
//! | boolean | one, 0 or 1 |
//! | integers of any width | the value as 64 bits |
//! | floats of any width | the value as float64; -0.0 as 0.0, every NaN as 0x7ff8000000000000 |
//! | decimals up to 128 bits | the unscaled value as 128 bits and the scale as 8, without trailing decimal zeros; 0 has scale 0 |
//! | date, time, timestamp, duration | nanoseconds as 128 bits |
//! | interval | months as 32 bits, days as 32, nanoseconds as 64 |
//! | strings and binaries, whatever their layout | the bytes |
//!
//! Keys are compared by these encodings only within one schema, so that two types share encodings is of no matter. The key group is the hash
//! modulo the number of key groups, and partition p of n has a contiguous range of groups. State files are named by key group, so none of this may change.

use arrow::array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType, IntervalYearMonthType,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

use crate::job::types::TypeName;

/// The version of the encoding and the hash; written wherever key groups are persisted.
pub const VERSION: u32 = 1;

/// What the hash of every key starts at.
const SEED: u64 = VERSION as u64;
/// Sets a null apart from an empty string.
const NULL: u64 = 0xa5a5_a5a5_a5a5_a5a5;

/// A column that can't be part of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a column of type {} can't be part of a key; use strings, binaries, booleans, numbers, dates, times or intervals",
    TypeName(.0)
)]
pub struct NotAKey(pub DataType);

/// Whether columns of this type can be part of a key: everything that crosses to plugins but nested types.
pub fn check_key_type(data_type: &DataType) -> Result<(), NotAKey> {
    match data_type {
        DataType::Dictionary(_, values) => check_key_type(values),
        DataType::Null | DataType::Boolean | DataType::Date32 | DataType::Date64 => Ok(()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(()),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => Ok(()),
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) => Ok(()),
        DataType::Time32(_) | DataType::Time64(_) | DataType::Timestamp(..) => Ok(()),
        DataType::Duration(_) | DataType::Interval(_) => Ok(()),
        numeric if numeric.is_integer() || numeric.is_floating() => Ok(()),
        other => Err(NotAKey(other.clone())),
    }
}

/// The hash of each row's key: `rows` of them, one column of `columns` after the other. No columns at all is one key for all rows.
///
/// # Errors
/// [`NotAKey`] for a column of a nested or unknown type.
pub fn key_hashes(columns: &[ArrayRef], rows: usize) -> Result<Vec<u64>, NotAKey> {
    let mut hashes = vec![SEED; rows];
    columns.iter().try_for_each(|column| fold_column(column, &mut hashes))?;
    Ok(hashes)
}

/// The key group of a key with this hash. `key_groups` is at least 1.
pub fn key_group(hash: u64, key_groups: u32) -> u32 {
    let n = u64::from(key_groups.max(1));
    // Nearly always a power of two, where no division is needed. The remainder is below a u32, so nothing is cut off.
    (if n.is_power_of_two() { hash & (n - 1) } else { hash % n }) as u32
}

/// The partition, of `partitions`, that a key group is worked on in: ranges of groups as even as can be. `key_groups` is at least 1.
pub fn partition_of(group: u32, key_groups: u32, partitions: u32) -> u32 {
    // group < key_groups, so the quotient is below partitions.
    (u64::from(group) * u64::from(partitions) / u64::from(key_groups.max(1))) as u32
}

fn fold_column(column: &ArrayRef, hashes: &mut [u64]) -> Result<(), NotAKey> {
    match column.data_type() {
        DataType::Null => hashes.iter_mut().for_each(fold_null),
        DataType::Boolean => {
            let values = column.as_boolean();
            fold_rows(column, hashes, |row, hash| xxh64(&[u8::from(values.value(row))], hash));
        }
        DataType::Int8 => fold_integers::<Int8Type>(column, hashes, i64::from),
        DataType::Int16 => fold_integers::<Int16Type>(column, hashes, i64::from),
        DataType::Int32 => fold_integers::<Int32Type>(column, hashes, i64::from),
        DataType::Int64 => fold_integers::<Int64Type>(column, hashes, |value| value),
        DataType::UInt8 => fold_integers::<UInt8Type>(column, hashes, i64::from),
        DataType::UInt16 => fold_integers::<UInt16Type>(column, hashes, i64::from),
        DataType::UInt32 => fold_integers::<UInt32Type>(column, hashes, i64::from),
        DataType::UInt64 => fold_integers::<UInt64Type>(column, hashes, |value| value as i64),
        DataType::Float16 => fold_floats::<Float16Type>(column, hashes, f64::from),
        DataType::Float32 => fold_floats::<Float32Type>(column, hashes, f64::from),
        DataType::Float64 => fold_floats::<Float64Type>(column, hashes, |value| value),
        DataType::Decimal32(_, scale) => fold_decimals::<Decimal32Type>(column, hashes, *scale, i128::from),
        DataType::Decimal64(_, scale) => fold_decimals::<Decimal64Type>(column, hashes, *scale, i128::from),
        DataType::Decimal128(_, scale) => fold_decimals::<Decimal128Type>(column, hashes, *scale, |value| value),
        DataType::Utf8 => {
            let values = column.as_string::<i32>();
            fold_rows(column, hashes, |row, hash| xxh64(values.value(row).as_bytes(), hash));
        }
        DataType::LargeUtf8 => {
            let values = column.as_string::<i64>();
            fold_rows(column, hashes, |row, hash| xxh64(values.value(row).as_bytes(), hash));
        }
        DataType::Utf8View => {
            let values = column.as_string_view();
            fold_rows(column, hashes, |row, hash| xxh64(values.value(row).as_bytes(), hash));
        }
        DataType::Binary => {
            let values = column.as_binary::<i32>();
            fold_rows(column, hashes, |row, hash| xxh64(values.value(row), hash));
        }
        DataType::LargeBinary => {
            let values = column.as_binary::<i64>();
            fold_rows(column, hashes, |row, hash| xxh64(values.value(row), hash));
        }
        DataType::BinaryView => {
            let values = column.as_binary_view();
            fold_rows(column, hashes, |row, hash| xxh64(values.value(row), hash));
        }
        DataType::FixedSizeBinary(_) => {
            let values = column.as_fixed_size_binary();
            fold_rows(column, hashes, |row, hash| xxh64(values.value(row), hash));
        }
        DataType::Interval(unit) => fold_intervals(column, hashes, *unit),
        DataType::Dictionary(_, values) => {
            let plain = arrow::compute::cast(column, values).map_err(|_| NotAKey(column.data_type().clone()))?;
            fold_column(&plain, hashes)?;
        }
        _ => fold_times(column, hashes)?,
    }
    Ok(())
}

fn fold_times(column: &ArrayRef, hashes: &mut [u64]) -> Result<(), NotAKey> {
    const DAY: i128 = 86_400_000_000_000;
    match column.data_type() {
        DataType::Date32 => fold_nanos::<Date32Type>(column, hashes, DAY),
        DataType::Date64 => fold_nanos::<Date64Type>(column, hashes, nanos(TimeUnit::Millisecond)),
        DataType::Time32(TimeUnit::Second) => fold_nanos::<Time32SecondType>(column, hashes, nanos(TimeUnit::Second)),
        DataType::Time32(unit) => fold_nanos::<Time32MillisecondType>(column, hashes, nanos(*unit)),
        DataType::Time64(TimeUnit::Microsecond) => {
            fold_nanos::<Time64MicrosecondType>(column, hashes, nanos(TimeUnit::Microsecond))
        }
        DataType::Time64(unit) => fold_nanos::<Time64NanosecondType>(column, hashes, nanos(*unit)),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => fold_nanos::<TimestampSecondType>(column, hashes, nanos(*unit)),
            TimeUnit::Millisecond => fold_nanos::<TimestampMillisecondType>(column, hashes, nanos(*unit)),
            TimeUnit::Microsecond => fold_nanos::<TimestampMicrosecondType>(column, hashes, nanos(*unit)),
            TimeUnit::Nanosecond => fold_nanos::<TimestampNanosecondType>(column, hashes, nanos(*unit)),
        },
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => fold_nanos::<DurationSecondType>(column, hashes, nanos(*unit)),
            TimeUnit::Millisecond => fold_nanos::<DurationMillisecondType>(column, hashes, nanos(*unit)),
            TimeUnit::Microsecond => fold_nanos::<DurationMicrosecondType>(column, hashes, nanos(*unit)),
            TimeUnit::Nanosecond => fold_nanos::<DurationNanosecondType>(column, hashes, nanos(*unit)),
        },
        other => return Err(NotAKey(other.clone())),
    }
    Ok(())
}

fn nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

fn fold_null(hash: &mut u64) {
    *hash = xxh64(&[], *hash ^ NULL);
}

/// `fold` gets the row and the hash so far; it is called for rows that are not null.
fn fold_rows(column: &ArrayRef, hashes: &mut [u64], fold: impl Fn(usize, u64) -> u64) {
    match column.nulls() {
        None => hashes.iter_mut().enumerate().for_each(|(row, hash)| *hash = fold(row, *hash)),
        Some(nulls) => hashes.iter_mut().enumerate().for_each(|(row, hash)| match nulls.is_null(row) {
            true => fold_null(hash),
            false => *hash = fold(row, *hash),
        }),
    }
}

fn fold_integers<T: ArrowPrimitiveType>(column: &ArrayRef, hashes: &mut [u64], widen: impl Fn(T::Native) -> i64) {
    let values = column.as_primitive::<T>().values();
    fold_rows(column, hashes, |row, hash| xxh64(&widen(values[row]).to_le_bytes(), hash));
}

fn fold_floats<T: ArrowPrimitiveType>(column: &ArrayRef, hashes: &mut [u64], widen: impl Fn(T::Native) -> f64) {
    let values = column.as_primitive::<T>().values();
    fold_rows(column, hashes, |row, hash| {
        let value = widen(values[row]);
        let bits = match value {
            nan if nan.is_nan() => 0x7ff8_0000_0000_0000,
            0.0 => 0,
            other => other.to_bits(),
        };
        xxh64(&bits.to_le_bytes(), hash)
    });
}

fn fold_decimals<T: ArrowPrimitiveType>(
    column: &ArrayRef,
    hashes: &mut [u64],
    scale: i8,
    widen: impl Fn(T::Native) -> i128,
) {
    let values = column.as_primitive::<T>().values();
    fold_rows(column, hashes, |row, hash| {
        let (mut value, mut scale) = (widen(values[row]), scale);
        while value != 0 && value % 10 == 0 && scale > i8::MIN {
            (value, scale) = (value / 10, scale - 1);
        }
        let mut bytes = [0; 17];
        bytes[..16].copy_from_slice(&value.to_le_bytes());
        bytes[16] = if value == 0 { 0 } else { scale.cast_unsigned() };
        xxh64(&bytes, hash)
    });
}

fn fold_nanos<T: ArrowPrimitiveType>(column: &ArrayRef, hashes: &mut [u64], unit: i128)
where
    T::Native: Into<i64>,
{
    let values = column.as_primitive::<T>().values();
    fold_rows(column, hashes, |row, hash| {
        let value: i64 = values[row].into();
        xxh64(&(i128::from(value) * unit).to_le_bytes(), hash)
    });
}

fn fold_intervals(column: &ArrayRef, hashes: &mut [u64], unit: IntervalUnit) {
    let fold = |months: i32, days: i32, nanoseconds: i64, hash| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&months.to_le_bytes());
        bytes[4..8].copy_from_slice(&days.to_le_bytes());
        bytes[8..].copy_from_slice(&nanoseconds.to_le_bytes());
        xxh64(&bytes, hash)
    };
    match unit {
        IntervalUnit::YearMonth => {
            let values = column.as_primitive::<IntervalYearMonthType>().values();
            fold_rows(column, hashes, |row, hash| fold(values[row], 0, 0, hash));
        }
        IntervalUnit::DayTime => {
            let values = column.as_primitive::<IntervalDayTimeType>().values();
            fold_rows(column, hashes, |row, hash| {
                fold(0, values[row].days, i64::from(values[row].milliseconds) * 1_000_000, hash)
            });
        }
        IntervalUnit::MonthDayNano => {
            let values = column.as_primitive::<IntervalMonthDayNanoType>().values();
            fold_rows(column, hashes, |row, hash| {
                fold(values[row].months, values[row].days, values[row].nanoseconds, hash)
            });
        }
    }
}

const P1: u64 = 0x9e37_79b1_85eb_ca87;
const P2: u64 = 0xc2b2_ae3d_27d4_eb4f;
const P3: u64 = 0x1656_67b1_9e37_79f9;
const P4: u64 = 0x85eb_ca77_c2b2_ae63;
const P5: u64 = 0x27d4_eb2f_1656_67c5;

/// XXH64 as its specification has it (xxHash, doc/xxhash_spec.md). Written out here because what is persisted depends on it.
fn xxh64(bytes: &[u8], seed: u64) -> u64 {
    let (stripes, rest) = bytes.as_chunks::<32>();
    let mut hash = match stripes {
        [] => seed.wrapping_add(P5),
        stripes => converge(stripes, seed),
    };
    hash = hash.wrapping_add(bytes.len() as u64);
    let (eights, rest) = rest.as_chunks::<8>();
    for eight in eights {
        hash = (hash ^ round(0, u64::from_le_bytes(*eight))).rotate_left(27).wrapping_mul(P1).wrapping_add(P4);
    }
    let (fours, rest) = rest.as_chunks::<4>();
    for four in fours {
        let word = u64::from(u32::from_le_bytes(*four));
        hash = (hash ^ word.wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3);
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(P2);
    hash = (hash ^ (hash >> 29)).wrapping_mul(P3);
    hash ^ (hash >> 32)
}

fn round(accumulator: u64, word: u64) -> u64 {
    accumulator.wrapping_add(word.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

fn converge(stripes: &[[u8; 32]], seed: u64) -> u64 {
    let mut lanes = [seed.wrapping_add(P1).wrapping_add(P2), seed.wrapping_add(P2), seed, seed.wrapping_sub(P1)];
    for stripe in stripes {
        let (words, _) = stripe.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = round(*lane, u64::from_le_bytes(*word));
        }
    }
    let start = lanes.iter().zip([1, 7, 12, 18]).fold(0u64, |sum, (lane, by)| sum.wrapping_add(lane.rotate_left(by)));
    lanes.iter().fold(start, |hash, lane| (hash ^ round(0, *lane)).wrapping_mul(P1).wrapping_add(P4))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray, Float32Array,
        Float64Array, Int64Array, LargeStringArray, NullArray, StringArray, StringViewArray, TimestampMillisecondArray,
        TimestampSecondArray, UInt64Array,
    };
    use arrow::datatypes::Field;

    use super::*;

    fn hashes(column: impl Array + 'static) -> Vec<u64> {
        let rows = column.len();
        key_hashes(&[Arc::new(column)], rows).unwrap()
    }

    #[test]
    fn xxh64_is_the_published_one() {
        let long = b"Nobody inspects the spammish repetition";
        for (bytes, seed, hash) in [
            (&b""[..], 0, 0xef46_db37_51d8_e999),
            (b"a", 0, 0xd24e_c4f1_a98c_6e5b),
            (b"abc", 0, 0x44bc_2cf5_ad77_0999),
            (long, 0, 0xfbce_a83c_8a37_8bf1),
            (b"", 1, 0xd5af_ba13_36a3_be4b),
        ] {
            assert_eq!(xxh64(bytes, seed), hash, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    /// What was persisted under version 1 must be found again: these numbers never change.
    #[test]
    fn golden_vectors_of_version_1() {
        let long = "a key of more than thirty-two bytes, so that all lanes are used";
        let golden: [(&str, Vec<u64>, u64); 9] = [
            ("empty string", hashes(StringArray::from(vec![""])), GOLDEN[0]),
            ("word", hashes(StringArray::from(vec!["word"])), GOLDEN[1]),
            ("long string", hashes(StringArray::from(vec![long])), GOLDEN[2]),
            ("null", hashes(StringArray::from(vec![None::<&str>])), GOLDEN[3]),
            ("true", hashes(BooleanArray::from(vec![true])), GOLDEN[4]),
            ("-1", hashes(Int64Array::from(vec![-1])), GOLDEN[5]),
            ("1.5", hashes(Float64Array::from(vec![1.5])), GOLDEN[6]),
            ("12.34", hashes(Decimal128Array::from(vec![1234]).with_precision_and_scale(10, 2).unwrap()), GOLDEN[7]),
            ("a second", hashes(TimestampSecondArray::from(vec![1])), GOLDEN[8]),
        ];
        for (what, hashes, expected) in golden {
            assert_eq!(hashes, [expected], "{what}: {:#x}", hashes[0]);
        }
        let two: [ArrayRef; 2] = [Arc::new(StringArray::from(vec!["word"])), Arc::new(Int64Array::from(vec![7]))];
        assert_eq!(key_hashes(&two, 1).unwrap(), [GOLDEN[9]]);
        assert_eq!(key_hashes(&[], 2).unwrap(), [1, 1], "no key columns: one key");
        assert_eq!(key_group(GOLDEN[1], 128), (GOLDEN[1] % 128) as u32);
    }

    /// Computed from the table at the top by another implementation of XXH64.
    const GOLDEN: [u64; 10] = [
        0xd5af_ba13_36a3_be4b,
        0xb953_3766_3d23_9418,
        0x30ff_2b16_8e9d_3e2b,
        0x36ca_3b89_8e99_7d2a,
        0x6ec2_195f_fcaa_3025,
        0x0ad7_f612_8987_5125,
        0x3e90_92ee_e57d_53bd,
        0xdcb6_2680_a6ab_4191,
        0x2cd3_c8b6_9abf_5ad4,
        0xa85b_9c02_ca0f_6500,
    ];

    #[test]
    fn layout_doesnt_matter_but_value_does() {
        let words = vec![Some("a"), None, Some(""), Some("a word longer than a view's twelve bytes")];
        let plain = hashes(StringArray::from(words.clone()));
        assert_eq!(plain, hashes(StringViewArray::from(words.clone())));
        assert_eq!(plain, hashes(LargeStringArray::from(words.clone())));
        assert_eq!(plain, hashes(words.iter().copied().collect::<DictionaryArray<Int16Type>>()));
        assert_eq!(plain, hashes(words.iter().map(|word| word.map(str::as_bytes)).collect::<BinaryArray>()));
        assert_eq!(plain[1..], hashes(StringArray::from(words).slice(1, 3)));
        assert_eq!(plain.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
        assert_eq!(hashes(NullArray::new(1))[0], plain[1]);
        assert_eq!(hashes(Int64Array::from(vec![5])), hashes(UInt64Array::from(vec![5])));
        assert_eq!(hashes(Date32Array::from(vec![1])), hashes(Date64Array::from(vec![86_400_000])));
        assert_eq!(hashes(TimestampSecondArray::from(vec![-2])), hashes(TimestampMillisecondArray::from(vec![-2000])));
    }

    #[test]
    fn equal_numbers_have_equal_hashes() {
        let floats =
            hashes(Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001)]));
        assert_eq!(floats[0], floats[1]);
        assert!(floats[2..].iter().all(|nan| *nan == floats[2]));
        assert_eq!(hashes(Float32Array::from(vec![1.5])), hashes(Float64Array::from(vec![1.5])));
        let of_scale =
            |value, scale| hashes(Decimal128Array::from(vec![value]).with_precision_and_scale(20, scale).unwrap());
        assert_eq!(of_scale(1000, 3), of_scale(1, 0));
        assert_eq!(of_scale(0, 3), of_scale(0, 0));
        assert_ne!(of_scale(10, 1), of_scale(10, 0));
    }

    #[test]
    fn nested_types_are_no_keys() {
        let list = DataType::List(Arc::new(Field::new("item", DataType::Int8, true)));
        assert_eq!(check_key_type(&list), Err(NotAKey(list.clone())));
        assert_eq!(key_hashes(&[arrow::array::new_null_array(&list, 1)], 1), Err(NotAKey(list)));
        assert!(check_key_type(&DataType::Decimal256(40, 2)).is_err());
    }

    #[test]
    fn partitions_share_the_groups_evenly_and_in_order() {
        for partitions in [1, 2, 7, 128] {
            let of: Vec<u32> = (0..128).map(|group| partition_of(group, 128, partitions)).collect();
            assert!(of.is_sorted() && of[0] == 0 && of[127] == partitions - 1, "{partitions}: {of:?}");
            let sizes = of.chunk_by(|a, b| a == b).map(<[u32]>::len);
            assert!(sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1, "{partitions}: {of:?}");
        }
    }
}
