//! Plugins' receivers as a source.
//!
//! A stream has one or several receivers, each an instance on a thread of its own with blocks of its own. The host pulls: it asks for rows, puts them into
//! a block together with the position after them, and asks again when there is room. What a block covers is acknowledged once the batch that read it is
//! done, in order. An instance that fails is replaced by a new one, which starts at the position of the last rows taken in, after a pause that
//! grows; nothing of what was taken in is lost or received twice.
//!
//! Where the job has a checkpoint, a position is acknowledged as soon as all rows up to it are in the log of received blocks, and a job that goes on starts at the last that is there.
//! With `log = false` only positions are logged, once batches have come to them.
//!
//! When the source is stopped, or its end has come, its instances stay until all batches are done, so that the last rows are acknowledged too.

mod acks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::{Mutex, RwLock};
use tokio::runtime::Handle;
use tokio::sync::watch;

use self::acks::Acks;
use crate::clock::{BatchTime, Clock, Stopwatch};
use crate::engine::{BlockScanExec, BlockStore, node};
use crate::error::{Error, Result};
use crate::job::types::SchemaNames;
use crate::memory::MemoryBudget;
use crate::plugin::{Digest, OperatorRef, PluginError, PluginHost, Received, ReceiverBinding, ReceiverTask, Task};
use crate::receiver::block::{BlockGenerator, BlockOptions, Phase};
use crate::receiver::rate::{RateLimiter, RateLimits};
use crate::receiver::rows::RowBlock;
use crate::receiver::wal::{self, ReceivedLog, StreamLog};
use crate::receiver::{BlockId, InputRange, InputStatus, InputStream, Past};

/// The pause before a receiver that failed is started again; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The pause after a receiver came back early without rows; each further one is twice as long, up to `max-time`.
const IDLE_PAUSE: Duration = Duration::from_millis(1);

/// The most receivers of plugins in a job: each holds an instance as long as the job runs.
pub const MAX_RECEIVERS: u32 = 32;

/// How a plugin's receivers are run.
#[derive(Debug, Clone)]
pub struct ReceiverOptions {
    /// The receiver.
    pub operator: OperatorRef,
    /// The job's name.
    pub job: Arc<str>,
    /// `receivers`: how many of it.
    pub receivers: u32,
    /// `max-rows`: rows asked for at a time.
    pub max_rows: u32,
    /// `max-time`: how long it is waited for rows.
    pub max_time: Duration,
    /// `on-failure = "fail"`: an error of a receiver fails the job.
    pub fail: bool,
    /// A receiver that fails for long fails the job, since somebody waits for its end.
    pub drain: bool,
    /// How long a draining receiver may fail.
    pub give_up_after: Duration,
    /// How blocks are cut.
    pub blocks: BlockOptions,
    /// `max-rate` and `initial-rate`, of all receivers together.
    pub rates: RateLimits,
    /// `log`: whether blocks are logged where the job has a checkpoint.
    pub log: bool,
}

/// The receivers of a stream.
#[derive(Debug)]
pub struct PluginReceiver(Arc<Receiving>);

/// What the source and its threads share.
#[derive(Debug)]
struct Receiving {
    stream: Arc<str>,
    options: ReceiverOptions,
    /// The component whose instances are started from now on.
    component: RwLock<Arc<Component>>,
    schema: SchemaRef,
    host: Arc<PluginHost>,
    clock: Arc<dyn Clock>,
    store: Arc<BlockStore>,
    /// Of a job with a checkpoint.
    log: Option<Arc<StreamLog>>,
    lanes: Vec<Lane>,
    limiter: RateLimiter,
    /// Blocks that an allocation has taken before it failed.
    taken: Mutex<Vec<BlockId>>,
    last_error: Mutex<Option<(i64, String)>>,
}

/// A receiver in a component.
#[derive(Debug)]
struct Component {
    operator: OperatorRef,
    binding: ReceiverBinding,
}

