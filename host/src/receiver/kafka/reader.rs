//! Reads ranges of offsets for batches, over connections that are kept between them.
//!
//! Each partition is fetched ahead by a [`Fetcher`], which goes on where the last batch ended; the partitions are spread over as many clients as plans have threads,
//! since a client decodes what it fetches on one. What fetchers may hold is reserved from the job's memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use parking_lot::Mutex;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use tokio::sync::{OwnedMutexGuard, mpsc};

use super::LOST_HELP;
use super::cluster::{TopicPartition, is_unknown};
use super::columns::{BadMessage, Rows};
use super::native::{Fetcher, Next};
use crate::clock::Stopwatch;
use crate::engine::Services;
use crate::engine::offset_scan::{OffsetReadError, OffsetScan, ReadOffsets};
use crate::engine::reports::SourceReport;
use crate::job::kafka::{KafkaSourceDefinition, MessageColumn};
use crate::kafka::{ANSWER_TIMEOUT, Context, config};
use crate::memory::{MemoryBudget, Reservation, Share};
use crate::receiver::OffsetRange;

/// A record batch is made of so many messages, or bytes.
const ROWS: usize = 16 * 1024;
const BYTES: usize = 1 << 20;
/// How long it is waited for messages before it is looked whether anybody still wants them.
const WAIT: Duration = Duration::from_millis(20);
/// How long a partition may say nothing of messages that are there: brokers restart in less.
const SILENCE: Duration = Duration::from_secs(60);
/// How often a partition is started anew for one batch, when it is said to be gone and is there.
const STARTS: u32 = 10;
/// Partitions that are fetched ahead at most.
const FETCHERS: usize = 64;
/// What a message takes in a dataset as long as none was read: few are longer.
const UNKNOWN: f64 = 16.0 * 1024.0;
/// What a row takes beside the bytes of its message: where they begin, and numbers.
const ROW: f64 = 64.0;
/// What a fetcher may hold, where there is enough memory, and at least.
const FETCHED: std::ops::RangeInclusive<u64> = 2 << 20..=16 << 20;

type Client = Arc<BaseConsumer<Context>>;

/// Reads the messages of one source.
pub struct KafkaReader {
    stream: Arc<str>,
    definition: Arc<KafkaSourceDefinition>,
    schema: SchemaRef,
    memory: MemoryBudget,
    /// What a fetcher may hold.
    fetched: u64,
    /// Made when they are first needed.
    clients: Mutex<Vec<Option<Client>>>,
    slots: Mutex<Slots>,
    /// Bytes that a message takes in a dataset.
    message_bytes: Mutex<Option<f64>>,
}

#[derive(Debug, Default)]
struct Slots {
    by_partition: BTreeMap<TopicPartition, Arc<tokio::sync::Mutex<Slot>>>,
    /// How often one was used.
    n_uses: u64,
}

/// A partition between two batches, or while one reads it.
#[derive(Debug, Default)]
struct Slot {
    fetcher: Option<Fetcher>,
    /// Where the last batch that read it ended; none while one does, and after one that failed.
    given: Option<i64>,
    /// All before this offset was given to batches, or is known to be nothing.
    position: i64,
    /// What the fetcher may hold.
    memory: Option<Reservation>,
    last_use: u64,
}

