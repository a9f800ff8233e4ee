//! README's first operator, word for word: made, built, looked at, run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sluicebox_tests::plugins::repository;
use sluicebox_tests::program::program;

/// The blocks of a language in a section of README.
fn blocks(section: &str, language: &str) -> Vec<String> {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, section) = readme.split_once(&format!("\n## {section}\n")).expect("README has the section");
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
    let shell = blocks(SECTION, "sh").concat();
    for line in ["plugin new shout && cd shout", "plugin build .", "plugin inspect shout.wasm"] {
        assert!(shell.contains(&format!("sluicebox {line}")), "README says `sluicebox {line}`");
    }
    // From the repository's folder: the program is elsewhere where CARGO_TARGET_DIR is, and then couldn't find the SDK from the plugin's.
    let plugin = folder.path().join("shout");
    sluicebox(&repository(), &["plugin", "new", &plugin.to_string_lossy()]);
    assert_eq!(blocks(SECTION, "rust"), [fs::read_to_string(plugin.join("src/lib.rs")).unwrap()]);

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
    fs::write(folder.path().join("loud.toml"), blocks(SECTION, "toml").concat() + rest).unwrap();
    let printed = sluicebox(folder.path(), &["run", "loud.toml", "--drain"]);
    assert!(printed.contains("A FIRST LINE\nZWÖLF BOXKÄMPFER\n"), "{printed}");
}
