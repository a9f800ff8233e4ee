//! A broker and a database: lines come from the one, rows go into the other, and both fail now and then.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use sluicebox::testing::PATIENCE;
use tokio::runtime::Runtime;

use super::feed::Carrier;
use super::ground::{Failure, Ground};
use super::job::Job;
use super::outcome::{Rows, flat};
use super::seed::Seed;
use super::storm::Weather;
use crate::kafka::{Kafka, text, unique};
use crate::postgres::{Database, Server};
use crate::program::Running;

/// Partitions of the topic.
const PARTITIONS: i32 = 2;

/// A topic of a broker that is restarted, and its producer.
#[derive(Clone)]
pub struct Topic {
    kafka: Arc<Mutex<Kafka>>,
    topic: String,
    /// Where rows go.
    rows: String,
    producer: ThreadedProducer<DefaultProducerContext>,
    n: i32,
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic").field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl Topic {
    /// A topic of a broker of its own.
    ///
    /// # Panics
    /// When there is none to be had.
    pub fn new() -> Self {
        let kafka = Kafka::start();
        let topic = kafka.topic(&unique("chaos"), PARTITIONS);
        // A message that is sent again after the broker has been away is there once.
        let producer = kafka.client().set("enable.idempotence", "true").create().expect("a producer");
        Self { kafka: Arc::new(Mutex::new(kafka)), topic, rows: String::new(), producer, n: 0 }
    }

    /// A job of its messages.
    pub fn job(&self) -> Job {
        let brokers = self.kafka.lock().brokers();
        Job::of(&format!("{{ type = \"kafka\", brokers = \"{brokers}\", topics = \"{}\" }}", self.topic))
    }

    /// An output of the job that writes to another topic of the broker.
    ///
    /// # Panics
    /// When the topic can't be made.
    pub fn output(&mut self) -> String {
        let kafka = self.kafka.lock();
        self.rows = kafka.topic(&unique("rows"), PARTITIONS);
        let sink = format!("{{ type = \"kafka\", brokers = \"{}\", topic = \"{}\" }}", kafka.brokers(), self.rows);
        format!("\n[output.topic]\ninput = \"rows\"\nsink = {sink}\n")
    }

    /// Whether readers of what is committed see what the output `all` has, each row once.
    fn check(&self, ground: &Ground) -> Result<(), Failure> {
        let messages = self.kafka.lock().committed(&self.rows);
        let texts: Vec<String> = messages.iter().flatten().map(text).collect();
        let mut rows = texts.iter().map(|row| flat(row)).collect::<Result<Vec<_>, _>>()?;
        rows.sort();
        Rows::of_folders(&ground.path().join("out/all"))?.are_in("topic", &rows)
    }

    fn restart(&self) {
        let mut kafka = self.kafka.lock();
        kafka.kill();
        kafka.start_again();
    }
}

impl Default for Topic {
    fn default() -> Self {
        Self::new()
    }
}

impl Carrier for Topic {
    fn carry(&mut self, lines: &[String]) {
        for line in lines {
            self.n = (self.n + 1) % PARTITIONS;
            let record = BaseRecord::<(), [u8]>::to(&self.topic).partition(self.n).payload(line.as_bytes());
            self.producer.send(record).map_err(|(error, _)| error).expect("the producer has room");
        }
        self.producer.flush(2 * PATIENCE).expect("messages are delivered");
    }
}

/// A table that a job writes all its rows to.
#[derive(Debug)]
pub struct Table {
    server: Server,
    database: Database,
    runtime: Runtime,
}

impl Table {
    /// An empty table in a server of its own.
    ///
    /// # Panics
    /// When there is none to be had.
    pub fn new() -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let server = Server::start();
        let database = runtime.block_on(server.database());
        let table = "CREATE TABLE rows (\"of\" text, key text, value bigint, batch bigint)";
        runtime.block_on(database.run(table));
        Self { server, database, runtime }
    }

    /// The output that writes to it.
    pub fn output(&self) -> String {
        let sink = format!("{{ type = \"postgres\", url = \"{}\", table = \"rows\" }}", self.database.url);
        format!("\n[output.table]\ninput = \"rows\"\nsink = {sink}\n")
    }

    /// Whether it has what the output `all` has, each row once.
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self, ground: &Ground) -> Result<(), Failure> {
        let all = Rows::of_folders(&ground.path().join("out/all"))?;
        let query = "SELECT \"of\" || '|' || key || '|' || value || '|' || batch AS row FROM rows";
        let mut rows = self.runtime.block_on(self.texts(query));
        rows.sort();
        all.are_in("table", &rows)
    }

    async fn texts(&self, query: &str) -> Vec<String> {
        let session = self.database.session().await;
        let rows = session.query(query, &[]).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

/// A broker and a database that go away, and come back.
#[derive(Debug)]
pub struct Outages {
    /// Where lines come from and rows go to, if it is there.
    pub topic: Option<Topic>,
    /// Where rows go as well.
    pub table: Table,
}

impl Weather for Outages {
    fn disturb(&mut self, seed: &mut Seed, _: &mut Running) {
        match (seed.within(0..6), &self.topic) {
            (0, Some(topic)) => topic.restart(),
            (1 | 2, _) => {
                self.table.server.stop();
                std::thread::sleep(seed.millis(100..2000));
                self.table.server.start_again();
            }
            _ => {}
        }
    }

    fn finish(&mut self, ground: &Ground) -> Result<(), Failure> {
        self.table.check(ground)?;
        self.topic.as_ref().map_or(Ok(()), |topic| topic.check(ground))
    }
}
