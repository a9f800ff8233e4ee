//! What brokers are asked, between batches: which topics and partitions there are, and from where to where they can be read.
//!
//! All calls block, and end within [`ANSWER_TIMEOUT`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use regex::Regex;

use super::topic_ids::topic_ids;
use crate::job::kafka::{KafkaSourceDefinition, TopicsDefinition};
use crate::kafka::{ANSWER_TIMEOUT, Context, config};
use crate::receiver::OffsetRange;

/// One partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "topic \"{}\", partition {}", self.topic, self.partition)
    }
}

/// What there is of the topics that a source wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Partitions.
    pub partitions: BTreeSet<TopicPartition>,
    /// Topics that are named, and aren't there.
    pub missing: Vec<String>,
    /// Ids of topics, as far as brokers have them and tell them.
    pub ids: BTreeMap<String, String>,
}

/// An offset to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Of the first message.
    First,
    /// After the last message that can be read: of transactions, before the first that isn't ended.
    End,
    /// Of the first message of this time or later, in milliseconds since 1970-01-01T00:00:00Z; the end if there is none.
    Time(i64),
}

/// Offsets that were asked for; none of partitions that aren't there.
pub type Offsets = BTreeMap<TopicPartition, Option<i64>>;

/// A client that asks.
pub struct Cluster {
    consumer: BaseConsumer<Context>,
    context: Context,
    topics: Wanted,
    group: Option<String>,
}

enum Wanted {
    Named(Vec<String>),
    Pattern(Regex),
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("group", &self.group).finish_non_exhaustive()
    }
}

