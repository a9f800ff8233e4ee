//! The OpenAPI document: made of the table of routes and of the views.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::routes::{Content, JSON, ROUTES, Route, Sent, WASM};
use super::schema::{Schemas, Shown};
use super::view;

/// The document's text, which is made once.
pub fn text() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| document().to_string().into_bytes())
}

/// The document.
fn document() -> Value {
    let mut schemas = Schemas::new();
    let refusal = view::Refusal::schema(&mut schemas);
    let mut paths = Map::new();
    for route in ROUTES {
        let operation = operation(route, &refusal, &mut schemas);
        let path = paths.entry(route.path).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(methods) = path {
            methods.insert(route.method.to_ascii_lowercase(), operation);
        }
    }
    let title = "The control server of a running Sluicebox job";
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": env!("CARGO_PKG_VERSION"), "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{ "token": [] }],
    })
}

fn operation(route: &Route, refusal: &Value, schemas: &mut Schemas) -> Value {
    let json_of = |schema: Value| json!({ "application/json": { "schema": schema } });
    let answer = match route.answer {
        Content::Json(schema) => json_of(schema(schemas)),
        Content::AnyJson => json_of(json!({ "type": "object" })),
        Content::Text(of_type) => json!({ of_type: { "schema": { "type": "string" } } }),
    };
    let mut parameters: Vec<Value> = braced(route.path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(route.query.iter().map(|parameter| {
        let schema = json!({ "type": parameter.of_type });
        json!({ "name": parameter.name, "in": "query", "description": parameter.about, "schema": schema })
    }));
    let mut responses = Map::new();
    responses.insert("200".to_owned(), json!({ "description": "Done.", "content": answer }));
    if route.needs_token {
        let content = json_of(refusal.clone());
        responses.insert("default".to_owned(), json!({ "description": "Refused.", "content": content }));
    } else {
        responses.insert("503".to_owned(), json!({ "description": "It isn't.", "content": answer }));
    }
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), json!(format!("{:?}", route.call)));
    operation.insert("summary".to_owned(), json!(route.about));
    operation.insert("responses".to_owned(), Value::Object(responses));
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), json!(parameters));
    }
    let body = match route.body {
        Sent::Nothing => None,
        Sent::Json => Some(json!({ "required": false, "content": { JSON: { "schema": { "type": "object" } } } })),
        Sent::JobFile => Some(json!({ "required": true, "content": json_of(view::JobFile::schema(schemas)) })),
        Sent::Component => Some(json!({ "required": true, "content": { WASM: {} } })),
    };
    operation.extend(body.map(|body| ("requestBody".to_owned(), body)));
    if !route.needs_token {
        operation.insert("security".to_owned(), json!([]));
    }
    Value::Object(operation)
}

/// The names of a path's parts in braces.
fn braced(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_and_view_is_in_the_document() {
        let document = document();
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.to_ascii_lowercase()];
            assert_eq!(operation["summary"], route.about, "{}", route.path);
        }
        let n_operations: usize =
            document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(n_operations, ROUTES.len());
        let column = &document["components"]["schemas"]["Column"];
        assert_eq!(column["required"], json!(["name", "type", "nullable"]));
        assert_eq!(column["properties"]["type"]["description"], "Its type, as a job file names it.");
        references_lead_somewhere(&document, &document);
    }

    fn references_lead_somewhere(value: &Value, document: &Value) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        match value {
            Value::Object(map) => map.values().for_each(|value| references_lead_somewhere(value, document)),
            Value::Array(all) => all.iter().for_each(|value| references_lead_somewhere(value, document)),
            _ => {}
        }
    }
}
