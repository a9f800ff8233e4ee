//! Patterns over directories, as Hadoop has them: `*` and `?` within a name, `[a-c]`, `[^a]`, `{a,b}`. A pattern names directories, never files, and looks no deeper than it
//! says; directories that begin to match later are found by the next look.

use std::io;
use std::path::{Component, Path, PathBuf};

/// The most directories that a pattern may name.
const MAX_DIRECTORIES: usize = 10_000;
/// The most alternatives that braces may stand for in a name.
const MAX_ALTERNATIVES: usize = 1_000;

/// Whether a path is a pattern.
pub fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// The directory that a pattern begins in, which has no pattern in it.
pub fn fixed(path: &Path) -> PathBuf {
    let parts = path.components();
    let fixed: PathBuf = parts.take_while(|part| !is_pattern(Path::new(part.as_os_str()))).collect();
    if fixed.as_os_str().is_empty() { PathBuf::from(".") } else { fixed }
}

/// The directories that a path names: itself, or those that match it, in their order. A directory that has such a name is meant where there is one.
///
/// # Errors
/// When the directory that a pattern begins in, or one below it, can't be read, and when there are too many.
pub fn directories(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !is_pattern(path) || path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let name = part.as_os_str().to_string_lossy();
        if !matches!(part, Component::Normal(_)) || !is_pattern(Path::new(part.as_os_str())) {
            found.iter_mut().for_each(|at| at.push(part));
            continue;
        }
        let alternatives = alternatives(&name)?;
        let mut next = vec![];
        for at in found {
            next.extend(matching(&at, &alternatives)?);
            if next.len() > MAX_DIRECTORIES {
                let message = format!("the pattern names more than {MAX_DIRECTORIES} directories");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        }
        found = next;
    }
    found.retain(|directory| directory.is_dir());
    found.sort();
    Ok(found)
}

/// The directories in `at` whose names match.
fn matching(at: &Path, alternatives: &[Vec<char>]) -> io::Result<Vec<PathBuf>> {
    let folder = if at.as_os_str().is_empty() { Path::new(".") } else { at };
    let entries = match std::fs::read_dir(folder) {
        // It is gone meanwhile, or is a file: nothing is in it.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(vec![]);
        }
        entries => entries?,
    };
    let mut found = vec![];
    for entry in entries {
        let name = entry?.file_name();
        let Some(text) = name.to_str() else { continue };
        let letters: Vec<char> = text.chars().collect();
        // What is hidden is matched only by a pattern that says so.
        let hidden = |pattern: &[char]| text.starts_with(['.', '_']) && pattern.first() != letters.first();
        if alternatives.iter().any(|pattern| !hidden(pattern) && matches(pattern, &letters)) {
            found.push(at.join(&name));
        }
    }
    Ok(found)
}

/// What braces stand for, each in place of the name with braces.
fn alternatives(name: &str) -> io::Result<Vec<Vec<char>>> {
    let wrong = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
    let (mut open, mut done) = (vec![name.to_owned()], vec![]);
    while let Some(text) = open.pop() {
        let Some(end) = text.find('}') else {
            if text.contains('{') {
                return Err(wrong(format!("in the pattern \"{name}\", a brace is not closed")));
            }
            done.push(text.chars().collect());
            continue;
        };
        // The innermost braces first.
        let Some(start) = text[..end].rfind('{') else {
            return Err(wrong(format!("in the pattern \"{name}\", a brace is closed that isn't open")));
        };
        let (before, inside, after) = (&text[..start], &text[start + 1..end], &text[end + 1..]);
        open.extend(inside.split(',').map(|one| format!("{before}{one}{after}")));
        if open.len() + done.len() > MAX_ALTERNATIVES {
            return Err(wrong(format!("the pattern \"{name}\" has more than {MAX_ALTERNATIVES} alternatives")));
        }
    }
    Ok(done)
}

