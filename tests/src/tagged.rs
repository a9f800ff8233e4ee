//! A job whose rows say which version of a plugin saw them.

use std::path::Path;

/// The part of a job file that tags each number of the stream `numbers`, whose column is `value`, with the version of `chameleon` that saw it, and sums numbers up by what is left of them divided by so
/// many keys: into `out/tags` and `out/totals`, as files of this format.
pub fn tagged(component: &Path, keys: u32, format: &str) -> String {
    format!(
        r#"
[plugin.chameleon]
component = {component:?}
time = "30s"

[stream.tags]
input = "numbers"
map = "chameleon/tag"

[stream.keyed]
sql = "select value % {keys} as key, value from numbers"

[stream.totals]
input = "keyed"
map-with-state = {{ key = ["key"], with = "chameleon/total" }}

[output.tags]
input = "tags"
sink = {{ type = "files", path = "out/tags", format = "{format}" }}

[output.totals]
input = "totals"
sink = {{ type = "files", path = "out/totals", format = "{format}" }}
"#
    )
}
