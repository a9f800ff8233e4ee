//! What stands in the attributes, and what doc comments and names become.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Meta, Path, Result, Token, bracketed};

/// The arguments of an attribute: every one may be missing.
#[derive(Default)]
pub struct Args {
    pub name: Option<LitStr>,
    pub input: Vec<LitStr>,
    pub output: Vec<LitStr>,
    pub inverse: Option<Path>,
    pub columns: Option<Ident>,
    pub state: Vec<LitStr>,
    pub timeout: Option<LitStr>,
    pub version: Option<LitInt>,
    pub migrate: Option<Path>,
}

impl Parse for Args {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut args = Args::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if key == "columns" {
                args.columns = Some(key);
            } else {
                input.parse::<Token![=]>()?;
                match key.to_string().as_str() {
                    "name" => args.name = Some(input.parse()?),
                    "input" => args.input = names(input)?,
                    "output" => args.output = names(input)?,
                    "inverse" => args.inverse = Some(input.parse()?),
                    "state" => args.state = names(input)?,
                    "timeout" => args.timeout = Some(input.parse()?),
                    "version" => args.version = Some(input.parse()?),
                    "migrate" => args.migrate = Some(input.parse()?),
                    _ => {
                        let known = "unknown key; known are `name`, `input`, `output`, `columns`, `inverse`, of aggregates and state `version`, \
                                     and of state `state`, `timeout`, `migrate`";
                        return Err(syn::Error::new(key.span(), known));
                    }
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(args)
    }
}

impl Args {
    /// The operator's name: that given, or one made of the item's.
    pub fn name_or(&self, ident: &str) -> Result<LitStr> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => LitStr::new(&kebab(ident), proc_macro2::Span::call_site()),
        };
        let text = name.value();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.chars().all(allowed) || text.len() > 64 {
            let rule = "an operator's name is of a-z, 0-9 and -, begins with a letter, and has at most 64 of them";
            return Err(syn::Error::new(name.span(), rule));
        }
        Ok(name)
    }

    /// The version of what the host keeps for the operator: 1 where it isn't given.
    pub fn version(&self) -> Result<u32> {
        self.version.as_ref().map_or(Ok(1), LitInt::base10_parse)
    }

    /// Refuse arguments that mean nothing to this attribute.
    pub fn refuse(&self, attribute: &str, inverse: bool, columns: bool, output: bool) -> Result<()> {
        let no = |span, key| Err(syn::Error::new(span, format!("#[{attribute}] takes no `{key}`")));
        match self {
            Args { inverse: Some(path), .. } if !inverse => no(path.segments[0].ident.span(), "inverse"),
            Args { columns: Some(ident), .. } if !columns => no(ident.span(), "columns"),
            Args { output: names, .. } if !output && !names.is_empty() => no(names[0].span(), "output"),
            _ if ["update_state_by_key", "map_with_state"].contains(&attribute) => Ok(()),
            Args { state: names, .. } if !names.is_empty() => no(names[0].span(), "state"),
            Args { timeout: Some(timeout), .. } => no(timeout.span(), "timeout"),
            Args { version: Some(version), .. } if !["aggregate", "reduce"].contains(&attribute) => {
                no(version.span(), "version")
            }
            Args { migrate: Some(path), .. } => no(path.segments[0].ident.span(), "migrate"),
            _ => Ok(()),
        }
    }
}

/// `"a"` or `["a", "b"]`.
fn names(input: ParseStream) -> Result<Vec<LitStr>> {
    if input.peek(LitStr) {
        return Ok(vec![input.parse()?]);
    }
    let list;
    bracketed!(list in input);
    let names: Vec<LitStr> = list.parse_terminated(|item| item.parse::<LitStr>(), Token![,])?.into_iter().collect();
    match names.iter().enumerate().find(|(at, name)| names[..*at].iter().any(|before| before.value() == name.value())) {
        Some((_, twice)) => Err(syn::Error::new(twice.span(), "two columns have this name")),
        None => Ok(names),
    }
}

/// `count-words` of `count_words` or `CountWords`.
fn kebab(ident: &str) -> String {
    let mut name = String::new();
    for c in ident.trim_start_matches("r#").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        name.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    name
}

/// The first sentence of the doc comment.
pub fn doc(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let Meta::NameValue(doc) = &attribute.meta
            && doc.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &doc.value
        {
            let line = line.value();
            if line.trim().is_empty() && !text.is_empty() {
                break;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(line.trim());
        }
    }
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text,
    }
}
