//! Addresses and errors between the system's words and WASI's.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::bindings::wasi::sockets::network::{
    ErrorCode, IpAddress, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
};

/// An address as WASI writes it.
pub fn ip_to_wasi(ip: IpAddr) -> IpAddress {
    match ip {
        IpAddr::V4(ip) => IpAddress::Ipv4(ip.octets().into()),
        IpAddr::V6(ip) => IpAddress::Ipv6(ip.segments().into()),
    }
}

/// An address and port as WASI writes them.
pub fn to_wasi(address: SocketAddr) -> IpSocketAddress {
    match address {
        SocketAddr::V4(address) => {
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port: address.port(), address: address.ip().octets().into() })
        }
        SocketAddr::V6(address) => IpSocketAddress::Ipv6(Ipv6SocketAddress {
            port: address.port(),
            flow_info: address.flowinfo(),
            address: address.ip().segments().into(),
            scope_id: address.scope_id(),
        }),
    }
}

/// An address and port as the system has them.
pub fn from_wasi(address: &IpSocketAddress) -> SocketAddr {
    match address {
        IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (a, b, c, d) }) => {
            SocketAddrV4::new(Ipv4Addr::new(*a, *b, *c, *d), *port).into()
        }
        IpSocketAddress::Ipv6(Ipv6SocketAddress { port, flow_info, address: (a, b, c, d, e, f, g, h), scope_id }) => {
            SocketAddrV6::new(Ipv6Addr::new(*a, *b, *c, *d, *e, *f, *g, *h), *port, *flow_info, *scope_id).into()
        }
    }
}

/// What went wrong, as WASI calls it.
pub fn error_code(error: &io::Error) -> ErrorCode {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::PermissionDenied => ErrorCode::AccessDenied,
        Kind::Unsupported => ErrorCode::NotSupported,
        Kind::InvalidInput | Kind::InvalidData => ErrorCode::InvalidArgument,
        Kind::OutOfMemory => ErrorCode::OutOfMemory,
        Kind::TimedOut => ErrorCode::Timeout,
        Kind::WouldBlock => ErrorCode::WouldBlock,
        Kind::AddrNotAvailable => ErrorCode::AddressNotBindable,
        Kind::AddrInUse => ErrorCode::AddressInUse,
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => ErrorCode::RemoteUnreachable,
        Kind::ConnectionRefused => ErrorCode::ConnectionRefused,
        Kind::ConnectionReset => ErrorCode::ConnectionReset,
        Kind::ConnectionAborted => ErrorCode::ConnectionAborted,
        Kind::NotConnected => ErrorCode::InvalidState,
        _ => ErrorCode::Unknown,
    }
}
