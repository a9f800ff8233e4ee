//! A real broker: Apache Kafka in KRaft mode, one process that is broker and controller, and a client beside the tested one.
//!
//! `scripts/fetch-kafka` fetches it. It listens without and with TLS and SASL; everybody may do everything. It ends with the process that started it, however
//! that ends: a shell waits for its standard input to close.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures::executor::block_on;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::plugins::repository;

/// As `scripts/fetch-kafka` has it.
const VERSION: &str = "4.3.0";
/// How long it is waited for what must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of TLS's keys and of the user, whose name is `sluicebox`.
pub const PASSWORD: &str = "not-a-secret";

/// A broker.
#[derive(Debug)]
pub struct Kafka {
    folder: PathBuf,
    ports: [u16; 3],
    process: Option<Child>,
}

/// The broker that all tests share; topics have names of their own.
///
/// # Panics
/// When it can't be started.
pub fn shared() -> &'static Kafka {
    static KAFKA: OnceLock<Kafka> = OnceLock::new();
    KAFKA.get_or_init(Kafka::start)
}

/// A name that no other topic or job has.
pub fn unique(name: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{name}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Where a broker has its messages: in memory, where there is enough of it. To the jobs that read them a broker is another machine, whose disk isn't theirs; on one disk hundreds of megabytes of messages
/// hold up what a job waits for.
fn disk() -> PathBuf {
    const MEMORY: &str = "/dev/shm";
    const ENOUGH: u64 = 4 << 30;
    let told = Command::new("df").args(["--output=avail", "--block-size=1", MEMORY]).output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
    // Below the column's name.
    let free = told.lines().nth(1).and_then(|bytes| bytes.trim().parse::<u64>().ok());
    if free.is_some_and(|free| free >= ENOUGH) { MEMORY.into() } else { std::env::temp_dir() }
}

impl Kafka {
    /// Start a broker with nothing in it.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("sluicebox-kafka-").tempdir_in(disk());
        let folder = folder.expect("a temporary folder").keep();
        // Other programs could take a port before the broker does; they aren't many.
        let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
        let ports = listeners.map(|listener| listener.local_addr().expect("a bound listener has an address").port());
        let mut kafka = Self { folder, ports, process: None };
        kafka.make_keys();
        kafka.write_settings();
        let user = format!("SCRAM-SHA-512=[name=sluicebox,password={PASSWORD}]");
        let settings = kafka.folder.join("server.properties");
        let format = [
            "kafka.tools.StorageTool".as_ref(),
            "format".as_ref(),
            "--cluster-id".as_ref(),
            "MkU3OEVBNTcwNTJENDM2Qk".as_ref(),
            "--add-scram".as_ref(),
            user.as_ref(),
            "--config".as_ref(),
            settings.as_os_str(),
        ];
        run(Command::new("java").args(java(&kafka.folder)).args(format));
        kafka.start_again();
        kafka
    }

    /// Start it with what it had.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start_again(&mut self) {
        // Reads a line, or the end: then the broker is killed, and at the end its folder removed.
        let script = r#""$@" >"$0/log" 2>&1 & broker=$!; read -r line; kill -9 $broker; wait $broker 2>/dev/null; [ "$line" = keep ] || rm -rf "$0""#;
        let settings = self.folder.join("server.properties");
        let process = Command::new("sh")
            .args(["-c", script])
            .arg(&self.folder)
            .arg("java")
            .args(java(&self.folder))
            .arg("kafka.Kafka")
            .arg(settings)
            .stdin(Stdio::piped())
            .spawn();
        self.process = Some(process.expect("sh can be run"));
        let client: BaseConsumer = self.client().create().expect("a client");
        let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        // It connects again and again until then.
        client
            .fetch_metadata(None, PATIENCE)
            .unwrap_or_else(|error| panic!("Kafka didn't start within a minute: {error}\n{}", log()));
    }

    /// Kill it; what it had is kept.
    ///
    /// # Panics
    /// When it can't be.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.stdin.take().expect("piped").write_all(b"keep\n").expect("it waits for a line");
        process.wait().expect("a child can be waited for");
    }

    /// `host:port`, without TLS or SASL.
    pub fn brokers(&self) -> String {
        format!("127.0.0.1:{}", self.ports[0])
    }

    /// `host:port`, with TLS, whose certificate is [`Kafka::certificate`], and SASL by SCRAM-SHA-512.
    pub fn secure_brokers(&self) -> String {
        format!("127.0.0.1:{}", self.ports[2])
    }

    /// The certificate by which clients know it.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    fn make_keys(&self) {
        let of = |path: &str| self.folder.join(path);
        let keys = of("keys.p12");
        let common = ["-alias", "broker", "-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore"];
        let make = ["-keyalg", "EC", "-dname", "CN=broker", "-ext", "SAN=ip:127.0.0.1", "-validity", "3650"];
        run(Command::new("keytool").arg("-genkeypair").args(common).arg(&keys).args(make));
        run(Command::new("keytool")
            .arg("-exportcert")
            .arg("-rfc")
            .args(common)
            .arg(&keys)
            .arg("-file")
            .arg(of("certificate.pem")));
    }

    fn write_settings(&self) {
        let ([plain, controller, secure], folder) = (self.ports, self.folder.display());
        let settings = format!(
            "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SECURE://127.0.0.1:{secure}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SECURE://127.0.0.1:{secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
auto.create.topics.enable=false
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.ssl.keystore.type=PKCS12
listener.name.secure.ssl.keystore.location={folder}/keys.p12
listener.name.secure.ssl.keystore.password={PASSWORD}
listener.name.secure.ssl.key.password={PASSWORD}
"
        );
        fs::write(self.folder.join("server.properties"), settings).expect("it can be written");
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Closing its input ends it, and removes its folder.
            drop(process.stdin.take());
            let _ = process.wait();
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// What starts a program of Kafka's: a small heap, and no compiling that pays only after minutes.
fn java(folder: &Path) -> Vec<String> {
    let kafka = repository().join(".cache").join(format!("kafka-{VERSION}"));
    assert!(kafka.join("fetched").exists(), "Apache Kafka is not in {}: run scripts/fetch-kafka", kafka.display());
    vec![
        "-Xmx256m".into(),
        "-XX:+UseSerialGC".into(),
        "-XX:TieredStopAtLevel=1".into(),
        format!("-Dkafka.logs.dir={}", folder.display()),
        "-cp".into(),
        kafka.join("jars/*").display().to_string(),
    ]
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?} can't be run: {error}; the tests of Kafka need a Java runtime, 17 or later")
    });
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What a message is to a test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    /// Its key.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Its headers.
    pub headers: Vec<(String, String)>,
}

