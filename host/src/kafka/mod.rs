//! Kafka's client, librdkafka, as sources and sinks use it: how it is set up, and where its log and its errors go.
//!
//! What it can do, and the names of `options`, are librdkafka's; keys that the host decides on are refused.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::topic_partition_list::TopicPartitionList;

use crate::job::kafka::KafkaCluster;

/// How long a broker may take to answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Options that the host decides on, and what to do instead of giving them.
const REFUSED: [(&str, &str); 17] = [
    ("bootstrap.servers", "say brokers"),
    ("metadata.broker.list", "say brokers"),
    ("group.id", "say group"),
    ("enable.auto.commit", "offsets are committed when their batch is done"),
    ("auto.commit.enable", "offsets are committed when their batch is done"),
    ("enable.auto.offset.store", "offsets are committed when their batch is done"),
    ("auto.offset.reset", "say start, or on-lost-messages"),
    ("enable.partition.eof", "the source needs it"),
    ("queued.max.messages.kbytes", "the job's memory decides it"),
    ("queued.min.messages", "the job's memory decides it"),
    ("transactional.id", "it is made of the job's and the output's name"),
    ("transaction.timeout.ms", "say transaction-timeout"),
    ("enable.idempotence", "what is written in transactions is idempotent"),
    ("queue.buffering.max.messages", "the sink decides it"),
    ("queue.buffering.max.kbytes", "the sink decides it"),
    ("log_level", "set RUST_LOG"),
    ("plugin.library.paths", "no code of others is loaded into the host"),
];

/// What is wrong with an option, and what to do.
///
/// # Errors
/// Both as text; the value isn't shown, as it may be secret.
pub fn check_option(key: &str, value: &str) -> Result<(), (String, String)> {
    if let Some((_, help)) = REFUSED.iter().find(|(refused, _)| *refused == key) {
        return Err((format!("\"{key}\" is not for the job to set"), (*help).to_owned()));
    }
    match ClientConfig::new().set(key, value).create_native_config() {
        Ok(_) => Ok(()),
        Err(KafkaError::ClientConfig(_, reason, ..)) => {
            let help = "options are those of librdkafka, in its CONFIGURATION.md".to_owned();
            Err((reason.trim_end_matches('.').to_owned(), help))
        }
        Err(other) => Err((other.to_string(), "remove the option".to_owned())),
    }
}

/// A client's settings: the cluster's, then the host's.
pub fn config<'a>(cluster: &KafkaCluster, settings: impl IntoIterator<Item = (&'a str, String)>) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.extend(cluster.options.0.iter().map(|(key, value)| (key.clone(), value.clone())));
    config.set("bootstrap.servers", &cluster.brokers).set("client.id", "sluicebox");
    // A broker that was restarted is found again soon.
    if !cluster.options.0.contains_key("reconnect.backoff.max.ms") {
        config.set("reconnect.backoff.max.ms", "1000");
    }
    config.extend(settings.into_iter().map(|(key, value)| (key.to_owned(), value)));
    config.set_log_level(RDKafkaLogLevel::Warning);
    config
}

/// What a client tells beside its answers. Clones are the same.
#[derive(Debug, Clone)]
pub struct Context(Arc<About>);

#[derive(Debug)]
struct About {
    /// Whose client it is, as in `stream "orders"`.
    owner: String,
    /// What went wrong last between the client and its brokers: calls only time out.
    trouble: Mutex<Option<String>>,
    /// Messages that could not be delivered since this was last asked, and why the first could not.
    undelivered: Mutex<Option<(u64, KafkaError)>>,
    /// Commits of offsets that failed in a row.
    failed_commits: Mutex<u64>,
}

impl Context {
    /// The context of a client of `owner`.
    pub fn new(owner: impl Into<String>) -> Self {
        let (trouble, undelivered, failed_commits) = Default::default();
        Self(Arc::new(About { owner: owner.into(), trouble, undelivered, failed_commits }))
    }

    /// An error of a call, with what the client has told of its connections.
    pub fn explain(&self, error: &KafkaError) -> String {
        match (error.rdkafka_error_code(), self.0.trouble.lock().as_ref()) {
            (Some(code), Some(trouble)) => format!("{trouble} ({code:?})"),
            (Some(code), None) => code.to_string(),
            (None, _) => error.to_string(),
        }
    }

    /// Brokers have answered: what went wrong before is over.
    pub fn is_well(&self) {
        *self.0.trouble.lock() = None;
    }

    /// Messages that could not be delivered since this was last asked, and why the first could not.
    pub fn take_undelivered(&self) -> Option<(u64, KafkaError)> {
        self.0.undelivered.lock().take()
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, fac: &str, message: &str) {
        let owner = self.0.owner.as_str();
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => tracing::debug!(target: "sluicebox::kafka", owner, fac, "{message}"),
            _ => tracing::trace!(target: "sluicebox::kafka", owner, fac, "{message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let owner = self.0.owner.as_str();
        tracing::debug!(target: "sluicebox::kafka", owner, %error, "{reason}");
        // That none is left says less than what happened to the last one.
        let mut trouble = self.0.trouble.lock();
        if trouble.is_none() || error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            *trouble = Some(reason.to_owned());
        }
    }
}

impl ConsumerContext for Context {
    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        let mut failed = self.0.failed_commits.lock();
        match result {
            Ok(()) => *failed = 0,
            Err(error) => {
                *failed += 1;
                if failed.is_power_of_two() {
                    let (owner, failed) = (self.0.owner.as_str(), *failed);
                    tracing::warn!(target: "sluicebox::kafka", owner, failed, %error, "offsets can't be committed to the group; nothing depends on it but what others see of the job");
                }
            }
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            let mut undelivered = self.0.undelivered.lock();
            match undelivered.as_mut() {
                Some((n, _)) => *n += 1,
                None => *undelivered = Some((1, error.clone())),
            }
        }
    }
}
