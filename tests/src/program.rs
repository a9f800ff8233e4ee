//! The program, as a user runs it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// A program that says nothing for so long hangs. An interpreter of 19 MB takes a good part of a minute to compile in the development profile, beside other tests.
const SILENCE: Duration = Duration::from_secs(180);

/// The program of the profile that the tests are built with.
///
/// # Panics
/// When it isn't built.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // target/PROFILE/deps/all-HASH or target/PROFILE/chaos, beside target/PROFILE/sluicebox.
    let folder = test.parent().expect("tests lie in a target folder");
    let profile = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    let path = profile.expect("tests lie in a target folder").join("sluicebox");
    assert!(path.is_file(), "{} is not built: run all tests by \"make test\"", path.display());
    path
}

/// Whether an error is that of a driver which has found another in its place: in the job's log, in a folder that it writes to, or, after a long time, in neither.
pub fn is_overtaken(error: &str) -> bool {
    [
        "another driver has taken over the job",
        "a later driver has taken over the job",
        "other drivers have taken over the job",
    ]
    .iter()
    .any(|told| error.contains(told))
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Check how it ended.
    ///
    /// # Panics
    /// When it ended otherwise, with all it printed.
    #[track_caller]
    pub fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The rows that print outputs have printed, batch after batch; it must not print empty rows.
    pub fn printed_rows(&self) -> Vec<&str> {
        let is_row = |line: &&str| !line.is_empty() && !line.starts_with("-----") && !line.starts_with("Time: ");
        self.stdout.lines().filter(is_row).collect()
    }

    /// The mistakes and failures told at the end, without what follows their first line.
    pub fn errors(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("error: ")).collect()
    }

    /// The log lines, or other lines of standard error, that contain `text`.
    pub fn logged(&self, text: &str) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.contains(text)).collect()
    }
}

/// Run the program in `folder` to its end, a minute at most.
///
/// # Panics
/// When it can't be run, or doesn't end.
pub fn run<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Ran {
    Running::start(folder, arguments).wait()
}

/// A program that runs; it is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Standard output and standard error, until they are waited for.
    readers: Option<[std::thread::JoinHandle<String>; 2]>,
    lines: std::sync::mpsc::Receiver<String>,
    /// Standard output, where nobody reads it.
    _unread: Option<std::process::ChildStdout>,
}

