//! The record of another job file that was applied to a running job, and what it does to a history.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::History;
use crate::clock::BatchTime;
use crate::plugin::Digest;

/// Another job file. Batches that are planned after this record are of it, and those planned before are done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyRecord {
    /// The job file until then; none of a job of a program.
    pub from: Option<Digest>,
    /// The job file from then on.
    pub to: Option<Digest>,
    /// The job file that the job was started with. When it is started with another one, that one is taken.
    pub filed: Option<Digest>,
    /// The last batch planned before; none where none was.
    pub after: Option<BatchTime>,
    /// How it came about.
    pub kind: ApplyKind,
    /// What is another than before, in words.
    pub changes: Vec<String>,
    /// What of the checkpoint counts no more.
    #[serde(default)]
    pub dropped: Dropped,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub time_ms: i64,
    /// Who wanted it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// How another job file came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplyKind {
    /// Somebody applied it while the job ran.
    Applied,
    /// The job was started with it, and one that was applied before counts no more.
    Filed,
}

impl fmt::Display for ApplyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Applied => "applied",
            Self::Filed => "filed",
        })
    }
}

/// Streams and plugins of which nothing is gone on with: they are gone, or begin anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Streams whose keyed state is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<Arc<str>>,
    /// Streams whose datasets are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<Arc<str>>,
    /// Streams whose latest event times are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_times: Vec<Arc<str>>,
    /// Sources, with where they stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Plugins, with what they were swapped to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<String>,
}

/// A job file that was applied, and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedFile {
    /// The job file.
    pub digest: Digest,
    /// The one that the job was started with.
    pub filed: Digest,
}

impl History {
    /// Job files that were applied and are remembered.
    pub const APPLIES: usize = 64;

    /// Another job file counts from now on; the error is why it may not.
    pub(super) fn apply_file(&mut self, record: &ApplyRecord) -> Result<(), &'static str> {
        if record.after != self.planned {
            return Err("another batch was planned last");
        }
        if self.applied.is_some_and(|now| Some(now.digest) != record.from) {
            return Err("the job file is another one");
        }
        if record.kind == ApplyKind::Applied && !self.unfinished.is_empty() {
            return Err("a batch that was planned before isn't done");
        }
        let file = (record.to, record.filed);
        self.applied = match (record.kind, file) {
            (ApplyKind::Applied, (Some(digest), Some(filed))) => Some(AppliedFile { digest, filed }),
            _ => None,
        };
        let Dropped { states, datasets, event_times, sources, plugins } = &record.dropped;
        self.states.retain(|stream, _| !states.contains(stream));
        self.datasets.retain(|stream, _| !datasets.contains(stream));
        self.event_times.retain(|stream, _| !event_times.contains(stream));
        self.sources.retain(|source, _| !sources.contains(source));
        self.components.retain(|plugin, _| !plugins.contains(plugin));
        while self.applies.len() >= Self::APPLIES {
            self.applies.pop_front();
        }
        self.applies.push_back(record.clone());
        Ok(())
    }
}
