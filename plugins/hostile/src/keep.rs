//! Operators over keyed state that break rules: where none is broken, a key's state is the key, and so is the row that is emitted of it.

use crate::Hostile;
use crate::acts::{Act, Call, Deeds};
use crate::rows::{number_column, numbers};
use sluicebox_sdk::bindings::state::exports::sluicebox::operator::state::{
    Binding, Guest, Kind, Operator, Outcome, Work,
};
use sluicebox_sdk::data::{Batch, Context, DataType, Error, Field};
use std::cell::Cell;

thread_local! {
    static OPEN: Cell<Option<(Kind, Deeds)>> = const { Cell::new(None) };
}

fn numbers_of(name: &str) -> Vec<Field> {
    vec![Field { name: name.to_owned(), data_type: DataType::Int64, nullable: false, children: 0 }]
}

fn kind(operator: &str) -> Kind {
    if operator == "update" { Kind::UpdateStateByKey } else { Kind::MapWithState }
}

fn no_columns(rows: u32) -> Batch {
    Batch { rows, nodes: vec![], buffers: vec![] }
}

/// An outcome, with what is to be wrong with it. There are two keys at least.
fn spoiled(deeds: &Deeds, mut outcome: Outcome, n_keys: u32) -> Outcome {
    let keep = |outcome: &mut Outcome, keys: &[u32]| {
        outcome.state = number_column(&vec![7; keys.len()]);
        outcome.state_keys = keys.to_vec();
    };
    match deeds.act {
        Act::MoreRows => outcome.state = number_column(&vec![7; n_keys as usize + 1]),
        Act::FewerRows => outcome.state = number_column(&[]),
        Act::RowsDiffer => outcome.state.rows += 1,
        Act::ValuesShort => outcome.state.buffers[1].truncate(n_keys as usize * 8 - 1),
        Act::ColumnMissing => outcome.state = no_columns(n_keys),
        Act::Null => {
            outcome.state.nodes[0].null_count = 1;
            outcome.state.buffers[0] = vec![0xfe; n_keys.div_ceil(8) as usize];
        }
        Act::StateBeyond => keep(&mut outcome, &[0, n_keys]),
        Act::StateDescends => keep(&mut outcome, &[1, 0]),
        Act::StateTwice => keep(&mut outcome, &[1, 1]),
        Act::RemovedBeyond => outcome.removed = vec![u32::MAX],
        Act::RemovedDescends => outcome.removed = vec![1, 0],
        Act::RemovedTwice => outcome.removed = vec![0, 0],
        Act::StateAndRemoved => outcome.removed = vec![1],
        Act::EmittedByUpdate => outcome.emitted = no_columns(1),
        Act::Output => {
            outcome.state = number_column(&vec![7; 1 << 20]);
            outcome.state_keys = (0..1 << 20).collect();
        }
        _ => {}
    }
    outcome
}

impl Guest for Hostile {
    fn describe() -> Vec<Operator> {
        let operator = |name: &str| Operator {
            name: name.to_owned(),
            kind: kind(name),
            doc: "Breaks the rule that it is told to.".to_owned(),
            keys: None,
            input: Some(vec![]),
        };
        ["update", "with-state"].map(operator).into()
    }

    fn bind(operator: String, config: String, _keys: Vec<Field>, _input: Vec<Field>) -> Result<Binding, Error> {
        let deeds = Deeds::read(&config)?;
        deeds.commit(Call::Bind)?;
        let is_map = kind(&operator) == Kind::MapWithState;
        let mut binding = Binding {
            columns: vec![],
            state: numbers_of("state"),
            state_version: 1,
            output: if is_map { numbers_of("made") } else { vec![] },
            timeout_ms: is_map.then_some(500),
        };
        match deeds.act {
            Act::BindColumnBeyond => binding.columns = vec![0],
            Act::BindNoName => binding.state[0].name.clear(),
            Act::BindNoState => binding.state.clear(),
            Act::BindOtherOutput if is_map => binding.output.clear(),
            Act::BindOtherOutput => binding.output = numbers_of("made"),
            Act::BindOtherTimeout => binding.timeout_ms = Some(0),
            _ => {}
        }
        Ok(binding)
    }

    fn open(
        _context: Context,
        operator: String,
        config: String,
        _keys: Vec<Field>,
        _input: Vec<Field>,
    ) -> Result<(), Error> {
        let deeds = Deeds::read(&config)?;
        OPEN.set(Some((kind(&operator), deeds)));
        deeds.commit(Call::Open)
    }

    fn update(work: Work) -> Result<Outcome, Error> {
        let Some((kind, deeds)) = OPEN.get() else { return Err(Error::failed("not open")) };
        let keys = numbers(&work.keys);
        let state_keys: Vec<u32> = (0..work.keys.rows).filter(|key| !work.timed_out.contains(key)).collect();
        let state: Vec<i64> = state_keys.iter().map(|key| keys[*key as usize]).collect();
        let emitted = if kind == Kind::MapWithState { number_column(&keys) } else { no_columns(0) };
        let mut good = Outcome { state: number_column(&state), state_keys, removed: vec![], emitted };
        if !work.timed_out.is_empty() {
            match deeds.act {
                Act::StateOfTimedOut => {
                    good.state = number_column(&[7]);
                    good.state_keys = vec![work.timed_out[0]];
                }
                Act::RemovedTimedOut => good.removed = vec![work.timed_out[0]],
                _ => {}
            }
        }
        if deeds.concerns(&keys) {
            deeds.commit(Call::Update)?;
            return Ok(spoiled(&deeds, good, work.keys.rows));
        }
        Ok(good)
    }

    fn migrate(_version: u32, _schema: Vec<Field>, _old: Batch) -> Result<Batch, Error> {
        Err(Error::failed("it has no older version"))
    }
}
