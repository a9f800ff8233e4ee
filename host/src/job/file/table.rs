//! A table being read: it hands out values by key, and at the end refuses the keys nobody asked for.

use crate::job::definition::Place;
use crate::job::nearest::{did_you_mean, nearest};

use super::report::Report;
use super::tree::{Content, Entry, Node};
use super::value::Value;

/// A key of the job file, with a value that suits it, which errors show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    pub example: &'static str,
}

/// Makes a [`Key`].
pub const fn key(name: &'static str, example: &'static str) -> Key {
    Key { name, example }
}

/// A table of the job file.
#[derive(Debug)]
pub struct Table<'a> {
    /// What errors call it: `[stream.words] source`.
    label: String,
    place: Place,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
    asked_quietly: Vec<&'static str>,
    report: &'a Report,
}

impl<'a> Table<'a> {
    /// The whole file. `root` is a table.
    pub fn root(root: &'a Node, report: &'a Report) -> Self {
        let entries = match &root.content {
            Content::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        Self::new(String::new(), root.place.clone(), entries, report)
    }

    /// A table that stands at `place`.
    pub fn new(label: String, place: Place, entries: &'a [Entry], report: &'a Report) -> Self {
        Self { label, place, entries, asked: vec![], asked_quietly: vec![], report }
    }

    /// What errors call it.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether `key` is there, without asking for it.
    pub fn has(&self, key: Key) -> bool {
        self.entries.iter().any(|entry| entry.key == key.name)
    }

    /// The value of `key`, if it is there.
    pub fn get(&mut self, key: Key) -> Option<Value<'a>> {
        self.asked.push(key.name);
        self.find(key)
    }

    /// As [`Table::get`], of a key that errors don't list when they say which keys there are.
    pub fn get_quietly(&mut self, key: Key) -> Option<Value<'a>> {
        self.asked_quietly.push(key.name);
        self.find(key)
    }

    /// Have errors list `key` among those that there are, where another stands in its place.
    pub fn asks_for(&mut self, key: Key) {
        self.asked.push(key.name);
    }

    fn find(&self, key: Key) -> Option<Value<'a>> {
        let entry = self.entries.iter().find(|entry| entry.key == key.name)?;
        Some(Value::new(self.label_of(&entry.key), key, entry.place.clone(), &entry.node, self.report))
    }

    /// The value of `key`, which must be there.
    pub fn require(&mut self, key: Key) -> Option<Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            let message = format!("{} is missing", self.label_of(key.name));
            self.report.missing(self.place.wrong(message).help(format!("add {} = {}", key.name, key.example)));
        }
        value
    }

    /// All entries of a table whose keys the user makes up, in the order of the file; `kind` says what a value is for and suits it.
    pub fn named(self, kind: Key) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.entries.iter().map(move |entry| {
            let value = Value::new(self.label_of(&entry.key), kind, entry.place.clone(), &entry.node, self.report);
            (entry.key.as_str(), value)
        })
    }

    /// Report a mistake in the table as a whole.
    pub fn wrong(&self, message: impl std::fmt::Display, help: impl Into<String>) {
        self.report.wrong(self.place.wrong(format!("{}: {message}", self.label)).help(help));
    }

    /// Whether there is a key that nobody asked for so far.
    pub fn has_unknown(&self) -> bool {
        self.unknown().next().is_some()
    }

    /// Refuse the keys that nobody asked for.
    pub fn finish(self) {
        for entry in self.unknown() {
            let place =
                if self.label.is_empty() { String::new() } else { format!("{}: ", self.label.trim_end_matches(':')) };
            let quiet = nearest(&entry.key, self.asked_quietly.iter().chain(&self.asked).copied())
                .filter(|key| self.asked_quietly.contains(key));
            let help = match quiet {
                Some(key) => format!("it looks like \"{key}\", which this version does not have"),
                None => did_you_mean(&entry.key, self.asked.iter().copied(), "keys"),
            };
            self.report.wrong(entry.place.wrong(format!("{place}unknown key \"{}\"", entry.key)).help(help));
        }
    }

    fn unknown(&self) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(|entry| !self.asked.iter().chain(&self.asked_quietly).any(|key| *key == entry.key))
    }

    fn label_of(&self, key: &str) -> String {
        match self.label.as_str() {
            "" => format!("[{key}]"),
            label if TABLES_OF_TABLES.contains(&label) => format!("[{}.{key}]", label.trim_matches(['[', ']'])),
            label if label.ends_with([']', ':']) => format!("{label} {key}"),
            label => format!("{label}.{key}"),
        }
    }
}

/// Tables that hold a table per name, so that `[stream]` holds `[stream.words]`.
const TABLES_OF_TABLES: [&str; 4] = ["[plugin]", "[stream]", "[table]", "[output]"];
