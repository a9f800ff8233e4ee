//! Starting, stopping, failing; what listeners are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::batch::listener::{Event, Listener};
use sluicebox::batch::log::{BatchLog, MemoryLog, Record};
use sluicebox::clock::BatchTime;
use sluicebox::context::State;
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::{Error, Result};
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox_tests::job::{Collected, SECOND, TestJob};
use sluicebox_tests::rows::{number_schema, numbers};

#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_works_on_what_was_received() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    let job = job.start().await.unwrap();
    for n in 0..3 {
        queue.push(vec![numbers([n])]).unwrap();
    }
    job.job.stop(true).await.unwrap();
    let rows: Vec<String> = out.commits().into_iter().flat_map(|batch| out.rows(batch)).collect();
    assert_eq!(rows, ["0", "1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_plan_result_and_done_of_each_batch_in_order() {
    let log = Arc::new(MemoryLog::default());
    let job = TestJob::with(|options| options.log = Some(log.clone()));
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.write_to("out", Arc::new(Collected::default())).unwrap();
    queue.push(vec![numbers([1])]).unwrap();
    job.run(2).await.unwrap();
    let names = log.read().await.unwrap().into_iter().map(|record| match record {
        Record::Term { term } => format!("term {term}"),
        Record::Plan(plan) => format!("plan {}", plan.batch),
        Record::Result(result) => format!("result {} attempt {}", result.batch, result.attempt),
        Record::Done { batch } => format!("done {batch}"),
        Record::Swap(swap) => format!("swap {}", swap.plugin),
        Record::Apply(_) => "apply".to_owned(),
        Record::Base(_) => "base".to_owned(),
    });
    let expected =
        ["plan 1000", "result 1000 attempt 0", "done 1000", "plan 2000", "result 2000 attempt 0", "done 2000"];
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_get_sparks_events_in_order() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.write_to("out", Arc::new(Collected::default())).unwrap();
    queue.push(vec![numbers([1, 2]), numbers([3])]).unwrap();
    let events = job.run(1).await.unwrap();
    let names: Vec<&str> = events
        .all()
        .iter()
        .map(|event| match event {
            Event::StreamingStarted { .. } => "streaming started",
            Event::BatchSubmitted(_) => "batch submitted",
            Event::BatchStarted(_) => "batch started",
            Event::BatchCompleted(_) => "batch completed",
            Event::OutputOperationStarted(_) => "output started",
            Event::OutputOperationCompleted(_) => "output completed",
            Event::TableError { .. } => "table error",
            Event::BroadcastError { .. } => "broadcast error",
            Event::Swapped(_) => "swapped",
            Event::Applied(_) => "applied",
            Event::ReceiverStarted(_) => "receiver started",
            Event::ReceiverError(_) => "receiver error",
            Event::ReceiverStopped(_) => "receiver stopped",
            Event::OutputError { .. } => "output error",
        })
        .collect();
    let expected = [
        "receiver started",
        "streaming started",
        "batch submitted",
        "batch started",
        "output started",
        "output completed",
        "batch completed",
        "receiver stopped",
    ];
    assert_eq!(names, expected);
    let batch = &events.batches()[0];
    assert_eq!((batch.batch_time, batch.num_records(), batch.outputs[0].rows), (BatchTime(1000), 3, 3));
}

/// Fails to write, as often as it is told.
#[derive(Debug)]
struct Broken;

#[async_trait::async_trait]
impl Sink for Broken {
    fn bind(&self, _: &SchemaRef) -> Result<()> {
        Ok(())
    }

    async fn write(&self, _: WriteId, _: SendableRecordBatchStream) -> Result<Staged> {
        Err(Error::failed("the printer is on fire"))
    }

    async fn commit(&self, _: BatchTime, _: &[Staged]) -> Result<()> {
        unreachable!("nothing was staged")
    }

    async fn abort(&self, _: &[Staged]) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_output_commits_nothing_of_its_batch() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    input.write_to("broken", Arc::new(Broken)).unwrap();
    queue.push(vec![numbers([1])]).unwrap();
    let error = job.run(1).await.unwrap_err().to_string();
    assert!(
        error.contains("batch 1000") && error.contains("\"broken\"") && error.contains("the printer is on fire"),
        "{error}"
    );
    assert!(out.commits().is_empty());
    assert_eq!(out.left_over(), 0, "what was staged is aborted");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_with_a_timeout_says_whether_the_job_has_stopped() {
    let job = TestJob::new();
    let (input, _queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.write_to("out", Arc::new(Collected::default())).unwrap();
    let job = job.start().await.unwrap();
    assert!(!job.job.await_termination_or_timeout(Duration::from_millis(10)).await.unwrap());
    job.job.stop(false).await.unwrap();
    assert!(job.job.await_termination_or_timeout(SECOND).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_used_once_and_a_job_needs_an_output() {
    let job = TestJob::new();
    let (input, _queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let twice = job.context.queue_stream("input", number_schema()).unwrap_err();
    assert_eq!(twice.to_string(), "there is a stream \"input\" already");
    assert!(input.map("mapped", "no-slash").unwrap_err().to_string().contains("PLUGIN/operator"));
    let error = job.start().await.unwrap_err().to_string();
    assert!(error.contains("no output"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_initialized_then_active_then_stopped_and_listeners_come_and_go() {
    let mut job = TestJob::new();
    assert_eq!(job.context.state(), State::Initialized);
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    input.write_to("out", Arc::new(Collected::default())).unwrap();
    let counted = |counter: &Arc<AtomicUsize>| -> Arc<dyn Listener> {
        let counter = counter.clone();
        Arc::new(move |event: &Event| {
            if matches!(event, Event::BatchCompleted(_)) {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let (first, second) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (of_first, of_second) = (counted(&first), counted(&second));
    job.context.add_listener(of_first.clone());
    let mut job = job.start().await.unwrap();
    assert_eq!(job.job.state(), State::Active);
    let late = input.count("late").unwrap_err().to_string();
    assert!(late.contains("adding streams, plugins and outputs after the start is not possible"), "{late}");
    queue.push(vec![numbers([1])]).unwrap();
    job.batch().await.unwrap();
    job.job.add_listener(of_second.clone());
    assert!(job.job.remove_listener(&of_first));
    assert!(!job.job.remove_listener(&of_first));
    job.batch().await.unwrap();
    job.job.stop(true).await.unwrap();
    assert_eq!(job.job.state(), State::Stopped);
    assert_eq!((first.load(Ordering::SeqCst), second.load(Ordering::SeqCst)), (1, 1));
    // Stopping again changes nothing.
    job.job.stop(false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_job_plans_nothing_and_then_one_batch_of_all_that_came() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    let (clock, events) = (job.clock.clone(), job.events.clone());
    let mut job = job.start().await.unwrap();
    job.batch().await.unwrap();
    assert!(job.job.pause() && !job.job.pause());
    assert_eq!(job.job.state(), State::Paused);
    queue.push(vec![numbers([1])]).unwrap();
    queue.push(vec![numbers([2])]).unwrap();
    clock.advance_to(4500);
    assert!(job.job.resume() && !job.job.resume());
    assert_eq!(job.job.state(), State::Active);
    events.completed(2).await;
    // The times 2, 3 and 4 s are one batch.
    let batches: Vec<i64> = events.batches().iter().map(|batch| batch.batch_time.0).collect();
    assert_eq!(batches, [1000, 4000]);
    assert!(events.batches()[1].submission_time_ms >= 4500);
    job.job.stop(true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_job_can_be_stopped() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    let job = job.start().await.unwrap();
    job.job.pause();
    queue.push(vec![numbers([1])]).unwrap();
    job.clock.advance(SECOND);
    job.job.stop(true).await.unwrap();
    assert_eq!(out.commits().into_iter().flat_map(|batch| out.rows(batch)).collect::<Vec<_>>(), ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_after_planned_batches_leaves_the_rest_alone() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![numbers([1])]).unwrap();
    let mut job = job.start().await.unwrap();
    job.batch().await.unwrap();
    queue.push(vec![numbers([2])]).unwrap();
    job.job.request_stop_after_planned();
    job.job.await_termination().await.unwrap();
    assert_eq!(out.commits(), [1000]);
}
