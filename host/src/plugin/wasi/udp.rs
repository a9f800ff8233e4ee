//! `wasi:sockets/udp`, which run-times import with the other sockets: no such socket can be made, so nothing else here is ever asked for.

use wasmtime::component::Resource;
use wasmtime::{Result, format_err};

use super::bindings::wasi::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress};
use super::bindings::wasi::sockets::udp::{
    Host, HostIncomingDatagramStream, HostOutgoingDatagramStream, HostUdpSocket, IncomingDatagram, OutgoingDatagram,
};
use super::bindings::wasi::sockets::udp_create_socket;
use super::poll::Pollable;
use super::tcp::Network;
use crate::plugin::guest::Guest;

/// A socket, or a stream of one: there is none.
#[derive(Debug)]
pub enum Never {}

/// What sockets answer.
type Answer<T> = Result<Result<T, ErrorCode>>;

type This = Resource<Never>;

fn none<T>() -> Result<T> {
    Err(format_err!("there is no UDP socket"))
}

impl udp_create_socket::Host for Guest {
    fn create_udp_socket(&mut self, _: IpAddressFamily) -> Answer<This> {
        self.refused("send datagrams", "plugins connect over TCP");
        Ok(Err(ErrorCode::NotSupported))
    }
}

impl Host for Guest {}

impl HostUdpSocket for Guest {
    fn start_bind(&mut self, _: This, _: Resource<Network>, _: IpSocketAddress) -> Answer<()> {
        none()
    }

    fn finish_bind(&mut self, _: This) -> Answer<()> {
        none()
    }

    fn stream(&mut self, _: This, _: Option<IpSocketAddress>) -> Answer<(This, This)> {
        none()
    }

    fn local_address(&mut self, _: This) -> Answer<IpSocketAddress> {
        none()
    }

    fn remote_address(&mut self, _: This) -> Answer<IpSocketAddress> {
        none()
    }

    fn address_family(&mut self, _: This) -> Result<IpAddressFamily> {
        none()
    }

    fn unicast_hop_limit(&mut self, _: This) -> Answer<u8> {
        none()
    }

    fn set_unicast_hop_limit(&mut self, _: This, _: u8) -> Answer<()> {
        none()
    }

    fn receive_buffer_size(&mut self, _: This) -> Answer<u64> {
        none()
    }

    fn set_receive_buffer_size(&mut self, _: This, _: u64) -> Answer<()> {
        none()
    }

    fn send_buffer_size(&mut self, _: This) -> Answer<u64> {
        none()
    }

    fn set_send_buffer_size(&mut self, _: This, _: u64) -> Answer<()> {
        none()
    }

    fn subscribe(&mut self, _: This) -> Result<Resource<Pollable>> {
        none()
    }

    fn drop(&mut self, _: This) -> Result<()> {
        none()
    }
}

impl HostIncomingDatagramStream for Guest {
    fn receive(&mut self, _: This, _: u64) -> Answer<Vec<IncomingDatagram>> {
        none()
    }

    fn subscribe(&mut self, _: This) -> Result<Resource<Pollable>> {
        none()
    }

    fn drop(&mut self, _: This) -> Result<()> {
        none()
    }
}

impl HostOutgoingDatagramStream for Guest {
    fn check_send(&mut self, _: This) -> Answer<u64> {
        none()
    }

    fn send(&mut self, _: This, _: Vec<OutgoingDatagram>) -> Answer<u64> {
        none()
    }

    fn subscribe(&mut self, _: This) -> Result<Resource<Pollable>> {
        none()
    }

    fn drop(&mut self, _: This) -> Result<()> {
        none()
    }
}
