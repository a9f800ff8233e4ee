//! Positions, with brokers whose answers are made up.

use std::collections::BTreeMap;

use super::*;
use crate::job::kafka::KafkaSourceDefinition;

/// Partitions, each with its first offset and its end.
#[derive(Debug, Default)]
struct Brokers(BTreeMap<(&'static str, i32), (i64, i64)>, BTreeMap<String, String>);

impl Brokers {
    fn of(partitions: &[(&'static str, i32, i64, i64)]) -> Self {
        let of = partitions.iter().map(|(topic, partition, first, end)| ((*topic, *partition), (*first, *end)));
        Self(of.collect(), BTreeMap::new())
    }

    /// The same, where topic "a" has this id.
    fn with_id(mut self, id: &str) -> Self {
        self.1.insert("a".to_owned(), id.to_owned());
        self
    }
}

impl Ask for Brokers {
    fn find(&self) -> Result<Found, String> {
        let partitions: BTreeSet<_> = self.0.keys().map(|(topic, partition)| at(topic, *partition)).collect();
        let missing = if partitions.iter().any(|of| of.topic == "a") { vec![] } else { vec!["a".to_owned()] };
        Ok(Found { partitions, missing, ids: self.1.clone() })
    }

    fn offsets(&self, of: &[(TopicPartition, At)]) -> Result<Offsets, String> {
        let offset = |(of, at): &(TopicPartition, At)| {
            let bounds =
                self.0.iter().find(|((topic, partition), _)| (*topic, *partition) == (&of.topic, of.partition));
            let offset = bounds.map(|(_, (first, end))| match at {
                At::First => *first,
                At::End => *end,
                At::Time(ms) => (*ms).clamp(*first, *end),
            });
            (of.clone(), offset)
        };
        Ok(of.iter().map(offset).collect())
    }
}

fn at(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition }
}

fn positions(change: impl FnOnce(&mut KafkaSourceDefinition), drain: bool) -> Positions {
    let mut definition = KafkaSourceDefinition::new("localhost:9092", &["a"]);
    change(&mut definition);
    Positions::new(Arc::new(definition), Duration::from_secs(1), drain)
}

fn shown(look: &Look) -> Vec<String> {
    let show = |range: &OffsetRange| format!("{}/{} {}..{}", range.topic, range.partition, range.from, range.until);
    look.ranges.iter().map(show).collect()
}

#[test]
fn a_batch_is_given_what_is_there_and_the_next_one_what_came_since() {
    let mut positions = positions(|_| {}, false);
    let look = positions.look(&Brokers::of(&[("a", 0, 3, 10), ("a", 1, 0, 0)]), None, 0).unwrap();
    assert_eq!(shown(&look), ["a/0 3..10", "a/1 0..0"]);
    let look = positions.look(&Brokers::of(&[("a", 0, 5, 12), ("a", 1, 0, 1)]), None, 1).unwrap();
    assert_eq!(shown(&look), ["a/0 10..12", "a/1 0..1"]);
    assert_eq!((look.missing.len(), look.skipped.len(), look.lost, look.is_drained), (0, 0, None, false));
}

#[test]
fn a_start_is_for_what_is_there_first_and_later_partitions_are_read_from_their_beginning() {
    for (start, first) in [
        (StartDefinition::Earliest, "a/0 3..10"),
        (StartDefinition::Latest, "a/0 10..10"),
        (StartDefinition::Time(5), "a/0 5..10"),
        (StartDefinition::Offsets(BTreeMap::from([("a".into(), BTreeMap::from([(0, 7), (1, 40)]))])), "a/0 7..10"),
    ] {
        let mut positions = positions(|definition| definition.start = start, false);
        let look = positions.look(&Brokers::of(&[("a", 0, 3, 10)]), None, 0).unwrap();
        assert_eq!(shown(&look), [first]);
        let later = Brokers::of(&[("a", 0, 3, 10), ("a", 1, 0, 50)]);
        let look = positions.look(&later, None, 9_999).unwrap();
        assert_eq!(shown(&look), ["a/0 10..10"], "it isn't time to look for partitions");
        let look = positions.look(&later, None, 10_000).unwrap();
        assert_eq!(shown(&look), ["a/0 10..10", "a/1 0..50"]);
    }
}

#[test]
fn a_topic_that_is_not_there_yet_is_looked_for_in_every_batch() {
    let mut positions = positions(|definition| definition.start = StartDefinition::Latest, false);
    let look = positions.look(&Brokers::default(), None, 0).unwrap();
    assert_eq!((look.ranges.len(), look.missing), (0, vec!["a".to_owned()]));
    let look = positions.look(&Brokers::of(&[("a", 0, 0, 2)]), None, 1).unwrap();
    assert_eq!((shown(&look), look.missing.len()), (vec!["a/0 0..2".to_owned()], 0), "made after the start: all of it");
}

#[test]
fn a_job_goes_on_where_its_last_plan_ended() {
    let brokers = Brokers::of(&[("a", 0, 0, 10), ("a", 1, 0, 10)]);
    let mut before = positions(|definition| definition.max_rate_per_partition = Some(4), false);
    assert_eq!(before.standing(), None);
    before.look(&brokers, None, 0).unwrap();
    let (standing, given) = (before.standing().unwrap(), before.look(&brokers, None, 1).unwrap().ranges);
    let mut after = positions(|definition| definition.start = StartDefinition::Latest, false);
    after.restore(&standing).unwrap();
    after.given(&given[..1]);
    let look = after.look(&brokers, None, 2).unwrap();
    assert_eq!(shown(&look), ["a/0 8..10", "a/1 4..10"]);
    assert!(after.restore(b"{}").unwrap_err().contains("damaged"));
}

#[test]
fn a_topic_that_was_made_anew_is_told_also_where_it_has_more_messages() {
    let before = Brokers::of(&[("a", 0, 0, 10), ("a", 1, 0, 3)]).with_id("first");
    let anew = Brokers::of(&[("a", 0, 0, 500)]).with_id("second");
    let start = |skips| {
        let change = |definition: &mut KafkaSourceDefinition| {
            definition.skips_lost_messages = skips;
            definition.start = StartDefinition::Latest;
        };
        let mut earlier = positions(change, false);
        earlier.look(&before, None, 0).unwrap();
        // It isn't time to ask.
        assert_eq!(shown(&earlier.look(&before, None, 9_999).unwrap()), ["a/0 10..10", "a/1 3..3"]);
        // What a later run knows of it, by the log alone, and by what was put together.
        let mut later = positions(change, false);
        match skips {
            true => later.given(&earlier.look(&before, None, 10_000).unwrap().ranges),
            false => later.restore(&earlier.standing().unwrap()).unwrap(),
        }
        later
    };
    let lost = start(false).look(&anew, None, 20_000).unwrap();
    let message = "topic \"a\" was deleted and made anew, and what it had that wasn't read is gone: its id was first and is second";
    assert_eq!((lost.lost.unwrap().to_string().as_str(), lost.ranges.len()), (message, 0));
    let mut skipping = start(true);
    let look = skipping.look(&anew, None, 20_000).unwrap();
    assert_eq!((shown(&look), look.skipped.len(), look.lost), (vec!["a/0 0..500".to_owned()], 1, None));
    assert_eq!(skipping.look(&anew, None, 40_000).unwrap().skipped.len(), 0, "it is told once");
    // Of brokers that tell no ids nothing is known.
    let mut unknowing = start(false);
    assert_eq!(unknowing.look(&Brokers::of(&[("a", 0, 0, 500), ("a", 1, 0, 3)]), None, 20_000).unwrap().lost, None);
}

#[test]
fn messages_that_are_gone_end_the_source_or_are_gone_on_without() {
    let shortened = Brokers::of(&[("a", 0, 15, 20), ("a", 1, 0, 2)]);
    let start = |skips| {
        let mut positions = positions(|definition| definition.skips_lost_messages = skips, false);
        positions.look(&Brokers::of(&[("a", 0, 0, 10), ("a", 1, 0, 7)]), None, 0).unwrap();
        positions
    };
    let lost = start(false).look(&shortened, None, 1).unwrap();
    let message =
        "topic \"a\", partition 0: messages 10 to 14 are gone before they were read: the first that is left is 15";
    assert_eq!((lost.lost.unwrap().to_string().as_str(), lost.ranges.len()), (message, 0));
    let mut skipping = start(true);
    let look = skipping.look(&shortened, None, 1).unwrap();
    assert_eq!(shown(&look), ["a/0 15..20", "a/1 0..2"]);
    let ends = "topic \"a\", partition 1 ends at offset 2 and was read up to 7: its topic was deleted and made anew, or a broker has lost messages";
    assert_eq!(look.skipped.iter().map(Lost::to_string).collect::<Vec<_>>(), [message, ends]);
    assert_eq!(skipping.look(&shortened, None, 2).unwrap().skipped, []);
}

#[test]
fn a_deleted_topic_is_told_of_once_it_stays_away() {
    for skips in [false, true] {
        let mut positions = positions(|definition| definition.skips_lost_messages = skips, false);
        let brokers = Brokers::of(&[("a", 0, 0, 10), ("a", 1, 0, 0)]);
        positions.look(&brokers, None, 0).unwrap();
        let less = Brokers::of(&[("a", 1, 0, 0)]);
        // Brokers answer first that the offset isn't there, then that the partition isn't.
        for now_ms in 1..3 {
            let look = positions.look(&less, None, now_ms).unwrap();
            assert_eq!((shown(&look), look.lost), (vec!["a/0 10..10".to_owned(), "a/1 0..0".to_owned()], None));
        }
        let look = positions.look(&less, None, 4).unwrap();
        let lost = Lost::Partition { of: at("a", 0), position: 10 };
        match skips {
            false => assert_eq!(look.lost, Some(lost)),
            true => {
                assert_eq!((shown(&look), look.skipped), (vec!["a/1 0..0".to_owned()], vec![lost]));
                let again = positions.look(&brokers, None, 20_000).unwrap();
                assert_eq!(shown(&again), ["a/0 0..10", "a/1 0..0"], "made anew, it is a new topic");
            }
        }
    }
}

#[test]
fn a_partition_that_comes_back_in_time_was_never_gone() {
    let mut positions = positions(|_| {}, false);
    let brokers = Brokers::of(&[("a", 0, 0, 10), ("a", 1, 0, 0)]);
    positions.look(&brokers, None, 0).unwrap();
    for now_ms in 1..20 {
        let seen = if now_ms % 2 == 0 { &brokers } else { &Brokers::of(&[("a", 1, 0, 0)]) };
        assert_eq!(positions.look(seen, None, now_ms).unwrap().lost, None);
    }
}

#[test]
fn draining_reads_what_was_there_first_and_no_more() {
    let mut positions = positions(|definition| definition.max_rate_per_partition = Some(6), true);
    let look = positions.look(&Brokers::of(&[("a", 0, 0, 10)]), None, 0).unwrap();
    assert_eq!((shown(&look), look.is_drained), (vec!["a/0 0..6".to_owned()], false));
    let more = Brokers::of(&[("a", 0, 0, 50), ("a", 1, 0, 50)]);
    let look = positions.look(&more, None, 20_000).unwrap();
    assert_eq!((shown(&look), look.is_drained), (vec!["a/0 6..10".to_owned(), "a/1 0..0".to_owned()], true));
}
