//! The main job, whole: lines from a socket, words by a component, counts by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines};
use sluicebox_tests::server::Server;

/// Text with words that occur again, some of them empty.
fn text() -> Vec<String> {
    let word = |n: usize| ["the", "of", "größer", "to", "be", "日本", "a"][n * n % 7];
    (0..5000).map(|n| format!("{} {}  {} {}", word(n), word(n + 1), word(n / 3), word(n / 7))).collect()
}

/// Counted independently.
fn expected(text: &[String]) -> Vec<String> {
    let mut counts = BTreeMap::new();
    for word in text.iter().flat_map(|line| line.split(' ')).filter(|word| !word.is_empty()) {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts.into_iter().map(|(word, count)| format!("{word} {count}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn built_in_and_plugin_aggregates_count_alike() {
    let text = text();
    let text_lines: Vec<&str> = text.iter().map(String::as_str).collect();
    for with in ["count", "words/tally"] {
        let job = TestJob::new();
        job.context.plugin("words", component("words")).unwrap();
        let (input, queue) = job.context.queue_stream("lines", line_schema()).unwrap();
        let words = input.flat_map("words", "words/split").unwrap();
        let out = Collected::default();
        words.reduce_by_key("counts", &["word"], with).unwrap().write_to("out", Arc::new(out.clone())).unwrap();
        queue.push(text_lines.chunks(1000).map(lines).collect()).unwrap();
        queue.push(vec![]).unwrap();
        job.run(2).await.unwrap();
        let mut expected = expected(&text);
        expected.sort();
        assert_eq!(out.sorted(1000), expected, "{with}");
        assert!(out.rows(2000).is_empty(), "{with}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_from_a_socket_are_counted_until_the_peer_closes() {
    let text = text();
    let server = Server::new().unwrap();
    let address = server.address().to_string();
    let job = TestJob::with(|options| options.drain = true);
    job.context.plugin("words", component("words")).unwrap();
    let input = job.context.socket_text_stream("lines", &address).unwrap();
    let words = input.flat_map("words", "words/split").unwrap();
    let out = Collected::default();
    words.reduce_by_key("counts", &["word"], "words/tally").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    let serving = server.serve_once(text.join("\n").into_bytes());
    let job = job.start().await.unwrap();
    job.job.await_termination().await.unwrap();
    serving.join().unwrap().unwrap();
    let rows: Vec<String> = out.commits().into_iter().flat_map(|batch| out.sorted(batch)).collect();
    let mut expected = expected(&text);
    expected.sort();
    assert_eq!(rows, expected);
}
