//! What plugins may reach outside, through WASI's interfaces: client sockets over TCP to what is granted, and waiting for them.
//!
//! `wit/deps` has the interfaces, unchanged; [`bindings`] is generated from them. [`outside`] is what an instance holds, with its bounds; [`poll`] waits, [`streams`]
//! moves bytes, [`tcp`] connects, [`lookup`] finds addresses of names. Sockets never block; what waits does so within the time the call has left, and
//! ends it as any call that takes too long.

mod convert;
mod lookup;
pub mod outside;
mod poll;
mod streams;
mod tcp;

use wasmtime::component::{HasSelf, Linker};

use self::bindings::wasi::{clocks, io, sockets};
use super::guest::Guest;

mod bindings {
    wasmtime::component::bindgen!({
        path: "src/plugin/wasi/wit",
        world: "sockets",
        imports: { default: trappable },
        with: {
            "wasi:io/error.error": super::streams::Failure,
            "wasi:io/poll.pollable": super::poll::Pollable,
            "wasi:io/streams.input-stream": super::streams::InputStream,
            "wasi:io/streams.output-stream": super::streams::OutputStream,
            "wasi:sockets/network.network": super::tcp::Network,
            "wasi:sockets/ip-name-lookup.resolve-address-stream": super::lookup::Lookup,
            "wasi:sockets/tcp.tcp-socket": super::tcp::TcpSocket,
        },
    });
}

/// The interfaces that come with a grant to connect, without their versions.
const INTERFACES: [&str; 9] = [
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:sockets/network",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
];

/// Whether an import is one that comes with a grant to connect.
pub fn is_granted_with_connect(import: &str) -> bool {
    let Some((name, version)) = import.split_once('@') else { return false };
    INTERFACES.contains(&name) && version.starts_with("0.2.")
}

/// Offer the interfaces. What they do is up to the grants of each instance.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    type Own = HasSelf<Guest>;
    io::error::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    io::poll::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    io::streams::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    clocks::monotonic_clock::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::network::add_to_linker::<Guest, Own>(linker, &sockets::network::LinkOptions::default(), |guest| guest)?;
    sockets::instance_network::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::ip_name_lookup::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::tcp::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::tcp_create_socket::add_to_linker::<Guest, Own>(linker, |guest| guest)
}
