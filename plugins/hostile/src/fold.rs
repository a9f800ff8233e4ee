//! An aggregate that breaks rules: the sum of numbers, where none is broken.

use crate::Hostile;
use crate::acts::{Act, Call, Deeds};
use crate::rows::{number_column, numbers};
use sluicebox_sdk::bindings::aggregate::exports::sluicebox::operator::aggregate::{Binding, Guest, Operator};
use sluicebox_sdk::data::{Batch, Context, DataType, Error, Field};
use std::cell::Cell;

thread_local! {
    static OPEN: Cell<Option<Deeds>> = const { Cell::new(None) };
}

fn sums(name: &str) -> Vec<Field> {
    vec![Field { name: name.to_owned(), data_type: DataType::Int64, nullable: false, children: 0 }]
}

/// A sum for each group, in the call that was made.
fn folded(call: Call, batch: &Batch, groups: &[u32], n_groups: u32) -> Result<Batch, Error> {
    let Some(deeds) = OPEN.get() else { return Err(Error::failed("not open")) };
    let numbers = numbers(batch);
    let mut sums = vec![0_i64; n_groups as usize];
    for (number, group) in numbers.iter().zip(groups) {
        sums[*group as usize] += number;
    }
    answered(call, &deeds, &numbers, sums)
}

fn answered(call: Call, deeds: &Deeds, numbers: &[i64], mut sums: Vec<i64>) -> Result<Batch, Error> {
    if !deeds.concerns(numbers) {
        return Ok(number_column(&sums));
    }
    deeds.commit(call)?;
    match deeds.act {
        Act::MoreRows if deeds.r#in == call => sums.push(0),
        Act::FewerRows if deeds.r#in == call => sums.clear(),
        _ => {}
    }
    Ok(number_column(&sums))
}

impl Guest for Hostile {
    fn describe() -> Vec<Operator> {
        let doc = "Breaks the rule that it is told to.".to_owned();
        vec![Operator { name: "fold".to_owned(), doc, input: Some(sums("")), invertible: true }]
    }

    fn bind(_operator: String, config: String, _input: Vec<Field>) -> Result<Binding, Error> {
        Deeds::read(&config)?.commit(Call::Bind)?;
        Ok(Binding { columns: vec![0], partial: sums("sum"), partial_version: 1, output: sums("sum") })
    }

    fn open(_context: Context, _operator: String, config: String, _input: Vec<Field>) -> Result<(), Error> {
        let deeds = Deeds::read(&config)?;
        OPEN.set(Some(deeds));
        deeds.commit(Call::Open)
    }

    fn partial(values: Batch, groups: Vec<u32>, n_groups: u32) -> Result<Batch, Error> {
        folded(Call::Partial, &values, &groups, n_groups)
    }

    fn merge(partials: Batch, groups: Vec<u32>, n_groups: u32) -> Result<Batch, Error> {
        folded(Call::Merge, &partials, &groups, n_groups)
    }

    fn unmerge(whole: Batch, partials: Batch, groups: Vec<u32>) -> Result<Batch, Error> {
        let Some(deeds) = OPEN.get() else { return Err(Error::failed("not open")) };
        let (mut sums, numbers) = (numbers(&whole), numbers(&partials));
        for (number, group) in numbers.iter().zip(groups) {
            sums[group as usize] -= number;
        }
        answered(Call::Unmerge, &deeds, &numbers, sums)
    }

    fn finish(partials: Batch) -> Result<Batch, Error> {
        let Some(deeds) = OPEN.get() else { return Err(Error::failed("not open")) };
        let numbers = numbers(&partials);
        answered(Call::Finish, &deeds, &numbers, numbers.clone())
    }
}
