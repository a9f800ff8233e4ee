//! A job that is sent ten times what it can do: its sources are held back, it catches up, nothing is lost, and its process has no more memory than what it had when it was idle, and what
//! the job may have.
//!
//! What it can do is a fixed number of rows a second, because its database takes so long for each row. First half of that is sent, then ten times that, then half again. Over a socket the sender
//! is held back, and sends less than it would; what is sent to a topic stays there until the job takes it.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use sluicebox::testing::PATIENCE;
use tokio::runtime::Runtime;

use super::ground::Failure;
use crate::folder::Folder;
use crate::kafka;
use crate::postgres::{Database, Server as Postgres};
use crate::program::Running;
use crate::server::Server;

/// How much is sent, and to what.
#[derive(Debug, Clone, Copy)]
pub struct Spike {
    /// From one batch to the next.
    pub interval: Duration,
    /// Rows a second that the database takes.
    pub capacity: u64,
    /// How long half of that is sent, then ten times that, then half again.
    pub phases: [Duration; 3],
}

impl Spike {
    /// A minute, as `make chaos` has it.
    pub const LONG: Self = Self {
        interval: Duration::from_secs(1),
        capacity: 2000,
        phases: [Duration::from_secs(20), Duration::from_secs(60), Duration::from_secs(40)],
    };

    /// Some seconds.
    pub const SHORT: Self = Self {
        interval: Duration::from_millis(250),
        capacity: 2000,
        phases: [Duration::from_secs(3), Duration::from_secs(4), Duration::from_secs(5)],
    };
}

/// `[job] memory`.
const MEMORY: u64 = 256 << 20;
/// Bytes of a line: the system's buffers hold some thousands.
const LINE: usize = 500;
/// How often the sender looks at what is due.
const TICK: Duration = Duration::from_millis(10);
/// The most lines that are sent at once.
const AT_ONCE: u64 = 500;

/// What is known of a batch when it is done.
#[derive(Debug, Clone, Copy)]
struct Batch {
    /// Since the first was done.
    at: Duration,
    rows: u64,
    scheduling_delay: Duration,
    total_delay: Duration,
    /// The memory that the program had.
    memory: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Told {
    spike: Spike,
    batches: Vec<Batch>,
    /// Lines that would have been sent, had nobody been held back, and those that were.
    offered: u64,
    sent: u64,
    /// The memory that the program had in its first batch, and the most that it has had.
    idle: u64,
    peak: u64,
    took: Duration,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offered, sent, idle, peak, took, .. } = self;
        let all: Duration = self.spike.phases.iter().sum();
        let every = (all / 24).max(Duration::from_secs(1));
        writeln!(f, "  second  rows a second  longest scheduling delay  longest total delay  memory")?;
        let mut rest = self.batches.as_slice();
        let mut until = every;
        while let Some(last) = rest.last() {
            let n = rest.iter().take_while(|batch| batch.at < until).count();
            let (now, later) = rest.split_at(n);
            rest = later;
            if !now.is_empty() && (until <= all + every || last.at < until) {
                let longest = |delay: fn(&Batch) -> Duration| now.iter().map(delay).max().unwrap_or_default();
                let rows = now.iter().map(|batch| batch.rows).sum::<u64>() as f64 / every.as_secs_f64();
                writeln!(
                    f,
                    "  {:>6.0}  {rows:>13.0}  {:>21.1} s  {:>17.1} s  {:>4} MiB",
                    until.as_secs_f64(),
                    longest(|batch| batch.scheduling_delay).as_secs_f64(),
                    longest(|batch| batch.total_delay).as_secs_f64(),
                    now.iter().map(|batch| batch.memory).max().unwrap_or_default() >> 20,
                )?;
            }
            until += every;
        }
        write!(
            f,
            "  {sent} of {offered} lines were sent, each is in the database once, after {took:.0?}; the process had {} MiB when idle, and {} MiB at most, where the job may have {} MiB",
            idle >> 20,
            peak >> 20,
            MEMORY >> 20
        )
    }
}

/// Where lines go.
trait Sender: Send {
    /// Send a line each for these numbers, or as many of them as are taken now; the first that isn't sent.
    fn send(&mut self, numbers: std::ops::Range<u64>) -> u64;

    /// Returns when all that were sent are there.
    fn finish(&mut self);
}

fn line(number: u64) -> String {
    format!("{number} {:x>1$}\n", "", LINE - 20)
}

/// Over a connection, that isn't waited for.
struct Connection {
    to: TcpStream,
    /// What is left of lines that were sent in part.
    left: Vec<u8>,
}

impl Connection {
    fn new(to: TcpStream) -> Self {
        to.set_nonblocking(true).expect("a socket can be told not to wait");
        Self { to, left: vec![] }
    }

