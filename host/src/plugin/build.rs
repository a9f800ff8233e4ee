//! `plugin build`: a folder with a Rust crate becomes a component.
//!
//! Cargo compiles the crate for `wasm32-unknown-unknown`, and the module is made a component in this process, so there is no other
//! tool to install. The profile is given through the environment: an author's folder needs none. Where the
//! toolchain has no such target, its standard library is compiled from sources that `scripts/wasm-target` put into a `.cache` folder.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

const TARGET: &str = "wasm32-unknown-unknown";

/// `sources` or `rustup`, to have one of the two ways although both are there.
const WAY: &str = "SLUICEBOX_WASM_TARGET";

/// A folder of Rust's library sources, for where it is in no `.cache` above the plugin.
const LIBRARY: &str = "SLUICEBOX_RUST_LIBRARY";

/// What every module is compiled with. Vectors measure faster in loops over bytes and numbers. The stack is 256 KiB rather than 1 MiB,
/// since it is a part of the memory that is zeroed for every instance.
const RUSTFLAGS: [&str; 2] = ["-Ctarget-feature=+simd128,+bulk-memory", "-Clink-arg=-zstack-size=262144"];

/// The profile of a release build, which a folder's own settings don't change. Function names stay, for backtraces.
const PROFILE: [(&str, &str); 6] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_STRIP", "debuginfo"),
];

/// How a plugin is built.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// Where the component goes; none: into the plugin's folder, under its package's name.
    pub output: Option<PathBuf>,
    /// Whether cargo says nothing but what is wrong.
    pub quiet: bool,
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

/// Why there is no component. All but `Io` are for the author to mend.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder is not a crate.
    #[error("{0} has no Cargo.toml: name the folder of a Rust crate")]
    NoCrate(PathBuf),
    /// There is no Rust.
    #[error("`{0}` was not found: install Rust from https://rustup.rs, or put its programs on the PATH")]
    NoRust(&'static str),
    /// The toolchain can't compile for the target, and there are no sources to make it able.
    #[error(
        "rustc {version} has no target {TARGET}: run `rustup target add {TARGET}`, or where rustup can't, `scripts/wasm-target`, \
         which fetches the library's sources ({reason})"
    )]
    NoTarget {
        /// The compiler's version.
        version: String,
        /// Where sources were looked for.
        reason: String,
    },
    /// Cargo says what is wrong, on standard error.
    #[error("cargo could not build {0}; its messages are above")]
    Compile(PathBuf),
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

/// Build the crate in `dir` and write the component.
pub fn build_plugin(dir: &Path, options: &BuildOptions) -> Result<BuiltPlugin, BuildError> {
    let manifest = dir.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(BuildError::NoCrate(dir.to_owned()));
    }
    let dir = dir.canonicalize().map_err(io_error("resolving", dir))?;
    let (package, module) = compile(&dir, &find_target(&dir)?, options.quiet)?;
    let bytes = std::fs::read(&module).map_err(io_error("reading", &module))?;
    let component = componentize(&package, &bytes)?;
    let path = options.output.clone().unwrap_or_else(|| dir.join(format!("{package}.wasm")));
    write(&path, &component)?;
    Ok(BuiltPlugin { path, package, size: component.len() as u64 })
}

/// How the compiler gets the target's standard library.
enum Target {
    /// It is installed.
    Installed,
    /// Compiled from these sources, a folder `library`.
    Sources(PathBuf),
}

fn find_target(dir: &Path) -> Result<Target, BuildError> {
    let way = std::env::var(WAY).unwrap_or_default();
    let version = rustc(dir, &["--version"])?;
    let version = version.split_whitespace().nth(1).unwrap_or_default();
    if way != "sources" {
        let libraries = rustc(dir, &["--print", "target-libdir", "--target", TARGET])?;
        if Path::new(libraries.trim()).is_dir() {
            return Ok(Target::Installed);
        }
    }
    let no_target = |reason| BuildError::NoTarget { version: version.to_owned(), reason };
    if way == "rustup" {
        return Err(no_target(format!("{WAY} is `rustup`")));
    }
    if let Some(library) = std::env::var_os(LIBRARY).map(PathBuf::from) {
        return match library.join("std/Cargo.toml").is_file() {
            true => Ok(Target::Sources(library)),
            false => Err(no_target(format!("{LIBRARY} is {}, which has no std/Cargo.toml", library.display()))),
        };
    }
    let cached = PathBuf::from(".cache/rust").join(version).join("library");
    // Of a plugin outside the repository, the program is likely to be in it.
    let places = [Some(dir.to_owned()), std::env::current_dir().ok(), std::env::current_exe().ok()];
    let mut found = places.iter().flatten().flat_map(|place| place.ancestors()).map(|above| above.join(&cached));
    match found.find(|library| library.join("std/Cargo.toml").is_file()) {
        Some(library) => Ok(Target::Sources(library)),
        None => Err(no_target(format!(
            "there is no {} in or above {}, or above this program",
            cached.display(),
            dir.display()
        ))),
    }
}