/// One receiver.
#[derive(Debug)]
struct Lane {
    number: u32,
    blocks: BlockGenerator<RowBlock>,
    /// Of a job with a checkpoint.
    log: Option<Arc<StreamLog>>,
    acks: Acks,
    /// Up to where in the log it is acknowledged.
    acked: Mutex<Option<u64>>,
    started: AtomicBool,
    end: watch::Sender<End>,
}

/// Whether a receiver still gives rows, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    NotStarted,
    Running,
    Stopped,
    Ended,
    Failed(String),
    /// Its thread is gone.
    Gone,
}

impl PluginReceiver {
    /// The receivers of `stream`, which begin when it is started, and take part in the `log` of the job's checkpoint; its own part says whether it logs.
    ///
    /// # Errors
    /// When there is no such receiver, or it refuses its configuration.
    pub fn new(
        stream: Arc<str>,
        options: ReceiverOptions,
        host: Arc<PluginHost>,
        clock: Arc<dyn Clock>,
        budget: &MemoryBudget,
        store: Arc<BlockStore>,
        log: Option<&ReceivedLog>,
    ) -> Result<Self> {
        let binding = host.bind_receiver(&options.operator).map_err(Error::invalid_display)?;
        let part = |log| {
            Arc::new(StreamLog::new(
                log,
                stream.clone(),
                binding.schema.clone(),
                store.clone(),
                budget.clone(),
                options.log,
            ))
        };
        let log = log.map(part);
        let lane = |number| Lane {
            number,
            blocks: BlockGenerator::new(stream.clone(), options.blocks, clock.clone(), budget.clone(), store.clone())
                .numbered(u64::from(number), u64::from(options.receivers))
                .logged(log.clone(), number),
            log: log.clone(),
            acks: Acks::default(),
            acked: Mutex::new(None),
            started: AtomicBool::new(false),
            end: watch::Sender::new(End::NotStarted),
        };
        let lanes = (0..options.receivers).map(lane).collect();
        let limiter = RateLimiter::new(options.rates, options.blocks.interval, clock.clone());
        let (last_error, taken) = (Mutex::new(None), Mutex::default());
        let (operator, schema) = (options.operator.clone(), binding.schema.clone());
        let component = RwLock::new(Arc::new(Component { operator, binding }));
        let receiving = Receiving {
            stream,
            options,
            component,
            schema,
            host,
            clock,
            store,
            log,
            lanes,
            taken,
            limiter,
            last_error,
        };
        Ok(Self(Arc::new(receiving)))
    }
}

impl Drop for PluginReceiver {
    fn drop(&mut self) {
        // Whoever started the source closes it; where that didn't come to pass, its threads end all the same.
        for lane in &self.0.lanes {
            lane.blocks.finish();
            lane.acks.close();
        }
    }
}

#[async_trait::async_trait]
impl InputStream for PluginReceiver {
    fn schema(&self) -> SchemaRef {
        self.0.schema.clone()
    }

    fn set_rate(&self, rows_per_second: f64) {
        self.0.limiter.set_rate(rows_per_second);
    }

    fn rate(&self) -> Option<f64> {
        self.0.limiter.rate()
    }

