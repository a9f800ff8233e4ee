//! A position as bytes: of each file how far it was read, eight bytes, the length of its name, four bytes, the lowest first, and the name.

use std::collections::BTreeMap;

/// The most bytes that a position may have.
const MAX: usize = 64 << 10;

/// As bytes; none where there are too many files.
pub fn to_bytes(files: &BTreeMap<String, u64>) -> Option<Vec<u8>> {
    let mut bytes = vec![];
    for (name, offset) in files {
        bytes.extend_from_slice(&offset.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(name.len()).ok()?.to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
    }
    (bytes.len() <= MAX).then_some(bytes)
}

/// From bytes; none where they are no position.
pub fn from_bytes(mut bytes: &[u8]) -> Option<BTreeMap<String, u64>> {
    let mut files = BTreeMap::new();
    while !bytes.is_empty() {
        let (offset, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        files.insert(String::from_utf8(name.to_vec()).ok()?, u64::from_le_bytes(*offset));
        bytes = rest;
    }
    Some(files)
}
