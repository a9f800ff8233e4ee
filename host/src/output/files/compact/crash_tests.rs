//! Programs that die between two steps, steps that fail, and folders that are found in some state.

use std::fs;
use std::sync::atomic::AtomicUsize;

use tempfile::TempDir;

use super::tests::{BOUNDS, batch, hook, manifest, names, rows, seen, settle, sink, size};
use super::*;
use crate::output::Sink;
use crate::output::files::FilesSink;
use crate::output::files::step::Hook;
use crate::output::files::tests::write;

pub(in super::super) const STEPS: [Step; 11] = [
    Step::Prepare,
    Step::PutBatch,
    Step::SyncBatch,
    Step::RemoveReplaced,
    Step::ReplaceManifest,
    Step::NameBatch,
    Step::Merge,
    Step::PlaceMerged,
    Step::NameMerged,
    Step::RemoveBatch,
    Step::RemoveFile,
];

fn quiet(folder: &TempDir, format: FileFormat) -> FilesSink {
    sink(folder, format, size(40), BOUNDS, Hook::default())
}

/// Does `what` when `step` comes for the `nth` time, from 0, and says whether it came.
pub(in super::super) fn at(
    step: Step,
    nth: usize,
    what: impl Fn() -> io::Result<()> + Send + Sync + 'static,
) -> (Hook, Arc<AtomicUsize>) {
    let n_came = Arc::new(AtomicUsize::new(0));
    let counted = n_came.clone();
    let hook =
        hook(move |now| if now == step && counted.fetch_add(1, Ordering::Relaxed) == nth { what() } else { Ok(()) });
    (hook, n_came)
}

#[tokio::test]
async fn a_crash_anywhere_leaves_each_row_once() {
    // Without a checkpoint, and with one.
    crash_anywhere([0, 0]).await;
    crash_anywhere([1, 2]).await;
}

async fn crash_anywhere([before, after]: [u64; 2]) {
    let mut n_crashes = 0;
    for step in STEPS {
        for nth in 0.. {
            let folder = TempDir::new().unwrap();
            let out = folder.path().join("out");
            let (hook, n_came) = at(step, nth, || panic!("as if the program had died here"));
            let crashing = sink(&folder, FileFormat::Csv, size(40), BOUNDS, hook);
            let (mut committed, mut staged) = (0, vec![]);
            let opened = crashing.open(before).await.is_ok();
            for time in 1..=4 {
                if !opened {
                    break;
                }
                let Some(of_batch) = stage(&crashing, time).await else { break };
                staged = of_batch;
                if crashing.commit(BatchTime(time), &staged).await.is_err() {
                    break;
                }
                committed = time;
                settle(&crashing).await;
                if n_came.load(Ordering::Relaxed) > nth {
                    break;
                }
            }
            let has_crashed = n_came.load(Ordering::Relaxed) > nth;
            drop(crashing);
            if out.join("_manifest").exists() {
                let found = seen(&out);
                assert!([rows(1..=committed), rows(1..=committed + 1)].contains(&found), "{step:?} {nth}: {found:?}");
            }
            // Recovery commits the batch again of which a result was recorded, then there are others.
            let again = quiet(&folder, FileFormat::Csv);
            again.open(after).await.unwrap();
            if staged.is_empty() {
                again.commit(BatchTime(0), &[]).await.unwrap();
            } else {
                let last = staged[0].id.batch;
                again.commit(last, &staged).await.unwrap();
                committed = last.0;
            }
            settle(&again).await;
            assert_eq!(seen(&out), rows(1..=committed), "{step:?} {nth}");
            for time in committed + 1..=committed + 2 {
                batch(&again, time).await;
                settle(&again).await;
            }
            assert_eq!(seen(&out), rows(1..=committed + 2), "{step:?} {nth}");
            assert_eq!(names(&out), named_by(&manifest(&out)), "{step:?} {nth}: nothing is left over");
            if !has_crashed {
                break;
            }
            n_crashes += 1;
        }
    }
    assert!(n_crashes > 30, "{n_crashes}");
}

