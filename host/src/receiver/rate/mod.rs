//! How fast sources take rows in: the estimate of how fast a job can be, and what holds a receiver to it.
//!
//! | file | what is in it |
//! |---|---|
//! | [`estimator`] | the PID rate estimator: from what a batch took to a rate |
//! | [`limiter`] | what a receiver asks before it reads |
//! | [`row_bytes`] | from rows to bytes, for receivers that read bytes |

pub mod estimator;
pub mod limiter;
pub mod row_bytes;

pub use estimator::{PidOptions, PidRateEstimator};
pub use limiter::RateLimiter;
pub use row_bytes::RowBytes;

/// `max-rate` and `initial-rate` of a source, in rows a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// `max-rate`: never more, whatever the estimate is.
    pub max: Option<u64>,
    /// `initial-rate`: as long as there is no estimate.
    pub initial: Option<u64>,
}

impl RateLimits {
    /// The rate before there is an estimate; none where nothing limits it.
    pub fn first(&self) -> Option<f64> {
        self.max.into_iter().chain(self.initial).min().map(|rate| rate as f64)
    }

    /// An estimate, or the most that there may be if that is less. One that isn't a positive number can't be meant, and is none.
    pub fn capped(&self, estimate: f64) -> Option<f64> {
        let rate = self.max.map_or(estimate, |max| estimate.min(max as f64));
        (rate > 0.0 && rate.is_finite()).then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_holds_for_both() {
        let none = RateLimits::default();
        assert_eq!((none.first(), none.capped(7.5)), (None, Some(7.5)));
        for (max, initial, first, capped) in
            [(Some(10), Some(50), 10.0, 10.0), (Some(50), Some(10), 10.0, 20.0), (None, Some(10), 10.0, 20.0)]
        {
            let limits = RateLimits { max, initial };
            assert_eq!((limits.first(), limits.capped(20.0)), (Some(first), Some(capped)), "{limits:?}");
        }
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(none.capped(wrong), None, "{wrong}");
        }
    }
}
