//! What clients must know to be answered.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::error::{Diagnostic, Error, Result};
use crate::job::definition::{ControlDefinition, Place, TokenSource};

/// A shorter token could be found by trying.
const SHORTEST: usize = 16;
/// A longer one would not fit into a header.
const LONGEST: usize = 4096;

/// A secret. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one that nobody can guess.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::failed(format!("no random numbers: {error}")))?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// A token as somebody wrote it.
    ///
    /// # Errors
    /// When it is too short, too long, or can't stand in a header.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.len() {
            0 => Err("it is empty".to_owned()),
            n if n < SHORTEST => Err(format!("it has {n} characters, and {SHORTEST} are the fewest")),
            n if n > LONGEST => Err(format!("it has {n} bytes, and {LONGEST} are the most")),
            _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err("it has other characters than those of ASCII that can be seen".to_owned())
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The token that a job file asks for, if it does.
    ///
    /// # Errors
    /// When it can't be read, or isn't good.
    pub fn configured(control: &ControlDefinition) -> Result<Option<Self>> {
        let place = control.place.clone().unwrap_or(Place::Program);
        let wrong = |what: String| -> Diagnostic {
            let help = "make one of random characters, such as by \"head -c 32 /dev/urandom | base64\"";
            place.wrong(format!("[job] control: {what}")).help(help)
        };
        let (text, from) = match &control.token {
            None => return Ok(None),
            Some(TokenSource::File(path)) => {
                let from = format!("the token in {}", path.display());
                (read(path).map_err(|error| wrong(format!("{from} can't be read: {error}")))?, from)
            }
            Some(TokenSource::Variable(name)) => {
                let from = format!("the token in the variable {name}");
                let text = std::env::var(name);
                (text.map_err(|_| wrong(format!("the environment has no variable {name}, or it isn't text")))?, from)
            }
        };
        Ok(Some(Self::parse(&text).map_err(|error| wrong(format!("{from}: {error}")))?))
    }

    /// Whether `given` is this token. How long it takes says nothing about where they differ.
    pub fn is(&self, given: &str) -> bool {
        // Digests of what one doesn't know can't be steered, so a comparison of them that ends early wouldn't help either.
        let (own, given) = (Sha256::digest(&self.0), Sha256::digest(given));
        own.iter().zip(given).fold(0, |differs, (own, given)| differs | (own ^ given)) == 0
    }

    /// Its text, for those who may know it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A token's file, of which no more is read than a token may have.
pub fn read(path: &std::path::Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    std::io::Read::read_to_string(&mut std::io::Read::take(file, 2 * LONGEST as u64), &mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_compared_and_not_shown() {
        let token = Token::parse(" 0123456789abcdef\n").unwrap();
        assert!(token.is("0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef "] {
            assert!(!token.is(other), "{other:?}");
        }
        assert_eq!(format!("{token:?}"), "Token(..)");
        assert_ne!(Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(Token::random().unwrap().expose().len(), 64);
    }

    #[test]
    fn a_job_says_where_its_token_is() {
        let configured = |token| Token::configured(&ControlDefinition { token, ..ControlDefinition::default() });
        assert_eq!(configured(None).unwrap(), None);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "0123456789abcdef\n").unwrap();
        let in_file = || configured(Some(TokenSource::File(file.path().to_owned())));
        assert!(in_file().unwrap().is_some_and(|token| token.is("0123456789abcdef")));
        // A whole file of another kind isn't read to its end.
        std::fs::write(&file, "x".repeat(10 << 20)).unwrap();
        assert!(in_file().unwrap_err().to_string().contains("it has 8192 bytes, and 4096 are the most"));
        let variable = configured(Some(TokenSource::Variable("SLUICEBOX_NO_SUCH_VARIABLE".to_owned())));
        let error = variable.unwrap_err().to_string();
        assert!(error.contains("the environment has no variable SLUICEBOX_NO_SUCH_VARIABLE"), "{error}");
    }

    #[test]
    fn bad_tokens_are_refused() {
        for (text, why) in [
            (" \n", "it is empty"),
            ("short", "it has 5 characters, and 16 are the fewest"),
            ("0123456789 abcdef", "it has other characters than those of ASCII that can be seen"),
        ] {
            assert_eq!(Token::parse(text), Err(why.to_owned()));
        }
    }
}
