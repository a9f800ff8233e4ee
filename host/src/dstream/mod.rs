//! The graph of streams. A stream is a dataset per batch: each operation says, for a batch, how its dataset is made of its parents'.
//!
//! One operation per file, and no I/O in any of them: an operation makes a physical plan, which is bytes and holds no rows. [`graph`] resolves a
//! [`Definition`](crate::job::definition::Definition) into a [`Graph`]: names are looked up, operators bound to columns, and streams ordered so that each comes
//! after those it reads.

mod count;
mod count_by_value;
mod filter_where;
mod graph;
mod operator;
mod reduce;
mod reduce_by_key;
mod repartition;
mod resolve;
mod sql;
mod union;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;

pub use graph::{Evaluation, Graph, Output, Stream, StreamKind};
pub use resolve::{Resolver, resolve};

use crate::clock::BatchTime;
use crate::engine::Plans;
use crate::error::Result;
use crate::plugin::Digest;

/// What a plan is made for.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext<'a> {
    /// The batch.
    pub batch: BatchTime,
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
}