impl fmt::Debug for KafkaReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaReader").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl KafkaReader {
    /// A reader of `stream`, whose rows have the columns of `schema`.
    pub fn new(
        stream: Arc<str>,
        definition: Arc<KafkaSourceDefinition>,
        schema: SchemaRef,
        memory: MemoryBudget,
        parallelism: usize,
    ) -> Self {
        // As many fetchers as plans have threads leave half of the room for received blocks.
        let room = memory.limit_of(Share::Blocks) / 2 / parallelism.max(1) as u64;
        let fetched = room.clamp(*FETCHED.start(), *FETCHED.end());
        let clients = Mutex::new(vec![None; parallelism.max(1)]);
        let (slots, message_bytes) = Default::default();
        Self { stream, definition, schema, memory, fetched, clients, slots, message_bytes }
    }

    /// How many messages take so many bytes in a dataset, as those do that were read.
    pub fn messages_of(&self, bytes: u64) -> u64 {
        // Too large a number becomes the largest.
        (bytes as f64 / self.message_bytes.lock().unwrap_or(UNKNOWN)) as u64
    }

    fn was_read(&self, n_messages: usize, bytes: usize) {
        if n_messages > 0 {
            let now = ROW + bytes as f64 / n_messages as f64;
            let mut message_bytes = self.message_bytes.lock();
            // Long ones count at once, and for a while.
            *message_bytes = Some(message_bytes.map_or(now, |before| now.max((7.0 * before + now) / 8.0)));
        }
    }

    /// Let go of all connections that no batch uses. Blocks.
    pub fn close(&self) {
        let slots = std::mem::take(&mut self.slots.lock().by_partition);
        drop(slots);
        let clients: Vec<Client> = self.clients.lock().iter_mut().filter_map(Option::take).collect();
        drop(clients);
    }

    fn client(&self, partition: i32) -> Result<Client, String> {
        let mut clients = self.clients.lock();
        let idx = usize::try_from(partition).unwrap_or(0) % clients.len();
        if let Some(client) = &clients[idx] {
            return Ok(client.clone());
        }
        let options = &self.definition.cluster.options.0;
        let mut settings = vec![
            ("enable.auto.commit", "false".to_owned()),
            ("enable.partition.eof", "true".to_owned()),
            ("auto.offset.reset", "error".to_owned()),
            // Beside its bytes, the client needs some 400 for each message.
            ("queued.max.messages.kbytes", (self.fetched / 2 / 1024).to_string()),
            ("queued.min.messages", (self.fetched / 2 / 400).to_string()),
        ];
        // The first: a partition whose messages are fetched ahead of the batches is asked again as soon as there is room. The second: its end is told in time.
        let unless_given = [("fetch.queue.backoff.ms", "10"), ("fetch.wait.max.ms", "100")];
        settings.extend(
            unless_given
                .iter()
                .filter(|(key, _)| !options.contains_key(*key))
                .map(|(key, value)| (*key, (*value).to_owned())),
        );
        let context = Context::new(format!("stream \"{}\"", self.stream));
        let config = config(&self.definition.cluster, settings);
        let client = BaseConsumer::from_config_and_context(&config, context).map_err(|error| error.to_string())?;
        Ok(clients[idx].insert(Arc::new(client)).clone())
    }

    /// The partition's slot, once no other task uses it.
    async fn slot(&self, of: &TopicPartition) -> OwnedMutexGuard<Slot> {
        let (slot, n_uses) = {
            let mut slots = self.slots.lock();
            slots.n_uses += 1;
            (slots.by_partition.entry(of.clone()).or_default().clone(), slots.n_uses)
        };
        let mut slot = slot.lock_owned().await;
        slot.last_use = n_uses;
        slot
    }

    /// Make room for a fetcher: those that were used longest ago end.
    fn evict(&self, most: usize) {
        let slots: Vec<_> = self.slots.lock().by_partition.values().cloned().collect();
        // Those in use can't be locked.
        let mut idle: Vec<_> = slots.into_iter().filter_map(|slot| slot.try_lock_owned().ok()).collect();
        idle.retain(|slot| slot.fetcher.is_some());
        idle.sort_by_key(|slot| slot.last_use);
        let n_over = idle.len().saturating_sub(most);
        for slot in idle.iter_mut().take(n_over) {
            **slot = Slot::default();
        }
    }

    async fn reserve(&self) -> Result<Reservation, DataFusionError> {
        self.evict(FETCHERS - 1);
        if let Ok(reservation) = self.memory.try_reserve(Share::Blocks, self.fetched) {
            return Ok(reservation);
        }
        self.evict(0);
        let reserved = self.memory.reserve(Share::Blocks, self.fetched).await;
        reserved.map_err(|over| DataFusionError::ResourcesExhausted(format!("stream \"{}\": {over}", self.stream)))
    }
}

