//! Which files of a directory a batch reads.
//!
//! Every look compares the directory with what is known of it. A file is taken once: when it was last modified at least a batch interval ago, or
//! when it is as the look before found it; however old it is, and however late it appears. What is known of a file is forgotten only when the
//! file is gone, so the memory this takes is bounded by the directory.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::pattern;
use crate::clock::millis;
use crate::receiver::FileVersion;

/// The most files a batch reads; the others are read by the next.
pub const FILES_PER_BATCH: usize = 10_000;

/// Ends of names of files that are still being written.
const TEMPORARY: [&str; 7] = [".tmp", ".temp", ".part", ".partial", ".crdownload", "._COPYING_", "~"];

/// A directory, and what is known of it.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// After so long a file counts as whole.
    settled_after_ms: i64,
    known: HashMap<String, Known>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Seen, and not taken yet.
    Waiting(Version),
    Taken {
        version: Version,
        /// Whether it was told that the file has changed since.
        told: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    size: u64,
    modified_ms: i64,
}

/// What a look found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Files to read, by time of modification, then path.
    pub taken: Vec<FileVersion>,
    /// Files that the next look may take.
    pub waiting: usize,
    /// Files that changed after they were taken, and aren't read again. Each is told once.
    pub changed: Vec<String>,
}

impl Directory {
    /// A directory of which nothing is known. A file counts as whole when it wasn't modified for `settled_after`.
    pub fn new(path: PathBuf, settled_after: Duration) -> Self {
        Self { path, settled_after_ms: millis(settled_after), known: HashMap::new() }
    }

    /// Take what is there as read.
    pub fn skip_existing(&mut self) -> io::Result<()> {
        let taken = |(path, version)| (path, Known::Taken { version, told: false });
        self.known = list(&self.path)?.into_iter().map(taken).collect();
        Ok(())
    }

    /// Look for files to read, of `most_bytes` together, but at least one. If it fails, nothing has changed.
    pub fn look(&mut self, now_ms: i64, most_bytes: Option<u64>) -> io::Result<Look> {
        let mut look = Look::default();
        let mut known = HashMap::new();
        for (path, version) in list(&self.path)? {
            let settled = now_ms.saturating_sub(version.modified_ms) >= self.settled_after_ms;
            let now = match self.known.get(&path) {
                None if settled => {
                    look.taken.push(file(&path, version));
                    continue;
                }
                Some(Known::Waiting(before)) if settled || *before == version => {
                    look.taken.push(file(&path, version));
                    continue;
                }
                None | Some(Known::Waiting(_)) => {
                    look.waiting += 1;
                    Known::Waiting(version)
                }
                Some(Known::Taken { version: read, told: false }) if *read != version => {
                    look.changed.push(path.clone());
                    Known::Taken { version: *read, told: true }
                }
                Some(taken @ Known::Taken { .. }) => *taken,
            };
            known.insert(path, now);
        }
        look.taken.sort_by(|a, b| (a.modified_ms, &a.path).cmp(&(b.modified_ms, &b.path)));
        let n_taken = first_files(&look.taken, most_bytes);
        for (n, file) in look.taken.iter().enumerate() {
            let version = Version { size: file.size, modified_ms: file.modified_ms };
            let now = if n < n_taken {
                Known::Taken { version, told: false }
            } else {
                look.waiting += 1;
                Known::Waiting(version)
            };
            known.insert(file.path.clone(), now);
        }
        look.taken.truncate(n_taken);
        look.changed.sort();
        self.known = known;
        Ok(look)
    }
}

/// How many of the files, from the first, have no more bytes together; at least one, and at most [`FILES_PER_BATCH`].
fn first_files(files: &[FileVersion], most_bytes: Option<u64>) -> usize {
    let fits = |most: u64| {
        let sums = files.iter().scan(0_u64, |sum, file| {
            *sum = sum.saturating_add(file.size);
            Some(*sum)
        });
        sums.take_while(|sum| *sum <= most).count().max(1)
    };
    most_bytes.map_or(files.len(), fits).min(FILES_PER_BATCH).min(files.len())
}

fn file(path: &str, version: Version) -> FileVersion {
    FileVersion { path: path.to_owned(), size: version.size, modified_ms: version.modified_ms }
}

/// The files of a directory, or of those that a pattern names, that could be read, whole or not, in no order. An empty file has nothing to read yet.
fn list(path: &Path) -> io::Result<Vec<(String, Version)>> {
    let mut files = Vec::new();
    let is_pattern = pattern::is_pattern(path);
    for directory in pattern::directories(path)? {
        match list_one(&directory, &mut files) {
            // One of several that is gone meanwhile is not there.
            Err(error) if is_pattern && error.kind() == io::ErrorKind::NotFound => {}
            listed => listed?,
        }
    }
    Ok(files)
}

fn list_one(directory: &Path, files: &mut Vec<(String, Version)>) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            let path = entry.path();
            tracing::warn!(path = %path.display(), "a file whose name isn't valid UTF-8 isn't read: rename it");
            continue;
        };
        if name.starts_with(['.', '_']) || TEMPORARY.iter().any(|end| name.ends_with(end)) {
            continue;
        }
        // Follows links. A file that is gone meanwhile is not there.
        let metadata = match std::fs::metadata(entry.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            metadata => metadata?,
        };
        if metadata.is_file() && metadata.len() > 0 {
            let path = entry.path().to_string_lossy().into_owned();
            files.push((path, Version { size: metadata.len(), modified_ms: modified_ms(&metadata) }));
        }
    }
    Ok(())
}

