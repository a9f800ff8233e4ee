//! The attributes of `sluicebox-sdk`, which re-exports and documents each.
//!
//! Each leaves the author's item as it is, so that it can be called in tests, and adds a type of the same name
//! that implements the SDK's trait; types and functions have separate names in Rust.

mod args;
mod config;
mod elide;
mod functions;
mod impls;
mod outside;
mod reduce;
mod row;
mod state;
#[cfg(test)]
mod tests;

use functions::Kind;
use proc_macro::TokenStream;
use syn::{Error, parse_macro_input};

fn expand(result: Result<proc_macro2::TokenStream, Error>) -> TokenStream {
    result.unwrap_or_else(Error::into_compile_error).into()
}

#[proc_macro_attribute]
pub fn map(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(functions::expand(Kind::Map, parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn flat_map(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(functions::expand(Kind::FlatMap, parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn filter(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(functions::expand(Kind::Filter, parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn map_partitions(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(impls::map_partitions(parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn aggregate(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(impls::aggregate(parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn reduce(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(reduce::expand(parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn sink(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(outside::sink(parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn receiver(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(outside::receiver(parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn update_state_by_key(attributes: TokenStream, item: TokenStream) -> TokenStream {
    let kind = state::Kind::UpdateStateByKey;
    expand(state::expand(kind, parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn map_with_state(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(state::expand(state::Kind::MapWithState, parse_macro_input!(attributes), parse_macro_input!(item)))
}

#[proc_macro_attribute]
pub fn config(attributes: TokenStream, item: TokenStream) -> TokenStream {
    expand(config::expand(attributes.into(), parse_macro_input!(item)))
}

#[proc_macro_derive(Row, attributes(row))]
pub fn derive_row(item: TokenStream) -> TokenStream {
    expand(row::expand(parse_macro_input!(item)))
}
