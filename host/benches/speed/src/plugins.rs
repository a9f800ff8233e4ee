//! The guests, through the host's own door.

use std::path::Path;
use std::sync::Arc;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::Schema;
use sluicebox::clock::BatchTime;
use sluicebox::memory::MemoryBudget;
use sluicebox::plugin::{
    AggregateBinding, Compiler, Digest, Limits, OperatorRef, PluginHost, PluginHostOptions, Policy, Task,
    TransformBinding,
};

use crate::measure::Result;

/// The host's memory: more than is ever used.
pub const MEMORY: u64 = 8 << 30;
/// Partitions worked on at a time.
pub const PARALLELISM: usize = 2;
/// The batch that all of it happens in.
pub const BATCH: BatchTime = BatchTime(1_000);

/// The benchmark's component, compiled.
pub struct Guests {
    /// The host that runs it.
    pub host: Arc<PluginHost>,
    digest: Digest,
    task: Task,
}

impl Guests {
    /// Compile the component.
    ///
    /// # Errors
    /// If it can't be read or isn't a plugin.
    pub fn new(component: &Path) -> Result<Self> {
        let memory = MemoryBudget::new(MEMORY);
        let host = PluginHost::new(PluginHostOptions {
            memory,
            parallelism: PARALLELISM,
            cache: None,
            compiler: Compiler::InProcess,
        })?;
        let bytes = std::fs::read(component).map_err(|error| format!("{}: {error}", component.display()))?;
        let digest = host.add(&bytes)?;
        let (job, stream) = ("speed".into(), "made".into());
        let (logged, done) = Default::default();
        let task = Task { job, stream, batch: BATCH, partition: 0, partitions: 1, attempt: 0, done, logged };
        Ok(Self { host, digest, task })
    }

    /// An operator of the component, with a job's default limits.
    pub fn operator(&self, name: &str) -> OperatorRef {
        OperatorRef {
            plugin: "speed".to_owned(),
            operator: name.to_owned(),
            digest: self.digest,
            config: "{}".to_owned(),
            limits: Limits::default(),
            on_reject: Policy::Fail,
            on_error: Default::default(),
        }
    }

    /// A transform, bound to the columns of `schema`.
    ///
    /// # Errors
    /// If the columns don't suit.
    pub fn transform(&self, name: &str, schema: &Schema) -> Result<Transform<'_>> {
        self.bound(self.operator(name), schema)
    }

    /// The same, of any operator.
    ///
    /// # Errors
    /// If the columns don't suit.
    pub fn bound(&self, operator: OperatorRef, schema: &Schema) -> Result<Transform<'_>> {
        let binding = self.host.bind_transform(&operator, schema)?;
        Ok(Transform { guests: self, operator, binding })
    }

    /// An aggregate, bound to the columns of `schema`.
    ///
    /// # Errors
    /// If the columns don't suit.
    pub fn aggregate(&self, name: &str, schema: &Schema) -> Result<Aggregate<'_>> {
        let operator = self.operator(name);
        let binding = self.host.bind_aggregate(&operator, schema)?;
        Ok(Aggregate { guests: self, operator, binding })
    }
}

/// A transform of the component.
pub struct Transform<'g> {
    guests: &'g Guests,
    /// How plans name it.
    pub operator: OperatorRef,
    /// What it was bound to.
    pub binding: TransformBinding,
}

impl Transform<'_> {
    /// A partition of these chunks in a fresh instance, which is dropped; the rows that it made.
    ///
    /// # Errors
    /// If the guest fails.
    pub fn partition(&self, chunks: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
        let mut task = self.open()?;
        let made = chunks.iter().map(|chunk| Ok(task.process(chunk)?.rows)).collect::<Result<_>>()?;
        task.finish()?;
        Ok(made)
    }

    /// A fresh instance at the beginning of a partition.
    ///
    /// # Errors
    /// If the guest fails.
    pub fn open(&self) -> Result<sluicebox::plugin::TransformTask> {
        Ok(self.guests.host.open_transform(&self.operator, &self.binding, &self.guests.task)?)
    }
}

/// An aggregate of the component.
pub struct Aggregate<'g> {
    guests: &'g Guests,
    operator: OperatorRef,
    binding: AggregateBinding,
}

impl Aggregate<'_> {
    /// Fold rows and finish what was folded, in a fresh instance, which is dropped.
    ///
    /// # Errors
    /// If the guest fails.
    pub fn fold(&self, values: &RecordBatch, groups: &[u32], n_groups: u32) -> Result<RecordBatch> {
        let mut task = self.guests.host.open_aggregate(&self.operator, &self.binding, &self.guests.task)?;
        let partials = task.partial(values, groups, n_groups)?;
        Ok(task.finish(&partials)?)
    }
}
