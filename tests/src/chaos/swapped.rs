//! A plugin that is swapped, migrated and gone back from at random moments, while its job is killed at others.
//!
//! What a batch was made by is in its rows, and in the batch log; both must say the same. Sums that are kept by key must be those of all lines so far, whichever version of the state they have been in.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sluicebox::batch::log::{Entry, History, SwapRecord};
use sluicebox::plugin::Digest;
use sluicebox::testing::PATIENCE;

use super::ground::{Failure, Ground};
use super::job::Job;
use super::outcome::{Rows, flat_of};
use super::seed::Seed;
use super::storm::Weather;
use crate::plugins::chameleon;
use crate::program::{Running, program};
use crate::tagged::tagged;

/// The versions that state is kept as once, and then as it is migrated to.
const FIRST: [u32; 5] = [1, 2, 3, 4, 5];
const SECOND: [u32; 4] = [5001, 5002, 5003, 5004];

/// From one look at whether a verb is done to the next.
const LOOK: Duration = Duration::from_millis(5);

/// The job, with a plugin that is swapped: each line's number is tagged with the version that saw it, and summed up by key.
pub fn job(folder: &Path) -> Job {
    for version in FIRST.into_iter().chain(SECOND) {
        fs::write(file(folder, version), chameleon(version)).expect("a file can be written");
    }
    compile(folder);
    let numbers = "[stream.numbers]\nsql = \"select cast(split_part(value, ' ', 1) as bigint) as value from lines\"\n";
    Job::files().with(&(numbers.to_owned() + &tagged(&file(folder, FIRST[0]), 5, "json")))
}

/// Have all versions compiled, and their code kept: a swap then takes no longer than it takes to tell the job of it, and a job isn't killed in the middle of compiling again and again.
fn compile(folder: &Path) {
    let plugin = |version| {
        format!(
            "[plugin.v{version}]\ncomponent = {:?}\n[stream.v{version}]\ninput = \"numbers\"\nmap = \"v{version}/tag\"\n\
             [output.v{version}]\ninput = \"v{version}\"\nsink = {{ type = \"print\" }}\n",
            file(folder, version)
        )
    };
    let plugins: String = FIRST.into_iter().chain(SECOND).map(plugin).collect();
    let text = format!(
        "[job]\nname = \"compiled\"\nbatch-interval = \"1s\"\n[stream.numbers]\n\
         source = {{ type = \"constant\", schema = {{ value = \"int64\" }}, rows = [{{ value = 1 }}] }}\n{plugins}"
    );
    fs::write(folder.join("job.toml"), text).expect("a file can be written");
    Running::start(folder, ["check", "job.toml"]).wait().ended_with(0);
}

fn file(folder: &Path, version: u32) -> PathBuf {
    folder.join(format!("chameleon-{version}.wasm"))
}

/// What the swapping thread has done so far.
#[derive(Debug, Default)]
struct Progress {
    stop: AtomicBool,
    done: AtomicU64,
}

/// Swaps the plugin of the job all the time, on a thread of its own.
#[derive(Debug)]
pub struct Swaps {
    components: tempfile::TempDir,
    run_dir: tempfile::TempDir,
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Default for Swaps {
    fn default() -> Self {
        Self::new()
    }
}

impl Swaps {
    /// Nothing is swapped yet.
    ///
    /// # Panics
    /// When there is no room for temporary folders.
    pub fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        Self { components: folder(), run_dir: folder(), progress: Arc::default(), thread: None }
    }

    /// Where the job is listed: programs make it, as they list nothing in a folder that others may read.
    fn registry(&self) -> PathBuf {
        self.run_dir.path().join("run")
    }

    /// The ground for a job that is swapped, whose log is compacted, and its components swept, every few batches.
    pub fn ground(&self) -> Ground {
        let run_dir = self.registry().display().to_string();
        Ground::new(&job(self.components.path())).with("SLUICEBOX_RUN_DIR", run_dir).with("SLUICEBOX_LONG_LOG", "40")
    }

    /// Begin to swap.
    pub fn begin(&mut self, mut seed: Seed) {
        let (components, run_dir) = (self.components.path().to_owned(), self.registry());
        let progress = self.progress.clone();
        self.thread = Some(std::thread::spawn(move || {
            let mut now = 0;
            while !progress.stop.load(Ordering::Relaxed) {
                let arguments = match seed.within(0..10) {
                    0..3 => vec!["rollback".to_owned(), "chaos".to_owned(), "chameleon".to_owned()],
                    draw => {
                        // State is migrated once, after a while; what keeps it as before is refused from then on.
                        let first = now < 4 || draw < 5;
                        let version = if first { seed.one_of(&FIRST) } else { seed.one_of(&SECOND) };
                        let component = file(&components, version).display().to_string();
                        vec!["swap".to_owned(), "chaos".to_owned(), "chameleon".to_owned(), component]
                    }
                };
                if verb(&arguments, &run_dir, &progress.stop) {
                    now += 1;
                    progress.done.fetch_add(1, Ordering::Relaxed);
                }
            }
        }));
    }

    /// Returns once so many swaps more are done, or in vain: when the program has ended, as it does at a place where it is to be killed, or nothing was done for a minute.
    fn until_swapped(&self, more: u64, running: &mut Running) {
        let done = || self.progress.done.load(Ordering::Relaxed);
        let (mut since, mut before) = (Instant::now(), done());
        let enough = before + more;
        while before < enough && since.elapsed() < PATIENCE && !running.ends_within(LOOK) {
            let now = done();
            if now > before {
                (since, before) = (Instant::now(), now);
            }
        }
    }

