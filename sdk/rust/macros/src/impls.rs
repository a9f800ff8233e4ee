//! `#[map_partitions]` and `#[aggregate]`: implementations of a trait, completed and described.

use crate::args::{Args, doc};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ImplItem, ItemImpl, Result, Type, parse_quote};

/// The implementing type's own name, for the operator's.
pub fn ident_of(item: &ItemImpl) -> Result<String> {
    match &*item.self_ty {
        Type::Path(path) if item.generics.params.is_empty() => match path.path.segments.last() {
            Some(last) => Ok(last.ident.to_string()),
            None => Err(Error::new_spanned(&item.self_ty, "an operator is a named type")),
        },
        _ => Err(Error::new_spanned(&item.self_ty, "an operator is a named type without parameters")),
    }
}

pub fn expect_trait(item: &ItemImpl, name: &str) -> Result<()> {
    match &item.trait_ {
        Some((path, _)) if path.segments.last().is_some_and(|last| last.ident == name) => Ok(()),
        _ => Err(Error::new_spanned(&item.self_ty, format!("this goes on an `impl {name} for` a type"))),
    }
}

fn has_fn(item: &ItemImpl, name: &str) -> bool {
    item.items.iter().any(|item| matches!(item, ImplItem::Fn(function) if function.sig.ident == name))
}

pub fn has_type(item: &ItemImpl, name: &str) -> bool {
    item.items.iter().any(|item| matches!(item, ImplItem::Type(ty) if ty.ident == name))
}

/// Add what the author may leave out: no configuration, and a task made by `Default`.
pub fn complete(item: &mut ItemImpl) -> Result<()> {
    if !has_type(item, "Config") {
        item.items.push(parse_quote!(
            type Config = ::sluicebox_sdk::NoConfig;
        ));
        if !has_fn(item, "open") {
            // Without `Default`, the compiler points at the type.
            let default = quote_spanned!(item.self_ty.span()=> <Self as ::core::default::Default>::default());
            item.items.push(parse_quote! {
                fn open(_config: Self::Config, _context: &::sluicebox_sdk::Context) -> ::core::result::Result<Self, ::sluicebox_sdk::Error> {
                    ::core::result::Result::Ok(#default)
                }
            });
        }
    } else if !has_fn(item, "open") {
        return Err(Error::new_spanned(&item.self_ty, "with a `Config`, write `open` that makes the operator of it"));
    }
    Ok(())
}

pub fn map_partitions(args: Args, mut item: ItemImpl) -> Result<TokenStream> {
    args.refuse("map_partitions", false, false, true)?;
    expect_trait(&item, "MapPartitions")?;
    complete(&mut item)?;
    let (name, doc) = (args.name_or(&ident_of(&item)?)?, doc(&item.attrs));
    let (input, output) = (&args.input, &args.output);
    let this = item.self_ty.to_token_stream();
    Ok(quote! {
        #item

        const _: () = {
            use ::sluicebox_sdk as __sdk;
            use __sdk::__private;

            fn columns_read() -> ::std::vec::Vec<__private::Field> {
                __private::taking_nulls(
                    __private::named_input::<<#this as __sdk::MapPartitions>::Input<'_>, _>(&[#(#input),*]),
                )
            }

            impl __sdk::transform::Transform for #this {
                fn describe() -> __sdk::transform::Operator {
                    __sdk::transform::Operator {
                        name: #name.into(),
                        kind: __sdk::transform::Kind::MapPartitions,
                        doc: #doc.into(),
                        input: ::core::option::Option::Some(columns_read()),
                    }
                }

                fn bind(
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<__sdk::transform::Binding, __sdk::Error> {
                    __private::config::<<Self as __sdk::MapPartitions>::Config>(config)?;
                    let output = __private::named_output::<<Self as __sdk::MapPartitions>::Output, _>(&[#(#output),*]);
                    __sdk::transform::bind(&columns_read(), input, output)
                }

                fn open(
                    context: &__sdk::Context,
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<::std::boxed::Box<dyn __sdk::transform::Partition>, __sdk::Error> {
                    let task = <Self as __sdk::MapPartitions>::open(__private::config(config)?, context)?;
                    let names = __private::names(input);
                    ::core::result::Result::Ok(::std::boxed::Box::new(__sdk::transform::EachRow { task, names, finished: false }))
                }
            }
        };
    })
}

pub fn aggregate(args: Args, mut item: ItemImpl) -> Result<TokenStream> {
    args.refuse("aggregate", false, false, true)?;
    expect_trait(&item, "Aggregate")?;
    complete(&mut item)?;
    if !has_fn(&item, "start") {
        let partial = item.items.iter().find_map(|item| match item {
            ImplItem::Type(ty) if ty.ident == "Partial" => Some(ty.ty.span()),
            _ => None,
        });
        let at = partial.unwrap_or_else(|| item.self_ty.span());
        let default = quote_spanned!(at=> <Self::Partial as ::core::default::Default>::default());
        item.items.push(parse_quote! {
            fn start(&self) -> Self::Partial {
                #default
            }
        });
    }
    if !has_type(&item, "Input") {
        item.items.push(parse_quote!(
            type Input<'a> = ();
        ));
    }
    if !has_type(&item, "Output") && !has_fn(&item, "finish") {
        item.items.push(parse_quote!(
            type Output = Self::Partial;
        ));
        item.items.push(parse_quote! {
            fn finish(&self, partial: Self::Partial) -> Self::Partial {
                partial
            }
        });
    }
    let invertible = has_fn(&item, "unmerge");
    let version = args.version()?;
    let (name, doc) = (args.name_or(&ident_of(&item)?)?, doc(&item.attrs));
    let (input, output) = (&args.input, &args.output);
    let this = item.self_ty.to_token_stream();
    Ok(quote! {
        #item

        const _: () = {
            use ::sluicebox_sdk as __sdk;
            use __sdk::__private;

            fn columns_read() -> ::std::vec::Vec<__private::Field> {
                __private::named_input::<<#this as __sdk::Aggregate>::Input<'_>, _>(&[#(#input),*])
            }

            impl __sdk::aggregate::Aggregation for #this {
                fn describe() -> __sdk::aggregate::Operator {
                    __sdk::aggregate::Operator {
                        name: #name.into(),
                        doc: #doc.into(),
                        input: ::core::option::Option::Some(columns_read()),
                        invertible: #invertible,
                    }
                }

                fn bind(
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<__sdk::aggregate::Binding, __sdk::Error> {
                    __private::config::<<Self as __sdk::Aggregate>::Config>(config)?;
                    let partial = __private::named_output::<<Self as __sdk::Aggregate>::Partial, _>(&[]);
                    let output = __private::named_output::<<Self as __sdk::Aggregate>::Output, _>(&[#(#output),*]);
                    __sdk::aggregate::bind(&columns_read(), input, partial, #version, output)
                }

                fn open(
                    context: &__sdk::Context,
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<::std::boxed::Box<dyn __sdk::aggregate::Fold>, __sdk::Error> {
                    let aggregate = <Self as __sdk::Aggregate>::open(__private::config(config)?, context)?;
                    let names = __private::names(input);
                    ::core::result::Result::Ok(::std::boxed::Box::new(__sdk::aggregate::EachGroup { aggregate, names }))
                }
            }
        };
    })
}
