//! Rows of every type that crosses, read into plain Rust types and written again.

use sluicebox_sdk::prelude::*;
use sluicebox_sdk::{
    Date64, DayTime, Duration, FixedBinary, Map, Micro, Milli, MonthDayNano, Months, Nano, NoZone, Second, Time, Utc,
    Zone,
};

/// A zone of the author's own.
#[derive(Clone, Copy)]
pub struct Berlin;

impl Zone for Berlin {
    const ZONE: Option<&'static str> = Some("Europe/Berlin");
}

/// A zone that is an offset.
#[derive(Clone, Copy)]
pub struct PlusTwo;

impl Zone for PlusTwo {
    const ZONE: Option<&'static str> = Some("+02:00");
}

#[derive(Row)]
pub struct Point<'a> {
    x: i64,
    #[row(name = "the label")]
    label: Option<&'a str>,
}

/// One row of these columns without nulls, and one where each may be null.
macro_rules! rows {
    ($($name:ident: $type:ty,)*) => {
        #[derive(Row)]
        pub struct Plain<'a> {
            $($name: $type,)*
        }

        #[derive(Row)]
        pub struct Nullable<'a> {
            $($name: Option<$type>,)*
        }
    };
}

rows! {
    boolean: bool,
    int8: i8,
    int16: i16,
    int32: i32,
    int64: i64,
    uint8: u8,
    uint16: u16,
    uint32: u32,
    uint64: u64,
    float32: f32,
    float64: f64,
    decimal: Decimal<10, 2>,
    decimal_whole: Decimal<38, 0>,
    decimal_round: Decimal<5, -3>,
    string: &'a str,
    binary: &'a [u8],
    fixed_binary: FixedBinary<3>,
    fixed_binary_long: FixedBinary<40>,
    date: Date,
    date64: Date64,
    time_s: Time<Second>,
    time_ms: Time<Milli>,
    time_us: Time<Micro>,
    time_ns: Time<Nano>,
    timestamp_s: Timestamp<Second>,
    timestamp_ms: Timestamp<Milli, Utc>,
    timestamp_us: Timestamp<Micro, Berlin>,
    timestamp_ns: Timestamp<Nano, PlusTwo>,
    timestamp_plain: Timestamp<Nano, NoZone>,
    duration_s: Duration<Second>,
    duration_ms: Duration<Milli>,
    duration_us: Duration<Micro>,
    duration_ns: Duration<Nano>,
    months: Months,
    day_time: DayTime,
    month_day_nano: MonthDayNano,
    list: Vec<i64>,
    list_of_strings: Vec<Option<&'a str>>,
    list_of_lists: Vec<Option<Vec<bool>>>,
    fixed_list: [Option<f32>; 3],
    fixed_list_of_strings: [&'a str; 2],
    point: Point<'a>,
    points: Vec<Point<'a>>,
    pair: (Date, Option<Vec<u8>>),
    map: Map<&'a str, Option<i64>>,
    map_of_maps: Map<&'a str, Map<&'a str, Point<'a>>>,
}

/// The same rows again, of every type.
#[map]
pub fn echo(row: Plain<'_>) -> Plain<'_> {
    row
}

/// The same rows again, of every type, with nulls.
#[map]
pub fn echo_nullable(row: Nullable<'_>) -> Nullable<'_> {
    row
}
