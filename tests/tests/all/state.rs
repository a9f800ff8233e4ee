//! Keyed state: what update-state-by-key and map-with-state do in each batch, as Spark Streaming defines it; what a batch that runs again finds; and bounds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use parking_lot::Mutex;
use sluicebox::arrow::array::RecordBatch;
use sluicebox::arrow::datatypes::SchemaRef;
use sluicebox::clock::BatchTime;
use sluicebox::context::StreamRef;
use sluicebox::datafusion::physical_plan::SendableRecordBatchStream;
use sluicebox::error::{Error, Result};
use sluicebox::job::definition::{ComponentSource, OperatorName, StatefulDefinition, UpdateDefinition};
use sluicebox::output::{Sink, Staged, WriteId};
use sluicebox::plugin::{Limits, StateKind};
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, Events, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{pair_schema, pairs, show, text_pair_schema, text_pairs};

/// A batch: partitions of pairs.
type Numbers<'a> = &'a [&'a [(&'a str, i64)]];
type Texts<'a> = &'a [&'a [(&'a str, &'a str)]];

fn of_numbers(batch: Numbers<'_>) -> Vec<RecordBatch> {
    batch.iter().map(|rows| pairs(rows)).collect()
}

fn of_texts(batch: Texts<'_>) -> Vec<RecordBatch> {
    let text = |rows: &&[(&str, &str)]| {
        text_pairs(&rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
    };
    batch.iter().map(text).collect()
}

/// Run an operation on batches; what came of the job, too.
async fn try_ran(
    job: TestJob,
    batches: Vec<Vec<RecordBatch>>,
    operation: impl FnOnce(&StreamRef) -> Result<StreamRef>,
) -> (Collected, Events, Option<Error>) {
    let schema = batches.iter().flatten().next().map_or_else(pair_schema, RecordBatch::schema);
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", schema).unwrap();
    let out = Collected::default();
    operation(&input).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    let n_batches = batches.len();
    for partitions in batches {
        queue.push(partitions).unwrap();
    }
    let events = job.events.clone();
    let error = job.run(n_batches).await.err();
    (out, events, error)
}

async fn ran(batches: Vec<Vec<RecordBatch>>, operation: impl FnOnce(&StreamRef) -> Result<StreamRef>) -> Collected {
    let (out, _, error) = try_ran(TestJob::new(), batches, operation).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(out.left_over(), 0);
    out
}

fn operator(name: &str) -> UpdateDefinition {
    let (plugin, operator) = name.split_once('/').unwrap();
    UpdateDefinition::Operator(OperatorName {
        plugin: plugin.to_owned(),
        operator: operator.to_owned(),
        columns: None,
        overrides: Default::default(),
    })
}

/// What kitchen's `obey` saw in each batch, with such a definition.
async fn obeyed(batches: &[Texts<'_>], change: impl FnOnce(&mut StatefulDefinition)) -> Vec<Vec<String>> {
    let mut of = StatefulDefinition::new(&["key"], operator("kitchen/obey"));
    change(&mut of);
    let batches: Vec<_> = batches.iter().map(|batch| of_texts(batch)).collect();
    let n_batches = batches.len();
    let mut batches = batches;
    if batches.iter().all(Vec::is_empty) {
        batches[0] = vec![RecordBatch::new_empty(text_pair_schema())];
    }
    let out = ran(batches, |input| input.keyed_state("made", StateKind::MapWithState, of)).await;
    (1..=n_batches as i64).map(|batch| out.sorted(batch * 1000)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn update_state_by_key_keeps_a_sum_and_removes_keys() {
    let batches: [Numbers<'_>; 5] = [
        &[&[("a", 1), ("b", 2)], &[("a", 3)]],
        &[&[("c", 5)]],
        &[],
        &[&[("a", 0), ("b", 1)]],
        &[&[("a", 7), ("d", 0)]],
    ];
    let batches = batches.iter().map(|batch| of_numbers(batch)).collect();
    let out = ran(batches, |input| input.update_state_by_key("totals", &["key"], "kitchen/total")).await;
    assert_eq!(out.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["key", "total"]);
    assert_eq!(out.sorted(1000), ["a 4", "b 2"]);
    assert_eq!(out.sorted(2000), ["a 4", "b 2", "c 5"]);
    assert_eq!(out.sorted(3000), ["a 4", "b 2", "c 5"], "every known key in every batch, with values or without");
    assert_eq!(out.sorted(4000), ["b 3", "c 5"]);
    assert_eq!(
        out.sorted(5000),
        ["a 7", "b 3", "c 5"],
        "a key that was removed begins anew; one without state has no row"
    );
}

/// `history` appends a key's values, and counts its calls in hundreds, plus the seconds of the batch's time.
#[tokio::test(flavor = "multi_thread")]
async fn every_known_key_is_called_in_every_batch_with_its_values_in_order_and_the_batch_time() {
    let batches: [Texts<'_>; 3] =
        [&[&[("k", "a"), ("l", "x"), ("k", "b")], &[("k", "c")], &[("k", "d")]], &[], &[&[("k", "e")]]];
    let batches = batches.iter().map(|batch| of_texts(batch)).collect();
    let job = TestJob::new();
    let (out, events, error) =
        try_ran(job, batches, |input| input.update_state_by_key("all", &["key"], "kitchen/history")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(out.sorted(1000), ["k abcd 1", "l x 1"]);
    assert_eq!(out.sorted(2000), ["k abcd 102", "l x 102"]);
    assert_eq!(out.sorted(3000), ["k abcde 10203", "l x 10203"]);
    let calls = |batch: usize| events.batches()[batch].report.operators.values().next().unwrap().counters["calls"];
    assert_eq!([calls(0), calls(1), calls(2)], [2, 2, 2], "once a key and batch, counted from the guest");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_own_updates_fold_all_there_ever_was() {
    let batches: [Numbers<'_>; 3] = [&[&[("a", 5), ("b", -2)], &[("a", 3)]], &[], &[&[("a", 4)]]];
    for (with, expected) in [
        ("count", [vec!["a 2", "b 1"], vec!["a 3", "b 1"]]),
        ("sum", [vec!["a 8", "b -2"], vec!["a 12", "b -2"]]),
        ("min", [vec!["a 3", "b -2"], vec!["a 3", "b -2"]]),
        ("max", [vec!["a 5", "b -2"], vec!["a 5", "b -2"]]),
    ] {
        let batches = batches.iter().map(|batch| of_numbers(batch)).collect();
        let out = ran(batches, |input| input.update_state_by_key("all", &["key"], with)).await;
        assert_eq!(out.sorted(1000), expected[0], "{with}");
        assert_eq!(out.sorted(2000), expected[0], "{with}");
        assert_eq!(out.sorted(3000), expected[1], "{with}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn map_with_state_sees_values_one_by_one_and_emits_as_it_likes() {
    let first: Texts<'_> =
        &[&[("k", "look"), ("k", "set x"), ("k", "look")], &[("l", "set y"), ("k", "remove"), ("k", "look")]];
    let seen = obeyed(&[first, &[], &[&[("l", "look"), ("k", "look")]]], |_| {}).await;
    assert_eq!(
        seen[0],
        [
            "k: look with none",
            "k: look with none",
            "k: look with x",
            "k: remove with x",
            "k: set x with none",
            "l: set y with none"
        ]
    );
    assert!(seen[1].is_empty(), "only keys with values are called");
    assert_eq!(seen[2], ["k: look with none", "l: look with y"]);
}

/// Times are of batches, a second apart: a key times out when its last refresh is before the batch's time less the timeout, and not at it.
#[tokio::test(flavor = "multi_thread")]
async fn keys_time_out_in_the_first_batch_after_their_time() {
    let start: Texts<'_> = &[&[("k", "set x"), ("l", "set y"), ("none", "look")]];
    let timeout = |of: &mut StatefulDefinition| of.timeout = Some(Duration::from_secs(2));
    let seen = obeyed(&[start, &[], &[&[("l", "look")]], &[], &[], &[], &[&[("k", "look")]]], timeout).await;
    assert!(seen[1].is_empty());
    assert_eq!(seen[2], ["l: look with y"], "two seconds are not more than two");
    assert_eq!(seen[3], ["k is over", "k: nothing with x"]);
    assert!(seen[4].is_empty(), "a value refreshes a key that has state, also when it doesn't change it");
    assert_eq!(seen[5], ["l is over", "l: nothing with y"]);
    assert_eq!(seen[6], ["k: look with none"], "its state is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_in_the_batch_in_which_a_key_would_time_out_saves_it() {
    let timeout = |of: &mut StatefulDefinition| of.timeout = Some(Duration::from_millis(500));
    let seen = obeyed(&[&[&[("k", "set x")]], &[&[("k", "look")]], &[], &[]], timeout).await;
    assert_eq!(
        [&seen[1][..], &seen[2][..], &seen[3][..]],
        [&["k: look with x".to_owned()][..], &["k is over".to_owned(), "k: nothing with x".to_owned()], &[]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn state_that_lives_for_a_time_goes_without_a_call() {
    let to_live = |of: &mut StatefulDefinition| of.time_to_live = Some(Duration::from_secs(1));
    let seen = obeyed(
        &[&[&[("k", "set x"), ("l", "set y")]], &[&[("l", "look")]], &[], &[&[("k", "look"), ("l", "look")]]],
        to_live,
    )
    .await;
    assert!(seen[2].is_empty());
    assert_eq!(
        seen[3],
        ["k: look with none", "l: look with y"],
        "a value in time saves a key, and in the batch itself"
    );

    let mut of = StatefulDefinition::new(&["key"], operator("kitchen/total"));
    of.time_to_live = Some(Duration::from_secs(1));
    let batches: [Numbers<'_>; 4] = [&[&[("a", 1), ("b", 1)]], &[&[("b", 1)]], &[], &[]];
    let batches = batches.iter().map(|batch| of_numbers(batch)).collect();
    let out = ran(batches, |input| input.keyed_state("made", StateKind::UpdateStateByKey, of)).await;
    let rows: Vec<_> = [1000, 2000, 3000, 4000].iter().map(|batch| out.sorted(*batch)).collect();
    assert_eq!(rows, [vec!["a 1", "b 1"], vec!["a 1", "b 2"], vec!["b 2"], vec![]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sparks_handle_refuses_ends_the_job_with_a_message() {
    let wrong = |batches: Vec<Texts<'static>>| async move {
        let batches = batches.iter().map(|batch| of_texts(batch)).collect();
        let mut of = StatefulDefinition::new(&["key"], operator("kitchen/obey"));
        of.timeout = Some(Duration::from_millis(1));
        let (_, _, error) =
            try_ran(TestJob::new(), batches, |input| input.keyed_state("made", StateKind::MapWithState, of)).await;
        error.unwrap().to_string()
    };
    let twice = wrong(vec![&[&[("k", "set x"), ("k", "remove twice")]]]).await;
    assert!(twice.contains("state that was removed in this call can't be removed"), "{twice}");
    let again = wrong(vec![&[&[("k", "remove and set")]]]).await;
    assert!(again.contains("state that was removed in this call can't be updated"), "{again}");
    let late = wrong(vec![&[&[("k", "set stubborn")]], &[]]).await;
    assert!(late.contains("state of a key that times out can't be updated: it is removed after this call"), "{late}");
    for part in ["plugin kitchen, operator obey, stream made, batch 2000, partition ", "in state.update"] {
        assert!(late.contains(part), "no {part} in: {late}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_several_columns_and_state_of_several_by_name() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (_, queue) = job.context.queue_stream("input", text_pair_schema()).unwrap();
    let placed = job
        .context
        .sql("placed", "select 'x' || key as x, length(value)::bigint as y, value as who, 1 as other from input")
        .unwrap();
    let visits = placed.update_state_by_key("visits", &["x", "y"], "kitchen/visits").unwrap();
    let out = Collected::default();
    visits.write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(of_texts(&[&[("a", "Ada"), ("a", "Bob"), ("b", "Ada"), ("a", "Grace")]])).unwrap();
    queue.push(of_texts(&[&[("a", "Eve")]])).unwrap();
    job.run(2).await.unwrap();
    let names: Vec<_> = out.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["x", "y", "visits", "last"]);
    assert_eq!(out.sorted(1000), ["xa 3 2 Bob at xa3", "xa 5 1 Grace at xa5", "xb 3 1 Ada at xb3"]);
    assert_eq!(out.sorted(2000), ["xa 3 3 Eve at xa3", "xa 5 1 Grace at xa5", "xb 3 1 Ada at xb3"]);
}

/// What each attempt at a batch writes.
#[derive(Debug, Clone, Default)]
struct Attempts(Arc<Mutex<BTreeMap<u32, Vec<String>>>>);

#[async_trait::async_trait]
impl Sink for Attempts {
    fn bind(&self, _: &SchemaRef) -> Result<()> {
        Ok(())
    }

    async fn write(&self, id: WriteId, rows: SendableRecordBatchStream) -> Result<Staged> {
        let rows: Vec<RecordBatch> = rows.try_collect().await.map_err(Error::failed)?;
        self.0.lock().entry(id.attempt).or_default().extend(rows.iter().flat_map(show));
        Ok(Staged { id, rows: 0, committable: Default::default() })
    }

    async fn commit(&self, _: BatchTime, _: &[Staged]) -> Result<()> {
        Ok(())
    }

    async fn abort(&self, _: &[Staged]) -> Result<()> {
        Ok(())
    }
}

/// The batch fails after its state was worked on, in another output.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_runs_again_begins_with_the_same_state() {
    let job = TestJob::new();
    let limits = Limits { time: Duration::from_millis(20), ..Limits::default() };
    let hostile = ComponentSource::File(component("hostile"));
    // Its rows are gone when a map-partitions finishes, so that the whole batch is run again.
    job.context.add_plugin(plugin("hostile", hostile, limits, r#"{"act": "loop", "in": "finish"}"#)).unwrap();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let totals = input.update_state_by_key("totals", &["key"], "sum").unwrap();
    let (written, all) = (Attempts::default(), Attempts::default());
    totals.write_to("out", Arc::new(written.clone())).unwrap();
    totals.state_snapshots("all").unwrap().write_to("all", Arc::new(all.clone())).unwrap();
    let values = job.context.sql("values", "select value from totals").unwrap();
    values.map_partitions("checked", "hostile/map-partitions").unwrap().print("late", 1).unwrap();
    queue.push(of_numbers(&[&[("a", 1)], &[("b", 2), ("a", 3)]])).unwrap();
    let events = job.events.clone();
    job.run(1).await.unwrap_err();
    assert_eq!(events.batches()[0].attempts, 5);
    for attempts in [written, all] {
        let mut attempts = attempts.0.lock().clone();
        attempts.values_mut().for_each(|rows| rows.sort());
        let same = (0..5).map(|attempt| (attempt, vec!["a 4".to_owned(), "b 2".to_owned()]));
        assert_eq!(attempts, same.collect());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_one_key_that_is_too_large_is_refused_by_its_name() {
    let job = TestJob::new();
    let limits = Limits { memory: 1 << 30, output: 512 << 20, time: Duration::from_secs(60), ..Limits::default() };
    job.context.add_plugin(plugin("large", ComponentSource::File(component("kitchen")), limits, "{}")).unwrap();
    job.context.job(|job| job.memory = 4 << 30).unwrap();
    let batches = vec![of_texts(&[&[("small", "set x"), ("giant", "large 100")]])];
    let operation = |input: &StreamRef| input.map_with_state("made", &["key"], "large/obey");
    let (out, _, error) = try_ran(job, batches, operation).await;
    let error = error.unwrap().to_string();
    for part in
        ["stream \"made\", batch 1000, partition ", "the state of key (giant) has 100.0 MiB", "at most 64.0 MiB"]
    {
        assert!(error.contains(part), "no {part} in: {error}");
    }
    assert!(out.commits().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn state_has_a_bound_that_names_its_largest_key_groups() {
    let keys: Vec<String> = (0..2000).map(|key| format!("key {key}")).collect();
    let rows: Vec<(&str, i64)> = keys.iter().map(|key| (key.as_str(), 1)).collect();
    let batches = |n: usize| vec![vec![pairs(&rows[..1000])], vec![pairs(&rows[..n])]];
    let bounded = |input: &StreamRef| {
        let mut of = StatefulDefinition::new(&["key"], operator("kitchen/total"));
        of.state_size = Some(100 << 10);
        input.keyed_state("made", StateKind::UpdateStateByKey, of)
    };
    let (out, _, error) = try_ran(TestJob::new(), batches(1000), bounded).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(out.commits(), [1000, 2000]);
    let (out, _, error) = try_ran(TestJob::new(), batches(2000), bounded).await;
    let error = error.unwrap().to_string();
    for part in [
        "stream \"made\", batch 2000",
        "the state of \"kitchen/total\" would take ",
        "its state-size is 100.0 KiB",
        "the largest are key group ",
    ] {
        assert!(error.contains(part), "no {part} in: {error}");
    }
    assert_eq!(out.commits(), [1000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_and_keys_that_do_not_suit_are_refused_when_the_job_is_checked() {
    let refused = |operation: fn(&StreamRef) -> Result<StreamRef>| async move {
        try_ran(TestJob::new(), vec![of_numbers(&[&[]])], operation).await.2.unwrap().to_string()
    };
    for (operation, said) in [
        (
            (|input| input.map_with_state("made", &["key"], "kitchen/total")) as fn(&StreamRef) -> Result<StreamRef>,
            "\"kitchen/total\" is of the kind update-state-by-key, not map-with-state",
        ),
        (|input| input.update_state_by_key("made", &["kye"], "kitchen/total"), "its input has no column \"kye\""),
        (
            |input| input.update_state_by_key("made", &["value"], "kitchen/total"),
            "the key: the operator takes the column value as Utf8, and the stream has it as Int64",
        ),
        (
            |input| input.update_state_by_key("made", &["key", "value"], "kitchen/total"),
            "the operator takes a key of 1 column",
        ),
        (|input| input.update_state_by_key("made", &["key", "value"], "sum"), "there is none"),
        (|input| input.update_state_by_key("made", &["key"], "kitchen/sum"), "the plugin has no such state operator"),
    ] {
        let error = refused(operation).await;
        assert!(error.contains(said), "no \"{said}\" in: {error}");
    }
}

/// A key's values are more than fit a call: the calls after the first go on with the state that those before left.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_very_many_values_sees_them_one_by_one() {
    let mut values = vec![("k", "look"); 150_000];
    (values[0], values[70_000], values[140_000]) = (("k", "set a"), ("k", "set b"), ("k", "remove"));
    let seen = obeyed(&[&[&values, &[("l", "set x")]], &[&[("k", "look"), ("l", "look")]]], |_| {}).await;
    let count = |text: &str| seen[0].iter().filter(|seen| *seen == text).count();
    assert_eq!(seen[0].len(), 150_001);
    assert_eq!((count("k: look with a"), count("k: set b with a"), count("k: look with b")), (69_999, 1, 69_999));
    assert_eq!((count("k: remove with b"), count("k: look with none")), (1, 9_999));
    assert_eq!(seen[1], ["k: look with none", "l: look with x"]);
}

/// Two outputs, a query that reads it twice, and its snapshots: the operator is called once a key and batch all the same, also in batches without a dataset.
#[tokio::test(flavor = "multi_thread")]
async fn state_is_worked_on_once_whoever_reads_it() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", text_pair_schema()).unwrap();
    let all = input.update_state_by_key("all", &["key"], "kitchen/history").unwrap();
    let outs: [Collected; 3] = Default::default();
    all.write_to("one", Arc::new(outs[0].clone())).unwrap();
    all.count("n").unwrap().write_to("two", Arc::new(outs[1].clone())).unwrap();
    let twice = "select a.key, b.calls from \"all\" a join \"all\" b on a.key = b.key limit 1";
    job.context.sql("pairs", twice).unwrap().print("three", 1).unwrap();
    all.state_snapshots("kept").unwrap().write_to("four", Arc::new(outs[2].clone())).unwrap();
    queue.push(of_texts(&[&[("k", "a")]])).unwrap();
    queue.push_no_dataset().unwrap();
    queue.push(of_texts(&[&[("l", "b")]])).unwrap();
    let events = job.run(3).await.unwrap();
    for out in [&outs[0], &outs[2]] {
        assert_eq!([out.sorted(1000), out.sorted(2000)], [["k a 1"], ["k a 102"]]);
        assert_eq!(out.sorted(3000), ["k a 10203", "l b 3"]);
    }
    assert_eq!([outs[1].rows(1000), outs[1].rows(2000), outs[1].rows(3000)], [["1"], ["1"], ["2"]]);
    let calls = |batch: &sluicebox::batch::listener::BatchInfo| {
        batch.report.operators.values().map(|report| report.counters["calls"]).sum::<u64>()
    };
    assert_eq!(events.batches().iter().map(calls).collect::<Vec<_>>(), [1, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_time_out_in_batches_without_a_dataset_too() {
    let job = TestJob::new();
    job.context.plugin("kitchen", component("kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", text_pair_schema()).unwrap();
    let mut of = StatefulDefinition::new(&["key"], operator("kitchen/obey"));
    of.timeout = Some(Duration::from_millis(1500));
    let out = Collected::default();
    let made = input.keyed_state("made", StateKind::MapWithState, of).unwrap();
    made.write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(of_texts(&[&[("k", "set x")]])).unwrap();
    queue.push_no_dataset().unwrap();
    queue.push_no_dataset().unwrap();
    job.run(3).await.unwrap();
    assert!(out.rows(2000).is_empty());
    assert_eq!(out.sorted(3000), ["k is over", "k: nothing with x"]);
}
