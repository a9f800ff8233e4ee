//! A plugin's sink as an output.
//!
//! A partition is written and prepared in a fresh instance, and what the guest prepared is what the batch's result keeps of it. A batch is committed,
//! or an attempt at it aborted, by a call in an instance of its own, which may be made any number of times.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::TryStreamExt;
use parking_lot::RwLock;
use serde_json::Value;

use crate::batch::ALL_ATTEMPTS;
use crate::clock::{BatchTime, Clock};
use crate::engine::operators::{self, MAX_TRIES, rows_per_call};
use crate::engine::reports::OperatorReport;
use crate::engine::{Reports, node};
use crate::error::{Error, Result};
use crate::output::columns::places;
use crate::output::{Sink, Staged, WriteId};
use crate::plugin::{
    Digest, OperatorRef, PluginError, PluginErrorKind, PluginHost, SinkBinding, SinkTask, Task, TaskReport,
};

/// The first pause before something outside, which couldn't be reached, is tried again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// What a plugin's sink is given.
#[derive(Debug, Clone)]
pub struct PluginSinkOptions {
    /// The sink.
    pub operator: OperatorRef,
    /// `columns`: the stream's columns to offer it, in this order; none: all.
    pub columns: Option<Vec<String>>,
    /// The job's name.
    pub job: Arc<str>,
    /// The output's name.
    pub output: Arc<str>,
}

/// Writes by a plugin's sink.
#[derive(Debug)]
pub struct PluginSink(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    options: PluginSinkOptions,
    host: Arc<PluginHost>,
    reports: Arc<Reports>,
    clock: Arc<dyn Clock>,
    /// The stream's columns, once they are known.
    schema: OnceLock<SchemaRef>,
    /// The sink in the component that it writes with now.
    component: RwLock<Option<Arc<Component>>>,
}

/// A sink in a component, bound to columns.
#[derive(Debug)]
struct Component {
    operator: OperatorRef,
    binding: SinkBinding,
}

impl PluginSink {
    /// A sink that is bound to no columns yet.
    pub fn new(
        options: PluginSinkOptions,
        host: Arc<PluginHost>,
        reports: Arc<Reports>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Parts { options, host, reports, clock, schema: OnceLock::new(), component: RwLock::default() }))
    }
}

#[async_trait::async_trait]
impl Sink for PluginSink {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        let bound = self.0.bound(self.0.options.operator.digest, schema)?;
        // A sink is bound once; were it bound again, it would be to the same columns.
        let _ = self.0.schema.set(schema.clone());
        *self.0.component.write() = Some(Arc::new(bound));
        Ok(())
    }

    fn check_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        self.0.with(components).map(drop)
    }

    fn use_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        if let Some(other) = self.0.with(components)? {
            *self.0.component.write() = Some(Arc::new(other));
        }
        Ok(())
    }

    async fn write(&self, id: WriteId, mut rows: SendableRecordBatchStream) -> Result<Staged> {
        let mut writing = Writing::new(&self.0, id)?;
        while let Some(rows) = rows.try_next().await.map_err(Error::failed)? {
            let length = rows_per_call(rows.num_rows(), node::bytes_of(&rows));
            for start in (0..rows.num_rows()).step_by(length) {
                writing.write(&rows.slice(start, length.min(rows.num_rows() - start))).await?;
            }
        }
        let committable = writing.prepare().await?;
        Ok(Staged { id, rows: writing.report.rows_in, committable: Value::String(to_hex(&committable)) })
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let committables = committables(staged)?;
        self.settle(batch, committables, PluginHost::commit_sink).await
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        let batches: std::collections::BTreeSet<BatchTime> = staged.iter().map(|staged| staged.id.batch).collect();
        for batch in batches {
            let of_batch: Vec<Staged> = staged.iter().filter(|staged| staged.id.batch == batch).cloned().collect();
            self.settle(batch, committables(&of_batch)?, PluginHost::abort_sink).await?;
        }
        Ok(())
    }
}

