//! How many bytes of files a batch reads at the job's rate: the rows of files are known only once they are read, so bytes of earlier files tell.

use std::time::Duration;

use parking_lot::Mutex;

use crate::receiver::rate::RateLimits;

/// The pace of one source.
#[derive(Debug)]
pub struct Pace {
    limits: RateLimits,
    batch_interval: Duration,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Rows a second; none: as fast as may be.
    rate: Option<f64>,
    /// How many bytes a row took in the files read last; none before the first.
    row_bytes: Option<f64>,
}

impl Pace {
    /// The first pace of a source that is read every `batch_interval`.
    pub fn new(limits: RateLimits, batch_interval: Duration) -> Self {
        let inner = Inner { rate: limits.first(), row_bytes: None };
        Self { limits, batch_interval, inner: Mutex::new(inner) }
    }

    /// Rows a second; none where nothing limits them.
    pub fn rate(&self) -> Option<f64> {
        self.inner.lock().rate
    }

    /// So many rows a second from now on, or the most that there may be.
    pub fn set_rate(&self, estimate: f64) {
        if let Some(rate) = self.limits.capped(estimate) {
            self.inner.lock().rate = Some(rate);
        }
    }

    /// So many rows were in so many bytes.
    pub fn was_read(&self, bytes: u64, rows: u64) {
        if bytes > 0 && rows > 0 {
            let (now, mut inner) = (bytes as f64 / rows as f64, self.inner.lock());
            // The last files count as much as all before.
            inner.row_bytes = Some(inner.row_bytes.map_or(now, |before| (before + now) / 2.0));
        }
    }

    /// The most bytes that the next batch is to read; none where nothing limits them. As long as nobody knows how long rows are, they are none, which is one file.
    pub fn most_bytes(&self) -> Option<u64> {
        let inner = self.inner.lock();
        let rows = inner.rate? * self.batch_interval.as_secs_f64();
        // Saturates.
        Some(inner.row_bytes.map_or(0, |row_bytes| (rows * row_bytes) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_follow_the_rate_and_the_rows() {
        let pace = Pace::new(RateLimits::default(), Duration::from_secs(2));
        assert_eq!((pace.most_bytes(), pace.rate()), (None, None));
        pace.set_rate(100.0);
        assert_eq!((pace.most_bytes(), pace.rate()), (Some(0), Some(100.0)), "nobody knows how long rows are");
        pace.was_read(1000, 0);
        pace.was_read(0, 10);
        assert_eq!(pace.most_bytes(), Some(0), "and that tells nothing");
        pace.was_read(1000, 10);
        assert_eq!(pace.most_bytes(), Some(20_000));
        pace.was_read(3000, 10);
        assert_eq!(pace.most_bytes(), Some(40_000));
    }

    #[test]
    fn the_most_is_kept_from_the_first_batch_on() {
        let pace = Pace::new(RateLimits { max: Some(10), initial: Some(5) }, Duration::from_secs(1));
        pace.was_read(100, 1);
        assert_eq!(pace.most_bytes(), Some(500));
        pace.set_rate(1e6);
        assert_eq!(pace.most_bytes(), Some(1000));
    }
}
