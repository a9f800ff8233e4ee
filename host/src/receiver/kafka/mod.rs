//! Messages of Kafka's topics: Spark's direct stream.
//!
//! | file | what is in it |
//! |---|---|
//! | [`positions`] | how far batches were given what there is, and what the next one is given |
//! | [`ranges`] | how much of each partition that is |
//! | [`cluster`] | what brokers are asked between batches |
//! | [`reader`] | reading ranges of offsets |
//! | [`native`] | one partition's messages, from the client |
//! | [`topic_ids`] | by what a topic is known from one that had its name before |
//! | [`columns`] | messages to rows |
//!
//! No receiver takes messages in: a batch's plan says which offsets of which partitions it reads, and it reads exactly these, however often it runs. A partition of a
//! topic is a partition of the dataset. Offsets are the job's own, in its batch log; the group's are written for others to see, and never read.

pub mod cluster;
pub mod columns;
pub mod native;
pub mod positions;
pub mod ranges;
pub mod reader;
mod topic_ids;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::Mutex;
use tokio::sync::watch;

use self::cluster::Cluster;
use self::positions::{Lost, Positions};
use self::reader::KafkaReader;
use crate::clock::{BatchTime, Clock, Stopwatch};
use crate::engine::offset_scan::OffsetScan;
use crate::engine::{OffsetReaders, OffsetScanExec};
use crate::error::{Error, Result};
use crate::job::kafka::KafkaSourceDefinition;
use crate::memory::MemoryBudget;
use crate::receiver::{InputRange, InputStatus, InputStream, OffsetRange, Past};

/// How long brokers may be out of reach when what there is now is to be read.
const DRAIN_PATIENCE: Duration = Duration::from_secs(30);

/// What to do about messages that are gone.
const LOST_HELP: &str = "keep messages of the topic for longer (retention.ms), or set on-lost-messages = \"skip\" to have the job go on without those that are gone";

/// What a source needs of its job.
#[derive(Debug, Clone)]
pub struct KafkaOptions {
    /// From one batch to the next.
    pub batch_interval: Duration,
    /// Partitions read at a time.
    pub parallelism: usize,
    /// The source ends when all that is there now was read.
    pub drain: bool,
    /// The job's memory.
    pub memory: MemoryBudget,
    /// About so many bytes a batch reads at most, so that its datasets find room.
    pub batch_bytes: u64,
}

/// Reads topics.
#[derive(Debug)]
pub struct KafkaSource {
    stream: Arc<str>,
    schema: SchemaRef,
    clock: Arc<dyn Clock>,
    inner: Arc<Inner>,
    reader: Arc<KafkaReader>,
    /// What there is to read has been given, in a source that drains; or why it can't go on.
    ended: watch::Sender<Option<Result<(), String>>>,
    drain: bool,
    batch_bytes: u64,
    status: Mutex<InputStatus>,
    rate: Mutex<Option<f64>>,
    /// Since when brokers were out of reach, and how often.
    trouble: Mutex<Option<(Stopwatch, u64)>>,
}

/// What is used by threads for blocking work.
#[derive(Debug)]
struct Inner {
    cluster: Cluster,
    positions: Mutex<Positions>,
}

/// Ask brokers for the topics of the source of `stream`, whichever there are. Blocks for seconds.
///
/// # Errors
/// Why they can't be asked.
pub fn ask(stream: &str, definition: &KafkaSourceDefinition) -> std::result::Result<(), String> {
    Cluster::new(stream, definition)?.find().map(drop)
}

impl KafkaSource {
    /// A source of `stream`, whose plans are read by what it puts into `readers`. Brokers aren't asked yet.
    ///
    /// # Errors
    /// When its settings are wrong. The stream isn't named: whoever made it knows where it stands.
    pub fn new(
        stream: Arc<str>,
        definition: KafkaSourceDefinition,
        options: &KafkaOptions,
        clock: Arc<dyn Clock>,
        readers: &OffsetReaders,
    ) -> Result<Self> {
        let schema = definition.schema().map_err(Error::invalid)?;
        let cluster = Cluster::new(&stream, &definition).map_err(Error::invalid)?;
        let definition = Arc::new(definition);
        let positions = Positions::new(definition.clone(), options.batch_interval, options.drain);
        let (memory, parallelism) = (options.memory.clone(), options.parallelism);
        let reader = KafkaReader::new(stream.clone(), definition, schema.clone(), memory, parallelism);
        let reader = Arc::new(reader);
        readers.insert(stream.clone(), reader.clone());
        Ok(Self {
            stream,
            schema,
            clock,
            inner: Arc::new(Inner { cluster, positions: Mutex::new(positions) }),
            reader,
            ended: watch::Sender::new(None),
            drain: options.drain,
            batch_bytes: options.batch_bytes,
            status: Mutex::default(),
            rate: Mutex::default(),
            trouble: Mutex::default(),
        })
    }

