//! A job that goes on from its checkpoint makes what one makes that was never interrupted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::{Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use sluicebox::error::Result;
use sluicebox::job::definition::{
    AggregateDefinition, EventWindows, Missed, OperationDefinition, WindowDefinition, WindowFoldDefinition,
};
use sluicebox::receiver::queue::Queue;
use sluicebox_tests::job::{Collected, SECOND, TestJob};
use sluicebox_tests::plugins::component;
use tempfile::TempDir;

/// `key: string, value: int64, at: timestamp[ms]`.
fn schema() -> SchemaRef {
    let at = DataType::Timestamp(TimeUnit::Millisecond, None);
    let field = |name, of| Field::new(name, of, false);
    Arc::new(Schema::new(vec![field("key", DataType::Utf8), field("value", DataType::Int64), field("at", at)]))
}

/// What a batch is given: some rows, in two partitions; in some batches none.
fn dataset(batch: i64) -> Vec<RecordBatch> {
    let n_rows = if batch % 5 == 3 { 0 } else { 7 + batch % 4 };
    let row = |n: i64| {
        let mix = (batch * 7919 + n * 104_729).wrapping_mul(2_654_435_761) >> 7;
        (
            ["a", "b", "c", "d", "long-key"][mix.rem_euclid(5) as usize],
            mix.rem_euclid(11),
            batch * 1000 - mix.rem_euclid(2500),
        )
    };
    let rows: Vec<_> = (0..n_rows).map(row).collect();
    let partition = |rows: &[(&str, i64, i64)]| {
        let keys: StringArray = rows.iter().map(|(key, ..)| Some(*key)).collect();
        let values: Int64Array = rows.iter().map(|(_, value, _)| Some(*value)).collect();
        let times: TimestampMillisecondArray = rows.iter().map(|(.., at)| Some(*at)).collect();
        RecordBatch::try_new(schema(), vec![Arc::new(keys), Arc::new(values), Arc::new(times)]).unwrap()
    };
    let (first, second) = rows.split_at(rows.len() / 3);
    vec![partition(first), partition(second)]
}

/// What each output committed, by output and batch, each batch's rows sorted.
type Committed = BTreeMap<String, BTreeMap<i64, Vec<String>>>;

/// Every operation that remembers something.
fn build(job: &TestJob) -> Result<(BTreeMap<String, Collected>, Queue)> {
    job.context.plugin("words", component("words"))?;
    let (input, queue) = job.context.queue_stream("input", schema())?;
    let input = input.with_event_time("at", SECOND)?;
    let inverse = |inverse| {
        let window = WindowDefinition { length: 4 * SECOND, slide: Some(2 * SECOND) };
        let window = WindowFoldDefinition { inverse: Some(inverse), ..window.into() };
        let (key, with) = (vec!["key".to_owned()], AggregateDefinition::Count);
        OperationDefinition::ReduceByKeyAndWindow { key, with, window }
    };
    let tumbling = EventWindows::Sliding { length: 3 * SECOND, slide: None };
    let sessions = EventWindows::Session { gap: SECOND, max_length: Duration::from_secs(60) };
    let streams = [
        input.update_state_by_key("largest", &["key"], "max"),
        input.update_state_by_key("counts", &["key"], "count"),
        input.window("window", 3 * SECOND, None)?.count("n"),
        input.reduce_by_key_and_window("by-words", &["key"], "words/tally", 5 * SECOND, None),
        input.then("inverse", inverse(true)),
        input.then("naive", inverse(false)),
        input.event_time_window("tumbling", &["key"], "count", tumbling),
        input.event_time_window("sessions", &["key"], "count", sessions),
        input.drop_duplicates("first", &["key", "value"], Some(6 * SECOND)),
    ];
    let mut outputs = BTreeMap::new();
    for stream in streams {
        let stream = stream?;
        let out = Collected::default();
        stream.write_to(&format!("out-{}", stream.name()), Arc::new(out.clone()))?;
        outputs.insert(stream.name().to_owned(), out);
    }
    job.context.job(|job| job.key_groups = 5)?;
    Ok((outputs, queue))
}