/// A pattern of topics' whole names.
///
/// # Errors
/// What is wrong with it.
pub fn pattern(text: &str) -> Result<Regex, String> {
    // The pattern on its own first, so that what is wrong is told of what was written.
    let reason = |error: regex::Error| match error {
        regex::Error::Syntax(text) => {
            let last = text.lines().next_back().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
        other => other.to_string(),
    };
    Regex::new(text).and_then(|_| Regex::new(&format!("^(?:{text})$"))).map_err(reason)
}

impl Cluster {
    /// A client for the source of `stream`. Nothing is asked yet.
    ///
    /// # Errors
    /// What is wrong with its settings.
    pub fn new(stream: &str, definition: &KafkaSourceDefinition) -> Result<Self, String> {
        let context = Context::new(format!("stream \"{stream}\""));
        let topics = match &definition.topics {
            TopicsDefinition::Named(topics) => Wanted::Named(topics.clone()),
            TopicsDefinition::Pattern(text) => Wanted::Pattern(pattern(text)?),
        };
        let mut settings = vec![("enable.auto.commit", "false".to_owned())];
        settings.extend(definition.group.clone().map(|group| ("group.id", group)));
        let config = config(&definition.cluster, settings);
        let consumer = BaseConsumer::from_config_and_context(&config, context.clone()).map_err(|e| e.to_string())?;
        Ok(Self { consumer, context, topics, group: definition.group.clone() })
    }

    /// The partitions of all topics that are wanted.
    ///
    /// # Errors
    /// When brokers don't answer, or don't let the client see a topic.
    pub fn find(&self) -> Result<Found, String> {
        let mut found = Found::default();
        match &self.topics {
            Wanted::Named(names) => {
                for name in names {
                    match self.partitions(name)? {
                        Some(partitions) => found.partitions.extend(partitions),
                        None => found.missing.push(name.clone()),
                    }
                }
            }
            Wanted::Pattern(pattern) => {
                let metadata = self.answer(self.consumer.fetch_metadata(None, ANSWER_TIMEOUT))?;
                let is_wanted = |name: &str| !name.starts_with("__") && pattern.is_match(name);
                for topic in metadata.topics().iter().filter(|topic| is_wanted(topic.name())) {
                    found.partitions.extend(topic.partitions().iter().map(|of| at(topic.name(), of.id())));
                }
            }
        }
        let topics: BTreeSet<&str> = found.partitions.iter().map(|of| of.topic.as_str()).collect();
        found.ids = self.topic_ids(topics);
        Ok(found)
    }

    /// Ids of topics; none where brokers don't tell them: then a topic that is made anew is known by where it ends, as far as that shows it.
    pub fn topic_ids<'a>(&self, topics: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
        // SAFETY: the client is alive, as it is borrowed.
        let ids = unsafe { topic_ids(self.consumer.client().native_ptr(), topics) };
        ids.unwrap_or_else(|reason| {
            tracing::debug!(target: "sluicebox::kafka", "ids of topics can't be had: {reason}");
            BTreeMap::new()
        })
    }

    /// A topic's partitions; none if there is no such topic.
    fn partitions(&self, name: &str) -> Result<Option<Vec<TopicPartition>>, String> {
        let metadata = self.answer(self.consumer.fetch_metadata(Some(name), ANSWER_TIMEOUT))?;
        let Some(topic) = metadata.topics().iter().find(|topic| topic.name() == name) else { return Ok(None) };
        match topic.error().map(RDKafkaErrorCode::from) {
            None | Some(RDKafkaErrorCode::LeaderNotAvailable) => {
                Ok(Some(topic.partitions().iter().map(|of| at(name, of.id())).collect()))
            }
            Some(code) if is_unknown(code) => Ok(None),
            Some(code) => Err(format!("topic \"{name}\": {code}")),
        }
    }

    /// Ask for an offset of each of these partitions.
    ///
    /// # Errors
    /// When brokers don't answer, or not of all.
    pub fn offsets(&self, of: &[(TopicPartition, At)]) -> Result<Offsets, String> {
        if of.is_empty() {
            return Ok(Offsets::new());
        }
        let mut list = TopicPartitionList::with_capacity(of.len());
        for (of, at) in of {
            let offset = match at {
                At::First => Offset::Beginning,
                At::End => Offset::End,
                At::Time(ms) => Offset::Offset(*ms),
            };
            list.add_partition_offset(&of.topic, of.partition, offset).map_err(|error| format!("{of}: {error}"))?;
        }
        let answered = match self.consumer.offsets_for_times(list, ANSWER_TIMEOUT) {
            // Where one isn't known, none is answered.
            Err(error) if error.rdkafka_error_code().is_some_and(is_unknown) && of.len() > 1 => {
                return self.offsets_of_each(of);
            }
            Err(error) if error.rdkafka_error_code().is_some_and(is_unknown) => {
                return Ok(of.iter().map(|(of, _)| (of.clone(), None)).collect());
            }
            other => self.answer(other)?,
        };
        let mut offsets = Offsets::new();
        for element in answered.elements() {
            let of = at(element.topic(), element.partition());
            let offset = match (element.error(), element.offset()) {
                (Ok(()), Offset::Offset(offset)) => Some(Some(offset)),
                // No message is as late.
                (Ok(()), Offset::End) => None,
                (Ok(()), other) => return Err(format!("{of}: {other:?} is no offset")),
                (Err(error), _) if error.rdkafka_error_code().is_some_and(is_unknown) => Some(None),
                (Err(error), _) => return Err(format!("{of}: {}", self.context.explain(&error))),
            };
            offsets.extend(offset.map(|offset| (of, offset)));
        }
        // Those after the last message.
        let late: Vec<_> = of.iter().map(|(of, _)| of).filter(|of| !offsets.contains_key(of)).collect();
        if late.len() == of.len() && of.iter().all(|(_, at)| *at == At::End) {
            return Err("brokers don't say where partitions end".into());
        }
        let late: Vec<_> = late.into_iter().map(|of| (of.clone(), At::End)).collect();
        offsets.extend(self.offsets(&late)?);
        Ok(offsets)
    }

    fn offsets_of_each(&self, of: &[(TopicPartition, At)]) -> Result<Offsets, String> {
        let mut offsets = Offsets::new();
        for one in of {
            offsets.extend(self.offsets(std::slice::from_ref(one))?);
        }
        Ok(offsets)
    }

    /// Tell the group how far batches are done. Returns at once, or when the broker has answered; errors are logged.
    pub fn commit(&self, ranges: &[OffsetRange], waits: bool) {
        if self.group.is_none() || ranges.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::with_capacity(ranges.len());
        for range in ranges {
            if list.add_partition_offset(&range.topic, range.partition, Offset::Offset(range.until)).is_err() {
                return;
            }
        }
        let mode = if waits { CommitMode::Sync } else { CommitMode::Async };
        if let Err(error) = self.consumer.commit(&list, mode) {
            let reason = self.context.explain(&error);
            tracing::debug!(target: "sluicebox::kafka", group = self.group, "offsets can't be committed: {reason}");
        }
        self.serve();
    }

    /// Take in what the client has to tell: its log, its troubles, what became of commits.
    fn serve(&self) {
        for _ in 0..64 {
            self.consumer.poll(std::time::Duration::ZERO);
        }
    }

    fn answer<T>(&self, answer: Result<T, KafkaError>) -> Result<T, String> {
        self.serve();
        match answer {
            Ok(answer) => {
                self.context.is_well();
                Ok(answer)
            }
            Err(error) => Err(self.context.explain(&error)),
        }
    }
}

fn at(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition }
}

/// Whether there is no such topic or partition.
pub fn is_unknown(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownPartition
    )
}
