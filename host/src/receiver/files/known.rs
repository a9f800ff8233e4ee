//! What is known of the files of a directory: which were taken, and as what, in 16 bytes a file.
//!
//! A file goes by the first 96 bits of its path's SHA-256, and what it was like, its size and the time it was last modified, by 28 bits of theirs. In a directory of a million files two share
//! the bits of their paths once in 10^17 directories; and where 28 bits are too few, a change of a file isn't told, or a file that is being written counts as whole one look early.
//!
//! [`KnownFiles::encode`] gives what was taken as bytes that outlive the program:
//!
//! | bytes | |
//! |---|---|
//! | 1 | the format's version, 1 |
//! | 16 for each file, in the order of the first 12 | 12 of its path's SHA-256; 4, a number, little-endian: the version's bits, and 2^28 where it was told that the file has changed |
//!
//! The bits of a version are the first 28 of the SHA-256 of the size, as 64 bits, and of the milliseconds since 1970 at which it was modified, as 64 more, all little-endian, read as a number whose
//! first byte is the lowest.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest, Sha256};

/// The version of the format that this program writes, and the only one it reads.
const FORMAT: u8 = 1;
const NAME: usize = 12;
const RECORD: usize = NAME + 4;

const VERSION_BITS: u32 = (1 << 28) - 1;
/// It was told that the file has changed since it was taken.
const TOLD: u32 = 1 << 28;
/// The file was taken; else it waits.
const TAKEN: u32 = 1 << 29;
/// Whether the file was there at the last look, or at the one before it: the bit changes its meaning with every look.
const SEEN: u32 = 1 << 30;

/// A file's size, and when it was last modified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Bytes.
    pub size: u64,
    /// In milliseconds since 1970-01-01T00:00:00Z.
    pub modified_ms: i64,
}

impl Version {
    fn bits(self) -> u32 {
        let hash = Sha256::new().chain_update(self.size.to_le_bytes()).chain_update(self.modified_ms.to_le_bytes());
        let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
        u32::from_le_bytes([a, b, c, d]) & VERSION_BITS
    }
}

type Name = [u8; NAME];

fn name_of(path: &str) -> Name {
    let hash: [u8; 32] = Sha256::digest(path).into();
    let mut name = [0; NAME];
    name.copy_from_slice(&hash[..NAME]);
    name
}

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It wasn't there at the look before.
    New,
    /// It was there and was not taken.
    Waiting {
        /// Whether it is as it was then.
        same: bool,
    },
    /// It was taken.
    Taken {
        /// Whether it has changed since, and that is told for the first time.
        changed: bool,
    },
}

/// Files by the hashes of their paths.
#[derive(Debug, Default)]
pub struct KnownFiles {
    files: HashMap<Name, u32>,
    /// How [`SEEN`] is at the files that the look before found.
    seen: u32,
}

impl KnownFiles {
    /// A look finds a file that counts as whole, or doesn't. One that is new and whole is not remembered by this: it is taken, or waits, as the whole look says.
    pub fn see(&mut self, path: &str, version: Version, is_whole: bool) -> Known {
        let (bits, seen) = (version.bits(), self.seen ^ SEEN);
        match self.files.entry(name_of(path)) {
            Entry::Vacant(vacant) => {
                if !is_whole {
                    vacant.insert(bits | seen);
                }
                Known::New
            }
            Entry::Occupied(mut known) => {
                let before = *known.get();
                let same = before & VERSION_BITS == bits;
                let (now, found) = if before & TAKEN == 0 {
                    (bits, Known::Waiting { same })
                } else {
                    let changed = !same && before & TOLD == 0;
                    let told = if changed { TOLD } else { before & TOLD };
                    (before & (VERSION_BITS | TAKEN) | told, Known::Taken { changed })
                };
                known.insert(now | seen);
                found
            }
        }
    }

    /// A file that the look found waits.
    pub fn leave_waiting(&mut self, path: &str, version: Version) {
        self.files.insert(name_of(path), version.bits() | (self.seen ^ SEEN));
    }

    /// A file was taken.
    pub fn take(&mut self, path: &str, version: Version) {
        self.files.insert(name_of(path), version.bits() | TAKEN | (self.seen ^ SEEN));
    }

    /// The look is over and found all there is: files that it didn't find are forgotten.
    pub fn end_look(&mut self) {
        self.seen ^= SEEN;
        let seen = self.seen;
        self.files.retain(|_, known| *known & SEEN == seen);
        // What a directory once held is given back when most of it has gone.
        if self.files.capacity() > 4 * self.files.len().max(1024) {
            self.files.shrink_to_fit();
        }
    }

