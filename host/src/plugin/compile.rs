//! Compiling components: bytes that a user gave become machine code.
//!
//! What a compiler needs grows with what it is given, and faster, so a component can be made that takes all memory there is, or days. The program therefore compiles in a process of its own: itself, under
//! a verb that isn't shown, with limits on memory and time, without the environment, and with nothing open but the two ends of its pipes. The component goes in, and
//! the code comes back; a process that goes over a limit is gone, and the component with it. Code is taken from nobody else: it is
//! run as it is. A library's user whose program has no such verb compiles in its own process, without these limits.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use parking_lot::{Condvar, Mutex};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::component::compile;
use super::engine::{EngineKind, compiler_engine, on_demand};
use super::error::{PluginErrorKind, cut, shown};
use super::limits::MAX_COMPONENT;
use crate::job::machine;

/// The verb of the program under which it compiles. It is of no use to anyone else.
pub const VERB: &str = "compile-component";
/// The exit code of a process that found the component invalid, and says how on its standard error.
const INVALID: u8 = 3;
/// The most code taken, in bytes.
const MAX_CODE: u64 = 1 << 30;
/// How much is read of what the process says, in bytes.
const MAX_SAID: u64 = 16 << 10;
/// The most threads that compile.
const MAX_THREADS: usize = 8;

/// Where components are compiled.
#[derive(Debug, Clone, Default)]
pub enum Compiler {
    /// In this process, without limits.
    #[default]
    InProcess,
    /// In a process of its own.
    Process {
        /// The program `sluicebox`, of this very version.
        program: PathBuf,
        /// What it may use.
        limits: CompileLimits,
    },
}

/// What compiling one component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Memory, in bytes.
    pub memory: u64,
    /// Processor time of all threads together, in whole seconds.
    pub processor_time: Duration,
    /// Time by the clock.
    pub time: Duration,
}

impl Default for CompileLimits {
    /// 4 GiB, two minutes of processor time, four by the clock. The largest that was tried, a Python interpreter of 18 MiB, takes seconds.
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self { memory: 4 << 30, processor_time: minutes(2), time: minutes(4) }
    }
}

impl Compiler {
    /// This program itself, for one whose main function is [`crate::cli::main`], with at most half of the machine's memory. It is the file that runs, also when another has taken
    /// its place on disk.
    pub fn this_program() -> Self {
        let limits = CompileLimits::default();
        let memory = limits.memory.min((machine::memory() / 2).max(1 << 30));
        Self::Process { program: PathBuf::from("/proc/self/exe"), limits: CompileLimits { memory, ..limits } }
    }

    /// Compile `bytes` for `engine`, whose instances may come from a pool, and whose guests may count what they do.
    ///
    /// # Errors
    /// What makes them invalid, or that it can't be had within the limits.
    pub(super) fn compile(
        &self,
        engine: &Engine,
        pooled: bool,
        is_metered: bool,
        bytes: &[u8],
    ) -> Result<Component, PluginErrorKind> {
        let Self::Process { program, limits } = self else { return compile(engine, bytes) };
        let code = Process { program, limits, pooled, is_metered }.run(bytes)?;
        // SAFETY: it is what a process of this very program made of the component, as wasmtime gave it, and came through a pipe that nobody
        // else had an end of.
        unsafe { Component::deserialize(engine, &code) }.map_err(|error| {
            PluginErrorKind::Sandbox(format!("its compiled code doesn't suit this program: {error:#}"))
        })
    }
}

/// A process that compiles one component.
struct Process<'a> {
    program: &'a PathBuf,
    limits: &'a CompileLimits,
    pooled: bool,
    is_metered: bool,
}

impl Process<'_> {
    fn run(&self, bytes: &[u8]) -> Result<Vec<u8>, PluginErrorKind> {
        let failed = |what: &str, error: io::Error| PluginErrorKind::Sandbox(format!("{what}: {error}"));
        let mut child =
            self.command().spawn().map_err(|error| failed("a process that compiles it can't be started", error))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut input), Some(output), Some(errors)) = pipes else {
            let _ = child.kill();
            return Err(PluginErrorKind::Sandbox("a process that compiles it has no pipes".to_owned()));
        };
        let watchdog = Watchdog::default();
        let (code, said) = std::thread::scope(|scope| {
            // It may end before it has read everything; what it says then is what counts.
            scope.spawn(move || drop(input.write_all(bytes)));
            let said = scope.spawn(move || read_up_to(errors, MAX_SAID));
            scope.spawn(|| watchdog.watch(child.id(), self.limits.time));
            let code = read_up_to(output, MAX_CODE);
            // Whoever closes its output before the end has nothing more to do, and the time goes on until it has ended.
            let said = said.join().unwrap_or_default();
            wait_without_reaping(&child);
            watchdog.over();
            (code, said)
        });
        let status = child.wait().map_err(|error| failed("waiting for the process that compiles it", error))?;
        self.outcome(status, code, &said, watchdog.has_bitten())
    }

    fn command(&self) -> Command {
        let CompileLimits { memory, processor_time, .. } = self.limits;
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        let mut command = Command::new(self.program);
        command.arg(VERB).args(["--memory", &memory.to_string()]);
        command.args(["--processor-time", &processor_time.as_secs().max(1).to_string()]);
        command.args(self.pooled.then_some(OsString::from("--pooled")));
        command.args(self.is_metered.then_some(OsString::from("--metered")));
        // The allocator takes memory as it needs it, so that what it holds in reserve isn't counted.
        command.env_clear().env("MIMALLOC_ARENA_EAGER_COMMIT", "0").env("RAYON_NUM_THREADS", threads.to_string());
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn outcome(
        &self,
        status: ExitStatus,
        code: Vec<u8>,
        said: &[u8],
        bitten: bool,
    ) -> Result<Vec<u8>, PluginErrorKind> {
        let limits = self.limits;
        let said = String::from_utf8_lossy(said);
        let said = said.trim();
        let took = |time: Duration, of: &str| {
            let time = humantime::format_duration(time);
            Err(PluginErrorKind::NotCompiled(format!("compiling it takes more than {time}{of}, and that is the most")))
        };
        match (status.code(), status.signal()) {
            (Some(0), _) => Ok(code),
            (Some(exit), _) if exit == i32::from(INVALID) => {
                Err(PluginErrorKind::NotAComponent(cut(said, 2_048).to_owned()))
            }
            _ if bitten => took(limits.time, ""),
            (_, Some(libc::SIGXCPU)) => took(limits.processor_time, " of processor time"),
            (_, Some(libc::SIGABRT | libc::SIGSEGV | libc::SIGBUS | libc::SIGKILL)) => {
                let memory = ByteSize::b(limits.memory);
                Err(PluginErrorKind::NotCompiled(format!(
                    "compiling it takes more than {memory} of memory, and that is the most"
                )))
            }
            _ => {
                let last = said.lines().next_back().unwrap_or_default();
                Err(PluginErrorKind::NotCompiled(format!(
                    "the process that compiled it ended with {status}: {}",
                    shown(last, 512)
                )))
            }
        }
    }
}

