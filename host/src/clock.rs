//! Time: the batch time, and the one reader of the machine's clocks.
//!
//! Everything that needs the time takes a [`Clock`]; tests hand in a [`ManualClock`] and nothing sleeps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// The name of a batch: milliseconds since 1970-01-01T00:00:00Z, a multiple of the batch interval.
///
/// The batch at time t holds what arrived up to t and after the batch before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchTime(pub i64);

impl BatchTime {
    /// The first batch time after `now_ms` on the grid of multiples of `interval`: never `now_ms` itself.
    ///
    /// `interval` is at least one millisecond.
    pub fn next_after(now_ms: i64, interval: Duration) -> Self {
        let step = interval_ms(interval);
        Self((now_ms.div_euclid(step) + 1) * step)
    }

    /// The batch time one `interval` later.
    pub fn after(self, interval: Duration) -> Self {
        Self(self.0 + interval_ms(interval))
    }

    /// The time `duration` earlier.
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(interval_ms(duration)))
    }

    /// The last multiple of `slide` up to this time. `slide` is at least one millisecond.
    pub fn floor(self, slide: Duration) -> Self {
        let step = interval_ms(slide);
        Self(self.0.div_euclid(step) * step)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for BatchTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whole milliseconds, as all times are counted in.
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn interval_ms(interval: Duration) -> i64 {
    millis(interval).max(1)
}

/// A source of time.
#[async_trait::async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;

    /// Returns once [`Clock::now_ms`] is at least `time_ms`.
    async fn wait_until(&self, time_ms: i64);

    /// Returns after `duration` by this clock: for pauses that no event ends, such as the one before a receiver connects again.
    async fn pause(&self, duration: Duration) {
        self.wait_until(self.now_ms().saturating_add(interval_ms(duration))).await;
    }
}

/// The machine's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
    }

    async fn wait_until(&self, time_ms: i64) {
        // The wall clock may be set while this waits, so it is read again after each sleep, and no sleep is longer than a minute.
        loop {
            let left = time_ms - self.now_ms();
            if left <= 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(left.min(60_000).unsigned_abs())).await;
        }
    }
}

/// The time since 1970-01-01T00:00:00Z by the machine's wall clock, for guests that may know it.
pub fn time_of_day() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A clock that stands still until it is told to move; clones share the time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<watch::Sender<i64>>,
}

impl ManualClock {
    /// A clock at `now_ms` milliseconds since 1970-01-01T00:00:00Z.
    pub fn new(now_ms: i64) -> Self {
        Self { now: Arc::new(watch::Sender::new(now_ms)) }
    }

    /// Move the time forward. Time never goes back.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now += millis(by));
    }

    /// Move the time to `time_ms`, unless it is past it already.
    pub fn advance_to(&self, time_ms: i64) {
        self.now.send_if_modified(|now| {
            let later = time_ms > *now;
            *now = time_ms.max(*now);
            later
        });
    }
}

#[async_trait::async_trait]
impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        *self.now.borrow()
    }

    async fn wait_until(&self, time_ms: i64) {
        let mut now = self.now.subscribe();
        // The sender lives as long as self, so this can't fail.
        let _ = now.wait_for(|now| *now >= time_ms).await;
    }
}

/// Measures how long something takes; it never tells the time of day.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begin to measure.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Measures how much processor time the thread it is started and asked on spends. On a machine that has more to do than it can, that is what a limit on
/// work must be measured by: the time of day goes on while a thread waits for its turn.
#[derive(Debug, Clone, Copy)]
pub struct ThreadStopwatch(Duration);

impl ThreadStopwatch {
    /// Begin to measure.
    pub fn start() -> Self {
        Self(thread_time())
    }

    /// Processor time since the start.
    pub fn elapsed(&self) -> Duration {
        thread_time().saturating_sub(self.0)
    }
}

fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes to the one value it is given. It can't fail for this clock, and if it did, no time would have been spent.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_charged_for_work_and_not_for_waiting() {
        // The loop ends only because work is charged.
        let thread = ThreadStopwatch::start();
        let mut sum = 0_u64;
        while thread.elapsed() < Duration::from_millis(2) {
            sum = std::hint::black_box(sum + 1);
        }
        let waiting = ThreadStopwatch::start();
        std::thread::park_timeout(Duration::from_millis(20));
        assert!(waiting.elapsed() < Duration::from_millis(15));
    }

    #[test]
    fn batch_times_lie_on_the_grid_of_the_epoch() {
        let second = Duration::from_secs(1);
        for (now, next) in
            [(0, 1000), (999, 1000), (1000, 2000), (-1, 0), (-1000, 0), (1_700_000_000_123, 1_700_000_001_000)]
        {
            assert_eq!(BatchTime::next_after(now, second), BatchTime(next), "after {now}");
        }
        assert_eq!(BatchTime(1000).after(Duration::from_millis(250)), BatchTime(1250));
        assert_eq!(BatchTime(1000).before(Duration::from_millis(1250)), BatchTime(-250));
        for (time, floor) in [(0, 0), (999, 0), (1000, 1000), (1001, 1000), (-1, -1000)] {
            assert_eq!(BatchTime(time).floor(second), BatchTime(floor), "{time}");
        }
    }

    #[tokio::test]
    async fn a_manual_clock_wakes_those_who_wait() {
        let clock = ManualClock::new(5);
        let waiting = {
            let clock = clock.clone();
            tokio::spawn(async move {
                clock.wait_until(10).await;
                clock.now_ms()
            })
        };
        clock.advance(Duration::from_millis(5));
        clock.advance_to(3);
        assert_eq!(waiting.await.ok(), Some(10));
    }
}
