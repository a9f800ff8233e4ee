//! A real S3 server, shared by all tests that need one; each has a bucket of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::plugins::repository;
use crate::program::output_of;
use crate::service::{Service, data_folder, free_address};

const ACCESS_KEY: &str = "sluicebox";
const SECRET_KEY: &str = "sluicebox-secret";

#[derive(Debug)]
struct Server {
    address: SocketAddr,
    /// A folder per bucket.
    data: PathBuf,
    _service: Service,
}

/// A bucket of the server.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where the server listens.
    pub address: SocketAddr,
}

impl Bucket {
    /// A new, empty bucket. The server is built and started by the first.
    ///
    /// # Panics
    /// When the server can't be built or started.
    pub fn new() -> Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        static N_BUCKETS: AtomicU32 = AtomicU32::new(0);
        let server = SERVER.get_or_init(Server::start);
        let name = format!("bucket-{}", N_BUCKETS.fetch_add(1, Ordering::Relaxed));
        std::fs::create_dir(server.data.join(&name)).expect("a bucket is a folder of the server's");
        Self { name, address: server.address }
    }

    /// A URL in it.
    pub fn url(&self, prefix: &str) -> String {
        format!("s3://{}/{prefix}", self.name)
    }

    /// What the environment says of the server, in the words of the field's tools.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(self.address)
    }
}

impl Default for Bucket {
    fn default() -> Self {
        Self::new()
    }
}

/// The environment for a server at `address` that takes the keys of the real one.
pub fn environment(address: SocketAddr) -> Vec<(String, String)> {
    [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT", &format!("http://{address}")),
        ("AWS_ALLOW_HTTP", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

impl Server {
    fn start() -> Self {
        let printed = output_of(&mut Command::new(repository().join("scripts/s3-server"))).stdout;
        let program = String::from_utf8(printed).expect("a path is text");
        let data = data_folder("s3");
        let address = free_address();
        let mut command = Command::new(program.trim());
        command.args([
            "--access",
            ACCESS_KEY,
            "--secret",
            SECRET_KEY,
            "--quiet",
            "--port",
            &address.to_string(),
            "posix",
        ]);
        command.arg(&data);
        Self { address, data, _service: Service::start("s3", command, address) }
    }
}
