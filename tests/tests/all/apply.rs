//! Another job file is applied to a job that runs: what is the same goes on, what is new begins, what is gone is gone, from an exact batch on.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::batch::ChangeKind;
use sluicebox::batch::carry_over::Fate;
use sluicebox::batch::listener::Event;
use sluicebox::batch::log::ApplyRecord;
use sluicebox::context::{ApplyRequest, StreamingContext};
use sluicebox::error::{Error, Result};
use sluicebox::job::definition::{Definition, OperationDefinition, SourceDefinition, StreamBody};
use sluicebox::output::Sink;
use sluicebox::receiver::queue::Queue;
use sluicebox::testing::ManualJob;
use sluicebox_tests::job::{Collected, SECOND, StartedJob, TestJob};
use sluicebox_tests::rows::{number_schema, numbers};
use tempfile::TempDir;

/// What a job may have, besides numbers from a queue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Numbers as they came.
    All,
    /// The even ones.
    Evens,
    /// Sums by key, for ever.
    Totals,
    /// How many there were in the last three batches, made of partials.
    Recent,
    /// Sums of the last so many batches by key, made of the window before or of all partials.
    Sums(u32, bool),
}
use Part::*;

struct Running {
    job: StartedJob,
    queue: Queue,
    outputs: Outputs,
    checkpoint: Option<String>,
}

#[derive(Default)]
struct Outputs {
    all: Output,
    evens: Output,
    totals: Output,
    recent: Output,
    sums: Output,
}

/// What was written, and the very sink.
struct Output {
    rows: Collected,
    sink: Arc<dyn Sink>,
}

impl Default for Output {
    fn default() -> Self {
        let rows = Collected::default();
        Self { sink: Arc::new(rows.clone()), rows }
    }
}

/// A job with these parts.
fn definition(parts: &[Part], queue: &Queue, outputs: &Outputs, checkpoint: Option<&String>) -> Result<Definition> {
    let context = StreamingContext::new("test", SECOND);
    context.job(|job| (job.parallelism, job.checkpoint) = (2, checkpoint.cloned()))?;
    let (input, _) = context.queue_stream("input", number_schema())?;
    let keyed = context.sql("keyed", "select value % 3 as key, value from input")?;
    for part in parts {
        match part {
            All => input.write_to("all", outputs.all.sink.clone())?,
            Evens => {
                input.filter_where("evens", "value % 2 = 0")?.write_to("evens", outputs.evens.sink.clone())?;
            }
            Totals => {
                keyed
                    .update_state_by_key("totals", &["key"], "sum")?
                    .write_to("totals", outputs.totals.sink.clone())?;
            }
            Recent => {
                input.count_by_window("recent", SECOND * 3, None)?.write_to("recent", outputs.recent.sink.clone())?;
            }
            Sums(batches, _) => {
                let sums = keyed.reduce_by_key_and_window("sums", &["key"], "sum", SECOND * *batches, None)?;
                sums.write_to("sums", outputs.sums.sink.clone())?;
            }
        }
    }
    let mut definition = context.definition().expect("it hasn't started");
    for stream in &mut definition.streams {
        if let StreamBody::Operation { operation: OperationDefinition::ReduceByKeyAndWindow { window, .. }, .. } =
            &mut stream.body
        {
            window.inverse =
                parts.iter().find_map(|part| if let Sums(_, inverse) = part { Some(*inverse) } else { None });
        }
        if let StreamBody::Source(SourceDefinition::Queue { queue: of, .. }) = &mut stream.body {
            *of = Some(queue.clone());
        }
    }
    Ok(definition)
}

impl Running {
    /// After that many seconds, with these parts, on a checkpoint if there is one.
    async fn start(folder: Option<&TempDir>, at: i64, parts: &[Part]) -> Self {
        let checkpoint = folder.map(|folder| format!("file://{}", folder.path().display()));
        let (queue, outputs) = (Queue::new(number_schema()), Outputs::default());
        let definition = definition(parts, &queue, &outputs, checkpoint.as_ref()).unwrap();
        let mut job = TestJob::at(at * 1000, |_| {});
        job.context = job.context.with_definition(definition);
        Self { job: job.start().await.unwrap(), queue, outputs, checkpoint }
    }

    async fn batch(&mut self, rows: impl IntoIterator<Item = i64>) {
        self.queue.push(vec![numbers(rows)]).unwrap();
        self.job.batch().await.unwrap();
    }

    fn definition(&self, parts: &[Part]) -> Definition {
        definition(parts, &self.queue, &self.outputs, self.checkpoint.as_ref()).unwrap()
    }

    async fn apply(&self, parts: &[Part]) -> ApplyRecord {
        self.try_to_apply(self.definition(parts)).await.unwrap()
    }

