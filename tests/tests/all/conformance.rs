//! The same operators in each language, side by side in one job with those in Rust, on the same rows: what they make is equal to the last byte.
//!
//! `plugins/NAME` has the operators in Rust, and says by its code what each does; `plugins/LANGUAGE/NAME` has them in the others. A language is a line in [`languages!`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::{
    Array, ArrayRef, Float32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
};
use sluicebox::arrow::compute::concat_batches;
use sluicebox::arrow::datatypes::{DataType, Field, Float64Type, Schema};
use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::{Limits, Policy};
use sluicebox_tests::every_type::with_nulls;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::{component, component_in};

/// A module for each language, with a test for each of its plugins.
macro_rules! languages {
    ($($language:ident: $($plugin:ident)*;)*) => {
        $(mod $language {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $plugin() {
                super::$plugin(stringify!($language)).await;
            })*
        })*
    };
}

languages! {
    c: words sessionize top_n mask_pii read_lines;
    cpp: words sessionize top_n mask_pii read_lines;
    go: words sessionize top_n mask_pii read_lines;
    javascript: words sessionize top_n mask_pii read_lines;
    python: words sessionize top_n mask_pii read_lines;
}

/// More rows than go into one call.
const MANY: usize = 65_537;

/// Texts that are easily got wrong.
const TEXTS: [Option<&str>; 12] = [
    Some(""),
    None,
    Some(" "),
    Some("to be  or not to be "),
    Some("a\tb\r\n"),
    Some("zwölf Boxkämpfer"),
    Some("😀😃 𐍈 日本語"),
    Some("e\u{301}\u{200d}\u{fe0f}"),
    Some("\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}"),
    Some("abcd"),
    Some("abcde"),
    None,
];

/// Batches of partitions, each a choice of rows of `all`, which ends with the edges of every case: no rows at all, a partition without rows, nothing but nulls, more rows than go into a call.
fn edges(all: &RecordBatch, n_not_null: usize) -> Vec<Vec<RecordBatch>> {
    let rows = all.num_rows();
    let many = concat_batches(&all.schema(), std::iter::repeat_n(all, MANY.div_ceil(rows))).unwrap();
    let nulls = all.slice(n_not_null, rows - n_not_null);
    vec![
        vec![all.clone()],
        vec![],
        vec![all.slice(0, 0)],
        vec![nulls.clone(), all.slice(0, 1), nulls],
        vec![many.slice(0, MANY)],
        vec![many.slice(3, 1000), all.slice(1, 3), all.slice(0, 0), all.slice(2, 5)],
    ]
}

fn rows(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let field = |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, column)| column).collect()).unwrap()
}

/// Run an operation twice in a job, by the plugin in Rust and by that in another language, and compare what it makes: how many rows that is.
async fn same(
    language: &str,
    name: &str,
    config: &str,
    batches: Vec<Vec<RecordBatch>>,
    operation: impl Fn(&StreamRef, &str, &str) -> Result<StreamRef>,
) -> usize {
    let job = TestJob::new();
    let schema = batches.iter().flatten().next().expect("a batch with rows").schema();
    let (input, queue) = job.context.queue_stream("input", schema).unwrap();
    let outs = [("rust", component(name)), (language, component_in(language, name))].map(|(language, file)| {
        // Interpreters take their time, and more memory than others for as many rows.
        let limits = Limits { time: Duration::from_secs(30), memory: 512 << 20, ..Limits::default() };
        let mut plugin = plugin(language, ComponentSource::File(file), limits, config);
        plugin.on_reject = Policy::Skip;
        job.context.add_plugin(plugin).unwrap();
        let out = Collected::default();
        let made = operation(&input, &format!("in-{language}"), language).unwrap();
        made.write_to(&format!("out-{language}"), Arc::new(out.clone())).unwrap();
        out
    });
    let n_batches = batches.len();
    for batch in batches {
        queue.push(batch).unwrap();
    }
    job.run(n_batches).await.unwrap();

    let [rust, other] = outs;
    assert_eq!(rust.schema(), other.schema(), "{language}/{name}");
    let mut n_rows = 0;
    for batch in 1..=n_batches as i64 {
        let (expected, made) = (rust.batches(batch * 1000), other.batches(batch * 1000));
        assert_eq!(expected.len(), made.len(), "{language}/{name}, batch {batch}: partitions");
        for (partition, (expected, made)) in expected.iter().zip(&made).enumerate() {
            let whole = |rows| concat_batches(&rust.schema(), rows).unwrap();
            let (expected, made) = (whole(expected), whole(made));
            assert!(
                expected == made,
                "{language}/{name}, batch {batch}, partition {partition}: {} rows instead of {}, first different: {:?}",
                made.num_rows(),
                expected.num_rows(),
                first_different(&expected, &made)
            );
            n_rows += expected.num_rows();
        }
    }
    n_rows
}

