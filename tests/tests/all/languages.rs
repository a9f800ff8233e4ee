//! What the SDKs of other languages have beside what `conformance` compares: every kind of operator in a job, errors as an author is told them, and a new plugin's way from its template to its cases.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use sluicebox::batch::SwapRequest;
use sluicebox::context::{StreamRef, plugin_definition};
use sluicebox::error::Result;
use sluicebox::job::definition::{BroadcastSource, ComponentSource, FileFormat};
use sluicebox::plugin::{Grants, Limits, Policy};
use sluicebox::receiver::queue::Queue;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, StartedJob, TestJob};
use sluicebox_tests::plugins::{chameleon, component_in, repository};
use sluicebox_tests::program::program;
use sluicebox_tests::rows::{line_schema, lines, number_schema, numbers, text_pair_schema, text_pairs};

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

            #[tokio::test(flavor = "multi_thread")]
            async fn tables_and_values_of_the_job_are_read() {
                super::tables_and_values_of_the_job_are_read(stringify!($language)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn state_of_another_component_is_migrated() {
                super::state_of_another_component_is_migrated(stringify!($language)).await;
            }

            #[test]
            fn a_receiver_goes_on_at_its_position() {
                super::a_receiver_goes_on_at_its_position(stringify!($language));
            }

            #[test]
            fn a_sink_commits_what_was_prepared() {
                super::a_sink_commits_what_was_prepared(stringify!($language));
            }
        })*
    };
}

languages! { c cpp go }

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
        "c" | "cpp" => expected.extend([
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

async fn tables_and_values_of_the_job_are_read(language: &str) {
    let folder = Folder::with_job("");
    folder.write("cities.csv", "key,city\na,Aachen\nb,\nü,Überlingen\n");
    // More than is handed over at a time.
    let many: Vec<String> = (0..200_000).map(|n: i64| n.to_string()).collect();
    folder.write("many.csv", format!("n\n{}", many.join("\n")));
    folder.write("motto.txt", "onward");
    let made = async |operator: &str, tables: &[&str], broadcasts: &[&str]| {
        let job = TestJob::new();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let grants = Grants { tables: names(tables), broadcasts: names(broadcasts), ..Grants::NONE };
        let limits = Limits { grants, ..Limits::default() };
        let file = ComponentSource::File(component_in(language, "kitchen"));
        job.context.add_plugin(plugin("kitchen", file, limits, "{}")).unwrap();
        for name in ["cities", "many"] {
            job.context.table(name, folder.path(format!("{name}.csv")), FileFormat::Csv, None, None).unwrap();
        }
        job.context.broadcast("motto", BroadcastSource::File(folder.path("motto.txt")), None).unwrap();
        let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
        let out = Collected::default();
        let operator = match operator {
            "locate" => input.map_partitions("made", "kitchen/locate"),
            _ => input.map("made", "kitchen/survey"),
        };
        operator.unwrap().write_to("out", Arc::new(out.clone())).unwrap();
        queue.push(vec![lines(&["a", "b"]), lines(&["ü", "z"])]).unwrap();
        job.run(1).await.map(|_| out.rows(1000)).map_err(|error| error.to_string())
    };
    let located = made("locate", &["cities"], &["motto"]).await.unwrap();
    assert_eq!(located, ["a Aachen onward", "b null onward", "ü Überlingen onward", "z null onward"]);
    let located = made("locate", &["cities"], &[]).await.unwrap();
    assert_eq!(located, ["a Aachen null", "b null null", "ü Überlingen null", "z null null"]);
    let surveyed = made("survey", &["many"], &[]).await.unwrap();
    assert_eq!(surveyed, vec![format!("200000 {}", (0..200_000_i64).sum::<i64>()); 4]);
    let error = made("locate", &["many"], &["motto"]).await.unwrap_err();
    assert!(error.contains("cities") && error.contains("or its job doesn't grant it: grants = "), "{error}");
}

async fn batch(job: &mut StartedJob, queue: &Queue, rows: impl IntoIterator<Item = i64>) {
    queue.push(vec![numbers(rows)]).unwrap();
    job.batch().await.unwrap();
}

/// The state of a component in Rust, which keeps a sum, is taken over by one that also keeps who saw it.
async fn state_of_another_component_is_migrated(language: &str) {
    let job = TestJob::new();
    job.context.add_plugin(plugin_definition("sums", ComponentSource::Bytes(chameleon(1).into()))).unwrap();
    let (_, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let keyed = job.context.sql("keyed", "select value % 3 as key, value from input").unwrap();
    let out = Collected::default();
    let sums = keyed.map_with_state("sums", &["key"], "sums/total").unwrap();
    sums.write_to("out", Arc::new(out.clone())).unwrap();
    let mut job = job.start().await.unwrap();
    batch(&mut job, &queue, 0..4).await;
    assert_eq!(out.sorted(1000), ["0 0 1", "0 3 1", "1 1 1", "2 2 1"]);
    let component = std::fs::read(component_in(language, "kitchen")).unwrap().into();
    let swap = SwapRequest {
        plugin: "sums".to_owned(),
        component,
        signature: None,
        by: "ann".to_owned(),
        why: language.to_owned(),
    };
    job.job.swap(swap).await.unwrap();
    batch(&mut job, &queue, [4, 5, 7]).await;
    batch(&mut job, &queue, [6, 10]).await;
    // Nobody, who is 0, saw what was migrated; and -1 did what came then.
    assert_eq!(out.sorted(2000), ["1 12 -1", "1 5 0", "2 7 0"]);
    assert_eq!(out.sorted(3000), ["0 9 0", "1 22 -1"]);
    job.job.stop(true).await.unwrap();
}

fn a_receiver_goes_on_at_its_position(language: &str) {
    let folder = Folder::new(&format!(
        "[plugin.kitchen]\ncomponent = '{}'\nconfig = {{ end = 1000, fail-at = 500 }}\n\
         [stream.numbers]\nsource = {{ type = \"kitchen/counting\", max-rows = 70, max-time = \"10ms\" }}\n\
         [output.console]\ninput = \"numbers\"\nsink = {{ type = \"print\", rows = 1000 }}\n",
        component_in(language, "kitchen").display()
    ));
    let ran = folder.run(&["--drain"]).ended_with(0);
    let numbers: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    assert_eq!(ran.printed_rows(), numbers);
    assert_eq!(ran.logged("can't count past 500").len(), 1, "{}", ran.stderr);
    let started = |at: &str| ran.logged(&format!("it starts at {at}")).len();
    assert_eq!((started("0"), started("500")), (1, 1), "{}", ran.stderr);
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
