//! A recorded batch of one operator as a case: its rows in, partition by partition, its state, and what it makes of them.
//!
//! The bundle is a folder with `cases.toml`, which [`crate::testing::operator::read()`] takes, and the component that the batch ran with; `sluicebox plugin test` runs it as it is, or against another component.

use std::collections::BTreeMap;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::{Options, Stage, Which, find};
use crate::batch::replay::{MadeDataset, StateRows};
use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::job::definition::{
    AggregateDefinition, Definition, OperationDefinition, OperatorName, PluginDefinition, StatefulDefinition,
    StreamBody, StreamDefinition, UpdateDefinition,
};
use crate::job::nearest::did_you_mean;
use crate::job::types::TypeName;
use crate::plugin::{Digest, Limits, OnError, Overrides, Policy};
use crate::testing::Cell;

/// A bundle.
#[derive(Debug)]
pub struct Captured {
    /// The batch.
    pub batch: BatchTime,
    /// The plugin.
    pub plugin: String,
    /// Its operator.
    pub operator: String,
    /// The component that the batch ran with.
    pub digest: Digest,
    /// Its bytes.
    pub component: Bytes,
    /// The case file, in TOML.
    pub cases: String,
    /// Rows in.
    pub rows_in: u64,
    /// Rows out.
    pub rows_out: u64,
    /// Keys with state before the batch.
    pub n_keys: u64,
    /// What of the batch the case can't say.
    pub notes: Vec<String>,
}

/// How a stream uses its operator.
struct Use<'a> {
    name: &'a OperatorName,
    key: &'a [String],
    /// Whether what it is given has no key, although the stream has one.
    is_beside_key: bool,
    stateful: Option<&'a StatefulDefinition>,
    /// Whether it may count how long a key has rested.
    rests: bool,
}

/// Take the batch of one stream out of what is recorded.
///
/// # Errors
/// As [`super::replay`]; and if a plugin doesn't make the stream, or in a way that no case can say.
pub async fn capture(definition: &Definition, options: &Options, which: Which, stream: &str) -> Result<Captured> {
    let defined = definition.streams.iter().find(|defined| defined.name == stream).ok_or_else(|| {
        let names = definition.streams.iter().map(|defined| defined.name.as_str());
        let message = format!("the job has no stream \"{stream}\"");
        Error::invalid_with_help(message, did_you_mean(stream, names, "streams"))
    })?;
    let used = used(definition, defined)?;
    let plugin = definition.plugin(&used.name.plugin);
    let plugin = plugin.ok_or_else(|| Error::invalid(format!("the job has no plugin \"{}\"", used.name.plugin)))?;
    let (store, recorded) = find(definition, which).await?;
    let stage = Stage { definition, options, store: &store, recorded: &recorded };
    let ran = stage.run(&BTreeMap::new()).await?;
    let batch = recorded.plan.batch;
    let made = ran.made.map_err(|error| Error::failed(format!("batch {batch} can't be run again: {error}")))?;
    let no_dataset = |name: &str| {
        let message = format!("batch {batch}: stream \"{name}\" has no dataset in it, or no output needs it");
        Error::invalid_with_help(message, "name another batch")
    };
    let output = made.streams.get(stream).ok_or_else(|| no_dataset(stream))?;
    let StreamBody::Operation { inputs, .. } = &defined.body else { return Err(no_dataset(stream)) };
    let parent = inputs.first().map_or("", String::as_str);
    let input = made.streams.get(parent).ok_or_else(|| no_dataset(parent))?;
    let digest = recorded.plan.plugins.get(&plugin.name).copied();
    let digest = digest.ok_or_else(|| Error::invalid(format!("plugin \"{}\" wasn't in the job then", plugin.name)))?;
    let path = format!("components/{digest}.wasm");
    let component = store.get(&path).await.map_err(Error::failed)?;
    let component = component.ok_or_else(|| Error::failed(format!("{}/{path} is missing", store.url())))?;
    let mut notes = ran.notes;
    let bundle = Bundle { used: &used, plugin, input, output, state: made.states.get(stream), definition, batch };
    let cases = bundle.cases(stream, &mut notes)?;
    Ok(Captured {
        batch,
        plugin: plugin.name.clone(),
        operator: used.name.operator.clone(),
        digest,
        component,
        cases,
        rows_in: input.n_rows(),
        rows_out: output.n_rows(),
        n_keys: made.states.get(stream).map_or(0, |state| n_rows(&state.before)),
        notes,
    })
}

