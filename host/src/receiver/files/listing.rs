//! Which files of a directory a batch reads.
//!
//! Every look compares the directory with what is known of it. A file is taken once: when it was last modified at least a batch interval ago, or
//! when it is as the look before found it; however old it is, and however late it appears. What is [known](KnownFiles) of a file is forgotten only when the
//! file is gone, so the memory this takes is bounded by the directory. A look holds the paths of no more files than it tells.

use std::collections::BinaryHeap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::known::{Known, KnownFiles, Version};
use super::pattern;
use crate::clock::millis;
use crate::receiver::FileVersion;

/// The most files a batch reads; the others are read by the next.
pub const FILES_PER_BATCH: usize = 10_000;

/// The most names of changed files that a look tells.
const MOST_TOLD: usize = 20;

/// Ends of names of files that are still being written.
const TEMPORARY: [&str; 7] = [".tmp", ".temp", ".part", ".partial", ".crdownload", "._COPYING_", "~"];

/// A directory, and what is known of it.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// After so long a file counts as whole.
    settled_after_ms: i64,
    known: KnownFiles,
}

/// What a look found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Files to read, by time of modification, then path.
    pub taken: Vec<FileVersion>,
    /// Files that the next look may take.
    pub waiting: usize,
    /// Some of the files that changed after they were taken, and aren't read again. Each is told once.
    pub changed: Vec<String>,
    /// How many these are.
    pub n_changed: usize,
}

impl Directory {
    /// A directory of which nothing is known. A file counts as whole when it wasn't modified for `settled_after`.
    ///
    /// Its files go by absolute paths, so that the same directory is known from wherever the program is started.
    pub fn new(path: &Path, settled_after: Duration) -> Self {
        Self { path: absolute(path), settled_after_ms: millis(settled_after), known: KnownFiles::default() }
    }

    /// Take what is there as read.
    pub fn skip_existing(&mut self) -> io::Result<()> {
        let known = &mut self.known;
        each_file(&self.path, |path, version| known.take(&path, version))
    }

    /// How the directory stands: which files were taken.
    pub fn standing(&self) -> Vec<u8> {
        self.known.encode()
    }

    /// Go on from how the directory stood, and what was taken after that.
    ///
    /// # Errors
    /// What is wrong with how it stood.
    pub fn recover<'a>(
        &mut self,
        standing: Option<&[u8]>,
        taken: impl Iterator<Item = &'a FileVersion>,
    ) -> Result<(), String> {
        let mut known = standing.map_or(Ok(KnownFiles::default()), KnownFiles::decode)?;
        taken.for_each(|file| known.take(&file.path, version_of(file)));
        self.known = known;
        Ok(())
    }

    /// Look for files to read, of `most_bytes` together, but at least one. If it fails, nothing was taken.
    pub fn look(&mut self, now_ms: i64, most_bytes: Option<u64>) -> io::Result<Look> {
        let Self { path, settled_after_ms, known } = self;
        let mut look = Look::default();
        // The first of those that can be taken, the last of them on top.
        let mut first = BinaryHeap::new();
        each_file(path, |path, version| {
            let settled = now_ms.saturating_sub(version.modified_ms) >= *settled_after_ms;
            match known.see(&path, version, settled) {
                Known::New if settled => first.push((version.modified_ms, path, version.size)),
                Known::Waiting { same } if settled || same => first.push((version.modified_ms, path, version.size)),
                Known::New | Known::Waiting { .. } => look.waiting += 1,
                Known::Taken { changed: false } => {}
                Known::Taken { changed: true } => {
                    look.n_changed += 1;
                    if look.changed.len() < MOST_TOLD {
                        look.changed.push(path);
                    }
                }
            }
            if first.len() > FILES_PER_BATCH
                && let Some((modified_ms, path, size)) = first.pop()
            {
                look.waiting += 1;
                known.leave_waiting(&path, Version { size, modified_ms });
            }
        })?;
        let taken = first.into_sorted_vec().into_iter();
        look.taken = taken.map(|(modified_ms, path, size)| FileVersion { path, size, modified_ms }).collect();
        let rest = look.taken.split_off(first_files(&look.taken, most_bytes));
        look.waiting += rest.len();
        rest.iter().for_each(|file| known.leave_waiting(&file.path, version_of(file)));
        look.taken.iter().for_each(|file| known.take(&file.path, version_of(file)));
        look.changed.sort();
        known.end_look();
        Ok(look)
    }
}