    fn check_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        self.0.with(components).map(drop)
    }

    fn use_components(&self, components: &BTreeMap<String, Digest>) -> Result<()> {
        if let Some(other) = self.0.with(components)? {
            *self.0.component.write() = Arc::new(other);
        }
        Ok(())
    }

    async fn recover(&self, past: Past) -> Result<()> {
        self.0.recover(&past)
    }

    fn standing(&self) -> Result<Option<Vec<u8>>> {
        self.0.log.as_ref().map_or(Ok(None), |log| log.standing())
    }

    async fn start(&self) -> Result<()> {
        self.0.recover(&Past::default())?;
        for idx in 0..self.0.lanes.len() {
            let (receiving, runtime) = (self.0.clone(), Handle::current());
            let thread = std::thread::Builder::new().name(format!("receive-{}-{idx}", self.0.stream));
            self.0.lanes[idx].end.send_replace(End::Running);
            thread.spawn(move || receiving.run(&receiving.lanes[idx], &runtime)).map_err(|error| {
                self.0.lanes[idx].end.send_replace(End::NotStarted);
                let stream = &self.0.stream;
                Error::failed(format_args!("stream \"{stream}\": can't start a thread to receive on: {error}"))
            })?;
        }
        Ok(())
    }

    async fn allocate(&self, _: BatchTime) -> Result<InputRange> {
        let mut all = std::mem::take(&mut *self.0.taken.lock());
        all.extend(self.0.log.iter().flat_map(|log| log.take_waiting()));
        for lane in &self.0.lanes {
            let blocks = match &lane.log {
                Some(log) if log.is_logging() => {
                    lane.blocks.allocate_marked().await.map(|blocks| blocks.into_iter().map(|(id, _)| id).collect())
                }
                _ => lane.acks.allocate(|| lane.blocks.allocate_now()),
            };
            match blocks {
                Ok(blocks) => all.extend::<Vec<BlockId>>(blocks),
                Err(error) => {
                    *self.0.taken.lock() = all;
                    return Err(error);
                }
            }
        }
        Ok(InputRange::Blocks(all))
    }

    fn rows(&self, range: &InputRange) -> Option<u64> {
        let InputRange::Blocks(blocks) = range else { return None };
        self.0.store.rows_of(blocks)
    }

    fn plan(&self, _: BatchTime, _: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>> {
        let blocks = range.blocks(&self.0.stream)?;
        Ok(Arc::new(BlockScanExec::new(self.0.stream.clone(), blocks.to_vec(), self.schema())))
    }

    fn release(&self, t: BatchTime, range: &InputRange) {
        let InputRange::Blocks(blocks) = range else { return };
        if let Some(log) = &self.0.log {
            log.done(t, blocks);
        }
        for BlockId { number, .. } in blocks.iter().inspect(|id| self.0.store.remove(id)) {
            let lane = usize::try_from(number % self.0.lanes.len() as u64).ok().and_then(|lane| self.0.lanes.get(lane));
            if let Some(lane) = lane {
                lane.acks.released(*number);
                if let Err(error) = lane.keep_position() {
                    tracing::warn!(target: "sluicebox::receiver", stream = &*self.0.stream, %error, "rows of a batch that is done can't be acknowledged");
                }
            }
        }
    }

    async fn stop(&self) {
        for lane in &self.0.lanes {
            lane.blocks.finish();
        }
        for lane in &self.0.lanes {
            // The sender lives as long as self, so this can't fail.
            let _ = lane.end.subscribe().wait_for(|end| *end != End::Running).await;
            lane.blocks.stop_adding();
        }
    }

    async fn close(&self) {
        for lane in &self.0.lanes {
            lane.acks.close();
        }
        for lane in &self.0.lanes {
            let gone = |end: &End| matches!(end, End::Gone | End::NotStarted);
            let _ = lane.end.subscribe().wait_for(gone).await;
        }
    }

    async fn ended(&self) -> Result<()> {
        let ended = self.0.lanes.iter().map(|lane| async {
            let mut end = lane.end.subscribe();
            let by_itself = |end: &End| matches!(end, End::Ended | End::Failed(_));
            match end.wait_for(by_itself).await.as_deref() {
                Ok(End::Failed(reason)) => Err(Error::failed(reason)),
                _ => Ok(()),
            }
        });
        let ended = futures::future::try_join_all(ended);
        wal::unless_broken(self.0.log.as_deref(), async { ended.await.map(drop) }).await
    }

    fn status(&self) -> InputStatus {
        InputStatus {
            rows_received: self.0.lanes.iter().map(|lane| lane.blocks.rows_received()).sum(),
            lines_dropped: 0,
            active: self.0.lanes.iter().any(|lane| lane.started.load(Ordering::Relaxed)),
            last_error: self.0.last_error.lock().clone(),
        }
    }
}

