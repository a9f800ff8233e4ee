//! Files as a source: each once, whatever happens to them.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use sluicebox::batch::listener::BatchInfo;
use sluicebox::datafusion::parquet::arrow::ArrowWriter;
use sluicebox::error::Result;
use sluicebox::job::definition::{FileFormat, SourceDefinition};
use sluicebox::receiver::files::scan::OnBadFile;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, Held, SECOND, TestJob};
use sluicebox_tests::rows::pair_schema;

/// Prints the rows of all files in `in`, with more keys of the source.
fn printing(source: &str) -> String {
    format!(
        "[stream.rows]\nsource = {{ type = \"files\", path = \"in\", {source} }}\n\
         [output.console]\ninput = \"rows\"\nsink = {{ type = \"print\", rows = 100000 }}\n"
    )
}

/// A Parquet file.
fn parquet(rows: &[(&str, i64)]) -> Vec<u8> {
    let keys = StringArray::from_iter_values(rows.iter().map(|(key, _)| *key));
    let values = Int64Array::from_iter_values(rows.iter().map(|(_, value)| *value));
    let rows = RecordBatch::try_new(pair_schema(), vec![Arc::new(keys), Arc::new(values)]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn every_format_is_read_to_its_end_when_draining() {
    let parquet = (parquet(&[("to", 1)]), parquet(&[("be", 2)]));
    for (format, first, second, rows) in [
        ("text", "to 1\r\n".as_bytes(), "\nbe 2".as_bytes(), &["to 1", "be 2"]),
        ("csv", b"key,value\nto,1\n", b"key,value\r\n\"be\",2", &["(to,1)", "(be,2)"]),
        ("json", b"{\"key\": \"to\", \"value\": 1}\n", b"{\"value\": 2, \"key\": \"be\"}", &["(to,1)", "(be,2)"]),
        ("parquet", &parquet.0, &parquet.1, &["(to,1)", "(be,2)"]),
    ] {
        let folder = Folder::new(&printing(&format!("format = \"{format}\"")));
        folder.write("in/a", first);
        folder.write("in/b", second);
        folder.write("in/_hidden", "not even text: \u{1}");
        let ran = folder.run(&["--drain"]).ended_with(0);
        assert_eq!(ran.printed_rows(), rows, "{format}");
    }
}

#[test]
fn columns_that_were_told_can_be_written_down() {
    let folder = Folder::new(&printing("format = \"csv\""));
    folder.write("in/a", "when,who,n\n2024-02-29,ann,1\n");
    let ran = folder.run(&["--drain"]).ended_with(0);
    let told = ran.logged("to pin them: ")[0];
    let pinned = &told[told.find("schema = ").unwrap()..=told.find('}').unwrap()];
    assert_eq!(pinned, r#"schema = { when = "date", who = "string", n = "int64" }"#);
    // Now what the files hold is compared with that, and isn't looked at before the job starts.
    let folder = Folder::new(&printing(&format!("format = \"csv\", {pinned}")));
    folder.write("in/a", "when,who,n\nyesterday,ann,1\n");
    let ran = folder.run(&["--drain"]).ended_with(1);
    assert!(ran.logged("to pin them").is_empty(), "{}", ran.stderr);
    let error = ran.errors()[0];
    assert!(
        error.contains("stream \"rows\": file ") && error.contains("in/a") && error.contains("yesterday"),
        "{error}"
    );
}

#[test]
fn files_moved_in_while_the_job_runs_are_read_once_each() {
    let folder = Folder::new(&printing("format = \"text\""));
    fs::create_dir(folder.path("in")).unwrap();
    let program = folder.start(&[]);
    program.line_with("source started");
    for wave in 0..4 {
        // As fast as they can be, so that some appear while the directory is looked at; some of them look old.
        for n in 0..50 {
            let name = format!("in/{wave}-{n}");
            folder.move_in(&name, format!("row {wave}-{n}\n"));
            if n % 5 == 0 {
                folder.write(&format!("in/.{wave}-{n}"), format!("old row {wave}-{n}\n"));
                fs::rename(folder.path(format!("in/.{wave}-{n}")), folder.path(format!("{name}-old"))).unwrap();
            }
        }
        program.line_with(&format!("row {wave}-49"));
    }
    folder.move_in("in/zzz", "the last\n");
    program.line_with("the last");
    program.signal("INT");
    let ran = program.wait().ended_with(0);
    let rows: BTreeSet<&str> = ran.printed_rows().into_iter().collect();
    assert_eq!((rows.len(), ran.printed_rows().len()), (4 * 60 + 1, 4 * 60 + 1), "each once");
}

#[test]
fn files_that_were_there_can_be_left_alone() {
    let folder = Folder::new(&printing("format = \"text\", existing = false"));
    folder.write("in/old", "old\n");
    let program = folder.start(&[]);
    program.line_with("source started");
    folder.move_in("in/new", "new\n");
    program.line_with("new");
    program.signal("TERM");
    assert_eq!(program.wait().ended_with(0).printed_rows(), ["new"]);
}

#[test]
fn a_corrupt_file_fails_the_job_or_is_left_out_and_counted() {
    let mut corrupt = parquet(&[("never", 0)]);
    // What says which columns there are.
    let n = corrupt.len();
    corrupt[n - 40..n - 8].fill(0xFF);
    let with = |on_bad_file: &str| {
        let folder = Folder::new(&printing(&format!("format = \"parquet\", on-bad-file = \"{on_bad_file}\"")));
        folder.write("in/a", parquet(&[("to", 1)]));
        folder.write("in/b", &corrupt);
        folder.write("in/c", parquet(&[("be", 2)]));
        folder.run(&["--drain"])
    };
    let ran = with("fail").ended_with(1);
    let error = ran.errors()[0];
    assert!(error.starts_with("error: output \"console\", batch "), "{error}");
    assert!(error.contains(", partition 0: stream \"rows\": file /") && error.contains("/in/b: "), "{error}");
    let ran = with("skip").ended_with(0);
    assert_eq!(ran.printed_rows(), ["(to,1)", "(be,2)"]);
    let told = ran.logged("what can't be read was left out");
    assert_eq!(told.len(), 1, "{}", ran.stderr);
    assert!(told[0].contains("stream=\"rows\" lines=0 bad_files=1 first=\"file /"), "{}", told[0]);
    assert!(told[0].contains("/in/b: "), "{}", told[0]);
}

#[test]
fn lines_that_cant_be_read_are_left_out_and_told_once_a_batch() {
    let folder = Folder::new(&printing("format = \"json\", on-bad-file = \"skip\", schema = { n = \"int64\" }"));
    let mut text = b"{\"n\": 1}\nnonsense\n\xFF\n".to_vec();
    // More than is read at a time.
    text.extend(b"{\"n\": \"one\"}\n".repeat(100_000));
    text.extend(b"{\"n\": 2}\n");
    folder.write("in/a", text);
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert_eq!(ran.printed_rows(), ["1", "2"]);
    let told = ran.logged("what can't be read was left out");
    assert_eq!(told.len(), 1, "{}", ran.stderr);
    assert!(told[0].contains("lines=100002 bad_files=0 first=\"file /"), "{}", told[0]);
    assert!(told[0].contains("/in/a, line "), "{}", told[0]);
    let completed = ran.logged("batch completed");
    assert!(
        completed.iter().any(|line| line.contains(" rows=2 ") && line.contains(" dropped=100002 ")),
        "{completed:?}"
    );
}

#[test]
fn a_directory_that_vanishes_is_looked_for_again_unless_the_job_drains() {
    let folder = Folder::new(&printing("format = \"text\""));
    fs::create_dir(folder.path("in")).unwrap();
    let program = folder.start(&[]);
    program.line_with("source started");
    fs::rename(folder.path("in"), folder.path("away")).unwrap();
    let told = program.line_with("can't be read: No such file or directory");
    assert!(told.contains("directory in ") && told.contains("the next batch tries again"), "{told}");
    fs::rename(folder.path("away"), folder.path("in")).unwrap();
    folder.move_in("in/a", "back\n");
    program.line_with("back");
    program.signal("TERM");
    assert_eq!(program.wait().ended_with(0).printed_rows(), ["back"]);

    // The file that was just moved in has to rest for longer than this test takes, so the job can't end before the directory is gone.
    let folder = Folder::new(&printing("format = \"text\""));
    fs::create_dir(folder.path("in")).unwrap();
    folder.move_in("in/a", "never read\n");
    let later = std::time::SystemTime::now() + Duration::from_secs(3600);
    fs::File::options().append(true).open(folder.path("in/a")).unwrap().set_modified(later).unwrap();
    let program = folder.start(&["--drain", "--set", "job.batch-interval=2s"]);
    program.line_with("source started");
    fs::remove_dir_all(folder.path("in")).unwrap();
    let ran = program.wait().ended_with(1);
    assert_eq!(
        ran.errors(),
        ["error: stream \"rows\": directory in can't be read: No such file or directory (os error 2)"]
    );
}

/// A file vanishes after the batch that reads it was planned, and before it is read.
async fn vanishing(on_bad_file: OnBadFile) -> (Result<()>, Collected, Vec<BatchInfo>) {
    let folder = tempfile::tempdir().unwrap();
    let job = TestJob::new();
    let source = SourceDefinition::Files {
        path: folder.path().to_owned(),
        content: FileFormat::Text.into(),
        schema: None,
        existing: true,
        on_bad_file,
    };
    let out = Collected::default();
    let (held, open) = Held::new(out.clone());
    job.context.source("lines", source).unwrap().write_to("out", Arc::new(held)).unwrap();
    let job = job.start().await.unwrap();
    for name in ["stays", "vanishes"] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    // By the job's clock they are from the future, so they have to be the same at two batch times.
    for batch in [1000, 2000] {
        job.clock.advance(SECOND);
        job.events.submitted(batch).await;
    }
    fs::remove_file(folder.path().join("vanishes")).unwrap();
    open.send_replace(true);
    let result = tokio::select! {
        () = job.events.completed(2) => job.job.stop(true).await,
        result = job.job.await_termination() => result,
    };
    (result, out, job.events.batches())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_vanishes_fails_its_batch_or_is_left_out() {
    let (result, out, _) = vanishing(OnBadFile::Fail).await;
    let error = result.unwrap_err().to_string();
    assert!(error.starts_with("output \"out\", batch 2000, partition 0: stream \"lines\": file "), "{error}");
    assert!(error.ends_with("/vanishes: it is gone; files must stay until their batch is done"), "{error}");
    assert_eq!(out.commits(), [1000]);

    let (result, out, batches) = vanishing(OnBadFile::Skip).await;
    result.unwrap();
    assert_eq!(out.rows(2000), ["stays"]);
    let input = &batches[1].inputs[0];
    assert_eq!((input.rows, input.lines_dropped, input.bad_files), (Some(1), 0, 1));
}

#[test]
fn a_pattern_names_directories_also_those_that_come_later() {
    let folder = Folder::new(
        "[stream.rows]\nsource = { type = \"files\", path = \"in/*/day-[12]\", format = \"text\" }\n\
         [output.console]\ninput = \"rows\"\nsink = { type = \"print\", rows = 100 }\n",
    );
    let ran = folder.check().ended_with(2);
    assert!(ran.stderr.contains("in/*/day-[12] begins in in, which is not a directory"), "{}", ran.stderr);
    folder.write("in/a/day-1/x", "one\n");
    folder.write("in/b/day-2/x", "two\n");
    folder.write("in/b/day-3/x", "no\n");
    folder.write("in/a/x", "no\n");
    let program = folder.start(&[]);
    program.line_with("two");
    folder.write("in/c/day-1/x", "three\n");
    program.line_with("three");
    program.signal("TERM");
    let ran = program.wait().ended_with(0);
    let mut rows = ran.printed_rows();
    rows.sort_unstable();
    assert_eq!(rows, ["one", "three", "two"]);
}

#[test]
fn constant_rows_are_in_every_batch_and_checked() {
    let job = |rows: &str| {
        Folder::new(&format!(
            "[stream.rates]\nsource = {{ type = \"constant\", schema = {{ currency = \"string\", rate = \"float64\" }}, rows = {rows} }}\n\
             [output.console]\ninput = \"rates\"\nsink = {{ type = \"print\" }}\n"
        ))
    };
    let good = job("[{ currency = \"EUR\", rate = 1.5 }, { currency = \"SEK\" }]");
    let ran = good.run(&["--batches", "2"]).ended_with(0);
    assert_eq!(ran.printed_rows(), ["(EUR,1.5)", "(SEK,null)", "(EUR,1.5)", "(SEK,null)"]);
    assert_eq!(good.run(&["--drain"]).ended_with(0).printed_rows().len() % 2, 0);
    for (rows, mistake) in [
        ("[{ currency = \"EUR\", rat = 1.5 }]", "[stream.rates] source.rows: "),
        ("[{ currency = \"EUR\", rate = \"much\" }]", "[stream.rates] source.rows: "),
        ("[1]", "[stream.rates] source.rows: a table is expected, found the integer 1"),
        ("3", "[stream.rates] source.rows: "),
    ] {
        let ran = job(rows).check().ended_with(2);
        assert!(ran.stderr.starts_with("error: job.toml:5:") && ran.stderr.contains(mistake), "{}", ran.stderr);
    }
}

#[test]
fn records_of_a_fixed_length_are_read_and_bad_files_left_out_whole() {
    let job = |on_bad_file: &str| {
        let folder =
            Folder::new(&printing(&format!("format = \"binary\", record-length = 3, on-bad-file = \"{on_bad_file}\"")));
        folder.write("in/a", b"\x00\xFF\nabc");
        folder.write("in/b", b"abcd");
        folder.write("in/c", b"xyz");
        folder.run(&["--drain"])
    };
    let ran = job("skip").ended_with(0);
    assert_eq!(ran.printed_rows(), ["00ff0a", "616263", "78797a"]);
    assert_eq!(ran.logged("what can't be read was left out")[0].matches("bad_files=1").count(), 1, "{}", ran.stderr);
    let ran = job("fail").ended_with(1);
    let told = "/in/b: it has 4 bytes, which is no multiple of record-length, 3";
    assert!(ran.errors()[0].contains(told), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_never_split_between_partitions() {
    const LENGTH: usize = 7919;
    let folder = tempfile::tempdir().unwrap();
    let records: Vec<Vec<u8>> = (0..1000_u32).map(|n| n.to_be_bytes().repeat(LENGTH)[..LENGTH].to_vec()).collect();
    let job = TestJob::new();
    fs::write(folder.path().join(".all"), records.concat()).unwrap();
    fs::rename(folder.path().join(".all"), folder.path().join("all")).unwrap();
    let length = u32::try_from(LENGTH).unwrap().try_into().unwrap();
    let input = job.context.binary_records_stream("records", folder.path(), length).unwrap();
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    // By the job's clock the file is from the future, so it has to be the same at two batch times.
    job.run(2).await.unwrap();
    let partitions = out.batches(2000);
    assert!(partitions.len() > 1 && partitions.iter().all(|rows| !rows.is_empty()), "{}", partitions.len());
    let read = partitions.iter().flatten().flat_map(|rows| rows.column(0).as_binary::<i32>().iter().flatten());
    assert!(read.eq(records.iter().map(Vec::as_slice)));
}

#[test]
fn how_long_records_are_is_checked() {
    for (source, mistake, help) in [
        ("format = \"binary\"", "[stream.rows] source.record-length is missing", "add record-length = 64"),
        (
            "format = \"binary\", record-length = 0",
            "[stream.rows] source.record-length: 0 is out of range",
            "it is from 1 to 16777216",
        ),
        (
            "format = \"csv\", record-length = 3",
            "[stream.rows] source.record-length: only binary files have records of a fixed length",
            "remove the key, or say format = \"binary\"",
        ),
        (
            "format = \"binary\", record-length = 3, schema = { a = \"binary\" }",
            "[stream.rows] source.schema: records of a fixed length have one column, value: binary",
            "remove the key",
        ),
        ("format = \"binry\"", "[stream.rows] source.format: \"binry\" is not known", "did you mean \"binary\"?"),
    ] {
        let folder = Folder::new(&printing(source));
        folder.write("in/_hidden", "");
        let told = folder.check().ended_with(2).stderr;
        assert!(told.starts_with("error: job.toml:5:") && told.contains(mistake) && told.contains(help), "{told}");
    }
}

#[test]
fn constant_rows_of_a_file_are_read_once_and_checked() {
    let job = |keys: &str| {
        Folder::new(&format!(
            "[stream.rates]\nsource = {{ type = \"constant\", path = \"rates\", {keys} }}\n\
             [output.console]\ninput = \"rates\"\nsink = {{ type = \"print\" }}\n"
        ))
    };
    let parquet = parquet(&[("EUR", 1), ("SEK", 2)]);
    for (format, content) in [
        ("csv", "key,value\nEUR,1\nSEK,2\n".as_bytes()),
        ("json", b"{\"key\": \"EUR\", \"value\": 1}\n{\"key\": \"SEK\", \"value\": 2}\n"),
        ("parquet", &parquet),
    ] {
        let folder = job(&format!("format = \"{format}\""));
        folder.write("rates", content);
        let program = folder.start(&["--batches", "2"]);
        program.line_with("(SEK,2)");
        folder.write("rates", "no longer any rows");
        let ran = program.wait().ended_with(0);
        assert_eq!(ran.printed_rows(), ["(EUR,1)", "(SEK,2)", "(EUR,1)", "(SEK,2)"], "{format}");
    }
    for (keys, mistake) in [
        ("format = \"text\"", "[stream.rates] source.format: \"text\" is not known"),
        ("schema = { a = \"string\" }", "[stream.rates] source.format is missing"),
        ("format = \"csv\", rows = []", "[stream.rates] source.rows: the rows are those of a file already"),
        ("format = \"csv\"", "rates does not exist"),
    ] {
        let told = job(keys).check().ended_with(2).stderr;
        assert!(told.starts_with("error: job.toml:5:") && told.contains(mistake), "{told}");
    }
    let unreadable = job("format = \"json\"");
    unreadable.write("rates", "[1]\n");
    let told = unreadable.check().ended_with(2).stderr;
    assert!(told.contains("stream \"rates\": file ") && told.contains("its columns can't be told"), "{told}");
    let torn = job("format = \"csv\", schema = { key = \"string\", value = \"int64\" }");
    torn.write("rates", "key,value\nEUR,many\n");
    let ran = torn.run(&["--batches", "1"]).ended_with(1);
    assert!(
        ran.errors()[0].contains("stream \"rates\": file rates: ") && ran.errors()[0].contains("many"),
        "{}",
        ran.stderr
    );
    let large = job("format = \"csv\", schema = { key = \"string\", value = \"int64\" }");
    large.write("rates", format!("key,value\n{}", "a long enough key,1\n".repeat(1_000_000)));
    let ran = large.run(&["--batches", "1", "--set", "job.memory=64MiB"]).ended_with(1);
    assert!(ran.errors()[0].contains("stream \"rates\": blocks need "), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_memory_has_no_room_for_are_read_batch_by_batch() {
    let folder = Folder::with_job("");
    let text = format!("{:x>1$}\n", "", 999).repeat(4000);
    (0..20).for_each(|n| folder.write(&format!("in/{n:02}"), &text));
    // Larger than what a batch reads.
    folder.write("in/99", text.repeat(5));
    let job = TestJob::new();
    job.context.job(|job| job.memory = 64 << 20).unwrap();
    job.context.text_file_stream("lines", folder.path("in")).unwrap();
    let counts = Collected::default();
    // A query's streams are held as a whole.
    let counted = job.context.sql("counted", "select count(*), sum(length(value)) from lines").unwrap();
    counted.write_to("counts", Arc::new(counts.clone())).unwrap();
    let mut job = job.start().await.unwrap();
    let count = |batch| counts.rows(batch)[0].split(' ').next().unwrap().parse::<usize>().unwrap();
    let mut batches: Vec<usize> = vec![];
    while batches.iter().sum::<usize>() < 100_000 {
        job.batch().await.unwrap();
        batches = counts.commits().into_iter().map(count).filter(|n| *n > 0).collect();
        assert!(job.job.n_batches() < 50, "{batches:?}");
    }
    assert_eq!(batches, [16_000, 16_000, 16_000, 16_000, 16_000, 20_000]);
    job.job.stop(true).await.unwrap();
}
