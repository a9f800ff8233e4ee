//! Operations by key over two streams and more: joins, cogroup, group-by-key, glom, partition-by. Datasets in, datasets out, however they are partitioned.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sluicebox::arrow::array::{Int64Array, RecordBatch};
use sluicebox::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluicebox::context::{StreamRef, plugin_definition};
use sluicebox::error::Result;
use sluicebox::job::definition::{ComponentSource, JoinType, OperationDefinition, OperatorName, PluginDefinition};
use sluicebox::plugin::Policy;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{number_schema, numbers, pair_schema, pairs};

/// A key, which may be null, and a number.
type Row = (Option<i64>, i64);

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("key", DataType::Int64, true), Field::new("n", DataType::Int64, false)]))
}

fn rows(rows: &[Row]) -> RecordBatch {
    let keys: Int64Array = rows.iter().map(|(key, _)| *key).collect();
    let numbers: Int64Array = rows.iter().map(|(_, n)| Some(*n)).collect();
    RecordBatch::try_new(schema(), vec![Arc::new(keys), Arc::new(numbers)]).unwrap()
}

/// Every operation by key on two streams; what each makes of the datasets of a batch each, by partition.
async fn all_of(
    left: Vec<RecordBatch>,
    right: Vec<RecordBatch>,
    partitions: usize,
) -> BTreeMap<&'static str, Vec<Vec<String>>> {
    let job = TestJob::new();
    let (left_stream, left_queue) = job.context.queue_stream("left", schema()).unwrap();
    let (right_stream, right_queue) = job.context.queue_stream("right", schema()).unwrap();
    let on = || vec!["key".to_owned()];
    let join = |kind| OperationDefinition::Join { on: on(), kind, partitions: Some(partitions) };
    let cogroup = OperationDefinition::Cogroup { on: on(), partitions: Some(partitions) };
    let grouped = OperationDefinition::GroupByKey { key: on(), partitions: Some(partitions) };
    let streams = [
        left_stream.with("inner", &[&right_stream], join(JoinType::Inner)).unwrap(),
        left_stream.with("left-outer", &[&right_stream], join(JoinType::Left)).unwrap(),
        left_stream.with("right-outer", &[&right_stream], join(JoinType::Right)).unwrap(),
        left_stream.with("full-outer", &[&right_stream], join(JoinType::Full)).unwrap(),
        left_stream.with("lists", &[&right_stream], cogroup).unwrap(),
        left_stream.then("grouped", grouped).unwrap(),
        left_stream.partition_by("placed", &["key"], partitions).unwrap(),
    ];
    let names = ["inner", "left-outer", "right-outer", "full-outer", "lists", "grouped", "placed"];
    let outs = names.map(|name| (name, Collected::default()));
    for (stream, (name, out)) in streams.iter().zip(&outs) {
        stream.write_to(&format!("{name}-out"), Arc::new(out.clone())).unwrap();
    }
    left_queue.push(left).unwrap();
    right_queue.push(right).unwrap();
    job.run(1).await.unwrap();
    outs.into_iter().map(|(name, out)| (name, out.partitions(1000))).collect()
}

/// The rows in a partition for each cut and one more.
fn cut(all: &[Row], cuts: &[prop::sample::Index]) -> Vec<RecordBatch> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(all.len() + 1)).collect();
    ends.extend([0, all.len()]);
    ends.sort_unstable();
    ends.windows(2).map(|two| rows(&all[two[0]..two[1]])).collect()
}

fn sorted(partitions: &[Vec<String>]) -> Vec<String> {
    let mut rows = partitions.concat();
    rows.sort();
    rows
}

