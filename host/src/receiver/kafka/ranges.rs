//! How much of each partition a batch reads: as Spark's direct stream decides it.
//!
//! A rate for the whole source is divided by lag, so that partitions come to their ends together; each partition has a limit of its own besides.

/// A partition that may have messages to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The first offset that was given to no batch.
    pub from: i64,
    /// The offset after the last that can be read.
    pub end: i64,
}

impl Lag {
    fn len(self) -> i64 {
        self.end.saturating_sub(self.from).max(0)
    }
}

/// What bounds a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Messages a second of all partitions together, as backpressure says.
    pub rate: Option<f64>,
    /// Messages a second of each partition.
    pub per_partition: Option<u64>,
    /// Messages of all partitions together, as memory has room for them.
    pub room: Option<u64>,
    /// From one batch to the next, in seconds.
    pub seconds: f64,
}

/// Up to which offset a batch reads each partition. A partition that has something to read, and may read little, reads a message.
pub fn until(lags: &[Lag], limits: Limits) -> Vec<i64> {
    let total: i64 = lags.iter().map(|lag| lag.len()).fold(0, i64::saturating_add);
    #[allow(clippy::cast_precision_loss)]
    let most = |lag: &Lag| {
        let share = if total == 0 { 0.0 } else { lag.len() as f64 / total as f64 };
        let shared = limits.rate.map(|rate| share * rate);
        let own = limits.per_partition.map(|most| most as f64);
        let room = limits.room.map(|room| share * room as f64);
        let per_batch = [shared, own].map(|rate| rate.map(|rate| rate * limits.seconds));
        let Some(most) = per_batch.into_iter().chain([room]).flatten().reduce(f64::min) else { return lag.len() };
        // Too large a number becomes the largest, and what isn't a number 0.
        #[allow(clippy::cast_possible_truncation)]
        let most = most as i64;
        most.max(1).min(lag.len())
    };
    lags.iter().map(|lag| lag.from + most(lag)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(lags: &[(i64, i64)], rate: Option<f64>, per_partition: Option<u64>, seconds: f64) -> Vec<i64> {
        let lags: Vec<Lag> = lags.iter().map(|(from, end)| Lag { from: *from, end: *end }).collect();
        let until = until(&lags, Limits { rate, per_partition, room: None, seconds });
        until.iter().zip(&lags).map(|(until, lag)| until - lag.from).collect()
    }

    #[test]
    fn without_limits_all_that_is_there_is_read() {
        assert_eq!(given(&[(0, 10), (5, 5), (9, 7)], None, None, 1.0), [10, 0, 0]);
    }

    #[test]
    fn a_batch_is_no_larger_than_there_is_room_for_however_long_it_took_to_come() {
        let lags = [Lag { from: 0, end: 9_000 }, Lag { from: 5, end: 1_005 }];
        let until = |rate, room| until(&lags, Limits { rate, per_partition: None, room: Some(room), seconds: 10.0 });
        assert_eq!(until(None, 100), [90, 15]);
        assert_eq!(until(Some(5.0), 100), [45, 10], "the rate is less");
        assert_eq!(until(Some(5000.0), 100), [90, 15]);
        assert_eq!(until(None, 0), [1, 6]);
    }

    #[test]
    fn a_rate_is_divided_by_lag() {
        assert_eq!(given(&[(0, 900), (0, 100), (7, 7)], Some(100.0), None, 1.0), [90, 10, 0]);
        assert_eq!(given(&[(0, 900), (0, 100)], Some(100.0), None, 0.1), [9, 1]);
        assert_eq!(given(&[(0, 900), (0, 100)], Some(1e9), None, 1.0), [900, 100], "no more than there is");
        assert_eq!(given(&[(0, i64::MAX), (0, i64::MAX)], Some(10.0), None, 1.0), [10, 10], "sums have an end");
    }

    #[test]
    fn a_partition_has_a_limit_of_its_own() {
        assert_eq!(given(&[(0, 900), (0, 100)], None, Some(50), 2.0), [100, 100]);
        assert_eq!(given(&[(0, 900), (0, 100)], Some(100.0), Some(50), 1.0), [50, 10]);
    }

    #[test]
    fn each_partition_goes_on_by_a_message_at_least() {
        assert_eq!(given(&[(0, 999_999), (0, 1)], Some(1.0), None, 1.0), [1, 1]);
        assert_eq!(given(&[(0, 5), (0, 0)], Some(0.0), None, 1.0), [1, 0]);
        assert_eq!(given(&[(0, 5)], Some(f64::NAN), None, 1.0), [1]);
    }
}