fn n_rows(rows: &[RecordBatch]) -> u64 {
    rows.iter().map(|rows| rows.num_rows() as u64).sum()
}

/// How the stream uses an operator, if it is in a way that a case can say.
fn used<'a>(definition: &Definition, stream: &'a StreamDefinition) -> Result<Use<'a>> {
    use OperationDefinition as Op;
    let plain = |name| Use { name, key: &[], is_beside_key: false, stateful: None, rests: false };
    let found = match &stream.body {
        StreamBody::Operation { operation, .. } => match operation {
            Op::Map(name) | Op::FlatMap(name) | Op::Filter(name) | Op::MapPartitions(name) => Some(plain(name)),
            Op::MapValues { key, with } | Op::FlatMapValues { key, with } => {
                Some(Use { key, is_beside_key: true, ..plain(with) })
            }
            Op::Reduce { with: AggregateDefinition::Operator(name) } => Some(plain(name)),
            Op::ReduceByKey { key, with: AggregateDefinition::Operator(name), .. } => Some(Use { key, ..plain(name) }),
            Op::UpdateStateByKey(stateful) | Op::MapWithState(stateful) => match &stateful.with {
                UpdateDefinition::Operator(name) => {
                    // An operator of map-with-state may have a timeout of its own.
                    let rests = matches!(operation, Op::MapWithState(_)) || stateful.time_to_live.is_some();
                    Some(Use { key: &stateful.key, stateful: Some(stateful), rests, ..plain(name) })
                }
                UpdateDefinition::BuiltIn(_) => None,
            },
            _ => None,
        },
        StreamBody::Source(_) => None,
    };
    found.ok_or_else(|| {
        let can = |other: &&StreamDefinition| other.name != stream.name && used_at_all(other);
        let others: Vec<&str> = definition.streams.iter().filter(can).map(|other| other.name.as_str()).collect();
        let message = format!(
            "stream \"{}\" isn't made by a plugin's operator of its input alone, so there is no case of it",
            stream.name
        );
        let help = match others.is_empty() {
            true => "sluicebox replay runs the whole batch again".to_owned(),
            false => format!("streams that are: {}", others.join(", ")),
        };
        Error::invalid_with_help(message, help)
    })
}

fn used_at_all(stream: &StreamDefinition) -> bool {
    use OperationDefinition as Op;
    let StreamBody::Operation { operation, .. } = &stream.body else { return false };
    match operation {
        Op::Map(_) | Op::FlatMap(_) | Op::Filter(_) | Op::MapPartitions(_) => true,
        Op::MapValues { .. } | Op::FlatMapValues { .. } => true,
        Op::Reduce { with } | Op::ReduceByKey { with, .. } => matches!(with, AggregateDefinition::Operator(_)),
        Op::UpdateStateByKey(stateful) | Op::MapWithState(stateful) => {
            matches!(stateful.with, UpdateDefinition::Operator(_))
        }
        _ => false,
    }
}

/// What a case is made of.
struct Bundle<'a> {
    used: &'a Use<'a>,
    plugin: &'a PluginDefinition,
    input: &'a MadeDataset,
    output: &'a MadeDataset,
    state: Option<&'a StateRows>,
    definition: &'a Definition,
    batch: BatchTime,
}

