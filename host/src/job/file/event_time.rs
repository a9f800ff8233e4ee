//! What a stream says about event time: `event-time`, `event-time-window`, `late-of`.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::job::definition::{EventTimeDefinition, EventWindowDefinition, EventWindows, OperationDefinition};

use super::operation::{KEY, Read, WITH, condition, partitions};
use super::operator::{Plugins, columns};
use super::table::{Key, Table, key};
use super::tree::Content;
use super::value::{Value, optional};

pub const EVENT_TIME: Key = key("event-time", "{ column = \"at\", delay = \"10s\" }");
pub const EVENT_TIME_WINDOW: Key =
    key("event-time-window", "{ key = [\"word\"], with = \"count\", length = \"1min\" }");
pub const DROP_DUPLICATES: Key = key("drop-duplicates", "{ key = [\"id\"] }");
pub const LATE_OF: Key = key("late-of", "\"per-minute\"");
const COLUMN: Key = key("column", "\"at\"");
const DELAY: Key = key("delay", "\"10s\"");
const LENGTH: Key = key("length", "\"1min\"");
const SLIDE: Key = key("slide", "\"10s\"");
const GAP: Key = key("gap", "\"30min\"");
const MAX_LENGTH: Key = key("max-length", "\"1day\"");
const TIME_TO_LIVE: Key = key("time-to-live", "\"1h\"");
const STATE_SIZE: Key = key("state-size", "\"1GiB\"");
const FILTER: Key = key("filter", "\"count > 0\"");

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SPANS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// `{ column, delay }`.
pub fn read(value: &Value<'_>) -> Option<EventTimeDefinition> {
    let mut table = value.table()?;
    let column = table.require(COLUMN).and_then(|value| Some(value.string()?.to_owned()));
    let delay = table.require(DELAY).and_then(|value| value.duration(Duration::ZERO..=*SPANS.end()));
    table.finish();
    Some(EventTimeDefinition { column: column?, delay: delay?, place: value.key_place().clone() })
}

/// `{ key, with, length, slide, filter, partitions }`, or with `gap` and `max-length` instead of `length` and `slide`.
pub fn window(value: &Value<'_>, plugins: &Plugins<'_>) -> Option<OperationDefinition> {
    let mut table = value.table()?;
    let key = table.get(KEY).map_or(Some(vec![]), |value| columns(&value));
    let with = table.require(WITH).and_then(|value| plugins.aggregate(&value));
    let windows = windows(value, &mut table);
    let filter = optional(table.get(FILTER).map(|value| condition(&value)));
    let partitions = partitions(&mut table);
    table.finish();
    let window = EventWindowDefinition { windows: windows?, filter: filter?, partitions: partitions? };
    Some(OperationDefinition::EventTimeWindow { key: key?, with: with?, window })
}

fn windows(value: &Value<'_>, table: &mut Table<'_>) -> Option<EventWindows> {
    let gap = table.get(GAP);
    let (length, slide) = (table.get(LENGTH), table.get(SLIDE));
    let max_length = table.get(MAX_LENGTH);
    match (gap, length) {
        (Some(gap), None) if slide.is_none() => {
            let max_length = max_length.map_or(Some(DAY), |value| value.duration(SPANS));
            Some(EventWindows::Session { gap: gap.duration(SPANS)?, max_length: max_length? })
        }
        (None, Some(length)) => {
            if let Some(max_length) = max_length {
                max_length.wrong_key("only sessions have one", "remove the key, or give a gap instead of a length");
                return None;
            }
            let slide = optional(slide.map(|value| value.duration(SPANS)));
            Some(EventWindows::Sliding { length: length.duration(SPANS)?, slide: slide? })
        }
        (None, None) => value.wrong(
            "there is neither length nor gap",
            "length = \"1min\" makes windows of a minute, gap = \"30min\" makes sessions",
        ),
        (Some(gap), _) => gap.wrong("a window has a length, and a slide if it slides, or a gap", "remove one of them"),
    }
}

/// `{ key, time-to-live, state-size, partitions }`, or `true` for all columns.
pub fn drop_duplicates(value: &Value<'_>) -> Option<OperationDefinition> {
    let Content::Table(_) = value.content() else {
        value.is_true()?;
        return Some(OperationDefinition::DropDuplicates {
            key: vec![],
            time_to_live: None,
            state_size: None,
            partitions: None,
        });
    };
    let mut table = value.table()?;
    let key = table.get(KEY).map_or(Some(vec![]), |value| columns(&value));
    let time_to_live = optional(table.get(TIME_TO_LIVE).map(|value| value.duration(SPANS)));
    let state_size = optional(table.get(STATE_SIZE).map(|value| value.size(64 << 10..=1 << 50)));
    let partitions = partitions(&mut table);
    table.finish();
    let (time_to_live, state_size) = (time_to_live?, state_size?);
    Some(OperationDefinition::DropDuplicates { key: key?, time_to_live, state_size, partitions: partitions? })
}

/// The name of a stream with an event-time-window.
pub fn late_of<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>) -> Option<OperationDefinition> {
    if let Some(read) = reads.first() {
        read.value.wrong_key(
            "late-of names the stream that rows are late for, and reads what that one reads",
            "remove input",
        );
        return None;
    }
    reads.push(Read { stream: value.string()?.to_owned(), value: value.clone() });
    Some(OperationDefinition::LateOf)
}