/// Says that the thread is gone, even if it panicked.
struct Going<'a>(&'a Lane);

impl Drop for Going<'_> {
    fn drop(&mut self) {
        self.0.started.store(false, Ordering::Relaxed);
        self.0.end.send_replace(End::Gone);
    }
}

/// Why an instance gives no more rows.
enum Over {
    Stopped,
    Ended,
    /// Another component goes on from here.
    Swapped,
    /// The instance is lost.
    Broken(PluginError),
    Failed(Error),
}

impl Receiving {
    /// The receiver in another component; none where it is the same.
    fn with(&self, components: &BTreeMap<String, Digest>) -> Result<Option<Component>> {
        let now = self.component.read().clone();
        let Some(digest) = components.get(&now.operator.plugin).filter(|digest| **digest != now.operator.digest) else {
            return Ok(None);
        };
        let operator = OperatorRef { digest: *digest, ..now.operator.clone() };
        let about = |what: String| Error::invalid(format!("stream \"{}\": {what}", self.stream));
        let binding = self.host.bind_receiver(&operator).map_err(|error| about(error.to_string()))?;
        if binding.schema != self.schema {
            let (then, now) = (SchemaNames(&self.schema), SchemaNames(&binding.schema));
            return Err(about(format!("its rows had the columns ({then}), and with this component ({now})")));
        }
        if binding.replayable != now.binding.replayable {
            let replays = |replayable| if replayable { "can" } else { "can't" };
            let (then, now) = (replays(now.binding.replayable), replays(binding.replayable));
            return Err(about(format!("its receiver {then} receive rows again, and with this component it {now}")));
        }
        Ok(Some(Component { operator, binding }))
    }

    /// Take up what earlier runs have logged, unless that is done.
    fn recover(&self, past: &Past) -> Result<()> {
        let Some(log) = &self.log else { return Ok(()) };
        let Some(recovered) = log.recover(past)? else { return Ok(()) };
        let n_lanes = self.lanes.len() as u64;
        let base = recovered.next.next_multiple_of(n_lanes);
        for lane in &self.lanes {
            lane.blocks.number_from(base + u64::from(lane.number));
            if let Some(position) = recovered.positions.get(&lane.number) {
                lane.acks.take(position);
            }
        }
        for receiver in recovered.positions.keys().filter(|receiver| u64::from(**receiver) >= n_lanes) {
            tracing::warn!(
                target: "sluicebox::receiver",
                stream = &*self.stream, receiver, receivers = n_lanes,
                "an earlier run had more receivers: what this one had received is processed, and nobody goes on where it stood"
            );
        }
        Ok(())
    }

    fn run(&self, lane: &Lane, runtime: &Handle) {
        let _going = Going(lane);
        let (end, instance) = self.receive(lane, runtime);
        let failed = matches!(end, End::Failed(_));
        lane.started.store(false, Ordering::Relaxed);
        lane.end.send_replace(end);
        if let Some(instance) = instance {
            self.let_go(lane, instance, runtime);
        } else if failed {
            // Whoever waits for the reason has it until the source is closed.
            runtime.block_on(lane.acks.closed());
        }
    }

