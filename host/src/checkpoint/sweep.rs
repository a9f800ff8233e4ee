//! Removing what nobody needs any more from a checkpoint: files of state and datasets that the log names no more, rows that outputs staged and have committed, and what failed attempts left.

use std::collections::BTreeSet;

use super::fault_point::{FaultPoint, fault_point};
use super::store::{Store, StoreError};
use crate::clock::BatchTime;

/// Remove the files of batches up to `until` that aren't `needed`. Returns how many those were.
///
/// # Errors
/// When the store fails; what is left is removed the next time.
pub async fn sweep(store: &Store, needed: &BTreeSet<String>, until: BatchTime) -> Result<u64, StoreError> {
    let mut n_removed = 0;
    for folder in ["state", "datasets", "staging"] {
        for object in store.list(folder).await? {
            let is_over = batch_of(&object.path).is_some_and(|batch| batch <= until);
            if is_over && !needed.contains(&object.path) {
                fault_point(FaultPoint::SweepBefore);
                store.delete(&object.path).await?;
                n_removed += 1;
            }
        }
    }
    Ok(n_removed)
}

/// The batch of a file `FOLDER/STREAM/BATCH-TERM-ATTEMPT`, whatever follows.
fn batch_of(path: &str) -> Option<BatchTime> {
    let name = path.rsplit('/').next()?;
    // A batch time before 1970 begins with a minus.
    let end = name.char_indices().skip(1).find(|(_, letter)| *letter == '-')?.0;
    name[..end].parse().ok().map(BatchTime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_tell_their_batch() {
        for (path, batch) in [
            ("state/counts/1000-1-0", Some(1000)),
            ("state/a/-5-2-1", Some(-5)),
            ("staging/o/1000-1-0-7.0", Some(1000)),
            ("state/a/x", None),
            ("state/a/1", None),
        ] {
            assert_eq!(batch_of(path), batch.map(BatchTime), "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_over_and_not_needed_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(&format!("file://{}", folder.path().display())).unwrap();
        store.ready().await.unwrap();
        let names = ["state/s/1-1-0", "state/s/2-1-0", "state/s/2-1-1", "datasets/d/2-1-0", "datasets/d/3-1-0"];
        for name in names {
            store.put(name, bytes::Bytes::from_static(b"x")).await.unwrap();
        }
        let needed = BTreeSet::from(["state/s/2-1-1".to_owned()]);
        assert_eq!(sweep(&store, &needed, BatchTime(2)).await.unwrap(), 3);
        let left: Vec<_> = store.list("").await.unwrap().into_iter().map(|object| object.path).collect();
        assert_eq!(left, ["datasets/d/3-1-0", "state/s/2-1-1"]);
    }
}
