//! Operators that break the rules, as their configuration says: `{ act = "loop", in = "open" }`. They stand on the bindings alone, since the
//! SDK wouldn't let them. The host's tests run them.
//!
//! `map`, `flat-map`, `filter` and `map-partitions` read a number and make it and a text; `fold` sums numbers, `update` and `with-state` keep state of numbers, `outlet` writes them nowhere, and
//! `spout` gives some. [`acts`] has what they can
//! do in any call, [`answers`] what they can return that is wrong, [`memory`] where they can put it.

mod acts;
mod answers;
mod fold;
mod keep;
mod memory;
mod outlet;
mod rows;
mod spout;

use acts::{Act, Call, Deeds};
use sluicebox_sdk::bindings::transform::exports::sluicebox::operator::transform::{
    Binding, Expansion, Guest, Kind, Operator, Output, Rows,
};
use sluicebox_sdk::data::{Batch, Context, DataType, Error, Field};
use std::cell::Cell;

sluicebox_sdk::bindings::transform::export_transform!(Hostile with_types_in sluicebox_sdk::bindings::transform);
sluicebox_sdk::bindings::aggregate::export_aggregate!(Hostile with_types_in sluicebox_sdk::bindings::aggregate);
sluicebox_sdk::bindings::sink::export_sink!(Hostile with_types_in sluicebox_sdk::bindings::sink);
sluicebox_sdk::bindings::receiver::export_receiver!(Hostile with_types_in sluicebox_sdk::bindings::receiver);
sluicebox_sdk::bindings::state::export_state!(Hostile with_types_in sluicebox_sdk::bindings::state);

pub struct Hostile;

thread_local! {
    /// The operator that is open.
    static OPEN: Cell<Option<(Kind, Deeds)>> = const { Cell::new(None) };
}

/// What to do in `describe`, which gets no configuration: a test writes another act, padded by spaces, over `none`.
static IN_DESCRIBE: [u8; 24] = *b"act-in-describe:none    ";

fn kind(operator: &str) -> Kind {
    match operator {
        "map" => Kind::Map,
        "flat-map" => Kind::FlatMap,
        "filter" => Kind::Filter,
        _ => Kind::MapPartitions,
    }
}

fn column(name: &str, data_type: DataType) -> Field {
    Field { name: name.to_owned(), data_type, nullable: false, children: 0 }
}

impl Guest for Hostile {
    fn describe() -> Vec<Operator> {
        // SAFETY: it is a static; read as if it could change, so that the compiler doesn't know what is in it.
        let act = unsafe { std::ptr::read_volatile(&IN_DESCRIBE) };
        match act[16..].trim_ascii_end() {
            b"loop" => Act::Loop.commit(),
            b"recurse" => Act::Recurse.commit(),
            b"memory" => Act::Memory.commit(),
            b"trap" => Act::Trap.commit(),
            _ => Ok(()),
        }
        .unwrap_or_default();
        let operator = |name: &str| Operator {
            name: name.to_owned(),
            kind: kind(name),
            doc: "Breaks the rule that it is told to.".to_owned(),
            input: Some(vec![column("", DataType::Int64)]),
        };
        ["map", "flat-map", "filter", "map-partitions"].map(operator).into()
    }

    fn bind(operator: String, config: String, _input: Vec<Field>) -> Result<Binding, Error> {
        let deeds = Deeds::read(&config)?;
        deeds.commit(Call::Bind)?;
        let made = || vec![column("x", DataType::Int64), column("text", DataType::Utf8)];
        let output = if kind(&operator) == Kind::Filter { vec![] } else { made() };
        Ok(answers::binding(&deeds, Binding { columns: vec![0], output }))
    }

    fn open(_context: Context, operator: String, config: String, _input: Vec<Field>) -> Result<(), Error> {
        let deeds = Deeds::read(&config)?;
        OPEN.set(Some((kind(&operator), deeds)));
        if deeds.act != Act::FreeLoop {
            memory::arm(deeds.act);
        }
        deeds.commit(Call::Open)
    }

    fn process(input: Batch) -> Result<Output, Error> {
        let Some((kind, deeds)) = OPEN.get() else { return Err(Error::failed("not open")) };
        let numbers = rows::numbers(&input);
        let rows = match kind {
            Kind::Filter => Rows::Kept((0..input.rows).collect()),
            Kind::FlatMap => Rows::Expanded(Expansion { rows: rows::made(&numbers), ends: (1..=input.rows).collect() }),
            _ => Rows::Made(rows::made(&numbers)),
        };
        let good = Output { rows, rejected: vec![] };
        if deeds.concerns(&numbers) {
            deeds.commit(Call::Process)?;
            let output = answers::output(&deeds, good, input.rows);
            // What is returned is freed after the call, by a function that the host calls.
            memory::arm(deeds.act);
            return Ok(output);
        }
        Ok(good)
    }

    fn finish() -> Result<Option<Batch>, Error> {
        let Some((_, deeds)) = OPEN.get() else { return Err(Error::failed("not open")) };
        deeds.commit(Call::Finish)?;
        Ok(answers::held_back(&deeds))
    }
}
