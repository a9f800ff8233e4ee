//! A job file's text as a tree in which everything knows where it stands.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Diagnostic;
use crate::job::definition::Place;

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    pub place: Place,
    pub content: Content,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Content {
    String(String),
    /// As it is written, and its value where 64 bits hold it.
    Integer(String, Option<i64>),
    /// As it is written.
    Float(String),
    Boolean(bool),
    /// A date, a time or both, as they are written.
    Datetime(String),
    Array(Vec<Node>),
    /// In the order of the file.
    Table(Vec<Entry>),
}

/// A key and its value in a table.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

impl Node {
    /// What the value is, for errors that expected something else.
    pub fn describe(&self) -> String {
        match &self.content {
            Content::String(text) => format!("the string {text:?}"),
            Content::Integer(text, _) => format!("the integer {text}"),
            Content::Float(text) => format!("the float {text}"),
            Content::Boolean(truth) => truth.to_string(),
            Content::Datetime(text) => format!("the date or time {text}"),
            Content::Array(_) => "an array".into(),
            Content::Table(_) => "a table".into(),
        }
    }
}

/// What a text says, as far as it could be read, and what could not be.
pub struct Tree {
    pub root: Node,
    pub mistakes: Vec<Diagnostic>,
    /// Some of the text is not in the tree, or not as it was meant.
    pub torn: bool,
}

/// Read a job file's text.
pub fn read(file: &Path, text: &str) -> Tree {
    let lines = Lines { file: file.into(), text, starts: line_starts(text) };
    let (table, errors) = DeTable::parse_recoverable(text);
    // A key that stands twice is in the tree once; anything else may have hidden the rest of its line, or more.
    let torn = errors.iter().any(|error| error.message() != DUPLICATE_KEY);
    let mistakes = errors
        .iter()
        .filter(|error| !lines.is_in_second_table(error, &errors))
        .map(|error| lines.mistake(error))
        .collect();
    let place = lines.place(0);
    Tree { root: Node { place, content: table_content(&lines, table.into_inner()) }, mistakes, torn }
}

/// Read a single value, all of which stands at `place`.
pub fn read_value(place: &Place, text: &str) -> Option<Node> {
    let value = DeValue::parse(text).ok()?.into_inner();
    Some(Node { content: content(&|_| place.clone(), value), place: place.clone() })
}

/// The parser's word for it.
const DUPLICATE_KEY: &str = "duplicate key";

/// Turns places in the text to lines and columns.
struct Lines<'a> {
    file: Arc<Path>,
    text: &'a str,
    starts: Vec<usize>,
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect()
}

impl Lines<'_> {
    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or("");
        Place::File { file: self.file.clone(), line, column: before.chars().count() + 1 }
    }

    /// Whether a key stands twice only because the header of its table does: then the header is the mistake.
    fn is_in_second_table(&self, error: &toml::de::Error, all: &[toml::de::Error]) -> bool {
        let header = self.header_before(error);
        let is_header = |other: &toml::de::Error| {
            other != error
                && other.message() == DUPLICATE_KEY
                && self.header_before(other) == header
                && self.starts_with_bracket(other)
        };
        error.message() == DUPLICATE_KEY
            && header.is_some()
            && !self.starts_with_bracket(error)
            && all.iter().any(is_header)
    }

    /// The number of the last line up to the mistake that begins with a bracket.
    fn header_before(&self, error: &toml::de::Error) -> Option<usize> {
        let line = self.starts.partition_point(|start| *start <= error.span().unwrap_or(0..0).start);
        (0..line).rev().find(|line| self.is_header(*line))
    }

    fn starts_with_bracket(&self, error: &toml::de::Error) -> bool {
        let line = self.starts.partition_point(|start| *start <= error.span().unwrap_or(0..0).start);
        self.is_header(line.saturating_sub(1))
    }

    fn is_header(&self, line: usize) -> bool {
        self.starts
            .get(line)
            .and_then(|start| self.text.get(*start..))
            .is_some_and(|text| text.trim_start_matches([' ', '\t']).starts_with('['))
    }

    fn mistake(&self, error: &toml::de::Error) -> Diagnostic {
        let span = error.span().unwrap_or(0..0);
        let place = self.place(span.start);
        let text = self.text.get(span).unwrap_or("").trim();
        if error.message() == DUPLICATE_KEY {
            let message = if text.is_empty() {
                "a key stands here twice".into()
            } else {
                format!("\"{text}\" stands here for the second time")
            };
            return place.wrong(message).help("rename it, or remove one of them");
        }
        let found = if text.is_empty() || text.len() > 40 || text.contains('\n') {
            String::new()
        } else {
            format!(", found {text:?}")
        };
        place
            .wrong(format!("this is not TOML: {}{found}", error.message()))
            .help("see https://toml.io for how TOML is written")
    }
}

fn table_content(lines: &Lines<'_>, table: DeTable<'_>) -> Content {
    content(&|offset| lines.place(offset), DeValue::Table(table))
}

/// The parser limits how deep values nest, so this can't run out of stack.
fn content(place: &dyn Fn(usize) -> Place, value: DeValue<'_>) -> Content {
    let node = |value: Spanned<DeValue<'_>>| {
        let start = value.span().start;
        Node { place: place(start), content: content(place, value.into_inner()) }
    };
    match value {
        DeValue::String(text) => Content::String(text.into_owned()),
        DeValue::Integer(integer) => {
            Content::Integer(integer.to_string(), i64::from_str_radix(integer.as_str(), integer.radix()).ok())
        }
        DeValue::Float(float) => Content::Float(float.as_str().to_owned()),
        DeValue::Boolean(truth) => Content::Boolean(truth),
        DeValue::Datetime(datetime) => Content::Datetime(datetime.to_string()),
        DeValue::Array(array) => Content::Array(array.into_iter().map(node).collect()),
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.into_iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            let entry = |(key, value): (Spanned<_>, _)| Entry {
                place: place(key.span().start),
                key: std::borrow::Cow::into_owned(key.into_inner()),
                node: node(value),
            };
            Content::Table(entries.into_iter().map(entry).collect())
        }
    }
}