/// A client of the tests' own.
impl Kafka {
    /// Settings of a client.
    pub fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.brokers());
        config
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client().create().expect("a client")
    }

    /// A topic with this name and more, and so many partitions; its name.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn topic(&self, name: &str, partitions: i32) -> String {
        let name = unique(name);
        self.make_topic(&name, partitions, &[]);
        name
    }

    /// A topic with exactly this name.
    ///
    /// # Panics
    /// When it can't be made.
    pub fn make_topic(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let topic = settings.iter().fold(topic, |topic, (key, value)| topic.set(key, value));
        let made = block_on(self.admin().create_topics([&topic], &admin_options())).expect("brokers answer");
        made.into_iter().for_each(|made| drop(made.unwrap_or_else(|(topic, error)| panic!("{topic}: {error}"))));
    }

    /// Delete a topic.
    ///
    /// # Panics
    /// When it can't be deleted.
    pub fn delete_topic(&self, name: &str) {
        let deleted = block_on(self.admin().delete_topics(&[name], &admin_options())).expect("brokers answer");
        deleted.into_iter().for_each(|deleted| drop(deleted.expect("it can be deleted")));
    }

    /// Delete a topic and make another of its name, once its name is free.
    ///
    /// # Panics
    /// When it can't be.
    pub fn make_anew(&self, name: &str, partitions: i32) {
        self.delete_topic(name);
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let since = Instant::now();
        loop {
            let made = block_on(self.admin().create_topics([&topic], &admin_options())).expect("brokers answer");
            match &made[0] {
                Ok(_) => return,
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) if since.elapsed() < PATIENCE => {}
                Err((topic, error)) => panic!("{topic}: {error}"),
            }
        }
    }

    /// Let a topic have so many partitions.
    ///
    /// # Panics
    /// When it can't.
    pub fn set_partitions(&self, name: &str, partitions: usize) {
        let partitions = NewPartitions::new(name, partitions);
        let made = block_on(self.admin().create_partitions([&partitions], &admin_options())).expect("brokers answer");
        made.into_iter().for_each(|made| drop(made.expect("they can be made")));
    }

    /// Delete a partition's messages before an offset, as retention does.
    ///
    /// # Panics
    /// When they can't be deleted.
    pub fn truncate(&self, name: &str, partition: i32, before: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(name, partition, Offset::Offset(before)).expect("an offset");
        block_on(self.admin().delete_records(&list, &admin_options())).expect("they can be deleted");
    }

    /// Send values to a partition of a topic; returns when they are there.
    ///
    /// # Panics
    /// When they can't be sent.
    pub fn send<V: AsRef<[u8]>>(&self, topic: &str, partition: i32, values: impl IntoIterator<Item = V>) {
        let producer = self.producer(None);
        for value in values {
            enqueue(&producer, BaseRecord::<(), [u8]>::to(topic).partition(partition).payload(value.as_ref()));
        }
        producer.flush(PATIENCE).expect("they are delivered");
    }

    /// Send a message with all it can have, of this time in milliseconds.
    ///
    /// # Panics
    /// When it can't be sent.
    pub fn send_one(&self, topic: &str, partition: i32, message: &Sent, time_ms: i64) {
        let producer = self.producer(None);
        let mut headers = OwnedHeaders::new();
        for (key, value) in &message.headers {
            headers = headers.insert(Header { key, value: Some(value) });
        }
        let mut record = BaseRecord::<str, str>::to(topic).partition(partition).timestamp(time_ms).headers(headers);
        record.key = message.key.as_deref();
        record.payload = message.value.as_deref();
        enqueue(&producer, record);
        producer.flush(PATIENCE).expect("it is delivered");
    }

    /// A producer; with an id, in transactions, which are ready to begin.
    ///
    /// # Panics
    /// When there can't be one.
    pub fn producer(&self, transactional_id: Option<&str>) -> ThreadedProducer<DefaultProducerContext> {
        let mut config = self.client();
        if let Some(id) = transactional_id {
            config.set("transactional.id", id);
        }
        let producer: ThreadedProducer<DefaultProducerContext> = config.create().expect("a producer");
        if transactional_id.is_some() {
            producer.init_transactions(PATIENCE).expect("transactions");
        }
        producer
    }

    /// All messages of a topic that a reader with `read_committed` sees now, by partition, and in their order.
    ///
    /// # Panics
    /// When they can't be read.
    pub fn committed(&self, topic: &str) -> Vec<Vec<OwnedMessage>> {
        self.read(topic, "read_committed")
    }

    /// Returns once a reader with `read_committed` sees so many messages.
    ///
    /// # Panics
    /// When it doesn't within a minute.
    pub fn until_committed(&self, topic: &str, n: usize) {
        let since = Instant::now();
        while self.committed(topic).iter().map(Vec::len).sum::<usize>() < n {
            assert!(since.elapsed() < PATIENCE, "{topic} hasn't {n} messages that are committed");
        }
    }

    /// All messages of a topic, those of transactions too that are aborted or not ended.
    ///
    /// # Panics
    /// When they can't be read.
    pub fn uncommitted(&self, topic: &str) -> Vec<Vec<OwnedMessage>> {
        self.read(topic, "read_uncommitted")
    }

    fn read(&self, topic: &str, isolation: &str) -> Vec<Vec<OwnedMessage>> {
        let mut config = self.client();
        config.set("group.id", "readers").set("enable.auto.commit", "false").set("enable.partition.eof", "true");
        config.set("isolation.level", isolation);
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).expect("brokers answer");
        let n = metadata.topics()[0].partitions().len();
        let mut list = TopicPartitionList::new();
        (0..n).for_each(|partition| drop(list.add_partition_offset(topic, partition as i32, Offset::Beginning)));
        consumer.assign(&list).expect("partitions can be assigned");
        let (mut messages, mut n_ends) = (vec![vec![]; n], 0);
        while n_ends < n {
            match consumer.poll(PATIENCE).expect("the partition has an end") {
                Ok(message) => messages[message.partition() as usize].push(message.detach()),
                Err(KafkaError::PartitionEOF(_)) => n_ends += 1,
                Err(error) => panic!("{topic}: {error}"),
            }
        }
        messages
    }

    /// Offset and metadata that a group has committed of a partition.
    ///
    /// # Panics
    /// When brokers don't answer.
    pub fn group(&self, group: &str, topic: &str, partition: i32) -> (Option<i64>, String) {
        let consumer: BaseConsumer = self.client().set("group.id", group).create().expect("a consumer");
        let mut list = TopicPartitionList::new();
        list.add_partition(topic, partition);
        let committed = consumer.committed_offsets(list, PATIENCE).expect("brokers answer");
        let elements = committed.elements();
        let offset = match elements[0].offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        };
        (offset, elements[0].metadata().to_owned())
    }
}

fn admin_options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE))
}

fn enqueue<K: rdkafka::message::ToBytes + ?Sized, V: rdkafka::message::ToBytes + ?Sized>(
    producer: &ThreadedProducer<DefaultProducerContext>,
    mut record: BaseRecord<'_, K, V>,
) {
    // Where its queue is full, some of it is sent first.
    while let Err((error, back)) = producer.send(record) {
        assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull), "{error}");
        record = back;
        let _ = producer.flush(Duration::from_millis(100));
    }
}

/// A message's value as text.
pub fn text(message: &OwnedMessage) -> String {
    String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned()
}

/// A message as a test sends it.
pub fn sent(message: &OwnedMessage) -> Sent {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let headers = message.headers().map(|headers| {
        headers.iter().map(|header| (header.key.to_owned(), text(header.value).unwrap_or_default())).collect()
    });
    Sent { key: text(message.key()), value: text(message.payload()), headers: headers.unwrap_or_default() }
}
