//! What a word count needs: lines to words, and how often each comes.

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

plugin! {
    transforms: [split],
    aggregates: [Tally],
}
