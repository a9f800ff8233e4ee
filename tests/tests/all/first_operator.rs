//! What README and the guide show of plugins, word for word: README's first operator made, built, looked at and run, and a component inspected.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sluicebox_tests::plugins::{component, repository};
use sluicebox_tests::program::{program, run};

/// The blocks of a language in a section of a page.
fn blocks(page: &str, section: &str, language: &str) -> Vec<String> {
    let page = fs::read_to_string(repository().join(page)).unwrap();
    let (_, section) = page.split_once(&format!("\n## {section}\n")).expect("the page has the section");
    let section = section.split("\n## ").next().unwrap_or(section);
    let fence = format!("```{language}\n");
    section.split(&fence).skip(1).map(|block| block.split("```").next().unwrap_or(block).to_owned()).collect()
}

/// Run the program, whose time is its own: a build takes as long as it takes.
fn sluicebox(folder: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = Command::new(program())
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", repository().join(".cache/tests"))
        // What the shipped plugins were built from is there already, and nothing else is needed.
        .env("CARGO_TARGET_DIR", repository().join("plugins/target"))
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{arguments:?}: {stdout}{stderr}");
    stdout.into_owned()
}

#[test]
fn the_readme_leads_to_an_operator_that_runs() {
    const SECTION: &str = "Your first operator in five minutes";
    let folder = tempfile::tempdir().unwrap();
    let shell = blocks("README.md", SECTION, "sh").concat();
    for line in ["plugin new shout && cd shout", "plugin build .", "plugin inspect shout.wasm"] {
        assert!(shell.contains(&format!("sluicebox {line}")), "README says `sluicebox {line}`");
    }
    // From the repository's folder: the program is elsewhere where CARGO_TARGET_DIR is, and then couldn't find the SDK from the plugin's.
    let plugin = folder.path().join("shout");
    sluicebox(&repository(), &["plugin", "new", &plugin.to_string_lossy()]);
    assert_eq!(blocks("README.md", SECTION, "rust"), [fs::read_to_string(plugin.join("src/lib.rs")).unwrap()]);

    fs::copy(repository().join("plugins/Cargo.lock"), plugin.join("Cargo.lock")).unwrap();
    sluicebox(&repository(), &["plugin", "build", &plugin.to_string_lossy()]);
    let inspected = sluicebox(&plugin, &["plugin", "inspect", "shout.wasm"]);
    assert!(
        inspected.ends_with("shout: map\n  The line in capitals.\n  reads  string\n  makes  line: string\n"),
        "{inspected}"
    );

    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/a.txt"), "a first line\nzwölf Boxkämpfer\n").unwrap();
    let rest = r#"
        [job]
        name = "loud"
        batch-interval = "100ms"

        [stream.lines]
        source = { type = "files", path = "in", format = "text" }

        [output.console]
        input = "loud"
        sink = { type = "print" }
    "#;
    fs::write(folder.path().join("loud.toml"), blocks("README.md", SECTION, "toml").concat() + rest).unwrap();
    let printed = sluicebox(folder.path(), &["run", "loud.toml", "--drain"]);
    assert!(printed.contains("A FIRST LINE\nZWÖLF BOXKÄMPFER\n"), "{printed}");
}

#[test]
fn the_guide_shows_what_inspect_prints() {
    let words = component("words");
    let printed = sluicebox(&repository(), &["plugin", "inspect", &words.to_string_lossy()]);
    let shown = blocks("docs/operators.md", "Building", "text").concat();
    // Digest and size depend on the compiler.
    let from = |text: &str| text.find("interfaces").map(|at| text[at..].to_owned());
    assert!(from(&shown).is_some());
    assert_eq!(from(&printed), from(&shown));
}

#[test]
fn what_an_operator_counts_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/a.txt"), "one\ntwo\n").unwrap();
    let job = format!(
        r#"
        [job]
        name = "counting"
        batch-interval = "100ms"
        [plugin.kitchen]
        component = '{}'
        [stream.lines]
        source = {{ type = "files", path = "in", format = "text" }}
        [stream.noisy]
        input = "lines"
        map = "kitchen/noisy"
        [output.console]
        input = "noisy"
        sink = {{ type = "print" }}
        "#,
        component("kitchen").display()
    );
    fs::write(folder.path().join("job.toml"), job).unwrap();
    let ran = run(folder.path(), ["run", "job.toml", "--drain"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let counted = ran.stderr.lines().find(|line| line.contains("an operator counted")).expect("a line of counters");
    assert!(counted.contains(r#"stream=noisy plugin="kitchen" operator="noisy" counters="rows=2""#), "{counted}");
}
