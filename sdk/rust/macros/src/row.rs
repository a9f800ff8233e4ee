//! `#[derive(Row)]`: a struct as the columns of its fields.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, GenericParam, Ident, Lifetime, LitStr, Result, Type};

pub fn expand(item: DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &item.data else {
        return Err(Error::new_spanned(&item.ident, "a row is a struct, whose fields are columns"));
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
        _ => {
            return Err(Error::new_spanned(
                &item.generics,
                "a row has no parameters but one lifetime: its columns have fixed types",
            ));
        }
    };

    let ident = &item.ident;
    let (_, of, _) = item.generics.split_for_impl();
    let reads = lifetime.unwrap_or_else(|| Lifetime::new("'a", Span::call_site()));
    let idents: Vec<_> = fields.named.iter().map(|field| field.ident.clone()).collect();
    let types: Vec<_> = fields.named.iter().map(|field| field.ty.clone()).collect();
    let names = fields.named.iter().map(name).collect::<Result<Vec<LitStr>>>()?;
    if let Some((_, twice)) =
        names.iter().enumerate().find(|(at, name)| names[..*at].iter().any(|before| before.value() == name.value()))
    {
        return Err(Error::new(twice.span(), "two columns have this name"));
    }
    let columns: Vec<_> = (0..types.len()).map(|index| format_ident!("column_{index}")).collect();
    let (indices, n_columns) = (0..types.len(), types.len());

    // A field whose type is no column's is told where it is written.
    let read = |member| types.iter().map(|ty| member_of(ty, quote!(Read<#reads>), member)).collect::<Vec<_>>();
    let write = |member| types.iter().map(|ty| member_of(ty, quote!(Write), member)).collect::<Vec<_>>();
    let views = nest(read("Column").into_iter());
    let builders = nest(write("Builder").into_iter());
    let pattern = nest(columns.iter().map(|column| quote!(#column)));
    let opens = nest(read("open").into_iter().map(|open| quote!(#open(cursor)?)));
    let (get, may_lack, lacks, read_field) = (read("get"), read("may_lack"), read("lacks"), read("field"));
    let (put, write_field) = (write("put"), write("field"));
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
                const N_NAMES: usize = 0;

                fn field(name: &str, fields: &mut Vec<Field>) {
                    row::field(name, fields, #n_columns, |fields| <Self as __sdk::Read<#reads>>::fields(&[], fields));
                }

                fn open(cursor: &mut Cursor<#reads>) -> Result<Self::Column, __sdk::Error> {
                    row::RowColumn::nested(cursor, |cursor| Result::Ok(#opens))
                }

                #[inline]
                fn get(column: &Self::Column, row: usize) -> Self {
                    let #pattern = &column.columns;
                    #ident { #(#idents: #get(#columns, row)),* }
                }

                #[inline]
                fn is_null(column: &Self::Column, row: usize) -> bool {
                    column.is_null(row)
                }

                #[inline]
                fn may_lack(column: &Self::Column) -> bool {
                    let #pattern = &column.columns;
                    column.any_null() #(|| #may_lack(#columns))*
                }

                #[inline]
                fn lacks(column: &Self::Column, row: usize) -> Option<usize> {
                    let #pattern = &column.columns;
                    if column.is_null(row) {
                        return Option::Some(0);
                    }
                    #(if #lacks(#columns, row).is_some() {
                        return Option::Some(#indices);
                    })*
                    Option::None
                }

                fn fields(_names: &[&str], fields: &mut Vec<Field>) {
                    #(#read_field(#names, fields);)*
                }

                fn open_row(cursor: &mut Cursor<#reads>) -> Result<Self::Column, __sdk::Error> {
                    row::RowColumn::top(cursor, |cursor| Result::Ok(#opens))
                }
            }

            impl #write_generics __sdk::Write for #ident #of {
                type Builder = row::RowBuilder<#builders>;
                const N_NAMES: usize = 0;

                fn field(name: &str, fields: &mut Vec<Field>) {
                    row::field(name, fields, #n_columns, |fields| <Self as __sdk::Write>::fields(&[], fields));
                }

                #[inline]
                fn put(self, builder: &mut Self::Builder) {
                    let #pattern = builder.next_row();
                    #(#put(self.#idents, #columns);)*
                }

                fn fields(_names: &[&str], fields: &mut Vec<Field>) {
                    #(#write_field(#names, fields);)*
                }
            }
        };
    })
}

/// What a trait of the SDK has for a field's type, in tokens of the type's place: the compiler points there if the type has no such trait.
fn member_of(ty: &Type, of: TokenStream, member: &str) -> TokenStream {
    let member = Ident::new(member, ty.span());
    let of = respan(of, ty.span());
    quote_spanned!(ty.span()=> <#ty as __sdk::#of>::#member)
}

fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at).collect()
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
