//! transform, from the job file and by functions of the program; and for_each, an output that is one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use sluicebox::clock::BatchTime;
use sluicebox::datafusion::common::plan_err;
use sluicebox::datafusion::error::{DataFusionError, Result as FrameResult};
use sluicebox::datafusion::functions_aggregate::expr_fn::sum;
use sluicebox::datafusion::prelude::{DataFrame, JoinType, col, lit};
use sluicebox::error::Error;
use sluicebox::job::definition::OperationDefinition;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines, pair_schema, pairs, show};

#[tokio::test(flavor = "multi_thread")]
async fn a_function_says_what_is_done_with_each_batchs_dataset() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let calls = Arc::new(Mutex::new(vec![]));
    let told = calls.clone();
    let sums = input
        .transform("sums", move |cx, rows| {
            told.lock().push((cx.batch_time, cx.stream.to_owned()));
            let sums = rows.aggregate(vec![col("key")], vec![sum(col("value")).alias("total")])?;
            sums.with_column("at", lit(cx.batch_time.as_millis()))?.sort_by(vec![col("key")])
        })
        .unwrap();
    let out = Collected::default();
    sums.write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![pairs(&[("a", 1), ("b", 2)]), pairs(&[("a", 3)])]).unwrap();
    queue.push(vec![]).unwrap();
    job.run(2).await.unwrap();
    assert_eq!(out.rows(1000), ["a 4 1000", "b 2 1000"]);
    assert_eq!(out.rows(2000), [""; 0]);
    let columns: Vec<_> = out.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(columns, ["key", "total", "at"]);
    let named = |batch| (BatchTime(batch), "sums".to_owned());
    assert_eq!(*calls.lock(), [named(0), named(1000), named(2000)], "at the check, and once a batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_of_several_streams_gets_them_in_order() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (left, left_queue) = job.context.queue_stream("left", pair_schema()).unwrap();
    let (right, right_queue) = job.context.queue_stream("right", pair_schema()).unwrap();
    let seen = left.map_values("seen", &["key"], "kitchen/reject-odd").unwrap();
    let joined = job
        .context
        .transform("joined", &[&seen, &right, &seen], |_, frames| {
            let [left, right, again]: [DataFrame; 3] = frames.try_into().expect("three");
            let right = right.select(vec![col("key").alias("other"), col("value").alias("found")])?;
            let joined = left.join(right, JoinType::Inner, &["key"], &["other"], None)?;
            let joined = joined.select(vec![col("key"), col("value"), col("found")])?;
            let again = again.select(vec![col("key"), col("value"), lit(0_i64).alias("found")])?;
            joined.union(again)?.sort_by(vec![col("key"), col("value"), col("found")])
        })
        .unwrap();
    let out = Collected::default();
    joined.write_to("out", Arc::new(out.clone())).unwrap();
    left_queue.push(vec![pairs(&[("a", 2), ("b", 4)]), pairs(&[("c", 6)])]).unwrap();
    right_queue.push(vec![pairs(&[("a", 10), ("c", 30), ("c", 31)])]).unwrap();
    let events = job.run(1).await.unwrap();
    assert_eq!(out.rows(1000), ["a 2 0", "a 2 10", "b 4 0", "c 6 0", "c 6 30", "c 6 31"]);
    let rows_in: u64 = events.batches()[0].report.operators.values().map(|report| report.rows_in).sum();
    assert_eq!(rows_in, 3, "a stream that is given twice is made once");
}