/// Whether all of `text` matches. Only the last `*` is ever tried again, so that the work is bounded by the product of the lengths.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut pos) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while pos < text.len() {
        let next = match pattern.get(at) {
            Some('*') => {
                star = Some((at, pos));
                at += 1;
                continue;
            }
            Some('?') => Some(at + 1),
            Some('[') => class(&pattern[at..], text[pos]).map(|length| at + length),
            Some(letter) if *letter == text[pos] => Some(at + 1),
            _ => None,
        };
        match (next, star) {
            (Some(next), _) => (at, pos) = (next, pos + 1),
            (None, Some((of, from))) => {
                star = Some((of, from + 1));
                (at, pos) = (of + 1, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// How long the class is that `pattern` begins with, if `letter` is in it. Without an end, the bracket stands for itself.
fn class(pattern: &[char], letter: char) -> Option<usize> {
    let Some(end) = pattern.iter().skip(2).position(|of| *of == ']').map(|end| end + 2) else {
        return (letter == '[').then_some(1);
    };
    let negated = matches!(pattern[1], '^' | '!');
    let mut inside = &pattern[1 + usize::from(negated)..end];
    let mut found = false;
    while let [first, rest @ ..] = inside {
        inside = match rest {
            ['-', last, rest @ ..] => {
                found |= (*first..=*last).contains(&letter);
                rest
            }
            _ => {
                found |= *first == letter;
                rest
            }
        };
    }
    (found != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_patterns_say() {
        for (pattern, name, does) in [
            ("*", "a", true),
            ("a*c", "abc", true),
            ("a*c", "abd", false),
            ("a*b*c", "aXbYbZc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false),
            ("[^a-c]x", "dx", true),
            ("[]x", "[]x", true),
            ("2026-{01,02}-*", "2026-02-03", true),
            ("2026-{01,02}-*", "2026-03-03", false),
            ("{a,b{c,d}}", "bd", true),
            ("größe?", "größen", true),
            ("*", "", true),
        ] {
            let name: Vec<char> = name.chars().collect();
            let found = alternatives(pattern).unwrap().iter().any(|pattern| matches(pattern, &name));
            assert_eq!(found, does, "{pattern} {name:?}");
        }
        assert!(
            alternatives("{a").is_err() && alternatives("a}").is_err() && alternatives(&"{a,b}".repeat(11)).is_err()
        );
        // Quick, whatever the pattern.
        let (pattern, text): (Vec<char>, Vec<char>) = ("*a".repeat(50).chars().collect(), vec!['a'; 200]);
        assert!(matches(&pattern, &text) && !matches(&[pattern, vec!['b']].concat(), &text));
    }

    #[test]
    fn directories_are_found_and_new_ones_later() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| std::fs::create_dir_all(folder.path().join(name)).unwrap();
        let found = |pattern: &str| -> Vec<String> {
            let found = directories(&folder.path().join(pattern)).unwrap();
            found.iter().map(|at| at.strip_prefix(folder.path()).unwrap().display().to_string()).collect()
        };
        ["a/1/in", "a/2/in", "b/1/in", "a/.hidden/in"].iter().for_each(|name| make(name));
        std::fs::write(folder.path().join("a/file"), "x").unwrap();
        assert_eq!(found("a/*/in"), ["a/1/in", "a/2/in"]);
        assert_eq!(found("*/1/in"), ["a/1/in", "b/1/in"]);
        assert_eq!(found("a/*"), ["a/1", "a/2"], "directories only, and none below");
        assert!(found("c/*").is_empty());
        make("a/3/in");
        assert_eq!(found("a/*/in").len(), 3);
        make("odd[1]");
        assert_eq!(found("odd[1]"), ["odd[1]"]);
        assert_eq!(fixed(Path::new("/x/a*/in")), Path::new("/x"));
        assert_eq!(fixed(Path::new("*/in")), Path::new("."));
    }
}
