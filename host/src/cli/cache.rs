//! Where compiled components are kept from one run to the next.

use std::path::PathBuf;

/// The folder that `SLUICEBOX_CACHE` names, or `sluicebox` in the user's own cache folder; none where there is no such folder, or the variable is empty.
pub fn folder() -> Option<PathBuf> {
    folder_of(|name| std::env::var_os(name).map(PathBuf::from))
}

/// Where languages' tools are kept: the folder that `SLUICEBOX_TOOLS_DIR` names, or `tools` in the one above.
pub fn tools() -> Option<PathBuf> {
    let named = std::env::var_os("SLUICEBOX_TOOLS_DIR").filter(|named| !named.is_empty());
    named.map(PathBuf::from).or_else(|| folder().map(|cache| cache.join("tools")))
}

fn folder_of(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(named) = variable("SLUICEBOX_CACHE") {
        return Some(named).filter(|path| !path.as_os_str().is_empty());
    }
    // Relative paths in these two count as if they weren't there: that is the rule of the XDG directories.
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("sluicebox"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_users_own() {
        let find = |variables: &[(&str, &str)]| {
            folder_of(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value)))
        };
        let home = ("HOME", "/users/u");
        assert_eq!(find(&[home]), Some("/users/u/.cache/sluicebox".into()));
        assert_eq!(find(&[home, ("XDG_CACHE_HOME", "/c")]), Some("/c/sluicebox".into()));
        assert_eq!(find(&[home, ("XDG_CACHE_HOME", "c")]), Some("/users/u/.cache/sluicebox".into()));
        assert_eq!(find(&[home, ("SLUICEBOX_CACHE", "here")]), Some("here".into()));
        assert_eq!(find(&[home, ("SLUICEBOX_CACHE", "")]), None);
        assert_eq!(find(&[]), None);
    }
}
