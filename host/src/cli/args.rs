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
    /// Run a job until it is stopped, its sources end, or it fails
    #[command(
        long_about = "Run a job: take rows in, and work on what has arrived every batch interval. Outputs go to standard output or where the job \
                      file says, logs to standard error, a summary line for each batch among them. SIGINT (Ctrl-C) and SIGTERM stop the job once \
                      what was received is worked on; a second one stops it at once.",
        after_help = "Example, with \"nc -lk 9999\" in another terminal to type lines into:\n  \
                      sluicebox run examples/network-wordcount.toml"
    )]
    Run(RunArgs),
    /// Check a job file and its plugins, and show the columns of its streams
    #[command(
        long_about = "Check a job file: its keys and values, the files it names, its plugins' components, and whether the columns of streams and \
                      operators fit. Shows every mistake with its line and what to do, or the columns of each stream. Nothing is run, \
                      and no source is connected to.",
        after_help = "Example:\n  sluicebox check examples/network-wordcount.toml"
    )]
    Check(JobArgs),
    /// Build a plugin's component, or look into one
    #[command(subcommand, arg_required_else_help = true)]
    Plugin(PluginVerb),
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub job: JobArgs,
    /// Stop after this many batches; what was received after the last is not worked on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub batches: Option<u64>,
    /// Take what is there now, then stop: files that are there, a socket until its peer closes
    #[arg(long)]
    pub drain: bool,
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

/// `plugin`.
#[derive(Debug, Subcommand)]
pub enum PluginVerb {
    /// Show a component's operators, their columns, its imports, size and digest
    #[command(after_help = "Example:\n  sluicebox plugin inspect plugins/words/words.wasm")]
    Inspect(InspectArgs),
}

/// `plugin inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    pub file: PathBuf,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::CommandLine::command().debug_assert();
    }
}
