//! `#[map]`, `#[flat_map]`, `#[filter]`: functions of a row, or of a chunk's columns.

use crate::args::{Args, doc};
use crate::elide::elided;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, GenericParam, Ident, ItemFn, LitStr, PatType, Result, ReturnType, Signature, Type};

/// The longest tuple that is a row.
const MAX_ARGUMENTS: usize = 8;

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Map,
    FlatMap,
    Filter,
}

/// An argument of the author's function.
pub enum Argument {
    /// Read from columns; `by_ref` where the function takes a reference to the whole row.
    Row {
        ty: TokenStream,
        by_ref: bool,
    },
    Config(TokenStream),
    Context,
}

pub fn expand(kind: Kind, args: Args, mut function: ItemFn) -> Result<TokenStream> {
    let attribute = ["map", "flat_map", "filter"][kind as usize];
    args.refuse(attribute, false, kind != Kind::Filter, kind != Kind::Filter)?;
    plain(&function.sig)?;
    let by_columns = args.columns.is_some();
    let mut arguments = Vec::new();
    let mut made = None;
    let n_inputs = function.sig.inputs.len();
    for (index, argument) in function.sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(argument) = argument else {
            return Err(Error::new_spanned(argument, "an operator is a plain function; it has no `self`"));
        };
        if by_columns && index + 1 == n_inputs {
            made = Some(rows_made(argument)?);
        } else {
            arguments.push(classify(argument, by_columns)?);
        }
    }
    if by_columns && made.is_none() {
        return Err(Error::new_spanned(&function.sig, "an operator over columns takes `&mut Rows<T>` last"));
    }

    let ident = &function.sig.ident;
    let name = args.name_or(&ident.to_string())?;
    let doc = doc(&function.attrs);
    let visibility = &function.vis;
    let (input_names, output_names) = (&args.input, &args.output);
    let rows: Vec<&TokenStream> =
        arguments.iter().filter_map(|a| if let Argument::Row { ty, .. } = a { Some(ty) } else { None }).collect();
    if rows.len() > MAX_ARGUMENTS {
        let what =
            format!("an operator has at most {MAX_ARGUMENTS} columns as arguments; take a struct under #[derive(Row)]");
        return Err(Error::new_spanned(&function.sig.inputs, what));
    }
    let row_type = match rows.as_slice() {
        [one] => quote!(#one),
        several => quote_spanned!(ident.span() => (#(#several),*)),
    };
    let named_at = input_names.first().map_or(ident.span(), LitStr::span);
    let input = quote_spanned!(named_at=> __private::named_input::<#row_type, _>(&[#(#input_names),*]));
    let config = arguments.iter().find_map(|a| if let Argument::Config(ty) = a { Some(ty.clone()) } else { None });
    let config = config.unwrap_or_else(|| quote!(__sdk::NoConfig));
    // An operator on whole columns sees no rows, so it can't reject one for its null.
    let input = if made.is_some() { input } else { quote!(__private::taking_nulls(#input)) };
    let never = vec![quote!(__private::never()); arguments.len()];
    let (made_at, fallible) = (returned_at(&function.sig), returns_result(&function.sig.output));

    // What is wrong with the type of a result is told where it is written.
    let (output, process) = if let Some(made) = made {
        let output = quote!(__private::named_output::<#made, _>(&[#(#output_names),*]));
        (output, columns_call(ident, &arguments, fallible, kind == Kind::FlatMap))
    } else {
        let called = quote_spanned!(made_at=> #ident(#(#never),*));
        let output = match kind {
            Kind::Map => quote_spanned!(made_at=> __sdk::transform::map_output(&[#(#output_names),*], || #called)),
            Kind::FlatMap => {
                let called = succeeding(called, fallible);
                quote_spanned!(made_at=> __sdk::transform::flat_map_output(&[#(#output_names),*], || #called))
            }
            Kind::Filter => quote!(::std::vec::Vec::new()),
        };
        (output, row_call(kind, ident, &arguments, rows.len(), &row_type, fallible, made_at))
    };
    let kind = format_ident!("{}", ["Map", "FlatMap", "Filter"][kind as usize]);

    Ok(quote! {
        #function

        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #ident {}

        const _: () = {
            use ::sluicebox_sdk as __sdk;
            use __sdk::__private;

            fn columns_read() -> ::std::vec::Vec<__private::Field> {
                #input
            }

            impl __sdk::transform::Transform for #ident {
                fn describe() -> __sdk::transform::Operator {
                    __sdk::transform::Operator {
                        name: #name.into(),
                        kind: __sdk::transform::Kind::#kind,
                        doc: #doc.into(),
                        input: ::core::option::Option::Some(columns_read()),
                    }
                }

                fn bind(
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<__sdk::transform::Binding, __sdk::Error> {
                    __private::config::<#config>(config)?;
                    __sdk::transform::bind(&columns_read(), input, #output)
                }

                fn open(
                    context: &__sdk::Context,
                    config: &str,
                    input: &[__private::Field],
                ) -> ::core::result::Result<::std::boxed::Box<dyn __sdk::transform::Partition>, __sdk::Error> {
                    let config = __private::config::<#config>(config)?;
                    let context = ::core::clone::Clone::clone(context);
                    let names = __private::names(input);
                    ::core::result::Result::Ok(::std::boxed::Box::new(__sdk::transform::EachChunk(
                        move |batch: &__private::Batch| {
                            let _ = (&config, &context, &names);
                            #process
                        },
                    )))
                }
            }
        };
    })
}

/// The call for each row, in the loop of its kind.
fn row_call(
    kind: Kind,
    ident: &Ident,
    arguments: &[Argument],
    n_rows: usize,
    row_type: &TokenStream,
    fallible: bool,
    made_at: Span,
) -> TokenStream {
    let mut next = 0;
    let passed = arguments.iter().map(|argument| match argument {
        Argument::Config(_) => quote!(&config),
        Argument::Context => quote!(&context),
        Argument::Row { by_ref, .. } => {
            let index = syn::Index::from(next);
            next += 1;
            let value = if n_rows == 1 { quote!(row) } else { quote!(row.#index) };
            if *by_ref { quote!(&#value) } else { value }
        }
    });
    let call = quote_spanned!(made_at=> #ident(#(#passed),*));
    let call = if kind == Kind::FlatMap { succeeding(call, fallible) } else { call };
    let walk = format_ident!("{}", ["map", "flat_map", "filter"][kind as usize]);
    quote_spanned!(made_at=> __sdk::transform::#walk(batch, &names, |row: #row_type| #call))
}

/// A call as a `Result`, which it is or isn't.
fn succeeding(call: TokenStream, fallible: bool) -> TokenStream {
    if fallible { call } else { quote!(::core::result::Result::<_, __sdk::Reject>::Ok(#call)) }
}

/// The one call for a chunk.
fn columns_call(ident: &Ident, arguments: &[Argument], fallible: bool, ends: bool) -> TokenStream {
    let opened = (0..arguments.len()).map(|index| format_ident!("column_{index}")).collect::<Vec<_>>();
    let opens = arguments.iter().zip(&opened).filter_map(|(argument, column)| match argument {
        Argument::Row { ty, .. } => Some(quote!(let #column = __sdk::Column::<#ty>::open(cursor, n_rows)?;)),
        _ => None,
    });
    let passed = arguments.iter().zip(&opened).map(|(argument, column)| match argument {
        Argument::Config(_) => quote!(&config),
        Argument::Context => quote!(&context),
        Argument::Row { .. } => quote!(#column),
    });
    let call = quote!(#ident(#(#passed,)* rows));
    let call = if fallible { call } else { quote!({ #call; ::core::result::Result::Ok(()) }) };
    quote! {
        __sdk::transform::columns(batch, #ends, |cursor, n_rows, rows| {
            #(#opens)*
            #call
        })
    }
}

/// Refuse what can't be called for a row.
pub fn plain(signature: &Signature) -> Result<()> {
    if let Some(keyword) = &signature.asyncness {
        return Err(Error::new_spanned(keyword, "an operator is not async: it waits for nothing"));
    }
    match signature.generics.params.iter().find(|parameter| !matches!(parameter, GenericParam::Lifetime(_))) {
        Some(parameter) => Err(Error::new_spanned(
            parameter,
            "an operator has no type parameters: its columns follow from its types, so write one of each",
        )),
        None => Ok(()),
    }
}

/// What an argument is, by its attribute or its type. The attribute is taken off the function.
pub fn classify(argument: &mut PatType, by_columns: bool) -> Result<Argument> {
    let mark = argument.attrs.iter().position(|a| a.path().is_ident("config") || a.path().is_ident("context"));
    if let Some(mark) = mark {
        let is_config = argument.attrs.remove(mark).path().is_ident("config");
        let Type::Reference(reference) = &*argument.ty else {
            let what = if is_config { "configuration" } else { "the context" };
            return Err(Error::new_spanned(
                &argument.ty,
                format!("{what} is handed over as a reference: put `&` here"),
            ));
        };
        return Ok(if is_config { Argument::Config(elided(&reference.elem)) } else { Argument::Context });
    }
    let ty = &*argument.ty;
    if by_columns {
        return match generic(ty, "Column") {
            Some(of) => Ok(Argument::Row { ty: elided(&of), by_ref: false }),
            None => Err(Error::new_spanned(ty, "an operator over columns takes `Column<'_, T>`")),
        };
    }
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => Err(Error::new_spanned(
            ty,
            "an operator doesn't change its rows in place: take the value, and return another",
        )),
        Type::Reference(reference) if is_context(&reference.elem) => Err(Error::new_spanned(
            ty,
            "mark the context, so that it isn't taken for a column: `#[context]` before the argument",
        )),
        Type::Reference(reference) if !borrows(&reference.elem) => {
            Ok(Argument::Row { ty: elided(&reference.elem), by_ref: true })
        }
        _ => Ok(Argument::Row { ty: elided(ty), by_ref: false }),
    }
}

fn is_context(elem: &Type) -> bool {
    matches!(elem, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Context"))
}

/// Whether a reference to this type is itself a value: `&str` and `&[u8]`.
fn borrows(elem: &Type) -> bool {
    matches!(elem, Type::Slice(_)) || matches!(elem, Type::Path(path) if path.path.is_ident("str"))
}

/// The `T` of `&mut Rows<T>`.
fn rows_made(argument: &PatType) -> Result<TokenStream> {
    let elem = match &*argument.ty {
        Type::Reference(reference) => generic(&reference.elem, "Rows"),
        _ => None,
    };
    let elem = elem.map(|ty| elided(&ty));
    elem.ok_or_else(|| Error::new_spanned(&argument.ty, "an operator over columns takes `&mut Rows<T>` last"))
}

/// The type argument of `Name<'_, T>` or `Name<T>`.
pub fn generic(ty: &Type, name: &str) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

/// Where the type that is returned stands, or the function's name where there is none.
fn returned_at(signature: &Signature) -> Span {
    match &signature.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => signature.ident.span(),
    }
}

/// Whether the return type is written `Result<...>`. An iterator can't tell by its traits, since `Result` is iterable itself.
fn returns_result(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    matches!(&**ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
}