/// The first row that isn't the same, of both.
fn first_different(expected: &RecordBatch, made: &RecordBatch) -> Option<(usize, Vec<String>, Vec<String>)> {
    let (expected, made) = (sluicebox_tests::rows::show(expected), sluicebox_tests::rows::show(made));
    let at = (0..expected.len().max(made.len())).find(|row| expected.get(*row) != made.get(*row))?;
    Some((at, expected.get(at).into_iter().cloned().collect(), made.get(at).into_iter().cloned().collect()))
}

/// Lines to words, rejecting nulls; and words counted by key, in windows that subtract what leaves them.
async fn words(language: &str) {
    let texts: StringArray = TEXTS.into_iter().collect();
    let lines = rows(vec![("line", Arc::new(texts))]);
    let n_rows = same(language, "words", "{}", edges(&lines, 11), |input, name, plugin| {
        input.flat_map(name, &format!("{plugin}/split"))
    })
    .await;
    assert!(n_rows > 0);
    let n_rows = same(language, "words", "{}", edges(&lines, 11), |input, name, plugin| {
        input.reduce_by_key(name, &["line"], &format!("{plugin}/tally"))
    })
    .await;
    assert!(n_rows > 0);
    let n_rows = same(language, "words", "{}", edges(&lines, 11), |input, name, plugin| {
        let second = std::time::Duration::from_secs(1);
        let with = format!("{plugin}/tally");
        input.reduce_by_key_and_window(name, &["line"], &with, 3 * second, Some(second))
    })
    .await;
    assert!(n_rows > 0);
}

