//! Signatures of components, as `minisign` makes them.

use ring::signature::{Ed25519KeyPair, KeyPair};

/// Somebody with a key.
#[derive(Debug)]
pub struct Author {
    key: Ed25519KeyPair,
    number: [u8; 8],
}

impl Author {
    /// The same of the same seed, and somebody else of another.
    ///
    /// # Panics
    /// Never: any seed makes a key.
    pub fn new(seed: u8) -> Self {
        Self { key: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key"), number: [seed; 8] }
    }

    /// The key, as minisign prints it.
    pub fn public(&self) -> String {
        base64(&[b"Ed", &self.number[..], self.key.public_key().as_ref()].concat())
    }

    /// A signature, as minisign makes it.
    pub fn sign(&self, bytes: &[u8]) -> String {
        let signature = self.key.sign(bytes);
        let comment = "by the test";
        let whole = self.key.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        let signature = base64(&[b"Ed", &self.number[..], signature.as_ref()].concat());
        format!("untrusted comment: x\n{signature}\ntrusted comment: {comment}\n{}\n", base64(whole.as_ref()))
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, idx| bits << 8 | u32::from(three.get(idx).copied().unwrap_or(0)));
        for idx in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * idx) & 63) as usize];
            text.push(if idx <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// The line of `[job]` that trusts them.
pub fn trusting(authors: &[&Author]) -> String {
    let keys: Vec<String> = authors.iter().map(|author| format!("\"{}\"", author.public())).collect();
    format!("trusted-keys = [{}]", keys.join(", "))
}
