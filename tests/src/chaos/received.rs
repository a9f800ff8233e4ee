//! Lines that come over a connection: from a sender that keeps them until they are acknowledged, and from one that forgets what it has sent.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use sluicebox::arrow::array::{RecordBatch, StringArray};
use sluicebox::arrow::ipc::reader::StreamReader;
use sluicebox::receiver::wal::frame::{Kind, payload};
use sluicebox::receiver::wal::scan::{Ending, Wrong, scan};
use sluicebox::testing::PATIENCE;

use super::feed::Carrier;
use super::ground::{Failure, Ground};
use super::job::Job;
use super::outcome::Fed;
use super::storm::Weather;
use crate::numbered::NumberedServer;
use crate::plugins::component;

/// A server of numbered lines, which `lines/acknowledged` receives.
#[derive(Debug, Clone, Default)]
pub struct Numbered(Arc<NumberedServer>);

impl Numbered {
    /// A job of its lines.
    pub fn job(&self) -> Job {
        let (address, component) = (self.0.address(), component("lines"));
        Job {
            tables: format!(
                "[plugin.lines]\ncomponent = {component:?}\nconfig = {{ address = \"{address}\" }}\ngrants = {{ connect = [\"{address}\"] }}\ntime = \"30s\"\n"
            ),
            ..Job::of(r#"{ type = "lines/acknowledged", max-time = "20ms" }"#)
        }
    }
}

impl Carrier for Numbered {
    fn carry(&mut self, lines: &[String]) {
        self.0.add(lines.iter().cloned());
    }
}

impl Numbered {
    /// Whether it was never asked for what it doesn't have any more, as it was acknowledged.
    ///
    /// # Errors
    /// What it was asked for.
    pub fn check(&self) -> Result<(), Failure> {
        match self.0.mistakes() {
            mistakes if mistakes.is_empty() => Ok(()),
            mistakes => Err(format!("the sender was asked for what it has no more: {mistakes:#?}")),
        }
    }
}

impl Weather for Numbered {
    fn after_kill(&mut self, _: &Ground) -> Result<(), Failure> {
        self.check()
    }

    fn finish(&mut self, _: &Ground) -> Result<(), Failure> {
        self.check()
    }
}

/// A server that sends each line once, to whoever is connected then.
#[derive(Debug, Clone)]
pub struct Bare {
    address: SocketAddr,
    client: Arc<Client>,
    /// What was in the log of received blocks when a program was killed.
    safe: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Client {
    connection: Mutex<Option<TcpStream>>,
    has_come: Condvar,
}

impl Default for Bare {
    fn default() -> Self {
        Self::new()
    }
}

impl Bare {
    /// A server that nobody has connected to.
    ///
    /// # Panics
    /// When there is no free port.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let client = Arc::<Client>::default();
        let weak = Arc::downgrade(&client);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let Some(client) = weak.upgrade() else { return };
                *client.connection.lock() = Some(connection);
                client.has_come.notify_all();
            }
        });
        Self { address, client, safe: BTreeSet::new() }
    }

    /// A job of its lines.
    pub fn job(&self) -> Job {
        Job::of(&format!("{{ type = \"socket\", address = \"{}\" }}", self.address))
    }
}

impl Carrier for Bare {
    fn carry(&mut self, lines: &[String]) {
        let mut connection = self.client.connection.lock();
        loop {
            if let Some(stream) = connection.as_mut() {
                if stream.write_all((lines.join("\n") + "\n").as_bytes()).is_ok() {
                    return;
                }
                *connection = None;
            }
            // One program after the other may be killed before it connects.
            let waited = self.client.has_come.wait_for(&mut connection, 10 * PATIENCE);
            assert!(!waited.timed_out(), "nobody connected within ten minutes");
        }
    }
}

impl Weather for Bare {
    fn after_kill(&mut self, ground: &Ground) -> Result<(), Failure> {
        self.safe.extend(logged(&ground.path().join("checkpoint/wal"))?);
        Ok(())
    }

    fn fed(&mut self, sent: Vec<String>) -> Fed {
        Fed::AtMost { sent, safe: std::mem::take(&mut self.safe) }
    }
}

/// The lines of all blocks that are whole in a log of received blocks.
fn logged(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = |path: &Path| -> Vec<PathBuf> {
        // Nothing was logged yet where there is no folder.
        fs::read_dir(path).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
    };
    let mut lines = vec![];
    for segment in entries(folder).iter().flat_map(|run| entries(run)) {
        let failed = |reason: &dyn std::fmt::Display| format!("{}: {reason}", segment.display());
        let file = File::open(&segment).map_err(|error| failed(&error))?;
        let mut blocks = vec![];
        let scanned = scan(&file, Ending::Open, |offset, frame| {
            if frame.header.kind == Kind::Block {
                blocks.push(offset);
            }
        });
        scanned.map_err(|wrong| match wrong {
            Wrong::Io(error) => failed(&error),
            wrong => failed(&format_args!("{wrong:?}")),
        })?;
        for offset in blocks {
            let block = payload(&file, offset).map_err(|error| failed(&error))?;
            let (_, bytes) = block.ok_or_else(|| failed(&format_args!("no block at {offset}, where one was")))?;
            let reader = StreamReader::try_new(bytes.as_slice(), None).map_err(|error| failed(&error))?;
            for rows in reader {
                lines.extend(values(&rows.map_err(|error| failed(&error))?));
            }
        }
    }
    Ok(lines)
}

/// The column `value`.
fn values(rows: &RecordBatch) -> Vec<String> {
    let column = rows.column_by_name("value").and_then(|column| column.as_any().downcast_ref::<StringArray>());
    column.into_iter().flatten().flatten().map(str::to_owned).collect()
}
