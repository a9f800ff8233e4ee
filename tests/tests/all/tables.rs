//! Static tables: read at the start and anew on a schedule, joined with streams in sql and by join.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::batch::listener::Event;
use sluicebox::error::Error;
use sluicebox::job::definition::FileFormat;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::rows::{pair_schema, pairs};

const CITIES: &str = "key,city\na,Aachen\nb,Berlin\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_read_anew_when_it_is_due_and_keeps_its_rows_when_it_cannot_be() {
    let folder = Folder::with_job("");
    folder.write("cities.csv", CITIES);
    let job = TestJob::new();
    let path = folder.path("cities.csv");
    let refresh = Some(Duration::from_secs(2));
    let cities = job.context.table("cities", &path, FileFormat::Csv, None, refresh).unwrap();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let outs: [Collected; 3] = Default::default();
    let query = "select i.value, c.city from input i join cities c on i.key = c.key order by 1";
    input.left_outer_join("joined", &cities, &["key"]).unwrap().write_to("joined", Arc::new(outs[0].clone())).unwrap();
    job.context.sql("queried", query).unwrap().write_to("queried", Arc::new(outs[1].clone())).unwrap();
    let windowed = input.window("windowed", Duration::from_secs(2), Some(Duration::from_secs(2))).unwrap();
    windowed.join("of-window", &cities, &["key"]).unwrap().write_to("of-window", Arc::new(outs[2].clone())).unwrap();
    let mut job = job.start().await.unwrap();
    let mut batch = async |change: &dyn Fn()| {
        change();
        queue.push(vec![pairs(&[("a", 1)]), pairs(&[("c", 3)])]).unwrap();
        job.batch().await.unwrap();
    };
    batch(&|| {}).await;
    // It was read at 0 s, and is due at 2 s: the change is not seen before.
    batch(&|| folder.write("cities.csv", "key,city\nc,Celle\na,Ahlen\n")).await;
    batch(&|| folder.write("cities.csv", "key,city\na,torn,apart\n")).await;
    // Due at 4 s, and torn. Due again at 6 s, when it is whole.
    batch(&|| {}).await;
    batch(&|| folder.write("cities.csv", "key,city\na,Aurich\n")).await;
    batch(&|| {}).await;
    let of = |out: &Collected, batch| out.sorted(batch).join("; ");
    assert_eq!(of(&outs[0], 1000), "a 1 Aachen; c 3 null");
    assert_eq!(of(&outs[0], 2000), "a 1 Ahlen; c 3 Celle");
    assert_eq!(of(&outs[0], 3000), "a 1 Ahlen; c 3 Celle", "not due");
    assert_eq!(of(&outs[0], 4000), "a 1 Ahlen; c 3 Celle", "it can't be read");
    assert_eq!(of(&outs[0], 5000), "a 1 Ahlen; c 3 Celle", "not due again");
    assert_eq!(of(&outs[0], 6000), "a 1 Aurich; c 3 null");
    assert_eq!(
        [of(&outs[1], 1000), of(&outs[1], 2000), of(&outs[1], 6000)],
        ["1 Aachen", "1 Ahlen; 3 Celle", "1 Aurich"]
    );
    assert_eq!(of(&outs[2], 2000), "a 1 Ahlen; a 1 Ahlen; c 3 Celle; c 3 Celle");
    assert_eq!(outs[2].commits(), [2000, 4000, 6000], "a table doesn't make a stream slide otherwise");
    job.job.stop(true).await.unwrap();
    let errors: Vec<_> = job.events.all();
    let errors: Vec<_> = errors
        .iter()
        .filter_map(|event| match event {
            Event::TableError { batch_time, table, error } => Some((batch_time.as_millis(), table.as_str(), error)),
            _ => None,
        })
        .collect();
    let [(4000, "cities", error)] = errors.as_slice() else { panic!("{errors:?}") };
    assert!(error.contains("cities.csv") && !error.contains("stream"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_may_be_a_directory_of_files_and_have_columns_of_its_own() {
    let folder = Folder::with_job("");
    folder.write("cities/2.json", "{\"key\": \"b\", \"rank\": 2}\n");
    folder.write("cities/1.json", "{\"key\": \"a\", \"rank\": 1}\n{\"key\": \"a\", \"rank\": 7}\n");
    folder.write("cities/_hidden.json", "no json");
    let job = TestJob::new();
    let cities = job.context.table("cities", folder.path("cities"), FileFormat::Json, None, None).unwrap();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let out = Collected::default();
    input.join("joined", &cities, &["key"]).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    for _ in 0..2 {
        queue.push(vec![pairs(&[("b", 1), ("a", 2)])]).unwrap();
    }
    queue.push_no_dataset().unwrap();
    job.run(3).await.unwrap();
    assert_eq!(out.sorted(1000), ["a 2 1", "a 2 7", "b 1 2"]);
    assert_eq!(out.sorted(1000), out.sorted(2000));
    assert_eq!(out.commits(), [1000, 2000], "a table alone makes no dataset");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_cannot_be_read_at_the_start_fails_the_job() {
    let folder = Folder::with_job("");
    folder.write("cities.csv", "key,rank\na,1\nb,no number\n");
    let schema = Some(pair_schema());
    for (path, format, memory, at_check, said) in [
        ("nowhere.csv", FileFormat::Csv, 1 << 30, true, "nowhere.csv can't be read"),
        ("", FileFormat::Parquet, 1 << 30, true, "its columns can't be told"),
        ("cities.csv", FileFormat::Csv, 1 << 30, false, "table \"cities\": file "),
    ] {
        let job = TestJob::new();
        job.context.job(|job| job.memory = memory).unwrap();
        let schema = if at_check { None } else { schema.clone() };
        let cities = job.context.table("cities", folder.path(path), format, schema, None).unwrap();
        let (input, _queue) = job.context.queue_stream("input", pair_schema()).unwrap();
        let out = Collected::default();
        input.join("joined", &cities, &["key"]).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
        let error = job.run(1).await.unwrap_err();
        assert_eq!(matches!(error, Error::Invalid(_)), at_check, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(out.commits().is_empty());
    }
}

const MISTAKES: &str = r#"[job]
name = "tables"
batch-interval = "1s"

[table.cities]
path = "cities.csv"
format = "csv"
refresh = "10min"

[table.empty]
path = "none"
format = "json"

[stream.input]
source = { type = "queue", schema = { key = "string", city = "int64" } }

[stream.only-tables]
sql = "select city from cities"

[stream.counted]
input = "cities"
count = true

[stream.from-the-left]
input = "cities"
join = { with = "input", on = ["key"] }

[stream.both]
union = ["input", "cities"]

[stream.unlike]
input = "input"
join = { with = "cities", on = ["city"] }

[stream.column]
sql = "select i.key, c.town from input i join cities c on i.key = c.key"

[output.o]
input = "cities"
sink = { type = "print" }

[output.p]
input = "input"
sink = { type = "print" }
"#;

const TOLD: &str = r#"error: job.toml:10:8: table "empty": directory none has no file to tell the columns from; put one there, or give a schema
error: job.toml:18:1: stream "only-tables": it reads no stream: "cities" is a table
  help: read a stream too: a table is the same in each batch
error: job.toml:22:1: stream "counted" reads "cities", which is a table
  help: a table is read by sql, and is the `with` of a join
error: job.toml:26:1: stream "from-the-left" reads "cities", which is a table
  help: a table is read by sql, and is the `with` of a join
error: job.toml:29:1: stream "both" reads "cities", which is a table
  help: a table is read by sql, and is the `with` of a join
error: job.toml:33:1: stream "unlike": a join is by keys of the same types, but "city" is int64 in "input" and string in "cities"
  help: make a stream of "cities" with sql that casts "city", and read that
error: job.toml:36:1: stream "column": No field named c.town at Line: 1, Column: 15; Valid fields are i.key, i.city, c.key, c.city
error: job.toml:40:1: output "o" reads "cities", which is a table
  help: an output writes a stream's rows
8 errors
"#;

#[test]
fn check_tells_how_tables_can_be_read() {
    let folder = Folder::with_job(MISTAKES);
    folder.write("cities.csv", CITIES);
    folder.write("none/_hidden", "");
    let ran = folder.check().ended_with(2);
    // The log pins the columns of files.
    let error = |line: &&str| {
        !line.contains(" INFO ") && !line.starts_with("warning: ") && !line.starts_with("  help: remove it, or ")
    };
    let told: String = ran.stderr.lines().filter(error).map(|line| line.to_owned() + "\n").collect();
    assert_eq!(told, TOLD, "{told}");
}