/// What the operations make of rows in one partition, by the letter of their definition.
fn expected(left: &[Row], right: &[Row]) -> BTreeMap<&'static str, Vec<String>> {
    let text = |value: Option<i64>| value.map_or("null".to_owned(), |value| value.to_string());
    let joined = |keeps_left: bool, keeps_right: bool| {
        let mut made = vec![];
        for (key, n) in left {
            let before = made.len();
            made.extend(right.iter().filter(|(other, _)| other == key).map(|(_, m)| format!("{} {n} {m}", text(*key))));
            if made.len() == before && keeps_left {
                made.push(format!("{} {n} null", text(*key)));
            }
        }
        let alone = right.iter().filter(|(key, _)| keeps_right && !left.iter().any(|(other, _)| other == key));
        made.extend(alone.map(|(key, m)| format!("{} null {m}", text(*key))));
        made.sort();
        made
    };
    let keys = |sides: &[&[Row]]| -> Vec<Option<i64>> {
        let mut keys: Vec<_> = sides.iter().flat_map(|rows| rows.iter().map(|(key, _)| *key)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let list = |rows: &[Row], key: Option<i64>| {
        let of_key: Vec<_> = rows.iter().filter(|(other, _)| *other == key).map(|(_, n)| n.to_string()).collect();
        format!("[{}]", of_key.join(", "))
    };
    let mut lists: Vec<_> = keys(&[left, right])
        .into_iter()
        .map(|key| format!("{} {} {}", text(key), list(left, key), list(right, key)))
        .collect();
    lists.sort();
    let mut grouped: Vec<_> =
        keys(&[left]).into_iter().map(|key| format!("{} {}", text(key), list(left, key))).collect();
    grouped.sort();
    let mut placed: Vec<_> = left.iter().map(|(key, n)| format!("{} {n}", text(*key))).collect();
    placed.sort();
    BTreeMap::from([
        ("inner", joined(false, false)),
        ("left-outer", joined(true, false)),
        ("right-outer", joined(false, true)),
        ("full-outer", joined(true, true)),
        ("lists", lists),
        ("grouped", grouped),
        ("placed", placed),
    ])
}

/// However the rows are cut into partitions, and however many are made: the rows are those of one partition, a key's values in their order.
#[test]
fn any_partitioning_gives_the_rows_of_one_partition() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let side =
        || prop::collection::vec((prop::option::weighted(0.9, 0..6_i64), any::<i16>().prop_map(i64::from)), 0..24);
    let cuts = || prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(
            &(side(), side(), cuts(), cuts(), prop::sample::select(vec![1_usize, 2, 7])),
            |(left, right, of_left, of_right, partitions)| {
                let made = runtime.block_on(all_of(cut(&left, &of_left), cut(&right, &of_right), partitions));
                for (name, rows) in expected(&left, &right) {
                    prop_assert_eq!(made[name].len(), partitions, "{}", name);
                    prop_assert_eq!(sorted(&made[name]), rows, "{} in {} partitions", name, partitions);
                }
                Ok(())
            },
        )
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_in_one_partition_and_its_rows_are_in_order() {
    let left: Vec<_> =
        (0..5).map(|part| rows(&(0..20).map(|n| (Some(n % 7), part * 100 + n)).collect::<Vec<_>>())).collect();
    let first = all_of(left.clone(), vec![rows(&[(Some(3), -1), (Some(3), -2)])], 7).await;
    for partition in &first["placed"] {
        let numbers: Vec<i64> = partition.iter().map(|row| row.split(' ').nth(1).unwrap().parse().unwrap()).collect();
        assert!(numbers.is_sorted(), "{partition:?}");
    }
    let partitions_of =
        |key: &str| first["placed"].iter().filter(|rows| rows.iter().any(|row| row.starts_with(key))).count();
    assert!((0..7).all(|key| partitions_of(&format!("{key} ")) == 1));
    let joined = first["inner"].concat();
    let expected: Vec<_> = (0..5)
        .flat_map(|part| [3, 10, 17].map(|n| part * 100 + n))
        .flat_map(|n| [format!("3 {n} -1"), format!("3 {n} -2")])
        .collect();
    assert_eq!(joined, expected, "the left's order, then the right's");
    for _ in 0..3 {
        assert_eq!(all_of(left.clone(), vec![rows(&[(Some(3), -1), (Some(3), -2)])], 7).await, first, "row by row");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_are_empty_on_one_side_or_on_both() {
    let job = TestJob::new();
    let (left, left_queue) = job.context.queue_stream("left", pair_schema()).unwrap();
    let (right, right_queue) = job.context.queue_stream("right", pair_schema()).unwrap();
    let outs: Vec<(&str, Collected)> =
        ["join", "left", "right", "full", "lists", "three"].map(|name| (name, Collected::default())).to_vec();
    let streams: [Result<StreamRef>; 6] = [
        left.join("joined", &right, &["key"]),
        left.left_outer_join("left-joined", &right, &["key"]),
        left.right_outer_join("right-joined", &right, &["key"]),
        left.full_outer_join("full-joined", &right, &["key"]),
        left.cogroup("lists", &[&right], &["key"]),
        left.cogroup("three", &[&right, &left.count_by_value("counted").unwrap()], &["key"]),
    ];
    for (stream, (name, out)) in streams.into_iter().zip(&outs) {
        stream.unwrap().write_to(name, Arc::new(out.clone())).unwrap();
    }
    let (some, other) = (vec![pairs(&[("a", 1), ("a", 2)])], vec![pairs(&[("a", 10), ("b", 20)])]);
    for (left, right) in [(some.clone(), other.clone()), (some, vec![]), (vec![], other), (vec![], vec![pairs(&[])])] {
        left_queue.push(left).unwrap();
        right_queue.push(right).unwrap();
    }
    job.run(4).await.unwrap();
    let none: [&str; 0] = [];
    let of = |name: &str| &outs.iter().find(|(other, _)| *other == name).unwrap().1;
    for (name, both, only_left, only_right) in [
        ("join", &["a 1 10", "a 2 10"][..], &none[..], &none[..]),
        ("left", &["a 1 10", "a 2 10"], &["a 1 null", "a 2 null"], &none),
        ("right", &["a 1 10", "a 2 10", "b null 20"], &none, &["a null 10", "b null 20"]),
        ("full", &["a 1 10", "a 2 10", "b null 20"], &["a 1 null", "a 2 null"], &["a null 10", "b null 20"]),
        ("lists", &["a [1, 2] [10]", "b [] [20]"], &["a [1, 2] []"], &["a [] [10]", "b [] [20]"]),
        (
            "three",
            &["a [1, 2] [10] [{value: 1, count: 1}, {value: 2, count: 1}]", "b [] [20] []"],
            &["a [1, 2] [] [{value: 1, count: 1}, {value: 2, count: 1}]"],
            &["a [] [10] []", "b [] [20] []"],
        ),
    ] {
        let out = of(name);
        let counted_in_order = |row: String| match row.split_once("[{value: 2, count: 1}, {value: 1, count: 1}]") {
            // The counts of a key come as they were counted, which is of no matter here.
            Some((before, _)) => format!("{before}[{{value: 1, count: 1}}, {{value: 2, count: 1}}]"),
            None => row,
        };
        let sorted = |batch| out.sorted(batch).into_iter().map(counted_in_order).collect::<Vec<_>>();
        assert_eq!(sorted(1000), both, "{name}");
        assert_eq!(sorted(2000), only_left, "{name}");
        assert_eq!(sorted(3000), only_right, "{name}");
        assert_eq!(sorted(4000), none, "{name}");
        assert_eq!(out.partitions(4000).len(), 2, "{name}");
    }
    let columns = |name: &str| {
        let schema = of(name).schema();
        schema.fields().iter().map(|field| (field.name().clone(), field.is_nullable())).collect::<Vec<_>>()
    };
    let named =
        |names: &[(&str, bool)]| names.iter().map(|(name, null)| ((*name).to_owned(), *null)).collect::<Vec<_>>();
    assert_eq!(columns("join"), named(&[("key", false), ("left_value", false), ("right_value", false)]));
    assert_eq!(columns("full"), named(&[("key", false), ("left_value", true), ("right_value", true)]));
    assert_eq!(columns("three"), named(&[("key", false), ("left", false), ("right", false), ("counted", false)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_joined_with_itself_and_a_group_of_several_columns() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let kept = input.filter_where("kept", "value > 0").unwrap();
    let (joined, grouped, by_two) = (Collected::default(), Collected::default(), Collected::default());
    kept.join("self", &kept, &["key"]).unwrap().write_to("joined", Arc::new(joined.clone())).unwrap();
    let wide = job.context.sql("wide", "select key, value, value * 2 as twice from kept").unwrap();
    wide.group_by_key("grouped", &["key"]).unwrap().write_to("grouped", Arc::new(grouped.clone())).unwrap();
    wide.group_by_key("by-two", &["value", "key"]).unwrap().write_to("by-two", Arc::new(by_two.clone())).unwrap();
    queue.push(vec![pairs(&[("a", 1), ("b", 0)]), pairs(&[("a", 2)])]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(joined.rows(1000), ["a 1 1", "a 1 2", "a 2 1", "a 2 2"]);
    assert_eq!(grouped.rows(1000), ["a [{value: 1, twice: 2}, {value: 2, twice: 4}]"]);
    assert_eq!(by_two.sorted(1000), ["1 a [2]", "2 a [4]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn glom_is_a_row_a_partition() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    let three = input.repartition("three", 3).unwrap();
    three.glom("glommed").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![numbers([1, 2]), numbers([3, 4, 5])]).unwrap();
    queue.push(vec![]).unwrap();
    job.run(2).await.unwrap();
    assert_eq!(out.partitions(1000), [["[1]"], ["[2, 3]"], ["[4, 5]"]]);
    assert_eq!(out.partitions(2000), [["[]"], ["[]"], ["[]"]]);
}

/// DataFusion's optimizer removes partitionings that it thinks nobody needs, and moves limits and filters below them.
#[tokio::test(flavor = "multi_thread")]
async fn what_sql_makes_of_partitioned_streams_leaves_their_partitions_alone() {
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let seven = input.repartition("seven", 7).unwrap();
    let five = seven.partition_by("five", &["key"], 5).unwrap();
    let whole = five.glom("whole").unwrap();
    let (seven_out, five_out, whole_out) = (Collected::default(), Collected::default(), Collected::default());
    seven.write_to("seven", Arc::new(seven_out.clone())).unwrap();
    five.write_to("five", Arc::new(five_out.clone())).unwrap();
    whole.write_to("whole", Arc::new(whole_out.clone())).unwrap();
    // Each reads the partitioned streams, wants less than all of them, and would rather not have them partitioned so.
    let queries = [
        ("first", "select value from seven limit 1", vec!["0"]),
        (
            "few",
            "select key, count(*) as n from five where value < 3 group by key order by key",
            vec!["k0 1", "k1 1", "k2 1"],
        ),
        ("lists", "select count(*) as n, sum(array_length(\"values\")) as n_rows from whole", vec!["5 100"]),
        (
            "pairs",
            "select count(*) as n from five a join five b on a.key = b.key join seven c on c.value = a.value",
            vec!["1000"],
        ),
    ];
    let answers = queries.map(|(name, query, expected)| {
        let out = Collected::default();
        job.context.sql(name, query).unwrap().write_to(&format!("{name}-out"), Arc::new(out.clone())).unwrap();
        (name, out, expected)
    });
    queue.push(vec![pairs(&(0..100).map(|n| (KEYS[n as usize % 10], n)).collect::<Vec<_>>())]).unwrap();
    job.run(1).await.unwrap();
    assert_eq!(seven_out.partitions(1000).len(), 7);
    let sizes: Vec<usize> = seven_out.partitions(1000).iter().map(Vec::len).collect();
    assert!(sizes.iter().all(|size| [14, 15].contains(size)), "{sizes:?}");
    let five = five_out.partitions(1000);
    assert_eq!(five.len(), 5);
    for key in KEYS {
        let with_key: Vec<_> = five.iter().filter(|rows| rows.iter().any(|row| row.starts_with(key))).collect();
        assert_eq!(with_key.len(), 1, "{key} is in one partition");
    }
    let item =
        |row: &String| row.split_once(' ').map(|(key, value)| format!("{{key: {key}, value: {value}}}")).unwrap();
    let lists: Vec<_> =
        five.iter().map(|rows| vec![format!("[{}]", rows.iter().map(item).collect::<Vec<_>>().join(", "))]).collect();
    assert_eq!(whole_out.partitions(1000), lists, "glom sees the partitions that there are");
    for (name, out, expected) in answers {
        assert_eq!(out.rows(1000), expected, "{name}");
    }
}

const KEYS: [&str; 10] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"];

/// A plugin of the kitchen's operators that leaves out what they reject.
fn kitchen(job: &TestJob) {
    let component = ComponentSource::File(component("kitchen"));
    let plugin = PluginDefinition { on_reject: Policy::Skip, ..plugin_definition("kitchen", component) };
    job.context.add_plugin(plugin).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_mapped_beside_their_keys() {
    let job = TestJob::new();
    kitchen(&job);
    let (input, queue) = job.context.queue_stream("input", pair_schema()).unwrap();
    let outs: [Collected; 4] = Default::default();
    // The operator is offered the columns named, the key's as well if it is asked for.
    let columns = Some(vec!["value".to_owned()]);
    let both = OperationDefinition::FlatMapValues {
        key: vec!["value".into(), "key".into()],
        with: OperatorName {
            plugin: "kitchen".into(),
            operator: "digits".into(),
            columns,
            overrides: Default::default(),
        },
    };
    let streams = [
        input.map_values("mapped", &["key"], "kitchen/reject-odd").unwrap(),
        input.flat_map_values("digits", &["key"], "kitchen/digits").unwrap(),
        input.combine_by_key("combined", &["key"], "kitchen/mean").unwrap(),
        input.then("both", both).unwrap(),
    ];
    for (stream, out) in streams.iter().zip(&outs) {
        stream.write_to(&format!("{}-out", stream.name()), Arc::new(out.clone())).unwrap();
    }
    queue.push(vec![pairs(&[("a", 12), ("b", 7), ("c", -3)]), pairs(&[("d", 40), ("a", 305)])]).unwrap();
    queue.push(vec![]).unwrap();
    job.run(2).await.unwrap();
    let [mapped, digits, combined, both] = outs;
    assert_eq!(mapped.partitions(1000), [vec!["a 12"], vec!["d 40"]]);
    assert_eq!(digits.partitions(1000), [vec!["a 1", "a 2", "b 7"], vec!["d 4", "d 0", "a 3", "a 0", "a 5"]]);
    assert_eq!(combined.sorted(1000), ["a 158.5", "b 7.0", "c -3.0", "d 40.0"]);
    assert_eq!(both.rows(1000)[..3], ["12 a 1", "12 a 2", "7 b 7"]);
    assert_eq!([mapped.rows(2000), digits.rows(2000), combined.rows(2000)], [[""; 0]; 3]);
    let columns = |out: &Collected| {
        out.schema()
            .fields()
            .iter()
            .map(|field| format!("{} {}", field.name(), field.is_nullable()))
            .collect::<Vec<_>>()
    };
    assert_eq!(columns(&digits), ["key false", "digit false"]);
}

const MISTAKES: &str = r#"[job]
name = "keys"
batch-interval = "1s"

[stream.one]
source = { type = "queue", schema = { k = "int64", a = "string", tags = "list<string>" } }

[stream.two]
source = { type = "queue", schema = { k = "string", a = "string", tags = "list<string>" } }

[stream.unlike]
input = "one"
join = { with = "two", on = ["a", "k"] }

[stream.no-key]
input = "one"
left-outer-join = { with = "two", on = ["b"] }

[stream.nested]
input = "one"
full-outer-join = { with = "two", on = ["tags"] }

[stream.unlike-of-three]
input = "one"
cogroup = { with = ["renamed", "two"], on = ["k"] }

[stream.renamed]
sql = "select k, a as left_a, tags as a from one"

[stream.twice]
input = "renamed"
join = { with = "one", on = ["k"] }

[stream.named-as-a-key]
input = "one"
cogroup = { with = ["a"], on = ["a"] }

[stream.a]
sql = "select a, k from one"

[stream.all-in-key]
input = "a"
group-by-key = { key = ["k", "a"] }

[plugin.words]
component = "words.wasm"

[stream.of-a-list]
input = "one"
map-values = { key = ["tags"], with = "words/split" }

[stream.no-map]
input = "a"
map-values = { key = ["k"], with = "words/split" }

[stream.two-columns]
input = "one"
flat-map-values = { key = ["k"], with = "words/split" }

[stream.called-word]
sql = "select a as word, a from one"

[stream.word-twice]
input = "called-word"
flat-map-values = { key = ["word"], with = "words/split" }

[stream.no-aggregate]
input = "one"
combine-by-key = { key = ["k"], with = "words/split" }

[stream.where-to]
input = "one"
partition-by = { key = ["tags"] }

[output.o]
input = "one"
sink = { type = "print" }
"#;

const TOLD: &str = r#"error: job.toml:13:1: stream "unlike": a join is by keys of the same types, but "k" is int64 in "one" and string in "two"
  help: make a stream of "two" with sql that casts "k", and read that
error: job.toml:17:1: stream "no-key": "one" has no column "b"
  help: "one" has the columns (k: int64, a: string, tags: list<string>)
error: job.toml:21:1: stream "nested": key "tags": a column of type list<string> can't be part of a key; use strings, binaries, booleans, numbers, dates, times or intervals
error: job.toml:25:1: stream "unlike-of-three": a cogroup is by keys of the same types, but "k" is int64 in "one" and string in "two"
  help: make a stream of "two" with sql that casts "k", and read that
error: job.toml:32:1: stream "twice": two of its columns are called "left_a"
  help: name one of them otherwise, in SQL with "as"
error: job.toml:36:1: stream "named-as-a-key": two of its columns are called "a"
  help: name one of them otherwise, in SQL with "as"
error: job.toml:43:1: stream "all-in-key": there is nothing to make the list "values" of: all columns are in the key; count-by-value says how often each row occurs
error: job.toml:50:1: stream "of-a-list": key "tags": a column of type list<string> can't be part of a key; use strings, binaries, booleans, numbers, dates, times or intervals
error: job.toml:54:1: stream "no-map": "words/split" is a flat-map, not a map
  help: write flat-map-values = { key = ..., with = "words/split" }
error: job.toml:58:1: stream "two-columns": plugin words, operator split: the operator takes 1 column of any name, and is offered 2 columns: a, tags; choose columns in a sql stream
error: job.toml:65:1: stream "word-twice": two of its columns are called "word"
  help: name one of them otherwise, in SQL with "as"
error: job.toml:69:1: stream "no-aggregate": plugin words, operator split: the plugin has no such aggregate operator; it offers tally
error: job.toml:73:1: stream "where-to": key "tags": a column of type list<string> can't be part of a key; use strings, binaries, booleans, numbers, dates, times or intervals
13 errors
"#;

#[test]
fn check_tells_what_columns_do_not_suit() {
    let folder = Folder::with_job(MISTAKES);
    std::fs::copy(component("words"), folder.path("words.wasm")).unwrap();
    let ran = folder.check().ended_with(2);
    let error = |line: &&str| !line.starts_with("warning: ") && !line.starts_with("  help: remove it, or ");
    let told: String = ran.stderr.lines().filter(error).map(|line| line.to_owned() + "\n").collect();
    assert_eq!(told, TOLD, "{told}");
}
