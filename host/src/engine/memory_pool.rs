//! DataFusion's memory, taken from the job's one budget.

use std::fmt;

use datafusion::common::DataFusionError;
use datafusion::common::Result;
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool, MemoryReservation};
use parking_lot::Mutex;

use crate::memory::{MemoryBudget, OverBudget, Reservation, Share};

/// A memory pool over the engine's share. An operator that is refused spills where it can, and fails with an error that names it where it can't.
#[derive(Debug)]
pub struct BudgetPool {
    limit: u64,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    reservation: Reservation,
    /// What operators took without asking, and the budget had not. Few bytes: they ask before they allocate much.
    overdraft: u64,
}

impl BudgetPool {
    /// A pool that takes what it lends from `budget`.
    ///
    /// # Errors
    /// Never for an empty reservation; the type says so of all of them.
    pub fn new(budget: &MemoryBudget) -> Result<Self, OverBudget> {
        let reservation = budget.try_reserve(Share::Engine, 0)?;
        Ok(Self { limit: budget.limit_of(Share::Engine), held: Mutex::new(Held { reservation, overdraft: 0 }) })
    }
}

impl fmt::Display for BudgetPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl MemoryPool for BudgetPool {
    fn name(&self) -> &str {
        "job-budget"
    }

    fn grow(&self, _: &MemoryReservation, additional: usize) {
        let mut held = self.held.lock();
        let bytes = held.reservation.bytes().saturating_add(additional as u64);
        if held.reservation.resize(bytes).is_err() {
            held.overdraft += additional as u64;
        }
    }

    fn shrink(&self, _: &MemoryReservation, shrink: usize) {
        let mut held = self.held.lock();
        let from_overdraft = held.overdraft.min(shrink as u64);
        held.overdraft -= from_overdraft;
        let bytes = held.reservation.bytes().saturating_sub(shrink as u64 - from_overdraft);
        // Giving back can't fail.
        let _ = held.reservation.resize(bytes);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let mut held = self.held.lock();
        let bytes = held.reservation.bytes().saturating_add(additional as u64);
        held.reservation
            .resize(bytes)
            .map_err(|over| DataFusionError::ResourcesExhausted(format!("{}: {over}", reservation.consumer().name())))
    }

    fn reserved(&self) -> usize {
        let held = self.held.lock();
        usize::try_from(held.reservation.bytes() + held.overdraft).unwrap_or(usize::MAX)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(usize::try_from(self.limit).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::execution::memory_pool::MemoryConsumer;

    use super::*;

    #[test]
    fn the_pool_lends_the_budget_and_no_more() {
        let budget = MemoryBudget::new(100);
        let pool: Arc<dyn MemoryPool> = Arc::new(BudgetPool::new(&budget).unwrap());
        let others = budget.try_reserve(Share::State, 40).unwrap();
        let reservation = MemoryConsumer::new("sort").register(&pool);
        reservation.try_grow(50).unwrap();
        let error = reservation.try_grow(20).unwrap_err().to_string();
        assert!(error.contains("sort: engine need 20 bytes more, but 90 of the job's 100"), "{error}");
        reservation.grow(20);
        assert_eq!((budget.used(), pool.reserved()), (90, 70), "what can't be refused is remembered");
        drop(reservation);
        assert_eq!((budget.used(), pool.reserved()), (40, 0));
        drop(others);
    }
}
