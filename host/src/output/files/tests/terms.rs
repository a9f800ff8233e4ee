//! Drivers that come one after the other, or believe to be the only one: what one has staged the next commits, wherever the first one died; and who is late changes nothing.

use std::sync::Mutex as StdMutex;
use std::sync::mpsc;

use super::*;
use crate::output::files::compact::crash_tests::{STEPS, at};
use crate::output::files::compact::tests::{BOUNDS, batch, hook, rows, seen, settle, size};
use crate::output::files::step::Step;

/// A sink of a driver in `term`.
async fn driver(folder: &TempDir, term: u64, hook: Hook) -> FilesSink {
    let sink = sink(folder, FileFormat::Text).with_hook(hook);
    sink.open(term).await.unwrap();
    sink
}

fn compacting(folder: &Path, hook: Hook) -> FilesSink {
    let compaction = Compaction { when: size(30), memory: MemoryBudget::new(1 << 30), bounds: BOUNDS };
    FilesSink::make(folder.join("out"), FileFormat::Text, Some(compaction)).with_hook(hook)
}

fn impatient(mut sink: FilesSink) -> FilesSink {
    Arc::get_mut(&mut sink.0).unwrap().patience = Duration::from_millis(60);
    sink
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}

#[tokio::test]
async fn the_next_driver_commits_what_the_last_has_staged_and_removes_the_rest() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (named, first);
    {
        let sink = driver(&folder, 3, Hook::default()).await;
        first = write(&sink, 1000, 0, &[&["a"]]).await;
        sink.commit(BatchTime(1000), &first).await.unwrap();
        write(&sink, 2000, 0, &[&["failed"]]).await;
        named = write(&sink, 2000, 1, &[&["b"], &[], &["c"]]).await;
        write(&sink, 3000, 0, &[&["without a result"]]).await;
    }
    let sink = driver(&folder, 4, Hook::default()).await;
    sink.commit(BatchTime(1000), &first).await.unwrap();
    sink.commit(BatchTime(2000), &named).await.unwrap();
    let committed = [
        ("batch-1000/part-00000.txt", "a\n"),
        ("batch-2000/part-00000.txt", "b\n"),
        ("batch-2000/part-00002.txt", "c\n"),
    ];
    let ours = ("_staging/batch-3000-4-0/part-00000.txt", "d\n");
    let again = write(&sink, 3000, 0, &[&["d"]]).await;
    is(files(&out), &[&[ours], &committed[..]].concat());
    sink.commit(BatchTime(3000), &again).await.unwrap();
    is(files(&out), &[&committed[..], &[("batch-3000/part-00000.txt", "d\n")]].concat());
}

#[tokio::test]
async fn a_crash_at_any_step_of_a_commit_is_mended_by_the_next_driver() {
    let mut n_crashes = 0;
    for step in STEPS {
        for partitions in [&[&["a"][..], &["b"]][..], &[&[], &[]]] {
            let folder = TempDir::new().unwrap();
            let out = folder.path().join("out");
            let (hook, n_came) = at(step, 0, || panic!("as if the program had died here"));
            let staged = {
                let sink = driver(&folder, 1, hook).await;
                let staged = write(&sink, 1000, 0, partitions).await;
                let committed = sink.commit(BatchTime(1000), &staged).await;
                assert_eq!(committed.is_err(), n_came.load(Ordering::Relaxed) > 0);
                staged
            };
            n_crashes += n_came.load(Ordering::Relaxed);
            // What is restored elsewhere has folders with other numbers.
            let elsewhere = TempDir::new().unwrap();
            copy(&out, &elsewhere.path().join("out"));
            for place in [&folder, &elsewhere] {
                let out = place.path().join("out");
                for term in 2..4 {
                    let sink = driver(place, term, Hook::default()).await;
                    sink.commit(BatchTime(1000), &staged).await.unwrap();
                    let expected = [("batch-1000/part-00000.txt", "a\n"), ("batch-1000/part-00001.txt", "b\n")];
                    let n_files = partitions.iter().filter(|rows| !rows.is_empty()).count();
                    is(files(&out), &expected[..n_files]);
                    assert!(out.join("batch-1000").is_dir(), "{step:?}");
                }
            }
        }
    }
    assert_eq!(n_crashes, 8, "four steps, with files and without");
}

