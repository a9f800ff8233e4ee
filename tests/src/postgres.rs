//! A PostgreSQL server for tests: `scripts/postgres` finds or fetches its programs; it listens on a free port of the loopback interface, and ends, and leaves nothing behind, when the tests' process does.
//!
//! One is shared by all tests, each of which has a database of its own. A test that stops the server has one for itself.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use tokio_postgres::{Client, NoTls};

/// What runs the server: it does what it is told on its standard input, a word a line, and answers each on its standard output. When that input ends, so does the server. Arguments: the programs'
/// folder, where to keep data, the port, the folder of the certificate.
const SCRIPT: &str = r#"
trap : INT
bin=$1 data=$(mktemp -d "$2/sluicebox-postgres-XXXXXX") port=$3 certificate=$4
log=$data/log
start() { "$bin/pg_ctl" -D "$data/db" -w -t 60 -l "$log" -o "-p $port -k $data -h 127.0.0.1 -F -c max_connections=200" start >> "$log" 2>&1; }
stop() { "$bin/pg_ctl" -D "$data/db" -w -t 60 -m "$1" stop >> "$log" 2>&1; }
{
    "$bin/initdb" -D "$data/db" -U tester -A trust -E UTF8 --no-locale -N >> "$log" 2>&1 &&
    cp "$certificate/server.pem" "$certificate/server.key" "$data/db" && chmod 600 "$data/db/server.key" &&
    { echo "ssl = on"; echo "ssl_cert_file = 'server.pem'"; echo "ssl_key_file = 'server.key'"; } >> "$data/db/postgresql.conf" &&
    start && echo ready
} || { tr '\n' ' ' < "$log"; echo; rm -rf "$data"; exit 1; }
while read -r word; do
    case $word in
        start) start && echo ready || { tr '\n' ' ' < "$log"; echo; } ;;
        stop) stop immediate; echo ready ;;
    esac
done
stop immediate
rm -rf "$data"
"#;

/// The user that the server runs as where the tests run as root, which it refuses: `nobody`.
const NOBODY: u32 = 65534;

/// A server.
#[derive(Debug)]
pub struct Server {
    port: u16,
    talk: Mutex<Talk>,
}

#[derive(Debug)]
struct Talk {
    /// Its end is the server's.
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    child: Child,
}

impl Talk {
    /// The script's next answer.
    fn answer(&mut self, to: &str) {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the script's output");
        assert!(line.trim() == "ready", "PostgreSQL did not {to}: {line}");
    }

    fn say(&mut self, word: &str) {
        let to = self.to.as_mut().expect("the script's input is open");
        writeln!(to, "{word}").expect("the script reads");
        self.answer(word);
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lie in the repository")
}

/// The folder of the server's programs, found or fetched once.
fn programs() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let out = Command::new(repository().join("scripts/postgres")).output().expect("scripts/postgres runs");
        assert!(out.status.success(), "there is no PostgreSQL for the tests: {}", String::from_utf8_lossy(&out.stderr));
        PathBuf::from(String::from_utf8_lossy(&out.stdout).trim())
    })
}

/// A command that finds the libraries which were fetched with the programs.
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    if programs().starts_with(repository()) {
        command.env("LD_LIBRARY_PATH", repository().join(".cache/postgres/lib"));
    }
    command
}

impl Server {
    /// A server of the caller's own.
    ///
    /// # Panics
    /// When it can't be had or started, with what to do.
    pub fn start() -> Self {
        let programs = programs();
        // Freed and taken again: another may take it meanwhile, which is then an error that says so.
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let mut command = command("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(programs).arg(std::env::temp_dir()).arg(port.to_string());
        command.arg(repository().join("tests/data/postgres")).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command.spawn().expect("a shell");
        let (to, from) = (child.stdin.take(), child.stdout.take().expect("its output is a pipe"));
        let mut talk = Talk { to, from: BufReader::new(from), child };
        talk.answer("start");
        Self { port, talk: Mutex::new(talk) }
    }

    /// The server that tests share.
    ///
    /// # Panics
    /// As [`Server::start`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Stop the server at once, as if it had crashed.
    ///
    /// # Panics
    /// When it isn't stopped.
    pub fn stop(&self) {
        self.talk.lock().say("stop");
    }

    /// Start it again.
    ///
    /// # Panics
    /// When it doesn't start.
    pub fn start_again(&self) {
        self.talk.lock().say("start");
    }

    /// A new database.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn database(&self) -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        connect(&self.url("postgres"))
            .await
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a new database");
        Database { url: self.url(&name) }
    }

    fn url(&self, database: &str) -> String {
        format!("postgresql://tester@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let talk = self.talk.get_mut();
        talk.to = None;
        // What goes wrong at the end is no test's failure.
        let _ = talk.child.wait();
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    tokio::spawn(connection);
    client
}

/// A database of one test.
#[derive(Debug)]
pub struct Database {
    /// Where it is.
    pub url: String,
}

impl Database {
    /// The client program, at this database.
    pub fn psql(&self) -> Command {
        let mut command = command(programs().join("psql"));
        command.args([&self.url, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]);
        command
    }

    /// A session of its own.
    ///
    /// # Panics
    /// When there is none to be had.
    pub async fn session(&self) -> Client {
        connect(&self.url).await
    }

    /// Do this.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn run(&self, statements: &str) {
        self.session().await.batch_execute(statements).await.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }

    /// The rows of a query, each as the database shows it: `(a,1)`.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn rows(&self, query: &str) -> Vec<String> {
        let query = format!("SELECT r::text FROM ({query}) r");
        let rows = self.session().await.query(&query, &[]).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }
}
