//! `#[config]`: a struct that serde reads, strictly.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemStruct, Result};

pub fn expand(attributes: TokenStream, item: ItemStruct) -> Result<TokenStream> {
    if !attributes.is_empty() {
        return Err(Error::new_spanned(attributes, "#[config] takes no arguments"));
    }
    Ok(quote! {
        #[derive(::sluicebox_sdk::serde::Deserialize)]
        #[serde(crate = "::sluicebox_sdk::serde", rename_all = "kebab-case", deny_unknown_fields)]
        #item
    })
}
