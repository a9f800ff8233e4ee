//! What a job does about rows that an operator rejects, and about calls in which it fails.
//!
//! A call fails when the guest traps, goes over a limit, says that it failed, or returns what it must not. What others have used up (memory, instances), and
//! what can't be reached outside, is nobody's row's fault: there, the batch is run again as a whole, whatever the policy.

use serde::{Deserialize, Serialize};

/// How often a call may be made again, at most.
pub const MAX_RETRY: u32 = 100;
/// How often a call is made again that ran out of time or of what others use too, where the job doesn't say.
const DEFAULT_RETRY: u32 = 4;
/// How many rows of a partition may be left out because the operator fails at them, where the job doesn't say.
const DEFAULT_AT_MOST: u64 = 1_000;

/// What becomes of a row that can't be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The job fails.
    #[default]
    Fail,
    /// The row is left out, counted and logged.
    Skip,
    /// The row is left out, and written to the job's dead letters.
    DeadLetter,
}

impl Policy {
    /// All policies, by their names in a job file.
    pub const ALL: [(&'static str, Self); 3] =
        [("fail", Self::Fail), ("skip", Self::Skip), ("dead-letter", Self::DeadLetter)];

    /// Its name in a job file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Skip => "skip",
            Self::DeadLetter => "dead-letter",
        }
    }

    /// Whether rows are left out.
    pub fn leaves_out(self) -> bool {
        self != Self::Fail
    }
}

/// What is done about a call in which an operator fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OnError {
    /// How often it is made again first, on fresh instances, whatever went wrong. None: four times where that may help, and not at all where the same would
    /// happen again, or where guilty rows are looked for.
    pub retry: Option<u32>,
    /// What becomes then of the rows that are guilty.
    pub then: Policy,
    /// How many rows of a partition may be left out so; with more, the job fails.
    pub at_most: u64,
}

impl Default for OnError {
    fn default() -> Self {
        Self { retry: None, then: Policy::Fail, at_most: DEFAULT_AT_MOST }
    }
}

impl OnError {
    /// Do this without trying again.
    pub fn then(then: Policy) -> Self {
        Self { then, ..Self::default() }
    }

    /// Whether a call that failed fails the job, and is made again only where that may help.
    pub fn is_plain(&self) -> bool {
        self.retry.unwrap_or(0) == 0 && !self.then.leaves_out()
    }

    /// How often a call is made again; `may_pass` says whether the same call may succeed, `blames_rows` whether its rows may be to blame.
    pub(crate) fn retries(&self, may_pass: bool, blames_rows: bool) -> u32 {
        match self.retry {
            Some(retry) if blames_rows => retry,
            // What isn't the rows' fault passes by itself or not at all.
            _ if !may_pass => 0,
            None if blames_rows && self.then.leaves_out() => 0,
            _ => DEFAULT_RETRY,
        }
    }
}

/// What one use of an operator says otherwise than its plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overrides {
    /// `on-reject`.
    pub on_reject: Option<Policy>,
    /// `on-error`.
    pub on_error: Option<OnError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_what_the_job_says() {
        let fail = OnError::default();
        let skip = OnError::then(Policy::Skip);
        let thrice = OnError { retry: Some(3), ..skip };
        // A trap, a timeout, and memory that others have.
        let retries = |of: OnError| [of.retries(false, true), of.retries(true, true), of.retries(true, false)];
        assert_eq!(retries(fail), [0, 4, 4]);
        assert_eq!(retries(skip), [0, 0, 4]);
        assert_eq!(retries(thrice), [3, 3, 4]);
        assert_eq!(retries(OnError { retry: Some(0), ..fail }), [0, 0, 4]);
    }
}
