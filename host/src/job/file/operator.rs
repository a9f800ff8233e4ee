//! What is done to rows: `"PLUGIN/operator"`, or a built-in aggregate.

use crate::job::definition::{AggregateDefinition, OperatorName};
use crate::job::nearest::{did_you_mean, nearest};

use super::name;
use super::policy;
use super::table::{Key, key};
use super::tree::Content;
use super::value::{Value, optional};

const WITH: Key = key("with", "\"words/split\"");
pub const COLUMNS: Key = key("columns", "[\"word\"]");

/// The plugins that a job file declares, rightly or wrongly, and those that some operation uses.
#[derive(Debug, Default)]
pub struct Plugins<'a> {
    pub declared: Vec<&'a str>,
    /// Names of static tables, which queries know as well.
    pub tables: Vec<&'a str>,
    pub used: std::cell::RefCell<Vec<String>>,
}

impl Plugins<'_> {
    /// `"PLUGIN/operator"`, or `{ with = "PLUGIN/operator", columns = [...] }`.
    pub fn operator(&self, value: &Value<'_>) -> Option<OperatorName> {
        match value.content() {
            Content::String(text) => self.parse(text, value),
            Content::Table(_) => {
                let mut table = value.table()?;
                let with = table.require(WITH).and_then(|value| self.parse(value.string()?, &value));
                let columns = table.get(COLUMNS).map(|value| columns(&value));
                let overrides = policy::read(&mut table);
                table.finish();
                Some(OperatorName { columns: optional(columns)?, overrides: overrides?, ..with? })
            }
            _ => value.wrong_kind("\"PLUGIN/operator\", or a table with `with` and `columns`,"),
        }
    }

    /// A built-in aggregate's name, or what [`Plugins::operator`] takes.
    pub fn aggregate(&self, value: &Value<'_>) -> Option<AggregateDefinition> {
        let Content::String(text) = value.content() else {
            return self.operator(value).map(AggregateDefinition::Operator);
        };
        if let Some((_, built_in)) = BUILT_IN.iter().find(|(name, _)| name == text) {
            return Some(built_in.clone());
        }
        if !text.contains('/') {
            let names = BUILT_IN.iter().map(|(name, _)| *name);
            let help = match nearest(text, names) {
                Some(name) => format!("did you mean \"{name}\"?"),
                None => {
                    "give \"count\", \"sum\", \"min\", \"max\", or a plugin's aggregate as \"PLUGIN/operator\"".into()
                }
            };
            return value.wrong(format!("\"{text}\" is no aggregate"), help);
        }
        self.parse(text, value).map(AggregateDefinition::Operator)
    }

    /// The text `PLUGIN/operator`, which stands in `value`.
    pub fn parse(&self, text: &str, value: &Value<'_>) -> Option<OperatorName> {
        let Some((plugin, operator)) = text.split_once('/') else {
            let example = if self.declared.contains(&text) { text } else { "PLUGIN" };
            return value.wrong(
                format!("\"{text}\" is not of the form PLUGIN/operator"),
                format!("write \"{example}/operator\""),
            );
        };
        self.used.borrow_mut().push(plugin.to_owned());
        if !self.declared.contains(&plugin) {
            let help = if self.declared.is_empty() {
                format!("add [plugin.{plugin}] with component = \"{plugin}.wasm\"")
            } else {
                did_you_mean(plugin, self.declared.iter().copied(), "plugins")
            };
            return value.wrong(format!("there is no plugin \"{plugin}\""), help);
        }
        if !name::is_operator_name(operator) {
            let help = "an operator's name has a-z, 0-9 and -, and begins with a letter; `sluicebox plugin inspect` lists a plugin's operators";
            return value.wrong(format!("\"{operator}\" can't be an operator's name"), help);
        }
        Some(OperatorName {
            plugin: plugin.to_owned(),
            operator: operator.to_owned(),
            columns: None,
            overrides: Default::default(),
        })
    }
}

const BUILT_IN: [(&str, AggregateDefinition); 4] = [
    ("count", AggregateDefinition::Count),
    ("sum", AggregateDefinition::Sum),
    ("min", AggregateDefinition::Min),
    ("max", AggregateDefinition::Max),
];

/// Column names: one or a list, each once, at least one.
pub fn columns(value: &Value<'_>) -> Option<Vec<String>> {
    let mut names: Vec<String> = vec![];
    for (name, item) in value.strings()? {
        if name.is_empty() {
            return item.wrong("a column's name is empty", "give the name of a column");
        }
        if names.iter().any(|known| known == name) {
            return item.wrong(format!("\"{name}\" stands twice"), "name each column once");
        }
        names.push(name.to_owned());
    }
    if names.is_empty() { value.wrong("there is no column", "name at least one column") } else { Some(names) }
}
