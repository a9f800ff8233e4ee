//! The attributes of `sluicebox-sdk`, which re-exports and documents them by example.
//!
//! Each leaves the author's item as it is, so that it can be called in tests, and adds a type of the same name
//! that implements the SDK's trait; types and functions have separate names in Rust.

mod args;
mod config;
mod functions;
mod impls;
mod reduce;
mod row;

use functions::Kind;
use proc_macro::TokenStream;
use syn::{Error, parse_macro_input};

fn expand(result: Result<proc_macro2::TokenStream, Error>) -> TokenStream {
    result.unwrap_or_else(Error::into_compile_error).into()
}

/// A function that makes one row of each row.
///
/// `output = "name"` or `output = ["a", "b"]` names the columns made, `input = ["x", "y"]` takes columns by name, `name = "..."` is the
/// operator's name where it isn't the function's. With `columns`, the function is called once a chunk: it takes a
/// `Column<'_, T>` for each argument and `&mut Rows<T>` last, and pushes one row for each that it doesn't reject.
///
/// ```ignore
/// /// The greatest common divisor.
/// #[map(output = "gcd")]
/// fn gcd(a: i64, b: i64) -> i64 {
///     if b == 0 { a.abs() } else { gcd(b, a % b) }
/// }
///
/// /// The same pair by pair, over whole columns.
/// #[map(columns, output = "sum")]
/// fn sum(a: Column<'_, i64>, b: Column<'_, i64>, out: &mut Rows<i64>) {
///     for (a, b) in a.iter().zip(b.iter()) {
///         out.push(a.wrapping_add(b));
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn map(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(functions::expand(Kind::Map, parse_macro_input!(attributes), parse_macro_input!(item)))
}

/// A function that makes any number of rows of each row: it returns an iterator, a `Vec`, an `Option`, or a `Result` of one.
/// Takes what [`macro@map`] takes.
///
/// ```ignore
/// #[flat_map(output = "word")]
/// fn split(line: &str) -> impl Iterator<Item = &str> {
///     line.split(' ')
/// }
/// ```
#[proc_macro_attribute]
pub fn flat_map(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(functions::expand(Kind::FlatMap, parse_macro_input!(attributes), parse_macro_input!(item)))
}

/// A function that says whether a row stays: it returns `bool`, or `Result<bool, Reject>`.
///
/// ```ignore
/// #[filter]
/// fn long(line: &str) -> bool {
///     line.len() > 80
/// }
/// ```
#[proc_macro_attribute]
pub fn filter(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(functions::expand(Kind::Filter, parse_macro_input!(attributes), parse_macro_input!(item)))
}

/// An implementation of `MapPartitions`: rows of a whole partition to rows, some of them at its end.
#[proc_macro_attribute]
pub fn map_partitions(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(impls::map_partitions(parse_macro_input!(attributes), parse_macro_input!(item)))
}

/// An implementation of `Aggregate`: rows of a key to one.
#[proc_macro_attribute]
pub fn aggregate(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(impls::aggregate(parse_macro_input!(attributes), parse_macro_input!(item)))
}

/// A function of two values to one, in any grouping: an aggregate of one column, or of a struct's columns, that keeps
/// their names. `inverse = function` names its inverse, with which windows slide.
///
/// ```ignore
/// #[reduce(inverse = minus)]
/// fn sum(a: i64, b: i64) -> i64 {
///     a.wrapping_add(b)
/// }
///
/// fn minus(whole: i64, part: i64) -> i64 {
///     whole.wrapping_sub(part)
/// }
/// ```
#[proc_macro_attribute]
pub fn reduce(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(reduce::expand(parse_macro_input!(attributes), parse_macro_input!(item)))
}

/// A struct as the operator's configuration, read from the plugin's `config` table of the job file: keys are the fields in
/// kebab case, unknown ones are refused. Fields take the attributes of `serde`, such as `#[serde(default)]`.
///
/// ```ignore
/// #[config]
/// struct Mask {
///     keep_last: usize, // config = { keep-last = 4 }
/// }
///
/// #[map(output = "masked")]
/// fn mask(text: &str, #[config] mask: &Mask) -> String {
///     let shown = text.len().saturating_sub(mask.keep_last);
///     text.char_indices().map(|(at, c)| if at < shown { '*' } else { c }).collect()
/// }
/// ```
#[proc_macro_attribute]
pub fn config(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(config::expand(attributes.into(), parse_macro_input!(item)))
}

/// A struct as a row: its fields are the columns of their names. It may have one lifetime, for borrowed fields.
/// `#[row(name = "...")]` on a field is the column's name where it isn't the field's.
///
/// ```ignore
/// #[derive(Row)]
/// struct Order<'a> {
///     customer: &'a str,
///     cents: i64,
///     #[row(name = "note to us")]
///     note: Option<&'a str>,
/// }
/// ```
#[proc_macro_derive(Row, attributes(row))]
pub fn derive_row(item: TokenStream) -> TokenStream {
    expand(row::expand(parse_macro_input!(item)))
}
