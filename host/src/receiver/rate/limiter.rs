//! The rate limiter: a receiver asks it how many rows it may take in, waits while those are none, and tells it how many came.
//!
//! What may be taken in grows with the job's clock, up to a block interval's worth, so that a receiver that was late catches up, and one that had nothing
//! to do doesn't flood a batch. What came over what was allowed, as a receiver of bytes can't tell how many rows they are, is owed, and waited for. Nothing is
//! dropped: who doesn't read is read from later, and a sender is held by that.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::RateLimits;
use crate::clock::Clock;

/// Rows are allowed so many at a time, at a pace; less often, and receivers would be held up more than they need be, more often would cost.
const QUANTUM_S: f64 = 0.010;
/// What is owed is waited for no longer than this.
const LONGEST_DEBT_S: f64 = 10.0;

/// Limits the rate of one source, whose receivers share it.
#[derive(Debug)]
pub struct RateLimiter {
    limits: RateLimits,
    clock: Arc<dyn Clock>,
    /// How many seconds' worth of rows may be taken in at once.
    burst_s: f64,
    bucket: Mutex<Bucket>,
    /// The rate in rows a second; none: as fast as may be.
    rate: watch::Sender<Option<f64>>,
}

#[derive(Debug)]
struct Bucket {
    /// Rows that may be taken in; less than 0 where rows are owed.
    rows: f64,
    as_of_ms: i64,
}

impl RateLimiter {
    /// A limiter with the source's first rate, that allows rows of `burst` at once.
    pub fn new(limits: RateLimits, burst: Duration, clock: Arc<dyn Clock>) -> Self {
        let as_of_ms = clock.now_ms();
        Self {
            limits,
            clock,
            burst_s: burst.as_secs_f64(),
            bucket: Mutex::new(Bucket { rows: 0.0, as_of_ms }),
            rate: watch::Sender::new(limits.first()),
        }
    }

    /// Rows a second; none where nothing limits them.
    pub fn rate(&self) -> Option<f64> {
        *self.rate.borrow()
    }

    /// Allow so many rows a second from now on, or the most that there may be. Who waits is told.
    pub fn set_rate(&self, estimate: f64) {
        let Some(rate) = self.limits.capped(estimate) else { return };
        {
            let mut bucket = self.bucket.lock();
            match self.rate() {
                None => *bucket = Bucket { rows: 0.0, as_of_ms: self.clock.now_ms() },
                Some(before) => {
                    self.fill(&mut bucket, before);
                    // What was allowed or owed is so for as long as before; going faster, it is worked off sooner.
                    if bucket.rows > 0.0 || rate < before {
                        bucket.rows *= rate / before;
                    }
                }
            }
        }
        self.rate.send_replace(Some(rate));
    }

    /// How many rows may be taken in now; none if it must be waited.
    pub fn now(&self) -> Option<u64> {
        self.look().ok()
    }

    /// Wait until rows may be taken in; says how many, at least 1.
    pub async fn ready(&self) -> u64 {
        loop {
            // Subscribed to before looking, so that no change is missed.
            let mut rate = self.rate.subscribe();
            let wait = match self.look() {
                Ok(rows) => return rows,
                Err(wait) => wait,
            };
            tokio::select! {
                () = self.clock.pause(wait) => {}
                // The sender lives as long as self, so this can't fail.
                _ = rate.changed() => {}
            }
        }
    }

    /// So many rows were taken in.
    pub fn took(&self, rows: u64) {
        if let Some(rate) = self.rate() {
            let mut bucket = self.bucket.lock();
            bucket.rows = (bucket.rows - rows as f64).max(-rate * LONGEST_DEBT_S);
        }
    }

    /// The rows that may be taken in, or how long to wait.
    fn look(&self) -> Result<u64, Duration> {
        let Some(rate) = self.rate() else { return Ok(u64::MAX) };
        let mut bucket = self.bucket.lock();
        self.fill(&mut bucket, rate);
        let wanted = (rate * QUANTUM_S).clamp(1.0, self.most(rate));
        if bucket.rows >= wanted {
            // Less than what a burst has, which is finite.
            return Ok(bucket.rows as u64);
        }
        let wait_s = (wanted - bucket.rows) / rate;
        Err(Duration::from_secs_f64(wait_s).max(Duration::from_millis(1)))
    }

    fn most(&self, rate: f64) -> f64 {
        (rate * self.burst_s).max(1.0)
    }

