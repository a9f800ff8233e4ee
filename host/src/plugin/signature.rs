//! Who vouches for a component: signatures as `minisign` makes them, and the keys that a job trusts.
//!
//! A signature is of the component's bytes, and is looked at before they are: nothing of a component that nobody vouches for is compiled or run. It lies beside the component, under its name with
//! `.minisig` after it, unless the job file says where. In a checkpoint it lies beside the component, too, and is looked at again when that is taken from there.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use minisign_verify::{Error, PublicKey, Signature};

use super::error::shown;

/// The largest signature file that is read, in bytes; a comment in it may be long.
const MAX_FILE: u64 = 64 << 10;
const NOT_ONE: &str = "is no signature of minisign's: four lines, of which the first and third are comments";

/// A public key, as `minisign` prints it: 56 characters that begin with `RW`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey(String);

impl FromStr for TrustedKey {
    type Err = &'static str;

    /// The error is what it is instead.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match PublicKey::from_base64(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) if text.contains(char::is_whitespace) => Err("it is more than the second line of a key's file"),
            Err(_) => Err("it is no public key of minisign's"),
        }
    }
}

impl fmt::Display for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// See that one of a job's trusted keys, if it has any, signed the component in `bytes`.
///
/// # Errors
/// What is wrong with the signature, or that there is none.
pub fn check(keys: &[TrustedKey], bytes: &[u8], signature: Option<&str>) -> Result<(), String> {
    match signature {
        _ if keys.is_empty() => Ok(()),
        Some(signature) => verify(keys, bytes, signature),
        None => Err("is missing, and the job has trusted-keys".to_owned()),
    }
}

/// See that one of `keys` signed the component in `bytes`.
///
/// # Errors
/// What is wrong with the signature.
pub fn verify(keys: &[TrustedKey], bytes: &[u8], signature: &str) -> Result<(), String> {
    let signature = Signature::decode(signature).map_err(|_| NOT_ONE.to_owned())?;
    let mut wrong = None;
    for key in keys {
        // The key was read when it was made.
        let Ok(key) = PublicKey::from_base64(&key.0) else { continue };
        match key.verify(bytes, &signature, true) {
            Ok(()) => return Ok(()),
            Err(Error::UnexpectedKeyId) => {}
            Err(error) => wrong = Some(error),
        }
    }
    let comment = shown(signature.trusted_comment(), 256);
    Err(match wrong {
        Some(_) => format!("is of other bytes, or was changed (\"{comment}\")"),
        None => format!("is by a key that is not in trusted-keys (\"{comment}\")"),
    })
}

/// What a signature says of itself: the comment that was signed with it. Whether it is good only a key can tell.
///
/// # Errors
/// If it is no signature.
pub fn describe(signature: &str) -> Result<String, String> {
    let signature = Signature::decode(signature).map_err(|_| NOT_ONE.to_owned())?;
    Ok(shown(signature.trusted_comment(), 256))
}

/// Where the signature of the component in this file is, unless the job says so.
pub fn beside(component: &Path) -> PathBuf {
    let mut path = component.as_os_str().to_owned();
    path.push(".minisig");
    path.into()
}

/// The text of a signature's file.
///
/// # Errors
/// Why it can't be had.
pub fn read(path: &Path) -> Result<String, String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "is not there".to_owned(),
        _ => format!("can't be read: {error}"),
    })?;
    file.take(MAX_FILE).read_to_string(&mut text).map_err(|error| format!("can't be read: {error}"))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As minisign 0.11 made them, of the eight bytes of an empty component.
    const KEY: &str = "RWRYf4AExgBMnrf+1EKz9+gvXENMv1SsYyT+fQJefHsjD1RFmX7NPt/h";
    const OTHER: &str = "RWSYW4dBlDU4D63bzxkvK6clYJZgcUCLosUw9MGgQ+tWPVhVPSQXAEZ6";
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
    const SIGNATURE: &str = "untrusted comment: signature of the author\n\
        RURYf4AExgBMnkVKO0ze1L6szLuURaBhjKO1yXlso8q+cvrw38wRx3L8wO3qDqm8rZ7eFtEBtCx0Z9ESXbpcyLnYQ08b1h9dkwc=\n\
        trusted comment: words 1.2, 2026-11-21\n\
        ZG1GhDYK2SdaNpCxd2wNdx4VMwwuFyKwNoTnuWta/r467dIt9iyfk31tTz7oqKRk2M648Eh0vrSGr0ltkPWcBQ==\n";
    const LEGACY: &str = "untrusted comment: signature from minisign secret key\n\
        RWRYf4AExgBMnoIgPfx5MqhnvwdEjKZuNBz0TGejWpwNLwuCvK3ml7Z/Kosg13SSbLeU8Mqu6GEMu/4t2YUyz6FdLT9B5xP3RAE=\n\
        trusted comment: legacy\n\
        U3jbXWVrRM9VQu+dBB/igsjhKVCsyRaczgpa+R0ccF5om5/PYOwXUymlkIhnUU7GMuBRZyzOcsuHPlyF+gwuAg==\n";

    fn keys(texts: &[&str]) -> Vec<TrustedKey> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_signature_of_any_of_the_keys_is_taken() {
        for signature in [SIGNATURE, LEGACY] {
            assert_eq!(verify(&keys(&[KEY]), EMPTY, signature), Ok(()));
            assert_eq!(verify(&keys(&[OTHER, KEY]), EMPTY, signature), Ok(()));
        }
    }

    #[test]
    fn nothing_else_is_taken() {
        let refused = |keys: &[TrustedKey], bytes: &[u8], signature: &str| verify(keys, bytes, signature).unwrap_err();
        let by_another = "is by a key that is not in trusted-keys (\"words 1.2, 2026-11-21\")";
        assert_eq!(refused(&keys(&[OTHER]), EMPTY, SIGNATURE), by_another);
        assert_eq!(refused(&[], EMPTY, SIGNATURE), by_another);
        let changed = "is of other bytes, or was changed (\"words 1.2, 2026-11-21\")";
        assert_eq!(refused(&keys(&[KEY]), b"\0asm\x0d\0\x01\x01", SIGNATURE), changed);
        assert_eq!(refused(&keys(&[KEY]), &[], SIGNATURE), changed);
        // Its comment is signed too.
        let commented = SIGNATURE.replace("words 1.2", "words 1.3");
        assert!(refused(&keys(&[KEY]), EMPTY, &commented).starts_with("is of other bytes, or was changed"));
        // A signature that claims to be by the trusted key, and is another's.
        let claimed = SIGNATURE.replace("RURYf4AExgBMnkVK", "RURYf4AExgBMnkVL");
        assert!(refused(&keys(&[KEY]), EMPTY, &claimed).starts_with("is of other bytes, or was changed"));
        for nothing in ["", "untrusted comment: x\nRUR=\n", "\0\0", &SIGNATURE[..150]] {
            assert!(refused(&keys(&[KEY]), EMPTY, nothing).starts_with("is no signature"), "{nothing}");
        }
    }

    #[test]
    fn keys_are_read_strictly() {
        let refused = |text: &str| text.parse::<TrustedKey>().unwrap_err();
        assert_eq!(refused(""), "it is no public key of minisign's");
        assert_eq!(refused(&KEY[1..]), "it is no public key of minisign's");
        assert_eq!(refused(&format!("untrusted comment: x\n{KEY}")), "it is more than the second line of a key's file");
        assert_eq!(keys(&[KEY])[0].to_string(), KEY);
        assert_eq!(beside(Path::new("a/words.wasm")), Path::new("a/words.wasm.minisig"));
    }
}
