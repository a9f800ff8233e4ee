//! Text cut up, faster than the standard library does it in a guest: ends are found 16 bytes at a time.

/// The pieces of a text between the places of an ASCII character, as `text.split(at)` has them.
///
/// ```
/// use sluicebox_sdk::text::split;
///
/// assert_eq!(split("to be, or", ' ').collect::<Vec<_>>(), ["to", "be,", "or"]);
/// assert_eq!(split(" größer ", ' ').collect::<Vec<_>>(), ["", "größer", ""]);
/// assert_eq!(split("", ' ').collect::<Vec<_>>(), [""]);
/// ```
///
/// # Panics
/// Where `at` is not ASCII.
#[inline]
pub fn split(text: &str, at: char) -> impl Iterator<Item = &str> {
    assert!(at.is_ascii(), "text is split at ASCII characters, not at {at:?}");
    let ends = memchr::memchr_iter(at as u8, text.as_bytes()).chain([text.len()]);
    let mut start = 0;
    ends.map(move |end| {
        let piece = &text[start..end];
        start = end + 1;
        piece
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn pieces_are_those_of_the_standard_library() {
        let long = "ab ".repeat(40);
        for text in ["", " ", "a", " a", "a ", "a  b", "日本 語", &long] {
            assert_eq!(split(text, ' ').collect::<Vec<_>>(), text.split(' ').collect::<Vec<_>>(), "{text:?}");
        }
    }
}
