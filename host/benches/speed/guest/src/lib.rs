//! The guest of the speed benchmark: `split`, `cut`, `gcd`, `tally` and operators over state through the SDK, and `echo`, which only hands back what it was handed.

mod functions;

use sluicebox_sdk::data::{Batch, Field};
use sluicebox_sdk::prelude::*;
use sluicebox_sdk::transform::{Binding, Kind, NoConfig, Operator, Output, Partition, Transform};

/// Lines to words.
#[flat_map(output = "word")]
fn split(line: &str) -> impl Iterator<Item = &str> {
    functions::split(line)
}

/// The same by the SDK.
#[flat_map(output = "word")]
fn cut(line: &str) -> impl Iterator<Item = &str> {
    functions::cut(line)
}

/// The greatest common divisor of two columns.
#[map(output = "gcd")]
fn gcd(a: i64, b: i64) -> i64 {
    functions::gcd(a, b)
}

#[derive(Default)]
struct Tally;

/// How many rows a key has.
#[aggregate(output = "count")]
impl Aggregate for Tally {
    type Input<'a> = ();
    type Partial = i64;
    type Output = i64;

    fn add(&self, count: &mut i64, _row: ()) {
        functions::tally(count);
    }

    fn merge(&self, whole: &mut i64, part: i64) {
        *whole += part;
    }

    fn unmerge(&self, whole: &mut i64, part: i64) {
        *whole -= part;
    }

    fn finish(&self, count: i64) -> i64 {
        count
    }
}

/// Any columns, as they are.
struct Echo;

impl Transform for Echo {
    fn describe() -> Operator {
        Operator { name: "echo".into(), kind: Kind::Map, doc: "Rows as they are.".into(), input: None }
    }

    fn bind(_config: &str, input: &[Field]) -> Result<Binding, Error> {
        let columns = 0..input.iter().filter(|field| field.children == 0).count() as u32;
        Ok(Binding { columns: columns.collect(), output: input.to_vec() })
    }

    fn open(_context: &Context, _config: &str, _input: &[Field]) -> Result<Box<dyn Partition>, Error> {
        Ok(Box::new(Echo))
    }
}

impl Partition for Echo {
    fn process(&mut self, input: Batch) -> Result<Output, Error> {
        Ok(Output::made(input))
    }
}

fn visit(value: Option<i64>, visits: &mut State<i64>) -> Option<i64> {
    let n = visits.get().copied().unwrap_or(0) + value?;
    visits.update(n);
    Some(n)
}

/// How often a key has come, kept for an hour.
#[map_with_state(output = "visits", state = "visits", timeout = "1h")]
fn visits(_key: i64, value: Option<i64>, visits: &mut State<i64>) -> Option<i64> {
    visit(value, visits)
}

/// The same of keys that are text.
#[map_with_state(output = "visits", state = "visits", timeout = "1h")]
fn visits_of_text(_key: &str, value: Option<i64>, visits: &mut State<i64>) -> Option<i64> {
    visit(value, visits)
}

/// The sum of a key's values.
#[update_state_by_key(state = "sum")]
fn sum(_key: i64, values: impl Iterator<Item = i64>, sum: Option<i64>) -> Option<i64> {
    Some(sum.unwrap_or(0) + values.sum::<i64>())
}

/// The same of keys that are text.
#[update_state_by_key(state = "sum")]
fn sum_of_text(_key: &str, values: impl Iterator<Item = i64>, sum: Option<i64>) -> Option<i64> {
    Some(sum.unwrap_or(0) + values.sum::<i64>())
}

/// A partition's lines as text.
#[derive(Default)]
struct Text(functions::Text);

/// Lines as text, which goes nowhere.
#[sink]
impl Sink for Text {
    type Input<'a> = &'a str;

    fn open(_config: NoConfig, _context: &Context) -> Result<Self, Error> {
        Ok(Text::default())
    }

    fn write(&mut self, line: &str) -> Result<(), Error> {
        self.0.push(line);
        Ok(())
    }

    fn prepare(self) -> Result<Vec<u8>, Error> {
        Ok(self.0.bytes().to_le_bytes().to_vec())
    }

    fn commit(_config: NoConfig, _batch: &Target, _prepared: Vec<Vec<u8>>) -> Result<(), Error> {
        Ok(())
    }
}

plugin! {
    transforms: [split, cut, gcd, Echo],
    sinks: [Text],
    aggregates: [Tally],
    states: [visits, visits_of_text, sum, sum_of_text],
}
