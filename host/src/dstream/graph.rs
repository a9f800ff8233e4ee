//! The resolved graph: streams in an order in which each comes after those it reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::{DStream, Reads};
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
}

/// What makes a stream's datasets.
#[derive(Debug)]
pub enum StreamKind {
    /// A source, looked up by the stream's name.
    Source {
        /// Reading it again costs nothing and gives the same: its rows are held in memory.
        in_memory: bool,
    },
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
    /// A stream with more than one reader is materialized, and so is one whose reader might read it in part; unless it is rows in memory already.
    pub fn evaluations(&self) -> Vec<Evaluation> {
        let mut n_readers = vec![0_usize; self.streams.len()];
        let mut read_freely = vec![false; self.streams.len()];
        for output in &self.outputs {
            n_readers[output.stream] += 1;
        }
        // Readers come after what they read, so going backwards, it is known whether a reader is needed before its parents are looked at.
        for idx in (0..self.streams.len()).rev() {
            if n_readers[idx] == 0 {
                continue;
            }
            let stream = &self.streams[idx];
            let freely = matches!(&stream.kind, StreamKind::Operation(operation) if operation.reads() == Reads::Freely);
            for &parent in &stream.parents {
                n_readers[parent] += 1;
                read_freely[parent] |= freely;
            }
        }
        let evaluate = |(idx, stream): (usize, &Stream)| match (&stream.kind, n_readers[idx]) {
            (_, 0) => Evaluation::Unneeded,
            (StreamKind::Source { in_memory: true }, _) => Evaluation::Inline,
            (_, 1) if !read_freely[idx] => Evaluation::Inline,
            _ => Evaluation::Materialized,
        };
        self.streams.iter().enumerate().map(evaluate).collect()
    }

    /// A name for the graph's shape: streams, operations, columns.
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let mut hash = Sha256::new();
        for stream in &self.streams {
            hash.update(format!("{}\0{:?}\0{:?}\0{:?}\n", stream.name, stream.schema, stream.parents, stream.kind));
        }
        for output in &self.outputs {
            hash.update(format!("{}\0{}\n", output.name, output.stream));
        }
        crate::plugin::Digest(hash.finalize().into()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{sql::Sql, union::Union};
    use super::*;
    use crate::engine::sql::Query;
    use arrow::datatypes::Schema;

    fn stream(name: &str, kind: StreamKind, parents: &[usize]) -> Stream {
        Stream { name: name.into(), schema: Arc::new(Schema::empty()), kind, parents: parents.to_vec() }
    }

    fn operation(name: &str, parents: &[usize]) -> Stream {
        stream(name, StreamKind::Operation(Box::new(Union)), parents)
    }

    fn evaluations(streams: Vec<Stream>, outputs: &[usize]) -> Vec<Evaluation> {
        let outputs = outputs.iter().map(|&stream| Output { name: format!("o{stream}"), stream }).collect();
        Graph { streams, outputs, plugins: BTreeMap::new() }.evaluations()
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
