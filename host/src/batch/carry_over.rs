//! What of a checkpoint a job goes on with, and what not: told before it runs.

use std::fmt;
use std::time::Duration;

use super::keep::{are_same, dataset_columns, left_out, shape};
use super::log::{History, StateHistory};
use super::recover::{in_words, mismatch};
use crate::dstream::{DStream, Evaluation, Graph, Stream};
use crate::job::definition::Definition;

/// What becomes of one thing that a checkpoint has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The job goes on with it.
    CarriesOver,
    /// The job's operator is asked to make it into its own version.
    Migrates(String),
    /// It is another from now on.
    Changes(String),
    /// The job does without it.
    Dropped(String),
    /// The job can't go on.
    Stops(String),
}

/// Something that a checkpoint has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarryOver {
    /// The stream, or what else it is about.
    pub name: String,
    /// What the checkpoint has of it.
    pub what: String,
    /// What becomes of it.
    pub fate: Fate,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CarriesOver => f.write_str("carries over"),
            Self::Migrates(how) => write!(f, "migrates: {how}"),
            Self::Changes(how) => write!(f, "is another: {how}"),
            Self::Dropped(why) => write!(f, "is dropped: {why}"),
            Self::Stops(why) => write!(f, "stops the job: {why}"),
        }
    }
}

/// What becomes of all that `history` has in a job of this definition and graph.
pub fn carry_over(definition: &Definition, graph: &Graph, history: &History) -> Vec<CarryOver> {
    let key_groups = definition.job.key_groups;
    let mut all = of_job(definition, history);
    let stream_of = |name: &str| {
        let mut streams = graph.streams.iter().zip(graph.evaluations());
        streams
            .find(|(stream, evaluation)| *stream.name == *name && *evaluation != Evaluation::Unneeded)
            .map(|(stream, _)| stream)
    };
    let gone = || Fate::Dropped("the job has no such stream, or no output needs it".to_owned());
    for (name, kept) in &history.states {
        let fate = stream_of(name).map_or_else(gone, |stream| state(stream, key_groups, kept));
        let bytes: u64 = kept.files.iter().map(|file| file.bytes).sum();
        let what = format!("state, in {} files of {} bytes", kept.files.len(), bytes);
        all.push(CarryOver { name: name.to_string(), what, fate });
    }
    for (name, files) in &history.datasets {
        let fate = match stream_of(name) {
            None => gone(),
            Some(stream) => match files.iter().find(|file| !are_same(&file.columns, &dataset_columns(stream))) {
                None => Fate::CarriesOver,
                Some(file) => Fate::Dropped(left_out(name, &file.columns, &dataset_columns(stream)).1),
            },
        };
        all.push(CarryOver { name: name.to_string(), what: format!("datasets of {} batches", files.len()), fate });
    }
    for name in history.sources.keys() {
        let fate = match graph.streams.iter().find(|stream| *stream.name == **name) {
            Some(stream) if stream.is_source() => Fate::CarriesOver,
            _ => Fate::Dropped(
                "the job has no such source: what it gave to batches that aren't done can't be read".to_owned(),
            ),
        };
        all.push(CarryOver { name: name.clone(), what: "what it has given".to_owned(), fate });
    }
    for unfinished in &history.unfinished {
        let what =
            if unfinished.result.is_some() { "has a result, and isn't done" } else { "is planned, and has no result" };
        let batch = format!("batch {}", unfinished.plan.batch);
        all.push(CarryOver { name: batch, what: what.to_owned(), fate: Fate::CarriesOver });
    }
    all
}

/// What is of the job as a whole, where it isn't what it was.
fn of_job(definition: &Definition, history: &History) -> Vec<CarryOver> {
    let mut all = vec![];
    let interval = definition.job.batch_interval;
    let before = history.interval_ms.map(Duration::from_millis).filter(|before| *before != interval);
    if let Some(before) = before {
        let (before, now) = (humantime::format_duration(before), humantime::format_duration(interval));
        let fate = Fate::Changes(format!("{now}, from the next batch on that is planned; windows reach back by time"));
        all.push(CarryOver { name: "batch-interval".to_owned(), what: before.to_string(), fate });
    }
    if let Some(applied) = history.applied.filter(|applied| Some(applied.digest) != definition.filed()) {
        let fate = Fate::Changes(match Some(applied.filed) == definition.filed() {
            true => "run goes on with that one, since it was applied to a job that was started with this".to_owned(),
            false => "run takes this one".to_owned(),
        });
        all.push(CarryOver { name: "job file".to_owned(), what: "one was applied while the job ran".to_owned(), fate });
    }
    all
}

fn state(stream: &Stream, key_groups: u32, kept: &StateHistory) -> Fate {
    let Some(keyed) = stream.operation().and_then(DStream::state) else {
        return Fate::Dropped("the stream keeps no state any more".to_owned());
    };
    let now = shape(&keyed.stateful.spec(key_groups));
    if let Some(why) = mismatch(&stream.name, kept, &now) {
        return Fate::Stops(why);
    }
    match kept.files.iter().find(|file| file.shape != now) {
        None => Fate::CarriesOver,
        Some(file) => Fate::Migrates(format!(
            "from version {} ({}) to version {} ({}), by its operator",
            file.shape.version,
            in_words(&file.shape.state),
            now.version,
            in_words(&now.state)
        )),
    }
}
