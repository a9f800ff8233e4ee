//! The folder of languages' tools: each is fetched once, in the version that is named here in the program, by the client of the registry that its language has, and
//! put into a folder of its own. Nothing is installed for the user or the machine, and nothing needs root.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::pins::Package;
use super::{BuildError, BuildOptions, io_error};

/// How often a tool is asked for, of a registry that may be slow to answer.
const ATTEMPTS: u32 = 3;

/// The folder.
pub struct Tools<'a> {
    folder: PathBuf,
    language: &'static str,
    options: &'a BuildOptions,
}

impl<'a> Tools<'a> {
    /// The tools of a language, by its title.
    pub fn of(language: &'static str, options: &'a BuildOptions) -> Result<Self, BuildError> {
        let no_folder = || BuildError::NoTool {
            tool: "a folder for tools".to_owned(),
            language,
            help: "name one in SLUICEBOX_TOOLS_DIR".to_owned(),
        };
        let folder = options.tools.clone().ok_or_else(no_folder)?;
        fs::create_dir_all(&folder).map_err(io_error("making", &folder))?;
        // Compilers are started in other folders than this program.
        let folder = folder.canonicalize().map_err(io_error("resolving", &folder))?;
        Ok(Self { folder, language, options })
    }

    /// A folder for what a tool keeps from one run to the next.
    pub fn cache(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A package of Python's, of which pip takes no file but those that are known: the folder to be put into PYTHONPATH.
    pub fn pip(&self, package: &Package) -> Result<PathBuf, BuildError> {
        let help = "it is fetched by `python3 -m pip`: install Python 3.9 or newer and its pip (on Debian: apt-get install python3 python3-pip), and see that pip reaches its index";
        let name = format!("{}-{}", package.name, package.version);
        self.fetch(&name, help, |into| {
            let asked = into.with_extension("asked");
            fs::write(&asked, package.requirement).map_err(io_error("writing", &asked))?;
            Ok(pip(&asked, into))
        })
    }

    /// Packages of npm's, each with its version, and what they depend on, all of it as `files` lock it: the folder that has `node_modules`.
    pub fn npm(&self, packages: &[(&str, &str)], files: &[(&str, &str)]) -> Result<PathBuf, BuildError> {
        let help = "it is fetched by npm: install Node.js 20 or newer with npm (on Debian: apt-get install nodejs npm), and see that npm reaches its registry";
        let name: Vec<String> = packages.iter().map(|(package, version)| format!("{package}-{version}")).collect();
        self.fetch(&name.join("+"), help, |into| {
            fs::create_dir_all(into).map_err(io_error("making", into))?;
            for (file, text) in files {
                fs::write(into.join(file), text).map_err(io_error("writing", into))?;
            }
            let mut npm = Command::new("npm");
            npm.args(["ci", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(into);
            Ok(npm)
        })
    }

    /// A folder for one build, which is removed when this is dropped.
    pub fn work(&self, name: &str) -> Result<Work, BuildError> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = self.cache("work").join(format!("{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&dir).map_err(io_error("making", &dir))?;
        Ok(Work(dir))
    }

    /// Run a compiler, which says on standard error what is wrong.
    pub fn run(&self, command: &mut Command, tool: &str, dir: &Path) -> Result<(), BuildError> {
        match command.stdin(Stdio::null()).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(BuildError::Compile { tool: tool.to_owned(), dir: dir.to_owned() }),
            Err(error) => Err(BuildError::Io { what: format!("starting {tool}"), error }),
        }
    }

    /// What `fetch` puts into the folder it is given, under a name that has its version; and all of that or nothing. Of several that build at a time, one fetches and the others wait.
    fn fetch(
        &self,
        name: &str,
        help: &str,
        fetch: impl Fn(&Path) -> Result<Command, BuildError>,
    ) -> Result<PathBuf, BuildError> {
        let place = self.folder.join(name);
        if place.is_dir() {
            return Ok(place);
        }
        let lock = self.folder.join(format!("{name}.lock"));
        let file = File::create(&lock).map_err(io_error("making", &lock))?;
        file.lock().map_err(io_error("locking", &lock))?;
        if place.is_dir() {
            return Ok(place);
        }
        if !self.options.quiet {
            eprintln!("fetching {name} into {}", self.folder.display());
        }
        let part = self.folder.join(format!("{name}.part"));
        for _ in 0..ATTEMPTS {
            if part.exists() {
                fs::remove_dir_all(&part).map_err(io_error("removing", &part))?;
            }
            match fetch(&part)?.stdin(Stdio::null()).status() {
                Ok(status) if status.success() => {
                    fs::rename(&part, &place).map_err(io_error("naming", &place))?;
                    return Ok(place);
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        Err(BuildError::NoTool { tool: name.to_owned(), language: self.language, help: help.to_owned() })
    }
}

/// What puts into a folder what the lines of a file ask for, and takes nothing of which they don't know the hash.
fn pip(asked: &Path, into: &Path) -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install", "--no-compile"]);
    pip.args(["--only-binary", ":all:", "--no-deps", "--require-hashes", "--root-user-action", "ignore"]);
    pip.arg("--target").arg(into).arg("--requirement").arg(asked);
    pip
}

/// A folder for one build.
pub struct Work(PathBuf);

impl Work {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What stays is small, and in a cache.
        _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_fetched_once_and_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let options = BuildOptions { tools: Some(dir.path().join("tools")), quiet: true, ..BuildOptions::default() };
        let tools = Tools::of("Any", &options).unwrap();
        let run = |script: &'static str| {
            move |into: &Path| {
                let mut shell = Command::new("sh");
                shell.args(["-c", script, "sh"]).arg(into);
                Ok(shell)
            }
        };
        let failed = tools.fetch("t-1", "ask for it", run("mkdir $1 && exit 1")).unwrap_err();
        assert_eq!(failed.to_string(), "t-1 is missing, which builds plugins in Any: ask for it");
        assert!(!dir.path().join("tools/t-1").exists());
        let place = tools.fetch("t-1", "", run("mkdir $1 && echo 1 > $1/f")).unwrap();
        assert_eq!(fs::read_to_string(place.join("f")).unwrap(), "1\n");
        tools.fetch("t-1", "", run("exit 1")).unwrap();
        let none = Tools::of("Any", &BuildOptions::default()).err().unwrap().to_string();
        assert!(none.ends_with("name one in SLUICEBOX_TOOLS_DIR"), "{none}");
    }

    /// Makes a package of Python's in the current folder, and prints what its file hashes to.
    const PACKAGE: &str = r#"
import hashlib, zipfile
with zipfile.ZipFile("pinned-1.0-py3-none-any.whl", "w") as wheel:
    about = "pinned-1.0.dist-info/"
    wheel.writestr("pinned.py", "")
    wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\nName: pinned\nVersion: 1.0\n")
    wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(about + "RECORD", "")
print(hashlib.sha256(open("pinned-1.0-py3-none-any.whl", "rb").read()).hexdigest())
"#;

    #[test]
    fn pip_takes_no_file_of_another_hash() {
        let dir = tempfile::tempdir().unwrap();
        let made = Command::new("python3").args(["-c", PACKAGE]).current_dir(dir.path()).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let hash = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        let other = hash.bytes().rev().map(char::from).collect();
        for (hash, is_taken) in [(hash, true), (other, false)] {
            let (asked, into) = (dir.path().join("asked"), dir.path().join(&hash));
            fs::write(&asked, format!("pinned==1.0 \\\n    --hash=sha256:{hash}\n")).unwrap();
            let mut pip = pip(&asked, &into);
            let ran = pip.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", dir.path()).output().unwrap();
            let said = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.success(), is_taken, "{said}");
            assert_eq!(into.join("pinned.py").is_file(), is_taken);
            assert_eq!(said.contains("DO NOT MATCH THE HASHES"), !is_taken, "{said}");
        }
    }
}
