//! Standard output for results, standard error for mistakes. Neither is ever a reason to panic.

use std::io::{self, Write};

use crate::error::{Diagnostics, Error, Result};

/// Write a result. Whoever reads it may have gone, as `head` does: then there is no more to do, and nothing is wrong.
///
/// # Errors
/// When it can't be written for another reason, such as a full disk.
pub fn result(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::failed(format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Write the mistakes that the user can correct.
pub fn errors(mistakes: &Diagnostics) {
    let mut text = String::new();
    for mistake in &mistakes.0 {
        text += &format!("error: {mistake}\n");
    }
    if mistakes.0.len() > 1 {
        text += &format!("{} errors\n", mistakes.0.len());
    }
    to_stderr(&text);
}

/// Write why a job failed.
pub fn error(message: &str) {
    to_stderr(&format!("error: {message}\n"));
}

/// Write an error of which the program doesn't end.
pub fn any_error(error: &Error) {
    match error {
        Error::Invalid(mistakes) => errors(mistakes),
        failed => self::error(&failed.to_string()),
    }
}

/// Write what was probably not meant.
pub fn warnings(warnings: &Diagnostics) {
    let text: String = warnings.0.iter().map(|warning| format!("warning: {warning}\n")).collect();
    to_stderr(&text);
}

/// Say something beside a result.
pub fn note(text: &str) {
    to_stderr(text);
}

fn to_stderr(text: &str) {
    // There is nowhere left to say that standard error is closed.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
