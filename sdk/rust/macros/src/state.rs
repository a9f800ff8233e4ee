//! `#[update_state_by_key]` and `#[map_with_state]`: functions of a key, its values and its state.

use crate::args::{Args, doc};
use crate::elide::elided;
use crate::functions::{Argument, classify, generic, plain};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, GenericArgument, ItemFn, PatType, PathArguments, Result, ReturnType, Type, TypeParamBound};

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    UpdateStateByKey,
    MapWithState,
}

impl Kind {
    fn attribute(self) -> &'static str {
        match self {
            Kind::UpdateStateByKey => "update_state_by_key",
            Kind::MapWithState => "map_with_state",
        }
    }

    fn shape(self) -> &'static str {
        match self {
            Kind::UpdateStateByKey => {
                "an update is a function of a key, of its new values as `Vec<V>` or `impl Iterator<Item = V>`, and of its state as `Option<S>`, \
                 that returns `Option<S>`"
            }
            Kind::MapWithState => {
                "a map with state is a function of a key, of a value as `Option<V>`, and of `&mut State<S>`, that returns what it emits, as `Option<Out>` or \
                 another iterator"
            }
        }
    }
}

/// The types of the author's function.
struct Shape {
    key: TokenStream,
    value: Type,
    state: Type,
}

pub fn expand(kind: Kind, args: Args, mut function: ItemFn) -> Result<TokenStream> {
    let attribute = kind.attribute();
    let is_map = kind == Kind::MapWithState;
    args.refuse(attribute, false, false, is_map)?;
    if let (Some(timeout), false) = (&args.timeout, is_map) {
        return Err(Error::new(
            timeout.span(),
            "#[update_state_by_key] takes no `timeout`: it is called for every key in every batch",
        ));
    }
    plain(&function.sig)?;
    let wrong = |at: &dyn quote::ToTokens| Error::new_spanned(at, kind.shape());
    let mut shape: (Option<TokenStream>, Option<(Type, bool)>, Option<Type>) = (None, None, None);
    let (mut passed, mut config) = (Vec::new(), None);
    for argument in &mut function.sig.inputs {
        let FnArg::Typed(argument) = argument else {
            return Err(Error::new_spanned(argument, "an operator is a plain function; it has no `self`"));
        };
        match marked(argument)? {
            Some(Argument::Config(ty)) => {
                passed.push(quote!(&config));
                config = Some(ty);
            }
            Some(Argument::Context) => passed.push(quote!(&context)),
            _ if shape.0.is_none() => {
                let Argument::Row { ty, by_ref } = classify(argument, false)? else { return Err(wrong(&argument.ty)) };
                passed.push(if by_ref { quote!(&key) } else { quote!(key) });
                shape.0 = Some(ty);
            }
            _ if shape.1.is_none() => {
                let values = values(kind, &argument.ty).ok_or_else(|| wrong(&argument.ty))?;
                passed.push(match (kind, values.1) {
                    (Kind::UpdateStateByKey, true) => quote!(values.collect()),
                    _ => quote!(values),
                });
                shape.1 = Some(values);
            }
            _ if shape.2.is_none() => {
                shape.2 = Some(state(kind, &argument.ty).ok_or_else(|| wrong(&argument.ty))?);
                passed.push(quote!(state));
            }
            _ => return Err(wrong(&argument.ty)),
        }
    }
    let (Some(key), Some((value, _)), Some(state)) = shape else { return Err(wrong(&function.sig)) };
    let ReturnType::Type(_, returned) = &function.sig.output else { return Err(wrong(&function.sig)) };
    let returned = returned.span();
    let shape = Shape { key, value, state };

    let ident = &function.sig.ident;
    let (name, doc, visibility) = (args.name_or(&ident.to_string())?, doc(&function.attrs), &function.vis);
    let config = config.unwrap_or_else(|| quote!(__sdk::NoConfig));
    let Shape { key, state, .. } = &shape;
    let value = elided(&shape.value);
    let state = elided(state);
    let (input_names, state_names, output_names) = (&args.input, &args.state, &args.output);
    let call = quote_spanned!(returned=> #ident(#(#passed),*));
    let nevers = vec![quote!(__private::never()); passed.len()];
    let walk = format_ident!("{attribute}");
    let values_type = if is_map {
        quote!(::core::option::Option<#value>)
    } else {
        quote!(&mut dyn ::core::iter::Iterator<Item = #value>)
    };
    let state_type = if is_map { quote!(&mut __sdk::State<#state>) } else { quote!(::core::option::Option<#state>) };
    let output = match is_map {
        true => quote_spanned!(returned=> __sdk::state::emitted_fields(&[#(#output_names),*], || #ident(#(#nevers),*))),
        false => quote!(::std::vec::Vec::new()),
    };
    let kind_name = format_ident!("{}", if is_map { "MapWithState" } else { "UpdateStateByKey" });
    let version = args.version()?;
    let timeout = match &args.timeout {
        None => quote!(::core::option::Option::None),
        Some(timeout) => {
            let ms = millis(timeout)?;
            quote!(::core::option::Option::Some(#ms))
        }
    };
    let migrate = match &args.migrate {
        Some(migrate) => {
            let known = version.checked_sub(1).ok_or_else(|| {
                Error::new_spanned(migrate, "`migrate` makes state of the version before: `version` is 1 at least")
            })?;
            quote!(__sdk::state::migrate::<_, #state>(version, #known, schema, old, |old| #migrate(old)))
        }
        None => quote!({
            let _ = (schema, old);
            ::core::result::Result::Err(__sdk::state::unknown_version(version))
        }),
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

            fn key_read() -> ::std::vec::Vec<Field> {
                __private::named_input::<#key, _>(&[])
            }

            fn columns_read() -> ::std::vec::Vec<Field> {
                __private::named_input::<#value, _>(&[#(#input_names),*])
            }

            impl __sdk::state::Stateful for #ident {
                fn describe() -> __sdk::state::Operator {
                    __sdk::state::Operator {
                        name: #name.into(),
                        kind: __sdk::state::Kind::#kind_name,
                        doc: #doc.into(),
                        keys: ::core::option::Option::Some(key_read()),
                        input: ::core::option::Option::Some(columns_read()),
                    }
                }

                fn bind(config: &str, keys: &[Field], input: &[Field]) -> Result<__sdk::state::Binding, __sdk::Error> {
                    __private::config::<#config>(config)?;
                    let columns = __sdk::state::Columns {
                        keys: key_read(),
                        offered_keys: keys,
                        input: columns_read(),
                        offered: input,
                    };
                    let state = __sdk::state::state_fields::<#state, _>(&[#(#state_names),*]);
                    __sdk::state::bind(&columns, state, #version, #output, #timeout)
                }

                fn open(
                    context: &__sdk::Context,
                    config: &str,
                    keys: &[Field],
                    input: &[Field],
                ) -> Result<::std::boxed::Box<dyn __sdk::state::Update>, __sdk::Error> {
                    let config = __private::config::<#config>(config)?;
                    let context = ::core::clone::Clone::clone(context);
                    let (key_names, names) = (__private::names(keys), __private::names(input));
                    Result::Ok(::std::boxed::Box::new(__sdk::state::EachWork {
                        update: move |work: &__sdk::state::Work| {
                            let _ = (&config, &context);
                            __sdk::state::#walk(work, &key_names, &names, |key: #key, values: #values_type, state: #state_type| {
                                #call
                            })
                        },
                        migrate: |version: u32, schema: &[Field], old: &Batch| #migrate,
                    }))
                }
            }
        };
    })
}

/// Configuration or context, if the argument is marked so; the mark is taken off.
fn marked(argument: &mut PatType) -> Result<Option<Argument>> {
    let is_marked = argument.attrs.iter().any(|a| a.path().is_ident("config") || a.path().is_ident("context"));
    if is_marked { classify(argument, false).map(Some) } else { Ok(None) }
}

/// The type of a value, and whether values are gathered.
fn values(kind: Kind, ty: &Type) -> Option<(Type, bool)> {
    if kind == Kind::MapWithState {
        return generic(ty, "Option").map(|value| (value, false));
    }
    if let Some(value) = generic(ty, "Vec") {
        return Some((value, true));
    }
    let Type::ImplTrait(bounds) = ty else { return None };
    let item = |bound: &TypeParamBound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last().filter(|last| last.ident == "Iterator")?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(item) if item.ident == "Item" => Some(item.ty.clone()),
            _ => None,
        })
    };
    bounds.bounds.iter().find_map(item).map(|value| (value, false))
}

/// The type of the state.
fn state(kind: Kind, ty: &Type) -> Option<Type> {
    match (kind, ty) {
        (Kind::UpdateStateByKey, ty) => generic(ty, "Option"),
        (Kind::MapWithState, Type::Reference(reference)) if reference.mutability.is_some() => {
            generic(&reference.elem, "State")
        }
        _ => None,
    }
}

/// The milliseconds of `"30min"`.
fn millis(text: &syn::LitStr) -> Result<u64> {
    let value = text.value();
    let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    let factor = match value[digits.len()..].trim() {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "days" | "day" => 86_400_000,
        _ => 0,
    };
    match digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)) {
        Some(ms) if ms > 0 => Ok(ms),
        _ => Err(Error::new(
            text.span(),
            "a timeout is a whole number and its unit: ms, s, min, h or days; for example \"30min\"",
        )),
    }
}
