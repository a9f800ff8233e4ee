//! The program: the command line read, the verb done, the exit code decided.
//!
//! [`args`] is the command line word by word; a file per verb does it. [`logging`] sets up standard error, [`out`] writes to standard output.

mod apply;
mod args;
mod cache;
mod check;
mod component;
mod control;
mod jobs;
mod logging;
mod new;
mod out;
mod plugin;
mod plugin_bench;
mod plugin_check;
mod plugin_test;
mod replay;
mod replay_batch;
mod run;
mod status;
mod swap;
mod table;
mod test;
mod test_report;
mod verbs;

use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::checkpoint::fault_point;
use crate::context::{self, Options};
use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::job::file::{self, JobFile, Mistaken, Setting};
use crate::plugin::Compiler;
use crate::plugin::compile::be_the_compiler;

use args::{CommandLine, JobArgs, PluginVerb, Verb};

/// Do what the command line says. The exit code is 0 when it is done, 1 when the job failed, 2 when the user's input is wrong.
pub fn main() -> ExitCode {
    // What the command line itself gets wrong ends the program here, with exit code 2 as well.
    let CommandLine { verb, log } = CommandLine::parse();
    if let Verb::Compile(args) = verb {
        let time = Duration::from_secs(args.processor_time);
        return ExitCode::from(be_the_compiler(args.memory, time, args.pooled, args.metered));
    }
    // What a case makes of a job is its result: a batch that fails may be what it expects.
    let quiet = matches!(verb, Verb::Test(_) | Verb::Plugin(PluginVerb::Test(_)));
    let started = fault_point::check().map_err(Error::invalid);
    let result = started.and_then(|()| logging::start(&log, quiet)).and_then(|()| perform(verb));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Invalid(mistakes)) => {
            out::errors(&mistakes);
            ExitCode::from(2)
        }
        Err(failed) => {
            // Empty where what failed was told already.
            let message = failed.to_string();
            if !message.is_empty() {
                out::error(&message);
            }
            ExitCode::from(1)
        }
    }
}

fn perform(verb: Verb) -> Result<()> {
    match verb {
        Verb::Run(args) => run::run(args),
        Verb::Check(args) => check::check(&args),
        Verb::Test(args) => test::test(&args),
        Verb::Jobs(args) => jobs::jobs(&args),
        Verb::Status(args) => status::status(&args),
        Verb::Pause(args) => verbs::pause(&args),
        Verb::Resume(args) => verbs::resume(&args),
        Verb::Drain(args) => verbs::drain(&args),
        Verb::Stop(args) => verbs::stop(&args),
        Verb::Apply(args) => apply::apply(&args),
        Verb::Swap(args) => swap::swap(&args),
        Verb::Rollback(args) => swap::rollback(&args),
        Verb::Replay(args) => match (&args.batch, &args.dead_letters) {
            (Some(batch), _) => replay_batch::replay(&args, batch),
            (None, Some(folder)) => replay::replay(&args, folder),
            // The command line wants one of them.
            (None, None) => Ok(()),
        },
        Verb::Capture(args) => replay_batch::capture(&args),
        Verb::Plugin(PluginVerb::New(args)) => new::new(&args),
        Verb::Plugin(PluginVerb::Build(args)) => plugin::build(&args),
        Verb::Plugin(PluginVerb::Inspect(args)) => plugin::inspect(&args),
        Verb::Plugin(PluginVerb::Check(args)) => plugin_check::check(&args),
        Verb::Plugin(PluginVerb::Test(args)) => plugin_test::test(&args),
        Verb::Plugin(PluginVerb::Bench(args)) => plugin_bench::bench(&args),
        Verb::Compile(_) => Ok(()),
    }
}

/// Read the job file that the command line names, and say on standard error what was probably not meant.
fn read_job(args: &JobArgs) -> Result<JobFile> {
    let (settings, mut mistakes) = settings(args);
    match file::read(&args.job, settings) {
        Ok(job) if mistakes.is_empty() => {
            out::warnings(&job.warnings);
            Ok(job)
        }
        Ok(_) => Err(Error::Invalid(Diagnostics(mistakes))),
        Err(mistaken) => {
            mistakes.extend(all_mistakes(mistaken)?);
            Err(Error::Invalid(Diagnostics(mistakes)))
        }
    }
}

/// What `--set` says, and what is wrong with it.
fn settings(args: &JobArgs) -> (Vec<Setting>, Vec<Diagnostic>) {
    let mut settings: Vec<Setting> = vec![];
    let mut mistakes: Vec<Diagnostic> = vec![];
    for setting in &args.set {
        match setting.parse() {
            Ok(setting) => settings.push(setting),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    (settings, mistakes)
}

/// The mistakes in the file, and those of the right parts that show once components are loaded and columns are known. A line is told of once.
fn all_mistakes(mistaken: Mistaken) -> Result<Vec<Diagnostic>> {
    let Mistaken { mistakes: Diagnostics(mut mistakes), rest } = mistaken;
    let Some(rest) = rest else { return Ok(mistakes) };
    let options = Options { cache: cache::folder(), compiler: Compiler::this_program(), ..Options::default() };
    let lines: HashSet<usize> = mistakes.iter().filter_map(|mistake| Some(mistake.position?.0)).collect();
    let is_new = |mistake: &Diagnostic| !mistake.position.is_some_and(|(line, _)| lines.contains(&line));
    mistakes.extend(context::mistakes(*rest, &options)?.into_iter().filter(is_new));
    mistakes.sort_by_key(|mistake| mistake.position.unwrap_or((usize::MAX, 0)));
    Ok(mistakes)
}
