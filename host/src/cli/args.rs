//! What the command line says, as it is written.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "sluicebox",
    version,
    about = "A micro-batch stream processor whose user functions are WebAssembly components",
    after_help = "Results go to standard output, logs to standard error. Exit codes: 0 done, 1 the job failed, 2 the input is wrong.\n\n\
                  Example, the network word count:\n  \
                  nc -lk 9999                                        in one terminal, to type lines into\n  \
                  sluicebox run examples/network-wordcount.toml      in another",
    disable_help_subcommand = true
)]
pub struct CommandLine {
    #[command(subcommand)]
    pub verb: Verb,
    #[command(flatten)]
    pub log: LogFlags,
}

/// How logs are written.
#[derive(Debug, Args)]
pub struct LogFlags {
    /// How log lines look on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text, global = true, help_heading = "Logging")]
    pub log_format: LogFormat,
    /// The least important log lines to write [default: info, or what the variable SLUICEBOX_LOG says]
    #[arg(long, value_enum, global = true, help_heading = "Logging")]
    pub log_level: Option<LogLevel>,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// An object a line, for programs
    Json,
}

/// How important a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a job until it is stopped by SIGINT (Ctrl-C) or SIGTERM
    #[command(
        long_about = "Run a job until it is stopped. SIGINT (Ctrl-C) and SIGTERM drain it: nothing more is received, what was received is \
                      processed and written, and the program ends with exit code 0. A second one ends it at once.",
        after_help = "Examples:\n  \
                      sluicebox run examples/network-wordcount.toml\n  \
                      sluicebox run job.toml --set job.batch-interval=500ms --batches 10"
    )]
    Run(RunArgs),
    /// Check a job file and its plugins, and show the columns of its streams
    #[command(
        long_about = "Check a job file: its keys and values, the files it names, its plugins' components, and whether the columns of streams and \
                      operators fit. Shows every mistake with its line and what to do, or the columns of each stream. Nothing is run, \
                      and no source is connected to.",
        after_help = "With --against, it also says what of a checkpoint the job would go on with: each stream's state, what windows remember, batches that aren't done. \
                      The exit code is 2 if the job could not.\n\n\
                      Examples:\n  \
                      sluicebox check examples/network-wordcount.toml\n  \
                      sluicebox check job.toml --against file:///var/lib/sluicebox/wordcount"
    )]
    Check(CheckArgs),
    /// Run a job against cases: rows in, rows expected, without a network or a clock
    #[command(
        long_about = "Run a job's graph against cases: files that say which rows each source has in each batch, and which rows streams then make. Every \
                      source is replaced by the case's rows and every sink by a collector, the clock moves when a batch is called for, and nothing \
                      sleeps. A case that fails shows what was expected (-) and what came instead (+). docs/testing.md says what a case file looks like.",
        after_help = "Exit codes: 0 all cases passed, 1 a case failed, 2 the job or a case file is wrong.\n\n\
                      Examples:\n  \
                      sluicebox test examples/network-wordcount.toml examples/cases/network-wordcount.toml\n  \
                      sluicebox test job.toml cases/*.toml --filter empty --json"
    )]
    Test(TestArgs),
    /// List the jobs that run on this machine
    #[command(
        long_about = "List the jobs that this user runs on this machine: those that have a control server. They are found in a registry, a folder \
                      that SLUICEBOX_RUN_DIR names, or sluicebox in XDG_RUNTIME_DIR, or sluicebox-UID in the folder for temporary files.",
        after_help = "Examples:\n  sluicebox jobs\n  sluicebox jobs --json | jq -r '.[].address'"
    )]
    Jobs(JobsArgs),
    /// Show what a running job does: batches with delays, sources, outputs, operators, state, memory
    #[command(after_help = "Examples:\n  \
                      sluicebox status wordcount\n  \
                      sluicebox status wordcount --batches 50\n  \
                      sluicebox status http://10.0.0.7:8090 --token-file control.token --json")]
    Status(StatusArgs),
    /// Have a running job plan no more batches until it is resumed
    #[command(
        long_about = "Have a running job plan no more batches until it is resumed. Batches that are planned are worked on; sources take rows in until they hold as \
                      much as they may. A job that ends while it is paused isn't paused when it is started again.",
        after_help = "Example:\n  sluicebox pause wordcount"
    )]
    Pause(VerbArgs),
    /// Have a paused job plan batches again
    #[command(
        long_about = "Have a paused job plan batches again. The batch times that passed are put together into one batch.",
        after_help = "Example:\n  sluicebox resume wordcount"
    )]
    Resume(VerbArgs),
    /// Stop a running job once all that it has received is processed and written
    #[command(
        long_about = "Stop a running job: nothing more is received, what was received is processed and written, and the job ends, as by SIGTERM. Waits until it has ended.",
        after_help = "Exit codes: 0 the job has ended, 1 it failed, 2 there is no such job.\n\nExample:\n  sluicebox drain wordcount"
    )]
    Drain(DrainArgs),
    /// Stop a running job once the batches that it has planned are done, or at once
    #[command(
        long_about = "Stop a running job: the batches that are planned are worked on and written, and the job ends. What else was received is read again when a job with a \
                      checkpoint goes on, and lost without one; drain processes it first. Waits until the job has ended.",
        after_help = "Exit codes: 0 the job has ended, 1 it failed, 2 there is no such job.\n\n\
                      Examples:\n  sluicebox stop wordcount\n  sluicebox stop wordcount --now"
    )]
    Stop(StopArgs),
    /// Apply an edited job file to a running job: streams, operators, outputs, limits, grants
    #[command(
        long_about = "Apply an edited job file to a running job, which goes on: streams, plugins, operators, tables and outputs are added, changed and removed between two batches, and not a row is lost or worked on \
                      twice. What the file changes is shown first, and what becomes of state, windows and sources: what is the same goes on with what it holds, what is new begins, what is gone is dropped. \
                      On a terminal it is asked then; elsewhere --yes is needed where something would be dropped. Give --set as the job was run with. docs/applying.md says what can change.",
        after_help = "Exit codes: 0 applied, 1 not applied, or no answer, 2 the file is wrong, or has what can't change while the job runs.\n\n\
                      Examples:\n  \
                      sluicebox apply wordcount job.toml --dry-run\n  \
                      sluicebox apply wordcount job.toml --yes --why \"counts words in capitals, too\""
    )]
    Apply(ApplyArgs),
    /// Give a plugin of a running job another component, without stopping it
    #[command(
        long_about = "Give a plugin of a running job another component. It is checked against the job and compiled beside the batches; every batch that is planned after \
                      that runs with it, and no row is lost or worked on twice. If one of the first batches fails by it, the job goes back by itself. docs/swapping.md says more.",
        after_help = "Exit codes: 0 done, 1 the job doesn't answer, or the plugin stays what it is after --canary, 2 there is no such job, or the component doesn't fit.\n\n\
                      Examples:\n  sluicebox swap wordcount words words.wasm --why \"splits at hyphens\"\n  \
                      sluicebox swap wordcount words words.wasm --canary 10\n  \
                      sluicebox swap wordcount words words.wasm --watch"
    )]
    Swap(SwapArgs),
    /// Give a plugin of a running job a component that it was before
    #[command(
        after_help = "Examples:\n  sluicebox rollback wordcount words\n  sluicebox rollback wordcount words 3f9ab1c0 --why \"too slow\""
    )]
    Rollback(RollbackArgs),
    /// Run a recorded batch once more, or give the rows that a job left out to their operators
    #[command(
        long_about = "With --batch, run a batch that a job's checkpoint has once more, offline: of the same input, with the state it began with, and with the components it ran with. Shows \
                      how what it makes differs from what was recorded; or, with --with, how what another component makes differs. Nothing is written, neither to the checkpoint nor \
                      to outputs, and the job may run meanwhile. docs/replaying.md says more.\n\n\
                      With --dead-letters, give each row of a job's dead letters to the operator that left it out once more: with the job's components, or with others. Shows which \
                      rows pass now, and why others don't. It runs outside of the job: nothing of the outside is granted, operators over keyed state aren't \
                      asked, and what operators make is written to a file, never into the running job, which could not tell a row that it is given twice.",
        after_help = "Exit codes: 0 the same, or all rows pass; 1 something differs, or rows don't pass; 2 the job, the batch or the dead letters are wrong.\n\n\
                      Examples:\n  \
                      sluicebox replay job.toml --batch last\n  \
                      sluicebox replay job.toml --batch 2026-11-21T10:15:00Z --with parse=parse-2.wasm\n  \
                      sluicebox replay job.toml --dead-letters dead-letters\n  \
                      sluicebox replay job.toml --dead-letters dead-letters --with parse=parse-2.wasm --output mended.json"
    )]
    Replay(ReplayArgs),
    /// Take a recorded batch of one operator out, as a case of it
    #[command(
        long_about = "Run a batch that a job's checkpoint has once more, offline, and write what one stream's operator is given in it, with its state and what it makes of them, as a case. \
                      `sluicebox plugin test` runs the case, with the component that the batch ran with or another.",
        after_help = "Example:\n  sluicebox capture job.toml --batch last --stream words -o words-case\n  sluicebox plugin test words-case"
    )]
    Capture(CaptureArgs),
    /// Begin a plugin, build its component, check, test and measure it, or look into one
    #[command(subcommand, arg_required_else_help = true)]
    Plugin(PluginVerb),
    /// What the program starts itself with, to compile a component within limits
    #[command(name = crate::plugin::compile::VERB, hide = true)]
    Compile(CompileArgs),
}

