//! The job: a word count with all that remembers something, in outputs whose rows say of what batch they are.

use std::path::Path;

use crate::plugins::component;

/// From one batch time to the next, in milliseconds.
pub const INTERVAL_MS: u64 = 100;

/// What is written as folders by batch.
pub const PLAIN: [&str; 2] = ["all", "slow"];

/// What is compacted: the rows of `all` once more.
pub const COMPACTED: &str = "compacted";

/// Streams between what is received, which has a column `value: string`, and the outputs `all`, `slow` and `compacted`.
const STREAMS: &str = r#"
[stream.lines]
sql = "select value from received"

[stream.events]
sql = '''
select split_part(value, ' ', 3) as key, cast(split_part(value, ' ', 1) as bigint) as n,
  arrow_cast(cast(split_part(value, ' ', 2) as bigint), 'Timestamp(Millisecond, None)') as at
from lines
'''
event-time = { column = "at", delay = "1s" }

[stream.coarse]
sql = "select key, arrow_cast(cast(at as bigint) / 500 * 500, 'Timestamp(Millisecond, None)') as at from events"
event-time = { column = "at", delay = "1s" }

[stream.split]
input = "lines"
flat-map = "words/split"

[stream.words]
input = "split"
filter = { where = "word >= 'a'" }

[stream.clicked]
sql = "select word as user, word as click from words"

[stream.counts]
input = "words"
update-state-by-key = { key = ["word"], with = "words/running-count" }

[stream.sessions]
input = "clicked"
map-with-state = { key = ["user"], with = "clicks/sessions", timeout = "300ms" }

[stream.naive]
input = "words"
reduce-by-key-and-window = { key = ["word"], with = "words/tally", length = "900ms" }

[stream.inverse]
input = "words"
reduce-by-key-and-window = { key = ["word"], with = "count", length = "1200ms", inverse = true }

[stream.slower]
input = "words"
reduce-by-key-and-window = { key = ["word"], with = "count", length = "1200ms", slide = "300ms", inverse = true }

[stream.tumbling]
input = "events"
event-time-window = { key = ["key"], with = "count", length = "1s" }

[stream.visits]
input = "events"
event-time-window = { key = ["key"], with = "count", gap = "200ms" }

[stream.late]
late-of = "tumbling"

[stream.first]
input = "coarse"
drop-duplicates = { key = ["key", "at"] }

[stream.tagged]
sql = '''
select 'line' as of, value as key, 0 as value, cast(batch_time() as bigint) as batch from lines
union all select 'batch', '', count(*), cast(batch_time() as bigint) from lines
union all select 'count', word, count, cast(batch_time() as bigint) from counts
union all select 'session', "user", clicks, cast(batch_time() as bigint) from sessions
union all select 'naive', word, count, cast(batch_time() as bigint) from naive
union all select 'inverse', word, count, cast(batch_time() as bigint) from inverse
union all select 'tumbling', key || ' ' || window_start, count, cast(batch_time() as bigint) from tumbling
union all select 'visit', key || ' ' || window_start || ' ' || window_end, count, cast(batch_time() as bigint) from visits
union all select 'late', key, n, cast(batch_time() as bigint) from late
union all select 'first', key || ' ' || at, 0, cast(batch_time() as bigint) from first
'''

[stream.rows]
input = "tagged"
repartition = 2

[stream.slow-rows]
sql = "select 'slow' as of, word as key, count as value, cast(batch_time() as bigint) as batch from slower"

[output.all]
input = "rows"
sink = { type = "files", path = "out/all", format = "json" }

[output.slow]
input = "slow-rows"
sink = { type = "files", path = "out/slow", format = "json" }

[output.compacted]
input = "rows"
sink = { type = "files", path = "out/compacted", format = "json", compact = { size = "64KiB", every = "1s" } }
"#;

/// What differs from job to job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Where lines come from, as the job file says it: `source` of the stream `received`.
    pub source: String,
    /// More tables: plugins, and outputs.
    pub tables: String,
}

impl Job {
    /// Files of text in the folder `in` beside the job file.
    pub fn files() -> Self {
        Self::of(r#"{ type = "files", path = "in", format = "text" }"#)
    }

    /// A source that needs nothing else.
    pub fn of(source: &str) -> Self {
        Self { source: source.to_owned(), tables: String::new() }
    }

    /// With more tables.
    #[must_use]
    pub fn with(mut self, tables: &str) -> Self {
        self.tables += tables;
        self
    }

    /// The job file, for this folder.
    pub fn text(&self, folder: &Path) -> String {
        let plugin = |name: &str| format!("[plugin.{name}]\ncomponent = {:?}\ntime = \"30s\"\n\n", component(name));
        let Self { source, tables } = self;
        format!(
            "[job]\nname = \"chaos\"\nbatch-interval = \"{INTERVAL_MS}ms\"\ncheckpoint = {:?}\nparallelism = 2\nkey-groups = 8\nmemory = \"512MiB\"\n\n{}{}[stream.received]\nsource = {source}\n{STREAMS}{tables}",
            format!("file://{}", folder.join("checkpoint").display()),
            plugin("words"),
            plugin("clicks"),
        )
    }
}
