//! What stands after the `?` of a request: names and values, in which other letters than the plainest are written as `%` and two hexadecimal digits.

use std::fmt::Write;

/// A value that isn't written as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecodable;

/// The value of a parameter, if it is there.
pub fn parameter(query: &str, name: &str) -> Option<Result<String, Undecodable>> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then(|| decoded(value))
    })
}

/// A text as part of a query or a path.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// The text that was written so. A `+` is a space, as forms write it.
///
/// # Errors
/// When a `%` isn't followed by two hexadecimal digits, or the whole isn't UTF-8.
pub fn decoded(text: &str) -> Result<String, Undecodable> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(Undecodable);
                u8::try_from(digit()? * 16 + digit()?).map_err(|_| Undecodable)?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| Undecodable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_parameters() {
        let get = |query, name| parameter(query, name).map(|value| value.ok());
        assert_eq!(get("limit=3&now=true", "now"), Some(Some("true".to_owned())));
        assert_eq!((get("limited=3", "limit"), get("now", "now")), (None, Some(Some(String::new()))));
        assert_eq!(get("why=a+b%20c%26", "why"), Some(Some("a b c&".to_owned())));
    }

    #[test]
    fn any_text_comes_back() {
        for text in ["", "plain-1_.~", "a b&c=d%+/?#", "äöü €", "\u{0}\n"] {
            assert_eq!(decoded(&encoded(text)), Ok(text.to_owned()), "{text:?}");
            assert!(encoded(text).bytes().all(|byte| byte.is_ascii_graphic() && byte != b'&'), "{text:?}");
        }
        for odd in ["%", "%4", "%zz", "%FF"] {
            assert_eq!(decoded(odd), Err(Undecodable), "{odd}");
        }
    }
}
