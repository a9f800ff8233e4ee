//! A job whose plugin is swapped again and again while it works: what became of each row, and how late batches were.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sluicebox::arrow::array::{AsArray, RecordBatch};
use sluicebox::arrow::datatypes::Int64Type;
use sluicebox::batch::log::{SwapKind, SwapRecord};
use sluicebox::batch::{RollbackRequest, SwapRequest};
use sluicebox::clock::BatchTime;
use sluicebox::context::{Options, RunningJob, StreamingContext, plugin_definition};
use sluicebox::error::Error;
use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::Digest;
use sluicebox::testing::Events;
use tokio::sync::watch;

use crate::job::Collected;
use crate::plugins::{another, chameleon, component, repository};
use crate::rows::{number_schema, numbers};

/// What is done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// From one batch to the next.
    pub interval: Duration,
    /// Rows in a batch.
    pub rows: i64,
    /// Keys that state is kept of.
    pub keys: i64,
    /// Batches before the first swap, whose delays are the measure of the others.
    pub calm: usize,
    /// Swaps that are tried.
    pub swaps: usize,
    /// Decides which, and when.
    pub seed: u64,
    /// A checkpoint, if there is one.
    pub checkpoint: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Batches run.
    pub batches: usize,
    /// Swaps that took place, other than those below.
    pub swapped: usize,
    /// Rollbacks that were asked for.
    pub rolled_back: usize,
    /// How often the job went back by itself.
    pub went_back: usize,
    /// Candidates refused.
    pub refused: usize,
    /// Rows put in, and those of them that are lost or were worked on twice.
    pub rows: i64,
    pub lost: i64,
    pub twice: i64,
    /// Batches whose rows were seen by more than one version, or by another than the log says.
    pub mixed: usize,
    /// Keys whose sum is wrong at the end.
    pub wrong_sums: usize,
    /// The longest time from a batch's time to its end, before the first swap and after.
    pub calm: Duration,
    pub longest: Duration,
    /// The median of the same.
    pub calm_median: Duration,
    pub median: Duration,
}

/// Numbers that look random, the same for the same seed.
struct Mixed(u64);

impl Mixed {
    fn below(&mut self, n: u64) -> u64 {
        // The generator splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % n
    }
}

/// Versions that work, with both versions of state; the odd ones know the way from the second to the first.
const GOOD: [u32; 6] = [1, 3, 5, 7, 5001, 5003];
/// Versions that break down: at some rows, and always.
const BAD: [u32; 4] = [901, 902, 904, 5902];

