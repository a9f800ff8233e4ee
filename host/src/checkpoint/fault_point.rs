//! Named places of the program at which a test has it killed: what is half done there is what recovery must put right.
//!
//! `SLUICEBOX_FAULT_POINT=NAME:N` kills the process, as `kill -9` does, when it comes to the place NAME for the Nth time. `SLUICEBOX_LONG_LOG=N` has the batch log put together when
//! it is longer than N entries, so that a test comes there soon. All of it is left out of a release build, unless that is made with the feature `faults`.

use std::fmt;

/// Makes the enum, and the list of its names.
macro_rules! fault_points {
    ($($(#[doc = $doc:literal])+ $point:ident = $name:literal,)+) => {
        /// A place at which the program can be killed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FaultPoint {
            $($(#[doc = $doc])+ $point,)+
        }

        impl FaultPoint {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$point),+];

            /// What it is called in `SLUICEBOX_FAULT_POINT`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)+
                }
            }
        }
    };
}

fault_points! {
    /// Before an entry of the batch log that has a term is put.
    TermBefore = "term-before",
    /// After it is put, before the driver goes on.
    TermAfter = "term-after",
    /// Before an entry that has a plan is put.
    PlanBefore = "plan-before",
    /// After it is put.
    PlanAfter = "plan-after",
    /// Before an entry that has a result is put.
    ResultBefore = "result-before",
    /// After it is put, before outputs are committed.
    ResultAfter = "result-after",
    /// Before an entry that says that a batch is done is put.
    DoneBefore = "done-before",
    /// After it is put.
    DoneAfter = "done-after",
    /// Before an entry that tells everything is put.
    BaseBefore = "base-before",
    /// After it is put, before older entries are removed.
    BaseAfter = "base-after",
    /// Before an entry that has another component for a plugin is put.
    SwapBefore = "swap-before",
    /// After it is put, before a batch is planned with the component.
    SwapAfter = "swap-after",
    /// Before an entry that has another job file is put.
    ApplyBefore = "apply-before",
    /// After it is put, before the job is of that file.
    ApplyAfter = "apply-after",
    /// Before one of the older entries is removed.
    TrimBefore = "trim-before",
    /// Before what a batch made that later batches read is written.
    KeepBefore = "keep-before",
    /// After it is written, before the result names it.
    KeepAfter = "keep-after",
    /// Before a file of state, or a dataset, that nobody needs is removed.
    SweepBefore = "sweep-before",
    /// Before a component is kept.
    ComponentBefore = "component-before",
    /// After the term is appended, before anything is recovered.
    RecoverBefore = "recover-before",
    /// After state and datasets are recovered, before sources are.
    RecoverMiddle = "recover-middle",
    /// After everything is recovered, before the first batch.
    RecoverAfter = "recover-after",
    /// Before received blocks are written to their log.
    ReceivedBefore = "received-before",
    /// After they are synced, before anybody knows that they are safe.
    ReceivedAfter = "received-after",
    /// Before a segment of received blocks that nobody needs is removed.
    ReceivedRemove = "received-remove",
    /// After the log of an earlier run is closed, before what it has is found.
    ReceivedClosed = "received-closed",
    /// Before an output stages a partition of a batch.
    StageBefore = "stage-before",
    /// After it has.
    StageAfter = "stage-after",
    /// Before an output commits what a batch staged.
    CommitBefore = "commit-before",
    /// After it has, before the batch is done.
    CommitAfter = "commit-after",
    /// On local files: an object is written under another name, and not synced.
    FileWritten = "file-written",
    /// On local files: an object is synced, and hasn't got its name.
    FileSynced = "file-synced",
    /// On local files: an object has its name, and its folder isn't synced.
    FileNamed = "file-named",
}

impl fmt::Display for FaultPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The environment variable that names the place.
pub const VARIABLE: &str = "SLUICEBOX_FAULT_POINT";

/// The environment variable that says when the batch log is long.
pub const LONG_LOG_VARIABLE: &str = "SLUICEBOX_LONG_LOG";

/// From how many entries on the batch log is long, where that isn't to be `otherwise`.
#[cfg(any(debug_assertions, feature = "faults"))]
pub fn long_log(otherwise: u64) -> u64 {
    match armed::long_log() {
        Ok(Some(entries)) => *entries,
        _ => otherwise,
    }
}

/// From how many entries on the batch log is long: nothing else can be asked for in this build.
#[cfg(not(any(debug_assertions, feature = "faults")))]
#[inline(always)]
pub fn long_log(otherwise: u64) -> u64 {
    otherwise
}

/// The process is at this place. It doesn't return if it is the one to be killed at.
#[cfg(any(debug_assertions, feature = "faults"))]
#[inline]
pub fn fault_point(point: FaultPoint) {
    armed::pass(point);
}

/// The process is at this place: nothing to do in this build.
#[cfg(not(any(debug_assertions, feature = "faults")))]
#[inline(always)]
pub fn fault_point(_: FaultPoint) {}

