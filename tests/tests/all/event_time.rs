//! Event time: windows that the watermark closes, rows that come too late for them, sessions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sluicebox::arrow::array::{RecordBatch, StringArray, TimestampMillisecondArray};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox::job::definition::EventWindows;
use sluicebox_tests::job::{Collected, Events, SECOND, TestJob};
use sluicebox_tests::plugins::component;

/// `key: string, at: timestamp[ms]`.
fn schema() -> SchemaRef {
    let at = DataType::Timestamp(TimeUnit::Millisecond, None);
    Arc::new(Schema::new(vec![Field::new("key", DataType::Utf8, false), Field::new("at", at, true)]))
}

/// A key, and when it happened, in seconds.
type Event = (&'static str, Option<i64>);

fn events(rows: &[Event]) -> RecordBatch {
    let keys: StringArray = rows.iter().map(|(key, _)| Some(*key)).collect();
    let times: TimestampMillisecondArray = rows.iter().map(|(_, at)| at.map(|at| at * 1000)).collect();
    RecordBatch::try_new(schema(), vec![Arc::new(keys), Arc::new(times)]).unwrap()
}

/// What windows of a key by `with` emit in each batch, and which rows are late.
struct Ran {
    windows: Collected,
    late: Collected,
    events: Events,
}

async fn ran(batches: &[&[Event]], delay: Duration, with: &str, windows: EventWindows, partitions: usize) -> Ran {
    let job = TestJob::new();
    job.context.job(|job| job.parallelism = partitions).unwrap();
    job.context.plugin("words", component("words")).unwrap();
    let (input, queue) = job.context.queue_stream("input", schema()).unwrap();
    let input = input.with_event_time("at", delay).unwrap();
    let out = input.event_time_window("windows", &["key"], with, windows).unwrap();
    let (windows, late) = (Collected::default(), Collected::default());
    out.write_to("windows", Arc::new(windows.clone())).unwrap();
    out.late("late").unwrap().write_to("late", Arc::new(late.clone())).unwrap();
    for batch in batches {
        let half = batch.len() / 2;
        queue.push(vec![events(&batch[..half]), events(&batch[half..])]).unwrap();
    }
    let events = job.run(batches.len()).await.unwrap();
    Ran { windows, late, events }
}

/// `key start-end count`, in seconds.
fn shown(out: &Collected, batch: i64) -> Vec<String> {
    let second = |text: &str| text.rsplit(':').next().unwrap_or_default().parse::<i64>().unwrap_or(-1);
    let minute = |text: &str| text.split(':').nth(1).and_then(|text| text.parse::<i64>().ok()).unwrap_or(-1);
    let seconds = |text: &str| 60 * minute(text) + second(text);
    let row = |row: String| {
        let fields: Vec<&str> = row.split(' ').collect();
        format!("{} {}-{} {}", fields[0], seconds(fields[1]), seconds(fields[2]), fields[3])
    };
    out.sorted(batch).into_iter().map(row).collect()
}

const fn tumbling(seconds: u64) -> EventWindows {
    EventWindows::Sliding { length: Duration::from_secs(seconds), slide: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_emitted_once_when_the_watermark_reaches_its_end() {
    let batches: [&[Event]; 5] = [
        &[("a", Some(1)), ("b", Some(9)), ("a", Some(12))],
        // In time, as the watermark is at 10 s, and the window of the first ten seconds is emitted with it.
        &[("a", Some(15)), ("c", Some(11)), ("a", Some(3))],
        &[("a", Some(25))],
        &[],
        &[("b", Some(19)), ("b", Some(20)), ("b", Some(40)), ("x", None)],
    ];
    let ran = ran(&batches, 2 * SECOND, "count", tumbling(10), 2).await;
    assert_eq!(shown(&ran.windows, 1000), ["a 0-10 1", "b 0-10 1"]);
    assert!(shown(&ran.windows, 2000).is_empty());
    assert_eq!(shown(&ran.windows, 3000), ["a 10-20 2", "c 10-20 1"]);
    assert!(shown(&ran.windows, 4000).is_empty(), "nothing comes, so the watermark stands");
    assert_eq!(shown(&ran.windows, 5000), ["a 20-30 1", "b 20-30 1"]);
    let late: Vec<Vec<String>> = (1..=5).map(|batch| ran.late.sorted(batch * 1000)).collect();
    let none: Vec<String> = vec![];
    assert_eq!(late[0], none);
    assert_eq!(late[1], ["a 1970-01-01T00:00:03"]);
    assert_eq!((&late[2], &late[3]), (&none, &none));
    assert_eq!(late[4], ["b 1970-01-01T00:00:19", "x null"]);
    let counted: Vec<u64> = ran.events.batches().iter().map(|info| info.report.late.values().sum()).collect();
    assert_eq!(counted, [0, 1, 0, 0, 2]);
    assert!(ran.events.batches().iter().flat_map(|info| info.report.late.keys()).all(|stream| **stream == *"windows"));
    let names: Vec<String> = ran.windows.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["key", "window_start", "window_end", "count"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_in_every_sliding_window_that_covers_it() {
    let batches: [&[Event]; 2] = [&[("a", Some(5)), ("a", Some(9))], &[("a", Some(30))]];
    let windows = EventWindows::Sliding { length: 10 * SECOND, slide: Some(5 * SECOND) };
    let ran = ran(&batches, Duration::ZERO, "count", windows, 2).await;
    assert!(shown(&ran.windows, 1000).is_empty());
    assert_eq!(shown(&ran.windows, 2000), ["a 0-10 2", "a 5-15 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_grow_join_and_end_after_a_gap() {
    let windows = EventWindows::Session { gap: 5 * SECOND, max_length: 1000 * SECOND };
    let batches: [&[Event]; 4] = [
        &[("a", Some(20)), ("a", Some(28)), ("b", Some(21))],
        // Between the two sessions of a, so all three are one.
        &[("a", Some(24)), ("a", Some(32))],
        &[("c", Some(40))],
        &[("c", Some(60))],
    ];
    let ran = ran(&batches, 10 * SECOND, "count", windows, 2).await;
    assert!(shown(&ran.windows, 1000).is_empty() && shown(&ran.windows, 2000).is_empty());
    assert_eq!(shown(&ran.windows, 3000), ["b 21-26 1"]);
    assert_eq!(shown(&ran.windows, 4000), ["a 20-37 4", "c 40-45 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_never_closes_is_cut_and_told_of() {
    let windows = EventWindows::Session { gap: 5 * SECOND, max_length: 12 * SECOND };
    let rows: Vec<Vec<Event>> = (0..10).map(|n| vec![("a", Some(3 * n))]).collect();
    let batches: Vec<&[Event]> = rows.iter().map(Vec::as_slice).collect();
    let ran = ran(&batches, 2 * SECOND, "count", windows, 1).await;
    let emitted: Vec<String> = (1..=10).flat_map(|batch| shown(&ran.windows, batch * 1000)).collect();
    assert_eq!(emitted, ["a 0-11 3", "a 9-20 3"]);
    let cut: u64 = ran.events.batches().iter().flat_map(|info| info.report.cut_sessions.values()).sum();
    assert!(cut >= 3, "{cut}");
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_of_several_streams_wait_for_the_slowest() {
    let job = TestJob::new();
    let (fast, fast_queue) = job.context.queue_stream("fast", schema()).unwrap();
    let (slow, slow_queue) = job.context.queue_stream("slow", schema()).unwrap();
    let fast = fast.with_event_time("at", Duration::ZERO).unwrap();
    let slow = slow.with_event_time("at", Duration::ZERO).unwrap();
    let both = job.context.union("both", &[&fast, &slow]).unwrap();
    let out = Collected::default();
    let windows = both.event_time_window("windows", &[], "count", tumbling(10)).unwrap();
    windows.write_to("out", Arc::new(out.clone())).unwrap();
    for (of_fast, of_slow) in [(Some(100), None), (None, Some(5)), (None, Some(12)), (None, Some(200))] {
        fast_queue.push(vec![events(&of_fast.map(|at| ("f", Some(at))).into_iter().collect::<Vec<_>>())]).unwrap();
        slow_queue.push(vec![events(&of_slow.map(|at| ("s", Some(at))).into_iter().collect::<Vec<_>>())]).unwrap();
    }
    job.run(4).await.unwrap();
    let rows: Vec<Vec<String>> = (1..=4).map(|batch| out.sorted(batch * 1000)).collect();
    assert!(rows[0].is_empty() && rows[1].is_empty());
    assert_eq!(rows[2], ["1970-01-01T00:00:00 1970-01-01T00:00:10 1"]);
    assert_eq!(rows[3], ["1970-01-01T00:00:10 1970-01-01T00:00:20 1"], "the fast stream is at 100 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_event_time_is_refused() {
    type Build = fn(&StreamRef) -> Result<StreamRef>;
    let cases: [(Build, &str); 7] = [
        (
            |input| input.drop_duplicates("w", &["key"], None),
            r#"keys would be remembered for ever: the rows of "input" have no event time"#,
        ),
        (
            |input| input.event_time_window("w", &["key"], "count", tumbling(10)),
            r#"stream "w": the rows of "input" have no event time"#,
        ),
        (|input| input.with_event_time("att", SECOND)?.count("w"), r#"its input has no column "att""#),
        (
            |input| input.with_event_time("key", SECOND)?.count("w"),
            r#"event-time: column "key" is of type string, not a timestamp or a date"#,
        ),
        (
            |input| {
                let counted = input.with_event_time("at", SECOND)?.count_by_value("counted")?;
                counted.count("n")?.event_time_window("w", &[], "count", tumbling(10))
            },
            r#""n" has no column "at" with the event time that "input" has"#,
        ),
        (|input| input.with_event_time("at", SECOND)?.late("w"), r#"nothing is late for "input""#),
        (
            |input| {
                let windows = EventWindows::Sliding { length: 10_000 * SECOND, slide: Some(SECOND) };
                input.with_event_time("at", SECOND)?.event_time_window("w", &["key"], "count", windows)
            },
            "a row is in 10000 of them; 1000 are the most",
        ),
    ];
    for (build, expected) in cases {
        let job = TestJob::new();
        let (input, _) = job.context.queue_stream("input", schema()).unwrap();
        build(&input).unwrap().write_to("out", Arc::new(Collected::default())).unwrap();
        let error = job.start().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// The rows of each batch, and those that were late, of a stream without duplicates.
async fn distinct(batches: &[&[Event]], key: &[&str], time_to_live: Option<Duration>) -> (Vec<Vec<String>>, Collected) {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", schema()).unwrap();
    if time_to_live.is_none() {
        input.with_event_time("at", 5 * SECOND).unwrap();
    }
    let distinct = input.drop_duplicates("distinct", key, time_to_live).unwrap();
    let (out, late) = (Collected::default(), Collected::default());
    distinct.write_to("out", Arc::new(out.clone())).unwrap();
    if time_to_live.is_none() {
        distinct.late("late").unwrap().write_to("late", Arc::new(late.clone())).unwrap();
    }
    for batch in batches {
        let half = batch.len() / 2;
        queue.push(vec![events(&batch[..half]), events(&batch[half..])]).unwrap();
    }
    job.run(batches.len()).await.unwrap();
    ((1..=batches.len()).map(|batch| out.sorted(batch as i64 * 1000)).collect(), late)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_row_of_a_key_passes_until_the_watermark_makes_it_forgotten() {
    let batches: [&[Event]; 6] = [
        &[("a", Some(10)), ("b", Some(11)), ("a", Some(12))],
        &[("a", Some(13)), ("c", Some(20))],
        // The watermark is at 15 s: b is late, and a is remembered still, as it came up to 12 s.
        &[("b", Some(14)), ("a", Some(16)), ("x", None)],
        // At 18 s it is forgotten: more than twice the delay after the batch that it came in.
        &[("d", Some(23))],
        &[("a", Some(24))],
        &[("a", Some(24)), ("c", Some(22))],
    ];
    let (rows, late) = distinct(&batches, &["key"], None).await;
    assert_eq!(rows[0], ["a 1970-01-01T00:00:10", "b 1970-01-01T00:00:11"]);
    assert_eq!(rows[1], ["c 1970-01-01T00:00:20"]);
    assert!(rows[2].is_empty(), "{rows:?}");
    assert_eq!(rows[3], ["d 1970-01-01T00:00:23"]);
    assert_eq!(rows[4], ["a 1970-01-01T00:00:24"]);
    assert!(rows[5].is_empty(), "{rows:?}");
    let late: Vec<String> = (1..=6).flat_map(|batch| late.sorted(batch * 1000)).collect();
    assert_eq!(late, ["b 1970-01-01T00:00:14", "x null"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_event_time_keys_are_remembered_for_a_time_to_live() {
    let row = |at| [("a", Some(at))];
    let rows: [&[Event]; 5] = [&row(1), &row(1), &row(1), &row(1), &row(2)];
    let (made, _) = distinct(&rows, &["key"], Some(2 * SECOND)).await;
    let counts: Vec<usize> = made.iter().map(Vec::len).collect();
    assert_eq!(counts, [1, 0, 0, 1, 0], "duplicates don't make it be remembered longer");
    let (made, _) = distinct(&rows, &[], Some(60 * SECOND)).await;
    let counts: Vec<usize> = made.iter().map(Vec::len).collect();
    assert_eq!(counts, [1, 0, 0, 0, 1], "all columns are the key");
}

/// Windows of rows that come in any order within the delay are those of all rows at once, whatever the batches, the partitions and the aggregate.
#[test]
fn windows_do_not_depend_on_batches_and_partitions() {
    let config = ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let keys = prop::sample::select(&["a", "b", "c"]);
    let rows = vec((keys, 0_i64..20), 1..30);
    let windows = prop_oneof![
        Just(tumbling(7)),
        Just(EventWindows::Sliding { length: 10 * SECOND, slide: Some(3 * SECOND) }),
        Just(EventWindows::Session { gap: 4 * SECOND, max_length: 1000 * SECOND }),
    ];
    runner
        .run(&(rows, 1_usize..6, windows), |(rows, n_batches, windows)| {
            let rows: Vec<Event> = rows.iter().map(|(key, at)| (*key, Some(*at))).collect();
            // All rows are at most 20 s apart, and the last one closes all windows.
            let mut batches: Vec<&[Event]> = rows.chunks(rows.len().div_ceil(n_batches)).collect();
            batches.push(&[("z", Some(1000))]);
            let mut made = vec![];
            for (partitions, with) in [(1, "count"), (3, "words/tally")] {
                let ran = runtime.block_on(ran(&batches, 20 * SECOND, with, windows, partitions));
                let emitted = (1..=batches.len()).flat_map(|batch| shown(&ran.windows, batch as i64 * 1000));
                let mut emitted: Vec<String> = emitted.collect();
                emitted.sort();
                made.push(emitted);
            }
            let expected = by_hand(&rows, windows);
            prop_assert_eq!(&made[0], &expected);
            prop_assert_eq!(&made[1], &expected);
            Ok(())
        })
        .unwrap();
}

fn by_hand(rows: &[Event], windows: EventWindows) -> Vec<String> {
    let mut counts: BTreeMap<(&str, i64, i64), u64> = BTreeMap::new();
    let mut times: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    rows.iter().for_each(|(key, at)| times.entry(key).or_default().push(at.unwrap()));
    for (key, mut times) in times {
        times.sort_unstable();
        match windows {
            EventWindows::Sliding { length, slide } => {
                let (length, slide) = (length.as_secs() as i64, slide.unwrap_or(length).as_secs() as i64);
                for at in times {
                    for start in (-100..100).map(|n| n * slide).filter(|start| *start <= at && at < start + length) {
                        *counts.entry((key, start, start + length)).or_default() += 1;
                    }
                }
            }
            EventWindows::Session { gap, .. } => {
                let gap = gap.as_secs() as i64;
                let mut start = 0;
                while start < times.len() {
                    let next = (start + 1..times.len()).find(|idx| times[*idx] - times[idx - 1] >= gap);
                    let end = next.unwrap_or(times.len());
                    counts.insert((key, times[start], times[end - 1] + gap), (end - start) as u64);
                    start = end;
                }
            }
        }
    }
    // Windows that begin before 1970 are shown otherwise, and none of them has an end that tells it from others.
    let shown = counts.into_iter().map(|((key, start, end), count)| {
        let start = if start < 0 { 3600 + start } else { start };
        format!("{key} {start}-{end} {count}")
    });
    let mut shown: Vec<String> = shown.collect();
    shown.sort();
    shown
}
