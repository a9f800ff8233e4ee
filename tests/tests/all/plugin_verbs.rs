//! The verbs that an operator's author uses: `plugin test`, as a user runs it.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use sluicebox_tests::plugins::{component, repository};
use sluicebox_tests::program::{Ran, run};

fn plugin_test(folder: &Path, arguments: &[&str]) -> Ran {
    run(folder, ["plugin", "test"].iter().chain(arguments))
}

fn json(ran: Ran) -> Json {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

#[test]
fn the_shipped_operators_pass_their_cases() {
    for (plugin, n_cases) in [("words", 4), ("clicks", 1)] {
        component(plugin);
        let ran = plugin_test(&repository(), &[&format!("plugins/{plugin}")]).ended_with(0);
        assert!(ran.stdout.ends_with(&format!("{n_cases} passed, 0 failed\n")), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn a_case_burns_the_same_fuel_in_every_run() {
    let tested = || json(plugin_test(&repository(), &["plugins/words", "--json"]).ended_with(0));
    let (first, second) = (tested(), tested());
    let cases = |json: &Json| json["cases"].as_array().unwrap().clone();
    for (first, second) in cases(&first).iter().zip(&cases(&second)) {
        let fuel = first["fuel"].as_u64().unwrap();
        assert!(fuel > 100, "{first}");
        assert_eq!(Some(fuel), second["fuel"].as_u64(), "{first} and {second}");
        for key in ["rows-in", "calls", "nanoseconds", "memory"] {
            assert!(first[key].as_u64().is_some_and(|amount| amount > 0), "{key} of {first}");
        }
        // What a job would give it is what it has, and fuel is counted in a run of its own.
        assert_eq!(first["limits"]["memory"]["allowed"], 64 << 20);
        assert_eq!(first["limits"]["fuel"], Json::Null);
    }
    assert_eq!((&first["passed"], &first["cases"][0]["operator"]), (&4.into(), &"split".into()));
}

#[test]
fn a_case_that_fails_shows_what_differs_and_limits_are_those_of_a_job() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(component("words"), folder.path().join("words.wasm")).unwrap();
    let none = plugin_test(folder.path(), &["words.wasm"]).ended_with(2);
    assert!(none.stderr.contains("there are no cases: cases.toml isn't there"), "{}", none.stderr);
    let cases = r#"
operator = "split"

[[case]]
name = "wrong"
input = [["to be"]]
expect = [["to", "sleep"]]

[[case]]
name = "too much"
plugin = { rows-per-row = 2, fuel = 100000 }
input = [["a b", "c d e"]]
error = ["it made more than 2 rows of a row", "raise `rows-per-row`"]

[[case]]
name = "too long"
plugin = { fuel = 10 }
input = [["a b"]]
error = { text = "it went over its limit of 10 of fuel; raise `fuel`" }
"#;
    fs::create_dir(folder.path().join("cases")).unwrap();
    fs::write(folder.path().join("cases/some.toml"), cases).unwrap();
    let ran = plugin_test(folder.path(), &["words.wasm"]).ended_with(1);
    let expected = r#"cases/some.toml
  FAIL  wrong (line 4)
        "split", batch 1 (at 1000 ms): 1 row missing, 1 row unexpected
            word
          - "sleep"
          + "be"
"#;
    assert!(ran.stdout.starts_with(expected), "{}", ran.stdout);
    assert!(ran.stdout.contains("  ok    too much ") && ran.stdout.contains("  ok    too long "), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("2 passed, 1 failed\n"), "{}", ran.stdout);
    let one = plugin_test(folder.path(), &["words.wasm", "cases", "--filter", "much"]).ended_with(0);
    assert!(one.stdout.ends_with("1 passed, 0 failed\n"), "{}", one.stdout);
}

#[test]
fn mistakes_in_cases_are_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(component("words"), folder.path().join("words.wasm")).unwrap();
    for (case, said) in [
        ("operator = 'splt'\ninput = [['a']]\nexpect = [['a']]", "the component has no operator \"splt\""),
        ("input = [['a']]\nexpect = [['a']]", "it doesn't say which operator it is of"),
        ("operator = 'split'\nkey = ['x']\ninput = [['a']]\nexpect = [['a']]", "operator \"split\" takes no key"),
        (
            "operator = 'tally'\ninput = [['a']]\nexpect = [['a']]",
            "operator \"tally\" reads no columns, and rows have some",
        ),
        (
            "operator = 'tally'\nkey = ['w']\ninput = [['a']]\nexpect = [['a']]",
            "the case doesn't say which columns there are",
        ),
        (
            "operator = 'split'\nplugin = { memry = '1MiB' }\ninput = [['a']]\nexpect = [['a']]",
            "did you mean \"memory\"",
        ),
        ("operator = 'split'\nplugin = { component = 'x' }\ninput = [['a']]\nexpect = [['a']]", "component"),
        ("operator = 'split'\ninput = [['a']]", "nothing is expected"),
        ("operator = 'split'\ninput = [[1]]\nexpect = [['a']]", "column"),
        ("operator = 'split'\ninput.lines = [['a']]\nexpect = [['a']]", "lines"),
    ] {
        fs::write(folder.path().join("cases.toml"), format!("[[case]]\nname = 'c'\n{case}\n")).unwrap();
        let ran = plugin_test(folder.path(), &["words.wasm"]).ended_with(2);
        assert!(ran.stderr.contains("cases.toml:") && ran.stderr.contains(said), "no \"{said}\" in {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{case}");
    }
}

#[test]
fn an_operator_that_connects_somewhere_is_tried_in_a_job() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(component("lines"), folder.path().join("lines.wasm")).unwrap();
    let operators = json(run(folder.path(), ["plugin", "inspect", "lines.wasm", "--json"]));
    let receiver = operators["operators"].as_array().unwrap().iter().find(|of| of["interface"] == "receiver").unwrap();
    let case = format!(
        "[[case]]\nname = 'c'\noperator = {}\nplugin = {{ grants = {{ connect = [] }} }}\ncolumns = {{ value = 'string' }}\ninput = [['a']]\nexpect = [['a']]\n",
        receiver["name"]
    );
    fs::write(folder.path().join("cases.toml"), case).unwrap();
    let ran = plugin_test(folder.path(), &["lines.wasm"]).ended_with(2);
    assert!(ran.stderr.contains("takes rows from outside, or gives them there"), "{}", ran.stderr);
}

#[test]
fn the_guides_cases_are_as_it_says() {
    let page = fs::read_to_string(repository().join("docs/testing.md")).unwrap();
    let (_, rest) = page.split_once("\n```toml operator-cases\n").unwrap();
    let (cases, _) = rest.split_once("\n```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cases.toml"), cases).unwrap();
    fs::copy(component("words"), folder.path().join("words.wasm")).unwrap();
    let ran = plugin_test(folder.path(), &["."]).ended_with(0);
    assert!(ran.stdout.ends_with("3 passed, 0 failed\n"), "{}", ran.stdout);
}

