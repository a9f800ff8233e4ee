//! Batches into a real PostgreSQL: each once, whatever becomes of the driver, the connection and the server.

mod mistakes;
mod types;

use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::{Int64Array, RecordBatch, StringArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluicebox::batch::listener::{Event, Listeners};
use sluicebox::checkpoint::Store;
use sluicebox::clock::{BatchTime, SystemClock};
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use sluicebox::error::Result;
use sluicebox::job::postgres::{PostgresDefinition, PostgresMode, TableName};
use sluicebox::memory::MemoryBudget;
use sluicebox::output::postgres::{PostgresOptions, PostgresSink};
use sluicebox::output::staging::Staging;
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox::testing::PATIENCE;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::postgres::{Database, Server};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// `word: string, count: int64`.
fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("word", DataType::Utf8, true), Field::new("count", DataType::Int64, true)]))
}

fn rows(rows: &[(&str, i64)]) -> RecordBatch {
    let words: StringArray = rows.iter().map(|(word, _)| Some(*word)).collect();
    let counts: Int64Array = rows.iter().map(|(_, count)| Some(*count)).collect();
    RecordBatch::try_new(schema(), vec![Arc::new(words), Arc::new(counts)]).unwrap()
}

fn stream(rows: Vec<RecordBatch>, schema: SchemaRef) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(rows.into_iter().map(Ok))))
}

/// A database, and a checkpoint.
struct Fixture {
    database: Database,
    checkpoint: TempDir,
}

impl Fixture {
    async fn new(statements: &str) -> Self {
        Self::at(Server::shared(), statements).await
    }

    async fn at(server: &Server, statements: &str) -> Self {
        let database = server.database().await;
        database.run(statements).await;
        Self { database, checkpoint: tempfile::tempdir().unwrap() }
    }

    fn definition(&self) -> PostgresDefinition {
        PostgresDefinition {
            url: self.database.url.clone(),
            password_env: None,
            table: TableName::parse("counts").unwrap(),
            mode: PostgresMode::Append,
            columns: None,
            give_up_after: PATIENCE,
        }
    }

    fn upsert(&self, key: &[&str]) -> PostgresDefinition {
        let key = key.iter().map(|column| (*column).to_owned()).collect();
        PostgresDefinition { mode: PostgresMode::Upsert { key }, ..self.definition() }
    }

    fn unbound(
        &self,
        definition: PostgresDefinition,
        store: Option<Store>,
        listeners: Listeners,
    ) -> Result<PostgresSink> {
        PostgresSink::new(PostgresOptions {
            definition,
            job: "test".to_owned(),
            output: "counts".to_owned(),
            staging: Staging::new("counts", store.clone(), MemoryBudget::new(1 << 30)),
            store,
            clock: Arc::new(SystemClock),
            listeners,
        })
    }

    /// A sink of a driver that has taken over in `term`.
    async fn open(&self, definition: PostgresDefinition, term: u64) -> Result<PostgresSink> {
        self.open_and_listen(definition, term, Listeners::default()).await
    }

    async fn open_and_listen(
        &self,
        definition: PostgresDefinition,
        term: u64,
        listeners: Listeners,
    ) -> Result<PostgresSink> {
        let store = Store::new(&format!("file://{}", self.checkpoint.path().display())).unwrap();
        store.ready().await.unwrap();
        let sink = self.unbound(definition, Some(store), listeners)?;
        sink.bind(&schema())?;
        sink.open(term).await?;
        Ok(sink)
    }

    async fn counts(&self) -> Vec<String> {
        self.database.rows("SELECT word, count FROM counts ORDER BY word, count").await
    }
}

/// Stage a batch of these partitions.
async fn write(sink: &PostgresSink, batch: i64, partitions: Vec<RecordBatch>) -> Result<Vec<Staged>> {
    let mut staged = vec![];
    let n_partitions = u32::try_from(partitions.len()).unwrap();
    for (partition, rows) in (0..n_partitions).zip(partitions) {
        let schema = rows.schema();
        let id = WriteId { batch: BatchTime(batch), partition, partitions: n_partitions, term: 1, attempt: 0 };
        staged.push(sink.write(id, stream(vec![rows], schema)).await?);
    }
    Ok(staged)
}