/// What compiling one component may use.
#[derive(Debug, Args)]
pub struct CompileArgs {
    /// Memory, in bytes
    #[arg(long)]
    pub memory: u64,
    /// Processor time, in seconds
    #[arg(long)]
    pub processor_time: u64,
    /// For instances from a pool
    #[arg(long)]
    pub pooled: bool,
    /// For guests that count what they do
    #[arg(long)]
    pub metered: bool,
}

/// Which job, and what is changed in its file.
#[derive(Debug, Args)]
pub struct JobArgs {
    /// The job file
    #[arg(value_name = "JOB.toml")]
    pub job: PathBuf,
    /// Use this value instead of the job file's, such as job.name=other; the value is TOML, or else a string
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub job: JobArgs,
    /// Say what of this checkpoint the job would go on with
    #[arg(long, value_name = "URL")]
    pub against: Option<String>,
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub job: JobArgs,
    /// Stop after this many batches
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub batches: Option<u64>,
    /// Process what there is now, until servers close their connections, then stop
    #[arg(long)]
    pub drain: bool,
    /// Wait until the job's driver shows no sign of life for as long as its lease lasts, then take over from its checkpoint
    #[arg(long)]
    pub standby: bool,
}

/// A job that runs.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// The job's name, or the address of its control server, such as http://10.0.0.7:8090
    #[arg(value_name = "JOB")]
    pub job: String,
    /// The job's process, where several jobs of the name run
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// The token of a job that is named by its address
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// `jobs`.
#[derive(Debug, Args)]
pub struct JobsArgs {
    /// Write a JSON array, with an object for each job
    #[arg(long)]
    pub json: bool,
}

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// How many batches that have ended are shown
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub batches: u32,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `pause` and `resume`.
#[derive(Debug, Args)]
pub struct VerbArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `drain`.
#[derive(Debug, Args)]
pub struct DrainArgs {
    #[command(flatten)]
    pub verb: VerbArgs,
    /// Don't wait until the job has ended
    #[arg(long)]
    pub no_wait: bool,
}

