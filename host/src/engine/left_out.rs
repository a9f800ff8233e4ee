//! Rows that are left out: those that an operator rejects, and those that it fails at, which are found by halves.
//!
//! A call that failed is made again for each half of what it was given, on fresh instances, until there are halves that succeed and single rows that
//! fail: these are guilty, and only they are left out. A limit that only many rows together go over leaves no row guilty.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::Result;

use super::Services;
use super::dead_letters::row::RowFormat;
use super::dead_letters::{DeadLetter, Reason};
use super::error::external;
use super::reports::{OperatorReport, RejectedRow};
use crate::clock::BatchTime;
use crate::plugin::{OperatorRef, PluginError, Policy, Task};

/// A row was rejected by an operator whose policy is to fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "plugin \"{plugin}\", operator \"{operator}\": row {row} of partition {partition} of stream \"{stream}\" in batch {batch} is rejected: \
     {reason}; correct the data, or set on-reject = \"skip\" in [plugin.{plugin}] to leave such rows out"
)]
pub struct RowRejected {
    /// The plugin.
    pub plugin: String,
    /// The operator.
    pub operator: String,
    /// The stream that the operator makes.
    pub stream: Arc<str>,
    /// The batch.
    pub batch: BatchTime,
    /// The partition of the operator's input.
    pub partition: u32,
    /// The row's index in the partition, from 0.
    pub row: u64,
    /// The operator's reason, control characters escaped.
    pub reason: String,
}

/// An operator failed at more rows of a partition than may be left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "plugin \"{plugin}\", operator \"{operator}\": it fails at more than {at_most} rows of partition {partition} of stream \"{stream}\" in batch \
     {batch}, the last of them row {row}: {reason}; mend the operator, or raise `at-most` of on-error in [plugin.{plugin}]"
)]
pub struct TooManyFailed {
    /// The plugin.
    pub plugin: String,
    operator: String,
    stream: Arc<str>,
    batch: BatchTime,
    partition: u32,
    at_most: u64,
    row: u64,
    reason: String,
}

/// A place in an operator's input: which row of which record batch, and its number in the partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub rows: &'a RecordBatch,
    pub at: usize,
    pub number: u64,
}

/// Leaves rows of one partition out, as the job says.
#[derive(Debug)]
pub(crate) struct LeftOut {
    operator: OperatorRef,
    services: Arc<Services>,
    /// The batch's attempt; a task's counts calls made again as well.
    attempt: u32,
    format: Option<RowFormat>,
    n_failed: u64,
}

impl LeftOut {
    pub(crate) fn new(operator: &OperatorRef, services: &Arc<Services>, attempt: u32) -> Self {
        Self { operator: operator.clone(), services: services.clone(), attempt, format: None, n_failed: 0 }
    }

    /// Whether rows that the operator fails at are left out, where this error may be of some rows.
    pub(crate) fn looks_for_guilty(&self, error: &PluginError) -> bool {
        self.operator.on_error.then.leaves_out() && error.blames_rows()
    }

    /// The operator rejected a row.
    pub(crate) fn rejected(
        &mut self,
        task: &Task,
        report: &mut OperatorReport,
        place: Place<'_>,
        reason: String,
    ) -> Result<()> {
        let letter = match self.operator.on_reject {
            Policy::Fail => {
                return Err(external(RowRejected {
                    plugin: self.operator.plugin.clone(),
                    operator: self.operator.operator.clone(),
                    stream: task.stream.clone(),
                    batch: task.batch,
                    partition: task.partition,
                    row: place.number,
                    reason: Reason::rejected(&reason).into_text(),
                }));
            }
            Policy::Skip => None,
            Policy::DeadLetter => Some(Reason::rejected(&reason)),
        };
        if let Some(why) = letter {
            self.write(task, report, place, why)?;
        }
        report.reject(RejectedRow { partition: task.partition, row: place.number, reason });
        Ok(())
    }

    /// The operator fails at a row, as it did in a call for it alone.
    pub(crate) fn failed(
        &mut self,
        task: &Task,
        report: &mut OperatorReport,
        place: Place<'_>,
        error: &PluginError,
    ) -> Result<()> {
        self.count(task, place.number, error)?;
        self.tell(task, report, place, error)
    }

    /// The operator fails at one more row or key, which is told of later.
    pub(crate) fn count(&mut self, task: &Task, number: u64, error: &PluginError) -> Result<()> {
        self.n_failed += 1;
        let at_most = self.operator.on_error.at_most;
        if self.n_failed > at_most {
            return Err(external(TooManyFailed {
                plugin: self.operator.plugin.clone(),
                operator: self.operator.operator.clone(),
                stream: task.stream.clone(),
                batch: task.batch,
                partition: task.partition,
                at_most,
                row: number,
                reason: Reason::failed(error).into_text(),
            }));
        }
        Ok(())
    }

    /// Tell of what was counted.
    pub(crate) fn tell(
        &mut self,
        task: &Task,
        report: &mut OperatorReport,
        place: Place<'_>,
        error: &PluginError,
    ) -> Result<()> {
        if self.operator.on_error.then == Policy::DeadLetter {
            self.write(task, report, place, Reason::failed(error))?;
        }
        let reason = Reason::failed(error).into_text();
        report.fail_at(RejectedRow { partition: task.partition, row: place.number, reason });
        Ok(())
    }