impl Bundle<'_> {
    fn cases(&self, stream: &str, notes: &mut Vec<String>) -> Result<String> {
        let Use { name, key, is_beside_key, stateful, rests } = self.used;
        let offered = self.offered()?;
        let fields = self.output.schema.fields();
        let made: Vec<usize> =
            (0..fields.len()).filter(|idx| !(*is_beside_key && key.contains(fields[*idx].name()))).collect();
        let duration = |duration| quoted(&humantime::format_duration(duration).to_string());
        let mut text = format!(
            "# Stream \"{stream}\" of job \"{}\" in batch {}, as it was recorded.\n",
            self.definition.job.name, self.batch
        );
        text += &format!("operator = {}\n", quoted(&name.operator));
        text += &format!("columns = {}\n", columns(&self.input.schema, &offered));
        if !is_beside_key && !key.is_empty() {
            text += &format!("key = {}\n", toml(&Json::from(key.to_vec())));
        }
        text += &format!("batch-interval = {}\n", duration(self.definition.job.batch_interval));
        let rest_times = stateful.iter().flat_map(|of| [("timeout", of.timeout), ("time-to-live", of.time_to_live)]);
        for (key, time) in rest_times {
            text.extend(time.map(|time| format!("{key} = {}\n", duration(time))));
        }
        text += &format!("plugin = {}\n", toml(&settings(self.plugin, name.overrides, notes)));
        text += &format!("\n[[case]]\nname = {}\n", quoted(&format!("{stream} in batch {}", self.batch)));
        // Its first batch comes at the next multiple of the batch interval.
        text += &format!("start = {}\n", self.batch.0 - 1);
        let partitions = self.input.partitions.iter().map(|rows| Ok(rows_of(&project(rows, &offered)?)));
        let partitions: Vec<String> = partitions.collect::<Result<_>>()?;
        text += &format!("input = [{{ partitions = [{}] }}]\n", partitions.join(", "));
        let rows = self.output.partitions.concat();
        text += &format!("expect = [{}]\n", rows_of(&project(&rows, &made)?));
        if let Some(StateRows { before, refreshed_ms, after, .. }) = self.state {
            text += &format!("state = {}\n", rows_of(before));
            if *rests {
                // No key was refreshed later than the batch.
                let rested = |at_ms: &i64| duration(Duration::from_millis(self.batch.0.abs_diff(*at_ms)));
                let rested: Vec<String> = refreshed_ms.iter().map(rested).collect();
                text += &format!("rested = [{}]\n", rested.join(", "));
            }
            text += &format!("expect-state = [{}]\n", rows_of(after));
        }
        Ok(text)
    }

    /// The columns of the input that the operator is given, as indices.
    fn offered(&self) -> Result<Vec<usize>> {
        let Use { name, key, is_beside_key, .. } = self.used;
        let schema = &self.input.schema;
        let of = |column: &String| schema.index_of(column).map_err(|error| Error::failed(error.to_string()));
        match &name.columns {
            Some(columns) => {
                // The key comes first, where the operator has one.
                let keys = key.iter().filter(|_| !is_beside_key);
                keys.chain(columns.iter().filter(|column| !key.contains(column))).map(of).collect()
            }
            None => Ok((0..schema.fields().len())
                .filter(|idx| !(*is_beside_key && key.contains(schema.field(*idx).name())))
                .collect()),
        }
    }
}

fn project(rows: &[RecordBatch], columns: &[usize]) -> Result<Vec<RecordBatch>> {
    rows.iter().map(|rows| rows.project(columns).map_err(Error::failed)).collect()
}

/// Rows as a case file has them, one a line. That of one column is a table: a list or a struct alone could be taken for a whole row.
fn rows_of(rows: &[RecordBatch]) -> String {
    let row = |schema: &SchemaRef, cells: &[Cell]| match (schema.fields().as_ref(), cells) {
        ([field], [cell]) => format!("\n  {{ {} = {} }},", quoted(field.name()), toml(&cell.to_json())),
        _ => format!("\n  {},", toml(&cells.iter().map(Cell::to_json).collect::<Json>())),
    };
    let mut text = "[".to_owned();
    for rows in rows {
        let schema = rows.schema();
        text.extend(Cell::rows(rows).iter().map(|cells| row(&schema, cells)));
    }
    if text.len() > 1 {
        text.push('\n');
    }
    text + "]"
}

/// Columns by name and type, in their order.
fn columns(schema: &Schema, of: &[usize]) -> String {
    let column = |idx: &usize| {
        let field = schema.field(*idx);
        let not_null = if field.is_nullable() { "" } else { " not null" };
        format!("{} = {}", quoted(field.name()), quoted(&format!("{}{not_null}", TypeName(field.data_type()))))
    };
    format!("{{ {} }}", of.iter().map(column).collect::<Vec<_>>().join(", "))
}