    /// Start instances one after the other, and receive with each until it fails; the last one, where it didn't.
    fn receive(&self, lane: &Lane, runtime: &Handle) -> (End, Option<ReceiverTask>) {
        let (mut starts, mut in_vain, mut failing_since) = (0, 0_u32, None);
        while !lane.stopping() {
            let before = lane.blocks.rows_received();
            let component = self.component.read().clone();
            let started = self.start(lane, &component, starts);
            starts += 1;
            let error = match started {
                Err(error) => error,
                Ok(mut instance) => {
                    lane.started.store(true, Ordering::Relaxed);
                    let over = self.pull(lane, &component, &mut instance, runtime).unwrap_or_else(Over::Failed);
                    match over {
                        Over::Swapped => {
                            if let Err(error) = instance.stop() {
                                tracing::warn!(target: "sluicebox::receiver", stream = &*self.stream, "{error}; another component takes its place");
                            }
                            (in_vain, failing_since) = (0, None);
                            continue;
                        }
                        Over::Stopped => return (End::Stopped, Some(instance)),
                        Over::Ended => return (End::Ended, Some(instance)),
                        Over::Failed(error) => return (End::Failed(error.to_string()), Some(instance)),
                        Over::Broken(error) => error,
                    }
                }
            };
            lane.started.store(false, Ordering::Relaxed);
            if lane.blocks.rows_received() > before {
                (in_vain, failing_since) = (0, None);
            }
            let now = self.clock.now_ms();
            let waited = Duration::from_millis(now.saturating_sub(*failing_since.get_or_insert(now)).unsigned_abs());
            if self.options.fail {
                return (End::Failed(error.to_string()), None);
            }
            if self.options.drain && waited >= self.options.give_up_after {
                let reason = format!(
                    "stream \"{}\": its receiver {} has failed for {waited:?}: {error}",
                    self.stream, lane.number
                );
                return (End::Failed(reason), None);
            }
            let pause = self.pause_after(in_vain);
            self.note(&error, in_vain, pause);
            in_vain = in_vain.saturating_add(1);
            self.pause(lane, pause, runtime);
        }
        (End::Stopped, None)
    }

    fn start(&self, lane: &Lane, component: &Component, attempt: u32) -> Result<ReceiverTask, PluginError> {
        let task = Task {
            job: self.options.job.clone(),
            stream: self.stream.clone(),
            batch: BatchTime(self.clock.now_ms()),
            partition: lane.number,
            partitions: self.options.receivers,
            attempt,
            done: 0,
            logged: Default::default(),
        };
        let position = lane.acks.taken();
        self.host.start_receiver(&component.operator, &component.binding, &task, position.as_deref())
    }

    /// Ask for rows and put them into blocks, until there are no more.
    fn pull(
        &self,
        lane: &Lane,
        component: &Arc<Component>,
        instance: &mut ReceiverTask,
        runtime: &Handle,
    ) -> Result<Over> {
        let mut idle = IDLE_PAUSE;
        loop {
            if let Err(error) = acknowledge(lane, instance) {
                return Ok(Over::Broken(error));
            }
            if lane.stopping() {
                return Ok(Over::Stopped);
            }
            if !Arc::ptr_eq(component, &self.component.read()) {
                return Ok(Over::Swapped);
            }
            let Some(max_rows) = self.allowed(lane, runtime) else { continue };
            let watch = Stopwatch::start();
            let Received { rows, position, ended } = match instance.receive(max_rows, self.options.max_time) {
                Ok(received) => received,
                Err(error) => return Ok(Over::Broken(error)),
            };
            if rows.num_rows() > 0 {
                self.limiter.took(rows.num_rows() as u64);
                self.take(lane, rows, position, runtime)?;
                idle = IDLE_PAUSE;
            } else {
                lane.blocks.stand_at(&position)?;
                lane.acks.nothing_taken(position, || lane.blocks.is_empty());
                lane.keep_position()?;
                // A receiver that has no way of waiting is waited for.
                if !ended && watch.elapsed() < idle {
                    self.pause(lane, idle, runtime);
                }
                idle = (idle * 2).min(self.options.max_time);
            }
            if ended {
                return Ok(Over::Ended);
            }
        }
    }

    /// How many rows to ask for. Waits until the rate allows some, but not so long that what is done meanwhile isn't acknowledged: none, if so.
    fn allowed(&self, lane: &Lane, runtime: &Handle) -> Option<u32> {
        let rows = self.limiter.now().or_else(|| {
            runtime.block_on(async {
                tokio::select! {
                    rows = self.limiter.ready() => Some(rows),
                    () = self.clock.pause(self.options.max_time) => None,
                    () = lane.blocks.finishing() => None,
                }
            })
        });
        rows.map(|rows| u32::try_from(rows).unwrap_or(u32::MAX).min(self.options.max_rows))
    }

