//! A receiver that breaks rules: it gives the numbers 1 to 3, then nothing for ever, where none is broken.

use crate::Hostile;
use crate::acts::{Act, Call, Deeds};
use crate::answers::spoil;
use crate::rows::made;
use sluicebox_sdk::bindings::receiver::exports::sluicebox::operator::receiver::{Chunk, Guest, Operator};
use sluicebox_sdk::data::{Context, DataType, Error, Field};
use std::cell::Cell;

thread_local! {
    static STARTED: Cell<Option<(Deeds, bool)>> = const { Cell::new(None) };
}

impl Guest for Hostile {
    fn describe() -> Vec<Operator> {
        let doc = "Breaks the rule that it is told to.".to_owned();
        vec![Operator { name: "spout".to_owned(), doc, replayable: false }]
    }

    fn bind(_operator: String, config: String) -> Result<Vec<Field>, Error> {
        let deeds = Deeds::read(&config)?;
        deeds.commit(Call::Bind)?;
        let column = |name: &str, data_type| Field { name: name.to_owned(), data_type, nullable: false, children: 0 };
        let mut columns = vec![column("x", DataType::Int64), column("text", DataType::Utf8)];
        if deeds.act == Act::BindNoName {
            columns[0].name.clear();
        }
        Ok(columns)
    }

    fn start(_: Context, _: String, config: String, position: Option<Vec<u8>>) -> Result<(), Error> {
        let deeds = Deeds::read(&config)?;
        STARTED.set(Some((deeds, position.is_some())));
        deeds.commit(Call::Start)
    }

    fn receive(max_rows: u32, _max_time_ms: u32) -> Result<Chunk, Error> {
        let Some((deeds, given)) = STARTED.replace(None) else { return Err(Error::failed("not started")) };
        STARTED.set(Some((deeds, true)));
        deeds.commit(Call::Receive)?;
        let mut rows = made(if given { &[] } else { &[1, 2, 3] });
        match deeds.act {
            Act::MoreRows => rows = made(&vec![0; max_rows as usize + 1]),
            Act::LargeAnswer => {}
            act if !given => spoil(act, &mut rows),
            _ => {}
        }
        let position = vec![b'x'; if deeds.act == Act::LargeAnswer { (64 << 10) + 1 } else { 1 }];
        Ok(Chunk { rows, position, ended: false })
    }

    fn ack(_position: Vec<u8>) -> Result<(), Error> {
        let Some((deeds, _)) = STARTED.get() else { return Err(Error::failed("not started")) };
        deeds.commit(Call::Ack)
    }

    fn stop() {
        if let Some((deeds, _)) = STARTED.get() {
            let _ = deeds.commit(Call::Stop);
        }
    }
}