/// When a file was last modified, in milliseconds since 1970-01-01T00:00:00Z; 0 where the system doesn't tell.
pub fn modified_ms(metadata: &std::fs::Metadata) -> i64 {
    let Ok(modified) = metadata.modified() else { return 0 };
    modified.duration_since(UNIX_EPOCH).map_or_else(|before| -millis(before.duration()), millis)
}

/// The file at `path`, or all files of the directory there that could be read, in the order of their names.
pub fn all(path: &Path) -> io::Result<Vec<FileVersion>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() {
        let version = Version { size: metadata.len(), modified_ms: modified_ms(&metadata) };
        return Ok(vec![file(&path.to_string_lossy(), version)]);
    }
    let mut files: Vec<_> = list(path)?.into_iter().map(|(path, version)| file(&path, version)).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The file that would be read first, if there is any.
pub fn first(path: &Path) -> io::Result<Option<FileVersion>> {
    let files = list(path)?.into_iter().map(|(path, version)| file(&path, version));
    Ok(files.min_by(|a, b| (a.modified_ms, &a.path).cmp(&(b.modified_ms, &b.path))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    struct Bench {
        folder: TempDir,
        directory: Directory,
    }

    impl Bench {
        fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let directory = Directory::new(folder.path().to_owned(), Duration::from_secs(1));
            Self { folder, directory }
        }

        fn write(&self, name: &str, text: &str, modified_ms: u64) {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            let file = fs::File::options().append(true).open(path).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_millis(modified_ms)).unwrap();
        }

        /// Names taken, how many wait, and names changed.
        fn look(&mut self, now_ms: i64) -> (Vec<String>, usize, Vec<String>) {
            let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
            let look = self.directory.look(now_ms, None).unwrap();
            let taken = look.taken.iter().map(|file| name(&file.path)).collect();
            (taken, look.waiting, look.changed.iter().map(|path| name(path)).collect())
        }
    }

    #[test]
    fn every_file_is_taken_once_by_age_and_name() {
        let mut bench = Bench::new();
        bench.write("b", "x", 1000);
        bench.write("a", "x", 1000);
        bench.write("c", "x", 500);
        for hidden in [".d", "_e", "f.tmp", "g~", "h.part"] {
            bench.write(hidden, "x", 0);
        }
        fs::create_dir(bench.folder.path().join("folder")).unwrap();
        assert_eq!(bench.look(1_000_000), (vec!["c".into(), "a".into(), "b".into()], 0, vec![]));
        bench.write("very-old", "x", 1);
        assert_eq!(bench.look(1_001_000), (vec!["very-old".into()], 0, vec![]));
        assert_eq!(bench.look(1_002_000), (vec![], 0, vec![]));
        fs::rename(bench.folder.path().join("f.tmp"), bench.folder.path().join("f")).unwrap();
        assert_eq!(bench.look(1_003_000).0, ["f"]);
    }

    #[test]
    fn a_file_being_written_waits_until_it_rests() {
        let mut bench = Bench::new();
        bench.write("empty", "", 0);
        bench.write("growing", "x", 9500);
        assert_eq!(bench.look(10_000), (vec![], 1, vec![]));
        bench.write("growing", "xx", 10_500);
        assert_eq!(bench.look(11_000), (vec![], 1, vec![]));
        assert_eq!(bench.look(11_400), (vec!["growing".into()], 0, vec![]), "as it was at the look before");
        bench.write("from-the-future", "x", 99_999_000);
        assert_eq!(bench.look(12_000).1, 1);
        assert_eq!(bench.look(13_000).0, ["from-the-future"]);
        bench.write("empty", "filled", 5000);
        assert_eq!(bench.look(14_000).0, ["empty"]);
    }

    #[test]
    fn a_file_that_changed_is_told_once_and_not_read_again() {
        let mut bench = Bench::new();
        bench.write("a", "x", 0);
        assert_eq!(bench.look(10_000).0, ["a"]);
        bench.write("a", "xx", 11_000);
        assert_eq!(bench.look(20_000), (vec![], 0, vec!["a".into()]));
        bench.write("a", "xxx", 21_000);
        assert_eq!(bench.look(30_000), (vec![], 0, vec![]));
        fs::remove_file(bench.folder.path().join("a")).unwrap();
        assert_eq!(bench.look(40_000), (vec![], 0, vec![]));
        assert!(bench.directory.known.is_empty());
        bench.write("a", "again", 0);
        assert_eq!(bench.look(50_000).0, ["a"]);
    }

    #[test]
    fn existing_files_can_be_left_alone() {
        let mut bench = Bench::new();
        bench.write("old", "x", 0);
        bench.directory.skip_existing().unwrap();
        bench.write("new", "x", 0);
        assert_eq!(bench.look(10_000).0, ["new"]);
    }

    #[test]
    fn a_batch_reads_a_bounded_number_of_files() {
        let mut bench = Bench::new();
        for n in 0..FILES_PER_BATCH + 2 {
            fs::write(bench.folder.path().join(format!("{n:06}")), "x").unwrap();
        }
        let now_ms = i64::MAX;
        let look = bench.directory.look(now_ms, None).unwrap();
        assert_eq!((look.taken.len(), look.waiting), (FILES_PER_BATCH, 2));
        assert_eq!(bench.look(now_ms).0.len(), 2);
        assert_eq!(bench.look(now_ms).0.len(), 0);
    }
}
