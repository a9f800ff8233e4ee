//! A job with an operator of `plugins/hostile`: what it is told to do wrong, and what becomes of the job.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::RecordBatch;
use sluicebox::batch::listener::BatchInfo;
use sluicebox::context::StreamRef;
use sluicebox::error::{Error, Result};
use sluicebox::job::definition::{ComponentSource, PluginDefinition};
use sluicebox::plugin::{Limits, Policy};

use crate::job::{Collected, TestJob};
use crate::plugins::component;
use crate::rows::{number_schema, numbers};

/// What became of a job.
#[derive(Debug)]
pub struct Outcome {
    /// Why it failed, if it did.
    pub error: Option<Error>,
    /// Its batches.
    pub batches: Vec<BatchInfo>,
    /// What it made.
    pub out: Collected,
}

impl Outcome {
    /// Why it failed.
    ///
    /// # Panics
    /// When it didn't.
    #[track_caller]
    pub fn message(&self) -> String {
        self.error.as_ref().expect("the job has failed").to_string()
    }

    /// Assert that the message has all these parts.
    ///
    /// # Panics
    /// When it lacks one.
    #[track_caller]
    pub fn says(&self, parts: &[&str]) {
        let message = self.message();
        for part in parts {
            assert!(message.contains(part), "no \"{part}\" in: {message}");
        }
    }

    /// Assert that a batch failed for good, and nothing of it was committed or is left.
    ///
    /// # Panics
    /// When it isn't so.
    #[track_caller]
    pub fn failed_after(&self, attempts: u32) {
        assert!(matches!(self.error, Some(Error::Failed(_))), "{:?}", self.error);
        assert_eq!(self.batches.len(), 1);
        assert!(self.batches[0].failure.is_some());
        assert_eq!(self.batches[0].attempts, attempts, "{}", self.message());
        assert!(self.out.commits().is_empty());
        assert_eq!(self.out.left_over(), 0);
    }
}

/// Limits under which what a hostile operator does ends soon.
#[must_use]
pub fn tight() -> Limits {
    let (time, grants) = (Duration::from_millis(50), Default::default());
    Limits { memory: 8 << 20, table_elements: 1000, time, output: 1 << 20, grants, ..Limits::default() }
}

/// A plugin with limits and configuration.
#[must_use]
pub fn plugin(name: &str, component: ComponentSource, limits: Limits, config: &str) -> PluginDefinition {
    PluginDefinition {
        name: name.to_owned(),
        component,
        digest: None,
        signature: None,
        limits,
        on_reject: Policy::Fail,
        on_error: Default::default(),
        config: config.to_owned(),
        place: Default::default(),
    }
}

/// The operator of a plugin on a stream, under the operation that it is for.
///
/// # Errors
/// As the operation.
pub fn apply(input: &StreamRef, plugin: &str, operator: &str) -> Result<StreamRef> {
    let with = format!("{plugin}/{operator}");
    match operator {
        "map" => input.map("made", &with),
        "flat-map" => input.flat_map("made", &with),
        "filter" => input.filter("made", &with),
        "map-partitions" => input.map_partitions("made", &with),
        "update" => input.update_state_by_key("made", &["value"], &with),
        "with-state" => input.map_with_state("made", &["value"], &with),
        _ => input.reduce("made", &with),
    }
}

/// Run one batch of two partitions, 1 to 3 and 4 to 6, through an operator of the plugin `hostile` with these limits.
pub async fn run(operator: &str, config: &str, limits: Limits) -> Outcome {
    run_plugin(plugin("hostile", ComponentSource::File(component("hostile")), limits, config), operator).await
}

/// The same with any plugin.
///
/// # Panics
/// When the job can't be built.
pub async fn run_plugin(plugin: PluginDefinition, operator: &str) -> Outcome {
    run_in(TestJob::new(), plugin, operator).await
}

/// The same in a job with options of its own.
///
/// # Panics
/// When the job can't be built.
pub async fn run_in(job: TestJob, plugin: PluginDefinition, operator: &str) -> Outcome {
    let name = plugin.name.clone();
    job.context.add_plugin(plugin).expect("a free name");
    let (input, queue) = job.context.queue_stream("input", number_schema()).expect("a free name");
    let out = Collected::default();
    let made = apply(&input, &name, operator).expect("a free name");
    made.write_to("out", Arc::new(out.clone())).expect("a free name");
    queue.push(vec![numbers([1, 2, 3]), numbers([4, 5, 6])]).expect("rows of the queue");
    let events = job.events.clone();
    let error = job.run(1).await.err();
    Outcome { error, batches: events.batches(), out }
}

/// Run one batch of two partitions, 1 to 3 and 4 to 6, into the sink of the plugin `hostile`. What the batch made otherwise is in `out`, which comes first.
///
/// # Panics
/// When the job can't be built.
pub async fn run_sink(config: &str, limits: Limits) -> Outcome {
    let job = TestJob::new();
    let hostile = plugin("hostile", ComponentSource::File(component("hostile")), limits, config);
    job.context.add_plugin(hostile).expect("a free name");
    let (input, queue) = job.context.queue_stream("input", number_schema()).expect("a free name");
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).expect("a free name");
    input.write_with("away", "hostile/outlet").expect("a free name");
    queue.push(vec![numbers([1, 2, 3]), numbers([4, 5, 6])]).expect("rows of the queue");
    let events = job.events.clone();
    let error = job.run(1).await.err();
    Outcome { error, batches: events.batches(), out }
}

/// Run a batch of each of these rows, whose numbers are keys, through an operator of the plugin `hostile` that keeps state, in one partition.
///
/// # Panics
/// When the job can't be built.
pub async fn run_keys(operator: &str, config: &str, limits: Limits, batches: Vec<RecordBatch>) -> Outcome {
    let job = TestJob::new();
    job.context.job(|job| job.parallelism = 1).expect("not started");
    let hostile = ComponentSource::File(component("hostile"));
    job.context.add_plugin(plugin("hostile", hostile, limits, config)).expect("a free name");
    let (input, queue) = job.context.queue_stream("input", number_schema()).expect("a free name");
    let out = Collected::default();
    let made = apply(&input, "hostile", operator).expect("a free name");
    made.write_to("out", Arc::new(out.clone())).expect("a free name");
    let n_batches = batches.len();
    batches.into_iter().for_each(|rows| queue.push(vec![rows]).expect("rows of the queue"));
    let events = job.events.clone();
    let error = job.run(n_batches).await.err();
    Outcome { error, batches: events.batches(), out }
}
