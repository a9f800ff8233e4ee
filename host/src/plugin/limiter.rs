//! Limits on what an instance allocates: linear memory and tables, counted over the whole instance and reserved from the job's memory.
//!
//! A guest that asks for more than it may traps, with an error that names the limit: most guests would only abort when told that there is no
//! more, with an error that names nothing.

use wasmtime::{ResourceLimiter, Result, format_err};

use super::error::PluginErrorKind;
use super::limits::{Limit, Limits};
use crate::memory::{MemoryBudget, OverBudget, Reservation, Share};

/// Core instances that a component may be made of; those of tools have up to four.
pub const MAX_CORE_INSTANCES: u32 = 32;
/// What an element of a table takes, in bytes.
const TABLE_ELEMENT: u64 = 8;

/// Counts what one instance has, and remembers what it was refused.
#[derive(Debug)]
pub struct Limiter {
    memory_limit: u64,
    table_limit: u64,
    memory: u64,
    memory_peak: u64,
    table_elements: u64,
    /// What the growth under way asked for, in case it fails after all.
    growing: (u64, u64),
    reserved: Reservation,
    refused: Option<PluginErrorKind>,
}

impl Limiter {
    /// Nothing is allocated yet.
    ///
    /// # Errors
    /// [`OverBudget`] if the job's memory is used up to the last byte.
    pub fn new(limits: &Limits, budget: &MemoryBudget) -> Result<Self, OverBudget> {
        Ok(Self {
            memory_limit: limits.memory,
            table_limit: limits.table_elements,
            memory: 0,
            memory_peak: 0,
            table_elements: 0,
            growing: (0, 0),
            reserved: budget.try_reserve(Share::Guests, 0)?,
            refused: None,
        })
    }

    /// The most linear memory the instance has had, in bytes.
    pub fn memory_peak(&self) -> u64 {
        self.memory_peak
    }

    /// The elements of its tables.
    pub fn table_elements(&self) -> u64 {
        self.table_elements
    }

    /// Why the last growth was refused, if it was.
    pub fn take_refusal(&mut self) -> Option<PluginErrorKind> {
        self.refused.take()
    }

    fn refuse(&mut self, kind: PluginErrorKind) -> Result<bool> {
        let error = format_err!("{kind}");
        self.refused = Some(kind);
        Err(error)
    }

    /// Have `memory` bytes and `table_elements` elements from now on.
    fn hold(&mut self, memory: u64, table_elements: u64) -> Result<bool> {
        let exceeded =
            |limit, allowed, requested| PluginErrorKind::LimitExceeded { limit, allowed, requested: Some(requested) };
        if memory > self.memory_limit {
            return self.refuse(exceeded(Limit::Memory, self.memory_limit, memory));
        }
        if table_elements > self.table_limit {
            return self.refuse(exceeded(Limit::TableElements, self.table_limit, table_elements));
        }
        if let Err(over) = self.reserved.resize(memory.saturating_add(table_elements.saturating_mul(TABLE_ELEMENT))) {
            return self.refuse(PluginErrorKind::OverBudget(over));
        }
        self.growing = (memory - self.memory.min(memory), table_elements - self.table_elements.min(table_elements));
        self.memory = memory;
        self.memory_peak = self.memory_peak.max(memory);
        self.table_elements = table_elements;
        Ok(true)
    }

    /// The growth that was allowed last didn't happen.
    fn not_grown(&mut self) -> Result<()> {
        let (memory, table_elements) = std::mem::take(&mut self.growing);
        self.memory -= memory;
        self.table_elements -= table_elements;
        // Less than before always fits.
        let _ = self.reserved.resize(self.memory + self.table_elements * TABLE_ELEMENT);
        Ok(())
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.growing = (0, 0);
        // Past the memory's own maximum, the answer is no, as the guest's author said.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let memory = self.memory.saturating_add(desired.saturating_sub(current) as u64);
        self.hold(memory, self.table_elements)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> Result<()> {
        self.not_grown()
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.growing = (0, 0);
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let elements = self.table_elements.saturating_add(desired.saturating_sub(current) as u64);
        self.hold(self.memory, elements)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> Result<()> {
        self.not_grown()
    }

    fn instances(&self) -> usize {
        MAX_CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { memory: 1000, table_elements: 10, ..Limits::default() }
    }

    #[test]
    fn all_memories_together_are_limited() {
        let budget = MemoryBudget::new(10_000);
        let mut limiter = Limiter::new(&limits(), &budget).unwrap();
        assert!(limiter.memory_growing(0, 600, None).unwrap());
        assert!(limiter.memory_growing(0, 400, None).unwrap());
        assert!(!limiter.memory_growing(400, 500, Some(450)).unwrap(), "past the memory's own maximum");
        assert!(limiter.memory_growing(400, 401, None).is_err());
        assert!(matches!(
            limiter.take_refusal(),
            Some(PluginErrorKind::LimitExceeded { limit: Limit::Memory, allowed: 1000, requested: Some(1001) })
        ));
        assert!(limiter.table_growing(0, 11, None).is_err());
        assert_eq!((budget.used_by(Share::Guests), limiter.memory_peak()), (1000, 1000));
        drop(limiter);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn memory_comes_from_the_budget_and_goes_back() {
        let budget = MemoryBudget::new(500);
        let mut limiter = Limiter::new(&limits(), &budget).unwrap();
        assert!(limiter.memory_growing(0, 400, None).unwrap());
        limiter.memory_grow_failed(format_err!("no")).unwrap();
        assert_eq!(budget.used(), 0);
        assert!(limiter.memory_growing(0, 400, None).unwrap());
        assert!(limiter.memory_growing(400, 600, None).is_err());
        assert!(matches!(limiter.take_refusal(), Some(PluginErrorKind::OverBudget(_))));
        assert_eq!(budget.used(), 400);
    }
}
