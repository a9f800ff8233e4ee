//! What is in the outputs, and what should be.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use sluicebox::batch::log::{Entry, PlanRecord, Record};
use sluicebox::clock::BatchTime;
use sluicebox::receiver::{FileVersion, InputRange};

use super::ground::{Failure, Ground};
use super::job::{COMPACTED, INTERVAL_MS, Job, PLAIN};

/// Rows of an output, as they are written, by batch and sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows(BTreeMap<i64, Vec<String>>);

impl Rows {
    /// What is in the folders of batches.
    ///
    /// # Errors
    /// When something else is there, or can't be read.
    pub fn of_folders(output: &Path) -> Result<Self, Failure> {
        let mut rows = BTreeMap::new();
        let Ok(entries) = fs::read_dir(output) else { return Ok(Self::default()) };
        for entry in entries {
            let path = entry.map_err(|error| error.to_string())?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(batch) = name.strip_prefix("batch-") else { continue };
            let batch = batch.parse().map_err(|_| format!("{} isn't named by a batch", path.display()))?;
            rows.insert(batch, folder(&path)?);
        }
        Ok(Self(rows))
    }

    /// What the manifest of a compacted output names, in the order in which it names it.
    fn of_manifest(output: &Path) -> Result<Vec<String>, Failure> {
        let read = |path: &Path| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let mut rows = vec![];
        for file in read(&output.join("_manifest"))?.lines() {
            rows.extend(read(&output.join(file))?.lines().map(str::to_owned));
        }
        Ok(rows)
    }

    /// The lines that the job has read.
    pub fn lines(&self) -> Vec<String> {
        self.0.values().flatten().filter_map(|row| line(row)).collect()
    }

    /// The rows of each batch.
    pub fn batches(&self) -> impl Iterator<Item = (i64, &[String])> {
        self.0.iter().map(|(batch, rows)| (*batch, rows.as_slice()))
    }

    /// The rows of a batch.
    pub fn of(&self, batch: i64) -> &[String] {
        self.0.get(&batch).map_or(&[], Vec::as_slice)
    }

    /// The lines of each batch.
    fn by_batch(&self) -> BTreeMap<i64, Vec<String>> {
        self.0.iter().map(|(batch, rows)| (*batch, rows.iter().filter_map(|row| line(row)).collect())).collect()
    }

    /// The batches.
    pub fn n_batches(&self) -> usize {
        self.0.len()
    }

    /// Rows of all batches.
    pub fn n_rows(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether another output has these rows, each once; they are as [`flat`] makes them, and sorted.
    ///
    /// # Errors
    /// What differs.
    pub fn are_in(&self, output: &str, rows: &[String]) -> Result<(), Failure> {
        let mut expected = vec![];
        for row in self.0.values().flatten() {
            expected.push(flat(row)?);
        }
        expected.sort();
        let (twice, lost) = (without(rows, &expected), without(&expected, rows));
        match twice.is_empty() && lost.is_empty() {
            true => Ok(()),
            false => Err(format!("output \"{output}\" lacks {}\nand has too much: {}", some(&lost), some(&twice))),
        }
    }

    /// What differs from what it should be, up to a batch.
    fn differs_from(&self, expected: &Self, until: i64) -> Option<Failure> {
        let batches: BTreeSet<i64> =
            self.0.keys().chain(expected.0.range(..=until).map(|(batch, _)| batch)).copied().collect();
        let (mut told, mut n) = (String::new(), 0);
        for batch in batches {
            let (is, should) = (self.0.get(&batch), expected.0.get(&batch));
            if is == should {
                continue;
            }
            n += 1;
            if n <= 3 {
                let show = |rows: Option<&Vec<String>>, others: Option<&Vec<String>>| match rows {
                    None => "no folder".to_owned(),
                    Some(rows) => {
                        let none = vec![];
                        let only = without(rows, others.unwrap_or(&none));
                        format!("{} rows, of which only here: {}", rows.len(), some(&only))
                    }
                };
                told += &format!("batch {batch} has {}\nand should have {}\n", show(is, should), show(should, is));
            }
        }
        (n > 0).then(|| format!("{n} batches differ\n{told}"))
    }
}

/// What a job was fed.
#[derive(Debug, Clone)]
pub enum Fed {
    /// Lines that have come to stay: each is to be read once.
    Exactly(Vec<String>),
    /// So many lines, at least.
    AtLeast(usize),
    /// Lines of which some may be lost, but not the last: none is to be read twice.
    AtMost {
        /// All that were sent.
        sent: Vec<String>,
        /// Those that are known to have come to stay.
        safe: BTreeSet<String>,
    },
}

impl Fed {
    /// Whether it is written, as far as that can be told from the number of lines and the last.
    pub fn is_in(&self, written: &Written) -> bool {
        match self {
            Self::Exactly(lines) => written.n_lines() >= lines.len(),
            Self::AtLeast(n_lines) => written.n_lines() >= *n_lines,
            Self::AtMost { sent, .. } => sent.last().is_none_or(|last| written.lines.contains(last)),
        }
    }

