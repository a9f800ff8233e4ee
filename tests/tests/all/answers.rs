//! What a plugin returns is untrusted: an answer that breaks a rule is an error that says which, and nothing of it is used.

use sluicebox::error::Error;
use sluicebox::plugin::Limits;
use sluicebox_tests::hostile::{run, run_keys, tight};
use sluicebox_tests::rows::numbers;

/// Operators, what they return, and what is said of it.
const WRONG: [(&[&str], &str, &str); 35] = [
    (&["map"], "more-rows", "a map makes a row of each that it doesn't reject, 3 of 3, and it made 4"),
    (&["map"], "fewer-rows", "a map makes a row of each that it doesn't reject, 3 of 3, and it made 0"),
    (&["map", "flat-map", "map-partitions"], "rows-differ", "the column \"text\": it has 4 rows, and 3 are expected"),
    (&["map", "flat-map"], "offsets-descend", "the column \"text\": its offsets descend in row 1, from 2 to 1"),
    (&["map", "flat-map"], "offsets-beyond", "the column \"text\": "),
    (
        &["map", "flat-map"],
        "offsets-negative",
        "the column \"text\": its offsets begin at -2147483648, and 0 is expected",
    ),
    (&["map", "flat-map"], "offsets-short", "the column \"text\": its offsets have 12 bytes, and 16 are expected"),
    (&["map", "flat-map"], "no-utf8", "the column \"text\": "),
    (&["map", "flat-map"], "character-cut", "the column \"text\": row 1 begins within a character, at byte 2"),
    (&["map", "flat-map"], "null", "the column \"text\": it has 1 nulls, and its field is not nullable"),
    (&["map", "flat-map"], "null-count", "the column \"x\": it has 4294967295 nulls"),
    (&["map", "flat-map"], "values-short", "the column \"x\": its values have 23 bytes, and 24 are expected"),
    (&["map", "map-partitions"], "column-missing", "the batch has 1 nodes and 2 buffers"),
    (&["map", "map-partitions"], "buffer-too-many", "the batch has 2 nodes and 6 buffers"),
    (&["map"], "other-rows", "a map makes rows, and it said which it keeps"),
    (&["filter"], "other-rows", "a filter says which rows it keeps, and it made rows"),
    (&["flat-map"], "other-rows", "a flat-map says where the rows end that it makes of each, and it didn't"),
    (&["map"], "expanded", "a map makes rows, and it said where those end that it made of each"),
    (&["map-partitions"], "expanded", "a map-partitions makes rows, and it said where those end that it made of each"),
    (&["flat-map"], "ends-missing", "it said of 0 rows where those end that it made of them, and was given 3"),
    (&["flat-map"], "ends-too-many", "it said of 4 rows where those end that it made of them, and was given 3"),
    (&["flat-map"], "ends-descend", "the rows made of row 1 end at 2, before those of the row before, at 3"),
    (&["flat-map"], "ends-beyond", "the rows made of the last row end at 4294967295, and 3 were made"),
    (&["flat-map"], "ends-before", "the rows made of the last row end at 2, and 3 were made"),
    (&["flat-map"], "ends-of-rejected", "row 1 is rejected, and 1 rows were made of it"),
    (&["filter"], "kept-beyond", "the kept rows name row 3, and there are 3 rows"),
    (&["filter"], "kept-descend", "the kept rows are not ascending: 0 comes after 1"),
    (&["filter"], "kept-twice", "the kept rows are not ascending: 1 comes after 1"),
    (
        &["map", "filter", "map-partitions"],
        "rejected-beyond",
        "the rejected rows name row 4294967295, and there are 3 rows",
    ),
    (&["map", "filter", "map-partitions"], "rejected-descend", "the rejected rows are not ascending: 0 comes after 1"),
    (&["filter"], "kept-and-rejected", "row 1 is both kept and rejected"),
    (&["map"], "kept-and-rejected", "a map makes a row of each that it doesn't reject, 2 of 3, and it made 3"),
    (&["map", "flat-map", "filter"], "held-back", "has no rows left when its partition ends, and it returned some"),
    (&["map-partitions"], "held-back", "it returned rows 65536 times after its partition had ended, and goes on"),
    (&["map-partitions"], "held-back-nothing", "it returns rows or none, and it returned a batch without rows"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_a_rule_fails_the_job_at_once() {
    for (operators, act, said) in WRONG {
        for operator in operators {
            let outcome = run(operator, &format!(r#"{{"act": "{act}", "at": 6}}"#), tight()).await;
            let (call, partition) =
                if act.starts_with("held-back") { ("finish", " of 2") } else { ("process", "partition 1 of 2") };
            let operator = format!("plugin hostile, operator {operator}, stream made, batch 1000, partition ");
            let call = format!(", in transform.{call}: what the operator returned is invalid: ");
            outcome.says(&[&operator, partition, &call, said]);
            outcome.failed_after(1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_that_breaks_a_rule_is_a_mistake_of_the_job() {
    let wrong = [
        ("bind-column-beyond", "its binding names column 7, and it was offered 1"),
        ("bind-many-columns", "the schema has 20000 fields, and at most 10000 are allowed"),
        ("bind-deep", "the field \"c\" is nested more than 32 deep"),
        ("bind-no-name", "a field has an empty name"),
        ("bind-long-name", "has 1000000 bytes"),
    ];
    for (act, said) in wrong {
        let outcome = run("map", &format!(r#"{{"act": "{act}"}}"#), tight()).await;
        assert!(matches!(outcome.error, Some(Error::Invalid(_))), "{:?}", outcome.error);
        let call = "plugin hostile, operator map, in transform.bind: what the operator returned is invalid: ";
        outcome.says(&["stream \"made\"", call, said]);
    }
}

/// Operators over keyed state, what they return, and what is said of it. There are three keys in a call.
const WRONG_STATE: [(&[&str], &str, &str); 14] = [
    (&["update", "with-state"], "more-rows", "it returned 4 rows of state for 3 keys"),
    (&["update"], "fewer-rows", "it returned 0 rows of state for 3 keys"),
    (&["update"], "rows-differ", "it returned 4 rows of state for 3 keys"),
    (&["update"], "values-short", "the column \"state\": its values have 23 bytes, and 24 are expected"),
    (&["update"], "column-missing", "the batch has 0 nodes and 0 buffers"),
    (&["update"], "null", "the column \"state\": it has 1 nulls, and its field is not nullable"),
    (&["update", "with-state"], "state-beyond", "the keys of new state name row 3, and there are 3 rows"),
    (&["update"], "state-descends", "the keys of new state are not ascending: 0 comes after 1"),
    (&["update"], "state-twice", "the keys of new state are not ascending: 1 comes after 1"),
    (
        &["update", "with-state"],
        "removed-beyond",
        "the keys of removed state name row 4294967295, and there are 3 rows",
    ),
    (&["update"], "removed-descends", "the keys of removed state are not ascending: 0 comes after 1"),
    (&["update"], "removed-twice", "the keys of removed state are not ascending: 0 comes after 0"),
    (&["update", "with-state"], "state-and-removed", "the state of key 1 is both new and removed"),
    (&["update"], "emitted-by-update", "an update-state-by-key emits nothing, and it emitted 1 rows"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_state_that_breaks_a_rule_fails_the_job_at_once() {
    for (operators, act, said) in WRONG_STATE {
        for operator in operators {
            let outcome =
                run_keys(operator, &format!(r#"{{"act": "{act}"}}"#), tight(), vec![numbers([1, 2, 3])]).await;
            let whom = format!("plugin hostile, operator {operator}, stream made, batch 1000, partition 0 of 1");
            outcome.says(&[&whom, ", in state.update: what the operator returned is invalid: ", said]);
            outcome.failed_after(1);
        }
    }
    let roomy = Limits { memory: 64 << 20, ..tight() };
    let many = run_keys("update", r#"{"act": "output"}"#, roomy, vec![numbers([1, 2, 3])]).await;
    many.says(&["limit of 1.0 MiB; raise `output` in [plugin.P]", "in state.update"]);
    many.failed_after(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_have_timed_out_get_no_state() {
    for (act, said) in [
        ("state-of-timed-out", "key 0 has timed out, and its state is set or removed"),
        ("removed-timed-out", "key 0 has timed out, and its state is set or removed"),
    ] {
        let outcome =
            run_keys("with-state", &format!(r#"{{"act": "{act}"}}"#), tight(), vec![numbers([1, 2]), numbers([])])
                .await;
        outcome.says(&["stream made, batch 2000", "in state.update: what the operator returned is invalid", said]);
        assert_eq!(outcome.out.commits(), [1000]);
    }
    let well = run_keys("with-state", "{}", tight(), vec![numbers([1, 2]), numbers([])]).await;
    assert_eq!(
        (well.out.sorted(1000), well.out.sorted(2000)),
        (vec!["1".into(), "2".into()], vec!["1".into(), "2".into()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_of_state_that_breaks_a_rule_is_a_mistake_of_the_job() {
    for (operator, act, said) in [
        ("update", "bind-column-beyond", "its binding names column 0, and it was offered 0"),
        ("update", "bind-no-name", "name"),
        ("update", "bind-no-state", "state has columns, and its binding has none"),
        ("update", "bind-other-output", "an update-state-by-key makes no columns but keys and state"),
        ("with-state", "bind-other-output", "a map-with-state makes columns, and its binding has none"),
        ("update", "bind-other-timeout", "keys of an update-state-by-key don't time out"),
        ("with-state", "bind-other-timeout", "its binding has a timeout of 0"),
    ] {
        let outcome = run_keys(operator, &format!(r#"{{"act": "{act}"}}"#), tight(), vec![numbers([1])]).await;
        outcome.says(&["in state.bind: what the operator returned is invalid: ", said]);
        assert!(matches!(outcome.error, Some(Error::Invalid(_))), "{:?}", outcome.error);
    }
}

/// Where a guest puts what it returns, and where it has the host put what it gets, and what is said of it.
const MISPLACED: [(&str, &str); 6] = [
    ("allocate-loop", "the call took longer than 50ms"),
    ("allocate-trap", "the operator trapped: wasm trap: wasm `unreachable` instruction executed"),
    ("allocate-beyond", "what the operator returned is invalid: realloc return: beyond end of memory"),
    ("allocate-unaligned", "what the operator returned is invalid: realloc return: result not aligned"),
    ("free-loop", "the call took longer than 50ms"),
    ("buffers-beyond", "what the operator returned is invalid: "),
];

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_breaks_rules_is_the_guests_own_harm() {
    for (act, said) in MISPLACED {
        let outcome = run("map", &format!(r#"{{"act": "{act}"}}"#), tight()).await;
        outcome.says(&["plugin hostile, operator map, stream made, batch 1000", ", in transform.process: ", said]);
        outcome.failed_after(1);
    }
    // The texts are the first bytes of the numbers, each of which is in UTF-8.
    let overlap = run("map", r#"{"act": "buffers-overlap"}"#, tight()).await;
    assert!(overlap.error.is_none(), "{:?}", overlap.error);
    let numbers: Vec<String> =
        overlap.out.rows(1000).iter().map(|row| row.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(numbers.len(), 6, "{numbers:?}");
    // What it reads of itself then is its own affair.
    let same = run("map", r#"{"act": "allocate-same"}"#, tight()).await;
    if same.error.is_some() {
        same.says(&["plugin hostile, operator map, stream made, batch 1000"]);
        same.failed_after(1);
    }
    let well = run("map", "{}", tight()).await;
    assert_eq!(well.out.rows(1000).len(), 6, "{:?}", well.error);
}