#[test]
fn operators_are_measured_beside_those_of_another_component() {
    let bench = |arguments: &[&str]| {
        let all = ["plugin", "bench", "plugins/words", "--seconds", "0.01"];
        run(&repository(), all.iter().chain(arguments))
    };
    let text = bench(&["--operator", "split"]).ended_with(0).stdout;
    for said in ["split: ", "rows a second", "at the boundary", "until the first row", "compiled in"] {
        assert!(text.contains(said), "no \"{said}\" in {text}");
    }
    let cases = ["--cases", "plugins/words/cases.toml", "--beside", "plugins/words", "--json"];
    let measured = json(bench(&cases).ended_with(0));
    let operators = measured["operators"].as_array().unwrap();
    let names: Vec<&Json> = operators.iter().map(|operator| &operator["operator"]).collect();
    assert_eq!(names, ["split", "tally", "running-count"]);
    for of in operators.iter().flat_map(|operator| operator["measured"].as_array().unwrap()) {
        let number = |key: &str| of[key].as_u64().unwrap();
        assert!(number("rows") > 0 && number("calls") > 0 && number("memory") > 0, "{of}");
        assert!(0 < number("boundary-nanoseconds") && number("boundary-nanoseconds") <= number("nanoseconds"), "{of}");
        assert!(number("start-nanoseconds") > 0, "{of}");
    }
    assert_eq!(measured["components"].as_array().unwrap().len(), 2);
    let unknown = bench(&["--operator", "splt"]).ended_with(2).stderr;
    assert!(unknown.contains("the component has no operator \"splt\""), "{unknown}");
    // It reads no columns, so that none can be made up.
    let none = bench(&["--operator", "tally"]).ended_with(2).stderr;
    assert!(none.contains("operator \"tally\" doesn't ask for columns that rows could be made up of"), "{none}");
    let some = bench(&[]).ended_with(0);
    assert!(some.stdout.starts_with("split: ") && some.stderr.contains("not measured: "), "{some:?}");
}
