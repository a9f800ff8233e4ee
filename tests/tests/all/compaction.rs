//! Compacted outputs: whenever one looks, and wherever the program is killed, the manifest names each row once.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sluicebox::job::definition::{CompactDefinition, FileFormat};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::TestJob;
use sluicebox_tests::rows::{number_schema, numbers};
use sluicebox_tests::server::Server;

fn manifest(out: &Path) -> Vec<String> {
    fs::read_to_string(out.join("_manifest")).unwrap().lines().map(str::to_owned).collect()
}

/// The lines that a reader sees, without CSV's headers; it begins anew when a file has gone since it read the manifest.
fn seen(out: &Path) -> Vec<String> {
    loop {
        let texts: Result<Vec<String>, _> =
            manifest(out).iter().map(|name| fs::read_to_string(out.join(name))).collect();
        match texts {
            Ok(texts) => {
                let lines = |text: &String| text.lines().map(str::to_owned).collect::<Vec<_>>();
                return texts.iter().flat_map(lines).filter(|line| line != "value").collect();
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_each_row_once_while_a_job_compacts() {
    const N_BATCHES: i64 = 60;
    const PER_BATCH: i64 = 40;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let job = TestJob::new();
    let (input, queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let when = CompactDefinition { size: Some(1024), every: None };
    input.save_as_compacted_files("out", &out, FileFormat::Csv, when).unwrap();
    for first in (0..N_BATCHES).map(|batch| batch * PER_BATCH) {
        let half = first + PER_BATCH / 2;
        queue.push(vec![numbers(first..half), numbers(half..first + PER_BATCH)]).unwrap();
    }
    let done = Arc::new(AtomicBool::new(false));
    let reading = std::thread::spawn({
        let (out, done) = (out.clone(), done.clone());
        move || {
            let mut n_reads = 0;
            loop {
                let last = done.load(Ordering::Relaxed);
                if out.join("_manifest").exists() {
                    let found = seen(&out);
                    let n_rows = i64::try_from(found.len()).unwrap();
                    assert_eq!(n_rows % PER_BATCH, 0);
                    assert_eq!(found, (0..n_rows).map(|n| n.to_string()).collect::<Vec<_>>());
                    n_reads += 1;
                }
                if last {
                    return n_reads;
                }
            }
        }
    });
    job.run(N_BATCHES as usize).await.unwrap();
    done.store(true, Ordering::Relaxed);
    assert!(reading.join().unwrap() > 2, "it read while the job ran");
    assert_eq!(seen(&out).len(), (N_BATCHES * PER_BATCH) as usize);
    assert!(manifest(&out).len() < N_BATCHES as usize);
}

#[test]
fn rows_survive_kills_and_stay_once() {
    let server = Server::new().unwrap();
    let folder = Folder::with_job(&format!(
        "[job]\nname = \"test\"\nbatch-interval = \"10ms\"\n\
         [stream.lines]\nsource = {{ type = \"socket\", address = \"{}\" }}\n\
         [output.archive]\ninput = \"lines\"\nsink = {{ type = \"files\", path = \"out\", format = \"text\", compact = {{ size = \"1KiB\" }} }}\n",
        server.address()
    ));
    let out = folder.path("out");
    let mut before: Vec<String> = vec![];
    for run in 0..6 {
        let running = folder.start(&[]);
        let mut connection = server.accept().unwrap();
        let sending = std::thread::spawn(move || {
            // Until the program is gone.
            for n in 0_u64.. {
                if writeln!(connection, "{run} {n}").is_err() {
                    return;
                }
                if n % 20 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
            }
        });
        let n_compactions = 3 + run;
        for _ in 0..n_compactions {
            let line = running.line_with("batches compacted");
            // How many rows a killed run wrote isn't known.
            assert!(run > 0 || line.contains(" rows="), "{line}");
            assert!(line.contains(" bytes=") && line.contains(" millis="), "{line}");
        }
        let is_last = run == 5;
        running.signal(if is_last { "TERM" } else { "KILL" });
        let ran = running.wait();
        assert_eq!(ran.code, is_last.then_some(0), "{}", ran.stderr);
        drop(sending);
        let now = seen(&out);
        assert!(now.len() > before.len() && now[..before.len()] == before[..], "run {run}");
        // The batch that was about to be named when the program was killed is named by the next run.
        let n_of_run = |run| now.iter().filter(|line| line.starts_with(&format!("{run} "))).count();
        let expected: Vec<String> =
            (0..=run).flat_map(|run| (0..n_of_run(run)).map(move |n| format!("{run} {n}"))).collect();
        assert_eq!(now, expected, "run {run}");
        before = now;
    }
    // Nothing is left over after a graceful end.
    let named: BTreeSet<String> =
        manifest(&out).iter().map(|name| name.split('/').next().unwrap().to_owned()).collect();
    let there: BTreeSet<String> =
        fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let ours = ["_compacting", "_manifest", "_staging"].map(str::to_owned);
    assert_eq!(there, named.into_iter().chain(ours).collect());
    assert_eq!(fs::read_dir(out.join("_compacting/0")).unwrap().count(), 0);
}

#[test]
fn compacting_more_often_than_there_are_batches_is_refused() {
    let folder = Folder::with_job(
        "[job]\nname = \"test\"\nbatch-interval = \"1min\"\n\
         [stream.rows]\nsource = { type = \"files\", path = \"in\", format = \"text\" }\n\
         [output.archive]\ninput = \"rows\"\n\
         sink = { type = \"files\", path = \"out\", format = \"text\", compact = { every = \"10s\" } }\n",
    );
    folder.write("in/a", "a\n");
    let ran = folder.check().ended_with(2);
    let expected = "job.toml:8:1: output \"archive\": compact every 10s, and there is a batch every 1m";
    assert!(ran.errors()[0].contains(expected), "{}", ran.stderr);
    assert!(ran.stderr.contains("help: give every a multiple of batch-interval"), "{}", ran.stderr);
}
