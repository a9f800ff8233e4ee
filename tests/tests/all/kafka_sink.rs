//! Kafka as an output, with a real broker.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::producer::{BaseRecord, Producer};
use sluicebox::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::batch::listener::Listeners;
use sluicebox::checkpoint::Store;
use sluicebox::clock::{BatchTime, SystemClock};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use sluicebox::job::kafka::{KafkaSinkDefinition, ValueDefinition};
use sluicebox::memory::MemoryBudget;
use sluicebox::output::kafka::{KafkaSink, KafkaSinkOptions};
use sluicebox::output::staging::Staging;
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::kafka::{Kafka, Sent, sent, shared, text, unique};

fn rows(words: &[&str]) -> RecordBatch {
    let column: ArrayRef = Arc::new(StringArray::from(words.to_vec()));
    let counts: ArrayRef = Arc::new(Int64Array::from_iter_values(0..words.len() as i64));
    RecordBatch::try_from_iter([("word", column), ("count", counts)]).unwrap()
}

fn schema() -> SchemaRef {
    rows(&[]).schema()
}

fn streamed(rows: RecordBatch) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(rows.schema(), futures::stream::iter([Ok(rows)])))
}

/// Words to a topic, as text.
fn definition(kafka: &Kafka, topic: &str) -> KafkaSinkDefinition {
    let value = ValueDefinition::Column { column: Some("word".into()), is_text: true };
    KafkaSinkDefinition { value, ..KafkaSinkDefinition::new(kafka.brokers(), topic) }
}

/// The sink of one driver of a job, on a checkpoint if there is one.
async fn sink(definition: KafkaSinkDefinition, job: &str, store: Option<&Store>, term: u64) -> KafkaSink {
    let sink = KafkaSink::new(KafkaSinkOptions {
        definition,
        job: job.into(),
        batch_interval: Duration::from_secs(1),
        output: "words".into(),
        staging: Staging::new("words", store.cloned(), MemoryBudget::new(1 << 30)),
        store: store.cloned(),
        clock: Arc::new(SystemClock),
        listeners: Listeners::new(vec![]),
    })
    .unwrap();
    sink.bind(&schema()).unwrap();
    sink.open(term).await.unwrap();
    sink
}

async fn checkpoint(folder: &tempfile::TempDir) -> Store {
    let store = Store::new(&format!("file://{}", folder.path().display())).unwrap();
    store.ready().await.unwrap();
    store
}

/// Stage a partition for each list of words.
async fn staged(sink: &KafkaSink, batch: i64, term: u64, partitions: &[&[&str]]) -> Vec<Staged> {
    let mut staged = vec![];
    for (partition, words) in (0..).zip(partitions) {
        let (batch, n) = (BatchTime(batch), partitions.len() as u32);
        let id = WriteId { batch, partition, partitions: n, term, attempt: 0 };
        staged.push(sink.write(id, streamed(rows(words))).await.unwrap());
    }
    staged
}