    /// What was taken, in the format above.
    pub fn encode(&self) -> Vec<u8> {
        let mut taken: Vec<_> = self.files.iter().filter(|(_, known)| *known & TAKEN != 0).collect();
        taken.sort_unstable();
        let mut bytes = Vec::with_capacity(1 + taken.len() * RECORD);
        bytes.push(FORMAT);
        for (name, known) in taken {
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&(known & (VERSION_BITS | TOLD)).to_le_bytes());
        }
        bytes
    }

    /// What [`KnownFiles::encode`] gave.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let records = match bytes {
            [FORMAT, records @ ..] => records,
            [format, ..] => return Err(format!("they are in format {format}, and this program reads {FORMAT}")),
            [] => return Err("there are none".to_owned()),
        };
        let (records, rest) = records.as_chunks::<RECORD>();
        if !rest.is_empty() {
            return Err(format!("the last of {} is cut short", records.len() + 1));
        }
        let mut files = HashMap::with_capacity(records.len());
        for [name @ .., a, b, c, d] in records {
            let known = u32::from_le_bytes([*a, *b, *c, *d]);
            let name: &Name = name;
            if known & !(VERSION_BITS | TOLD) != 0 || files.insert(*name, known | TAKEN).is_some() {
                return Err(format!("the one after {} is none", files.len()));
            }
        }
        Ok(Self { files, seen: 0 })
    }

    /// How many there are.
    #[cfg(test)]
    pub fn n_files(&self) -> usize {
        self.files.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(n: u64) -> Version {
        Version { size: n, modified_ms: 1_700_000_000_000 + n.cast_signed() }
    }

    /// Two files taken, of which one was told to have changed; written by the first version of the format.
    const FIXTURE: &str = "01de166c16078e769a397a817dc9f83419f4b5e7fd1b13c46f77a4204c189e6607";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn what_was_taken_is_kept_as_bytes_of_a_fixed_format() {
        let mut known = KnownFiles::default();
        known.take("/data/in/a.csv", version(1));
        known.take("/data/in/b.csv", version(2));
        known.leave_waiting("/data/in/c.csv", version(3));
        known.end_look();
        assert_eq!(known.see("/data/in/b.csv", version(3), true), Known::Taken { changed: true });
        assert_eq!(hex(&known.encode()), FIXTURE);
        let mut read = KnownFiles::decode(&known.encode()).unwrap();
        assert_eq!(read.encode(), known.encode());
        assert_eq!(read.see("/data/in/a.csv", version(1), true), Known::Taken { changed: false });
        assert_eq!(read.see("/data/in/b.csv", version(4), true), Known::Taken { changed: false }, "told already");
        assert_eq!(read.see("/data/in/c.csv", version(3), true), Known::New, "it waited");
        read.end_look();
        assert_eq!(read.n_files(), 2);
    }

    #[test]
    fn bytes_that_are_something_else_are_refused() {
        let mut known = KnownFiles::default();
        known.take("a", version(1));
        let good = known.encode();
        let error = |bytes: &[u8]| KnownFiles::decode(bytes).unwrap_err();
        assert_eq!(error(&[]), "there are none");
        assert_eq!(error(&[2]), "they are in format 2, and this program reads 1");
        assert_eq!(error(&good[..good.len() - 1]), "the last of 1 is cut short");
        assert_eq!(error(&[good.as_slice(), &good[1..]].concat()), "the one after 1 is none");
        let mut other = good.clone();
        *other.last_mut().unwrap() = 0xff;
        assert_eq!(error(&other), "the one after 0 is none");
        assert_eq!(KnownFiles::decode(&[1]).unwrap().n_files(), 0);
    }

    #[test]
    fn a_file_takes_sixteen_bytes_and_little_more_in_memory() {
        let mut known = KnownFiles::default();
        let n_files = 60_000;
        (0..n_files).for_each(|n| known.take(&format!("/data/incoming/2026-01-01/events-{n:08}.json"), version(7)));
        assert_eq!(known.encode().len(), 1 + 16 * n_files);
        // A table of the standard library is full at seven eighths, and has a byte beside each place.
        let bytes = known.files.capacity() / 7 * 8 * (size_of::<(Name, u32)>() + 1);
        assert!(bytes < 40 * n_files, "{}", bytes / n_files);
        known.end_look();
        known.end_look();
        assert_eq!(known.n_files(), 0);
        assert!(known.files.capacity() < 10_000, "{}", known.files.capacity());
    }

    #[test]
    fn files_that_are_gone_are_forgotten_and_a_look_that_failed_forgets_nothing() {
        let mut known = KnownFiles::default();
        for path in ["a", "b"] {
            known.take(path, version(1));
        }
        known.end_look();
        // This look fails after it has seen one.
        known.see("a", version(1), true);
        known.see("a", version(1), true);
        known.see("b", version(1), true);
        known.end_look();
        assert_eq!(known.n_files(), 2);
        known.see("b", version(1), true);
        known.end_look();
        assert_eq!(known.n_files(), 1);
        assert_eq!(known.see("a", version(1), false), Known::New);
        assert_eq!(known.see("a", version(1), false), Known::Waiting { same: true });
        assert_eq!(known.see("a", version(2), false), Known::Waiting { same: false });
    }
}