/// Run it.
///
/// # Panics
/// When the job doesn't start, or fails.
pub async fn run(plan: &Plan) -> Report {
    let events = Events::default();
    let options = Options {
        cache: Some(repository().join(".cache/tests/components")),
        listeners: vec![Arc::new(events.clone())],
        ..Options::default()
    };
    let context = StreamingContext::with_options("swaps", plan.interval, options);
    context.job(|job| (job.parallelism, job.checkpoint) = (2, plan.checkpoint.clone())).expect("not started");
    let mut plugin = plugin_definition("chameleon", ComponentSource::Bytes(chameleon(1).into()));
    // Also of a machine that is busy: a component that was there before the first swap fails the job when a call takes longer.
    plugin.limits.time = Duration::from_secs(20);
    context.add_plugin(plugin).expect("a name");
    let (input, queue) = context.queue_stream("input", number_schema()).expect("a name");
    let (tags, totals) = (Collected::default(), Collected::default());
    input.map("tags", "chameleon/tag").and_then(|of| of.write_to("tags", Arc::new(tags.clone()))).expect("it fits");
    let keyed = context.sql("keyed", &format!("select value % {} as key, value from input", plan.keys));
    let keyed = keyed.and_then(|of| of.map_with_state("totals", &["key"], "chameleon/total")).expect("it fits");
    keyed.write_to("totals", Arc::new(totals.clone())).expect("a name");
    let job = context.start().await.expect("the job starts");

    let (stop, stopped) = watch::channel(false);
    let feeding = {
        let (queue, rows, interval) = (queue.clone(), plan.rows, plan.interval);
        tokio::spawn(async move {
            let (mut next, mut ticks) = (0, tokio::time::interval(interval));
            while !*stopped.borrow() {
                ticks.tick().await;
                let half = next + rows / 2;
                // A job that has ended takes no rows any more: why it has ended is told by whoever waits for it.
                queue.push(vec![numbers(next..half), numbers(half..next + rows)])?;
                next += rows;
            }
            queue.close();
            Ok::<_, Error>(next)
        })
    };
    until_completed(&events, plan.calm, &job).await;
    let (mut mixed, mut report) = (Mixed(plan.seed), Report::default());
    let versions: Arc<Mutex<BTreeMap<Digest, i64>>> = Arc::default();
    let note = |digest: Digest, version: u32| versions.lock().insert(digest, i64::from(version));
    note(job.components()["chameleon"], 1);
    for _ in 0..plan.swaps {
        let moment = plan.interval.mul_f64(mixed.below(1000) as f64 / 500.0);
        tokio::time::sleep(moment).await;
        let of = |list: &[u32], at: u64| list[at as usize % list.len()];
        let (kind, at) = (mixed.below(10), mixed.below(1000));
        let (version, bytes) = match kind {
            0 => (0, std::fs::read(component("words")).expect("a component that is there")),
            1 => (0, b"\0asm\x0d\0\x01\0".to_vec()),
            2 => {
                let back = RollbackRequest {
                    plugin: "chameleon".to_owned(),
                    to: None,
                    by: "the test".to_owned(),
                    why: "back".to_owned(),
                };
                match job.rollback(back).await {
                    Ok(_) => report.rolled_back += 1,
                    Err(_) => report.refused += 1,
                }
                continue;
            }
            3 | 4 => (of(&BAD, at), chameleon(of(&BAD, at))),
            5 => (of(&GOOD, at), another(chameleon(of(&GOOD, at)))),
            _ => (of(&GOOD, at), chameleon(of(&GOOD, at))),
        };
        let request = SwapRequest {
            plugin: "chameleon".to_owned(),
            component: bytes.into(),
            signature: None,
            by: "the test".to_owned(),
            why: format!("version {version}"),
        };
        match job.swap(request).await {
            Ok(swap) => {
                note(swap.to, version);
                report.swapped += 1;
            }
            Err(_) => report.refused += 1,
        }
    }
    until_completed(&events, events.batches().len() + 5, &job).await;
    let swaps = job.swaps();
    stop.send_replace(true);
    report.rows = feeding.await.expect("it doesn't panic").expect("columns of the source, and room for them");
    job.stop(true).await.expect("nothing fails");
    report.went_back = swaps.iter().filter(|swap| swap.kind == SwapKind::Failure).count();
    count(&mut report, plan, &tags, &totals, &swaps, &versions.lock());
    let delays: Vec<Duration> = events
        .batches()
        .iter()
        .map(|batch| {
            let end = batch.processing_end_ms.unwrap_or(0) - batch.batch_time.0;
            Duration::from_millis(end.max(0).unsigned_abs())
        })
        .collect();
    report.batches = delays.len();
    let (calm, busy) = delays.split_at(plan.calm.min(delays.len()));
    (report.calm, report.calm_median) = longest(calm);
    (report.longest, report.median) = longest(busy);
    report
}

/// Returns once that many batches are completed; a job that ends before says why.
async fn until_completed(events: &Events, n_batches: usize, job: &RunningJob) {
    tokio::select! {
        () = events.until_completed(n_batches) => {}
        ended = job.await_termination() => panic!("the job has ended: {ended:?}"),
    }
}

fn longest(delays: &[Duration]) -> (Duration, Duration) {
    let mut delays = delays.to_vec();
    delays.sort();
    let last = delays.last().copied().unwrap_or_default();
    (last, delays.get(delays.len() / 2).copied().unwrap_or_default())
}

/// The columns of numbers of a record batch.
fn columns<const N: usize>(rows: &RecordBatch) -> impl Iterator<Item = [i64; N]> {
    let column = |idx: usize| rows.column(idx).as_primitive::<Int64Type>();
    (0..rows.num_rows()).map(move |row| std::array::from_fn(|idx| column(idx).value(row)))
}

