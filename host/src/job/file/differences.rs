//! What one job file says otherwise than another, in the words of the file.

use std::collections::BTreeMap;
use std::path::Path;

use super::report::Report;
use super::tree::{self, Content, Node};
use crate::job::definition::FileText;

/// The longest value that is shown, in bytes.
const MAX_SHOWN: usize = 96;

/// By the names of tables such as `stream.words`, what differs in those that both files have: a line for each key.
pub fn differences(before: &FileText, after: &FileText) -> BTreeMap<String, Vec<String>> {
    let (before, after) = (tables(before), tables(after));
    let both = after.iter().filter_map(|(name, after)| Some((name, before.get(name)?, after)));
    let differ = both.map(|(name, before, after)| (name.clone(), lines(before, after)));
    differ.filter(|(_, lines)| !lines.is_empty()).collect()
}

type Keys = BTreeMap<String, String>;

/// The keys of each table, with their values as text.
fn tables(file: &FileText) -> BTreeMap<String, Keys> {
    let mut tree = tree::read(Path::new(""), &file.text);
    // What is wrong was told when the file was read.
    let report = Report::of_text(vec![], false);
    for setting in file.settings.iter().filter_map(|setting| setting.parse::<super::Setting>().ok()) {
        setting.apply(&mut tree.root, &report);
    }
    let mut tables = BTreeMap::new();
    let Content::Table(entries) = tree.root.content else { return tables };
    for entry in entries {
        let Content::Table(inner) = &entry.node.content else { continue };
        if matches!(entry.key.as_str(), "job" | "dead-letters") {
            tables.insert(entry.key.clone(), keys(&entry.node));
            continue;
        }
        for named in inner {
            tables.insert(format!("{}.{}", entry.key, named.key), keys(&named.node));
        }
    }
    tables
}

fn keys(table: &Node) -> Keys {
    match &table.content {
        Content::Table(entries) => entries.iter().map(|entry| (entry.key.clone(), text(&entry.node))).collect(),
        _ => Keys::new(),
    }
}

fn lines(before: &Keys, after: &Keys) -> Vec<String> {
    let mut lines = vec![];
    for (key, now) in after {
        match before.get(key) {
            Some(then) if then == now => {}
            Some(then) => lines.push(format!("{key}: {} -> {}", shown(then), shown(now))),
            None => lines.push(format!("{key}: {}, which wasn't there", shown(now))),
        }
    }
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    lines.extend(gone.map(|(key, then)| format!("{key}: no more, was {}", shown(then))));
    lines
}

fn shown(text: &str) -> String {
    if text.len() <= MAX_SHOWN {
        return text.to_owned();
    }
    format!("{}...", &text[..text.floor_char_boundary(MAX_SHOWN)])
}

/// A value, on one line.
fn text(node: &Node) -> String {
    match &node.content {
        Content::String(text) => format!("{text:?}"),
        Content::Integer(text, _) | Content::Float(text) | Content::Datetime(text) => text.clone(),
        Content::Boolean(truth) => truth.to_string(),
        Content::Array(nodes) => format!("[{}]", nodes.iter().map(text).collect::<Vec<_>>().join(", ")),
        Content::Table(entries) => {
            let mut entries: Vec<String> =
                entries.iter().map(|entry| format!("{} = {}", entry.key, text(&entry.node))).collect();
            // In which order keys stand means nothing.
            entries.sort();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_in_the_words_of_the_file() {
        let file = |text: &str, settings: &[&str]| FileText {
            path: "job.toml".into(),
            text: text.to_owned(),
            settings: settings.iter().map(|setting| (*setting).to_owned()).collect(),
            folder: None,
        };
        let before = file(
            "[job]\nname = \"j\"\n[stream.a]\nsource = { type = \"socket\", address = \"x:1\" }\n[output.o]\ninput = \"a\"\n",
            &[],
        );
        let after = file(
            "[stream.a] # moved\nsource = { address = \"x:1\", type = \"socket\" }\nmax-rate = 5\n[output.p]\n[output.o]\n[job]\nname = \"j\"\n",
            &["output.o.input=b"],
        );
        let found = differences(&before, &after);
        assert_eq!(found["stream.a"], ["max-rate: 5, which wasn't there"]);
        assert_eq!(found["output.o"], ["input: \"a\" -> \"b\""]);
        assert_eq!(found.len(), 2);
        assert_eq!(differences(&after, &before)["stream.a"], ["max-rate: no more, was 5"]);
        assert!(differences(&before, &before).is_empty());
    }
}
