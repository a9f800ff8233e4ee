//! How far batches were given what there is, and what the next one is given.
//!
//! A position is the first offset of a partition that no batch was given. Only planning a batch moves it, and the last plan says it all: a job that goes on
//! takes positions from there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::cluster::{At, Cluster, Found, Offsets, TopicPartition};
use super::ranges::{self, Lag, Limits};
use crate::job::kafka::{KafkaSourceDefinition, StartDefinition};
use crate::receiver::OffsetRange;

/// A partition that was read is taken for gone when it was missed so often in a row: brokers that are just starting don't know of all.
const MISSED: u32 = 3;

/// What brokers are asked; tests answer themselves.
pub trait Ask {
    /// The partitions of all topics that are wanted.
    ///
    /// # Errors
    /// When there is no answer.
    fn find(&self) -> Result<Found, String>;

    /// An offset of each of these partitions; none of those that aren't there.
    ///
    /// # Errors
    /// When there is no answer.
    fn offsets(&self, of: &[(TopicPartition, At)]) -> Result<Offsets, String>;
}

impl Ask for Cluster {
    fn find(&self) -> Result<Found, String> {
        Self::find(self)
    }

    fn offsets(&self, of: &[(TopicPartition, At)]) -> Result<Offsets, String> {
        Self::offsets(self, of)
    }
}

/// Messages that no batch was given, and that are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The partition is gone.
    Partition {
        /// Which.
        of: TopicPartition,
        /// Its position.
        position: i64,
    },
    /// Its first messages are.
    Messages {
        /// Of which partition.
        of: TopicPartition,
        /// Its position.
        position: i64,
        /// The first message that is left.
        first: i64,
    },
    /// A topic of the same name was made.
    Topic {
        /// Its name.
        topic: String,
        /// Its id, as it was.
        was: String,
        /// Its id now.
        is: String,
    },
    /// It ends before what was read: it was deleted and made anew, or a broker has lost its end.
    End {
        /// Of which partition.
        of: TopicPartition,
        /// Its position.
        position: i64,
        /// Where it ends now.
        end: i64,
    },
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition { of, position } => {
                write!(f, "{of} is gone, which was read up to offset {position}: its topic was deleted")
            }
            Self::Messages { of, position, first } => {
                let last = first - 1;
                write!(
                    f,
                    "{of}: messages {position} to {last} are gone before they were read: the first that is left is {first}"
                )
            }
            Self::Topic { topic, was, is } => {
                write!(
                    f,
                    "topic \"{topic}\" was deleted and made anew, and what it had that wasn't read is gone: its id was {was} and is {is}"
                )
            }
            Self::End { of, position, end } => {
                write!(
                    f,
                    "{of} ends at offset {end} and was read up to {position}: its topic was deleted and made anew, or a broker has lost messages"
                )
            }
        }
    }
}

/// What the next batch reads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// A range for each partition, in the order of topics' names and numbers.
    pub ranges: Vec<OffsetRange>,
    /// Topics that are named, and aren't there.
    pub missing: Vec<String>,
    /// Messages that are gone and are gone on without.
    pub skipped: Vec<Lost>,
    /// Messages that are gone, where that is a failure. Nothing else is set then.
    pub lost: Option<Lost>,
    /// Whether this is the last of what there was when the job began.
    pub is_drained: bool,
}

/// Where a source stands.
#[derive(Debug, Clone)]
pub struct Positions {
    definition: Arc<KafkaSourceDefinition>,
    seconds: f64,
    drain: bool,
    /// Messages that a batch may have, where memory is what bounds it.
    room: Option<u64>,
    /// Whether partitions have been looked for, now or by an earlier run: those that appear later are read from their beginning.
    has_begun: bool,
    by_partition: BTreeMap<TopicPartition, i64>,
    /// Ids of the topics that positions are of, as far as they are known.
    ids: BTreeMap<String, String>,
    /// Partitions that exist, as they were last looked for, and when that was.
    found: BTreeSet<TopicPartition>,
    missing: Vec<String>,
    found_ms: Option<i64>,
    /// How often in a row a partition was missed.
    missed: BTreeMap<TopicPartition, u32>,
    /// Where partitions ended when the job began, if it drains.
    ends: Option<BTreeMap<TopicPartition, i64>>,
    /// Up to where batches are done, since the start.
    done: BTreeMap<TopicPartition, i64>,
}

