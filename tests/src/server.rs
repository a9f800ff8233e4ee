//! A TCP server that sends what a test says.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Listens on a free port of the loopback interface.
#[derive(Debug)]
pub struct Server(TcpListener);

impl Server {
    /// A server nobody has connected to.
    pub fn new() -> io::Result<Self> {
        TcpListener::bind("127.0.0.1:0").map(Self)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("a bound listener has an address")
    }

    /// Wait for a client.
    pub fn accept(&self) -> io::Result<TcpStream> {
        self.0.accept().map(|(client, _)| client)
    }

    /// On a thread of its own: wait for a client, send it `bytes`, close.
    pub fn serve_once(self, bytes: Vec<u8>) -> std::thread::JoinHandle<io::Result<()>> {
        std::thread::spawn(move || self.accept()?.write_all(&bytes))
    }
}