/// Sessions of two keys, with the largest and smallest times, and rows that come late.
async fn sessionize(language: &str) {
    let keys = ["a", "b", "a", "a", "", "😀", "a", "b", "b", "a", "b", "a"];
    let at = [0, 5, 1000, 2001, i64::MIN, i64::MAX, 1500, 1006, i64::MIN, i64::MAX, i64::MAX, i64::MAX - 1];
    let columns: Vec<(&str, ArrayRef)> =
        vec![("key", Arc::new(StringArray::from(keys.to_vec()))), ("at", Arc::new(Int64Array::from(at.to_vec())))];
    let all = rows(columns);
    for gap in ["0", "1000", "9223372036854775807"] {
        let config = format!(r#"{{"gap-ms": {gap}}}"#);
        let n_rows = same(language, "sessionize", &config, edges(&all, 11), |input, name, plugin| {
            input.map_with_state(name, &["key"], &format!("{plugin}/sessionize"))
        })
        .await;
        // The longest gap ends no session.
        assert_eq!(n_rows > 0, gap.len() < 10, "{config}");
    }
}

/// The highest scores of a key, with ties, and with more names than are kept.
async fn top_n(language: &str) {
    let names = ["b", "a", "", "😀", "a", "zwölf", "a=b,c", "A", "b", "c", "d", "é"];
    let scores = [1, 1, i64::MIN, i64::MAX, i64::MAX, 0, -1, 7, 1, 1, 1, 1];
    let keys = ["k", "k", "k", "k", "", "😀", "k", "k", "k", "k", "", "k"];
    let all = rows(vec![
        ("key", Arc::new(StringArray::from(keys.to_vec()))),
        ("name", Arc::new(StringArray::from(names.to_vec()))),
        ("score", Arc::new(Int64Array::from(scores.to_vec()))),
    ]);
    for config in ["{}", r#"{"n": 1}"#, r#"{"n": 4}"#] {
        let n_rows = same(language, "top-n", config, edges(&all, 11), |input, name, plugin| {
            input.reduce_by_key(name, &["key"], &format!("{plugin}/top-n"))
        })
        .await;
        assert!(n_rows > 0, "{config}");
    }
}

/// Texts masked, among columns of every type, which pass as they are.
async fn mask_pii(language: &str) {
    let of_types = with_nulls();
    let times = |n: usize| concat_batches(&of_types.schema(), std::iter::repeat_n(&of_types, n)).unwrap();
    let n_rows = TEXTS.len();
    let others = times(n_rows.div_ceil(of_types.num_rows())).slice(0, n_rows);
    let texts = || Arc::new(TEXTS.into_iter().collect::<StringArray>());
    let doubles = [f64::NAN, -0.0, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX, f64::MIN];
    let lists = ListArray::from_iter_primitive::<Float64Type, _, _>((0..n_rows).map(|row| match row % 4 {
        0 => None,
        1 => Some(vec![]),
        _ => Some(vec![Some(f64::NAN), None, Some(row as f64)]),
    }));
    let mut columns: Vec<(String, ArrayRef)> = vec![("secret".to_owned(), texts())];
    for (field, column) in others.schema().fields().iter().zip(others.columns()) {
        columns.push((field.name().clone(), column.clone()));
    }
    let nan = f32::from_bits(0x7fc0_1234);
    columns.push(("half".to_owned(), Arc::new(Float32Array::from(vec![nan; n_rows]))));
    columns.push((
        "doubles".to_owned(),
        Arc::new(Float64Array::from_iter((0..n_rows).map(|row| doubles.get(row).copied()))),
    ));
    columns.push(("lists".to_owned(), Arc::new(lists)));
    columns.push(("also secret".to_owned(), texts()));
    let all = rows(columns.iter().map(|(name, column)| (name.as_str(), column.clone())).collect());
    assert_eq!(all.schema().field(0).data_type(), &DataType::Utf8);
    for config in [
        r#"{"columns": ["secret", "also secret"]}"#,
        r#"{"columns": ["also secret"], "keep": 0, "mask": "█"}"#,
        r#"{"columns": ["secret"], "keep": 1000}"#,
    ] {
        let n_rows = same(language, "mask-pii", config, edges(&all, 11), |input, name, plugin| {
            input.map(name, &format!("{plugin}/mask-pii"))
        })
        .await;
        assert!(n_rows > 0, "{config}");
    }
}

/// Lines of a file to its end: the same rows in the same order.
async fn read_lines(language: &str) {
    let mut text: Vec<u8> =
        TEXTS.into_iter().flatten().map(|text| text.replace(['\0', '\r', '\n'], "") + "\n").collect::<String>().into();
    text.extend(b"not UTF-8: \xff\n\xed\xa0\x80\n\xf0\x80\x80\x80\n\xc3\n");
    text.extend((0..60_000).flat_map(|n| format!("line {n}\n").into_bytes()));
    text.extend(b"the last, without its end");
    let written = [component("read-lines"), component_in(language, "read-lines")].map(|component| {
        let folder = Folder::new(&format!(
            "[plugin.reading]\ncomponent = '{}'\nconfig = {{ file = \"in/lines\", ends = true }}\ngrants = {{ read = [\"in\"] }}\n\
             [stream.lines]\nsource = {{ type = \"reading/read-lines\", max-time = \"50ms\" }}\n\
             [output.console]\ninput = \"lines\"\nsink = {{ type = \"files\", path = \"out\", format = \"json\" }}\n",
            component.display()
        ));
        std::fs::create_dir(folder.path("in")).unwrap();
        std::fs::write(folder.path("in/lines"), &text).unwrap();
        folder.run(&["--drain"]).ended_with(0);
        let mut files: Vec<_> = walk(&folder.path("out"));
        files.sort();
        files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect::<Vec<u8>>()
    });
    let [rust, other] = written;
    let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines(&rust), TEXTS.into_iter().flatten().count() + 60_001);
    assert!(rust.ends_with(b"{\"line\":\"the last, without its end\"}\n"), "{} bytes", rust.len());
    assert!(rust == other, "{} rows instead of {}", lines(&other), lines(&rust));
}

/// The files with rows below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let rows = files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"));
    rows.chain(folders.iter().filter(|folder| !folder.ends_with("_staging")).flat_map(|folder| walk(folder))).collect()
}
