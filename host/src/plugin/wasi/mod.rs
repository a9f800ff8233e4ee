//! What plugins may reach outside, through WASI's interfaces: client sockets over TCP to what is granted, and waiting for them; files of granted directories, to be read.
//!
//! `wit/deps` has the interfaces, unchanged; [`bindings`] is generated from them. [`outside`] is what an instance holds, with its bounds; [`poll`] waits, [`streams`]
//! moves bytes, [`tcp`] connects, [`lookup`] finds addresses of names, [`files`] opens and reads, [`filesystem`] says so in WASI's words. Sockets never block; what waits does so within
//! the time the call has left, and ends it as any call that takes too long.

mod convert;
mod files;
mod filesystem;
mod lookup;
pub mod outside;
mod poll;
mod streams;
mod tcp;

use wasmtime::component::{HasSelf, Linker};

use self::bindings::wasi::{clocks, filesystem as fs, io, sockets};
use super::grants::Grants;
use super::guest::Guest;

mod bindings {
    wasmtime::component::bindgen!({
        path: "src/plugin/wasi/wit",
        world: "outside",
        imports: { default: trappable },
        with: {
            "wasi:io/error.error": super::streams::Failure,
            "wasi:io/poll.pollable": super::poll::Pollable,
            "wasi:io/streams.input-stream": super::streams::InputStream,
            "wasi:io/streams.output-stream": super::streams::OutputStream,
            "wasi:filesystem/types.descriptor": super::files::Descriptor,
            "wasi:filesystem/types.directory-entry-stream": super::files::Entries,
            "wasi:sockets/network.network": super::tcp::Network,
            "wasi:sockets/ip-name-lookup.resolve-address-stream": super::lookup::Lookup,
            "wasi:sockets/tcp.tcp-socket": super::tcp::TcpSocket,
        },
    });
}

/// The interfaces that come with any grant of something outside, without their versions.
const SHARED: [&str; 3] = ["wasi:io/error", "wasi:io/poll", "wasi:io/streams"];
/// Those that come with a grant to connect.
const CONNECT: [&str; 6] = [
    "wasi:clocks/monotonic-clock",
    "wasi:sockets/network",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
];
/// Those that come with a grant to read.
const READ: [&str; 3] = ["wasi:clocks/wall-clock", "wasi:filesystem/types", "wasi:filesystem/preopens"];

/// What gives an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBy {
    /// A grant to connect.
    Connect,
    /// A grant to read.
    Read,
    /// Either.
    Any,
}

impl GivenBy {
    /// What gives this import; none: nothing does.
    pub fn of(import: &str) -> Option<Self> {
        let (name, version) = import.split_once('@')?;
        match version.starts_with("0.2.") {
            true if SHARED.contains(&name) => Some(Self::Any),
            true if CONNECT.contains(&name) => Some(Self::Connect),
            true if READ.contains(&name) => Some(Self::Read),
            _ => None,
        }
    }

    /// Whether it is among the grants.
    pub fn is_in(self, grants: &Grants) -> bool {
        let (connect, read) = (!grants.connect.is_empty(), !grants.read.is_empty());
        match self {
            Self::Connect => connect,
            Self::Read => read,
            Self::Any => connect || read,
        }
    }
}

/// Offer the interfaces. What they do is up to the grants of each instance.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    type Own = HasSelf<Guest>;
    io::error::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    io::poll::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    io::streams::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    clocks::monotonic_clock::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    clocks::wall_clock::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    fs::types::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    fs::preopens::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::network::add_to_linker::<Guest, Own>(linker, &sockets::network::LinkOptions::default(), |guest| guest)?;
    sockets::instance_network::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::ip_name_lookup::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::tcp::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::tcp_create_socket::add_to_linker::<Guest, Own>(linker, |guest| guest)
}
