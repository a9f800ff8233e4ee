//! `wasi:sockets/tcp` and what belongs to it: client sockets, to granted addresses. Nobody can connect to a plugin.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::wasi::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress};
use super::bindings::wasi::sockets::tcp::{Host, HostTcpSocket, ShutdownType};
use super::bindings::wasi::sockets::{instance_network, network, tcp_create_socket};
use super::convert::{error_code, from_wasi, to_wasi};
use super::outside::Token;
use super::poll::Pollable;
use super::streams::{Failure, InputStream, OutputStream};
use crate::plugin::guest::Guest;

/// The smallest and the largest buffer of the system's that a guest may ask for, in bytes.
const BUFFERS: std::ops::RangeInclusive<u64> = 1 << 10..=4 << 20;

/// The network: there is one.
#[derive(Debug)]
pub struct Network;

/// A socket that never blocks, which its streams share.
#[derive(Debug)]
pub struct Connection {
    /// The socket.
    pub socket: Socket,
    _token: Token,
}

/// A client's socket.
#[derive(Debug)]
pub struct TcpSocket {
    connection: Arc<Connection>,
    family: IpAddressFamily,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Made,
    Connecting,
    Connected,
    Failed,
}

/// What a socket answers.
type Answer<T> = Result<Result<T, ErrorCode>>;

impl Guest {
    fn socket(&mut self, this: &Resource<TcpSocket>) -> Result<&mut TcpSocket> {
        Ok(self.outside().table.get_mut(this)?)
    }

    /// Ask or set something of the socket.
    fn option<T>(&mut self, this: &Resource<TcpSocket>, option: impl FnOnce(&Socket) -> io::Result<T>) -> Answer<T> {
        Ok(option(&self.socket(this)?.connection.socket).map_err(|error| error_code(&error)))
    }
}

impl network::Host for Guest {
    fn network_error_code(&mut self, _: Resource<Failure>) -> Result<Option<ErrorCode>> {
        Ok(None)
    }
}

impl network::HostNetwork for Guest {
    fn drop(&mut self, this: Resource<Network>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl instance_network::Host for Guest {
    fn instance_network(&mut self) -> Result<Resource<Network>> {
        Ok(self.outside().table.push(Network)?)
    }
}

impl tcp_create_socket::Host for Guest {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> Answer<Resource<TcpSocket>> {
        let Some(token) = self.outside().token() else { return Ok(Err(ErrorCode::NewSocketLimit)) };
        let domain = match family {
            IpAddressFamily::Ipv4 => Domain::IPV4,
            IpAddressFamily::Ipv6 => Domain::IPV6,
        };
        let made = Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).and_then(|socket| {
            socket.set_nonblocking(true)?;
            Ok(socket)
        });
        let socket = match made {
            Ok(socket) => socket,
            Err(error) => return Ok(Err(error_code(&error))),
        };
        let connection = Arc::new(Connection { socket, _token: token });
        Ok(Ok(self.outside().table.push(TcpSocket { connection, family, state: State::Made })?))
    }
}

impl Host for Guest {}

impl HostTcpSocket for Guest {
    fn start_bind(&mut self, _: Resource<TcpSocket>, _: Resource<Network>, _: IpSocketAddress) -> Answer<()> {
        Ok(Err(ErrorCode::AccessDenied))
    }

    fn finish_bind(&mut self, _: Resource<TcpSocket>) -> Answer<()> {
        Ok(Err(ErrorCode::NotInProgress))
    }

    fn start_connect(
        &mut self,
        this: Resource<TcpSocket>,
        _network: Resource<Network>,
        remote: IpSocketAddress,
    ) -> Answer<()> {
        let address = from_wasi(&remote);
        let ip = address.ip();
        let socket = self.socket(&this)?;
        let suits = match (socket.family, address) {
            (IpAddressFamily::Ipv4, SocketAddr::V4(_)) => true,
            // An address of the other family in disguise is none of this one.
            (IpAddressFamily::Ipv6, SocketAddr::V6(address)) => address.ip().to_ipv4_mapped().is_none(),
            _ => false,
        };
        if socket.state != State::Made {
            return Ok(Err(ErrorCode::InvalidState));
        }
        if !suits || ip.is_unspecified() || ip.is_multicast() || address.port() == 0 {
            return Ok(Err(ErrorCode::InvalidArgument));
        }
        if !self.outside().may_connect(ip, address.port()) {
            self.refused_to_connect(&format!("connect to {address}"));
            return Ok(Err(ErrorCode::AccessDenied));
        }
        let socket = self.socket(&this)?;
        // Without a flow or scope of the guest's choosing.
        let plain = SocketAddr::new(ip, address.port());
        match socket.connection.socket.connect(&plain.into()) {
            Ok(()) => socket.state = State::Connecting,
            Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => socket.state = State::Connecting,
            Err(error) => {
                socket.state = State::Failed;
                return Ok(Err(error_code(&error)));
            }
        }
        Ok(Ok(()))
    }

