//! The graph of streams. A stream is a dataset per batch: each operation says, for a batch, how its dataset is made of its parents'.
//!
//! One operation per file, and no I/O in any of them: an operation makes a physical plan, which is bytes and holds no rows. [`graph`] resolves a
//! [`Definition`](crate::job::definition::Definition) into a [`Graph`]: names are looked up, operators bound to columns, and streams ordered so that each comes
//! after those it reads.

mod cogroup;
mod count;
mod count_by_value;
mod drop_duplicates;
mod event_window;
mod filter_where;
mod glom;
mod graph;
mod join;
mod operator;
mod partition_by;
mod reduce;
mod reduce_by_key;
mod repartition;
mod resolve;
mod sql;
mod stateful;
mod transform;
mod union;
mod window;
mod window_fold;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use datafusion::physical_plan::ExecutionPlan;

pub use graph::{Evaluation, Graph, Output, Stream, StreamKind};
pub use reduce::FoldBy;
pub use resolve::{Binder, Resolver, resolve};
pub use stateful::{Initial, KeyedState, StateSnapshots};
pub use transform::TransformContext;
pub use window::Span;

use crate::clock::BatchTime;
use crate::engine::Plans;
use crate::error::Result;
use crate::plugin::{Digest, OperatorRef};

/// What a plan is made for.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext<'a> {
    /// The batch.
    pub batch: BatchTime,
    /// The batch time before it.
    pub after: BatchTime,
    /// 0, and one more each time the batch is run again.
    pub attempt: u32,
    /// The stream that the plan makes.
    pub stream: &'a Arc<str>,
    /// The component each plugin is in this batch.
    pub plugins: &'a BTreeMap<String, Digest>,
    /// Makes the plan's nodes.
    pub plans: &'a Plans,
}

/// How an operation reads its parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Each parent once, and always to its end: the parent's plan can be part of this one's.
    Through,
    /// As the optimizer likes: more than once, in part, or not at all. A parent that does work is materialized first.
    Freely,
    /// Its datasets of several batches, from where they are kept: see [`Reach`].
    Back(Reach),
}

/// How far back an operation reads: at a batch that ends a slide, the datasets that came in the `length` before the slide's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// How long what came is read.
    pub length: Duration,
    /// How often it is read.
    pub slide: Duration,
    /// Whether a dataset is read once more when it has left: it is taken out of what was made of it.
    pub leaving: bool,
}

impl Reach {
    /// After the batch at `t` nothing that came at this time or before is read any more.
    pub fn over_at(&self, t: BatchTime) -> BatchTime {
        let last = t.floor(self.slide);
        if self.leaving { last } else { last.after(self.slide) }.before(self.length)
    }
}

/// One operation on streams.
pub trait DStream: fmt::Debug + Send + Sync {
    /// The plan that makes this stream's dataset from those of its parents, in their order.
    ///
    /// It is also called once with empty parents when the graph is built: the plan's schema is the stream's.
    ///
    /// # Errors
    /// When the operation can't work on such columns; the message names them.
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>>;

    /// How the parents are read.
    fn reads(&self) -> Reads {
        Reads::Through
    }

    /// How often there is a dataset, where all parents have one every `parents`: as often, unless it is an operation that slides.
    fn slide(&self, parents: Duration) -> Duration {
        parents
    }

    /// Whether there is a dataset in a batch that ends a slide, and in which the `parents` have one or don't. A parent without one is read as an empty one.
    ///
    /// An operation on several streams has one where any of them has, so that no rows are left out because another stream has none.
    fn has_dataset(&self, parents: &[bool]) -> bool {
        parents.contains(&true)
    }

    /// What it keeps of keys over batches, if it does: then it runs exactly once in every batch, whoever reads it.
    fn state(&self) -> Option<&KeyedState> {
        None
    }

    /// Whether it reads the dataset that it made last, which is kept for it until it has made the next.
    fn reads_itself(&self) -> bool {
        false
    }

    /// Whether a stream that [reads itself](Self::reads_itself) is made all the same where nothing is there of it: of what its parents have kept.
    fn begins_anew(&self) -> bool {
        false
    }

    /// The operator of a plugin that it calls, if it does.
    fn operator(&self) -> Option<&OperatorRef> {
        None
    }

    /// What its datasets are of besides their columns, in words: what is made otherwise can't be gone on from.
    fn window(&self) -> Option<String> {
        None
    }

    /// The version of the partials that it makes by a plugin's aggregate, which no other version may be given.
    fn partial_version(&self) -> Option<u32> {
        None
    }
}
