//! A producer with transactions, and what it needs to read and write the output's mark. Everything here blocks.

use std::fmt;
use std::time::Duration;

use arrow::array::RecordBatch;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::sync::mpsc;

use super::mark::Mark;
use super::rows::{Outgoing, Parts};
use crate::clock::Stopwatch;
use crate::job::kafka::KafkaSinkDefinition;
use crate::kafka::{ANSWER_TIMEOUT, Context, config};

/// Messages and kilobytes that wait to be sent, at most.
const WAITING: [(&str, &str); 2] =
    [("queue.buffering.max.messages", "100000"), ("queue.buffering.max.kbytes", "16384")];
/// How long it is waited for room among them, before it is looked whether the transaction still has time.
const ROOM: Duration = Duration::from_millis(100);

/// What a writer does when it asks for the mark.
const READING: &str = "reading its mark";

/// What went wrong at the brokers.
#[derive(Debug)]
pub struct Fault {
    /// With what to do, where that is known.
    pub message: String,
    /// Whether trying again won't help.
    pub is_lasting: bool,
}

impl Fault {
    /// One that trying again won't change.
    pub fn lasting(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), is_lasting: true }
    }

    fn passing(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), is_lasting: false }
    }
}

/// The names of an output at the brokers.
#[derive(Debug, Clone)]
pub struct Names {
    /// Of its transactions.
    pub transactional_id: String,
    /// The group that has the mark.
    pub group: String,
}

impl Names {
    /// `sluicebox.JOB.OUTPUT`; a batch is one transaction, whatever its partitions.
    pub fn new(job: &str, output: &str) -> Self {
        let group = format!("sluicebox.{job}.{output}");
        Self { transactional_id: format!("{group}.0"), group }
    }
}

/// What a transaction is made of.
#[derive(Debug)]
pub enum Piece {
    /// Rows.
    Rows(RecordBatch),
    /// There are no more. Without it, the transaction was given up.
    End,
}

