//! Where streams stand: what every segment begins with, so that earlier ones aren't needed for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a segment begins with, as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Bytes of the run's segment before; 0 where there is none.
    pub previous: u64,
    /// Where streams stand.
    pub standing: Standing,
}

/// All streams of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// By stream.
    pub streams: BTreeMap<Arc<str>, StreamStanding>,
}

/// One stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamStanding {
    /// No block has this number or a higher one.
    pub next: u64,
    /// Where each receiver stood after what was logged of it last, by its number; in hexadecimal digits.
    #[serde(default, with = "positions")]
    pub positions: BTreeMap<u32, Vec<u8>>,
}

impl Standing {
    /// Take in what a later segment begins with: the whole truth of the streams it names.
    pub fn merge(&mut self, later: Self) {
        for (stream, later) in later.streams {
            let of = self.streams.entry(stream).or_default();
            *of = StreamStanding { next: of.next.max(later.next), ..later };
        }
    }

    /// A block was logged.
    pub fn block(&mut self, stream: &Arc<str>, number: u64) {
        let of = self.streams.entry(stream.clone()).or_default();
        of.next = of.next.max(number + 1);
    }

    /// A receiver stands there.
    pub fn position(&mut self, stream: &Arc<str>, receiver: u32, position: &[u8]) {
        let of = self.streams.entry(stream.clone()).or_default();
        of.positions.insert(receiver, position.to_vec());
    }
}

mod positions {
    use std::collections::BTreeMap;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(positions: &BTreeMap<u32, Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let all: BTreeMap<u32, String> = positions.iter().map(|(receiver, bytes)| (*receiver, digits(bytes))).collect();
        all.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u32, Vec<u8>>, D::Error> {
        let all: BTreeMap<u32, String> = BTreeMap::deserialize(deserializer)?;
        let bytes = |(receiver, digits): (u32, String)| {
            let bytes = bytes(&digits).ok_or_else(|| D::Error::custom(format!("\"{digits}\" is no position")))?;
            Ok((receiver, bytes))
        };
        all.into_iter().map(bytes).collect()
    }

    fn bytes(digits: &str) -> Option<Vec<u8>> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pair = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        };
        digits.as_bytes().chunks(2).map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_later_counts() {
        let (lines, mut standing) = (Arc::from("lines"), Standing::default());
        standing.block(&lines, 17);
        standing.position(&lines, 0, b"a");
        standing.position(&lines, 1, b"b");
        let json = serde_json::to_string(&standing).unwrap();
        assert_eq!(json, r#"{"streams":{"lines":{"next":18,"positions":{"0":"61","1":"62"}}}}"#);
        let mut later = Standing::default();
        later.block(&lines, 3);
        later.position(&lines, 1, b"\xff");
        later.position(&lines, 0, b"a");
        let mut merged: Standing = serde_json::from_str(&json).unwrap();
        merged.merge(later);
        let lines = &merged.streams["lines"];
        assert_eq!((lines.next, &lines.positions[&0][..], &lines.positions[&1][..]), (18, &b"a"[..], &b"\xff"[..]));
        assert!(serde_json::from_str::<Standing>(r#"{"streams":{"s":{"next":1,"positions":{"0":"6"}}}}"#).is_err());
    }
}
