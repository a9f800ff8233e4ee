//! A folder with a job file and what it names.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::program::{Ran, Running, program};

/// A folder of its own for a test, with `job.toml` in it.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// A folder with a job file of this text, after a `[job]` table with batches of a tenth of a second.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn new(streams_and_outputs: &str) -> Self {
        Self::with_job(&format!("[job]\nname = \"test\"\nbatch-interval = \"100ms\"\n{streams_and_outputs}"))
    }

    /// A folder with exactly this job file.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn with_job(text: &str) -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder"));
        folder.write("job.toml", text);
        folder
    }

    /// Where it is, or a file in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// Write a file, whose folder is made if need be. It is an hour old, so that it counts as whole.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        std::fs::write(&path, content).expect("the file can be written");
        let file = std::fs::File::options().append(true).open(&path).expect("the file is there");
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).expect("its time can be set");
    }

    /// Write a file under a name that sources leave alone, then move it to `name` in one step.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn move_in(&self, name: &str, content: impl AsRef<[u8]>) {
        let hidden = self.path(name).with_file_name(".being-written");
        std::fs::write(&hidden, content).expect("the file can be written");
        std::fs::rename(hidden, self.path(name)).expect("the file can be renamed");
    }

    /// What a file holds.
    ///
    /// # Panics
    /// When it can't be read as text.
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// Run the program on the job, with more arguments, to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).wait()
    }

    /// Start the program on the job, with more arguments.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.0.path(), ["run", "job.toml"].iter().chain(arguments))
    }

    /// As [`Folder::start`], with nobody reading what the program prints.
    pub fn start_unread(&self, arguments: &[&str]) -> Running {
        Running::start_unread(self.0.path(), ["run", "job.toml"].iter().chain(arguments))
    }

    /// Run the program on the job as [`Folder::run`] does, with more variables in its environment.
    pub fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut command = std::process::Command::new(program());
        command.args(["run", "job.toml"]).args(arguments).current_dir(self.0.path());
        command.envs(variables.iter().copied());
        Running::spawn(command).wait()
    }

    /// Check the job.
    pub fn check(&self) -> Ran {
        Running::start(self.0.path(), ["check", "job.toml"]).wait()
    }
}