#[tokio::test]
async fn rows_are_in_once_however_often_a_batch_is_committed() {
    let fixture = Fixture::new("CREATE TABLE counts (count integer, id serial, word text)").await;
    let sink = fixture.open(fixture.definition(), 1).await.unwrap();
    let first = write(&sink, 1000, vec![rows(&[("a", 1), ("b", 2)]), rows(&[]), rows(&[("c\t\\", 3)])]).await.unwrap();
    let second = write(&sink, 2000, vec![rows(&[("a", 4)])]).await.unwrap();
    let empty = write(&sink, 3000, vec![rows(&[])]).await.unwrap();
    assert_eq!(fixture.counts().await, [""; 0], "nothing is seen that isn't committed");
    sink.commit(BatchTime(1000), &first).await.unwrap();
    sink.commit(BatchTime(1000), &first).await.unwrap();
    let expected = ["(a,1)", "(b,2)", "(\"c\t\\\\\",3)"];
    assert_eq!(fixture.counts().await, expected);

    // What the process that crashed has staged is committed by the next.
    drop(sink);
    let sink = fixture.open(fixture.definition(), 2).await.unwrap();
    for (batch, staged) in [(1000, &first), (2000, &second), (2000, &second), (3000, &empty)] {
        sink.commit(BatchTime(batch), staged).await.unwrap();
    }
    assert_eq!(fixture.counts().await, ["(a,1)", "(a,4)", "(b,2)", "(\"c\t\\\\\",3)"]);
    let mark = "SELECT job, output, term, batch_time, length(checkpoint) FROM sluicebox_batches";
    assert_eq!(fixture.database.rows(mark).await, ["(test,counts,2,2000,24)"]);
    let left: Vec<_> = std::fs::read_dir(fixture.checkpoint.path().join("staging/counts")).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "only the output's identity is left: {left:?}");
}

#[tokio::test]
async fn a_driver_that_another_has_taken_over_from_is_refused() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count int8)").await;
    let older = fixture.open(fixture.definition(), 1).await.unwrap();
    let staged = write(&older, 1000, vec![rows(&[("a", 1)])]).await.unwrap();
    let newer = fixture.open(fixture.definition(), 2).await.unwrap();
    let error = older.commit(BatchTime(1000), &staged).await.unwrap_err().to_string();
    assert_eq!(error, "another driver has taken over the job, in term 2; this one, of term 1, stops");
    newer.commit(BatchTime(1000), &staged).await.unwrap();
    assert_eq!(fixture.counts().await, ["(a,1)"]);
    let error = fixture.open(fixture.definition(), 1).await.unwrap_err().to_string();
    assert_eq!(error, "another driver has taken over the job, in term 2; this one, of term 1, stops");
}

/// As one that was stopped in the middle of a commit: its session holds the mark's lock, and never lets go.
#[tokio::test]
async fn a_driver_that_stands_still_in_a_commit_keeps_nobody_out() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count int8)").await;
    let blocker = fixture.database.session().await;
    let older = Arc::new(fixture.open(fixture.definition(), 1).await.unwrap());
    let staged = write(&older, 1000, vec![rows(&[("a", 1)])]).await.unwrap();
    blocker.batch_execute("BEGIN; LOCK TABLE counts IN EXCLUSIVE MODE").await.unwrap();
    let standing = {
        let (older, staged) = (older.clone(), staged.clone());
        tokio::spawn(async move { older.commit(BatchTime(1000), &staged).await })
    };
    until(&fixture.database, "SELECT 1 FROM pg_locks WHERE relation = 'counts'::regclass AND NOT granted").await;
    let newer = fixture.open(fixture.definition(), 2).await.unwrap();
    blocker.batch_execute("ROLLBACK").await.unwrap();
    newer.commit(BatchTime(1000), &staged).await.unwrap();
    let error = standing.await.unwrap().unwrap_err().to_string();
    assert_eq!(error, "another driver has taken over the job, in term 2; this one, of term 1, stops");
    assert_eq!(fixture.counts().await, ["(a,1)"]);
}

