//! Errors, named by what the caller does next: correct the input, or look at why the job failed.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::plugin::PluginError;

/// Anything that ends a verb of the program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user's input is wrong, and running again changes nothing: exit code 2.
    #[error("{0}")]
    Invalid(Diagnostics),
    /// The job failed while it ran: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// The job failed while it ran, in a plugin; its error says whether trying again may help.
    #[error("{0}")]
    Plugin(#[from] PluginError),
}

impl Error {
    /// One mistake that has no place in a file.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(Diagnostics(vec![Diagnostic::new(message)]))
    }

    /// One mistake that has no place in a file, and what to do.
    pub fn invalid_with_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Invalid(Diagnostics(vec![Diagnostic::new(message).help(help)]))
    }

    /// One mistake, in the words of another error.
    pub fn invalid_display(error: impl fmt::Display) -> Self {
        Self::invalid(error.to_string())
    }

    /// A failure of the running job.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self::Failed(message.to_string())
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Invalid(Diagnostics(vec![diagnostic]))
    }
}

/// The result of anything that can end a verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One mistake in the user's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file it is in, where it is in one.
    pub file: Option<PathBuf>,
    /// Line and column in the file, both from 1.
    pub position: Option<(usize, usize)>,
    /// What is wrong, with the offending value; lower case, no full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake with no place in a file yet.
    pub fn new(message: impl Into<String>) -> Self {
        Self { file: None, position: None, message: message.into(), help: None }
    }

    /// Say where it is.
    pub fn at(mut self, file: &Path, line: usize, column: usize) -> Self {
        self.file = Some(file.to_owned());
        self.position = Some((line, column));
        self
    }

    /// Say what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            if let Some((line, column)) = self.position {
                write!(f, "{line}:{column}:")?;
            }
            write!(f, " ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// All mistakes found in one go, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, diagnostic) in self.0.iter().enumerate() {
            if idx > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}
