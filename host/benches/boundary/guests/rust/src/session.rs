//! The operator as plain functions. What is kept from one call to the next lies in a thread local: an instance has one thread.

use crate::exports::sluicebox_bench::boundary::session::{Batch, Guest};
use std::cell::RefCell;

struct Operator {
    config: String,
    calls: u32,
}

thread_local! {
    static OPERATOR: RefCell<Option<Operator>> = const { RefCell::new(None) };
}

impl Guest for crate::Guest {
    fn open(operator: String, config: String) -> Result<(), String> {
        if operator.is_empty() {
            return Err("no operator named".into());
        }
        OPERATOR.set(Some(Operator { config, calls: 0 }));
        Ok(())
    }

    fn process(input: Batch) -> Result<Batch, String> {
        OPERATOR.with_borrow_mut(|operator| match operator {
            Some(operator) => {
                operator.calls += 1;
                Ok(input)
            }
            None => Err("process before open".into()),
        })
    }

    fn finish() -> Result<Option<Batch>, String> {
        match OPERATOR.take() {
            Some(operator) if operator.calls as usize > operator.config.len() + 1_000_000 => {
                Err("too many calls".into())
            }
            Some(_) => Ok(None),
            None => Err("finish before open".into()),
        }
    }
}
