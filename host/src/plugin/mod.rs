//! Plugins: components loaded, compiled, bound to schemas, and called in sandboxed instances. The only folder that names wasmtime.
//!
//! The map: [`host`] keeps components by digest; [`signature`] says who vouches for one, [`component`] checks it, against the [`version`]s that are hosted, [`compile`] has it compiled, [`cache`] keeps its code, [`engine`] is what runs it, and [`compiled`] what there is of one. [`transform`], [`aggregate`],
//! [`state`], [`sink`] and [`receiver`] agree with operators on schemas ([`operators`], [`matching`]) and give them rows, or take them, which [`convert`] hands over and takes back.
//! What is done about rows that it rejects, or fails at, is a [`policy`]. An [`instance`] of a [`world`] lives in a store of its own, with what [`guest`] gives it, and [`wasi`] where [`grants`] say so ([`needs`] says which of them a component wants), limited by [`limits`], in memory through [`limiter`] and in time through [`ticker`]. [`bindings`]
//! is generated from `wit/`, and [`error`] says whose fault it was.
//! [`build`] makes a component of a crate.

mod aggregate;
mod bindings;
pub mod build;
mod cache;
pub(crate) mod compile;
mod compiled;
mod component;
mod convert;
mod engine;
mod error;
mod grants;
mod guest;
mod host;
mod instance;
mod limiter;
mod limits;
mod matching;
pub mod needs;
mod operators;
mod origin;
mod policy;
mod receiver;
pub mod reference;
pub(crate) mod signature;
mod sink;
mod state;
#[cfg(test)]
mod tests;
mod ticker;
mod transform;
pub mod version;
mod wasi;
mod whole;
mod world;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use aggregate::{AggregateBinding, AggregateTask};
pub use compile::{CompileLimits, Compiler};
#[doc(hidden)]
pub use convert::Answered;
#[cfg(test)]
pub(crate) use convert::generate::{self, Random};
pub use convert::schema::crossing_schema;
pub use error::{PluginError, PluginErrorKind, PluginFailure, Role};
pub use grants::{Address, Directory, Grants};
pub use host::{Inspection, PluginHost, PluginHostOptions, PluginMetrics};
pub use instance::TaskReport;
pub use limits::{HOST_CALL, Limit, Limits, MAX_COMPONENT, MAX_STACK, Usage, Used};
pub use operators::{BoundState, Operator, OperatorKind, StateKind, StateOperator, TransformKind};
pub use origin::{Origin, Scheme};
pub use policy::{MAX_RETRY, OnError, Overrides, Policy};
pub use receiver::{MAX_POSITION, Received, ReceiverBinding, ReceiverTask};
pub use signature::TrustedKey;
pub use sink::{MAX_COMMITTABLE, SinkBinding, SinkTask};
pub use state::{StateBinding, StateOutcome, StateTask, StateWork};
pub use transform::{MAX_CHUNK_ROWS, MAX_REASON, Produced, Rejection, TransformBinding, TransformTask};
pub use whole::check_component;

use crate::clock::BatchTime;

/// An operator as a job names it: everything that decides what it does. Plans carry it as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OperatorRef {
    /// The plugin's name in the job.
    pub plugin: String,
    /// The operator's name in the plugin.
    pub operator: String,
    /// The component it is in.
    pub digest: Digest,
    /// The plugin's configuration, a JSON object.
    pub config: String,
    /// What an instance may use.
    pub limits: Limits,
    /// What to do about rows that the operator rejects.
    pub on_reject: Policy,
    /// What to do about calls in which it fails.
    pub on_error: OnError,
}

/// One partition of one batch that an instance works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The job's name.
    pub job: Arc<str>,
    /// The stream that the operator makes.
    pub stream: Arc<str>,
    /// The batch.
    pub batch: BatchTime,
    /// The partition of the operator's input, from 0.
    pub partition: u32,
    /// Partitions of the operator's input in this batch.
    pub partitions: u32,
    /// 0, and one more each time the same work is done again.
    pub attempt: u32,
    /// Calls that instances before this one made on the same work, where it goes on in the middle of it.
    pub done: u64,
    /// What instances have logged before that worked on the same.
    pub logged: Logged,
}

/// How much was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Logged {
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
}

/// The SHA-256 digest of a component's bytes: what a batch's plan names it by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Digest {
    /// The digest of a component's bytes.
    pub fn of(component: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(component).into())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a digest: 64 hexadecimal digits are expected");
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut digest = [0; 32];
        for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self(digest))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