impl ReadOffsets for KafkaReader {
    fn read(
        self: Arc<Self>,
        scan: &OffsetScan,
        range: OffsetRange,
        services: Arc<Services>,
    ) -> Result<SendableRecordBatchStream> {
        let mut stream = RecordBatchReceiverStreamBuilder::new(self.schema.clone(), 2);
        let (sender, batch, attempt) = (stream.tx(), scan.batch, scan.attempt);
        stream.spawn(async move {
            let of = TopicPartition { topic: range.topic.clone(), partition: range.partition };
            let mut slot = self.slot(&of).await;
            if slot.fetcher.is_none() {
                slot.memory = Some(self.reserve().await?);
            }
            let reader = self.clone();
            let read = tokio::task::spawn_blocking(move || {
                let mut reading = Reading::new(&reader, of, range, &sender);
                reading.read(&mut slot).map(|()| reading.report)
            });
            let report = read.await.map_err(|error| DataFusionError::External(error.into()))??;
            services.reports.add_source(batch, attempt, self.stream.clone(), report);
            Ok(())
        });
        Ok(stream.build())
    }
}

type Rest = mpsc::Sender<Result<RecordBatch>>;

/// The reading of one range.
struct Reading<'a> {
    reader: &'a KafkaReader,
    of: TopicPartition,
    range: OffsetRange,
    rows: Rows,
    sender: &'a Rest,
    report: SourceReport,
    n_starts: u32,
}

impl<'a> Reading<'a> {
    fn new(reader: &'a KafkaReader, of: TopicPartition, range: OffsetRange, sender: &'a Rest) -> Self {
        let KafkaSourceDefinition { content, columns, .. } = reader.definition.as_ref();
        let rows = Rows::new(&of.topic, of.partition, content, columns, &reader.schema);
        Self { reader, of, range, rows, sender, report: SourceReport::default(), n_starts: 0 }
    }

    /// Read all of it, or until nobody wants it any more.
    fn read(&mut self, slot: &mut Slot) -> Result<()> {
        let given = slot.given.take();
        let mut fetcher = match slot.fetcher.take() {
            Some(fetcher) if given == Some(self.range.from) => fetcher,
            other => {
                let mut fetcher = match other {
                    Some(fetcher) => fetcher,
                    None => self.fetcher()?,
                };
                slot.position = self.range.from;
                self.start(&mut fetcher, self.range.from)?;
                fetcher
            }
        };
        let done = self.read_from(&mut fetcher, &mut slot.position);
        // Also after an error: the next batch that reads the partition starts it anew.
        slot.fetcher = Some(fetcher);
        if done? {
            slot.given = Some(self.range.until);
        }
        Ok(())
    }

    fn fetcher(&self) -> Result<Fetcher> {
        let TopicPartition { topic, partition } = &self.of;
        let with_headers = self.reader.definition.columns.contains(&MessageColumn::Headers);
        let client = self.reader.client(*partition).map_err(|reason| self.failed(reason))?;
        Fetcher::new(client, topic, *partition, with_headers).map_err(|reason| self.failed(reason))
    }

    fn start(&self, fetcher: &mut Fetcher, from: i64) -> Result<()> {
        fetcher.start(from).map_err(|reason| self.failed(format!("it can't be read from offset {from} on: {reason}")))
    }

    /// Says whether the range was read to its end.
    fn read_from(&mut self, fetcher: &mut Fetcher, position: &mut i64) -> Result<bool> {
        let until = self.range.until;
        let mut silence = Stopwatch::start();
        while *position < until {
            if !fetcher.wait(WAIT) {
                if self.sender.is_closed() {
                    return Ok(false);
                }
                match fetcher.position().filter(|passed| passed > position) {
                    Some(passed) => (*position, silence) = (passed, Stopwatch::start()),
                    None if silence.elapsed() > SILENCE => return Err(self.silent(*position)),
                    None => {}
                }
                continue;
            }
            silence = Stopwatch::start();
            while let Some(next) = fetcher.peek() {
                match next {
                    Next::Message(message) if message.offset >= until => {
                        *position = until;
                        break;
                    }
                    // It was read before: the partition was started anew below it.
                    Next::Message(message) if message.offset < *position => {}
                    Next::Message(message) => {
                        *position = message.offset + 1;
                        if let Err(bad) = self.rows.push(&message) {
                            self.bad(bad)?;
                        }
                    }
                    Next::End(offset) => *position = offset.max(*position),
                    Next::Failed(code, reason) => {
                        fetcher.advance();
                        self.go_on_after(code, &reason, fetcher, position)?;
                        break;
                    }
                }
                fetcher.advance();
                if (self.rows.rows() >= ROWS || self.rows.bytes() >= BYTES) && !self.emit()? {
                    return Ok(false);
                }
                if *position >= until {
                    break;
                }
            }
        }
        self.emit()
    }