/// Returns once the query has a row.
async fn until(database: &Database, query: &str) {
    let session = database.session().await;
    let asking = async {
        while session.query(query, &[]).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect(query);
}

#[tokio::test]
async fn jobs_of_one_name_with_other_checkpoints_do_not_mix() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count int8)").await;
    for _ in 0..2 {
        let other = Fixture {
            database: Database { url: fixture.database.url.clone() },
            checkpoint: tempfile::tempdir().unwrap(),
        };
        let sink = other.open(other.definition(), 1).await.unwrap();
        let staged = write(&sink, 1000, vec![rows(&[("a", 1)])]).await.unwrap();
        sink.commit(BatchTime(1000), &staged).await.unwrap();
    }
    // Without a checkpoint, each run is one of its own.
    for _ in 0..2 {
        let sink = fixture.unbound(fixture.definition(), None, Listeners::default()).unwrap();
        sink.bind(&schema()).unwrap();
        sink.open(0).await.unwrap();
        let staged = write(&sink, 1000, vec![rows(&[("b", 1)])]).await.unwrap();
        sink.commit(BatchTime(1000), &staged).await.unwrap();
    }
    assert_eq!(fixture.counts().await, ["(a,1)", "(a,1)", "(b,1)", "(b,1)"]);
}

#[tokio::test]
async fn the_last_row_of_a_key_is_the_one_that_stays() {
    let fixture = Fixture::new(
        "CREATE TABLE counts (word text PRIMARY KEY, count int8, note text DEFAULT 'kept');
         INSERT INTO counts VALUES ('a', 0, 'old'), ('z', 26, 'old')",
    )
    .await;
    let sink = fixture.open(fixture.upsert(&["word"]), 1).await.unwrap();
    let partitions = vec![rows(&[("a", 1), ("b", 9), ("b", 2), ("c", 1)]), rows(&[("c", 5), ("c", 3), ("d", 4)])];
    let staged = write(&sink, 1000, partitions).await.unwrap();
    sink.commit(BatchTime(1000), &staged).await.unwrap();
    let all = "SELECT * FROM counts ORDER BY word";
    let expected = ["(a,1,old)", "(b,2,kept)", "(c,3,kept)", "(d,4,kept)", "(z,26,old)"];
    assert_eq!(fixture.database.rows(all).await, expected);
    // The next batch, on the same connection; and a batch that is in changes nothing.
    let next = write(&sink, 2000, vec![rows(&[("b", 7)])]).await.unwrap();
    sink.commit(BatchTime(2000), &next).await.unwrap();
    sink.commit(BatchTime(1000), &staged).await.unwrap();
    assert_eq!(fixture.database.rows(all).await, ["(a,1,old)", "(b,7,kept)", "(c,3,kept)", "(d,4,kept)", "(z,26,old)"]);
}

#[tokio::test]
async fn rows_that_are_all_key_are_there_once() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count int8, UNIQUE (count, word))").await;
    let sink = fixture.open(fixture.upsert(&["word", "count"]), 1).await.unwrap();
    for batch in [1000, 2000] {
        let staged = write(&sink, batch, vec![rows(&[("a", 1), ("a", 1), ("a", batch)])]).await.unwrap();
        sink.commit(BatchTime(batch), &staged).await.unwrap();
    }
    assert_eq!(fixture.counts().await, ["(a,1)", "(a,1000)", "(a,2000)"]);
}

