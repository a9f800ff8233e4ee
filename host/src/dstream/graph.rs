//! The resolved graph: streams in an order in which each comes after those it reads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;

use super::{DStream, Reads};
use crate::clock::BatchTime;
use crate::plugin::Digest;

/// A checked job's streams and outputs.
#[derive(Debug)]
pub struct Graph {
    /// Parents before their readers.
    pub streams: Vec<Stream>,
    /// In the order of the job.
    pub outputs: Vec<Output>,
    /// The components that operators are bound in.
    pub plugins: BTreeMap<String, Digest>,
    /// How long every dataset that is made is kept at least, for the program to look at.
    pub remember: Option<Duration>,
}

/// A stream.
#[derive(Debug)]
pub struct Stream {
    /// Its name.
    pub name: Arc<str>,
    /// Its columns.
    pub schema: SchemaRef,
    /// What makes its datasets.
    pub kind: StreamKind,
    /// The streams it reads, as indices into [`Graph::streams`], each lower than its own.
    pub parents: Vec<usize>,
    /// How often it has a dataset: a multiple of the batch interval.
    pub slide: Duration,
    /// When its rows happened, where it says so.
    pub event_time: Option<EventTime>,
}

/// When the rows of a stream happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTime {
    /// The column that says so.
    pub column: usize,
    /// How much later than the latest a row may be, in milliseconds.
    pub delay_ms: i64,
}

impl Stream {
    /// Whether the user has named it. Others are steps of an operation; their names have a `#`.
    pub fn is_named(&self) -> bool {
        !self.name.contains('#')
    }

    /// Whether it is a source.
    pub fn is_source(&self) -> bool {
        matches!(self.kind, StreamKind::Source { .. })
    }

    /// Whether it is a static table.
    pub fn is_table(&self) -> bool {
        matches!(self.kind, StreamKind::Table)
    }

    pub fn operation(&self) -> Option<&dyn DStream> {
        match &self.kind {
            StreamKind::Source { .. } | StreamKind::Table | StreamKind::DeadLetters => None,
            StreamKind::Operation(operation) => Some(operation.as_ref()),
        }
    }
}

/// What makes a stream's datasets.
#[derive(Debug)]
pub enum StreamKind {
    /// A source, looked up by the stream's name.
    Source {
        /// Reading it again costs nothing and gives the same: its rows are held in memory.
        in_memory: bool,
    },
    /// A static table, looked up by name; no stream of its own, but what operations read beside streams.
    Table,
    /// Rows that were left out of the batch, which are known once all other streams have been made.
    DeadLetters,
    /// An operation on other streams.
    Operation(Box<dyn DStream>),
}

/// An output.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The stream it writes, as an index into [`Graph::streams`].
    pub stream: usize,
    /// Whether it reads the stream's dataset from where it is kept.
    pub reads_kept: bool,
}

/// How a stream's dataset is had in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluation {
    /// No output needs it.
    Unneeded,
    /// Its plan is part of its one reader's.
    Inline,
    /// It is made once, to its end, kept for the batch, and read from there.
    Materialized,
}

impl Graph {
    /// How each stream is evaluated: once per batch, and to its end, whoever reads it.
    ///
    /// A stream with more than one reader is materialized, and so is one whose reader might read it in part; unless it is rows in memory already. So is, in any
    /// case, one that a later batch reads, one that keeps state, and one whose event times are told before others are planned.
    pub fn evaluations(&self) -> Vec<Evaluation> {
        let mut n_readers = vec![0_usize; self.streams.len()];
        let mut read_freely = vec![false; self.streams.len()];
        let mut kept: Vec<bool> =
            self.streams.iter().map(|stream| self.remember.is_some() || stream.event_time.is_some()).collect();
        for output in &self.outputs {
            n_readers[output.stream] += 1;
            kept[output.stream] |= output.reads_kept;
        }
        // Readers come after what they read, so going backwards, it is known whether a reader is needed before its parents are looked at.
        for idx in (0..self.streams.len()).rev() {
            if n_readers[idx] == 0 {
                continue;
            }
            let stream = &self.streams[idx];
            let operation = stream.operation();
            kept[idx] |= operation.is_some_and(|of| of.reads_itself() || of.state().is_some());
            let reads = operation.map_or(Reads::Through, DStream::reads);
            for &parent in &stream.parents {
                n_readers[parent] += 1;
                read_freely[parent] |= reads == Reads::Freely;
                kept[parent] |= matches!(reads, Reads::Back(_));
            }
        }
        let evaluate = |(idx, stream): (usize, &Stream)| match (&stream.kind, n_readers[idx]) {
            (_, 0) => Evaluation::Unneeded,
            (StreamKind::Table | StreamKind::DeadLetters, _) => Evaluation::Inline,
            _ if kept[idx] => Evaluation::Materialized,
            (StreamKind::Source { in_memory: true }, _) => Evaluation::Inline,
            (_, 1) if !read_freely[idx] => Evaluation::Inline,
            _ => Evaluation::Materialized,
        };
        self.streams.iter().enumerate().map(evaluate).collect()
    }

