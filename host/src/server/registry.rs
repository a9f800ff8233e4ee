//! The jobs that run on this machine, for this user: a private folder with a file for each, written once its control server listens and removed at its end.
//!
//! A file's name has the process's number and when it started, so no two processes ever share one. A process that was killed leaves its file behind;
//! whoever reads the folder notices that the process is gone, and removes it. A file holds the token of its server, so nobody else may read it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Names another folder than the user's own.
pub const FOLDER_VARIABLE: &str = "SLUICEBOX_RUN_DIR";

/// A folder with more files isn't one of ours.
const MOST_FILES: usize = 10_000;
/// A larger file isn't one of ours.
const MOST_BYTES: u64 = 64 << 10;

/// A running job, as its file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The job's name.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// When the process started, as the system counts.
    pub process_start: u64,
    /// Which processes the process's number is counted among: another container has others.
    pub process_namespace: String,
    /// Where its control server can be reached: IP address and port.
    pub address: String,
    /// What clients must know.
    pub token: String,
    /// When the job was started, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_ms: i64,
    /// The job file, as an absolute path.
    pub job_file: Option<String>,
    /// The program's version.
    pub version: String,
}

/// The folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry(PathBuf);

/// A job's file; dropping it removes the file.
#[derive(Debug)]
pub struct Registered(PathBuf);

impl Drop for Registered {
    fn drop(&mut self) {
        // Somebody may have removed it.
        let _ = fs::remove_file(&self.0);
    }
}

impl Registry {
    /// The folder that `SLUICEBOX_RUN_DIR` names, or `sluicebox` in the user's run-time folder, or one of the user's in the folder for temporary files.
    pub fn of_user() -> Self {
        Self(folder_of(|name| std::env::var_os(name).map(PathBuf::from), user()))
    }

    /// A folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Put a job in.
    ///
    /// # Errors
    /// When the folder isn't private to this user, or can't be written to.
    pub fn add(&self, entry: &Entry) -> io::Result<Registered> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        self.check()?;
        let name = format!("{}.{}.{}.json", entry.name, entry.pid, entry.process_start);
        let path = self.0.join(&name);
        // Readers pass over names with a dot in front.
        let half = self.0.join(format!(".{name}"));
        // Left by a run that was cut short, if it is there at all.
        let _ = fs::remove_file(&half);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
        file.write_all(&serde_json::to_vec_pretty(entry)?)?;
        fs::rename(&half, &path)?;
        Ok(Registered(path))
    }

    /// The jobs that run, by name, then process. Files of those that don't any more are removed.
    ///
    /// # Errors
    /// When the folder is there and isn't private to this user, or can't be read.
    pub fn running(&self) -> io::Result<Vec<Entry>> {
        match fs::symlink_metadata(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(error),
            Ok(_) => self.check()?,
        }
        let mut entries = vec![];
        for file in fs::read_dir(&self.0)?.take(MOST_FILES) {
            let path = file?.path();
            let is_ours = path.file_name().and_then(|name| name.to_str());
            if !is_ours.is_some_and(|name| name.ends_with(".json") && !name.starts_with('.')) {
                continue;
            }
            match read(&path) {
                Ok(entry) if entry.is_gone() => {
                    tracing::info!(target: "sluicebox::control", job = entry.name, pid = entry.pid, "the job's process has ended without a word: its entry is removed");
                    let _ = fs::remove_file(&path);
                }
                Ok(entry) => entries.push(entry),
                // It has ended in between.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    tracing::warn!(target: "sluicebox::control", file = %path.display(), %error, "it says of no job where it runs");
                }
            }
        }
        entries.sort_by(|a, b| (&a.name, a.pid).cmp(&(&b.name, b.pid)));
        Ok(entries)
    }

    /// Another user who could write to the folder could have this one's tokens sent to a server of theirs.
    fn check(&self) -> io::Result<()> {
        let metadata = fs::symlink_metadata(&self.0)?;
        let wrong = |what: String| {
            let message = format!(
                "{} {what}; it holds the tokens of running jobs: let {FOLDER_VARIABLE} name a folder of your own, with mode 0700",
                self.0.display()
            );
            Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
        };
        if !metadata.is_dir() {
            return wrong("is not a directory".to_owned());
        }
        if metadata.uid() != user() {
            return wrong(format!("belongs to user {}", metadata.uid()));
        }
        if metadata.mode() & 0o077 != 0 {
            return wrong(format!("can be opened by other users (its mode is {:04o})", metadata.mode() & 0o7777));
        }
        Ok(())
    }
}

