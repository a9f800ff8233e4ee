//! The engine: a CPU runtime of its own, DataFusion's session, and the running of plans on them.
//!
//! Guests are called on this runtime's threads, so nothing else lives there: receivers, the server and the batch loop have another. At most
//! `parallelism` partitions of a plan run at a time; the first error ends the others.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use datafusion::common::DataFusionError;
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::TaskContext;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use super::error::{BoxError, external};
use super::memory_pool::BudgetPool;
use super::{DatasetInfo, EngineError, Services, codec, node};
use crate::clock::BatchTime;
use crate::error::{Error, Result};
use crate::memory::Share;

/// Rows of a record batch where DataFusion chooses; what readers, filters and aggregates make.
const BATCH_ROWS: usize = 8192;

/// What an engine is made of.
#[derive(Debug)]
pub struct EngineOptions {
    /// Threads, and partitions worked on at a time; at least 1.
    pub parallelism: usize,
    /// The job's number of key groups; at least 1.
    pub key_groups: u32,
    /// What plan nodes find in their tasks.
    pub services: Services,
    /// Whether every plan goes through its bytes before it runs: what a cluster does, and tests always do.
    pub roundtrip_plans: bool,
    /// The most that operators may spill to temporary files, in bytes.
    pub spill: u64,
}

impl EngineOptions {
    /// Options that suit a job in one process.
    pub fn new(parallelism: usize, key_groups: u32, services: Services) -> Self {
        Self { parallelism, key_groups, services, roundtrip_plans: false, spill: 16 << 30 }
    }
}

