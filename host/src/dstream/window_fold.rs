//! Windows of which only a fold is wanted: reduce-by-window, reduce-by-key-and-window, count-by-window, count-by-value-and-window.
//!
//! Such a stream is made in steps, each a stream of its own. `NAME#partials` folds each batch, and is kept as long as a window reaches it: not the batch's rows. Then the stream is
//! made of all the window's partials; or, where what leaves can be taken out again, of `NAME#window`, which is made of itself a slide ago. Both ways give the same rows.

use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;

use super::reduce::Fold;
use super::union::only;
use super::window::Span;
use super::{DStream, PlanContext, Reach, Reads};
use crate::clock::BatchTime;
use crate::engine::{Slid, WindowFold};
use crate::error::Result;
use crate::plugin::OperatorRef;

/// The fold that the steps share.
#[derive(Debug)]
pub struct Folding {
    /// What folds the rows of a key, or all rows.
    pub with: Fold,
    /// The columns of the rows.
    pub input: SchemaRef,
    /// The key's columns, by index; none: all rows are folded to one.
    pub key: Vec<usize>,
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
}

impl Folding {
    /// The fold, as this batch has it.
    pub fn fold(&self, cx: &PlanContext<'_>) -> Result<WindowFold<'_>> {
        let Self { with, input, key, partitions } = self;
        let partitions = *partitions;
        Ok(WindowFold { by: with.of(cx)?, input, key, placing: key.len(), ignored: &[], partitions })
    }
}

/// A batch's partials: a row for each key.
#[derive(Debug)]
pub struct Partials(pub Arc<Folding>);

impl DStream for Partials {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        cx.plans.window_partials(cx, &self.0.fold(cx)?, only(parents)?)
    }

    fn operator(&self) -> Option<&OperatorRef> {
        self.0.with.operator()
    }

    fn partial_version(&self) -> Option<u32> {
        self.0.with.partial_version()
    }
}

/// The partials of a window, of those of the window a slide ago.
#[derive(Debug)]
pub struct Sliding {
    /// The fold.
    pub folding: Arc<Folding>,
    /// The stream of partials.
    pub partials: Arc<str>,
    /// The window.
    pub span: Span,
}

impl Sliding {
    /// What the window at `t` is made of, where the last one is of `last`.
    fn slid(&self, last: Option<BatchTime>, t: BatchTime) -> Slid {
        let (from, until) = self.span.at(t);
        match last {
            Some(last) if last > from => {
                let (left_from, _) = self.span.at(last);
                Slid { before: Some(last), come: (last, until), left: (left_from, from), all: (from, until) }
            }
            // All of the last one has left.
            _ => Slid { before: None, come: (from, until), left: (from, from), all: (from, until) },
        }
    }
}

impl DStream for Sliding {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = only(parents)?.schema();
        let slid = self.slid(cx.plans.last_kept(cx.stream, cx.batch), cx.batch);
        cx.plans.window_slid(cx, &self.folding.fold(cx)?, &self.partials, &schema, slid)
    }

    fn reads(&self) -> Reads {
        Reads::Back(Reach { length: self.span.length, slide: self.span.slide, leaving: true })
    }

    fn reads_itself(&self) -> bool {
        true
    }

    fn begins_anew(&self) -> bool {
        true
    }

    fn window(&self) -> Option<String> {
        let words = humantime::format_duration;
        Some(format!("{} every {}", words(self.span.length), words(self.span.slide)))
    }

    fn operator(&self) -> Option<&OperatorRef> {
        self.folding.with.operator()
    }

    fn partial_version(&self) -> Option<u32> {
        self.folding.with.partial_version()
    }

    fn slide(&self, _: Duration) -> Duration {
        self.span.slide
    }

    fn has_dataset(&self, _: &[bool]) -> bool {
        true
    }
}

/// The results of a window.
#[derive(Debug)]
pub struct Results {
    /// The fold.
    pub folding: Arc<Folding>,
    /// The stream of partials, of which all of the window's are folded; none where the parent is a [`Sliding`].
    pub partials: Option<Arc<str>>,
    /// The window.
    pub span: Span,
    /// An SQL expression; the rows for which it is true stay.
    pub filter: Option<String>,
}

impl DStream for Results {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let (fold, parent) = (self.folding.fold(cx)?, only(parents)?);
        let partials = match &self.partials {
            Some(partials) => {
                cx.plans.window_of_batches(cx, &fold, partials, &parent.schema(), self.span.at(cx.batch))?
            }
            None => parent,
        };
        let results = cx.plans.window_results(cx, &fold, partials)?;
        match &self.filter {
            Some(expression) => cx.plans.filter_where(cx, expression, results),
            None => Ok(results),
        }
    }

    fn reads(&self) -> Reads {
        match self.partials {
            Some(_) => Reads::Back(Reach { length: self.span.length, slide: self.span.slide, leaving: false }),
            None => Reads::Through,
        }
    }

    fn operator(&self) -> Option<&OperatorRef> {
        self.folding.with.operator()
    }

    fn slide(&self, _: Duration) -> Duration {
        self.span.slide
    }

    fn has_dataset(&self, _: &[bool]) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Schema;

    use super::*;

    #[test]
    fn what_comes_and_leaves_makes_up_the_window() {
        let seconds = Duration::from_secs;
        let folding = Folding { with: Fold::Count, input: Arc::new(Schema::empty()), key: vec![], partitions: None };
        let span = Span { length: seconds(5), slide: seconds(2) };
        let sliding = Sliding { folding: Arc::new(folding), partials: "p".into(), span };
        // Batches that were put together, windows that were left out, and all of a window gone.
        for times in [&[2, 4, 6, 8, 10][..], &[2, 7, 8, 20, 22], &[3, 4, 5, 6, 13, 14, 15, 16, 40], &[1, 2, 9, 12, 13]]
        {
            let (mut last, mut window) = (None, vec![]);
            for t in times.iter().map(|t| BatchTime(t * 1000)) {
                let Slid { before, come, left, .. } = sliding.slid(last, t);
                let all = (0..=40).map(|t| BatchTime(t * 1000));
                let within = |(after, until): (BatchTime, BatchTime)| move |t: &BatchTime| *t > after && *t <= until;
                if before.is_none() {
                    window.clear();
                }
                let n_left = all.clone().filter(within(left)).filter(|t| last.is_some_and(|last| *t <= last)).count();
                let n_before = window.len();
                window.retain(|t| !within(left)(t));
                assert_eq!(n_before - window.len(), n_left, "only what was in the window leaves it");
                window.extend(all.clone().filter(within(come)));
                assert_eq!(window, all.filter(within(span.at(t))).collect::<Vec<_>>(), "{times:?} at {t}");
                last = Some(t);
            }
        }
    }
}
