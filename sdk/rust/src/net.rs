//! Connections over TCP, for plugins that are granted to connect: `grants = { connect = ["host:port"] }` in the job file.
//!
//! In a plugin they go through WASI's sockets; in a native test they are the standard library's. Servers, and other protocols than TCP, are not possible.

use std::io::{self, Read, Write};
use std::time::Duration;

#[cfg(not(target_arch = "wasm32"))]
use native as system;
#[cfg(target_arch = "wasm32")]
use wasi as system;

/// A connection to a TCP server; dropping it closes it.
///
/// ```no_run
/// use sluicebox_sdk::net::TcpStream;
/// use std::io::{Read, Write};
/// use std::time::Duration;
///
/// # fn main() -> std::io::Result<()> {
/// let mut stream = TcpStream::connect("example.org:80", Duration::from_secs(5))?;
/// stream.write_all(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")?;
/// stream.set_read_timeout(Some(Duration::from_secs(1)));
/// let mut start = [0; 100];
/// let n = stream.read(&mut start)?;
/// # let _ = n;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TcpStream(system::Stream);

impl TcpStream {
    /// Connect to `host:port`, an IPv6 address in brackets. Of a name with several addresses, they are tried one after the other, for `timeout` in all.
    ///
    /// # Errors
    /// [`io::ErrorKind::PermissionDenied`] where it is not granted, [`io::ErrorKind::TimedOut`] when `timeout` has passed, and why there is no connection.
    pub fn connect(address: &str, timeout: Duration) -> io::Result<Self> {
        let invalid =
            || io::Error::new(io::ErrorKind::InvalidInput, format!("\"{address}\" is not of the form host:port"));
        let (host, port) = address.rsplit_once(':').ok_or_else(invalid)?;
        let port: u16 = port.parse().map_err(|_| invalid())?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let about = |error: io::Error| io::Error::new(error.kind(), format!("connecting to {address}: {error}"));
        system::Stream::connect(host, port, timeout).map(Self).map_err(about)
    }

    /// How long a read waits; none: as long as the call may take. A read that has waited so long is an error of the kind [`io::ErrorKind::TimedOut`]. With no time
    /// at all, it takes what is there.
    pub fn set_read_timeout(&mut self, timeout: Option<Duration>) {
        self.0.read_timeout = timeout;
    }

    /// How long a write waits; none: as long as the call may take.
    pub fn set_write_timeout(&mut self, timeout: Option<Duration>) {
        self.0.write_timeout = timeout;
    }
}

impl Read for TcpStream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() { Ok(0) } else { self.0.read(bytes) }
    }
}

impl Write for TcpStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() { Ok(0) } else { self.0.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "it took too long")
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::*;
    use std::net::ToSocketAddrs;

    #[derive(Debug)]
    pub struct Stream {
        stream: std::net::TcpStream,
        pub read_timeout: Option<Duration>,
        pub write_timeout: Option<Duration>,
    }

    impl Stream {
        pub fn connect(host: &str, port: u16, timeout: Duration) -> io::Result<Self> {
            let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
            for address in (host, port).to_socket_addrs()? {
                match std::net::TcpStream::connect_timeout(&address, timeout) {
                    Ok(stream) => return Ok(Stream { stream, read_timeout: None, write_timeout: None }),
                    Err(error) => last = error,
                }
            }
            Err(last)
        }

        pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            match self.read_timeout {
                Some(Duration::ZERO) => {
                    self.stream.set_nonblocking(true)?;
                    let read = self.stream.read(bytes);
                    self.stream.set_nonblocking(false)?;
                    read.map_err(late)
                }
                timeout => {
                    self.stream.set_read_timeout(timeout)?;
                    self.stream.read(bytes).map_err(late)
                }
            }
        }

        pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.stream.set_write_timeout(self.write_timeout.filter(|timeout| !timeout.is_zero()))?;
            self.stream.write(bytes).map_err(late)
        }

        pub fn flush(&mut self) -> io::Result<()> {
            self.stream.flush()
        }
    }

    fn late(error: io::Error) -> io::Error {
        if error.kind() == io::ErrorKind::WouldBlock { timed_out() } else { error }
    }
}

#[cfg(target_arch = "wasm32")]
mod wasi {
    use super::*;
    use crate::bindings::sockets::wasi::clocks::monotonic_clock::{now, subscribe_instant};
    use crate::bindings::sockets::wasi::io::poll::{Pollable, poll};
    use crate::bindings::sockets::wasi::io::streams::{InputStream, OutputStream, StreamError};
    use crate::bindings::sockets::wasi::sockets::instance_network::instance_network;
    use crate::bindings::sockets::wasi::sockets::ip_name_lookup::resolve_addresses;
    use crate::bindings::sockets::wasi::sockets::network::{
        ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, Network,
    };
    use crate::bindings::sockets::wasi::sockets::tcp::TcpSocket;
    use crate::bindings::sockets::wasi::sockets::tcp_create_socket::create_tcp_socket;

    /// Dropped in this order: streams belong to their socket.
    #[derive(Debug)]
    pub struct Stream {
        input: InputStream,
        output: OutputStream,
        _socket: TcpSocket,
        pub read_timeout: Option<Duration>,
        pub write_timeout: Option<Duration>,
    }

