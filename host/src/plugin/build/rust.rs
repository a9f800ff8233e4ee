//! Rust: cargo compiles the crate for `wasm32-unknown-unknown`, and there is no other tool to install.
//!
//! The profile is given through the environment: an author's folder needs none. Where the toolchain has no such target, its standard library is compiled from sources that `scripts/wasm-target` put into a `.cache` folder.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::{BuildError, BuildOptions, Made, Wasm, io_error};

pub const TARGET: &str = "wasm32-unknown-unknown";

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

/// Whether a folder has a crate.
pub fn is_in(dir: &Path) -> bool {
    dir.join("Cargo.toml").is_file()
}

/// Build the crate in `dir`.
pub fn build(dir: &Path, options: &BuildOptions) -> Result<Made, BuildError> {
    let (name, module) = compile(dir, &find_target(dir)?, options.quiet)?;
    let bytes = std::fs::read(&module).map_err(io_error("reading", &module))?;
    Ok(Made { name, wasm: Wasm::Module(bytes) })
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
        false => Err(BuildError::Compile { tool: "cargo".to_owned(), dir: dir.to_owned() }),
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
        _ => Err(BuildError::NoPackage(path)),
    }
}

fn spawn_error(program: &'static str) -> impl Fn(io::Error) -> BuildError {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => BuildError::NoRust(program),
        _ => BuildError::Io { what: format!("starting {program}"), error },
    }
}
