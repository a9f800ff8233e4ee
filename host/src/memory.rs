//! One memory budget for blocks, the engine, guests and state.
//!
//! Everything large reserves its bytes here before it allocates them and gives them back when dropped. Blocks may take at most half of the
//! budget, so that what was received can always be worked on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Who uses the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Received rows that no batch has finished with.
    Blocks,
    /// The engine's hash tables, exchanges, sorts, and materialized streams.
    Engine,
    /// The linear memories and tables of plugin instances, and what crosses to and from them.
    Guests,
    /// Keyed state.
    State,
}

impl Share {
    /// All shares, in the order in which they are shown.
    pub const ALL: [Share; 4] = [Share::Blocks, Share::Engine, Share::Guests, Share::State];

    /// The share's name in metrics and errors.
    pub fn name(self) -> &'static str {
        match self {
            Share::Blocks => "blocks",
            Share::Engine => "engine",
            Share::Guests => "guests",
            Share::State => "state",
        }
    }
}

/// The job's memory is used up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} need {requested} bytes more, but {used} of the job's {limit} bytes of memory are in use; raise [job] memory or make batches smaller",
    share.name()
)]
pub struct OverBudget {
    /// Who asked.
    pub share: Share,
    /// How much was asked for, in bytes.
    pub requested: u64,
    /// What was in use by all shares, in bytes.
    pub used: u64,
    /// The budget or the share's limit, whichever was in the way, in bytes.
    pub limit: u64,
}

/// The budget; clones share it.
#[derive(Debug, Clone)]
pub struct MemoryBudget(Arc<Ledger>);

#[derive(Debug)]
struct Ledger {
    total: u64,
    used: AtomicU64,
    shares: [AtomicU64; 4],
    freed: Notify,
    waiting: AtomicUsize,
}

impl MemoryBudget {
    /// A budget of `total` bytes.
    pub fn new(total: u64) -> Self {
        Self(Arc::new(Ledger {
            total,
            used: AtomicU64::new(0),
            shares: Default::default(),
            freed: Notify::new(),
            waiting: AtomicUsize::new(0),
        }))
    }

    /// The whole budget, in bytes.
    pub fn total(&self) -> u64 {
        self.0.total
    }

    /// What `share` holds now, in bytes.
    pub fn used_by(&self, share: Share) -> u64 {
        self.0.shares[share as usize].load(Ordering::Relaxed)
    }

    /// What all shares hold now, in bytes.
    pub fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// The most that `share` may hold, in bytes.
    pub fn limit_of(&self, share: Share) -> u64 {
        if share == Share::Blocks { self.0.total / 2 } else { self.0.total }
    }

    /// Reserve `bytes` at once.
    ///
    /// # Errors
    /// [`OverBudget`] if they don't fit now.
    pub fn try_reserve(&self, share: Share, bytes: u64) -> Result<Reservation, OverBudget> {
        self.take(share, bytes)?;
        Ok(Reservation { budget: self.clone(), share, bytes })
    }

    /// Reserve `bytes` at once, as [`Reservation::resize_anyway`] does.
    pub fn reserve_anyway(&self, share: Share, bytes: u64) -> Reservation {
        let mut reservation = Reservation { budget: self.clone(), share, bytes: 0 };
        reservation.resize_anyway(bytes);
        reservation
    }

    /// Reserve `bytes`, waiting until others give enough back.
    ///
    /// # Errors
    /// [`OverBudget`] if they could never fit.
    pub async fn reserve(&self, share: Share, bytes: u64) -> Result<Reservation, OverBudget> {
        loop {
            // Registered before trying, so that memory given back in between isn't missed.
            let freed = self.0.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            match self.try_reserve(share, bytes) {
                Ok(reservation) => return Ok(reservation),
                Err(over) if bytes > self.limit_of(share) => return Err(over),
                Err(_) => {
                    let _waiting = Waiting::begin(&self.0.waiting);
                    freed.await;
                }
            }
        }
    }