fn count(
    report: &mut Report,
    plan: &Plan,
    tags: &Collected,
    totals: &Collected,
    swaps: &[SwapRecord],
    versions: &BTreeMap<Digest, i64>,
) {
    let mut seen = vec![0_i64; usize::try_from(report.rows).expect("a count")];
    let mut first = None;
    for batch in tags.commits() {
        // The last record before the batch was planned says with what it runs; a way back holds for planned ones, too.
        let mut now =
            first.get_or_insert(swaps.first().map(|swap| swap.from)).and_then(|of| versions.get(&of)).copied();
        let mut after = vec![];
        for swap in swaps {
            let planned_before = swap.after.is_none_or(|after| after < BatchTime(batch));
            if planned_before {
                now = versions.get(&swap.to).copied();
            } else if swap.planned_too {
                after.extend(versions.get(&swap.to).copied());
            }
        }
        let mut by = vec![];
        for [value, version] in tags.batches(batch).iter().flatten().flat_map(columns) {
            seen[usize::try_from(value).expect("a number that was put in")] += 1;
            by.push(version);
        }
        by.dedup();
        let known = by.len() <= 1 && by.iter().all(|version| now == Some(*version) || after.contains(version));
        report.mixed += usize::from(!known);
    }
    report.lost = seen.iter().filter(|times| **times == 0).count() as i64;
    report.twice = seen.iter().filter(|times| **times > 1).count() as i64;
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for batch in totals.commits() {
        for [key, sum, _] in totals.batches(batch).iter().flatten().flat_map(columns) {
            // Sums of numbers that aren't negative only grow.
            let last = sums.entry(key).or_default();
            *last = (*last).max(sum);
        }
    }
    let is_right = |(key, sum): (&i64, &i64)| (*key..report.rows).step_by(plan.keys as usize).sum::<i64>() == *sum;
    report.wrong_sums = sums.iter().filter(|of| !is_right(*of)).count() + (sums.len() != plan.keys as usize) as usize;
}

/// How long batches of a job take whose state is migrated: medians of those before and after, and the first after the swap.
#[derive(Debug, Clone, Copy)]
pub struct Migrated {
    /// Until the swap is recorded: most of it is the migration, beside batches.
    pub swap: Duration,
    pub before: Duration,
    pub boundary: Duration,
    pub after: Duration,
}

/// Migrate the state of so many keys while batches of so many rows go on.
///
/// # Panics
/// When the job fails.
pub async fn migrate(keys: i64, rows: i64, interval: Duration) -> Migrated {
    const BATCH: i64 = 1 << 20;
    let events = Events::default();
    let options = Options {
        cache: Some(repository().join(".cache/tests/components")),
        listeners: vec![Arc::new(events.clone())],
        ..Options::default()
    };
    let context = StreamingContext::with_options("migrated", interval, options);
    context.job(|job| (job.parallelism, job.memory) = (2, 12 << 30)).expect("not started");
    let mut plugin = plugin_definition("chameleon", ComponentSource::Bytes(chameleon(1).into()));
    plugin.limits.time = Duration::from_secs(20);
    context.add_plugin(plugin).expect("a name");
    let (_, queue) = context.queue_stream("input", number_schema()).expect("a name");
    let keyed = context.sql("keyed", "select value as key, value from input").expect("it fits");
    let totals = keyed.map_with_state("totals", &["key"], "chameleon/total").expect("it fits");
    let counted = totals.count("counted").expect("it fits");
    counted.write_to("counted", Arc::new(Collected::default())).expect("a name");
    let starts = (0..keys).step_by(BATCH as usize);
    let n_filling = starts.clone().count();
    for start in starts {
        let end = (start + BATCH).min(keys);
        let middle = start.midpoint(end);
        queue.push(vec![numbers(start..middle), numbers(middle..end)]).expect("columns of the source");
    }
    let job = context.start().await.expect("the job starts");
    events.until_completed(n_filling).await;
    let feeding = {
        let queue = queue.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(interval);
            for batch in 0.. {
                ticks.tick().await;
                let row = move |n: i64| (batch * rows + n) * 7919 % keys;
                let (first, second) = ((0..rows / 2).map(row), (rows / 2..rows).map(row));
                queue.push(vec![numbers(first), numbers(second)]).expect("columns of the source");
            }
        })
    };
    events.until_completed(n_filling + 20).await;
    let start = std::time::Instant::now();
    let request = SwapRequest {
        plugin: "chameleon".to_owned(),
        component: chameleon(5001).into(),
        signature: None,
        by: "the benchmark".to_owned(),
        why: "state of another version".to_owned(),
    };
    let swap = job.swap(request).await.expect("it fits");
    let took = start.elapsed();
    events.until_completed(events.batches().len() + 20).await;
    feeding.abort();
    job.stop(false).await.expect("nothing fails");
    let batches = events.batches();
    let of = |from: BatchTime, until: BatchTime| {
        let of = batches.iter().filter(|batch| from < batch.batch_time && batch.batch_time <= until);
        let mut delays: Vec<Duration> =
            of.filter_map(sluicebox::batch::listener::BatchInfo::processing_delay).collect();
        delays.sort();
        delays.get(delays.len() / 2).copied().unwrap_or_default()
    };
    let after = swap.after.expect("batches were planned");
    let filled = batches[n_filling - 1].batch_time;
    let next = batches.iter().map(|batch| batch.batch_time).find(|batch| *batch > after).expect("it went on");
    let last = BatchTime(i64::MAX);
    Migrated { swap: took, before: of(filled, after), boundary: of(after, next), after: of(next, last) }
}
