//! `[plugin.P]`: a component, and what it may use.

use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::job::definition::{ComponentSource, PluginDefinition};
use crate::plugin::{Digest, Limits, OnReject};

use super::operator::optional;
use super::path::{Expected, Paths};
use super::table::{Key, Table, key};
use super::tree::{Content, Node};
use super::value::Value;

const COMPONENT: Key = key("component", "\"plugins/words/words.wasm\"");
const DIGEST: Key = key("digest", "\"<64 hexadecimal digits>\"");
const MEMORY: Key = key("memory", "\"64MiB\"");
const TABLE_ELEMENTS: Key = key("table-elements", "20000");
const TIME: Key = key("time", "\"500ms\"");
const OUTPUT: Key = key("output", "\"64MiB\"");
const ON_REJECT: Key = key("on-reject", "\"skip\"");
const CONFIG: Key = key("config", "{ separator = \",\" }");
const GRANTS: Key = key("grants", "[]");

/// Read `[plugin.name]`.
pub fn read(name: &str, mut table: Table<'_>, paths: &Paths) -> Option<PluginDefinition> {
    let component = table.require(COMPONENT).and_then(|value| paths.read(&value, Expected::Component));
    let digest = table.get(DIGEST).map(|value| digest(&value));
    let limits = limits(&mut table);
    let on_reject =
        table.get(ON_REJECT).map(|value| value.one_of(&[("fail", OnReject::Fail), ("skip", OnReject::Skip)]));
    let config = table.get(CONFIG).map(|value| config(&value));
    if let Some(value) = table.get(GRANTS) {
        value.wrong_key("this version grants nothing to plugins", "remove the key: plugins may log and count, no more");
    }
    let place = table.place().clone();
    table.finish();
    Some(PluginDefinition {
        name: name.to_owned(),
        component: ComponentSource::File(component?),
        digest: optional(digest)?,
        limits: limits?,
        on_reject: on_reject.unwrap_or(Some(OnReject::default()))?,
        config: config.unwrap_or(Some("{}".into()))?,
        place,
    })
}

fn digest(value: &Value<'_>) -> Option<Digest> {
    let text = value.string()?;
    match text.parse() {
        Ok(digest) if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => Some(digest),
        _ => value.wrong(
            format!("\"{text}\" is not a digest"),
            "it is the 64 hexadecimal digits that `sluicebox plugin inspect` shows",
        ),
    }
}

fn limits(table: &mut Table<'_>) -> Option<Limits> {
    let defaults = Limits::default();
    let memory = table.get(MEMORY).map_or(Some(defaults.memory), |value| value.size(64 << 10..=4 << 30));
    let table_elements =
        table.get(TABLE_ELEMENTS).map_or(Some(defaults.table_elements), |value| value.integer(1..=10_000_000));
    let time = table
        .get(TIME)
        .map_or(Some(defaults.time), |value| value.duration(Duration::from_millis(1)..=Duration::from_secs(60 * 60)));
    let output = table.get(OUTPUT).map_or(Some(defaults.output), |value| value.size(1 << 10..=4 << 30));
    Some(Limits { memory: memory?, table_elements: table_elements?, time: time?, output: output? })
}

/// `config` as the JSON object that operators get. Its keys are the plugin's business.
fn config(value: &Value<'_>) -> Option<String> {
    let Content::Table(_) = value.content() else { return value.wrong_kind("a table") };
    match json(value.content()) {
        Ok(json) => Some(json.to_string()),
        Err(number) => value.wrong(format!("{number} has no form in JSON, which plugins get"), "give it as a string"),
    }
}

/// The same as JSON; the number that JSON can't say if there is one.
fn json(content: &Content) -> Result<Json, String> {
    Ok(match content {
        Content::String(text) | Content::Datetime(text) => Json::from(text.as_str()),
        Content::Integer(text, value) => Json::from(value.ok_or_else(|| text.clone())?),
        Content::Float(text) => {
            let number = text.parse().ok().and_then(serde_json::Number::from_f64);
            Json::Number(number.ok_or_else(|| text.clone())?)
        }
        Content::Boolean(truth) => Json::from(*truth),
        Content::Array(nodes) => nodes.iter().map(|Node { content, .. }| json(content)).collect::<Result<_, _>>()?,
        Content::Table(entries) => {
            let pairs = entries.iter().map(|entry| Ok((entry.key.clone(), json(&entry.node.content)?)));
            Json::Object(pairs.collect::<Result<Map<_, _>, String>>()?)
        }
    })
}
