//! The operators that a plugin offers, as its `describe` says and checked.

use std::time::Duration;

use arrow::datatypes::Schema;
use serde::{Deserialize, Serialize};

use super::bindings::aggregate::exports::sluicebox::operator::aggregate as wit_aggregate;
use super::bindings::data as wit;
use super::bindings::receiver::exports::sluicebox::operator::receiver as wit_receiver;
use super::bindings::sink::exports::sluicebox::operator::sink as wit_sink;
use super::bindings::state::exports::sluicebox::operator::state as wit_state;
use super::bindings::transform::exports::sluicebox::operator::transform as wit_transform;
use super::convert::schema::{Origin, from_wit};
use super::error::{PluginErrorKind, shown};

/// The most operators that one interface of a plugin may offer.
pub const MAX_OPERATORS: usize = 1_000;
/// The longest name of an operator, in bytes.
const MAX_NAME: usize = 64;
/// How much of an operator's sentence is kept, in bytes.
const MAX_DOC: usize = 1_024;

/// How a transform's rows out come from its rows in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransformKind {
    /// One row out for each row in, less those rejected.
    Map,
    /// Any number of rows out for each row in.
    FlatMap,
    /// Some of the rows in.
    Filter,
    /// Rows of a whole partition to rows, some of them at its end.
    MapPartitions,
}

impl TransformKind {
    /// The kind's name in job files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::FlatMap => "flat-map",
            Self::Filter => "filter",
            Self::MapPartitions => "map-partitions",
        }
    }
}

impl From<wit_transform::Kind> for TransformKind {
    fn from(kind: wit_transform::Kind) -> Self {
        match kind {
            wit_transform::Kind::Map => Self::Map,
            wit_transform::Kind::FlatMap => Self::FlatMap,
            wit_transform::Kind::Filter => Self::Filter,
            wit_transform::Kind::MapPartitions => Self::MapPartitions,
        }
    }
}

/// How an operator over keyed state is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// For every known key in every batch.
    UpdateStateByKey,
    /// For keys with new values, and those that have timed out.
    MapWithState,
}

impl StateKind {
    /// The kind's name in job files.
    pub fn name(self) -> &'static str {
        match self {
            Self::UpdateStateByKey => "update-state-by-key",
            Self::MapWithState => "map-with-state",
        }
    }
}

impl From<wit_state::Kind> for StateKind {
    fn from(kind: wit_state::Kind) -> Self {
        match kind {
            wit_state::Kind::UpdateStateByKey => Self::UpdateStateByKey,
            wit_state::Kind::MapWithState => Self::MapWithState,
        }
    }
}

/// What is known of an operator over keyed state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateOperator {
    /// How it is called.
    pub kind: StateKind,
    /// The columns of a key that it asks for, an empty name standing for any; none if it takes any key.
    pub keys: Option<Schema>,
    /// What it keeps, without configuration; none where that isn't known before it is bound.
    pub bound: Option<BoundState>,
}

/// What an operator keeps of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundState {
    /// The columns.
    pub columns: Schema,
    /// Their version.
    pub version: u32,
    /// How long a key may rest before it times out.
    pub timeout: Option<Duration>,
}

/// What sort of operator it is.
#[derive(Debug, Clone, PartialEq)]
pub enum OperatorKind {
    /// Of the interface `transform`.
    Transform(TransformKind),
    /// Of the interface `aggregate`.
    Aggregate {
        /// Whether what was folded can be taken out again.
        invertible: bool,
    },
    /// Of the interface `sink`.
    Sink,
    /// Of the interface `receiver`.
    Receiver {
        /// Whether rows can be received again from a position.
        replayable: bool,
    },
    /// Of the interface `state`.
    State(StateOperator),
}

impl OperatorKind {
    /// The interface's name.
    pub fn interface(&self) -> &'static str {
        match self {
            Self::Transform(_) => "transform",
            Self::Aggregate { .. } => "aggregate",
            Self::Sink => "sink",
            Self::Receiver { .. } => "receiver",
            Self::State(_) => "state",
        }
    }
}

/// One operator that a plugin offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// Its name, unique among those of its interface.
    pub name: String,
    /// What sort of operator it is.
    pub kind: OperatorKind,
    /// What it does, in a sentence.
    pub doc: String,
    /// The columns it asks for, an empty name standing for any; none if it looks at all of a stream's.
    pub input: Option<Schema>,
    /// The columns it makes of those, without configuration, an empty name standing for that of a column read; none where they aren't known
    /// before it is bound.
    pub output: Option<Schema>,
}

/// The transforms of an answer to `transform.describe`.
///
/// # Errors
/// What of it breaks the contract.
pub fn transforms(answer: Vec<wit_transform::Operator>) -> Result<Vec<Operator>, PluginErrorKind> {
    checked(answer.into_iter().map(|op| (op.name, OperatorKind::Transform(op.kind.into()), op.doc, op.input)))
}

