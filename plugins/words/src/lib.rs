//! What a word count needs: lines to words, and how often each comes, in a batch and since the job began.

use sluicebox_sdk::{prelude::*, text};

/// Words of lines, at single spaces; there are no empty words.
#[flat_map(output = "word")]
fn split(line: &str) -> impl Iterator<Item = &str> {
    text::split(line, ' ').filter(|word| !word.is_empty())
}

#[derive(Default)]
struct Tally;

/// How many rows a key has.
#[aggregate(output = "count")]
impl Aggregate for Tally {
    type Partial = i64;

    fn add(&self, count: &mut i64, _row: ()) {
        *count += 1;
    }

    fn merge(&self, whole: &mut i64, part: i64) {
        *whole += part;
    }

    fn unmerge(&self, whole: &mut i64, part: i64) {
        *whole -= part;
    }
}

/// How often each word has come since the job began.
#[update_state_by_key(state = "count")]
fn running_count(_word: &str, rows: impl Iterator<Item = ()>, count: Option<i64>) -> Option<i64> {
    Some(count.unwrap_or(0) + rows.count() as i64)
}

plugin! {
    transforms: [split],
    aggregates: [Tally],
    states: [running_count],
}
