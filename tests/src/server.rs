//! A TCP server that sends what a test says.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use sluicebox::testing::PATIENCE;
use socket2::SockRef;

/// Listens on a free port of the loopback interface.
#[derive(Debug)]
pub struct Server(TcpListener);

impl Server {
    /// A server nobody has connected to.
    pub fn new() -> io::Result<Self> {
        TcpListener::bind("127.0.0.1:0").map(Self)
    }

    /// A server at an address where one has listened before.
    ///
    /// # Errors
    /// When another program listens there.
    pub fn again_at(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).map(Self)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("a bound listener has an address")
    }

    /// Wait for a client.
    ///
    /// # Errors
    /// When none has come within a minute, as when the program that was to come has ended.
    pub fn accept(&self) -> io::Result<TcpStream> {
        SockRef::from(&self.0).set_read_timeout(Some(PATIENCE))?;
        let (client, _) = self.0.accept().map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => io::Error::new(io::ErrorKind::TimedOut, "nobody connected within a minute"),
            _ => error,
        })?;
        // Clients have the listener's options.
        client.set_read_timeout(None)?;
        Ok(client)
    }

    /// On a thread of its own: wait for a client, send it `bytes`, close.
    pub fn serve_once(self, bytes: Vec<u8>) -> std::thread::JoinHandle<io::Result<()>> {
        std::thread::spawn(move || self.accept()?.write_all(&bytes))
    }
}

/// An address at which nobody answers: the queue of its listener is full, so that the system leaves out what else would come.
#[derive(Debug)]
pub struct Deaf {
    address: SocketAddr,
    _listener: socket2::Socket,
    _queued: Vec<TcpStream>,
}

impl Deaf {
    /// A listener nobody gets through to any more.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn new() -> io::Result<Self> {
        let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        listener.listen(0)?;
        let address = listener.local_addr()?.as_socket().ok_or_else(|| io::Error::other("it is no address of TCP"))?;
        let mut queued = vec![];
        // The queue has room for one or two.
        loop {
            match TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
                Ok(client) if queued.len() < 100 => queued.push(client),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => break,
                Ok(_) => return Err(io::Error::other("the queue never fills")),
                Err(error) => return Err(error),
            }
        }
        Ok(Self { address, _listener: listener, _queued: queued })
    }

    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns once somebody tries to connect.
    ///
    /// # Panics
    /// When nobody has within a minute.
    pub fn until_knocked(&self) {
        // The other end, and the state of a connection that isn't answered yet.
        let knocking = format!(":{:04X} 02 ", self.address.port());
        for _ in 0..60_000 {
            let table = std::fs::read_to_string("/proc/net/tcp").expect("the system tells its connections");
            if table.contains(&knocking) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("nobody tried to connect within a minute");
    }
}

/// Returns once all that was sent has arrived at the receiver's system, whether its program has read it or not.
///
/// # Panics
/// When it hasn't within a minute.
pub fn until_arrived(connection: &TcpStream) {
    let port =
        |address: io::Result<SocketAddr>| format!(":{:04X} ", address.expect("a connection has addresses").port());
    let ends = port(connection.local_addr()) + " " + &port(connection.peer_addr());
    let (own, peer) = ends.split_once("  ").expect("two ports");
    for _ in 0..60_000 {
        let table = std::fs::read_to_string("/proc/net/tcp").expect("the system tells its connections");
        let is_it = |line: &&str| line.split_once(own).is_some_and(|(_, rest)| format!("{rest} ").contains(peer));
        // The addresses, a state, then what is to be sent or acknowledged.
        let line = table.lines().find(is_it).expect("the connection is open");
        if line.contains(" 00000000:") {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("what was sent did not arrive within a minute");
}

/// Send `text` again and again until the receiver hasn't taken any for half a second, or `most` bytes are sent; returns how many bytes were. What
/// was sent ends wherever it was held up.
///
/// # Errors
/// When the connection breaks.
pub fn send_until_held(connection: &mut TcpStream, text: &[u8], most: usize) -> io::Result<usize> {
    connection.set_write_timeout(Some(Duration::from_millis(500)))?;
    let mut sent = 0;
    while sent < most {
        match connection.write(&text[sent % text.len()..]) {
            Ok(n) => sent += n,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => break,
            Err(error) => return Err(error),
        }
    }
    connection.set_write_timeout(None)?;
    Ok(sent)
}
