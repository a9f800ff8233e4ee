//! `[broadcast.B]`: bytes that plugins read which are granted to.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::job::definition::{BroadcastDefinition, BroadcastSource};

use super::path::{Expected, Paths};
use super::table::{Key, Table, key};
use super::value::optional;

const FILE: Key = key("file", "\"model.bin\"");
const TEXT: Key = key("text", "\"some text\"");
const REFRESH: Key = key("refresh", "\"10min\"");
const REFRESH_RANGE: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(365 * 24 * 3600);

/// Read `[broadcast.name]`.
pub fn read(name: &str, mut table: Table<'_>, paths: &Paths) -> Option<BroadcastDefinition> {
    let place = table.place().clone();
    let (file, text) = (table.get(FILE), table.get(TEXT));
    let refresh = table.get(REFRESH);
    let source = match (file, text) {
        (Some(file), None) => paths.read(&file, Expected::InputFile).map(BroadcastSource::File),
        (None, Some(text)) => {
            if let Some(refresh) = &refresh {
                refresh.wrong_key("a text stays as it is", "remove the key, or give a file");
            }
            text.string().map(|text| BroadcastSource::Text(text.to_owned()))
        }
        (Some(_), Some(text)) => {
            text.wrong_key("the value is that of a file already", "remove one of the two");
            None
        }
        (None, None) => {
            table.wrong("there is no value", "add file = \"model.bin\", or text = \"some text\"");
            None
        }
    };
    let refresh = optional(refresh.map(|value| value.duration(REFRESH_RANGE)));
    table.finish();
    Some(BroadcastDefinition { name: name.to_owned(), source: source?, refresh: refresh?, place })
}