fn failing(how: &'static str) -> impl Fn(DataFrame, BatchTime) -> FrameResult<DataFrame> {
    move |rows, batch| match how {
        "at the check" => plan_err!("no such thing"),
        "column" => rows.select(vec![col("nothing")]),
        "volatile" => rows.filter(sluicebox::datafusion::functions::string::expr_fn::uuid().eq(col("key"))),
        "panic" => panic!("a bug"),
        _ if batch.as_millis() == 0 => Ok(rows),
        "later" => plan_err!("no such thing today"),
        _ => rows.select(vec![col("key")]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_function_does_wrong_is_told_with_its_stream() {
    for (how, at_check, said) in [
        ("at the check", true, "no such thing"),
        ("column", true, "nothing"),
        ("volatile", true, "uuid() is not allowed"),
        ("panic", true, "its function panicked"),
        ("later", false, "no such thing today"),
        (
            "columns",
            false,
            "its function makes the columns (key: string not null), and made (key: string not null, value: int64 not null) when the job was checked",
        ),
    ] {
        let job = TestJob::new();
        let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
        let function = failing(how);
        let made = input.transform("made", move |cx, rows| function(rows, cx.batch_time)).unwrap();
        let out = Collected::default();
        made.write_to("out", Arc::new(out.clone())).unwrap();
        queue.push(vec![pairs(&[("a", 1)])]).unwrap();
        let error = job.run(1).await.unwrap_err();
        assert_eq!(matches!(error, Error::Invalid(_)), at_check, "{how}: {error}");
        let error = error.to_string();
        assert!(error.contains("stream \"made\"") && error.contains(said), "{how}: {error}");
        assert!(out.commits().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_each_is_given_each_batch_once_and_may_read_it_as_it_likes() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let seen = input.map("seen", "kitchen/noisy").unwrap();
    let told = Arc::new(Mutex::new(vec![]));
    let tell = told.clone();
    seen.for_each("report", move |batch_time, rows| {
        let tell = tell.clone();
        async move {
            let first = rows.clone().limit(0, Some(1))?.collect().await?;
            let n_rows = rows.clone().count().await?;
            let grouped = rows.aggregate(vec![col("value")], vec![])?.sort_by(vec![col("value")])?.collect().await?;
            let text = |batches: Vec<_>| batches.iter().flat_map(show).collect::<Vec<_>>().join(" ");
            tell.lock().push(format!("{batch_time} {n_rows} {} | {}", text(first), text(grouped)));
            Ok::<_, DataFusionError>(())
        }
    })
    .unwrap();
    queue.push(vec![lines(&["b", "a"]), lines(&["b"]), lines(&[])]).unwrap();
    queue.push(vec![]).unwrap();
    let events = job.run(2).await.unwrap();
    assert_eq!(*told.lock(), ["1000 3 b | a b", "2000 0  | "]);
    let batches = events.batches();
    let rows_in: u64 = batches[0].report.operators.values().map(|report| report.rows_in).sum();
    assert_eq!((rows_in, batches[0].outputs[0].rows), (3, 3), "the dataset is made once, to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_for_each_is_the_batchs() {
    for (how, said) in [("error", "its function failed: the printer is on fire"), ("panic", "its function panicked")] {
        let job = TestJob::new();
        let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
        let calls = Arc::new(AtomicU32::new(0));
        let called = calls.clone();
        input
            .for_each("report", move |batch_time, _rows| {
                called.fetch_add(1, Ordering::SeqCst);
                async move {
                    match how {
                        _ if batch_time.as_millis() == 1000 => Ok(()),
                        "panic" => panic!("a bug"),
                        _ => Err("the printer is on fire"),
                    }
                }
            })
            .unwrap();
        let out = Collected::default();
        input.write_to("out", Arc::new(out.clone())).unwrap();
        for _ in 0..3 {
            queue.push(vec![lines(&["a"]), lines(&["b"])]).unwrap();
        }
        let error = job.run(3).await.unwrap_err().to_string();
        assert!(error.contains("output \"report\", batch 2000") && error.contains(said), "{error}");
        assert_eq!(calls.load(Ordering::SeqCst), 2, "once a batch, whatever partitions it has");
        assert_eq!((out.commits(), out.left_over()), (vec![1000], 0), "nothing of the batch that failed is committed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transform_by_a_plugin_is_of_whole_partitions() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let out = Collected::default();
    let counted = input.transform_with("counted", "kitchen/count-words").unwrap();
    counted.write_to("out", Arc::new(out.clone())).unwrap();
    let again = input.then(
        "sql",
        OperationDefinition::Sql(
            "select count(*) as n, max(batch_time()) as at, max(now()) as t from input".to_owned(),
        ),
    );
    let sql_out = Collected::default();
    again.unwrap().write_to("sql-out", Arc::new(sql_out.clone())).unwrap();
    queue.push(vec![lines(&["a b", "c"]), lines(&[])]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(out.partitions(1000), [["3"], ["0"]]);
    assert_eq!(sql_out.rows(1000), ["2 1970-01-01T00:00:01Z 1970-01-01T00:00:01"]);
}

#[test]
fn a_job_file_transforms_by_sql_over_its_inputs() {
    let folder = Folder::with_job(
        r#"[job]
name = "transforms"
batch-interval = "1s"

[stream.lines]
source = { type = "files", path = "in", format = "text" }

[stream.numbers]
source = { type = "files", path = "in", format = "text" }

[stream.both]
input = ["lines", "numbers"]
transform = { sql = "select l.value, extract(epoch from batch_time()) > 0 as timed from lines l join numbers n on l.value = n.value order by l.value" }

[output.console]
input = "both"
sink = { type = "print" }
"#,
    );
    folder.write("in/one.txt", "b\na\n");
    let ran = folder.run(&["--drain"]).ended_with(0);
    let shown: Vec<&str> = ran.stdout.lines().skip_while(|line| !line.starts_with("Time: ")).skip(2).take(2).collect();
    assert_eq!(shown, ["(a,true)", "(b,true)"], "{}", ran.stdout);
}