    /// When a wait is over, by the monotonic clock; none: never.
    fn deadline(timeout: Option<Duration>) -> Option<u64> {
        timeout.map(|timeout| now().saturating_add(u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX)))
    }

    fn wait(pollable: &Pollable, deadline: Option<u64>) -> io::Result<()> {
        let Some(deadline) = deadline else {
            pollable.block();
            return Ok(());
        };
        let timer = subscribe_instant(deadline);
        if poll(&[pollable, &timer]).contains(&0) { Ok(()) } else { Err(timed_out()) }
    }

    fn error(code: ErrorCode) -> io::Error {
        use io::ErrorKind as Kind;
        let kind = match code {
            ErrorCode::AccessDenied => {
                let message = "the plugin is not granted to: add it to connect in its grants";
                return io::Error::new(Kind::PermissionDenied, message);
            }
            ErrorCode::NotSupported => Kind::Unsupported,
            ErrorCode::InvalidArgument => Kind::InvalidInput,
            ErrorCode::OutOfMemory => Kind::OutOfMemory,
            ErrorCode::Timeout => Kind::TimedOut,
            ErrorCode::WouldBlock => Kind::WouldBlock,
            ErrorCode::RemoteUnreachable => Kind::HostUnreachable,
            ErrorCode::ConnectionRefused => Kind::ConnectionRefused,
            ErrorCode::ConnectionReset => Kind::ConnectionReset,
            ErrorCode::ConnectionAborted => Kind::ConnectionAborted,
            ErrorCode::NameUnresolvable => Kind::NotFound,
            _ => return io::Error::other(code.message().to_owned()),
        };
        kind.into()
    }

    impl Stream {
        pub fn connect(host: &str, port: u16, timeout: Duration) -> io::Result<Self> {
            let deadline = deadline(Some(timeout));
            let network = instance_network();
            let lookup = resolve_addresses(&network, host).map_err(error)?;
            let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
            loop {
                match lookup.resolve_next_address() {
                    Ok(Some(ip)) => match Self::connect_to(&network, ip, port, deadline) {
                        Ok(stream) => return Ok(stream),
                        Err(error) => last = error,
                    },
                    Ok(None) => return Err(last),
                    Err(ErrorCode::WouldBlock) => wait(&lookup.subscribe(), deadline)?,
                    Err(code) => return Err(error(code)),
                }
            }
        }

        fn connect_to(network: &Network, ip: IpAddress, port: u16, deadline: Option<u64>) -> io::Result<Self> {
            let (family, address) = match ip {
                IpAddress::Ipv4(address) => {
                    (IpAddressFamily::Ipv4, IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }))
                }
                IpAddress::Ipv6(address) => {
                    let address = Ipv6SocketAddress { port, flow_info: 0, address, scope_id: 0 };
                    (IpAddressFamily::Ipv6, IpSocketAddress::Ipv6(address))
                }
            };
            let socket = create_tcp_socket(family).map_err(error)?;
            socket.start_connect(network, address).map_err(error)?;
            loop {
                match socket.finish_connect() {
                    Ok((input, output)) => {
                        let (read_timeout, write_timeout) = (None, None);
                        return Ok(Stream { input, output, _socket: socket, read_timeout, write_timeout });
                    }
                    Err(ErrorCode::WouldBlock) => wait(&socket.subscribe(), deadline)?,
                    Err(code) => return Err(error(code)),
                }
            }
        }

        pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let deadline = deadline(self.read_timeout);
            loop {
                match self.input.read(bytes.len() as u64) {
                    Ok(read) if read.is_empty() => wait(&self.input.subscribe(), deadline)?,
                    Ok(read) => {
                        // No more than was asked for came.
                        let n = read.len().min(bytes.len());
                        bytes[..n].copy_from_slice(&read[..n]);
                        return Ok(n);
                    }
                    Err(StreamError::Closed) => return Ok(0),
                    Err(StreamError::LastOperationFailed(failure)) => {
                        return Err(io::Error::other(failure.to_debug_string()));
                    }
                }
            }
        }

        pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let deadline = deadline(self.write_timeout);
            let permitted = loop {
                match self.output.check_write() {
                    Ok(0) => wait(&self.output.subscribe(), deadline)?,
                    Ok(n) => break usize::try_from(n).unwrap_or(usize::MAX),
                    Err(failure) => return Err(failed(failure)),
                }
            };
            let n = bytes.len().min(permitted);
            self.output.write(&bytes[..n]).map_err(failed)?;
            Ok(n)
        }

        pub fn flush(&mut self) -> io::Result<()> {
            let deadline = deadline(self.write_timeout);
            self.output.flush().map_err(failed)?;
            // A permit says that what was written before has gone.
            while self.output.check_write().map_err(failed)? == 0 {
                wait(&self.output.subscribe(), deadline)?;
            }
            Ok(())
        }
    }

    fn failed(failure: StreamError) -> io::Error {
        match failure {
            StreamError::Closed => io::Error::new(io::ErrorKind::BrokenPipe, "the connection is closed"),
            StreamError::LastOperationFailed(failure) => io::Error::other(failure.to_debug_string()),
        }
    }

    impl Drop for Stream {
        fn drop(&mut self) {
            // What was written goes out, as far as the system takes it now.
            let _ = self.output.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_native_test_has_a_connection_too() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap().to_string();
        let mut client = TcpStream::connect(&address, Duration::from_secs(5)).unwrap();
        let (mut peer, _) = server.accept().unwrap();
        client.write_all(b"to be").unwrap();
        let mut bytes = [0; 5];
        peer.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"to be");
        client.set_read_timeout(Some(Duration::ZERO));
        assert_eq!(client.read(&mut bytes).unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(peer);
        client.set_read_timeout(None);
        assert_eq!(client.read(&mut bytes).unwrap(), 0);
        assert_eq!(TcpStream::connect("no-port", Duration::ZERO).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
