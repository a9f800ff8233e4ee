//! Components that are built against several versions of the WIT package, side by side in one job, and swapped for one another.

use std::io::Write;

use serde_json::json;
use sluicebox_tests::control::Jobs;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::{chameleon, component, of_version};
use sluicebox_tests::program::run;
use sluicebox_tests::server::Server;

/// Lines are split into words by the one plugin, and the numbers among them tagged by the other.
const JOB: &str = r#"
[plugin.words]
component = "words.wasm"

[plugin.chameleon]
component = "first.wasm"

[stream.lines]
source = { type = "socket", address = "set:1" }

[stream.words]
input = "lines"
flat-map = "words/split"

[stream.numbers]
sql = "select cast(word as bigint) as value from words"

[stream.tags]
input = "numbers"
map = "chameleon/tag"

[output.console]
input = "tags"
sink = { type = "print" }
"#;

/// The job, with `words` as it is built and `chameleon` of another version of the package; and what that is swapped for: one as it is built, one of a third version, and words of a series to come.
fn folder() -> Folder {
    let folder = Folder::new(JOB);
    let words = std::fs::read(component("words")).unwrap();
    folder.write("first.wasm", of_version(chameleon(1), "0.1.7"));
    folder.write("second.wasm", chameleon(2));
    folder.write("third.wasm", of_version(chameleon(3), "0.1.2"));
    folder.write("words-2.wasm", of_version(words.clone(), "0.1.9"));
    folder.write("to-come.wasm", of_version(chameleon(4), "0.2.0"));
    folder.write("words.wasm", words);
    folder
}

const TO_COME: &str = "it is built against sluicebox:operator@0.2.0, and this sluicebox 0.1.0 speaks 0.1 (as of 0.1.0); run it by a sluicebox that speaks that, or build it with an SDK of this one";

#[test]
fn components_of_several_versions_work_in_one_job_and_are_swapped_for_one_another() {
    let (jobs, folder, server) = (Jobs::new(), folder(), Server::new().unwrap());
    let job = jobs.start(&folder, &["--set", &format!("stream.lines.source.address={}", server.address())]);
    let mut peer = server.accept().unwrap();
    let file = |name: &str| folder.path(name).display().to_string();
    peer.write_all(b"1 2\n").unwrap();
    job.program.line_with("(1,1)");
    job.program.line_with("(2,1)");
    for (number, (plugin, with, version)) in
        (3..).zip([("chameleon", "second", 2), ("words", "words-2", 2), ("chameleon", "third", 3)])
    {
        jobs.verb(&["swap", "test", plugin, &file(&format!("{with}.wasm"))]).ended_with(0);
        peer.write_all(format!("{number}1 {number}2\n").as_bytes()).unwrap();
        job.program.line_with(&format!("({number}1,{version})"));
        job.program.line_with(&format!("({number}2,{version})"));
    }
    // What instances have used beside it changes by the batch.
    let components = || {
        let plugins = job.ask("GET", "/v1/operators").json()["plugins"].clone();
        plugins.as_array().unwrap().iter().map(|plugin| plugin["digest"].clone()).collect::<Vec<_>>()
    };
    let now = components();
    assert_eq!(now.len(), 2);
    for plugin in ["chameleon", "words"] {
        let refused = jobs.verb(&["swap", "test", plugin, &file("to-come.wasm")]).ended_with(2).stderr;
        assert!(
            refused.contains(&format!("plugin \"{plugin}\": component ")) && refused.contains(TO_COME),
            "{refused}"
        );
    }
    assert_eq!(components(), now);
    peer.write_all(b"6\n").unwrap();
    job.program.line_with("(6,3)");
    // Back to one of another version, too.
    jobs.verb(&["rollback", "test", "chameleon"]).ended_with(0);
    peer.write_all(b"7\n").unwrap();
    job.program.line_with("(7,2)");
    assert_eq!(job.ask("GET", "/v1/swaps").json()["swaps"].as_array().map(Vec::len), Some(4));
    jobs.verb(&["drain", "test"]).ended_with(0);
    let ran = job.program.wait().ended_with(0);
    let rows = ["(1,1)", "(2,1)", "(31,2)", "(32,2)", "(41,2)", "(42,2)", "(51,3)", "(52,3)", "(6,3)", "(7,2)"];
    assert_eq!(ran.printed_rows(), rows);
    assert!(ran.logged("batch failed").is_empty(), "{}", ran.stderr);
}

#[test]
fn a_component_says_which_versions_of_the_program_take_it() {
    let folder = folder();
    let taken =
        "taken by       sluicebox 0.1.0, which this is, and later ones as long as they speak 0.1 of sluicebox:operator";
    for (name, version, more) in [
        ("second", "0.1.0", ""),
        ("first", "0.1.7", "; it uses nothing that came after 0.1.0"),
        ("third", "0.1.2", "; it uses nothing that came after 0.1.0"),
    ] {
        let file = format!("{name}.wasm");
        let told = run(&folder.path(""), ["plugin", "check", &file]).ended_with(0).stdout;
        assert!(told.contains(&format!("built against  sluicebox:operator@{version}\n{taken}{more}\n")), "{told}");
        let told = run(&folder.path(""), ["plugin", "check", &file, "--json"]).ended_with(0).stdout;
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["built-against"], &told["taken-since"]), (&json!([version]), &json!("0.1.0")));
    }
    let refused = run(&folder.path(""), ["plugin", "check", "to-come.wasm"]).ended_with(2);
    assert!(refused.stderr.contains("to-come.wasm") && refused.stderr.contains(TO_COME), "{}", refused.stderr);
    assert_eq!(refused.stdout, "");
    // A job that names it is refused with the same.
    folder.write("job.toml", folder.read("job.toml").replace("first.wasm", "to-come.wasm"));
    let refused = folder.check().ended_with(2).stderr;
    assert!(refused.contains("error: job.toml:8:") && refused.contains(TO_COME), "{refused}");
}
