//! The component that the plugin verbs are given: a file, or the folder of a plugin that was built.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Diagnostic, Error, Result};
use crate::plugin::MAX_COMPONENT;

/// A component's file, and its bytes.
pub struct Component {
    /// The file.
    pub path: PathBuf,
    /// What is in it, a byte more than a component may have at most.
    pub bytes: Vec<u8>,
}

/// A mistake that is about a file.
pub fn wrong(file: &Path, message: impl Into<String>) -> Error {
    Error::from(Diagnostic { file: Some(file.to_owned()), ..Diagnostic::new(message.into()) })
}

/// Read a component: `path` is its file, or a folder that has one.
pub fn read(path: &Path) -> Result<Component> {
    let path = find(path)?;
    let mut bytes = vec![];
    // A byte more than a component may have is enough to be told that it is too large.
    let read = File::open(&path).and_then(|file| file.take(MAX_COMPONENT + 1).read_to_end(&mut bytes));
    read.map_err(|error| wrong(&path, format!("can't be read: {error}")))?;
    Ok(Component { path, bytes })
}

/// The component's file.
fn find(path: &Path) -> Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let entries = std::fs::read_dir(path).map_err(|error| wrong(path, format!("can't be read: {error}")))?;
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "wasm"));
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            let help = format!("build it first: sluicebox plugin build {}", path.display());
            let mistake = Diagnostic { file: Some(path.to_owned()), ..Diagnostic::new("there is no component in it") };
            Err(mistake.help(help).into())
        }
        several => {
            let names: Vec<_> = several.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy())).collect();
            let message = format!("there are several components in it: {}", names.join(", "));
            let mistake = Diagnostic { file: Some(path.to_owned()), ..Diagnostic::new(message) };
            Err(mistake.help("name one of them").into())
        }
    }
}
