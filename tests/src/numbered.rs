//! A server of numbered lines that keeps each until it is acknowledged: what `lines/acknowledged` of plugins/lines receives.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use sluicebox::testing::PATIENCE;

/// Lines numbered from 0, on a free port of the loopback interface. Clients come one after the other, or several at a time; each is sent what it asks for.
#[derive(Debug)]
pub struct NumberedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    /// All lines before this number are acknowledged: the server has them no more.
    acknowledged: u64,
    /// What clients asked for that the server has no more.
    mistakes: Vec<String>,
    n_connections: u64,
    /// Nothing more comes: connections are closed once all is sent.
    is_complete: bool,
}

impl Default for NumberedServer {
    fn default() -> Self {
        Self::new()
    }
}

impl NumberedServer {
    /// A server without lines.
    ///
    /// # Panics
    /// When there is no port.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::<Shared>::default();
        let weak = Arc::downgrade(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Some(shared) = weak.upgrade() else { return };
                std::thread::spawn(move || shared.serve(client));
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Have more lines.
    ///
    /// # Panics
    /// Never, unless another thread did.
    pub fn add(&self, lines: impl IntoIterator<Item = String>) {
        self.shared.state.lock().unwrap().lines.extend(lines);
        self.shared.changed.notify_all();
    }

    /// Nothing more comes.
    ///
    /// # Panics
    /// As [`NumberedServer::add`].
    pub fn complete(&self) {
        self.shared.state.lock().unwrap().is_complete = true;
        self.shared.changed.notify_all();
    }

    /// How many lines are acknowledged.
    ///
    /// # Panics
    /// As [`NumberedServer::add`].
    pub fn acknowledged(&self) -> u64 {
        self.shared.state.lock().unwrap().acknowledged
    }

    /// Returns once so many lines are acknowledged.
    ///
    /// # Panics
    /// When they aren't within a minute.
    pub fn until_acknowledged(&self, n_lines: u64) {
        let state = self.shared.state.lock().unwrap();
        let waits = |state: &mut State| state.acknowledged < n_lines;
        let (state, timeout) = self.shared.changed.wait_timeout_while(state, PATIENCE, waits).unwrap();
        assert!(!timeout.timed_out(), "{} of {n_lines} lines were acknowledged within a minute", state.acknowledged);
    }

    /// How often somebody has connected.
    ///
    /// # Panics
    /// As [`NumberedServer::add`].
    pub fn n_connections(&self) -> u64 {
        self.shared.state.lock().unwrap().n_connections
    }

    /// What clients asked for that the server has no more, since it was acknowledged: rows that were lost.
    ///
    /// # Panics
    /// As [`NumberedServer::add`].
    pub fn mistakes(&self) -> Vec<String> {
        self.shared.state.lock().unwrap().mistakes.clone()
    }
}

impl Shared {
    fn serve(self: Arc<Self>, client: TcpStream) {
        let Ok(mut reader) = client.try_clone().map(BufReader::new) else { return };
        let mut hello = String::new();
        // Who is killed before it has said anything has made no mistake.
        if !reader.read_line(&mut hello).is_ok_and(|_| hello.ends_with('\n')) {
            return;
        }
        let Some(from) = hello.trim_end().strip_prefix("RECEIVER ").and_then(|rest| rest.split_once(" FROM ")) else {
            return self.mistake(format!("a client said {hello:?}"));
        };
        let next = {
            let mut state = self.state.lock().unwrap();
            state.n_connections += 1;
            let first = state.acknowledged;
            match from.1.parse() {
                Ok(from) if from < first => {
                    state.mistakes.push(format!("line {from} was wanted, and all before {first} are acknowledged"));
                    return;
                }
                Ok(from) => from,
                Err(_) => first,
            }
        };
        let shared = self.clone();
        let sender = std::thread::spawn(move || shared.send(client, next));
        loop {
            let mut said = String::new();
            // What a client that was killed has said in part doesn't count.
            if reader.read_line(&mut said).is_err() || !said.ends_with('\n') {
                break;
            }
            let line = said.trim_end();
            match line.strip_prefix("ACK ").and_then(|number| number.parse::<u64>().ok()) {
                Some(number) => {
                    let mut state = self.state.lock().unwrap();
                    if number > state.lines.len() as u64 {
                        let n_lines = state.lines.len();
                        state.mistakes.push(format!("{line}, and there are {n_lines} lines"));
                    }
                    state.acknowledged = state.acknowledged.max(number);
                    drop(state);
                    self.changed.notify_all();
                }
                None => self.mistake(format!("a client said {line:?}")),
            }
        }
        // Errors of a connection that is over are the test's own doing.
        let _ = sender.join();
    }

    fn send(&self, mut client: TcpStream, mut next: u64) {
        loop {
            let (text, is_complete) = {
                let state = self.state.lock().unwrap();
                let waits = |state: &mut State| state.lines.len() as u64 <= next && !state.is_complete;
                // Now and then it is looked at whether the client is still there.
                let wait = Duration::from_millis(500);
                let (state, _) = self.changed.wait_timeout_while(state, wait, waits).unwrap();
                let from = usize::try_from(next).unwrap_or(usize::MAX).min(state.lines.len());
                let lines = &state.lines[from..(from + 1000).min(state.lines.len())];
                let text: String = (next..).zip(lines).map(|(number, line)| format!("{number} {line}\n")).collect();
                next += lines.len() as u64;
                (text, state.is_complete)
            };
            if text.is_empty() && is_complete {
                let _ = client.shutdown(Shutdown::Write);
                return;
            }
            if client.write_all(text.as_bytes()).is_err() || client.take_error().is_ok_and(|error| error.is_some()) {
                return;
            }
        }
    }

    fn mistake(&self, mistake: String) {
        self.state.lock().unwrap().mistakes.push(mistake);
    }
}
