//! `--set job.name=value`: a value of the job file given on the command line.

use std::str::FromStr;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::error::Diagnostic;
use crate::job::definition::Place;

use super::report::Report;
use super::tree::{self, Content, Entry, Node};

/// A dotted key and its value.
#[derive(Debug, Clone)]
pub struct Setting {
    path: Vec<String>,
    value: Node,
    /// As it was written.
    pub(super) text: String,
    /// Holds only where the job file has nothing there.
    is_default: bool,
}

impl Setting {
    /// The same, as what holds where the job file says nothing.
    pub fn as_default(self) -> Self {
        Self { is_default: true, ..self }
    }
}

impl FromStr for Setting {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self, Diagnostic> {
        let flag = || Place::Flag(format!("--set {text}").into());
        let example = "for example --set job.batch-interval=500ms";
        let (key, value) = text.split_once('=').ok_or_else(|| flag().wrong("there is no \"=\"").help(example))?;
        let path = key_path(key).ok_or_else(|| flag().wrong(format!("\"{key}\" is not a key")).help(example))?;
        // The flag is shown without its value, which the message quotes where it matters.
        let place = Place::Flag(Arc::from(format!("--set {key}")));
        // What is no TOML value is meant as a string: that spares users from quoting twice, for the shell and for TOML.
        let string = || Node { place: place.clone(), content: Content::String(value.to_owned()) };
        Ok(Self {
            path,
            value: tree::read_value(&place, value).unwrap_or_else(string),
            text: text.to_owned(),
            is_default: false,
        })
    }
}

/// The parts of a dotted key, any of which may be quoted.
fn key_path(key: &str) -> Option<Vec<String>> {
    if key.contains(['\n', '\r', '=']) {
        return None;
    }
    let text = format!("{key} = 0");
    let mut table = DeTable::parse(&text).ok()?.into_inner();
    let mut path = vec![];
    loop {
        let (key, value) = table.into_iter().next()?;
        path.push(key.into_inner().into_owned());
        match value.into_inner() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(path),
        }
    }
}

impl Setting {
    /// Whether the table it belongs into is there, and has nothing in its place.
    fn is_wanted(&self, root: &Node) -> bool {
        let mut node = root;
        for (idx, part) in self.path.iter().enumerate() {
            let Content::Table(entries) = &node.content else { return false };
            match entries.iter().find(|entry| entry.key == *part) {
                Some(entry) => node = &entry.node,
                None => return idx + 1 == self.path.len(),
            }
        }
        false
    }

    /// Put the value into a job file's tree, in place of what stood there.
    pub fn apply(self, root: &mut Node, report: &Report) {
        if self.is_default && !self.is_wanted(root) {
            return;
        }
        let Self { path, value, .. } = self;
        let flag = value.place.clone();
        let mut node = root;
        let n_parts = path.len();
        for (idx, part) in path.iter().enumerate() {
            let found = node.describe();
            let Content::Table(entries) = &mut node.content else {
                let parent = path[..idx].join(".");
                report.wrong(
                    flag.wrong(format!("{parent} is not a table in the job file but {found}"))
                        .help(format!("set {parent} instead")),
                );
                return;
            };
            let at = entries.iter().position(|entry| entry.key == *part).unwrap_or_else(|| {
                let node = Node { place: flag.clone(), content: Content::Table(vec![]) };
                entries.push(Entry { key: part.clone(), place: flag.clone(), node });
                entries.len() - 1
            });
            let Some(entry) = entries.get_mut(at) else { return };
            if idx + 1 == n_parts {
                entry.place = flag.clone();
            }
            node = &mut entry.node;
        }
        *node = value;
    }
}