/// A path from the root, without `..`: what is before that is where the system says that it leads. Other links stay as they are, and can be made to lead elsewhere while a job runs.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let parts: Vec<Component> = path.components().collect();
    let Some(last) = parts.iter().rposition(|part| *part == Component::ParentDir) else { return path };
    let (before, after) = parts.split_at(last + 1);
    match std::fs::canonicalize(before.iter().collect::<PathBuf>()) {
        Ok(before) => before.join(after.iter().collect::<PathBuf>()),
        // What isn't there yet has only the name that it is given.
        Err(_) => path,
    }
}

/// How many of the files, from the first, have no more bytes together; at least one.
fn first_files(files: &[FileVersion], most_bytes: Option<u64>) -> usize {
    let fits = |most: u64| {
        let sums = files.iter().scan(0_u64, |sum, file| {
            *sum = sum.saturating_add(file.size);
            Some(*sum)
        });
        sums.take_while(|sum| *sum <= most).count().max(1)
    };
    most_bytes.map_or(files.len(), fits).min(files.len())
}

fn version_of(file: &FileVersion) -> Version {
    Version { size: file.size, modified_ms: file.modified_ms }
}

fn file(path: String, version: Version) -> FileVersion {
    FileVersion { path, size: version.size, modified_ms: version.modified_ms }
}

/// The files of a directory, or of those that a pattern names, that could be read, whole or not, in no order. An empty file has nothing to read yet.
fn each_file(path: &Path, mut each: impl FnMut(String, Version)) -> io::Result<()> {
    let is_pattern = pattern::is_pattern(path);
    for directory in pattern::directories(path)? {
        match each_file_of(&directory, &mut each) {
            // One of several that is gone meanwhile is not there.
            Err(error) if is_pattern && error.kind() == io::ErrorKind::NotFound => {}
            looked => looked?,
        }
    }
    Ok(())
}

fn each_file_of(directory: &Path, each: &mut impl FnMut(String, Version)) -> io::Result<()> {
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
            each(entry.path().to_string_lossy().into_owned(), version_by(&metadata));
        }
    }
    Ok(())
}

fn version_by(metadata: &std::fs::Metadata) -> Version {
    Version { size: metadata.len(), modified_ms: modified_ms(metadata) }
}

/// How a file that was taken differs from what is there now, if it does.
pub fn difference(file: &FileVersion) -> Option<String> {
    let metadata = match std::fs::metadata(&file.path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Some("it is gone".to_owned()),
        Err(error) => return Some(error.to_string()),
    };
    let now = version_by(&metadata);
    let (size, at) = (file.size, file.modified_ms);
    let Version { size: size_now, modified_ms: at_now } = now;
    (now != version_of(file)).then(|| {
        format!("it had {size} bytes and was modified at {at}, and now it has {size_now} and was modified at {at_now}")
    })
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
        return Ok(vec![file(path.to_string_lossy().into_owned(), version_by(&metadata))]);
    }
    let mut files = vec![];
    each_file(path, |path, version| files.push(file(path, version)))?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The file that would be read first, if there is any.
pub fn first(path: &Path) -> io::Result<Option<FileVersion>> {
    let mut first: Option<FileVersion> = None;
    each_file(path, |path, version| {
        let file = file(path, version);
        if first.as_ref().is_none_or(|first| (file.modified_ms, &file.path) < (first.modified_ms, &first.path)) {
            first = Some(file);
        }
    })?;
    Ok(first)
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
            let directory = Directory::new(folder.path(), Duration::from_secs(1));
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
        assert_eq!(bench.directory.known.n_files(), 0);
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