    fn take(&self, lane: &Lane, rows: arrow::array::RecordBatch, position: Vec<u8>, runtime: &Handle) -> Result<()> {
        let bytes = node::bytes_of(&rows) as u64;
        lane.acks.take(&position);
        let fill = move |block: &mut RowBlock| block.push(rows, position);
        if let Some(fill) = lane.blocks.try_add(bytes, fill)? {
            runtime.block_on(lane.blocks.add(bytes, fill))?;
        }
        Ok(())
    }

    /// Acknowledge what is still to be acknowledged as batches are done, then let the instance stop.
    fn let_go(&self, lane: &Lane, mut instance: ReceiverTask, runtime: &Handle) {
        let mut progress = lane.log.as_ref().map(|log| log.progress());
        loop {
            let closed = lane.acks.is_closed();
            if let Err(error) = acknowledge(lane, &mut instance) {
                return self.note_at_end(&error);
            }
            if closed {
                break;
            }
            match &mut progress {
                Some(progress) => runtime.block_on(async {
                    tokio::select! {
                        () = lane.acks.closed() => {}
                        () = progress.more() => {}
                    }
                }),
                None => runtime.block_on(lane.acks.changed()),
            }
        }
        if let Err(error) = instance.stop() {
            self.note_at_end(&error);
        }
    }

    fn pause_after(&self, in_vain: u32) -> Duration {
        let longest = if self.options.drain { self.options.give_up_after / 10 } else { LONGEST_PAUSE };
        FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(in_vain)).min(longest)
    }

    fn pause(&self, lane: &Lane, pause: Duration, runtime: &Handle) {
        runtime.block_on(async {
            tokio::select! {
                () = self.clock.pause(pause) => {}
                () = lane.blocks.finishing() => {}
            }
        });
    }

    /// Remember an error, and log it.
    fn note(&self, error: &PluginError, in_vain: u32, pause: Duration) {
        let (stream, starts) = (&*self.stream, in_vain + 1);
        tracing::warn!(target: "sluicebox::receiver", stream, failed_in_a_row = starts, "{error}; it is started again in {pause:?}");
        *self.last_error.lock() = Some((self.clock.now_ms(), error.to_string()));
    }

    fn note_at_end(&self, error: &PluginError) {
        tracing::warn!(target: "sluicebox::receiver", stream = &*self.stream, "{error}; it is not started again, as it has given all its rows");
        *self.last_error.lock() = Some((self.clock.now_ms(), error.to_string()));
    }
}

impl Lane {
    /// Where blocks aren't logged, but the job has a checkpoint: log the position that batches have come to. It is acknowledged when that is safe.
    fn keep_position(&self) -> Result<()> {
        // Batches and the receiver come here both, and positions are logged in their order.
        let _turn = self.acked.lock();
        if let (Some(log), Some(position)) = (self.log.as_ref().filter(|log| !log.is_logging()), self.acks.due()) {
            log.append_position(self.number, &position)?;
            self.acks.done(&position);
        }
        Ok(())
    }

    fn stopping(&self) -> bool {
        self.blocks.phase() >= Phase::Finishing
    }
}

/// Tell the instance what is safe, if there is something new.
fn acknowledge(lane: &Lane, instance: &mut ReceiverTask) -> Result<(), PluginError> {
    if let Some(log) = &lane.log {
        let safe = log.safe_position(lane.number).filter(|(ticket, _)| *lane.acked.lock() != Some(*ticket));
        if let Some((ticket, position)) = safe {
            instance.ack(&position)?;
            *lane.acked.lock() = Some(ticket);
        }
        return Ok(());
    }
    if let Some(position) = lane.acks.due() {
        instance.ack(&position)?;
        lane.acks.done(&position);
    }
    Ok(())
}
