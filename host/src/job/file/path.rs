//! Files and directories that a job file names.
//!
//! Reading a job file looks at no other file; what it names is collected, and looked at once the text is understood as far as it goes.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::error::Diagnostic;
use crate::receiver::files::pattern;

use super::report::Report;
use super::value::Value;

/// What should stand at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A component.
    Component,
    /// A directory to take files from.
    InputDirectory,
    /// A directory whose files a plugin may read.
    GrantedDirectory,
    /// A file to read.
    InputFile,
    /// A file to read, or a directory of files.
    FileOrDirectory,
    /// A directory to put files in, which may be missing.
    OutputDirectory,
}

/// The paths named so far.
#[derive(Debug)]
pub struct Paths {
    /// The job file's folder.
    folder: PathBuf,
    named: RefCell<Vec<Named>>,
}

#[derive(Debug)]
struct Named {
    path: PathBuf,
    expected: Expected,
    /// What to say when something else stands there, without the reason.
    mistake: Diagnostic,
}

impl Paths {
    /// Paths in a job file, taken from its folder where they are relative.
    pub fn of_job_file(file: &Path) -> Self {
        Self { folder: file.parent().unwrap_or(Path::new("")).to_owned(), named: RefCell::default() }
    }

    /// The path that a string value names.
    pub fn read(&self, value: &Value<'_>, expected: Expected) -> Option<PathBuf> {
        let text = value.string()?;
        if text.is_empty() || text.contains('\0') {
            return value.wrong(format!("{text:?} is not a path"), "a relative path begins at the job file's folder");
        }
        if text.contains("://") {
            return value
                .wrong(format!("\"{text}\" is a URL"), "this version reads and writes local files: give a path");
        }
        let path = self.folder.join(text);
        let mistake = value.place().wrong(value.label());
        self.named.borrow_mut().push(Named { path: path.clone(), expected, mistake });
        Some(path)
    }

    /// Look at what stands at the paths for which `is_wanted`.
    pub fn check(&self, report: &Report, is_wanted: impl Fn(Expected) -> bool) {
        for Named { path, expected, mut mistake } in self.named.take() {
            if is_wanted(expected)
                && let Some((reason, help)) = expected.mistake_at(&path)
            {
                mistake.message = format!("{}: {} {reason}", mistake.message, path.display());
                report.wrong(mistake.help(help));
            }
        }
    }
}

impl Expected {
    fn mistake_at(self, path: &Path) -> Option<(String, &'static str)> {
        if self == Expected::InputDirectory && pattern::is_pattern(path) && !path.is_dir() {
            let fixed = pattern::fixed(path);
            return match pattern::directories(path) {
                _ if !fixed.is_dir() => Some((
                    format!("begins in {}, which is not a directory", fixed.display()),
                    "create the directory, or correct the path; a relative one begins at the job file's folder",
                )),
                Err(error) => Some((format!("names no directories: {error}"), "correct the pattern")),
                Ok(_) => None,
            };
        }
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return match self {
                    Expected::Component => Some((
                        "does not exist".into(),
                        "build it with `sluicebox plugin build`, or correct the path; a relative one begins at the job file's folder",
                    )),
                    Expected::InputDirectory | Expected::GrantedDirectory => Some((
                        "does not exist".into(),
                        "create the directory, or correct the path; a relative one begins at the job file's folder",
                    )),
                    Expected::InputFile | Expected::FileOrDirectory => Some((
                        "does not exist".into(),
                        "correct the path; a relative one begins at the job file's folder",
                    )),
                    Expected::OutputDirectory => None,
                };
            }
            Err(error) => return Some((format!("can't be looked at: {error}"), "correct the path or its permissions")),
        };
        match self {
            Expected::Component if !metadata.is_file() => {
                Some(("is not a file".into(), "give the path of a component, such as plugins/words/words.wasm"))
            }
            Expected::InputDirectory if !metadata.is_dir() => {
                Some(("is not a directory".into(), "give the directory that new files are moved into"))
            }
            Expected::GrantedDirectory if !metadata.is_dir() => {
                Some(("is not a directory".into(), "give a directory: the plugin may read all that is in it"))
            }
            Expected::GrantedDirectory => {
                let error = path.read_dir().err()?;
                Some((format!("can't be read: {error}"), "let this user read the directory, or correct the path"))
            }
            Expected::InputFile if !metadata.is_file() => Some(("is not a file".into(), "give the path of a file")),
            Expected::OutputDirectory if !metadata.is_dir() => {
                Some(("is not a directory".into(), "give a directory; each batch becomes a folder in it"))
            }
            _ => None,
        }
    }
}
