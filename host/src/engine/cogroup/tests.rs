//! Rows of keys together, in one partition: what is made, in which order, of which columns.

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use datafusion::physical_plan::empty::EmptyExec;

use super::*;
use crate::engine::Engine;
use crate::engine::testing::{dataset, engine, engine_with, numbered, run, try_run};

fn cogroup(together: Together, inputs: [&Arc<dyn ExecutionPlan>; 2]) -> Arc<dyn ExecutionPlan> {
    let inputs: Vec<_> = inputs.into_iter().cloned().collect();
    Arc::new(CogroupExec::try_new("made".into(), together, inputs, vec![vec![0], vec![0]]).unwrap())
}

fn rows(engine: &Engine, name: &str, batches: &[&[(&str, i64)]]) -> Arc<dyn ExecutionPlan> {
    dataset(engine, name, vec![batches.iter().map(|rows| numbered(rows)).collect()])
}

fn shown(schema: &Schema) -> Vec<String> {
    let field = |field: &Arc<Field>| {
        format!("{}: {}{}", field.name(), field.data_type(), if field.is_nullable() { "?" } else { "" })
    };
    schema.fields().iter().map(field).collect()
}

#[tokio::test]
async fn a_join_has_the_lefts_order_then_the_rights() {
    let engine = engine();
    let left = rows(&engine, "left", &[&[("b", 1), ("a", 2)], &[("x", 3), ("b", 4)]]);
    let right = rows(&engine, "right", &[&[("y", 10), ("a", 20)], &[("a", 30), ("b", 40), ("z", 50)]]);
    let both = ["b 1 40", "a 2 20", "a 2 30", "b 4 40"];
    let with_left = ["b 1 40", "a 2 20", "a 2 30", "x 3 null", "b 4 40"];
    let only_right = ["y null 10", "z null 50"];
    for (kind, expected) in [
        (JoinType::Inner, both.to_vec()),
        (JoinType::Left, with_left.to_vec()),
        (JoinType::Right, [&both[..], &only_right].concat()),
        (JoinType::Full, [&with_left[..], &only_right].concat()),
    ] {
        let made = run(&engine, cogroup(Together::Join(kind), [&left, &right])).await;
        assert_eq!(made, [expected], "{kind:?}");
    }
}

#[tokio::test]
async fn a_side_without_rows_is_joined_too() {
    let engine = engine();
    let some = rows(&engine, "some", &[&[("a", 1)]]);
    let none: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(some.schema()));
    for (kind, inputs, expected) in [
        (JoinType::Inner, [&some, &none], vec![]),
        (JoinType::Full, [&some, &none], vec!["a 1 null"]),
        (JoinType::Full, [&none, &some], vec!["a null 1"]),
        (JoinType::Left, [&none, &some], vec![]),
        (JoinType::Full, [&none, &none], vec![]),
    ] {
        assert_eq!(run(&engine, cogroup(Together::Join(kind), inputs)).await, [expected], "{kind:?}");
    }
    let lists = Together::Lists(vec!["one".into(), "two".into()]);
    assert_eq!(run(&engine, cogroup(lists.clone(), [&none, &some])).await, [["a [] [1]"]]);
    assert_eq!(run(&engine, cogroup(lists, [&none, &none])).await, [[""; 0]]);
}

#[tokio::test]
async fn null_is_a_key_and_so_are_zeros_and_nans() {
    let engine = engine();
    let floats = |keys: Vec<Option<f64>>, from: i64| {
        let numbers: ArrayRef = Arc::new((from..).take(keys.len()).map(Some).collect::<Int64Array>());
        let keys: ArrayRef = Arc::new(Float64Array::from(keys));
        vec![vec![RecordBatch::try_from_iter_with_nullable([("key", keys, true), ("n", numbers, false)]).unwrap()]]
    };
    let left = dataset(&engine, "left", floats(vec![None, Some(-0.0), Some(f64::NAN), Some(1.0)], 0));
    let right = dataset(&engine, "right", floats(vec![Some(0.0), Some(-f64::NAN), None, None], 10));
    let made = run(&engine, cogroup(Together::Join(JoinType::Inner), [&left, &right])).await;
    assert_eq!(made, [["null 0 12", "null 0 13", "-0.0 1 10", "NaN 2 11"]]);
}