#[tokio::test]
async fn a_hundred_thousand_rows_arrive() {
    for upsert in [false, true] {
        let fixture = Fixture::new("CREATE TABLE counts (word text PRIMARY KEY, count int8)").await;
        let definition = if upsert { fixture.upsert(&["word"]) } else { fixture.definition() };
        let sink = fixture.open(definition, 1).await.unwrap();
        let partition = |first: i64| {
            let words: StringArray =
                (first..first + 25_000).map(|n| Some(format!("word {n} {}", "x".repeat(200)))).collect();
            let counts = Int64Array::from_iter_values(first..first + 25_000);
            RecordBatch::try_new(schema(), vec![Arc::new(words), Arc::new(counts)]).unwrap()
        };
        let staged = write(&sink, 1000, (0..4).map(|part| partition(part * 25_000)).collect()).await.unwrap();
        sink.commit(BatchTime(1000), &staged).await.unwrap();
        let sums = "SELECT count(*), sum(count), count(DISTINCT word), sum(length(word)),
                           bool_and(word = 'word ' || count || ' ' || repeat('x', 200)) FROM counts";
        let digits: i64 = (0..100_000).map(|n: i64| n.to_string().len() as i64).sum();
        let expected = format!("(100000,4999950000,100000,{},t)", digits + 100_000 * 206);
        assert_eq!(fixture.database.rows(sums).await, [expected], "upsert: {upsert}");
    }
}

/// Tells the errors of outputs.
fn errors() -> (Listeners, mpsc::UnboundedReceiver<(Option<BatchTime>, String)>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let tell = move |event: &Event| {
        if let Event::OutputError { batch_time, output, error } = event {
            assert_eq!(output, "counts");
            let _ = sender.send((*batch_time, error.clone()));
        }
    };
    (Listeners::new(vec![Arc::new(tell)]), receiver)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_waits_for_a_database_that_refuses_connections() {
    let server = Server::start();
    let fixture = Fixture::at(&server, "CREATE TABLE counts (word text, count int8)").await;
    let (listeners, mut errors) = errors();
    let sink = Arc::new(fixture.open_and_listen(fixture.definition(), 1, listeners).await.unwrap());
    // What is awaited first is that it has begun.
    #[allow(clippy::async_yields_async)]
    let commit = async |batch: i64| {
        let staged = write(&sink, batch, vec![rows(&[("a", batch)])]).await.unwrap();
        let sink = sink.clone();
        tokio::spawn(async move { sink.commit(BatchTime(batch), &staged).await })
    };
    commit(1000).await.await.unwrap().unwrap();
    // One that comes back before the next batch isn't even noticed.
    server.stop();
    server.start_again();
    commit(2000).await.await.unwrap().unwrap();
    assert!(errors.is_empty());

    server.stop();
    let waiting = commit(3000).await;
    for _ in 0..3 {
        let (batch, error) = tokio::time::timeout(PATIENCE, errors.recv()).await.unwrap().unwrap();
        assert_eq!(batch, Some(BatchTime(3000)));
        assert!(error.starts_with("database 127.0.0.1:") && error.contains("refused"), "{error}");
    }
    assert!(!waiting.is_finished());
    server.start_again();
    tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap().unwrap();
    assert_eq!(fixture.counts().await, ["(a,1000)", "(a,2000)", "(a,3000)"]);
}

#[tokio::test]
async fn a_session_that_is_ended_in_a_commit_is_taken_up_again() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count int8)").await;
    let blocker = fixture.database.session().await;
    let sink = Arc::new(fixture.open(fixture.definition(), 1).await.unwrap());
    let staged = write(&sink, 1000, vec![rows(&[("a", 1)]), rows(&[("b", 2)])]).await.unwrap();
    blocker.batch_execute("BEGIN; LOCK TABLE counts IN EXCLUSIVE MODE").await.unwrap();
    let committing = {
        let sink = sink.clone();
        tokio::spawn(async move { sink.commit(BatchTime(1000), &staged).await })
    };
    let waits = "SELECT pid FROM pg_locks WHERE relation = 'counts'::regclass AND NOT granted";
    until(&fixture.database, waits).await;
    fixture.database.run(&format!("SELECT pg_terminate_backend(pid) FROM ({waits}) AS waits")).await;
    blocker.batch_execute("ROLLBACK").await.unwrap();
    committing.await.unwrap().unwrap();
    assert_eq!(fixture.counts().await, ["(a,1)", "(b,2)"]);
}

