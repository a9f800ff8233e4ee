//! Job files in, definitions or errors out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow::datatypes::DataType;

use crate::engine::state_builtin::BuiltInUpdate;
use crate::error::Diagnostics;
use crate::job::definition::{
    AggregateDefinition, FileFormat, InitialDefinition, OperationDefinition, Place, SinkDefinition, SourceDefinition,
    StreamBody, UpdateDefinition,
};
use crate::job::types::SchemaNames;
use crate::receiver::files::scan::OnBadFile;
use crate::receiver::rate::{PidOptions, RateLimits};

use super::{JobFile, Setting, parse, read};

const TESTDATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/job/testdata");

fn job_files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(TESTDATA).join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn parse_named(path: &Path, settings: &[&str]) -> Result<JobFile, Diagnostics> {
    let text = fs::read_to_string(path).unwrap();
    let settings = settings.iter().map(|setting| setting.parse().unwrap()).collect();
    parse(Path::new(path.file_name().unwrap()), &text, settings)
}

fn good(name: &str, settings: &[&str]) -> JobFile {
    parse_named(&Path::new(TESTDATA).join("good").join(name), settings)
        .unwrap_or_else(|mistakes| panic!("{name}:\n{mistakes}"))
}

/// Each `bad/NAME.toml` has exactly the errors of `bad/NAME.txt`. Set `SLUICEBOX_WRITE_EXPECTED` to write these anew, then read the difference.
#[test]
fn bad_job_files_have_exactly_these_errors() {
    let mut different = vec![];
    for path in job_files("bad") {
        let mistakes = parse_named(&path, &[]).expect_err("a bad job file").to_string() + "\n";
        let expected_path = path.with_extension("txt");
        if std::env::var_os("SLUICEBOX_WRITE_EXPECTED").is_some() {
            fs::write(&expected_path, &mistakes).unwrap();
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        if mistakes != expected {
            different.push(format!("--- {}\n{expected}\n--- found\n{mistakes}", expected_path.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn good_job_files_have_no_errors_and_no_warnings() {
    for path in job_files("good") {
        let JobFile { warnings, .. } =
            parse_named(&path, &[]).unwrap_or_else(|mistakes| panic!("{}:\n{mistakes}", path.display()));
        assert_eq!(warnings, Diagnostics::default(), "{}", path.display());
    }
}

#[test]
fn what_a_job_file_says_is_in_its_definition() {
    let definition = good("wordcount.toml", &[]).definition;
    assert_eq!(
        (definition.job.name.as_str(), definition.job.batch_interval),
        ("network-wordcount", Duration::from_secs(1))
    );
    assert_eq!((definition.job.block_interval, definition.job.block_queue), (Duration::from_millis(200), 1034));
    let names: Vec<&str> = definition.streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, ["lines", "words", "counts", "busiest"]);
    let counts = &definition.streams[2];
    let StreamBody::Operation { inputs, operation: OperationDefinition::ReduceByKey { key, with, partitions } } =
        &counts.body
    else {
        panic!("{:?}", counts.body)
    };
    assert_eq!(
        (inputs.as_slice(), key.as_slice(), with, *partitions),
        (&["words".into()][..], &["word".into()][..], &AggregateDefinition::Count, None)
    );
    assert_eq!(counts.place, Place::File { file: Path::new("wordcount.toml").into(), line: 19, column: 1 });
}

#[test]
fn every_key_is_read() {
    let definition = good("everything.toml", &[]).definition;
    let plugin = &definition.plugins[0];
    assert_eq!(
        plugin.config,
        "{\"depth\":3,\"nested\":{\"x\":[1,{\"y\":2}]},\"ratio\":0.5,\"separator\":\",\",\"since\":\"2024-02-29\",\"stop-words\":[\"a\",\"the\"],\"strict\":true}"
    );
    assert_eq!((plugin.limits.memory, plugin.limits.output, plugin.limits.table_elements), (32 << 20, 1_000_000, 1000));
    assert!(matches!(
        definition.streams[0].body,
        StreamBody::Source(SourceDefinition::Socket { max_length: Some(1_000_000), .. })
    ));
    let pid = PidOptions { proportional: 1.0, integral: 0.5, derivative: 0.25, min_rate: 2.5 };
    assert_eq!((definition.job.backpressure, definition.job.max_waiting_batches), (Some(pid), 3));
    assert_eq!(definition.streams[0].rates, RateLimits { max: Some(5000), initial: Some(100) });
    assert_eq!(definition.streams[1].rates, RateLimits::default());
    let StreamBody::Source(SourceDefinition::Files {
        schema: Some(schema), path, existing: false, on_bad_file, ..
    }) = &definition.streams[2].body
    else {
        panic!("{:?}", definition.streams[2])
    };
    assert_eq!(*on_bad_file, OnBadFile::Skip);
    assert_eq!(path, Path::new("/data/orders"));
    assert_eq!(SchemaNames(schema).to_string(), "z: string, a: decimal(10, 2), m: list<timestamp[ms, UTC]> not null");
    let SinkDefinition::Files { compact: Some(compact), .. } = &definition.outputs[1].sink else {
        panic!("{:?}", definition.outputs[1])
    };
    assert_eq!((compact.size, compact.every), (Some(64 << 20), Some(Duration::from_secs(600))));
    let inputs = |name: &str| match &definition.streams.iter().find(|stream| stream.name == name).unwrap().body {
        StreamBody::Operation { inputs, .. } => inputs.join(" "),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (inputs("all"), inputs("both"), inputs("three")),
        ("filtered whole pushed".into(), "filtered whole".into(), "filtered whole whole".into())
    );
    assert_eq!(inputs("joined"), "");
    assert_eq!((inputs("sessions"), inputs("all-sessions")), ("values running".into(), "sessions".into()));
    let state = |name: &str| match &definition.streams.iter().find(|stream| stream.name == name).unwrap().body {
        StreamBody::Operation {
            operation: OperationDefinition::UpdateStateByKey(of) | OperationDefinition::MapWithState(of),
            ..
        } => of.clone(),
        other => panic!("{other:?}"),
    };
    let running = state("running");
    assert_eq!((running.key, running.with), (vec!["word".to_owned()], UpdateDefinition::BuiltIn(BuiltInUpdate::Sum)));
    assert_eq!((running.partitions, running.state_size), (Some(3), Some(64 << 20)));
    assert_eq!(running.time_to_live, Some(Duration::from_secs(7 * 24 * 60 * 60)));
    let path = "/data/sums.csv".into();
    assert_eq!(running.initial, Some(InitialDefinition::File { path, format: FileFormat::Csv }));
    let sessions = state("sessions");
    assert_eq!(sessions.timeout, Some(Duration::from_secs(30 * 60)));
    assert_eq!(sessions.initial, Some(InitialDefinition::Stream("running".into())));
    let UpdateDefinition::Operator(with) = sessions.with else { panic!("{:?}", sessions.with) };
    assert_eq!((with.operator.as_str(), with.columns), ("sessions", Some(vec!["count".to_owned()])));
}

#[test]
fn settings_replace_what_the_file_says() {
    let settings = [
        "job.name=other",
        "job.batch-interval=500ms",
        "job.parallelism=3",
        "stream.lines.source.address=localhost:1234",
        "output.\"console\".sink={ type = \"print\", rows = 3 }",
        "plugin.words.config.separator=;",
    ];
    let definition = good("wordcount.toml", &settings).definition;
    assert_eq!((definition.job.name.as_str(), definition.job.parallelism), ("other", 3));
    assert_eq!(definition.job.batch_interval, Duration::from_millis(500));
    assert_eq!(definition.plugins[0].config, "{\"separator\":\";\"}");
    assert!(
        matches!(&definition.streams[0].body, StreamBody::Source(SourceDefinition::Socket { address, .. }) if address == "localhost:1234")
    );
}

#[test]
fn wrong_settings_name_the_flag() {
    for (setting, mistake) in [
        (
            "job.name=42",
            "--set job.name: [job] name: a string is expected, found the integer 42\n  help: for example name = \"wordcount\"",
        ),
        ("job.nme=x", "--set job.nme: [job]: unknown key \"nme\"\n  help: did you mean \"name\"?"),
        (
            "job.name.first=x",
            "--set job.name.first: job.name is not a table in the job file but the string \"network-wordcount\"\n  help: set job.name instead",
        ),
        (
            "stream.words.input=line",
            "--set stream.words.input: [stream.words] input: there is no stream \"line\"\n  help: did you mean \"lines\"?",
        ),
    ] {
        let mistakes = parse_named(&Path::new(TESTDATA).join("good/wordcount.toml"), &[setting]).unwrap_err();
        assert_eq!(mistakes.to_string(), mistake);
    }
    for (setting, mistake) in [
        ("job.name", "--set job.name: there is no \"=\"\n  help: for example --set job.batch-interval=500ms"),
        ("=x", "--set =x: \"\" is not a key\n  help: for example --set job.batch-interval=500ms"),
        ("a b=x", "--set a b=x: \"a b\" is not a key\n  help: for example --set job.batch-interval=500ms"),
    ] {
        assert_eq!(setting.parse::<Setting>().unwrap_err().to_string(), mistake);
    }
}

#[test]
fn what_is_not_used_is_a_warning() {
    let text = "
[job]
name = 'a'
batch-interval = '1s'
[plugin.p]
component = 'p.wasm'
[stream.a]
source = { type = 'queue', schema = { x = 'int8' } }
[stream.b]
input = 'a'
count = true
[output.o]
input = 'a'
sink = { type = 'print' }
";
    let JobFile { definition, warnings } = parse(Path::new("a.toml"), text, vec![]).unwrap();
    assert_eq!(
        warnings.to_string(),
        "a.toml:5:9: [plugin.p] is used by nothing\n  help: remove it, or name one of its operators\n\
         a.toml:9:9: [stream.b] reaches no output, and will not run\n  help: remove it, or add an output for it"
    );
    assert!(
        matches!(&definition.streams[0].body, StreamBody::Source(SourceDefinition::Queue { schema, .. }) if *schema.field(0).data_type() == DataType::Int8)
    );
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job.toml");
    let text = "
[job]
name = 'a'
batch-interval = '1s'
[plugin.p]
component = 'p.wasm'
[plugin.q]
component = '.'
[stream.a]
source = { type = 'files', path = 'in', format = 'text' }
[stream.b]
source = { type = 'files', path = 'job.toml', format = 'text' }
[stream.c]
union = ['a', 'b']
[output.o]
input = 'c'
sink = { type = 'files', path = 'job.toml', format = 'text' }
[output.p]
input = 'c'
sink = { type = 'files', path = 'made/later', format = 'text' }
";
    fs::write(&path, text).unwrap();
    let mistakes = read(&path, vec![]).unwrap_err().mistakes.to_string().replace(folder.path().to_str().unwrap(), "F");
    assert_eq!(
        mistakes,
        "F/job.toml:6:13: [plugin.p] component: F/p.wasm does not exist
  help: build it with `sluicebox plugin build`, or correct the path; a relative one begins at the job file's folder
F/job.toml:8:13: [plugin.q] component: F/. is not a file
  help: give the path of a component, such as plugins/words/words.wasm
F/job.toml:10:35: [stream.a] source.path: F/in does not exist
  help: create the directory, or correct the path; a relative one begins at the job file's folder
F/job.toml:12:35: [stream.b] source.path: F/job.toml is not a directory
  help: give the directory that new files are moved into
F/job.toml:17:33: [output.o] sink.path: F/job.toml is not a directory
  help: give a directory; each batch becomes a folder in it"
    );
    for (name, mistake) in [
        ("absent.toml", "F/absent.toml: can't be read: No such file or directory (os error 2)"),
        (".", "F/.: is not a file"),
    ] {
        let mistakes = read(&folder.path().join(name), vec![])
            .unwrap_err()
            .mistakes
            .to_string()
            .replace(folder.path().to_str().unwrap(), "F");
        assert_eq!(mistakes, format!("{mistake}\n  help: give the path of a job file"));
    }
    fs::write(&path, b"[job]\nname = \"\xff\"").unwrap();
    let mistakes = read(&path, vec![]).unwrap_err().mistakes.to_string();
    assert!(mistakes.contains("is not text: line 2 is not UTF-8"), "{mistakes}");
}

#[test]
fn hostile_texts_end_in_errors() {
    for text in [
        "[".repeat(100_000),
        "a = ".to_owned() + &"[".repeat(100_000),
        "a.".repeat(50_000) + "a = 1",
        "{".repeat(1000),
        "\0".into(),
        "\u{feff}[job]".into(),
    ] {
        let mistakes = parse(Path::new("a.toml"), &text, vec![]).unwrap_err();
        assert!((1..=101).contains(&mistakes.0.len()), "{}", mistakes.0.len());
    }
}
