//! Write operators for Sluicebox: functions over plain types, compiled to WebAssembly components.
//!
//! ```
//! use sluicebox_sdk::prelude::*;
//!
//! /// Lines to words.
//! #[flat_map(output = "word")]
//! fn split(line: &str) -> impl Iterator<Item = &str> {
//!     line.split(' ').filter(|word| !word.is_empty())
//! }
//!
//! plugin! {
//!     transforms: [split],
//! }
//! # fn main() {}
//! ```
//!
//! The guide is `docs/operators.md` of the repository. A plugin is a crate of type `cdylib`; `sluicebox plugin build DIR` makes the component, and a job file names
//! `PLUGIN/split` as an operator.
//!
//! | to | write |
//! |---|---|
//! | make one row of each | a function under [`macro@map`] |
//! | make any number of rows of each | a function that returns an iterator, under [`macro@flat_map`] |
//! | say which rows stay | a function that returns `bool`, under [`macro@filter`] |
//! | keep something over the rows of a partition | a [`MapPartitions`] under [`macro@map_partitions`] |
//! | fold the values of a key, two into one | a function under [`macro@reduce`] |
//! | fold the rows of a key in a form of its own | an [`Aggregate`] under [`macro@aggregate`] |
//! | keep something of a key over batches, updated once a batch | a function under [`macro@update_state_by_key`] |
//! | the same, updated by each value, with rows made | a function of a [`State`] under [`macro@map_with_state`] |
//! | write a stream's rows somewhere | a [`Sink`] under [`macro@sink`] |
//! | receive rows from somewhere | a [`Receiver`] under [`macro@receiver`] |
//! | connect to what is granted | [`net::TcpStream`] |
//! | send HTTP requests to what is granted | [`http::get`], [`http::Request`] |
//! | read files of what is granted | [`fs::File`], [`fs::read_dir`] |
//! | reject a row | return `Result<_, Reject>`; see [`Reject`] |
//! | take configuration | a struct under [`macro@config`], and an argument marked `#[config]` |
//! | know batch and partition | an argument `&Context` marked `#[context]` |
//! | log and count | [`info!`] and its like, [`count`] |
//! | work on a chunk's columns at once | `#[map(columns)]`, with [`Column`] and [`Rows`] |
//! | cut text up, fast | [`text::split`] |
//! | take any columns | [`transform::Transform`] |
//! | test natively | the function itself, or [`testing`] |
//!
//! # Rows and columns
//!
//! Arguments are columns by position: `fn gcd(a: i64, b: i64)` takes a stream of two such columns, whatever they are
//! called, and `#[map(input = ["x", "y"])]` takes them by name. A struct under `#[derive(Row)]` as the one argument
//! takes the columns its fields are named after, from among any others. `Option<T>` is a column with nulls; a row with a null
//! elsewhere is rejected. What a function returns becomes columns in the same way, named by `output`.
//!
//! | Rust | column |
//! |---|---|
//! | `bool`, `i8` to `i64`, `u8` to `u64`, `f32`, `f64` | the same |
//! | `&str`, `String`, `Cow<str>` | string |
//! | `&[u8]`, [`Binary`] | binary |
//! | [`FixedBinary<N>`](FixedBinary) | binary of one length |
//! | [`Decimal<P, S>`](Decimal) | decimal |
//! | [`Date`], [`Date64`], [`Time`], [`Timestamp`], [`Duration`] | the same, of microseconds unless said |
//! | [`Months`], [`DayTime`], [`MonthDayNano`] | interval |
//! | `Option<T>` | with nulls |
//! | `Vec<T>`, `[T; N]` | list, fixed-size list |
//! | [`Map<K, V>`](Map) | map |
//! | structs under `#[derive(Row)]`, tuples | several columns; inside another type, a struct |

// The attributes name the crate from outside, also in its own tests.
#[cfg(test)]
extern crate self as sluicebox_sdk;

mod attributes;
#[doc(hidden)]
pub mod bindings;
mod config;
mod error;
#[doc(hidden)]
pub mod guest;
mod host;
#[doc(hidden)]
pub mod plugin;
mod read;
mod schema;
mod value;
mod write;

pub mod aggregate;
pub mod fs;
pub mod http;
pub mod net;
pub mod receiver;
pub mod reference;
pub mod sink;
pub mod state;
pub mod testing;
pub mod text;
pub mod transform;

pub use aggregate::Aggregate;
pub use attributes::*;
pub use bindings::data;
pub use config::parse as parse_config;
pub use data::Context;
pub use error::{Error, Reject};
pub use host::{Level, count, log};
pub use read::{Column, Read};
pub use receiver::{Progress, Receiver};
pub use reference::{broadcast, table};
pub use serde;
pub use sink::{Sink, Target};
pub use state::State;
pub use transform::{MapPartitions, NoConfig};
pub use value::*;
pub use write::{Rows, Write};

/// What a plugin's file begins with: `use sluicebox_sdk::prelude::*;`.
pub mod prelude {
    pub use crate::attributes::*;
    pub use crate::{
        Aggregate, Binary, Column, Context, Date, Decimal, Error, MapPartitions, Progress, Receiver, Reject, Rows,
        Sink, State, Target, Timestamp, broadcast, count, debug, error, info, plugin, reject, table, warn,
    };
}

/// For what the macros write.
#[doc(hidden)]
pub mod __private {
    pub use crate::config::parse as config;
    pub use crate::data::{Batch, Field};
    pub use crate::read::Cursor;
    pub use crate::schema::{kept_output, named_input, named_output, taking_nulls};
    pub use crate::value::row;
    pub use crate::write::{Build, Parts};

    /// A value that is never made: its type is all that is asked for.
    pub fn never<T>() -> T {
        unreachable!("only the type is used")
    }

    /// The names of the columns of a schema.
    pub fn names(schema: &[Field]) -> Vec<String> {
        crate::schema::names(schema)
    }
}

/// The guide for operator authors, whose examples are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/operators.md")]
mod guide {}
