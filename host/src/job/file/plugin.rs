//! `[plugin.P]`: a component, and what it may use.

use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::job::definition::{ComponentSource, PluginDefinition};
use crate::job::nearest::nearest;
use crate::plugin::{Address, Digest, Directory, Grants, Limits, MAX_COMPONENT, MAX_STACK, Origin};

use super::path::{Expected, Paths};
use super::policy;
use super::table::{Key, Table, key};
use super::tree::{Content, Node};
use super::value::{Value, optional};

const COMPONENT: Key = key("component", "\"plugins/words/words.wasm\"");
const DIGEST: Key = key("digest", "\"<64 hexadecimal digits>\"");
const SIGNATURE: Key = key("signature", "\"plugins/words/words.wasm.minisig\"");
const MEMORY: Key = key("memory", "\"64MiB\"");
const TABLE_ELEMENTS: Key = key("table-elements", "20000");
const TIME: Key = key("time", "\"500ms\"");
const OUTPUT: Key = key("output", "\"64MiB\"");
const START_TIME: Key = key("start-time", "\"5s\"");
const ROWS_PER_ROW: Key = key("rows-per-row", "1000000");
const LOG_LINES: Key = key("log-lines", "1000");
const LOG_BYTES: Key = key("log-bytes", "\"256KiB\"");
const HOST_CALL_BYTES: Key = key("host-call-bytes", "\"64MiB\"");
const INSTANCES: Key = key("instances", "64");
const COMPONENT_SIZE: Key = key("component-size", "\"64MiB\"");
const FUEL: Key = key("fuel", "1000000000");
const STACK: Key = key("stack", "\"512KiB\"");
const CONFIG: Key = key("config", "{ separator = \",\" }");
const GRANTS: Key = key("grants", "{ connect = [\"127.0.0.1:9999\"] }");
const CONNECT: Key = key("connect", "[\"127.0.0.1:9999\"]");
const HTTP: Key = key("http", "[\"https://api.example.com\"]");
const TABLES: Key = key("tables", "[\"customers\"]");
const BROADCASTS: Key = key("broadcasts", "[\"model\"]");
const ENV: Key = key("env", "[\"LANG\"]");
const CLOCK: Key = key("clock", "true");
const RANDOM: Key = key("random", "true");
const READ: Key = key("read", "[\"data\"]");
const WRITE: Key = key("write", "[]");
/// The most places that a plugin may connect to.
const MAX_CONNECT: usize = 100;
/// The most origins that a plugin may send requests to.
const MAX_HTTP: usize = 100;
/// The most variables of the environment that a plugin may have.
const MAX_ENV: usize = 100;
/// The most directories that a plugin may read.
const MAX_READ: usize = 32;

/// The most fuel that a call may be given: more than a machine burns in a year.
const MAX_FUEL: u64 = 1_000_000_000_000_000_000;

/// What the job has that plugins can be granted to read, by name.
pub struct OfJob<'a> {
    pub tables: &'a [&'a str],
    pub broadcasts: &'a [&'a str],
}

/// Read `[plugin.name]`.
pub fn read(name: &str, mut table: Table<'_>, paths: &Paths, of_job: &OfJob<'_>) -> Option<PluginDefinition> {
    let component = table.require(COMPONENT).and_then(|value| paths.read(&value, Expected::Component));
    let digest = table.get(DIGEST).map(|value| digest(&value));
    let signature = table.get(SIGNATURE).map(|value| paths.read(&value, Expected::InputFile));
    let rest = rest(name, table, paths, of_job);
    let (component, digest, signature) = (ComponentSource::File(component?), optional(digest)?, optional(signature)?);
    Some(PluginDefinition { component, digest, signature, ..rest? })
}