/// See that what the environment asks for can be done. Called when the program starts, so that no test takes a program that wasn't killed for one that recovered.
///
/// # Errors
/// What is wrong with the variable.
pub fn check() -> Result<(), String> {
    #[cfg(any(debug_assertions, feature = "faults"))]
    return armed::get()
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|_| super::faults::Faults::from_environment().map(drop))
        .and_then(|()| armed::long_log().as_ref().map(drop).map_err(Clone::clone));
    #[cfg(not(any(debug_assertions, feature = "faults")))]
    match [VARIABLE, LONG_LOG_VARIABLE, "SLUICEBOX_STORE_FAULTS"]
        .into_iter()
        .find(|name| std::env::var_os(name).is_some())
    {
        Some(name) => Err(format!("{name} is set, and this program is built without the feature \"faults\"")),
        None => Ok(()),
    }
}

#[cfg(any(debug_assertions, feature = "faults"))]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{FaultPoint, LONG_LOG_VARIABLE, VARIABLE};
    use crate::job::nearest::did_you_mean;

    /// Where the process is to be killed.
    #[derive(Debug)]
    pub(super) struct Armed {
        pub(super) point: FaultPoint,
        /// Passages that are left, the last of which doesn't return.
        pub(super) left: AtomicU64,
    }

    static ARMED: OnceLock<Result<Option<Armed>, String>> = OnceLock::new();

    pub(super) fn get() -> &'static Result<Option<Armed>, String> {
        ARMED.get_or_init(|| match std::env::var(VARIABLE) {
            Ok(text) => parse(&text).map(Some),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(format!("{VARIABLE}: {error}")),
        })
    }

    pub(super) fn pass(point: FaultPoint) {
        let Ok(Some(armed)) = get() else { return };
        if armed.point == point && armed.is_last() {
            kill();
        }
    }

    static LONG_LOG: OnceLock<Result<Option<u64>, String>> = OnceLock::new();

    pub(super) fn long_log() -> &'static Result<Option<u64>, String> {
        LONG_LOG.get_or_init(|| match std::env::var(LONG_LOG_VARIABLE) {
            Ok(text) => match text.parse() {
                Ok(0) | Err(_) => Err(format!("{LONG_LOG_VARIABLE}: \"{text}\" is no number of entries, from 1")),
                Ok(entries) => Ok(Some(entries)),
            },
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(format!("{LONG_LOG_VARIABLE}: {error}")),
        })
    }

    impl Armed {
        /// Whether this passage is the one. Those after it aren't: other threads may still come by.
        pub(super) fn is_last(&self) -> bool {
            self.left.fetch_sub(1, Ordering::Relaxed) == 1
        }
    }

    /// `NAME`, or `NAME:N` with N from 1.
    pub(super) fn parse(text: &str) -> Result<Armed, String> {
        let (name, count) = text.split_once(':').unwrap_or((text, "1"));
        let left = match count.parse() {
            Ok(0) | Err(_) => return Err(format!("{VARIABLE}: \"{count}\" is no number of passages, from 1")),
            Ok(count) => AtomicU64::new(count),
        };
        match FaultPoint::ALL.iter().find(|point| point.name() == name) {
            Some(point) => Ok(Armed { point: *point, left }),
            None => {
                let names: Vec<&str> = FaultPoint::ALL.iter().map(|point| point.name()).collect();
                let hint = did_you_mean(name, names.iter().copied(), "places");
                Err(format!("{VARIABLE}: there is no place \"{name}\"; {hint}"))
            }
        }
    }

    /// End the process at once: nothing is flushed, no destructor runs.
    fn kill() -> ! {
        // SAFETY: both take and give plain numbers.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
        // The signal has come before the call returns, but a compiler can't know.
        std::process::abort()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_with_the_passage_that_is_the_last() {
        let armed = armed::parse("result-after:3").unwrap();
        assert_eq!(armed.point, FaultPoint::ResultAfter);
        assert_eq!([(); 5].map(|()| armed.is_last()), [false, false, true, false, false]);
        assert!(armed::parse("plan-before").unwrap().is_last());
    }

    #[test]
    fn an_unknown_place_is_an_error() {
        let error = armed::parse("plan-befor").unwrap_err();
        assert!(error.contains("there is no place \"plan-befor\"; did you mean \"plan-before\"?"), "{error}");
        assert!(armed::parse("plan-before:0").is_err());
        assert!(armed::parse("plan-before:x").is_err());
    }

    #[test]
    fn the_program_comes_by_each_place() {
        let mut sources = String::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match entry.is_dir() {
                    true => folders.push(entry),
                    false if entry.ends_with("fault_point.rs") => {}
                    false if entry.extension().is_some_and(|of| of == "rs") => {
                        sources.push_str(&std::fs::read_to_string(entry).unwrap());
                    }
                    // What tests read.
                    false => {}
                }
            }
        }
        let unused = |point: &&FaultPoint| !sources.contains(&format!("FaultPoint::{point:?}"));
        let unused: Vec<_> = FaultPoint::ALL.iter().filter(unused).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }
}