    fn stop(&mut self) {
        self.progress.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell.
            let _ = thread.join();
        }
    }
}

impl Drop for Swaps {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether the program's verb succeeded. It is ended when nobody waits for it any more.
fn verb(arguments: &[String], run_dir: &Path, stop: &AtomicBool) -> bool {
    let mut command = Command::new(program());
    command.args(arguments).env("SLUICEBOX_RUN_DIR", run_dir).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if !stop.load(Ordering::Relaxed) => std::thread::sleep(LOOK),
            _ => {
                // It may have ended just now.
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

impl Weather for Swaps {
    fn disturb(&mut self, seed: &mut Seed, running: &mut Running) {
        if self.thread.is_none() {
            self.begin(seed.fork());
        }
        // One kill of three comes at any time, the others soon after a swap, or in the middle of the next.
        if seed.within(0..3) > 0 {
            self.until_swapped(1, running);
        }
    }

    fn before_the_end(&mut self, running: &mut Running) {
        // If nothing is swapped any more, too few versions have made anything, and that is told.
        self.until_swapped(3, running);
    }

    fn finish(&mut self, ground: &Ground) -> Result<(), Failure> {
        self.stop();
        check(ground, &file_digests(self.components.path())?)
    }
}

/// The version of each component.
fn file_digests(folder: &Path) -> Result<HashMap<Digest, i64>, Failure> {
    let digest = |version: u32| {
        let bytes = fs::read(file(folder, version)).map_err(|error| error.to_string())?;
        Ok((Digest::of(&bytes), i64::from(version)))
    };
    FIRST.into_iter().chain(SECOND).map(digest).collect()
}

/// The swaps that the batch log knows of, at most the last [`History::SWAPS`].
fn swaps(ground: &Ground) -> Result<Vec<SwapRecord>, Failure> {
    let folder = ground.path().join("checkpoint/log");
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = files.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |path: &PathBuf| -> Result<Entry, Failure> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()))
    };
    let entries = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let (history, _) = History::read(entries).map_err(|error| error.to_string())?;
    Ok(history.swaps.into())
}

/// Whether each batch was made by the version that the log says, all of it, and the sums are those of all lines.
fn check(ground: &Ground, versions: &HashMap<Digest, i64>) -> Result<(), Failure> {
    let swaps = swaps(ground)?;
    let of = |digest: &Digest| versions.get(digest).copied().ok_or_else(|| format!("nobody gave component {digest}"));
    let is_cut = swaps.len() == History::SWAPS;
    let mut changes: BTreeMap<i64, i64> = BTreeMap::new();
    for swap in &swaps {
        changes.insert(swap.after.map_or(i64::MIN, |after| after.0), of(&swap.to)?);
    }
    let first = swaps.first().map_or(Ok(i64::from(FIRST[0])), |swap| of(&swap.from))?;
    let expected = |batch: i64| changes.range(..batch).next_back().map_or(first, |(_, version)| *version);
    let (tags, totals) = (ground.path().join("out/tags"), ground.path().join("out/totals"));
    let (tags, totals) = (Rows::of_folders(&tags)?, Rows::of_folders(&totals)?);
    let (mut seen, mut sums, mut found) = (BTreeSet::new(), BTreeMap::<i64, i64>::new(), BTreeSet::new());
    let oldest = swaps.first().and_then(|swap| swap.after).map_or(i64::MIN, |after| after.0);
    for (batch, rows) in tags.batches() {
        for row in rows {
            let [value, version] = numbers(row, ["value", "version"])?;
            if version != expected(batch) && !(is_cut && batch <= oldest) {
                let expected = expected(batch);
                return Err(format!("batch {batch}: {row}, and by the log it ran with version {expected}: {swaps:#?}"));
            }
            if !seen.insert(value) {
                return Err(format!("batch {batch}: {row}, and line {value} was there before"));
            }
            *sums.entry(value % 5).or_default() += value;
            found.insert(version);
        }
        let mut last: BTreeMap<i64, i64> = BTreeMap::new();
        for row in totals.of(batch) {
            let [key, sum, by] = numbers(row, ["key", "sum", "seen"])?;
            if by != expected(batch) && !(is_cut && batch <= oldest) {
                return Err(format!("batch {batch}: {row}, and by the log it ran with version {}", expected(batch)));
            }
            // Sums grow from row to row.
            let last = last.entry(key).or_default();
            *last = sum.max(*last);
        }
        for (key, sum) in last {
            if sums.get(&key) != Some(&sum) {
                return Err(format!(
                    "batch {batch}: the sum of key {key} is {sum}, and its lines make {:?}",
                    sums.get(&key)
                ));
            }
        }
    }
    if found.len() < 2 {
        return Err(format!("only the versions {found:?} have made anything: {} swaps", swaps.len()));
    }
    println!("{} swaps are recorded, and versions {found:?} have made rows", swaps.len());
    Ok(())
}

fn numbers<const N: usize>(row: &str, columns: [&str; N]) -> Result<[i64; N], Failure> {
    let all = flat_of(row, &columns)?;
    let mut numbers = [0; N];
    for (number, text) in numbers.iter_mut().zip(all) {
        *number = text.parse().map_err(|_| format!("{row}: {text} is no number"))?;
    }
    Ok(numbers)
}