/// Read what a plugin's table has beside its component: what it may use, and its configuration. The component is empty.
pub fn rest(name: &str, mut table: Table<'_>, paths: &Paths, of_job: &OfJob<'_>) -> Option<PluginDefinition> {
    let limits = limits(&mut table);
    let policies = policy::read(&mut table);
    let config = table.get(CONFIG).map(|value| config(&value));
    let grants = table.get(GRANTS).map(|value| grants(&value, paths, of_job));
    let place = table.place().clone();
    table.finish();
    Some(PluginDefinition {
        name: name.to_owned(),
        component: ComponentSource::Bytes([].into()),
        digest: None,
        signature: None,
        limits: Limits { grants: optional(grants)?.unwrap_or_default(), ..limits? },
        on_reject: policies?.on_reject.unwrap_or_default(),
        on_error: policies?.on_error.unwrap_or_default(),
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
    let times = Duration::from_millis(1)..=Duration::from_secs(60 * 60);
    let time = table.get(TIME).map_or(Some(defaults.time), |value| value.duration(times.clone()));
    let start_time = table.get(START_TIME).map(|value| value.duration(times));
    let output = table.get(OUTPUT).map_or(Some(defaults.output), |value| value.size(1 << 10..=4 << 30));
    let rows_per_row =
        table.get(ROWS_PER_ROW).map_or(Some(defaults.rows_per_row), |value| value.integer(1..=u64::from(u32::MAX)));
    let log_lines = table.get(LOG_LINES).map_or(Some(defaults.log_lines), |value| value.integer(0..=1_000_000));
    let log_bytes = table.get(LOG_BYTES).map_or(Some(defaults.log_bytes), |value| value.size(0..=1 << 30));
    let host_call_bytes =
        table.get(HOST_CALL_BYTES).map_or(Some(defaults.host_call_bytes), |value| value.size(1 << 10..=4 << 30));
    let instances = table
        .get(INSTANCES)
        .map(|value| value.integer(1..=100_000).and_then(|instances| u32::try_from(instances).ok()));
    let component_size =
        table.get(COMPONENT_SIZE).map_or(Some(defaults.component_size), |value| value.size(1 << 10..=MAX_COMPONENT));
    let fuel = table.get(FUEL).map(|value| value.integer(1..=MAX_FUEL));
    let stack = table.get(STACK).map_or(Some(defaults.stack), |value| value.size(64 << 10..=MAX_STACK));
    Some(Limits {
        memory: memory?,
        table_elements: table_elements?,
        time: time?,
        start_time: optional(start_time)?,
        output: output?,
        rows_per_row: rows_per_row?,
        log_lines: log_lines?,
        log_bytes: log_bytes?,
        host_call_bytes: host_call_bytes?,
        instances: optional(instances)?,
        component_size: component_size?,
        fuel: optional(fuel)?,
        stack: stack?,
        grants: defaults.grants,
    })
}

/// Names of `[table.T]` or `[broadcast.B]`.
fn names_of(value: &Value<'_>, kind: &str, known: &[&str]) -> Option<Vec<String>> {
    let mut names = vec![];
    for (name, item) in value.strings()? {
        if !known.contains(&name) {
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("add [{kind}.{name}]"),
            };
            return item.wrong(format!("there is no {kind} \"{name}\""), help);
        }
        names.push(name.to_owned());
    }
    Some(names)
}

/// `grants = { connect = ["host:port"], http = ["https://host"], env = ["NAME"], clock = true, random = true, read = ["directory"], tables = ["name"], broadcasts = ["name"] }`.
fn grants(value: &Value<'_>, paths: &Paths, of_job: &OfJob<'_>) -> Option<Grants> {
    let mut table = value.table()?;
    let connect = table.get(CONNECT).map(|value| connect(&value));
    let http = table.get(HTTP).map(|value| origins(&value));
    let tables = table.get(TABLES).map(|value| names_of(&value, "table", of_job.tables));
    let broadcasts = table.get(BROADCASTS).map(|value| names_of(&value, "broadcast", of_job.broadcasts));
    let read = table.get(READ).map(|value| directories(&value, paths));
    let env = table.get(ENV).map(|value| variables(&value));
    let clock = table.get(CLOCK).map(|value| value.boolean());
    let random = table.get(RANDOM).map(|value| value.boolean());
    if let Some(value) = table.get_quietly(WRITE) {
        let help =
            "remove the key: a plugin's rows are written by an output, or by its own sink to where it may connect";
        let why = "this version lets no plugin write files, as nothing would hold it to a limit of how much it writes";
        value.wrong_key(why, help);
    }
    table.finish();
    let (tables, broadcasts) = (optional(tables)?.unwrap_or_default(), optional(broadcasts)?.unwrap_or_default());
    let (connect, read) = (optional(connect)?, optional(read)?.unwrap_or_default());
    let (env, clock) = (optional(env)?.unwrap_or_default(), optional(clock)?.unwrap_or_default());
    let (random, http) = (optional(random)?.unwrap_or_default(), optional(http)?);
    let sockets = connect.is_some();
    Some(Grants { connect: connect.unwrap_or_default(), sockets, http, env, clock, random, read, tables, broadcasts })
}

fn connect(value: &Value<'_>) -> Option<Vec<Address>> {
    let mut addresses: Vec<Address> = vec![];
    for (text, item) in value.strings()? {
        match text.parse::<Address>() {
            Ok(address) if addresses.contains(&address) => {
                return item.wrong(format!("\"{text}\" stands twice"), "name each address once");
            }
            Ok(address) => addresses.push(address),
            Err(reason) => {
                return item.wrong(
                    format!("\"{text}\" is not an address: {reason}"),
                    "write host:port, such as \"127.0.0.1:9999\", \"[::1]:9999\" or \"example.org:443\"",
                );
            }
        }
    }
    match addresses.len() {
        n if n > MAX_CONNECT => {
            value.wrong(format!("there are {n} addresses"), format!("at most {MAX_CONNECT} are possible"))
        }
        _ => Some(addresses),
    }
}

/// An empty list grants nothing but that what sends requests may be imported.
fn origins(value: &Value<'_>) -> Option<Vec<Origin>> {
    let mut origins: Vec<Origin> = vec![];
    for (text, item) in value.strings()? {
        match text.parse::<Origin>() {
            Ok(origin) if origins.contains(&origin) => {
                return item.wrong(format!("\"{text}\" stands twice"), "name each origin once");
            }
            Ok(origin) => origins.push(origin),
            Err(reason) => {
                return item.wrong(
                    format!("\"{text}\" is not an origin: {reason}"),
                    "write scheme, host and port, such as \"https://api.example.com\", \"http://127.0.0.1:8080\" or \"http://[::1]:8080\"",
                );
            }
        }
    }
    match origins.len() {
        n if n > MAX_HTTP => value.wrong(format!("there are {n} origins"), format!("at most {MAX_HTTP} are possible")),
        _ => Some(origins),
    }
}

fn variables(value: &Value<'_>) -> Option<Vec<String>> {
    let mut all: Vec<String> = vec![];
    for (name, item) in value.strings()? {
        if name.is_empty() || name.contains(['=', '\0']) {
            return item.wrong(format!("{name:?} is no name of a variable"), "name one, such as \"LANG\"");
        }
        if all.iter().any(|known| known == name) {
            return item.wrong(format!("\"{name}\" stands twice"), "name each variable once");
        }
        all.push(name.to_owned());
    }
    match all.len() {
        0 => {
            value.wrong("there is no variable", "name at least one, or remove the key: without it, nothing is granted")
        }
        n if n > MAX_ENV => value.wrong(format!("there are {n} variables"), format!("at most {MAX_ENV} are possible")),
        _ => Some(all),
    }
}

fn directories(value: &Value<'_>, paths: &Paths) -> Option<Vec<Directory>> {
    let mut all: Vec<Directory> = vec![];
    for (text, item) in value.strings()? {
        let path = paths.read(&item, Expected::GrantedDirectory)?;
        // Under one name each, whatever is behind it.
        let name = match text.trim_end_matches('/') {
            "" => "/",
            name => name,
        };
        if all.iter().any(|known| known.name == name) {
            return item.wrong(format!("\"{text}\" stands twice"), "name each directory once");
        }
        all.push(Directory { name: name.to_owned(), path });
    }
    match all.len() {
        0 => {
            value.wrong("there is no directory", "name at least one, or remove the key: without it, nothing is granted")
        }
        n if n > MAX_READ => {
            value.wrong(format!("there are {n} directories"), format!("at most {MAX_READ} are possible"))
        }
        _ => Some(all),
    }
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
pub fn json(content: &Content) -> Result<Json, String> {
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