impl Positions {
    /// Of a source that has read nothing.
    pub fn new(definition: Arc<KafkaSourceDefinition>, batch_interval: Duration, drain: bool) -> Self {
        Self {
            definition,
            seconds: batch_interval.as_secs_f64(),
            drain,
            room: None,
            has_begun: false,
            by_partition: BTreeMap::new(),
            ids: BTreeMap::new(),
            found: BTreeSet::new(),
            missing: vec![],
            found_ms: None,
            missed: BTreeMap::new(),
            ends: None,
            done: BTreeMap::new(),
        }
    }

    /// An earlier run's batch was given these.
    pub fn given(&mut self, ranges: &[OffsetRange]) {
        self.has_begun = true;
        for range in ranges {
            self.by_partition.insert(of(range), range.until);
            self.ids.extend(range.topic_id.clone().map(|id| (range.topic.clone(), id)));
        }
    }

    /// Let a batch have no more messages than that.
    pub fn set_room(&mut self, n_messages: u64) {
        self.room = Some(n_messages);
    }

    /// Whether it is gone on without messages that are lost.
    pub fn skips_lost_messages(&self) -> bool {
        self.definition.skips_lost_messages
    }

    /// Positions as bytes; none before the first look.
    pub fn standing(&self) -> Option<Vec<u8>> {
        let ranges: Vec<OffsetRange> =
            self.by_partition.iter().map(|(of, position)| self.range(of, *position, *position)).collect();
        if self.has_begun { serde_json::to_vec(&ranges).ok() } else { None }
    }

    /// Take up what [`Positions::standing`] gave.
    ///
    /// # Errors
    /// When it gave something else.
    pub fn restore(&mut self, standing: &[u8]) -> Result<(), String> {
        let ranges: Vec<OffsetRange> = serde_json::from_slice(standing)
            .map_err(|error| format!("what the checkpoint has of it is damaged: {error}"))?;
        self.given(&ranges);
        Ok(())
    }

    /// A batch that was given these is done. What is to be told to the group.
    pub fn done(&mut self, ranges: &[OffsetRange]) -> Vec<OffsetRange> {
        for range in ranges {
            self.done.insert(of(range), range.until);
        }
        ranges.to_vec()
    }

    /// Up to where all batches are done.
    pub fn all_done(&self) -> Vec<OffsetRange> {
        self.done.iter().map(|(of, until)| self.range(of, *until, *until)).collect()
    }

    fn range(&self, of: &TopicPartition, from: i64, until: i64) -> OffsetRange {
        let topic_id = self.ids.get(&of.topic).cloned();
        OffsetRange { topic: of.topic.clone(), partition: of.partition, from, until, topic_id }
    }

    /// Decide what the next batch reads, at most at `rate` messages a second. After an error, positions may be used no more.
    ///
    /// # Errors
    /// When brokers don't answer.
    pub fn look(&mut self, brokers: &impl Ask, rate: Option<f64>, now_ms: i64) -> Result<Look, String> {
        let mut look = Look::default();
        let refresh = i64::try_from(self.definition.refresh.as_millis()).unwrap_or(i64::MAX);
        if self.found_ms.is_none_or(|then| now_ms.saturating_sub(then) >= refresh || now_ms < then)
            || !self.missing.is_empty()
            || !self.missed.is_empty()
        {
            self.find(brokers, now_ms, &mut look)?;
            if look.lost.is_some() {
                return Ok(look);
            }
        }
        look.missing.clone_from(&self.missing);
        let ends = match self.bounds(brokers, &mut look)? {
            Some(ends) => ends,
            None => return Ok(look),
        };
        let first_ends = self.drain.then(|| self.ends.get_or_insert_with(|| ends.clone()).clone());
        let lag = |(of, position): (&TopicPartition, &i64)| {
            let end = ends.get(of).copied().unwrap_or(*position);
            // What came after the job began is left alone where it drains.
            let last = first_ends.as_ref().map_or(end, |first| end.min(first.get(of).copied().unwrap_or(*position)));
            Lag { from: *position, end: last }
        };
        let lags: Vec<Lag> = self.by_partition.iter().map(lag).collect();
        let per_partition = self.definition.max_rate_per_partition;
        let limits = Limits { rate, per_partition, room: self.room, seconds: self.seconds };
        let until = ranges::until(&lags, limits);
        look.is_drained = self.drain && until.iter().zip(&lags).all(|(until, lag)| *until >= lag.end);
        look.ranges =
            self.by_partition.iter().zip(&until).map(|((of, from), until)| self.range(of, *from, *until)).collect();
        self.by_partition.values_mut().zip(until).for_each(|(position, until)| *position = until);
        Ok(look)
    }

