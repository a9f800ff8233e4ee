//! `sluicebox plugin test`: one component's operators against cases, in the real host with the real limits.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use serde_json::{Value as Json, json};
use tokio::runtime::Builder;

use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::plugin::{Compiler, Limit};
use crate::testing::Options;
use crate::testing::operator::{self, OperatorCase, OperatorOutcome, OperatorRunner};

use super::args::PluginTestArgs;
use super::component::{self, wrong};
use super::test_report::{failed, problem};
use super::{cache, out};

/// The least width of a case's name, so that figures stand below each other.
const NAME: usize = 40;

/// `plugin test FILE [CASES...]`.
pub fn test(args: &PluginTestArgs) -> Result<()> {
    let component = component::read(&args.file)?;
    let paths = paths(&args.cases, &component.path)?;
    let files = selected(read(&paths)?, args.filter.as_deref())?;
    let options = Options { cache: cache::folder(), compiler: Compiler::this_program(), ..Options::default() };
    let runner = OperatorRunner::new(&component.bytes, options).map_err(|error| match error {
        Error::Invalid(Diagnostics(wrongs)) => {
            let messages: Vec<String> = wrongs.into_iter().map(|wrong| wrong.message).collect();
            wrong(&component.path, messages.join("; "))
        }
        failed => failed,
    })?;
    check(&runner, &files)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sluicebox-io")
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    let results = runtime.block_on(run(&runner, &files, args.json))?;
    let n_failed = results.iter().filter(|result| !result.outcome.outcome.passed()).count();
    let n_passed = results.len() - n_failed;
    if args.json {
        let document = json!({
            "component": component.path.display().to_string(),
            "digest": runner.inspection().digest.to_string(),
            "passed": n_passed,
            "failed": n_failed,
            "cases": results.iter().map(Tested::json).collect::<Vec<_>>(),
        });
        out::result(&format!("{document:#}\n"))?;
    } else {
        out::result(&format!("{n_passed} passed, {n_failed} failed\n"))?;
    }
    match n_failed {
        0 => Ok(()),
        // What failed was told where it failed.
        _ => Err(Error::Failed(String::new())),
    }
}

/// A case file and its cases.
struct File {
    path: PathBuf,
    cases: Vec<OperatorCase>,
}

/// A case that was run.
struct Tested<'a> {
    file: &'a Path,
    case: &'a OperatorCase,
    outcome: OperatorOutcome,
}

/// The case files that are named, or those beside the component: `cases.toml`, `cases.json`, and what is in `cases`.
fn paths(named: &[PathBuf], component: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![];
    if named.is_empty() {
        let folder = component.parent().unwrap_or(Path::new(""));
        found.extend(
            ["cases.toml", "cases.json"].map(|name| folder.join(name)).into_iter().filter(|path| path.is_file()),
        );
        let cases = folder.join("cases");
        if cases.is_dir() {
            found.extend(in_folder(&cases)?);
        }
        if found.is_empty() {
            let message = format!("there are no cases: {} isn't there", folder.join("cases.toml").display());
            let help = "write one, as docs/testing.md says, or name the files of cases";
            return Err(Diagnostic::new(message).help(help).into());
        }
        return Ok(found);
    }
    for path in named {
        match path.is_dir() {
            true => found.extend(in_folder(path)?),
            false => found.push(path.clone()),
        }
    }
    Ok(found)
}

/// The case files of a folder, in the order of their names.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| wrong(folder, format!("can't be read: {error}")))?;
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let is_case = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml" || extension == "json");
    found.retain(|path| path.is_file() && is_case(path));
    found.sort();
    match found.is_empty() {
        false => Ok(found),
        true => {
            let mistake = Diagnostic { file: Some(folder.to_owned()), ..Diagnostic::new("there are no cases in it") };
            Err(mistake.help("a case file's name ends in .toml or .json").into())
        }
    }
}

fn read(paths: &[PathBuf]) -> Result<Vec<File>> {
    let mut mistakes = vec![];
    let mut files = vec![];
    for path in paths {
        match operator::read(path) {
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
        file.cases.retain(|case| case.case.name.contains(filter));
    }
    files.retain(|file| !file.cases.is_empty());
    if files.is_empty() {
        let message = format!("no case has \"{filter}\" in its name, of {n_cases}");
        return Err(Diagnostic::new(message).help("leave --filter away to run all, and see their names").into());
    }
    Ok(files)
}

/// All mistakes of all cases, before any is run.
fn check(runner: &OperatorRunner, files: &[File]) -> Result<()> {
    let (mut mistakes, mut told) = (vec![], HashSet::new());
    for case in files.iter().flat_map(|file| &file.cases) {
        match runner.check(case) {
            Ok(()) => {}
            Err(Error::Invalid(Diagnostics(wrong))) => mistakes.extend(wrong),
            Err(error) => return Err(error),
        }
    }
    mistakes.retain(|mistake| told.insert(mistake.to_string()));
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Invalid(Diagnostics(mistakes))) }
}

async fn run<'a>(runner: &OperatorRunner, files: &'a [File], json: bool) -> Result<Vec<Tested<'a>>> {
    let mut all = vec![];
    for File { path, cases } in files {
        if !json {
            out::result(&format!("{}\n", path.display()))?;
        }
        for case in cases {
            let tested = Tested { file: path, case, outcome: runner.run(case).await? };
            if !json {
                out::result(&tested.text())?;
            }
            all.push(tested);
        }
    }
    Ok(all)
}

impl Tested<'_> {
    /// The case's lines.
    fn text(&self) -> String {
        let name = &self.case.case.name;
        let used = self.used();
        match self.outcome.outcome.passed() {
            true => format!("  ok    {name:NAME$}  {used}\n"),
            false => format!("{}        {used}\n", failed(&self.case.case, &self.outcome.outcome)),
        }
    }

    /// What the operator used, in words.
    fn used(&self) -> String {
        let OperatorOutcome { report, fuel, .. } = &self.outcome;
        let memory = report.usage.of(Limit::Memory).map_or(0, |used| used.used);
        // To the microsecond: less is noise.
        let time = Duration::from_micros(report.nanos / 1_000);
        format!(
            "{} rows in, {} out, {}, {}, {fuel} of fuel",
            report.rows_in,
            report.rows_out,
            humantime::format_duration(time),
            ByteSize::b(memory)
        )
    }

    fn json(&self) -> Json {
        let OperatorOutcome { operator, outcome, report, fuel } = &self.outcome;
        let used = report
            .usage
            .iter()
            .map(|(limit, used)| (limit.key().to_owned(), json!({ "used": used.used, "allowed": used.allowed })));
        json!({
            "file": self.file.display().to_string(),
            "name": self.case.case.name,
            "operator": operator,
            "passed": outcome.passed(),
            "batches": outcome.n_batches,
            "rows-in": report.rows_in,
            "rows-out": report.rows_out,
            "calls": report.calls,
            "nanoseconds": report.nanos,
            "memory": report.usage.of(Limit::Memory).map(|used| used.used),
            "fuel": fuel,
            "limits": used.collect::<serde_json::Map<_, _>>(),
            "problems": outcome.problems.iter().map(problem).collect::<Vec<_>>(),
        })
    }
}