    /// Whether nothing is left.
    fn flush(&mut self) -> bool {
        while !self.left.is_empty() {
            match self.to.write(&self.left) {
                Ok(n) => drop(self.left.drain(..n)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) => panic!("the job has closed the connection: {error}"),
            }
        }
        true
    }
}

impl Sender for Connection {
    fn send(&mut self, numbers: std::ops::Range<u64>) -> u64 {
        for number in numbers.clone() {
            if !self.flush() {
                return number;
            }
            self.left = line(number).into_bytes();
        }
        self.flush();
        numbers.end
    }

    fn finish(&mut self) {
        self.to.set_nonblocking(false).expect("a socket can be told to wait");
        self.to.write_all(&self.left).expect("the job takes what is left");
    }
}

/// To a topic of two partitions.
struct Topic {
    producer: ThreadedProducer<DefaultProducerContext>,
    name: String,
}

impl Sender for Topic {
    fn send(&mut self, numbers: std::ops::Range<u64>) -> u64 {
        for number in numbers.clone() {
            let (text, partition) = (line(number), i32::from(number % 2 == 1));
            let record = BaseRecord::<(), str>::to(&self.name).partition(partition).payload(text.trim_end());
            if self.producer.send(record).is_err() {
                return number;
            }
        }
        numbers.end
    }

    fn finish(&mut self) {
        self.producer.flush(PATIENCE).expect("messages are delivered");
    }
}

/// How many lines were due, and how many were sent.
type Sent = (u64, u64);

/// Send what is due in each phase, and no more of it later.
fn offer(spike: &Spike, sender: &mut dyn Sender) -> Sent {
    let (mut offered, mut sent) = (0, 0);
    for (number, time) in spike.phases.iter().enumerate() {
        let rate = if number == 1 { 10 * spike.capacity } else { spike.capacity / 2 } as f64;
        let (since, mut of_phase) = (Instant::now(), 0);
        while since.elapsed() < *time {
            let due = (rate * since.elapsed().as_secs_f64()) as u64;
            let until = sent + (due - of_phase).min(AT_ONCE);
            let next = sender.send(sent..until);
            of_phase += next - sent;
            if next < until || of_phase == due {
                std::thread::sleep(TICK);
            }
            sent = next;
        }
        offered += (rate * time.as_secs_f64()) as u64;
    }
    sender.finish();
    (offered, sent)
}

/// A database that takes so long for each row, until it is told to be fast.
struct Slow {
    runtime: Runtime,
    database: Database,
}

impl Slow {
    fn new(capacity: u64) -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let database = runtime.block_on(Postgres::shared().database());
        runtime.block_on(database.run(&format!(
            "CREATE TABLE rows (n bigint);
             CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN PERFORM pg_sleep((SELECT count(*) FROM new_rows) / {capacity}.0); RETURN NULL; END $$;
             CREATE TRIGGER slow AFTER INSERT ON rows REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION slow()"
        )));
        Self { runtime, database }
    }

    fn be_fast(&self) {
        let body = "BEGIN RETURN NULL; END";
        let fast = format!("CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$");
        self.runtime.block_on(self.database.run(&fast));
    }

    /// See that it has each of the first `n` numbers once.
    fn check(&self, n: u64) -> Result<(), Failure> {
        let query = "SELECT count(*), count(DISTINCT n), min(n), max(n) FROM rows";
        let found = self.runtime.block_on(self.database.rows(query));
        let expected = format!("({n},{n},0,{})", n - 1);
        if found == [expected.as_str()] {
            return Ok(());
        }
        Err(format!(
            "the database has {found:?} rows, different ones, their least and largest; it should have {expected}"
        ))
    }
}

/// Over a socket.
///
/// # Errors
/// What isn't as it should be.
///
/// # Panics
/// When there is no PostgreSQL to be had, or the job ends.
pub fn socket(spike: Spike) -> Result<Told, Failure> {
    let server = Server::new().expect("a free port");
    let source = format!("{{ type = \"socket\", address = \"{}\" }}", server.address());
    let told = run(spike, &source, move || Box::new(Connection::new(server.accept().expect("the job connects"))))?;
    // Else it wasn't ten times what the job can do, or the job has taken what it couldn't do.
    match told.sent < told.offered / 2 {
        true => Ok(told),
        false => Err(format!("the sender wasn't held back:\n{told}")),
    }
}

