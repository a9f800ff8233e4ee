//! The guest of the speed benchmark: `split`, `cut`, `gcd` and `tally` through the SDK, and `echo`, which only hands back what it was handed.

mod functions;

use sluicebox_sdk::data::{Batch, Field};
use sluicebox_sdk::prelude::*;
use sluicebox_sdk::transform::{Binding, Kind, Operator, Output, Partition, Transform};

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

plugin! {
    transforms: [split, cut, gcd, Echo],
    aggregates: [Tally],
}
