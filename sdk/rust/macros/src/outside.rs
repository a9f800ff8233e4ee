//! `#[sink]` and `#[receiver]`: implementations of a trait, completed and described.

use crate::args::{Args, doc};
use crate::impls::{complete, expect_trait, has_type, ident_of};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ItemImpl, Result, parse_quote};

pub fn sink(args: Args, mut item: ItemImpl) -> Result<TokenStream> {
    args.refuse("sink", false, false, false)?;
    expect_trait(&item, "Sink")?;
    complete(&mut item)?;
    let (name, doc) = (args.name_or(&ident_of(&item)?)?, doc(&item.attrs));
    let input = &args.input;
    let this = item.self_ty.to_token_stream();
    Ok(quote! {
        #item

        const _: () = {
            use ::sluicebox_sdk as __sdk;
            use __sdk::__private;

            fn columns_read() -> ::std::vec::Vec<__private::Field> {
                __private::named_input::<<#this as __sdk::Sink>::Input<'_>, _>(&[#(#input),*])
            }

            impl __sdk::sink::Output for #this {
                fn describe() -> __sdk::sink::Operator {
                    __sdk::sink::Operator {
                        name: #name.into(),
                        doc: #doc.into(),
                        input: ::core::option::Option::Some(columns_read()),
                    }
                }

                fn bind(
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<::std::vec::Vec<u32>, __sdk::Error> {
                    __private::config::<<Self as __sdk::Sink>::Config>(config)?;
                    __sdk::sink::bind(&columns_read(), input)
                }

                fn open(
                    context: &__sdk::Context,
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<::std::boxed::Box<dyn __sdk::sink::Partition>, __sdk::Error> {
                    let sink = <Self as __sdk::Sink>::open(__private::config(config)?, context)?;
                    let names = __private::names(input);
                    ::core::result::Result::Ok(::std::boxed::Box::new(__sdk::sink::EachRow { sink, names }))
                }

                fn commit(
                    target: &__sdk::sink::Target,
                    config: &str,
                    prepared: ::std::vec::Vec<::std::vec::Vec<u8>>,
                ) -> ::core::result::Result<(), __sdk::Error> {
                    <Self as __sdk::Sink>::commit(__private::config(config)?, target, prepared)
                }

                fn abort(
                    target: &__sdk::sink::Target,
                    config: &str,
                    prepared: ::std::vec::Vec<::std::vec::Vec<u8>>,
                ) -> ::core::result::Result<(), __sdk::Error> {
                    <Self as __sdk::Sink>::abort(__private::config(config)?, target, prepared)
                }
            }
        };
    })
}

pub fn receiver(args: Args, mut item: ItemImpl) -> Result<TokenStream> {
    args.refuse("receiver", false, false, true)?;
    if let Some(name) = args.input.first() {
        return Err(syn::Error::new(name.span(), "#[receiver] takes no `input`"));
    }
    expect_trait(&item, "Receiver")?;
    if !has_type(&item, "Config") {
        item.items.push(parse_quote!(
            type Config = ::sluicebox_sdk::NoConfig;
        ));
    }
    let (name, doc) = (args.name_or(&ident_of(&item)?)?, doc(&item.attrs));
    let output = &args.output;
    let this = item.self_ty.to_token_stream();
    Ok(quote! {
        #item

        const _: () = {
            use ::sluicebox_sdk as __sdk;
            use __sdk::__private;

            impl __sdk::receiver::Source for #this {
                fn describe() -> __sdk::receiver::Operator {
                    __sdk::receiver::Operator {
                        name: #name.into(),
                        doc: #doc.into(),
                        replayable: <Self as __sdk::Receiver>::REPLAYABLE,
                    }
                }

                fn bind(config: &str) -> ::core::result::Result<::std::vec::Vec<__private::Field>, __sdk::Error> {
                    __private::config::<<Self as __sdk::Receiver>::Config>(config)?;
                    ::core::result::Result::Ok(
                        __private::named_output::<<Self as __sdk::Receiver>::Output, _>(&[#(#output),*]),
                    )
                }

                fn start(
                    context: &__sdk::Context,
                    config: &str,
                    position: ::core::option::Option<&[u8]>,
                ) -> ::core::result::Result<::std::boxed::Box<dyn __sdk::receiver::Started>, __sdk::Error> {
                    let receiver = <Self as __sdk::Receiver>::start(__private::config(config)?, context, position)?;
                    ::core::result::Result::Ok(::std::boxed::Box::new(__sdk::receiver::Receiving(receiver)))
                }
            }
        };
    })
}