    /// How many wait for others to give memory back.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    fn take(&self, share: Share, bytes: u64) -> Result<(), OverBudget> {
        let over = |limit| OverBudget { share, requested: bytes, used: self.used(), limit };
        let of_share = &self.0.shares[share as usize];
        let limit = self.limit_of(share);
        add_up_to(of_share, bytes, limit).map_err(|()| over(limit))?;
        add_up_to(&self.0.used, bytes, self.0.total).map_err(|()| {
            of_share.fetch_sub(bytes, Ordering::Relaxed);
            over(self.0.total)
        })
    }

    fn give_back(&self, share: Share, bytes: u64) {
        if bytes > 0 {
            self.0.shares[share as usize].fetch_sub(bytes, Ordering::Relaxed);
            self.0.used.fetch_sub(bytes, Ordering::Relaxed);
            self.0.freed.notify_waiters();
        }
    }
}

/// One that waits, until it is dropped: also where it is given up.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn add_up_to(counter: &AtomicU64, bytes: u64, limit: u64) -> Result<(), ()> {
    let add = |now: u64| now.checked_add(bytes).filter(|sum| *sum <= limit);
    counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).map(|_| ()).map_err(|_| ())
}

/// Bytes held; dropping it gives them back.
#[derive(Debug)]
pub struct Reservation {
    budget: MemoryBudget,
    share: Share,
    bytes: u64,
}

impl Reservation {
    /// How many bytes are held.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hold `bytes` in all from now on.
    ///
    /// # Errors
    /// [`OverBudget`] if more is asked for than fits; what was held stays held.
    pub fn resize(&mut self, bytes: u64) -> Result<(), OverBudget> {
        match bytes.checked_sub(self.bytes) {
            Some(more) => self.budget.take(self.share, more)?,
            None => self.budget.give_back(self.share, self.bytes - bytes),
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Hold `bytes` in all from now on, also where that is more than fits: of what is allocated already and can't be refused. Nothing else
    /// is given out then until enough is given back.
    pub fn resize_anyway(&mut self, bytes: u64) {
        match bytes.checked_sub(self.bytes) {
            Some(more) => {
                self.budget.0.shares[self.share as usize].fetch_add(more, Ordering::Relaxed);
                self.budget.0.used.fetch_add(more, Ordering::Relaxed);
            }
            None => self.budget.give_back(self.share, self.bytes - bytes),
        }
        self.bytes = bytes;
    }
}

impl Reservation {
    /// Hold what `other`, a reservation of the same share of the same budget, holds as well.
    pub fn absorb(&mut self, mut other: Reservation) {
        debug_assert!(self.share == other.share && Arc::ptr_eq(&self.budget.0, &other.budget.0));
        self.bytes += std::mem::take(&mut other.bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.give_back(self.share, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_leave_half_for_the_others() {
        let budget = MemoryBudget::new(100);
        let blocks = budget.try_reserve(Share::Blocks, 50).unwrap();
        assert_eq!(budget.try_reserve(Share::Blocks, 1).unwrap_err().limit, 50);
        let mut engine = budget.try_reserve(Share::Engine, 10).unwrap();
        engine.resize(50).unwrap();
        assert_eq!(engine.resize(51).unwrap_err().used, 100);
        assert_eq!((budget.used(), engine.bytes()), (100, 50));
        drop((blocks, engine));
        assert_eq!((budget.used(), budget.used_by(Share::Engine)), (0, 0));
    }

    #[tokio::test]
    async fn a_reservation_waits_for_memory_given_back() {
        let budget = MemoryBudget::new(100);
        let held = budget.try_reserve(Share::Blocks, 40).unwrap();
        let waiting = {
            let budget = budget.clone();
            tokio::spawn(async move { budget.reserve(Share::Blocks, 20).await.map(|r| r.bytes()) })
        };
        while budget.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        drop(held);
        assert_eq!(waiting.await.unwrap(), Ok(20));
        assert_eq!(budget.waiting(), 0);
        assert!(budget.reserve(Share::Blocks, 51).await.is_err(), "could never fit");
    }
}
