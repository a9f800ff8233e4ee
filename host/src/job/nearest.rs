//! The word that was probably meant.

/// The candidate closest to `word`, if one is close enough to have been meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = kebab_case(word);
    let scored =
        candidates.into_iter().map(|candidate| (strsim::damerau_levenshtein(&word, &kebab_case(candidate)), candidate));
    let (distance, candidate) = scored.min_by_key(|(distance, _)| *distance)?;
    let longest = word.chars().count().max(candidate.chars().count());
    // A third of the letters may differ: "nme" means "name", but "x" doesn't mean "y".
    (distance * 3 <= longest && distance < longest).then_some(candidate)
}

/// `did you mean "..."?`, or else the list of what there is.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, what_they_are: &str) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match nearest(word, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean \"{candidate}\"?"),
        None if candidates.is_empty() => format!("there are no {what_they_are}"),
        None => format!("{what_they_are}: {}", candidates.join(", ")),
    }
}

/// Spark's and Rust's spellings as ours: `reduceByKey` and `reduce_by_key` are `reduce-by-key`.
fn kebab_case(word: &str) -> String {
    let mut kebab = String::with_capacity(word.len() + 4);
    let mut after_lower = false;
    for letter in word.chars() {
        if letter.is_uppercase() && after_lower {
            kebab.push('-');
        }
        after_lower = letter.is_lowercase();
        kebab.extend(if letter == '_' { '-' } else { letter }.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let keys = ["name", "flat-map", "reduce-by-key", "map"];
        for (word, meant) in [
            ("nme", Some("name")),
            ("anme", Some("name")),
            ("flatMap", Some("flat-map")),
            ("reduceByKey", Some("reduce-by-key")),
            ("reduce_by_keys", Some("reduce-by-key")),
            ("x", None),
            ("", None),
            ("interval", None),
        ] {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
        assert_eq!(did_you_mean("x", ["a", "b"], "streams"), "streams: a, b");
        assert_eq!(did_you_mean("x", [], "streams"), "there are no streams");
    }
}