    /// Hand over the rows so far; says whether anybody wants more.
    fn emit(&mut self) -> Result<bool> {
        if self.rows.rows() == 0 {
            return Ok(true);
        }
        self.reader.was_read(self.rows.rows(), self.rows.bytes());
        let (rows, bad) = self.rows.take().map_err(|reason| self.failed(reason))?;
        for bad in bad {
            self.bad(bad)?;
        }
        self.report.rows += rows.num_rows() as u64;
        Ok(rows.num_rows() == 0 || self.sender.blocking_send(Ok(rows)).is_ok())
    }

    /// A message can't be read.
    fn bad(&mut self, bad: BadMessage) -> Result<()> {
        let BadMessage { offset, reason } = bad;
        if self.reader.definition.skips_bad_messages {
            self.report.lines_dropped += 1;
            self.report.sample(format!("{}, offset {offset}: {reason}", self.of));
            return Ok(());
        }
        let help = "set on-bad-message = \"skip\" to leave such messages out, or correct format";
        Err(self.error(format!("offset {offset}: {reason}; {help}"), false, false))
    }

    /// Go on after the client could not, where that can be.
    fn go_on_after(
        &mut self,
        code: RDKafkaErrorCode,
        reason: &str,
        fetcher: &mut Fetcher,
        position: &mut i64,
    ) -> Result<()> {
        let is_out = matches!(code, RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange);
        if !is_out && !is_unknown(code) {
            return Err(self.failed(format!("at offset {position}: {code}: {reason}")));
        }
        let (first, end) = self.bounds()?;
        if (first..=end).contains(position) && self.n_starts < STARTS {
            // It is there after all: a broker that was just started knew nothing of it yet.
            self.n_starts += 1;
            return self.start(fetcher, *position);
        }
        if (first..=end).contains(position) {
            return Err(self.failed(format!("at offset {position}: {code}: {reason}")));
        }
        let until = self.range.until;
        let next = if first > *position { first.min(until) } else { until };
        let (from, n_lost) = (*position, next - *position);
        let gone = format!(
            "messages {from} to {} are gone: it has those from {first} to {end} only, since it was truncated, or deleted and made anew",
            next - 1
        );
        if !self.reader.definition.skips_lost_messages {
            return Err(self.error(format!("{gone}; {LOST_HELP}"), false, true));
        }
        self.report.lines_dropped += u64::try_from(n_lost).unwrap_or(0);
        self.report.sample(format!("{}: {gone}", self.of));
        *position = next;
        if next < until { self.start(fetcher, next) } else { Ok(()) }
    }

    /// From where to where the partition can be read; nothing of one that isn't there.
    fn bounds(&self) -> Result<(i64, i64)> {
        let TopicPartition { topic, partition } = &self.of;
        let client = self.reader.client(*partition).map_err(|reason| self.failed(reason))?;
        match client.fetch_watermarks(topic, *partition, ANSWER_TIMEOUT) {
            Ok(bounds) => Ok(bounds),
            Err(error) if error.rdkafka_error_code().is_some_and(is_unknown) => Ok((0, 0)),
            Err(error) => Err(self.failed(client.context().explain(&error))),
        }
    }

    fn silent(&self, position: i64) -> DataFusionError {
        let (until, seconds) = (self.range.until, SILENCE.as_secs());
        self.failed(format!("offsets {position} to {} did not come within {seconds} s", until - 1))
    }

    /// An error that may be gone when it is tried again.
    fn failed(&self, reason: impl fmt::Display) -> DataFusionError {
        self.error(reason, true, false)
    }

    fn error(&self, reason: impl fmt::Display, is_retriable: bool, is_gone: bool) -> DataFusionError {
        let message = format!("stream \"{}\": {}: {reason}", self.reader.stream, self.of);
        DataFusionError::External(Box::new(OffsetReadError { message, is_retriable, is_gone }))
    }
}