#[tokio::test]
async fn a_database_that_stays_away_is_given_up() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count int8)").await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let definition = PostgresDefinition {
        url: format!("postgresql://tester@{nobody}/test"),
        give_up_after: Duration::from_secs(1),
        ..fixture.definition()
    };
    let error = fixture.open(definition, 1).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("database {nobody}/test: error connecting to server: Connection refused")),
        "{error}"
    );
    assert!(error.ends_with("; it was tried for 1s (give-up-after); its rows are kept in the checkpoint"), "{error}");
}

#[tokio::test]
async fn what_a_constraint_refuses_is_named_and_can_be_mended() {
    let fixture = Fixture::new(
        "CREATE TABLE counts (word text PRIMARY KEY, count int8 CONSTRAINT positive CHECK (count > 0));
         INSERT INTO counts VALUES ('b', 1)",
    )
    .await;
    let sink = fixture.open(fixture.definition(), 1).await.unwrap();
    let staged = write(&sink, 1000, vec![rows(&[("a", 1), ("b", 2)])]).await.unwrap();
    let error = sink.commit(BatchTime(1000), &staged).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "table public.counts: duplicate key value violates unique constraint \"counts_pkey\"; Key (word)=(b) already exists; \
         COPY counts, line 2 (SQLSTATE 23505)"
    );
    let negative = write(&sink, 1000, vec![rows(&[("c", -1)])]).await.unwrap();
    let error = sink.commit(BatchTime(1000), &negative).await.unwrap_err().to_string();
    assert!(
        error.contains("violates check constraint \"positive\"; Failing row contains (c, -1); COPY counts, line 1"),
        "{error}"
    );
    assert_eq!(fixture.counts().await, ["(b,1)"], "all of a batch or nothing");
    // Once the table is mended, the batch that was recorded goes in.
    fixture.database.run("DELETE FROM counts").await;
    let staged = write(&sink, 1000, vec![rows(&[("a", 1), ("b", 2)])]).await.unwrap();
    let next = fixture.open(fixture.definition(), 2).await.unwrap();
    next.commit(BatchTime(1000), &staged).await.unwrap();
    assert_eq!(fixture.counts().await, ["(a,1)", "(b,2)"]);
}

#[tokio::test]
async fn connections_are_encrypted_and_certificates_looked_at_as_asked() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count int8)").await;
    let ca = format!("{}/data/postgres/ca.pem", env!("CARGO_MANIFEST_DIR"));
    let by_name = fixture.database.url.replace("127.0.0.1", "localhost");
    let by_address = fixture.database.url.clone();
    let mut term = 0;
    for (url, ssl, is_encrypted) in [
        (&by_address, "sslmode=disable".to_owned(), "f"),
        (&by_address, String::new(), "t"),
        (&by_address, "sslmode=require".to_owned(), "t"),
        (&by_address, format!("sslmode=verify-ca&sslrootcert={ca}"), "t"),
        (&by_name, format!("sslmode=verify-full&sslrootcert={ca}"), "t"),
    ] {
        term += 1;
        let definition = PostgresDefinition { url: format!("{url}?{ssl}"), ..fixture.definition() };
        let sink = fixture.open(definition, term).await.unwrap();
        let used = "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                    WHERE a.application_name LIKE 'sluicebox test/counts %' AND datname = current_database()";
        assert_eq!(fixture.database.rows(used).await, [format!("({is_encrypted})")], "{ssl}");
        drop(sink);
        until(&fixture.database, &format!("SELECT 1 WHERE NOT EXISTS ({used})")).await;
    }
    for (url, ssl, message) in [
        (&by_address, format!("sslmode=verify-full&sslrootcert={ca}"), "certificate not valid for name"),
        (&by_name, "sslmode=verify-full".to_owned(), ""),
    ] {
        let definition = PostgresDefinition { url: format!("{url}?{ssl}"), ..fixture.definition() };
        let error = fixture.open(definition, 9).await.unwrap_err().to_string();
        assert!(
            error.contains(message) && (error.contains("TLS handshake") || error.contains("sslrootcert")),
            "{ssl}: {error}"
        );
    }
}

