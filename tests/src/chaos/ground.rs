//! A folder in which the program runs on the job, is killed, and starts again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sluicebox::testing::PATIENCE;
use tempfile::TempDir;

use super::feed::Files;
use super::job::Job;
use super::outcome::{Fed, Written};
use crate::program::{Ran, Running, program};

/// Why a run isn't what it should be.
pub type Failure = String;

/// How often outputs are looked at while something is awaited.
pub const LOOK: Duration = Duration::from_millis(20);

/// A folder with a job file, and what the program made.
#[derive(Debug)]
pub struct Ground {
    /// Removed at the end, unless something went wrong.
    folder: TempDir,
    /// Arguments and environment of every start.
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    n_starts: AtomicU64,
}

impl Ground {
    /// A folder with the job.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn new(job: &Job) -> Self {
        let folder = tempfile::Builder::new().prefix("sluicebox-chaos-").tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("job.toml"), job.text(folder.path())).expect("a file can be written");
        Self { folder, arguments: vec![], environment: vec![], n_starts: AtomicU64::new(0) }
    }

    /// Another value than the job file's, at every start.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.arguments.extend(["--set".to_owned(), format!("{key}={value}")]);
        self
    }

    /// A variable of the environment, at every start.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What moves files in where the job looks for them.
    pub fn files(&self) -> Files {
        Files::new(&self.path().join("in"))
    }

    /// Start the program with more arguments, and with more in its environment.
    pub fn start(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Running {
        let mut command = Command::new(program());
        command.args(["run", "job.toml"]).args(&self.arguments).args(arguments).current_dir(self.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).envs(environment.iter().copied());
        Running::spawn(command)
    }

    /// Wait for the end of a program that is killed.
    ///
    /// # Errors
    /// When it ended otherwise, or doesn't end within a minute.
    pub fn killed(&self, running: Running) -> Result<(), Failure> {
        self.killed_or(running, |_| false)
    }

    /// Wait for the end of a program that is killed, or ends by itself with an error that `explains` it.
    ///
    /// # Errors
    /// When it ended otherwise, or doesn't end within a minute.
    pub fn killed_or(&self, mut running: Running, explains: impl Fn(&str) -> bool) -> Result<(), Failure> {
        if !running.ends_within(PATIENCE) {
            running.signal("KILL");
            return Err(self.ended(running.wait(), "was to be killed, and ran on"));
        }
        let ran = running.wait();
        let is_explained = ran.code == Some(1) && ran.errors().iter().any(|error| explains(error));
        if ran.code.is_some() && !is_explained {
            return Err(self.ended(ran, "ended before it was killed"));
        }
        self.keep_log(&ran);
        Ok(())
    }

    /// Wait for the end of a program that is to end with this code.
    ///
    /// # Errors
    /// When it ended otherwise, or writes nothing for a minute.
    pub fn ended_with(&self, code: i32, mut running: Running) -> Result<Ran, Failure> {
        let mut before = None;
        while !running.ends_within(PATIENCE) {
            // Many batches take their time on a busy machine.
            let now = self.n_batches();
            if before.replace(now) == Some(now) {
                running.signal("KILL");
                return Err(self.ended(running.wait(), "did not end"));
            }
        }
        let ran = running.wait();
        if ran.code != Some(code) {
            return Err(self.ended(ran, &format!("was to end with {code}")));
        }
        self.keep_log(&ran);
        Ok(ran)
    }

    /// How many batches the job has written.
    fn n_batches(&self) -> usize {
        std::fs::read_dir(self.path().join("out/all")).map_or(0, Iterator::count)
    }

    /// Returns once the job has written a batch more, or in vain after a while; says whether the program has ended.
    pub fn until_batch(&self, running: &mut Running) -> bool {
        let (since, before) = (Instant::now(), self.n_batches());
        while self.n_batches() <= before && since.elapsed() < PATIENCE {
            if running.ends_within(LOOK) {
                return true;
            }
        }
        false
    }

    /// Returns once the job has written what it was fed.
    ///
    /// # Errors
    /// When the program ends before, or nothing more is written for a minute.
    pub fn until_written(&self, running: &mut Running, fed: &Fed) -> Result<(), Failure> {
        let mut written = Written::new(&self.path().join("out/all"));
        let (mut since, mut before) = (Instant::now(), None);
        loop {
            let n_lines = written.look()?;
            if fed.is_in(&written) {
                return Ok(());
            }
            if before != Some(n_lines) {
                (since, before) = (Instant::now(), Some(n_lines));
            }
            if since.elapsed() > PATIENCE {
                return Err(format!("{n_lines} of {fed} are written, and no more came for a minute"));
            }
            if running.ends_within(LOOK) {
                return Err(format!("the program ended when {n_lines} of {fed} were written"));
            }
        }
    }

    /// Wait until the job has written what it was fed, then stop it by SIGTERM.
    ///
    /// # Errors
    /// When it doesn't get there, or ends in another way.
    pub fn finish(&self, mut running: Running, fed: &Fed) -> Result<(), Failure> {
        if let Err(failure) = self.until_written(&mut running, fed) {
            return Err(self.given_up(running, &failure));
        }
        running.signal("TERM");
        self.ended_with(0, running).map(drop)
    }

    /// End a program that isn't doing what it should, and say what it said.
    pub fn given_up(&self, running: Running, failure: &str) -> Failure {
        running.signal("KILL");
        self.ended(running.wait(), &format!("is given up: {failure}"))
    }

    /// Keep the folder, and say where it is.
    pub fn keep(self, failure: Failure) -> Failure {
        format!("{failure}\nthe folder is kept: {}", self.folder.keep().display())
    }

    fn keep_log(&self, ran: &Ran) {
        let number = self.n_starts.fetch_add(1, Ordering::Relaxed);
        let path: PathBuf = self.path().join(format!("log-{number:03}"));
        // It is for people to look at.
        let _ = std::fs::write(path, format!("{:?}\n{}", ran.code, ran.stderr));
    }

    fn ended(&self, ran: Ran, what: &str) -> Failure {
        self.keep_log(&ran);
        format!("the program {what}; exit code {:?}\n{}", ran.code, last_lines(&ran.stderr, 40))
    }
}

fn last_lines(text: &str, n: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(n)..].join("\n")
}