type Settle = fn(&PluginHost, &OperatorRef, &Task, &[Vec<u8>]) -> std::result::Result<TaskReport, PluginError>;

impl PluginSink {
    /// Commit or abort, again where that may help: both may be done any number of times.
    async fn settle(&self, batch: BatchTime, committables: Vec<Vec<u8>>, settle: Settle) -> Result<()> {
        let committables = Arc::new(committables);
        let mut attempt = 0;
        loop {
            let (parts, committables, component) = (self.0.clone(), committables.clone(), self.0.component()?);
            let task = parts.task(batch, 0, 0, attempt);
            let call = move || settle(&parts.host, &component.operator, &task, &committables);
            let error = match tokio::task::spawn_blocking(call).await.map_err(Error::failed)? {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            attempt += 1;
            if !error.is_retriable() || attempt == MAX_TRIES {
                return Err(error.into());
            }
            pause(&self.0, &error, attempt).await;
        }
    }
}

impl Parts {
    fn bound(&self, digest: Digest, schema: &SchemaRef) -> Result<Component> {
        let operator = OperatorRef { digest, ..self.options.operator.clone() };
        let offered = places(self.options.columns.as_deref(), schema)?;
        let columns: Vec<_> = offered.iter().map(|idx| schema.fields()[*idx].clone()).collect();
        let mut binding = self.host.bind_sink(&operator, &Schema::new(columns)).map_err(Error::invalid_display)?;
        binding.columns = binding.columns.iter().map(|idx| offered[*idx]).collect();
        Ok(Component { operator, binding })
    }

    /// The sink in another component; none where it is the same, or the sink isn't bound.
    fn with(&self, components: &BTreeMap<String, Digest>) -> Result<Option<Component>> {
        let Some(now) = self.component.read().clone() else { return Ok(None) };
        let other = components.get(&now.operator.plugin).filter(|digest| **digest != now.operator.digest);
        match (other, self.schema.get()) {
            (Some(digest), Some(schema)) => self.bound(*digest, schema).map(Some),
            _ => Ok(None),
        }
    }

    fn component(&self) -> Result<Arc<Component>> {
        self.component.read().clone().ok_or_else(|| Error::failed("the sink was not bound to columns"))
    }

    fn task(&self, batch: BatchTime, partition: u32, partitions: u32, attempt: u32) -> Task {
        let (job, stream) = (self.options.job.clone(), self.options.output.clone());
        Task { job, stream, batch, partition, partitions, attempt, done: 0, logged: Default::default() }
    }
}

/// What is outside needs time to come back; what was used up inside may be free at once.
fn pause<'a>(parts: &'a Parts, error: &PluginError, attempt: u32) -> impl Future<Output = ()> + Send + 'a {
    let outside = matches!(error.kind, PluginErrorKind::Unavailable(_));
    async move {
        if outside {
            parts.clock.pause(PAUSE * 2_u32.pow(attempt.min(MAX_TRIES) - 1)).await;
        }
    }
}

/// A partition being written.
struct Writing<'a> {
    parts: &'a Parts,
    component: Arc<Component>,
    id: WriteId,
    task: Task,
    instance: Option<SinkTask>,
    report: OperatorReport,
}

impl<'a> Writing<'a> {
    fn new(parts: &'a Parts, id: WriteId) -> Result<Self> {
        let component = parts.component()?;
        let task = parts.task(id.batch, id.partition, id.partitions, id.attempt);
        let report = OperatorReport { partitions: 1, ..OperatorReport::default() };
        Ok(Self { parts, component, id, task, instance: None, report })
    }

    async fn write(&mut self, chunk: &RecordBatch) -> Result<()> {
        let (instance, ()) = self.call(|instance| instance.write(chunk)).await?;
        self.instance = Some(instance);
        self.report.calls += 1;
        self.report.rows_in += chunk.num_rows() as u64;
        Ok(())
    }