    /// Work that waits for brokers, on a thread for it.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Inner) -> T + Send + 'static) -> Result<T> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.map_err(|error| self.failed(error))
    }

    /// See that the topics are there which batches have to read again. Where brokers don't answer, who reads them will see.
    async fn still_there(&self, past: &Past) -> Result<()> {
        let mut known = BTreeMap::new();
        for given in past.given.iter().filter(|given| given.again) {
            for range in given.range.offsets(&self.stream)?.iter().filter(|range| range.from < range.until) {
                known.extend(range.topic_id.clone().map(|id| (range.topic.clone(), id)));
            }
        }
        if known.is_empty() {
            return Ok(());
        }
        let topics = known.keys().cloned().collect::<Vec<_>>();
        let found = self.blocking(move |inner| inner.cluster.topic_ids(topics.iter().map(String::as_str))).await?;
        let skips = self.inner.positions.lock().skips_lost_messages();
        for (topic, was) in known {
            let Some(is) = found.get(&topic).filter(|is| **is != was) else { continue };
            let lost = Lost::Topic { topic, was, is: is.clone() };
            if !skips {
                return Err(self.lost(&lost));
            }
            tracing::warn!(
                stream = &*self.stream,
                "{lost}; on-lost-messages = \"skip\" has batches that are run again read what it has now"
            );
        }
        Ok(())
    }

    fn failed(&self, reason: impl fmt::Display) -> Error {
        Error::failed(format_args!("stream \"{}\": {reason}", self.stream))
    }

    /// Brokers didn't say what there is.
    fn out_of_reach(&self, reason: &str) -> Error {
        let mut trouble = self.trouble.lock();
        let (since, times) = trouble.get_or_insert_with(|| (Stopwatch::start(), 0));
        *times += 1;
        if times.is_power_of_two() {
            tracing::warn!(stream = &*self.stream, times, "{reason}; the next batch asks again");
        }
        let error = self.failed(reason);
        self.status.lock().last_error = Some((self.clock.now_ms(), error.to_string()));
        if self.drain && since.elapsed() > DRAIN_PATIENCE {
            self.ended.send_replace(Some(Err(error.to_string())));
        }
        error
    }

    /// Messages are gone that no batch was given, which ends the source.
    fn lost(&self, lost: &Lost) -> Error {
        let error = self.failed(format_args!("{lost}; {LOST_HELP}"));
        self.status.lock().last_error = Some((self.clock.now_ms(), error.to_string()));
        self.ended.send_replace(Some(Err(error.to_string())));
        error
    }
}

#[async_trait::async_trait]
impl InputStream for KafkaSource {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn recover(&self, past: Past) -> Result<()> {
        self.still_there(&past).await?;
        let mut positions = self.inner.positions.lock();
        if let Some(standing) = &past.standing {
            positions.restore(standing).map_err(|reason| self.failed(reason))?;
        }
        for given in &past.given {
            positions.given(given.range.offsets(&self.stream)?);
        }
        Ok(())
    }

    fn standing(&self) -> Result<Option<Vec<u8>>> {
        Ok(self.inner.positions.lock().standing())
    }

    fn set_rate(&self, rows_per_second: f64) {
        *self.rate.lock() = Some(rows_per_second);
    }

    async fn start(&self) -> Result<()> {
        self.status.lock().active = true;
        Ok(())
    }

    async fn allocate(&self, _: BatchTime) -> Result<InputRange> {
        if !self.status.lock().active {
            return Ok(InputRange::Offsets(vec![]));
        }
        let (rate, now_ms) = (*self.rate.lock(), self.clock.now_ms());
        let room = self.reader.messages_of(self.batch_bytes);
        // Nothing else changes positions meanwhile: batches are planned one at a time.
        let looked = self.blocking(move |inner| {
            let mut positions = inner.positions.lock().clone();
            positions.set_room(room);
            let look = positions.look(&inner.cluster, rate, now_ms)?;
            if look.lost.is_none() {
                *inner.positions.lock() = positions;
            }
            Ok::<_, String>(look)
        });
        let look = looked.await?.map_err(|reason| self.out_of_reach(&reason))?;
        *self.trouble.lock() = None;
        for skipped in &look.skipped {
            tracing::warn!(stream = &*self.stream, "{skipped}; on-lost-messages = \"skip\" goes on without them");
        }
        for missing in &look.missing {
            let error = format!("topic \"{missing}\" isn't there; it is read from its beginning when it is made");
            let error = self.failed(error).to_string();
            let mut status = self.status.lock();
            if status.last_error.as_ref().is_none_or(|(_, last)| *last != error) {
                status.last_error = Some((now_ms, error));
            }
        }
        if let Some(lost) = &look.lost {
            return Err(self.lost(lost));
        }
        if look.is_drained {
            let nothing = look.missing.first().map(|missing| {
                self.failed(format_args!("topic \"{missing}\" isn't there; make it, or correct topics")).to_string()
            });
            self.ended.send_replace(Some(nothing.map_or(Ok(()), Err)));
        }
        Ok(InputRange::Offsets(look.ranges))
    }

    fn rows(&self, _: &InputRange) -> Option<u64> {
        None
    }

    fn plan(&self, batch: BatchTime, attempt: u32, range: &InputRange) -> Result<Arc<dyn ExecutionPlan>> {
        let ranges = range.offsets(&self.stream)?.to_vec();
        let scan = OffsetScan { stream: self.stream.clone(), batch, attempt, ranges };
        Ok(Arc::new(OffsetScanExec::new(scan, self.schema())))
    }

    fn release(&self, _: BatchTime, range: &InputRange) {
        if let InputRange::Offsets(ranges) = range {
            let done = self.inner.positions.lock().done(ranges);
            self.inner.cluster.commit(&done, false);
        }
    }

    async fn stop(&self) {
        self.status.lock().active = false;
    }

    async fn close(&self) {
        let reader = self.reader.clone();
        let closed = self.blocking(move |inner| {
            reader.close();
            let done: Vec<OffsetRange> = inner.positions.lock().all_done();
            inner.cluster.commit(&done, true);
        });
        // What others see of the group is not worth waiting for brokers that don't answer.
        let _ = tokio::time::timeout(Duration::from_secs(5), closed).await;
    }

    async fn ended(&self) -> Result<()> {
        // The sender lives as long as self, so this can't fail.
        let ended = self.ended.subscribe().wait_for(Option::is_some).await.map(|ended| ended.clone());
        ended.ok().flatten().unwrap_or(Ok(())).map_err(Error::failed)
    }

    fn status(&self) -> InputStatus {
        self.status.lock().clone()
    }
}
