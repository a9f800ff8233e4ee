//! Every type of a stream's columns, null too, arrives as the database's type that the error about a missing table proposes.

use sluicebox::arrow::array::{Array, ArrayRef, DictionaryArray, StringViewArray};
use sluicebox::arrow::compute::cast;
use sluicebox::arrow::datatypes::Int8Type;
use sluicebox_tests::every_type;

use super::*;

/// What a column of one value each, made by the statement that the error proposes, shows after a batch of `column`; or why it can't be written.
async fn round_trip(fixture: &Fixture, column: &ArrayRef, term: u64) -> Result<Vec<String>> {
    let schema = Arc::new(Schema::new(vec![Field::new("value", column.data_type().clone(), true)]));
    let rows = RecordBatch::try_new(schema.clone(), vec![column.clone()]).unwrap();
    fixture.database.run("DROP TABLE IF EXISTS counts").await;
    let store = Store::new(&format!("file://{}", fixture.checkpoint.path().display())).unwrap();
    store.ready().await.unwrap();
    let missing =
        fixture.unbound(fixture.definition(), None, Listeners::default())?.bind(&schema).unwrap_err().to_string();
    let (_, create) = missing.split_once("create it: ").unwrap_or_else(|| panic!("{missing}"));
    fixture.database.run(create).await;
    let sink = fixture.unbound(fixture.definition(), Some(store), Listeners::default())?;
    sink.bind(&schema)?;
    sink.open(term).await?;
    let batch = i64::try_from(term).unwrap() * 1000;
    let staged = write(&sink, batch, vec![rows]).await?;
    sink.commit(BatchTime(batch), &staged).await?;
    Ok(fixture.database.rows("SELECT coalesce(value::text, '<null>') FROM counts ORDER BY ctid").await)
}

/// What each column holds at last, the nulls left out; an error's words where there are none.
const EXPECTED: &[(&str, &[&str])] = &[
    ("boolean", &["(true)", "(false)", "(true)"]),
    ("int8", &["(-128)", "(0)", "(127)"]),
    ("int16", &["(-32768)", "(0)", "(32767)"]),
    ("int32", &["(-2147483648)", "(0)", "(2147483647)"]),
    ("int64", &["(-9223372036854775808)", "(0)", "(9223372036854775807)"]),
    ("uint8", &["(0)", "(1)", "(255)"]),
    ("uint16", &["(0)", "(1)", "(65535)"]),
    ("uint32", &["(0)", "(1)", "(4294967295)"]),
    ("uint64", &["(0)", "(1)", "(18446744073709551615)"]),
    ("float32", &["(-Infinity)", "(-0)", "(NaN)"]),
    ("float64", &["(2.2250738585072014e-308)", "(-0)", "(NaN)"]),
    ("decimal", &["(-99999999.99)", "(0.00)", "(99999999.99)"]),
    (
        "decimal_whole",
        &["(-99999999999999999999999999999999999999)", "(0)", "(99999999999999999999999999999999999999)"],
    ),
    ("decimal_round", &["(-99999000)", "(1000)", "(99999000)"]),
    ("string", &["row 3 of the partition, column \"value\": its text has the character U+0000"]),
    ("binary", &["(\"\\\\x\")", "(\"\\\\xff00fe\")", "(\"\\\\x736576656e7465656e2062797465732e2e\")"]),
    ("fixed_binary", &["(\"\\\\x616263\")", "(\"\\\\x000000\")", "(\"\\\\xffffff\")"]),
    ("date", &["row 1 of the partition, column \"value\": -2147483648 is out of range for date"]),
    ("date64", &["(1969-12-31)", "(1970-01-01)", "(2024-10-04)"]),
    ("time_s", &["(00:00:00)", "(00:00:01)", "(23:59:59)"]),
    ("time_ms", &["(00:00:00)", "(00:00:00.001)", "(23:59:59.999)"]),
    ("time_us", &["(00:00:00)", "(00:00:00.000001)", "(23:59:59.999999)"]),
    ("time_ns", &["(00:00:00)", "(00:00:00)", "(24:00:00)"]),
    (
        "timestamp_s",
        &[
            "row 1 of the partition, column \"value\": -9223372036854775808 is out of range for timestamp without time zone",
        ],
    ),
    (
        "timestamp_ms",
        &[
            "row 1 of the partition, column \"value\": -9223372036854775808 is out of range for timestamp with time zone",
        ],
    ),
    (
        "timestamp_us",
        &[
            "row 1 of the partition, column \"value\": -9223372036854775808 is out of range for timestamp with time zone",
        ],
    ),
    (
        "timestamp_ns",
        &["(\"1677-09-21 00:12:43.145224+00\")", "(\"1970-01-01 00:00:00+00\")", "(\"2262-04-11 23:47:16.854776+00\")"],
    ),
    (
        "timestamp_plain",
        &["(\"1677-09-21 00:12:43.145224\")", "(\"1970-01-01 00:00:00\")", "(\"2262-04-11 23:47:16.854776\")"],
    ),
    ("duration_ns", &["(-2562047:47:16.854776)", "(00:00:00)", "(2562047:47:16.854776)"]),
    ("months", &["(\"-178956970 years -8 mons\")", "(00:00:00)", "(\"178956970 years 7 mons\")"]),
    ("day_time", &["(\"-1 days +00:00:00.001\")", "(00:00:00)", "(\"2147483647 days -596:31:23.648\")"]),
    ("list", &["([])", "([1])", "(\"[1, 2, -3]\")"]),
    ("list_of_strings", &["(\"[\"\"\"\", null]\")", "([])", "(\"[\"\"größer\"\", \"\"b\"\"]\")"]),
    ("list_of_lists", &["(\"[[], null, [true]]\")", "([])", "(\"[[true, false], []]\")"]),
    ("fixed_list", &["(\"[1.5, null, 0.0]\")", "(\"[0.0, 0.0, 0.0]\")", "(\"[null, null, null]\")"]),
    (
        "point",
        &[
            "(\"{\"\"x\"\": 1, \"\"the label\"\": \"\"\"\"}\")",
            "(\"{\"\"x\"\": 2, \"\"the label\"\": null}\")",
            "(\"{\"\"x\"\": -3, \"\"the label\"\": \"\"c\"\"}\")",
        ],
    ),
    (
        "pair",
        &[
            "(\"{\"\"_1\"\": \"\"2024-02-29\"\", \"\"_2\"\": []}\")",
            "(\"{\"\"_1\"\": \"\"1970-01-01\"\", \"\"_2\"\": null}\")",
            "(\"{\"\"_1\"\": \"\"1969-12-31\"\", \"\"_2\"\": [0, 255]}\")",
        ],
    ),
    ("map", &["({})", "(\"{\"\"a\"\": null}\")", "(\"{\"\"\"\": 0, \"\"a\"\": -1, \"\"b\"\": 1}\")"]),
];