#[tokio::test]
async fn a_driver_that_is_late_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let late = driver(&folder, 1, Hook::default()).await;
    let one = write(&late, 1000, 0, &[&["a"]]).await;
    let two = write(&late, 2000, 0, &[&["b"]]).await;
    let next = driver(&folder, 2, Hook::default()).await;
    let expected = "out: this driver's term is 1, and the folder was opened in term 2: a later driver has taken over the job, or another job writes to this folder; this one changes nothing in it any more";
    for (batch, staged) in [(1000, &one), (2000, &two)] {
        let error = late.commit(BatchTime(batch), staged).await.unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
    }
    next.commit(BatchTime(1000), &one).await.unwrap();
    let again = write(&next, 2000, 0, &[&["c"]]).await;
    // It may still stage, where nobody looks.
    let three = write(&late, 3000, 0, &[&["d"]]).await;
    late.abort(&two).await.unwrap();
    late.commit(BatchTime(3000), &three).await.unwrap_err();
    next.commit(BatchTime(2000), &again).await.unwrap();
    let committed = [("batch-1000/part-00000.txt", "a\n"), ("batch-2000/part-00000.txt", "c\n")];
    is(files(&out).into_iter().filter(|(name, _)| !name.starts_with('_')).collect(), &committed);
    for term in [1, 2] {
        let error = sink(&folder, FileFormat::Text).open(term).await.unwrap_err().to_string();
        let expected =
            format!("out: it was opened in term 2 of a job's checkpoint, and this driver's term is {term}: ");
        assert!(error.contains(&expected) && error.contains("remove _staging/lock"), "{error}");
    }
    // A job without a checkpoint may write there, and lets nobody else while it does.
    let without = sink(&folder, FileFormat::Text);
    without.commit(BatchTime(9000), &[]).await.unwrap();
    let error = impatient(sink(&folder, FileFormat::Text)).open(3).await.unwrap_err().to_string();
    let expected =
        format!("out: process {} is in the middle of changing this folder, or is a job without", std::process::id());
    assert!(error.contains(&expected) && error.contains("has not ended that for 60ms: end that process"), "{error}");
    drop(without);
    driver(&folder, 3, Hook::default()).await;
}

#[tokio::test]
async fn a_driver_that_hangs_between_changes_is_no_hindrance_and_one_within_a_change_is_named() {
    for (step, is_hindrance) in [(Step::Prepare, true), (Step::RemoveReplaced, true), (Step::Merge, false)] {
        let folder = TempDir::new().unwrap();
        let (at_step, reached) = mpsc::channel();
        let (go, wait) = mpsc::channel::<()>();
        let ends = StdMutex::new((at_step, wait));
        let hangs = hook(move |now| {
            if now == step {
                let ends = ends.lock().unwrap();
                let _ = ends.0.send(());
                let _ = ends.1.recv();
            }
            Ok(())
        });
        let hanging = Arc::new(compacting(folder.path(), hangs));
        hanging.open(1).await.unwrap();
        let (mut staged, committing) = (vec![], hanging.clone());
        for time in 1..=3 {
            staged.push(write(&hanging, time, 0, &[&["twenty bytes or so, x"]]).await);
        }
        let results = staged.clone();
        let committing = tokio::spawn(async move {
            for (time, staged) in (1..=3).zip(&results) {
                committing.commit(BatchTime(time), staged).await?;
            }
            committing.finish().await;
            Ok::<_, Error>(())
        });
        tokio::task::spawn_blocking(move || reached.recv().unwrap()).await.unwrap();
        let opened = impatient(compacting(folder.path(), Hook::default())).open(2).await;
        if is_hindrance {
            let error = opened.unwrap_err().to_string();
            assert!(error.contains(&format!("process {} is in the middle", std::process::id())), "{error}");
        } else {
            opened.unwrap();
        }
        drop(go);
        let ended = committing.await.unwrap();
        let next = compacting(folder.path(), Hook::default());
        next.open(3).await.unwrap();
        if is_hindrance {
            ended.unwrap();
        }
        for (time, staged) in (1..=3).zip(&staged) {
            next.commit(BatchTime(time), staged).await.unwrap();
        }
        next.finish().await;
        assert_eq!(seen(&folder.path().join("out")), ["twenty bytes or so, x"; 3], "{step:?}");
    }
}

