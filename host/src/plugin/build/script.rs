//! Python, JavaScript and TypeScript: the SDK, which this program carries, has a builder in its own language, which puts the author's modules into that language's run-time as a component.
//!
//! What it needs is fetched: componentize-py, which has CPython, and componentize-qjs, which has QuickJS.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::Tools;
use super::{BuildError, BuildOptions, Made, Wasm, io_error, pins};

/// What a plugin's folder in Python is known by.
pub const PYTHON_MARK: &str = "pyproject.toml";
/// What one in JavaScript or TypeScript is known by.
pub const NODE_MARK: &str = "package.json";

macro_rules! carried {
    ($folder:literal: $($file:literal)*) => {
        [$(($file, include_str!(concat!("../../../../", $folder, "/", $file)))),*]
    };
}

const WIT: [(&str, &str); 7] =
    carried!("wit": "aggregate.wit" "data.wit" "receiver.wit" "reference.wit" "sink.wit" "state.wit" "transform.wit");

/// What files are read by, in JavaScript, and where its random numbers are from.
const WASI: [(&str, &str); 4] =
    carried!("host/src/plugin/wasi/wit/deps": "clocks.wit" "filesystem.wit" "io.wit" "random.wit");

const PYTHON_SDK: [(&str, &str); 16] = carried!("sdk/python/src/sluicebox":
    "__init__.py" "aggregate.py" "build.py" "codec.py" "columns.py" "convert.py" "errors.py" "guest.py" "hints.py" "host.py" "operator.py" "receiver.py" "settings.py" "sink.py" "state.py"
    "transform.py"
);
const PYTHON_TYPES: [(&str, &str); 1] = carried!("sdk/python/src/sluicebox": "types.py");

const NODE_SDK: [(&str, &str); 18] = carried!("sdk/javascript":
    "build.mjs" "src/aggregate.ts" "src/columns.ts" "src/config.ts" "src/errors.ts" "src/fs.ts" "src/guest.ts" "src/host.ts" "src/index.ts" "src/operator.ts" "src/receiver.ts" "src/rows.ts" "src/sink.ts"
    "src/state.ts" "src/text.ts" "src/transform.ts" "src/types.ts" "src/wit.ts"
);

/// Build the modules in Python.
pub fn build_python(dir: &Path, options: &BuildOptions) -> Result<Made, BuildError> {
    let tools = Tools::of("Python", options)?;
    let version = "import sys; sys.exit(sys.version_info < (3, 11))";
    need(
        "python3",
        &["-c", version],
        "Python",
        "install Python 3.11 or newer (on Debian: apt-get install python3 python3-pip)",
    )?;
    let work = tools.work("python")?;
    let sdk = work.path().join("sluicebox");
    carry(&sdk, &PYTHON_SDK)?;
    carry(&sdk, &PYTHON_TYPES)?;
    carry(&sdk.join("wit"), &WIT)?;
    let mut path = vec![work.path().to_owned()];
    for package in &pins::PYTHON {
        path.push(tools.pip(package)?);
    }
    let mut builder = Command::new("python3");
    builder.args(["-m", "sluicebox.build"]).env("PYTHONPATH", joined(&path)).env("PYTHONDONTWRITEBYTECODE", "1");
    run(builder, dir, work.path(), "componentize-py")
}

/// Build the modules in JavaScript or TypeScript.
pub fn build_node(dir: &Path, options: &BuildOptions) -> Result<Made, BuildError> {
    let tools = Tools::of("JavaScript", options)?;
    let version = "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)";
    need(
        "node",
        &["-e", version],
        "JavaScript",
        "install Node.js 20 or newer with npm (on Debian: apt-get install nodejs npm)",
    )?;
    let work = tools.work("javascript")?;
    carry(work.path(), &NODE_SDK)?;
    carry(&work.path().join("wit"), &WIT)?;
    carry(&work.path().join("wasi"), &WASI)?;
    let packages = tools.npm(&pins::NODE, &pins::NODE_FILES)?;
    let mut builder = Command::new("node");
    builder.arg(work.path().join("build.mjs")).env("SLUICEBOX_NODE_MODULES", packages);
    run(builder, dir, work.path(), "componentize-qjs")
}

