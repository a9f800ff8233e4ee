//! Intervals of the calendar, in their three shapes.

use super::fixed::{Fixed, fixed_columns};
use crate::data::{DataType, IntervalUnit};

/// Months; a year is 12 of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Months(pub i32);

/// Days and milliseconds, which don't carry over into days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct DayTime {
    /// Days.
    pub days: i32,
    /// Milliseconds.
    pub millis: i32,
}

/// Months, days and nanoseconds, none of which carries over into another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct MonthDayNano {
    /// Months.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Nanoseconds.
    pub nanos: i64,
}

macro_rules! interval {
    ($type:ident, $unit:ident, $bytes:literal, $bits:ident => $from:expr, $value:ident => $to:expr) => {
        impl Fixed for $type {
            type Bytes = [u8; $bytes];

            #[inline]
            fn from_bytes(bytes: Self::Bytes) -> Self {
                let $bits = bytes;
                $from
            }

            #[inline]
            fn to_bytes(self) -> Self::Bytes {
                let $value = self;
                $to.to_le_bytes()
            }

            fn split(buffer: &[u8]) -> &[Self::Bytes] {
                buffer.as_chunks().0
            }

            fn join(values: Vec<Self::Bytes>) -> Vec<u8> {
                values.into_flattened()
            }

            fn zeros() -> Self::Bytes {
                [0; $bytes]
            }

            fn data_type() -> DataType {
                DataType::Interval(IntervalUnit::$unit)
            }
        }
        fixed_columns!([] $type);
    };
}

// The first part stands in the lowest bytes.
interval!(Months, YearMonth, 4, bytes => Months(i32::from_le_bytes(bytes)), interval => interval.0);
interval!(
    DayTime, DayTime, 8,
    bytes => {
        let bits = u64::from_le_bytes(bytes);
        DayTime { days: bits as i32, millis: (bits >> 32) as i32 }
    },
    interval => u64::from(interval.days as u32) | u64::from(interval.millis as u32) << 32
);
interval!(
    MonthDayNano, MonthDayNano, 16,
    bytes => {
        let bits = u128::from_le_bytes(bytes);
        MonthDayNano { months: bits as i32, days: (bits >> 32) as i32, nanos: (bits >> 64) as i64 }
    },
    interval => u128::from(interval.months as u32)
        | u128::from(interval.days as u32) << 32
        | u128::from(interval.nanos as u64) << 64
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_one_after_the_other() {
        let day_time = DayTime { days: -2, millis: 3 };
        assert_eq!(day_time.to_bytes(), [0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0]);
        assert_eq!(DayTime::from_bytes(day_time.to_bytes()), day_time);
        let all = MonthDayNano { months: 1, days: -1, nanos: -5 };
        assert_eq!(all.to_bytes()[..9], [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfb]);
        assert_eq!(MonthDayNano::from_bytes(all.to_bytes()), all);
    }
}
