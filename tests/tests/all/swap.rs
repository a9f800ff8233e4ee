//! A plugin of a running job is given another component: from an exact batch on, no row lost or twice, back again where it fails, and all of that over restarts.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::batch::listener::Event;
use sluicebox::batch::log::{SwapKind, SwapRecord};
use sluicebox::batch::{CanaryRequest, Comparison, RollbackRequest, SwapRequest};
use sluicebox::clock::BatchTime;
use sluicebox::context::plugin_definition;
use sluicebox::error::{Error, Result};
use sluicebox::job::definition::{
    AggregateDefinition, ComponentSource, OperationDefinition, OperatorName, PluginDefinition, WindowDefinition,
    WindowFoldDefinition,
};
use sluicebox::plugin::Digest;
use sluicebox::receiver::queue::Queue;
use sluicebox_tests::job::{Collected, Held, SECOND, StartedJob, TestJob};
use sluicebox_tests::plugins::{another, chameleon, component};
use sluicebox_tests::rows::{number_schema, numbers, pair_schema, pairs};
use sluicebox_tests::swaps::{self, Plan};
use tempfile::TempDir;

fn plugin(version: u32) -> PluginDefinition {
    plugin_definition("chameleon", ComponentSource::Bytes(chameleon(version).into()))
}

fn to(version: u32) -> SwapRequest {
    SwapRequest {
        plugin: "chameleon".to_owned(),
        component: chameleon(version).into(),
        signature: None,
        by: "ann".to_owned(),
        why: format!("version {version}"),
    }
}

fn back(to: Option<Digest>) -> RollbackRequest {
    RollbackRequest { plugin: "chameleon".to_owned(), to, by: "bob".to_owned(), why: "back".to_owned() }
}

/// A job that tags numbers with the version that saw them, and sums them up by key.
struct Running {
    job: StartedJob,
    queue: Queue,
    tags: Collected,
    totals: Collected,
}

impl Running {
    /// At that batch, with that version in its file, on a checkpoint if there is one.
    async fn start(folder: Option<&TempDir>, at: i64, version: u32) -> Result<Self> {
        let job = TestJob::at(at * 1000, |_| {});
        job.context.job(|job| job.checkpoint = folder.map(|folder| format!("file://{}", folder.path().display())))?;
        job.context.add_plugin(plugin(version))?;
        let (input, queue) = job.context.queue_stream("input", number_schema())?;
        let (tags, totals) = (Collected::default(), Collected::default());
        input.map("tags", "chameleon/tag")?.write_to("tags", Arc::new(tags.clone()))?;
        let keyed = job.context.sql("keyed", "select value % 3 as key, value from input")?;
        keyed.map_with_state("totals", &["key"], "chameleon/total")?.write_to("totals", Arc::new(totals.clone()))?;
        Ok(Self { job: job.start().await?, queue, tags, totals })
    }

    async fn batch(&mut self, rows: impl IntoIterator<Item = i64>) {
        self.queue.push(vec![numbers(rows)]).unwrap();
        self.job.batch().await.unwrap();
    }

    async fn swap(&self, version: u32) -> Result<SwapRecord> {
        self.job.job.swap(to(version)).await
    }

