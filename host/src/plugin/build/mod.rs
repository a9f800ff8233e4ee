//! `plugin build`: a folder with a plugin's sources, in any of several languages, becomes a component.
//!
//! [`language`] is the table of languages: how a folder is recognized and which file here builds it. Each compiles with its own language's tools, which [`tools`] fetches, pinned, into
//! a cache of this program's where the machine need not have them. [`component`] then makes the module a component, in this process.

mod c;
mod component;
mod go;
pub mod language;
mod pins;
mod rust;
mod script;
mod tools;

use std::io;
use std::path::{Path, PathBuf};

use language::LANGUAGES;

/// How a plugin is built.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// Where the component goes; none: into the plugin's folder, under its package's name.
    pub output: Option<PathBuf>,
    /// Whether nothing is said but what is wrong.
    pub quiet: bool,
    /// The folder that holds languages' tools; they are fetched when it lacks them. None: there is no such folder, and a language that needs one can't be built.
    pub tools: Option<PathBuf>,
}

/// A component that was built.
#[derive(Debug, Clone)]
pub struct BuiltPlugin {
    /// The component's file.
    pub path: PathBuf,
    /// The package's name.
    pub package: String,
    /// The component's size in bytes.
    pub size: u64,
}

/// What a language's tools made of a folder.
struct Made {
    /// The package's name.
    name: String,
    wasm: Wasm,
}

enum Wasm {
    /// To be made a component. It says what it exports in its own metadata, or by the names of its exports.
    Module(Vec<u8>),
    /// A component as it is.
    Component(Vec<u8>),
}

/// Why there is no component. All but `Io` are for the author to mend.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder has nothing that a language is known by.
    #[error("{} is not a plugin's folder: it has none of {}", .0.display(), language::marks())]
    NoPlugin(PathBuf),
    /// A manifest doesn't name the package.
    #[error("{0} names no package: a plugin's folder has one of its own")]
    NoPackage(PathBuf),
    /// There is no Rust.
    #[error("`{0}` was not found: install Rust from https://rustup.rs, or put its programs on the PATH")]
    NoRust(&'static str),
    /// The toolchain can't compile for the target, and there are no sources to make it able.
    #[error(
        "rustc {version} has no target {TARGET}: run `rustup target add {TARGET}`, or where rustup can't, `scripts/wasm-target`, \
         which fetches the library's sources ({reason})",
        TARGET = rust::TARGET
    )]
    NoTarget {
        /// The compiler's version.
        version: String,
        /// Where sources were looked for.
        reason: String,
    },
    /// A language's tool isn't there.
    #[error("{tool} is missing, which builds plugins in {language}: {help}")]
    NoTool {
        /// The tool.
        tool: String,
        /// The language's name.
        language: &'static str,
        /// How it is had.
        help: String,
    },
    /// A compiler says what is wrong, on standard error.
    #[error("{tool} could not build {}; its messages are above", dir.display())]
    Compile {
        /// The compiler.
        tool: String,
        /// The plugin's folder.
        dir: PathBuf,
    },
    /// The crate makes no module.
    #[error(
        "package `{0}` makes no WebAssembly module: write `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml"
    )]
    NoModule(String),
    /// The module can't be made a component.
    #[error("package `{package}` is not a plugin: {reason}")]
    NotAPlugin {
        /// The package's name.
        package: String,
        /// What is wrong with its module.
        reason: String,
    },
    /// A file or process failed.
    #[error("{what}: {error}")]
    Io {
        /// What was being done, to what.
        what: String,
        /// The system's error.
        error: io::Error,
    },
}

/// Build the plugin in `dir` and write the component.
pub fn build_plugin(dir: &Path, options: &BuildOptions) -> Result<BuiltPlugin, BuildError> {
    let language = LANGUAGES.iter().find(|language| (language.is_in)(dir));
    let language = language.ok_or_else(|| BuildError::NoPlugin(dir.to_owned()))?;
    let dir = dir.canonicalize().map_err(io_error("resolving", dir))?;
    let Made { name: package, wasm } = (language.build)(&dir, options)?;
    let not_a_plugin = |reason| BuildError::NotAPlugin { package: package.clone(), reason };
    let component = match wasm {
        Wasm::Module(module) => component::of_module(&module).map_err(not_a_plugin)?,
        Wasm::Component(component) => component,
    };
    if !component::exports_operators(&component) {
        return Err(not_a_plugin(format!("it exports no operators; {}", language.name_operators)));
    }
    let path = options.output.clone().unwrap_or_else(|| dir.join(format!("{package}.wasm")));
    write(&path, &component)?;
    Ok(BuiltPlugin { path, package, size: component.len() as u64 })
}

/// Write the file whole or not at all: a job may be reading the one before it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    std::fs::write(&beside, bytes).map_err(io_error("writing", path))?;
    std::fs::rename(&beside, path).map_err(io_error("writing", path))
}

fn io_error(what: &str, path: &Path) -> impl Fn(io::Error) -> BuildError {
    let what = format!("{what} {}", path.display());
    move |error| BuildError::Io { what: what.clone(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_no_plugins_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let refuse = || build_plugin(dir.path(), &BuildOptions::default()).unwrap_err().to_string();
        let refused = refuse();
        assert!(refused.contains("is not a plugin's folder: it has none of Cargo.toml (Rust), "), "{refused}");
        std::fs::write(dir.path().join("Cargo.toml"), "[workspace]\n").unwrap();
        let refused = refuse();
        assert!(refused.ends_with("Cargo.toml names no package: a plugin's folder has one of its own"), "{refused}");
    }
}
