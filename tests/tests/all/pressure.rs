//! A job that is sent more than it can do: its sources are slowed, it catches up, and nothing is lost.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::batch::listener::{BatchInfo, Event};
use sluicebox::clock::{BatchTime, SystemClock};
use sluicebox::context::StreamRef;
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::Result;
use sluicebox::job::definition::ComponentSource;
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox::plugin::Limits;
use sluicebox::receiver::rate::RateLimits;
use sluicebox::testing::PATIENCE;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, Held, SECOND, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{number_schema, numbers};
use sluicebox_tests::server::Server;

/// A sink that needs a fixed time for each row.
#[derive(Debug)]
struct Slow {
    out: Collected,
    for_a_row: Duration,
}

#[async_trait::async_trait]
impl Sink for Slow {
    fn bind(&self, schema: &SchemaRef) -> Result<()> {
        self.out.bind(schema)
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        self.out.write(id, rows).await
    }

    async fn commit(&self, batch: BatchTime, staged: &[Staged]) -> Result<()> {
        let rows: u64 = staged.iter().map(|staged| staged.rows).sum();
        tokio::time::sleep(self.for_a_row * u32::try_from(rows).unwrap()).await;
        self.out.commit(batch, staged).await
    }

    async fn abort(&self, staged: &[Staged]) -> Result<()> {
        self.out.abort(staged).await
    }
}

/// Batches are as long as this.
const INTERVAL: Duration = Duration::from_millis(100);
/// The sink can do so many rows a second.
const CAPACITY: u64 = 10_000;
/// So long it is sent ten times as many.
const SPIKE: Duration = Duration::from_millis(300);
/// Long enough that the system's buffers hold few lines.
const LINE: usize = 2000;

/// Send numbered lines, `per_second` of them for `time`, as far as the receiver takes them in so fast; the next number.
fn offer(peer: &mut TcpStream, first: u64, per_second: u64, time: Duration) -> u64 {
    let (started, steps) = (Instant::now(), u64::try_from(time.as_millis() / 10).unwrap());
    let mut next = first;
    for step in 1..=steps {
        let until = first + per_second * step / 100;
        let lines: String = (next..until).map(|n| format!("{n:0LINE$}\n")).collect();
        peer.write_all(lines.as_bytes()).unwrap();
        next = until;
        if let Some(early) = Duration::from_millis(10 * step).checked_sub(started.elapsed()) {
            std::thread::sleep(early);
        }
    }
    next
}

/// Send them for as long as it takes, a minute at most.
fn offer_until(peer: &mut TcpStream, first: u64, per_second: u64, is_enough: impl Fn() -> bool) -> u64 {
    let (started, mut next) = (Instant::now(), first);
    while !is_enough() {
        assert!(started.elapsed() < PATIENCE, "it doesn't come about");
        next = offer(peer, next, per_second, INTERVAL);
    }
    next
}

/// What batches there are when a job is sent half of what it can do, ten times that, and half again; and how long the second part took its sender. The first part lasts until the source has been told a rate, if it ever is,
/// and the third until batches come in time again: however busy the machine is, the receiver then takes in no more than that rate, which is below what the sink can do.
async fn spike(backpressure: bool) -> (Vec<BatchInfo>, Duration) {
    let job = TestJob::with(|options| (options.clock, options.drain) = (Arc::new(SystemClock), true));
    job.context
        .job(|job| {
            (job.batch_interval, job.block_interval) = (INTERVAL, INTERVAL / 2);
            if !backpressure {
                job.backpressure = None;
            }
        })
        .unwrap();
    let server = Server::new().unwrap();
    let lines = job.context.socket_text_stream("lines", &server.address().to_string()).unwrap();
    let out = Collected::default();
    let slow = Slow { out: out.clone(), for_a_row: SECOND / u32::try_from(CAPACITY).unwrap() };
    lines.write_to("slow", Arc::new(slow)).unwrap();
    let job = job.start().await.unwrap();
    let with_rows = {
        let events = job.events.clone();
        move || -> Vec<BatchInfo> { events.batches().into_iter().filter(|batch| batch.num_records() > 0).collect() }
    };
    let sending = tokio::task::spawn_blocking(move || {
        let mut peer = server.accept().unwrap();
        let first = offer_until(&mut peer, 0, CAPACITY / 2, || {
            with_rows().last().is_some_and(|batch| !backpressure || batch.inputs[0].rate.is_some())
        });
        let since = Instant::now();
        let second = offer(&mut peer, first, 10 * CAPACITY, SPIKE);
        let (took, n_batches) = (since.elapsed(), with_rows().len());
        let last = offer_until(&mut peer, second, CAPACITY / 2, || {
            let since = &with_rows()[n_batches..];
            let in_time = |batch: &BatchInfo| !backpressure || batch.scheduling_delay().unwrap() <= 2 * INTERVAL;
            since.len() >= 3 && since[since.len() - 3..].iter().all(in_time)
        });
        (last, took)
    });
    let (n_sent, took) = sending.await.unwrap();
    job.job.await_termination().await.unwrap();
    let rows: Vec<String> = out.commits().into_iter().flat_map(|batch| out.rows(batch)).collect();
    let numbers: Vec<u64> = rows.iter().map(|row| row.parse().unwrap()).collect();
    assert_eq!(numbers, (0..n_sent).collect::<Vec<_>>(), "each once, in order");
    (job.events.batches(), took)
}

