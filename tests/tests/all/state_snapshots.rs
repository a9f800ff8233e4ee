//! All state as a stream, state that is there before the first batch, and any number of partitions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use sluicebox::engine::state_builtin::BuiltInUpdate;
use sluicebox::error::Result;
use sluicebox::job::definition::{FileFormat, InitialDefinition, OperatorName, StatefulDefinition, UpdateDefinition};
use sluicebox::plugin::StateKind;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{pair_schema, pairs, text_pair_schema, text_pairs};

fn texts(rows: &[(&str, &str)]) -> sluicebox::arrow::array::RecordBatch {
    text_pairs(&rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
}

fn obey() -> UpdateDefinition {
    let (plugin, operator) = ("kitchen".to_owned(), "obey".to_owned());
    UpdateDefinition::Operator(OperatorName { plugin, operator, columns: None, overrides: Default::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_all_keys_and_state_after_each_batch() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", text_pair_schema()).unwrap();
    let mut of = StatefulDefinition::new(&["key"], obey());
    of.timeout = Some(Duration::from_secs(1));
    of.partitions = Some(3);
    let made = input.keyed_state("made", StateKind::MapWithState, of).unwrap();
    let (all, out) = (Collected::default(), Collected::default());
    made.state_snapshots("all").unwrap().write_to("all", Arc::new(all.clone())).unwrap();
    made.write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![texts(&[("a", "set x"), ("b", "set y"), ("c", "look")])]).unwrap();
    queue.push(vec![texts(&[("b", "remove"), ("a", "set z"), ("d", "set w")])]).unwrap();
    queue.push(vec![texts(&[("d", "look")])]).unwrap();
    queue.push(vec![]).unwrap();
    queue.push(vec![]).unwrap();
    job.run(5).await.unwrap();
    assert_eq!(all.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["key", "text"]);
    assert_eq!(all.partitions(1000).len(), 3);
    assert_eq!(all.sorted(1000), ["a x", "b y"]);
    assert_eq!(all.sorted(2000), ["a z", "d w"]);
    assert_eq!(all.sorted(3000), ["a z", "d w"]);
    assert_eq!(all.sorted(4000), ["d w"], "a has timed out");
    assert!(all.sorted(5000).is_empty());
    assert_eq!(out.sorted(4000), ["a is over", "a: nothing with z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_alone_keep_the_state_going() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let all = Collected::default();
    let totals = input.update_state_by_key("totals", &["key"], "sum").unwrap();
    totals.state_snapshots("all").unwrap().write_to("all", Arc::new(all.clone())).unwrap();
    queue.push(vec![pairs(&[("a", 1)])]).unwrap();
    queue.push(vec![pairs(&[("a", 1)])]).unwrap();
    job.run(2).await.unwrap();
    assert_eq!((all.rows(1000), all.rows(2000)), (vec!["a 1".to_owned()], vec!["a 2".to_owned()]));
}

fn counts(initial: InitialDefinition) -> StatefulDefinition {
    let with = UpdateDefinition::BuiltIn(BuiltInUpdate::Count);
    StatefulDefinition { initial: Some(initial), ..StatefulDefinition::new(&["key"], with) }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_a_file_are_there_before_the_first_batch() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let good = [
        (file("a.csv", "key,count\na,10\nb,20\n"), FileFormat::Csv),
        (file("a.json", "{\"count\": 20, \"key\": \"b\"}\n{\"count\": 10, \"key\": \"a\"}\n"), FileFormat::Json),
    ];
    for (path, format) in good {
        let job = TestJob::new();
        let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
        let out = Collected::default();
        let initial = InitialDefinition::File { path, format };
        let made = input.keyed_state("counts", StateKind::UpdateStateByKey, counts(initial)).unwrap();
        made.write_to("out", Arc::new(out.clone())).unwrap();
        queue.push(vec![pairs(&[("b", 0), ("c", 0)])]).unwrap();
        queue.push(vec![pairs(&[("a", 0)])]).unwrap();
        job.run(2).await.unwrap();
        assert_eq!(out.sorted(1000), ["a 10", "b 21", "c 1"]);
        assert_eq!(out.sorted(2000), ["a 11", "b 21", "c 1"], "the file counts once");
    }
    for (path, said) in [
        (
            file("other.csv", "key,cuont\na,10\n"),
            "its keys and state have the columns (key: string not null, count: int64 not null)",
        ),
        (file("twice.csv", "key,count\na,10\nb,1\na,11\n"), "its initial state has two rows of key (a)"),
        (folder.path().join("none.csv"), "can't be read"),
    ] {
        let job = TestJob::new();
        let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
        let initial = InitialDefinition::File { path, format: FileFormat::Csv };
        let made = input.keyed_state("counts", StateKind::UpdateStateByKey, counts(initial)).unwrap();
        made.write_to("out", Arc::new(Collected::default())).unwrap();
        queue.push(vec![]).unwrap();
        let error = job.run(1).await.unwrap_err().to_string();
        assert!(error.contains(said) && error.contains("stream \"counts\""), "no \"{said}\" in: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_begins_with_the_first_dataset_of_a_stream() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let (_, given) = job.context.queue_stream("given", pair_schema()).unwrap();
    job.context.sql("before", "select value * 10 as count, key from given").unwrap();
    let out = Collected::default();
    let initial = InitialDefinition::Stream("before".to_owned());
    let made = input.keyed_state("counts", StateKind::UpdateStateByKey, counts(initial)).unwrap();
    made.write_to("out", Arc::new(out.clone())).unwrap();
    given.push(vec![pairs(&[("a", 1)]), pairs(&[("b", 2)])]).unwrap();
    given.push(vec![pairs(&[("a", 100), ("z", 100)])]).unwrap();
    queue.push(vec![pairs(&[("b", 0)])]).unwrap();
    queue.push(vec![pairs(&[("c", 0)])]).unwrap();
    job.run(2).await.unwrap();
    assert_eq!(out.sorted(1000), ["a 10", "b 21"]);
    assert_eq!(out.sorted(2000), ["a 10", "b 21", "c 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_keeps_state_has_snapshots() {
    let job = TestJob::new();
    let (input, _) = job.context.queue_stream("input", pair_schema()).unwrap();
    input.state_snapshots("all").unwrap().print("out", 1).unwrap();
    let error = job.start().await.unwrap_err().to_string();
    assert!(error.contains("stream \"all\": \"input\" keeps no state"), "{error}");
}

/// Batches of rows of a few keys: rows of a partition, of a batch.
type Drawn = Vec<Vec<Vec<(u8, i64)>>>;

fn drawn() -> impl Strategy<Value = Drawn> {
    let rows = proptest::collection::vec((0_u8..12, 0_i64..4), 0..10);
    proptest::collection::vec(proptest::collection::vec(rows, 1..4), 1..5)
}

/// All rows of each batch, in their order.
async fn with_partitions(batches: &Drawn, partitions: usize, one_source: bool) -> Result<Vec<Vec<String>>> {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen"))?;
    let (input, queue) = job.context.queue_stream("input", pair_schema())?;
    let with = OperatorName {
        plugin: "kitchen".to_owned(),
        operator: "total".to_owned(),
        columns: None,
        overrides: Default::default(),
    };
    let mut of = StatefulDefinition::new(&["key"], UpdateDefinition::Operator(with));
    of.partitions = Some(partitions);
    let out = Collected::default();
    input.keyed_state("totals", StateKind::UpdateStateByKey, of)?.write_to("out", Arc::new(out.clone()))?;
    for batch in batches {
        let rows = |rows: &[(u8, i64)]| {
            let rows: Vec<(String, i64)> = rows.iter().map(|(key, value)| (format!("k{key}"), *value)).collect();
            pairs(&rows.iter().map(|(key, value)| (key.as_str(), *value)).collect::<Vec<_>>())
        };
        queue.push(match one_source {
            true => vec![rows(&batch.concat())],
            false => batch.iter().map(|partition| rows(partition)).collect(),
        })?;
    }
    job.run(batches.len()).await?;
    Ok((1..=batches.len() as i64).map(|batch| out.rows(batch * 1000)).collect())
}

/// What the operator is to do, in plain words: a zero removes the key.
fn expected(batches: &Drawn) -> Vec<Vec<String>> {
    let mut totals: BTreeMap<String, i64> = BTreeMap::new();
    let after = |batch: &Vec<Vec<(u8, i64)>>| {
        let mut of_batch: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (key, value) in batch.concat() {
            of_batch.entry(format!("k{key}")).or_default().push(value);
        }
        for (key, values) in of_batch {
            match values.contains(&0) {
                true => drop(totals.remove(&key)),
                false => *totals.entry(key).or_default() += values.iter().sum::<i64>(),
            }
        }
        totals.iter().map(|(key, total)| format!("{key} {total}")).collect()
    };
    batches.iter().map(after).collect()
}

/// However rows lie in partitions, and however many state is worked on in, the rows are the same, and in the same order.
#[test]
fn partitions_make_no_difference() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(batches in drawn(), partitions in 2_usize..9)| {
        let one = runtime.block_on(with_partitions(&batches, 1, true)).unwrap();
        let many = runtime.block_on(with_partitions(&batches, partitions, false)).unwrap();
        prop_assert_eq!(&one, &many);
        let sorted: Vec<Vec<String>> = one.into_iter().map(|mut rows| { rows.sort(); rows }).collect();
        let mut expected = expected(&batches);
        expected.iter_mut().for_each(|rows| rows.sort());
        prop_assert_eq!(sorted, expected);
    });
}

/// What one job has kept, another begins with; and one whose state is of another type doesn't.
#[tokio::test(flavor = "multi_thread")]
async fn snapshots_in_a_file_are_another_jobs_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let mut of = StatefulDefinition::new(&["key"], UpdateDefinition::BuiltIn(BuiltInUpdate::Sum));
    of.partitions = Some(1);
    let totals = input.keyed_state("totals", StateKind::UpdateStateByKey, of.clone()).unwrap();
    let kept = totals.state_snapshots("kept").unwrap();
    kept.save_as_files("saved", folder.path(), FileFormat::Parquet).unwrap();
    queue.push(vec![pairs(&[("a", 1), ("b", 2)])]).unwrap();
    job.run(1).await.unwrap();
    let files =
        std::fs::read_dir(folder.path()).unwrap().flat_map(|batch| std::fs::read_dir(batch.unwrap().path()).unwrap());
    let mut files =
        files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "parquet"));
    let path = files.next().expect("a file of the batch");

    let given = |of: StatefulDefinition| StatefulDefinition {
        initial: Some(InitialDefinition::File { path: path.clone(), format: FileFormat::Parquet }),
        ..of
    };
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let out = Collected::default();
    let totals = input.keyed_state("totals", StateKind::UpdateStateByKey, given(of)).unwrap();
    totals.write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![pairs(&[("b", 3), ("c", 4)])]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(out.sorted(1000), ["a 1", "b 5", "c 4"]);

    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, _) = job.context.queue_stream("input", text_pair_schema()).unwrap();
    let other = given(StatefulDefinition::new(&["key"], obey()));
    let made = input.keyed_state("texts", StateKind::MapWithState, other).unwrap();
    made.print("out", 1).unwrap();
    let error = job.start().await.unwrap_err().to_string();
    for part in [
        "stream \"texts\": its keys and state have the columns (key: string not null, text: string not null)",
        " has (key: string",
        "value: int64",
    ] {
        assert!(error.contains(part), "no \"{part}\" in: {error}");
    }
}
