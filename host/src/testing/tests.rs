//! Cases read, bound to jobs and run.

use std::path::Path;

use super::{Case, Options, Outcome, Problem, Runner, What, parse_json, parse_toml};
use crate::error::{Diagnostics, Error};
use crate::job::file;

/// A runner of a job with these streams and outputs, batches of a second, two partitions after a shuffle.
fn runner(streams: &str) -> Runner {
    let text = format!("job = {{ name = 'test', batch-interval = '1s', parallelism = 2 }}\n{streams}");
    let job = file::parse(Path::new("job.toml"), &text, vec![]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    Runner::new(job.definition, Options { roundtrip_plans: true, ..Options::default() })
}

fn cases(text: &str) -> Vec<Case> {
    parse_toml(Path::new("cases.toml"), text).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// A queue of these columns, handed through.
fn echo(columns: &str) -> Runner {
    runner(&format!(
        "stream.in.source = {{ type = 'queue', schema = {{ {columns} }} }}\noutput.out = {{ input = 'in', sink = {{ type = 'print' }} }}"
    ))
}

async fn outcomes(runner: &Runner, text: &str) -> Vec<Outcome> {
    let mut all = vec![];
    for case in cases(text) {
        all.push(runner.run(&case).await.unwrap_or_else(|error| panic!("{}: {error}", case.name)));
    }
    all
}

async fn pass(runner: &Runner, text: &str) {
    for (outcome, case) in outcomes(runner, text).await.iter().zip(cases(text)) {
        assert!(outcome.passed(), "{}: {:#?}", case.name, outcome.problems);
    }
}

/// The one problem of the one case.
async fn problem(runner: &Runner, text: &str) -> Problem {
    let mut outcomes = outcomes(runner, text).await;
    assert!(outcomes.len() == 1 && outcomes[0].problems.len() == 1, "{outcomes:#?}");
    outcomes.remove(0).problems.remove(0)
}

/// What is wrong with a case that was read.
fn mistakes(runner: &Runner, text: &str) -> String {
    let wrong = |case: &Case| match runner.check(case) {
        Err(Error::Invalid(Diagnostics(mistakes))) => mistakes,
        other => panic!("{}: {other:?}", case.name),
    };
    Diagnostics(cases(text).iter().flat_map(wrong).collect()).to_string()
}

/// Types, two ways to write the same value of each, and a value that is another.
const VALUES: [(&str, &str, &str, &str); 34] = [
    ("boolean", "true", "true", "false"),
    ("int8", "-128", "-128", "127"),
    ("int64", "9_223_372_036_854_775_807", "0x7fff_ffff_ffff_ffff", "-1"),
    ("uint32", "4294967295", "4294967295", "0"),
    ("uint64", "'18446744073709551615'", "'18446744073709551615'", "1"),
    ("float32", "0.5", "5e-1", "0.25"),
    ("float64", "1.0", "1", "-1.0"),
    ("float64", "nan", "'nan'", "inf"),
    ("float64", "0.0", "0", "-0.0"),
    ("float64", "-inf", "'-inf'", "inf"),
    ("decimal(10, 2)", "'12.50'", "'12.5'", "'-12.50'"),
    ("decimal(10, 2)", "12", "'12.00'", "'12.01'"),
    ("decimal(5, -3)", "'99000'", "99000", "0"),
    ("decimal(38, 0)", "'99999999999999999999999999999999999999'", "'99999999999999999999999999999999999999'", "'0'"),
    ("string", "'größer\"'", "\"größer\\\"\"", "''"),
    ("binary", "'0x00ff'", "'0x00FF'", "'0x'"),
    ("fixed-size-binary(2)", "'0x00ff'", "'0x00FF'", "'0x0000'"),
    ("date", "2024-02-29", "'2024-02-29'", "0"),
    ("date", "19782", "'2024-02-29'", "2024-03-01"),
    ("date64", "2024-02-29", "'2024-02-29'", "2024-03-01"),
    ("time[s]", "10:15:00", "36900", "'10:15:01'"),
    ("time[us]", "10:15:00.5", "'10:15:00.500'", "10:15:00"),
    ("timestamp[ms]", "2024-02-29T10:15:00.25", "1709201700250", "'2024-02-29T10:15:00'"),
    ("timestamp[us, UTC]", "2024-02-29T10:15:00Z", "'2024-02-29T12:15:00+02:00'", "0"),
    ("timestamp[s, Europe/Berlin]", "2024-02-29T10:15:00Z", "'2024-02-29T11:15:00'", "2024-02-29T11:15:00Z"),
    ("duration[ms]", "'1s 500ms'", "1500", "-1500"),
    ("interval[year-month]", "'1 year 2 months'", "'14 months'", "'1 month'"),
    ("interval[month-day-nano]", "'1 month 2 days'", "'1 mon 2 day'", "'1 month'"),
    ("list<int64>", "[1, { null = true }]", "[1, {null = true}]", "[1]"),
    ("fixed-size-list<int64 not null, 2>", "[1, 2]", "[1, 2]", "[2, 1]"),
    ("struct<x: int64 not null, y: string>", "{ x = 1 }", "[1, { null = true }]", "{ x = 1, y = '' }"),
    ("map<string, int64>", "{ a = 1, b = 2 }", "[['b', 2], ['a', 1]]", "{ a = 1 }"),
    ("map<int64, list<string>>", "[[1, ['a']]]", "[[1, ['a']]]", "[[1, []]]"),
    (
        "list<struct<x: list<date>, y: map<string, boolean>>>",
        "[{ x = [1] }, [[], []]]",
        "[[[1970-01-02], {null = true}], { x = [], y = {} }]",
        "[]",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_type_go_in_and_are_compared() {
    for (data_type, one, same, other) in VALUES {
        let echo = echo(&format!("v = '{data_type}', n = 'int64'"));
        let case = |n: usize, expected: &str| {
            format!(
                "[[case]]\nname = 'case {n}'\ninput.in = [[{{ v = {one} }}, {{ n = 1 }}]]\nexpect.in = [[[{expected}, {{ null = true }}], [{{ null = true }}, 1]]]\n"
            )
        };
        pass(&echo, &(case(1, one) + &case(2, same))).await;
        let differs = problem(&echo, &case(3, other)).await;
        let Problem::Differs(difference) = differs else { panic!("{data_type}: {differs:?}") };
        assert!(matches!(&difference.what, What::Rows(rows) if rows.lines.len() == 2), "{data_type}: {difference:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_one_column_is_its_value() {
    for (data_type, one, same, _) in VALUES {
        let text = format!(
            "[[case]]\nname = 'a'\ninput.in = [[{one}, {{ v = {same} }}]]\nexpect.in = [[{{ v = {one} }}, {same}]]\n"
        );
        pass(&echo(&format!("v = '{data_type}'")), &text).await;
    }
}

#[test]
fn values_that_do_not_fit_are_refused() {
    for (data_type, value, message) in [
        ("boolean", "1", "true or false is expected, found the integer 1"),
        ("int8", "128", "128 is out of the range of int8"),
        ("int8", "1.0", "an integer is expected, found the float 1.0"),
        ("uint8", "-1", "-1 is out of the range of uint8"),
        ("float32", "1e39", "1e39 is out of the range of float32"),
        ("float64", "'1'", "a float is expected, found the string \"1\""),
        ("decimal(4, 2)", "12.5", "the float 12.5 is not exact: a decimal is written as a string"),
        ("decimal(4, 2)", "'1.234'", "1.234 has no room in decimal(4, 2)"),
        ("decimal(4, 2)", "'100'", "100 has no room in decimal(4, 2)"),
        ("decimal(4, 2)", "'1.'", "\"1.\" is not a decimal"),
        ("string", "1", "a string is expected, found the integer 1"),
        ("binary", "'ff'", "\"ff\" is not 0x and two hexadecimal digits for each byte"),
        ("binary", "'0xfff'", "\"0xfff\" is not 0x and two hexadecimal digits for each byte"),
        ("binary", "'0x+1'", "\"0x+1\" is not 0x and two hexadecimal digits for each byte"),
        ("fixed-size-binary(2)", "'0xff'", "1 bytes stand where 2 belong"),
        ("date", "2024-02-29T10:00:00", "\"2024-02-29T10:00:00\" is not a date: it has a time"),
        ("date", "'2023-02-29'", "\"2023-02-29\" is not a date"),
        ("time[s]", "10:15:00.5", "\"10:15:00.5\" is finer than time[s]"),
        ("timestamp[ms]", "2024-02-29T10:15:00.0001", "\"2024-02-29T10:15:00.0001\" is finer than timestamp[ms]"),
        ("timestamp[ms]", "2024-02-29T10:15:00Z", "\"2024-02-29T10:15:00Z\" has a zone, and the column has none"),
        ("timestamp[ms]", "'now'", "\"now\" is not a timestamp[ms]"),
        ("duration[s]", "'1500ms'", "\"1500ms\" is finer than duration[s]"),
        ("interval[year-month]", "14", "an interval as a string is expected, found the integer 14"),
        ("list<int64>", "1", "an array is expected, found the integer 1"),
        ("fixed-size-list<int64, 2>", "[1]", "an array of 1 stands where 2 items belong"),
        ("list<int64 not null>", "[{ null = true }]", "a value is missing: the column has no nulls"),
        ("struct<x: int64>", "{ y = 1 }", "there is no column \"y\""),
        ("struct<x: int64>", "[1, 2]", "an array of 2 stands for 1 columns"),
        ("map<int64, int64>", "{ a = 1 }", "an integer is expected, found the string \"a\""),
        ("map<string, int64>", "[['a']]", "an entry is an array of key and value, found an array"),
        ("string not null", "{ null = true }", "a value is missing: the column has no nulls"),
    ] {
        let text = format!("[[case]]\nname = 'a'\ninput.in = [[{{ v = {value} }}]]\nexpect.in = [[]]");
        let found = mistakes(&echo(&format!("v = '{data_type}', n = 'int64'")), &text);
        assert!(found.starts_with("cases.toml:3:"), "{data_type}: {found}");
        let found = found.split("column \"v").nth(1).unwrap_or(&found);
        assert!(found.split_once("\": ").is_some_and(|(_, found)| found.starts_with(message)), "{data_type}: {found}");
    }
}

#[test]
fn mistakes_in_names_rows_and_numbers_are_told_in_one_go() {
    let text = r#"[[case]]
name = "a"
batches = 1
input.n = [[[1, 2], { x = 1, z = 2 }, "x", [1]], []]
input.both = [[]]
expect.both.batches = { 1 = [[1, "a"]], 2 = [] }
expect.bth = []
"#;
    let runner = runner(
        "stream.in.source = { type = 'queue', schema = { x = 'int64', y = 'int64' } }\nstream.both = { union = ['in', 'in'] }\n\
         output.out = { input = 'both', sink = { type = 'print' } }",
    );
    assert_eq!(
        mistakes(&runner, text),
        r#"cases.toml:4:7: case "a": the last batch is 1, and input.n has 2
  help: raise batches, or leave some away
cases.toml:4:7: case "a": input.n: the stream is not there
  help: sources: in
cases.toml:5:7: case "a": input.both: the stream is no source
  help: sources: in
cases.toml:7:8: case "a": expect.bth: there is no such stream or output
  help: did you mean "both"?"#
    );
    let text = text.replace("input.n", "input.in").replace("input.both = [[]]\n", "").replace("expect.bth = []\n", "");
    assert_eq!(
        mistakes(&runner, &text.replace("batches = 1\n", "")),
        r#"cases.toml:3:31: case "a": input.in, batch 1, row 2: there is no column "z"
  help: columns: x, y
cases.toml:3:40: case "a": input.in, batch 1, row 3: a table or an array is expected, found the string "x"
  help: the columns are (x: int64, y: int64)
cases.toml:3:45: case "a": input.in, batch 1, row 4: an array of 1 stands for 2 columns
  help: the columns are (x: int64, y: int64)"#
    );
    assert_eq!(
        mistakes(&runner, &text.replace("input.in = [[[1, 2], { x = 1, z = 2 }, \"x\", [1]], []]\n", "")),
        r#"cases.toml:4:8: case "a": expect.both, batch 2: it is not run, the last one is 1
  help: add batches = 2 to the case
cases.toml:4:34: case "a": expect.both, batch 1, row 1, column "y": an integer is expected, found the string "a"
  help: a value of int64 is written as 1"#
    );
}

#[test]
fn mistakes_of_a_file_are_told_in_one_go() {
    let text = r#"[[case]]
name = "a"
batchs = 3
start = "yesterday"
tolerance = -1
error = { text = "x", bach = 1 }
[case.input]
in = { batches = [["a"], "non", { partition = [] }], partitions = 0 }
[case.expect]
in = { emitted = [], batches = [], order = true }
out = [{}, 1]
other = { batches = { 0 = [] } }

[[case]]
name = "a"

[[case]]
expect.in = []
"#;
    let found = parse_toml(Path::new("cases.toml"), text).unwrap_err().to_string();
    let lines: Vec<&str> = found.lines().filter(|line| !line.starts_with("  help")).collect();
    assert_eq!(
        lines,
        [
            "cases.toml:3:1: case \"a\": unknown key \"batchs\"",
            "cases.toml:4:9: case \"a\": start: \"yesterday\" is not a timestamp[ms, +00:00]",
            "cases.toml:5:13: case \"a\": tolerance: -1 is no tolerance",
            "cases.toml:6:23: case \"a\": error: unknown key \"bach\"",
            "cases.toml:8:8: case \"a\": input.in.batches.partitions is missing",
            "cases.toml:8:26: case \"a\": input.in.batches: a batch's rows are expected",
            "cases.toml:8:35: case \"a\": input.in.batches: unknown key \"partition\"",
            "cases.toml:8:67: case \"a\": input.in.partitions: 0 is out of range",
            "cases.toml:10:18: case \"a\": expect.in.emitted: batches is given too",
            "cases.toml:10:36: case \"a\": expect.in: unknown key \"order\"",
            "cases.toml:11:8: case \"a\": expect.out: nothing is said of the batch",
            "cases.toml:11:12: case \"a\": expect.out: a batch's rows are expected",
            "cases.toml:12:27: case \"a\": expect.other.batches.0: \"0\" is not a batch's number",
            "cases.toml:14:1: there is a case \"a\" already",
            "cases.toml:17:1: case 3: name is missing",
        ]
    );
    let none = |text: &str| parse_toml(Path::new("cases.toml"), text).unwrap_err().to_string();
    assert!(none("").starts_with("cases.toml:1:1: [case] is missing"), "{}", none(""));
    assert!(none("case = []").contains("there is no case"));
    assert!(none("[case]").contains("an array of tables is expected"));
    assert!(none("[[case]]\nname = 'a'").contains("nothing is expected"));
    assert!(
        none("[[case]]\nname = 'a'\nerror = 'x'\n[[case]]\nname = 'a'\nerror = 'x'").contains("a case \"a\" already")
    );
    assert!(none("[[case]").contains("this is not TOML"));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_the_same_shape() {
    let json = r#"{ "case": [{
        "name": "nulls and gaps", "partitions": 2,
        "input": { "in": [[{ "v": null }, 1.5, { "v": "nan" }], null, "none", []] },
        "expect": { "in": { "ordered": true, "batches": { "1": [null, 1.5, "nan"], "4": { "n-rows": 0 } } } }
    }] }"#;
    let cases = parse_json(Path::new("cases.json"), json).unwrap();
    let outcome = echo("v = 'float64'").run(&cases[0]).await.unwrap();
    assert!(outcome.passed(), "{outcome:?}");
    assert_eq!(outcome.n_batches, 4);

    let wrong = |json: &str| parse_json(Path::new("cases.json"), json).unwrap_err().to_string();
    assert_eq!(
        wrong("{").lines().next(),
        Some("cases.json:1:1: this is not JSON: EOF while parsing an object at line 1 column 1")
    );
    assert_eq!(wrong("[]"), "cases.json: an object with the key \"case\" is expected, found an array");
    assert!(
        wrong(r#"{ "case": [{ "name": "x", "expct": {} }] }"#)
            .starts_with("cases.json: case \"x\": unknown key \"expct\"")
    );
    assert!(wrong(&"[".repeat(200)).contains("recursion limit"));
    let text = r#"{ "case": [{ "name": "x", "input": { "in": [["a"]] }, "expect": { "in": [] } }] }"#;
    let error =
        echo("v = 'float64'").check(&parse_json(Path::new("cases.json"), text).unwrap()[0]).unwrap_err().to_string();
    assert!(
        error.starts_with("cases.json: case \"x\": input.in, batch 1, row 1, column \"v\": a float is expected"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_those_of_the_case() {
    let echo = echo("v = 'int64'");
    pass(
        &echo,
        "[[case]]\nname = 'spread'\npartitions = 3\ninput.in = [[1, 2, 3, 4, 5], { partitions = [[1], [], [2, 3]] }, []]\n\
         expect.in = [{ partitions = [[1], [2, 3], [4, 5]] }, { partitions = [[1], [], [3, 2]], n-rows = 3 }, { n-partitions = 3, rows = [] }]\n\
         [[case]]\nname = 'one'\ninput.in = [[1, 2, 3]]\nexpect.out = [{ n-partitions = 1, n-rows = 3 }]",
    )
    .await;
    let found = problem(
        &echo,
        "[[case]]\nname = 'a'\ninput.in.batches = [[1]]\ninput.in.partitions = 2\nexpect.in = [{ n-partitions = 3 }]",
    )
    .await;
    let is_it = matches!(&found, Problem::Differs(it) if matches!(it.what, What::Count { of: "partitions", expected: 3, found: 2 }));
    assert!(is_it, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_listed_makes_no_rows() {
    let echo = echo("v = 'int64'");
    let found = problem(&echo, "[[case]]\nname = 'a'\ninput.in = [[1], [2]]\nexpect.in = [[1]]").await;
    let Problem::Differs(found) = found else { panic!("{found:?}") };
    assert_eq!(found.batch.map(|(number, time)| (number, time.0)), Some((2, 2000)));
    // By number, nothing is said of others.
    pass(&echo, "[[case]]\nname = 'a'\ninput.in = [[1], [2]]\nexpect.in.batches = { 2 = [2] }").await;
    // All that is emitted, or none of it.
    pass(&echo, "[[case]]\nname = 'a'\nbatches = 3\ninput.in = [[1], [2]]\nexpect.in.emitted = [[1], [2], []]").await;
    let found = problem(&echo, "[[case]]\nname = 'a'\ninput.in = [[1], [2]]\nexpect.in.emitted = [[1]]").await;
    let is_it = matches!(&found, Problem::Differs(it) if matches!(it.what, What::Count { of: "datasets", expected: 1, found: 2 }));
    assert!(is_it, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn order_and_tolerance_count_where_the_case_says_so() {
    let echo = echo("v = 'float64'");
    let case = |more: &str, expected: &str| {
        format!("[[case]]\nname = 'a'\n{more}\ninput.in = [[1.0, 2.0]]\nexpect.in = {{ {expected} }}")
    };
    pass(&echo, &case("", "batches = [[2.0, 1.0]]")).await;
    pass(&echo, &case("tolerance = 0.1", "ordered = true, batches = [[1.05, 1.95]]")).await;
    pass(&echo, &case("tolerance = 0.1", "batches = [[1.95, 1.05]]")).await;
    for text in [case("", "ordered = true, batches = [[2.0, 1.0]]"), case("", "batches = [[1.05, 2.0]]")] {
        let found = problem(&echo, &text).await;
        assert!(matches!(&found, Problem::Differs(it) if matches!(it.what, What::Rows(_))), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_stands_where_the_case_says() {
    let runner = runner(
        "stream.in.source = { type = 'queue', schema = { v = 'int64' } }\nstream.times.sql = 'select now() as t, v from \"in\"'\n\
         output.out = { input = 'in', sink = { type = 'print' } }",
    );
    let found =
        problem(&runner, "[[case]]\nname = 'a'\nstart = 2024-02-29T10:15:00Z\ninput.in = [[1]]\nexpect.in = []").await;
    let Problem::Differs(found) = found else { panic!("{found:?}") };
    assert_eq!(found.batch.map(|(_, time)| time.0), Some(1_709_201_701_000));
    pass(
        &runner,
        "[[case]]\nname = 'a'\nstart = 2024-02-29T10:15:00Z\ninput.in = [[1]]\nexpect.times = [[[2024-02-29T10:15:01, 1]]]\n\
         [[case]]\nname = 'b'\ninput.in = [[], [1]]\nexpect.times = [[], [['1970-01-01T00:00:02', 1]]]",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_replaced_whatever_they_are() {
    let runner = runner(
        "stream.lines.source = { type = 'socket', address = 'nowhere.invalid:1' }\n\
         stream.texts.source = { type = 'files', path = '/nowhere', format = 'text' }\n\
         stream.rows.source = { type = 'files', path = '/nowhere', format = 'csv' }\n\
         stream.both.union = ['lines', 'texts']\n\
         stream.sum.sql = 'select n * 2 as twice from rows'\n\
         output.both = { input = 'both', sink = { type = 'files', path = '/nowhere', format = 'text' } }\n\
         output.sum = { input = 'sum', sink = { type = 'print' } }",
    );
    pass(
        &runner,
        "[[case]]\nname = 'a'\ninput.lines = [['a'], ['b']]\ninput.texts = [['c']]\ninput.rows = { schema = { n = 'int64' }, batches = [[2]] }\n\
         expect.both = [['a', 'c'], ['b']]\nexpect.sum = [[4]]",
    )
    .await;
    let case = "[[case]]\nname = 'a'\ninput.lines.batches = [['a']]\ninput.lines.schema = { value = 'string' }\nexpect.both = [['a']]";
    assert_eq!(
        mistakes(&runner, case).lines().filter(|line| !line.starts_with("  help")).collect::<Vec<_>>(),
        [
            "cases.toml:1:1: case \"a\": input.rows: the source takes its columns from its first file, which a case has not",
            "cases.toml:3:7: case \"a\": input.lines: the source has its own columns",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_expected_by_their_text_and_batch() {
    let runner = runner(
        "stream.in.source = { type = 'queue', schema = { v = 'int64' } }\nstream.inverse.sql = 'select 10 / v as i from \"in\"'\n\
         output.out = { input = 'inverse', sink = { type = 'print' } }",
    );
    let case = |error: &str| {
        format!("[[case]]\nname = 'a'\n{error}\ninput.in = [[1], [0], [5]]\nexpect.inverse = [[10], [], [2]]")
    };
    pass(&runner, &case("error = 'ivide by zero'")).await;
    pass(&runner, &case("error = { text = ['ivide by zero', 'batch 2000'], batch = 2 }")).await;
    for (error, batch) in [("", 2), ("error = 'overflow'", 2), ("error = { text = 'zero', batch = 1 }", 2)] {
        let found = problem(&runner, &case(error)).await;
        let is_it = matches!(&found, Problem::Failed { batch: Some(number), message, expected }
            if *number == batch && message.contains("ivide by zero") && expected.is_some() != error.is_empty());
        assert!(is_it, "{found:?}");
    }
    let found = problem(&runner, "[[case]]\nname = 'a'\nerror = 'zero'\ninput.in = [[1]]").await;
    assert!(matches!(found, Problem::NotFailed { .. }), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_check_fails_is_what_a_case_may_expect() {
    let runner = runner(
        "stream.in.source = { type = 'queue', schema = { v = 'int64' } }\nstream.wrong.sql = 'select w from \"in\"'\n\
         output.out = { input = 'wrong', sink = { type = 'print' } }",
    );
    pass(&runner, "[[case]]\nname = 'a'\nerror = ['stream \"wrong\"', 'w']").await;
    let found = problem(&runner, "[[case]]\nname = 'a'\nerror = 'window'").await;
    assert!(matches!(&found, Problem::Failed { batch: None, .. }), "{found:?}");
    assert!(mistakes(&runner, "[[case]]\nname = 'a'\nexpect.in = []").contains("stream \"wrong\""));
    assert!(mistakes(&runner, "[[case]]\nname = 'a'\nerror = { text = 'w', batch = 1 }").contains("stream \"wrong\""));
}

/// The blocks of a page that begin with this line.
fn blocks<'a>(page: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(begin).skip(1).map(|rest| rest.split("\n```").next().unwrap_or(rest))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docs_examples_are_as_they_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/testing.md");
    let page = std::fs::read_to_string(path).unwrap();
    let job = blocks(&page, "\n```toml\n").next().unwrap();
    let job = file::parse(Path::new("job.toml"), job, vec![]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let runner = Runner::new(job.definition, Options::default());
    for text in blocks(&page, "\n```toml cases\n") {
        pass(&runner, text).await;
    }
    let n_cases = blocks(&page, "\n```toml cases\n").count();
    assert_eq!(n_cases, 2);
    // What the page shows of a failing case is what comes of such a case.
    let failing =
        blocks(&page, "\n```toml cases\n").next().unwrap().replace("[\"be\", 2], [\"or\"", "[\"be\", 3], [\"or\"");
    let found = problem(&runner, &failing).await;
    let Problem::Differs(found) = found else { panic!("{found:?}") };
    let What::Rows(rows) = &found.what else { panic!("{found:?}") };
    assert_eq!(rows.lines.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_rested_as_long_as_the_case_says() {
    let runner = runner(
        "stream.in.source = { type = 'queue', schema = { k = 'string', n = 'int64' } }\n\
         stream.totals = { input = 'in', update-state-by-key = { key = ['k'], with = 'sum', time-to-live = '10s' } }\n\
         output.out = { input = 'totals', sink = { type = 'print' } }",
    );
    let state = "state.totals = [['a', 1], ['b', 2], ['c', 3], ['d', 4]]";
    // In the second batch, each has rested for a second more; what has rested for exactly as long as it may is kept.
    let case = format!(
        "[[case]]\nname = 'a'\n{state}\nrested.totals = ['11s', '10s', '8500ms', '0s']\nbatches = 3\ninput.in = [[['d', 1]], [], []]\n\
         expect-state.totals = [[['b', 2], ['c', 3], ['d', 5]], [['c', 3], ['d', 5]], [['d', 5]]]\n\
         [[case]]\nname = 'b'\n{state}\nexpect-state.totals = [[['a', 1], ['b', 2], ['c', 3], ['d', 4]]]"
    );
    pass(&runner, &case).await;
    for (rested, said) in [
        ("rested.totals = ['1s']", "cases.toml:4:8: case \"a\": rested has 1 times for 4 keys"),
        ("rested.totals = ['1s', '2s', 'long', '3s']", "\"long\" is not a duration"),
        ("rested.total = ['1s']", "rested.total: there is no state to it"),
    ] {
        let text = format!("[[case]]\nname = 'a'\n{state}\n{rested}\nexpect.out = []");
        let told = match parse_toml(Path::new("cases.toml"), &text) {
            Ok(cases) => runner.check(&cases[0]).unwrap_err().to_string(),
            Err(mistakes) => mistakes.to_string(),
        };
        assert!(told.contains(said), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_begins_where_the_case_says_and_is_compared() {
    let runner = runner(
        "stream.in.source = { type = 'queue', schema = { k = 'string', n = 'int64' } }\n\
         stream.totals = { input = 'in', update-state-by-key = { key = ['k'], with = 'sum', initial = { path = '/nowhere', format = 'csv' } } }\n\
         output.out = { input = 'totals', sink = { type = 'print' } }",
    );
    let case = "[[case]]\nname = 'from a state'\nstate.totals = [['a', 1], { k = 'b', n = 2 }]\ninput.in = [[['a', 5]], [['c', 1]]]\n\
                expect.totals = [[['a', 6], ['b', 2]], [['a', 6], ['b', 2], ['c', 1]]]\n\
                expect-state.totals = [[['a', 6], ['b', 2]], [['a', 6], ['b', 2], ['c', 1]]]\n\
                [[case]]\nname = 'from none'\ninput.in = [[['a', 5]]]\nexpect-state.totals = [[['a', 5]]]";
    pass(&runner, case).await;
    let found =
        problem(&runner, "[[case]]\nname = 'a'\ninput.in = [[['a', 5]]]\nexpect-state.totals = [[['a', 6]]]").await;
    assert!(matches!(&found, Problem::Differs(it) if it.is_state && it.name == "totals"), "{found:?}");
    let wrong = "[[case]]\nname = 'a'\nstate.total = [['a', 1]]\nexpect-state.in = []\n[[case]]\nname = 'b'\nstate.totals = [['a', 'x'], { m = 1 }]\nexpect.out = []";
    let found = mistakes(&runner, wrong);
    let lines: Vec<&str> = found.lines().filter(|line| !line.starts_with("  help")).collect();
    assert_eq!(
        lines,
        [
            "cases.toml:3:7: case \"a\": state.total: there is no such stream that keeps state",
            "cases.toml:4:14: case \"a\": expect-state.in: there is no such stream that keeps state",
            "cases.toml:7:31: case \"b\": state.totals, row 2: there is no column \"m\"",
        ]
    );
}