    async fn refused(&self, request: SwapRequest) -> String {
        let before = self.job.job.components();
        let error = self.job.job.swap(request).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error}");
        assert_eq!(self.job.job.components(), before);
        error.to_string()
    }

    fn swaps(&self) -> Vec<(SwapKind, Option<i64>)> {
        self.job.job.swaps().iter().map(|swap| (swap.kind, swap.after.map(BatchTime::as_millis))).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_component_takes_over_between_two_batches() {
    let mut running = Running::start(None, 0, 1).await.unwrap();
    running.batch([1, 2]).await;
    let swap = running.swap(2).await.unwrap();
    assert_eq!((swap.kind, swap.after, swap.by.as_str()), (SwapKind::Swap, Some(BatchTime(1000)), "ann"));
    running.batch([3, 4]).await;
    running.batch([5]).await;
    let undone = running.job.job.rollback(back(None)).await.unwrap();
    assert_eq!((undone.from, undone.to, undone.kind), (swap.to, swap.from, SwapKind::Rollback));
    running.batch([6]).await;
    let again = running.job.job.rollback(back(Some(swap.to))).await.unwrap();
    assert_eq!(again.to, swap.to);
    running.batch([7]).await;
    let tags: Vec<_> = (1..=5).flat_map(|batch| running.tags.rows(batch * 1000)).collect();
    assert_eq!(tags, ["1 1", "2 1", "3 2", "4 2", "5 2", "6 1", "7 2"]);
    // What is summed up goes on from one to the other.
    assert_eq!(running.totals.sorted(5000), ["1 12 2"]);
    assert_eq!(running.totals.sorted(4000), ["0 9 1"]);
    let told: Vec<_> =
        running.job.events.all().into_iter().filter(|event| matches!(event, Event::Swapped(_))).collect();
    assert_eq!(told.len(), 3);
    running.job.job.stop(true).await.unwrap();
    let ended = running.swap(3).await.unwrap_err().to_string();
    assert!(ended.contains("the job has ended"), "{ended}");
}

/// The tags of four batches that are planned before any of them runs; before the third and the fourth there are swaps to these versions.
async fn waiting(third: u32, fourth: Option<u32>) -> Vec<String> {
    let job = TestJob::new();
    job.context.add_plugin(plugin(1)).unwrap();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let tags = Collected::default();
    let (held, open) = Held::new(tags.clone());
    input.map("tags", "chameleon/tag").unwrap().write_to("tags", Arc::new(held)).unwrap();
    for batch in 1..=4 {
        queue.push(vec![numbers([batch])]).unwrap();
    }
    let job = job.start().await.unwrap();
    for batch in 1..=4 {
        let version = if batch == 3 { Some(third) } else { fourth.filter(|_| batch == 4) };
        if let Some(version) = version {
            let swap = job.job.swap(to(version)).await.unwrap();
            assert_eq!(swap.after, Some(BatchTime(1000 * (batch - 1))));
        }
        job.clock.advance_to(batch * 1000);
        job.events.submitted(batch * 1000).await;
    }
    open.send(true).unwrap();
    job.events.completed(4).await;
    job.job.stop(true).await.unwrap();
    (1..=4).flat_map(|batch| tags.rows(batch * 1000)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_wait_run_with_what_they_were_planned_with() {
    assert_eq!(waiting(2, None).await, ["1 1", "2 1", "3 2", "4 2"]);
    assert_eq!(waiting(2, Some(3)).await, ["1 1", "2 1", "3 2", "4 3"]);
    // A component that always breaks down: back to the one before, or on to the one that was given since.
    assert_eq!(waiting(902, None).await, ["1 1", "2 1", "3 1", "4 1"]);
    assert_eq!(waiting(902, Some(3)).await, ["1 1", "2 1", "3 3", "4 3"]);
    assert_eq!(waiting(902, Some(904)).await, ["1 1", "2 1", "3 1", "4 1"], "past both to the last that worked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_and_nothing_changes() {
    let mut running = Running::start(None, 0, 1).await.unwrap();
    let unknown = SwapRequest { plugin: "chamelon".to_owned(), ..to(2) };
    assert_eq!(
        running.refused(unknown).await,
        "the job has no plugin \"chamelon\"\n  help: did you mean \"chameleon\"?"
    );
    let broken = SwapRequest { component: b"\0asm".to_vec().into(), ..to(2) };
    assert!(running.refused(broken).await.contains("plugin \"chameleon\": component "));
    let other = SwapRequest { component: std::fs::read(component("words")).unwrap().into(), ..to(2) };
    let other = running.refused(other).await;
    assert!(other.contains("no such transform operator; it offers split"), "{other}");
    let same = running.refused(to(1)).await;
    assert!(same.contains("the job runs with it already"), "{same}");
    let never = running.job.job.rollback(back(None)).await.unwrap_err().to_string();
    assert_eq!(never, "plugin \"chameleon\" was never another component");
    let never = running.job.job.rollback(back(Some(Digest([7; 32])))).await.unwrap_err().to_string();
    assert!(never.contains("was never the component 0707"), "{never}");
    running.batch([1]).await;
    assert_eq!(running.tags.rows(1000), ["1 1"]);
    assert_eq!(running.swaps(), []);

    let job = TestJob::new();
    let digest = Some(running.job.job.components()["chameleon"]);
    job.context.add_plugin(PluginDefinition { digest, ..plugin(1) }).unwrap();
    let (input, _queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.map("tags", "chameleon/tag").unwrap().write_to("tags", Arc::new(Collected::default())).unwrap();
    let pinned = job.start().await.unwrap().job.swap(to(2)).await.unwrap_err().to_string();
    assert!(pinned.contains("is pinned to the component") && pinned.contains("take the key digest out"), "{pinned}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_back_from_a_component_that_fails() {
    // One breaks down at the second batch, the others at once; the last has state of another version, which was in place already.
    let bad =
        [(901, "1013 is poison"), (902, "always breaks down"), (904, "takes no rows"), (5902, "always breaks down")];
    for ((bad, reason), persists) in bad.into_iter().flat_map(|bad| [(bad, false), (bad, true)]) {
        let folder = tempfile::tempdir().unwrap();
        let mut running = Running::start(persists.then_some(&folder), 0, 1).await.unwrap();
        running.batch([1]).await;
        running.swap(2).await.unwrap();
        running.batch([2]).await;
        running.swap(bad).await.unwrap();
        let mut last = 2000;
        if bad == 901 {
            running.batch([0]).await;
            last += 1000;
            assert_eq!(running.tags.rows(last), ["0 901"]);
        }
        running.batch([4, 1013]).await;
        running.batch([5]).await;
        assert_eq!(running.tags.rows(last + 1000), ["4 2", "1013 2"], "the batch itself runs with the one before");
        assert_eq!(running.tags.rows(last + 2000), ["5 2"]);
        assert_eq!(running.totals.sorted(last + 2000), [format!("2 {} 2", 2 + 1013 + 5)]);
        let swap = running.job.job.swaps().pop().unwrap();
        assert_eq!((swap.kind, swap.planned_too), (SwapKind::Failure, true));
        assert!(swap.why.contains(reason), "{}", swap.why);
        assert!(running.job.events.batches().iter().all(|batch| batch.failure.is_none()));
        running.job.job.stop(true).await.unwrap();
        if persists {
            let mut running = Running::start(Some(&folder), 5, 1).await.unwrap();
            running.batch([6]).await;
            assert_eq!(running.tags.rows(6000), ["6 2"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_go_back_fails_as_the_batch_did() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(Some(&folder), 0, 2).await.unwrap();
    running.batch([1]).await;
    // Its state is of a version from which the one before knows no way.
    running.swap(5901).await.unwrap();
    running.batch([2]).await;
    running.queue.push(vec![numbers([1013])]).unwrap();
    let error = running.job.batch().await.unwrap_err().to_string();
    assert!(error.contains("1013 is poison"), "{error}");
    assert_eq!(running.swaps(), [], "the job has ended");
    // The batch was planned with the component that fails, and the job file names one now that can cope.
    let mut running = Running::start(Some(&folder), 3, 5001).await.unwrap();
    running.queue.push(vec![numbers([1013])]).unwrap();
    running.batch([3]).await;
    running.batch([4]).await;
    assert_eq!(running.tags.rows(3000), [""; 0], "a queue's rows are gone with it");
    assert_eq!(running.tags.rows(4000), ["1013 5001"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_another_version_is_migrated_while_batches_go_on() {
    let folder = tempfile::tempdir().unwrap();
    for folder in [None, Some(&folder)] {
        let mut running = Running::start(folder, 0, 1).await.unwrap();
        running.batch([0, 1, 2, 3]).await;
        running.swap(5001).await.unwrap();
        running.batch([4, 5]).await;
        assert_eq!(running.totals.sorted(2000), ["1 5 5001", "2 7 5001"]);
        // Some versions know the way back, others don't.
        let refused = running.refused(to(2)).await;
        assert!(refused.contains("has version 2 and columns (sum: int64, seen: int64)"), "{refused}");
        assert!(refused.contains("knows no way from state of version 2"), "{refused}");
        running.batch([6]).await;
        running.swap(3).await.unwrap();
        running.batch([7, 9]).await;
        assert_eq!(running.totals.sorted(4000), ["0 18 3", "1 12 3"]);
        running.swap(5002).await.unwrap();
        running.batch([10]).await;
        assert_eq!(running.totals.sorted(5000), ["1 22 5002"]);
        running.job.job.stop(true).await.unwrap();
    }
    // The files of the checkpoint are of both versions.
    let mut running = Running::start(Some(&folder), 5, 1).await.unwrap();
    running.batch([11, 12, 13]).await;
    assert_eq!(running.totals.sorted(6000), ["0 30 5002", "1 35 5002", "2 18 5002"]);
    assert_eq!(running.tags.rows(6000), ["11 5002", "12 5002", "13 5002"]);
}

/// A batch that is planned and waits will make the state into another version: a candidate has to make do with that, not with what is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_has_to_take_the_state_that_batches_leave_which_wait() {
    let job = TestJob::new();
    job.context.add_plugin(plugin(1)).unwrap();
    let (_, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let totals = Collected::default();
    let (held, open) = Held::new(totals.clone());
    let keyed = job.context.sql("keyed", "select value % 1 as key, value from input").unwrap();
    let sums = keyed.map_with_state("totals", &["key"], "chameleon/total");
    sums.and_then(|of| of.write_to("totals", Arc::new(held))).unwrap();
    for batch in 1..=3 {
        queue.push(vec![numbers([batch])]).unwrap();
    }
    let job = job.start().await.unwrap();
    let planned = async |batch: i64| {
        job.clock.advance_to(batch * 1000);
        job.events.submitted(batch * 1000).await;
    };
    planned(1).await;
    job.job.swap(to(5001)).await.unwrap();
    planned(2).await;
    // The first batch is held, so state is as version 1 keeps it.
    let (refused, _) = tokio::join!(job.job.swap(to(2)), async { open.send(true).unwrap() });
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("the operator knows no way from state of version 2 to its own"), "{error}");
    job.job.swap(to(3)).await.unwrap();
    planned(3).await;
    job.events.completed(3).await;
    job.job.stop(true).await.unwrap();
    let all: Vec<_> = (1..=3).flat_map(|batch| totals.rows(batch * 1000)).collect();
    assert_eq!(all, ["0 1 1", "0 3 5001", "0 6 3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_with_what_it_was_swapped_to_unless_its_file_names_another() {
    let folder = tempfile::tempdir().unwrap();
    let expected = [(1, 1, "0 1"), (1, 2, "1 2"), (1, 2, "2 2"), (3, 3, "3 3"), (1, 1, "4 1")];
    for (at, (filed, _, tagged)) in (0..).zip(expected) {
        let mut running = Running::start(Some(&folder), at, filed).await.unwrap();
        if at == 1 {
            running.swap(2).await.unwrap();
        }
        running.batch([at]).await;
        assert_eq!(running.tags.rows((at + 1) * 1000), [tagged], "run {at}");
        let n_swaps = [0, 1, 1, 2, 3][usize::try_from(at).unwrap()];
        assert_eq!(running.swaps().len(), n_swaps, "{:?}", running.swaps());
        running.job.job.stop(false).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_file_names_what_it_was_swapped_to_goes_back_to_what_it_was_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(Some(&folder), 0, 1).await.unwrap();
    running.batch([0]).await;
    running.swap(2).await.unwrap();
    running.batch([1]).await;
    running.job.job.stop(false).await.unwrap();
    let mut running = Running::start(Some(&folder), 2, 2).await.unwrap();
    running.batch([2]).await;
    running.job.job.rollback(back(None)).await.unwrap();
    running.batch([3]).await;
    let tags: Vec<_> = [3000, 4000].into_iter().flat_map(|batch| running.tags.rows(batch)).collect();
    assert_eq!(tags, ["2 2", "3 1"]);
    running.job.job.stop(true).await.unwrap();
}

/// The candidate makes its first window of all batches in it, and goes on with its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_with_an_inverse_is_compared_and_memory_is_told() {
    let job = TestJob::new();
    job.context.plugin("words", component("words")).unwrap();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let (plugin, operator) = ("words".to_owned(), "tally".to_owned());
    let tally = OperatorName { plugin, operator, columns: Some(vec![]), overrides: Default::default() };
    let window: WindowFoldDefinition = WindowDefinition { length: 3 * SECOND, slide: None }.into();
    let window = WindowFoldDefinition { inverse: Some(true), ..window };
    let (key, with) = (vec!["key".to_owned()], AggregateDefinition::Operator(tally));
    let counts = input.then("counts", OperationDefinition::ReduceByKeyAndWindow { key, with, window }).unwrap();
    counts.write_to("out", Arc::new(Collected::default())).unwrap();
    let mut job = job.start().await.unwrap();
    let push = |number: usize| {
        queue.push(vec![pairs(&[("a", 7), ("b", 1)]), pairs(&[(["c", "d"][number % 2], 1)])]).unwrap();
    };
    for number in 1..=4 {
        push(number);
        job.batch().await.unwrap();
    }
    let candidate = another(std::fs::read(component("words")).unwrap()).into();
    let request = CanaryRequest { plugin: "words".to_owned(), component: candidate, signature: None, batches: 5 };
    let trying = tokio::spawn(job.job.canary(request));
    while job.job.comparison().is_none() {
        assert!(!trying.is_finished(), "{:?}", trying.await);
        tokio::task::yield_now().await;
    }
    for number in 5..=9 {
        push(number);
        job.batch().await.unwrap();
    }
    let comparison = trying.await.unwrap().unwrap();
    assert!(comparison.is_same() && comparison.not_compared.is_empty(), "{comparison:#?}");
    let window = comparison.streams.iter().find(|of| of.stream == "counts#window");
    let window = window.unwrap_or_else(|| panic!("{comparison:#?}"));
    // Two keys in each batch, and two that come in turns.
    assert_eq!((window.current.rows, window.candidate.rows), (20, 20));
    assert!(
        comparison.streams.iter().all(|of| of.current.memory > 65_536 && of.candidate.memory > 65_536),
        "{comparison:#?}"
    );
    job.job.stop(true).await.unwrap();
}

/// Tries a candidate beside these batches.
async fn tried(running: &mut Running, candidate: Vec<u8>, batches: &[&[i64]]) -> Comparison {
    let request = CanaryRequest {
        plugin: "chameleon".to_owned(),
        component: candidate.into(),
        signature: None,
        batches: batches.len() as u64,
    };
    let Running { job, queue, .. } = running;
    let trying = tokio::spawn(job.job.canary(request));
    while job.job.comparison().is_none() {
        assert!(!trying.is_finished(), "{:?}", trying.await);
        tokio::task::yield_now().await;
    }
    for rows in batches {
        queue.push(vec![numbers(rows.iter().copied())]).unwrap();
        job.batch().await.unwrap();
    }
    trying.await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_is_compared_with_the_current_component_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for folder in [None, Some(&folder)] {
        let mut running = Running::start(folder, 0, 1).await.unwrap();
        running.batch([0, 1, 2]).await;
        // The copy of the state goes on as the state does.
        let same = tried(&mut running, another(chameleon(1)), &[&[3, 4], &[], &[5, 6, 9]]).await;
        assert!(same.is_same(), "{same:#?}");
        assert_eq!((same.batches, same.first, same.last), (3, Some(BatchTime(2000)), Some(BatchTime(4000))));
        let rows: Vec<_> =
            same.streams.iter().map(|of| (of.stream.as_str(), of.current.rows, of.candidate.rows)).collect();
        assert_eq!(rows, [("tags", 5, 5), ("totals", 5, 5)]);
        let other = tried(&mut running, chameleon(2), &[&[7], &[8]]).await;
        assert!(!other.is_same());
        let [tags, _] = &other.streams[..] else { panic!("{other:#?}") };
        assert_eq!((tags.differing_batches, tags.current.only, tags.candidate.only), (2, 2, 2));
        assert_eq!(tags.samples[..2], ["- value=7 version=1", "+ value=7 version=2"]);
        let fails = tried(&mut running, chameleon(901), &[&[1013], &[10]]).await;
        assert_eq!((fails.streams[0].failed_batches, fails.streams[0].differing_batches), (1, 1));
        assert!(fails.streams[0].errors[0].contains("1013 is poison"), "{:?}", fails.streams[0].errors);
        assert_eq!(running.job.job.comparison(), None);
        assert_eq!(running.tags.rows(8000), ["10 1"]);
        assert_eq!(running.totals.sorted(8000), [format!("1 {} 1", 1 + 4 + 7 + 10)]);
        // State of another version is migrated for the copy alone.
        let migrated = tried(&mut running, chameleon(5001), &[&[12]]).await;
        assert_eq!(migrated.streams[1].samples, ["- key=0 sum=30 seen=1", "+ key=0 sum=30 seen=5001"]);
        running.batch([13]).await;
        assert_eq!(running.tags.rows(10_000), ["13 1"]);
        running.job.job.stop(true).await.unwrap();
    }
    let mut running = Running::start(Some(&folder), 10, 1).await.unwrap();
    running.batch([14]).await;
    assert_eq!(running.totals.sorted(11_000), [format!("2 {} 1", 2 + 5 + 8 + 1013 + 14)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_swaps_at_any_time_lose_nothing_and_repeat_nothing() {
    for seed in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan {
            interval: Duration::from_millis(50),
            rows: 500,
            keys: 97,
            calm: 3,
            swaps: 50,
            seed,
            checkpoint: (seed == 2).then(|| format!("file://{}", folder.path().display())),
        };
        let report = swaps::run(&plan).await;
        assert_eq!((report.lost, report.twice, report.mixed, report.wrong_sums), (0, 0, 0, 0), "{report:#?}");
        // Some of each sort took place.
        assert!(report.swapped > 10 && report.refused > 3 && report.went_back > 0, "{report:#?}");
    }
}
