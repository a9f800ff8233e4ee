//! The batch log: what each batch will read and with which code, written before it runs; what it made; and that it is done.
//!
//! It is one numbered sequence of records. For a batch t they come in the order plan(t), result(t), done(t); batches are planned, and done, in the order
//! of their times. A plan never changes; a batch that is run again has the plan it had. Outputs are committed after result(t) and from what it
//! names, so whatever an attempt staged that no result names counts for nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::clock::BatchTime;
use crate::output::Staged;
use crate::plugin::Digest;
use crate::receiver::InputRange;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// A driver has taken over. Drivers of lower terms may not append any more.
    Term {
        /// One more than the term before.
        term: u64,
    },
    /// What a batch reads, and with which code.
    Plan(PlanRecord),
    /// What a batch made: the one attempt that counts.
    Result(ResultRecord),
    /// All outputs of the batch are committed.
    Done {
        /// The batch.
        batch: BatchTime,
    },
}

/// plan(t).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The batch.
    pub batch: BatchTime,
    /// The batch time before it: the batch is of what came after that. Where intervals were put together, those between are left out.
    pub after: BatchTime,
    /// What it reads, by source stream.
    pub inputs: BTreeMap<String, InputRange>,
    /// The component each plugin is, by the plugin's name in the job.
    pub plugins: BTreeMap<String, Digest>,
    /// Names the graph that the plan was made for.
    pub graph: String,
}

/// result(t).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultRecord {
    /// The batch.
    pub batch: BatchTime,
    /// The attempt whose results count.
    pub attempt: u32,
    /// What each output staged, in the order of the outputs.
    pub outputs: Vec<(String, Vec<Staged>)>,
    /// Rows rejected and left out, by stream.
    pub rejected: BTreeMap<String, u64>,
    /// The latest event times, by stream, in milliseconds since 1970-01-01T00:00:00Z: what later batches' watermarks are made of.
    pub event_times: BTreeMap<Arc<str>, i64>,
}

/// The log could not be written; nothing after the record may be done.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the batch log refused {record}: {reason}")]
pub struct LogError {
    /// The record, in words.
    pub record: String,
    /// Why.
    pub reason: String,
}

/// Where records are kept.
#[async_trait::async_trait]
pub trait BatchLog: std::fmt::Debug + Send + Sync {
    /// Append a record; when this returns it is as safe as the log makes it.
    async fn append(&self, record: Record) -> Result<(), LogError>;

    /// Records still kept, oldest first.
    async fn read(&self) -> Result<Vec<Record>, LogError>;
}

/// Batches whose records a [`MemoryLog`] keeps after they are done.
pub const BATCHES_KEPT: usize = 100;

/// A log that lasts as long as the process, and refuses records out of order. It keeps the last [`BATCHES_KEPT`] batches that are done.
#[derive(Debug, Default)]
pub struct MemoryLog(Mutex<Records>);

#[derive(Debug, Default)]
struct Records {
    kept: VecDeque<Record>,
    planned: Option<BatchTime>,
    unfinished: BTreeMap<BatchTime, bool>,
    n_done: usize,
}

#[async_trait::async_trait]
impl BatchLog for MemoryLog {
    async fn append(&self, record: Record) -> Result<(), LogError> {
        self.0.lock().append(record)
    }

    async fn read(&self) -> Result<Vec<Record>, LogError> {
        Ok(self.0.lock().kept.iter().cloned().collect())
    }
}

impl Records {
    fn append(&mut self, record: Record) -> Result<(), LogError> {
        match &record {
            Record::Term { .. } => {}
            Record::Plan(plan) => {
                let later = self.planned.is_none_or(|planned| plan.batch > planned);
                accept(later, || format!("plan({})", plan.batch), "a later batch is planned already")?;
                self.planned = Some(plan.batch);
                self.unfinished.insert(plan.batch, false);
            }
            Record::Result(result) => {
                let first = self.unfinished.first_entry().filter(|first| *first.key() == result.batch && !first.get());
                let name = || format!("result({})", result.batch);
                match first {
                    Some(mut first) => *first.get_mut() = true,
                    None => accept(false, name, "it isn't the oldest batch that is planned and has no result")?,
                }
            }
            Record::Done { batch } => {
                let has_result = self.unfinished.get(batch).copied().unwrap_or(false);
                accept(has_result, || format!("done({batch})"), "the batch has no result")?;
                self.unfinished.remove(batch);
                self.n_done += 1;
            }
        }
        self.kept.push_back(record);
        self.forget();
        Ok(())
    }

    fn forget(&mut self) {
        while self.n_done > BATCHES_KEPT {
            if let Some(Record::Done { .. }) = self.kept.pop_front() {
                self.n_done -= 1;
            }
        }
    }
}

fn accept(fine: bool, record: impl Fn() -> String, reason: &str) -> Result<(), LogError> {
    if fine { Ok(()) } else { Err(LogError { record: record(), reason: reason.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(batch: i64) -> Record {
        let (inputs, plugins) = Default::default();
        let after = BatchTime(batch - 1);
        Record::Plan(PlanRecord { batch: BatchTime(batch), after, inputs, plugins, graph: String::new() })
    }

    fn result(batch: i64) -> Record {
        let (batch, rejected, event_times) = (BatchTime(batch), BTreeMap::new(), BTreeMap::new());
        Record::Result(ResultRecord { batch, attempt: 0, outputs: vec![], rejected, event_times })
    }

    fn done(batch: i64) -> Record {
        Record::Done { batch: BatchTime(batch) }
    }

    #[test]
    fn records_come_in_the_order_plan_result_done() {
        let mut log = Records::default();
        for record in [plan(1), plan(2), result(1), done(1), result(2)] {
            log.append(record).unwrap();
        }
        for refused in [plan(2), result(1), result(2), done(1), done(3)] {
            let error = log.append(refused).unwrap_err();
            assert!(error.to_string().starts_with("the batch log refused"), "{error}");
        }
        log.append(done(2)).unwrap();
    }

    #[test]
    fn a_result_waits_for_the_batches_before_it() {
        let mut log = Records::default();
        log.append(plan(1)).unwrap();
        log.append(plan(2)).unwrap();
        assert!(log.append(result(2)).is_err());
    }

    #[test]
    fn old_batches_are_forgotten() {
        let mut log = Records::default();
        for batch in 0..1000 {
            for record in [plan(batch), result(batch), done(batch)] {
                log.append(record).unwrap();
            }
        }
        assert_eq!(log.kept.len(), 3 * BATCHES_KEPT);
    }

    #[test]
    fn records_are_plain_json() {
        let mut inputs = BTreeMap::new();
        inputs.insert("lines".to_owned(), InputRange::NoDataset);
        let plugins = [("words".to_owned(), Digest([7; 32]))].into();
        let (batch, after) = (BatchTime(1000), BatchTime(0));
        let record = Record::Plan(PlanRecord { batch, after, inputs, plugins, graph: "g".to_owned() });
        let json = serde_json::to_string(&record).unwrap();
        let digest = "07".repeat(32);
        assert_eq!(
            json,
            format!(
                r#"{{"plan":{{"batch":1000,"after":0,"inputs":{{"lines":"no-dataset"}},"plugins":{{"words":"{digest}"}},"graph":"g"}}}}"#
            )
        );
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    }
}
