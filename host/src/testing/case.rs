//! What a case says, before the columns of its streams are known.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::job::definition::Place;
use crate::job::file::tree::Node;

/// Datasets in, and what comes of them.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name, unique in its file.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What sources give, by the stream's name; a source that isn't named gives an empty dataset in every batch.
    pub inputs: Vec<Input>,
    /// The state of streams before the first batch, by the stream's name; a stateful stream that isn't named has none, unless it takes it from a stream of the job.
    pub states: Vec<State>,
    /// How many batches are run; none: as many as the longest input has, at least one.
    pub n_batches: Option<usize>,
    /// Where the clock stands before the first batch, in milliseconds since 1970-01-01T00:00:00Z.
    pub start_ms: i64,
    /// How far apart two floats may be and still count as the same; none: they have to be the same float, or both NaN.
    pub tolerance: Option<f64>,
    /// What streams or outputs make, and what state streams have.
    pub expected: Vec<Expected>,
    /// How the job fails; none: it doesn't.
    pub error: Option<ExpectedError>,
}

impl Case {
    /// A case of a program, with nothing in it.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            place: Place::Program,
            inputs: vec![],
            states: vec![],
            n_batches: None,
            start_ms: 0,
            tolerance: None,
            expected: vec![],
            error: None,
        }
    }
}

/// The state of a stream before the first batch.
#[derive(Debug, Clone)]
pub struct State {
    /// The stream.
    pub stream: String,
    /// Where it stands.
    pub place: Place,
    /// The key's columns, then the state's.
    pub rows: Rows,
    /// How long each key has rested by the first batch, in whole milliseconds; none: not at all.
    pub rested: Option<Rested>,
}

/// How long keys have rested: the time since they had a value last.
#[derive(Debug, Clone)]
pub struct Rested {
    /// Where it stands.
    pub place: Place,
    /// Of each key, in the order of the rows.
    pub of: Vec<Duration>,
}

/// What a source gives, batch by batch. After the last one listed, batches get an empty dataset.
#[derive(Debug, Clone)]
pub struct Input {
    /// The source stream.
    pub stream: String,
    /// Where it stands.
    pub place: Place,
    /// The columns, for a source that would infer them.
    pub schema: Option<SchemaRef>,
    /// Into how many partitions rows are spread that don't say it.
    pub n_partitions: usize,
    /// A dataset for each batch.
    pub datasets: Vec<InputDataset>,
}

/// What a batch gets of a source.
#[derive(Debug, Clone)]
pub enum InputDataset {
    /// No dataset at all, as from a source that could not be asked.
    Missing,
    /// Rows, of which row j of n is in partition i of p with i·n/p ≤ j < (i+1)·n/p.
    Spread(Rows),
    /// The rows of each partition.
    Partitions(Vec<Rows>),
}

/// What a stream or output makes.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The stream's name, or else the output's.
    pub name: String,
    /// Whether it is about the state that the stream has after a batch, rather than about what it makes.
    pub is_state: bool,
    /// Where it stands.
    pub place: Place,
    /// Whether the order of rows counts.
    pub ordered: bool,
    /// The datasets.
    pub datasets: Datasets,
}

/// For which batches something is expected.
#[derive(Debug, Clone)]
pub enum Datasets {
    /// For every batch, in order; those after the last one listed make no rows.
    Every(Vec<ExpectedDataset>),
    /// For these, numbered from 1; nothing is said about others.
    Numbered(Vec<(usize, ExpectedDataset)>),
    /// These datasets are emitted, in this order and in whichever batches, and no others.
    Emitted(Vec<ExpectedDataset>),
}

/// What is expected of a dataset.
#[derive(Debug, Clone)]
pub enum ExpectedDataset {
    /// That there is none.
    Missing,
    /// That there is none, or one without rows.
    NoRows,
    /// That there is one, with what is given here.
    Made {
        /// All its rows, partition after partition.
        rows: Option<Rows>,
        /// The rows of each partition.
        partitions: Option<Vec<Rows>>,
        /// How many rows it has.
        n_rows: Option<usize>,
        /// How many partitions it has.
        n_partitions: Option<usize>,
    },
}

impl ExpectedDataset {
    /// A dataset with exactly these rows.
    pub fn rows(rows: Rows) -> Self {
        Self::Made { rows: Some(rows), partitions: None, n_rows: None, n_partitions: None }
    }
}

/// How a job fails: its check does, or a batch.
#[derive(Debug, Clone)]
pub struct ExpectedError {
    /// What the error says, among other things.
    pub parts: Vec<String>,
    /// The batch that fails, numbered from 1; none: any, or the check.
    pub batch: Option<usize>,
}

/// Rows, as a case file writes them or as a program has them.
#[derive(Debug, Clone)]
pub struct Rows(pub(super) Inner);

#[derive(Debug, Clone)]
pub(super) enum Inner {
    Written(Arc<[Node]>),
    Made(RecordBatch),
}

impl From<RecordBatch> for Rows {
    fn from(rows: RecordBatch) -> Self {
        Self(Inner::Made(rows))
    }
}

impl From<Vec<Node>> for Rows {
    fn from(rows: Vec<Node>) -> Self {
        Self(Inner::Written(rows.into()))
    }
}
