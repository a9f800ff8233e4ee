//! Keyed state: the keys of stateful streams, what is kept of each, and its versions by batch.
//!
//! | file | what is in it |
//! |---|---|
//! | [`key_group`] | which key group a key belongs to |
//! | [`keys`] | keys as bytes: equal keys have equal bytes |
//! | [`store`] | [`StateStore`]: all stateful streams; what an attempt at a batch stages, and what becomes of it |
//! | [`group`] | a key group: its keys, where the state of each is, and when it was refreshed |
//! | [`segments`] | the state itself, in record batches |
//! | [`delta`] | what a batch changes in a key group |
//! | [`left_alone`] | keys whose state alone an operator fails at |
//! | [`times`] | by which times keys are forgotten |
//! | [`snapshot`] | all keys and state of a key group, and what a batch changed, as rows |
//!
//! A key group belongs to one partition in a batch. While a batch runs, state is only read: what its tasks make is staged, and applied once the batch's result is recorded. A batch that runs again
//! begins with the same state. What a batch costs follows the keys it touches, and what is held follows the keys that live.

pub mod delta;
pub mod error;
pub mod group;
pub mod key_group;
pub mod keys;
pub mod left_alone;
pub mod restore;
pub mod segments;
pub mod snapshot;
pub mod store;
#[cfg(test)]
mod tests;
pub mod times;

pub use delta::{Change, GroupDelta};
pub use error::StateError;
pub use keys::{KeyBytes, KeyCodec};
pub use left_alone::LeaveAlone;
pub use store::{Commit, StateSpec, StateStore, StreamState};
pub use times::StateTimes;