/// From a topic.
///
/// # Errors
/// What isn't as it should be.
///
/// # Panics
/// When there is no broker or no PostgreSQL to be had, or the job ends.
pub fn topic(spike: Spike) -> Result<Told, Failure> {
    let kafka = kafka::shared();
    let name = kafka.topic(&kafka::unique("spike"), 2);
    let producer = kafka.client().set("enable.idempotence", "true").create().expect("a producer");
    let source = format!("{{ type = \"kafka\", brokers = \"{}\", topics = \"{name}\" }}", kafka.brokers());
    let told = run(spike, &source, move || Box::new(Topic { producer, name }))?;
    match told.sent > told.offered / 2 {
        true => Ok(told),
        false => Err(format!("too little was sent to the topic:\n{told}")),
    }
}

fn run(spike: Spike, source: &str, sender: impl FnOnce() -> Box<dyn Sender> + Send + 'static) -> Result<Told, Failure> {
    let slow = Slow::new(spike.capacity);
    let folder = Folder::with_job("");
    folder.write(
        "job.toml",
        format!(
            "[job]\nname = \"{}\"\nbatch-interval = \"{}ms\"\ncheckpoint = \"file://{}\"\nmemory = \"{}MiB\"\nparallelism = 2\n\n\
             [stream.received]\nsource = {source}\n\n\
             [stream.rows]\nsql = \"select cast(split_part(value, ' ', 1) as bigint) as n from received\"\n\n\
             [output.table]\ninput = \"rows\"\nsink = {{ type = \"postgres\", url = \"{}\", table = \"rows\" }}\n",
            kafka::unique("spike"),
            spike.interval.as_millis(),
            folder.path("checkpoint").display(),
            MEMORY >> 20,
            slow.database.url,
        ),
    );
    let running = folder.start(&[]);
    let since = Instant::now();
    let sent = OnceLock::new();
    let batches = std::thread::scope(|scope| {
        let sending = scope.spawn(|| sent.set(offer(&spike, &mut *sender())));
        watch(&spike, &running, &slow, || match sent.get() {
            None if sending.is_finished() => Err("not all could be sent".to_owned()),
            sent => Ok(sent.map(|(_, sent)| *sent)),
        })
    })?;
    let (took, peak) = (since.elapsed(), running.peak_memory());
    running.signal("TERM");
    let ran = running.wait();
    if ran.code != Some(0) {
        return Err(format!("the job ended with {:?}\n{}", ran.code, ran.stderr));
    }
    let (offered, sent) = sent.into_inner().unwrap_or_default();
    slow.check(sent)?;
    let idle = batches.first().map_or(0, |batch| batch.memory);
    let told = Told { spike, batches, offered, sent, idle, peak, took };
    match peak < idle + MEMORY {
        true => Ok(told),
        false => Err(format!("it has taken more memory than it may:\n{told}")),
    }
}

/// Look at batches until all that was sent is in one; once all is sent, see that they aren't late any more, and don't wait for what a topic has left at that speed.
fn watch(
    spike: &Spike,
    running: &Running,
    slow: &Slow,
    sent: impl Fn() -> Result<Option<u64>, Failure>,
) -> Result<Vec<Batch>, Failure> {
    let (since, mut batches, mut rows) = (Instant::now(), vec![], 0);
    let mut has_recovered = false;
    loop {
        let line = running.next_line(PATIENCE).map_err(|_| "the job is silent, or has ended".to_owned())?;
        let sent = sent()?;
        if line.contains("batch completed") {
            let batch = Batch::of(&line, since.elapsed(), running.memory())?;
            rows += batch.rows;
            batches.push(batch);
        }
        if sent.is_some() && !has_recovered {
            recovered(spike, &batches)?;
            slow.be_fast();
            has_recovered = true;
        }
        if sent.is_some_and(|sent| rows >= sent) {
            return Ok(batches);
        }
    }
}

/// See that the last batches, of the last third of the last phase, have hardly waited.
fn recovered(spike: &Spike, batches: &[Batch]) -> Result<(), Failure> {
    let last = batches.last().ok_or("no batch is done")?;
    let from = last.at.saturating_sub(spike.phases[2] / 3);
    let mut delays: Vec<Duration> =
        batches.iter().filter(|batch| batch.at >= from).map(|batch| batch.scheduling_delay).collect();
    delays.sort();
    match delays[delays.len() / 2] {
        median if median <= 2 * spike.interval => Ok(()),
        _ => Err(format!("batches wait long after the spike is over: {delays:?}")),
    }
}

impl Batch {
    /// What the log says.
    fn of(line: &str, at: Duration, memory: u64) -> Result<Self, Failure> {
        let field = |name: &str| -> Result<u64, Failure> {
            let text = line.split_whitespace().find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
            text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("there is no {name} in {line}"))
        };
        Ok(Self {
            at,
            rows: field("rows")?,
            scheduling_delay: Duration::from_millis(field("scheduling_delay_ms")?),
            total_delay: Duration::from_millis(field("total_delay_ms")?),
            memory,
        })
    }
}