    /// Whether each stream has a dataset in the batch of what came after `after` up to `batch`; `has_input` says it of a source, by name.
    pub fn datasets(&self, after: BatchTime, batch: BatchTime, has_input: impl Fn(&str) -> bool) -> Vec<bool> {
        let mut has: Vec<bool> = Vec::with_capacity(self.streams.len());
        for stream in &self.streams {
            // Where intervals were put together, the batch stands for all slides that ended in them.
            if matches!(stream.kind, StreamKind::Table) {
                // There is one in every batch, which makes nothing happen by itself.
                has.push(false);
                continue;
            }
            if matches!(stream.kind, StreamKind::DeadLetters) {
                has.push(true);
                continue;
            }
            let ends_slide = batch.floor(stream.slide) > after;
            let parents: Vec<bool> = stream.parents.iter().map(|parent| has[*parent]).collect();
            has.push(
                ends_slide && stream.operation().map_or_else(|| has_input(&stream.name), |of| of.has_dataset(&parents)),
            );
        }
        has
    }

    /// For each stream, the time up to which its datasets can be dropped once the batch at `t` is done: no later batch reads them.
    pub fn over_at(&self, t: BatchTime) -> Vec<BatchTime> {
        let remembered = self.remember.map_or(t, |remember| t.before(remember));
        let mut over = vec![remembered; self.streams.len()];
        for stream in &self.streams {
            if let Some(Reads::Back(reach)) = stream.operation().map(DStream::reads) {
                for &parent in &stream.parents {
                    over[parent] = over[parent].min(reach.over_at(t));
                }
            }
        }
        over
    }

    /// Whether a stream reads what it made last.
    pub fn reads_itself(&self, stream: &Stream) -> bool {
        stream.operation().is_some_and(DStream::reads_itself)
    }

