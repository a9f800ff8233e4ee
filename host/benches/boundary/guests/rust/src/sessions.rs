//! The operator as a resource.

use crate::exports::sluicebox_bench::boundary::sessions::{Batch, Guest, GuestOperator};
use std::cell::Cell;

pub struct Operator {
    config: String,
    calls: Cell<u32>,
}

impl Guest for crate::Guest {
    type Operator = Operator;
}

impl GuestOperator for Operator {
    fn new(_operator: String, config: String) -> Self {
        Operator { config, calls: Cell::new(0) }
    }

    fn process(&self, input: Batch) -> Result<Batch, String> {
        self.calls.set(self.calls.get() + 1);
        Ok(input)
    }

    fn finish(&self) -> Result<Option<Batch>, String> {
        if self.calls.get() as usize > self.config.len() + 1_000_000 {
            return Err("too many calls".into());
        }
        Ok(None)
    }
}
