//! What plugins may reach outside, through WASI's interfaces: client sockets over TCP to what is granted, and waiting for them; HTTP requests to origins that are granted; files of granted directories, to be read; and what
//! languages' run-times import whether their programs use it or not, which gives every plugin the same whenever the same batch is worked on, and nothing of the machine: [`time`], [`random`] and [`cli`].
//!
//! `wit/deps` has the interfaces, unchanged; [`bindings`] is generated from them. [`outside`] is what an instance holds, with its bounds; [`poll`] waits, [`streams`]
//! moves bytes, [`tcp`] connects, [`http`] sends requests, [`lookup`] finds addresses of names, [`files`] opens and reads, [`filesystem`] says so in WASI's words. Sockets never block; what waits does so within
//! the time the call has left, and ends it as any call that takes too long.

mod cli;
mod convert;
mod files;
mod filesystem;
mod http;
mod lookup;
pub mod outside;
mod poll;
mod random;
mod streams;
mod tcp;
mod time;
mod udp;

use wasmtime::component::{HasSelf, Linker};

use self::bindings::wasi::{
    cli as wasi_cli, clocks, filesystem as fs, http as wasi_http, io, random as wasi_random, sockets,
};
pub use self::cli::Exited;
pub use self::random::numbers_of;
use super::grants::Grants;
use super::guest::Guest;

mod bindings {
    wasmtime::component::bindgen!({
        path: "src/plugin/wasi/wit",
        world: "outside",
        imports: { default: trappable },
        with: {
            "wasi:cli/terminal-input.terminal-input": super::cli::Terminal,
            "wasi:cli/terminal-output.terminal-output": super::cli::Terminal,
            "wasi:io/error.error": super::streams::Failure,
            "wasi:io/poll.pollable": super::poll::Pollable,
            "wasi:io/streams.input-stream": super::streams::InputStream,
            "wasi:io/streams.output-stream": super::streams::OutputStream,
            "wasi:filesystem/types.descriptor": super::files::Descriptor,
            "wasi:filesystem/types.directory-entry-stream": super::files::Entries,
            "wasi:http/types.fields": super::http::fields::Fields,
            "wasi:http/types.future-incoming-response": super::http::response::FutureResponse,
            "wasi:http/types.future-trailers": super::http::response::FutureTrailers,
            "wasi:http/types.incoming-body": super::http::response::IncomingBody,
            "wasi:http/types.incoming-request": super::udp::Never,
            "wasi:http/types.incoming-response": super::http::response::IncomingResponse,
            "wasi:http/types.outgoing-body": super::http::request::OutgoingBody,
            "wasi:http/types.outgoing-request": super::http::request::OutgoingRequest,
            "wasi:http/types.outgoing-response": super::udp::Never,
            "wasi:http/types.request-options": super::http::client::Timeouts,
            "wasi:http/types.response-outparam": super::udp::Never,
            "wasi:sockets/network.network": super::tcp::Network,
            "wasi:sockets/ip-name-lookup.resolve-address-stream": super::lookup::Lookup,
            "wasi:sockets/tcp.tcp-socket": super::tcp::TcpSocket,
            "wasi:sockets/udp.udp-socket": super::udp::Never,
            "wasi:sockets/udp.incoming-datagram-stream": super::udp::Never,
            "wasi:sockets/udp.outgoing-datagram-stream": super::udp::Never,
        },
    });
}

/// The interfaces that every plugin is given, without their versions.
const GIVEN: [&str; 20] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];
/// Those that come with a grant to connect.
const CONNECT: [&str; 7] = [
    "wasi:sockets/network",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Those that come with a grant to send requests.
const HTTP: [&str; 2] = ["wasi:http/types", "wasi:http/outgoing-handler"];

/// What gives an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBy {
    /// Nothing needs to: it reaches nothing that isn't granted.
    Itself,
    /// A grant to connect.
    Connect,
    /// A grant to send requests.
    Http,
}

impl GivenBy {
    /// What gives this import; none: nothing does.
    pub fn of(import: &str) -> Option<Self> {
        let (name, version) = import.split_once('@')?;
        match version.starts_with("0.2.") {
            true if GIVEN.contains(&name) => Some(Self::Itself),
            true if CONNECT.contains(&name) => Some(Self::Connect),
            true if HTTP.contains(&name) => Some(Self::Http),
            _ => None,
        }
    }

    /// Whether it is among the grants.
    pub fn is_in(self, grants: &Grants) -> bool {
        match self {
            Self::Itself => true,
            Self::Connect => grants.has_sockets(),
            Self::Http => grants.http.is_some(),
        }
    }
}

/// Offer the interfaces. What they do is up to the grants of each instance.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    type Own = HasSelf<Guest>;
    wasi_cli::environment::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::exit::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::stdin::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::stdout::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::stderr::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::terminal_input::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::terminal_output::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::terminal_stdin::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::terminal_stdout::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_cli::terminal_stderr::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_random::random::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_random::insecure::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    wasi_random::insecure_seed::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    io::error::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    io::poll::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    io::streams::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    clocks::monotonic_clock::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    clocks::wall_clock::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    fs::types::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    fs::preopens::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    let stable = wasi_http::types::LinkOptions::default();
    wasi_http::types::add_to_linker::<Guest, Own>(linker, &stable, |guest| guest)?;
    wasi_http::outgoing_handler::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::network::add_to_linker::<Guest, Own>(linker, &sockets::network::LinkOptions::default(), |guest| guest)?;
    sockets::instance_network::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::ip_name_lookup::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::tcp::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::tcp_create_socket::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::udp::add_to_linker::<Guest, Own>(linker, |guest| guest)?;
    sockets::udp_create_socket::add_to_linker::<Guest, Own>(linker, |guest| guest)
}
