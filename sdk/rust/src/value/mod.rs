//! The plain types of operators, and how each lies in a column.

mod bool;
mod decimal;
mod fixed;
mod fixed_list;
mod interval;
mod list;
mod map;
mod option;
pub mod row;
mod text;
mod time;
mod tuple;

pub use decimal::Decimal;
pub use fixed::{Fixed, FixedBuilder, FixedColumn};
pub use interval::{DayTime, MonthDayNano, Months};
pub use map::Map;
pub use row::{BuildColumns, RowBuilder, RowColumn};
pub use text::{Binary, FixedBinary};
pub use time::{
    Date, Date64, Duration, Micro, Milli, Nano, NoZone, Second, Time, TimeWidth, Timestamp, Unit, Utc, Zone,
};

use crate::data::{DataType, Field};

/// A field without children that is never null.
pub(crate) fn leaf(name: &str, data_type: DataType) -> Field {
    Field { name: name.to_owned(), data_type, nullable: false, children: 0 }
}
