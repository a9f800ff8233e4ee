//! Runs a job's graph against cases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use super::bind::{self, Bound, BoundDataset, BoundDatasets, BoundExpected};
use super::case::Case;
use super::cell::Cell;
use super::collected::{Collected, Partitions};
use super::compare::{self, Difference, What};
use super::job::ManualJob;
use crate::clock::BatchTime;
use crate::context::{self, Prepared, prepare};
use crate::engine::reports::{OperatorReport, OperatorUse};
use crate::error::{Diagnostics, Error, Result};
use crate::job::definition::{Definition, JobOptions};
use crate::plugin::Compiler;

/// How cases are run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A private folder for compiled components; they are compiled anew for each case if none.
    pub cache: Option<PathBuf>,
    /// Where components are compiled.
    pub compiler: Compiler,
    /// Encode and decode every plan before it runs, as it would be on its way to another machine.
    pub roundtrip_plans: bool,
}

/// A job, to be run against cases: each in a job of its own, so that none sees what another left.
#[derive(Debug)]
pub struct Runner {
    /// The job, or what is wrong with it.
    job: Result<Definition, Diagnostics>,
    options: Options,
}

/// What became of a case.
#[derive(Debug)]
pub struct Outcome {
    /// What is not as the case expects it; nothing if it passed.
    pub problems: Vec<Problem>,
    /// Batches completed.
    pub n_batches: usize,
    /// What operators did in all batches, also in one that failed, as far as it told.
    pub operators: BTreeMap<OperatorUse, OperatorReport>,
}

impl Outcome {
    /// Whether all is as the case expects it.
    pub fn passed(&self) -> bool {
        self.problems.is_empty()
    }
}

/// One thing that is not as a case expects it.
#[derive(Debug)]
pub enum Problem {
    /// A dataset, or how many there are.
    Differs(Difference),
    /// The job failed, and the case doesn't expect it, or not so.
    Failed {
        /// The batch that failed, numbered from 1; none for the job's check.
        batch: Option<usize>,
        /// Why.
        message: String,
        /// What the case expects, where it expects another failure.
        expected: Option<String>,
    },
    /// The job didn't fail, and the case expects it.
    NotFailed {
        /// How it should have failed.
        expected: String,
    },
}

/// How a run of a case ended.
struct Run {
    /// Batches completed, with their times.
    batches: Vec<BatchTime>,
    operators: BTreeMap<OperatorUse, OperatorReport>,
    failure: Option<Failure>,
}

struct Failure {
    batch: Option<usize>,
    message: String,
}

impl Runner {
    /// A runner of a job. A case begins with nothing and leaves nothing, so the job's checkpoint is left alone: what is there is of the job that runs.
    pub fn new(job: Definition, options: Options) -> Self {
        let job = Definition { job: JobOptions { checkpoint: None, ..job.job }, ..job };
        Self { job: Ok(job), options }
    }

    /// A runner of a job whose check fails: cases that expect it pass.
    pub fn of_mistaken(mistakes: Diagnostics, options: Options) -> Self {
        Self { job: Err(mistakes), options }
    }

    /// Look for mistakes in a case without running it.
    ///
    /// # Errors
    /// What is wrong with the case, or with the job where the case doesn't expect that.
    pub fn check(&self, case: &Case) -> Result<()> {
        self.prepared(case).map(|_| ())
    }

    /// Run a case.
    ///
    /// # Errors
    /// What is wrong with the case, or with the job where the case doesn't expect that. That the job does otherwise than the case expects is in the
    /// outcome and no error.
    pub async fn run(&self, case: &Case) -> Result<Outcome> {
        let (run, compared) = match self.prepared(case)? {
            Ok(ready) => {
                let compared = ready.expected;
                let run = run(ready.prepared, &ready.options, ready.clock, ready.events, ready.bound.n_batches).await?;
                (run, Some((ready.bound, compared)))
            }
            Err(mistakes) => {
                let failure = Failure { batch: None, message: mistakes.to_string() };
                (Run { batches: vec![], operators: BTreeMap::new(), failure: Some(failure) }, None)
            }
        };
        let mut problems = vec![];
        if let Some((bound, expected)) = &compared {
            let differences = differences(case, bound, expected, &run)?;
            problems.extend(differences.into_iter().map(Problem::Differs));
        }
        let (n_batches, operators) = (run.batches.len(), run.operators);
        problems.extend(failure_problem(case, run.failure));
        Ok(Outcome { problems, n_batches, operators })
    }