/// `stop`.
#[derive(Debug, Args)]
pub struct StopArgs {
    #[command(flatten)]
    pub verb: VerbArgs,
    /// Give up the batches that aren't done
    #[arg(long)]
    pub now: bool,
    /// Don't wait until the job has ended
    #[arg(long)]
    pub no_wait: bool,
}

/// `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub verb: VerbArgs,
    /// The job file as it is to be
    #[arg(value_name = "JOB.toml")]
    pub file: PathBuf,
    /// Use this value instead of the job file's, as the job was run with; the value is TOML, or else a string
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Don't ask, also where something is dropped
    #[arg(long)]
    pub yes: bool,
}

/// `swap`.
#[derive(Debug, Args)]
pub struct SwapArgs {
    #[command(flatten)]
    pub verb: VerbArgs,
    /// The plugin's name in the job
    #[arg(value_name = "PLUGIN")]
    pub plugin: String,
    /// The component
    #[arg(value_name = "FILE.wasm")]
    pub file: PathBuf,
    /// Why, for the history of swaps
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Swap whenever the file changes, until the job ends
    #[arg(long, conflicts_with = "canary")]
    pub watch: bool,
    /// Try the component beside the plugin's own for this many batches first, and show how they differ
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub canary: Option<u64>,
    /// Whether to swap after --canary
    #[arg(long, value_enum, default_value_t = Promote::Same, requires = "canary")]
    pub promote: Promote,
}