/// What rustc prints, as the plugin's folder selects it.
fn rustc(dir: &Path, args: &[&str]) -> Result<String, BuildError> {
    let output = Command::new("rustc").args(args).current_dir(dir).output().map_err(spawn_error("rustc"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The line of cargo's JSON that tells of a finished artifact.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// The package's name and its module.
fn compile(dir: &Path, target: &Target, quiet: bool) -> Result<(String, PathBuf), BuildError> {
    let package = package_name(dir)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--lib", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    cargo.args(quiet.then_some("--quiet"));
    if let Target::Sources(library) = target {
        cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        cargo.env("__CARGO_TESTS_ONLY_SRC_ROOT", library);
    }
    // Flags meant for the machine's own programs don't suit the module.
    cargo.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f")).envs(PROFILE);
    let mut cargo = cargo.current_dir(dir).stdout(Stdio::piped()).spawn().map_err(spawn_error("cargo"))?;

    let manifest = dir.join("Cargo.toml");
    let mut module = None;
    if let Some(messages) = cargo.stdout.take() {
        for line in BufReader::new(messages).lines() {
            let line = line.map_err(io_error("reading cargo's messages about", dir))?;
            let Ok(artifact) = serde_json::from_str::<Artifact>(&line) else { continue };
            if artifact.reason == "compiler-artifact" && artifact.manifest_path == manifest {
                module = artifact.filenames.into_iter().find(|file| file.extension().is_some_and(|e| e == "wasm"));
            }
        }
    }
    match cargo.wait().map_err(io_error("waiting for cargo in", dir))?.success() {
        false => Err(BuildError::Compile(dir.to_owned())),
        true => module.map(|module| (package.clone(), module)).ok_or(BuildError::NoModule(package)),
    }
}

fn package_name(dir: &Path) -> Result<String, BuildError> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Option<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let path = dir.join("Cargo.toml");
    let text = std::fs::read_to_string(&path).map_err(io_error("reading", &path))?;
    // What is wrong with a manifest is best said by cargo; a workspace without a package is no plugin.
    match toml::from_str::<Manifest>(&text) {
        Ok(Manifest { package: Some(package) }) => Ok(package.name),
        _ => Err(BuildError::NoCrate(dir.to_owned())),
    }
}

/// A component of a module, validated.
fn componentize(package: &str, module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let not_a_plugin = |reason: String| BuildError::NotAPlugin { package: package.to_owned(), reason };
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|e| not_a_plugin(format!("{e:#}")))?;
    if exports_operators(&component) {
        Ok(component)
    } else {
        Err(not_a_plugin("it exports no operators; name them in `sluicebox_sdk::plugin!`".to_owned()))
    }
}

/// Whether the component exports an interface of ours.
fn exports_operators(component: &[u8]) -> bool {
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::Version { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth -= 1,
            Ok(Payload::ComponentExportSection(exports)) if depth == 1 => {
                let mut exports = exports.into_iter().flatten();
                if exports.any(|export| export.name.name.starts_with("sluicebox:operator/")) {
                    return true;
                }
            }
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
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

fn spawn_error(program: &'static str) -> impl Fn(io::Error) -> BuildError {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => BuildError::NoRust(program),
        _ => BuildError::Io { what: format!("starting {program}"), error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_no_plugins_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let refuse = || build_plugin(dir.path(), &BuildOptions::default()).unwrap_err().to_string();
        assert!(refuse().ends_with("has no Cargo.toml: name the folder of a Rust crate"));
        std::fs::write(dir.path().join("Cargo.toml"), "[workspace]\n").unwrap();
        assert!(refuse().ends_with("has no Cargo.toml: name the folder of a Rust crate"));
    }

    #[test]
    fn modules_without_operators_are_refused() {
        let refuse = |module: &[u8]| componentize("empty", module).unwrap_err().to_string();
        let empty = refuse(b"\0asm\x01\0\0\0");
        assert_eq!(
            empty,
            "package `empty` is not a plugin: it exports no operators; name them in `sluicebox_sdk::plugin!`"
        );
        assert!(refuse(b"not wasm").starts_with("package `empty` is not a plugin: "));
    }
}
