//! What a job file says, made ready: the graph, and what it reads from and writes to. A running job goes from one edition to the next between two batches, when another job file is applied to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Backpressure;
use super::broadcasts::Broadcasts;
use super::listener::Listeners;
use super::tables::StaticTables;
use super::vouched::Vouched;
use crate::checkpoint::Store;
use crate::context::about::About;
use crate::dstream::{Binder, Graph};
use crate::engine::{Engine, OffsetReaders, Plans};
use crate::job::definition::Definition;
use crate::output::Sink;
use crate::plugin::{Digest, PluginHost};
use crate::receiver::InputStream;
use crate::receiver::wal::ReceivedLog;

/// One edition of a job. What it has in common with the one before is shared with it.
#[derive(Debug)]
pub struct Edition {
    /// The streams, with the components that the job file names.
    pub graph: Arc<Graph>,
    /// Binds the streams to other components.
    pub binder: Arc<Binder>,
    /// The sources, by stream name.
    pub sources: BTreeMap<String, Arc<dyn InputStream>>,
    /// The static tables that streams read.
    pub tables: StaticTables,
    /// The values that plugins read.
    pub broadcasts: Arc<Broadcasts>,
    /// The sinks, in the order of the graph's outputs.
    pub sinks: Vec<Arc<dyn Sink>>,
    /// The job's components, where there is a checkpoint to keep them in.
    pub components: BTreeMap<Digest, Vouched>,
    /// What tells sources how fast to take rows in.
    pub backpressure: Arc<Backpressure>,
    /// How long a graceful stop may take.
    pub stop_timeout: Duration,
    /// What is told of it.
    pub about: Arc<About>,
    /// Readers of its sources that aren't in place yet.
    pub offset_readers: OffsetReaders,
}

/// What all editions of a job have in common.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Runs plans.
    pub engine: Arc<Engine>,
    /// Makes plans.
    pub plans: Arc<Plans>,
    /// Where the job's components are.
    pub plugins: Arc<PluginHost>,
    /// As [`super::Parts::checkpoint`].
    pub checkpoint: Option<Store>,
    /// As [`super::Parts::received`].
    pub received: Option<ReceivedLog>,
    /// Who is told of events.
    pub listeners: Listeners,
    /// The job as it is now.
    pub edition: Arc<Edition>,
}

impl Edition {
    /// What was asked for.
    pub fn definition(&self) -> &Definition {
        &self.binder.definition
    }

    /// The same with these sources.
    pub fn with_sources(&self, sources: BTreeMap<String, Arc<dyn InputStream>>) -> Self {
        Self {
            graph: self.graph.clone(),
            binder: self.binder.clone(),
            sources,
            tables: StaticTables(self.tables.0.clone()),
            broadcasts: self.broadcasts.clone(),
            sinks: self.sinks.clone(),
            components: self.components.clone(),
            backpressure: self.backpressure.clone(),
            stop_timeout: self.stop_timeout,
            about: self.about.clone(),
            offset_readers: OffsetReaders::default(),
        }
    }

    /// The sink of an output.
    pub fn sink(&self, output: &str) -> Option<&Arc<dyn Sink>> {
        let idx = self.graph.outputs.iter().position(|of| of.name == output)?;
        self.sinks.get(idx)
    }
}
