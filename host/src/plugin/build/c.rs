//! C and C++: the sources of a folder and those of the SDK, which this program carries, become a module.
//!
//! The compiler is Zig's, which is clang with a libc for WebAssembly in one package; or the clang that `SLUICEBOX_CC` names, which has to have a wasi-libc.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::pins::ZIG;
use super::tools::Tools;
use super::{BuildError, BuildOptions, Made, Wasm, io_error};

/// What sources in C are known by.
pub const C: &[&str] = &["c"];
/// What sources in C++ are known by.
pub const CPP: &[&str] = &["cpp", "cc", "cxx"];

/// A clang to be used instead.
const COMPILER: &str = "SLUICEBOX_CC";

/// The SDK: headers, which are for authors, and what is compiled with each plugin.
const HEADERS: [(&str, &str); 2] = [
    ("sluicebox.h", include_str!("../../../../sdk/c/include/sluicebox.h")),
    ("sluicebox.hpp", include_str!("../../../../sdk/c/include/sluicebox.hpp")),
];
const SOURCES: [(&str, &str); 11] = [
    ("abi.h", include_str!("../../../../sdk/c/src/abi.h")),
    ("aggregate.c", include_str!("../../../../sdk/c/src/aggregate.c")),
    ("call.c", include_str!("../../../../sdk/c/src/call.c")),
    ("columns.c", include_str!("../../../../sdk/c/src/columns.c")),
    ("config.c", include_str!("../../../../sdk/c/src/config.c")),
    ("json.c", include_str!("../../../../sdk/c/src/json.c")),
    ("receiver.c", include_str!("../../../../sdk/c/src/receiver.c")),
    ("reference.c", include_str!("../../../../sdk/c/src/reference.c")),
    ("sink.c", include_str!("../../../../sdk/c/src/sink.c")),
    ("state.c", include_str!("../../../../sdk/c/src/state.c")),
    ("transform.c", include_str!("../../../../sdk/c/src/transform.c")),
];

/// What all sources are compiled with. Functions keep their names, for backtraces.
const FLAGS: [&str; 9] = [
    "--target=wasm32-wasi",
    "-O3",
    "-msimd128",
    "-mbulk-memory",
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-strict-aliasing",
    "-Wall",
    "-Wextra",
];
/// What an author's own sources are compiled with beside: a null pointer that is read or written through ends the call there. Memory begins at 0 in WebAssembly, so nothing else would.
const CHECKED: [&str; 2] = ["-fsanitize=null", "-fsanitize-trap=null"];
/// An exception ends the call: there is nothing on the other side that could catch one.
const CPP_FLAGS: [&str; 3] = ["-std=c++20", "-fno-exceptions", "-fno-rtti"];
const C_FLAGS: [&str; 1] = ["-std=gnu17"];
/// The stack has 256 KiB.
const LINK: [&str; 4] =
    ["--target=wasm32-wasi", "-mexec-model=reactor", "-Wl,--gc-sections", "-Wl,-z,stack-size=262144"];

/// Whether a folder, or its `src`, has a source with one of the extensions.
pub fn has_source(dir: &Path, extensions: &[&str]) -> bool {
    sources(dir, extensions).is_ok_and(|sources| !sources.is_empty())
}

/// Build the sources in C.
pub fn build_c(dir: &Path, options: &BuildOptions) -> Result<Made, BuildError> {
    build(dir, "C", options)
}

/// Build the sources in C++, and those in C beside them.
pub fn build_cpp(dir: &Path, options: &BuildOptions) -> Result<Made, BuildError> {
    build(dir, "C++", options)
}