    /// What differs between this and what was read.
    fn differs_from(&self, read: Vec<String>) -> Option<Failure> {
        let sorted = |mut lines: Vec<String>| {
            lines.sort();
            lines
        };
        let read = sorted(read);
        let (all, safe) = match self {
            Self::Exactly(lines) => (sorted(lines.clone()), sorted(lines.clone())),
            Self::AtLeast(_) => return None,
            Self::AtMost { sent, safe } => (sorted(sent.clone()), safe.iter().cloned().collect()),
        };
        let (twice, lost) = (without(&read, &all), without(&safe, &read));
        (!twice.is_empty() || !lost.is_empty())
            .then(|| format!("lines lost: {lost:#?}\nlines that are there twice, or that nobody has fed: {twice:#?}"))
    }
}

impl fmt::Display for Fed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(lines) => write!(f, "{} lines", lines.len()),
            Self::AtLeast(n_lines) => write!(f, "at least {n_lines} lines"),
            Self::AtMost { sent, .. } => write!(f, "at most {} lines", sent.len()),
        }
    }
}

/// Counts the lines that a job has written, while it writes. A batch that is there doesn't change any more.
#[derive(Debug)]
pub struct Written {
    output: PathBuf,
    batches: BTreeSet<OsString>,
    lines: BTreeSet<String>,
}

impl Written {
    /// Nothing was counted.
    pub fn new(output: &Path) -> Self {
        Self { output: output.to_owned(), batches: BTreeSet::new(), lines: BTreeSet::new() }
    }

    /// How many lines there were when it was looked last.
    pub fn n_lines(&self) -> usize {
        self.lines.len()
    }

    /// Look again; returns how many lines there are.
    ///
    /// # Errors
    /// When a batch can't be read.
    pub fn look(&mut self) -> Result<usize, Failure> {
        for entry in fs::read_dir(&self.output).into_iter().flatten() {
            let entry = entry.map_err(|error| error.to_string())?;
            let name = entry.file_name();
            if name.to_string_lossy().starts_with("batch-") && self.batches.insert(name) {
                self.lines.extend(folder(&entry.path())?.iter().filter_map(|row| line(row)));
            }
        }
        Ok(self.lines.len())
    }
}

/// The rows of a batch's folder.
fn folder(path: &Path) -> Result<Vec<String>, Failure> {
    let mut rows = vec![];
    for file in fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))? {
        let file = file.map_err(|error| error.to_string())?.path();
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        rows.extend(text.lines().map(str::to_owned));
    }
    rows.sort();
    Ok(rows)
}

/// A row of JSON as `of|key|value|batch`.
///
/// # Errors
/// When it isn't one.
pub fn flat(row: &str) -> Result<String, Failure> {
    Ok(flat_of(row, &["of", "key", "value", "batch"])?.join("|"))
}

/// Columns of a row of JSON.
///
/// # Errors
/// When it isn't one.
pub fn flat_of(row: &str, columns: &[&str]) -> Result<Vec<String>, Failure> {
    let row: serde_json::Value = serde_json::from_str(row).map_err(|error| format!("{row}: {error}"))?;
    let text = |column: &&str| row[*column].as_str().map_or_else(|| row[*column].to_string(), str::to_owned);
    Ok(columns.iter().map(text).collect())
}

/// The line that a row says was read in its batch.
fn line(row: &str) -> Option<String> {
    let row: serde_json::Value = serde_json::from_str(row).ok()?;
    (row["of"] == "line").then(|| row["key"].as_str().unwrap_or_default().to_owned())
}

/// Those of `rows` that aren't in `others`, as often as there are more of them. Both are sorted.
fn without(rows: &[String], others: &[String]) -> Vec<String> {
    let mut left = others.iter().peekable();
    let mut only = vec![];
    for row in rows {
        while left.next_if(|other| *other < row).is_some() {}
        if left.next_if_eq(&row).is_none() {
            only.push(row.clone());
        }
    }
    only
}

/// How many there are, and the first of them.
fn some(rows: &[String]) -> String {
    format!("{}: {:#?}", rows.len(), &rows[..rows.len().min(10)])
}

/// What a run came to, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Lines read.
    pub lines: usize,
    /// Batches.
    pub batches: usize,
    /// Rows of all outputs.
    pub rows: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lines, batches, rows } = self;
        write!(f, "{lines} lines in {batches} batches made {rows} rows, none lost and none twice")
    }
}

