//! What of a running job can be looked at from outside, at any time: it holds up no batch.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use super::driver::receiver_info;
use super::edition::Edition;
use super::listener::ReceiverInfo;
use crate::context::about::About;
use crate::memory::MemoryBudget;
use crate::plugin::{PluginHost, PluginMetrics};
use crate::receiver::InputStream;
use crate::state::StateStore;

/// The parts of a running job that say how they stand; clones share them.
#[derive(Debug, Clone)]
pub struct Live {
    pub(super) editions: watch::Receiver<Arc<Edition>>,
    pub(super) state: Arc<StateStore>,
    pub(super) memory: MemoryBudget,
    pub(super) plugins: Arc<PluginHost>,
    pub(super) term: Arc<OnceLock<u64>>,
}

/// How much a stateful stream keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateSize {
    /// The stream's name.
    pub stream: Arc<str>,
    /// The version of its state.
    pub version: u32,
    /// Keys that have state.
    pub keys: u64,
    /// About how many bytes they and their state take.
    pub live_bytes: u64,
    /// Bytes of memory reserved for them, with what isn't cleared away yet.
    pub held_bytes: u64,
    /// The most bytes that they may take, where the job says so.
    pub bound_bytes: Option<u64>,
}

impl Live {
    /// The driver's term: 0 where batches are recorded in memory only, none before it has taken over.
    pub fn term(&self) -> Option<u64> {
        self.term.get().copied()
    }

    /// How each source stands, and the most rows that it takes in a second, where something limits them.
    pub fn receivers(&self) -> Vec<(ReceiverInfo, Option<f64>)> {
        let edition = self.editions.borrow().clone();
        let shown =
            |(name, source): (&String, &Arc<dyn InputStream>)| (receiver_info(name, source.as_ref()), source.rate());
        edition.sources.iter().map(shown).collect()
    }

    /// How much each stateful stream keeps, in the order of their names. It looks at each key group, each for a moment.
    pub fn state(&self) -> Vec<StateSize> {
        let size = |state: Arc<crate::state::StreamState>| StateSize {
            stream: state.stream().clone(),
            version: state.spec().version,
            keys: state.n_keys(),
            live_bytes: state.live_bytes(),
            held_bytes: state.held_bytes(),
            bound_bytes: state.spec().bound,
        };
        self.state.streams().into_iter().map(size).collect()
    }

    /// What the job is now.
    pub fn about(&self) -> Arc<About> {
        self.editions.borrow().about.clone()
    }

    /// The job's memory.
    pub fn memory(&self) -> &MemoryBudget {
        &self.memory
    }

    /// What all plugins did so far.
    pub fn plugins(&self) -> PluginMetrics {
        self.plugins.metrics()
    }
}
