//! The loop: at each batch time, plan(t) is recorded, the batch runs, result(t) is recorded, outputs are committed, done(t) is recorded.
//!
//! Two tasks share the work. [`generate`] waits for batch times and plans; [`run`] takes planned batches one at a time, in order. Between them is a queue of at
//! most `[job] max-waiting-batches`; while it is full no batch is planned, and what arrives meanwhile is in the next one. What is absent: nothing here knows what a
//! source, a sink or the log is made of.

mod allowed;
mod apply;
mod backpressure;
pub mod broadcasts;
mod canary;
pub mod carry_over;
mod changes;
mod components;
pub mod differences;
mod driver;
mod edition;
mod generate;
mod keep;
pub mod lease;
pub mod listener;
mod live;
pub mod log;
mod migrate;
pub mod recorded;
mod recover;
mod remembered;
pub mod replay;
mod run;
mod swap;
mod sweep_components;
pub mod tables;
pub mod vouched;

pub use apply::{Wish, job_file};
pub use backpressure::Backpressure;
pub(crate) use canary::memory;
pub use canary::{CanaryRequest, ComparedStream, Comparison, MAX_CANARY, Made};
pub use changes::{ApplyPlan, Candidate, Change, ChangeKind};
pub use driver::{Driver, Parts, Stop};
pub use edition::{Edition, Shared};
pub use live::{Live, StateSize};
pub use remembered::{Dataset, Remembered};
pub use swap::{RollbackRequest, SwapRequest};

/// How often a batch is run at most, the first time included, when it fails in a way that may not happen again.
pub const ATTEMPTS: u32 = 5;
/// How often a batch goes back to an earlier component at most, as it fails with the one that it was planned with.
const BACK_OUTS: u32 = 8;
/// How often a batch is run at most, with whatever components.
pub const ALL_ATTEMPTS: u32 = ATTEMPTS * (1 + BACK_OUTS);
