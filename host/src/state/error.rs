//! What can be wrong with state, told so that one knows which operator and keys, and what to do. Who passes an error on says which stream and batch it is of.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use bytesize::ByteSize;

use crate::job::types::SchemaNames;
use crate::memory::OverBudget;

/// A key group among the largest of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeGroup {
    /// The key group.
    pub group: u32,
    /// The partition that it is worked on in.
    pub partition: u32,
    /// Keys with state.
    pub keys: u64,
    /// Bytes of keys and state, about.
    pub bytes: u64,
}

impl fmt::Display for LargeGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, partition, keys, bytes } = self;
        write!(f, "key group {group} of partition {partition} with {keys} keys and {}", ByteSize(*bytes))
    }
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The stream's state would be larger than it may be.
    #[error(
        "the state of {operator} would take {}, and its state-size is {}; the largest are {}; \
         raise state-size, let keys time out, or keep less of each",
        ByteSize(*bytes), ByteSize(*bound), shown(largest)
    )]
    TooLarge {
        /// The stream.
        stream: Arc<str>,
        /// What keeps it.
        operator: String,
        /// Bytes that it would take.
        bytes: u64,
        /// The most that it may take, in bytes.
        bound: u64,
        /// The largest key groups, the largest first.
        largest: Vec<LargeGroup>,
    },
    /// The job's memory is used up.
    #[error("the state of {operator}: {cause}; the largest are {}", shown(largest))]
    OverBudget {
        /// The stream.
        stream: Arc<str>,
        /// What keeps it.
        operator: String,
        /// What was asked for.
        cause: OverBudget,
        /// The largest key groups, the largest first.
        largest: Vec<LargeGroup>,
    },
    /// The state of one key is larger than any may be.
    #[error(
        "the state of key ({key}) has {}, and the state of a key has at most {}; keep less of each key",
        ByteSize(*bytes), ByteSize(*allowed)
    )]
    RowTooLarge {
        /// The stream.
        stream: Arc<str>,
        /// The key, as text.
        key: String,
        /// Bytes of its state.
        bytes: u64,
        /// The most that it may have.
        allowed: u64,
    },
    /// A key group has no room for more keys.
    #[error(
        "key group {group} has {keys} keys, whose bytes are more than a key group has room for; raise [job] key-groups"
    )]
    GroupFull {
        /// The stream.
        stream: Arc<str>,
        /// The key group.
        group: u32,
        /// Its keys.
        keys: u64,
    },
    /// State is kept with other columns.
    #[error(
        "its state is kept as version {version} with the columns ({}), and {operator} keeps version {other_version} with ({}); \
         use the operator that the state is of, or give the stream another name",
        SchemaNames(columns),
        SchemaNames(other_columns)
    )]
    OtherSchema {
        /// The stream.
        stream: Arc<str>,
        /// What would keep it.
        operator: String,
        /// The version that is kept.
        version: u32,
        /// The columns that are kept, the key's first.
        columns: SchemaRef,
        /// The version of the operator.
        other_version: u32,
        /// The columns of the operator.
        other_columns: SchemaRef,
    },
    /// Two rows of initial state are of the same key.
    #[error("its initial state has two rows of key ({key}); give one for each key")]
    TwiceInitial {
        /// The stream.
        stream: Arc<str>,
        /// The key, as text.
        key: String,
    },
    /// Arrow refuses.
    #[error("its state can't be put together: {cause}")]
    Arrow {
        /// The stream.
        stream: Arc<str>,
        /// Why.
        cause: ArrowError,
    },
}

fn shown(groups: &[LargeGroup]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