/// Check what a disturbed run of the job has written, when nobody writes any more: the lines that were fed were each in one batch, and the outputs have what an undisturbed run makes
/// of these batches.
///
/// # Errors
/// What differs.
pub fn check(ground: &Ground, fed: &Fed) -> Result<Outcome, Failure> {
    let out = ground.path().join("out");
    let all = Rows::of_folders(&out.join(PLAIN[0]))?;
    let read = all.lines();
    let n_lines = read.len();
    if let Some(differs) = fed.differs_from(read) {
        return Err(differs);
    }
    let undisturbed = undisturbed(&all)?;
    let compared = compare(ground, &undisturbed, &all);
    let n_rows = match compared {
        Ok(n_rows) => n_rows,
        Err(failure) => return Err(undisturbed.keep(format!("{failure}\nthe undisturbed run is to be seen, too"))),
    };
    Ok(Outcome { lines: n_lines, batches: all.n_batches(), rows: n_rows })
}

fn compare(ground: &Ground, undisturbed: &Ground, all: &Rows) -> Result<usize, Failure> {
    let until = all.0.keys().next_back().copied().unwrap_or(i64::MIN);
    let mut n_rows = 0;
    for output in PLAIN {
        let rows = Rows::of_folders(&ground.path().join("out").join(output))?;
        let expected = Rows::of_folders(&undisturbed.path().join("out").join(output))?;
        if let Some(differs) = rows.differs_from(&expected, until) {
            return Err(format!("output \"{output}\": {differs}"));
        }
        n_rows += rows.n_rows();
    }
    let mut compacted = Rows::of_manifest(&ground.path().join("out").join(COMPACTED))?;
    let mut expected: Vec<String> = all.0.values().flatten().cloned().collect();
    let of_batch = |row: &String| {
        let row: serde_json::Value = serde_json::from_str(row).unwrap_or_default();
        row["batch"].as_i64()
    };
    if !compacted.is_sorted_by_key(of_batch) {
        return Err(format!("output \"{COMPACTED}\": its files don't come in the order of batches"));
    }
    compacted.sort();
    expected.sort();
    let (twice, lost) = (without(&compacted, &expected), without(&expected, &compacted));
    if !twice.is_empty() || !lost.is_empty() {
        return Err(format!("output \"{COMPACTED}\" lacks {}\nand has too much: {}", some(&lost), some(&twice)));
    }
    Ok(n_rows + compacted.len())
}

/// Have the job run, in one go, the batches that a disturbed run has made: its log says before it starts what each batch reads.
fn undisturbed(all: &Rows) -> Result<Ground, Failure> {
    let ground = Ground::new(&Job::files());
    let write = |path: &str, bytes: &[u8]| -> Result<(), Failure> {
        let path = ground.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|error| error.to_string())?;
        fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))
    };
    let mut plans = vec![];
    let mut after = None;
    for (batch, lines) in all.by_batch() {
        let mut files = vec![];
        if !lines.is_empty() {
            let name = format!("in/{batch}");
            write(&name, (lines.join("\n") + "\n").as_bytes())?;
            files.push(version(&ground.path().join(name))?);
        }
        let inputs = BTreeMap::from([("received".to_owned(), InputRange::Files(files))]);
        let before = after.unwrap_or(batch - i64::try_from(INTERVAL_MS).unwrap_or(i64::MAX));
        plans.push(Record::Plan(PlanRecord {
            batch: BatchTime(batch),
            after: BatchTime(before),
            inputs,
            plugins: BTreeMap::new(),
            graph: String::new(),
            interval_ms: None,
        }));
        after = Some(batch);
    }
    for (number, records) in [(1, vec![Record::Term { term: 1 }]), (2, plans)] {
        let entry = Entry { version: Entry::VERSION, number, term: 1, nonce: format!("chaos-{number}"), records };
        let bytes = serde_json::to_vec(&entry).map_err(|error| error.to_string())?;
        write(&format!("checkpoint/log/{number:020}.json"), &bytes)?;
    }
    fs::create_dir_all(ground.path().join("in")).map_err(|error| error.to_string())?;
    // One batch of its own, after those.
    let running = ground.start(&["--batches", "1"], &[]);
    match ground.ended_with(0, running) {
        Ok(_) => Ok(ground),
        Err(failure) => Err(ground.keep(format!("the undisturbed run: {failure}"))),
    }
}

/// A file as the log names it.
fn version(path: &Path) -> Result<FileVersion, Failure> {
    use std::os::unix::fs::MetadataExt;
    let of = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let modified_ms = of.mtime() * 1000 + of.mtime_nsec() / 1_000_000;
    Ok(FileVersion { path: path.display().to_string(), size: of.len(), modified_ms })
}
