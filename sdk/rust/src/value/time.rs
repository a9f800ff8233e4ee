//! Dates, times, points in time and durations, as the numbers they are in a column.

use super::fixed::{Fixed, fixed_columns};
use crate::data::{DataType, TimeUnit, TimestampType};
use std::marker::PhantomData;

/// What a time is counted in.
pub trait Unit: Copy {
    /// The unit of the column's type.
    const UNIT: TimeUnit;
    /// What a time of day is kept in: `i32` for seconds and milliseconds, `i64` for the others.
    type OfDay: TimeWidth;
}

/// A number that a time of day is kept in.
pub trait TimeWidth: Fixed + Into<i64> + TryFrom<i64> {}
impl TimeWidth for i32 {}
impl TimeWidth for i64 {}

/// The zone of a timestamp.
pub trait Zone: Copy {
    /// A name of the IANA database or an offset; none for a wall-clock time of no zone.
    const ZONE: Option<&'static str>;
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident: $unit:ident, $of_day:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name;
        impl Unit for $name {
            const UNIT: TimeUnit = TimeUnit::$unit;
            type OfDay = $of_day;
        }
    )*};
}

units! {
    /// Seconds.
    Second: Second, i32;
    /// Milliseconds.
    Milli: Millisecond, i32;
    /// Microseconds.
    Micro: Microsecond, i64;
    /// Nanoseconds.
    Nano: Nanosecond, i64;
}

/// A wall-clock time of no zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoZone;
impl Zone for NoZone {
    const ZONE: Option<&'static str> = None;
}

/// A point in time, shown in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utc;
impl Zone for Utc {
    const ZONE: Option<&'static str> = Some("UTC");
}

/// A day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

/// A day, in a column that counts milliseconds since 1970-01-01, of which there are whole days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date64(pub i64);

/// A point in time: units since 1970-01-01T00:00:00. Write `Timestamp<Nano>` or `Timestamp<Milli, Utc>` for other columns than
/// microseconds of no zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp<U: Unit = Micro, Z: Zone = NoZone>(pub i64, PhantomData<(U, Z)>);

/// A time of day: units since midnight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time<U: Unit = Micro>(pub U::OfDay);

/// Elapsed time in units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration<U: Unit = Micro>(pub i64, PhantomData<U>);

impl<U: Unit, Z: Zone> Timestamp<U, Z> {
    /// The point in time so many units after 1970-01-01T00:00:00.
    pub const fn new(units: i64) -> Self {
        Timestamp(units, PhantomData)
    }
}

impl<U: Unit> Duration<U> {
    /// So many units.
    pub const fn new(units: i64) -> Self {
        Duration(units, PhantomData)
    }
}

macro_rules! wraps {
    ([$($generics:tt)*] $type:ty, $inner:ty, $new:expr, $data_type:expr) => {
        impl<$($generics)*> Fixed for $type {
            type Bytes = <$inner as Fixed>::Bytes;
            #[inline]
            fn from_bytes(bytes: Self::Bytes) -> Self {
                $new(<$inner>::from_bytes(bytes))
            }
            #[inline]
            fn to_bytes(self) -> Self::Bytes {
                self.0.to_bytes()
            }
            fn split(buffer: &[u8]) -> &[Self::Bytes] {
                <$inner>::split(buffer)
            }
            fn join(values: Vec<Self::Bytes>) -> Vec<u8> {
                <$inner>::join(values)
            }
            fn zeros() -> Self::Bytes {
                <$inner>::zeros()
            }
            fn data_type() -> DataType {
                $data_type
            }
        }
        fixed_columns!([$($generics)*] $type);
    };
}

wraps!([] Date, i32, Date, DataType::Date32);
wraps!([] Date64, i64, Date64, DataType::Date64);
wraps!([U: Unit] Time<U>, U::OfDay, Time, DataType::Time(U::UNIT));
wraps!([U: Unit] Duration<U>, i64, Duration::new, DataType::Duration(U::UNIT));
wraps!([U: Unit, Z: Zone] Timestamp<U, Z>, i64, Timestamp::new,
    DataType::Timestamp(TimestampType { unit: U::UNIT, zone: Z::ZONE.map(str::to_owned) }));
