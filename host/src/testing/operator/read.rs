//! Reads case files of operators: as those of jobs, with an operator instead of streams' names.

use std::path::Path;
use std::time::Duration;

use arrow::datatypes::SchemaRef;

use super::super::Case;
use super::super::read::{
    Common, expect, expects_something, have_names_of_their_own, input, nodes_of, rested, state, table_of, tree_of,
};
use super::{INPUT, OperatorCase};
use crate::error::Diagnostics;
use crate::job::definition::{ComponentSource, Place, PluginDefinition};
use crate::job::file::path::Paths;
use crate::job::file::plugin::{self, OfJob};
use crate::job::file::report::Report;
use crate::job::file::source;
use crate::job::file::state::rest_time;
use crate::job::file::table::{Key, Table, key};
use crate::job::file::tree::{Content, Node};
use crate::job::file::value::Value;
use crate::plugin::Limits;

const PLUGIN: Key = key("plugin", "{ config = { separator = \",\" } }");
const OPERATOR: Key = key("operator", "\"split\"");
const KEY: Key = key("key", "[\"word\"]");
const COLUMNS: Key = key("columns", "{ word = \"string\", count = \"int64\" }");
const INPUT_ROWS: Key = key("input", "[[\"to be\"], []]");
const EXPECT: Key = key("expect", "[[\"to\", \"be\"], []]");
const STATE: Key = key("state", "[[\"to\", 2]]");
const EXPECT_STATE: Key = key("expect-state", "[[[\"to\", 3]]]");
const BATCH_INTERVAL: Key = key("batch-interval", "\"1s\"");
const RESTED: Key = key("rested", "[\"5min\"]");
const TIME_TO_LIVE: Key = key("time-to-live", "\"7days\"");
const TIMEOUT: Key = key("timeout", "\"30min\"");

/// Read a file of operators' cases; it is JSON if its name ends so, and else TOML.
///
/// # Errors
/// Every mistake found.
pub fn read(path: &Path) -> Result<Vec<OperatorCase>, Diagnostics> {
    let (root, report) = tree_of(path)?;
    let mut table = Table::root(&root, &report);
    let paths = Paths::of_job_file(path);
    let all = OfAll::read(&mut table, &paths);
    let nodes = nodes_of(&mut table);
    table.finish();
    let cases = nodes.iter().enumerate().filter_map(|(idx, node)| case(idx, node, &all, &paths, &report));
    let cases: Vec<OperatorCase> = cases.collect();
    have_names_of_their_own(cases.iter().map(|case| &case.case), &root, &report);
    if report.is_clean() { Ok(cases) } else { Err(report.into_mistakes()) }
}

impl OperatorCase {
    /// A case that says nothing of its operator.
    fn nothing() -> Self {
        let plugin = PluginDefinition {
            name: "tested".to_owned(),
            component: ComponentSource::Bytes([].into()),
            digest: None,
            signature: None,
            limits: Limits::default(),
            on_reject: Default::default(),
            on_error: Default::default(),
            config: "{}".to_owned(),
            place: Place::Program,
        };
        let batch_interval = Duration::from_secs(1);
        let (case, key) = (Case::new("of a program"), vec![]);
        Self { case, operator: None, key, columns: None, plugin, batch_interval, timeout: None, time_to_live: None }
    }

    /// A case of a program, with nothing in it, of one operator.
    pub fn of(operator: &str) -> Self {
        Self { operator: Some((operator.to_owned(), Place::Program)), ..Self::nothing() }
    }
}

/// What a file says of all its cases that don't say otherwise.
struct OfAll {
    operator: Option<(String, Place)>,
    plugin: PluginDefinition,
    key: Vec<String>,
    columns: Option<SchemaRef>,
    batch_interval: Duration,
    timeout: Option<Duration>,
    time_to_live: Option<Duration>,
}

impl OfAll {
    fn read(table: &mut Table<'_>, paths: &Paths) -> Self {
        let OperatorCase { operator, plugin, key, columns, batch_interval, timeout, time_to_live, .. } =
            OperatorCase::nothing();
        Self { operator, plugin, key, columns, batch_interval, timeout, time_to_live }.with(table, paths)
    }

    /// The same, but for what `table` says; what is wrong in it is reported.
    fn with(&self, table: &mut Table<'_>, paths: &Paths) -> Self {
        let operator = table.get(OPERATOR).and_then(|value| Some((value.string()?.to_owned(), value.place().clone())));
        let plugin = table.get(PLUGIN).and_then(|value| settings(&value, paths));
        let key = table.get(KEY).and_then(|value| {
            Some(value.strings()?.into_iter().map(|(column, _)| column.to_owned()).collect::<Vec<String>>())
        });
        let columns = table.get(COLUMNS).and_then(|value| source::schema(&value));
        let times = Duration::from_millis(1)..=Duration::from_secs(24 * 60 * 60);
        let batch_interval = table.get(BATCH_INTERVAL).and_then(|value| value.duration(times));
        let timeout = rest_time(table, TIMEOUT).flatten();
        let time_to_live = rest_time(table, TIME_TO_LIVE).flatten();
        Self {
            operator: operator.or_else(|| self.operator.clone()),
            plugin: plugin.unwrap_or_else(|| self.plugin.clone()),
            key: key.unwrap_or_else(|| self.key.clone()),
            columns: columns.or_else(|| self.columns.clone()),
            batch_interval: batch_interval.unwrap_or(self.batch_interval),
            timeout: timeout.or(self.timeout),
            time_to_live: time_to_live.or(self.time_to_live),
        }
    }
}

/// The same keys as `[plugin.P]` of a job file, without those of the component.
fn settings(value: &Value<'_>, paths: &Paths) -> Option<PluginDefinition> {
    plugin::rest("tested", value.table()?, paths, &OfJob { tables: &[], broadcasts: &[] })
}

fn case(idx: usize, node: &Node, all: &OfAll, paths: &Paths, report: &Report) -> Option<OperatorCase> {
    let (mut table, common): (Table<'_>, Common) = table_of(idx, node, report)?;
    let label = table.label().to_owned();
    let OfAll { operator, plugin, key, columns, batch_interval, timeout, time_to_live } = all.with(&mut table, paths);
    let inputs = table.get(INPUT_ROWS).and_then(|value| input(INPUT, &value, common.n_partitions));
    let mut states = table.get(STATE).and_then(|value| state("", &value));
    if let Some(value) = table.get(RESTED) {
        rested(states.as_mut(), &value);
    }
    let mut expected = vec![];
    for (key, is_state) in [(EXPECT, false), (EXPECT_STATE, true)] {
        expected.extend(table.get(key).and_then(|value| expect("", is_state, &value)));
    }
    table.finish();
    expects_something(&label, &common, &expected, node, report);
    debug_assert!(matches!(node.content, Content::Table(_)), "it was read as one");
    let case = common.case(node.place.clone(), inputs.into_iter().collect(), states.into_iter().collect(), expected)?;
    Some(OperatorCase { case, operator, key, columns, plugin, batch_interval, timeout, time_to_live })
}