    /// The case's job, ready to start; or what its check found, where the case expects that it finds something.
    fn prepared(&self, case: &Case) -> Result<Result<Ready, Diagnostics>> {
        let expects_failure = case.error.as_ref().is_some_and(|error| error.batch.is_none());
        let failed = |mistakes: Diagnostics| {
            if expects_failure { Ok(Err(mistakes)) } else { Err(Error::Invalid(mistakes)) }
        };
        let job = match &self.job {
            Ok(job) => job,
            Err(mistakes) => return failed(mistakes.clone()),
        };
        let options = context::Options {
            cache: self.options.cache.clone(),
            compiler: self.options.compiler.clone(),
            roundtrip_plans: self.options.roundtrip_plans,
            ..context::Options::default()
        };
        let received = match bind::received(job, &options) {
            Ok(received) => received,
            Err(Error::Invalid(mistakes)) => return failed(mistakes),
            Err(error) => return Err(error),
        };
        let bound = match bind::bind(job, case, &received, &options) {
            Err(Error::Invalid(mistakes)) if expects_failure && !case.states.is_empty() => return Ok(Err(mistakes)),
            bound => bound?,
        };
        let (options, clock, events) = ManualJob::options(options, case.start_ms);
        let prepared = match prepare(bound.definition.clone(), &options) {
            Ok(prepared) => prepared,
            Err(Error::Invalid(mistakes)) => return failed(mistakes),
            Err(error) => return Err(error),
        };
        let expected = bind::expected(case, &bound, prepared.graph())?;
        Ok(Ok(Ready { prepared, options, clock, events, bound, expected }))
    }
}

struct Ready {
    prepared: Prepared,
    options: context::Options,
    clock: crate::clock::ManualClock,
    events: super::Events,
    bound: Bound,
    expected: Vec<BoundExpected>,
}

async fn run(
    prepared: Prepared,
    options: &context::Options,
    clock: crate::clock::ManualClock,
    events: super::Events,
    n_batches: usize,
) -> Result<Run> {
    let mut job = ManualJob::start(prepared, options, clock, events)?;
    let mut failure = None;
    for number in 1..=n_batches {
        if let Err(error) = job.batch().await {
            failure = Some(Failure { batch: Some(number), message: error.to_string() });
            break;
        }
    }
    if failure.is_none() {
        failure = job.stop(true).await.err().map(|error| Failure { batch: None, message: error.to_string() });
    }
    let completed = job.events().batches();
    let batches = completed.iter().filter(|batch| batch.failure.is_none()).map(|batch| batch.batch_time);
    let mut operators: BTreeMap<OperatorUse, OperatorReport> = BTreeMap::new();
    for (operator, report) in completed.iter().flat_map(|batch| &batch.report.operators) {
        operators.entry(operator.clone()).or_default().merge(report.clone());
    }
    Ok(Run { batches: batches.collect(), operators, failure })
}

fn failure_problem(case: &Case, failure: Option<Failure>) -> Option<Problem> {
    let wanted = case.error.as_ref().map(|error| {
        let parts: Vec<String> = error.parts.iter().map(|part| format!("{part:?}")).collect();
        let batch = error.batch.map(|batch| format!("batch {batch} fails with ")).unwrap_or_default();
        format!("{batch}{}", parts.join(" and "))
    });
    match (failure, &case.error) {
        (None, None) => None,
        (None, Some(_)) => Some(Problem::NotFailed { expected: wanted.unwrap_or_default() }),
        (Some(Failure { batch, message }), error) => {
            let is_it = error.as_ref().is_some_and(|error| {
                error.parts.iter().all(|part| message.contains(part.as_str()))
                    && error.batch.is_none_or(|number| batch == Some(number))
            });
            (!is_it).then_some(Problem::Failed { batch, message, expected: wanted })
        }
    }
}

fn differences(case: &Case, bound: &Bound, expected: &[BoundExpected], run: &Run) -> Result<Vec<Difference>> {
    let mut all = vec![];
    for ((of, bound), collected) in case.expected.iter().zip(expected).zip(&bound.collected) {
        let columns = bound.schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut compared = Compared {
            name: &of.name,
            is_state: of.is_state,
            columns,
            bound,
            ordered: of.ordered,
            tolerance: case.tolerance,
            differences: &mut all,
        };
        match &bound.datasets {
            BoundDatasets::Numbered(datasets) => {
                for (number, dataset) in datasets {
                    // A batch that did not come to its end is no difference: the failure is.
                    if let Some(time) = run.batches.get(number - 1) {
                        let at = At { batch: Some((*number, *time)), emitted: None };
                        compared.dataset(at, dataset, collected.dataset(*time))?;
                    }
                }
            }
            BoundDatasets::Emitted(datasets) => compared.emitted(datasets, collected, run)?,
        }
    }
    Ok(all)
}

