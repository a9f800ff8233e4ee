//! The lease: a driver says that it is there by counting up, and a standby that sees the count stand still takes over.
//!
//! It is for liveness only. That two drivers believe to be the job's at once does no harm: the log knows one of them. Nobody's wall clock is compared with another's: a standby goes by how
//! long, by its own clock that never goes back, the count has stood where it stands.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::checkpoint::{Store, StoreError};
use crate::clock::{Clock, Stopwatch};

const PATH: &str = "lease.json";
/// How often a driver counts, and a standby looks, within the time that a lease lasts.
const BEATS: u32 = 5;

/// What the object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    term: u64,
    counter: u64,
    /// The driver has ended, and waits for nobody.
    ended: bool,
}

/// Counts up for as long as it isn't dropped. What fails is tried again with the next count.
pub async fn hold(store: &Store, clock: &Arc<dyn Clock>, term: u64, lasts: Duration) {
    for counter in 0.. {
        put(store, Lease { term, counter, ended: false }).await;
        clock.pause(lasts / BEATS).await;
    }
}

/// The driver of this term has ended: a standby needn't wait until that shows.
pub async fn give_back(store: &Store, term: u64) {
    let ours = matches!(get(store).await, Ok(Some(lease)) if lease.term == term);
    if ours {
        put(store, Lease { term, counter: 0, ended: true }).await;
    }
}

/// Returns once no driver has counted for as long as a lease lasts, or the last one has ended. It has been counted up then, so that other standbys wait while this one becomes the driver.
///
/// # Errors
/// When the store can't be read for so long: nothing is known of a driver then.
pub async fn wait(store: &Store, clock: &Arc<dyn Clock>, lasts: Duration) -> Result<(), StoreError> {
    let last = until_over(store, clock, lasts).await?;
    let Lease { term, counter, .. } = last.unwrap_or(Lease { term: 0, counter: 0, ended: false });
    put(store, Lease { term, counter: counter.wrapping_add(1), ended: false }).await;
    Ok(())
}

/// Returns the lease once it is over.
async fn until_over(store: &Store, clock: &Arc<dyn Clock>, lasts: Duration) -> Result<Option<Lease>, StoreError> {
    let mut last = None;
    let mut since = Stopwatch::start();
    let mut failing: Option<Stopwatch> = None;
    loop {
        match get(store).await {
            Ok(ended @ Some(Lease { ended: true, .. })) => return Ok(ended),
            Ok(now) => {
                failing = None;
                if now != last {
                    (last, since) = (now, Stopwatch::start());
                } else if since.elapsed() >= lasts {
                    return Ok(last);
                }
            }
            Err(error) => {
                // A store that is away tells nothing of the driver.
                since = Stopwatch::start();
                if failing.get_or_insert_with(Stopwatch::start).elapsed() >= lasts {
                    return Err(error);
                }
            }
        }
        clock.pause(lasts / BEATS).await;
    }
}

async fn get(store: &Store) -> Result<Option<Lease>, StoreError> {
    let bytes = store.get(PATH).await?;
    // One that can't be read, as of a later version, stands still, or changes by being written.
    Ok(bytes.map(|bytes| {
        serde_json::from_slice(&bytes).unwrap_or(Lease { term: 0, counter: bytes.len() as u64, ended: false })
    }))
}

async fn put(store: &Store, lease: Lease) {
    let Ok(bytes) = serde_json::to_vec(&lease) else { return };
    if let Err(error) = store.put(PATH, bytes.into()).await {
        tracing::warn!(target: "sluicebox::checkpoint", %error, "the lease could not be written: a standby may take over");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    async fn store(folder: &tempfile::TempDir) -> Store {
        let store = Store::new(&format!("file://{}", folder.path().display())).unwrap();
        store.ready().await.unwrap();
        store
    }

    #[tokio::test]
    async fn a_standby_waits_while_a_driver_counts() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        // Counts are synced to a disk that other tests use too.
        let lasts = Duration::from_secs(3);
        let holding = tokio::spawn({
            let (store, clock) = (store.clone(), clock.clone());
            async move { hold(&store, &clock, 3, lasts).await }
        });
        let waited = tokio::time::timeout(2 * lasts, wait(&store, &clock, lasts)).await;
        assert!(waited.is_err(), "it has taken over from a driver that counts");
        holding.abort();
        wait(&store, &clock, lasts).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_given_back_is_taken_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        put(&store, Lease { term: 3, counter: 7, ended: false }).await;
        give_back(&store, 2).await;
        assert!(!get(&store).await.unwrap().unwrap().ended, "it is another's");
        give_back(&store, 3).await;
        wait(&store, &clock, Duration::from_secs(3600)).await.unwrap();
    }

    #[tokio::test]
    async fn a_lease_that_is_over_is_counted_up_for_other_standbys() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let lasts = Duration::from_millis(100);
        let after = async |before: Option<Lease>| {
            if let Some(before) = before {
                put(&store, before).await;
            }
            wait(&store, &clock, lasts).await.unwrap();
            get(&store).await.unwrap().unwrap()
        };
        assert_eq!(after(None).await, Lease { term: 0, counter: 1, ended: false }, "nobody has ever counted");
        let still = Lease { term: 3, counter: 7, ended: false };
        assert_eq!(after(Some(still)).await, Lease { counter: 8, ..still });
        let ended = Lease { ended: true, ..still };
        assert_eq!(after(Some(ended)).await, Lease { counter: 8, ended: false, ..ended });
    }
}
