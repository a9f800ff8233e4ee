//! Tries what it is told to, whether or not it is granted, and says what came of it. The host's tests run it.

use std::io::{Read, Write};
use std::time::Duration;

use sluicebox_sdk::bindings::sockets::wasi::clocks::monotonic_clock::subscribe_duration;
use sluicebox_sdk::bindings::sockets::wasi::sockets::instance_network::instance_network;
use sluicebox_sdk::bindings::sockets::wasi::sockets::network::{IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use sluicebox_sdk::bindings::sockets::wasi::sockets::tcp_create_socket::create_tcp_socket;
use sluicebox_sdk::net::TcpStream;
use sluicebox_sdk::prelude::*;

/// What a row asks for: `what`, or `what where`.
#[map(output = "answer")]
fn attempt(row: &str) -> String {
    let (what, place) = row.split_once(' ').unwrap_or((row, ""));
    match what {
        // By name or by address, as the place is.
        "connect" => match TcpStream::connect(place, Duration::from_secs(60)) {
            Ok(_) => "connected".to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        },
        // By address alone, without a lookup.
        "address" => by_address(place, false),
        "listen" => by_address(place, true),
        "sockets" => {
            let sockets: Vec<_> = (0..100).map_while(|_| create_tcp_socket(IpAddressFamily::Ipv4).ok()).collect();
            format!("{} sockets", sockets.len())
        }
        "echo" => echo(place).unwrap_or_else(|error| error.to_string()),
        // Wait for ever, for something that never comes.
        "wait" => {
            subscribe_duration(u64::MAX).block();
            "waited".to_owned()
        }
        "resources" => {
            let all: Vec<_> = (0..100_000).map(|_| subscribe_duration(0)).collect();
            format!("{} resources", all.len())
        }
        _ => "nothing".to_owned(),
    }
}

fn by_address(place: &str, listen: bool) -> String {
    let (Some(address), Ok(socket)) = (parse(place), create_tcp_socket(IpAddressFamily::Ipv4)) else {
        return "no socket".to_owned();
    };
    let network = instance_network();
    let address = IpSocketAddress::Ipv4(address);
    let result = if listen { socket.start_bind(&network, address) } else { socket.start_connect(&network, address) };
    match result {
        Ok(()) => "begun".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn parse(place: &str) -> Option<Ipv4SocketAddress> {
    let (ip, port) = place.split_once(':')?;
    let mut parts = ip.split('.').map(|part| part.parse().ok());
    let mut part = || parts.next()?;
    Some(Ipv4SocketAddress { port: port.parse().ok()?, address: (part()?, part()?, part()?, part()?) })
}

/// Send a mebibyte, and see it come back whole.
fn echo(place: &str) -> std::io::Result<String> {
    let sent: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
    // Whoever answers may wait for its turn on a busy machine.
    let patience = Duration::from_secs(60);
    let mut stream = TcpStream::connect(place, patience)?;
    let (mut written, mut came) = (0, Vec::new());
    let mut chunk = vec![0; 64 << 10];
    while came.len() < sent.len() {
        if written < sent.len() {
            written += stream.write(&sent[written..])?;
        }
        stream.set_read_timeout(Some(if written < sent.len() { Duration::ZERO } else { patience }));
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => came.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut && written < sent.len() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(if came == sent { "whole" } else { "torn" }.to_owned())
}

plugin! {
    transforms: [attempt],
}