/// Whether a folder has TypeScript in it.
pub fn has_typescript(dir: &Path) -> bool {
    dir.join(NODE_MARK).is_file() && ["index.ts", "src/index.ts"].iter().any(|file| dir.join(file).is_file())
}

/// Refuse to go on without a program, or with an old one.
fn need(program: &str, args: &[&str], language: &'static str, help: &str) -> Result<(), BuildError> {
    match Command::new(program).args(args).status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(BuildError::NoTool { tool: program.to_owned(), language, help: help.to_owned() }),
    }
}

/// Write files that this program carries.
fn carry(folder: &Path, files: &[(&str, &str)]) -> Result<(), BuildError> {
    for (file, text) in files {
        let path = folder.join(file);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.map_err(io_error("writing", &path))?;
    }
    Ok(())
}

fn joined(path: &[PathBuf]) -> OsString {
    std::env::join_paths(path).unwrap_or_default()
}

/// Run a builder: it is given the folder, and where the component goes; on the last line that it prints stands where it put it.
fn run(mut builder: Command, dir: &Path, work: &Path, tool: &str) -> Result<Made, BuildError> {
    let made = work.join("made");
    builder.arg(dir).arg("--output-folder").arg(&made).stdin(std::process::Stdio::null());
    match builder.status() {
        Ok(status) if status.success() => {}
        Ok(_) => return Err(BuildError::Compile { tool: tool.to_owned(), dir: dir.to_owned() }),
        Err(error) => return Err(BuildError::Io { what: format!("starting {tool}"), error }),
    }
    let files = fs::read_dir(&made).map_err(io_error("reading", &made))?;
    let file = files.flatten().map(|entry| entry.path()).find(|file| file.extension().is_some_and(|end| end == "wasm"));
    let file = file.ok_or_else(|| BuildError::Compile { tool: tool.to_owned(), dir: dir.to_owned() })?;
    let bytes = fs::read(&file).map_err(io_error("reading", &file))?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Made { name, wasm: Wasm::Component(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The files of an SDK's folder, and those that the program carries.
    fn compare(folder: &str, extension: &str, carried: &[&[(&str, &str)]], left_out: &[&str]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let there: BTreeSet<String> =
            names.filter(|name| name.ends_with(extension) && !left_out.contains(&name.as_str())).collect();
        let carried: BTreeSet<String> = carried
            .iter()
            .flat_map(|files| files.iter())
            .map(|(file, _)| file.rsplit('/').next().unwrap().to_owned())
            .filter(|file| file.ends_with(extension))
            .collect();
        assert_eq!(there, carried);
    }

    #[test]
    fn the_program_carries_all_of_the_sdks_but_what_tests_use() {
        compare("wit", ".wit", &[&WIT], &[]);
        compare("sdk/python/src/sluicebox", ".py", &[&PYTHON_SDK, &PYTHON_TYPES], &["testing.py"]);
        compare("sdk/javascript/src", ".ts", &[&NODE_SDK], &["testing.ts", "globals.d.ts"]);
    }

    #[test]
    fn the_tools_are_those_that_the_sdks_name() {
        let read =
            |file: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk").join(file)).unwrap();
        for pins::Package { name, version, .. } in pins::PYTHON {
            assert!(read("python/requirements.txt").contains(&format!("{name}=={version}\n")), "{name}");
            assert!(read("python/pyproject.toml").contains(&format!("\"{name}=={version}\"")), "{name}");
        }
        for (package, version) in pins::NODE {
            assert!(read("javascript/package.json").contains(&format!("\"{package}\": \"{version}\"")), "{package}");
        }
    }
}
