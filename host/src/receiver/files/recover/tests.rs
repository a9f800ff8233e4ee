//! Sources that go on where others have stopped: each file is given once, whenever that was.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::job::definition::FileFormat;
use crate::plugin::Random;
use crate::receiver::files::FileOptions;
use crate::receiver::{InputStream, PastInput};

/// Long after any file of a test was written.
const LATER_MS: i64 = 10_000_000_000_000;

fn source(folder: &Path, change: impl FnOnce(&mut FileOptions)) -> FileSource {
    let mut options = FileOptions::new(folder.to_owned(), FileFormat::Text, Duration::from_secs(1), 1);
    change(&mut options);
    FileSource::new("files".into(), options, Arc::new(ManualClock::new(LATER_MS))).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    let file = fs::File::options().append(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
}

fn names(range: &InputRange) -> Vec<String> {
    let files = range.files("files").unwrap();
    files.iter().map(|file| file.path.rsplit('/').next().unwrap().to_owned()).collect()
}

async fn given(source: &FileSource, batch: i64, again: bool) -> PastInput {
    let batch = BatchTime(batch);
    PastInput { batch, range: source.allocate(batch).await.unwrap(), again }
}

#[tokio::test]
async fn files_that_appeared_meanwhile_are_read_and_others_are_not_again() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    write(at, "old", "x");
    let leave = |options: &mut FileOptions| options.existing = false;
    let first = source(at, leave);
    first.recover(Past::default()).await.unwrap();
    first.start().await.unwrap();
    let standing = first.standing().unwrap();
    write(at, "a", "x");
    let past = Past { standing, given: vec![given(&first, 1, false).await] };
    assert_eq!(names(&past.given[0].range), ["a"]);
    drop(first);
    write(at, "b", "x");
    let second = source(at, leave);
    second.recover(past).await.unwrap();
    second.start().await.unwrap();
    assert_eq!(names(&given(&second, 2, false).await.range), ["b"], "only what was there at the first start is left");
    // All of it is in how it stands now.
    let third = source(at, leave);
    third.recover(Past { standing: second.standing().unwrap(), given: vec![] }).await.unwrap();
    third.start().await.unwrap();
    assert_eq!(names(&given(&third, 3, false).await.range), [""; 0]);
}

#[tokio::test]
async fn a_directory_is_known_by_another_name_of_the_same_place() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a", "x");
    let first = source(folder.path(), |_| ());
    first.start().await.unwrap();
    let past = Past { standing: None, given: vec![given(&first, 1, false).await] };
    let up = "../".repeat(std::env::current_dir().unwrap().components().count() - 1);
    let relative = Path::new(&up).join(folder.path().strip_prefix("/").unwrap());
    // The path is made absolute, which keeps `..` as it is, so that links mean what they do.
    let here = source(&folder.path().join("."), |_| ());
    here.recover(past.clone()).await.unwrap();
    here.start().await.unwrap();
    assert_eq!(names(&given(&here, 2, false).await.range), [""; 0]);
    let there = source(&relative, |_| ());
    there.start().await.unwrap();
    let InputRange::Files(files) = given(&there, 2, false).await.range else { panic!() };
    assert!(files[0].path.starts_with('/'), "{files:?}");
}

#[tokio::test]
async fn what_has_to_be_read_again_has_to_be_there() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    ["done", "again"].iter().for_each(|name| write(at, name, "x"));
    let first = source(at, |_| ());
    first.start().await.unwrap();
    let InputRange::Files(mut files) = first.allocate(BatchTime(1)).await.unwrap() else { panic!() };
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let one = |file: &FileVersion, batch, again| PastInput {
        batch: BatchTime(batch),
        range: InputRange::Files(vec![file.clone()]),
        again,
    };
    let past = Past { standing: None, given: vec![one(&files[1], 1, false), one(&files[0], 2, true)] };
    fs::remove_file(at.join("done")).unwrap();
    source(at, |_| ()).recover(past.clone()).await.unwrap();
    write(at, "again", "xx");
    let error = source(at, |_| ()).recover(past.clone()).await.unwrap_err().to_string();
    let path = at.join("again").display().to_string();
    let start = format!(
        "stream \"files\", batch 2: file {path}, which the batch was given and has to read again: it had 1 bytes"
    );
    assert!(error.starts_with(&start) && error.contains("and now it has 2"), "{error}");
    fs::remove_file(at.join("again")).unwrap();
    let error = source(at, |_| ()).recover(past.clone()).await.unwrap_err().to_string();
    assert!(error.contains("it is gone; files must stay") && error.contains("on-bad-file = \"skip\""), "{error}");
    source(at, |options| options.on_bad_file = OnBadFile::Skip).recover(past).await.unwrap();
}

