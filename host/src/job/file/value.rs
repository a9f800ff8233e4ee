//! A value being read: each way to read it either gives what was asked for, or reports what was found instead.

use std::ops::RangeInclusive;
use std::time::Duration;

use bytesize::ByteSize;

use crate::job::definition::Place;
use crate::job::nearest::did_you_mean;

use super::report::Report;
use super::table::{Key, Table};
use super::tree::{Content, Node};

/// A value of the job file. Reading it gives `None` once the mistake is reported.
#[derive(Debug, Clone)]
pub struct Value<'a> {
    label: String,
    key: Key,
    key_place: Place,
    node: &'a Node,
    report: &'a Report,
}

impl<'a> Value<'a> {
    pub(super) fn new(label: String, key: Key, key_place: Place, node: &'a Node, report: &'a Report) -> Self {
        Self { label, key, key_place, node, report }
    }

    /// What errors call it: `[job] name`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Where the value stands.
    pub fn place(&self) -> &Place {
        &self.node.place
    }

    /// Where its key stands.
    pub fn key_place(&self) -> &Place {
        &self.key_place
    }

    /// What stands there.
    pub fn content(&self) -> &'a Content {
        &self.node.content
    }

    /// Report a mistake in the value. Always `None`, so that a reader can end with it.
    pub fn wrong<T>(&self, message: impl AsRef<str>, help: impl Into<String>) -> Option<T> {
        let message = format!("{}: {}", self.label, message.as_ref());
        self.report.wrong(self.node.place.wrong(message).help(help));
        None
    }

    /// Report that the key should not be here, whatever its value.
    pub fn wrong_key(&self, message: impl AsRef<str>, help: impl Into<String>) {
        self.report.wrong(self.key_place.wrong(format!("{}: {}", self.label, message.as_ref())).help(help));
    }

    /// Report that the value is of the wrong kind.
    pub fn wrong_kind<T>(&self, expected: &str) -> Option<T> {
        let help = format!("for example {} = {}", self.key.name, self.key.example);
        self.wrong(format!("{expected} is expected, found {}", self.node.describe()), help)
    }

    /// A string.
    pub fn string(&self) -> Option<&'a str> {
        match &self.node.content {
            Content::String(text) => Some(text),
            _ => self.wrong_kind("a string"),
        }
    }

    /// One of the words given, and what it stands for.
    pub fn one_of<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let word = self.string()?;
        if let Some((_, meaning)) = words.iter().find(|(known, _)| *known == word) {
            return Some(*meaning);
        }
        let known = words.iter().map(|(known, _)| *known);
        self.wrong(format!("\"{word}\" is not known"), did_you_mean(word, known, "known words"))
    }

    /// An integer in a range.
    pub fn integer(&self, range: RangeInclusive<u64>) -> Option<u64> {
        let Content::Integer(text, value) = &self.node.content else { return self.wrong_kind("an integer") };
        match value.and_then(|value| u64::try_from(value).ok()) {
            Some(value) if range.contains(&value) => Some(value),
            _ => self
                .wrong(format!("{text} is out of range"), format!("it is from {} to {}", range.start(), range.end())),
        }
    }

    /// As [`Value::integer`], of what counts things in memory.
    pub fn count(&self, range: RangeInclusive<u64>) -> Option<usize> {
        self.integer(range).and_then(|count| usize::try_from(count).ok())
    }

    /// `true`, the value of keys that only need to be there.
    pub fn is_true(&self) -> Option<()> {
        match self.node.content {
            Content::Boolean(true) => Some(()),
            Content::Boolean(false) => self.wrong("false says nothing", "remove the key, or set it to true"),
            _ => self.wrong_kind("true"),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self) -> Option<bool> {
        match self.node.content {
            Content::Boolean(value) => Some(value),
            _ => self.wrong_kind("true or false"),
        }
    }

    /// A duration of whole milliseconds, written with its unit.
    pub fn duration(&self, range: RangeInclusive<Duration>) -> Option<Duration> {
        let Content::String(text) = &self.node.content else { return self.wrong_kind("a duration") };
        let Ok(duration) = humantime::parse_duration(text) else {
            return self.wrong(
                format!("\"{text}\" is not a duration"),
                "write a number and its unit: ms, s, min, h; for example \"500ms\" or \"1s\"",
            );
        };
        if !range.contains(&duration) {
            let (least, most) = (humantime::format_duration(*range.start()), humantime::format_duration(*range.end()));
            return self.wrong(format!("\"{text}\" is out of range"), format!("it is from \"{least}\" to \"{most}\""));
        }
        if duration.subsec_nanos() % 1_000_000 != 0 {
            return self.wrong(format!("\"{text}\" is not a whole number of milliseconds"), "for example \"1ms\"");
        }
        Some(duration)
    }

    /// A number of bytes, written with its unit.
    pub fn size(&self, range: RangeInclusive<u64>) -> Option<u64> {
        let Content::String(text) = &self.node.content else { return self.wrong_kind("a size") };
        let Some(size) = parse_size(text) else {
            let help = format!("write a number and its unit: {}; for example \"64MiB\"", SIZE_UNITS.join(", "));
            return self.wrong(format!("\"{text}\" is not a size"), help);
        };
        if range.contains(&size) {
            return Some(size);
        }
        let (least, most) = (ByteSize(*range.start()), ByteSize(*range.end()));
        let help = format!("it is from \"{}\" to \"{}\"", without_space(least), without_space(most));
        self.wrong(format!("\"{text}\" is out of range"), help)
    }

    /// A list of values.
    pub fn array(&self) -> Option<Vec<Value<'a>>> {
        let Content::Array(nodes) = &self.node.content else { return self.wrong_kind("an array") };
        Some(nodes.iter().map(|node| self.item(node)).collect())
    }

    /// One string, or a list of them: each with the value it was read from.
    pub fn strings(&self) -> Option<Vec<(&'a str, Value<'a>)>> {
        let items = match &self.node.content {
            Content::String(_) => vec![self.item(self.node)],
            Content::Array(_) => self.array()?,
            _ => return self.wrong_kind("a string or an array of strings"),
        };
        let n_items = items.len();
        let strings: Vec<_> = items.into_iter().filter_map(|item| Some((item.string()?, item))).collect();
        (strings.len() == n_items).then_some(strings)
    }

    fn item(&self, node: &'a Node) -> Value<'a> {
        Value::new(self.label.clone(), self.key, self.key_place.clone(), node, self.report)
    }

    /// A table that is written with a header, `header`.
    pub fn headed_table(&self, header: &str) -> Option<Table<'a>> {
        match &self.node.content {
            Content::Table(_) => self.table(),
            _ => self.wrong(
                format!("a table is expected, found {}", self.node.describe()),
                format!("write {header}, and its keys on the lines below"),
            ),
        }
    }

    /// A table, whether written with a header or inline.
    pub fn table(&self) -> Option<Table<'a>> {
        match &self.node.content {
            Content::Table(entries) => {
                Some(Table::new(self.label.clone(), self.key_place.clone(), entries, self.report))
            }
            _ => self.wrong_kind("a table"),
        }
    }
}

/// Units of sizes: those of ten, and those of two.
const SIZE_UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"];

fn parse_size(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.').trim_start();
    if !SIZE_UNITS.contains(&unit) {
        return None;
    }
    text.parse::<ByteSize>().ok().map(|size| size.0)
}

fn without_space(size: ByteSize) -> String {
    size.to_string().replace(".0", "").replace(' ', "")
}

/// A key that may be missing: what is not there is right as well.
pub fn optional<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}
