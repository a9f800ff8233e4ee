//! `sluicebox test`: a job's graph against cases.

use std::path::{Path, PathBuf};

use tokio::runtime::Builder;

use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::job::file::{self, Setting};
use crate::plugin::Compiler;
use crate::testing::{self, Case, Outcome, Runner};

use super::args::{JobArgs, TestArgs};
use super::test_report::{Report, failed, json, passed, summary};
use super::{all_mistakes, cache, out, settings};

/// As many partitions as cases are worked on at a time, where the job file doesn't say: what comes of a case must not depend on the machine.
const PARALLELISM: &str = "job.parallelism=2";

/// `test JOB.toml CASES...`.
pub fn test(args: &TestArgs) -> Result<()> {
    let files = selected(read_cases(&args.cases)?, args.filter.as_deref())?;
    let runner = runner(&args.job)?;
    check(&runner, &files)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sluicebox-io")
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    let reports = runtime.block_on(run(&runner, &files, args.json))?;
    let n_failed = reports.iter().filter(|report| !report.outcome.passed()).count();
    let result = if args.json { json(&args.job.job, &reports) } else { summary(&reports) };
    out::result(&result)?;
    match n_failed {
        0 => Ok(()),
        // What failed was told where it failed.
        _ => Err(Error::Failed(String::new())),
    }
}

/// A case file and its cases.
struct File {
    path: PathBuf,
    cases: Vec<Case>,
}

fn read_cases(paths: &[PathBuf]) -> Result<Vec<File>> {
    let mut mistakes = vec![];
    let mut files = vec![];
    for path in paths {
        match testing::read(path) {
            Ok(cases) => files.push(File { path: path.clone(), cases }),
            Err(wrong) => mistakes.extend(wrong.0),
        }
    }
    if mistakes.is_empty() { Ok(files) } else { Err(Error::Invalid(Diagnostics(mistakes))) }
}

fn selected(mut files: Vec<File>, filter: Option<&str>) -> Result<Vec<File>> {
    let Some(filter) = filter else { return Ok(files) };
    let n_cases: usize = files.iter().map(|file| file.cases.len()).sum();
    for file in &mut files {
        file.cases.retain(|case| case.name.contains(filter));
    }
    files.retain(|file| !file.cases.is_empty());
    if files.is_empty() {
        let message = format!("no case has \"{filter}\" in its name, of {n_cases}");
        return Err(Diagnostic::new(message).help("leave --filter away to run all, and see their names").into());
    }
    Ok(files)
}

/// The job; one that is wrong is run against cases all the same, as some may expect it.
fn runner(args: &JobArgs) -> Result<Runner> {
    let (mut settings, mut mistakes) = settings(args);
    let options =
        testing::Options { cache: cache::folder(), compiler: Compiler::this_program(), ..testing::Options::default() };
    let default: Result<Setting, _> = PARALLELISM.parse();
    settings.extend(default.map(Setting::as_default));
    // What reaches no output may be what a case looks at, so warnings are left to `check`.
    match file::read_for_cases(&args.job, settings) {
        Ok(job) if mistakes.is_empty() => Ok(Runner::new(job.definition, options)),
        Ok(_) => Err(Error::Invalid(Diagnostics(mistakes))),
        Err(mistaken) => {
            mistakes.extend(all_mistakes(mistaken)?);
            Ok(Runner::of_mistaken(Diagnostics(mistakes), options))
        }
    }
}

/// All mistakes of all cases, before any is run.
fn check(runner: &Runner, files: &[File]) -> Result<()> {
    let mut mistakes: Vec<Diagnostic> = vec![];
    for case in files.iter().flat_map(|file| &file.cases) {
        match runner.check(case) {
            Ok(()) => {}
            Err(Error::Invalid(Diagnostics(wrong))) => mistakes.extend(wrong),
            Err(error) => return Err(error),
        }
    }
    // What is wrong with the job is wrong for every case.
    let mut told = std::collections::HashSet::new();
    mistakes.retain(|mistake| told.insert(mistake.to_string()));
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Invalid(Diagnostics(mistakes))) }
}

async fn run<'a>(runner: &Runner, files: &'a [File], json: bool) -> Result<Vec<Report<'a>>> {
    let mut reports = vec![];
    for File { path, cases } in files {
        if !json {
            out::result(&format!("{}\n", path.display()))?;
        }
        for case in cases {
            let outcome = runner.run(case).await?;
            if !json {
                out::result(&told(case, &outcome))?;
            }
            reports.push(Report { file: Path::new(path), case, outcome });
        }
    }
    Ok(reports)
}

fn told(case: &Case, outcome: &Outcome) -> String {
    if outcome.passed() { passed(case) } else { failed(case, outcome) }
}