/// Run the batches after `from` up to `to`, in a job of its own.
async fn run(checkpoint: Option<&TempDir>, from: i64, to: i64, committed: &mut Committed) {
    let job = TestJob::at(from * 1000, |_| {});
    job.context
        .job(|job| job.checkpoint = checkpoint.map(|folder| format!("file://{}", folder.path().display())))
        .unwrap();
    let (outputs, queue) = build(&job).unwrap();
    (from + 1..=to).for_each(|batch| queue.push(dataset(batch)).unwrap());
    let mut job = job.start().await.unwrap();
    for _ in from..to {
        job.batch().await.unwrap();
    }
    job.job.stop(false).await.unwrap();
    for (name, out) in outputs {
        let of = committed.entry(name).or_default();
        for batch in out.commits() {
            assert_eq!(of.insert(batch, out.sorted(batch)), None, "batch {batch} is committed twice");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_and_windows_go_on_as_if_the_job_had_not_stopped() {
    let mut undisturbed = Committed::new();
    run(None, 0, 22, &mut undisturbed).await;
    for cuts in [vec![0, 3, 4, 9, 10, 17, 22], (0..=22).collect(), vec![0, 11, 22]] {
        let folder = tempfile::tempdir().unwrap();
        let mut disturbed = Committed::new();
        for part in cuts.windows(2) {
            run(Some(&folder), part[0], part[1], &mut disturbed).await;
        }
        for (name, batches) in &undisturbed {
            assert!(batches.values().any(|rows| !rows.is_empty()), "{name}");
            assert_eq!(&disturbed[name], batches, "{name}, cut at {cuts:?}");
        }
    }
}

/// The batches that a job has after it was down for ten batch times, each with what it counted.
async fn after_ten_missed(missed: Missed) -> Vec<(i64, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut made = vec![];
    for (start, n_batches) in [(0, 2), (12_300, 2)] {
        let job = TestJob::at(start, |_| {});
        let url = format!("file://{}", folder.path().display());
        job.context.job(|job| (job.checkpoint, job.missed) = (Some(url), missed)).unwrap();
        let (input, queue) = job.context.queue_stream("input", schema()).unwrap();
        let out = Collected::default();
        input
            .window("window", 3 * SECOND, None)
            .unwrap()
            .count("n")
            .unwrap()
            .write_to("out", Arc::new(out.clone()))
            .unwrap();
        (1..=2).for_each(|batch| queue.push(dataset(batch)).unwrap());
        let job = job.start().await.unwrap();
        if start > 0 && missed == Missed::Each {
            job.events.completed(10).await;
        }
        for _ in 0..n_batches {
            job.clock.advance(Duration::from_secs(1));
            let n = job.events.batches().len();
            job.events.completed(n + 1).await;
        }
        job.job.stop(false).await.unwrap();
        made.extend(out.commits().into_iter().map(|batch| (batch, out.rows(batch).concat())));
    }
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_batch_times_are_one_batch_or_none_or_each_one() {
    let (first, second) = (8, 9);
    let count = |n: i64| n.to_string();
    let before = [(1000, count(first)), (2000, count(first + second))];
    let one = after_ten_missed(Missed::OneBatch).await;
    assert_eq!(one, [&before[..], &[(13_000, count(first)), (14_000, count(first + second))]].concat());
    let skip = after_ten_missed(Missed::Skip).await;
    assert_eq!(skip, one, "windows have batch times, not batches");
    let each = after_ten_missed(Missed::Each).await;
    let batches: Vec<i64> = each.iter().map(|(batch, _)| *batch).collect();
    assert_eq!(batches, (1..=14).map(|batch| batch * 1000).collect::<Vec<_>>());
    assert_eq!(each[2].1, count(first + second + first), "what is there goes to the first of them");
}

/// `x: string, y: int64, who: string`.
fn places(rows: &[(&str, i64, &str)]) -> RecordBatch {
    let field = |name, of| Field::new(name, of, false);
    let schema =
        Schema::new(vec![field("x", DataType::Utf8), field("y", DataType::Int64), field("who", DataType::Utf8)]);
    let x: StringArray = rows.iter().map(|(x, ..)| Some(*x)).collect();
    let y: Int64Array = rows.iter().map(|(_, y, _)| Some(*y)).collect();
    let who: StringArray = rows.iter().map(|(.., who)| Some(*who)).collect();
    RecordBatch::try_new(Arc::new(schema), vec![Arc::new(x), Arc::new(y), Arc::new(who)]).unwrap()
}

/// A job that counts visits with an operator, on a checkpoint: what it has after the batches from `from` on.
async fn visited(
    folder: &TempDir,
    operator: &str,
    change: impl FnOnce(&mut sluicebox::job::definition::JobOptions),
    from: i64,
    batches: &[&[(&str, i64, &str)]],
) -> Result<Vec<String>> {
    let job = TestJob::at(from * 1000, |_| {});
    let url = format!("file://{}", folder.path().display());
    job.context.job(|job| {
        job.checkpoint = Some(url);
        change(job);
    })?;
    job.context.plugin("kitchen", component("kitchen"))?;
    let (input, queue) = job.context.queue_stream("input", places(&[]).schema())?;
    let out = Collected::default();
    input.update_state_by_key("visits", &["x", "y"], operator)?.write_to("out", Arc::new(out.clone()))?;
    for rows in batches {
        queue.push(vec![places(rows)])?;
    }
    let mut job = job.start().await?;
    for _ in batches {
        job.batch().await?;
    }
    job.job.stop(false).await?;
    Ok(out.sorted(out.commits().last().copied().unwrap_or(0)))
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_another_version_is_made_into_the_operators_own() {
    let folder = tempfile::tempdir().unwrap();
    let first: &[&[_]] = &[&[("a", 1, "ann"), ("b", 2, "bob")], &[("a", 1, "cid")]];
    let rows = visited(&folder, "kitchen/visits-once", |_| {}, 0, first).await.unwrap();
    assert_eq!(rows, ["a 1 2", "b 2 1"]);
    let rows = visited(&folder, "kitchen/visits", |_| {}, 2, &[&[("b", 2, "dan"), ("c", 3, "eve")]]).await.unwrap();
    assert_eq!(rows, ["a 1 2 null", "b 2 2 dan at b2", "c 3 1 eve at c3"]);
    // Files of both versions are there now.
    let rows = visited(&folder, "kitchen/visits", |_| {}, 3, &[&[("a", 1, "fay")]]).await.unwrap();
    assert_eq!(rows, ["a 1 3 fay at a1", "b 2 2 dan at b2", "c 3 1 eve at c3"]);
    let back = visited(&folder, "kitchen/visits-once", |_| {}, 4, &[&[]]).await.unwrap_err().to_string();
    assert!(back.contains("stream \"visits\": its state in the checkpoint has version 3"), "{back}");
    assert!(back.contains("knows no way from state of version 3"), "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn state_that_a_job_cannot_go_on_with_says_why() {
    let folder = tempfile::tempdir().unwrap();
    visited(&folder, "kitchen/visits", |_| {}, 0, &[&[("a", 1, "ann")]]).await.unwrap();
    let groups = visited(&folder, "kitchen/visits", |job| job.key_groups = 7, 1, &[&[]]).await.unwrap_err();
    let groups = groups.to_string();
    assert!(groups.contains("is in 128 key groups, and [job] key-groups is 7: set it to 128"), "{groups}");
    // Nothing is lost by having tried.
    let rows = visited(&folder, "kitchen/visits", |_| {}, 1, &[&[("a", 1, "bob")]]).await.unwrap();
    assert_eq!(rows, ["a 1 2 bob at a1"]);
}

/// Goes on from a checkpoint that is in the repository, as version 0.1.0 wrote it: later versions read it, too. `SLUICEBOX_WRITE_EXPECTED=1` writes it anew, which is for a format that was never released.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_an_earlier_version_is_gone_on_with() {
    let fixture = sluicebox_tests::plugins::repository().join("tests/fixtures/checkpoint-0.1.0");
    let job = |folder: &std::path::Path, from: i64| {
        let job = TestJob::at(from * 1000, |_| {});
        let url = format!("file://{}", folder.display());
        job.context.job(|job| (job.checkpoint, job.key_groups) = (Some(url), 3)).unwrap();
        let (input, queue) = job.context.queue_stream("input", schema()).unwrap();
        let input = input.with_event_time("at", SECOND).unwrap();
        let (state, window) = (Collected::default(), Collected::default());
        let counts = input.update_state_by_key("counts", &["key"], "count").unwrap();
        counts.write_to("state", Arc::new(state.clone())).unwrap();
        let recent = input.window("recent", 3 * SECOND, None).unwrap().count("n").unwrap();
        recent.write_to("window", Arc::new(window.clone())).unwrap();
        (job, queue, state, window)
    };
    if std::env::var_os("SLUICEBOX_WRITE_EXPECTED").is_some() {
        let _ = std::fs::remove_dir_all(&fixture);
        let (job, queue, ..) = job(&fixture, 0);
        (1..=4).for_each(|batch| queue.push(dataset(batch)).unwrap());
        job.run(4).await.unwrap();
        std::fs::remove_file(fixture.join("lease.json")).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture, folder.path());
    let (job, queue, state, window) = job(folder.path(), 4);
    queue.push(dataset(5)).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(state.sorted(5000), ["a 15", "c 15", "long-key 2"]);
    assert_eq!(window.rows(5000), ["15"]);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}