    fn fill(&self, bucket: &mut Bucket, rate: f64) {
        let now_ms = self.clock.now_ms();
        // A clock that was set back gives nothing, and begins anew.
        let passed_s = now_ms.saturating_sub(bucket.as_of_ms).max(0) as f64 / 1000.0;
        bucket.rows = (bucket.rows + passed_s * rate).min(self.most(rate));
        bucket.as_of_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn limiter(initial: Option<u64>, max: Option<u64>) -> (Arc<RateLimiter>, ManualClock) {
        let clock = ManualClock::new(0);
        let limiter =
            RateLimiter::new(RateLimits { max, initial }, Duration::from_millis(200), Arc::new(clock.clone()));
        (Arc::new(limiter), clock)
    }

    fn pass(clock: &ManualClock, millis: u64) {
        clock.advance(Duration::from_millis(millis));
    }

    #[test]
    fn rows_are_allowed_as_time_passes_up_to_a_burst() {
        let (limiter, clock) = limiter(Some(1000), None);
        assert_eq!(limiter.now(), None);
        pass(&clock, 9);
        assert_eq!(limiter.now(), None, "less than is worth it");
        pass(&clock, 1);
        assert_eq!(limiter.now(), Some(10));
        limiter.took(10);
        assert_eq!(limiter.now(), None);
        pass(&clock, 3_600_000);
        assert_eq!(limiter.now(), Some(200));
        limiter.took(150);
        assert_eq!(limiter.now(), Some(50));
    }

    #[test]
    fn without_a_rate_nothing_is_limited() {
        let (limiter, _) = limiter(None, None);
        limiter.took(1_000_000_000);
        assert_eq!((limiter.now(), limiter.rate()), (Some(u64::MAX), None));
        limiter.set_rate(0.0);
        assert_eq!(limiter.rate(), None, "that can't be meant");
        limiter.set_rate(100.0);
        assert_eq!((limiter.now(), limiter.rate()), (None, Some(100.0)), "what came before is not owed");
    }

    #[test]
    fn what_came_at_once_is_owed() {
        let (limiter, clock) = limiter(Some(1000), None);
        pass(&clock, 200);
        limiter.took(1200);
        pass(&clock, 1009);
        assert_eq!(limiter.now(), None);
        pass(&clock, 1);
        assert_eq!(limiter.now(), Some(10));
        // Not for ever.
        limiter.took(1_000_000_000);
        pass(&clock, 10_010);
        assert_eq!(limiter.now(), Some(10));
    }

    #[test]
    fn a_slow_rate_allows_a_row_at_a_time() {
        let (limiter, clock) = limiter(None, Some(2));
        pass(&clock, 499);
        assert_eq!(limiter.now(), None);
        pass(&clock, 1);
        assert_eq!(limiter.now(), Some(1));
        pass(&clock, 10_000);
        assert_eq!(limiter.now(), Some(1));
        limiter.set_rate(50.0);
        assert_eq!(limiter.rate(), Some(2.0), "no more than there may be");
    }

    #[test]
    fn over_an_hour_the_rate_is_kept_to_the_row() {
        let (limiter, clock) = limiter(Some(777), None);
        let mut rows = 0;
        for _ in 0..360_000 {
            pass(&clock, 10);
            if let Some(allowed) = limiter.now() {
                limiter.took(allowed);
                rows += allowed;
            }
        }
        assert!((777 * 3600 - 16..=777 * 3600).contains(&rows), "{rows}");
    }

    #[test]
    fn a_change_of_the_rate_keeps_the_time_that_is_owed_or_shortens_it() {
        let (limiter, clock) = limiter(Some(1000), None);
        limiter.took(1000);
        limiter.set_rate(10.0);
        pass(&clock, 1099);
        assert_eq!(limiter.now(), None);
        pass(&clock, 1);
        assert_eq!(limiter.now(), Some(1), "a second is owed, and it takes a tenth to a row");
        limiter.took(11);
        limiter.set_rate(1000.0);
        pass(&clock, 20);
        assert_eq!(limiter.now(), Some(10));
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing() {
        #[derive(Debug)]
        struct Wall(std::sync::atomic::AtomicI64);
        #[async_trait::async_trait]
        impl Clock for Wall {
            fn now_ms(&self) -> i64 {
                self.0.load(std::sync::atomic::Ordering::Relaxed)
            }
            async fn wait_until(&self, _: i64) {}
        }
        let clock = Arc::new(Wall(1_000_000.into()));
        let limits = RateLimits { max: Some(1000), initial: None };
        let limiter = RateLimiter::new(limits, Duration::from_millis(200), clock.clone());
        clock.0.store(0, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(limiter.now(), None);
        clock.0.store(10, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(limiter.now(), Some(10));
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_time_and_by_another_rate() {
        let (limiter, clock) = limiter(Some(100), None);
        let wait = || {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.ready().await })
        };
        let waiting = wait();
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        pass(&clock, 10);
        assert_eq!(waiting.await.unwrap(), 1);
        limiter.took(101);
        let waiting = wait();
        tokio::task::yield_now().await;
        pass(&clock, 100);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished(), "a second is owed");
        limiter.set_rate(1e6);
        pass(&clock, 11);
        assert!(waiting.await.unwrap() > 1);
    }
}
