//! The examples of the docs: those that are right are read, those that are wrong give the errors that the docs show.

use std::fs;
use std::path::Path;

use super::parse;
use crate::plugin::Limits;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What a part of a job file needs around it; of these, the tables that the part has itself are left out.
const REST: [&str; 6] = [
    "[job]\nname = 'a'\nbatch-interval = '1s'\n",
    "[plugin.words]\ncomponent = 'words.wasm'\n",
    "[stream.lines]\nsource = { type = 'socket', address = 'localhost:9999' }\n",
    "[stream.words]\ninput = 'lines'\nflat-map = 'words/split'\n",
    "[stream.counts]\ninput = 'words'\nreduce-by-key = { key = 'word', with = 'count' }\n",
    "[output.console]\ninput = 'counts'\nsink = { type = 'print' }\n",
];

struct Block<'a> {
    language: &'a str,
    line: usize,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = vec![];
    let mut inside = false;
    for (idx, line) in markdown.lines().enumerate() {
        match (line.strip_prefix("```"), blocks.last_mut().filter(|_| inside)) {
            (Some(language), None) => {
                blocks.push(Block { language, line: idx + 1, text: String::new() });
                inside = true;
            }
            (Some(_), Some(_)) => inside = false,
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// The example with the rest around it. The rest comes last, so that lines keep their numbers.
fn whole(example: &str) -> String {
    let is_whole = example.contains("[job]") && example.contains("[output.");
    let missing = REST.iter().filter(|table| !is_whole && !example.contains(table.lines().next().unwrap_or("")));
    std::iter::once(example.to_owned()).chain(missing.map(|table| format!("\n{table}"))).collect()
}

/// Check the job files, and parts of some, in a page; there are at least so many that are right, and that are wrong.
fn check(page: &str, at_least: (usize, usize)) {
    let docs = fs::read_to_string(Path::new(ROOT).join(page)).unwrap();
    let blocks = blocks(&docs);
    let (mut n_right, mut n_wrong) = (0, 0);
    for (idx, block) in blocks.iter().enumerate() {
        let result = || parse(Path::new("job.toml"), &whole(&block.text), vec![]);
        match block.language {
            "toml" => {
                result().unwrap_or_else(|mistakes| panic!("the example at line {} of {page}:\n{mistakes}", block.line));
                n_right += 1;
            }
            "toml fails" => {
                let mistakes = result().expect_err("an example that fails").to_string() + "\n";
                assert_eq!(mistakes, blocks[idx + 1].text, "the example at line {} of {page}", block.line);
                n_wrong += 1;
            }
            // Others test what is Rust, and run what a shell does.
            "text" | "rust" | "sh" => {}
            other => panic!("line {} of {page} has a block of {other:?}", block.line),
        }
    }
    assert!(n_right >= at_least.0 && n_wrong >= at_least.1, "{page}: {n_right} {n_wrong}");
}

#[test]
fn the_docs_examples_are_as_they_say() {
    check("docs/job-file.md", (7, 4));
    check("docs/operators.md", (2, 0));
    check("docs/running.md", (1, 0));
}

#[test]
fn the_limits_defaults_are_those_of_the_docs() {
    let Limits {
        memory,
        table_elements,
        time,
        start_time,
        output,
        rows_per_row,
        log_lines,
        log_bytes,
        host_call_bytes,
        instances,
        component_size,
        fuel,
        stack,
        grants,
    } = Limits::default();
    assert!(grants.is_empty() && start_time.is_none() && instances.is_none() && fuel.is_none());
    let size = |bytes: u64| format!("{}MiB", bytes >> 20);
    let defaults = [
        ("memory", size(memory)),
        ("table-elements", table_elements.to_string()),
        ("time", format!("{}ms", time.as_millis())),
        ("output", size(output)),
        ("rows-per-row", rows_per_row.to_string()),
        ("log-lines", log_lines.to_string()),
        ("log-bytes", format!("{}KiB", log_bytes >> 10)),
        ("host-call-bytes", size(host_call_bytes)),
        ("component-size", size(component_size)),
        ("stack", format!("{}KiB", stack >> 10)),
    ];
    let guide = fs::read_to_string(Path::new(ROOT).join("docs/operators.md")).unwrap();
    for (key, default) in defaults {
        assert!(guide.contains(&format!("| `{key}` | `{default}` |")), "{key} is {default} by default");
    }
}

#[test]
fn the_example_jobs_are_right() {
    let mut n_jobs = 0;
    for entry in fs::read_dir(Path::new(ROOT).join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let read = parse(&path, &fs::read_to_string(&path).unwrap(), vec![]);
            let warnings = read.unwrap_or_else(|mistakes| panic!("{mistakes}")).warnings;
            assert!(warnings.0.is_empty(), "{warnings}");
            n_jobs += 1;
        }
    }
    assert!(n_jobs > 0);
}
