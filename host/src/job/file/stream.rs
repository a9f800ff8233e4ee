//! `[stream.S]`: a source, an operation on other streams, or a query.

use crate::job::definition::{Place, StreamBody, StreamDefinition};
use crate::receiver::rate::RateLimits;

use super::event_time::{self, EVENT_TIME};
use super::operation::{self, INPUT, NOT_YET, OPERATIONS, Read, SQL};
use super::operator::Plugins;
use super::path::Paths;
use super::report::Report;
use super::source::{self, SOURCE};
use super::table::{Key, Table};
use super::value::{Value, optional};

/// A stream as far as it could be read: enough to look for streams that don't exist even where the rest is wrong.
pub struct Stream<'a> {
    pub name: &'a str,
    /// Where `[stream.S]` stands.
    pub place: Place,
    pub reads: Vec<Read<'a>>,
    pub definition: Option<StreamDefinition>,
}

/// Read `[stream.name]`.
pub fn read<'a>(
    name: &'a str,
    mut table: Table<'a>,
    plugins: &Plugins<'_>,
    paths: &Paths,
    report: &Report,
) -> Stream<'a> {
    let header = table.place().clone();
    // Every key is asked for, so that each is known, whichever of them are there.
    let operations = OPERATIONS.iter().filter_map(|operation| Some((*operation, table.get(*operation)?)));
    let mut bodies: Vec<(Key, Value<'a>)> = operations.collect();
    bodies.extend([SOURCE, SQL].into_iter().filter_map(|key| Some((key, table.get(key)?))));
    let not_yet = NOT_YET.iter().filter_map(|(key, instead)| Some((key, *instead, table.get_quietly(*key)?)));
    let not_yet: Vec<_> = not_yet.collect();
    let has_input = table.has(INPUT);
    let reads = operation::inputs(&mut table).unwrap_or_default();
    for (key, instead, value) in &not_yet {
        let help =
            if instead.is_empty() { format!("operations: {}, sql", operation_names()) } else { (*instead).to_owned() };
        value.wrong_key(format!("this version does not have {}", key.name), help);
    }
    let body = match bodies.as_slice() {
        [(key, value)] => Some((*key, value)),
        [] => {
            if not_yet.is_empty() && !table.has_unknown() {
                let message = format!("{} says nothing about its rows", table.label());
                report.missing(
                    header.wrong(message).help(
                        "add source, or sql, or input and an operation, such as flat-map, filter, reduce-by-key, join or window",
                    ),
                );
            }
            None
        }
        [(first, _), others @ ..] => {
            for (_, value) in others {
                let message = format!("the stream has {} already", first.name);
                value.wrong_key(message, "make another stream for each operation, with this one as its input");
            }
            None
        }
    };
    let event_time = table.get(EVENT_TIME).map(|value| event_time::read(&value));
    let label = table.label().to_owned();
    table.finish();
    let mut rates = RateLimits::default();
    let (place, body, reads) = match body {
        None => (header.clone(), None, reads),
        Some((SOURCE, value)) => {
            refuse_input(&label, "source", &reads, report);
            let source = source::read(value, plugins, paths).map(|(source, limits)| {
                rates = limits;
                StreamBody::Source(source)
            });
            (value.key_place().clone(), source, vec![])
        }
        Some((key, value)) => {
            if key == SQL {
                refuse_input(&label, "sql", &reads, report);
            } else if !has_input && !["union", "snapshots-of", "late-of"].contains(&key.name) {
                report.missing(
                    header.wrong(format!("{label} input is missing")).help(format!("add input = {}", INPUT.example)),
                );
            }
            let reads = if key == SQL { vec![] } else { reads };
            let operation = operation::read(key, value, reads, plugins, paths);
            (value.key_place().clone(), operation.body, operation.reads)
        }
    };
    // An event time that is wrong is told of already; without it the rest would be wrong in other ways.
    let event_time = optional(event_time);
    let definition = body.zip(event_time);
    let definition =
        definition.map(|(body, event_time)| StreamDefinition { name: name.to_owned(), body, rates, event_time, place });
    Stream { name, place: header, reads, definition }
}

fn refuse_input(label: &str, key: &str, reads: &[Read<'_>], report: &Report) {
    if let Some(read) = reads.first() {
        let help = if key == "sql" {
            "remove input: a query reads streams by name"
        } else {
            "remove input: a source reads no stream"
        };
        report.wrong(read.value.key_place().wrong(format!("{label} has both input and {key}")).help(help));
    }
}

fn operation_names() -> String {
    OPERATIONS.iter().map(|operation| operation.name).collect::<Vec<_>>().join(", ")
}