/// The first driver doesn't know that another has taken over, and goes on as long as it can: with what it has merged too.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn drivers_at_once_leave_each_row_once() {
    for round in 0..12 {
        let folder = TempDir::new().unwrap();
        let first = Arc::new(compacting(folder.path(), Hook::default()));
        first.open(1).await.unwrap();
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let running = tokio::spawn({
            let first = first.clone();
            async move {
                for time in 1.. {
                    let (one, two) = (format!("{time} one"), format!("{time} two"));
                    let staged = write(&first, time, 0, &[&[&one], &[], &[&two]]).await;
                    // Its result is recorded, and the next driver finds it.
                    let _ = tell.send((time, staged.clone()));
                    if let Err(error) = first.commit(BatchTime(time), &staged).await {
                        return error.to_string();
                    }
                }
                unreachable!("the next driver ends it")
            }
        });
        let mut results = vec![];
        while results.len() < 4 + round {
            results.push(told.recv().await.unwrap());
        }
        let second = compacting(folder.path(), Hook::default());
        second.open(2).await.unwrap();
        let error = running.await.unwrap();
        assert!(error.contains("this driver's term is 1, and the folder was opened in term 2"), "{error}");
        while let Some(result) = told.recv().await {
            results.push(result);
        }
        for (time, staged) in &results {
            second.commit(BatchTime(*time), staged).await.unwrap();
        }
        let last = results.last().unwrap().0;
        first.finish().await;
        for time in last + 1..=last + 5 {
            batch(&second, time).await;
        }
        settle(&second).await;
        second.finish().await;
        assert_eq!(seen(&folder.path().join("out")), rows(1..=last + 5), "round {round}");
    }
}

#[tokio::test]
async fn a_merge_of_a_driver_that_is_late_comes_to_nothing() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let (at_merge, merging) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    let ends = StdMutex::new((at_merge, wait));
    let slow = hook(move |step| {
        if step == Step::Merge {
            let ends = ends.lock().unwrap();
            let _ = ends.0.send(());
            let _ = ends.1.recv();
        }
        Ok(())
    });
    let late = compacting(folder.path(), slow);
    late.open(1).await.unwrap();
    for time in 1..=3 {
        batch(&late, time).await;
    }
    tokio::task::spawn_blocking(move || merging.recv().unwrap()).await.unwrap();
    let next = compacting(folder.path(), Hook::default());
    next.open(2).await.unwrap();
    for time in 4..=5 {
        batch(&next, time).await;
    }
    settle(&next).await;
    let before: Vec<_> = files(&out);
    drop(go);
    late.finish().await;
    assert_eq!(files(&out), before, "neither a file nor a name is another");
    assert_eq!(seen(&out), rows(1..=5));
}

/// A driver removes what it has compacted after its change, so that the next may find the folders and then not.
#[tokio::test]
async fn compacted_batches_may_go_while_the_folder_is_opened() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let first = compacting(
        folder.path(),
        hook(|step| match step {
            Step::RemoveBatch => Err(std::io::ErrorKind::Other.into()),
            _ => Ok(()),
        }),
    );
    first.open(1).await.unwrap();
    for time in 1..=4 {
        batch(&first, time).await;
    }
    settle(&first).await;
    first.finish().await;
    let compacted = [1, 2].map(|time| out.join(format!("batch-{time}")));
    assert!(compacted.iter().all(|batch| batch.exists()), "they are left");
    let second = compacting(
        folder.path(),
        hook(move |step| {
            if step == Step::RemoveBatch {
                compacted.iter().for_each(|batch| drop(fs::remove_dir_all(batch)));
            }
            Ok(())
        }),
    );
    second.open(2).await.unwrap();
    second.finish().await;
    assert_eq!(seen(&out), rows(1..=4));
}

#[tokio::test]
async fn a_lock_that_somebody_has_changed_is_told() {
    let folder = TempDir::new().unwrap();
    let lock = folder.path().join("out/_staging/lock");
    let sink = driver(&folder, 7, Hook::default()).await;
    let text = format!("term {:020}\nprocess {:010}\n", 7, std::process::id());
    assert_eq!(fs::read_to_string(&lock).unwrap(), text);
    fs::write(&lock, "7\n").unwrap();
    let error = sink.commit(BatchTime(1), &[]).await.unwrap_err().to_string();
    assert!(error.contains("out/_staging/lock: its first line, \"7\", is no term: if nothing writes"), "{error}");
    fs::write(&lock, &text).unwrap();
    sink.commit(BatchTime(1), &[]).await.unwrap();
    fs::remove_file(&lock).unwrap();
    fs::write(&lock, &text).unwrap();
    let error = sink.commit(BatchTime(1), &[]).await.unwrap_err().to_string();
    assert!(error.contains("out/_staging/lock: it isn't as this driver has left it"), "{error}");
    drop(sink);
    fs::remove_file(&lock).unwrap();
    driver(&folder, 1, Hook::default()).await;
}

#[tokio::test]
async fn folders_above_are_made() {
    let folder = TempDir::new().unwrap();
    let sink = FilesSink::new(folder.path().join("a/b/out"), FileFormat::Text);
    sink.open(1).await.unwrap();
    sink.commit(BatchTime(1), &[]).await.unwrap();
    assert!(folder.path().join("a/b/out/batch-1").is_dir());
    let error = FilesSink::new("/proc/nowhere/out".into(), FileFormat::Text).open(1).await.unwrap_err();
    assert!(error.to_string().starts_with("/proc/nowhere/out: "), "{error}");
}