impl Running {
    /// Start the program in `folder`.
    ///
    /// # Panics
    /// When it can't be run.
    pub fn start<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(folder);
        Self::spawn(command)
    }

    /// Start the program in `folder`, and leave what it prints in its pipe, which holds little.
    ///
    /// # Panics
    /// When it can't be run.
    pub fn start_unread<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(folder);
        Self::spawn_reading(command, false)
    }

    /// Start another command that runs the program.
    ///
    /// # Panics
    /// When it can't be run.
    pub fn spawn(command: Command) -> Self {
        Self::spawn_reading(command, true)
    }

    fn spawn_reading(mut command: Command, reads_output: bool) -> Self {
        let cache = crate::plugins::repository().join(".cache/tests");
        if !command.get_envs().any(|(name, _)| name == "SLUICEBOX_RUN_DIR") {
            // Where nobody looks: jobs of the same name run at the same time.
            command.env("SLUICEBOX_RUN_DIR", cache.join("run"));
        }
        let mut child = command
            .env("XDG_CACHE_HOME", cache)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} can't be run: {error}"));
        let (send, lines) = std::sync::mpsc::channel();
        let out = child.stdout.take().expect("piped");
        let err = child.stderr.take().expect("piped");
        let (read, unread) = if reads_output { (Some(out), None) } else { (None, Some(out)) };
        let read: Box<dyn Read + Send> = read.map_or_else(|| Box::new(std::io::empty()) as _, |out| Box::new(out) as _);
        let readers = Some([read_lines(read, send.clone()), read_lines(err, send)]);
        Self { child, readers, lines, _unread: unread }
    }

    /// The most memory it has had until now, in bytes.
    ///
    /// # Panics
    /// When it has ended.
    pub fn peak_memory(&self) -> u64 {
        self.of_memory("VmHWM:")
    }

    /// The memory it has, in bytes.
    ///
    /// # Panics
    /// When it has ended.
    pub fn memory(&self) -> u64 {
        self.of_memory("VmRSS:")
    }

    fn of_memory(&self, which: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let of = status.lines().find_map(|line| line.strip_prefix(which)).expect("it has memory");
        of.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of kB") * 1024
    }

    /// The next line of output or log.
    ///
    /// # Errors
    /// When none comes in this time, or none comes any more.
    pub fn next_line(&self, time: Duration) -> Result<String, RecvTimeoutError> {
        self.lines.recv_timeout(time)
    }

    /// Wait, a minute at most, for a line of output or log that contains `text`, and return it.
    ///
    /// # Panics
    /// When none comes.
    pub fn line_with(&self, text: &str) -> String {
        let mut seen = String::new();
        let since = Instant::now();
        loop {
            // A program that logs all the time isn't waited for longer than one that says nothing.
            let left = Duration::from_secs(60).saturating_sub(since.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen = seen + &line + "\n",
                Err(_) => panic!("no line with \"{text}\" came, only:\n{seen}"),
            }
        }
    }

    /// Whether it ends within this time. What it prints meanwhile isn't found by [`Running::line_with`] any more.
    pub fn ends_within(&mut self, time: Duration) -> bool {
        let since = Instant::now();
        loop {
            // Both pipes close when the program ends, and then the channel does.
            match self.lines.recv_timeout(time.saturating_sub(since.elapsed())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    /// Whether it holds a lock on a file.
    fn holds_lock(&self) -> bool {
        let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
        // The number of the lock, its kind, what it does and forbids, and whose it is.
        let of = |line: &str| line.split_whitespace().nth(4).and_then(|pid| pid.parse().ok());
        locks.lines().filter(|line| !line.contains("->")).any(|line| of(line) == Some(self.child.id()))
    }

    /// Suspend it, by SIGSTOP, and return once all its threads stand still: until then they go on.
    ///
    /// # Panics
    /// When it isn't suspended within a minute, or has ended.
    pub fn suspend(&self) {
        self.signal("STOP");
        let since = Instant::now();
        while !self.stands_still() {
            assert!(since.elapsed() < Duration::from_secs(60), "it was not suspended within a minute");
            std::thread::yield_now();
        }
    }

    fn stands_still(&self) -> bool {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("it runs");
        // A thread that has ended meanwhile has no file any more.
        let stats = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("stat")).ok());
        // The state stands after the name, which may hold spaces: `T` is stopped, `Z` a thread that has ended.
        let mut states = stats.map(|stat| stat.rsplit(") ").next().and_then(|rest| rest.chars().next()));
        states.all(|state| matches!(state, Some('T' | 'Z')))
    }

    /// Suspend it where it isn't in the middle of changing what readers of its outputs see, for which it holds a lock: from there it can only be ended, which is told. While it is, it
    /// goes on by `go_on`.
    ///
    /// # Panics
    /// When it isn't suspended within a minute, or has ended.
    pub fn suspend_between_changes<T>(&mut self, mut go_on: impl FnMut(&mut Self) -> T) {
        self.suspend();
        while self.holds_lock() {
            self.signal("CONT");
            go_on(self);
            self.suspend();
        }
    }

    /// Send a signal by name, such as `INT`.
    ///
    /// # Panics
    /// When it can't be sent.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal could not be sent");
    }

    /// Wait for its end, a minute at most.
    ///
    /// # Panics
    /// When it doesn't end.
    pub fn wait(mut self) -> Ran {
        let status = self.wait_status();
        let readers = self.readers.take().expect("waited for once");
        let [stdout, stderr] = readers.map(|reader| reader.join().expect("readers don't panic"));
        Ran { code: status.code(), stdout, stderr }
    }

    fn wait_status(&mut self) -> ExitStatus {
        // Both pipes close when the program ends, and then the channel does.
        loop {
            match self.lines.recv_timeout(SILENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("the program was silent for {SILENCE:?} and did not end");
                }
            }
        }
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails where it has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(
    pipe: impl Read + Send + 'static,
    send: std::sync::mpsc::Sender<String>,
) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut all = String::new();
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            all = all + &line + "\n";
            // The test may have stopped listening.
            let _ = send.send(line);
        }
        all
    })
}

/// What another program printed; the tests' own tools.
///
/// # Panics
/// When it can't be run or fails.
pub fn output_of(command: &mut Command) -> Output {
    let output = command.output().expect("the command can be run");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