    fn finish_connect(&mut self, this: Resource<TcpSocket>) -> Answer<(Resource<InputStream>, Resource<OutputStream>)> {
        let socket = self.socket(&this)?;
        if socket.state != State::Connecting {
            return Ok(Err(ErrorCode::NotInProgress));
        }
        let connection = socket.connection.clone();
        let waiting = Pollable::Writable(connection.clone());
        if Guest::ready(self, &[waiting], Duration::ZERO)?.is_empty() {
            return Ok(Err(ErrorCode::WouldBlock));
        }
        let failure = connection.socket.take_error().unwrap_or_else(Some);
        let socket = self.socket(&this)?;
        if let Some(error) = failure {
            socket.state = State::Failed;
            return Ok(Err(error_code(&error)));
        }
        socket.state = State::Connected;
        let table = &mut self.outside().table;
        let input = table.push(InputStream::Connection(connection.clone()))?;
        let output = table.push(OutputStream::new(connection))?;
        Ok(Ok((input, output)))
    }

    fn start_listen(&mut self, _: Resource<TcpSocket>) -> Answer<()> {
        Ok(Err(ErrorCode::AccessDenied))
    }

    fn finish_listen(&mut self, _: Resource<TcpSocket>) -> Answer<()> {
        Ok(Err(ErrorCode::NotInProgress))
    }

    fn accept(
        &mut self,
        _: Resource<TcpSocket>,
    ) -> Answer<(Resource<TcpSocket>, Resource<InputStream>, Resource<OutputStream>)> {
        Ok(Err(ErrorCode::InvalidState))
    }

    fn local_address(&mut self, this: Resource<TcpSocket>) -> Answer<IpSocketAddress> {
        let address = self.option(&this, Socket::local_addr)?;
        Ok(address.and_then(|address| address.as_socket().map(to_wasi).ok_or(ErrorCode::InvalidState)))
    }

    fn remote_address(&mut self, this: Resource<TcpSocket>) -> Answer<IpSocketAddress> {
        let address = self.option(&this, Socket::peer_addr)?;
        Ok(address.and_then(|address| address.as_socket().map(to_wasi).ok_or(ErrorCode::InvalidState)))
    }

    fn is_listening(&mut self, _: Resource<TcpSocket>) -> Result<bool> {
        Ok(false)
    }

    fn address_family(&mut self, this: Resource<TcpSocket>) -> Result<IpAddressFamily> {
        Ok(self.socket(&this)?.family)
    }

    fn set_listen_backlog_size(&mut self, _: Resource<TcpSocket>, _: u64) -> Answer<()> {
        Ok(Err(ErrorCode::NotSupported))
    }

    fn keep_alive_enabled(&mut self, this: Resource<TcpSocket>) -> Answer<bool> {
        self.option(&this, Socket::keepalive)
    }

    fn set_keep_alive_enabled(&mut self, this: Resource<TcpSocket>, value: bool) -> Answer<()> {
        self.option(&this, |socket| socket.set_keepalive(value))
    }

    fn keep_alive_idle_time(&mut self, this: Resource<TcpSocket>) -> Answer<u64> {
        Ok(self.option(&this, Socket::tcp_keepalive_time)?.map(nanos))
    }

    fn set_keep_alive_idle_time(&mut self, this: Resource<TcpSocket>, value: u64) -> Answer<()> {
        let Some(time) = whole_seconds(value) else { return Ok(Err(ErrorCode::InvalidArgument)) };
        self.option(&this, |socket| socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(time)))
    }

    fn keep_alive_interval(&mut self, this: Resource<TcpSocket>) -> Answer<u64> {
        Ok(self.option(&this, Socket::tcp_keepalive_interval)?.map(nanos))
    }

