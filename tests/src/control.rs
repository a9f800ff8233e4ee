//! Jobs whose control servers tests ask, by hand and by the program's own verbs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Deref;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::folder::Folder;
use crate::program::{Ran, Running, program};

/// A registry of a test's own.
#[derive(Debug)]
pub struct Jobs(TempDir);

impl Default for Jobs {
    fn default() -> Self {
        Self::new()
    }
}

impl Jobs {
    /// A registry without jobs.
    ///
    /// # Panics
    /// When there is no room for it.
    pub fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    /// Its folder, which programs make.
    pub fn folder(&self) -> PathBuf {
        self.0.path().join("run")
    }

    /// Start the program on a folder's job, with more arguments, and return once its control server listens.
    ///
    /// # Panics
    /// When it doesn't.
    pub fn start(&self, folder: &Folder, arguments: &[&str]) -> Controlled {
        let program = self.start_any(folder, arguments);
        let line = program.line_with("the control server listens");
        let address = line.split("address=").nth(1).expect("the line has an address");
        let address: SocketAddr = address.trim().parse().expect("an address");
        let port = format!(":{}", address.port());
        let is_its = |entry: &Value| entry["address"].as_str().is_some_and(|of| of.ends_with(&port));
        let token = self.entries().into_iter().find(is_its);
        let token = token.expect("it is listed")["token"].as_str().expect("a token").to_owned();
        Controlled { program, server: Server { address, token } }
    }

    /// Start the program on a folder's job, with more arguments.
    ///
    /// # Panics
    /// When it can't be run.
    pub fn start_any(&self, folder: &Folder, arguments: &[&str]) -> Running {
        let mut command = Command::new(program());
        command.args(["run", "job.toml"]).args(arguments).current_dir(folder.path(""));
        Running::spawn(self.of(command))
    }

    /// Run one of the program's verbs to its end.
    pub fn verb(&self, arguments: &[&str]) -> Ran {
        self.start_verb(arguments).wait()
    }

    /// Start one of the program's verbs.
    pub fn start_verb(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.0.path());
        Running::spawn(self.of(command))
    }

    /// Run one of the program's verbs to its end, which must be good, and read the JSON that it writes.
    ///
    /// # Panics
    /// When it fails or writes none.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.verb(&[arguments, &["--json"]].concat()).ended_with(0);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", ran.stdout))
    }

    fn of(&self, mut command: Command) -> Command {
        command.env("SLUICEBOX_RUN_DIR", self.folder());
        command
    }

    /// What the files of the registry hold.
    ///
    /// # Panics
    /// When one can't be read.
    pub fn entries(&self) -> Vec<Value> {
        let Ok(files) = std::fs::read_dir(self.folder()) else { return vec![] };
        let paths = files.map(|file| file.expect("the folder can be read").path());
        let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
        paths
            .map(|path| {
                let text = std::fs::read_to_string(&path).expect("an entry can be read");
                serde_json::from_str(&text).expect("an entry is JSON")
            })
            .collect()
    }
}

/// A job that runs, and where its control server is.
#[derive(Debug)]
pub struct Controlled {
    /// The program.
    pub program: Running,
    /// Its control server.
    pub server: Server,
}

impl Deref for Controlled {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// A control server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its address.
    pub address: SocketAddr,
    /// The token of the registry.
    pub token: String,
}

impl Server {
    /// Ask as the program's own clients do.
    pub fn ask(&self, method: &str, path: &str) -> Answer {
        let host = format!("Host: {}", self.address);
        let token = format!("Authorization: Bearer {}", self.token);
        let headers = [host.as_str(), &token, "Content-Type: application/json"];
        ask(self.address, method, path, &headers, "")
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, in small letters.
    pub headers: String,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// Its body's JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Send a request with just these headers, and read the answer.
///
/// # Panics
/// When there is none.
pub fn ask(address: SocketAddr, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = if method == "GET" { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    send(address, format!("{method} {path} HTTP/1.1\r\n{headers}{length}Connection: close\r\n\r\n{body}").as_bytes())
}

/// Send bytes, and read the answer.
///
/// # Panics
/// When there is none.
pub fn send(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut connection = TcpStream::connect(address).expect("the server listens");
    connection.set_read_timeout(Some(Duration::from_secs(60))).expect("a time can be set");
    // It may answer, and close, before it has read all.
    let _ = connection.write_all(bytes);
    let mut answer = vec![];
    let mut piece = [0; 65536];
    while let Ok(n @ 1..) = connection.read(&mut piece) {
        answer.extend_from_slice(&piece[..n]);
    }
    let answer = String::from_utf8(answer).expect("an answer is text");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("it answers {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer has a status");
    Answer { status, headers: head.to_ascii_lowercase(), body: body.to_owned() }
}
