//! What jobs, plugins, streams, outputs and columns may be called.

use crate::job::definition::Place;

use super::report::Report;

/// No name is longer, in bytes.
const MAX_BYTES: usize = 128;

/// Whether `name` can name a job: ASCII letters, digits, `-`, `_` and `.`, as it becomes part of paths.
pub fn is_job_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (1..=MAX_BYTES).contains(&name.len()) && name.chars().all(allowed) && !name.starts_with('.')
}

/// Whether `name` can name a plugin, a stream or an output: an ASCII letter or `_`, then letters, digits, `_` and `-`.
pub fn is_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    name.len() <= MAX_BYTES
        && name.chars().all(allowed)
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

/// Whether `name` can name a plugin's operator: `a-z`, `0-9` and `-`, beginning with a letter, at most 64 bytes.
pub fn is_operator_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    name.len() <= 64 && name.chars().all(allowed) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Report names that can't be; `label` is what errors call the table.
pub fn check(name: &str, label: &str, place: &Place, report: &Report) {
    if !is_name(name) {
        let message = format!("{label}: \"{name}\" can't be a name");
        report.wrong(
            place
                .wrong(message)
                .help(format!("a name is a letter, then letters, digits, - and _: at most {MAX_BYTES} of them")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, job, other, operator) in [
            ("words", true, true, true),
            ("word-count_2", true, true, false),
            ("_x", true, true, false),
            ("2x", true, false, false),
            ("a.b", true, false, false),
            ("..", false, false, false),
            ("", false, false, false),
            ("é", false, false, false),
            ("a/b", false, false, false),
            ("Split", true, true, false),
        ] {
            assert_eq!((is_job_name(name), is_name(name), is_operator_name(name)), (job, other, operator), "{name:?}");
        }
        assert!(!is_name(&"x".repeat(129)) && is_name(&"x".repeat(128)));
    }
}