/// Writes transactions.
pub struct Writer {
    producer: ThreadedProducer<Context>,
    consumer: BaseConsumer<Context>,
    context: Context,
    topic: String,
    group: String,
    timeout: Duration,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl Writer {
    /// Connect, and end the transactions that others have begun with these names: from now on they can't write any more.
    ///
    /// # Errors
    /// When brokers can't be reached, or refuse.
    pub fn open(definition: &KafkaSinkDefinition, names: &Names, timeout: Duration) -> Result<Self, Fault> {
        let owner = format!("transactions of {}", names.transactional_id);
        let (context, cluster) = (Context::new(owner), &definition.cluster);
        let mut settings = vec![
            ("transactional.id", names.transactional_id.clone()),
            ("transaction.timeout.ms", timeout.as_millis().to_string()),
        ];
        settings.extend(WAITING.map(|(key, value)| (key, value.to_owned())));
        let options = &cluster.options.0;
        if !options.contains_key("partitioner") {
            // As Kafka's own clients do it: a key is in the same partition, whoever wrote it.
            settings.push(("partitioner", "murmur2_random".to_owned()));
        }
        if !options.contains_key("compression.type") && !options.contains_key("compression.codec") {
            settings.push(("compression.type", "lz4".to_owned()));
        }
        let producer = config(cluster, settings);
        let refused = |error: KafkaError| Fault::lasting(error);
        let producer = ThreadedProducer::from_config_and_context(&producer, context.clone()).map_err(refused)?;
        let reading = [
            ("group.id", names.group.clone()),
            ("enable.auto.commit", "false".to_owned()),
            // Marks of transactions that aren't ended are waited for.
            ("isolation.level", "read_committed".to_owned()),
        ];
        let consumer = BaseConsumer::from_config_and_context(&config(cluster, reading), context.clone());
        let consumer = consumer.map_err(refused)?;
        let writer =
            Self { producer, consumer, context, topic: definition.topic.clone(), group: names.group.clone(), timeout };
        writer.look_for_topic()?;
        writer.producer.init_transactions(ANSWER_TIMEOUT).map_err(|error| writer.fault("beginning", &error))?;
        Ok(writer)
    }

    fn look_for_topic(&self) -> Result<(), Fault> {
        let metadata = self.consumer.fetch_metadata(Some(&self.topic), ANSWER_TIMEOUT);
        let metadata = metadata.map_err(|error| self.fault("looking for its topic", &error))?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == self.topic);
        match topic.map(|topic| topic.error().map(RDKafkaErrorCode::from)) {
            Some(None | Some(RDKafkaErrorCode::LeaderNotAvailable)) => Ok(()),
            None | Some(Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic)) => {
                Err(Fault::lasting(format!("topic \"{}\" isn't there; make it, or correct topic", self.topic)))
            }
            Some(Some(code)) => Err(Fault::lasting(format!("topic \"{}\": {code}", self.topic))),
        }
    }

    /// The output's mark, with all that earlier transactions have done to it.
    ///
    /// # Errors
    /// When brokers don't answer.
    pub fn mark(&self) -> Result<Option<Mark>, Fault> {
        let mut list = TopicPartitionList::with_capacity(1);
        list.add_partition(&self.topic, 0);
        let committed = self.consumer.committed_offsets(list, ANSWER_TIMEOUT);
        self.consumer.poll(Duration::ZERO);
        let committed = committed.map_err(|error| self.fault(READING, &error))?;
        if let Some(Err(error)) = committed.elements().first().map(|element| element.error()) {
            return Err(self.fault(READING, &error));
        }
        Ok(metadata(&committed).and_then(|metadata| Mark::read(&metadata)))
    }

    /// Write the mark alone.
    ///
    /// # Errors
    /// As [`Writer::transact`].
    pub fn set_mark(&self, mark: &Mark) -> Result<(), Fault> {
        self.producer.begin_transaction().map_err(|error| self.fault("beginning", &error))?;
        self.end(mark)
    }

    /// Write rows and the mark of their batch: all of it or nothing. After an error it isn't known which; the writer is not to be used again.
    ///
    /// # Errors
    /// When brokers can't be reached or refuse, when another has begun transactions with these names, and where rows are missing.
    pub fn transact(&self, parts: &Parts, mark: &Mark, mut pieces: mpsc::Receiver<Piece>) -> Result<(), Fault> {
        let watch = Stopwatch::start();
        self.producer.begin_transaction().map_err(|error| self.fault("beginning", &error))?;
        loop {
            match pieces.blocking_recv() {
                Some(Piece::Rows(rows)) => {
                    let messages = parts.messages(&rows).map_err(Fault::lasting)?;
                    messages.iter().try_for_each(|message| self.send(&message, &watch))?;
                }
                Some(Piece::End) => return self.end(mark),
                None => {
                    let _ = self.producer.abort_transaction(ANSWER_TIMEOUT);
                    return Err(Fault::lasting("its rows did not all come"));
                }
            }
        }
    }

    fn send(&self, message: &Outgoing<'_>, watch: &Stopwatch) -> Result<(), Fault> {
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.topic);
        (record.key, record.payload) = (message.key, message.value);
        if !message.headers.is_empty() {
            let headers = OwnedHeaders::new_with_capacity(message.headers.len());
            let add = |headers: OwnedHeaders, (key, value): &(&str, Option<&[u8]>)| {
                headers.insert(Header { key, value: *value })
            };
            record.headers = Some(message.headers.iter().fold(headers, add));
        }
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, back)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) => {
                    if watch.elapsed() > self.timeout {
                        return Err(self.too_long());
                    }
                    record = back;
                    // Returns when some of what waits is sent, or the time is over.
                    let _ = self.producer.flush(ROOM);
                }
                Err((error, _)) => return Err(self.fault("sending a message", &error)),
            }
        }
    }

    fn end(&self, mark: &Mark) -> Result<(), Fault> {
        let mut list = TopicPartitionList::with_capacity(1);
        let offset = Offset::Offset(mark.batch.map_or(0, |batch| batch.0.max(0)));
        list.add_partition_offset(&self.topic, 0, offset).map_err(Fault::lasting)?;
        let text = serde_json::to_string(mark).map_err(Fault::lasting)?;
        if let Some(mut element) = list.elements().into_iter().next() {
            element.set_metadata(text);
        }
        let group = self.consumer.group_metadata().ok_or_else(|| Fault::lasting("its group has no metadata"))?;
        let sent = self.producer.send_offsets_to_transaction(&list, &group, ANSWER_TIMEOUT);
        sent.map_err(|error| self.fault("writing its mark", &error))?;
        self.producer.commit_transaction(self.timeout).map_err(|error| self.fault("committing", &error))
    }

    fn too_long(&self) -> Fault {
        let timeout = humantime::format_duration(self.timeout);
        Fault::passing(format!(
            "the transaction took longer than {timeout}; raise transaction-timeout, or make batches smaller"
        ))
    }

    fn fault(&self, doing: &str, error: &KafkaError) -> Fault {
        use RDKafkaErrorCode as Code;
        // Why messages could not be delivered says more than that the transaction failed.
        let undelivered = self.context.take_undelivered();
        let error = undelivered.as_ref().map_or(error, |(_, first)| first);
        let code = error.rdkafka_error_code();
        let reason = self.context.explain(error);
        let message = match code {
            Some(Code::InvalidTransactionTimeout) => {
                let timeout = humantime::format_duration(self.timeout);
                format!(
                    "brokers allow no transactions of {timeout}: lower transaction-timeout, or raise transaction.max.timeout.ms with them"
                )
            }
            Some(Code::MessageSizeTooLarge) => {
                format!("{doing}: {reason}; raise \"message.max.bytes\" in options, and max.message.bytes of the topic")
            }
            Some(Code::OperationTimedOut) if doing == READING => {
                let group = &self.group;
                format!(
                    "{doing}: {reason}; brokers don't tell it before all transactions that wrote offsets of group {group} have ended: \
                     where it stays so, look for one that hangs with kafka-transactions.sh find-hanging, and end it with abort"
                )
            }
            _ => format!("{doing}: {reason}"),
        };
        let is_lasting = matches!(
            code,
            Some(
                Code::InvalidTransactionTimeout
                    | Code::MessageSizeTooLarge
                    | Code::InvalidRecord
                    | Code::TopicAuthorizationFailed
                    | Code::GroupAuthorizationFailed
                    | Code::ClusterAuthorizationFailed
                    | Code::TransactionalIdAuthorizationFailed
                    | Code::UnsupportedVersion
                    | Code::UnsupportedFeature
                    | Code::PolicyViolation
            )
        );
        Fault { message: format!("topic \"{}\": {message}", self.topic), is_lasting }
    }
}

/// The metadata of a list's only partition. The safe way to it takes for granted that they are text.
fn metadata(list: &TopicPartitionList) -> Option<Vec<u8>> {
    if list.count() == 0 {
        return None;
    }
    // SAFETY: the list has an element, and metadata are as long as it says, where there are any.
    unsafe {
        let element = &*(*list.ptr()).elems;
        (!element.metadata.is_null())
            .then(|| std::slice::from_raw_parts(element.metadata.cast::<u8>(), element.metadata_size).to_vec())
    }
}