#[tokio::test]
async fn many_pairs_come_in_pieces() {
    let engine = engine();
    let many: Vec<_> = (0..300).map(|n| ("k", n)).collect();
    let side = rows(&engine, "side", &[&many]);
    let made = run(&engine, cogroup(Together::Join(JoinType::Inner), [&side, &side])).await.remove(0);
    let expected: Vec<_> = (0..300).flat_map(|left| (0..300).map(move |right| format!("k {left} {right}"))).collect();
    assert!(made == expected, "{} pairs", made.len());
    let keys: Vec<String> = (0..20_000).map(|key| key.to_string()).collect();
    let many: Vec<_> = keys.iter().map(String::as_str).zip(0..).collect();
    let side = rows(&engine, "keys", &[&many]);
    let made = run(&engine, cogroup(Together::Lists(vec!["a".into(), "b".into()]), [&side, &side])).await.remove(0);
    let expected: Vec<_> = (0..20_000).map(|key| format!("{key} [{key}] [{key}]")).collect();
    assert!(made == expected, "{} keys", made.len());
}

#[tokio::test]
async fn columns_have_names_of_their_own_and_say_what_may_be_missing() {
    let engine = engine();
    let column = |of: ArrayRef, name: &str, nullable: bool| (name.to_owned(), of, nullable);
    let texts = || Arc::new(StringArray::from(vec!["t"])) as ArrayRef;
    let numbers = || Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    let left = vec![column(texts(), "key", false), column(numbers(), "n", false), column(texts(), "text", false)];
    let right = vec![column(texts(), "key", true), column(numbers(), "n", false), column(numbers(), "m", true)];
    let left = dataset(&engine, "left", vec![vec![RecordBatch::try_from_iter_with_nullable(left).unwrap()]]);
    let right = dataset(&engine, "right", vec![vec![RecordBatch::try_from_iter_with_nullable(right).unwrap()]]);
    for (kind, expected) in [
        (JoinType::Inner, ["key: Utf8", "left_n: Int64", "text: Utf8", "right_n: Int64", "m: Int64?"]),
        (JoinType::Left, ["key: Utf8", "left_n: Int64", "text: Utf8", "right_n: Int64?", "m: Int64?"]),
        (JoinType::Right, ["key: Utf8?", "left_n: Int64?", "text: Utf8?", "right_n: Int64", "m: Int64?"]),
        (JoinType::Full, ["key: Utf8?", "left_n: Int64?", "text: Utf8?", "right_n: Int64?", "m: Int64?"]),
    ] {
        let plan = cogroup(Together::Join(kind), [&left, &right]);
        assert_eq!(shown(&plan.schema()), expected, "{kind:?}");
        run(&engine, plan).await;
    }
    let plan = cogroup(Together::Lists(vec!["left".into(), "right".into()]), [&left, &right]);
    let item = |name: &str, field: usize| match plan.schema().field_with_name(name).unwrap().data_type() {
        DataType::List(item) => match item.data_type() {
            DataType::Struct(fields) => format!("{} {}", fields[field].name(), fields[field].is_nullable()),
            other => other.to_string(),
        },
        other => panic!("{other}"),
    };
    assert_eq!([item("left", 1), item("right", 1)], ["text false", "m true"]);
    assert_eq!(run(&engine, plan).await, [["t [{n: 1, text: t}] [{n: 1, m: 1}]"]]);
    let all =
        CogroupExec::try_new("made".into(), Together::Lists(vec!["values".into()]), vec![left], vec![vec![0, 1, 2]]);
    assert!(all.unwrap_err().to_string().contains("all columns are in the key"));
}

#[tokio::test]
async fn a_partition_is_one_row_even_without_rows() {
    let engine = engine();
    let some = |rows: &[(&str, i64)]| vec![numbered(rows)];
    let input = dataset(&engine, "rows", vec![some(&[("a", 1), ("b", 2)]), vec![], some(&[("c", 3)])]);
    let whole = CogroupExec::try_new("made".into(), Together::Whole("values".into()), vec![input], vec![vec![]]);
    let made = run(&engine, Arc::new(whole.unwrap())).await;
    assert_eq!(made, [["[{word: a, n: 1}, {word: b, n: 2}]"], ["[]"], ["[{word: c, n: 3}]"]]);
}

#[tokio::test]
async fn too_many_rows_for_the_memory_are_an_error_that_names_the_stream() {
    let engine = engine_with(2, 500_000);
    let many: Vec<_> = (0..10_000).map(|n| ("k", n)).collect();
    let side = rows(&engine, "side", &[&many]);
    for together in [Together::Join(JoinType::Inner), Together::Lists(vec!["a".into(), "b".into()])] {
        let error = try_run(&engine, cogroup(together, [&side, &side])).await.unwrap_err().to_string();
        assert!(error.contains("of stream \"made\": engine need ") && error.contains("500000 bytes"), "{error}");
        assert_eq!(engine.services().memory.used(), 0);
    }
}
