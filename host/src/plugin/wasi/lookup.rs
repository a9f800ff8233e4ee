//! `wasi:sockets/ip-name-lookup`: addresses of granted names, found by the system on a thread of their own, since it can't be told to stop.

use std::collections::VecDeque;
use std::net::{IpAddr, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use parking_lot::Mutex;
use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::wasi::sockets::ip_name_lookup::{Host, HostResolveAddressStream};
use super::bindings::wasi::sockets::network::{ErrorCode, IpAddress};
use super::convert::ip_to_wasi;
use super::outside::Token;
use super::poll::Pollable;
use super::tcp::Network;
use crate::plugin::grants::address_of;
use crate::plugin::guest::Guest;

/// The longest name, as DNS has it.
const MAX_NAME: usize = 253;
/// Addresses taken of one name.
const MAX_ADDRESSES: usize = 32;

/// What a lookup found, or that it found nothing; none as long as it goes on.
type Found = Arc<Mutex<Option<Result<VecDeque<IpAddr>, ErrorCode>>>>;

/// A lookup, and the addresses that weren't given yet.
#[derive(Debug)]
pub struct Lookup {
    /// The name, as it is granted.
    host: String,
    found: Found,
    /// Whether what was found is noted.
    noted: bool,
    /// Is readable when the lookup is over; none where it was over at once.
    over: Option<Arc<UnixStream>>,
}

impl Host for Guest {
    fn resolve_addresses(
        &mut self,
        _network: Resource<Network>,
        name: String,
    ) -> Result<Result<Resource<Lookup>, ErrorCode>> {
        if name.is_empty() || name.len() > MAX_NAME || name.contains('\0') {
            return Ok(Err(ErrorCode::InvalidArgument));
        }
        // In brackets, as in a URL, an address is no name.
        let Some(host) = self.outside().grants.host(&name).map(str::to_owned) else {
            self.refused_to_connect(&format!("look \"{name}\" up"));
            return Ok(Err(ErrorCode::AccessDenied));
        };
        let lookup = match address_of(&name) {
            Some(ip) => Lookup { host, found: Arc::new(Mutex::new(Some(Ok([ip].into())))), noted: false, over: None },
            None => {
                let Some(token) = self.outside().token() else { return Ok(Err(ErrorCode::NewSocketLimit)) };
                match begin(host, token) {
                    Ok(lookup) => lookup,
                    Err(_) => return Ok(Err(ErrorCode::TemporaryResolverFailure)),
                }
            }
        };
        Ok(Ok(self.outside().table.push(lookup)?))
    }
}

fn begin(host: String, token: Token) -> std::io::Result<Lookup> {
    let (over, ending) = UnixStream::pair()?;
    let found: Found = Arc::default();
    let (name, place) = (host.clone(), found.clone());
    std::thread::Builder::new().name("look-up".to_owned()).spawn(move || {
        // The port means nothing.
        let result = match (name.as_str(), 0).to_socket_addrs() {
            Ok(addresses) => {
                let mut all: VecDeque<IpAddr> = VecDeque::new();
                for ip in addresses.map(|address| address.ip().to_canonical()).take(MAX_ADDRESSES) {
                    if !all.contains(&ip) {
                        all.push_back(ip);
                    }
                }
                if all.is_empty() { Err(ErrorCode::NameUnresolvable) } else { Ok(all) }
            }
            Err(_) => Err(ErrorCode::NameUnresolvable),
        };
        *place.lock() = Some(result);
        drop((ending, token));
    })?;
    Ok(Lookup { host, found, noted: false, over: Some(Arc::new(over)) })
}

impl HostResolveAddressStream for Guest {
    fn resolve_next_address(&mut self, this: Resource<Lookup>) -> Result<Result<Option<IpAddress>, ErrorCode>> {
        let lookup = self.outside().table.get_mut(&this)?;
        let found = lookup.found.clone();
        let mut found = found.lock();
        let addresses = match found.as_mut() {
            None => return Ok(Err(ErrorCode::WouldBlock)),
            Some(Err(error)) => return Ok(Err(*error)),
            Some(Ok(addresses)) => addresses,
        };
        if !std::mem::replace(&mut lookup.noted, true) {
            let host = lookup.host.clone();
            self.outside().found(&host, addresses.make_contiguous());
        }
        Ok(Ok(addresses.pop_front().map(ip_to_wasi)))
    }

    fn subscribe(&mut self, this: Resource<Lookup>) -> Result<Resource<Pollable>> {
        let over = self.outside().table.get(&this)?.over.clone();
        self.subscribe_to(over.map_or(Pollable::Ready, Pollable::Told))
    }

    fn drop(&mut self, this: Resource<Lookup>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}
