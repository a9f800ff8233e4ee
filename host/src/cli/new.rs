//! `sluicebox plugin new`: the folder of a plugin with one operator, to begin from.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::args::NewArgs;
use super::out;

/// The operator that a plugin begins with; README shows it.
const LIBRARY: &str = include_str!("template/lib.rs");
/// What the operator is called there.
const OPERATOR: &str = "shout";
/// The longest name of an operator, which the plugin's is at first.
const MAX_NAME: usize = 64;

/// Words that a function can't be called by, and crates that the new one would hide.
const TAKEN: [&str; 55] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "sluicebox-sdk",
    "static",
    "std",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// `plugin new DIR`.
pub fn new(args: &NewArgs) -> Result<()> {
    let name = name_of(&args.dir)?;
    let sdk = match &args.sdk {
        Some(dir) => sdk_in(dir).ok_or_else(|| {
            Error::invalid(format!(
                "--sdk: {} is not the folder of the SDK: it has no Cargo.toml of sluicebox-sdk",
                dir.display()
            ))
        })?,
        None => find_sdk()?,
    };
    if args.dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || args.dir.is_file() {
        return Err(Error::invalid(format!("{} is there already; name a new folder", args.dir.display())));
    }
    for (file, text) in files(name, &sdk) {
        let path = args.dir.join(file);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.map_err(|error| Error::failed(format!("writing {}: {error}", path.display())))?;
    }
    out::result(&format!("{}: an operator to begin from is in src/lib.rs\n", args.dir.display()))
}

/// The plugin's name: the folder's.
fn name_of(dir: &Path) -> Result<&str> {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let spelled = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= MAX_NAME
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if !spelled {
        let rule = format!("a-z, then a-z, 0-9 or -, at most {MAX_NAME} of them");
        return Err(Error::invalid(format!("\"{}\" can't be a plugin's name: {rule}", dir.display())));
    }
    if TAKEN.contains(&name) {
        return Err(Error::invalid(format!("\"{name}\" can't be a plugin's name: it means something else in Rust")));
    }
    Ok(name)
}

/// The SDK of the repository that the program was built in, or that the current folder is in.
fn find_sdk() -> Result<PathBuf> {
    let places = [std::env::current_exe(), std::env::current_dir()];
    let found =
        places.iter().flatten().flat_map(|place| place.ancestors()).find_map(|above| sdk_in(&above.join("sdk/rust")));
    found.ok_or_else(|| {
        let nowhere = "the SDK is neither above this program nor above this folder";
        Error::invalid(format!("{nowhere}; name its folder, sdk/rust of a clone of the repository, by --sdk"))
    })
}

/// `dir`, from the root, if it has the SDK.
fn sdk_in(dir: &Path) -> Option<PathBuf> {
    let manifest = fs::read_to_string(dir.join("Cargo.toml")).ok()?;
    if manifest.lines().any(|line| line == "name = \"sluicebox-sdk\"") { dir.canonicalize().ok() } else { None }
}

/// The files of a new plugin.
fn files(name: &str, sdk: &Path) -> [(&'static str, String); 3] {
    // What JSON escapes in a string, TOML reads.
    let sdk = serde_json::Value::from(sdk.to_string_lossy());
    let manifest = format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false

[lib]
crate-type = ["cdylib"]

[dependencies]
sluicebox-sdk = {{ path = {sdk} }}

# Not a part of a workspace in a folder above.
[workspace]
"#
    );
    let library = LIBRARY.replace(OPERATOR, &name.replace('-', "_"));
    [("Cargo.toml", manifest), ("src/lib.rs", library), (".gitignore", "/target\n*.wasm\n".to_owned())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdk() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/rust")
    }

    fn refused(dir: &Path, sdk: PathBuf) -> String {
        new(&NewArgs { dir: dir.to_owned(), sdk: Some(sdk) }).unwrap_err().to_string()
    }

    #[test]
    fn a_plugin_is_called_as_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("to-upper");
        new(&NewArgs { dir: dir.clone(), sdk: Some(sdk()) }).unwrap();
        let library = fs::read_to_string(dir.join("src/lib.rs")).unwrap();
        assert!(
            library.contains("fn to_upper(line: &str)") && library.contains("transforms: [to_upper],"),
            "{library}"
        );
        let manifest: toml::Table = fs::read_to_string(dir.join("Cargo.toml")).unwrap().parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some("to-upper"));
        assert_eq!(manifest["dependencies"]["sluicebox-sdk"]["path"].as_str().map(PathBuf::from), sdk_in(&sdk()));
        assert_eq!(refused(&dir, sdk()), format!("{} is there already; name a new folder", dir.display()));
    }

    #[test]
    fn what_cant_be_a_plugin_is_refused_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["Shout", "1st", "a_b", "ä", &"a".repeat(65), ".."] {
            assert!(refused(&at(name), sdk()).contains("can't be a plugin's name: a-z, then"), "{name}");
        }
        assert!(
            refused(&at("match"), sdk())
                .ends_with("\"match\" can't be a plugin's name: it means something else in Rust")
        );
        assert!(refused(&at("shout"), at("sdk")).contains("is not the folder of the SDK"));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
