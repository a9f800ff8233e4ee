//! The PID rate estimator: how many rows a second a job can take of a source, as far as the batches that are done tell.
//!
//! It is Spark Streaming's, to the letter. The speed of the last batch is what is aimed at (proportional); what has piled up in front of the job is worked off by
//! going slower than that (integral); and a difference that grows can be answered early (derivative, off by default).

/// How strongly an estimate answers to what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PidOptions {
    /// `proportional`: to the difference from the last batch's speed. At least 0.
    pub proportional: f64,
    /// `integral`: to the rows that piled up while batches waited. At least 0.
    pub integral: f64,
    /// `derivative`: to a change of the difference. At least 0.
    pub derivative: f64,
    /// `min-rate`: no estimate is less, in rows a second. More than 0: at 0 nothing would be learned any more.
    pub min_rate: f64,
}

impl Default for PidOptions {
    fn default() -> Self {
        Self { proportional: 1.0, integral: 0.2, derivative: 0.0, min_rate: 100.0 }
    }
}

/// Estimates the rate of one source.
#[derive(Debug, Clone)]
pub struct PidRateEstimator {
    options: PidOptions,
    batch_interval_ms: f64,
    latest: Option<Latest>,
}

/// What the last estimate left.
#[derive(Debug, Clone, Copy)]
struct Latest {
    time_ms: i64,
    rate: f64,
    error: f64,
}

impl PidRateEstimator {
    /// An estimator that has seen no batch of a job that has one every `batch_interval_ms` milliseconds, which are at least 1.
    pub fn new(options: PidOptions, batch_interval_ms: u64) -> Self {
        Self { options, batch_interval_ms: batch_interval_ms.max(1) as f64, latest: None }
    }