#[tokio::test]
async fn every_type_arrives() {
    let fixture = Fixture::new("SELECT 1").await;
    let rows = every_type::with_nulls();
    let mut wrong = vec![];
    for (term, (name, expected)) in (1..).zip(EXPECTED) {
        let column = rows.column_by_name(name).unwrap();
        match round_trip(&fixture, column, term).await {
            Ok(found) => {
                let [a, null, b, c, last] = &found[..] else { panic!("{name}: {found:?}") };
                assert_eq!((null.as_str(), last.as_str()), ("(<null>)", "(<null>)"), "{name}");
                if [a, b, c] != *expected {
                    wrong.push(format!("{name}: {found:?}, not {expected:?}"));
                }
            }
            Err(error) if error.to_string().contains(expected[0]) => {}
            Err(error) => wrong.push(format!("{name}: {error}, not {expected:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn layouts_do_not_matter_nor_do_odd_letters() {
    let fixture = Fixture::new("SELECT 1").await;
    let odd =
        ["", "größer 日本 🦀", "tab\tnew\nline\rback\\slash", "\\N", "\\.", "'\";--", "NULL", "x\u{1}\u{7f}\u{feff}"];
    let expected: Vec<String> = odd.iter().map(|text| (*text).to_owned()).collect();
    let views: ArrayRef = Arc::new(StringViewArray::from(odd.to_vec()));
    let dictionary: ArrayRef = Arc::new(odd.iter().copied().collect::<DictionaryArray<Int8Type>>());
    let large = cast(&views, &DataType::LargeUtf8).unwrap();
    for (term, column) in (1..).zip([views, dictionary, large]) {
        round_trip(&fixture, &column, term).await.unwrap();
        let session = fixture.database.session().await;
        let found = session.query("SELECT value FROM counts ORDER BY ctid", &[]).await.unwrap();
        let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
        assert_eq!(found, expected, "{}", column.data_type());
    }
}

#[tokio::test]
async fn strings_go_into_the_types_that_the_database_reads_from_text() {
    let fixture = Fixture::new(
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN short AS varchar(5);
         CREATE TABLE counts (a uuid, b mood, c jsonb, d short, e inet)",
    )
    .await;
    let values = ["550e8400-e29b-41d4-a716-446655440000", "ok", "{\"a\": [1]}", "abc", "10.0.0.1"];
    let fields: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let columns = values.iter().map(|value| Arc::new(StringArray::from(vec![*value])) as ArrayRef).collect();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let sink = fixture.unbound(fixture.definition(), None, Listeners::default()).unwrap();
    sink.bind(&rows.schema()).unwrap();
    sink.open(0).await.unwrap();
    let staged = write(&sink, 1000, vec![rows]).await.unwrap();
    sink.commit(BatchTime(1000), &staged).await.unwrap();
    let found = fixture.database.rows("SELECT * FROM counts").await;
    assert_eq!(found, ["(550e8400-e29b-41d4-a716-446655440000,ok,\"{\"\"a\"\": [1]}\",abc,10.0.0.1)"]);
}
