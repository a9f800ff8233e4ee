//! The text of a manifest, and the names of what it names.
//!
//! `_manifest` has one path a line, relative to its folder: first compacted files, `compacted-FROM-TO-NUMBER.EXTENSION`, which hold all rows of the batches from one
//! time to another; then the files of batches that wait to be compacted, `batch-MILLIS/part-PARTITION.EXTENSION`. Both are in the order of batches. What is compacted can
//! be told from the names alone, so there is nothing beside the manifest that could disagree with it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::Path;

use crate::clock::BatchTime;

/// The manifest's name: readers of the whole folder leave it alone, as they do `_staging`.
pub const MANIFEST: &str = "_manifest";

const BATCH: &str = "batch-";
const PART: &str = "part-";
const COMPACTED: &str = "compacted-";

/// A file of a batch that waits to be compacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFile {
    /// Its name in its batch's folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows, where they are known: not of one that an earlier run has written.
    pub rows: Option<u64>,
}

/// Files of batches that wait, by batch; in a batch by partition.
pub type Waiting = BTreeMap<BatchTime, Vec<BatchFile>>;

/// The folder of a batch.
pub fn batch_folder(batch: BatchTime) -> String {
    format!("{BATCH}{batch}")
}

/// Which batch a folder is of, by its name.
pub fn batch_of(folder: &str) -> Option<BatchTime> {
    let batch = BatchTime(folder.strip_prefix(BATCH)?.parse().ok()?);
    (batch_folder(batch) == folder).then_some(batch)
}

/// The file of a partition.
pub fn part_file(partition: u32, extension: &str) -> String {
    format!("{PART}{partition:05}.{extension}")
}

/// The partition of a file, and what its name ends with.
pub fn part_of(name: &str) -> Option<(u32, &str)> {
    let (partition, extension) = name.strip_prefix(PART)?.split_once('.')?;
    let partition = partition.parse().ok()?;
    (part_file(partition, extension) == name).then_some((partition, extension))
}

/// A file of the batches from one time to another; `number` counts the files of the same batches.
pub fn compacted_file(from: BatchTime, to: BatchTime, number: usize, extension: &str) -> String {
    format!("{COMPACTED}{from}-{to}-{number:05}.{extension}")
}

/// What the name of a compacted file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted<'a> {
    /// The first batch in it.
    pub from: BatchTime,
    /// The last batch in it.
    pub to: BatchTime,
    /// What the name ends with.
    pub extension: &'a str,
}

/// What the name of a compacted file says; none if it is something else's name.
pub fn compacted_of(name: &str) -> Option<Compacted<'_>> {
    let (name_only, extension) = name.strip_prefix(COMPACTED)?.split_once('.')?;
    let (times, number) = name_only.rsplit_once('-')?;
    let number = number.parse().ok()?;
    // A time before 1970 has a hyphen of its own, so the one between the two has to be found.
    times.match_indices('-').find_map(|(at, _)| {
        let (from, to) = (BatchTime(times[..at].parse().ok()?), BatchTime(times[at + 1..].parse().ok()?));
        (compacted_file(from, to, number, extension) == name).then_some(Compacted { from, to, extension })
    })
}

/// The text of a manifest.
pub fn write<'a>(
    compacted: impl Iterator<Item = &'a String>,
    waiting: impl Iterator<Item = (&'a BatchTime, &'a Vec<BatchFile>)>,
) -> String {
    let mut text = String::new();
    for name in compacted {
        let _ = writeln!(text, "{name}");
    }
    for (batch, files) in waiting {
        for file in files {
            let _ = writeln!(text, "{BATCH}{batch}/{}", file.name);
        }
    }
    text
}

/// The compacted files that a manifest names, in its order. Which batches wait is what the folder says: a batch is there before it is named.
///
/// # Errors
/// A line that no manifest of ours has.
pub fn read(text: &str) -> Result<Vec<String>, String> {
    let mut compacted = vec![];
    for (idx, line) in text.lines().enumerate() {
        if compacted_of(line).is_some() {
            compacted.push(line.to_owned());
        } else if !line
            .split_once('/')
            .is_some_and(|(folder, file)| batch_of(folder).is_some() && part_of(file).is_some())
        {
            return Err(format!("line {}, \"{line}\", names nothing that is written here", idx + 1));
        }
    }
    Ok(compacted)
}

/// The last batch that is in a folder, whoever has written it. Nothing is changed, and a folder that isn't there has none.
///
/// # Errors
/// When the folder can't be read.
pub fn last_batch(folder: &Path) -> io::Result<Option<BatchTime>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let last = |name: &str| batch_of(name).or_else(|| Some(compacted_of(name)?.to));
    let mut found = None;
    for entry in entries {
        found = found.max(entry?.file_name().to_str().and_then(last));
    }
    // Files that it names may have been removed: their batches were committed all the same.
    let text = match std::fs::read_to_string(folder.join(MANIFEST)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    Ok(found.max(text.lines().filter_map(last).max()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_in_the_files() {
        for (from, to, number) in [(1000, 2000, 0), (-2000, -1000, 7), (-1, 5, 123_456), (0, 0, 1)] {
            let name = compacted_file(BatchTime(from), BatchTime(to), number, "csv");
            let expected = Compacted { from: BatchTime(from), to: BatchTime(to), extension: "csv" };
            assert_eq!(compacted_of(&name), Some(expected), "{name}");
        }
        for name in ["compacted-1-2.csv", "compacted-1-2-3.csv", "compacted-1-2-00003", "compacted-01-2-00003.csv", "a"]
        {
            assert_eq!(compacted_of(name), None, "{name}");
        }
        assert_eq!(batch_of("batch--1000"), Some(BatchTime(-1000)));
        assert_eq!(part_of("part-100000.parquet"), Some((100_000, "parquet")));
        for name in ["batch-", "batch-+1", "batch-01", "batch-1 ", "part-1.csv", "part-00001"] {
            assert!(batch_of(name).is_none() && part_of(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_manifest_reads_back() {
        let compacted = ["compacted-1-2-00000.csv".to_owned(), "compacted-1-2-00001.csv".to_owned()];
        let file = |partition| BatchFile { name: part_file(partition, "csv"), bytes: 1, rows: None };
        let waiting = Waiting::from([(BatchTime(4), vec![file(0), file(3)]), (BatchTime(3), vec![file(1)])]);
        let text = write(compacted.iter(), waiting.iter());
        let batches = "batch-3/part-00001.csv\nbatch-4/part-00000.csv\nbatch-4/part-00003.csv\n";
        assert_eq!(text, format!("compacted-1-2-00000.csv\ncompacted-1-2-00001.csv\n{batches}"));
        assert_eq!(read(&text), Ok(compacted.to_vec()));
        let error = read("batch-3/part-00001.csv\n../secret\n").unwrap_err();
        assert_eq!(error, "line 2, \"../secret\", names nothing that is written here");
    }
}
