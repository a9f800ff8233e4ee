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

pub(super) use transform::sluicebox::operator::{counters, data, logging};
