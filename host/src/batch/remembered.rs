//! slice: the datasets of earlier batches, for the program that runs the job.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arrow::array::RecordBatch;
use tokio::sync::watch;

use super::edition::Edition;
use crate::clock::BatchTime;
use crate::dstream::{Evaluation, Graph};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::job::nearest::nearest;

/// A stream's rows in one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The batch.
    pub batch: BatchTime,
    /// Each partition's rows, in order.
    pub partitions: Vec<Vec<RecordBatch>>,
}

/// What a running job remembers of batches that are done, for as long as `[job] remember` says.
#[derive(Debug, Clone)]
pub struct Remembered {
    pub(super) engine: Arc<Engine>,
    pub(super) editions: watch::Receiver<Arc<Edition>>,
    /// The last batch that is done.
    pub(super) done: Arc<AtomicI64>,
}

impl Remembered {
    /// The datasets of a stream from the batch at `from` up to the batch at `to`, in the order of batches. Those times are taken down to the stream's slide. Batches in
    /// which the stream had no dataset, that aren't done yet, or are remembered no more, are left out.
    ///
    /// # Errors
    /// When there is no such stream, no output needs it, nothing is remembered, or `to` is before `from`.
    pub fn slice(&self, stream: &str, from: BatchTime, to: BatchTime) -> Result<Vec<Dataset>> {
        let wrong = |message: String| Err(Error::invalid(message));
        let graph = self.editions.borrow().graph.clone();
        let streams = slides(&graph);
        let slide = match (streams.get(stream), graph.remember) {
            (None, _) => {
                let near = nearest(stream, streams.keys().map(|name| &**name));
                let near = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
                return wrong(format!("there is no stream \"{stream}\"{near}"));
            }
            (Some(None), _) => return wrong(format!("stream \"{stream}\" is not computed: no output needs it")),
            (_, None) => return wrong("datasets are not remembered: set [job] remember".to_owned()),
            (Some(Some(slide)), Some(_)) => *slide,
        };
        if to < from {
            return wrong(format!("a slice from {from} to {to}: it ends before it begins"));
        }
        let (from, to) = (from.floor(slide), to.floor(slide));
        let until = to.min(BatchTime(self.done.load(Ordering::Acquire)));
        let store = &self.engine.services().datasets;
        let kept = store.kept(stream, BatchTime(from.0.saturating_sub(1)), until);
        // One that is dropped meanwhile is one that is remembered no more.
        let read = kept.into_iter().filter_map(|kept| {
            let partition = |number: u32| store.get(stream, kept.batch, number).map(|rows| rows.to_vec());
            let numbers = 0..u32::try_from(kept.partitions).unwrap_or(u32::MAX);
            let partitions: Option<Vec<_>> = numbers.map(partition).collect();
            Some(Dataset { batch: kept.batch, partitions: partitions? })
        });
        Ok(read.collect())
    }
}

/// Each stream's slide; none for one that no output needs.
fn slides(graph: &Graph) -> BTreeMap<&str, Option<Duration>> {
    let all = graph.streams.iter().zip(graph.evaluations());
    let named = all.filter(|(stream, _)| stream.is_named() && !stream.is_table());
    named
        .map(|(stream, evaluation)| (&*stream.name, (evaluation != Evaluation::Unneeded).then_some(stream.slide)))
        .collect()
}