    async fn prepare(&mut self) -> Result<Vec<u8>> {
        let (instance, ()) = self.call(|_| Ok(())).await?;
        let (committable, used) = operators::call(|| instance.prepare())?;
        operators::count(&mut self.report, &mut self.task, used);
        let used = operators::used(&self.component.operator, &self.task);
        self.parts.reports.add(self.id.batch, self.id.attempt, used, self.report.clone());
        Ok(committable)
    }

    /// Call the guest on a fresh instance if there is none, and again where that may help: as long as no other chunk was written, since what an
    /// instance has taken is gone with it.
    async fn call<T>(
        &mut self,
        mut call: impl FnMut(&mut SinkTask) -> std::result::Result<T, PluginError>,
    ) -> Result<(SinkTask, T)> {
        let first = self.report.calls == 0;
        let mut tries = 1;
        loop {
            let result = operators::call(|| {
                let mut instance = match self.instance.take() {
                    Some(instance) => instance,
                    None => {
                        let attempt = told(self.id, self.task.attempt - self.id.attempt);
                        {
                            let Component { operator, binding } = &*self.component;
                            self.parts.host.open_sink(operator, binding, &self.task, attempt)?
                        }
                    }
                };
                let value = call(&mut instance)?;
                Ok((instance, value))
            });
            let error: PluginError = match result {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if !error.is_retriable() || !first {
                return Err(error.into());
            }
            if tries == MAX_TRIES {
                return Err(error.give_up().into());
            }
            pause(self.parts, &error, tries).await;
            tries += 1;
            self.task.attempt += 1;
            self.report.retries += 1;
        }
    }
}

/// The attempt that a guest is told of, at the write `id` and after so many tries at it: higher than all before it, of this driver and of those that had the job before.
fn told(id: WriteId, tries: u32) -> u32 {
    let term = u32::try_from(id.term).unwrap_or(u32::MAX);
    term.saturating_mul(ALL_ATTEMPTS).saturating_add(id.attempt).saturating_mul(MAX_TRIES).saturating_add(tries)
}

fn committables(staged: &[Staged]) -> Result<Vec<Vec<u8>>> {
    let mut staged: Vec<&Staged> = staged.iter().collect();
    staged.sort_by_key(|staged| staged.id.partition);
    let bytes = |staged: &&Staged| {
        staged.committable.as_str().and_then(from_hex).ok_or_else(|| {
            let (partition, attempt) = (staged.id.partition, staged.id.attempt);
            Error::failed(format_args!("what partition {partition} staged in attempt {attempt} is no sink's"))
        })
    };
    staged.iter().map(bytes).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |bits: u8| char::from(DIGITS[usize::from(bits & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committables_are_text_in_the_log() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        assert_eq!(
            (to_hex(&[0, 0xaf]), from_hex("0"), from_hex("0g"), from_hex("")),
            ("00af".into(), None, None, Some(vec![]))
        );
    }

    #[test]
    fn no_two_attempts_at_a_partition_are_told_the_same() {
        let write = |term, attempt| WriteId { batch: BatchTime(0), partition: 0, partitions: 1, term, attempt };
        let mut all = vec![];
        for term in 0..3 {
            for attempt in 0..ALL_ATTEMPTS {
                all.extend((0..MAX_TRIES).map(|tries| told(write(term, attempt), tries)));
            }
        }
        assert_eq!(all[0], 0);
        assert!(all.is_sorted_by(|before, after| before < after), "{all:?}");
        assert_eq!(told(write(u64::MAX, 1), 1), u32::MAX);
    }

    #[test]
    fn a_batch_is_committed_in_the_order_of_its_partitions() {
        let staged = |partition, committable: Value| Staged {
            id: WriteId { batch: BatchTime(1), partition, partitions: 2, term: 0, attempt: 0 },
            rows: 0,
            committable,
        };
        let both = [staged(1, "02".into()), staged(0, "01".into())];
        assert_eq!(committables(&both).unwrap(), [[1], [2]]);
        let error = committables(&[staged(3, Value::Null)]).unwrap_err().to_string();
        assert_eq!(error, "what partition 3 staged in attempt 0 is no sink's");
    }
}
