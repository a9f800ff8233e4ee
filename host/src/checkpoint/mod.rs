//! What a job keeps outside its process, so that it can go on after the process has ended: the batch log, state, windows' datasets, received blocks, components.

pub mod datasets;
pub mod fault_point;
#[cfg(any(debug_assertions, feature = "faults"))]
pub mod faults;
pub mod log;
pub mod state;
pub mod store;
pub mod sweep;
pub mod tables;

pub use fault_point::{FaultPoint, fault_point};
pub use store::{Created, ObjectInfo, Store, StoreError, path_name};
