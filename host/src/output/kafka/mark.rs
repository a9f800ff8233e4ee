//! The mark of an output: the last batch that is in the topic, and which driver may write.
//!
//! It is kept with the transactions that write batches, as what the group `sluicebox.JOB.OUTPUT` has committed of the topic's first partition: the offset is the batch's time, and the metadata
//! says it again, with the driver's term and the identity that the checkpoint gives the output. So it is there exactly when the batch is.

use serde::{Deserialize, Serialize};

use crate::clock::BatchTime;

/// What the group's metadata says, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The last batch that is in; none before the first.
    pub batch: Option<BatchTime>,
    /// The term of the driver that wrote it.
    pub term: u64,
    /// Tells jobs of the same name apart.
    pub checkpoint: String,
}

/// What a driver may do, once its transactions can't be disturbed by those of earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Write. This is the mark from now on; it isn't kept yet.
    TakeOver(Mark),
    /// Go on: its own mark is there.
    GoOn(Mark),
    /// Nothing any more: another driver has taken over.
    Fenced,
}

impl Mark {
    /// Read metadata; none where they are of something else.
    pub fn read(metadata: &[u8]) -> Option<Self> {
        serde_json::from_slice(metadata).ok()
    }

    /// Whose turn it is where `found` is the mark. `own` is that of the driver who asks: as it began if `is_first`, else as it last knew it.
    pub fn turn(found: Option<&Self>, own: &Self, is_first: bool) -> Turn {
        match found {
            Some(found) if found.checkpoint == own.checkpoint && found.term > own.term => Turn::Fenced,
            Some(found) if found.checkpoint == own.checkpoint && found.term == own.term => Turn::GoOn(found.clone()),
            Some(found) if found.checkpoint == own.checkpoint => {
                Turn::TakeOver(Self { batch: found.batch, ..own.clone() })
            }
            // A job that began with an empty checkpoint takes no account of what was before it, but isn't taken over from without a word.
            Some(_) if !is_first => Turn::Fenced,
            Some(_) | None => Turn::TakeOver(own.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(batch: Option<i64>, term: u64, checkpoint: &str) -> Mark {
        Mark { batch: batch.map(BatchTime), term, checkpoint: checkpoint.into() }
    }

    #[test]
    fn a_later_driver_takes_over_and_an_earlier_one_may_do_nothing_more() {
        let own = mark(None, 3, "a");
        let turn = |found: &Mark, is_first| Mark::turn(Some(found), &own, is_first);
        assert_eq!(Mark::turn(None, &own, true), Turn::TakeOver(own.clone()));
        assert_eq!(turn(&mark(Some(7), 2, "a"), true), Turn::TakeOver(mark(Some(7), 3, "a")));
        assert_eq!(turn(&mark(Some(7), 3, "a"), false), Turn::GoOn(mark(Some(7), 3, "a")));
        assert_eq!(turn(&mark(Some(7), 4, "a"), true), Turn::Fenced);
        assert_eq!(turn(&mark(Some(7), 9, "b"), true), Turn::TakeOver(own.clone()), "a job that began anew");
        assert_eq!(turn(&mark(Some(7), 1, "b"), false), Turn::Fenced, "from which another has taken over since");
        assert_eq!(Mark::turn(None, &own, false), Turn::TakeOver(own.clone()), "groups forget in time");
    }

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        let mark = mark(Some(1_700_000_000_000), 2, "0a");
        let text = serde_json::to_string(&mark).unwrap();
        assert_eq!(text, r#"{"batch":1700000000000,"term":2,"checkpoint":"0a"}"#);
        assert_eq!((Mark::read(text.as_bytes()), Mark::read(b""), Mark::read(b"\xff")), (Some(mark), None, None));
    }
}
