//! Logs: to standard error, as text or as JSON, a line each.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::error::{Diagnostic, Result};

use super::args::{LogFlags, LogFormat, LogLevel};

/// The variable that says what is logged, where `--log-level` doesn't.
const VARIABLE: &str = "SLUICEBOX_LOG";

/// Log from now on; nothing where it is to be quiet and nobody says otherwise.
///
/// # Errors
/// When the variable can't be understood.
pub fn start(flags: &LogFlags, quiet: bool) -> Result<()> {
    let variable = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    let text = match (flags.log_level, &variable) {
        (Some(level), _) => directives(level),
        (None, Some(text)) => level_named(text).map_or_else(|| text.clone(), directives),
        (None, None) if quiet => "off".into(),
        (None, None) => directives(LogLevel::Info),
    };
    let filter = EnvFilter::try_new(&text).map_err(|error| {
        Diagnostic::new(format!("{VARIABLE} is \"{text}\": {error}"))
            .help("give a level (error, warn, info, debug, trace), or filters such as sluicebox::batch=debug")
    })?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // That a subscriber is there already means that a program that uses this library has its own: then that one is right.
    let _ = match flags.log_format {
        LogFormat::Text => subscriber.with_ansi(false).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// The level for our own lines; those of libraries are shown only where they are as bad as a warning, or everything is asked for.
fn directives(level: LogLevel) -> String {
    match level {
        LogLevel::Error => "error".into(),
        LogLevel::Warn => "warn".into(),
        LogLevel::Info => "warn,sluicebox=info".into(),
        LogLevel::Debug => "warn,sluicebox=debug".into(),
        LogLevel::Trace => "trace".into(),
    }
}

fn level_named(text: &str) -> Option<LogLevel> {
    <LogLevel as clap::ValueEnum>::from_str(text, true).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_understood() {
        for name in ["error", "warn", "INFO", "debug", "trace"] {
            let level = level_named(name).unwrap();
            assert!(EnvFilter::try_new(directives(level)).is_ok(), "{name}");
        }
        assert_eq!(level_named("sluicebox=debug"), None);
    }
}