fn build(dir: &Path, language: &'static str, options: &BuildOptions) -> Result<Made, BuildError> {
    let name = dir.file_name().and_then(OsStr::to_str).unwrap_or("plugin").to_owned();
    let tools = Tools::of(language, options)?;
    let compiler = Compiler::find(&tools)?;
    let work = tools.work(&name)?;
    let sdk = work.path().join("sdk");
    for (folder, files) in [("include", &HEADERS[..]), ("src", &SOURCES[..])] {
        let folder = sdk.join(folder);
        fs::create_dir_all(&folder).map_err(io_error("making", &folder))?;
        for (file, text) in files {
            fs::write(folder.join(file), text).map_err(io_error("writing", &folder))?;
        }
    }
    let (own_c, own_cpp) = (sources(dir, C)?, sources(dir, CPP)?);
    let of_sdk = SOURCES.iter().map(|(file, _)| sdk.join("src").join(file)).filter(|file| is_one_of(file, C));
    let mut units: Vec<(PathBuf, &[&str], &[&str])> = of_sdk.map(|file| (file, &C_FLAGS[..], &[][..])).collect();
    units.extend(own_c.into_iter().map(|file| (file, &C_FLAGS[..], &CHECKED[..])));
    units.extend(own_cpp.into_iter().map(|file| (file, &CPP_FLAGS[..], &CHECKED[..])));

    let mut objects = vec![];
    for (number, (file, of_language, more)) in units.iter().enumerate() {
        let object = work.path().join(format!("{number}.o"));
        let mut compile = compiler.command(is_one_of(file, CPP));
        // Sources are called as from the plugin's folder, wherever that is.
        let shown = file.strip_prefix(dir).unwrap_or(file);
        compile.args(FLAGS).args(*of_language).args(*more).arg("-I").arg(sdk.join("include"));
        compile.arg("-c").arg(shown).arg("-o").arg(&object);
        tools.run(compile.current_dir(dir), &compiler.name, dir)?;
        objects.push(object);
    }
    let module = work.path().join("module.wasm");
    let mut link = compiler.command(language == "C++");
    tools.run(link.args(LINK).args(&objects).arg("-o").arg(&module).current_dir(dir), &compiler.name, dir)?;
    let bytes = fs::read(&module).map_err(io_error("reading", &module))?;
    Ok(Made { name, wasm: Wasm::Module(bytes) })
}

/// A compiler of both languages.
struct Compiler {
    /// For people.
    name: String,
    /// The program.
    program: PathBuf,
    /// Whether it is Zig's, whose first argument is the language.
    is_zig: bool,
    /// Where Zig keeps the parts of its libraries that it has compiled.
    cache: PathBuf,
}

impl Compiler {
    fn find(tools: &Tools) -> Result<Self, BuildError> {
        let cache = tools.cache("zig-cache");
        match std::env::var_os(COMPILER).filter(|named| !named.is_empty()) {
            Some(named) => {
                let program = PathBuf::from(named);
                Ok(Self { name: program.display().to_string(), program, is_zig: false, cache })
            }
            None => {
                let program = tools.pip(&ZIG)?.join("ziglang/zig");
                Ok(Self { name: format!("zig {}", ZIG.version), program, is_zig: true, cache })
            }
        }
    }

    fn command(&self, is_cpp: bool) -> Command {
        let mut command = Command::new(&self.program);
        match (self.is_zig, is_cpp) {
            (true, true) => _ = command.arg("c++"),
            (true, false) => _ = command.arg("cc"),
            (false, true) => _ = command.arg("--driver-mode=g++"),
            (false, false) => {}
        }
        command.env("ZIG_GLOBAL_CACHE_DIR", &self.cache).env("ZIG_LOCAL_CACHE_DIR", &self.cache);
        command
    }
}

/// The sources in a folder and its `src`, in the order of their names. What is deeper is the author's to include.
fn sources(dir: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, BuildError> {
    let mut sources = vec![];
    for folder in [dir.to_owned(), dir.join("src")] {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.map_err(io_error("reading", &folder))?.path();
            if path.is_file() && is_one_of(&path, extensions) {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

fn is_one_of(file: &Path, extensions: &[&str]) -> bool {
    file.extension().and_then(OsStr::to_str).is_some_and(|extension| extensions.contains(&extension))
}
