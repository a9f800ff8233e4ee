//! What is wrong with a sink, its table or its rows is told before anything is committed, with what to do.

use super::*;

fn bound(fixture: &Fixture, definition: PostgresDefinition) -> String {
    let sink = fixture.unbound(definition, None, Listeners::default()).unwrap();
    match sink.bind(&schema()) {
        Ok(()) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_table_that_cannot_hold_the_rows_is_told() {
    let fixture = Fixture::new(
        "CREATE SCHEMA shop; CREATE TABLE shop.counts (word text);
         CREATE TABLE countz (word text, count int8);
         CREATE VIEW seen AS SELECT 'a'::text AS word, 1::int8 AS count;
         CREATE TABLE narrow (wort text, count bool, must int NOT NULL, may int NOT NULL DEFAULT 1);
         CREATE TABLE made (word text GENERATED ALWAYS AS ('a') STORED, count int8);
         CREATE TABLE twice (word text, count int8);
         CREATE UNIQUE INDEX ON twice (word) WHERE count > 0; CREATE UNIQUE INDEX ON twice (lower(word));
         CREATE UNIQUE INDEX ON twice (word, count)",
    )
    .await;
    let database = fixture.database.url.split_once('@').unwrap().1;
    let table = |name: &str, definition: PostgresDefinition| PostgresDefinition {
        table: TableName::parse(name).unwrap(),
        ..definition
    };
    let append = || fixture.definition();
    for (definition, expected) in [
        (
            append(),
            format!(
                "there is no table counts in {database}\n  help: did you mean \"countz\"? \
                 Or create it: CREATE TABLE counts (word text, count bigint)"
            ),
        ),
        (
            table("shop.orders", fixture.upsert(&["word"])),
            format!(
                "there is no table shop.orders in {database}\n  \
                 help: create it: CREATE TABLE shop.orders (word text, count bigint, PRIMARY KEY (word))"
            ),
        ),
        (table("seen", append()), format!("seen in {database} is a view\n  help: name a table")),
        (
            table("narrow", append()),
            "table narrow has no column \"word\"\n  help: did you mean \"wort\"? Rename it in a query, or leave it out with columns\n\
             column \"count\" (int64) can't go into column \"count\" of table narrow, which is boolean\n  \
             help: cast it in a query (transform = { sql = ... }), or alter the table\n\
             column \"must\" of table narrow takes no null and has no default, and the rows don't have it\n  \
             help: give the stream such a column, or the table's a default"
                .to_owned(),
        ),
        (
            table("made", append()),
            "the database makes the values of column \"word\" of table made itself\n  help: leave it out with columns".to_owned(),
        ),
        (PostgresDefinition { columns: Some(vec!["count".to_owned()]), ..table("made", append()) }, "ok".to_owned()),
        (
            table("twice", fixture.upsert(&["word"])),
            "table twice has no unique index on (word), by which an upsert finds rows\n  \
             help: create it: CREATE UNIQUE INDEX ON twice (word)"
                .to_owned(),
        ),
        (table("twice", fixture.upsert(&["count", "word"])), "ok".to_owned()),
        (
            table("twice", fixture.upsert(&["wort"])),
            "key: there is no column \"wort\" among those that are written\n  help: did you mean \"word\"?".to_owned(),
        ),
        (
            PostgresDefinition { columns: Some(vec!["cuont".to_owned()]), ..append() },
            "its input has no column \"cuont\"\n  help: did you mean \"count\"?".to_owned(),
        ),
    ] {
        assert_eq!(bound(&fixture, definition), expected);
    }
}

#[tokio::test]
async fn users_and_databases_that_are_not_there_are_told() {
    let fixture = Fixture::new(
        "CREATE TABLE counts (word text, count int8); DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN",
    )
    .await;
    let url = |from: &str, to: &str| PostgresDefinition {
        url: fixture.database.url.replace(from, to),
        ..fixture.definition()
    };
    let error = bound(&fixture, url("tester@", "nobody@"));
    assert!(error.contains("role \"nobody\" does not exist (SQLSTATE 28000)"), "{error}");
    let (server, _) = fixture.database.url.rsplit_once('/').unwrap();
    let error = bound(&fixture, PostgresDefinition { url: format!("{server}/nowhere"), ..fixture.definition() });
    assert!(error.contains("does not exist (SQLSTATE 3D000)"), "{error}");
    let error = bound(&fixture, url("tester@", "reader@"));
    assert_eq!(
        error,
        "table counts: the user of the url may not INSERT\n  help: grant it: GRANT INSERT ON counts TO ..."
    );
    // The mark's table can't be made by it either.
    fixture.database.run("GRANT INSERT ON counts TO reader; REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let error = fixture.open(url("tester@", "reader@"), 1).await.unwrap_err().to_string();
    assert!(
        error.starts_with("the table public.sluicebox_batches, which says which batches are in, can't be made: permission denied for schema public")
            && error.contains("; have it made by: CREATE TABLE \"public\".sluicebox_batches (job text"),
        "{error}"
    );
}

#[tokio::test]
async fn rows_that_the_database_would_refuse_fail_the_batch_before_its_result() {
    let fixture = Fixture::new("CREATE TABLE counts (word text PRIMARY KEY, count int2 NOT NULL)").await;
    let sink = fixture.open(fixture.upsert(&["word"]), 1).await.unwrap();
    let with_null = |words: Vec<Option<&str>>, counts: Vec<Option<i64>>| {
        RecordBatch::try_new(schema(), vec![Arc::new(StringArray::from(words)), Arc::new(Int64Array::from(counts))])
            .unwrap()
    };
    for (rows, message) in [
        (
            rows(&[("a", 1), ("b", 40_000)]),
            "row 2 of the partition, column \"count\": 40000 is out of range for smallint",
        ),
        (
            rows(&[("a\0b", 1)]),
            "row 1 of the partition, column \"word\": its text has the character U+0000, which PostgreSQL's texts don't",
        ),
        (
            with_null(vec![Some("a"), None], vec![Some(1), Some(2)]),
            "row 2 of the partition, column \"word\": it is null, and in the key of an upsert, where null is no key",
        ),
        (
            with_null(vec![Some("a"), Some("b")], vec![None, Some(2)]),
            "row 1 of the partition, column \"count\": it is null, and the table's column takes no null",
        ),
    ] {
        let error = write(&sink, 1000, vec![rows]).await.unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_the_line_where_the_database_can_be_reached() {
    let fixture = Fixture::new("CREATE TABLE counts (word text, count bool)").await;
    let folder = job(&fixture.database, "table = \"counts\"");
    folder.write("in/a.csv", "word,count\nx,1\n");
    let ran = folder.check().ended_with(2);
    let error = "job.toml:9:1: output \"counts\": column \"count\" (int64) can't go into column \"count\" of table counts, which is boolean";
    assert!(ran.stderr.contains(error), "{}", ran.stderr);
    // Where it can't be reached, the rest is right.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = fixture.database.url.split(['@', '/']).nth(3).unwrap().to_owned();
    folder.write("job.toml", folder.read("job.toml").replace(&address, &nobody.to_string()));
    let ran = folder.check().ended_with(0);
    assert_eq!(ran.logged("the table can't be looked at yet").len(), 1, "{}", ran.stderr);
}

#[test]
fn mistakes_in_the_job_file_are_told_with_their_lines() {
    let folder = Folder::new(
        "[stream.rows]\nsource = { type = \"files\", path = \"in\", format = \"text\" }\n\
         [output.a]\ninput = \"rows\"\nsink = { type = \"postgres\", url = \"mysql://me:secret@host/db\", table = \"a.b.c\", mode = \"merge\" }\n\
         [output.b]\ninput = \"rows\"\nsink = { type = \"postgres\", url = \"postgresql://h/d\", table = \"t\", mode = \"upsert\" }\n\
         [output.c]\ninput = \"rows\"\nsink = { type = \"postgres\", url = \"postgresql://h/d\", table = \"t\", key = [\"value\"], tabel = 1 }\n\
         [output.d]\ninput = \"rows\"\nsink = { type = \"postgres\", table = \"t\", give-up-after = \"0s\", password-env = \"a=b\" }\n",
    );
    folder.write("in/a.txt", "x\n");
    let ran = folder.check().ended_with(2);
    for mistake in [
        "[output.a] sink.url: it is not the URL of a PostgreSQL database",
        "[output.a] sink.table: \"a.b.c\" is not the name of a table",
        "[output.a] sink.mode: \"merge\" is not known",
        "[output.b] sink: key is missing",
        "[output.c] sink.key: rows that are appended have no key",
        "[output.c] sink: unknown key \"tabel\"",
        "[output.d] sink.url is missing",
        "[output.d] sink.give-up-after: \"0s\" is out of range",
        "[output.d] sink.password-env: \"a=b\" is not the name of an environment variable",
    ] {
        assert!(ran.stderr.contains(mistake), "{mistake}\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
}
