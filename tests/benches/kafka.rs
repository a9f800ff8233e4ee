//! How fast one partition of a topic is read: by kcat, by a plain loop over the client, and by a job that only counts what it reads.
//!
//! `make bench-kafka`, optionally with `MESSAGES=2000000 BYTES=100`. Both have the same broker beside them, on the same processors; processor time is that of this process and of kcat, which is fetched
//! where it isn't installed; its time is that of a process from start to end.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use sluicebox::job::definition::SourceDefinition;
use sluicebox::job::kafka::{KafkaSourceDefinition, MessageColumn};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::kafka::Kafka;

const ROUNDS: usize = 5;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

/// Processor time of this process and of what it ran and waited for, in seconds.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("the system tells it");
    // What stands after the name, which may hold spaces: fields 14 to 17 are ticks, of which a second has 100.
    let fields: Vec<&str> = stat.rsplit(") ").next().expect("a name").split(' ').collect();
    let ticks = |idx: usize| fields[idx].parse::<f64>().expect("a number");
    (11..15).map(ticks).sum::<f64>() / 100.0
}

/// One reading: seconds, and seconds of processor time.
struct Measured(f64, f64);

fn measured(read: impl FnOnce()) -> Measured {
    let (start, processor) = (Instant::now(), processor_seconds());
    read();
    Measured(start.elapsed().as_secs_f64(), processor_seconds() - processor)
}

/// The program, and the folder of its libraries.
fn kcat() -> (String, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/kcat");
    let found = Command::new(script).stderr(Stdio::inherit()).output().expect("the script runs");
    let found = String::from_utf8(found.stdout).expect("text");
    let (libraries, program) = found.trim().split_once(' ').expect("kcat can be had: see above");
    (program.to_owned(), libraries.to_owned())
}

fn by_kcat((program, libraries): &(String, String), kafka: &Kafka, topic: &str, n: usize) -> Measured {
    measured(|| {
        let n = n.to_string();
        // It prints each message to nowhere.
        let read = ["-C", "-q", "-e", "-b", &kafka.brokers(), "-t", topic, "-p", "0", "-o", "beginning", "-c", &n];
        let mut kcat = Command::new(program);
        kcat.args(read).env("LD_LIBRARY_PATH", libraries).stdin(Stdio::null()).stdout(Stdio::null());
        assert!(kcat.status().expect("it runs").success(), "kcat fails");
    })
}

fn plain(kafka: &Kafka, topic: &str, n: usize) -> Measured {
    let mut config = kafka.client();
    config.set("group.id", "plain").set("enable.auto.commit", "false");
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Beginning).expect("an offset");
    measured(|| {
        consumer.assign(&list).expect("it can be assigned");
        let (mut count, mut bytes) = (0, 0);
        while count < n {
            let message = consumer.poll(Duration::from_secs(60)).expect("messages come").expect("without errors");
            bytes += message.payload().map_or(0, <[u8]>::len);
            count += 1;
        }
        assert!(bytes > 0);
    })
}

fn job(kafka: &Kafka, topic: &str, n: usize, columns: &[MessageColumn]) -> Measured {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (job, counts) = (TestJob::new(), Collected::default());
        // All in one batch: nobody knows yet how long messages are, so there has to be room for long ones.
        job.context.job(|job| job.memory = 1 << 40).expect("not started");
        let source = KafkaSourceDefinition {
            columns: columns.to_vec(),
            ..KafkaSourceDefinition::new(kafka.brokers(), &[topic])
        };
        let rows = job.context.source("rows", SourceDefinition::Kafka(Box::new(source))).expect("a source");
        rows.count("counted")
            .and_then(|counted| counted.write_to("counts", Arc::new(counts.clone())))
            .expect("an output");
        let mut job = job.start().await.expect("it starts");
        let (start, processor) = (Instant::now(), processor_seconds());
        job.batch().await.expect("a batch");
        let measured = Measured(start.elapsed().as_secs_f64(), processor_seconds() - processor);
        assert_eq!(counts.rows(1000), [n.to_string()]);
        job.job.stop(true).await.expect("it stops");
        measured
    })
}

fn main() {
    let (n, bytes) = (setting("MESSAGES", 1_000_000), setting("BYTES", 100));
    let kafka = Kafka::start();
    let topic = kafka.topic("read", 1);
    let value = vec![b'x'; bytes];
    kafka.send(&topic, 0, (0..n).map(|_| &value));
    let all = MessageColumn::ALL.map(|(_, column)| column);
    type Read<'a> = Box<dyn Fn() -> Measured + 'a>;
    let kcat = kcat();
    let readers: [(&str, Read<'_>); 4] = [
        ("kcat, to /dev/null", Box::new(|| by_kcat(&kcat, &kafka, &topic, n))),
        ("a plain loop over the client", Box::new(|| plain(&kafka, &topic, n))),
        ("a job, `value`", Box::new(|| job(&kafka, &topic, n, &[MessageColumn::Value]))),
        ("a job, all columns", Box::new(|| job(&kafka, &topic, n, &all))),
    ];
    println!("{n} messages of {bytes} bytes in one partition; the best of {ROUNDS} rounds, in turns");
    println!("| reader | rows a second | MB/s | rows a second of processor time |");
    println!("|---|--:|--:|--:|");
    let mut best = [(f64::MAX, f64::MAX); 4];
    for _ in 0..ROUNDS {
        for ((_, read), best) in readers.iter().zip(&mut best) {
            let Measured(seconds, processor) = read();
            *best = (best.0.min(seconds), best.1.min(processor));
        }
    }
    for ((name, _), (seconds, processor)) in readers.iter().zip(best) {
        let (rows, of_processor) = (n as f64 / seconds, n as f64 / processor);
        println!("| {name} | {:.2} M | {:.0} | {:.2} M |", rows / 1e6, rows * bytes as f64 / 1e6, of_processor / 1e6);
    }
}
