//! Job files with mistakes that only the whole can see: components, columns, queries. And what a good one shows.

use std::fs;

use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::component;

/// Every kind of mistake, all told in one go.
const WRONG: &str = r#"[job]
name = "wrong"
batch-interval = "1s"

[plugin.words]
component = "words.wasm"

[plugin.empty]
component = "empty.wasm"

[plugin.core]
component = "core.wasm"

[plugin.pinned]
component = "words.wasm"
digest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

[stream.lines]
source = { type = "socket", address = "localhost:9999" }

[stream.numbers]
source = { type = "queue", schema = { n = "int64", m = "int64" } }

[stream.misspelt]
input = "lines"
flat-map = "words/splt"

[stream.not-lines]
input = "numbers"
flat-map = "words/split"

[stream.not-flat]
input = "lines"
map = "words/split"

[stream.no-aggregate]
input = "lines"
reduce-by-key = { key = ["value"], with = "words/split" }

[stream.of-empty]
input = "lines"
map = "empty/anything"

[stream.no-column]
sql = "select wrd from lines"

[stream.no-function]
sql = "select lenght(value) from lines"

[stream.follows]
sql = "select count(*) as n from \"no-column\""

[stream.no-key]
input = "lines"
reduce-by-key = { key = ["word"], with = "count" }

[stream.no-sum]
input = "lines"
reduce = "sum"

[stream.different]
union = ["lines", "numbers"]

[stream.where]
input = "lines"
filter = { where = "length(valu) > 3" }

[stream.no-boolean]
input = "lines"
filter = { where = "length(value)" }

[output.one]
input = "numbers"
sink = { type = "files", path = "out", format = "text" }

[output.two]
input = "lines"
sink = { type = "files", path = "out", format = "text" }
"#;

const TOLD: &str = r#"error: job.toml:8:9: plugin "empty": its component empty.wasm: the file is empty, and a WebAssembly component is expected
error: job.toml:11:9: plugin "core": its component core.wasm: it is a core WebAssembly module, and a component is expected; make one with `sluicebox plugin build`
error: job.toml:14:9: plugin "pinned": its component has the digest DIGEST, not 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
  help: take the component that was pinned, or pin this one once you have looked at it
error: job.toml:26:1: stream "misspelt": plugin words, operator splt: the plugin has no such transform operator; it offers split
error: job.toml:30:1: stream "not-lines": plugin words, operator split: the operator takes 1 column of any name, and is offered 2 columns: n, m; choose columns in a sql stream
error: job.toml:34:1: stream "not-flat": "words/split" is a flat-map, not a map
  help: write flat-map = "words/split"
error: job.toml:38:1: stream "no-aggregate": plugin words, operator split: the plugin has no such aggregate operator; it offers tally
error: job.toml:45:1: stream "no-column": No field named wrd at Line: 1, Column: 8; Valid fields are lines.value
error: job.toml:48:1: stream "no-function": Invalid function 'lenght' at Line: 1, Column: 8; Did you mean 'length'?; Possible function 'length'
error: job.toml:55:1: stream "no-key": its input has no column "word"
  help: its input has the columns (value: string not null)
error: job.toml:59:1: stream "no-sum": sum needs numbers, but column "value" is of type string
error: job.toml:62:1: stream "different": a union is of streams with the same columns, but "lines" has (value: string not null) and "numbers" has (n: int64, m: int64)
error: job.toml:66:1: stream "where": No field named valu. Did you mean 'value'?; Valid fields are value
error: job.toml:70:1: stream "no-boolean": a filter says true or false, but `length(value)` is of type int32
error: job.toml:78:1: output "two": output "one" writes to out already
  help: give each output a folder of its own
15 errors
"#;

fn wrong_folder() -> Folder {
    let folder = Folder::with_job(WRONG);
    fs::copy(component("words"), folder.path("words.wasm")).unwrap();
    folder.write("empty.wasm", "");
    folder.write("core.wasm", b"\0asm\x01\0\0\0");
    folder
}

