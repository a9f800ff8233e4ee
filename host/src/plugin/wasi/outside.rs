//! What an instance holds of the outside: its sockets, files, streams and lookups, and which addresses it has found.

use std::net::IpAddr;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use wasmtime::component::ResourceTable;

use super::files::Descriptor;
use super::http::{MAX_FIELDS, MAX_REQUESTS};
use crate::clock::Stopwatch;
use crate::plugin::grants::Grants;

/// Sockets and lookups that an instance may have at a time.
pub const MAX_SOCKETS: usize = 16;
/// Files and directories that an instance may have open at a time, beside the granted directories themselves.
pub const MAX_FILES: usize = 64;
/// Resources of all kinds that an instance may have at a time.
const MAX_RESOURCES: usize = 1_000;
/// Addresses of names that an instance is known to have found.
const MAX_FOUND: usize = 256;

/// What an instance holds of the outside; nothing until it asks.
pub struct Outside {
    /// Its resources.
    pub table: ResourceTable,
    /// What it may reach.
    pub grants: Grants,
    /// Its time, which begins when it first asks for something outside.
    pub since: Stopwatch,
    /// How far its clock was put forward since then, in nanoseconds, where no time passes by itself.
    pub put_forward: u64,
    /// The random numbers of the call under way, once it has asked for some.
    pub numbers: Option<ChaCha20Rng>,
    /// Each socket or lookup holds a clone.
    sockets: Arc<()>,
    /// Each open file, directory or list of a directory's entries holds a clone.
    files: Arc<()>,
    /// Each HTTP request under way holds a clone.
    requests: Arc<()>,
    /// Each list of HTTP's fields holds a clone.
    fields: Arc<()>,
    /// The directories granted and what the guest calls them, once it has asked for them.
    directories: Option<Vec<(String, Descriptor)>>,
    /// Addresses found, and the names in the grants that they were found by.
    found: Vec<(IpAddr, String)>,
    /// Whether the log was told of a refusal.
    pub refusal_told: bool,
}

/// Counts as one socket, file, request or list of fields as long as it lives.
#[derive(Debug)]
pub struct Token {
    _count: Arc<()>,
}

impl Token {
    fn of(count: &Arc<()>, most: usize) -> Option<Self> {
        (Arc::strong_count(count) <= most).then(|| Self { _count: count.clone() })
    }
}

impl Outside {
    /// Nothing is held yet.
    pub fn new(grants: Grants) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_RESOURCES);
        Self {
            table,
            grants,
            since: Stopwatch::start(),
            put_forward: 0,
            numbers: None,
            sockets: Arc::new(()),
            files: Arc::new(()),
            requests: Arc::new(()),
            fields: Arc::new(()),
            directories: None,
            found: vec![],
            refusal_told: false,
        }
    }

    /// Whether its clock is the machine's. Otherwise it goes on by what the guest does, and by nothing else.
    pub fn time_passes(&self) -> bool {
        self.grants.clock || self.grants.reaches_others()
    }

    /// The directories granted, opened when they are first asked for.
    pub fn directories(&mut self) -> &[(String, Descriptor)] {
        let granted = &self.grants.read;
        self.directories.get_or_insert_with(|| {
            granted.iter().map(|directory| (directory.name.clone(), Descriptor::granted(directory))).collect()
        })
    }

    /// One more file, unless there are too many.
    pub fn file_token(&self) -> Option<Token> {
        Token::of(&self.files, MAX_FILES)
    }

    /// One more socket or lookup, unless there are too many.
    pub fn token(&self) -> Option<Token> {
        Token::of(&self.sockets, MAX_SOCKETS)
    }

    /// One more HTTP request, unless there are too many under way.
    pub fn request_token(&self) -> Option<Token> {
        Token::of(&self.requests, MAX_REQUESTS)
    }

    /// One more list of HTTP's fields, unless there are too many.
    pub fn fields_token(&self) -> Option<Token> {
        Token::of(&self.fields, MAX_FIELDS)
    }

    /// These are addresses of `host`, a granted name.
    pub fn found(&mut self, host: &str, addresses: &[IpAddr]) {
        for address in addresses {
            let found = (*address, host.to_owned());
            if self.found.len() < MAX_FOUND && !self.found.contains(&found) {
                self.found.push(found);
            }
        }
    }

    /// Whether it may connect to this address.
    pub fn may_connect(&self, ip: IpAddr, port: u16) -> bool {
        self.grants.may_connect(ip, port, |host| self.found.iter().any(|(found, of)| *found == ip && of == host))
    }
}
