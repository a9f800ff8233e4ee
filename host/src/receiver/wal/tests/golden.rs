//! Logs that earlier versions wrote are read by this one.
//!
//! When the format gets another version, `SLUICEBOX_GOLDEN=FOLDER cargo test -p sluicebox golden` writes what it looks like then; the older ones stay.

use super::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/receiver/wal/tests/golden")
}

/// What a fixture was made of: two segments, the first begun by a run that closed another, positions with and without rows, two streams.
async fn write(folder: &Path) {
    let store = folder_store(folder).await;
    let first = Open::new(&store, &[("lines", true), ("zwei Wörter", true)]);
    first.log.open(3).await.unwrap();
    for number in 0..3 {
        first.append_safely(number, &format!("Zeile {number} – née")).await;
    }
    let second = &first.streams[1];
    for receiver in 0..2 {
        let rows = words(&["", "to be", "or not"]);
        second.safe(second.append(receiver, receiver.into(), rows, &[receiver as u8, 255]).unwrap()).await;
    }
    second.safe(second.append_position(0, b"without rows").unwrap()).await;
    first.append_safely(3, &"long ".repeat(1400)).await;
    first.append_safely(4, "in the second segment").await;
    first.log.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_read() {
    let fresh = tempfile::tempdir().unwrap();
    write(fresh.path()).await;
    if let Some(folder) = std::env::var_os("SLUICEBOX_GOLDEN") {
        copy(&fresh.path().join("wal"), &PathBuf::from(folder).join(format!("version-{}/wal", super::frame::VERSION)));
    }
    for version in [Some(1), None] {
        let folder = tempfile::tempdir().unwrap();
        let from = version.map_or(fresh.path().to_owned(), |version| fixtures().join(format!("version-{version}")));
        copy(&from, folder.path());
        let store = folder_store(folder.path()).await;
        let log = Open::new(&store, &[("lines", true), ("zwei Wörter", true)]);
        log.log.open(4).await.unwrap();
        let (recovered, waiting) = log.recover(&Past { standing: None, given: vec![given(1, &[0], false)] });
        assert_eq!((recovered.next, waiting), (5, vec![1, 2, 3, 4]), "version {version:?}");
        assert_eq!(recovered.positions, BTreeMap::from([(0, b"after 4".to_vec())]));
        assert_eq!(log.text(1).unwrap(), "Zeile 1 – née");
        assert_eq!(log.text(3).unwrap(), "long ".repeat(1400));
        let recovered = log.streams[1].recover(&Past::default()).unwrap().unwrap();
        assert_eq!(recovered.positions, BTreeMap::from([(0, b"without rows".to_vec()), (1, vec![1, 255])]));
        let store = &log.store;
        assert_eq!(text(store, "zwei Wörter", 1).unwrap(), ",to be,or not");
    }
}