/// Runs plans.
pub struct Engine {
    /// Taken when the engine is dropped, and not before.
    runtime: Option<Runtime>,
    task: Arc<TaskContext>,
    services: Arc<Services>,
    parallelism: usize,
    key_groups: u32,
    roundtrip_plans: bool,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("parallelism", &self.parallelism)
            .field("key_groups", &self.key_groups)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Start the engine's threads.
    ///
    /// # Errors
    /// When the system gives no threads or no temporary folder.
    pub fn new(options: EngineOptions) -> Result<Self> {
        let parallelism = options.parallelism.max(1);
        let services = Arc::new(options.services);
        let runtime = Builder::new_multi_thread()
            .worker_threads(parallelism)
            .thread_name("sluicebox-cpu")
            .enable_all()
            .build()
            .map_err(|error| Error::failed(format!("the engine's threads can't be started: {error}")))?;
        let pool = BudgetPool::new(&services.memory).map_err(Error::failed)?;
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::OsTmpDirectory)
            .with_max_temp_directory_size(options.spill);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_disk_manager_builder(disk)
            .build_arc()
            .map_err(|error| Error::failed(format!("the engine can't be set up: {error}")))?;
        let state = SessionStateBuilder::new()
            .with_config(session_config(parallelism).with_extension(services.clone()))
            .with_runtime_env(environment)
            .with_default_features()
            .build();
        let task = state.task_ctx();
        Ok(Self {
            runtime: Some(runtime),
            task,
            services,
            parallelism,
            key_groups: options.key_groups.max(1),
            roundtrip_plans: options.roundtrip_plans,
        })
    }

    /// Partitions worked on at a time.
    pub fn parallelism(&self) -> usize {
        self.parallelism
    }

    /// The job's number of key groups.
    pub fn key_groups(&self) -> u32 {
        self.key_groups
    }

    /// What plan nodes find in their tasks.
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// What every task of this engine gets.
    pub(crate) fn task(&self) -> &Arc<TaskContext> {
        &self.task
    }

    /// Run every partition of the plan to its end, and keep the rows as the dataset of `stream` in `batch`.
    ///
    /// # Errors
    /// The first that a partition ends with; memory for rows of other partitions is given back.
    pub async fn materialize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        stream: &Arc<str>,
        batch: BatchTime,
        attempt: u32,
    ) -> Result<DatasetInfo, EngineError> {
        let (services, name) = (self.services.clone(), stream.clone());
        let rows = self
            .run_partitions(plan, stream, batch, attempt, move |partition, rows| {
                keep(services.clone(), name.clone(), batch, partition, rows)
            })
            .await?;
        Ok(DatasetInfo { partitions: rows.len(), rows: rows.iter().sum() })
    }

    /// Hand every partition of the plan to `consume`, which reads it to its end, on the engine's threads; what it returns, by partition.
    ///
    /// `stream` names in errors what the plan is for.
    ///
    /// # Errors
    /// The first that a partition or its consumer ends with; the other partitions are ended before this returns. Where rows failed to
    /// be made, that is the cause, whatever the consumer makes of it.
    pub async fn run_partitions<F, Fut, T, E>(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        stream: &Arc<str>,
        batch: BatchTime,
        attempt: u32,
        consume: F,
    ) -> Result<Vec<T>, EngineError>
    where
        F: Fn(u32, SendableRecordBatchStream) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        let failed = |partition: Option<usize>, cause: BoxError| EngineError {
            stream: stream.clone(),
            is_output: false,
            batch,
            attempt,
            partition: partition.map(node::number),
            cause,
        };
        let plan = self.prepared(plan).map_err(|error| failed(None, error.into()))?;
        let partitions = node::partition_count(plan.as_ref());
        let consume = Arc::new(consume);
        let mut made: Vec<Option<T>> = (0..partitions).map(|_| None).collect();
        let mut tasks = JoinSet::new();
        let mut next = 0;
        while next < partitions || !tasks.is_empty() {
            while next < partitions && tasks.len() < self.parallelism {
                let (plan, task, consume, partition) = (plan.clone(), self.task.clone(), consume.clone(), next);
                let run = async move {
                    let result = run_partition(plan, task, partition, consume.as_ref()).await;
                    (partition, result)
                };
                self.spawn(&mut tasks, run);
                next += 1;
            }
            let failure = match tasks.join_next().await {
                None => break,
                Some(Ok((partition, Ok(result)))) => {
                    made[partition] = Some(result);
                    continue;
                }
                Some(Ok((partition, Err(cause)))) => failed(Some(partition), cause),
                Some(Err(ended)) => failed(None, DataFusionError::ExecutionJoin(Box::new(ended)).into()),
            };
            // A guest's call can't be ended from outside; its time limit bounds how long this takes.
            tasks.shutdown().await;
            return Err(failure);
        }
        Ok(made.into_iter().flatten().collect())
    }

    fn spawn<T: Send + 'static>(&self, tasks: &mut JoinSet<T>, task: impl Future<Output = T> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            tasks.spawn_on(task, runtime.handle());
        }
    }

    /// The plan as it is run.
    fn prepared(&self, plan: Arc<dyn ExecutionPlan>) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        match self.roundtrip_plans {
            true => codec::decode(&codec::encode(plan)?, self),
            false => Ok(plan),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Dropped inside another runtime as a rule, where waiting for threads isn't allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// DataFusion as we use it: nothing repartitions, nothing is pushed down at run time, strings are plain, names are as they are written.
pub(super) fn session_config(parallelism: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(parallelism)
        .with_batch_size(BATCH_ROWS)
        .with_round_robin_repartition(false)
        .with_information_schema(false);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.execution.parquet.schema_force_view_types = false;
    options.execution.collect_statistics = false;
    options.optimizer.repartition_file_scans = false;
    options.optimizer.prefer_existing_union = true;
    // Filters made while a query runs depend on which partition is first, and make partitions wait for one another.
    options.optimizer.enable_dynamic_filter_pushdown = false;
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    options.optimizer.enable_join_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    config
}

async fn run_partition<F, Fut, T, E>(
    plan: Arc<dyn ExecutionPlan>,
    task: Arc<TaskContext>,
    partition: usize,
    consume: &F,
) -> Result<T, BoxError>
where
    F: Fn(u32, SendableRecordBatchStream) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: Into<BoxError>,
{
    let rows = plan.execute(partition, task)?;
    let (rows, seen) = with_error_seen(rows);
    let result = consume(node::number(partition), rows).await;
    let seen = seen.lock().take();
    match (result, seen) {
        (Ok(result), None) => Ok(result),
        (_, Some(error)) => Err(DataFusionError::Shared(error).into()),
        (Err(error), None) => Err(error.into()),
    }
}

type Seen = Arc<Mutex<Option<Arc<DataFusionError>>>>;

/// Remember an error that passes, since consumers make texts of them.
fn with_error_seen(rows: SendableRecordBatchStream) -> (SendableRecordBatchStream, Seen) {
    let seen = Seen::default();
    let (schema, note) = (rows.schema(), seen.clone());
    let rows = rows.map(move |rows| {
        rows.map_err(|error| {
            let error = Arc::new(error);
            *note.lock() = Some(error.clone());
            DataFusionError::Shared(error)
        })
    });
    (Box::pin(RecordBatchStreamAdapter::new(schema, rows)), seen)
}

/// Read a partition into the dataset store; its rows' number.
async fn keep(
    services: Arc<Services>,
    stream: Arc<str>,
    batch: BatchTime,
    partition: u32,
    mut rows: SendableRecordBatchStream,
) -> DataFusionResult<u64> {
    let mut reservation = services.memory.try_reserve(Share::Engine, 0).map_err(external)?;
    let (mut kept, mut n_rows) = (Vec::new(), 0);
    while let Some(rows) = rows.next().await {
        let rows = rows?;
        if rows.num_rows() > 0 {
            let bytes = reservation.bytes().saturating_add(node::bytes_of(&rows) as u64);
            reservation.resize(bytes).map_err(external)?;
            n_rows += rows.num_rows() as u64;
            kept.push(rows);
        }
    }
    services.datasets.insert(&stream, batch, partition, kept, reservation);
    Ok(n_rows)
}
