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

/// A component in another language than Rust, such as `c` and `words`.
///
/// # Panics
/// When it isn't built.
pub fn component_in(language: &str, name: &str) -> PathBuf {
    let path = repository().join("plugins").join(language).join(name).join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not built: run \"make test\"", path.display());
    path
}

/// The component `chameleon` in one of its versions, which differ in nothing but the four digits of a mark: the same operators, another digest. See `plugins/chameleon` for what which version does.
///
/// # Panics
/// When it isn't built, or its mark is gone.
pub fn chameleon(version: u32) -> Vec<u8> {
    const MARK: &[u8] = b"sluicebox-chameleon-";
    let mut bytes = std::fs::read(component("chameleon")).expect("a component that is there");
    let at = bytes.windows(MARK.len()).position(|window| window == MARK).expect("the component has its mark");
    bytes[at + MARK.len()..][..4].copy_from_slice(format!("{version:04}").as_bytes());
    bytes
}

/// A component as it would be if it were built against another version of the WIT package, whose name is as long as the first's.
///
/// # Panics
/// When it isn't built against the first.
pub fn of_version(component: Vec<u8>, version: &str) -> Vec<u8> {
    renamed(component, "@0.1.0", &format!("@{version}"))
}

/// The same component once more, under another digest.
pub fn another(mut component: Vec<u8>) -> Vec<u8> {
    // A custom section: its id, its size, its name, and nothing in it.
    component.extend([0, 6, 5]);
    component.extend(b"again");
    component
}

/// A component in which a text of its bytes is another, as long: another name of an operator, or of a column.
///
/// # Panics
/// When there is no such text.
pub fn renamed(mut component: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "nothing else moves");
    let places: Vec<usize> = component
        .windows(from.len())
        .enumerate()
        .filter(|(_, bytes)| *bytes == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "the component has the text {from}");
    for at in places {
        component[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    component
}