#[derive(Clone, Copy)]
struct At {
    batch: Option<(usize, BatchTime)>,
    emitted: Option<usize>,
}

/// A stream whose datasets are compared.
struct Compared<'a> {
    name: &'a str,
    is_state: bool,
    columns: Vec<String>,
    bound: &'a BoundExpected,
    ordered: bool,
    tolerance: Option<f64>,
    differences: &'a mut Vec<Difference>,
}

impl Compared<'_> {
    fn differs(&mut self, at: At, partition: Option<usize>, what: What) {
        let (name, is_state) = (self.name.to_owned(), self.is_state);
        self.differences.push(Difference { name, is_state, batch: at.batch, emitted: at.emitted, partition, what });
    }

    fn emitted(&mut self, expected: &[BoundDataset], collected: &Collected, run: &Run) -> Result<()> {
        let emitted: Vec<(At, Partitions)> = run
            .batches
            .iter()
            .enumerate()
            .filter_map(|(idx, time)| Some((Some((idx + 1, *time)), collected.dataset(*time)?)))
            .enumerate()
            .map(|(idx, (batch, dataset))| (At { batch, emitted: Some(idx + 1) }, dataset))
            .collect();
        let (n_expected, n_emitted) = (expected.len(), emitted.len());
        if n_expected != n_emitted && (run.failure.is_none() || n_emitted > n_expected) {
            let at = At { batch: None, emitted: None };
            self.differs(at, None, What::Count { of: "datasets", expected: n_expected, found: n_emitted });
        }
        for (dataset, (at, found)) in expected.iter().zip(emitted) {
            self.dataset(at, dataset, Some(found))?;
        }
        Ok(())
    }

    fn dataset(&mut self, at: At, expected: &BoundDataset, found: Option<Partitions>) -> Result<()> {
        let (BoundDataset::Made { rows, partitions, n_rows, n_partitions }, Some(found)) = (expected, &found) else {
            return self.emission(at, expected, found);
        };
        let found: Vec<RecordBatch> = found.iter().map(|rows| self.together(rows)).collect::<Result<_>>()?;
        let n_found: usize = found.iter().map(RecordBatch::num_rows).sum();
        for (of, expected, found) in [
            ("rows", *n_rows, n_found),
            ("partitions", n_partitions.or(partitions.as_ref().map(Vec::len)), found.len()),
        ] {
            if let Some(expected) = expected.filter(|expected| *expected != found) {
                self.differs(at, None, What::Count { of, expected, found });
            }
        }
        if let Some(rows) = rows {
            self.rows(at, None, rows, &self.together(&found)?);
        }
        for (idx, (expected, found)) in partitions.iter().flatten().zip(&found).enumerate() {
            self.rows(at, Some(idx), expected, found);
        }
        Ok(())
    }

    /// Where a dataset is expected and there is none, or the other way round.
    fn emission(&mut self, at: At, expected: &BoundDataset, found: Option<Partitions>) -> Result<()> {
        let Some(found) = found else {
            if matches!(expected, BoundDataset::Made { .. }) {
                self.differs(at, None, What::NotEmitted);
            }
            return Ok(());
        };
        let rows = Cell::rows(&self.together(&found.concat())?);
        if matches!(expected, BoundDataset::Missing) || !rows.is_empty() {
            let rows = compare::unexpected(&self.columns, rows);
            let is_missing = matches!(expected, BoundDataset::Missing);
            self.differs(at, None, if is_missing { What::Emitted(rows) } else { What::Rows(rows) });
        }
        Ok(())
    }

    fn rows(&mut self, at: At, partition: Option<usize>, expected: &RecordBatch, found: &RecordBatch) {
        let (expected, found) = (Cell::rows(expected), Cell::rows(found));
        if let Some(rows) = compare::rows(&self.columns, expected, found, self.ordered, self.tolerance) {
            self.differs(at, partition, What::Rows(rows));
        }
    }

    fn together(&self, rows: &[RecordBatch]) -> Result<RecordBatch> {
        let Some(first) = rows.first() else { return Ok(RecordBatch::new_empty(self.bound.schema.clone())) };
        concat_batches(&first.schema(), rows).map_err(Error::failed)
    }
}
