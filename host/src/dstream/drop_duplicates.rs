//! drop-duplicates: the first row of each key.
//!
//! A key is remembered as long as a row that isn't late could be its duplicate: with event time, until the watermark is a delay further than all rows of the batch in which the key came; else for a time-to-live
//! of batch time. A duplicate doesn't make its key be remembered longer.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

use super::event_window::Watermark;
use super::stateful::KeyedState;
use super::union::only;
use super::{DStream, PlanContext};
use crate::engine::assign_windows::{Select, Windows};
use crate::error::Result;
use crate::state::StateTimes;

/// For late rows: an event is late when the watermark has passed it.
pub const MOMENT: Windows = Windows::Session { gap: 1 };

/// The first row of each key, as it came.
#[derive(Debug)]
pub struct DropDuplicates {
    /// The keys that were seen.
    pub seen: KeyedState,
    /// The event time's column, and how far it has come; none: keys are remembered by batch time.
    pub event_time: Option<(usize, Watermark)>,
}

impl DStream for DropDuplicates {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let mut rows = only(parents)?;
        let mut times = None;
        if let Some((column, watermark)) = &self.event_time {
            rows = cx.plans.assign_windows(cx, *column, MOMENT, watermark.before(cx), Select::OnTime, rows)?;
            let forget_before_ms =
                watermark.with(cx).map_or(i64::MIN, |mark| mark.saturating_sub(watermark.longest_delay()));
            times = Some(StateTimes { stamp_ms: watermark.latest(cx).unwrap_or(i64::MIN), forget_before_ms });
        }
        cx.plans.keyed_state(cx, &self.seen.stateful, rows, None, times, self.seen.partitions)
    }

    fn has_dataset(&self, _: &[bool]) -> bool {
        // Keys are forgotten in batches without a dataset too.
        true
    }

    fn state(&self) -> Option<&KeyedState> {
        Some(&self.seen)
    }
}