impl Entry {
    /// The place of this process in the machine: number, start, and which processes are counted.
    ///
    /// # Errors
    /// When the system doesn't say.
    pub fn this_process() -> io::Result<(u32, u64, String)> {
        let pid = std::process::id();
        let start = start_of(pid)?.ok_or_else(|| io::Error::other("the system doesn't know this process"))?;
        Ok((pid, start, namespace()))
    }

    /// Whether its process is there no more. Of a process that this one can't see, it isn't known.
    fn is_gone(&self) -> bool {
        self.process_namespace == namespace() && start_of(self.pid).is_ok_and(|start| start != Some(self.process_start))
    }
}

/// When a process started, in the system's ticks; none when there is no such process.
fn start_of(pid: u32) -> io::Result<Option<u64>> {
    let stat = match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound) => return Ok(None),
        // It ended while it was looked at.
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => return Ok(None),
        Err(error) => return Err(error),
    };
    // The second field, the program's name, stands in parentheses and may hold anything. The third is the state, the 22nd the start.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace().collect::<Vec<_>>());
    let fields = fields.filter(|fields| fields.len() > 19).ok_or_else(|| io::Error::other("odd /proc/PID/stat"))?;
    // One that has ended and that nobody has waited for yet.
    if matches!(fields[0], "Z" | "X") {
        return Ok(None);
    }
    fields[19].parse().map(Some).map_err(io::Error::other)
}

fn namespace() -> String {
    fs::read_link("/proc/self/ns/pid").map_or_else(|_| String::new(), |link| link.display().to_string())
}

fn user() -> u32 {
    // SAFETY: it takes nothing and can't fail.
    unsafe { libc::geteuid() }
}

fn read(path: &Path) -> io::Result<Entry> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.uid() != user() {
        return Err(io::Error::other("it is no file of this user's"));
    }
    let mut bytes = vec![];
    io::Read::read_to_end(&mut io::Read::take(file, MOST_BYTES), &mut bytes)?;
    serde_json::from_slice(&bytes).map_err(io::Error::other)
}

fn folder_of(variable: impl Fn(&str) -> Option<PathBuf>, user: u32) -> PathBuf {
    if let Some(named) = variable(FOLDER_VARIABLE).filter(|path| !path.as_os_str().is_empty()) {
        return named;
    }
    match variable("XDG_RUNTIME_DIR").filter(|path| path.is_absolute()) {
        Some(folder) => folder.join("sluicebox"),
        None => std::env::temp_dir().join(format!("sluicebox-{user}")),
    }
}

/// The job of this name that runs; `pid` decides where several do.
///
/// # Errors
/// When none does, or several do, or the registry can't be read.
pub fn find(registry: &Registry, name: &str, pid: Option<u32>) -> Result<Entry> {
    let running =
        registry.running().map_err(|error| Error::failed(format!("running jobs can't be listed: {error}")))?;
    let named: Vec<&Entry> = running.iter().filter(|entry| entry.name == name).collect();
    let wanted: Vec<&Entry> = named.iter().copied().filter(|entry| pid.is_none_or(|pid| entry.pid == pid)).collect();
    match (wanted.as_slice(), named.as_slice(), pid) {
        ([entry], ..) => Ok((*entry).clone()),
        ([], [], _) => Err(no_such_job(registry, name, &running)),
        ([], _, Some(pid)) => Err(Error::invalid_with_help(
            format!("no job \"{name}\" runs in process {pid}"),
            format!("it runs in {}", processes(&named)),
        )),
        _ => Err(Error::invalid_with_help(
            format!("{} jobs \"{name}\" run, in {}", named.len(), processes(&named)),
            "say which by --pid",
        )),
    }
}

fn processes(entries: &[&Entry]) -> String {
    let pids: Vec<String> = entries.iter().map(|entry| entry.pid.to_string()).collect();
    let plural = if pids.len() == 1 { "process" } else { "processes" };
    format!("{plural} {}", pids.join(", "))
}