/// The program, with a job file.
fn job(database: &Database, sink: &str) -> Folder {
    let url = &database.url;
    let folder = Folder::with_job(&format!(
        "[job]\nname = \"orders\"\nbatch-interval = \"100ms\"\ncheckpoint = \"CHECKPOINT\"\n\
         [stream.rows]\nsource = {{ type = \"files\", path = \"in\", format = \"csv\", schema = {{ word = \"string\", count = \"int64\" }} }}\n\
         [output.counts]\ninput = \"rows\"\nsink = {{ type = \"postgres\", url = \"{url}\", {sink} }}\n"
    ));
    let checkpoint = format!("file://{}", folder.path("checkpoint").display());
    folder.write("job.toml", folder.read("job.toml").replace("CHECKPOINT", &checkpoint));
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_writes_what_its_files_have_over_several_runs() {
    let fixture =
        Fixture::new("CREATE SCHEMA shop; CREATE TABLE shop.\"All.Counts\" (word text PRIMARY KEY, count numeric(20))")
            .await;
    let sink = "table = 'shop.\"All.Counts\"', mode = \"upsert\", key = \"word\"";
    let folder = job(&fixture.database, sink);
    folder.write("in/a.csv", "word,count\nx,1\ny,2\n");
    folder.run(&["--drain"]).ended_with(0);
    folder.write("in/b.csv", "word,count\ny,3\nz,4\n");
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert!(ran.logged("made the table").is_empty(), "{}", ran.stderr);
    assert_eq!(
        fixture.database.rows("SELECT * FROM shop.\"All.Counts\" ORDER BY 1").await,
        ["(x,1)", "(y,3)", "(z,4)"]
    );
    let marks = "SELECT job, output, term FROM shop.sluicebox_batches";
    assert_eq!(fixture.database.rows(marks).await, ["(orders,counts,2)"]);
}

/// Killed around staging, recording and committing, and again while it goes on, a job that is started again has written the rows of each batch once. It counts the same rows in each batch, so that a batch that is lost or
/// is there twice breaks the sequence.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_killed_around_a_commit_has_each_row_once() {
    let points = [
        "stage-before",
        "stage-after",
        "result-before",
        "result-after",
        "commit-before",
        "commit-after",
        "done-before",
    ];
    for point in points {
        let fixture = Fixture::new("CREATE TABLE counts (word text, count int8)").await;
        let url = &fixture.database.url;
        let folder = Folder::with_job(&format!(
            "[job]\nname = \"counts\"\nbatch-interval = \"10ms\"\ncheckpoint = \"file://{}\"\nretain = \"0s\"\n\
             [stream.words]\nsource = {{ type = \"constant\", schema = {{ word = \"string\" }}, rows = [{{ word = \"a\" }}, {{ word = \"b\" }}, {{ word = \"a\" }}] }}\n\
             [stream.counts]\ninput = \"words\"\nupdate-state-by-key = {{ key = \"word\", with = \"count\" }}\n\
             [output.table]\ninput = \"counts\"\nsink = {{ type = \"postgres\", url = \"{url}\", table = \"counts\" }}\n",
            fixture.checkpoint.path().display()
        ));
        for passage in [3, 1, 2] {
            let point = format!("{point}:{passage}");
            let killed = folder.run_with(&[("SLUICEBOX_FAULT_POINT", &point)], &["--batches", "10"]);
            assert_eq!(killed.code, None, "{point} was not reached: {}", killed.stderr);
        }
        folder.run(&["--batches", "3"]).ended_with(0);
        let counts = fixture.database.rows("SELECT word, count FROM counts ORDER BY word, count").await;
        let n_batches = i64::try_from(counts.len()).unwrap() / 2;
        let expected: Vec<String> = (1..=n_batches)
            .map(|n| format!("(a,{})", 2 * n))
            .chain((1..=n_batches).map(|n| format!("(b,{n})")))
            .collect();
        assert_eq!(counts, expected, "{point}");
        assert!(n_batches >= 5, "{point}: {n_batches}");
    }
}