/// What a reader of what is committed sees, sorted.
fn seen(kafka: &Kafka, topic: &str) -> Vec<String> {
    let mut seen: Vec<String> = kafka.committed(topic).concat().iter().map(text).collect();
    seen.sort();
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_done_was_lost_is_not_sent_twice() {
    let (topic, job, folder) = (shared().topic("once", 3), unique("job"), tempfile::tempdir().unwrap());
    let store = checkpoint(&folder).await;
    let first = sink(definition(shared(), &topic), &job, Some(&store), 1).await;
    let of_first = staged(&first, 1000, 1, &[&["to", "be"], &[], &["or"]]).await;
    assert_eq!(shared().uncommitted(&topic).concat().len(), 0, "nothing is sent before the result is recorded");
    first.commit(BatchTime(1000), &of_first).await.unwrap();
    assert_eq!(seen(shared(), &topic), ["be", "or", "to"]);
    // Once more by the same driver, then by the next one, which doesn't know that it is done.
    first.commit(BatchTime(1000), &of_first).await.unwrap();
    let second = sink(definition(shared(), &topic), &job, Some(&store), 2).await;
    second.commit(BatchTime(1000), &of_first).await.unwrap();
    assert_eq!(seen(shared(), &topic), ["be", "or", "to"]);
    // Of a batch that was recorded and not committed, the rows are those that another process has staged, whatever the number of its partitions.
    let third = sink(definition(shared(), &topic), &job, Some(&store), 3).await;
    let more = staged(&third, 2000, 3, &[&["not"]]).await;
    let fourth = sink(definition(shared(), &topic), &job, Some(&store), 4).await;
    fourth.commit(BatchTime(2000), &more).await.unwrap();
    fourth.commit(BatchTime(2000), &more).await.unwrap();
    assert_eq!(seen(shared(), &topic), ["be", "not", "or", "to"]);
    let (offset, metadata) = shared().group(&format!("sluicebox.{job}.words"), &topic, 0);
    assert_eq!(offset, Some(2000));
    assert!(metadata.starts_with("{\"batch\":2000,\"term\":4,"), "{metadata}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_driver_can_write_no_more() {
    let (topic, job, folder) = (shared().topic("fenced", 1), unique("job"), tempfile::tempdir().unwrap());
    let store = checkpoint(&folder).await;
    let older = sink(definition(shared(), &topic), &job, Some(&store), 1).await;
    let rows = staged(&older, 1000, 1, &[&["a", "b"]]).await;
    let newer = sink(definition(shared(), &topic), &job, Some(&store), 2).await;
    // Both believe that the batch is theirs to commit.
    let error = older.commit(BatchTime(1000), &rows).await.unwrap_err().to_string();
    assert!(error.contains("another run of the job has taken over output \"words\""), "{error}");
    newer.commit(BatchTime(1000), &rows).await.unwrap();
    assert_eq!(seen(shared(), &topic), ["a", "b"]);
    let again = older.commit(BatchTime(1000), &rows).await.unwrap_err().to_string();
    assert!(again.contains("another run"), "{again}");
    // The older one has tried, which ended the newer one's transactions for a moment, and no more.
    let more = staged(&newer, 2000, 2, &[&["c"]]).await;
    newer.commit(BatchTime(2000), &more).await.unwrap();
    assert_eq!(seen(shared(), &topic), ["a", "b", "c"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_begins_anew_writes_whatever_an_earlier_one_of_its_name_has_written() {
    let (topic, job) = (shared().topic("anew", 1), unique("job"));
    let before = sink(definition(shared(), &topic), &job, None, 1).await;
    let rows = staged(&before, 9000, 1, &[&["a"]]).await;
    before.commit(BatchTime(9000), &rows).await.unwrap();
    drop(before);
    // Its clock was set back, or it reads old batches again: their times say nothing.
    let after = sink(definition(shared(), &topic), &job, None, 1).await;
    let rows = staged(&after, 1000, 1, &[&["b"]]).await;
    after.commit(BatchTime(1000), &rows).await.unwrap();
    assert_eq!(seen(shared(), &topic), ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_a_dead_driver_has_left_open_is_ended() {
    let (topic, job) = (shared().topic("open", 1), unique("job"));
    let dead = shared().producer(Some(&format!("sluicebox.{job}.words.0")));
    dead.begin_transaction().unwrap();
    dead.send(BaseRecord::<(), str>::to(&topic).payload("never")).map_err(|(error, _)| error).unwrap();
    dead.flush(Duration::from_secs(60)).unwrap();
    let sink = sink(definition(shared(), &topic), &job, None, 1).await;
    let rows = staged(&sink, 1000, 1, &[&["a"]]).await;
    sink.commit(BatchTime(1000), &rows).await.unwrap();
    assert_eq!(seen(shared(), &topic), ["a"], "readers don't wait for the transaction, and don't see its messages");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_waits_for_brokers_that_are_restarted() {
    let mut kafka = Kafka::start();
    let (topic, folder) = (kafka.topic("restarted", 1), tempfile::tempdir().unwrap());
    let store = checkpoint(&folder).await;
    let sink = Arc::new(sink(definition(&kafka, &topic), "job", Some(&store), 1).await);
    let rows = staged(&sink, 1000, 1, &[&["a", "b"]]).await;
    // The sink's first mark is in, to its end: a broker that is alone and killed before it has written the markers of a transaction may never write them.
    kafka.group("sluicebox.job.words", &topic, 0);
    kafka.kill();
    let committing = tokio::spawn({
        let sink = sink.clone();
        async move { sink.commit(BatchTime(1000), &rows).await }
    });
    kafka.start_again();
    committing.await.unwrap().unwrap();
    assert_eq!(seen(&kafka, &topic), ["a", "b"]);
}

#[test]
fn messages_have_keys_values_and_headers_of_columns() {
    let topic = shared().topic("columns", 4);
    let folder = Folder::new(&format!(
        "[stream.rows]
source = {{ type = \"constant\", schema = {{ word = \"string\", n = \"int64\", from = \"string\" }}, rows = [{{ word = \"to\", n = 1, from = \"x\" }}, {{ n = 2 }}] }}
[output.o]
input = \"rows\"
sink = {{ type = \"kafka\", brokers = \"{}\", topic = \"{topic}\", key = \"word\", headers = \"from\", columns = [\"n\", \"word\"] }}
",
        shared().brokers()
    ));
    folder.run(&["--batches", "1"]).ended_with(0);
    let mut messages: Vec<Sent> = shared().committed(&topic).concat().iter().map(sent).collect();
    messages.sort();
    let expected = [(None, "{\"n\":2}", ""), (Some("to"), "{\"n\":1,\"word\":\"to\"}", "x")];
    let expected = expected.map(|(key, value, header)| Sent {
        key: key.map(str::to_owned),
        value: Some(value.into()),
        headers: vec![("from".into(), header.into())],
    });
    assert_eq!(messages, expected);
}

#[test]
fn a_topic_that_is_not_there_ends_the_job_at_its_start() {
    let folder = Folder::new(&format!(
        "[stream.rows]
source = {{ type = \"constant\", schema = {{ word = \"string\" }}, rows = [] }}
[output.o]
input = \"rows\"
sink = {{ type = \"kafka\", brokers = \"{}\", topic = \"nowhere\", transaction-timeout = \"20min\" }}
",
        shared().brokers()
    ));
    let checked = folder.check().ended_with(2);
    assert!(checked.errors()[0].contains("transaction-timeout"), "{}", checked.stderr);
    let text = folder.read("job.toml").replace("20min", "1min");
    folder.write("job.toml", text);
    let ran = folder.run(&["--drain"]).ended_with(1);
    assert_eq!(ran.errors(), ["error: output \"o\": topic \"nowhere\" isn't there; make it, or correct topic"]);
}

#[test]
fn a_job_that_is_killed_again_and_again_gives_each_message_once() {
    let (from, to) = (shared().topic("from", 2), shared().topic("to", 3));
    let job = unique("killed");
    let folder = Folder::with_job("");
    let text = format!(
        "[job]
name = \"{job}\"
batch-interval = \"50ms\"
checkpoint = \"file://{}\"
[stream.rows]
source = {{ type = \"kafka\", brokers = \"{brokers}\", topics = \"{from}\", max-rate-per-partition = 2000 }}
[output.o]
input = \"rows\"
sink = {{ type = \"kafka\", brokers = \"{brokers}\", topic = \"{to}\", format = \"text\" }}
",
        folder.path("checkpoint").display(),
        brokers = shared().brokers()
    );
    folder.write("job.toml", text);
    let mut expected: Vec<String> = vec![];
    for round in 0..6 {
        let program = folder.start(&[]);
        let values: Vec<String> = (0..500).map(|n| format!("{round}-{n:03}")).collect();
        shared().send(&from, round % 2, &values);
        expected.extend(values);
        // Killed after some batches, wherever it is then.
        for _ in 0..=round {
            program.line_with("batch completed");
        }
        program.signal("KILL");
    }
    folder.run(&["--drain"]).ended_with(0);
    expected.sort();
    assert_eq!(seen(shared(), &to), expected);
}
