//! Types as they can be named outside the item they stand in.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// The type with its named lifetimes left to inference: the function's own are not known outside it. `'static` stays.
pub fn elided(ty: &Type) -> TokenStream {
    walk(ty.to_token_stream())
}

fn walk(tokens: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(name)) if name != "static" => out.extend(quote_spanned!(name.span()=> '_)),
                name => out.extend(std::iter::once(TokenTree::Punct(punct)).chain(name)),
            },
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), walk(group.stream()));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}