    /// The rate after a batch that ended at `time_ms`, in which `rows` rows of the source were processed in `processing_delay_ms`, and which had waited for
    /// `scheduling_delay_ms`. None after the first batch, and after one that tells nothing: of no rows, of no time, or that didn't end after the one before.
    pub fn compute(
        &mut self,
        time_ms: i64,
        rows: u64,
        processing_delay_ms: u64,
        scheduling_delay_ms: u64,
    ) -> Option<f64> {
        let is_later = self.latest.is_none_or(|latest| time_ms > latest.time_ms);
        if !is_later || rows == 0 || processing_delay_ms == 0 {
            return None;
        }
        let processing_rate = rows as f64 / processing_delay_ms as f64 * 1000.0;
        let Some(latest) = self.latest else {
            self.latest = Some(Latest { time_ms, rate: processing_rate, error: 0.0 });
            return None;
        };
        let PidOptions { proportional, integral, derivative, min_rate } = self.options;
        let since_s = time_ms.saturating_sub(latest.time_ms) as f64 / 1000.0;
        let error = latest.rate - processing_rate;
        // Rows that came while batches waited, by the second: what is to be worked off.
        let historical_error = scheduling_delay_ms as f64 * processing_rate / self.batch_interval_ms;
        let error_change = (error - latest.error) / since_s;
        let rate = latest.rate - proportional * error - integral * historical_error - derivative * error_change;
        let rate = rate.max(min_rate);
        self.latest = Some(Latest { time_ms, rate, error });
        Some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimator(proportional: f64, integral: f64, derivative: f64, min_rate: f64) -> PidRateEstimator {
        PidRateEstimator::new(PidOptions { proportional, integral, derivative, min_rate }, 20)
    }

    fn pi(integral: f64, min_rate: f64) -> PidRateEstimator {
        estimator(1.0, integral, 0.0, min_rate)
    }

    /// The estimates after batches that end every 20 ms: rows, processing delay and scheduling delay.
    fn run(mut pid: PidRateEstimator, batches: impl IntoIterator<Item = (u64, u64, u64)>) -> Vec<Option<f64>> {
        let batch = |(n, (rows, processing, scheduling))| pid.compute(n * 20, rows, processing, scheduling);
        (0_i64..).zip(batches).map(batch).collect()
    }

    #[test]
    fn the_first_batch_is_only_looked_at() {
        let mut pid = pi(1.0, 10.0);
        assert_eq!(pid.compute(0, 10, 10, 0), None);
        assert_eq!(pid.compute(10, 10, 10, 0), Some(1000.0));
        assert_eq!(pid.compute(10, 10, 10, 0), None, "no time has passed");
        assert_eq!(pid.compute(20, 0, 10, 0), None, "no rows");
        assert_eq!(pid.compute(30, 10, 0, 0), None, "no time was needed");
        assert_eq!(pid.compute(9, 10, 10, 0), None, "the clock was set back");
        assert_eq!(pid.compute(40, 10, 10, 0), Some(1000.0), "what told nothing has changed nothing");
    }

    #[test]
    fn it_is_never_less_than_the_least() {
        for least in [5.0, 10.0, 100.0] {
            let estimates = run(pi(1.0, least), std::iter::repeat_n((1, 20, 100), 50));
            assert_eq!(estimates[0], None);
            assert_eq!(estimates[1..], vec![Some(least); 49]);
        }
    }

    #[test]
    fn without_waiting_it_follows_the_speed_up_and_down() {
        for rows in [(1..=50).map(|n| n * 20).collect::<Vec<u64>>(), (1..=50).rev().map(|n| n * 20).collect()] {
            let estimates = run(pi(1.0, 10.0), rows.iter().map(|rows| (*rows, 20, 0)));
            assert_eq!(estimates[0], None);
            let speeds: Vec<_> = rows.iter().map(|rows| Some(*rows as f64 * 50.0)).collect();
            assert_eq!(estimates[1..], speeds[1..]);
        }
    }

    #[test]
    fn with_waiting_it_stays_below_the_speed() {
        let batches = (0..50_u64).map(|n| (1000 + n * 7919 % 1000, 20, 1 + n * 31 % 19));
        let estimates = run(pi(0.01, 10.0), batches.clone());
        for ((rows, _, _), estimate) in batches.zip(estimates).skip(1) {
            let (speed, estimate) = (rows as f64 * 50.0, estimate.unwrap());
            assert!(estimate < speed && estimate > 0.8 * speed, "{estimate} of {speed}");
        }
    }

    /// Worked out by hand, each term by itself and all of them together.
    #[test]
    fn the_terms_are_sparks() {
        let after = |mut pid: PidRateEstimator| {
            // 1000 rows a second, then 500 that had waited 10 of 20 ms, then 2000.
            [pid.compute(0, 20, 20, 0), pid.compute(20, 10, 20, 10), pid.compute(60, 40, 20, 0)]
        };
        assert_eq!(after(estimator(1.0, 0.0, 0.0, 1.0)), [None, Some(500.0), Some(2000.0)]);
        assert_eq!(after(estimator(0.5, 0.0, 0.0, 1.0)), [None, Some(750.0), Some(1375.0)]);
        assert_eq!(after(estimator(0.0, 0.2, 0.0, 1.0)), [None, Some(950.0), Some(950.0)]);
        // The error goes from 0 to 500 in 20 ms; the rate is the least then, and the error goes from 500 to 1 - 2000 in 40 ms.
        assert_eq!(after(estimator(0.0, 0.0, 0.1, 1.0)), [None, Some(1.0), Some(1.0 + 0.1 * 2499.0 / 0.04)]);
        // 1000 - 500 - 0.2 * 250 - 0.001 * 500 / 0.02; then 425 + 1575 + 0.001 * (500 + 1575) / 0.04.
        let [_, second, third] = after(estimator(1.0, 0.2, 0.001, 1.0));
        assert_eq!((second, third), (Some(425.0), Some(2051.875)));
    }

    #[test]
    fn the_usual_options_are_sparks() {
        let usual = PidOptions { proportional: 1.0, integral: 0.2, derivative: 0.0, min_rate: 100.0 };
        assert_eq!(PidOptions::default(), usual);
    }
}
