//! The two ways an operator says no: to a row ([`Reject`]), and to the whole call ([`Error`]).

use crate::bindings::data;
use std::fmt::{Debug, Display};

pub use data::Error;

impl Error {
    /// The configuration is wrong; the message names the key and what is allowed.
    pub fn invalid_config(message: impl Display) -> Self {
        Error::InvalidConfig(message.to_string())
    }

    /// The input's columns don't suit the operator; the message names the column and what is expected.
    pub fn invalid_input(message: impl Display) -> Self {
        Error::InvalidInput(message.to_string())
    }

    /// Anything else; it would happen again on the same input.
    pub fn failed(message: impl Display) -> Self {
        Error::Failed(message.to_string())
    }

    /// Something outside can't be had right now; the host tries again.
    pub fn unavailable(message: impl Display) -> Self {
        Error::Unavailable(message.to_string())
    }
}

/// Why an operator will have nothing to do with a row. The job's `on-reject` policy decides what becomes of it.
///
/// Every error of the standard library becomes one by `?`; [`reject!`](crate::reject) makes one of a format string.
///
/// ```
/// use sluicebox_sdk::prelude::*;
///
/// #[map(output = "number")]
/// fn parse(text: &str) -> Result<i64, Reject> {
///     let number: i64 = text.parse()?;
///     if number < 0 {
///         return Err(reject!("{number} is below zero"));
///     }
///     Ok(number)
/// }
///
/// assert_eq!(parse("x").unwrap_err().reason(), "invalid digit found in string");
/// assert_eq!(parse("-1").unwrap_err().reason(), "-1 is below zero");
/// ```
pub struct Reject(String);

impl Reject {
    /// Reject a row for this reason. The host keeps the first 1,024 bytes.
    pub fn new(reason: impl Display) -> Self {
        Reject(reason.to_string())
    }

    /// The reason given.
    pub fn reason(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_reason(self) -> String {
        self.0
    }
}

impl Debug for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reject({:?})", self.0)
    }
}

impl<E: std::error::Error> From<E> for Reject {
    fn from(error: E) -> Self {
        Reject(error.to_string())
    }
}

/// A [`Reject`] of a format string.
#[macro_export]
macro_rules! reject {
    ($($format:tt)*) => { $crate::Reject::new(::std::format_args!($($format)*)) };
}