fn no_such_job(registry: &Registry, name: &str, running: &[Entry]) -> Error {
    let mut names: Vec<&str> = running.iter().map(|entry| entry.name.as_str()).collect();
    names.dedup();
    let help = match names.as_slice() {
        [] => format!(
            "no job of this user runs on this machine, by {}; one elsewhere is named by its address, http://HOST:PORT",
            registry.folder().display()
        ),
        names => format!("these run: {}", names.join(", ")),
    };
    Error::invalid_with_help(format!("no job \"{name}\" runs"), help)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entry(name: &str) -> Entry {
        let (pid, process_start, process_namespace) = Entry::this_process().unwrap();
        Entry {
            name: name.to_owned(),
            pid,
            process_start,
            process_namespace,
            address: "127.0.0.1:1".to_owned(),
            token: "0123456789abcdef".to_owned(),
            started_ms: 1,
            job_file: None,
            version: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn jobs_are_listed_while_they_run() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::at(folder.path().join("a/b"));
        assert_eq!(registry.running().unwrap(), [], "there is no folder yet");
        let (one, two) = (registry.add(&entry("one")).unwrap(), registry.add(&entry("two")).unwrap());
        assert_eq!(registry.running().unwrap(), [entry("one"), entry("two")]);
        assert_eq!(fs::metadata(&one.0).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(registry.folder()).unwrap().mode() & 0o777, 0o700);
        assert_eq!(find(&registry, "two", None).unwrap(), entry("two"));
        drop(two);
        let missing = find(&registry, "two", None).unwrap_err().to_string();
        assert_eq!(missing, "no job \"two\" runs\n  help: these run: one");
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::at(folder.path().join("run"));
        // A process of this number runs, and isn't the one that was meant; then one that can't be there; then one that isn't among those that are seen here.
        let earlier = Entry { process_start: 1, ..entry("earlier") };
        let gone = Entry { pid: u32::MAX, ..entry("gone") };
        let elsewhere = Entry { process_namespace: "pid:[1]".to_owned(), ..gone.clone() };
        let kept: Vec<Registered> =
            [&earlier, &gone, &elsewhere].into_iter().map(|entry| registry.add(entry).unwrap()).collect();
        fs::write(registry.folder().join("odd.json"), "{").unwrap();
        registry.add(&gone).map(std::mem::forget).unwrap();
        assert_eq!(registry.running().unwrap(), [], "the last of the same file counts");
        registry.add(&elsewhere).map(std::mem::forget).unwrap();
        assert_eq!(registry.running().unwrap(), [elsewhere]);
        assert!(!kept[0].0.exists());
    }

    #[test]
    fn two_of_a_name_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::at(folder.path().join("run"));
        let one = entry("same");
        let two = Entry { pid: one.pid + 1, process_namespace: "pid:[1]".to_owned(), ..one.clone() };
        let _kept = [registry.add(&one).unwrap(), registry.add(&two).unwrap()];
        let several = find(&registry, "same", None).unwrap_err().to_string();
        let expected =
            format!("2 jobs \"same\" run, in processes {}, {}\n  help: say which by --pid", one.pid, two.pid);
        assert_eq!(several, expected);
        assert_eq!(find(&registry, "same", Some(two.pid)).unwrap(), two);
        assert!(
            find(&registry, "same", Some(1)).unwrap_err().to_string().contains("no job \"same\" runs in process 1")
        );
    }

    #[test]
    fn a_folder_that_others_may_open_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
        let registry = Registry::at(folder.path());
        for error in [registry.add(&entry("one")).unwrap_err(), registry.running().unwrap_err()] {
            assert!(error.to_string().contains("can be opened by other users (its mode is 0750)"), "{error}");
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(Registry::at(link).running().unwrap_err().to_string().contains("is not a directory"));
    }

    #[test]
    fn the_folder_is_the_users_own() {
        let find = |variables: &[(&str, &str)]| {
            let variable =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| PathBuf::from(v));
            folder_of(variable, 7)
        };
        let run = ("XDG_RUNTIME_DIR", "/run/user/7");
        assert_eq!(find(&[run]), PathBuf::from("/run/user/7/sluicebox"));
        assert_eq!(find(&[run, (FOLDER_VARIABLE, "here")]), PathBuf::from("here"));
        assert_eq!(find(&[("XDG_RUNTIME_DIR", "x")]), std::env::temp_dir().join("sluicebox-7"));
    }
}