    fn write(&mut self, task: &Task, report: &mut OperatorReport, place: Place<'_>, reason: Reason) -> Result<()> {
        let format = self.format.get_or_insert_with(|| RowFormat::new(&place.rows.schema()));
        let row = (format.columns.clone(), format.row(place.rows, place.at));
        let letter = DeadLetter::new(&self.operator, task, place.number, reason, row);
        report.dead_letters += 1;
        self.services.dead_letters.add(task.batch, self.attempt, letter)
    }
}

/// What is known of a part of rows at which an operator failed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Suspect {
    /// Nothing: it hasn't been tried.
    #[default]
    Unknown,
    /// The first half of a part that failed. If it succeeds, the second is guilty.
    First,
    /// The second half, its first half not having succeeded, or not yet.
    Second,
}

impl Halves for RecordBatch {
    fn halves(self) -> std::result::Result<(Self, Self), Self> {
        let middle = self.num_rows() / 2;
        match middle {
            0 => Err(self),
            _ => Ok((self.slice(0, middle), self.slice(middle, self.num_rows() - middle))),
        }
    }
}

/// Parts of rows in their order, those at which an operator failed in halves.
#[derive(Debug)]
pub(crate) struct Parts<T>(std::collections::VecDeque<(T, Suspect)>);

impl<T> Default for Parts<T> {
    fn default() -> Self {
        Self(Default::default())
    }
}

/// Something that has halves, unless it has only one row.
pub(crate) trait Halves: Sized {
    /// Both halves; itself where it has only one row.
    fn halves(self) -> std::result::Result<(Self, Self), Self>;
}

impl<T: Halves> Parts<T> {
    /// A part after all others.
    pub(crate) fn push(&mut self, part: T) {
        self.0.push_back((part, Suspect::Unknown));
    }

    /// The next part.
    pub(crate) fn pop(&mut self) -> Option<(T, Suspect)> {
        self.0.pop_front()
    }

    /// A part that was given out last succeeded: where it was the first half of one that failed, the second is guilty, and needn't be tried as a whole.
    pub(crate) fn succeeded(&mut self, suspect: Suspect) {
        if suspect != Suspect::First {
            return;
        }
        if let Some((part, Suspect::Second)) = self.0.pop_front_if(|(_, suspect)| *suspect == Suspect::Second) {
            match part.halves() {
                Ok((first, second)) => self.halved(first, second),
                Err(row) => self.0.push_front((row, Suspect::Unknown)),
            }
        }
    }

    /// A part that was given out last failed; itself where it has only one row, which is guilty.
    pub(crate) fn failed(&mut self, part: T, suspect: Suspect) -> Option<T> {
        if suspect == Suspect::First
            && let Some((_, second)) = self.0.front_mut()
        {
            *second = Suspect::Unknown;
        }
        match part.halves() {
            Ok((first, second)) => {
                self.halved(first, second);
                None
            }
            Err(row) => Some(row),
        }
    }

    fn halved(&mut self, first: T, second: T) {
        self.0.push_front((second, Suspect::Second));
        self.0.push_front((first, Suspect::First));
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    impl Halves for Range<usize> {
        fn halves(self) -> std::result::Result<(Self, Self), Self> {
            let middle = self.start + self.len() / 2;
            if self.len() > 1 { Ok((self.start..middle, middle..self.end)) } else { Err(self) }
        }
    }

    /// Find the guilty of `n` rows; them, the rows that succeed in their order, and the calls made.
    fn find(n: usize, fails: impl Fn(&Range<usize>) -> bool) -> (Vec<usize>, Vec<usize>, usize) {
        let mut parts = Parts::default();
        parts.push(0..n);
        let (mut guilty, mut good, mut calls) = (vec![], vec![], 0);
        while let Some((part, suspect)) = parts.pop() {
            calls += 1;
            if fails(&part) {
                guilty.extend(parts.failed(part, suspect).map(|row| row.start));
            } else {
                good.extend(part);
                parts.succeeded(suspect);
            }
        }
        (guilty, good, calls)
    }

    #[test]
    fn exactly_the_guilty_are_found_in_order() {
        for n in [1, 2, 3, 7, 64, 1000] {
            for guilty in
                [vec![], vec![0], vec![n - 1], vec![n / 2, n - 1], (0..n).collect(), (0..n).step_by(3).collect()]
            {
                let mut guilty: Vec<usize> = guilty;
                guilty.dedup();
                let (found, good, calls) = find(n, |part| guilty.iter().any(|row| part.contains(row)));
                assert_eq!(found, guilty);
                assert_eq!(good, (0..n).filter(|row| !guilty.contains(row)).collect::<Vec<_>>());
                let most = 1 + guilty.len() * (2 + 2 * n.ilog2() as usize);
                assert!(calls <= most, "{calls} calls for {} of {n}", guilty.len());
            }
        }
        let calls = find(1 << 16, |part| part.contains(&12_345)).2;
        assert_eq!(
            calls, 28,
            "a half is known to be guilty where the other isn't, and isn't tried: else it would be 33"
        );
    }

    #[test]
    fn what_only_many_together_do_makes_nobody_guilty() {
        let (guilty, good, _) = find(1000, |part| part.len() > 10);
        assert_eq!((guilty, good), (vec![], (0..1000).collect()));
    }
}
