//! What the SDKs of other languages have beside what `conformance` compares: every kind of operator in a job, and errors as an author is told them.

use std::sync::Arc;

use sluicebox::context::StreamRef;
use sluicebox::error::Result;
use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::{Limits, Policy};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component_in;
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
