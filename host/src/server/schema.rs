//! What the control server answers with, said once: a struct, its JSON, and its schema in the OpenAPI document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The schemas of structs, by name.
pub type Schemas = Map<String, Value>;

/// Something that has a JSON schema.
pub trait Shown {
    /// The schema, or a reference to one that is put into `schemas`.
    fn schema(schemas: &mut Schemas) -> Value;
}

impl Shown for String {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string" })
    }
}

impl Shown for bool {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "boolean" })
    }
}

impl Shown for u64 {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

impl Shown for i64 {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer" })
    }
}

impl Shown for f64 {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "number" })
    }
}

impl<T: Shown> Shown for Option<T> {
    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [T::schema(schemas), { "type": "null" }] })
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(schemas) })
    }
}

impl<T: Shown> Shown for BTreeMap<String, T> {
    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "object", "additionalProperties": T::schema(schemas) })
    }
}

/// The schema of an object, put into `schemas`, and a reference to it. `properties` has the name, text and schema of each field.
pub fn object(
    schemas: &mut Schemas,
    name: &str,
    about: &str,
    properties: impl FnOnce(&mut Schemas) -> Vec<(&'static str, String, Value)>,
) -> Value {
    if !schemas.contains_key(name) {
        let properties = properties(schemas);
        let required: Vec<&str> = properties.iter().map(|(name, ..)| *name).collect();
        let described = |(name, about, schema): &(&str, String, Value)| {
            let mut schema = schema.clone();
            if let Value::Object(schema) = &mut schema {
                schema.insert("description".to_owned(), Value::String(about.clone()));
            }
            ((*name).to_owned(), schema)
        };
        let of_properties: Map<String, Value> = properties.iter().map(described).collect();
        let schema =
            json!({ "type": "object", "description": about, "properties": of_properties, "required": required });
        schemas.insert(name.to_owned(), schema);
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The text of doc comments: their lines, without the space that each begins with.
pub fn text_of(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// A field's name in JSON.
pub fn name_of(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// Structs that are written as JSON objects, read back by clients, and described by their own documentation.
macro_rules! views {
    ($(
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $( $(#[doc = $doc:literal])+ pub $field:ident: $type:ty, )*
        }
    )*) => { $(
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )*
        }

        impl $crate::server::schema::Shown for $name {
            fn schema(schemas: &mut $crate::server::schema::Schemas) -> serde_json::Value {
                use $crate::server::schema::{Shown, name_of, object, text_of};
                object(schemas, stringify!($name), &text_of(&[$($about),+]), |schemas| {
                    vec![$( (name_of(stringify!($field)), text_of(&[$($doc),+]), <$type as Shown>::schema(schemas)), )*]
                })
            }
        }
    )* };
}

pub(super) use views;
