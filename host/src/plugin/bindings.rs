//! Rust types and calls generated from `wit/`, a module per world that is hosted.
//!
//! Nothing outside of this folder sees them. Arguments borrow what they point at, so that a column's buffers go from Arrow's memory into the
//! guest's in one copy.

/// The world `transform-plugin`, and the interfaces that every world shares.
pub(super) mod transform {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "transform-plugin",
        ownership: Borrowing { duplicate_if_necessary: true },
        imports: { default: trappable },
    });
}

/// The world `aggregate-plugin`; its data types are those of [`transform`].
pub(super) mod aggregate {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "aggregate-plugin",
        ownership: Borrowing { duplicate_if_necessary: true },
        with: {
            "sluicebox:operator/data@0.1.0": super::transform::sluicebox::operator::data,
            "sluicebox:operator/logging@0.1.0": super::transform::sluicebox::operator::logging,
            "sluicebox:operator/counters@0.1.0": super::transform::sluicebox::operator::counters,
        },
    });
}

/// The types of [`data`] by the names that a world uses whose guests only take rows.
pub mod data_taken {
    pub use super::transform::sluicebox::operator::data::*;
    pub type Batch<'a> = BatchParam<'a>;
}

/// The types of [`data`] by the names that a world uses whose guests only give rows.
pub mod data_given {
    pub use super::transform::sluicebox::operator::data::*;
    pub type Batch = BatchResult;
    pub type Schema = SchemaResult;
}

/// The world `sink-plugin`; its data types are those of [`transform`].
pub(super) mod sink {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "sink-plugin",
        ownership: Borrowing { duplicate_if_necessary: true },
        with: {
            "sluicebox:operator/data@0.1.0": super::data_taken,
            "sluicebox:operator/logging@0.1.0": super::transform::sluicebox::operator::logging,
            "sluicebox:operator/counters@0.1.0": super::transform::sluicebox::operator::counters,
        },
    });
}

/// The world `receiver-plugin`; its data types are those of [`transform`].
pub(super) mod receiver {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "receiver-plugin",
        ownership: Borrowing { duplicate_if_necessary: true },
        with: {
            "sluicebox:operator/data@0.1.0": super::data_given,
            "sluicebox:operator/logging@0.1.0": super::transform::sluicebox::operator::logging,
            "sluicebox:operator/counters@0.1.0": super::transform::sluicebox::operator::counters,
        },
    });
}

/// The world `state-plugin`; its data types are those of [`transform`].
pub(super) mod state {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "state-plugin",
        ownership: Borrowing { duplicate_if_necessary: true },
        with: {
            "sluicebox:operator/data@0.1.0": super::transform::sluicebox::operator::data,
            "sluicebox:operator/logging@0.1.0": super::transform::sluicebox::operator::logging,
            "sluicebox:operator/counters@0.1.0": super::transform::sluicebox::operator::counters,
        },
    });
}

/// The world `reference-data`; its data types are those of [`transform`].
pub(super) mod reference {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "reference-data",
        ownership: Borrowing { duplicate_if_necessary: true },
        imports: { default: trappable },
        with: { "sluicebox:operator/data@0.1.0": super::data_given },
    });
}

pub(super) use reference::sluicebox::operator::{broadcasts, tables};
pub(super) use transform::sluicebox::operator::{counters, data, logging};
