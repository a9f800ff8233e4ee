//! What a checkpoint asks of a store, whichever it is.

use bytes::Bytes;
use futures::future::join_all;
use sluicebox::checkpoint::{Created, Store};

/// A new store at a prefix below an empty place.
pub type At<'a> = dyn Fn(&str) -> Store + 'a;

async fn paths(store: &Store, prefix: &str) -> Vec<String> {
    store.list(prefix).await.unwrap().into_iter().map(|object| object.path).collect()
}

/// Objects are created only once; they can be replaced, listed and removed.
///
/// # Panics
/// When they can't.
pub async fn creates_replaces_lists_and_removes(at: &At<'_>) {
    let store = at("jobs/words");
    store.ready().await.unwrap();
    assert_eq!(store.list("").await.unwrap(), [], "the probe leaves nothing");
    let text = Bytes::from_static;
    assert_eq!(store.create("log/1.json", text(b"first")).await.unwrap(), Created::New);
    assert_eq!(store.create("log/1.json", text(b"second")).await.unwrap(), Created::Exists);
    assert_eq!(store.get("log/1.json").await.unwrap().unwrap(), "first");
    store.put("log/1.json", text(b"third")).await.unwrap();
    assert_eq!(store.get("log/1.json").await.unwrap().unwrap(), "third");
    assert_eq!(store.get("log/2.json").await.unwrap(), None);
    store.put("state/a!20b/1000-1-0", text(b"x")).await.unwrap();
    store.put("states/1", text(b"x")).await.unwrap();
    assert_eq!(paths(&store, "").await, ["log/1.json", "state/a!20b/1000-1-0", "states/1"]);
    assert_eq!(paths(&store, "state").await, ["state/a!20b/1000-1-0"]);
    store.delete("log/1.json").await.unwrap();
    store.delete("log/1.json").await.unwrap();
    assert_eq!(store.get("log/1.json").await.unwrap(), None);
    let reader = at("jobs");
    reader.ready_to_read().await.unwrap();
    assert_eq!(paths(&reader, "").await, ["words/state/a!20b/1000-1-0", "words/states/1"]);
}

/// Of many that create an object at once, one does.
///
/// # Panics
/// When none does, or several.
pub async fn lets_one_of_many_create(at: &At<'_>) {
    let drivers: Vec<Store> = (0..4).map(|_| at("jobs/words")).collect();
    for driver in &drivers {
        driver.ready().await.unwrap();
    }
    for round in 0..10 {
        let path = format!("log/{round}");
        let creates = drivers.iter().zip(0_u8..).map(|(store, number)| store.create(&path, vec![number].into()));
        let created: Vec<Created> = join_all(creates).await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<usize> = (0..4).filter(|driver| created[*driver] == Created::New).collect();
        assert_eq!(winners.len(), 1, "{created:?}");
        assert_eq!(usize::from(drivers[0].get(&path).await.unwrap().unwrap()[0]), winners[0]);
    }
}

/// What is put in parts comes back whole, in an empty store.
///
/// # Panics
/// When it doesn't.
pub async fn keeps_what_is_large(store: &Store) {
    let large: Vec<u8> = (0..70_u32 << 20).map(|idx| (idx ^ (idx >> 13)) as u8).collect();
    let large = Bytes::from(large);
    store.put("state/large", large.clone()).await.unwrap();
    assert_eq!(store.get("state/large").await.unwrap().unwrap(), large);
    assert_eq!(store.list("").await.unwrap().iter().map(|of| of.size).collect::<Vec<_>>(), [70 << 20]);
}