/// When a component that was tried becomes the plugin's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Promote {
    /// When it has made the same rows, and hasn't failed
    Same,
    /// However it did
    Always,
    /// When the answer to a question is yes
    Ask,
}

/// `rollback`.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    #[command(flatten)]
    pub verb: VerbArgs,
    /// The plugin's name in the job
    #[arg(value_name = "PLUGIN")]
    pub plugin: String,
    /// The component's digest, or how it begins; the component before the last swap if none
    #[arg(value_name = "DIGEST")]
    pub digest: Option<String>,
    /// Why, for the history of swaps
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
}

/// `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    #[command(flatten)]
    pub job: JobArgs,
    /// The batch: its time in UTC, or in milliseconds since 1970, or last
    #[arg(long, value_name = "TIME", required_unless_present = "dead_letters")]
    pub batch: Option<String>,
    /// The folder that the dead letters' sink has written: files of JSON lines, CSV or Parquet
    #[arg(long, value_name = "FOLDER", conflicts_with = "batch")]
    pub dead_letters: Option<PathBuf>,
    /// Use this component for a plugin instead of the job file's
    #[arg(long, value_name = "PLUGIN=FILE")]
    pub with: Vec<String>,
    /// Only the dead letters of the operator that makes this stream
    #[arg(long, value_name = "STREAM", requires = "dead_letters")]
    pub stream: Option<String>,
    /// Write the rows that operators make of dead letters to this file, as JSON lines; - for standard output
    #[arg(long, value_name = "FILE", requires = "dead_letters")]
    pub output: Option<PathBuf>,
    /// Write one JSON object, of a batch
    #[arg(long, requires = "batch")]
    pub json: bool,
}

/// `capture`.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    #[command(flatten)]
    pub job: JobArgs,
    /// The batch: its time in UTC, or in milliseconds since 1970, or last
    #[arg(long, value_name = "TIME")]
    pub batch: String,
    /// The stream that the operator makes
    #[arg(long, value_name = "STREAM")]
    pub stream: String,
    /// The new folder
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    #[command(flatten)]
    pub job: JobArgs,
    /// The case files: TOML, or JSON with names that end in .json
    #[arg(value_name = "CASES", required = true)]
    pub cases: Vec<PathBuf>,
    /// Run only the cases whose name contains this
    #[arg(long, value_name = "NAME")]
    pub filter: Option<String>,
    /// Write one JSON object, once all cases have run
    #[arg(long)]
    pub json: bool,
}

