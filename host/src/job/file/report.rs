//! Collects every mistake found in a job file, so that the user sees all of them at once.

use std::cell::RefCell;

use crate::error::{Diagnostic, Diagnostics};

/// More mistakes than this are not listed: whoever hands over another kind of file gets an answer that can be read.
const MAX_LISTED: usize = 100;

/// The mistakes found so far.
#[derive(Debug)]
pub struct Report {
    mistakes: RefCell<Vec<Diagnostic>>,
    warnings: RefCell<Vec<Diagnostic>>,
    /// Parts of the file could not be read at all: what seems to be missing may stand there.
    torn: bool,
    /// Lines that are wrong already: what was made of them is not looked at.
    torn_lines: Vec<usize>,
}

impl Report {
    /// A report that begins with what was wrong with the text as such; `torn` says that not all of it could be read.
    pub fn of_text(mistakes: Vec<Diagnostic>, torn: bool) -> Self {
        let torn_lines = mistakes.iter().filter_map(|mistake| Some(mistake.position?.0)).collect();
        Self { mistakes: RefCell::new(mistakes), warnings: RefCell::default(), torn, torn_lines }
    }

    /// Something in the file is wrong.
    pub fn wrong(&self, mistake: Diagnostic) {
        if !mistake.position.is_some_and(|(line, _)| self.torn_lines.contains(&line)) {
            self.mistakes.borrow_mut().push(mistake);
        }
    }

    /// Something isn't in the file, or seems not to be.
    pub fn missing(&self, mistake: Diagnostic) {
        if !self.torn {
            self.wrong(mistake);
        }
    }

    /// The job can run, but something was probably not meant.
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.borrow_mut().push(warning);
    }

    /// Whether nothing is wrong so far.
    pub fn is_clean(&self) -> bool {
        self.mistakes.borrow().is_empty()
    }

    /// Whether parts of the file could not be read at all.
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// All mistakes, in the order of the file, those of flags last.
    pub fn into_mistakes(self) -> Diagnostics {
        let mut mistakes = in_order(self.mistakes.into_inner());
        let unlisted = mistakes.len().saturating_sub(MAX_LISTED);
        if unlisted > 0 {
            mistakes.truncate(MAX_LISTED);
            mistakes.push(Diagnostic::new(format!("and {unlisted} more mistakes")));
        }
        Diagnostics(mistakes)
    }

    /// The warnings, in the order of the file.
    pub fn take_warnings(&self) -> Diagnostics {
        Diagnostics(in_order(self.warnings.take()))
    }
}

fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|diagnostic| diagnostic.position.unwrap_or((usize::MAX, 0)));
    diagnostics.dedup();
    diagnostics
}