/// What there is if nothing is left over.
fn named_by(manifest: &[String]) -> Vec<String> {
    let mut names = manifest.to_vec();
    names.extend(manifest.iter().filter_map(|name| Some(format!("{}/", name.split_once('/')?.0))));
    names.sort();
    names.dedup();
    names
}

/// What [`batch`] stages; none if the sink died, as when it opened its folder.
async fn stage(sink: &FilesSink, time: i64) -> Option<Vec<crate::output::Staged>> {
    let opened = tokio::task::spawn_blocking({
        let files = sink.0.clone();
        move || files.open(true).map(|_| ())
    });
    opened.await.ok()?.unwrap();
    let (one, two) = (format!("{time} one"), format!("{time} two"));
    Some(write(sink, time, 0, &[&[&one], &[], &[&two]]).await)
}

#[tokio::test]
async fn a_compaction_that_fails_changes_nothing_and_is_tried_again() {
    for step in [Step::Merge, Step::PlaceMerged, Step::NameMerged, Step::RemoveBatch, Step::RemoveFile] {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        let (hook, n_came) = at(step, 0, || Err(io::Error::from(io::ErrorKind::StorageFull)));
        let failing = sink(&folder, FileFormat::Csv, size(40), BOUNDS, hook);
        for time in 1..=8 {
            batch(&failing, time).await;
            settle(&failing).await;
            assert_eq!(seen(&out), rows(1..=time), "{step:?}");
        }
        assert!(n_came.load(Ordering::Relaxed) > 1, "{step:?}");
        assert!(manifest(&out)[0].starts_with("compacted-1-2"), "{step:?}: {:?}", manifest(&out));
        drop(failing);
        // What could not be removed at first is at the next start.
        let again = quiet(&folder, FileFormat::Csv);
        batch(&again, 9).await;
        settle(&again).await;
        assert_eq!(names(&out), named_by(&manifest(&out)), "{step:?}");
        assert_eq!(seen(&out), rows(1..=9));
    }
}

#[tokio::test]
async fn a_manifest_that_cant_be_written_fails_the_commit_and_hides_nothing() {
    // The first is written when the folder is opened.
    for nth in 1..6 {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("out");
        let (hook, n_came) = at(Step::ReplaceManifest, nth, || Err(io::Error::from(io::ErrorKind::StorageFull)));
        let failing = sink(&folder, FileFormat::Text, size(30), BOUNDS, hook);
        let mut n_failed = 0;
        for time in 1..=6 {
            let (one, two) = (format!("{time} one"), format!("{time} two"));
            let staged = write(&failing, time, 0, &[&[&one], &[&two]]).await;
            if let Err(error) = failing.commit(BatchTime(time), &staged).await {
                let error = error.to_string();
                assert!(error.contains("out/_manifest: ") && error.contains("no storage space"), "{error}");
                assert_eq!(seen(&out), rows(1..time));
                n_failed += 1;
                failing.commit(BatchTime(time), &staged).await.unwrap();
            }
            settle(&failing).await;
            assert_eq!(seen(&out), rows(1..=time));
        }
        assert!(n_came.load(Ordering::Relaxed) > nth);
        assert!(n_failed <= 1);
        assert_eq!(names(&out), named_by(&manifest(&out)));
    }
}

#[tokio::test]
async fn a_compaction_that_always_fails_fails_the_job_at_last() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let failing = hook(|step| match step {
        Step::PlaceMerged => Err(io::Error::from(io::ErrorKind::StorageFull)),
        _ => Ok(()),
    });
    let bounds = Bounds { together: 10, waiting: 12, try_again_after: 2, ..BOUNDS };
    let sink = sink(&folder, FileFormat::Text, size(40), bounds, failing);
    for time in 1..=12 {
        batch(&sink, time).await;
    }
    let staged = write(&sink, 13, 0, &[&["a"]]).await;
    let error = sink.commit(BatchTime(13), &staged).await.unwrap_err().to_string();
    let start = "12 batches wait to be compacted, which is the most that may, and compacting them failed: ";
    assert!(error.starts_with(start) && error.contains("out/_compacting: no storage space"), "{error}");
    assert_eq!(seen(&out), rows(1..=12));
    assert!(names(&out).iter().all(|name| name.starts_with("batch-") || name.starts_with("_staging/")));
}