/// The aggregates of an answer to `aggregate.describe`.
///
/// # Errors
/// What of it breaks the contract.
pub fn aggregates(answer: Vec<wit_aggregate::Operator>) -> Result<Vec<Operator>, PluginErrorKind> {
    let kind = |invertible| OperatorKind::Aggregate { invertible };
    checked(answer.into_iter().map(|op| (op.name, kind(op.invertible), op.doc, op.input)))
}

/// The sinks of an answer to `sink.describe`.
///
/// # Errors
/// What of it breaks the contract.
pub fn sinks(answer: Vec<wit_sink::Operator>) -> Result<Vec<Operator>, PluginErrorKind> {
    checked(answer.into_iter().map(|op| (op.name, OperatorKind::Sink, op.doc, op.input)))
}

/// The receivers of an answer to `receiver.describe`.
///
/// # Errors
/// What of it breaks the contract.
pub fn receivers(answer: Vec<wit_receiver::Operator>) -> Result<Vec<Operator>, PluginErrorKind> {
    let kind = |replayable| OperatorKind::Receiver { replayable };
    checked(answer.into_iter().map(|op| (op.name, kind(op.replayable), op.doc, None)))
}

/// The operators of an answer to `state.describe`.
///
/// # Errors
/// What of it breaks the contract.
pub fn states(answer: Vec<wit_state::Operator>) -> Result<Vec<Operator>, PluginErrorKind> {
    let mut described = Vec::with_capacity(answer.len().min(MAX_OPERATORS));
    for op in answer.into_iter().take(MAX_OPERATORS + 1) {
        let keys = op.keys.map(|fields| from_wit(&fields, Origin::Declared)).transpose().map_err(|what| {
            PluginErrorKind::InvalidOutput(format!("the keys of the operator {}: {what}", shown(&op.name, MAX_NAME)))
        })?;
        let kind = OperatorKind::State(StateOperator { kind: op.kind.into(), keys, bound: None });
        described.push((op.name, kind, op.doc, op.input));
    }
    checked(described.into_iter())
}

type Described = (String, OperatorKind, String, Option<Vec<wit::FieldResult>>);

fn checked(answer: impl ExactSizeIterator<Item = Described>) -> Result<Vec<Operator>, PluginErrorKind> {
    let invalid = |what: String| PluginErrorKind::InvalidOutput(what);
    if answer.len() > MAX_OPERATORS {
        return Err(invalid(format!("it offers {} operators, and at most {MAX_OPERATORS} are allowed", answer.len())));
    }
    let mut operators: Vec<Operator> = Vec::with_capacity(answer.len());
    for (name, kind, doc, input) in answer {
        if !is_name(&name) {
            let name = shown(&name, MAX_NAME);
            return Err(invalid(format!(
                "\"{name}\" is no operator's name: a letter of a-z, then a-z, 0-9 or -, at most {MAX_NAME} bytes"
            )));
        }
        if operators.iter().any(|op| op.name == name) {
            return Err(invalid(format!("two operators are called {name}")));
        }
        let input = input.map(|fields| from_wit(&fields, Origin::Declared)).transpose();
        let input = input.map_err(|what| invalid(format!("the input of the operator {name}: {what}")))?;
        operators.push(Operator { name, kind, doc: shown(&doc, MAX_DOC), input, output: None });
    }
    Ok(operators)
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The operator `name` of `operators`.
///
/// # Errors
/// If there is none, with those there are.
pub fn find(operators: Vec<Operator>, name: &str, interface: &'static str) -> Result<Operator, PluginErrorKind> {
    let offered = operators.iter().map(|op| op.name.clone()).collect();
    operators.into_iter().find(|op| op.name == name).ok_or(PluginErrorKind::UnknownOperator { interface, offered })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(name: &str) -> Described {
        (name.to_owned(), OperatorKind::Aggregate { invertible: false }, String::new(), None)
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(checked([op("split"), op("a-1")].into_iter()).unwrap().len(), 2);
        for wrong in ["", "Split", "1a", "a b", "ä", &"a".repeat(65)] {
            assert!(matches!(checked([op(wrong)].into_iter()), Err(PluginErrorKind::InvalidOutput(_))), "{wrong}");
        }
        let twice = checked([op("a"), op("a")].into_iter()).unwrap_err();
        assert_eq!(twice.to_string(), "what the operator returned is invalid: two operators are called a");
    }

    #[test]
    fn an_unknown_operator_is_told_the_known_ones() {
        let operators = checked([op("a"), op("b")].into_iter()).unwrap();
        let error = find(operators, "c", "aggregate").unwrap_err();
        assert_eq!(error.to_string(), "the plugin has no such aggregate operator; it offers a, b");
    }
}