/// `plugin`.
#[derive(Debug, Subcommand)]
pub enum PluginVerb {
    /// Make the folder of a plugin with one operator, to begin from
    #[command(
        long_about = "Make the folder of a plugin, a Rust crate with one operator, to begin from. The plugin is called as its folder. The crate uses the SDK \
                      of the repository that this program was built in, or that the current folder is in.",
        after_help = "Example:\n  sluicebox plugin new shout"
    )]
    New(NewArgs),
    /// Make a component of a plugin's folder, in any language
    #[command(
        long_about = "Compile the plugin in a folder, and make the module a component, which goes into the folder, under the package's name. The folder says which language it is: Cargo.toml is Rust's, \
                      a .c file C's, and so on. Rust needs cargo and its target wasm32-unknown-unknown. Tools of other languages are fetched when they are first needed, in the version that this \
                      program names, through the registry's own client, into the folder that SLUICEBOX_TOOLS_DIR names, or else the user's cache folder.",
        after_help = "Example:\n  sluicebox plugin build plugins/words"
    )]
    Build(BuildArgs),
    /// Show a component's operators, their columns, its imports, size and digest
    #[command(after_help = "Example:\n  sluicebox plugin inspect plugins/words/words.wasm")]
    Inspect(InspectArgs),
    /// Say whether a job can take a component, and what the job has to give it
    #[command(
        long_about = "Check a component: its worlds and the version of the WIT package that it is built against, which versions of sluicebox take it, what it imports and \
                      the grants that needs, with the line for the job file, its digest, its size, and the signature beside it.",
        after_help = "Exit codes: 0 it can be a plugin, 2 it can't; then what to do is said.\n\n\
                      Examples:\n  sluicebox plugin check plugins/words\n  sluicebox plugin check words.wasm --json"
    )]
    Check(InspectArgs),
    /// Run a component's operators against cases: rows in, rows expected
    #[command(
        long_about = "Run a component's operators against cases: files that say which rows an operator is given, and what it makes of them. They run in the real host, with the limits \
                      that a job would give them. Shows what each case has used: time, memory, and fuel, which is the same in every run. Without CASES, the cases \
                      are cases.toml and the folder cases beside the component. docs/testing.md says what a case file looks like.",
        after_help = "Exit codes: 0 all cases passed, 1 a case failed, 2 the component or a case file is wrong.\n\n\
                      Examples:\n  sluicebox plugin test plugins/words\n  sluicebox plugin test words.wasm more/cases.toml --filter empty --json"
    )]
    Test(PluginTestArgs),
    /// Measure how fast a component's operators are
    #[command(
        long_about = "Call a component's operators again and again, one call after the other on one thread, and show rows a second, the time of a call, the share of it that is spent at \
                      the boundary, the time until the first row, and memory; beside those of another component, if one is named. Rows are those of a case, or made up for the columns \
                      that an operator asks for.",
        after_help = "Examples:\n  sluicebox plugin bench plugins/words\n  sluicebox plugin bench words.wasm --beside other.wasm --operator split --cases cases.toml"
    )]
    Bench(PluginBenchArgs),
}

/// `plugin new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The new folder
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The language: rust, c, cpp, or another that `plugin build` knows
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    pub lang: String,
    /// The SDK's folder, such as sdk/rust of the repository, for a language whose plugins name it
    #[arg(long, value_name = "DIR")]
    pub sdk: Option<PathBuf>,
}

/// `plugin build`.
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The plugin's folder
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Write the component here
    #[arg(short, long, value_name = "FILE.wasm")]
    pub output: Option<PathBuf>,
    /// Say nothing but what is wrong
    #[arg(short, long)]
    pub quiet: bool,
}

/// `plugin inspect` and `plugin check`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The component, or the folder of a plugin that is built
    #[arg(value_name = "FILE.wasm")]
    pub file: PathBuf,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `plugin test`.
#[derive(Debug, Args)]
pub struct PluginTestArgs {
    /// The component, or the folder of a plugin that is built
    #[arg(value_name = "FILE.wasm")]
    pub file: PathBuf,
    /// The case files, TOML or JSON, or folders of them
    #[arg(value_name = "CASES")]
    pub cases: Vec<PathBuf>,
    /// Run only the cases whose name contains this
    #[arg(long, value_name = "NAME")]
    pub filter: Option<String>,
    /// Write one JSON object, once all cases have run
    #[arg(long)]
    pub json: bool,
}

/// `plugin bench`.
#[derive(Debug, Args)]
pub struct PluginBenchArgs {
    /// The component, or the folder of a plugin that is built
    #[arg(value_name = "FILE.wasm")]
    pub file: PathBuf,
    /// Measure the same operators of this component too
    #[arg(long, value_name = "FILE.wasm")]
    pub beside: Option<PathBuf>,
    /// Only this operator
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// Take rows, configuration and key of the first case of each operator in this file
    #[arg(long, value_name = "CASES")]
    pub cases: Option<PathBuf>,
    /// How long each operator is called, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = seconds)]
    pub seconds: f64,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A time to measure for.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.001..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("from 0.001 to 3600".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::CommandLine::command().debug_assert();
    }
}