/// A value in TOML, on one line.
fn toml(value: &Json) -> String {
    match value {
        // TOML has no null; case files have a word for it.
        Json::Null => "{ null = true }".to_owned(),
        Json::Bool(truth) => truth.to_string(),
        // Nor integers above those of 64 bits with a sign.
        Json::Number(number) if number.is_u64() && !number.is_i64() => format!("\"{number}\""),
        Json::Number(number) => number.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{} = {}", quoted(key), toml(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A string in TOML. JSON's form is TOML's too, but for the one control character that JSON leaves as it is.
fn quoted(text: &str) -> String {
    Json::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// What a plugin's table says beside its component, as far as it isn't what goes without saying.
fn settings(plugin: &PluginDefinition, overrides: Overrides, notes: &mut Vec<String>) -> Json {
    let (limits, defaults) = (&plugin.limits, Limits::default());
    let mut table = Map::new();
    let mut set = |key: &str, value: Json, is_default: bool| {
        if !is_default {
            table.insert(key.to_owned(), value);
        }
    };
    let size = |bytes: u64| Json::from(format!("{bytes}B"));
    let time = |time| Json::from(humantime::format_duration(time).to_string());
    set("memory", size(limits.memory), limits.memory == defaults.memory);
    set("table-elements", limits.table_elements.into(), limits.table_elements == defaults.table_elements);
    set("time", time(limits.time), limits.time == defaults.time);
    set("start-time", time(limits.start_time.unwrap_or(limits.time)), limits.start_time.is_none());
    set("output", size(limits.output), limits.output == defaults.output);
    set("rows-per-row", limits.rows_per_row.into(), limits.rows_per_row == defaults.rows_per_row);
    set("log-lines", limits.log_lines.into(), limits.log_lines == defaults.log_lines);
    set("log-bytes", size(limits.log_bytes), limits.log_bytes == defaults.log_bytes);
    set("host-call-bytes", size(limits.host_call_bytes), limits.host_call_bytes == defaults.host_call_bytes);
    set("fuel", limits.fuel.into(), limits.fuel.is_none());
    set("stack", size(limits.stack), limits.stack == defaults.stack);
    // A case has no dead letters: such rows are left out all the same.
    let kept = |policy: Policy| match policy {
        Policy::DeadLetter => Policy::Skip,
        policy => policy,
    };
    let on_reject = kept(overrides.on_reject.unwrap_or(plugin.on_reject));
    set("on-reject", on_reject.name().into(), on_reject == Policy::default());
    let OnError { retry, then, at_most } = overrides.on_error.unwrap_or(plugin.on_error);
    let on_error = json!({ "retry": retry, "then": kept(then).name(), "at-most": at_most });
    set("on-error", on_error, overrides.on_error.unwrap_or(plugin.on_error) == OnError::default());
    let config: Json = serde_json::from_str(&plugin.config).unwrap_or(Json::Null);
    set("config", config, plugin.config == "{}");
    if limits.grants.has_sockets() {
        set("grants", json!({ "connect": [] }), false);
    }
    if !limits.grants.is_empty() {
        notes.push("the case has none of the plugin's grants".to_owned());
    }
    Json::Object(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_says_toml_says_too() {
        let value = json!({
            "a b": [null, true, 1, -1.5, 1e300, u64::MAX, "\u{7f}\"\n\u{0}😀"],
            "nested": { "x": [] },
        });
        let text = toml(&value);
        let table: toml::Table = format!("value = {text}").parse().unwrap();
        let list = table["value"]["a b"].as_array().unwrap();
        assert_eq!(list[0]["null"].as_bool(), Some(true));
        assert_eq!((list[2].as_integer(), list[4].as_float()), (Some(1), Some(1e300)));
        assert_eq!(list[5].as_str(), Some("18446744073709551615"));
        assert_eq!(list[6].as_str(), Some("\u{7f}\"\n\u{0}😀"));
        assert!(table["value"]["nested"]["x"].as_array().unwrap().is_empty());
    }
}
