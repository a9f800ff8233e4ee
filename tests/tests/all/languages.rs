//! What the SDKs of other languages have beside what `conformance` compares: every kind of operator in a job, errors as an author is told them, and a new plugin's way from its template to its cases.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::{Limits, Policy};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::{component_in, repository};
use sluicebox_tests::program::program;
use sluicebox_tests::rows::{line_schema, lines, text_pair_schema, text_pairs};

/// A module for each language, with all the tests.
macro_rules! languages {
    ($($language:ident)*) => {
        $(mod $language {
            #[tokio::test(flavor = "multi_thread")]
            async fn filters_partitions_and_state() {
                super::filters_partitions_and_state(stringify!($language)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn errors_are_the_authors() {
                super::errors_are_the_authors(stringify!($language)).await;
            }

            #[test]
            fn a_sink_commits_what_was_prepared() {
                super::a_sink_commits_what_was_prepared(stringify!($language));
            }
        })*
    };
}

languages! { c go }

/// A test for each language that `plugin new` knows.
macro_rules! templates {
    ($($language:ident)*) => {
        mod templates {
            $(#[test]
            fn $language() {
                super::a_new_plugin_is_built_and_passes_its_cases(stringify!($language));
            })*

            #[test]
            fn none_is_left_out() {
                super::all_languages_have_a_test(&[$(stringify!($language)),*]);
            }
        }
    };
}

templates! { rust c cpp go javascript python typescript }

/// Batches of partitions of lines through an operator of the language's `kitchen`.
async fn through(
    language: &str,
    batches: &[&[&[&str]]],
    operation: impl FnOnce(&StreamRef) -> Result<StreamRef>,
) -> Result<Collected> {
    let job = TestJob::new();
    let file = ComponentSource::File(component_in(language, "kitchen"));
    let mut plugin = plugin("kitchen", file, Limits::default(), "{}");
    plugin.on_reject = Policy::Skip;
    job.context.add_plugin(plugin)?;
    let (input, queue) = job.context.queue_stream("input", line_schema())?;
    let out = Collected::default();
    operation(&input)?.write_to("out", Arc::new(out.clone()))?;
    for batch in batches {
        queue.push(batch.iter().map(|partition| lines(partition)).collect())?;
    }
    job.run(batches.len()).await?;
    Ok(out)
}

async fn filters_partitions_and_state(language: &str) {
    let batches: &[&[&[&str]]] = &[&[&["a", "long one", "abc", "abcd"], &["12345"]], &[]];
    let out = through(language, batches, |input| input.filter("made", "kitchen/long")).await.unwrap();
    assert_eq!(out.partitions(1000), [vec!["long one", "abcd"], vec!["12345"]]);
    let out = through(language, batches, |input| input.map_partitions("made", "kitchen/number")).await.unwrap();
    let numbered = ["0 0 a", "0 1 long one", "0 2 abc", "0 3 abcd", "0 4 in all"];
    assert_eq!(out.partitions(1000), [numbered.to_vec(), vec!["1 0 12345", "1 1 in all"]]);
    assert_eq!(out.rows(2000), ["0 0 in all"]);

    let job = TestJob::new();
    job.context.plugin("kitchen", component_in(language, "kitchen")).unwrap();
    let (input, queue) = job.context.queue_stream("input", text_pair_schema()).unwrap();
    let out = Collected::default();
    let latest = input.update_state_by_key("made", &["key"], "kitchen/latest").unwrap();
    latest.write_to("out", Arc::new(out.clone())).unwrap();
    for batch in [&[("a", "1"), ("b", "2"), ("a", "3")][..], &[("b", "forget")], &[], &[("b", "ü")]] {
        let pairs: Vec<_> = batch.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        queue.push(vec![text_pairs(&pairs)]).unwrap();
    }
    job.run(4).await.unwrap();
    assert_eq!(out.sorted(1000), ["a 2 3", "b 1 2"]);
    assert_eq!(out.sorted(2000), ["a 2 3"]);
    assert_eq!(out.sorted(3000), ["a 2 3"]);
    assert_eq!(out.sorted(4000), ["a 2 3", "b 1 ü"]);
}

async fn errors_are_the_authors(language: &str) {
    let wrong = |line: &'static str| async move {
        let rows = ["fine", line];
        let partition: &[&[&str]] = &[&rows];
        let made = through(language, &[partition], |input| input.map("made", "kitchen/go-wrong")).await;
        made.map(|out| out.rows(1000)).map_err(|error| error.to_string())
    };
    assert_eq!(wrong("reject").await.unwrap(), ["fine"]);
    assert_eq!(wrong("print").await.unwrap(), ["fine", "print"]);
    let mut expected = vec![("fail", "it said fail")];
    match language {
        "c" => expected.extend([
            ("wrong type", "column \"line\" is utf8, and an integer is put into it"),
            ("twice", "column \"line\" is put twice in a row"),
            ("null pointer", "go_wrong"),
        ]),
        _ => expected.extend([
            ("null pointer", "panic: runtime error: invalid memory address or nil pointer dereference"),
            ("null pointer", "main.goWrong"),
            ("null pointer", "kitchen/kitchen.go:"),
        ]),
    }
    for (line, message) in expected {
        let error = wrong(line).await.unwrap_err();
        assert!(error.contains("kitchen") && error.contains("go-wrong"), "{error}");
        assert!(error.contains(message), "{line}: no {message:?} in {error}");
    }
}

fn a_sink_commits_what_was_prepared(language: &str) {
    let folder = Folder::new(&format!(
        "[plugin.kitchen]\ncomponent = '{}'\n\
         [stream.lines]\nsource = {{ type = \"files\", path = \"in\", format = \"text\" }}\n\
         [output.told]\ninput = \"lines\"\nsink = {{ type = \"kitchen/tell\" }}\n",
        component_in(language, "kitchen").display()
    ));
    folder.write("in/a", "to be\nor not\n");
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert_eq!(ran.logged("told has to be;or not;").len(), 1, "{}", ran.stderr);
}

/// Run the program as an author does, who waits as long as a build takes.
fn sluicebox(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(folder).env("XDG_CACHE_HOME", repository().join(".cache/tests"));
    // What the shipped plugins were built with is there already, and nothing else is needed.
    command.env("CARGO_TARGET_DIR", repository().join("plugins/target")).env("CARGO_NET_OFFLINE", "true");
    if std::env::var_os("SLUICEBOX_TOOLS_DIR").is_none() {
        command.env("SLUICEBOX_TOOLS_DIR", repository().join(".cache/tools"));
    }
    command.output().expect("the program can be started")
}

/// What a run printed that has ended with a code.
#[track_caller]
fn printed(ran: &Output, code: i32) -> String {
    let (stdout, stderr) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(ran.status.code(), Some(code), "stdout:\n{stdout}\nstderr:\n{stderr}");
    stdout.into_owned()
}

fn a_new_plugin_is_built_and_passes_its_cases(language: &str) {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("to-upper");
    // From the repository's folder, above which the SDKs are that a plugin names by their place.
    printed(&sluicebox(&repository(), &["plugin", "new", "--lang", language, &plugin.to_string_lossy()]), 0);
    if language == "rust" {
        std::fs::copy(repository().join("plugins/Cargo.lock"), plugin.join("Cargo.lock")).unwrap();
    }
    printed(&sluicebox(&plugin, &["plugin", "build", "."]), 0);

    let tested = printed(&sluicebox(&plugin, &["plugin", "test", "."]), 0);
    assert!(tested.ends_with("1 passed, 0 failed\n"), "{tested}");
    let case = tested.lines().find(|line| line.starts_with("  ok ")).expect("a line of the case");
    assert!(case.contains("3 rows in, 3 out, ") && case.ends_with(" of fuel"), "{case}");

    let tested = printed(&sluicebox(&plugin, &["plugin", "test", ".", "--json"]), 0);
    let tested: serde_json::Value = serde_json::from_str(&tested).unwrap();
    let case = &tested["cases"][0];
    assert_eq!(case["operator"], "to-upper", "{tested:#}");
    for figure in ["nanoseconds", "memory", "fuel"] {
        assert!(case[figure].as_u64().is_some_and(|figure| figure > 0), "{figure} in {tested:#}");
    }

    // The case says what is made, so another expectation fails.
    let cases = std::fs::read_to_string(plugin.join("cases.toml")).unwrap();
    assert!(cases.contains("\"A FIRST LINE\""), "{cases}");
    std::fs::write(plugin.join("cases.toml"), cases.replace("\"A FIRST LINE\"", "\"A LAST LINE\"")).unwrap();
    let failed = printed(&sluicebox(&plugin, &["plugin", "test", "."]), 1);
    assert!(failed.contains("A LAST LINE") && failed.ends_with("0 passed, 1 failed\n"), "{failed}");
}

fn all_languages_have_a_test(tested: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let refused = sluicebox(folder.path(), &["plugin", "new", "--lang", "none", "to-upper"]);
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    let known = refused.split_once("there are ").map(|(_, known)| known.trim_end().split(", "));
    let mut known: Vec<&str> = known.expect("the languages are told").collect();
    known.sort_unstable();
    let mut tested = tested.to_vec();
    tested.sort_unstable();
    assert_eq!(known, tested);
}
