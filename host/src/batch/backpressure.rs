//! Backpressure: when a batch is done, what it took says how fast sources are to take rows in from now on.
//!
//! Each source has an estimator of its own. A source that is told a rate holds its receivers to it, so that what a job can't take stays where it comes from.
//! Where that is of no use, as batches of hardly any rows take longer than the interval, this is told.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;

use super::driver::Driver;
use super::listener::BatchInfo;
use super::log::PlanRecord;
use crate::clock::millis;
use crate::receiver::rate::{PidOptions, PidRateEstimator};

/// After so many batches in a row at the least rate that took longer than the interval, it is told that this doesn't help.
const IN_VAIN: u64 = 8;

/// The estimators of a job's sources.
#[derive(Debug)]
pub struct Backpressure {
    options: Option<PidOptions>,
    interval: Duration,
    sources: Mutex<BTreeMap<String, Source>>,
}

#[derive(Debug)]
struct Source {
    estimator: PidRateEstimator,
    /// Batches in a row that took longer than the interval although the rate was the least.
    in_vain: u64,
}

impl Backpressure {
    /// Estimators that have seen no batch; none where backpressure is off.
    pub fn new(options: Option<PidOptions>, interval: Duration) -> Self {
        Self { options, interval, sources: Mutex::default() }
    }

    /// The rate at which a source is to go on after a batch with so many of its rows, if that tells one.
    fn estimate(&self, name: &str, rows: u64, info: &BatchInfo) -> Option<f64> {
        let options = self.options?;
        let (end_ms, processing, scheduling) =
            (info.processing_end_ms?, info.processing_delay()?, info.scheduling_delay()?);
        let ms = |delay: Duration| millis(delay).unsigned_abs();
        let mut sources = self.sources.lock();
        let source = sources
            .entry(name.to_owned())
            .or_insert_with(|| Source { estimator: PidRateEstimator::new(options, ms(self.interval)), in_vain: 0 });
        let rate = source.estimator.compute(end_ms, rows, ms(processing), ms(scheduling))?;
        if rate > options.min_rate || processing <= self.interval {
            source.in_vain = 0;
        } else {
            source.in_vain += 1;
            if source.in_vain >= IN_VAIN && source.in_vain.is_power_of_two() {
                let (min_rate, processing_delay_ms) = (options.min_rate, ms(processing));
                tracing::warn!(
                    target: "sluicebox::batch",
                    stream = name, min_rate, rows, processing_delay_ms, batches = source.in_vain,
                    "batches take longer than the interval even at the least rate; raise [job] batch-interval, or lower min-rate of [job] backpressure"
                );
            }
        }
        Some(rate)
    }
}

impl Driver {
    /// A batch is done: tell its sources how fast to go on, and note it in `info`.
    pub(super) fn adjust_rates(&self, plan: &PlanRecord, info: &mut BatchInfo) {
        let edition = self.edition();
        let mut inputs = std::mem::take(&mut info.inputs);
        for input in &mut inputs {
            let Some(source) = edition.sources.get(&input.stream) else { continue };
            if let (Some(rows), Some(range)) = (input.rows, plan.inputs.get(&input.stream)) {
                source.was_read(range, rows);
                if let Some(rate) = edition.backpressure.estimate(&input.stream, rows, info) {
                    source.set_rate(rate);
                    tracing::debug!(
                        target: "sluicebox::receiver",
                        stream = input.stream, batch_time = info.batch_time.0, rows, estimate = rate, rate = source.rate(),
                        "the source's rate was estimated anew"
                    );
                }
            }
            input.rate = source.rate();
        }
        info.inputs = inputs;
    }
}
