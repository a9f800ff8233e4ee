//! What plugins read beside their input: static tables and broadcast values, where they are granted.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::batch::listener::Event;
use sluicebox::job::definition::{BroadcastSource, ComponentSource, FileFormat};
use sluicebox::plugin::{Grants, Limits};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::program::run;
use sluicebox_tests::rows::{pair_schema, pairs};

fn granted(tables: &[&str], broadcasts: &[&str]) -> Limits {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Limits {
        grants: Grants { tables: names(tables), broadcasts: names(broadcasts), ..Grants::NONE },
        ..Limits::default()
    }
}

/// A job whose operator reads the tables and values of a folder.
fn job(folder: &Folder, limits: Limits, operator: &str) -> (TestJob, sluicebox::receiver::queue::Queue, Collected) {
    let job = TestJob::new();
    let refresh = Some(Duration::from_secs(2));
    job.context.add_plugin(plugin("kitchen", ComponentSource::File(component("kitchen")), limits, "{}")).unwrap();
    job.context.table("cities", folder.path("cities.csv"), FileFormat::Csv, None, refresh).unwrap();
    job.context.table("many", folder.path("many.csv"), FileFormat::Csv, None, None).unwrap();
    job.context.broadcast("motto", BroadcastSource::File(folder.path("motto.txt")), refresh).unwrap();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let out = Collected::default();
    let made = match operator {
        "survey" => input.map("made", "kitchen/survey"),
        _ => input.map_partitions("made", "kitchen/locate"),
    };
    made.unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    (job, queue, out)
}

fn folder() -> Folder {
    let folder = Folder::with_job("");
    folder.write("cities.csv", "key,city\na,Aachen\nb,Berlin\n");
    folder.write(
        "many.csv",
        std::iter::once("n".to_owned()).chain((0..200_000).map(|n| n.to_string())).collect::<Vec<_>>().join("\n"),
    );
    folder.write("motto.txt", "onward");
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_a_table_and_a_value_as_they_are_in_the_batch() {
    let folder = folder();
    let (job, queue, out) = job(&folder, granted(&["cities"], &["motto"]), "locate");
    let mut job = job.start().await.unwrap();
    let mut batch = async |change: &dyn Fn()| {
        change();
        queue.push(vec![pairs(&[("a", 1)]), pairs(&[("c", 3)])]).unwrap();
        job.batch().await.unwrap();
    };
    batch(&|| {}).await;
    // Both were read at 0 s, and are due at 2 s.
    batch(&|| {
        folder.write("cities.csv", "key,city\na,Ahlen\nc,Celle\n");
        folder.write("motto.txt", "upward");
    })
    .await;
    batch(&|| std::fs::remove_file(folder.path("motto.txt")).unwrap()).await;
    batch(&|| {}).await;
    assert_eq!(out.sorted(1000), ["a Aachen onward", "c null onward"]);
    assert_eq!(out.sorted(2000), ["a Ahlen upward", "c Celle upward"]);
    assert_eq!(out.sorted(4000), ["a Ahlen upward", "c Celle upward"], "a value that can't be read stays as it is");
    job.job.stop(true).await.unwrap();
    let told = |event: &Event| matches!(event, Event::BroadcastError { broadcast, error, .. } if broadcast == "motto" && error.contains("motto.txt"));
    assert!(job.events.all().iter().any(told));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_many_rows_is_read_in_pieces() {
    let folder = folder();
    let (job, queue, out) = job(&folder, granted(&["many"], &[]), "survey");
    queue.push(vec![pairs(&[("a", 1)])]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(out.rows(1000), [format!("200000 {}", (0..200_000_i64).sum::<i64>())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_granted_is_not_there() {
    let folder = folder();
    let (job, queue, _) = job(&folder, granted(&["many"], &["motto"]), "locate");
    queue.push(vec![pairs(&[("a", 1)])]).unwrap();
    let error = job.run(1).await.unwrap_err().to_string();
    assert!(error.contains("there is no table `cities`, or its job doesn't grant it"), "{error}");
    let folder = self::folder();
    let (job, queue, out) = self::job(&folder, granted(&["cities"], &[]), "locate");
    queue.push(vec![pairs(&[("a", 1)])]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(out.rows(1000), ["a Aachen null"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_too_large_or_not_there_fails_the_start() {
    let folder = folder();
    std::fs::File::create(folder.path("motto.txt")).unwrap().set_len((64 << 20) + 1).unwrap();
    let (job, ..) = job(&folder, granted(&["cities"], &["motto"]), "locate");
    let error = job.run(1).await.unwrap_err().to_string();
    assert!(
        error.contains("broadcast \"motto\"") && error.contains("67108865 bytes, and 67108864 are the most"),
        "{error}"
    );
}

#[test]
fn a_job_file_grants_what_it_has() {
    let kitchen = component("kitchen");
    let text = |grants: &str| {
        format!(
            r#"[job]
name = "references"
batch-interval = "1s"

[table.cities]
path = "cities.csv"
format = "csv"

[broadcast.motto]
file = "motto.txt"
refresh = "1min"

[plugin.kitchen]
component = "{}"
grants = {grants}

[stream.lines]
source = {{ type = "queue", schema = {{ key = "string not null" }} }}

[stream.located]
input = "lines"
map-partitions = "kitchen/locate"

[output.out]
input = "located"
sink = {{ type = "print" }}
"#,
            kitchen.display()
        )
    };
    let checked = |grants: &str| {
        let folder = Folder::with_job(&text(grants));
        folder.write("cities.csv", "key,city\na,Aachen\n");
        folder.write("motto.txt", "onward");
        run(&folder.path("."), ["check", "job.toml"])
    };
    let ran = checked(r#"{ tables = ["cities"], broadcasts = ["motto"] }"#).ended_with(0);
    assert!(!ran.stderr.contains("warning") && ran.stdout.contains("located"), "{ran:?}");
    let ran = checked(r#"{ tables = ["citys"], broadcasts = ["slogan"] }"#).ended_with(2);
    assert!(
        ran.stderr.contains(r#"there is no table "citys""#) && ran.stderr.contains(r#"did you mean "cities"?"#),
        "{ran:?}"
    );
    assert!(
        ran.stderr.contains(r#"there is no broadcast "slogan""#) && ran.stderr.contains("add [broadcast.slogan]"),
        "{ran:?}"
    );
    let ran = checked(r#"{ tables = ["cities"] }"#).ended_with(0);
    assert!(ran.stderr.contains("[broadcast] motto is granted to no plugin"), "{ran:?}");
}