    /// The streams that the user has named.
    pub fn named(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|stream| stream.is_named())
    }

    /// A name for the graph's shape: streams, operations, columns.
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let mut hash = Sha256::new();
        for stream in &self.streams {
            let Stream { name, schema, kind, parents, slide, event_time } = stream;
            hash.update(format!("{name}\0{schema:?}\0{parents:?}\0{slide:?}\0{event_time:?}\0{kind:?}\n"));
        }
        for output in &self.outputs {
            hash.update(format!("{}\0{}\n", output.name, output.stream));
        }
        crate::plugin::Digest(hash.finalize().into()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::window::{Span, Window};
    use super::super::{sql::Sql, union::Union};
    use super::*;
    use crate::engine::sql::Query;
    use arrow::datatypes::Schema;

    fn stream(name: &str, kind: StreamKind, parents: &[usize]) -> Stream {
        let (schema, slide) = (Arc::new(Schema::empty()), Duration::from_secs(1));
        Stream { name: name.into(), schema, kind, parents: parents.to_vec(), slide, event_time: None }
    }

    fn operation(name: &str, parents: &[usize]) -> Stream {
        stream(name, StreamKind::Operation(Box::new(Union)), parents)
    }

    fn evaluations(streams: Vec<Stream>, outputs: &[usize]) -> Vec<Evaluation> {
        let outputs =
            outputs.iter().map(|&stream| Output { name: format!("o{stream}"), stream, reads_kept: false }).collect();
        Graph { streams, outputs, plugins: BTreeMap::new(), remember: None }.evaluations()
    }

    fn window(name: &str, parent: usize, length: u64, slide: u64) -> Stream {
        let (length, slide) = (Duration::from_secs(length), Duration::from_secs(slide));
        let of = Window { parent: "source".into(), span: Span { length, slide } };
        Stream { slide, ..stream(name, StreamKind::Operation(Box::new(of)), &[parent]) }
    }

    #[test]
    fn what_a_window_reads_is_kept_until_no_window_can() {
        let source = || stream("source", StreamKind::Source { in_memory: true }, &[]);
        let graph = |streams, remember| Graph {
            outputs: vec![Output { name: "o".into(), stream: 1, reads_kept: false }],
            plugins: BTreeMap::new(),
            streams,
            remember,
        };
        let of_windows = graph(vec![source(), window("w", 0, 5, 2), window("v", 0, 3, 3)], None);
        assert_eq!(of_windows.evaluations()[..2], [Evaluation::Materialized, Evaluation::Inline]);
        // The next windows end at 8 s and reach back to 3 s, and at 9 s, to 6 s.
        assert_eq!(of_windows.over_at(BatchTime(6000))[..2], [BatchTime(3000), BatchTime(6000)]);
        assert_eq!(of_windows.over_at(BatchTime(7000))[0], BatchTime(3000));
        let remembered = graph(vec![source(), window("w", 0, 5, 2)], Some(Duration::from_secs(10)));
        assert_eq!(remembered.over_at(BatchTime(6000)), [BatchTime(-4000); 2]);
        assert_eq!(remembered.evaluations(), [Evaluation::Materialized; 2]);
    }

    #[test]
    fn a_batch_has_the_datasets_of_the_slides_that_ended_in_it() {
        let streams = vec![
            stream("source", StreamKind::Source { in_memory: true }, &[]),
            operation("same", &[0]),
            window("w", 0, 4, 2),
            operation("of-window", &[2]),
        ];
        let graph = Graph { streams, outputs: vec![], plugins: BTreeMap::new(), remember: None };
        let has = |after, batch, input| graph.datasets(BatchTime(after), BatchTime(batch), |_| input);
        assert_eq!(has(0, 1000, true), [true, true, false, false]);
        assert_eq!(has(1000, 2000, true), [true; 4]);
        assert_eq!(has(1000, 2000, false), [false, false, true, true]);
        assert_eq!(
            has(1000, 5000, true),
            [true; 4],
            "the slide that ended at 4 s is put together with the batch at 5 s"
        );
        assert_eq!(has(4000, 5000, true), [true, true, false, false]);
    }

    #[test]
    fn streams_with_two_readers_are_materialized_and_blocks_are_not() {
        use Evaluation::*;
        let source = || stream("lines", StreamKind::Source { in_memory: true }, &[]);
        let files = || stream("files", StreamKind::Source { in_memory: false }, &[]);
        let sql = |parents: &[usize]| {
            let query = Query::new("select 1 as one", &[]).unwrap();
            stream("q", StreamKind::Operation(Box::new(Sql { query })), parents)
        };
        assert_eq!(
            evaluations(vec![source(), operation("a", &[0]), operation("b", &[1])], &[2]),
            [Inline, Inline, Inline]
        );
        assert_eq!(
            evaluations(vec![source(), operation("a", &[0]), operation("b", &[1])], &[1, 2]),
            [Inline, Materialized, Inline]
        );
        assert_eq!(
            evaluations(vec![source(), operation("self", &[0, 0]), operation("b", &[1, 1])], &[2]),
            [Inline, Materialized, Inline]
        );
        assert_eq!(
            evaluations(vec![files(), operation("a", &[0]), operation("b", &[0])], &[1, 2]),
            [Materialized, Inline, Inline]
        );
        assert_eq!(evaluations(vec![source(), operation("a", &[0]), sql(&[1])], &[2]), [Inline, Materialized, Inline]);
        assert_eq!(
            evaluations(vec![source(), operation("a", &[0]), operation("unread", &[1])], &[1]),
            [Inline, Inline, Unneeded]
        );
    }
}
