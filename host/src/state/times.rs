//! By which times keys are forgotten: by batch time, or by one that the stream is told.

use serde::{Deserialize, Serialize};

use crate::clock::BatchTime;

/// By which times keys are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTimes {
    /// The time of the keys that this batch refreshes; it never goes back.
    pub stamp_ms: i64,
    /// Keys that were last refreshed before this time are forgotten.
    pub forget_before_ms: i64,
}

impl StateTimes {
    /// By batch time, where keys rest at most `rest_ms`; none: for ever.
    pub fn of_batch(batch: BatchTime, rest_ms: Option<i64>) -> Self {
        let forget_before_ms = rest_ms.map_or(i64::MIN, |rest_ms| batch.0.saturating_sub(rest_ms));
        Self { stamp_ms: batch.0, forget_before_ms }
    }
}
