//! `#[derive(Row)]`: a struct as the columns of its fields.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Fields, GenericParam, Lifetime, LitStr, Result};

pub fn expand(item: DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &item.data else {
        return Err(Error::new_spanned(&item.ident, "a row is a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&item.ident, "a row is a struct with named fields; a tuple is a row by itself"));
    };
    if fields.named.is_empty() {
        return Err(Error::new_spanned(&item.ident, "a row has at least one column; `()` reads none"));
    }
    let lifetime = match item.generics.params.iter().collect::<Vec<_>>().as_slice() {
        [] => None,
        [GenericParam::Lifetime(lifetime)] => Some(lifetime.lifetime.clone()),
        _ => return Err(Error::new_spanned(&item.generics, "a row has no parameters but one lifetime")),
    };

    let ident = &item.ident;
    let (_, of, _) = item.generics.split_for_impl();
    let reads = lifetime.unwrap_or_else(|| Lifetime::new("'a", Span::call_site()));
    let idents: Vec<_> = fields.named.iter().map(|field| field.ident.clone()).collect();
    let types: Vec<_> = fields.named.iter().map(|field| field.ty.clone()).collect();
    let names = fields.named.iter().map(name).collect::<Result<Vec<LitStr>>>()?;
    let columns: Vec<_> = (0..types.len()).map(|index| format_ident!("column_{index}")).collect();
    let (indices, n_columns) = (0..types.len(), types.len());

    let views = nest(types.iter().map(|ty| quote!(<#ty as __sdk::Read<#reads>>::Column)));
    let builders = nest(types.iter().map(|ty| quote!(<#ty as __sdk::Write>::Builder)));
    let pattern = nest(columns.iter().map(|column| quote!(#column)));
    let opens = nest(types.iter().map(|ty| quote!(<#ty as __sdk::Read<#reads>>::open(cursor)?)));
    let write_generics = &item.generics;

    Ok(quote! {
        const _: () = {
            use ::sluicebox_sdk as __sdk;
            use __sdk::__private::{Cursor, Field, row};
            use ::core::option::Option;
            use ::core::result::Result;
            use ::std::vec::Vec;

            impl<#reads> __sdk::Read<#reads> for #ident #of {
                type Column = row::RowColumn<#reads, #views>;

                fn field(name: &str, fields: &mut Vec<Field>) {
                    row::field(name, fields, #n_columns, |fields| <Self as __sdk::Read<#reads>>::fields(&[], fields));
                }

                fn open(cursor: &mut Cursor<#reads>) -> Result<Self::Column, __sdk::Error> {
                    row::RowColumn::nested(cursor, |cursor| Result::Ok(#opens))
                }

                #[inline]
                fn get(column: &Self::Column, row: usize) -> Self {
                    let #pattern = &column.columns;
                    #ident { #(#idents: <#types as __sdk::Read<#reads>>::get(#columns, row)),* }
                }

                #[inline]
                fn is_null(column: &Self::Column, row: usize) -> bool {
                    column.is_null(row)
                }

                #[inline]
                fn may_lack(column: &Self::Column) -> bool {
                    let #pattern = &column.columns;
                    column.any_null() #(|| <#types as __sdk::Read<#reads>>::may_lack(#columns))*
                }

                #[inline]
                fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
                    let #pattern = &column.columns;
                    if column.is_null(row) {
                        return Option::Some(0);
                    }
                    #(if <#types as __sdk::Read<#reads>>::lacks(#columns, row).is_some() {
                        return Option::Some(#indices);
                    })*
                    Option::None
                }

                fn fields(_names: &[&str], fields: &mut Vec<Field>) {
                    #(<#types as __sdk::Read<#reads>>::field(#names, fields);)*
                }

                fn open_row(cursor: &mut Cursor<#reads>) -> Result<Self::Column, __sdk::Error> {
                    row::RowColumn::top(cursor, |cursor| Result::Ok(#opens))
                }
            }

            impl #write_generics __sdk::Write for #ident #of {
                type Builder = row::RowBuilder<#builders>;

                fn field(name: &str, fields: &mut Vec<Field>) {
                    row::field(name, fields, #n_columns, |fields| <Self as __sdk::Write>::fields(&[], fields));
                }

                #[inline]
                fn put(self, builder: &mut Self::Builder) {
                    let #pattern = builder.next_row();
                    #(<#types as __sdk::Write>::put(self.#idents, #columns);)*
                }

                fn fields(_names: &[&str], fields: &mut Vec<Field>) {
                    #(<#types as __sdk::Write>::field(#names, fields);)*
                }
            }
        };
    })
}

/// `(a, (b, ()))`.
fn nest(parts: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    parts.rev().fold(quote!(()), |rest, part| quote!((#part, #rest)))
}

/// A column's name: that given, or the field's.
fn name(field: &syn::Field) -> Result<LitStr> {
    let mut name = match &field.ident {
        Some(ident) => LitStr::new(ident.to_string().trim_start_matches("r#"), ident.span()),
        None => return Err(Error::new_spanned(field, "a row's fields have names")),
    };
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("row")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                name = meta.value()?.parse()?;
                return Ok(());
            }
            Err(meta.error("unknown key; known is `name`"))
        })?;
    }
    Ok(name)
}
