//! The components that the tests run, built by `make test` before they run.

use std::path::PathBuf;

/// The repository's folder.
pub fn repository() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// A component by its plugin's name, such as `words`.
///
/// # Panics
/// When it isn't built.
pub fn component(name: &str) -> PathBuf {
    let path = repository().join("plugins").join(name).join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not built: run \"make test\"", path.display());
    path
}