    /// Look for partitions; new ones get a position, and so do all of a topic that was made anew.
    fn find(&mut self, brokers: &impl Ask, now_ms: i64, look: &mut Look) -> Result<(), String> {
        let Found { partitions, missing, ids } = brokers.find()?;
        for (topic, is) in ids {
            let was = self.ids.insert(topic.clone(), is.clone());
            let Some(was) = was.filter(|was| *was != is) else { continue };
            let lost = Lost::Topic { topic: topic.clone(), was, is };
            if !self.definition.skips_lost_messages {
                look.lost = Some(lost);
                return Ok(());
            }
            look.skipped.push(lost);
            self.by_partition.retain(|of, _| of.topic != topic);
            self.missed.retain(|of, _| of.topic != topic);
        }
        let new: Vec<TopicPartition> =
            partitions.iter().filter(|of| !self.by_partition.contains_key(of)).cloned().collect();
        let starts = self.starts(brokers, &new)?;
        self.by_partition.extend(starts);
        self.has_begun = true;
        self.missed.retain(|of, _| !partitions.contains(of));
        for of in self.by_partition.keys().filter(|of| !partitions.contains(of)) {
            *self.missed.entry(of.clone()).or_default() += 1;
        }
        (self.found, self.missing, self.found_ms) = (partitions, missing, Some(now_ms));
        // A topic that was read isn't one that is still to be made.
        let known: BTreeSet<&str> = self.by_partition.keys().map(|of| of.topic.as_str()).collect();
        self.missing.retain(|topic| !known.contains(topic.as_str()));
        Ok(())
    }

    /// Where new partitions are read from.
    fn starts(&self, brokers: &impl Ask, new: &[TopicPartition]) -> Result<BTreeMap<TopicPartition, i64>, String> {
        let given = |of: &TopicPartition| match &self.definition.start {
            StartDefinition::Offsets(offsets) => offsets.get(&of.topic)?.get(&of.partition).copied(),
            _ => None,
        };
        let at = match self.definition.start {
            StartDefinition::Latest => At::End,
            StartDefinition::Time(ms) => At::Time(ms),
            StartDefinition::Earliest | StartDefinition::Offsets(_) => At::First,
        };
        let (mut starts, mut asked) = (BTreeMap::new(), vec![]);
        for of in new {
            match given(of).filter(|_| !self.has_begun) {
                Some(offset) => {
                    starts.insert(of.clone(), offset);
                }
                None if self.has_begun => asked.push((of.clone(), At::First)),
                None => asked.push((of.clone(), at)),
            }
        }
        // One that has gone meanwhile is found again, or isn't.
        let answers = brokers.offsets(&asked)?;
        starts.extend(answers.into_iter().filter_map(|(of, offset)| Some((of, offset?))));
        Ok(starts)
    }

    /// Where partitions end; none where messages are lost, which `look` says.
    fn bounds(&mut self, brokers: &impl Ask, look: &mut Look) -> Result<Option<BTreeMap<TopicPartition, i64>>, String> {
        let skips = self.definition.skips_lost_messages;
        let gone: Vec<_> = self.missed.iter().filter(|(_, n)| **n >= MISSED).map(|(of, _)| of.clone()).collect();
        for of in gone {
            let position = self.by_partition.get(&of).copied().unwrap_or(0);
            let lost = Lost::Partition { of: of.clone(), position };
            if !skips {
                look.lost = Some(lost);
                return Ok(None);
            }
            self.by_partition.remove(&of);
            self.missed.remove(&of);
            look.skipped.push(lost);
        }
        let asked = |at| -> Vec<_> {
            self.by_partition.keys().filter(|of| self.found.contains(of)).map(|of| (of.clone(), at)).collect()
        };
        let (firsts, ends) = (brokers.offsets(&asked(At::First))?, brokers.offsets(&asked(At::End))?);
        let mut known = BTreeMap::new();
        for (of, position) in &mut self.by_partition {
            let bounds = (firsts.get(of).copied().flatten(), ends.get(of).copied().flatten());
            let (Some(first), Some(end)) = bounds else {
                if self.found.contains(of) {
                    *self.missed.entry(of.clone()).or_default() += 1;
                }
                continue;
            };
            let lost = if *position < first {
                Lost::Messages { of: of.clone(), position: *position, first }
            } else if end < *position {
                Lost::End { of: of.clone(), position: *position, end }
            } else {
                known.insert(of.clone(), end);
                continue;
            };
            if !skips {
                look.lost = Some(lost);
                return Ok(None);
            }
            look.skipped.push(lost);
            *position = first;
            known.insert(of.clone(), end);
        }
        Ok(Some(known))
    }
}

fn of(range: &OffsetRange) -> TopicPartition {
    TopicPartition { topic: range.topic.clone(), partition: range.partition }
}

#[cfg(test)]
mod tests;