    async fn try_to_apply(&self, definition: Definition) -> Result<ApplyRecord> {
        let request =
            ApplyRequest { definition, planned_from: None, by: "ann".to_owned(), why: "she says so".to_owned() };
        self.job.job.apply(request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_same_goes_on_and_what_is_new_begins() {
    let folder = tempfile::tempdir().unwrap();
    for folder in [None, Some(&folder)] {
        let mut running = Running::start(folder, 0, &[All, Totals]).await;
        running.batch([1, 2, 3]).await;
        let applied = running.apply(&[All, Totals, Evens, Recent]).await;
        assert_eq!(applied.after.map(|batch| batch.0), Some(1000));
        assert_eq!(
            applied.changes,
            ["+ stream \"evens\"", "+ stream \"recent\"", "+ output \"evens\"", "+ output \"recent\""]
        );
        running.batch([4, 5]).await;
        running.batch([6]).await;
        assert_eq!(running.outputs.all.rows.commits(), [1000, 2000, 3000], "the output is the one it was");
        assert_eq!(running.outputs.evens.rows.commits(), [2000, 3000]);
        assert_eq!(running.outputs.evens.rows.rows(2000), ["4"]);
        assert_eq!(running.outputs.totals.rows.sorted(3000), ["0 9", "1 5", "2 7"], "state goes on");
        assert_eq!(running.outputs.recent.rows.rows(3000), ["3"], "a window begins with the first batch of it");
        // What is gone is gone with what it held.
        let plan = running.job.job.plan(running.definition(&[Recent, All])).await.unwrap();
        let removed: Vec<_> = plan.changes.iter().map(|change| (change.kind, change.part.as_str())).collect();
        assert!(removed.contains(&(ChangeKind::Removed, "stream \"evens\"")), "{removed:?}");
        assert!(plan.drops());
        let fate =
            |name: &str| plan.carried.iter().find(|of| of.name == name).map(|of| (of.what.clone(), of.fate.clone()));
        assert!(
            matches!(fate("totals"), Some((what, Fate::Dropped(_))) if what.starts_with("state of 3 keys, ")),
            "{plan:#?}"
        );
        assert!(matches!(fate("recent#partials"), Some((_, Fate::CarriesOver))), "{plan:#?}");
        assert_eq!(fate("input").map(|of| of.1), Some(Fate::CarriesOver));
        running.apply(&[Recent, All]).await;
        running.batch([7, 8]).await;
        assert_eq!(running.outputs.evens.rows.commits(), [2000, 3000]);
        assert_eq!(running.outputs.totals.rows.commits(), [1000, 2000, 3000]);
        assert_eq!(running.outputs.recent.rows.rows(4000), ["5"], "the window goes on");
        // And begins anew when it is back.
        running.apply(&[All, Totals, Recent]).await;
        running.batch([9]).await;
        assert_eq!(running.outputs.totals.rows.sorted(5000), ["0 9"]);
        let told = running.job.events.all().into_iter().filter(|event| matches!(event, Event::Applied(_))).count();
        assert_eq!((told, running.job.job.applies().len()), (3, 3));
        assert_eq!(running.job.job.applies()[1].by, "ann");
        running.job.job.stop(true).await.unwrap();
    }
    // What was dropped isn't there any more for who goes on, and what began is.
    let mut running = Running::start(Some(&folder), 5, &[All, Totals, Recent, Evens]).await;
    running.batch([10, 12]).await;
    assert_eq!(running.outputs.totals.rows.sorted(6000), ["0 21", "1 10"]);
    assert_eq!(running.outputs.recent.rows.rows(6000), ["5"]);
    assert_eq!(running.outputs.evens.rows.rows(6000), ["10", "12"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_another_length_is_made_of_what_is_kept() {
    for (inverse, persists) in [(false, false), (false, true), (true, false), (true, true)] {
        let folder = tempfile::tempdir().unwrap();
        let mut running = Running::start(persists.then_some(&folder), 0, &[Sums(4, inverse)]).await;
        for batch in 1..=6 {
            running.batch([3 * batch]).await;
        }
        assert_eq!(running.outputs.sums.rows.sorted(6000), [format!("0 {}", 9 + 12 + 15 + 18)]);
        let shorter = running.apply(&[Sums(2, inverse)]).await;
        assert_eq!(shorter.changes.len(), 1, "{:?}", shorter.changes);
        running.batch([21]).await;
        assert_eq!(running.outputs.sums.rows.sorted(7000), [format!("0 {}", 18 + 21)]);
        running.batch([24]).await;
        assert_eq!(running.outputs.sums.rows.sorted(8000), [format!("0 {}", 21 + 24)]);
        // What a longer one reads was dropped, but for what leaves an inverse one next; it fills up.
        running.apply(&[Sums(4, inverse)]).await;
        running.batch([27]).await;
        running.batch([30]).await;
        let kept = if inverse { 21 } else { 0 };
        assert_eq!(running.outputs.sums.rows.sorted(10_000), [format!("0 {}", kept + 24 + 27 + 30)]);
        running.apply(&[Sums(4, !inverse)]).await;
        running.batch([33]).await;
        assert_eq!(running.outputs.sums.rows.sorted(11_000), [format!("0 {}", 24 + 27 + 30 + 33)]);
        running.job.job.stop(true).await.unwrap();
        if persists {
            let mut running = Running::start(Some(&folder), 11, &[Sums(3, inverse)]).await;
            running.batch([36]).await;
            assert_eq!(running.outputs.sums.rows.sorted(12_000), [format!("0 {}", 30 + 33 + 36)]);
            running.batch([39]).await;
            assert_eq!(running.outputs.sums.rows.sorted(13_000), [format!("0 {}", 33 + 36 + 39)]);
        }
    }
}

/// Run a job with a batch every `interval` from `from` to `to`, in which each batch has its own time, in halves of a second; the sums of key 0 and the others together, by the batch's time. All in milliseconds.
async fn sums(
    folder: &TempDir,
    (interval, from, to): (u64, i64, i64),
    parts: &[Part],
) -> Result<std::collections::BTreeMap<i64, i64>> {
    let interval = Duration::from_millis(interval);
    let checkpoint = format!("file://{}", folder.path().display());
    let (queue, outputs) = (Queue::new(number_schema()), Outputs::default());
    let mut definition = definition(parts, &queue, &outputs, Some(&checkpoint))?;
    definition.job.batch_interval = interval;
    let TestJob { context, clock, events } = TestJob::at(from, |_| {});
    let job = context.with_definition(definition).start().await?;
    let mut job = ManualJob::new(job, clock.clone(), (*events).clone(), interval);
    let mut at = from;
    while at < to {
        at += i64::try_from(interval.as_millis()).unwrap();
        queue.push(vec![numbers([at / 500])])?;
        job.batch().await?;
    }
    job.stop(true).await?;
    let sum = |batch: i64| {
        let rows = outputs.sums.rows.rows(batch);
        rows.iter().map(|row| row.split(' ').nth(1).unwrap().parse::<i64>().unwrap()).sum()
    };
    Ok(outputs.sums.rows.commits().into_iter().map(|batch| (batch, sum(batch))).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_with_another_interval_and_its_windows_with_it() {
    for inverse in [false, true] {
        for (first, second) in [(1000, 2000), (1000, 500), (2000, 1000), (500, 2000), (2000, 500)] {
            let folder = tempfile::tempdir().unwrap();
            let parts = [Sums(4, inverse)];
            let before = sums(&folder, (first, 0, 8000), &parts).await.unwrap();
            // A window is the batches of the last four seconds, whatever their intervals were.
            let times = |interval: u64, until: i64| (1..=until / interval as i64).map(move |nth| nth * interval as i64);
            let expected = |end: i64| -> i64 {
                let all = times(first, 8000).chain(times(second, end).filter(|at| *at > 8000));
                all.filter(|at| *at > end - 4000 && *at <= end).map(|at| at / 500).sum()
            };
            assert_eq!(before[&8000], expected(8000), "{first} ms");
            let after = sums(&folder, (second, 8000, 16_000), &parts).await.unwrap();
            assert_eq!(after.len(), 8000 / second as usize);
            for (end, sum) in after {
                // One that would cut an interval in two may lack it, or have it whole.
                if end % i64::try_from(first).unwrap() == 0 || end - 4000 >= 8000 {
                    assert_eq!(sum, expected(end), "at {end} ms, of {first} ms and {second} ms, inverse: {inverse}");
                }
            }
            let refused = sums(&folder, (3000, 18_000, 21_000), &parts).await.unwrap_err().to_string();
            assert!(refused.contains("stream \"sums\"") && refused.contains("3s"), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_change_while_the_job_runs_is_refused_and_nothing_changes() {
    let mut running = Running::start(None, 0, &[All]).await;
    running.batch([1]).await;
    let mut other = running.definition(&[All, Evens]);
    (other.job.batch_interval, other.job.memory) = (SECOND * 2, other.job.memory / 2);
    let error = running.try_to_apply(other).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)));
    let error = error.to_string();
    assert!(error.contains("[job] batch-interval is another than that of the running job"), "{error}");
    assert!(
        error.contains("[job] memory is another") && error.contains("drain the job, and run it with this file"),
        "{error}"
    );
    let mut broken = running.definition(&[All, Evens]);
    broken.outputs[1].input = "odds".to_owned();
    let error = running.try_to_apply(broken).await.unwrap_err().to_string();
    assert!(error.contains("reads \"odds\", but there is no such stream"), "{error}");
    running.batch([2]).await;
    assert_eq!(running.outputs.all.rows.commits(), [1000, 2000]);
    assert_eq!(running.outputs.evens.rows.commits(), [0; 0]);
    assert_eq!(running.job.job.applies(), []);
}