    fn set_keep_alive_interval(&mut self, this: Resource<TcpSocket>, value: u64) -> Answer<()> {
        let Some(time) = whole_seconds(value) else { return Ok(Err(ErrorCode::InvalidArgument)) };
        self.option(&this, |socket| socket.set_tcp_keepalive(&TcpKeepalive::new().with_interval(time)))
    }

    fn keep_alive_count(&mut self, this: Resource<TcpSocket>) -> Answer<u32> {
        self.option(&this, Socket::tcp_keepalive_retries)
    }

    fn set_keep_alive_count(&mut self, this: Resource<TcpSocket>, value: u32) -> Answer<()> {
        if value == 0 {
            return Ok(Err(ErrorCode::InvalidArgument));
        }
        self.option(&this, |socket| socket.set_tcp_keepalive(&TcpKeepalive::new().with_retries(value)))
    }

    fn hop_limit(&mut self, this: Resource<TcpSocket>) -> Answer<u8> {
        let family = self.socket(&this)?.family;
        let limit = self.option(&this, |socket| match family {
            IpAddressFamily::Ipv4 => socket.ttl_v4(),
            IpAddressFamily::Ipv6 => socket.unicast_hops_v6(),
        })?;
        Ok(limit.map(|limit| u8::try_from(limit).unwrap_or(u8::MAX)))
    }

    fn set_hop_limit(&mut self, this: Resource<TcpSocket>, value: u8) -> Answer<()> {
        let family = self.socket(&this)?.family;
        if value == 0 {
            return Ok(Err(ErrorCode::InvalidArgument));
        }
        self.option(&this, |socket| match family {
            IpAddressFamily::Ipv4 => socket.set_ttl_v4(value.into()),
            IpAddressFamily::Ipv6 => socket.set_unicast_hops_v6(value.into()),
        })
    }

    fn receive_buffer_size(&mut self, this: Resource<TcpSocket>) -> Answer<u64> {
        Ok(self.option(&this, Socket::recv_buffer_size)?.map(|size| size as u64))
    }

    fn set_receive_buffer_size(&mut self, this: Resource<TcpSocket>, value: u64) -> Answer<()> {
        let Some(size) = buffer_size(value) else { return Ok(Err(ErrorCode::InvalidArgument)) };
        self.option(&this, |socket| socket.set_recv_buffer_size(size))
    }

    fn send_buffer_size(&mut self, this: Resource<TcpSocket>) -> Answer<u64> {
        Ok(self.option(&this, Socket::send_buffer_size)?.map(|size| size as u64))
    }

    fn set_send_buffer_size(&mut self, this: Resource<TcpSocket>, value: u64) -> Answer<()> {
        let Some(size) = buffer_size(value) else { return Ok(Err(ErrorCode::InvalidArgument)) };
        self.option(&this, |socket| socket.set_send_buffer_size(size))
    }

    fn subscribe(&mut self, this: Resource<TcpSocket>) -> Result<Resource<Pollable>> {
        let socket = self.socket(&this)?;
        let pollable = match socket.state {
            State::Connecting => Pollable::Writable(socket.connection.clone()),
            _ => Pollable::Ready,
        };
        self.subscribe_to(pollable)
    }

    fn shutdown(&mut self, this: Resource<TcpSocket>, how: ShutdownType) -> Answer<()> {
        if self.socket(&this)?.state != State::Connected {
            return Ok(Err(ErrorCode::InvalidState));
        }
        let how = match how {
            ShutdownType::Receive => Shutdown::Read,
            ShutdownType::Send => Shutdown::Write,
            ShutdownType::Both => Shutdown::Both,
        };
        self.option(&this, |socket| socket.shutdown(how))
    }

    fn drop(&mut self, this: Resource<TcpSocket>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// As the system counts, rounded up; none for no time.
fn whole_seconds(nanos: u64) -> Option<Duration> {
    (nanos > 0).then(|| Duration::from_secs(nanos.div_ceil(1_000_000_000)))
}

/// A size that is near what was asked for; none for no bytes.
fn buffer_size(value: u64) -> Option<usize> {
    (value > 0).then(|| usize::try_from(value.clamp(*BUFFERS.start(), *BUFFERS.end())).ok())?
}
