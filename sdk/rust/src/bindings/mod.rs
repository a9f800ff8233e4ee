//! The WIT package as Rust sees it, written by `scripts/bindings`. Authors don't meet it: [`crate::plugin!`] does.
//!
//! One module a world, since a component may export any of them; all share the types of `data` and the imports.

#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod aggregate;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod files;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod http;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod receiver;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod reference;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod sink;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod sockets;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod state;
#[rustfmt::skip]
#[allow(clippy::all, unused, missing_docs)]
pub mod transform;

pub use transform::sluicebox::operator::{counters, data, logging};

#[cfg(test)]
mod tests {
    /// The files in the order of their names, as `scripts/bindings` digests them.
    const PACKAGE: [&[u8]; 7] = [
        include_bytes!("../../../../wit/aggregate.wit"),
        include_bytes!("../../../../wit/data.wit"),
        include_bytes!("../../../../wit/receiver.wit"),
        include_bytes!("../../../../wit/reference.wit"),
        include_bytes!("../../../../wit/sink.wit"),
        include_bytes!("../../../../wit/state.wit"),
        include_bytes!("../../../../wit/transform.wit"),
    ];

    #[test]
    fn bindings_are_those_of_the_package() {
        let digest = PACKAGE
            .iter()
            .flat_map(|file| file.iter())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
        assert_eq!(include_str!("digest").trim(), format!("{digest:#018x}"), "wit/ has changed: run scripts/bindings");
    }
}
