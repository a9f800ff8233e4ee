//! `[dead-letters]`: where rows go that operators reject or fail at.

use crate::engine::dead_letters::DeadLetterLimits;
use crate::job::definition::DeadLettersDefinition;

use super::operator::Plugins;
use super::output::{self, SINK};
use super::path::Paths;
use super::table::{Key, Table, key};
use super::value::optional;

const MAX_ROWS: Key = key("max-rows", "10000");
const MAX_BYTES: Key = key("max-bytes", "\"16MiB\"");

/// Read `[dead-letters]`.
pub fn read(mut table: Table<'_>, plugins: &Plugins<'_>, paths: &Paths) -> Option<DeadLettersDefinition> {
    let sink = table.require(SINK);
    let max_rows = table.get(MAX_ROWS).map(|value| value.integer(1..=10_000_000));
    let max_bytes = table.get(MAX_BYTES).map(|value| value.size(1 << 10..=1 << 30));
    table.finish();
    let sink = sink?;
    let place = sink.key_place().clone();
    let sink = output::sink(&sink, plugins, paths);
    let default = DeadLetterLimits::default();
    let limits = DeadLetterLimits {
        max_rows: optional(max_rows)?.unwrap_or(default.max_rows),
        max_bytes: optional(max_bytes)?.unwrap_or(default.max_bytes),
    };
    Some(DeadLettersDefinition::new(sink?, limits, place))
}
