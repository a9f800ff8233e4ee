//! `#[reduce]`: a function of two values to one, as an aggregate.

use crate::args::{Args, doc};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, FnArg, ItemFn, Result, Type};

pub fn expand(args: Args, function: ItemFn) -> Result<TokenStream> {
    args.refuse("reduce", true, false, true)?;
    let types: Vec<&Type> = function
        .sig
        .inputs
        .iter()
        .filter_map(|argument| if let FnArg::Typed(argument) = argument { Some(&*argument.ty) } else { None })
        .collect();
    let [ty, _] = types.as_slice() else {
        return Err(Error::new_spanned(&function.sig, "a reduction is a function of two values of a type to one"));
    };
    let ty = elided(ty);

    let ident = &function.sig.ident;
    let (name, doc, visibility) = (args.name_or(&ident.to_string())?, doc(&function.attrs), &function.vis);
    let (input_names, output_names) = (&args.input, &args.output);
    let invertible = args.inverse.is_some();
    let unmerge = match &args.inverse {
        Some(inverse) => quote!(__sdk::aggregate::unreduce::<#ty>(whole, partials, groups, |a, b| #inverse(a, b))),
        None => quote!(::core::result::Result::Err(__sdk::Error::failed("the operator has no inverse"))),
    };

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

            struct Reduction {
                names: ::std::vec::Vec<::std::string::String>,
            }

            impl __sdk::aggregate::Fold for Reduction {
                fn partial(&self, values: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, __sdk::Error> {
                    __sdk::aggregate::reduce::<#ty>(values, &self.names, groups, n_groups, |a, b| #ident(a, b))
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
                        input: ::core::option::Option::Some(__private::input_of::<#ty>(&[#(#input_names),*])),
                        invertible: #invertible,
                    }
                }

                fn bind(_config: &str, input: &[Field]) -> Result<__sdk::aggregate::Binding, __sdk::Error> {
                    let expected = __private::input_of::<#ty>(&[#(#input_names),*]);
                    let given: &[&str] = &[#(#output_names),*];
                    let kept = [__private::first_name(input)];
                    let names = if given.is_empty() { &kept } else { given };
                    let output = __private::output_of::<#ty>(names);
                    __sdk::aggregate::bind(&expected, input, ::core::clone::Clone::clone(&output), output)
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

/// The type with its named lifetimes left to inference: the function's own are not known outside it.
pub fn elided(ty: &Type) -> TokenStream {
    fn walk(tokens: TokenStream) -> TokenStream {
        let mut out = TokenStream::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                proc_macro2::TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                    out.extend(quote!('_));
                    tokens.next();
                }
                proc_macro2::TokenTree::Group(group) => {
                    let inner = walk(group.stream());
                    out.extend([proc_macro2::TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inner))]);
                }
                other => out.extend([other]),
            }
        }
        out
    }
    walk(quote!(#ty))
}
