//! window: the rows of the last batches, all of them.

use std::sync::Arc;
use std::time::Duration;

use datafusion::physical_plan::ExecutionPlan;

use super::{DStream, PlanContext, Reach, Reads};
use crate::clock::BatchTime;
use crate::error::Result;

/// How long a window is and how often it slides, both multiples of the slide of the stream it looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// What came in so long before a slide's end is in the window.
    pub length: Duration,
    /// There is a window each time so much has passed, counted from 1970-01-01T00:00:00Z.
    pub slide: Duration,
}

impl Span {
    /// The window of the batch at `t`: what came after the first time, up to the second.
    ///
    /// Where batches were put together, `t` may be after the slide's end: what came since is in the window too, since it came in one batch with the rest.
    pub fn at(&self, t: BatchTime) -> (BatchTime, BatchTime) {
        (t.floor(self.slide).before(self.length), t)
    }
}

/// The parent's datasets of the window, one after the other: their partitions in the order of their batches. It has a dataset every slide, with no rows where the
/// parent has had none.
#[derive(Debug)]
pub struct Window {
    /// The stream it looks at.
    pub parent: Arc<str>,
    /// Which of its datasets.
    pub span: Span,
}

impl DStream for Window {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = super::union::only(parents)?.schema();
        let (after, until) = self.span.at(cx.batch);
        Ok(cx.plans.kept(&self.parent, after, until, schema))
    }

    fn reads(&self) -> Reads {
        Reads::Back(Reach { length: self.span.length, slide: self.span.slide, leaving: false })
    }

    fn slide(&self, _: Duration) -> Duration {
        self.span.slide
    }

    fn has_dataset(&self, _: &[bool]) -> bool {
        true
    }
}