#[tokio::test]
async fn dropping_the_sink_gives_a_compaction_up() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = Mutex::new(held);
    let slow = hook(move |step| {
        if step == Step::Merge {
            let _ = held.lock().recv();
        }
        Ok(())
    });
    let cancelled = sink(&folder, FileFormat::Csv, size(40), BOUNDS, slow);
    for time in 1..=3 {
        batch(&cancelled, time).await;
    }
    let compactor = cancelled.0.folder.lock().compactor.clone().unwrap();
    drop(cancelled);
    drop(hold);
    compactor.finish().await;
    assert_eq!(manifest(&out).len(), 6);
    assert_eq!(names(&out), named_by(&manifest(&out)));
}

#[tokio::test]
async fn batches_of_runs_without_compaction_are_taken_up() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let plain = FilesSink::new(out.clone(), FileFormat::Csv);
    for time in 1..=5 {
        batch(&plain, time).await;
    }
    let empty = write(&plain, 6, 0, &[&[]]).await;
    plain.commit(BatchTime(6), &empty).await.unwrap();
    drop(plain);
    fs::write(out.join("batch-2/notes"), "mine").unwrap();
    fs::write(out.join("mine"), "mine").unwrap();
    let sink = quiet(&folder, FileFormat::Csv);
    batch(&sink, 7).await;
    settle(&sink).await;
    assert_eq!(seen(&out), rows([1, 2, 3, 4, 5, 7]));
    let there = ["batch-2/", "batch-2/notes", "mine"].map(str::to_owned);
    let mut expected = named_by(&manifest(&out));
    expected.extend(there);
    expected.sort();
    expected.dedup();
    assert_eq!(names(&out), expected, "and what nobody wrote here is left alone");
    assert_eq!(manifest(&out), ["1-2", "3-4", "5-7"].map(|batches| format!("compacted-{batches}-00000.csv")));
    drop(sink);
    let plain = FilesSink::new(out.clone(), FileFormat::Csv);
    let error = plain.commit(BatchTime(8), &[]).await.unwrap_err().to_string();
    assert!(error.ends_with("out: it has a manifest, which new batches would not be in: give the output's sink compact, or write to another folder"), "{error}");
}

#[tokio::test]
async fn a_folder_that_makes_no_sense_is_refused() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let refused = async |format| quiet(&folder, format).commit(BatchTime(9), &[]).await.unwrap_err().to_string();
    {
        let sink = quiet(&folder, FileFormat::Csv);
        for time in 1..=3 {
            batch(&sink, time).await;
        }
        sink.finish().await;
    }
    assert_eq!(manifest(&out)[0], "compacted-1-2-00000.csv");
    let help = "a folder that is compacted holds files of one format: write to another folder";
    let error = refused(FileFormat::Text).await;
    let expected = format!("out/compacted-1-2-00000.csv: its name doesn't end in \".txt\"; {help}");
    assert!(error.ends_with(&expected), "{error}");
    let text = fs::read_to_string(out.join("_manifest")).unwrap();
    fs::write(out.join("_manifest"), format!("{text}/etc/passwd\n")).unwrap();
    let error = refused(FileFormat::Csv).await;
    assert!(error.contains("_manifest: line 4, \"/etc/passwd\", names nothing that is written here"), "{error}");
    fs::remove_file(out.join("_manifest")).unwrap();
    let error = refused(FileFormat::Csv).await;
    let expected = "out/_manifest: it is missing, and there are 1 compacted files such as compacted-1-2-00000.csv: restore the manifest, or write to another folder";
    assert!(error.ends_with(expected), "{error}");
    assert!(out.join("compacted-1-2-00000.csv").exists());
    // Old files may be removed while the job doesn't run.
    fs::write(out.join("_manifest"), text).unwrap();
    fs::remove_file(out.join("compacted-1-2-00000.csv")).unwrap();
    let sink = quiet(&folder, FileFormat::Csv);
    sink.commit(BatchTime(4), &[]).await.unwrap();
    assert_eq!(seen(&out), rows([3]));
}
