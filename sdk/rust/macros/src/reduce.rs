//! `#[reduce]`: a function of two values to one, as an aggregate.

use crate::args::{Args, doc};
use crate::elide::elided;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, ItemFn, Result, ReturnType, Type};

const SHAPE: &str =
    "a reduction is a function of two values of a type to one of the same type; an `Aggregate` may have several";

pub fn expand(args: Args, function: ItemFn) -> Result<TokenStream> {
    args.refuse("reduce", true, false, true)?;
    let types: Vec<&Type> = function
        .sig
        .inputs
        .iter()
        .filter_map(|argument| if let FnArg::Typed(argument) = argument { Some(&*argument.ty) } else { None })
        .collect();
    let ([ty, second], ReturnType::Type(_, made)) = (types.as_slice(), &function.sig.output) else {
        return Err(Error::new_spanned(&function.sig, SHAPE));
    };
    // Where the types differ, that is told at the second argument or the result.
    let (ty, second, made) = (elided(ty), second.span(), made.span());
    let (a, b) = (quote_spanned!(made=> a), quote_spanned!(second=> b));

    let ident = &function.sig.ident;
    let (name, doc, visibility) = (args.name_or(&ident.to_string())?, doc(&function.attrs), &function.vis);
    let (input_names, output_names) = (&args.input, &args.output);
    let (invertible, version) = (args.inverse.is_some(), args.version()?);
    let unmerge = match &args.inverse {
        Some(inverse) => {
            quote!(__sdk::aggregate::unreduce::<#ty>(whole, partials, groups, |whole, part| #inverse(whole, part)))
        }
        None => quote!(::core::result::Result::Err(__sdk::Error::failed("the operator has no inverse"))),
    };

    let output = match output_names.as_slice() {
        [] => quote!(__private::kept_output::<#ty>(input)),
        names => quote!(__private::named_output::<#ty, _>(&[#(#names),*])),
    };
    let call = quote_spanned!(made=> #ident(#a, #b));
    Ok(quote! {
        #function

        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #ident {}

        const _: () = {
            use ::sluicebox_sdk as __sdk;
            use __private::{Batch, Field};
            use __sdk::__private;
            use ::core::result::Result;

            fn columns_read() -> ::std::vec::Vec<Field> {
                __private::named_input::<#ty, _>(&[#(#input_names),*])
            }

            struct Reduction {
                names: ::std::vec::Vec<::std::string::String>,
            }

            impl __sdk::aggregate::Fold for Reduction {
                fn partial(&self, values: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, __sdk::Error> {
                    __sdk::aggregate::reduce::<#ty>(values, &self.names, groups, n_groups, |#a, #b| #call)
                }

                fn merge(&self, partials: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, __sdk::Error> {
                    self.partial(partials, groups, n_groups)
                }

                fn unmerge(&self, whole: &Batch, partials: &Batch, groups: &[u32]) -> Result<Batch, __sdk::Error> {
                    let _ = (whole, partials, groups);
                    #unmerge
                }

                fn finish(&self, partials: Batch) -> Result<Batch, __sdk::Error> {
                    Result::Ok(partials)
                }
            }

            impl __sdk::aggregate::Aggregation for #ident {
                fn describe() -> __sdk::aggregate::Operator {
                    __sdk::aggregate::Operator {
                        name: #name.into(),
                        doc: #doc.into(),
                        input: ::core::option::Option::Some(columns_read()),
                        invertible: #invertible,
                    }
                }

                fn bind(_config: &str, input: &[Field]) -> Result<__sdk::aggregate::Binding, __sdk::Error> {
                    let output = #output;
                    __sdk::aggregate::bind(&columns_read(), input, ::core::clone::Clone::clone(&output), #version, output)
                }

                fn open(
                    _context: &__sdk::Context,
                    _config: &str,
                    input: &[Field],
                ) -> Result<::std::boxed::Box<dyn __sdk::aggregate::Fold>, __sdk::Error> {
                    Result::Ok(::std::boxed::Box::new(Reduction { names: __private::names(input) }))
                }
            }
        };
    })
}
