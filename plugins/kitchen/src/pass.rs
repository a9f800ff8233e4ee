//! Any columns, handed back as they lie: an operator below the attributes.

use sluicebox_sdk::data::{Batch, Field};
use sluicebox_sdk::prelude::*;
use sluicebox_sdk::transform::{Binding, EachChunk, Kind, Made, Operator, Output, Partition, Transform};

pub struct Pass;

impl Transform for Pass {
    fn describe() -> Operator {
        let doc = "All columns of the stream, whatever they are.".to_owned();
        Operator { name: "pass".to_owned(), kind: Kind::Map, doc, input: None }
    }

    fn bind(_config: &str, input: &[Field]) -> Result<Binding, Error> {
        // The columns at the top are those that are nobody's child.
        let mut top = 0;
        let mut rest = input.iter();
        while let Some(field) = rest.next() {
            let mut open = field.children;
            while open > 0 {
                open = open - 1 + rest.next().map_or(0, |child| child.children);
            }
            top += 1;
        }
        Ok(Binding { columns: (0..top).collect(), output: input.to_vec() })
    }

    fn open(_context: &Context, _config: &str, _input: &[Field]) -> Result<Box<dyn Partition>, Error> {
        Ok(Box::new(EachChunk(|batch: &Batch| Ok(Output { rows: Made::Made(batch.clone()), rejected: vec![] }))))
    }
}
