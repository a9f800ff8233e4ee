//! A sink that breaks rules: it writes numbers nowhere, where none is broken.

use crate::Hostile;
use crate::acts::{Act, Call, Deeds};
use crate::rows::numbers;
use sluicebox_sdk::bindings::sink::exports::sluicebox::operator::sink::{Guest, Operator, Target};
use sluicebox_sdk::data::{Batch, Context, DataType, Error, Field};
use std::cell::Cell;

thread_local! {
    static OPEN: Cell<Option<Deeds>> = const { Cell::new(None) };
}

fn open() -> Result<Deeds, Error> {
    OPEN.get().ok_or_else(|| Error::failed("not open"))
}

impl Guest for Hostile {
    fn describe() -> Vec<Operator> {
        let number = Field { name: String::new(), data_type: DataType::Int64, nullable: false, children: 0 };
        let doc = "Breaks the rule that it is told to.".to_owned();
        vec![Operator { name: "outlet".to_owned(), doc, input: Some(vec![number]) }]
    }

    fn bind(_operator: String, config: String, _input: Vec<Field>) -> Result<Vec<u32>, Error> {
        let deeds = Deeds::read(&config)?;
        deeds.commit(Call::Bind)?;
        Ok(vec![if deeds.act == Act::BindColumnBeyond { 7 } else { 0 }])
    }

    fn open(_context: Context, _operator: String, config: String, _input: Vec<Field>) -> Result<(), Error> {
        let deeds = Deeds::read(&config)?;
        OPEN.set(Some(deeds));
        deeds.commit(Call::Open)
    }

    fn write(input: Batch) -> Result<(), Error> {
        let deeds = open()?;
        if deeds.concerns(&numbers(&input)) { deeds.commit(Call::Write) } else { Ok(()) }
    }

    fn prepare() -> Result<Vec<u8>, Error> {
        let deeds = open()?;
        deeds.commit(Call::Prepare)?;
        Ok(vec![b'x'; if deeds.act == Act::LargeAnswer { (64 << 10) + 1 } else { 1 }])
    }

    fn commit(_target: Target, _operator: String, config: String, _committables: Vec<Vec<u8>>) -> Result<(), Error> {
        Deeds::read(&config)?.commit(Call::Commit)
    }

    fn abort(_target: Target, _operator: String, config: String, _committables: Vec<Vec<u8>>) -> Result<(), Error> {
        Deeds::read(&config)?.commit(Call::Abort)
    }
}