fn longest_delay(batches: &[BatchInfo]) -> Duration {
    batches.iter().filter_map(BatchInfo::scheduling_delay).max().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spike_of_ten_times_the_capacity_is_held_back_and_passes() {
    let (with, took) = spike(true).await;
    let told: Vec<_> =
        with.iter().map(|batch| (batch.scheduling_delay(), batch.inputs[0].rows, batch.inputs[0].rate)).collect();
    // The spike is 3 s of work, of which the system's buffers took some.
    assert!(took > SPIKE + SECOND, "its sender needed {took:?}: {told:?}");
    // Twice the capacity, of a time in which the estimate was learned.
    let limits: Vec<f64> = with.iter().filter_map(|batch| batch.inputs[0].rate).collect();
    assert!(limits.iter().all(|rate| *rate <= 1.5 * CAPACITY as f64), "{told:?}");

    let (without, _) = spike(false).await;
    assert!(without.iter().all(|batch| batch.inputs[0].rate.is_none()));
    let (with, without) = (longest_delay(&with), longest_delay(&without));
    assert!(2 * with < without, "the longest scheduling delay was {with:?}, and {without:?} without backpressure");
}

/// Run batches of a second on a manual clock until there are so many rows; how many each batch had, and the rows.
async fn batches_of(job: TestJob, stream: StreamRef, n_rows: usize, limits: RateLimits) -> (Vec<usize>, Vec<String>) {
    let out = Collected::default();
    stream.with_rates(limits).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    let mut job = job.start().await.unwrap();
    let rows = || out.commits().into_iter().map(|batch| out.rows(batch)).collect::<Vec<_>>();
    let since = Instant::now();
    while rows().concat().len() < n_rows {
        assert!(since.elapsed() < Duration::from_secs(60), "{:?}", rows());
        job.batch().await.unwrap();
        assert_eq!(job.events.batches().last().unwrap().inputs[0].rate, limits.first());
    }
    job.job.stop(true).await.unwrap();
    (rows().iter().map(Vec::len).collect(), rows().concat())
}

/// Batches of a second whose clock moves by seconds: a block interval's worth of rows comes with each, and a socket may owe some.
fn assert_no_faster(batches: &[usize]) {
    let sums = batches.iter().scan(0, |sum, n_rows| {
        *sum += n_rows;
        Some(*sum)
    });
    for (n, sum) in (1..).zip(sums) {
        assert!(sum <= 20 * (n + 1) + 10, "{batches:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_read_no_faster_than_it_may_be() {
    for limits in
        [RateLimits { max: Some(100), initial: None }, RateLimits { max: Some(1_000_000), initial: Some(100) }]
    {
        let (job, server) = (TestJob::new(), Server::new().unwrap());
        let lines = job.context.socket_text_stream("lines", &server.address().to_string()).unwrap();
        let text: String = (0..300).map(|n| format!("{n}\n")).collect();
        let serving = std::thread::spawn(move || {
            let mut peer = server.accept().unwrap();
            peer.write_all(text.as_bytes()).unwrap();
            peer
        });
        let (batches, rows) = batches_of(job, lines, 300, limits).await;
        drop(serving.join().unwrap());
        assert_no_faster(&batches);
        assert_eq!(rows, (0..300).map(|n| n.to_string()).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_of_plugins_are_asked_for_no_more_than_may_be() {
    let job = TestJob::new();
    let kitchen = plugin("kitchen", ComponentSource::File(component("kitchen")), Limits::default(), r#"{"end": 300}"#);
    job.context.add_plugin(kitchen).unwrap();
    let numbers = job.context.receiver_stream("numbers", "kitchen/counting").unwrap();
    let (batches, rows) = batches_of(job, numbers, 300, RateLimits { max: Some(100), initial: None }).await;
    assert_no_faster(&batches);
    assert_eq!(rows, (0..300).map(|n| format!("{n} 0")).collect::<Vec<_>>());
}

/// On one thread, so that whoever is woken by the clock has its turn when the test gives up its own.
#[tokio::test]
async fn no_more_batches_wait_than_may() {
    let job = TestJob::new();
    job.context.job(|job| job.max_waiting_batches = 2).unwrap();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    let (held, open) = Held::new(out.clone());
    input.write_to("out", Arc::new(held)).unwrap();
    for n in 0..10 {
        queue.push(vec![numbers([n])]).unwrap();
    }
    let job = job.start().await.unwrap();
    // One runs, two wait; at the next batch time there is no room, and the times after it are left out.
    for batch in [1000, 2000, 3000] {
        job.clock.advance_to(batch);
        job.events.submitted(batch).await;
    }
    job.clock.advance_to(7500);
    // The job sees that its queue is full before any of it can run.
    tokio::task::yield_now().await;
    // A stop comes after what could be planned, and finds what couldn't.
    open.send_replace(true);
    job.events.submitted(7000).await;
    job.job.stop(true).await.unwrap();
    let planned =
        |event: &Event| if let Event::BatchSubmitted(batch) = event { Some(batch.batch_time.0) } else { None };
    let planned: Vec<i64> = job.events.all().iter().filter_map(planned).collect();
    assert_eq!(planned[..4], [1000, 2000, 3000, 7000]);
    let rows: Vec<String> = out.commits().into_iter().flat_map(|batch| out.rows(batch)).collect();
    assert_eq!(rows, (0..10).map(|n| n.to_string()).collect::<Vec<_>>());
}