#[test]
fn all_mistakes_are_told_in_one_go() {
    let ran = wrong_folder().check().ended_with(2);
    assert_eq!(ran.stdout, "");
    // The digest changes with the compiler; the warnings are of streams that reach no output.
    let error = |line: &&str| !line.starts_with("warning: ") && !line.starts_with("  help: remove it, or ");
    let told: String = ran.stderr.lines().filter(error).map(|line| line.to_owned() + "\n").collect();
    let digest = told.split("has the digest ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert_eq!(told.replace(&digest, "DIGEST"), TOLD, "{told}");
    let run = wrong_folder().run(&[]).ended_with(2);
    assert_eq!(run.stderr, ran.stderr, "run tells what check does");
}

#[test]
fn mistakes_of_the_file_hide_none_of_components_columns_and_queries() {
    let folder = Folder::with_job(
        r#"[job]
name = "both"
batch-interval = "1 sheep"

[plugin.words]
component = "words.wasm"
tme = "1s"

[plugin.tally]
component = "words.wasm"

[stream.lines]
source = { type = "socket", address = "localhost:9999" }

[stream.words]
input = "lines"
flat-map = "tally/splt"

[stream.unknown]
input = "wrods"
count = true

[stream.of-wrong-plugin]
input = "lines"
flat-map = "words/split"

[stream.round]
input = "and-round"
count = true

[stream.and-round]
input = "round"
count = true

[stream.follows]
sql = "select wrd from round"

[stream.no-column]
sql = "select wrd from lines"

[output.console]
input = "no-column"
sink = { type = "print", rows = "many" }
"#,
    );
    fs::copy(component("words"), folder.path("words.wasm")).unwrap();
    let told = folder.check().ended_with(2).stderr;
    let errors: Vec<&str> = told.lines().filter(|line| line.starts_with("error: ")).collect();
    let lines: Vec<&str> = errors.iter().filter_map(|line| line.split(':').nth(2)).collect();
    assert_eq!(lines, ["3", "7", "17", "20", "32", "39", "43"], "{told}");
    assert!(told.ends_with("7 errors\n"), "{told}");
    assert!(errors[2].contains("has no such transform operator; it offers split"), "{told}");
    assert!(errors[5].contains("No field named wrd"), "{told}");
}

#[test]
fn files_that_are_missing_are_told_together() {
    let folder = Folder::new(
        r#"
[plugin.words]
component = "wrods.wasm"

[stream.lines]
source = { type = "files", path = "nowhere", format = "text" }

[stream.words]
input = "lines"
flat-map = "words/split"

[output.console]
input = "words"
sink = { type = "print" }
"#,
    );
    let expected = "\
error: job.toml:6:13: [plugin.words] component: wrods.wasm does not exist
  help: build it with `sluicebox plugin build`, or correct the path; a relative one begins at the job file's folder
error: job.toml:9:35: [stream.lines] source.path: nowhere does not exist
  help: create the directory, or correct the path; a relative one begins at the job file's folder
2 errors
";
    assert_eq!(folder.check().ended_with(2).stderr, expected);
    assert_eq!(folder.run(&[]).ended_with(2).stderr, expected);
}

#[test]
fn columns_of_good_streams_are_shown() {
    let folder = Folder::new(
        "[plugin.words]\ncomponent = \"words.wasm\"\n\
         [stream.lines]\nsource = { type = \"socket\", address = \"localhost:1\" }\n\
         [stream.words]\ninput = \"lines\"\nflat-map = \"words/split\"\n\
         [stream.counts]\nsql = \"select word, count(*) as n from words group by word\"\n\
         [output.console]\ninput = \"counts\"\nsink = { type = \"print\" }\n",
    );
    fs::copy(component("words"), folder.path("words.wasm")).unwrap();
    let ran = folder.check().ended_with(0);
    let expected = "\
stream  columns
lines   value: string not null
words   word: string not null
counts  word: string not null, n: int64 not null
ok: 1 plugin, 3 streams, 1 output
";
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (expected, ""));
}

#[test]
fn the_summary_of_a_batch_has_its_rows_and_delays() {
    let job = "[stream.rows]\nsource = { type = \"files\", path = \"in\", format = \"text\" }\n\
               [output.console]\ninput = \"rows\"\nsink = { type = \"print\" }\n";
    let folder = Folder::new(job);
    folder.write("in/a", "to\nbe\n");
    let ran = folder.run(&["--drain", "--log-format", "json"]).ended_with(0);
    let lines: Vec<serde_json::Value> = ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    let completed = of("batch completed");
    assert!(!completed.is_empty(), "{}", ran.stderr);
    for batch in &completed {
        let ms = |name: &str| batch[name].as_u64().unwrap_or_else(|| panic!("no {name} in {batch}"));
        // Each is cut down to whole milliseconds of the same clock.
        assert_eq!(ms("scheduling_delay_ms") + ms("processing_delay_ms"), ms("total_delay_ms"), "{batch}");
        assert_eq!((batch["level"].as_str(), ms("attempts")), (Some("INFO"), 1), "{batch}");
        assert_eq!((ms("dropped"), ms("rejected"), ms("batch_time") % 100), (0, 0, 0), "{batch}");
    }
    assert_eq!(completed.iter().map(|batch| batch["rows"].as_u64().unwrap()).sum::<u64>(), 2);
    assert_eq!((of("source started").len(), of("started").len(), of("source stopped").len()), (1, 1, 1));

    // For people, the same on a line.
    let ran = folder.run(&["--drain"]).ended_with(0);
    let line = ran.logged("batch completed")[0];
    for name in [" batch_time=", " rows=2 ", " scheduling_delay_ms=", " processing_delay_ms=", " total_delay_ms="] {
        assert!(line.contains(name), "no{name} in {line}");
    }
}
