//! What a component's imports need of a job file: grants, each with the line to add.

use super::version;

/// What an import is for, and what gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every plugin has it.
    Nothing,
    /// It is there, and reaches nothing of the machine or the job unless this is among the grants.
    MayBeGranted(&'static str),
    /// A job takes the component only with this among the grants.
    MustBeGranted(&'static str),
}

/// What `import` needs, an interface with its version.
pub fn need(import: &str) -> Need {
    let (name, _) = import.split_once('@').unwrap_or((import, ""));
    match name {
        _ if name.starts_with("wasi:sockets/") => Need::MustBeGranted("connect = [\"HOST:PORT\"]"),
        "wasi:http/types" | "wasi:http/outgoing-handler" => Need::MustBeGranted("http = [\"https://HOST\"]"),
        "wasi:clocks/wall-clock" | "wasi:clocks/monotonic-clock" => Need::MayBeGranted("clock = true"),
        "wasi:random/random" | "wasi:random/insecure" | "wasi:random/insecure-seed" => {
            Need::MayBeGranted("random = true")
        }
        "wasi:cli/environment" => Need::MayBeGranted("env = [\"NAME\"]"),
        "wasi:filesystem/preopens" | "wasi:filesystem/types" => Need::MayBeGranted("read = [\"FOLDER\"]"),
        "sluicebox:operator/tables" if version::is_given(import) => Need::MayBeGranted("tables = [\"TABLE\"]"),
        "sluicebox:operator/broadcasts" if version::is_given(import) => {
            Need::MayBeGranted("broadcasts = [\"BROADCAST\"]")
        }
        _ => Need::Nothing,
    }
}

/// The line of `[plugin.P]` with all grants among `needs`; none where there are none.
pub fn line(needs: impl IntoIterator<Item = &'static str>) -> Option<String> {
    let mut grants: Vec<&str> = needs.into_iter().collect();
    grants.sort_unstable();
    grants.dedup();
    (!grants.is_empty()).then(|| format!("grants = {{ {} }}", grants.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_tell_their_grants() {
        assert_eq!(need("wasi:sockets/tcp@0.2.3"), Need::MustBeGranted("connect = [\"HOST:PORT\"]"));
        assert_eq!(need("wasi:http/outgoing-handler@0.2.4"), Need::MustBeGranted("http = [\"https://HOST\"]"));
        assert_eq!(need("wasi:clocks/wall-clock@0.2.0"), Need::MayBeGranted("clock = true"));
        assert_eq!(need("sluicebox:operator/tables@0.1.0"), Need::MayBeGranted("tables = [\"TABLE\"]"));
        assert_eq!(need("sluicebox:operator/logging@0.1.0"), Need::Nothing);
        assert_eq!(need("wasi:io/streams@0.2.0"), Need::Nothing);
        assert_eq!(line(["clock = true", "clock = true", "a = 1"]).unwrap(), "grants = { a = 1, clock = true }");
        assert_eq!(line([]), None);
    }
}
