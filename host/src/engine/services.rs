//! What plan nodes need from the host. It is put into the session once; nodes find it in their task, so plans stay bytes only.

use std::sync::Arc;

use datafusion::common::{Result, internal_datafusion_err};
use datafusion::execution::TaskContext;

use super::{BlockStore, DatasetStore, DeadLetters, OffsetReaders, Operators, Reports};
use crate::memory::MemoryBudget;
use crate::state::StateStore;

/// The host's side of a running job, shared by all tasks.
#[derive(Debug, Clone)]
pub struct Services {
    /// The job's name.
    pub job: Arc<str>,
    /// The job's plugins.
    pub plugins: Arc<dyn Operators>,
    /// The job's memory.
    pub memory: MemoryBudget,
    /// Received rows.
    pub blocks: Arc<BlockStore>,
    /// What reads the messages of sources that are read by offsets.
    pub offset_readers: Arc<OffsetReaders>,
    /// Materialized streams.
    pub datasets: Arc<DatasetStore>,
    /// Keyed state.
    pub state: Arc<StateStore>,
    /// Rows that were left out, of attempts under way.
    pub dead_letters: Arc<DeadLetters>,
    /// What tasks tell the driver.
    pub reports: Arc<Reports>,
}

impl Services {
    /// The services of the engine that runs this task.
    ///
    /// # Errors
    /// In a session that isn't an engine's.
    pub fn of(task: &TaskContext) -> Result<Arc<Self>> {
        task.session_config()
            .get_extension::<Self>()
            .ok_or_else(|| internal_datafusion_err!("the plan runs in a session without the job's services"))
    }
}