/// Ends a process that takes too long.
#[derive(Default)]
struct Watchdog {
    state: Arc<Mutex<Watched>>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Watched {
    #[default]
    Running,
    Over,
    Bitten,
}

impl Watchdog {
    fn watch(&self, process: u32, time: Duration) {
        let mut state = self.state.lock();
        let is_running = |state: &mut Watched| *state == Watched::Running;
        if self.changed.wait_while_for(&mut state, is_running, time).timed_out() && *state == Watched::Running {
            *state = Watched::Bitten;
            // SAFETY: it takes two numbers. The process was not waited for yet, so its number is nobody else's.
            unsafe { libc::kill(libc::pid_t::try_from(process).unwrap_or(libc::pid_t::MAX), libc::SIGKILL) };
        }
    }

    fn over(&self) {
        let mut state = self.state.lock();
        if *state == Watched::Running {
            *state = Watched::Over;
        }
        self.changed.notify_all();
    }

    fn has_bitten(&self) -> bool {
        *self.state.lock() == Watched::Bitten
    }
}

/// Returns when the process has ended; its number stays its own until it is waited for.
fn wait_without_reaping(child: &Child) {
    let number: libc::id_t = child.id();
    // SAFETY: all zeros are a value of it.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: it writes to the one value it is given.
    while unsafe { libc::waitid(libc::P_PID, number, &mut info, libc::WEXITED | libc::WNOWAIT) } != 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}

/// What comes, cut off after `most` bytes: the rest is read, and let go.
fn read_up_to(mut from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = vec![];
    // What was read before an error is all there is; how the process ended says the rest.
    let _ = from.by_ref().take(most).read_to_end(&mut bytes);
    let _ = io::copy(&mut from, &mut io::sink());
    bytes
}

/// Be the process that compiles: limit it, read a component from standard input, and write its code to standard output. The exit code.
pub fn be_the_compiler(memory: u64, processor_time: Duration, pooled: bool, is_metered: bool) -> u8 {
    let answer = confine(memory, processor_time)
        .map_err(|error| (1, format!("the process can't be limited: {error}")))
        .and_then(|()| code_of_input(pooled, is_metered))
        .and_then(|code| {
            io::stdout().write_all(&code).map_err(|error| (1, format!("the code can't be handed back: {error}")))
        });
    match answer {
        Ok(()) => 0,
        Err((exit, why)) => {
            let _ = io::stderr().write_all(why.as_bytes());
            exit
        }
    }
}

fn code_of_input(pooled: bool, is_metered: bool) -> Result<Vec<u8>, (u8, String)> {
    let mut bytes = vec![];
    let failed = |what: String| (1, what);
    io::stdin().take(MAX_COMPONENT).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    // The stack is up to whoever runs it.
    let kind = EngineKind { is_metered, ..EngineKind::PLAIN };
    let engine = if pooled { compiler_engine(kind) } else { on_demand(kind) };
    let engine = engine.map_err(|error| failed(format!("{error:#}")))?;
    let component = compile(&engine, &bytes).map_err(|kind| (INVALID, kind.to_string()))?;
    component.serialize().map_err(|error| failed(format!("{error:#}")))
}

/// Give up what the process doesn't need, and limit what it may take.
fn confine(memory: u64, processor_time: Duration) -> io::Result<()> {
    // Where the machine has less than the limit, this process goes first. Not all systems let it say so.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let seconds = processor_time.as_secs();
    let limits = [
        (libc::RLIMIT_DATA, memory),
        // Code and what is mapped of files besides, and addresses that are only reserved.
        (libc::RLIMIT_AS, memory.saturating_add(8 << 30)),
        (libc::RLIMIT_CPU, seconds),
        (libc::RLIMIT_CORE, 0),
        (libc::RLIMIT_FSIZE, 0),
    ];
    for (resource, most) in limits {
        let limit =
            libc::rlimit { rlim_cur: most, rlim_max: most.saturating_add(u64::from(resource == libc::RLIMIT_CPU)) };
        // SAFETY: it reads the one value it is given.
        if unsafe { libc::setrlimit(resource, &limit) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    // SAFETY: these take numbers. No file that a library left open is needed; the process ends with the one that started it, and gains no rights.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_DUMPABLE, 0);
    }
    Ok(())
}
