//! DataFusion: the session, the CPU runtime, the plan nodes that are ours, and the codec that makes plans bytes.
//!
//! | file | what is in it |
//! |---|---|
//! | [`runtime`] | [`Engine`]: runs a plan's partitions, into the [`DatasetStore`] or into a consumer |
//! | [`services`] | what plan nodes find in their task: nodes themselves are bytes only |
//! | [`blocks`], [`datasets`], [`reports`] | received rows, materialized streams, what tasks tell the driver |
//! | [`block_scan`], [`dataset_scan`], [`offset_scan`] | the leaves: they name rows and never hold any |
//! | [`exchange`], [`shuffle`] | shuffles that keep order and partition counts; where rows of a key go |
//! | [`plans`] | what streams ask for, in the words of `dstream` |
//! | [`transform`], [`plugin_aggregate`] | the nodes that call plugins, through the seam in [`operators`] |
//! | [`left_out`], `whole_partition`, [`dead_letters`] | rows that operators reject or fail at |
//! | [`window_aggregate`], [`window_fold`], [`aligned_union`] | windows that are made of the window before |
//! | [`aggregate`] | built-in aggregates |
//! | [`cogroup`] | the rows of a key together: joins, lists |
//! | [`state`], `state_task`, `state_plans`, [`state_builtin`], [`state_snapshot`] | keyed state: its node, what a task does, the host's own updates, all of it as rows |
//! | [`filter`], [`sql`] | SQL, an expression or a whole query |
//! | [`frames`] | DataFrames, for a program's own functions |
//! | [`codec`] | plans to bytes and back |
//! | [`memory_pool`] | DataFusion's memory out of the job's budget |
//! | [`error`] | what failed, where, and whether running again may help |
//!
//! The optimizer runs on SQL only; every other plan runs as it was built, so nothing is dropped, repeated, pushed down or repartitioned.

pub mod aggregate;
pub mod aligned_union;
pub mod assign_windows;
mod batch_time;
mod beside;
pub mod block_scan;
pub mod blocks;
pub mod codec;
pub mod cogroup;
pub mod dataset_scan;
pub mod datasets;
pub mod dead_letters;
pub mod error;
pub mod event_time;
mod event_windows;
pub mod exchange;
pub mod filter;
mod fold;
pub mod frames;
mod keys;
pub mod keys_left_out;
pub mod left_out;
pub mod memory_pool;
pub(crate) mod node;
pub mod offset_scan;
pub mod operators;
pub mod plans;
pub mod plugin_aggregate;
pub mod reports;
pub mod runtime;
pub mod services;
pub mod sessionize;
pub mod shuffle;
pub mod sql;
pub mod state;
pub mod state_builtin;
mod state_plans;
pub mod state_snapshot;
mod state_task;
#[cfg(test)]
pub(crate) mod testing;
pub mod transform;
mod whole_partition;
pub mod window_aggregate;
pub mod window_fold;
mod windows;

pub use block_scan::BlockScanExec;
pub use blocks::BlockStore;
pub use cogroup::{CogroupExec, Together};
pub use dataset_scan::DatasetScanExec;
pub use datasets::{DatasetInfo, DatasetStore, KeptDataset};
pub use dead_letters::{DeadLetterLimits, DeadLetters};
pub use error::{EngineError, StateNotMigrated};
pub use exchange::{ExchangeExec, ExchangeMode};
pub use offset_scan::{OffsetReaders, OffsetScanExec};
pub use operators::Operators;
pub use plans::Plans;
pub use plugin_aggregate::{PluginAggregate, PluginAggregateExec};
pub use reports::Reports;
pub use runtime::{Engine, EngineOptions};
pub use services::Services;
pub use shuffle::Shuffle;
pub use transform::TransformExec;
pub use windows::{Slid, WindowFold};