#[tokio::test]
async fn a_past_of_another_kind_is_refused() {
    let folder = TempDir::new().unwrap();
    let given = vec![PastInput { batch: BatchTime(1), range: InputRange::Blocks(vec![]), again: false }];
    let error = source(folder.path(), |_| ()).recover(Past { standing: None, given }).await.unwrap_err().to_string();
    assert!(error.starts_with("stream \"files\": it reads files, not Blocks"), "{error}");
    let past = Past { standing: Some(vec![7]), given: vec![] };
    let error = source(folder.path(), |_| ()).recover(past).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "stream \"files\": what it had read when the batch log was compacted can't be told from its 1 bytes there: they are in format 7, and this program reads 1"
    );
}

/// Files appear and go, batches are planned and done, the log is compacted and the program dies, in any order.
#[tokio::test]
async fn each_file_is_given_once_whatever_happens() {
    let mut n_crashes = 0;
    for seed in 0..60 {
        let random = &mut Random(seed);
        let folder = TempDir::new().unwrap();
        let at = folder.path();
        let existing = random.one_in(2);
        let options = |options: &mut FileOptions| options.existing = existing;
        let n_before = random.below(3);
        (0..n_before).for_each(|n| write(at, &format!("before-{n}"), "x"));
        // What the batch log has: how the source stood, what it gave since then, and what batches gave altogether.
        let mut log = Past::default();
        let mut given: BTreeMap<String, usize> = BTreeMap::new();
        let mut current = source(at, options);
        current.start().await.unwrap();
        log.standing = current.standing().unwrap();
        let (mut n_files, mut batch) = (0, 0);
        for _ in 0..80 {
            match random.below(7) {
                0..=2 => {
                    write(at, &format!("file-{n_files}"), "x");
                    n_files += 1;
                }
                3 | 4 => {
                    batch += 1;
                    let range = current.allocate(BatchTime(batch)).await.unwrap();
                    // Where the program dies before the plan is recorded, nothing was given.
                    if random.one_in(5) {
                        current = restart(at, options, &log).await;
                        n_crashes += 1;
                        continue;
                    }
                    for name in names(&range) {
                        *given.entry(name).or_default() += 1;
                    }
                    log.given.push(PastInput { batch: BatchTime(batch), range, again: random.one_in(2) });
                }
                5 => {
                    // Batches that aren't done are told again, though how the source stands tells of them.
                    log.standing = current.standing().unwrap();
                    log.given.retain(|given| given.again);
                }
                _ => {
                    current = restart(at, options, &log).await;
                    n_crashes += 1;
                }
            }
        }
        let rest = current.allocate(BatchTime(batch + 1)).await.unwrap();
        for name in names(&rest) {
            *given.entry(name).or_default() += 1;
        }
        let before = (0..n_before).filter(|_| existing).map(|n| format!("before-{n}"));
        let expected = before.chain((0..n_files).map(|n| format!("file-{n}"))).map(|name| (name, 1));
        assert_eq!(given, expected.collect(), "seed {seed}");
    }
    assert!(n_crashes > 100, "{n_crashes}");
}

async fn restart(at: &Path, options: impl FnOnce(&mut FileOptions), log: &Past) -> FileSource {
    let source = source(at, options);
    source.recover(log.clone()).await.unwrap();
    source.start().await.unwrap();
    source
}
