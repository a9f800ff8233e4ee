//! Whether JSON is as an OpenAPI document says: as much of JSON Schema as our own documents use.

use serde_json::Value;

/// What is wrong with `value` by `schema`, a part of `document`; a field that isn't described is wrong too.
///
/// # Errors
/// The first thing that is wrong, with where it is.
pub fn check(value: &Value, schema: &Value, document: &Value) -> Result<(), String> {
    at("", value, schema, document)
}

fn at(path: &str, value: &Value, schema: &Value, document: &Value) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#'));
        return at(path, value, target.ok_or_else(|| format!("{reference} leads nowhere"))?, document);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let wrong: Vec<String> = any.iter().filter_map(|schema| at(path, value, schema, document).err()).collect();
        return if wrong.len() < any.len() { Ok(()) } else { Err(wrong.join(", and ")) };
    }
    let wrong = |expected: &str| Err(format!("{path} is {value}, and {expected} is expected"));
    match schema["type"].as_str() {
        Some("null") if !value.is_null() => wrong("null"),
        Some("string") if !value.is_string() => wrong("a string"),
        Some("boolean") if !value.is_boolean() => wrong("true or false"),
        Some("number") if !value.is_number() => wrong("a number"),
        Some("integer") if !(value.is_i64() || value.is_u64()) => wrong("an integer"),
        Some("integer") if value.as_i64() < schema["minimum"].as_i64() => wrong("more"),
        Some("array") => {
            let Some(items) = value.as_array() else { return wrong("an array") };
            let mut items = items.iter().enumerate();
            items.try_for_each(|(idx, item)| at(&format!("{path}/{idx}"), item, &schema["items"], document))
        }
        Some("object") => object(path, value, schema, document),
        Some("null" | "string" | "boolean" | "number" | "integer") => Ok(()),
        other => Err(format!("{path}: the schema's type is {other:?}")),
    }
}

fn object(path: &str, value: &Value, schema: &Value, document: &Value) -> Result<(), String> {
    let Some(fields) = value.as_object() else { return Err(format!("{path} is {value}, and an object is expected")) };
    for required in schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str().ok_or("a required field has no name")?;
        if !fields.contains_key(name) {
            return Err(format!("{path}/{name} is missing"));
        }
    }
    fields.iter().try_for_each(|(name, field)| {
        let of_field = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        let of_field = of_field.ok_or_else(|| format!("{path}/{name} is not described"))?;
        at(&format!("{path}/{name}"), field, of_field, document)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_found() {
        let document = json!({ "x": { "type": "object", "required": ["a"], "properties": {
            "a": { "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "null" }] },
            "b": { "type": "array", "items": { "type": "string" } },
            "c": { "type": "object", "additionalProperties": { "type": "number" } },
        } } });
        let schema = json!({ "$ref": "#/x" });
        let good = [json!({ "a": null }), json!({ "a": 1, "b": ["x"], "c": { "d": 0.5 } })];
        assert!(good.iter().all(|good| check(good, &schema, &document).is_ok()));
        for (bad, place) in [
            (json!({}), "/a"),
            (json!({ "a": -1 }), "/a"),
            (json!({ "a": "x" }), "/a"),
            (json!({ "a": 1, "b": [1] }), "/b/0"),
            (json!({ "a": 1, "c": { "d": "x" } }), "/c/d"),
            (json!({ "a": 1, "d": 1 }), "/d"),
            (json!([]), " is []"),
        ] {
            let wrong = check(&bad, &schema, &document).expect_err("it is wrong");
            assert!(wrong.contains(place), "{bad}: {wrong}");
        }
    }
}
